/** A tokenizer as `tokenizer.json` describes it: normalizer, pre-tokenizer, model, post-processor and decoder in a row. */
import { FormatError, ValidationError } from '@gtc/errors';
import { type AddedToken, AddedVocabulary, addedTokensAt } from './added-tokens.js';
import { AlignedText } from './aligned-text.js';
import { bpeAt } from './bpe.js';
import { IdList } from './byte-bpe.js';
import { type Decoder, decoderAt } from './decoders.js';
import { Draft, emptyParts } from './encoding.js';
import { componentAt, type JsonRecord, type Reader, recordAt } from './json.js';
import type { Model } from './model.js';
import { type Normalizer, normalizerAt } from './normalizers.js';
import { type OffsetUnit, placesIn, unitsOfBytes } from './offsets.js';
import { type PaddingOptions, paddingAt, paddingToJson, type TruncationOptions, truncationAt, truncationToJson } from './options.js';
import { joinDrafts, numberTexts, type PostProcessor, postProcessorAt } from './post-processors.js';
import { type PreTokenizer, preTokenizerAt } from './pre-tokenizers.js';
import { type QuickIds, quickIdsOf } from './quick-ids.js';
import { parseTokenizerJson } from './quick-json.js';
import { truncateDrafts } from './truncate.js';
import { unigramAt } from './unigram.js';
import { wordLevelAt, wordPieceAt } from './word-models.js';

const MODELS: Readonly<Record<string, Reader<Model>>> = { BPE: bpeAt, Unigram: unigramAt, WordLevel: wordLevelAt, WordPiece: wordPieceAt };

/** Files before version 0.10 do not name their model: what it holds does. */
function withType(model: JsonRecord): JsonRecord {
  if (model['type'] !== undefined) return model;
  const type = 'merges' in model ? 'BPE' : 'unk_id' in model ? 'Unigram' : 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
  return { ...model, type };
}

/** The parts of a `tokenizer.json` that are components, as they were read. */
export interface Components {
  readonly normalizer: unknown;
  readonly pre_tokenizer: unknown;
  readonly post_processor: unknown;
  readonly decoder: unknown;
}

/** A text, or words that are not to be cut at other places. */
export type TextInput = string | readonly string[];

/** What one encoding asks for. */
export interface DraftOptions {
  readonly addSpecialTokens: boolean;
  readonly truncation: TruncationOptions | null;
  readonly offsets: OffsetUnit;
}

/** Special tokens around a text. */
interface Around {
  readonly before: readonly number[];
  readonly after: readonly number[];
}
const NOTHING_AROUND: Around = { before: [], after: [] };
/** An id that no token has: ids are 32-bit, and this one is beyond. */
const STAND_IN = 2 ** 32;

/** The components at work, and what they say of themselves. */
export class Pipeline {
  readonly model: Model;
  readonly components: Components;
  readonly truncation: TruncationOptions | null;
  readonly padding: PaddingOptions | null;
  readonly added: AddedVocabulary;
  readonly normalizer: Normalizer | null;
  readonly preTokenizer: PreTokenizer | null;
  readonly decoder: Decoder | null;
  readonly #postProcessor: PostProcessor | null;
  readonly #out: IdList = new IdList();
  #quick: { readonly ids: QuickIds | null; readonly around: Around | null } | null = null;

  constructor(
    model: Model,
    components: Partial<Components> = {},
    added: readonly AddedToken[] = [],
    { truncation = null, padding = null }: { readonly truncation?: TruncationOptions | null; readonly padding?: PaddingOptions | null } = {},
  ) {
    this.model = model;
    this.components = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...components };
    const { normalizer, pre_tokenizer, post_processor, decoder } = this.components;
    this.normalizer = normalizer === null ? null : normalizerAt(normalizer);
    this.preTokenizer = pre_tokenizer === null ? null : preTokenizerAt(pre_tokenizer);
    this.#postProcessor = post_processor === null ? null : postProcessorAt(post_processor);
    this.decoder = decoder === null ? null : decoderAt(decoder);
    this.truncation = truncation;
    this.padding = padding;
    this.added = new AddedVocabulary(added, text => this.normalize(text));
  }

  /** @throws {FormatError} naming the part of the file that is wrong */
  static fromJson(source: unknown): Pipeline {
    const json = recordAt(typeof source === 'string' ? parse(source) : source, 'tokenizer.json');
    if (json['model'] === undefined) throw new FormatError('tokenizer: model is missing', { parameter: 'model' });
    const part = (name: string): unknown => json[name] ?? null;
    const model = componentAt(withType(recordAt(json['model'], 'model')), 'model', MODELS);
    const [truncation, padding] = [part('truncation'), part('padding')];
    return new Pipeline(
      model,
      { normalizer: part('normalizer'), pre_tokenizer: part('pre_tokenizer'), post_processor: part('post_processor'), decoder: part('decoder') },
      addedTokensAt(json['added_tokens'] ?? [], 'added_tokens'),
      { truncation: truncation === null ? null : truncationAt(truncation), padding: padding === null ? null : paddingAt(padding) },
    );
  }

  toJson(): JsonRecord {
    return {
      version: '1.0',
      truncation: this.truncation === null ? null : truncationToJson(this.truncation),
      padding: this.padding === null ? null : paddingToJson(this.padding),
      added_tokens: [...this.added.tokens]
        .sort((a, b) => a.id - b.id)
        .map(({ id, content, singleWord, lstrip, rstrip, normalized, special }) => ({
          id,
          content,
          single_word: singleWord,
          lstrip,
          rstrip,
          normalized,
          special,
        })),
      ...this.components,
      model: this.model.toJson(),
    };
  }

  /** The same tokenizer with some parts replaced. */
  with(
    components: Partial<Components>,
    options: Partial<Pick<Pipeline, 'truncation' | 'padding'>> = {},
    added: readonly AddedToken[] = this.added.tokens,
  ): Pipeline {
    return new Pipeline(this.model, { ...this.components, ...components }, added, { truncation: this.truncation, padding: this.padding, ...options });
  }

  /** The same tokenizer around another model of the same vocabulary. */
  withModel(model: Model): Pipeline {
    return new Pipeline(model, this.components, this.added.tokens, this);
  }

  normalize(text: string): string {
    return this.normalizer === null ? text : this.normalizer(new AlignedText(text)).text;
  }

  tokenOf(id: number): string | undefined {
    return this.added.texts.get(id) ?? this.model.vocabulary.tokenOf(id);
  }

  idOf(token: string): number | undefined {
    return this.added.byContent.get(token)?.id ?? this.model.vocabulary.idOf(token);
  }

  /** Tokens of a text or two, cut and with special tokens, not padded. */
  draft(texts: readonly TextInput[], { addSpecialTokens, truncation, offsets }: DraftOptions): Draft {
    const drafts = texts.map((text, i) => this.#draftOf(text, i, offsets));
    if (truncation !== null) {
      const room = truncation.maxLength - (addSpecialTokens ? (this.#postProcessor?.added(texts.length === 2) ?? 0) : 0);
      if (room < 0)
        throw new ValidationError(`maxLength must leave room for the ${truncation.maxLength - room} special tokens, got ${truncation.maxLength}`, {
          parameter: 'maxLength',
          received: truncation.maxLength,
        });
      truncateDrafts(drafts, room, truncation);
    }
    return joinDrafts(this.#postProcessor === null ? numberTexts(drafts) : this.#postProcessor.process(drafts, addSpecialTokens));
  }

  #draftOf(input: TextInput, sequence: number, unit: OffsetUnit): Draft {
    const parts = emptyParts();
    const add = (text: string, word: number | null): void => {
      const places = placesIn(text, unit);
      const placeOf = (at: number): number => (places === null ? at : places[at]!);
      this.#pieces(text).forEach(({ piece, token }, index) => {
        const units = token === null ? unitsOfBytes(piece.text) : null;
        const tokens = token === null ? this.model.tokenize(piece.text) : [{ id: token.id, text: piece.text, start: 0, end: piece.text.length }];
        for (const { id, text: shown, start, end } of tokens) {
          const [first, last] = units === null ? [start, end - 1] : [units[0][start]!, units[1][end - 1]!];
          parts.ids.push(id);
          parts.tokens.push(shown);
          parts.offsets.push(placeOf(piece.startOf(first)), placeOf(piece.endOf(last)));
          parts.typeIds.push(sequence);
          parts.attentionMask.push(1);
          parts.specialTokensMask.push(0);
          parts.wordIds.push(word ?? index);
          parts.sequenceIds.push(sequence);
        }
      });
    };
    if (typeof input === 'string') add(input, null);
    else input.forEach(add);
    return new Draft(parts);
  }

  /**
   * Ids of a text, with the special tokens around it or without.
   *
   * The same as those of `draft`, by a quick way where the components have one.
   */
  ids(text: string, addSpecialTokens: boolean): Uint32Array {
    const quick = (this.#quick ??= { ids: quickIdsOf(this), around: this.#around() });
    const stretches = quick.ids === null || quick.around === null ? null : this.added.splitRaw(text, this.normalizer);
    if (quick.ids === null || quick.around === null || stretches === null)
      return Uint32Array.from(this.draft([text], { addSpecialTokens, truncation: null, offsets: 'utf16' }).parts.ids);
    const out = this.#out;
    out.length = 0;
    const { before, after } = addSpecialTokens ? quick.around : NOTHING_AROUND;
    for (const id of before) out.push(id);
    for (const { text: stretch, token } of stretches) {
      if (token === null) quick.ids(stretch.text, out);
      else out.push(token.id);
    }
    for (const id of after) out.push(id);
    return out.take();
  }

  /** Special tokens before and after one text, found by putting them around a token that no vocabulary has; null where the text is not in one place. */
  #around(): Around | null {
    const parts = emptyParts();
    for (const list of Object.values(parts) as number[][]) list.push(STAND_IN);
    parts.offsets.push(STAND_IN);
    parts.tokens = [''];
    const drafts = [new Draft(parts)];
    const { ids } = joinDrafts(this.#postProcessor === null ? drafts : this.#postProcessor.process(drafts, true)).parts;
    const at = ids.indexOf(STAND_IN);
    return at < 0 || at !== ids.lastIndexOf(STAND_IN) ? null : { before: ids.slice(0, at), after: ids.slice(at + 1) };
  }

  /** A text cut at added tokens, and between them as the pre-tokenizer cuts. */
  #pieces(text: string): { readonly piece: AlignedText; readonly token: AddedToken | null }[] {
    return this.added.split(new AlignedText(text), this.normalizer).flatMap(({ text: piece, token }) => {
      if (token !== null || this.preTokenizer === null) return [{ piece, token }];
      return this.preTokenizer(piece)
        .filter(each => each.text !== '')
        .map(each => ({ piece: each, token: null }));
    });
  }

  decode(ids: Iterable<number>, skipSpecialTokens: boolean): string {
    const tokens: string[] = [];
    for (const id of ids) {
      const token = this.tokenOf(id);
      if (token !== undefined && !(skipSpecialTokens && this.added.byId.get(id)?.special)) tokens.push(token);
    }
    return this.decoder === null ? tokens.join(' ') : this.decoder(tokens).join('');
  }
}

function parse(source: string): unknown {
  try {
    return parseTokenizerJson(source);
  } catch (cause) {
    throw new FormatError(`tokenizer: the text is not JSON: ${(cause as Error).message}`, { parameter: 'json', cause });
  }
}

/** {@link Tokenizer}: texts to ids and back, from a `tokenizer.json`, or from a vocabulary that is given. */
import { createFrom, type Definition, nonEmpty, StateError, splitWords, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '@gtc/tensor';
import { sentencePieceJson, tiktokenJson } from './conversions.js';
import { DecodeStream } from './decode-stream.js';
import type { Draft } from './encoding.js';
import { ggufJson } from './gguf.js';
import type { Model } from './model.js';
import type { OffsetUnit } from './offsets.js';
import { PaddingOptions, TruncationOptions } from './options.js';
import { Pipeline, type TextInput } from './pipeline.js';
import { GPT2_PATTERN } from './pre-tokenizers.js';
import { type NewToken, withTokens } from './special-ids.js';
import { Encoding } from './tokenized.js';

/** A token and its place in the text, so that `text.slice(start, end)` is what it stands for. */
export interface Token {
  readonly text: string;
  /** Place in the vocabulary; null without one, or where the vocabulary has neither the token nor an unknown one. */
  readonly id: number | null;
  readonly start: number;
  readonly end: number;
}

/** How a {@link Tokenizer} works. */
export interface TokenizerOptions {
  /** `bpe` and `tiktoken` cut as GPT-2 does, `wordpiece` as BERT, `unigram` and `sentencepiece` at white space. */
  readonly tokenizerType: 'bpe' | 'wordpiece' | 'unigram' | 'sentencepiece' | 'tiktoken';
  /** Ids by token; words are not cut into pieces without one. */
  readonly vocab: Readonly<Record<string, number>> | null;
  /** For `bpe` and `tiktoken`: pairs that join, the first ones first. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly unkToken: string;
  readonly lowercase: boolean;
  /** Tokens at most, where a text is truncated. */
  readonly maxLength: number;
  readonly truncation: boolean;
}

/** Defaults and rules of {@link TokenizerOptions}. */
export const TokenizerOptions: Definition<TokenizerOptions> = {
  name: 'TokenizerOptions',
  fields: {
    tokenizerType: { kind: 'string', default: 'wordpiece', oneOf: ['bpe', 'wordpiece', 'unigram', 'sentencepiece', 'tiktoken'] },
    vocab: { kind: 'record', of: { kind: 'int', nonNegative: true }, default: null, nullable: true },
    merges: { kind: 'array', of: { kind: 'any' }, default: [] },
    unkToken: { kind: 'string', default: '[UNK]' },
    lowercase: { kind: 'bool', default: false },
    maxLength: { kind: 'int', default: 512, positive: true },
    truncation: { kind: 'bool', default: false },
  },
};

/** Words of each type: the pattern of GPT-2 (Radford et al. 2019), BERT's words and punctuation marks, and words between white space. */
const GPT2 = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;
const BERT = /[\p{P}\p{S}]|[^\s\p{P}\p{S}]+/gu;
const SPACED = /\S+/gu;
const WORDS: Readonly<Record<TokenizerOptions['tokenizerType'], RegExp>> = {
  bpe: GPT2,
  tiktoken: GPT2,
  wordpiece: BERT,
  unigram: SPACED,
  sentencepiece: SPACED,
};

/** Pieces of a word: the part of it that each stands for, and its name in the vocabulary. */
type Piece = readonly [part: string, name: string];

/** Greedy longest matches, continuations marked by `##` (Devlin et al. 2019); null where a part is not in the vocabulary. */
function wordPieces(word: string, vocab: Readonly<Record<string, number>>): Piece[] | null {
  const characters = [...word];
  const pieces: Piece[] = [];
  for (let start = 0; start < characters.length; ) {
    let end = characters.length;
    const nameOf = (): string => (start > 0 ? '##' : '') + characters.slice(start, end).join('');
    while (end > start && !Object.hasOwn(vocab, nameOf())) end--;
    if (end === start) return null;
    pieces.push([characters.slice(start, end).join(''), nameOf()]);
    start = end;
  }
  return pieces;
}

/** Characters joined pair by pair, the pair that comes first in the list first (Sennrich et al. 2016). */
function joinPairs(word: string, ranks: ReadonlyMap<string, number>): Piece[] {
  const parts = [...word];
  for (;;) {
    const best = parts
      .slice(1)
      .reduce((found, right, i) => Math.min(found, ranks.get(`${parts[i]}\0${right}`) ?? Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY);
    if (best === Number.POSITIVE_INFINITY) return parts.map(part => [part, part]);
    for (let i = 0; i + 1 < parts.length; i++) if (ranks.get(`${parts[i]}\0${parts[i + 1]}`) === best) parts.splice(i, 2, parts[i]! + parts[i + 1]!);
  }
}

/** How a text is encoded. */
export interface EncodeOptions {
  /** A second text, for models that compare two; a list is words that are cut already. */
  readonly pair?: TextInput | null;
  /** Whether the tokenizer's template is put around the text. */
  readonly addSpecialTokens?: boolean;
  /** In place of the tokenizer's own truncation; null for none. */
  readonly truncation?: Partial<TruncationOptions> | null;
  /** In place of the tokenizer's own padding; null for none. */
  readonly padding?: Partial<PaddingOptions> | null;
  /** What `offsets` count. */
  readonly offsets?: OffsetUnit;
}

/** Ids of texts of one length, `[texts, tokens]` int32. */
export interface TokenTensors {
  readonly inputIds: Tensor;
  readonly attentionMask: Tensor;
  readonly tokenTypeIds: Tensor;
}

/** A `tokenizer.json` for settings that hold a vocabulary. */
function describe({ tokenizerType, vocab, merges, unkToken, lowercase }: TokenizerOptions): unknown {
  const pattern = { type: 'Split', pattern: { Regex: GPT2_PATTERN }, behavior: 'Isolated' };
  const [cut, model] = {
    wordpiece: [{ type: 'BertPreTokenizer' }, { type: 'WordPiece', unk_token: unkToken }] as const,
    bpe: [pattern, { type: 'BPE', merges, unk_token: Object.hasOwn(vocab ?? {}, unkToken) ? unkToken : null }] as const,
    unigram: [{ type: 'WhitespaceSplit' }, { type: 'WordLevel', unk_token: unkToken }] as const,
  }[tokenizerType === 'tiktoken' ? 'bpe' : tokenizerType === 'sentencepiece' ? 'unigram' : tokenizerType];
  return { normalizer: lowercase ? { type: 'Lowercase' } : null, pre_tokenizer: cut, model: { ...model, vocab } };
}

const TYPES: Readonly<Record<Model['type'], TokenizerOptions['tokenizerType']>> = {
  BPE: 'bpe',
  Unigram: 'unigram',
  WordLevel: 'unigram',
  WordPiece: 'wordpiece',
};

/**
 * Cuts texts into tokens and gives their ids, exactly as the tokenizer of a `tokenizer.json` does; built from settings, words become
 * pieces of a vocabulary: the longest ones for `wordpiece`, those that the merges give for `bpe` and `tiktoken`, whole words for the others.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `tokenizers.Tokenizer`, the same ids, tokens, places and masks. Rust: `preprocessing::tokenization::Tokenizer`. Train one
 * with `@gtc/preprocessing/tokenizer-training`.
 * @example new Tokenizer({ tokenizerType: 'wordpiece' }).tokenize('Hello, world!').map(({ text }) => text) // => ['Hello', ',', 'world', '!']
 */
export class Tokenizer {
  readonly config: TokenizerOptions;
  readonly #ranks: ReadonlyMap<string, number>;
  #pipeline: Pipeline | null = null;
  /** True for a tokenizer of a file: what its settings would say is in its parts. */
  #described = false;

  constructor(options: Partial<TokenizerOptions> = {}) {
    this.config = createFrom(TokenizerOptions, options);
    const broken = this.config.merges.find(pair => !Array.isArray(pair) || pair.length !== 2 || pair.some(part => typeof part !== 'string' || part === ''));
    if (broken !== undefined)
      throw new ValidationError(`merges must be pairs of texts, got ${JSON.stringify(broken)}`, { parameter: 'merges', received: broken });
    this.#ranks = new Map(this.config.merges.map(([left, right], rank) => [`${left}\0${right}`, rank]));
  }

  /**
   * The tokenizer that a `tokenizer.json` describes.
   *
   * @param json its text, or the object that it holds
   * @throws {FormatError} naming the part that is malformed or unknown
   * @remarks Python: `tokenizers.Tokenizer.from_str`.
   * @example Tokenizer.fromJson({ model: { type: 'WordLevel', vocab: { a: 0, '?': 1 }, unk_token: '?' } }).encode('a').ids // => [0]
   */
  static fromJson(json: string | object): Tokenizer {
    return Tokenizer.of(Pipeline.fromJson(json));
  }

  /**
   * The tokenizer of a `.model` file of SentencePiece, as `transformers` converts one: its table of characters, `▁` for blanks, and its
   * pieces as a Unigram or BPE model.
   *
   * @param bytes the file
   * @throws {FormatError} for bytes that are no model @throws {UnsupportedError} for one of words or characters
   * @remarks `SentencePieceModel` runs the file exactly as SentencePiece does, blanks in a row and marks at the end of words included.
   */
  static fromSentencePiece(bytes: Uint8Array): Tokenizer {
    return Tokenizer.fromJson(sentencePieceJson(bytes));
  }

  /**
   * The tokenizer of an encoding of tiktoken.
   *
   * @param ranks rank of each sequence of bytes, as `readTiktokenRanks` gives them
   * @param pattern regular expression whose matches are the pieces
   * @remarks Python: `transformers.convert_slow_tokenizer.TikTokenConverter`.
   */
  static fromTiktoken(
    ranks: Iterable<readonly [token: Uint8Array, rank: number]>,
    pattern: string,
    specialTokens: Readonly<Record<string, number>> = {},
  ): Tokenizer {
    return Tokenizer.fromJson(tiktokenJson(ranks, pattern, specialTokens));
  }

  /**
   * The tokenizer that the metadata of a GGUF file describe: byte-level BPE, SentencePiece's BPE and Unigram, BERT's WordPiece. Tokens at the
   * beginning and at the end are added as llama.cpp adds them.
   *
   * @param metadata values by key, as `readGguf` of `@gtc/deployment/gguf` gives them
   * @throws {FormatError} naming the key that is missing or of another type
   * @throws {UnsupportedError} for a model or a pre-tokenizer (`tokenizer.ggml.pre`) that is not known
   * @remarks C++: llama.cpp's `llama_vocab`.
   * @example
   * const metadata = new Map<string, unknown>([['tokenizer.ggml.model', 'bert'], ['tokenizer.ggml.tokens', ['[UNK]', '▁un', 'able']]]);
   * Tokenizer.fromGguf(metadata).encode('Unable', { addSpecialTokens: false }).ids // => [1, 2]
   */
  static fromGguf(metadata: ReadonlyMap<string, unknown>): Tokenizer {
    return Tokenizer.fromJson(ggufJson(metadata));
  }

  /** @internal The tokenizer around a pipeline. */
  static of(pipeline: Pipeline): Tokenizer {
    const tokenizer = new Tokenizer({ tokenizerType: TYPES[pipeline.model.type] });
    tokenizer.#pipeline = pipeline;
    tokenizer.#described = true;
    return tokenizer;
  }

  /** @internal The parts at work. @throws {StateError} without a vocabulary */
  get pipeline(): Pipeline {
    if (this.#pipeline === null) {
      if (this.config.vocab === null)
        throw new StateError('the tokenizer has no vocabulary: give `vocab`, or read one with Tokenizer.fromJson', { parameter: 'vocab' });
      this.#pipeline = Pipeline.fromJson(describe(this.config));
    }
    return this.#pipeline;
  }

  /**
   * A text, or two, as tokens.
   *
   * @param text a text, or words that are cut already
   * @throws {ValidationError} for a truncation that cannot be done, and for an unknown word where the model has no unknown token
   * @remarks Python: `tokenizers.Tokenizer.encode`.
   */
  encode(text: TextInput, options: EncodeOptions = {}): Encoding {
    return this.encodeBatch([text], { ...options, pairs: options.pair === undefined || options.pair === null ? null : [options.pair] })[0]!;
  }

  /**
   * Ids of a text alone, many times faster than `encode` where words repeat.
   *
   * @returns what `encode(text, { addSpecialTokens }).ids` holds, cut as the tokenizer cuts
   */
  encodeIds(text: string, { addSpecialTokens = true }: { readonly addSpecialTokens?: boolean } = {}): Uint32Array {
    const { truncation, padding } = this.pipeline;
    return truncation === null && padding === null ? this.pipeline.ids(text, addSpecialTokens) : this.encode(text, { addSpecialTokens }).ids;
  }

  /**
   * Many texts as tokens; where padding is asked for, all of one length.
   *
   * @param options as for `encode`, with a list of second texts as `pairs`
   * @remarks Python: `tokenizers.Tokenizer.encode_batch`.
   */
  encodeBatch(texts: readonly TextInput[], options: Omit<EncodeOptions, 'pair'> & { readonly pairs?: readonly TextInput[] | null } = {}): Encoding[] {
    const { pairs = null, addSpecialTokens = true, offsets = 'utf16' } = options;
    if (pairs !== null && pairs.length !== texts.length)
      throw new ValidationError(`pairs must have the length of texts, ${texts.length}, got ${pairs.length}`, { parameter: 'pairs', received: pairs.length });
    const truncation = choose(TruncationOptions, options.truncation, this.pipeline.truncation);
    const drafts = texts.map((text, i) => this.pipeline.draft(pairs === null ? [text] : [text, pairs[i]!], { addSpecialTokens, truncation, offsets }));
    padAll(drafts, choose(PaddingOptions, options.padding, this.pipeline.padding));
    return drafts.map(draft => new Encoding(draft));
  }

  /**
   * Texts as tensors of one length.
   *
   * @returns ids, masks and types, each `[texts, tokens]` int32
   */
  encodeTensors(texts: readonly TextInput[], options: Parameters<Tokenizer['encodeBatch']>[1] = {}): TokenTensors {
    const encodings = this.encodeBatch(nonEmpty(texts, 'texts'), { ...options, padding: options.padding ?? this.pipeline.padding ?? {} });
    const shape = [encodings.length, encodings[0]!.length];
    const gather = (of: (encoding: Encoding) => ArrayLike<number>): Tensor =>
      tensor(
        encodings.flatMap(encoding => Array.from(of(encoding))),
        { dtype: 'int32' },
      ).reshape(shape);
    return { inputIds: gather(({ ids }) => ids), attentionMask: gather(({ attentionMask }) => attentionMask), tokenTypeIds: gather(({ typeIds }) => typeIds) };
  }

  /**
   * The text of ids; ids that are not in the vocabulary are passed over.
   *
   * @remarks Python: `tokenizers.Tokenizer.decode`.
   */
  decode(ids: Iterable<number>, { skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {}): string {
    return this.pipeline.decode(ids, skipSpecialTokens);
  }

  /** Decodes ids as they come: `push` gives text once its characters are complete. */
  decodeStream({ skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {}): DecodeStream {
    return new DecodeStream(ids => this.decode(ids, { skipSpecialTokens }));
  }

  /**
   * Adds tokens that are found in texts before anything else; those of the vocabulary keep their ids.
   *
   * @returns how many have a new id
   * @remarks Python: `tokenizers.Tokenizer.add_tokens` and `add_special_tokens`.
   */
  addTokens(tokens: readonly (string | (Partial<NewToken> & Pick<NewToken, 'content'>))[]): number {
    const before = this.vocabSize;
    this.#pipeline = withTokens(this.pipeline, tokens);
    return this.vocabSize - before;
  }

  /** Cuts every text from now on; null for none. */
  setTruncation(options: Partial<TruncationOptions> | null): void {
    this.#pipeline = this.pipeline.with({}, { truncation: options === null ? null : createFrom(TruncationOptions, options) });
  }

  /** Pads every text from now on; null for none. */
  setPadding(options: Partial<PaddingOptions> | null): void {
    this.#pipeline = this.pipeline.with({}, { padding: options === null ? null : createFrom(PaddingOptions, options) });
  }

  /** Tokens of the vocabulary and added ones. */
  get vocabSize(): number {
    const { added, model } = this.pipeline;
    return model.vocabulary.size + added.tokens.filter(({ content }) => model.vocabulary.idOf(content) === undefined).length;
  }

  tokenToId(token: string): number | null {
    return this.pipeline.idOf(token) ?? null;
  }

  idToToken(id: number): string | null {
    return this.pipeline.tokenOf(id) ?? null;
  }

  /**
   * The tokenizer as the object that a `tokenizer.json` holds.
   *
   * @remarks Python: `tokenizers.Tokenizer.to_str`; the library loads what `JSON.stringify` makes of it.
   */
  toJson(): Readonly<Record<string, unknown>> {
    return this.pipeline.toJson();
  }

  /** Tokens in order, without special ones; where the text is lowercased, `text` of a token is as well. */
  tokenize(text: string): Token[] {
    const { tokenizerType, truncation, maxLength } = this.config;
    if (this.#described) {
      const { ids, tokens, offsets } = this.encode(text, { addSpecialTokens: false, padding: null });
      return tokens.map((token, i) => ({ text: token, id: ids[i]!, start: offsets[2 * i]!, end: offsets[2 * i + 1]! }));
    }
    const tokens = [...text.matchAll(WORDS[tokenizerType])].flatMap(({ 0: word, index }) => this.#pieces(word, index));
    return truncation ? tokens.slice(0, maxLength) : tokens;
  }

  #pieces(word: string, start: number): Token[] {
    const { vocab, unkToken, lowercase } = this.config;
    const lowered = lowercase ? word.toLowerCase() : word;
    const cased = lowered.length === word.length ? lowered : word;
    const idOf = (name: string): number | null => (vocab === null ? null : ((Object.hasOwn(vocab, name) ? vocab[name] : vocab[unkToken]) ?? null));
    const pieces = this.#cut(cased);
    if (pieces === null) return [{ text: unkToken, id: idOf(unkToken), start, end: start + word.length }];
    let end = start;
    return pieces.map(([part, name]) => {
      const from = end;
      end += part.length;
      return { text: name, id: idOf(name), start: from, end };
    });
  }

  #cut(word: string): Piece[] | null {
    const { vocab, tokenizerType } = this.config;
    if (vocab !== null && tokenizerType === 'wordpiece') return wordPieces(word, vocab);
    return this.#ranks.size > 0 ? joinPairs(word, this.#ranks) : [[word, word]];
  }
}

/** Options that are given, those of the tokenizer where none are, or none. */
function choose<T extends object>(definition: Definition<T>, given: Partial<T> | null | undefined, own: T | null): T | null {
  if (given === undefined) return own;
  return given === null ? null : createFrom(definition, { ...own, ...given } as never);
}

function padAll(drafts: readonly Draft[], padding: PaddingOptions | null): void {
  if (padding === null) return;
  const longest = padding.length ?? drafts.reduce((most, draft) => Math.max(most, draft.length), 0);
  const step = padding.padToMultipleOf ?? 0;
  const length = step > 0 ? Math.ceil(longest / step) * step : longest;
  for (const draft of drafts) draft.pad(length, padding);
}

/**
 * Tokens to a word over a corpus; 0 without words.
 *
 * @param tokenizer a {@link Tokenizer} or whatever cuts a text into tokens
 * @example calculateVocabFertility(new Tokenizer(), ['Hello, world!']) // => 2
 */
export function calculateVocabFertility(tokenizer: { tokenize(text: string): { readonly length: number } }, corpus: readonly string[]): number {
  const words = corpus.reduce((total, text) => total + splitWords(text).length, 0);
  return words === 0 ? 0 : corpus.reduce((total, text) => total + tokenizer.tokenize(text).length, 0) / words;
}

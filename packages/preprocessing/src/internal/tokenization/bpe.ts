/** The BPE model of `tokenizer.json` (Sennrich et al. 2016). */
import { FormatError, inRange, show } from '@gtc/errors';
import { utf8 } from './byte-level.js';
import { flagAt, type JsonRecord, listAt, numberAt, optionalTextAt, refuse } from './json.js';
import { MergeTable, mergeSymbols, type Symbols } from './merges.js';
import { byteLength, byteToken, type Model, needed, type Piece, toVocabJson, type Vocab, vocabAt } from './model.js';

/** What a {@link Bpe} is made of. */
export interface BpeOptions {
  readonly unkToken: string | null;
  /** Put before every piece of a word but the first. */
  readonly continuingSubwordPrefix: string | null;
  /** Put after the last piece of a word. */
  readonly endOfWordSuffix: string | null;
  /** Unknown characters in a row become one token. */
  readonly fuseUnk: boolean;
  /** Unknown characters become the tokens of their bytes where the vocabulary has them. */
  readonly byteFallback: boolean;
  /** A word that is in the vocabulary is one token, whatever the merges say. */
  readonly ignoreMerges: boolean;
  /** Probability of leaving out a join, from 0 to 1. */
  readonly dropout: number | null;
}

/** Tokens that join, side by side. */
export type Pairs = readonly (readonly [left: string, right: string])[];

const WORDS_KEPT = 10_000;
const LONGEST_KEPT = 256;

/** Words cut by joining pairs. */
export class Bpe implements Model {
  readonly type = 'BPE';
  readonly vocabulary: Vocab;
  readonly options: BpeOptions;
  readonly table: MergeTable;
  /** Draws from [0, 1) for dropout. */
  random: () => number = Math.random;
  readonly #cache = new Map<string, Piece[]>();
  #merges: Pairs | Uint32Array;

  /**
   * @param merges pairs of tokens, or ids: three for each pair, left, right and what they make
   * @throws {FormatError} for a merge of or into a token that the vocabulary lacks
   */
  constructor(vocabulary: Vocab, merges: Pairs | Uint32Array, options: Partial<BpeOptions> = {}) {
    this.vocabulary = vocabulary;
    this.#merges = merges;
    this.options = {
      unkToken: null,
      continuingSubwordPrefix: null,
      endOfWordSuffix: null,
      fuseUnk: false,
      byteFallback: false,
      ignoreMerges: false,
      dropout: null,
      ...options,
    };
    if (this.options.dropout !== null) inRange(this.options.dropout, 'dropout', { min: 0, max: 1 });
    const ids = merges instanceof Uint32Array ? merges : this.#idsOf(merges);
    this.table = new MergeTable(ids.length / 3);
    for (let rank = 0, i = 0; i < ids.length; rank++, i += 3) this.table.set(ids[i]!, ids[i + 1]!, rank, ids[i + 2]!);
  }

  /** Pairs that join, the first ones first. */
  get merges(): Pairs {
    if (this.#merges instanceof Uint32Array) {
      const ids = this.#merges;
      const tokenAt = (i: number): string => this.vocabulary.tokenOf(ids[i]!)!;
      this.#merges = Array.from({ length: ids.length / 3 }, (_, rank) => [tokenAt(3 * rank), tokenAt(3 * rank + 1)] as const);
    }
    return this.#merges;
  }

  #idsOf(pairs: Pairs): Uint32Array {
    const prefix = this.options.continuingSubwordPrefix?.length ?? 0;
    const ids = new Uint32Array(3 * pairs.length);
    for (let rank = 0; rank < pairs.length; rank++) {
      const [left, right] = pairs[rank]!;
      ids.set([this.#known(left, rank), this.#known(right, rank), this.#known(left + right.slice(prefix), rank)], 3 * rank);
    }
    return ids;
  }

  #known(token: string, rank: number): number {
    const id = this.vocabulary.idOf(token);
    if (id === undefined)
      throw new FormatError(`tokenizer: model.merges[${rank}] needs the token ${show(token)}, which is not in the vocabulary`, {
        parameter: `model.merges[${rank}]`,
        received: token,
      });
    return id;
  }

  tokenize(word: string): Piece[] {
    const { dropout, ignoreMerges } = this.options;
    if (dropout !== null && dropout > 0) return this.#piecesOf(this.#merge(word));
    const known = this.#cache.get(word);
    if (known !== undefined) return known;
    const whole = ignoreMerges ? this.vocabulary.idOf(word) : undefined;
    const pieces = whole === undefined ? this.#piecesOf(this.#merge(word)) : [{ id: whole, text: word, start: 0, end: byteLength(word) }];
    if (word.length <= LONGEST_KEPT) {
      if (this.#cache.size >= WORDS_KEPT) this.#cache.clear();
      this.#cache.set(word, pieces);
    }
    return pieces;
  }

  #merge(word: string): Symbols {
    const symbols = this.#symbolsOf(word);
    const { dropout } = this.options;
    mergeSymbols(symbols, this.table, dropout === null || dropout === 0 ? null : () => this.random() < dropout);
    return symbols;
  }

  /** Characters of a word as ids, unknown ones by the rules of the options. */
  #symbolsOf(word: string): Symbols {
    const { unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk, byteFallback } = this.options;
    const { vocabulary } = this;
    const symbols: Symbols = { ids: [], lengths: [] };
    const add = (id: number, length: number): void => {
      symbols.ids.push(id);
      symbols.lengths.push(length);
    };
    let unknown = 0;
    const flush = (): void => {
      if (unknown > 0) add(needed(this.vocabulary, unkToken!, 'unkToken'), unknown);
      unknown = 0;
    };
    for (let at = 0; at < word.length; ) {
      const character = String.fromCodePoint(word.codePointAt(at)!);
      const end = at + character.length;
      const text = (at > 0 ? (continuingSubwordPrefix ?? '') : '') + character + (end === word.length ? (endOfWordSuffix ?? '') : '');
      const length = byteLength(character);
      const id = vocabulary.idOf(text);
      const bytes = id === undefined && byteFallback ? Array.from(utf8(text), byte => vocabulary.idOf(byteToken(byte))) : null;
      at = end;
      if (id !== undefined) {
        flush();
        add(id, length);
      } else if (bytes?.every(byte => byte !== undefined)) for (const byte of bytes) add(byte!, 1);
      else if (unkToken !== null) {
        if (!fuseUnk) flush();
        unknown += length;
      }
    }
    flush();
    return symbols;
  }

  #piecesOf({ ids, lengths }: Symbols): Piece[] {
    let end = 0;
    return ids.map((id, i) => {
      const start = end;
      end += lengths[i]!;
      return { id, text: this.vocabulary.tokenOf(id)!, start, end };
    });
  }

  toJson(): JsonRecord {
    const { dropout, unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk, byteFallback, ignoreMerges } = this.options;
    return {
      type: 'BPE',
      dropout,
      unk_token: unkToken,
      continuing_subword_prefix: continuingSubwordPrefix,
      end_of_word_suffix: endOfWordSuffix,
      fuse_unk: fuseUnk,
      byte_fallback: byteFallback,
      ignore_merges: ignoreMerges,
      vocab: toVocabJson(this.vocabulary),
      merges: this.merges,
    };
  }
}

/** Merges as pairs, or as `left right` in files before version 0.20. */
function mergesAt(value: unknown, path: string): Pairs | Uint32Array {
  if (value instanceof Uint32Array) return value;
  const list = listAt(value, path);
  const merges = new Array<readonly [string, string]>(list.length);
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (typeof item === 'string') {
      const blank = item.indexOf(' ');
      merges[i] = [item.slice(0, blank), item.slice(blank + 1)];
      if (blank <= 0 || blank === item.length - 1 || item.indexOf(' ', blank + 1) >= 0) refuse(`${path}[${i}]`, 'a pair of tokens', item);
    } else {
      if (!Array.isArray(item) || item.length !== 2 || typeof item[0] !== 'string' || typeof item[1] !== 'string' || item[0] === '' || item[1] === '')
        refuse(`${path}[${i}]`, 'a pair of tokens', item);
      merges[i] = item as unknown as readonly [string, string];
    }
  }
  return merges;
}

/** Reads a BPE model. @throws {FormatError} naming the part that is wrong */
export function bpeAt(json: JsonRecord, path: string): Bpe {
  const dropout = json['dropout'] ?? null;
  if (dropout !== null && !(numberAt(dropout, `${path}.dropout`) >= 0 && (dropout as number) <= 1)) return refuse(`${path}.dropout`, 'in [0, 1]', dropout);
  return new Bpe(vocabAt(json['vocab'], `${path}.vocab`), mergesAt(json['merges'], `${path}.merges`), {
    unkToken: optionalTextAt(json['unk_token'], `${path}.unk_token`),
    // An empty prefix or suffix says the same as none.
    continuingSubwordPrefix: optionalTextAt(json['continuing_subword_prefix'], `${path}.continuing_subword_prefix`) || null,
    endOfWordSuffix: optionalTextAt(json['end_of_word_suffix'], `${path}.end_of_word_suffix`) || null,
    fuseUnk: flagAt(json['fuse_unk'], `${path}.fuse_unk`, false),
    byteFallback: flagAt(json['byte_fallback'], `${path}.byte_fallback`, false),
    ignoreMerges: flagAt(json['ignore_merges'], `${path}.ignore_merges`, false),
    dropout: dropout as number | null,
  });
}

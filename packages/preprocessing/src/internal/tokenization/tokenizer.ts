/** Tokenizers over a vocabulary that is given: words cut as each type cuts them, then into pieces of the vocabulary. */
import { createFrom, type Definition, splitWords, ValidationError } from '@gtc/errors';

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

/**
 * Cuts texts into tokens. With a vocabulary, words become pieces of it: the longest ones for `wordpiece`, those that the merges give for
 * `bpe` and `tiktoken`, whole words for the others.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `preprocessing::tokenization::Tokenizer`. Train a vocabulary with `@gtc/preprocessing/tokenizer-training`.
 * @example new Tokenizer({ tokenizerType: 'wordpiece' }).tokenize('Hello, world!').map(({ text }) => text) // => ['Hello', ',', 'world', '!']
 */
export class Tokenizer {
  readonly config: TokenizerOptions;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(options: Partial<TokenizerOptions> = {}) {
    this.config = createFrom(TokenizerOptions, options);
    const broken = this.config.merges.find(pair => !Array.isArray(pair) || pair.length !== 2 || pair.some(part => typeof part !== 'string' || part === ''));
    if (broken !== undefined)
      throw new ValidationError(`merges must be pairs of texts, got ${JSON.stringify(broken)}`, { parameter: 'merges', received: broken });
    this.#ranks = new Map(this.config.merges.map(([left, right], rank) => [`${left}\0${right}`, rank]));
  }

  /** Tokens in order; where the text is lowercased, `text` of a token is as well. */
  tokenize(text: string): Token[] {
    const { tokenizerType, truncation, maxLength } = this.config;
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

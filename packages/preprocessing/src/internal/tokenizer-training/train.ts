/** Trains tokenizers on texts: words are counted, then pieces are learned from the counts. */
import { createFrom, type Definition, notNull } from '@gtc/errors';
import type { AddedToken } from '../tokenization/added-tokens.js';
import { Bpe } from '../tokenization/bpe.js';
import { BYTE_CHARACTERS } from '../tokenization/byte-level.js';
import { type Model, Vocab } from '../tokenization/model.js';
import { Pipeline } from '../tokenization/pipeline.js';
import { TiktokenEncoding } from '../tokenization/tiktoken.js';
import { Tokenizer } from '../tokenization/tokenizer.js';
import { Unigram } from '../tokenization/unigram.js';
import { WordLevel, WordPiece } from '../tokenization/word-models.js';
import { learnMerges } from './bpe.js';
import { learnRanks } from './tiktoken.js';
import { learnPieces } from './unigram.js';
import { countWords } from './words.js';

/** What is trained, and how texts are cut before and put together after. */
export interface TrainTokenizerOptions {
  readonly algorithm: 'bpe' | 'wordpiece' | 'unigram' | 'wordlevel' | 'char';
  /** Tokens in all, special ones included. */
  readonly vocabSize: number;
  /** What occurs less often is left out: pairs for `bpe` and `wordpiece`, words for `wordlevel`. */
  readonly minFrequency: number;
  /** Tokens that come first and are found in texts as they stand. */
  readonly specialTokens: readonly string[];
  /** Characters that are kept whether or not they occur; `bytes` for the 256 of a byte-level tokenizer. */
  readonly initialAlphabet: readonly string[] | 'bytes';
  /** Characters at most; the most frequent ones stay. */
  readonly limitAlphabet: number | null;
  /** In characters, of `bpe` and `wordpiece`. */
  readonly maxTokenLength: number | null;
  /** Put before every piece of a word but the first; `##` for `wordpiece` unless given. */
  readonly continuingSubwordPrefix: string | null;
  /** Put after the last piece of a word. */
  readonly endOfWordSuffix: string | null;
  /** Token of what the vocabulary lacks. */
  readonly unkToken: string | null;
  /** Of `bpe`: unknown characters in a row are one token. */
  readonly fuseUnk: boolean;
  /** Of `unigram`: share of pieces that each round keeps. */
  readonly shrinkingFactor: number;
  /** Of `unigram`, in characters. */
  readonly maxPieceLength: number;
  /** Of `unigram`: rounds of estimation before pieces are dropped. */
  readonly nSubIterations: number;
  /** Of `unigram`: pieces to start from at most. */
  readonly seedSize: number;
  /** Components as `tokenizer.json` describes them, or none. */
  readonly normalizer: unknown;
  readonly preTokenizer: unknown;
  readonly postProcessor: unknown;
  readonly decoder: unknown;
}

/** Defaults and rules of {@link TrainTokenizerOptions}. */
export const TrainTokenizerOptions: Definition<TrainTokenizerOptions> = {
  name: 'TrainTokenizerOptions',
  fields: {
    algorithm: { kind: 'string', default: 'bpe', oneOf: ['bpe', 'wordpiece', 'unigram', 'wordlevel', 'char'] },
    vocabSize: { kind: 'int', default: 30000, positive: true },
    minFrequency: { kind: 'int', default: 0, nonNegative: true },
    specialTokens: { kind: 'array', of: { kind: 'string', nonEmpty: true }, default: [] },
    initialAlphabet: { kind: 'any', default: [] },
    limitAlphabet: { kind: 'int', default: null, nullable: true, nonNegative: true },
    maxTokenLength: { kind: 'int', default: null, nullable: true, positive: true },
    continuingSubwordPrefix: { kind: 'string', default: null, nullable: true },
    endOfWordSuffix: { kind: 'string', default: null, nullable: true },
    unkToken: { kind: 'string', default: null, nullable: true },
    fuseUnk: { kind: 'bool', default: false },
    shrinkingFactor: { kind: 'float', default: 0.75, above: 0, below: 1 },
    maxPieceLength: { kind: 'int', default: 16, positive: true },
    nSubIterations: { kind: 'int', default: 2, positive: true },
    seedSize: { kind: 'int', default: 1_000_000, positive: true },
    normalizer: { kind: 'any', default: null },
    preTokenizer: { kind: 'any', default: null },
    postProcessor: { kind: 'any', default: null },
    decoder: { kind: 'any', default: null },
  },
  rules: [
    ({ initialAlphabet }) =>
      initialAlphabet === 'bytes' || (Array.isArray(initialAlphabet) && initialAlphabet.every(item => typeof item === 'string' && [...item].length === 1))
        ? null
        : "initialAlphabet must be a list of characters or 'bytes'",
  ],
};

type OnProgress = ((tokens: number) => void) | null;
type Learn = (words: ReadonlyMap<string, number>, options: TrainTokenizerOptions, onProgress: OnProgress) => Model;

const alphabetOf = ({ initialAlphabet }: TrainTokenizerOptions): readonly string[] => (initialAlphabet === 'bytes' ? BYTE_CHARACTERS : initialAlphabet);

const learnBpe: Learn = (words, options, onProgress) => {
  const { tokens, merges } = learnMerges(words, { ...options, initialAlphabet: alphabetOf(options), onProgress });
  const { unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk } = options;
  return new Bpe(Vocab.of(tokens), merges, { unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk });
};

const LEARNERS: Readonly<Record<TrainTokenizerOptions['algorithm'], Learn>> = {
  bpe: learnBpe,
  // Characters alone are what no merge is learned for.
  char: (words, options, onProgress) => learnBpe(words, { ...options, minFrequency: Number.MAX_SAFE_INTEGER }, onProgress),
  wordpiece: (words, options, onProgress) => {
    const continuingSubwordPrefix = options.continuingSubwordPrefix ?? '##';
    const { tokens } = learnMerges(words, { ...options, continuingSubwordPrefix, initialAlphabet: alphabetOf(options), onProgress });
    return new WordPiece(Vocab.of(tokens), { unkToken: options.unkToken ?? '[UNK]', continuingSubwordPrefix });
  },
  unigram: (words, options, onProgress) => {
    const pieces = learnPieces(words, { ...options, initialAlphabet: alphabetOf(options), onProgress });
    const unkId = options.unkToken === null ? null : pieces.findIndex(([piece]) => piece === options.unkToken);
    return new Unigram(pieces, unkId);
  },
  wordlevel: (words, { vocabSize, minFrequency, specialTokens, unkToken }) => {
    const frequent = [...words].filter(([word, count]) => count >= minFrequency && !specialTokens.includes(word));
    frequent.sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
    const tokens = [...new Set(specialTokens), ...frequent.map(([word]) => word)].slice(0, vocabSize);
    return new WordLevel(Vocab.of(tokens), unkToken ?? '<unk>');
  },
};

/**
 * Trains a tokenizer on texts.
 *
 * Pieces and ids are those of the `tokenizers` library wherever it gives the same ones from run to run: pairs are joined by count, of equal
 * ones the pair of the smaller ids; ids are special tokens, characters by code point, then joined pairs. Where it does not, with prefixes
 * and suffixes, letters are numbered in the order in which words need them, the longest word first.
 *
 * @param corpus texts; read once
 * @param onProgress told now and then how many tokens there are
 * @throws {ValidationError} naming every broken rule, and for a `vocabSize` that does not hold the characters of a `unigram` tokenizer
 * @throws {FormatError} for a component that is malformed
 * @remarks Python: `tokenizers.Tokenizer.train_from_iterator` with a `BpeTrainer`, `WordPieceTrainer`, `UnigramTrainer` or `WordLevelTrainer`.
 * @example trainTokenizer(['hug hug pun'], { vocabSize: 6, preTokenizer: { type: 'Whitespace' } }).encode('hug').tokens // => ['hu', 'g']
 */
export function trainTokenizer(corpus: Iterable<string>, options: Partial<TrainTokenizerOptions> = {}, onProgress: OnProgress = null): Tokenizer {
  const settings = createFrom(TrainTokenizerOptions, options);
  const { normalizer, preTokenizer, postProcessor, decoder, specialTokens } = settings;
  const words = countWords(notNull(corpus, 'corpus'), { normalizer, preTokenizer });
  const model = LEARNERS[settings.algorithm](words, settings, onProgress);
  const added = [...new Set(specialTokens)].flatMap((content): AddedToken[] => {
    const id = model.vocabulary.idOf(content);
    return id === undefined ? [] : [{ id, content, singleWord: false, lstrip: false, rstrip: false, normalized: false, special: true }];
  });
  return Tokenizer.of(new Pipeline(model, { normalizer, pre_tokenizer: preTokenizer, post_processor: postProcessor, decoder }, added));
}

/**
 * Trains an encoding on a text as tiktoken's educational trainer does.
 *
 * @param vocabSize tokens in all, the 256 bytes included
 * @param pattern regular expression whose matches are the pieces
 * @throws {ValidationError} for fewer than 256 tokens @throws {FormatError} for a pattern that is malformed
 * @remarks Python: `tiktoken._educational.SimpleBytePairEncoding.train`, the same tokens.
 * @example trainTiktoken('abab abab', 257, '\\w+').encodeOrdinary('ab') // => [256]
 */
export function trainTiktoken(text: string, vocabSize: number, pattern: string): TiktokenEncoding {
  return new TiktokenEncoding({ ranks: learnRanks(text, vocabSize, pattern).map((token, rank) => [token, rank] as const), pattern });
}

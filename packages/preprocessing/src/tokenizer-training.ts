/** Training of tokenizers: the configuration of each algorithm, and estimates of coverage and compression. Mirrors `hf_gtc.preprocessing.tokenizer_training`. */
import { createFrom, type Definition, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

export { TrainTokenizerOptions, trainTiktoken, trainTokenizer } from './internal/tokenizer-training/train.js';

/** Algorithms that learn a vocabulary. */
export const TokenizerAlgorithm = { BPE: 'bpe', WORDPIECE: 'wordpiece', UNIGRAM: 'unigram', CHAR: 'char' } as const;
export type TokenizerAlgorithm = (typeof TokenizerAlgorithm)[keyof typeof TokenizerAlgorithm];

/** How text is split before it is tokenized. */
export const PreTokenizerType = {
  WHITESPACE: 'whitespace',
  BYTE_LEVEL: 'byte_level',
  METASPACE: 'metaspace',
  PUNCTUATION: 'punctuation',
  DIGITS: 'digits',
  BERT: 'bert',
} as const;
export type PreTokenizerType = (typeof PreTokenizerType)[keyof typeof PreTokenizerType];

/** How text is made uniform. */
export type NormalizerType = 'nfc' | 'nfd' | 'nfkc' | 'nfkd' | 'lowercase' | 'strip';

/** Values of {@link TokenizerAlgorithm}. */
export const VALID_ALGORITHMS: ReadonlySet<TokenizerAlgorithm> = new Set(Object.values(TokenizerAlgorithm));

/** Values of {@link PreTokenizerType}. */
export const VALID_PRE_TOKENIZERS: ReadonlySet<PreTokenizerType> = new Set(Object.values(PreTokenizerType));

/** Values of {@link NormalizerType}. */
export const VALID_NORMALIZERS: ReadonlySet<NormalizerType> = new Set<NormalizerType>(['lowercase', 'nfc', 'nfd', 'nfkc', 'nfkd', 'strip']);

/** Byte-pair encoding. */
export interface BPEConfig {
  readonly vocabSize: number;
  /** Pairs that occur less often are not merged. */
  readonly minFrequency: number;
  readonly showProgress: boolean;
  readonly specialTokens: readonly string[];
  readonly initialAlphabet: readonly string[];
}

/** Defaults and rules of {@link BPEConfig}. */
export const BPEConfig: Definition<BPEConfig> = {
  name: 'BPEConfig',
  fields: {
    vocabSize: { kind: 'int', default: 32000, positive: true },
    minFrequency: { kind: 'int', default: 2, min: 1 },
    showProgress: { kind: 'bool', default: true },
    specialTokens: { kind: 'array', of: { kind: 'string' }, default: ['<pad>', '<unk>', '<s>', '</s>'] },
    initialAlphabet: { kind: 'array', of: { kind: 'string' }, default: [] },
  },
};

/** WordPiece. */
export interface WordPieceConfig {
  readonly vocabSize: number;
  readonly minFrequency: number;
  readonly showProgress: boolean;
  readonly specialTokens: readonly string[];
  readonly continuingSubwordPrefix: string;
}

/** Defaults and rules of {@link WordPieceConfig}. */
export const WordPieceConfig: Definition<WordPieceConfig> = {
  name: 'WordPieceConfig',
  fields: {
    vocabSize: { kind: 'int', default: 30522, positive: true },
    minFrequency: { kind: 'int', default: 2, min: 1 },
    showProgress: { kind: 'bool', default: true },
    specialTokens: { kind: 'array', of: { kind: 'string' }, default: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] },
    continuingSubwordPrefix: { kind: 'string', default: '##', nonEmpty: true },
  },
};

/** A unigram language model of pieces. */
export interface UnigramConfig {
  readonly vocabSize: number;
  /** Share of the pieces that each pruning keeps. */
  readonly shrinkingFactor: number;
  readonly specialTokens: readonly string[];
  readonly maxPieceLength: number;
  /** Rounds of expectation and maximisation before each pruning. */
  readonly nSubIterations: number;
}

/** Defaults and rules of {@link UnigramConfig}. */
export const UnigramConfig: Definition<UnigramConfig> = {
  name: 'UnigramConfig',
  fields: {
    vocabSize: { kind: 'int', default: 32000, positive: true },
    shrinkingFactor: { kind: 'float', default: 0.75, above: 0, below: 1 },
    specialTokens: { kind: 'array', of: { kind: 'string' }, default: ['<pad>', '<unk>', '<s>', '</s>'] },
    maxPieceLength: { kind: 'int', default: 16, positive: true },
    nSubIterations: { kind: 'int', default: 2, positive: true },
  },
};

/** How text is split. */
export interface PreTokenizerConfig {
  readonly preTokenizerType: PreTokenizerType;
  readonly addPrefixSpace: boolean;
  readonly trimOffsets: boolean;
  readonly useRegex: boolean;
}

/** Defaults and rules of {@link PreTokenizerConfig}. */
export const PreTokenizerConfig: Definition<PreTokenizerConfig> = {
  name: 'PreTokenizerConfig',
  fields: {
    preTokenizerType: { kind: 'enum', of: PreTokenizerType, default: PreTokenizerType.BYTE_LEVEL },
    addPrefixSpace: { kind: 'bool', default: true },
    trimOffsets: { kind: 'bool', default: true },
    useRegex: { kind: 'bool', default: false },
  },
};

/** What a tokenizer is trained on. */
export interface TrainingCorpusConfig {
  readonly files: readonly string[];
  readonly batchSize: number;
  /** Texts in all, where known. */
  readonly length: number | null;
  readonly encoding: string;
}

/** Defaults and rules of {@link TrainingCorpusConfig}. */
export const TrainingCorpusConfig: Definition<TrainingCorpusConfig> = {
  name: 'TrainingCorpusConfig',
  fields: {
    files: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    batchSize: { kind: 'int', default: 1000, positive: true },
    length: { kind: 'int', default: null, nullable: true, positive: true },
    encoding: { kind: 'string', default: 'utf-8' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateBpeConfig(config: BPEConfig): void {
  validate(BPEConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateWordpieceConfig(config: WordPieceConfig): void {
  validate(WordPieceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateUnigramConfig(config: UnigramConfig): void {
  validate(UnigramConfig, config);
}

/** Settles a {@link BPEConfig}. @throws {ValidationError} naming every broken rule */
export function createBpeConfig(options: Partial<BPEConfig> = {}): BPEConfig {
  return createFrom(BPEConfig, options);
}

/** Settles a {@link WordPieceConfig}. @throws {ValidationError} naming every broken rule */
export function createWordpieceConfig(options: Partial<WordPieceConfig> = {}): WordPieceConfig {
  return createFrom(WordPieceConfig, options);
}

/** Settles a {@link UnigramConfig}. @throws {ValidationError} naming every broken rule */
export function createUnigramConfig(options: Partial<UnigramConfig> = {}): UnigramConfig {
  return createFrom(UnigramConfig, options);
}

/** Settles a {@link PreTokenizerConfig}. @throws {ValidationError} naming every broken rule */
export function createPreTokenizerConfig(options: Partial<PreTokenizerConfig> = {}): PreTokenizerConfig {
  return createFrom(PreTokenizerConfig, options);
}

/** Settles a {@link TrainingCorpusConfig}. @throws {ValidationError} naming every broken rule */
export function createTrainingCorpusConfig(files: readonly string[], options: Partial<Omit<TrainingCorpusConfig, 'files'>> = {}): TrainingCorpusConfig {
  return createFrom(TrainingCorpusConfig, { files, ...options });
}

/** Tokenizer algorithms in ascending order. */
export function listTokenizerAlgorithms(): TokenizerAlgorithm[] {
  return valuesOf(TokenizerAlgorithm);
}

/** Pre tokenizers in ascending order. */
export function listPreTokenizers(): PreTokenizerType[] {
  return valuesOf(PreTokenizerType);
}

/** @throws {ValidationError} naming the tokenizer algorithms */
export function getTokenizerAlgorithm(name: string): TokenizerAlgorithm {
  return parseEnum(TokenizerAlgorithm, name, 'algorithm');
}

const BY_MODEL: Readonly<Record<string, TokenizerAlgorithm>> = {
  gpt: TokenizerAlgorithm.BPE,
  llama: TokenizerAlgorithm.BPE,
  bert: TokenizerAlgorithm.WORDPIECE,
  t5: TokenizerAlgorithm.UNIGRAM,
};

/**
 * The algorithm that models of a family use: gpt, llama, bert or t5.
 *
 * @throws {ValidationError} naming the families
 * @remarks Python: `hf_gtc.preprocessing.tokenizer_training.get_recommended_algorithm(model_type)`.
 * @example getRecommendedAlgorithm('bert') // => 'wordpiece'
 */
export function getRecommendedAlgorithm(modelType: string): TokenizerAlgorithm {
  return BY_MODEL[oneOf<string>(modelType, 'modelType', Object.keys(BY_MODEL))]!;
}

/** How coverage differs by algorithm. */
const COVERAGE: Readonly<Record<TokenizerAlgorithm, number>> = { bpe: 1, wordpiece: 0.98, unigram: 1.02, char: 0.9 };

/**
 * A rule of thumb for the share of words that a vocabulary holds whole, in percent: from 50 towards 95 as it grows, at most 99.9.
 *
 * @param corpusSize checked, but without effect
 * @throws {ValidationError} for sizes that are not positive, or naming the algorithms
 * @remarks Python: `hf_gtc.preprocessing.tokenizer_training.estimate_vocab_coverage(vocab_size, corpus_size, algorithm)`; within 1e-9.
 * @example estimateVocabCoverage(10000, 1000000, 'bpe') // => 72.5
 */
export function estimateVocabCoverage(vocabSize: number, corpusSize: number, algorithm: TokenizerAlgorithm): number {
  positive(vocabSize, 'vocabSize');
  positive(corpusSize, 'corpusSize');
  const base = Math.min(95, 50 + 45 * (1 - 1 / (1 + vocabSize / 10_000)));
  return Math.min(99.9, base * COVERAGE[parseEnum(TokenizerAlgorithm, algorithm, 'algorithm')]);
}

/**
 * Characters or bytes for each token.
 *
 * @throws {ValidationError} for lengths that are not positive
 * @remarks Python: `hf_gtc.preprocessing.tokenizer_training.calculate_compression_ratio(original_length, tokenized_length)`; exact.
 * @example calculateCompressionRatio(1000, 250) // => 4
 */
export function calculateCompressionRatio(originalLength: number, tokenizedLength: number): number {
  return positive(originalLength, 'originalLength') / positive(tokenizedLength, 'tokenizedLength');
}

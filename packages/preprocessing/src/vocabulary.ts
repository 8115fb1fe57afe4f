/** Vocabularies: what they cover, what a merge is worth, and which size fits a corpus. Mirrors `hf_gtc.preprocessing.vocabulary`. */
import {
  allNonNegative,
  allPositive,
  createFrom,
  type Definition,
  formatCount,
  formatFixed,
  notNull,
  oneOf,
  parseEnum,
  positive,
  splitWords,
  validate,
  valuesOf,
} from '@gtc/errors';

export { bpeDropout, measureTokenizer, type TokenizerMeasures } from './internal/vocabulary/measure.js';
export { type PrunedTokenizer, pruneVocabulary } from './internal/vocabulary/prune.js';
export { remapEmbeddings, Vocabulary } from './internal/vocabulary/vocabulary.js';

const FAMILIES: Readonly<Record<string, Pick<VocabTrainingConfig, 'method' | 'specialTokens'>>> = {
  gpt: { method: 'bpe', specialTokens: ['<|endoftext|>'] },
  bert: { method: 'wordpiece', specialTokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] },
  t5: { method: 'unigram', specialTokens: ['<pad>', '</s>', '<unk>'] },
  llama: { method: 'bpe', specialTokens: ['<s>', '</s>', '<unk>'] },
};
const SIZES = [
  [1e5, 8000],
  [1e6, 16000],
  [1e7, 32000],
  [Number.POSITIVE_INFINITY, 50000],
] as const;

/** Ways to train a vocabulary. */
export const VocabTrainingMethod = { BPE: 'bpe', WORDPIECE: 'wordpiece', UNIGRAM: 'unigram', SENTENCEPIECE: 'sentencepiece' } as const;
export type VocabTrainingMethod = (typeof VocabTrainingMethod)[keyof typeof VocabTrainingMethod];

/** What decides the next merge. */
export const MergeStrategy = { FREQUENCY: 'frequency', PMI: 'pmi', BPE_DROPOUT: 'bpe_dropout' } as const;
export type MergeStrategy = (typeof MergeStrategy)[keyof typeof MergeStrategy];

/** Where special tokens are added. */
export const SpecialTokenPosition = { START: 'start', END: 'end', BOTH: 'both' } as const;
export type SpecialTokenPosition = (typeof SpecialTokenPosition)[keyof typeof SpecialTokenPosition];

/** Values of {@link VocabTrainingMethod}. */
export const VALID_VOCAB_TRAINING_METHODS: ReadonlySet<VocabTrainingMethod> = new Set(Object.values(VocabTrainingMethod));

/** Values of {@link MergeStrategy}. */
export const VALID_MERGE_STRATEGIES: ReadonlySet<MergeStrategy> = new Set(Object.values(MergeStrategy));

/** Values of {@link SpecialTokenPosition}. */
export const VALID_SPECIAL_TOKEN_POSITIONS: ReadonlySet<SpecialTokenPosition> = new Set(Object.values(SpecialTokenPosition));

/** How a vocabulary is trained. */
export interface VocabTrainingConfig {
  readonly method: VocabTrainingMethod;
  readonly vocabSize: number;
  /** Rarer tokens are left out. */
  readonly minFrequency: number;
  readonly specialTokens: readonly string[];
}

/** Defaults and rules of {@link VocabTrainingConfig}. */
export const VocabTrainingConfig: Definition<VocabTrainingConfig> = {
  name: 'VocabTrainingConfig',
  fields: {
    method: { kind: 'enum', of: VocabTrainingMethod, default: VocabTrainingMethod.BPE },
    vocabSize: { kind: 'int', default: 32000, positive: true },
    minFrequency: { kind: 'int', default: 2, min: 1 },
    specialTokens: { kind: 'array', of: { kind: 'string' }, default: ['<pad>', '<unk>', '<s>', '</s>'] },
  },
};

/** How tokens are merged. */
export interface MergeConfig {
  readonly strategy: MergeStrategy;
  readonly numMerges: number;
  /** Share of merges left out at encoding (Provilkov et al. 2020). */
  readonly dropoutRate: number;
}

/** Defaults and rules of {@link MergeConfig}. */
export const MergeConfig: Definition<MergeConfig> = {
  name: 'MergeConfig',
  fields: {
    strategy: { kind: 'enum', of: MergeStrategy, default: MergeStrategy.FREQUENCY },
    numMerges: { kind: 'int', default: 10000, positive: true },
    dropoutRate: { kind: 'float', default: 0.0, min: 0, max: 1 },
  },
};

/** Tokens with a meaning of their own. */
export interface SpecialTokensConfig {
  readonly pad: string;
  readonly unk: string;
  readonly bos: string;
  readonly eos: string;
  readonly mask: string;
  readonly additional: readonly string[];
}

/** Defaults and rules of {@link SpecialTokensConfig}. */
export const SpecialTokensConfig: Definition<SpecialTokensConfig> = {
  name: 'SpecialTokensConfig',
  fields: {
    pad: { kind: 'string', default: '<pad>', nonEmpty: true },
    unk: { kind: 'string', default: '<unk>', nonEmpty: true },
    bos: { kind: 'string', default: '<s>', nonEmpty: true },
    eos: { kind: 'string', default: '</s>', nonEmpty: true },
    mask: { kind: 'string', default: '<mask>', nonEmpty: true },
    additional: { kind: 'array', of: { kind: 'string' }, default: [] },
  },
};

/** What training came to. */
export interface VocabTrainingStats {
  readonly vocabSize: number;
  readonly numMerges: number;
  /** In percent. */
  readonly coverage: number;
  readonly avgTokenLength: number;
}

/** Defaults and rules of {@link VocabTrainingStats}. */
export const VocabTrainingStats: Definition<VocabTrainingStats> = {
  name: 'VocabTrainingStats',
  fields: {
    vocabSize: { kind: 'int', positive: true },
    numMerges: { kind: 'int', nonNegative: true },
    coverage: { kind: 'float', min: 0, max: 100 },
    avgTokenLength: { kind: 'float', positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateVocabTrainingConfig(config: VocabTrainingConfig): void {
  validate(VocabTrainingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMergeConfig(config: MergeConfig): void {
  validate(MergeConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSpecialTokensConfig(config: SpecialTokensConfig): void {
  validate(SpecialTokensConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateVocabTrainingStats(stats: VocabTrainingStats): void {
  validate(VocabTrainingStats, stats, 'stats');
}

/** Settles a {@link VocabTrainingConfig}. @throws {ValidationError} naming every broken rule */
export function createVocabTrainingConfig(options: Partial<VocabTrainingConfig> = {}): VocabTrainingConfig {
  return createFrom(VocabTrainingConfig, options);
}

/** Settles a {@link MergeConfig}. @throws {ValidationError} naming every broken rule */
export function createMergeConfig(options: Partial<MergeConfig> = {}): MergeConfig {
  return createFrom(MergeConfig, options);
}

/** Settles a {@link SpecialTokensConfig}. @throws {ValidationError} naming every broken rule */
export function createSpecialTokensConfig(options: Partial<SpecialTokensConfig> = {}): SpecialTokensConfig {
  return createFrom(SpecialTokensConfig, options);
}

/** Vocab training methods in ascending order. */
export function listVocabTrainingMethods(): VocabTrainingMethod[] {
  return valuesOf(VocabTrainingMethod);
}

/** @throws {ValidationError} naming the values of {@link VocabTrainingMethod} */
export function getVocabTrainingMethod(name: string): VocabTrainingMethod {
  return parseEnum(VocabTrainingMethod, name, 'name');
}

/** Merge strategies in ascending order. */
export function listMergeStrategies(): MergeStrategy[] {
  return valuesOf(MergeStrategy);
}

/** @throws {ValidationError} naming the values of {@link MergeStrategy} */
export function getMergeStrategy(name: string): MergeStrategy {
  return parseEnum(MergeStrategy, name, 'name');
}

/** Special token positions in ascending order. */
export function listSpecialTokenPositions(): SpecialTokenPosition[] {
  return valuesOf(SpecialTokenPosition);
}

/** @throws {ValidationError} naming the values of {@link SpecialTokenPosition} */
export function getSpecialTokenPosition(name: string): SpecialTokenPosition {
  return parseEnum(SpecialTokenPosition, name, 'name');
}

/**
 * Share of a corpus's words that a vocabulary holds, in percent: lowercased, split on white space; 0 without words.
 *
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.calculate_vocab_coverage(vocab, corpus)`; within 1e-12.
 * @example calculateVocabCoverage(['hello', 'world'], ['hello world']) // => 100
 */
export function calculateVocabCoverage(vocab: readonly string[], corpus: readonly string[]): number {
  const words = notNull(corpus, 'corpus').flatMap(text => splitWords(text.toLowerCase()));
  const known = new Set(notNull(vocab, 'vocab'));
  return words.length === 0 ? 0 : (words.filter(word => known.has(word)).length / words.length) * 100;
}

/**
 * Characters that a token stands for, at a guess: `0.6 · length · log₁₀(size + 1) / 4`, at least 1. {@link calculateCompressionRatio} of
 * `@gtc/preprocessing/tokenizer-training` measures it.
 *
 * @throws {ValidationError} unless vocabSize and avgWordLength are positive
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.estimate_compression_ratio(vocab_size, avg_word_length=)`; within 1e-12.
 * @example estimateCompressionRatio(35, { avgWordLength: 0.505468 }) // => 1
 */
export function estimateCompressionRatio(vocabSize: number, { avgWordLength = 5.0 }: { readonly avgWordLength?: number } = {}): number {
  allPositive({ vocabSize, avgWordLength });
  return Math.max(1, (avgWordLength * Math.log10(vocabSize + 1) * 0.6) / 4);
}

/**
 * Whether a vocabulary holds every special token, and those that it lacks.
 *
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.validate_special_tokens(tokens, vocab)`.
 * @example validateSpecialTokens([], ['hello', '<pad>']) // => [true, []]
 */
export function validateSpecialTokens(tokens: readonly string[], vocab: readonly string[]): [complete: boolean, missing: string[]] {
  const known = new Set(notNull(vocab, 'vocab'));
  const missing = notNull(tokens, 'tokens').filter(token => !known.has(token));
  return [missing.length === 0, missing];
}

/**
 * Worth of merging two tokens: how often they meet, or their pointwise mutual information `log₂(p(ab) / (p(a) · p(b)))`, 0 where one never occurs. BPE
 * dropout leaves merges out at encoding, so it scores as frequency.
 *
 * @throws {ValidationError} unless totalPairs is positive
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.calculate_merge_score(pair_frequency, left_frequency, right_frequency, total_pairs, strategy=)`;
 * within 1e-12.
 * @example calculateMergeScore(303, 1, 7, 1) // => 303
 */
export function calculateMergeScore(
  pairFrequency: number,
  leftFrequency: number,
  rightFrequency: number,
  totalPairs: number,
  { strategy = MergeStrategy.FREQUENCY }: { readonly strategy?: MergeStrategy } = {},
): number {
  allNonNegative({ pairFrequency, leftFrequency, rightFrequency });
  positive(totalPairs, 'totalPairs');
  if (strategy !== 'pmi') return pairFrequency;
  if (pairFrequency === 0 || leftFrequency === 0 || rightFrequency === 0) return 0;
  return Math.log2(pairFrequency / totalPairs / ((leftFrequency / totalPairs) * (rightFrequency / totalPairs)));
}

/**
 * What training came to, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.format_vocab_training_stats(stats)`; the same text.
 */
export function formatVocabTrainingStats(stats: VocabTrainingStats): string {
  const { vocabSize, numMerges, coverage, avgTokenLength } = notNull(stats, 'stats');
  return [
    'Vocabulary Statistics',
    '='.repeat(40),
    `Vocabulary size:      ${formatCount(vocabSize)}`,
    `Number of merges:     ${formatCount(numMerges)}`,
    `Coverage:             ${formatFixed(coverage, 1)}%`,
    `Avg token length:     ${formatFixed(avgTokenLength, 2)} chars`,
  ].join('\n');
}

/**
 * Method, special tokens and size for a model family and a corpus: 8000 tokens below 10⁵ texts, 16000 below 10⁶, 32000 below 10⁷, else 50000.
 *
 * @param modelType `gpt`, `bert`, `t5` or `llama`
 * @throws {ValidationError} unless corpusSize is positive, modelType is known
 * @remarks Python: `hf_gtc.preprocessing.vocabulary.get_recommended_vocab_config(model_type, corpus_size)`.
 * @example getRecommendedVocabConfig('gpt', 5_000_000) // => { method: 'bpe', vocabSize: 32000, minFrequency: 2, specialTokens: ['<|endoftext|>'] }
 */
export function getRecommendedVocabConfig(modelType: string, corpusSize: number): VocabTrainingConfig {
  const { method, specialTokens } = FAMILIES[oneOf(modelType, 'modelType', Object.keys(FAMILIES))]!;
  positive(corpusSize, 'corpusSize');
  const size = SIZES.find(([below]) => corpusSize < below)![1];
  return createFrom(VocabTrainingConfig, { method, vocabSize: size, specialTokens });
}

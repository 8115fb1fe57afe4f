/** Collators: padding and truncation of batches, and what they waste. Mirrors `hf_gtc.training.collators`. */
import { allPositive, createFrom, type Definition, formatFixed, nonEmpty, oneOf, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

export {
  type Batch,
  dataCollatorForLanguageModeling,
  dataCollatorForSeq2Seq,
  dataCollatorForTokenClassification,
  dataCollatorWithFlattening,
  dataCollatorWithPadding,
  defaultDataCollator,
  type Feature,
  type LabelPaddingOptions,
  type LanguageModelingOptions,
  type MaskingOptions,
  type PaddingOptions,
} from './internal/collators/collate.js';
export { type Packed, type PairTruncation, packSequences, truncatePair, truncateWithOverflow } from './internal/collators/pack.js';

/** How sequences of a batch get one length. */
export const PaddingStrategy = { LONGEST: 'longest', MAX_LENGTH: 'max_length', DO_NOT_PAD: 'do_not_pad' } as const;
export type PaddingStrategy = (typeof PaddingStrategy)[keyof typeof PaddingStrategy];

/** Which text of a pair is cut. */
export const TruncationStrategy = {
  LONGEST_FIRST: 'longest_first',
  ONLY_FIRST: 'only_first',
  ONLY_SECOND: 'only_second',
  DO_NOT_TRUNCATE: 'do_not_truncate',
} as const;
export type TruncationStrategy = (typeof TruncationStrategy)[keyof typeof TruncationStrategy];

/** Kinds of batches. */
export const CollatorType = { DEFAULT: 'default', LANGUAGE_MODELING: 'language_modeling', SEQ2SEQ: 'seq2seq', COMPLETION_ONLY: 'completion_only' } as const;
export type CollatorType = (typeof CollatorType)[keyof typeof CollatorType];

/** Where padding goes. */
export const PaddingSide = { LEFT: 'left', RIGHT: 'right' } as const;
export type PaddingSide = (typeof PaddingSide)[keyof typeof PaddingSide];

/** Values of {@link PaddingStrategy}. */
export const VALID_PADDING_STRATEGIES: ReadonlySet<PaddingStrategy> = new Set(Object.values(PaddingStrategy));

/** Values of {@link TruncationStrategy}. */
export const VALID_TRUNCATION_STRATEGIES: ReadonlySet<TruncationStrategy> = new Set(Object.values(TruncationStrategy));

/** Values of {@link CollatorType}. */
export const VALID_COLLATOR_TYPES: ReadonlySet<CollatorType> = new Set(Object.values(CollatorType));

/** Values of {@link PaddingSide}. */
export const VALID_PADDING_SIDES: ReadonlySet<PaddingSide> = new Set(Object.values(PaddingSide));

/** How a batch is padded. */
export interface PaddingConfig {
  readonly strategy: PaddingStrategy;
  readonly maxLength: number | null;
  readonly padToMultipleOf: number | null;
  readonly paddingSide: PaddingSide;
}

/** Defaults and rules of {@link PaddingConfig}. */
export const PaddingConfig: Definition<PaddingConfig> = {
  name: 'PaddingConfig',
  fields: {
    strategy: { kind: 'enum', of: PaddingStrategy, default: PaddingStrategy.LONGEST },
    maxLength: { kind: 'int', default: 512, nullable: true, positive: true },
    padToMultipleOf: { kind: 'int', default: 8, nullable: true, positive: true },
    paddingSide: { kind: 'enum', of: PaddingSide, default: PaddingSide.RIGHT },
  },
  rules: [({ strategy, maxLength }) => (strategy === 'max_length' && maxLength === null ? 'maxLength is required for max_length' : null)],
};

/** How long texts are cut. */
export interface TruncationConfig {
  readonly strategy: TruncationStrategy;
  readonly maxLength: number | null;
  /** Tokens that pieces share. */
  readonly stride: number;
}

/** Defaults and rules of {@link TruncationConfig}. */
export const TruncationConfig: Definition<TruncationConfig> = {
  name: 'TruncationConfig',
  fields: {
    strategy: { kind: 'enum', of: TruncationStrategy, default: TruncationStrategy.LONGEST_FIRST },
    maxLength: { kind: 'int', default: 512, nullable: true, positive: true },
    stride: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** How samples become a batch. */
export interface CollatorConfig {
  readonly collatorType: CollatorType;
  readonly paddingConfig: PaddingConfig;
  readonly truncationConfig: TruncationConfig;
  /** Share of the tokens that are masked. */
  readonly mlmProbability: number;
  readonly returnTensors: string | null;
}

/** Defaults and rules of {@link CollatorConfig}. */
export const CollatorConfig: Definition<CollatorConfig> = {
  name: 'CollatorConfig',
  fields: {
    collatorType: { kind: 'enum', of: CollatorType, default: CollatorType.DEFAULT },
    paddingConfig: { kind: 'config', of: PaddingConfig },
    truncationConfig: { kind: 'config', of: TruncationConfig },
    mlmProbability: { kind: 'float', default: 0, min: 0, max: 1 },
    returnTensors: { kind: 'string', default: 'pt', nullable: true, oneOf: ['pt', 'tf', 'np'] },
  },
};

/** What a batch wastes. */
export interface CollatorStats {
  readonly avgLength: number;
  readonly maxLength: number;
  readonly paddingRatio: number;
  readonly truncationRatio: number;
}

/** Defaults and rules of {@link CollatorStats}. */
export const CollatorStats: Definition<CollatorStats> = {
  name: 'CollatorStats',
  fields: {
    avgLength: { kind: 'float', default: 0, nonNegative: true },
    maxLength: { kind: 'int', default: 0, nonNegative: true },
    paddingRatio: { kind: 'float', default: 0, min: 0, max: 1 },
    truncationRatio: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validatePaddingConfig(config: PaddingConfig): void {
  validate(PaddingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTruncationConfig(config: TruncationConfig): void {
  validate(TruncationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCollatorConfig(config: CollatorConfig): void {
  validate(CollatorConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCollatorStats(stats: CollatorStats): void {
  validate(CollatorStats, stats, 'stats');
}

/** Settles a {@link PaddingConfig}. @throws {ValidationError} naming every broken rule */
export function createPaddingConfig(options: Partial<PaddingConfig> = {}): PaddingConfig {
  return createFrom(PaddingConfig, options);
}

/** Settles a {@link TruncationConfig}. @throws {ValidationError} naming every broken rule */
export function createTruncationConfig(options: Partial<TruncationConfig> = {}): TruncationConfig {
  return createFrom(TruncationConfig, options);
}

/** Settles a {@link CollatorStats}. @throws {ValidationError} naming every broken rule */
export function createCollatorStats(options: Partial<CollatorStats> = {}): CollatorStats {
  return createFrom(CollatorStats, options);
}

/** Padding strategies in ascending order. */
export function listPaddingStrategies(): PaddingStrategy[] {
  return valuesOf(PaddingStrategy);
}

/** Truncation strategies in ascending order. */
export function listTruncationStrategies(): TruncationStrategy[] {
  return valuesOf(TruncationStrategy);
}

/** Collator types in ascending order. */
export function listCollatorTypes(): CollatorType[] {
  return valuesOf(CollatorType);
}

/** Padding sides in ascending order. */
export function listPaddingSides(): PaddingSide[] {
  return valuesOf(PaddingSide);
}

/** @throws {ValidationError} naming the padding strategies */
export function getPaddingStrategy(name: string): PaddingStrategy {
  return parseEnum(PaddingStrategy, name, 'paddingStrategy');
}

/** @throws {ValidationError} naming the truncation strategies */
export function getTruncationStrategy(name: string): TruncationStrategy {
  return parseEnum(TruncationStrategy, name, 'truncationStrategy');
}

/** @throws {ValidationError} naming the collator types */
export function getCollatorType(name: string): CollatorType {
  return parseEnum(CollatorType, name, 'collatorType');
}

/** @throws {ValidationError} naming the padding sides */
export function getPaddingSide(name: string): PaddingSide {
  return parseEnum(PaddingSide, name, 'paddingSide');
}

/**
 * Settles how samples become a batch. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.collators.create_collator_config(collator_type=, padding_config=, truncation_config=, mlm_probability=, return_tensors=)`.
 */
export function createCollatorConfig({
  paddingConfig = null,
  truncationConfig = null,
  ...options
}: Partial<Omit<CollatorConfig, 'paddingConfig' | 'truncationConfig'>> & {
  readonly paddingConfig?: PaddingConfig | null;
  readonly truncationConfig?: TruncationConfig | null;
} = {}): CollatorConfig {
  return createFrom(CollatorConfig, {
    ...options,
    paddingConfig: paddingConfig ?? createPaddingConfig(),
    truncationConfig: truncationConfig ?? createTruncationConfig(),
  });
}

/** Share of a batch that is padding. */
function paddingShare(lengths: readonly number[], padded: number): number {
  const wasted = lengths.reduce((sum, length) => sum + Math.max(0, padded - length), 0);
  return padded > 0 ? wasted / (padded * lengths.length) : 0;
}

/**
 * Mean and greatest length of sequences, the share of padding, and, where the length before truncation is known, the share of sequences that are cut.
 *
 * @throws {ValidationError} for no sequences or a length that is not positive
 * @remarks Python: `hf_gtc.training.collators.calculate_padding_stats(sequence_lengths, padded_length, original_max_length=)`.
 * @example calculatePaddingStats([100, 200], 200).paddingRatio // => 0.25
 */
export function calculatePaddingStats(
  sequenceLengths: readonly number[],
  paddedLength: number,
  { originalMaxLength = null }: { readonly originalMaxLength?: number | null } = {},
): CollatorStats {
  const count = nonEmpty(sequenceLengths, 'sequenceLengths').length;
  positive(paddedLength, 'paddedLength');
  return createCollatorStats({
    avgLength: sequenceLengths.reduce((sum, length) => sum + length, 0) / count,
    maxLength: sequenceLengths.reduce((greatest, length) => Math.max(greatest, length)),
    paddingRatio: paddingShare(sequenceLengths, paddedLength),
    truncationRatio: originalMaxLength === null ? 0 : sequenceLengths.filter(length => length > paddedLength).length / count,
  });
}

/**
 * Memory of a batch, bytes: its hidden states, with activations three times as much again and a table of attention.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.training.collators.estimate_memory_per_batch(batch_size, sequence_length, hidden_size=, dtype_bytes=, include_activations=)`; exact.
 * @example estimateMemoryPerBatch(32, 4) // => 1574912
 */
export function estimateMemoryPerBatch(
  batchSize: number,
  sequenceLength: number,
  {
    hiddenSize = 768,
    dtypeBytes = 4,
    includeActivations = true,
  }: { readonly hiddenSize?: number; readonly dtypeBytes?: number; readonly includeActivations?: boolean } = {},
): number {
  allPositive({ batchSize, sequenceLength, hiddenSize, dtypeBytes });
  const states = batchSize * sequenceLength * hiddenSize * dtypeBytes;
  return includeActivations ? 4 * states + batchSize * sequenceLength ** 2 * dtypeBytes : states;
}

/**
 * Length for a batch: that of its longest sequence, rounded up to a multiple, at most what is allowed. The limit comes last and need not be a multiple.
 *
 * @returns the length and the share of padding
 * @throws {ValidationError} for no sequences or a limit that is not positive
 * @remarks Python: `hf_gtc.training.collators.optimize_batch_padding(sequence_lengths, max_allowed_length, pad_to_multiple_of=)`.
 * @example optimizeBatchPadding([381, 280], 86) // => [86, 0]
 */
export function optimizeBatchPadding(
  sequenceLengths: readonly number[],
  maxAllowedLength: number,
  { padToMultipleOf = 8 }: { readonly padToMultipleOf?: number | null } = {},
): readonly [length: number, paddingRatio: number] {
  nonEmpty(sequenceLengths, 'sequenceLengths');
  positive(maxAllowedLength, 'maxAllowedLength');
  const longest = sequenceLengths.reduce((greatest, length) => Math.max(greatest, length));
  const multiple = padToMultipleOf !== null && padToMultipleOf > 0 ? padToMultipleOf : 1;
  const length = Math.min(Math.ceil(longest / multiple) * multiple, maxAllowedLength);
  return [length, paddingShare(sequenceLengths, length)];
}

/** Sizes of a nested array or of a tensor, outermost first; nothing for other values. */
function shapeOf(value: unknown): readonly number[] {
  if (!Array.isArray(value)) return (value as { shape?: readonly number[] } | null)?.shape ?? [];
  return [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])];
}

function unexpected(message: string, parameter: string, expected: unknown): ValidationError {
  return new ValidationError(message, { parameter, expected: String(expected) });
}

/**
 * Checks a batch: that it has the keys, and that its tensors (arrays of rows, or anything with a `shape`) have the sizes that are expected.
 *
 * @returns true
 * @throws {ValidationError} naming what is missing or of the wrong size
 * @remarks Python: `hf_gtc.training.collators.validate_collator_output(batch, expected_keys=, expected_batch_size=, expected_sequence_length=)`; exact.
 * @example validateCollatorOutput({ input_ids: [[1, 2]] }, { expectedBatchSize: 1 }) // => true
 */
export function validateCollatorOutput(
  batch: Readonly<Record<string, unknown>>,
  {
    expectedKeys = null,
    expectedBatchSize = null,
    expectedSequenceLength = null,
  }: { readonly expectedKeys?: readonly string[] | null; readonly expectedBatchSize?: number | null; readonly expectedSequenceLength?: number | null } = {},
): true {
  nonEmpty(batch, 'batch');
  const missing = (expectedKeys ?? []).filter(key => !Object.hasOwn(batch, key));
  if (missing.length > 0) throw unexpected(`batch must have the expectedKeys ${missing.join(', ')}`, 'expectedKeys', missing);
  for (const [key, value] of Object.entries(batch)) {
    const shape = shapeOf(value);
    if (shape.length < 2) continue;
    if (expectedBatchSize !== null && shape[0] !== expectedBatchSize)
      throw unexpected(`${key} must have expectedBatchSize ${expectedBatchSize}, got ${shape[0]}`, 'expectedBatchSize', expectedBatchSize);
    if (expectedSequenceLength !== null && shape[1] !== expectedSequenceLength)
      throw unexpected(`${key} must have expectedSequenceLength ${expectedSequenceLength}, got ${shape[1]}`, 'expectedSequenceLength', expectedSequenceLength);
  }
  return true;
}

/**
 * What a batch wastes, as text.
 *
 * @remarks Python: `hf_gtc.training.collators.format_collator_stats(stats)`; the same text.
 */
export function formatCollatorStats(stats: CollatorStats): string {
  return [
    'Collator Stats:',
    `  Avg Length: ${formatFixed(stats.avgLength, 2)}`,
    `  Max Length: ${stats.maxLength}`,
    `  Padding: ${formatFixed(stats.paddingRatio * 100, 1)}%`,
    `  Truncation: ${formatFixed(stats.truncationRatio * 100, 1)}%`,
  ].join('\n');
}

/** Batches of text that goes on: padded on the left, cut at the end. */
const continued = (collatorType: CollatorType, maxLength: number): Parameters<typeof createCollatorConfig>[0] => ({
  collatorType,
  paddingConfig: createPaddingConfig({ maxLength, paddingSide: 'left' }),
  truncationConfig: createTruncationConfig({ strategy: 'only_first', maxLength }),
});

const RECOMMENDED: Readonly<Record<string, Parameters<typeof createCollatorConfig>[0]>> = {
  classification: {},
  causal_lm: continued('language_modeling', 2048),
  generation: continued('language_modeling', 2048),
  completion: continued('completion_only', 4096),
  masked_lm: { collatorType: 'language_modeling', paddingConfig: createPaddingConfig({ strategy: 'max_length' }), mlmProbability: 0.15 },
  seq2seq: { collatorType: 'seq2seq' },
};

/**
 * Settings that suit a task.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.training.collators.get_recommended_collator_config(task_type)`.
 * @example getRecommendedCollatorConfig('masked_lm').mlmProbability // => 0.15
 */
export function getRecommendedCollatorConfig(taskType: string): CollatorConfig {
  return createCollatorConfig(RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]);
}

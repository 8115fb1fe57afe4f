/** Quantization: its settings, the error that it makes, the memory that it saves, and samples to calibrate it. Mirrors `hf_gtc.inference.quantization`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  integer,
  nonEmpty,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Ways to quantize. */
export const QuantizationMethod = { GPTQ: 'gptq', AWQ: 'awq', GGUF: 'gguf', DYNAMIC: 'dynamic', STATIC: 'static', INT8: 'int8', INT4: 'int4' } as const;
export type QuantizationMethod = (typeof QuantizationMethod)[keyof typeof QuantizationMethod];

/** Ways to choose the range of a tensor. */
export const CalibrationStrategy = { MINMAX: 'minmax', PERCENTILE: 'percentile', MSE: 'mse', ENTROPY: 'entropy' } as const;
export type CalibrationStrategy = (typeof CalibrationStrategy)[keyof typeof CalibrationStrategy];

/** What shares a scale. */
export const QuantizationGranularity = { PER_TENSOR: 'per_tensor', PER_CHANNEL: 'per_channel', PER_GROUP: 'per_group' } as const;
export type QuantizationGranularity = (typeof QuantizationGranularity)[keyof typeof QuantizationGranularity];

/** Values of {@link QuantizationMethod}, by their text. */
export type QuantizationMethodStr = QuantizationMethod;

/** Values of {@link CalibrationStrategy}, by their text. */
export type CalibrationStrategyStr = CalibrationStrategy;

/** Values of {@link QuantizationGranularity}, by their text. */
export type QuantizationGranularityStr = QuantizationGranularity;

/** Block formats of GGUF. */
export type GGUFQuantTypeStr = 'q4_0' | 'q4_1' | 'q5_0' | 'q5_1' | 'q8_0' | 'q2_k' | 'q3_k' | 'q4_k' | 'q5_k' | 'q6_k';

/** Kernels of AWQ. */
export type AWQVersionStr = 'gemm' | 'gemv' | 'marlin';

/** Sizes of models. */
export type ModelSizeStr = 'small' | 'medium' | 'large' | 'xlarge';

/** Values of {@link QuantizationMethod}. */
export const VALID_QUANTIZATION_METHODS: ReadonlySet<QuantizationMethod> = new Set(Object.values(QuantizationMethod));

/** Values of {@link CalibrationStrategy}. */
export const VALID_CALIBRATION_STRATEGIES: ReadonlySet<CalibrationStrategy> = new Set(Object.values(CalibrationStrategy));

/** Values of {@link QuantizationGranularity}. */
export const VALID_QUANTIZATION_GRANULARITIES: ReadonlySet<QuantizationGranularity> = new Set(Object.values(QuantizationGranularity));

/** GPTQ (Frantar et al. 2022). */
export interface GPTQConfig {
  readonly bits: number;
  readonly groupSize: number;
  readonly dampPercent: number;
  /** Quantizes columns in the order of their activations. */
  readonly descAct: boolean;
}

/** Defaults and rules of {@link GPTQConfig}. */
export const GPTQConfig: Definition<GPTQConfig> = {
  name: 'GPTQConfig',
  fields: {
    bits: { kind: 'int', default: 4, oneOf: [4, 8] },
    groupSize: { kind: 'int', default: 128, positive: true },
    dampPercent: { kind: 'float', default: 0.01, min: 0, max: 1 },
    descAct: { kind: 'bool', default: true },
  },
};

/** AWQ (Lin et al. 2023). */
export interface AWQConfig {
  readonly bits: number;
  readonly groupSize: number;
  readonly zeroPoint: boolean;
  readonly version: AWQVersionStr;
}

/** Defaults and rules of {@link AWQConfig}. */
export const AWQConfig: Definition<AWQConfig> = {
  name: 'AWQConfig',
  fields: {
    bits: { kind: 'int', default: 4, oneOf: [4] },
    groupSize: { kind: 'int', default: 128, positive: true },
    zeroPoint: { kind: 'bool', default: true },
    version: { kind: 'string', default: 'gemm', oneOf: ['gemm', 'gemv', 'marlin'] },
  },
};

/** Quantization into a GGUF file. */
export interface GGUFConfig {
  readonly quantizationType: GGUFQuantTypeStr;
  readonly allowRequantize: boolean;
}

/** Defaults and rules of {@link GGUFConfig}. */
export const GGUFConfig: Definition<GGUFConfig> = {
  name: 'GGUFConfig',
  fields: {
    quantizationType: { kind: 'string', default: 'q4_0', oneOf: ['q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0', 'q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'] },
    allowRequantize: { kind: 'bool', default: false },
  },
};

/** How a model is quantized. */
export interface QuantizationConfig {
  readonly method: QuantizationMethod;
  readonly bits: number;
  readonly calibrationStrategy: CalibrationStrategy;
  readonly calibrationSamples: number;
  readonly granularity: QuantizationGranularity;
}

/** Defaults and rules of {@link QuantizationConfig}. */
export const QuantizationConfig: Definition<QuantizationConfig> = {
  name: 'QuantizationConfig',
  fields: {
    method: { kind: 'enum', of: QuantizationMethod, default: QuantizationMethod.DYNAMIC },
    bits: { kind: 'int', default: 8, oneOf: [2, 3, 4, 8, 16] },
    calibrationStrategy: { kind: 'enum', of: CalibrationStrategy, default: CalibrationStrategy.MINMAX },
    calibrationSamples: { kind: 'int', default: 128, positive: true },
    granularity: { kind: 'enum', of: QuantizationGranularity, default: QuantizationGranularity.PER_TENSOR },
  },
};

/** What quantization gained and cost. */
export interface QuantizationStats {
  readonly originalSizeMb: number;
  readonly quantizedSizeMb: number;
  readonly compressionRatio: number;
  readonly accuracyDrop: number;
}

/** Defaults and rules of {@link QuantizationStats}. */
export const QuantizationStats: Definition<QuantizationStats> = {
  name: 'QuantizationStats',
  fields: {
    originalSizeMb: { kind: 'float', positive: true },
    quantizedSizeMb: { kind: 'float', positive: true },
    compressionRatio: { kind: 'float', default: null, nullable: true, positive: true },
    accuracyDrop: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateGptqConfig(config: GPTQConfig): void {
  validate(GPTQConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAwqConfig(config: AWQConfig): void {
  validate(AWQConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGgufConfig(config: GGUFConfig): void {
  validate(GGUFConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQuantizationConfig(config: QuantizationConfig): void {
  validate(QuantizationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQuantizationStats(stats: QuantizationStats): void {
  validate(QuantizationStats, stats, 'stats');
}

/** Settles a {@link GPTQConfig}. @throws {ValidationError} naming every broken rule */
export function createGptqConfig(options: Partial<GPTQConfig> = {}): GPTQConfig {
  return createFrom(GPTQConfig, options);
}

/** Settles a {@link AWQConfig}. @throws {ValidationError} naming every broken rule */
export function createAwqConfig(options: Partial<AWQConfig> = {}): AWQConfig {
  return createFrom(AWQConfig, options);
}

/** Settles a {@link GGUFConfig}. @throws {ValidationError} naming every broken rule */
export function createGgufConfig(options: Partial<GGUFConfig> = {}): GGUFConfig {
  return createFrom(GGUFConfig, options);
}

/** Settles a {@link QuantizationConfig}. @throws {ValidationError} naming every broken rule */
export function createQuantizationConfig(options: Partial<QuantizationConfig> = {}): QuantizationConfig {
  return createFrom(QuantizationConfig, options);
}

/** Quantization methods in ascending order. */
export function listQuantizationMethods(): QuantizationMethod[] {
  return valuesOf(QuantizationMethod);
}

/** Calibration strategies in ascending order. */
export function listCalibrationStrategies(): CalibrationStrategy[] {
  return valuesOf(CalibrationStrategy);
}

/** Quantization granularities in ascending order. */
export function listQuantizationGranularities(): QuantizationGranularity[] {
  return valuesOf(QuantizationGranularity);
}

/** @throws {ValidationError} naming the quantization methods */
export function getQuantizationMethod(name: string): QuantizationMethod {
  return parseEnum(QuantizationMethod, name, 'quantizationMethod');
}

/** @throws {ValidationError} naming the calibration strategies */
export function getCalibrationStrategy(name: string): CalibrationStrategy {
  return parseEnum(CalibrationStrategy, name, 'calibrationStrategy');
}

/** @throws {ValidationError} naming the quantization granularities */
export function getQuantizationGranularity(name: string): QuantizationGranularity {
  return parseEnum(QuantizationGranularity, name, 'quantizationGranularity');
}

/**
 * Settles what quantization gained; the ratio is that of the sizes unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.quantization.create_quantization_stats(original_size_mb, quantized_size_mb, compression_ratio=, accuracy_drop=)`.
 */
export function createQuantizationStats(
  originalSizeMb: number,
  quantizedSizeMb: number,
  { compressionRatio = null, accuracyDrop = 0 }: { readonly compressionRatio?: number | null; readonly accuracyDrop?: number } = {},
): QuantizationStats {
  return createFrom(QuantizationStats, {
    originalSizeMb,
    quantizedSizeMb,
    compressionRatio: compressionRatio ?? originalSizeMb / quantizedSizeMb,
    accuracyDrop,
  });
}

/**
 * How far quantized values are from the originals: mean square (`mse`), mean absolute (`mae`) or greatest (`max`) difference.
 *
 * @throws {ValidationError} for no values
 * @throws {ShapeError} for different counts of values
 * @remarks Python: `hf_gtc.inference.quantization.calculate_quantization_error(original_values, quantized_values, error_type=)`; within 1e-12.
 * @example calculateQuantizationError([4, 5, 3], [5, 3, 2]) // => 2
 */
export function calculateQuantizationError(
  originalValues: readonly number[],
  quantizedValues: readonly number[],
  { errorType = 'mse' }: { readonly errorType?: 'mse' | 'mae' | 'max' } = {},
): number {
  nonEmpty(originalValues, 'originalValues');
  const count = sameLength({ originalValues, quantizedValues });
  const errors = originalValues.map((value, index) => Math.abs(value - quantizedValues[index]!));
  if (errorType === 'mse') return errors.reduce((sum, error) => sum + error ** 2, 0) / count;
  if (errorType === 'mae') return errors.reduce((sum, error) => sum + error, 0) / count;
  return errors.reduce((greatest, error) => Math.max(greatest, error), 0);
}

/**
 * Memory of weights before and after, MiB.
 *
 * @throws {ValidationError} for counts that are not positive
 * @remarks Python: `hf_gtc.inference.quantization.estimate_memory_savings(original_bits, quantized_bits, model_params)`.
 * @example estimateMemorySavings(8, 8, 8) // => [7.62939453125e-06, 7.62939453125e-06]
 */
export function estimateMemorySavings(originalBits: number, quantizedBits: number, modelParams: number): readonly [original: number, quantized: number] {
  allPositive({ originalBits, quantizedBits, modelParams });
  const size = (bits: number): number => (modelParams * bits) / 8 / 1024 ** 2;
  return [size(originalBits), size(quantizedBits)];
}

/** Bits of a weight by format, as the original rounds them; a block of Q2_K takes 2.625, of Q3_K 3.4375 and of Q6_K 6.5625. */
const BITS_PER_WEIGHT: Readonly<Record<string, number>> = {
  fp32: 32,
  fp16: 16,
  bf16: 16,
  int8: 8,
  int4: 4,
  q4_0: 4.5,
  q4_1: 5,
  q5_0: 5.5,
  q5_1: 6,
  q8_0: 8.5,
  q2_k: 2.5,
  q3_k: 3.4,
  q4_k: 4.5,
  q5_k: 5.5,
  q6_k: 6.5,
  gptq_4bit: 4,
  gptq_8bit: 8,
  awq_4bit: 4,
};

/**
 * Bits that a weight takes with its share of scales.
 *
 * @throws {ValidationError} naming the formats that are known
 * @remarks Python: `hf_gtc.inference.quantization.calculate_bits_per_weight(quantization_type)`; within 1e-12.
 * @example calculateBitsPerWeight('int8') // => 8
 */
export function calculateBitsPerWeight(quantizationType: string): number {
  return BITS_PER_WEIGHT[oneOf(quantizationType, 'quantizationType', Object.keys(BITS_PER_WEIGHT))]!;
}

/**
 * Indices of samples to calibrate with, none twice, from the linear congruential generator of C's `rand`. Where the size of the set is a power of two its low
 * bits repeat in a fixed order, so the sample is not random; `@gtc/tensor` has permutations that are.
 *
 * @throws {ValidationError} for counts that are not positive integers or more samples than there are
 * @remarks Python: `hf_gtc.inference.quantization.select_calibration_data(dataset_size, target_samples, seed=)`.
 * @example selectCalibrationData(10, 1) // => [7]
 */
export function selectCalibrationData(datasetSize: number, targetSamples: number, { seed = 42 }: { readonly seed?: number } = {}): number[] {
  positive(integer(datasetSize, 'datasetSize'), 'datasetSize');
  positive(integer(targetSamples, 'targetSamples'), 'targetSamples');
  if (targetSamples > datasetSize)
    throw new ValidationError(`targetSamples must be at most datasetSize (${datasetSize}), got ${targetSamples}`, {
      parameter: 'targetSamples',
      received: targetSamples,
      expected: `at most ${datasetSize}`,
    });
  const chosen = new Set<number>();
  let state = Number(BigInt.asUintN(31, BigInt(integer(seed, 'seed'))));
  while (chosen.size < targetSamples) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    chosen.add(state % datasetSize);
  }
  return [...chosen];
}

/**
 * What quantization gained and cost, as text.
 *
 * @remarks Python: `hf_gtc.inference.quantization.format_quantization_stats(stats)`; the same text.
 */
export function formatQuantizationStats(stats: QuantizationStats): string {
  return [
    `Original Size: ${formatFixed(stats.originalSizeMb, 2)} MB`,
    `Quantized Size: ${formatFixed(stats.quantizedSizeMb, 2)} MB`,
    `Compression Ratio: ${formatFixed(stats.compressionRatio, 2)}x`,
    `Accuracy Drop: ${formatFixed(stats.accuracyDrop, 2)}%`,
  ].join('\n');
}

const PER_CHANNEL: Partial<QuantizationConfig> = { method: 'int8', granularity: 'per_channel' };
const GPTQ: Partial<QuantizationConfig> = { method: 'gptq', bits: 4, calibrationStrategy: 'entropy', calibrationSamples: 256, granularity: 'per_group' };
const MOBILE: Partial<QuantizationConfig> = { method: 'int4', bits: 4, calibrationStrategy: 'percentile', calibrationSamples: 256, granularity: 'per_group' };

/** Settings by device for models up to `medium` and beyond. */
const RECOMMENDED: Readonly<Record<string, Readonly<Record<ModelSizeStr, Partial<QuantizationConfig>>>>> = {
  cpu: { small: {}, medium: {}, large: { ...PER_CHANNEL, calibrationSamples: 256 }, xlarge: { ...PER_CHANNEL, calibrationSamples: 256 } },
  gpu: { small: {}, medium: PER_CHANNEL, large: GPTQ, xlarge: GPTQ },
  mobile: { small: MOBILE, medium: MOBILE, large: MOBILE, xlarge: MOBILE },
};

/**
 * Settings that suit a model and a device.
 *
 * @throws {ValidationError} naming the sizes or devices that are known
 * @remarks Python: `hf_gtc.inference.quantization.get_recommended_quantization_config(model_size, target_device=)`.
 * @example getRecommendedQuantizationConfig('large').method // => 'gptq'
 */
export function getRecommendedQuantizationConfig(
  modelSize: ModelSizeStr,
  { targetDevice = 'gpu' }: { readonly targetDevice?: 'cpu' | 'gpu' | 'mobile' } = {},
): QuantizationConfig {
  oneOf(modelSize, 'modelSize', Object.keys(RECOMMENDED.gpu!));
  return createQuantizationConfig(RECOMMENDED[oneOf(targetDevice, 'targetDevice', Object.keys(RECOMMENDED))]![modelSize]);
}

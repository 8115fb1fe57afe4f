/** Quantised weights: profiles, calibration and sizes. Mirrors `hf_gtc.deployment.quantization`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  isValueOf,
  notNull,
  oneOf,
  parseEnum,
  positive,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

export { QuantizationConfig, QuantizationType, QuantizedModel, Quantizer, quantizeModel, type Weights } from './internal/quantization/quantizer.js';

/** Methods. */
export const QuantMethod = { GPTQ: 'gptq', AWQ: 'awq', GGUF: 'gguf', BITSANDBYTES: 'bitsandbytes', DYNAMIC: 'dynamic', STATIC: 'static' } as const;
export type QuantMethod = (typeof QuantMethod)[keyof typeof QuantMethod];

/** How ranges are found. */
export const CalibrationMethod = { MINMAX: 'minmax', ENTROPY: 'entropy', PERCENTILE: 'percentile', MSE: 'mse' } as const;
export type CalibrationMethod = (typeof CalibrationMethod)[keyof typeof CalibrationMethod];

/** What shares a scale. */
export const QuantGranularity = { PER_TENSOR: 'per_tensor', PER_CHANNEL: 'per_channel', PER_GROUP: 'per_group' } as const;
export type QuantGranularity = (typeof QuantGranularity)[keyof typeof QuantGranularity];

/** How a model is quantised. */
export interface QuantProfile {
  readonly method: QuantMethod;
  readonly bits: number;
  readonly groupSize: number;
  /** Quantises columns with great activations first. */
  readonly descAct: boolean;
  readonly sym: boolean;
  readonly trueSequential: boolean;
}

/** Defaults and rules of {@link QuantProfile}. */
export const QuantProfile: Definition<QuantProfile> = {
  name: 'QuantProfile',
  fields: {
    method: { kind: 'enum', of: QuantMethod, default: QuantMethod.GPTQ },
    bits: { kind: 'int', default: 4, oneOf: [2, 3, 4, 8] },
    groupSize: { kind: 'int', default: 128, positive: true },
    descAct: { kind: 'bool', default: true },
    sym: { kind: 'bool', default: true },
    trueSequential: { kind: 'bool', default: true },
  },
};

/** The samples that ranges are found from. */
export interface CalibrationConfig {
  readonly method: CalibrationMethod;
  readonly numSamples: number;
  readonly sequenceLength: number;
  readonly batchSize: number;
}

/** Defaults and rules of {@link CalibrationConfig}. */
export const CalibrationConfig: Definition<CalibrationConfig> = {
  name: 'CalibrationConfig',
  fields: {
    method: { kind: 'enum', of: CalibrationMethod, default: CalibrationMethod.MINMAX },
    numSamples: { kind: 'int', default: 128, positive: true },
    sequenceLength: { kind: 'int', default: 2048, positive: true },
    batchSize: { kind: 'int', default: 1, positive: true },
  },
};

/** What a quantisation did. */
export interface QuantResult {
  readonly originalSizeMb: number;
  readonly quantizedSizeMb: number;
  readonly compressionRatio: number;
  readonly perplexityBefore: number | null;
  readonly perplexityAfter: number | null;
  /** In percent. */
  readonly perplexityDegradation: number | null;
}

/** Defaults and rules of {@link QuantResult}. */
export const QuantResult: Definition<QuantResult> = {
  name: 'QuantResult',
  fields: {
    originalSizeMb: { kind: 'float', positive: true },
    quantizedSizeMb: { kind: 'float', positive: true },
    compressionRatio: { kind: 'float' },
    perplexityBefore: { kind: 'float', default: null, nullable: true },
    perplexityAfter: { kind: 'float', default: null, nullable: true },
    perplexityDegradation: { kind: 'float', default: null, nullable: true },
  },
};

/** GPTQ (Frantar et al. 2022). */
export interface GPTQConfig {
  readonly bits: number;
  readonly groupSize: number;
  readonly descAct: boolean;
  readonly sym: boolean;
  /** Share of the mean diagonal that is added to the Hessian. */
  readonly dampPercent: number;
  readonly staticGroups: boolean;
}

/** Defaults and rules of {@link GPTQConfig}. */
export const GPTQConfig: Definition<GPTQConfig> = {
  name: 'GPTQConfig',
  fields: {
    bits: { kind: 'int', default: 4, oneOf: [4, 8] },
    groupSize: { kind: 'int', default: 128, positive: true },
    descAct: { kind: 'bool', default: true },
    sym: { kind: 'bool', default: true },
    dampPercent: { kind: 'float', default: 0.01 },
    staticGroups: { kind: 'bool', default: false },
  },
};

/** AWQ (Lin et al. 2023). */
export interface AWQConfig {
  readonly bits: number;
  readonly groupSize: number;
  readonly zeroPoint: boolean;
  readonly version: string;
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

/** @throws {ValidationError} naming every broken rule */
export function validateQuantProfile(profile: QuantProfile): void {
  validate(QuantProfile, profile, 'profile');
}

/** @throws {ValidationError} naming every broken rule */
export function validateCalibrationConfig(config: CalibrationConfig): void {
  validate(CalibrationConfig, config);
}

/** Settles a {@link QuantProfile}. @throws {ValidationError} naming every broken rule */
export function createQuantProfile(options: Partial<QuantProfile> = {}): QuantProfile {
  return createFrom(QuantProfile, options);
}

/** Settles a {@link CalibrationConfig}. @throws {ValidationError} naming every broken rule */
export function createCalibrationConfig(options: Partial<CalibrationConfig> = {}): CalibrationConfig {
  return createFrom(CalibrationConfig, options);
}

/** Settles a {@link GPTQConfig}. @throws {ValidationError} naming every broken rule */
export function createGptqConfig(options: Partial<GPTQConfig> = {}): GPTQConfig {
  return createFrom(GPTQConfig, options);
}

/** Settles a {@link AWQConfig}. @throws {ValidationError} naming every broken rule */
export function createAwqConfig(options: Partial<AWQConfig> = {}): AWQConfig {
  return createFrom(AWQConfig, options);
}

/** Quant methods in ascending order. */
export function listQuantMethods(): QuantMethod[] {
  return valuesOf(QuantMethod);
}

/** Whether the text is a value of {@link QuantMethod}. */
export function validateQuantMethod(method: string): boolean {
  return isValueOf(QuantMethod, method);
}

/** @throws {ValidationError} naming the values of {@link QuantMethod} */
export function getQuantMethod(name: string): QuantMethod {
  return parseEnum(QuantMethod, name, 'name');
}

/** Calibration methods in ascending order. */
export function listCalibrationMethods(): CalibrationMethod[] {
  return valuesOf(CalibrationMethod);
}

/** Whether the text is a value of {@link CalibrationMethod}. */
export function validateCalibrationMethod(method: string): boolean {
  return isValueOf(CalibrationMethod, method);
}

/** @throws {ValidationError} naming the values of {@link CalibrationMethod} */
export function getCalibrationMethod(name: string): CalibrationMethod {
  return parseEnum(CalibrationMethod, name, 'name');
}

/** Quant granularities in ascending order. */
export function listQuantGranularities(): QuantGranularity[] {
  return valuesOf(QuantGranularity);
}

/** Whether the text is a value of {@link QuantGranularity}. */
export function validateQuantGranularity(granularity: string): boolean {
  return isValueOf(QuantGranularity, granularity);
}

/** @throws {ValidationError} naming the values of {@link QuantGranularity} */
export function getQuantGranularity(name: string): QuantGranularity {
  return parseEnum(QuantGranularity, name, 'name');
}

/**
 * Settles a {@link QuantResult}; with both perplexities it has the degradation. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.quantization.create_quant_result(original_size_mb, quantized_size_mb, perplexity_before=, perplexity_after=)`.
 */
export function createQuantResult(
  originalSizeMb: number,
  quantizedSizeMb: number,
  { perplexityBefore = null, perplexityAfter = null }: { readonly perplexityBefore?: number | null; readonly perplexityAfter?: number | null } = {},
): QuantResult {
  const both = perplexityBefore !== null && perplexityAfter !== null;
  if (both) positive(perplexityBefore, 'perplexityBefore');
  return createFrom(QuantResult, {
    originalSizeMb,
    quantizedSizeMb,
    compressionRatio: originalSizeMb / quantizedSizeMb,
    perplexityBefore,
    perplexityAfter,
    perplexityDegradation: both ? ((perplexityAfter - perplexityBefore) / perplexityBefore) * 100 : null,
  });
}

/**
 * Size of the weights in 2²⁰ bytes, times an overhead for scales and zero points.
 *
 * @throws {ValidationError} unless bits is known, modelParams is positive
 * @remarks Python: `hf_gtc.deployment.quantization.estimate_quantized_size(model_params, bits=, overhead_factor=)`; within 1e-12.
 * @example estimateQuantizedSize(49545, { overheadFactor: 0 }) // => 0
 */
export function estimateQuantizedSize(
  modelParams: number,
  { bits = 4, overheadFactor = 1.1 }: { readonly bits?: number; readonly overheadFactor?: number } = {},
): number {
  positive(modelParams, 'modelParams');
  return ((modelParams * oneOf(bits, 'bits', [2, 3, 4, 8, 16, 32])) / 8 / 2 ** 20) * overheadFactor;
}

/**
 * How many times fewer bits a weight has.
 *
 * @throws {ValidationError} unless quantizedBits and originalBits are positive
 * @remarks Python: `hf_gtc.deployment.quantization.compute_compression_ratio(original_bits, quantized_bits)`; within 1e-12.
 * @example computeCompressionRatio(9, 1) // => 9
 */
export function computeCompressionRatio(originalBits: number, quantizedBits: number): number {
  allPositive({ originalBits, quantizedBits });
  return originalBits / quantizedBits;
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.quantization.get_gptq_dict(config)`.
 */
export function getGptqDict(config: GPTQConfig): GPTQConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.quantization.get_awq_dict(config)`.
 */
export function getAwqDict(config: AWQConfig): AWQConfig {
  return { ...notNull(config, 'config') };
}

/**
 * What a quantisation did, as text.
 *
 * @remarks Python: `hf_gtc.deployment.quantization.format_quant_result(result)`; the same text.
 */
export function formatQuantResult(result: QuantResult): string {
  notNull(result, 'result');
  const { originalSizeMb, quantizedSizeMb, compressionRatio, perplexityBefore, perplexityAfter, perplexityDegradation } = result;
  const row = (title: string, value: number | null, digits: number, unit = ''): string[] =>
    value === null ? [] : [`${title}: ${formatFixed(value, digits)}${unit}`];
  return [
    ...row('Original', originalSizeMb, 1, ' MB'),
    ...row('Quantized', quantizedSizeMb, 1, ' MB'),
    ...row('Compression', compressionRatio, 2, 'x'),
    ...row('Perplexity (before)', perplexityBefore, 2),
    ...row('Perplexity (after)', perplexityAfter, 2),
    ...row('Perplexity degradation', perplexityDegradation, 1, '%'),
  ].join('\n');
}

/**
 * A profile for a model of 7, 13 or 70 billion parameters (`7b` and so on): four bits, smaller groups for the largest.
 *
 * @throws {ValidationError} for another size
 * @remarks Python: `hf_gtc.deployment.quantization.get_recommended_profile(model_size)`.
 */
export function getRecommendedProfile(modelSize: string): QuantProfile {
  const size = notNull(modelSize, 'modelSize').toLowerCase().replace(/b$/, '');
  if (!['7', '13', '70'].includes(size))
    throw new ValidationError(`modelSize must be one of 7b, 13b, 70b, got '${modelSize}': unrecognized model size`, {
      parameter: 'modelSize',
      received: modelSize,
    });
  return createFrom(QuantProfile, { groupSize: size === '70' ? 64 : 128 });
}

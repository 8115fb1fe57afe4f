/** Loading a model in fewer bits: settings and sizes. Mirrors `hf_gtc.deployment.optimization`. */
import { allPositive, type Definition, notNull, parseEnum, positive, valuesOf } from '@gtc/errors';

const BYTES: Readonly<Record<QuantizationType, number>> = { none: 4, fp16: 2, bf16: 2, int8: 1, int4: 0.5 };

/** Type of the weights, or of the computation where they are quantised. */
const DTYPE: Readonly<Record<QuantizationType, string>> = { none: 'float32', fp16: 'float16', bf16: 'bfloat16', int8: 'float16', int4: 'float16' };

/** Precision of loaded weights. */
export const QuantizationType = { INT8: 'int8', INT4: 'int4', FP16: 'fp16', BF16: 'bf16', NONE: 'none' } as const;
export type QuantizationType = (typeof QuantizationType)[keyof typeof QuantizationType];

/** Values of {@link QuantizationType}. */
export const VALID_QUANTIZATION_TYPES: ReadonlySet<QuantizationType> = new Set(Object.values(QuantizationType));

/** How weights are loaded. */
export interface QuantizationConfig {
  readonly quantizationType: QuantizationType;
  readonly loadIn8bit: boolean;
  readonly loadIn4bit: boolean;
  readonly torchDtype: string;
  readonly deviceMap: string;
}

/** Defaults and rules of {@link QuantizationConfig}. */
export const QuantizationConfig: Definition<QuantizationConfig> = {
  name: 'QuantizationConfig',
  fields: {
    quantizationType: { kind: 'enum', of: QuantizationType },
    loadIn8bit: { kind: 'bool' },
    loadIn4bit: { kind: 'bool' },
    torchDtype: { kind: 'string' },
    deviceMap: { kind: 'string' },
  },
};

/** Sizes before and after. */
export interface OptimizationResult {
  /** In 2²⁰ bytes, 32-bit. */
  readonly originalSizeMb: number;
  readonly optimizedSizeMb: number;
  readonly compressionRatio: number;
  readonly quantizationType: QuantizationType;
}

/** Defaults and rules of {@link OptimizationResult}. */
export const OptimizationResult: Definition<OptimizationResult> = {
  name: 'OptimizationResult',
  fields: {
    originalSizeMb: { kind: 'float' },
    optimizedSizeMb: { kind: 'float' },
    compressionRatio: { kind: 'float' },
    quantizationType: { kind: 'enum', of: QuantizationType },
  },
};

/** Quantization types in ascending order. */
export function listQuantizationTypes(): QuantizationType[] {
  return valuesOf(QuantizationType);
}

/**
 * Settings for a precision.
 *
 * @throws {ValidationError} for an unknown precision
 * @remarks Python: `hf_gtc.deployment.optimization.get_quantization_config(quantization_type, device_map=)`.
 */
export function getQuantizationConfig(quantizationType: string, { deviceMap = 'auto' }: { readonly deviceMap?: string } = {}): QuantizationConfig {
  const type = parseEnum(QuantizationType, quantizationType, 'quantizationType');
  return { quantizationType: type, loadIn8bit: type === 'int8', loadIn4bit: type === 'int4', torchDtype: DTYPE[type], deviceMap };
}

/**
 * Size of the weights in 2²⁰ bytes.
 *
 * @throws {ValidationError} unless quantizationType is known, numParameters is positive
 * @remarks Python: `hf_gtc.deployment.optimization.estimate_model_size(num_parameters, quantization_type=)`; within 1e-12.
 */
export function estimateModelSize(numParameters: number, { quantizationType = 'none' }: { readonly quantizationType?: string } = {}): number {
  const type = parseEnum(QuantizationType, quantizationType, 'quantizationType');
  return (positive(numParameters, 'numParameters') * BYTES[type]) / 2 ** 20;
}

/**
 * How many times smaller a model has become.
 *
 * @throws {ValidationError} unless optimizedSize and originalSize are positive
 * @remarks Python: `hf_gtc.deployment.optimization.calculate_compression_ratio(original_size, optimized_size)`; within 1e-12.
 * @example calculateCompressionRatio(200, 100) // => 2
 */
export function calculateCompressionRatio(originalSize: number, optimizedSize: number): number {
  allPositive({ originalSize, optimizedSize });
  return originalSize / optimizedSize;
}

/**
 * Sizes of a model at 32 bits and at a precision.
 *
 * @throws {ValidationError} unless numParameters is positive, quantizationType is known
 * @remarks Python: `hf_gtc.deployment.optimization.get_optimization_result(num_parameters, quantization_type)`.
 */
export function getOptimizationResult(numParameters: number, quantizationType: string): OptimizationResult {
  const originalSizeMb = estimateModelSize(numParameters);
  const optimizedSizeMb = estimateModelSize(numParameters, { quantizationType });
  return {
    originalSizeMb,
    optimizedSizeMb,
    compressionRatio: originalSizeMb / optimizedSizeMb,
    quantizationType: parseEnum(QuantizationType, quantizationType, 'quantizationType'),
  };
}

/** What a loader of models takes. */
export interface ModelLoadingOptions {
  readonly deviceMap: string;
  readonly loadIn8bit?: true;
  readonly loadIn4bit?: true;
  readonly torchDtype?: string;
}

/**
 * Options for a loader: the quantised loading that the settings ask for, else the type of the weights.
 *
 * @remarks Python: `hf_gtc.deployment.optimization.get_model_loading_kwargs(config)`.
 */
export function getModelLoadingKwargs(config: QuantizationConfig): ModelLoadingOptions {
  const { deviceMap, loadIn8bit, loadIn4bit, torchDtype } = notNull(config, 'config');
  if (loadIn8bit) return { deviceMap, loadIn8bit };
  return loadIn4bit ? { deviceMap, loadIn4bit } : { deviceMap, torchDtype };
}

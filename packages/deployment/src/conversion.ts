/** Conversion between model formats: which are possible, and what they cost in size, time and precision. Mirrors `hf_gtc.deployment.conversion`. */
import { createFrom, type Definition, formatFixed, notNull, oneOf, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

const BYTES: Readonly<Record<ConversionPrecision, number>> = { fp32: 4, fp16: 2, bf16: 2, int8: 1, int4: 0.5 };

/** What a format can become. */
const TARGETS: Readonly<Record<ModelFormat, readonly ModelFormat[]>> = {
  huggingface: ['safetensors', 'gguf', 'onnx', 'torchscript', 'tflite'],
  safetensors: ['huggingface', 'gguf', 'onnx', 'torchscript'],
  gguf: ['huggingface'],
  onnx: ['tflite'],
  torchscript: ['onnx'],
  tflite: [],
};

const LOSS: Readonly<Record<ConversionPrecision, Readonly<Partial<Record<ConversionPrecision, number>>>>> = {
  fp32: { fp16: 0.1, bf16: 0.1, int8: 1, int4: 5 },
  fp16: { int8: 0.9, int4: 4.9 },
  bf16: { int8: 0.9, int4: 4.9 },
  int8: { int4: 3 },
  int4: {},
};

/** Seconds for a billion parameters from one format to another; 2 for others. */
const SECONDS: Readonly<Record<string, number>> = {
  'huggingface safetensors': 1,
  'huggingface gguf': 5,
  'huggingface onnx': 3,
  'huggingface torchscript': 2,
  'huggingface tflite': 4,
  'safetensors huggingface': 1,
  'safetensors gguf': 5,
};

/** Formats of models. */
export const ModelFormat = {
  HUGGINGFACE: 'huggingface',
  SAFETENSORS: 'safetensors',
  GGUF: 'gguf',
  ONNX: 'onnx',
  TORCHSCRIPT: 'torchscript',
  TFLITE: 'tflite',
} as const;
export type ModelFormat = (typeof ModelFormat)[keyof typeof ModelFormat];

/** Precision of weights. */
export const ConversionPrecision = { FP32: 'fp32', FP16: 'fp16', BF16: 'bf16', INT8: 'int8', INT4: 'int4' } as const;
export type ConversionPrecision = (typeof ConversionPrecision)[keyof typeof ConversionPrecision];

/** How a model is cut into files. */
export const ShardingStrategy = { NONE: 'none', LAYER: 'layer', TENSOR: 'tensor', HYBRID: 'hybrid' } as const;
export type ShardingStrategy = (typeof ShardingStrategy)[keyof typeof ShardingStrategy];

/** Values of {@link ModelFormat}. */
export const VALID_MODEL_FORMATS: ReadonlySet<ModelFormat> = new Set(Object.values(ModelFormat));

/** Values of {@link ConversionPrecision}. */
export const VALID_CONVERSION_PRECISIONS: ReadonlySet<ConversionPrecision> = new Set(Object.values(ConversionPrecision));

/** Values of {@link ShardingStrategy}. */
export const VALID_SHARDING_STRATEGIES: ReadonlySet<ShardingStrategy> = new Set(Object.values(ShardingStrategy));

/** A conversion. */
export interface ConversionConfig {
  readonly sourceFormat: ModelFormat;
  readonly targetFormat: ModelFormat;
  readonly precision: ConversionPrecision;
  readonly shardSizeGb: number;
}

/** Defaults and rules of {@link ConversionConfig}. */
export const ConversionConfig: Definition<ConversionConfig> = {
  name: 'ConversionConfig',
  fields: {
    sourceFormat: { kind: 'enum', of: ModelFormat },
    targetFormat: { kind: 'enum', of: ModelFormat },
    precision: { kind: 'enum', of: ConversionPrecision, default: ConversionPrecision.FP16 },
    shardSizeGb: { kind: 'float', default: 5.0, positive: true },
  },
  rules: [
    ({ sourceFormat, targetFormat }) =>
      sourceFormat === targetFormat ? `source and target formats (sourceFormat, targetFormat) cannot be the same, got ${sourceFormat}` : null,
  ],
};

/** A conversion to GGUF. */
export interface GGUFConversionConfig {
  readonly quantizationType: string;
  readonly useMmap: boolean;
  readonly vocabOnly: boolean;
}

/** Defaults and rules of {@link GGUFConversionConfig}. */
export const GGUFConversionConfig: Definition<GGUFConversionConfig> = {
  name: 'GGUFConversionConfig',
  fields: {
    quantizationType: { kind: 'string', default: 'q4_k_m', nonEmpty: true },
    useMmap: { kind: 'bool', default: true },
    vocabOnly: { kind: 'bool', default: false },
  },
};

/** A conversion to safetensors. */
export interface SafeTensorsConversionConfig {
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Bytes. */
  readonly shardSize: number;
  readonly strict: boolean;
}

/** Defaults and rules of {@link SafeTensorsConversionConfig}. */
export const SafeTensorsConversionConfig: Definition<SafeTensorsConversionConfig> = {
  name: 'SafeTensorsConversionConfig',
  fields: {
    metadata: { kind: 'record', of: { kind: 'string' }, default: null, nullable: true },
    shardSize: { kind: 'int', default: 5000000000, positive: true },
    strict: { kind: 'bool', default: true },
  },
};

/** What a conversion did. */
export interface ConversionStats {
  readonly originalSizeMb: number;
  readonly convertedSizeMb: number;
  readonly conversionTimeSeconds: number;
  /** In percent. */
  readonly precisionLoss: number;
}

/** Defaults and rules of {@link ConversionStats}. */
export const ConversionStats: Definition<ConversionStats> = {
  name: 'ConversionStats',
  fields: {
    originalSizeMb: { kind: 'float', positive: true },
    convertedSizeMb: { kind: 'float', positive: true },
    conversionTimeSeconds: { kind: 'float', nonNegative: true },
    precisionLoss: { kind: 'float', nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateConversionConfig(config: ConversionConfig): void {
  validate(ConversionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGgufConversionConfig(config: GGUFConversionConfig): void {
  validate(GGUFConversionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSafetensorsConversionConfig(config: SafeTensorsConversionConfig): void {
  validate(SafeTensorsConversionConfig, config);
}

/** Settles a {@link ConversionConfig}. @throws {ValidationError} naming every broken rule */
export function createConversionConfig(
  sourceFormat: ConversionConfig['sourceFormat'],
  targetFormat: ConversionConfig['targetFormat'],
  options: Partial<Omit<ConversionConfig, 'sourceFormat' | 'targetFormat'>> = {},
): ConversionConfig {
  return createFrom(ConversionConfig, { ...options, sourceFormat, targetFormat });
}

/** Settles a {@link GGUFConversionConfig}. @throws {ValidationError} naming every broken rule */
export function createGgufConversionConfig(options: Partial<GGUFConversionConfig> = {}): GGUFConversionConfig {
  return createFrom(GGUFConversionConfig, options);
}

/** Settles a {@link SafeTensorsConversionConfig}. @throws {ValidationError} naming every broken rule */
export function createSafetensorsConversionConfig(options: Partial<SafeTensorsConversionConfig> = {}): SafeTensorsConversionConfig {
  return createFrom(SafeTensorsConversionConfig, options);
}

/** Model formats in ascending order. */
export function listModelFormats(): ModelFormat[] {
  return valuesOf(ModelFormat);
}

/** Conversion precisions in ascending order. */
export function listConversionPrecisions(): ConversionPrecision[] {
  return valuesOf(ConversionPrecision);
}

/** Sharding strategies in ascending order. */
export function listShardingStrategies(): ShardingStrategy[] {
  return valuesOf(ShardingStrategy);
}

/** @throws {ValidationError} naming the values of {@link ModelFormat} */
export function getModelFormat(name: string): ModelFormat {
  return parseEnum(ModelFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ConversionPrecision} */
export function getConversionPrecision(name: string): ConversionPrecision {
  return parseEnum(ConversionPrecision, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ShardingStrategy} */
export function getShardingStrategy(name: string): ShardingStrategy {
  return parseEnum(ShardingStrategy, name, 'name');
}

/** Settles a {@link ConversionStats}. @throws {ValidationError} naming every broken rule */
export function createConversionStats(
  originalSizeMb: ConversionStats['originalSizeMb'],
  convertedSizeMb: ConversionStats['convertedSizeMb'],
  conversionTimeSeconds: ConversionStats['conversionTimeSeconds'],
  precisionLoss: ConversionStats['precisionLoss'],
): ConversionStats {
  return createFrom(ConversionStats, { originalSizeMb, convertedSizeMb, conversionTimeSeconds, precisionLoss });
}

/**
 * Size of the converted model in 2²⁰ bytes, with 5 % for metadata; the source does not matter.
 *
 * @throws {ValidationError} unless modelParams is positive
 * @remarks Python: `hf_gtc.deployment.conversion.estimate_converted_size(model_params, source_precision, target_precision)`; within 1e-12.
 * @example estimateConvertedSize(1048576, 'fp32', 'fp16') // => 2.1
 */
export function estimateConvertedSize(modelParams: number, sourcePrecision: ConversionPrecision, targetPrecision: ConversionPrecision): number {
  parseEnum(ConversionPrecision, sourcePrecision, 'sourcePrecision');
  return (positive(modelParams, 'modelParams') * BYTES[parseEnum(ConversionPrecision, targetPrecision, 'targetPrecision')] * 1.05) / 2 ** 20;
}

/**
 * Whether a format can become another.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.validate_format_compatibility(source_format, target_format)`.
 * @example validateFormatCompatibility('torchscript', 'onnx') // => true
 */
export function validateFormatCompatibility(sourceFormat: ModelFormat, targetFormat: ModelFormat): boolean {
  return TARGETS[sourceFormat].includes(targetFormat);
}

/**
 * Loss of quality in percent that a change of precision usually brings; none upwards.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.calculate_precision_loss(source_precision, target_precision)`; within 1e-12.
 * @example calculatePrecisionLoss('int8', 'int4') // => 3
 */
export function calculatePrecisionLoss(sourcePrecision: ConversionPrecision, targetPrecision: ConversionPrecision): number {
  return LOSS[sourcePrecision][targetPrecision] ?? 0;
}

/**
 * Seconds of a conversion: for each billion parameters a factor of the two formats and one of the precision.
 *
 * @throws {ValidationError} unless modelParams is positive
 * @remarks Python: `hf_gtc.deployment.conversion.estimate_conversion_time(model_params, source_format, target_format, target_precision=)`; within 1e-12.
 * @example estimateConversionTime(425, 'onnx', 'huggingface') // => 8.5e-07
 */
export function estimateConversionTime(
  modelParams: number,
  sourceFormat: ModelFormat,
  targetFormat: ModelFormat,
  { targetPrecision = ConversionPrecision.FP16 }: { readonly targetPrecision?: ConversionPrecision } = {},
): number {
  const factor = SECONDS[`${sourceFormat} ${targetFormat}`] ?? 2;
  return (positive(modelParams, 'modelParams') / 1e9) * factor * (targetPrecision === 'int4' ? 2 : targetPrecision === 'int8' ? 1.5 : 1);
}

/**
 * What a conversion did, as text.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.format_conversion_stats(stats)`; the same text.
 */
export function formatConversionStats(stats: ConversionStats): string {
  notNull(stats, 'stats');
  const { originalSizeMb, convertedSizeMb, conversionTimeSeconds, precisionLoss } = stats;
  return [
    `Original size: ${formatFixed(originalSizeMb, 1)} MB`,
    `Converted size: ${formatFixed(convertedSizeMb, 1)} MB`,
    `Compression ratio: ${formatFixed(originalSizeMb / convertedSizeMb, 2)}x`,
    `Conversion time: ${formatFixed(conversionTimeSeconds, 1)}s`,
    `Precision loss: ${formatFixed(precisionLoss, 2)}%`,
  ].join('\n');
}

/**
 * A conversion from the hub's format for a size (`7b`, `13b`, `70b`) and an aim (`balanced`, `quality`, `size`, `speed`).
 *
 * @throws {ValidationError} for another size, format or aim
 * @remarks Python: `hf_gtc.deployment.conversion.get_recommended_conversion_config(model_size, target_format, optimize_for=)`.
 */
export function getRecommendedConversionConfig(
  modelSize: string,
  targetFormat: ModelFormat,
  { optimizeFor = 'balanced' }: { readonly optimizeFor?: string } = {},
): ConversionConfig {
  const target = parseEnum(ModelFormat, targetFormat, 'targetFormat (model format)');
  oneOf(optimizeFor, 'optimizeFor', ['balanced', 'quality', 'size', 'speed']);
  const size = notNull(modelSize, 'modelSize').toLowerCase().replace(/b$/, '');
  if (!['7', '13', '70'].includes(size))
    throw new ValidationError(`modelSize must be one of 7b, 13b, 70b, got '${modelSize}': unrecognized model size`, {
      parameter: 'modelSize',
      received: modelSize,
    });
  const small = target === 'gguf' ? 'int4' : 'int8';
  const precision = optimizeFor === 'quality' ? 'fp32' : optimizeFor === 'size' ? small : 'fp16';
  return createFrom(ConversionConfig, { sourceFormat: 'huggingface', targetFormat: target, precision, shardSizeGb: size === '70' ? 10 : 5 });
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.get_conversion_config_dict(config)`.
 */
export function getConversionConfigDict(config: ConversionConfig): ConversionConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.get_gguf_conversion_config_dict(config)`.
 */
export function getGgufConversionConfigDict(config: GGUFConversionConfig): GGUFConversionConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.conversion.get_safetensors_conversion_config_dict(config)`.
 */
export function getSafetensorsConversionConfigDict(config: SafeTensorsConversionConfig): SafeTensorsConversionConfig {
  return { ...notNull(config, 'config') };
}

/** TensorFlow Lite: conversion settings, delegates and sizes. Mirrors `hf_gtc.deployment.tflite`. */
import { allPositive, createFrom, type Definition, formatFixed, inRange, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

const BYTES: Readonly<Record<TFLiteQuantization, number>> = { none: 4, float16: 2, dynamic: 1.5, full_integer: 1 };

const megabytes = (bytes: number): string => formatFixed(bytes / 2 ** 20, 2);

interface Aims {
  readonly balanced: TFLiteQuantization;
  readonly size: TFLiteQuantization;
  readonly latency: TFLiteQuantization;
}

const QUANTIZATION: Readonly<Record<string, Aims>> = {
  mobile: { balanced: 'dynamic', size: 'full_integer', latency: 'dynamic' },
  edge: { balanced: 'float16', size: 'full_integer', latency: 'dynamic' },
  server: { balanced: 'float16', size: 'float16', latency: 'none' },
};

const DELEGATES: Readonly<Record<string, Partial<DelegateConfig>>> = {
  mobile: { delegateType: 'gpu' },
  edge: { delegateType: 'xnnpack', numThreads: 2 },
  server: { delegateType: 'xnnpack', numThreads: 8, enableFallback: false },
};

/** How weights are quantised. */
export const TFLiteQuantization = { NONE: 'none', DYNAMIC: 'dynamic', FULL_INTEGER: 'full_integer', FLOAT16: 'float16' } as const;
export type TFLiteQuantization = (typeof TFLiteQuantization)[keyof typeof TFLiteQuantization];

/** What runs a model. */
export const TFLiteDelegate = { NONE: 'none', GPU: 'gpu', NNAPI: 'nnapi', XNNPACK: 'xnnpack', COREML: 'coreml', HEXAGON: 'hexagon' } as const;
export type TFLiteDelegate = (typeof TFLiteDelegate)[keyof typeof TFLiteDelegate];

/** What matters most. */
export const OptimizationTarget = { DEFAULT: 'default', SIZE: 'size', LATENCY: 'latency' } as const;
export type OptimizationTarget = (typeof OptimizationTarget)[keyof typeof OptimizationTarget];

/** How a model is converted. */
export interface TFLiteConvertConfig {
  readonly quantization: TFLiteQuantization;
  readonly optimizationTarget: OptimizationTarget;
  readonly supportedOps: ReadonlySet<string>;
  readonly allowCustomOps: boolean;
}

/** Defaults and rules of {@link TFLiteConvertConfig}. */
export const TFLiteConvertConfig: Definition<TFLiteConvertConfig> = {
  name: 'TFLiteConvertConfig',
  fields: {
    quantization: { kind: 'enum', of: TFLiteQuantization, default: TFLiteQuantization.NONE },
    optimizationTarget: { kind: 'enum', of: OptimizationTarget, default: OptimizationTarget.DEFAULT },
    supportedOps: { kind: 'set', of: { kind: 'string' }, default: new Set(['TFLITE_BUILTINS']), nonEmpty: true },
    allowCustomOps: { kind: 'bool', default: false },
  },
};

/** How ranges are calibrated. */
export interface QuantizationConfig {
  readonly representativeDatasetSize: number;
  readonly numCalibrationSteps: number;
  readonly outputType: string;
}

/** Defaults and rules of {@link QuantizationConfig}. */
export const QuantizationConfig: Definition<QuantizationConfig> = {
  name: 'QuantizationConfig',
  fields: {
    representativeDatasetSize: { kind: 'int', default: 100, positive: true },
    numCalibrationSteps: { kind: 'int', default: 100, positive: true },
    outputType: { kind: 'string', default: 'int8', oneOf: ['int8', 'uint8', 'float16'] },
  },
};

/** How a model is run. */
export interface DelegateConfig {
  readonly delegateType: TFLiteDelegate;
  readonly numThreads: number;
  /** Lets the CPU run what the delegate cannot. */
  readonly enableFallback: boolean;
}

/** Defaults and rules of {@link DelegateConfig}. */
export const DelegateConfig: Definition<DelegateConfig> = {
  name: 'DelegateConfig',
  fields: {
    delegateType: { kind: 'enum', of: TFLiteDelegate, default: TFLiteDelegate.NONE },
    numThreads: { kind: 'int', default: 4, positive: true },
    enableFallback: { kind: 'bool', default: true },
  },
};

/** What is known of a file. */
export interface TFLiteModelInfo {
  readonly modelPath: string;
  readonly inputDetails: readonly Readonly<Record<string, unknown>>[];
  readonly outputDetails: readonly Readonly<Record<string, unknown>>[];
  readonly modelSizeBytes: number;
}

/** Defaults and rules of {@link TFLiteModelInfo}. */
export const TFLiteModelInfo: Definition<TFLiteModelInfo> = {
  name: 'TFLiteModelInfo',
  fields: {
    modelPath: { kind: 'string', nonEmpty: true },
    inputDetails: { kind: 'array', of: { kind: 'record', of: { kind: 'any' } } },
    outputDetails: { kind: 'array', of: { kind: 'record', of: { kind: 'any' } } },
    modelSizeBytes: { kind: 'int', positive: true },
  },
};

/** What a conversion took. */
export interface ConversionStats {
  readonly conversionTimeSeconds: number;
  readonly originalSize: number;
  readonly convertedSize: number;
  readonly compressionRatio: number;
}

/** Defaults and rules of {@link ConversionStats}. */
export const ConversionStats: Definition<ConversionStats> = {
  name: 'ConversionStats',
  fields: {
    conversionTimeSeconds: { kind: 'float', nonNegative: true },
    originalSize: { kind: 'int', positive: true },
    convertedSize: { kind: 'int', positive: true },
    compressionRatio: { kind: 'float' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateConvertConfig(config: TFLiteConvertConfig): void {
  validate(TFLiteConvertConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQuantizationConfig(config: QuantizationConfig): void {
  validate(QuantizationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDelegateConfig(config: DelegateConfig): void {
  validate(DelegateConfig, config);
}

/** Settles a {@link QuantizationConfig}. @throws {ValidationError} naming every broken rule */
export function createQuantizationConfig(options: Partial<QuantizationConfig> = {}): QuantizationConfig {
  return createFrom(QuantizationConfig, options);
}

/** Settles a {@link DelegateConfig}. @throws {ValidationError} naming every broken rule */
export function createDelegateConfig(options: Partial<DelegateConfig> = {}): DelegateConfig {
  return createFrom(DelegateConfig, options);
}

/** Quantization types in ascending order. */
export function listQuantizationTypes(): TFLiteQuantization[] {
  return valuesOf(TFLiteQuantization);
}

/** Delegate types in ascending order. */
export function listDelegateTypes(): TFLiteDelegate[] {
  return valuesOf(TFLiteDelegate);
}

/** Optimization targets in ascending order. */
export function listOptimizationTargets(): OptimizationTarget[] {
  return valuesOf(OptimizationTarget);
}

/** @throws {ValidationError} naming the values of {@link TFLiteQuantization} */
export function getQuantizationType(name: string): TFLiteQuantization {
  return parseEnum(TFLiteQuantization, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link TFLiteDelegate} */
export function getDelegateType(name: string): TFLiteDelegate {
  return parseEnum(TFLiteDelegate, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link OptimizationTarget} */
export function getOptimizationTarget(name: string): OptimizationTarget {
  return parseEnum(OptimizationTarget, name, 'name');
}

/** Settles a {@link TFLiteModelInfo}. @throws {ValidationError} naming every broken rule */
export function createModelInfo(
  modelPath: TFLiteModelInfo['modelPath'],
  inputDetails: TFLiteModelInfo['inputDetails'],
  outputDetails: TFLiteModelInfo['outputDetails'],
  modelSizeBytes: TFLiteModelInfo['modelSizeBytes'],
): TFLiteModelInfo {
  return createFrom(TFLiteModelInfo, { modelPath, inputDetails, outputDetails, modelSizeBytes });
}

/**
 * Settles a {@link TFLiteConvertConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.tflite.create_convert_config(quantization=, optimization_target=, supported_ops=, allow_custom_ops=)`.
 */
export function createConvertConfig(options: { readonly [K in keyof TFLiteConvertConfig]?: TFLiteConvertConfig[K] | null } = {}): TFLiteConvertConfig {
  const { supportedOps, ...rest } = options;
  return createFrom(TFLiteConvertConfig, (supportedOps ? { ...rest, supportedOps } : rest) as Partial<TFLiteConvertConfig>);
}

/**
 * Settles a {@link ConversionStats} with its compression. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.tflite.create_conversion_stats(conversion_time_seconds, original_size, converted_size)`.
 */
export function createConversionStats(conversionTimeSeconds: number, originalSize: number, convertedSize: number): ConversionStats {
  return createFrom(ConversionStats, { conversionTimeSeconds, originalSize, convertedSize, compressionRatio: originalSize / convertedSize });
}

/**
 * Bytes of a file: 4, 2 (float16), 1.5 (dynamic) or 1 (integer) for each parameter, times the overhead.
 *
 * @throws {ValidationError} unless modelParams is positive
 * @remarks Python: `hf_gtc.deployment.tflite.estimate_tflite_size(model_params, quantization=, overhead_factor=)`; within 1e-12.
 * @example estimateTfliteSize(752) // => 3158.4
 */
export function estimateTfliteSize(
  modelParams: number,
  { quantization = TFLiteQuantization.NONE, overheadFactor = 1.05 }: { readonly quantization?: TFLiteQuantization; readonly overheadFactor?: number } = {},
): number {
  positive(modelParams, 'modelParams');
  inRange(overheadFactor, 'overheadFactor', { min: 1 });
  return modelParams * BYTES[quantization] * overheadFactor;
}

/**
 * How many times smaller a file has become.
 *
 * @throws {ValidationError} unless convertedSize and originalSize are positive
 * @remarks Python: `hf_gtc.deployment.tflite.calculate_compression_ratio(original_size, converted_size)`; within 1e-12.
 * @example calculateCompressionRatio(7, 1) // => 7
 */
export function calculateCompressionRatio(originalSize: number, convertedSize: number): number {
  allPositive({ originalSize, convertedSize });
  return originalSize / convertedSize;
}

/**
 * What is known of a file, as text.
 *
 * @remarks Python: `hf_gtc.deployment.tflite.format_model_info(info)`; the same text.
 */
export function formatModelInfo(info: TFLiteModelInfo): string {
  notNull(info, 'info');
  return [
    `Path: ${info.modelPath}`,
    `Size: ${megabytes(info.modelSizeBytes)} MB`,
    `Inputs: ${info.inputDetails.length}`,
    `Outputs: ${info.outputDetails.length}`,
  ].join('\n');
}

/**
 * What a conversion took, as text.
 *
 * @remarks Python: `hf_gtc.deployment.tflite.format_conversion_stats(stats)`; the same text.
 */
export function formatConversionStats(stats: ConversionStats): string {
  notNull(stats, 'stats');
  const { conversionTimeSeconds, originalSize, convertedSize, compressionRatio } = stats;
  return [
    `Conversion time: ${formatFixed(conversionTimeSeconds, 2)}s`,
    `Original size: ${megabytes(originalSize)} MB`,
    `Converted size: ${megabytes(convertedSize)} MB`,
    `Compression: ${formatFixed(compressionRatio, 2)}x`,
  ].join('\n');
}

/**
 * How to convert for a device (`mobile`, `edge`, `server`) and what matters (`size`, `latency`, `balanced`).
 *
 * @throws {ValidationError} for another device or aim
 * @remarks Python: `hf_gtc.deployment.tflite.get_recommended_config(target_device=, optimize_for=)`.
 */
export function getRecommendedConfig({
  targetDevice = 'mobile',
  optimizeFor = 'balanced',
}: {
  readonly targetDevice?: string;
  readonly optimizeFor?: string;
} = {}): TFLiteConvertConfig {
  const device = QUANTIZATION[oneOf(targetDevice, 'targetDevice', Object.keys(QUANTIZATION))]!;
  const aim = oneOf(optimizeFor, 'optimizeFor (optimization priority)', ['balanced', 'latency', 'size']);
  return createFrom(TFLiteConvertConfig, {
    quantization: device[aim as keyof typeof device],
    optimizationTarget: aim === 'balanced' ? 'default' : (aim as OptimizationTarget),
  });
}

/**
 * What runs a model on a device.
 *
 * @throws {ValidationError} for another device
 * @remarks Python: `hf_gtc.deployment.tflite.get_recommended_delegate(target_device=)`.
 */
export function getRecommendedDelegate({ targetDevice = 'mobile' }: { readonly targetDevice?: string } = {}): DelegateConfig {
  return createFrom(DelegateConfig, DELEGATES[oneOf(targetDevice, 'targetDevice', Object.keys(DELEGATES))]!);
}

/**
 * A configuration as a plain object, operators as a list.
 *
 * @remarks Python: `hf_gtc.deployment.tflite.get_convert_config_dict(config)`.
 */
export function getConvertConfigDict(config: TFLiteConvertConfig): Omit<TFLiteConvertConfig, 'supportedOps'> & { readonly supportedOps: string[] } {
  return { ...notNull(config, 'config'), supportedOps: [...config.supportedOps].sort() };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.tflite.get_delegate_config_dict(config)`.
 */
export function getDelegateConfigDict(config: DelegateConfig): DelegateConfig {
  return { ...notNull(config, 'config') };
}

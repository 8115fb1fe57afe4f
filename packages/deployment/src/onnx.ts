/** ONNX: export, optimisation and runtime settings, and sizes. Mirrors `hf_gtc.deployment.onnx`. */
import {
  createFrom,
  type Definition,
  formatCount,
  formatFixed,
  inRange,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  pythonRepr,
  validate,
  valuesOf,
} from '@gtc/errors';

const BYTES: Readonly<Record<string, number>> = { fp32: 4, fp16: 2, int8: 1 };

const LEVELS: Readonly<Record<OptimizationLevel, number>> = { disable: 0, basic: 1, extended: 2, all: 99 };

/** Families whose exports need operators of set 17. */
const NEEDS_17: ReadonlySet<string> = new Set(['llama', 'mistral', 'mixtral', 'phi', 'gemma', 'qwen']);

/** Versions of the operator set. */
export const ONNXOpset = { OPSET_11: 11, OPSET_12: 12, OPSET_13: 13, OPSET_14: 14, OPSET_15: 15, OPSET_16: 16, OPSET_17: 17 } as const;
export type ONNXOpset = (typeof ONNXOpset)[keyof typeof ONNXOpset];

/** How far a graph is rewritten. */
export const OptimizationLevel = { DISABLE: 'disable', BASIC: 'basic', EXTENDED: 'extended', ALL: 'all' } as const;
export type OptimizationLevel = (typeof OptimizationLevel)[keyof typeof OptimizationLevel];

/** What runs a graph. */
export const ExecutionProvider = { CPU: 'cpu', CUDA: 'cuda', TENSORRT: 'tensorrt', COREML: 'coreml', DIRECTML: 'directml' } as const;
export type ExecutionProvider = (typeof ExecutionProvider)[keyof typeof ExecutionProvider];

/** Values of {@link ONNXOpset}. */
export const VALID_OPSET_VERSIONS: ReadonlySet<ONNXOpset> = new Set(Object.values(ONNXOpset));

/** Values of {@link ONNXOpset}. */
export const VALID_ONNX_OPSET_VERSIONS: ReadonlySet<ONNXOpset> = new Set(Object.values(ONNXOpset));

/** Values of {@link OptimizationLevel}. */
export const VALID_OPTIMIZATION_LEVELS: ReadonlySet<OptimizationLevel> = new Set(Object.values(OptimizationLevel));

/** Values of {@link ExecutionProvider}. */
export const VALID_EXECUTION_PROVIDERS: ReadonlySet<ExecutionProvider> = new Set(Object.values(ExecutionProvider));

/** How a model is exported. */
export interface ONNXExportConfig {
  readonly opsetVersion: number;
  readonly doConstantFolding: boolean;
  /** Names of axes by input or output and axis. */
  readonly dynamicAxes: Readonly<Record<string, Readonly<Record<string, string>>>> | null;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
}

/** Defaults and rules of {@link ONNXExportConfig}. */
export const ONNXExportConfig: Definition<ONNXExportConfig> = {
  name: 'ONNXExportConfig',
  fields: {
    opsetVersion: { kind: 'int', default: 14, oneOf: Object.values(ONNXOpset) },
    doConstantFolding: { kind: 'bool', default: true },
    dynamicAxes: { kind: 'any', default: null, nullable: true },
    inputNames: { kind: 'array', of: { kind: 'string' }, default: ['input_ids'], nonEmpty: true },
    outputNames: { kind: 'array', of: { kind: 'string' }, default: ['logits'], nonEmpty: true },
  },
};

/** What is fused. */
export interface ONNXOptimizeConfig {
  readonly level: OptimizationLevel;
  readonly enableGeluFusion: boolean;
  readonly enableLayerNormFusion: boolean;
  readonly enableAttentionFusion: boolean;
}

/** Defaults and rules of {@link ONNXOptimizeConfig}. */
export const ONNXOptimizeConfig: Definition<ONNXOptimizeConfig> = {
  name: 'ONNXOptimizeConfig',
  fields: {
    level: { kind: 'enum', of: OptimizationLevel, default: OptimizationLevel.BASIC },
    enableGeluFusion: { kind: 'bool', default: true },
    enableLayerNormFusion: { kind: 'bool', default: true },
    enableAttentionFusion: { kind: 'bool', default: false },
  },
};

/** How a graph is run. */
export interface RuntimeConfig {
  readonly provider: ExecutionProvider;
  /** 0 leaves it to the runtime. */
  readonly numThreads: number;
  readonly graphOptimizationLevel: OptimizationLevel;
  readonly enableProfiling: boolean;
}

/** Defaults and rules of {@link RuntimeConfig}. */
export const RuntimeConfig: Definition<RuntimeConfig> = {
  name: 'RuntimeConfig',
  fields: {
    provider: { kind: 'enum', of: ExecutionProvider, default: ExecutionProvider.CPU },
    numThreads: { kind: 'int', default: 0, nonNegative: true },
    graphOptimizationLevel: { kind: 'enum', of: OptimizationLevel, default: OptimizationLevel.BASIC },
    enableProfiling: { kind: 'bool', default: false },
  },
};

/** What is known of a model. */
export interface ONNXModelInfo {
  readonly modelPath: string;
  readonly opsetVersion: number;
  readonly inputShapes: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputShapes: Readonly<Record<string, readonly (number | string)[]>>;
  readonly numParameters: number;
}

/** Defaults and rules of {@link ONNXModelInfo}. */
export const ONNXModelInfo: Definition<ONNXModelInfo> = {
  name: 'ONNXModelInfo',
  fields: {
    modelPath: { kind: 'string' },
    opsetVersion: { kind: 'int' },
    inputShapes: { kind: 'record', of: { kind: 'array', of: { kind: 'any' } } },
    outputShapes: { kind: 'record', of: { kind: 'array', of: { kind: 'any' } } },
    numParameters: { kind: 'int' },
  },
};

/** What an export took. */
export interface ExportStats {
  readonly exportTimeSeconds: number;
  readonly modelSizeBytes: number;
  readonly numNodes: number;
  readonly numInitializers: number;
}

/** Defaults and rules of {@link ExportStats}. */
export const ExportStats: Definition<ExportStats> = {
  name: 'ExportStats',
  fields: {
    exportTimeSeconds: { kind: 'float' },
    modelSizeBytes: { kind: 'int' },
    numNodes: { kind: 'int' },
    numInitializers: { kind: 'int' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateExportConfig(config: ONNXExportConfig): void {
  validate(ONNXExportConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRuntimeConfig(config: RuntimeConfig): void {
  validate(RuntimeConfig, config);
}

/** Settles a {@link ONNXExportConfig}. @throws {ValidationError} naming every broken rule */
export function createExportConfig(options: Partial<ONNXExportConfig> = {}): ONNXExportConfig {
  return createFrom(ONNXExportConfig, options);
}

/** Settles a {@link ONNXOptimizeConfig}. @throws {ValidationError} naming every broken rule */
export function createOptimizeConfig(options: Partial<ONNXOptimizeConfig> = {}): ONNXOptimizeConfig {
  return createFrom(ONNXOptimizeConfig, options);
}

/** Settles a {@link RuntimeConfig}. @throws {ValidationError} naming every broken rule */
export function createRuntimeConfig(options: Partial<RuntimeConfig> = {}): RuntimeConfig {
  return createFrom(RuntimeConfig, options);
}

/** Opset versions in ascending order. */
export function listOpsetVersions(): ONNXOpset[] {
  return valuesOf(ONNXOpset);
}

/** Optimization levels in ascending order. */
export function listOptimizationLevels(): OptimizationLevel[] {
  return valuesOf(OptimizationLevel);
}

/** Execution providers in ascending order. */
export function listExecutionProviders(): ExecutionProvider[] {
  return valuesOf(ExecutionProvider);
}

/** @throws {ValidationError} naming the values of {@link OptimizationLevel} */
export function getOptimizationLevel(name: string): OptimizationLevel {
  return parseEnum(OptimizationLevel, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ExecutionProvider} */
export function getExecutionProvider(name: string): ExecutionProvider {
  return parseEnum(ExecutionProvider, name, 'name');
}

/**
 * The operator set of this number, also as text.
 *
 * @throws {ValidationError} for another number
 * @remarks Python: `hf_gtc.deployment.onnx.get_opset_version(version)`.
 * @example getOpsetVersion(13) // => 13
 */
export function getOpsetVersion(version: number | string): ONNXOpset {
  return parseEnum(ONNXOpset, typeof version === 'string' && /^\s*\d+\s*$/.test(version) ? Number(version) : version, 'version (opset version)');
}

/**
 * Bytes of a model: 4, 2 or 1 for each parameter times the overhead, rounded down.
 *
 * @throws {ValidationError} unless precision is known, numParameters is positive
 * @remarks Python: `hf_gtc.deployment.onnx.estimate_onnx_model_size(num_parameters, precision=, overhead_factor=)`.
 * @example estimateOnnxModelSize(12) // => 52
 */
export function estimateOnnxModelSize(
  numParameters: number,
  { precision = 'fp32', overheadFactor = 1.1 }: { readonly precision?: string; readonly overheadFactor?: number } = {},
): number {
  positive(numParameters, 'numParameters');
  inRange(overheadFactor, 'overheadFactor', { min: 1 });
  return Math.trunc(numParameters * BYTES[oneOf(precision, 'precision', Object.keys(BYTES))]! * overheadFactor);
}

/**
 * The operator set for a model: 17 for the families of Llama, which need its normalisation, else 14.
 *
 * @throws {ValidationError} unless modelType is not empty
 * @remarks Python: `hf_gtc.deployment.onnx.get_recommended_opset(model_type)`.
 * @example getRecommendedOpset('phi') // => 17
 */
export function getRecommendedOpset(modelType: string): ONNXOpset {
  return NEEDS_17.has(nonEmpty(modelType, 'modelType').toLowerCase()) ? 17 : 14;
}

/**
 * A configuration as a plain object, without dynamic axes where there are none.
 *
 * @remarks Python: `hf_gtc.deployment.onnx.get_export_config_dict(config)`.
 */
export function getExportConfigDict(
  config: ONNXExportConfig,
): Omit<ONNXExportConfig, 'dynamicAxes'> & { readonly dynamicAxes?: NonNullable<ONNXExportConfig['dynamicAxes']> } {
  const { dynamicAxes, ...rest } = notNull(config, 'config');
  return dynamicAxes === null ? rest : { ...rest, dynamicAxes };
}

/** What a session of ONNX Runtime takes. */
export interface SessionOptions {
  readonly intraOpNumThreads: number;
  readonly graphOptimizationLevel: number;
  readonly enableProfiling: boolean;
}

/**
 * Options for a session of ONNX Runtime; levels are 0, 1, 2 and 99.
 *
 * @remarks Python: `hf_gtc.deployment.onnx.get_runtime_session_options(config)`.
 */
export function getRuntimeSessionOptions(config: RuntimeConfig): SessionOptions {
  const { numThreads, graphOptimizationLevel, enableProfiling } = notNull(config, 'config');
  return { intraOpNumThreads: numThreads, graphOptimizationLevel: LEVELS[graphOptimizationLevel], enableProfiling };
}

/**
 * What is known of a model, as text.
 *
 * @remarks Python: `hf_gtc.deployment.onnx.format_model_info(info)`; the same text.
 */
export function formatModelInfo(info: ONNXModelInfo): string {
  notNull(info, 'info');
  const shapes = (values: Readonly<Record<string, readonly (number | string)[]>>): string[] =>
    Object.entries(values).map(([name, shape]) => `  ${name}: ${pythonRepr(shape)}`);
  return [
    `Model: ${info.modelPath}`,
    `Opset: ${info.opsetVersion}`,
    `Parameters: ${formatCount(info.numParameters)}`,
    'Inputs:',
    ...shapes(info.inputShapes),
    'Outputs:',
    ...shapes(info.outputShapes),
  ].join('\n');
}

/**
 * What an export took, as text.
 *
 * @remarks Python: `hf_gtc.deployment.onnx.format_export_stats(stats)`; the same text.
 */
export function formatExportStats(stats: ExportStats): string {
  notNull(stats, 'stats');
  const { exportTimeSeconds, modelSizeBytes, numNodes, numInitializers } = stats;
  return [
    `Export Time: ${formatFixed(exportTimeSeconds, 2)}s`,
    `Model Size: ${formatFixed(modelSizeBytes / 2 ** 20, 1)} MB`,
    `Nodes: ${formatCount(numNodes)}`,
    `Initializers: ${formatCount(numInitializers)}`,
  ].join('\n');
}

/** TorchScript: modes, optimisation for devices, and sizes. Mirrors `hf_gtc.deployment.torchscript`. */
import { createFrom, type Definition, formatCount, formatFixed, nonEmpty, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

const BYTES: Readonly<Record<OptimizeFor, number>> = { training: 4, inference: 2, mobile: 1 };

const FROZEN: Readonly<Record<FreezeMode, number>> = { none: 1, preserve_parameters: 0.98, full: 0.95 };

/** How a program is recorded. */
export const ScriptMode = { TRACE: 'trace', SCRIPT: 'script', HYBRID: 'hybrid' } as const;
export type ScriptMode = (typeof ScriptMode)[keyof typeof ScriptMode];

/** What a program is for. */
export const OptimizeFor = { INFERENCE: 'inference', MOBILE: 'mobile', TRAINING: 'training' } as const;
export type OptimizeFor = (typeof OptimizeFor)[keyof typeof OptimizeFor];

/** What becomes constant. */
export const FreezeMode = { NONE: 'none', PRESERVE_PARAMETERS: 'preserve_parameters', FULL: 'full' } as const;
export type FreezeMode = (typeof FreezeMode)[keyof typeof FreezeMode];

/** How a program is made. */
export interface TorchScriptConfig {
  readonly mode: ScriptMode;
  readonly strict: boolean;
  readonly optimizeFor: OptimizeFor;
  readonly checkTrace: boolean;
}

/** Defaults and rules of {@link TorchScriptConfig}. */
export const TorchScriptConfig: Definition<TorchScriptConfig> = {
  name: 'TorchScriptConfig',
  fields: {
    mode: { kind: 'enum', of: ScriptMode, default: ScriptMode.TRACE },
    strict: { kind: 'bool', default: true },
    optimizeFor: { kind: 'enum', of: OptimizeFor, default: OptimizeFor.INFERENCE },
    checkTrace: { kind: 'bool', default: true },
  },
};

/** How a trace is checked. */
export interface TraceConfig {
  readonly exampleInputs: string;
  readonly checkInputs: boolean;
  readonly checkTolerance: number;
}

/** Defaults and rules of {@link TraceConfig}. */
export const TraceConfig: Definition<TraceConfig> = {
  name: 'TraceConfig',
  fields: {
    exampleInputs: { kind: 'string', default: '' },
    checkInputs: { kind: 'bool', default: true },
    checkTolerance: { kind: 'float', default: 1e-5, positive: true },
  },
};

/** What is simplified. */
export interface OptimizationConfig {
  readonly freezeMode: FreezeMode;
  readonly fuseOperations: boolean;
  readonly inlineFunctions: boolean;
  readonly removeDropout: boolean;
}

/** Defaults and rules of {@link OptimizationConfig}. */
export const OptimizationConfig: Definition<OptimizationConfig> = {
  name: 'OptimizationConfig',
  fields: {
    freezeMode: { kind: 'enum', of: FreezeMode, default: FreezeMode.NONE },
    fuseOperations: { kind: 'bool', default: true },
    inlineFunctions: { kind: 'bool', default: true },
    removeDropout: { kind: 'bool', default: true },
  },
};

/** How a program runs on phones. */
export interface MobileConfig {
  readonly optimizeForMobile: boolean;
  readonly backend: string;
  readonly preserveDtype: boolean;
}

/** Defaults and rules of {@link MobileConfig}. */
export const MobileConfig: Definition<MobileConfig> = {
  name: 'MobileConfig',
  fields: {
    optimizeForMobile: { kind: 'bool', default: false },
    backend: { kind: 'string', default: 'cpu', oneOf: ['cpu', 'vulkan', 'metal', 'nnapi'] },
    preserveDtype: { kind: 'bool', default: true },
  },
};

/** What is known of a program. */
export interface TorchScriptInfo {
  readonly modelPath: string;
  readonly scriptMode: ScriptMode;
  readonly graphSize: number;
  readonly numParameters: number;
}

/** Defaults and rules of {@link TorchScriptInfo}. */
export const TorchScriptInfo: Definition<TorchScriptInfo> = {
  name: 'TorchScriptInfo',
  fields: {
    modelPath: { kind: 'string', nonEmpty: true },
    scriptMode: { kind: 'enum', of: ScriptMode },
    graphSize: { kind: 'int', nonNegative: true },
    numParameters: { kind: 'int', positive: true },
  },
};

/** What a compilation took. */
export interface CompilationStats {
  readonly compileTimeSeconds: number;
  readonly graphNodes: number;
  readonly fusedOps: number;
  readonly modelSizeBytes: number;
}

/** Defaults and rules of {@link CompilationStats}. */
export const CompilationStats: Definition<CompilationStats> = {
  name: 'CompilationStats',
  fields: {
    compileTimeSeconds: { kind: 'float', nonNegative: true },
    graphNodes: { kind: 'int', nonNegative: true },
    fusedOps: { kind: 'int', nonNegative: true },
    modelSizeBytes: { kind: 'int', positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTorchscriptConfig(config: TorchScriptConfig): void {
  validate(TorchScriptConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTraceConfig(config: TraceConfig): void {
  validate(TraceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateOptimizationConfig(config: OptimizationConfig): void {
  validate(OptimizationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMobileConfig(config: MobileConfig): void {
  validate(MobileConfig, config);
}

/** Settles a {@link TorchScriptConfig}. @throws {ValidationError} naming every broken rule */
export function createTorchscriptConfig(options: Partial<TorchScriptConfig> = {}): TorchScriptConfig {
  return createFrom(TorchScriptConfig, options);
}

/** Settles a {@link TraceConfig}. @throws {ValidationError} naming every broken rule */
export function createTraceConfig(options: Partial<TraceConfig> = {}): TraceConfig {
  return createFrom(TraceConfig, options);
}

/** Settles a {@link OptimizationConfig}. @throws {ValidationError} naming every broken rule */
export function createOptimizationConfig(options: Partial<OptimizationConfig> = {}): OptimizationConfig {
  return createFrom(OptimizationConfig, options);
}

/** Settles a {@link MobileConfig}. @throws {ValidationError} naming every broken rule */
export function createMobileConfig(options: Partial<MobileConfig> = {}): MobileConfig {
  return createFrom(MobileConfig, options);
}

/** Script modes in ascending order. */
export function listScriptModes(): ScriptMode[] {
  return valuesOf(ScriptMode);
}

/** Optimize for options in ascending order. */
export function listOptimizeForOptions(): OptimizeFor[] {
  return valuesOf(OptimizeFor);
}

/** Freeze modes in ascending order. */
export function listFreezeModes(): FreezeMode[] {
  return valuesOf(FreezeMode);
}

/** @throws {ValidationError} naming the values of {@link ScriptMode} */
export function getScriptMode(name: string): ScriptMode {
  return parseEnum(ScriptMode, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link OptimizeFor} */
export function getOptimizeFor(name: string): OptimizeFor {
  return parseEnum(OptimizeFor, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link FreezeMode} */
export function getFreezeMode(name: string): FreezeMode {
  return parseEnum(FreezeMode, name, 'name');
}

/** Settles a {@link TorchScriptInfo}. @throws {ValidationError} naming every broken rule */
export function createTorchscriptInfo(
  modelPath: TorchScriptInfo['modelPath'],
  scriptMode: TorchScriptInfo['scriptMode'],
  graphSize: TorchScriptInfo['graphSize'],
  numParameters: TorchScriptInfo['numParameters'],
): TorchScriptInfo {
  return createFrom(TorchScriptInfo, { modelPath, scriptMode, graphSize, numParameters });
}

/** Settles a {@link CompilationStats}. @throws {ValidationError} naming every broken rule */
export function createCompilationStats(
  compileTimeSeconds: CompilationStats['compileTimeSeconds'],
  graphNodes: CompilationStats['graphNodes'],
  fusedOps: CompilationStats['fusedOps'],
  modelSizeBytes: CompilationStats['modelSizeBytes'],
): CompilationStats {
  return createFrom(CompilationStats, { compileTimeSeconds, graphNodes, fusedOps, modelSizeBytes });
}

/**
 * Size of a program in 2²⁰ bytes: 4, 2 or 1 bytes for each parameter (training, inference, mobile), 2 % or 5 % less frozen, 2 % for the code.
 *
 * @throws {ValidationError} unless modelParams is positive
 * @remarks Python: `hf_gtc.deployment.torchscript.estimate_script_size(model_params, optimize_for=, freeze_mode=)`; within 1e-12.
 * @example estimateScriptSize(1, { optimizeFor: 'mobile', freezeMode: 'preserve_parameters' }) // => 0
 */
export function estimateScriptSize(
  modelParams: number,
  { optimizeFor = OptimizeFor.INFERENCE, freezeMode = FreezeMode.NONE }: { readonly optimizeFor?: OptimizeFor; readonly freezeMode?: FreezeMode } = {},
): number {
  const bytes = BYTES[optimizeFor];
  return Math.trunc(Math.trunc(positive(modelParams, 'modelParams') * bytes * FROZEN[freezeMode]) * 1.02) / 2 ** 20;
}

/**
 * Whether a model can be recorded: one with a name, unless control flow meets dynamic shapes.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.check_scriptable(model_type, has_control_flow=, has_dynamic_shapes=)`.
 * @example checkScriptable('A') // => true
 */
export function checkScriptable(
  modelType: string,
  { hasControlFlow = false, hasDynamicShapes = false }: { readonly hasControlFlow?: boolean; readonly hasDynamicShapes?: boolean } = {},
): boolean {
  return modelType !== '' && !(hasControlFlow && hasDynamicShapes);
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.get_torchscript_config_dict(config)`.
 */
export function getTorchscriptConfigDict(config: TorchScriptConfig): TorchScriptConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.get_trace_config_dict(config)`.
 */
export function getTraceConfigDict(config: TraceConfig): TraceConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.get_optimization_config_dict(config)`.
 */
export function getOptimizationConfigDict(config: OptimizationConfig): OptimizationConfig {
  return { ...notNull(config, 'config') };
}

/**
 * A configuration as a plain object.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.get_mobile_config_dict(config)`.
 */
export function getMobileConfigDict(config: MobileConfig): MobileConfig {
  return { ...notNull(config, 'config') };
}

/**
 * What is known of a program, as text.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.format_torchscript_info(info)`; the same text.
 */
export function formatTorchscriptInfo(info: TorchScriptInfo): string {
  notNull(info, 'info');
  const { modelPath, scriptMode, graphSize, numParameters } = info;
  return [`Path: ${modelPath}`, `Mode: ${scriptMode}`, `Graph size: ${graphSize} nodes`, `Parameters: ${formatCount(numParameters)}`].join('\n');
}

/**
 * What a compilation took, as text.
 *
 * @remarks Python: `hf_gtc.deployment.torchscript.format_compilation_stats(stats)`; the same text.
 */
export function formatCompilationStats(stats: CompilationStats): string {
  notNull(stats, 'stats');
  const { compileTimeSeconds, graphNodes, fusedOps, modelSizeBytes } = stats;
  return [
    `Compile time: ${formatFixed(compileTimeSeconds, 2)}s`,
    `Graph nodes: ${graphNodes}`,
    `Fused ops: ${fusedOps}`,
    `Model size: ${formatFixed(modelSizeBytes / 2 ** 20, 1)} MB`,
  ].join('\n');
}

/**
 * How to record a model for a platform (`server`, `edge`, `mobile`): recurrent models are scripted, others traced.
 *
 * @throws {ValidationError} for no model or another platform
 * @remarks Python: `hf_gtc.deployment.torchscript.get_recommended_config(model_type, target_platform=)`.
 */
export function getRecommendedConfig(modelType: string, { targetPlatform = 'server' }: { readonly targetPlatform?: string } = {}): TorchScriptConfig {
  nonEmpty(modelType, 'modelType');
  oneOf(targetPlatform, 'targetPlatform', ['server', 'edge', 'mobile']);
  const recurrent = ['rnn', 'lstm', 'gru'].includes(modelType.toLowerCase());
  return createFrom(TorchScriptConfig, { mode: recurrent ? 'script' : 'trace', optimizeFor: targetPlatform === 'mobile' ? 'mobile' : 'inference' });
}

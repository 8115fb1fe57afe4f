/** Profiling: where time and memory go, and what is the bottleneck. Mirrors `hf_gtc.evaluation.profiling`. */
import { allPositive, createFrom, type Definition, formatFixed, isValueOf, nonEmpty, notNull, parseEnum, sameLength, validate, valuesOf } from '@gtc/errors';

export * from './internal/profiling/profile.js';

/** What is measured. */
export const ProfileMetric = { LATENCY: 'latency', THROUGHPUT: 'throughput', MEMORY: 'memory', FLOPS: 'flops', PARAMETERS: 'parameters' } as const;
export type ProfileMetric = (typeof ProfileMetric)[keyof typeof ProfileMetric];

/** What holds a model back. */
export const BottleneckType = { COMPUTE: 'compute', MEMORY: 'memory', IO: 'io', COMMUNICATION: 'communication' } as const;
export type BottleneckType = (typeof BottleneckType)[keyof typeof BottleneckType];

/** How closely is measured. */
export const ProfilingLevel = { BASIC: 'basic', DETAILED: 'detailed', TRACE: 'trace' } as const;
export type ProfilingLevel = (typeof ProfilingLevel)[keyof typeof ProfilingLevel];

/** Values of {@link ProfileMetric}. */
export const VALID_PROFILE_METRICS: ReadonlySet<ProfileMetric> = new Set(Object.values(ProfileMetric));

/** Values of {@link BottleneckType}. */
export const VALID_BOTTLENECK_TYPES: ReadonlySet<BottleneckType> = new Set(Object.values(BottleneckType));

/** Values of {@link ProfilingLevel}. */
export const VALID_PROFILING_LEVELS: ReadonlySet<ProfilingLevel> = new Set(Object.values(ProfilingLevel));

/** How a model is profiled. */
export interface ProfilingConfig {
  readonly metrics: readonly ProfileMetric[];
  readonly level: ProfilingLevel;
  readonly warmupRuns: number;
  readonly numRuns: number;
  readonly includeBackward: boolean;
}

/** Defaults and rules of {@link ProfilingConfig}. */
export const ProfilingConfig: Definition<ProfilingConfig> = {
  name: 'ProfilingConfig',
  fields: {
    metrics: { kind: 'array', of: { kind: 'enum', of: ProfileMetric }, nonEmpty: true },
    level: { kind: 'enum', of: ProfilingLevel, default: ProfilingLevel.BASIC },
    warmupRuns: { kind: 'int', default: 3, nonNegative: true },
    numRuns: { kind: 'int', default: 10, positive: true },
    includeBackward: { kind: 'bool', default: false },
  },
};

/** Time of a step, ms. */
export interface LatencyBreakdown {
  readonly forwardMs: number;
  readonly backwardMs: number;
  readonly dataLoadingMs: number;
  readonly optimizerMs: number;
}

/** Defaults and rules of {@link LatencyBreakdown}. */
export const LatencyBreakdown: Definition<LatencyBreakdown> = {
  name: 'LatencyBreakdown',
  fields: {
    forwardMs: { kind: 'float', nonNegative: true },
    backwardMs: { kind: 'float', default: 0, nonNegative: true },
    dataLoadingMs: { kind: 'float', default: 0, nonNegative: true },
    optimizerMs: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** Memory of a step, MiB. */
export interface MemoryBreakdown {
  readonly parametersMb: number;
  readonly gradientsMb: number;
  readonly activationsMb: number;
  readonly optimizerStateMb: number;
}

/** Defaults and rules of {@link MemoryBreakdown}. */
export const MemoryBreakdown: Definition<MemoryBreakdown> = {
  name: 'MemoryBreakdown',
  fields: {
    parametersMb: { kind: 'float', nonNegative: true },
    gradientsMb: { kind: 'float', default: 0, nonNegative: true },
    activationsMb: { kind: 'float', default: 0, nonNegative: true },
    optimizerStateMb: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** What a profile found. */
export interface ProfilingResult {
  readonly latency: LatencyBreakdown | null;
  readonly memory: MemoryBreakdown | null;
  readonly throughputTokensPerSec: number;
  readonly bottlenecks: readonly BottleneckType[];
}

/** Defaults and rules of {@link ProfilingResult}. */
export const ProfilingResult: Definition<ProfilingResult> = {
  name: 'ProfilingResult',
  fields: {
    latency: { kind: 'config', of: LatencyBreakdown, nullable: true, default: null },
    memory: { kind: 'config', of: MemoryBreakdown, nullable: true, default: null },
    throughputTokensPerSec: { kind: 'float', nonNegative: true },
    bottlenecks: { kind: 'array', of: { kind: 'enum', of: BottleneckType }, default: [] },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateProfilingConfig(config: ProfilingConfig): void {
  validate(ProfilingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLatencyBreakdown(breakdown: LatencyBreakdown): void {
  validate(LatencyBreakdown, breakdown, 'breakdown');
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryBreakdown(breakdown: MemoryBreakdown): void {
  validate(MemoryBreakdown, breakdown, 'breakdown');
}

/** @throws {ValidationError} naming every broken rule */
export function validateProfilingResult(result: ProfilingResult): void {
  validate(ProfilingResult, result, 'result');
}

/** Settles a {@link ProfilingConfig}. @throws {ValidationError} naming every broken rule */
export function createProfilingConfig(metrics: readonly ProfileMetric[], options: Partial<Omit<ProfilingConfig, 'metrics'>> = {}): ProfilingConfig {
  return createFrom(ProfilingConfig, { metrics, ...options });
}

/** Settles a {@link LatencyBreakdown}. @throws {ValidationError} naming every broken rule */
export function createLatencyBreakdown(forwardMs: number, options: Partial<Omit<LatencyBreakdown, 'forwardMs'>> = {}): LatencyBreakdown {
  return createFrom(LatencyBreakdown, { forwardMs, ...options });
}

/** Settles a {@link MemoryBreakdown}. @throws {ValidationError} naming every broken rule */
export function createMemoryBreakdown(parametersMb: number, options: Partial<Omit<MemoryBreakdown, 'parametersMb'>> = {}): MemoryBreakdown {
  return createFrom(MemoryBreakdown, { parametersMb, ...options });
}

/** Profile metrics in ascending order. */
export function listProfileMetrics(): ProfileMetric[] {
  return valuesOf(ProfileMetric);
}

/** @throws {ValidationError} naming the profile metrics */
export function getProfileMetric(name: string): ProfileMetric {
  return parseEnum(ProfileMetric, name, 'profileMetric');
}

/** Bottleneck types in ascending order. */
export function listBottleneckTypes(): BottleneckType[] {
  return valuesOf(BottleneckType);
}

/** @throws {ValidationError} naming the bottleneck types */
export function getBottleneckType(name: string): BottleneckType {
  return parseEnum(BottleneckType, name, 'bottleneckType');
}

/** Profiling levels in ascending order. */
export function listProfilingLevels(): ProfilingLevel[] {
  return valuesOf(ProfilingLevel);
}

/** @throws {ValidationError} naming the profiling levels */
export function getProfilingLevel(name: string): ProfilingLevel {
  return parseEnum(ProfilingLevel, name, 'profilingLevel');
}

/**
 * Settles what a profile found. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.evaluation.profiling.create_profiling_result(throughput_tokens_per_sec, latency=, memory=, bottlenecks=)`.
 */
export function createProfilingResult(
  throughputTokensPerSec: number,
  {
    bottlenecks = null,
    ...options
  }: { readonly latency?: LatencyBreakdown | null; readonly memory?: MemoryBreakdown | null; readonly bottlenecks?: readonly BottleneckType[] | null } = {},
): ProfilingResult {
  return createFrom(ProfilingResult, { ...options, throughputTokensPerSec, bottlenecks: bottlenecks ?? [] });
}

/**
 * Whether this is a {@link ProfileMetric}.
 *
 * @remarks Python: `hf_gtc.evaluation.profiling.validate_profile_metric(metric)`; exact.
 * @example validateProfileMetric('throughput') // => true
 */
export function validateProfileMetric(metric: string): boolean {
  return isValueOf(ProfileMetric, metric);
}

/**
 * Whether this is a {@link BottleneckType}.
 *
 * @remarks Python: `hf_gtc.evaluation.profiling.validate_bottleneck_type(bottleneck)`; exact.
 * @example validateBottleneckType('io') // => true
 */
export function validateBottleneckType(bottleneck: string): boolean {
  return isValueOf(BottleneckType, bottleneck);
}

/**
 * Whether this is a {@link ProfilingLevel}.
 *
 * @remarks Python: `hf_gtc.evaluation.profiling.validate_profiling_level(level)`; exact.
 * @example validateProfilingLevel('trace') // => true
 */
export function validateProfilingLevel(level: string): boolean {
  return isValueOf(ProfilingLevel, level);
}

/**
 * Operations of a transformer: two for each parameter and token, three times as many in training.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.evaluation.profiling.calculate_flops(num_parameters, sequence_length, batch_size=, is_training=)`; exact.
 * @example calculateFlops(34, 4) // => 272
 */
export function calculateFlops(
  numParameters: number,
  sequenceLength: number,
  { batchSize = 1, isTraining = false }: { readonly batchSize?: number; readonly isTraining?: boolean } = {},
): number {
  allPositive({ numParameters, sequenceLength, batchSize });
  return 2 * numParameters * sequenceLength * batchSize * (isTraining ? 3 : 1);
}

/**
 * Memory of a step, MiB: weights, one activation for each position and layer, and in training gradients and states of the optimizer.
 *
 * @param options `optimizerStateFactor` states as a multiple of the weights
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.evaluation.profiling.estimate_memory_footprint(num_parameters, batch_size, sequence_length, hidden_size, num_layers, bytes_per_param=, is_training=, optimizer_state_factor=)`.
 * @example estimateMemoryFootprint(1048576, 1, 512, 768, 12).activationsMb // => 18
 */
export function estimateMemoryFootprint(
  numParameters: number,
  batchSize: number,
  sequenceLength: number,
  hiddenSize: number,
  numLayers: number,
  {
    bytesPerParam = 4,
    isTraining = false,
    optimizerStateFactor = 2,
  }: { readonly bytesPerParam?: number; readonly isTraining?: boolean; readonly optimizerStateFactor?: number } = {},
): MemoryBreakdown {
  allPositive({ numParameters, batchSize, sequenceLength, hiddenSize, numLayers, bytesPerParam });
  const mebibytes = (count: number): number => (count * bytesPerParam) / 1024 ** 2;
  const parametersMb = mebibytes(numParameters);
  return Object.freeze({
    parametersMb,
    gradientsMb: isTraining ? parametersMb : 0,
    activationsMb: mebibytes(batchSize * sequenceLength * hiddenSize * numLayers),
    optimizerStateMb: isTraining ? parametersMb * optimizerStateFactor : 0,
  });
}

/**
 * Time of a step with all its parts, ms.
 *
 * @remarks Python: `LatencyBreakdown.total_ms`; exact.
 * @example latencyBreakdownTotalMs(createLatencyBreakdown(10, { backwardMs: 15 })) // => 25
 */
export function latencyBreakdownTotalMs(latency: LatencyBreakdown): number {
  return latency.forwardMs + latency.backwardMs + latency.dataLoadingMs + latency.optimizerMs;
}

/**
 * Memory of a step with all its parts, MiB.
 *
 * @remarks Python: `MemoryBreakdown.total_mb`; exact.
 * @example memoryBreakdownTotalMb(createMemoryBreakdown(10, { gradientsMb: 15 })) // => 25
 */
export function memoryBreakdownTotalMb(memory: MemoryBreakdown): number {
  return memory.parametersMb + memory.gradientsMb + memory.activationsMb + memory.optimizerStateMb;
}

/**
 * What holds a model back: loading that takes too large a share of the time, memory beyond a limit, and computing where it takes more than 70 % of the
 * time or nothing else does.
 *
 * @throws {ValidationError} for breakdowns that are missing or negative
 * @remarks Python: `hf_gtc.evaluation.profiling.identify_bottlenecks(latency, memory, io_threshold=, memory_threshold_mb=)`.
 * @example identifyBottlenecks(createLatencyBreakdown(10), createMemoryBreakdown(100)) // => ['compute']
 */
export function identifyBottlenecks(
  latency: LatencyBreakdown,
  memory: MemoryBreakdown,
  { ioThreshold = 0.3, memoryThresholdMb = 8000 }: { readonly ioThreshold?: number; readonly memoryThresholdMb?: number } = {},
): BottleneckType[] {
  validate(LatencyBreakdown, latency, 'latency');
  validate(MemoryBreakdown, memory, 'memory');
  const total = latencyBreakdownTotalMs(latency);
  const share = (milliseconds: number): number => (total > 0 ? milliseconds / total : 0);
  const found: BottleneckType[] = [];
  if (share(latency.dataLoadingMs) > ioThreshold) found.push('io');
  if (memoryBreakdownTotalMb(memory) > memoryThresholdMb) found.push('memory');
  if (found.length === 0 || share(latency.forwardMs + latency.backwardMs) > 0.7) found.push('compute');
  return found;
}

/** Name and value of the least and of the greatest, the first of equal ones. */
function extremes(named: readonly (readonly [string, number])[]): readonly [least: readonly [string, number], greatest: readonly [string, number]] {
  return [named.reduce((found, entry) => (entry[1] < found[1] ? entry : found)), named.reduce((found, entry) => (entry[1] > found[1] ? entry : found))];
}

/** Profiles side by side under one measure, where at least one has it. */
function comparisonOf(named: readonly (readonly [string, number])[], measure: string, unit: string): Readonly<Record<string, string | number>> {
  const [least, greatest] = extremes(named);
  return {
    [`lowest_${measure}`]: least[0],
    [`lowest_${measure}_${unit}`]: least[1],
    [`highest_${measure}`]: greatest[0],
    [`highest_${measure}_${unit}`]: greatest[1],
  };
}

/**
 * Profiles side by side: fastest and slowest, range of throughput, latency and memory where they were measured, and how often each bottleneck was found.
 *
 * @param options `names` of the profiles; `profile_0` and so on unless given
 * @throws {ValidationError} for no profiles
 * @throws {ShapeError} for another count of names
 * @remarks Python: `hf_gtc.evaluation.profiling.compare_profiles(profiles, names=)`.
 * @example compareProfiles([createProfilingResult(10), createProfilingResult(20)]).fastest // => 'profile_1'
 */
export function compareProfiles(
  profiles: readonly ProfilingResult[],
  { names = null }: { readonly names?: readonly string[] | null } = {},
): Readonly<Record<string, unknown>> {
  nonEmpty(profiles, 'profiles');
  const labels = names ?? profiles.map((_, index) => `profile_${index}`);
  sameLength({ names: labels, profiles });
  const named = (value: (profile: ProfilingResult) => number | null): (readonly [string, number])[] =>
    profiles.flatMap((profile, index) => {
      const found = value(profile);
      return found === null ? [] : [[labels[index]!, found] as const];
    });
  const throughput = named(profile => profile.throughputTokensPerSec);
  const [slowest, fastest] = extremes(throughput);
  const latency = named(profile => (profile.latency === null ? null : latencyBreakdownTotalMs(profile.latency)));
  const memory = named(profile => (profile.memory === null ? null : memoryBreakdownTotalMb(profile.memory)));
  const counts: Record<string, number> = {};
  for (const name of profiles.flatMap(profile => profile.bottlenecks)) counts[name] = (counts[name] ?? 0) + 1;
  return {
    num_profiles: profiles.length,
    fastest: fastest[0],
    slowest: slowest[0],
    throughput_range: { min: slowest[1], max: fastest[1], mean: throughput.reduce((sum, [, value]) => sum + value, 0) / throughput.length },
    ...(latency.length > 0 ? { latency_comparison: comparisonOf(latency, 'latency', 'ms') } : {}),
    ...(memory.length > 0 ? { memory_comparison: comparisonOf(memory, 'memory', 'mb') } : {}),
    bottleneck_counts: counts,
  };
}

/**
 * What a profile found, as text.
 *
 * @remarks Python: `hf_gtc.evaluation.profiling.format_profiling_result(result)`; the same text.
 */
export function formatProfilingResult(result: ProfilingResult): string {
  const { latency, memory, throughputTokensPerSec, bottlenecks } = notNull(result, 'result');
  const ms = (value: number): string => `${formatFixed(value, 2)} ms`;
  const mb = (value: number): string => `${formatFixed(value, 1)} MB`;
  return [
    'Model Profiling Results',
    '='.repeat(40),
    `Throughput: ${formatFixed(throughputTokensPerSec, 1)} tokens/sec`,
    ...(latency === null
      ? []
      : [
          '',
          'Latency Breakdown:',
          `  Forward:      ${ms(latency.forwardMs)}`,
          `  Backward:     ${ms(latency.backwardMs)}`,
          `  Data Loading: ${ms(latency.dataLoadingMs)}`,
          `  Optimizer:    ${ms(latency.optimizerMs)}`,
          `  Total:        ${ms(latencyBreakdownTotalMs(latency))}`,
        ]),
    ...(memory === null
      ? []
      : [
          '',
          'Memory Breakdown:',
          `  Parameters:      ${mb(memory.parametersMb)}`,
          `  Gradients:       ${mb(memory.gradientsMb)}`,
          `  Activations:     ${mb(memory.activationsMb)}`,
          `  Optimizer State: ${mb(memory.optimizerStateMb)}`,
          `  Total:           ${mb(memoryBreakdownTotalMb(memory))}`,
        ]),
    ...(bottlenecks.length > 0 ? ['', 'Identified Bottlenecks:', ...bottlenecks.map(name => `  - ${name}`)] : []),
  ].join('\n');
}

interface Recommendation {
  readonly metrics: readonly ProfileMetric[];
  readonly level: ProfilingLevel;
  /** Warm-up runs and runs, and both of them in a hurry. */
  readonly runs: readonly [warmup: number, runs: number, quickWarmup: number, quickRuns: number];
  readonly backward?: boolean;
  readonly more?: Readonly<Record<string, readonly number[]>>;
}

/** Settings by type of model; every other type takes those of `default`. */
const RECOMMENDED: Readonly<Record<string, Recommendation>> = {
  default: { metrics: ['latency', 'throughput', 'memory'], level: 'detailed', runs: [5, 20, 2, 5] },
  llm: {
    metrics: ['latency', 'throughput', 'memory', 'parameters'],
    level: 'detailed',
    runs: [5, 20, 2, 5],
    more: { recommended_batch_sizes: [1, 4, 8, 16], recommended_sequence_lengths: [128, 512, 1024, 2048] },
  },
  vision: {
    metrics: ['latency', 'throughput', 'memory', 'flops'],
    level: 'detailed',
    runs: [3, 15, 1, 5],
    more: { recommended_batch_sizes: [1, 8, 16, 32], recommended_image_sizes: [224, 384, 512] },
  },
  multimodal: {
    metrics: ['latency', 'throughput', 'memory', 'parameters'],
    level: 'trace',
    runs: [5, 15, 2, 5],
    more: { recommended_batch_sizes: [1, 2, 4, 8] },
  },
  training: { metrics: ['latency', 'throughput', 'memory', 'flops'], level: 'trace', runs: [3, 10, 1, 3], backward: true },
};

/**
 * Settings that suit a type of model: `llm`, `vision`, `multimodal`, `training` or any other.
 *
 * @param options `quick` for fewer runs
 * @throws {ValidationError} for no type
 * @remarks Python: `hf_gtc.evaluation.profiling.get_recommended_profiling_config(model_type, quick=)`.
 * @example getRecommendedProfilingConfig('llm').num_runs // => 20
 */
export function getRecommendedProfilingConfig(modelType: string, { quick = false }: { readonly quick?: boolean } = {}): Readonly<Record<string, unknown>> {
  const type = nonEmpty(modelType, 'modelType').toLowerCase();
  const { metrics, level, runs, backward = false, more } = Object.hasOwn(RECOMMENDED, type) ? RECOMMENDED[type]! : RECOMMENDED.default!;
  return { metrics, level, warmup_runs: runs[quick ? 2 : 0], num_runs: runs[quick ? 3 : 1], include_backward: backward, ...more };
}

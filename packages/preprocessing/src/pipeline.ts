/** Pipelines of data stages: what each does, in which order, and what a run needs. Mirrors `hf_gtc.preprocessing.pipeline`. */
import {
  createFrom,
  type Definition,
  type Draft,
  formatCount,
  formatFixed,
  nonEmpty,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

const MIB = 2 ** 20;
const BATCH_SIZE = 32;
/** Copies of the data that a stage holds. */
const COPIES: Readonly<Partial<Record<string, number>>> = { batch: 0.1, transform: 0.5, map: 0.3 };
const CACHE_COPIES = 0.5;

const stage = (stageType: PipelineStage, functionName: string, cache: CacheStrategy = 'none', params: Readonly<Record<string, unknown>> = {}): StageConfig => ({
  stageType,
  functionName,
  params,
  cache,
});
const LIVE = (): Draft<PipelineConfig> => ({ stages: [stage('load', 'stream_input'), stage('map', 'process')], executionMode: 'lazy', prefetchFactor: 1 });
const RECOMMENDED: Readonly<Record<string, (numSamples: number) => Draft<PipelineConfig>>> = {
  training: numSamples => ({
    stages: [stage('load', 'load_dataset', 'disk'), stage('transform', 'tokenize', 'memory'), stage('batch', 'batch', 'none', { batch_size: BATCH_SIZE })],
    executionMode: 'parallel',
    numWorkers: numSamples > 10000 ? 4 : 1,
  }),
  inference: () => ({ stages: [stage('load', 'load_input'), stage('transform', 'preprocess')], prefetchFactor: 1 }),
  preprocessing: () => ({
    stages: [stage('load', 'load_raw', 'disk'), stage('filter', 'is_valid'), stage('transform', 'clean', 'memory'), stage('cache', 'save_cache', 'disk')],
    executionMode: 'parallel',
    numWorkers: 2,
    prefetchFactor: 4,
  }),
  streaming: LIVE,
  realtime: LIVE,
};

/** What a stage does. */
export const PipelineStage = { LOAD: 'load', TRANSFORM: 'transform', FILTER: 'filter', MAP: 'map', BATCH: 'batch', CACHE: 'cache' } as const;
export type PipelineStage = (typeof PipelineStage)[keyof typeof PipelineStage];

/** How a pipeline runs. */
export const ExecutionMode = { EAGER: 'eager', LAZY: 'lazy', PARALLEL: 'parallel', DISTRIBUTED: 'distributed' } as const;
export type ExecutionMode = (typeof ExecutionMode)[keyof typeof ExecutionMode];

/** Where results are kept. */
export const CacheStrategy = { NONE: 'none', MEMORY: 'memory', DISK: 'disk', HYBRID: 'hybrid' } as const;
export type CacheStrategy = (typeof CacheStrategy)[keyof typeof CacheStrategy];

/** Values of {@link PipelineStage}. */
export const VALID_PIPELINE_STAGES: ReadonlySet<PipelineStage> = new Set(Object.values(PipelineStage));

/** Values of {@link ExecutionMode}. */
export const VALID_EXECUTION_MODES: ReadonlySet<ExecutionMode> = new Set(Object.values(ExecutionMode));

/** Values of {@link CacheStrategy}. */
export const VALID_CACHE_STRATEGIES: ReadonlySet<CacheStrategy> = new Set(Object.values(CacheStrategy));

/** One stage. */
export interface StageConfig {
  readonly stageType: PipelineStage;
  /** Name among the functions that {@link executePipeline} is given; a name that is not there passes items on. */
  readonly functionName: string;
  /** Arguments of the function. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly cache: CacheStrategy;
}

/** Defaults and rules of {@link StageConfig}. */
export const StageConfig: Definition<StageConfig> = {
  name: 'StageConfig',
  fields: {
    stageType: { kind: 'enum', of: PipelineStage, default: PipelineStage.MAP },
    functionName: { kind: 'string', default: 'identity', nonEmpty: true },
    params: { kind: 'record', of: { kind: 'any' }, default: {} },
    cache: { kind: 'enum', of: CacheStrategy, default: CacheStrategy.NONE },
  },
};

/** Stages and how they run. */
export interface PipelineConfig {
  readonly stages: readonly StageConfig[];
  readonly executionMode: ExecutionMode;
  readonly numWorkers: number;
  /** Batches read ahead, each worker. */
  readonly prefetchFactor: number;
}

/** Defaults and rules of {@link PipelineConfig}. */
export const PipelineConfig: Definition<PipelineConfig> = {
  name: 'PipelineConfig',
  fields: {
    stages: {
      kind: 'array',
      of: { kind: 'config', of: StageConfig },
      default: [{ stageType: 'map', functionName: 'identity', params: {}, cache: 'none' }],
      nonEmpty: true,
    },
    executionMode: { kind: 'enum', of: ExecutionMode, default: ExecutionMode.EAGER },
    numWorkers: { kind: 'int', default: 1, positive: true },
    prefetchFactor: { kind: 'int', default: 2, nonNegative: true },
  },
};

/** What a run came to. */
export interface PipelineResult {
  readonly numProcessed: number;
  readonly numFiltered: number;
  readonly processingTimeSeconds: number;
  readonly cacheHits: number;
}

/** Defaults and rules of {@link PipelineResult}. */
export const PipelineResult: Definition<PipelineResult> = {
  name: 'PipelineResult',
  fields: {
    numProcessed: { kind: 'int', default: 0, nonNegative: true },
    numFiltered: { kind: 'int', default: 0, nonNegative: true },
    processingTimeSeconds: { kind: 'float', default: 0.0, nonNegative: true },
    cacheHits: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** Figures of a run. */
export interface PipelineStats {
  readonly totalSamples: number;
  readonly throughputSamplesPerSec: number;
  readonly memoryUsageMb: number;
  readonly cacheHitRate: number;
}

/** Defaults and rules of {@link PipelineStats}. */
export const PipelineStats: Definition<PipelineStats> = {
  name: 'PipelineStats',
  fields: {
    totalSamples: { kind: 'int', default: 0, nonNegative: true },
    throughputSamplesPerSec: { kind: 'float', default: 0.0, nonNegative: true },
    memoryUsageMb: { kind: 'float', default: 0.0, nonNegative: true },
    cacheHitRate: { kind: 'float', default: 0.0, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateStageConfig(config: StageConfig): void {
  validate(StageConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePipelineConfig(config: PipelineConfig): void {
  validate(PipelineConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePipelineResult(result: PipelineResult): void {
  validate(PipelineResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validatePipelineStats(stats: PipelineStats): void {
  validate(PipelineStats, stats, 'stats');
}

/** Settles a {@link StageConfig}. @throws {ValidationError} naming every broken rule */
export function createStageConfig(options: Partial<StageConfig> = {}): StageConfig {
  return createFrom(StageConfig, options);
}

/** Settles a {@link PipelineConfig}. @throws {ValidationError} naming every broken rule */
export function createPipelineConfig(options: Partial<PipelineConfig> = {}): PipelineConfig {
  return createFrom(PipelineConfig, options);
}

/** Settles a {@link PipelineResult}. @throws {ValidationError} naming every broken rule */
export function createPipelineResult(options: Partial<PipelineResult> = {}): PipelineResult {
  return createFrom(PipelineResult, options);
}

/** Settles a {@link PipelineStats}. @throws {ValidationError} naming every broken rule */
export function createPipelineStats(options: Partial<PipelineStats> = {}): PipelineStats {
  return createFrom(PipelineStats, options);
}

/** Pipeline stages in ascending order. */
export function listPipelineStages(): PipelineStage[] {
  return valuesOf(PipelineStage);
}

/** @throws {ValidationError} naming the values of {@link PipelineStage} */
export function getPipelineStage(name: string): PipelineStage {
  return parseEnum(PipelineStage, name, 'name');
}

/** Execution modes in ascending order. */
export function listExecutionModes(): ExecutionMode[] {
  return valuesOf(ExecutionMode);
}

/** @throws {ValidationError} naming the values of {@link ExecutionMode} */
export function getExecutionMode(name: string): ExecutionMode {
  return parseEnum(ExecutionMode, name, 'name');
}

/** Cache strategies in ascending order. */
export function listCacheStrategies(): CacheStrategy[] {
  return valuesOf(CacheStrategy);
}

/** @throws {ValidationError} naming the values of {@link CacheStrategy} */
export function getCacheStrategy(name: string): CacheStrategy {
  return parseEnum(CacheStrategy, name, 'name');
}

/**
 * Settles a {@link PipelineConfig} from stages in short form.
 *
 * @param options.stages kind, function and arguments of each stage; one that passes items on when null
 * @throws {ValidationError} unless stageType and executionMode are known, stages and functionName are not empty, numWorkers is positive
 * @remarks Python: `hf_gtc.preprocessing.pipeline.build_pipeline(stages=, execution_mode=, num_workers=)`.
 * @example buildPipeline({ stages: [['map', 'tokenize', null]] }).stages // => [{ stageType: 'map', functionName: 'tokenize', params: {}, cache: 'none' }]
 */
export function buildPipeline(
  options: {
    readonly stages?: readonly (readonly [stageType: string, functionName: string, params: Readonly<Record<string, unknown>> | null])[] | null;
    readonly executionMode?: string;
    readonly numWorkers?: number;
  } = {},
): PipelineConfig {
  const { stages = null, executionMode = 'eager', numWorkers = 1 } = options;
  const settled = stages?.map(([stageType, functionName, params]) =>
    createStageConfig({ stageType: parseEnum(PipelineStage, stageType, 'stageType'), functionName, params: params ?? {} }),
  );
  return createFrom(PipelineConfig, { stages: settled, executionMode: parseEnum(ExecutionMode, executionMode, 'executionMode'), numWorkers });
}

/** A function of a stage: an item, and the stage's arguments for a transform. */
export type StageFunction = (item: never, params?: Readonly<Record<string, unknown>>) => unknown;

/** Items in groups. */
function grouped(items: readonly unknown[], size: number): unknown[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** What one stage makes of the items. */
function runStage(
  items: readonly unknown[],
  { stageType, functionName, params }: StageConfig,
  functions: Readonly<Record<string, StageFunction>>,
): readonly unknown[] {
  const named = Object.hasOwn(functions, functionName)
    ? (functions[functionName] as (item: unknown, params?: Readonly<Record<string, unknown>>) => unknown)
    : null;
  if (stageType === 'batch') return grouped(items, positive(Number(params['batch_size'] ?? params['batchSize'] ?? BATCH_SIZE), 'batchSize'));
  if (named === null) return items;
  if (stageType === 'filter') return items.filter(item => named(item));
  if (stageType === 'map') return items.map(item => named(item));
  return stageType === 'transform' ? items.map(item => named(item, params)) : items;
}

/**
 * Runs the stages one after the other, here and now, whatever mode the settings name. Stages that load or cache pass items on, so no cache is ever hit.
 *
 * @param functions by the names that stages call them
 * @returns the items that come out, and how many came out and were filtered in how many seconds
 * @remarks Python: `hf_gtc.preprocessing.pipeline.execute_pipeline(data, config=, functions=)`.
 * @example executePipeline([1, 2, 3], { config: buildPipeline({ stages: [['filter', 'odd', null]] }), functions: { odd: (n: number) => n % 2 } })[0] // => [1, 3]
 */
export function executePipeline(
  data: readonly unknown[],
  { config = null, functions = null }: { readonly config?: PipelineConfig | null; readonly functions?: Readonly<Record<string, StageFunction>> | null } = {},
): [items: unknown[], result: PipelineResult] {
  notNull(data, 'data');
  const started = performance.now();
  let items: readonly unknown[] = data;
  let numFiltered = 0;
  for (const stage of (config ?? createFrom(PipelineConfig)).stages) {
    const before = items.length;
    items = runStage(items, stage, functions ?? {});
    if (stage.stageType === 'filter') numFiltered += before - items.length;
  }
  return [[...items], { numProcessed: items.length, numFiltered, processingTimeSeconds: (performance.now() - started) / 1000, cacheHits: 0 }];
}

/**
 * Moves filters before maps and gives transforms a cache in memory. This presumes that a filter does not read what a map before it writes: keep the
 * order yourself where one does.
 *
 * @param sampleSize items that a measurement would use; nothing is measured here
 * @throws {ValidationError} unless sampleSize is positive
 * @remarks Python: `hf_gtc.preprocessing.pipeline.optimize_pipeline(config, sample_size=)`.
 * @example optimizePipeline(buildPipeline({ stages: [['map', 'a', null], ['filter', 'b', null]] })).stages.map(({ functionName }) => functionName) // => ['b', 'a']
 */
export function optimizePipeline(config: PipelineConfig, { sampleSize = 100 }: { readonly sampleSize?: number } = {}): PipelineConfig {
  notNull(config, 'config');
  positive(sampleSize, 'sampleSize');
  return {
    ...config,
    stages: filtersFirst(config.stages).map(stage => (stage.stageType === 'transform' && stage.cache === 'none' ? { ...stage, cache: 'memory' } : stage)),
  };
}

/** Every filter before the first map, all else where it was. */
function filtersFirst(stages: readonly StageConfig[]): StageConfig[] {
  const firstMap = stages.findIndex(({ stageType }) => stageType === 'map');
  if (firstMap === -1) return [...stages];
  const [before, after] = [stages.slice(0, firstMap), stages.slice(firstMap)];
  return [...before, ...after.filter(({ stageType }) => stageType === 'filter'), ...after.filter(({ stageType }) => stageType !== 'filter')];
}

/**
 * Memory of a run in MiB, at a guess: the items, more for stages that hold a copy, for each further worker, and for prefetching.
 *
 * @throws {ValidationError} unless avgSampleSizeBytes is positive
 * @remarks Python: `hf_gtc.preprocessing.pipeline.estimate_pipeline_memory(config, num_samples, avg_sample_size_bytes=)`; within 1e-12.
 * @example estimatePipelineMemory({ stages: [{ stageType: 'map', functionName: 'identity', params: {}, cache: 'none' }], executionMode: 'eager', numWorkers: 1, prefetchFactor: 2 }, 0) // => 0
 */
export function estimatePipelineMemory(
  config: PipelineConfig,
  numSamples: number,
  { avgSampleSizeBytes = 1024 }: { readonly avgSampleSizeBytes?: number } = {},
): number {
  notNull(config, 'config');
  nonNegative(numSamples, 'numSamples');
  positive(avgSampleSizeBytes, 'avgSampleSizeBytes');
  const copies = config.stages.reduce((total, { stageType, cache }) => total + (COPIES[stageType] ?? (cache === 'none' ? 0 : CACHE_COPIES)), 1);
  return ((numSamples * avgSampleSizeBytes) / MIB) * copies * (1 + 0.1 * (config.numWorkers - 1)) * (1 + 0.05 * config.prefetchFactor);
}

/**
 * Whether an output has a length within bounds and items of a kind.
 *
 * @param expectedType name that `typeof` gives, or a class
 * @remarks Python: `hf_gtc.preprocessing.pipeline.validate_pipeline_output(output, expected_type=, min_length=, max_length=)`.
 * @example validatePipelineOutput([0.001, ')']) // => true
 */
export function validatePipelineOutput(
  output: readonly unknown[],
  {
    expectedType = null,
    minLength = 0,
    maxLength = null,
  }: {
    readonly expectedType?: string | (abstract new (...args: never[]) => unknown) | null;
    readonly minLength?: number;
    readonly maxLength?: number | null;
  } = {},
): boolean {
  notNull(output, 'output');
  nonNegative(minLength, 'minLength');
  if (maxLength !== null && maxLength < minLength)
    throw new ValidationError(`maxLength must be at least minLength ${minLength}, got ${maxLength}`, { parameter: 'maxLength', received: maxLength });
  if (output.length < minLength || output.length > (maxLength ?? Number.POSITIVE_INFINITY)) return false;
  return expectedType === null || output.every(item => (typeof expectedType === 'function' ? item instanceof expectedType : typeof item === expectedType));
}

/**
 * Figures of a run, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.pipeline.format_pipeline_stats(stats)`; the same text.
 */
export function formatPipelineStats(stats: PipelineStats): string {
  const { totalSamples, throughputSamplesPerSec, memoryUsageMb, cacheHitRate } = notNull(stats, 'stats');
  return [
    'Pipeline Statistics',
    '='.repeat(40),
    `Total samples:         ${formatCount(totalSamples)}`,
    `Throughput:            ${formatFixed(throughputSamplesPerSec, 1, { group: ',' })} samples/sec`,
    `Memory usage:          ${formatFixed(memoryUsageMb, 1, { group: ',' })} MB`,
    `Cache hit rate:        ${formatFixed(cacheHitRate * 100, 1)}%`,
  ].join('\n');
}

/**
 * Stages for a use; one that passes items on for a use that is not known.
 *
 * @param useCase `training`, `inference`, `preprocessing`, `streaming` or `realtime`
 * @param numSamples above 10000, training and preprocessing take more workers
 * @throws {ValidationError} unless useCase is not empty
 * @remarks Python: `hf_gtc.preprocessing.pipeline.get_recommended_pipeline_config(use_case, num_samples=)`.
 * @example getRecommendedPipelineConfig('training').stages.map(({ functionName }) => functionName) // => ['load_dataset', 'tokenize', 'batch']
 */
export function getRecommendedPipelineConfig(useCase: string, { numSamples = 10000 }: { readonly numSamples?: number } = {}): PipelineConfig {
  nonEmpty(useCase, 'useCase');
  nonNegative(numSamples, 'numSamples');
  return createFrom(PipelineConfig, RECOMMENDED[useCase]?.(numSamples) ?? {});
}

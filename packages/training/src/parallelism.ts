/** Model and data parallelism: layouts of devices, their memory and the share of time that communication takes. Mirrors `hf_gtc.training.parallelism`. */
import { allPositive, createFrom, type Definition, formatFixed, parseEnum, positive, roundTo, validate, valuesOf } from '@gtc/errors';

/** Parameters in billions for which the constants hold. */
const REFERENCE_BILLIONS = 7;

/** Bytes of weights, gradients and Adam's state for a parameter. */
const STATE_BYTES = 12;

/** Those of them that every replica keeps. */
const REPLICATED_BYTES: Readonly<Record<ParallelShardingStrategy, number>> = { full_shard: 0, shard_grad_op: 2, hybrid: STATE_BYTES, no_shard: STATE_BYTES };

/** What is split between devices. */
export const ParallelismType = { DATA: 'data', TENSOR: 'tensor', PIPELINE: 'pipeline', SEQUENCE: 'sequence', EXPERT: 'expert' } as const;
export type ParallelismType = (typeof ParallelismType)[keyof typeof ParallelismType];

/** How much of the training state FSDP splits. */
export const ParallelShardingStrategy = { FULL_SHARD: 'full_shard', SHARD_GRAD_OP: 'shard_grad_op', NO_SHARD: 'no_shard', HYBRID: 'hybrid' } as const;
export type ParallelShardingStrategy = (typeof ParallelShardingStrategy)[keyof typeof ParallelShardingStrategy];

/** Libraries for collective operations. */
export const CommunicationBackend = { NCCL: 'nccl', GLOO: 'gloo', MPI: 'mpi' } as const;
export type CommunicationBackend = (typeof CommunicationBackend)[keyof typeof CommunicationBackend];

/** Values of {@link ParallelismType}. */
export const VALID_PARALLELISM_TYPES: ReadonlySet<ParallelismType> = new Set(Object.values(ParallelismType));

/** Values of {@link ParallelShardingStrategy}. */
export const VALID_PARALLEL_SHARDING_STRATEGIES: ReadonlySet<ParallelShardingStrategy> = new Set(Object.values(ParallelShardingStrategy));

/** Values of {@link CommunicationBackend}. */
export const VALID_COMMUNICATION_BACKENDS: ReadonlySet<CommunicationBackend> = new Set(Object.values(CommunicationBackend));

/** Each matrix cut between devices (Megatron-LM). */
export interface TensorParallelConfig {
  /** Devices that share one matrix, a power of two. */
  readonly tpSize: number;
  /** 0 cuts rows, 1 cuts columns. */
  readonly partitionDim: number;
  /** Also cuts norms and dropout along the sequence. */
  readonly sequenceParallel: boolean;
  /** Overlaps communication with computation. */
  readonly asyncComm: boolean;
}

/** Defaults and rules of {@link TensorParallelConfig}. */
export const TensorParallelConfig: Definition<TensorParallelConfig> = {
  name: 'TensorParallelConfig',
  fields: {
    tpSize: { kind: 'int', default: 1, positive: true },
    partitionDim: { kind: 'int', default: 1, min: 0, max: 1 },
    sequenceParallel: { kind: 'bool', default: false },
    asyncComm: { kind: 'bool', default: true },
  },
  rules: [({ tpSize }) => (Number.isInteger(Math.log2(tpSize)) ? null : `tpSize must be a power of 2, got ${tpSize}`)],
};

/** Layers cut into stages. */
export interface PipelineParallelConfig {
  /** Stages. */
  readonly ppSize: number;
  /** Pieces of a batch in flight, at least one for each stage. */
  readonly numMicrobatches: number;
  /** Several chunks of layers for each device, which shortens the bubble. */
  readonly interleave: boolean;
  readonly activationCheckpointing: boolean;
}

/** Defaults and rules of {@link PipelineParallelConfig}. */
export const PipelineParallelConfig: Definition<PipelineParallelConfig> = {
  name: 'PipelineParallelConfig',
  fields: {
    ppSize: { kind: 'int', default: 1, positive: true },
    numMicrobatches: { kind: 'int', default: 1, positive: true },
    interleave: { kind: 'bool', default: false },
    activationCheckpointing: { kind: 'bool', default: true },
  },
  rules: [({ numMicrobatches, ppSize }) => (numMicrobatches < ppSize ? `numMicrobatches must be at least ppSize ${ppSize}, got ${numMicrobatches}` : null)],
};

/** Training state split between data-parallel devices. */
export interface ParallelFSDPConfig {
  readonly shardingStrategy: ParallelShardingStrategy;
  readonly cpuOffload: boolean;
  readonly backwardPrefetch: boolean;
  readonly mixedPrecision: boolean;
}

/** Defaults and rules of {@link ParallelFSDPConfig}. */
export const ParallelFSDPConfig: Definition<ParallelFSDPConfig> = {
  name: 'ParallelFSDPConfig',
  fields: {
    shardingStrategy: { kind: 'enum', of: ParallelShardingStrategy, default: ParallelShardingStrategy.FULL_SHARD },
    cpuOffload: { kind: 'bool', default: false },
    backwardPrefetch: { kind: 'bool', default: true },
    mixedPrecision: { kind: 'bool', default: true },
  },
  rules: [
    ({ cpuOffload, shardingStrategy }) => (cpuOffload && shardingStrategy === 'no_shard' ? 'cpuOffload needs a shardingStrategy other than no_shard' : null),
  ],
};

/** A whole layout; the world size is `dpSize · tpSize · ppSize`. */
export interface ParallelConfig {
  /** Replicas. */
  readonly dpSize: number;
  readonly tpConfig: TensorParallelConfig;
  readonly ppConfig: PipelineParallelConfig;
  readonly fsdpConfig: ParallelFSDPConfig;
  readonly backend: CommunicationBackend;
}

/** Defaults and rules of {@link ParallelConfig}. */
export const ParallelConfig: Definition<ParallelConfig> = {
  name: 'ParallelConfig',
  fields: {
    dpSize: { kind: 'int', default: 1, positive: true },
    tpConfig: { kind: 'config', of: TensorParallelConfig },
    ppConfig: { kind: 'config', of: PipelineParallelConfig },
    fsdpConfig: { kind: 'config', of: ParallelFSDPConfig },
    backend: { kind: 'enum', of: CommunicationBackend, default: CommunicationBackend.NCCL },
  },
};

/** What a layout costs. */
export interface ParallelStats {
  readonly worldSize: number;
  /** In 10⁹ bytes. */
  readonly memoryPerDeviceGb: number;
  /** Share of the time of a step, 0 to 0.5. */
  readonly communicationOverhead: number;
  /** 1 less the overhead. */
  readonly efficiency: number;
}

/** Defaults and rules of {@link ParallelStats}. */
export const ParallelStats: Definition<ParallelStats> = {
  name: 'ParallelStats',
  fields: {
    worldSize: { kind: 'int' },
    memoryPerDeviceGb: { kind: 'float' },
    communicationOverhead: { kind: 'float' },
    efficiency: { kind: 'float' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTensorParallelConfig(config: TensorParallelConfig): void {
  validate(TensorParallelConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePipelineParallelConfig(config: PipelineParallelConfig): void {
  validate(PipelineParallelConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFsdpConfig(config: ParallelFSDPConfig): void {
  validate(ParallelFSDPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateParallelConfig(config: ParallelConfig): void {
  validate(ParallelConfig, config);
}

/** Settles a {@link TensorParallelConfig}. @throws {ValidationError} naming every broken rule */
export function createTensorParallelConfig(options: Partial<TensorParallelConfig> = {}): TensorParallelConfig {
  return createFrom(TensorParallelConfig, options);
}

/** Settles a {@link PipelineParallelConfig}. @throws {ValidationError} naming every broken rule */
export function createPipelineParallelConfig(options: Partial<PipelineParallelConfig> = {}): PipelineParallelConfig {
  return createFrom(PipelineParallelConfig, options);
}

/** Settles a {@link ParallelFSDPConfig}. @throws {ValidationError} naming every broken rule */
export function createFsdpConfig(options: Partial<ParallelFSDPConfig> = {}): ParallelFSDPConfig {
  return createFrom(ParallelFSDPConfig, options);
}

/** Settles a {@link ParallelConfig}. @throws {ValidationError} naming every broken rule */
export function createParallelConfig(
  options: Partial<Omit<ParallelConfig, 'tpConfig' | 'ppConfig' | 'fsdpConfig'>> & {
    readonly tpConfig?: TensorParallelConfig | null;
    readonly ppConfig?: PipelineParallelConfig | null;
    readonly fsdpConfig?: ParallelFSDPConfig | null;
  } = {},
): ParallelConfig {
  return createFrom(ParallelConfig, {
    ...options,
    tpConfig: options.tpConfig ?? createFrom(TensorParallelConfig),
    ppConfig: options.ppConfig ?? createFrom(PipelineParallelConfig),
    fsdpConfig: options.fsdpConfig ?? createFrom(ParallelFSDPConfig),
  });
}

/** Parallelism types in ascending order. */
export function listParallelismTypes(): ParallelismType[] {
  return valuesOf(ParallelismType);
}

/** Sharding strategies in ascending order. */
export function listShardingStrategies(): ParallelShardingStrategy[] {
  return valuesOf(ParallelShardingStrategy);
}

/** Communication backends in ascending order. */
export function listCommunicationBackends(): CommunicationBackend[] {
  return valuesOf(CommunicationBackend);
}

/** @throws {ValidationError} naming the values of {@link ParallelismType} */
export function getParallelismType(name: string): ParallelismType {
  return parseEnum(ParallelismType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ParallelShardingStrategy} */
export function getShardingStrategy(name: string): ParallelShardingStrategy {
  return parseEnum(ParallelShardingStrategy, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link CommunicationBackend} */
export function getCommunicationBackend(name: string): CommunicationBackend {
  return parseEnum(CommunicationBackend, name, 'name');
}

/**
 * Devices of a layout: `dpSize · tpSize · ppSize`.
 *
 * @remarks Python: `hf_gtc.training.parallelism.calculate_world_size(config)`.
 */
export function calculateWorldSize(config: ParallelConfig): number {
  return config.dpSize * config.tpConfig.tpSize * config.ppConfig.ppSize;
}

/**
 * Share of a step that communication takes: 0.05 log₂ of the replicas for their all-reduce, 0.1 log₂ of the tensor-parallel devices, both less 30 %
 * with sequence
 * parallelism, 0.03 for each stage of a pipeline, less 20 % when interleaved; smaller for models above seven billion parameters, at most 0.5.
 *
 * @throws {ValidationError} unless modelParamsBillions is positive
 * @remarks Python: `hf_gtc.training.parallelism.estimate_communication_overhead(config, model_params_billions=)`; within 1e-12.
 */
export function estimateCommunicationOverhead(config: ParallelConfig, { modelParamsBillions = 7.0 }: { readonly modelParamsBillions?: number } = {}): number {
  positive(modelParamsBillions, 'modelParamsBillions');
  const { dpSize, tpConfig, ppConfig } = config;
  let overhead = (dpSize > 1 ? 0.05 * Math.log2(dpSize) : 0) + (tpConfig.tpSize > 1 ? 0.1 * Math.log2(tpConfig.tpSize) : 0);
  if (tpConfig.sequenceParallel) overhead *= 0.7;
  if (ppConfig.ppSize > 1) overhead += 0.03 * ppConfig.ppSize * (ppConfig.interleave ? 0.8 : 1);
  return Math.min(0.5, overhead * Math.min(1, REFERENCE_BILLIONS / modelParamsBillions));
}

/**
 * Memory of one device in 10⁹ bytes, rounded to two decimals: 2 bytes of weights, 2 of gradients and 8 of Adam's state for each parameter, divided by
 * the
 * tensor and pipeline devices and by the replicas over which FSDP splits them; activations of `batch · sequence · width` 16-bit values, 30 % of them
 * where they are
 * recomputed, with a width of `4096 √(billions / 7)`.
 *
 * @throws {ValidationError} unless modelParamsBillions, batchSize and sequenceLength are positive and no size is 0
 * @remarks Python: `hf_gtc.training.parallelism.calculate_memory_per_device(config, model_params_billions=, batch_size=, sequence_length=)`; within
 * 1e-12.
 */
export function calculateMemoryPerDevice(
  config: ParallelConfig,
  {
    modelParamsBillions = 7.0,
    batchSize = 8,
    sequenceLength = 2048,
  }: { readonly modelParamsBillions?: number; readonly batchSize?: number; readonly sequenceLength?: number } = {},
): number {
  allPositive({ modelParamsBillions, batchSize, sequenceLength });
  const { dpSize, tpConfig, ppConfig, fsdpConfig } = config;
  for (const [name, size] of Object.entries({ dpSize, tpSize: tpConfig.tpSize, ppSize: ppConfig.ppSize })) if (size === 0) positive(size, name);
  const billions = modelParamsBillions / (tpConfig.tpSize * ppConfig.ppSize);
  const replicated = REPLICATED_BYTES[fsdpConfig.shardingStrategy];
  const state = billions * (replicated + (STATE_BYTES - replicated) / dpSize);
  const width = 4096 * Math.sqrt(modelParamsBillions / REFERENCE_BILLIONS);
  const activations = (batchSize * sequenceLength * width * 2 * (ppConfig.activationCheckpointing ? 0.3 : 1)) / tpConfig.tpSize / 1e9;
  return roundTo(state + activations, 2);
}

/**
 * The smallest split that fits: tensor parallelism doubles up to 8, then the pipeline up to 8 stages, until 16 bytes for each parameter take at most 80
 * % of a
 * device; what is left of the devices holds replicas.
 *
 * @throws {ValidationError} unless gpuMemoryGb, modelParamsBillions, numGpus and targetBatchSize are positive
 * @remarks Python: `hf_gtc.training.parallelism.optimize_parallelism_strategy(model_params_billions, num_gpus, gpu_memory_gb=, target_batch_size=)`.
 */
export function optimizeParallelismStrategy(
  modelParamsBillions: number,
  numGpus: number,
  { gpuMemoryGb = 80.0, targetBatchSize = 1024 }: { readonly gpuMemoryGb?: number; readonly targetBatchSize?: number } = {},
): ParallelConfig {
  allPositive({ modelParamsBillions, numGpus, gpuMemoryGb, targetBatchSize });
  const fits = (devices: number): boolean => !((16 * modelParamsBillions) / devices > 0.8 * gpuMemoryGb);
  let tpSize = 1;
  while (tpSize < 8 && 2 * tpSize <= numGpus && !fits(tpSize)) tpSize *= 2;
  let ppSize = 1;
  while (ppSize < 8 && 2 * ppSize * tpSize <= numGpus && !fits(tpSize * ppSize)) ppSize *= 2;
  const dpSize = Math.max(1, Math.floor(numGpus / (tpSize * ppSize)));
  return createParallelConfig({
    dpSize,
    tpConfig: createTensorParallelConfig({ tpSize, sequenceParallel: tpSize > 1 }),
    ppConfig: createPipelineParallelConfig({ ppSize, numMicrobatches: ppSize > 1 ? Math.max(4, ppSize) : 1, interleave: ppSize > 2 }),
    fsdpConfig: createFsdpConfig({ shardingStrategy: dpSize > 1 ? 'full_shard' : 'no_shard' }),
  });
}

/**
 * What a layout costs, as text.
 *
 * @remarks Python: `hf_gtc.training.parallelism.format_parallel_stats(stats)`; the same text.
 */
export function formatParallelStats(stats: ParallelStats): string {
  return [
    'Parallel Stats:',
    `  World Size: ${stats.worldSize}`,
    `  Memory: ${formatFixed(stats.memoryPerDeviceGb, 2)} GB per device`,
    `  Communication Overhead: ${formatFixed(100 * stats.communicationOverhead, 1)}%`,
    `  Efficiency: ${formatFixed(100 * stats.efficiency, 1)}%`,
  ].join('\n');
}

/**
 * A layout for a model and a number of devices: {@link optimizeParallelismStrategy} with a batch of 1024.
 *
 * @throws {ValidationError} unless modelParamsBillions, numGpus and gpuMemoryGb are positive
 * @remarks Python: `hf_gtc.training.parallelism.get_recommended_parallel_config(model_params_billions, num_gpus, gpu_memory_gb=)`.
 */
export function getRecommendedParallelConfig(
  modelParamsBillions: number,
  numGpus: number,
  { gpuMemoryGb = 80.0 }: { readonly gpuMemoryGb?: number } = {},
): ParallelConfig {
  return optimizeParallelismStrategy(modelParamsBillions, numGpus, { gpuMemoryGb });
}

/**
 * Computes what a layout costs.
 *
 * @throws {ValidationError} unless modelParamsBillions is positive
 * @remarks Python: `hf_gtc.training.parallelism.create_parallel_stats(config, model_params_billions=)`.
 */
export function createParallelStats(config: ParallelConfig, { modelParamsBillions = 7.0 }: { readonly modelParamsBillions?: number } = {}): ParallelStats {
  const communicationOverhead = estimateCommunicationOverhead(config, { modelParamsBillions });
  return {
    worldSize: calculateWorldSize(config),
    memoryPerDeviceGb: calculateMemoryPerDevice(config, { modelParamsBillions }),
    communicationOverhead,
    efficiency: 1 - communicationOverhead,
  };
}

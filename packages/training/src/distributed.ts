/** Distributed training: sharding, memory by strategy, and how well it scales. Mirrors `hf_gtc.training.distributed`. */
import { allPositive, createFrom, type Definition, formatFixed, parseEnum, positive, roundTo, validate, valuesOf } from '@gtc/errors';

/** What each worker keeps a part of. */
export const ShardingStrategy = { FULL_SHARD: 'full_shard', SHARD_GRAD_OP: 'shard_grad_op', NO_SHARD: 'no_shard', HYBRID_SHARD: 'hybrid_shard' } as const;
export type ShardingStrategy = (typeof ShardingStrategy)[keyof typeof ShardingStrategy];

/** Stages of ZeRO (Rajbhandari et al. 2020). */
export const DeepSpeedStage = { STAGE_0: 'stage_0', STAGE_1: 'stage_1', STAGE_2: 'stage_2', STAGE_3: 'stage_3' } as const;
export type DeepSpeedStage = (typeof DeepSpeedStage)[keyof typeof DeepSpeedStage];

/** What workers talk through. */
export const DistributedBackend = { NCCL: 'nccl', GLOO: 'gloo', MPI: 'mpi' } as const;
export type DistributedBackend = (typeof DistributedBackend)[keyof typeof DistributedBackend];

/** Which activations are computed again. */
export const ActivationCheckpointing = { NONE: 'none', FULL: 'full', SELECTIVE: 'selective' } as const;
export type ActivationCheckpointing = (typeof ActivationCheckpointing)[keyof typeof ActivationCheckpointing];

/** Values of {@link ShardingStrategy}. */
export const VALID_SHARDING_STRATEGIES: ReadonlySet<ShardingStrategy> = new Set(Object.values(ShardingStrategy));

/** Values of {@link DeepSpeedStage}. */
export const VALID_DEEPSPEED_STAGES: ReadonlySet<DeepSpeedStage> = new Set(Object.values(DeepSpeedStage));

/** Values of {@link DistributedBackend}. */
export const VALID_BACKENDS: ReadonlySet<DistributedBackend> = new Set(Object.values(DistributedBackend));

/** Values of {@link ActivationCheckpointing}. */
export const VALID_CHECKPOINTING: ReadonlySet<ActivationCheckpointing> = new Set(Object.values(ActivationCheckpointing));

/** Fully sharded data parallelism. */
export interface FSDPConfig {
  readonly shardingStrategy: ShardingStrategy;
  readonly cpuOffload: boolean;
  readonly mixedPrecision: boolean;
  readonly backwardPrefetch: boolean;
  readonly forwardPrefetch: boolean;
  readonly activationCheckpointing: ActivationCheckpointing;
}

/** Defaults and rules of {@link FSDPConfig}. */
export const FSDPConfig: Definition<FSDPConfig> = {
  name: 'FSDPConfig',
  fields: {
    shardingStrategy: { kind: 'enum', of: ShardingStrategy, default: ShardingStrategy.FULL_SHARD },
    cpuOffload: { kind: 'bool', default: false },
    mixedPrecision: { kind: 'bool', default: true },
    backwardPrefetch: { kind: 'bool', default: true },
    forwardPrefetch: { kind: 'bool', default: false },
    activationCheckpointing: { kind: 'enum', of: ActivationCheckpointing, default: ActivationCheckpointing.NONE },
  },
  rules: [
    ({ cpuOffload, shardingStrategy }) => (cpuOffload && shardingStrategy === 'no_shard' ? 'cpuOffload needs a shardingStrategy other than no_shard' : null),
  ],
};

/** DeepSpeed. */
export interface DeepSpeedConfig {
  readonly stage: DeepSpeedStage;
  readonly offloadOptimizer: boolean;
  readonly offloadParam: boolean;
  readonly overlapComm: boolean;
  readonly contiguousGradients: boolean;
  readonly reduceBucketSize: number;
}

/** Defaults and rules of {@link DeepSpeedConfig}. */
export const DeepSpeedConfig: Definition<DeepSpeedConfig> = {
  name: 'DeepSpeedConfig',
  fields: {
    stage: { kind: 'enum', of: DeepSpeedStage, default: DeepSpeedStage.STAGE_2 },
    offloadOptimizer: { kind: 'bool', default: false },
    offloadParam: { kind: 'bool', default: false },
    overlapComm: { kind: 'bool', default: true },
    contiguousGradients: { kind: 'bool', default: true },
    reduceBucketSize: { kind: 'int', default: 500000000, positive: true },
  },
  rules: [({ offloadParam, stage }) => (offloadParam && stage !== 'stage_3' ? `offloadParam needs stage_3, got ${stage}` : null)],
};

/** Workers and where they are. */
export interface DistributedConfig {
  readonly backend: DistributedBackend;
  readonly worldSize: number;
  readonly localRank: number;
  readonly numNodes: number;
  readonly gpusPerNode: number;
}

/** Defaults and rules of {@link DistributedConfig}. */
export const DistributedConfig: Definition<DistributedConfig> = {
  name: 'DistributedConfig',
  fields: {
    backend: { kind: 'enum', of: DistributedBackend, default: DistributedBackend.NCCL },
    worldSize: { kind: 'int', default: 1, positive: true },
    localRank: { kind: 'int', default: 0 },
    numNodes: { kind: 'int', default: 1, positive: true },
    gpusPerNode: { kind: 'int', default: 1, positive: true },
  },
  rules: [
    ({ worldSize, numNodes, gpusPerNode }) =>
      worldSize === numNodes * gpusPerNode ? null : `worldSize must be numNodes * gpusPerNode (${numNodes * gpusPerNode}), got ${worldSize}`,
    ({ localRank, gpusPerNode }) =>
      localRank >= 0 && localRank < gpusPerNode ? null : `localRank must be in [0, gpusPerNode (${gpusPerNode})), got ${localRank}`,
  ],
};

/** Expected memory of a worker, GB. */
export interface MemoryEstimate {
  readonly modelMemoryGb: number;
  readonly optimizerMemoryGb: number;
  readonly gradientMemoryGb: number;
  readonly activationMemoryGb: number;
  readonly totalMemoryGb: number;
}

/** How well more workers help. */
export interface ScalingMetrics {
  readonly throughputSamplesPerSec: number;
  readonly scalingEfficiency: number;
  readonly communicationOverhead: number;
  readonly gpuUtilization: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateFsdpConfig(config: FSDPConfig): void {
  validate(FSDPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDeepspeedConfig(config: DeepSpeedConfig): void {
  validate(DeepSpeedConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDistributedConfig(config: DistributedConfig): void {
  validate(DistributedConfig, config);
}

/** Settles a {@link FSDPConfig}. @throws {ValidationError} naming every broken rule */
export function createFsdpConfig(options: Partial<FSDPConfig> = {}): FSDPConfig {
  return createFrom(FSDPConfig, options);
}

/** Settles a {@link DeepSpeedConfig}. @throws {ValidationError} naming every broken rule */
export function createDeepspeedConfig(options: Partial<DeepSpeedConfig> = {}): DeepSpeedConfig {
  return createFrom(DeepSpeedConfig, options);
}

/** Settles a {@link DistributedConfig}. @throws {ValidationError} naming every broken rule */
export function createDistributedConfig(options: Partial<DistributedConfig> = {}): DistributedConfig {
  return createFrom(DistributedConfig, options);
}

/** Sharding strategies in ascending order. */
export function listShardingStrategies(): ShardingStrategy[] {
  return valuesOf(ShardingStrategy);
}

/** Deepspeed stages in ascending order. */
export function listDeepspeedStages(): DeepSpeedStage[] {
  return valuesOf(DeepSpeedStage);
}

/** Backends in ascending order. */
export function listBackends(): DistributedBackend[] {
  return valuesOf(DistributedBackend);
}

/** @throws {ValidationError} naming the sharding strategies */
export function getShardingStrategy(name: string): ShardingStrategy {
  return parseEnum(ShardingStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the deepspeed stages */
export function getDeepspeedStage(name: string): DeepSpeedStage {
  return parseEnum(DeepSpeedStage, name, 'stage');
}

/** GB for a billion parameters: half-precision weights and gradients, Adam's two states in full precision, and activations. */
const WEIGHTS = 2;
const ADAM = 8;
const ACTIVATIONS = 2;

function rounded(model: number, optimizer: number, gradient: number, activation: number): MemoryEstimate {
  return Object.freeze({
    modelMemoryGb: roundTo(model, 2),
    optimizerMemoryGb: roundTo(optimizer, 2),
    gradientMemoryGb: roundTo(gradient, 2),
    activationMemoryGb: roundTo(activation, 2),
    totalMemoryGb: roundTo(model + optimizer + gradient + activation, 2),
  });
}

/**
 * Memory of a worker under FSDP: `full_shard` divides weights, gradients and states by the workers, `shard_grad_op` gradients and states; everything else keeps
 * them whole.
 *
 * @returns GB, rounded to two decimals
 * @throws {ValidationError} for no workers
 * @remarks Python: `hf_gtc.training.distributed.estimate_fsdp_memory(model_params_billions, sharding_strategy=, world_size=, mixed_precision=, activation_checkpointing=)`.
 * @example estimateFsdpMemory(7).totalMemoryGb // => 24.5
 */
export function estimateFsdpMemory(
  modelParamsBillions: number,
  {
    shardingStrategy = 'full_shard',
    worldSize = 8,
    mixedPrecision = true,
    activationCheckpointing = false,
  }: {
    readonly shardingStrategy?: string;
    readonly worldSize?: number;
    readonly mixedPrecision?: boolean;
    readonly activationCheckpointing?: boolean;
  } = {},
): MemoryEstimate {
  positive(worldSize, 'worldSize');
  const weights = modelParamsBillions * (mixedPrecision ? WEIGHTS : 2 * WEIGHTS);
  const states = shardingStrategy === 'full_shard' || shardingStrategy === 'shard_grad_op' ? worldSize : 1;
  const activations = modelParamsBillions * ACTIVATIONS * (activationCheckpointing ? 0.3 : 1);
  return rounded(weights / (shardingStrategy === 'full_shard' ? worldSize : 1), (modelParamsBillions * ADAM) / states, weights / states, activations);
}

/**
 * Memory of a worker under ZeRO: stage 1 divides the states, stage 2 the gradients too, stage 3 also the weights. A tenth of what is offloaded stays.
 *
 * @returns GB, rounded to two decimals
 * @throws {ValidationError} for no workers
 * @remarks Python: `hf_gtc.training.distributed.estimate_deepspeed_memory(model_params_billions, stage=, world_size=, offload_optimizer=, offload_param=)`.
 * @example estimateDeepspeedMemory(7, { stage: 'stage_3' }).totalMemoryGb // => 24.5
 */
export function estimateDeepspeedMemory(
  modelParamsBillions: number,
  {
    stage = 'stage_2',
    worldSize = 8,
    offloadOptimizer = false,
    offloadParam = false,
  }: { readonly stage?: string; readonly worldSize?: number; readonly offloadOptimizer?: boolean; readonly offloadParam?: boolean } = {},
): MemoryEstimate {
  positive(worldSize, 'worldSize');
  const level = ['stage_1', 'stage_2', 'stage_3'].indexOf(stage) + 1;
  const share = (least: number): number => (level >= least ? worldSize : 1);
  const weights = modelParamsBillions * WEIGHTS;
  return rounded(
    (weights / share(3)) * (offloadParam ? 0.1 : 1),
    ((modelParamsBillions * ADAM) / share(1)) * (offloadOptimizer ? 0.1 : 1),
    weights / share(2),
    modelParamsBillions * ACTIVATIONS,
  );
}

/**
 * Throughput of several workers as a share of so many times that of one.
 *
 * @throws {ValidationError} for values that are not positive
 * @remarks Python: `hf_gtc.training.distributed.calculate_scaling_efficiency(single_gpu_throughput, multi_gpu_throughput, num_gpus)`; within 1e-12.
 * @example calculateScalingEfficiency(100, 800, 8) // => 1
 */
export function calculateScalingEfficiency(singleGpuThroughput: number, multiGpuThroughput: number, numGpus: number): number {
  allPositive({ singleGpuThroughput, multiGpuThroughput, numGpus });
  return multiGpuThroughput / (singleGpuThroughput * numGpus);
}

/**
 * The least sharding that fits four fifths of each worker's memory: `ddp`, `fsdp_full_shard` or `deepspeed_stage_3`.
 *
 * @param options `gpuMemoryGb` in GB
 * @throws {ValidationError} for no workers where the model does not fit one
 * @remarks Python: `hf_gtc.training.distributed.get_recommended_strategy(model_params_billions, gpu_memory_gb=, num_gpus=)`; the same text.
 * @example getRecommendedStrategy(0.7, { numGpus: 4 }) // => 'ddp'
 */
export function getRecommendedStrategy(
  modelParamsBillions: number,
  { gpuMemoryGb = 80, numGpus = 8 }: { readonly gpuMemoryGb?: number; readonly numGpus?: number } = {},
): string {
  const room = gpuMemoryGb * 0.8;
  if (estimateFsdpMemory(modelParamsBillions, { shardingStrategy: 'no_shard' }).totalMemoryGb < room) return 'ddp';
  positive(numGpus, 'numGpus');
  return estimateFsdpMemory(modelParamsBillions, { worldSize: numGpus }).totalMemoryGb < room ? 'fsdp_full_shard' : 'deepspeed_stage_3';
}

/**
 * An estimate as text.
 *
 * @remarks Python: `hf_gtc.training.distributed.format_memory_estimate(estimate)`; the same text.
 */
export function formatMemoryEstimate(estimate: MemoryEstimate): string {
  return [
    `Model: ${formatFixed(estimate.modelMemoryGb, 2)} GB`,
    `Optimizer: ${formatFixed(estimate.optimizerMemoryGb, 2)} GB`,
    `Gradients: ${formatFixed(estimate.gradientMemoryGb, 2)} GB`,
    `Activations: ${formatFixed(estimate.activationMemoryGb, 2)} GB`,
    `Total: ${formatFixed(estimate.totalMemoryGb, 2)} GB`,
  ].join('\n');
}

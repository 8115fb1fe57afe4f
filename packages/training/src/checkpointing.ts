/** Activation checkpointing: which layers recompute, what that saves and what it costs. Mirrors `hf_gtc.training.checkpointing`. */
import { allPositive, createFrom, type Definition, formatFixed, inRange, notNull, parseEnum, positive, roundTo, validate, valuesOf } from '@gtc/errors';

/** What is not kept. */
export const CheckpointStrategy = { FULL: 'full', SELECTIVE: 'selective', OFFLOAD: 'offload', NONE: 'none' } as const;
export type CheckpointStrategy = (typeof CheckpointStrategy)[keyof typeof CheckpointStrategy];

/** Unit that recomputes. */
export const CheckpointGranularity = { LAYER: 'layer', BLOCK: 'block', ATTENTION: 'attention', MLP: 'mlp' } as const;
export type CheckpointGranularity = (typeof CheckpointGranularity)[keyof typeof CheckpointGranularity];

/** Where tensors are put. */
export const OffloadTarget = { CPU: 'cpu', DISK: 'disk', NVME: 'nvme' } as const;
export type OffloadTarget = (typeof OffloadTarget)[keyof typeof OffloadTarget];

/** Values of {@link CheckpointStrategy}. */
export const VALID_CHECKPOINT_STRATEGIES: ReadonlySet<CheckpointStrategy> = new Set(Object.values(CheckpointStrategy));

/** Values of {@link CheckpointGranularity}. */
export const VALID_CHECKPOINT_GRANULARITIES: ReadonlySet<CheckpointGranularity> = new Set(Object.values(CheckpointGranularity));

/** Values of {@link OffloadTarget}. */
export const VALID_OFFLOAD_TARGETS: ReadonlySet<OffloadTarget> = new Set(Object.values(OffloadTarget));

/** What recomputes. */
export interface CheckpointConfig {
  readonly strategy: CheckpointStrategy;
  readonly granularity: CheckpointGranularity;
  /** Share of the layers. */
  readonly checkpointRatio: number;
}

/** Defaults and rules of {@link CheckpointConfig}. */
export const CheckpointConfig: Definition<CheckpointConfig> = {
  name: 'CheckpointConfig',
  fields: {
    strategy: { kind: 'enum', of: CheckpointStrategy, default: CheckpointStrategy.SELECTIVE },
    granularity: { kind: 'enum', of: CheckpointGranularity, default: CheckpointGranularity.BLOCK },
    checkpointRatio: { kind: 'float', default: 0.5, min: 0, max: 1 },
  },
  rules: [
    ({ strategy, checkpointRatio }) => (checkpointRatio === 0 && strategy !== 'none' ? 'checkpointRatio must not be 0 unless the strategy is none' : null),
  ],
};

/** What leaves the graphics processor. */
export interface OffloadConfig {
  readonly target: OffloadTarget;
  readonly pinMemory: boolean;
  readonly asyncTransfer: boolean;
}

/** Defaults and rules of {@link OffloadConfig}. */
export const OffloadConfig: Definition<OffloadConfig> = {
  name: 'OffloadConfig',
  fields: {
    target: { kind: 'enum', of: OffloadTarget, default: OffloadTarget.CPU },
    pinMemory: { kind: 'bool', default: true },
    asyncTransfer: { kind: 'bool', default: true },
  },
  rules: [({ target, pinMemory }) => (pinMemory && target !== 'cpu' ? `pinMemory is for the target cpu alone, got ${target}` : null)],
};

/** Checkpointing and offloading together. */
export interface MemoryConfig {
  readonly checkpointConfig: CheckpointConfig;
  readonly offloadConfig: OffloadConfig;
  readonly cpuOffload: boolean;
}

/** Defaults and rules of {@link MemoryConfig}. */
export const MemoryConfig: Definition<MemoryConfig> = {
  name: 'MemoryConfig',
  fields: {
    checkpointConfig: { kind: 'config', of: CheckpointConfig },
    offloadConfig: { kind: 'config', of: OffloadConfig },
    cpuOffload: { kind: 'bool', default: false },
  },
};

/** What checkpointing saved, GiB. */
export interface MemoryStats {
  readonly baselineMemoryGb: number;
  readonly checkpointedMemoryGb: number;
  readonly memorySavedGb: number;
  readonly savingsPercentage: number;
  readonly recomputationOverheadPct: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateCheckpointConfig(config: CheckpointConfig): void {
  validate(CheckpointConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateOffloadConfig(config: OffloadConfig): void {
  validate(OffloadConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryConfig(config: MemoryConfig): void {
  validate(MemoryConfig, config);
}

/** Settles a {@link CheckpointConfig}. @throws {ValidationError} naming every broken rule */
export function createCheckpointConfig(options: Partial<CheckpointConfig> = {}): CheckpointConfig {
  return createFrom(CheckpointConfig, options);
}

/** Settles a {@link OffloadConfig}. @throws {ValidationError} naming every broken rule */
export function createOffloadConfig(options: Partial<OffloadConfig> = {}): OffloadConfig {
  return createFrom(OffloadConfig, options);
}

/** Checkpoint strategies in ascending order. */
export function listCheckpointStrategies(): CheckpointStrategy[] {
  return valuesOf(CheckpointStrategy);
}

/** Checkpoint granularities in ascending order. */
export function listCheckpointGranularities(): CheckpointGranularity[] {
  return valuesOf(CheckpointGranularity);
}

/** Offload targets in ascending order. */
export function listOffloadTargets(): OffloadTarget[] {
  return valuesOf(OffloadTarget);
}

/** @throws {ValidationError} naming the checkpoint strategies */
export function getCheckpointStrategy(name: string): CheckpointStrategy {
  return parseEnum(CheckpointStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the checkpoint granularities */
export function getCheckpointGranularity(name: string): CheckpointGranularity {
  return parseEnum(CheckpointGranularity, name, 'granularity');
}

/** @throws {ValidationError} naming the offload targets */
export function getOffloadTarget(name: string): OffloadTarget {
  return parseEnum(OffloadTarget, name, 'target');
}

/**
 * Settles checkpointing and offloading. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.checkpointing.create_memory_config(checkpoint_config=, offload_config=, cpu_offload=)`.
 */
export function createMemoryConfig({
  checkpointConfig = null,
  offloadConfig = null,
  cpuOffload = false,
}: {
  readonly checkpointConfig?: CheckpointConfig | null;
  readonly offloadConfig?: OffloadConfig | null;
  readonly cpuOffload?: boolean;
} = {}): MemoryConfig {
  return createFrom(MemoryConfig, {
    checkpointConfig: checkpointConfig ?? createCheckpointConfig(),
    offloadConfig: offloadConfig ?? createOffloadConfig(),
    cpuOffload,
  });
}

/** Share of the activations that checkpointing all layers saves. */
const SAVED_SHARE = 0.65;

/**
 * Memory of activations, 16 bytes for each of a layer, before and after checkpointing, which saves 65 % of what it covers.
 *
 * @param options `strategy` `full` covers all layers, others the share `checkpointRatio`
 * @returns GiB before, GiB after and GiB saved, rounded to two decimals
 * @throws {ValidationError} for sizes that are not positive, an unknown strategy or a ratio outside [0, 1]
 * @remarks Python: `hf_gtc.training.checkpointing.calculate_memory_savings(model_params_billions, num_layers, strategy=, checkpoint_ratio=, batch_size=, sequence_length=, hidden_size=)`.
 * @example calculateMemorySavings(1.5, 32) // => [4, 1.4, 2.6]
 */
export function calculateMemorySavings(
  modelParamsBillions: number,
  numLayers: number,
  {
    strategy = 'full',
    checkpointRatio = 1,
    batchSize = 1,
    sequenceLength = 2048,
    hiddenSize = 4096,
  }: {
    readonly strategy?: CheckpointStrategy;
    readonly checkpointRatio?: number;
    readonly batchSize?: number;
    readonly sequenceLength?: number;
    readonly hiddenSize?: number;
  } = {},
): readonly [baselineGb: number, checkpointedGb: number, savedGb: number] {
  allPositive({ modelParamsBillions, numLayers });
  parseEnum(CheckpointStrategy, strategy, 'strategy');
  inRange(checkpointRatio, 'checkpointRatio', { min: 0, max: 1 });
  const baseline = (16 * batchSize * sequenceLength * hiddenSize * numLayers) / 1024 ** 3;
  const covered = strategy === 'none' ? 0 : strategy === 'full' ? 1 : checkpointRatio;
  const kept = baseline * (1 - SAVED_SHARE * covered);
  return [roundTo(baseline, 2), roundTo(kept, 2), roundTo(baseline - kept, 2)];
}

/**
 * Time that recomputing adds to a step, percent: a third of it for all layers, half of that where activations are offloaded.
 *
 * @throws {ValidationError} for an unknown strategy, a ratio outside [0, 1] or no layers
 * @remarks Python: `hf_gtc.training.checkpointing.estimate_recomputation_overhead(strategy=, checkpoint_ratio=, num_layers=)`; within 1e-12.
 * @example estimateRecomputationOverhead() // => 33
 */
export function estimateRecomputationOverhead({
  strategy = 'full',
  checkpointRatio = 1,
  numLayers = 32,
}: {
  readonly strategy?: CheckpointStrategy;
  readonly checkpointRatio?: number;
  readonly numLayers?: number;
} = {}): number {
  parseEnum(CheckpointStrategy, strategy, 'strategy');
  inRange(checkpointRatio, 'checkpointRatio', { min: 0, max: 1 });
  positive(numLayers, 'numLayers');
  if (strategy === 'none') return 0;
  return strategy === 'full' ? 33 : roundTo(33 * checkpointRatio * (strategy === 'offload' ? 0.5 : 1), 2);
}

/**
 * Least share of layers to checkpoint so that training fits: 85 % of the memory holds ten bytes for each parameter and the activations.
 *
 * @param availableGpuMemoryGb GiB
 * @returns in [0, 1], rounded to two decimals
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.training.checkpointing.calculate_optimal_checkpoint_ratio(available_gpu_memory_gb, model_params_billions, num_layers, batch_size=, sequence_length=, hidden_size=)`; within 1e-12.
 * @example calculateOptimalCheckpointRatio(24, 7, 32) // => 1
 */
export function calculateOptimalCheckpointRatio(
  availableGpuMemoryGb: number,
  modelParamsBillions: number,
  numLayers: number,
  options: { readonly batchSize?: number; readonly sequenceLength?: number; readonly hiddenSize?: number } = {},
): number {
  allPositive({ availableGpuMemoryGb, modelParamsBillions, numLayers });
  const left = availableGpuMemoryGb * 0.85 - modelParamsBillions * 10;
  if (left <= 0) return 1;
  const [baseline, , saved] = calculateMemorySavings(modelParamsBillions, numLayers, options);
  if (!(baseline > left)) return 0;
  return saved > 0 ? roundTo(Math.min(1, (baseline - left) / saved), 2) : 1;
}

/**
 * Layers that recompute, spread evenly: from the first on, or from the last back where only a part of each layer recomputes.
 *
 * @throws {ValidationError} for no layers or a ratio outside [0, 1]
 * @remarks Python: `hf_gtc.training.checkpointing.select_checkpoint_layers(num_layers, checkpoint_ratio, granularity=)`.
 * @example selectCheckpointLayers(1, 1) // => [0]
 */
export function selectCheckpointLayers(
  numLayers: number,
  checkpointRatio: number,
  { granularity = 'block' }: { readonly granularity?: string } = {},
): number[] {
  positive(numLayers, 'numLayers');
  inRange(checkpointRatio, 'checkpointRatio', { min: 0, max: 1 });
  if (checkpointRatio === 0) return [];
  const count = Math.max(1, Math.floor(numLayers * checkpointRatio));
  const backwards = (granularity === 'attention' || granularity === 'mlp') && count < numLayers;
  return Array.from({ length: count }, (_, index) => {
    const offset = index * (numLayers / count);
    return Math.trunc(backwards ? numLayers - 1 - offset : offset);
  });
}

/**
 * What checkpointing saved, as text.
 *
 * @remarks Python: `hf_gtc.training.checkpointing.format_memory_stats(stats)`; the same text.
 */
export function formatMemoryStats(stats: MemoryStats): string {
  notNull(stats, 'stats');
  return [
    `Baseline: ${formatFixed(stats.baselineMemoryGb, 2)} GB`,
    `Checkpointed: ${formatFixed(stats.checkpointedMemoryGb, 2)} GB`,
    `Savings: ${formatFixed(stats.memorySavedGb, 2)} GB (${formatFixed(stats.savingsPercentage, 1)}%)`,
    `Recomputation Overhead: ${formatFixed(stats.recomputationOverheadPct, 1)}%`,
  ].join('\n');
}

/**
 * Checkpointing that lets a model fit: none, some blocks, or all layers from a share of 0.8 on.
 *
 * @param options `availableGpuMemoryGb` in GiB
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.training.checkpointing.get_recommended_checkpoint_config(model_params_billions, available_gpu_memory_gb=, num_layers=, batch_size=)`.
 * @example getRecommendedCheckpointConfig(7).strategy // => 'full'
 */
export function getRecommendedCheckpointConfig(
  modelParamsBillions: number,
  {
    availableGpuMemoryGb = 24,
    numLayers = 32,
    batchSize = 1,
  }: { readonly availableGpuMemoryGb?: number; readonly numLayers?: number; readonly batchSize?: number } = {},
): CheckpointConfig {
  const checkpointRatio = calculateOptimalCheckpointRatio(availableGpuMemoryGb, modelParamsBillions, numLayers, { batchSize });
  if (checkpointRatio === 0) return createCheckpointConfig({ strategy: 'none', checkpointRatio });
  return checkpointRatio < 0.8
    ? createCheckpointConfig({ checkpointRatio })
    : createCheckpointConfig({ strategy: 'full', granularity: 'layer', checkpointRatio: 1 });
}

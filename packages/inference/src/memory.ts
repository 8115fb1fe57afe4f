/** Memory of inference and training: estimates, budgets, and what to do when it is short. Mirrors `hf_gtc.inference.memory`. */
import { allPositive, createFrom, type Definition, formatFixed, inRange, nonNegative, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** What takes memory. */
export const MemoryComponent = {
  PARAMETERS: 'parameters',
  GRADIENTS: 'gradients',
  OPTIMIZER_STATES: 'optimizer_states',
  ACTIVATIONS: 'activations',
  KV_CACHE: 'kv_cache',
} as const;
export type MemoryComponent = (typeof MemoryComponent)[keyof typeof MemoryComponent];

/** Units of 1,024. */
export const MemoryUnit = { BYTES: 'bytes', KB: 'kb', MB: 'mb', GB: 'gb' } as const;
export type MemoryUnit = (typeof MemoryUnit)[keyof typeof MemoryUnit];

/** Ways to need less memory. */
export const OptimizationStrategy = {
  GRADIENT_CHECKPOINTING: 'gradient_checkpointing',
  CPU_OFFLOAD: 'cpu_offload',
  DISK_OFFLOAD: 'disk_offload',
  QUANTIZATION: 'quantization',
} as const;
export type OptimizationStrategy = (typeof OptimizationStrategy)[keyof typeof OptimizationStrategy];

/** Values of {@link MemoryComponent}, by their text. */
export type MemoryComponentStr = MemoryComponent;

/** Values of {@link MemoryUnit}, by their text. */
export type MemoryUnitStr = MemoryUnit;

/** Values of {@link OptimizationStrategy}, by their text. */
export type OptimizationStrategyStr = OptimizationStrategy;

/** Sizes of models: 1, 7, 13 and 70 billion parameters. */
export type ModelSizeStr = 'small' | 'medium' | 'large' | 'xlarge';

/** What is too large. */
export type BottleneckStr = 'parameters' | 'activations' | 'kv_cache' | 'total' | 'none';

/** Values of {@link MemoryComponent}. */
export const VALID_MEMORY_COMPONENTS: ReadonlySet<MemoryComponent> = new Set(Object.values(MemoryComponent));

/** Values of {@link MemoryUnit}. */
export const VALID_MEMORY_UNITS: ReadonlySet<MemoryUnit> = new Set(Object.values(MemoryUnit));

/** Values of {@link OptimizationStrategy}. */
export const VALID_OPTIMIZATION_STRATEGIES: ReadonlySet<OptimizationStrategy> = new Set(Object.values(OptimizationStrategy));

/** Expected memory, MiB. */
export interface MemoryEstimate {
  readonly parametersMb: number;
  readonly activationsMb: number;
  readonly kvCacheMb: number;
  readonly totalMb: number;
}

/** Defaults and rules of {@link MemoryEstimate}. */
export const MemoryEstimate: Definition<MemoryEstimate> = {
  name: 'MemoryEstimate',
  fields: {
    parametersMb: { kind: 'float', nonNegative: true },
    activationsMb: { kind: 'float', default: 0, nonNegative: true },
    kvCacheMb: { kind: 'float', default: 0, nonNegative: true },
    totalMb: { kind: 'float', default: null, nullable: true, nonNegative: true },
  },
};

/** Memory that there is, GiB. */
export interface MemoryBudget {
  readonly gpuMemoryGb: number;
  readonly cpuMemoryGb: number;
  readonly allowOffload: boolean;
}

/** Defaults and rules of {@link MemoryBudget}. */
export const MemoryBudget: Definition<MemoryBudget> = {
  name: 'MemoryBudget',
  fields: {
    gpuMemoryGb: { kind: 'float', default: 24, nonNegative: true },
    cpuMemoryGb: { kind: 'float', default: 64, nonNegative: true },
    allowOffload: { kind: 'bool', default: true },
  },
};

/** How a model is run within a budget. */
export interface MemoryConfig {
  readonly budget: MemoryBudget;
  readonly optimizationStrategies: readonly OptimizationStrategy[];
  readonly batchSize: number;
  readonly sequenceLength: number;
}

/** Defaults and rules of {@link MemoryConfig}. */
export const MemoryConfig: Definition<MemoryConfig> = {
  name: 'MemoryConfig',
  fields: {
    budget: { kind: 'config', of: MemoryBudget },
    optimizationStrategies: { kind: 'array', of: { kind: 'enum', of: OptimizationStrategy }, default: [] },
    batchSize: { kind: 'int', default: 1, positive: true },
    sequenceLength: { kind: 'int', default: 2048, positive: true },
  },
};

/** Memory that was used, MiB. */
export interface MemoryStats {
  readonly peakMemoryMb: number;
  readonly allocatedMb: number;
  readonly reservedMb: number;
  readonly utilization: number;
}

/** Defaults and rules of {@link MemoryStats}. */
export const MemoryStats: Definition<MemoryStats> = {
  name: 'MemoryStats',
  fields: {
    peakMemoryMb: { kind: 'float', nonNegative: true },
    allocatedMb: { kind: 'float', nonNegative: true },
    reservedMb: { kind: 'float', nonNegative: true },
    utilization: { kind: 'float', default: null, nullable: true, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryEstimate(estimate: MemoryEstimate): void {
  validate(MemoryEstimate, estimate, 'estimate');
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryBudget(budget: MemoryBudget): void {
  validate(MemoryBudget, budget, 'budget');
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryConfig(config: MemoryConfig): void {
  validate(MemoryConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryStats(stats: MemoryStats): void {
  validate(MemoryStats, stats, 'stats');
}

/** Settles a {@link MemoryBudget}. @throws {ValidationError} naming every broken rule */
export function createMemoryBudget(options: Partial<MemoryBudget> = {}): MemoryBudget {
  return createFrom(MemoryBudget, options);
}

/** Memory components in ascending order. */
export function listMemoryComponents(): MemoryComponent[] {
  return valuesOf(MemoryComponent);
}

/** Memory units in ascending order. */
export function listMemoryUnits(): MemoryUnit[] {
  return valuesOf(MemoryUnit);
}

/** Optimization strategies in ascending order. */
export function listOptimizationStrategies(): OptimizationStrategy[] {
  return valuesOf(OptimizationStrategy);
}

/** @throws {ValidationError} naming the memory components */
export function getMemoryComponent(name: string): MemoryComponent {
  return parseEnum(MemoryComponent, name, 'memoryComponent');
}

/** @throws {ValidationError} naming the memory units */
export function getMemoryUnit(name: string): MemoryUnit {
  return parseEnum(MemoryUnit, name, 'memoryUnit');
}

/** @throws {ValidationError} naming the optimization strategies */
export function getOptimizationStrategy(name: string): OptimizationStrategy {
  return parseEnum(OptimizationStrategy, name, 'optimizationStrategy');
}

/**
 * Settles an estimate, with the sum of its parts unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.memory.create_memory_estimate(parameters_mb, activations_mb=, kv_cache_mb=, total_mb=)`.
 */
export function createMemoryEstimate(
  parametersMb: number,
  { activationsMb = 0, kvCacheMb = 0, totalMb = null }: { readonly activationsMb?: number; readonly kvCacheMb?: number; readonly totalMb?: number | null } = {},
): MemoryEstimate {
  return createFrom(MemoryEstimate, { parametersMb, activationsMb, kvCacheMb, totalMb: totalMb ?? parametersMb + activationsMb + kvCacheMb });
}

/**
 * Settles how a model is run. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.memory.create_memory_config(budget=, optimization_strategies=, batch_size=, sequence_length=)`.
 */
export function createMemoryConfig({
  budget = null,
  ...options
}: Partial<Omit<MemoryConfig, 'budget'>> & { readonly budget?: MemoryBudget | null } = {}): MemoryConfig {
  return createFrom(MemoryConfig, { ...options, budget: budget ?? createMemoryBudget() });
}

/**
 * Settles memory that was used; the utilization is what is allocated of what is reserved unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.memory.create_memory_stats(peak_memory_mb, allocated_mb, reserved_mb, utilization=)`.
 */
export function createMemoryStats(
  peakMemoryMb: number,
  allocatedMb: number,
  reservedMb: number,
  { utilization = null }: { readonly utilization?: number | null } = {},
): MemoryStats {
  return createFrom(MemoryStats, { peakMemoryMb, allocatedMb, reservedMb, utilization: utilization ?? (reservedMb > 0 ? allocatedMb / reservedMb : 0) });
}

/**
 * Memory of weights, MiB.
 *
 * @throws {ValidationError} for counts that are not positive
 * @remarks Python: `hf_gtc.inference.memory.estimate_model_memory(num_parameters, dtype_bytes=)`; within 1e-12.
 * @example estimateModelMemory(1048576, { dtypeBytes: 19677 }) // => 19677
 */
export function estimateModelMemory(numParameters: number, { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {}): number {
  allPositive({ numParameters, dtypeBytes });
  return (numParameters * dtypeBytes) / 1024 ** 2;
}

/** Shape of a model and its inputs. */
export interface MemoryShape {
  readonly batchSize?: number;
  readonly sequenceLength?: number;
  readonly numLayers?: number;
  readonly hiddenSize?: number;
  readonly numHeads?: number;
  readonly dtypeBytes?: number;
}

/**
 * Memory of inference: weights, two activations for each position and layer, and the keys and values.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.memory.estimate_inference_memory(num_parameters, batch_size=, sequence_length=, num_layers=, hidden_size=, num_heads=, dtype_bytes=)`.
 * @example estimateInferenceMemory(7e9, { batchSize: 8 }).kvCacheMb // => 8192
 */
export function estimateInferenceMemory(
  numParameters: number,
  { batchSize = 1, sequenceLength = 2048, numLayers = 32, hiddenSize = 4096, numHeads = 32, dtypeBytes = 2 }: MemoryShape = {},
): MemoryEstimate {
  allPositive({ numParameters, batchSize, sequenceLength, numLayers, hiddenSize, numHeads, dtypeBytes });
  const position = (2 * batchSize * sequenceLength * numLayers * dtypeBytes) / 1024 ** 2;
  return createMemoryEstimate(estimateModelMemory(numParameters, { dtypeBytes }), {
    activationsMb: position * hiddenSize,
    kvCacheMb: position * numHeads * Math.floor(hiddenSize / numHeads),
  });
}

/**
 * Memory of training: weights, gradients and states of the optimizer under `parametersMb`, four activations for each position and layer. Checkpointing
 * keeps the square root of the layers and one more. Everything counts in `dtypeBytes`; mixed-precision Adam takes 16 bytes for each parameter.
 *
 * @param options `optimizerStates` numbers that the optimizer keeps for each parameter
 * @throws {ValidationError} for sizes that are not positive or a negative count of states
 * @remarks Python: `hf_gtc.inference.memory.estimate_training_memory(num_parameters, batch_size=, sequence_length=, num_layers=, hidden_size=, dtype_bytes=, optimizer_states=, gradient_checkpointing=)`.
 * @example estimateTrainingMemory(7e9, { gradientCheckpointing: true }).activationsMb // => 384
 */
export function estimateTrainingMemory(
  numParameters: number,
  {
    batchSize = 1,
    sequenceLength = 2048,
    numLayers = 32,
    hiddenSize = 4096,
    dtypeBytes = 2,
    optimizerStates = 2,
    gradientCheckpointing = false,
  }: Omit<MemoryShape, 'numHeads'> & { readonly optimizerStates?: number; readonly gradientCheckpointing?: boolean } = {},
): MemoryEstimate {
  allPositive({ numParameters, batchSize, sequenceLength, numLayers, hiddenSize, dtypeBytes });
  nonNegative(optimizerStates, 'optimizerStates');
  const kept = gradientCheckpointing ? Math.floor(Math.sqrt(numLayers)) + 1 : numLayers;
  return createMemoryEstimate(estimateModelMemory(numParameters * (2 + optimizerStates), { dtypeBytes }), {
    activationsMb: (4 * batchSize * sequenceLength * hiddenSize * kept * dtypeBytes) / 1024 ** 2,
  });
}

/**
 * Greatest batch up to 1,024 whose inference fits. The answer is 1 even where not even one sequence fits.
 *
 * @param gpuMemoryGb GiB
 * @param options `memoryFraction` in (0, 1] that may be used
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.memory.find_max_batch_size(num_parameters, gpu_memory_gb, sequence_length=, num_layers=, hidden_size=, num_heads=, dtype_bytes=, memory_fraction=)`; exact.
 * @example findMaxBatchSize(7000000000, 24) // => 4
 */
export function findMaxBatchSize(
  numParameters: number,
  gpuMemoryGb: number,
  { memoryFraction = 0.9, ...shape }: Omit<MemoryShape, 'batchSize'> & { readonly memoryFraction?: number } = {},
): number {
  positive(gpuMemoryGb, 'gpuMemoryGb');
  inRange(memoryFraction, 'memoryFraction', { above: 0, max: 1 });
  const fits = (batchSize: number): boolean => estimateInferenceMemory(numParameters, { ...shape, batchSize }).totalMb <= gpuMemoryGb * 1024 * memoryFraction;
  let [low, high] = fits(1) ? [1, 1024] : [1, 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * What makes an estimate exceed a budget: the greatest part where it takes more than half of it, else `total`; `none` where everything fits.
 *
 * @remarks Python: `hf_gtc.inference.memory.detect_memory_bottleneck(estimate, budget)`.
 * @example detectMemoryBottleneck(createMemoryEstimate(20000, { activationsMb: 9000 }), createMemoryBudget()) // => 'parameters'
 */
export function detectMemoryBottleneck(estimate: MemoryEstimate, budget: MemoryBudget): BottleneckStr {
  const available = budget.gpuMemoryGb * 1024;
  if (estimate.totalMb <= available) return 'none';
  const parts: readonly (readonly [BottleneckStr, number])[] = [
    ['parameters', estimate.parametersMb],
    ['activations', estimate.activationsMb],
    ['kv_cache', estimate.kvCacheMb],
  ];
  const [name, size] = parts.reduce((greatest, part) => (part[1] > greatest[1] ? part : greatest));
  return size > available / 2 ? name : 'total';
}

/**
 * Memory that was used, as text.
 *
 * @remarks Python: `hf_gtc.inference.memory.format_memory_stats(stats)`; the same text.
 */
export function formatMemoryStats(stats: MemoryStats): string {
  return [
    `Peak Memory: ${formatFixed(stats.peakMemoryMb, 2)} MB`,
    `Allocated: ${formatFixed(stats.allocatedMb, 2)} MB`,
    `Reserved: ${formatFixed(stats.reservedMb, 2)} MB`,
    `Utilization: ${formatFixed(stats.utilization * 100, 2)}%`,
  ].join('\n');
}

/**
 * An estimate as text.
 *
 * @remarks Python: `hf_gtc.inference.memory.format_memory_estimate(estimate)`; the same text.
 */
export function formatMemoryEstimate(estimate: MemoryEstimate): string {
  return [
    `Parameters: ${formatFixed(estimate.parametersMb, 2)} MB`,
    `Activations: ${formatFixed(estimate.activationsMb, 2)} MB`,
    `KV Cache: ${formatFixed(estimate.kvCacheMb, 2)} MB`,
    `Total: ${formatFixed(estimate.totalMb, 2)} MB`,
  ].join('\n');
}

const PARAMETERS: Readonly<Record<ModelSizeStr, number>> = { small: 1e9, medium: 7e9, large: 13e9, xlarge: 70e9 };

/** GiB below which a model is quantized, and below which its weights leave the graphics processor. */
const SHORT_OF_MEMORY: Readonly<Record<ModelSizeStr, readonly [quantize: number, offload: number]>> = {
  small: [0, 0],
  medium: [16, 0],
  large: [24, 0],
  xlarge: [80, 48],
};

function recommendedStrategies(modelSize: ModelSizeStr, gpuMemoryGb: number, training: boolean): OptimizationStrategy[] {
  const [quantize, offload] = training ? [0, 40] : SHORT_OF_MEMORY[modelSize];
  return [
    ...(training && PARAMETERS[modelSize] > 7e9 ? (['gradient_checkpointing'] as const) : []),
    ...(gpuMemoryGb < quantize ? (['quantization'] as const) : []),
    ...(gpuMemoryGb < offload ? (['cpu_offload'] as const) : []),
  ];
}

/**
 * Settings that suit a model and a graphics processor: the greatest batch that fits, a quarter of it for training.
 *
 * @throws {ValidationError} for an unknown size or use, or memory that is not positive
 * @remarks Python: `hf_gtc.inference.memory.get_recommended_memory_config(model_size, gpu_memory_gb=, use_case=)`.
 * @example getRecommendedMemoryConfig('small', { gpuMemoryGb: 16 }).batchSize // => 6
 */
export function getRecommendedMemoryConfig(
  modelSize: ModelSizeStr,
  { gpuMemoryGb = 24, useCase = 'inference' }: { readonly gpuMemoryGb?: number; readonly useCase?: 'inference' | 'training' } = {},
): MemoryConfig {
  oneOf(modelSize, 'modelSize', Object.keys(PARAMETERS));
  positive(gpuMemoryGb, 'gpuMemoryGb');
  const training = oneOf(useCase, 'useCase', ['inference', 'training']) === 'training';
  const batch = findMaxBatchSize(PARAMETERS[modelSize], gpuMemoryGb);
  return createMemoryConfig({
    budget: createMemoryBudget({ gpuMemoryGb }),
    optimizationStrategies: recommendedStrategies(modelSize, gpuMemoryGb, training),
    batchSize: training ? Math.max(1, Math.floor(batch / 4)) : batch,
    sequenceLength: !training && gpuMemoryGb >= 40 ? 4096 : 2048,
  });
}

const UNIT_BYTES: Readonly<Record<MemoryUnit, number>> = { bytes: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/**
 * A size in another unit; units are powers of 1,024.
 *
 * @throws {ValidationError} naming the units that are known
 * @remarks Python: `hf_gtc.inference.memory.convert_memory_units(value, from_unit, to_unit)`; within 1e-12.
 * @example convertMemoryUnits(10240, 'mb', 'gb') // => 10
 */
export function convertMemoryUnits(value: number, fromUnit: MemoryUnit, toUnit: MemoryUnit): number {
  return (value * UNIT_BYTES[parseEnum(MemoryUnit, fromUnit, 'fromUnit')]) / UNIT_BYTES[parseEnum(MemoryUnit, toUnit, 'toUnit')];
}

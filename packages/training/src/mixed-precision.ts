/** Mixed precision: types of numbers, scaling of the loss, and what they save. Mirrors `hf_gtc.training.mixed_precision`. */
import {
  createFrom,
  type Definition,
  formatCount,
  formatFixed,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  roundTo,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Types of numbers. */
export const PrecisionType = { FP32: 'fp32', FP16: 'fp16', BF16: 'bf16', FP8_E4M3: 'fp8_e4m3', FP8_E5M2: 'fp8_e5m2' } as const;
export type PrecisionType = (typeof PrecisionType)[keyof typeof PrecisionType];

/** How the loss is scaled. */
export const ScalingStrategy = { STATIC: 'static', DYNAMIC: 'dynamic', LOSS_SCALE: 'loss_scale' } as const;
export type ScalingStrategy = (typeof ScalingStrategy)[keyof typeof ScalingStrategy];

/** What is cast. */
export const CastingPolicy = { ALL: 'all', COMPUTE_ONLY: 'compute_only', GRADIENTS: 'gradients' } as const;
export type CastingPolicy = (typeof CastingPolicy)[keyof typeof CastingPolicy];

/** Values of {@link PrecisionType}. */
export const VALID_PRECISION_TYPES: ReadonlySet<PrecisionType> = new Set(Object.values(PrecisionType));

/** Values of {@link ScalingStrategy}. */
export const VALID_SCALING_STRATEGIES: ReadonlySet<ScalingStrategy> = new Set(Object.values(ScalingStrategy));

/** Values of {@link CastingPolicy}. */
export const VALID_CASTING_POLICIES: ReadonlySet<CastingPolicy> = new Set(Object.values(CastingPolicy));

/** Types of a model. */
export interface PrecisionConfig {
  readonly dtype: PrecisionType;
  /** Type of the products. */
  readonly computeDtype: PrecisionType;
  /** Type of the master weights; FP8 is too coarse for them. */
  readonly storageDtype: PrecisionType;
}

/** Defaults and rules of {@link PrecisionConfig}. */
export const PrecisionConfig: Definition<PrecisionConfig> = {
  name: 'PrecisionConfig',
  fields: {
    dtype: { kind: 'enum', of: PrecisionType, default: PrecisionType.FP16 },
    computeDtype: { kind: 'enum', of: PrecisionType, default: null, nullable: true },
    storageDtype: { kind: 'enum', of: PrecisionType, default: PrecisionType.FP32 },
  },
  rules: [
    ({ storageDtype }) => (storageDtype === 'fp8_e4m3' || storageDtype === 'fp8_e5m2' ? `storageDtype must not be an FP8 type, got ${storageDtype}` : null),
  ],
};

/** A scale that keeps gradients from vanishing. */
export interface ScalerConfig {
  readonly strategy: ScalingStrategy;
  readonly initialScale: number;
  readonly growthFactor: number;
  readonly backoffFactor: number;
  /** Steps without overflow before the scale grows. */
  readonly growthInterval: number;
  readonly maxScale: number;
  readonly minScale: number;
}

/** Defaults and rules of {@link ScalerConfig}. */
export const ScalerConfig: Definition<ScalerConfig> = {
  name: 'ScalerConfig',
  fields: {
    strategy: { kind: 'enum', of: ScalingStrategy, default: ScalingStrategy.DYNAMIC },
    initialScale: { kind: 'float', default: 65536, positive: true },
    growthFactor: { kind: 'float', default: 2, above: 1 },
    backoffFactor: { kind: 'float', default: 0.5, above: 0, below: 1 },
    growthInterval: { kind: 'int', default: 2000, positive: true },
    maxScale: { kind: 'float', default: 16777216 },
    minScale: { kind: 'float', default: 1 },
  },
  rules: [({ minScale, maxScale }) => (maxScale < minScale ? `maxScale must be at least minScale (${minScale}), got ${maxScale}` : null)],
};

/** Types and scale of a training. */
export interface MixedPrecisionConfig {
  readonly precisionConfig: PrecisionConfig;
  readonly scalerConfig: ScalerConfig;
  readonly castingPolicy: CastingPolicy;
  readonly enabled: boolean;
  readonly autocastEnabled: boolean;
}

/** Defaults and rules of {@link MixedPrecisionConfig}. */
export const MixedPrecisionConfig: Definition<MixedPrecisionConfig> = {
  name: 'MixedPrecisionConfig',
  fields: {
    precisionConfig: { kind: 'config', of: PrecisionConfig },
    scalerConfig: { kind: 'config', of: ScalerConfig },
    castingPolicy: { kind: 'enum', of: CastingPolicy, default: CastingPolicy.ALL },
    enabled: { kind: 'bool', default: true },
    autocastEnabled: { kind: 'bool', default: true },
  },
};

/** How a training in mixed precision goes. */
export interface PrecisionStats {
  readonly currentScale: number;
  readonly numOverflows: number;
  readonly numScaleUpdates: number;
  readonly overflowRate: number;
  readonly memoryReductionPct: number;
  readonly throughputImprovementPct: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validatePrecisionConfig(config: PrecisionConfig): void {
  validate(PrecisionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateScalerConfig(config: ScalerConfig): void {
  validate(ScalerConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMixedPrecisionConfig(config: MixedPrecisionConfig): void {
  validate(MixedPrecisionConfig, config);
}

/** Settles a {@link ScalerConfig}. @throws {ValidationError} naming every broken rule */
export function createScalerConfig(options: Partial<ScalerConfig> = {}): ScalerConfig {
  return createFrom(ScalerConfig, options);
}

/** Precision types in ascending order. */
export function listPrecisionTypes(): PrecisionType[] {
  return valuesOf(PrecisionType);
}

/** Scaling strategies in ascending order. */
export function listScalingStrategies(): ScalingStrategy[] {
  return valuesOf(ScalingStrategy);
}

/** Casting policies in ascending order. */
export function listCastingPolicies(): CastingPolicy[] {
  return valuesOf(CastingPolicy);
}

/** @throws {ValidationError} naming the precision types */
export function getPrecisionType(name: string): PrecisionType {
  return parseEnum(PrecisionType, name, 'precisionType');
}

/** @throws {ValidationError} naming the scaling strategies */
export function getScalingStrategy(name: string): ScalingStrategy {
  return parseEnum(ScalingStrategy, name, 'scalingStrategy');
}

/** @throws {ValidationError} naming the casting policies */
export function getCastingPolicy(name: string): CastingPolicy {
  return parseEnum(CastingPolicy, name, 'castingPolicy');
}

/**
 * Settles the types of a model; products are made in `dtype` unless told otherwise. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.mixed_precision.create_precision_config(dtype=, compute_dtype=, storage_dtype=)`.
 */
export function createPrecisionConfig({
  dtype = 'fp16',
  computeDtype = null,
  storageDtype = 'fp32',
}: {
  readonly dtype?: PrecisionType;
  readonly computeDtype?: PrecisionType | null;
  readonly storageDtype?: PrecisionType;
} = {}): PrecisionConfig {
  return createFrom(PrecisionConfig, { dtype, computeDtype: computeDtype ?? dtype, storageDtype });
}

/**
 * Settles types and scale of a training. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.mixed_precision.create_mixed_precision_config(precision_config=, scaler_config=, casting_policy=, enabled=, autocast_enabled=)`.
 */
export function createMixedPrecisionConfig({
  precisionConfig = null,
  scalerConfig = null,
  castingPolicy = 'all',
  enabled = true,
  autocastEnabled = true,
}: {
  readonly precisionConfig?: PrecisionConfig | null;
  readonly scalerConfig?: ScalerConfig | null;
  readonly castingPolicy?: CastingPolicy;
  readonly enabled?: boolean;
  readonly autocastEnabled?: boolean;
} = {}): MixedPrecisionConfig {
  return createFrom(MixedPrecisionConfig, {
    precisionConfig: precisionConfig ?? createPrecisionConfig(),
    scalerConfig: scalerConfig ?? createScalerConfig(),
    castingPolicy,
    enabled,
    autocastEnabled,
  });
}

const BYTES: Readonly<Record<PrecisionType, number>> = { fp32: 4, fp16: 2, bf16: 2, fp8_e4m3: 1, fp8_e5m2: 1 };

/** Largest finite number of a type; names that are not known count as fp16. */
const largest = (dtype: string): number => LARGEST[dtype] ?? LARGEST['fp16']!;
const LARGEST: Readonly<Record<string, number>> = { fp32: 3.4e38, fp16: 65504, bf16: 3.39e38, fp8_e4m3: 448, fp8_e5m2: 57344 };

/** Settings of {@link calculateMemoryReduction}. */
export interface MemoryReductionOptions {
  readonly originalDtype?: PrecisionType;
  readonly targetDtype?: PrecisionType;
  readonly modelParamsBillions?: number;
}

/**
 * Memory that another type of weights saves.
 *
 * @returns gigabytes, and the share of the original in percent
 * @throws {ValidationError} for unknown types or a size that is not positive
 * @remarks Python: `hf_gtc.training.mixed_precision.calculate_memory_reduction(original_dtype=, target_dtype=, model_params_billions=)`.
 * @example calculateMemoryReduction() // => [14, 50]
 */
export function calculateMemoryReduction({
  originalDtype = 'fp32',
  targetDtype = 'fp16',
  modelParamsBillions = 7,
}: MemoryReductionOptions = {}): readonly [savedGb: number, percent: number] {
  const [from, to] = [BYTES[parseEnum(PrecisionType, originalDtype, 'originalDtype')], BYTES[parseEnum(PrecisionType, targetDtype, 'targetDtype')]];
  positive(modelParamsBillions, 'modelParamsBillions');
  const saved = modelParamsBillions * from - modelParamsBillions * to;
  return [roundTo(saved, 2), roundTo((saved / (modelParamsBillions * from)) * 100, 1)];
}

const GPU_SPEED: Readonly<Record<string, number>> = { volta: 0.8, turing: 0.9, ampere: 1, hopper: 1.2, blackwell: 1.3 };

/**
 * How much faster a step is in another type: bytes saved, times what the generation of GPU makes of it; 1 where nothing is cast.
 *
 * @throws {ValidationError} for unknown types
 * @remarks Python: `hf_gtc.training.mixed_precision.estimate_speedup(original_dtype=, target_dtype=, gpu_architecture=)`; within 1e-12.
 * @example estimateSpeedup({ targetDtype: 'fp8_e4m3', gpuArchitecture: 'hopper' }) // => 4.8
 */
export function estimateSpeedup({
  originalDtype = 'fp32',
  targetDtype = 'fp16',
  gpuArchitecture = 'ampere',
}: {
  readonly originalDtype?: PrecisionType;
  readonly targetDtype?: PrecisionType;
  readonly gpuArchitecture?: string;
} = {}): number {
  const [from, to] = [BYTES[parseEnum(PrecisionType, originalDtype, 'originalDtype')], BYTES[parseEnum(PrecisionType, targetDtype, 'targetDtype')]];
  return roundTo((from / to) * (GPU_SPEED[gpuArchitecture.toLowerCase()] ?? 1), 2);
}

/**
 * Whether a scaled gradient leaves the range of a type.
 *
 * @returns whether it does, and how many times it fits; for types of 16 bits and less to two digits
 * @throws {ValidationError} for a negative norm or a scale that is not positive
 * @remarks Python: `hf_gtc.training.mixed_precision.check_overflow_risk(gradient_norm, loss_scale, dtype=)`.
 * @example checkOverflowRisk(1, 1024) // => [false, 63.97]
 */
export function checkOverflowRisk(
  gradientNorm: number,
  lossScale: number,
  { dtype = 'fp16' }: { readonly dtype?: string } = {},
): readonly [atRisk: boolean, headroom: number] {
  const scaled = nonNegative(gradientNorm, 'gradientNorm') * positive(lossScale, 'lossScale');
  return [scaled > largest(dtype), scaled === 0 ? Number.POSITIVE_INFINITY : roundTo(largest(dtype) / scaled, 2)];
}

/**
 * Scale of the loss that leaves a gradient the headroom, from 1 to 2²⁴.
 *
 * @throws {ValidationError} for a norm or headroom that is not positive
 * @remarks Python: `hf_gtc.training.mixed_precision.calculate_optimal_scale(gradient_norm, dtype=, target_headroom=)`; within 1e-12.
 * @example calculateOptimalScale(1) // => 6550.4
 */
export function calculateOptimalScale(
  gradientNorm: number,
  { dtype = 'fp16', targetHeadroom = 10 }: { readonly dtype?: string; readonly targetHeadroom?: number } = {},
): number {
  const scale = largest(dtype) / (positive(gradientNorm, 'gradientNorm') * positive(targetHeadroom, 'targetHeadroom'));
  return roundTo(Math.min(Math.max(scale, 1), 2 ** 24), 2);
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.mixed_precision.format_precision_stats(stats)`; the same text.
 */
export function formatPrecisionStats(stats: PrecisionStats): string {
  notNull(stats, 'stats');
  return [
    `Current Scale: ${formatCount(stats.currentScale)}`,
    `Overflow Count: ${stats.numOverflows}`,
    `Scale Updates: ${stats.numScaleUpdates}`,
    `Overflow Rate: ${formatFixed(stats.overflowRate, 4)}`,
    `Memory Reduction: ${formatFixed(stats.memoryReductionPct, 1)}%`,
    `Throughput Improvement: ${formatFixed(stats.throughputImprovementPct, 1)}%`,
  ].join('\n');
}

/**
 * Precision that suits a model and a GPU: bf16 from Ampere on and FP8 for the largest models on Blackwell, fp16 before; inference needs no scale.
 *
 * @throws {ValidationError} for an unknown use case
 * @remarks Python: `hf_gtc.training.mixed_precision.get_recommended_precision_config(model_size=, gpu_architecture=, use_case=)`.
 */
export function getRecommendedPrecisionConfig({
  modelSize = '7b',
  gpuArchitecture = 'ampere',
  useCase = 'training',
}: {
  readonly modelSize?: string;
  readonly gpuArchitecture?: string;
  readonly useCase?: string;
} = {}): MixedPrecisionConfig {
  oneOf(useCase, 'useCase', ['training', 'inference']);
  const [size, gpu] = [modelSize.toLowerCase(), gpuArchitecture.toLowerCase()];
  const huge = size === '70b' || size === '175b';
  const modern: PrecisionType = gpu === 'blackwell' && huge ? 'fp8_e4m3' : 'bf16';
  const dtype: PrecisionType = ['ampere', 'hopper', 'blackwell'].includes(gpu) ? modern : 'fp16';
  const inference = useCase === 'inference';
  return createMixedPrecisionConfig({
    precisionConfig: createPrecisionConfig({ dtype }),
    scalerConfig: inference ? createScalerConfig({ strategy: 'static', initialScale: 1 }) : createScalerConfig({ initialScale: huge ? 65536 : 32768 }),
    autocastEnabled: !inference,
  });
}

/** Merging checkpoints: methods, layer slices, interpolation and what a merge takes. Mirrors `hf_gtc.deployment.merging`. */
import { createFrom, type Definition, inRange, nonEmpty, oneOf, positive, sameLength, validate, valuesOf } from '@gtc/errors';
import { dot, norm, sum } from '@gtc/tensor/statistics';

/** How many parameters stay. */
export type DensityType = 'low' | 'medium' | 'high';

/** Ways to merge. */
export const MergeMethod = {
  LINEAR: 'linear',
  SLERP: 'slerp',
  TIES: 'ties',
  DARE: 'dare',
  TASK_ARITHMETIC: 'task_arithmetic',
  PASSTHROUGH: 'passthrough',
} as const;
export type MergeMethod = (typeof MergeMethod)[keyof typeof MergeMethod];

/** Values of {@link MergeMethod}. */
export const VALID_MERGE_METHODS: ReadonlySet<MergeMethod> = new Set(Object.values(MergeMethod));

/** Share of the parameters by {@link DensityType}. */
export const DENSITY_VALUES: Readonly<Record<string, number>> = { low: 0.3, medium: 0.5, high: 0.7 };

/** A merge. */
export interface MergeConfig {
  readonly method: MergeMethod;
  /** 0 is the first model, 1 the second. */
  readonly t: number;
  readonly density: number;
  readonly normalize: boolean;
}

/** Defaults and rules of {@link MergeConfig}. */
export const MergeConfig: Definition<MergeConfig> = {
  name: 'MergeConfig',
  fields: {
    method: { kind: 'enum', of: MergeMethod, default: 'slerp' },
    t: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
    density: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
    normalize: { kind: 'bool', default: true },
  },
};

/** Layers of a model, from start to before end. */
export interface ModelSlice {
  readonly modelId: string;
  readonly startLayer: number;
  readonly endLayer: number;
  readonly weight: number;
}

/** Defaults and rules of {@link ModelSlice}. */
export const ModelSlice: Definition<ModelSlice> = {
  name: 'ModelSlice',
  fields: {
    modelId: { kind: 'string', nonEmpty: true },
    startLayer: { kind: 'int', nonNegative: true },
    endLayer: { kind: 'int' },
    weight: { kind: 'float', default: 1.0, nonNegative: true },
  },
  rules: [({ startLayer, endLayer }) => (startLayer < endLayer ? null : `startLayer must be less than endLayer ${endLayer}, got ${startLayer}`)],
};

/** What a merge made. */
export interface MergeResult {
  readonly numParameters: number;
  readonly methodUsed: MergeMethod;
  readonly modelsMerged: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Defaults and rules of {@link MergeResult}. */
export const MergeResult: Definition<MergeResult> = {
  name: 'MergeResult',
  fields: {
    numParameters: { kind: 'int' },
    methodUsed: { kind: 'enum', of: MergeMethod },
    modelsMerged: { kind: 'int' },
    metadata: { kind: 'record', of: { kind: 'string' } },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateMergeConfig(config: MergeConfig): void {
  validate(MergeConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateModelSlice(sliceCfg: ModelSlice): void {
  validate(ModelSlice, sliceCfg, 'sliceCfg');
}

/** Settles a {@link MergeConfig}. @throws {ValidationError} naming every broken rule */
export function createMergeConfig(options: Partial<MergeConfig> = {}): MergeConfig {
  return createFrom(MergeConfig, options);
}

/** Settles a {@link ModelSlice}. @throws {ValidationError} naming every broken rule */
export function createModelSlice(
  modelId: ModelSlice['modelId'],
  startLayer: ModelSlice['startLayer'],
  endLayer: ModelSlice['endLayer'],
  options: Partial<Omit<ModelSlice, 'modelId' | 'startLayer' | 'endLayer'>> = {},
): ModelSlice {
  return createFrom(ModelSlice, { ...options, modelId, startLayer, endLayer });
}

/** Merge methods in ascending order. */
export function listMergeMethods(): MergeMethod[] {
  return valuesOf(MergeMethod);
}

/**
 * `(1 − t) a + t b`.
 *
 * @throws {ValidationError} unless t is between 0.0 and 1.0, got -0.1
 * @remarks Python: `hf_gtc.deployment.merging.linear_interpolate(weight_a, weight_b, t)`; within 1e-12.
 * @example linearInterpolate(0, 10, 0.3) // => 3
 */
export function linearInterpolate(weightA: number, weightB: number, t: number): number {
  inRange(t, 't', { min: 0, max: 1 });
  return (1 - t) * weightA + t * weightB;
}

/**
 * `v₀ cos tθ + (v₁ − v₀ (v₀·v₁))/|v₁| · sin tθ` with `θ = acos(v₀·v₁)`: the great circle for orthogonal unit vectors; the first vector where θ is 0 or
 * the second is 0.
 * For vectors of any length and angle use `slerpInterpolate` of `@gtc/training/merging`.
 *
 * @throws {ValidationError} unless t is between 0.0 and 1.0, got -0.1, vectors is not empty
 * @remarks Python: `hf_gtc.deployment.merging.slerp(v0, v1, t)`.
 * @example slerp([1], [0], 0.5) // => [1]
 */
export function slerp(v0: readonly number[], v1: readonly number[], t: number): number[] {
  inRange(t, 't', { min: 0, max: 1 });
  nonEmpty(v0, 'v0 (vectors)');
  nonEmpty(v1, 'v1 (vectors)');
  sameLength({ 'vectors v0': v0, v1 });
  const along = dot(v0, v1);
  const length = norm(v1);
  const angle = Math.acos(Math.max(-1, Math.min(1, along)));
  if (!(angle > 1e-10) || length === 0) return [...v0];
  return v0.map((x, index) => x * Math.cos(t * angle) + ((v1[index]! - x * along) / length) * Math.sin(t * angle));
}

/**
 * Share of the parameters that stay at a level.
 *
 * @throws {ValidationError} for another level
 * @remarks Python: `hf_gtc.deployment.merging.get_density_value(level)`; within 1e-12.
 * @example getDensityValue('high') // => 0.7
 */
export function getDensityValue(level: DensityType): number {
  return DENSITY_VALUES[oneOf(level, 'level', Object.keys(DENSITY_VALUES))]!;
}

/**
 * Parameters of the merged model: all of them when layers are stacked (`passthrough`), else those of the largest.
 *
 * @throws {ValidationError} unless modelParams is not empty
 * @remarks Python: `hf_gtc.deployment.merging.calculate_merged_parameter_count(model_params, method)`.
 * @example calculateMergedParameterCount([2], 'ties') // => 2
 */
export function calculateMergedParameterCount(modelParams: readonly number[], method: MergeMethod): number {
  for (const [index, count] of nonEmpty(modelParams, 'modelParams').entries()) positive(count, `parameter counts of modelParams[${index}]`);
  return method === 'passthrough' ? sum(modelParams) : Math.max(...modelParams);
}

/**
 * A method for a number of models: SLERP for two of one architecture, TIES for others, stacked layers for different architectures.
 *
 * @throws {ValidationError} unless numModels is positive
 * @remarks Python: `hf_gtc.deployment.merging.get_recommended_method(num_models, same_architecture=)`.
 * @example getRecommendedMethod(3) // => 'ties'
 */
export function getRecommendedMethod(numModels: number, { sameArchitecture = true }: { readonly sameArchitecture?: boolean } = {}): MergeMethod {
  positive(numModels, 'numModels');
  if (!sameArchitecture) return 'passthrough';
  return numModels === 2 ? 'slerp' : 'ties';
}

/**
 * How long a merge takes: `fast` below a billion parameters, `moderate` below ten (five with methods that compare models), else `slow`.
 *
 * @throws {ValidationError} unless totalParams is positive
 * @remarks Python: `hf_gtc.deployment.merging.estimate_merge_time(total_params, method)`; the same text.
 * @example estimateMergeTime(1, 'dare') // => 'fast'
 */
export function estimateMergeTime(totalParams: number, _method: MergeMethod): string {
  positive(totalParams, 'totalParams');
  const billions = totalParams / 1e9;
  return billions < 1 ? 'fast' : billions < 10 ? 'moderate' : 'slow';
}

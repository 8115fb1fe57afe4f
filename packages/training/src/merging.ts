/** Merging fine-tuned models: weights, task vectors, interpolation and what becomes of conflicts. Mirrors `hf_gtc.training.merging`. */
import {
  createFrom,
  type Definition,
  finite,
  formatCount,
  formatFixed,
  inRange,
  nestedIssue,
  nonEmpty,
  nonNegative,
  oneOf,
  parseEnum,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { norm, sum } from '@gtc/tensor/statistics';

/** Share of the parameters that TIES keeps for a task. */
const DENSITY: Readonly<Record<string, number>> = { classification: 0.5, general: 0.6, generation: 0.7 };

/** Ways to merge. */
export const MergeMethod = { TIES: 'ties', DARE: 'dare', SLERP: 'slerp', TASK_ARITHMETIC: 'task_arithmetic', LINEAR: 'linear', STOCK: 'stock' } as const;
export type MergeMethod = (typeof MergeMethod)[keyof typeof MergeMethod];

/** Ways to choose the parameters that stay. */
export const SparsificationMethod = { MAGNITUDE: 'magnitude', RANDOM: 'random', TOPK: 'topk' } as const;
export type SparsificationMethod = (typeof SparsificationMethod)[keyof typeof SparsificationMethod];

/** What becomes of values that disagree. */
export const ConflictResolution = { SUM: 'sum', MEAN: 'mean', MAX: 'max', RANDOM: 'random' } as const;
export type ConflictResolution = (typeof ConflictResolution)[keyof typeof ConflictResolution];

/** Values of {@link MergeMethod}. */
export const VALID_MERGE_METHODS: ReadonlySet<MergeMethod> = new Set(Object.values(MergeMethod));

/** Values of {@link SparsificationMethod}. */
export const VALID_SPARSIFICATION_METHODS: ReadonlySet<SparsificationMethod> = new Set(Object.values(SparsificationMethod));

/** Values of {@link ConflictResolution}. */
export const VALID_CONFLICT_RESOLUTIONS: ReadonlySet<ConflictResolution> = new Set(Object.values(ConflictResolution));

/** Trim, elect a sign, merge (Yadav et al. 2023). */
export interface TIESConfig {
  /** Share of the parameters that stay. */
  readonly density: number;
  readonly normalize: boolean;
  readonly conflictResolution: ConflictResolution;
}

/** Defaults and rules of {@link TIESConfig}. */
export const TIESConfig: Definition<TIESConfig> = {
  name: 'TIESConfig',
  fields: {
    density: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
    normalize: { kind: 'bool', default: true },
    conflictResolution: { kind: 'enum', of: ConflictResolution, default: ConflictResolution.SUM },
  },
};

/** Drop and rescale (Yu et al. 2023). */
export interface DAREConfig {
  readonly dropRate: number;
  readonly rescale: boolean;
}

/** Defaults and rules of {@link DAREConfig}. */
export const DAREConfig: Definition<DAREConfig> = {
  name: 'DAREConfig',
  fields: {
    dropRate: { kind: 'float', default: 0.1, min: 0.0, max: 1.0 },
    rescale: { kind: 'bool', default: true },
  },
};

/** Interpolation along the sphere. */
export interface SLERPConfig {
  /** 0 is the first model, 1 the second. */
  readonly interpolationFactor: number;
}

/** Defaults and rules of {@link SLERPConfig}. */
export const SLERPConfig: Definition<SLERPConfig> = {
  name: 'SLERPConfig',
  fields: {
    interpolationFactor: { kind: 'float', default: 0.5, min: 0.0, max: 1.0 },
  },
};

/** A merge with the settings that its method calls for. */
export interface MergeConfig {
  readonly method: MergeMethod;
  readonly tiesConfig: TIESConfig | null;
  readonly dareConfig: DAREConfig | null;
  readonly slerpConfig: SLERPConfig | null;
  /** One for each model. */
  readonly weights: readonly number[];
}

/** Defaults and rules of {@link MergeConfig}. */
export const MergeConfig: Definition<MergeConfig> = {
  name: 'MergeConfig',
  fields: {
    method: { kind: 'enum', of: MergeMethod, default: MergeMethod.LINEAR },
    tiesConfig: { kind: 'any', default: null, nullable: true },
    dareConfig: { kind: 'any', default: null, nullable: true },
    slerpConfig: { kind: 'any', default: null, nullable: true },
    weights: { kind: 'array', of: { kind: 'float', nonNegative: true }, default: [0.5, 0.5], nonEmpty: true },
  },
  rules: [
    ({ method, tiesConfig }) => (method === 'ties' ? nestedIssue(TIESConfig, tiesConfig, 'tiesConfig') : null),
    ({ method, dareConfig }) => (method === 'dare' ? nestedIssue(DAREConfig, dareConfig, 'dareConfig') : null),
    ({ method, slerpConfig }) => (method === 'slerp' ? nestedIssue(SLERPConfig, slerpConfig, 'slerpConfig') : null),
    ({ method, weights }) =>
      method === 'slerp' && weights.length !== 2 ? `weights must be exactly 2 for slerp, which merges 2 models, got ${weights.length}` : null,
  ],
};

/** What a merge kept. */
export interface MergeStats {
  readonly numModels: number;
  readonly totalParameters: number;
  readonly retainedParameters: number;
  readonly conflictRate: number;
  readonly methodUsed: MergeMethod;
}

/** Defaults and rules of {@link MergeStats}. */
export const MergeStats: Definition<MergeStats> = {
  name: 'MergeStats',
  fields: {
    numModels: { kind: 'int', default: 2, positive: true },
    totalParameters: { kind: 'int', default: 0, nonNegative: true },
    retainedParameters: { kind: 'int', default: 0, nonNegative: true },
    conflictRate: { kind: 'float', default: 0.0, min: 0.0, max: 1.0 },
    methodUsed: { kind: 'enum', of: MergeMethod, default: MergeMethod.LINEAR },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTiesConfig(config: TIESConfig): void {
  validate(TIESConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDareConfig(config: DAREConfig): void {
  validate(DAREConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSlerpConfig(config: SLERPConfig): void {
  validate(SLERPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMergeConfig(config: MergeConfig): void {
  validate(MergeConfig, config);
}

/** Settles a {@link TIESConfig}. @throws {ValidationError} naming every broken rule */
export function createTiesConfig(options: Partial<TIESConfig> = {}): TIESConfig {
  return createFrom(TIESConfig, options);
}

/** Settles a {@link DAREConfig}. @throws {ValidationError} naming every broken rule */
export function createDareConfig(options: Partial<DAREConfig> = {}): DAREConfig {
  return createFrom(DAREConfig, options);
}

/** Settles a {@link SLERPConfig}. @throws {ValidationError} naming every broken rule */
export function createSlerpConfig(options: Partial<SLERPConfig> = {}): SLERPConfig {
  return createFrom(SLERPConfig, options);
}

/** Settles a {@link MergeStats}. @throws {ValidationError} naming every broken rule */
export function createMergeStats(options: Partial<MergeStats> = {}): MergeStats {
  return createFrom(MergeStats, options);
}

/** Merge methods in ascending order. */
export function listMergeMethods(): MergeMethod[] {
  return valuesOf(MergeMethod);
}

/** Sparsification methods in ascending order. */
export function listSparsificationMethods(): SparsificationMethod[] {
  return valuesOf(SparsificationMethod);
}

/** Conflict resolutions in ascending order. */
export function listConflictResolutions(): ConflictResolution[] {
  return valuesOf(ConflictResolution);
}

/** @throws {ValidationError} naming the values of {@link MergeMethod} */
export function getMergeMethod(name: string): MergeMethod {
  return parseEnum(MergeMethod, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link SparsificationMethod} */
export function getSparsificationMethod(name: string): SparsificationMethod {
  return parseEnum(SparsificationMethod, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ConflictResolution} */
export function getConflictResolution(name: string): ConflictResolution {
  return parseEnum(ConflictResolution, name, 'name');
}

/**
 * Settles a {@link MergeConfig}; the settings that its method calls for are filled in. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.merging.create_merge_config(method=, ties_config=, dare_config=, slerp_config=, weights=)`.
 */
export function createMergeConfig(options: Partial<MergeConfig> = {}): MergeConfig {
  const { method, tiesConfig, dareConfig, slerpConfig } = options;
  return createFrom(MergeConfig, {
    ...options,
    tiesConfig: tiesConfig ?? (method === 'ties' ? createFrom(TIESConfig) : null),
    dareConfig: dareConfig ?? (method === 'dare' ? createFrom(DAREConfig) : null),
    slerpConfig: slerpConfig ?? (method === 'slerp' ? createFrom(SLERPConfig) : null),
  });
}

/**
 * Weights from scores, scaled to the sum 1; equal ones where all scores are 0.
 *
 * @throws {ValidationError} unless modelScores is non-negative, modelScores is not empty
 * @remarks Python: `hf_gtc.training.merging.calculate_merge_weights(model_scores, normalize=)`.
 * @example calculateMergeWeights([0, 0.5]) // => [0, 1]
 */
export function calculateMergeWeights(modelScores: readonly number[], { normalize = true }: { readonly normalize?: boolean } = {}): number[] {
  nonEmpty(modelScores, 'modelScores');
  for (const [index, score] of modelScores.entries()) nonNegative(score, `modelScores[${index}]`);
  if (!normalize) return [...modelScores];
  const total = sum(modelScores);
  return modelScores.map(score => (total === 0 ? 1 / modelScores.length : score / total));
}

/**
 * A guess at the accuracy of a merged model: the weighted mean, with a bonus of 0.02 for each model with TIES and of 0.01 with DARE, at most the best
 * model's.
 *
 * @throws {ValidationError} unless modelPerformances and weights are not empty
 * @remarks Python: `hf_gtc.training.merging.estimate_merged_performance(model_performances, weights, method=)`; within 1e-12.
 * @example estimateMergedPerformance([0.7, 0.8, 0.9], [0.33, 0.33, 0.34]) // => 0.801
 */
export function estimateMergedPerformance(
  modelPerformances: readonly number[],
  weights: readonly number[],
  { method = MergeMethod.LINEAR }: { readonly method?: MergeMethod } = {},
): number {
  nonEmpty(modelPerformances, 'modelPerformances');
  nonEmpty(weights, 'weights');
  sameLength({ modelPerformances, weights });
  for (const [index, value] of modelPerformances.entries()) inRange(value, `performance values[${index}]`, { min: 0, max: 1 });
  const total = sum(weights);
  const average = total === 0 ? 0 : sum(modelPerformances.map((value, index) => value * weights[index]!)) / total;
  const bonus = method === 'ties' ? 0.02 * weights.length : method === 'dare' ? 0.01 : 0;
  return bonus === 0 ? average : Math.min(average + bonus, Math.max(average, ...modelPerformances));
}

/**
 * One value from those of several models: their sum, mean, the one of greatest magnitude, or one picked by the digits of the sum, so that a merge
 * repeats itself.
 *
 * @param signs of the values, −1, 0 or 1
 * @throws {ValidationError} unless values and signs are not empty
 * @remarks Python: `hf_gtc.training.merging.resolve_parameter_conflicts(values, signs, resolution=)`; within 1e-12.
 * @example resolveParameterConflicts([1, 0.3], [1, -1]) // => 1.3
 */
export function resolveParameterConflicts(
  values: readonly number[],
  signs: readonly number[],
  { resolution = ConflictResolution.SUM }: { readonly resolution?: ConflictResolution } = {},
): number {
  nonEmpty(values, 'values');
  nonEmpty(signs, 'signs');
  sameLength({ values, signs });
  for (const [index, sign] of signs.entries()) oneOf(sign, `signs[${index}]`, [-1, 0, 1]);
  const total = sum(values);
  if (resolution === 'mean') return total / values.length;
  if (resolution === 'max') return values.reduce((greatest, value) => (Math.abs(value) > Math.abs(greatest) ? value : greatest));
  return resolution === 'random' ? values[Math.trunc(Math.abs(finite(total, 'sum of values')) * 1000) % values.length]! : total;
}

/**
 * What fine-tuning changed: `fine-tuned − base`.
 * Source: Ilharco et al., Editing Models with Task Arithmetic (2022).
 *
 * @throws {ValidationError} unless parameters is not empty
 * @remarks Python: `hf_gtc.training.merging.calculate_task_vector(fine_tuned_params, base_params)`.
 * @example calculateTaskVector([2.1], [10]) // => [-7.9]
 */
export function calculateTaskVector(fineTunedParams: readonly number[], baseParams: readonly number[]): number[] {
  nonEmpty(fineTunedParams, 'fineTunedParams (parameters)');
  nonEmpty(baseParams, 'baseParams (parameters)');
  sameLength({ fineTunedParams, baseParams });
  return fineTunedParams.map((value, index) => value - baseParams[index]!);
}

/**
 * Adds a task vector: `base + scale · vector`.
 *
 * @throws {ValidationError} unless parameters is not empty
 * @remarks Python: `hf_gtc.training.merging.apply_task_vector(base_params, task_vector, scaling_factor=)`.
 * @example applyTaskVector([1], [1]) // => [2]
 */
export function applyTaskVector(
  baseParams: readonly number[],
  taskVector: readonly number[],
  { scalingFactor = 1.0 }: { readonly scalingFactor?: number } = {},
): number[] {
  nonEmpty(baseParams, 'baseParams (parameters)');
  nonEmpty(taskVector, 'taskVector (parameters)');
  sameLength({ baseParams, taskVector });
  return baseParams.map((value, index) => value + scalingFactor * taskVector[index]!);
}

/**
 * What a merge kept, as text.
 *
 * @remarks Python: `hf_gtc.training.merging.format_merge_stats(stats)`; the same text.
 */
export function formatMergeStats(stats: MergeStats): string {
  const { methodUsed, numModels, totalParameters, retainedParameters, conflictRate } = stats;
  const retention = totalParameters > 0 ? retainedParameters / totalParameters : 0;
  return [
    'Merge Stats:',
    `  Method: ${methodUsed}`,
    `  Models Merged: ${numModels}`,
    `  Total Parameters: ${formatCount(totalParameters)}`,
    `  Retained Parameters: ${formatCount(retainedParameters)}`,
    `  Retention Rate: ${formatFixed(100 * retention, 1)}%`,
    `  Conflict Rate: ${formatFixed(100 * conflictRate, 1)}%`,
  ].join('\n');
}

/**
 * A merge for a number of models: SLERP for two, TIES for more, whose density depends on the task.
 *
 * @throws {ValidationError} for fewer than two models or another task
 * @remarks Python: `hf_gtc.training.merging.get_recommended_merge_config(num_models, task_type=)`.
 */
export function getRecommendedMergeConfig(numModels: number, { taskType = 'general' }: { readonly taskType?: string } = {}): MergeConfig {
  inRange(numModels, 'numModels', { min: 2 });
  const density = DENSITY[oneOf(taskType, 'taskType', Object.keys(DENSITY))]!;
  const weights: number[] = new Array(numModels).fill(1 / numModels);
  return numModels === 2
    ? createMergeConfig({ method: 'slerp', weights })
    : createMergeConfig({ method: 'ties', tiesConfig: createTiesConfig({ density }), weights });
}

function checkInterpolation(v0: readonly number[], v1: readonly number[], t: number): void {
  nonEmpty(v0, 'v0 (vectors)');
  nonEmpty(v1, 'v1 (vectors)');
  sameLength({ 'vectors v0': v0, v1 });
  inRange(t, 't', { min: 0, max: 1 });
}

/**
 * Interpolates direction and length: the direction along the great circle, the length linearly. A zero vector and almost equal directions interpolate
 * linearly;
 * opposite directions have no way between them and give 0.
 *
 * @throws {ValidationError} unless vectors is not empty, t is between 0.0 and 1.0, got 1.5
 * @remarks Python: `hf_gtc.training.merging.slerp_interpolate(v0, v1, t)`.
 * @example slerpInterpolate([1], [0.109], 0.5) // => [0.5545]
 */
export function slerpInterpolate(v0: readonly number[], v1: readonly number[], t: number): number[] {
  checkInterpolation(v0, v1, t);
  const [n0, n1] = [norm(v0), norm(v1)];
  if (n0 === 0 || n1 === 0) return linearInterpolate(v0, v1, t);
  const cosine = Math.max(
    -1,
    Math.min(
      1,
      v0.reduce((total, x, index) => total + (x / n0) * (v1[index]! / n1), 0),
    ),
  );
  const angle = Math.acos(cosine);
  if (angle < 1e-6) return linearInterpolate(v0, v1, t);
  if (Math.PI - angle < 1e-6 && t > 0 && t < 1) return v0.map(() => 0);
  const [a, b] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  const length = (1 - t) * n0 + t * n1;
  return v0.map((x, index) => length * (a * (x / n0) + b * (v1[index]! / n1)));
}

/**
 * `(1 − t) v0 + t v1`.
 *
 * @throws {ValidationError} unless t is between 0.0 and 1.0, got -0.1, vectors is not empty
 * @remarks Python: `hf_gtc.training.merging.linear_interpolate(v0, v1, t)`.
 * @example linearInterpolate([0], [10], 0.3) // => [3]
 */
export function linearInterpolate(v0: readonly number[], v1: readonly number[], t: number): number[] {
  checkInterpolation(v0, v1, t);
  return v0.map((x, index) => (1 - t) * x + t * v1[index]!);
}

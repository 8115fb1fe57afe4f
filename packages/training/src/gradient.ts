/** Gradients clipped, scaled, accumulated and bent, with their settings. Mirrors `hf_gtc.training.gradient`. */
import { createFrom, type Definition, formatFixed, nonEmpty, notNull, oneOf, parseEnum, positive, sameLength, validate, valuesOf } from '@gtc/errors';

export { accumulateBackward, adaptiveGradClip, type ClipNormOptions, clipGradNorm, clipGradValue, perSampleClip } from './internal/gradient/clip.js';
export { type EigenvalueOptions, type Hessian, hessianOf, hessianTopEigenvalue } from './internal/gradient/curvature.js';
export { GradScaler, type GradScalerOptions } from './internal/gradient/scaler.js';

/** What is bounded. */
export const ClippingMethod = { NORM: 'norm', VALUE: 'value', ADAPTIVE: 'adaptive', NONE: 'none' } as const;
export type ClippingMethod = (typeof ClippingMethod)[keyof typeof ClippingMethod];

/** How gradients are scaled. */
export const ScalingMethod = { STATIC: 'static', DYNAMIC: 'dynamic', LOSS_SCALE: 'loss_scale' } as const;
export type ScalingMethod = (typeof ScalingMethod)[keyof typeof ScalingMethod];

/** How gradients of batches are joined. */
export const AccumulationStrategy = { MEAN: 'mean', SUM: 'sum', WEIGHTED: 'weighted' } as const;
export type AccumulationStrategy = (typeof AccumulationStrategy)[keyof typeof AccumulationStrategy];

/** Values of {@link ClippingMethod}. */
export const VALID_CLIPPING_METHODS: ReadonlySet<ClippingMethod> = new Set(Object.values(ClippingMethod));

/** Values of {@link ScalingMethod}. */
export const VALID_SCALING_METHODS: ReadonlySet<ScalingMethod> = new Set(Object.values(ScalingMethod));

/** Values of {@link AccumulationStrategy}. */
export const VALID_ACCUMULATION_STRATEGIES: ReadonlySet<AccumulationStrategy> = new Set(Object.values(AccumulationStrategy));

/** Bounds of gradients. */
export interface ClippingConfig {
  readonly method: ClippingMethod;
  readonly maxNorm: number;
  readonly maxValue: number;
  readonly normType: number;
}

/** Defaults and rules of {@link ClippingConfig}. */
export const ClippingConfig: Definition<ClippingConfig> = {
  name: 'ClippingConfig',
  fields: {
    method: { kind: 'enum', of: ClippingMethod, default: ClippingMethod.NORM },
    maxNorm: { kind: 'float', default: 1 },
    maxValue: { kind: 'float', default: 1 },
    normType: { kind: 'float', default: 2, positive: true },
  },
  rules: [
    ({ method, maxNorm }) => (method === 'norm' && maxNorm <= 0 ? `maxNorm must be positive for norm clipping, got ${maxNorm}` : null),
    ({ method, maxValue }) => (method === 'value' && maxValue <= 0 ? `maxValue must be positive for value clipping, got ${maxValue}` : null),
  ],
};

/** A scale that keeps gradients from vanishing. */
export interface ScalingConfig {
  readonly method: ScalingMethod;
  readonly initialScale: number;
  readonly growthFactor: number;
  readonly backoffFactor: number;
}

/** Defaults and rules of {@link ScalingConfig}. */
export const ScalingConfig: Definition<ScalingConfig> = {
  name: 'ScalingConfig',
  fields: {
    method: { kind: 'enum', of: ScalingMethod, default: ScalingMethod.DYNAMIC },
    initialScale: { kind: 'float', default: 65536, positive: true },
    growthFactor: { kind: 'float', default: 2 },
    backoffFactor: { kind: 'float', default: 0.5 },
  },
  rules: [
    ({ method, growthFactor }) =>
      method !== 'static' && growthFactor <= 1 ? `growthFactor must be greater than 1 for a scale that is not static, got ${growthFactor}` : null,
    ({ method, backoffFactor }) =>
      method !== 'static' && (backoffFactor <= 0 || backoffFactor >= 1)
        ? `backoffFactor must be between 0 and 1 for a scale that is not static, got ${backoffFactor}`
        : null,
  ],
};

/** Batches of one step. */
export interface AccumulationConfig {
  readonly steps: number;
  readonly strategy: AccumulationStrategy;
  /** Whether workers exchange gradients after every batch. */
  readonly syncGrads: boolean;
}

/** Defaults and rules of {@link AccumulationConfig}. */
export const AccumulationConfig: Definition<AccumulationConfig> = {
  name: 'AccumulationConfig',
  fields: {
    steps: { kind: 'int', default: 1, positive: true },
    strategy: { kind: 'enum', of: AccumulationStrategy, default: AccumulationStrategy.MEAN },
    syncGrads: { kind: 'bool', default: true },
  },
};

/** What happens to gradients before a step. */
export interface GradientConfig {
  readonly clippingConfig: ClippingConfig;
  readonly scalingConfig: ScalingConfig;
  readonly accumulationConfig: AccumulationConfig;
}

/** Defaults and rules of {@link GradientConfig}. */
export const GradientConfig: Definition<GradientConfig> = {
  name: 'GradientConfig',
  fields: {
    clippingConfig: { kind: 'config', of: ClippingConfig },
    scalingConfig: { kind: 'config', of: ScalingConfig },
    accumulationConfig: { kind: 'config', of: AccumulationConfig },
  },
};

/** How gradients fare. */
export interface GradientStats {
  readonly gradNorm: number;
  readonly clippedRatio: number;
  readonly overflowCount: number;
  readonly effectiveBatchSize: number;
}

/** Defaults and rules of {@link GradientStats}. */
export const GradientStats: Definition<GradientStats> = {
  name: 'GradientStats',
  fields: {
    gradNorm: { kind: 'float', default: 0, nonNegative: true },
    clippedRatio: { kind: 'float', default: 0, min: 0, max: 1 },
    overflowCount: { kind: 'int', default: 0, nonNegative: true },
    effectiveBatchSize: { kind: 'int', default: 1, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateClippingConfig(config: ClippingConfig): void {
  validate(ClippingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateScalingConfig(config: ScalingConfig): void {
  validate(ScalingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAccumulationConfig(config: AccumulationConfig): void {
  validate(AccumulationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGradientConfig(config: GradientConfig): void {
  validate(GradientConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGradientStats(stats: GradientStats): void {
  validate(GradientStats, stats, 'stats');
}

/** Settles a {@link ClippingConfig}. @throws {ValidationError} naming every broken rule */
export function createClippingConfig(options: Partial<ClippingConfig> = {}): ClippingConfig {
  return createFrom(ClippingConfig, options);
}

/** Settles a {@link ScalingConfig}. @throws {ValidationError} naming every broken rule */
export function createScalingConfig(options: Partial<ScalingConfig> = {}): ScalingConfig {
  return createFrom(ScalingConfig, options);
}

/** Settles a {@link AccumulationConfig}. @throws {ValidationError} naming every broken rule */
export function createAccumulationConfig(options: Partial<AccumulationConfig> = {}): AccumulationConfig {
  return createFrom(AccumulationConfig, options);
}

/** Settles a {@link GradientStats}. @throws {ValidationError} naming every broken rule */
export function createGradientStats(options: Partial<GradientStats> = {}): GradientStats {
  return createFrom(GradientStats, options);
}

/** Clipping methods in ascending order. */
export function listClippingMethods(): ClippingMethod[] {
  return valuesOf(ClippingMethod);
}

/** Scaling methods in ascending order. */
export function listScalingMethods(): ScalingMethod[] {
  return valuesOf(ScalingMethod);
}

/** Accumulation strategies in ascending order. */
export function listAccumulationStrategies(): AccumulationStrategy[] {
  return valuesOf(AccumulationStrategy);
}

/** @throws {ValidationError} naming the clipping methods */
export function getClippingMethod(name: string): ClippingMethod {
  return parseEnum(ClippingMethod, name, 'clippingMethod');
}

/** @throws {ValidationError} naming the scaling methods */
export function getScalingMethod(name: string): ScalingMethod {
  return parseEnum(ScalingMethod, name, 'scalingMethod');
}

/** @throws {ValidationError} naming the accumulation strategies */
export function getAccumulationStrategy(name: string): AccumulationStrategy {
  return parseEnum(AccumulationStrategy, name, 'accumulationStrategy');
}

/**
 * Settles what happens to gradients. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.gradient.create_gradient_config(clipping_config=, scaling_config=, accumulation_config=)`.
 */
export function createGradientConfig({
  clippingConfig = null,
  scalingConfig = null,
  accumulationConfig = null,
}: {
  readonly clippingConfig?: ClippingConfig | null;
  readonly scalingConfig?: ScalingConfig | null;
  readonly accumulationConfig?: AccumulationConfig | null;
} = {}): GradientConfig {
  return createFrom(GradientConfig, {
    clippingConfig: clippingConfig ?? createClippingConfig(),
    scalingConfig: scalingConfig ?? createScalingConfig(),
    accumulationConfig: accumulationConfig ?? createAccumulationConfig(),
  });
}

/**
 * The p-norm of a gradient; the largest magnitude for an infinite p.
 *
 * @throws {ValidationError} for no values or a p that is not positive
 * @remarks Python: `hf_gtc.training.gradient.calculate_grad_norm(gradients, norm_type=)`; within 1e-12.
 * @example calculateGradNorm([3, 4]) // => 5
 */
export function calculateGradNorm(gradients: readonly number[], { normType = 2 }: { readonly normType?: number } = {}): number {
  nonEmpty(gradients, 'gradients');
  positive(normType, 'normType');
  const magnitudes = gradients.map(Math.abs);
  if (normType === Number.POSITIVE_INFINITY) return magnitudes.reduce((most, value) => Math.max(most, value));
  if (normType === 2) return Math.hypot(...magnitudes);
  return magnitudes.reduce((sum, value) => sum + value ** normType, 0) ** (1 / normType);
}

/**
 * Gradients within bounds: `norm` scales all of them to the norm, `adaptive` to nine tenths of it, `value` cuts each.
 *
 * @returns them, and the share of values that changed
 * @throws {ValidationError} for no values, no settings or a norm that is not one
 * @remarks Python: `hf_gtc.training.gradient.clip_gradients(gradients, config)`.
 * @example clipGradients([3, 4], createClippingConfig({ method: 'value', maxValue: 3.5 })) // => [[3, 3.5], 0.5]
 */
export function clipGradients(gradients: readonly number[], config: ClippingConfig): readonly [gradients: readonly number[], clippedRatio: number] {
  nonEmpty(gradients, 'gradients');
  const { method, maxNorm, maxValue, normType } = notNull(config, 'config');
  if (method === 'none') return [gradients, 0];
  if (method === 'value') {
    const clipped = gradients.map(value => Math.max(-maxValue, Math.min(maxValue, value)));
    return [clipped, clipped.filter((value, index) => value !== gradients[index]).length / gradients.length];
  }
  const norm = calculateGradNorm(gradients, { normType });
  const bound = method === 'adaptive' ? 0.9 * maxNorm : maxNorm;
  return norm > bound ? [gradients.map(value => (value * bound) / norm), 1] : [gradients, 0];
}

/**
 * Gradients times a scale.
 *
 * @throws {ValidationError} for no values or a scale that is not positive
 * @remarks Python: `hf_gtc.training.gradient.scale_gradients(gradients, scale)`.
 * @example scaleGradients([1, -2], 0.5) // => [0.5, -1]
 */
export function scaleGradients(gradients: readonly number[], scale: number): readonly number[] {
  nonEmpty(gradients, 'gradients');
  positive(scale, 'scale');
  return gradients.map(value => value * scale);
}

/**
 * Gradients of batches as one: their mean, their sum or their sum under weights.
 *
 * @param options `weights`, one for each batch, for `weighted`
 * @throws {ValidationError} for no batches, an unknown strategy or no weights where they are needed
 * @throws {ShapeError} for batches of different lengths or another count of weights
 * @remarks Python: `hf_gtc.training.gradient.accumulate_gradients(gradient_batches, strategy, weights=)`.
 * @example accumulateGradients([[1, 2], [3, 4]], 'mean') // => [2, 3]
 */
export function accumulateGradients(
  gradientBatches: readonly (readonly number[])[],
  strategy: AccumulationStrategy,
  { weights = null }: { readonly weights?: readonly number[] | null } = {},
): readonly number[] {
  const first = nonEmpty(gradientBatches, 'gradientBatches')[0]!;
  parseEnum(AccumulationStrategy, strategy, 'strategy');
  for (const [index, batch] of gradientBatches.entries()) sameLength({ 'gradientBatches[0]': first, [`gradientBatches[${index}]`]: batch });
  if (strategy === 'weighted') sameLength({ weights: notNull(weights, 'weights'), gradientBatches });
  const shares = gradientBatches.map((_, index) => (strategy === 'weighted' ? weights![index]! : 1));
  const divisor = strategy === 'mean' ? gradientBatches.length : 1;
  return first.map((_, column) => gradientBatches.reduce((sum, batch, row) => sum + batch[column]! * shares[row]!, 0) / divisor);
}

/**
 * Whether values have left a range; what is not finite has.
 *
 * @returns whether any has, and how many
 * @throws {ValidationError} for no values or a threshold that is not positive
 * @remarks Python: `hf_gtc.training.gradient.detect_overflow(gradients, threshold=)`.
 * @example detectOverflow([1, Number.NaN, 70000]) // => [true, 2]
 */
export function detectOverflow(
  gradients: readonly number[],
  { threshold = 65504 }: { readonly threshold?: number } = {},
): readonly [overflow: boolean, count: number] {
  nonEmpty(gradients, 'gradients');
  positive(threshold, 'threshold');
  const count = gradients.filter(value => !Number.isFinite(value) || Math.abs(value) > threshold).length;
  return [count > 0, count];
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.gradient.format_gradient_stats(stats)`; the same text.
 */
export function formatGradientStats(stats: GradientStats): string {
  notNull(stats, 'stats');
  return [
    `Gradient Norm: ${formatFixed(stats.gradNorm, 6)}`,
    `Clipped Ratio: ${formatFixed(stats.clippedRatio * 100, 2)}%`,
    `Overflow Count: ${stats.overflowCount}`,
    `Effective Batch Size: ${stats.effectiveBatchSize}`,
  ].join('\n');
}

/**
 * Settings that suit a model and a kind of training: a tighter norm for reinforcement learning, a looser one for the largest models.
 *
 * @throws {ValidationError} for an unknown kind or steps that are not positive
 * @remarks Python: `hf_gtc.training.gradient.get_recommended_gradient_config(model_size=, training_type=, accumulation_steps=)`.
 */
export function getRecommendedGradientConfig({
  modelSize = '7b',
  trainingType = 'fine_tuning',
  accumulationSteps = 1,
}: {
  readonly modelSize?: string;
  readonly trainingType?: string;
  readonly accumulationSteps?: number;
} = {}): GradientConfig {
  oneOf(trainingType, 'trainingType', ['pretraining', 'fine_tuning', 'rlhf']);
  positive(accumulationSteps, 'accumulationSteps');
  const huge = modelSize.toLowerCase() === '70b';
  return createGradientConfig({
    clippingConfig: createClippingConfig({ maxNorm: (trainingType === 'rlhf' ? 0.5 : 1) * (huge ? 2 : 1) }),
    scalingConfig: createScalingConfig({ initialScale: trainingType === 'pretraining' ? 65536 : 32768 }),
    accumulationConfig: createAccumulationConfig({ steps: accumulationSteps }),
  });
}

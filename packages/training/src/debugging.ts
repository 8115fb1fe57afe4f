/** Debugging of training: anomalies, the flow of gradients, activations and losses. Mirrors `hf_gtc.training.debugging`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  formatFloat,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  roundTo,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** How much is told. */
export const DebugLevel = { NONE: 'none', BASIC: 'basic', VERBOSE: 'verbose', TRACE: 'trace' } as const;
export type DebugLevel = (typeof DebugLevel)[keyof typeof DebugLevel];

/** Ways to look at training. */
export const VisualizationType = {
  GRADIENT_FLOW: 'gradient_flow',
  ACTIVATION_HISTOGRAM: 'activation_histogram',
  ATTENTION_WEIGHTS: 'attention_weights',
  LOSS_LANDSCAPE: 'loss_landscape',
} as const;
export type VisualizationType = (typeof VisualizationType)[keyof typeof VisualizationType];

/** What can go wrong with numbers. */
export const AnomalyType = {
  NAN: 'nan',
  INF: 'inf',
  EXPLODING_GRADIENT: 'exploding_gradient',
  VANISHING_GRADIENT: 'vanishing_gradient',
  DEAD_NEURON: 'dead_neuron',
} as const;
export type AnomalyType = (typeof AnomalyType)[keyof typeof AnomalyType];

/** Values of {@link DebugLevel}. */
export const VALID_DEBUG_LEVELS: ReadonlySet<DebugLevel> = new Set(Object.values(DebugLevel));

/** Values of {@link VisualizationType}. */
export const VALID_VISUALIZATION_TYPES: ReadonlySet<VisualizationType> = new Set(Object.values(VisualizationType));

/** Values of {@link AnomalyType}. */
export const VALID_ANOMALY_TYPES: ReadonlySet<AnomalyType> = new Set(Object.values(AnomalyType));

/** What is watched. */
export interface DebugConfig {
  readonly level: DebugLevel;
  readonly logGradients: boolean;
  readonly logActivations: boolean;
  readonly checkAnomalies: boolean;
}

/** Defaults and rules of {@link DebugConfig}. */
export const DebugConfig: Definition<DebugConfig> = {
  name: 'DebugConfig',
  fields: {
    level: { kind: 'enum', of: DebugLevel, default: DebugLevel.BASIC },
    logGradients: { kind: 'bool', default: true },
    logActivations: { kind: 'bool', default: false },
    checkAnomalies: { kind: 'bool', default: true },
  },
};

/** How gradients are summed up. */
export interface GradientFlowConfig {
  readonly layers: readonly string[];
  readonly reduction: string;
  readonly logFrequency: number;
}

/** Defaults and rules of {@link GradientFlowConfig}. */
export const GradientFlowConfig: Definition<GradientFlowConfig> = {
  name: 'GradientFlowConfig',
  fields: {
    layers: { kind: 'array', of: { kind: 'string' }, default: [] },
    reduction: { kind: 'string', default: 'mean', oneOf: ['mean', 'max', 'min'] },
    logFrequency: { kind: 'int', default: 100, positive: true },
  },
};

/** How activations are summed up. */
export interface ActivationConfig {
  readonly layers: readonly string[];
  readonly numBins: number;
  readonly trackStatistics: boolean;
}

/** Defaults and rules of {@link ActivationConfig}. */
export const ActivationConfig: Definition<ActivationConfig> = {
  name: 'ActivationConfig',
  fields: {
    layers: { kind: 'array', of: { kind: 'string' }, default: [] },
    numBins: { kind: 'int', default: 50, positive: true },
    trackStatistics: { kind: 'bool', default: true },
  },
};

/** What was seen. */
export interface DebugStats {
  readonly anomaliesDetected: Readonly<Record<string, number>>;
  readonly gradientNormHistory: readonly number[];
  readonly activationStats: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Defaults and rules of {@link DebugStats}. */
export const DebugStats: Definition<DebugStats> = {
  name: 'DebugStats',
  fields: {
    anomaliesDetected: { kind: 'record', of: { kind: 'int', nonNegative: true }, default: {} },
    gradientNormHistory: { kind: 'array', of: { kind: 'float', nonNegative: true }, default: [] },
    activationStats: { kind: 'record', of: { kind: 'any' }, default: {} },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDebugConfig(config: DebugConfig): void {
  validate(DebugConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGradientFlowConfig(config: GradientFlowConfig): void {
  validate(GradientFlowConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateActivationConfig(config: ActivationConfig): void {
  validate(ActivationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDebugStats(stats: DebugStats): void {
  validate(DebugStats, stats, 'stats');
}

/** Settles a {@link DebugConfig}. @throws {ValidationError} naming every broken rule */
export function createDebugConfig(options: Partial<DebugConfig> = {}): DebugConfig {
  return createFrom(DebugConfig, options);
}

/** Debug levels in ascending order. */
export function listDebugLevels(): DebugLevel[] {
  return valuesOf(DebugLevel);
}

/** Visualization types in ascending order. */
export function listVisualizationTypes(): VisualizationType[] {
  return valuesOf(VisualizationType);
}

/** Anomaly types in ascending order. */
export function listAnomalyTypes(): AnomalyType[] {
  return valuesOf(AnomalyType);
}

/** @throws {ValidationError} naming the debug levels */
export function getDebugLevel(name: string): DebugLevel {
  return parseEnum(DebugLevel, name, 'debugLevel');
}

/** @throws {ValidationError} naming the visualization types */
export function getVisualizationType(name: string): VisualizationType {
  return parseEnum(VisualizationType, name, 'visualizationType');
}

/** @throws {ValidationError} naming the anomaly types */
export function getAnomalyType(name: string): AnomalyType {
  return parseEnum(AnomalyType, name, 'anomalyType');
}

/**
 * Settles a {@link GradientFlowConfig}; no layers are all. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.debugging.create_gradient_flow_config(layers=, reduction=, log_frequency=)`.
 */
export function createGradientFlowConfig({
  layers = null,
  ...options
}: Partial<Omit<GradientFlowConfig, 'layers'>> & { readonly layers?: readonly string[] | null } = {}): GradientFlowConfig {
  return createFrom(GradientFlowConfig, { ...options, layers: layers ?? [] });
}

/**
 * Settles an {@link ActivationConfig}; no layers are all. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.debugging.create_activation_config(layers=, num_bins=, track_statistics=)`.
 */
export function createActivationConfig({
  layers = null,
  ...options
}: Partial<Omit<ActivationConfig, 'layers'>> & { readonly layers?: readonly string[] | null } = {}): ActivationConfig {
  return createFrom(ActivationConfig, { ...options, layers: layers ?? [] });
}

/**
 * Settles what was seen, nothing unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.debugging.create_debug_stats(anomalies_detected=, gradient_norm_history=, activation_stats=)`.
 */
export function createDebugStats({
  anomaliesDetected = null,
  gradientNormHistory = null,
  activationStats = null,
}: { readonly [K in keyof DebugStats]?: DebugStats[K] | null } = {}): DebugStats {
  return createFrom(DebugStats, {
    anomaliesDetected: anomaliesDetected ?? {},
    gradientNormHistory: gradientNormHistory ?? [],
    activationStats: activationStats ?? {},
  });
}

/**
 * Counts NaN, infinite, very large and very small values; `dead_neuron` is 1 where all are zero.
 *
 * @throws {ValidationError} for no values, a greatest value that is not positive or a negative least value
 * @remarks Python: `hf_gtc.training.debugging.detect_anomalies(values, exploding_threshold=, vanishing_threshold=)`.
 * @example detectAnomalies([1e-10, 1]).vanishing_gradient // => 1
 */
export function detectAnomalies(
  values: readonly number[],
  { explodingThreshold = 1000, vanishingThreshold = 1e-8 }: { readonly explodingThreshold?: number; readonly vanishingThreshold?: number } = {},
): Record<AnomalyType, number> {
  nonEmpty(values, 'values');
  positive(explodingThreshold, 'explodingThreshold');
  nonNegative(vanishingThreshold, 'vanishingThreshold');
  const count = (test: (value: number) => boolean): number => values.filter(test).length;
  return {
    nan: count(Number.isNaN),
    inf: count(value => Math.abs(value) === Number.POSITIVE_INFINITY),
    exploding_gradient: count(value => Number.isFinite(value) && Math.abs(value) > explodingThreshold),
    vanishing_gradient: count(value => value !== 0 && Math.abs(value) < vanishingThreshold),
    dead_neuron: values.every(value => value === 0) ? 1 : 0,
  };
}

/** Least and greatest as Python's `min` and `max` find them: a NaN counts only where it comes first. */
const least = (values: readonly number[]): number => values.reduce((found, value) => (value < found ? value : found));
const greatest = (values: readonly number[]): number => values.reduce((found, value) => (value > found ? value : found));

const REDUCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = { mean, max: greatest, min: least };

/**
 * One number for the gradients of each layer: mean, greatest or least magnitude.
 *
 * @throws {ValidationError} for no layers or a layer without gradients
 * @remarks Python: `hf_gtc.training.debugging.compute_gradient_flow(gradients, config)`.
 * @example computeGradientFlow({ layer1: [1, 2, 3] }, createGradientFlowConfig()) // => { layer1: 2 }
 */
export function computeGradientFlow(gradients: Readonly<Record<string, readonly number[]>>, config: GradientFlowConfig): Record<string, number> {
  notNull(config, 'config');
  nonEmpty(gradients, 'gradients');
  const reduce = REDUCTIONS[config.reduction];
  const flow: Record<string, number> = {};
  for (const [layer, values] of Object.entries(gradients)) {
    nonEmpty(values, `gradients.${layer}`);
    if (reduce !== undefined) flow[layer] = reduce(values.map(Math.abs));
  }
  return flow;
}

/**
 * Mean, standard deviation, least, greatest and share of zeros of each layer's activations.
 *
 * @throws {ValidationError} for no layers or a layer without activations
 * @remarks Python: `hf_gtc.training.debugging.compute_activation_stats(activations, config)`.
 * @example computeActivationStats({ relu: [0, 2] }, createActivationConfig()).relu?.sparsity // => 0.5
 */
export function computeActivationStats(
  activations: Readonly<Record<string, readonly number[]>>,
  config: ActivationConfig,
): Record<string, Readonly<Record<string, number>>> {
  notNull(config, 'config');
  nonEmpty(activations, 'activations');
  return Object.fromEntries(
    Object.entries(activations).map(([layer, values]) => {
      nonEmpty(values, `activations.${layer}`);
      const center = mean(values);
      const std = Math.sqrt(mean(values.map(value => (value - center) ** 2)));
      return [layer, { mean: center, std, min: least(values), max: greatest(values), sparsity: values.filter(value => value === 0).length / values.length }];
    }),
  );
}

/**
 * Shape of a curve of losses: slope (ten decimals), standard deviation of its differences and, from the mean of its second differences, smoothness in (0, 1].
 *
 * @param options `stepSize` between two losses
 * @throws {ValidationError} for fewer than two losses or a step that is not positive
 * @remarks Python: `hf_gtc.training.debugging.analyze_loss_landscape(loss_values, step_size=)`.
 * @example analyzeLossLandscape([1, 0.5]).trend // => -0.5
 */
export function analyzeLossLandscape(lossValues: readonly number[], { stepSize = 0.01 }: { readonly stepSize?: number } = {}): Record<string, number> {
  if (notNull(lossValues, 'lossValues').length < 2)
    throw new ValidationError(`lossValues must have at least 2 elements, got ${lossValues.length}`, { parameter: 'lossValues', received: lossValues });
  positive(stepSize, 'stepSize');
  const slopes = lossValues.slice(1).map((loss, index) => (loss - lossValues[index]!) / stepSize);
  const bends = slopes.slice(1).map((slope, index) => Math.abs(slope - slopes[index]!) / stepSize);
  const center = mean(slopes);
  return {
    trend: roundTo((lossValues.at(-1)! - lossValues[0]!) / (lossValues.length - 1), 10),
    volatility: Math.sqrt(mean(slopes.map(slope => (slope - center) ** 2))),
    smoothness: bends.length === 0 ? 1 : 1 / (1 + mean(bends)),
    min_loss: least(lossValues),
    max_loss: greatest(lossValues),
    final_loss: lossValues.at(-1)!,
  };
}

function variance(values: readonly number[]): number {
  const center = mean(values);
  return mean(values.map(value => (value - center) ** 2));
}

/** What norms of gradients tell: they grew a hundredfold, or fell to a hundredth. */
function gradientIssues(norms: readonly number[]): string[] {
  const ratio = norms.length > 1 && norms[0] !== 0 ? norms.at(-1)! / norms[0]! : 1;
  if (ratio > 100) return [`Exploding gradients detected: gradient norm grew ${formatFixed(ratio, 1)}x`];
  return ratio < 0.01 ? [`Vanishing gradients detected: gradient norm decayed to ${formatFixed(ratio, 4)}x`] : [];
}

/** What losses tell: the second half of five or more is not a hundredth below the first, or of ten or more it varies twice as much. */
function lossIssues(losses: readonly number[]): string[] {
  if (losses.length < 5) return [];
  const half = Math.floor(losses.length / 2);
  const [early, late] = [losses.slice(0, half), losses.slice(half)];
  return [
    ...(mean(late) >= mean(early) * 0.99 ? ['Loss not decreasing: consider adjusting learning rate or architecture'] : []),
    ...(losses.length >= 10 && variance(late) > 2 * variance(early)
      ? ['High loss volatility: consider reducing learning rate or using gradient clipping']
      : []),
  ];
}

/**
 * What is likely to be wrong with a training, in words; nothing where all looks well.
 *
 * @throws {ValidationError} for no norms, no losses or a learning rate that is not positive
 * @remarks Python: `hf_gtc.training.debugging.diagnose_training_issues(gradient_norms, loss_values, learning_rate=)`.
 * @example diagnoseTrainingIssues([1, 1], [1, 0.9]) // => []
 */
export function diagnoseTrainingIssues(
  gradientNorms: readonly number[],
  lossValues: readonly number[],
  { learningRate = 1e-4 }: { readonly learningRate?: number } = {},
): string[] {
  nonEmpty(gradientNorms, 'gradientNorms');
  nonEmpty(lossValues, 'lossValues');
  positive(learningRate, 'learningRate');
  const step = mean(gradientNorms) * learningRate;
  return [
    ...gradientIssues(gradientNorms),
    ...lossIssues(lossValues),
    ...(step > 1 ? [`Learning rate may be too high: gradient_norm * lr = ${formatFixed(step, 4)}`] : []),
    ...(step < 1e-8 ? [`Learning rate may be too low: gradient_norm * lr = ${formatFixed(step, 10)}`] : []),
  ];
}

const byName = <V>(record: Readonly<Record<string, V>>): [string, V][] => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * What was seen, as text; of the norms the last five are shown.
 *
 * @remarks Python: `hf_gtc.training.debugging.format_debug_stats(stats)`; the same text.
 */
export function formatDebugStats(stats: DebugStats): string {
  const { anomaliesDetected, gradientNormHistory: norms, activationStats } = notNull(stats, 'stats');
  const anomalies = byName(anomaliesDetected).map(([name, count]) => `  ${name}: ${count}`);
  const recent = norms.slice(-5).map(norm => formatFloat(roundTo(norm, 4)));
  const layers = byName(activationStats).flatMap(([layer, values]) => [
    `  ${layer}:`,
    ...byName(values).map(([name, value]) => `    ${name}: ${formatFixed(value, 4)}`),
  ]);
  return [
    'Anomalies Detected:',
    ...(anomalies.length > 0 ? anomalies : ['  None']),
    '',
    'Gradient Norm History:',
    ...(norms.length > 0 ? [`  Recent: [${recent.join(', ')}]`, `  Mean: ${formatFixed(mean(norms), 4)}`] : ['  No history']),
    '',
    'Activation Statistics:',
    ...(layers.length > 0 ? layers : ['  No statistics']),
  ].join('\n');
}

/**
 * What to watch in a phase of training: anomalies in `pretraining` and `rlhf`, activations of models from 70 billion parameters on.
 *
 * @throws {ValidationError} naming the phases that are known
 * @remarks Python: `hf_gtc.training.debugging.get_recommended_debug_config(training_phase=, model_size=, verbose=)`.
 * @example getRecommendedDebugConfig({ trainingPhase: 'rlhf' }).checkAnomalies // => true
 */
export function getRecommendedDebugConfig({
  trainingPhase = 'fine_tuning',
  modelSize = '7b',
  verbose = false,
}: {
  readonly trainingPhase?: string;
  readonly modelSize?: string;
  readonly verbose?: boolean;
} = {}): DebugConfig {
  oneOf(trainingPhase, 'trainingPhase', ['pretraining', 'fine_tuning', 'rlhf']);
  return createDebugConfig({
    level: verbose ? 'verbose' : 'basic',
    logActivations: modelSize === '70b' || modelSize === '175b',
    checkAnomalies: trainingPhase !== 'fine_tuning',
  });
}

/** Dynamics of training: trends of losses, convergence, and gradients that vanish or explode. Mirrors `hf_gtc.training.dynamics`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** What is watched. */
export const DynamicsMetric = {
  LOSS: 'loss',
  GRADIENT_NORM: 'gradient_norm',
  LEARNING_RATE: 'learning_rate',
  WEIGHT_NORM: 'weight_norm',
  ACTIVATION_NORM: 'activation_norm',
} as const;
export type DynamicsMetric = (typeof DynamicsMetric)[keyof typeof DynamicsMetric];

/** Where a curve goes. */
export const TrendType = {
  DECREASING: 'decreasing',
  INCREASING: 'increasing',
  PLATEAU: 'plateau',
  OSCILLATING: 'oscillating',
  DIVERGING: 'diverging',
} as const;
export type TrendType = (typeof TrendType)[keyof typeof TrendType];

/** Which part of a curve counts. */
export const AnalysisWindow = { GLOBAL: 'global', RECENT: 'recent', EPOCH: 'epoch', STEP: 'step' } as const;
export type AnalysisWindow = (typeof AnalysisWindow)[keyof typeof AnalysisWindow];

/** Values of {@link DynamicsMetric}. */
export const VALID_DYNAMICS_METRICS: ReadonlySet<DynamicsMetric> = new Set(Object.values(DynamicsMetric));

/** Values of {@link TrendType}. */
export const VALID_TREND_TYPES: ReadonlySet<TrendType> = new Set(Object.values(TrendType));

/** Values of {@link AnalysisWindow}. */
export const VALID_ANALYSIS_WINDOWS: ReadonlySet<AnalysisWindow> = new Set(Object.values(AnalysisWindow));

/** Losses by step. */
export interface LossCurve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
  readonly smoothedValues: readonly number[];
  readonly trend: TrendType;
}

/** Defaults and rules of {@link LossCurve}. */
export const LossCurve: Definition<LossCurve> = {
  name: 'LossCurve',
  fields: {
    steps: { kind: 'array', of: { kind: 'int' }, nonEmpty: true },
    values: { kind: 'array', of: { kind: 'float' } },
    smoothedValues: { kind: 'array', of: { kind: 'float' } },
    trend: { kind: 'enum', of: TrendType },
  },
  rules: [
    ({ steps, values }) => (steps.length === values.length ? null : `steps and values must have the same length, got ${steps.length} and ${values.length}`),
    ({ steps, smoothedValues }) =>
      steps.length === smoothedValues.length ? null : `steps and smoothedValues must have the same length, got ${steps.length} and ${smoothedValues.length}`,
  ],
};

/** Norms of gradients by step. */
export interface GradientDynamics {
  readonly norms: readonly number[];
  readonly layerNorms: Readonly<Record<string, readonly number[]>>;
  readonly maxNorm: number;
  readonly vanishingLayers: readonly string[];
  readonly explodingLayers: readonly string[];
}

/** Defaults and rules of {@link GradientDynamics}. */
export const GradientDynamics: Definition<GradientDynamics> = {
  name: 'GradientDynamics',
  fields: {
    norms: { kind: 'array', of: { kind: 'float' } },
    layerNorms: { kind: 'record', of: { kind: 'any' } },
    maxNorm: { kind: 'float', nonNegative: true },
    vanishingLayers: { kind: 'array', of: { kind: 'string' } },
    explodingLayers: { kind: 'array', of: { kind: 'string' } },
  },
};

/** A moment of a training. */
export interface TrainingSnapshot {
  readonly step: number;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly learningRate: number;
  readonly weightNorms: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link TrainingSnapshot}. */
export const TrainingSnapshot: Definition<TrainingSnapshot> = {
  name: 'TrainingSnapshot',
  fields: {
    step: { kind: 'int', nonNegative: true },
    loss: { kind: 'float' },
    gradientNorm: { kind: 'float', default: 0, nonNegative: true },
    learningRate: { kind: 'float', default: 0.0001, positive: true },
    weightNorms: { kind: 'record', of: { kind: 'float' }, default: {} },
  },
};

/** What a curve is like. */
export interface DynamicsStats {
  readonly convergenceRate: number;
  readonly stabilityScore: number;
  readonly oscillationFrequency: number;
  readonly plateauSteps: number;
}

/** Defaults and rules of {@link DynamicsStats}. */
export const DynamicsStats: Definition<DynamicsStats> = {
  name: 'DynamicsStats',
  fields: {
    convergenceRate: { kind: 'float', default: 0 },
    stabilityScore: { kind: 'float', default: 1, min: 0, max: 1 },
    oscillationFrequency: { kind: 'float', default: 0, nonNegative: true },
    plateauSteps: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateLossCurve(curve: LossCurve): void {
  validate(LossCurve, curve, 'curve');
}

/** @throws {ValidationError} naming every broken rule */
export function validateGradientDynamics(dynamics: GradientDynamics): void {
  validate(GradientDynamics, dynamics, 'dynamics');
}

/** @throws {ValidationError} naming every broken rule */
export function validateTrainingSnapshot(snapshot: TrainingSnapshot): void {
  validate(TrainingSnapshot, snapshot, 'snapshot');
}

/** @throws {ValidationError} naming every broken rule */
export function validateDynamicsStats(stats: DynamicsStats): void {
  validate(DynamicsStats, stats, 'stats');
}

/** Settles a {@link DynamicsStats}. @throws {ValidationError} naming every broken rule */
export function createDynamicsStats(options: Partial<DynamicsStats> = {}): DynamicsStats {
  return createFrom(DynamicsStats, options);
}

/** Dynamics metrics in ascending order. */
export function listDynamicsMetrics(): DynamicsMetric[] {
  return valuesOf(DynamicsMetric);
}

/** Trend types in ascending order. */
export function listTrendTypes(): TrendType[] {
  return valuesOf(TrendType);
}

/** Analysis windows in ascending order. */
export function listAnalysisWindows(): AnalysisWindow[] {
  return valuesOf(AnalysisWindow);
}

/** @throws {ValidationError} naming the dynamics metrics */
export function getDynamicsMetric(name: string): DynamicsMetric {
  return parseEnum(DynamicsMetric, name, 'dynamicsMetric');
}

/** @throws {ValidationError} naming the trend types */
export function getTrendType(name: string): TrendType {
  return parseEnum(TrendType, name, 'trendType');
}

/** @throws {ValidationError} naming the analysis windows */
export function getAnalysisWindow(name: string): AnalysisWindow {
  return parseEnum(AnalysisWindow, name, 'analysisWindow');
}

const changes = (values: readonly number[]): number[] => values.slice(1).map((value, index) => value - values[index]!);

/** A change below a thousandth of the mean counts as none. */
const plateauOf = (values: readonly number[]): number => 0.001 * Math.abs(mean(values));

/** Trend of losses: none, up (twice as far as a half is divergence) or down in three changes of five, else to and fro. */
function trendOf(values: readonly number[]): TrendType {
  const [first, last] = [values[0]!, values.at(-1)!];
  if (values.length < 2 || Math.abs(last - first) <= plateauOf(values)) return 'plateau';
  const steps = changes(values);
  const share = (test: (change: number) => boolean): number => steps.filter(test).length / steps.length;
  if (share(change => change > 0) >= 0.6) return last > 1.5 * first ? 'diverging' : 'increasing';
  return share(change => change < 0) >= 0.6 ? 'decreasing' : 'oscillating';
}

/**
 * Exponential moving mean, which starts at the first value.
 *
 * @param options `smoothingFactor` in (0, 1), weight of what was
 * @throws {ValidationError} for no values or a factor outside (0, 1)
 * @remarks Python: `hf_gtc.training.dynamics.smooth_curve(values, smoothing_factor=)`.
 * @example smoothCurve([1]) // => [1]
 */
export function smoothCurve(values: readonly number[], { smoothingFactor = 0.9 }: { readonly smoothingFactor?: number } = {}): number[] {
  nonEmpty(values, 'values');
  inRange(smoothingFactor, 'smoothingFactor', { above: 0, below: 1 });
  let smoothed = values[0]!;
  return values.map((value, index) => {
    if (index > 0) smoothed = smoothingFactor * smoothed + (1 - smoothingFactor) * value;
    return smoothed;
  });
}

/**
 * Settles a curve, smooth and with its trend. @throws {ValidationError} for no steps, another count of values or a factor outside (0, 1)
 *
 * @remarks Python: `hf_gtc.training.dynamics.create_loss_curve(steps, values, smoothing_factor=)`.
 */
export function createLossCurve(
  steps: readonly number[],
  values: readonly number[],
  { smoothingFactor = 0.9 }: { readonly smoothingFactor?: number } = {},
): LossCurve {
  nonEmpty(steps, 'steps');
  sameLength({ steps, values });
  return createFrom(LossCurve, { steps, values, smoothedValues: smoothCurve(values, { smoothingFactor }), trend: trendOf(values) });
}

/**
 * Settles norms of gradients; a layer vanishes or explodes by the mean of its norms. @throws {ValidationError} for no norms or limits that are not positive
 *
 * @remarks Python: `hf_gtc.training.dynamics.create_gradient_dynamics(norms, layer_norms=, vanishing_threshold=, exploding_threshold=)`.
 */
export function createGradientDynamics(
  norms: readonly number[],
  {
    layerNorms = null,
    vanishingThreshold = 1e-7,
    explodingThreshold = 100,
  }: {
    readonly layerNorms?: Readonly<Record<string, readonly number[]>> | null;
    readonly vanishingThreshold?: number;
    readonly explodingThreshold?: number;
  } = {},
): GradientDynamics {
  nonEmpty(norms, 'norms');
  allPositive({ vanishingThreshold, explodingThreshold });
  const means = Object.entries(layerNorms ?? {})
    .filter(([, values]) => values.length > 0)
    .map(([layer, values]) => [layer, mean(values)] as const);
  return createFrom(GradientDynamics, {
    norms,
    layerNorms: layerNorms ?? {},
    maxNorm: norms.reduce((greatest, norm) => (norm > greatest ? norm : greatest)),
    vanishingLayers: means.filter(([, norm]) => norm < vanishingThreshold).map(([layer]) => layer),
    explodingLayers: means.filter(([, norm]) => norm > explodingThreshold).map(([layer]) => layer),
  });
}

/**
 * Settles a moment of a training. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.dynamics.create_training_snapshot(step, loss, gradient_norm=, learning_rate=, weight_norms=)`.
 */
export function createTrainingSnapshot(
  step: number,
  loss: number,
  {
    weightNorms = null,
    ...options
  }: { readonly gradientNorm?: number; readonly learningRate?: number; readonly weightNorms?: Readonly<Record<string, number>> | null } = {},
): TrainingSnapshot {
  return createFrom(TrainingSnapshot, { ...options, step, loss, weightNorms: weightNorms ?? {} });
}

/**
 * What a curve is like: loss gained for each value, 1 less the coefficient of variation, share of turns, and changes below a thousandth of the mean.
 *
 * @param options `window` `recent` looks at the last tenth, at least ten values; all others at everything
 * @throws {ValidationError} for no curve
 * @remarks Python: `hf_gtc.training.dynamics.analyze_loss_curve(curve, window=)`.
 * @example analyzeLossCurve(createLossCurve([0, 1], [1, 0.5])).convergenceRate // => 0.25
 */
export function analyzeLossCurve(curve: LossCurve, { window = 'global' }: { readonly window?: AnalysisWindow } = {}): DynamicsStats {
  const { values: all } = notNull(curve, 'curve');
  const values = window === 'recent' ? all.slice(-Math.max(10, Math.floor(all.length / 10))) : all;
  if (values.length < 2) return createDynamicsStats();
  const center = mean(values);
  const variation = center === 0 ? 0 : Math.sqrt(mean(values.map(value => (value - center) ** 2))) / Math.abs(center);
  const steps = changes(values);
  const turns = steps.slice(1).filter((change, index) => change * steps[index]! < 0).length;
  return Object.freeze({
    convergenceRate: (values[0]! - values.at(-1)!) / values.length,
    stabilityScore: variation > 0 ? Math.max(0, 1 - variation) : 1,
    oscillationFrequency: turns / values.length,
    plateauSteps: steps.filter(change => Math.abs(change) < plateauOf(values)).length,
  });
}

/**
 * Whether losses stopped falling: `patience` values in a row that are not below the best one by more than the threshold.
 *
 * @returns and the step of the first of them, or null
 * @throws {ValidationError} for no curve, or a threshold or patience that is not positive
 * @remarks Python: `hf_gtc.training.dynamics.detect_convergence(curve, threshold=, patience=)`.
 * @example detectConvergence(createLossCurve([0, 1, 2], [1, 0.5, 0.5]), { patience: 1 }) // => [true, 2]
 */
export function detectConvergence(
  curve: LossCurve,
  { threshold = 0.001, patience = 10 }: { readonly threshold?: number; readonly patience?: number } = {},
): readonly [converged: boolean, step: number | null] {
  const { values, steps } = notNull(curve, 'curve');
  allPositive({ threshold, patience });
  let best = values[0] ?? Number.NaN;
  let waited = 0;
  for (let index = 1; index < values.length; index++) {
    if (best - values[index]! > threshold) {
      best = values[index]!;
      waited = 0;
    } else if (++waited >= patience) return [true, steps[index - patience + 1] ?? null];
  }
  return [false, null];
}

/** The first three names, and how many more. */
function someOf(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
}

const TREND_ISSUES: Partial<Record<TrendType, string>> = {
  diverging: 'Loss is diverging - consider reducing learning rate',
  increasing: 'Loss is increasing - training may be unstable',
  oscillating: 'High loss oscillation - consider reducing learning rate or batch size',
};

/**
 * What is likely to be wrong, in words; a loss that is no number is all that is told.
 *
 * @param options `dynamics` of the gradients
 * @throws {ValidationError} for no curve
 * @remarks Python: `hf_gtc.training.dynamics.identify_training_issues(curve, dynamics=)`.
 * @example identifyTrainingIssues(createLossCurve([0, 1], [1, 2])) // => ['Loss is diverging - consider reducing learning rate']
 */
export function identifyTrainingIssues(curve: LossCurve, { dynamics = null }: { readonly dynamics?: GradientDynamics | null } = {}): string[] {
  const { values, trend } = notNull(curve, 'curve');
  if (!values.every(Number.isFinite)) return ['NaN or Inf values detected in loss - training has become unstable'];
  const issue = TREND_ISSUES[trend];
  const found = issue === undefined ? [] : [issue];
  if (dynamics === null) return found;
  const { vanishingLayers, explodingLayers, maxNorm, norms } = dynamics;
  if (vanishingLayers.length > 0) found.push(`Vanishing gradients detected in: ${someOf(vanishingLayers)}`);
  if (explodingLayers.length > 0) found.push(`Exploding gradients detected in: ${someOf(explodingLayers)}`);
  if (norms.length > 0 && maxNorm > 10 * mean(norms)) found.push('Gradient spikes detected - consider gradient clipping');
  return found;
}

/**
 * Mean, standard deviation, least, greatest and median of norms.
 *
 * @throws {ValidationError} for no norms
 * @remarks Python: `hf_gtc.training.dynamics.compute_gradient_statistics(norms)`.
 * @example computeGradientStatistics([5]) // => { mean: 5, std: 0, min: 5, max: 5, median: 5 }
 */
export function computeGradientStatistics(norms: readonly number[]): Readonly<Record<'mean' | 'std' | 'min' | 'max' | 'median', number>> {
  const sorted = [...nonEmpty(norms, 'norms')].sort((a, b) => a - b);
  const center = mean(norms);
  const half = sorted.length >> 1;
  return {
    mean: center,
    std: Math.sqrt(mean(norms.map(norm => (norm - center) ** 2))),
    min: sorted[0]!,
    max: sorted.at(-1)!,
    median: sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2,
  };
}

/**
 * A report on a training.
 *
 * @param options `dynamics` of the gradients
 * @throws {ValidationError} for no curve, no statistics or a curve without steps
 * @remarks Python: `hf_gtc.training.dynamics.format_dynamics_report(curve, stats, dynamics=)`; the same text.
 * @example const curve = createLossCurve([0, 1], [1, 0.5]);
 * formatDynamicsReport(curve, createDynamicsStats()).split('\n')[6] // => '  Steps: 0 to 1'
 */
export function formatDynamicsReport(
  curve: LossCurve,
  stats: DynamicsStats,
  { dynamics = null }: { readonly dynamics?: GradientDynamics | null } = {},
): string {
  notNull(curve, 'curve');
  notNull(stats, 'stats');
  const { steps, values } = curve;
  nonEmpty(steps, 'curve.steps');
  nonEmpty(values, 'curve.values');
  const [bar, line] = ['='.repeat(50), '-'.repeat(20)];
  const layers = dynamics === null ? [] : [dynamics.vanishingLayers, dynamics.explodingLayers].filter(names => names.length > 0);
  const issues = identifyTrainingIssues(curve, { dynamics });
  return [
    bar,
    'Training Dynamics Report',
    bar,
    '',
    'Loss Curve Analysis',
    line,
    `  Steps: ${steps[0]} to ${steps.at(-1)}`,
    `  Initial Loss: ${formatFixed(values[0]!, 6)}`,
    `  Final Loss: ${formatFixed(values.at(-1)!, 6)}`,
    `  Trend: ${curve.trend}`,
    '',
    'Training Statistics',
    line,
    `  Convergence Rate: ${formatFixed(stats.convergenceRate, 6)}`,
    `  Stability Score: ${formatFixed(stats.stabilityScore * 100, 2)}%`,
    `  Oscillation Frequency: ${formatFixed(stats.oscillationFrequency * 100, 2)}%`,
    `  Plateau Steps: ${stats.plateauSteps}`,
    '',
    ...(dynamics === null
      ? []
      : [
          'Gradient Statistics',
          line,
          `  Max Norm: ${formatFixed(dynamics.maxNorm, 6)}`,
          `  Vanishing Layers: ${dynamics.vanishingLayers.length}`,
          `  Exploding Layers: ${dynamics.explodingLayers.length}`,
          ...layers.map(names => `    - ${names.slice(0, 5).join(', ')}`),
          '',
        ]),
    ...(issues.length > 0 ? ['Identified Issues', line, ...issues.map(issue => `  ! ${issue}`), ''] : []),
    bar,
  ].join('\n');
}

const BY_TRAINING: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  fine_tuning: { smoothing_factor: 0.9, convergence_threshold: 0.001, convergence_patience: 10, analysis_window: 'global', log_frequency: 10 },
  pretraining: { smoothing_factor: 0.9, convergence_threshold: 0.001, convergence_patience: 20, analysis_window: 'recent', log_frequency: 100 },
  rlhf: { smoothing_factor: 0.95, convergence_threshold: 0.0001, convergence_patience: 5, analysis_window: 'global', log_frequency: 10 },
};

/**
 * What to watch in a training, and how closely; models of 70 billion parameters have wider limits.
 *
 * @throws {ValidationError} naming the trainings that are known
 * @remarks Python: `hf_gtc.training.dynamics.get_recommended_dynamics_config(model_size=, training_type=)`.
 * @example getRecommendedDynamicsConfig({ trainingType: 'rlhf' }).convergence_patience // => 5
 */
export function getRecommendedDynamicsConfig({
  modelSize = '7b',
  trainingType = 'fine_tuning',
}: {
  readonly modelSize?: string;
  readonly trainingType?: string;
} = {}): Readonly<Record<string, number | string>> {
  const settings = BY_TRAINING[oneOf(trainingType, 'trainingType', Object.keys(BY_TRAINING))];
  const large = modelSize.toLowerCase() === '70b';
  return { ...settings, gradient_check_frequency: large ? 100 : 50, vanishing_threshold: large ? 1e-8 : 1e-7, exploding_threshold: large ? 1000 : 100 };
}

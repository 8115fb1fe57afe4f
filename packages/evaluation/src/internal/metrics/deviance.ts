/** Quantile, median and deviance losses of numeric predictions. */
import { inRange, number, ValidationError } from '@gtc/errors';
import { argsortDescending } from './argsort.js';
import { blockedSum } from './averages.js';
import type { WeightOptions } from './confusion.js';
import { checkTargets, combine, explained, meanLosses, type RegressionOptions, type Targets } from './regression.js';

/** Weighted quantile of level `q`: where the running weight hits it exactly, the mean of the two neighbours. */
function weightedQuantile(values: ArrayLike<number>, weights: ArrayLike<number> | null, q: number): number {
  const n = values.length;
  const order = Array.from(argsortDescending(values)).reverse();
  const running = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) running[i] = sum += weights?.[order[i]!] ?? 1;
  const target = q * sum;
  const at = Math.min(
    n - 1,
    Math.max(
      0,
      running.findIndex(weight => weight > 0 && weight >= target),
    ),
  );
  if (running[at]! - target > Number.EPSILON) return values[order[at]!]!;
  const next = running.findIndex(weight => weight > running[at]!);
  return (values[order[at]!]! + values[order[next < 0 ? at : next]!]!) / 2;
}

/**
 * Median absolute error, weighted if asked.
 *
 * @remarks Python: `sklearn.metrics.median_absolute_error(y_true, y_pred, sample_weight=, multioutput=)`; within 1e-12.
 * @example medianAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8]) // => 0.5
 */
export function medianAbsoluteError(yTrue: Targets, yPred: Targets, options: RegressionOptions & { readonly multioutput: 'rawValues' }): number[];
export function medianAbsoluteError(yTrue: Targets, yPred: Targets, options?: RegressionOptions): number;
export function medianAbsoluteError(
  yTrue: Targets,
  yPred: Targets,
  { sampleWeight, multioutput = 'uniformAverage' }: RegressionOptions = {},
): number | number[] {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  const errors = columns.yTrue.map((truth, j) => Float64Array.from(truth, (t, i) => Math.abs(t - columns.yPred[j]![i]!)));
  return combine(
    errors.map(output => weightedQuantile(output, columns.weights, 0.5)),
    multioutput,
  );
}

/** Options of quantile losses. */
export interface QuantileOptions extends RegressionOptions {
  /** Level of the quantile that is predicted, in [0, 1]. */
  readonly alpha?: number;
}

function pinball(alpha: number): (t: number, p: number) => number {
  inRange(alpha, 'alpha', { min: 0, max: 1 });
  return (t, p) => (t >= p ? alpha * (t - p) : (1 - alpha) * (p - t));
}

/**
 * Quantile (pinball) loss: `alpha` for each unit below the truth, `1 - alpha` for each unit above.
 *
 * @remarks Python: `sklearn.metrics.mean_pinball_loss(y_true, y_pred, alpha=)`; within 1e-12.
 * @example meanPinballLoss([1, 2, 3], [0, 2, 4], { alpha: 0.9 }) // => 1 / 3
 */
export function meanPinballLoss(yTrue: Targets, yPred: Targets, { alpha = 0.5, sampleWeight, multioutput = 'uniformAverage' }: QuantileOptions = {}): number {
  return combine(meanLosses(checkTargets(yTrue, yPred, sampleWeight), pinball(alpha)), multioutput) as number;
}

/**
 * Share of the pinball loss of the empirical quantile that the prediction removes; NaN for fewer than two samples.
 *
 * @remarks Python: `sklearn.metrics.d2_pinball_score(y_true, y_pred, alpha=)`; within 1e-12.
 * @example d2PinballScore([1, 2, 3], [1, 2, 3]) // => 1
 */
export function d2PinballScore(yTrue: Targets, yPred: Targets, { alpha = 0.5, sampleWeight, multioutput = 'uniformAverage' }: QuantileOptions = {}): number {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  if (columns.n < 2) return Number.NaN;
  const loss = pinball(alpha);
  const quantiles = columns.yTrue.map(truth => new Float64Array(columns.n).fill(weightedQuantile(truth, columns.weights, alpha)));
  return combine(explained(meanLosses(columns, loss), meanLosses({ ...columns, yPred: quantiles }, loss)), multioutput) as number;
}

/**
 * Share of the absolute error of the median that the prediction removes.
 *
 * @remarks Python: `sklearn.metrics.d2_absolute_error_score`; within 1e-12.
 * @example d2AbsoluteErrorScore([1, 2, 3], [2, 2, 2]) // => 0
 */
export function d2AbsoluteErrorScore(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number {
  return d2PinballScore(yTrue, yPred, { ...options, alpha: 0.5 });
}

/** Options of Tweedie deviances. */
export interface TweedieOptions extends WeightOptions {
  /** Variance power: 0 normal, 1 Poisson, 2 gamma, 3 inverse Gaussian; not between 0 and 1. */
  readonly power?: number;
}

function requireAbove(values: ArrayLike<number>, name: string, least: number, strict: boolean, power: number): void {
  for (let i = 0; i < values.length; i++) {
    if (strict ? values[i]! > least : values[i]! >= least) continue;
    const expected = strict ? 'positive' : 'non-negative';
    throw new ValidationError(`${name} must be ${expected} for power ${power}, got ${values[i]}`, { parameter: name, received: values[i], expected });
  }
}

/** Unit deviance of a power, after checking the domain that the power needs. */
function tweedieLoss(yTrue: ArrayLike<number>, yPred: ArrayLike<number>, power: number): (t: number, p: number) => number {
  if (number(power, 'power') > 0 && power < 1)
    throw new ValidationError(`power must not lie between 0 and 1, got ${power}`, { parameter: 'power', received: power, expected: 'outside (0, 1)' });
  if (power === 0) return (t, p) => (t - p) ** 2;
  if (power >= 1) requireAbove(yTrue, 'yTrue', 0, power >= 2, power);
  requireAbove(yPred, 'yPred', 0, true, power);
  if (power === 1) return (t, p) => 2 * ((t === 0 ? 0 : t * Math.log(t / p)) - t + p);
  if (power === 2) return (t, p) => 2 * (Math.log(p / t) + t / p - 1);
  return (t, p) => 2 * (Math.max(t, 0) ** (2 - power) / ((1 - power) * (2 - power)) - (t * p ** (1 - power)) / (1 - power) + p ** (2 - power) / (2 - power));
}

/**
 * Mean Tweedie deviance of a variance power.
 *
 * @throws {ValidationError} for a power between 0 and 1 and for values outside the power's domain
 * @remarks Python: `sklearn.metrics.mean_tweedie_deviance(y_true, y_pred, power=)`; within 1e-12.
 * @example meanTweedieDeviance([2, 0, 1, 4], [0.5, 0.5, 2, 2], { power: 1 }) // => 1.4260151319598082
 */
export function meanTweedieDeviance(yTrue: ArrayLike<number>, yPred: ArrayLike<number>, { power = 0, sampleWeight }: TweedieOptions = {}): number {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  return meanLosses(columns, tweedieLoss(yTrue, yPred, power))[0]!;
}

/**
 * Share of the Tweedie deviance of the mean that the prediction removes; NaN for fewer than two samples.
 *
 * @remarks Python: `sklearn.metrics.d2_tweedie_score(y_true, y_pred, power=)`; within 1e-12.
 * @example d2TweedieScore([1, 2, 3], [1, 2, 3], { power: 1 }) // => 1
 */
export function d2TweedieScore(yTrue: ArrayLike<number>, yPred: ArrayLike<number>, { power = 0, sampleWeight }: TweedieOptions = {}): number {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  const { n, weights } = columns;
  if (n < 2) return Number.NaN;
  const loss = tweedieLoss(yTrue, yPred, power);
  const mean = blockedSum(n, i => yTrue[i]! * (weights?.[i] ?? 1)) / (weights === null ? n : blockedSum(n, i => weights[i]!));
  const base = meanLosses({ ...columns, yPred: [new Float64Array(n).fill(mean)] }, loss)[0]!;
  return 1 - meanLosses(columns, loss)[0]! / base;
}

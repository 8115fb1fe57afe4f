/** ROC, precision-recall and detection-error curves of binary scores. */
import { nonEmpty, ShapeError, sameLength, show, ValidationError } from '@gtc/errors';
import { type Ranking, rankDescending } from './argsort.js';
import type { WeightOptions } from './confusion.js';
import { checkWeights, type Label, type Labels } from './labels.js';

/** Options of curves. */
export interface CurveOptions extends WeightOptions {
  /** The class that counts as positive; by default 1 or true. */
  readonly posLabel?: Label;
}

/** Checks scores: as many as labels, no NaN. */
export function checkScores(scores: ArrayLike<number>, name: string): void {
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]))
      throw new ValidationError(`${name} must be finite, got ${show(scores[i])} at index ${i}`, { parameter: name, received: scores[i], expected: 'finite' });
  }
}

/** The distinct values of an array, at most three of them. */
function fewClasses(values: Labels): Label[] {
  const first = values[0];
  let last = first;
  const classes = first === undefined ? [] : [first];
  for (let i = 0; i < values.length && classes.length < 3; i++) {
    const value = values[i]!;
    // The two comparisons settle all but the first of a class; `includes` alone takes twice as long.
    if (value === first || value === last || classes.includes(value)) continue;
    classes.push(value);
    last = value;
  }
  return classes;
}

/** 1 for the positive class, 0 for the other. @throws {ValidationError} for a third class or a positive class that does not occur */
export function binaryTargets(yTrue: Labels, posLabel: Label | undefined): Uint8Array {
  const classes = fewClasses(yTrue);
  if (classes.length > 2) throw new ValidationError('yTrue must have at most two classes, found more', { parameter: 'yTrue', received: classes });
  const plain = classes.every(label => typeof label !== 'string' && [0, 1, -1].includes(Number(label)));
  if (posLabel === undefined && !plain)
    throw new ValidationError(`posLabel must be given for classes ${classes.map(show).join(', ')}`, { parameter: 'posLabel' });
  const positive = posLabel ?? (classes.includes(true) ? true : 1);
  const targets = new Uint8Array(yTrue.length);
  for (let i = 0; i < targets.length; i++) targets[i] = Number(yTrue[i] === positive);
  return targets;
}

/** True and false positives at each distinct threshold, from the highest score down. */
interface ThresholdCounts {
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly thresholds: Float64Array;
}

/** Binary targets and weights, checked, and the order of their scores. */
interface RankedTargets extends Ranking {
  readonly targets: Uint8Array;
  readonly weights: ArrayLike<number> | null;
}

/** Checks binary targets, scores and weights, and ranks them by score from the highest down. */
export function rankedTargets(yTrue: Labels, yScore: ArrayLike<number>, { posLabel, sampleWeight }: CurveOptions = {}): RankedTargets {
  nonEmpty(yTrue as object, 'yTrue');
  const n = sameLength({ yTrue, yScore });
  checkScores(yScore, 'yScore');
  const weights = checkWeights(sampleWeight, n);
  return { targets: binaryTargets(yTrue, posLabel), weights, ...rankDescending(yScore) };
}

/** Counts at every distinct score. */
function thresholdCounts(yTrue: Labels, yScore: ArrayLike<number>, options: CurveOptions = {}): ThresholdCounts {
  const { order, ties, targets, weights } = rankedTargets(yTrue, yScore, options);
  const n = order.length;
  const [truePositives, falsePositives, thresholds] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  let [tp, fp, count] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const index = order[i]!;
    const weight = weights === null ? 1 : weights[index]!;
    if (targets[index] === 1) tp += weight;
    else fp += weight;
    if (i + 1 < n && ties[i + 1] === 1) continue;
    truePositives[count] = tp;
    falsePositives[count] = fp;
    thresholds[count++] = yScore[index]!;
  }
  return { truePositives: truePositives.subarray(0, count), falsePositives: falsePositives.subarray(0, count), thresholds: thresholds.subarray(0, count) };
}

/** Indices to keep when points on a straight line between their neighbours are dropped. */
function corners(n: number, ...columns: readonly ArrayLike<number>[]): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  if (n <= 2) return all;
  return all.filter(i => i === 0 || i === n - 1 || columns.some(values => values[i + 1]! - values[i]! !== values[i]! - values[i - 1]!));
}

/** A ROC curve: one point for each threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  readonly fpr: number[];
  readonly tpr: number[];
  /** Descending; the first is infinite: nothing is predicted positive. */
  readonly thresholds: number[];
}

/**
 * False and true positive rate at every threshold.
 *
 * @param yTrue two classes
 * @param yScore higher means more likely positive
 * @param options `dropIntermediate` (true) leaves out collinear points
 * @returns rates; NaN where a class does not occur
 * @throws {ValidationError} for empty input, non-finite scores, more than two classes
 * @remarks Python: `sklearn.metrics.roc_curve`; within 1e-12.
 * @example rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).tpr // => [0, 0.5, 0.5, 1, 1]
 */
export function rocCurve(
  yTrue: Labels,
  yScore: ArrayLike<number>,
  { dropIntermediate = true, ...options }: CurveOptions & { readonly dropIntermediate?: boolean } = {},
): RocCurve {
  const { truePositives: tps, falsePositives: fps, thresholds } = thresholdCounts(yTrue, yScore, options);
  const kept = dropIntermediate ? corners(tps.length, fps, tps) : Array.from(tps, (_, i) => i);
  const [positives, negatives] = [tps.at(-1)!, fps.at(-1)!];
  return {
    fpr: [0, ...kept.map(i => fps[i]!)].map(fp => (negatives > 0 ? fp / negatives : Number.NaN)),
    tpr: [0, ...kept.map(i => tps[i]!)].map(tp => (positives > 0 ? tp / positives : Number.NaN)),
    thresholds: [Number.POSITIVE_INFINITY, ...kept.map(i => thresholds[i]!)],
  };
}

/** A precision-recall curve, recall falling; the last point is (recall 0, precision 1) and has no threshold. */
export interface PrecisionRecallCurve {
  readonly precision: number[];
  readonly recall: number[];
  readonly thresholds: number[];
}

/**
 * Precision and recall at every threshold.
 *
 * @remarks Python: `sklearn.metrics.precision_recall_curve`; within 1e-12.
 * @example precisionRecallCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).recall // => [1, 1, 0.5, 0.5, 0]
 */
export function precisionRecallCurve(yTrue: Labels, yScore: ArrayLike<number>, options: CurveOptions = {}): PrecisionRecallCurve {
  const { truePositives, falsePositives, thresholds } = thresholdCounts(yTrue, yScore, options);
  const positives = truePositives.at(-1)!;
  const precision = Array.from(truePositives, (tp, i) => (tp + falsePositives[i]! === 0 ? 0 : tp / (tp + falsePositives[i]!)));
  const recall = Array.from(truePositives, tp => (positives === 0 ? 1 : tp / positives));
  return { precision: [...precision.reverse(), 1], recall: [...recall.reverse(), 0], thresholds: Array.from(thresholds).reverse() };
}

/** A detection-error-tradeoff curve, false positive rate falling. */
export interface DetCurve {
  readonly fpr: number[];
  readonly fnr: number[];
  readonly thresholds: number[];
}

/**
 * False positive and false negative rate at every threshold.
 *
 * @throws {ValidationError} when `yTrue` has one class only
 * @remarks Python: `sklearn.metrics.det_curve`; within 1e-12.
 * @example detCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).fnr // => [0, 0.5, 0.5]
 */
export function detCurve(yTrue: Labels, yScore: ArrayLike<number>, options: CurveOptions = {}): DetCurve {
  const counts = thresholdCounts(yTrue, yScore, options);
  const tps = [0, ...counts.truePositives];
  const fps = [0, ...counts.falsePositives];
  const thresholds = [Number.POSITIVE_INFINITY, ...counts.thresholds];
  const [positives, negatives] = [tps.at(-1)!, fps.at(-1)!];
  if (positives === 0 || negatives === 0) throw new ValidationError('yTrue must have two classes, found one', { parameter: 'yTrue' });
  // From the last threshold without a false positive to the first that finds every positive.
  const first = fps.lastIndexOf(fps[0]!);
  const last = tps.indexOf(positives) + 1;
  const part = <V>(values: readonly V[]): V[] => values.slice(first, last).reverse();
  return { fpr: part(fps).map(fp => fp / negatives), fnr: part(tps).map(tp => (positives - tp) / positives), thresholds: part(thresholds) };
}

/**
 * Area under a curve by the trapezoidal rule.
 *
 * @param x monotonic
 * @throws {ValidationError} when x is neither rising nor falling, or has fewer than two points
 * @remarks Python: `sklearn.metrics.auc(x, y)`; within 1e-12.
 * @example auc([0, 0.5, 1], [0, 1, 1]) // => 0.75
 */
export function auc(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = sameLength({ x, y });
  if (n < 2) throw new ShapeError(`x must have at least 2 points, got ${n}`, { parameter: 'x', received: n });
  let [area, rising, falling] = [0, true, true];
  for (let i = 1; i < n; i++) {
    const step = x[i]! - x[i - 1]!;
    if (step < 0) rising = false;
    if (step > 0) falling = false;
    area += (step * (y[i]! + y[i - 1]!)) / 2;
  }
  if (!rising && !falling) throw new ValidationError('x must be monotonic', { parameter: 'x', received: x });
  return rising ? area : -area;
}

/** How far predictions agree with the truth, as one number. */
import { oneOf } from '@gtc/errors';
import { dot } from '@gtc/tensor/statistics';
import { blockedSum, weightedMean } from './averages.js';
import { countPairs, type WeightOptions } from './confusion.js';
import { checkIndicators, checkPair, checkWeights, type Indicator, isIndicator, type Label, type Labels } from './labels.js';

/** 1 where a sample is right, 0 where it is wrong; a multilabel sample is right when all its labels are. */
function hits(yTrue: Labels | Indicator, yPred: Labels | Indicator): Uint8Array {
  if (isIndicator(yTrue)) {
    const rows = yPred as Indicator;
    const { n, k } = checkIndicators(yTrue, rows);
    return Uint8Array.from({ length: n }, (_, i) => {
      for (let j = 0; j < k; j++) if (yTrue[i]![j] !== rows[i]![j]) return 0;
      return 1;
    });
  }
  const labels = yPred as Labels;
  const n = checkPair(yTrue, labels);
  const result = new Uint8Array(n);
  for (let i = 0; i < n; i++) result[i] = yTrue[i] === labels[i] ? 1 : 0;
  return result;
}

/**
 * Fraction of samples predicted right; for multilabel targets, of samples with every label right.
 *
 * @param options `normalize: false` gives the (weighted) number of samples instead
 * @throws {ValidationError} for empty or NaN input
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `sklearn.metrics.accuracy_score(y_true, y_pred, normalize=, sample_weight=)`; within 1e-12.
 * @example accuracyScore([1, 0, 2, 1], [1, 0, 1, 1]) // => 0.75
 */
export function accuracyScore(
  yTrue: Labels | Indicator,
  yPred: Labels | Indicator,
  { normalize = true, sampleWeight }: WeightOptions & { readonly normalize?: boolean } = {},
): number {
  const right = hits(yTrue, yPred);
  const weights = checkWeights(sampleWeight, right.length);
  return normalize ? weightedMean(right, weights) : blockedSum(right.length, i => right[i]! * (weights?.[i] ?? 1));
}

/**
 * Fraction of samples predicted right.
 *
 * @remarks Python: `sklearn.metrics.accuracy_score(y_true, y_pred)`. Rust: `accuracy(y_true, y_pred)`.
 * @example accuracy([1, 0, 1], [1, 1, 1]) // => 2 / 3
 */
export function accuracy(yTrue: Labels, yPred: Labels): number {
  return accuracyScore(yTrue, yPred);
}

/**
 * Fraction of samples predicted wrong, `1 - accuracy`.
 *
 * @remarks Python: `sklearn.metrics.zero_one_loss`; within 1e-12.
 * @example zeroOneLoss([1, 0, 2, 1], [1, 0, 1, 1]) // => 0.25
 */
export function zeroOneLoss(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: WeightOptions = {}): number {
  return 1 - accuracyScore(yTrue, yPred, options);
}

/**
 * Fraction of labels that are wrong.
 *
 * @remarks Python: `sklearn.metrics.hamming_loss`; within 1e-12.
 * @example hammingLoss([[1, 0], [0, 1]], [[1, 1], [0, 1]]) // => 0.25
 */
export function hammingLoss(yTrue: Labels | Indicator, yPred: Labels | Indicator, { sampleWeight }: WeightOptions = {}): number {
  if (!isIndicator(yTrue)) return zeroOneLoss(yTrue, yPred, { sampleWeight });
  const rows = yPred as Indicator;
  const { n, k } = checkIndicators(yTrue, rows);
  const wrong = yTrue.map((row, i) => Array.from(row).filter((value, j) => value !== rows[i]![j]).length / k);
  return weightedMean(wrong, checkWeights(sampleWeight, n));
}

/**
 * Mean recall of the classes that occur in the truth.
 *
 * @param options `adjusted` scales so that guessing scores 0 and perfection 1; NaN when only one class occurs
 * @remarks Python: `sklearn.metrics.balanced_accuracy_score(y_true, y_pred, adjusted=, sample_weight=)`; within 1e-12.
 * @example balancedAccuracyScore([0, 0, 0, 1], [0, 0, 1, 1]) // => 2.5 / 3
 */
export function balancedAccuracyScore(
  yTrue: Labels,
  yPred: Labels,
  { adjusted = false, sampleWeight }: WeightOptions & { readonly adjusted?: boolean } = {},
): number {
  const { k, counts } = countPairs(yTrue, yPred, sampleWeight);
  const recalls = Array.from({ length: k }, (_, i) => counts[i * k + i]! / counts.subarray(i * k, i * k + k).reduce((sum, count) => sum + count, 0)).filter(
    recall => !Number.isNaN(recall),
  );
  const score = weightedMean(recalls);
  const chance = 1 / recalls.length;
  return adjusted ? (score - chance) / (1 - chance) : score;
}

/** Row sums, column sums, trace and total of a confusion matrix. */
function marginals(k: number, counts: Float64Array): { readonly rows: number[]; readonly columns: number[]; readonly trace: number; readonly total: number } {
  const [rows, columns] = [new Array<number>(k).fill(0), new Array<number>(k).fill(0)];
  let trace = 0;
  for (let i = 0; i < k; i++) {
    trace += counts[i * k + i]!;
    for (let j = 0; j < k; j++) {
      rows[i]! += counts[i * k + j]!;
      columns[j]! += counts[i * k + j]!;
    }
  }
  return { rows, columns, trace, total: rows.reduce((sum, row) => sum + row, 0) };
}

/**
 * Matthews' correlation of truth and prediction, for any number of classes (Gorodkin 2004): 1 perfect, 0 chance. 0 when either is constant.
 *
 * @remarks Python: `sklearn.metrics.matthews_corrcoef`; within 1e-12.
 * @example matthewsCorrcoef([1, 1, 1, 0], [1, 0, 1, 1]) // => -1 / 3
 */
export function matthewsCorrcoef(yTrue: Labels, yPred: Labels, { sampleWeight }: WeightOptions = {}): number {
  const { k, counts } = countPairs(yTrue, yPred, sampleWeight);
  const { rows, columns, trace, total } = marginals(k, counts);
  const both = trace * total - dot(rows, columns);
  const spread = (total * total - dot(columns, columns)) * (total * total - dot(rows, rows));
  return spread === 0 ? 0 : both / Math.sqrt(spread);
}

/** Options of {@link cohenKappaScore}. */
export interface KappaOptions extends WeightOptions {
  /** How a confusion of ranks i and j counts: 1, |i - j| or (i - j)². */
  readonly weights?: 'linear' | 'quadratic' | null;
  readonly labels?: readonly Label[] | null;
}

/**
 * Cohen's kappa: agreement of two raters beyond chance. NaN when both use one and the same label.
 *
 * @remarks Python: `sklearn.metrics.cohen_kappa_score(y1, y2, weights=, labels=, sample_weight=)`; within 1e-12.
 * @example cohenKappaScore([1, 1, 0, 0], [1, 0, 0, 0]) // => 0.5
 */
export function cohenKappaScore(y1: Labels, y2: Labels, { weights = null, labels, sampleWeight }: KappaOptions = {}): number {
  oneOf(weights, 'weights', ['linear', 'quadratic', null]);
  const all = countPairs(y1, y2, sampleWeight);
  const order = (labels ?? all.labels).map(label => all.labels.indexOf(label));
  const k = order.length;
  const counts = Float64Array.from({ length: k * k }, (_, ij) => {
    const [i, j] = [order[Math.floor(ij / k)]!, order[ij % k]!];
    return i < 0 || j < 0 ? 0 : all.counts[i * all.k + j]!;
  });
  const { rows, columns, total } = marginals(k, counts);
  let [observed, expected] = [0, 0];
  for (let i = 0; i < k; i++) {
    for (let j = 0; j < k; j++) {
      const cost = weights === null ? Number(i !== j) : Math.abs(i - j) ** (weights === 'linear' ? 1 : 2);
      observed += cost * counts[i * k + j]!;
      expected += (cost * rows[i]! * columns[j]!) / total;
    }
  }
  return expected === 0 ? Number.NaN : 1 - observed / expected;
}

/** Confusion matrices, the counts from which every classification metric follows. */
import { oneOf, ValidationError } from '@gtc/errors';
import { checkIndicators, checkPair, checkWeights, encode, type Indicator, isIndicator, type Label, type Labels, tableRange } from './labels.js';

/** Options that all metrics of labels share. */
export interface WeightOptions {
  /** One weight for each sample; all 1 when left out. */
  readonly sampleWeight?: ArrayLike<number> | null | undefined;
}

/** Options of {@link confusionMatrix}. */
export interface ConfusionOptions extends WeightOptions {
  /** Rows and columns in this order; labels that occur in neither array are allowed, but one must occur. */
  readonly labels?: readonly Label[] | null;
  /** Divide by the row sums (`true`), the column sums (`pred`) or the total (`all`). */
  readonly normalize?: 'true' | 'pred' | 'all' | null;
}

/** Counts over all labels that occur: `counts[t * k + p]` samples of class `t` were predicted as `p`. */
export interface Counts {
  readonly labels: readonly Label[];
  readonly k: number;
  readonly counts: Float64Array;
}

/** The counts of two label arrays: by a table for small integers, by encoded labels for everything else. */
export function countPairs(yTrue: Labels, yPred: Labels, sampleWeight?: ArrayLike<number> | null): Counts {
  const n = checkPair(yTrue, yPred);
  const weights = checkWeights(sampleWeight, n);
  const small = weights === null ? countSmall(yTrue, yPred) : null;
  if (small !== null) return compact(small, 0, SMALL);
  const range = tableRange(yTrue, yPred);
  if (range === null) {
    const encoded = encode(yTrue, yPred);
    return { labels: encoded.labels, k: encoded.labels.length, counts: tabulate(encoded, weights, 0, encoded.labels.length).counts };
  }
  const { low, size } = range;
  const numbers = { yTrue: yTrue as ArrayLike<number>, yPred: yPred as ArrayLike<number> };
  return compact(tabulate(numbers, weights, low, size), low, size);
}

/** Labels below this are counted without a look at their range. */
const SMALL = 64;
/** Tables that take turns, so that a count does not wait for the one before. */
const TURNS = 4;

/** Counts of integers below {@link SMALL} in one pass; null for anything else. */
function countSmall(yTrue: Labels, yPred: Labels): Table | null {
  const integers = (values: Labels): values is Int32Array => values instanceof Int32Array || values instanceof Uint8Array || values instanceof Int8Array;
  if (!integers(yTrue) || !integers(yPred)) return null;
  const cells = SMALL * SMALL;
  const seen = new Uint32Array(TURNS * cells);
  let all = 0;
  for (let i = 0; i < yTrue.length; i++) {
    const t = yTrue[i]!;
    const p = yPred[i]!;
    all |= t | p;
    seen[(i & (TURNS - 1)) * cells + ((t * SMALL + p) & (cells - 1))]!++;
  }
  if (all >>> 6 !== 0) return null;
  const counts = new Float64Array(cells);
  const present = new Uint8Array(SMALL);
  for (let cell = 0; cell < cells; cell++) {
    for (let turn = 0; turn < TURNS; turn++) counts[cell]! += seen[turn * cells + cell]!;
    if (counts[cell]! > 0) present[cell >> 6] = present[cell & (SMALL - 1)] = 1;
  }
  return { counts, present };
}

interface Table {
  readonly counts: Float64Array;
  /** 1 for every number that occurs in either array. */
  readonly present: Uint8Array;
}

function tabulate(
  { yTrue, yPred }: { readonly yTrue: ArrayLike<number>; readonly yPred: ArrayLike<number> },
  weights: ArrayLike<number> | null,
  low: number,
  size: number,
): Table {
  const n = yTrue.length;
  const seen = new Uint32Array(size * size);
  const offset = low * size + low;
  for (let i = 0; i < n; i++) seen[yTrue[i]! * size + yPred[i]! - offset]! += 1;
  const present = new Uint8Array(size);
  for (let t = 0; t < size; t++) for (let p = 0; p < size; p++) if (seen[t * size + p]! > 0) present[t] = present[p] = 1;
  if (weights === null) return { counts: Float64Array.from(seen), present };
  const counts = new Float64Array(size * size);
  for (let i = 0; i < n; i++) counts[yTrue[i]! * size + yPred[i]! - offset]! += weights[i]!;
  return { counts, present };
}

/** Leaves out the numbers that do not occur. */
function compact({ counts, present }: Table, low: number, size: number): Counts {
  const kept = Array.from(present.keys()).filter(i => present[i] === 1);
  const k = kept.length;
  return {
    labels: kept.map(i => i + low),
    k,
    counts: Float64Array.from({ length: k * k }, (_, ij) => counts[kept[Math.floor(ij / k)]! * size + kept[ij % k]!]!),
  };
}

/** True positives, predicted and true totals of each label; what a binary metric of that label needs. */
export interface LabelCounts {
  readonly labels: readonly Label[];
  readonly truePositive: Float64Array;
  readonly predicted: Float64Array;
  readonly actual: Float64Array;
  /** Total weight of all samples. */
  readonly total: number;
}

/** Per-label totals for the labels asked for, in that order; a label that does not occur has zeros. */
export function perLabel({ labels: all, k, counts }: Counts, wanted: readonly Label[] = all): LabelCounts {
  const index = new Map(all.map((label, i) => [label, i]));
  const truePositive = new Float64Array(wanted.length);
  const predicted = new Float64Array(wanted.length);
  const actual = new Float64Array(wanted.length);
  wanted.forEach((label, i) => {
    const c = index.get(label);
    if (c === undefined) return;
    truePositive[i] = counts[c * k + c]!;
    for (let j = 0; j < k; j++) {
      actual[i]! += counts[c * k + j]!;
      predicted[i]! += counts[j * k + c]!;
    }
  });
  return { labels: wanted, truePositive, predicted, actual, total: counts.reduce((sum, count) => sum + count, 0) };
}

/**
 * How often each class was predicted as each class: rows are true classes, columns predicted ones.
 *
 * @param yTrue true labels
 * @param yPred predicted labels, as many
 * @returns `matrix[i][j]`, samples of the i-th label predicted as the j-th; labels ascend unless given
 * @throws {ValidationError} for empty or NaN input, an unknown `normalize`, or `labels` of which none occurs
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `sklearn.metrics.confusion_matrix(y_true, y_pred, labels=, sample_weight=, normalize=)`; exact.
 * @example confusionMatrix([0, 1, 2, 2], [0, 2, 2, 2]) // => [[1, 0, 0], [0, 0, 1], [0, 0, 2]]
 */
export function confusionMatrix(yTrue: Labels, yPred: Labels, { labels, sampleWeight, normalize = null }: ConfusionOptions = {}): number[][] {
  const all = countPairs(yTrue, yPred, sampleWeight);
  if (normalize !== null) oneOf(normalize, 'normalize', ['true', 'pred', 'all']);
  const index = new Map(all.labels.map((label, i) => [label, i]));
  const wanted = labels ?? all.labels;
  if (!wanted.some(label => index.has(label)))
    throw new ValidationError('labels must contain a label that occurs in yTrue or yPred', { parameter: 'labels', received: wanted });
  const count = (row: Label, column: Label): number => {
    const [i, j] = [index.get(row), index.get(column)];
    return i === undefined || j === undefined ? 0 : all.counts[i * all.k + j]!;
  };
  const matrix = wanted.map(row => wanted.map(column => count(row, column)));
  return normalize === null ? matrix : normalized(matrix, normalize);
}

/** Divides; an empty row or column stays zero. */
function normalized(matrix: readonly (readonly number[])[], by: 'true' | 'pred' | 'all'): number[][] {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const rows = matrix.map(sum);
  const columns = matrix.map((_, j) => sum(matrix.map(row => row[j]!)));
  const total = sum(rows);
  return matrix.map((row, i) => row.map((value, j) => value / (by === 'true' ? rows[i]! : by === 'pred' ? columns[j]! : total) || 0));
}

/**
 * One 2 x 2 matrix `[[TN, FP], [FN, TP]]` for each label.
 *
 * @param yTrue labels, or 0/1 rows for multilabel targets
 * @remarks Python: `sklearn.metrics.multilabel_confusion_matrix(y_true, y_pred)`; exact.
 * @example multilabelConfusionMatrix([[1, 0], [0, 1]], [[1, 1], [0, 1]]) // => [[[1, 0], [0, 1]], [[0, 1], [0, 1]]]
 */
export function multilabelConfusionMatrix(yTrue: Labels | Indicator, yPred: Labels | Indicator, { sampleWeight }: WeightOptions = {}): number[][][] {
  const { truePositive, predicted, actual, total } = isIndicator(yTrue)
    ? countIndicators(yTrue, yPred as Indicator, sampleWeight)
    : perLabel(countPairs(yTrue, yPred as Labels, sampleWeight));
  return Array.from(truePositive, (tp, i) => {
    const [fp, fn] = [predicted[i]! - tp, actual[i]! - tp];
    return [
      [total - tp - fp - fn, fp],
      [fn, tp],
    ];
  });
}

/** Per-column totals of multilabel targets. */
export function countIndicators(yTrue: Indicator, yPred: Indicator, sampleWeight?: ArrayLike<number> | null): LabelCounts {
  const { n, k } = checkIndicators(yTrue, yPred);
  const weights = checkWeights(sampleWeight, n);
  const [truePositive, predicted, actual] = [new Float64Array(k), new Float64Array(k), new Float64Array(k)];
  let total = 0;
  for (let i = 0; i < n; i++) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    for (let j = 0; j < k; j++) {
      const [t, p] = [yTrue[i]![j]!, yPred[i]![j]!];
      truePositive[j]! += weight * (t & p);
      predicted[j]! += weight * p;
      actual[j]! += weight * t;
    }
  }
  return { labels: Array.from({ length: k }, (_, j) => j), truePositive, predicted, actual, total };
}

/** Per-row totals of multilabel targets, for averages over samples. */
export function countRows(yTrue: Indicator, yPred: Indicator): LabelCounts {
  const { n, k } = checkIndicators(yTrue, yPred);
  const [truePositive, predicted, actual] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < k; j++) {
      const [t, p] = [yTrue[i]![j]!, yPred[i]![j]!];
      truePositive[i]! += t & p;
      predicted[i]! += p;
      actual[i]! += t;
    }
  }
  return { labels: Array.from({ length: n }, (_, i) => i), truePositive, predicted, actual, total: k };
}

/** How far two partitions of the same samples agree. */
import { oneOf } from '@gtc/errors';
import { logGamma } from '@gtc/tensor/special';
import { sum } from '@gtc/tensor/statistics';
import { checkPair, type Label, type Labels, uniqueLabels } from './labels.js';

/** How the entropies of both partitions combine to a scale. */
export type EntropyAverage = 'arithmetic' | 'geometric' | 'min' | 'max';

/** Counts of samples by class and cluster, with both margins. */
interface Table {
  readonly n: number;
  readonly counts: readonly number[][];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

function tableOf(labelsTrue: Labels, labelsPred: Labels): Table {
  const n = checkPair(labelsTrue, labelsPred);
  const index = (labels: Labels): Map<Label, number> => new Map(uniqueLabels(labels).map((label, i) => [label, i]));
  const [classes, clusters] = [index(labelsTrue), index(labelsPred)];
  const counts = Array.from({ length: classes.size }, () => new Array<number>(clusters.size).fill(0));
  for (let i = 0; i < n; i++) counts[classes.get(labelsTrue[i]!)!]![clusters.get(labelsPred[i]!)!]!++;
  return { n, counts, rows: counts.map(sum), columns: Array.from({ length: clusters.size }, (_, j) => sum(counts.map(row => row[j]!))) };
}

const entropyOf = (sizes: readonly number[], n: number): number =>
  sizes.length === 1 ? 0 : -sum(sizes.map(size => (size / n) * (Math.log(size) - Math.log(n))));

const squares = (values: readonly number[]): number => sum(values.map(value => value * value));

function informationOf({ n, counts, rows, columns }: Table): number {
  if (rows.length === 1 || columns.length === 1) return 0;
  const terms = counts.flatMap((row, i) =>
    row.flatMap((count, j) => {
      if (count === 0) return [];
      const share = count / n;
      const term = share * (Math.log(count) - Math.log(n)) + share * (2 * Math.log(n) - Math.log(rows[i]! * columns[j]!));
      return Math.abs(term) < Number.EPSILON ? [] : [term];
    }),
  );
  return Math.max(0, sum(terms));
}

/** Mean of the mutual information over all partitions of the same sizes (Vinh, Epps and Bailey 2010). */
function expectedInformation({ n, rows, columns }: Table): number {
  const logFactorial = Array.from({ length: n + 1 }, (_, k) => logGamma(k + 1));
  let total = 0;
  for (const a of rows) {
    for (const b of columns) {
      const fixed = logFactorial[a]! + logFactorial[b]! + logFactorial[n - a]! + logFactorial[n - b]! - logFactorial[n]!;
      for (let count = Math.max(1, a + b - n); count <= Math.min(a, b); count++) {
        const weight = fixed - logFactorial[count]! - logFactorial[a - count]! - logFactorial[b - count]! - logFactorial[n - a - b + count]!;
        total += (count / n) * (Math.log(n) + Math.log(count) - Math.log(a) - Math.log(b)) * Math.exp(weight);
      }
    }
  }
  return total;
}

const AVERAGES: Readonly<Record<EntropyAverage, (a: number, b: number) => number>> = {
  arithmetic: (a, b) => (a + b) / 2,
  geometric: (a, b) => Math.sqrt(a * b),
  min: Math.min,
  max: Math.max,
};

/**
 * Samples by class (rows) and cluster (columns), both ascending.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.cluster.contingency_matrix(labels_true, labels_pred)`; exact.
 * @example contingencyMatrix(['a', 'a', 'b'], [1, 2, 2]) // => [[1, 1], [0, 1]]
 */
export function contingencyMatrix(labelsTrue: Labels, labelsPred: Labels): number[][] {
  return tableOf(labelsTrue, labelsPred).counts.map(row => [...row]);
}

/**
 * Ordered pairs of samples: rows say whether they share a class, columns whether they share a cluster.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.cluster.pair_confusion_matrix(labels_true, labels_pred)`; exact.
 * @example pairConfusionMatrix([0, 0, 1], [0, 0, 0]) // => [[0, 4], [0, 2]]
 */
export function pairConfusionMatrix(labelsTrue: Labels, labelsPred: Labels): [[number, number], [number, number]] {
  const { n, counts, rows, columns } = tableOf(labelsTrue, labelsPred);
  const together = squares(counts.flat());
  const [inCluster, inClass] = [squares(columns) - together, squares(rows) - together];
  return [
    [n * n - inCluster - inClass - together, inCluster],
    [inClass, together - n],
  ];
}

/**
 * Share of the pairs of samples on which both partitions agree.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.rand_score(labels_true, labels_pred)`.
 * @example randScore([0, 0, 1], [0, 0, 0]) // => 1 / 3
 */
export function randScore(labelsTrue: Labels, labelsPred: Labels): number {
  const [[apart, joined], [parted, together]] = pairConfusionMatrix(labelsTrue, labelsPred);
  return joined + parted === 0 ? 1 : (apart + together) / (apart + joined + parted + together);
}

/**
 * The Rand index adjusted for chance: 0 for random partitions, 1 for equal ones.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.adjusted_rand_score(labels_true, labels_pred)`.
 * @example adjustedRandScore([0, 0, 1, 1], ['b', 'b', 'a', 'a']) // => 1
 */
export function adjustedRandScore(labelsTrue: Labels, labelsPred: Labels): number {
  const [[tn, fp], [fn, tp]] = pairConfusionMatrix(labelsTrue, labelsPred);
  return fn === 0 && fp === 0 ? 1 : (2 * (tp * tn - fn * fp)) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn));
}

/**
 * Mutual information of both partitions, in nats.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.mutual_info_score(labels_true, labels_pred)`.
 * @example mutualInfoScore([0, 0, 1, 1], [0, 0, 1, 1]) // => Math.LN2
 */
export function mutualInfoScore(labelsTrue: Labels, labelsPred: Labels): number {
  return informationOf(tableOf(labelsTrue, labelsPred));
}

/** Options of {@link adjustedMutualInfoScore} and {@link normalizedMutualInfoScore}. */
export interface InformationOptions {
  /** 'arithmetic' by default. */
  readonly averageMethod?: EntropyAverage;
}

function scaleOf({ n, rows, columns }: Table, averageMethod: EntropyAverage): number {
  return AVERAGES[oneOf(averageMethod, 'averageMethod', Object.keys(AVERAGES) as EntropyAverage[])](entropyOf(rows, n), entropyOf(columns, n));
}

/** A number kept off 0 by the smallest step, sign and all. */
const off0 = (value: number): number => (value < 0 ? Math.min(value, -Number.EPSILON) : Math.max(value, Number.EPSILON));

/**
 * Mutual information adjusted for chance: about 0 for random partitions, 1 for equal ones.
 *
 * @throws {ValidationError} for no samples, unequal lengths, or an unknown average
 * @remarks Python: `sklearn.metrics.adjusted_mutual_info_score(labels_true, labels_pred, average_method=)`; within 1e-11.
 * @example adjustedMutualInfoScore([0, 0, 1, 1], ['b', 'b', 'a', 'a']) // => 1
 */
export function adjustedMutualInfoScore(labelsTrue: Labels, labelsPred: Labels, { averageMethod = 'arithmetic' }: InformationOptions = {}): number {
  const table = tableOf(labelsTrue, labelsPred);
  const scale = scaleOf(table, averageMethod);
  if (table.rows.length === 1 || table.columns.length === 1) return Number(table.rows.length === table.columns.length);
  const expected = expectedInformation(table);
  return off0(informationOf(table) - expected) / off0(scale - expected);
}

/**
 * Mutual information as a share of the entropies.
 *
 * @throws {ValidationError} for no samples, unequal lengths, or an unknown average
 * @remarks Python: `sklearn.metrics.normalized_mutual_info_score(labels_true, labels_pred, average_method=)`.
 * @example normalizedMutualInfoScore([0, 0, 1, 1], ['b', 'b', 'a', 'a']) // => 1
 */
export function normalizedMutualInfoScore(labelsTrue: Labels, labelsPred: Labels, { averageMethod = 'arithmetic' }: InformationOptions = {}): number {
  const table = tableOf(labelsTrue, labelsPred);
  const scale = scaleOf(table, averageMethod);
  if (table.rows.length === 1 && table.columns.length === 1) return 1;
  const information = informationOf(table);
  return information === 0 ? 0 : information / scale;
}

/** What {@link homogeneityCompletenessVMeasure} says. */
export interface VMeasure {
  /** Whether each cluster holds members of one class. */
  readonly homogeneity: number;
  /** Whether each class lies in one cluster. */
  readonly completeness: number;
  /** Their harmonic mean, weighted by beta. */
  readonly vMeasure: number;
}

/**
 * Homogeneity, completeness and V-measure (Rosenberg and Hirschberg 2007).
 *
 * @param options beta, the weight of completeness
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.homogeneity_completeness_v_measure(labels_true, labels_pred, beta=)`.
 * @example homogeneityCompletenessVMeasure([0, 0, 1, 1], [0, 0, 0, 0]) // => { homogeneity: 0, completeness: 1, vMeasure: 0 }
 */
export function homogeneityCompletenessVMeasure(labelsTrue: Labels, labelsPred: Labels, { beta = 1 }: { readonly beta?: number } = {}): VMeasure {
  const table = tableOf(labelsTrue, labelsPred);
  const information = informationOf(table);
  const share = (entropy: number): number => (entropy === 0 ? 1 : information / entropy);
  const [homogeneity, completeness] = [share(entropyOf(table.rows, table.n)), share(entropyOf(table.columns, table.n))];
  const both = beta * homogeneity + completeness;
  return { homogeneity, completeness, vMeasure: homogeneity + completeness === 0 ? 0 : ((1 + beta) * homogeneity * completeness) / both };
}

/**
 * Geometric mean of pairwise precision and recall.
 *
 * @throws {ValidationError} for no samples or unequal lengths
 * @remarks Python: `sklearn.metrics.fowlkes_mallows_score(labels_true, labels_pred)`.
 * @example fowlkesMallowsScore([0, 0, 1, 1], ['b', 'b', 'a', 'a']) // => 1
 */
export function fowlkesMallowsScore(labelsTrue: Labels, labelsPred: Labels): number {
  const { n, counts, rows, columns } = tableOf(labelsTrue, labelsPred);
  const together = squares(counts.flat()) - n;
  return together === 0 ? 0 : Math.sqrt(together / (squares(columns) - n)) * Math.sqrt(together / (squares(rows) - n));
}

/**
 * Entropy of a partition, in nats.
 *
 * @throws {ValidationError} for no samples
 * @remarks Python: `sklearn.metrics.cluster.entropy(labels)`.
 * @example labelEntropy([0, 1]) // => Math.LN2
 */
export function labelEntropy(labels: Labels): number {
  const { n, rows } = tableOf(labels, labels);
  return entropyOf(rows, n);
}

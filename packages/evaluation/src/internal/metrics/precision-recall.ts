/** Precision, recall, F-measures and the Jaccard index with scikit-learn's averages. */
import { nonNegative, oneOf, show, ValidationError } from '@gtc/errors';
import { meanOfDefined, ratios } from './averages.js';
import { type Counts, countIndicators, countPairs, countRows, type LabelCounts, perLabel, type WeightOptions } from './confusion.js';
import { checkWeights, type Indicator, isIndicator, type Label, type Labels } from './labels.js';

/** How scores of several labels become one: `null` keeps one score for each label. */
export type Average = 'binary' | 'micro' | 'macro' | 'weighted' | 'samples' | null;

/** Options of {@link precisionScore} and its relatives. */
export interface AverageOptions extends WeightOptions {
  readonly average?: Average;
  /** The labels to average over, in this order; all that occur when left out. Not used by `binary`. */
  readonly labels?: readonly Label[] | null;
  /** The class that counts as positive for `binary`. */
  readonly posLabel?: Label;
  /** What a score without denominator is: 0, 1, or NaN, which averages leave out. */
  readonly zeroDivision?: number;
}

/** Scores of one label, or averaged. */
export interface PrecisionRecallFscore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Samples of the label; null for an average. */
  readonly support: number | null;
}

/** Scores of each label, in the order of the labels. */
export interface PrecisionRecallFscores {
  readonly precision: number[];
  readonly recall: number[];
  readonly f1: number[];
  readonly support: number[];
}

const AVERAGES = ['binary', 'micro', 'macro', 'weighted', 'samples', null] as const;

/** Counts of the labels (or, for `samples`, of the rows) over which an average runs. */
function selectCounts(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions): LabelCounts {
  const { average = 'binary', labels, posLabel = 1, sampleWeight } = options;
  oneOf(average, 'average', AVERAGES);
  if (isIndicator(yTrue)) {
    if (average === 'binary')
      throw new ValidationError("average must be another than 'binary' for multilabel targets", { parameter: 'average', received: average });
    return average === 'samples' ? countRows(yTrue, yPred as Indicator) : countIndicators(yTrue, yPred as Indicator, sampleWeight);
  }
  if (average === 'samples') throw new ValidationError("average 'samples' needs multilabel targets", { parameter: 'average', received: average });
  const counts = countPairs(yTrue, yPred as Labels, sampleWeight);
  return perLabel(counts, average === 'binary' ? [checkPositive(counts, posLabel)] : (labels ?? counts.labels));
}

function checkPositive({ labels }: Counts, posLabel: Label): Label {
  if (labels.length > 2)
    throw new ValidationError(`average 'binary' needs at most two classes, found ${labels.length}; choose micro, macro, weighted or null`, {
      parameter: 'average',
      received: 'binary',
    });
  if (labels.length === 2 && !labels.includes(posLabel))
    throw new ValidationError(`posLabel must be one of ${labels.join(', ')}, got ${show(posLabel)}`, { parameter: 'posLabel', received: posLabel });
  return posLabel;
}

function summed(counts: LabelCounts): LabelCounts {
  const sum = (values: Float64Array): Float64Array => Float64Array.of(values.reduce((total, value) => total + value, 0));
  return { ...counts, truePositive: sum(counts.truePositive), predicted: sum(counts.predicted), actual: sum(counts.actual) };
}

/** Averages scores as asked; `null` returns them all. */
function averaged(scores: readonly number[], counts: LabelCounts, { average = 'binary', sampleWeight }: AverageOptions): number | number[] {
  if (average === null) return [...scores];
  if (average === 'binary' || average === 'micro') return scores[0]!;
  const weights = average === 'weighted' ? counts.actual : average === 'samples' ? checkWeights(sampleWeight, scores.length) : null;
  return meanOfDefined(scores, weights);
}

interface Scores {
  readonly counts: LabelCounts;
  readonly precision: number[];
  readonly recall: number[];
  readonly fscore: number[];
}

/** `F = (1 + β²) TP / (β² P + P̂)`, with P true and P̂ predicted positives. */
function scores(yTrue: Labels | Indicator, yPred: Labels | Indicator, beta: number, options: AverageOptions): Scores {
  nonNegative(beta, 'beta');
  const selected = selectCounts(yTrue, yPred, options);
  const counts = options.average === 'micro' ? summed(selected) : selected;
  const zeroDivision = options.zeroDivision ?? 0;
  const precision = ratios(counts.truePositive, counts.predicted, zeroDivision);
  const recall = ratios(counts.truePositive, counts.actual, zeroDivision);
  if (beta === Number.POSITIVE_INFINITY) return { counts, precision, recall, fscore: recall };
  const square = beta * beta;
  const numerator = counts.truePositive.map(tp => (1 + square) * tp);
  const denominator = counts.actual.map((actual, i) => square * actual + counts.predicted[i]!);
  return { counts, precision, recall, fscore: ratios(numerator, denominator, zeroDivision) };
}

/**
 * Precision, recall, F-measure and support together.
 *
 * @param yTrue true labels, or 0/1 rows for multilabel targets
 * @param yPred predictions of the same form
 * @returns averaged scores with support null, or one array each when `average` is null
 * @throws {ValidationError} for empty input, an unknown average, `binary` on more than two classes, a `posLabel` that does not occur
 * @remarks Python: `sklearn.metrics.precision_recall_fscore_support(y_true, y_pred, beta=, ...)`; within 1e-12. `zero_division='warn'` is 0 here.
 * @example precisionRecallFscoreSupport([1, 1, 0, 1], [1, 0, 0, 1]) // => { precision: 1, recall: 2 / 3, f1: 0.8, support: null }
 */
export function precisionRecallFscoreSupport(
  yTrue: Labels | Indicator,
  yPred: Labels | Indicator,
  options: AverageOptions & { readonly average: null; readonly beta?: number },
): PrecisionRecallFscores;
export function precisionRecallFscoreSupport(
  yTrue: Labels | Indicator,
  yPred: Labels | Indicator,
  options?: AverageOptions & { readonly beta?: number },
): PrecisionRecallFscore;
export function precisionRecallFscoreSupport(
  yTrue: Labels | Indicator,
  yPred: Labels | Indicator,
  { beta = 1, ...options }: AverageOptions & { readonly beta?: number } = {},
): PrecisionRecallFscore | PrecisionRecallFscores {
  const { counts, precision, recall, fscore } = scores(yTrue, yPred, beta, options);
  const support = options.average === null ? Array.from(counts.actual) : null;
  const of = (values: number[]): never => averaged(values, counts, options) as never;
  return { precision: of(precision), recall: of(recall), f1: of(fscore), support: support as never };
}

/** A bare label as third argument asks for that class against all others. */
function asOptions(positive: Label | AverageOptions): AverageOptions {
  return typeof positive === 'object' ? positive : { average: 'micro', labels: [positive] };
}

/**
 * Precision `TP / (TP + FP)`: how many of the predicted positives are positive.
 *
 * @remarks Python: `sklearn.metrics.precision_score`; within 1e-12.
 * @example precisionScore([0, 1, 1, 2], [0, 1, 2, 2], { average: 'macro' }) // => 2.5 / 3
 */
export function precisionScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions & { readonly average: null }): number[];
export function precisionScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options?: AverageOptions): number;
export function precisionScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions = {}): number | number[] {
  const { counts, precision } = scores(yTrue, yPred, 1, options);
  return averaged(precision, counts, options);
}

/**
 * Recall `TP / (TP + FN)`: how many of the positives were found.
 *
 * @remarks Python: `sklearn.metrics.recall_score`; within 1e-12.
 * @example recallScore([1, 1, 0, 1], [1, 0, 0, 1]) // => 2 / 3
 */
export function recallScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions & { readonly average: null }): number[];
export function recallScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options?: AverageOptions): number;
export function recallScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions = {}): number | number[] {
  const { counts, recall } = scores(yTrue, yPred, 1, options);
  return averaged(recall, counts, options);
}

/**
 * F-measure `(1 + β²) P R / (β² P + R)`: above 1, `beta` favours recall.
 *
 * @remarks Python: `sklearn.metrics.fbeta_score(y_true, y_pred, beta=beta)`; within 1e-12.
 * @example fbetaScore([1, 1, 0, 1], [1, 0, 0, 1], 2) // => 5 / 7
 */
export function fbetaScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, beta: number, options: AverageOptions & { readonly average: null }): number[];
export function fbetaScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, beta: number, options?: AverageOptions): number;
export function fbetaScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, beta: number, options: AverageOptions = {}): number | number[] {
  const { counts, fscore } = scores(yTrue, yPred, beta, options);
  return averaged(fscore, counts, options);
}

/**
 * F1, the harmonic mean of precision and recall: `2 TP / (2 TP + FP + FN)`.
 *
 * @param yTrue true labels, or 0/1 rows for multilabel targets
 * @param yPred predictions of the same form
 * @param options averaging rules; a bare label asks for that class against all others
 * @throws {ValidationError} for empty input, an unknown average, `binary` on more than two classes, a `posLabel` that does not occur
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `sklearn.metrics.f1_score(y_true, y_pred, average=, labels=, pos_label=, sample_weight=, zero_division=)`; within 1e-12.
 * @example f1Score([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], { average: 'macro' }) // => 0.8 / 3
 */
export function f1Score(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions & { readonly average: null }): number[];
export function f1Score(yTrue: Labels | Indicator, yPred: Labels | Indicator, options?: AverageOptions | Label): number;
export function f1Score(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions | Label = {}): number | number[] {
  return fbetaScore(yTrue, yPred, 1, asOptions(options));
}

/**
 * Precision of one class against all others.
 *
 * @remarks Python: `sklearn.metrics.precision_score(y_true == c, y_pred == c)`. Rust: `precision(y_true, y_pred, positive_class)`.
 * @example precision([0, 1, 2, 2], [0, 2, 2, 2], 2) // => 2 / 3
 */
export function precision(yTrue: Labels, yPred: Labels, positiveClass: Label = 1): number {
  return precisionScore(yTrue, yPred, asOptions(positiveClass));
}

/**
 * Recall of one class against all others.
 *
 * @remarks Python: `sklearn.metrics.recall_score(y_true == c, y_pred == c)`. Rust: `recall(y_true, y_pred, positive_class)`.
 * @example recall([0, 1, 2, 2], [0, 2, 2, 0], 2) // => 0.5
 */
export function recall(yTrue: Labels, yPred: Labels, positiveClass: Label = 1): number {
  return recallScore(yTrue, yPred, asOptions(positiveClass));
}

/**
 * Jaccard index `TP / (TP + FP + FN)`, intersection over union of the two label sets.
 *
 * @remarks Python: `sklearn.metrics.jaccard_score`; within 1e-12.
 * @example jaccardScore([1, 1, 0, 1], [1, 0, 1, 1]) // => 0.5
 */
export function jaccardScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions & { readonly average: null }): number[];
export function jaccardScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options?: AverageOptions): number;
export function jaccardScore(yTrue: Labels | Indicator, yPred: Labels | Indicator, options: AverageOptions = {}): number | number[] {
  const selected = selectCounts(yTrue, yPred, options);
  const counts = options.average === 'micro' ? summed(selected) : selected;
  const union = counts.truePositive.map((tp, i) => counts.predicted[i]! + counts.actual[i]! - tp);
  return averaged(ratios(counts.truePositive, union, options.zeroDivision ?? 0), counts, options);
}

/** Scores of rankings: areas under curves, average precision, top-k accuracy, multilabel ranking. */
import { inRange, integer, nonEmpty, oneOf, positive, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { weightedMean } from './averages.js';
import type { WeightOptions } from './confusion.js';
import { auc, type CurveOptions, checkScores, precisionRecallCurve, rankedTargets, rocCurve } from './curves.js';
import { checkIndicators, checkWeights, type Indicator, isIndicator, type Label, type Labels, uniqueLabels } from './labels.js';

/** One row of scores for each sample, one column for each class. */
export type ScoreMatrix = readonly ArrayLike<number>[];

/** Options of {@link rocAucScore}. */
export interface RocAucOptions extends CurveOptions {
  readonly average?: 'micro' | 'macro' | 'weighted' | 'samples' | null;
  /** Multiclass scores need a choice: one class against the rest, or each pair of classes. */
  readonly multiClass?: 'raise' | 'ovr' | 'ovo';
  /** Area up to this false positive rate only, standardised (McClish 1989); binary targets only. */
  readonly maxFpr?: number | null;
  /** The columns' classes in ascending order, when not all occur. */
  readonly labels?: readonly Label[] | null;
}

/** Area under the ROC curve, trapezium by trapezium without keeping the curve; NaN when a class does not occur. */
function binaryRocAuc(yTrue: Labels, yScore: ArrayLike<number>, { maxFpr = null, ...options }: RocAucOptions): number {
  if (maxFpr !== null && maxFpr !== 1) return partialRocAuc(yTrue, yScore, inRange(maxFpr, 'maxFpr', { above: 0, max: 1 }), options);
  const { order, ties, targets, weights } = rankedTargets(yTrue, yScore, options);
  let [area, tp, fp, lastTp, lastFp] = [0, 0, 0, 0, 0];
  for (let i = 0; i < order.length; i++) {
    const weight = weights === null ? 1 : weights[order[i]!]!;
    if (targets[order[i]!] === 1) tp += weight;
    else fp += weight;
    if (i + 1 < order.length && ties[i + 1] === 1) continue;
    area += ((fp - lastFp) * (tp + lastTp)) / 2;
    lastTp = tp;
    lastFp = fp;
  }
  return tp === 0 || fp === 0 ? Number.NaN : area / (tp * fp);
}

function partialRocAuc(yTrue: Labels, yScore: ArrayLike<number>, maxFpr: number, options: CurveOptions): number {
  const { fpr, tpr } = rocCurve(yTrue, yScore, options);
  if (Number.isNaN(fpr[0]! + tpr[0]!)) return Number.NaN;
  const stop = fpr.findIndex(rate => rate > maxFpr);
  const [x0, x1, y0, y1] = [fpr[stop - 1]!, fpr[stop]!, tpr[stop - 1]!, tpr[stop]!];
  const edge = y0 + ((maxFpr - x0) * (y1 - y0)) / (x1 - x0);
  const area = auc([...fpr.slice(0, stop), maxFpr], [...tpr.slice(0, stop), edge]);
  const least = (maxFpr * maxFpr) / 2;
  return 0.5 * (1 + (area - least) / (maxFpr - least));
}

function column(matrix: ScoreMatrix | Indicator, j: number): number[] {
  return matrix.map(row => row[j]!);
}

/** Averages a binary score over the columns (or rows) of multilabel targets. */
function averageOver(
  yTrue: Indicator,
  yScore: ScoreMatrix,
  average: RocAucOptions['average'],
  sampleWeight: WeightOptions['sampleWeight'],
  score: (y: number[], s: number[], w: ArrayLike<number> | null) => number,
): number | number[] {
  const n = sameLength({ yTrue, yScore });
  const { k } = checkIndicators(yTrue, yTrue);
  yScore.forEach((row, i) => {
    if (row.length !== k)
      throw new ShapeError(`yScore must have ${k} columns in every row, got ${row.length} in row ${i}`, { parameter: 'yScore', received: row.length });
  });
  const weights = checkWeights(sampleWeight, n);
  if (average === 'micro') {
    const repeated = weights && yTrue.flatMap((_, i) => new Array<number>(k).fill(weights[i]!));
    return score(
      yTrue.flatMap(row => Array.from(row)),
      yScore.flatMap(row => Array.from(row)),
      repeated,
    );
  }
  if (average === 'samples')
    return weightedMean(
      yTrue.map((row, i) => score(Array.from(row), Array.from(yScore[i]!), null)),
      weights,
    );
  const scores = Array.from({ length: k }, (_, j) => score(column(yTrue, j), column(yScore, j), weights));
  if (average === null) return scores;
  const support = Array.from({ length: k }, (_, j) => column(yTrue, j).reduce((sum, y, i) => sum + y * (weights?.[i] ?? 1), 0));
  return weightedMean(scores, average === 'weighted' ? support : null);
}

/** Classes of a multiclass score matrix, checked against its width. */
function checkClasses(yTrue: Labels, yScore: ScoreMatrix, labels: readonly Label[] | null | undefined): readonly Label[] {
  sameLength({ yTrue, yScore });
  const classes = labels ?? uniqueLabels(yTrue);
  yScore.forEach((row, i) => {
    checkScores(row, 'yScore');
    if (row.length !== classes.length)
      throw new ShapeError(`yScore must have ${classes.length} columns, one for each class, got ${row.length} in row ${i}`, {
        parameter: 'yScore',
        received: row.length,
      });
  });
  const unknown = uniqueLabels(yTrue).find(label => !classes.includes(label));
  if (unknown !== undefined)
    throw new ValidationError(`labels must contain every label of yTrue, '${unknown}' is missing`, { parameter: 'labels', received: labels });
  return classes;
}

/** 0/1 columns of the classes. */
export function oneHot(yTrue: Labels, classes: readonly Label[]): number[][] {
  return Array.from(yTrue as ArrayLike<Label>, label => classes.map(value => Number(value === label)));
}

/** Mean over all pairs of classes of the area between the two (Hand and Till 2001). */
function oneVersusOne(yTrue: Labels, yScore: ScoreMatrix, classes: readonly Label[], average: RocAucOptions['average']): number {
  const areas: number[] = [];
  const prevalence: number[] = [];
  const labels = Array.from(yTrue as ArrayLike<Label>);
  for (let a = 0; a < classes.length; a++) {
    for (let b = a + 1; b < classes.length; b++) {
      const rows = labels.map((_, i) => i).filter(i => labels[i] === classes[a] || labels[i] === classes[b]);
      const area = (j: number): number =>
        binaryRocAuc(
          rows.map(i => Number(labels[i] === classes[j])),
          rows.map(i => yScore[i]![j]!),
          {},
        );
      areas.push((area(a) + area(b)) / 2);
      prevalence.push(rows.length / labels.length);
    }
  }
  return weightedMean(areas, average === 'weighted' ? prevalence : null);
}

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, ties counting half.
 *
 * @param yTrue two classes, several classes with `multiClass`, or 0/1 rows for multilabel targets
 * @param yScore one score for each sample, or one row of class probabilities or label scores
 * @returns NaN when only one class occurs, as scikit-learn does with a warning
 * @throws {ValidationError} for empty input, non-finite scores, an option that does not fit the targets
 * @remarks Python: `sklearn.metrics.roc_auc_score(y_true, y_score, average=, multi_class=, max_fpr=, sample_weight=)`; within 1e-12.
 * @example rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) // => 0.75
 */
export function rocAucScore(yTrue: Labels | Indicator, yScore: ArrayLike<number> | ScoreMatrix, options: RocAucOptions & { readonly average: null }): number[];
export function rocAucScore(yTrue: Labels | Indicator, yScore: ArrayLike<number> | ScoreMatrix, options?: RocAucOptions): number;
export function rocAucScore(yTrue: Labels | Indicator, yScore: ArrayLike<number> | ScoreMatrix, options: RocAucOptions = {}): number | number[] {
  const { average = 'macro', multiClass = 'raise', sampleWeight, labels } = options;
  nonEmpty(yTrue as object, 'yTrue');
  oneOf(average, 'average', ['micro', 'macro', 'weighted', 'samples', null]);
  oneOf(multiClass, 'multiClass', ['raise', 'ovr', 'ovo']);
  const binary = (y: Labels, s: ArrayLike<number>, w: ArrayLike<number> | null): number => binaryRocAuc(y, s, { sampleWeight: w });
  if (isIndicator(yTrue)) return averageOver(yTrue, yScore as ScoreMatrix, average, sampleWeight, binary);
  if (typeof yScore[0] === 'number') return binaryRocAuc(yTrue, yScore as ArrayLike<number>, options);
  if (multiClass === 'raise')
    throw new ValidationError("multiClass must be 'ovr' or 'ovo' for scores of several classes", { parameter: 'multiClass', received: multiClass });
  const matrix = yScore as ScoreMatrix;
  const classes = checkClasses(yTrue, matrix, labels);
  matrix.forEach((row, i) => {
    const sum = Array.from(row).reduce((total, value) => total + value, 0);
    if (Math.abs(sum - 1) > 1e-5)
      throw new ValidationError(`yScore must sum to 1 in every row, got ${sum} in row ${i}`, { parameter: 'yScore', received: sum });
  });
  return multiClass === 'ovo' ? oneVersusOne(yTrue, matrix, classes, average) : averageOver(oneHot(yTrue, classes), matrix, average, sampleWeight, binary);
}

/**
 * Average precision `Σ (R_n - R_{n-1}) P_n`, the area under the precision-recall curve without interpolation.
 *
 * @remarks Python: `sklearn.metrics.average_precision_score`; within 1e-12.
 * @example averagePrecisionScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) // => 2.5 / 3
 */
export function averagePrecisionScore(
  yTrue: Labels | Indicator,
  yScore: ArrayLike<number> | ScoreMatrix,
  { average = 'macro', sampleWeight, posLabel }: Omit<RocAucOptions, 'multiClass' | 'maxFpr'> = {},
): number | number[] {
  nonEmpty(yTrue as object, 'yTrue');
  oneOf(average, 'average', ['micro', 'macro', 'weighted', 'samples', null]);
  const binary = (y: Labels, s: ArrayLike<number>, w: ArrayLike<number> | null): number => {
    const { precision, recall } = precisionRecallCurve(y, s, { sampleWeight: w, ...(posLabel === undefined ? {} : { posLabel }) });
    let sum = 0;
    for (let i = 0; i + 1 < recall.length; i++) sum += (recall[i]! - recall[i + 1]!) * precision[i]!;
    return Math.max(0, sum);
  };
  if (isIndicator(yTrue)) return averageOver(yTrue, yScore as ScoreMatrix, average, sampleWeight, binary);
  return binary(yTrue, yScore as ArrayLike<number>, sampleWeight ?? null);
}

/**
 * Fraction of samples whose class is among the `k` highest scores; of equal scores the later column ranks higher.
 *
 * @param options `normalize: false` gives the number of samples; `labels` names the columns when not all classes occur
 * @remarks Python: `sklearn.metrics.top_k_accuracy_score(y_true, y_score, k=, labels=)`; within 1e-12.
 * @example topKAccuracyScore([0, 1, 2], [[0.5, 0.3, 0.2], [0.3, 0.3, 0.4], [0.2, 0.3, 0.5]], { k: 1 }) // => 2 / 3
 */
export function topKAccuracyScore(
  yTrue: Labels,
  yScore: ScoreMatrix,
  {
    k = 2,
    normalize = true,
    labels,
    sampleWeight,
  }: WeightOptions & { readonly k?: number; readonly normalize?: boolean; readonly labels?: readonly Label[] | null } = {},
): number {
  nonEmpty(yTrue as object, 'yTrue');
  positive(integer(k, 'k'), 'k');
  const classes = checkClasses(yTrue, yScore, labels);
  const weights = checkWeights(sampleWeight, yTrue.length);
  const hits = yScore.map((row, i) => {
    const c = classes.indexOf(yTrue[i]!);
    let better = 0;
    for (let j = 0; j < row.length; j++) if (row[j]! > row[c]! || (row[j] === row[c] && j > c)) better++;
    return Number(better < k);
  });
  return normalize ? weightedMean(hits, weights) : hits.reduce((sum, hit, i) => sum + hit * (weights?.[i] ?? 1), 0);
}

/** For each row: the scores, which labels are relevant, and the weight. */
function perRow(yTrue: Indicator, yScore: ScoreMatrix, { sampleWeight }: WeightOptions, value: (scores: number[], relevant: boolean[]) => number): number {
  nonEmpty(yTrue, 'yTrue');
  const n = sameLength({ yTrue, yScore });
  checkIndicators(yTrue, yTrue);
  const rows = yTrue.map((row, i) => {
    if (yScore[i]!.length !== row.length)
      throw new ShapeError(`yScore must have ${row.length} columns in every row, got ${yScore[i]!.length} in row ${i}`, {
        parameter: 'yScore',
        received: yScore[i]!.length,
      });
    checkScores(yScore[i]!, 'yScore');
    return value(
      Array.from(yScore[i]!),
      Array.from(row, y => y === 1),
    );
  });
  return weightedMean(rows, checkWeights(sampleWeight, n));
}

/**
 * How many of the top labels must be taken, on average, to cover all relevant ones.
 *
 * @remarks Python: `sklearn.metrics.coverage_error`; within 1e-12.
 * @example coverageError([[1, 0, 0], [0, 0, 1]], [[0.75, 0.5, 1], [1, 0.2, 0.1]]) // => 2.5
 */
export function coverageError(yTrue: Indicator, yScore: ScoreMatrix, options: WeightOptions = {}): number {
  return perRow(yTrue, yScore, options, (scores, relevant) => {
    const least = Math.min(...scores.filter((_, j) => relevant[j]));
    return relevant.includes(true) ? scores.filter(score => score >= least).length : 0;
  });
}

/**
 * Mean over relevant labels of the share of relevant ones among those ranked as high.
 *
 * @remarks Python: `sklearn.metrics.label_ranking_average_precision_score`; within 1e-12.
 * @example labelRankingAveragePrecisionScore([[1, 0, 0], [0, 0, 1]], [[0.75, 0.5, 1], [1, 0.2, 0.1]]) // => 2.5 / 6
 */
export function labelRankingAveragePrecisionScore(yTrue: Indicator, yScore: ScoreMatrix, options: WeightOptions = {}): number {
  return perRow(yTrue, yScore, options, (scores, relevant) => {
    const chosen = scores.filter((_, j) => relevant[j]);
    if (chosen.length === 0 || chosen.length === scores.length) return 1;
    return weightedMean(chosen.map(score => chosen.filter(other => other >= score).length / scores.filter(other => other >= score).length));
  });
}

/**
 * Fraction of label pairs, one relevant and one not, that are ranked the wrong way round; a tie counts as wrong.
 *
 * @remarks Python: `sklearn.metrics.label_ranking_loss`; within 1e-12.
 * @example labelRankingLoss([[1, 0, 0], [0, 0, 1]], [[0.75, 0.5, 1], [1, 0.2, 0.1]]) // => 0.75
 */
export function labelRankingLoss(yTrue: Indicator, yScore: ScoreMatrix, options: WeightOptions = {}): number {
  return perRow(yTrue, yScore, options, (scores, relevant) => {
    const [good, bad] = [scores.filter((_, j) => relevant[j]), scores.filter((_, j) => !relevant[j])];
    if (good.length === 0 || bad.length === 0) return 0;
    const wrong = good.reduce((sum, score) => sum + bad.filter(other => other >= score).length, 0);
    return wrong / (good.length * bad.length);
  });
}

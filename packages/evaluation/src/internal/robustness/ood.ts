/** Whether samples are like those a model was trained on: scores of logits and of features, and how well they tell both apart. */

import { finite, inRange, integer, nonEmpty, oneOf, positive, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { tensor } from '@gtc/tensor';
import { pinv } from '@gtc/tensor/linalg';
import { dot, mean, norm, softmax, sum } from '@gtc/tensor/statistics';
import { entropy, logSumExp } from '../logistic.js';
import { rocCurve } from '../metrics/curves.js';
import { averagePrecisionScore, rocAucScore } from '../metrics/ranking-scores.js';

/** A row for each sample. */
type Rows = readonly (readonly number[])[];

/** Scores of logits: largest probability, energy, negative entropy, largest logit, and the distance of the two largest. */
export type OodMethod = 'msp' | 'energy' | 'negEntropy' | 'maxLogit' | 'margin';

/** @throws {ValidationError | ShapeError} unless rows are of one length and finite */
function checkRows(rows: Rows, name: string, least = 1): number {
  nonEmpty(rows, name);
  const width = rows[0]!.length;
  rows.forEach((row, i) => {
    if (row.length !== width || width < least)
      throw new ShapeError(`${name} must have rows of one length of at least ${least}, got ${row.length} in row ${i}`, {
        parameter: name,
        received: row.length,
      });
    for (const value of row) finite(value, `${name}[${i}]`);
  });
  return width;
}

const SCORES: Readonly<Record<OodMethod, (row: readonly number[], temperature: number) => number>> = {
  msp: (row, temperature) => Math.max(...softmax(row.map(z => z / temperature))),
  energy: (row, temperature) => temperature * logSumExp(row.map(z => z / temperature)),
  negEntropy: (row, temperature) => -entropy(softmax(row.map(z => z / temperature))),
  maxLogit: row => Math.max(...row),
  margin: row => {
    const [first, second] = [...row].sort((a, b) => b - a) as [number, number];
    return first - second;
  },
};

/**
 * A score of each sample by its logits, higher for samples like those trained on.
 *
 * @param logits a row for each sample, at least two columns
 * @param options method, 'energy' by default; temperature, 1 by default
 * @throws {ValidationError} for no rows, values that are not finite, an unknown method, or a temperature that is not positive
 * @throws {ShapeError} for rows of unequal length
 * @remarks Python: `scipy.special.softmax`, `logsumexp`; Hendrycks and Gimpel (2017), Liu et al. (2020), Hendrycks et al. (2022).
 * @example oodScores([[0, 0]], { method: 'msp' }) // => [0.5]
 */
export function oodScores(logits: Rows, { method = 'energy', temperature = 1 }: { readonly method?: OodMethod; readonly temperature?: number } = {}): number[] {
  checkRows(logits, 'logits', 2);
  const score = SCORES[oneOf(method, 'method', Object.keys(SCORES) as OodMethod[])];
  positive(temperature, 'temperature');
  return logits.map(row => score(row, temperature));
}

/** What {@link oodMetrics} measures. */
export interface OodMetrics {
  readonly auroc: number;
  /** Average precision of finding the samples that are like the training data. */
  readonly auprIn: number;
  /** Average precision of finding the others. */
  readonly auprOut: number;
  /** Share of the others that pass where 95 % of the like ones do. */
  readonly fprAt95Tpr: number;
}

/**
 * How well a score tells samples like the training data from others.
 *
 * @param idScores of samples like the training data, which ought to be higher
 * @param otherScores of the others
 * @throws {ValidationError} for no scores, or NaN
 * @remarks Python: `sklearn.metrics.roc_auc_score`, `average_precision_score`, `roc_curve`.
 * @example oodMetrics([2, 3], [0, 1]) // => { auroc: 1, auprIn: 1, auprOut: 1, fprAt95Tpr: 0 }
 */
export function oodMetrics(idScores: readonly number[], otherScores: readonly number[]): OodMetrics {
  nonEmpty(idScores, 'idScores');
  nonEmpty(otherScores, 'otherScores');
  const labels = [...idScores.map(() => 1), ...otherScores.map(() => 0)];
  const scores = [...idScores, ...otherScores];
  const { fpr, tpr } = rocCurve(labels, scores, { dropIntermediate: false });
  return {
    auroc: rocAucScore(labels, scores),
    auprIn: averagePrecisionScore(labels, scores) as number,
    auprOut: averagePrecisionScore(
      labels.map(label => 1 - label),
      scores.map(score => -score),
    ) as number,
    fprAt95Tpr: fpr[tpr.findIndex(rate => rate >= 0.95)]!,
  };
}

const meanOf = (rows: Rows): number[] => rows[0]!.map((_, j) => mean(rows.map(row => row[j]!)));
const minus = (a: readonly number[], b: readonly number[]): number[] => a.map((value, j) => value - b[j]!);

/** The inverse covariance of rows whose mean is 0. */
function precisionOf(rows: Rows): number[][] {
  const width = rows[0]!.length;
  const covariance = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_unused, j) => sum(rows.map(row => row[i]! * row[j]!)) / rows.length),
  );
  return pinv(tensor(covariance, { dtype: 'float64' })).tolist() as number[][];
}

const squaredDistance = (offset: readonly number[], precision: Rows): number =>
  dot(
    precision.map(row => dot(row, offset)),
    offset,
  );

/** A fitted detector. */
export interface Mahalanobis {
  /** To the centre of each class, in ascending order of labels; a row for each sample. */
  readonly squaredDistances: (features: Rows) => number[][];
  /** The smallest of them, negative: higher for samples like those trained on. */
  readonly score: (features: Rows) => number[];
  /** The same against the distance to all training samples (Ren et al. 2021), which finds near outliers better. */
  readonly relativeScore: (features: Rows) => number[];
}

/**
 * Distances to the classes in units of their common covariance (Lee et al. 2018).
 *
 * @param features a row for each training sample
 * @param labels its class
 * @throws {ValidationError} for no rows, or values that are not finite
 * @throws {ShapeError} for rows of unequal length, or other than as many labels
 * @remarks Python: `sklearn.covariance.EmpiricalCovariance(assume_centered=True).fit(features - means[labels]).mahalanobis(x - mean)`.
 * @example fitMahalanobis([[0, 0], [2, 0], [0, 2], [2, 2]], [0, 0, 0, 0]).score([[1, 1]]) // => [-0]
 */
export function fitMahalanobis(features: Rows, labels: readonly number[]): Mahalanobis {
  const width = checkRows(features, 'features');
  sameLength({ features, labels });
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const centres = classes.map(label => meanOf(features.filter((_, i) => labels[i] === label)));
  const precision = precisionOf(features.map((row, i) => minus(row, centres[classes.indexOf(labels[i]!)]!)));
  const centre = meanOf(features);
  const background = precisionOf(features.map(row => minus(row, centre)));
  const squaredDistances = (rows: Rows): number[][] => {
    if (checkRows(rows, 'features') !== width)
      throw new ShapeError(`features must have ${width} columns, got ${rows[0]!.length}`, { parameter: 'features', received: rows[0]!.length });
    return rows.map(row => centres.map(mu => squaredDistance(minus(row, mu), precision)));
  };
  const score = (rows: Rows): number[] => squaredDistances(rows).map(row => -Math.min(...row));
  return {
    squaredDistances,
    score,
    relativeScore: rows => score(rows).map((value, i) => value + squaredDistance(minus(rows[i]!, centre), background)),
  };
}

/**
 * Distance to the k-th nearest training sample, all brought to length 1 (Sun et al. 2022); lower for samples like those trained on.
 *
 * @throws {ValidationError} for no rows, values that are not finite, or k not in [1, rows]
 * @throws {ShapeError} for rows of unequal length
 * @remarks Python: `sklearn.neighbors.NearestNeighbors(n_neighbors=k).fit(unit(features)).kneighbors(unit(query))[0][:, -1]`.
 * @example knnDistances([[1, 0], [0, 1]], [[2, 0]], { k: 1 }) // => [0]
 */
export function knnDistances(features: Rows, query: Rows, { k = 10 }: { readonly k?: number } = {}): number[] {
  const width = checkRows(features, 'features');
  if (checkRows(query, 'query') !== width)
    throw new ShapeError(`query must have ${width} columns, got ${query[0]!.length}`, { parameter: 'query', received: query[0]!.length });
  inRange(integer(k, 'k'), 'k', { min: 1, max: features.length });
  const unit = (row: readonly number[]): number[] => {
    const length = norm(row);
    return row.map(value => value / length);
  };
  const known = features.map(unit);
  return query.map(row => {
    const at = unit(row);
    return known.map(other => norm(minus(at, other))).sort((a, b) => a - b)[k - 1]!;
  });
}

/**
 * How far Ledoit and Wolf (2004) draw an empirical covariance towards a multiple of the identity.
 *
 * @throws {ValidationError} for no rows, or values that are not finite
 * @throws {ShapeError} for rows of unequal length
 * @remarks Python: `sklearn.covariance.LedoitWolf().fit(features).shrinkage_`.
 * @example ledoitWolfShrinkage([[1], [3]]) // => 0
 */
export function ledoitWolfShrinkage(features: Rows): number {
  const p = checkRows(features, 'features');
  const n = features.length;
  const centre = meanOf(features);
  const rows = features.map(row => minus(row, centre));
  const cross = (of: (value: number) => number): number[][] =>
    Array.from({ length: p }, (_, i) => Array.from({ length: p }, (_unused, j) => sum(rows.map(row => of(row[i]!) * of(row[j]!)))));
  const products = cross(value => value);
  const trace = sum(products.map((row, i) => row[i]!)) / n;
  const mu = trace / p;
  const total = sum(products.flat().map(value => value * value)) / n ** 2;
  const beta = (sum(cross(value => value * value).flat()) / n - total) / (p * n);
  const delta = (total - 2 * mu * trace + p * mu * mu) / p;
  // A single feature has no shape to be drawn to.
  return delta <= 1e-15 * total ? 0 : Math.max(0, Math.min(beta, delta)) / delta;
}

/** What {@link attackMetrics} measures. */
export interface AttackMetrics {
  /** Share of the samples once right that are wrong under attack; 0 where none was right. */
  readonly attackSuccessRate: number;
  readonly accuracyUnderAttack: number;
  readonly originalAccuracy: number;
  /** Share that is right before and under attack. */
  readonly robustAccuracy: number;
  /** Share whose prediction changes. */
  readonly flipRate: number;
}

/**
 * What an attack did to predictions.
 *
 * @throws {ValidationError} for no samples
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `textattack.metrics`; by its definitions.
 * @example attackMetrics([1, 1], [0, 1], [1, 1]).attackSuccessRate // => 0.5
 */
export function attackMetrics(original: readonly number[], attacked: readonly number[], labels: readonly number[]): AttackMetrics {
  nonEmpty(original, 'original');
  sameLength({ original, attacked, labels });
  const share = (holds: (i: number) => boolean): number => mean(labels.map((_, i) => Number(holds(i))));
  const right = share(i => original[i] === labels[i]);
  return {
    attackSuccessRate: right === 0 ? 0 : share(i => original[i] === labels[i] && attacked[i] !== labels[i]) / right,
    accuracyUnderAttack: share(i => attacked[i] === labels[i]),
    originalAccuracy: right,
    robustAccuracy: share(i => original[i] === labels[i] && attacked[i] === labels[i]),
    flipRate: share(i => original[i] !== attacked[i]),
  };
}

/** Errors under corruption, against those of a baseline. */
export interface CorruptionInput {
  /** A row for each corruption, a column for each severity. */
  readonly errors: Rows;
  readonly baselineErrors: Rows;
  /** Error without corruption. */
  readonly cleanError: number;
  readonly baselineCleanError: number;
}

/**
 * Mean corruption error and its relative form (Hendrycks and Dietterich 2019).
 *
 * @throws {ValidationError} for no corruption, or a baseline without errors
 * @throws {ShapeError} for tables of unequal shape
 * @remarks Python: `robustness.metrics`; by its formulae.
 * @example corruptionError({ errors: [[0.2]], baselineErrors: [[0.4]], cleanError: 0.1, baselineCleanError: 0.2 }) // => { mCE: 0.5, relativeMce: 0.5 }
 */
export function corruptionError({ errors, baselineErrors, cleanError, baselineCleanError }: CorruptionInput): {
  readonly mCE: number;
  readonly relativeMce: number;
} {
  const width = checkRows(errors, 'errors');
  if (checkRows(baselineErrors, 'baselineErrors') !== width || baselineErrors.length !== errors.length)
    throw new ShapeError(`baselineErrors must be ${errors.length} x ${width}, got ${baselineErrors.length} x ${baselineErrors[0]!.length}`, {
      parameter: 'baselineErrors',
      received: baselineErrors.length,
    });
  const empty = baselineErrors.findIndex(row => sum(row) === 0);
  if (empty >= 0)
    throw new ValidationError(`baselineErrors must not be 0 alone in row ${empty}`, { parameter: 'baselineErrors', received: baselineErrors[empty] });
  const above = (row: readonly number[], clean: number): number => sum(row.map(value => value - clean));
  return {
    mCE: mean(errors.map((row, i) => sum(row) / sum(baselineErrors[i]!))),
    relativeMce: mean(errors.map((row, i) => above(row, cleanError) / above(baselineErrors[i]!, baselineCleanError))),
  };
}

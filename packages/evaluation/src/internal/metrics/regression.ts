/** Errors and scores of numeric predictions, for one output or several. */
import { nonEmpty, oneOf, ShapeError, sameLength, show, ValidationError } from '@gtc/errors';
import { blockedSum, weightedMean } from './averages.js';
import type { WeightOptions } from './confusion.js';
import { checkWeights } from './labels.js';

/** One number for each sample, or one row of outputs. */
export type Targets = ArrayLike<number> | readonly ArrayLike<number>[];

/** How errors of several outputs become one: their mean, all of them, or a weighted mean. */
export type MultiOutput = 'uniformAverage' | 'rawValues' | 'varianceWeighted' | readonly number[];

/** Options of regression metrics. */
export interface RegressionOptions extends WeightOptions {
  readonly multioutput?: MultiOutput;
}

/** Options of scores relative to a constant prediction. */
export interface ExplainedOptions extends RegressionOptions {
  /** Where the truth is constant, score 1 for a perfect prediction and 0 for any other (true), or NaN and -Infinity. */
  readonly forceFinite?: boolean;
}

/** Checked targets, column by column. */
export interface Columns {
  readonly n: number;
  readonly yTrue: readonly ArrayLike<number>[];
  readonly yPred: readonly ArrayLike<number>[];
  readonly weights: ArrayLike<number> | null;
}

function columnsOf(values: Targets, name: string): readonly ArrayLike<number>[] {
  const first = values[0]!;
  const rows = values as readonly ArrayLike<number>[];
  const columns = typeof first === 'number' ? [values as ArrayLike<number>] : Array.from(first, (_, j) => Float64Array.from(rows, row => row[j]!));
  if (typeof first !== 'number') {
    const ragged = rows.findIndex(row => row.length !== first.length);
    if (ragged >= 0)
      throw new ShapeError(`${name} must have ${first.length} outputs in every row, got ${rows[ragged]!.length} in row ${ragged}`, {
        parameter: name,
        received: rows[ragged]!.length,
      });
  }
  for (const column of columns) {
    for (let i = 0; i < column.length; i++)
      if (!Number.isFinite(column[i]))
        throw new ValidationError(`${name} must be finite, got ${show(column[i])} at index ${i}`, { parameter: name, received: column[i], expected: 'finite' });
  }
  return columns;
}

/** Checks targets: present, not empty, of one shape, finite. */
export function checkTargets(yTrue: Targets, yPred: Targets, sampleWeight?: ArrayLike<number> | null): Columns {
  nonEmpty(yTrue as object, 'yTrue');
  const n = sameLength({ yTrue, yPred });
  const columns = { n, yTrue: columnsOf(yTrue, 'yTrue'), yPred: columnsOf(yPred, 'yPred'), weights: checkWeights(sampleWeight, n) };
  if (columns.yTrue.length !== columns.yPred.length)
    throw new ShapeError(`yPred must have ${columns.yTrue.length} outputs, got ${columns.yPred.length}`, {
      parameter: 'yPred',
      received: columns.yPred.length,
    });
  return columns;
}

/** One number from the errors of the outputs. */
export function combine(errors: readonly number[], multioutput: MultiOutput, variances?: readonly number[]): number | number[] {
  if (typeof multioutput === 'string') {
    oneOf(multioutput, 'multioutput', variances === undefined ? ['uniformAverage', 'rawValues'] : ['uniformAverage', 'rawValues', 'varianceWeighted']);
    if (multioutput === 'rawValues') return [...errors];
    return weightedMean(errors, multioutput === 'varianceWeighted' ? variances : null);
  }
  sameLength({ outputs: errors, multioutput });
  return weightedMean(errors, multioutput);
}

/** Mean over samples of `loss(truth, prediction)`, for each output. */
export function meanLosses({ n, yTrue, yPred, weights }: Columns, loss: (t: number, p: number) => number): number[] {
  const total = weights === null ? n : blockedSum(n, i => weights[i]!);
  return yTrue.map((truth, j) => {
    const prediction = yPred[j]!;
    return blockedSum(n, i => loss(truth[i]!, prediction[i]!) * (weights === null ? 1 : weights[i]!)) / total;
  });
}

function meanLoss(
  yTrue: Targets,
  yPred: Targets,
  { sampleWeight, multioutput = 'uniformAverage' }: RegressionOptions,
  loss: (t: number, p: number) => number,
): number {
  return combine(meanLosses(checkTargets(yTrue, yPred, sampleWeight), loss), multioutput) as number;
}

/** The tight loop that most calls take: one output, no weights, finite by construction of the sum. */
function plainMeanSquare(yTrue: ArrayLike<number>, yPred: ArrayLike<number>): number {
  const n = yTrue.length;
  let total = 0;
  for (let start = 0; start < n; start += 512) {
    const end = Math.min(n, start + 512);
    let block = 0;
    for (let i = start; i < end; i++) {
      const error = yTrue[i]! - yPred[i]!;
      block += error * error;
    }
    total += block;
  }
  return total / n;
}

/**
 * Mean squared error.
 *
 * @param yTrue one number for each sample, or one row of outputs
 * @param yPred predictions of the same shape
 * @returns one number; one for each output with `multioutput: 'rawValues'`
 * @throws {ValidationError} for empty or non-finite input
 * @throws {ShapeError} when shapes differ
 * @remarks Python: `sklearn.metrics.mean_squared_error(y_true, y_pred, sample_weight=, multioutput=)`; within 1e-12.
 * @example meanSquaredError([3, -0.5, 2, 7], [2.5, 0, 2, 8]) // => 0.375
 */
export function meanSquaredError(yTrue: Targets, yPred: Targets, options: RegressionOptions & { readonly multioutput: 'rawValues' }): number[];
export function meanSquaredError(yTrue: Targets, yPred: Targets, options?: RegressionOptions): number;
export function meanSquaredError(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number | number[] {
  if (options.sampleWeight === undefined && ArrayBuffer.isView(yTrue) && ArrayBuffer.isView(yPred) && yTrue.length === yPred.length && yTrue.length > 0) {
    const mean = plainMeanSquare(yTrue as ArrayLike<number>, yPred as ArrayLike<number>);
    if (Number.isFinite(mean)) return combine([mean], options.multioutput ?? 'uniformAverage');
  }
  return meanLoss(yTrue, yPred, options, (t, p) => (t - p) ** 2);
}

/**
 * Root of the mean squared error, of each output before they are averaged.
 *
 * @remarks Python: `sklearn.metrics.root_mean_squared_error`; within 1e-12.
 * @example rootMeanSquaredError([0, 0], [3, 3]) // => 3
 */
export function rootMeanSquaredError(yTrue: Targets, yPred: Targets, options: RegressionOptions & { readonly multioutput: 'rawValues' }): number[];
export function rootMeanSquaredError(yTrue: Targets, yPred: Targets, options?: RegressionOptions): number;
export function rootMeanSquaredError(
  yTrue: Targets,
  yPred: Targets,
  { multioutput = 'uniformAverage', ...options }: RegressionOptions = {},
): number | number[] {
  return combine(meanSquaredError(yTrue, yPred, { ...options, multioutput: 'rawValues' }).map(Math.sqrt), multioutput);
}

/**
 * Mean absolute error.
 *
 * @remarks Python: `sklearn.metrics.mean_absolute_error`; within 1e-12.
 * @example meanAbsoluteError([3, -0.5, 2, 7], [2.5, 0, 2, 8]) // => 0.5
 */
export function meanAbsoluteError(yTrue: Targets, yPred: Targets, options: RegressionOptions & { readonly multioutput: 'rawValues' }): number[];
export function meanAbsoluteError(yTrue: Targets, yPred: Targets, options?: RegressionOptions): number;
export function meanAbsoluteError(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number | number[] {
  return meanLoss(yTrue, yPred, options, (t, p) => Math.abs(t - p));
}

/**
 * Mean absolute error relative to the truth; a truth of 0 counts as machine epsilon.
 *
 * @remarks Python: `sklearn.metrics.mean_absolute_percentage_error`; within 1e-12. A fraction, not a percentage.
 * @example meanAbsolutePercentageError([1, 2], [1.5, 1]) // => 0.5
 */
export function meanAbsolutePercentageError(yTrue: Targets, yPred: Targets, options: RegressionOptions & { readonly multioutput: 'rawValues' }): number[];
export function meanAbsolutePercentageError(yTrue: Targets, yPred: Targets, options?: RegressionOptions): number;
export function meanAbsolutePercentageError(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number | number[] {
  return meanLoss(yTrue, yPred, options, (t, p) => Math.abs(p - t) / Math.max(Math.abs(t), Number.EPSILON));
}

/**
 * Symmetric mean absolute percentage error `mean(2 |t - p| / (|t| + |p|))`, a fraction in [0, 2]; two zeros are no error.
 *
 * @remarks Python: `numpy.mean(2 * abs(t - p) / (abs(t) + abs(p)))`.
 * @example symmetricMeanAbsolutePercentageError([1, 2], [1, 6]) // => 0.5
 */
export function symmetricMeanAbsolutePercentageError(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number {
  return meanLoss(yTrue, yPred, options, (t, p) => (t === p ? 0 : (2 * Math.abs(t - p)) / (Math.abs(t) + Math.abs(p))));
}

/**
 * Mean squared difference of `log(1 + y)`.
 *
 * @throws {ValidationError} for a value of -1 or less
 * @remarks Python: `sklearn.metrics.mean_squared_log_error`; within 1e-12.
 * @example meanSquaredLogError([0, 1], [0, 1]) // => 0
 */
export function meanSquaredLogError(yTrue: Targets, yPred: Targets, options: RegressionOptions = {}): number {
  const columns = checkTargets(yTrue, yPred, options.sampleWeight);
  for (const [name, outputs] of [['yTrue', columns.yTrue] as const, ['yPred', columns.yPred] as const]) {
    const bad = outputs.flatMap(output => Array.from(output)).find(value => value <= -1);
    if (bad !== undefined)
      throw new ValidationError(`${name} must be greater than -1, got ${bad}`, { parameter: name, received: bad, expected: 'greater than -1' });
  }
  return combine(
    meanLosses(columns, (t, p) => (Math.log1p(t) - Math.log1p(p)) ** 2),
    options.multioutput ?? 'uniformAverage',
  ) as number;
}

/**
 * Greatest absolute error.
 *
 * @remarks Python: `sklearn.metrics.max_error`; exact.
 * @example maxError([3, 2, 7, 1], [4, 2, 7, 1]) // => 1
 */
export function maxError(yTrue: ArrayLike<number>, yPred: ArrayLike<number>): number {
  const { n } = checkTargets(yTrue, yPred);
  let greatest = 0;
  for (let i = 0; i < n; i++) greatest = Math.max(greatest, Math.abs(yTrue[i]! - yPred[i]!));
  return greatest;
}

/** `1 - residual / total`; where the truth is constant, 1 for a perfect prediction and 0 for any other, unless left as it comes. */
export function explained(residual: readonly number[], total: readonly number[], forceFinite = true): number[] {
  return residual.map((value, j) => (total[j] !== 0 || !forceFinite ? 1 - value / total[j]! : value === 0 ? 1 : 0));
}

/** Weighted mean square of each column around `center`. */
function meanSquares({ n, weights }: Columns, column: (j: number, i: number) => number, outputs: number, centred: boolean): number[] {
  const total = weights === null ? n : blockedSum(n, i => weights[i]!);
  return Array.from({ length: outputs }, (_, j) => {
    const center = centred ? blockedSum(n, i => column(j, i) * (weights?.[i] ?? 1)) / total : 0;
    return blockedSum(n, i => (column(j, i) - center) ** 2 * (weights?.[i] ?? 1)) / total;
  });
}

/**
 * Coefficient of determination `1 - Σ (t - p)² / Σ (t - mean t)²`; NaN for fewer than two samples.
 *
 * @remarks Python: `sklearn.metrics.r2_score(y_true, y_pred, sample_weight=, multioutput=)`; within 1e-12.
 * @example r2Score([3, -0.5, 2, 7], [2.5, 0, 2, 8]) // => 0.9486081370449679
 */
export function r2Score(yTrue: Targets, yPred: Targets, options: ExplainedOptions & { readonly multioutput: 'rawValues' }): number[];
export function r2Score(yTrue: Targets, yPred: Targets, options?: ExplainedOptions): number;
export function r2Score(
  yTrue: Targets,
  yPred: Targets,
  { sampleWeight, multioutput = 'uniformAverage', forceFinite = true }: ExplainedOptions = {},
): number | number[] {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  if (columns.n < 2) return Number.NaN;
  const outputs = columns.yTrue.length;
  const residual = meanSquares(columns, (j, i) => columns.yTrue[j]![i]! - columns.yPred[j]![i]!, outputs, false);
  const total = meanSquares(columns, (j, i) => columns.yTrue[j]![i]!, outputs, true);
  return combine(explained(residual, total, forceFinite), multioutput, total);
}

/**
 * Share of the variance of the truth that the prediction explains; unlike {@link r2Score} a constant offset costs nothing.
 *
 * @remarks Python: `sklearn.metrics.explained_variance_score`; within 1e-12.
 * @example explainedVarianceScore([1, 2, 3], [2, 3, 4]) // => 1
 */
export function explainedVarianceScore(yTrue: Targets, yPred: Targets, options: ExplainedOptions & { readonly multioutput: 'rawValues' }): number[];
export function explainedVarianceScore(yTrue: Targets, yPred: Targets, options?: ExplainedOptions): number;
export function explainedVarianceScore(
  yTrue: Targets,
  yPred: Targets,
  { sampleWeight, multioutput = 'uniformAverage', forceFinite = true }: ExplainedOptions = {},
): number | number[] {
  const columns = checkTargets(yTrue, yPred, sampleWeight);
  const outputs = columns.yTrue.length;
  const residual = meanSquares(columns, (j, i) => columns.yTrue[j]![i]! - columns.yPred[j]![i]!, outputs, true);
  const total = meanSquares(columns, (j, i) => columns.yTrue[j]![i]!, outputs, true);
  return combine(explained(residual, total, forceFinite), multioutput, total);
}

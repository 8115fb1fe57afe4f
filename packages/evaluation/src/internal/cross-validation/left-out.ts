/** Splits without chance: some samples left out, later ones after earlier ones, or folds that the user names. */
import { inRange, integer, nonEmpty, nonNegative, positive, ValidationError } from '@gtc/errors';
import type { Labels } from '../metrics/labels.js';
import { checkSplits, groupBy, range, type Split, splitBy } from './split.js';

/** All choices of p of the integers from `start` up to n, in order. */
function combinations(n: number, p: number, start = 0): number[][] {
  if (p === 0) return [[]];
  return range(n)
    .slice(start)
    .flatMap(first => combinations(n, p - 1, first + 1).map(rest => [first, ...rest]));
}

/** Numbers of splits beyond this are refused: they would not fit into memory. */
const MOST_SPLITS = 1_000_000;

/**
 * Every choice of `p` samples is a test set.
 *
 * @throws {ValidationError} unless 0 < p < nSamples and there are at most a million choices
 * @remarks Python: `sklearn.model_selection.LeavePOut(p).split(X)`; exact.
 * @example leavePOut(4, 2).length // => 6
 */
export function leavePOut(nSamples: number, p: number): Split[] {
  integer(nSamples, 'nSamples');
  inRange(integer(p, 'p'), 'p', { min: 1, below: nSamples });
  const choices = range(p).reduce((count, i) => (count * (nSamples - i)) / (i + 1), 1);
  if (choices > MOST_SPLITS)
    throw new ValidationError(`p must leave at most ${MOST_SPLITS} choices, got ${choices} of ${p} from ${nSamples} samples`, {
      parameter: 'p',
      received: p,
    });
  return combinations(nSamples, p).map(test => splitBy(nSamples, i => test.includes(i)));
}

/**
 * Every sample is a test set.
 *
 * @throws {ValidationError} for fewer than two samples
 * @remarks Python: `sklearn.model_selection.LeaveOneOut().split(X)`; exact.
 * @example leaveOneOut(3)[1] // => { train: new Int32Array([0, 2]), test: new Int32Array([1]) }
 */
export function leaveOneOut(nSamples: number): Split[] {
  inRange(integer(nSamples, 'nSamples'), 'nSamples', { min: 2 });
  return range(nSamples).map(left => splitBy(nSamples, i => i === left));
}

/**
 * Every group is a test set, in ascending order.
 *
 * @throws {ValidationError} for fewer than two groups
 * @remarks Python: `sklearn.model_selection.LeaveOneGroupOut().split(X, groups=groups)`; exact.
 * @example leaveOneGroupOut(['a', 'b', 'b'])[0]?.test // => new Int32Array([0])
 */
export function leaveOneGroupOut(groups: Labels): Split[] {
  const { codes, members } = groupBy(groups, 'groups');
  if (members.length < 2)
    throw new ValidationError(`groups must have at least two values, got ${members.length}`, { parameter: 'groups', received: members.length });
  return members.map((_, left) => splitBy(codes.length, i => codes[i] === left));
}

/** Options of {@link timeSeriesSplit}. */
export interface TimeSeriesOptions {
  /** 5 by default. */
  readonly nSplits?: number;
  /** Most samples to train on, the latest ones; all earlier ones when null. */
  readonly maxTrainSize?: number | null;
  /** Samples in each test set; an equal share when null. */
  readonly testSize?: number | null;
  /** Samples left out between both. */
  readonly gap?: number;
}

/**
 * Trains on the past and tests on what follows.
 *
 * @throws {ValidationError} for more splits than the samples allow
 * @remarks Python: `sklearn.model_selection.TimeSeriesSplit(n_splits, max_train_size=, test_size=, gap=).split(X)`; exact.
 * @example timeSeriesSplit(4, { nSplits: 3 })[1] // => { train: new Int32Array([0, 1]), test: new Int32Array([2]) }
 */
export function timeSeriesSplit(nSamples: number, { nSplits = 5, maxTrainSize = null, testSize = null, gap = 0 }: TimeSeriesOptions = {}): Split[] {
  checkSplits(nSplits, integer(nSamples, 'nSamples') - 1, 'samples that follow another');
  nonNegative(integer(gap, 'gap'), 'gap');
  if (maxTrainSize !== null) positive(integer(maxTrainSize, 'maxTrainSize'), 'maxTrainSize');
  const size = testSize === null ? Math.floor(nSamples / (nSplits + 1)) : positive(integer(testSize, 'testSize'), 'testSize');
  if (nSamples - gap - size * nSplits <= 0)
    throw new ValidationError(`nSplits must leave samples to train on, got ${nSplits} of ${size} with gap ${gap} from ${nSamples}`, {
      parameter: 'nSplits',
      received: nSplits,
    });
  return range(nSplits).map(k => {
    const start = nSamples - (nSplits - k) * size;
    const end = start - gap;
    const samples = range(nSamples);
    return {
      train: Int32Array.from(samples.slice(maxTrainSize === null ? 0 : Math.max(0, end - maxTrainSize), end)),
      test: Int32Array.from(samples.slice(start, start + size)),
    };
  });
}

/**
 * The folds that the user names: of each sample the fold that tests it, or -1 for none.
 *
 * @throws {ValidationError} for no fold, or numbers that are no integers from -1
 * @remarks Python: `sklearn.model_selection.PredefinedSplit(test_fold).split()`; exact.
 * @example predefinedSplit([0, -1, 1])[0]?.train // => new Int32Array([1, 2])
 */
export function predefinedSplit(testFold: ArrayLike<number>): Split[] {
  nonEmpty(testFold as object, 'testFold');
  const folds = Array.from(testFold, (fold, i) => inRange(integer(fold, `testFold[${i}]`), `testFold[${i}]`, { min: -1 }));
  const named = [...new Set(folds)].filter(fold => fold >= 0).sort((a, b) => a - b);
  if (named.length === 0) throw new ValidationError('testFold must name a fold, got -1 alone', { parameter: 'testFold', received: testFold });
  return named.map(fold => splitBy(folds.length, i => folds[i] === fold));
}

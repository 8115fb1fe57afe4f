/** Splits and samples by chance, with scikit-learn's streams. */
import { inRange, integer, positive, sameLength, ValidationError } from '@gtc/errors';
import type { NumpyRandomState } from '@gtc/tensor/random';
import { sum } from '@gtc/tensor/statistics';
import type { Labels } from '../metrics/labels.js';
import { groupBy, type RandomState, range, type Split, splitBy, stream } from './split.js';

/** How many samples go where: a share below 1, or a whole number of samples. */
export interface SizeOptions {
  /** What `trainSize` leaves; without either a tenth (a fifth of groups, a quarter in {@link trainTestSplit}). */
  readonly testSize?: number | null;
  /** What `testSize` leaves when null. */
  readonly trainSize?: number | null;
}

/** Options of {@link shuffleSplit} and its kin. */
export interface ShuffleSplitOptions extends SizeOptions {
  /** 10 by default, 5 for groups. */
  readonly nSplits?: number;
  readonly randomState?: RandomState;
}

/** @throws {ValidationError} unless the size is a share of the samples or a number of them */
function checkSize(size: number, name: string, n: number): void {
  const fits = Number.isInteger(size) ? size > 0 && size < n : size > 0 && size < 1;
  if (!fits)
    throw new ValidationError(`${name} must be a share in (0, 1) or a whole number of samples below ${n}, got ${size}`, { parameter: name, received: size });
}

/** Numbers of samples to train on and to test with; a share of tests is rounded up, one of training down. */
function sizes(n: number, { testSize = null, trainSize = null }: SizeOptions, otherwise: number): { nTrain: number; nTest: number } {
  const test = testSize ?? (trainSize === null ? otherwise : null);
  if (test !== null) checkSize(test, 'testSize', n);
  if (trainSize !== null) checkSize(trainSize, 'trainSize', n);
  const known = test === null ? null : Number.isInteger(test) ? test : Math.ceil(test * n);
  const nTrain = trainSize === null ? n - known! : Number.isInteger(trainSize) ? trainSize : Math.floor(trainSize * n);
  const nTest = known ?? n - nTrain;
  if (nTrain + nTest > n)
    throw new ValidationError(`trainSize and testSize must not exceed the ${n} samples, got ${nTrain} and ${nTest}`, {
      parameter: 'trainSize',
      received: trainSize,
    });
  if (nTrain === 0) throw new ValidationError(`testSize must leave a sample to train on, got ${nTest} of ${n}`, { parameter: 'testSize', received: testSize });
  return { nTrain, nTest };
}

/**
 * Random splits, each drawn anew, in the order drawn.
 *
 * @throws {ValidationError} for sizes that the samples do not hold
 * @remarks Python: `sklearn.model_selection.ShuffleSplit(n_splits, test_size=, train_size=, random_state=).split(X)`; exact.
 * @example shuffleSplit(10, { nSplits: 3, testSize: 0.2, randomState: 0 })[0]?.test // => new Int32Array([2, 8])
 */
export function shuffleSplit(nSamples: number, { nSplits = 10, randomState = null, ...size }: ShuffleSplitOptions = {}): Split[] {
  positive(integer(nSplits, 'nSplits'), 'nSplits');
  const { nTrain, nTest } = sizes(inRange(integer(nSamples, 'nSamples'), 'nSamples', { min: 1 }), size, 0.1);
  const random = stream(randomState);
  return range(nSplits).map(() => {
    const order = random.permutation(nSamples);
    return { test: Int32Array.from(order.slice(0, nTest)), train: Int32Array.from(order.slice(nTest, nTest + nTrain)) };
  });
}

/** So many of each class that shares are kept; what rounding leaves goes to the classes with the largest rest, by chance among equals. */
function apportion(counts: readonly number[], draws: number, random: NumpyRandomState): number[] {
  const total = sum(counts);
  const wanted = counts.map(count => (count / total) * draws);
  const floors = wanted.map(Math.floor);
  let left = Math.trunc(draws - sum(floors));
  if (left <= 0) return floors;
  const rests = wanted.map((value, k) => value - floors[k]!);
  for (const rest of [...new Set(rests)].sort((a, b) => b - a)) {
    const equals = range(counts.length).filter(k => rests[k] === rest);
    const taken = Math.min(equals.length, left);
    for (const place of random.choice(equals.length, taken, { replace: false })) floors[equals[place]!]!++;
    left -= taken;
    if (left === 0) break;
  }
  return floors;
}

/**
 * Random splits that keep the classes' shares, in the order drawn.
 *
 * @throws {ValidationError} for a class of one sample, or sides smaller than the number of classes
 * @remarks Python: `sklearn.model_selection.StratifiedShuffleSplit(n_splits, test_size=, train_size=, random_state=).split(X, y)`; exact.
 * @example stratifiedShuffleSplit([0, 0, 1, 1], { nSplits: 1, testSize: 0.5, randomState: 0 })[0]?.test.length // => 2
 */
export function stratifiedShuffleSplit(y: Labels, { nSplits = 10, randomState = null, ...size }: ShuffleSplitOptions = {}): Split[] {
  positive(integer(nSplits, 'nSplits'), 'nSplits');
  const { values, members } = groupBy(y, 'y');
  const { nTrain, nTest } = sizes(y.length, size, 0.1);
  const single = members.findIndex(list => list.length < 2);
  if (single >= 0)
    throw new ValidationError(`y must have at least two members of every class, '${values[single]}' has one`, { parameter: 'y', received: values[single] });
  for (const [name, side] of Object.entries({ trainSize: nTrain, testSize: nTest }))
    if (side < members.length)
      throw new ValidationError(`${name} must hold the ${members.length} classes, got ${side} samples`, { parameter: name, received: side });
  const random = stream(randomState);
  const counts = members.map(list => list.length);
  const permuted = (list: readonly number[]): Int32Array => Int32Array.from(random.permutation(list.length), i => list[i]!);
  return range(nSplits).map(() => {
    const forTrain = apportion(counts, nTrain, random);
    const forTest = apportion(
      counts.map((count, k) => count - forTrain[k]!),
      nTest,
      random,
    );
    const orders = members.map(permuted);
    const train = orders.flatMap((order, k) => [...order.slice(0, forTrain[k])]);
    const test = orders.flatMap((order, k) => [...order.slice(forTrain[k], forTrain[k]! + forTest[k]!)]);
    return { train: permuted(train), test: permuted(test) };
  });
}

/**
 * Random splits of whole groups; both sides ascending.
 *
 * @throws {ValidationError} for sizes that the groups do not hold
 * @remarks Python: `sklearn.model_selection.GroupShuffleSplit(n_splits, test_size=, train_size=, random_state=).split(X, groups=groups)`; exact.
 * @example groupShuffleSplit(['a', 'a', 'b'], { nSplits: 1, randomState: 0 })[0]?.test // => new Int32Array([2])
 */
export function groupShuffleSplit(groups: Labels, { nSplits = 5, ...options }: ShuffleSplitOptions = {}): Split[] {
  const { codes, members } = groupBy(groups, 'groups');
  const testSize = options.testSize ?? ((options.trainSize ?? null) === null ? 0.2 : null);
  return shuffleSplit(members.length, { ...options, nSplits, testSize }).map(({ train, test }) => ({
    train: splitBy(codes.length, i => train.includes(codes[i]!)).test,
    test: splitBy(codes.length, i => test.includes(codes[i]!)).test,
  }));
}

/** Options of {@link trainTestSplit}. */
export interface TrainTestOptions extends SizeOptions {
  readonly randomState?: RandomState;
  /** False takes the last samples as tests. */
  readonly shuffle?: boolean;
  /** Labels whose shares both sides keep. */
  readonly stratify?: Labels | null;
}

/**
 * One split: a quarter of the samples to test with by default.
 *
 * @throws {ValidationError} for sizes that the samples do not hold, or `stratify` without `shuffle`
 * @remarks Python: `sklearn.model_selection.train_test_split(indices, test_size=, train_size=, random_state=, shuffle=, stratify=)`; exact.
 * @example trainTestSplit(4, { shuffle: false }) // => { train: new Int32Array([0, 1, 2]), test: new Int32Array([3]) }
 */
export function trainTestSplit(nSamples: number, { randomState = null, shuffle = true, stratify = null, ...size }: TrainTestOptions = {}): Split {
  const testSize = size.testSize ?? ((size.trainSize ?? null) === null ? 0.25 : null);
  if (!shuffle) {
    if (stratify !== null) throw new ValidationError('stratify must be null where samples are not shuffled', { parameter: 'stratify', received: stratify });
    const { nTrain, nTest } = sizes(integer(nSamples, 'nSamples'), { ...size, testSize }, 0.25);
    return { train: Int32Array.from(range(nTrain)), test: Int32Array.from(range(nTest), i => nTrain + i) };
  }
  const options = { ...size, testSize, nSplits: 1, randomState };
  if (stratify === null) return shuffleSplit(nSamples, options)[0]!;
  sameLength({ stratify, samples: { length: nSamples } });
  return stratifiedShuffleSplit(stratify, options)[0]!;
}

/** Options of {@link resample}. */
export interface ResampleOptions {
  /** Whether a sample may be drawn again; true by default. */
  readonly replace?: boolean;
  /** Number of draws; as many as samples when null. */
  readonly n?: number | null;
  readonly randomState?: RandomState;
  /** Labels whose shares are kept. */
  readonly stratify?: Labels | null;
}

/**
 * Places of samples drawn by chance: a bootstrap sample by default.
 *
 * @throws {ValidationError} for more draws than samples without replacement
 * @remarks Python: `sklearn.utils.resample(indices, replace=, n_samples=, random_state=, stratify=)`; exact.
 * @example resample(4, { randomState: 0 }) // => new Int32Array([0, 3, 1, 0])
 */
export function resample(nSamples: number, { replace = true, n = null, randomState = null, stratify = null }: ResampleOptions = {}): Int32Array {
  positive(integer(nSamples, 'nSamples'), 'nSamples');
  const draws = n === null ? nSamples : positive(integer(n, 'n'), 'n');
  if (!replace && draws > nSamples)
    throw new ValidationError(`n must be at most ${nSamples} without replacement, got ${draws}`, { parameter: 'n', received: draws });
  const random = stream(randomState);
  if (stratify === null) return Int32Array.from(replace ? random.choice(nSamples, draws) : random.permutation(nSamples).slice(0, draws));
  sameLength({ stratify, samples: { length: nSamples } });
  const { members } = groupBy(stratify, 'stratify');
  const each = apportion(
    members.map(list => list.length),
    draws,
    random,
  );
  const drawn = members.flatMap((list, k) => random.choice(list.length, each[k]!, { replace }).map(i => list[i]!));
  return Int32Array.from(random.permutation(drawn.length), i => drawn[i]!);
}

/**
 * All samples in another order.
 *
 * @throws {ValidationError} for no samples
 * @remarks Python: `sklearn.utils.shuffle(indices, random_state=)`; exact.
 * @example shuffle(4, { randomState: 0 }) // => new Int32Array([2, 3, 1, 0])
 */
export function shuffle(nSamples: number, { randomState = null }: { readonly randomState?: RandomState } = {}): Int32Array {
  return resample(nSamples, { replace: false, randomState });
}

/** Rows of a table at some places. */
export function take<V>(rows: ArrayLike<V>, places: Int32Array): V[] {
  return Array.from(places, i => rows[i]!);
}

/** Folds: every sample is tested once. */
import { integer, positive, sameLength } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import type { Labels } from '../metrics/labels.js';
import { checkSplits, groupBy, type RandomState, range, type Split, splitsOf, stream } from './split.js';

/** Options of {@link kFold} and its kin. */
export interface FoldOptions {
  /** At least 2; 5 by default. */
  readonly nSplits?: number;
  /** Whether samples (or groups) are shuffled first. */
  readonly shuffle?: boolean;
  readonly randomState?: RandomState;
}

/** Sizes of `parts` parts of n things, the first ones a thing longer. */
function shares(n: number, parts: number): number[] {
  return range(parts).map(part => Math.floor(n / parts) + Number(part < n % parts));
}

/** Hands things out in order: so many to fold 0, so many to fold 1, and so on. */
function deal(counts: readonly number[]): number[] {
  return counts.flatMap((count, fold) => new Array<number>(count).fill(fold));
}

/**
 * Folds of neighbours, the first ones a sample longer.
 *
 * @throws {ValidationError} for fewer than two splits or more than samples
 * @remarks Python: `sklearn.model_selection.KFold(n_splits, shuffle=, random_state=).split(X)`; exact.
 * @example kFold(4, { nSplits: 2 })[0]?.test // => new Int32Array([0, 1])
 */
export function kFold(nSamples: number, { nSplits = 5, shuffle = false, randomState = null }: FoldOptions = {}): Split[] {
  checkSplits(nSplits, integer(nSamples, 'nSamples'), 'samples');
  const order = range(nSamples);
  if (shuffle) stream(randomState).shuffle(order);
  const folds = new Int32Array(nSamples);
  for (const [place, fold] of deal(shares(nSamples, nSplits)).entries()) folds[order[place]!] = fold;
  return splitsOf(folds, nSplits);
}

/** Codes of labels by their first places. */
function codesByPlace(y: Labels): number[] {
  const { codes, members } = groupBy(y, 'y');
  const order = range(members.length).sort((a, b) => members[a]![0]! - members[b]![0]!);
  return codes.map(code => order.indexOf(code));
}

/**
 * Folds that hold of each class what every n-th of the sorted samples does.
 *
 * @throws {ValidationError} when no class has a member for each fold
 * @remarks Python: `sklearn.model_selection.StratifiedKFold(n_splits, shuffle=, random_state=).split(X, y)`; exact.
 * @example stratifiedKFold(['a', 'a', 'b', 'b'], { nSplits: 2 })[0]?.test // => new Int32Array([0, 2])
 */
export function stratifiedKFold(y: Labels, { nSplits = 5, shuffle = false, randomState = null }: FoldOptions = {}): Split[] {
  const codes = codesByPlace(y);
  const sizes = groupBy(codes, 'y').members.map(members => members.length);
  checkSplits(nSplits, Math.max(...sizes), 'members of the largest class');
  const random = shuffle ? stream(randomState) : null;
  const sorted = deal(sizes);
  const queues = sizes.map((_, code) => {
    const counts = range(nSplits).map(fold => sorted.filter((value, i) => i % nSplits === fold && value === code).length);
    const queue = deal(counts);
    return random === null ? queue : random.shuffle(queue);
  });
  const next = sizes.map(() => 0);
  return splitsOf(
    codes.map(code => queues[code]![next[code]!++]!),
    nSplits,
  );
}

/**
 * Folds that keep each group together: the largest group goes to the smallest fold, and so on; shuffled groups are dealt out in equal numbers.
 *
 * @throws {ValidationError} for more splits than groups
 * @remarks Python: `sklearn.model_selection.GroupKFold(n_splits, shuffle=, random_state=).split(X, groups=groups)`; exact.
 * @example groupKFold(['a', 'a', 'b', 'b'], { nSplits: 2 })[0]?.test // => new Int32Array([2, 3])
 */
export function groupKFold(groups: Labels, { nSplits = 5, shuffle = false, randomState = null }: FoldOptions = {}): Split[] {
  const { codes, members } = groupBy(groups, 'groups');
  checkSplits(nSplits, members.length, 'groups');
  const folds = new Int32Array(members.length);
  if (shuffle) {
    const order = stream(randomState).permutation(members.length);
    for (const [place, fold] of deal(shares(members.length, nSplits)).entries()) folds[order[place]!] = fold;
  } else {
    const filled = new Array<number>(nSplits).fill(0);
    const bySize = range(members.length).sort((a, b) => members[b]!.length - members[a]!.length || b - a);
    for (const group of bySize) {
      const fold = filled.indexOf(Math.min(...filled));
      filled[fold]! += members[group]!.length;
      folds[group] = fold;
    }
  }
  return splitsOf(
    codes.map(code => folds[code]!),
    nSplits,
  );
}

/** Deviation of the population. */
function spread(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map(value => (value - centre) ** 2)));
}

/** Whether a number is the other but for rounding, as numpy's `isclose`. */
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-8 + 1e-5 * Math.abs(b);

/** The fold to which a group's classes bring the least spread of class shares; among equals the one with fewest samples. */
function bestFold(counts: readonly number[][], group: readonly number[], totals: readonly number[]): number {
  let [best, least, fewest] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [fold, own] of counts.entries()) {
    const spreads = totals.map((total, k) => spread(counts.map((row, other) => (row[k]! + (other === fold ? group[k]! : 0)) / total)));
    const [value, samples] = [mean(spreads), sum(own)];
    if (value < least || (near(value, least) && samples < fewest)) [best, least, fewest] = [fold, value, samples];
  }
  return best;
}

/**
 * Folds that keep each group together and the classes' shares as even as that allows: groups with the most uneven classes are placed first.
 *
 * @throws {ValidationError} for more splits than groups or than members of every class
 * @remarks Python: `sklearn.model_selection.StratifiedGroupKFold(n_splits, shuffle=, random_state=).split(X, y, groups)`; exact.
 * @example stratifiedGroupKFold([0, 1, 0, 1], ['a', 'a', 'b', 'b'], { nSplits: 2 }).length // => 2
 */
export function stratifiedGroupKFold(y: Labels, groups: Labels, { nSplits = 5, shuffle = false, randomState = null }: FoldOptions = {}): Split[] {
  sameLength({ y, groups });
  const classes = groupBy(y, 'y');
  const { codes, members } = groupBy(groups, 'groups');
  const totals = classes.members.map(list => list.length);
  checkSplits(nSplits, Math.max(...totals), 'members of the largest class');
  checkSplits(nSplits, members.length, 'groups');
  const table = members.map(list => totals.map((_, k) => list.filter(i => classes.codes[i] === k).length));
  const order = range(members.length);
  if (shuffle) stream(randomState).shuffle(order);
  const uneven = table.map(spread);
  order.sort((a, b) => uneven[b]! - uneven[a]!);
  const counts = range(nSplits).map(() => totals.map(() => 0));
  const folds = new Int32Array(members.length);
  for (const group of order) {
    const fold = bestFold(counts, table[group]!, totals);
    table[group]!.forEach((count, k) => {
      counts[fold]![k]! += count;
    });
    folds[group] = fold;
  }
  return splitsOf(
    codes.map(code => folds[code]!),
    nSplits,
  );
}

/** Options of {@link repeatedKFold}. */
export interface RepeatedOptions {
  /** 5 by default. */
  readonly nSplits?: number;
  /** 10 by default. */
  readonly nRepeats?: number;
  readonly randomState?: RandomState;
}

/** Shuffled folds of one stream, over and over. */
function repeat(nRepeats: number, randomState: RandomState, folds: (options: FoldOptions) => Split[], nSplits: number): Split[] {
  positive(integer(nRepeats, 'nRepeats'), 'nRepeats');
  const random = stream(randomState);
  return range(nRepeats).flatMap(() => folds({ nSplits, shuffle: true, randomState: random }));
}

/**
 * Shuffled {@link kFold}, repeated.
 *
 * @throws {ValidationError} as `kFold`, or for no repeat
 * @remarks Python: `sklearn.model_selection.RepeatedKFold(n_splits=, n_repeats=, random_state=)`; exact.
 * @example repeatedKFold(6, { nSplits: 2, nRepeats: 3, randomState: 0 }).length // => 6
 */
export function repeatedKFold(nSamples: number, { nSplits = 5, nRepeats = 10, randomState = null }: RepeatedOptions = {}): Split[] {
  return repeat(nRepeats, randomState, options => kFold(nSamples, options), nSplits);
}

/**
 * Shuffled {@link stratifiedKFold}, repeated.
 *
 * @throws {ValidationError} as `stratifiedKFold`, or for no repeat
 * @remarks Python: `sklearn.model_selection.RepeatedStratifiedKFold(n_splits=, n_repeats=, random_state=)`; exact.
 * @example repeatedStratifiedKFold([0, 0, 1, 1], { nSplits: 2, nRepeats: 3, randomState: 0 }).length // => 6
 */
export function repeatedStratifiedKFold(y: Labels, { nSplits = 5, nRepeats = 10, randomState = null }: RepeatedOptions = {}): Split[] {
  return repeat(nRepeats, randomState, options => stratifiedKFold(y, options), nSplits);
}

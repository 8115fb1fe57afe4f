/** What all splitters share: a split, the random stream, groups of equal values. */
import { inRange, integer, nonEmpty, ValidationError } from '@gtc/errors';
import { NumpyRandomState } from '@gtc/tensor/random';
import { type Label, type Labels, uniqueLabels } from '../metrics/labels.js';

/** Places of the samples to train on and to test with. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** A seed of 32 bits, a stream that goes on, or null for another one every time. */
export type RandomState = number | NumpyRandomState | null;

/** The stream of a seed. */
export function stream(randomState: RandomState | undefined): NumpyRandomState {
  return randomState instanceof NumpyRandomState ? randomState : new NumpyRandomState(randomState ?? null);
}

/** The integers below n. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

/** Both sides of a test set, ascending. */
export function splitBy(n: number, isTest: (sample: number) => boolean): Split {
  const samples = range(n);
  return { train: Int32Array.from(samples.filter(i => !isTest(i))), test: Int32Array.from(samples.filter(isTest)) };
}

/** The splits of which fold k tests the samples of fold k. */
export function splitsOf(folds: ArrayLike<number>, nSplits: number): Split[] {
  return range(nSplits).map(fold => splitBy(folds.length, i => folds[i] === fold));
}

/** The distinct values of an array in ascending order, and the places of each. */
export interface Grouping {
  readonly values: readonly Label[];
  readonly codes: readonly number[];
  readonly members: readonly (readonly number[])[];
}

/** Groups an array by its values. */
export function groupBy(values: Labels, name: string): Grouping {
  const distinct = uniqueLabels(nonEmpty(values as object, name) as Labels);
  const index = new Map(distinct.map((value, code) => [value, code]));
  const codes = Array.from(values, value => index.get(value)!);
  const members: number[][] = distinct.map(() => []);
  codes.forEach((code, i) => {
    members[code]!.push(i);
  });
  return { values: distinct, codes, members };
}

/** @throws {ValidationError} unless there are at least two folds, and at most as many as there are things to share among them */
export function checkSplits(nSplits: number, most: number, what: string): void {
  inRange(integer(nSplits, 'nSplits'), 'nSplits', { min: 2 });
  if (nSplits > most) throw new ValidationError(`nSplits must be at most the ${most} ${what}, got ${nSplits}`, { parameter: 'nSplits', received: nSplits });
}

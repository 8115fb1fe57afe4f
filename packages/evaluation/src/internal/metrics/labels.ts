/** Class labels: which occur, in which order, and each array of labels as small integers. */
import { nonEmpty, notNull, oneOf, ShapeError, sameLength, ValidationError } from '@gtc/errors';

/** A class. */
export type Label = number | string | boolean;
/** One label for each sample. */
export type Labels = ArrayLike<Label>;
/** One 0/1 row for each sample: which of the columns' labels it has. */
export type Indicator = readonly ArrayLike<number>[];

/** Ascending order: numbers by size, text by code unit. */
function compareLabels(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True for a 2-d 0/1 array, that is for multilabel targets. */
export function isIndicator(values: Labels | Indicator): values is Indicator {
  const first = notNull(values, 'yTrue')[0];
  return typeof first === 'object' && first !== null;
}

/** Typed arrays that cannot hold NaN. */
function holdsIntegers(values: unknown): boolean {
  return ArrayBuffer.isView(values) && !(values instanceof Float64Array || values instanceof Float32Array);
}

/** Checks two label arrays: present, not empty, equally long, no NaN. Returns their length. */
export function checkPair(yTrue: Labels, yPred: Labels): number {
  nonEmpty(yTrue as object, 'yTrue');
  const n = sameLength({ yTrue, yPred });
  for (const [name, values] of Object.entries({ yTrue, yPred })) {
    if (holdsIntegers(values)) continue;
    for (let i = 0; i < n; i++)
      if (Number.isNaN(values[i]))
        throw new ValidationError(`${name} must not contain NaN, found one at index ${i}`, { parameter: name, received: Number.NaN });
  }
  return n;
}

/** Checks sample weights: one for each sample, finite. */
export function checkWeights(sampleWeight: ArrayLike<number> | null | undefined, n: number): ArrayLike<number> | null {
  if (sampleWeight === null || sampleWeight === undefined) return null;
  if (sampleWeight.length !== n)
    throw new ShapeError(`sampleWeight must have length ${n}, got ${sampleWeight.length}`, { parameter: 'sampleWeight', received: sampleWeight.length });
  for (let i = 0; i < n; i++)
    if (!Number.isFinite(sampleWeight[i]))
      throw new ValidationError(`sampleWeight must be finite, got ${sampleWeight[i]} at index ${i}`, { parameter: 'sampleWeight', received: sampleWeight[i] });
  return sampleWeight;
}

/** The distinct labels of both arrays in ascending order. */
export function uniqueLabels(...arrays: readonly Labels[]): Label[] {
  const seen = new Set<Label>();
  for (const array of arrays) for (let i = 0; i < array.length; i++) seen.add(array[i]!);
  return [...seen].sort(compareLabels);
}

/** Two label arrays as indices into `labels`. */
export interface Encoded {
  readonly labels: readonly Label[];
  readonly yTrue: ArrayLike<number>;
  readonly yPred: ArrayLike<number>;
}

/** A stretch of integers: the smallest, and how many from there to the greatest. */
export interface IntegerRange {
  readonly low: number;
  readonly size: number;
}

/** The range of one array when all its values are integers of 32 bits, else null. */
function rangeOf(values: Labels): readonly [low: number, high: number] | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (typeof value !== 'number' || (value | 0) !== value) return null;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The range of both arrays when it is short enough for a table of counts, else null. */
export function tableRange(yTrue: Labels, yPred: Labels): IntegerRange | null {
  const [a, b] = [rangeOf(yTrue), rangeOf(yPred)];
  if (a === null || b === null) return null;
  const low = Math.min(a[0], b[0]);
  const size = Math.max(a[1], b[1]) - low + 1;
  return size <= 512 ? { low, size } : null;
}

/** Encodes both arrays by the union of their labels. */
export function encode(yTrue: Labels, yPred: Labels): Encoded {
  const labels = uniqueLabels(yTrue, yPred);
  const index = new Map(labels.map((label, i) => [label, i]));
  const codes = (values: Labels): Int32Array => Int32Array.from(values as ArrayLike<never>, value => index.get(value)!);
  return { labels, yTrue: codes(yTrue), yPred: codes(yPred) };
}

/** Checks a 0/1 indicator pair and returns its shape. */
export function checkIndicators(yTrue: Indicator, yPred: Indicator): { readonly n: number; readonly k: number } {
  const n = sameLength({ yTrue, yPred });
  const k = yTrue[0]!.length;
  for (const [name, rows] of Object.entries({ yTrue, yPred })) {
    rows.forEach((row, i) => {
      if (row.length !== k)
        throw new ShapeError(`${name} must have ${k} columns in every row, got ${row.length} in row ${i}`, { parameter: name, received: row.length });
      for (let j = 0; j < k; j++) oneOf(row[j], name, [0, 1]);
    });
  }
  return { n, k };
}

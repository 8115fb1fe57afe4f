/** Checks of arguments, in the words of definitions; each returns what it checked. */
import { ShapeError, ValidationError } from './errors.js';
import { type Bounds, breaksBounds, describeBounds } from './rules.js';
import { show } from './show.js';

function mustBe(expected: string, value: unknown, name: string): ValidationError {
  return new ValidationError(`${name} must be ${expected}, got ${show(value)}`, { parameter: name, received: value, expected });
}

/**
 * Refuses null and undefined.
 *
 * @throws {ValidationError} `name cannot be null`
 * @remarks Python: `validate_not_none(value, name)`.
 * @example notNull(null, 'model') // throws model cannot be null
 */
export function notNull<V>(value: V, name: string): NonNullable<V> {
  if (value === null || value === undefined) throw new ValidationError(`${name} cannot be null`, { parameter: name, received: value, expected: 'present' });
  return value;
}

/**
 * Refuses what is no number; NaN and infinities are numbers.
 *
 * @example number('3', 'epochs') // throws epochs must be a number, got '3'
 */
export function number(value: number, name: string): number {
  if (typeof notNull(value, name) !== 'number') throw mustBe('a number', value, name);
  return value;
}

/**
 * Refuses NaN and infinities.
 *
 * @example finite(Number.NaN, 'loss') // throws loss must be finite, got NaN
 */
export function finite(value: number, name: string): number {
  if (!Number.isFinite(number(value, name))) throw mustBe('finite', value, name);
  return value;
}

/**
 * Refuses fractions.
 *
 * @example integer(1.5, 'k') // throws k must be an integer, got 1.5
 */
export function integer(value: number, name: string): number {
  if (!Number.isInteger(notNull(value, name))) throw mustBe('an integer', value, name);
  return value;
}

/**
 * Refuses zero and less. NaN passes, as `value <= 0` does in Python; use {@link finite} where it must not.
 *
 * @example positive(0, 'hiddenSize') // throws hiddenSize must be positive, got 0
 */
export function positive(value: number, name: string): number {
  if (number(value, name) <= 0) throw mustBe('positive', value, name);
  return value;
}

/**
 * Refuses what is below zero.
 *
 * @example nonNegative(-1, 'step') // throws step must be non-negative, got -1
 */
export function nonNegative(value: number, name: string): number {
  if (number(value, name) < 0) throw mustBe('non-negative', value, name);
  return value;
}

/**
 * Refuses the first of several that is zero or less.
 *
 * @example allPositive({ batchSize: 8, hiddenSize: 0 }) // throws hiddenSize must be positive, got 0
 */
export function allPositive(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) positive(value, name);
}

/**
 * Refuses the first of several that is below zero.
 *
 * @example allNonNegative({ hits: 3, misses: -1 }) // throws misses must be non-negative, got -1
 */
export function allNonNegative(values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) nonNegative(value, name);
}

/**
 * Refuses what lies outside the bounds.
 *
 * @example inRange(1.5, 'dropout', { min: 0, below: 1 }) // throws dropout must be in [0, 1), got 1.5
 */
export function inRange(value: number, name: string, bounds: Bounds): number {
  if (breaksBounds(number(value, name), bounds)) throw mustBe(describeBounds(bounds), value, name);
  return value;
}

/**
 * Refuses what is not among `allowed`.
 *
 * @example oneOf('median', 'average', ['macro', 'micro']) // throws average must be one of macro, micro, got 'median'
 */
export function oneOf<V>(value: unknown, name: string, allowed: Iterable<V>): V {
  const values = [...allowed];
  if (!values.includes(value as V)) throw mustBe(`one of ${values.map(String).sort().join(', ')}`, value, name);
  return value as V;
}

/** What has a length or a size. */
export type Sized = { readonly length: number } | { readonly size: number };

function sizeOf(value: object): number {
  const { length, size } = value as { length?: number; size?: number };
  return length ?? size ?? Object.keys(value).length;
}

/**
 * Refuses an empty string, array, set, map or object.
 *
 * @example nonEmpty([], 'labels') // throws labels cannot be empty
 */
export function nonEmpty<V extends string | object>(value: V, name: string): V {
  if (sizeOf(typeof notNull(value, name) === 'string' ? { length: (value as string).length } : (value as object)) === 0) {
    throw new ValidationError(`${name} cannot be empty`, { parameter: name, received: value, expected: 'not empty' });
  }
  return value;
}

/**
 * Refuses arrays of different lengths and returns the common one.
 *
 * @throws {ShapeError} naming the two that differ and their lengths
 * @example sameLength({ predictions: [1, 0], labels: [1] }) // throws predictions and labels must have the same length, got 2 and 1
 */
export function sameLength(arrays: Readonly<Record<string, Sized>>): number {
  const [first, ...rest] = Object.entries(arrays).map(([name, array]) => [name, sizeOf(notNull(array, name))] as const);
  if (first === undefined) return 0;
  for (const [name, size] of rest) {
    if (size !== first[1])
      throw new ShapeError(`${first[0]} and ${name} must have the same length, got ${first[1]} and ${size}`, {
        parameter: name,
        received: size,
        expected: `length ${first[1]}`,
      });
  }
  return first[1];
}

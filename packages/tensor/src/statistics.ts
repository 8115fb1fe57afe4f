/** Sums and means of plain arrays, added from left to right as Python's `sum` does. */

/**
 * Sum of values, 0 without any.
 *
 * @remarks Python: `sum(values)` before 3.12, which adds without compensation.
 * @example sum([1, 2, 3]) // => 6
 */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Mean of values, NaN without any.
 *
 * @remarks Python: `sum(values) / len(values)`.
 * @example mean([1, 2, 6]) // => 3
 */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

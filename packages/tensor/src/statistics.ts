/** Sums, means, products and softmax of plain arrays, added from left to right as Python's `sum` does. */

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

/**
 * Sum of the products of two vectors of one length.
 *
 * @remarks Python: `sum(x * y for x, y in zip(a, b))`; within 1e-12 of `numpy.dot`.
 * @example dot([1, 2], [3, 4]) // => 11
 */
export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, value, index) => total + value * b[index]!, 0);
}

/** Whether a sum of squares neither overflowed nor lost digits. */
const isExact = (square: number): boolean => square > 1e-280 && square < Number.POSITIVE_INFINITY;

const largestOf = (vector: readonly number[]): number => vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/**
 * Euclidean length of a vector, also where squares would over- or underflow.
 *
 * @remarks Python: `numpy.linalg.norm(vector)`.
 * @example norm([3, 4]) // => 5
 * @example norm([3e-200, 4e-200]) // => 5e-200
 */
export function norm(vector: readonly number[]): number {
  const square = dot(vector, vector);
  if (isExact(square)) return Math.sqrt(square);
  const largest = largestOf(vector);
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  const scaled = vector.map(value => value / largest);
  return largest * Math.sqrt(dot(scaled, scaled));
}

/**
 * Cosine of the angle between two vectors of one length, 0 where one is zero.
 *
 * @remarks Python: `numpy.dot(a, b) / (numpy.linalg.norm(a) * numpy.linalg.norm(b))`.
 * @example cosine([1, 0], [1, 1]) // => 0.7071067811865475
 */
export function cosine(a: readonly number[], b: readonly number[]): number {
  const squares = [dot(a, a), dot(b, b)] as const;
  if (squares.every(isExact)) return dot(a, b) / (Math.sqrt(squares[0]) * Math.sqrt(squares[1]));
  const [largestA, largestB] = [largestOf(a), largestOf(b)];
  if (largestA === 0 || largestB === 0) return 0;
  const [scaledA, scaledB] = [a.map(value => value / largestA), b.map(value => value / largestB)];
  return dot(scaledA, scaledB) / (norm(scaledA) * norm(scaledB));
}

/**
 * Probabilities that sum to 1 from logits, counted from the greatest so that none overflows.
 *
 * @remarks Python: `scipy.special.softmax(logits)`; within 1e-15.
 * @example softmax([0, 0]) // => [0.5, 0.5]
 */
export function softmax(logits: readonly number[]): number[] {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const weights = logits.map(logit => Math.exp(logit - largest));
  const total = sum(weights);
  return weights.map(weight => weight / total);
}

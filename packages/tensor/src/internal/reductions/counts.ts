/** Counting elements in bins, and how variables vary together. */
import { integer, nonNegative, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import { div, sub } from '../elementwise/arithmetic.js';
import { sqrt } from '../elementwise/exponential.js';
import { clip } from '../elementwise/rounding.js';
import { indicesOf } from '../indexing/flat.js';
import { matmul, outer } from '../products/matmul.js';
import { diagonal, reshape, swapaxes } from '../shape/views.js';
import { mean } from './sums.js';

/**
 * How often each of the integers 0, 1, ... occurs, or the sum of its weights.
 *
 * @param options `weights` of elements; `minlength` least number of counts
 * @throws {ValidationError} for a negative integer
 * @remarks Python: `torch.bincount(x, weights, minlength)`.
 * @example bincount(tensor([1, 1, 3], { dtype: 'int32' })).tolist() // => [0, 2, 0, 1]
 */
export function bincount(x: Tensor, { weights, minlength = 0 }: { readonly weights?: Tensor; readonly minlength?: number } = {}): Tensor {
  const values = Array.from(indicesOf(x, 'bincount'), value => nonNegative(value, 'x'));
  if (weights !== undefined && weights.size !== x.size)
    throw new ShapeError(`bincount: weights ${showShape(weights.shape)} must have the shape ${showShape(x.shape)}`, {
      parameter: 'weights',
      received: weights.shape,
    });
  const counts = new Float64Array(values.reduce((most, value) => Math.max(most, value + 1), integer(minlength, 'minlength')));
  const each = weights === undefined ? null : numbersOf(weights);
  for (const [i, value] of values.entries()) counts[value]! += each === null ? 1 : each[i]!;
  return wrap(counts, [counts.length], 'float64').astype(weights === undefined ? 'int64' : weights.dtype);
}

/** How a histogram is cut. */
export interface HistogramOptions {
  /** Number of bins of equal width, or their ascending edges. Default: 10. */
  readonly bins?: number | Tensor;
  /** Lowest and highest edge; those of the data by default. */
  readonly range?: readonly [number, number];
  /** Whether counts are divided so that the area is 1. */
  readonly density?: boolean;
}

/**
 * How many elements fall between edges; the last bin holds its upper edge.
 *
 * @returns `counts`, and the `edges`, one more
 * @remarks Python: `numpy.histogram(x, bins, range, density)`.
 * @example histogram(tensor([1, 2, 2, 3]), { bins: 2 }).counts.tolist() // => [1, 3]
 */
export function histogram(x: Tensor, { bins = 10, range, density = false }: HistogramOptions = {}): { counts: Tensor; edges: Tensor } {
  const values = numbersOf(x);
  const edges = typeof bins === 'number' ? evenEdges(values, bins, range) : Float64Array.from(numbersOf(bins));
  if (edges.length < 2 || edges.some((edge, i) => i > 0 && !(edge >= edges[i - 1]!)))
    throw new ValidationError('histogram: bins must be at least one, their edges ascending', { parameter: 'bins', received: edges.length - 1 });
  const counts = new Float64Array(edges.length - 1);
  const last = edges.length - 1;
  for (const value of values) {
    if (!(value >= edges[0]! && value <= edges[last]!)) continue;
    let [low, high] = [0, last];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value >= edges[middle]!) low = middle;
      else high = middle;
    }
    counts[low]!++;
  }
  const total = counts.reduce((sum, n) => sum + n, 0);
  const shown = density ? counts.map((n, i) => n / total / (edges[i + 1]! - edges[i]!)) : counts;
  const tensorOf = (data: Float64Array): Tensor => wrap(data, [data.length], 'float64');
  return { counts: density ? tensorOf(shown) : tensorOf(shown).astype('int64'), edges: tensorOf(edges) };
}

function evenEdges(values: ArrayLike<number>, bins: number, range: readonly [number, number] | undefined): Float64Array {
  let [low, high] = range ?? (values.length === 0 ? [0, 1] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
  if (range === undefined)
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i]!);
      high = Math.max(high, values[i]!);
    }
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
    throw new ValidationError(`histogram: range must be finite and ascending, got ${low} to ${high}`, { parameter: 'range', received: range });
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return Float64Array.from({ length: Math.max(0, integer(bins, 'bins')) + 1 }, (_, i) => (i === bins ? high : low + (i * (high - low)) / bins));
}

/**
 * Covariances of variables in rows.
 *
 * @param options `correction` taken off the number of observations
 * @remarks Python: `torch.cov(x, correction=1)`.
 * @example cov(tensor([[1, 3], [2, 6]])).tolist() // => [[2, 4], [4, 8]]
 */
export function cov(x: Tensor, { correction = 1 }: { readonly correction?: number } = {}): Tensor {
  const rows = x.ndim < 2 ? reshape(x, [1, -1]) : x;
  const centered = sub(rows, mean(rows, { axis: 1, keepdims: true }));
  const spread = div(matmul(centered, swapaxes(centered, 0, 1)), Math.max(0, rows.shape[1]! - correction));
  return x.ndim < 2 ? reshape(spread, []) : spread;
}

/**
 * Correlations of variables in rows, within [-1, 1].
 *
 * @remarks Python: `torch.corrcoef(x)`.
 * @example corrcoef(tensor([[1, 3], [2, 6]])).tolist() // => [[1, 1], [1, 1]]
 */
export function corrcoef(x: Tensor): Tensor {
  const spread = cov(x);
  if (x.ndim < 2) return div(spread, spread);
  const width = sqrt(diagonal(spread));
  return clip(div(spread, outer(width, width)), -1, 1);
}

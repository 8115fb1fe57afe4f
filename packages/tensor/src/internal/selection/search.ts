/** Sets, searching in sorted vectors, interpolation and quantiles. */
import { oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { promoteTypes } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import type { NumberArray } from '../core/storage.js';
import { add, mul, sub } from '../elementwise/arithmetic.js';
import { floatsOnly } from '../elementwise/comparison.js';
import { takeFlat } from '../indexing/flat.js';
import { maskedSelect } from '../indexing/gather.js';
import { lanesOf, type ReduceOptions } from '../reductions/lanes.js';
import { cat } from '../shape/join.js';
import { reshape } from '../shape/views.js';
import { ascending, orderOf, unique } from './sort.js';

const flat = (x: Tensor): Tensor => reshape(x, [-1]);

/** Distinct elements of a vector that lie, or do not lie, among others. */
function among(x: Tensor, others: Tensor, inside: boolean): Tensor {
  const values = unique(x).values;
  return maskedSelect(values, isin(values, others, { invert: !inside }));
}

/**
 * Whether each element is among others.
 *
 * @param options `invert` whether it is not
 * @remarks Python: `torch.isin(x, others)`.
 * @example isin(tensor([1, 2]), tensor([2, 3])).tolist() // => [false, true]
 */
export function isin(x: Tensor, others: Tensor, { invert = false }: { readonly invert?: boolean } = {}): Tensor {
  const known = new Set<number>(numbersOf(others));
  known.delete(Number.NaN);
  return wrap(
    Uint8Array.from(numbersOf(x), value => Number(known.has(value) !== invert)),
    x.shape,
    'bool',
  );
}

/**
 * Distinct elements of both, in order.
 *
 * @remarks Python: `numpy.intersect1d(a, b)`.
 * @example intersect1d(tensor([3, 1, 2]), tensor([2, 3])).tolist() // => [2, 3]
 */
export function intersect1d(a: Tensor, b: Tensor): Tensor {
  return among(a, b, true);
}

/**
 * Distinct elements of either, in order.
 *
 * @remarks Python: `numpy.union1d(a, b)`.
 * @example union1d(tensor([3, 1]), tensor([2, 3])).tolist() // => [1, 2, 3]
 */
export function union1d(a: Tensor, b: Tensor): Tensor {
  return unique(cat([flat(a), flat(b)])).values;
}

/**
 * Distinct elements of the first that are not in the second, in order.
 *
 * @remarks Python: `numpy.setdiff1d(a, b)`.
 * @example setdiff1d(tensor([3, 1, 2]), tensor([2])).tolist() // => [1, 3]
 */
export function setdiff1d(a: Tensor, b: Tensor): Tensor {
  return among(a, b, false);
}

/**
 * Distinct elements of exactly one of both, in order.
 *
 * @remarks Python: `numpy.setxor1d(a, b)`.
 * @example setxor1d(tensor([3, 1]), tensor([2, 3])).tolist() // => [1, 2]
 */
export function setxor1d(a: Tensor, b: Tensor): Tensor {
  return unique(cat([setdiff1d(a, b), setdiff1d(b, a)])).values;
}

/** First position in a sorted range whose element is not before the value (left), or after it (right). */
function bound(at: (i: number) => number, length: number, value: number, right: boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = ascending(at(middle), value);
    if (order < 0 || (right && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Where values would be inserted into sorted ones: before equal ones (left) or after them (right). Sorted matrices are searched row by row.
 *
 * @param sorted ascending along the last axis
 * @param options `side`, and a `sorter` of indices that sorts a vector
 * @remarks Python: `torch.searchsorted(sorted, values, side=side)`.
 * @example searchsorted(tensor([1, 3, 5]), tensor([3])).tolist() // => [1]
 */
export function searchsorted(
  sorted: Tensor,
  values: Tensor | number,
  { side = 'left', sorter }: { readonly side?: 'left' | 'right'; readonly sorter?: Tensor } = {},
): Tensor {
  const right = oneOf(side, 'side', ['left', 'right']) === 'right';
  const wanted = typeof values === 'number' ? tensor(values, { dtype: 'float64' }) : values;
  const [data, length] = [numbersOf(sorted), sorted.shape.at(-1)!];
  const order = sorter === undefined ? null : numbersOf(sorter);
  const width = wanted.shape.at(-1) ?? 1;
  const rows = sorted.ndim > 1;
  if (rows && showShape(sorted.shape.slice(0, -1)) !== showShape(wanted.shape.slice(0, -1)))
    throw new ShapeError(`searchsorted: values ${showShape(wanted.shape)} need the rows of ${showShape(sorted.shape)}`, {
      parameter: 'values',
      received: wanted.shape,
    });
  const found = Int32Array.from(numbersOf(wanted), (value, i) => {
    const start = rows ? Math.floor(i / width) * length : 0;
    return bound(k => data[start + (order === null ? k : order[k]!)]!, length, value, right);
  });
  return wrap(found, wanted.shape, 'int32');
}

/**
 * The bucket of each element between sorted boundaries.
 *
 * @param options `right` whether a bucket contains its lower instead of its upper boundary
 * @remarks Python: `torch.bucketize(x, boundaries, right=right)`.
 * @example bucketize(tensor([1, 2]), tensor([1, 3])).tolist() // => [0, 1]
 */
export function bucketize(x: Tensor, boundaries: Tensor, { right = false }: { readonly right?: boolean } = {}): Tensor {
  return searchsorted(boundaries, x, { side: right ? 'right' : 'left' });
}

/**
 * The bin of each element between edges that ascend or descend.
 *
 * @param options `right` whether a bin contains its upper instead of its lower edge
 * @remarks Python: `numpy.digitize(x, bins, right)`.
 * @example digitize(tensor([0.5, 2]), tensor([0, 1, 2])).tolist() // => [1, 3]
 */
export function digitize(x: Tensor, bins: Tensor, { right = false }: { readonly right?: boolean } = {}): Tensor {
  const edges = numbersOf(bins);
  if (edges.length < 2 || edges[0]! <= edges.at(-1)!) return searchsorted(bins, x, { side: right ? 'left' : 'right' });
  const found = searchsorted(bins.flip(), x, { side: right ? 'left' : 'right' });
  return sub(edges.length, found);
}

/**
 * Values between known points, on straight lines; beyond the ends the last known value.
 *
 * @param x where
 * @param xp ascending positions of the points
 * @param fp values at them
 * @remarks Python: `numpy.interp(x, xp, fp)`.
 * @example interp(tensor([1.5]), tensor([1, 2]), tensor([10, 20])).tolist() // => [15]
 */
export function interp(x: Tensor, xp: Tensor, fp: Tensor): Tensor {
  const [xs, ys] = [numbersOf(xp), numbersOf(fp)];
  if (xs.length !== ys.length || xs.length === 0)
    throw new ShapeError(`interp: ${xs.length} positions for ${ys.length} values`, { parameter: 'fp', received: fp.shape });
  const last = xs.length - 1;
  const of = (at: number): number => {
    if (Number.isNaN(at)) return at;
    if (at <= xs[0]!) return ys[0]!;
    if (at >= xs[last]!) return ys[last]!;
    const k = bound(i => xs[i]!, xs.length, at, true) - 1;
    return ys[k]! + ((ys[k + 1]! - ys[k]!) / (xs[k + 1]! - xs[k]!)) * (at - xs[k]!);
  };
  const dtype = promoteTypes(promoteTypes(x.dtype, fp.dtype), 'float32');
  return wrap(Float64Array.from(numbersOf(x), of), x.shape, 'float64').astype(dtype);
}

/** How a quantile falls between two elements (Hyndman and Fan 1996, and numpy's names). */
export type QuantileMethod =
  | 'linear'
  | 'lower'
  | 'higher'
  | 'nearest'
  | 'midpoint'
  | 'inverted_cdf'
  | 'averaged_inverted_cdf'
  | 'closest_observation'
  | 'interpolated_inverted_cdf'
  | 'hazen'
  | 'weibull'
  | 'median_unbiased'
  | 'normal_unbiased';

/** The two plotting constants of continuous methods: `n q + a + q (1 - a - b)`, counted from 1. */
const CONTINUOUS: Readonly<Partial<Record<QuantileMethod, readonly [a: number, b: number]>>> = {
  interpolated_inverted_cdf: [0, 1],
  hazen: [0.5, 0.5],
  weibull: [0, 0],
  linear: [1, 1],
  median_unbiased: [1 / 3, 1 / 3],
  normal_unbiased: [3 / 8, 3 / 8],
};

const evenHalf = (value: number): number => (value % 1 === 0.5 && Math.floor(value) % 2 === 0 ? Math.floor(value) : Math.round(value));

/** Position among `n` sorted elements, counted from 0, of methods that choose elements. */
const DISCRETE: Readonly<Partial<Record<QuantileMethod, (n: number, q: number) => number>>> = {
  lower: (n, q) => Math.floor((n - 1) * q),
  higher: (n, q) => Math.ceil((n - 1) * q),
  nearest: (n, q) => evenHalf((n - 1) * q),
  midpoint: (n, q) => (Math.floor((n - 1) * q) + Math.ceil((n - 1) * q)) / 2,
  inverted_cdf: (n, q) => Math.ceil(n * q) - 1,
  averaged_inverted_cdf: (n, q) => (n * q === Math.floor(n * q) ? n * q - 0.5 : Math.ceil(n * q) - 1),
  // The nearest of n q, counted from 1; of two equally near the even one.
  closest_observation: (n, q) => evenHalf(n * q) - 1,
};

/** Position of a quantile among `n` sorted elements; fractions lie between two. */
function positionOf(method: QuantileMethod, n: number, q: number): number {
  const constants = CONTINUOUS[method];
  const at = constants === undefined ? DISCRETE[method]!(n, q) : n * q + constants[0] + q * (1 - constants[0] - constants[1]) - 1;
  return Math.min(Math.max(at, 0), n - 1);
}

const METHODS = [...Object.keys(CONTINUOUS), ...Object.keys(DISCRETE)];

/** A quantile's options. */
export interface QuantileOptions extends ReduceOptions {
  /** Default: 'linear'. */
  readonly method?: QuantileMethod;
}

/** Quantiles of lanes; NaN elements decide (they make a lane NaN) or are left out. */
function quantiles(name: string, x: Tensor, q: Tensor | number, { method = 'linear', ...options }: QuantileOptions, skipNan: boolean): Tensor {
  floatsOnly(name, x);
  oneOf(method, 'method', METHODS);
  const levels = typeof q === 'number' ? [q] : Array.from(numbersOf(q));
  const odd = levels.find(level => !(level >= 0 && level <= 1));
  if (odd !== undefined) throw new ValidationError(`${name}: q must be in [0, 1], got ${odd}`, { parameter: 'q', received: odd });
  const { data, length, count, shape } = lanesOf(x, options, name);
  if (length === 0) throw new ValidationError(`${name}: needs at least one element`, { parameter: 'x', received: x.shape });
  const places = lanePlaces(x, options, name);
  const [low, high] = [new Int32Array(levels.length * count), new Int32Array(levels.length * count)];
  const weight = new Float64Array(levels.length * count);
  for (let lane = 0; lane < count; lane++) {
    const start = lane * length;
    const order = orderOf(data, start, start + length, false);
    // NaN is last.
    let numbers = length;
    while (numbers > 0 && Number.isNaN(data[start + order[numbers - 1]!]!)) numbers--;
    const n = skipNan ? numbers : length;
    for (const [k, level] of levels.entries()) {
      // A lane with a NaN, or of NaN only, points at it.
      const at = numbers < n || n === 0 ? length - 1 : positionOf(method, n, level);
      const slot = k * count + lane;
      low[slot] = places[start + order[Math.floor(at)]!]!;
      high[slot] = places[start + order[Math.ceil(at)]!]!;
      weight[slot] = at - Math.floor(at);
    }
  }
  const out = typeof q === 'number' ? shape : [...q.shape, ...shape];
  const [below, above] = [low, high].map(each => takeFlat(x, each, out, name)) as [Tensor, Tensor];
  return add(below, mul(sub(above, below), wrap(weight, out, 'float64').astype(x.dtype)));
}

/** Row-major position in a tensor of every element of its lanes. */
function lanePlaces(x: Tensor, options: ReduceOptions, name: string): NumberArray {
  return lanesOf(
    wrap(
      Int32Array.from({ length: x.size }, (_, i) => i),
      x.shape,
      'int32',
    ),
    options,
    name,
  ).data;
}

/**
 * Quantiles over axes; those of several levels lie along new first axes. NaN where there is one.
 *
 * @param q level in [0, 1], or a tensor of them
 * @param options `method` of numpy's thirteen, 'linear' by default
 * @remarks Python: `numpy.quantile(x, q, axis, method=method)`, `torch.quantile`.
 * @example quantile(tensor([1, 2, 3, 4]), 0.5).item() // => 2.5
 */
export function quantile(x: Tensor, q: Tensor | number, options: QuantileOptions = {}): Tensor {
  return quantiles('quantile', x, q, options, false);
}

/**
 * Quantiles of the elements that are not NaN.
 *
 * @remarks Python: `numpy.nanquantile(x, q, axis)`.
 * @example nanquantile(tensor([1, NaN, 3]), 0.5).item() // => 2
 */
export function nanquantile(x: Tensor, q: Tensor | number, options: QuantileOptions = {}): Tensor {
  return quantiles('nanquantile', x, q, options, true);
}

/**
 * Percentiles over axes.
 *
 * @param q in [0, 100]
 * @remarks Python: `numpy.percentile(x, q, axis)`.
 * @example percentile(tensor([1, 2, 3]), 50).item() // => 2
 */
export function percentile(x: Tensor, q: Tensor | number, options: QuantileOptions = {}): Tensor {
  return quantile(x, typeof q === 'number' ? q / 100 : q.div(100), options);
}

/**
 * The median over axes: of an even number of elements the mean of the two in the middle. NaN where there is one.
 *
 * @remarks Python: `numpy.median(x, axis)`; `medianLower` is torch's.
 * @example median(tensor([1, 2, 3, 4])).item() // => 2.5
 */
export function median(x: Tensor, options: ReduceOptions = {}): Tensor {
  return quantiles('median', x, 0.5, options, false);
}

/**
 * The median of the elements that are not NaN.
 *
 * @remarks Python: `numpy.nanmedian(x, axis)`.
 * @example nanmedian(tensor([1, NaN, 3])).item() // => 2
 */
export function nanmedian(x: Tensor, options: ReduceOptions = {}): Tensor {
  return quantiles('nanmedian', x, 0.5, options, true);
}

/** Sorting along an axis and what follows from order: the largest, the k-th, the most frequent, the distinct. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { axisOf } from '../core/shape.js';
import type { NumberArray } from '../core/storage.js';
import { takeFlat } from '../indexing/flat.js';
import { indexSelect, takeAlongAxis } from '../indexing/gather.js';
import { get } from '../indexing/select.js';
import type { AxisOptions, ValuesAndIndices } from '../reductions/extremes.js';
import { pick } from '../reductions/extremes.js';
import { lanesOf, mapLanes, reduceLanes } from '../reductions/lanes.js';
import { contiguous, moveaxis, reshape } from '../shape/views.js';
import { radixOrder } from './radix.js';

/** Options of an order along one axis. */
export interface SortOptions {
  /** Default: the last. */
  readonly axis?: number;
  readonly descending?: boolean;
}

/** Ascending, NaN above every number. */
export const ascending = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)));

/** From so many numbers on, counting digits is faster than comparing. */
const MANY = 256;

/** Indices of a range in stable order. */
export function orderOf(data: NumberArray, from: number, to: number, descending: boolean): Int32Array {
  if (to - from >= MANY) return radixOrder(data, from, to, descending);
  const order = Int32Array.from({ length: to - from }, (_, i) => i);
  const compare = (a: number, b: number): number => ascending(data[from + a]!, data[from + b]!);
  return order.sort(descending ? (a, b) => compare(b, a) : compare);
}

/**
 * Indices that sort an axis; stable in both directions, NaN above every number.
 *
 * @remarks Python: `torch.argsort(x, axis, descending, stable=True)`.
 * @example argsort(tensor([3, 1, 2])).tolist() // => [1, 2, 0]
 */
export function argsort(x: Tensor, { axis = -1, descending = false }: SortOptions = {}): Tensor {
  return mapLanes(x, axis, 'sort', 'int32', (data, out, from, to) => out.set(orderOf(data, from, to, descending), from));
}

/**
 * An axis in order, and the indices its elements had; stable in both directions, NaN above every number.
 *
 * @remarks Python: `torch.sort(x, axis, descending, stable=True)`.
 * @example sort(tensor([3, 1, 2])).values.tolist() // => [1, 2, 3]
 */
export function sort(x: Tensor, options: SortOptions = {}): ValuesAndIndices {
  const indices = argsort(x, options);
  return { values: x.ndim === 0 ? x.clone() : takeAlongAxis(x, indices, options.axis ?? -1), indices };
}

/**
 * Indices that sort by several keys, the last key first.
 *
 * @param keys vectors of one length
 * @remarks Python: `numpy.lexsort(keys)`.
 * @example lexsort([tensor([2, 1, 0]), tensor([0, 1, 0])]).tolist() // => [2, 0, 1]
 */
export function lexsort(keys: readonly Tensor[]): Tensor {
  const columns = keys.map(numbersOf).reverse();
  const length = columns[0]?.length ?? 0;
  if (columns.some(column => column.length !== length)) throw new ShapeError('lexsort: keys must have one length', { parameter: 'keys' });
  const order = Int32Array.from({ length }, (_, i) => i);
  const compare = (a: number, b: number): number => {
    for (const column of columns) {
      const found = ascending(column[a]!, column[b]!);
      if (found !== 0) return found;
    }
    return 0;
  };
  return wrap(order.sort(compare), [length], 'int32');
}

/**
 * The `k` largest or smallest elements of an axis in order, and their indices; the lower index first among equals.
 *
 * @param k at most the length of the axis
 * @remarks Python: `torch.topk(x, k, axis, largest)`.
 * @example topk(tensor([3, 1, 2]), 2).values.tolist() // => [3, 2]
 */
export function topk(x: Tensor, k: number, { axis = -1, largest = true }: { readonly axis?: number; readonly largest?: boolean } = {}): ValuesAndIndices {
  const at = axisOf(axis, x.ndim, 'topk');
  const length = x.shape[at] ?? 1;
  if (!(integer(k, 'k') >= 0 && k <= length)) throw new ValidationError(`topk: k must be in [0, ${length}], got ${k}`, { parameter: 'k', received: k });
  const order = argsort(x, { axis: at, descending: largest });
  if (x.ndim === 0) return { values: x.clone(), indices: order };
  const indices = contiguous(get(order, ...new Array<string>(at).fill(':'), `:${k}`));
  return { values: takeAlongAxis(x, indices, at), indices };
}

/**
 * The `k`-th smallest element of each lane, counted from 1, and its index.
 *
 * @remarks Python: `torch.kthvalue(x, k, axis)`.
 * @example kthvalue(tensor([3, 1, 2]), 2).values.item() // => 2
 */
export function kthvalue(x: Tensor, k: number, { axis = -1, keepdims = false }: AxisOptions = {}): ValuesAndIndices {
  const lanes = lanesOf(x, { axis }, 'kthvalue');
  if (!(integer(k, 'k') >= 1 && k <= lanes.length))
    throw new ValidationError(`kthvalue: k must be in [1, ${lanes.length}], got ${k}`, { parameter: 'k', received: k });
  const indices = reduceLanes(lanes, 'int32', (data, start, end) => orderOf(data, start, end, false)[k - 1]!);
  return x.ndim === 0 ? { values: x.clone(), indices } : pick(x, indices, axis, keepdims);
}

/**
 * The lower median of each lane and its index, or of all elements; NaN where there is one.
 *
 * @remarks Python: `torch.median(x, axis).values`, `torch.median(x)`.
 * @example medianLower(tensor([3, 1, 2, 4])).item() // => 2
 */
export function medianLower(x: Tensor, { axis, keepdims = false }: AxisOptions = {}): Tensor {
  if (axis === undefined) return reshape(medianLower(reshape(x, [-1]), { axis: 0 }), keepdims ? x.shape.map(() => 1) : []);
  const indices = reduceLanes(lanesOf(x, { axis }, 'medianLower'), 'int32', (data, start, end) => {
    const order = orderOf(data, start, end, false);
    const last = order.at(-1)!;
    return Number.isNaN(data[start + last]!) ? last : order[(order.length - 1) >> 1]!;
  });
  return pick(x, indices, axis, keepdims).values;
}

/**
 * The most frequent element of each lane and its last index; the smallest among equally frequent ones.
 *
 * @remarks Python: `torch.mode(x, axis)`.
 * @example mode(tensor([3, 1, 3])).values.item() // => 3
 */
export function mode(x: Tensor, { axis = -1, keepdims = false }: AxisOptions = {}): ValuesAndIndices {
  const indices = reduceLanes(lanesOf(x, { axis }, 'mode'), 'int32', (data, start, end) => {
    const order = orderOf(data, start, end, false);
    let [best, most, run] = [0, 0, 0];
    for (const [i, at] of order.entries()) {
      run = i > 0 && data[start + at] === data[start + order[i - 1]!] ? run + 1 : 1;
      if (run >= most && (run > most || data[start + at] === data[start + best])) [best, most] = [at, run];
    }
    return best;
  });
  return pick(x, indices, axis, keepdims);
}

/** Distinct elements and what is known of them. */
export interface Unique {
  readonly values: Tensor;
  /** First index of each value. */
  readonly index: Tensor;
  /** For each element the index of its value. */
  readonly inverse: Tensor;
  readonly counts: Tensor;
}

const integers = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor => wrap(Int32Array.from(values), shape, 'int32');

/** Groups neighbours of an order that are the same. */
function group(order: ArrayLike<number>, same: (a: number, b: number) => boolean): { first: number[]; inverse: number[]; counts: number[] } {
  const [first, counts]: [number[], number[]] = [[], []];
  const inverse = new Array<number>(order.length);
  for (let i = 0; i < order.length; i++) {
    const at = order[i]!;
    if (i === 0 || !same(order[i - 1]!, at)) {
      first.push(at);
      counts.push(0);
    }
    counts[counts.length - 1]!++;
    inverse[at] = counts.length - 1;
  }
  return { first, inverse, counts };
}

const sameValue = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));

/**
 * Distinct elements in ascending order (NaN once, last), or distinct slices of an axis, with first indices, inverse and counts.
 *
 * @remarks Python: `numpy.unique(x, return_index=True, return_inverse=True, return_counts=True, axis=axis)`.
 * @example unique(tensor([3, 1, 3])).values.tolist() // => [1, 3]
 */
export function unique(x: Tensor, { axis }: { readonly axis?: number } = {}): Unique {
  const flat = axis === undefined ? reshape(x, [x.size, 1]) : reshape(contiguous(moveaxis(x, axis, 0)), [x.shape[axisOf(axis, x.ndim, 'unique')]!, -1]);
  const [rows, width] = flat.shape as [number, number];
  const data = numbersOf(flat);
  const compare = (a: number, b: number): number => {
    for (let k = 0; k < width; k++) {
      const found = ascending(data[a * width + k]!, data[b * width + k]!);
      if (found !== 0) return found;
    }
    return 0;
  };
  const order = width === 1 ? orderOf(data, 0, rows, false) : Int32Array.from({ length: rows }, (_, i) => i).sort(compare);
  const { first, inverse, counts } = group(order, (a, b) => compare(a, b) === 0);
  const index = integers(first);
  const values = axis === undefined ? takeFlat(reshape(x, [-1]), Int32Array.from(first), [first.length], 'unique') : indexSelect(x, axis, index);
  return { values, index, inverse: integers(inverse, axis === undefined ? x.shape : [rows]), counts: integers(counts) };
}

/**
 * Elements without repetitions of their predecessor, in row-major order, with counts and inverse.
 *
 * @remarks Python: `torch.unique_consecutive(x, return_inverse=True, return_counts=True)`.
 * @example uniqueConsecutive(tensor([1, 1, 2, 1])).values.tolist() // => [1, 2, 1]
 */
export function uniqueConsecutive(x: Tensor): Unique {
  const data = numbersOf(x);
  const order = Int32Array.from({ length: x.size }, (_, i) => i);
  const { first, inverse, counts } = group(order, (a, b) => sameValue(data[a]!, data[b]!));
  const values = takeFlat(reshape(x, [-1]), Int32Array.from(first), [first.length], 'uniqueConsecutive');
  return { values, index: integers(first), inverse: integers(inverse, x.shape), counts: integers(counts) };
}

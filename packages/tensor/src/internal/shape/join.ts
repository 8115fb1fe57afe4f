/** Joining tensors and cutting them into parts. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';
import { promoteTypes } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { convert, copyElements } from '../core/elements.js';
import { axisOf, count, rowMajor, showShape, sizeOf } from '../core/shape.js';
import { allocate, allocateDirty } from '../core/storage.js';
import { get } from '../indexing/select.js';
import { reshape, unsqueeze } from './views.js';

/** Part of an axis, as a view. */
export function slice(x: Tensor, axis: number, start: number, stop: number): Tensor {
  return get(x, ...new Array<string>(axis).fill(':'), `${start}:${stop}`);
}

/** The first of some tensors, at least one. */
function firstOf(operation: string, [first]: readonly Tensor[]): Tensor {
  if (first === undefined) throw new ValidationError(`${operation}: tensors cannot be empty`, { parameter: 'tensors', received: 0 });
  return first;
}

/**
 * Tensors one after the other along an axis; element types are promoted.
 *
 * @param tensors one or more, of one shape but for the axis
 * @throws {ShapeError} naming the shapes
 * @remarks Python: `torch.cat(tensors, axis)`.
 * @example cat([tensor([[1, 2]]), tensor([[3, 4]])]).tolist() // => [[1, 2], [3, 4]]
 */
export function cat(tensors: readonly Tensor[], { axis = 0 }: { readonly axis?: number } = {}): Tensor {
  const first = firstOf('cat', tensors);
  const at = axisOf(axis, first.ndim, 'cat');
  const fits = (x: Tensor): boolean => x.ndim === first.ndim && x.ndim > 0 && x.shape.every((length, k) => k === at || length === first.shape[k]);
  const odd = tensors.find(x => !fits(x));
  if (odd !== undefined)
    throw new ShapeError(`cat: shapes ${showShape(first.shape)} and ${showShape(odd.shape)} differ outside axis ${axis}`, {
      parameter: 'tensors',
      received: odd.shape,
    });
  const dtype = tensors.map(x => x.dtype).reduce(promoteTypes);
  const shape = first.shape.map((length, k) => (k === at ? tensors.reduce((sum, x) => sum + x.shape[at]!, 0) : length));
  const out = allocateDirty(dtype, sizeOf(shape));
  const strides = rowMajor(shape);
  const starts: number[] = [];
  let start = 0;
  for (const x of tensors) {
    const from =
      x.dtype === dtype ? { data: x.storage.data, place: x } : { data: convert(x.data, x.dtype, dtype), place: { strides: rowMajor(x.shape), offset: 0 } };
    copyElements(from.data, from.place, out, { strides, offset: start * strides[at]! }, x.shape);
    starts.push(start);
    start += x.shape[at]!;
  }
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] =>
    tensors.map((x, k) => (needs[k] ? slice(g, at, starts[k]!, starts[k]! + x.shape[at]!) : null));
  return record('cat', wrap(out, shape, dtype), tensors, rule);
}

/**
 * Tensors of one shape along a new axis.
 *
 * @throws {ShapeError} when shapes differ
 * @remarks Python: `torch.stack(tensors, axis)`.
 * @example stack([tensor([1, 2]), tensor([3, 4])], { axis: 1 }).tolist() // => [[1, 3], [2, 4]]
 */
export function stack(tensors: readonly Tensor[], { axis = 0 }: { readonly axis?: number } = {}): Tensor {
  const first = firstOf('stack', tensors);
  const odd = tensors.find(x => showShape(x.shape) !== showShape(first.shape));
  if (odd !== undefined)
    throw new ShapeError(`stack: shapes ${showShape(first.shape)} and ${showShape(odd.shape)} differ`, { parameter: 'tensors', received: odd.shape });
  const at = axisOf(axis, first.ndim + 1, 'stack');
  return cat(
    tensors.map(x => unsqueeze(x, at)),
    { axis: at },
  );
}

/** A tensor with at least so many axes, new ones in front. */
const atLeast = (x: Tensor, ndim: number): Tensor => (x.ndim >= ndim ? x : reshape(x, [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape]));

/**
 * Rows below each other; a vector is a row.
 *
 * @remarks Python: `torch.vstack(tensors)`.
 * @example vstack([tensor([1, 2]), tensor([3, 4])]).tolist() // => [[1, 2], [3, 4]]
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map(x => atLeast(x, 2)));
}

/**
 * Columns beside each other; vectors end to end.
 *
 * @remarks Python: `torch.hstack(tensors)`.
 * @example hstack([tensor([1, 2]), tensor([3])]).tolist() // => [1, 2, 3]
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const wide = tensors.map(x => atLeast(x, 1));
  return cat(wide, { axis: (wide[0]?.ndim ?? 1) > 1 ? 1 : 0 });
}

/**
 * Columns beside each other; a vector is a column.
 *
 * @remarks Python: `torch.column_stack(tensors)`.
 * @example columnStack([tensor([1, 2]), tensor([3, 4])]).tolist() // => [[1, 3], [2, 4]]
 */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  return cat(
    tensors.map(x => (x.ndim < 2 ? reshape(x, [x.size, 1]) : x)),
    { axis: 1 },
  );
}

/** Parts of an axis between bounds, as views. */
function cut(x: Tensor, axis: number, bounds: readonly number[]): Tensor[] {
  return bounds.slice(1).map((stop, k) => slice(x, axis, bounds[k]!, Math.max(stop, bounds[k]!)));
}

/**
 * Parts of an axis: of equal size (the last may be smaller), or of given sizes.
 *
 * @param sizes size of each part, or of all
 * @throws {ValidationError} when sizes do not add up to the axis
 * @remarks Python: `torch.split(x, sizes, axis)`.
 * @example split(arange(5), 2).map(part => part.tolist()) // => [[0, 1], [2, 3], [4]]
 */
export function split(x: Tensor, sizes: number | readonly number[], { axis = 0 }: { readonly axis?: number } = {}): Tensor[] {
  const at = axisOf(axis, x.ndim, 'split');
  const length = x.shape[at]!;
  const bounds = [0];
  if (typeof sizes === 'number') {
    if (!(integer(sizes, 'sizes') > 0)) throw new ValidationError(`split: sizes must be positive, got ${sizes}`, { parameter: 'sizes', received: sizes });
    for (let stop = sizes; stop < length; stop += sizes) bounds.push(stop);
    bounds.push(length);
  } else {
    for (const size of sizes) bounds.push(bounds.at(-1)! + count(size, 'sizes'));
    if (bounds.at(-1) !== length)
      throw new ValidationError(`split: sizes ${showShape(sizes)} must add up to ${length}, the length of axis ${axis}`, {
        parameter: 'sizes',
        received: sizes,
      });
  }
  return cut(x, at, bounds);
}

/**
 * At most so many parts of equal size; the last may be smaller.
 *
 * @remarks Python: `torch.chunk(x, chunks, axis)`.
 * @example chunk(arange(5), 2).map(part => part.tolist()) // => [[0, 1, 2], [3, 4]]
 */
export function chunk(x: Tensor, chunks: number, { axis = 0 }: { readonly axis?: number } = {}): Tensor[] {
  if (!(integer(chunks, 'chunks') > 0)) throw new ValidationError(`chunk: chunks must be positive, got ${chunks}`, { parameter: 'chunks', received: chunks });
  return split(x, Math.max(1, Math.ceil(x.shape[axisOf(axis, x.ndim, 'chunk')]! / chunks)), { axis });
}

/**
 * Exactly so many parts whose sizes differ by at most one, or parts between given positions.
 *
 * @param parts number of parts, or the positions where to cut
 * @remarks Python: `torch.tensor_split(x, parts, axis)`.
 * @example tensorSplit(arange(5), [1, 4]).map(part => part.tolist()) // => [[0], [1, 2, 3], [4]]
 */
export function tensorSplit(x: Tensor, parts: number | readonly number[], { axis = 0 }: { readonly axis?: number } = {}): Tensor[] {
  const at = axisOf(axis, x.ndim, 'tensorSplit');
  const length = x.shape[at]!;
  if (typeof parts !== 'number') return cut(x, at, [0, ...parts.map(position => Math.min(position < 0 ? position + length : position, length)), length]);
  if (!(integer(parts, 'parts') > 0)) throw new ValidationError(`tensorSplit: parts must be positive, got ${parts}`, { parameter: 'parts', received: parts });
  const [size, longer] = [Math.floor(length / parts), length % parts];
  return cut(
    x,
    at,
    Array.from({ length: parts + 1 }, (_, k) => k * size + Math.min(k, longer)),
  );
}

/**
 * One view for each index of an axis.
 *
 * @remarks Python: `torch.unbind(x, axis)`.
 * @example unbind(tensor([[1, 2], [3, 4]]), { axis: 1 }).map(column => column.tolist()) // => [[1, 3], [2, 4]]
 */
export function unbind(x: Tensor, { axis = 0 }: { readonly axis?: number } = {}): Tensor[] {
  const at = axisOf(axis, x.ndim, 'unbind');
  return Array.from({ length: x.shape[at] ?? 0 }, (_, i) => get(x, ...new Array<string>(at).fill(':'), i));
}

/**
 * Matrices along a diagonal, zeros elsewhere.
 *
 * @remarks Python: `torch.block_diag(...)`.
 * @example blockDiag([tensor([[1]]), tensor([[2, 3]])]).tolist() // => [[1, 0, 0], [0, 2, 3]]
 */
export function blockDiag(tensors: readonly Tensor[]): Tensor {
  const blocks = tensors.map(x => atLeast(x, 2));
  const width = blocks.reduce((sum, x) => sum + x.shape[1]!, 0);
  let left = 0;
  const rows = blocks.map(x => {
    const before = left;
    left += x.shape[1]!;
    const zeros = (columns: number): Tensor => wrap(allocate(x.dtype, x.shape[0]! * columns), [x.shape[0]!, columns], x.dtype);
    return cat([zeros(before), x, zeros(width - left)], { axis: 1 });
  });
  return cat(rows);
}

/**
 * Part of a tensor replaced along an axis: values stand before given positions of the original.
 *
 * @param positions where, counted in the original; equal ones keep their order
 * @param values as many as positions, or one
 * @remarks Python: `numpy.insert(x, positions, values, axis)`; for vectors.
 * @example insert(tensor([1, 2]), [1], [9]).tolist() // => [1, 9, 2]
 */
export function insert(x: Tensor, positions: readonly number[], values: readonly number[]): Tensor {
  const vector = reshape(x, [-1]);
  const places = positions.map((position, k) => ({ at: position < 0 ? position + vector.size : position, value: values[values.length === 1 ? 0 : k]! }));
  const odd = places.findIndex(({ at, value }) => !(Number.isInteger(at) && at >= 0 && at <= vector.size) || value === undefined);
  if (odd >= 0)
    throw new ValidationError(`insert: positions must be in [${-vector.size}, ${vector.size}] with a value each, got ${positions[odd]}`, {
      parameter: 'positions',
      received: positions,
    });
  places.sort((a, b) => a.at - b.at);
  const parts: Tensor[] = [];
  let from = 0;
  for (const { at, value } of places) {
    parts.push(slice(vector, 0, from, at), wrap(convert(Float64Array.of(value), 'float64', x.dtype), [1], x.dtype));
    from = at;
  }
  return cat([...parts, slice(vector, 0, from, vector.size)]);
}

/**
 * A vector without the elements at given positions.
 *
 * @remarks Python: `numpy.delete(x, positions)`; for vectors.
 * @example remove(tensor([1, 2, 3]), [0, -1]).tolist() // => [2]
 */
export function remove(x: Tensor, positions: readonly number[]): Tensor {
  const vector = reshape(x, [-1]);
  const gone = new Set(positions.map(position => (position < 0 ? position + vector.size : position)));
  for (const position of gone)
    if (!(Number.isInteger(position) && position >= 0 && position < vector.size))
      throw new ValidationError(`remove: positions must be in [${-vector.size}, ${vector.size - 1}], got ${position}`, {
        parameter: 'positions',
        received: positions,
      });
  const kept = Array.from({ length: vector.size }, (_, i) => i).filter(i => !gone.has(i));
  return get(vector, wrap(Int32Array.from(kept), [kept.length], 'int32'));
}

/** Writing by index tensors: copies with elements replaced, added or reduced. */
import { oneOf, ShapeError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { axisOf, broadcastShapes, broadcastStrides, rowMajor, showShape, sizeOf } from '../core/shape.js';
import { fromNumbers } from '../core/storage.js';
import { walk } from '../core/walk.js';
import { add, div, maximum, mul } from '../elementwise/arithmetic.js';
import { eq, where } from '../elementwise/comparison.js';
import { expand, reshape } from '../shape/views.js';
import { addFlat, fromFront, indicesOf, putFlat, takeFlat } from './flat.js';
import { alongPositions, alongShapes, sameType, slicePositions } from './gather.js';
import type { Index } from './select.js';

/** The part of a source that an index covers; a number stands for all of it. */
function sourceFor(operation: string, x: Tensor, index: Tensor, source: Tensor | number): Tensor {
  if (typeof source === 'number') return expand(tensor(source, { dtype: x.dtype }), index.shape);
  sameType(operation, x, source);
  if (source.ndim !== index.ndim || index.shape.some((length, axis) => length > source.shape[axis]!))
    throw new ShapeError(`${operation}: source of shape ${showShape(source.shape)} does not cover the index of shape ${showShape(index.shape)}`, {
      parameter: 'source',
    });
  return showShape(source.shape) === showShape(index.shape) ? source : source.get(...index.shape.map(length => `:${length}`));
}

/**
 * A copy with `out[index[i][j]][j] = source[i][j]` along axis 0, and so on; of several for one place the last stays.
 *
 * @param source tensor of `x`'s type, or a number
 * @remarks Python: `torch.scatter(x, axis, index, source)`.
 * @example scatter(zeros([3]), 0, tensor([2], { dtype: 'int32' }), 5).tolist() // => [0, 0, 5]
 */
export function scatter(x: Tensor, axis: number, index: Tensor, source: Tensor | number): Tensor {
  const at = axisOf(axis, x.ndim, 'scatter');
  const values = sourceFor('scatter', x, index, source);
  return putFlat(x, alongPositions(x.shape, at, index, 'scatter'), values, 'scatter');
}

/**
 * As {@link scatter}, adding to what is there.
 *
 * @remarks Python: `torch.scatter_add(x, axis, index, source)`.
 * @example scatterAdd(zeros([2]), 0, tensor([1, 1], { dtype: 'int32' }), tensor([3, 4])).tolist() // => [0, 7]
 */
export function scatterAdd(x: Tensor, axis: number, index: Tensor, source: Tensor | number): Tensor {
  const at = axisOf(axis, x.ndim, 'scatterAdd');
  const values = sourceFor('scatterAdd', x, index, source);
  return add(x, addFlat(values, alongPositions(x.shape, at, index, 'scatterAdd'), x.shape, 'scatterAdd'));
}

/** How values that meet at one place become one. */
export type Reduce = 'sum' | 'prod' | 'mean' | 'amax' | 'amin';

const FOLDS: Readonly<Record<Exclude<Reduce, 'mean' | 'sum'>, readonly [start: number, fold: (a: number, b: number) => number]>> = {
  prod: [1, (a, b) => a * b],
  amax: [Number.NEGATIVE_INFINITY, Math.max],
  amin: [Number.POSITIVE_INFINITY, Math.min],
};

/**
 * As {@link scatter}, reducing all values that meet at one place.
 *
 * @param reduce 'sum', 'prod', 'mean', 'amax' or 'amin'
 * @param options `includeSelf` whether what is there takes part
 * @remarks Python: `torch.scatter_reduce(x, axis, index, source, reduce)`.
 * @example scatterReduce(zeros([2]), 0, tensor([1, 1], { dtype: 'int32' }), tensor([3, 4]), 'amax').tolist() // => [0, 4]
 */
export function scatterReduce(
  x: Tensor,
  axis: number,
  index: Tensor,
  source: Tensor,
  reduce: Reduce,
  { includeSelf = true }: { readonly includeSelf?: boolean } = {},
): Tensor {
  const at = axisOf(axis, x.ndim, 'scatterReduce');
  oneOf(reduce, 'reduce', ['sum', 'mean', ...Object.keys(FOLDS)]);
  const values = sourceFor('scatterReduce', x, index, source);
  const positions = alongPositions(x.shape, at, index, 'scatterReduce');
  const hits = new Float64Array(x.size);
  for (const position of positions) hits[position]!++;
  const touched = wrap(
    Uint8Array.from(hits, n => Number(n > 0)),
    x.shape,
    'bool',
  );
  const own = (otherwise: number): Tensor => (includeSelf ? x : where(touched, tensor(otherwise, { dtype: x.dtype }), x));
  const spread = (each: Tensor): Tensor => addFlat(each, positions, x.shape, 'scatterReduce');
  if (reduce === 'sum' || reduce === 'mean') {
    const total = add(own(0), spread(values));
    if (reduce === 'sum') return total;
    return div(
      total,
      wrap(
        hits.map(n => Math.max(1, n + (includeSelf ? 1 : 0))),
        x.shape,
        'float64',
      ).astype(x.dtype),
    );
  }
  const [start, fold] = FOLDS[reduce];
  const result = numbersOf(own(start)).slice();
  const sources = numbersOf(values);
  for (const [i, position] of positions.entries()) result[position] = fold(result[position]!, sources[i]!);
  const y = wrap(fromNumbers(result, x.dtype), x.shape, x.dtype);
  if (!isFloating(x.dtype)) return y;
  return reduce === 'prod' ? productAt(own(start), values, positions) : shared(own(start), values, positions, y);
}

/** An extreme as a sum of its operands, each with its share: places of one extreme share the gradient. */
function shared(x: Tensor, values: Tensor, positions: Int32Array, extreme: Tensor): Tensor {
  const mine = eq(x, extreme).astype(x.dtype);
  const theirs = eq(values, takeFlat(extreme, positions, values.shape, 'scatterReduce')).astype(x.dtype);
  const sharers = maximum(add(mine, addFlat(theirs, positions, x.shape, 'scatterReduce')), 1);
  const safe = (each: Tensor, weight: Tensor): Tensor => where(eq(weight, 0), tensor(0, { dtype: x.dtype }), each);
  const own = div(mul(safe(x, mine), mine), sharers);
  const other = div(mul(safe(values, theirs), theirs), takeFlat(sharers, positions, values.shape, 'scatterReduce'));
  return add(own, addFlat(other, positions, x.shape, 'scatterReduce'));
}

/** Products, factor by factor, so that zeros among them have right gradients. */
function productAt(x: Tensor, values: Tensor, positions: Int32Array): Tensor {
  const rounds: number[][] = [];
  const depth = new Int32Array(x.size);
  for (const [i, position] of positions.entries()) {
    const round = depth[position]!++;
    if (rounds[round] === undefined) rounds[round] = [];
    rounds[round].push(i);
  }
  const flat = reshape(values, [-1]);
  const ones = tensor(1, { dtype: x.dtype });
  return rounds.reduce((product, members) => {
    const at = Int32Array.from(members, i => positions[i]!);
    const factors = takeFlat(flat, Int32Array.from(members), [members.length], 'scatterReduce');
    return mul(product, putFlat(expand(ones, x.shape), at, factors, 'scatterReduce'));
  }, x);
}

/** Row-major positions of slices and a source of their shape. */
function slices(operation: string, x: Tensor, axis: number, index: Tensor, source: Tensor | null): { positions: Int32Array; shape: number[] } {
  const at = axisOf(axis, x.ndim, operation);
  const shape = x.shape.map((length, k) => (k === at ? index.size : length));
  if (index.ndim > 1)
    throw new ShapeError(`${operation}: index must be a vector, got shape ${showShape(index.shape)}`, { parameter: 'index', received: index.shape });
  if (source !== null) sameType(operation, x, source);
  if (source !== null && showShape(source.shape) !== showShape(shape))
    throw new ShapeError(`${operation}: source of shape ${showShape(source.shape)} must have shape ${showShape(shape)}`, {
      parameter: 'source',
      received: source.shape,
    });
  return { positions: slicePositions(x.shape, at, index, operation), shape };
}

/**
 * A copy with slices added at indices of an axis.
 *
 * @param options `alpha` factor of the source
 * @remarks Python: `torch.index_add(x, axis, index, source, alpha=1)`.
 * @example indexAdd(zeros([2]), 0, tensor([1, 1], { dtype: 'int32' }), tensor([3, 4])).tolist() // => [0, 7]
 */
export function indexAdd(x: Tensor, axis: number, index: Tensor, source: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  const { positions } = slices('indexAdd', x, axis, index, source);
  return add(x, addFlat(alpha === 1 ? source : mul(source, alpha), positions, x.shape, 'indexAdd'));
}

/**
 * A copy with slices replaced at indices of an axis.
 *
 * @remarks Python: `torch.index_copy(x, axis, index, source)`.
 * @example indexCopy(zeros([2]), 0, tensor([1], { dtype: 'int32' }), tensor([3])).tolist() // => [0, 3]
 */
export function indexCopy(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return putFlat(x, slices('indexCopy', x, axis, index, source).positions, source, 'indexCopy');
}

/**
 * A copy with one value in the slices at indices of an axis.
 *
 * @remarks Python: `torch.index_fill(x, axis, index, value)`.
 * @example indexFill(zeros([2]), 0, tensor([1], { dtype: 'int32' }), 3).tolist() // => [0, 3]
 */
export function indexFill(x: Tensor, axis: number, index: Tensor, value: number): Tensor {
  const { positions, shape } = slices('indexFill', x, axis, index, null);
  return putFlat(x, positions, expand(tensor(value, { dtype: x.dtype }), shape), 'indexFill');
}

/**
 * A copy with elements replaced along an axis; shapes broadcast outside it.
 *
 * @remarks Python: `numpy.put_along_axis(x, index, values, axis)`, which writes in place.
 * @example putAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[0]], { dtype: 'int32' }), 9, 1).tolist() // => [[9, 2], [9, 4]]
 */
export function putAlongAxis(x: Tensor, index: Tensor, values: Tensor | number, axis: number): Tensor {
  const [full, wide, at] = alongShapes(x, index, axis, 'putAlongAxis');
  const source = typeof values === 'number' ? tensor(values, { dtype: x.dtype }) : values;
  return putFlat(full, alongPositions(full.shape, at, wide, 'putAlongAxis', true), expand(source, wide.shape), 'putAlongAxis');
}

/**
 * A copy with elements replaced at row-major positions.
 *
 * @remarks Python: `numpy.put(x, index, values)`, which writes in place.
 * @example put(zeros([2, 2]), tensor([3], { dtype: 'int32' }), tensor([5])).tolist() // => [[0, 0], [0, 5]]
 */
export function put(x: Tensor, index: Tensor, values: Tensor): Tensor {
  const positions = Int32Array.from(indicesOf(index, 'put'), value => fromFront(value, x.size, 0, 'put'));
  const repeated = takeFlat(
    reshape(values, [-1]),
    positions.map((_, i) => i % values.size),
    index.shape,
    'put',
  );
  return putFlat(x, positions, repeated, 'put');
}

/**
 * A copy with values at the places that index tensors name together.
 *
 * @param values broadcasts to the shape of the indices and the axes behind them
 * @param options `accumulate` adds, also several to one place
 * @remarks Python: `torch.index_put(x, indices, values, accumulate)`.
 * @example putArrays(zeros([2]), [tensor([1, 1], { dtype: 'int32' })], tensor([3, 4]), { accumulate: true }).tolist() // => [0, 7]
 */
export function putArrays(x: Tensor, indices: readonly Tensor[], values: Tensor, { accumulate = false }: { readonly accumulate?: boolean } = {}): Tensor {
  const numbers = wrap(
    Int32Array.from({ length: x.size }, (_, i) => i),
    x.shape,
    'int32',
  );
  const places = numbers.get(...(indices as Index[]));
  const positions = places.data as Int32Array;
  const source = expand(values, places.shape);
  return accumulate ? add(x, addFlat(source, positions, x.shape, 'putArrays')) : putFlat(x, positions, source, 'putArrays');
}

/**
 * A copy with elements where a mask holds taken, in order, from a source.
 *
 * @throws {ShapeError} when the source has too few elements
 * @remarks Python: `x.masked_scatter(mask, source)`.
 * @example maskedScatter(zeros([3]), tensor([1, 0, 1], { dtype: 'bool' }), tensor([5, 6])).tolist() // => [5, 0, 6]
 */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  const shape = broadcastShapes([x.shape, mask.shape], 'maskedScatter');
  const test = numbersOf(mask);
  const positions: number[] = [];
  walk(
    shape,
    [
      { strides: broadcastStrides(mask.shape, rowMajor(mask.shape), shape), offset: 0 },
      { strides: rowMajor(shape), offset: 0 },
    ],
    ([a, o], [stepA, stepO], n) => {
      for (let i = 0; i < n; i++) if (test[a! + i * stepA!] !== 0) positions.push(o! + i * stepO!);
    },
  );
  if (source.size < positions.length)
    throw new ShapeError(`maskedScatter: a source of ${source.size} elements for ${positions.length} places`, { parameter: 'source', received: source.size });
  const values = takeFlat(
    source,
    Int32Array.from({ length: positions.length }, (_, i) => i),
    [positions.length],
    'maskedScatter',
  );
  return putFlat(expand(x, shape), Int32Array.from(positions), values, 'maskedScatter');
}

/**
 * Sums of the slices of the first axis that share a segment number.
 *
 * @param segments number of each slice, in [0, count)
 * @param count number of segments
 * @remarks Python: `jax.ops.segment_sum(x, segments, count)`.
 * @example segmentSum(tensor([1, 2, 3]), tensor([0, 1, 0], { dtype: 'int32' }), 2).tolist() // => [4, 2]
 */
export function segmentSum(x: Tensor, segments: Tensor, count: number): Tensor {
  const shape = [count, ...x.shape.slice(1)];
  if (segments.size !== x.shape[0]) throw new ShapeError(`segmentSum: ${segments.size} segment numbers for ${x.shape[0]} slices`, { parameter: 'segments' });
  const inner = sizeOf(shape.slice(1));
  const starts = Int32Array.from(indicesOf(segments, 'segmentSum'), value => fromFront(value, count, 0, 'segmentSum', false) * inner);
  return addFlat(
    x,
    Int32Array.from({ length: x.size }, (_, i) => starts[Math.floor(i / inner)]! + (i % inner)),
    shape,
    'segmentSum',
  );
}

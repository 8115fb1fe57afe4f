/** Reading by index tensors: along an axis, at flat positions, through masks. */
import { nonEmpty, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { axisOf, broadcastShapes, rowMajor, showShape, sizeOf } from '../core/shape.js';
import { walk } from '../core/walk.js';
import { where } from '../elementwise/comparison.js';
import { broadcastTensors, expand, reshape } from '../shape/views.js';
import { fromFront, indicesOf, takeFlat } from './flat.js';
import { maskPositions } from './select.js';

/**
 * Row-major positions in a tensor for every place of an index tensor: its own coordinates, but along the axis the index itself.
 *
 * @throws {ShapeError} when the index reaches beyond the tensor outside the axis
 */
export function alongPositions(shape: readonly number[], axis: number, index: Tensor, operation: string, negatives = false): Int32Array {
  const values = indicesOf(index, operation);
  if (index.ndim !== shape.length || index.shape.some((length, k) => k !== axis && length > shape[k]!))
    throw new ShapeError(`${operation}: index of shape ${showShape(index.shape)} does not fit ${showShape(shape)} outside axis ${axis}`, {
      parameter: 'index',
      received: index.shape,
    });
  const strides = rowMajor(shape);
  const step = strides[axis] ?? 1;
  const length = shape[axis] ?? 1;
  const positions = new Int32Array(index.size);
  const outer = { strides: strides.map((stride, k) => (k === axis ? 0 : stride)), offset: 0 };
  walk(index.shape, [outer, { strides: rowMajor(index.shape), offset: 0 }], ([a, o], [stepA, stepO], n) => {
    for (let i = 0; i < n; i++) {
      const at = o! + i * stepO!;
      positions[at] = a! + i * stepA! + fromFront(values[at]!, length, axis, operation, negatives) * step;
    }
  });
  return positions;
}

/** Refuses tensors of two types. */
export function sameType(operation: string, x: Tensor, source: Tensor): void {
  if (x.dtype !== source.dtype)
    throw new ValidationError(`${operation}: source must be of the tensor's dtype ${x.dtype}, got ${source.dtype}`, {
      parameter: 'source',
      received: source.dtype,
    });
}

/**
 * `out[i][j] = x[index[i][j]][j]` along axis 0, and so on.
 *
 * @param index integers of any length along the axis, elsewhere not longer than `x`
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `torch.gather(x, axis, index)`.
 * @example gather(tensor([[1, 2], [3, 4]]), 1, tensor([[1], [0]], { dtype: 'int32' })).tolist() // => [[2], [3]]
 */
export function gather(x: Tensor, axis: number, index: Tensor): Tensor {
  const at = axisOf(axis, x.ndim, 'gather');
  return takeFlat(x, alongPositions(x.shape, at, index, 'gather'), index.shape, 'gather');
}

/**
 * As {@link gather}, with shapes that broadcast outside the axis and negative indices.
 *
 * @remarks Python: `numpy.take_along_axis(x, index, axis)`.
 * @example takeAlongAxis(tensor([[1, 2], [3, 4]]), tensor([[1]], { dtype: 'int32' }), 1).tolist() // => [[2], [4]]
 */
export function takeAlongAxis(x: Tensor, index: Tensor, axis: number): Tensor {
  const [full, wide, at] = alongShapes(x, index, axis, 'takeAlongAxis');
  return takeFlat(full, alongPositions(full.shape, at, wide, 'takeAlongAxis', true), wide.shape, 'takeAlongAxis');
}

/** Tensor and index broadcast to each other outside the axis. */
export function alongShapes(x: Tensor, index: Tensor, axis: number, operation: string): readonly [Tensor, Tensor, number] {
  const at = axisOf(axis, x.ndim, operation);
  if (x.ndim !== index.ndim)
    throw new ShapeError(`${operation}: index of shape ${showShape(index.shape)} must have the axes of ${showShape(x.shape)}`, { parameter: 'index' });
  const without = (shape: readonly number[], length: number): number[] => shape.map((each, k) => (k === at ? length : each));
  const outside = broadcastShapes([without(x.shape, 1), without(index.shape, 1)], operation);
  return [expand(x, without(outside, x.shape[at]!)), expand(index, without(outside, index.shape[at]!)), at];
}

/**
 * Whole slices of an axis, by a vector of indices.
 *
 * @remarks Python: `torch.index_select(x, axis, index)`.
 * @example indexSelect(tensor([[1, 2], [3, 4]]), 0, tensor([1, 1], { dtype: 'int32' })).tolist() // => [[3, 4], [3, 4]]
 */
export function indexSelect(x: Tensor, axis: number, index: Tensor): Tensor {
  if (index.ndim > 1)
    throw new ShapeError(`indexSelect: index must be a vector, got shape ${showShape(index.shape)}`, { parameter: 'index', received: index.shape });
  const at = axisOf(axis, x.ndim, 'indexSelect');
  return takeFlat(
    x,
    slicePositions(x.shape, at, index, 'indexSelect'),
    x.shape.map((length, k) => (k === at ? index.size : length)),
    'indexSelect',
  );
}

/** Row-major positions of whole slices of an axis. */
export function slicePositions(shape: readonly number[], axis: number, index: Tensor, operation: string, negatives = false): Int32Array {
  const values = indicesOf(index, operation);
  const inner = sizeOf(shape.slice(axis + 1));
  const length = shape[axis]!;
  const outer = sizeOf(shape.slice(0, axis));
  const starts = Int32Array.from(values, value => fromFront(value, length, axis, operation, negatives) * inner);
  const positions = new Int32Array(outer * starts.length * inner);
  let at = 0;
  for (let o = 0; o < outer; o++) for (const start of starts) for (let i = 0; i < inner; i++) positions[at++] = o * length * inner + start + i;
  return positions;
}

/**
 * Elements at indices of an axis, or at row-major positions; the index may have any shape and count from the end.
 *
 * @remarks Python: `numpy.take(x, index, axis)`.
 * @example take(tensor([[1, 2], [3, 4]]), tensor([0, -1], { dtype: 'int32' })).tolist() // => [1, 4]
 */
export function take(x: Tensor, index: Tensor, { axis }: { readonly axis?: number } = {}): Tensor {
  if (axis === undefined) return take(reshape(x, [-1]), index, { axis: 0 });
  const at = axisOf(axis, x.ndim, 'take');
  const shape = [...x.shape.slice(0, at), ...index.shape, ...x.shape.slice(at + 1)];
  return takeFlat(x, slicePositions(x.shape, at, index, 'take', true), shape, 'take');
}

/** Row-major positions where a mask holds. */
function positionsOf(mask: Tensor): Int32Array {
  const data = numbersOf(mask);
  const found: number[] = [];
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) found.push(i);
  return Int32Array.from(found);
}

/**
 * Elements where a mask holds, as a vector; both broadcast together.
 *
 * @remarks Python: `torch.masked_select(x, mask)`.
 * @example maskedSelect(tensor([1, 2, 3]), tensor([1, 0, 1], { dtype: 'bool' })).tolist() // => [1, 3]
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  const [values, test] = broadcastTensors([x, mask]) as [Tensor, Tensor];
  const positions = positionsOf(test);
  return takeFlat(values, positions, [positions.length], 'maskedSelect');
}

/**
 * A copy with a value where a mask holds.
 *
 * @param mask bool, broadcasts to `x`
 * @throws {ShapeError} when it does not
 * @remarks Python: `x.masked_fill(mask, value)`.
 * @example maskedFill(tensor([1, 2]), tensor([0, 1], { dtype: 'bool' }), 9).tolist() // => [1, 9]
 */
export function maskedFill(x: Tensor, mask: Tensor, value: number | Tensor): Tensor {
  if (showShape(broadcastShapes([x.shape, mask.shape], 'maskedFill')) !== showShape(x.shape))
    throw new ShapeError(`maskedFill: a mask of shape ${showShape(mask.shape)} does not fit ${showShape(x.shape)}`, {
      parameter: 'mask',
      received: mask.shape,
    });
  return where(mask, typeof value === 'number' ? tensor(value, { dtype: x.dtype }) : value, x);
}

/**
 * Indices of elements that are not zero, as rows of coordinates.
 *
 * @remarks Python: `torch.nonzero(x)`; `nonzeroAxes` gives one vector for each axis, as numpy does.
 * @example nonzero(tensor([[0, 1], [2, 0]])).tolist() // => [[0, 1], [1, 0]]
 */
export function nonzero(x: Tensor): Tensor {
  const columns = maskPositions(x);
  const rows = columns[0]?.length ?? Number(x.ndim === 0 && x.toBoolean());
  const width = x.ndim;
  return wrap(
    Int32Array.from({ length: rows * width }, (_, i) => columns[i % width]![Math.floor(i / width)]!),
    [rows, width],
    'int32',
  );
}

/**
 * Indices of elements that are not zero, one vector for each axis.
 *
 * @remarks Python: `numpy.nonzero(x)`.
 * @example nonzeroAxes(tensor([[0, 1], [2, 0]])).map(axis => axis.tolist()) // => [[0, 1], [1, 0]]
 */
export function nonzeroAxes(x: Tensor): Tensor[] {
  return maskPositions(x).map(column => wrap(Int32Array.from(column), [column.length], 'int32'));
}

/**
 * Row-major positions of elements that are not zero.
 *
 * @remarks Python: `numpy.flatnonzero(x)`.
 * @example flatnonzero(tensor([[0, 1], [2, 0]])).tolist() // => [1, 2]
 */
export function flatnonzero(x: Tensor): Tensor {
  const positions = positionsOf(x);
  return wrap(positions, [positions.length], 'int32');
}

/**
 * Slices of an axis for which a condition holds.
 *
 * @remarks Python: `numpy.compress(condition, x, axis)`.
 * @example compress(tensor([0, 1], { dtype: 'bool' }), tensor([[1, 2], [3, 4]]), { axis: 0 }).tolist() // => [[3, 4]]
 */
export function compress(condition: Tensor, x: Tensor, { axis }: { readonly axis?: number } = {}): Tensor {
  const source = axis === undefined ? reshape(x, [-1]) : x;
  return indexSelect(source, axis ?? 0, flatnonzero(condition));
}

/**
 * For each place the element of the tensor whose number stands in the index.
 *
 * @remarks Python: `numpy.choose(index, choices)`.
 * @example choose(tensor([1, 0], { dtype: 'int32' }), [tensor([1, 2]), tensor([3, 4])]).tolist() // => [3, 2]
 */
export function choose(index: Tensor, choices: readonly Tensor[]): Tensor {
  const [at, ...from] = broadcastTensors([index, ...nonEmpty(choices, 'choices')]) as [Tensor, ...Tensor[]];
  const values = Array.from(indicesOf(at, 'choose'), value => fromFront(value, choices.length, 0, 'choose', false));
  const pick = (k: number): Tensor =>
    wrap(
      Uint8Array.from(values, value => Number(value === k)),
      at.shape,
      'bool',
    );
  return from.reduce((chosen, each, k) => where(pick(k), each, chosen));
}

/**
 * For each place the element of the first tensor whose condition holds there.
 *
 * @param options `default` where none does
 * @remarks Python: `numpy.select(conditions, choices, default)`.
 * @example select([tensor([1, 0], { dtype: 'bool' })], [tensor([5, 6])], { default: 9 }).tolist() // => [5, 9]
 */
export function select(conditions: readonly Tensor[], choices: readonly Tensor[], { default: other = 0 }: { readonly default?: number } = {}): Tensor {
  if (conditions.length !== choices.length)
    throw new ShapeError(`select: ${conditions.length} conditions for ${choices.length} choices`, { parameter: 'choices', received: choices.length });
  const [first] = nonEmpty(choices, 'choices') as readonly [Tensor];
  return conditions.reduceRight<Tensor>((chosen, condition, k) => where(condition, choices[k]!, chosen), tensor(other, { dtype: first.dtype }));
}

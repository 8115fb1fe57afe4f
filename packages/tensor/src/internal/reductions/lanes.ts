/** Reductions see a tensor as lanes: the elements of the reduced axes lie side by side, one lane after the other. */
import { ValidationError } from '@gtc/errors';
import type { DType } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { type Axes, axesOf, axisOf, sizeOf } from '../core/shape.js';
import { fromNumbers, type NumberArray, scratchDirty } from '../core/storage.js';
import { type RowKernel, rowKernel } from '../kernels/rows.js';
import { contiguous, expand, permute, reshape } from '../shape/views.js';

/** Which axes a reduction runs over and whether they stay with length 1. */
export interface ReduceOptions {
  /** One or several; all by default, none when the list is empty. */
  readonly axis?: Axes;
  readonly keepdims?: boolean;
}

/** A tensor as lanes. */
export interface Lanes {
  readonly data: NumberArray;
  /** Elements of a lane. */
  readonly length: number;
  /** Number of lanes. */
  readonly count: number;
  /** Shape of one value for each lane. */
  readonly shape: readonly number[];
}

/** Order of axes that brings some of them to the end. */
function lastAxes(ndim: number, axes: readonly number[]): number[] {
  return [...Array.from({ length: ndim }, (_, axis) => axis).filter(axis => !axes.includes(axis)), ...axes];
}

/** Shape after a reduction. */
export function reducedShape(shape: readonly number[], axes: readonly number[], keepdims = false): number[] {
  return keepdims ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length)) : shape.filter((_, axis) => !axes.includes(axis));
}

/** The lanes that a reduction runs over; copies only where elements have to move. */
export function lanesOf(x: Tensor, { axis, keepdims = false }: ReduceOptions, operation: string): Lanes {
  const axes = [...axesOf(axis, x.ndim, operation)].sort((a, b) => a - b);
  const length = sizeOf(axes.map(each => x.shape[each]!));
  const shape = reducedShape(x.shape, axes, keepdims);
  const turned = axes.length === x.ndim ? x.detach() : permute(x.detach(), lastAxes(x.ndim, axes));
  return { data: numbersOf(turned), length, count: sizeOf(reducedShape(x.shape, axes)), shape };
}

/** One value for each lane. */
export function reduceLanes(
  { data, length, count, shape }: Lanes,
  dtype: DType,
  of: (data: NumberArray, start: number, end: number) => number,
  kernel: RowKernel | null = null,
): Tensor {
  const out = scratchDirty(dtype, count);
  if (kernel === null || !rowKernel(kernel, data, out, count, length))
    for (let lane = 0; lane < count; lane++) out[lane] = of(data, lane * length, (lane + 1) * length);
  return wrap(fromNumbers(out, dtype), shape, dtype);
}

/** Refuses lanes without elements. */
export function notEmpty({ length, count }: Lanes, operation: string): void {
  if (length === 0 && count > 0) throw new ValidationError(`${operation}: needs at least one element to choose from`, { parameter: 'x', received: 0 });
}

/**
 * A tensor of the same shape computed lane by lane along one axis.
 *
 * @param of fills `out[start..end)` from `data[start..end)`
 */
export function mapLanes(
  x: Tensor,
  axis: number,
  operation: string,
  dtype: DType,
  of: (data: NumberArray, out: NumberArray, start: number, end: number) => void,
  kernel: RowKernel | null = null,
): Tensor {
  const at = axisOf(axis, x.ndim, operation);
  if (x.ndim === 0) return reshape(mapLanes(reshape(x.detach(), [1]), 0, operation, dtype, of, kernel), []);
  const { data, length, count } = lanesOf(x, { axis: at }, operation);
  const out = scratchDirty(dtype, x.size);
  if (kernel === null || !rowKernel(kernel, data, out, count, length))
    for (let lane = 0; lane < count; lane++) of(data, out, lane * length, (lane + 1) * length);
  const order = lastAxes(x.ndim, [at]);
  const lanes = wrap(
    fromNumbers(out, dtype),
    order.map(each => x.shape[each]!),
    dtype,
  );
  return contiguous(
    permute(
      lanes,
      order.map((_, each) => order.indexOf(each)),
    ),
  );
}

/** A value of each lane repeated over the lane: the way back of a reduction. */
export function overLanes(values: Tensor, shape: readonly number[], axis: Axes | undefined, operation: string): Tensor {
  const axes = axesOf(axis, shape.length, operation);
  return expand(reshape(values, reducedShape(shape, axes, true)), shape);
}

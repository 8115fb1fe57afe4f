/** Largest and smallest elements over axes, where they stand, and whether any or all are true. */
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { axisOf } from '../core/shape.js';
import type { NumberArray } from '../core/storage.js';
import { div, mul, sub } from '../elementwise/arithmetic.js';
import { eq, isnan, logicalOr, where } from '../elementwise/comparison.js';
import { takeAlongAxis } from '../indexing/gather.js';
import { reshape } from '../shape/views.js';
import { lanesOf, notEmpty, overLanes, type ReduceOptions, reducedShape, reduceLanes } from './lanes.js';
import { sum } from './sums.js';

/** Position of the largest of some elements times a sign; a NaN wins; the first among equals. */
function argExtreme(factor: 1 | -1): (data: NumberArray, start: number, end: number) => number {
  return (data, start, end) => {
    let best = start;
    for (let i = start; i < end; i++) {
      const value = data[i]!;
      if (Number.isNaN(value)) return i - start;
      if (factor * value > factor * data[best]!) best = i;
    }
    return best - start;
  };
}

const LARGEST = argExtreme(1);
const SMALLEST = argExtreme(-1);

function extreme(name: string, x: Tensor, options: ReduceOptions, position: typeof LARGEST): Tensor {
  const lanes = lanesOf(x, options, name);
  notEmpty(lanes, name);
  const y = reduceLanes(lanes, x.dtype, (data, start, end) => data[start + position(data, start, end)]!);
  const { shape } = x;
  const rule = (g: Tensor): Tensor[] => {
    const spread = overLanes(y, shape, options.axis, name);
    const chosen = logicalOr(eq(x, spread), isnan(x)).astype(x.dtype);
    const share = div(g, sum(chosen, options));
    return [mul(overLanes(share, shape, options.axis, name), chosen)];
  };
  return record(name, y, [x], rule, [x, y]);
}

/**
 * The largest element over axes; NaN wins. Equal ones share the gradient.
 *
 * @throws {ValidationError} when there is nothing to choose from
 * @remarks Python: `torch.amax(x, axis)`.
 * @example amax(tensor([[1, 5], [3, 2]]), { axis: 1 }).tolist() // => [5, 3]
 */
export function amax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme('amax', x, options, LARGEST);
}

/**
 * The smallest element over axes; NaN wins. Equal ones share the gradient.
 *
 * @throws {ValidationError} when there is nothing to choose from
 * @remarks Python: `torch.amin(x, axis)`.
 * @example amin(tensor([[1, 5], [3, 2]]), { axis: 1 }).tolist() // => [1, 2]
 */
export function amin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme('amin', x, options, SMALLEST);
}

/** Values of an axis and where they stood. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  /** int32 */
  readonly indices: Tensor;
}

/** Options of a choice along one axis. */
export interface AxisOptions {
  /** Default: the last. */
  readonly axis?: number;
  readonly keepdims?: boolean;
}

/** Elements of an axis at chosen indices, with the gradient going to them. */
export function pick(x: Tensor, indices: Tensor, axis: number, keepdims: boolean): ValuesAndIndices {
  const at = axisOf(axis, x.ndim, 'pick');
  const kept = reshape(indices, reducedShape(x.shape, [at], true));
  const values = takeAlongAxis(x, kept, at);
  return keepdims ? { values, indices: kept } : { values: reshape(values, reducedShape(x.shape, [at])), indices };
}

function withIndices(name: string, x: Tensor, { axis = -1, keepdims = false }: AxisOptions, position: typeof LARGEST): ValuesAndIndices {
  if (x.ndim === 0) return { values: x.clone(), indices: wrap(new Int32Array(1), [], 'int32') };
  const lanes = lanesOf(x, { axis }, name);
  notEmpty(lanes, name);
  return pick(x, reduceLanes(lanes, 'int32', position), axis, keepdims);
}

/**
 * The largest element of each lane of an axis and its index; the gradient goes to that one.
 *
 * @remarks Python: `torch.max(x, axis)`.
 * @example maxWithIndices(tensor([[1, 5], [3, 2]])).indices.tolist() // => [1, 0]
 */
export function maxWithIndices(x: Tensor, options: AxisOptions = {}): ValuesAndIndices {
  return withIndices('max', x, options, LARGEST);
}

/**
 * The smallest element of each lane of an axis and its index; the gradient goes to that one.
 *
 * @remarks Python: `torch.min(x, axis)`.
 * @example minWithIndices(tensor([[1, 5], [3, 2]])).indices.tolist() // => [0, 1]
 */
export function minWithIndices(x: Tensor, options: AxisOptions = {}): ValuesAndIndices {
  return withIndices('min', x, options, SMALLEST);
}

/**
 * The largest element; along one axis the gradient goes to the chosen one, over all or several axes equal ones share it.
 *
 * @remarks Python: `torch.max(x)`, `torch.max(x, axis).values`.
 * @example max(tensor([1, 5, 3])).item() // => 5
 */
export function max(x: Tensor, { axis, keepdims = false }: ReduceOptions = {}): Tensor {
  return typeof axis === 'number' ? maxWithIndices(x, { axis, keepdims }).values : amax(x, axis === undefined ? { keepdims } : { axis, keepdims });
}

/**
 * The smallest element; gradients as in {@link max}.
 *
 * @remarks Python: `torch.min(x)`, `torch.min(x, axis).values`.
 * @example min(tensor([4, 2, 3])).item() // => 2
 */
export function min(x: Tensor, { axis, keepdims = false }: ReduceOptions = {}): Tensor {
  return typeof axis === 'number' ? minWithIndices(x, { axis, keepdims }).values : amin(x, axis === undefined ? { keepdims } : { axis, keepdims });
}

/**
 * Smallest and largest element over axes.
 *
 * @remarks Python: `torch.aminmax(x, dim=axis)`.
 * @example aminmax(tensor([4, 2, 3])).max.item() // => 4
 */
export function aminmax(x: Tensor, options: ReduceOptions = {}): { min: Tensor; max: Tensor } {
  return { min: amin(x, options), max: amax(x, options) };
}

/**
 * The distance between largest and smallest element over axes.
 *
 * @remarks Python: `numpy.ptp(x, axis)`.
 * @example ptp(tensor([4, 2, 9])).item() // => 7
 */
export function ptp(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sub(amax(x, options), amin(x, options));
}

/** An index over one axis or over all elements. */
function arg(name: string, x: Tensor, { axis, keepdims = false }: { axis?: number; keepdims?: boolean }, position: typeof LARGEST): Tensor {
  const lanes = lanesOf(x, axis === undefined ? { keepdims } : { axis, keepdims }, name);
  notEmpty(lanes, name);
  return reduceLanes(lanes, 'int32', position);
}

/**
 * Index of the largest element, along an axis or in row-major order; a NaN wins, the first among equals.
 *
 * @remarks Python: `numpy.argmax(x, axis)`.
 * @example argmax(tensor([1, 5, 3])).item() // => 1
 */
export function argmax(x: Tensor, options: AxisOptions = {}): Tensor {
  return arg('argmax', x, options, LARGEST);
}

/**
 * Index of the smallest element, along an axis or in row-major order; a NaN wins, the first among equals.
 *
 * @remarks Python: `numpy.argmin(x, axis)`.
 * @example argmin(tensor([4, 2, 3])).item() // => 1
 */
export function argmin(x: Tensor, options: AxisOptions = {}): Tensor {
  return arg('argmin', x, options, SMALLEST);
}

/** The largest element that is not NaN; NaN where all are. */
function nanExtreme(name: string, x: Tensor, options: ReduceOptions, start: number, of: (x: Tensor, options: ReduceOptions) => Tensor): Tensor {
  notEmpty(lanesOf(x, options, name), name);
  const filled = of(where(isnan(x), start, x), options);
  return where(all(isnan(x), options), Number.NaN, filled);
}

/**
 * The largest element that is not NaN, over axes; NaN where all are.
 *
 * @remarks Python: `numpy.nanmax(x, axis)`.
 * @example nanmax(tensor([1, NaN, 3])).item() // => 3
 */
export function nanmax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return nanExtreme('nanmax', x, options, Number.NEGATIVE_INFINITY, amax);
}

/**
 * The smallest element that is not NaN, over axes; NaN where all are.
 *
 * @remarks Python: `numpy.nanmin(x, axis)`.
 * @example nanmin(tensor([2, NaN, 3])).item() // => 2
 */
export function nanmin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return nanExtreme('nanmin', x, options, Number.POSITIVE_INFINITY, amin);
}

/** bool; uint8 stays, as in torch. */
const truthType = (x: Tensor): Tensor['dtype'] => (x.dtype === 'uint8' ? 'uint8' : 'bool');

/**
 * Whether any element is not zero, over axes; false of nothing.
 *
 * @remarks Python: `torch.any(x, axis)`.
 * @example any(tensor([0, 2])).toBoolean() // => true
 */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduceLanes(lanesOf(x, options, 'any'), truthType(x), (data, start, end) => Number(data.subarray(start, end).some(value => value !== 0)));
}

/**
 * Whether all elements are not zero, over axes; true of nothing.
 *
 * @remarks Python: `torch.all(x, axis)`.
 * @example all(tensor([0, 2])).toBoolean() // => false
 */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduceLanes(lanesOf(x, options, 'all'), truthType(x), (data, start, end) => Number(data.subarray(start, end).every(value => value !== 0)));
}

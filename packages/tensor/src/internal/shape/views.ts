/** Other shapes for the same elements: views wherever strides allow it. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { geometryOf, reachOf, recordStrided, recordView, scatterInto } from '../autograd/views.js';
import { copyOf } from '../core/elements.js';
import { type Axes, axesOf, axisOf, broadcastShapes, checkShape, count, inferShape, reshapeStrides, showShape, sizeOf } from '../core/shape.js';

/**
 * The same elements in row-major order, in a buffer of their own unless they lie so already.
 *
 * @remarks Python: `x.contiguous()`.
 * @example contiguous(permute(tensor([[1, 2], [3, 4]]), [1, 0])).strides // => [2, 1]
 */
export function contiguous(x: Tensor): Tensor {
  return x.isContiguous() ? x : clone(x);
}

/**
 * A copy in row-major order; gradients pass through it.
 *
 * @remarks Python: `x.clone()`.
 * @example clone(tensor([1, 2])).tolist() // => [1, 2]
 */
export function clone(x: Tensor): Tensor {
  return record('clone', wrap(copyOf(x), x.shape, x.dtype), [x], g => [g]);
}

/** A view under another shape, or null when elements would have to move. */
function viewAs(x: Tensor, shape: readonly number[]): Tensor | null {
  const strides = reshapeStrides(x.shape, x.strides, shape);
  if (strides === null) return null;
  const from = x.shape;
  return recordView('reshape', x, { shape, strides, offset: x.offset }, g => reshape(g, from));
}

/**
 * The same elements under another shape; one length may be -1 and is inferred. A view where strides allow it, else a copy.
 *
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `x.reshape(shape)`.
 * @example reshape(tensor([1, 2, 3, 4]), [2, -1]).tolist() // => [[1, 2], [3, 4]]
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const target = inferShape(shape, x.size, 'reshape', x.shape);
  return viewAs(x, target) ?? viewAs(clone(x), target)!;
}

/**
 * As {@link reshape}, but never a copy.
 *
 * @throws {ShapeError} when elements would have to move
 * @remarks Python: `x.view(shape)`.
 * @example view(tensor([1, 2, 3, 4]), [2, 2]).shape // => [2, 2]
 */
export function view(x: Tensor, shape: readonly number[]): Tensor {
  const found = viewAs(x, inferShape(shape, x.size, 'view', x.shape));
  if (found !== null) return found;
  throw new ShapeError(`view: ${showShape(x.shape)} with strides ${showShape(x.strides)} cannot be seen as ${showShape(shape)} without a copy; use reshape`, {
    parameter: 'shape',
    received: shape,
  });
}

/**
 * The axes in another order.
 *
 * @param axes each axis once
 * @remarks Python: `x.permute(axes)`, `numpy.transpose(x, axes)`.
 * @example permute(zeros([2, 3, 4]), [2, 0, 1]).shape // => [4, 2, 3]
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const order = axesOf(axes, x.ndim, 'permute');
  if (order.length !== x.ndim)
    throw new ValidationError(`permute: axis must name each of the ${x.ndim} axes once, got ${showShape(axes)}`, { parameter: 'axes', received: axes });
  const inverse = order.map((_, axis) => order.indexOf(axis));
  const geometry = { shape: order.map(axis => x.shape[axis]!), strides: order.map(axis => x.strides[axis]!), offset: x.offset };
  return recordView('permute', x, geometry, g => permute(g, inverse));
}

/**
 * The axes in reverse order.
 *
 * @remarks Python: `numpy.transpose(x)`, `x.T`.
 * @example transpose(zeros([2, 3])).shape // => [3, 2]
 */
export function transpose(x: Tensor): Tensor {
  return permute(
    x,
    Array.from({ length: x.ndim }, (_, axis) => x.ndim - 1 - axis),
  );
}

/**
 * Two axes exchanged.
 *
 * @remarks Python: `x.swapaxes(a, b)`, `x.transpose(a, b)` of torch.
 * @example swapaxes(zeros([2, 3, 4]), 0, -1).shape // => [4, 3, 2]
 */
export function swapaxes(x: Tensor, a: number, b: number): Tensor {
  const [i, j] = [axisOf(a, x.ndim, 'swapaxes'), axisOf(b, x.ndim, 'swapaxes')];
  return permute(
    x,
    Array.from({ length: x.ndim }, (_, axis) => (axis === i ? j : axis === j ? i : axis)),
  );
}

/**
 * The last two axes exchanged.
 *
 * @remarks Python: `x.mT`.
 * @example matrixTranspose(zeros([5, 2, 3])).shape // => [5, 3, 2]
 */
export function matrixTranspose(x: Tensor): Tensor {
  return swapaxes(x, -2, -1);
}

/**
 * Axes moved to other places, the rest in order.
 *
 * @param source axis or axes
 * @param destination where each goes
 * @remarks Python: `numpy.moveaxis(x, source, destination)`.
 * @example moveaxis(zeros([2, 3, 4]), 0, -1).shape // => [3, 4, 2]
 */
export function moveaxis(x: Tensor, source: Axes, destination: Axes): Tensor {
  const [from, to] = [axesOf(source, x.ndim, 'moveaxis'), axesOf(destination, x.ndim, 'moveaxis')];
  if (from.length !== to.length)
    throw new ShapeError(`moveaxis: source and destination differ in length, ${from.length} and ${to.length}`, { parameter: 'destination' });
  const rest = axesOf(undefined, x.ndim, 'moveaxis').filter(axis => !from.includes(axis));
  return permute(
    x,
    Array.from({ length: x.ndim }, (_, axis) => (to.includes(axis) ? from[to.indexOf(axis)]! : rest.shift()!)),
  );
}

/**
 * Without axes of length 1.
 *
 * @param options `axis` which of them; all by default
 * @throws {ShapeError} for an axis of another length
 * @remarks Python: `numpy.squeeze(x, axis)`.
 * @example squeeze(zeros([1, 3, 1])).shape // => [3]
 */
export function squeeze(x: Tensor, { axis }: { readonly axis?: Axes } = {}): Tensor {
  const gone = axis === undefined ? x.shape.flatMap((length, at) => (length === 1 ? [at] : [])) : axesOf(axis, x.ndim, 'squeeze');
  for (const at of gone)
    if (x.shape[at] !== 1)
      throw new ShapeError(`squeeze: axis ${at} of ${showShape(x.shape)} has length ${x.shape[at]}, not 1`, { parameter: 'axis', received: axis });
  return reshape(
    x,
    x.shape.filter((_, at) => !gone.includes(at)),
  );
}

/**
 * With new axes of length 1, counted in the result.
 *
 * @remarks Python: `numpy.expand_dims(x, axis)`, `x.unsqueeze(axis)`.
 * @example unsqueeze(zeros([3]), 0).shape // => [1, 3]
 */
export function unsqueeze(x: Tensor, axis: Axes): Tensor {
  const ndim = x.ndim + [axis].flat().length;
  const added = axesOf(axis, ndim, 'unsqueeze');
  const rest = [...x.shape];
  return reshape(
    x,
    Array.from({ length: ndim }, (_, at) => (added.includes(at) ? 1 : rest.shift()!)),
  );
}

/**
 * Neighbouring axes as one.
 *
 * @param options `startAxis` first, `endAxis` last of them; all by default
 * @remarks Python: `torch.flatten(x, start_dim, end_dim)`.
 * @example flatten(zeros([2, 3, 4]), { startAxis: 1 }).shape // => [2, 12]
 */
export function flatten(x: Tensor, { startAxis = 0, endAxis = -1 }: { readonly startAxis?: number; readonly endAxis?: number } = {}): Tensor {
  if (x.ndim === 0) return reshape(x, [1]);
  const [from, to] = [axisOf(startAxis, x.ndim, 'flatten'), axisOf(endAxis, x.ndim, 'flatten')];
  if (from > to) throw new ValidationError(`flatten: startAxis ${startAxis} lies after endAxis ${endAxis}`, { parameter: 'startAxis', received: startAxis });
  return reshape(x, [...x.shape.slice(0, from), sizeOf(x.shape.slice(from, to + 1)), ...x.shape.slice(to + 1)]);
}

/**
 * One axis as several; one length may be -1.
 *
 * @remarks Python: `torch.unflatten(x, axis, shape)`.
 * @example unflatten(zeros([6]), 0, [2, -1]).shape // => [2, 3]
 */
export function unflatten(x: Tensor, axis: number, shape: readonly number[]): Tensor {
  const at = axisOf(axis, x.ndim, 'unflatten');
  const inner = inferShape(shape, x.shape[at]!, 'unflatten', [x.shape[at]!]);
  return reshape(x, [...x.shape.slice(0, at), ...inner, ...x.shape.slice(at + 1)]);
}

/**
 * Axes of length 1 repeated without a copy; -1 keeps a length.
 *
 * @throws {ShapeError} when another length would have to change
 * @remarks Python: `x.expand(shape)`.
 * @example expand(tensor([[1], [2]]), [2, 3]).tolist() // => [[1, 1, 1], [2, 2, 2]]
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  const lead = shape.length - x.ndim;
  const target = shape.map((length, axis) => (length === -1 && axis >= lead ? x.shape[axis - lead]! : length));
  checkShape(target, 'expand');
  if (lead < 0 || x.shape.some((length, axis) => length !== 1 && length !== target[axis + lead]))
    throw new ShapeError(`expand: ${showShape(x.shape)} cannot be expanded to ${showShape(shape)}`, { parameter: 'shape', received: shape });
  if (showShape(target) === showShape(x.shape)) return x;
  const strides = target.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : x.strides[axis - lead]!));
  return recordView('expand', x, { shape: target, strides, offset: x.offset }, g => g);
}

/**
 * Repeated to a shape that it broadcasts to, without a copy.
 *
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `numpy.broadcast_to(x, shape)`.
 * @example broadcastTo(tensor([1, 2]), [2, 2]).tolist() // => [[1, 2], [1, 2]]
 */
export function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  return expand(x, shape);
}

/**
 * Tensors repeated to the shape they take together.
 *
 * @remarks Python: `torch.broadcast_tensors(...)`.
 * @example broadcastTensors([tensor([1, 2]), tensor([[3]])]).map(x => x.shape) // => [[1, 2], [1, 2]]
 */
export function broadcastTensors(tensors: readonly Tensor[]): Tensor[] {
  const shape = broadcastShapes(
    tensors.map(x => x.shape),
    'broadcastTensors',
  );
  return tensors.map(x => expand(x, shape));
}

/**
 * The diagonal of two axes, as the last axis.
 *
 * @param options `offset` above (positive) or below the main diagonal; `axis1`, `axis2` rows and columns
 * @remarks Python: `torch.diagonal(x, offset, dim1, dim2)`.
 * @example diagonal(tensor([[1, 2], [3, 4]])).tolist() // => [1, 4]
 */
export function diagonal(
  x: Tensor,
  { offset = 0, axis1 = 0, axis2 = 1 }: { readonly offset?: number; readonly axis1?: number; readonly axis2?: number } = {},
): Tensor {
  const [row, column] = axesOf([axis1, axis2], x.ndim, 'diagonal') as [number, number];
  const [down, right] = [Math.max(0, -integer(offset, 'offset')), Math.max(0, offset)];
  const length = Math.max(0, Math.min(x.shape[row]! - down, x.shape[column]! - right));
  const others = axesOf(undefined, x.ndim, 'diagonal').filter(axis => axis !== row && axis !== column);
  const shape = [...others.map(axis => x.shape[axis]!), length];
  return recordStrided('diagonal', x, (strides, start) => ({
    shape,
    strides: [...others.map(axis => strides[axis]!), strides[row]! + strides[column]!],
    offset: start + (length === 0 ? 0 : down * strides[row]! + right * strides[column]!),
  }));
}

/**
 * Windows of an axis, their elements as the last axis.
 *
 * @param size elements of a window
 * @param step from one window to the next
 * @remarks Python: `x.unfold(axis, size, step)`.
 * @example unfold(arange(5), 0, 3, 2).tolist() // => [[0, 1, 2], [2, 3, 4]]
 */
export function unfold(x: Tensor, axis: number, size: number, step: number): Tensor {
  const at = axisOf(axis, x.ndim, 'unfold');
  const length = x.shape[at]!;
  if (count(size, 'size') > length || !(integer(step, 'step') > 0))
    throw new ValidationError(`unfold: windows of ${size} by steps of ${step} do not fit an axis of length ${length}`, { parameter: 'size', received: size });
  const shape = [...x.shape.map((each, k) => (k === at ? Math.floor((length - size) / step) + 1 : each)), size];
  return recordStrided('unfold', x, (strides, offset) => ({
    shape,
    strides: [...strides.map((each, k) => (k === at ? each * step : each)), strides[at]!],
    offset,
  }));
}

/**
 * Every window of one or several axes, their elements as last axes.
 *
 * @param size elements of a window, for each axis
 * @remarks Python: `numpy.lib.stride_tricks.sliding_window_view(x, size, axis)`.
 * @example slidingWindow(arange(4), 2).tolist() // => [[0, 1], [1, 2], [2, 3]]
 */
export function slidingWindow(x: Tensor, size: Axes, { axis }: { readonly axis?: Axes } = {}): Tensor {
  const sizes = [size].flat();
  const axes = axesOf(axis ?? (sizes.length === x.ndim ? undefined : 0), x.ndim, 'slidingWindow');
  if (axes.length !== sizes.length) throw new ShapeError(`slidingWindow: ${sizes.length} sizes for ${axes.length} axes`, { parameter: 'size', received: size });
  return axes.reduce((windows, at, k) => unfold(windows, at, sizes[k]!, 1), x);
}

/**
 * A view of the buffer with strides of one's own, in elements.
 *
 * @param options `offset` of the first element in the buffer
 * @throws {ValidationError} when it would reach beyond the buffer
 * @remarks Python: `torch.as_strided(x, shape, strides, offset)`.
 * @example asStrided(arange(5), [2, 2], [2, 1]).tolist() // => [[0, 1], [2, 3]]
 */
export function asStrided(x: Tensor, shape: readonly number[], strides: readonly number[], { offset = x.offset }: { readonly offset?: number } = {}): Tensor {
  const geometry = { shape: checkShape(shape, 'asStrided'), strides, offset: count(offset, 'offset') };
  const lowest = shape.reduce((least, length, axis) => least + Math.min(0, (length - 1) * strides[axis]!), offset);
  if (strides.length !== shape.length || lowest < 0 || reachOf(geometry) > x.storage.data.length)
    throw new ValidationError(
      `asStrided: shape ${showShape(shape)} with strides ${showShape(strides)} from ${offset} reaches beyond the buffer of ${x.storage.data.length} elements`,
      { parameter: 'strides', received: strides },
    );
  const from = geometryOf(x);
  return recordView('asStrided', x, geometry, g => scatterInto(g, from, geometry));
}

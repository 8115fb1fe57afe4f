/** Views as recorded operations: reading through a geometry, and its transpose, adding into one. */
import type { TypedArray } from '../../dtypes.js';
import { type Geometry, type Tensor, wrap } from '../../tensor.js';
import { copyElements, numbersOf } from '../core/elements.js';
import { isRowMajor, rowMajor, sizeOf } from '../core/shape.js';
import { fromNumbers, type NumberArray, scratch, scratchDirty } from '../core/storage.js';
import { walk } from '../core/walk.js';
import { GraphNode, record } from './graph.js';

/** The geometry of a tensor without the tensor. */
export const geometryOf = ({ shape, strides, offset }: Geometry): Geometry => ({ shape, strides, offset });

/** Number of elements from the start of the buffer to the last that a geometry reaches. */
export function reachOf({ shape, strides, offset }: Geometry): number {
  if (sizeOf(shape) === 0) return offset;
  return 1 + shape.reduce((last, length, axis) => last + Math.max(0, (length - 1) * strides[axis]!), offset);
}

/** The history of a view whose base was written to: it reads the base's elements through its own geometry. */
export function viewNode(base: Tensor, view: Tensor): GraphNode {
  const [from, through] = [geometryOf(base), geometryOf(view)];
  return new GraphNode('view', [{ node: base.node, shape: base.shape, dtype: base.dtype }], g => [scatterInto(g, from, through)]);
}

/** Whether a geometry reaches no element twice: each step is longer than all that the shorter ones reach. */
function isDistinct({ shape, strides }: Geometry): boolean {
  const axes = shape.map((length, axis) => ({ length, step: Math.abs(strides[axis]!) })).filter(({ length }) => length > 1);
  let reach = 0;
  return axes
    .sort((a, b) => a.step - b.step)
    .every(({ length, step }) => {
      const isBeyond = step > reach;
      reach += (length - 1) * step;
      return isBeyond;
    });
}

/** A buffer that holds a tensor's elements where a geometry puts them, zeros elsewhere. */
function spread(x: Tensor, source: Geometry, reach: number): NumberArray {
  const isFilled = sizeOf(source.shape) === reach && isDistinct(source);
  const buffer = (isFilled ? scratchDirty : scratch)(x.dtype, reach);
  copyElements(numbersOf(x), { strides: rowMajor(source.shape), offset: 0 }, buffer, source, source.shape);
  return buffer;
}

/** Zeros laid out as `target`, with the elements of a gradient added where `through` reads. */
export function scatterInto(gradient: Tensor, target: Geometry, through: Geometry): Tensor {
  const reach = Math.max(reachOf(target), reachOf(through));
  const buffer = isDistinct(through) ? spread(gradient, through, reach) : addedUp(gradient, through, reach);
  const result = wrap(gather(buffer, target, gradient.dtype), target.shape, gradient.dtype);
  return record('scatterInto', result, [gradient], g => [readThrough(g, target, through)]);
}

/** A buffer of sums of a tensor's elements where a geometry puts several into one place. */
function addedUp(x: Tensor, into: Geometry, reach: number): NumberArray {
  const buffer = scratch(x.dtype, reach);
  const values = numbersOf(x);
  walk(into.shape, [into, { strides: rowMajor(into.shape), offset: 0 }], ([a, b], [stepA, stepB], length) => {
    for (let i = 0; i < length; i++) buffer[a! + i * stepA!]! += values[b! + i * stepB!]!;
  });
  return buffer;
}

/** Elements of a tensor, laid out as `source`, read through another geometry. */
export function readThrough(x: Tensor, source: Geometry, through: Geometry): Tensor {
  const buffer = spread(x, source, Math.max(reachOf(source), reachOf(through)));
  const result = wrap(gather(buffer, through, x.dtype), through.shape, x.dtype);
  return record('readThrough', result, [x], g => [scatterInto(g, source, through)]);
}

/** Elements of a buffer in row-major order; the buffer itself where they lie so. */
function gather(buffer: NumberArray, { shape, strides, offset }: Geometry, dtype: Tensor['dtype']): TypedArray {
  const size = sizeOf(shape);
  if (offset === 0 && buffer.length === size && isRowMajor(shape, strides)) return fromNumbers(buffer, dtype);
  const values = scratchDirty(dtype, size);
  copyElements(buffer, { strides, offset }, values, { strides: rowMajor(shape), offset: 0 }, shape);
  return fromNumbers(values, dtype);
}

/** A gradient with zeros where `through` reads. */
export function eraseThrough(gradient: Tensor, source: Geometry, through: Geometry): Tensor {
  const buffer = spread(gradient, source, Math.max(reachOf(source), reachOf(through)));
  walk(through.shape, [through], ([a], [step], length) => {
    for (let i = 0; i < length; i++) buffer[a! + i * step!] = 0;
  });
  const result = wrap(gather(buffer, source, gradient.dtype), source.shape, gradient.dtype);
  return record('eraseThrough', result, [gradient], g => [eraseThrough(g, source, through)]);
}

/**
 * A recorded view whose gradient is added back where it reads. `place` gives its geometry for strides and offset of what it looks at: those of
 * the buffer for the view, those of row-major order for the gradient, which a tensor that repeats elements does not share.
 */
export function recordStrided(name: string, x: Tensor, place: (strides: readonly number[], offset: number) => Geometry): Tensor {
  const strides = rowMajor(x.shape);
  const [target, through] = [{ shape: x.shape, strides, offset: 0 }, place(strides, 0)];
  return recordView(name, x, place(x.strides, x.offset), g => scatterInto(g, target, through));
}

/** A recorded view; `rule` gives the gradient of what it looks at. */
export function recordView(name: string, x: Tensor, geometry: Geometry, rule: (gradient: Tensor) => Tensor): Tensor {
  return record(name, x.viewOf(geometry), [x], g => [rule(g)]);
}

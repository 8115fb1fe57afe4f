/** Views as recorded operations: reading through a geometry, and its transpose, adding into one. */
import { type Geometry, type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { rowMajor, sizeOf } from '../core/shape.js';
import { fromNumbers, type NumberArray, scratch } from '../core/storage.js';
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

/** A buffer that holds a tensor's elements where a geometry puts them. */
function spread(x: Tensor, source: Geometry, reach: number): NumberArray {
  const buffer = scratch(x.dtype, reach);
  const values = numbersOf(x);
  walk(source.shape, [source, { strides: rowMajor(source.shape), offset: 0 }], ([a, b], [stepA, stepB], length) => {
    for (let i = 0; i < length; i++) buffer[a! + i * stepA!] = values[b! + i * stepB!]!;
  });
  return buffer;
}

/** Zeros laid out as `target`, with the elements of a gradient added where `through` reads. */
export function scatterInto(gradient: Tensor, target: Geometry, through: Geometry): Tensor {
  const buffer = scratch(gradient.dtype, Math.max(reachOf(target), reachOf(through)));
  const values = numbersOf(gradient);
  walk(through.shape, [through, { strides: rowMajor(through.shape), offset: 0 }], ([a, b], [stepA, stepB], length) => {
    for (let i = 0; i < length; i++) buffer[a! + i * stepA!]! += values[b! + i * stepB!]!;
  });
  const result = wrap(gather(buffer, target, gradient.dtype), target.shape, gradient.dtype);
  return record('scatterInto', result, [gradient], g => [readThrough(g, target, through)]);
}

/** Elements of a tensor, laid out as `source`, read through another geometry. */
export function readThrough(x: Tensor, source: Geometry, through: Geometry): Tensor {
  const buffer = spread(x, source, Math.max(reachOf(source), reachOf(through)));
  const result = wrap(gather(buffer, through, x.dtype), through.shape, x.dtype);
  return record('readThrough', result, [x], g => [scatterInto(g, source, through)]);
}

function gather(buffer: NumberArray, { shape, strides, offset }: Geometry, dtype: Tensor['dtype']) {
  const values = scratch(dtype, sizeOf(shape));
  walk(
    shape,
    [
      { strides, offset },
      { strides: rowMajor(shape), offset: 0 },
    ],
    ([a, b], [stepA, stepB], length) => {
      for (let i = 0; i < length; i++) values[b! + i * stepB!] = buffer[a! + i * stepA!]!;
    },
  );
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

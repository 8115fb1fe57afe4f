/** Shapes, axes and strides: what every operation checks before it allocates. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';

/** `[2, 3]`, as error messages show a shape. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Refuses a shape with a negative or fractional length. */
export function checkShape(shape: readonly number[], operation: string): readonly number[] {
  if (!Array.isArray(shape) || !shape.every(length => Number.isSafeInteger(length) && length >= 0))
    throw new ShapeError(`${operation}: shape must hold non-negative integers, got ${showShape([shape].flat() as number[])}`, {
      parameter: 'shape',
      received: shape,
    });
  return shape;
}

/** Strides of a row-major array, in elements. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= Math.max(1, shape[axis]!);
  }
  return strides;
}

/** Whether elements lie in row-major order without gaps; axes of length 1 may have any stride. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== stride) return false;
    stride *= shape[axis]!;
  }
  return true;
}

/** An axis counted from the front; negative ones count from the end. */
export function axisOf(axis: number, ndim: number, operation: string): number {
  const bound = Math.max(ndim, 1);
  if (!(Number.isInteger(axis) && axis >= -bound && axis < bound))
    throw new ValidationError(`${operation}: axis must be an integer in [${-bound}, ${bound - 1}] for ${ndim} axes, got ${String(axis)}`, {
      parameter: 'axis',
      received: axis,
    });
  return axis < 0 ? axis + bound : axis;
}

/** One axis, several, or all when absent. */
export type Axes = number | readonly number[];

/** Distinct axes in the order given; all of them when absent. */
export function axesOf(axes: Axes | undefined, ndim: number, operation: string): number[] {
  if (axes === undefined) return Array.from({ length: ndim }, (_, axis) => axis);
  const found = (typeof axes === 'number' ? [axes] : axes).map(axis => axisOf(axis, ndim, operation));
  if (new Set(found).size !== found.length)
    throw new ValidationError(`${operation}: axis must name each axis once, got ${showShape([axes].flat())}`, { parameter: 'axis', received: axes });
  return ndim === 0 ? [] : found;
}

/**
 * The shape that operands take together: aligned at the last axis, lengths equal or 1.
 *
 * @throws {ShapeError} naming operation and shapes
 * @remarks Python: `numpy.broadcast_shapes(...)`.
 * @example broadcastShapes([[2, 1], [3]]) // => [2, 3]
 */
export function broadcastShapes(shapes: readonly (readonly number[])[], operation = 'broadcastShapes'): readonly number[] {
  const [first = []] = shapes;
  if (shapes.every(shape => shape.length === first.length && shape.every((length, axis) => length === first[axis]))) return first;
  const result = new Array<number>(Math.max(0, ...shapes.map(shape => shape.length))).fill(1);
  for (const shape of shapes) {
    const lead = result.length - shape.length;
    for (const [axis, length] of shape.entries()) {
      const known = result[lead + axis]!;
      if (known === 1) result[lead + axis] = length;
      else if (length !== 1 && length !== known)
        throw new ShapeError(`${operation}: shapes ${shapes.map(showShape).join(' and ')} do not broadcast together`, { parameter: 'shape', received: shapes });
    }
  }
  return result;
}

/** Strides with which an array of one shape is read as if it had a larger shape. */
export function broadcastStrides(shape: readonly number[], strides: readonly number[], target: readonly number[]): number[] {
  const lead = target.length - shape.length;
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]!));
}

/** Lengths in which one may be -1 and follows from the size. */
export function inferShape(shape: readonly number[], size: number, operation: string, from: readonly number[]): number[] {
  const unknown = shape.filter(length => length === -1).length;
  const known = sizeOf(shape.filter(length => length !== -1));
  const inferred = shape.map(length => (length === -1 ? (known === 0 ? Number.NaN : size / known) : length));
  if (unknown > 1 || !inferred.every(length => Number.isInteger(length) && length >= 0) || sizeOf(inferred) !== size)
    throw new ShapeError(`${operation}: ${showShape(from)} does not fit ${showShape(shape)}`, { parameter: 'shape', received: shape });
  return inferred;
}

/**
 * Strides under which elements laid out by `strides` read in row-major order as `target`, or null when they would have to move.
 * Both shapes have the same size.
 */
export function reshapeStrides(shape: readonly number[], strides: readonly number[], target: readonly number[]): number[] | null {
  const sizes = shape.filter(length => length !== 1);
  const steps = strides.filter((_, axis) => shape[axis] !== 1);
  const result = new Array<number>(target.length);
  let from = sizes.length - 1;
  let stride = 1;
  let to = target.length - 1;
  if (sizeOf(shape) === 0) return rowMajor(target);
  // Walks both from the last axis; a group of old axes that lie without gaps is cut into new axes.
  while (to >= 0) {
    if (target[to] === 1) {
      result[to--] = stride;
      continue;
    }
    let span = sizes[from]!;
    stride = steps[from]!;
    let wanted = 1;
    let step = stride;
    for (;;) {
      if (wanted < span) {
        result[to] = step;
        step *= target[to]!;
        wanted *= target[to--]!;
      } else if (wanted > span) {
        if (from === 0 || steps[from - 1] !== sizes[from]! * steps[from]!) return null;
        span *= sizes[--from]!;
      } else break;
    }
    from--;
  }
  return result;
}

/** A whole number of elements, axes or repeats, not negative. */
export function count(value: number, name: string): number {
  if (integer(value, name) < 0) throw new ValidationError(`${name} must be non-negative, got ${value}`, { parameter: name, received: value });
  return value;
}

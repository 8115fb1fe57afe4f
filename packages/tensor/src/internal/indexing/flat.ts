/** Reading and adding at positions of the row-major order: the pair of which every gathering operation is made, each the other's gradient. */
import { ValidationError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { sizeOf } from '../core/shape.js';
import { allocateDirty, duplicate, fromNumbers, scratch } from '../core/storage.js';

/** Elements at row-major positions, in a given shape. */
export function takeFlat(x: Tensor, positions: Int32Array, shape: readonly number[], name: string): Tensor {
  const { data, dtype } = x;
  const out = allocateDirty(dtype, positions.length);
  for (let i = 0; i < positions.length; i++) out[i] = data[positions[i]!] as never;
  const from = x.shape;
  return record(name, wrap(out, shape, dtype), [x], g => [addFlat(g, positions, from, name)]);
}

/** Zeros of a shape with elements added at row-major positions. */
export function addFlat(x: Tensor, positions: Int32Array, shape: readonly number[], name: string): Tensor {
  const values = numbersOf(x);
  const out = scratch(x.dtype, sizeOf(shape));
  for (let i = 0; i < positions.length; i++) out[positions[i]!]! += values[i]!;
  const from = x.shape;
  return record(name, wrap(fromNumbers(out, x.dtype), shape, x.dtype), [x], g => [takeFlat(g, positions, from, name)]);
}

/** A copy with the elements at row-major positions replaced; of several for one position the last wins. */
export function putFlat(x: Tensor, positions: Int32Array, values: Tensor, name: string): Tensor {
  const out = duplicate(x.data, x.dtype);
  const { data } = values;
  for (let i = 0; i < positions.length; i++) out[positions[i]!] = data[i] as never;
  const [shape, from] = [x.shape, values.shape];
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] => [
    needs[0] ? eraseFlat(g, positions, name) : null,
    needs[1] ? takeFlat(g, positions, from, name) : null,
  ];
  return record(name, wrap(out, shape, x.dtype), [x, values], rule);
}

/** A copy with zeros at row-major positions. */
function eraseFlat(x: Tensor, positions: Int32Array, name: string): Tensor {
  const out = duplicate(x.data, x.dtype);
  const zero = (out instanceof BigInt64Array ? 0n : 0) as never;
  for (const position of positions) out[position] = zero;
  return record(name, wrap(out, x.shape, x.dtype), [x], g => [eraseFlat(g, positions, name)]);
}

/** Integers behind an index tensor. */
export function indicesOf(index: Tensor, operation: string): ArrayLike<number> {
  if (isFloating(index.dtype) || index.dtype === 'bool')
    throw new ValidationError(`${operation}: index must be of an integer dtype, got ${index.dtype}`, { parameter: 'index', received: index.dtype });
  return numbersOf(index);
}

/** An index counted from the front of an axis. */
export function fromFront(index: number, length: number, axis: number, operation: string, negatives = true): number {
  if (!(index >= (negatives ? -length : 0) && index < length))
    throw new ValidationError(`${operation}: index ${index} is out of range for axis ${axis} of length ${length}`, { parameter: 'index', received: index });
  return index < 0 ? index + length : index;
}

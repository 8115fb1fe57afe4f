/** Operations that write their result into their first operand. */
import { type Tensor, tensor } from '../../tensor.js';
import { writeInPlace } from '../autograd/in-place.js';
import type { Operandish } from './apply.js';
import { add, div, mul, sub } from './arithmetic.js';
import { astype } from './convert.js';

/**
 * Writes what an operation makes of a tensor back into it: any operation in place.
 *
 * @returns the tensor
 * @throws {ShapeError} when the result does not have the tensor's shape
 * @throws {ValidationError} when its type does not fit, or the tensor repeats elements
 * @throws {StateError} for a leaf that requires gradients, outside `noGrad`
 * @remarks Python: `x.op_(...)`.
 * @example applyInPlace(tensor([1, 4]), sqrt).tolist() // => [1, 2]
 */
export function applyInPlace(x: Tensor, of: (x: Tensor) => Tensor, name = 'applyInPlace'): Tensor {
  return writeInPlace(x, of(x), name);
}

/**
 * Writes a value into a tensor; it is converted to the tensor's type and may broadcast.
 *
 * @throws {ShapeError} when it does not broadcast
 * @remarks Python: `x.copy_(value)`.
 * @example copy_(zeros([2]), tensor([3, 4])).tolist() // => [3, 4]
 */
export function copy_(x: Tensor, value: Tensor): Tensor {
  return writeInPlace(x, astype(value, x.dtype), 'copy_');
}

/**
 * Writes one number into every element.
 *
 * @remarks Python: `x.fill_(value)`.
 * @example fill_(zeros([2]), 7).tolist() // => [7, 7]
 */
export function fill_(x: Tensor, value: number): Tensor {
  return writeInPlace(x, tensor(value, { dtype: x.dtype }), 'fill_');
}

/**
 * Writes zeros.
 *
 * @remarks Python: `x.zero_()`.
 * @example zero_(ones([2])).tolist() // => [0, 0]
 */
export function zero_(x: Tensor): Tensor {
  return fill_(x, 0);
}

/**
 * `x += value`.
 *
 * @remarks Python: `x.add_(value)`.
 * @example add_(ones([2]), 2).tolist() // => [3, 3]
 */
export function add_(x: Tensor, value: Operandish): Tensor {
  return writeInPlace(x, add(x, value), 'add_');
}

/**
 * `x -= value`.
 *
 * @remarks Python: `x.sub_(value)`.
 * @example sub_(ones([2]), 2).tolist() // => [-1, -1]
 */
export function sub_(x: Tensor, value: Operandish): Tensor {
  return writeInPlace(x, sub(x, value), 'sub_');
}

/**
 * `x *= value`.
 *
 * @remarks Python: `x.mul_(value)`.
 * @example mul_(ones([2]), 2).tolist() // => [2, 2]
 */
export function mul_(x: Tensor, value: Operandish): Tensor {
  return writeInPlace(x, mul(x, value), 'mul_');
}

/**
 * `x /= value`.
 *
 * @remarks Python: `x.div_(value)`.
 * @example div_(ones([2]), 2).tolist() // => [0.5, 0.5]
 */
export function div_(x: Tensor, value: Operandish): Tensor {
  return writeInPlace(x, div(x, value), 'div_');
}

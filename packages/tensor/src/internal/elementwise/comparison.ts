/** Comparisons, logic, bits and choice between elements. */
import { ValidationError } from '@gtc/errors';
import { isFloating, resultType } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { convert, numbersOf } from '../core/elements.js';
import { broadcastShapes, broadcastStrides, rowMajor, sizeOf } from '../core/shape.js';
import { allocate } from '../core/storage.js';
import { walk } from '../core/walk.js';
import { type Binary, binary, integersOnly, lift, type Operandish, type Unary, unary } from './apply.js';

const compare = (name: string, of: (a: number, b: number) => boolean): Binary => ({
  name,
  integers: 'bool',
  of: (a, b) => Number(of(a, b)),
  // Comparisons of bigints read the same.
  big: of as unknown as (a: bigint, b: bigint) => boolean,
});

const EQ = compare('eq', (a, b) => a === b);

/**
 * Whether `a = b`; NaN equals nothing.
 *
 * @remarks Python: `torch.eq(a, b)`.
 * @example eq(tensor([1, 2]), 2).tolist() // => [false, true]
 */
export function eq(a: Operandish, b: Operandish): Tensor {
  return binary(EQ, a, b);
}

const NE = compare('ne', (a, b) => a !== b);

/**
 * Whether `a ≠ b`; NaN differs from everything.
 *
 * @remarks Python: `torch.ne(a, b)`.
 * @example ne(tensor([1, 2]), 2).tolist() // => [true, false]
 */
export function ne(a: Operandish, b: Operandish): Tensor {
  return binary(NE, a, b);
}

const LT = compare('lt', (a, b) => a < b);

/**
 * Whether `a < b`; never with NaN.
 *
 * @remarks Python: `torch.lt(a, b)`.
 * @example lt(tensor([1, 2]), 2).tolist() // => [true, false]
 */
export function lt(a: Operandish, b: Operandish): Tensor {
  return binary(LT, a, b);
}

const LE = compare('le', (a, b) => a <= b);

/**
 * Whether `a ≤ b`; never with NaN.
 *
 * @remarks Python: `torch.le(a, b)`.
 * @example le(tensor([1, 2]), 2).tolist() // => [true, true]
 */
export function le(a: Operandish, b: Operandish): Tensor {
  return binary(LE, a, b);
}

const GT = compare('gt', (a, b) => a > b);

/**
 * Whether `a > b`; never with NaN.
 *
 * @remarks Python: `torch.gt(a, b)`.
 * @example gt(tensor([1, 2]), 2).tolist() // => [false, false]
 */
export function gt(a: Operandish, b: Operandish): Tensor {
  return binary(GT, a, b);
}

const GE = compare('ge', (a, b) => a >= b);

/**
 * Whether `a ≥ b`; never with NaN.
 *
 * @remarks Python: `torch.ge(a, b)`.
 * @example ge(tensor([1, 2]), 2).tolist() // => [false, true]
 */
export function ge(a: Operandish, b: Operandish): Tensor {
  return binary(GE, a, b);
}

const ISNAN: Unary = { name: 'isnan', integers: 'bool', of: x => Number(Number.isNaN(x)) };

/**
 * Whether an element is NaN.
 *
 * @remarks Python: `torch.isnan(x)`.
 * @example isnan(tensor([1, NaN])).tolist() // => [false, true]
 */
export function isnan(x: Tensor): Tensor {
  return unary(ISNAN, x);
}

const ISINF: Unary = { name: 'isinf', integers: 'bool', of: x => Number(x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY) };

/**
 * Whether an element is infinite.
 *
 * @remarks Python: `torch.isinf(x)`.
 * @example isinf(tensor([1, -Infinity])).tolist() // => [false, true]
 */
export function isinf(x: Tensor): Tensor {
  return unary(ISINF, x);
}

const ISFINITE: Unary = { name: 'isfinite', integers: 'bool', of: x => Number(Number.isFinite(x)) };

/**
 * Whether an element is neither NaN nor infinite.
 *
 * @remarks Python: `torch.isfinite(x)`.
 * @example isfinite(tensor([1, NaN])).tolist() // => [true, false]
 */
export function isfinite(x: Tensor): Tensor {
  return unary(ISFINITE, x);
}

const SIGNBIT: Unary = { name: 'signbit', integers: 'bool', of: x => Number(x < 0 || Object.is(x, -0)) };

/**
 * Whether the sign is minus, that of -0 too.
 *
 * @remarks Python: `torch.signbit(x)`.
 * @example signbit(tensor([1, -0])).tolist() // => [false, true]
 */
export function signbit(x: Tensor): Tensor {
  return unary(SIGNBIT, x);
}

const LOGICAL_NOT: Unary = { name: 'logicalNot', integers: 'bool', of: x => Number(x === 0) };

/**
 * Whether an element is zero.
 *
 * @remarks Python: `torch.logical_not(x)`.
 * @example logicalNot(tensor([0, 2])).tolist() // => [true, false]
 */
export function logicalNot(x: Tensor): Tensor {
  return unary(LOGICAL_NOT, x);
}

const LOGICAL_AND: Binary = { name: 'logicalAnd', integers: 'bool', of: (a, b) => Number(a !== 0 && b !== 0) };

/**
 * Whether both are not zero.
 *
 * @remarks Python: `torch.logical_and(a, b)`.
 * @example logicalAnd(tensor([0, 2]), 1).tolist() // => [false, true]
 */
export function logicalAnd(a: Operandish, b: Operandish): Tensor {
  return binary(LOGICAL_AND, a, b);
}

const LOGICAL_OR: Binary = { name: 'logicalOr', integers: 'bool', of: (a, b) => Number(a !== 0 || b !== 0) };

/**
 * Whether one of both is not zero.
 *
 * @remarks Python: `torch.logical_or(a, b)`.
 * @example logicalOr(tensor([0, 2]), 1).tolist() // => [true, true]
 */
export function logicalOr(a: Operandish, b: Operandish): Tensor {
  return binary(LOGICAL_OR, a, b);
}

const LOGICAL_XOR: Binary = { name: 'logicalXor', integers: 'bool', of: (a, b) => Number((a !== 0) !== (b !== 0)) };

/**
 * Whether exactly one of both is not zero.
 *
 * @remarks Python: `torch.logical_xor(a, b)`.
 * @example logicalXor(tensor([0, 2]), 1).tolist() // => [true, false]
 */
export function logicalXor(a: Operandish, b: Operandish): Tensor {
  return binary(LOGICAL_XOR, a, b);
}

const BITWISE_AND: Binary = { name: 'bitwiseAnd', of: (a, b) => a & b, big: (a, b) => a & b };

/**
 * Bits set in both, of integers or bools.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_and(a, b)`.
 * @example bitwiseAnd(tensor([6], { dtype: 'int32' }), 5).tolist() // => [4]
 */
export function bitwiseAnd(a: Operandish, b: Operandish): Tensor {
  integersOnly('bitwiseAnd', a, b);
  return binary(BITWISE_AND, a, b);
}

const BITWISE_OR: Binary = { name: 'bitwiseOr', of: (a, b) => a | b, big: (a, b) => a | b };

/**
 * Bits set in one of both, of integers or bools.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_or(a, b)`.
 * @example bitwiseOr(tensor([6], { dtype: 'int32' }), 5).tolist() // => [7]
 */
export function bitwiseOr(a: Operandish, b: Operandish): Tensor {
  integersOnly('bitwiseOr', a, b);
  return binary(BITWISE_OR, a, b);
}

const BITWISE_XOR: Binary = { name: 'bitwiseXor', of: (a, b) => a ^ b, big: (a, b) => a ^ b };

/**
 * Bits set in exactly one, of integers or bools.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_xor(a, b)`.
 * @example bitwiseXor(tensor([6], { dtype: 'int32' }), 5).tolist() // => [3]
 */
export function bitwiseXor(a: Operandish, b: Operandish): Tensor {
  integersOnly('bitwiseXor', a, b);
  return binary(BITWISE_XOR, a, b);
}

const BITWISE_NOT: Unary = { name: 'bitwiseNot', of: x => ~x, big: x => ~x, integers: 'keep' };

/**
 * Every bit turned over; of bools their negation.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_not(x)`.
 * @example bitwiseNot(tensor([5], { dtype: 'int32' })).tolist() // => [-6]
 */
export function bitwiseNot(x: Tensor): Tensor {
  integersOnly('bitwiseNot', x);
  return x.dtype === 'bool' ? logicalNot(x) : unary(BITWISE_NOT, x);
}

const LEFT_SHIFT: Binary = {
  name: 'leftShift',
  of: (a, b) => (b > 31 || b < 0 ? 0 : a << b),
  big: (a, b) => (b > 63n || b < 0n ? 0n : BigInt.asIntN(64, a << b)),
};

/**
 * Bits moved towards the higher end.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_left_shift(a, b)`.
 * @example leftShift(tensor([3], { dtype: 'int32' }), 2).tolist() // => [12]
 */
export function leftShift(a: Operandish, b: Operandish): Tensor {
  integersOnly('leftShift', a, b);
  return binary(LEFT_SHIFT, a, b);
}

const RIGHT_SHIFT: Binary = { name: 'rightShift', of: (a, b) => a >> (b > 31 || b < 0 ? 31 : b), big: (a, b) => a >> (b > 63n || b < 0n ? 63n : b) };

/**
 * Bits moved towards the lower end, the sign repeated.
 *
 * @throws {ValidationError} for fractions
 * @remarks Python: `torch.bitwise_right_shift(a, b)`.
 * @example rightShift(tensor([-8], { dtype: 'int32' }), 1).tolist() // => [-4]
 */
export function rightShift(a: Operandish, b: Operandish): Tensor {
  integersOnly('rightShift', a, b);
  return binary(RIGHT_SHIFT, a, b);
}

/**
 * Elements of `a` where a condition holds, of `b` elsewhere. The gradient goes where the element came from.
 *
 * @param condition bool (or any type: zero means no); broadcasts with both
 * @remarks Python: `torch.where(condition, a, b)`.
 * @example where(tensor([1, 0]), 5, tensor([7, 8])).tolist() // => [5, 8]
 */
export function where(condition: Tensor, a: Operandish, b: Operandish): Tensor {
  const dtype = resultType(a, b);
  const [yes, no] = [lift(a, dtype), lift(b, dtype)];
  const shape = broadcastShapes([condition.shape, yes.shape, no.shape], 'where');
  const test = numbersOf(condition);
  const [left, right] = [convert(yes.data, yes.dtype, dtype), convert(no.data, no.dtype, dtype)];
  const out = allocate(dtype, sizeOf(shape));
  const places = [condition, yes, no].map(each => ({ strides: broadcastStrides(each.shape, rowMajor(each.shape), shape), offset: 0 }));
  walk(shape, [...places, { strides: rowMajor(shape), offset: 0 }], ([c, i, j, o], [stepC, stepI, stepJ, stepO], length) => {
    for (let k = 0; k < length; k++) out[o! + k * stepO!] = (test[c! + k * stepC!] !== 0 ? left[i! + k * stepI!]! : right[j! + k * stepJ!]!) as never;
  });
  const zero = (g: Tensor): Tensor => lift(0, g.dtype);
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] => [
    needs[0] ? where(condition, g, zero(g)) : null,
    needs[1] ? where(condition, zero(g), g) : null,
  ];
  return record('where', wrap(out, shape, dtype), [yes, no], rule, [condition]);
}

/** How far two numbers may lie apart. */
export interface CloseOptions {
  /** Relative to the second. Default: 1e-5. */
  readonly rtol?: number;
  /** Default: 1e-8. */
  readonly atol?: number;
  /** Whether NaN is close to NaN. */
  readonly equalNan?: boolean;
}

/**
 * Whether `|a - b| <= atol + rtol · |b|`; infinities are close to themselves only.
 *
 * @remarks Python: `torch.isclose(a, b)`.
 * @example isclose(tensor([1, 2]), tensor([1.000001, 3])).tolist() // => [true, false]
 */
export function isclose(a: Operandish, b: Operandish, { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {}): Tensor {
  const close = (x: number, y: number): boolean => {
    if (Number.isNaN(x) || Number.isNaN(y)) return equalNan && Number.isNaN(x) && Number.isNaN(y);
    return x === y || (Number.isFinite(x) && Number.isFinite(y) && Math.abs(x - y) <= atol + rtol * Math.abs(y));
  };
  return binary({ name: 'isclose', integers: 'bool', of: (x, y) => Number(close(x, y)) }, a, b);
}

/**
 * Whether all elements are close.
 *
 * @remarks Python: `torch.allclose(a, b)`.
 * @example allclose(tensor([1, 2]), tensor([1.000001, 2])) // => true
 */
export function allclose(a: Operandish, b: Operandish, options: CloseOptions = {}): boolean {
  return numbersOf(isclose(a, b, options)).every(value => value !== 0);
}

/** Refuses a tensor without fractions. */
export function floatsOnly(operation: string, x: Tensor): void {
  if (!isFloating(x.dtype)) throw new ValidationError(`${operation}: dtype must be floating, got ${x.dtype}`, { parameter: 'dtype', received: x.dtype });
}

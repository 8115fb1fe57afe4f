/** Sums, products, quotients, powers and extremes of elements. */
import { ValidationError } from '@gtc/errors';
import { isFloating, resultType } from '../../dtypes.js';
import { Tensor } from '../../tensor.js';
import { type Binary, binary, type Operandish, type Run, type Unary, unary } from './apply.js';
import { eq, ge, gt, isnan, le, logicalOr, lt, where } from './comparison.js';
import { log } from './exponential.js';
import { sign } from './rounding.js';

const addRun: Run = (left, i, stepI, right, j, stepJ, out, o, length) => {
  for (let k = 0; k < length; k++) out[o + k] = left[i + k * stepI]! + right[j + k * stepJ]!;
};

const ADD: Binary = { name: 'add', of: (a, b) => a + b, run: addRun, kernel: 'add', big: (a, b) => a + b, rule: g => [g, g] };

/**
 * `a + b`. bool + bool is their disjunction.
 *
 * @param a tensor or number
 * @param b tensor or number of a shape that broadcasts with that of `a`
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `torch.add(a, b)`.
 * @example add(tensor([1, 2]), 10).tolist() // => [11, 12]
 */
export function add(a: Operandish, b: Operandish): Tensor {
  return binary(isBool(a, b) ? { ...ADD, of: Math.max } : ADD, a, b);
}

const isBool = (a: Operandish, b: Operandish): boolean => resultType(a, b) === 'bool';

const subRun: Run = (left, i, stepI, right, j, stepJ, out, o, length) => {
  for (let k = 0; k < length; k++) out[o + k] = left[i + k * stepI]! - right[j + k * stepJ]!;
};

const SUB: Binary = {
  name: 'sub',
  of: (a, b) => a - b,
  run: subRun,
  kernel: 'sub',
  big: (a, b) => a - b,
  rule: (g, _a, _b, _y, needs) => [g, needs[1] ? neg(g) : null],
};

/**
 * `a - b`.
 *
 * @throws {ValidationError} for two bools
 * @remarks Python: `torch.sub(a, b)`.
 * @example sub(tensor([1, 2]), tensor([3])).tolist() // => [-2, -1]
 */
export function sub(a: Operandish, b: Operandish): Tensor {
  if (isBool(a, b)) throw new ValidationError('sub: dtype must be numeric, got bool; use logicalXor', { parameter: 'dtype', received: 'bool' });
  return binary(SUB, a, b);
}

const mulRun: Run = (left, i, stepI, right, j, stepJ, out, o, length) => {
  for (let k = 0; k < length; k++) out[o + k] = left[i + k * stepI]! * right[j + k * stepJ]!;
};

const MUL: Binary = {
  name: 'mul',
  kernel: 'mul',
  of: (a, b) => a * b,
  run: mulRun,
  int: Math.imul,
  big: (a, b) => a * b,
  reads: ['b', 'a'],
  rule: (g, a, b, _y, needs) => [needs[0] ? mul(g, b) : null, needs[1] ? mul(g, a) : null],
};

/**
 * `a · b`.
 *
 * @remarks Python: `torch.mul(a, b)`.
 * @example mul(tensor([1, 2]), tensor([[3], [4]])).tolist() // => [[3, 6], [4, 8]]
 */
export function mul(a: Operandish, b: Operandish): Tensor {
  return binary(MUL, a, b);
}

const divRun: Run = (left, i, stepI, right, j, stepJ, out, o, length) => {
  for (let k = 0; k < length; k++) out[o + k] = left[i + k * stepI]! / right[j + k * stepJ]!;
};

const DIV: Binary = {
  name: 'div',
  kernel: 'div',
  of: (a, b) => a / b,
  run: divRun,
  integers: 'float',
  reads: ['b', 'by'],
  rule: (g, _a, b, y, needs) => [needs[0] ? div(g, b) : null, needs[1] ? neg(div(mul(g, y), b)) : null],
};

/**
 * `a / b`; integers divide to float32, division by zero follows IEEE 754.
 *
 * @remarks Python: `torch.div(a, b)`.
 * @example div(tensor([1, -1, 0]), 0).tolist() // => [Infinity, -Infinity, NaN]
 */
export function div(a: Operandish, b: Operandish): Tensor {
  return binary(DIV, a, b);
}

/** Refuses integers of which one is divided by zero. */
function checkDivisor(operation: string, a: Operandish, b: Operandish): void {
  if (isFloating(resultType(a, b)) || (a instanceof Tensor && a.size === 0)) return;
  const zero = typeof b === 'number' ? b === 0 : b.data.some(value => Number(value) === 0);
  if (zero) throw new ValidationError(`${operation}: divisor of integers must not be zero`, { parameter: 'b', received: 0 });
}

/** Python's remainder: the sign is that of the divisor. */
function pythonRemainder(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 === b < 0 ? rest : rest + b;
}

/** Python's division with rounding down, from the remainder, so that the two fit together. */
function pythonFloorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const whole = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
  if (whole === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(whole);
  return whole - floor > 0.5 ? floor + 1 : floor;
}

const bigRemainder = (a: bigint, b: bigint): bigint => {
  const rest = a % b;
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
};

const FLOOR_DIVIDE: Binary = { name: 'floorDivide', of: pythonFloorDivide, big: (a, b) => (a - bigRemainder(a, b)) / b };

/**
 * The quotient rounded towards minus infinity.
 *
 * @throws {ValidationError} when integers are divided by zero
 * @remarks Python: `torch.floor_divide(a, b)`, `a // b`.
 * @example floorDivide(tensor([7, -7]), 2).tolist() // => [3, -4]
 */
export function floorDivide(a: Operandish, b: Operandish): Tensor {
  checkDivisor('floorDivide', a, b);
  return binary(FLOOR_DIVIDE, a, b);
}

const REMAINDER: Binary = {
  name: 'remainder',
  of: pythonRemainder,
  big: bigRemainder,
  reads: ['', 'ab'],
  rule: (g, a, b, _y, needs) => [g, needs[1] ? neg(mul(g, floorDivide(a.detach(), b.detach()))) : null],
};

/**
 * The remainder with the sign of the divisor.
 *
 * @throws {ValidationError} when integers are divided by zero
 * @remarks Python: `torch.remainder(a, b)`, `a % b`.
 * @example remainder(tensor([7, -7]), 3).tolist() // => [1, 2]
 */
export function remainder(a: Operandish, b: Operandish): Tensor {
  checkDivisor('remainder', a, b);
  return binary(REMAINDER, a, b);
}

const FMOD: Binary = {
  name: 'fmod',
  of: (a, b) => a % b,
  big: (a, b) => a % b,
  reads: ['', 'ab'],
  rule: (g, a, b, _y, needs) => [g, needs[1] ? neg(mul(g, unary({ name: 'trunc', of: Math.trunc }, div(a.detach(), b.detach())))) : null],
};

/**
 * The remainder with the sign of the dividend, as C has it.
 *
 * @throws {ValidationError} when integers are divided by zero
 * @remarks Python: `torch.fmod(a, b)`.
 * @example fmod(tensor([7, -7]), 3).tolist() // => [1, -1]
 */
export function fmod(a: Operandish, b: Operandish): Tensor {
  checkDivisor('fmod', a, b);
  return binary(FMOD, a, b);
}

/** IEEE's power: 1 to whatever power is 1, which JavaScript does not say of NaN and infinity. */
const ieeePow = (a: number, b: number): number => (a === 1 || b === 0 ? 1 : a === -1 && !Number.isFinite(b) && !Number.isNaN(b) ? 1 : a ** b);

/** A power of narrow integers, wrapped to 32 bits. */
function integerPow(a: number, b: number): number {
  let [result, factor] = [1, a];
  for (let exponent = b; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = Math.imul(result, factor);
    factor = Math.imul(factor, factor);
  }
  return result;
}

const POW: Binary = {
  name: 'pow',
  of: ieeePow,
  int: integerPow,
  big: (a, b) => BigInt.asIntN(64, a ** b),
  reads: ['ab', 'aby'],
  rule: (g, a, b, y, needs) => [
    needs[0] ? where(eq(b, 0), 0, mul(g, mul(b, pow(a, sub(b, 1))))) : null,
    needs[1] ? where(eq(a, 0), 0, mul(g, mul(y, log(a)))) : null,
  ],
};

/**
 * `a` to the power of `b`.
 *
 * @throws {ValidationError} for integers to a negative integer power
 * @remarks Python: `torch.pow(a, b)`.
 * @example pow(tensor([2, 3]), 2).tolist() // => [4, 9]
 */
export function pow(a: Operandish, b: Operandish): Tensor {
  const negative = (): boolean => (typeof b === 'number' ? b < 0 : b.data.some(value => value < 0));
  if (!isFloating(resultType(a, b)) && negative())
    throw new ValidationError('pow: exponent of integers must be non-negative', { parameter: 'b', received: typeof b === 'number' ? b : b.shape });
  return binary(POW, a, b);
}

const NEG: Unary = { name: 'neg', of: x => -x, kernel: 'neg', big: x => -x, integers: 'keep', reads: 'none', rule: g => neg(g) };

/**
 * `-x`.
 *
 * @throws {ValidationError} for bools
 * @remarks Python: `torch.neg(x)`.
 * @example neg(tensor([1, -2])).tolist() // => [-1, 2]
 */
export function neg(x: Tensor): Tensor {
  if (x.dtype === 'bool') throw new ValidationError('neg: dtype must be numeric, got bool; use logicalNot', { parameter: 'dtype', received: 'bool' });
  return unary(NEG, x);
}

const ABS: Unary = { name: 'abs', of: Math.abs, kernel: 'abs', big: x => (x < 0n ? -x : x), integers: 'keep', rule: (g, x) => mul(g, sign(x)) };

/**
 * `|x|`; its gradient at 0 is 0.
 *
 * @remarks Python: `torch.abs(x)`.
 * @example abs(tensor([-1, 2])).tolist() // => [1, 2]
 */
export function abs(x: Tensor): Tensor {
  return unary(ABS, x);
}

const SQUARE: Unary = {
  name: 'square',
  of: x => x * x,
  kernel: 'square',
  int: x => Math.imul(x, x),
  big: x => x * x,
  integers: 'keep',
  rule: (g, x) => mul(g, mul(x, 2)),
};

/**
 * `x²`.
 *
 * @remarks Python: `torch.square(x)`.
 * @example square(tensor([-3])).tolist() // => [9]
 */
export function square(x: Tensor): Tensor {
  return x.dtype === 'bool' ? x.astype('int64') : unary(SQUARE, x);
}

const RECIPROCAL: Unary = { name: 'reciprocal', of: x => 1 / x, kernel: 'reciprocal', reads: 'y', rule: (g, _x, y) => neg(mul(g, square(y))) };

/**
 * `1 / x`.
 *
 * @remarks Python: `torch.reciprocal(x)`.
 * @example reciprocal(tensor([4])).tolist() // => [0.25]
 */
export function reciprocal(x: Tensor): Tensor {
  return unary(RECIPROCAL, x);
}

/** The rule of an extreme: the chosen operand gets the gradient, equal ones share it. */
function chosen(first: (a: Tensor, b: Tensor) => Tensor): NonNullable<Binary['rule']> {
  return (g, a, b, _y, needs) => {
    const half = where(eq(a, b), mul(g, 0.5), 0);
    const mine = first(a, b);
    return [needs[0] ? where(mine, g, half) : null, needs[1] ? where(mine, 0, where(eq(a, b), mul(g, 0.5), g)) : null];
  };
}

const extreme = (name: string, of: Binary['of'], big: Binary['big'], first: (a: Tensor, b: Tensor) => Tensor): Binary =>
  ({ name, of, big, reads: ['ab', 'ab'], rule: chosen(first) }) as Binary;

const MAXIMUM = extreme(
  'maximum',
  (a, b) => (a > b || Number.isNaN(a) ? a : b),
  (a, b) => (a > b ? a : b),
  (a, b) => gt(a, b),
);

/**
 * The larger of both; NaN wins.
 *
 * @remarks Python: `torch.maximum(a, b)`.
 * @example maximum(tensor([1, 5]), tensor([3, 2])).tolist() // => [3, 5]
 */
export function maximum(a: Operandish, b: Operandish): Tensor {
  return binary(MAXIMUM, a, b);
}

const MINIMUM = extreme(
  'minimum',
  (a, b) => (a < b || Number.isNaN(a) ? a : b),
  (a, b) => (a < b ? a : b),
  (a, b) => lt(a, b),
);

/**
 * The smaller of both; NaN wins.
 *
 * @remarks Python: `torch.minimum(a, b)`.
 * @example minimum(tensor([1, 5]), tensor([3, 2])).tolist() // => [1, 2]
 */
export function minimum(a: Operandish, b: Operandish): Tensor {
  return binary(MINIMUM, a, b);
}

/** The rule of an extreme that ignores NaN: of equal operands the first gets the whole gradient, as in torch. */
const firstOr = (takes: (a: Tensor, b: Tensor) => Tensor): NonNullable<Binary['rule']> => {
  return (g, a, b, _y, needs) => {
    const mine = logicalOr(isnan(b), takes(a, b));
    return [needs[0] ? where(mine, g, 0) : null, needs[1] ? where(mine, 0, g) : null];
  };
};

const FMAX: Binary = { name: 'fmax', of: (a, b) => (a > b || Number.isNaN(b) ? a : b), reads: ['ab', 'ab'], rule: firstOr((a, b) => ge(a, b)) };

/**
 * The larger of both; NaN loses.
 *
 * @remarks Python: `torch.fmax(a, b)`.
 * @example fmax(tensor([NaN]), 2).tolist() // => [2]
 */
export function fmax(a: Operandish, b: Operandish): Tensor {
  return binary(FMAX, a, b);
}

const FMIN: Binary = { name: 'fmin', of: (a, b) => (a < b || Number.isNaN(b) ? a : b), reads: ['ab', 'ab'], rule: firstOr((a, b) => le(a, b)) };

/**
 * The smaller of both; NaN loses.
 *
 * @remarks Python: `torch.fmin(a, b)`.
 * @example fmin(tensor([NaN]), 2).tolist() // => [2]
 */
export function fmin(a: Operandish, b: Operandish): Tensor {
  return binary(FMIN, a, b);
}

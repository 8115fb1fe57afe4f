/** Exponentials, logarithms, roots and hyperbolic functions of elements. */
import type { Tensor } from '../../tensor.js';
import { type Binary, binary, fusedBackward, type Operandish, type Unary, unary } from './apply.js';
import { add, div, mul, square, sub } from './arithmetic.js';
import { eq, where } from './comparison.js';

const SQRT: Unary = { name: 'sqrt', of: Math.sqrt, kernel: 'sqrt', reads: 'y', rule: (g, _x, y) => div(g, mul(y, 2)) };

/**
 * The square root; NaN below zero.
 *
 * @remarks Python: `torch.sqrt(x)`.
 * @example sqrt(tensor([9])).tolist() // => [3]
 */
export function sqrt(x: Tensor): Tensor {
  return unary(SQRT, x);
}

const RSQRT: Unary = { name: 'rsqrt', of: x => 1 / Math.sqrt(x), kernel: 'rsqrt', reads: 'y', rule: (g, _x, y) => mul(mul(g, -0.5), mul(y, square(y))) };

/**
 * `1 / √x`.
 *
 * @remarks Python: `torch.rsqrt(x)`.
 * @example rsqrt(tensor([4])).tolist() // => [0.5]
 */
export function rsqrt(x: Tensor): Tensor {
  return unary(RSQRT, x);
}

const CBRT: Unary = { name: 'cbrt', of: Math.cbrt, reads: 'y', rule: (g, _x, y) => div(g, mul(square(y), 3)) };

/**
 * The cube root.
 *
 * @remarks Python: `torch.pow(x, 1 / 3)` of positive numbers, `numpy.cbrt(x)`.
 * @example cbrt(tensor([-8])).tolist() // => [-2]
 */
export function cbrt(x: Tensor): Tensor {
  return unary(CBRT, x);
}

const EXP: Unary = { name: 'exp', of: Math.exp, kernel: 'exp', reads: 'y', rule: (g, _x, y) => mul(g, y) };

/**
 * `e^x`.
 *
 * @remarks Python: `torch.exp(x)`.
 * @example exp(tensor([0])).tolist() // => [1]
 */
export function exp(x: Tensor): Tensor {
  return unary(EXP, x);
}

const EXP2: Unary = { name: 'exp2', of: x => 2 ** x, reads: 'y', rule: (g, _x, y) => mul(g, mul(y, Math.LN2)) };

/**
 * `2^x`.
 *
 * @remarks Python: `torch.exp2(x)`.
 * @example exp2(tensor([3])).tolist() // => [8]
 */
export function exp2(x: Tensor): Tensor {
  return unary(EXP2, x);
}

const EXPM1: Unary = { name: 'expm1', of: Math.expm1, reads: 'y', rule: (g, _x, y) => mul(g, add(y, 1)) };

/**
 * `e^x - 1`, exact near zero.
 *
 * @remarks Python: `torch.expm1(x)`.
 * @example expm1(tensor([0])).tolist() // => [0]
 */
export function expm1(x: Tensor): Tensor {
  return unary(EXPM1, x);
}

const LOG: Unary = { name: 'log', of: Math.log, kernel: 'log', rule: (g, x) => div(g, x) };

/**
 * The natural logarithm.
 *
 * @remarks Python: `torch.log(x)`.
 * @example log(tensor([1])).tolist() // => [0]
 */
export function log(x: Tensor): Tensor {
  return unary(LOG, x);
}

const LOG2: Unary = { name: 'log2', of: Math.log2, rule: (g, x) => div(g, mul(x, Math.LN2)) };

/**
 * The logarithm to base 2.
 *
 * @remarks Python: `torch.log2(x)`.
 * @example log2(tensor([8])).tolist() // => [3]
 */
export function log2(x: Tensor): Tensor {
  return unary(LOG2, x);
}

const LOG10: Unary = { name: 'log10', of: Math.log10, rule: (g, x) => div(g, mul(x, Math.LN10)) };

/**
 * The logarithm to base 10.
 *
 * @remarks Python: `torch.log10(x)`.
 * @example log10(tensor([1000])).tolist() // => [3]
 */
export function log10(x: Tensor): Tensor {
  return unary(LOG10, x);
}

const LOG1P: Unary = { name: 'log1p', of: Math.log1p, rule: (g, x) => div(g, add(x, 1)) };

/**
 * `log(1 + x)`, exact near zero.
 *
 * @remarks Python: `torch.log1p(x)`.
 * @example log1p(tensor([0])).tolist() // => [0]
 */
export function log1p(x: Tensor): Tensor {
  return unary(LOG1P, x);
}

const SINH: Unary = { name: 'sinh', of: Math.sinh, rule: (g, x) => mul(g, cosh(x)) };

/**
 * The hyperbolic sine.
 *
 * @remarks Python: `torch.sinh(x)`.
 * @example sinh(tensor([0])).tolist() // => [0]
 */
export function sinh(x: Tensor): Tensor {
  return unary(SINH, x);
}

const COSH: Unary = { name: 'cosh', of: Math.cosh, rule: (g, x) => mul(g, sinh(x)) };

/**
 * The hyperbolic cosine.
 *
 * @remarks Python: `torch.cosh(x)`.
 * @example cosh(tensor([0])).tolist() // => [1]
 */
export function cosh(x: Tensor): Tensor {
  return unary(COSH, x);
}

const TANH: Unary = {
  name: 'tanh',
  of: Math.tanh,
  kernel: 'tanh',
  reads: 'y',
  rule: (g, _x, y) => fusedBackward('tanhBackward', g, y) ?? mul(g, sub(1, square(y))),
};

/**
 * The hyperbolic tangent.
 *
 * @remarks Python: `torch.tanh(x)`.
 * @example tanh(tensor([0])).tolist() // => [0]
 */
export function tanh(x: Tensor): Tensor {
  return unary(TANH, x);
}

const ASINH: Unary = { name: 'asinh', of: Math.asinh, rule: (g, x) => mul(g, rsqrt(add(square(x), 1))) };

/**
 * The inverse of the hyperbolic sine.
 *
 * @remarks Python: `torch.asinh(x)`.
 * @example asinh(tensor([0])).tolist() // => [0]
 */
export function asinh(x: Tensor): Tensor {
  return unary(ASINH, x);
}

const ACOSH: Unary = { name: 'acosh', of: Math.acosh, rule: (g, x) => mul(g, rsqrt(sub(square(x), 1))) };

/**
 * The inverse of the hyperbolic cosine; NaN below 1.
 *
 * @remarks Python: `torch.acosh(x)`.
 * @example acosh(tensor([1])).tolist() // => [0]
 */
export function acosh(x: Tensor): Tensor {
  return unary(ACOSH, x);
}

const ATANH: Unary = { name: 'atanh', of: Math.atanh, rule: (g, x) => div(g, sub(1, square(x))) };

/**
 * The inverse of the hyperbolic tangent.
 *
 * @remarks Python: `torch.atanh(x)`.
 * @example atanh(tensor([0])).tolist() // => [0]
 */
export function atanh(x: Tensor): Tensor {
  return unary(ATANH, x);
}

/** `max + log1p(e^-|a - b|)`, with infinities as they are. */
const logAdd = (a: number, b: number): number => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))));

const LOGADDEXP: Binary = {
  name: 'logaddexp',
  of: logAdd,
  integers: 'float',
  reads: ['aby', 'aby'],
  rule: (g, a, b, y, needs) => [needs[0] ? mul(g, share(a, y)) : null, needs[1] ? mul(g, share(b, y)) : null],
};

/**
 * `log(e^a + e^b)` without overflow.
 *
 * @remarks Python: `torch.logaddexp(a, b)`.
 * @example logaddexp(tensor([0]), -Infinity).tolist() // => [0]
 */
export function logaddexp(a: Operandish, b: Operandish): Tensor {
  return binary(LOGADDEXP, a, b);
}

/** `e^(part - total)`. */
const share = (part: Tensor, total: Tensor): Tensor => exp(sub(part, total));

const LOGADDEXP2: Binary = {
  name: 'logaddexp2',
  of: (a, b) => (a === b ? a + 1 : Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) / Math.LN2),
  integers: 'float',
  reads: ['aby', 'aby'],
  rule: (g, a, b, y, needs) => [needs[0] ? mul(g, exp2(sub(a, y))) : null, needs[1] ? mul(g, exp2(sub(b, y))) : null],
};

/**
 * `log2(2^a + 2^b)` without overflow.
 *
 * @remarks Python: `torch.logaddexp2(a, b)`.
 * @example logaddexp2(tensor([3]), 3).tolist() // => [4]
 */
export function logaddexp2(a: Operandish, b: Operandish): Tensor {
  return binary(LOGADDEXP2, a, b);
}

const XLOGY: Binary = {
  name: 'xlogy',
  of: (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)),
  integers: 'float',
  reads: ['b', 'ab'],
  rule: (g, a, b, _y, needs) => [needs[0] ? where(eq(a, 0), 0, mul(g, log(b))) : null, needs[1] ? mul(g, div(a, b)) : null],
};

/**
 * `a · log(b)`, 0 where `a` is 0.
 *
 * @remarks Python: `torch.xlogy(a, b)`.
 * @example xlogy(tensor([0]), 0).tolist() // => [0]
 */
export function xlogy(a: Operandish, b: Operandish): Tensor {
  return binary(XLOGY, a, b);
}

const XLOG1PY: Binary = {
  name: 'xlog1py',
  of: (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log1p(b)),
  integers: 'float',
  reads: ['b', 'ab'],
  rule: (g, a, b, _y, needs) => [needs[0] ? where(eq(a, 0), 0, mul(g, log1p(b))) : null, needs[1] ? mul(g, div(a, add(b, 1))) : null],
};

/**
 * `a · log(1 + b)`, 0 where `a` is 0.
 *
 * @remarks Python: `torch.special.xlog1py(a, b)`.
 * @example xlog1py(tensor([0]), -1).tolist() // => [0]
 */
export function xlog1py(a: Operandish, b: Operandish): Tensor {
  return binary(XLOG1PY, a, b);
}

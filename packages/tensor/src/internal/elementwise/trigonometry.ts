/** Trigonometric functions of elements, in radians. */
import type { Tensor } from '../../tensor.js';
import { type Binary, binary, type Operandish, type Unary, unary } from './apply.js';
import { add, div, mul, neg, square, sub } from './arithmetic.js';
import { eq, where } from './comparison.js';
import { rsqrt } from './exponential.js';

const SIN: Unary = { name: 'sin', of: Math.sin, rule: (g, x) => mul(g, cos(x)) };

/**
 * The sine.
 *
 * @remarks Python: `torch.sin(x)`.
 * @example sin(tensor([0])).tolist() // => [0]
 */
export function sin(x: Tensor): Tensor {
  return unary(SIN, x);
}

const COS: Unary = { name: 'cos', of: Math.cos, rule: (g, x) => neg(mul(g, sin(x))) };

/**
 * The cosine.
 *
 * @remarks Python: `torch.cos(x)`.
 * @example cos(tensor([0])).tolist() // => [1]
 */
export function cos(x: Tensor): Tensor {
  return unary(COS, x);
}

const TAN: Unary = { name: 'tan', of: Math.tan, reads: 'y', rule: (g, _x, y) => mul(g, add(square(y), 1)) };

/**
 * The tangent.
 *
 * @remarks Python: `torch.tan(x)`.
 * @example tan(tensor([0])).tolist() // => [0]
 */
export function tan(x: Tensor): Tensor {
  return unary(TAN, x);
}

const ASIN: Unary = { name: 'asin', of: Math.asin, rule: (g, x) => mul(g, rsqrt(sub(1, square(x)))) };

/**
 * The inverse of the sine; NaN outside [-1, 1].
 *
 * @remarks Python: `torch.asin(x)`.
 * @example asin(tensor([0])).tolist() // => [0]
 */
export function asin(x: Tensor): Tensor {
  return unary(ASIN, x);
}

const ACOS: Unary = { name: 'acos', of: Math.acos, rule: (g, x) => neg(mul(g, rsqrt(sub(1, square(x))))) };

/**
 * The inverse of the cosine; NaN outside [-1, 1].
 *
 * @remarks Python: `torch.acos(x)`.
 * @example acos(tensor([1])).tolist() // => [0]
 */
export function acos(x: Tensor): Tensor {
  return unary(ACOS, x);
}

const ATAN: Unary = { name: 'atan', of: Math.atan, rule: (g, x) => div(g, add(square(x), 1)) };

/**
 * The inverse of the tangent.
 *
 * @remarks Python: `torch.atan(x)`.
 * @example atan(tensor([0])).tolist() // => [0]
 */
export function atan(x: Tensor): Tensor {
  return unary(ATAN, x);
}

/** `sin(πx) / (πx)`, 1 at 0. */
const sincOf = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

const SINC: Unary = { name: 'sinc', of: sincOf, rule: (g, x) => mul(g, where(eq(x, 0), 0, div(sub(cos(mul(x, Math.PI)), sinc(x)), x))) };

/**
 * `sin(πx) / (πx)`, 1 at 0.
 *
 * @remarks Python: `torch.sinc(x)`.
 * @example sinc(tensor([0])).tolist() // => [1]
 */
export function sinc(x: Tensor): Tensor {
  return unary(SINC, x);
}

const DEG2RAD: Unary = { name: 'deg2rad', of: x => x * (Math.PI / 180), reads: 'none', rule: g => mul(g, Math.PI / 180) };

/**
 * Degrees as radians.
 *
 * @remarks Python: `torch.deg2rad(x)`.
 * @example deg2rad(tensor([180], { dtype: 'float64' })).tolist() // => [3.141592653589793]
 */
export function deg2rad(x: Tensor): Tensor {
  return unary(DEG2RAD, x);
}

const RAD2DEG: Unary = { name: 'rad2deg', of: x => x * (180 / Math.PI), reads: 'none', rule: g => mul(g, 180 / Math.PI) };

/**
 * Radians as degrees.
 *
 * @remarks Python: `torch.rad2deg(x)`.
 * @example rad2deg(tensor([Math.PI], { dtype: 'float64' })).tolist() // => [180]
 */
export function rad2deg(x: Tensor): Tensor {
  return unary(RAD2DEG, x);
}

const ATAN2: Binary = {
  name: 'atan2',
  of: Math.atan2,
  integers: 'float',
  reads: ['ab', 'ab'],
  rule: (g, a, b, _y, needs) => {
    const scaled = div(g, add(square(a), square(b)));
    return [needs[0] ? mul(scaled, b) : null, needs[1] ? neg(mul(scaled, a)) : null];
  },
};

/**
 * The angle of the point `(b, a)`.
 *
 * @remarks Python: `torch.atan2(a, b)`.
 * @example atan2(tensor([0]), 1).tolist() // => [0]
 */
export function atan2(a: Operandish, b: Operandish): Tensor {
  return binary(ATAN2, a, b);
}

const HYPOT: Binary = {
  name: 'hypot',
  of: (a, b) => Math.hypot(a, b),
  integers: 'float',
  reads: ['ay', 'by'],
  rule: (g, a, b, y, needs) => [needs[0] ? mul(g, div(a, y)) : null, needs[1] ? mul(g, div(b, y)) : null],
};

/**
 * `√(a² + b²)` without overflow.
 *
 * @remarks Python: `torch.hypot(a, b)`.
 * @example hypot(tensor([3]), 4).tolist() // => [5]
 */
export function hypot(a: Operandish, b: Operandish): Tensor {
  return binary(HYPOT, a, b);
}

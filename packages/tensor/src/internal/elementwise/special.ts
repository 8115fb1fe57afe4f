/** Error functions, gamma functions, Bessel functions and quantiles of elements. */
import { besselI, erfc as erfcOf, erfinv as erfinvOf, erf as erfOf, normalQuantile, polygamma as polygammaOf, signedLogGamma } from '../../special.js';
import type { Tensor } from '../../tensor.js';
import { type Unary, unary } from './apply.js';
import { div, mul, neg, square, sub } from './arithmetic.js';
import { exp } from './exponential.js';

const ERF: Unary = { name: 'erf', of: erfOf, kernel: 'erf', rule: (g, x) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))) };

/**
 * The error function `2/√π ∫₀ˣ e^(-t²) dt`.
 *
 * @remarks Python: `torch.erf(x)`.
 * @example erf(tensor([0])).tolist() // => [0]
 */
export function erf(x: Tensor): Tensor {
  return unary(ERF, x);
}

const ERFC: Unary = { name: 'erfc', of: erfcOf, rule: (g, x) => mul(g, mul(exp(neg(square(x))), -2 / Math.sqrt(Math.PI))) };

/**
 * `1 - erf(x)`, exact in the tail.
 *
 * @remarks Python: `torch.erfc(x)`.
 * @example erfc(tensor([0])).tolist() // => [1]
 */
export function erfc(x: Tensor): Tensor {
  return unary(ERFC, x);
}

const ERFINV: Unary = { name: 'erfinv', of: erfinvOf, reads: 'y', rule: (g, _x, y) => mul(g, mul(exp(square(y)), Math.sqrt(Math.PI) / 2)) };

/**
 * The inverse of the error function; NaN outside [-1, 1].
 *
 * @remarks Python: `torch.erfinv(x)`.
 * @example erfinv(tensor([0])).tolist() // => [0]
 */
export function erfinv(x: Tensor): Tensor {
  return unary(ERFINV, x);
}

const LGAMMA: Unary = { name: 'lgamma', of: signedLogGamma, rule: (g, x) => mul(g, digamma(x)) };

/**
 * `log |Γ(x)|`; infinite at 0, -1, -2, ...
 *
 * @remarks Python: `torch.lgamma(x)`.
 * @example lgamma(tensor([1, 2])).tolist() // => [0, 0]
 */
export function lgamma(x: Tensor): Tensor {
  return unary(LGAMMA, x);
}

const polygammaOp = (n: number): Unary => ({
  name: n === 0 ? 'digamma' : 'polygamma',
  of: x => polygammaOf(n, x),
  rule: (g, x) => mul(g, polygamma(n + 1, x)),
});

/**
 * The derivative of `log Γ(x)`.
 *
 * @remarks Python: `torch.digamma(x)`.
 * @example digamma(tensor([1], { dtype: 'float64' })).item() // => -0.5772156649015329
 */
export function digamma(x: Tensor): Tensor {
  return unary(polygammaOp(0), x);
}

/**
 * The derivative of order `n` of the digamma function.
 *
 * @remarks Python: `torch.polygamma(n, x)`.
 * @example polygamma(1, tensor([1], { dtype: 'float64' })).item() // => Math.PI ** 2 / 6
 */
export function polygamma(n: number, x: Tensor): Tensor {
  return unary(polygammaOp(n), x);
}

const I0: Unary = { name: 'i0', of: x => besselI(0, x), rule: (g, x) => mul(g, i1(x)) };

/**
 * The modified Bessel function of the first kind, order 0.
 *
 * @remarks Python: `torch.special.i0(x)`.
 * @example i0(tensor([0])).tolist() // => [1]
 */
export function i0(x: Tensor): Tensor {
  return unary(I0, x);
}

const I1: Unary = { name: 'i1', of: x => besselI(1, x), rule: (g, x, y) => mul(g, sub(i0(x), div(y, x))) };

/**
 * The modified Bessel function of the first kind, order 1.
 *
 * @remarks Python: `torch.special.i1(x)`.
 * @example i1(tensor([0])).tolist() // => [0]
 */
export function i1(x: Tensor): Tensor {
  return unary(I1, x);
}

const NDTR: Unary = { name: 'ndtr', of: x => erfcOf(-x / Math.SQRT2) / 2, rule: (g, x) => mul(g, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))) };

/**
 * The distribution function of the standard normal.
 *
 * @remarks Python: `torch.special.ndtr(x)`.
 * @example ndtr(tensor([0])).tolist() // => [0.5]
 */
export function ndtr(x: Tensor): Tensor {
  return unary(NDTR, x);
}

const NDTRI: Unary = { name: 'ndtri', of: normalQuantile, reads: 'y', rule: (g, _x, y) => mul(g, mul(exp(mul(square(y), 0.5)), Math.sqrt(2 * Math.PI))) };

/**
 * The quantile of the standard normal; infinite at 0 and 1.
 *
 * @remarks Python: `torch.special.ndtri(x)`.
 * @example ndtri(tensor([0.5])).tolist() // => [0]
 */
export function ndtri(x: Tensor): Tensor {
  return unary(NDTRI, x);
}

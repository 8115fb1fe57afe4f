/** Activations: nonlinearities of networks, element by element. */
import { oneOf, ShapeError } from '@gtc/errors';
import { erfc } from '../../special.js';
import type { Tensor } from '../../tensor.js';
import { axisOf, showShape } from '../core/shape.js';
import { fusedBackward, type Unary, unary } from './apply.js';
import { abs, add, div, mul, neg, square, sub } from './arithmetic.js';
import { ge, gt, le, logicalAnd, lt, where } from './comparison.js';
import { exp, tanh } from './exponential.js';
import { clip } from './rounding.js';
import { ndtr } from './special.js';

const RELU: Unary = {
  name: 'relu',
  kernel: 'relu',
  of: x => (x <= 0 ? 0 : x),
  big: x => (x < 0n ? 0n : x),
  integers: 'keep',
  reads: 'y',
  rule: (g, _x, y) => fusedBackward('reluBackward', g, y) ?? where(gt(y, 0), g, 0),
};

/**
 * `max(x, 0)`.
 *
 * @remarks Python: `torch.relu(x)`.
 * @example relu(tensor([-1, 2])).tolist() // => [0, 2]
 */
export function relu(x: Tensor): Tensor {
  return unary(RELU, x);
}

const sigmoidOf = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

const SIGMOID: Unary = {
  name: 'sigmoid',
  of: sigmoidOf,
  kernel: 'sigmoid',
  reads: 'y',
  rule: (g, _x, y) => fusedBackward('sigmoidBackward', g, y) ?? mul(g, mul(y, sub(1, y))),
};

/**
 * `1 / (1 + e^-x)`.
 *
 * @remarks Python: `torch.sigmoid(x)`.
 * @example sigmoid(tensor([0])).tolist() // => [0.5]
 */
export function sigmoid(x: Tensor): Tensor {
  return unary(SIGMOID, x);
}

const LOG_SIGMOID: Unary = { name: 'logSigmoid', of: x => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), rule: (g, x) => mul(g, sigmoid(neg(x))) };

/**
 * `log(1 / (1 + e^-x))` without overflow.
 *
 * @remarks Python: `torch.nn.functional.logsigmoid(x)`.
 * @example logSigmoid(tensor([0], { dtype: 'float64' })).item() // => -0.6931471805599453
 */
export function logSigmoid(x: Tensor): Tensor {
  return unary(LOG_SIGMOID, x);
}

const LOGIT: Unary = { name: 'logit', of: x => Math.log(x / (1 - x)), rule: (g, x) => div(g, mul(x, sub(1, x))) };

/**
 * `log(x / (1 - x))`; NaN outside [0, 1].
 *
 * @remarks Python: `torch.logit(x)`.
 * @example logit(tensor([0.5])).tolist() // => [0]
 */
export function logit(x: Tensor): Tensor {
  return unary(LOGIT, x);
}

/**
 * `log(1 + e^(βx)) / β` without overflow: a smooth relu.
 *
 * @param options `beta` sharpness
 * @remarks Python: `torch.nn.functional.softplus(x, beta=1)`, which takes the identity for `βx` above 20; within 1e-9 of it.
 * @example softplus(tensor([100])).tolist() // => [100]
 */
export function softplus(x: Tensor, { beta = 1 }: { readonly beta?: number } = {}): Tensor {
  const of = (value: number): number => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value * beta))) / beta;
  return unary({ name: 'softplus', of, rule: (g, value) => mul(g, sigmoid(mul(value, beta))) }, x);
}

const SILU: Unary = {
  name: 'silu',
  kernel: 'silu',
  of: x => x * sigmoidOf(x),
  rule: (g, x) => {
    const fused = fusedBackward('siluBackward', g, x);
    if (fused !== null) return fused;
    const s = sigmoid(x);
    return mul(g, mul(s, add(mul(x, sub(1, s)), 1)));
  },
};

/**
 * `x · sigmoid(x)`, also called swish.
 *
 * @remarks Python: `torch.nn.functional.silu(x)`.
 * @example silu(tensor([0])).tolist() // => [0]
 */
export function silu(x: Tensor): Tensor {
  return unary(SILU, x);
}

const GELU: Unary = {
  name: 'gelu',
  kernel: 'gelu',
  of: x => x * (erfc(-x / Math.SQRT2) / 2),
  rule: (g, x) => fusedBackward('geluBackward', g, x) ?? mul(g, add(ndtr(x), mul(x, mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))))),
};

const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const GELU_TANH: Unary = {
  name: 'gelu',
  kernel: 'geluTanh',
  of: x => 0.5 * x * (1 + Math.tanh(ROOT * (x + CUBIC * x * x * x))),
  rule: (g, x) => {
    const fused = fusedBackward('geluTanhBackward', g, x);
    if (fused !== null) return fused;
    const xx = square(x);
    const t = tanh(mul(mul(x, add(mul(xx, CUBIC), 1)), ROOT));
    const inner = mul(add(mul(xx, 3 * CUBIC), 1), ROOT);
    return mul(g, mul(add(add(t, 1), mul(mul(x, sub(1, square(t))), inner)), 0.5));
  },
};

/**
 * `x · Φ(x)` with the distribution function of the normal; `approximate: 'tanh'` is the faster form of GPT-2.
 *
 * @param options `approximate` 'none' or 'tanh'
 * @remarks Python: `torch.nn.functional.gelu(x, approximate='none')`.
 * @example gelu(tensor([0])).tolist() // => [0]
 */
export function gelu(x: Tensor, { approximate = 'none' }: { readonly approximate?: 'none' | 'tanh' } = {}): Tensor {
  return unary(oneOf(approximate, 'approximate', ['none', 'tanh']) === 'tanh' ? GELU_TANH : GELU, x);
}

/**
 * `x` above 0, `slope · x` below.
 *
 * @remarks Python: `torch.nn.functional.leaky_relu(x, 0.01)`.
 * @example leakyRelu(tensor([-1, 2]), { slope: 0.5 }).tolist() // => [-0.5, 2]
 */
export function leakyRelu(x: Tensor, { slope = 0.01 }: { readonly slope?: number } = {}): Tensor {
  return unary({ name: 'leakyRelu', of: value => (value > 0 ? value : value * slope), rule: (g, value) => where(gt(value, 0), g, mul(g, slope)) }, x);
}

/** `scale · (x above 0, α(e^(x · rate) - 1) below)`: the family of elu, selu and celu. */
function exponentialUnit(name: string, x: Tensor, scale: number, alpha: number, rate: number): Tensor {
  const of = (value: number): number => scale * (value > 0 ? value : alpha * Math.expm1(value * rate));
  const rule = (g: Tensor, value: Tensor): Tensor => mul(g, where(gt(value, 0), scale, mul(exp(mul(value, rate)), scale * alpha * rate)));
  return unary({ name, of, rule }, x);
}

/**
 * `x` above 0, `α(e^x - 1)` below.
 *
 * @remarks Python: `torch.nn.functional.elu(x, alpha=1)`.
 * @example elu(tensor([2])).tolist() // => [2]
 */
export function elu(x: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  return exponentialUnit('elu', x, 1, alpha, 1);
}

/**
 * The elu whose constants keep mean and variance (Klambauer et al. 2017).
 *
 * @remarks Python: `torch.nn.functional.selu(x)`.
 * @example selu(tensor([0])).tolist() // => [0]
 */
export function selu(x: Tensor): Tensor {
  return exponentialUnit('selu', x, 1.0507009873554805, 1.6732632423543772, 1);
}

/**
 * `x` above 0, `α(e^(x/α) - 1)` below: an elu with a smooth derivative.
 *
 * @remarks Python: `torch.nn.functional.celu(x, alpha=1)`.
 * @example celu(tensor([2])).tolist() // => [2]
 */
export function celu(x: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  return exponentialUnit('celu', x, 1, alpha, 1 / alpha);
}

/**
 * `x · tanh(softplus(x))`.
 *
 * @remarks Python: `torch.nn.functional.mish(x)`.
 * @example mish(tensor([0])).tolist() // => [0]
 */
export function mish(x: Tensor): Tensor {
  return mul(x, tanh(softplus(x)));
}

/**
 * `min(max(x, min), max)`.
 *
 * @remarks Python: `torch.nn.functional.hardtanh(x, -1, 1)`.
 * @example hardtanh(tensor([-3, 0.5])).tolist() // => [-1, 0.5]
 */
export function hardtanh(x: Tensor, { min = -1, max = 1 }: { readonly min?: number; readonly max?: number } = {}): Tensor {
  return clip(x, min, max);
}

/**
 * `min(max(x, 0), 6)`.
 *
 * @remarks Python: `torch.nn.functional.relu6(x)`.
 * @example relu6(tensor([-1, 7])).tolist() // => [0, 6]
 */
export function relu6(x: Tensor): Tensor {
  return clip(x, 0, 6);
}

/** The slope is torch's, which has 1/6 in single precision. */
const HARDSIGMOID: Unary = {
  name: 'hardsigmoid',
  of: x => Math.min(Math.max(x + 3, 0), 6) / 6,
  rule: (g, x) => where(logicalAnd(gt(x, -3), lt(x, 3)), mul(g, Math.fround(1 / 6)), 0),
};

/**
 * `min(max(x + 3, 0), 6) / 6`.
 *
 * @remarks Python: `torch.nn.functional.hardsigmoid(x)`.
 * @example hardsigmoid(tensor([0])).tolist() // => [0.5]
 */
export function hardsigmoid(x: Tensor): Tensor {
  return unary(HARDSIGMOID, x);
}

/**
 * `x · hardsigmoid(x)`.
 *
 * @remarks Python: `torch.nn.functional.hardswish(x)`.
 * @example hardswish(tensor([3])).tolist() // => [3]
 */
export function hardswish(x: Tensor): Tensor {
  return mul(x, div(clip(add(x, 3), 0, 6), 6));
}

/**
 * `x / (1 + |x|)`.
 *
 * @remarks Python: `torch.nn.functional.softsign(x)`.
 * @example softsign(tensor([1])).tolist() // => [0.5]
 */
export function softsign(x: Tensor): Tensor {
  return div(x, add(abs(x), 1));
}

/**
 * `x - tanh(x)`.
 *
 * @remarks Python: `torch.nn.functional.tanhshrink(x)`.
 * @example tanhshrink(tensor([0])).tolist() // => [0]
 */
export function tanhshrink(x: Tensor): Tensor {
  return sub(x, tanh(x));
}

/**
 * Moved towards 0 by `lambda`, 0 within.
 *
 * @remarks Python: `torch.nn.functional.softshrink(x, 0.5)`.
 * @example softshrink(tensor([-2, 0.25])).tolist() // => [-1.5, 0]
 */
export function softshrink(x: Tensor, { lambda = 0.5 }: { readonly lambda?: number } = {}): Tensor {
  // At `lambda` itself the slope is 0, as within.
  return where(gt(abs(x), lambda), sub(x, clip(x, -lambda, lambda)), sub(x, x));
}

/**
 * 0 within `lambda` of 0, the number itself beyond.
 *
 * @remarks Python: `torch.nn.functional.hardshrink(x, 0.5)`.
 * @example hardshrink(tensor([-2, 0.25])).tolist() // => [-2, 0]
 */
export function hardshrink(x: Tensor, { lambda = 0.5 }: { readonly lambda?: number } = {}): Tensor {
  return where(logicalAnd(ge(x, -lambda), le(x, lambda)), 0, x);
}

/**
 * `x` above 0, `weight · x` below, with a weight that is learnt.
 *
 * @remarks Python: `torch.nn.functional.prelu(x, weight)`.
 * @example prelu(tensor([-4, 2]), tensor([0.25])).tolist() // => [-1, 2]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  const channels = x.ndim > 1 && weight.size > 1 ? weight.reshape([-1, ...new Array<number>(x.ndim - 2).fill(1)]) : weight;
  return where(gt(x, 0), x, mul(x, channels));
}

/**
 * The first half of an axis times the sigmoid of the second.
 *
 * @throws {ShapeError} when the axis has an odd length
 * @remarks Python: `torch.nn.functional.glu(x, dim=-1)`.
 * @example glu(tensor([3, 0])).tolist() // => [1.5]
 */
export function glu(x: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  const at = axisOf(axis, x.ndim, 'glu');
  if (x.shape[at]! % 2 !== 0)
    throw new ShapeError(`glu: axis ${axis} of ${showShape(x.shape)} must have an even length`, { parameter: 'x', received: x.shape });
  const half = x.shape[at]! / 2;
  const part = (range: string): Tensor => x.get(...new Array<string>(at).fill(':'), range);
  return mul(part(`:${half}`), sigmoid(part(`${half}:`)));
}

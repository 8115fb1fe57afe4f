/** Rounding, signs, bounds and blends of elements. */
import { finfo, isFloating, resultType } from '../../dtypes.js';
import { Tensor, tensor } from '../../tensor.js';
import { roundHalfEven } from '../core/half.js';
import { type Binary, binary, type Operandish, type Unary, unary } from './apply.js';
import { add, div, maximum, minimum, mul, sub } from './arithmetic.js';
import { eq, gt, isfinite, logicalAnd, lt, where } from './comparison.js';

const SIGN: Unary = {
  name: 'sign',
  of: x => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : x),
  big: x => (x > 0n ? 1n : x < 0n ? -1n : 0n),
  integers: 'keep',
  reads: 'none',
  rule: g => mul(g, 0),
};

/**
 * -1, 0 or 1; NaN stays.
 *
 * @remarks Python: `torch.sign(x)`.
 * @example sign(tensor([-3, 0, 2])).tolist() // => [-1, 0, 1]
 */
export function sign(x: Tensor): Tensor {
  return unary(SIGN, x);
}

const FLOOR: Unary = { name: 'floor', of: Math.floor, big: x => x, integers: 'keep', reads: 'none', rule: g => mul(g, 0) };

/**
 * The largest integer not above.
 *
 * @remarks Python: `torch.floor(x)`.
 * @example floor(tensor([-1.5])).tolist() // => [-2]
 */
export function floor(x: Tensor): Tensor {
  return unary(FLOOR, x);
}

const CEIL: Unary = { name: 'ceil', of: Math.ceil, big: x => x, integers: 'keep', reads: 'none', rule: g => mul(g, 0) };

/**
 * The smallest integer not below.
 *
 * @remarks Python: `torch.ceil(x)`.
 * @example ceil(tensor([1.2])).tolist() // => [2]
 */
export function ceil(x: Tensor): Tensor {
  return unary(CEIL, x);
}

const TRUNC: Unary = { name: 'trunc', of: Math.trunc, big: x => x, integers: 'keep', reads: 'none', rule: g => mul(g, 0) };

/**
 * The integer part.
 *
 * @remarks Python: `torch.trunc(x)`.
 * @example trunc(tensor([-1.5])).tolist() // => [-1]
 */
export function trunc(x: Tensor): Tensor {
  return unary(TRUNC, x);
}

const FRAC: Unary = { name: 'frac', of: x => x - Math.trunc(x), integers: 'refuse', reads: 'none', rule: g => g };

/**
 * The part after the point, with the sign of the number.
 *
 * @remarks Python: `torch.frac(x)`.
 * @example frac(tensor([-1.5])).tolist() // => [-0.5]
 */
export function frac(x: Tensor): Tensor {
  return unary(FRAC, x);
}

/** Half to even, at a number of decimals, by way of the power of ten as numpy does. */
function roundAt(x: number, decimals: number): number {
  if (!Number.isFinite(x)) return x;
  const scale = 10 ** Math.abs(decimals);
  const scaled = decimals >= 0 ? x * scale : x / scale;
  const rounded = Math.abs(scaled) >= 2 ** 52 ? scaled : Math.sign(scaled) * roundHalfEven(Math.abs(scaled));
  const signed = rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
  return decimals >= 0 ? signed / scale : signed * scale;
}

/**
 * The nearest integer, of two equally near the even one.
 *
 * @param options `decimals` digits after the point that stay; negative ones round before it
 * @remarks Python: `torch.round(x, decimals=0)`.
 * @example round(tensor([0.5, 1.5, -2.5])).tolist() // => [0, 2, -2]
 */
export function round(x: Tensor, { decimals = 0 }: { readonly decimals?: number } = {}): Tensor {
  return unary({ name: 'round', of: value => roundAt(value, decimals), integers: 'keep', reads: 'none', rule: g => mul(g, 0) }, x);
}

/** A lower and an upper bound of elements; null leaves a side open. */
export type Bound = Operandish | null;

/**
 * Elements moved into [min, max]; NaN stays. With number bounds the gradient is 0 on the bounds and beyond.
 *
 * @param min number, tensor or null for none
 * @param max number, tensor or null for none; where it lies below `min`, it wins
 * @remarks Python: `torch.clamp(x, min, max)`.
 * @example clip(tensor([-2, 0.5, 9]), 0, 1).tolist() // => [0, 0.5, 1]
 */
export function clip(x: Tensor, min: Bound, max: Bound): Tensor {
  if (min instanceof Tensor || max instanceof Tensor) {
    const raised = min === null ? x : maximum(x, min);
    return max === null ? raised : minimum(raised, max);
  }
  const [low, high] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY];
  const dtype = resultType(x, ...[min, max].filter(bound => typeof bound === 'number'));
  const source = dtype === x.dtype ? x : add(x, tensor(0, { dtype }));
  const inside = (g: Tensor, value: Tensor): Tensor => where(logicalAnd(gt(value, low), lt(value, high)), g, 0);
  return unary({ name: 'clip', of: value => Math.min(Math.max(value, low), high), integers: 'keep', rule: inside }, source);
}

/** What replaces NaN and infinities. */
export interface NanToNumOptions {
  /** Default: 0. */
  readonly nan?: number;
  /** Default: the greatest number of the type. */
  readonly posinf?: number;
  /** Default: the least number of the type. */
  readonly neginf?: number;
}

/**
 * NaN and infinities replaced by numbers.
 *
 * @remarks Python: `torch.nan_to_num(x)`.
 * @example nanToNum(tensor([NaN, 1]), { nan: 7 }).tolist() // => [7, 1]
 */
export function nanToNum(x: Tensor, { nan = 0, posinf, neginf }: NanToNumOptions = {}): Tensor {
  if (!isFloating(x.dtype)) return x.clone();
  const { max, min } = finfo(x.dtype);
  const of = (value: number): number => {
    if (Number.isNaN(value)) return nan;
    if (Number.isFinite(value)) return value;
    return value > 0 ? (posinf ?? max) : (neginf ?? min);
  };
  return unary({ name: 'nanToNum', of, rule: (g, value) => where(isfinite(value), g, 0) }, x);
}

const COPYSIGN: Binary = {
  name: 'copysign',
  of: (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)),
  integers: 'float',
  reads: ['ay', ''],
  rule: (g, a, _b, y, needs) => [needs[0] ? where(eq(a, 0), 0, mul(g, div(y, a))) : null, needs[1] ? mul(g, 0) : null],
};

/**
 * The magnitude of the first with the sign of the second.
 *
 * @remarks Python: `torch.copysign(a, b)`.
 * @example copysign(tensor([3]), -1).tolist() // => [-3]
 */
export function copysign(a: Operandish, b: Operandish): Tensor {
  return binary(COPYSIGN, a, b);
}

const wide = new DataView(new ArrayBuffer(8));

/** The next double on the way to another. */
function nextDouble(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return Number.NaN;
  if (from === to) return to;
  if (from === 0) return to > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  wide.setFloat64(0, from);
  wide.setBigInt64(0, wide.getBigInt64(0) + (from < to === from > 0 ? 1n : -1n));
  return wide.getFloat64(0);
}

/** The next single on the way to another. */
function nextSingle(from: number, to: number): number {
  if (Number.isNaN(from) || Number.isNaN(to)) return Number.NaN;
  if (from === to) return to;
  if (from === 0) return to > 0 ? 2 ** -149 : -(2 ** -149);
  wide.setFloat32(0, from);
  wide.setInt32(0, wide.getInt32(0) + (from < to === from > 0 ? 1 : -1));
  return wide.getFloat32(0);
}

/**
 * The next number of the type on the way from the first to the second.
 *
 * @remarks Python: `torch.nextafter(a, b)`.
 * @example nextafter(tensor([1], { dtype: 'float64' }), 2).item() // => 1.0000000000000002
 */
export function nextafter(a: Operandish, b: Operandish): Tensor {
  return binary({ name: 'nextafter', integers: 'float', of: resultType(a, b) === 'float64' ? nextDouble : nextSingle }, a, b);
}

const HEAVISIDE: Binary = { name: 'heaviside', of: (a, b) => (Number.isNaN(a) ? a : a === 0 ? b : a < 0 ? 0 : 1) };

/**
 * 0 below zero, 1 above it, the second operand at it.
 *
 * @remarks Python: `torch.heaviside(a, b)`.
 * @example heaviside(tensor([-1, 0, 1]), 0.5).tolist() // => [0, 0.5, 1]
 */
export function heaviside(a: Operandish, b: Operandish): Tensor {
  return binary(HEAVISIDE, a, b);
}

/**
 * `a + weight · (b - a)`.
 *
 * @param weight number or tensor that broadcasts
 * @remarks Python: `torch.lerp(a, b, weight)`.
 * @example lerp(tensor([0, 10]), tensor([10, 20]), 0.25).tolist() // => [2.5, 12.5]
 */
export function lerp(a: Tensor, b: Tensor, weight: Operandish): Tensor {
  return add(a, mul(sub(b, a), weight));
}

/**
 * `x + value · a · b`.
 *
 * @remarks Python: `torch.addcmul(x, a, b, value=1)`.
 * @example addcmul(tensor([1]), tensor([2]), tensor([3]), { value: 0.5 }).tolist() // => [4]
 */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, { value = 1 }: { readonly value?: number } = {}): Tensor {
  return add(x, mul(mul(a, b), value));
}

/**
 * `x + value · a / b`.
 *
 * @remarks Python: `torch.addcdiv(x, a, b, value=1)`.
 * @example addcdiv(tensor([1]), tensor([6]), tensor([3]), { value: 0.5 }).tolist() // => [2]
 */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, { value = 1 }: { readonly value?: number } = {}): Tensor {
  return add(x, mul(div(a, b), value));
}

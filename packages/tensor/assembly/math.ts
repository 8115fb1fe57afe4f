/** Functions of four float32 numbers: polynomials of least relative error, special values as in IEEE 754. */
import { fixed, fma, nfma, splat } from './vector';

/** log2 e, and ln 2 in two parts, the first with few bits, so that `n` times it is exact. */
const LOG2_E = memory.data<f32>([1.44269504]);
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.12194440e-4]);
/** Adding 1.5 x 2^23 rounds to an integer, which the low bits then hold; with 127 more they are those of an exponent. */
const ROUNDER = memory.data<f32>([12582912]);
const ROUNDER_127 = memory.data<f32>([12583039]);

const EXP_NEAR0 = memory.data<f32>([0.0013813144760206342, 0.008369418792426586, 0.04166845604777336, 0.16666515171527863, 0.4999999403953552, 1]);
/** e^r for |r| <= ln 2 / 2. */
@inline
function expNear0(r: v128): v128 {
  let p = fma<f32>(fixed(EXP_NEAR0, 0), r, fixed(EXP_NEAR0, 1));
  p = fma<f32>(p, r, fixed(EXP_NEAR0, 2));
  p = fma<f32>(p, r, fixed(EXP_NEAR0, 3));
  p = fma<f32>(p, r, fixed(EXP_NEAR0, 4));
  return f32x4.add(fma<f32>(p, f32x4.mul(r, r), r), fixed(EXP_NEAR0, 5));
}

const EXP = memory.data<f32>([89, -104]);
const EXP_BITS = memory.data<i32>([0x4b400000, 127]);
/** e^x; 0 and infinity where it leaves the range, subnormals kept. The larger operand comes first in the bounds, so NaN stays. */
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, fixed(EXP, 0)), fixed(EXP, 1));
  const t = fma<f32>(x, fixed(LOG2_E), fixed(ROUNDER));
  const n = f32x4.sub(t, fixed(ROUNDER));
  const p = expNear0(nfma<f32>(n, fixed(LN2_LOW), nfma<f32>(n, fixed(LN2_HIGH), x)));
  // 2^n in two halves, so that neither leaves the range of exponents.
  const whole = i32x4.sub(t, fixed(EXP_BITS, 0));
  const half = i32x4.shr_s(whole, 1);
  const first = i32x4.shl(i32x4.add(half, fixed(EXP_BITS, 1)), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(whole, half), fixed(EXP_BITS, 1)), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

const EXP_BELOW0 = memory.data<f32>([-88]);
/** e^x for x <= 0, where what lies below 2^-126 may become 0: at the bound the bits of the exponent are. */
@inline
export function expBelow0(x: v128): v128 {
  x = f32x4.pmax(x, fixed(EXP_BELOW0, 0));
  const t = fma<f32>(x, fixed(LOG2_E), fixed(ROUNDER_127));
  const n = f32x4.sub(t, fixed(ROUNDER_127));
  const p = expNear0(nfma<f32>(n, fixed(LN2_LOW), nfma<f32>(n, fixed(LN2_HIGH), x)));
  return f32x4.mul(p, i32x4.shl(t, 23));
}

const LOG = memory.data<f32>([1.17549435e-38, 8388608, 23, 1, -0.07634492963552475, 0.12761574983596802, -0.13160182535648346, 0.14201758801937103, -0.16623356938362122, 0.20001226663589478, -0.2500081956386566, 0.3333333134651184, 0.5]);
const LOG_BITS = memory.data<i32>([0x3f3504f3, 0x007fffff]);
/** ln x. */
@inline
export function log(x: v128): v128 {
  // Subnormals are scaled up.
  const small = f32x4.lt(x, fixed(LOG, 0));
  const scaled = v128.bitselect(f32x4.mul(x, fixed(LOG, 1)), x, small);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const shifted = i32x4.sub(scaled, fixed(LOG_BITS, 0));
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23)), v128.and(fixed(LOG, 2), small));
  const f = f32x4.sub(i32x4.add(v128.and(shifted, fixed(LOG_BITS, 1)), fixed(LOG_BITS, 0)), fixed(LOG, 3));
  let p = fma<f32>(fixed(LOG, 4), f, fixed(LOG, 5));
  p = fma<f32>(p, f, fixed(LOG, 6));
  p = fma<f32>(p, f, fixed(LOG, 7));
  p = fma<f32>(p, f, fixed(LOG, 8));
  p = fma<f32>(p, f, fixed(LOG, 9));
  p = fma<f32>(p, f, fixed(LOG, 10));
  p = fma<f32>(p, f, fixed(LOG, 11));
  const square = f32x4.mul(f, f);
  let y = f32x4.mul(f32x4.mul(square, f), p);
  y = fma<f32>(exponent, fixed(LN2_LOW), y);
  y = nfma<f32>(fixed(LOG, 12), square, y);
  y = fma<f32>(exponent, fixed(LN2_HIGH), f32x4.add(f, y));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  y = v128.bitselect(splat(NaN), y, f32x4.lt(x, splat(0)));
  // Infinity and NaN pass through.
  return v128.bitselect(y, f32x4.add(x, x), v128.or(f32x4.lt(x, splat(Infinity)), f32x4.lt(x, splat(0))));
}

const WITH_SIGN_BITS = memory.data<i32>([0x80000000]);
/** The value of one operand with the sign of another. */
@inline
function withSign(value: v128, sign: v128): v128 {
  return v128.bitselect(sign, value, fixed(WITH_SIGN_BITS, 0));
}

const TANH = memory.data<f32>([-0.005717044696211815, 0.020650586113333702, -0.05374349653720856, 0.13331490755081177, -0.3333328366279602, -2, 1, 0.625]);
@inline
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma<f32>(fixed(TANH, 0), z, fixed(TANH, 1));
  p = fma<f32>(p, z, fixed(TANH, 2));
  p = fma<f32>(p, z, fixed(TANH, 3));
  p = fma<f32>(p, z, fixed(TANH, 4));
  const near = fma<f32>(f32x4.mul(p, z), x, x);
  const e = expBelow0(f32x4.mul(size, fixed(TANH, 5)));
  const far = f32x4.div(f32x4.sub(fixed(TANH, 6), e), f32x4.add(fixed(TANH, 6), e));
  return v128.bitselect(near, withSign(far, x), f32x4.lt(size, fixed(TANH, 7)));
}

const SIGMOID = memory.data<f32>([1]);
@inline
export function sigmoid(x: v128): v128 {
  const e = expBelow0(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(fixed(SIGMOID, 0), f32x4.add(fixed(SIGMOID, 0), e));
  return v128.bitselect(f32x4.mul(e, upper), upper, f32x4.lt(x, splat(0)));
}

const ERFC_ABOVE0 = memory.data<f32>([1, 0.45, -0.0345127172768116, 0.154107004404068, -0.21698851883411407, 0.035047173500061035, 0.06269701570272446, 0.07701452076435089, 0.1890035718679428, 0.22558772563934326, 0.2541719079017639, 0.2538723051548004]);
/** erfc(z) for z >= 0: e^(-z^2), which is given, times a polynomial in 1 / (1 + 0.45 z). */
@inline
function erfcAbove0(z: v128, bell: v128): v128 {
  const t = f32x4.div(fixed(ERFC_ABOVE0, 0), fma<f32>(z, fixed(ERFC_ABOVE0, 1), fixed(ERFC_ABOVE0, 0)));
  let p = fma<f32>(fixed(ERFC_ABOVE0, 2), t, fixed(ERFC_ABOVE0, 3));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 4));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 5));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 6));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 7));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 8));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 9));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 10));
  p = fma<f32>(p, t, fixed(ERFC_ABOVE0, 11));
  return f32x4.mul(f32x4.mul(p, t), bell);
}

const ERF = memory.data<f32>([-0.0006761096883565187, 0.005115981679409742, -0.026835434138774872, 0.11283393204212189, -0.3761261999607086, 1.1283791065216064, 1, 0.75]);
@inline
export function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma<f32>(fixed(ERF, 0), z, fixed(ERF, 1));
  p = fma<f32>(p, z, fixed(ERF, 2));
  p = fma<f32>(p, z, fixed(ERF, 3));
  p = fma<f32>(p, z, fixed(ERF, 4));
  p = fma<f32>(p, z, fixed(ERF, 5));
  const far = f32x4.sub(fixed(ERF, 6), erfcAbove0(size, expBelow0(f32x4.neg(z))));
  return v128.bitselect(f32x4.mul(p, x), withSign(far, x), f32x4.lt(size, fixed(ERF, 7)));
}

const NORMAL = memory.data<f32>([0.5, 0.70710678, 1, -0.5]);
/** e^(-x^2 / 2): the density of the normal distribution but for its factor. */
@inline
export function normalBell(x: v128): v128 {
  return expBelow0(f32x4.mul(f32x4.mul(x, x), fixed(NORMAL, 3)));
}

/** The normal distribution's share below x, whose bell is given. */
@inline
export function normalCdf(x: v128, bell: v128): v128 {
  const half = f32x4.mul(fixed(NORMAL, 0), erfcAbove0(f32x4.mul(f32x4.abs(x), fixed(NORMAL, 1)), bell));
  return v128.bitselect(half, f32x4.sub(fixed(NORMAL, 2), half), f32x4.lt(x, splat(0)));
}

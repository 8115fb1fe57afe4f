/** Functions of four float32 numbers: polynomials of least relative error, special values as in IEEE 754. */
import { fma, nfma, splat } from './vector';

const LOG2_E: f32 = 1.44269504;
/** ln 2 in two parts, the first with few bits, so that `n` times it is exact. */
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
/** Adding 1.5 x 2^23 rounds to an integer, which the low bits then hold. */
const ROUNDER: f32 = 12582912;

/** e^r for |r| <= ln 2 / 2. */
@inline
function expNear0(r: v128): v128 {
  let p = fma<f32>(splat(0.0013813144760206342), r, splat(0.008369418792426586));
  p = fma<f32>(p, r, splat(0.04166845604777336));
  p = fma<f32>(p, r, splat(0.16666515171527863));
  p = fma<f32>(p, r, splat(0.4999999403953552));
  return f32x4.add(fma<f32>(p, f32x4.mul(r, r), r), splat(1));
}

/** e^x; 0 and infinity where it leaves the range, subnormals kept. The larger operand comes first in the bounds, so NaN stays. */
@inline
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-104));
  const t = fma<f32>(x, splat(LOG2_E), splat(ROUNDER));
  const n = f32x4.sub(t, splat(ROUNDER));
  const p = expNear0(nfma<f32>(n, splat(LN2_LOW), nfma<f32>(n, splat(LN2_HIGH), x)));
  // 2^n in two halves, so that neither leaves the range of exponents.
  const whole = i32x4.sub(t, i32x4.splat(0x4b400000));
  const half = i32x4.shr_s(whole, 1);
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(whole, half), i32x4.splat(127)), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x for x <= 0, where what lies below 2^-126 may become 0. */
@inline
export function expBelow0(x: v128): v128 {
  const bounded = f32x4.pmax(x, splat(-87.3));
  const t = fma<f32>(bounded, splat(LOG2_E), splat(ROUNDER + 127));
  const n = f32x4.sub(t, splat(ROUNDER + 127));
  const p = expNear0(nfma<f32>(n, splat(LN2_LOW), nfma<f32>(n, splat(LN2_HIGH), bounded)));
  return v128.andnot(f32x4.mul(p, i32x4.shl(t, 23)), f32x4.lt(x, splat(-87.3)));
}

/** ln x. */
@inline
export function log(x: v128): v128 {
  // Subnormals are scaled up.
  const small = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, small);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const shifted = i32x4.sub(scaled, i32x4.splat(0x3f3504f3));
  const exponent = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23)), v128.and(splat(23), small));
  const f = f32x4.sub(i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3)), splat(1));
  let p = fma<f32>(splat(-0.07634492963552475), f, splat(0.12761574983596802));
  p = fma<f32>(p, f, splat(-0.13160182535648346));
  p = fma<f32>(p, f, splat(0.14201758801937103));
  p = fma<f32>(p, f, splat(-0.16623356938362122));
  p = fma<f32>(p, f, splat(0.20001226663589478));
  p = fma<f32>(p, f, splat(-0.2500081956386566));
  p = fma<f32>(p, f, splat(0.3333333134651184));
  const square = f32x4.mul(f, f);
  let y = f32x4.mul(f32x4.mul(square, f), p);
  y = fma<f32>(exponent, splat(LN2_LOW), y);
  y = nfma<f32>(splat(0.5), square, y);
  y = fma<f32>(exponent, splat(LN2_HIGH), f32x4.add(f, y));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  y = v128.bitselect(splat(NaN), y, f32x4.lt(x, splat(0)));
  // Infinity and NaN pass through.
  return v128.bitselect(y, f32x4.add(x, x), v128.or(f32x4.lt(x, splat(Infinity)), f32x4.lt(x, splat(0))));
}

/** The value of one operand with the sign of another. */
@inline
function withSign(value: v128, sign: v128): v128 {
  return v128.bitselect(sign, value, i32x4.splat(0x80000000));
}

@inline
export function tanh(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma<f32>(splat(-0.005717044696211815), z, splat(0.020650586113333702));
  p = fma<f32>(p, z, splat(-0.05374349653720856));
  p = fma<f32>(p, z, splat(0.13331490755081177));
  p = fma<f32>(p, z, splat(-0.3333328366279602));
  const near = fma<f32>(f32x4.mul(p, z), x, x);
  const e = expBelow0(f32x4.mul(size, splat(-2)));
  const far = f32x4.div(f32x4.sub(splat(1), e), f32x4.add(splat(1), e));
  return v128.bitselect(near, withSign(far, x), f32x4.lt(size, splat(0.625)));
}

@inline
export function sigmoid(x: v128): v128 {
  const e = expBelow0(f32x4.neg(f32x4.abs(x)));
  const upper = f32x4.div(splat(1), f32x4.add(splat(1), e));
  return v128.bitselect(f32x4.mul(e, upper), upper, f32x4.lt(x, splat(0)));
}

/** e^(-h x^2) with what rounding took from the square: far out it would be many units of the last place. */
@inline
function gauss(x: v128, h: f32): v128 {
  const square = f32x4.mul(x, x);
  // The upper half of x squares without rounding.
  const high = v128.and(x, i32x4.splat(0xfffff000));
  const low = f32x4.sub(x, high);
  const rest = fma<f32>(low, f32x4.add(f32x4.add(high, high), low), f32x4.sub(f32x4.mul(high, high), square));
  const e = expBelow0(f32x4.mul(square, splat(-h)));
  return nfma<f32>(f32x4.mul(rest, splat(h)), e, e);
}

/** erfc(z) for z >= 0: e^(-z^2), which is given, times a polynomial in 1 / (1 + 0.45 z). */
@inline
function erfcAbove0(z: v128, bell: v128): v128 {
  const t = f32x4.div(splat(1), fma<f32>(z, splat(0.45), splat(1)));
  let p = fma<f32>(splat(-0.0345127172768116), t, splat(0.154107004404068));
  p = fma<f32>(p, t, splat(-0.21698851883411407));
  p = fma<f32>(p, t, splat(0.035047173500061035));
  p = fma<f32>(p, t, splat(0.06269701570272446));
  p = fma<f32>(p, t, splat(0.07701452076435089));
  p = fma<f32>(p, t, splat(0.1890035718679428));
  p = fma<f32>(p, t, splat(0.22558772563934326));
  p = fma<f32>(p, t, splat(0.2541719079017639));
  p = fma<f32>(p, t, splat(0.2538723051548004));
  // Beyond the range of the square the bell is 0 and its correction infinite.
  return v128.andnot(f32x4.mul(f32x4.mul(p, t), bell), f32x4.ge(z, splat(16)));
}

@inline
export function erf(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = fma<f32>(splat(-0.0006761096883565187), z, splat(0.005115981679409742));
  p = fma<f32>(p, z, splat(-0.026835434138774872));
  p = fma<f32>(p, z, splat(0.11283393204212189));
  p = fma<f32>(p, z, splat(-0.3761261999607086));
  p = fma<f32>(p, z, splat(1.1283791065216064));
  const far = f32x4.sub(splat(1), erfcAbove0(size, gauss(x, 1)));
  return v128.bitselect(f32x4.mul(p, x), withSign(far, x), f32x4.lt(size, splat(0.75)));
}

/** The normal distribution's share below x. */
@inline
export function normalCdf(x: v128): v128 {
  const half = f32x4.mul(splat(0.5), erfcAbove0(f32x4.mul(f32x4.abs(x), splat(0.70710678)), gauss(x, 0.5)));
  return v128.bitselect(half, f32x4.sub(splat(1), half), f32x4.lt(x, splat(0)));
}

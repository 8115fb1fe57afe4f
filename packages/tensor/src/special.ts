/** Special functions of statistics, to about 14 digits. */
import { inRange, positive } from '@gtc/errors';
import { continuedFraction } from './internal/special/continued-fraction.js';
import { logGamma } from './internal/special/gamma.js';

export { incompleteGamma, incompleteGammaUpper, logGamma } from './internal/special/gamma.js';

/**
 * Regularised incomplete beta function `I_x(a, b)`, the distribution function of the beta distribution.
 *
 * @param x in [0, 1]
 * @throws {ValidationError} for x outside [0, 1] or a, b not positive
 * @remarks Python: `scipy.special.betainc(a, b, x)`.
 * @example incompleteBeta(2, 3, 0.5) // => 0.6875
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  positive(a, 'a');
  positive(b, 'b');
  inRange(x, 'x', { min: 0, max: 1 });
  if (x === 0 || x === 1) return x;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * betaFraction(b, a, 1 - x)) / b;
  return (front * betaFraction(a, b, x)) / a;
}

/** The fraction of DLMF 8.17.22. */
function betaFraction(a: number, b: number, x: number): number {
  return continuedFraction(k => {
    const m = k >> 1;
    if (k % 2 === 0) return (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  });
}

/**
 * Probability that Student's t with `df` degrees of freedom lies farther from 0 than `t`.
 *
 * @remarks Python: `2 * scipy.stats.t.sf(abs(t), df)`.
 * @example studentTwoSided(0, 5) // => 1
 */
export function studentTwoSided(t: number, df: number): number {
  if (Number.isNaN(t)) return t;
  const square = t * t;
  return square === Number.POSITIVE_INFINITY ? 0 : incompleteBeta(df / 2, 0.5, df / (df + square));
}

/**
 * Complementary error function `1 - erf(x)`, with full relative precision in the tail.
 *
 * @remarks Python: `scipy.special.erfc(x)`.
 * @example erfc(0) // => 1
 */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x < 1) return 1 - erfSeries(x);
  if (x > 27.3) return 0;
  // DLMF 7.9.3 in the variable x², contracted to its even part by the recurrence a_k = k / 2.
  let fraction = x;
  for (let k = Math.ceil(60 + 200 / (x * x)); k > 0; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

/** `2/√π Σ (-1)^n x^(2n+1) / (n! (2n+1))`, in the form without cancellation. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * Probability that a standard normal lies farther from 0 than `z`.
 *
 * @remarks Python: `2 * scipy.stats.norm.sf(abs(z))`.
 * @example normalTwoSided(0) // => 1
 */
export function normalTwoSided(z: number): number {
  return erfc(Math.abs(z) / Math.SQRT2);
}

/**
 * The error function `2/√π ∫₀ˣ e^(-t²) dt`.
 *
 * @remarks Python: `scipy.special.erf(x)`; within 1e-14.
 * @example erf(0) // => 0
 */
export function erf(x: number): number {
  // Odd, so that both signs round once.
  if (x < 0) return -erf(-x);
  return x < 1 ? erfSeries(x) : 1 - erfc(x);
}

/** First digits of the point above which the normal has the weight `p`, for p up to 1/2 (Abramowitz and Stegun 26.2.23). */
function tailStart(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** The point where erfc falls to `q`, for q in (0, 1], by Halley's steps from the first digits. */
function erfcInverse(q: number): number {
  let x = tailStart(q / 2) / Math.SQRT2;
  for (let step = 0; step < 4; step++) {
    const u = ((erfc(x) - q) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
    x += u / (1 - u * x);
  }
  return x;
}

/**
 * The inverse of the error function; NaN outside [-1, 1].
 *
 * @remarks Python: `scipy.special.erfinv(y)`; within 1e-13.
 * @example erfinv(0) // => 0
 */
export function erfinv(y: number): number {
  const size = Math.abs(y);
  if (!(size <= 1)) return Number.NaN;
  if (size === 0) return 0;
  if (size === 1) return y * Number.POSITIVE_INFINITY;
  if (size > 0.5) return Math.sign(y) * erfcInverse(1 - size);
  let x = (y * Math.sqrt(Math.PI)) / 2;
  for (let step = 0; step < 6; step++) {
    const u = ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
    x -= u / (1 + u * x);
  }
  return x;
}

/**
 * The quantile of the standard normal; infinite at 0 and 1, NaN outside.
 *
 * @remarks Python: `scipy.special.ndtri(p)`; within 1e-13.
 * @example normalQuantile(0.5) // => 0
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (p >= 0.25 && p <= 0.75) return Math.SQRT2 * erfinv(2 * p - 1);
  return p < 0.5 ? -Math.SQRT2 * erfcInverse(2 * p) : Math.SQRT2 * erfcInverse(2 * (1 - p));
}

/**
 * `log |Γ(x)|` on the whole line; infinite at 0, -1, -2, ...
 *
 * @remarks Python: `scipy.special.gammaln(x)`; within 1e-13.
 * @example signedLogGamma(-0.5) // => Math.log(2 * Math.sqrt(Math.PI))
 */
export function signedLogGamma(x: number): number {
  if (Number.isNaN(x) || Math.abs(x) === Number.POSITIVE_INFINITY) return x;
  if (x > 0) return logGamma(x);
  if (Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  return Math.log(Math.PI / Math.abs(sinPi(x))) - logGamma(1 - x);
}

/** `sin(πx)` without the error of a large argument. */
function sinPi(x: number): number {
  const rest = x - 2 * Math.round(x / 2);
  return Math.sin(Math.PI * rest);
}

/** Bernoulli's numbers B₂, B₄, ... */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510] as const;
/** From here on the series of the gamma functions has all digits. */
const FAR = 15;

/**
 * The derivative of order `n` of the digamma function ψ; `n = 0` is ψ itself. NaN at 0, -1, -2, ... (0 itself: infinite).
 *
 * @remarks Python: `scipy.special.polygamma(n, x)`, `scipy.special.digamma(x)`; within 1e-13.
 * @example polygamma(0, 1) // => -0.5772156649015329
 */
export function polygamma(n: number, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return n === 0 ? x : 0;
  if (x === Number.NEGATIVE_INFINITY || (x < 0 && Number.isInteger(x))) return Number.NaN;
  if (n === 0 && x < 0) return polygamma(0, 1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  if (x === 0) return n === 0 ? (Object.is(x, -0) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY;
  const sign = n % 2 === 0 ? -1 : 1;
  let [shifted, near, factorial] = [x, 0, 1];
  for (let k = 2; k <= n; k++) factorial *= k;
  for (; shifted < FAR; shifted++) near += factorial / shifted ** (n + 1);
  const leading = n === 0 ? -Math.log(shifted) : factorial / n / shifted ** n;
  // Each term is that of the last Bernoulli number times (2k + n - 1)! / (2k)!.
  let [tail, ratio, power] = [0, ((n + 1) * factorial) / 2, shifted ** (n + 2)];
  for (const [index, bernoulli] of BERNOULLI.entries()) {
    const k = index + 1;
    tail += (bernoulli * ratio) / power;
    ratio *= ((2 * k + n) * (2 * k + n + 1)) / ((2 * k + 1) * (2 * k + 2));
    power *= shifted * shifted;
  }
  return sign * (near + leading + factorial / (2 * shifted ** (n + 1)) + tail);
}

/**
 * The modified Bessel function of the first kind of order 0 or 1, by its series of positive terms.
 *
 * @remarks Python: `scipy.special.i0(x)`, `i1(x)`; within 1e-14.
 * @example besselI(0, 0) // => 1
 */
export function besselI(order: 0 | 1, x: number): number {
  if (!Number.isFinite(x)) return order === 0 ? Math.abs(x) : x;
  const quarter = (x * x) / 4;
  let term = order === 0 ? 1 : x / 2;
  let total = term;
  for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(total) && Number.isFinite(total); k++) {
    term *= quarter / (k * (k + order));
    total += term;
  }
  return total;
}

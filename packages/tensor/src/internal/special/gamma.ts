/** The gamma function's logarithm and incomplete forms. */
import { inRange, positive } from '@gtc/errors';
import { continuedFraction, MAX_TERMS } from './continued-fraction.js';

/** Lanczos' coefficients for g = 7, n = 9 (Godfrey 2001). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

const LOG_SQRT_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Logarithm of the gamma function for `x > 0`.
 *
 * @remarks Python: `scipy.special.gammaln(x)`.
 * @example logGamma(5) // => Math.log(24)
 */
export function logGamma(x: number): number {
  positive(x, 'x');
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  if (x > 15) return stirling(x);
  const t = x + 6.5;
  const series = LANCZOS.slice(1).reduce<number>((sum, c, i) => sum + c / (x + i), LANCZOS[0]);
  return LOG_SQRT_TWO_PI + (x - 0.5) * Math.log(t) - t + Math.log(series);
}

/** Stirling's series; above 15 its first six terms reach the last digit. */
function stirling(x: number): number {
  const r = 1 / (x * x);
  const tail = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / x;
  return (x - 0.5) * Math.log(x) - x + LOG_SQRT_TWO_PI + tail;
}

/** `x^a e^(-x) / Γ(a)`, the size of both incomplete gamma functions. */
const gammaFront = (a: number, x: number): number => Math.exp(a * Math.log(x) - x - logGamma(a));

/** The series of the lower function. */
function gammaSeries(a: number, x: number): number {
  let [term, total] = [1 / a, 1 / a];
  for (let n = 1; n <= MAX_TERMS && term > 1e-17 * total; n++) {
    term *= x / (a + n);
    total += term;
  }
  return gammaFront(a, x) * total;
}

/** The fraction of the upper function (DLMF 8.9.2), each coefficient over the two partial denominators beside it. */
function gammaFraction(a: number, x: number): number {
  const denominator = (k: number): number => x - a + 1 + 2 * k;
  return (gammaFront(a, x) / denominator(0)) * continuedFraction(k => (k * (a - k)) / (denominator(k - 1) * denominator(k)));
}

/**
 * Regularised lower incomplete gamma function `P(a, x)`, the distribution function of the gamma distribution.
 *
 * @param x not negative
 * @throws {ValidationError} for a that is not positive or x below 0
 * @remarks Python: `scipy.special.gammainc(a, x)`.
 * @example incompleteGamma(1, 1) // => 1 - 1 / Math.E
 */
export function incompleteGamma(a: number, x: number): number {
  positive(a, 'a');
  inRange(x, 'x', { min: 0 });
  if (x === 0 || x === Number.POSITIVE_INFINITY) return Number(x !== 0);
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/**
 * Regularised upper incomplete gamma function `Q(a, x) = 1 - P(a, x)`, with full relative precision in the tail.
 *
 * @param x not negative
 * @throws {ValidationError} for a that is not positive or x below 0
 * @remarks Python: `scipy.special.gammaincc(a, x)`.
 * @example incompleteGammaUpper(1, 1) // => 1 / Math.E
 */
export function incompleteGammaUpper(a: number, x: number): number {
  positive(a, 'a');
  inRange(x, 'x', { min: 0 });
  if (x === 0 || x === Number.POSITIVE_INFINITY) return Number(x === 0);
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

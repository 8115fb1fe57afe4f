/** Distribution functions of statistics: probabilities below and above a value, and the values that cut off a probability. To about 12 digits, tails included. */
import { inRange, positive } from '@gtc/errors';
import { erfc, incompleteBeta, incompleteGamma, incompleteGammaUpper, logGamma } from './special.js';

/**
 * Probability that a standard normal lies below x.
 *
 * @remarks Python: `scipy.stats.norm.cdf(x)`; above x: `normalCdf(-x)`.
 * @example normalCdf(0) // => 0.5
 */
export function normalCdf(x: number): number {
  return erfc(-x / Math.SQRT2) / 2;
}

/**
 * Its logarithm, also where the probability itself is too small for a double.
 *
 * @remarks Python: `scipy.stats.norm.logcdf(x)`.
 * @example logNormalCdf(0) // => -Math.LN2
 */
export function logNormalCdf(x: number): number {
  if (x > 0) return Math.log1p(-normalCdf(-x));
  if (x > -37) return Math.log(normalCdf(x));
  // Mills' ratio by its asymptotic series: six terms have all digits out here.
  const r = 1 / (x * x);
  const series = 1 - r * (1 - 3 * r * (1 - 5 * r * (1 - 7 * r * (1 - 9 * r))));
  return (-x * x) / 2 - Math.log(-x) - Math.log(2 * Math.PI) / 2 + Math.log(series);
}

/**
 * Probability that Student's t with `df` degrees of freedom lies below t.
 *
 * @throws {ValidationError} for df that is not positive
 * @remarks Python: `scipy.stats.t.cdf(t, df)`; above t: `studentCdf(-t, df)`.
 * @example studentCdf(0, 5) // => 0.5
 */
export function studentCdf(t: number, df: number): number {
  positive(df, 'df');
  if (Number.isNaN(t)) return t;
  const square = t * t;
  // The smaller of both tails comes without cancellation.
  const tail =
    square === Number.POSITIVE_INFINITY
      ? 0
      : square < 1
        ? 0.5 - incompleteBeta(0.5, df / 2, square / (df + square)) / 2
        : incompleteBeta(df / 2, 0.5, df / (df + square)) / 2;
  return t > 0 ? 1 - tail : tail;
}

/**
 * Probability that chi squared with `df` degrees of freedom lies above x.
 *
 * @throws {ValidationError} for df that is not positive
 * @remarks Python: `scipy.stats.chi2.sf(x, df)`.
 * @example chiSquareSf(0, 3) // => 1
 */
export function chiSquareSf(x: number, df: number): number {
  positive(df, 'df');
  return x <= 0 ? 1 : incompleteGammaUpper(df / 2, x / 2);
}

/**
 * Probability that Fisher's F lies above x.
 *
 * @param df1 degrees of freedom of the numerator
 * @param df2 degrees of freedom of the denominator
 * @throws {ValidationError} for degrees that are not positive
 * @remarks Python: `scipy.stats.f.sf(x, df1, df2)`.
 * @example fisherSf(0, 3, 10) // => 1
 */
export function fisherSf(x: number, df1: number, df2: number): number {
  positive(df1, 'df1');
  positive(df2, 'df2');
  if (Number.isNaN(x)) return x;
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  // A small share keeps its digits, its complement does not.
  return df1 * x < df2 ? 1 - incompleteBeta(df1 / 2, df2 / 2, (df1 * x) / (df2 + df1 * x)) : incompleteBeta(df2 / 2, df1 / 2, df2 / (df2 + df1 * x));
}

/**
 * Probability of exactly k successes in n trials.
 *
 * @param p probability of a success
 * @throws {ValidationError} for p outside [0, 1]
 * @remarks Python: `scipy.stats.binom.pmf(k, n, p)`.
 * @example binomialPmf(1, 2, 0.5) // => 0.5
 */
export function binomialPmf(k: number, n: number, p: number): number {
  inRange(p, 'p', { min: 0, max: 1 });
  if (k < 0 || k > n) return 0;
  if (p === 0 || p === 1) return Number(k === (p === 0 ? 0 : n));
  return Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/**
 * Probability of at most k successes in n trials.
 *
 * @throws {ValidationError} for p outside [0, 1]
 * @remarks Python: `scipy.stats.binom.cdf(k, n, p)`.
 * @example binomialCdf(1, 2, 0.5) // => 0.75
 */
export function binomialCdf(k: number, n: number, p: number): number {
  inRange(p, 'p', { min: 0, max: 1 });
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(n - k, k + 1, 1 - p);
}

/** The point of a bracket where a rising function reaches 0, to the last digit; wide brackets are halved by magnitude. */
function rootOf(rising: (x: number) => number, low: number, high: number): number {
  for (let [a, b] = [low, high]; ; ) {
    const middle = a > 0 && b / a > 2 ? Math.sqrt(a) * Math.sqrt(b) : a + (b - a) / 2;
    if (middle <= a || middle >= b) return middle;
    if (rising(middle) < 0) a = middle;
    else b = middle;
  }
}

/** The point that cuts off `p` below, found from the smaller tail. */
function quantile(p: number, low: number, high: number, below: (x: number) => number, above: (x: number) => number): number {
  inRange(p, 'p', { min: 0, max: 1 });
  return p <= 0.5 ? rootOf(x => below(x) - p, low, high) : rootOf(x => 1 - p - above(x), low, high);
}

const LARGEST = 1e300;
const SMALLEST = 1e-300;

/**
 * The value below which Student's t lies with probability p; infinite at 0 and 1.
 *
 * @throws {ValidationError} for p outside [0, 1] or df that is not positive
 * @remarks Python: `scipy.stats.t.ppf(p, df)`.
 * @example studentQuantile(0.5, 4) // => 0
 */
export function studentQuantile(p: number, df: number): number {
  inRange(p, 'p', { min: 0, max: 1 });
  positive(df, 'df');
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  if (tail === 0) return p === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const size = rootOf(x => tail - studentCdf(-x, df), SMALLEST, LARGEST);
  return p < 0.5 ? -size : size;
}

/**
 * The value below which chi squared lies with probability p.
 *
 * @throws {ValidationError} for p outside [0, 1] or df that is not positive
 * @remarks Python: `scipy.stats.chi2.ppf(p, df)`.
 * @example chiSquareQuantile(0.95, 1) // => 3.841458820694124
 */
export function chiSquareQuantile(p: number, df: number): number {
  positive(df, 'df');
  if (p === 0 || p === 1) return p === 0 ? 0 : Number.POSITIVE_INFINITY;
  return quantile(
    p,
    SMALLEST,
    LARGEST,
    x => incompleteGamma(df / 2, x / 2),
    x => incompleteGammaUpper(df / 2, x / 2),
  );
}

/**
 * The value below which Fisher's F lies with probability p.
 *
 * @throws {ValidationError} for p outside [0, 1] or degrees that are not positive
 * @remarks Python: `scipy.stats.f.ppf(p, df1, df2)`.
 * @example fisherQuantile(0, 2, 9) // => 0
 */
export function fisherQuantile(p: number, df1: number, df2: number): number {
  if (p === 0 || p === 1) return p === 0 ? 0 : Number.POSITIVE_INFINITY;
  return quantile(
    p,
    SMALLEST,
    LARGEST,
    x => incompleteBeta(df1 / 2, df2 / 2, (df1 * x) / (df1 * x + df2)),
    x => fisherSf(x, df1, df2),
  );
}

/**
 * The value below which the beta distribution lies with probability p.
 *
 * @throws {ValidationError} for p outside [0, 1], or a, b not positive
 * @remarks Python: `scipy.stats.beta.ppf(p, a, b)`.
 * @example betaQuantile(0.5, 1, 1) // => 0.5
 */
export function betaQuantile(p: number, a: number, b: number): number {
  if (p === 0 || p === 1) return p;
  return quantile(
    p,
    SMALLEST,
    1,
    x => incompleteBeta(a, b, x),
    x => incompleteBeta(b, a, 1 - x),
  );
}

/** Nodes and weights of Gauss and Legendre's rule with eight points on [-1, 1], one of each pair. */
const NODES = [
  [0.1834346424956498, 0.362683783378362],
  [0.525532409916329, 0.3137066458778873],
  [0.7966664774136267, 0.2223810344533745],
  [0.9602898564975363, 0.1012285362903763],
] as const;

/** An integral by many short rules. */
function integral(f: (x: number) => number, low: number, high: number, parts: number): number {
  const half = (high - low) / parts / 2;
  let total = 0;
  for (let part = 0; part < parts; part++) {
    const centre = low + half * (2 * part + 1);
    for (const [node, weight] of NODES) total += weight * (f(centre - half * node) + f(centre + half * node));
  }
  return total * half;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/**
 * Probability that the range of k standard normal values lies above q: the studentized range of infinitely many degrees of freedom, by which Nemenyi's test
 * compares ranks.
 *
 * @param k at least 2
 * @throws {ValidationError} for fewer than two values
 * @remarks Python: `scipy.stats.studentized_range.sf(q, k, numpy.inf)`; within 1e-10.
 * @example rangeSf(0, 3) // => 1
 */
export function rangeSf(q: number, k: number): number {
  inRange(k, 'k', { min: 2 });
  if (q <= 0) return 1;
  // The largest value at z, and each other one within q below it.
  return 1 - k * integral(z => density(z) * (normalCdf(z) - normalCdf(z - q)) ** (k - 1), -9, 9 + q, 120);
}

/**
 * Probability that Student's t of `df` degrees of freedom around `shift` lies above t: what the power of a t-test rests on.
 *
 * @param shift the noncentrality: the effect in units of its standard error
 * @throws {ValidationError} for df that is not positive
 * @remarks Python: `scipy.stats.nct.sf(t, df, shift)`; within 1e-9.
 * @example noncentralStudentSf(0, 10, 0) // => 0.5
 */
export function noncentralStudentSf(t: number, df: number, shift: number): number {
  positive(df, 'df');
  // The deviation's distribution: s = √(χ²/df), by its density; t exceeds where the normal part exceeds t·s.
  const scale = (df / 2) * Math.log(df / 2) + Math.LN2 - logGamma(df / 2);
  const spread = 12 / Math.sqrt(2 * df);
  return integral(s => Math.exp(scale + (df - 1) * Math.log(s) - (df * s * s) / 2) * normalCdf(shift - t * s), Math.max(1e-300, 1 - spread), 1 + spread, 120);
}

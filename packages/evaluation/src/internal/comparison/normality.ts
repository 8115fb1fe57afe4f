/** Tests that a sample comes from a normal distribution. */
import { chiSquareSf, normalCdf } from '@gtc/tensor/distributions';
import { mean, sum } from '@gtc/tensor/statistics';
import { kurtosis, skewness } from './descriptive.js';
import { type Sample, sample, type TestResult, variance } from './result.js';

/** Value of a polynomial, lowest coefficient first. */
const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduceRight((value, c) => value * x + c, 0);

/** The normal quantile of AS 111 (Beasley and Springer 1977), whose seven digits Royston's test was fitted with. */
function roughQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.42) {
    const r = q * q;
    return (
      (q * polynomial([2.50662823884, -18.61500062529, 41.39119773534, -25.44106049637], r)) /
      polynomial([1, -8.4735109309, 23.08336743743, -21.06224101826, 3.13082909833], r)
    );
  }
  const r = Math.sqrt(-Math.log(q > 0 ? 1 - p : p));
  const size = polynomial([-2.78718931138, -2.29796479134, 4.85014127135, 2.32121276858], r) / polynomial([1, 3.54388924762, 1.63706781897], r);
  return q < 0 ? -size : size;
}

/** Coefficients of the ordered values, largest first (Royston 1995, AS R94). */
function shapiroWeights(n: number): number[] {
  const half = Math.floor(n / 2);
  if (n === 3) return [Math.SQRT1_2];
  const scores = Array.from({ length: half }, (_, i) => roughQuantile((i + 1 - 0.375) / (n + 0.25)));
  const squares = 2 * sum(scores.map(score => score * score));
  const [root, length] = [1 / Math.sqrt(n), Math.sqrt(squares)];
  const first = polynomial([0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056], root) - scores[0]! / length;
  if (n <= 5) {
    const scale = Math.sqrt((squares - 2 * scores[0]! ** 2) / (1 - 2 * first ** 2));
    return scores.map((score, i) => (i === 0 ? first : -score / scale));
  }
  const second = polynomial([0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633], root) - scores[1]! / length;
  const scale = Math.sqrt((squares - 2 * scores[0]! ** 2 - 2 * scores[1]! ** 2) / (1 - 2 * first ** 2 - 2 * second ** 2));
  return scores.map((score, i) => (i === 0 ? first : i === 1 ? second : -score / scale));
}

/** Probability of W by chance. */
function shapiroProbability(w: number, n: number): number {
  if (n === 3) {
    const least = (6 / Math.PI) * (Math.asin(Math.sqrt(w)) - Math.asin(Math.sqrt(0.75)));
    return Math.max(0, least);
  }
  const rest = Math.log(1 - w);
  if (n <= 11) {
    const gamma = polynomial([-2.273, 0.459], n);
    if (rest >= gamma) return 1e-99;
    const centre = polynomial([0.544, -0.39978, 0.025054, -6.714e-4], n);
    const spread = Math.exp(polynomial([1.3822, -0.77857, 0.062767, -0.0020322], n));
    return normalCdf(-(-Math.log(gamma - rest) - centre) / spread);
  }
  const log = Math.log(n);
  const centre = polynomial([-1.5861, -0.31082, -0.083751, 0.0038915], log);
  const spread = Math.exp(polynomial([-0.4803, -0.082676, 0.0030302], log));
  return normalCdf(-(rest - centre) / spread);
}

/**
 * Shapiro and Wilk's test, after Royston (1995). Beyond 5,000 values the probability may be inaccurate.
 *
 * @throws {ValidationError} for fewer than three values, or values that are not finite
 * @remarks Python: `scipy.stats.shapiro(x)`.
 * @example shapiro([1, 2, 3]).pValue // => 1
 */
export function shapiro(x: Sample): TestResult {
  const values = sample(x, 'x', 3).sort((a, b) => a - b);
  const n = values.length;
  const weights = shapiroWeights(n);
  const slope = sum(weights.map((weight, i) => weight * (values[n - 1 - i]! - values[i]!)));
  const squares = variance(values, 0) * n;
  const statistic = squares === 0 ? 1 : Math.min(1, slope ** 2 / squares / (2 * sum(weights.map(weight => weight * weight))));
  return { statistic, pValue: statistic === 1 ? 1 : shapiroProbability(statistic, n) };
}

/** The skewness as a normal value (D'Agostino 1970). */
function skewnessZ(values: readonly number[]): number {
  const n = values.length;
  const y = skewness(values) * Math.sqrt(((n + 1) * (n + 3)) / (6 * (n - 2)));
  const beta = (3 * (n * n + 27 * n - 70) * (n + 1) * (n + 3)) / ((n - 2) * (n + 5) * (n + 7) * (n + 9));
  const w = Math.sqrt(2 * (beta - 1)) - 1;
  return Math.asinh(y * Math.sqrt((w - 1) / 2)) / Math.sqrt(0.5 * Math.log(w));
}

/** The kurtosis as a normal value (Anscombe and Glynn 1983). */
function kurtosisZ(values: readonly number[]): number {
  const n = values.length;
  const centre = (3 * (n - 1)) / (n + 1);
  const spread = (24 * n * (n - 2) * (n - 3)) / ((n + 1) ** 2 * (n + 3) * (n + 5));
  const z = (kurtosis(values) + 3 - centre) / Math.sqrt(spread);
  const beta = ((6 * (n * n - 5 * n + 2)) / ((n + 7) * (n + 9))) * Math.sqrt((6 * (n + 3) * (n + 5)) / (n * (n - 2) * (n - 3)));
  const a = 6 + (8 / beta) * (2 / beta + Math.sqrt(1 + 4 / beta ** 2));
  const bend = 1 + z * Math.sqrt(2 / (a - 4));
  return (1 - 2 / (9 * a) - Math.sign(bend) * ((1 - 2 / a) / Math.abs(bend)) ** (1 / 3)) / Math.sqrt(2 / (9 * a));
}

/**
 * D'Agostino and Pearson's test by skewness and kurtosis; meant for 20 values and more.
 *
 * @throws {ValidationError} for fewer than eight values, or values that are not finite
 * @remarks Python: `scipy.stats.normaltest(x)`.
 * @example dAgostino([1, 2, 3, 4, 5, 6, 7, 8]).statistic > 0 // => true
 */
export function dAgostino(x: Sample): TestResult {
  const values = sample(x, 'x', 8);
  const statistic = skewnessZ(values) ** 2 + kurtosisZ(values) ** 2;
  return { statistic, pValue: Number.isNaN(statistic) ? statistic : chiSquareSf(statistic, 2) };
}

/**
 * Jarque and Bera's test by skewness and kurtosis; meant for 2,000 values and more.
 *
 * @throws {ValidationError} for no value, or values that are not finite
 * @remarks Python: `scipy.stats.jarque_bera(x)`.
 * @example jarqueBera([-1, 1]).statistic // => 1 / 3
 */
export function jarqueBera(x: Sample): TestResult {
  const values = sample(x, 'x');
  const statistic = (values.length / 6) * (skewness(values) ** 2 + kurtosis(values) ** 2 / 4);
  return { statistic, pValue: Number.isNaN(statistic) ? statistic : chiSquareSf(statistic, 2) };
}

/**
 * Anderson and Darling's statistic of a normal law with the sample's mean and deviation; above 0.752 (1 + 0.75/n + 2.25/n²) it is significant at 5 %.
 *
 * @throws {ValidationError} for fewer than two values, or values that are not finite
 * @remarks Python: `scipy.stats.anderson(x).statistic`.
 * @example andersonDarling([1, 2, 3]) > 0 // => true
 */
export function andersonDarling(x: Sample): number {
  const values = sample(x, 'x', 2).sort((a, b) => a - b);
  const n = values.length;
  const [centre, spread] = [mean(values), Math.sqrt(variance(values))];
  const below = (value: number): number => normalCdf((value - centre) / spread);
  const terms = values.map((value, i) => (2 * i + 1) * (Math.log(below(value)) + Math.log(below(2 * centre - values[n - 1 - i]!))));
  return -n - sum(terms) / n;
}

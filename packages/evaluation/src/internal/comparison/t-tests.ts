/** Student's tests of means. */
import { inRange } from '@gtc/errors';
import { noncentralStudentSf, studentCdf, studentQuantile } from '@gtc/tensor/distributions';
import { mean } from '@gtc/tensor/statistics';
import { type Alternative, type AlternativeOptions, pairs, type Sample, sample, type TestResult, tailsOf, variance } from './result.js';

/** What a t-test says: also its degrees of freedom and an interval of the mean, or of the difference of the means. */
export interface TTestResult extends TestResult {
  readonly df: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/** Options of the t-tests. */
export interface TTestOptions extends AlternativeOptions {
  /** Of the interval; 0.95 by default. */
  readonly confidenceLevel?: number;
}

function tTest(difference: number, error: number, df: number, { alternative = 'two-sided', confidenceLevel = 0.95 }: TTestOptions): TTestResult {
  inRange(confidenceLevel, 'confidenceLevel', { above: 0, below: 1 });
  const statistic = difference / error;
  const pValue = tailsOf(statistic, t => studentCdf(t, df), alternative);
  const reach = error * studentQuantile(alternative === 'two-sided' ? (1 + confidenceLevel) / 2 : confidenceLevel, df);
  return {
    statistic,
    pValue,
    df,
    ciLow: alternative === 'less' ? Number.NEGATIVE_INFINITY : difference - reach,
    ciHigh: alternative === 'greater' ? Number.POSITIVE_INFINITY : difference + reach,
  };
}

/**
 * Student's test of the mean of one sample. Without spread the statistic is infinite, NaN where the mean is `mu`.
 *
 * @param mu the mean to test against
 * @throws {ValidationError} for fewer than two values, or values that are not finite
 * @remarks Python: `scipy.stats.ttest_1samp(a, mu, alternative=)`.
 * @example oneSampleTTest([1, 2, 3], 2).pValue // => 1
 */
export function oneSampleTTest(a: Sample, mu: number, options: TTestOptions = {}): TTestResult {
  const values = sample(a, 'a', 2);
  const { ciLow, ciHigh, ...result } = tTest(mean(values) - mu, Math.sqrt(variance(values) / values.length), values.length - 1, options);
  return { ...result, ciLow: ciLow + mu, ciHigh: ciHigh + mu };
}

/**
 * Student's test of the mean difference of two samples of the same items.
 *
 * @throws {ValidationError} for unequal lengths, fewer than two pairs, or values that are not finite
 * @remarks Python: `scipy.stats.ttest_rel(a, b, alternative=)`.
 * @example pairedTTest([1, 2, 3], [0, 2, 4]).pValue // => 1
 */
export function pairedTTest(a: Sample, b: Sample, options: TTestOptions = {}): TTestResult {
  const [first, second] = pairs(a, b);
  return oneSampleTTest(
    first.map((value, i) => value - second[i]!),
    0,
    options,
  );
}

/** Options of {@link independentTTest}. */
export interface IndependentTTestOptions extends TTestOptions {
  /** Pools the variances (Student); false keeps them apart (Welch). True by default. */
  readonly equalVar?: boolean;
}

/**
 * Student's or Welch's test of the means of two independent samples.
 *
 * @throws {ValidationError} for fewer than two values in either, or values that are not finite
 * @remarks Python: `scipy.stats.ttest_ind(a, b, equal_var=, alternative=)`.
 * @example independentTTest([1, 2, 3], [1, 2, 3]).pValue // => 1
 */
export function independentTTest(a: Sample, b: Sample, { equalVar = true, ...options }: IndependentTTestOptions = {}): TTestResult {
  const [first, second] = [sample(a, 'a', 2), sample(b, 'b', 2)];
  const [n, m] = [first.length, second.length];
  const [v, w] = [variance(first), variance(second)];
  const difference = mean(first) - mean(second);
  if (equalVar) {
    const df = n + m - 2;
    const pooled = ((n - 1) * v + (m - 1) * w) / df;
    return tTest(difference, Math.sqrt(pooled * (1 / n + 1 / m)), df, options);
  }
  const [vn, wm] = [v / n, w / m];
  const df = (vn + wm) ** 2 / (vn ** 2 / (n - 1) + wm ** 2 / (m - 1));
  // Without spread in both any number of degrees does.
  return tTest(difference, Math.sqrt(vn + wm), Number.isNaN(df) ? 1 : df, options);
}

/** Options of {@link tTestPower}. */
export interface PowerOptions {
  /** Difference of the means in deviations. */
  readonly effectSize: number;
  /** Values in the sample, or pairs. */
  readonly n: number;
  /** Level of the test; 0.05 by default. */
  readonly alpha?: number;
  readonly alternative?: Alternative;
}

/**
 * Probability that a t-test of one sample or of pairs finds an effect of this size.
 *
 * @throws {ValidationError} for fewer than two values or alpha outside (0, 1)
 * @remarks Python: `statsmodels.stats.power.TTestPower().power(effect_size, nobs, alpha, alternative=)`; within 1e-9.
 * @example tTestPower({ effectSize: 0, n: 20 }) // => 0.05
 */
export function tTestPower({ effectSize, n, alpha = 0.05, alternative = 'two-sided' }: PowerOptions): number {
  inRange(n, 'n', { min: 2 });
  inRange(alpha, 'alpha', { above: 0, below: 1 });
  const df = n - 1;
  const shift = effectSize * Math.sqrt(n) * (alternative === 'less' ? -1 : 1);
  const critical = studentQuantile(1 - (alternative === 'two-sided' ? alpha / 2 : alpha), df);
  const beyond = noncentralStudentSf(critical, df, shift);
  return alternative === 'two-sided' ? beyond + noncentralStudentSf(critical, df, -shift) : beyond;
}

/**
 * Fewest values (or pairs) with which a t-test finds an effect with the given probability.
 *
 * @param options effect and test as in {@link tTestPower}; power, 0.8 by default
 * @throws {ValidationError} for an effect of 0, or a power not between alpha and 1
 * @remarks Python: `ceil(statsmodels.stats.power.TTestPower().solve_power(effect_size, alpha=, power=))`.
 * @example sampleSizeForPower({ effectSize: 0.5 }) // => 34
 */
export function sampleSizeForPower({
  effectSize,
  alpha = 0.05,
  power = 0.8,
  alternative = 'two-sided',
}: Omit<PowerOptions, 'n'> & { readonly power?: number }): number {
  inRange(Math.abs(effectSize), 'effectSize', { above: 0 });
  inRange(power, 'power', { above: alpha, below: 1 });
  const enough = (n: number): boolean => tTestPower({ effectSize, n, alpha, alternative }) >= power;
  let high = 2;
  while (!enough(high)) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

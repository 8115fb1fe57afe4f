/** Tests of the means and the variances of several samples. */
import { inRange } from '@gtc/errors';
import { chiSquareSf, fisherSf } from '@gtc/tensor/distributions';
import { mean, sum } from '@gtc/tensor/statistics';
import { median } from './descriptive.js';
import { type Sample, sample, type TestResult, variance } from './result.js';

function samples(groups: readonly Sample[], least: number): number[][] {
  inRange(groups.length, 'groups', { min: 2 });
  return groups.map((group, i) => sample(group, `groups[${i}]`, least));
}

function betweenOverWithin(values: readonly number[][]): TestResult {
  const n = sum(values.map(group => group.length));
  const k = values.length;
  const centre = mean(values.flat());
  const between = sum(values.map(group => group.length * (mean(group) - centre) ** 2)) / (k - 1);
  const within = sum(values.map(group => variance(group, 0) * group.length)) / (n - k);
  const statistic = between / within;
  return { statistic, pValue: fisherSf(statistic, k - 1, n - k) };
}

/**
 * One-way analysis of variance: whether independent samples have one mean.
 *
 * @throws {ValidationError} for fewer than two samples, one of a single value, or values that are not finite
 * @remarks Python: `scipy.stats.f_oneway(*groups)`.
 * @example anova([[1, 2, 3], [1, 2, 3]]) // => { statistic: 0, pValue: 1 }
 */
export function anova(groups: readonly Sample[]): TestResult {
  return betweenOverWithin(samples(groups, 2));
}

/**
 * Levene's test that samples have one variance, by deviations from the medians (Brown and Forsythe 1974).
 *
 * @throws {ValidationError} as {@link anova}
 * @remarks Python: `scipy.stats.levene(*groups)`.
 * @example levene([[1, 2, 3], [4, 5, 6]]) // => { statistic: 0, pValue: 1 }
 */
export function levene(groups: readonly Sample[]): TestResult {
  return betweenOverWithin(
    samples(groups, 2).map(group => {
      const centre = median(group);
      return group.map(value => Math.abs(value - centre));
    }),
  );
}

/**
 * Bartlett's test that normal samples have one variance.
 *
 * @throws {ValidationError} as {@link anova}
 * @remarks Python: `scipy.stats.bartlett(*groups)`.
 * @example bartlett([[1, 2, 3], [4, 5, 6]]).pValue // => 1
 */
export function bartlett(groups: readonly Sample[]): TestResult {
  const values = samples(groups, 2);
  const k = values.length;
  const degrees = values.map(group => group.length - 1);
  const total = sum(degrees);
  const variances = values.map(group => variance(group));
  const pooled = sum(variances.map((value, i) => value * degrees[i]!)) / total;
  const numerator = total * Math.log(pooled) - sum(variances.map((value, i) => degrees[i]! * Math.log(value)));
  const statistic = numerator / (1 + (sum(degrees.map(df => 1 / df)) - 1 / total) / (3 * (k - 1)));
  return { statistic, pValue: chiSquareSf(statistic, k - 1) };
}

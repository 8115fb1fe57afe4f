/** Corrections of the probabilities of many tests at once, and intervals and tests of proportions. */
import { inRange, integer, nonEmpty, oneOf, positive, sameLength, ValidationError } from '@gtc/errors';
import { betaQuantile, binomialCdf, binomialPmf, studentQuantile } from '@gtc/tensor/distributions';
import { normalQuantile } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { type AlternativeOptions, normalTails, type Sample, sample, type TestResult } from './result.js';

/** Rules by statsmodels' names: of the probability of any false rejection, and (fdr) of the share of false ones. */
export type CorrectionMethod = 'bonferroni' | 'sidak' | 'holm' | 'holm-sidak' | 'simes-hochberg' | 'hommel' | 'fdr_bh' | 'fdr_by';

/** Running maximum. */
function rising(values: readonly number[]): number[] {
  let most = 0;
  return values.map(value => {
    most = Math.max(most, value);
    return most;
  });
}

/** Running minimum from the end. */
function falling(values: readonly number[]): number[] {
  let least = 1;
  return values
    .map((_, i) => {
      least = Math.min(least, values[values.length - 1 - i]!);
      return least;
    })
    .reverse();
}

/** Hommel's (1988) closed procedure, for ascending probabilities. */
function hommel(p: readonly number[]): number[] {
  const n = p.length;
  const adjusted = [...p];
  for (let m = n; m > 1; m--) {
    const least = Math.min(...Array.from({ length: m }, (_, i) => (m * p[n - m + i]!) / (i + 1)));
    for (let i = 0; i < n; i++) adjusted[i] = Math.max(adjusted[i]!, i >= n - m ? least : Math.min(least, m * p[i]!));
  }
  return adjusted;
}

/** Each rule for ascending probabilities. */
const RULES: Readonly<Record<CorrectionMethod, (p: readonly number[]) => number[]>> = {
  bonferroni: p => p.map(value => value * p.length),
  sidak: p => p.map(value => -Math.expm1(p.length * Math.log1p(-value))),
  holm: p => rising(p.map((value, i) => value * (p.length - i))),
  'holm-sidak': p => rising(p.map((value, i) => -Math.expm1((p.length - i) * Math.log1p(-value)))),
  'simes-hochberg': p => falling(p.map((value, i) => value * (p.length - i))),
  hommel,
  fdr_bh: p => falling(p.map((value, i) => (value * p.length) / (i + 1))),
  fdr_by: p => {
    const harmonic = sum(p.map((_, i) => 1 / (i + 1)));
    return falling(p.map((value, i) => (value * p.length * harmonic) / (i + 1)));
  },
};

/** What {@link adjustPValues} says. */
export interface AdjustedPValues {
  readonly adjusted: readonly number[];
  /** Whether the adjusted probability is at most alpha. */
  readonly reject: readonly boolean[];
}

/**
 * Probabilities of many tests, adjusted so that rejecting at `alpha` keeps the chance (or share) of false rejections.
 *
 * @throws {ValidationError} for no probability, one outside [0, 1], or an unknown rule
 * @remarks Python: `statsmodels.stats.multitest.multipletests(p_values, alpha, method)`.
 * @example adjustPValues([0.01, 0.04], { method: 'holm' }).adjusted // => [0.02, 0.04]
 */
export function adjustPValues(
  pValues: Sample,
  { method = 'holm', alpha = 0.05 }: { readonly method?: CorrectionMethod; readonly alpha?: number } = {},
): AdjustedPValues {
  nonEmpty(pValues as object, 'pValues');
  inRange(alpha, 'alpha', { above: 0, below: 1 });
  const rule = RULES[oneOf(method, 'method', Object.keys(RULES) as CorrectionMethod[])];
  const values = Array.from(pValues, (value, i) => inRange(value, `pValues[${i}]`, { min: 0, max: 1 }));
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const sorted = rule(order.map(i => values[i]!));
  const adjusted: number[] = new Array(values.length);
  order.forEach((i, place) => {
    adjusted[i] = Math.min(1, sorted[place]!);
  });
  return { adjusted, reject: adjusted.map(value => value <= alpha) };
}

/** Rules for the interval of a proportion, by statsmodels' names; 'beta' is Clopper and Pearson's, which is exact. */
export type ProportionMethod = 'normal' | 'wilson' | 'agresti_coull' | 'beta' | 'jeffreys';

/**
 * Interval of the probability behind `count` successes in `n` trials.
 *
 * @throws {ValidationError} unless 0 <= count <= n and n > 0, or for alpha outside (0, 1)
 * @remarks Python: `statsmodels.stats.proportion.proportion_confint(count, nobs, alpha, method)`.
 * @example proportionConfidenceInterval(0, 10, { method: 'beta' })[0] // => 0
 */
export function proportionConfidenceInterval(
  count: number,
  n: number,
  { alpha = 0.05, method = 'wilson' }: { readonly alpha?: number; readonly method?: ProportionMethod } = {},
): [low: number, high: number] {
  positive(integer(n, 'n'), 'n');
  inRange(integer(count, 'count'), 'count', { min: 0, max: n });
  inRange(alpha, 'alpha', { above: 0, below: 1 });
  oneOf(method, 'method', ['normal', 'wilson', 'agresti_coull', 'beta', 'jeffreys'] as const);
  const z = normalQuantile(1 - alpha / 2);
  const around = (centre: number, reach: number): [number, number] => [Math.max(0, centre - reach), Math.min(1, centre + reach)];
  const share = count / n;
  if (method === 'normal') return around(share, z * Math.sqrt((share * (1 - share)) / n));
  if (method === 'wilson') {
    const wide = 1 + (z * z) / n;
    return around((share + (z * z) / (2 * n)) / wide, (z / wide) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n)));
  }
  if (method === 'agresti_coull') {
    const trials = n + z * z;
    const centre = (count + (z * z) / 2) / trials;
    return around(centre, z * Math.sqrt((centre * (1 - centre)) / trials));
  }
  const more = method === 'jeffreys' ? 0.5 : 1;
  const less = method === 'jeffreys' ? 0.5 : 0;
  const low = count + less === 0 ? 0 : betaQuantile(alpha / 2, count + less, n - count + more);
  const high = n - count + less === 0 ? 1 : betaQuantile(1 - alpha / 2, count + more, n - count + less);
  return [low, high];
}

/**
 * The z-test that two proportions are equal, by their pooled variance.
 *
 * @param counts successes of both
 * @param nobs trials of both
 * @throws {ValidationError} unless there are two of each, or for more successes than trials
 * @remarks Python: `statsmodels.stats.proportion.proportions_ztest(counts, nobs, alternative=)`.
 * @example proportionsZTest([5, 5], [10, 10]) // => { statistic: 0, pValue: 1 }
 */
export function proportionsZTest(counts: Sample, nobs: Sample, { alternative = 'two-sided' }: AlternativeOptions = {}): TestResult {
  if (sameLength({ counts, nobs }) !== 2)
    throw new ValidationError(`counts must be two numbers, got ${counts.length}`, { parameter: 'counts', received: counts });
  const [n, m] = [positive(nobs[0]!, 'nobs[0]'), positive(nobs[1]!, 'nobs[1]')];
  const [x, y] = [inRange(counts[0]!, 'counts[0]', { min: 0, max: n }), inRange(counts[1]!, 'counts[1]', { min: 0, max: m })];
  const pooled = (x + y) / (n + m);
  const statistic = (x / n - y / m) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  return { statistic, pValue: normalTails(statistic, alternative) };
}

/**
 * Exact probability of as extreme a number of successes as k; with p = 1/2 the sign test.
 *
 * @throws {ValidationError} unless 0 <= k <= n, or for p outside [0, 1]
 * @remarks Python: `scipy.stats.binomtest(k, n, p, alternative=).pvalue`.
 * @example binomTest(5, 10) // => 1
 */
export function binomTest(k: number, n: number, { p = 0.5, alternative = 'two-sided' }: AlternativeOptions & { readonly p?: number } = {}): number {
  positive(integer(n, 'n'), 'n');
  inRange(integer(k, 'k'), 'k', { min: 0, max: n });
  inRange(p, 'p', { min: 0, max: 1 });
  if (oneOf(alternative, 'alternative', ['two-sided', 'less', 'greater'] as const) === 'less') return binomialCdf(k, n, p);
  if (alternative === 'greater') return 1 - binomialCdf(k - 1, n, p);
  // As rare as k, but for rounding.
  const rare = binomialPmf(k, n, p) * (1 + 1e-7);
  return Math.min(1, sum(Array.from({ length: n + 1 }, (_, i) => binomialPmf(i, n, p)).filter(value => value <= rare)));
}

/** Options of {@link meanConfidenceInterval}. */
export interface MeanIntervalOptions {
  /** 0.95 by default. */
  readonly level?: number;
  /** Student's t by default, which small samples need; or the normal law. */
  readonly method?: 't' | 'z';
}

/**
 * Interval of the mean behind a sample.
 *
 * @throws {ValidationError} for fewer than two values, values that are not finite, or a level outside (0, 1)
 * @remarks Python: `scipy.stats.t.interval(level, n - 1, mean(x), sem(x))`, `norm.interval(level, mean(x), sem(x))`.
 * @example meanConfidenceInterval([1, 1, 1]) // => [1, 1]
 */
export function meanConfidenceInterval(x: Sample, { level = 0.95, method = 't' }: MeanIntervalOptions = {}): [low: number, high: number] {
  const values = sample(x, 'x', 2);
  inRange(level, 'level', { above: 0, below: 1 });
  oneOf(method, 'method', ['t', 'z'] as const);
  const centre = mean(values);
  const error = Math.sqrt(sum(values.map(value => (value - centre) ** 2)) / (values.length - 1) / values.length);
  const reach = error * (method === 't' ? studentQuantile((1 + level) / 2, values.length - 1) : normalQuantile((1 + level) / 2));
  return [centre - reach, centre + reach];
}

/** Figures that describe a sample. */
import { allPositive, inRange, oneOf } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import { type Sample, sample, variance } from './result.js';

/** Names of numpy's rules. */
export type PercentileMethod = 'linear' | 'hazen' | 'weibull' | 'median_unbiased' | 'normal_unbiased' | 'lower' | 'higher' | 'nearest' | 'midpoint';

/** The place of a share among n values, from 0: rules that interpolate (Hyndman and Fan 1996), and those that pick a place or the middle of two. */
const PLACES: Readonly<Record<PercentileMethod, (share: number, n: number) => number>> = {
  linear: (share, n) => share * (n - 1),
  hazen: (share, n) => share * n - 0.5,
  weibull: (share, n) => share * (n + 1) - 1,
  median_unbiased: (share, n) => share * (n + 1 / 3) - 2 / 3,
  normal_unbiased: (share, n) => share * (n + 1 / 4) - 5 / 8,
  lower: (share, n) => Math.floor(share * (n - 1)),
  higher: (share, n) => Math.ceil(share * (n - 1)),
  // Halves go to the even neighbour.
  nearest: (share, n) => ((share * (n - 1)) % 1 === 0.5 ? 2 * Math.round((share * (n - 1)) / 2) : Math.round(share * (n - 1))),
  midpoint: (share, n) => (Math.floor(share * (n - 1)) + Math.ceil(share * (n - 1))) / 2,
};

/**
 * The value below which `q` percent of a sample lie.
 *
 * @param q from 0 to 100
 * @throws {ValidationError} for an empty sample, values that are not finite, q outside [0, 100], or an unknown rule
 * @remarks Python: `numpy.percentile(x, q, method=)`.
 * @example percentile([1, 2, 3, 4], 50) // => 2.5
 */
export function percentile(x: Sample, q: number, { method = 'linear' }: { readonly method?: PercentileMethod } = {}): number {
  inRange(q, 'q', { min: 0, max: 100 });
  oneOf(method, 'method', Object.keys(PLACES));
  return percentileOfSorted(
    sample(x, 'x').sort((a, b) => a - b),
    q / 100,
    method,
  );
}

/** The same of values in ascending order, for a share from 0 to 1. */
export function percentileOfSorted(values: ArrayLike<number>, share: number, method: PercentileMethod = 'linear'): number {
  const n = values.length;
  const place = PLACES[method](share, n);
  const inside = Math.min(n - 1, Math.max(0, place));
  const low = Math.floor(inside);
  const [below, above] = [values[low]!, values[Math.min(n - 1, low + 1)]!];
  const part = inside - low;
  // From the nearer end, so that the ends are met exactly.
  return part < 0.5 ? below + (above - below) * part : above - (above - below) * (1 - part);
}

/**
 * The middle value.
 *
 * @throws {ValidationError} for an empty sample or values that are not finite
 * @remarks Python: `numpy.median(x)`.
 * @example median([3, 1, 2]) // => 2
 */
export function median(x: Sample): number {
  return percentile(x, 50);
}

/**
 * Mean without the smallest and largest values.
 *
 * @param cut share of the values left out at either end, below 0.5; 0.25 gives the interquartile mean
 * @throws {ValidationError} for an empty sample, values that are not finite, or a share that leaves nothing
 * @remarks Python: `scipy.stats.trim_mean(x, cut)`.
 * @example trimmedMean([0, 1, 2, 100], 0.25) // => 1.5
 */
export function trimmedMean(x: Sample, cut: number): number {
  inRange(cut, 'cut', { min: 0, below: 0.5 });
  const values = sample(x, 'x').sort((a, b) => a - b);
  const out = Math.floor(cut * values.length);
  return mean(values.slice(out, values.length - out));
}

/**
 * Median distance from the median.
 *
 * @throws {ValidationError} for an empty sample or values that are not finite
 * @remarks Python: `scipy.stats.median_abs_deviation(x)`.
 * @example medianAbsDeviation([1, 2, 3, 4, 100]) // => 1
 */
export function medianAbsDeviation(x: Sample): number {
  const centre = median(x);
  return median(sample(x, 'x').map(value => Math.abs(value - centre)));
}

/**
 * Distance of the quartiles.
 *
 * @throws {ValidationError} for an empty sample or values that are not finite
 * @remarks Python: `scipy.stats.iqr(x)`.
 * @example interquartileRange([1, 2, 3, 4, 5]) // => 2
 */
export function interquartileRange(x: Sample): number {
  return percentile(x, 75) - percentile(x, 25);
}

/**
 * Standard error of the mean.
 *
 * @throws {ValidationError} for fewer than two values, or values that are not finite
 * @remarks Python: `scipy.stats.sem(x)`.
 * @example standardError([1, 1]) // => 0
 */
export function standardError(x: Sample): number {
  const values = sample(x, 'x', 2);
  return Math.sqrt(variance(values) / values.length);
}

/** Values that must be positive. */
function positives(x: Sample): number[] {
  const values = sample(x, 'x');
  allPositive(Object.fromEntries(values.map((value, i) => [`x[${i}]`, value])));
  return values;
}

/**
 * Geometric mean of positive values.
 *
 * @throws {ValidationError} for an empty sample or values that are not positive
 * @remarks Python: `scipy.stats.gmean(x)`.
 * @example geometricMean([1, 4]) // => 2
 */
export function geometricMean(x: Sample): number {
  return Math.exp(mean(positives(x).map(Math.log)));
}

/**
 * Harmonic mean of positive values.
 *
 * @throws {ValidationError} for an empty sample or values that are not positive
 * @remarks Python: `scipy.stats.hmean(x)`.
 * @example harmonicMean([1, 1 / 3]) // => 0.5
 */
export function harmonicMean(x: Sample): number {
  const values = positives(x);
  return values.length / sum(values.map(value => 1 / value));
}

/** A moment about the mean. */
function centralMoment(values: readonly number[], order: number): number {
  const centre = mean(values);
  return mean(values.map(value => (value - centre) ** order));
}

/**
 * Skewness: 0 for a symmetric sample, positive for a long tail above. NaN without spread.
 *
 * @throws {ValidationError} for an empty sample or values that are not finite
 * @remarks Python: `scipy.stats.skew(x)`.
 * @example skewness([1, 2, 3]) // => 0
 */
export function skewness(x: Sample): number {
  const values = sample(x, 'x');
  return centralMoment(values, 3) / centralMoment(values, 2) ** 1.5;
}

/**
 * Excess kurtosis: 0 for a normal sample, positive for heavy tails. NaN without spread.
 *
 * @throws {ValidationError} for an empty sample or values that are not finite
 * @remarks Python: `scipy.stats.kurtosis(x)`.
 * @example kurtosis([-1, 1]) // => -2
 */
export function kurtosis(x: Sample): number {
  const values = sample(x, 'x');
  return centralMoment(values, 4) / centralMoment(values, 2) ** 2 - 3;
}

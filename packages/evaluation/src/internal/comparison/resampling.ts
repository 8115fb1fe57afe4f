/** Intervals and tests by drawing again: the bootstrap and permutations. */
import { inRange, integer, oneOf, positive, ValidationError } from '@gtc/errors';
import { normalCdf } from '@gtc/tensor/distributions';
import { NumpyRandom } from '@gtc/tensor/random';
import { normalQuantile } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { percentileOfSorted } from './descriptive.js';
import { type Alternative, type Sample, sample, variance } from './result.js';

/** A figure of a sample. */
export type Statistic = (values: Float64Array) => number;

/** Percentiles of the draws, the same mirrored at the figure, or corrected for bias and acceleration (Efron 1987). */
export type BootstrapMethod = 'percentile' | 'basic' | 'BCa';

/** Options of {@link bootstrap}. */
export interface BootstrapOptions {
  /** 'BCa' by default. */
  readonly method?: BootstrapMethod;
  /** 9,999 by default. */
  readonly nResamples?: number;
  /** 0.95 by default. */
  readonly confidenceLevel?: number;
  /** Seed of numpy's `default_rng`; another one every time when null. */
  readonly seed?: number | NumpyRandom | null;
}

/** What {@link bootstrap} says. */
export interface BootstrapResult {
  readonly low: number;
  readonly high: number;
  /** Deviation of the draws. */
  readonly standardError: number;
  /** The figure of each draw, in the order drawn. */
  readonly distribution: Float64Array;
}

const randomOf = (seed: number | NumpyRandom | null): NumpyRandom => (seed instanceof NumpyRandom ? seed : new NumpyRandom(seed));

/** Places that are drawn at once, about. */
const DRAWN_AT_ONCE = 65_536;

/** Figures of all draws with replacement; means are summed without copying the draws. */
function draws(values: Float64Array, statistic: Statistic | 'mean', count: number, random: NumpyRandom): Float64Array {
  const n = values.length;
  const figures = new Float64Array(count);
  const drawn = new Float64Array(n);
  const most = Math.max(1, Math.floor(DRAWN_AT_ONCE / n));
  for (let done = 0; done < count; done += most) {
    const now = Math.min(most, count - done);
    const places = random.integersInto(new Int32Array(now * n), 0, n);
    for (let draw = 0; draw < now; draw++) {
      if (statistic === 'mean') {
        let total = 0;
        for (let i = draw * n; i < (draw + 1) * n; i++) total += values[places[i]!]!;
        figures[done + draw] = total / n;
      } else {
        for (let i = 0; i < n; i++) drawn[i] = values[places[draw * n + i]!]!;
        figures[done + draw] = statistic(drawn);
      }
    }
  }
  return figures;
}

const meanOf: Statistic = values => mean(values as unknown as readonly number[]);

/** Figures of the sample without each value in turn. */
function leaveOneOutOf(values: Float64Array, statistic: Statistic | 'mean'): number[] {
  const n = values.length;
  if (statistic === 'mean') {
    const total = sum([...values]);
    return Array.from(values, value => (total - value) / (n - 1));
  }
  const rest = new Float64Array(n - 1);
  return Array.from(values, (_, left) => {
    rest.set(values.subarray(0, left));
    rest.set(values.subarray(left + 1), left);
    return statistic(rest);
  });
}

/** Shares of the draws that cut off both tails, after correction. */
function corrected(values: Float64Array, statistic: Statistic | 'mean', observed: number, sorted: Float64Array, tail: number): [number, number] {
  const below = sorted.filter(value => value < observed).length;
  const upTo = sorted.filter(value => value <= observed).length;
  const bias = normalQuantile((below + upTo) / (2 * sorted.length));
  const jackknife = leaveOneOutOf(values, statistic);
  const centre = mean(jackknife);
  const deviations = jackknife.map(value => centre - value);
  const acceleration = sum(deviations.map(d => d ** 3)) / (6 * sum(deviations.map(d => d ** 2)) ** 1.5);
  const share = (z: number): number => normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  const z = normalQuantile(tail);
  return [share(z), share(-z)];
}

/**
 * Interval of a figure by drawing samples with replacement.
 *
 * @param statistic 'mean', or a function of a sample, which must not keep its argument
 * @returns an interval of NaN where BCa finds no spread
 * @throws {ValidationError} for fewer than two values, values that are not finite, or options out of range
 * @remarks Python: `scipy.stats.bootstrap((x,), statistic, n_resamples=, confidence_level=, method=, rng=numpy.random.default_rng(seed))`; the same draws.
 * @example bootstrap([1, 1, 1], 'mean', { method: 'percentile', seed: 0 }).low // => 1
 */
export function bootstrap(
  x: Sample,
  statistic: Statistic | 'mean' = 'mean',
  { method = 'BCa', nResamples = 9999, confidenceLevel = 0.95, seed = null }: BootstrapOptions = {},
): BootstrapResult {
  oneOf(method, 'method', ['percentile', 'basic', 'BCa'] as const);
  positive(integer(nResamples, 'nResamples'), 'nResamples');
  inRange(confidenceLevel, 'confidenceLevel', { above: 0, below: 1 });
  const values = Float64Array.from(sample(x, 'x', 2));
  const distribution = draws(values, statistic, nResamples, randomOf(seed));
  const sorted = distribution.slice().sort();
  const tail = (1 - confidenceLevel) / 2;
  const observed = (statistic === 'mean' ? meanOf : statistic)(values);
  const [lowShare, highShare] = method === 'BCa' ? corrected(values, statistic, observed, sorted, tail) : [tail, 1 - tail];
  // NaN shares come of draws that are all alike.
  const cut = (share: number): number => (Number.isNaN(share) ? share : percentileOfSorted(sorted, share));
  const [low, high] = [cut(lowShare), cut(highShare)];
  const standardError = nResamples < 2 ? Number.NaN : Math.sqrt(variance([...distribution]));
  return method === 'basic' ? { low: 2 * observed - high, high: 2 * observed - low, standardError, distribution } : { low, high, standardError, distribution };
}

/** Options of {@link permutationTest}. */
export interface PermutationOptions {
  /** Whether both samples are of the same items: differences change sign; else values change sides. True by default. */
  readonly paired?: boolean;
  /** Draws, where there are more permutations than this; 9,999 by default. */
  readonly nResamples?: number;
  readonly alternative?: Alternative;
  /** Seed of numpy's `default_rng`; another one every time when null. */
  readonly seed?: number | NumpyRandom | null;
}

/** What {@link permutationTest} says. */
export interface PermutationResult {
  /** Difference of the means. */
  readonly statistic: number;
  readonly pValue: number;
  /** The statistic of each permutation: of all of them, or of those drawn. */
  readonly nullDistribution: Float64Array;
}

/** Number of ways to choose k of n, or infinity. */
function ways(n: number, k: number): number {
  let count = 1;
  for (let i = 0; i < Math.min(k, n - k); i++) count = (count * (n - i)) / (i + 1);
  return Math.round(count);
}

/** Mean differences for all patterns of signs. */
function allSigns(differences: readonly number[]): Float64Array {
  const n = differences.length;
  return Float64Array.from({ length: 2 ** n }, (_, pattern) => sum(differences.map((d, i) => ((pattern >> i) & 1 ? -d : d))) / n);
}

/** Mean differences for all choices of the first sample's values from both. */
function allChoices(values: readonly number[], n: number): Float64Array {
  const m = values.length - n;
  const total = sum(values);
  const found: number[] = [];
  const choose = (start: number, left: number, chosen: number): void => {
    if (left === 0) {
      found.push(chosen / n - (total - chosen) / m);
      return;
    }
    for (let i = start; i <= values.length - left; i++) choose(i + 1, left - 1, chosen + values[i]!);
  };
  choose(0, n, 0);
  return Float64Array.from(found);
}

/**
 * Test of the difference of two means by permutations: all of them where there are no more than `nResamples`, else so many at random, with the permutation at
 * hand counted among them. Two-sided probabilities are twice those of the smaller tail.
 *
 * @throws {ValidationError} for an empty sample, unequal lengths of pairs, values that are not finite, or options out of range
 * @remarks Python: `scipy.stats.permutation_test((a, b), statistic, permutation_type='samples' or 'independent', n_resamples=, alternative=)`.
 * @example permutationTest([1, 2, 3], [0, 0, 0]).pValue // => 0.25
 */
export function permutationTest(
  a: Sample,
  b: Sample,
  { paired = true, nResamples = 9999, alternative = 'two-sided', seed = null }: PermutationOptions = {},
): PermutationResult {
  const [first, second] = [sample(a, 'a'), sample(b, 'b')];
  positive(integer(nResamples, 'nResamples'), 'nResamples');
  oneOf(alternative, 'alternative', ['two-sided', 'less', 'greater'] as const);
  const n = first.length;
  if (paired && second.length !== n)
    throw new ValidationError(`b must have as many values as a, ${n}, where they are pairs, got ${second.length}`, { parameter: 'b', received: second.length });
  const statistic = mean(first) - mean(second);
  const both = [...first, ...second];
  const differences = paired ? first.map((value, i) => value - second[i]!) : [];
  const exact = (paired ? 2 ** n : ways(both.length, n)) <= nResamples;
  const random = exact ? null : randomOf(seed);
  const flipped = (): number => sum(differences.map(d => (random!.random() < 0.5 ? -d : d))) / n;
  const shuffled = (): number => {
    const order = random!.shuffle([...both]);
    return mean(order.slice(0, n)) - mean(order.slice(n));
  };
  const nullDistribution = exact
    ? paired
      ? allSigns(differences)
      : allChoices(both, n)
    : Float64Array.from({ length: nResamples }, () => (paired ? flipped() : shuffled()));
  // Equal but for rounding counts as equal.
  const slack = Math.abs(statistic) * 1e-14;
  const counted = (holds: (value: number) => boolean): number =>
    (nullDistribution.filter(holds).length + Number(!exact)) / (nullDistribution.length + Number(!exact));
  const less = counted(value => value <= statistic + slack);
  const greater = counted(value => value >= statistic - slack);
  const pValue = alternative === 'less' ? less : alternative === 'greater' ? greater : Math.min(1, 2 * Math.min(less, greater));
  return { statistic, pValue, nullDistribution };
}

/** What {@link bayesianSignedRank} says: how probable it is that the first is worse, as good, or better. */
export interface BayesianSignedRank {
  readonly less: number;
  readonly equal: number;
  readonly greater: number;
}

/** Options of {@link bayesianSignedRank}. */
export interface BayesianOptions {
  /** Differences up to this are none: the region of practical equivalence. */
  readonly rope?: number;
  /** Weight of the prior, which lies on no difference; 0.5 by default. */
  readonly priorStrength?: number;
  /** 50,000 by default. */
  readonly nSamples?: number;
  readonly seed?: number | NumpyRandom | null;
}

/**
 * Bayesian signed-rank test (Benavoli et al. 2014): posterior probabilities instead of a p-value.
 *
 * @throws {ValidationError} for unequal lengths, values that are not finite, or options out of range
 * @remarks Python: `baycomp.two_on_multiple(a, b, rope=)`.
 * @example bayesianSignedRank([1, 1, 1], [0, 0, 0], { seed: 0, nSamples: 100 }).less // => 0
 */
export function bayesianSignedRank(
  a: Sample,
  b: Sample,
  { rope = 0, priorStrength = 0.5, nSamples = 50_000, seed = null }: BayesianOptions = {},
): BayesianSignedRank {
  const [first, second] = [sample(a, 'a'), sample(b, 'b')];
  inRange(rope, 'rope', { min: 0 });
  positive(priorStrength, 'priorStrength');
  positive(integer(nSamples, 'nSamples'), 'nSamples');
  if (first.length !== second.length)
    throw new ValidationError(`b must have as many values as a, ${first.length}, got ${second.length}`, { parameter: 'b', received: second.length });
  const differences = [0, ...first.map((value, i) => value - second[i]!)];
  const weights = differences.map((_, i) => (i === 0 ? priorStrength : 1));
  const random = randomOf(seed);
  let [less, equal, greater] = [0, 0, 0];
  for (let draw = 0; draw < nSamples; draw++) {
    const p = random.dirichlet(weights);
    let [low, middle, high] = [0, 0, 0];
    for (const [i, d] of differences.entries())
      for (const [j, e] of differences.entries()) {
        const share = p[i]! * p[j]!;
        if (d + e > 2 * rope) high += share;
        else if (d + e < -2 * rope) low += share;
        else middle += share;
      }
    if (high >= low && high >= middle) greater++;
    else if (low >= middle) less++;
    else equal++;
  }
  return { less: less / nSamples, equal: equal / nSamples, greater: greater / nSamples };
}

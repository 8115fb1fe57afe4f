/** Correlations of two samples, with p-values. */
import { oneOf, ShapeError } from '@gtc/errors';
import { incompleteBeta, normalTwoSided, studentTwoSided } from '@gtc/tensor/special';
import { averageRanks } from '../comparison/ranks.js';
import { blockedSum } from './averages.js';
import { checkTargets } from './regression.js';

/** A correlation and the probability of one as far from 0 when there is none. */
export interface Correlation {
  readonly statistic: number;
  /** Two-sided. */
  readonly pvalue: number;
}

function checkSamples(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const { n } = checkTargets(x, y);
  if (n < 2) throw new ShapeError(`x must have at least 2 values, got ${n}`, { parameter: 'x', received: n });
  return n;
}

/** Deviations from the mean, scaled to length 1; NaN when constant. */
function unit(values: ArrayLike<number>): Float64Array {
  const n = values.length;
  const mean = blockedSum(n, i => values[i]!) / n;
  const centred = Float64Array.from(values, value => value - mean);
  const length = Math.hypot(...(n < 10_000 ? centred : [Math.sqrt(blockedSum(n, i => centred[i]! ** 2))]));
  return centred.map(value => value / length);
}

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [a, b] = [unit(x), unit(y)];
  return Math.max(
    -1,
    Math.min(
      1,
      blockedSum(a.length, i => a[i]! * b[i]!),
    ),
  );
}

/**
 * Pearson's linear correlation; NaN when a sample is constant.
 *
 * @remarks Python: `scipy.stats.pearsonr(x, y)`; within 1e-12.
 * @example pearsonr([1, 2, 3], [2, 4, 6]).statistic // => 1
 */
export function pearsonr(x: ArrayLike<number>, y: ArrayLike<number>): Correlation {
  const n = checkSamples(x, y);
  const statistic = correlation(x, y);
  if (Number.isNaN(statistic)) return { statistic, pvalue: Number.NaN };
  if (n === 2) return { statistic, pvalue: 1 };
  const half = n / 2 - 1;
  return { statistic, pvalue: Math.min(1, 2 * incompleteBeta(half, half, (1 - Math.abs(statistic)) / 2)) };
}

/**
 * Spearman's rank correlation, ties with average ranks.
 *
 * @remarks Python: `scipy.stats.spearmanr(x, y)`; within 1e-12.
 * @example spearmanr([1, 2, 3], [1, 8, 27]).statistic // => 1
 */
export function spearmanr(x: ArrayLike<number>, y: ArrayLike<number>): Correlation {
  const df = checkSamples(x, y) - 2;
  const statistic = correlation(averageRanks(x), averageRanks(y));
  if (df === 0) return { statistic, pvalue: Number.NaN };
  return { statistic, pvalue: studentTwoSided(statistic * Math.sqrt(df / ((statistic + 1) * (1 - statistic))), df) };
}

/** Sizes of groups of equal values. */
function groupSizes(values: ArrayLike<number>): number[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1);
  return [...counts.values()];
}

function sumOver(sizes: readonly number[], term: (t: number) => number): number {
  return sizes.reduce((sum, size) => sum + term(size), 0);
}

/** Concordant minus discordant pairs. */
function concordance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let score = 0;
  for (let i = 0; i < x.length; i++) for (let j = 0; j < i; j++) score += Math.sign(x[i]! - x[j]!) * Math.sign(y[i]! - y[j]!);
  return score;
}

/** Share of permutations of n with at most c or at least n(n-1)/2 - c inversions (Kendall 1970). */
function exactKendall(n: number, c: number): number {
  if (n <= 2 || 4 * c === n * (n - 1)) return 1;
  let counts = new Float64Array(c + 1);
  counts[0] = 1;
  for (let size = 2; size <= n; size++) {
    // Inserting the size-th item adds 0 to size - 1 inversions: a sliding sum, kept as probabilities against overflow.
    const next = new Float64Array(c + 1);
    let window = 0;
    for (let k = 0; k <= c; k++) {
      window += counts[k]! - (k >= size ? counts[k - size]! : 0);
      next[k] = window / size;
    }
    counts = next;
  }
  return Math.min(1, 2 * counts.reduce((sum, value) => sum + value, 0));
}

/**
 * Kendall's tau, `b` (adjusted for ties) or `c` (Stuart, for tables that are not square). The p-value is exact without ties up to 33
 * values, normal otherwise.
 *
 * @remarks Python: `scipy.stats.kendalltau(x, y, variant=)`; within 1e-12.
 * @example kendalltau([1, 2, 3, 4], [1, 2, 4, 3]).statistic // => 2 / 3
 */
export function kendalltau(x: ArrayLike<number>, y: ArrayLike<number>, { variant = 'b' }: { readonly variant?: 'b' | 'c' } = {}): Correlation {
  oneOf(variant, 'variant', ['b', 'c']);
  const n = checkSamples(x, y);
  const [xs, ys] = [groupSizes(x), groupSizes(y)];
  const pairs = (n * (n - 1)) / 2;
  const tied = (sizes: readonly number[]): number => sumOver(sizes, t => (t * (t - 1)) / 2);
  const [xtie, ytie] = [tied(xs), tied(ys)];
  if (xtie === pairs || ytie === pairs) return { statistic: Number.NaN, pvalue: Number.NaN };
  const score = concordance(x, y);
  const classes = Math.min(xs.length, ys.length);
  const tau = variant === 'b' ? score / Math.sqrt(pairs - xtie) / Math.sqrt(pairs - ytie) : (2 * score) / ((n * n * (classes - 1)) / classes);
  const statistic = Math.max(-1, Math.min(1, tau));
  const fewer = Math.min((pairs - score) / 2, (pairs + score) / 2);
  if (xtie === 0 && ytie === 0 && (n <= 33 || fewer <= 1)) return { statistic, pvalue: exactKendall(n, fewer) };
  const m = n * (n - 1);
  const spread = (sizes: readonly number[]): number => sumOver(sizes, t => t * (t - 1) * (2 * t + 5));
  const triples = (sizes: readonly number[]): number => sumOver(sizes, t => t * (t - 1) * (t - 2));
  const variance = (m * (2 * n + 5) - spread(xs) - spread(ys)) / 18 + (2 * xtie * ytie) / m + (triples(xs) * triples(ys)) / (9 * m * (n - 2));
  return { statistic, pvalue: normalTwoSided(score / Math.sqrt(variance)) };
}

/**
 * Somers' D of y on x: concordance among the pairs that x does not tie.
 *
 * @remarks Python: `scipy.stats.somersd(x, y).statistic`; within 1e-12.
 * @example somersd([1, 2, 2], [1, 2, 3]) // => 1
 */
export function somersd(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = checkSamples(x, y);
  const untied = (n * (n - 1)) / 2 - sumOver(groupSizes(x), t => (t * (t - 1)) / 2);
  return concordance(x, y) / untied;
}

/** Rank 0 for the greatest by (first, second); equal pairs as a stable ascending sort, reversed, orders them. */
function descendingRanks(first: ArrayLike<number>, second: ArrayLike<number>): Int32Array {
  const order = Array.from({ length: first.length }, (_, i) => i).sort((a, b) => first[a]! - first[b]! || second[a]! - second[b]! || a - b);
  const ranks = new Int32Array(first.length);
  order.reverse().forEach((index, rank) => {
    ranks[index] = rank;
  });
  return ranks;
}

/**
 * Vigna's weighted tau: pairs count by hyperbolic weights `1 / (rank + 1)` of both members, so that exchanges at the top matter more. The
 * mean of the two taus that rank by either sample.
 *
 * @remarks Python: `scipy.stats.weightedtau(x, y).statistic`; within 1e-12.
 * @example weightedtau([1, 2, 3], [1, 2, 3]) // => 1
 */
export function weightedtau(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = checkSamples(x, y);
  const tau = (ranks: Int32Array): number => {
    const weights = Array.from(ranks, rank => 1 / (rank + 1));
    let [agree, xs, ys] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const weight = weights[i]! + weights[j]!;
        const [dx, dy] = [Math.sign(x[i]! - x[j]!), Math.sign(y[i]! - y[j]!)];
        agree += weight * dx * dy;
        xs += weight * dx * dx;
        ys += weight * dy * dy;
      }
    }
    return agree / Math.sqrt(xs * ys);
  };
  return (tau(descendingRanks(x, y)) + tau(descendingRanks(y, x))) / 2;
}

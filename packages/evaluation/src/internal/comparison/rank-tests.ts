/** Tests of ranks, which ask nothing of the shape of a distribution. */
import { inRange, oneOf } from '@gtc/errors';
import { chiSquareSf, rangeSf } from '@gtc/tensor/distributions';
import { logGamma } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { averageRanks, tieTerm } from './ranks.js';
import { type Alternative, type AlternativeOptions, normalTails, pairs, type Sample, sample, type TestResult, table } from './result.js';

/** How a probability is found: by counting, by the normal law, or by whichever fits the samples. */
export type RankMethod = 'auto' | 'exact' | 'asymptotic';

/** Weights of the sums that some of the numbers can have, each taken or left: `weights[s]` of `2^n`. */
function subsetSums(parts: readonly number[]): Float64Array {
  const total = sum(parts);
  const shares = new Float64Array(total + 1);
  shares[0] = 1;
  let reach = 0;
  for (const part of parts) {
    reach += part;
    for (let s = reach; s >= 0; s--) shares[s] = ((s >= part ? shares[s - part]! : 0) + shares[s]!) / 2;
  }
  return shares;
}

/** Sum from one end to a place. */
const sumUpTo = (values: ArrayLike<number>, last: number): number => {
  let total = 0;
  for (let i = 0; i <= last; i++) total += values[i]!;
  return total;
};

/** The probability of a count by a law of counts, `shares[k]` for k from 0; half a count is rounded to the safe side. */
function countTails(k: number, shares: Float64Array, alternative: Alternative): number {
  const below = sumUpTo(shares, Math.min(shares.length - 1, Math.ceil(k)));
  const above = sumUpTo([...shares].reverse(), Math.min(shares.length - 1, shares.length - 1 - Math.floor(k)));
  if (alternative === 'less') return below;
  return alternative === 'greater' ? above : Math.min(1, 2 * Math.min(below, above));
}

/** Options of {@link wilcoxonSignedRank}. */
export interface WilcoxonOptions extends AlternativeOptions {
  /** Pairs without difference: left out, ranked and then left out (Pratt), or split between both sides. */
  readonly zeroMethod?: 'wilcox' | 'pratt' | 'zsplit';
  /** Exact by default up to 50 differences without ties and zeros, and up to 13 with. */
  readonly method?: RankMethod;
  /** Half a rank towards the mean, in the normal law; false by default. */
  readonly correction?: boolean;
}

/**
 * Wilcoxon's signed-rank test of pairs. The statistic is the smaller rank sum, or that of the positive differences for a one-sided alternative. The exact law
 * is that of the ranks at hand, ties included.
 *
 * @returns NaN twice where no pair differs
 * @throws {ValidationError} for unequal lengths, values that are not finite, or an unknown method
 * @remarks Python: `scipy.stats.wilcoxon(a, b, zero_method=, correction=, alternative=, method=)`.
 * @example wilcoxonSignedRank([1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]).pValue // => 0.03125
 */
export function wilcoxonSignedRank(
  a: Sample,
  b: Sample,
  { zeroMethod = 'wilcox', method = 'auto', correction = false, alternative = 'two-sided' }: WilcoxonOptions = {},
): TestResult {
  oneOf(zeroMethod, 'zeroMethod', ['wilcox', 'pratt', 'zsplit'] as const);
  oneOf(method, 'method', ['auto', 'exact', 'asymptotic'] as const);
  const [first, second] = pairs(a, b);
  const all = first.map((value, i) => value - second[i]!);
  const zeros = all.filter(value => value === 0).length;
  const differences = zeroMethod === 'wilcox' ? all.filter(value => value !== 0) : all;
  const ranks = averageRanks(differences.map(Math.abs));
  const over = (holds: (difference: number) => boolean): number[] => ranks.filter((_, i) => holds(differences[i]!));
  const half = zeroMethod === 'zsplit' ? sum(over(value => value === 0)) / 2 : 0;
  const plus = sum(over(value => value > 0)) + half;
  const minus = sum(over(value => value < 0)) + half;
  if (differences.length === 0) return { statistic: Number.NaN, pValue: Number.NaN };
  const statistic = alternative === 'two-sided' ? Math.min(plus, minus) : plus;
  const counted = zeroMethod === 'pratt' ? over(value => value !== 0) : ranks;
  const n = differences.length;
  const plain = tieTerm(counted) === 0 && zeros === 0;
  if (method === 'exact' || (method === 'auto' && n <= (plain ? 50 : 13))) {
    // Ranks are doubled so that halves count; a zero that is split adds the same to both sums.
    const shares = subsetSums((zeroMethod === 'zsplit' ? over(value => value !== 0) : counted).map(rank => Math.round(2 * rank)));
    return { statistic, pValue: countTails(2 * (plus - half), shares, alternative) };
  }
  const left = zeroMethod === 'pratt' ? zeros : 0;
  const centre = (n * (n + 1) - left * (left + 1)) / 4;
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1) - left * (left + 1) * (2 * left + 1) - tieTerm(counted) / 2) / 24);
  const towards = correction ? (alternative === 'two-sided' ? Math.sign(plus - centre) : alternative === 'greater' ? 1 : -1) / 2 : 0;
  return { statistic, pValue: normalTails((plus - centre - towards) / spread, alternative) };
}

/** Shares of the partitions of n + m ranks by the statistic U of the first n. */
function uShares(n: number, m: number): Float64Array {
  let rows: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  // The largest rank belongs to the first sample, and then beats all m, or to the second.
  for (let i = 1; i <= n; i++) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      const shares = new Float64Array(i * j + 1);
      const [mine, others] = [rows[j]!, next[j - 1]!];
      mine.forEach((share, u) => {
        shares[u + j]! += (share * i) / (i + j);
      });
      others.forEach((share, u) => {
        shares[u]! += (share * j) / (i + j);
      });
      next.push(shares);
    }
    rows = next;
  }
  return rows[m]!;
}

/** Options of {@link mannWhitneyU}. */
export interface MannWhitneyOptions extends AlternativeOptions {
  /** Exact by default where either sample has at most eight values and none are equal. */
  readonly method?: RankMethod;
  /** Half a rank towards the mean, in the normal law; true by default. */
  readonly useContinuity?: boolean;
}

/**
 * Mann and Whitney's test of two independent samples. The statistic counts the pairs in which the first is greater, ties by half.
 *
 * @throws {ValidationError} for an empty sample, values that are not finite, or an unknown method
 * @remarks Python: `scipy.stats.mannwhitneyu(a, b, use_continuity=, alternative=, method=)`.
 * @example mannWhitneyU([4, 5, 6], [1, 2, 3]) // => { statistic: 9, pValue: 0.1 }
 */
export function mannWhitneyU(a: Sample, b: Sample, { method = 'auto', useContinuity = true, alternative = 'two-sided' }: MannWhitneyOptions = {}): TestResult {
  oneOf(method, 'method', ['auto', 'exact', 'asymptotic'] as const);
  const [first, second] = [sample(a, 'a'), sample(b, 'b')];
  const [n, m] = [first.length, second.length];
  const both = [...first, ...second];
  const statistic = sum(averageRanks(both).slice(0, n)) - (n * (n + 1)) / 2;
  const ties = tieTerm(both);
  if (method === 'exact' || (method === 'auto' && Math.min(n, m) <= 8 && ties === 0))
    return { statistic, pValue: countTails(statistic, uShares(n, m), alternative) };
  const total = n + m;
  const spread = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  const centre = (n * m) / 2;
  const extreme = alternative === 'two-sided' ? Math.max(statistic, n * m - statistic) : alternative === 'greater' ? statistic : n * m - statistic;
  const z = (extreme - centre - (useContinuity ? 0.5 : 0)) / spread;
  const above = normalTails(z, 'greater');
  return { statistic, pValue: Math.min(1, alternative === 'two-sided' ? 2 * above : above) };
}

/**
 * Kruskal and Wallis' test that several independent samples have one distribution.
 *
 * @param groups the samples
 * @throws {ValidationError} for fewer than two samples, an empty one, or values that are all equal
 * @remarks Python: `scipy.stats.kruskal(*groups)`.
 * @example kruskal([[1, 2], [1, 2]]).pValue // => 1
 */
export function kruskal(groups: readonly Sample[]): TestResult {
  inRange(groups.length, 'groups', { min: 2 });
  const values = groups.map((group, i) => sample(group, `groups[${i}]`));
  const all = values.flat();
  const n = all.length;
  const ranks = averageRanks(all);
  let [start, total] = [0, 0];
  for (const group of values) {
    total += sum(ranks.slice(start, start + group.length)) ** 2 / group.length;
    start += group.length;
  }
  const statistic = ((12 / (n * (n + 1))) * total - 3 * (n + 1)) / (1 - tieTerm(all) / (n ** 3 - n));
  return { statistic, pValue: chiSquareSf(statistic, values.length - 1) };
}

/** Ranks of each item's scores, and their means. */
function ranksByItem(scores: readonly Sample[], least: number): { ranks: number[][]; means: number[] } {
  const ranks = table(scores, 'scores', least).map(averageRanks);
  return { ranks, means: ranks[0]!.map((_, j) => mean(ranks.map(row => row[j]!))) };
}

/**
 * Friedman's test that several models do equally well on the same items.
 *
 * @param scores a row for each item, a column for each of at least three models
 * @throws {ValidationError | ShapeError} for no item, fewer than three models, or rows of unequal length
 * @remarks Python: `scipy.stats.friedmanchisquare(*scores.T)`.
 * @example friedman([[1, 2, 3], [1, 2, 3], [3, 2, 1], [3, 2, 1]]) // => { statistic: 0, pValue: 1 }
 */
export function friedman(scores: readonly Sample[]): TestResult {
  const { ranks, means } = ranksByItem(scores, 3);
  const [n, k] = [ranks.length, means.length];
  const ties = sum(ranks.map(tieTerm));
  const raw = ((12 * n) / (k * (k + 1))) * sum(means.map(rank => rank ** 2)) - 3 * n * (k + 1);
  const statistic = raw / (1 - ties / (n * k * (k * k - 1)));
  return { statistic, pValue: chiSquareSf(statistic, k - 1) };
}

/** What {@link nemenyi} says. */
export interface NemenyiResult {
  /** Mean rank of each model, 1 for the best. */
  readonly averageRanks: readonly number[];
  /** Probability of a difference as large by chance, for each pair of models. */
  readonly pValues: readonly (readonly number[])[];
  /** Difference of mean ranks that is significant at `alpha`. */
  readonly criticalDifference: number;
}

/**
 * Nemenyi's comparison of all pairs of models by their mean ranks (Demšar 2006), for use after {@link friedman}.
 *
 * @param scores a row for each item, a column for each model; higher is better
 * @throws {ValidationError | ShapeError} for no item, fewer than two models, or alpha outside (0, 1)
 * @remarks Python: `scikit_posthocs.posthoc_nemenyi_friedman(scores)`.
 * @example nemenyi([[3, 2], [3, 2]]).averageRanks // => [1, 2]
 */
export function nemenyi(scores: readonly Sample[], { alpha = 0.05 }: { readonly alpha?: number } = {}): NemenyiResult {
  inRange(alpha, 'alpha', { above: 0, below: 1 });
  const { means } = ranksByItem(
    scores.map(row => Array.from(row, value => -value)),
    2,
  );
  const k = means.length;
  const error = Math.sqrt((k * (k + 1)) / (6 * scores.length));
  let [low, high] = [0, 20];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (rangeSf(middle, k) > alpha) low = middle;
    else high = middle;
  }
  return {
    averageRanks: means,
    pValues: means.map((a, i) => means.map((b, j) => (i === j ? 1 : rangeSf((Math.SQRT2 * Math.abs(a - b)) / error, k)))),
    criticalDifference: (low / Math.SQRT2) * error,
  };
}

/** Probability that a path of n and m steps, all orders alike, strays as far from the diagonal as `reach`, in units of one over n·m. */
function strayProbability(n: number, m: number, reach: number): number {
  let row = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    const next = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= reach) next[j] = 1;
      else next[j] = (i > 0 ? (row[j]! * i) / (i + j) : 0) + (j > 0 ? (next[j - 1]! * j) / (i + j) : 0);
    }
    row = next;
  }
  return row[m]!;
}

/** Probability that the empirical law of n values strays above the true one by d (Smirnov 1944). */
function smirnovSf(n: number, d: number): number {
  let total = 0;
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const low = d + j / n;
    const logs = logGamma(n + 1) - logGamma(j + 1) - logGamma(n - j + 1) + (n - j) * Math.log1p(-low) + (j - 1) * Math.log(low);
    total += low >= 1 ? 0 : Math.exp(logs);
  }
  return Math.min(1, d * total);
}

/** Probability that the empirical law of n values strays from the true one by d, either way (Marsaglia, Tsang and Wang 2003). */
function kolmogorovSf(n: number, d: number): number {
  if (d >= 1) return 0;
  if (n * d <= 0.5) return 1;
  // Beyond a half both ways exclude each other; far out they all but do.
  if (d >= 0.5 || n * d * d > 18) return Math.min(1, 2 * smirnovSf(n, d));
  const k = Math.ceil(n * d);
  const size = 2 * k - 1;
  const h = k - n * d;
  let [power, matrix]: [number[], number[]] = [[], []];
  const factorial = (m: number): number => Math.exp(logGamma(m + 1));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const distance = i - j + 1;
      let value = distance < 0 ? 0 : 1;
      if (j === 0) value -= h ** (i + 1);
      if (i === size - 1) value -= h ** (size - j);
      if (i === size - 1 && j === 0) value += Math.max(0, 2 * h - 1) ** size;
      matrix.push(distance < 0 ? value : value / factorial(distance));
      power.push(Number(i === j));
    }
  }
  const product = (a: number[], b: number[]): number[] =>
    a.map((_, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      let total = 0;
      for (let l = 0; l < size; l++) total += a[i * size + l]! * b[l * size + j]!;
      return total;
    });
  // Each factor is scaled by 1/n·e, so that neither powers nor the factorial leave the range of doubles.
  matrix = matrix.map(value => (value * Math.E) / n);
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = product(power, matrix);
    matrix = product(matrix, matrix);
  }
  const inside = power[(k - 1) * size + k - 1]! * Math.exp(logGamma(n + 1) - n);
  return Math.min(1, Math.max(0, 1 - inside));
}

/**
 * Kolmogorov and Smirnov's test that two samples have one distribution. The statistic is the largest difference of their empirical laws.
 *
 * @param options method: 'exact' counts all orders of both samples (default up to 10,000 values), 'asymptotic' takes the law of one sample of `nm/(n+m)` values
 * @throws {ValidationError} for an empty sample, or values that are not finite
 * @remarks Python: `scipy.stats.ks_2samp(a, b, method=)`.
 * @example ksTwoSample([1, 2], [3, 4]).statistic // => 1
 */
export function ksTwoSample(a: Sample, b: Sample, { method = 'auto' }: { readonly method?: RankMethod } = {}): TestResult {
  oneOf(method, 'method', ['auto', 'exact', 'asymptotic'] as const);
  const order = (x: number, y: number): number => x - y;
  const [first, second] = [sample(a, 'a').sort(order), sample(b, 'b').sort(order)];
  const [n, m] = [first.length, second.length];
  let [i, j, largest] = [0, 0, 0];
  while (i < n && j < m) {
    const value = Math.min(first[i]!, second[j]!);
    while (i < n && first[i] === value) i++;
    while (j < m && second[j] === value) j++;
    largest = Math.max(largest, Math.abs(i * m - j * n));
  }
  const statistic = largest / (n * m);
  if (method === 'asymptotic' || (method === 'auto' && Math.max(n, m) > 10_000)) {
    const size = (n * m) / (n + m);
    // Half a value goes to the even neighbour.
    const whole = size % 1 === 0.5 ? 2 * Math.round(size / 2) : Math.round(size);
    return { statistic, pValue: kolmogorovSf(whole, statistic) };
  }
  return { statistic, pValue: Math.min(1, strayProbability(n, m, largest)) };
}

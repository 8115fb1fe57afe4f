/** The tests of two models: paired t, bootstrap, McNemar and Wilcoxon. */
import { PythonRandom } from '@gtc/tensor/random';
import { erfc, normalTwoSided, studentTwoSided } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import type { ComparisonConfig, ComparisonMethod } from './configs.js';

type Scores = readonly number[];

/** Statistic and two-sided p-value. */
type Outcome = [statistic: number, pValue: number];

/** Student's paired t-test. Without spread it is certain, unless the means are equal; one pair has no spread to speak of. */
function pairedTTest(a: Scores, b: Scores): Outcome {
  const differences = a.map((value, index) => value - b[index]!);
  const n = differences.length;
  if (n < 2) return [Number.NaN, Number.NaN];
  const centre = mean(differences);
  const deviation = Math.sqrt(sum(differences.map(value => (value - centre) ** 2)) / (n - 1));
  if (deviation === 0) return centre === 0 ? [0, 1] : [Math.sign(centre) * Number.POSITIVE_INFINITY, 0];
  const t = centre / (deviation / Math.sqrt(n));
  return [t, studentTwoSided(t, n - 1)];
}

/** Ranks from 1, equal values share the mean of theirs. */
function averageRanks(values: Scores): number[] {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const ranks: number[] = new Array(values.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2;
  }
  return ranks;
}

/** Share of the sign patterns whose rank sum is at most `w`; ranks are doubled so that halves count. */
function signedRankTail(ranks: Scores, w: number): number {
  const doubled = ranks.map(rank => Math.round(2 * rank));
  const total = sum(doubled);
  let ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of doubled) {
    const next = ways.slice();
    for (let s = rank; s <= total; s++) next[s]! += ways[s - rank]!;
    ways = next;
  }
  return sum([...ways.subarray(0, Math.round(2 * w) + 1)]) / 2 ** doubled.length;
}

/** Wilcoxon's signed-rank test: the smaller rank sum; pairs without a difference are left out. */
function wilcoxonSignedRank(a: Scores, b: Scores): Outcome {
  const differences = a.map((value, index) => value - b[index]!).filter(difference => difference !== 0);
  const n = differences.length;
  if (n === 0) return [0, 1];
  const ranks = averageRanks(differences.map(Math.abs));
  const plus = sum(ranks.filter((_, index) => differences[index]! > 0));
  const w = Math.min(plus, (n * (n + 1)) / 2 - plus);
  const tied = new Set(ranks).size < n;
  if (n <= (tied ? 13 : 50)) return [w, Math.min(1, 2 * signedRankTail(ranks, w))];
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  const correction = sum([...sizes.values()].map(size => size ** 3 - size)) / 48;
  const z = (w - (n * (n + 1)) / 4) / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - correction);
  return [w, normalTwoSided(z)];
}

/** McNemar's test with continuity correction; an item is right at 1 and wrong at 0. */
function mcNemar(a: Scores, b: Scores): Outcome {
  const only = (x: Scores, y: Scores): number => x.filter((value, index) => value === 1 && y[index] === 0).length;
  const [first, second] = [only(a, b), only(b, a)];
  if (first + second === 0) return [0, 1];
  const statistic = Math.max(0, Math.abs(first - second) - 1) ** 2 / (first + second);
  return [statistic, erfc(Math.sqrt(statistic / 2))];
}

/** Share of draws from the pooled scores whose means differ at least as much; the statistic is the difference itself. */
function resampled(a: Scores, b: Scores, { numBootstrap, randomSeed }: ComparisonConfig, draw: (pool: number[], random: PythonRandom) => Scores): Outcome {
  const random = new PythonRandom(randomSeed);
  const pool = [...a, ...b];
  const observed = mean(a) - mean(b);
  let extreme = 0;
  for (let i = 0; i < numBootstrap; i++) {
    const drawn = draw(pool, random);
    if (Math.abs(mean(drawn.slice(0, a.length)) - mean(drawn.slice(a.length))) >= Math.abs(observed)) extreme++;
  }
  return [observed, extreme / numBootstrap];
}

const shuffled = (pool: number[], random: PythonRandom): Scores => {
  random.shuffle(pool);
  return pool;
};

/** The tests by method. */
export const TESTS: Readonly<Record<ComparisonMethod, (a: Scores, b: Scores, config: ComparisonConfig) => Outcome>> = {
  paired_ttest: pairedTTest,
  wilcoxon: wilcoxonSignedRank,
  mcnemar: mcNemar,
  bootstrap: (a, b, config) => resampled(a, b, config, (pool, random) => pool.map(() => random.choice(pool))),
  permutation: (a, b, config) => resampled(a, b, config, shuffled),
};

/** The tests of two models: paired t, bootstrap, McNemar and Wilcoxon. */
import { PythonRandom } from '@gtc/tensor/random';
import { erfc } from '@gtc/tensor/special';
import { mean } from '@gtc/tensor/statistics';
import type { ComparisonConfig, ComparisonMethod } from './configs.js';
import { wilcoxonSignedRank } from './rank-tests.js';
import { pairedTTest } from './t-tests.js';

type Scores = readonly number[];

/** Statistic and two-sided p-value. */
type Outcome = [statistic: number, pValue: number];

/** Student's paired t-test. Without spread it is certain, unless the means are equal; one pair has no spread to speak of. */
function pairedT(a: Scores, b: Scores): Outcome {
  if (a.length < 2) return [Number.NaN, Number.NaN];
  const { statistic, pValue } = pairedTTest(a, b);
  return Number.isNaN(statistic) ? [0, 1] : [statistic, pValue];
}

/** Wilcoxon's signed-rank test; certain of nothing where no pair differs. */
function signedRank(a: Scores, b: Scores): Outcome {
  const { statistic, pValue } = wilcoxonSignedRank(a, b);
  return Number.isNaN(statistic) ? [0, 1] : [statistic, pValue];
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
  paired_ttest: pairedT,
  wilcoxon: signedRank,
  mcnemar: mcNemar,
  bootstrap: (a, b, config) => resampled(a, b, config, (pool, random) => pool.map(() => random.choice(pool))),
  permutation: (a, b, config) => resampled(a, b, config, shuffled),
};

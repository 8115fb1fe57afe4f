/** How large a difference is, whatever its probability. */
import { logGamma } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { mannWhitneyU } from './rank-tests.js';
import { pairs, type Sample, sample, variance } from './result.js';

/** Effect sizes of two samples of the same items. */
export interface EffectSizes {
  /** Difference of the means in pooled deviations. */
  readonly cohensD: number;
  /** Mean difference in deviations of the differences. */
  readonly cohensDz: number;
  /** Cohen's d without its bias in small samples, by the rule of thumb `1 - 3/(4N - 9)`. */
  readonly hedgesGApprox: number;
  /** The same by the exact factor of gamma functions. */
  readonly hedgesGExact: number;
  /** Difference of the means in deviations of the second sample. */
  readonly glassDelta: number;
  /** How much more often a value of the first is the greater than the smaller one. */
  readonly cliffsDelta: number;
  /** How often a value of the first is the greater one, ties by half. */
  readonly commonLanguage: number;
}

/**
 * All effect sizes of two samples at once.
 *
 * @throws {ValidationError} for unequal lengths, fewer than two values, or values that are not finite
 * @remarks Python: `pingouin.compute_effsize(a, b, eftype=)`.
 * @example effectSizes([2, 3], [1, 2]).commonLanguage // => 0.875
 */
export function effectSizes(a: Sample, b: Sample): EffectSizes {
  const [first, second] = pairs(sample(a, 'a', 2), b);
  const n = first.length;
  const difference = mean(first) - mean(second);
  const cohensD = difference / Math.sqrt((variance(first) + variance(second)) / 2);
  const df = 2 * n - 2;
  const exact = Math.exp(logGamma(df / 2) - Math.log(Math.sqrt(df / 2)) - logGamma((df - 1) / 2));
  const differences = first.map((value, i) => value - second[i]!);
  const commonLanguage = mannWhitneyU(first, second, { method: 'asymptotic' }).statistic / (n * n);
  return {
    cohensD,
    cohensDz: mean(differences) / Math.sqrt(variance(differences)),
    hedgesGApprox: cohensD * (1 - 3 / (8 * n - 9)),
    hedgesGExact: cohensD * exact,
    glassDelta: difference / Math.sqrt(variance(second)),
    cliffsDelta: sum(first.map(x => sum(second.map(y => Math.sign(x - y))))) / (n * n),
    commonLanguage,
  };
}

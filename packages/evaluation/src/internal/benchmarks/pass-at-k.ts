/** How often code passes its tests, by the number of samples that did. */
import { inRange, integer, nonEmpty, positive, sameLength } from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** Samples, those of them that passed, and how many are drawn. */
export interface PassCount {
  /** Samples. */
  readonly n: number;
  /** Of which so many passed. */
  readonly c: number;
  /** Drawn without replacement, at most n. */
  readonly k: number;
}

function check({ n, c, k }: PassCount): void {
  positive(integer(n, 'n'), 'n');
  inRange(integer(c, 'c'), 'c', { min: 0, max: n });
  inRange(integer(k, 'k'), 'k', { min: 1, max: n });
}

/**
 * Probability that at least one of k samples passes: the unbiased estimate of Chen et al. (2021).
 *
 * @throws {ValidationError} unless 0 <= c <= n and 1 <= k <= n
 * @remarks Python: `human_eval.evaluation.estimate_pass_at_k([n], [c], k)`.
 * @example passAtK({ n: 5, c: 1, k: 1 }) // => 0.2
 */
export function passAtK({ n, c, k }: PassCount): number {
  check({ n, c, k });
  if (n - c < k) return 1;
  let none = 1;
  for (let i = n - c + 1; i <= n; i++) none *= 1 - k / i;
  return 1 - none;
}

/**
 * Probability that all of k samples pass (Yao et al. 2024).
 *
 * @throws {ValidationError} unless 0 <= c <= n and 1 <= k <= n
 * @remarks Python: `comb(c, k) / comb(n, k)`.
 * @example passHatK({ n: 4, c: 2, k: 2 }) // => 1 / 6
 */
export function passHatK({ n, c, k }: PassCount): number {
  check({ n, c, k });
  let all = 1;
  for (let i = 0; i < k; i++) all *= (c - i) / (n - i);
  return Math.max(0, all);
}

/**
 * Mean of {@link passAtK} over problems.
 *
 * @param numSamples samples of each problem
 * @param numCorrect of which so many passed
 * @throws {ValidationError} for no problem, unequal lengths, or fewer samples than k
 * @remarks Python: `evaluate.load('code_eval')`.
 * @example passAtKCorpus([2, 2], [1, 2], { k: 1 }) // => 0.75
 */
export function passAtKCorpus(numSamples: readonly number[], numCorrect: readonly number[], { k = 1 }: { readonly k?: number } = {}): number {
  nonEmpty(numSamples, 'numSamples');
  sameLength({ numSamples, numCorrect });
  return mean(numSamples.map((n, i) => passAtK({ n, c: numCorrect[i]!, k })));
}

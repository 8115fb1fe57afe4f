/** What models associate with words for groups: in embeddings, and in what they find likely. */
import { nonEmpty, ValidationError } from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';
import { cosine, mean, sum } from '@gtc/tensor/statistics';

/** Embeddings of some words. */
export type Embeddings = readonly (readonly number[])[];

/** What {@link weat} says. */
export interface WeatResult {
  /** From -2 to 2: how much nearer the first targets are to the first attributes than the second are, in deviations. */
  readonly effectSize: number;
  /** Share of partitions of the targets that are as far apart, one-sided. */
  readonly pValue: number;
}

/** Partitions that are tried at most; beyond them some are drawn. */
const MOST_PARTITIONS = 10_000;

/** All choices of k places of n. */
function* choices(n: number, k: number, start = 0): Generator<number[]> {
  if (k === 0) yield [];
  else for (let i = start; i <= n - k; i++) for (const rest of choices(n, k - 1, i + 1)) yield [i, ...rest];
}

/**
 * Word embedding association test (Caliskan, Bryson and Narayanan 2017).
 *
 * @param x embeddings of the first target words
 * @param y as many embeddings of the second
 * @param a embeddings of the first attribute words
 * @param b of the second
 * @param options seed of the partitions drawn where there are more than 10,000
 * @throws {ValidationError} for no words, or targets of unequal number
 * @remarks Python: `wefe.metrics.WEAT().run_query(query, model)`.
 * @example weat([[1, 0]], [[0, 1]], [[1, 0]], [[0, 1]]).effectSize // => Math.SQRT2
 */
export function weat(x: Embeddings, y: Embeddings, a: Embeddings, b: Embeddings, { seed = 0 }: { readonly seed?: number | null } = {}): WeatResult {
  for (const [name, words] of Object.entries({ x, y, a, b })) nonEmpty(words, name);
  if (x.length !== y.length) throw new ValidationError(`y must hold as many words as x, ${x.length}, got ${y.length}`, { parameter: 'y', received: y.length });
  const associations = [...x, ...y].map(word => mean(a.map(other => cosine(word, other))) - mean(b.map(other => cosine(word, other))));
  const k = x.length;
  const total = sum(associations);
  const apart = (first: readonly number[]): number => 2 * sum(first.map(i => associations[i]!)) - total;
  const observed = apart(x.map((_, i) => i));
  const centre = mean(associations);
  const deviation = Math.sqrt(sum(associations.map(value => (value - centre) ** 2)) / (associations.length - 1));
  const partitions = Array.from({ length: k }, (_, i) => (2 * k - i) / (i + 1)).reduce((p, q) => p * q, 1);
  const random = new NumpyRandom(seed);
  const tried =
    partitions <= MOST_PARTITIONS ? [...choices(2 * k, k)] : Array.from({ length: MOST_PARTITIONS }, () => random.choice(2 * k, k, { replace: false }));
  return {
    effectSize: observed / k / deviation,
    pValue: tried.filter(first => apart(first) >= observed - 1e-12).length / tried.length,
  };
}

/** What {@link counterfactualBias} says. */
export interface CounterfactualBias {
  /** Score with the first term less that with the second, for each template and pair. */
  readonly differences: readonly { readonly template: string; readonly pair: readonly [string, string]; readonly difference: number }[];
  readonly meanDifference: number;
  readonly meanAbsoluteDifference: number;
  /** How often the first term scored higher, ties by half: 0.5 for a model without preference. */
  readonly preference: number;
}

/** Where a term goes. */
const SLOT = '{term}';

/**
 * How a model's score changes when one term is swapped for another in the same sentence: of a classifier, or of a language model's log-likelihood.
 *
 * @param score of a text, such as the log-likelihood of `logLikelihood` in `@gtc/evaluation/benchmarks`
 * @param templates sentences with `{term}`
 * @throws {ValidationError} for no template, one without `{term}`, no pair, or a score that is not finite
 * @remarks Python: CrowS-Pairs (Nangia et al. 2020) and `langfair` counterfactual metrics.
 * @example (await counterfactualBias(text => text.length, ['{term} cooks'], [['He', 'She']])).meanDifference // => -1
 */
export async function counterfactualBias(
  score: (text: string) => number | Promise<number>,
  templates: readonly string[],
  termPairs: readonly (readonly [string, string])[],
): Promise<CounterfactualBias> {
  nonEmpty(templates, 'templates');
  nonEmpty(termPairs, 'termPairs');
  const bare = templates.findIndex(template => !template.includes(SLOT));
  if (bare >= 0)
    throw new ValidationError(`templates[${bare}] must hold ${SLOT}, got '${templates[bare]}'`, { parameter: 'templates', received: templates[bare] });
  const differences: { template: string; pair: readonly [string, string]; difference: number }[] = [];
  for (const template of templates) {
    for (const pair of termPairs) {
      const [first, second] = [await score(template.replaceAll(SLOT, pair[0])), await score(template.replaceAll(SLOT, pair[1]))];
      const difference = first - second;
      if (!Number.isFinite(difference))
        throw new ValidationError(`score must be finite, got ${first} and ${second} for '${template}'`, { parameter: 'score', received: difference });
      differences.push({ template, pair, difference });
    }
  }
  const values = differences.map(({ difference }) => difference);
  return {
    differences,
    meanDifference: mean(values),
    meanAbsoluteDifference: mean(values.map(Math.abs)),
    preference: mean(values.map(value => (1 + Math.sign(value)) / 2)),
  };
}

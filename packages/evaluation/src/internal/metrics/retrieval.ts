/** Rankings by graded relevance (DCG) and of retrieved documents (MRR, MAP, recall at k). */
import { inRange, integer, nonEmpty, positive, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import { argsortDescending } from './argsort.js';
import { weightedMean } from './averages.js';
import type { WeightOptions } from './confusion.js';
import { checkWeights } from './labels.js';

/** Options of {@link ndcgScore}. */
export interface NdcgOptions extends WeightOptions {
  /** Only the first k places count; all when null. */
  readonly k?: number | null;
  /** Documents of one score count as the mean of all their orders; true takes one order of them, as it comes. */
  readonly ignoreTies?: boolean;
}

/** Options of {@link dcgScore}. */
export interface DcgOptions extends NdcgOptions {
  /** 2 by default. */
  readonly logBase?: number;
}

/** A row of numbers for each query. */
type Rows = readonly ArrayLike<number>[];

/** Discounts of places, 0 beyond k. */
function discounts(n: number, k: number | null, logBase: number): number[] {
  return Array.from({ length: n }, (_, place) => (k !== null && place >= k ? 0 : Math.log(logBase) / Math.log(place + 2)));
}

/**
 * Ascending order by a bitonic sorting network (Batcher 1968). It is not stable: equal values come in the order that numpy's vectorised `argsort` gives rows of
 * up to 256 numbers.
 */
function networkOrder(values: ArrayLike<number>): number[] {
  const size = 2 ** Math.ceil(Math.log2(values.length));
  const order = Array.from({ length: size }, (_, i) => i);
  const at = (place: number): number => values[order[place]!] ?? Number.POSITIVE_INFINITY;
  const settle = (low: number, high: number): void => {
    if (at(low) > at(high)) [order[low], order[high]] = [order[high]!, order[low]!];
  };
  for (let block = 2; block <= size; block *= 2) {
    for (let i = 0; i < size; i++) if (i % block < block / 2) settle(i, i - 2 * (i % block) + block - 1);
    for (let step = block / 4; step >= 1; step /= 2) for (let i = 0; i < size; i++) if (i % (2 * step) < step) settle(i, i + step);
  }
  return order.filter(i => i < values.length);
}

/** Discounted gain of one ranking; documents of one score share the discounts of their places. */
function gainOf(relevance: ArrayLike<number>, score: ArrayLike<number>, weights: readonly number[], ignoreTies: boolean): number {
  if (ignoreTies) {
    const best = networkOrder(score).reverse();
    return sum(best.map((document, place) => relevance[document]! * weights[place]!));
  }
  const order = argsortDescending(score);
  let total = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    let [gain, discount] = [0, 0];
    for (; end < order.length && score[order[end]!] === score[order[start]!]; end++) {
      gain += relevance[order[end]!]!;
      discount += weights[end]!;
    }
    total += (gain / (end - start)) * discount;
  }
  return total;
}

/** @throws {ValidationError | ShapeError} unless each query has as many scores as documents, all finite */
function checkRankings(yTrue: Rows, yScore: Rows): number {
  nonEmpty(yTrue, 'yTrue');
  const n = sameLength({ yTrue, yScore });
  for (let i = 0; i < n; i++) {
    if (yTrue[i]!.length !== yScore[i]!.length)
      throw new ShapeError(`yScore must have ${yTrue[i]!.length} columns in row ${i}, got ${yScore[i]!.length}`, { parameter: 'yScore', received: i });
    for (const [name, row] of Object.entries({ yTrue: yTrue[i]!, yScore: yScore[i]! })) {
      const odd = Array.prototype.find.call(row, value => !Number.isFinite(value)) as number | undefined;
      if (odd !== undefined) throw new ValidationError(`${name} must be finite, got ${odd} in row ${i}`, { parameter: name, received: odd });
    }
  }
  return n;
}

/**
 * Discounted cumulative gain, averaged over the queries.
 *
 * @param yTrue relevance of each document, a row for each query
 * @param yScore scores by which documents are ranked
 * @throws {ValidationError} for no query, or values that are not finite
 * @throws {ShapeError} for unequal rows
 * @remarks Python: `sklearn.metrics.dcg_score(y_true, y_score, k=, log_base=, ignore_ties=)`.
 * @example dcgScore([[3, 0]], [[0.9, 0.1]]) // => 3
 */
export function dcgScore(yTrue: Rows, yScore: Rows, { k = null, logBase = 2, ignoreTies = false, sampleWeight }: DcgOptions = {}): number {
  const n = checkRankings(yTrue, yScore);
  if (k !== null) positive(integer(k, 'k'), 'k');
  inRange(logBase, 'logBase', { above: 1 });
  return weightedMean(
    yTrue.map((row, i) => gainOf(row, yScore[i]!, discounts(row.length, k, logBase), ignoreTies)),
    checkWeights(sampleWeight, n),
  );
}

/**
 * Discounted cumulative gain as a share of the best possible one, averaged over the queries; 0 where nothing is relevant.
 *
 * @param yTrue non-negative relevance of each document, a row for each query
 * @throws {ValidationError} for no query, fewer than two documents, negative relevance, or values that are not finite
 * @throws {ShapeError} for unequal rows
 * @remarks Python: `sklearn.metrics.ndcg_score(y_true, y_score, k=, ignore_ties=)`.
 * @example ndcgScore([[3, 0]], [[0.9, 0.1]]) // => 1
 */
export function ndcgScore(yTrue: Rows, yScore: Rows, { k = null, ignoreTies = false, sampleWeight }: NdcgOptions = {}): number {
  const n = checkRankings(yTrue, yScore);
  if (k !== null) positive(integer(k, 'k'), 'k');
  const scores = yTrue.map((row, i) => {
    if (row.length < 2) throw new ValidationError(`yTrue must have at least two documents in a row, got ${row.length}`, { parameter: 'yTrue', received: row });
    for (let j = 0; j < row.length; j++)
      if (row[j]! < 0) throw new ValidationError(`yTrue must be non-negative, got ${row[j]}`, { parameter: 'yTrue', received: row[j] });
    const weights = discounts(row.length, k, 2);
    const best = gainOf(row, row, weights, true);
    return best === 0 ? 0 : gainOf(row, yScore[i]!, weights, ignoreTies) / best;
  });
  return weightedMean(scores, checkWeights(sampleWeight, n));
}

/** Means over all queries of what {@link retrievalMetrics} measures. */
export interface RetrievalMetrics {
  /** One over the place of the first relevant document. */
  readonly mrr: number;
  /** Mean average precision, by the number of all relevant documents. */
  readonly map: number;
  /** Share of the relevant documents that were found. */
  readonly recall: number;
  /** Share of relevant ones in the first k places. */
  readonly precision: number;
  /** Whether any relevant document was found. */
  readonly hitRate: number;
  /** Precision at as many places as there are relevant documents, whatever k. */
  readonly rPrecision: number;
}

/**
 * How well ranked lists of documents find the relevant ones among their first k. A query without relevant documents counts 0, as in trec_eval.
 *
 * @param runs ranked documents of each query, best first
 * @param relevant relevant documents of each query
 * @throws {ValidationError} for no query, unequal lengths, or k that is not positive
 * @remarks Python: `ir_measures` or trec_eval with `recip_rank`, `map_cut`, `recall`, `P`, `success`, `Rprec`.
 * @example retrievalMetrics([['a', 'b']], [['b']], { k: 2 }).mrr // => 0.5
 */
export function retrievalMetrics(
  runs: readonly (readonly string[])[],
  relevant: readonly Iterable<string>[],
  { k = 10 }: { readonly k?: number } = {},
): RetrievalMetrics {
  nonEmpty(runs, 'runs');
  sameLength({ runs, relevant });
  positive(integer(k, 'k'), 'k');
  const each = runs.map((run, query) => {
    const wanted = new Set(relevant[query]);
    const hits = run.slice(0, k).map(document => wanted.has(document));
    const found = hits.filter(Boolean).length;
    let [seen, precisions] = [0, 0];
    hits.forEach((hit, place) => {
      if (hit) precisions += ++seen / (place + 1);
    });
    const share = (count: number): number => (wanted.size === 0 ? 0 : count / wanted.size);
    return {
      mrr: found === 0 ? 0 : 1 / (hits.indexOf(true) + 1),
      map: share(precisions),
      recall: share(found),
      precision: found / k,
      hitRate: Number(found > 0),
      rPrecision: share(run.slice(0, wanted.size).filter(document => wanted.has(document)).length),
    };
  });
  const over = (name: keyof RetrievalMetrics): number => mean(each.map(scores => scores[name]));
  return {
    mrr: over('mrr'),
    map: over('map'),
    recall: over('recall'),
    precision: over('precision'),
    hitRate: over('hitRate'),
    rPrecision: over('rPrecision'),
  };
}

/** One order of models from their scores in several tasks. */
import { ShapeError } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import { averageRanks } from '../comparison/ranks.js';
import { type Sample, sample } from '../comparison/result.js';

/** Figures of each model, in the order given. */
export interface RankAggregation {
  readonly meanScore: number[];
  /** Mean over tasks of the rank, 1 for the best, equal scores sharing theirs. */
  readonly averageRank: number[];
  /** How often a model beats another one in a task, ties by half (HELM). */
  readonly meanWinRate: number[];
  /** Models left behind, over all tasks (Borda). */
  readonly bordaCount: number[];
  /** Of scores that are at least 1e-9. */
  readonly geometricMean: number[];
}

/** How equal scores are ranked: by the mean, the least or the greatest of their places, without gaps, or in the order given. */
export type TieMethod = 'average' | 'min' | 'max' | 'dense' | 'ordinal';

/**
 * Ranks of scores, 1 for the highest.
 *
 * @throws {ValidationError} for no score, or one that is not finite
 * @remarks Python: `scipy.stats.rankdata(-scores, method=)`.
 * @example rankDescending([0.2, 0.9, 0.9], { ties: 'min' }) // => [3, 1, 1]
 */
export function rankDescending(scores: Sample, { ties = 'average' }: { readonly ties?: TieMethod } = {}): number[] {
  const values = sample(scores, 'scores');
  if (ties === 'average') return averageRanks(values.map(value => -value));
  const sorted = [...new Set(values)].sort((a, b) => b - a);
  return values.map((value, i) => {
    if (ties === 'dense') return sorted.indexOf(value) + 1;
    const above = values.filter(other => other > value).length;
    const equals = values.filter(other => other === value).length;
    if (ties === 'ordinal') return above + 1 + values.slice(0, i).filter(other => other === value).length;
    return ties === 'min' ? above + 1 : above + equals;
  });
}

/** What a score counts at least in a geometric mean. */
const FLOOR = 1e-9;

/**
 * Models in order of all their scores, by the rules in use.
 *
 * @param scores a row for each of at least two models, a column for each task; higher is better
 * @throws {ValidationError} for no scores, or one that is not finite
 * @throws {ShapeError} for a single model, or rows of unequal length
 * @remarks Python: `scipy.stats.rankdata`, HELM's mean win rate.
 * @example aggregateRanks([[0.9, 0.8], [0.5, 0.6]]).meanWinRate // => [1, 0]
 */
export function aggregateRanks(scores: readonly Sample[]): RankAggregation {
  const rows = scores.map((row, i) => sample(row, `scores[${i}]`));
  const tasks = rows[0]?.length ?? 0;
  const odd = rows.findIndex(row => row.length !== tasks);
  if (rows.length < 2 || odd >= 0)
    throw new ShapeError(`scores must have at least two rows of one length, got ${rows.length} rows, lengths ${rows.map(row => row.length).join(', ')}`, {
      parameter: 'scores',
      received: rows.length,
    });
  const ranks = Array.from({ length: tasks }, (_, t) => rankDescending(rows.map(row => row[t]!)));
  const winRate = (i: number, t: number): number => mean(rows.flatMap((row, j) => (j === i ? [] : [(1 + Math.sign(rows[i]![t]! - row[t]!)) / 2])));
  return {
    meanScore: rows.map(mean),
    averageRank: rows.map((_, i) => mean(ranks.map(rank => rank[i]!))),
    meanWinRate: rows.map((row, i) => mean(row.map((_, t) => winRate(i, t)))),
    bordaCount: rows.map((_, i) => sum(ranks.map(rank => rows.length - rank[i]!))),
    geometricMean: rows.map(row => Math.exp(mean(row.map(value => Math.log(Math.max(value, FLOOR)))))),
  };
}

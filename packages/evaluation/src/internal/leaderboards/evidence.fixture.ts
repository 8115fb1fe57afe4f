/** What GTC answers to each call of `evidence/ratings.json`. */
import type { Answer } from '@gtc/testing';
import * as benchmarks from '../../benchmarks.js';
import * as l from '../../leaderboards.js';
import { kendalltau, spearmanr } from '../../metrics.js';

type Games = { games: l.Game[]; numPlayers: number };

/** By the `call` of the case. */
export const ratingAnswers: Readonly<Record<string, Answer>> = {
  passAtK: ((input: { n: number; c: number; k: number }) => ({ value: benchmarks.passAtK(input) })) as never,
  passHatK: ((input: { n: number; c: number; k: number }) => ({ value: benchmarks.passHatK(input) })) as never,
  passAtKCorpus: (({ numSamples, numCorrect, k }: { numSamples: number[]; numCorrect: number[]; k: number }) => ({
    value: benchmarks.passAtKCorpus(numSamples, numCorrect, { k }),
  })) as never,
  eloRatings: (({ games, numPlayers, ...options }: Games) => ({ ratings: l.eloRatings(games, numPlayers, options) })) as never,
  computeEloRating: (({ currentRating, opponentRating, outcome, kFactor }: Record<'currentRating' | 'opponentRating' | 'outcome' | 'kFactor', number>) => ({
    rating: l.computeEloRating(currentRating, opponentRating, outcome, { kFactor }),
    expected: l.expectedScore(currentRating, opponentRating),
  })) as never,
  bradleyTerry: (({ wins, numPlayers, alpha }: { wins: l.Win[]; numPlayers: number; alpha?: number }) => {
    const { params, logLikelihood } = l.bradleyTerry(wins, numPlayers, alpha === undefined ? {} : { alpha });
    return alpha === undefined ? { params, logLikelihood, probability01: l.winProbability(params[0]!, params[1]!), agreesWithIlsr: true } : { params };
  }) as never,
  arenaRatings: (({ games, numPlayers, ...options }: Games) => ({
    ratings: l.arenaRatings(games, numPlayers, options).map(entry => entry.rating),
  })) as never,
  plackettLuce: (({ rankings, numItems, alpha }: { rankings: number[][]; numItems: number; alpha: number }) => ({
    params: l.plackettLuce(rankings, numItems, { alpha }),
  })) as never,
  calculateRanking: (({ scores }: { scores: number[][] }) => {
    const first = scores.map(row => row[0]!);
    return {
      ...l.aggregateRanks(scores),
      ...Object.fromEntries((['dense', 'min', 'max', 'ordinal'] as const).map(ties => [`${ties}Rank0`, l.rankDescending(first, { ties })])),
    };
  }) as never,
  rankCorrelation: (({ a, b }: { a: number[]; b: number[] }) => ({ kendallTau: kendalltau(a, b).statistic, spearman: spearmanr(a, b).statistic })) as never,
};

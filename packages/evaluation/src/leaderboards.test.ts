import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as leaderboards from './leaderboards.js';

describe('parity: leaderboards', () => {
  it.each(parityCases('evaluation/leaderboards', leaderboards, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const rating = fc.double({ min: 500, max: 3000, noNaN: true });
  it('a game moves two ratings by as much, and never the wrong way', () => {
    fc.assert(
      fc.property(rating, rating, fc.constantFrom(0, 0.5, 1), (a, b, outcome) => {
        const [after, other] = [leaderboards.computeEloRating(a, b, outcome), leaderboards.computeEloRating(b, a, 1 - outcome)];
        return Math.abs(after + other - a - b) < 1e-6 && (outcome !== 1 || after >= a) && (outcome !== 0 || after <= a);
      }),
      { numRuns: 100 },
    );
  });
  it('a ranking has every rank once, in the order of the scores', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), scores => {
        const ranked = leaderboards.calculateRanking(scores.map((score, index) => leaderboards.createLeaderboardEntry(`m${index}`, { score }, 1, '')));
        const means = ranked.map(leaderboards.computeAverageScore);
        return ranked.every((entry, index) => entry.rank === index + 1 && (index === 0 || means[index - 1]! >= means[index]!));
      }),
      { numRuns: 100 },
    );
  });
  it('entries are added, found and counted', () => {
    const board = leaderboards.createLeaderboard(leaderboards.createLeaderboardConfig('ours'));
    leaderboards.addEntry(board, leaderboards.createLeaderboardEntry('b', { f1: 0.5 }, 2, '2026-01-01'));
    leaderboards.addEntry(board, leaderboards.createLeaderboardEntry('a', { f1: 0.9 }, 1, '2026-01-01'));
    expect(leaderboards.getTopEntries(board).map(entry => entry.modelName)).toEqual(['a', 'b']);
    expect(leaderboards.findEntryByModel(board, 'b')?.rank).toBe(2);
    expect(leaderboards.findEntryByModel(board, 'c')).toBeNull();
    expect(leaderboards.createLeaderboardStats(board)).toMatchObject({ totalModels: 2, topScore: 0.9 });
    expect(leaderboards.createSubmission('m', 'org/m', { metadata: { seed: 1 } })).toMatchObject({ metadata: { seed: 1 } });
    expect(leaderboards.parseSubmissionResult({ submission_id: '1', status: 'completed', scores: [{ metric_name: 'f1', score: 0.5 }] }).scores).toEqual([
      { metricName: 'f1', score: 0.5, isHigherBetter: true },
    ]);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(leaderboards.LeaderboardConfig),
    ...sweep(leaderboards.SubmissionConfig),
    ...sweep(leaderboards.LeaderboardStats),
    ...sweep(leaderboards.LeaderboardEntry),
    ...sweep(leaderboards.Leaderboard),
    ...sweepEnum('LeaderboardType', leaderboards.LeaderboardType, { list: leaderboards.listLeaderboardTypes, get: leaderboards.getLeaderboardType }),
    ...sweepEnum('RankingMethod', leaderboards.RankingMethod, { list: leaderboards.listRankingMethods, get: leaderboards.getRankingMethod }),
    ...sweepEnum('LeaderboardCategory', leaderboards.LeaderboardCategory, { list: leaderboards.listCategories, get: leaderboards.getCategory }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => leaderboards.parseSubmissionResult({ submission_id: '1' }), 'response must have status'],
    [() => leaderboards.parseSubmissionResult({ submission_id: '1', status: 'failed', scores: [{}] }), 'response.scores[0] must have metric_name and score'],
    [() => leaderboards.computeEloRating(0, 1e6, 1), 'is out of range'],
    [() => leaderboards.computeEloRating(1, 1, 2), 'outcome must be'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { NumpyRandom } from '@gtc/tensor/random';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as benchmarks from '../../benchmarks.js';
import * as l from '../../leaderboards.js';
import { ratingAnswers } from './evidence.fixture.js';

describe('evidence: ratings', () => {
  it.each(evidenceCases('evaluation/ratings', ratingAnswers, import.meta.url, '../../../evidence/ratings.json'))('$name', e => e.run());
});

/** Games of players whose strengths are known. */
function tournament(strengths: readonly number[], count: number, seed: number): l.Game[] {
  const random = new NumpyRandom(seed);
  return Array.from({ length: count }, (): l.Game => {
    const [a, b] = random.choice(strengths.length, 2, { replace: false }) as [number, number];
    return [a, b, random.random() < l.winProbability(strengths[a]!, strengths[b]!) ? 1 : 0];
  });
}

describe('laws', () => {
  it('Elo keeps the sum of ratings', () => {
    fc.assert(
      fc.property(fc.nat(1000), seed => {
        const ratings = l.eloRatings(tournament([0, 1, 2], 30, seed), 3);
        expect(ratings.reduce((a, b) => a + b)).toBeCloseTo(3000, 8);
      }),
      { numRuns: 100 },
    );
  });
  it('intervals hold the true strengths about as often as promised', () => {
    const truth = [-0.8, -0.1, 0.2, 0.7];
    let [held, total] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const wins = tournament(truth, 200, seed).map(([a, b, outcome]): l.Win => (outcome === 1 ? [a, b] : [b, a]));
      for (const [i, [low, high]] of l.bradleyTerry(wins, 4).intervals.entries()) {
        total++;
        if (low <= truth[i]! && truth[i]! <= high) held++;
      }
    }
    expect(held / total).toBeGreaterThan(0.9);
    expect(held / total).toBeLessThan(0.995);
  });
  it('the bootstrap and the curvature agree', () => {
    const games = tournament([-0.5, 0, 0.5], 400, 1);
    const [curved, drawn] = [l.arenaRatings(games, 3), l.arenaRatings(games, 3, { nBootstrap: 300, seed: 1 })];
    for (const [i, entry] of curved.entries()) {
      expect(drawn[i]!.rating).toBeCloseTo(entry.rating, 9);
      expect(Math.abs(entry.high - entry.low - (drawn[i]!.high - drawn[i]!.low)) / (entry.high - entry.low)).toBeLessThan(0.25);
    }

    expect(curved[2]!.rating).toBeGreaterThan(curved[0]!.rating);
  });
  it('pass@k grows with k and with what passed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(100), fc.nat(100), (n, a, b) => {
        const [c, k] = [a % n, 1 + (b % (n - 1))];
        const value = benchmarks.passAtK({ n, c, k });
        expect(benchmarks.passAtK({ n, c, k: k + 1 })).toBeGreaterThanOrEqual(value - 1e-12);
        expect(benchmarks.passAtK({ n, c: c + 1, k })).toBeGreaterThanOrEqual(value - 1e-12);
        expect(benchmarks.passHatK({ n, c, k })).toBeLessThanOrEqual(value + 1e-12);
      }),
      { numRuns: 100 },
    );
  });
});

describe('choices', () => {
  const games: l.Game[] = [
    [0, 1, 1],
    [0, 1, 0],
    [0, 1, 1],
    [1, 2, 0.5],
  ];
  it('an anchor keeps its rating and has no interval', () => {
    const [anchor, other] = l.arenaRatings(games, 3, { anchor: { player: 0, rating: 1200 } });
    expect(anchor).toMatchObject({ rating: 1200, low: 1200, high: 1200, games: 3 });
    expect(other!.high).toBeGreaterThan(other!.low);
  });
  it('a penalty makes up for missing losses, draws included', () => {
    const won: l.Game[] = [
      [0, 1, 1],
      [0, 2, 1],
      [1, 2, 1],
    ];
    expect(l.arenaRatings(won, 3, { alpha: 0.1 }).map(entry => entry.player)).toEqual([0, 1, 2]);
    expect(l.arenaRatings(games, 3, { nBootstrap: 20 })[0]!.low).toBeLessThan(1100);
  });
  it('compares two estimates', () => {
    expect(l.probabilityStronger(1, 0.3, 0, 0.4)).toBeCloseTo(0.9772498680518208, 12);
  });
  it('items that were never ranked get what alpha gives', () => {
    const params = l.plackettLuce([[0, 1]], 3, { alpha: 0.1 });
    expect(params[0]).toBeGreaterThan(params[2]!);
    expect(params[2]).toBeGreaterThan(params[1]!);
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['player', () => l.eloRatings([[0, 5, 1]], 2), 'games[0][1] must be in [0, 2), got 5'],
    ['outcome', () => l.eloRatings([[0, 1, 2]], 2), 'games[0][2] must be one of 0, 0.5, 1, got 2'],
    ['twice', () => l.eloRatings([[1, 1, 1]], 2), 'games[0] must be of two players, got 1 twice'],
    ['no games', () => l.bradleyTerry([], 2), 'games cannot be empty'],
    ['unbeaten', () => l.arenaRatings([[0, 1, 1]], 2), 'games must lead from every player to every other one'],
    ['alpha', () => l.bradleyTerry([[0, 1]], 2, { alpha: -1 }), 'alpha must be non-negative, got -1'],
    ['base', () => l.arenaRatings([[0, 1, 0.5]], 2, { base: 1 }), 'base must be greater than 1, got 1'],
    ['anchor', () => l.arenaRatings([[0, 1, 0.5]], 2, { anchor: { player: 2, rating: 1 } }), 'anchor.player must be in [0, 2), got 2'],
    ['ranked twice', () => l.plackettLuce([[0, 0]], 2), 'rankings[0] must name an item once, got 0, 0'],
    ['one model', () => l.aggregateRanks([[1]]), 'scores must have at least two rows of one length, got 1 rows'],
    ['scores', () => l.aggregateRanks([[1], [Number.NaN]]), 'scores[1][0] must be finite, got NaN'],
    ['k', () => benchmarks.passAtK({ n: 2, c: 1, k: 3 }), 'k must be in [1, 2], got 3'],
    ['c', () => benchmarks.passHatK({ n: 2, c: 3, k: 1 }), 'c must be in [0, 2], got 3'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as m from '../../metrics.js';
import { rankingAnswers } from './evidence-ranking.fixture.js';

describe('evidence: ranking_clustering', () => {
  it.each(evidenceCases('evaluation/ranking_clustering', rankingAnswers, import.meta.url, '../../../evidence/ranking_clustering.json'))('$name', c => c.run());
});

describe('laws', () => {
  const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 40 });
  it('names of clusters do not matter, and both sides may change places', () => {
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const n = Math.min(a.length, b.length);
        const [x, y] = [a.slice(0, n), b.slice(0, n)];
        const renamed = y.map(value => `c${3 - value}`);
        for (const score of [m.randScore, m.adjustedRandScore, m.mutualInfoScore, m.adjustedMutualInfoScore, m.fowlkesMallowsScore]) {
          expect(score(x, renamed)).toBeCloseTo(score(x, y), 9);
          expect(score(y, x)).toBeCloseTo(score(x, y), 9);
        }
      }),
      { numRuns: 100 },
    );
  });
  it('a partition agrees with itself', () => {
    fc.assert(
      fc.property(labels, a => {
        expect(m.adjustedRandScore(a, a)).toBe(1);
        expect(m.homogeneityCompletenessVMeasure(a, a).vMeasure).toBeCloseTo(1, 12);
        expect(m.mutualInfoScore(a, a)).toBeCloseTo(m.labelEntropy(a), 12);
      }),
      { numRuns: 100 },
    );
  });
  it('the ideal ranking has gain 1, and the number of places never lowers DCG', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 20 }), relevance => {
        fc.pre(relevance.some(value => value > 0));
        expect(m.ndcgScore([relevance], [relevance])).toBeCloseTo(1, 12);
        const gains = relevance.map((_, k) => m.dcgScore([relevance], [[...relevance].reverse()], { k: k + 1 }));
        for (const [k, gain] of gains.entries()) if (k > 0) expect(gain).toBeGreaterThanOrEqual(gains[k - 1]! - 1e-12);
      }),
      { numRuns: 100 },
    );
  });
});

describe('edges', () => {
  it('points that coincide have no shape', () => {
    expect(m.daviesBouldinScore([[1], [1], [2], [2]], [0, 0, 1, 1])).toBe(0);
    expect(m.calinskiHarabaszScore([[1], [1], [2], [2]], [0, 0, 1, 1])).toBe(1);
  });
  it('weights queries', () => {
    expect(
      m.ndcgScore(
        [
          [1, 0],
          [1, 0],
        ],
        [
          [1, 0],
          [0, 1],
        ],
        { sampleWeight: [1, 0] },
      ),
    ).toBe(1);
  });
  it.each<[string, () => unknown, string]>([
    ['rows', () => m.dcgScore([[1, 2]], [[1]]), 'yScore must have 2 columns in row 0, got 1'],
    ['NaN', () => m.ndcgScore([[1, 2]], [[1, Number.NaN]]), 'yScore must be finite, got NaN in row 0'],
    ['base', () => m.dcgScore([[1, 2]], [[1, 2]], { logBase: 1 }), 'logBase must be greater than 1, got 1'],
    ['k', () => m.ndcgScore([[1, 2]], [[1, 2]], { k: 0 }), 'k must be positive, got 0'],
    ['runs', () => m.retrievalMetrics([], []), 'runs cannot be empty'],
    ['average', () => m.normalizedMutualInfoScore([0], [0], { averageMethod: 'mean' as never }), 'averageMethod must be one of arithmetic'],
    ['metric', () => m.silhouetteScore([[0], [1]], [0, 1], { metric: 'l3' as never }), 'metric must be one of cosine'],
    ['clusters', () => m.inertia([[0], [1]], [0, 1]), 'labels must name from 2 to 1 clusters of 2 points, got 2'],
    ['ragged', () => m.inertia([[0], [1, 2]], [0, 1]), 'x must have 1 columns in every row, got 2 in row 1'],
    ['infinite', () => m.inertia([[0], [Number.POSITIVE_INFINITY]], [0, 1]), 'x must be finite, got Infinity in row 1'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

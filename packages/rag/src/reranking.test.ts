import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reranking from './reranking.js';

describe('parity: reranking', () => {
  it.each(parityCases('rag/reranking', reranking, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const ranks = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
  it('a better rank and another result raise a reciprocal-rank score', () => {
    fc.assert(
      fc.property(ranks, fc.integer({ min: 1, max: 100 }), (list, k) => {
        const score = reranking.calculateRrfScore(list, { k });
        return (
          reranking.calculateRrfScore([...list, 5], { k }) > score &&
          reranking.calculateRrfScore(
            list.map(rank => rank + 1),
            { k },
          ) < score
        );
      }),
      { numRuns: 100 },
    );
  });
  it('a mean lies between its scores and does not depend on the scale of the weights', () => {
    const score = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(score, fc.double({ min: 0.1, max: 10, noNaN: true })), { minLength: 1, maxLength: 8 }), pairs => {
        const [scores, weights] = [pairs.map(pair => pair[0]), pairs.map(pair => pair[1])];
        const mean = reranking.calculateLinearFusion(scores, { weights });
        const scaled = reranking.calculateLinearFusion(scores, { weights: weights.map(weight => 2 * weight) });
        return mean >= Math.min(...scores) - 1e-12 && mean <= Math.max(...scores) + 1e-12 && Math.abs(mean - scaled) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
});

describe('RerankResult', () => {
  it('counts places won and lost', () => {
    const result = (originalRank: number, newRank: number) =>
      new reranking.RerankResult('a', { content: '', originalRank, newRank, originalScore: 0, newScore: 1 });
    expect([result(5, 2).rankChange, result(1, 3).rankChange]).toEqual([3, -2]);
    expect(() => result(0, 1)).toThrow('originalRank must be positive, got 0');
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(reranking.RerankerConfig),
    ...sweep(reranking.FusionConfig),
    ...sweep(reranking.RerankerResult),
    ...sweep(reranking.HybridSearchConfig),
    ...sweepEnum('RerankerType', reranking.RerankerType, { list: reranking.listRerankerTypes, get: reranking.getRerankerType }),
    ...sweepEnum('FusionMethod', reranking.FusionMethod, { list: reranking.listFusionMethods, get: reranking.getFusionMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => reranking.calculateRrfScore([1, 0]), 'ranks[1] must be positive, got 0'],
    [() => reranking.calculateLinearFusion([1], { weights: [0] }), 'sum of weights must be positive, got 0'],
    [() => reranking.createHybridSearchConfig({ denseWeight: 0, sparseWeight: 0 }), 'denseWeight + sparseWeight must be positive'],
    [() => reranking.createFusionConfig({ weights: [-1] }), 'weights[0] must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

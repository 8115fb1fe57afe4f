import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as hybridSearch from './hybrid-search.js';

describe('parity: hybrid_search', () => {
  it.each(parityCases('rag/hybrid_search', hybridSearch, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const ranks = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 })
    .map(ids => Object.fromEntries([...new Set(ids)].map((id, index) => [id, index + 1])));
  it.each(hybridSearch.listFusionMethods())('%s ranks every document once, the best first', fusionMethod => {
    fc.assert(
      fc.property(ranks, ranks, (dense, sparse) => {
        const fused = hybridSearch.fuseRankings(dense, sparse, { fusionMethod });
        return (
          fused.length === new Set([...Object.keys(dense), ...Object.keys(sparse)]).size &&
          fused.every(([, score], index) => index === 0 || score <= fused[index - 1]![1])
        );
      }),
      { numRuns: 100 },
    );
  });
  it('a word that is there more often or in fewer documents counts more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 500 }), (tf, df) => {
        const score = hybridSearch.calculateBm25Score(tf, df, 100, 100, 1000);
        return hybridSearch.calculateBm25Score(tf + 1, df, 100, 100, 1000) > score && hybridSearch.calculateBm25Score(tf, df + 1, 100, 100, 1000) <= score;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(hybridSearch.BM25Config),
    ...sweep(hybridSearch.SparseConfig, () => hybridSearch.createSparseConfig()),
    ...sweep(hybridSearch.HybridConfig, () => hybridSearch.createHybridConfig()),
    ...sweep(hybridSearch.HybridSearchResult, () => hybridSearch.createHybridSearchResult(['a'], [1])),
    ...sweepEnum('SparseMethod', hybridSearch.SparseMethod, { list: hybridSearch.listSparseMethods, get: hybridSearch.getSparseMethod }),
    ...sweepEnum('FusionMethod', hybridSearch.FusionMethod, { list: hybridSearch.listFusionMethods, get: hybridSearch.getFusionMethod }),
    ...sweepEnum('RetrievalMode', hybridSearch.RetrievalMode, { list: hybridSearch.listRetrievalModes, get: hybridSearch.getRetrievalMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => hybridSearch.calculateBm25Score(1, 0, 1, 1, 1), 'df must be positive, got 0'],
    [() => hybridSearch.calculateBm25Score(1, 2, 1, 1, 1), 'df must be at most numDocs (1), got 2'],
    [() => hybridSearch.createHybridSearchResult(['a'], [1], { denseScores: [] }), 'docIds and denseScores must have the same length, got 1 and 0'],
    [() => hybridSearch.fuseRankings({}, {}, { k: 0 }), 'k must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

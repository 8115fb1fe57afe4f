import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as vectorstore from './vectorstore.js';

describe('parity: vectorstore', () => {
  it.each(parityCases('rag/vectorstore', vectorstore, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('settings of an index are always sound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2e7 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 200 }),
        (vectors, recallTarget, latencyBudgetMs) => {
          const { index_type: indexType, nlist, nprobe, ef_search: efSearch } = vectorstore.optimizeIndexParams(vectors, 64, { recallTarget, latencyBudgetMs });
          return vectorstore.createIndexConfig({ indexType, nlist, nprobe, efSearch }).nlist === nlist;
        },
      ),
      { numRuns: 100 },
    );
  });
  it.each(vectorstore.listIndexTypes())('%s grows with its vectors', indexType => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (a, b) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)];
        return (
          vectorstore.calculateIndexSize(few, 8, indexType) <= vectorstore.calculateIndexSize(many, 8, indexType) &&
          vectorstore.estimateSearchLatency(few, indexType) <= vectorstore.estimateSearchLatency(many, indexType)
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(vectorstore.IndexConfig),
    ...sweep(vectorstore.VectorStoreConfig, () => vectorstore.createVectorstoreConfig()),
    ...sweep(vectorstore.SearchResult, () => vectorstore.createSearchResult(['a'], [0.5])),
    ...sweepEnum('VectorStoreType', vectorstore.VectorStoreType, { list: vectorstore.listStoreTypes, get: vectorstore.getStoreType }),
    ...sweepEnum('IndexType', vectorstore.IndexType, { list: vectorstore.listIndexTypes, get: vectorstore.getIndexType }),
    ...sweepEnum('DistanceMetric', vectorstore.DistanceMetric, { list: vectorstore.listDistanceMetrics, get: vectorstore.getDistanceMetric }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => vectorstore.createIndexConfig({ nlist: 5 }), 'nprobe must be at most nlist (5), got 10'],
    [() => vectorstore.createSearchResult(['a'], [0.5], { vectors: [[1], [2]] }), 'vectors must be empty or as many as ids (1), got 2'],
    [() => vectorstore.calculateRecallAtK(2, 1, 1), 'relevantRetrieved must be at most totalRelevant (1), got 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

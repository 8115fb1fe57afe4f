import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as retrieval from './retrieval.js';

describe('parity: retrieval', () => {
  it.each(parityCases('rag/retrieval', retrieval, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('more documents and a reranker never make a search faster', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(100), (a, b, topK) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)];
        return retrieval.estimateRetrievalLatency(few, topK) <= retrieval.estimateRetrievalLatency(many, topK, { useRerank: true });
      }),
      { numRuns: 100 },
    );
  });
  it('a dot product is symmetric', () => {
    const vector = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(vector, vector, (a, b) => retrieval.dotProduct(a, b) === retrieval.dotProduct(b, a)),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(retrieval.ChunkingConfig),
    ...sweep(retrieval.DocumentChunk),
    ...sweep(retrieval.RAGConfig),
    ...sweep(retrieval.RetrievalResult, () => retrieval.createRetrievalResult(retrieval.createDocumentChunk('text', 'c1', 'd1'), 0.5, 1)),
    ...sweepEnum('ChunkingStrategy', retrieval.ChunkingStrategy, { list: retrieval.listChunkingStrategies, get: retrieval.getChunkingStrategy }),
    ...sweepEnum('DistanceMetric', retrieval.DistanceMetric, { list: retrieval.listDistanceMetrics, get: retrieval.getDistanceMetric }),
    ...sweepEnum('RetrievalMethod', retrieval.RetrievalMethod, { list: retrieval.listRetrievalMethods, get: retrieval.getRetrievalMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => retrieval.createRagConfig({ topK: 3 }), 'rerankTopK must be at most topK (3), got 5'],
    [() => retrieval.calculateChunkCount(10, 5, 5), 'overlap must be less than chunkSize (5), got 5'],
    [() => retrieval.dotProduct([1], [1, 2]), 'a and b must have the same length, got 1 and 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

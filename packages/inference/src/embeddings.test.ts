import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as embeddings from './embeddings.js';

describe('parity: embeddings', () => {
  it.each(parityCases('inference/embeddings', embeddings, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const vector = fc.array(value, { minLength: 3, maxLength: 3 });
  it('the cosine is symmetric and lies in [-1, 1]', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const cosine = embeddings.cosineSimilarity(a, b);
        return Math.abs(cosine) <= 1 + 1e-9 && Math.abs(cosine - embeddings.cosineSimilarity(b, a)) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it('normalized rows have length 1, and a mean under equal weights is the mean', () => {
    fc.assert(
      fc.property(
        fc.array(
          vector.filter(row => Math.hypot(...row) > 1e-3),
          { minLength: 1, maxLength: 5 },
        ),
        rows => {
          const weighted = embeddings.computePooledEmbedding(rows, { strategy: 'weighted_mean', weights: rows.map(() => 2) });
          return (
            embeddings.normalizeEmbeddings(rows).every(row => Math.abs(Math.hypot(...row) - 1) < 1e-9) &&
            embeddings.computePooledEmbedding(rows).every((mean, column) => Math.abs(mean - weighted[column]!) < 1e-9)
          );
        },
      ),
      { numRuns: 100 },
    );
  });
  it('chunks hold all words, and no chunk lies within another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 9 }), fc.nat(8), (count, chunkSize, overlap) => {
        fc.pre(overlap < chunkSize);
        const words = Array.from({ length: count }, (_, index) => `w${index}`);
        const chunks = embeddings.chunkText(words.join(' '), { chunkSize, overlap });
        return (
          new Set(chunks.join(' ').split(' ')).size === count &&
          chunks.at(-1)!.endsWith(words.at(-1)!) &&
          chunks.slice(0, -1).every(chunk => !chunk.endsWith(words.at(-1)!))
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(embeddings.PoolingConfig, () => embeddings.createPoolingConfig()),
    ...sweep(embeddings.EmbeddingConfig, () => embeddings.createEmbeddingConfig()),
    ...sweep(embeddings.EmbeddingResult, () => embeddings.createEmbeddingResult([[0.5]], [101], [1])),
    ...sweep(embeddings.EmbeddingStats),
    ...sweepEnum('PoolingStrategy', embeddings.PoolingStrategy, { list: embeddings.listPoolingStrategies, get: embeddings.getPoolingStrategy }),
    ...sweepEnum('EmbeddingNormalization', embeddings.EmbeddingNormalization, {
      list: embeddings.listEmbeddingNormalizations,
      get: embeddings.getEmbeddingNormalization,
    }),
    ...sweepEnum('SimilarityMetric', embeddings.SimilarityMetric, { list: embeddings.listSimilarityMetrics, get: embeddings.getSimilarityMetric }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => embeddings.normalizeVector([0, 0]), 'vec must not be zero'],
    [() => embeddings.computePooledEmbedding([[1, 2], [3]]), 'embeddings[0] and embeddings[1] must have the same length, got 2 and 1'],
    [() => embeddings.computePooledEmbedding([[1]], { strategy: 'weighted_mean' }), 'weights cannot be null'],
    [() => embeddings.createPoolingConfig({ layerWeights: [0.5] }), 'layerWeights must sum to 1, got 0.5'],
    [() => embeddings.createEmbeddingResult([[1]], [1, 2], [1]), 'attentionMask and tokens must have the same length, got 1 and 2'],
    [() => embeddings.chunkText('a', { chunkSize: 2, overlap: 2 }), 'overlap must be in [0, 2), got 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as indexing from './indexing.js';

describe('parity: indexing', () => {
  it.each(parityCases('rag/indexing', indexing, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a search looks into one cell at least and into all at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e8 }), fc.double({ min: 0.001, max: 1, noNaN: true }), (vectors, recallTarget) => {
        const cells = indexing.calculateOptimalNlist(vectors);
        const probed = indexing.calculateOptimalNprobe(cells, { recallTarget });
        return indexing.createFaissConfig({ nlist: cells, nprobe: probed }).nprobe >= 1;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(indexing.FAISSConfig),
    ...sweep(indexing.ChromaConfig),
    ...sweep(indexing.IndexConfig),
    ...sweep(indexing.SearchConfig),
    ...sweep(indexing.IndexStats),
    ...sweepEnum('FAISSIndexType', indexing.FAISSIndexType, { list: indexing.listFaissIndexTypes, get: indexing.getFaissIndexType }),
    ...sweepEnum('VectorStoreBackend', indexing.VectorStoreBackend, { list: indexing.listBackends, get: indexing.getBackend }),
    ...sweepEnum('DistanceFunction', indexing.DistanceFunction, { list: indexing.listDistanceFunctions, get: indexing.getDistanceFunction }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => indexing.createFaissConfig({ nlist: 5 }), 'nprobe must be at most nlist (5), got 10'],
    [() => indexing.estimateIndexSize(1, 1, 'tree' as never), 'indexType must be one of flat, hnsw, ivf_flat, ivf_pq, lsh'],
    [() => indexing.calculateOptimalNprobe(10, { recallTarget: 0 }), 'recallTarget must be in (0, 1], got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as kvCache from './kv-cache.js';

describe('parity: kv_cache', () => {
  it.each(parityCases('inference/kv_cache', kvCache, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const size = fc.integer({ min: 1, max: 256 });
  it('a page is a power of two that fits, and twice as much does not', () => {
    fc.assert(
      fc.property(size, size, size, (headDim, numHeads, kb) => {
        const page = kvCache.calculateOptimalPageSize(headDim, numHeads, { targetMemoryKb: kb });
        const bytes = 4 * headDim * numHeads;
        return Number.isInteger(Math.log2(page)) && (page === 1 || page * bytes <= kb * 1024) && 2 * page * bytes > kb * 1024;
      }),
      { numRuns: 100 },
    );
  });
  it('as many sequences fit as are estimated', () => {
    fc.assert(
      fc.property(size, size, size, (layers, heads, length) => {
        const count = kvCache.estimateMaxSequences(16, layers, heads, 64, length);
        return count === 1 || kvCache.calculateCacheMemory(layers, heads, 64, length, { batchSize: count }) <= 16 * 0.8;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(kvCache.KVCacheManagementConfig),
    ...sweep(kvCache.PagedAttentionConfig),
    ...sweep(kvCache.CacheEntry),
    ...sweepEnum('EvictionPolicy', kvCache.EvictionPolicy, { list: kvCache.listEvictionPolicies, get: kvCache.getEvictionPolicy }),
    ...sweepEnum('CacheCompression', kvCache.CacheCompression, { list: kvCache.listCacheCompressions, get: kvCache.getCacheCompression }),
    ...sweepEnum('PagedAttentionMode', kvCache.PagedAttentionMode, { list: kvCache.listPagedAttentionModes, get: kvCache.getPagedAttentionMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => kvCache.estimateMaxSequences(Number.NaN, 1, 1, 1, 1), 'availableMemoryGb must be finite, got NaN'],
    [() => kvCache.calculateCompressionSavings('int4' as never, 'int8'), "originalDtype must be one of bfloat16, float16, float32, int8, got 'int4'"],
    [() => kvCache.calculateCacheMemory(1, 0, 1, 1), 'numHeads must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

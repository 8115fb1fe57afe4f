import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as caching from './caching.js';

describe('parity: caching', () => {
  it.each(parityCases('inference/caching', caching, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('rates lie in [0, 1], and savings grow with them', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.double({ min: 2, max: 1000, noNaN: true }), (hits, misses, latency) => {
        const rate = caching.calculateCacheHitRate(hits, misses);
        return rate >= 0 && rate <= 1 && caching.estimateLatencySavings(rate, latency) <= caching.estimateLatencySavings(1, latency) + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('a cache never takes more than there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 1e6 }), (memory, rate, prompts) => {
        const size = caching.optimizeCacheSize(memory, rate, 4, prompts);
        return size >= 1 && size <= memory;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(caching.CacheConfig),
    ...sweep(caching.PrefixConfig),
    ...sweep(caching.SemanticCacheConfig),
    ...sweep(caching.CacheStats),
    ...sweepEnum('CacheType', caching.CacheType, { list: caching.listCacheTypes, get: caching.getCacheType }),
    ...sweepEnum('EvictionPolicy', caching.EvictionPolicy, { list: caching.listEvictionPolicies, get: caching.getEvictionPolicy }),
    ...sweepEnum('CacheBackend', caching.CacheBackend, { list: caching.listCacheBackends, get: caching.getCacheBackend }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => caching.calculateCacheHitRate(0, -1), 'misses must be non-negative, got -1'],
    [() => caching.optimizeCacheSize(1, 0.5, Number.NaN, 5), 'avgEntrySizeKb must be in (0, Infinity], got NaN'],
    [() => caching.getRecommendedCacheConfig('poetry'), "useCase must be one of api, chatbot, development, got 'poetry'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

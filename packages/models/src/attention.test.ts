import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as attention from './attention.js';

describe('parity: attention', () => {
  it.each(parityCases('models/attention', attention, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every factor of the cache counts in proportion', () => {
    const size = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(size, size, size, size, size, (batch, length, layers, heads, width) => {
        const once = attention.calculateKvCacheSize(batch, length, layers, heads, width);
        return (
          attention.calculateKvCacheSize(2 * batch, length, layers, heads, width) === 2 * once &&
          attention.calculateKvCacheSize(batch, 2 * length, layers, heads, width) === 2 * once
        );
      }),
      { numRuns: 100 },
    );
  });
  it('operations are quadratic in length, memory between linear and quadratic', () => {
    const size = fc.integer({ min: 1, max: 64 });
    fc.assert(
      fc.property(size, size, size, size, (batch, length, heads, width) => {
        const ratio = attention.calculateAttentionMemory(batch, 2 * length, heads, width) / attention.calculateAttentionMemory(batch, length, heads, width);
        return (
          attention.estimateAttentionFlops(batch, 2 * length, heads, width) === 4 * attention.estimateAttentionFlops(batch, length, heads, width) &&
          ratio > 2 &&
          ratio < 4
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(attention.AttentionConfig),
    ...sweep(attention.FlashAttentionConfig),
    ...sweep(attention.GroupedQueryConfig),
    ...sweep(attention.AttentionStats),
    ...sweepEnum('AttentionType', attention.AttentionType, { list: attention.listAttentionTypes, get: attention.getAttentionType }),
    ...sweepEnum('AttentionMask', attention.AttentionMask, { list: attention.listAttentionMasks, get: attention.getAttentionMask }),
    ...sweepEnum('AttentionImplementation', attention.AttentionImplementation, {
      list: attention.listAttentionImplementations,
      get: attention.getAttentionImplementation,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => attention.getRecommendedAttentionConfig('8b'), "modelSize must be one of 13b, 70b, 7b, got '8b'"],
    [() => attention.calculateAttentionMemory(1, 0, 1, 1), 'seqLen must be positive, got 0'],
    [() => attention.createFlashAttentionConfig({ windowSize: 0 }), 'windowSize must be -1 or positive, got 0'],
    [() => attention.formatAttentionStats(null as never), 'stats cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

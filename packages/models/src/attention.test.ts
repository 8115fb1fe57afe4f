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

describe('calculateAttentionComplexity', () => {
  const cost = attention.calculateAttentionComplexity;
  it('flash attention multiplies as much and holds a row, linear attention grows with the length only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), n => {
        const [standard, flash] = [cost('standard', n), cost('flash_v2', n)];
        const linear = cost('linear', 2 * n).operations === 2 * cost('linear', n).operations;
        return standard.operations === flash.operations && standard.scores === n * n && flash.scores === n && linear;
      }),
      { numRuns: 100 },
    );
  });
  it('a window as wide as the sequence is no window', () => {
    expect(cost('sparse', 100, { windowSize: 500 }).operations).toBe(cost('grouped_query', 100).operations);
    expect(cost('sparse', 1000, { windowSize: 10 })).toMatchObject({ memory: 'O(n·w)', scores: 10000 });
  });
  it('says what is wrong', () => {
    expect(() => cost('dense' as never, 1)).toThrow(
      "attentionType must be one of flash, flash_v2, grouped_query, linear, multi_query, sparse, standard, got 'dense'",
    );
    expect(() => cost('flash', 0)).toThrow('seqLen must be positive, got 0');
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

import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as optimization from './optimization.js';

describe('parity: optimization', () => {
  it.each(parityCases('inference/optimization', optimization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a speed-up grows with the rate of acceptance', () => {
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 32 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        return optimization.calculateSpeculativeSpeedup(low, count) <= optimization.calculateSpeculativeSpeedup(high, count);
      }),
      { numRuns: 100 },
    );
  });
  it('a cache takes twice as much in twice the bytes', () => {
    const config = optimization.createKvCacheConfig();
    expect(optimization.estimateKvCacheMemory(config, { dtypeBytes: 4 })).toBe(2 * optimization.estimateKvCacheMemory(config));
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(optimization.KVCacheConfig),
    ...sweep(optimization.FlashAttentionConfig),
    ...sweep(optimization.SpeculativeDecodingConfig),
    ...sweep(optimization.QuantizedKVConfig),
    ...sweep(optimization.ContinuousBatchingConfig),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => optimization.calculateSpeculativeSpeedup(0.5, 4, { draftLatencyRatio: 1 }), 'draftLatencyRatio must be in (0, 1), got 1'],
    [() => optimization.getRecommendedAttention('giant'), "modelSize must be one of large, medium, small, xlarge, got 'giant'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

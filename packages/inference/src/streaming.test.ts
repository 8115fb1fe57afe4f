import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as streaming from './streaming.js';

describe('parity: streaming', () => {
  it.each(parityCases('inference/streaming', streaming, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('rate and duration are each other’s inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0.01, max: 1e4, noNaN: true }), (tokens, seconds) => {
        const duration = streaming.estimateStreamDuration(tokens, streaming.calculateTokensPerSecond(tokens, seconds));
        return Math.abs(duration - seconds) < 1e-9 * seconds;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(streaming.StreamConfig),
    ...sweep(streaming.ChunkConfig),
    ...sweep(streaming.BufferConfig),
    ...sweepEnum('StreamingMode', streaming.StreamingMode, { list: streaming.listStreamingModes, get: streaming.getStreamingMode }),
    ...sweepEnum('CallbackType', streaming.CallbackType, { list: streaming.listCallbackTypes, get: streaming.getCallbackType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => streaming.createChunkConfig({ minChunkTokens: 200 }), 'minChunkTokens must be at most maxChunkTokens (100), got 200'],
    [() => streaming.calculateTokensPerSecond(-1, 1), 'tokensGenerated must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

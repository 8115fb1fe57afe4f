import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as batching from './batching.js';

describe('parity: batching', () => {
  it.each(parityCases('inference/batching', batching, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const size = fc.integer({ min: 1, max: 1 << 16 });
  it('a budget never exceeds the batch, and throughput halves with twice the time', () => {
    fc.assert(
      fc.property(size, size, fc.double({ min: 0.01, max: 1, noNaN: true }), (batch, length, share) => {
        const rate = batching.estimateThroughput(batch, length, share);
        return (
          batching.calculateTokenBudget(batch, length, { budgetFraction: share }) <= batch * length &&
          Math.abs(batching.estimateThroughput(batch, length, 2 * share) * 2 - rate) < 1e-9 * rate
        );
      }),
      { numRuns: 100 },
    );
  });
  it('a greater memory never makes the batch smaller', () => {
    fc.assert(
      fc.property(
        size,
        size,
        size,
        (memory, more, length) => batching.calculateOptimalBatchSize(memory + more, length) >= batching.calculateOptimalBatchSize(memory, length),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(batching.BatchConfig),
    ...sweep(batching.QueueConfig),
    ...sweep(batching.LatencySLO),
    ...sweep(batching.BatchingStats),
    ...sweepEnum('BatchingStrategy', batching.BatchingStrategy, { list: batching.listBatchingStrategies, get: batching.getBatchingStrategy }),
    ...sweepEnum('SchedulingPolicy', batching.SchedulingPolicy, { list: batching.listSchedulingPolicies, get: batching.getSchedulingPolicy }),
    ...sweepEnum('QueueOverflowPolicy', batching.QueueOverflowPolicy, { list: batching.listQueueOverflowPolicies, get: batching.getQueueOverflowPolicy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => batching.calculateOptimalBatchSize(Number.NaN, 1), 'availableMemoryMb must be finite, got NaN'],
    [
      () => batching.checkSloCompliance(1, batching.createLatencySlo(), { percentile: 'p42' as never }),
      "percentile must be one of max, p50, p90, p99, got 'p42'",
    ],
    [() => batching.createLatencySlo({ p90Ms: 10 }), 'p90Ms must be at least p50Ms (50), got 10'],
    [() => batching.getRecommendedBatchingConfig({ hardware: 'abacus' as never }), 'hardware must be one of cpu, gpu_consumer, gpu_datacenter, tpu'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

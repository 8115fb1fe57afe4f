import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as parallelism from './parallelism.js';

describe('parity: parallelism', () => {
  it.each(parityCases('training/parallelism', parallelism, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a planned layout uses no more devices than there are and passes its own rules', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 500, noNaN: true }), fc.integer({ min: 1, max: 4096 }), (billions, gpus) => {
        const layout = parallelism.optimizeParallelismStrategy(billions, gpus);
        parallelism.validateParallelConfig(layout);
        return parallelism.calculateWorldSize(layout) <= gpus;
      }),
      { numRuns: 100 },
    );
  });
  it('overhead stays within a half', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 0, max: 6 }), (dpSize, power) => {
        const layout = parallelism.createParallelConfig({ dpSize, tpConfig: parallelism.createTensorParallelConfig({ tpSize: 2 ** power }) });
        const overhead = parallelism.estimateCommunicationOverhead(layout);
        return overhead >= 0 && overhead <= 0.5;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(parallelism.TensorParallelConfig, () => parallelism.createTensorParallelConfig({ tpSize: 4 })),
    ...sweep(parallelism.PipelineParallelConfig, () => parallelism.createPipelineParallelConfig({ ppSize: 2, numMicrobatches: 8 })),
    ...sweep(parallelism.ParallelFSDPConfig),
    ...sweep(parallelism.ParallelConfig, () => parallelism.createParallelConfig()),
    ...sweep(parallelism.ParallelStats),
    ...sweepEnum('ParallelismType', parallelism.ParallelismType, { list: parallelism.listParallelismTypes, get: parallelism.getParallelismType }),
    ...sweepEnum('ParallelShardingStrategy', parallelism.ParallelShardingStrategy, {
      list: parallelism.listShardingStrategies,
      get: parallelism.getShardingStrategy,
    }),
    ...sweepEnum('CommunicationBackend', parallelism.CommunicationBackend, {
      list: parallelism.listCommunicationBackends,
      get: parallelism.getCommunicationBackend,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => parallelism.createTensorParallelConfig({ tpSize: 3 }), 'tpSize must be a power of 2, got 3'],
    [() => parallelism.createPipelineParallelConfig({ ppSize: 8, numMicrobatches: 4 }), 'numMicrobatches must be at least ppSize 8, got 4'],
    [() => parallelism.createFsdpConfig({ shardingStrategy: 'no_shard', cpuOffload: true }), 'cpuOffload needs a shardingStrategy other than no_shard'],
    [() => parallelism.calculateMemoryPerDevice({ ...parallelism.createParallelConfig(), dpSize: 0 }), 'dpSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

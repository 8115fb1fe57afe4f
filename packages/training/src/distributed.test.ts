import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as distributed from './distributed.js';

describe('parity: distributed', () => {
  it.each(parityCases('training/distributed', distributed, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const size = fc.double({ min: 0.1, max: 500, noNaN: true });
  it('more sharding never takes more memory', () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 64 }), (params, worldSize) => {
        const totals = ['no_shard', 'shard_grad_op', 'full_shard'].map(
          shardingStrategy => distributed.estimateFsdpMemory(params, { shardingStrategy, worldSize }).totalMemoryGb,
        );
        const stages = ['stage_0', 'stage_1', 'stage_2', 'stage_3'].map(
          stage => distributed.estimateDeepspeedMemory(params, { stage, worldSize }).totalMemoryGb,
        );
        return [totals, stages].every(list => list.every((total, index) => index === 0 || total <= list[index - 1]!));
      }),
      { numRuns: 100 },
    );
  });
  it('full sharding and stage 3 take the same', () => {
    fc.assert(
      fc.property(size, params => {
        expect(distributed.estimateFsdpMemory(params)).toEqual(distributed.estimateDeepspeedMemory(params, { stage: 'stage_3' }));
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(distributed.FSDPConfig),
    ...sweep(distributed.DeepSpeedConfig),
    ...sweep(distributed.DistributedConfig, () => distributed.createDistributedConfig()),
    ...sweepEnum('ShardingStrategy', distributed.ShardingStrategy, { list: distributed.listShardingStrategies, get: distributed.getShardingStrategy }),
    ...sweepEnum('DeepSpeedStage', distributed.DeepSpeedStage, { list: distributed.listDeepspeedStages, get: distributed.getDeepspeedStage }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => distributed.estimateFsdpMemory(7, { worldSize: 0 }), 'worldSize must be positive, got 0'],
    [() => distributed.createFsdpConfig({ shardingStrategy: 'no_shard', cpuOffload: true }), 'cpuOffload needs a shardingStrategy other than no_shard'],
    [() => distributed.createDeepspeedConfig({ offloadParam: true }), 'offloadParam needs stage_3, got stage_2'],
    [() => distributed.createDistributedConfig({ worldSize: 8, numNodes: 2, gpusPerNode: 3 }), 'worldSize must be numNodes * gpusPerNode (6), got 8'],
    [() => distributed.createDistributedConfig({ localRank: 1 }), 'localRank must be in [0, gpusPerNode (1)), got 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

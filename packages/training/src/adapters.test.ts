import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as adapters from './adapters.js';

describe('parity: adapters', () => {
  it.each(parityCases('training/adapters', adapters, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a rank is a power of two that grows with the budget', () => {
    const budget = fc.double({ min: 0.1, max: 5000, noNaN: true });
    fc.assert(
      fc.property(budget, budget, (a, b) => {
        const [less, more] = [adapters.calculateLoraRank(7e9, Math.min(a, b)), adapters.calculateLoraRank(7e9, Math.max(a, b))];
        return less <= more && Number.isInteger(Math.log2(less)) && more <= 64;
      }),
      { numRuns: 100 },
    );
  });
  it.each(adapters.listAdapterTypes())('%s settles, counts and describes itself', adapterType => {
    const config = adapters.createAdapterConfig({ adapterType });
    const stats = adapters.createAdapterStats(config);
    expect(stats.trainableParams).toBe(adapters.calculateTrainableParams(adapterType, 7e9));
    expect(stats.trainablePercent).toBeLessThan(1);
    expect(adapters.getPeftConfigDict(config).peft_type).toBe(adapterType.toUpperCase());
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(adapters.LoRAConfig),
    ...sweep(adapters.QLoRAConfig),
    ...sweep(adapters.AdaLoRAConfig),
    ...sweep(adapters.IA3Config),
    ...sweep(adapters.PrefixTuningConfig),
    ...sweep(adapters.AdapterConfig, () => adapters.createAdapterConfig()),
    ...sweep(adapters.AdapterStats),
    ...sweepEnum('AdapterType', adapters.AdapterType, { list: adapters.listAdapterTypes, get: adapters.getAdapterType }),
    ...sweepEnum('TargetModules', adapters.TargetModules, { list: adapters.listTargetModules, get: adapters.getTargetModules }),
    ...sweepEnum('MergeStrategy', adapters.MergeStrategy, { list: adapters.listMergeStrategies, get: adapters.getMergeStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => adapters.createAdaloraConfig({ targetR: 20 }), 'targetR must be at most initR (12), got 20'],
    [() => adapters.calculateLoraRank(1, 1, { numLayers: 0 }), 'targetModules, numLayers and hiddenSize must not be 0'],
    [() => adapters.createLoraConfig({ targetModules: 'heads' }), "targetModules must be one of all, attention, mlp, got 'heads'"],
    [() => adapters.validateAdapterConfig({ ...adapters.createAdapterConfig({ adapterType: 'ia3' }), ia3Config: null }), 'ia3Config is required'],
    [() => adapters.mergeAdapterWeights([1], [1], { strategy: 'weighted', alpha: 0 }), 'alpha must be in (0, 1], got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

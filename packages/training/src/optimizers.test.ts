import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as optimizers from './optimizers.js';

describe('parity: optimizers', () => {
  it.each(parityCases('training/optimizers', optimizers, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('memory grows with the model and never beyond that of AdamW', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e11 }), fc.constantFrom(...optimizers.listOptimizerTypes()), (modelParams, optimizerType) => {
        const memory = optimizers.calculateOptimizerMemory(modelParams, { optimizerType });
        return (
          memory <= optimizers.calculateOptimizerMemory(modelParams) && memory <= optimizers.calculateOptimizerMemory(modelParams + 1e6, { optimizerType })
        );
      }),
      { numRuns: 100 },
    );
  });
  it('every recommendation keeps its own rules', () => {
    for (const modelSize of ['small', '7b', '13b', '70b'])
      for (const taskType of ['pretraining', 'fine_tuning'])
        for (const memoryConstrained of [true, false])
          expect(() => optimizers.validateOptimizerConfig(optimizers.getRecommendedOptimizerConfig({ modelSize, taskType, memoryConstrained }))).not.toThrow();
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(optimizers.AdamWConfig),
    ...sweep(optimizers.LionConfig),
    ...sweep(optimizers.SophiaConfig),
    ...sweep(optimizers.AdafactorConfig),
    ...sweep(optimizers.OptimizerConfig, () => optimizers.createOptimizerConfig()),
    ...sweepEnum('OptimizerType', optimizers.OptimizerType, { list: optimizers.listOptimizerTypes, get: optimizers.getOptimizerType }),
    ...sweepEnum('WeightDecayType', optimizers.WeightDecayType, { list: optimizers.listWeightDecayTypes, get: optimizers.getWeightDecayType }),
    ...sweepEnum('MomentumType', optimizers.MomentumType, { list: optimizers.listMomentumTypes, get: optimizers.getMomentumType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => optimizers.createAdamwConfig({ betas: [0.9, 1] }), 'beta2 must be between 0 and 1, got 1'],
    [() => optimizers.createAdafactorConfig({ eps: [0, 1] }), 'eps1 must be positive, got 0'],
    [() => optimizers.getRecommendedOptimizerConfig({ modelSize: 'huge' }), 'modelSize must be one of'],
    [() => optimizers.createOptimizerConfig({ optimizerType: 'muon' as never }), 'optimizerType must be one of'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

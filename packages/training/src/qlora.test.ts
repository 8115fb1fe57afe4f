import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as qlora from './qlora.js';

describe('parity: qlora', () => {
  it.each(parityCases('training/qlora', qlora, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('an estimate adds up and grows with every setting', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e10 }), fc.integer({ min: 1, max: 64 }), (modelParams, r) => {
        const four = qlora.estimateQloraMemory(modelParams, { r });
        const eight = qlora.estimateQloraMemory(modelParams, { r, quantBits: 8 });
        const sum = four.modelMemoryMb + four.adapterMemoryMb + four.optimizerMemoryMb + four.activationMemoryMb;
        return Math.abs(sum - four.totalMemoryMb) < 1e-6 && eight.modelMemoryMb === 2 * four.modelMemoryMb;
      }),
      { numRuns: 100 },
    );
  });
  it('peft and bitsandbytes get their own names', () => {
    expect(qlora.getQloraPeftConfig(qlora.createQloraConfig({ targetModules: ['q_proj'] }))).toEqual({
      r: 8,
      lora_alpha: 16,
      lora_dropout: 0.05,
      target_modules: ['q_proj'],
      bias: 'none',
      task_type: 'CAUSAL_LM',
    });
    expect(qlora.getBnbConfig(qlora.createQuantConfig({ bits: 8 }))).toEqual({ load_in_8bit: true });
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(qlora.QuantConfig),
    ...sweep(qlora.QLoRAConfig),
    ...sweep(qlora.QLoRATrainingConfig, () => qlora.createQloraTrainingConfig()),
    ...sweepEnum('ComputeType', qlora.ComputeType, { list: qlora.listComputeTypes, get: qlora.getComputeType }),
    ...sweepEnum('QuantType', qlora.QuantType, { list: qlora.listQuantTypes, get: qlora.getQuantType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => qlora.createQuantConfig({ bits: 5 }), 'bits must be one of 4, 8, got 5'],
    [() => qlora.getRecommendedQloraConfig({ modelSize: '3b' }), 'modelSize must be one of 13b, 70b, 7b'],
    [() => qlora.estimateQloraMemory(0), 'modelParams must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

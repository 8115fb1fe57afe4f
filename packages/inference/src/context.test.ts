import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as context from './context.js';

describe('parity: context', () => {
  it.each(parityCases('inference/context', context, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const length = fc.integer({ min: 1, max: 1 << 15 });
  it.each(['local', 'global_local', 'dilated'] as const)('%s attention never costs more than full attention', attentionPattern => {
    fc.assert(
      fc.property(
        length,
        length,
        (seq, windowSize) => context.calculateAttentionComplexity(seq, { attentionPattern, windowSize }) <= context.calculateAttentionComplexity(seq),
      ),
      { numRuns: 100 },
    );
  });
  it('a recommended context reads the length', () => {
    fc.assert(
      fc.property(
        length,
        fc.option(fc.double({ min: 0.001, max: 4, noNaN: true })),
        (seq, memoryConstraintGb) => context.calculateEffectiveLength(context.getRecommendedContextConfig(seq, { memoryConstraintGb })) === seq,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(context.RoPEConfig),
    ...sweep(context.SlidingWindowConfig),
    ...sweep(context.ContextConfig, () => context.createContextConfig()),
    ...sweep(context.ContextStats),
    ...sweepEnum('ExtensionMethod', context.ExtensionMethod, { list: context.listExtensionMethods, get: context.getExtensionMethod }),
    ...sweepEnum('RoPEScalingType', context.RoPEScalingType, { list: context.listRopeScalingTypes, get: context.getRopeScalingType }),
    ...sweepEnum('AttentionPattern', context.AttentionPattern, { list: context.listAttentionPatterns, get: context.getAttentionPattern }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => context.validateContextConfig({ ...context.createContextConfig(), ropeConfig: null }), 'ropeConfig is required'],
    [
      () => context.validateContextConfig({ ...context.createContextConfig({ extensionMethod: 'sliding_window' }), windowConfig: null }),
      'windowConfig is required',
    ],
    [() => context.estimateMemoryScaling(1, 1, { attentionPattern: 'local' }), 'windowSize cannot be null'],
    [() => context.validatePositionIds([0, 7], 7), 'positionIds[1] must be below maxLength (7), got 7'],
    [() => context.validatePositionIds([1, 1], 7, { allowDuplicates: false }), 'positionIds must be unique without allowDuplicates, got 1 twice'],
    [() => context.createSlidingWindowConfig({ windowSize: 10, overlap: 10 }), 'overlap must be less than windowSize (10), got 10'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

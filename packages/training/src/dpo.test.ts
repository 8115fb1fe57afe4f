import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as dpo from './dpo.js';

describe('parity: dpo', () => {
  it.each(parityCases('training/dpo', dpo, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const reward = fc.double({ min: -50, max: 50, noNaN: true });
  it.each(['sigmoid', 'hinge'] as const)('%s never grows with the margin', lossType => {
    fc.assert(
      fc.property(
        reward,
        reward,
        reward,
        (a, b, rejected) => dpo.calculateDpoLoss(Math.max(a, b), rejected, { lossType }) <= dpo.calculateDpoLoss(Math.min(a, b), rejected, { lossType }),
      ),
      { numRuns: 100 },
    );
  });
  it('half smoothing does not care which answer was better', () => {
    fc.assert(
      fc.property(
        reward,
        reward,
        (a, b) => Math.abs(dpo.calculateDpoLoss(a, b, { labelSmoothing: 0.5 }) - dpo.calculateDpoLoss(b, a, { labelSmoothing: 0.5 })) < 1e-9,
      ),
      { numRuns: 100 },
    );
  });
  it('the published losses of a pair', () => {
    expect(dpo.calculateDpoLoss(1, 0, { labelSmoothing: 0.1 })).toBeCloseTo(0.654397, 6);
    expect(dpo.calculateDpoLoss(1, 0, { lossType: 'ipo_loss' })).toBeCloseTo(16, 12);
    expect(dpo.estimateTrainingSteps(23, { batchSize: 4, gradientAccumulationSteps: 3, numEpochs: 2 })).toBe(4);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(dpo.DPOConfig),
    ...sweep(dpo.PreferencePair),
    ...sweep(dpo.DPOTrainingConfig),
    ...sweep(dpo.ReferenceConfig),
    ...sweepEnum('DPOVariant', dpo.DPOVariant, { list: dpo.listDpoVariants, get: dpo.getDpoVariant }),
    ...sweepEnum('LossType', dpo.LossType, { list: dpo.listLossTypes, get: dpo.getLossType }),
    ...sweepEnum('ReferencePolicy', dpo.ReferencePolicy, { list: dpo.listReferencePolicies, get: dpo.getReferencePolicy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => dpo.createPreferencePair('q', 'a', 'a'), 'chosen and rejected must differ'],
    [() => dpo.createDpoTrainingConfig({ maxLength: 256 }), 'maxPromptLength must be less than maxLength (256), got 256'],
    [() => dpo.createReferenceConfig({ policyType: 'online' }), 'updateFrequency must be positive for an online policyType, got 0'],
    [() => dpo.calculateDpoLoss(1, 0, { lossType: 'zero_one' as never }), 'lossType must be one of hinge, ipo_loss, sigmoid'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

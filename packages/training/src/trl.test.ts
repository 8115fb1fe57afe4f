import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as trl from './trl.js';

describe('parity: trl', () => {
  it.each(parityCases('training/trl', trl, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('the penalty of two policies is that of the swapped ones with the other sign', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -50, max: 0, noNaN: true }),
        fc.double({ min: -50, max: 0, noNaN: true }),
        (a, b) => trl.calculateKlPenalty(a, b) === -trl.calculateKlPenalty(b, a),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(trl.DPOConfig, () => trl.createDpoConfig({ maxLength: 100000 })),
    ...sweep(trl.PPOConfig, () => trl.createPpoConfig({ batchSize: 100000 })),
    ...sweep(trl.SFTConfig),
    ...sweepEnum('TrainingMethod', trl.TrainingMethod, { list: trl.listTrainingMethods }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => trl.createDpoConfig({ maxPromptLength: 512 }), 'maxPromptLength must be less than maxLength 512, got 512'],
    [() => trl.createDpoConfig({ lossType: 'tanh' as never }), "lossType must be one of hinge, ipo, kto_pair, sigmoid, got 'tanh'"],
    [() => trl.createPpoConfig({ batchSize: 16 }), 'miniBatchSize must be at most batchSize 16, got 32'],
    [() => trl.getRecommendedBeta('xl'), "modelSize must be one of large, medium, small, got 'xl'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

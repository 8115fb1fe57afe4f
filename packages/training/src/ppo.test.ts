import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ppo from './ppo.js';

describe('parity: ppo', () => {
  it.each(parityCases('training/ppo', ppo, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const xs = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 12 });
  it('with γ = λ = 1 an advantage is the return minus the value', () => {
    fc.assert(
      fc.property(xs, xs, (rewards, other) => {
        const values = rewards.map((_, index) => other[index % other.length]!);
        const advantages = ppo.calculateGae(rewards, values, 0, { gamma: 1, lam: 1 });
        return rewards.every(
          (_, index) => Math.abs(advantages[index]! - (rewards.slice(index).reduce((sum, value) => sum + value, 0) - values[index]!)) < 1e-9,
        );
      }),
      { numRuns: 100 },
    );
  });
  it('clipping never lowers the loss, whatever the sign of the advantage', () => {
    fc.assert(
      fc.property(xs, fc.double({ min: -3, max: 3, noNaN: true }), (logProbs, advantage) => {
        const [old, advantages] = [logProbs.map(() => 0), logProbs.map(() => advantage)];
        return ppo.calculatePpoLoss(logProbs, old, advantages)[0] >= ppo.calculatePpoLoss(logProbs, old, advantages, { clipRange: 1e9 })[0] - 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('an unlikely action that did badly is not rewarded for being clipped', () => {
    expect(ppo.calculatePpoLoss([Math.log(2)], [0], [-1])[0]).toBeCloseTo(2, 12);
    expect(ppo.calculatePpoLoss([Math.log(0.5)], [0], [-1])[0]).toBeCloseTo(0.8, 12);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(ppo.PPOConfig),
    ...sweep(ppo.RewardConfig, () => ppo.createRewardConfig({ modelId: 'org/reward' })),
    ...sweep(ppo.ValueConfig),
    ...sweep(ppo.PPOTrainingConfig),
    ...sweepEnum('PPOVariant', ppo.PPOVariant, { list: ppo.listPpoVariants, get: ppo.getPpoVariant }),
    ...sweepEnum('RewardModelType', ppo.RewardModelType, { list: ppo.listRewardModelTypes, get: ppo.getRewardModelType }),
    ...sweepEnum('ValueHeadType', ppo.ValueHeadType, { list: ppo.listValueHeadTypes, get: ppo.getValueHeadType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => ppo.createRewardConfig(), 'modelId is required for a learned modelType'],
    [() => ppo.createPpoTrainingConfig({ batchSize: 16 }), 'miniBatchSize must be at most batchSize (16), got 32'],
    [() => ppo.calculateGae([], [], 0), 'rewards cannot be empty'],
    [() => ppo.calculatePpoLoss([1], [1, 2], [1]), 'must have the same length'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

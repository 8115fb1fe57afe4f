import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as moe from './moe.js';

describe('parity: moe', () => {
  it.each(parityCases('training/moe', moe, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const positives = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 16 });
  it('entropy is between nothing and that of an even choice', () => {
    fc.assert(
      fc.property(positives, weights => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const entropy = moe.calculateRouterEntropy(weights.map(weight => weight / total));
        return entropy >= -1e-12 && entropy <= Math.log(weights.length) + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('an even choice has a balance loss of 1 whatever the counts', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 16 }), counts => {
        const loss = moe.calculateLoadBalanceLoss(
          counts.map(() => 1 / counts.length),
          counts,
        );
        return Math.abs(loss - 1) < 1e-9;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(moe.RouterConfig),
    ...sweep(moe.LoadBalanceConfig),
    ...sweep(moe.ExpertConfig),
    ...sweep(moe.MoEConfig, () => moe.createMoeConfig()),
    ...sweep(moe.MoEStats),
    ...sweepEnum('RouterType', moe.RouterType, { list: moe.listRouterTypes, get: moe.getRouterType }),
    ...sweepEnum('LoadBalancingLoss', moe.LoadBalancingLoss, { list: moe.listLoadBalancingLosses, get: moe.getLoadBalancingLoss }),
    ...sweepEnum('ExpertActivation', moe.ExpertActivation, { list: moe.listExpertActivations, get: moe.getExpertActivation }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => moe.createRouterConfig({ numExperts: 1 }), 'topK must be at most numExperts (1), got 2'],
    [() => moe.calculateRouterEntropy([0.5, 0.25]), 'routerProbs must add up to 1, got 0.75'],
    [() => moe.calculateLoadBalanceLoss([1], [1, 2]), 'must have the same length'],
    [() => moe.calculateCapacityFactor(1, 2, { topK: 3 }), 'topK must be at most 2, got 3'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

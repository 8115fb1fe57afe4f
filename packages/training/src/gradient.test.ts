import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gradient from './gradient.js';

describe('parity: gradient', () => {
  it.each(parityCases('training/gradient', gradient, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 });
  it.each(['norm', 'adaptive'] as const)('%s clipping ends within the norm', method => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.1, max: 10, noNaN: true }), (gradients, maxNorm) => {
        const [clipped] = gradient.clipGradients(gradients, gradient.createClippingConfig({ method, maxNorm }));
        return gradient.calculateGradNorm(clipped) <= maxNorm * (1 + 1e-12);
      }),
      { numRuns: 100 },
    );
  });
  it('norms fall as p grows', () => {
    fc.assert(
      fc.property(values, gradients => {
        const [one, two, most] = [1, 2, Number.POSITIVE_INFINITY].map(normType => gradient.calculateGradNorm(gradients, { normType }));
        return one! >= two! - 1e-9 && two! >= most! - 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('the mean is the sum over the batches', () => {
    expect(
      gradient.accumulateGradients(
        [
          [1, 2],
          [3, 4],
        ],
        'sum',
      ),
    ).toEqual([4, 6]);
    expect(
      gradient.accumulateGradients(
        [
          [1, 2],
          [3, 4],
        ],
        'weighted',
        { weights: [0.25, 0.75] },
      ),
    ).toEqual([2.5, 3.5]);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(gradient.ClippingConfig),
    ...sweep(gradient.ScalingConfig),
    ...sweep(gradient.AccumulationConfig),
    ...sweep(gradient.GradientConfig, () => gradient.createGradientConfig()),
    ...sweep(gradient.GradientStats),
    ...sweepEnum('ClippingMethod', gradient.ClippingMethod, { list: gradient.listClippingMethods, get: gradient.getClippingMethod }),
    ...sweepEnum('ScalingMethod', gradient.ScalingMethod, { list: gradient.listScalingMethods, get: gradient.getScalingMethod }),
    ...sweepEnum('AccumulationStrategy', gradient.AccumulationStrategy, { list: gradient.listAccumulationStrategies, get: gradient.getAccumulationStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => gradient.createClippingConfig({ maxNorm: 0 }), 'maxNorm must be positive for norm clipping, got 0'],
    [() => gradient.createClippingConfig({ method: 'value', maxValue: 0 }), 'maxValue must be positive for value clipping, got 0'],
    [() => gradient.createScalingConfig({ growthFactor: 1 }), 'growthFactor must be greater than 1 for a scale that is not static, got 1'],
    [() => gradient.createScalingConfig({ backoffFactor: 1 }), 'backoffFactor must be between 0 and 1 for a scale that is not static, got 1'],
    [() => gradient.accumulateGradients([[1], [1, 2]], 'sum'), 'must have the same length'],
    [() => gradient.accumulateGradients([[1]], 'weighted'), 'weights cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

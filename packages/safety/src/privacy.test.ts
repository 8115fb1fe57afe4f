import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as privacy from './privacy.js';

describe('parity: privacy', () => {
  it.each(parityCases('safety/privacy', privacy, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('noise is centred on the value and as wide as its scale says', () => {
    for (const [mechanism, deviation] of [
      ['laplace', Math.SQRT2],
      ['gaussian', 1],
    ] as const) {
      const scale = privacy.calculateNoiseScale(1, 1, { mechanism, delta: 1e-5 });
      const noise = Array.from({ length: 40_000 }, () => privacy.addDifferentialPrivacyNoise(10, 1, 1, { mechanism, delta: 1e-5 }) - 10);
      const mean = noise.reduce((sum, x) => sum + x, 0) / noise.length;
      const spread = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
      // Six standard errors of the mean, and as many of the deviation of a Laplacian.
      expect(Math.abs(mean)).toBeLessThan((6 * deviation * scale) / 200);
      expect(Math.abs(spread / (deviation * scale) - 1)).toBeLessThan(0.07);
    }
  });
  it('advanced composition is never more than simple, and less for many small losses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 1e-4, max: 5, noNaN: true }), (k, epsilon) => {
        return privacy.computePrivacyBudget(k, epsilon, { composition: 'advanced' }) <= privacy.computePrivacyBudget(k, epsilon);
      }),
      { numRuns: 100 },
    );
    expect(privacy.computePrivacyBudget(10_000, 0.001, { composition: 'advanced' })).toBeLessThan(1);
  });
  it('loss of utility falls as privacy loss grows', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 10, noNaN: true }), fc.double({ min: 0.01, max: 10, noNaN: true }), (epsilon, sensitivity) => {
        const loss = privacy.estimateUtilityLoss(epsilon, sensitivity);
        return loss > 0 && loss < 1 && privacy.estimateUtilityLoss(2 * epsilon, sensitivity) < loss;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(privacy.DPConfig),
    ...sweep(privacy.AnonymizationConfig),
    ...sweep(privacy.PrivacyConfig, () => privacy.createPrivacyConfig()),
    ...sweepEnum('PrivacyMechanism', privacy.PrivacyMechanism, { list: privacy.listPrivacyMechanisms, get: privacy.getPrivacyMechanism }),
    ...sweepEnum('AnonymizationType', privacy.AnonymizationType, { list: privacy.listAnonymizationTypes, get: privacy.getAnonymizationType }),
    ...sweepEnum('SensitivityType', privacy.SensitivityType, { list: privacy.listSensitivityTypes, get: privacy.getSensitivityType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => privacy.calculateNoiseScale(1, 1, { mechanism: 'gaussian' }), 'delta must be in (0, 1), got 0'],
    [() => privacy.computePrivacyBudget(1, 1, { composition: 'best' as never }), "composition must be one of advanced, simple, got 'best'"],
    [() => privacy.checkKAnonymity([], 2), 'groupSizes cannot be empty'],
    [() => privacy.checkKAnonymity([1], 1), 'k must be at least 2, got 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

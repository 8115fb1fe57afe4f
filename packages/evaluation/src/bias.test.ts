import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as bias from './bias.js';

describe('parity: bias', () => {
  it.each(parityCases('evaluation/bias', bias, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const sample = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1), fc.constantFrom('A', 'B')), { minLength: 1, maxLength: 30 });
  it('rates lie in [0, 1], and a perfect model has no false positives', () => {
    fc.assert(
      fc.property(sample, rows => {
        const [predictions, labels, groups] = [rows.map(row => row[0]), rows.map(row => row[1]), rows.map(row => row[2])];
        const rates = Object.values(bias.calculateDemographicParity(predictions, groups));
        const odds = Object.values(bias.calculateEqualizedOdds(labels, labels, groups));
        return rates.every(rate => rate >= 0 && rate <= 1) && odds.every(({ fpr, tpr }) => fpr === 0 && (tpr === 1 || tpr === 0));
      }),
      { numRuns: 100 },
    );
  });
  it('equal rates have no disparity', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), rate => bias.calculateDisparityScore({ a: rate, b: rate }) === 0),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(bias.BiasDetectionConfig),
    ...sweep(bias.FairnessConstraint),
    ...sweep(bias.StereotypeConfig),
    ...sweepEnum('FairnessMetric', bias.FairnessMetric, { list: bias.listFairnessMetrics, get: bias.getFairnessMetric }),
    ...sweepEnum('BiasType', bias.BiasType, { list: bias.listBiasTypes, get: bias.getBiasType }),
    ...sweepEnum('MitigationStrategy', bias.MitigationStrategy, { list: bias.listMitigationStrategies, get: bias.getMitigationStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => bias.calculateDisparityScore({ a: 1 }), 'groupRates must have at least 2 groups, got 1'],
    [() => bias.calculateDemographicParity([1, 0], ['A']), 'predictions and groups must have the same length, got 2 and 1'],
    [() => bias.createFairnessConstraint('demographic_parity', { groupComparison: 'all' }), "groupComparison must be one of pairwise, reference, got 'all'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as comparison from './comparison.js';

describe('parity: comparison', () => {
  it.each(parityCases('evaluation/comparison', comparison, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 12 });
  const pairs = fc
    .integer({ min: 2, max: 12 })
    .chain(n => fc.tuple(...[0, 1].map(() => fc.array(fc.integer({ min: 0, max: 4 }), { minLength: n, maxLength: n }))));
  it('every p-value is a probability and does not depend on the order of the models', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom('paired_ttest', 'wilcoxon', 'mcnemar'), ([a, b], method) => {
        const config = comparison.createComparisonConfig({ method });
        const [, p] = comparison.runSignificanceTest(a!, b!, config);
        const [, swapped] = comparison.runSignificanceTest(b!, a!, config);
        return p >= 0 && p <= 1 && Math.abs(p - swapped) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it('equals scipy and statsmodels where the reference approximates', () => {
    const test = (method: comparison.ComparisonMethod, a: number[], b: number[]) =>
      comparison.runSignificanceTest(a, b, comparison.createComparisonConfig({ method }))[1];
    const a = [0.81, 0.79, 0.84, 0.77, 0.8];
    const b = [0.78, 0.78, 0.8, 0.76, 0.79];
    expect(test('paired_ttest', a, b)).toBeCloseTo(0.03411, 5);
    expect(test('wilcoxon', [0.5, 0.7, 0.6, 0.9, 0.8], [0.45, 0.72, 0.55, 0.85, 0.7])).toBeCloseTo(0.125, 12);
    expect(test('wilcoxon', [1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0])).toBeCloseTo(0.03125, 12);
    expect(test('mcnemar', [1, 1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 1, 1])).toBeCloseTo(0.288844, 6);
    expect(test('mcnemar', [1, 0], [0, 1])).toBe(1);
    expect(test('paired_ttest', [1], [0])).toBeNaN();
  });
  it('is certain without spread and undecided without difference', () => {
    const test = (method: comparison.ComparisonMethod, a: number[], b: number[]) =>
      comparison.runSignificanceTest(a, b, comparison.createComparisonConfig({ method, randomSeed: null, numBootstrap: 50 }));
    expect(test('paired_ttest', [2, 2], [1, 1])).toEqual([Number.POSITIVE_INFINITY, 0]);
    expect(test('paired_ttest', [1, 1], [2, 2])).toEqual([Number.NEGATIVE_INFINITY, 0]);
    for (const method of ['paired_ttest', 'wilcoxon', 'mcnemar'] as const) expect(test(method, [1, 0, 1], [1, 0, 1])).toEqual([0, 1]);
    for (const method of ['bootstrap', 'permutation'] as const) expect(test(method, [1, 1], [1, 1])).toEqual([0, 1]);
    expect(test('wilcoxon', [3, 1, 2, 5], [1, 2, 2, 1])[1]).toBeCloseTo(0.5, 12);
  });
  it('the effect of a model on itself is none', () => {
    fc.assert(
      fc.property(
        scores,
        fc.constantFrom(...comparison.listEffectSizes()),
        (row, effectType) => comparison.calculateEffectSize(row, row, { effectType }) === 0,
      ),
      { numRuns: 100 },
    );
  });
  it('the interval is in order and repeats with its seed', () => {
    fc.assert(
      fc.property(pairs, fc.nat(), ([a, b], randomSeed) => {
        const interval = comparison.bootstrapConfidenceInterval(a!, b!, { numBootstrap: 20, randomSeed });
        return interval[0] <= interval[1] && String(interval) === String(comparison.bootstrapConfidenceInterval(a!, b!, { numBootstrap: 20, randomSeed }));
      }),
      { numRuns: 100 },
    );
  });
  it('large samples with ties follow the normal law', () => {
    const a = Array.from({ length: 60 }, (_, i) => (i % 4) + (i % 3 === 0 ? 1 : 0));
    const b = Array.from({ length: 60 }, (_, i) => i % 4);
    const [w, p] = comparison.runSignificanceTest(a, b, comparison.createComparisonConfig({ method: 'wilcoxon' }));
    expect(w).toBe(0);
    expect(p).toBeLessThan(1e-4);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(comparison.ComparisonConfig),
    ...sweep(comparison.ModelResult),
    ...sweep(comparison.ComparisonResult, () => ({
      modelA: 'a',
      modelB: 'b',
      pValue: 0.5,
      effectSize: 0,
      isSignificant: false,
      confidenceInterval: [0, 1] as const,
      testStatistic: 0,
      method: 'wilcoxon' as const,
    })),
    ...sweep(comparison.ComparisonStats, () => ({ totalComparisons: 5, significantCount: 1, avgEffectSize: 0.1, maxEffectSize: 0.3, minPValue: 0.01 })),
    ...sweepEnum('ComparisonMethod', comparison.ComparisonMethod, {
      list: comparison.listComparisonMethods,
      is: comparison.validateComparisonMethod,
      get: comparison.getComparisonMethod,
    }),
    ...sweepEnum('SignificanceLevel', comparison.SignificanceLevel, { list: comparison.listSignificanceLevels }),
    ...sweepEnum('EffectSize', comparison.EffectSize, {
      list: comparison.listEffectSizes,
      is: comparison.validateEffectSizeType,
      get: comparison.getEffectSizeType,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => comparison.calculateEffectSize([0.5, 0.6], [0.5]), 'scoresA and scoresB must have the same length, got 2 and 1'],
    [() => comparison.bootstrapConfidenceInterval([1], [1], { confidenceLevel: 1.5 }), 'confidenceLevel must be in (0, 1), got 1.5'],
    [() => comparison.getSignificanceLevel(0.03), 'significanceLevel must be one of 0.01, 0.05, 0.1, got 0.03'],
    [
      () => comparison.formatComparisonStats({ totalComparisons: 0, significantCount: 0, avgEffectSize: 0, maxEffectSize: 0, minPValue: 1 }),
      'totalComparisons must be positive, got 0',
    ],
    [
      () => comparison.validateComparisonStats({ totalComparisons: 5, significantCount: 10, avgEffectSize: 0, maxEffectSize: 0, minPValue: 1 }),
      'significantCount must be at most totalComparisons 5, got 10',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

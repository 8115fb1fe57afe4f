import { NumpyRandom } from '@gtc/tensor/random';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as c from '../../comparison.js';
import { statTestAnswers } from './evidence.fixture.js';

describe('evidence: stat_tests', () => {
  it.each(evidenceCases('evaluation/stat_tests', statTestAnswers, import.meta.url, '../../../evidence/stat_tests.json'))('$name', e => e.run());
});

const A = [1.1, 2.3, 3.2, 4.8, 5.1, 2.2, 3.9];
const B = [1.0, 2.9, 2.2, 3.1, 5.0, 2.7, 3.1];
const X = [3.1, 4.7, 2.2, 5.9, 4.4, 3.8, 6.1, 2.9];
const LONG = Array.from({ length: 60 }, (_, i) => Math.sin(i * 1.7) + i / 40);
const SCORES = [
  [0.8, 0.7, 0.6],
  [0.9, 0.85, 0.5],
  [0.7, 0.72, 0.4],
  [0.6, 0.5, 0.55],
  [0.8, 0.75, 0.7],
];

/** Answers of scipy 1.17.1 and statsmodels 0.15.0. */
const ANSWERS: readonly [string, () => number, number][] = [
  ['power, two-sided', () => c.tTestPower({ effectSize: 0.5, n: 20 }), 0.5645044184390203],
  ['power, greater', () => c.tTestPower({ effectSize: 0.3, n: 50, alpha: 0.01, alternative: 'greater' }), 0.3960843019924405],
  ['power, less', () => c.tTestPower({ effectSize: 0.3, n: 50, alternative: 'less' }), 9.295587540409864e-5],
  ['power of a negative effect', () => c.tTestPower({ effectSize: -0.4, n: 12, alpha: 0.1 }), 0.3668046767940616],
  ['size', () => c.sampleSizeForPower({ effectSize: 0.5 }), 34],
  ['size of a small effect', () => c.sampleSizeForPower({ effectSize: 0.2, power: 0.9, alpha: 0.01 }), 376],
  ['Wilcoxon less', () => c.wilcoxonSignedRank(A, B, { alternative: 'less' }).pValue, 0.890625],
  ['Wilcoxon greater', () => c.wilcoxonSignedRank(A, B, { alternative: 'greater' }).pValue, 0.1484375],
  ['Wilcoxon less, normal', () => c.wilcoxonSignedRank(A, B, { alternative: 'less', method: 'asymptotic', correction: true }).pValue, 0.8975530530918107],
  [
    'Wilcoxon greater, normal',
    () => c.wilcoxonSignedRank(A, B, { alternative: 'greater', method: 'asymptotic', correction: true }).pValue,
    0.13594935540982417,
  ],
  ['Mann-Whitney less', () => c.mannWhitneyU(A, B, { alternative: 'less', method: 'exact' }).pValue, 0.7721445221445221],
  ['Mann-Whitney greater', () => c.mannWhitneyU(A, B, { alternative: 'greater', method: 'exact' }).pValue, 0.3100233100233101],
  ['Mann-Whitney less, normal', () => c.mannWhitneyU(A, B, { alternative: 'less' }).pValue, 0.7593813343641753],
  ['Mann-Whitney greater, normal', () => c.mannWhitneyU(A, B, { alternative: 'greater' }).pValue, 0.28222080837912134],
  ['one-sided interval', () => c.independentTTest(A, B, { alternative: 'less', confidenceLevel: 0.9 }).ciHigh, 1.3415749973058406],
  ['interval of one sample', () => c.oneSampleTTest(A, 3).ciLow, 1.8738336223155414],
  ['percentile, normal unbiased', () => c.percentile(A, 33, { method: 'normal_unbiased' }), 2.27675],
  ['percentile, nearest', () => c.percentile(A, 33, { method: 'nearest' }), 2.3],
  ['percentile, midpoint', () => c.percentile(A, 33, { method: 'midpoint' }), 2.25],
  ['Shapiro of three', () => c.shapiro([1, 2, 4]).pValue, 0.6368868450289689],
  ['Shapiro of five', () => c.shapiro([1, 2, 4, 9, 1.5]).pValue, 0.10711108754768311],
  ['Shapiro of an outlier', () => c.shapiro([1, 1, 1, 1, 50, 1, 1, 1]).pValue, 1.0472313107698794e-6],
  ['Nemenyi, first pair', () => c.nemenyi(SCORES).pValues[0]![1]!, 0.4151135003525356],
  ['Nemenyi, second pair', () => c.nemenyi(SCORES).pValues[0]![2]!, 0.030662749794239996],
  ['critical difference', () => c.nemenyi(SCORES).criticalDifference, 1.4822864012855947],
  [
    'Barnard',
    () =>
      c.barnardExact([
        [3, 1],
        [1, 4],
      ]).pValue,
    0.17968750000000006,
  ],
  ['binomial', () => c.binomTest(3, 20, { p: 0.3 }), 0.22041826738070913],
  ['bootstrap of a median', () => c.bootstrap(X, c.median, { method: 'BCa', nResamples: 500, seed: 5, confidenceLevel: 0.9 }).high, 5.3],
  ['its deviation', () => c.bootstrap(X, c.median, { method: 'percentile', nResamples: 500, seed: 5 }).standardError, 0.6699731098602928],
  ['mirrored', () => c.bootstrap(X, c.median, { method: 'basic', nResamples: 500, seed: 5, confidenceLevel: 0.9 }).low, 2.9],
];

describe('answers of scipy and statsmodels', () => {
  it.each(ANSWERS)('%s', (_name, answer, expected) => {
    expect(Math.abs(answer() - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
  });
  it.each([
    [0, 1],
    [1, 1.6514118511046228e-6],
    [2, 1.1672619528041005e-13],
  ])('Kolmogorov-Smirnov by the law of one sample, shifted by %d', (shift, expected) => {
    // 60 normal values of numpy's RandomState(0), rounded to two digits
    const values = [
      1.76, 0.4, 0.98, 2.24, 1.87, -0.98, 0.95, -0.15, -0.1, 0.41, 0.14, 1.45, 0.76, 0.12, 0.44, 0.33, 1.49, -0.21, 0.31, -0.85, -2.55, 0.65, 0.86, -0.74, 2.27,
      -1.45, 0.05, -0.19, 1.53, 1.47, 0.15, 0.38, -0.89, -1.98, -0.35, 0.16, 1.23, 1.2, -0.39, -0.3, -1.05, -1.42, -1.71, 1.95, -0.51, -0.44, -1.25, 0.78,
      -1.61, -0.21, -0.9, 0.39, -0.51, -1.18, -0.03, 0.43, 0.07, 0.3, -0.63, -0.36,
    ];
    const { pValue } = c.ksTwoSample(
      values,
      values.map(value => value + shift),
      { method: 'asymptotic' },
    );
    expect(Math.abs(pValue - expected)).toBeLessThan(1e-9 * expected + 1e-14);
  });
});

describe('laws', () => {
  const values = fc.array(
    fc.double({ min: -5, max: 5, noNaN: true }).map(x => Math.round(x * 1e6) / 1e6),
    { minLength: 4, maxLength: 12 },
  );
  it('probabilities lie between 0 and 1, and changing sides changes the direction', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        for (const test of [c.mannWhitneyU, c.independentTTest] as const) {
          const [less, greater] = [test(a, b, { alternative: 'less' }).pValue, test(b, a, { alternative: 'greater' }).pValue];
          if (Number.isNaN(less)) continue;
          expect(less).toBeGreaterThanOrEqual(0);
          expect(less).toBeLessThanOrEqual(1);
          expect(greater).toBeCloseTo(less, 9);
        }
      }),
      { numRuns: 100 },
    );
  });
  it('corrections never make a probability smaller', () => {
    const chances = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(chances, p => {
        for (const method of ['bonferroni', 'holm', 'hommel', 'simes-hochberg', 'fdr_bh', 'fdr_by', 'sidak', 'holm-sidak'] as const)
          for (const [i, adjusted] of c.adjustPValues(p, { method }).adjusted.entries()) expect(adjusted).toBeGreaterThanOrEqual(p[i]! - 1e-12);
      }),
      { numRuns: 100 },
    );
  });
  it('a percentile lies within the sample and grows with its share', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 90 }), (x, q) => {
        for (const method of ['linear', 'hazen', 'weibull', 'lower', 'higher'] as const) {
          const [low, high] = [c.percentile(x, q, { method }), c.percentile(x, q + 10, { method })];
          expect(low).toBeGreaterThanOrEqual(Math.min(...x));
          expect(high).toBeGreaterThanOrEqual(low);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('resampling', () => {
  it('repeats its draws, and goes on with a stream', () => {
    expect(c.bootstrap(LONG, 'mean', { seed: 1, nResamples: 50 })).toEqual(c.bootstrap(LONG, 'mean', { seed: 1, nResamples: 50 }));
    const stream = new NumpyRandom(1);
    expect(c.bootstrap(LONG, 'mean', { seed: stream, nResamples: 50 }).low).not.toBe(c.bootstrap(LONG, 'mean', { seed: stream, nResamples: 50 }).low);
  });
  it('a mean is that of the function', () => {
    const mean = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length;
    const [named, given] = [c.bootstrap(X, 'mean', { seed: 2, nResamples: 200 }), c.bootstrap(X, mean, { seed: 2, nResamples: 200 })];
    expect(named.low).toBeCloseTo(given.low, 12);
    expect(named.high).toBeCloseTo(given.high, 12);
  });
  it('finds nothing where draws are all alike', () => {
    expect(c.bootstrap([1, 1, 1], 'mean', { seed: 0, nResamples: 20 }).low).toBeNaN();
    expect(c.bootstrap([1, 2], 'mean', { seed: 0, nResamples: 1, method: 'percentile' }).standardError).toBeNaN();
  });
  it.each(['less', 'greater', 'two-sided'] as const)('permutations drawn come near all of them: %s', alternative => {
    for (const paired of [true, false]) {
      const all = c.permutationTest(A, B, { paired, alternative });
      const drawn = c.permutationTest(A, B, { paired, alternative, nResamples: 100, seed: 3 });
      expect(Math.abs(all.pValue - drawn.pValue)).toBeLessThan(0.15);
      expect(drawn.nullDistribution.length).toBe(100);
    }
  });
  it('the Bayesian test sees a better model, and equality within the region', () => {
    const better = c.bayesianSignedRank(
      A.map(x => x + 1),
      A,
      { seed: 0, nSamples: 500 },
    );
    expect(better.greater).toBeGreaterThan(0.9);
    const worse = c.bayesianSignedRank(
      A,
      A.map(x => x + 1),
      { seed: 0, nSamples: 500 },
    );
    expect(worse.less).toBeGreaterThan(0.9);
    expect(c.bayesianSignedRank(A, B, { rope: 9, seed: 0, nSamples: 50 })).toEqual({ less: 0, equal: 1, greater: 0 });
  });
});

describe('edges', () => {
  it('a place halfway goes to the even one, and one beyond the end to the end', () => {
    expect([c.percentile([1, 2], 50, { method: 'nearest' }), c.percentile([1, 2, 3, 4], 50, { method: 'nearest' })]).toEqual([1, 3]);
    expect([c.percentile([1, 2], 0, { method: 'weibull' }), c.percentile([1, 2], 100, { method: 'weibull' })]).toEqual([1, 2]);
  });
  it('nothing to tell apart', () => {
    expect(c.wilcoxonSignedRank([1, 2], [1, 2]).pValue).toBeNaN();
    expect(
      c.cochranQ([
        [1, 1],
        [1, 1],
      ]).pValue,
    ).toBeNaN();
    expect(
      c.fisherExact([
        [0, 0],
        [1, 2],
      ]),
    ).toEqual({ statistic: Number.NaN, pValue: 1 });
    expect(
      c.barnardExact([
        [0, 0],
        [1, 2],
      ]),
    ).toEqual({ statistic: Number.NaN, pValue: 1 });
    expect(c.shapiro([2, 2, 2])).toEqual({ statistic: 1, pValue: 1 });
    expect(c.jarqueBera([1, 1]).pValue).toBeNaN();
    expect(c.dAgostino([1, 1, 1, 1, 1, 1, 1, 1]).pValue).toBeNaN();
    expect(
      c.krippendorffAlpha(
        [
          [1, 2],
          [1, 2],
        ],
        { level: 'ratio' },
      ),
    ).toBe(1);
    expect(c.independentTTest([1, 1], [1, 1], { equalVar: false }).statistic).toBeNaN();
  });
  it('an exact law of ties counts the ranks at hand', () => {
    expect(c.wilcoxonSignedRank([1, 1, 2], [0, 0, 0]).pValue).toBe(0.25);
    expect(c.wilcoxonSignedRank([1, 0, 2], [0, 0, 0], { zeroMethod: 'zsplit', method: 'exact' }).statistic).toBe(0.5);
    expect(c.ksTwoSample(LONG, LONG.slice(0, 30)).pValue).toBeLessThan(1);
    expect(c.ksTwoSample([1], [2], { method: 'asymptotic' }).pValue).toBe(0);
  });
  it.each<[string, () => unknown, string]>([
    ['NaN', () => c.pairedTTest([1, Number.NaN], [1, 2]), 'a[1] must be finite, got NaN'],
    ['one pair', () => c.pairedTTest([1], [2]), 'a must have at least 2 values, got 1'],
    ['alternative', () => c.pairedTTest([1, 2], [2, 2], { alternative: 'more' as never }), 'alternative must be one of greater, less, two-sided'],
    ['method', () => c.mannWhitneyU([1], [2], { method: 'fast' as never }), 'method must be one of asymptotic, auto, exact'],
    ['models', () => c.friedman([[1, 2]]), 'scores must have rows of one length of at least 3, got 2 in row 0'],
    [
      'counts',
      () =>
        c.mcnemarTest([
          [1, 2],
          [1.5, 1],
        ]),
      'table[1][0] must be an integer, got 1.5',
    ],
    [
      'shape',
      () =>
        c.mcnemarTest([
          [1, 2, 3],
          [1, 1, 1],
        ]),
      'table must be 2 x 2, got 2 x 3',
    ],
    ['one row', () => c.chiSquareTest([[1, 2]]), 'table must be at least 2 x 2, got 1 x 2'],
    [
      'empty row',
      () =>
        c.chiSquareTest([
          [0, 0],
          [1, 1],
        ]),
      'table must have no empty row or column',
    ],
    ['hits', () => c.cochranQ([[1, 2]]), 'hits must be 0 or 1, got 2'],
    [
      'raters',
      () =>
        c.fleissKappa([
          [1, 1],
          [2, 1],
        ]),
      'counts must name the same number of raters, at least two, in every row, got 3 in row 1',
    ],
    [
      'ratings',
      () =>
        c.krippendorffAlpha([
          [1, 1],
          [1, Number.NaN],
        ]),
      'reliabilityData must hold at least two different ratings',
    ],
    ['ragged', () => c.krippendorffAlpha([[1, 1], [1]]), 'reliabilityData must have 2 columns in every row, got 1 in row 1'],
    ['trials', () => c.proportionConfidenceInterval(3, 2), 'count must be in [0, 2], got 3'],
    ['three', () => c.proportionsZTest([1, 2, 3], [4, 4, 4]), 'counts must be two numbers, got 3'],
    ['p', () => c.adjustPValues([2]), 'pValues[0] must be in [0, 1], got 2'],
    ['rule', () => c.adjustPValues([0.2], { method: 'none' as never }), 'method must be one of bonferroni'],
    ['level', () => c.meanConfidenceInterval([1, 2], { level: 1 }), 'level must be in (0, 1), got 1'],
    ['q', () => c.percentile([1], 101), 'q must be in [0, 100], got 101'],
    ['cut', () => c.trimmedMean([1], 0.5), 'cut must be in [0, 0.5), got 0.5'],
    ['positive', () => c.geometricMean([1, 0]), 'x[1] must be positive, got 0'],
    ['draws', () => c.bootstrap([1, 2], 'mean', { nResamples: 0 }), 'nResamples must be positive, got 0'],
    ['pairs', () => c.permutationTest([1, 2], [1]), 'b must have as many values as a, 2, where they are pairs, got 1'],
    ['lengths', () => c.bayesianSignedRank([1, 2], [1]), 'b must have as many values as a, 2, got 1'],
    ['effect', () => c.sampleSizeForPower({ effectSize: 0 }), 'effectSize must be greater than 0, got 0'],
    ['groups', () => c.anova([[1, 2]]), 'groups must be at least 2, got 1'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

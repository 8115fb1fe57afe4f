import { softmax } from '@gtc/tensor/statistics';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as c from '../../calibration.js';
import { calibrationAnswers } from './evidence.fixture.js';
import { minimize } from './minimize.js';

describe('evidence: calibration', () => {
  it.each(evidenceCases('evaluation/calibration', calibrationAnswers, import.meta.url, '../../../evidence/calibration.json'))('$name', e => e.run());
});

const chance = fc.double({ min: 0, max: 1, noNaN: true });
const samples = fc.array(fc.tuple(chance, fc.constantFrom<number>(0, 1)), { minLength: 6, maxLength: 60 });

describe('laws', () => {
  it('errors lie between 0 and 1, and the largest is above the root mean square, which is above the mean', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), fc.constantFrom<c.Binning>('uniform', 'quantile'), (drawn, nBins, binning) => {
        const [p, y] = [drawn.map(([value]) => value), drawn.map(([, label]) => label)];
        const [l1, l2, max] = (['l1', 'l2', 'max'] as const).map(norm => c.calibrationError(p, y, { nBins, norm, binning }));
        expect(l1).toBeGreaterThanOrEqual(0);
        expect(l2! + 1e-12).toBeGreaterThanOrEqual(l1!);
        expect(max! + 1e-12).toBeGreaterThanOrEqual(l2!);
        expect(max).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
  it('isotonic regression is monotone and fits no worse than any constant', () => {
    fc.assert(
      fc.property(samples, fc.boolean(), (drawn, increasing) => {
        const [x, y] = [drawn.map(([value]) => value), drawn.map(([, label]) => label)];
        const { fitted, predict } = c.isotonicRegression(y, { x, increasing });
        const order = [...x.keys()].sort((a, b) => x[a]! - x[b]!);
        const levels = order.map(i => (increasing ? 1 : -1) * fitted[i]!);
        for (const [i, level] of levels.entries()) if (i > 0) expect(level).toBeGreaterThanOrEqual(levels[i - 1]! - 1e-12);
        const error = (guess: (i: number) => number): number => y.reduce((total, label, i) => total + (label - guess(i)) ** 2, 0);
        const centre = y.reduce((a, b) => a + b, 0) / y.length;
        expect(error(i => fitted[i]!)).toBeLessThanOrEqual(error(() => centre) + 1e-9);
        predict(x).forEach((value, i) => {
          expect(value).toBeCloseTo(fitted[i]!, 9);
        });
      }),
      { numRuns: 100 },
    );
  });
  it('no temperature is better than the one found', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 20 }), logits => {
        const labels = logits.map((_, i) => (i * 7) % 3);
        const { temperature, nllAfter } = c.temperatureScaling(logits, labels);
        for (const factor of [0.9, 1.1]) {
          const at = temperature * factor;
          if (at > Math.exp(4) || at < Math.exp(-4)) continue;
          const nll = logits.reduce((total, row, i) => total - Math.log(softmax(row.map(z => z / at))[labels[i]!]!), 0) / logits.length;
          expect(nll).toBeGreaterThanOrEqual(nllAfter - 1e-9);
        }
      }),
      { numRuns: 100 },
    );
  });
});

const P = [0.1, 0.3, 0.35, 0.6, 0.62, 0.8, 0.9, 0.2];
const Y = [0, 0, 1, 1, 0, 1, 1, 0];

describe('maps', () => {
  it('vector scaling is at least as likely as temperature scaling', () => {
    const logits = P.map(p => [0, Math.log(p / (1 - p)), 0.3]);
    const { nll, weights, biases } = c.vectorScaling(logits, Y);
    expect(nll).toBeLessThan(c.temperatureScaling(logits, Y).nllAfter);
    expect([weights.length, biases.length]).toEqual([3, 3]);
  });
  it('beta calibration that needs no change changes nothing much, and one turned round is flat', () => {
    const many = Array.from({ length: 200 }, (_, i) => ((i % 10) + 0.5) / 10);
    const drawn = many.map((p, i) => Number((Math.floor(i / 10) + 0.5) / 20 < p));
    const { a, b, c: bias, predict } = c.betaCalibration(many, drawn);
    expect(Math.abs(a - 1) + Math.abs(b - 1) + Math.abs(bias)).toBeLessThan(0.3);
    predict([0.25, 0.5, 0.75]).forEach((p, i) => {
      expect(Math.abs(p - [0.25, 0.5, 0.75][i]!)).toBeLessThan(0.03);
    });
    const turned = c.betaCalibration(
      many,
      drawn.map(label => 1 - label),
    );
    expect([turned.a, turned.b]).toEqual([0, 0]);
    expect(turned.predict([0, 1])[0]).toBeCloseTo(turned.predict([0, 1])[1]!, 12);
  });
  it('a histogram answers with frequencies', () => {
    expect(c.histogramCalibration(P, Y, { nBins: 2 })([0, 0.4, 0.5, 1])).toEqual([0.25, 0.25, 0.75, 0.75]);
  });
  it('isotonic regression answers NaN to NaN, and the ends beyond them', () => {
    expect(c.isotonicRegression([1, 2], { x: [0, 1] }).predict([Number.NaN, -5, 0.5, 9])).toEqual([Number.NaN, 1, 1.5, 2]);
  });
  it('classes are measured one by one', () => {
    const rows = P.map(p => [1 - p, p]);
    expect(c.classwiseCalibrationError(rows, Y)).toBeCloseTo(
      (c.calibrationError(P, Y) +
        c.calibrationError(
          P.map(p => 1 - p),
          Y.map(y => 1 - y),
        )) /
        2,
      12,
    );
  });
  it('a promise that few samples cannot keep takes every class', () => {
    expect(c.conformalSets([[0.9, 0.1]], [0], [[0.5, 0.5]], { alpha: 0.01 })).toEqual({ scores: [1 - 0.9], qhat: Number.POSITIVE_INFINITY, sets: [[0, 1]] });
  });
  it('finds the bottom of a bent valley', () => {
    const [x, y] = minimize(
      ([a, b]) => ({ value: (1 - a!) ** 2 + 100 * (b! - a! * a!) ** 2, gradient: [-2 * (1 - a!) - 400 * a! * (b! - a! * a!), 200 * (b! - a! * a!)] }),
      [-1.2, 1],
    );
    expect(x).toBeCloseTo(1, 6);
    expect(y).toBeCloseTo(1, 6);
    expect(minimize(([a]) => ({ value: Math.cos(a!), gradient: [-Math.sin(a!)] }), [0.1])[0]).toBeCloseTo(Math.PI, 6);
    expect(minimize(([a]) => ({ value: Math.abs(a!), gradient: [1] }), [0])).toEqual([0]);
    expect(() => minimize(() => ({ value: Number.NaN, gradient: [0] }), [0])).toThrow('the loss is NaN at the start');
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['range', () => c.calibrationError([1.2], [1]), 'confidences[0] must be in [0, 1], got 1.2'],
    ['norm', () => c.calibrationError([0.2], [1], { norm: 'l3' as never }), 'norm must be one of l1, l2, max'],
    ['bins', () => c.reliabilityCurve([1], [0.2], { nBins: 0 }), 'nBins must be positive, got 0'],
    ['rows', () => c.topLabel([[0.1, 0.9], [1]], [0, 0]), 'probabilities must have rows of one length, got 1 after 2 in row 1'],
    ['label', () => c.topLabel([[0.1, 0.9]], [2]), 'labels[0] must be in [0, 2), got 2'],
    ['NaN', () => c.temperatureScaling([[0, Number.NaN]], [0]), 'logits must be finite, got NaN in row 0'],
    ['one kind', () => c.plattScaling([1, 2], [1, 1]), 'labels must hold both 0 and 1, got 1 alone'],
    ['labels', () => c.plattScaling([1, 2], [1, 2]), 'labels must be 0 or 1, got 2'],
    ['weights', () => c.isotonicRegression([1, 2], { sampleWeight: [1, 0] }), 'sampleWeight[1] must be positive, got 0'],
    ['alpha', () => c.conformalThreshold([[1, 0]], [0], { alpha: 1 }), 'alpha must be in (0, 1), got 1'],
    [
      'columns',
      () =>
        c.conformalSets(
          [
            [1, 0],
            [1, 0],
          ],
          [0, 0],
          [[1]],
        ),
      'testProbs must have 2 columns, got 1 in row 0',
    ],
    ['members', () => c.ensembleUncertainty([[[1, 0]], [[1]]]), 'memberProbs must hold members of one shape, got another in member 1'],
    ['member range', () => c.ensembleUncertainty([[[2, 0]]]), 'memberProbs[0][0] must be in [0, 1], got 2'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

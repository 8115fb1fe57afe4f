import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as m from './metrics.js';
import * as s from './streaming.js';

/** Cuts a list into parts. */
const parts = <V>(values: readonly V[], size: number): V[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));

describe('parts are as the whole', () => {
  const labels = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 40 });
  it('classification', () => {
    fc.assert(
      fc.property(labels, fc.integer({ min: 1, max: 7 }), (drawn, size) => {
        const [y, p] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        const metric = new s.StreamingClassification([0, 1, 2]);
        for (const part of parts(drawn, size))
          metric.merge(
            new s.StreamingClassification([0, 1, 2]).update(
              part.map(([a]) => a),
              part.map(([, b]) => b),
            ),
          );
        const found = metric.compute();
        expect(metric.count).toBe(drawn.length);
        expect(found.accuracy).toBeCloseTo(m.accuracyScore(y, p) as number, 12);
        expect(found.confusionMatrix).toEqual(m.confusionMatrix(y, p, { labels: [0, 1, 2] }));
        expect(found.macroF1).toBeCloseTo(m.f1Score(y, p, { average: 'macro' }) as number, 12);
        expect(found.weightedF1).toBeCloseTo(m.f1Score(y, p, { average: 'weighted' }) as number, 12);
        expect(found.macroPrecision).toBeCloseTo(m.precisionScore(y, p, { average: 'macro' }) as number, 12);
        expect(found.macroRecall).toBeCloseTo(m.recallScore(y, p, { average: 'macro' }) as number, 12);
        expect(found.mcc).toBeCloseTo(m.matthewsCorrcoef(y, p), 12);
        expect(found.balancedAccuracy).toBeCloseTo(m.balancedAccuracyScore(y, p), 12);
        const kappa = m.cohenKappaScore(y, p);
        if (Number.isFinite(kappa)) expect(found.kappa).toBeCloseTo(kappa, 12);
      }),
      { numRuns: 100 },
    );
  });
  it('regression', () => {
    const value = fc.double({ min: -100, max: 100, noNaN: true }).map(x => Math.round(x * 1e3) / 1e3 + 1e5);
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (drawn, size) => {
        const [y, p] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        fc.pre(new Set(y).size > 1 && new Set(p).size > 1);
        const metric = new s.StreamingRegression();
        for (const part of parts(drawn, size))
          metric.merge(
            new s.StreamingRegression().update(
              part.map(([a]) => a),
              part.map(([, b]) => b),
            ),
          );
        metric.merge(new s.StreamingRegression());
        const found = metric.compute();
        const near = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThan(1e-7 * Math.max(1, Math.abs(b)));
        near(found.meanSquaredError, m.meanSquaredError(y, p) as number);
        near(found.rootMeanSquaredError, m.rootMeanSquaredError(y, p) as number);
        near(found.meanAbsoluteError, m.meanAbsoluteError(y, p) as number);
        near(found.maxError, m.maxError(y, p));
        near(found.r2, m.r2Score(y, p) as number);
        near(found.explainedVariance, m.explainedVarianceScore(y, p) as number);
        near(found.pearson, m.pearsonr(y, p).statistic);
        near(found.bias, p.reduce((a, b) => a + b) / p.length - y.reduce((a, b) => a + b) / y.length);
      }),
      { numRuns: 100 },
    );
  });
  it('ranking, within the bound it gives', () => {
    const scored = fc.array(fc.tuple(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(scored, fc.constantFrom(4, 64, 4096), (drawn, bins) => {
        const [y, p] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        fc.pre(new Set(y).size === 2);
        const metric = new s.StreamingRanking({ bins });
        for (const part of parts(drawn, 9))
          metric.merge(
            new s.StreamingRanking({ bins }).update(
              part.map(([a]) => a),
              part.map(([, b]) => b),
            ),
          );
        const found = metric.compute();
        expect(Math.abs(found.rocAuc - (m.rocAucScore(y, p) as number))).toBeLessThanOrEqual(found.rocAucError + 1e-12);
        expect(found.brierScore).toBeCloseTo(m.brierScoreLoss(y, p), 12);
        expect(found.expectedCalibrationError).toBeGreaterThanOrEqual(0);
        expect(found.averagePrecision).toBeLessThanOrEqual(1 + 1e-12);
        expect(metric.count).toBe(drawn.length);
      }),
      { numRuns: 100 },
    );
  });
  it('BLEU and error rates', () => {
    const text = hostileText().map(each => `a ${each}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 6 }), fc.constantFrom('exp', 'add-k', 'floor', 'none'), (drawn, smoothMethod) => {
        const [h, r] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        const bleu = new s.StreamingBleu({ smoothMethod });
        const rate = new s.StreamingErrorRate();
        for (const part of parts(drawn, 2)) {
          const [x, y] = [part.map(([a]) => a), part.map(([, b]) => b)];
          bleu.merge(new s.StreamingBleu({ smoothMethod }).update(x, [y]));
          rate.merge(new s.StreamingErrorRate().update(y, x));
        }
        expect(bleu.compute().score).toBeCloseTo(m.corpusBleu(h, [r], { smoothMethod }).score, 9);
        const { alignments: _, ...whole } = m.wordErrorRate(r, h);
        for (const [name, value] of Object.entries(whole)) expect(rate.compute()[name as keyof s.ErrorRateFigures]).toBeCloseTo(value, 12);
        expect([bleu.count, rate.count]).toEqual([drawn.length, drawn.length]);
      }),
      { numRuns: 100 },
    );
  });
  it('perplexity', () => {
    const metric = new s.StreamingPerplexity().update([-1, -2.5]).merge(new s.StreamingPerplexity().update([-0.1]));
    expect(metric.compute().perplexity).toBeCloseTo(3.3201169227365472, 12);
    expect(metric.count).toBe(3);
  });
});

describe('edges', () => {
  it('forget on reset', () => {
    const metrics = [
      new s.StreamingClassification(['a', 'b']).update(['a'], ['b']),
      new s.StreamingRegression().update([1], [2]),
      new s.StreamingRanking().update([1], [0.5]),
      new s.StreamingBleu().update(['a'], [['a']]),
      new s.StreamingErrorRate().update(['a'], ['a']),
      new s.StreamingPerplexity().update([-1]),
    ];
    for (const metric of metrics) {
      metric.compute();
      metric.reset();
      expect(metric.count).toBe(0);
      expect(() => metric.compute()).toThrow('update must have been called before compute, got no samples');
    }
  });
  it('characters, and nothing spoken', () => {
    expect(new s.StreamingErrorRate(m.characterErrorRate).update(['ab'], ['ac']).compute().wer).toBe(0.5);
    expect(new s.StreamingErrorRate().update([''], ['']).compute()).toMatchObject({ wer: 0, wip: 1 });
    expect(new s.StreamingRegression().update([1, 1], [1, 1]).compute()).toMatchObject({ r2: 1, explainedVariance: 1 });
    expect(new s.StreamingRegression().update([1], [1]).compute().r2).toBeNaN();
  });
  it('samples do not grow what is kept', () => {
    const metric = new s.StreamingRegression();
    const x = Float64Array.from({ length: 1000 }, (_, i) => i);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 1000; i++) metric.update(x, x);
    expect(metric.count).toBe(1_000_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });
  it.each<[string, () => unknown, string]>([
    ['labels', () => new s.StreamingClassification(['a']), 'labels must be at least two different ones, got a'],
    ['label', () => new s.StreamingClassification([0, 1]).update([2], [0]), 'yTrue must hold only 0, 1, got 2'],
    ['classes', () => new s.StreamingClassification([0, 1]).merge(new s.StreamingClassification([0, 2])), 'other must have the labels 0, 1, got 0, 2'],
    ['finite', () => new s.StreamingRegression().update([Number.NaN], [1]), 'yTrue[0] must be finite, got NaN'],
    ['range', () => new s.StreamingRanking().update([1], [2]), 'probabilities[0] must be in [0, 1], got 2'],
    ['binary', () => new s.StreamingRanking().update([2], [1]), 'labels[0] must be 0 or 1, got 2'],
    ['bins', () => new s.StreamingRanking({ bins: 2 }).merge(new s.StreamingRanking()), 'other must have 2 bins, got 4096'],
    ['no bins', () => new s.StreamingRanking({ bins: 0 }), 'bins must be positive, got 0'],
    ['logs', () => new s.StreamingPerplexity().update([0.5]), 'logProbs[0] must be at most 0, got 0.5'],
    ['segments', () => new s.StreamingErrorRate().update([], []), 'references cannot be empty'],
  ])('refuses %s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

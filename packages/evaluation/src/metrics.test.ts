import { evidenceCases, hostileText, parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classificationAnswers } from './internal/metrics/evidence-classification.fixture.js';
import { regressionAnswers } from './internal/metrics/evidence-regression.fixture.js';
import { textAnswers } from './internal/metrics/evidence-text.fixture.js';
import * as metrics from './metrics.js';

describe('parity: metrics', () => {
  it.each(parityCases('evaluation/metrics', metrics, import.meta.url))('$name', c => c.run());
});
describe('evidence: classification', () => {
  it.each(evidenceCases('evaluation/classification', classificationAnswers, import.meta.url))('$name', c => c.run());
});
describe('evidence: regression', () => {
  it.each(evidenceCases('evaluation/regression', regressionAnswers, import.meta.url))('$name', c => c.run());
});
describe('evidence: text_edges', () => {
  it.each(evidenceCases('evaluation/text_edges', textAnswers, import.meta.url))('$name', c => c.run());
});
describe('evidence: text_metrics', () => {
  it.each(evidenceCases('evaluation/text_metrics', textAnswers, import.meta.url))('$name', c => c.run());
});
const labels = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 60 });
const scored = fc.array(fc.tuple(fc.boolean(), fc.double({ min: -10, max: 10, noNaN: true })), { minLength: 2, maxLength: 80 });
const numbers = fc.array(fc.tuple(fc.double({ min: -100, max: 100, noNaN: true }), fc.double({ min: -100, max: 100, noNaN: true })), {
  minLength: 3,
  maxLength: 40,
});
const words = fc.array(fc.constantFrom('the', 'cat', 'sat', 'on', 'a', 'mat', 'dog'), { maxLength: 12 });
const close = (a: number, b: number, tolerance = 1e-9): boolean =>
  a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)) || (Number.isNaN(a) && Number.isNaN(b));
const law = (property: fc.IProperty<never>): void => fc.assert(property as fc.IProperty<unknown>, { numRuns: 100 });
const column = <A, B>(pairs: readonly (readonly [A, B])[]): [A[], B[]] => [pairs.map(([a]) => a), pairs.map(([, b]) => b)];

describe('laws', () => {
  it('micro F1, micro recall and accuracy agree for single-label targets', () => {
    law(
      fc.property(labels, pairs => {
        const [t, p] = column(pairs);
        return (
          close(metrics.f1Score(t, p, { average: 'micro' }), metrics.accuracyScore(t, p)) &&
          close(metrics.recallScore(t, p, { average: 'micro' }), metrics.accuracy(t, p))
        );
      }) as never,
    );
  });
  it('relabelling classes changes no averaged score', () => {
    law(
      fc.property(labels, pairs => {
        const [t, p] = column(pairs);
        const name = (label: number): string => `class ${(label + 7) % 10}`;
        const both = (average: 'macro' | 'weighted'): boolean =>
          close(metrics.f1Score(t, p, { average }), metrics.f1Score(t.map(name), p.map(name), { average }));
        return both('macro') && both('weighted') && close(metrics.matthewsCorrcoef(t, p), metrics.matthewsCorrcoef(t.map(name), p.map(name)));
      }) as never,
    );
  });
  it('the confusion matrix counts every sample and is transposed by exchange', () => {
    law(
      fc.property(labels, pairs => {
        const [t, p] = column(pairs);
        const matrix = metrics.confusionMatrix(t, p);
        const swapped = metrics.confusionMatrix(p, t);
        return matrix.flat().reduce((sum, count) => sum + count, 0) === t.length && matrix.every((row, i) => row.every((count, j) => count === swapped[j]![i]));
      }) as never,
    );
  });
  it('integer weights equal repetition', () => {
    law(
      fc.property(labels, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 60, maxLength: 60 }), (pairs, weights) => {
        const [t, p] = column(pairs);
        const sampleWeight = weights.slice(0, t.length);
        const repeat = <V>(values: readonly V[]): V[] => values.flatMap((value, i) => new Array<V>(sampleWeight[i]!).fill(value));
        return (
          close(metrics.f1Score(t, p, { average: 'macro', sampleWeight }), metrics.f1Score(repeat(t), repeat(p), { average: 'macro' })) &&
          close(metrics.cohenKappaScore(t, p, { sampleWeight }), metrics.cohenKappaScore(repeat(t), repeat(p)))
        );
      }) as never,
    );
  });
  it('ROC AUC is the share of ordered pairs, and turns over with the scores', () => {
    law(
      fc.property(scored, pairs => {
        const [t, s] = column(pairs);
        const positives = s.filter((_, i) => t[i]);
        const negatives = s.filter((_, i) => !t[i]);
        fc.pre(positives.length > 0 && negatives.length > 0);
        const ordered = positives.reduce((sum, a) => sum + negatives.reduce((wins, b) => wins + (a > b ? 1 : a === b ? 0.5 : 0), 0), 0);
        const area = metrics.rocAucScore(t, s);
        const { fpr, tpr } = metrics.rocCurve(t, s);
        return (
          close(area, ordered / (positives.length * negatives.length)) &&
          close(
            metrics.rocAucScore(
              t,
              s.map(score => -score),
            ),
            1 - area,
          ) &&
          close(metrics.auc(fpr, tpr), area)
        );
      }) as never,
    );
  });
  it('R² of the mean is 0, of the truth 1; MSE is bias and variance', () => {
    law(
      fc.property(numbers, pairs => {
        const [t, p] = column(pairs);
        const mean = t.reduce((sum, value) => sum + value, 0) / t.length;
        fc.pre(t.some(value => Math.abs(value - mean) > 1e-3));
        return (
          close(
            metrics.r2Score(
              t,
              t.map(() => mean),
            ),
            0,
            1e-6,
          ) &&
          metrics.r2Score(t, t) === 1 &&
          close(metrics.rootMeanSquaredError(t, p) ** 2, metrics.meanSquaredError(t, p))
        );
      }) as never,
    );
  });
  it('typed arrays and plain arrays give the same regression scores', () => {
    law(
      fc.property(numbers, pairs => {
        const [t, p] = column(pairs);
        const [a, b] = [Float64Array.from(t), Float64Array.from(p)];
        return close(metrics.meanSquaredError(a, b), metrics.meanSquaredError(t, p)) && close(metrics.r2Score(a, b), metrics.r2Score(t, p));
      }) as never,
    );
  });
  it('rank correlations do not see monotonic maps', () => {
    law(
      fc.property(numbers, pairs => {
        const [x, y] = column(pairs.map(([a, b]) => [Math.round(a), Math.round(b)] as const));
        const cube = x.map(value => value ** 3);
        return (
          close(metrics.spearmanr(cube, y).statistic, metrics.spearmanr(x, y).statistic) &&
          close(metrics.kendalltau(cube, y).statistic, metrics.kendalltau(x, y).statistic)
        );
      }) as never,
    );
  });
  it('distances are metrics', () => {
    law(
      fc.property(words, words, words, (a, b, c) => {
        const d = metrics.levenshtein;
        return d(a, b) === d(b, a) && d(a, a) === 0 && d(a, c) <= d(a, b) + d(b, c) && metrics.damerauLevenshtein(a, b) <= d(a, b);
      }) as never,
    );
  });
  it('an alignment covers both texts and costs the edit distance', () => {
    law(
      fc.property(words, words, (a, b) => {
        const rates = metrics.wordErrorRate(a.join(' '), b.join(' '));
        const last = rates.alignments[0]!.at(-1);
        const covered = last === undefined ? a.length + b.length === 0 : last.refEnd === a.length && last.hypEnd === b.length;
        return (
          covered &&
          rates.substitutions + rates.deletions + rates.insertions === metrics.levenshtein(a, b) &&
          rates.hits + rates.substitutions + rates.deletions === a.length
        );
      }) as never,
    );
  });
  it('a byte order mark is a letter, as in Python', () => {
    expect(metrics.corpusBleu(['a b c \ufeff'], [['a b c \ufeff']]).sysLen).toBe(4);
    expect(metrics.corpusTer(['a \ufeff'], [['a b']])).toBe(50);
    expect(metrics.wordErrorRate('a \ufeff b', 'a  b').wer).toBeCloseTo(1 / 3, 12);
    expect(metrics.wordErrorRate('a \u001c b', 'a b').wer).toBe(0);
    expect(metrics.characterErrorRate('ab\u001c', 'ab').wer).toBe(0);
    expect(metrics.tokenizeMt('\ufeff', 'zh')).toEqual(['\ufeff']);
  });
  it('text scores are perfect for equal text and stay in their range for hostile text', () => {
    law(
      fc.property(hostileText(), hostileText(), (a, b) => {
        const bleu = metrics.corpusBleu([a], [[b]]).score;
        const rouge = metrics.rougeScore(a, b, { types: ['rouge1', 'rougeL', 'rougeLsum'] });
        const inRange = (x: number, top: number): boolean => x >= 0 && x <= top + 1e-9;
        const perfect = metrics.tokenizeMt(a).length < 4 || close(metrics.corpusBleu([a], [[a]]).score, 100);
        return (
          perfect &&
          inRange(bleu, 100) &&
          inRange(metrics.corpusChrf([a], [[b]]), 100) &&
          Object.values(rouge).every(score => inRange(score.f1, 1)) &&
          inRange(metrics.jaroWinklerSimilarity(a, b), 1) &&
          inRange(metrics.squadScore([a], b).f1, 1)
        );
      }) as never,
    );
  });
});

describe('calculateConfidenceInterval', () => {
  // scipy.stats.t.interval(confidence, n - 1, mean, sem)
  it.each([
    [[1, 2, 3, 4, 5], 0.95, [1.036756838522439, 4.963243161477561]],
    [[0.2, 0.9], 0.95, [-3.8971716579117, 4.9971716579117]],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.99, [2.3885193567, 8.6114806433]],
  ] as const)('of %j with %d is that of scipy', (values, confidence, expected) => {
    const interval = metrics.calculateConfidenceInterval(values, { confidence });
    interval.forEach((bound, i) => {
      expect(bound).toBeCloseTo(expected[i]!, 3);
    });
  });
  it('holds the mean and grows with the confidence', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 20 }), values => {
        const [low, high] = metrics.calculateConfidenceInterval(values, { confidence: 0.5 });
        const [lower, higher] = metrics.calculateConfidenceInterval(values, { confidence: 0.999 });
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        return lower <= low + 1e-9 && low <= mean + 1e-9 && mean <= high + 1e-9 && high <= higher + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it.each([
    [() => metrics.calculateConfidenceInterval([]), 'values cannot be empty'],
    [() => metrics.calculateConfidenceInterval([Number.NaN]), 'values[0] must be finite, got NaN'],
    [() => metrics.calculateConfidenceInterval([1], { confidence: 1 }), 'confidence must be in (0, 1), got 1'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('definitions', () => {
  const { AggregationMethod, BERTScoreConfig, BLEUConfig, MetricConfig, MetricResult, MetricType, ROUGEConfig, RougeVariant } = metrics;
  it.each([...sweep(BLEUConfig), ...sweep(ROUGEConfig), ...sweep(BERTScoreConfig), ...sweep(MetricConfig), ...sweep(MetricResult)])('$name', c => c.run());
  it.each([
    ...sweepEnum('MetricType', MetricType, { list: metrics.listMetricTypes, is: metrics.validateMetricType, get: metrics.getMetricType }),
    ...sweepEnum('RougeVariant', RougeVariant, { list: metrics.listRougeVariants, is: metrics.validateRougeVariant, get: metrics.getRougeVariant }),
    ...sweepEnum('AggregationMethod', AggregationMethod, {
      list: metrics.listAggregationMethods,
      is: metrics.validateAggregationMethod,
      get: metrics.getAggregationMethod,
    }),
  ])('$name', c => c.run());
});

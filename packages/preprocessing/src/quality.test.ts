import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as quality from './quality.js';

describe('parity: quality', () => {
  it.each(parityCases('preprocessing/quality', quality, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a text of n different characters seems to draw from n', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...'abcdefghij'), { minLength: 1 }),
        characters => Math.abs(quality.calculatePerplexityScore(characters.join('')) - characters.length) < 1e-9,
      ),
      { numRuns: 100 },
    );
  });
  it('equal texts are duplicates by every method', () => {
    const text = 'one two three four five six';
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(quality.DeduplicationMethod)), method => {
        const pairs = quality.detectDuplicates([text, 'x', text], { config: quality.createDeduplicationConfig({ method }) });
        return String(pairs) === String([[0, 2, 1]]);
      }),
      { numRuns: 20 },
    );
  });
  it('texts count from the threshold on, and texts without runs never do', () => {
    const pairs = (similarityThreshold: number, ...texts: string[]): unknown =>
      quality.detectDuplicates(texts, { config: quality.createDeduplicationConfig({ method: 'ngram', similarityThreshold, ngramSize: 2 }) });
    const [a, b] = ['the quick brown fox jumps', 'THE quick brown fox leaps'];
    expect(pairs(0.6, a!, b!)).toEqual([[0, 1, 0.6]]);
    expect(pairs(0.61, a!, b!)).toEqual([]);
    expect(pairs(0, '', 'x', '', a!)).toEqual([]);
    expect(pairs(0, 'a b c d e', 'a b')).toEqual([[0, 1, 0.25]]);
    expect(pairs(0, 'a b', 'a b c d e')).toEqual([[0, 1, 0.25]]);
    expect(pairs(0, 'a b', 'c d')).toEqual([[0, 1, 0]]);
  });
  it('case does not tell words apart, whatever the language', () => {
    const config = quality.createDeduplicationConfig({ method: 'ngram', ngramSize: 1, similarityThreshold: 1 });
    expect(quality.detectDuplicates(['Straße', 'STRASSE'], { config })).toEqual([]);
  });
  it('sorts repetitive texts by their metrics', () => {
    const spread = (text: string): unknown =>
      quality.computeQualityStats([text], { config: quality.createQualityFilterConfig({ metrics: ['repetition'] }) }).qualityDistribution;
    expect(spread('a b '.repeat(4))).toEqual({ high: 0, medium: 0, low: 1 });
    expect(spread('alpha beta alpha gamma delta epsilon zeta eta theta iota')).toEqual({ high: 1, medium: 0, low: 0 });
    expect(spread(`${'alpha beta '.repeat(2).repeat(1)}alpha beta gamma delta epsilon zeta eta alpha`)).toEqual({ high: 0, medium: 1, low: 0 });
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(quality.DeduplicationConfig),
    ...sweep(quality.QualityFilterConfig),
    ...sweep(quality.ContaminationConfig, () => quality.createContaminationConfig(['mmlu'])),
    ...sweep(quality.QualityStats),
    ...sweepEnum('DeduplicationMethod', quality.DeduplicationMethod, { list: quality.listDeduplicationMethods, get: quality.getDeduplicationMethod }),
    ...sweepEnum('QualityMetric', quality.QualityMetric, { list: quality.listQualityMetrics, get: quality.getQualityMetric }),
    ...sweepEnum('FilterStrategy', quality.FilterStrategy, { list: quality.listFilterStrategies, get: quality.getFilterStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () => quality.calculateTextQualityScore('a', { metrics: ['fluency' as never] }),
      "metrics must be one of language_score, length, perplexity, repetition, toxicity, got 'fluency'",
    ],
    [() => quality.detectDuplicates([], { config: { ...quality.createDeduplicationConfig(), ngramSize: 0 } }), 'ngramSize must be positive, got 0'],
    [() => quality.getRecommendedQualityConfig(0), 'datasetSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

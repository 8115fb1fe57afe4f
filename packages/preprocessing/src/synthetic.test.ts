import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as synthetic from './synthetic.js';

describe('parity: synthetic', () => {
  it.each(parityCases('preprocessing/synthetic', synthetic, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const samples = (...texts: string[]): synthetic.SyntheticSample[] =>
    texts.map(text => ({ text, sourceMethod: 'template', qualityScore: 0.6, diversityScore: 0.5 }));
  it('repeating texts halves their diversity', () => {
    const word = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(word, { minLength: 3, maxLength: 9 }), words => {
        const text = words.join(' ');
        return Math.abs(synthetic.calculateDiversityScore([text, text.toUpperCase()]) - synthetic.calculateDiversityScore([text]) / 2) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it('deduplication keeps a subset and repeats itself', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab]( [ab]){0,3}$/), { maxLength: 8 }), texts => {
        const once = synthetic.deduplicateSamples(samples(...texts), { threshold: 0.9 });
        return once.length <= texts.length && synthetic.deduplicateSamples(once, { threshold: 0.9 }).length === once.length;
      }),
      { numRuns: 100 },
    );
  });
  it('blank samples do not resemble one another', () => {
    expect(synthetic.deduplicateSamples(samples(' ', '  ', '\t'), { threshold: 0.5 })).toHaveLength(3);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(synthetic.SelfInstructConfig),
    ...sweep(synthetic.EvolInstructConfig),
    ...sweep(synthetic.SyntheticConfig, () => synthetic.createSyntheticConfig({ minLength: 0, maxLength: 100000 })),
    ...sweep(synthetic.SyntheticSample),
    ...sweep(synthetic.GenerationStats),
    ...sweepEnum('GenerationMethod', synthetic.GenerationMethod, { list: synthetic.listGenerationMethods, get: synthetic.getGenerationMethod }),
    ...sweepEnum('DiversityStrategy', synthetic.DiversityStrategy, { list: synthetic.listDiversityStrategies, get: synthetic.getDiversityStrategy }),
    ...sweepEnum('QualityFilter', synthetic.QualityFilter, { list: synthetic.listQualityFilters, get: synthetic.getQualityFilter }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => synthetic.createSyntheticConfig({ minLength: 100, maxLength: 100 }), 'minLength must be less than maxLength 100, got 100'],
    [
      () => synthetic.getRecommendedSyntheticConfig('chat'),
      "useCase must be one of code_generation, instruction_tuning, qa_generation, summarization, got 'chat'",
    ],
    [() => synthetic.createSelfInstructConfig({ temperature: 3 }), 'temperature must be in [0, 2], got 3'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

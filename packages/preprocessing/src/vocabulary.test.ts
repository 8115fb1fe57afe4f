import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as vocabulary from './vocabulary.js';

describe('parity: vocabulary', () => {
  it.each(parityCases('preprocessing/vocabulary', vocabulary, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a vocabulary covers its own words entirely', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, list => vocabulary.calculateVocabCoverage(list, [list.join(' ').toUpperCase()]) === 100),
      { numRuns: 100 },
    );
  });
  it('a pair that meets as often as chance has it scores 0', () => {
    expect(vocabulary.calculateMergeScore(16, 128, 128, 1024, { strategy: 'pmi' })).toBe(0);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(vocabulary.VocabTrainingConfig),
    ...sweep(vocabulary.MergeConfig),
    ...sweep(vocabulary.SpecialTokensConfig),
    ...sweep(vocabulary.VocabTrainingStats),
    ...sweepEnum('VocabTrainingMethod', vocabulary.VocabTrainingMethod, { list: vocabulary.listVocabTrainingMethods, get: vocabulary.getVocabTrainingMethod }),
    ...sweepEnum('MergeStrategy', vocabulary.MergeStrategy, { list: vocabulary.listMergeStrategies, get: vocabulary.getMergeStrategy }),
    ...sweepEnum('SpecialTokenPosition', vocabulary.SpecialTokenPosition, {
      list: vocabulary.listSpecialTokenPositions,
      get: vocabulary.getSpecialTokenPosition,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => vocabulary.createSpecialTokensConfig({ pad: '' }), 'pad cannot be empty'],
    [() => vocabulary.getRecommendedVocabConfig('gtp', 10), "modelType must be one of bert, gpt, llama, t5, got 'gtp'"],
    [() => vocabulary.calculateMergeScore(1, 1, 1, 0), 'totalPairs must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

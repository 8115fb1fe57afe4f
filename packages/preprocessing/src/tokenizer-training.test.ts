import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tokenizerTraining from './tokenizer-training.js';

describe('parity: tokenizer_training', () => {
  it.each(parityCases('preprocessing/tokenizer_training', tokenizerTraining, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('coverage grows with the vocabulary and stays below all of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom(...Object.values(tokenizerTraining.TokenizerAlgorithm)),
        (a, b, algorithm) => {
          const [small, large] = [Math.min(a, b), Math.max(a, b)].map(size => tokenizerTraining.estimateVocabCoverage(size, 1, algorithm)) as [number, number];
          return small <= large && small >= 45 && large <= 99.9;
        },
      ),
      { numRuns: 100 },
    );
  });
  it('a ratio and its inverse cancel', () => {
    const length = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(
        length,
        length,
        (a, b) => Math.abs(tokenizerTraining.calculateCompressionRatio(a, b) * tokenizerTraining.calculateCompressionRatio(b, a) - 1) < 1e-12,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(tokenizerTraining.BPEConfig),
    ...sweep(tokenizerTraining.WordPieceConfig),
    ...sweep(tokenizerTraining.UnigramConfig),
    ...sweep(tokenizerTraining.PreTokenizerConfig),
    ...sweep(tokenizerTraining.TrainingCorpusConfig),
    ...sweepEnum('TokenizerAlgorithm', tokenizerTraining.TokenizerAlgorithm, {
      list: tokenizerTraining.listTokenizerAlgorithms,
      get: tokenizerTraining.getTokenizerAlgorithm,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => tokenizerTraining.getRecommendedAlgorithm('gpt5'), "modelType must be one of bert, gpt, llama, t5, got 'gpt5'"],
    [() => tokenizerTraining.calculateCompressionRatio(1, 0), 'tokenizedLength must be positive, got 0'],
    [() => tokenizerTraining.createUnigramConfig({ shrinkingFactor: 1 }), 'shrinkingFactor must be in (0, 1), got 1'],
    [() => tokenizerTraining.createTrainingCorpusConfig([]), 'files cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

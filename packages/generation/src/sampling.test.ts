import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as sampling from './sampling.js';

describe('parity: sampling', () => {
  it.each(parityCases('generation/sampling', sampling, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('never more tokens remain than there are, and never none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat({ max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (vocabulary, k, p) => {
        const size = sampling.calculateEffectiveVocabSize(vocabulary, k, p);
        return size >= 1 && size <= vocabulary && (k === 0 || size <= k);
      }),
      { numRuns: 100 },
    );
  });
  it('memory grows with each beam alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        (beams, layers) =>
          sampling.estimateGenerationMemory(1, 16, 64, layers, { numBeams: beams }) === beams * sampling.estimateGenerationMemory(1, 16, 64, layers),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(sampling.SamplingConfig),
    ...sweep(sampling.BeamSearchConfig),
    ...sweep(sampling.GenerationConstraints),
    ...sweep(sampling.StoppingCriteria),
    ...sweep(sampling.ContrastiveConfig),
    ...sweepEnum('SamplingStrategy', sampling.SamplingStrategy, { list: sampling.listSamplingStrategies, get: sampling.getSamplingStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => sampling.getRecommendedConfig('poem'), "task must be one of chat, code, creative, factual, got 'poem'"],
    [() => sampling.createBeamSearchConfig({ numBeamGroups: 3 }), 'numBeams (4) must be divisible by numBeamGroups (3)'],
    [() => sampling.createGenerationConstraints({ minLength: 600 }), 'minLength (600) cannot exceed maxLength (512)'],
    [() => sampling.calculateEffectiveVocabSize(10, 1, 1.5), 'topP must be in [0, 1], got 1.5'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as decoding from './decoding.js';

describe('parity: decoding', () => {
  it.each(parityCases('inference/decoding', decoding, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const logits = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 1, maxLength: 16 });
  it.each(['multiplicative', 'additive', 'presence'] as const)('a %s penalty lowers what was written and nothing else', penaltyType => {
    fc.assert(
      fc.property(logits, fc.array(fc.nat(20)), (row, ids) => {
        const penalised = decoding.applyRepetitionPenalty(row, ids, { penalty: 1.5, penaltyType });
        return penalised.every((value, id) => (ids.includes(id) ? value < row[id]! || Math.abs(row[id]!) < 1e-300 : value === row[id]));
      }),
      { numRuns: 100 },
    );
  });
  it('entropy is greatest for a uniform distribution', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 16 }), weights => {
        const sum = weights.reduce((a, b) => a + b, 0);
        const entropy = decoding.calculateEntropy(weights.map(weight => weight / sum));
        return entropy >= -1e-12 && entropy <= Math.log(weights.length) + 1e-12;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(decoding.BeamConfig),
    ...sweep(decoding.SamplingConfig),
    ...sweep(decoding.ContrastiveConfig),
    ...sweep(decoding.DecodingConfig),
    ...sweep(decoding.DecodingStats),
    ...sweepEnum('DecodingMethod', decoding.DecodingMethod, { list: decoding.listDecodingMethods, get: decoding.getDecodingMethod }),
    ...sweepEnum('StoppingCriteria', decoding.StoppingCriteria, { list: decoding.listStoppingCriteria, get: decoding.getStoppingCriteria }),
    ...sweepEnum('RepetitionPenaltyType', decoding.RepetitionPenaltyType, {
      list: decoding.listRepetitionPenaltyTypes,
      get: decoding.getRepetitionPenaltyType,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => decoding.createDecodingConfig({ method: 'beam' }), 'beamConfig is required for beam search'],
    [() => decoding.createDecodingConfig({ method: 'top_k' }), 'samplingConfig is required for top_k'],
    [() => decoding.createDecodingConfig({ method: 'contrastive' }), 'contrastiveConfig is required for contrastive search'],
    [() => decoding.createBeamConfig({ numReturnSequences: 5 }), 'numReturnSequences must be at most numBeams (4), got 5'],
    [() => decoding.calculateEntropy([0.5, -0.5]), 'probabilities[1] must be non-negative, got -0.5'],
    [() => decoding.applyRepetitionPenalty([1], [0], { penalty: 0 }), 'penalty must be positive, got 0'],
    [() => decoding.getRecommendedDecodingConfig('poetry'), 'task must be one of chat, code, creative, qa, translation'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

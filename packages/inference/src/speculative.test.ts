import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as speculative from './speculative.js';

describe('parity: speculative', () => {
  it.each(parityCases('inference/speculative', speculative, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  it('a higher rate of acceptance never makes it slower, and no speed-up exceeds the tokens of a pass', () => {
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 20 }), (a, b, gamma) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(value => speculative.calculateExpectedSpeedup(value, gamma)) as [number, number];
        return low <= high && high <= gamma + 1;
      }),
      { numRuns: 100 },
    );
  });
  it('the accepted and the rejected share add up to one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat({ max: 1e6 }), (accepted, rejected) => {
        const efficiency = speculative.calculateSpeculationEfficiency(accepted, rejected, 4);
        return Math.abs(efficiency + speculative.calculateSpeculationEfficiency(rejected, accepted, 4) - 1) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(speculative.DraftModelConfig),
    ...sweep(speculative.VerificationConfig),
    ...sweep(speculative.SpeculativeConfig, () => speculative.createSpeculativeConfig()),
    ...sweepEnum('VerificationStrategy', speculative.VerificationStrategy, {
      list: speculative.listVerificationStrategies,
      get: speculative.getVerificationStrategy,
    }),
    ...sweepEnum('DraftModelType', speculative.DraftModelType, { list: speculative.listDraftModelTypes, get: speculative.getDraftModelType }),
    ...sweepEnum('AcceptanceCriteria', speculative.AcceptanceCriteria, { list: speculative.listAcceptanceCriteria, get: speculative.getAcceptanceCriteria }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => speculative.calculateExpectedSpeedup(1.1, 5), 'acceptanceRate must be in [0, 1], got 1.1'],
    [() => speculative.calculateExpectedSpeedup(1, 5, { draftLatencyRatio: 1 }), 'draftLatencyRatio must be in (0, 1), got 1'],
    [() => speculative.getRecommendedSpeculativeConfig('tiny'), "modelSize must be one of large, medium, small, xlarge, got 'tiny'"],
    [() => speculative.createSpeculativeConfig({ gammaTokens: 0 }), 'gammaTokens must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as sampling from './sampling.js';

describe('parity: sampling', () => {
  it.each(parityCases('preprocessing/sampling', sampling, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const labelled = (labels: string): { label: string; id: number }[] => [...labels].map((label, id) => ({ label, id }));
  it('inverse weights add up to the number of samples', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 40 }), labels => {
        const total = sampling.calculateSampleWeights(labels).reduce((a, b) => a + b, 0);
        return Math.abs(total - labels.length) < 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('balanced classes are of one size', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab]{0,20}ab$/), fc.constantFrom('oversample', 'undersample', 'smote'), (labels, strategy) => {
        const balanced = sampling.balanceClasses(labelled(labels), 'label', { strategy: strategy as never, randomState: 1 });
        const ofA = balanced.filter(({ label }) => label === 'a').length;
        return ofA === balanced.length - ofA;
      }),
      { numRuns: 100 },
    );
  });
  it('classes get the same where their shares are not kept', () => {
    const drawn = sampling.stratifiedSample(labelled('aaaaaaaabb'), 'label', 4, { preserveDistribution: false, randomState: 3 });
    expect(drawn.map(({ label }) => label)).toEqual(['a', 'a', 'b', 'b']);
    expect(sampling.stratifiedSample(labelled('abcd'), 'label', 2)).toHaveLength(2);
  });
  it('draws anew without a seed', () => {
    expect(sampling.importanceSample(labelled('ab'), [0, 1000], 2).map(({ label }) => label)).toEqual(['b', 'b']);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(sampling.StratifiedConfig),
    ...sweep(sampling.ImportanceConfig),
    ...sweep(sampling.BalancedConfig),
    ...sweep(sampling.SamplingConfig),
    ...sweep(sampling.SamplingStats),
    ...sweepEnum('SamplingMethod', sampling.SamplingMethod, { list: sampling.listSamplingMethods, get: sampling.getSamplingMethod }),
    ...sweepEnum('WeightingScheme', sampling.WeightingScheme, { list: sampling.listWeightingSchemes, get: sampling.getWeightingScheme }),
    ...sweepEnum('BalancingStrategy', sampling.BalancingStrategy, { list: sampling.listBalancingStrategies, get: sampling.getBalancingStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => sampling.calculateSampleWeights(['a'], { scheme: 'custom' }), 'customWeights is required for CUSTOM weights, got null'],
    [() => sampling.calculateSampleWeights(['a'], { scheme: 'custom', customWeights: {} }), "customWeights must name a weight for label 'a'"],
    [() => sampling.stratifiedSample([{ a: 1 }], 'a', 2), 'sampleSize must be at most the 1 samples of data, got 2'],
    [() => sampling.createSamplingConfig({ method: 'balanced' }), 'balancedConfig is required for BALANCED sampling'],
    [
      () => sampling.createSamplingConfig({ method: 'importance', importanceConfig: { weightsColumn: null, temperature: 0, normalize: true } }),
      'importanceConfig.temperature must be positive, got 0',
    ],
    [() => sampling.balanceClasses([{ a: 1 }], 'a', { targetRatio: 1.5 }), 'targetRatio must be in (0, 1], got 1.5'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

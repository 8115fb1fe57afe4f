import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as curriculum from './curriculum.js';

describe('parity: curriculum', () => {
  it.each(parityCases('training/curriculum', curriculum, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  it.each(curriculum.listPacingFunctions())('%s never makes samples easier with the steps', pacing => {
    const config = curriculum.createPacingConfig({ function: pacing });
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), share, (a, b, competenceScore) => {
        const at = (step: number) => curriculum.getDifficultyAtStep(config, step, 1000, { competenceScore });
        return at(Math.min(a, b)) <= at(Math.max(a, b)) && at(1000) <= 1;
      }),
      { numRuns: 100 },
    );
  });
  it.each(curriculum.listSamplingStrategies())('%s never prefers a harder sample', strategy => {
    fc.assert(
      fc.property(share, share, share, (a, b, current) => {
        const [easy, hard] = curriculum.calculateSampleWeights([Math.min(a, b), Math.max(a, b)], current, strategy) as [number, number];
        return easy >= hard;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(curriculum.DifficultyConfig),
    ...sweep(curriculum.PacingConfig),
    ...sweep(curriculum.CurriculumConfig, () => curriculum.createCurriculumConfig()),
    ...sweep(curriculum.CurriculumStats),
    ...sweepEnum('DifficultyMetric', curriculum.DifficultyMetric, { list: curriculum.listDifficultyMetrics, get: curriculum.getDifficultyMetric }),
    ...sweepEnum('PacingFunction', curriculum.PacingFunction, { list: curriculum.listPacingFunctions, get: curriculum.getPacingFunction }),
    ...sweepEnum('SamplingStrategy', curriculum.SamplingStrategy, { list: curriculum.listSamplingStrategies, get: curriculum.getSamplingStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => curriculum.calculateSampleDifficulty(1, 2, 2), 'minValue must be less than maxValue (2), got 2'],
    [() => curriculum.getDifficultyAtStep(curriculum.createPacingConfig(), 11, 10), 'currentStep must be at most totalSteps (10), got 11'],
    [() => curriculum.calculateSampleWeights([1], 0.5, 'luck' as never), 'strategy must be one of probabilistic, threshold, weighted'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as debugging from './debugging.js';

describe('parity: debugging', () => {
  it.each(parityCases('training/debugging', debugging, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const values = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 20 });
  it('the least of a layer is at most its mean, which is at most its greatest', () => {
    fc.assert(
      fc.property(values, list => {
        const [min, mean, max] = (['min', 'mean', 'max'] as const).map(
          reduction => debugging.computeGradientFlow({ a: list }, debugging.createGradientFlowConfig({ reduction })).a!,
        );
        return min! <= mean! + 1e-9 && mean! <= max! + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('a straight line is as smooth as can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 3, max: 20 }), (slope, length) => {
        const shape = debugging.analyzeLossLandscape(
          Array.from({ length }, (_, step) => slope * step),
          { stepSize: 1 },
        );
        return shape.trend === slope && shape.smoothness === 1 && shape.volatility === 0;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(debugging.DebugConfig),
    ...sweep(debugging.GradientFlowConfig),
    ...sweep(debugging.ActivationConfig),
    ...sweep(debugging.DebugStats),
    ...sweepEnum('DebugLevel', debugging.DebugLevel, { list: debugging.listDebugLevels, get: debugging.getDebugLevel }),
    ...sweepEnum('VisualizationType', debugging.VisualizationType, { list: debugging.listVisualizationTypes, get: debugging.getVisualizationType }),
    ...sweepEnum('AnomalyType', debugging.AnomalyType, { list: debugging.listAnomalyTypes, get: debugging.getAnomalyType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => debugging.analyzeLossLandscape([1]), 'lossValues must have at least 2 elements, got 1'],
    [() => debugging.computeGradientFlow({ a: [] }, debugging.createGradientFlowConfig()), 'gradients.a cannot be empty'],
    [() => debugging.getRecommendedDebugConfig({ trainingPhase: 'hope' }), "trainingPhase must be one of fine_tuning, pretraining, rlhf, got 'hope'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

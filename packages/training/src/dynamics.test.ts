import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as dynamics from './dynamics.js';

describe('parity: dynamics', () => {
  it.each(parityCases('training/dynamics', dynamics, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const values = fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 });
  const curveOf = (list: number[]) => dynamics.createLossCurve([...list.keys()], list);
  it('a smooth curve lies between the least and the greatest value', () => {
    fc.assert(
      fc.property(values, list => dynamics.smoothCurve(list).every(value => value >= Math.min(...list) - 1e-9 && value <= Math.max(...list) + 1e-9)),
      { numRuns: 100 },
    );
  });
  it('scores lie in [0, 1], and the median between least and greatest', () => {
    fc.assert(
      fc.property(values, list => {
        const { stabilityScore, oscillationFrequency } = dynamics.analyzeLossCurve(curveOf(list));
        const { min, median, max } = dynamics.computeGradientStatistics(list);
        return stabilityScore >= 0 && stabilityScore <= 1 && oscillationFrequency >= 0 && oscillationFrequency < 1 && min <= median && median <= max;
      }),
      { numRuns: 100 },
    );
  });
  it('a training that falls forever does not converge', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 40 }),
        length => dynamics.detectConvergence(curveOf(Array.from({ length }, (_, step) => length - step)))[0] === false,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(dynamics.LossCurve, () => dynamics.createLossCurve([0, 1], [1, 0.5])),
    ...sweep(dynamics.GradientDynamics, () => dynamics.createGradientDynamics([1])),
    ...sweep(dynamics.TrainingSnapshot),
    ...sweep(dynamics.DynamicsStats),
    ...sweepEnum('DynamicsMetric', dynamics.DynamicsMetric, { list: dynamics.listDynamicsMetrics, get: dynamics.getDynamicsMetric }),
    ...sweepEnum('TrendType', dynamics.TrendType, { list: dynamics.listTrendTypes, get: dynamics.getTrendType }),
    ...sweepEnum('AnalysisWindow', dynamics.AnalysisWindow, { list: dynamics.listAnalysisWindows, get: dynamics.getAnalysisWindow }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => dynamics.createLossCurve([0, 1], [1]), 'steps and values must have the same length, got 2 and 1'],
    [() => dynamics.smoothCurve([1], { smoothingFactor: 1 }), 'smoothingFactor must be in (0, 1), got 1'],
    [
      () => dynamics.formatDynamicsReport({ steps: [], values: [], smoothedValues: [], trend: 'plateau' }, dynamics.createDynamicsStats()),
      'curve.steps cannot be empty',
    ],
    [() => dynamics.getRecommendedDynamicsConfig({ trainingType: 'hope' }), 'trainingType must be one of fine_tuning, pretraining, rlhf'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

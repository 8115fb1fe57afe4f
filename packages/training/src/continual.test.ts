import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as continual from './continual.js';

describe('parity: continual', () => {
  it.each(parityCases('training/continual', continual, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const accuracies = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
  it('weights that did not move cost nothing', () => {
    fc.assert(
      fc.property(accuracies, accuracies, (weights, fisher) => continual.calculateEwcPenalty(weights, weights, fisher, 1000) === 0),
      { numRuns: 100 },
    );
  });
  it('nothing is forgotten where no accuracy falls, and transfer back is a mean of changes', () => {
    fc.assert(
      fc.property(accuracies, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (row, change) => {
        const back = continual.calculateBackwardTransfer([row, row, row.map(accuracy => accuracy + change)]);
        return (
          continual.calculateForgettingMeasure(
            row,
            row.map(accuracy => accuracy + Math.abs(change)),
          ) === 0 && Math.abs(back - change) < 1e-9
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(continual.EWCConfig),
    ...sweep(continual.ReplayConfig),
    ...sweep(continual.ContinualConfig),
    ...sweep(continual.ForgettingMetrics),
    ...sweepEnum('ContinualMethod', continual.ContinualMethod, { list: continual.listContinualMethods, get: continual.getContinualMethod }),
    ...sweepEnum('ReplayStrategy', continual.ReplayStrategy, { list: continual.listReplayStrategies, get: continual.getReplayStrategy }),
    ...sweepEnum('RegularizationType', continual.RegularizationType, { list: continual.listRegularizationTypes, get: continual.getRegularizationType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => continual.calculateBackwardTransfer([[1, 2], [1]]), 'accuracyMatrix and accuracyMatrix[1] must have the same length, got 2 and 1'],
    [() => continual.calculateForwardTransfer([[1], [1]]), 'accuracyMatrix[0] must have task 1, got 1 tasks'],
    [() => continual.createReplayConfig({ bufferSize: 100 }), 'samplesPerTask must be at most bufferSize (100), got 200'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

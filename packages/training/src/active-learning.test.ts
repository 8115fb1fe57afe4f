import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as activeLearning from './active-learning.js';

describe('parity: active_learning', () => {
  it.each(parityCases('training/active_learning', activeLearning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });
  it('no measure depends on the scale of the probabilities', () => {
    fc.assert(
      fc.property(weights, fc.constantFrom(...activeLearning.listUncertaintyMeasures()), (row, measure) => {
        const value = activeLearning.calculateUncertainty(row, { measure });
        return (
          value >= -1e-12 &&
          value <= Math.log(row.length) + 1e-9 &&
          Math.abs(
            value -
              activeLearning.calculateUncertainty(
                row.map(p => 3 * p),
                { measure },
              ),
          ) < 1e-9
        );
      }),
      { numRuns: 100 },
    );
  });
  it('chosen samples are at least as uncertain as the others', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 8 }), (row, size) => {
        const chosen = activeLearning.selectSamples(row, size);
        const rest = row.filter((_, index) => !chosen.includes(index));
        return chosen.every(index => rest.every(value => value <= row[index]!));
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(activeLearning.QueryConfig),
    ...sweep(activeLearning.ActiveLearningConfig, () => activeLearning.createActiveLearningConfig()),
    ...sweep(activeLearning.QueryResult, () => activeLearning.createQueryResult({ indices: [3], scores: [0.9], uncertaintyValues: [0.7] })),
    ...sweep(activeLearning.ActiveLearningStats),
    ...sweepEnum('QueryStrategy', activeLearning.QueryStrategy, { list: activeLearning.listQueryStrategies, get: activeLearning.getQueryStrategy }),
    ...sweepEnum('UncertaintyMeasure', activeLearning.UncertaintyMeasure, {
      list: activeLearning.listUncertaintyMeasures,
      get: activeLearning.getUncertaintyMeasure,
    }),
    ...sweepEnum('PoolingMethod', activeLearning.PoolingMethod, { list: activeLearning.listPoolingMethods, get: activeLearning.getPoolingMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => activeLearning.calculateUncertainty([0, 0]), 'sum of probabilities must be positive, got 0'],
    [
      () => activeLearning.calculateUncertainty([0.5, 0.5], { measure: 'mutual_information', mcSamples: [[1]] }),
      'probabilities and mcSamples[0] must have the same length, got 2 and 1',
    ],
    [() => activeLearning.createQueryResult({ indices: [1] }), 'indices, scores and uncertaintyValues must have the same length, got 1, 0 and 0'],
    [() => activeLearning.getRecommendedActiveLearningConfig('chess'), "taskType must be one of classification, generation, ner, qa, sentiment, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as hyperopt from './hyperopt.js';

describe('parity: hyperopt', () => {
  it.each(parityCases('training/hyperopt', hyperopt, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every suggestion lies within its space', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...hyperopt.listSearchAlgorithms()),
        fc.nat(),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
        (algorithm, seed, values) => {
          const config = hyperopt.createHyperoptConfig({ algorithm, parameterSpaces: hyperopt.getRecommendedHyperoptConfig('classification').parameterSpaces });
          const history = values.map((objectiveValue, i) =>
            hyperopt.createTrialResult({ ...hyperopt.sampleParameters(config.parameterSpaces, { seed: i }) }, objectiveValue, i + 1),
          );
          const next = hyperopt.suggestNextParams(config, history, { seed });
          return config.parameterSpaces.every(({ name, low, high }) => Number(next[name]) >= low! * (1 - 1e-12) && Number(next[name]) <= high! * (1 + 1e-12));
        },
      ),
      { numRuns: 100 },
    );
  });
  it('a grid visits both ends of a small integer range', () => {
    const config = hyperopt.createHyperoptConfig({
      algorithm: 'grid',
      parameterSpaces: [hyperopt.createParameterSpace('layers', { paramType: 'discrete', low: 1, high: 5 })],
    });
    const trial = hyperopt.createTrialResult({ layers: 1 }, 0, 1);
    const visited = Array.from({ length: 5 }, (_, k) => hyperopt.suggestNextParams(config, Array(k).fill(trial))['layers']);
    expect(visited).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(hyperopt.ParameterSpace, () => hyperopt.createParameterSpace('dropout', { paramType: 'continuous', low: 0, high: 0.5 })),
    ...sweep(hyperopt.HyperoptConfig, () => hyperopt.createHyperoptConfig()),
    ...sweep(hyperopt.TrialResult),
    ...sweep(hyperopt.HyperoptStats),
    ...sweepEnum('SearchAlgorithm', hyperopt.SearchAlgorithm, { list: hyperopt.listSearchAlgorithms, get: hyperopt.getSearchAlgorithm }),
    ...sweepEnum('ParameterType', hyperopt.ParameterType, { list: hyperopt.listParameterTypes, get: hyperopt.getParameterType }),
    ...sweepEnum('ObjectiveDirection', hyperopt.ObjectiveDirection, { list: hyperopt.listObjectiveDirections, get: hyperopt.getObjectiveDirection }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => hyperopt.createParameterSpace('x', { paramType: 'log_uniform', low: 0, high: 1 }), 'low of a log_uniform parameter must be positive, got 0'],
    [() => hyperopt.createParameterSpace('x', { low: 2, high: 1 }), 'low must be less than high 1, got 2'],
    [() => hyperopt.createParameterSpace('x', { paramType: 'categorical' }), 'choices of a categorical parameter cannot be empty'],
    [
      () => hyperopt.sampleParameters([{ name: 'x', paramType: 'continuous', low: null, high: 1, choices: null }]),
      'low and high are required for a continuous parameter',
    ],
    [() => hyperopt.getRecommendedHyperoptConfig('chess'), "taskType must be one of classification, fine_tuning, generation, pretraining, rl, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

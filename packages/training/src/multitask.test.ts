import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as multitask from './multitask.js';

describe('parity: multitask', () => {
  it.each(parityCases('training/multitask', multitask, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const gradients = fc
    .integer({ min: 1, max: 5 })
    .chain(n => fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: n, maxLength: n }), { minLength: 1, maxLength: 4 }));
  it('without conflicts every strategy points where the sum does', () => {
    fc.assert(
      fc.property(gradients, fc.constantFrom(...multitask.listGradientStrategies()), (rows, strategy) => {
        const positive = rows.map(row => row.map(Math.abs));
        const result = multitask.projectConflictingGradients(positive, { strategy });
        const sum = multitask.projectConflictingGradients(positive, { strategy: 'sum' });
        const scale = strategy === 'sum' || strategy === 'pcgrad' ? 1 : rows.length;
        return result.every((x, i) => Math.abs(x * scale - sum[i]!) < 1e-9);
      }),
      { numRuns: 100 },
    );
  });
  it('two gradients projected against each other no longer conflict', () => {
    fc.assert(
      fc.property(gradients, rows => {
        const [a, b = a!] = rows;
        const result = multitask.projectConflictingGradients([a!, b]);
        return [a!, b].every(row => row.reduce((total, x, i) => total + x * result[i]!, 0) > -1e-9);
      }),
      { numRuns: 100 },
    );
  });
  it('the hardest task has difficulty 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 1, maxLength: 6 }),
        losses =>
          Math.max(
            ...multitask.estimateTaskDifficulty(
              losses,
              losses.map(() => 0.5),
            ),
          ) === 1,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(multitask.TaskConfig),
    ...sweep(multitask.GradientConfig),
    ...sweep(multitask.MultiTaskConfig, () => multitask.createMultitaskConfig()),
    ...sweep(multitask.MultiTaskStats),
    ...sweepEnum('TaskBalancing', multitask.TaskBalancing, { list: multitask.listTaskBalancingMethods, get: multitask.getTaskBalancing }),
    ...sweepEnum('GradientStrategy', multitask.GradientStrategy, { list: multitask.listGradientStrategies, get: multitask.getGradientStrategy }),
    ...sweepEnum('TaskRelation', multitask.TaskRelation, { list: multitask.listTaskRelations, get: multitask.getTaskRelation }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () => multitask.createMultitaskConfig({ tasks: [multitask.createTaskConfig('a'), multitask.createTaskConfig('a')] }),
      'duplicate task names in tasks: a, a',
    ],
    [() => multitask.calculateTaskWeights([1], 'uncertainty'), 'uncertainties cannot be null'],
    [() => multitask.calculateTaskWeights([1, 2], 'gradnorm', { initialLosses: [1] }), 'losses and initialLosses must have the same length, got 2 and 1'],
    [() => multitask.projectConflictingGradients([[]]), 'gradients[0] cannot be empty'],
    [() => multitask.getRecommendedMultitaskConfig('chess'), "taskType must be one of classification, generation, hierarchical, mixed, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

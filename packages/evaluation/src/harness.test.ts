import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as harness from './harness.js';

describe('parity: harness', () => {
  it.each(parityCases('evaluation/harness', harness, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const values = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 99 })), { minLength: 1, maxLength: 9 });
  it.each(harness.listAggregationMethods())('%s lies between the least and the greatest result', method => {
    fc.assert(
      fc.property(values, rows => {
        const joined = harness.aggregateResults(
          rows.map(([accuracy, samples]) => harness.createEvaluationResult('t', { accuracy }, samples, 1)),
          { method },
        ).accuracy!;
        const scores = rows.map(row => row[0]);
        return joined >= Math.min(...scores) - 1e-12 && joined <= Math.max(...scores) + 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it.each(harness.listOutputFormats())('%s names every task', outputFormat => {
    const table = harness.formatResultsTable([harness.createEvaluationResult('alpha', { f1: 1 }, 1, 1), harness.createEvaluationResult('beta', {}, 1, 1)], {
      outputFormat,
    });
    expect(table).toContain('alpha');
    expect(table).toContain('beta');
  });
  it('runs a model over all data in batches, and owns up to errors', () => {
    const sizes: number[] = [];
    const config = harness.createTaskConfig('classification', { batchSize: 2, limit: 3 });
    const double = (inputs: readonly unknown[]) => {
      sizes.push(inputs.length);
      return inputs.map(input => 2 * (input as number));
    };
    const data = [
      [1, 2],
      [2, 4],
      [3, 7],
      [4, 8],
    ];
    const result = harness.runEvaluationTask('double', config, double, data, { metricsFn: null });
    expect([result.metrics.accuracy, result.numSamples, sizes]).toEqual([2 / 3, 3, [2, 1]]);
    const broken = harness.runEvaluationTask(
      'broken',
      config,
      () => {
        throw new Error('no');
      },
      data,
    );
    expect(broken.metrics).toEqual({ error: 0 });
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(harness.TaskConfig),
    ...sweep(harness.HarnessConfig),
    ...sweep(harness.EvaluationResult),
    ...sweep(harness.HarnessStats),
    ...sweepEnum('TaskType', harness.TaskType, { list: harness.listTaskTypes, get: harness.getTaskType }),
    ...sweepEnum('OutputFormat', harness.OutputFormat, { list: harness.listOutputFormats, get: harness.getOutputFormat }),
    ...sweepEnum('AggregationMethod', harness.AggregationMethod, { list: harness.listAggregationMethods, get: harness.getAggregationMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => harness.runEvaluationTask('', harness.createTaskConfig('ranking'), () => [], []), 'taskName cannot be empty'],
    [() => harness.createHarnessConfig(['']), 'tasks[0] cannot be empty'],
    [
      () => harness.validateHarnessStats({ totalTasks: 1, completedTasks: 2, failedTasks: 0, totalSamples: 0, avgScore: 0 }),
      'completedTasks + failedTasks must be at most totalTasks (1), got 2',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as benchmarks from './benchmarks.js';

describe('parity: benchmarks', () => {
  it.each(parityCases('evaluation/benchmarks', benchmarks, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  it('an interval holds its mean and widens with its level', () => {
    fc.assert(
      fc.property(fc.array(share, { minLength: 2, maxLength: 20 }), scores => {
        const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
        const [low, high] = benchmarks.calculateConfidenceInterval(scores);
        const [lower, higher] = benchmarks.calculateConfidenceInterval(scores, { confidenceLevel: 0.99 });
        return low <= mean + 1e-9 && mean <= high + 1e-9 && lower <= low && higher >= high;
      }),
      { numRuns: 100 },
    );
  });
  it('percentiles grow and end at the extremes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (values, percentile) => {
          const value = benchmarks.computePercentile(values, percentile);
          return (
            value >= Math.min(...values) - 1e-6 && value <= Math.max(...values) + 1e-6 && benchmarks.computePercentile(values, 100) === Math.max(...values)
          );
        },
      ),
      { numRuns: 100 },
    );
  });
  it('a run sees every sample in batches and reports what went wrong', () => {
    const runner = benchmarks.createBenchmarkRunner({ name: 'r', task: 'custom', numSamples: null, batchSize: 2, warmupRuns: 1, numRuns: 2 });
    const batches: number[] = [];
    const result = benchmarks.runBenchmark(
      runner,
      [1, 2, 3],
      batch => {
        batches.push(batch.length);
        return batch.map(x => Number(x) * 2);
      },
      { metricsFn: outputs => ({ sum: (outputs as number[]).reduce((a, b) => a + b, 0) }) },
    );
    expect(batches).toEqual([2, 2, 1, 2, 1]);
    expect(result).toMatchObject({ success: true, metrics: { sum: 12 }, samplesEvaluated: 3 });
    const failed = benchmarks.runBenchmark(runner, [1], () => {
      throw new Error('out of memory');
    });
    expect(failed).toMatchObject({ success: false, errorMessage: 'out of memory' });
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(benchmarks.BenchmarkConfig, () => benchmarks.createBenchmarkConfig('mmlu')),
    ...sweep(benchmarks.MMLUConfig),
    ...sweep(benchmarks.HumanEvalConfig),
    ...sweep(benchmarks.BenchmarkResult),
    ...sweep(benchmarks.BenchmarkStats),
    ...sweep(benchmarks.LegacyBenchmarkConfig),
    ...sweep(benchmarks.BenchmarkRunner),
    ...sweepEnum('BenchmarkType', benchmarks.BenchmarkType, { list: benchmarks.listBenchmarkTypes, get: benchmarks.getBenchmarkType }),
    ...sweepEnum('EvaluationMode', benchmarks.EvaluationMode, { list: benchmarks.listEvaluationModes, get: benchmarks.getEvaluationMode }),
    ...sweepEnum('ScoringMethod', benchmarks.ScoringMethod, { list: benchmarks.listScoringMethods, get: benchmarks.getScoringMethod }),
    ...sweepEnum('BenchmarkTask', benchmarks.BenchmarkTask, { list: benchmarks.listBenchmarkTasks, get: benchmarks.getBenchmarkTask }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => benchmarks.createBenchmarkConfig('mmlu', { evaluationMode: 'few_shot' }), 'numFewShot must be positive for few_shot, got 0'],
    [() => benchmarks.calculateBenchmarkScore(2, 1), 'correct must be at most 1, got 2'],
    [() => benchmarks.aggregateResults([]), 'results cannot be empty'],
    [() => benchmarks.aggregateResults([{ benchmark: 'mmlu', score: 1, numSamples: 0, breakdown: {} }]), 'results have no samples to weigh scores by'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as experiments from './experiments.js';

describe('parity: experiments', () => {
  it.each(parityCases('hub/experiments', experiments, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const started = experiments.createExperimentRun(experiments.createExperimentConfig('test'), { runId: 'r' });
  const runWith = (runId: string, values: readonly (readonly [step: number, value: number])[]) =>
    values.reduce(
      (run, [step, value]) => experiments.logMetric(run, 'm', value, { step }),
      experiments.createExperimentRun(experiments.createExperimentConfig('test'), { runId }),
    );
  // Last, mean, largest and smallest value each put another run first.
  const rivals = [
    runWith('last', [
      [0, 1],
      [1, 9],
    ]),
    runWith('mean', [
      [0, 8],
      [1, 8],
    ]),
    runWith('max', [
      [0, 12],
      [1, 2],
    ]),
    runWith('min', [
      [0, 0],
      [1, 3],
    ]),
  ];
  it.each([
    ['last', true, 'last'],
    ['mean', true, 'mean'],
    ['max', true, 'max'],
    ['best', true, 'max'],
    ['min', true, 'mean'],
    ['last', false, 'max'],
    ['mean', false, 'min'],
    ['max', false, 'min'],
    ['best', false, 'min'],
    ['min', false, 'min'],
  ])('by %s, higher is better: %s, the run %s is best', (aggregation, higherIsBetter, wanted) => {
    expect(experiments.getBestRun(rivals, 'm', { aggregation, higherIsBetter })!.runId).toBe(wanted);
  });
  it('of equal runs the first is best, of equal steps the later value counts', () => {
    const twins = [runWith('a', [[1, 5]]), runWith('b', [[1, 5]])];
    expect([true, false].map(higherIsBetter => experiments.getBestRun(twins, 'm', { higherIsBetter })!.runId)).toEqual(['a', 'a']);
    const again = runWith('c', [
      [1, 5],
      [1, 7],
    ]);
    expect(experiments.getBestRun([again, runWith('d', [[1, 6]])], 'm', { aggregation: 'last' })!.runId).toBe('c');
  });
  it('a run ends no earlier than it starts', () => {
    const end = (startTime: string, endTime: string | null) => () =>
      experiments.validateExperimentRun({ ...rivals[0]!, startTime: new Date(startTime), endTime: endTime === null ? null : new Date(endTime) } as never);
    expect(end('2026-01-02', '2026-01-01')).toThrow('endTime cannot be');
    expect(end('2026-01-01', '2026-01-01')).not.toThrow();
    expect(end('2026-01-01', null)).not.toThrow();
  });
  it('the last value is that of the greatest step, however it was logged', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 10 }), steps => {
        const run = steps.reduce((current, step) => experiments.logMetric(current, 'loss', -step, { step }), started);
        return experiments.compareRuns([run])['r']!['loss'] === -Math.max(...steps) && started.metrics['loss'] === undefined;
      }),
      { numRuns: 100 },
    );
  });
  it('the best run is no worse than any other', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 8 }), fc.boolean(), (values, higherIsBetter) => {
        const runs = values.map((value, i) => experiments.logMetric(experiments.createExperimentRun(started.config, { runId: String(i) }), 'm', value));
        const best = values[Number(experiments.getBestRun(runs, 'm', { higherIsBetter })!.runId)]!;
        return values.every(value => (higherIsBetter ? value <= best : value >= best));
      }),
      { numRuns: 100 },
    );
  });
  it('ids are random and times are now', () => {
    const [a, b] = [experiments.createExperimentRun(started.config), experiments.createExperimentRun(started.config)];
    expect(a.runId).not.toBe(b.runId);
    expect(Math.abs(a.startTime.getTime() - Date.now())).toBeLessThan(60_000);
    expect(experiments.getBestRun([a], 'none')).toBeNull();
    expect(experiments.getBestRun([experiments.logMetric(a, 'm', 1), experiments.logMetric(b, 'm', 3)], 'm', { aggregation: 'mean' })!.runId).toBe(b.runId);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(experiments.ExperimentConfig),
    ...sweep(experiments.MetricConfig),
    ...sweep(experiments.ArtifactConfig),
    ...sweep(experiments.ExperimentRun, () => experiments.createExperimentRun(experiments.createExperimentConfig('test'))),
    ...sweep(experiments.ExperimentStats),
    ...sweep(experiments.TrackingConfig),
    ...sweepEnum('ExperimentStatus', experiments.ExperimentStatus, { list: experiments.listStatuses, get: experiments.getStatus }),
    ...sweepEnum('ArtifactType', experiments.ArtifactType, { list: experiments.listArtifactTypes, get: experiments.getArtifactType }),
    ...sweepEnum('MetricAggregation', experiments.MetricAggregation, { list: experiments.listAggregations, get: experiments.getAggregation }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => experiments.createExperimentConfig('x'.repeat(129)), 'name must be at most 128 characters long'],
    [() => experiments.createExperimentConfig('x', { tags: ['a', ''] }), 'tags[1] cannot be empty'],
    [
      () => experiments.logMetric(experiments.createExperimentRun(experiments.createExperimentConfig('x')), 'm', 1, { step: -1 }),
      'step must be non-negative, got -1',
    ],
    [
      () => experiments.validateExperimentRun({ ...experiments.createExperimentRun(experiments.createExperimentConfig('x')), endTime: new Date(0) }),
      'endTime cannot be before startTime',
    ],
    [() => experiments.getRecommendedTrackingConfig({ taskType: 'chess' }), "taskType must be one of classification, generation, regression, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

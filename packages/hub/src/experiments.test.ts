import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as experiments from './experiments.js';

describe('parity: experiments', () => {
  it.each(parityCases('hub/experiments', experiments, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const started = experiments.createExperimentRun(experiments.createExperimentConfig('test'), { runId: 'r' });
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

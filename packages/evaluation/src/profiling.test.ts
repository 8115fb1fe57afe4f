import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as profiling from './profiling.js';

describe('parity: profiling', () => {
  it.each(parityCases('evaluation/profiling', profiling, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('operations grow with every size, and training takes three times as many', () => {
    const size = fc.integer({ min: 1, max: 1e5 });
    fc.assert(
      fc.property(
        size,
        size,
        (parameters, length) => profiling.calculateFlops(parameters, length, { isTraining: true }) === 3 * profiling.calculateFlops(parameters, length),
      ),
      { numRuns: 100 },
    );
  });
  it('the fastest profile is at least as fast as the slowest', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 6 }), rates => {
        const range = profiling.compareProfiles(rates.map(rate => profiling.createProfilingResult(rate))).throughput_range as Record<string, number>;
        return range.min === Math.min(...rates) && range.max === Math.max(...rates);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(profiling.ProfilingConfig),
    ...sweep(profiling.LatencyBreakdown),
    ...sweep(profiling.MemoryBreakdown),
    ...sweep(profiling.ProfilingResult),
    ...sweepEnum('ProfileMetric', profiling.ProfileMetric, { list: profiling.listProfileMetrics, get: profiling.getProfileMetric }),
    ...sweepEnum('BottleneckType', profiling.BottleneckType, { list: profiling.listBottleneckTypes, get: profiling.getBottleneckType }),
    ...sweepEnum('ProfilingLevel', profiling.ProfilingLevel, { list: profiling.listProfilingLevels, get: profiling.getProfilingLevel }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => profiling.compareProfiles([profiling.createProfilingResult(1)], { names: [] }), 'names and profiles must have the same length, got 0 and 1'],
    [() => profiling.identifyBottlenecks(null as never, profiling.createMemoryBreakdown(1)), 'latency cannot be null'],
    [() => profiling.createProfilingConfig([]), 'metrics cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

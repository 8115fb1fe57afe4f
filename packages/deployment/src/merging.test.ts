import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as merging from './merging.js';

describe('parity: merging', () => {
  it.each(parityCases('deployment/merging', merging, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('orthogonal unit vectors stay unit vectors', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 6, noNaN: true }), (t, a) => {
        const v = merging.slerp([Math.cos(a), Math.sin(a)], [-Math.sin(a), Math.cos(a)], t);
        return Math.abs(Math.hypot(...v) - 1) < 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it('stacked layers count all parameters', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 5 }),
        counts => merging.calculateMergedParameterCount(counts, 'passthrough') >= merging.calculateMergedParameterCount(counts, 'ties'),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(merging.MergeConfig),
    ...sweep(merging.ModelSlice, () => merging.createModelSlice('m', 0, 100000)),
    ...sweep(merging.MergeResult),
    ...sweepEnum('MergeMethod', merging.MergeMethod, { list: merging.listMergeMethods }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => merging.createModelSlice('m', 16, 8), 'startLayer must be less than endLayer 8, got 16'],
    [() => merging.slerp([1], [1, 2], 0.5), 'vectors v0 and v1 must have the same length, got 1 and 2'],
    [() => merging.getDensityValue('none' as never), "level must be one of high, low, medium, got 'none'"],
    [() => merging.calculateMergedParameterCount([0], 'ties'), 'parameter counts of modelParams[0] must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as merging from './merging.js';

describe('parity: merging', () => {
  it.each(parityCases('training/merging', merging, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const vectors = fc
    .integer({ min: 1, max: 8 })
    .chain(n => fc.tuple(...[0, 1].map(() => fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: n, maxLength: n }))));
  it('a task vector leads from the base to the fine-tuned model', () => {
    fc.assert(
      fc.property(vectors, ([base, tuned]) => {
        const back = merging.applyTaskVector(base!, merging.calculateTaskVector(tuned!, base!));
        return back.every((value, i) => Math.abs(value - tuned![i]!) < 1e-12);
      }),
      { numRuns: 100 },
    );
  });
  it('interpolation starts at the first and ends at the second vector', () => {
    fc.assert(
      fc.property(vectors, fc.constantFrom(merging.slerpInterpolate, merging.linearInterpolate), ([a, b], interpolate) => {
        const near = (x: readonly number[], y: readonly number[]) => x.every((value, i) => Math.abs(value - y[i]!) < 1e-6);
        return near(interpolate(a!, b!, 0), a!) && near(interpolate(a!, b!, 1), b!);
      }),
      { numRuns: 100 },
    );
  });
  it('merge weights sum to 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        scores => Math.abs(merging.calculateMergeWeights(scores).reduce((a, b) => a + b, 0) - 1) < 1e-9,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(merging.TIESConfig),
    ...sweep(merging.DAREConfig),
    ...sweep(merging.SLERPConfig),
    ...sweep(merging.MergeConfig, () => merging.createMergeConfig()),
    ...sweep(merging.MergeStats),
    ...sweepEnum('MergeMethod', merging.MergeMethod, { list: merging.listMergeMethods, get: merging.getMergeMethod }),
    ...sweepEnum('SparsificationMethod', merging.SparsificationMethod, { list: merging.listSparsificationMethods, get: merging.getSparsificationMethod }),
    ...sweepEnum('ConflictResolution', merging.ConflictResolution, { list: merging.listConflictResolutions, get: merging.getConflictResolution }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => merging.createMergeConfig({ method: 'slerp', weights: [1, 1, 1] }), 'weights must be exactly 2 for slerp, which merges 2 models, got 3'],
    [() => merging.validateMergeConfig({ ...merging.createMergeConfig(), method: 'ties' }), 'tiesConfig is required'],
    [() => merging.calculateMergeWeights([0.5, -0.1]), 'modelScores[1] must be non-negative, got -0.1'],
    [() => merging.resolveParameterConflicts([1], [2]), 'signs[0] must be one of -1, 0, 1, got 2'],
    [() => merging.resolveParameterConflicts([Number.POSITIVE_INFINITY], [1], { resolution: 'random' }), 'sum of values must be finite, got Infinity'],
    [() => merging.slerpInterpolate([1, 0], [0], 0.5), 'vectors v0 and v1 must have the same length, got 2 and 1'],
    [() => merging.getRecommendedMergeConfig(1), 'numModels must be at least 2, got 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

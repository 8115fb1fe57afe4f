import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as optimization from './optimization.js';

describe('parity: optimization', () => {
  it.each(parityCases('deployment/optimization', optimization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('fewer bits take no more room', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), n => {
        const sizes = ['none', 'fp16', 'int8', 'int4'].map(quantizationType => optimization.estimateModelSize(n, { quantizationType }));
        return sizes.every((size, i) => i === 0 || size < sizes[i - 1]!) && optimization.getOptimizationResult(n, 'int4').compressionRatio === 8;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(optimization.QuantizationConfig),
    ...sweep(optimization.OptimizationResult),
    ...sweepEnum('QuantizationType', optimization.QuantizationType, { list: optimization.listQuantizationTypes }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => optimization.estimateModelSize(0), 'numParameters must be positive, got 0'],
    [() => optimization.getQuantizationConfig('int2'), "quantizationType must be one of bf16, fp16, int4, int8, none, got 'int2'"],
    [() => optimization.calculateCompressionRatio(1, 0), 'optimizedSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

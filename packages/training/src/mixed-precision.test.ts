import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as mixedPrecision from './mixed-precision.js';

describe('parity: mixed_precision', () => {
  it.each(parityCases('training/mixed_precision', mixedPrecision, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a scale leaves the headroom that it was asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 1, max: 50, noNaN: true }), (norm, targetHeadroom) => {
        const scale = mixedPrecision.calculateOptimalScale(norm, { targetHeadroom });
        return scale >= 1 && scale <= 2 ** 24 && (scale === 1 || mixedPrecision.checkOverflowRisk(norm, scale)[1] >= targetHeadroom * 0.95 - 0.01);
      }),
      { numRuns: 100 },
    );
  });
  it('casting there and back saves nothing', () => {
    for (const dtype of ['fp32', 'fp16', 'bf16', 'fp8_e4m3', 'fp8_e5m2'] as const) {
      expect(mixedPrecision.calculateMemoryReduction({ originalDtype: dtype, targetDtype: dtype })).toEqual([0, 0]);
      expect(mixedPrecision.estimateSpeedup({ originalDtype: dtype, targetDtype: dtype })).toBe(1);
    }
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(mixedPrecision.PrecisionConfig),
    ...sweep(mixedPrecision.ScalerConfig),
    ...sweep(mixedPrecision.MixedPrecisionConfig, () => mixedPrecision.createMixedPrecisionConfig()),
    ...sweepEnum('PrecisionType', mixedPrecision.PrecisionType, { list: mixedPrecision.listPrecisionTypes, get: mixedPrecision.getPrecisionType }),
    ...sweepEnum('ScalingStrategy', mixedPrecision.ScalingStrategy, { list: mixedPrecision.listScalingStrategies, get: mixedPrecision.getScalingStrategy }),
    ...sweepEnum('CastingPolicy', mixedPrecision.CastingPolicy, { list: mixedPrecision.listCastingPolicies, get: mixedPrecision.getCastingPolicy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => mixedPrecision.createPrecisionConfig({ storageDtype: 'fp8_e4m3' }), 'storageDtype must not be an FP8 type, got fp8_e4m3'],
    [() => mixedPrecision.createScalerConfig({ maxScale: 1, minScale: 2 }), 'maxScale must be at least minScale (2), got 1'],
    [() => mixedPrecision.calculateOptimalScale(0), 'gradientNorm must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

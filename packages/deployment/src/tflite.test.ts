import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tflite from './tflite.js';

describe('parity: tflite', () => {
  it.each(parityCases('deployment/tflite', tflite, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('quantised files are smaller', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), n => {
        const sizes = (['none', 'float16', 'dynamic', 'full_integer'] as const).map(quantization => tflite.estimateTfliteSize(n, { quantization }));
        return sizes.every((size, i) => i === 0 || size < sizes[i - 1]!);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(tflite.TFLiteConvertConfig),
    ...sweep(tflite.QuantizationConfig),
    ...sweep(tflite.DelegateConfig),
    ...sweep(tflite.TFLiteModelInfo),
    ...sweep(tflite.ConversionStats),
    ...sweepEnum('TFLiteQuantization', tflite.TFLiteQuantization, { list: tflite.listQuantizationTypes, get: tflite.getQuantizationType }),
    ...sweepEnum('TFLiteDelegate', tflite.TFLiteDelegate, { list: tflite.listDelegateTypes, get: tflite.getDelegateType }),
    ...sweepEnum('OptimizationTarget', tflite.OptimizationTarget, { list: tflite.listOptimizationTargets, get: tflite.getOptimizationTarget }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => tflite.estimateTfliteSize(1, { overheadFactor: 0.5 }), 'overheadFactor must be at least 1, got 0.5'],
    [() => tflite.createQuantizationConfig({ outputType: 'int4' }), "outputType must be one of float16, int8, uint8, got 'int4'"],
    [() => tflite.getRecommendedConfig({ targetDevice: 'fridge' }), "targetDevice must be one of edge, mobile, server, got 'fridge'"],
    [() => tflite.createConversionStats(1, 0, 50), 'originalSize must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

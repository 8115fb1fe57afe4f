import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as quantization from './quantization.js';

describe('parity: quantization', () => {
  it.each(parityCases('inference/quantization', quantization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('chooses samples that exist, none twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (size, seed) => {
        const count = Math.ceil(size / 3);
        const chosen = quantization.selectCalibrationData(size, count, { seed });
        return new Set(chosen).size === count && chosen.every(index => index >= 0 && index < size);
      }),
      { numRuns: 100 },
    );
  });
  it('the mean error is at most the greatest one', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [mae, max] = (['mae', 'max'] as const).map(errorType => quantization.calculateQuantizationError(a, b, { errorType })) as [number, number];
        return mae <= max + 1e-12 && quantization.calculateQuantizationError(a, b) <= max ** 2 + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(quantization.GPTQConfig),
    ...sweep(quantization.AWQConfig),
    ...sweep(quantization.GGUFConfig),
    ...sweep(quantization.QuantizationConfig),
    ...sweep(quantization.QuantizationStats),
    ...sweepEnum('QuantizationMethod', quantization.QuantizationMethod, {
      list: quantization.listQuantizationMethods,
      get: quantization.getQuantizationMethod,
    }),
    ...sweepEnum('CalibrationStrategy', quantization.CalibrationStrategy, {
      list: quantization.listCalibrationStrategies,
      get: quantization.getCalibrationStrategy,
    }),
    ...sweepEnum('QuantizationGranularity', quantization.QuantizationGranularity, {
      list: quantization.listQuantizationGranularities,
      get: quantization.getQuantizationGranularity,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => quantization.selectCalibrationData(5, 6), 'targetSamples must be at most datasetSize (5), got 6'],
    [() => quantization.createAwqConfig({ bits: 8 }), 'bits must be one of 4, got 8'],
    [() => quantization.createGptqConfig({ bits: 3 }), 'bits must be one of 4, 8, got 3'],
    [() => quantization.calculateQuantizationError([1], [1, 2]), 'originalValues and quantizedValues must have the same length, got 1 and 2'],
    [() => quantization.getRecommendedQuantizationConfig('small', { targetDevice: 'toaster' as never }), 'targetDevice must be one of cpu, gpu, mobile'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

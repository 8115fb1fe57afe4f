import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as quantization from './quantization.js';

describe('parity: quantization', () => {
  it.each(parityCases('deployment/quantization', quantization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('sizes are proportional to the bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        n => Math.abs(quantization.estimateQuantizedSize(n, { bits: 8 }) / quantization.estimateQuantizedSize(n) - 2) < 1e-9,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(quantization.QuantProfile),
    ...sweep(quantization.CalibrationConfig),
    ...sweep(quantization.QuantResult),
    ...sweep(quantization.GPTQConfig),
    ...sweep(quantization.AWQConfig),
    ...sweepEnum('QuantMethod', quantization.QuantMethod, {
      list: quantization.listQuantMethods,
      is: quantization.validateQuantMethod,
      get: quantization.getQuantMethod,
    }),
    ...sweepEnum('CalibrationMethod', quantization.CalibrationMethod, {
      list: quantization.listCalibrationMethods,
      is: quantization.validateCalibrationMethod,
      get: quantization.getCalibrationMethod,
    }),
    ...sweepEnum('QuantGranularity', quantization.QuantGranularity, {
      list: quantization.listQuantGranularities,
      is: quantization.validateQuantGranularity,
      get: quantization.getQuantGranularity,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => quantization.estimateQuantizedSize(1, { bits: 5 }), 'bits must be one of 16, 2, 3, 32, 4, 8, got 5'],
    [() => quantization.createAwqConfig({ bits: 8 }), 'bits must be one of 4, got 8'],
    [() => quantization.createQuantResult(1, 1, { perplexityBefore: 0, perplexityAfter: 1 }), 'perplexityBefore must be positive, got 0'],
    [() => quantization.getRecommendedProfile('3b'), "modelSize must be one of 7b, 13b, 70b, got '3b'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

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

describe('Quantizer', () => {
  const { Quantizer } = quantization;
  const weight = fc.double({ min: -100, max: 100, noNaN: true });
  it('weights come back within half a step', () => {
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 1, maxLength: 20 }),
        fc.constantFrom('int8', 'int4', 'dynamic'),
        fc.boolean(),
        (weights, quantizationType, symmetric) => {
          const quantized = new Quantizer({ quantizationType: quantizationType as never, symmetric }).quantize(weights);
          const back = quantized.dequantize();
          const step = quantized.scales[0]!;
          return back.length === weights.length && weights.every((value, i) => Math.abs(value - back[i]!) <= step * (symmetric ? 0.5 : 1) + 1e-12);
        },
      ),
      { numRuns: 300 },
    );
  });
  // numpy.float16
  it.each([
    [1.27, 0x3d14],
    [-65504, 0xfbff],
    [65520, 0x7c00],
    [1e-8, 0],
    [6e-8, 1],
    [2.98e-8, 0],
    [1.0009765625, 0x3c01],
    [1.00048828125, 0x3c00],
    [1.00146484375, 0x3c02],
    [6.1e-5, 0x03ff],
    [9e-8, 2],
  ])('%d is %i in half precision', (value, bits) => {
    expect(new Quantizer({ quantizationType: 'float16' }).quantize([value]).weights[0]).toBe(bits);
  });
  it('half precision comes back exactly where it can', () => {
    const values = [0, 1, -2.5, 65504, 2 ** -24, 1023 * 2 ** -24, Number.POSITIVE_INFINITY];
    const { weights } = new Quantizer({ quantizationType: 'float16' }).quantize([0, 1, -2.5, 65504, 2 ** -24, 1023 * 2 ** -24, 1e6]);
    expect(new quantization.QuantizedModel({ weights, scales: [], zeroPoints: [], shape: [7], quantizationType: 'float16' }).dequantize()).toEqual(values);
  });
  it('rows have scales of their own when asked', () => {
    const matrix = [
      [1, -1],
      [100, 50],
    ];
    const [one, each] = [new Quantizer().quantize(matrix), new Quantizer({ perChannel: true }).quantize(matrix)];
    expect([one.scales, each.scales, each.shape]).toEqual([[100 / 127], [1 / 127, 100 / 127], [2, 2]]);
    expect(each.dequantize()[0]).toBeCloseTo(1, 12);
  });
  it('asymmetric ranges reach from the least to the greatest weight and hold zero', () => {
    const { weights, zeroPoints, scales } = new Quantizer({ symmetric: false }).quantize([0, 10]);
    expect([[...weights], zeroPoints, scales]).toEqual([[-128, 127], [-128], [10 / 255]]);
    expect(new Quantizer({ symmetric: false }).quantize([0, 0]).dequantize()).toEqual([0, 0]);
    expect(new Quantizer({ symmetric: false }).quantize([5, 5]).dequantize()).toEqual([5, 5]);
  });
  it('knows its size', () => {
    const size = (options: Partial<quantization.QuantizationConfig>): number => new Quantizer(options).quantize([1, 2, 3]).sizeBytes;
    expect([size({}), size({ quantizationType: 'int4' }), size({ quantizationType: 'float16' }), size({ symmetric: false })]).toEqual([7, 6, 6, 8]);
    expect(['int8', 'int4', 'float16', 'dynamic'].map(type => new Quantizer({ quantizationType: type as never }).compressionRatio)).toEqual([4, 8, 2, 4]);
    const model = quantization.quantizeModel({ a: [1], b: [[1, 2]] });
    expect([model['a']!.isEmpty, model['b']!.length]).toEqual([false, 2]);
    expect(
      new quantization.QuantizedModel({ weights: new Int8Array(), scales: [], zeroPoints: [], shape: [0], quantizationType: 'int8' }).dequantize(),
    ).toEqual([]);
  });
  it.each([
    [() => new Quantizer().quantize([]), 'weights cannot be empty'],
    [() => new Quantizer().quantize([1, Number.NaN]), 'weights must be finite, got NaN'],
    [() => new Quantizer().quantize([[1, 2], [3]]), 'weights[1]'],
    [() => new Quantizer({ quantizationType: 'int2' as never }), "quantizationType must be one of dynamic, float16, int4, int8, got 'int2'"],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each(sweep(quantization.QuantizationConfig))('$name', c => c.run());
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

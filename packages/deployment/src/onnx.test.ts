import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as onnx from './onnx.js';

describe('parity: onnx', () => {
  it.each(parityCases('deployment/onnx', onnx, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('half precision takes half the room', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        n => Math.abs(onnx.estimateOnnxModelSize(n) - 2 * onnx.estimateOnnxModelSize(n, { precision: 'fp16' })) <= 1,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(onnx.ONNXExportConfig),
    ...sweep(onnx.ONNXOptimizeConfig),
    ...sweep(onnx.RuntimeConfig),
    ...sweep(onnx.ONNXModelInfo),
    ...sweep(onnx.ExportStats),
    ...sweepEnum('ONNXOpset', onnx.ONNXOpset, { list: onnx.listOpsetVersions }),
    ...sweepEnum('OptimizationLevel', onnx.OptimizationLevel, { list: onnx.listOptimizationLevels, get: onnx.getOptimizationLevel }),
    ...sweepEnum('ExecutionProvider', onnx.ExecutionProvider, { list: onnx.listExecutionProviders, get: onnx.getExecutionProvider }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => onnx.getOpsetVersion(10), 'version (opset version) must be one of 11, 12, 13, 14, 15, 16, 17, got 10'],
    [() => onnx.getOpsetVersion(' '), "version (opset version) must be one of 11, 12, 13, 14, 15, 16, 17, got ' '"],
    [() => onnx.createExportConfig({ opsetVersion: 10 }), 'opsetVersion must be one of 11, 12, 13, 14, 15, 16, 17, got 10'],
    [() => onnx.estimateOnnxModelSize(1, { precision: 'int4' }), "precision must be one of fp16, fp32, int8, got 'int4'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

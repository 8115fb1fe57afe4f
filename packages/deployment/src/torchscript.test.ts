import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as torchscript from './torchscript.js';

describe('parity: torchscript', () => {
  it.each(parityCases('deployment/torchscript', torchscript, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('freezing never makes a program larger', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.constantFrom(...torchscript.listOptimizeForOptions()), (n, optimizeFor) => {
        const size = (freezeMode: torchscript.FreezeMode) => torchscript.estimateScriptSize(n, { optimizeFor, freezeMode });
        return size('full') <= size('preserve_parameters') && size('preserve_parameters') <= size('none');
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(torchscript.TorchScriptConfig),
    ...sweep(torchscript.TraceConfig),
    ...sweep(torchscript.OptimizationConfig),
    ...sweep(torchscript.MobileConfig),
    ...sweep(torchscript.TorchScriptInfo),
    ...sweep(torchscript.CompilationStats),
    ...sweepEnum('ScriptMode', torchscript.ScriptMode, { list: torchscript.listScriptModes, get: torchscript.getScriptMode }),
    ...sweepEnum('OptimizeFor', torchscript.OptimizeFor, { list: torchscript.listOptimizeForOptions, get: torchscript.getOptimizeFor }),
    ...sweepEnum('FreezeMode', torchscript.FreezeMode, { list: torchscript.listFreezeModes, get: torchscript.getFreezeMode }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => torchscript.estimateScriptSize(0), 'modelParams must be positive, got 0'],
    [() => torchscript.createMobileConfig({ backend: 'opencl' }), "backend must be one of cpu, metal, nnapi, vulkan, got 'opencl'"],
    [() => torchscript.getRecommendedConfig('cnn', { targetPlatform: 'fridge' }), "targetPlatform must be one of edge, mobile, server, got 'fridge'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

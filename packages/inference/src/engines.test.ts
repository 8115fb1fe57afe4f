import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as engines from './engines.js';

describe('parity: engines', () => {
  it.each(parityCases('inference/engines', engines, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('twice the processors give twice the tokens', () => {
    fc.assert(
      fc.property(fc.constantFrom(...engines.listEngineTypes()), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 256 }), (engine, size, count) => {
        const one = engines.estimateEngineThroughput(engine, size, count);
        return Math.abs(engines.estimateEngineThroughput(engine, size, count, { gpuCount: 2 }) - 2 * one) <= 0.0101 + 1e-9 * one;
      }),
      { numRuns: 100 },
    );
  });
  it.each(engines.listEngineTypes())('%s reads something, can do something, and says why not', engine => {
    const formats = ['transformers', 'gguf', 'onnx', 'tensorrt'] as const;
    const answers = formats.map(format => engines.checkEngineCompatibility(engine, format));
    expect(answers.some(([compatible]) => compatible)).toBe(true);
    expect(answers.every(([compatible, reason]) => reason.startsWith(`${engine} ${compatible ? 'is compatible' : 'requires'}`))).toBe(true);
    expect(engines.getEngineFeatures(engine).size).toBeGreaterThan(0);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(engines.VLLMConfig),
    ...sweep(engines.TGIConfig),
    ...sweep(engines.LlamaCppConfig),
    ...sweep(engines.EngineConfig, () => engines.createEngineConfig()),
    ...sweep(engines.EngineStats),
    ...sweepEnum('EngineType', engines.EngineType, { list: engines.listEngineTypes, get: engines.getEngineType }),
    ...sweepEnum('QuantizationBackend', engines.QuantizationBackend, { list: engines.listQuantizationBackends, get: engines.getQuantizationBackend }),
    ...sweepEnum('EngineFeature', engines.EngineFeature, { list: engines.listEngineFeatures, get: engines.getEngineFeature }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => engines.createTgiConfig({ maxInputLength: 5000 }), 'maxTotalTokens must be at least maxInputLength (5000), got 4096'],
    [() => engines.createLlamacppConfig({ nCtx: 100 }), 'nBatch must be at most nCtx (100), got 512'],
    [() => engines.createEngineConfig({ engineType: 'llamacpp', quantization: 'awq' }), 'quantization must be none or ggml for llamacpp, got awq'],
    [() => engines.getRecommendedEngineConfig('giant' as never), "modelSize must be one of large, medium, small, xlarge, got 'giant'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

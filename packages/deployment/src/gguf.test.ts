import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gguf from './gguf.js';

describe('parity: gguf', () => {
  it.each(parityCases('deployment/gguf', gguf, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a file grows with the parameters and is never larger than at 32 bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom(...gguf.listGgufQuantTypes()),
        (n, type) => gguf.estimateGgufSize(n, type) < gguf.estimateGgufSize(n + 1, type) && gguf.estimateGgufSize(n, type) <= gguf.estimateGgufSize(n, 'f32'),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(gguf.GGUFConfig),
    ...sweep(gguf.GGUFMetadata),
    ...sweep(gguf.GGUFExportResult),
    ...sweep(gguf.GGUFModelInfo),
    ...sweepEnum('GGUFQuantType', gguf.GGUFQuantType, { list: gguf.listGgufQuantTypes, is: gguf.validateGgufQuantType, get: gguf.getGgufQuantType }),
    ...sweepEnum('GGUFArchitecture', gguf.GGUFArchitecture, {
      list: gguf.listGgufArchitectures,
      is: gguf.validateGgufArchitecture,
      get: gguf.getGgufArchitecture,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => gguf.estimateGgufSize(0, 'f16'), 'modelParams must be positive, got 0'],
    [() => gguf.getRecommendedGgufQuant('3b'), "modelSize must be one of 7b, 13b, 70b, got '3b'"],
    [() => gguf.createGgufConfig({ architecture: 'rwkv' as never }), 'architecture must be one of bloom, falcon, gemma'],
    [() => gguf.createGgufExportResult('', 1, 1, 'f16'), 'outputPath cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as architectures from './architectures.js';

describe('parity: architectures', () => {
  it.each(parityCases('models/architectures', architectures, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const shape = fc.record({
    numLayers: fc.integer({ min: 1, max: 40 }),
    numHeads: fc.integer({ min: 1, max: 16 }),
    headDim: fc.integer({ min: 1, max: 64 }),
    vocabSize: fc.integer({ min: 1, max: 50_000 }),
  });
  it('each layer and each word adds the same number of parameters', () => {
    fc.assert(
      fc.property(shape, ({ numLayers, numHeads, headDim, vocabSize }) => {
        const hiddenSize = numHeads * headDim;
        const params = (layers: number, words: number): number =>
          architectures.calculateModelParams(architectures.createTransformerConfig({ numLayers: layers, hiddenSize, numHeads, vocabSize: words }));
        const [base, layer] = [params(numLayers, vocabSize), params(numLayers + 1, vocabSize) - params(numLayers, vocabSize)];
        return params(numLayers + 2, vocabSize) === base + 2 * layer && params(numLayers, vocabSize + 1) === base + hiddenSize;
      }),
      { numRuns: 100 },
    );
  });
  it('training with Adam in half precision takes six times the memory of the weights', () => {
    fc.assert(
      fc.property(shape, ({ numLayers, numHeads, headDim }) => {
        const config = architectures.createTransformerConfig({ numLayers, numHeads, hiddenSize: numHeads * headDim });
        return (
          architectures.estimateMemoryFootprint(config) ===
          6 * architectures.estimateMemoryFootprint(config, { includeGradients: false, includeOptimizer: false })
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(architectures.TransformerConfig, () => architectures.createTransformerConfig()),
    ...sweep(architectures.EncoderConfig, () => architectures.createEncoderConfig()),
    ...sweep(architectures.DecoderConfig, () => architectures.createDecoderConfig()),
    ...sweep(architectures.EncoderDecoderConfig, () => architectures.createEncoderDecoderConfig()),
    ...sweep(architectures.ArchitectureStats),
    ...sweepEnum('ArchitectureType', architectures.ArchitectureType, { list: architectures.listArchitectureTypes, get: architectures.getArchitectureType }),
    ...sweepEnum('ModelFamily', architectures.ModelFamily, { list: architectures.listModelFamilies, get: architectures.getModelFamily }),
    ...sweepEnum('AttentionPattern', architectures.AttentionPattern, { list: architectures.listAttentionPatterns, get: architectures.getAttentionPattern }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => architectures.createTransformerConfig({ hiddenSize: 100 }), 'hiddenSize (100) must be divisible by numHeads (12)'],
    [() => architectures.getRecommendedArchitectureConfig('70b', { architectureType: 'encoder_only' }), "modelSize must be one of base, large, got '70b'"],
    [() => architectures.estimateMemoryFootprint(architectures.createTransformerConfig(), { dtypeBytes: 3 }), 'dtypeBytes must be one of 1, 2, 4, 8, got 3'],
    [() => architectures.compareArchitectures([['a', null as never]]), "config for 'a' cannot be null"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

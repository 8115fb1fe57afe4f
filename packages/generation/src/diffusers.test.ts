import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as diffusers from './diffusers.js';

describe('parity: diffusers', () => {
  it.each(parityCases('generation/diffusers', diffusers, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('latents cover the image', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: 16 }), (h, w, scaleFactor) => {
        const [height, width] = diffusers.calculateLatentSize(h * scaleFactor, w * scaleFactor, { scaleFactor });
        return height === h && width === w;
      }),
      { numRuns: 100 },
    );
  });
  it('memory grows with the batch and with the precision', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 4096 }), fc.integer({ min: 1, max: 64 }), (size, batchSize) => {
        const half = diffusers.estimateVramUsage(size, size, { batchSize });
        return (
          half < diffusers.estimateVramUsage(size, size, { batchSize: batchSize + 1 }) &&
          Math.abs(diffusers.estimateVramUsage(size, size, { batchSize, precision: 'fp32' }) - 2 * half) < 1e-9
        );
      }),
      { numRuns: 100 },
    );
  });
  it('every model is recommended a size that its latents fit', () => {
    for (const model of ['sd15', 'sd21', 'sdxl', 'sdxl_turbo'] as const) {
      const [height, width] = diffusers.getRecommendedSize(model);
      expect(diffusers.createGenerationConfig({ height, width, numInferenceSteps: diffusers.getRecommendedSteps(model) })).toMatchObject({ height, width });
    }
  });
});

describe('definitions', () => {
  it.each([...sweep(diffusers.GenerationConfig, () => diffusers.createGenerationConfig())])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => diffusers.createGenerationConfig({ height: 12 }), 'height must be divisible by 8, got 12'],
    [() => diffusers.calculateLatentSize(512, 513), 'width must be divisible by scaleFactor (8), got 513'],
    [() => diffusers.getGuidanceScale('extreme' as never), 'level must be one of'],
    [() => diffusers.estimateVramUsage(8, 8, { precision: 'int8' as never }), 'precision must be one of'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

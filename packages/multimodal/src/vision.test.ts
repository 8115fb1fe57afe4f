import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as vision from './vision.js';

describe('parity: vision', () => {
  it.each(parityCases('multimodal/vision', vision, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('patches never cover more than the image, and miss less than a patch on each side', () => {
    const side = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 64 }), (width, height, patch) => {
        const count = vision.calculatePatchCount(width, height, patch);
        return count * patch * patch <= width * height && (width < patch || height < patch || count * patch * patch > (width - patch) * (height - patch));
      }),
      { numRuns: 100 },
    );
  });
  it('memory grows with the number of images', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), n => vision.estimateMultimodalMemory(n, 224, 224) === n * vision.estimateMultimodalMemory(1, 224, 224)),
      { numRuns: 100 },
    );
  });
});

describe('images for a model', () => {
  it('the presets are those of torchvision and CLIP', () => {
    expect(vision.VisionConfig.imagenet()).toMatchObject({ size: 224, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
    expect(vision.VisionConfig.clip()).toMatchObject({ interpolation: 'bicubic', model: 'clip', mean: [0.48145466, 0.4578275, 0.40821073] });
  });
  it('patches leave out what does not fill one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.integer({ min: 1, max: 64 }),
        (size, patch) => vision.calculateNumPatches(size, patch) * patch * patch <= size * size,
      ),
      { numRuns: 100 },
    );
  });
  it('time grows with the pixels', () => {
    expect(vision.estimateProcessingTime({ ...vision.VisionConfig.imagenet(), size: 448 })).toBe(200);
  });
  it('keeps running figures', () => {
    const stats = new vision.VisionStats();
    expect([stats.avgTimeMs, stats.throughput]).toEqual([0, 0]);
    const features = new vision.ImageFeatures(768, { originalWidth: 640, originalHeight: 320, processingTimeMs: 20 });
    stats.record(features, vision.VisionConfig.imagenet());
    stats.record(features, vision.VisionConfig.imagenet());
    expect([stats.imagesProcessed, stats.totalPixels, features.aspectRatio, features.memoryBytes]).toEqual([2, 2 * 224 * 224, 2, 3072]);
    expect(stats.format()).toBe('Images: 2 | Avg: 20.0 ms | Throughput: 50.0 img/s');
  });
  it.each([
    [() => new vision.ImageFeatures(0), 'featureDim must be positive, got 0'],
    [
      () => vision.estimateProcessingTime({ ...vision.VisionConfig.imagenet(), mean: [0.5] }),
      'mean and std must have a value for each of the 3 channels, got 1 and 3',
    ],
    [() => vision.calculateNumPatches(224, 0), 'patchSize must be positive, got 0'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(vision.ImageConfig),
    ...sweep(vision.VisionConfig),
    ...sweep(vision.VisionEncoderConfig),
    ...sweep(vision.ImageInput),
    ...sweep(vision.MultimodalConfig),
    ...sweepEnum('VisionModelType', vision.VisionModelType, { list: vision.listVisionModelTypes, get: vision.getVisionModelType }),
    ...sweepEnum('ModalityType', vision.ModalityType, { list: vision.listModalityTypes, get: vision.getModalityType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => vision.getDefaultImageSize('huge' as never), 'preset must be one of'],
    [() => vision.createImageInput('', 1, 1), 'path cannot be empty'],
    [() => vision.calculatePatchCount(1, 1, 0), 'patchSize must be positive, got 0'],
    [() => vision.createMultimodalConfig({ imageWidth: -1 }), 'width must be positive, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

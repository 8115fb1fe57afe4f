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

describe('definitions', () => {
  it.each([
    ...sweep(vision.ImageConfig),
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

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as document from './document.js';

describe('parity: document', () => {
  it.each(parityCases('multimodal/document', document, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a box inside the page stays in order and in range', () => {
    const size = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (width, height, targetRange, a, b) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          const [x1, y1, x2, y2] = document.normalizeBoundingBox([low * width, low * height, high * width, high * height], width, height, { targetRange });
          return x1 >= 0 && x1 <= x2 && x2 <= targetRange && y1 >= 0 && y1 <= y2 && y2 <= targetRange;
        },
      ),
      { numRuns: 100 },
    );
  });
  it('a word is a token, whatever the picture adds', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1e6 }),
        fc.constantFrom(...document.listDocumentModelTypes()),
        (words, modelType) => document.estimateDocumentTokens(words + 1, 0, { modelType }) === document.estimateDocumentTokens(words, 0, { modelType }) + 1,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(document.DocumentConfig),
    ...sweep(document.OCRConfig),
    ...sweep(document.BoundingBoxConfig),
    ...sweep(document.DocumentProcessingConfig),
    ...sweepEnum('DocumentModelType', document.DocumentModelType, { list: document.listDocumentModelTypes, get: document.getDocumentModelType }),
    ...sweepEnum('DocumentTask', document.DocumentTask, { list: document.listDocumentTasks, get: document.getDocumentTask }),
    ...sweepEnum('OCRBackend', document.OCRBackend, { list: document.listOcrBackends, get: document.getOcrBackend }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => document.normalizeBoundingBox([0, -1, 1, 1], 10, 10), 'box[1] must be non-negative, got -1'],
    [() => document.normalizeBoundingBox([0, 0, Number.NaN, 1], 10, 10), 'box[2] must be finite, got NaN'],
    [() => document.estimateDocumentTokens(1, 1, { imageSize: [0, 10] }), 'imageSize[0] must be positive, got 0'],
    [() => document.createOcrConfig({ language: '' }), 'language cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

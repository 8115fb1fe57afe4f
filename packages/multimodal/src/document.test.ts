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

describe('regions of a document', () => {
  const { BoundingBox, DocumentResult } = document;
  const side = fc.nat(100);
  const box = fc.tuple(side, side, side, side).map(([x, y, width, height]) => new BoundingBox(x, y, width, height));
  it('boxes overlap alike from both sides and entirely with themselves', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        const overlap = a.iou(b);
        return overlap >= 0 && overlap <= 1 + 1e-9 && Math.abs(overlap - b.iou(a)) < 1e-9 && (a.area === 0 || Math.abs(a.iou(a) - 1) < 1e-6);
      }),
      { numRuns: 200 },
    );
  });
  it('boxes know their centre and what lies in them', () => {
    const page = new BoundingBox(1, 2, 4, 6);
    expect([page.center, page.area, page.contains(1, 2), page.contains(5, 8), page.contains(5.1, 8)]).toEqual([[3, 5], 24, true, true, false]);
    expect([page.contains(0, 4), page.contains(2, 1), page.contains(2, 9)]).toEqual([false, false, false]);
    expect(new BoundingBox(0, 0, 0, 0).iou(new BoundingBox(0, 0, 0, 0))).toBe(0);
  });
  it('a result gathers regions', () => {
    const result = new DocumentResult('pdf', { text: 'A title and a table', numPages: 2 });
    expect([result.averageConfidence, result.wordCount]).toEqual([0, 5]);
    const region = { elementType: 'table', bbox: new BoundingBox(0, 0, 1, 1), text: '', confidence: 0.5, page: 1 } as const;
    result.addRegion(region);
    result.addRegion({ ...region, elementType: 'heading', confidence: 1 });
    expect(result.regionsOfType('table')).toEqual([region]);
    expect([result.regions.length, result.averageConfidence]).toEqual([2, 0.75]);
  });
  it('recognition takes time with the pixels', () => {
    expect(document.estimateDocumentTime({}, 1)).toBe(750);
    expect(document.estimateDocumentTime({ dpi: 600, layoutAnalysis: false }, 2)).toBe(4100);
  });
  it.each([
    [() => new BoundingBox(0, 0, -1, 1), 'width must be non-negative, got -1'],
    [() => new BoundingBox(Number.NaN, 0, 1, 1), 'x must be finite, got NaN'],
    [() => new DocumentResult('doc' as never), "docType must be one of html, image, office, pdf, spreadsheet, text, got 'doc'"],
    [
      () => document.estimateDocumentTime({ ocrEngine: 'abbyy' as never }, 1),
      "ocrEngine must be one of easyocr, none, paddleocr, tesseract, trocr, got 'abbyy'",
    ],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
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

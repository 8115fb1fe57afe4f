/** Documents: models that read pages, their OCR, boxes and token counts. Mirrors `hf_gtc.multimodal.document`. */
import { createFrom, type Definition, finite, nonNegative, notNull, parseEnum, positive, splitWords, validate, valuesOf } from '@gtc/errors';

/** Families of models that read documents. */
export const DocumentModelType = { LAYOUTLM: 'layoutlm', LAYOUTLMV2: 'layoutlmv2', LAYOUTLMV3: 'layoutlmv3', DONUT: 'donut', UDOP: 'udop' } as const;
export type DocumentModelType = (typeof DocumentModelType)[keyof typeof DocumentModelType];

/** What is asked of a document. */
export const DocumentTask = { CLASSIFICATION: 'classification', NER: 'ner', QA: 'qa', KIE: 'kie', VQA: 'vqa' } as const;
export type DocumentTask = (typeof DocumentTask)[keyof typeof DocumentTask];

/** Engines of optical character recognition. */
export const OCRBackend = { TESSERACT: 'tesseract', EASYOCR: 'easyocr', PADDLEOCR: 'paddleocr', DOCTR: 'doctr' } as const;
export type OCRBackend = (typeof OCRBackend)[keyof typeof OCRBackend];

/** What the four numbers of a box are: two corners, corner and size, or centre and size. */
export type BoundingBoxFormat = 'xyxy' | 'xywh' | 'cxcywh';

/** How a page is brought to the size of the model. */
export type ResizeMode = 'resize' | 'pad' | 'crop';

/** Values of {@link DocumentModelType}. */
export const VALID_DOCUMENT_MODELS: ReadonlySet<DocumentModelType> = new Set(Object.values(DocumentModelType));

/** Values of {@link DocumentTask}. */
export const VALID_DOCUMENT_TASKS: ReadonlySet<DocumentTask> = new Set(Object.values(DocumentTask));

/** Values of {@link OCRBackend}. */
export const VALID_OCR_BACKENDS: ReadonlySet<OCRBackend> = new Set(Object.values(OCRBackend));

/** Values of {@link BoundingBoxFormat}. */
export const VALID_BBOX_FORMATS: ReadonlySet<BoundingBoxFormat> = new Set<BoundingBoxFormat>(['cxcywh', 'xywh', 'xyxy']);

/** Values of {@link ResizeMode}. */
export const VALID_RESIZE_MODES: ReadonlySet<ResizeMode> = new Set<ResizeMode>(['crop', 'pad', 'resize']);

/** A document model. */
export interface DocumentConfig {
  readonly modelType: DocumentModelType;
  /** Tokens. */
  readonly maxSeqLength: number;
  /** Width and height, pixels. */
  readonly imageSize: readonly [number, number];
  readonly useOcr: boolean;
}

/** Defaults and rules of {@link DocumentConfig}. */
export const DocumentConfig: Definition<DocumentConfig> = {
  name: 'DocumentConfig',
  fields: {
    modelType: { kind: 'enum', of: DocumentModelType, default: DocumentModelType.LAYOUTLMV3 },
    maxSeqLength: { kind: 'int', default: 512, positive: true },
    imageSize: { kind: 'array', of: { kind: 'int', positive: true }, length: 2, default: [224, 224] },
    useOcr: { kind: 'bool', default: true },
  },
};

/** How text is read from a page. */
export interface OCRConfig {
  readonly backend: OCRBackend;
  readonly language: string;
  /** Words below it are dropped. */
  readonly confidenceThreshold: number;
  /** Resolution at which pages are drawn, dots per inch. */
  readonly dpi: number;
}

/** Defaults and rules of {@link OCRConfig}. */
export const OCRConfig: Definition<OCRConfig> = {
  name: 'OCRConfig',
  fields: {
    backend: { kind: 'enum', of: OCRBackend, default: OCRBackend.TESSERACT },
    language: { kind: 'string', default: 'en', nonEmpty: true },
    confidenceThreshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
    dpi: { kind: 'int', default: 300, positive: true },
  },
};

/** How boxes are written. */
export interface BoundingBoxConfig {
  readonly format: BoundingBoxFormat;
  /** Scale coordinates to 0 to 1000. */
  readonly normalize: boolean;
  /** Keep the words beside their boxes. */
  readonly includeText: boolean;
}

/** Defaults and rules of {@link BoundingBoxConfig}. */
export const BoundingBoxConfig: Definition<BoundingBoxConfig> = {
  name: 'BoundingBoxConfig',
  fields: {
    format: { kind: 'string', default: 'xyxy', oneOf: VALID_BBOX_FORMATS },
    normalize: { kind: 'bool', default: true },
    includeText: { kind: 'bool', default: true },
  },
};

/** How pages are prepared. */
export interface DocumentProcessingConfig {
  readonly resizeMode: ResizeMode;
  readonly normalizeBoxes: boolean;
  readonly maxPages: number;
}

/** Defaults and rules of {@link DocumentProcessingConfig}. */
export const DocumentProcessingConfig: Definition<DocumentProcessingConfig> = {
  name: 'DocumentProcessingConfig',
  fields: {
    resizeMode: { kind: 'string', default: 'resize', oneOf: VALID_RESIZE_MODES },
    normalizeBoxes: { kind: 'bool', default: true },
    maxPages: { kind: 'int', default: 10, positive: true },
  },
};

/** What the processing of a document found. */
export interface DocumentStats {
  readonly numPages: number;
  readonly numWords: number;
  readonly numBoxes: number;
  /** Seconds. */
  readonly processingTime: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateDocumentConfig(config: DocumentConfig): void {
  validate(DocumentConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateOcrConfig(config: OCRConfig): void {
  validate(OCRConfig, config);
}

/** Settles a {@link DocumentConfig}. @throws {ValidationError} naming every broken rule */
export function createDocumentConfig(options: Partial<DocumentConfig> = {}): DocumentConfig {
  return createFrom(DocumentConfig, options);
}

/** Settles a {@link OCRConfig}. @throws {ValidationError} naming every broken rule */
export function createOcrConfig(options: Partial<OCRConfig> = {}): OCRConfig {
  return createFrom(OCRConfig, options);
}

/** Settles a {@link BoundingBoxConfig}. @throws {ValidationError} naming every broken rule */
export function createBoundingBoxConfig(options: Partial<BoundingBoxConfig> = {}): BoundingBoxConfig {
  return createFrom(BoundingBoxConfig, options);
}

/** Settles a {@link DocumentProcessingConfig}. @throws {ValidationError} naming every broken rule */
export function createDocumentProcessingConfig(options: Partial<DocumentProcessingConfig> = {}): DocumentProcessingConfig {
  return createFrom(DocumentProcessingConfig, options);
}

/** Document model types in ascending order. */
export function listDocumentModelTypes(): DocumentModelType[] {
  return valuesOf(DocumentModelType);
}

/** Document tasks in ascending order. */
export function listDocumentTasks(): DocumentTask[] {
  return valuesOf(DocumentTask);
}

/** Ocr backends in ascending order. */
export function listOcrBackends(): OCRBackend[] {
  return valuesOf(OCRBackend);
}

/** @throws {ValidationError} naming the document model types */
export function getDocumentModelType(name: string): DocumentModelType {
  return parseEnum(DocumentModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the document tasks */
export function getDocumentTask(name: string): DocumentTask {
  return parseEnum(DocumentTask, name, 'task');
}

/** @throws {ValidationError} naming the ocr backends */
export function getOcrBackend(name: string): OCRBackend {
  return parseEnum(OCRBackend, name, 'backend');
}

/** Four numbers of a box. */
type Box = readonly [number, number, number, number];

/**
 * Scales the corners of a box to a page of `targetRange` by `targetRange`, as layout models want them; what lies outside the page is
 * moved to its edge.
 *
 * @param box x1, y1, x2, y2 in pixels
 * @returns integers from 0 to `targetRange`
 * @throws {ValidationError} for negative or non-finite coordinates, or sizes that are not positive
 * @remarks Python: `hf_gtc.multimodal.document.normalize_bounding_box(box, image_width, image_height, target_range=)`; exact.
 * @example normalizeBoundingBox([100, 200, 300, 400], 500, 800) // => [200, 250, 600, 500]
 */
export function normalizeBoundingBox(
  box: Box,
  imageWidth: number,
  imageHeight: number,
  { targetRange = 1000 }: { readonly targetRange?: number } = {},
): [number, number, number, number] {
  notNull(box, 'box').forEach((value, index) => {
    nonNegative(finite(value, `box[${index}]`), `box[${index}]`);
  });
  positive(imageWidth, 'imageWidth');
  positive(imageHeight, 'imageHeight');
  positive(targetRange, 'targetRange');
  const scale = (value: number, size: number): number => Math.min(targetRange, Math.trunc((value * targetRange) / size));
  return [scale(box[0], imageWidth), scale(box[1], imageHeight), scale(box[2], imageWidth), scale(box[3], imageHeight)];
}

/** Models that see no picture, only words and boxes. */
const TEXT_ONLY: ReadonlySet<DocumentModelType> = new Set([DocumentModelType.LAYOUTLM]);

/**
 * Estimates the tokens of a page: a token for each word, and one for each whole patch of the picture where the model sees it. Special
 * tokens and the pieces of split words are not counted; `numBoxes` is checked but adds nothing.
 *
 * @throws {ValidationError} for negative counts or sizes that are not positive
 * @remarks Python: `hf_gtc.multimodal.document.estimate_document_tokens(num_words, num_boxes, ...)`; exact.
 * @example estimateDocumentTokens(100, 50) // => 296
 */
export function estimateDocumentTokens(
  numWords: number,
  numBoxes: number,
  {
    modelType = DocumentModelType.LAYOUTLMV3,
    includeImageTokens = true,
    imageSize = [224, 224],
    patchSize = 16,
  }: {
    readonly modelType?: DocumentModelType;
    readonly includeImageTokens?: boolean;
    readonly imageSize?: readonly [width: number, height: number];
    readonly patchSize?: number;
  } = {},
): number {
  nonNegative(numWords, 'numWords');
  nonNegative(numBoxes, 'numBoxes');
  const [width, height] = notNull(imageSize, 'imageSize');
  positive(width, 'imageSize[0]');
  positive(height, 'imageSize[1]');
  positive(patchSize, 'patchSize');
  if (!includeImageTokens || TEXT_ONLY.has(parseEnum(DocumentModelType, modelType, 'modelType'))) return numWords;
  return numWords + Math.floor(width / patchSize) * Math.floor(height / patchSize);
}

/**
 * The configuration to start from: 512 tokens and 224 pixels with OCR, but 2048 tokens and 1280 by 960 pixels without for Donut, which
 * reads pixels itself.
 *
 * @remarks Python: `hf_gtc.multimodal.document.get_default_document_config(model_type)`.
 * @example getDefaultDocumentConfig('donut').maxSeqLength // => 2048
 */
export function getDefaultDocumentConfig(modelType: DocumentModelType): DocumentConfig {
  const donut = { maxSeqLength: 2048, imageSize: [1280, 960], useOcr: false } as const;
  return createDocumentConfig({ modelType, ...(modelType === DocumentModelType.DONUT ? donut : {}) });
}

/** The OCR configuration to start from. @throws {ValidationError} naming the engines @remarks Python: `hf_gtc.multimodal.document.get_default_ocr_config(backend)`. @example getDefaultOcrConfig('doctr').dpi // => 300 */
export function getDefaultOcrConfig(backend: OCRBackend): OCRConfig {
  return createOcrConfig({ backend });
}

/** Kinds of documents. */
export const DocumentType = { PDF: 'pdf', IMAGE: 'image', OFFICE: 'office', HTML: 'html', TEXT: 'text', SPREADSHEET: 'spreadsheet' } as const;
export type DocumentType = (typeof DocumentType)[keyof typeof DocumentType];

/** What a region of a page is. */
export const LayoutElement = {
  PARAGRAPH: 'paragraph',
  HEADING: 'heading',
  LIST_ITEM: 'list_item',
  TABLE: 'table',
  FIGURE: 'figure',
  CAPTION: 'caption',
  FOOTER: 'footer',
  PAGE_NUMBER: 'page_number',
} as const;
export type LayoutElement = (typeof LayoutElement)[keyof typeof LayoutElement];

/** Engines of optical character recognition, or none where a document carries its text. */
export const OcrEngine = { TESSERACT: 'tesseract', EASYOCR: 'easyocr', PADDLEOCR: 'paddleocr', TROCR: 'trocr', NONE: 'none' } as const;
export type OcrEngine = (typeof OcrEngine)[keyof typeof OcrEngine];

/**
 * A box on a page: its upper left corner and its size, in any unit.
 *
 * @throws {ValidationError} for a coordinate that is not finite or a negative size
 * @remarks Rust: `multimodal::document::BoundingBox`.
 * @example new BoundingBox(0, 0, 2, 2).iou(new BoundingBox(1, 0, 2, 2)) // => 1 / 3
 */
export class BoundingBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;

  constructor(x: number, y: number, width: number, height: number) {
    this.x = finite(x, 'x');
    this.y = finite(y, 'y');
    this.width = nonNegative(finite(width, 'width'), 'width');
    this.height = nonNegative(finite(height, 'height'), 'height');
  }

  get area(): number {
    return this.width * this.height;
  }

  get center(): [x: number, y: number] {
    return [this.x + this.width / 2, this.y + this.height / 2];
  }

  /** Whether a point lies in the box, its edges included. */
  contains(x: number, y: number): boolean {
    return x >= this.x && x <= this.x + this.width && y >= this.y && y <= this.y + this.height;
  }

  /** Intersection over union: 0 apart, 1 equal; 0 for two boxes without area. */
  iou(other: BoundingBox): number {
    const across = Math.min(this.x + this.width, other.x + other.width) - Math.max(this.x, other.x);
    const down = Math.min(this.y + this.height, other.y + other.height) - Math.max(this.y, other.y);
    const shared = Math.max(0, across) * Math.max(0, down);
    const union = this.area + other.area - shared;
    return union === 0 ? 0 : shared / union;
  }
}

/** A region of a page and what was read in it. */
export interface DocumentRegion {
  readonly elementType: LayoutElement;
  readonly bbox: BoundingBox;
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** From 0. */
  readonly page: number;
}

/**
 * A document that was read, region by region.
 *
 * @remarks Rust: `multimodal::document::DocumentResult`.
 * @example new DocumentResult('pdf', { text: 'Hello, world' }).wordCount // => 2
 */
export class DocumentResult {
  readonly docType: DocumentType;
  readonly text: string;
  readonly numPages: number;
  readonly processingTimeMs: number;
  readonly #regions: DocumentRegion[];

  constructor(
    docType: DocumentType,
    {
      text = '',
      numPages = 1,
      processingTimeMs = 0,
      regions = [],
    }: { readonly text?: string; readonly numPages?: number; readonly processingTimeMs?: number; readonly regions?: readonly DocumentRegion[] } = {},
  ) {
    this.docType = parseEnum(DocumentType, docType, 'docType');
    this.text = text;
    this.numPages = positive(numPages, 'numPages');
    this.processingTimeMs = nonNegative(processingTimeMs, 'processingTimeMs');
    this.#regions = [...regions];
  }

  /** Regions in the order in which they were added. */
  get regions(): readonly DocumentRegion[] {
    return this.#regions;
  }

  addRegion(region: DocumentRegion): void {
    this.#regions.push(region);
  }

  get wordCount(): number {
    return splitWords(this.text).length;
  }

  regionsOfType(elementType: LayoutElement): DocumentRegion[] {
    return this.#regions.filter(region => region.elementType === elementType);
  }

  /** Mean confidence of the regions, 0 without any. */
  get averageConfidence(): number {
    return this.#regions.length === 0 ? 0 : this.#regions.reduce((total, { confidence }) => total + confidence, 0) / this.#regions.length;
  }
}

/** Milliseconds that a page takes, at 300 dots per inch where the engine looks at pixels. */
const PAGE_MS: Readonly<Record<OcrEngine, number>> = { tesseract: 500, easyocr: 800, paddleocr: 400, trocr: 1000, none: 0 };
const READING_MS = 50;
const LAYOUT_MS = 200;

/**
 * Milliseconds to read a document, at a guess: a little for every page, more for recognition, which grows with the pixels, and for its layout.
 *
 * @throws {ValidationError} for an unknown engine, or pages or dots that are not positive
 * @remarks Rust: `multimodal::document::estimate_document_time(config, num_pages)`.
 * @example estimateDocumentTime({ ocrEngine: 'none' }, 2) // => 500
 */
export function estimateDocumentTime(
  {
    ocrEngine = OcrEngine.TESSERACT,
    layoutAnalysis = true,
    dpi = 300,
  }: { readonly ocrEngine?: OcrEngine; readonly layoutAnalysis?: boolean; readonly dpi?: number },
  numPages: number,
): number {
  positive(dpi, 'dpi');
  positive(numPages, 'numPages');
  const recognition = PAGE_MS[parseEnum(OcrEngine, ocrEngine, 'ocrEngine')] * (dpi / 300) ** 2;
  return numPages * (READING_MS + recognition + (layoutAnalysis ? LAYOUT_MS : 0));
}

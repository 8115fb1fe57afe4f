/** Chunking: how documents are cut for retrieval. Mirrors `hf_gtc.rag.chunking`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  nonNegative,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { chunkSpans } from './internal/chunking/split.js';

/** Where documents are cut. */
export const ChunkingStrategy = {
  FIXED: 'fixed',
  SENTENCE: 'sentence',
  PARAGRAPH: 'paragraph',
  SEMANTIC: 'semantic',
  RECURSIVE: 'recursive',
  MARKDOWN: 'markdown',
} as const;
export type ChunkingStrategy = (typeof ChunkingStrategy)[keyof typeof ChunkingStrategy];

/** What chunks share. */
export const OverlapType = { TOKEN: 'token', CHARACTER: 'character', SENTENCE: 'sentence', NONE: 'none' } as const;
export type OverlapType = (typeof OverlapType)[keyof typeof OverlapType];

/** What finds the ends of sentences. */
export const BoundaryDetection = { REGEX: 'regex', SPACY: 'spacy', NLTK: 'nltk', SIMPLE: 'simple' } as const;
export type BoundaryDetection = (typeof BoundaryDetection)[keyof typeof BoundaryDetection];

/** Values of {@link ChunkingStrategy}. */
export const VALID_CHUNKING_STRATEGIES: ReadonlySet<ChunkingStrategy> = new Set(Object.values(ChunkingStrategy));

/** Values of {@link OverlapType}. */
export const VALID_OVERLAP_TYPES: ReadonlySet<OverlapType> = new Set(Object.values(OverlapType));

/** Values of {@link BoundaryDetection}. */
export const VALID_BOUNDARY_DETECTIONS: ReadonlySet<BoundaryDetection> = new Set(Object.values(BoundaryDetection));

/** The first piece that ends before it starts. */
function backwards(offsets: readonly (readonly number[])[]): string | null {
  const index = offsets.findIndex(([start, end]) => end! < start!);
  return index < 0 ? null : `offsets[${index}] must end at or after its start (${offsets[index]![0]}), got ${offsets[index]![1]}`;
}

/** How documents are cut. */
export interface ChunkConfig {
  readonly strategy: ChunkingStrategy;
  readonly chunkSize: number;
  readonly overlapSize: number;
  readonly overlapType: OverlapType;
}

/** Defaults and rules of {@link ChunkConfig}. */
export const ChunkConfig: Definition<ChunkConfig> = {
  name: 'ChunkConfig',
  fields: {
    strategy: { kind: 'enum', of: ChunkingStrategy, default: ChunkingStrategy.RECURSIVE },
    chunkSize: { kind: 'int', default: 512, positive: true },
    overlapSize: { kind: 'int', default: 50, nonNegative: true },
    overlapType: { kind: 'enum', of: OverlapType, default: OverlapType.CHARACTER },
  },
  rules: [
    ({ chunkSize, overlapSize, overlapType }) =>
      overlapType !== 'none' && overlapSize >= chunkSize ? `overlapSize must be less than chunkSize (${chunkSize}), got ${overlapSize}` : null,
  ],
};

/** Cuts where the meaning changes. */
export interface SemanticChunkConfig {
  readonly similarityThreshold: number;
  readonly minChunkSize: number;
  readonly embeddingModel: string;
}

/** Defaults and rules of {@link SemanticChunkConfig}. */
export const SemanticChunkConfig: Definition<SemanticChunkConfig> = {
  name: 'SemanticChunkConfig',
  fields: {
    similarityThreshold: { kind: 'float', default: 0.8, min: 0, max: 1 },
    minChunkSize: { kind: 'int', default: 100, positive: true },
    embeddingModel: { kind: 'string', default: 'all-MiniLM-L6-v2', nonEmpty: true },
  },
};

/** Chunks and where they were. */
export interface ChunkResult {
  readonly chunks: readonly string[];
  /** Start and end in characters, as Python counts them. */
  readonly offsets: readonly (readonly number[])[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly chunkCount: number;
}

/** Defaults and rules of {@link ChunkResult}. */
export const ChunkResult: Definition<ChunkResult> = {
  name: 'ChunkResult',
  fields: {
    chunks: { kind: 'array', of: { kind: 'string' } },
    offsets: { kind: 'array', of: { kind: 'array', of: { kind: 'int', nonNegative: true }, length: 2 } },
    metadata: { kind: 'record', of: { kind: 'any' } },
    chunkCount: { kind: 'int' },
  },
  rules: [
    ({ chunks, offsets }) =>
      chunks.length === offsets.length ? null : `chunks and offsets must have the same length, got ${chunks.length} and ${offsets.length}`,
    ({ chunks, chunkCount }) => (chunkCount === chunks.length ? null : `chunkCount must be the number of chunks (${chunks.length}), got ${chunkCount}`),
    ({ offsets }) => backwards(offsets),
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateChunkConfig(config: ChunkConfig): void {
  validate(ChunkConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSemanticChunkConfig(config: SemanticChunkConfig): void {
  validate(SemanticChunkConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateChunkResult(result: ChunkResult): void {
  validate(ChunkResult, result, 'result');
}

/** Settles a {@link ChunkConfig}. @throws {ValidationError} naming every broken rule */
export function createChunkConfig(options: Partial<ChunkConfig> = {}): ChunkConfig {
  return createFrom(ChunkConfig, options);
}

/** Settles a {@link SemanticChunkConfig}. @throws {ValidationError} naming every broken rule */
export function createSemanticChunkConfig(options: Partial<SemanticChunkConfig> = {}): SemanticChunkConfig {
  return createFrom(SemanticChunkConfig, options);
}

/** Chunking strategies in ascending order. */
export function listChunkingStrategies(): ChunkingStrategy[] {
  return valuesOf(ChunkingStrategy);
}

/** Overlap types in ascending order. */
export function listOverlapTypes(): OverlapType[] {
  return valuesOf(OverlapType);
}

/** Boundary detections in ascending order. */
export function listBoundaryDetections(): BoundaryDetection[] {
  return valuesOf(BoundaryDetection);
}

/** @throws {ValidationError} naming the chunking strategies */
export function getChunkingStrategy(name: string): ChunkingStrategy {
  return parseEnum(ChunkingStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the overlap types */
export function getOverlapType(name: string): OverlapType {
  return parseEnum(OverlapType, name, 'overlapType');
}

/** @throws {ValidationError} naming the boundary detections */
export function getBoundaryDetection(name: string): BoundaryDetection {
  return parseEnum(BoundaryDetection, name, 'boundaryDetection');
}

/**
 * Settles chunks. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.chunking.create_chunk_result(chunks, offsets, metadata=)`.
 */
export function createChunkResult(
  chunks: readonly string[],
  offsets: readonly (readonly number[])[],
  { metadata = null }: { readonly metadata?: Readonly<Record<string, unknown>> | null } = {},
): ChunkResult {
  return createFrom(ChunkResult, { chunks, offsets, metadata: metadata ?? {}, chunkCount: chunks.length });
}

/**
 * Chunks that a document makes.
 *
 * @throws {ValidationError} for a size that is not positive or an overlap outside [0, chunkSize)
 * @remarks Python: `hf_gtc.rag.chunking.calculate_chunk_count(document_length, chunk_size, overlap_size)`; exact.
 * @example calculateChunkCount(500, 100, 41) // => 8
 */
export function calculateChunkCount(documentLength: number, chunkSize: number, overlapSize: number): number {
  positive(chunkSize, 'chunkSize');
  if (nonNegative(overlapSize, 'overlapSize') >= chunkSize)
    throw new ValidationError(`overlapSize must be less than chunkSize (${chunkSize}), got ${overlapSize}`, {
      parameter: 'overlapSize',
      received: overlapSize,
    });
  if (documentLength <= 0) return 0;
  return documentLength <= chunkSize ? 1 : Math.ceil((documentLength - overlapSize) / (chunkSize - overlapSize));
}

/** Quality by size, up to and including 512 the best. */
const sizeQuality = (size: number): number => (size < 128 ? 0.6 : size < 256 ? 0.8 : size <= 512 ? 1 : size <= 1024 ? 0.9 : 0.7);

const COMPLEXITY: Readonly<Record<string, number>> = { simple: 1, medium: 0.9, complex: 0.8 };

/**
 * A rule of thumb for the quality of retrieval in [0, 1]: best for chunks of 256 to 512, better with overlap, worse for complex questions.
 *
 * @param options `queryComplexity` `simple`, `medium` or `complex`
 * @throws {ValidationError} for sizes that are not positive, a negative overlap or an unknown complexity
 * @remarks Python: `hf_gtc.rag.chunking.estimate_retrieval_quality(chunk_size, overlap_size, query_complexity=)`; within 1e-12.
 * @example estimateRetrievalQuality(200, 20) // => 0.7344
 */
export function estimateRetrievalQuality(
  chunkSize: number,
  overlapSize: number,
  { queryComplexity = 'medium' }: { readonly queryComplexity?: string } = {},
): number {
  positive(chunkSize, 'chunkSize');
  nonNegative(overlapSize, 'overlapSize');
  const complexity = COMPLEXITY[oneOf(queryComplexity, 'queryComplexity', Object.keys(COMPLEXITY))]!;
  const quality = sizeQuality(chunkSize) * (1 + Math.min(overlapSize / chunkSize, 0.5) * 0.2) * complexity;
  return Math.min(1, Math.max(0, quality));
}

const DOCUMENT_FACTOR: Readonly<Record<string, number>> = { general: 1, code: 1.5, legal: 1.3, scientific: 1.2 };

/**
 * Size of chunks for questions of a length: eight times it, more for code, law and science and for wide embeddings, from 128 to 2,048.
 *
 * @param options `documentType` `general`, `code`, `legal` or `scientific`
 * @throws {ValidationError} for sizes that are not positive or an unknown type
 * @remarks Python: `hf_gtc.rag.chunking.optimize_chunk_size(avg_query_length, document_type=, embedding_dimension=)`; exact.
 * @example optimizeChunkSize(26) // => 208
 */
export function optimizeChunkSize(
  avgQueryLength: number,
  { documentType = 'general', embeddingDimension = 768 }: { readonly documentType?: string; readonly embeddingDimension?: number } = {},
): number {
  allPositive({ avgQueryLength, embeddingDimension });
  const factor = DOCUMENT_FACTOR[oneOf(documentType, 'documentType', Object.keys(DOCUMENT_FACTOR))]!;
  return Math.min(2048, Math.max(128, Math.trunc(avgQueryLength * 8 * factor * (embeddingDimension / 768))));
}

/**
 * Whether every chunk is the text between its offsets.
 *
 * @param offsets start and end in characters (code points)
 * @throws {ShapeError} for different counts of chunks and offsets
 * @remarks Python: `hf_gtc.rag.chunking.validate_chunk_boundaries(chunks, offsets, original_text)`; exact.
 * @example validateChunkBoundaries(['Hello'], [[0, 5]], 'Hello world') // => true
 */
export function validateChunkBoundaries(chunks: readonly string[], offsets: readonly (readonly number[])[], originalText: string): boolean {
  sameLength({ chunks, offsets });
  const characters = [...originalText];
  return chunks.every((chunk, index) => {
    const [start, end] = offsets[index]! as [number, number];
    return start >= 0 && end <= characters.length && characters.slice(start, end).join('') === chunk;
  });
}

/**
 * Chunks as a line of text.
 *
 * @remarks Python: `hf_gtc.rag.chunking.format_chunk_stats(chunk_count, avg_chunk_size, total_overlap, strategy)`; the same text.
 * @example formatChunkStats(10000, 0.01, 9, 'fixed') // => 'Chunking Stats: 10000 chunks | avg_size=0.0 chars | total_overlap=9 chars | strategy=fixed'
 */
export function formatChunkStats(chunkCount: number, avgChunkSize: number, totalOverlap: number, strategy: string): string {
  return `Chunking Stats: ${chunkCount} chunks | avg_size=${formatFixed(avgChunkSize, 1)} chars | total_overlap=${totalOverlap} chars | strategy=${strategy}`;
}

const BY_USE: Readonly<Record<string, readonly [strategy: ChunkingStrategy, size: number, overlap: number]>> = {
  qa: ['recursive', 512, 50],
  summarization: ['paragraph', 1024, 100],
  search: ['sentence', 256, 25],
  chat: ['recursive', 384, 40],
};

const BY_DOCUMENT: Readonly<Record<string, ChunkingStrategy>> = { code: 'recursive', legal: 'paragraph', scientific: 'paragraph' };

/**
 * Settings that suit a use and a type of documents.
 *
 * @param options `useCase` `qa`, `summarization`, `search` or `chat`; `documentType` `general`, `code`, `legal` or `scientific`
 * @throws {ValidationError} naming the uses or types that are known
 * @remarks Python: `hf_gtc.rag.chunking.get_recommended_chunking_config(use_case=, document_type=)`.
 * @example getRecommendedChunkingConfig({ documentType: 'code' }).chunkSize // => 768
 */
export function getRecommendedChunkingConfig({
  useCase = 'qa',
  documentType = 'general',
}: {
  readonly useCase?: string;
  readonly documentType?: string;
} = {}): ChunkConfig {
  const [strategy, size, overlap] = BY_USE[oneOf(useCase, 'useCase', Object.keys(BY_USE))]!;
  const factor = DOCUMENT_FACTOR[oneOf(documentType, 'documentType', Object.keys(DOCUMENT_FACTOR))]!;
  return createChunkConfig({
    strategy: BY_DOCUMENT[documentType] ?? strategy,
    chunkSize: Math.trunc(size * factor),
    overlapSize: Math.trunc(overlap * factor),
  });
}

/** A piece of a document. */
export interface Chunk {
  readonly content: string;
  /** Place in the document, so that `text.slice(startOffset, endOffset)` is the content. */
  readonly startOffset: number;
  readonly endOffset: number;
  /** Place among the chunks, from 0. */
  readonly index: number;
  readonly documentId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Cuts a document into chunks of at most `chunkSize` characters: windows for `fixed`, else stretches that end where the strategy likes
 * to cut, and finer where those are too long. Chunks share as much of their neighbours' ends as fits into `overlapSize` characters.
 * Without embeddings, `semantic` cuts between sentences.
 *
 * @param config 512 characters with 50 shared, cut at paragraphs, lines, sentences, words, when null
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `rag::chunking::chunk_document(text, config)`.
 * @example chunkDocument('One. Two. Three.', { config: createChunkConfig({ strategy: 'sentence', chunkSize: 10, overlapSize: 0 }) }).map(({ content }) => content) // => ['One. Two.', 'Three.']
 */
export function chunkDocument(
  text: string,
  {
    config = null,
    documentId = null,
    metadata = {},
  }: { readonly config?: ChunkConfig | null; readonly documentId?: string | null; readonly metadata?: Readonly<Record<string, string>> } = {},
): Chunk[] {
  const settings = config ?? createChunkConfig();
  validate(ChunkConfig, settings);
  const overlap = settings.overlapType === 'none' ? 0 : settings.overlapSize;
  return chunkSpans(text, settings.strategy, settings.chunkSize, overlap).map(([startOffset, endOffset], index) => ({
    content: text.slice(startOffset, endOffset),
    startOffset,
    endOffset,
    index,
    documentId,
    metadata,
  }));
}

/** Retrieval: chunks of documents, how they are found, and how long that takes. Mirrors `hf_gtc.rag.retrieval`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  nonNegative,
  parseEnum,
  positive,
  roundTo,
  sameLength,
  textLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { dot } from '@gtc/tensor/statistics';

/** Where documents are cut. */
export const ChunkingStrategy = {
  FIXED: 'fixed',
  SENTENCE: 'sentence',
  PARAGRAPH: 'paragraph',
  SEMANTIC: 'semantic',
  RECURSIVE: 'recursive',
  TOKEN: 'token',
} as const;
export type ChunkingStrategy = (typeof ChunkingStrategy)[keyof typeof ChunkingStrategy];

/** Ways to compare vectors. */
export const DistanceMetric = { COSINE: 'cosine', EUCLIDEAN: 'euclidean', DOT_PRODUCT: 'dot_product', MANHATTAN: 'manhattan' } as const;
export type DistanceMetric = (typeof DistanceMetric)[keyof typeof DistanceMetric];

/** Ways to find chunks. */
export const RetrievalMethod = { DENSE: 'dense', SPARSE: 'sparse', HYBRID: 'hybrid', RERANK: 'rerank' } as const;
export type RetrievalMethod = (typeof RetrievalMethod)[keyof typeof RetrievalMethod];

/** Values of {@link ChunkingStrategy}. */
export const VALID_CHUNKING_STRATEGIES: ReadonlySet<ChunkingStrategy> = new Set(Object.values(ChunkingStrategy));

/** Values of {@link DistanceMetric}. */
export const VALID_DISTANCE_METRICS: ReadonlySet<DistanceMetric> = new Set(Object.values(DistanceMetric));

/** Values of {@link RetrievalMethod}. */
export const VALID_RETRIEVAL_METHODS: ReadonlySet<RetrievalMethod> = new Set(Object.values(RetrievalMethod));

/** How documents are cut. */
export interface ChunkingConfig {
  readonly chunkSize: number;
  readonly overlap: number;
  readonly strategy: ChunkingStrategy;
  readonly separator: string;
}

/** Defaults and rules of {@link ChunkingConfig}. */
export const ChunkingConfig: Definition<ChunkingConfig> = {
  name: 'ChunkingConfig',
  fields: {
    chunkSize: { kind: 'int', default: 512, positive: true },
    overlap: { kind: 'int', default: 50, nonNegative: true },
    strategy: { kind: 'enum', of: ChunkingStrategy, default: ChunkingStrategy.RECURSIVE },
    separator: { kind: 'string', default: '\n\n' },
  },
  rules: [({ chunkSize, overlap }) => (overlap >= chunkSize ? `overlap must be less than chunkSize (${chunkSize}), got ${overlap}` : null)],
};

/** A piece of a document. */
export interface DocumentChunk {
  readonly content: string;
  readonly chunkId: string;
  readonly documentId: string;
  readonly startChar: number;
  readonly endChar: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Defaults and rules of {@link DocumentChunk}. */
export const DocumentChunk: Definition<DocumentChunk> = {
  name: 'DocumentChunk',
  fields: {
    content: { kind: 'string', nonEmpty: true },
    chunkId: { kind: 'string', nonEmpty: true },
    documentId: { kind: 'string', nonEmpty: true },
    startChar: { kind: 'int', default: 0, nonNegative: true },
    endChar: { kind: 'int', default: null, nullable: true },
    metadata: { kind: 'record', of: { kind: 'any' } },
  },
};

/** The pieces of a document. */
export interface ChunkResult {
  readonly chunks: readonly DocumentChunk[];
  readonly totalChunks: number;
  readonly avgChunkSize: number;
  readonly documentId: string;
}

/** How chunks are found. */
export interface RAGConfig {
  readonly retrievalMethod: RetrievalMethod;
  readonly distanceMetric: DistanceMetric;
  readonly topK: number;
  readonly scoreThreshold: number;
  readonly rerankTopK: number;
}

/** Defaults and rules of {@link RAGConfig}. */
export const RAGConfig: Definition<RAGConfig> = {
  name: 'RAGConfig',
  fields: {
    retrievalMethod: { kind: 'enum', of: RetrievalMethod, default: RetrievalMethod.DENSE },
    distanceMetric: { kind: 'enum', of: DistanceMetric, default: DistanceMetric.COSINE },
    topK: { kind: 'int', default: 10, positive: true },
    scoreThreshold: { kind: 'float', default: 0, min: 0, max: 1 },
    rerankTopK: { kind: 'int', default: 5, positive: true },
  },
  rules: [({ topK, rerankTopK }) => (rerankTopK > topK ? `rerankTopK must be at most topK (${topK}), got ${rerankTopK}` : null)],
};

/** A chunk that was found. */
export interface RetrievalResult {
  readonly chunk: DocumentChunk;
  readonly score: number;
  /** From 1. */
  readonly rank: number;
}

/** Defaults and rules of {@link RetrievalResult}. */
export const RetrievalResult: Definition<RetrievalResult> = {
  name: 'RetrievalResult',
  fields: {
    chunk: { kind: 'any' },
    score: { kind: 'float', min: 0, max: 1 },
    rank: { kind: 'int', positive: true },
  },
};

/** How a search went. */
export interface RetrievalStats {
  readonly totalRetrieved: number;
  readonly avgScore: number;
  readonly latencyMs: number;
  readonly reranked: boolean;
}

/** @throws {ValidationError} naming every broken rule */
export function validateChunkingConfig(config: ChunkingConfig): void {
  validate(ChunkingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRagConfig(config: RAGConfig): void {
  validate(RAGConfig, config);
}

/** Settles a {@link ChunkingConfig}. @throws {ValidationError} naming every broken rule */
export function createChunkingConfig(options: Partial<ChunkingConfig> = {}): ChunkingConfig {
  return createFrom(ChunkingConfig, options);
}

/** Settles a {@link RAGConfig}. @throws {ValidationError} naming every broken rule */
export function createRagConfig(options: Partial<RAGConfig> = {}): RAGConfig {
  return createFrom(RAGConfig, options);
}

/** Settles a {@link RetrievalResult}. @throws {ValidationError} naming every broken rule */
export function createRetrievalResult(chunk: DocumentChunk, score: number, rank: number): RetrievalResult {
  return createFrom(RetrievalResult, { chunk, score, rank });
}

/** Chunking strategies in ascending order. */
export function listChunkingStrategies(): ChunkingStrategy[] {
  return valuesOf(ChunkingStrategy);
}

/** Distance metrics in ascending order. */
export function listDistanceMetrics(): DistanceMetric[] {
  return valuesOf(DistanceMetric);
}

/** Retrieval methods in ascending order. */
export function listRetrievalMethods(): RetrievalMethod[] {
  return valuesOf(RetrievalMethod);
}

/** @throws {ValidationError} naming the chunking strategies */
export function getChunkingStrategy(name: string): ChunkingStrategy {
  return parseEnum(ChunkingStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the distance metrics */
export function getDistanceMetric(name: string): DistanceMetric {
  return parseEnum(DistanceMetric, name, 'metric');
}

/** @throws {ValidationError} naming the retrieval methods */
export function getRetrievalMethod(name: string): RetrievalMethod {
  return parseEnum(RetrievalMethod, name, 'method');
}

/**
 * Settles a piece of a document, which ends where its text does unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.retrieval.create_document_chunk(content, chunk_id, document_id, start_char=, end_char=, metadata=)`.
 */
export function createDocumentChunk(
  content: string,
  chunkId: string,
  documentId: string,
  {
    startChar = 0,
    endChar = null,
    metadata = null,
  }: { readonly startChar?: number; readonly endChar?: number | null; readonly metadata?: Readonly<Record<string, unknown>> | null } = {},
): DocumentChunk {
  return createFrom(DocumentChunk, { content, chunkId, documentId, startChar, endChar: endChar ?? startChar + textLength(content), metadata: metadata ?? {} });
}

/**
 * Chunks that a document makes.
 *
 * @throws {ValidationError} for a size that is not positive or an overlap outside [0, chunkSize)
 * @remarks Python: `hf_gtc.rag.retrieval.calculate_chunk_count(document_length, chunk_size, overlap)`; exact.
 * @example calculateChunkCount(1, 200, 12) // => 1
 */
export function calculateChunkCount(documentLength: number, chunkSize: number, overlap: number): number {
  positive(chunkSize, 'chunkSize');
  if (nonNegative(overlap, 'overlap') >= chunkSize)
    throw new ValidationError(`overlap must be less than chunkSize (${chunkSize}), got ${overlap}`, { parameter: 'overlap', received: overlap });
  if (documentLength <= 0) return 0;
  return documentLength <= chunkSize ? 1 : Math.ceil((documentLength - overlap) / (chunkSize - overlap));
}

/**
 * Share of a chunk that the next one repeats.
 *
 * @throws {ValidationError} for a negative overlap or a size that is not positive
 * @remarks Python: `hf_gtc.rag.retrieval.calculate_overlap_ratio(overlap, chunk_size)`; within 1e-12.
 * @example calculateOverlapRatio(1, 1) // => 1
 */
export function calculateOverlapRatio(overlap: number, chunkSize: number): number {
  nonNegative(overlap, 'overlap');
  return overlap / positive(chunkSize, 'chunkSize');
}

const CHUNK_SIZES: Readonly<Record<string, number>> = { qa: 512, summarization: 1024, search: 256, chat: 384 };

/**
 * Size of chunks for a use; half as much again for models named `large`, a quarter less for those named `small`. Other uses take that of `qa`.
 *
 * @remarks Python: `hf_gtc.rag.retrieval.get_recommended_chunk_size(embedding_model=, use_case=)`; exact.
 * @example getRecommendedChunkSize() // => 512
 */
export function getRecommendedChunkSize({
  embeddingModel = 'all-MiniLM-L6-v2',
  useCase = 'qa',
}: {
  readonly embeddingModel?: string;
  readonly useCase?: string;
} = {}): number {
  const size = Object.hasOwn(CHUNK_SIZES, useCase) ? CHUNK_SIZES[useCase]! : CHUNK_SIZES.qa!;
  const model = embeddingModel.toLowerCase();
  return Math.floor(size * (model.includes('large') ? 1.5 : model.includes('small') ? 0.75 : 1));
}

/**
 * A rule of thumb for the time of a search, ms: it grows with the logarithm of the documents, and by 5 ms for each that is reranked. It is no measurement.
 *
 * @returns rounded to two decimals
 * @remarks Python: `hf_gtc.rag.retrieval.estimate_retrieval_latency(num_documents, top_k, use_rerank=)`; within 1e-12.
 * @example estimateRetrievalLatency(10000, 10) // => 14
 */
export function estimateRetrievalLatency(numDocuments: number, topK: number, { useRerank = false }: { readonly useRerank?: boolean } = {}): number {
  return roundTo(5 + 2 * Math.log10(Math.max(1, numDocuments)) + 0.1 * topK + (useRerank ? 5 * topK : 0), 2);
}

/**
 * How a search went, as a line of text.
 *
 * @remarks Python: `hf_gtc.rag.retrieval.format_retrieval_stats(stats)`; the same text.
 */
export function formatRetrievalStats(stats: RetrievalStats): string {
  return [
    `Retrieved ${stats.totalRetrieved} documents`,
    `avg_score=${formatFixed(stats.avgScore, 2)}`,
    `latency=${formatFixed(stats.latencyMs, 1)}ms`,
    ...(stats.reranked ? ['(reranked)'] : []),
  ].join(' | ');
}

/**
 * Sum of the products of two vectors.
 *
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Rust: `rag::retrieval::dot_product`.
 * @example dotProduct([1, 2], [3, 4]) // => 11
 */
export function dotProduct(a: readonly number[], b: readonly number[]): number {
  sameLength({ a, b });
  return dot(a, b);
}

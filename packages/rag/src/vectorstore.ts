/** Vector stores: their indexes, sizes, latencies and settings. Mirrors `hf_gtc.rag.vectorstore`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonNegative,
  parseEnum,
  roundTo,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** Stores of vectors. */
export const VectorStoreType = {
  FAISS: 'faiss',
  CHROMADB: 'chromadb',
  PINECONE: 'pinecone',
  WEAVIATE: 'weaviate',
  QDRANT: 'qdrant',
  MILVUS: 'milvus',
} as const;
export type VectorStoreType = (typeof VectorStoreType)[keyof typeof VectorStoreType];

/** Kinds of indexes. */
export const IndexType = { FLAT: 'flat', IVF: 'ivf', HNSW: 'hnsw', PQ: 'pq', SCANN: 'scann' } as const;
export type IndexType = (typeof IndexType)[keyof typeof IndexType];

/** Ways to compare vectors. */
export const DistanceMetric = { COSINE: 'cosine', EUCLIDEAN: 'euclidean', DOT_PRODUCT: 'dot_product', MANHATTAN: 'manhattan' } as const;
export type DistanceMetric = (typeof DistanceMetric)[keyof typeof DistanceMetric];

/** Values of {@link VectorStoreType}. */
export const VALID_STORE_TYPES: ReadonlySet<VectorStoreType> = new Set(Object.values(VectorStoreType));

/** Values of {@link IndexType}. */
export const VALID_INDEX_TYPES: ReadonlySet<IndexType> = new Set(Object.values(IndexType));

/** Values of {@link DistanceMetric}. */
export const VALID_DISTANCE_METRICS: ReadonlySet<DistanceMetric> = new Set(Object.values(DistanceMetric));

/** An index. */
export interface IndexConfig {
  readonly indexType: IndexType;
  /** Cells of an inverted file. */
  readonly nlist: number;
  /** Cells that a search looks into. */
  readonly nprobe: number;
  /** Candidates that a search in a graph keeps. */
  readonly efSearch: number;
}

/** Defaults and rules of {@link IndexConfig}. */
export const IndexConfig: Definition<IndexConfig> = {
  name: 'IndexConfig',
  fields: {
    indexType: { kind: 'enum', of: IndexType, default: IndexType.FLAT },
    nlist: { kind: 'int', default: 100, positive: true },
    nprobe: { kind: 'int', default: 10, positive: true },
    efSearch: { kind: 'int', default: 128, positive: true },
  },
  rules: [({ nlist, nprobe }) => (nprobe > nlist ? `nprobe must be at most nlist (${nlist}), got ${nprobe}` : null)],
};

/** A store. */
export interface VectorStoreConfig {
  readonly storeType: VectorStoreType;
  readonly indexConfig: IndexConfig;
  readonly distanceMetric: DistanceMetric;
  readonly dimension: number;
}

/** Defaults and rules of {@link VectorStoreConfig}. */
export const VectorStoreConfig: Definition<VectorStoreConfig> = {
  name: 'VectorStoreConfig',
  fields: {
    storeType: { kind: 'enum', of: VectorStoreType, default: VectorStoreType.FAISS },
    indexConfig: { kind: 'config', of: IndexConfig },
    distanceMetric: { kind: 'enum', of: DistanceMetric, default: DistanceMetric.COSINE },
    dimension: { kind: 'int', default: 768, positive: true },
  },
};

/** What a search found. */
export interface SearchResult {
  readonly ids: readonly string[];
  readonly scores: readonly number[];
  readonly vectors: readonly (readonly number[])[];
  readonly metadata: readonly Readonly<Record<string, unknown>>[];
}

/** Defaults and rules of {@link SearchResult}. */
export const SearchResult: Definition<SearchResult> = {
  name: 'SearchResult',
  fields: {
    ids: { kind: 'array', of: { kind: 'string' } },
    scores: { kind: 'array', of: { kind: 'float', min: 0, max: 1 } },
    vectors: { kind: 'array', of: { kind: 'any' } },
    metadata: { kind: 'array', of: { kind: 'any' } },
  },
  rules: [
    ({ ids, scores }) => (ids.length === scores.length ? null : `ids and scores must have the same length, got ${ids.length} and ${scores.length}`),
    ({ ids, vectors }) =>
      vectors.length === 0 || ids.length === vectors.length ? null : `vectors must be empty or as many as ids (${ids.length}), got ${vectors.length}`,
    ({ ids, metadata }) => (ids.length === metadata.length ? null : `ids and metadata must have the same length, got ${ids.length} and ${metadata.length}`),
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateIndexConfig(config: IndexConfig): void {
  validate(IndexConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateVectorstoreConfig(config: VectorStoreConfig): void {
  validate(VectorStoreConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSearchResult(result: SearchResult): void {
  validate(SearchResult, result, 'result');
}

/** Settles a {@link IndexConfig}. @throws {ValidationError} naming every broken rule */
export function createIndexConfig(options: Partial<IndexConfig> = {}): IndexConfig {
  return createFrom(IndexConfig, options);
}

/** Store types in ascending order. */
export function listStoreTypes(): VectorStoreType[] {
  return valuesOf(VectorStoreType);
}

/** Index types in ascending order. */
export function listIndexTypes(): IndexType[] {
  return valuesOf(IndexType);
}

/** Distance metrics in ascending order. */
export function listDistanceMetrics(): DistanceMetric[] {
  return valuesOf(DistanceMetric);
}

/** @throws {ValidationError} naming the store types */
export function getStoreType(name: string): VectorStoreType {
  return parseEnum(VectorStoreType, name, 'storeType');
}

/** @throws {ValidationError} naming the index types */
export function getIndexType(name: string): IndexType {
  return parseEnum(IndexType, name, 'indexType');
}

/** @throws {ValidationError} naming the distance metrics */
export function getDistanceMetric(name: string): DistanceMetric {
  return parseEnum(DistanceMetric, name, 'distanceMetric');
}

/**
 * Settles a store. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.vectorstore.create_vectorstore_config(store_type=, index_type=, distance_metric=, dimension=, nlist=, nprobe=, ef_search=)`.
 */
export function createVectorstoreConfig({
  storeType = 'faiss',
  distanceMetric = 'cosine',
  dimension = 768,
  ...index
}: Partial<Omit<VectorStoreConfig, 'indexConfig'> & IndexConfig> = {}): VectorStoreConfig {
  return createFrom(VectorStoreConfig, { storeType, indexConfig: createIndexConfig(index), distanceMetric, dimension });
}

/**
 * Settles what a search found. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.vectorstore.create_search_result(ids, scores, vectors=, metadata=)`.
 */
export function createSearchResult(
  ids: readonly string[],
  scores: readonly number[],
  {
    vectors = null,
    metadata = null,
  }: { readonly vectors?: readonly (readonly number[])[] | null; readonly metadata?: readonly Readonly<Record<string, unknown>>[] | null } = {},
): SearchResult {
  return createFrom(SearchResult, { ids, scores, vectors: vectors ?? [], metadata: metadata ?? ids.map(() => ({})) });
}

/** Size of an index as a multiple of its vectors. */
const SIZE_FACTOR: Readonly<Record<IndexType, number>> = { flat: 1, ivf: 1.1, hnsw: 1.5, pq: 0.25, scann: 0.4 };

/**
 * A rule of thumb for the size of an index, bytes; product quantization takes far less in truth.
 *
 * @throws {ValidationError} for sizes that are not positive or an unknown type
 * @remarks Python: `hf_gtc.rag.vectorstore.calculate_index_size(num_vectors, dimension, index_type, bytes_per_float=)`; exact.
 */
export function calculateIndexSize(
  numVectors: number,
  dimension: number,
  indexType: IndexType,
  { bytesPerFloat = 4 }: { readonly bytesPerFloat?: number } = {},
): number {
  allPositive({ numVectors, dimension, bytesPerFloat });
  return Math.floor(numVectors * dimension * bytesPerFloat * SIZE_FACTOR[parseEnum(IndexType, indexType, 'indexType')]);
}

const LATENCY: Readonly<Record<IndexType, (vectors: number) => number>> = {
  flat: vectors => 0.001 * vectors,
  ivf: vectors => 0.1 * Math.sqrt(vectors),
  hnsw: vectors => 2 * Math.log10(vectors),
  pq: vectors => 0.05 * Math.sqrt(vectors),
  scann: vectors => 1.5 * Math.log10(vectors),
};

/**
 * A rule of thumb for the time of a search, ms, at least 0.1. It is no measurement.
 *
 * @returns rounded to two decimals
 * @throws {ValidationError} for counts that are not positive or an unknown type
 * @remarks Python: `hf_gtc.rag.vectorstore.estimate_search_latency(num_vectors, index_type, top_k=)`; within 1e-12.
 */
export function estimateSearchLatency(numVectors: number, indexType: IndexType, { topK = 10 }: { readonly topK?: number } = {}): number {
  allPositive({ numVectors, topK });
  return roundTo(Math.max(0.1, LATENCY[parseEnum(IndexType, indexType, 'indexType')](numVectors) + 0.01 * topK), 2);
}

/**
 * Share of what is relevant that was found.
 *
 * @throws {ValidationError} for more found than relevant, or counts that are not positive
 * @remarks Python: `hf_gtc.rag.vectorstore.calculate_recall_at_k(relevant_retrieved, total_relevant, k)`; within 1e-12.
 * @example calculateRecallAtK(1, 1, 1) // => 1
 */
export function calculateRecallAtK(relevantRetrieved: number, totalRelevant: number, k: number): number {
  nonNegative(relevantRetrieved, 'relevantRetrieved');
  allPositive({ totalRelevant, k });
  if (relevantRetrieved > totalRelevant)
    throw new ValidationError(`relevantRetrieved must be at most totalRelevant (${totalRelevant}), got ${relevantRetrieved}`, {
      parameter: 'relevantRetrieved',
      received: relevantRetrieved,
    });
  if (relevantRetrieved > k)
    throw new ValidationError(`relevantRetrieved must be at most k (${k}), got ${relevantRetrieved}`, {
      parameter: 'relevantRetrieved',
      received: relevantRetrieved,
    });
  return relevantRetrieved / totalRelevant;
}

/** The index for more than 10,000 vectors. */
function largeIndex(vectors: number, recall: number, budgetMs: number): IndexType {
  if (vectors > 1e6) return budgetMs >= 10 && budgetMs < 50 ? 'ivf' : 'hnsw';
  if (vectors > 1e5) return budgetMs < 20 ? 'hnsw' : 'ivf';
  return recall < 0.99 ? 'ivf' : 'flat';
}

/** An index with its settings and what it is expected to do. */
export interface IndexParams {
  readonly index_type: IndexType;
  readonly nlist: number;
  readonly nprobe: number;
  readonly ef_search: number;
  readonly estimated_recall: number;
  readonly estimated_latency_ms: number;
}

/**
 * Settings that suit a number of vectors: all are compared below 10,000, else a cell for each square root of them.
 *
 * @param options `recallTarget` in (0, 1]
 * @throws {ValidationError} for sizes that are not positive or a target outside (0, 1]
 * @remarks Python: `hf_gtc.rag.vectorstore.optimize_index_params(num_vectors, dimension, recall_target=, latency_budget_ms=)`.
 * @example optimizeIndexParams(1000, 128).index_type // => 'flat'
 */
export function optimizeIndexParams(
  numVectors: number,
  dimension: number,
  { recallTarget = 0.95, latencyBudgetMs = 100 }: { readonly recallTarget?: number; readonly latencyBudgetMs?: number } = {},
): IndexParams {
  allPositive({ numVectors, dimension, latencyBudgetMs });
  inRange(recallTarget, 'recallTarget', { above: 0, max: 1 });
  if (numVectors < 10000) return { index_type: 'flat', nlist: 1, nprobe: 1, ef_search: 64, estimated_recall: 1, estimated_latency_ms: numVectors * 0.001 };
  const nlist = Math.min(4096, Math.max(16, Math.floor(Math.sqrt(numVectors))));
  const indexType = largeIndex(numVectors, recallTarget, latencyBudgetMs);
  return {
    index_type: indexType,
    nlist,
    nprobe: Math.min(nlist, Math.max(1, Math.floor(nlist * recallTarget * 0.3))),
    ef_search: Math.min(512, Math.max(32, Math.floor(256 * recallTarget))),
    estimated_recall: Math.min(recallTarget, 0.99),
    estimated_latency_ms: estimateSearchLatency(numVectors, indexType),
  };
}

/**
 * A search as a line of text.
 *
 * @remarks Python: `hf_gtc.rag.vectorstore.format_search_stats(result, latency_ms, index_type)`; the same text.
 */
export function formatSearchStats(result: SearchResult, latencyMs: number, indexType: IndexType): string {
  const average = result.scores.length === 0 ? 0 : mean(result.scores);
  return `Found ${result.ids.length} results | avg_score=${formatFixed(average, 3)} | latency=${formatFixed(latencyMs, 1)}ms | index=${indexType}`;
}

/** Stores by use; everything else takes FAISS. */
const STORES: Readonly<Record<string, readonly [store: VectorStoreType, recall: number]>> = { production: ['qdrant', 0.95], development: ['chromadb', 0.9] };

/**
 * A store that suits a use: Qdrant in `production`, Chroma in `development`, else FAISS.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.rag.vectorstore.get_recommended_vectorstore_config(use_case=, num_vectors=, dimension=)`.
 * @example getRecommendedVectorstoreConfig({ useCase: 'production' }).storeType // => 'qdrant'
 */
export function getRecommendedVectorstoreConfig({
  useCase = 'similarity_search',
  numVectors = 100000,
  dimension = 768,
}: {
  readonly useCase?: string;
  readonly numVectors?: number;
  readonly dimension?: number;
} = {}): VectorStoreConfig {
  const [storeType, recallTarget] = (Object.hasOwn(STORES, useCase) ? STORES[useCase] : undefined) ?? ['faiss', 0.95];
  const params = optimizeIndexParams(numVectors, dimension, { recallTarget });
  return createVectorstoreConfig({
    storeType,
    indexType: params.index_type,
    dimension,
    nlist: params.nlist,
    nprobe: params.nprobe,
    efSearch: params.ef_search,
  });
}

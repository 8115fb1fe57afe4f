/** Indexes of vectors: FAISS and other backends, their sizes and their cells. Mirrors `hf_gtc.rag.indexing`. */
import { allPositive, createFrom, type Definition, inRange, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** Kinds of FAISS indexes. */
export const FAISSIndexType = { FLAT: 'flat', IVF_FLAT: 'ivf_flat', IVF_PQ: 'ivf_pq', HNSW: 'hnsw', LSH: 'lsh' } as const;
export type FAISSIndexType = (typeof FAISSIndexType)[keyof typeof FAISSIndexType];

/** What stores vectors. */
export const VectorStoreBackend = { FAISS: 'faiss', CHROMA: 'chroma', PINECONE: 'pinecone', WEAVIATE: 'weaviate', MILVUS: 'milvus', QDRANT: 'qdrant' } as const;
export type VectorStoreBackend = (typeof VectorStoreBackend)[keyof typeof VectorStoreBackend];

/** Ways to compare vectors. */
export const DistanceFunction = { L2: 'l2', IP: 'ip', COSINE: 'cosine' } as const;
export type DistanceFunction = (typeof DistanceFunction)[keyof typeof DistanceFunction];

/** Values of {@link FAISSIndexType}, by their text. */
export type IndexTypeStr = FAISSIndexType;

/** Values of {@link VectorStoreBackend}, by their text. */
export type BackendStr = VectorStoreBackend;

/** Values of {@link DistanceFunction}, by their text. */
export type DistanceFunctionStr = DistanceFunction;

/** Values of {@link FAISSIndexType}. */
export const VALID_FAISS_INDEX_TYPES: ReadonlySet<FAISSIndexType> = new Set(Object.values(FAISSIndexType));

/** Values of {@link VectorStoreBackend}. */
export const VALID_BACKENDS: ReadonlySet<VectorStoreBackend> = new Set(Object.values(VectorStoreBackend));

/** Values of {@link DistanceFunction}. */
export const VALID_DISTANCE_FUNCTIONS: ReadonlySet<DistanceFunction> = new Set(Object.values(DistanceFunction));

/** A FAISS index. */
export interface FAISSConfig {
  readonly indexType: FAISSIndexType;
  readonly dimension: number;
  readonly nlist: number;
  readonly nprobe: number;
  /** Parts that a vector is cut into. */
  readonly m: number;
  /** Bits of a code. */
  readonly nbits: number;
  readonly efConstruction: number;
  readonly efSearch: number;
}

/** Defaults and rules of {@link FAISSConfig}. */
export const FAISSConfig: Definition<FAISSConfig> = {
  name: 'FAISSConfig',
  fields: {
    indexType: { kind: 'enum', of: FAISSIndexType, default: FAISSIndexType.FLAT },
    dimension: { kind: 'int', default: 768, positive: true },
    nlist: { kind: 'int', default: 100, positive: true },
    nprobe: { kind: 'int', default: 10, positive: true },
    m: { kind: 'int', default: 8 },
    nbits: { kind: 'int', default: 8 },
    efConstruction: { kind: 'int', default: 200 },
    efSearch: { kind: 'int', default: 128 },
  },
  rules: [({ nlist, nprobe }) => (nprobe > nlist ? `nprobe must be at most nlist (${nlist}), got ${nprobe}` : null)],
};

/** A Chroma collection. */
export interface ChromaConfig {
  readonly collectionName: string;
  readonly distanceFunction: DistanceFunction;
  readonly persistDirectory: string;
  readonly anonymizedTelemetry: boolean;
}

/** Defaults and rules of {@link ChromaConfig}. */
export const ChromaConfig: Definition<ChromaConfig> = {
  name: 'ChromaConfig',
  fields: {
    collectionName: { kind: 'string', nonEmpty: true },
    distanceFunction: { kind: 'enum', of: DistanceFunction, default: DistanceFunction.COSINE },
    persistDirectory: { kind: 'string', default: './chroma_db' },
    anonymizedTelemetry: { kind: 'bool', default: false },
  },
};

/** An index on a backend. */
export interface IndexConfig {
  readonly backend: VectorStoreBackend;
  readonly dimension: number;
  readonly distanceFunction: DistanceFunction;
  readonly batchSize: number;
  readonly normalizeEmbeddings: boolean;
}

/** Defaults and rules of {@link IndexConfig}. */
export const IndexConfig: Definition<IndexConfig> = {
  name: 'IndexConfig',
  fields: {
    backend: { kind: 'enum', of: VectorStoreBackend, default: VectorStoreBackend.FAISS },
    dimension: { kind: 'int', default: 768, positive: true },
    distanceFunction: { kind: 'enum', of: DistanceFunction, default: DistanceFunction.COSINE },
    batchSize: { kind: 'int', default: 1000, positive: true },
    normalizeEmbeddings: { kind: 'bool', default: true },
  },
};

/** A search. */
export interface SearchConfig {
  readonly topK: number;
  readonly scoreThreshold: number;
  readonly includeMetadata: boolean;
  readonly includeEmbeddings: boolean;
}

/** Defaults and rules of {@link SearchConfig}. */
export const SearchConfig: Definition<SearchConfig> = {
  name: 'SearchConfig',
  fields: {
    topK: { kind: 'int', default: 10, positive: true },
    scoreThreshold: { kind: 'float', default: 0, min: 0, max: 1 },
    includeMetadata: { kind: 'bool', default: true },
    includeEmbeddings: { kind: 'bool', default: false },
  },
};

/** What an index holds. */
export interface IndexStats {
  readonly totalVectors: number;
  readonly dimension: number;
  readonly indexSizeBytes: number;
  readonly isTrained: boolean;
}

/** Defaults and rules of {@link IndexStats}. */
export const IndexStats: Definition<IndexStats> = {
  name: 'IndexStats',
  fields: {
    totalVectors: { kind: 'int', default: 0, nonNegative: true },
    dimension: { kind: 'int', default: 768, positive: true },
    indexSizeBytes: { kind: 'int', default: 0, nonNegative: true },
    isTrained: { kind: 'bool', default: false },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateFaissConfig(config: FAISSConfig): void {
  validate(FAISSConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSearchConfig(config: SearchConfig): void {
  validate(SearchConfig, config);
}

/** Settles a {@link FAISSConfig}. @throws {ValidationError} naming every broken rule */
export function createFaissConfig(options: Partial<FAISSConfig> = {}): FAISSConfig {
  return createFrom(FAISSConfig, options);
}

/** Settles a {@link ChromaConfig}. @throws {ValidationError} naming every broken rule */
export function createChromaConfig(collectionName: string, options: Partial<Omit<ChromaConfig, 'collectionName'>> = {}): ChromaConfig {
  return createFrom(ChromaConfig, { collectionName, ...options });
}

/** Settles a {@link IndexConfig}. @throws {ValidationError} naming every broken rule */
export function createIndexConfig(options: Partial<IndexConfig> = {}): IndexConfig {
  return createFrom(IndexConfig, options);
}

/** Settles a {@link SearchConfig}. @throws {ValidationError} naming every broken rule */
export function createSearchConfig(options: Partial<SearchConfig> = {}): SearchConfig {
  return createFrom(SearchConfig, options);
}

/** Settles a {@link IndexStats}. @throws {ValidationError} naming every broken rule */
export function createIndexStats(options: Partial<IndexStats> = {}): IndexStats {
  return createFrom(IndexStats, options);
}

/** Faiss index types in ascending order. */
export function listFaissIndexTypes(): FAISSIndexType[] {
  return valuesOf(FAISSIndexType);
}

/** Backends in ascending order. */
export function listBackends(): VectorStoreBackend[] {
  return valuesOf(VectorStoreBackend);
}

/** Distance functions in ascending order. */
export function listDistanceFunctions(): DistanceFunction[] {
  return valuesOf(DistanceFunction);
}

/** @throws {ValidationError} naming the faiss index types */
export function getFaissIndexType(name: string): FAISSIndexType {
  return parseEnum(FAISSIndexType, name, 'indexType');
}

/** @throws {ValidationError} naming the backends */
export function getBackend(name: string): VectorStoreBackend {
  return parseEnum(VectorStoreBackend, name, 'backend');
}

/** @throws {ValidationError} naming the distance functions */
export function getDistanceFunction(name: string): DistanceFunction {
  return parseEnum(DistanceFunction, name, 'distanceFunction');
}

/** Size of an index as a multiple of its vectors. */
const SIZE_FACTOR: Readonly<Record<FAISSIndexType, number>> = { flat: 1, ivf_flat: 1.1, ivf_pq: 0.25, hnsw: 1.5, lsh: 0.5 };

/**
 * A rule of thumb for the size of an index, bytes.
 *
 * @throws {ValidationError} for counts that are not positive or an unknown type
 * @remarks Python: `hf_gtc.rag.indexing.estimate_index_size(num_vectors, dimension, index_type, bytes_per_float=)`; exact.
 */
export function estimateIndexSize(
  numVectors: number,
  dimension: number,
  indexType: FAISSIndexType,
  { bytesPerFloat = 4 }: { readonly bytesPerFloat?: number } = {},
): number {
  allPositive({ numVectors, dimension });
  return Math.trunc(numVectors * dimension * bytesPerFloat * SIZE_FACTOR[parseEnum(FAISSIndexType, indexType, 'indexType')]);
}

/**
 * Cells of an inverted file: the square root of the vectors, from 16 to 4,096.
 *
 * @throws {ValidationError} for no vectors
 * @remarks Python: `hf_gtc.rag.indexing.calculate_optimal_nlist(num_vectors)`; exact.
 * @example calculateOptimalNlist(7) // => 16
 */
export function calculateOptimalNlist(numVectors: number): number {
  positive(numVectors, 'numVectors');
  return Math.min(4096, Math.max(16, Math.floor(Math.sqrt(numVectors))));
}

/**
 * Cells that a search looks into: half of them at full recall, fewer by its square.
 *
 * @param options `recallTarget` in (0, 1]
 * @throws {ValidationError} for no cells or a target outside (0, 1]
 * @remarks Python: `hf_gtc.rag.indexing.calculate_optimal_nprobe(nlist, recall_target=)`; exact.
 * @example calculateOptimalNprobe(5) // => 2
 */
export function calculateOptimalNprobe(nlist: number, { recallTarget = 0.9 }: { readonly recallTarget?: number } = {}): number {
  positive(nlist, 'nlist');
  inRange(recallTarget, 'recallTarget', { above: 0, max: 1 });
  return Math.min(nlist, Math.max(1, Math.floor(nlist * recallTarget ** 2 * 0.5)));
}

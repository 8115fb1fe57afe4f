/** Embeddings of text: pooling, normalization, similarity and chunks. Mirrors `hf_gtc.inference.embeddings`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  integer,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  splitWords,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { dot, norm, sum } from '@gtc/tensor/statistics';
import { cosineSimilarity, euclideanDistance, sameVectors, type Vector } from './internal/embeddings/similarity.js';

export { cosineSimilarity, dotProductSimilarity, euclideanDistance } from './internal/embeddings/similarity.js';

/** Ways to make one vector of the vectors of all tokens. */
export const PoolingStrategy = { CLS: 'cls', MEAN: 'mean', MAX: 'max', WEIGHTED_MEAN: 'weighted_mean', LAST_TOKEN: 'last_token' } as const;
export type PoolingStrategy = (typeof PoolingStrategy)[keyof typeof PoolingStrategy];

/** Ways to bring vectors to one length. */
export const EmbeddingNormalization = { L2: 'l2', UNIT: 'unit', NONE: 'none' } as const;
export type EmbeddingNormalization = (typeof EmbeddingNormalization)[keyof typeof EmbeddingNormalization];

/** Ways to compare vectors. */
export const SimilarityMetric = { COSINE: 'cosine', DOT_PRODUCT: 'dot_product', EUCLIDEAN: 'euclidean', MANHATTAN: 'manhattan' } as const;
export type SimilarityMetric = (typeof SimilarityMetric)[keyof typeof SimilarityMetric];

/** Values of {@link PoolingStrategy}, by their text. */
export type PoolingStrategyStr = PoolingStrategy;

/** Values of {@link EmbeddingNormalization}, by their text. */
export type EmbeddingNormalizationStr = EmbeddingNormalization;

/** Values of {@link SimilarityMetric}, by their text. */
export type SimilarityMetricStr = SimilarityMetric;

/** Tasks with recommended settings. */
export type TaskTypeStr = 'general' | 'qa' | 'clustering' | 'classification' | 'retrieval';

/** Number formats of stored vectors. */
export type PrecisionStr = 'fp32' | 'fp16';

/** Another name of {@link PoolingStrategy}. */
export const PoolingMode: typeof PoolingStrategy = { ...PoolingStrategy };
export type PoolingMode = PoolingStrategy;

/** Metrics of a search. */
export type DistanceMetric = 'cosine' | 'euclidean' | 'dot_product';

/** Values of {@link PoolingStrategy}. */
export const VALID_POOLING_STRATEGIES: ReadonlySet<PoolingStrategy> = new Set(Object.values(PoolingStrategy));

/** Values of {@link EmbeddingNormalization}. */
export const VALID_EMBEDDING_NORMALIZATIONS: ReadonlySet<EmbeddingNormalization> = new Set(Object.values(EmbeddingNormalization));

/** Values of {@link SimilarityMetric}. */
export const VALID_SIMILARITY_METRICS: ReadonlySet<SimilarityMetric> = new Set(Object.values(SimilarityMetric));

/** Values of {@link PoolingStrategy}. */
export const VALID_POOLING_MODES: ReadonlySet<PoolingStrategy> = new Set(Object.values(PoolingStrategy));

/** Values of {@link DistanceMetric}. */
export const VALID_DISTANCE_METRICS: ReadonlySet<DistanceMetric> = new Set<DistanceMetric>(['cosine', 'dot_product', 'euclidean']);

/** How tokens are pooled. */
export interface PoolingConfig {
  readonly strategy: PoolingStrategy;
  /** Of each layer, with the sum 1; null takes the last layer. */
  readonly layerWeights: readonly number[] | null;
  readonly attentionMask: boolean;
}

/** Defaults and rules of {@link PoolingConfig}. */
export const PoolingConfig: Definition<PoolingConfig> = {
  name: 'PoolingConfig',
  fields: {
    strategy: { kind: 'enum', of: PoolingStrategy, default: PoolingStrategy.MEAN },
    layerWeights: { kind: 'array', of: { kind: 'float', nonNegative: true }, nonEmpty: true, nullable: true, default: null },
    attentionMask: { kind: 'bool', default: true },
  },
  rules: [
    ({ layerWeights }) => (layerWeights !== null && Math.abs(sum(layerWeights) - 1) > 1e-6 ? `layerWeights must sum to 1, got ${sum(layerWeights)}` : null),
  ],
};

/** How text becomes vectors. */
export interface EmbeddingConfig {
  readonly modelName: string;
  readonly poolingConfig: PoolingConfig;
  readonly normalization: EmbeddingNormalization;
  readonly dimension: number;
  readonly maxLength: number;
}

/** Defaults and rules of {@link EmbeddingConfig}. */
export const EmbeddingConfig: Definition<EmbeddingConfig> = {
  name: 'EmbeddingConfig',
  fields: {
    modelName: { kind: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2', nonEmpty: true },
    poolingConfig: { kind: 'config', of: PoolingConfig },
    normalization: { kind: 'enum', of: EmbeddingNormalization, default: EmbeddingNormalization.L2 },
    dimension: { kind: 'int', default: 384, positive: true },
    maxLength: { kind: 'int', default: 512, positive: true },
  },
};

/** Vectors of the tokens of a text. */
export interface EmbeddingResult {
  readonly embeddings: readonly (readonly number[])[];
  readonly tokens: readonly number[];
  readonly attentionMask: readonly number[];
  readonly pooled: readonly number[] | null;
}

/** Defaults and rules of {@link EmbeddingResult}. */
export const EmbeddingResult: Definition<EmbeddingResult> = {
  name: 'EmbeddingResult',
  fields: {
    embeddings: { kind: 'array', of: { kind: 'any' }, nonEmpty: true },
    tokens: { kind: 'array', of: { kind: 'int' }, nonEmpty: true },
    attentionMask: { kind: 'array', of: { kind: 'int' } },
    pooled: { kind: 'array', of: { kind: 'float' }, nullable: true, default: null },
  },
  rules: [
    ({ tokens, attentionMask }) =>
      attentionMask.length === tokens.length ? null : `attentionMask and tokens must have the same length, got ${attentionMask.length} and ${tokens.length}`,
  ],
};

/** What a set of vectors is like. */
export interface EmbeddingStats {
  readonly dimension: number;
  readonly vocabCoverage: number;
  readonly avgMagnitude: number;
  /** From 0, all vectors point one way, to 1. */
  readonly isotropyScore: number;
}

/** Defaults and rules of {@link EmbeddingStats}. */
export const EmbeddingStats: Definition<EmbeddingStats> = {
  name: 'EmbeddingStats',
  fields: {
    dimension: { kind: 'int', default: 384, positive: true },
    vocabCoverage: { kind: 'float', default: 1, min: 0, max: 1 },
    avgMagnitude: { kind: 'float', default: 1, nonNegative: true },
    isotropyScore: { kind: 'float', default: 0.5, min: 0, max: 1 },
  },
};

/** What a search found. */
export interface SimilarityResult {
  readonly indices: readonly number[];
  readonly scores: readonly number[];
  readonly texts: readonly string[] | null;
}

/** @throws {ValidationError} naming every broken rule */
export function validatePoolingConfig(config: PoolingConfig): void {
  validate(PoolingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEmbeddingConfig(config: EmbeddingConfig): void {
  validate(EmbeddingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEmbeddingResult(result: EmbeddingResult): void {
  validate(EmbeddingResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateEmbeddingStats(stats: EmbeddingStats): void {
  validate(EmbeddingStats, stats, 'stats');
}

/** Settles a {@link PoolingConfig}. @throws {ValidationError} naming every broken rule */
export function createPoolingConfig(options: Partial<PoolingConfig> = {}): PoolingConfig {
  return createFrom(PoolingConfig, options);
}

/** Settles a {@link EmbeddingResult}. @throws {ValidationError} naming every broken rule */
export function createEmbeddingResult(
  embeddings: readonly (readonly number[])[],
  tokens: readonly number[],
  attentionMask: readonly number[],
  options: Partial<Omit<EmbeddingResult, 'embeddings' | 'tokens' | 'attentionMask'>> = {},
): EmbeddingResult {
  return createFrom(EmbeddingResult, { embeddings, tokens, attentionMask, ...options });
}

/** Settles a {@link EmbeddingStats}. @throws {ValidationError} naming every broken rule */
export function createEmbeddingStats(options: Partial<EmbeddingStats> = {}): EmbeddingStats {
  return createFrom(EmbeddingStats, options);
}

/** Pooling strategies in ascending order. */
export function listPoolingStrategies(): PoolingStrategy[] {
  return valuesOf(PoolingStrategy);
}

/** Embedding normalizations in ascending order. */
export function listEmbeddingNormalizations(): EmbeddingNormalization[] {
  return valuesOf(EmbeddingNormalization);
}

/** Similarity metrics in ascending order. */
export function listSimilarityMetrics(): SimilarityMetric[] {
  return valuesOf(SimilarityMetric);
}

/** @throws {ValidationError} naming the pooling strategies */
export function getPoolingStrategy(name: string): PoolingStrategy {
  return parseEnum(PoolingStrategy, name, 'poolingStrategy');
}

/** @throws {ValidationError} naming the embedding normalizations */
export function getEmbeddingNormalization(name: string): EmbeddingNormalization {
  return parseEnum(EmbeddingNormalization, name, 'embeddingNormalization');
}

/** @throws {ValidationError} naming the similarity metrics */
export function getSimilarityMetric(name: string): SimilarityMetric {
  return parseEnum(SimilarityMetric, name, 'similarityMetric');
}

/** Pooling modes in ascending order. */
export function listPoolingModes(): PoolingStrategy[] {
  return valuesOf(PoolingStrategy);
}

/** Distance metrics in ascending order. */
export function listDistanceMetrics(): string[] {
  return [...VALID_DISTANCE_METRICS].sort();
}

/**
 * Settles how text becomes vectors. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.embeddings.create_embedding_config(model_name=, pooling_strategy=, normalization=, dimension=, max_length=, attention_mask=)`.
 */
export function createEmbeddingConfig({
  modelName = 'sentence-transformers/all-MiniLM-L6-v2',
  poolingStrategy = 'mean',
  normalization = 'l2',
  dimension = 384,
  maxLength = 512,
  attentionMask = true,
}: Partial<Omit<EmbeddingConfig, 'poolingConfig'>> & { readonly poolingStrategy?: PoolingStrategy; readonly attentionMask?: boolean } = {}): EmbeddingConfig {
  return createFrom(EmbeddingConfig, {
    modelName,
    poolingConfig: createPoolingConfig({ strategy: poolingStrategy, attentionMask }),
    normalization,
    dimension,
    maxLength,
  });
}

/**
 * Compares two vectors. `euclidean` and `manhattan` are distances: 0 for equal vectors.
 *
 * @throws {ValidationError} for empty vectors or an unknown metric
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.calculate_similarity(vec_a, vec_b, metric=)`; within 1e-12.
 * @example calculateSimilarity([1, 0], [-1, 0]) // => -1
 */
export function calculateSimilarity(
  vecA: readonly number[],
  vecB: readonly number[],
  { metric = 'cosine' }: { readonly metric?: SimilarityMetric } = {},
): number {
  sameVectors(vecA, vecB);
  parseEnum(SimilarityMetric, metric, 'metric');
  if (metric === 'cosine') return cosineSimilarity(vecA, vecB);
  if (metric === 'dot_product') return dot(vecA, vecB);
  return metric === 'euclidean' ? euclideanDistance(vecA, vecB) : sum(vecA.map((value, index) => Math.abs(value - vecB[index]!)));
}

/** Width of rows that are all as wide as the first. */
function widthOf(embeddings: readonly Vector[]): number {
  const [first] = nonEmpty(embeddings, 'embeddings');
  for (const [index, row] of embeddings.entries()) sameLength({ 'embeddings[0]': first!, [`embeddings[${index}]`]: row });
  return first!.length;
}

/** Mean of rows under weights, zeros where the weights add up to nothing. */
function weightedMean(rows: readonly Vector[], weights: Vector, width: number): number[] {
  const total = sum(weights);
  return Array.from({ length: width }, (_, column) => (total === 0 ? 0 : rows.reduce((mean, row, index) => mean + row[column]! * weights[index]!, 0) / total));
}

/**
 * One vector of the vectors of all tokens. The mask counts for the means only: `cls` takes the first row, `last_token` the last one and `max` the
 * greatest of all rows, padding included.
 *
 * @param embeddings one row for each token
 * @param options `attentionMask` 1 for tokens and 0 for padding; `weights` of the tokens, for `weighted_mean`
 * @throws {ValidationError} for no rows or no weights where they are needed
 * @throws {ShapeError} for rows, a mask or weights of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.compute_pooled_embedding(embeddings, attention_mask=, strategy=, weights=)`.
 * @example computePooledEmbedding([[1, 2], [3, 4]]) // => [2, 3]
 */
export function computePooledEmbedding(
  embeddings: readonly (readonly number[])[],
  {
    attentionMask = null,
    strategy = 'mean',
    weights = null,
  }: { readonly attentionMask?: readonly number[] | null; readonly strategy?: PoolingStrategy; readonly weights?: readonly number[] | null } = {},
): number[] {
  parseEnum(PoolingStrategy, strategy, 'strategy');
  const width = widthOf(embeddings);
  const mask = attentionMask ?? embeddings.map(() => 1);
  sameLength({ embeddings, attentionMask: mask });
  if (strategy === 'cls') return [...embeddings[0]!];
  if (strategy === 'last_token') return [...embeddings.at(-1)!];
  if (strategy === 'max')
    return Array.from({ length: width }, (_, column) => embeddings.reduce((best, row) => Math.max(best, row[column]!), Number.NEGATIVE_INFINITY));
  if (strategy === 'mean') return weightedMean(embeddings, mask, width);
  sameLength({ embeddings, weights: notNull(weights, 'weights') });
  return weightedMean(
    embeddings,
    weights!.map((weight, index) => weight * mask[index]!),
    width,
  );
}

/**
 * Rows of length 1; zero rows stay as they are. `l2` and `unit` are the same.
 *
 * @throws {ValidationError} for no rows or an unknown normalization
 * @remarks Python: `hf_gtc.inference.embeddings.normalize_embeddings(embeddings, normalization=)`.
 * @example normalizeEmbeddings([[3, 4]]) // => [[0.6, 0.8]]
 */
export function normalizeEmbeddings(
  embeddings: readonly (readonly number[])[],
  { normalization = 'l2' }: { readonly normalization?: EmbeddingNormalization } = {},
): number[][] {
  nonEmpty(embeddings, 'embeddings');
  parseEnum(EmbeddingNormalization, normalization, 'normalization');
  return embeddings.map(row => {
    const length = normalization === 'none' ? 0 : norm(row);
    return length === 0 ? [...row] : row.map(value => value / length);
  });
}

/**
 * A vector of length 1.
 *
 * @throws {ValidationError} for an empty or a zero vector
 * @remarks Python: `hf_gtc.inference.embeddings.normalize_vector(vec)`.
 * @example normalizeVector([3, 4]) // => [0.6, 0.8]
 */
export function normalizeVector(vec: readonly number[]): number[] {
  const length = norm(nonEmpty(vec, 'vec'));
  if (length === 0) throw new ValidationError('vec must not be zero', { parameter: 'vec', received: vec, expected: 'a vector other than zero' });
  return vec.map(value => value / length);
}

/**
 * Mean length of vectors, and isotropy: 1 less the mean of |cos| to their centroid, 0.5 for a single vector. An empty row counts as a zero vector.
 *
 * @throws {ValidationError} for no vectors
 * @throws {ShapeError} for vectors of different lengths
 * @remarks Python: `hf_gtc.inference.embeddings.estimate_embedding_quality(embeddings)`.
 * @example estimateEmbeddingQuality([[1, 0], [-1, 0], [0, 1], [0, -1]]).isotropyScore // => 1
 */
export function estimateEmbeddingQuality(embeddings: readonly (readonly number[])[]): EmbeddingStats {
  const zero = nonEmpty(embeddings, 'embeddings')[0]!.map(() => 0);
  const rows = embeddings.map(row => (row.length === 0 ? zero : row));
  const dimension = widthOf(rows);
  const count = rows.length;
  const centroid = weightedMean(
    rows,
    rows.map(() => 1),
    dimension,
  );
  const cosines = dimension === 0 ? 0 : sum(rows.map(row => Math.abs(cosineSimilarity(row, centroid))));
  return createEmbeddingStats({
    dimension,
    vocabCoverage: 1,
    avgMagnitude: sum(rows.map(norm)) / count,
    isotropyScore: count < 2 ? 0.5 : Math.min(1, Math.max(0, 1 - cosines / count)),
  });
}

/**
 * What a set of vectors is like, as text.
 *
 * @remarks Python: `hf_gtc.inference.embeddings.format_embedding_stats(stats)`; the same text.
 */
export function formatEmbeddingStats(stats: EmbeddingStats): string {
  return [
    `Dimension: ${stats.dimension}`,
    `Vocab Coverage: ${formatFixed(stats.vocabCoverage * 100, 2)}%`,
    `Avg Magnitude: ${formatFixed(stats.avgMagnitude, 4)}`,
    `Isotropy Score: ${formatFixed(stats.isotropyScore, 2)}`,
  ].join('\n');
}

/** Models of the sentence-transformers collection by task. */
const MODELS = { general: 'all-MiniLM-L6-v2', qa: 'multi-qa-MiniLM-L6-cos-v1', clustering: 'all-mpnet-base-v2', classification: 'all-MiniLM-L12-v2' } as const;

const RECOMMENDED: Readonly<Record<TaskTypeStr, Parameters<typeof createEmbeddingConfig>[0]>> = {
  general: { modelName: `sentence-transformers/${MODELS.general}` },
  qa: { modelName: `sentence-transformers/${MODELS.qa}` },
  clustering: { modelName: `sentence-transformers/${MODELS.clustering}`, dimension: 768, maxLength: 384 },
  classification: { modelName: `sentence-transformers/${MODELS.classification}`, poolingStrategy: 'cls', maxLength: 256 },
  retrieval: { modelName: `sentence-transformers/${MODELS.clustering}`, dimension: 768 },
};

/**
 * Settings that suit a task.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.inference.embeddings.get_recommended_embedding_config(task=)`.
 * @example getRecommendedEmbeddingConfig({ task: 'retrieval' }).dimension // => 768
 */
export function getRecommendedEmbeddingConfig({ task = 'general' }: { readonly task?: TaskTypeStr } = {}): EmbeddingConfig {
  return createEmbeddingConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED)) as TaskTypeStr]);
}

/**
 * A model that suits a task: `general`, `qa`, `clustering` or `classification`.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.inference.embeddings.get_recommended_model(task)`; the same text.
 * @example getRecommendedModel('general') // => 'all-MiniLM-L6-v2'
 */
export function getRecommendedModel(task: string): string {
  return MODELS[oneOf(task, 'task', Object.keys(MODELS)) as keyof typeof MODELS];
}

/**
 * Memory of vectors, MiB.
 *
 * @throws {ValidationError} for counts that are not positive or an unknown precision
 * @remarks Python: `hf_gtc.inference.embeddings.estimate_embedding_memory(num_vectors, embedding_dim=, precision=)`; within 1e-12.
 * @example estimateEmbeddingMemory(1048576, { embeddingDim: 16 }) // => 64
 */
export function estimateEmbeddingMemory(
  numVectors: number,
  { embeddingDim = 384, precision = 'fp32' }: { readonly embeddingDim?: number; readonly precision?: PrecisionStr } = {},
): number {
  allPositive({ numVectors, embeddingDim });
  oneOf(precision, 'precision', ['fp32', 'fp16']);
  return (numVectors * embeddingDim * (precision === 'fp32' ? 4 : 2)) / 1024 ** 2;
}

/**
 * Cuts a text into chunks of words that overlap. A text with no more words than a chunk stays as it is; the last chunk ends where the text does.
 *
 * @param options `chunkSize` and `overlap` in words
 * @throws {ValidationError} for a size that is not positive or an overlap outside [0, chunkSize)
 * @remarks Python: `hf_gtc.inference.embeddings.chunk_text(text, chunk_size=, overlap=)`.
 * @example chunkText('a b c d', { chunkSize: 2, overlap: 1 }) // => ['a b', 'b c', 'c d']
 */
export function chunkText(text: string, { chunkSize = 256, overlap = 50 }: { readonly chunkSize?: number; readonly overlap?: number } = {}): string[] {
  positive(integer(chunkSize, 'chunkSize'), 'chunkSize');
  inRange(integer(overlap, 'overlap'), 'overlap', { min: 0, below: chunkSize });
  if (text === '') return [];
  const words = splitWords(text);
  if (words.length <= chunkSize) return [text];
  const chunks: string[] = [];
  for (let start = 0; ; start += chunkSize - overlap) {
    chunks.push(words.slice(start, start + chunkSize).join(' '));
    if (start + chunkSize >= words.length) return chunks;
  }
}

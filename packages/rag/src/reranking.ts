/** Reranking and fusion: the configuration of rerankers, and reciprocal-rank and linear fusion of results. Mirrors `hf_gtc.rag.reranking`. */
import {
  allPositive,
  createFrom,
  type Definition,
  nonEmpty,
  nonNegative,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Kinds of rerankers. */
export const RerankerType = { CROSS_ENCODER: 'cross_encoder', BI_ENCODER: 'bi_encoder', COLBERT: 'colbert', BM25: 'bm25' } as const;
export type RerankerType = (typeof RerankerType)[keyof typeof RerankerType];

/** Ways to join several results. */
export const FusionMethod = { RRF: 'rrf', LINEAR: 'linear', WEIGHTED: 'weighted' } as const;
export type FusionMethod = (typeof FusionMethod)[keyof typeof FusionMethod];

/** Values of {@link RerankerType}. */
export const VALID_RERANKER_TYPES: ReadonlySet<RerankerType> = new Set(Object.values(RerankerType));

/** Values of {@link FusionMethod}. */
export const VALID_FUSION_METHODS: ReadonlySet<FusionMethod> = new Set(Object.values(FusionMethod));

/** A reranker. */
export interface RerankerConfig {
  readonly modelId: string;
  readonly rerankerType: RerankerType;
  /** Tokens of a query with a document. */
  readonly maxLength: number;
  readonly batchSize: number;
}

/** Defaults and rules of {@link RerankerConfig}. */
export const RerankerConfig: Definition<RerankerConfig> = {
  name: 'RerankerConfig',
  fields: {
    modelId: { kind: 'string', default: 'BAAI/bge-reranker-base', nonEmpty: true },
    rerankerType: { kind: 'enum', of: RerankerType, default: RerankerType.CROSS_ENCODER },
    maxLength: { kind: 'int', default: 512, positive: true },
    batchSize: { kind: 'int', default: 32, positive: true },
  },
};

/** How results are joined. */
export interface FusionConfig {
  readonly method: FusionMethod;
  /** Of each result. */
  readonly weights: readonly number[];
  /** Constant of reciprocal-rank fusion. */
  readonly k: number;
}

/** Defaults and rules of {@link FusionConfig}. */
export const FusionConfig: Definition<FusionConfig> = {
  name: 'FusionConfig',
  fields: {
    method: { kind: 'enum', of: FusionMethod, default: FusionMethod.RRF },
    weights: { kind: 'array', of: { kind: 'float', nonNegative: true }, nonEmpty: true, default: [0.5, 0.5] },
    k: { kind: 'int', default: 60, positive: true },
  },
};

/** A document after reranking. */
export interface RerankerResult {
  readonly documentId: string;
  readonly originalScore: number;
  readonly rerankedScore: number;
  /** From 1. */
  readonly rank: number;
}

/** Defaults and rules of {@link RerankerResult}. */
export const RerankerResult: Definition<RerankerResult> = {
  name: 'RerankerResult',
  fields: {
    documentId: { kind: 'string', nonEmpty: true },
    originalScore: { kind: 'float' },
    rerankedScore: { kind: 'float' },
    rank: { kind: 'int', positive: true },
  },
};

/** Dense and sparse search together. */
export interface HybridSearchConfig {
  readonly denseWeight: number;
  readonly sparseWeight: number;
  readonly fusionMethod: FusionMethod;
}

/** Defaults and rules of {@link HybridSearchConfig}. */
export const HybridSearchConfig: Definition<HybridSearchConfig> = {
  name: 'HybridSearchConfig',
  fields: {
    denseWeight: { kind: 'float', default: 0.7, nonNegative: true },
    sparseWeight: { kind: 'float', default: 0.3, nonNegative: true },
    fusionMethod: { kind: 'enum', of: FusionMethod, default: FusionMethod.WEIGHTED },
  },
  rules: [({ denseWeight, sparseWeight }) => (denseWeight + sparseWeight > 0 ? null : 'denseWeight + sparseWeight must be positive')],
};

/** @throws {ValidationError} naming every broken rule */
export function validateRerankerConfig(config: RerankerConfig): void {
  validate(RerankerConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFusionConfig(config: FusionConfig): void {
  validate(FusionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateHybridSearchConfig(config: HybridSearchConfig): void {
  validate(HybridSearchConfig, config);
}

/** Settles a {@link RerankerConfig}. @throws {ValidationError} naming every broken rule */
export function createRerankerConfig(options: Partial<RerankerConfig> = {}): RerankerConfig {
  return createFrom(RerankerConfig, options);
}

/** Settles a {@link FusionConfig}. @throws {ValidationError} naming every broken rule */
export function createFusionConfig(options: Partial<FusionConfig> = {}): FusionConfig {
  return createFrom(FusionConfig, options);
}

/** Settles a {@link HybridSearchConfig}. @throws {ValidationError} naming every broken rule */
export function createHybridSearchConfig(options: Partial<HybridSearchConfig> = {}): HybridSearchConfig {
  return createFrom(HybridSearchConfig, options);
}

/** Settles a {@link RerankerResult}. @throws {ValidationError} naming every broken rule */
export function createRerankerResult(documentId: string, originalScore: number, rerankedScore: number, rank: number): RerankerResult {
  return createFrom(RerankerResult, { documentId, originalScore, rerankedScore, rank });
}

/** Reranker types in ascending order. */
export function listRerankerTypes(): RerankerType[] {
  return valuesOf(RerankerType);
}

/** Fusion methods in ascending order. */
export function listFusionMethods(): FusionMethod[] {
  return valuesOf(FusionMethod);
}

/** @throws {ValidationError} naming the reranker types */
export function getRerankerType(name: string): RerankerType {
  return parseEnum(RerankerType, name, 'rerankerType');
}

/** @throws {ValidationError} naming the fusion methods */
export function getFusionMethod(name: string): FusionMethod {
  return parseEnum(FusionMethod, name, 'method');
}

/**
 * Score of a document that stands at some ranks: the sum of 1 / (k + rank).
 *
 * @param ranks from 1, one for each result that holds the document
 * @throws {ValidationError} for no ranks, a rank below 1 or a `k` that is not positive
 * @remarks Python: `hf_gtc.rag.reranking.calculate_rrf_score(ranks, k=)`; within 1e-12. Cormack, Clarke and Büttcher 2009.
 * @example calculateRrfScore([1, 1], { k: 1 }) // => 1
 */
export function calculateRrfScore(ranks: readonly number[], { k = 60 }: { readonly k?: number } = {}): number {
  nonEmpty(ranks, 'ranks');
  positive(k, 'k');
  return ranks.reduce((sum, rank, index) => sum + 1 / (k + positive(rank, `ranks[${index}]`)), 0);
}

/**
 * Weighted mean of scores.
 *
 * @param options `weights`, one for each score; null weighs all alike
 * @throws {ValidationError} for no scores, negative weights or weights that add up to nothing
 * @throws {ShapeError} when there are not as many weights as scores
 * @remarks Python: `hf_gtc.rag.reranking.calculate_linear_fusion(scores, weights=)`; within 1e-12.
 * @example calculateLinearFusion([0.5, 1], { weights: [1, 3] }) // => 0.875
 */
export function calculateLinearFusion(scores: readonly number[], { weights = null }: { readonly weights?: readonly number[] | null } = {}): number {
  nonEmpty(scores, 'scores');
  const used = weights ?? scores.map(() => 1);
  sameLength({ scores, weights: used });
  const total = used.reduce((sum, weight, index) => sum + nonNegative(weight, `weights[${index}]`), 0);
  if (!(total > 0))
    throw new ValidationError(`sum of weights must be positive, got ${total}`, { parameter: 'weights', received: weights, expected: 'a positive sum' });
  return scores.reduce((sum, score, index) => sum + score * used[index]!, 0) / total;
}

/**
 * A document and its place before and after reranking.
 *
 * @throws {ValidationError} for ranks that are not positive
 * @remarks Rust: `rag::reranking::RerankResult`.
 * @example new RerankResult('a', { content: 'text', originalRank: 5, newRank: 2, originalScore: 0.4, newScore: 0.9 }).rankChange // => 3
 */
export class RerankResult {
  readonly id: string;
  readonly content: string;
  readonly originalRank: number;
  readonly newRank: number;
  readonly originalScore: number;
  readonly newScore: number;

  constructor(id: string, { content, originalRank, newRank, originalScore, newScore }: Omit<RerankResult, 'id' | 'rankChange'>) {
    allPositive({ originalRank, newRank });
    this.id = id;
    this.content = content;
    this.originalRank = originalRank;
    this.newRank = newRank;
    this.originalScore = originalScore;
    this.newScore = newScore;
  }

  /** Places won; negative when lost. */
  get rankChange(): number {
    return this.originalRank - this.newRank;
  }
}

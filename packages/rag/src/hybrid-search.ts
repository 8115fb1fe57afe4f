/** Hybrid search: BM25, and dense and sparse rankings joined. Mirrors `hf_gtc.rag.hybrid_search`. */
import {
  allNonNegative,
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  nonNegative,
  parseEnum,
  positive,
  roundTo,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Ways to weigh words. */
export const SparseMethod = { BM25: 'bm25', TFIDF: 'tfidf', SPLADE: 'splade' } as const;
export type SparseMethod = (typeof SparseMethod)[keyof typeof SparseMethod];

/** Ways to join rankings. */
export const FusionMethod = { RRF: 'rrf', LINEAR: 'linear', CONVEX: 'convex', LEARNED: 'learned' } as const;
export type FusionMethod = (typeof FusionMethod)[keyof typeof FusionMethod];

/** Which rankings count. */
export const RetrievalMode = { DENSE_ONLY: 'dense_only', SPARSE_ONLY: 'sparse_only', HYBRID: 'hybrid' } as const;
export type RetrievalMode = (typeof RetrievalMode)[keyof typeof RetrievalMode];

/** Values of {@link SparseMethod}. */
export const VALID_SPARSE_METHODS: ReadonlySet<SparseMethod> = new Set(Object.values(SparseMethod));

/** Values of {@link FusionMethod}. */
export const VALID_FUSION_METHODS: ReadonlySet<FusionMethod> = new Set(Object.values(FusionMethod));

/** Values of {@link RetrievalMode}. */
export const VALID_RETRIEVAL_MODES: ReadonlySet<RetrievalMode> = new Set(Object.values(RetrievalMode));

/** Says that scores are not as many as documents. */
function differing(name: string, docIds: readonly string[], scores: readonly number[]): string | null {
  return docIds.length === scores.length ? null : `docIds and ${name} must have the same length, got ${docIds.length} and ${scores.length}`;
}

/** Okapi BM25 (Robertson and Zaragoza 2009). */
export interface BM25Config {
  readonly k1: number;
  readonly b: number;
  /** Least weight of a word. */
  readonly epsilon: number;
}

/** Defaults and rules of {@link BM25Config}. */
export const BM25Config: Definition<BM25Config> = {
  name: 'BM25Config',
  fields: {
    k1: { kind: 'float', default: 1.5, nonNegative: true },
    b: { kind: 'float', default: 0.75, min: 0, max: 1 },
    epsilon: { kind: 'float', default: 0.25, nonNegative: true },
  },
};

/** How words are weighed. */
export interface SparseConfig {
  readonly method: SparseMethod;
  readonly bm25Config: BM25Config;
  readonly vocabSize: number;
}

/** Defaults and rules of {@link SparseConfig}. */
export const SparseConfig: Definition<SparseConfig> = {
  name: 'SparseConfig',
  fields: {
    method: { kind: 'enum', of: SparseMethod, default: SparseMethod.BM25 },
    bm25Config: { kind: 'config', of: BM25Config },
    vocabSize: { kind: 'int', default: 30000, positive: true },
  },
};

/** How rankings are joined. */
export interface HybridConfig {
  readonly sparseConfig: SparseConfig;
  readonly denseWeight: number;
  readonly sparseWeight: number;
  readonly fusionMethod: FusionMethod;
  readonly topK: number;
}

/** Defaults and rules of {@link HybridConfig}. */
export const HybridConfig: Definition<HybridConfig> = {
  name: 'HybridConfig',
  fields: {
    sparseConfig: { kind: 'config', of: SparseConfig },
    denseWeight: { kind: 'float', default: 0.7, positive: true, nonNegative: true },
    sparseWeight: { kind: 'float', default: 0.3, nonNegative: true },
    fusionMethod: { kind: 'enum', of: FusionMethod, default: FusionMethod.RRF },
    topK: { kind: 'int', default: 10, positive: true },
  },
};

/** What a search found. */
export interface HybridSearchResult {
  readonly docIds: readonly string[];
  readonly scores: readonly number[];
  readonly denseScores: readonly number[];
  readonly sparseScores: readonly number[];
}

/** Defaults and rules of {@link HybridSearchResult}. */
export const HybridSearchResult: Definition<HybridSearchResult> = {
  name: 'HybridSearchResult',
  fields: {
    docIds: { kind: 'array', of: { kind: 'string' } },
    scores: { kind: 'array', of: { kind: 'float' } },
    denseScores: { kind: 'array', of: { kind: 'float' } },
    sparseScores: { kind: 'array', of: { kind: 'float' } },
  },
  rules: [
    ({ docIds, scores }) => differing('scores', docIds, scores),
    ({ docIds, denseScores }) => differing('denseScores', docIds, denseScores),
    ({ docIds, sparseScores }) => differing('sparseScores', docIds, sparseScores),
  ],
};

/** What each ranking and both together found. */
export interface HybridStats {
  readonly denseRecall: number;
  readonly sparseRecall: number;
  readonly hybridRecall: number;
  readonly fusionImprovement: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateBm25Config(config: BM25Config): void {
  validate(BM25Config, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSparseConfig(config: SparseConfig): void {
  validate(SparseConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateHybridConfig(config: HybridConfig): void {
  validate(HybridConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateHybridSearchResult(result: HybridSearchResult): void {
  validate(HybridSearchResult, result, 'result');
}

/** Settles a {@link BM25Config}. @throws {ValidationError} naming every broken rule */
export function createBm25Config(options: Partial<BM25Config> = {}): BM25Config {
  return createFrom(BM25Config, options);
}

/** Sparse methods in ascending order. */
export function listSparseMethods(): SparseMethod[] {
  return valuesOf(SparseMethod);
}

/** Fusion methods in ascending order. */
export function listFusionMethods(): FusionMethod[] {
  return valuesOf(FusionMethod);
}

/** Retrieval modes in ascending order. */
export function listRetrievalModes(): RetrievalMode[] {
  return valuesOf(RetrievalMode);
}

/** @throws {ValidationError} naming the sparse methods */
export function getSparseMethod(name: string): SparseMethod {
  return parseEnum(SparseMethod, name, 'sparseMethod');
}

/** @throws {ValidationError} naming the fusion methods */
export function getFusionMethod(name: string): FusionMethod {
  return parseEnum(FusionMethod, name, 'fusionMethod');
}

/** @throws {ValidationError} naming the retrieval modes */
export function getRetrievalMode(name: string): RetrievalMode {
  return parseEnum(RetrievalMode, name, 'retrievalMode');
}

/**
 * Settles how words are weighed. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.hybrid_search.create_sparse_config(method=, bm25_config=, vocab_size=)`.
 */
export function createSparseConfig({
  bm25Config = null,
  ...options
}: Partial<Omit<SparseConfig, 'bm25Config'>> & { readonly bm25Config?: BM25Config | null } = {}): SparseConfig {
  return createFrom(SparseConfig, { ...options, bm25Config: bm25Config ?? createBm25Config() });
}

/**
 * Settles how rankings are joined. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.hybrid_search.create_hybrid_config(sparse_config=, dense_weight=, sparse_weight=, fusion_method=, top_k=)`.
 */
export function createHybridConfig({
  sparseConfig = null,
  ...options
}: Partial<Omit<HybridConfig, 'sparseConfig'>> & { readonly sparseConfig?: SparseConfig | null } = {}): HybridConfig {
  return createFrom(HybridConfig, { ...options, sparseConfig: sparseConfig ?? createSparseConfig() });
}

/**
 * Settles what a search found; both rankings have the joint scores unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.hybrid_search.create_hybrid_search_result(doc_ids, scores, dense_scores=, sparse_scores=)`.
 */
export function createHybridSearchResult(
  docIds: readonly string[],
  scores: readonly number[],
  { denseScores = null, sparseScores = null }: { readonly denseScores?: readonly number[] | null; readonly sparseScores?: readonly number[] | null } = {},
): HybridSearchResult {
  return createFrom(HybridSearchResult, { docIds, scores, denseScores: denseScores ?? scores, sparseScores: sparseScores ?? scores });
}

/**
 * Score that a word gives a document: its inverse document frequency, at least epsilon, times a count that saturates.
 *
 * @param tf times that the word is in the document
 * @param df documents that have the word
 * @param options `config` null takes the defaults
 * @throws {ValidationError} for negative counts, lengths that are not positive, or more documents with the word than there are
 * @remarks Python: `hf_gtc.rag.hybrid_search.calculate_bm25_score(tf, df, doc_len, avg_doc_len, num_docs, config=)`; within 1e-12.
 * @example calculateBm25Score(0, 5, 100, 100, 1000) // => 0
 */
export function calculateBm25Score(
  tf: number,
  df: number,
  docLen: number,
  avgDocLen: number,
  numDocs: number,
  { config = null }: { readonly config?: BM25Config | null } = {},
): number {
  nonNegative(tf, 'tf');
  nonNegative(df, 'df');
  allPositive({ docLen, avgDocLen, numDocs });
  if (df > numDocs) throw new ValidationError(`df must be at most numDocs (${numDocs}), got ${df}`, { parameter: 'df', received: df });
  if (tf === 0) return 0;
  positive(df, 'df');
  const { k1, b, epsilon } = config ?? createBm25Config();
  const idf = Math.max(Math.log((numDocs - df + 0.5) / (df + 0.5) + 1), epsilon);
  return (idf * tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * docLen) / avgDocLen));
}

/**
 * Score of a document that stands at some ranks: the sum of 1 / (k + rank) (Cormack, Clarke and Büttcher 2009).
 *
 * @param ranks from 1, one for each ranking that holds the document
 * @throws {ValidationError} for no ranks, a rank below 1 or a `k` that is not positive
 * @remarks Python: `hf_gtc.rag.hybrid_search.calculate_rrf_score(ranks, k=)`; within 1e-12.
 * @example calculateRrfScore([83]) // => 0.006993006993006993
 */
export function calculateRrfScore(ranks: readonly number[], { k = 60 }: { readonly k?: number } = {}): number {
  nonEmpty(ranks, 'ranks');
  positive(k, 'k');
  return ranks.reduce((sum, rank, index) => sum + 1 / (k + positive(rank, `ranks[${index}]`)), 0);
}

/** Ranks by document, from 1. */
export type Ranks = Readonly<Record<string, number>>;

/**
 * Joins two rankings, the best document first and equal ones in the order in which they were seen: `rrf` sums weight / (k + rank), `learned` does so with equal
 * weights, `linear` and `convex` average 1 / rank, where a missing document stands after the last one.
 *
 * @throws {ValidationError} for negative weights, a `k` that is not positive or an unknown method
 * @remarks Python: `hf_gtc.rag.hybrid_search.fuse_rankings(dense_ranks, sparse_ranks, dense_weight=, sparse_weight=, fusion_method=, k=)`.
 * @example fuseRankings({ a: 1, b: 2 }, { b: 1 }, { fusionMethod: 'linear' })[0]?.[0] // => 'a'
 */
export function fuseRankings(
  denseRanks: Ranks,
  sparseRanks: Ranks,
  {
    denseWeight = 0.7,
    sparseWeight = 0.3,
    fusionMethod = 'rrf',
    k = 60,
  }: { readonly denseWeight?: number; readonly sparseWeight?: number; readonly fusionMethod?: FusionMethod; readonly k?: number } = {},
): [docId: string, score: number][] {
  allNonNegative({ denseWeight, sparseWeight });
  positive(k, 'k');
  parseEnum(FusionMethod, fusionMethod, 'fusionMethod');
  const rankings = [new Map(Object.entries(denseRanks)), new Map(Object.entries(sparseRanks))];
  const documents = [...new Set(rankings.flatMap(ranks => [...ranks.keys()]))];
  const weights = fusionMethod === 'learned' ? [0.5, 0.5] : [denseWeight, sparseWeight];
  const reciprocal = fusionMethod === 'linear' || fusionMethod === 'convex';
  const last = Math.max(...rankings.map(ranks => ranks.size)) + 1;
  const total = denseWeight + sparseWeight;
  const scoreOf = (document: string): number => {
    const sum = rankings.reduce((score, ranks, side) => {
      const rank = ranks.get(document);
      if (reciprocal) return score + weights[side]! / (rank ?? last);
      return rank === undefined ? score : score + weights[side]! / (k + rank);
    }, 0);
    return !reciprocal ? sum : total > 0 ? sum / total : 0;
  };
  return documents.map((document): [string, number] => [document, scoreOf(document)]).sort((a, b) => b[1] - a[1]);
}

/**
 * Weights that found most, the first of several, with the sum 1.
 *
 * @param hybridRecalls dense weight, sparse weight and recall of each trial
 * @throws {ValidationError} for no trials
 * @remarks Python: `hf_gtc.rag.hybrid_search.optimize_fusion_weights(dense_recalls, sparse_recalls, hybrid_recalls)`.
 * @example optimizeFusionWeights([0.7], [0.6], [[0.8, 0.2, 0.75], [0.6, 0.4, 0.9]]) // => [0.6, 0.4]
 */
export function optimizeFusionWeights(
  _denseRecalls: readonly number[],
  _sparseRecalls: readonly number[],
  hybridRecalls: readonly (readonly [dense: number, sparse: number, recall: number])[],
): readonly [dense: number, sparse: number] {
  const [dense, sparse] = nonEmpty(hybridRecalls, 'hybridRecalls').reduce((best, trial) => (trial[2] > best[2] ? trial : best));
  const total = dense + sparse;
  return total > 0 ? [dense / total, sparse / total] : [0.5, 0.5];
}

/**
 * What each ranking and both together found, as a line of text.
 *
 * @remarks Python: `hf_gtc.rag.hybrid_search.format_hybrid_stats(stats)`; the same text.
 */
export function formatHybridStats(stats: HybridStats): string {
  const gain = `${stats.fusionImprovement >= 0 ? '+' : ''}${formatFixed(stats.fusionImprovement * 100, 1)}%`;
  const recalls = `dense=${formatFixed(stats.denseRecall, 3)}, sparse=${formatFixed(stats.sparseRecall, 3)}, hybrid=${formatFixed(stats.hybridRecall, 3)}`;
  return `Recall: ${recalls} (${gain})`;
}

/** Dense weights by use; other uses take that of `general`. */
const DENSE_WEIGHT: Readonly<Record<string, number>> = { general: 0.6, qa: 0.7, semantic: 0.8, lexical: 0.3 };

/**
 * Settings that suit a corpus: BM25 by the length of its documents, weights by use, a tenth more for words beyond half a million documents.
 *
 * @param options `useCase` `general`, `qa`, `semantic` or `lexical`
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.rag.hybrid_search.get_recommended_hybrid_config(corpus_size=, avg_doc_length=, use_case=)`.
 * @example getRecommendedHybridConfig({ useCase: 'semantic' }).denseWeight // => 0.8
 */
export function getRecommendedHybridConfig({
  corpusSize = 100000,
  avgDocLength = 500,
  useCase = 'general',
}: {
  readonly corpusSize?: number;
  readonly avgDocLength?: number;
  readonly useCase?: string;
} = {}): HybridConfig {
  allPositive({ corpusSize, avgDocLength });
  const bm25Config = createBm25Config(avgDocLength < 200 ? { k1: 1.2, b: 0.5 } : avgDocLength > 1000 ? { k1: 2, b: 0.9 } : {});
  const dense = Object.hasOwn(DENSE_WEIGHT, useCase) ? DENSE_WEIGHT[useCase]! : DENSE_WEIGHT.general!;
  const denseWeight = corpusSize > 500000 ? Math.max(Math.min(dense, 0.5), dense - 0.1) : dense;
  return createHybridConfig({
    sparseConfig: createSparseConfig({ bm25Config, vocabSize: Math.min(50000, Math.max(10000, Math.floor(corpusSize / 10))) }),
    denseWeight,
    sparseWeight: roundTo(1 - denseWeight, 12),
    fusionMethod: corpusSize < 10000 ? 'linear' : 'rrf',
    topK: Math.min(20, Math.max(5, Math.floor(corpusSize / 10000))),
  });
}

/** Evaluation of retrieval and of answers. Mirrors `hf_gtc.rag.evaluation`. */
import {
  allNonNegative,
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  parseEnum,
  positive,
  splitWords,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** What is measured. */
export const RAGMetric = {
  RETRIEVAL_PRECISION: 'retrieval_precision',
  RETRIEVAL_RECALL: 'retrieval_recall',
  CONTEXT_RELEVANCE: 'context_relevance',
  FAITHFULNESS: 'faithfulness',
  ANSWER_RELEVANCE: 'answer_relevance',
} as const;
export type RAGMetric = (typeof RAGMetric)[keyof typeof RAGMetric];

/** How an answer rests on its sources. */
export const GroundingType = { CITATION: 'citation', ATTRIBUTION: 'attribution', FACTUAL: 'factual' } as const;
export type GroundingType = (typeof GroundingType)[keyof typeof GroundingType];

/** What is judged at a time. */
export const EvaluationLevel = { DOCUMENT: 'document', PASSAGE: 'passage', SENTENCE: 'sentence' } as const;
export type EvaluationLevel = (typeof EvaluationLevel)[keyof typeof EvaluationLevel];

/** Values of {@link RAGMetric}. */
export const VALID_RAG_METRICS: ReadonlySet<RAGMetric> = new Set(Object.values(RAGMetric));

/** Values of {@link GroundingType}. */
export const VALID_GROUNDING_TYPES: ReadonlySet<GroundingType> = new Set(Object.values(GroundingType));

/** Values of {@link EvaluationLevel}. */
export const VALID_EVALUATION_LEVELS: ReadonlySet<EvaluationLevel> = new Set(Object.values(EvaluationLevel));

/** How well documents were found, each in [0, 1]. */
export interface RetrievalMetrics {
  readonly precisionAtK: number;
  readonly recallAtK: number;
  readonly mrr: number;
  readonly ndcg: number;
  readonly hitRate: number;
}

/** Defaults and rules of {@link RetrievalMetrics}. */
export const RetrievalMetrics: Definition<RetrievalMetrics> = {
  name: 'RetrievalMetrics',
  fields: {
    precisionAtK: { kind: 'float', default: 0, min: 0, max: 1 },
    recallAtK: { kind: 'float', default: 0, min: 0, max: 1 },
    mrr: { kind: 'float', default: 0, min: 0, max: 1 },
    ndcg: { kind: 'float', default: 0, min: 0, max: 1 },
    hitRate: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** How good an answer is, each in [0, 1]. */
export interface GenerationMetrics {
  readonly faithfulness: number;
  readonly relevance: number;
  readonly coherence: number;
  readonly groundedness: number;
}

/** Defaults and rules of {@link GenerationMetrics}. */
export const GenerationMetrics: Definition<GenerationMetrics> = {
  name: 'GenerationMetrics',
  fields: {
    faithfulness: { kind: 'float', default: 0, min: 0, max: 1 },
    relevance: { kind: 'float', default: 0, min: 0, max: 1 },
    coherence: { kind: 'float', default: 0, min: 0, max: 1 },
    groundedness: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** What is evaluated. */
export interface RAGEvalConfig {
  readonly retrievalK: number;
  readonly metrics: readonly RAGMetric[];
  readonly groundingType: GroundingType;
  readonly evaluationLevel: EvaluationLevel;
}

/** Defaults and rules of {@link RAGEvalConfig}. */
export const RAGEvalConfig: Definition<RAGEvalConfig> = {
  name: 'RAGEvalConfig',
  fields: {
    retrievalK: { kind: 'int', default: 10, positive: true },
    metrics: { kind: 'array', of: { kind: 'enum', of: RAGMetric }, nonEmpty: true, default: Object.values(RAGMetric) },
    groundingType: { kind: 'enum', of: GroundingType, default: GroundingType.CITATION },
    evaluationLevel: { kind: 'enum', of: EvaluationLevel, default: EvaluationLevel.DOCUMENT },
  },
};

/** What an evaluation found. */
export interface RAGEvalResult {
  readonly retrievalMetrics: RetrievalMetrics;
  readonly generationMetrics: GenerationMetrics;
  readonly overallScore: number;
  readonly perQueryScores: readonly number[];
}

/** Defaults and rules of {@link RAGEvalResult}. */
export const RAGEvalResult: Definition<RAGEvalResult> = {
  name: 'RAGEvalResult',
  fields: {
    retrievalMetrics: { kind: 'config', of: RetrievalMetrics },
    generationMetrics: { kind: 'config', of: GenerationMetrics },
    overallScore: { kind: 'float', min: 0, max: 1 },
    perQueryScores: { kind: 'array', of: { kind: 'float', min: 0, max: 1 } },
  },
};

/** Many evaluations. */
export interface RAGEvalStats {
  readonly avgRetrievalScore: number;
  readonly avgGenerationScore: number;
  readonly numQueries: number;
  readonly failedQueries: number;
}

/** Defaults and rules of {@link RAGEvalStats}. */
export const RAGEvalStats: Definition<RAGEvalStats> = {
  name: 'RAGEvalStats',
  fields: {
    avgRetrievalScore: { kind: 'float', min: 0, max: 1 },
    avgGenerationScore: { kind: 'float', min: 0, max: 1 },
    numQueries: { kind: 'int', nonNegative: true },
    failedQueries: { kind: 'int', default: 0, nonNegative: true },
  },
  rules: [
    ({ numQueries, failedQueries }) => (failedQueries > numQueries ? `failedQueries must be at most numQueries (${numQueries}), got ${failedQueries}` : null),
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateRetrievalMetrics(metrics: RetrievalMetrics): void {
  validate(RetrievalMetrics, metrics, 'metrics');
}

/** @throws {ValidationError} naming every broken rule */
export function validateGenerationMetrics(metrics: GenerationMetrics): void {
  validate(GenerationMetrics, metrics, 'metrics');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRagEvalConfig(config: RAGEvalConfig): void {
  validate(RAGEvalConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRagEvalResult(result: RAGEvalResult): void {
  validate(RAGEvalResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRagEvalStats(stats: RAGEvalStats): void {
  validate(RAGEvalStats, stats, 'stats');
}

/** Settles a {@link RetrievalMetrics}. @throws {ValidationError} naming every broken rule */
export function createRetrievalMetrics(options: Partial<RetrievalMetrics> = {}): RetrievalMetrics {
  return createFrom(RetrievalMetrics, options);
}

/** Settles a {@link GenerationMetrics}. @throws {ValidationError} naming every broken rule */
export function createGenerationMetrics(options: Partial<GenerationMetrics> = {}): GenerationMetrics {
  return createFrom(GenerationMetrics, options);
}

/** Settles a {@link RAGEvalResult}. @throws {ValidationError} naming every broken rule */
export function createRagEvalResult(
  retrievalMetrics: RetrievalMetrics,
  generationMetrics: GenerationMetrics,
  overallScore: number,
  perQueryScores: readonly number[],
): RAGEvalResult {
  return createFrom(RAGEvalResult, { retrievalMetrics, generationMetrics, overallScore, perQueryScores });
}

/** Settles a {@link RAGEvalStats}. @throws {ValidationError} naming every broken rule */
export function createRagEvalStats(
  avgRetrievalScore: number,
  avgGenerationScore: number,
  numQueries: number,
  options: Partial<Omit<RAGEvalStats, 'avgRetrievalScore' | 'avgGenerationScore' | 'numQueries'>> = {},
): RAGEvalStats {
  return createFrom(RAGEvalStats, { avgRetrievalScore, avgGenerationScore, numQueries, ...options });
}

/** Rag metrics in ascending order. */
export function listRagMetrics(): RAGMetric[] {
  return valuesOf(RAGMetric);
}

/** Grounding types in ascending order. */
export function listGroundingTypes(): GroundingType[] {
  return valuesOf(GroundingType);
}

/** Evaluation levels in ascending order. */
export function listEvaluationLevels(): EvaluationLevel[] {
  return valuesOf(EvaluationLevel);
}

/** @throws {ValidationError} naming the rag metrics */
export function getRagMetric(name: string): RAGMetric {
  return parseEnum(RAGMetric, name, 'metric');
}

/** @throws {ValidationError} naming the grounding types */
export function getGroundingType(name: string): GroundingType {
  return parseEnum(GroundingType, name, 'groundingType');
}

/** @throws {ValidationError} naming the evaluation levels */
export function getEvaluationLevel(name: string): EvaluationLevel {
  return parseEnum(EvaluationLevel, name, 'evaluationLevel');
}

/**
 * Settles what is evaluated, every metric unless given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.rag.evaluation.create_rag_eval_config(retrieval_k=, metrics=, grounding_type=, evaluation_level=)`.
 */
export function createRagEvalConfig({
  metrics = null,
  ...options
}: Partial<Omit<RAGEvalConfig, 'metrics'>> & { readonly metrics?: readonly RAGMetric[] | null } = {}): RAGEvalConfig {
  return createFrom(RAGEvalConfig, { ...options, metrics: metrics ?? Object.values(RAGMetric) });
}

/**
 * Precision, recall, reciprocal rank, normalized discounted gain and hits among the first `k` documents. Precision divides by `k`, as trec_eval does.
 *
 * @param retrievedIds the best first
 * @param options `k` null is as many as were retrieved
 * @throws {ValidationError} for nothing retrieved or a `k` that is not positive
 * @remarks Python: `hf_gtc.rag.evaluation.evaluate_retrieval(retrieved_ids, relevant_ids, k=)`.
 * @example evaluateRetrieval(['a', 'b'], ['b']).mrr // => 0.5
 */
export function evaluateRetrieval(
  retrievedIds: readonly string[],
  relevantIds: readonly string[],
  { k = null }: { readonly k?: number | null } = {},
): RetrievalMetrics {
  nonEmpty(retrievedIds, 'retrievedIds');
  const cut = positive(k ?? retrievedIds.length, 'k');
  const relevant = new Set(relevantIds);
  const hits = retrievedIds.slice(0, cut).map(id => relevant.has(id));
  const found = hits.filter(Boolean).length;
  const gain = (rank: number): number => 1 / Math.log2(rank + 2);
  const ideal = Array.from({ length: Math.min(relevant.size, cut) }, (_, rank) => gain(rank)).reduce((sum, value) => sum + value, 0);
  const first = hits.indexOf(true);
  return Object.freeze({
    precisionAtK: found / cut,
    recallAtK: relevant.size === 0 ? 0 : found / relevant.size,
    mrr: first < 0 ? 0 : 1 / (first + 1),
    ndcg: ideal === 0 ? 0 : hits.reduce((sum, hit, rank) => sum + (hit ? gain(rank) : 0), 0) / ideal,
    hitRate: found > 0 ? 1 : 0,
  });
}

const wordsOf = (text: string): Set<string> => new Set(splitWords(text.toLowerCase()));

/** Share of words that are among others; 0 without words. */
function shareOf(words: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return words.size === 0 ? 0 : [...words].filter(word => others.has(word)).length / words.size;
}

/**
 * Share of the answer's words that are in the context.
 *
 * @throws {ValidationError} for an empty answer or context
 * @remarks Python: `hf_gtc.rag.evaluation.evaluate_faithfulness(answer, context)`; within 1e-12.
 * @example evaluateFaithfulness('answer', 'layer_0') // => 0
 */
export function evaluateFaithfulness(answer: string, context: string): number {
  return shareOf(wordsOf(nonEmpty(answer, 'answer')), wordsOf(nonEmpty(context, 'context')));
}

/**
 * Measures an answer by its words: faithfulness to the context, share of the question that it takes up, coherence (sentences of 15 words are full marks) and
 * groundedness (faithfulness, and ten words or more).
 *
 * @throws {ValidationError} for an empty answer, context or question
 * @remarks Python: `hf_gtc.rag.evaluation.evaluate_generation(answer, context, query)`.
 * @example evaluateGeneration('Paris is it.', 'Paris is the capital', 'Is it Paris').relevance // => 0.6666666666666666
 */
export function evaluateGeneration(answer: string, context: string, query: string): GenerationMetrics {
  const faithfulness = evaluateFaithfulness(answer, context);
  const words = wordsOf(answer);
  const sentences = answer.split('.').filter(sentence => splitWords(sentence).length > 0);
  const length = sentences.length === 0 ? 0 : sentences.reduce((sum, sentence) => sum + splitWords(sentence).length, 0) / sentences.length;
  return Object.freeze({
    faithfulness,
    relevance: shareOf(wordsOf(nonEmpty(query, 'query')), words),
    coherence: Math.min(1, length / 15),
    groundedness: (faithfulness + Math.min(1, words.size / 10)) / 2,
  });
}

const GROUNDING_FACTOR: Readonly<Record<GroundingType, number>> = { citation: 0.9, attribution: 0.95, factual: 1 };

/**
 * Share of the answer's words that are in any source, scaled by the kind of grounding.
 *
 * @throws {ValidationError} for an empty answer, no sources or an unknown kind
 * @remarks Python: `hf_gtc.rag.evaluation.calculate_groundedness(answer, sources, grounding_type=)`; within 1e-12.
 * @example calculateGroundedness('citation', ['citation', 'factual']) // => 1
 */
export function calculateGroundedness(
  answer: string,
  sources: readonly string[],
  { groundingType = 'factual' }: { readonly groundingType?: GroundingType } = {},
): number {
  nonEmpty(answer, 'answer');
  nonEmpty(sources, 'sources');
  const factor = GROUNDING_FACTOR[parseEnum(GroundingType, groundingType, 'groundingType')];
  return shareOf(wordsOf(answer), new Set(sources.flatMap(source => [...wordsOf(source)]))) * factor;
}

const meanOf = (metrics: object): number => mean(Object.values(metrics) as number[]);

/**
 * Weighted mean of what was measured of retrieval and of the answer, at most 1.
 *
 * @throws {ValidationError} for negative weights, or weights that add up to nothing
 * @remarks Python: `hf_gtc.rag.evaluation.compute_rag_score(retrieval_metrics, generation_metrics, retrieval_weight=, generation_weight=)`; within 1e-12.
 */
export function computeRagScore(
  retrievalMetrics: RetrievalMetrics,
  generationMetrics: GenerationMetrics,
  { retrievalWeight = 0.4, generationWeight = 0.6 }: { readonly retrievalWeight?: number; readonly generationWeight?: number } = {},
): number {
  allNonNegative({ retrievalWeight, generationWeight });
  const total = retrievalWeight + generationWeight;
  if (!(total > 0))
    throw new ValidationError(`retrievalWeight + generationWeight must be positive, got ${total}`, { parameter: 'retrievalWeight', received: total });
  return Math.max(0, Math.min(1, (retrievalWeight * meanOf(retrievalMetrics) + generationWeight * meanOf(generationMetrics)) / total));
}

/**
 * Many evaluations as a line of text.
 *
 * @remarks Python: `hf_gtc.rag.evaluation.format_rag_eval_stats(stats)`; the same text.
 */
export function formatRagEvalStats(stats: RAGEvalStats): string {
  return [
    `RAG Evaluation: ${stats.numQueries} queries`,
    `retrieval=${formatFixed(stats.avgRetrievalScore, 2)}`,
    `generation=${formatFixed(stats.avgGenerationScore, 2)}`,
    ...(stats.failedQueries > 0 ? [`failed=${stats.failedQueries}`] : []),
  ].join(' | ');
}

/** Settings by use; other uses take those of `qa`. */
const RECOMMENDED: Readonly<Record<string, Parameters<typeof createRagEvalConfig>[0]>> = {
  qa: { retrievalK: 10, groundingType: 'factual', evaluationLevel: 'passage' },
  chat: { retrievalK: 3, groundingType: 'factual', evaluationLevel: 'sentence' },
  summarization: { retrievalK: 5, groundingType: 'attribution', evaluationLevel: 'document' },
};

/**
 * Settings that suit a use: `qa`, `chat` or `summarization`.
 *
 * @param options `strict` asks for citations, sentence by sentence
 * @remarks Python: `hf_gtc.rag.evaluation.get_recommended_rag_eval_config(use_case=, strict=)`.
 * @example getRecommendedRagEvalConfig({ useCase: 'chat' }).retrievalK // => 3
 */
export function getRecommendedRagEvalConfig({ useCase = 'qa', strict = false }: { readonly useCase?: string; readonly strict?: boolean } = {}): RAGEvalConfig {
  const settings = Object.hasOwn(RECOMMENDED, useCase) ? RECOMMENDED[useCase] : RECOMMENDED.qa;
  return createRagEvalConfig({ ...settings, ...(strict ? { groundingType: 'citation', evaluationLevel: 'sentence' } : {}) });
}

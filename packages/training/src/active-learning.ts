/** Active learning: which samples to label next, and what it costs. Mirrors `hf_gtc.training.active_learning`. */
import {
  allNonNegative,
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Ways to choose samples. */
export const QueryStrategy = { UNCERTAINTY: 'uncertainty', MARGIN: 'margin', ENTROPY: 'entropy', BALD: 'bald', CORESET: 'coreset', BADGE: 'badge' } as const;
export type QueryStrategy = (typeof QueryStrategy)[keyof typeof QueryStrategy];

/** How unsure a model is. */
export const UncertaintyMeasure = {
  PREDICTIVE_ENTROPY: 'predictive_entropy',
  MUTUAL_INFORMATION: 'mutual_information',
  VARIATION_RATIO: 'variation_ratio',
  LEAST_CONFIDENCE: 'least_confidence',
} as const;
export type UncertaintyMeasure = (typeof UncertaintyMeasure)[keyof typeof UncertaintyMeasure];

/** Ways to choose the first pool. */
export const PoolingMethod = { RANDOM: 'random', CLUSTER: 'cluster', DIVERSITY: 'diversity' } as const;
export type PoolingMethod = (typeof PoolingMethod)[keyof typeof PoolingMethod];

/** Values of {@link QueryStrategy}. */
export const VALID_QUERY_STRATEGIES: ReadonlySet<QueryStrategy> = new Set(Object.values(QueryStrategy));

/** Values of {@link UncertaintyMeasure}. */
export const VALID_UNCERTAINTY_MEASURES: ReadonlySet<UncertaintyMeasure> = new Set(Object.values(UncertaintyMeasure));

/** Values of {@link PoolingMethod}. */
export const VALID_POOLING_METHODS: ReadonlySet<PoolingMethod> = new Set(Object.values(PoolingMethod));

/** How samples are chosen. */
export interface QueryConfig {
  readonly strategy: QueryStrategy;
  readonly batchSize: number;
  readonly uncertaintyMeasure: UncertaintyMeasure;
  /** Share of the diversity in a score. */
  readonly diversityWeight: number;
}

/** Defaults and rules of {@link QueryConfig}. */
export const QueryConfig: Definition<QueryConfig> = {
  name: 'QueryConfig',
  fields: {
    strategy: { kind: 'enum', of: QueryStrategy, default: QueryStrategy.UNCERTAINTY },
    batchSize: { kind: 'int', default: 32, positive: true },
    uncertaintyMeasure: { kind: 'enum', of: UncertaintyMeasure, default: UncertaintyMeasure.PREDICTIVE_ENTROPY },
    diversityWeight: { kind: 'float', default: 0.5, min: 0, max: 1 },
  },
};

/** A loop of choosing, labelling and training. */
export interface ActiveLearningConfig {
  readonly queryConfig: QueryConfig;
  readonly initialPoolSize: number;
  readonly labelingBudget: number;
  /** Gain of accuracy below which it ends. */
  readonly stoppingCriterion: number;
}

/** Defaults and rules of {@link ActiveLearningConfig}. */
export const ActiveLearningConfig: Definition<ActiveLearningConfig> = {
  name: 'ActiveLearningConfig',
  fields: {
    queryConfig: { kind: 'config', of: QueryConfig },
    initialPoolSize: { kind: 'int', default: 100, nonNegative: true },
    labelingBudget: { kind: 'int', default: 1000, positive: true },
    stoppingCriterion: { kind: 'float', default: 0.001, nonNegative: true },
  },
};

/** Samples that were chosen. */
export interface QueryResult {
  readonly indices: readonly number[];
  readonly scores: readonly number[];
  readonly uncertaintyValues: readonly number[];
}

/** Defaults and rules of {@link QueryResult}. */
export const QueryResult: Definition<QueryResult> = {
  name: 'QueryResult',
  fields: {
    indices: { kind: 'array', of: { kind: 'int', nonNegative: true }, default: [] },
    scores: { kind: 'array', of: { kind: 'float' }, default: [] },
    uncertaintyValues: { kind: 'array', of: { kind: 'float' }, default: [] },
  },
  rules: [
    ({ indices, scores, uncertaintyValues }) =>
      indices.length === scores.length && scores.length === uncertaintyValues.length
        ? null
        : `indices, scores and uncertaintyValues must have the same length, got ${indices.length}, ${scores.length} and ${uncertaintyValues.length}`,
  ],
};

/** What a loop gained and cost. */
export interface ActiveLearningStats {
  readonly totalLabeled: number;
  readonly accuracyHistory: readonly number[];
  readonly queryEfficiency: number;
  readonly labelingCost: number;
}

/** Defaults and rules of {@link ActiveLearningStats}. */
export const ActiveLearningStats: Definition<ActiveLearningStats> = {
  name: 'ActiveLearningStats',
  fields: {
    totalLabeled: { kind: 'int', default: 0, nonNegative: true },
    accuracyHistory: { kind: 'array', of: { kind: 'float', min: 0, max: 1 }, default: [] },
    queryEfficiency: { kind: 'float', default: 0 },
    labelingCost: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateQueryConfig(config: QueryConfig): void {
  validate(QueryConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateActiveLearningConfig(config: ActiveLearningConfig): void {
  validate(ActiveLearningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQueryResult(result: QueryResult): void {
  validate(QueryResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateActiveLearningStats(stats: ActiveLearningStats): void {
  validate(ActiveLearningStats, stats, 'stats');
}

/** Settles a {@link QueryConfig}. @throws {ValidationError} naming every broken rule */
export function createQueryConfig(options: Partial<QueryConfig> = {}): QueryConfig {
  return createFrom(QueryConfig, options);
}

/** Settles a {@link QueryResult}. @throws {ValidationError} naming every broken rule */
export function createQueryResult(options: Partial<QueryResult> = {}): QueryResult {
  return createFrom(QueryResult, options);
}

/** Settles a {@link ActiveLearningStats}. @throws {ValidationError} naming every broken rule */
export function createActiveLearningStats(options: Partial<ActiveLearningStats> = {}): ActiveLearningStats {
  return createFrom(ActiveLearningStats, options);
}

/** Query strategies in ascending order. */
export function listQueryStrategies(): QueryStrategy[] {
  return valuesOf(QueryStrategy);
}

/** Uncertainty measures in ascending order. */
export function listUncertaintyMeasures(): UncertaintyMeasure[] {
  return valuesOf(UncertaintyMeasure);
}

/** Pooling methods in ascending order. */
export function listPoolingMethods(): PoolingMethod[] {
  return valuesOf(PoolingMethod);
}

/** @throws {ValidationError} naming the query strategies */
export function getQueryStrategy(name: string): QueryStrategy {
  return parseEnum(QueryStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the uncertainty measures */
export function getUncertaintyMeasure(name: string): UncertaintyMeasure {
  return parseEnum(UncertaintyMeasure, name, 'uncertaintyMeasure');
}

/** @throws {ValidationError} naming the pooling methods */
export function getPoolingMethod(name: string): PoolingMethod {
  return parseEnum(PoolingMethod, name, 'poolingMethod');
}

/**
 * Settles a loop of active learning. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.active_learning.create_active_learning_config(strategy=, batch_size=, uncertainty_measure=, diversity_weight=, initial_pool_size=, labeling_budget=, stopping_criterion=)`.
 */
export function createActiveLearningConfig({
  strategy,
  batchSize,
  uncertaintyMeasure,
  diversityWeight,
  ...options
}: Partial<QueryConfig & Omit<ActiveLearningConfig, 'queryConfig'>> = {}): ActiveLearningConfig {
  return createFrom(ActiveLearningConfig, {
    initialPoolSize: 100,
    labelingBudget: 1000,
    stoppingCriterion: 0.001,
    ...options,
    queryConfig: createFrom(QueryConfig, { strategy, batchSize, uncertaintyMeasure, diversityWeight }),
  });
}

/** Entropy in nats; what is not positive counts nothing. */
const entropy = (row: readonly number[]): number => -row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);

/**
 * How unsure a model is of a sample: entropy of its prediction in nats, one less the greatest probability (`least_confidence`, `variation_ratio`), or the
 * mutual information of several predictions with dropout, which without them is the entropy.
 *
 * @param probabilities of the classes, scaled to the sum 1
 * @param options `mcSamples` one row of probabilities for each prediction
 * @throws {ValidationError} for no probabilities or a sum that is not positive
 * @throws {ShapeError} for rows of different lengths
 * @remarks Python: `hf_gtc.training.active_learning.calculate_uncertainty(probabilities, measure=, mc_samples=)`; within 1e-12.
 * @example calculateUncertainty([0.5, 0.5], { measure: 'least_confidence' }) // => 0.5
 */
export function calculateUncertainty(
  probabilities: readonly number[],
  {
    measure = 'predictive_entropy',
    mcSamples = null,
  }: { readonly measure?: UncertaintyMeasure; readonly mcSamples?: readonly (readonly number[])[] | null } = {},
): number {
  const sum = nonEmpty(probabilities, 'probabilities').reduce((total, p) => total + p, 0);
  if (!(sum > 0)) throw new ValidationError(`sum of probabilities must be positive, got ${sum}`, { parameter: 'probabilities', received: probabilities });
  const scaled = probabilities.map(p => p / sum);
  if (measure === 'variation_ratio' || measure === 'least_confidence')
    return 1 - scaled.reduce((greatest, p) => Math.max(greatest, p), Number.NEGATIVE_INFINITY);
  if (measure !== 'mutual_information' || mcSamples === null || mcSamples.length === 0) return entropy(scaled);
  for (const [index, row] of mcSamples.entries()) sameLength({ probabilities, [`mcSamples[${index}]`]: row });
  const mean = probabilities.map((_, label) => mcSamples.reduce((total, row) => total + row[label]!, 0) / mcSamples.length);
  return entropy(mean) - mcSamples.reduce((total, row) => total + entropy(row), 0) / mcSamples.length;
}

/**
 * Samples with the greatest scores, a blend of uncertainty and diversity where there is one score of diversity for each sample. The strategy is recorded by the
 * caller; every strategy sorts by score.
 *
 * @returns indices, the greatest score first
 * @throws {ValidationError} for no uncertainties or a size that is not positive
 * @remarks Python: `hf_gtc.training.active_learning.select_samples(uncertainties, batch_size, strategy=, diversity_scores=, diversity_weight=)`.
 * @example selectSamples([0.9, 0.5, 0.8], 2) // => [0, 2]
 */
export function selectSamples(
  uncertainties: readonly number[],
  batchSize: number,
  {
    diversityScores = null,
    diversityWeight = 0.5,
  }: { readonly strategy?: QueryStrategy; readonly diversityScores?: readonly number[] | null; readonly diversityWeight?: number } = {},
): number[] {
  nonEmpty(uncertainties, 'uncertainties');
  positive(batchSize, 'batchSize');
  const diversity = diversityScores?.length === uncertainties.length ? diversityScores : null;
  const scores = uncertainties.map((value, index) => (diversity === null ? value : (1 - diversityWeight) * value + diversityWeight * diversity[index]!));
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]!).slice(0, batchSize);
}

/**
 * Cost of labels.
 *
 * @throws {ValidationError} for negative values
 * @remarks Python: `hf_gtc.training.active_learning.estimate_labeling_cost(num_samples, cost_per_sample=, complexity_factor=)`; within 1e-12.
 * @example estimateLabelingCost(100) // => 50
 */
export function estimateLabelingCost(
  numSamples: number,
  { costPerSample = 0.5, complexityFactor = 1 }: { readonly costPerSample?: number; readonly complexityFactor?: number } = {},
): number {
  allNonNegative({ numSamples, costPerSample, complexityFactor });
  return numSamples * costPerSample * complexityFactor;
}

/**
 * Accuracy gained for each label after the first round, 0 where none was bought.
 *
 * @throws {ValidationError} for no rounds
 * @throws {ShapeError} for different counts of rounds
 * @remarks Python: `hf_gtc.training.active_learning.calculate_query_efficiency(accuracy_history, samples_per_round)`; within 1e-12.
 * @example calculateQueryEfficiency([0.5], [100]) // => 0
 */
export function calculateQueryEfficiency(accuracyHistory: readonly number[], samplesPerRound: readonly number[]): number {
  nonEmpty(accuracyHistory, 'accuracyHistory');
  sameLength({ accuracyHistory, samplesPerRound });
  const labels = samplesPerRound.slice(1).reduce((sum, count) => sum + count, 0);
  return labels > 0 ? (accuracyHistory.at(-1)! - accuracyHistory[0]!) / labels : 0;
}

/**
 * What a loop gained and cost, as text.
 *
 * @remarks Python: `hf_gtc.training.active_learning.format_active_learning_stats(stats)`; the same text.
 */
export function formatActiveLearningStats(stats: ActiveLearningStats): string {
  const history = stats.accuracyHistory.map(accuracy => `${formatFixed(accuracy * 100, 2)}%`).join(', ') || 'N/A';
  return [
    'Active Learning Stats:',
    `  Total Labeled: ${stats.totalLabeled}`,
    `  Accuracy History: [${history}]`,
    `  Efficiency: ${formatFixed(stats.queryEfficiency, 4)}`,
    `  Cost: $${formatFixed(stats.labelingCost, 2)}`,
  ].join('\n');
}

const RECOMMENDED: Readonly<Record<string, Parameters<typeof createActiveLearningConfig>[0]>> = {
  classification: { diversityWeight: 0.3 },
  ner: { strategy: 'bald', uncertaintyMeasure: 'mutual_information', stoppingCriterion: 0.002 },
  sentiment: { strategy: 'margin', uncertaintyMeasure: 'least_confidence', diversityWeight: 0.4 },
  generation: { strategy: 'coreset', diversityWeight: 0.7 },
  qa: { strategy: 'badge', uncertaintyMeasure: 'variation_ratio', diversityWeight: 0.6, stoppingCriterion: 0.002 },
};

/**
 * Settings that suit a task and the size of its data: a hundredth of it in a batch, from 16 to 64, and a tenth of it as the budget.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.training.active_learning.get_recommended_active_learning_config(task_type, data_size=)`.
 * @example getRecommendedActiveLearningConfig('ner').queryConfig.strategy // => 'bald'
 */
export function getRecommendedActiveLearningConfig(taskType: string, { dataSize = 10000 }: { readonly dataSize?: number } = {}): ActiveLearningConfig {
  const hundredth = Math.floor(dataSize / 100);
  return createActiveLearningConfig({
    ...RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))],
    batchSize: Math.min(64, Math.max(16, hundredth)),
    initialPoolSize: Math.max(50, hundredth),
    labelingBudget: Math.floor(dataSize / 10),
  });
}

/** Meta-learning: episodes, prototypes and the cost of adapting. Mirrors `hf_gtc.training.meta_learning`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nestedIssue,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { cosine, mean } from '@gtc/tensor/statistics';

export {
  type AdaptOptions,
  type MatchingLoss,
  type MetaGradient,
  mamlGradient,
  matchingNetworkLoss,
  type ParameterLoss,
  type PrototypicalLoss,
  prototypicalLoss,
  reptileDirection,
} from './internal/meta-learning/adapt.js';

/** Ways to learn to learn. */
export const MetaLearningMethod = {
  MAML: 'maml',
  PROTONET: 'protonet',
  MATCHING_NET: 'matching_net',
  RELATION_NET: 'relation_net',
  REPTILE: 'reptile',
} as const;
export type MetaLearningMethod = (typeof MetaLearningMethod)[keyof typeof MetaLearningMethod];

/** How tasks are drawn. */
export const TaskDistribution = { UNIFORM: 'uniform', WEIGHTED: 'weighted', CURRICULUM: 'curriculum' } as const;
export type TaskDistribution = (typeof TaskDistribution)[keyof typeof TaskDistribution];

/** How a model takes to a task. */
export const AdaptationStrategy = { GRADIENT: 'gradient', METRIC: 'metric', HYBRID: 'hybrid' } as const;
export type AdaptationStrategy = (typeof AdaptationStrategy)[keyof typeof AdaptationStrategy];

/** Values of {@link MetaLearningMethod}. */
export const VALID_META_LEARNING_METHODS: ReadonlySet<MetaLearningMethod> = new Set(Object.values(MetaLearningMethod));

/** Values of {@link TaskDistribution}. */
export const VALID_TASK_DISTRIBUTIONS: ReadonlySet<TaskDistribution> = new Set(Object.values(TaskDistribution));

/** Values of {@link AdaptationStrategy}. */
export const VALID_ADAPTATION_STRATEGIES: ReadonlySet<AdaptationStrategy> = new Set(Object.values(AdaptationStrategy));

const DISTANCES: readonly string[] = ['euclidean', 'cosine'];
/** Methods that train weights step by step; the others compare embeddings. */
const BY_GRADIENT: ReadonlySet<string> = new Set(['maml', 'reptile']);

/** Weights that a few steps adapt (Finn et al. 2017). */
export interface MAMLConfig {
  readonly innerLr: number;
  readonly outerLr: number;
  readonly innerSteps: number;
  /** Whether second derivatives are left out. */
  readonly firstOrder: boolean;
}

/** Defaults and rules of {@link MAMLConfig}. */
export const MAMLConfig: Definition<MAMLConfig> = {
  name: 'MAMLConfig',
  fields: {
    innerLr: { kind: 'float', default: 0.01, positive: true },
    outerLr: { kind: 'float', default: 0.001, positive: true },
    innerSteps: { kind: 'int', default: 5, positive: true },
    firstOrder: { kind: 'bool', default: false },
  },
};

/** Classes by the mean of their embeddings (Snell et al. 2017). */
export interface ProtoNetConfig {
  readonly distanceMetric: string;
  readonly embeddingDim: number;
  readonly normalize: boolean;
}

/** Defaults and rules of {@link ProtoNetConfig}. */
export const ProtoNetConfig: Definition<ProtoNetConfig> = {
  name: 'ProtoNetConfig',
  fields: {
    distanceMetric: { kind: 'string', default: 'euclidean', oneOf: DISTANCES },
    embeddingDim: { kind: 'int', default: 64, positive: true },
    normalize: { kind: 'bool', default: true },
  },
};

/** A task of `nWay` classes with `kShot` samples each. */
export interface EpisodeConfig {
  readonly nWay: number;
  readonly kShot: number;
  /** Samples that are asked about. */
  readonly querySize: number;
}

/** Defaults and rules of {@link EpisodeConfig}. */
export const EpisodeConfig: Definition<EpisodeConfig> = {
  name: 'EpisodeConfig',
  fields: {
    nWay: { kind: 'int', default: 5, positive: true },
    kShot: { kind: 'int', default: 1, positive: true },
    querySize: { kind: 'int', default: 15, positive: true },
  },
};

/** A method, its settings and its episodes. */
export interface MetaLearningConfig {
  readonly method: MetaLearningMethod;
  readonly mamlConfig: MAMLConfig | null;
  readonly protonetConfig: ProtoNetConfig | null;
  readonly episodeConfig: EpisodeConfig;
}

/** Defaults and rules of {@link MetaLearningConfig}. */
export const MetaLearningConfig: Definition<MetaLearningConfig> = {
  name: 'MetaLearningConfig',
  fields: {
    method: { kind: 'enum', of: MetaLearningMethod, default: MetaLearningMethod.MAML },
    mamlConfig: { kind: 'any', default: null, nullable: true },
    protonetConfig: { kind: 'any', default: null, nullable: true },
    episodeConfig: { kind: 'config', of: EpisodeConfig },
  },
  rules: [
    ({ mamlConfig }) => (mamlConfig === null ? null : nestedIssue(MAMLConfig, mamlConfig, 'mamlConfig')),
    ({ protonetConfig }) => (protonetConfig === null ? null : nestedIssue(ProtoNetConfig, protonetConfig, 'protonetConfig')),
  ],
};

/** How well a model adapts. */
export interface MetaLearningStats {
  readonly metaTrainAccuracy: number;
  readonly metaTestAccuracy: number;
  readonly adaptationSteps: number;
  readonly generalizationGap: number;
}

/** Defaults and rules of {@link MetaLearningStats}. */
export const MetaLearningStats: Definition<MetaLearningStats> = {
  name: 'MetaLearningStats',
  fields: {
    metaTrainAccuracy: { kind: 'float', default: 0, min: 0, max: 1 },
    metaTestAccuracy: { kind: 'float', default: 0, min: 0, max: 1 },
    adaptationSteps: { kind: 'float', default: 0, nonNegative: true },
    generalizationGap: { kind: 'float', default: 0 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateMamlConfig(config: MAMLConfig): void {
  validate(MAMLConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateProtonetConfig(config: ProtoNetConfig): void {
  validate(ProtoNetConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEpisodeConfig(config: EpisodeConfig): void {
  validate(EpisodeConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMetaLearningConfig(config: MetaLearningConfig): void {
  validate(MetaLearningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMetaLearningStats(stats: MetaLearningStats): void {
  validate(MetaLearningStats, stats, 'stats');
}

/** Settles a {@link MAMLConfig}. @throws {ValidationError} naming every broken rule */
export function createMamlConfig(options: Partial<MAMLConfig> = {}): MAMLConfig {
  return createFrom(MAMLConfig, options);
}

/** Settles a {@link ProtoNetConfig}. @throws {ValidationError} naming every broken rule */
export function createProtonetConfig(options: Partial<ProtoNetConfig> = {}): ProtoNetConfig {
  return createFrom(ProtoNetConfig, options);
}

/** Settles a {@link EpisodeConfig}. @throws {ValidationError} naming every broken rule */
export function createEpisodeConfig(options: Partial<EpisodeConfig> = {}): EpisodeConfig {
  return createFrom(EpisodeConfig, options);
}

/** Settles a {@link MetaLearningStats}. @throws {ValidationError} naming every broken rule */
export function createMetaLearningStats(options: Partial<MetaLearningStats> = {}): MetaLearningStats {
  return createFrom(MetaLearningStats, options);
}

/** Meta learning methods in ascending order. */
export function listMetaLearningMethods(): MetaLearningMethod[] {
  return valuesOf(MetaLearningMethod);
}

/** Task distributions in ascending order. */
export function listTaskDistributions(): TaskDistribution[] {
  return valuesOf(TaskDistribution);
}

/** Adaptation strategies in ascending order. */
export function listAdaptationStrategies(): AdaptationStrategy[] {
  return valuesOf(AdaptationStrategy);
}

/** @throws {ValidationError} naming the meta learning methods */
export function getMetaLearningMethod(name: string): MetaLearningMethod {
  return parseEnum(MetaLearningMethod, name, 'method');
}

/** @throws {ValidationError} naming the task distributions */
export function getTaskDistribution(name: string): TaskDistribution {
  return parseEnum(TaskDistribution, name, 'taskDistribution');
}

/** @throws {ValidationError} naming the adaptation strategies */
export function getAdaptationStrategy(name: string): AdaptationStrategy {
  return parseEnum(AdaptationStrategy, name, 'adaptationStrategy');
}

/**
 * Settles a method; the settings that it needs and that are not given take their defaults. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.meta_learning.create_meta_learning_config(method=, maml_config=, protonet_config=, episode_config=)`.
 */
export function createMetaLearningConfig({
  method = 'maml',
  mamlConfig = null,
  protonetConfig = null,
  episodeConfig = null,
}: {
  readonly method?: MetaLearningMethod;
  readonly mamlConfig?: MAMLConfig | null;
  readonly protonetConfig?: ProtoNetConfig | null;
  readonly episodeConfig?: EpisodeConfig | null;
} = {}): MetaLearningConfig {
  parseEnum(MetaLearningMethod, method, 'method');
  const byGradient = BY_GRADIENT.has(method);
  return createFrom(MetaLearningConfig, {
    method,
    mamlConfig: mamlConfig ?? (byGradient ? createMamlConfig() : null),
    protonetConfig: protonetConfig ?? (byGradient ? null : createProtonetConfig()),
    episodeConfig: episodeConfig ?? createEpisodeConfig(),
  });
}

/**
 * Means of the embeddings of each class, zeros for a class without any.
 *
 * @param labels in [0, nClasses)
 * @throws {ValidationError} for no embeddings or a label outside the classes
 * @throws {ShapeError} for different counts or lengths
 * @remarks Python: `hf_gtc.training.meta_learning.calculate_prototypes(embeddings, labels, n_classes)`.
 * @example calculatePrototypes([[1, 0], [3, 0], [0, 1]], [0, 0, 1], 2) // => [[2, 0], [0, 1]]
 */
export function calculatePrototypes(embeddings: readonly (readonly number[])[], labels: readonly number[], nClasses: number): readonly (readonly number[])[] {
  const first = nonEmpty(embeddings, 'embeddings')[0]!;
  sameLength({ embeddings, labels: nonEmpty(labels, 'labels') });
  positive(nClasses, 'nClasses');
  for (const [index, label] of labels.entries()) inRange(label, `labels[${index}]`, { min: 0, below: nClasses });
  for (const [index, row] of embeddings.entries()) sameLength({ 'embeddings[0]': first, [`embeddings[${index}]`]: row });
  return Array.from({ length: nClasses }, (_, label) => {
    const rows = embeddings.filter((_row, index) => labels[index] === label);
    return first.map((_value, column) => (rows.length === 0 ? 0 : rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length));
  });
}

/** Squared distance, or 1 minus the cosine, which is 1 beside a zero vector. */
function distance(a: readonly number[], b: readonly number[], metric: string): number {
  if (metric === 'euclidean') return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
  return 1 - cosine(a, b);
}

/**
 * Share of the queries whose nearest prototype is that of their label; of equally near ones the first counts.
 *
 * @param options `distanceMetric`: `euclidean` or `cosine`
 * @throws {ValidationError} for no queries or prototypes, or an unknown metric
 * @throws {ShapeError} for different counts or lengths
 * @remarks Python: `hf_gtc.training.meta_learning.compute_episode_accuracy(query_embeddings, query_labels, prototypes, distance_metric=)`; within 1e-12.
 * @example computeEpisodeAccuracy([[0.9, 0.1]], [0], [[1, 0], [0, 1]]) // => 1
 */
export function computeEpisodeAccuracy(
  queryEmbeddings: readonly (readonly number[])[],
  queryLabels: readonly number[],
  prototypes: readonly (readonly number[])[],
  { distanceMetric = 'euclidean' }: { readonly distanceMetric?: string } = {},
): number {
  nonEmpty(queryEmbeddings, 'queryEmbeddings');
  sameLength({ queryEmbeddings, queryLabels: nonEmpty(queryLabels, 'queryLabels') });
  nonEmpty(prototypes, 'prototypes');
  oneOf(distanceMetric, 'distanceMetric', DISTANCES);
  const right = queryEmbeddings.filter((query, index) => {
    const distances = prototypes.map((prototype, place) => {
      sameLength({ [`queryEmbeddings[${index}]`]: query, [`prototypes[${place}]`]: prototype });
      return distance(query, prototype, distanceMetric);
    });
    return distances.indexOf(distances.reduce((least, value) => Math.min(least, value))) === queryLabels[index];
  });
  return right.length / queryEmbeddings.length;
}

/**
 * Cost of one adaptation by rules of thumb: operations are 6 per step, sample and parameter for MAML, 4 for Reptile, and 2 per sample and parameter for methods that
 * compare; memory is the weights in 32 bits, twice for Reptile, and once more for every step of MAML.
 *
 * @returns `flops`, and `memory_gb` in GiB
 * @throws {ValidationError} for counts that are not positive or an unknown method
 * @remarks Python: `hf_gtc.training.meta_learning.estimate_adaptation_cost(method, inner_steps, n_way, k_shot, model_parameters)`.
 * @example estimateAdaptationCost('protonet', 1, 5, 1, 1000)['flops'] // => 10000
 */
export function estimateAdaptationCost(
  method: MetaLearningMethod,
  innerSteps: number,
  nWay: number,
  kShot: number,
  modelParameters: number,
): { readonly flops: number; readonly memory_gb: number } {
  parseEnum(MetaLearningMethod, method, 'method');
  allPositive({ innerSteps, nWay, kShot, modelParameters });
  const [operations, copies] = { maml: [6 * innerSteps, innerSteps + 1], reptile: [4 * innerSteps, 2] }[method as 'maml' | 'reptile'] ?? [2, 1];
  return { flops: operations! * nWay * kShot * modelParameters, memory_gb: (copies! * 4 * modelParameters) / 1024 ** 3 };
}

/**
 * Means and standard deviations of accuracies in training and after, and the gap between the means.
 *
 * @throws {ValidationError} for no accuracies
 * @remarks Python: `hf_gtc.training.meta_learning.evaluate_generalization(train_accuracies, test_accuracies)`.
 * @example evaluateGeneralization([0.7], [0]) // => { mean_train_accuracy: 0.7, mean_test_accuracy: 0, generalization_gap: 0.7, train_std: 0, test_std: 0 }
 */
export function evaluateGeneralization(trainAccuracies: readonly number[], testAccuracies: readonly number[]): Readonly<Record<string, number>> {
  const [train, trainStd] = moments(nonEmpty(trainAccuracies, 'trainAccuracies'));
  const [test, testStd] = moments(nonEmpty(testAccuracies, 'testAccuracies'));
  return { mean_train_accuracy: train, mean_test_accuracy: test, generalization_gap: train - test, train_std: trainStd, test_std: testStd };
}

function moments(values: readonly number[]): readonly [mean: number, std: number] {
  const center = mean(values);
  return [center, Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length)];
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.meta_learning.format_meta_learning_stats(stats)`; the same text.
 */
export function formatMetaLearningStats(stats: MetaLearningStats): string {
  const { metaTrainAccuracy, metaTestAccuracy, adaptationSteps, generalizationGap } = notNull(stats, 'stats');
  return [
    'Meta-Learning Stats:',
    `  Meta-Train Accuracy: ${formatFixed(metaTrainAccuracy * 100, 1)}%`,
    `  Meta-Test Accuracy: ${formatFixed(metaTestAccuracy * 100, 1)}%`,
    `  Adaptation Steps: ${formatFixed(adaptationSteps, 1)}`,
    `  Generalization Gap: ${formatFixed(generalizationGap * 100, 1)}%`,
  ].join('\n');
}

/**
 * A method that suits a task: prototypes for classes of up to five samples and MAML for more, Reptile for regression, MAML of one large step for reinforcement.
 *
 * @throws {ValidationError} for an unknown task or no samples
 * @remarks Python: `hf_gtc.training.meta_learning.get_recommended_meta_learning_config(task_type, available_samples_per_class)`.
 * @example getRecommendedMetaLearningConfig('classification', 1).method // => 'protonet'
 */
export function getRecommendedMetaLearningConfig(taskType: string, availableSamplesPerClass: number): MetaLearningConfig {
  oneOf(taskType, 'taskType', ['classification', 'regression', 'reinforcement']);
  const samples = positive(availableSamplesPerClass, 'availableSamplesPerClass');
  if (taskType === 'classification')
    return createMetaLearningConfig({
      method: samples <= 5 ? 'protonet' : 'maml',
      episodeConfig: createEpisodeConfig({ kShot: Math.min(5, Math.max(1, Math.floor(samples / 2))) }),
    });
  const regression = taskType === 'regression';
  const shots = Math.min(samples, regression ? 10 : 20);
  return createMetaLearningConfig({
    method: regression ? 'reptile' : 'maml',
    mamlConfig: createMamlConfig(regression ? { innerSteps: 10, firstOrder: true } : { innerLr: 0.1, innerSteps: 1, firstOrder: true }),
    episodeConfig: createEpisodeConfig({ nWay: 1, kShot: shots, querySize: shots }),
  });
}

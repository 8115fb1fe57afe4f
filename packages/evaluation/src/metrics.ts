/** Metrics of classification, regression and text. Mirrors `hf_gtc.evaluation.metrics` and adds the metrics of scikit-learn, sacrebleu, rouge-score and jiwer. */
import { type Definition, fillFrom, finite, inRange, isValueOf, nonEmpty, parseEnum, sameLength, show, ValidationError, validate, valuesOf } from '@gtc/errors';
import { studentTwoSided } from '@gtc/tensor/special';
import { mean, sum } from '@gtc/tensor/statistics';
import { computeClassificationMetrics, type PositiveOptions } from './internal/metrics/originals.js';
import { meanAbsoluteError, meanSquaredError, r2Score } from './internal/metrics/regression.js';

export * from './internal/metrics/agreement.js';
export * from './internal/metrics/bert-score.js';
export { type BleuOptions, type BleuScore, corpusBleu, sentenceBleu, sentenceGleu } from './internal/metrics/bleu.js';
export * from './internal/metrics/chrf.js';
export * from './internal/metrics/cluster-shape.js';
export * from './internal/metrics/clustering.js';
export { type ConfusionOptions, confusionMatrix, multilabelConfusionMatrix, type WeightOptions } from './internal/metrics/confusion.js';
export { type Correlation, kendalltau, pearsonr, somersd, spearmanr, weightedtau } from './internal/metrics/correlation.js';
export {
  auc,
  type CurveOptions,
  type DetCurve,
  detCurve,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
} from './internal/metrics/curves.js';
export {
  d2AbsoluteErrorScore,
  d2PinballScore,
  d2TweedieScore,
  meanPinballLoss,
  meanTweedieDeviance,
  medianAbsoluteError,
  type QuantileOptions,
  type TweedieOptions,
} from './internal/metrics/deviance.js';
export { damerauLevenshtein, jaroSimilarity, jaroWinklerSimilarity, levenshtein, type Sequence } from './internal/metrics/edit-distance.js';
export * from './internal/metrics/entities.js';
export * from './internal/metrics/error-rate.js';
export type { Indicator, Label, Labels } from './internal/metrics/labels.js';
export * from './internal/metrics/meteor.js';
export { type MtTokenizer, tokenizeMt } from './internal/metrics/mt-tokenizers.js';
export * from './internal/metrics/originals.js';
export * from './internal/metrics/porter.js';
export * from './internal/metrics/precision-recall.js';
export * from './internal/metrics/probability.js';
export {
  averagePrecisionScore,
  coverageError,
  labelRankingAveragePrecisionScore,
  labelRankingLoss,
  type RocAucOptions,
  rocAucScore,
  type ScoreMatrix,
  topKAccuracyScore,
} from './internal/metrics/ranking-scores.js';
export {
  type ExplainedOptions,
  explainedVarianceScore,
  type MultiOutput,
  maxError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogError,
  type RegressionOptions,
  r2Score,
  rootMeanSquaredError,
  symmetricMeanAbsolutePercentageError,
  type Targets,
} from './internal/metrics/regression.js';
export * from './internal/metrics/report.js';
export * from './internal/metrics/retrieval.js';
export * from './internal/metrics/rouge.js';
export * from './internal/metrics/squad.js';
export * from './internal/metrics/ter.js';

/** What a metric measures. */
export const MetricType = {
  BLEU: 'bleu',
  ROUGE: 'rouge',
  BERTSCORE: 'bertscore',
  METEOR: 'meteor',
  PERPLEXITY: 'perplexity',
  ACCURACY: 'accuracy',
  F1: 'f1',
  EXACT_MATCH: 'exact_match',
} as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

/** Units that ROUGE compares: words, word pairs, the longest common subsequence, the same line by line. */
export const RougeVariant = { ROUGE1: 'rouge1', ROUGE2: 'rouge2', ROUGEL: 'rougeL', ROUGELSUM: 'rougeLsum' } as const;
export type RougeVariant = (typeof RougeVariant)[keyof typeof RougeVariant];

/** How results combine: by normalised weights, all alike, or as a weighted sum. */
export const AggregationMethod = { MICRO: 'micro', MACRO: 'macro', WEIGHTED: 'weighted' } as const;
export type AggregationMethod = (typeof AggregationMethod)[keyof typeof AggregationMethod];

/** Values of {@link MetricType}. */
export const VALID_METRIC_TYPES: ReadonlySet<MetricType> = new Set(Object.values(MetricType));
/** Values of {@link RougeVariant}. */
export const VALID_ROUGE_VARIANTS: ReadonlySet<RougeVariant> = new Set(Object.values(RougeVariant));
/** Values of {@link AggregationMethod}. */
export const VALID_AGGREGATION_METHODS: ReadonlySet<AggregationMethod> = new Set(Object.values(AggregationMethod));

/** How {@link calculateBleu} counts. */
export interface BLEUConfig {
  /** Longest n-gram. */
  readonly maxNgram: number;
  /** What becomes of a zero count: `add_k`, `floor` or `none`. */
  readonly smoothing: string;
  /** Name of a tokenizer; the original stores it without using it. */
  readonly tokenizer: string;
}

/** Defaults and rules of {@link BLEUConfig}. */
export const BLEUConfig: Definition<BLEUConfig> = {
  name: 'BLEUConfig',
  fields: {
    maxNgram: { kind: 'int', default: 4, positive: true },
    smoothing: { kind: 'string', default: 'add_k', oneOf: ['add_k', 'floor', 'none'] },
    tokenizer: { kind: 'string', default: 'word', nonEmpty: true },
  },
};

/** Which variants {@link calculateRouge} reports. */
export interface ROUGEConfig {
  readonly variants: readonly RougeVariant[];
  /** Kept for callers of `rougeScore`; {@link calculateRouge} does not stem. */
  readonly useStemmer: boolean;
  readonly splitSummaries: boolean;
}

/** Defaults and rules of {@link ROUGEConfig}. */
export const ROUGEConfig: Definition<ROUGEConfig> = {
  name: 'ROUGEConfig',
  fields: {
    variants: { kind: 'array', of: { kind: 'enum', of: RougeVariant }, default: Object.freeze([RougeVariant.ROUGE1, RougeVariant.ROUGE2]), nonEmpty: true },
    useStemmer: { kind: 'bool', default: false },
    splitSummaries: { kind: 'bool', default: true },
  },
};

/** Which encoder a BERTScore uses. */
export interface BERTScoreConfig {
  readonly modelName: string;
  /** Layer whose hidden states are compared; null for the model's best. */
  readonly numLayers: number | null;
  readonly rescaleWithBaseline: boolean;
}

/** Defaults and rules of {@link BERTScoreConfig}. */
export const BERTScoreConfig: Definition<BERTScoreConfig> = {
  name: 'BERTScoreConfig',
  fields: {
    modelName: { kind: 'string', default: 'microsoft/deberta-xlarge-mnli', nonEmpty: true },
    numLayers: { kind: 'int', default: null, nullable: true, positive: true },
    rescaleWithBaseline: { kind: 'bool', default: true },
  },
};

/** A metric with the settings that belong to it. */
export interface MetricConfig {
  readonly metricType: MetricType;
  readonly bleuConfig: BLEUConfig | null;
  readonly rougeConfig: ROUGEConfig | null;
  readonly bertscoreConfig: BERTScoreConfig | null;
}

/** Defaults and rules of {@link MetricConfig}. */
export const MetricConfig: Definition<MetricConfig> = {
  name: 'MetricConfig',
  fields: {
    metricType: { kind: 'enum', of: MetricType },
    bleuConfig: { kind: 'config', of: BLEUConfig, default: null, nullable: true },
    rougeConfig: { kind: 'config', of: ROUGEConfig, default: null, nullable: true },
    bertscoreConfig: { kind: 'config', of: BERTScoreConfig, default: null, nullable: true },
  },
};

/** A score with its parts, as far as the metric has them. */
export interface MetricResult {
  readonly score: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Lower and upper bound. */
  readonly confidence: readonly number[] | null;
}

/** Defaults and rules of {@link MetricResult}. */
export const MetricResult: Definition<MetricResult> = {
  name: 'MetricResult',
  fields: {
    score: { kind: 'float' },
    precision: { kind: 'float', default: null, nullable: true },
    recall: { kind: 'float', default: null, nullable: true },
    f1: { kind: 'float', default: null, nullable: true },
    confidence: { kind: 'array', of: { kind: 'float' }, default: null, nullable: true, length: 2 },
  },
  rules: [value => (Number.isNaN(value.score) ? 'score cannot be NaN' : null)],
};

/** Accuracy over all classes; precision, recall and F1 of the positive one. */
export interface ClassificationMetrics {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Scores of one class. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Samples of the class. */
  readonly support: number;
}

/** Errors of numeric predictions. */
export interface RegressionMetrics {
  /** Mean squared error. */
  readonly mse: number;
  /** Its root. */
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** Coefficient of determination. */
  readonly r2: number;
}

/** Fills defaults; like the original it checks nothing, which {@link validateBleuConfig} does. */
export function createBleuConfig(options: Partial<BLEUConfig> = {}): BLEUConfig {
  return fillFrom(BLEUConfig, options);
}

/** Fills defaults; like the original it checks nothing, which {@link validateRougeConfig} does. `variants: null` is the default. */
export function createRougeConfig({ variants, ...options }: { readonly [K in keyof ROUGEConfig]?: ROUGEConfig[K] | null } = {}): ROUGEConfig {
  return fillFrom(ROUGEConfig, { ...options, variants: variants ?? undefined } as Partial<ROUGEConfig>);
}

/** Fills defaults; like the original it checks nothing, which {@link validateBertscoreConfig} does. */
export function createBertscoreConfig(options: Partial<BERTScoreConfig> = {}): BERTScoreConfig {
  return fillFrom(BERTScoreConfig, options);
}

/** A metric with default settings of its own kind where none are given. */
export function createMetricConfig(metricType: MetricType, options: Partial<Omit<MetricConfig, 'metricType'>> = {}): MetricConfig {
  const { bleuConfig = null, rougeConfig = null, bertscoreConfig = null } = options;
  return fillFrom(MetricConfig, {
    metricType,
    bleuConfig: bleuConfig ?? (metricType === 'bleu' ? createBleuConfig() : null),
    rougeConfig: rougeConfig ?? (metricType === 'rouge' ? createRougeConfig() : null),
    bertscoreConfig: bertscoreConfig ?? (metricType === 'bertscore' ? createBertscoreConfig() : null),
  });
}

/** @throws {ValidationError} naming every broken rule */
export function validateBleuConfig(config: BLEUConfig): void {
  validate(BLEUConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRougeConfig(config: ROUGEConfig): void {
  validate(ROUGEConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBertscoreConfig(config: BERTScoreConfig): void {
  validate(BERTScoreConfig, config);
}

/** @throws {ValidationError} naming every broken rule, those of nested configs included */
export function validateMetricConfig(config: MetricConfig): void {
  validate(MetricConfig, config);
}

/** @throws {ValidationError} when the score is NaN */
export function validateMetricResult(result: MetricResult): void {
  validate(MetricResult, result, 'result');
}

/** Metric types in ascending order. */
export function listMetricTypes(): MetricType[] {
  return valuesOf(MetricType);
}

/** Whether the text is a metric type. */
export function validateMetricType(metricType: string): boolean {
  return isValueOf(MetricType, metricType);
}

/** @throws {ValidationError} naming the metric types */
export function getMetricType(name: string): MetricType {
  return parseEnum(MetricType, name, 'metricType');
}

/** ROUGE variants in ascending order. */
export function listRougeVariants(): RougeVariant[] {
  return valuesOf(RougeVariant);
}

/** Whether the text is a ROUGE variant. */
export function validateRougeVariant(variant: string): boolean {
  return isValueOf(RougeVariant, variant);
}

/** @throws {ValidationError} naming the variants */
export function getRougeVariant(name: string): RougeVariant {
  return parseEnum(RougeVariant, name, 'rougeVariant');
}

/** Aggregation methods in ascending order. */
export function listAggregationMethods(): AggregationMethod[] {
  return valuesOf(AggregationMethod);
}

/** Whether the text is an aggregation method. */
export function validateAggregationMethod(method: string): boolean {
  return isValueOf(AggregationMethod, method);
}

/** @throws {ValidationError} naming the methods */
export function getAggregationMethod(name: string): AggregationMethod {
  return parseEnum(AggregationMethod, name, 'aggregationMethod');
}

const SUMMARY_ROUGE: Partial<ROUGEConfig> = { variants: [RougeVariant.ROUGE1, RougeVariant.ROUGE2, RougeVariant.ROUGEL], useStemmer: true };

/** Metric of each task; any other task gets BLEU. */
const TASK_METRICS: Readonly<Record<string, MetricType>> = {
  translation: MetricType.BLEU,
  summarization: MetricType.ROUGE,
  abstractive: MetricType.ROUGE,
  extractive: MetricType.ROUGE,
  similarity: MetricType.BERTSCORE,
  paraphrase: MetricType.BERTSCORE,
  generation: MetricType.PERPLEXITY,
  lm: MetricType.PERPLEXITY,
  language_modeling: MetricType.PERPLEXITY,
  classification: MetricType.ACCURACY,
  qa: MetricType.EXACT_MATCH,
  question_answering: MetricType.EXACT_MATCH,
};

/**
 * The metric that suits a task, with its settings.
 *
 * @throws {ValidationError} for an empty task
 * @remarks Python: `hf_gtc.evaluation.metrics.get_recommended_metric_config`; equal.
 * @example getRecommendedMetricConfig('translation').metricType // => 'bleu'
 */
export function getRecommendedMetricConfig(task: string): MetricConfig {
  if (!task) throw new ValidationError('task cannot be empty', { parameter: 'task', received: task, expected: 'not empty' });
  const metricType = Object.hasOwn(TASK_METRICS, task) ? TASK_METRICS[task]! : MetricType.BLEU;
  return createMetricConfig(metricType, metricType === MetricType.ROUGE ? { rougeConfig: createRougeConfig(SUMMARY_ROUGE) } : {});
}

/**
 * Mean squared error with its root, mean absolute error and R² together.
 *
 * @remarks Python: the four calls of `sklearn.metrics`; within 1e-12. Rust: `RegressionMetrics::compute(y_true, y_pred)`.
 * @example computeRegressionMetrics([1, 2, 3], [1, 2, 5]).mae // => 2 / 3
 */
export function computeRegressionMetrics(yTrue: ArrayLike<number>, yPred: ArrayLike<number>): RegressionMetrics {
  const mse = meanSquaredError(yTrue, yPred);
  return Object.freeze({ mse, rmse: Math.sqrt(mse), mae: meanAbsoluteError(yTrue, yPred), r2: r2Score(yTrue, yPred) });
}

/**
 * Mean of losses.
 *
 * @throws {ValidationError} for an empty list
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_mean_loss`; within 1e-9.
 * @example computeMeanLoss([1, 2, 3]) // => 2
 */
export function computeMeanLoss(losses: readonly number[]): number {
  return nonEmpty(losses, 'losses').reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** What a trainer hands to a metrics function: one row of class scores (or one predicted class) and one label for each sample. */
export interface EvalPrediction {
  readonly predictions: readonly (number | ArrayLike<number>)[];
  readonly labelIds: readonly number[];
}

function predictedClass(scores: number | ArrayLike<number>): number {
  if (typeof scores === 'number') return scores;
  if (scores.length === 0)
    throw new ValidationError(`predictions must have a score for each class, got ${show(scores)}`, { parameter: 'predictions', received: scores });
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c;
  return best;
}

/**
 * A function for a trainer's `computeMetrics`: takes the highest score of each row, then {@link computeClassificationMetrics}.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.create_compute_metrics_fn(positive_label)`.
 * @example createComputeMetricsFn()({ predictions: [[0.1, 0.9], [0.8, 0.2]], labelIds: [1, 0] }).accuracy // => 1
 */
export function createComputeMetricsFn(options: PositiveOptions = {}): (prediction: EvalPrediction) => ClassificationMetrics {
  return ({ predictions, labelIds }) => {
    sameLength({ predictions, labelIds });
    return computeClassificationMetrics(predictions.map(predictedClass), labelIds, options);
  };
}

/**
 * Named values in the order in which they were added.
 *
 * @remarks Rust: `Metrics` of the batuta ground-truth corpus.
 * @example new Metrics().add('f1', 0.5).get('f1') // => 0.5
 */
export class Metrics {
  readonly #values: Map<string, number> = new Map();

  /** Adds or replaces a value. */
  add(name: string, value: number): this {
    this.#values.set(name, value);
    return this;
  }

  /** The value, or null when it was never added. */
  get(name: string): number | null {
    return this.#values.get(name) ?? null;
  }

  /** Names in the order in which they were added. */
  names(): string[] {
    return [...this.#values.keys()];
  }

  isEmpty(): boolean {
    return this.#values.size === 0;
  }

  /** Number of values. */
  len(): number {
    return this.#values.size;
  }
}

/**
 * Interval that holds the mean of values with some confidence, by Student's t: mean ± t · s / √n; the value itself where there is one.
 *
 * @param options `confidence` above 0, below 1
 * @throws {ValidationError} for no values, one that is not finite, or another confidence
 * @remarks Python: `scipy.stats.t.interval(confidence, n - 1, mean, scipy.stats.sem(values))`; within 1e-9.
 * @example calculateConfidenceInterval([0.5]) // => [0.5, 0.5]
 */
export function calculateConfidenceInterval(
  values: readonly number[],
  { confidence = 0.95 }: { readonly confidence?: number } = {},
): [lower: number, upper: number] {
  for (const [i, value] of nonEmpty(values, 'values').entries()) finite(value, `values[${i}]`);
  inRange(confidence, 'confidence', { above: 0, below: 1 });
  const n = values.length;
  const centre = mean(values);
  if (n === 1) return [centre, centre];
  const error = Math.sqrt(sum(values.map(value => (value - centre) ** 2)) / (n - 1) / n);
  const margin = studentQuantile(confidence, n - 1) * error;
  return [centre - margin, centre + margin];
}

/** The t that Student's law with some degrees of freedom exceeds in size with the probability `1 − confidence`, by bisection. */
function studentQuantile(confidence: number, df: number): number {
  const isBelow = (t: number): boolean => studentTwoSided(t, df) > 1 - confidence;
  let [low, high] = [0, 1];
  while (isBelow(high)) [low, high] = [high, high * 2];
  for (let middle = (low + high) / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return high;
}

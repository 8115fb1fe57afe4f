/** Metrics by name, as the `evaluate` library has them. Mirrors `hf_gtc.evaluation.evaluate`. */
import { createFrom, type Definition, nonEmpty, notNull, oneOf, sameLength, ValidationError, validate } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

/** What a metric is for. */
export const MetricType = {
  CLASSIFICATION: 'classification',
  REGRESSION: 'regression',
  GENERATION: 'generation',
  SIMILARITY: 'similarity',
  CUSTOM: 'custom',
} as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

/** Ways to make one number of several. */
export type AggregationMethod = 'mean' | 'weighted' | 'min' | 'max';

/** Values of {@link MetricType}. */
export const VALID_METRIC_TYPES: ReadonlySet<MetricType> = new Set(Object.values(MetricType));

/** Metrics of classes. */
export const CLASSIFICATION_METRICS: ReadonlySet<string> = new Set(['accuracy', 'f1', 'matthews_correlation', 'precision', 'recall', 'roc_auc']);

/** Metrics of numbers. */
export const REGRESSION_METRICS: ReadonlySet<string> = new Set(['mae', 'mape', 'mse', 'r_squared', 'rmse', 'smape']);

/** Metrics of texts. */
export const GENERATION_METRICS: ReadonlySet<string> = new Set(['bertscore', 'bleu', 'chrf', 'meteor', 'rouge', 'sacrebleu']);

/** Values of {@link AggregationMethod}. */
export const VALID_AGGREGATION_METHODS: ReadonlySet<AggregationMethod> = new Set<AggregationMethod>(['max', 'mean', 'min', 'weighted']);

/** A metric. */
export interface MetricConfig {
  readonly metricName: string;
  readonly metricType: MetricType;
  readonly average: string | null;
  readonly numLabels: number | null;
  /** Further options, by name. */
  readonly kwargs: Readonly<Record<string, unknown>> | null;
}

/** Defaults and rules of {@link MetricConfig}. */
export const MetricConfig: Definition<MetricConfig> = {
  name: 'MetricConfig',
  fields: {
    metricName: { kind: 'string', nonEmpty: true },
    metricType: { kind: 'enum', of: MetricType, default: MetricType.CLASSIFICATION },
    average: { kind: 'string', default: null, nullable: true, oneOf: ['binary', 'macro', 'micro', 'samples', 'weighted'] },
    numLabels: { kind: 'int', default: null, nullable: true, positive: true },
    kwargs: { kind: 'any', default: null, nullable: true },
  },
};

/** What a metric gave. */
export interface MetricResult {
  readonly metricName: string;
  readonly value: number;
  readonly details: Readonly<Record<string, unknown>> | null;
}

/** Several metrics as one. */
export interface CombinedMetricConfig {
  readonly metrics: readonly MetricConfig[];
  readonly aggregation: AggregationMethod;
  readonly weights: readonly number[] | null;
}

/** Defaults and rules of {@link CombinedMetricConfig}. */
export const CombinedMetricConfig: Definition<CombinedMetricConfig> = {
  name: 'CombinedMetricConfig',
  fields: {
    metrics: { kind: 'array', of: { kind: 'any' }, nonEmpty: true },
    aggregation: { kind: 'string', default: 'mean', oneOf: VALID_AGGREGATION_METHODS },
    weights: { kind: 'array', of: { kind: 'float', nonNegative: true }, default: null, nullable: true },
  },
  rules: [
    ({ metrics, weights }) =>
      weights === null || weights.length === metrics.length
        ? null
        : `weights and metrics must have the same length, got ${weights.length} and ${metrics.length}`,
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateMetricConfig(config: MetricConfig): void {
  validate(MetricConfig, config);
}

/** Settles a {@link CombinedMetricConfig}. @throws {ValidationError} naming every broken rule */
export function createCombinedConfig(metrics: readonly MetricConfig[], options: Partial<Omit<CombinedMetricConfig, 'metrics'>> = {}): CombinedMetricConfig {
  return createFrom(CombinedMetricConfig, { metrics, ...options });
}

/** Classification metrics in ascending order. */
export function listClassificationMetrics(): string[] {
  return [...CLASSIFICATION_METRICS].sort();
}

/** Regression metrics in ascending order. */
export function listRegressionMetrics(): string[] {
  return [...REGRESSION_METRICS].sort();
}

/** Generation metrics in ascending order. */
export function listGenerationMetrics(): string[] {
  return [...GENERATION_METRICS].sort();
}

/**
 * Settles a metric; options that no metric has in common are kept as `kwargs`. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.evaluation.evaluate.create_metric_config(metric_name, metric_type=, average=, num_labels=, kwargs=)`.
 */
export function createMetricConfig(
  metricName: string,
  {
    metricType = 'classification',
    average = null,
    numLabels = null,
    ...kwargs
  }: { readonly metricType?: MetricType; readonly average?: string | null; readonly numLabels?: number | null; readonly [option: string]: unknown } = {},
): MetricConfig {
  return createFrom(MetricConfig, { metricName, metricType, average, numLabels, kwargs: Object.keys(kwargs).length > 0 ? kwargs : null });
}

/**
 * What a metric is for; `custom` for names that are not known.
 *
 * @remarks Python: `hf_gtc.evaluation.evaluate.get_metric_type(metric_name)`.
 * @example getMetricType('rouge') // => 'generation'
 */
export function getMetricType(metricName: string): MetricType {
  if (CLASSIFICATION_METRICS.has(metricName)) return 'classification';
  if (REGRESSION_METRICS.has(metricName)) return 'regression';
  return GENERATION_METRICS.has(metricName) ? 'generation' : 'custom';
}

/**
 * One value of several.
 *
 * @param options `weights`, one for each result, for `weighted`
 * @throws {ValidationError} for no results, an unknown method, no weights where they are needed or weights that add up to nothing
 * @throws {ShapeError} for another count of weights
 * @remarks Python: `hf_gtc.evaluation.evaluate.aggregate_results(results, method=, weights=)`; within 1e-12.
 * @example aggregateResults([{ metricName: 'f1', value: 0.8, details: null }, { metricName: 'em', value: 0.4, details: null }], { method: 'min' }) // => 0.4
 */
export function aggregateResults(
  results: readonly MetricResult[],
  { method = 'mean', weights = null }: { readonly method?: AggregationMethod; readonly weights?: readonly number[] | null } = {},
): number {
  const values = nonEmpty(results, 'results').map(result => result.value);
  oneOf(method, 'method', VALID_AGGREGATION_METHODS);
  if (method === 'min') return values.reduce((least, value) => Math.min(least, value));
  if (method === 'max') return values.reduce((most, value) => Math.max(most, value));
  if (method === 'mean') return mean(values);
  sameLength({ weights: notNull(weights, 'weights'), results });
  const total = sum(weights!);
  if (total === 0) throw new ValidationError('total of weights must not be 0', { parameter: 'weights', received: weights });
  return values.reduce((sum, value, index) => sum + value * weights![index]!, 0) / total;
}

function paired(predictions: readonly number[], references: readonly number[]): number {
  nonEmpty(predictions, 'predictions');
  return sameLength({ predictions, references });
}

/** Pairs in which the prediction, the reference, or both are the positive label. */
function positives(predictions: readonly number[], references: readonly number[], label: number): readonly [predicted: number, actual: number, both: number] {
  paired(predictions, references);
  const predicted = predictions.filter(value => value === label).length;
  const actual = references.filter(value => value === label).length;
  return [predicted, actual, predictions.filter((value, index) => value === label && references[index] === label).length];
}

/**
 * Share of predictions that are right.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_accuracy(predictions, references)`; within 1e-12.
 * @example computeAccuracy([1, 1], [1, 0]) // => 0.5
 */
export function computeAccuracy(predictions: readonly number[], references: readonly number[]): number {
  const count = paired(predictions, references);
  return predictions.filter((value, index) => value === references[index]).length / count;
}

/** Settings of {@link computePrecision}, {@link computeRecall} and {@link computeF1}. */
export interface LabelOptions {
  readonly positiveLabel?: number;
}

/**
 * Share of the positive predictions that are right, 0 without any.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_precision(predictions, references, positive_label=)`; within 1e-12.
 * @example computePrecision([1, 0, 1], [1, -1, 1]) // => 1
 */
export function computePrecision(predictions: readonly number[], references: readonly number[], { positiveLabel = 1 }: LabelOptions = {}): number {
  const [predicted, , both] = positives(predictions, references, positiveLabel);
  return predicted === 0 ? 0 : both / predicted;
}

/**
 * Share of the positive references that are found, 0 without any.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_recall(predictions, references, positive_label=)`; within 1e-12.
 * @example computeRecall([1, 1, 1], [1, 1, 1]) // => 1
 */
export function computeRecall(predictions: readonly number[], references: readonly number[], { positiveLabel = 1 }: LabelOptions = {}): number {
  const [, actual, both] = positives(predictions, references, positiveLabel);
  return actual === 0 ? 0 : both / actual;
}

/**
 * Harmonic mean of precision and recall, 0 where both are.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_f1(predictions, references, positive_label=)`; within 1e-12.
 * @example computeF1([1, 0, 1, 0], [1, 0, 1, 0]) // => 1
 */
export function computeF1(predictions: readonly number[], references: readonly number[], options: LabelOptions = {}): number {
  const [precision, recall] = [computePrecision(predictions, references, options), computeRecall(predictions, references, options)];
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/**
 * Mean squared error.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_mse(predictions, references)`; within 1e-12.
 * @example computeMse([1, 2, 3], [2, 3, 4]) // => 1
 */
export function computeMse(predictions: readonly number[], references: readonly number[]): number {
  const count = paired(predictions, references);
  return predictions.reduce((sum, value, index) => sum + (value - references[index]!) ** 2, 0) / count;
}

/**
 * Mean absolute error.
 *
 * @throws {ValidationError} for no predictions
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.evaluate.compute_mae(predictions, references)`; within 1e-12.
 * @example computeMae([3, 0], [1, 2]) // => 2
 */
export function computeMae(predictions: readonly number[], references: readonly number[]): number {
  const count = paired(predictions, references);
  return predictions.reduce((sum, value, index) => sum + Math.abs(value - references[index]!), 0) / count;
}

const RECOMMENDED: Readonly<Record<string, readonly string[]>> = {
  classification: ['accuracy', 'f1', 'precision', 'recall'],
  regression: ['mse', 'mae', 'r_squared'],
  generation: ['bleu', 'rouge', 'bertscore'],
  qa: ['exact_match', 'f1'],
};

/**
 * Metrics that suit a task.
 *
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.evaluation.evaluate.get_recommended_metrics(task)`.
 * @example getRecommendedMetrics('regression') // => ['mse', 'mae', 'r_squared']
 */
export function getRecommendedMetrics(task: string): readonly string[] {
  return RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!;
}

/** Metrics, statistical tests, calibration, fairness and benchmark harnesses. */
export * from './benchmarks.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { aggregateResults, calculateConfidenceInterval } from './benchmarks.js';
export * from './bias.js';
export * from './calibration.js';
export * from './comparison.js';
export { compareModels as compareModelsStatistical } from './comparison.js';
export * from './cross-validation.js';
export * from './editing.js';
export * from './evaluate.js';
export * from './harness.js';
export {
  AggregationMethod as HarnessAggregationMethod,
  aggregateResults as aggregateHarnessResults,
  getAggregationMethod as getHarnessAggregationMethod,
  listAggregationMethods as listHarnessAggregationMethods,
  VALID_AGGREGATION_METHODS as VALID_HARNESS_AGGREGATION_METHODS,
  validateAggregationMethod as validateHarnessAggregationMethod,
} from './harness.js';
export * from './interpretability.js';
export { AggregationMethod, getAggregationMethod, listAggregationMethods, validateAggregationMethod } from './interpretability.js';
export * from './leaderboards.js';
export { compareModels } from './leaderboards.js';
export * from './metrics.js';
export {
  AggregationMethod as MetricAggregationMethod,
  computeAccuracy,
  computeF1,
  computePrecision,
  computeRecall,
  createMetricConfig,
  getAggregationMethod as getMetricAggregationMethod,
  getMetricType,
  listAggregationMethods as listMetricAggregationMethods,
  MetricConfig,
  MetricResult,
  MetricType,
  VALID_AGGREGATION_METHODS,
  VALID_METRIC_TYPES,
  validateAggregationMethod as validateMetricAggregationMethod,
  validateMetricConfig,
} from './metrics.js';
export * from './plots.js';
export * from './profiling.js';
export * from './reports.js';
export * from './robustness.js';
export * from './streaming.js';

/** Metrics, statistical tests, calibration, fairness and benchmark harnesses. */
export * from './bias.js';
export * from './calibration.js';
export * from './metrics.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export {
  AggregationMethod as MetricAggregationMethod,
  getAggregationMethod as getMetricAggregationMethod,
  listAggregationMethods as listMetricAggregationMethods,
  validateAggregationMethod as validateMetricAggregationMethod,
} from './metrics.js';
export * from './profiling.js';

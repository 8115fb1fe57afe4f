/** Model and dataset hub: cards, search, files, spaces and experiment tracking. */
export * from './cards.js';
export * from './collections.js';
export * from './datasets.js';
export * from './experiments.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { createMetricConfig, MetricConfig, validateMetricConfig } from './experiments.js';
export * from './model-cards.js';
export * from './registry.js';
export { compareVersions } from './registry.js';
export * from './search.js';
export * from './spaces.js';
export * from './telemetry.js';
export {
  createMetricConfig as createTelemetryMetricConfig,
  MetricConfig as TelemetryMetricConfig,
  validateMetricConfig as validateTelemetryMetricConfig,
} from './telemetry.js';
export * from './versioning.js';
export { compareVersions as compareVersionInfo } from './versioning.js';

/** Experiments: runs with their settings, metrics and artifacts, and the best of them. Mirrors `hf_gtc.hub.experiments`. */
import { createFrom, type Definition, formatFloat, nonEmpty, nonNegative, notNull, oneOf, parseEnum, pythonRepr, validate, valuesOf } from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

type Row = readonly [name: string, aggregation: MetricAggregation, higherIsBetter: boolean, logFrequency: number];

const RECOMMENDED: Readonly<Record<string, readonly Row[]>> = {
  classification: [
    ['accuracy', 'best', true, 100],
    ['f1', 'best', true, 100],
  ],
  generation: [
    ['perplexity', 'min', false, 100],
    ['bleu', 'best', true, 500],
  ],
  regression: [
    ['mse', 'min', false, 100],
    ['r2', 'best', true, 100],
  ],
};

/** Where a run stands. */
export const ExperimentStatus = { PENDING: 'pending', RUNNING: 'running', COMPLETED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled' } as const;
export type ExperimentStatus = (typeof ExperimentStatus)[keyof typeof ExperimentStatus];

/** Kinds of files of a run. */
export const ArtifactType = { MODEL: 'model', CHECKPOINT: 'checkpoint', CONFIG: 'config', METRICS: 'metrics', LOGS: 'logs' } as const;
export type ArtifactType = (typeof ArtifactType)[keyof typeof ArtifactType];

/** How the values of a metric become one. */
export const MetricAggregation = { LAST: 'last', BEST: 'best', MEAN: 'mean', MIN: 'min', MAX: 'max' } as const;
export type MetricAggregation = (typeof MetricAggregation)[keyof typeof MetricAggregation];

/** Values of {@link ExperimentStatus}. */
export const VALID_STATUSES: ReadonlySet<ExperimentStatus> = new Set(Object.values(ExperimentStatus));

/** Values of {@link ArtifactType}. */
export const VALID_ARTIFACT_TYPES: ReadonlySet<ArtifactType> = new Set(Object.values(ArtifactType));

/** Values of {@link MetricAggregation}. */
export const VALID_AGGREGATIONS: ReadonlySet<MetricAggregation> = new Set(Object.values(MetricAggregation));

/** What a run tries. */
export interface ExperimentConfig {
  readonly name: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly parentRunId: string | null;
}

/** Defaults and rules of {@link ExperimentConfig}. */
export const ExperimentConfig: Definition<ExperimentConfig> = {
  name: 'ExperimentConfig',
  fields: {
    name: { kind: 'string', nonEmpty: true, maxLength: 128 },
    description: { kind: 'string', default: '', maxLength: 1024 },
    tags: { kind: 'array', of: { kind: 'string', nonEmpty: true, maxLength: 64 }, default: [] },
    hyperparameters: { kind: 'record', of: { kind: 'any' }, default: {} },
    parentRunId: { kind: 'string', default: null, nullable: true },
  },
};

/** A metric that is tracked. */
export interface MetricConfig {
  readonly name: string;
  readonly aggregation: MetricAggregation;
  readonly higherIsBetter: boolean;
  /** Steps between two values; 0 logs every one. */
  readonly logFrequency: number;
}

/** Defaults and rules of {@link MetricConfig}. */
export const MetricConfig: Definition<MetricConfig> = {
  name: 'MetricConfig',
  fields: {
    name: { kind: 'string', nonEmpty: true, maxLength: 64 },
    aggregation: { kind: 'enum', of: MetricAggregation, default: 'last' },
    higherIsBetter: { kind: 'bool', default: true },
    logFrequency: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** A file of a run. */
export interface ArtifactConfig {
  readonly artifactType: ArtifactType;
  readonly path: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly versioned: boolean;
}

/** Defaults and rules of {@link ArtifactConfig}. */
export const ArtifactConfig: Definition<ArtifactConfig> = {
  name: 'ArtifactConfig',
  fields: {
    artifactType: { kind: 'enum', of: ArtifactType },
    path: { kind: 'string', nonEmpty: true, maxLength: 512 },
    metadata: { kind: 'record', of: { kind: 'any' }, default: {} },
    versioned: { kind: 'bool', default: true },
  },
};

/** A run; logging gives a new one. */
export interface ExperimentRun {
  readonly runId: string;
  readonly config: ExperimentConfig;
  readonly status: ExperimentStatus;
  /** Step and value pairs by metric, in the order of logging. */
  readonly metrics: Readonly<Record<string, readonly (readonly [step: number, value: number])[]>>;
  readonly artifacts: readonly ArtifactConfig[];
  readonly startTime: Date;
  readonly endTime: Date | null;
}

/** Defaults and rules of {@link ExperimentRun}. */
export const ExperimentRun: Definition<ExperimentRun> = {
  name: 'ExperimentRun',
  fields: {
    runId: { kind: 'string', nonEmpty: true },
    config: { kind: 'config', of: ExperimentConfig },
    status: { kind: 'enum', of: ExperimentStatus },
    metrics: { kind: 'any', default: {} },
    artifacts: { kind: 'any', default: [] },
    startTime: { kind: 'any' },
    endTime: { kind: 'any', default: null, nullable: true },
  },
  rules: [({ startTime, endTime }) => (endTime !== null && endTime < startTime ? 'endTime cannot be before startTime' : null)],
};

/** A summary of runs. */
export interface ExperimentStats {
  readonly totalRuns: number;
  readonly completedRuns: number;
  readonly failedRuns: number;
  /** Of runs that ended; null without one. */
  readonly avgDurationSeconds: number | null;
  /** Least, greatest and mean of the last values. */
  readonly metricStats: Readonly<Record<string, readonly [least: number, greatest: number, mean: number]>>;
}

/** Defaults and rules of {@link ExperimentStats}. */
export const ExperimentStats: Definition<ExperimentStats> = {
  name: 'ExperimentStats',
  fields: {
    totalRuns: { kind: 'int' },
    completedRuns: { kind: 'int' },
    failedRuns: { kind: 'int' },
    avgDurationSeconds: { kind: 'float', nullable: true },
    metricStats: { kind: 'any', default: {} },
  },
};

/** What is tracked. */
export interface TrackingConfig {
  readonly metrics: readonly MetricConfig[];
  readonly artifacts: readonly string[];
  readonly logSystemMetrics: boolean;
  /** Epochs between two checkpoints. */
  readonly checkpointFrequency: number;
}

/** Defaults and rules of {@link TrackingConfig}. */
export const TrackingConfig: Definition<TrackingConfig> = {
  name: 'TrackingConfig',
  fields: {
    metrics: { kind: 'array', of: { kind: 'config', of: MetricConfig } },
    artifacts: { kind: 'array', of: { kind: 'string' } },
    logSystemMetrics: { kind: 'bool' },
    checkpointFrequency: { kind: 'int' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateExperimentConfig(config: ExperimentConfig): void {
  validate(ExperimentConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMetricConfig(config: MetricConfig): void {
  validate(MetricConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateArtifactConfig(config: ArtifactConfig): void {
  validate(ArtifactConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateExperimentRun(run: ExperimentRun): void {
  validate(ExperimentRun, run, 'run');
}

/** Settles a {@link MetricConfig}. @throws {ValidationError} naming every broken rule */
export function createMetricConfig(name: MetricConfig['name'], options: Partial<Omit<MetricConfig, 'name'>> = {}): MetricConfig {
  return createFrom(MetricConfig, { ...options, name });
}

/** Statuses in ascending order. */
export function listStatuses(): ExperimentStatus[] {
  return valuesOf(ExperimentStatus);
}

/** Artifact types in ascending order. */
export function listArtifactTypes(): ArtifactType[] {
  return valuesOf(ArtifactType);
}

/** Aggregations in ascending order. */
export function listAggregations(): MetricAggregation[] {
  return valuesOf(MetricAggregation);
}

/** @throws {ValidationError} naming the values of {@link ExperimentStatus} */
export function getStatus(name: string): ExperimentStatus {
  return parseEnum(ExperimentStatus, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ArtifactType} */
export function getArtifactType(name: string): ArtifactType {
  return parseEnum(ArtifactType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link MetricAggregation} */
export function getAggregation(name: string): MetricAggregation {
  return parseEnum(MetricAggregation, name, 'name');
}

/**
 * Settles an {@link ExperimentConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.experiments.create_experiment_config(name, description=, tags=, hyperparameters=, parent_run_id=)`.
 */
export function createExperimentConfig(
  name: string,
  options: { readonly [K in keyof Omit<ExperimentConfig, 'name'>]?: ExperimentConfig[K] | null } = {},
): ExperimentConfig {
  return createFrom(ExperimentConfig, { ...options, name, tags: options.tags ?? [], hyperparameters: options.hyperparameters ?? {} } as ExperimentConfig);
}

/**
 * Settles an {@link ArtifactConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.experiments.create_artifact_config(artifact_type, path, metadata=, versioned=)`.
 */
export function createArtifactConfig(
  artifactType: ArtifactType,
  path: string,
  { metadata = null, versioned = true }: { readonly metadata?: Readonly<Record<string, unknown>> | null; readonly versioned?: boolean } = {},
): ArtifactConfig {
  return createFrom(ArtifactConfig, { artifactType, path, metadata: metadata ?? {}, versioned });
}

/**
 * Starts a run now, with a random id unless one is given. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.experiments.create_experiment_run(config, run_id=)`.
 */
export function createExperimentRun(config: ExperimentConfig, { runId = null }: { readonly runId?: string | null } = {}): ExperimentRun {
  validate(ExperimentConfig, config);
  return createFrom(ExperimentRun, {
    runId: runId ?? crypto.randomUUID(),
    config,
    status: 'pending',
    metrics: {},
    artifacts: [],
    startTime: new Date(),
    endTime: null,
  });
}

/**
 * A run with one more value of a metric.
 *
 * @throws {ValidationError} unless step is non-negative, metricName is not empty
 * @remarks Python: `hf_gtc.hub.experiments.log_metric(run, metric_name, value, step=)`.
 */
export function logMetric(run: ExperimentRun, metricName: string, value: number, { step = 0 }: { readonly step?: number } = {}): ExperimentRun {
  notNull(run, 'run');
  nonEmpty(metricName, 'metricName');
  nonNegative(step, 'step');
  const before = Object.hasOwn(run.metrics, metricName) ? run.metrics[metricName]! : [];
  return Object.freeze({ ...run, metrics: { ...run.metrics, [metricName]: [...before, [step, value] as const] } });
}

/**
 * A run with one more file.
 *
 * @throws {ValidationError} unless path is not empty
 * @remarks Python: `hf_gtc.hub.experiments.log_artifact(run, artifact_config)`.
 */
export function logArtifact(run: ExperimentRun, artifactConfig: ArtifactConfig): ExperimentRun {
  notNull(run, 'run');
  validate(ArtifactConfig, artifactConfig, 'artifactConfig');
  return Object.freeze({ ...run, artifacts: [...run.artifacts, artifactConfig] });
}

type Points = readonly (readonly [step: number, value: number])[];

/** The value at the greatest step; of several the one logged last. */
const lastOf = (points: Points): number => points.reduce((a, b) => (b[0] >= a[0] ? b : a))[1];

/** Points of a metric of a run, empty where it has none. */
const pointsOf = (run: ExperimentRun, name: string): Points => (Object.hasOwn(run.metrics, name) ? run.metrics[name]! : []);

function aggregate(points: Points, aggregation: MetricAggregation, higherIsBetter: boolean): number {
  const values = points.map(([, value]) => value);
  if (aggregation === 'last') return lastOf(points);
  if (aggregation === 'mean') return mean(values);
  return aggregation === 'max' || (aggregation === 'best' && higherIsBetter) ? Math.max(...values) : Math.min(...values);
}

/**
 * The run whose metric is best; runs without it do not count.
 *
 * @returns null when no run has the metric
 * @throws {ValidationError} unless aggregation is known
 * @remarks Python: `hf_gtc.hub.experiments.get_best_run(runs, metric_name, higher_is_better=, aggregation=)`.
 */
export function getBestRun(
  runs: readonly ExperimentRun[],
  metricName: string,
  { higherIsBetter = true, aggregation = 'best' }: { readonly higherIsBetter?: boolean; readonly aggregation?: string } = {},
): ExperimentRun | null {
  notNull(runs, 'runs');
  nonEmpty(metricName, 'metricName');
  const how = parseEnum(MetricAggregation, aggregation, 'aggregation');
  let best: readonly [run: ExperimentRun, value: number] | null = null;
  for (const run of runs) {
    const points = pointsOf(run, metricName);
    if (points.length === 0) continue;
    const value = aggregate(points, how, higherIsBetter);
    if (best === null || (higherIsBetter ? value > best[1] : value < best[1])) best = [run, value];
  }
  return best === null ? null : best[0];
}

/**
 * Last values of metrics by run; null where a run lacks one.
 *
 * @param metricNames all that any run has, when null
 * @remarks Python: `hf_gtc.hub.experiments.compare_runs(runs, metric_names=)`.
 * @example compareRuns([]) // => {}
 */
export function compareRuns(
  runs: readonly ExperimentRun[],
  { metricNames = null }: { readonly metricNames?: readonly string[] | null } = {},
): Record<string, Record<string, number | null>> {
  notNull(runs, 'runs');
  const names = metricNames ?? [...new Set(runs.flatMap(run => Object.keys(run.metrics)))].sort();
  const last = (points: Points): number | null => (points.length === 0 ? null : lastOf(points));
  return Object.fromEntries(runs.map(run => [run.runId, Object.fromEntries(names.map(name => [name, last(pointsOf(run, name))]))]));
}

/**
 * How many runs there are and ended well, how long they took, and their metrics.
 *
 * @remarks Python: `hf_gtc.hub.experiments.calculate_experiment_stats(runs)`.
 */
export function calculateExperimentStats(runs: readonly ExperimentRun[]): ExperimentStats {
  const durations = notNull(runs, 'runs').flatMap(run => (run.endTime === null ? [] : [(run.endTime.getTime() - run.startTime.getTime()) / 1000]));
  const names = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))];
  const metricStats = names.flatMap(name => {
    const values = runs
      .map(run => pointsOf(run, name))
      .filter(points => points.length > 0)
      .map(lastOf);
    return values.length === 0 ? [] : [[name, [Math.min(...values), Math.max(...values), mean(values)] as const] as const];
  });
  return {
    totalRuns: runs.length,
    completedRuns: runs.filter(run => run.status === 'completed').length,
    failedRuns: runs.filter(run => run.status === 'failed').length,
    avgDurationSeconds: durations.length === 0 ? null : mean(durations),
    metricStats: Object.fromEntries(metricStats),
  };
}

/**
 * A run as text, metrics with their last values.
 *
 * @remarks Python: `hf_gtc.hub.experiments.format_experiment_summary(run)`; the same text.
 */
export function formatExperimentSummary(run: ExperimentRun): string {
  const { runId, config, status, metrics, artifacts } = run;
  const plain = (value: unknown): string => (typeof value === 'string' ? value : pythonRepr(value));
  const section = (title: string, rows: readonly string[], shown: boolean): string[] => (shown ? [title, ...rows.map(row => `  ${row}`)] : []);
  return [
    `Experiment: ${config.name}`,
    `Run ID: ${runId}`,
    `Status: ${status}`,
    ...(config.description === '' ? [] : [`Description: ${config.description}`]),
    ...(config.tags.length === 0 ? [] : [`Tags: ${config.tags.join(', ')}`]),
    ...section(
      'Hyperparameters:',
      Object.entries(config.hyperparameters).map(([name, value]) => `${name}: ${plain(value)}`),
      Object.keys(config.hyperparameters).length > 0,
    ),
    ...section(
      'Metrics:',
      Object.entries(metrics).flatMap(([name, points]) => (points.length === 0 ? [] : [`${name}: ${formatFloat(lastOf(points))}`])),
      Object.keys(metrics).length > 0,
    ),
    ...section(
      `Artifacts: ${artifacts.length}`,
      artifacts.map(({ artifactType, path }) => `[${artifactType}] ${path}`),
      artifacts.length > 0,
    ),
  ].join('\n');
}

/**
 * What to track for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.hub.experiments.get_recommended_tracking_config(task_type=)`.
 */
export function getRecommendedTrackingConfig({ taskType = 'classification' }: { readonly taskType?: string } = {}): TrackingConfig {
  const own = RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]!;
  const rows: readonly Row[] = [['loss', 'min', false, 100], ['learning_rate', 'last', true, 100], ...own];
  return {
    metrics: rows.map(([name, aggregation, higherIsBetter, logFrequency]) => createMetricConfig(name, { aggregation, higherIsBetter, logFrequency })),
    artifacts: ['model', 'checkpoint', 'config', 'metrics'],
    logSystemMetrics: true,
    checkpointFrequency: 1,
  };
}

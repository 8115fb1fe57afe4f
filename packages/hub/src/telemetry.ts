/** Telemetry: log lines, metrics, and their export to monitoring systems. Mirrors `hf_gtc.hub.telemetry`. */
import {
  createFrom,
  type Definition,
  formatFloat,
  inRange,
  isValueOf,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  pythonJson,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Key of a series without labels. */
const TOTAL = '_total';

type Row = readonly [metricType: MetricType, name: string, description: string, buckets?: readonly number[]];

const RECOMMENDED: Readonly<
  Record<
    string,
    Partial<Pick<TelemetryConfig, 'exportFormat' | 'batchSize' | 'flushInterval'>> & { readonly rows: readonly Row[]; readonly log: Partial<LogConfig> }
  >
> = {
  production: {
    rows: [
      ['counter', 'requests_total', 'Total requests'],
      ['counter', 'errors_total', 'Total errors'],
      ['histogram', 'request_duration', 'Request duration', [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]],
      ['gauge', 'active_connections', 'Active connections'],
    ],
    log: { level: 'info', includeContext: false },
    exportFormat: 'prometheus',
  },
  development: {
    rows: [
      ['counter', 'requests_total', 'Total requests'],
      ['histogram', 'request_duration', 'Request duration', [0.01, 0.05, 0.1, 0.5, 1, 5]],
    ],
    log: { level: 'debug' },
    batchSize: 10,
    flushInterval: 5,
  },
  debugging: {
    rows: [
      ['counter', 'function_calls', 'Function call count'],
      ['histogram', 'function_duration', 'Function execution time', [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]],
      ['gauge', 'memory_usage', 'Memory usage in bytes'],
    ],
    log: { level: 'debug' },
    batchSize: 1,
    flushInterval: 1,
  },
};

/** How grave a message is. */
export const LogLevel = { DEBUG: 'debug', INFO: 'info', WARNING: 'warning', ERROR: 'error', CRITICAL: 'critical' } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** Kinds of metrics. */
export const MetricType = { COUNTER: 'counter', GAUGE: 'gauge', HISTOGRAM: 'histogram', SUMMARY: 'summary' } as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

/** What monitoring systems read. */
export const ExportFormat = { JSON: 'json', PROMETHEUS: 'prometheus', OTLP: 'otlp', CLOUDWATCH: 'cloudwatch' } as const;
export type ExportFormat = (typeof ExportFormat)[keyof typeof ExportFormat];

/** Values of {@link LogLevel}. */
export const VALID_LOG_LEVELS: ReadonlySet<LogLevel> = new Set(Object.values(LogLevel));

/** Values of {@link MetricType}. */
export const VALID_METRIC_TYPES: ReadonlySet<MetricType> = new Set(Object.values(MetricType));

/** Values of {@link ExportFormat}. */
export const VALID_EXPORT_FORMATS: ReadonlySet<ExportFormat> = new Set(Object.values(ExportFormat));

/** What a log line holds. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: string;
  readonly includeTimestamp: boolean;
  readonly includeContext: boolean;
}

/** Defaults and rules of {@link LogConfig}. */
export const LogConfig: Definition<LogConfig> = {
  name: 'LogConfig',
  fields: {
    level: { kind: 'enum', of: LogLevel, default: 'info' },
    format: { kind: 'string', default: '{timestamp} [{level}] {message}', nonEmpty: true, maxLength: 256 },
    includeTimestamp: { kind: 'bool', default: true },
    includeContext: { kind: 'bool', default: true },
  },
};

/** A metric that is measured. */
export interface MetricConfig {
  readonly metricType: MetricType;
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, ascending. */
  readonly buckets: readonly number[] | null;
}

/** Defaults and rules of {@link MetricConfig}. */
export const MetricConfig: Definition<MetricConfig> = {
  name: 'MetricConfig',
  fields: {
    metricType: { kind: 'enum', of: MetricType },
    name: { kind: 'string', nonEmpty: true, maxLength: 128 },
    description: { kind: 'string', default: '', maxLength: 512 },
    labels: { kind: 'array', of: { kind: 'string', nonEmpty: true, maxLength: 64 }, default: [] },
    buckets: { kind: 'array', of: { kind: 'float' }, default: null, nullable: true, nonEmpty: true },
  },
  rules: [
    ({ metricType, buckets }) => (metricType === 'histogram' && buckets === null ? 'buckets are required for a histogram' : null),
    ({ buckets }) =>
      buckets?.some((bound, index) => index > 0 && bound <= buckets[index - 1]!) ? `buckets must be in ascending order, got [${buckets.join(', ')}]` : null,
  ],
};

/** What is measured and where it goes. */
export interface TelemetryConfig {
  readonly logConfig: LogConfig;
  readonly metrics: readonly MetricConfig[];
  readonly exportFormat: ExportFormat;
  readonly batchSize: number;
  /** Seconds, at most an hour. */
  readonly flushInterval: number;
}

/** Defaults and rules of {@link TelemetryConfig}. */
export const TelemetryConfig: Definition<TelemetryConfig> = {
  name: 'TelemetryConfig',
  fields: {
    logConfig: { kind: 'config', of: LogConfig },
    metrics: { kind: 'array', of: { kind: 'config', of: MetricConfig }, default: [] },
    exportFormat: { kind: 'enum', of: ExportFormat, default: 'json' },
    batchSize: { kind: 'int', default: 100, positive: true, max: 10000 },
    flushInterval: { kind: 'float', default: 30, positive: true, max: 3600 },
  },
};

/** What was measured. */
export interface TelemetryStats {
  readonly totalEvents: number;
  /** Messages by {@link LogLevel}. */
  readonly eventsByLevel: Readonly<Record<string, number>>;
  readonly totalMetrics: number;
  readonly exportErrors: number;
}

/** Defaults and rules of {@link TelemetryStats}. */
export const TelemetryStats: Definition<TelemetryStats> = {
  name: 'TelemetryStats',
  fields: {
    totalEvents: { kind: 'int', nonNegative: true },
    eventsByLevel: { kind: 'record', of: { kind: 'int', nonNegative: true } },
    totalMetrics: { kind: 'int', nonNegative: true },
    exportErrors: { kind: 'int', nonNegative: true },
  },
  rules: [
    ({ eventsByLevel }) => {
      const odd = Object.keys(eventsByLevel).find(level => !isValueOf(LogLevel, level));
      return odd === undefined ? null : `eventsByLevel must have levels as keys, got '${odd}'`;
    },
  ],
};

/** One measurement. */
export interface MetricValue {
  readonly config: MetricConfig;
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly timestamp: Date;
}

/** Defaults and rules of {@link MetricValue}. */
export const MetricValue: Definition<MetricValue> = {
  name: 'MetricValue',
  fields: {
    config: { kind: 'config', of: MetricConfig },
    value: { kind: 'float' },
    labels: { kind: 'record', of: { kind: 'string' } },
    timestamp: { kind: 'any' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateLogConfig(config: LogConfig): void {
  validate(LogConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMetricConfig(config: MetricConfig): void {
  validate(MetricConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTelemetryConfig(config: TelemetryConfig): void {
  validate(TelemetryConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateTelemetryStats(stats: TelemetryStats): void {
  validate(TelemetryStats, stats, 'stats');
}

/** Settles a {@link LogConfig}. @throws {ValidationError} naming every broken rule */
export function createLogConfig(options: Partial<LogConfig> = {}): LogConfig {
  return createFrom(LogConfig, options);
}

/** Log levels in ascending order. */
export function listLogLevels(): LogLevel[] {
  return valuesOf(LogLevel);
}

/** Metric types in ascending order. */
export function listMetricTypes(): MetricType[] {
  return valuesOf(MetricType);
}

/** Export formats in ascending order. */
export function listExportFormats(): ExportFormat[] {
  return valuesOf(ExportFormat);
}

/** @throws {ValidationError} naming the values of {@link LogLevel} */
export function getLogLevel(name: string): LogLevel {
  return parseEnum(LogLevel, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link MetricType} */
export function getMetricType(name: string): MetricType {
  return parseEnum(MetricType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ExportFormat} */
export function getExportFormat(name: string): ExportFormat {
  return parseEnum(ExportFormat, name, 'name');
}

/**
 * Settles a {@link MetricConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.telemetry.create_metric_config(metric_type, name, description=, labels=, buckets=)`.
 */
export function createMetricConfig(
  metricType: MetricType,
  name: string,
  options: { readonly [K in keyof Omit<MetricConfig, 'metricType' | 'name'>]?: MetricConfig[K] | null } = {},
): MetricConfig {
  return createFrom(MetricConfig, { ...options, metricType, name, labels: options.labels ?? [] } as MetricConfig);
}

/**
 * Settles a {@link TelemetryConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.hub.telemetry.create_telemetry_config(log_config=, metrics=, export_format=, batch_size=, flush_interval=)`.
 */
export function createTelemetryConfig(options: { readonly [K in keyof TelemetryConfig]?: TelemetryConfig[K] | null } = {}): TelemetryConfig {
  return createFrom(TelemetryConfig, {
    ...options,
    logConfig: options.logConfig ?? createFrom(LogConfig),
    metrics: options.metrics ?? [],
  } as Partial<TelemetryConfig>);
}

/**
 * One log line: time, level, message, context by name, as far as the configuration asks for them.
 *
 * @throws {ValidationError} unless level is known
 * @remarks Python: `hf_gtc.hub.telemetry.format_log_message(message, level=, context=, config=)`; the same text.
 * @example formatLogMessage('=', { config: { level: 'info', format: 'error', includeTimestamp: false, includeContext: false } }) // => '[info] ='
 */
export function formatLogMessage(
  message: string,
  {
    level = 'info',
    context = null,
    config = null,
  }: { readonly level?: string; readonly context?: Readonly<Record<string, unknown>> | null; readonly config?: LogConfig | null } = {},
): string {
  notNull(message, 'message');
  const { includeTimestamp, includeContext } = config ?? createFrom(LogConfig);
  const names = Object.keys(context ?? {}).sort();
  return [
    ...(includeTimestamp ? [new Date().toISOString()] : []),
    `[${parseEnum(LogLevel, level, 'level')}]`,
    message,
    ...(includeContext && names.length > 0 ? [`(${names.map(name => `${name}=${String(context![name])}`).join(' ')})`] : []),
  ].join(' ');
}

/**
 * A measurement with the time of now.
 *
 * @throws {ValidationError} for labels other than the declared ones, or a counter below 0
 * @remarks Python: `hf_gtc.hub.telemetry.record_metric(config, value, labels=)`.
 */
export function recordMetric(
  config: MetricConfig,
  value: number,
  { labels = null }: { readonly labels?: Readonly<Record<string, string>> | null } = {},
): MetricValue {
  const given = labels ?? {};
  const missing = config.labels.filter(name => !Object.hasOwn(given, name));
  const extra = Object.keys(given).filter(name => !config.labels.includes(name));
  if (missing.length > 0)
    throw new ValidationError(`labels must have ${config.labels.join(', ')}; missing labels: ${missing.join(', ')}`, { parameter: 'labels', received: given });
  if (extra.length > 0) throw new ValidationError(`labels must be declared; extra labels: ${extra.join(', ')}`, { parameter: 'labels', received: given });
  if (config.metricType === 'counter') nonNegative(value, 'value of a counter metric');
  return Object.freeze({ config, value, labels: given, timestamp: new Date() });
}

/** `a=1,b=2`, or `_total` without labels. */
const labelKey = (labels: Readonly<Record<string, string>>): string => {
  const names = Object.keys(labels).sort();
  return names.length === 0 ? TOTAL : names.map(name => `${name}=${labels[name]}`).join(',');
};

/**
 * Measurements by metric and labels: counters add up, of others the last counts.
 *
 * @remarks Python: `hf_gtc.hub.telemetry.aggregate_metrics(values)`.
 */
export function aggregateMetrics(values: readonly MetricValue[]): Record<string, Record<string, number>> {
  notNull(values, 'values');
  const found = new Map<string, Map<string, number>>();
  for (const { config, value, labels } of values) {
    const series = found.get(config.name) ?? new Map<string, number>();
    const key = labelKey(labels);
    series.set(key, config.metricType === 'counter' ? (series.get(key) ?? 0) + value : value);
    found.set(config.name, series);
  }
  return Object.fromEntries([...found].map(([name, series]) => [name, Object.fromEntries(series)]));
}

/** Series of a metric in the order in which they came, with the labels of the first measurement of each. */
interface Series {
  readonly config: MetricConfig;
  readonly points: readonly (readonly [key: string, value: number, labels: Readonly<Record<string, string>>, timestamp: Date])[];
}

function seriesOf(values: readonly MetricValue[]): Series[] {
  const totals = aggregateMetrics(values);
  return [...new Set(values.map(value => value.config.name))].map(name => {
    const own = values.filter(value => value.config.name === name);
    const points = Object.entries(totals[name]!).map(([key, total]) => {
      const last = own.findLast(value => labelKey(value.labels) === key)!;
      return [key, total, last.labels, last.timestamp] as const;
    });
    return { config: own[0]!.config, points };
  });
}

/** The text format of Prometheus. Commas and equals signs in label values are not escaped: keep them out of labels. */
function toPrometheus(values: readonly MetricValue[]): string {
  return seriesOf(values)
    .flatMap(({ config: { name, description, metricType }, points }) => [
      `# HELP ${name} ${description}`,
      `# TYPE ${name} ${metricType}`,
      ...points.map(
        ([key, value]) =>
          `${name}${
            key === TOTAL
              ? ''
              : `{${key
                  .split(',')
                  .map(pair => `${pair.replace('=', '="')}"`)
                  .join(',')}}`
          } ${formatFloat(value)}`,
      ),
    ])
    .join('\n');
}

const toJson = (values: readonly MetricValue[]): object[] =>
  values.map(({ config, value, labels, timestamp }) => ({ name: config.name, type: config.metricType, value, labels, timestamp: timestamp.toISOString() }));

const attributes = (labels: Readonly<Record<string, string>>): object[] =>
  Object.entries(labels).map(([key, value]) => ({ key, value: { stringValue: value } }));

/** OTLP as JSON: counters are monotonic sums, all else are gauges; times are nanoseconds as text. */
function toOtlp(values: readonly MetricValue[]): object {
  const metrics = seriesOf(values).map(({ config: { name, description, metricType }, points }) => {
    const dataPoints = points.map(([, asDouble, labels, time]) => ({ attributes: attributes(labels), timeUnixNano: `${time.getTime()}000000`, asDouble }));
    return {
      name,
      description,
      ...(metricType === 'counter' ? { sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } } : { gauge: { dataPoints } }),
    };
  });
  return { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
}

function toCloudwatch(values: readonly MetricValue[]): object {
  const data = seriesOf(values).flatMap(({ config, points }) =>
    points.map(([, value, labels, time]) => ({
      MetricName: config.name,
      Dimensions: Object.entries(labels).map(([name, label]) => ({ Name: name, Value: label })),
      Value: value,
      Unit: config.metricType === 'counter' ? 'Count' : 'None',
      Timestamp: time.toISOString(),
    })),
  );
  return { Namespace: 'HuggingFace/Hub', MetricData: data };
}

/**
 * Measurements in the format of a monitoring system: every one as JSON, aggregated for Prometheus, OTLP and CloudWatch.
 * Source: Prometheus' text format 0.0.4; OTLP 1.0.
 *
 * @throws {ValidationError} unless exportFormat is known
 * @remarks Python: `hf_gtc.hub.telemetry.export_telemetry(values, export_format=)`; the same text.
 * @example exportTelemetry([], { exportFormat: 'prometheus' }) // => ''
 */
export function exportTelemetry(values: readonly MetricValue[], { exportFormat = 'json' }: { readonly exportFormat?: string } = {}): string {
  notNull(values, 'values');
  const format = parseEnum(ExportFormat, exportFormat, 'exportFormat');
  if (format === 'prometheus') return toPrometheus(values);
  return pythonJson({ json: toJson, otlp: toOtlp, cloudwatch: toCloudwatch }[format](values), { indent: 2 });
}

/**
 * Percentiles by linear interpolation between the sorted values, as numpy's default.
 *
 * @param percentiles 50, 90, 95 and 99 when null
 * @returns values by percentile
 * @throws {ValidationError} unless percentile is between 0 and 100, got 101.0, values is not empty
 * @remarks Python: `hf_gtc.hub.telemetry.calculate_percentiles(values, percentiles=)`.
 * @example calculatePercentiles([1, 2, 3, 4, 5], { percentiles: [50, 90] }) // => { '50': 3, '90': 4.6 }
 */
export function calculatePercentiles(
  values: readonly number[],
  { percentiles = null }: { readonly percentiles?: readonly number[] | null } = {},
): Record<string, number> {
  const sorted = [...nonEmpty(values, 'values')].sort((a, b) => a - b);
  const at = (percentile: number): number => {
    const place = (inRange(percentile, 'percentile', { min: 0, max: 100 }) / 100) * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low]! + (place - low) * (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!);
  };
  return Object.fromEntries((percentiles ?? [50, 90, 95, 99]).map(percentile => [String(percentile), at(percentile)]));
}

/**
 * What was measured, as text.
 *
 * @remarks Python: `hf_gtc.hub.telemetry.format_telemetry_stats(stats)`; the same text.
 */
export function formatTelemetryStats(stats: TelemetryStats): string {
  const { totalEvents, eventsByLevel, totalMetrics, exportErrors } = stats;
  const levels = Object.keys(eventsByLevel).sort();
  return [
    'Telemetry Statistics',
    '='.repeat(40),
    `Total Events: ${totalEvents}`,
    `Total Metrics: ${totalMetrics}`,
    `Export Errors: ${exportErrors}`,
    ...(levels.length > 0 ? ['', 'Events by Level:', ...levels.map(level => `  ${level}: ${eventsByLevel[level]}`)] : []),
  ].join('\n');
}

/**
 * What to measure in production, in development, or to find a fault.
 *
 * @throws {ValidationError} for another use
 * @remarks Python: `hf_gtc.hub.telemetry.get_recommended_telemetry_config(use_case=)`.
 */
export function getRecommendedTelemetryConfig({ useCase = 'development' }: { readonly useCase?: string } = {}): TelemetryConfig {
  const { rows, log, ...options } = RECOMMENDED[oneOf(useCase, 'useCase', Object.keys(RECOMMENDED))]!;
  return createTelemetryConfig({
    ...options,
    logConfig: createFrom(LogConfig, log),
    metrics: rows.map(([metricType, name, description, buckets = null]) => createMetricConfig(metricType, name, { description, buckets })),
  });
}

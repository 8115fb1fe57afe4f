/** A harness: tasks are run, joined and printed. Mirrors `hf_gtc.evaluation.harness`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  formatFloat,
  isValueOf,
  nonEmpty,
  notNull,
  parseEnum,
  pythonJson,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

export * from './internal/harness/builtin.js';
export * from './internal/harness/report.js';
export * from './internal/harness/run.js';
export {
  fillTemplate,
  type GenerationTask,
  type HarnessTask,
  type MultipleChoiceTask,
  type PerplexityTask,
  type TaskDoc,
  type TaskHeader,
  taskFromJsonl,
  validateTask,
} from './internal/harness/tasks.js';

/** What a task asks for. */
export const TaskType = {
  MULTIPLE_CHOICE: 'multiple_choice',
  GENERATION: 'generation',
  CLASSIFICATION: 'classification',
  EXTRACTION: 'extraction',
  RANKING: 'ranking',
} as const;
export type TaskType = (typeof TaskType)[keyof typeof TaskType];

/** How results are printed. */
export const OutputFormat = { JSON: 'json', CSV: 'csv', MARKDOWN: 'markdown', LATEX: 'latex' } as const;
export type OutputFormat = (typeof OutputFormat)[keyof typeof OutputFormat];

/** Ways to join results. */
export const AggregationMethod = { MEAN: 'mean', WEIGHTED_MEAN: 'weighted_mean', MEDIAN: 'median', MAX: 'max' } as const;
export type AggregationMethod = (typeof AggregationMethod)[keyof typeof AggregationMethod];

/** Values of {@link TaskType}. */
export const VALID_TASK_TYPES: ReadonlySet<TaskType> = new Set(Object.values(TaskType));

/** Values of {@link OutputFormat}. */
export const VALID_OUTPUT_FORMATS: ReadonlySet<OutputFormat> = new Set(Object.values(OutputFormat));

/** Values of {@link AggregationMethod}. */
export const VALID_AGGREGATION_METHODS: ReadonlySet<AggregationMethod> = new Set(Object.values(AggregationMethod));

/** A task. */
export interface TaskConfig {
  readonly taskType: TaskType;
  readonly numFewshot: number;
  readonly batchSize: number;
  /** Samples at most, null for all. */
  readonly limit: number | null;
}

/** Defaults and rules of {@link TaskConfig}. */
export const TaskConfig: Definition<TaskConfig> = {
  name: 'TaskConfig',
  fields: {
    taskType: { kind: 'enum', of: TaskType },
    numFewshot: { kind: 'int', default: 0, nonNegative: true },
    batchSize: { kind: 'int', default: 32, positive: true },
    limit: { kind: 'int', default: null, nullable: true, positive: true },
  },
};

/** Which tasks are run. */
export interface HarnessConfig {
  readonly tasks: readonly string[];
  readonly outputFormat: OutputFormat;
  readonly aggregation: AggregationMethod;
  readonly logSamples: boolean;
  readonly cacheRequests: boolean;
}

/** Defaults and rules of {@link HarnessConfig}. */
export const HarnessConfig: Definition<HarnessConfig> = {
  name: 'HarnessConfig',
  fields: {
    tasks: { kind: 'array', of: { kind: 'string', nonEmpty: true }, nonEmpty: true },
    outputFormat: { kind: 'enum', of: OutputFormat, default: OutputFormat.JSON },
    aggregation: { kind: 'enum', of: AggregationMethod, default: AggregationMethod.MEAN },
    logSamples: { kind: 'bool', default: false },
    cacheRequests: { kind: 'bool', default: true },
  },
};

/** What a task gave. */
export interface EvaluationResult {
  readonly taskName: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly numSamples: number;
  readonly durationSeconds: number;
}

/** Defaults and rules of {@link EvaluationResult}. */
export const EvaluationResult: Definition<EvaluationResult> = {
  name: 'EvaluationResult',
  fields: {
    taskName: { kind: 'string', nonEmpty: true },
    metrics: { kind: 'record', of: { kind: 'float' } },
    numSamples: { kind: 'int', positive: true },
    durationSeconds: { kind: 'float', nonNegative: true },
  },
};

/** What all tasks gave. */
export interface HarnessStats {
  readonly totalTasks: number;
  readonly completedTasks: number;
  readonly failedTasks: number;
  readonly totalSamples: number;
  readonly avgScore: number;
}

/** Defaults and rules of {@link HarnessStats}. */
export const HarnessStats: Definition<HarnessStats> = {
  name: 'HarnessStats',
  fields: {
    totalTasks: { kind: 'int', positive: true },
    completedTasks: { kind: 'int', nonNegative: true },
    failedTasks: { kind: 'int', nonNegative: true },
    totalSamples: { kind: 'int', nonNegative: true },
    avgScore: { kind: 'float' },
  },
  rules: [
    ({ totalTasks, completedTasks, failedTasks }) =>
      completedTasks + failedTasks > totalTasks
        ? `completedTasks + failedTasks must be at most totalTasks (${totalTasks}), got ${completedTasks + failedTasks}`
        : null,
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateTaskConfig(config: TaskConfig): void {
  validate(TaskConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateHarnessConfig(config: HarnessConfig): void {
  validate(HarnessConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEvaluationResult(result: EvaluationResult): void {
  validate(EvaluationResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateHarnessStats(stats: HarnessStats): void {
  validate(HarnessStats, stats, 'stats');
}

/** Settles a {@link TaskConfig}. @throws {ValidationError} naming every broken rule */
export function createTaskConfig(taskType: TaskType, options: Partial<Omit<TaskConfig, 'taskType'>> = {}): TaskConfig {
  return createFrom(TaskConfig, { taskType, ...options });
}

/** Settles a {@link HarnessConfig}. @throws {ValidationError} naming every broken rule */
export function createHarnessConfig(tasks: readonly string[], options: Partial<Omit<HarnessConfig, 'tasks'>> = {}): HarnessConfig {
  return createFrom(HarnessConfig, { tasks, ...options });
}

/** Settles a {@link EvaluationResult}. @throws {ValidationError} naming every broken rule */
export function createEvaluationResult(
  taskName: string,
  metrics: Readonly<Record<string, number>>,
  numSamples: number,
  durationSeconds: number,
): EvaluationResult {
  return createFrom(EvaluationResult, { taskName, metrics, numSamples, durationSeconds });
}

/** Task types in ascending order. */
export function listTaskTypes(): TaskType[] {
  return valuesOf(TaskType);
}

/** @throws {ValidationError} naming the task types */
export function getTaskType(name: string): TaskType {
  return parseEnum(TaskType, name, 'taskType');
}

/** Output formats in ascending order. */
export function listOutputFormats(): OutputFormat[] {
  return valuesOf(OutputFormat);
}

/** @throws {ValidationError} naming the output formats */
export function getOutputFormat(name: string): OutputFormat {
  return parseEnum(OutputFormat, name, 'outputFormat');
}

/** Aggregation methods in ascending order. */
export function listAggregationMethods(): AggregationMethod[] {
  return valuesOf(AggregationMethod);
}

/** @throws {ValidationError} naming the aggregation methods */
export function getAggregationMethod(name: string): AggregationMethod {
  return parseEnum(AggregationMethod, name, 'aggregationMethod');
}

/**
 * Whether this is a {@link TaskType}.
 *
 * @remarks Python: `hf_gtc.evaluation.harness.validate_task_type(task_type)`; exact.
 * @example validateTaskType('extraction') // => true
 */
export function validateTaskType(taskType: string): boolean {
  return isValueOf(TaskType, taskType);
}

/**
 * Whether this is an {@link OutputFormat}.
 *
 * @remarks Python: `hf_gtc.evaluation.harness.validate_output_format(output_format)`; exact.
 * @example validateOutputFormat('csv') // => true
 */
export function validateOutputFormat(outputFormat: string): boolean {
  return isValueOf(OutputFormat, outputFormat);
}

/**
 * Whether this is an {@link AggregationMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.harness.validate_aggregation_method(method)`; exact.
 * @example validateAggregationMethod('max') // => true
 */
export function validateAggregationMethod(method: string): boolean {
  return isValueOf(AggregationMethod, method);
}

/** Share of outputs that are the labels. */
function accuracyOf(outputs: readonly unknown[], labels: readonly unknown[]): Record<string, number> {
  return { accuracy: outputs.filter((output, index) => output === labels[index]).length / labels.length };
}

/**
 * Runs a task batch by batch. Whatever goes wrong in the model or in the metrics makes the one metric `error`.
 *
 * @param inferenceFn takes the inputs of a batch and gives as many outputs
 * @param data pairs of input and label
 * @param options `metricsFn` takes outputs and labels; accuracy unless given
 * @returns with the seconds that it took
 * @throws {ValidationError} for no name, no model, no data or settings whose rules are broken
 * @remarks Python: `hf_gtc.evaluation.harness.run_evaluation_task(task_name, config, inference_fn, data, metrics_fn=)`.
 * @example runEvaluationTask('parity', createTaskConfig('classification'), inputs => inputs.map(x => Number(x) % 2), [[1, 1], [4, 0]]).metrics // => { accuracy: 1 }
 */
export function runEvaluationTask(
  taskName: string,
  config: TaskConfig,
  inferenceFn: (inputs: readonly unknown[]) => Iterable<unknown>,
  data: readonly unknown[],
  {
    metricsFn = accuracyOf,
  }: { readonly metricsFn?: ((outputs: readonly unknown[], labels: readonly unknown[]) => Readonly<Record<string, number>>) | null } = {},
): EvaluationResult {
  nonEmpty(taskName, 'taskName');
  validateTaskConfig(config);
  notNull(inferenceFn, 'inferenceFn');
  const samples = notNull(data, 'data').slice(0, config.limit ?? undefined) as readonly (readonly [unknown, unknown])[];
  const start = performance.now();
  let metrics: Readonly<Record<string, number>>;
  try {
    const outputs: unknown[] = [];
    for (let from = 0; from < samples.length; from += config.batchSize)
      outputs.push(...inferenceFn(samples.slice(from, from + config.batchSize).map(([input]) => input)));
    if (samples.length === 0) throw new ValidationError('data cannot be empty', { parameter: 'data', received: data });
    metrics = {
      ...(metricsFn ?? accuracyOf)(
        outputs,
        samples.map(([, label]) => label),
      ),
    };
  } catch {
    metrics = { error: 0 };
  }
  return Object.freeze({ taskName, metrics, numSamples: samples.length, durationSeconds: (performance.now() - start) / 1000 });
}

function joined(values: readonly number[], weights: readonly number[], method: AggregationMethod): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (method === 'max') return sorted.at(-1)!;
  if (method === 'median') return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  const total = sum(weights);
  if (method === 'mean' || total === 0) return mean(values);
  return values.reduce((sum, value, index) => sum + value * weights[index]!, 0) / total;
}

/**
 * Joins the results of tasks metric by metric, over the tasks that have it; `weighted_mean` weighs by samples, and a method that is not known joins nothing.
 *
 * @throws {ValidationError} for no results
 * @remarks Python: `hf_gtc.evaluation.harness.aggregate_results(results, method=)`.
 * @example aggregateResults([createEvaluationResult('a', { accuracy: 0.5 }, 1, 1), createEvaluationResult('b', { accuracy: 1 }, 1, 1)]) // => { accuracy: 0.75 }
 */
export function aggregateResults(
  results: readonly EvaluationResult[],
  { method = 'mean' }: { readonly method?: AggregationMethod } = {},
): Record<string, number> {
  nonEmpty(results, 'results');
  if (!isValueOf(AggregationMethod, method)) return {};
  const names = new Set(results.flatMap(result => Object.keys(result.metrics)));
  return Object.fromEntries(
    [...names].map(name => {
      const having = results.filter(result => Object.hasOwn(result.metrics, name));
      return [
        name,
        joined(
          having.map(result => result.metrics[name]!),
          having.map(result => result.numSamples),
          method,
        ),
      ];
    }),
  );
}

/** A name as a heading: words for underscores, the first letter of each run of letters large. */
const heading = (name: string): string => name.replaceAll('_', ' ').replace(/\p{L}+/gu, word => word[0]!.toUpperCase() + word.slice(1).toLowerCase());

/** Results as Python's `json.dumps(rows, indent=2)` writes them. */
function asJson(results: readonly EvaluationResult[]): string {
  const rows = results.map(result => {
    const fields = [
      `"task_name": ${pythonJson(result.taskName)}`,
      `"num_samples": ${result.numSamples}`,
      `"duration_seconds": ${formatFloat(result.durationSeconds)}`,
      ...Object.entries(result.metrics).map(([name, value]) => `${pythonJson(name)}: ${formatFloat(value)}`),
    ];
    return `  {\n${fields.map(field => `    ${field}`).join(',\n')}\n  }`;
  });
  return `[\n${rows.join(',\n')}\n]`;
}

/**
 * Results as a table: `markdown`, `csv`, `latex` or `json`. Columns stand in the order of their names; a task without a metric shows 0.
 *
 * @throws {ValidationError} for no results or an unknown format
 * @remarks Python: `hf_gtc.evaluation.harness.format_results_table(results, output_format=)`; the same text.
 */
export function formatResultsTable(results: readonly EvaluationResult[], { outputFormat = 'markdown' }: { readonly outputFormat?: OutputFormat } = {}): string {
  nonEmpty(results, 'results');
  if (parseEnum(OutputFormat, outputFormat, 'outputFormat') === 'json') return asJson(results);
  const names = [...new Set(results.flatMap(result => Object.keys(result.metrics)))].sort();
  const rows = results.map(result => [
    result.taskName,
    String(result.numSamples),
    formatFixed(result.durationSeconds, 2),
    ...names.map(name => formatFixed(result.metrics[name] ?? 0, 4)),
  ]);
  if (outputFormat === 'csv') return [['task_name', 'num_samples', 'duration_seconds', ...names], ...rows].map(row => row.join(',')).join('\n');
  const titles = ['Task', 'Samples', 'Duration (s)', ...names.map(heading)];
  if (outputFormat === 'markdown') {
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    return [line(titles), `|------|---------|--------------|${'--------|'.repeat(names.length)}`, ...rows.map(line)].join('\n');
  }
  const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;
  return [`\\begin{tabular}{lrr${'r'.repeat(names.length)}}`, '\\toprule', line(titles), '\\midrule', ...rows.map(line), '\\bottomrule', '\\end{tabular}'].join(
    '\n',
  );
}

/**
 * Seconds that a task takes.
 *
 * @param avgInferenceTime of a batch, seconds
 * @throws {ValidationError} for values that are not positive
 * @remarks Python: `hf_gtc.evaluation.harness.estimate_evaluation_time(num_samples, batch_size, avg_inference_time)`; within 1e-12.
 * @example estimateEvaluationTime(1, 10, 100) // => 100
 */
export function estimateEvaluationTime(numSamples: number, batchSize: number, avgInferenceTime: number): number {
  allPositive({ numSamples, batchSize, avgInferenceTime });
  return Math.ceil(numSamples / batchSize) * avgInferenceTime;
}

/**
 * What all tasks gave, as text.
 *
 * @remarks Python: `hf_gtc.evaluation.harness.format_harness_stats(stats)`; the same text.
 */
export function formatHarnessStats(stats: HarnessStats): string {
  const { totalTasks, completedTasks, failedTasks, totalSamples, avgScore } = notNull(stats, 'stats');
  return [
    'Evaluation Harness Statistics',
    '='.repeat(40),
    `Total Tasks: ${totalTasks}`,
    `Completed Tasks: ${completedTasks}`,
    `Failed Tasks: ${failedTasks}`,
    `Total Samples: ${totalSamples}`,
    `Average Score: ${formatFixed(avgScore, 4)}`,
    ...(totalTasks > 0 ? [`Success Rate: ${formatFixed((completedTasks / totalTasks) * 100, 1)}%`] : []),
  ].join('\n');
}

interface Suite {
  readonly tasks: readonly string[];
  readonly num_fewshot: number;
  readonly batch_size: number;
  readonly output_format: OutputFormat;
  readonly aggregation: AggregationMethod;
}

/** Suites by type of model; every other type takes that of `base`. */
const SUITES: Readonly<Record<string, Suite>> = {
  base: {
    tasks: ['mmlu', 'hellaswag', 'arc_easy', 'arc_challenge', 'winogrande'],
    num_fewshot: 5,
    batch_size: 32,
    output_format: 'markdown',
    aggregation: 'weighted_mean',
  },
  chat: { tasks: ['mt_bench', 'alpaca_eval', 'truthfulqa'], num_fewshot: 0, batch_size: 1, output_format: 'markdown', aggregation: 'mean' },
  instruction: { tasks: ['mmlu', 'truthfulqa', 'alpaca_eval'], num_fewshot: 0, batch_size: 16, output_format: 'json', aggregation: 'mean' },
  code: { tasks: ['humaneval', 'mbpp'], num_fewshot: 0, batch_size: 8, output_format: 'json', aggregation: 'mean' },
  reasoning: { tasks: ['gsm8k', 'math', 'arc_challenge'], num_fewshot: 8, batch_size: 16, output_format: 'json', aggregation: 'mean' },
};

/**
 * Tasks that suit a type of model: `chat`, `instruction`, `code`, `reasoning` or any other.
 *
 * @param options `numTasks` keeps the first ones
 * @throws {ValidationError} for no type
 * @remarks Python: `hf_gtc.evaluation.harness.get_recommended_harness_config(model_type, num_tasks=)`.
 * @example getRecommendedHarnessConfig('code').tasks // => ['humaneval', 'mbpp']
 */
export function getRecommendedHarnessConfig(modelType: string, { numTasks = null }: { readonly numTasks?: number | null } = {}): Suite {
  const type = nonEmpty(modelType, 'modelType').toLowerCase();
  const suite = Object.hasOwn(SUITES, type) ? SUITES[type]! : SUITES.base!;
  return numTasks === null ? suite : { ...suite, tasks: suite.tasks.slice(0, numTasks) };
}

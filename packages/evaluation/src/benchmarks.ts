/** Benchmarks: their settings, scores with intervals, and timed runs. Mirrors `hf_gtc.evaluation.benchmarks`. */
import {
  createFrom,
  formatFixed,
  inRange,
  isValueOf,
  NumericError,
  nonEmpty,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

import {
  BenchmarkConfig,
  BenchmarkResult,
  type BenchmarkRunner,
  BenchmarkStats,
  BenchmarkTask,
  BenchmarkType,
  EvaluationMode,
  HumanEvalConfig,
  LegacyBenchmarkConfig,
  MMLUConfig,
  ScoringMethod,
} from './internal/benchmarks/configs.js';

export {
  BenchmarkConfig,
  BenchmarkResult,
  BenchmarkRunner,
  BenchmarkStats,
  BenchmarkTask,
  BenchmarkType,
  EvaluationMode,
  HumanEvalConfig,
  LegacyBenchmarkConfig,
  type LegacyBenchmarkResult,
  MMLUConfig,
  ScoringMethod,
  type TimingResult,
  VALID_BENCHMARK_TASKS,
  VALID_BENCHMARK_TYPES,
  VALID_EVALUATION_MODES,
  VALID_SCORING_METHODS,
} from './internal/benchmarks/configs.js';
export * from './internal/benchmarks/likelihood.js';
export * from './internal/benchmarks/pass-at-k.js';
export { aggregateBenchmarkResults, compareBenchmarkResults, formatBenchmarkResult } from './internal/benchmarks/reports.js';
export { computePercentile, computeTimingStats, type RunOptions, runBenchmark } from './internal/benchmarks/runs.js';

/** @throws {ValidationError} naming every broken rule */
export function validateBenchmarkConfig(config: BenchmarkConfig): void {
  validate(BenchmarkConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMmluConfig(config: MMLUConfig): void {
  validate(MMLUConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateHumanevalConfig(config: HumanEvalConfig): void {
  validate(HumanEvalConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBenchmarkResult(result: BenchmarkResult): void {
  validate(BenchmarkResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateBenchmarkStats(stats: BenchmarkStats): void {
  validate(BenchmarkStats, stats, 'stats');
}

/** @throws {ValidationError} naming every broken rule */
export function validateLegacyBenchmarkConfig(config: LegacyBenchmarkConfig): void {
  validate(LegacyBenchmarkConfig, config);
}

/** Settles a {@link BenchmarkConfig}. @throws {ValidationError} naming every broken rule */
export function createBenchmarkConfig(benchmarkType: BenchmarkType, options: Partial<Omit<BenchmarkConfig, 'benchmarkType'>> = {}): BenchmarkConfig {
  return createFrom(BenchmarkConfig, { benchmarkType, ...options });
}

/** Settles a {@link MMLUConfig}. @throws {ValidationError} naming every broken rule */
export function createMmluConfig(options: Partial<MMLUConfig> = {}): MMLUConfig {
  return createFrom(MMLUConfig, options);
}

/** Settles a {@link HumanEvalConfig}. @throws {ValidationError} naming every broken rule */
export function createHumanevalConfig(options: Partial<HumanEvalConfig> = {}): HumanEvalConfig {
  return createFrom(HumanEvalConfig, options);
}

/** Benchmark types in ascending order. */
export function listBenchmarkTypes(): BenchmarkType[] {
  return valuesOf(BenchmarkType);
}

/** @throws {ValidationError} naming the benchmark types */
export function getBenchmarkType(name: string): BenchmarkType {
  return parseEnum(BenchmarkType, name, 'benchmarkType');
}

/** Evaluation modes in ascending order. */
export function listEvaluationModes(): EvaluationMode[] {
  return valuesOf(EvaluationMode);
}

/** @throws {ValidationError} naming the evaluation modes */
export function getEvaluationMode(name: string): EvaluationMode {
  return parseEnum(EvaluationMode, name, 'evaluationMode');
}

/** Scoring methods in ascending order. */
export function listScoringMethods(): ScoringMethod[] {
  return valuesOf(ScoringMethod);
}

/** @throws {ValidationError} naming the scoring methods */
export function getScoringMethod(name: string): ScoringMethod {
  return parseEnum(ScoringMethod, name, 'scoringMethod');
}

/** Benchmark tasks in ascending order. */
export function listBenchmarkTasks(): BenchmarkTask[] {
  return valuesOf(BenchmarkTask);
}

/** @throws {ValidationError} naming the benchmark tasks */
export function getBenchmarkTask(name: string): BenchmarkTask {
  return parseEnum(BenchmarkTask, name, 'benchmarkTask');
}

/**
 * A score. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.create_benchmark_result(benchmark, score, num_samples, breakdown=)`.
 */
export function createBenchmarkResult(
  benchmark: BenchmarkType,
  score: number,
  numSamples: number,
  { breakdown = null }: { readonly breakdown?: Readonly<Record<string, number>> | null } = {},
): BenchmarkResult {
  return createFrom(BenchmarkResult, { benchmark, score, numSamples, breakdown: breakdown ?? {} });
}

/**
 * Whether this is a {@link BenchmarkType}.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.validate_benchmark_type(name)`; exact.
 * @example validateBenchmarkType('mmlu') // => true
 */
export function validateBenchmarkType(name: string): boolean {
  return isValueOf(BenchmarkType, name);
}

/**
 * Whether this is an {@link EvaluationMode}.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.validate_evaluation_mode(name)`; exact.
 * @example validateEvaluationMode('zero_shot') // => true
 */
export function validateEvaluationMode(name: string): boolean {
  return isValueOf(EvaluationMode, name);
}

/**
 * Whether this is a {@link ScoringMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.validate_scoring_method(name)`; exact.
 * @example validateScoringMethod('exact_match') // => true
 */
export function validateScoringMethod(name: string): boolean {
  return isValueOf(ScoringMethod, name);
}

/**
 * Whether this is a {@link BenchmarkTask}.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.validate_benchmark_task(task)`; exact.
 * @example validateBenchmarkTask('custom') // => true
 */
export function validateBenchmarkTask(task: string): boolean {
  return isValueOf(BenchmarkTask, task);
}

/**
 * Share of the answers that are right.
 *
 * @throws {ValidationError} for counts that are negative or more than there were
 * @remarks Python: `hf_gtc.evaluation.benchmarks.calculate_benchmark_score(correct, total)`; within 1e-12.
 * @example calculateBenchmarkScore(3, 4) // => 0.75
 */
export function calculateBenchmarkScore(correct: number, total: number): number {
  positive(total, 'total');
  nonNegative(correct, 'correct');
  inRange(correct, 'correct', { max: total });
  return correct / total;
}

/** Mean of the scores, weighted by samples. */
function overallScore(results: readonly BenchmarkResult[]): number {
  const samples = results.reduce((sum, { numSamples }) => sum + numSamples, 0);
  if (samples === 0) throw new NumericError('results have no samples to weigh scores by', { parameter: 'results' });
  return results.reduce((sum, { score, numSamples }) => sum + score * numSamples, 0) / samples;
}

const byBenchmark = (results: readonly BenchmarkResult[]): Record<string, number> =>
  Object.fromEntries(results.map(({ benchmark, score }) => [benchmark, score]));

/**
 * Scores of several benchmarks: their mean weighted by samples, each, and the interval of their mean.
 *
 * @throws {ValidationError} for no results
 * @throws {NumericError} for results without samples
 * @remarks Python: `hf_gtc.evaluation.benchmarks.aggregate_results(results)`.
 */
export function aggregateResults(results: readonly BenchmarkResult[]): BenchmarkStats {
  nonEmpty(results, 'results');
  return {
    overallScore: overallScore(results),
    perTaskScores: byBenchmark(results),
    confidenceInterval: calculateConfidenceInterval(results.map(({ score }) => score)),
  };
}

const Z: Readonly<Record<string, number>> = { '0.9': 1.645, '0.95': 1.96, '0.99': 2.576 };

/**
 * Interval of a mean score by the normal distribution, within [0, 1]; the score itself where there is one. Levels other than 0.9, 0.95 and 0.99 count as 0.95.
 *
 * @throws {ValidationError} for no scores or a level outside (0, 1)
 * @remarks Python: `hf_gtc.evaluation.benchmarks.calculate_confidence_interval(scores, confidence_level=)`.
 * @example calculateConfidenceInterval([0.5]) // => [0.5, 0.5]
 */
export function calculateConfidenceInterval(
  scores: readonly number[],
  { confidenceLevel = 0.95 }: { readonly confidenceLevel?: number } = {},
): readonly [lower: number, upper: number] {
  nonEmpty(scores, 'scores');
  inRange(confidenceLevel, 'confidenceLevel', { above: 0, below: 1 });
  if (scores.length === 1) return [scores[0]!, scores[0]!];
  const center = mean(scores);
  const variance = scores.reduce((sum, score) => sum + (score - center) ** 2, 0) / (scores.length - 1);
  const margin = (Z[confidenceLevel] ?? Z['0.95']!) * Math.sqrt(variance / scores.length);
  return [Math.max(0, center - margin), Math.min(1, center + margin)];
}

function better(difference: number): 'a' | 'b' | 'tie' {
  if (difference === 0) return 'tie';
  return difference > 0 ? 'b' : 'a';
}

/**
 * Two models side by side, overall and by the benchmarks that both have; differences are b − a.
 *
 * @throws {ValidationError} for no results
 * @throws {NumericError} for results without samples
 * @remarks Python: `hf_gtc.evaluation.benchmarks.compare_benchmarks(results_a, results_b)`.
 * @example compareBenchmarks([createBenchmarkResult('mmlu', 0.5, 10)], [createBenchmarkResult('mmlu', 0.75, 10)])['difference'] // => 0.25
 */
export function compareBenchmarks(resultsA: readonly BenchmarkResult[], resultsB: readonly BenchmarkResult[]): Readonly<Record<string, unknown>> {
  nonEmpty(resultsA, 'resultsA');
  nonEmpty(resultsB, 'resultsB');
  const [a, b] = [aggregateResults(resultsA), aggregateResults(resultsB)];
  const perBenchmark = Object.fromEntries(
    Object.entries(a.perTaskScores)
      .filter(([name]) => Object.hasOwn(b.perTaskScores, name))
      .map(([name, score]) => {
        const other = b.perTaskScores[name]!;
        return [name, { score_a: score, score_b: other, difference: other - score, better: better(other - score) }];
      }),
  );
  const difference = b.overallScore - a.overallScore;
  return {
    overall_a: a.overallScore,
    overall_b: b.overallScore,
    difference,
    better: better(difference),
    per_benchmark: perBenchmark,
    ci_a: a.confidenceInterval,
    ci_b: b.confidenceInterval,
  };
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.format_benchmark_stats(stats)`; the same text.
 */
export function formatBenchmarkStats(stats: BenchmarkStats): string {
  const { overallScore: overall, perTaskScores, confidenceInterval } = notNull(stats, 'stats');
  return [
    'Benchmark Statistics',
    '='.repeat(40),
    `Overall Score: ${formatFixed(overall, 4)}`,
    `95% Confidence Interval: [${formatFixed(confidenceInterval[0], 4)}, ${formatFixed(confidenceInterval[1], 4)}]`,
    '',
    'Per-Task Scores:',
    ...Object.keys(perTaskScores)
      .sort()
      .map(name => `  ${name}: ${formatFixed(perTaskScores[name]!, 4)}`),
  ].join('\n');
}

const GENERAL = {
  benchmarks: ['mmlu', 'hellaswag', 'truthfulqa', 'arc', 'winogrande'],
  evaluation_mode: 'few_shot',
  num_few_shot: 5,
  scoring_method: 'accuracy',
};
const BY_MODEL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  code: {
    benchmarks: ['humaneval', 'mbpp'],
    evaluation_mode: 'zero_shot',
    num_few_shot: 0,
    scoring_method: 'pass_at_k',
    humaneval_config: { k_values: [1, 10, 100], timeout_seconds: 10 },
  },
  math: { benchmarks: ['gsm8k'], evaluation_mode: 'chain_of_thought', num_few_shot: 8, scoring_method: 'exact_match' },
  reasoning: { ...GENERAL, benchmarks: ['hellaswag', 'winogrande', 'arc'], num_few_shot: 25 },
  instruction: { ...GENERAL, benchmarks: ['mmlu', 'truthfulqa'], evaluation_mode: 'zero_shot', num_few_shot: 0 },
};
const BY_TASK: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  zero_shot: { evaluation_mode: 'zero_shot', num_few_shot: 0 },
  few_shot: { evaluation_mode: 'few_shot', num_few_shot: 5 },
  cot: { evaluation_mode: 'chain_of_thought', num_few_shot: 8 },
};

/**
 * Benchmarks that suit a model: `code`, `math`, `reasoning`, `instruction` or any other.
 *
 * @param options `taskType`: `zero_shot`, `few_shot` or `cot`
 * @throws {ValidationError} for no model
 * @remarks Python: `hf_gtc.evaluation.benchmarks.get_recommended_benchmark_config(model_type, task_type=)`.
 * @example getRecommendedBenchmarkConfig('math')['benchmarks'] // => ['gsm8k']
 */
export function getRecommendedBenchmarkConfig(
  modelType: string,
  { taskType = null }: { readonly taskType?: string | null } = {},
): Readonly<Record<string, unknown>> {
  return { ...(BY_MODEL[nonEmpty(modelType, 'modelType')] ?? GENERAL), ...BY_TASK[taskType ?? ''] };
}

/**
 * A timed run that has not begun. @throws {ValidationError} naming every broken rule of the configuration
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.create_benchmark_runner(config)`.
 */
export function createBenchmarkRunner(config: LegacyBenchmarkConfig): BenchmarkRunner {
  validateLegacyBenchmarkConfig(config);
  return { config, latencies: [] };
}

/** Timed runs side by side. */
import { formatFixed, nonEmpty, notNull } from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';
import type { LegacyBenchmarkResult } from './configs.js';

/**
 * Timed runs side by side: the fastest, the slowest, and which did best by each metric.
 *
 * @throws {ValidationError} for no results
 * @remarks Python: `hf_gtc.evaluation.benchmarks.compare_benchmark_results(results)`.
 */
export function compareBenchmarkResults(results: readonly LegacyBenchmarkResult[]): Readonly<Record<string, unknown>> {
  nonEmpty(results, 'results');
  const done = results.filter(({ success }) => success);
  const counts = { total_benchmarks: results.length, successful: done.length, failed: results.length - done.length };
  if (done.length === 0) return { ...counts, fastest: null, slowest: null };
  const fastest = done.reduce((best, result) => (result.timing.totalTime < best.timing.totalTime ? result : best));
  const slowest = done.reduce((worst, result) => (result.timing.totalTime > worst.timing.totalTime ? result : worst));
  const speeds = done.map(({ timing }) => timing.samplesPerSecond);
  const best: Record<string, string> = {};
  for (const name of metricNames(done)) {
    const having = done.filter(({ metrics }) => Object.hasOwn(metrics, name));
    best[name] = having.reduce((winner, result) => (result.metrics[name]! > winner.metrics[name]! ? result : winner)).config.name;
  }
  return {
    ...counts,
    fastest: fastest.config.name,
    slowest: slowest.config.name,
    throughput_range: { min: Math.min(...speeds), max: Math.max(...speeds) },
    best_metrics: best,
  };
}

const metricNames = (results: readonly LegacyBenchmarkResult[]): readonly string[] => [...new Set(results.flatMap(({ metrics }) => Object.keys(metrics)))];

/**
 * A timed run as lines of text.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.format_benchmark_result(result)`; the same text.
 */
export function formatBenchmarkResult(result: LegacyBenchmarkResult): string {
  const { config, timing, metrics, samplesEvaluated, success, errorMessage } = notNull(result, 'result');
  const head = [`Benchmark: ${config.name}`, `Task: ${config.task}`, `Success: ${success ? 'True' : 'False'}`];
  if (!success) return [...head, `Error: ${errorMessage ?? 'None'}`].join('\n');
  const lines = Object.entries(metrics)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `  ${name}: ${formatFixed(value, 4)}`);
  return [
    ...head,
    `Samples evaluated: ${samplesEvaluated}`,
    `Total time: ${formatFixed(timing.totalTime, 3)}s`,
    `Throughput: ${formatFixed(timing.samplesPerSecond, 1)} samples/s`,
    `Latency P50: ${formatFixed(timing.latencyP50, 2)}ms`,
    `Latency P90: ${formatFixed(timing.latencyP90, 2)}ms`,
    `Latency P99: ${formatFixed(timing.latencyP99, 2)}ms`,
    ...(lines.length > 0 ? ['Metrics:', ...lines] : []),
  ].join('\n');
}

/**
 * Mean, least and greatest of every metric, and mean time and throughput, over the runs that succeeded; nothing where none did.
 *
 * @remarks Python: `hf_gtc.evaluation.benchmarks.aggregate_benchmark_results(results)`.
 * @example aggregateBenchmarkResults([]) // => {}
 */
export function aggregateBenchmarkResults(results: readonly LegacyBenchmarkResult[]): Readonly<Record<string, number>> {
  const done = notNull(results, 'results').filter(({ success }) => success);
  if (done.length === 0) return {};
  const entries = metricNames(done).flatMap(name => {
    const values = done.filter(({ metrics }) => Object.hasOwn(metrics, name)).map(({ metrics }) => metrics[name]!);
    return [
      [`${name}_mean`, mean(values)],
      [`${name}_min`, Math.min(...values)],
      [`${name}_max`, Math.max(...values)],
    ];
  });
  return {
    ...Object.fromEntries(entries),
    total_time_mean: mean(done.map(({ timing }) => timing.totalTime)),
    throughput_mean: mean(done.map(({ timing }) => timing.samplesPerSecond)),
  };
}

/** Timed runs of a model. */
import { inRange, nonEmpty, notNull, positive } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import type { BenchmarkRunner, LegacyBenchmarkResult, TimingResult } from './configs.js';

/**
 * A percentile, interpolated linearly.
 *
 * @param percentile in [0, 100]
 * @throws {ValidationError} for no values or a percentile outside its interval
 * @remarks Python: `hf_gtc.evaluation.benchmarks.compute_percentile(values, percentile)`; within 1e-12.
 * @example computePercentile([1, 2, 3, 4], 50) // => 2.5
 */
export function computePercentile(values: readonly number[], percentile: number): number {
  nonEmpty(values, 'values');
  inRange(percentile, 'percentile', { min: 0, max: 100 });
  const sorted = [...values].sort((a, b) => a - b);
  const place = (percentile / 100) * (sorted.length - 1);
  const [low, share] = [Math.floor(place), place - Math.floor(place)];
  return share === 0 ? sorted[low]! : sorted[low]! * (1 - share) + sorted[low + 1]! * share;
}

/**
 * Throughput and latencies of runs.
 *
 * @param latencies seconds of each run
 * @param totalSamples of all runs together
 * @throws {ValidationError} for no runs or samples
 * @remarks Python: `hf_gtc.evaluation.benchmarks.compute_timing_stats(latencies, total_samples)`.
 * @example computeTimingStats([0.25, 0.25], 100).samplesPerSecond // => 200
 */
export function computeTimingStats(latencies: readonly number[], totalSamples: number): TimingResult {
  nonEmpty(latencies, 'latencies');
  positive(totalSamples, 'totalSamples');
  const totalTime = sum(latencies);
  const [latencyP50, latencyP90, latencyP99] = [50, 90, 99].map(percentile => computePercentile(latencies, percentile) * 1000);
  return {
    totalTime,
    samplesPerSecond: totalTime > 0 ? totalSamples / totalTime : 0,
    latencyP50: latencyP50!,
    latencyP90: latencyP90!,
    latencyP99: latencyP99!,
  };
}

/** What {@link runBenchmark} may be given. */
export interface RunOptions {
  /** Takes all outputs and the samples. */
  readonly metricsFn?: ((outputs: readonly unknown[], data: readonly unknown[]) => Readonly<Record<string, number>>) | null;
}

function overBatches(samples: readonly unknown[], batchSize: number, inferenceFn: (batch: readonly unknown[]) => unknown): unknown[] {
  const outputs: unknown[] = [];
  for (let from = 0; from < samples.length; from += batchSize) {
    const output = inferenceFn(samples.slice(from, from + batchSize));
    if (Array.isArray(output)) outputs.push(...output);
    else outputs.push(output);
  }
  return outputs;
}

/**
 * Times a model: warm-up on the first batch, then runs over all samples. Whatever goes wrong in the model or in the metrics makes a result without success.
 *
 * @param inferenceFn takes a batch
 * @throws {ValidationError} for no runner, samples or model
 * @remarks Python: `hf_gtc.evaluation.benchmarks.run_benchmark(runner, data, inference_fn, metrics_fn=)`.
 * @example const config = { name: 'identity', task: 'custom', numSamples: 2, batchSize: 1, warmupRuns: 0, numRuns: 1 } as const;
 * runBenchmark({ config, latencies: [] }, [1, 2, 3], batch => batch).samplesEvaluated // => 2
 */
export function runBenchmark(
  runner: BenchmarkRunner,
  data: readonly unknown[],
  inferenceFn: (batch: readonly unknown[]) => unknown,
  { metricsFn = null }: RunOptions = {},
): LegacyBenchmarkResult {
  const { config } = notNull(runner, 'runner');
  const samples = notNull(data, 'data').slice(0, config.numSamples ?? undefined);
  notNull(inferenceFn, 'inferenceFn');
  const result = { config, metrics: {}, samplesEvaluated: 0, success: false, errorMessage: null };
  const latencies: number[] = [];
  try {
    for (let run = 0; run < config.warmupRuns; run += 1) inferenceFn(samples.slice(0, config.batchSize));
    let outputs: unknown[] = [];
    for (let run = 0; run < config.numRuns; run += 1) {
      const start = performance.now();
      outputs = overBatches(samples, config.batchSize, inferenceFn);
      latencies.push((performance.now() - start) / 1000);
    }
    const timing = computeTimingStats(latencies, samples.length * config.numRuns);
    return { ...result, timing, metrics: metricsFn?.(outputs, samples) ?? {}, samplesEvaluated: samples.length, success: true };
  } catch (error) {
    const timing = { totalTime: 0, samplesPerSecond: 0, latencyP50: 0, latencyP90: 0, latencyP99: 0 };
    return { ...result, timing, errorMessage: error instanceof Error ? error.message : String(error) };
  }
}

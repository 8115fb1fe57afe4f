/** What a computation costs: time with percentiles, products, bytes, operation by operation. */
import { inRange, integer, nonNegative, oneOf, positive } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { observeOperations } from '@gtc/tensor/autograd';
import { memory } from '@gtc/tensor/memory';
import type * as nn from '@gtc/tensor/nn';
import { mean, sum } from '@gtc/tensor/statistics';
import { percentileOfSorted } from '../comparison/descriptive.js';
import { variance } from '../comparison/result.js';
import { withForwards } from '../interpretability/hooks.js';

/** Operations that are products of matrices, by their names in `@gtc/tensor`. */
const PRODUCTS: ReadonlySet<string> = new Set(['matmul', 'bmm', 'linear', 'quantizedLinear', 'dot', 'tensordot', 'multiDot']);

/** Floating point operations of the products in an operation: two for each term, as torch counts them; all else counts nothing. */
function flopsOf(name: string, result: Tensor, inputs: readonly Tensor[]): number {
  if (PRODUCTS.has(name)) return 2 * result.size * inputs[0]!.shape.at(-1)!;
  if (name !== 'scaledDotProductAttention') return 0;
  const [q, k] = inputs as readonly [Tensor, Tensor];
  return 2 * k.shape.at(-2)! * (q.size + result.size);
}

const bytesOf = (x: Tensor): number => x.size * (x.data as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT!;

/** Products of a computation. */
export interface FlopCount {
  readonly total: number;
  readonly byOperation: Readonly<Record<string, number>>;
  /** By the path of the innermost module in which they happen; '' outside all. Only where a model is given. */
  readonly byModule: Readonly<Record<string, number>>;
}

/**
 * Floating point operations of all matrix products in a computation, exactly: `2 m k n` for each, the two of attention included, masked parts too.
 *
 * @param run the computation, not asynchronous
 * @param options a model whose modules are told apart
 * @remarks Python: `torch.utils.flop_counter.FlopCounterMode`.
 * @example
 * import { ones } from '@gtc/tensor';
 * countFlops(() => ones([2, 3]).matmul(ones([3, 4]))).total // => 48
 */
export function countFlops(run: () => unknown, { model = null }: { readonly model?: nn.Module | null } = {}): FlopCount {
  const byOperation: Record<string, number> = {};
  const byModule: Record<string, number> = {};
  const paths = new Map(model === null ? [] : model.namedModules().map(([path, module]) => [module, path]));
  const inside: string[] = [''];
  const stop = observeOperations((name, result, inputs) => {
    const flops = flopsOf(name, result, inputs);
    if (flops === 0) return;
    byOperation[name] = (byOperation[name] ?? 0) + flops;
    if (model !== null) byModule[inside.at(-1)!] = (byModule[inside.at(-1)!] ?? 0) + flops;
  });
  try {
    withForwards(
      [...paths.keys()],
      (module, forward, inputs) => {
        inside.push(paths.get(module)!);
        try {
          return forward(...inputs);
        } finally {
          inside.pop();
        }
      },
      run,
    );
  } finally {
    stop();
  }
  return { total: sum(Object.values(byOperation)), byOperation, byModule };
}

/** Elements of a model's parameters; a tensor that occurs twice counts once. */
export interface ParameterCount {
  readonly total: number;
  readonly trainable: number;
  /** By module directly inside the model. */
  readonly byModule: Readonly<Record<string, number>>;
}

/**
 * How many parameters a model has.
 *
 * @remarks Python: `sum(p.numel() for p in model.parameters())`.
 * @example
 * import * as nn from '@gtc/tensor/nn';
 * countParameters(new nn.Linear(3, 2)).total // => 8
 */
export function countParameters(model: nn.Module): ParameterCount {
  const count = (module: nn.Module): number => sum(module.parameters().map(p => p.size));
  return {
    total: count(model),
    trainable: sum(
      model
        .parameters()
        .filter(p => p.requiresGrad)
        .map(p => p.size),
    ),
    byModule: Object.fromEntries(model.namedChildren().map(([name, child]) => [name, count(child)])),
  };
}

/** Times in milliseconds. */
export interface LatencyStats {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Figures of all calls of an operation. */
export interface OperationStats {
  readonly name: string;
  readonly calls: number;
  /** Mean of a run, with what precedes the operation since the one before. */
  readonly ms: number;
  /** Of a run. */
  readonly flops: number;
  /** Of its results, in a run. */
  readonly bytes: number;
}

/** An operation in the last run, in milliseconds from its start. */
export interface TraceEvent {
  readonly name: string;
  readonly start: number;
  readonly duration: number;
  readonly shape: readonly number[];
  readonly flops: number;
}

/** What {@link profile} measures. */
export interface Profile {
  readonly latency: LatencyStats;
  /** Of one run. */
  readonly flops: number;
  /** Products a second, at the median. */
  readonly flopsPerSecond: number;
  /** Most bytes of tensor memory in use at any operation of the runs. */
  readonly peakBytes: number;
  /** By time, longest first; empty at level `basic`. */
  readonly operations: readonly OperationStats[];
  /** Of the last run; empty but at level `trace`. */
  readonly trace: readonly TraceEvent[];
}

/** Options of {@link profile}. */
export interface ProfileOptions {
  /** Runs that are not measured; 3 by default. */
  readonly warmupRuns?: number;
  /** 10 by default. */
  readonly numRuns?: number;
  /** Times alone, operations too, or each of them in order. `detailed` by default. */
  readonly level?: 'basic' | 'detailed' | 'trace';
}

/** Times in order, and what they say. */
export function latencyStats(times: readonly number[]): LatencyStats {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => percentileOfSorted(sorted, share);
  const spread = sorted.length < 2 ? 0 : Math.sqrt(variance(sorted));
  return { mean: mean(sorted), std: spread, min: sorted[0]!, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), max: sorted.at(-1)! };
}

/**
 * Measures a computation: warm-up, then runs with times and their percentiles, products, memory and operations.
 *
 * @param run the computation; may be asynchronous
 * @throws {ValidationError} for a number of runs that is not positive, negative warm-up, or an unknown level
 * @remarks Python: `torch.profiler.profile` and `torch.utils.benchmark`.
 * @example
 * import { ones } from '@gtc/tensor';
 * (await profile(() => ones([2, 3]).matmul(ones([3, 4])), { numRuns: 2 })).flops // => 48
 */
export async function profile(run: () => unknown, { warmupRuns = 3, numRuns = 10, level = 'detailed' }: ProfileOptions = {}): Promise<Profile> {
  nonNegative(integer(warmupRuns, 'warmupRuns'), 'warmupRuns');
  positive(integer(numRuns, 'numRuns'), 'numRuns');
  oneOf(level, 'level', ['basic', 'detailed', 'trace'] as const);
  for (let i = 0; i < warmupRuns; i++) await run();
  const times: number[] = [];
  const stats = new Map<string, { calls: number; ms: number; flops: number; bytes: number }>();
  let trace: TraceEvent[] = [];
  let [flops, peakBytes] = [0, memory().bytes];
  for (let i = 0; i < numRuns; i++) {
    trace = [];
    flops = 0;
    const begin = performance.now();
    let last = begin;
    const stop = observeOperations((name, result, inputs) => {
      const now = performance.now();
      const own = flopsOf(name, result, inputs);
      flops += own;
      peakBytes = Math.max(peakBytes, memory().bytes);
      if (level !== 'basic') {
        const known = stats.get(name) ?? { calls: 0, ms: 0, flops: 0, bytes: 0 };
        stats.set(name, { calls: known.calls + 1, ms: known.ms + now - last, flops: known.flops + own, bytes: known.bytes + bytesOf(result) });
      }
      if (level === 'trace') trace.push({ name, start: last - begin, duration: now - last, shape: [...result.shape], flops: own });
      last = performance.now();
    });
    try {
      await run();
    } finally {
      stop();
    }
    times.push(performance.now() - begin);
  }
  const latency = latencyStats(times);
  const operations = [...stats].map(([name, each]) => ({
    name,
    calls: each.calls / numRuns,
    ms: each.ms / numRuns,
    flops: each.flops / numRuns,
    bytes: each.bytes / numRuns,
  }));
  return {
    latency,
    flops,
    flopsPerSecond: latency.p50 > 0 ? (flops / latency.p50) * 1000 : 0,
    peakBytes,
    operations: operations.sort((a, b) => b.ms - a.ms),
    trace,
  };
}

/**
 * A trace in the format of Chrome's `chrome://tracing` and Perfetto.
 *
 * @remarks Python: `torch.profiler.profile.export_chrome_trace(path)`.
 * @example toChromeTrace([{ name: 'matmul', start: 0, duration: 1, shape: [2], flops: 8 }]).includes('"dur":1000') // => true
 */
export function toChromeTrace(trace: readonly TraceEvent[]): string {
  const traceEvents = trace.map(({ name, start, duration, shape, flops }) => ({
    name,
    ph: 'X',
    pid: 1,
    tid: 1,
    // Microseconds.
    ts: Math.round(start * 1e6) / 1e3,
    dur: Math.round(duration * 1e6) / 1e3,
    args: { shape: shape.join('x'), flops },
  }));
  return JSON.stringify({ displayTimeUnit: 'ms', traceEvents });
}

/** What a computation and a machine can do. */
export interface RooflineInput {
  /** Floating point operations. */
  readonly flops: number;
  /** Bytes read and written. */
  readonly bytes: number;
  /** Of the machine, a second. */
  readonly peakFlops: number;
  /** Bytes a second. */
  readonly bandwidth: number;
}

/** Where a computation lies under the roofline (Williams, Waterman and Patterson 2009). */
export interface Roofline {
  /** Operations for each byte. */
  readonly intensity: number;
  readonly bound: 'compute' | 'memory';
  /** Operations a second that are within reach. */
  readonly attainableFlops: number;
}

/**
 * Whether a computation is limited by arithmetic or by memory.
 *
 * @throws {ValidationError} for figures that are not positive
 * @remarks Python: `min(peak, intensity * bandwidth)`.
 * @example roofline({ flops: 100, bytes: 100, peakFlops: 1e9, bandwidth: 1e8 }).bound // => 'memory'
 */
export function roofline({ flops, bytes, peakFlops, bandwidth }: RooflineInput): Roofline {
  for (const [name, value] of Object.entries({ flops, bytes, peakFlops, bandwidth })) inRange(value, name, { above: 0 });
  const intensity = flops / bytes;
  const reach = intensity * bandwidth;
  return { intensity, bound: reach < peakFlops ? 'memory' : 'compute', attainableFlops: Math.min(peakFlops, reach) };
}

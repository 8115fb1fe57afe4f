/** Batching of requests: batches, queues and latency objectives. Mirrors `hf_gtc.inference.batching`. */
import { allPositive, createFrom, type Definition, finite, formatFixed, inRange, nonNegative, oneOf, parseEnum, validate, valuesOf } from '@gtc/errors';

/** When a batch is put together. */
export const BatchingStrategy = { STATIC: 'static', DYNAMIC: 'dynamic', CONTINUOUS: 'continuous' } as const;
export type BatchingStrategy = (typeof BatchingStrategy)[keyof typeof BatchingStrategy];

/** Which request is served next. */
export const SchedulingPolicy = { FCFS: 'fcfs', SJF: 'sjf', PRIORITY: 'priority', FAIR_SHARE: 'fair_share' } as const;
export type SchedulingPolicy = (typeof SchedulingPolicy)[keyof typeof SchedulingPolicy];

/** What happens when the queue is full. */
export const QueueOverflowPolicy = { REJECT: 'reject', WAIT: 'wait', PREEMPT: 'preempt' } as const;
export type QueueOverflowPolicy = (typeof QueueOverflowPolicy)[keyof typeof QueueOverflowPolicy];

/** Values of {@link BatchingStrategy}, by their text. */
export type BatchingStrategyStr = BatchingStrategy;

/** Values of {@link SchedulingPolicy}, by their text. */
export type SchedulingPolicyStr = SchedulingPolicy;

/** Values of {@link QueueOverflowPolicy}, by their text. */
export type QueueOverflowPolicyStr = QueueOverflowPolicy;

/** How sequences of a batch get one length. */
export const PaddingStrategy = { LONGEST: 'longest', MAX_LENGTH: 'max_length', DO_NOT_PAD: 'do_not_pad' } as const;
export type PaddingStrategy = (typeof PaddingStrategy)[keyof typeof PaddingStrategy];

/** Values of {@link PaddingStrategy}, by their text. */
export type PaddingStrategyStr = PaddingStrategy;

/** Hardware with recommended settings. */
export type HardwareTypeStr = 'cpu' | 'gpu_consumer' | 'gpu_datacenter' | 'tpu';

/** Values of {@link BatchingStrategy}. */
export const VALID_BATCHING_STRATEGIES: ReadonlySet<BatchingStrategy> = new Set(Object.values(BatchingStrategy));

/** Values of {@link SchedulingPolicy}. */
export const VALID_SCHEDULING_POLICIES: ReadonlySet<SchedulingPolicy> = new Set(Object.values(SchedulingPolicy));

/** Values of {@link QueueOverflowPolicy}. */
export const VALID_QUEUE_OVERFLOW_POLICIES: ReadonlySet<QueueOverflowPolicy> = new Set(Object.values(QueueOverflowPolicy));

/** How requests are batched. */
export interface BatchConfig {
  readonly strategy: BatchingStrategy;
  readonly maxBatchSize: number;
  readonly maxTokensPerBatch: number;
  readonly paddingStrategy: PaddingStrategyStr;
}

/** Defaults and rules of {@link BatchConfig}. */
export const BatchConfig: Definition<BatchConfig> = {
  name: 'BatchConfig',
  fields: {
    strategy: { kind: 'enum', of: BatchingStrategy, default: BatchingStrategy.CONTINUOUS },
    maxBatchSize: { kind: 'int', default: 32, positive: true },
    maxTokensPerBatch: { kind: 'int', default: 4096, positive: true },
    paddingStrategy: { kind: 'enum', of: PaddingStrategy, default: PaddingStrategy.LONGEST },
  },
};

/** The queue of requests. */
export interface QueueConfig {
  readonly maxQueueSize: number;
  readonly overflowPolicy: QueueOverflowPolicy;
  readonly timeoutSeconds: number;
}

/** Defaults and rules of {@link QueueConfig}. */
export const QueueConfig: Definition<QueueConfig> = {
  name: 'QueueConfig',
  fields: {
    maxQueueSize: { kind: 'int', default: 1000, positive: true },
    overflowPolicy: { kind: 'enum', of: QueueOverflowPolicy, default: QueueOverflowPolicy.REJECT },
    timeoutSeconds: { kind: 'float', default: 30, positive: true },
  },
};

/** Objectives of latency, ms by percentile. */
export interface LatencySLO {
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Defaults and rules of {@link LatencySLO}. */
export const LatencySLO: Definition<LatencySLO> = {
  name: 'LatencySLO',
  fields: {
    p50Ms: { kind: 'float', default: 50, positive: true },
    p90Ms: { kind: 'float', default: 100, positive: true },
    p99Ms: { kind: 'float', default: 200, positive: true },
    maxMs: { kind: 'float', default: 500, positive: true },
  },
  rules: [
    ({ p50Ms, p90Ms }) => (p90Ms < p50Ms ? `p90Ms must be at least p50Ms (${p50Ms}), got ${p90Ms}` : null),
    ({ p90Ms, p99Ms }) => (p99Ms < p90Ms ? `p99Ms must be at least p90Ms (${p90Ms}), got ${p99Ms}` : null),
    ({ p99Ms, maxMs }) => (maxMs < p99Ms ? `maxMs must be at least p99Ms (${p99Ms}), got ${maxMs}` : null),
  ],
};

/** What a batcher did. */
export interface BatchingStats {
  readonly requestsProcessed: number;
  readonly avgBatchSize: number;
  readonly avgWaitTimeMs: number;
  readonly sloViolations: number;
}

/** Defaults and rules of {@link BatchingStats}. */
export const BatchingStats: Definition<BatchingStats> = {
  name: 'BatchingStats',
  fields: {
    requestsProcessed: { kind: 'int', default: 0, nonNegative: true },
    avgBatchSize: { kind: 'float', default: 0, nonNegative: true },
    avgWaitTimeMs: { kind: 'float', default: 0, nonNegative: true },
    sloViolations: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateBatchConfig(config: BatchConfig): void {
  validate(BatchConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQueueConfig(config: QueueConfig): void {
  validate(QueueConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLatencySlo(slo: LatencySLO): void {
  validate(LatencySLO, slo, 'slo');
}

/** @throws {ValidationError} naming every broken rule */
export function validateBatchingStats(stats: BatchingStats): void {
  validate(BatchingStats, stats, 'stats');
}

/** Settles a {@link BatchConfig}. @throws {ValidationError} naming every broken rule */
export function createBatchConfig(options: Partial<BatchConfig> = {}): BatchConfig {
  return createFrom(BatchConfig, options);
}

/** Settles a {@link QueueConfig}. @throws {ValidationError} naming every broken rule */
export function createQueueConfig(options: Partial<QueueConfig> = {}): QueueConfig {
  return createFrom(QueueConfig, options);
}

/** Settles a {@link LatencySLO}. @throws {ValidationError} naming every broken rule */
export function createLatencySlo(options: Partial<LatencySLO> = {}): LatencySLO {
  return createFrom(LatencySLO, options);
}

/** Settles a {@link BatchingStats}. @throws {ValidationError} naming every broken rule */
export function createBatchingStats(options: Partial<BatchingStats> = {}): BatchingStats {
  return createFrom(BatchingStats, options);
}

/** Batching strategies in ascending order. */
export function listBatchingStrategies(): BatchingStrategy[] {
  return valuesOf(BatchingStrategy);
}

/** Scheduling policies in ascending order. */
export function listSchedulingPolicies(): SchedulingPolicy[] {
  return valuesOf(SchedulingPolicy);
}

/** Queue overflow policies in ascending order. */
export function listQueueOverflowPolicies(): QueueOverflowPolicy[] {
  return valuesOf(QueueOverflowPolicy);
}

/** @throws {ValidationError} naming the batching strategies */
export function getBatchingStrategy(name: string): BatchingStrategy {
  return parseEnum(BatchingStrategy, name, 'batchingStrategy');
}

/** @throws {ValidationError} naming the scheduling policies */
export function getSchedulingPolicy(name: string): SchedulingPolicy {
  return parseEnum(SchedulingPolicy, name, 'schedulingPolicy');
}

/** @throws {ValidationError} naming the queue overflow policies */
export function getQueueOverflowPolicy(name: string): QueueOverflowPolicy {
  return parseEnum(QueueOverflowPolicy, name, 'queueOverflowPolicy');
}

/**
 * Greatest batch whose activations fit: a sequence takes three times its length times the width.
 *
 * @param availableMemoryMb MiB
 * @param options `memoryFraction` in (0, 1] that may be used
 * @returns at least 1
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.batching.calculate_optimal_batch_size(available_memory_mb, avg_sequence_length, hidden_size=, dtype_bytes=, memory_fraction=)`; exact.
 * @example calculateOptimalBatchSize(100, 512) // => 35
 */
export function calculateOptimalBatchSize(
  availableMemoryMb: number,
  avgSequenceLength: number,
  {
    hiddenSize = 768,
    dtypeBytes = 2,
    memoryFraction = 0.8,
  }: { readonly hiddenSize?: number; readonly dtypeBytes?: number; readonly memoryFraction?: number } = {},
): number {
  allPositive({ availableMemoryMb: finite(availableMemoryMb, 'availableMemoryMb'), avgSequenceLength, hiddenSize, dtypeBytes });
  inRange(memoryFraction, 'memoryFraction', { above: 0, max: 1 });
  return Math.max(1, Math.floor((availableMemoryMb * 1024 ** 2 * memoryFraction) / (3 * avgSequenceLength * hiddenSize * dtypeBytes)));
}

/**
 * Tokens per second of a batch.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.batching.estimate_throughput(batch_size, avg_sequence_length, inference_time_ms)`; within 1e-12.
 * @example estimateThroughput(32, 1, 1000) // => 32
 */
export function estimateThroughput(batchSize: number, avgSequenceLength: number, inferenceTimeMs: number): number {
  allPositive({ batchSize, avgSequenceLength, inferenceTimeMs });
  return (batchSize * avgSequenceLength * 1000) / inferenceTimeMs;
}

/**
 * Tokens that a batch may hold: a share of its greatest size.
 *
 * @param options `budgetFraction` in (0, 1]
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.batching.calculate_token_budget(max_batch_size, max_sequence_length, budget_fraction=)`; exact.
 * @example calculateTokenBudget(32, 1) // => 28
 */
export function calculateTokenBudget(
  maxBatchSize: number,
  maxSequenceLength: number,
  { budgetFraction = 0.9 }: { readonly budgetFraction?: number } = {},
): number {
  allPositive({ maxBatchSize, maxSequenceLength });
  inRange(budgetFraction, 'budgetFraction', { above: 0, max: 1 });
  return Math.floor(maxBatchSize * maxSequenceLength * budgetFraction);
}

/** Fields of {@link LatencySLO} by percentile. */
const OBJECTIVES = { p50: 'p50Ms', p90: 'p90Ms', p99: 'p99Ms', max: 'maxMs' } as const;

/**
 * Whether a latency keeps an objective.
 *
 * @throws {ValidationError} for a negative latency or an unknown percentile
 * @remarks Python: `hf_gtc.inference.batching.check_slo_compliance(actual_latency_ms, slo, percentile=)`; exact.
 * @example checkSloCompliance(150, createLatencySlo(), { percentile: 'p90' }) // => false
 */
export function checkSloCompliance(
  actualLatencyMs: number,
  slo: LatencySLO,
  { percentile = 'p99' }: { readonly percentile?: 'p50' | 'p90' | 'p99' | 'max' } = {},
): boolean {
  nonNegative(actualLatencyMs, 'actualLatencyMs');
  oneOf(percentile, 'percentile', Object.keys(OBJECTIVES));
  return actualLatencyMs <= slo[OBJECTIVES[percentile]];
}

/**
 * What a batcher did, as text.
 *
 * @remarks Python: `hf_gtc.inference.batching.format_batching_stats(stats)`; the same text.
 */
export function formatBatchingStats(stats: BatchingStats): string {
  return [
    `Requests Processed: ${stats.requestsProcessed}`,
    `Avg Batch Size: ${formatFixed(stats.avgBatchSize, 2)}`,
    `Avg Wait Time: ${formatFixed(stats.avgWaitTimeMs, 2)} ms`,
    `SLO Violations: ${stats.sloViolations}`,
  ].join('\n');
}

const RECOMMENDED: Readonly<Record<HardwareTypeStr, Partial<BatchConfig>>> = {
  cpu: { strategy: 'static', maxBatchSize: 8, maxTokensPerBatch: 1024 },
  gpu_consumer: { strategy: 'dynamic', maxBatchSize: 16, maxTokensPerBatch: 2048 },
  gpu_datacenter: { strategy: 'continuous', maxBatchSize: 64, maxTokensPerBatch: 8192 },
  tpu: { strategy: 'continuous', maxBatchSize: 128, maxTokensPerBatch: 16384, paddingStrategy: 'max_length' },
};

/**
 * Settings that suit hardware.
 *
 * @throws {ValidationError} naming the hardware that is known
 * @remarks Python: `hf_gtc.inference.batching.get_recommended_batching_config(hardware=)`.
 * @example getRecommendedBatchingConfig({ hardware: 'cpu' }).maxBatchSize // => 8
 */
export function getRecommendedBatchingConfig({ hardware = 'gpu_datacenter' }: { readonly hardware?: HardwareTypeStr } = {}): BatchConfig {
  oneOf(hardware, 'hardware', Object.keys(RECOMMENDED));
  return createBatchConfig(RECOMMENDED[hardware]);
}

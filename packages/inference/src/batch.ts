/** Batches of inputs: how many, how large, how fast. Mirrors `hf_gtc.inference.batch`. */
import {
  allNonNegative,
  allPositive,
  createFrom,
  type Definition,
  finite,
  inRange,
  integer,
  nonNegative,
  notNull,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';

/** How sequences of a batch get one length. */
export const PaddingStrategy = { LONGEST: 'longest', MAX_LENGTH: 'max_length', DO_NOT_PAD: 'do_not_pad' } as const;
export type PaddingStrategy = (typeof PaddingStrategy)[keyof typeof PaddingStrategy];

/** Values of {@link PaddingStrategy}. */
export const VALID_PADDING_STRATEGIES: ReadonlySet<PaddingStrategy> = new Set(Object.values(PaddingStrategy));

/** How inputs are batched. */
export interface BatchConfig {
  readonly batchSize: number;
  readonly maxLength: number;
  readonly padding: PaddingStrategy;
  readonly truncation: boolean;
  readonly returnTensors: string;
}

/** Defaults and rules of {@link BatchConfig}. */
export const BatchConfig: Definition<BatchConfig> = {
  name: 'BatchConfig',
  fields: {
    batchSize: { kind: 'int', default: 32, positive: true },
    maxLength: { kind: 'int', default: 512, positive: true },
    padding: { kind: 'enum', of: PaddingStrategy, default: PaddingStrategy.LONGEST },
    truncation: { kind: 'bool', default: true },
    returnTensors: { kind: 'string', default: 'pt', oneOf: ['jax', 'np', 'pt', 'tf'] },
  },
};

/** What a batch gave. */
export interface BatchResult {
  readonly predictions: readonly unknown[];
  readonly batchIndex: number;
  readonly numSamples: number;
  readonly processingTimeMs: number;
}

/** What all batches took. */
export interface BatchStats {
  readonly totalSamples: number;
  readonly totalBatches: number;
  readonly avgBatchTimeMs: number;
  readonly totalTimeMs: number;
  readonly samplesPerSecond: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateBatchConfig(config: BatchConfig): void {
  validate(BatchConfig, config);
}

/** Padding strategies in ascending order. */
export function listPaddingStrategies(): PaddingStrategy[] {
  return valuesOf(PaddingStrategy);
}

function* slices<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}

/**
 * Cuts items into batches; the last one may be short.
 *
 * @throws {ValidationError} at the call, for no items or a size that is not positive
 * @remarks Python: `hf_gtc.inference.batch.create_batches(items, batch_size)`.
 * @example [...createBatches(['a', 'b', 'c'], 2)] // => [['a', 'b'], ['c']]
 */
export function createBatches<T>(items: readonly T[], batchSize: number): Generator<T[]> {
  return slices(notNull(items, 'items'), positive(integer(batchSize, 'batchSize'), 'batchSize'));
}

/**
 * Batches that samples make, the short one included.
 *
 * @throws {ValidationError} for a negative count or a size that is not positive
 * @remarks Python: `hf_gtc.inference.batch.compute_num_batches(num_samples, batch_size)`; exact.
 * @example computeNumBatches(65, 32) // => 3
 */
export function computeNumBatches(numSamples: number, batchSize: number): number {
  nonNegative(numSamples, 'numSamples');
  return Math.ceil(numSamples / positive(batchSize, 'batchSize'));
}

/**
 * Mean time of a batch and samples per second; 0 where nothing was measured.
 *
 * @throws {ValidationError} for negative values
 * @remarks Python: `hf_gtc.inference.batch.compute_batch_stats(total_samples, total_batches, total_time_ms)`.
 * @example computeBatchStats(98, 14, 10000).samplesPerSecond // => 9.8
 */
export function computeBatchStats(totalSamples: number, totalBatches: number, totalTimeMs: number): BatchStats {
  allNonNegative({ totalSamples, totalBatches, totalTimeMs });
  return Object.freeze({
    totalSamples,
    totalBatches,
    avgBatchTimeMs: totalBatches > 0 ? totalTimeMs / totalBatches : 0,
    totalTimeMs,
    samplesPerSecond: totalTimeMs > 0 ? totalSamples / (totalTimeMs / 1000) : 0,
  });
}

/** Settings of {@link estimateMemoryPerBatch}. */
export interface ActivationOptions {
  readonly hiddenSize?: number;
  readonly dtypeBytes?: number;
}

/**
 * Memory of the activations of a batch, MiB.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.batch.estimate_memory_per_batch(batch_size, max_length, hidden_size=, dtype_bytes=)`; within 1e-12.
 * @example estimateMemoryPerBatch(32, 512) // => 48
 */
export function estimateMemoryPerBatch(batchSize: number, maxLength: number, { hiddenSize = 768, dtypeBytes = 4 }: ActivationOptions = {}): number {
  allPositive({ batchSize, maxLength, hiddenSize, dtypeBytes });
  return (batchSize * maxLength * hiddenSize * dtypeBytes) / 1024 ** 2;
}

/**
 * Greatest batch whose activations fit, at least 1.
 *
 * @param availableMemoryMb MiB
 * @param options `memoryFraction` in (0, 1] that may be used
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.batch.get_optimal_batch_size(available_memory_mb, max_length, hidden_size=, dtype_bytes=, memory_fraction=)`; exact.
 * @example getOptimalBatchSize(0.876, 512) // => 1
 */
export function getOptimalBatchSize(
  availableMemoryMb: number,
  maxLength: number,
  { memoryFraction = 0.8, ...options }: ActivationOptions & { readonly memoryFraction?: number } = {},
): number {
  positive(finite(availableMemoryMb, 'availableMemoryMb'), 'availableMemoryMb');
  inRange(memoryFraction, 'memoryFraction', { above: 0, max: 1 });
  return Math.max(1, Math.floor((availableMemoryMb * memoryFraction) / estimateMemoryPerBatch(1, maxLength, options)));
}

/**
 * Collects items and hands them out in batches, first in, first out.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `inference::batch::BatchProcessor`.
 * @example new BatchProcessor<string>({ batchSize: 2 }).addBatch(['a', 'b', 'c']).process() // => ['a', 'b']
 */
export class BatchProcessor<T = readonly number[]> {
  readonly config: BatchConfig;
  #pending: T[] = [];
  #processed = 0;

  constructor(options: Partial<BatchConfig> = {}) {
    this.config = createFrom(BatchConfig, options);
  }

  /** Puts an item at the end. */
  add(item: T): this {
    this.#pending.push(item);
    return this;
  }

  /** Puts items at the end. */
  addBatch(items: Iterable<T>): this {
    for (const item of items) this.#pending.push(item);
    return this;
  }

  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Items handed out so far. */
  get processedCount(): number {
    return this.#processed;
  }

  /** Whether a full batch waits. */
  get isBatchReady(): boolean {
    return this.#pending.length >= this.config.batchSize;
  }

  /** The next full batch, null where fewer items wait. */
  process(): T[] | null {
    return this.isBatchReady ? this.#take() : null;
  }

  /** All that waits, in batches; the last one may not be full. */
  flush(): T[][] {
    const batches: T[][] = [];
    while (this.#pending.length > 0) batches.push(this.#take());
    return batches;
  }

  /** Forgets what waits and what was handed out. */
  reset(): void {
    this.#pending = [];
    this.#processed = 0;
  }

  #take(): T[] {
    const batch = this.#pending.splice(0, this.config.batchSize);
    this.#processed += batch.length;
    return batch;
  }
}

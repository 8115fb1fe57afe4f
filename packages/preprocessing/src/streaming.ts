/** Streams of any size: batches, maps and filters over iterables, synchronous or not, and datasets of the hub row by row. Mirrors `hf_gtc.preprocessing.streaming`. */
import {
  allNonNegative,
  createFrom,
  type Definition,
  isValueOf,
  NotFoundError,
  nonEmpty,
  nonNegative,
  notNull,
  positive,
  UnsupportedError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';
import { type HubRow, hubRows } from './internal/hub/rows.js';

/** How a stream is shuffled. */
export const ShuffleMode = { DISABLED: 'disabled', BUFFER: 'buffer', FULL: 'full' } as const;
export type ShuffleMode = (typeof ShuffleMode)[keyof typeof ShuffleMode];

/** Values of {@link ShuffleMode}. */
export const VALID_SHUFFLE_MODES: ReadonlySet<ShuffleMode> = new Set(Object.values(ShuffleMode));

/** How a dataset is streamed. */
export interface StreamConfig {
  readonly batchSize: number;
  /** Rows among which a shuffled stream draws. */
  readonly bufferSize: number;
  readonly shuffleMode: ShuffleMode;
  /** Pages requested ahead. */
  readonly prefetchBatches: number;
  /** Kept for parity: the requests of one process run side by side anyway. */
  readonly numWorkers: number;
}

/** Defaults and rules of {@link StreamConfig}. */
export const StreamConfig: Definition<StreamConfig> = {
  name: 'StreamConfig',
  fields: {
    batchSize: { kind: 'int', default: 1000, positive: true },
    bufferSize: { kind: 'int', default: 10000, positive: true },
    shuffleMode: { kind: 'enum', of: ShuffleMode, default: ShuffleMode.BUFFER },
    prefetchBatches: { kind: 'int', default: 2, nonNegative: true },
    numWorkers: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** What was streamed. */
export interface StreamStats {
  readonly totalSamples: number;
  readonly totalBatches: number;
  readonly bytesRead: number;
  readonly samplesPerSecond: number;
}

/** Defaults and rules of {@link StreamStats}. */
export const StreamStats: Definition<StreamStats> = {
  name: 'StreamStats',
  fields: {
    totalSamples: { kind: 'int' },
    totalBatches: { kind: 'int' },
    bytesRead: { kind: 'int' },
    samplesPerSecond: { kind: 'float' },
  },
};

/** How far a stream has come. */
export interface StreamProgress {
  readonly samplesProcessed: number;
  readonly batchesProcessed: number;
  readonly estimatedTotal: number | null;
  /** 0 to 100; null while the total is unknown. */
  readonly percentComplete: number | null;
}

/** Defaults and rules of {@link StreamProgress}. */
export const StreamProgress: Definition<StreamProgress> = {
  name: 'StreamProgress',
  fields: {
    samplesProcessed: { kind: 'int' },
    batchesProcessed: { kind: 'int' },
    estimatedTotal: { kind: 'int', nullable: true },
    percentComplete: { kind: 'float', nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateStreamConfig(config: StreamConfig): void {
  validate(StreamConfig, config);
}

/** Shuffle modes in ascending order. */
export function listShuffleModes(): ShuffleMode[] {
  return valuesOf(ShuffleMode);
}

/** Whether the text is a value of {@link ShuffleMode}. */
export function validateShuffleMode(mode: string): boolean {
  return isValueOf(ShuffleMode, mode);
}

/** Anything to iterate over, synchronously or not. */
export type Stream<T> = Iterable<T> | AsyncIterable<T>;

/** The stream of other items that comes of a stream: of the same kind. */
export type StreamOf<S, U> = S extends Iterable<unknown> ? IterableIterator<U> : AsyncIterableIterator<U>;

/** What is done with a stream: items in, items out, and what is left at the end. */
interface Stage<T, U> {
  readonly push: (item: T) => readonly U[] | Promise<readonly U[]>;
  readonly flush?: () => Iterable<U>;
  /** Whether nothing more is wanted. */
  readonly done?: () => boolean;
}

function* runSync<T, U>(items: Iterable<T>, { push, flush, done }: Stage<T, U>): Generator<U> {
  if (done?.()) return;
  for (const item of items) {
    yield* push(item) as readonly U[];
    if (done?.()) return;
  }
  if (flush) yield* flush();
}

async function* runAsync<T, U>(items: AsyncIterable<T>, { push, flush, done }: Stage<T, U>): AsyncGenerator<U> {
  if (done?.()) return;
  for await (const item of items) {
    yield* await push(item);
    if (done?.()) return;
  }
  if (flush) yield* flush();
}

function run<S extends Stream<unknown>, T, U>(items: S, stage: Stage<T, U>): StreamOf<S, U> {
  const stream: Stream<unknown> = notNull(items, 'items');
  return (Symbol.asyncIterator in stream ? runAsync(stream as AsyncIterable<T>, stage) : runSync(stream as Iterable<T>, stage)) as unknown as StreamOf<S, U>;
}

/** Items of a {@link Stream}. */
export type ItemOf<S> = S extends Stream<infer T> ? T : never;

/**
 * Batches of a stream.
 *
 * @param dropLast leaves a last batch out that is not full
 * @throws {ValidationError} unless batchSize is positive
 * @remarks Python: `hf_gtc.preprocessing.streaming.create_stream_iterator(items, batch_size=, drop_last=)`.
 * @example [...createStreamIterator([1, 2, 3], { batchSize: 2 })] // => [[1, 2], [3]]
 */
export function createStreamIterator<S extends Stream<unknown>>(
  items: S,
  { batchSize = 1000, dropLast = false }: { readonly batchSize?: number; readonly dropLast?: boolean } = {},
): StreamOf<S, ItemOf<S>[]> {
  notNull(items, 'items');
  positive(batchSize, 'batchSize');
  let batch: ItemOf<S>[] = [];
  return run<S, ItemOf<S>, ItemOf<S>[]>(items, {
    push: item => {
      batch.push(item);
      if (batch.length < batchSize) return [];
      const full = batch;
      batch = [];
      return [full];
    },
    flush: () => (batch.length === 0 || dropLast ? [] : [batch]),
  });
}

/**
 * Every item through a function, one at a time; an asynchronous stream waits for the function.
 *
 * @remarks Python: `hf_gtc.preprocessing.streaming.map_stream(items, fn)`.
 */
export function mapStream<S extends Stream<unknown>, U>(items: S, fn: (item: ItemOf<S>) => U): StreamOf<S, Awaited<U>> {
  notNull(items, 'items');
  notNull(fn, 'fn');
  return run<S, ItemOf<S>, Awaited<U>>(items, { push: item => onResult(fn(item), value => [value as Awaited<U>]) });
}

/** Continues with a result, now or when its promise is kept. */
function onResult<V, R>(result: V, next: (value: Awaited<V>) => R): R | Promise<R> {
  return result instanceof Promise ? result.then(next) : next(result as Awaited<V>);
}

/**
 * The items that fit a predicate; an asynchronous stream waits for the predicate.
 *
 * @remarks Python: `hf_gtc.preprocessing.streaming.filter_stream(items, predicate)`.
 */
export function filterStream<S extends Stream<unknown>>(items: S, predicate: (item: ItemOf<S>) => unknown): StreamOf<S, ItemOf<S>> {
  notNull(items, 'items');
  notNull(predicate, 'predicate');
  return run<S, ItemOf<S>, ItemOf<S>>(items, { push: item => onResult(predicate(item), fits => (fits ? [item] : [])) });
}

/**
 * The first items; not one more is drawn from the stream.
 *
 * @remarks Python: `hf_gtc.preprocessing.streaming.take_stream(items, n)`.
 */
export function takeStream<S extends Stream<unknown>>(items: S, n: number): StreamOf<S, ItemOf<S>> {
  notNull(items, 'items');
  nonNegative(n, 'n');
  let left = n;
  return run<S, ItemOf<S>, ItemOf<S>>(items, {
    push: item => {
      left -= 1;
      return [item];
    },
    done: () => left <= 0,
  });
}

/**
 * The items after the first ones.
 *
 * @remarks Python: `hf_gtc.preprocessing.streaming.skip_stream(items, n)`.
 */
export function skipStream<S extends Stream<unknown>>(items: S, n: number): StreamOf<S, ItemOf<S>> {
  notNull(items, 'items');
  nonNegative(n, 'n');
  let left = n;
  return run<S, ItemOf<S>, ItemOf<S>>(items, { push: item => (left-- > 0 ? [] : [item]) });
}

/**
 * A stream in an order drawn from a buffer: once full it is shuffled and its first half leaves. The order is that of
 * `IterableDataset.shuffle` in its first epoch.
 *
 * @param bufferSize `Infinity` reads everything and shuffles it
 * @throws {ValidationError} for a buffer without a place, or a negative seed
 * @remarks Python: `datasets.IterableDataset.shuffle(seed=, buffer_size=)`.
 * @example [...shuffleStream([0, 1, 2, 3, 4, 5], { bufferSize: 4, seed: 42 })] // => [3, 2, 5, 4, 1, 0]
 */
export function shuffleStream<S extends Stream<unknown>>(
  items: S,
  { bufferSize = 10000, seed = 42 }: { readonly bufferSize?: number; readonly seed?: number } = {},
): StreamOf<S, ItemOf<S>> {
  positive(bufferSize, 'bufferSize');
  const random = new NumpyRandom(seed);
  const buffer: ItemOf<S>[] = [];
  return run<S, ItemOf<S>, ItemOf<S>>(items, {
    push: item => (buffer.push(item) < bufferSize ? [] : random.shuffle(buffer).splice(0, Math.ceil(bufferSize / 2))),
    flush: () => random.shuffle(buffer),
  });
}

/**
 * Rows of a dataset of the hub, without downloading it first, through the hub's server of rows.
 *
 * @throws {UnsupportedError} for a revision: the server knows the newest only
 * @throws {NotFoundError} for a dataset or split that does not exist
 * @throws {StateError} when the server cannot be reached
 * @remarks Python: `hf_gtc.preprocessing.streaming.stream_dataset(dataset_name, split=, revision=, config=, columns=)`.
 */
export function streamDataset(
  datasetName: string,
  { split = 'train', revision = null, config = null, columns = null, seed = 42, ...options }: StreamOptions = {},
): AsyncIterableIterator<HubRow> {
  nonEmpty(datasetName, 'datasetName');
  nonEmpty(split, 'split');
  const settings = config ?? createFrom(StreamConfig);
  validate(StreamConfig, settings);
  if (revision !== null)
    throw new UnsupportedError(`revision must be null: rows come from the newest revision only, got '${revision}'`, {
      parameter: 'revision',
      received: revision,
    });
  const rows = hubRows(datasetName, split, { ...options, ahead: settings.prefetchBatches });
  const chosen = columns === null ? rows : mapStream(rows, row => pick(row, columns));
  if (settings.shuffleMode === 'disabled') return chosen;
  return shuffleStream(chosen, { bufferSize: settings.shuffleMode === 'full' ? Number.POSITIVE_INFINITY : settings.bufferSize, seed });
}

/** Where {@link streamDataset} reads and how. */
export interface StreamOptions {
  readonly split?: string;
  readonly revision?: string | null;
  readonly config?: StreamConfig | null;
  /** Columns to keep; all when null. */
  readonly columns?: readonly string[] | null;
  /** Of the shuffle. */
  readonly seed?: number;
  /** Base URL of the server of rows; the hub's by default. */
  readonly endpoint?: string;
  /** Access token for gated datasets. */
  readonly token?: string | null;
  /** What makes the requests; the platform's by default. */
  readonly fetch?: typeof fetch;
  readonly signal?: AbortSignal;
}

/** @throws {NotFoundError} for a column that the row lacks */
function pick(row: HubRow, columns: readonly string[]): HubRow {
  const missing = columns.find(column => !Object.hasOwn(row, column));
  if (missing !== undefined) throw NotFoundError.of('column', missing, Object.keys(row));
  return Object.fromEntries(columns.map(column => [column, row[column]]));
}

/**
 * {@link streamDataset} in batches of `config.batchSize` rows.
 *
 * @throws {ValidationError} unless batchSize and bufferSize are positive, datasetName is not empty
 * @remarks Python: `hf_gtc.preprocessing.streaming.stream_batches(dataset_name, split=, revision=, config=, columns=)`.
 */
export function streamBatches(datasetName: string, options: StreamOptions = {}): AsyncIterableIterator<HubRow[]> {
  const config = options.config ?? createFrom(StreamConfig);
  validate(StreamConfig, config);
  return createStreamIterator(streamDataset(datasetName, options), { batchSize: config.batchSize });
}

/**
 * Figures of a stream; 0 samples a second before any time has passed.
 *
 * @remarks Python: `hf_gtc.preprocessing.streaming.compute_stream_stats(total_samples, total_batches, bytes_read, elapsed_seconds)`.
 */
export function computeStreamStats(totalSamples: number, totalBatches: number, bytesRead: number, elapsedSeconds: number): StreamStats {
  allNonNegative({ totalSamples, totalBatches, bytesRead, elapsedSeconds });
  return { totalSamples, totalBatches, bytesRead, samplesPerSecond: elapsedSeconds > 0 ? totalSamples / elapsedSeconds : 0 };
}

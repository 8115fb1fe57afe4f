/** Streaming of text: modes, chunks, buffers and rates. Mirrors `hf_gtc.inference.streaming`. */
import { allNonNegative, createFrom, type Definition, parseEnum, validate, valuesOf } from '@gtc/errors';

/** What is sent at a time. */
export const StreamingMode = { TOKEN: 'token', CHUNK: 'chunk', SENTENCE: 'sentence', PARAGRAPH: 'paragraph' } as const;
export type StreamingMode = (typeof StreamingMode)[keyof typeof StreamingMode];

/** What a listener hears of. */
export const CallbackType = { ON_TOKEN: 'on_token', ON_CHUNK: 'on_chunk', ON_COMPLETE: 'on_complete', ON_ERROR: 'on_error' } as const;
export type CallbackType = (typeof CallbackType)[keyof typeof CallbackType];

/** What happens when a buffer is full. */
export type OverflowStrategy = 'drop_oldest' | 'drop_newest' | 'block';

/** Values of {@link StreamingMode}. */
export const VALID_STREAMING_MODES: ReadonlySet<StreamingMode> = new Set(Object.values(StreamingMode));

/** Values of {@link CallbackType}. */
export const VALID_CALLBACK_TYPES: ReadonlySet<CallbackType> = new Set(Object.values(CallbackType));

/** Values of {@link OverflowStrategy}. */
export const VALID_OVERFLOW_STRATEGIES: ReadonlySet<OverflowStrategy> = new Set<OverflowStrategy>(['block', 'drop_newest', 'drop_oldest']);

/** How text is streamed. */
export interface StreamConfig {
  readonly mode: StreamingMode;
  /** Tokens. */
  readonly chunkSize: number;
  readonly timeoutSeconds: number;
  readonly bufferSize: number;
}

/** Defaults and rules of {@link StreamConfig}. */
export const StreamConfig: Definition<StreamConfig> = {
  name: 'StreamConfig',
  fields: {
    mode: { kind: 'enum', of: StreamingMode, default: StreamingMode.TOKEN },
    chunkSize: { kind: 'int', default: 10, positive: true },
    timeoutSeconds: { kind: 'float', default: 30, positive: true },
    bufferSize: { kind: 'int', default: 1024, positive: true },
  },
};

/** Size of chunks, in tokens. */
export interface ChunkConfig {
  readonly minChunkTokens: number;
  readonly maxChunkTokens: number;
  readonly delimiter: string | null;
}

/** Defaults and rules of {@link ChunkConfig}. */
export const ChunkConfig: Definition<ChunkConfig> = {
  name: 'ChunkConfig',
  fields: {
    minChunkTokens: { kind: 'int', default: 1, positive: true },
    maxChunkTokens: { kind: 'int', default: 100, positive: true },
    delimiter: { kind: 'string', default: null, nullable: true },
  },
  rules: [
    ({ minChunkTokens, maxChunkTokens }) =>
      minChunkTokens > maxChunkTokens ? `minChunkTokens must be at most maxChunkTokens (${maxChunkTokens}), got ${minChunkTokens}` : null,
  ],
};

/** What was streamed. */
export interface StreamingStats {
  readonly tokensGenerated: number;
  readonly chunksSent: number;
  readonly elapsedSeconds: number;
  readonly tokensPerSecond: number;
}

/** Something that a stream tells. */
export interface StreamEvent {
  readonly eventType: string;
  readonly data: unknown;
  readonly timestamp: number;
  readonly sequenceNumber: number;
}

/** A buffer between a model and a listener. */
export interface BufferConfig {
  readonly maxBufferTokens: number;
  /** Seconds. */
  readonly flushInterval: number;
  readonly overflowStrategy: OverflowStrategy;
}

/** Defaults and rules of {@link BufferConfig}. */
export const BufferConfig: Definition<BufferConfig> = {
  name: 'BufferConfig',
  fields: {
    maxBufferTokens: { kind: 'int', default: 1024, positive: true },
    flushInterval: { kind: 'float', default: 0.1, positive: true },
    overflowStrategy: { kind: 'string', default: 'drop_oldest', oneOf: VALID_OVERFLOW_STRATEGIES },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateStreamConfig(config: StreamConfig): void {
  validate(StreamConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateChunkConfig(config: ChunkConfig): void {
  validate(ChunkConfig, config);
}

/** Settles a {@link StreamConfig}. @throws {ValidationError} naming every broken rule */
export function createStreamConfig(options: Partial<StreamConfig> = {}): StreamConfig {
  return createFrom(StreamConfig, options);
}

/** Settles a {@link ChunkConfig}. @throws {ValidationError} naming every broken rule */
export function createChunkConfig(options: Partial<ChunkConfig> = {}): ChunkConfig {
  return createFrom(ChunkConfig, options);
}

/** Settles a {@link BufferConfig}. @throws {ValidationError} naming every broken rule */
export function createBufferConfig(options: Partial<BufferConfig> = {}): BufferConfig {
  return createFrom(BufferConfig, options);
}

/** Streaming modes in ascending order. */
export function listStreamingModes(): StreamingMode[] {
  return valuesOf(StreamingMode);
}

/** Callback types in ascending order. */
export function listCallbackTypes(): CallbackType[] {
  return valuesOf(CallbackType);
}

/** @throws {ValidationError} naming the streaming modes */
export function getStreamingMode(name: string): StreamingMode {
  return parseEnum(StreamingMode, name, 'streamingMode');
}

/** @throws {ValidationError} naming the callback types */
export function getCallbackType(name: string): CallbackType {
  return parseEnum(CallbackType, name, 'callbackType');
}

/**
 * Tokens per second, 0 where no time went by.
 *
 * @throws {ValidationError} for negative values
 * @remarks Python: `hf_gtc.inference.streaming.calculate_tokens_per_second(tokens_generated, elapsed_seconds)`; within 1e-12.
 * @example calculateTokensPerSecond(50, 100) // => 0.5
 */
export function calculateTokensPerSecond(tokensGenerated: number, elapsedSeconds: number): number {
  allNonNegative({ tokensGenerated, elapsedSeconds });
  return elapsedSeconds === 0 ? 0 : tokensGenerated / elapsedSeconds;
}

/**
 * Seconds that tokens take, 0 where none come.
 *
 * @throws {ValidationError} for negative values
 * @remarks Python: `hf_gtc.inference.streaming.estimate_stream_duration(expected_tokens, tokens_per_second)`; within 1e-12.
 * @example estimateStreamDuration(1, 1) // => 1
 */
export function estimateStreamDuration(expectedTokens: number, tokensPerSecond: number): number {
  allNonNegative({ expectedTokens, tokensPerSecond });
  return tokensPerSecond === 0 ? 0 : expectedTokens / tokensPerSecond;
}

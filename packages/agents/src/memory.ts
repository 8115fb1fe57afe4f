/** Memory of a conversation: how much is kept, and how much it weighs. Mirrors `hf_gtc.agents.memory`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  pythonRepr,
  textLength,
  utf8Length,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** What a memory keeps: everything, a summary, the last messages, facts on entities, or whole conversations. */
export const MemoryType = { BUFFER: 'buffer', SUMMARY: 'summary', WINDOW: 'window', ENTITY: 'entity', CONVERSATION: 'conversation' } as const;
export type MemoryType = (typeof MemoryType)[keyof typeof MemoryType];

/** Values of {@link MemoryType}. */
export const VALID_MEMORY_TYPES: ReadonlySet<MemoryType> = new Set(Object.values(MemoryType));

/** A memory of everything, up to a size. */
export interface BufferConfig {
  readonly maxMessages: number;
  readonly maxTokens: number;
  /** Hand out messages rather than one text. */
  readonly returnMessages: boolean;
}

/** Defaults and rules of {@link BufferConfig}. */
export const BufferConfig: Definition<BufferConfig> = {
  name: 'BufferConfig',
  fields: {
    maxMessages: { kind: 'int', default: 100, positive: true },
    maxTokens: { kind: 'int', default: 4096, nonNegative: true },
    returnMessages: { kind: 'bool', default: true },
  },
};

/** A memory of the last messages. */
export interface WindowConfig {
  /** Messages kept. */
  readonly windowSize: number;
  /** Messages that two windows share; less than `windowSize`. The original stores it without using it. */
  readonly overlap: number;
  /** Whether system messages stay outside the window. */
  readonly includeSystem: boolean;
}

/** Defaults and rules of {@link WindowConfig}. */
export const WindowConfig: Definition<WindowConfig> = {
  name: 'WindowConfig',
  fields: {
    windowSize: { kind: 'int', default: 10, positive: true },
    overlap: { kind: 'int', default: 2, nonNegative: true },
    includeSystem: { kind: 'bool', default: true },
  },
  rules: [({ overlap, windowSize }) => (overlap >= windowSize ? `overlap (${overlap}) must be less than windowSize (${windowSize})` : null)],
};

/** A memory that summarises what is old. */
export interface SummaryConfig {
  readonly maxSummaryTokens: number;
  /** Name of the model that summarises. */
  readonly summarizerModel: string;
  /** Messages between two summaries. */
  readonly updateFrequency: number;
}

/** Defaults and rules of {@link SummaryConfig}. */
export const SummaryConfig: Definition<SummaryConfig> = {
  name: 'SummaryConfig',
  fields: {
    maxSummaryTokens: { kind: 'int', default: 500, positive: true },
    summarizerModel: { kind: 'string', default: 'gpt-3.5-turbo', nonEmpty: true },
    updateFrequency: { kind: 'int', default: 5, positive: true },
  },
};

/** A memory of facts on entities. */
export interface EntityConfig {
  /** Name of the model that finds entities. */
  readonly entityExtractionModel: string;
  readonly maxEntities: number;
  /** Share of weight that an entity loses in each step; the original stores it without using it. */
  readonly decayRate: number;
}

/** Defaults and rules of {@link EntityConfig}. */
export const EntityConfig: Definition<EntityConfig> = {
  name: 'EntityConfig',
  fields: {
    entityExtractionModel: { kind: 'string', default: 'gpt-3.5-turbo', nonEmpty: true },
    maxEntities: { kind: 'int', default: 50, positive: true },
    decayRate: { kind: 'float', default: 0.1, min: 0, max: 1 },
  },
};

/** A memory with the words by which it is put into a prompt. */
export interface MemoryConfig {
  readonly memoryType: MemoryType;
  readonly humanPrefix: string;
  readonly aiPrefix: string;
  readonly inputKey: string;
  readonly outputKey: string;
}

/** Defaults and rules of {@link MemoryConfig}. */
export const MemoryConfig: Definition<MemoryConfig> = {
  name: 'MemoryConfig',
  fields: {
    memoryType: { kind: 'enum', of: MemoryType, default: MemoryType.BUFFER },
    humanPrefix: { kind: 'string', default: 'Human', nonEmpty: true },
    aiPrefix: { kind: 'string', default: 'AI', nonEmpty: true },
    inputKey: { kind: 'string', default: 'input', nonEmpty: true },
    outputKey: { kind: 'string', default: 'output', nonEmpty: true },
  },
};

/** One message. */
export interface ConversationMessage {
  readonly role: string;
  readonly content: string;
  readonly timestamp: Date;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Defaults and rules of {@link ConversationMessage}. */
export const ConversationMessage: Definition<ConversationMessage> = {
  name: 'ConversationMessage',
  fields: {
    role: { kind: 'string', nonEmpty: true },
    content: { kind: 'string', nonEmpty: true },
    timestamp: { kind: 'any' },
    metadata: { kind: 'any', default: Object.freeze({}) },
  },
};

/** Size of a memory. */
export interface MemoryStats {
  readonly totalMessages: number;
  /** Estimated from characters. */
  readonly totalTokens: number;
  readonly memorySizeBytes: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateBufferConfig(config: BufferConfig): void {
  validate(BufferConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateWindowConfig(config: WindowConfig): void {
  validate(WindowConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSummaryConfig(config: SummaryConfig): void {
  validate(SummaryConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEntityConfig(config: EntityConfig): void {
  validate(EntityConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMemoryConfig(config: MemoryConfig): void {
  validate(MemoryConfig, config);
}

/** Settles a memory of everything. @throws {ValidationError} naming every broken rule */
export function createBufferConfig(options: Partial<BufferConfig> = {}): BufferConfig {
  return createFrom(BufferConfig, options);
}

/** Settles a memory of the last messages. @throws {ValidationError} naming every broken rule */
export function createWindowConfig(options: Partial<WindowConfig> = {}): WindowConfig {
  return createFrom(WindowConfig, options);
}

/** Settles a memory that summarises. @throws {ValidationError} naming every broken rule */
export function createSummaryConfig(options: Partial<SummaryConfig> = {}): SummaryConfig {
  return createFrom(SummaryConfig, options);
}

/** Settles a memory of entities. @throws {ValidationError} naming every broken rule */
export function createEntityConfig(options: Partial<EntityConfig> = {}): EntityConfig {
  return createFrom(EntityConfig, options);
}

/** Settles how a memory appears in a prompt. @throws {ValidationError} naming every broken rule */
export function createMemoryConfig(options: Partial<MemoryConfig> = {}): MemoryConfig {
  return createFrom(MemoryConfig, options);
}

/**
 * A message of a conversation.
 *
 * @param options `timestamp` defaults to now; pass one to make messages comparable
 * @throws {ValidationError} for an empty role or content
 * @remarks Python: `hf_gtc.agents.memory.create_conversation_message(role, content, ...)`.
 * @example createConversationMessage('human', 'Hello!').metadata // => {}
 */
export function createConversationMessage(
  role: string,
  content: string,
  { timestamp, metadata }: { readonly timestamp?: Date | null; readonly metadata?: Readonly<Record<string, unknown>> | null } = {},
): ConversationMessage {
  return createFrom(ConversationMessage, { role, content, timestamp: timestamp ?? new Date(), metadata: metadata ?? {} });
}

/** Memory types in ascending order. */
export function listMemoryTypes(): MemoryType[] {
  return valuesOf(MemoryType);
}

/** @throws {ValidationError} naming the memory types */
export function getMemoryType(name: string): MemoryType {
  return parseEnum(MemoryType, name, 'memoryType');
}

/**
 * Estimates tokens as characters of contents and roles over `charsPerToken`; two to four times off for Chinese, Japanese and code.
 *
 * @throws {ValidationError} when `charsPerToken` is not positive or the estimate is no number
 * @remarks Python: `hf_gtc.agents.memory.estimate_memory_tokens(messages)`; exact.
 * @example estimateMemoryTokens([createConversationMessage('human', 'Hello!')]) // => 2
 */
export function estimateMemoryTokens(messages: readonly ConversationMessage[], { charsPerToken = 4 }: { readonly charsPerToken?: number } = {}): number {
  positive(charsPerToken, 'charsPerToken');
  const characters = messages.reduce((sum, { role, content }) => sum + textLength(role) + textLength(content), 0);
  const tokens = Math.trunc(characters / charsPerToken);
  if (Number.isNaN(tokens))
    throw new ValidationError(`charsPerToken must be a number, got ${charsPerToken}`, { parameter: 'charsPerToken', received: charsPerToken });
  return tokens;
}

/**
 * Messages that a window of the last ones holds; system messages stay outside it when `includeSystem`.
 *
 * @param totalMessages of the conversation, system messages included
 * @throws {ValidationError} for negative counts or a window that is not positive
 * @remarks Python: `hf_gtc.agents.memory.calculate_window_messages(total_messages, window_size)`; exact.
 * @example calculateWindowMessages(50, 10) // => 10
 */
export function calculateWindowMessages(
  totalMessages: number,
  windowSize: number,
  { includeSystem = true, systemMessages = 0 }: { readonly includeSystem?: boolean; readonly systemMessages?: number } = {},
): number {
  nonNegative(totalMessages, 'totalMessages');
  positive(windowSize, 'windowSize');
  nonNegative(systemMessages, 'systemMessages');
  const available = Math.max(0, totalMessages - systemMessages);
  return includeSystem ? Math.min(available, windowSize) + systemMessages : Math.min(available, windowSize);
}

/** Fixed cost of a message. */
const BYTES_PER_MESSAGE = 48;

/**
 * Bytes of a conversation: role and content in UTF-8, 48 for each message, and its metadata as Python would print it.
 *
 * @remarks Python: `hf_gtc.agents.memory.calculate_memory_size_bytes(messages)`; exact for metadata of text and integers.
 * @example calculateMemorySizeBytes([createConversationMessage('human', 'Hello!')], { includeMetadata: false }) // => 59
 */
export function calculateMemorySizeBytes(
  messages: readonly ConversationMessage[],
  { includeMetadata = true }: { readonly includeMetadata?: boolean } = {},
): number {
  return messages.reduce((sum, { role, content, metadata }) => {
    const extra = includeMetadata && Object.keys(metadata).length > 0 ? utf8Length(pythonRepr(metadata)) : 0;
    return sum + utf8Length(role) + utf8Length(content) + BYTES_PER_MESSAGE + extra;
  }, 0);
}

/**
 * Messages, tokens and bytes of a conversation.
 *
 * @throws {ValidationError} when `charsPerToken` is not positive
 * @remarks Python: `hf_gtc.agents.memory.create_memory_stats(messages)`.
 * @example createMemoryStats([]) // => { totalMessages: 0, totalTokens: 0, memorySizeBytes: 0 }
 */
export function createMemoryStats(messages: readonly ConversationMessage[], options: { readonly charsPerToken?: number } = {}): MemoryStats {
  const totalTokens = estimateMemoryTokens(messages, options);
  return Object.freeze({ totalMessages: messages.length, totalTokens, memorySizeBytes: calculateMemorySizeBytes(messages) });
}

/**
 * One line on a memory's size.
 *
 * @remarks Python: `hf_gtc.agents.memory.format_memory_stats(stats)`; equal text.
 * @example formatMemoryStats({ totalMessages: 50, totalTokens: 2048, memorySizeBytes: 8192 }) // => '50 messages | 2048 tokens | 8.0 KB'
 */
export function formatMemoryStats(stats: MemoryStats): string {
  const { totalMessages, totalTokens, memorySizeBytes } = notNull(stats, 'stats');
  return `${totalMessages} messages | ${totalTokens} tokens | ${formatFixed(memorySizeBytes / 1024, 1)} KB`;
}

/** Shares of the context for messages and for tokens; any other use counts as chat. */
const SHARES: Readonly<Record<string, readonly [messages: number, tokens: number]>> = { chat: [0.1, 0.75], agent: [0.05, 0.5], qa: [0.02, 0.25] };

/**
 * A buffer that suits a use (`chat`, `agent`, `qa`) and a model's context.
 *
 * @param options `modelContextSize` in tokens
 * @remarks Python: `hf_gtc.agents.memory.get_recommended_buffer_config(use_case=, model_context_size=)`; equal.
 * @example getRecommendedBufferConfig({ useCase: 'agent', modelContextSize: 8192 }).maxTokens // => 4096
 */
export function getRecommendedBufferConfig({
  useCase = 'chat',
  modelContextSize = 4096,
}: {
  readonly useCase?: string;
  readonly modelContextSize?: number;
} = {}): BufferConfig {
  const [messages, tokens] = Object.hasOwn(SHARES, useCase) ? SHARES[useCase]! : SHARES['chat']!;
  return createBufferConfig({ maxMessages: Math.max(10, Math.trunc(modelContextSize * messages)), maxTokens: Math.trunc(modelContextSize * tokens) });
}

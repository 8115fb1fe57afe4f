/** Chat: messages, the templates that turn them into a prompt, and their tokens. Mirrors `hf_gtc.generation.chat`. */
import { createFrom, type Definition, finite, nonEmpty, notNull, parseEnum, positive, textLength, validate, valuesOf } from '@gtc/errors';

/** Marks of a format: before the system, the user, the assistant, and after each message. */
const MARKS: Readonly<Record<ChatTemplateFormat, readonly [system: string, user: string, assistant: string, end: string]>> = {
  chatml: ['<|im_start|>system\n', '<|im_start|>user\n', '<|im_start|>assistant\n', '<|im_end|>\n'],
  llama: ['<<SYS>>\n', '[INST] ', ' [/INST] ', '</s>'],
  alpaca: ['### System:\n', '### Instruction:\n', '### Response:\n', '\n\n'],
  vicuna: ['SYSTEM: ', 'USER: ', 'ASSISTANT: ', '\n'],
  mistral: ['[INST] ', '[INST] ', ' [/INST] ', '</s>'],
  zephyr: ['<|system|>\n', '<|user|>\n', '<|assistant|>\n', '</s>'],
};

/** Which messages go first when a conversation is too long. */
export type TruncationStrategyType = 'oldest_first' | 'newest_first' | 'middle_out';

/** Who speaks. */
export const MessageRole = { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant', FUNCTION: 'function', TOOL: 'tool' } as const;
export type MessageRole = (typeof MessageRole)[keyof typeof MessageRole];

/** Prompt formats of model families. */
export const ChatTemplateFormat = { CHATML: 'chatml', LLAMA: 'llama', ALPACA: 'alpaca', VICUNA: 'vicuna', MISTRAL: 'mistral', ZEPHYR: 'zephyr' } as const;
export type ChatTemplateFormat = (typeof ChatTemplateFormat)[keyof typeof ChatTemplateFormat];

/** Values of {@link MessageRole}. */
export const VALID_MESSAGE_ROLES: ReadonlySet<MessageRole> = new Set(Object.values(MessageRole));

/** Values of {@link ChatTemplateFormat}. */
export const VALID_TEMPLATE_FORMATS: ReadonlySet<ChatTemplateFormat> = new Set(Object.values(ChatTemplateFormat));

/** Values of {@link TruncationStrategyType}. */
export const VALID_TRUNCATION_STRATEGIES: ReadonlySet<string> = new Set(['middle_out', 'newest_first', 'oldest_first']);

/** One message. */
export interface ChatMessage {
  readonly role: MessageRole;
  readonly content: string;
  readonly name: string | null;
  readonly toolCalls: string | null;
  /** The call that a tool message answers. */
  readonly toolCallId: string | null;
}

/** Defaults and rules of {@link ChatMessage}. */
export const ChatMessage: Definition<ChatMessage> = {
  name: 'ChatMessage',
  fields: {
    role: { kind: 'enum', of: MessageRole },
    content: { kind: 'string', nonEmpty: true },
    name: { kind: 'string', default: null, nullable: true },
    toolCalls: { kind: 'string', default: null, nullable: true },
    toolCallId: { kind: 'string', default: null, nullable: true },
  },
  rules: [({ role, toolCallId }) => (role === 'tool' && !toolCallId ? 'toolCallId is required for a tool message' : null)],
};

/** How a chat becomes a prompt. */
export interface ChatConfig {
  readonly templateFormat: ChatTemplateFormat;
  readonly systemPrompt: string | null;
  /** Turns of the user that are kept. */
  readonly maxTurns: number;
  readonly includeSystem: boolean;
}

/** Defaults and rules of {@link ChatConfig}. */
export const ChatConfig: Definition<ChatConfig> = {
  name: 'ChatConfig',
  fields: {
    templateFormat: { kind: 'enum', of: ChatTemplateFormat, default: 'chatml' },
    systemPrompt: { kind: 'string', default: null, nullable: true },
    maxTurns: { kind: 'int', default: 10, positive: true },
    includeSystem: { kind: 'bool', default: true },
  },
};

/** The marks of a format. */
export interface TemplateConfig {
  readonly bosToken: string;
  readonly eosToken: string;
  readonly userPrefix: string;
  readonly assistantPrefix: string;
  readonly systemPrefix: string;
}

/** Defaults and rules of {@link TemplateConfig}. */
export const TemplateConfig: Definition<TemplateConfig> = {
  name: 'TemplateConfig',
  fields: {
    bosToken: { kind: 'string', default: '<s>' },
    eosToken: { kind: 'string', default: '</s>' },
    userPrefix: { kind: 'string', default: 'User: ' },
    assistantPrefix: { kind: 'string', default: 'Assistant: ' },
    systemPrefix: { kind: 'string', default: 'System: ' },
  },
};

/** How long a conversation may grow. */
export interface ConversationConfig {
  readonly maxHistory: number;
  readonly truncationStrategy: TruncationStrategyType;
  readonly preserveSystem: boolean;
}

/** Defaults and rules of {@link ConversationConfig}. */
export const ConversationConfig: Definition<ConversationConfig> = {
  name: 'ConversationConfig',
  fields: {
    maxHistory: { kind: 'int', default: 50, positive: true },
    truncationStrategy: { kind: 'string', oneOf: VALID_TRUNCATION_STRATEGIES, default: 'oldest_first' },
    preserveSystem: { kind: 'bool', default: true },
  },
};

/** Turns and tokens of a conversation. */
export interface ChatStats {
  readonly totalTurns: number;
  /** Those of tools and functions included. */
  readonly userTokens: number;
  readonly assistantTokens: number;
  readonly systemTokens: number;
}

/** Defaults and rules of {@link ChatStats}. */
export const ChatStats: Definition<ChatStats> = {
  name: 'ChatStats',
  fields: {
    totalTurns: { kind: 'int' },
    userTokens: { kind: 'int' },
    assistantTokens: { kind: 'int' },
    systemTokens: { kind: 'int' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateChatConfig(config: ChatConfig): void {
  validate(ChatConfig, config);
}

/** Settles a {@link ChatMessage}. @throws {ValidationError} naming every broken rule */
export function createChatMessage(
  role: ChatMessage['role'],
  content: ChatMessage['content'],
  options: Partial<Omit<ChatMessage, 'role' | 'content'>> = {},
): ChatMessage {
  return createFrom(ChatMessage, { ...options, role, content });
}

/** Settles a {@link ChatConfig}. @throws {ValidationError} naming every broken rule */
export function createChatConfig(options: Partial<ChatConfig> = {}): ChatConfig {
  return createFrom(ChatConfig, options);
}

/** Settles a {@link TemplateConfig}. @throws {ValidationError} naming every broken rule */
export function createTemplateConfig(options: Partial<TemplateConfig> = {}): TemplateConfig {
  return createFrom(TemplateConfig, options);
}

/** Settles a {@link ConversationConfig}. @throws {ValidationError} naming every broken rule */
export function createConversationConfig(options: Partial<ConversationConfig> = {}): ConversationConfig {
  return createFrom(ConversationConfig, options);
}

/** Message roles in ascending order. */
export function listMessageRoles(): MessageRole[] {
  return valuesOf(MessageRole);
}

/** Template formats in ascending order. */
export function listTemplateFormats(): ChatTemplateFormat[] {
  return valuesOf(ChatTemplateFormat);
}

/** @throws {ValidationError} naming the values of {@link MessageRole} */
export function getMessageRole(name: string): MessageRole {
  return parseEnum(MessageRole, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ChatTemplateFormat} */
export function getTemplateFormat(name: string): ChatTemplateFormat {
  return parseEnum(ChatTemplateFormat, name, 'name');
}

/**
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.generation.chat.validate_chat_message(message)`.
 */
export function validateChatMessage(message: ChatMessage): void {
  notNull(notNull(message, 'message').content, 'message content');
  validate(ChatMessage, message, 'message');
}

/** Who a message is shown as, and what it says: results of tools and functions speak for the user, with their name. */
function spoken({ role, content, name }: ChatMessage): readonly ['system' | 'user' | 'assistant', string] {
  return role === 'tool' || role === 'function' ? ['user', `[${name ?? role}]: ${content}`] : [role, content];
}

/**
 * A chat as the prompt of a model family: the mark of who speaks, what is said, the end mark. After `maxTurns` turns of the user nothing more is shown.
 * Source: the chat templates of the model families.
 *
 * @param addGenerationPrompt ends with the mark of the assistant
 * @throws {ValidationError} unless messages is not empty, maxTurns is positive
 * @remarks Python: `hf_gtc.generation.chat.format_chat_prompt(messages, config, add_generation_prompt=)`; the same text.
 * @example formatChatPrompt([createChatMessage('user', 'Hi')], createChatConfig({ templateFormat: 'chatml' })) // => '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n'
 */
export function formatChatPrompt(
  messages: readonly ChatMessage[],
  config: ChatConfig,
  { addGenerationPrompt = true }: { readonly addGenerationPrompt?: boolean } = {},
): string {
  nonEmpty(messages, 'messages');
  validate(ChatConfig, config);
  const [system, user, assistant, end] = MARKS[config.templateFormat];
  const marks = { system, user, assistant };
  const parts: string[] = [];
  if (config.includeSystem && config.systemPrompt) parts.push(system + config.systemPrompt + end);
  let turns = 0;
  for (const message of messages) {
    if (message.role === 'user' && ++turns > config.maxTurns) break;
    const [speaker, content] = spoken(message);
    if (speaker !== 'system' || config.includeSystem) parts.push(marks[speaker] + content + end);
  }
  return parts.join('') + (addGenerationPrompt ? assistant : '');
}

/**
 * Estimated tokens by speaker, `characters / charsPerToken` of each message rounded down; turns are those of the user.
 *
 * @throws {ValidationError} unless charsPerToken is positive
 * @remarks Python: `hf_gtc.generation.chat.count_conversation_tokens(messages, chars_per_token=)`.
 */
export function countConversationTokens(messages: readonly ChatMessage[], { charsPerToken = 4.0 }: { readonly charsPerToken?: number } = {}): ChatStats {
  notNull(messages, 'messages');
  positive(finite(charsPerToken, 'charsPerToken'), 'charsPerToken');
  const tokens = { system: 0, user: 0, assistant: 0 };
  for (const message of messages) tokens[spoken(message)[0]] += Math.trunc(textLength(message.content) / charsPerToken);
  return {
    totalTurns: messages.filter(message => message.role === 'user').length,
    userTokens: tokens.user,
    assistantTokens: tokens.assistant,
    systemTokens: tokens.system,
  };
}

/** A turn of a {@link Conversation} with its time. */
export interface ConversationTurn {
  readonly role: MessageRole;
  readonly content: string;
}

/**
 * A conversation that remembers its messages within a limit; the system message stays.
 *
 * @remarks Rust: `generation::chat::Conversation`.
 * @example new Conversation({ maxHistory: 2 }).add('user', 'Hello').length // => 1
 */
export class Conversation {
  readonly config: ConversationConfig;
  #messages: ChatMessage[] = [];

  /** @throws {ValidationError} naming every broken rule */
  constructor(config: Partial<ConversationConfig> = {}) {
    this.config = createFrom(ConversationConfig, config);
  }

  /** Messages, the oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** How many messages are remembered. */
  get length(): number {
    return this.#messages.length;
  }

  /** Adds a message and forgets what is too much. @throws {ValidationError} for a message that breaks a rule */
  add(role: MessageRole, content: string, options: Partial<Omit<ChatMessage, 'role' | 'content'>> = {}): this {
    this.#messages.push(createChatMessage(role, content, options));
    const { maxHistory, preserveSystem, truncationStrategy } = this.config;
    const kept = preserveSystem ? this.#messages.filter(message => message.role === 'system') : [];
    const rest = this.#messages.filter(message => !kept.includes(message));
    this.#messages = [...kept, ...shorten(rest, Math.max(0, maxHistory - kept.length), truncationStrategy)];
    return this;
  }

  /** Forgets everything but, if it is preserved, the system message. */
  clear(): void {
    this.#messages = this.config.preserveSystem ? this.#messages.filter(message => message.role === 'system') : [];
  }

  /** The prompt of the conversation. */
  toPrompt(config: ChatConfig, options: { readonly addGenerationPrompt?: boolean } = {}): string {
    return formatChatPrompt(this.#messages, config, options);
  }
}

/** At most `limit` messages: without the oldest, the newest, or those in the middle. */
function shorten(messages: readonly ChatMessage[], limit: number, strategy: TruncationStrategyType): ChatMessage[] {
  if (messages.length <= limit) return [...messages];
  if (strategy === 'oldest_first') return messages.slice(messages.length - limit);
  if (strategy === 'newest_first') return messages.slice(0, limit);
  const head = Math.ceil(limit / 2);
  return [...messages.slice(0, head), ...messages.slice(messages.length - (limit - head))];
}

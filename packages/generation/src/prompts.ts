/** Prompts: templates with variables, examples, system prompts and conversations. Mirrors `hf_gtc.generation.prompts`. */
import { createFrom, finite, notNull, oneOf, parseEnum, positive, pythonRepr, textLength, ValidationError, validate, valuesOf } from '@gtc/errors';
import {
  ChainOfThoughtConfig,
  ExampleSelectionStrategy,
  FewShotConfig,
  FewShotExample,
  OutputFormat,
  PromptConfig,
  PromptMessage,
  PromptRole,
  type PromptStats,
  PromptStyle,
  PromptTemplate,
  SystemPromptConfig,
  variablesOf,
} from './internal/prompts/configs.js';

export {
  ChainOfThoughtConfig,
  ExampleSelectionStrategy,
  FewShotConfig,
  FewShotExample,
  OutputFormat,
  PromptConfig,
  PromptMessage,
  PromptRole,
  PromptStats,
  PromptStyle,
  PromptTemplate,
  SystemPromptConfig,
  VALID_OUTPUT_FORMATS,
  VALID_PROMPT_ROLES,
  VALID_PROMPT_STYLES,
  VALID_SELECTION_STRATEGIES,
} from './internal/prompts/configs.js';

/** @throws {ValidationError} naming every broken rule */
export function validatePromptTemplate(template: PromptTemplate): void {
  validate(PromptTemplate, template, 'template');
}

/** @throws {ValidationError} naming every broken rule */
export function validateFewShotConfig(config: FewShotConfig): void {
  validate(FewShotConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCotConfig(config: ChainOfThoughtConfig): void {
  validate(ChainOfThoughtConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSystemPromptConfig(config: SystemPromptConfig): void {
  validate(SystemPromptConfig, config);
}

/** Settles a {@link FewShotExample}. @throws {ValidationError} naming every broken rule */
export function createFewShotExample(
  inputText: FewShotExample['inputText'],
  outputText: FewShotExample['outputText'],
  options: Partial<Omit<FewShotExample, 'inputText' | 'outputText'>> = {},
): FewShotExample {
  return createFrom(FewShotExample, { ...options, inputText, outputText });
}

/** Settles a {@link ChainOfThoughtConfig}. @throws {ValidationError} naming every broken rule */
export function createCotConfig(options: Partial<ChainOfThoughtConfig> = {}): ChainOfThoughtConfig {
  return createFrom(ChainOfThoughtConfig, options);
}

/** Settles a {@link SystemPromptConfig}. @throws {ValidationError} naming every broken rule */
export function createSystemPromptConfig(
  persona: SystemPromptConfig['persona'],
  options: Partial<Omit<SystemPromptConfig, 'persona'>> = {},
): SystemPromptConfig {
  return createFrom(SystemPromptConfig, { ...options, persona });
}

/** Settles a {@link PromptConfig}. @throws {ValidationError} naming every broken rule */
export function createPromptConfig(options: Partial<PromptConfig> = {}): PromptConfig {
  return createFrom(PromptConfig, options);
}

/** Settles a {@link PromptMessage}. @throws {ValidationError} naming every broken rule */
export function createPromptMessage(role: PromptMessage['role'], content: PromptMessage['content']): PromptMessage {
  return createFrom(PromptMessage, { role, content });
}

/** Prompt styles in ascending order. */
export function listPromptStyles(): PromptStyle[] {
  return valuesOf(PromptStyle);
}

/** Prompt roles in ascending order. */
export function listPromptRoles(): PromptRole[] {
  return valuesOf(PromptRole);
}

/** Output formats in ascending order. */
export function listOutputFormats(): OutputFormat[] {
  return valuesOf(OutputFormat);
}

/** Selection strategies in ascending order. */
export function listSelectionStrategies(): ExampleSelectionStrategy[] {
  return valuesOf(ExampleSelectionStrategy);
}

/** @throws {ValidationError} naming the values of {@link PromptStyle} */
export function getPromptStyle(name: string): PromptStyle {
  return parseEnum(PromptStyle, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link PromptRole} */
export function getPromptRole(name: string): PromptRole {
  return parseEnum(PromptRole, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link OutputFormat} */
export function getOutputFormat(name: string): OutputFormat {
  return parseEnum(OutputFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ExampleSelectionStrategy} */
export function getSelectionStrategy(name: string): ExampleSelectionStrategy {
  return parseEnum(ExampleSelectionStrategy, name, 'name');
}

const RECOMMENDED: Readonly<Record<string, Partial<PromptConfig>>> = {
  classification: { style: 'few_shot', maxTokens: 1024 },
  summarization: {},
  qa: { style: 'few_shot', maxTokens: 2048 },
  code: {},
  chat: {},
};

/**
 * Settles a {@link PromptTemplate}; its variables are found in the text. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.prompts.create_prompt_template(template, description=, default_values=)`.
 */
export function createPromptTemplate(
  template: string,
  { description = '', defaultValues = null }: { readonly description?: string; readonly defaultValues?: Readonly<Record<string, string>> | null } = {},
): PromptTemplate {
  return createFrom(PromptTemplate, { template, variables: variablesOf(template), description, defaultValues: defaultValues ?? {} });
}

/**
 * Settles a {@link FewShotConfig}, by default with all examples. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.prompts.create_few_shot_config(examples, num_examples=, selection_strategy=, example_separator=, input_prefix=,
 * output_prefix=)`.
 */
export function createFewShotConfig(
  examples: readonly FewShotExample[],
  options: Partial<Omit<FewShotConfig, 'examples' | 'numExamples'>> & { readonly numExamples?: number | null } = {},
): FewShotConfig {
  return createFrom(FewShotConfig, { ...options, examples, numExamples: options.numExamples ?? Math.max(1, examples.length) });
}

/**
 * Fills a template: given values before defaults; `{{` and `}}` are braces.
 *
 * @throws {ValidationError} for a variable without a value
 * @remarks Python: `hf_gtc.generation.prompts.format_prompt(template, **values)`; the same text.
 * @example formatPrompt(createPromptTemplate('Hello, {name}!'), { name: 'Ada' }) // => 'Hello, Ada!'
 */
export function formatPrompt(template: PromptTemplate, values: Readonly<Record<string, string>> = {}): string {
  const filled: Readonly<Record<string, string>> = { ...notNull(template, 'template').defaultValues, ...values };
  const valueOf = (name: string): string => {
    if (!Object.hasOwn(filled, name))
      throw new ValidationError(`values lacks the variable '${name}': missing required variable: ${name}`, { parameter: name, received: undefined });
    return filled[name]!;
  };
  for (const name of template.variables) valueOf(name);
  return template.template.replace(/\{\{|\}\}|\{(\w+)\}/g, (match, name: string | undefined) => (name === undefined ? match[0]! : valueOf(name)));
}

const shot = ({ inputPrefix, outputPrefix }: FewShotConfig, question: string, answer: string): string => `${inputPrefix}${question}\n${outputPrefix}${answer}`;

/**
 * The first examples and the question, with an answer to be filled in.
 *
 * @remarks Python: `hf_gtc.generation.prompts.format_few_shot_prompt(config, query, include_query=)`; the same text.
 */
export function formatFewShotPrompt(config: FewShotConfig, query: string, { includeQuery = true }: { readonly includeQuery?: boolean } = {}): string {
  notNull(query, 'query');
  const shots = notNull(config, 'config')
    .examples.slice(0, config.numExamples)
    .map(({ inputText, outputText }) => shot(config, inputText, outputText));
  return [...shots, ...(includeQuery ? [shot(config, query, '')] : [])].join(config.exampleSeparator);
}

/**
 * Persona, constraints as a list, and instructions, with blank lines between.
 *
 * @remarks Python: `hf_gtc.generation.prompts.format_system_prompt(config)`; the same text.
 * @example formatSystemPrompt({ persona: ' ', constraints: [], outputFormat: 'text', formatInstructions: '', examplesInSystem: false }) // => ' '
 */
export function formatSystemPrompt(config: SystemPromptConfig): string {
  const { persona, constraints, formatInstructions } = config;
  return [
    persona,
    ...(constraints.length > 0 ? [`Constraints:\n${constraints.map(constraint => `- ${constraint}`).join('\n')}`] : []),
    ...(formatInstructions === '' ? [] : [formatInstructions]),
  ].join('\n\n');
}

/**
 * A question with the words that call for reasoning.
 *
 * @remarks Python: `hf_gtc.generation.prompts.format_cot_prompt(config, question)`; the same text.
 * @example formatCotPrompt({ enableReasoning: false, reasoningPrefix: "Let's think step by step:", answerPrefix: 'Therefore, the answer is:', stepMarker: 'Step {n}:', maxSteps: 10 }, 'Question') // => 'Question'
 */
export function formatCotPrompt(config: ChainOfThoughtConfig, question: string): string {
  notNull(question, 'question');
  return notNull(config, 'config').enableReasoning ? `${question}\n\n${config.reasoningPrefix}` : question;
}

/**
 * Messages as text, each under its role.
 *
 * @remarks Python: `hf_gtc.generation.prompts.format_messages(messages)`; the same text.
 * @example formatMessages([]) // => ''
 */
export function formatMessages(messages: readonly PromptMessage[]): string {
  return messages.map(({ role, content }) => `[${role}]\n${content}`).join('\n\n');
}

/**
 * Tokens of a text: `characters / charsPerToken` rounded down, at least 1; 0 for none.
 *
 * @throws {ValidationError} unless charsPerToken is positive
 * @remarks Python: `hf_gtc.generation.prompts.estimate_prompt_tokens(text, chars_per_token=)`.
 * @example estimatePromptTokens('Hello!') // => 1
 */
export function estimatePromptTokens(text: string, { charsPerToken = 4.0 }: { readonly charsPerToken?: number } = {}): number {
  notNull(text, 'text');
  positive(finite(charsPerToken, 'charsPerToken'), 'charsPerToken');
  return text === '' ? 0 : Math.max(1, Math.trunc(textLength(text) / charsPerToken));
}

/**
 * What a prompt holds.
 *
 * @remarks Python: `hf_gtc.generation.prompts.create_prompt_stats(text, num_examples=, has_system_prompt=, has_cot=)`.
 */
export function createPromptStats(
  text: string,
  {
    numExamples = 0,
    hasSystemPrompt = false,
    hasCot = false,
  }: { readonly numExamples?: number; readonly hasSystemPrompt?: boolean; readonly hasCot?: boolean } = {},
): PromptStats {
  return { totalChars: textLength(notNull(text, 'text')), estimatedTokens: estimatePromptTokens(text), numExamples, hasSystemPrompt, hasCot };
}

/**
 * A prompt for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.generation.prompts.get_recommended_prompt_config(task)`.
 */
export function getRecommendedPromptConfig(task: string): PromptConfig {
  return createPromptConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!);
}

/**
 * What a prompt holds, as text.
 *
 * @remarks Python: `hf_gtc.generation.prompts.format_prompt_stats(stats)`; the same text.
 */
export function formatPromptStats(stats: PromptStats): string {
  const { totalChars, estimatedTokens, numExamples, hasSystemPrompt, hasCot } = stats;
  return [
    'Prompt Stats:',
    `  Characters: ${totalChars}`,
    `  Est. Tokens: ${estimatedTokens}`,
    `  Examples: ${numExamples}`,
    `  System Prompt: ${pythonRepr(hasSystemPrompt)}`,
    `  Chain-of-Thought: ${pythonRepr(hasCot)}`,
  ].join('\n');
}

/**
 * A conversation that begins with the system prompt; examples are part of it when `examplesInSystem` says so.
 *
 * @remarks Python: `hf_gtc.generation.prompts.build_conversation_prompt(system_config, messages, few_shot_config=)`.
 * @example buildConversationPrompt(null, []) // => []
 */
export function buildConversationPrompt(
  systemConfig: SystemPromptConfig | null,
  messages: readonly PromptMessage[],
  { fewShotConfig = null }: { readonly fewShotConfig?: FewShotConfig | null } = {},
): PromptMessage[] {
  notNull(messages, 'messages');
  if (systemConfig === null) return [...messages];
  const shots = systemConfig.examplesInSystem && fewShotConfig !== null ? [formatFewShotPrompt(fewShotConfig, '', { includeQuery: false })] : [];
  return [createPromptMessage('system', [formatSystemPrompt(systemConfig), ...shots].join('\n\n')), ...messages];
}

/**
 * A text cut to a number of estimated tokens, with a marker at the cut.
 *
 * @throws {ValidationError} unless maxTokens and charsPerToken are positive
 * @remarks Python: `hf_gtc.generation.prompts.truncate_prompt(text, max_tokens, chars_per_token=, truncation_marker=)`; the same text.
 * @example truncatePrompt('Short', 100) // => 'Short'
 */
export function truncatePrompt(
  text: string,
  maxTokens: number,
  { charsPerToken = 4.0, truncationMarker = '...' }: { readonly charsPerToken?: number; readonly truncationMarker?: string } = {},
): string {
  positive(maxTokens, 'maxTokens');
  if (!text || estimatePromptTokens(text, { charsPerToken }) <= maxTokens) return text;
  const kept = Math.max(0, Math.trunc(maxTokens * charsPerToken) - textLength(truncationMarker));
  return [...text].slice(0, kept).join('') + truncationMarker;
}

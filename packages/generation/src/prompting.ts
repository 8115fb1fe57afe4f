/** Prompting: layouts of model families, examples and reasoning. Mirrors `hf_gtc.generation.prompting`. */
import {
  createFrom,
  type Definition,
  finite,
  nestedIssue,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  pythonRepr,
  textLength,
  validate,
  valuesOf,
} from '@gtc/errors';

const REASONING = {
  chain_of_thought: "Let's think through this step by step:",
  tree_of_thought: "Let's explore multiple solution paths:\nPath 1: \nPath 2: \nPath 3: ",
};

const FORMATS: Readonly<Record<string, PromptFormat>> = { general: 'plain', chat: 'chat', instruct: 'instruct' };

const RECOMMENDED: Readonly<Record<string, readonly [system: string, user: string, assistant: string, options?: Partial<Omit<PromptConfig, 'template'>>]>> = {
  classification: [
    'Classify the input into one of the categories.',
    'Input: ',
    'Category: ',
    { fewShotConfig: { strategy: 'fixed', numExamples: 5, separator: '\n\n', includeLabels: true }, maxLength: 1024 },
  ],
  qa: [
    'Answer the question based on the given context.',
    'Question: ',
    'Answer: ',
    { fewShotConfig: { strategy: 'fixed', numExamples: 3, separator: '\n\n', includeLabels: false }, maxLength: 2048 },
  ],
  summarization: ['Summarize the following text concisely.', 'Text: ', 'Summary: '],
  code: ['Generate code to solve the problem.', 'Problem: ', 'Solution:\n```python\n'],
  reasoning: [
    'Solve the problem using step-by-step reasoning.',
    'Problem: ',
    'Solution: ',
    { cotConfig: { reasoningType: 'chain_of_thought', stepMarker: 'Step {n}: ', conclusionMarker: 'Therefore: ' } },
  ],
};

/** Layouts. */
export const PromptFormat = { PLAIN: 'plain', CHAT: 'chat', INSTRUCT: 'instruct', CHATML: 'chatml', ALPACA: 'alpaca', LLAMA2: 'llama2' } as const;
export type PromptFormat = (typeof PromptFormat)[keyof typeof PromptFormat];

/** Which examples are shown. */
export const FewShotStrategy = { RANDOM: 'random', SIMILAR: 'similar', DIVERSE: 'diverse', FIXED: 'fixed' } as const;
export type FewShotStrategy = (typeof FewShotStrategy)[keyof typeof FewShotStrategy];

/** Ways to reason before answering. */
export const ReasoningType = { NONE: 'none', CHAIN_OF_THOUGHT: 'chain_of_thought', TREE_OF_THOUGHT: 'tree_of_thought', STEP_BY_STEP: 'step_by_step' } as const;
export type ReasoningType = (typeof ReasoningType)[keyof typeof ReasoningType];

/** Values of {@link PromptFormat}. */
export const VALID_PROMPT_FORMATS: ReadonlySet<PromptFormat> = new Set(Object.values(PromptFormat));

/** Values of {@link FewShotStrategy}. */
export const VALID_FEW_SHOT_STRATEGIES: ReadonlySet<FewShotStrategy> = new Set(Object.values(FewShotStrategy));

/** Values of {@link ReasoningType}. */
export const VALID_REASONING_TYPES: ReadonlySet<ReasoningType> = new Set(Object.values(ReasoningType));

/** A layout with its prefixes. */
export interface PromptTemplate {
  readonly format: PromptFormat;
  readonly systemPrompt: string;
  readonly userPrefix: string;
  readonly assistantPrefix: string;
}

/** Defaults and rules of {@link PromptTemplate}. */
export const PromptTemplate: Definition<PromptTemplate> = {
  name: 'PromptTemplate',
  fields: {
    format: { kind: 'enum', of: PromptFormat, default: PromptFormat.PLAIN },
    systemPrompt: { kind: 'string', default: '' },
    userPrefix: { kind: 'string', default: 'User: ' },
    assistantPrefix: { kind: 'string', default: 'Assistant: ' },
  },
  rules: [({ userPrefix, assistantPrefix }) => (userPrefix === '' && assistantPrefix === '' ? 'userPrefix and assistantPrefix cannot both be empty' : null)],
};

/** Examples before a question. */
export interface FewShotConfig {
  readonly strategy: FewShotStrategy;
  readonly numExamples: number;
  readonly separator: string;
  /** Shows the label of an example, if it has one. */
  readonly includeLabels: boolean;
}

/** Defaults and rules of {@link FewShotConfig}. */
export const FewShotConfig: Definition<FewShotConfig> = {
  name: 'FewShotConfig',
  fields: {
    strategy: { kind: 'enum', of: FewShotStrategy, default: FewShotStrategy.FIXED },
    numExamples: { kind: 'int', default: 3, positive: true },
    separator: { kind: 'string', default: '\n\n' },
    includeLabels: { kind: 'bool', default: false },
  },
};

/** Reasoning before the answer. */
export interface CoTConfig {
  readonly reasoningType: ReasoningType;
  /** `{n}` is the number of the step. */
  readonly stepMarker: string;
  readonly conclusionMarker: string;
}

/** Defaults and rules of {@link CoTConfig}. */
export const CoTConfig: Definition<CoTConfig> = {
  name: 'CoTConfig',
  fields: {
    reasoningType: { kind: 'enum', of: ReasoningType, default: ReasoningType.CHAIN_OF_THOUGHT },
    stepMarker: { kind: 'string', default: 'Step {n}: ' },
    conclusionMarker: { kind: 'string', default: 'Therefore: ' },
  },
  rules: [
    ({ reasoningType, stepMarker }) => (reasoningType !== 'none' && stepMarker === '' ? `stepMarker cannot be empty for ${reasoningType} reasoning` : null),
  ],
};

/** A whole prompt. */
export interface PromptConfig {
  readonly template: PromptTemplate;
  readonly fewShotConfig: FewShotConfig | null;
  readonly cotConfig: CoTConfig | null;
  /** Characters. */
  readonly maxLength: number;
}

/** Defaults and rules of {@link PromptConfig}. */
export const PromptConfig: Definition<PromptConfig> = {
  name: 'PromptConfig',
  fields: {
    template: { kind: 'config', of: PromptTemplate },
    fewShotConfig: { kind: 'any', default: null, nullable: true },
    cotConfig: { kind: 'any', default: null, nullable: true },
    maxLength: { kind: 'int', default: 4096, positive: true },
  },
  rules: [
    ({ fewShotConfig }) => (fewShotConfig ? nestedIssue(FewShotConfig, fewShotConfig, 'fewShotConfig') : null),
    ({ cotConfig }) => (cotConfig ? nestedIssue(CoTConfig, cotConfig, 'cotConfig') : null),
  ],
};

/** What a prompt holds. */
export interface PromptStats {
  readonly totalChars: number;
  readonly estimatedTokens: number;
  readonly numExamples: number;
  readonly hasReasoning: boolean;
  readonly formatType: string;
}

/** Defaults and rules of {@link PromptStats}. */
export const PromptStats: Definition<PromptStats> = {
  name: 'PromptStats',
  fields: {
    totalChars: { kind: 'int' },
    estimatedTokens: { kind: 'int' },
    numExamples: { kind: 'int' },
    hasReasoning: { kind: 'bool' },
    formatType: { kind: 'string' },
  },
};

/** A question, its answer and a label. */
export interface FewShotExample {
  readonly inputText: string;
  readonly outputText: string;
  readonly label: string;
}

/** Defaults and rules of {@link FewShotExample}. */
export const FewShotExample: Definition<FewShotExample> = {
  name: 'FewShotExample',
  fields: {
    inputText: { kind: 'string', nonEmpty: true },
    outputText: { kind: 'string', nonEmpty: true },
    label: { kind: 'string', default: '' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validatePromptTemplate(template: PromptTemplate): void {
  validate(PromptTemplate, template, 'template');
}

/** @throws {ValidationError} naming every broken rule */
export function validateFewShotConfig(config: FewShotConfig): void {
  validate(FewShotConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCotConfig(config: CoTConfig): void {
  validate(CoTConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePromptConfig(config: PromptConfig): void {
  validate(PromptConfig, config);
}

/** Prompt formats in ascending order. */
export function listPromptFormats(): PromptFormat[] {
  return valuesOf(PromptFormat);
}

/** Few shot strategies in ascending order. */
export function listFewShotStrategies(): FewShotStrategy[] {
  return valuesOf(FewShotStrategy);
}

/** Reasoning types in ascending order. */
export function listReasoningTypes(): ReasoningType[] {
  return valuesOf(ReasoningType);
}

/** @throws {ValidationError} naming the values of {@link PromptFormat} */
export function getPromptFormat(name: string): PromptFormat {
  return parseEnum(PromptFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link FewShotStrategy} */
export function getFewShotStrategy(name: string): FewShotStrategy {
  return parseEnum(FewShotStrategy, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ReasoningType} */
export function getReasoningType(name: string): ReasoningType {
  return parseEnum(ReasoningType, name, 'name');
}

/** Settles a {@link PromptTemplate}. @throws {ValidationError} naming every broken rule */
export function createPromptTemplate(options: Partial<PromptTemplate> = {}): PromptTemplate {
  return createFrom(PromptTemplate, options);
}

/** Settles a {@link FewShotConfig}. @throws {ValidationError} naming every broken rule */
export function createFewShotConfig(options: Partial<FewShotConfig> = {}): FewShotConfig {
  return createFrom(FewShotConfig, options);
}

/** Settles a {@link CoTConfig}. @throws {ValidationError} naming every broken rule */
export function createCotConfig(options: Partial<CoTConfig> = {}): CoTConfig {
  return createFrom(CoTConfig, options);
}

/** Settles a {@link FewShotExample}. @throws {ValidationError} naming every broken rule */
export function createFewShotExample(
  inputText: FewShotExample['inputText'],
  outputText: FewShotExample['outputText'],
  options: Partial<Omit<FewShotExample, 'inputText' | 'outputText'>> = {},
): FewShotExample {
  return createFrom(FewShotExample, { ...options, inputText, outputText });
}

/**
 * Settles a {@link PromptConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.prompting.create_prompt_config(template=, few_shot_config=, cot_config=, max_length=)`.
 */
export function createPromptConfig(options: Partial<Omit<PromptConfig, 'template'>> & { readonly template?: PromptTemplate | null } = {}): PromptConfig {
  return createFrom(PromptConfig, { ...options, template: options.template ?? createFrom(PromptTemplate) });
}

/**
 * A question in the layout of a model family, with the answer if there is one.
 * Source: the documented prompt formats of ChatML, Alpaca and Llama 2.
 *
 * @throws {ValidationError} unless userMessage is not empty
 * @remarks Python: `hf_gtc.generation.prompting.format_prompt(template, user_message, assistant_response=)`; the same text.
 */
export function formatPrompt(template: PromptTemplate, userMessage: string, { assistantResponse = '' }: { readonly assistantResponse?: string } = {}): string {
  nonEmpty(userMessage, 'userMessage');
  return LAYOUT[template.format](template, userMessage, assistantResponse);
}

/** Layouts by format: parts from the system prompt, the question and the answer. */
const LAYOUT: Readonly<Record<PromptFormat, (template: PromptTemplate, question: string, answer: string) => string>> = {
  plain: prefixed,
  chat: prefixed,
  instruct: ({ systemPrompt }, question, answer) =>
    `${systemPrompt === '' ? '' : `System: ${systemPrompt}\n\n`}User: ${question}\n\nAssistant:${answer === '' ? '' : `\n ${answer}`}`,
  chatml: ({ systemPrompt }, question, answer) =>
    [
      ...(systemPrompt === '' ? [] : [`<|im_start|>system\n${systemPrompt}<|im_end|>`]),
      `<|im_start|>user\n${question}<|im_end|>`,
      `<|im_start|>assistant\n${answer === '' ? '' : `${answer}<|im_end|>`}`,
    ].join('\n'),
  alpaca: ({ systemPrompt }, question, answer) =>
    `### Instruction:\n${systemPrompt === '' ? '' : `${systemPrompt}\n`}\n### Input:\n${question}\n\n### Response:${answer === '' ? '' : `\n${answer}`}`,
  llama2: ({ systemPrompt }, question, answer) =>
    `[INST] ${systemPrompt === '' ? '' : `<<SYS>>\n${systemPrompt}\n<</SYS>>\n\n`}${question} [/INST]${answer === '' ? '' : ` ${answer}`}`,
};

function prefixed({ systemPrompt, userPrefix, assistantPrefix }: PromptTemplate, question: string, answer: string): string {
  return `${systemPrompt === '' ? '' : `${systemPrompt}\n\n`}${userPrefix}${question}\n${assistantPrefix}${answer}`;
}

/**
 * The first examples with the prefixes of a template, each with its label if there is one and labels are shown.
 *
 * @throws {ValidationError} unless examples is not empty
 * @remarks Python: `hf_gtc.generation.prompting.format_few_shot_examples(examples, config, template)`; the same text.
 */
export function formatFewShotExamples(examples: readonly FewShotExample[], config: FewShotConfig, template: PromptTemplate): string {
  nonEmpty(examples, 'examples');
  const { numExamples, includeLabels, separator } = notNull(config, 'config');
  const { userPrefix, assistantPrefix } = notNull(template, 'template');
  return examples
    .slice(0, numExamples)
    .map(({ inputText, outputText, label }) =>
      [`${userPrefix}${inputText}`, ...(includeLabels && label !== '' ? [`[${label}]`] : []), `${assistantPrefix}${outputText}`].join('\n'),
    )
    .join(separator);
}

/**
 * A prompt with the words that call for reasoning, and those that lead to the answer.
 *
 * @remarks Python: `hf_gtc.generation.prompting.add_cot_reasoning(prompt, config)`; the same text.
 * @example addCotReasoning('Question', { reasoningType: 'none', stepMarker: 'step_by_step', conclusionMarker: 'unknown_value' }) // => 'Question'
 */
export function addCotReasoning(prompt: string, config: CoTConfig): string {
  notNull(prompt, 'prompt');
  const { reasoningType, stepMarker, conclusionMarker } = notNull(config, 'config');
  if (reasoningType === 'none') return prompt;
  const words = reasoningType === 'step_by_step' ? stepMarker.replaceAll('{n}', '1') : REASONING[reasoningType];
  return [prompt, words, ...(conclusionMarker === '' ? [] : [conclusionMarker])].join('\n\n');
}

/**
 * Tokens of a text: `characters / charsPerToken` rounded down, at least 1; 0 for none.
 *
 * @throws {ValidationError} unless charsPerToken is positive
 * @remarks Python: `hf_gtc.generation.prompting.estimate_prompt_tokens(text, chars_per_token=)`.
 * @example estimatePromptTokens('Hello, world!') // => 3
 */
export function estimatePromptTokens(text: string, { charsPerToken = 4.0 }: { readonly charsPerToken?: number } = {}): number {
  notNull(text, 'text');
  positive(finite(charsPerToken, 'charsPerToken'), 'charsPerToken');
  return text === '' ? 0 : Math.max(1, Math.trunc(textLength(text) / charsPerToken));
}

/**
 * What a prompt holds, as text.
 *
 * @remarks Python: `hf_gtc.generation.prompting.format_prompt_stats(stats)`; the same text.
 */
export function formatPromptStats(stats: PromptStats): string {
  const { totalChars, estimatedTokens, numExamples, hasReasoning, formatType } = stats;
  return [
    'Prompt Stats:',
    `  Characters: ${totalChars}`,
    `  Tokens: ${estimatedTokens}`,
    `  Examples: ${numExamples}`,
    `  Reasoning: ${pythonRepr(hasReasoning)}`,
    `  Format: ${formatType}`,
  ].join('\n');
}

/**
 * What a prompt holds.
 *
 * @remarks Python: `hf_gtc.generation.prompting.create_prompt_stats(text, num_examples=, has_reasoning=, format_type=)`.
 */
export function createPromptStats(
  text: string,
  {
    numExamples = 0,
    hasReasoning = false,
    formatType = 'plain',
  }: { readonly numExamples?: number; readonly hasReasoning?: boolean; readonly formatType?: string } = {},
): PromptStats {
  return { totalChars: textLength(notNull(text, 'text')), estimatedTokens: estimatePromptTokens(text), numExamples, hasReasoning, formatType };
}

/**
 * A prompt for a kind of task and of model (`general`, `chat`, `instruct`).
 *
 * @throws {ValidationError} for another kind of either
 * @remarks Python: `hf_gtc.generation.prompting.get_recommended_prompt_config(task, model_type=)`.
 */
export function getRecommendedPromptConfig(task: string, { modelType = 'general' }: { readonly modelType?: string } = {}): PromptConfig {
  oneOf(task, 'task', Object.keys(RECOMMENDED));
  const format = FORMATS[oneOf(modelType, 'modelType', Object.keys(FORMATS))]!;
  const [systemPrompt, userPrefix, assistantPrefix, options] = RECOMMENDED[task]!;
  return createPromptConfig({ ...options, template: createPromptTemplate({ format, systemPrompt, userPrefix, assistantPrefix }) });
}

/**
 * Examples, question and call for reasoning, as far as the configuration has them.
 *
 * @throws {ValidationError} unless userMessage is not empty
 * @remarks Python: `hf_gtc.generation.prompting.build_complete_prompt(config, user_message, examples=)`; the same text.
 */
export function buildCompletePrompt(
  config: PromptConfig,
  userMessage: string,
  { examples = null }: { readonly examples?: readonly FewShotExample[] | null } = {},
): string {
  nonEmpty(userMessage, 'userMessage');
  const { template, fewShotConfig, cotConfig } = notNull(config, 'config');
  const shots =
    fewShotConfig !== null && examples !== null && examples.length > 0
      ? formatFewShotExamples(examples, fewShotConfig, template) + fewShotConfig.separator
      : '';
  const prompt = shots + formatPrompt(template, userMessage);
  return cotConfig === null ? prompt : addCotReasoning(prompt, cotConfig);
}

/**
 * A text cut to a number of characters, the marker at the cut included.
 *
 * @throws {ValidationError} unless maxLength is positive
 * @remarks Python: `hf_gtc.generation.prompting.truncate_prompt(prompt, max_length, truncation_marker=)`; the same text.
 * @example truncatePrompt('x', 2) // => 'x'
 */
export function truncatePrompt(prompt: string, maxLength: number, { truncationMarker = '...' }: { readonly truncationMarker?: string } = {}): string {
  notNull(prompt, 'prompt');
  positive(maxLength, 'maxLength');
  if (textLength(prompt) <= maxLength) return prompt;
  const marker = [...truncationMarker].slice(0, maxLength);
  return [...[...prompt].slice(0, maxLength - marker.length), ...marker].join('');
}

/** Definitions of prompts. */
import type { Definition } from '@gtc/errors';

/** Names in braces, each once, in ascending order. */
export function variablesOf(template: string): string[] {
  const found = [...template.matchAll(/\{\{|\}\}|\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  return [...new Set(found)].sort();
}

/** Ways to ask. */
export const PromptStyle = {
  ZERO_SHOT: 'zero_shot',
  FEW_SHOT: 'few_shot',
  CHAIN_OF_THOUGHT: 'chain_of_thought',
  TREE_OF_THOUGHT: 'tree_of_thought',
  SELF_CONSISTENCY: 'self_consistency',
} as const;
export type PromptStyle = (typeof PromptStyle)[keyof typeof PromptStyle];

/** Who speaks. */
export const PromptRole = { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant' } as const;
export type PromptRole = (typeof PromptRole)[keyof typeof PromptRole];

/** What the answer looks like. */
export const OutputFormat = { TEXT: 'text', JSON: 'json', MARKDOWN: 'markdown', CODE: 'code', LIST: 'list' } as const;
export type OutputFormat = (typeof OutputFormat)[keyof typeof OutputFormat];

/** Which examples are shown. */
export const ExampleSelectionStrategy = { RANDOM: 'random', SIMILARITY: 'similarity', DIVERSITY: 'diversity', FIXED: 'fixed' } as const;
export type ExampleSelectionStrategy = (typeof ExampleSelectionStrategy)[keyof typeof ExampleSelectionStrategy];

/** Values of {@link PromptStyle}. */
export const VALID_PROMPT_STYLES: ReadonlySet<PromptStyle> = new Set(Object.values(PromptStyle));

/** Values of {@link PromptRole}. */
export const VALID_PROMPT_ROLES: ReadonlySet<PromptRole> = new Set(Object.values(PromptRole));

/** Values of {@link OutputFormat}. */
export const VALID_OUTPUT_FORMATS: ReadonlySet<OutputFormat> = new Set(Object.values(OutputFormat));

/** Values of {@link ExampleSelectionStrategy}. */
export const VALID_SELECTION_STRATEGIES: ReadonlySet<ExampleSelectionStrategy> = new Set(Object.values(ExampleSelectionStrategy));

/** A text with `{variables}`. */
export interface PromptTemplate {
  readonly template: string;
  /** Names in the text, in ascending order. */
  readonly variables: readonly string[];
  readonly description: string;
  readonly defaultValues: Readonly<Record<string, string>>;
}

/** Defaults and rules of {@link PromptTemplate}. */
export const PromptTemplate: Definition<PromptTemplate> = {
  name: 'PromptTemplate',
  fields: {
    template: { kind: 'string', nonEmpty: true },
    variables: { kind: 'array', of: { kind: 'string' } },
    description: { kind: 'string', default: '' },
    defaultValues: { kind: 'record', of: { kind: 'string' }, default: {} },
  },
  rules: [
    ({ template, variables }) => {
      const absent = variablesOf(template).filter(name => !variables.includes(name));
      return absent.length === 0 ? null : `variables missing from declaration: ${absent.join(', ')}`;
    },
    ({ template, variables }) => {
      const unused = variables.filter(name => !variablesOf(template).includes(name));
      return unused.length === 0 ? null : `declared variables not in template: ${unused.join(', ')}`;
    },
  ],
};

/** A question and its answer. */
export interface FewShotExample {
  readonly inputText: string;
  readonly outputText: string;
  readonly explanation: string;
}

/** Defaults and rules of {@link FewShotExample}. */
export const FewShotExample: Definition<FewShotExample> = {
  name: 'FewShotExample',
  fields: {
    inputText: { kind: 'string', nonEmpty: true },
    outputText: { kind: 'string', nonEmpty: true },
    explanation: { kind: 'string', default: '' },
  },
};

/** Examples before a question. */
export interface FewShotConfig {
  readonly examples: readonly FewShotExample[];
  /** How many are shown, the first ones. */
  readonly numExamples: number;
  readonly selectionStrategy: ExampleSelectionStrategy;
  readonly exampleSeparator: string;
  readonly inputPrefix: string;
  readonly outputPrefix: string;
}

/** Defaults and rules of {@link FewShotConfig}. */
export const FewShotConfig: Definition<FewShotConfig> = {
  name: 'FewShotConfig',
  fields: {
    examples: { kind: 'array', of: { kind: 'config', of: FewShotExample }, nonEmpty: true },
    numExamples: { kind: 'int', positive: true },
    selectionStrategy: { kind: 'enum', of: ExampleSelectionStrategy, default: ExampleSelectionStrategy.FIXED },
    exampleSeparator: { kind: 'string', default: '\n\n' },
    inputPrefix: { kind: 'string', default: 'Input: ' },
    outputPrefix: { kind: 'string', default: 'Output: ' },
  },
  rules: [
    ({ numExamples, examples }) =>
      numExamples > examples.length ? `numExamples must be at most the ${examples.length} examples available, got ${numExamples}` : null,
  ],
};

/** Reasoning before the answer. */
export interface ChainOfThoughtConfig {
  readonly enableReasoning: boolean;
  readonly reasoningPrefix: string;
  readonly answerPrefix: string;
  readonly stepMarker: string;
  readonly maxSteps: number;
}

/** Defaults and rules of {@link ChainOfThoughtConfig}. */
export const ChainOfThoughtConfig: Definition<ChainOfThoughtConfig> = {
  name: 'ChainOfThoughtConfig',
  fields: {
    enableReasoning: { kind: 'bool', default: true },
    reasoningPrefix: { kind: 'string', default: "Let's think step by step:" },
    answerPrefix: { kind: 'string', default: 'Therefore, the answer is:' },
    stepMarker: { kind: 'string', default: 'Step {n}:' },
    maxSteps: { kind: 'int', default: 10, positive: true },
  },
  rules: [
    ({ enableReasoning, reasoningPrefix }) => (enableReasoning && reasoningPrefix === '' ? 'reasoningPrefix cannot be empty when reasoning is enabled' : null),
    ({ enableReasoning, answerPrefix }) => (enableReasoning && answerPrefix === '' ? 'answerPrefix cannot be empty when reasoning is enabled' : null),
  ],
};

/** What a model is told before the conversation. */
export interface SystemPromptConfig {
  readonly persona: string;
  readonly constraints: readonly string[];
  readonly outputFormat: OutputFormat;
  readonly formatInstructions: string;
  readonly examplesInSystem: boolean;
}

/** Defaults and rules of {@link SystemPromptConfig}. */
export const SystemPromptConfig: Definition<SystemPromptConfig> = {
  name: 'SystemPromptConfig',
  fields: {
    persona: { kind: 'string', nonEmpty: true },
    constraints: { kind: 'array', of: { kind: 'string' }, default: [] },
    outputFormat: { kind: 'enum', of: OutputFormat, default: OutputFormat.TEXT },
    formatInstructions: { kind: 'string', default: '' },
    examplesInSystem: { kind: 'bool', default: false },
  },
};

/** One message. */
export interface PromptMessage {
  readonly role: PromptRole;
  readonly content: string;
}

/** Defaults and rules of {@link PromptMessage}. */
export const PromptMessage: Definition<PromptMessage> = {
  name: 'PromptMessage',
  fields: {
    role: { kind: 'enum', of: PromptRole },
    content: { kind: 'string', nonEmpty: true },
  },
};

/** A whole prompt. */
export interface PromptConfig {
  readonly style: PromptStyle;
  readonly template: PromptTemplate | null;
  readonly systemConfig: SystemPromptConfig | null;
  readonly fewShotConfig: FewShotConfig | null;
  readonly cotConfig: ChainOfThoughtConfig | null;
  readonly maxTokens: number;
}

/** Defaults and rules of {@link PromptConfig}. */
export const PromptConfig: Definition<PromptConfig> = {
  name: 'PromptConfig',
  fields: {
    style: { kind: 'enum', of: PromptStyle, default: PromptStyle.ZERO_SHOT },
    template: { kind: 'any', default: null, nullable: true },
    systemConfig: { kind: 'any', default: null, nullable: true },
    fewShotConfig: { kind: 'any', default: null, nullable: true },
    cotConfig: { kind: 'any', default: null, nullable: true },
    maxTokens: { kind: 'int', default: 4096, positive: true },
  },
};

/** What a prompt holds. */
export interface PromptStats {
  readonly totalChars: number;
  readonly estimatedTokens: number;
  readonly numExamples: number;
  readonly hasSystemPrompt: boolean;
  readonly hasCot: boolean;
}

/** Defaults and rules of {@link PromptStats}. */
export const PromptStats: Definition<PromptStats> = {
  name: 'PromptStats',
  fields: {
    totalChars: { kind: 'int' },
    estimatedTokens: { kind: 'int' },
    numExamples: { kind: 'int' },
    hasSystemPrompt: { kind: 'bool' },
    hasCot: { kind: 'bool' },
  },
};

/** Tools of an agent: definitions, calls, results, and the text in which a model asks for them. Mirrors `hf_gtc.agents.tools`. */
import { createFrom, type Definition, fillFrom, notNull, parseEnum, pythonJson, validate, valuesOf } from '@gtc/errors';

/** What a tool does. */
export const ToolType = { FUNCTION: 'function', CODE_INTERPRETER: 'code_interpreter', RETRIEVAL: 'retrieval', WEB_SEARCH: 'web_search', API: 'api' } as const;
export type ToolType = (typeof ToolType)[keyof typeof ToolType];

/** Values of {@link ToolType}. */
export const VALID_TOOL_TYPES: ReadonlySet<ToolType> = new Set(Object.values(ToolType));

/** Type of a tool's parameter. */
export const ParamType = { STRING: 'string', INTEGER: 'integer', FLOAT: 'float', BOOLEAN: 'boolean', ARRAY: 'array', OBJECT: 'object' } as const;
export type ParamType = (typeof ParamType)[keyof typeof ParamType];

/** One typed parameter of a tool. */
export interface ToolParameter {
  readonly name: string;
  readonly description: string;
  readonly paramType: ParamType;
  readonly required: boolean;
  readonly default: string | null;
}

/** Defaults and rules of {@link ToolParameter}. */
export const ToolParameter: Definition<ToolParameter> = {
  name: 'ToolParameter',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    description: { kind: 'string', default: '' },
    paramType: { kind: 'enum', of: ParamType, default: ParamType.STRING },
    required: { kind: 'bool', default: true },
    default: { kind: 'string', default: null, nullable: true },
  },
};

/** A tool that a model may call. */
export interface ToolDefinition {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly description: string;
  readonly toolType: ToolType;
  /** Parameter names with their types or schemas. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Defaults and rules of {@link ToolDefinition}. */
export const ToolDefinition: Definition<ToolDefinition> = {
  name: 'ToolDefinition',
  fields: {
    name: { kind: 'string', nonEmpty: true, matches: [/^[\p{L}\p{N}_]+$/u, 'alphanumeric with underscores'] },
    description: { kind: 'string', nonEmpty: true },
    toolType: { kind: 'enum', of: ToolType, default: ToolType.FUNCTION },
    parameters: { kind: 'any', default: Object.freeze({}) },
  },
};

/** A model's wish to run a tool. */
export interface ToolCall {
  readonly toolName: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly callId: string;
}

/** Defaults and rules of {@link ToolCall}. */
export const ToolCall: Definition<ToolCall> = {
  name: 'ToolCall',
  fields: { toolName: { kind: 'string', nonEmpty: true }, arguments: { kind: 'any', default: Object.freeze({}) }, callId: { kind: 'string', default: '' } },
};

/** What a tool answered. */
export interface ToolResult {
  readonly callId: string;
  readonly output: string;
  readonly error: string | null;
  readonly success: boolean;
}

/** Defaults and rules of {@link ToolResult}. */
export const ToolResult: Definition<ToolResult> = {
  name: 'ToolResult',
  fields: {
    callId: { kind: 'string', nonEmpty: true },
    output: { kind: 'string', default: '' },
    error: { kind: 'string', default: null, nullable: true },
    success: { kind: 'bool', default: true },
  },
};

/** One turn of thinking, acting and looking. */
export interface AgentStep {
  readonly thought: string;
  readonly action: string;
  readonly observation: string;
  readonly stepNumber: number;
}

/** How far an agent has come. */
export interface AgentState {
  readonly steps: readonly AgentStep[];
  readonly currentStep: number;
  readonly isComplete: boolean;
  readonly finalAnswer: string | null;
}

/** An agent: its tools, its prompt, its limits. */
export interface AgentConfig {
  readonly maxSteps: number;
  readonly tools: readonly ToolDefinition[];
  readonly systemPrompt: string;
  readonly temperature: number;
}

/** Defaults and rules of {@link AgentConfig}. */
export const AgentConfig: Definition<AgentConfig> = {
  name: 'AgentConfig',
  fields: {
    maxSteps: { kind: 'int', default: 10, positive: true },
    tools: { kind: 'any', default: Object.freeze([]) },
    systemPrompt: { kind: 'string', default: 'You are a helpful assistant with access to tools.' },
    temperature: { kind: 'float', default: 0.7, nonNegative: true },
  },
};

/** The words that mark the parts of a ReAct transcript (Yao et al. 2023). */
export interface ReActConfig {
  readonly thoughtPrefix: string;
  readonly actionPrefix: string;
  readonly observationPrefix: string;
  readonly finalAnswerPrefix: string;
}

/** Defaults of {@link ReActConfig}. */
export const ReActConfig: Definition<ReActConfig> = {
  name: 'ReActConfig',
  fields: {
    thoughtPrefix: { kind: 'string', default: 'Thought:' },
    actionPrefix: { kind: 'string', default: 'Action:' },
    observationPrefix: { kind: 'string', default: 'Observation:' },
    finalAnswerPrefix: { kind: 'string', default: 'Final Answer:' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateToolDefinition(tool: ToolDefinition): void {
  validate(ToolDefinition, tool, 'tool');
}

/** @throws {ValidationError} naming every broken rule */
export function validateAgentConfig(config: AgentConfig): void {
  validate(AgentConfig, config);
}

/**
 * A tool that a model may call.
 *
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.agents.tools.create_tool_definition(name, description, ...)`.
 * @example createToolDefinition('search', 'Search the web').toolType // => 'function'
 */
export function createToolDefinition(
  name: string,
  description: string,
  { toolType, parameters }: { readonly toolType?: string; readonly parameters?: Readonly<Record<string, unknown>> | null } = {},
): ToolDefinition {
  return createFrom(ToolDefinition, { name, description, toolType: toolType as ToolType | undefined, parameters: parameters ?? {} });
}

/** Four or five digits from a name, the same in every process (FNV-1a; the original's are salted anew each time). */
function callIdOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return `call_${String(hash % 10000).padStart(4, '0')}`;
}

/**
 * A call of a tool; an empty id is made from the name.
 *
 * @throws {ValidationError} for an empty name
 * @remarks Python: `hf_gtc.agents.tools.create_tool_call(tool_name, arguments, call_id=)`.
 * @example createToolCall('search', { query: 'weather' }, { callId: 'call_1' }).arguments // => { query: 'weather' }
 */
export function createToolCall(
  toolName: string,
  toolArguments: Readonly<Record<string, unknown>>,
  { callId = '' }: { readonly callId?: string } = {},
): ToolCall {
  const call = { toolName, arguments: toolArguments, callId: callId === '' && typeof toolName === 'string' ? callIdOf(toolName) : callId };
  return createFrom(ToolCall, call);
}

/** What a tool answered. @throws {ValidationError} for an empty call id */
export function createToolResult(callId: string, options: Partial<Omit<ToolResult, 'callId'>> = {}): ToolResult {
  return createFrom(ToolResult, { callId, ...options });
}

/** Settles an agent. @throws {ValidationError} naming every broken rule */
export function createAgentConfig(options: Partial<AgentConfig> = {}): AgentConfig {
  return createFrom(AgentConfig, options);
}

/** The words of a ReAct transcript; like the original it accepts any text. */
export function createReactConfig(options: Partial<ReActConfig> = {}): ReActConfig {
  return fillFrom(ReActConfig, options);
}

/** Tool types in ascending order. */
export function listToolTypes(): ToolType[] {
  return valuesOf(ToolType);
}

/** @throws {ValidationError} naming the tool types */
export function getToolType(name: string): ToolType {
  return parseEnum(ToolType, name, 'toolType');
}

/**
 * A tool as two lines of a prompt.
 *
 * @remarks Python: `hf_gtc.agents.tools.format_tool_for_prompt(tool)`; equal text.
 * @example formatToolForPrompt(createToolDefinition('calc', 'Calculate', { parameters: { expr: 'string' } })) // => '- calc: Calculate\n  Parameters: {"expr": "string"}'
 */
export function formatToolForPrompt(tool: ToolDefinition): string {
  const { name, description, parameters } = notNull(tool, 'tool');
  return `- ${name}: ${description}\n  Parameters: ${pythonJson(parameters)}`;
}

/** `key=value` pairs between commas, quotes at both ends of a value stripped. */
function argumentsOf(text: string): Record<string, string> {
  const pairs = text.split(',').filter(part => part.includes('='));
  const strip = (part: string, characters: RegExp): string => part.replace(characters, '');
  return Object.fromEntries(
    pairs.map(pair => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), strip(pair.slice(at + 1).trim(), /^['"]+|['"]+$/g)];
    }),
  );
}

/**
 * The first call `name(key=value, ...)` of a known tool in a text, up to the first closing parenthesis. A quoted comma or parenthesis is not
 * understood, as in the original.
 *
 * @param availableTools names in order of preference
 * @returns null when the text calls none of them
 * @throws {ValidationError} when an empty name matches
 * @remarks Python: `hf_gtc.agents.tools.parse_tool_call(text, available_tools)`; equal but for the call id.
 * @example parseToolCall("search(query='weather')", ['search'])?.arguments // => { query: 'weather' }
 */
export function parseToolCall(text: string, availableTools: readonly string[]): ToolCall | null {
  for (const name of notNull(availableTools, 'availableTools')) {
    const start = notNull(text, 'text').indexOf(`${name}(`);
    const end = start < 0 ? -1 : text.indexOf(')', start);
    if (end > start) return createToolCall(name, argumentsOf(text.slice(start + name.length + 1, end)));
  }
  return null;
}

/** Milliseconds that a call of each type takes, as a rule of thumb. */
const LATENCY_MS: Readonly<Record<ToolType, number>> = { function: 10, code_interpreter: 500, retrieval: 100, web_search: 1000, api: 200 };

/**
 * A rule of thumb for the milliseconds that a tool of a type takes; measure your own.
 *
 * @param toolType a {@link ToolType}
 * @throws {ValidationError} for an unknown type
 * @remarks Rust: `estimate_tool_latency(tool_type)` of the batuta ground-truth corpus. Python: no equivalent.
 * @example estimateToolLatency('retrieval') // => 100
 */
export function estimateToolLatency(toolType: ToolType): number {
  return LATENCY_MS[getToolType(toolType)];
}

/**
 * Milliseconds of several calls by the same rule of thumb: the longest when they run in parallel, else the sum.
 *
 * @param tools types of the tools called
 * @remarks Rust: `estimate_total_time(tools, parallel)` of the batuta ground-truth corpus. Python: no equivalent.
 * @example estimateTotalTime(['api', 'retrieval'], true) // => 200
 */
export function estimateTotalTime(tools: readonly ToolType[], parallel: boolean): number {
  const times = tools.map(estimateToolLatency);
  return parallel ? Math.max(0, ...times) : times.reduce((sum, time) => sum + time, 0);
}

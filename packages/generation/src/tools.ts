/** Tools for language models: definitions in a prompt, calls parsed from text, checked and run. Mirrors `hf_gtc.generation.tools`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  pythonJson,
  pythonRepr,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { isJsonObject, parseJson } from './internal/json/parse.js';

const RECOMMENDED: Readonly<Record<string, Partial<ToolConfig>>> = {
  agent: { executionMode: 'auto', maxCalls: 20 },
  assistant: {},
  code: { format: 'json_schema', maxCalls: 15 },
  extraction: { format: 'json_schema', parsingStrategy: 'structured', executionMode: 'parallel', maxCalls: 5 },
};

/** Notations of tool definitions. */
export const ToolFormat = { OPENAI: 'openai', ANTHROPIC: 'anthropic', JSON_SCHEMA: 'json_schema', XML: 'xml' } as const;
export type ToolFormat = (typeof ToolFormat)[keyof typeof ToolFormat];

/** How calls are found in a text. */
export const ParsingStrategy = { JSON: 'json', REGEX: 'regex', STRUCTURED: 'structured', LLM: 'llm' } as const;
export type ParsingStrategy = (typeof ParsingStrategy)[keyof typeof ParsingStrategy];

/** Whether calls wait for each other. */
export const ExecutionMode = { SEQUENTIAL: 'sequential', PARALLEL: 'parallel', AUTO: 'auto' } as const;
export type ExecutionMode = (typeof ExecutionMode)[keyof typeof ExecutionMode];

/** Values of {@link ToolFormat}. */
export const VALID_TOOL_FORMATS: ReadonlySet<ToolFormat> = new Set(Object.values(ToolFormat));

/** Values of {@link ParsingStrategy}. */
export const VALID_PARSING_STRATEGIES: ReadonlySet<ParsingStrategy> = new Set(Object.values(ParsingStrategy));

/** Values of {@link ExecutionMode}. */
export const VALID_EXECUTION_MODES: ReadonlySet<ExecutionMode> = new Set(Object.values(ExecutionMode));

/** A tool that a model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** Types by name, or schemas. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly required: readonly string[];
}

/** Defaults and rules of {@link ToolDefinition}. */
export const ToolDefinition: Definition<ToolDefinition> = {
  name: 'ToolDefinition',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    description: { kind: 'string', nonEmpty: true },
    parameters: { kind: 'record', of: { kind: 'any' }, default: {} },
    required: { kind: 'array', of: { kind: 'string' }, default: [] },
  },
  rules: [
    ({ name }) => (/^_*[\p{L}\p{N}][\p{L}\p{N}_]*$/u.test(name) ? null : `name must be alphanumeric with underscores, got '${name}'`),
    ({ required, parameters }) => {
      const absent = required.find(name => !Object.hasOwn(parameters, name));
      return absent === undefined ? null : `required parameter '${absent}' is not in parameters`;
    },
  ],
};

/** A call that a model asks for. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly id: string;
}

/** Defaults and rules of {@link ToolCall}. */
export const ToolCall: Definition<ToolCall> = {
  name: 'ToolCall',
  fields: {
    name: { kind: 'string', nonEmpty: true },
    arguments: { kind: 'record', of: { kind: 'any' }, default: {} },
    id: { kind: 'string', nonEmpty: true },
  },
};

/** What a call gave. */
export interface ToolResult {
  readonly callId: string;
  readonly output: string;
  /** Message of the failure, or null. */
  readonly error: string | null;
}

/** Defaults and rules of {@link ToolResult}. */
export const ToolResult: Definition<ToolResult> = {
  name: 'ToolResult',
  fields: {
    callId: { kind: 'string', nonEmpty: true },
    output: { kind: 'string', default: '' },
    error: { kind: 'string', default: null, nullable: true },
  },
};

/** How tools are offered and run. */
export interface ToolConfig {
  readonly format: ToolFormat;
  readonly definitions: readonly ToolDefinition[];
  readonly parsingStrategy: ParsingStrategy;
  readonly executionMode: ExecutionMode;
  readonly maxCalls: number;
}

/** Defaults and rules of {@link ToolConfig}. */
export const ToolConfig: Definition<ToolConfig> = {
  name: 'ToolConfig',
  fields: {
    format: { kind: 'enum', of: ToolFormat, default: ToolFormat.OPENAI },
    definitions: { kind: 'array', of: { kind: 'config', of: ToolDefinition }, default: [] },
    parsingStrategy: { kind: 'enum', of: ParsingStrategy, default: ParsingStrategy.JSON },
    executionMode: { kind: 'enum', of: ExecutionMode, default: ExecutionMode.SEQUENTIAL },
    maxCalls: { kind: 'int', default: 10, positive: true },
  },
};

/** Calls that were made. */
export interface ToolStats {
  readonly totalCalls: number;
  readonly successfulCalls: number;
  readonly failedCalls: number;
  readonly totalTimeMs: number;
  readonly callsByTool: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link ToolStats}. */
export const ToolStats: Definition<ToolStats> = {
  name: 'ToolStats',
  fields: {
    totalCalls: { kind: 'int', default: 0, nonNegative: true },
    successfulCalls: { kind: 'int', default: 0, nonNegative: true },
    failedCalls: { kind: 'int', default: 0, nonNegative: true },
    totalTimeMs: { kind: 'float', default: 0.0, nonNegative: true },
    callsByTool: { kind: 'record', of: { kind: 'int' }, default: {} },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateToolDefinition(tool: ToolDefinition): void {
  validate(ToolDefinition, tool, 'tool');
}

/** @throws {ValidationError} naming every broken rule */
export function validateToolCall(call: ToolCall): void {
  validate(ToolCall, call, 'call');
}

/** @throws {ValidationError} naming every broken rule */
export function validateToolResult(result: ToolResult): void {
  validate(ToolResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateToolConfig(config: ToolConfig): void {
  validate(ToolConfig, config);
}

/** Settles a {@link ToolResult}. @throws {ValidationError} naming every broken rule */
export function createToolResult(callId: ToolResult['callId'], options: Partial<Omit<ToolResult, 'callId'>> = {}): ToolResult {
  return createFrom(ToolResult, { ...options, callId });
}

/** Settles a {@link ToolConfig}. @throws {ValidationError} naming every broken rule */
export function createToolConfig(options: Partial<ToolConfig> = {}): ToolConfig {
  return createFrom(ToolConfig, options);
}

/** Tool formats in ascending order. */
export function listToolFormats(): ToolFormat[] {
  return valuesOf(ToolFormat);
}

/** Parsing strategies in ascending order. */
export function listParsingStrategies(): ParsingStrategy[] {
  return valuesOf(ParsingStrategy);
}

/** Execution modes in ascending order. */
export function listExecutionModes(): ExecutionMode[] {
  return valuesOf(ExecutionMode);
}

/** @throws {ValidationError} naming the values of {@link ToolFormat} */
export function getToolFormat(name: string): ToolFormat {
  return parseEnum(ToolFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ParsingStrategy} */
export function getParsingStrategy(name: string): ParsingStrategy {
  return parseEnum(ParsingStrategy, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ExecutionMode} */
export function getExecutionMode(name: string): ExecutionMode {
  return parseEnum(ExecutionMode, name, 'name');
}

/**
 * Settles a {@link ToolDefinition}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.tools.create_tool_definition(name, description, parameters=, required=)`.
 */
export function createToolDefinition(
  name: string,
  description: string,
  { parameters = null, required = [] }: { readonly parameters?: Readonly<Record<string, unknown>> | null; readonly required?: readonly string[] } = {},
): ToolDefinition {
  return createFrom(ToolDefinition, { name, description, parameters: parameters ?? {}, required });
}

/**
 * Settles a {@link ToolCall}; without an id it gets `call_` and five digits at random. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.tools.create_tool_call(name, arguments=, id=)`.
 */
export function createToolCall(
  name: string,
  { arguments: values = null, id = '' }: { readonly arguments?: Readonly<Record<string, unknown>> | null; readonly id?: string | null } = {},
): ToolCall {
  return createFrom(ToolCall, { name, arguments: values ?? {}, id: id || `call_${String(Math.floor(Math.random() * 1e5)).padStart(5, '0')}` });
}

/**
 * Settles a {@link ToolStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.tools.create_tool_stats(total_calls=, successful_calls=, failed_calls=, total_time_ms=, calls_by_tool=)`.
 */
export function createToolStats(options: { readonly [K in keyof ToolStats]?: ToolStats[K] | null } = {}): ToolStats {
  return createFrom(ToolStats, { ...options, callsByTool: options.callsByTool ?? {} } as Partial<ToolStats>);
}

/** One tool as an object of a format. */
const AS_OBJECT: Readonly<Record<Exclude<ToolFormat, 'xml'>, (tool: ToolDefinition, schema: object) => object>> = {
  openai: ({ name, description }, parameters) => ({ type: 'function', function: { name, description, parameters } }),
  anthropic: ({ name, description }, schema) => ({ name, description, input_schema: schema }),
  json_schema: ({ name, description }, schema) => ({ name, description, schema }),
};

function toXml(tools: readonly ToolDefinition[]): string {
  const lines = tools.flatMap(({ name, description, parameters, required }) => [
    `  <tool name="${name}">`,
    `    <description>${description}</description>`,
    '    <parameters>',
    ...Object.entries(parameters).map(([key, value]) => {
      const type = isJsonObject(value) ? (value['type'] ?? 'string') : value;
      return `      <param name="${key}" type="${String(type)}" required="${required.includes(key)}"/>`;
    }),
    '    </parameters>',
    '  </tool>',
  ]);
  return ['<tools>', ...lines, '</tools>'].join('\n');
}

/**
 * Definitions as text for a prompt: JSON with an indent of two, or XML; nothing for no tools.
 *
 * @remarks Python: `hf_gtc.generation.tools.format_tools_for_prompt(tools, format=)`; the same text.
 * @example formatToolsForPrompt([]) // => ''
 */
export function formatToolsForPrompt(tools: readonly ToolDefinition[], { format = ToolFormat.OPENAI }: { readonly format?: ToolFormat } = {}): string {
  notNull(tools, 'tools');
  if (tools.length === 0) return '';
  if (format === 'xml') return toXml(tools);
  const shape = AS_OBJECT[format];
  return pythonJson(
    tools.map(tool => shape(tool, { type: 'object', properties: tool.parameters, required: tool.required })),
    { indent: 2 },
  );
}

/** Pieces of a text between balanced braces that do not lie in one another; braces within strings do not count. */
function balancedObjects(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString && char === '\\') i++;
    else if (char === '"' && depth > 0) inString = !inString;
    else if (char === '{' && !inString && depth++ === 0) start = i;
    else if (char === '}' && !inString && depth > 0 && --depth === 0) found.push(text.slice(start, i + 1));
  }
  return found;
}

type Found = readonly [name: string, values: Readonly<Record<string, unknown>>];

function callsInJson(text: string, available: readonly string[]): Found[] {
  return balancedObjects(text).flatMap((piece): Found[] => {
    const parsed = parseJson(piece);
    if (!('value' in parsed) || !isJsonObject(parsed.value)) return [];
    const { name, arguments: values } = parsed.value as { name?: unknown; arguments?: unknown };
    return typeof name === 'string' && available.includes(name) ? [[name, isJsonObject(values) ? values : {}]] : [];
  });
}

/** `42` and `1.5` as numbers, `true` and `false` as such, all else as text. */
function literal(text: string): unknown {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return { true: true, false: false, True: true, False: false, None: null }[text] ?? (text === 'None' ? null : text);
}

const ARGUMENT = /(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,]+))/g;

function callsInText(text: string, available: readonly string[]): Found[] {
  return available.flatMap(name =>
    [...text.matchAll(new RegExp(`${escapeRegExp(name)}\\(([^()]*)\\)`, 'g'))].map(([, inner]): Found => {
      const values = [...inner!.matchAll(ARGUMENT)].map(([, key, double, single, bare]) => [key!, double ?? single ?? literal(bare!)] as const);
      return [name, Object.fromEntries(values)];
    }),
  );
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Calls of known tools in a text: JSON objects with a `name` (json, llm), `name(key="value", n=3)` (regex), or the first of both that finds any
 * (structured).
 *
 * @returns calls with running ids, `call_00000` first
 * @throws {ValidationError} unless name is not empty
 * @remarks Python: `hf_gtc.generation.tools.parse_tool_calls(text, available_tools, strategy=)`.
 * @example parseToolCalls('"name"', ['search', 'calc']) // => []
 */
export function parseToolCalls(
  text: string,
  availableTools: readonly string[],
  { strategy = ParsingStrategy.JSON }: { readonly strategy?: ParsingStrategy } = {},
): ToolCall[] {
  notNull(text, 'text');
  const inJson = strategy === 'regex' ? [] : callsInJson(text, availableTools);
  const inText = strategy === 'regex' || (strategy === 'structured' && inJson.length === 0) ? callsInText(text, availableTools) : [];
  return [...inJson, ...inText].map(([name, values], index) => createToolCall(name, { arguments: values, id: `call_${String(index).padStart(5, '0')}` }));
}

/**
 * Whether a call gives every required parameter and no unknown one.
 *
 * @throws {ValidationError} for a call of another tool
 * @remarks Python: `hf_gtc.generation.tools.validate_tool_arguments(call, tool)`.
 * @example validateToolArguments({ name: 'search', arguments: { query: 'test' }, id: 'call_001' }, { name: 'search', description: 'Search', parameters: { query: 'string' }, required: ['query'] }) // => [true, []]
 */
export function validateToolArguments(call: ToolCall, tool: ToolDefinition): [isValid: boolean, problems: string[]] {
  notNull(call, 'call');
  notNull(tool, 'tool');
  if (call.name !== tool.name)
    throw new ValidationError(`call and tool must have the same name, got '${call.name}' and '${tool.name}': tool name mismatch`, {
      parameter: 'call',
      received: call.name,
    });
  const problems = [
    ...tool.required.filter(name => !Object.hasOwn(call.arguments, name)).map(name => `missing required parameter: ${name}`),
    ...Object.keys(call.arguments)
      .filter(name => !Object.hasOwn(tool.parameters, name))
      .map(name => `unknown parameter: ${name}`),
  ];
  return [problems.length === 0, problems];
}

/** What runs a tool; it gets the arguments as one object. */
export type ToolHandler = (values: Readonly<Record<string, unknown>>) => unknown;

async function runCall(call: ToolCall, handlers: Readonly<Record<string, ToolHandler>>): Promise<ToolResult> {
  const failed = (error: string): ToolResult => createFrom(ToolResult, { callId: call.id, error });
  if (!Object.hasOwn(handlers, call.name)) return failed(`No handler for tool: ${call.name}`);
  try {
    const output = await handlers[call.name]!(call.arguments);
    return createFrom(ToolResult, { callId: call.id, output: typeof output === 'string' ? output : pythonRepr(output) });
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Runs calls, one after the other or all at once (`parallel`, `auto`). A handler that fails becomes a result with its message; the others go on.
 *
 * @returns results in the order of the calls
 * @throws {ValidationError} for a call without id
 * @remarks Python: `hf_gtc.generation.tools.execute_tool_calls(calls, tool_handlers, mode=)`.
 */
export function executeToolCalls(
  calls: readonly ToolCall[],
  toolHandlers: Readonly<Record<string, ToolHandler>>,
  { mode = ExecutionMode.SEQUENTIAL }: { readonly mode?: ExecutionMode } = {},
): Promise<ToolResult[]> {
  notNull(calls, 'calls');
  notNull(toolHandlers, 'toolHandlers');
  for (const call of calls) nonEmpty(call.id, 'callId');
  if (mode !== 'sequential') return Promise.all(calls.map(call => runCall(call, toolHandlers)));
  return calls.reduce(async (done, call) => [...(await done), await runCall(call, toolHandlers)], Promise.resolve<ToolResult[]>([]));
}

/**
 * Calls that were made, as text, tools by name.
 *
 * @remarks Python: `hf_gtc.generation.tools.format_tool_stats(stats)`; the same text.
 */
export function formatToolStats(stats: ToolStats): string {
  notNull(stats, 'stats');
  const { totalCalls, successfulCalls, failedCalls, totalTimeMs, callsByTool } = stats;
  const tools = Object.keys(callsByTool).sort();
  return [
    `Total calls: ${totalCalls}`,
    `Successful: ${successfulCalls}`,
    `Failed: ${failedCalls}`,
    `Total time: ${formatFixed(totalTimeMs, 1)}ms`,
    ...(tools.length > 0 ? ['Calls by tool:', ...tools.map(name => `  ${name}: ${callsByTool[name]}`)] : []),
  ].join('\n');
}

/**
 * Settings for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.generation.tools.get_recommended_tool_config(task)`.
 */
export function getRecommendedToolConfig(task: string): ToolConfig {
  return createToolConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!);
}

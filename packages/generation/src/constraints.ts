/** Constraints on generated text: their settings, and whether an output meets them. Mirrors `hf_gtc.generation.constraints`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  formatFloat,
  nestedIssue,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  textLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { fieldProblems, isJsonObject, parseJson } from './internal/json/parse.js';

const OVERHEAD_MS: Readonly<Record<ConstraintType, number>> = { json_schema: 2, regex: 0.5, grammar: 5, choices: 0.1, length: 0.05 };

const EFFORT: Readonly<Record<EnforcementMode, number>> = { strict: 1, soft: 0.8, sample_and_filter: 2.5 };

const RECOMMENDED: Readonly<Record<string, Partial<ConstraintConfig>>> = {
  classification: { constraintType: 'choices' },
  code: {
    constraintType: 'grammar',
    grammarConstraint: { grammar: 'root ::= statement*', format: 'ebnf', startSymbol: 'root' },
    enforcement: 'sample_and_filter',
  },
  extraction: { jsonConstraint: { schema: { type: 'object' }, strict: true, allowExtra: false } },
  generation: { constraintType: 'regex', regexConstraint: { pattern: '.+', fullMatch: false, maxLength: 4096 }, enforcement: 'soft' },
};

/** A pattern with Unicode rules, or without where it needs escapes that those forbid. */
function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

/** What is wrong with a pattern, or null; the commonest slips in the words of Python's `re`. */
function patternProblem(pattern: string): string | null {
  try {
    compilePattern(pattern);
    return null;
  } catch (error) {
    const open: number[] = [];
    let inSet = -1;
    for (let i = 0; i < pattern.length; i++) {
      const char = pattern[i];
      if (char === '\\') i++;
      else if (inSet >= 0) inSet = char === ']' && i > inSet + 1 ? -1 : inSet;
      else if (char === '[') inSet = i;
      else if (char === '(') open.push(i);
      else if (char === ')' && open.pop() === undefined) return `unbalanced parenthesis at position ${i}`;
    }
    if (inSet >= 0) return `unterminated character set at position ${inSet}`;
    return open.length > 0 ? `missing ), unterminated subpattern at position ${open.at(-1)}` : (error as Error).message;
  }
}

/** What is constrained. */
export const ConstraintType = { JSON_SCHEMA: 'json_schema', REGEX: 'regex', GRAMMAR: 'grammar', CHOICES: 'choices', LENGTH: 'length' } as const;
export type ConstraintType = (typeof ConstraintType)[keyof typeof ConstraintType];

/** How strictly. */
export const EnforcementMode = { STRICT: 'strict', SOFT: 'soft', SAMPLE_AND_FILTER: 'sample_and_filter' } as const;
export type EnforcementMode = (typeof EnforcementMode)[keyof typeof EnforcementMode];

/** Notations of grammars. */
export const GrammarFormat = { EBNF: 'ebnf', LARK: 'lark', ANTLR: 'antlr', REGEX: 'regex' } as const;
export type GrammarFormat = (typeof GrammarFormat)[keyof typeof GrammarFormat];

/** Values of {@link ConstraintType}. */
export const VALID_CONSTRAINT_TYPES: ReadonlySet<ConstraintType> = new Set(Object.values(ConstraintType));

/** Values of {@link EnforcementMode}. */
export const VALID_ENFORCEMENT_MODES: ReadonlySet<EnforcementMode> = new Set(Object.values(EnforcementMode));

/** Values of {@link GrammarFormat}. */
export const VALID_GRAMMAR_FORMATS: ReadonlySet<GrammarFormat> = new Set(Object.values(GrammarFormat));

/** Output that must fit a JSON Schema. */
export interface JSONSchemaConstraint {
  readonly schema: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  /** Allows fields that the schema does not declare. */
  readonly allowExtra: boolean;
}

/** Defaults and rules of {@link JSONSchemaConstraint}. */
export const JSONSchemaConstraint: Definition<JSONSchemaConstraint> = {
  name: 'JSONSchemaConstraint',
  fields: {
    schema: { kind: 'record', of: { kind: 'any' }, nonEmpty: true },
    strict: { kind: 'bool', default: true },
    allowExtra: { kind: 'bool', default: false },
  },
};

/** Output that must match a regular expression. */
export interface RegexConstraint {
  readonly pattern: string;
  /** The whole output must match, not a part of it. */
  readonly fullMatch: boolean;
  /** Characters. */
  readonly maxLength: number;
}

/** Defaults and rules of {@link RegexConstraint}. */
export const RegexConstraint: Definition<RegexConstraint> = {
  name: 'RegexConstraint',
  fields: {
    pattern: { kind: 'string', nonEmpty: true },
    fullMatch: { kind: 'bool', default: true },
    maxLength: { kind: 'int', default: 1024, positive: true },
  },
  rules: [({ pattern }) => (pattern === '' || patternProblem(pattern) === null ? null : `pattern must be a regular expression: ${patternProblem(pattern)}`)],
};

/** Output that must follow a grammar. */
export interface GrammarConstraint {
  readonly grammar: string;
  readonly format: GrammarFormat;
  readonly startSymbol: string;
}

/** Defaults and rules of {@link GrammarConstraint}. */
export const GrammarConstraint: Definition<GrammarConstraint> = {
  name: 'GrammarConstraint',
  fields: {
    grammar: { kind: 'string', nonEmpty: true },
    format: { kind: 'enum', of: GrammarFormat, default: GrammarFormat.EBNF },
    startSymbol: { kind: 'string', default: 'root', nonEmpty: true },
  },
};

/** A constraint with the settings that its type calls for. */
export interface ConstraintConfig {
  readonly constraintType: ConstraintType;
  readonly jsonConstraint: JSONSchemaConstraint | null;
  readonly regexConstraint: RegexConstraint | null;
  readonly grammarConstraint: GrammarConstraint | null;
  readonly enforcement: EnforcementMode;
}

/** Defaults and rules of {@link ConstraintConfig}. */
export const ConstraintConfig: Definition<ConstraintConfig> = {
  name: 'ConstraintConfig',
  fields: {
    constraintType: { kind: 'enum', of: ConstraintType },
    jsonConstraint: { kind: 'any', default: null, nullable: true },
    regexConstraint: { kind: 'any', default: null, nullable: true },
    grammarConstraint: { kind: 'any', default: null, nullable: true },
    enforcement: { kind: 'enum', of: EnforcementMode, default: EnforcementMode.STRICT },
  },
  rules: [
    ({ constraintType, jsonConstraint }) => (constraintType === 'json_schema' ? nestedIssue(JSONSchemaConstraint, jsonConstraint, 'jsonConstraint') : null),
    ({ constraintType, regexConstraint }) => (constraintType === 'regex' ? nestedIssue(RegexConstraint, regexConstraint, 'regexConstraint') : null),
    ({ constraintType, grammarConstraint }) => (constraintType === 'grammar' ? nestedIssue(GrammarConstraint, grammarConstraint, 'grammarConstraint') : null),
  ],
};

/** What came of a constraint. */
export interface ConstraintStats {
  readonly validOutputs: number;
  readonly invalidOutputs: number;
  readonly retries: number;
  readonly avgGenerationTimeMs: number;
}

/** Defaults and rules of {@link ConstraintStats}. */
export const ConstraintStats: Definition<ConstraintStats> = {
  name: 'ConstraintStats',
  fields: {
    validOutputs: { kind: 'int', default: 0, nonNegative: true },
    invalidOutputs: { kind: 'int', default: 0, nonNegative: true },
    retries: { kind: 'int', default: 0, nonNegative: true },
    avgGenerationTimeMs: { kind: 'float', default: 0.0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateJsonSchemaConstraint(constraint: JSONSchemaConstraint): void {
  validate(JSONSchemaConstraint, constraint, 'constraint');
}

/** @throws {ValidationError} naming every broken rule */
export function validateRegexConstraint(constraint: RegexConstraint): void {
  validate(RegexConstraint, constraint, 'constraint');
}

/** @throws {ValidationError} naming every broken rule */
export function validateGrammarConstraint(constraint: GrammarConstraint): void {
  validate(GrammarConstraint, constraint, 'constraint');
}

/** @throws {ValidationError} naming every broken rule */
export function validateConstraintConfig(config: ConstraintConfig): void {
  validate(ConstraintConfig, config);
}

/** Settles a {@link JSONSchemaConstraint}. @throws {ValidationError} naming every broken rule */
export function createJsonSchemaConstraint(
  schema: JSONSchemaConstraint['schema'],
  options: Partial<Omit<JSONSchemaConstraint, 'schema'>> = {},
): JSONSchemaConstraint {
  return createFrom(JSONSchemaConstraint, { ...options, schema });
}

/** Settles a {@link RegexConstraint}. @throws {ValidationError} naming every broken rule */
export function createRegexConstraint(pattern: RegexConstraint['pattern'], options: Partial<Omit<RegexConstraint, 'pattern'>> = {}): RegexConstraint {
  return createFrom(RegexConstraint, { ...options, pattern });
}

/** Settles a {@link GrammarConstraint}. @throws {ValidationError} naming every broken rule */
export function createGrammarConstraint(grammar: GrammarConstraint['grammar'], options: Partial<Omit<GrammarConstraint, 'grammar'>> = {}): GrammarConstraint {
  return createFrom(GrammarConstraint, { ...options, grammar });
}

/** Settles a {@link ConstraintStats}. @throws {ValidationError} naming every broken rule */
export function createConstraintStats(options: Partial<ConstraintStats> = {}): ConstraintStats {
  return createFrom(ConstraintStats, options);
}

/** Constraint types in ascending order. */
export function listConstraintTypes(): ConstraintType[] {
  return valuesOf(ConstraintType);
}

/** Enforcement modes in ascending order. */
export function listEnforcementModes(): EnforcementMode[] {
  return valuesOf(EnforcementMode);
}

/** Grammar formats in ascending order. */
export function listGrammarFormats(): GrammarFormat[] {
  return valuesOf(GrammarFormat);
}

/** @throws {ValidationError} naming the values of {@link ConstraintType} */
export function getConstraintType(name: string): ConstraintType {
  return parseEnum(ConstraintType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link EnforcementMode} */
export function getEnforcementMode(name: string): EnforcementMode {
  return parseEnum(EnforcementMode, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link GrammarFormat} */
export function getGrammarFormat(name: string): GrammarFormat {
  return parseEnum(GrammarFormat, name, 'name');
}

/**
 * Settles a {@link ConstraintConfig}, by default for JSON. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.generation.constraints.create_constraint_config(constraint_type=, json_constraint=, regex_constraint=, grammar_constraint=,
 * enforcement=)`.
 */
export function createConstraintConfig(options: Partial<ConstraintConfig> = {}): ConstraintConfig {
  return createFrom(ConstraintConfig, { constraintType: 'json_schema', ...options });
}

/** Names of Python's types, as they appear in messages. */
function pythonType(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return { boolean: 'bool', string: 'str' }[typeof value as string] ?? 'dict';
}

/** Which of Python's types a type of JSON Schema means. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  object: ['dict'],
  array: ['list'],
  string: ['str'],
  number: ['int', 'float'],
  integer: ['int'],
  boolean: ['bool'],
  null: ['NoneType'],
};

function jsonProblems(output: string, { schema, allowExtra }: JSONSchemaConstraint): string[] {
  const parsed = parseJson(output);
  if ('problem' in parsed) return [`Invalid JSON: ${parsed.problem}`];
  const { value } = parsed;
  const { type, required, properties } = schema as { type?: unknown; required?: unknown; properties?: unknown };
  const expected = typeof type === 'string' ? TYPES[type] : undefined;
  const wrongType = expected !== undefined && !expected.includes(pythonType(value)) ? [`Expected type ${String(type)}, got ${pythonType(value)}`] : [];
  if (!isJsonObject(value)) return wrongType;
  return [...wrongType, ...fieldProblems(value, Array.isArray(required) ? required : [], isJsonObject(properties) ? properties : {}, allowExtra)];
}

function regexProblems(output: string, { pattern, fullMatch, maxLength }: RegexConstraint): string[] {
  const length = textLength(output);
  const tooLong = length > maxLength ? [`Output length ${length} exceeds max ${maxLength}`] : [];
  const problem = patternProblem(pattern);
  if (problem !== null) return [...tooLong, `Invalid regex pattern: ${problem}`];
  return compilePattern(fullMatch ? `^(?:${pattern})$` : pattern).test(output) ? tooLong : [...tooLong, `Output does not match pattern: ${pattern}`];
}

function problemsOf(output: string, { constraintType, jsonConstraint, regexConstraint, grammarConstraint }: ConstraintConfig): string[] {
  if (constraintType === 'json_schema' && jsonConstraint !== null) return jsonProblems(output, jsonConstraint);
  if (constraintType === 'regex' && regexConstraint !== null) return regexProblems(output, regexConstraint);
  return constraintType === 'grammar' && grammarConstraint !== null && output.trim() === '' ? ['Output cannot be empty for grammar constraint'] : [];
}

/**
 * Whether an output meets a constraint: JSON is parsed, its type and its fields compared; a regular expression must match within the length; a grammar
 * asks for some
 * text; choices and lengths are for the decoder.
 *
 * @remarks Python: `hf_gtc.generation.constraints.validate_output(output, config)`.
 * @example validateOutput('test', { constraintType: 'regex', jsonConstraint: null, regexConstraint: null, grammarConstraint: null, enforcement: 'strict' }) // => [true, []]
 */
export function validateOutput(output: string, config: ConstraintConfig): [isValid: boolean, problems: string[]] {
  notNull(output, 'output');
  const problems = problemsOf(output, notNull(config, 'config'));
  return [problems.length === 0, problems];
}

/** A constraint that is ready to check outputs. */
export class CompiledConstraint {
  readonly config: ConstraintConfig;
  readonly compiledPattern: RegExp | null;

  constructor(config: ConstraintConfig, { compiledPattern = null }: { readonly compiledPattern?: RegExp | null } = {}) {
    this.config = config;
    this.compiledPattern = compiledPattern;
  }

  /** Whether an output meets the constraint, and every problem. */
  validate(output: string): [isValid: boolean, problems: string[]] {
    return validateOutput(output, this.config);
  }
}

/** {@link CompiledConstraint.validate} of a constraint that may come from elsewhere. */
export function compiledConstraintValidate({ config }: Pick<CompiledConstraint, 'config'>, output: string): [isValid: boolean, problems: string[]] {
  return validateOutput(output, config);
}

/**
 * Prepares a constraint: the pattern of a regular expression is compiled once.
 *
 * @throws {ValidationError} for a pattern that is no regular expression
 * @remarks Python: `hf_gtc.generation.constraints.compile_constraint(config)`.
 */
export function compileConstraint(config: ConstraintConfig): CompiledConstraint {
  notNull(config, 'config');
  const { constraintType, regexConstraint } = config;
  const pattern = constraintType === 'regex' && regexConstraint !== null ? regexConstraint.pattern : null;
  const problem = pattern === null ? null : patternProblem(pattern);
  if (problem !== null) throw new ValidationError(`pattern must be a regular expression: ${problem}`, { parameter: 'pattern', received: pattern });
  return new CompiledConstraint(config, { compiledPattern: pattern === null ? null : compilePattern(pattern) });
}

/**
 * Milliseconds for each token: a base for the type, less 20 % when soft, 2.5 times as much when samples are filtered.
 *
 * @remarks Python: `hf_gtc.generation.constraints.estimate_constraint_overhead(config)`; within 1e-12.
 * @example estimateConstraintOverhead({ constraintType: 'regex', jsonConstraint: null, regexConstraint: null, grammarConstraint: null, enforcement: 'soft' }) // => 0.4
 */
export function estimateConstraintOverhead(config: ConstraintConfig): number {
  notNull(config, 'config');
  return OVERHEAD_MS[config.constraintType] * EFFORT[config.enforcement];
}

/**
 * The constraint that stands for several: the first. A decoder applies one at a time.
 *
 * @throws {ValidationError} unless constraints is not empty
 * @remarks Python: `hf_gtc.generation.constraints.combine_constraints(constraints, mode=)`.
 */
export function combineConstraints(constraints: readonly ConstraintConfig[], { mode = 'all' }: { readonly mode?: string } = {}): ConstraintConfig {
  nonEmpty(constraints, 'constraints');
  oneOf(mode, 'mode', ['all', 'any']);
  return constraints[0]!;
}

/**
 * What came of a constraint, as text.
 *
 * @remarks Python: `hf_gtc.generation.constraints.format_constraint_stats(stats)`; the same text.
 */
export function formatConstraintStats(stats: ConstraintStats): string {
  notNull(stats, 'stats');
  const { validOutputs, invalidOutputs, retries, avgGenerationTimeMs } = stats;
  const total = validOutputs + invalidOutputs;
  return [
    `Valid outputs: ${validOutputs}`,
    `Invalid outputs: ${invalidOutputs}`,
    `Success rate: ${formatFixed(total > 0 ? (100 * validOutputs) / total : 0, 1)}%`,
    `Retries: ${retries}`,
    `Avg generation time: ${formatFloat(avgGenerationTimeMs)}ms`,
  ].join('\n');
}

/**
 * A constraint for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.generation.constraints.get_recommended_constraint_config(task)`.
 */
export function getRecommendedConstraintConfig(task: string): ConstraintConfig {
  return createConstraintConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!);
}

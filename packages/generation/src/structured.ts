/** Structured output: what a model must return, whether it did, and how many tokens it takes. Mirrors `hf_gtc.generation.structured`. */
import { createFrom, type Definition, nonEmpty, notNull, oneOf, parseEnum, positive, pythonRepr, textLength, validate, valuesOf } from '@gtc/errors';
import { fieldProblems, isJsonObject, parseJson } from './internal/json/parse.js';

const RECOMMENDED: Readonly<Record<string, Partial<StructuredConfig>>> = {
  classification: { outputFormat: 'choices', maxRetries: 2 },
  extraction: { outputFormat: 'json_schema', schema: { type: 'object' } },
  generation: { outputFormat: 'grammar', strictMode: false, maxRetries: 2 },
  qa: { strictMode: false, maxRetries: 1 },
};

/** What the output must be. */
export const OutputFormat = { JSON: 'json', JSON_SCHEMA: 'json_schema', REGEX: 'regex', GRAMMAR: 'grammar', CHOICES: 'choices' } as const;
export type OutputFormat = (typeof OutputFormat)[keyof typeof OutputFormat];

/** Types of JSON Schema. */
export const SchemaType = { OBJECT: 'object', ARRAY: 'array', STRING: 'string', NUMBER: 'number', BOOLEAN: 'boolean', NULL: 'null' } as const;
export type SchemaType = (typeof SchemaType)[keyof typeof SchemaType];

/** Values of {@link OutputFormat}. */
export const VALID_OUTPUT_FORMATS: ReadonlySet<OutputFormat> = new Set(Object.values(OutputFormat));

/** Values of {@link SchemaType}. */
export const VALID_SCHEMA_TYPES: ReadonlySet<SchemaType> = new Set(Object.values(SchemaType));

/** How structured output is asked for. */
export interface StructuredConfig {
  readonly outputFormat: OutputFormat;
  readonly schema: Readonly<Record<string, unknown>> | null;
  readonly strictMode: boolean;
  /** Attempts after the first. */
  readonly maxRetries: number;
}

/** Defaults and rules of {@link StructuredConfig}. */
export const StructuredConfig: Definition<StructuredConfig> = {
  name: 'StructuredConfig',
  fields: {
    outputFormat: { kind: 'enum', of: OutputFormat, default: OutputFormat.JSON },
    schema: { kind: 'record', of: { kind: 'any' }, default: null, nullable: true },
    strictMode: { kind: 'bool', default: true },
    maxRetries: { kind: 'int', default: 3, nonNegative: true },
  },
  rules: [({ outputFormat, schema }) => (outputFormat === 'json_schema' && schema === null ? 'schema is required for the outputFormat json_schema' : null)],
};

/** A JSON Schema with its strictness. */
export interface JSONSchemaConfig {
  readonly schemaDict: Readonly<Record<string, unknown>>;
  readonly requiredFields: readonly string[];
  readonly additionalProperties: boolean;
}

/** Defaults and rules of {@link JSONSchemaConfig}. */
export const JSONSchemaConfig: Definition<JSONSchemaConfig> = {
  name: 'JSONSchemaConfig',
  fields: {
    schemaDict: { kind: 'record', of: { kind: 'any' }, nonEmpty: true },
    requiredFields: { kind: 'array', of: { kind: 'string' }, default: [] },
    additionalProperties: { kind: 'bool', default: false },
  },
};

/** A grammar in EBNF. */
export interface GrammarConfig {
  readonly grammarString: string;
  readonly startSymbol: string;
  readonly maxTokens: number;
}

/** Defaults and rules of {@link GrammarConfig}. */
export const GrammarConfig: Definition<GrammarConfig> = {
  name: 'GrammarConfig',
  fields: {
    grammarString: { kind: 'string', nonEmpty: true },
    startSymbol: { kind: 'string', default: 'root', nonEmpty: true },
    maxTokens: { kind: 'int', default: 1024, positive: true },
  },
};

/** A list to choose from. */
export interface ChoicesConfig {
  readonly choices: readonly string[];
  readonly allowMultiple: boolean;
  /** Between several choices. */
  readonly separator: string;
}

/** Defaults and rules of {@link ChoicesConfig}. */
export const ChoicesConfig: Definition<ChoicesConfig> = {
  name: 'ChoicesConfig',
  fields: {
    choices: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    allowMultiple: { kind: 'bool', default: false },
    separator: { kind: 'string', default: ', ' },
  },
  rules: [({ allowMultiple, separator }) => (allowMultiple && separator === '' ? 'separator cannot be empty when allowMultiple is true' : null)],
};

/** Whether an output is valid, and what it holds. */
export interface ValidationResult {
  readonly isValid: boolean;
  readonly errors: readonly string[];
  /** The value; null where it could not be parsed. */
  readonly parsedOutput: unknown | null;
}

/** Defaults and rules of {@link ValidationResult}. */
export const ValidationResult: Definition<ValidationResult> = {
  name: 'ValidationResult',
  fields: {
    isValid: { kind: 'bool' },
    errors: { kind: 'array', of: { kind: 'string' }, default: [] },
    parsedOutput: { kind: 'any', default: null, nullable: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateStructuredConfig(config: StructuredConfig): void {
  validate(StructuredConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateJsonSchemaConfig(config: JSONSchemaConfig): void {
  validate(JSONSchemaConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGrammarConfig(config: GrammarConfig): void {
  validate(GrammarConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateChoicesConfig(config: ChoicesConfig): void {
  validate(ChoicesConfig, config);
}

/** Settles a {@link StructuredConfig}. @throws {ValidationError} naming every broken rule */
export function createStructuredConfig(options: Partial<StructuredConfig> = {}): StructuredConfig {
  return createFrom(StructuredConfig, options);
}

/** Settles a {@link JSONSchemaConfig}. @throws {ValidationError} naming every broken rule */
export function createJsonSchemaConfig(
  schemaDict: JSONSchemaConfig['schemaDict'],
  options: Partial<Omit<JSONSchemaConfig, 'schemaDict'>> = {},
): JSONSchemaConfig {
  return createFrom(JSONSchemaConfig, { ...options, schemaDict });
}

/** Settles a {@link GrammarConfig}. @throws {ValidationError} naming every broken rule */
export function createGrammarConfig(grammarString: GrammarConfig['grammarString'], options: Partial<Omit<GrammarConfig, 'grammarString'>> = {}): GrammarConfig {
  return createFrom(GrammarConfig, { ...options, grammarString });
}

/** Settles a {@link ChoicesConfig}. @throws {ValidationError} naming every broken rule */
export function createChoicesConfig(choices: ChoicesConfig['choices'], options: Partial<Omit<ChoicesConfig, 'choices'>> = {}): ChoicesConfig {
  return createFrom(ChoicesConfig, { ...options, choices });
}

/** Settles a {@link ValidationResult}. @throws {ValidationError} naming every broken rule */
export function createValidationResult(isValid: ValidationResult['isValid'], options: Partial<Omit<ValidationResult, 'isValid'>> = {}): ValidationResult {
  return createFrom(ValidationResult, { ...options, isValid });
}

/** Output formats in ascending order. */
export function listOutputFormats(): OutputFormat[] {
  return valuesOf(OutputFormat);
}

/** Schema types in ascending order. */
export function listSchemaTypes(): SchemaType[] {
  return valuesOf(SchemaType);
}

/** @throws {ValidationError} naming the values of {@link OutputFormat} */
export function getOutputFormat(name: string): OutputFormat {
  return parseEnum(OutputFormat, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link SchemaType} */
export function getSchemaType(name: string): SchemaType {
  return parseEnum(SchemaType, name, 'name');
}

/**
 * Parses an output and, for an object, looks for required and undeclared fields. Types are not compared.
 *
 * @returns every problem; a text that is no JSON has Python's words for it
 * @remarks Python: `hf_gtc.generation.structured.validate_json_output(output, schema_config=)`.
 */
export function validateJsonOutput(output: string, { schemaConfig = null }: { readonly schemaConfig?: JSONSchemaConfig | null } = {}): ValidationResult {
  notNull(output, 'output');
  if (output.trim() === '') return createFrom(ValidationResult, { isValid: false, errors: ['Empty output'] });
  const parsed = parseJson(output);
  if ('problem' in parsed) return createFrom(ValidationResult, { isValid: false, errors: [`Invalid JSON: ${parsed.problem}`] });
  const { value } = parsed;
  const properties = schemaConfig?.schemaDict['properties'];
  const errors =
    schemaConfig === null || !isJsonObject(value)
      ? []
      : fieldProblems(value, schemaConfig.requiredFields, isJsonObject(properties) ? properties : {}, schemaConfig.additionalProperties);
  return createFrom(ValidationResult, { isValid: errors.length === 0, errors, parsedOutput: value });
}

/**
 * Tokens of an output: the limit of a grammar; a quarter of the longest choice's characters and 5, at least 10, or all characters of the longest for
 * each choice and 10
 * where several may be chosen; 50 and 15 for each property and 10 for each required one of a schema; else the base.
 *
 * @throws {ValidationError} for a base that is not positive or no choices
 * @remarks Python: `hf_gtc.generation.structured.estimate_structured_tokens(schema_config=, grammar_config=, choices_config=, base_tokens=)`.
 * @example estimateStructuredTokens({ baseTokens: 100 }) // => 100
 */
export function estimateStructuredTokens({
  schemaConfig = null,
  grammarConfig = null,
  choicesConfig = null,
  baseTokens = 50,
}: {
  readonly schemaConfig?: JSONSchemaConfig | null;
  readonly grammarConfig?: GrammarConfig | null;
  readonly choicesConfig?: ChoicesConfig | null;
  readonly baseTokens?: number;
} = {}): number {
  positive(baseTokens, 'baseTokens');
  if (grammarConfig !== null) return grammarConfig.maxTokens;
  if (choicesConfig !== null) {
    const { choices, allowMultiple } = choicesConfig;
    const longest = nonEmpty(choices, 'choices').reduce((length, choice) => Math.max(length, textLength(choice)), 0);
    return allowMultiple ? longest * choices.length + 10 : Math.max(10, Math.floor(longest / 4) + 5);
  }
  if (schemaConfig === null) return baseTokens;
  const properties = schemaConfig.schemaDict['properties'];
  return baseTokens + 15 * (isJsonObject(properties) ? Object.keys(properties).length : 0) + 10 * schemaConfig.requiredFields.length;
}

/**
 * Settings for a kind of task.
 *
 * @throws {ValidationError} for another kind of task
 * @remarks Python: `hf_gtc.generation.structured.get_recommended_structured_config(task)`.
 */
export function getRecommendedStructuredConfig(task: string): StructuredConfig {
  return createStructuredConfig(RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!);
}

/**
 * A result as text, the value as Python prints it.
 *
 * @remarks Python: `hf_gtc.generation.structured.format_validation_result(result)`; the same text.
 */
export function formatValidationResult(result: ValidationResult): string {
  notNull(result, 'result');
  const { isValid, errors, parsedOutput } = result;
  return [
    `Valid: ${pythonRepr(isValid)}`,
    ...(errors.length > 0 ? ['Errors:', ...errors.map(error => `  - ${error}`)] : []),
    ...(parsedOutput === null ? [] : [`Parsed: ${typeof parsedOutput === 'string' ? parsedOutput : pythonRepr(parsedOutput)}`]),
  ].join('\n');
}

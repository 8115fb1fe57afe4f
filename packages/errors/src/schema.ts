/** Other faces of a definition: JSON Schema, Standard Schema and a table for documentation. */
import type { AnyDefinition, AnyFieldRule, Definition, NumberField } from './definition.js';
import type { Issue } from './errors.js';
import { parseWith } from './interpret.js';
import { describeField, enumValues } from './rules.js';

/** A JSON Schema object (draft 2020-12). */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * The JSON Schema (draft 2020-12) of a definition, for forms, editors and tool calls. Cross-field rules and sets' identity have no
 * counterpart there and are left to {@link toStandardSchema}.
 */
export function toJsonSchema<T extends object>(definition: Definition<T>): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...objectSchema(definition as unknown as AnyDefinition) };
}

function objectSchema(definition: AnyDefinition): JsonSchema {
  const entries = Object.entries(definition.fields);
  return {
    title: definition.name,
    type: 'object',
    properties: Object.fromEntries(entries.map(([key, field]) => [key, fieldSchema(field)])),
    required: entries.filter(([, field]) => field.default === undefined && !field.nullable).map(([key]) => key),
    additionalProperties: false,
  };
}

function fieldSchema(field: AnyFieldRule): JsonSchema {
  const schema = kindSchema(field);
  const value = plainDefault(field.default);
  const base = field.nullable ? { anyOf: [schema, { type: 'null' }] } : schema;
  return value === undefined ? base : { ...base, default: value };
}

/** JSON has no sets and no non-finite numbers. */
function plainDefault(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort();
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value;
}

function kindSchema(field: AnyFieldRule): JsonSchema {
  switch (field.kind) {
    case 'int':
    case 'float':
      return numberSchema(field);
    case 'bool':
      return { type: 'boolean' };
    case 'string':
      return {
        type: 'string',
        ...(field.nonEmpty || field.nonBlank ? { minLength: 1 } : {}),
        ...(field.maxLength === undefined ? {} : { maxLength: field.maxLength }),
        ...(field.matches === undefined ? {} : { pattern: field.matches[0].source }),
        ...(field.oneOf === undefined ? {} : { enum: [...field.oneOf].sort() }),
      };
    case 'enum':
      return { enum: enumValues(field.of) };
    case 'array':
      return {
        type: 'array',
        items: fieldSchema(field.of),
        ...(field.nonEmpty ? { minItems: 1 } : {}),
        ...(field.length === undefined ? {} : { minItems: field.length, maxItems: field.length }),
        ...(field.unique ? { uniqueItems: true } : {}),
      };
    case 'set':
      return { type: 'array', items: fieldSchema(field.of), uniqueItems: true, ...(field.nonEmpty ? { minItems: 1 } : {}) };
    case 'record':
      return { type: 'object', additionalProperties: fieldSchema(field.of), ...(field.nonEmpty ? { minProperties: 1 } : {}) };
    case 'config':
      return objectSchema(field.of);
    case 'any':
      return {};
  }
}

function numberSchema(field: NumberField): JsonSchema {
  const minimum = Math.max(field.min ?? Number.NEGATIVE_INFINITY, field.nonNegative ? 0 : Number.NEGATIVE_INFINITY);
  const exclusiveMinimum = Math.max(field.above ?? Number.NEGATIVE_INFINITY, field.positive ? 0 : Number.NEGATIVE_INFINITY);
  return {
    type: field.kind === 'int' ? 'integer' : 'number',
    ...(Number.isFinite(minimum) ? { minimum } : {}),
    ...(Number.isFinite(exclusiveMinimum) ? { exclusiveMinimum } : {}),
    ...(field.max === undefined ? {} : { maximum: field.max }),
    ...(field.below === undefined ? {} : { exclusiveMaximum: field.below }),
    ...(field.oneOf === undefined ? {} : { enum: [...field.oneOf] }),
  };
}

/** The part of Standard Schema (version 1) that GTC serves: libraries that accept zod or valibot schemas accept this object. */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'gtc';
    readonly validate: (value: unknown) => { readonly value: T } | { readonly issues: readonly Issue[] };
    readonly types?: { readonly input: Partial<T>; readonly output: T };
  };
}

/** A definition as a Standard Schema (version 1): fills defaults, reports every issue, never throws. */
export function toStandardSchema<T extends object>(definition: Definition<T>): StandardSchema<T> {
  return { '~standard': { version: 1, vendor: 'gtc', validate: value => parseWith(definition, value) } };
}

/** One row of a documentation table. */
export interface FieldRow {
  readonly name: string;
  readonly demands: string;
  readonly default: string;
}

/** The fields of a definition in words: name, demands, default. */
export function fieldRows<T extends object>(definition: Definition<T>): FieldRow[] {
  return Object.entries((definition as unknown as AnyDefinition).fields).map(([name, field]) => ({
    name,
    demands: describeField(field),
    default: field.default === undefined ? (field.nullable ? 'null' : 'required') : defaultText(field.default),
  }));
}

function defaultText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return JSON.stringify(value instanceof Set ? [...value].sort() : value);
}

/** {@link fieldRows} as a Markdown table. */
export function toMarkdownTable<T extends object>(definition: Definition<T>): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = fieldRows(definition).map(row => `| \`${row.name}\` | ${cell(row.demands)} | \`${cell(row.default)}\` |`);
  return ['| field | demands | default |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Interprets definitions: fills defaults, checks rules, collects every complaint. */
import type { AnyDefinition, AnyFieldRule, Definition } from './definition.js';
import { type Issue, nearest, ValidationError } from './errors.js';
import { enumValues, numberRules, stringRules } from './rules.js';
import { show } from './show.js';

type Path = readonly PropertyKey[];

/** `layers[2].name` for `['layers', 2, 'name']`. */
function pathName(path: Path): string {
  return path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`), '');
}

function mustBe(expected: string, value: unknown, path: Path): Issue {
  return { message: `${pathName(path)} must be ${expected}, got ${show(value)}`, path, received: value, expected };
}

function cannotBe(what: string, value: unknown, path: Path): Issue {
  return { message: `${pathName(path)} cannot be ${what}`, path, received: value, expected: `not ${what}` };
}

function firstBroken<V>(rules: Iterable<[string, (value: V) => boolean]>, value: V, path: Path): Issue[] {
  for (const [expected, broken] of rules) if (broken(value)) return [mustBe(expected, value, path)];
  return [];
}

function itemIssues(field: AnyFieldRule, items: Iterable<readonly [PropertyKey, unknown]>, path: Path): Issue[] {
  const found: Issue[] = [];
  for (const [key, item] of items) found.push(...fieldIssues(field, item, [...path, key]));
  return found;
}

function arrayIssues(field: Extract<AnyFieldRule, { kind: 'array' }>, value: unknown, path: Path): Issue[] {
  if (!Array.isArray(value)) return [mustBe('an array', value, path)];
  if (field.nonEmpty && value.length === 0) return [cannotBe('empty', value, path)];
  if (field.length !== undefined && value.length !== field.length) return [mustBe(`exactly ${field.length} long`, value, path)];
  if (field.unique && new Set(value).size !== value.length) return [mustBe('without duplicates', value, path)];
  return itemIssues(field.of, value.entries(), path);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Set) && !(value instanceof Map);
}

/** Complaints about one value: none, one, or one for each broken item. */
function fieldIssues(field: AnyFieldRule, value: unknown, path: Path): Issue[] {
  if (value === undefined) return [{ message: `${pathName(path)} is required`, path, received: value, expected: 'present' }];
  if (value === null && (field.nullable || field.kind === 'any')) return [];
  if (value === null) return [cannotBe('null', value, path)];
  switch (field.kind) {
    case 'int':
    case 'float':
      if (typeof value !== 'number') return [mustBe(field.kind === 'int' ? 'an integer' : 'a number', value, path)];
      if (field.kind === 'int' && !Number.isInteger(value)) return [mustBe('an integer', value, path)];
      return firstBroken(numberRules(field), value, path);
    case 'bool':
      return typeof value === 'boolean' ? [] : [mustBe('a boolean', value, path)];
    case 'string':
      if (typeof value !== 'string') return [mustBe('a string', value, path)];
      if (field.nonEmpty && value === '') return [cannotBe('empty', value, path)];
      if (field.nonBlank && value.trim() === '') return [cannotBe('blank', value, path)];
      return firstBroken(stringRules(field), value, path);
    case 'enum':
      return Object.values(field.of).includes(value as never) ? [] : [mustBe(`one of ${enumValues(field.of).join(', ')}`, value, path)];
    case 'array':
      return arrayIssues(field, value, path);
    case 'set':
      if (!(value instanceof Set)) return [mustBe('a set', value, path)];
      if (field.nonEmpty && value.size === 0) return [cannotBe('empty', value, path)];
      return itemIssues(field.of, [...value].entries(), path);
    case 'record':
      if (!isPlainObject(value)) return [mustBe('an object', value, path)];
      if (field.nonEmpty && Object.keys(value).length === 0) return [cannotBe('empty', value, path)];
      return itemIssues(field.of, Object.entries(value), path);
    case 'config':
      return isPlainObject(value) ? valueIssues(field.of, value, path) : [mustBe(`a ${field.of.name}`, value, path)];
    case 'any':
      return [];
  }
}

/** The complaint of a cross-field rule, or null; a rule that reads a field of `broken` has nothing to say. */
function ruleComplaint(rule: (value: never) => string | null, value: object, broken: ReadonlySet<string | symbol>): string | null {
  if (broken.size === 0) return rule(value as never);
  let readsBroken = false;
  const watched = new Proxy(value, {
    get(target, key) {
      readsBroken ||= broken.has(key);
      return Reflect.get(target, key);
    },
  });
  try {
    const complaint = rule(watched as never);
    return readsBroken ? null : complaint;
  } catch (error) {
    // What a rule does with a value that is not of its type is not its fault.
    if (readsBroken) return null;
    throw error;
  }
}

function valueIssues(definition: AnyDefinition, value: Readonly<Record<string, unknown>>, path: Path): Issue[] {
  const broken = new Set<string>();
  const found = Object.entries(definition.fields).flatMap(([key, field]) => {
    const issues = fieldIssues(field, value[key], [...path, key]);
    if (issues.length > 0) broken.add(key);
    return issues;
  });
  for (const rule of definition.rules ?? []) {
    const message = ruleComplaint(rule, value, broken);
    if (message !== null) found.push({ message: path.length === 0 ? message : `${pathName(path)}: ${message}`, path });
  }
  return found;
}

function unknownIssues(definition: AnyDefinition, value: object): Issue[] {
  const known = Object.keys(definition.fields);
  return Object.keys(value)
    .filter(key => !known.includes(key))
    .map(key => {
      const near = nearest(key, known);
      const hint = near === null ? `known fields: ${known.join(', ')}` : `did you mean ${near}?`;
      return { message: `${key} is not a field of ${definition.name}; ${hint}`, path: [key], received: key, expected: `one of ${known.join(', ')}` };
    });
}

function refuse(issues: readonly Issue[]): void {
  if (issues.length > 0) throw ValidationError.from(issues as [Issue, ...Issue[]]);
}

/** Every broken rule of `value`, the first one first; empty when it is valid. */
export function issuesOf<T extends object>(definition: Definition<T>, value: T): Issue[] {
  return valueIssues(definition as unknown as AnyDefinition, value as Record<string, unknown>, []);
}

/**
 * What is wrong with a nested configuration that another field calls for, for a cross-field rule: that it is missing, or its first broken rule.
 *
 * @returns null when it is sound
 * @example nestedIssue({ name: 'Cache', fields: { size: { kind: 'int', positive: true } } }, { size: 0 }, 'cache') // => 'cache.size must be positive, got 0'
 */
export function nestedIssue<T extends object>(definition: Definition<T>, value: T | null, name: string): string | null {
  if (value === null) return `${name} is required`;
  return valueIssues(definition as unknown as AnyDefinition, value as Record<string, unknown>, [name])[0]?.message ?? null;
}

/**
 * Checks a whole value, a config that somebody else built for example.
 *
 * @throws {ValidationError} naming every broken rule, or `name` when the value is null or no object
 */
export function validate<T extends object>(definition: Definition<T>, value: T, name = 'config'): void {
  if (value === null || value === undefined)
    throw new ValidationError(`${name} cannot be null`, { parameter: name, received: value, expected: `a ${definition.name}` });
  if (!isPlainObject(value))
    throw new ValidationError(`${name} must be a ${definition.name}, got ${show(value)}`, {
      parameter: name,
      received: value,
      expected: `a ${definition.name}`,
    });
  refuse(issuesOf(definition, value));
}

/** Fields with a default may be left out. */
export type Draft<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Fills defaults without checking. Only own keys count, so a hostile `__proto__` is an unknown field like any other. */
export function withDefaults<T extends object>(definition: Definition<T>, options: Draft<T>): T {
  const filled: Record<string, unknown> = {};
  for (const [key, field] of Object.entries((definition as unknown as AnyDefinition).fields)) {
    const given = Object.hasOwn(options, key) ? (options as Record<string, unknown>)[key] : undefined;
    filled[key] = given !== undefined ? given : field.default === undefined && field.nullable ? null : field.default;
  }
  return filled as T;
}

/** Fills defaults and freezes without checking: for the few `create` functions of the original that accept anything. */
export function fillFrom<T extends object>(definition: Definition<T>, options: Draft<T> = {}): T {
  return Object.freeze(withDefaults(definition, options));
}

/**
 * Fills defaults, checks every rule, freezes.
 *
 * @throws {ValidationError} naming every broken rule and every unknown field
 */
export function createFrom<T extends object>(definition: Definition<T>, options: Draft<T> = {}): T {
  if (!isPlainObject(options))
    throw new ValidationError(`options must be an object, got ${show(options)}`, { parameter: 'options', received: options, expected: 'an object' });
  const value = withDefaults(definition, options);
  refuse([...issuesOf(definition, value), ...unknownIssues(definition as unknown as AnyDefinition, options)]);
  return Object.freeze(value);
}

/**
 * Checks only the fields given, in the order given; cross-field rules are left out.
 *
 * @throws {ValidationError} naming every broken rule
 */
export function assertFields<T extends object>(definition: Definition<T>, values: Draft<T>): void {
  const { fields } = definition as unknown as AnyDefinition;
  refuse(
    Object.entries(values).flatMap(([key, value]) =>
      Object.hasOwn(fields, key) ? fieldIssues(fields[key]!, value, [key]) : unknownIssues(definition as unknown as AnyDefinition, { [key]: value }),
    ),
  );
}

/** Values of an enum in ascending order. */
export function valuesOf<V extends string | number>(values: Readonly<Record<string, V>>): V[] {
  return enumValues(values);
}

/**
 * The enum member with this value.
 *
 * @throws {ValidationError} naming `label` and the values allowed
 */
export function parseEnum<V extends string | number>(values: Readonly<Record<string, V>>, value: unknown, label: string): V {
  refuse(fieldIssues({ kind: 'enum', of: values }, value, [label]));
  return value as V;
}

/** Whether `value` is a member of the enum. */
export function isValueOf<V extends string | number>(values: Readonly<Record<string, V>>, value: unknown): value is V {
  return Object.values(values).includes(value as V);
}

/** Plain objects whose keys may be left out: what a Standard Schema and a command line hand in. */
export function parseWith<T extends object>(definition: Definition<T>, value: unknown): { readonly value: T } | { readonly issues: readonly Issue[] } {
  if (!isPlainObject(value))
    return { issues: [{ message: `expected a ${definition.name}, got ${show(value)}`, path: [], received: value, expected: definition.name }] };
  const filled = withDefaults(definition, value as Draft<T>);
  const issues = [...issuesOf(definition, filled), ...unknownIssues(definition as unknown as AnyDefinition, value)];
  return issues.length > 0 ? { issues } : { value: Object.freeze(filled) };
}

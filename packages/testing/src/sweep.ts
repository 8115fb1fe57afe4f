/** One sweep that every definition goes through: defaults, refusals, freezing, schema. */
import {
  type AnyDefinition,
  type AnyFieldRule,
  createFrom,
  type Definition,
  GtcError,
  issuesOf,
  toJsonSchema,
  toMarkdownTable,
  toStandardSchema,
  type ValidationError,
  withDefaults,
} from '@gtc/errors';
import * as fc from 'fast-check';
import { definitionArbitrary } from './arbitrary.js';
import { type Case, check } from './case.js';

/** A value of a field that its rule refuses, with the rule in words. */
function refusedValues(field: AnyFieldRule): [rule: string, value: unknown][] {
  const values: [string, unknown][] = [['another type', Symbol('none')]];
  if (!field.nullable && field.kind !== 'any') values.push(['null', null]);
  if ('nonEmpty' in field && field.nonEmpty) values.push(['empty', emptyOf(field.kind)]);
  switch (field.kind) {
    case 'int':
    case 'float':
      if (field.kind === 'int') values.push(['fraction', 1.5]);
      if (field.positive) values.push(['positive', 0]);
      if (field.nonNegative) values.push(['non-negative', -1]);
      if (field.min !== undefined) values.push(['min', field.min - 1]);
      if (field.max !== undefined) values.push(['max', field.max + 1]);
      if (field.above !== undefined) values.push(['above', field.above]);
      if (field.below !== undefined) values.push(['below', field.below]);
      if (field.finite) values.push(['finite', Number.NaN]);
      break;
    case 'string':
      if (field.maxLength !== undefined) values.push(['maxLength', 'x'.repeat(field.maxLength + 1)]);
      if (field.matches !== undefined) values.push(['pattern', '\u0000 (not) matching!']);
      if (field.oneOf !== undefined) values.push(['oneOf', 'not a member, surely']);
      break;
    case 'enum':
      values.push(['member', 'not a member, surely']);
      break;
    case 'array':
      if (field.length !== undefined) values.push(['length', new Array(field.length + 1).fill(null)]);
      break;
  }
  return field.kind === 'any' ? [] : values;
}

function emptyOf(kind: string): unknown {
  return kind === 'string' ? '' : kind === 'set' ? new Set() : kind === 'record' ? {} : [];
}

function refusal(run: () => unknown): ValidationError {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    check(GtcError.is(error) && error.code === 'invalid_value', `threw ${String(error)} instead of a ValidationError`);
    return error as ValidationError;
  }
  check(false, `accepted ${String(result)}`);
}

/**
 * The checks that every definition must pass.
 *
 * @param base makes a sound value, needed only when cross-field rules refuse nearly every random one; called when a check runs
 */
export function sweep<T extends object>(definition: Definition<T>, base?: () => T): Case[] {
  try {
    return sweepCases(definition, base);
  } catch (error) {
    // A table that cannot be read is a check that fails, not a file without tests.
    return [
      {
        name: `${definition.name} can be read`,
        run: () => {
          throw error;
        },
      },
    ];
  }
}

function sweepCases<T extends object>(definition: Definition<T>, base?: () => T): Case[] {
  const { fields } = definition as unknown as AnyDefinition;
  const entries = Object.entries(fields);
  const required = entries.filter(([, field]) => field.default === undefined && !field.nullable);
  const sound = (): T => base?.() ?? sample(definition);
  const cases: Case[] = [
    { name: `${definition.name} accepts and freezes sound values`, run: () => acceptsSound(definition, base?.()) },
    { name: `${definition.name} refuses unknown fields`, run: () => refusesUnknown(definition, sound()) },
    { name: `${definition.name} has a schema and a table of all fields`, run: () => describesAll(definition, sound()) },
  ];
  if (required.length === 0)
    cases.push({
      name: `${definition.name} needs no options`,
      run: () => check(issuesOf(definition, withDefaults(definition, {})).length === 0, 'its defaults break its rules'),
    });
  for (const [key] of required)
    cases.push({ name: `${definition.name} requires ${key}`, run: () => refusesField(definition, { ...sound(), [key]: undefined } as T, key) });
  for (const [key, field] of entries) {
    for (const [rule, value] of refusedValues(field))
      cases.push({ name: `${definition.name}.${key} refuses ${rule}`, run: () => refusesField(definition, { ...sound(), [key]: value } as T, key) });
  }
  return cases;
}

function sample<T extends object>(definition: Definition<T>): T {
  return fc.sample(definitionArbitrary(definition), { numRuns: 1, seed: 1 })[0]!;
}

function acceptsSound<T extends object>(definition: Definition<T>, base: T | undefined): void {
  fc.assert(
    fc.property(definitionArbitrary(definition, base), value => {
      const created = createFrom(definition, value);
      check(Object.isFrozen(created), 'the value is not frozen');
      check(Object.keys(created).length === Object.keys(definition.fields).length, 'a field is missing');
    }),
    { numRuns: 100 },
  );
}

function refusesUnknown<T extends object>(definition: Definition<T>, value: T): void {
  const error = refusal(() => createFrom(definition, { ...value, notAField: 1 } as T));
  check(error.message.includes('notAField'), `message '${error.message}' does not name the field`);
}

function refusesField<T extends object>(definition: Definition<T>, value: T, key: string): void {
  const error = refusal(() => createFrom(definition, value));
  check(
    error.issues.some(issue => issue.path[0] === key),
    `no issue names ${key}: ${error.message}`,
  );
  check(error.message.includes(key), `message '${error.message}' does not name ${key}`);
}

function describesAll<T extends object>(definition: Definition<T>, value: T): void {
  const keys = Object.keys(definition.fields);
  const { properties } = toJsonSchema(definition) as { properties: object };
  check(
    keys.every(key => Object.hasOwn(properties, key)),
    'the JSON Schema lacks a field',
  );
  check(toMarkdownTable(definition).split('\n').length === keys.length + 2, 'the table lacks a field');
  const outcome = toStandardSchema(definition)['~standard'].validate(value);
  check('value' in outcome, 'the Standard Schema refuses a sound value');
}

/** The checks of an enum with its derived functions: list, test, get. */
export function sweepEnum<V extends string | number>(
  name: string,
  values: Readonly<Record<string, V>>,
  derived: { readonly list?: () => readonly V[]; readonly is?: (value: string) => boolean; readonly get?: (value: string) => V },
): Case[] {
  const members = Object.values(values);
  const absent = 'not a member, surely';
  const cases: Case[] = [];
  const { list, is, get } = derived;
  if (list !== undefined)
    cases.push({
      name: `${name} lists its values in ascending order`,
      run: () => check(String(list()) === String([...members].sort()), `got ${String(list())}`),
    });
  if (is !== undefined)
    cases.push({ name: `${name} knows its members`, run: () => check(members.every(value => is(String(value))) && !is(absent), 'membership is wrong') });
  if (get !== undefined) {
    cases.push({
      name: `${name} gets members and refuses others`,
      run: () => {
        check(
          members.every(value => get(String(value)) === value),
          'a member was not found',
        );
        check(refusal(() => get(absent)).message.includes(String(members[0])), 'the message does not list the members');
      },
    });
  }
  return cases;
}

/** The rule words that definitions and guards share: each says what it expects, or null when the value obeys. */
import type { AnyFieldRule, NumberField, StringField } from './definition.js';

/** Bounds of a number; `min` and `max` belong to the interval, `above` and `below` do not. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
  readonly above?: number;
  readonly below?: number;
}

/**
 * Bounds in words.
 *
 * @example describeBounds({ min: 0, below: 1 }) // => 'in [0, 1)'
 * @example describeBounds({ min: 1 }) // => 'at least 1'
 */
export function describeBounds({ min, max, above, below }: Bounds): string {
  const lower = min ?? above;
  const upper = max ?? below;
  if (lower !== undefined && upper !== undefined) return `in ${min === undefined ? '(' : '['}${lower}, ${upper}${max === undefined ? ')' : ']'}`;
  if (lower !== undefined) return min === undefined ? `greater than ${lower}` : `at least ${lower}`;
  return max === undefined ? `less than ${upper}` : `at most ${upper}`;
}

/** True when `value` breaks the bounds; NaN breaks two-sided bounds only. */
export function breaksBounds(value: number, { min, max, above, below }: Bounds): boolean {
  const twoSided = (min ?? above) !== undefined && (max ?? below) !== undefined;
  if (Number.isNaN(value)) return twoSided;
  return (
    (min !== undefined && value < min) ||
    (max !== undefined && value > max) ||
    (above !== undefined && value <= above) ||
    (below !== undefined && value >= below)
  );
}

function hasBounds(field: Bounds): boolean {
  return field.min !== undefined || field.max !== undefined || field.above !== undefined || field.below !== undefined;
}

/** What a number field expects, in the order in which it is checked. */
export function* numberRules(field: NumberField): Generator<[expected: string, broken: (value: number) => boolean]> {
  if (field.positive) yield ['positive', value => value <= 0];
  if (field.nonNegative) yield ['non-negative', value => value < 0];
  if (hasBounds(field)) yield [describeBounds(field), value => breaksBounds(value, field)];
  if (field.finite) yield ['finite', value => !Number.isFinite(value)];
  if (field.oneOf !== undefined) yield [`one of ${field.oneOf.join(', ')}`, value => !field.oneOf!.includes(value)];
}

/** What a text field expects beside not being empty. */
export function* stringRules(field: StringField): Generator<[expected: string, broken: (value: string) => boolean]> {
  if (field.maxLength !== undefined) yield [`at most ${field.maxLength} characters long`, value => value.length > field.maxLength!];
  if (field.matches !== undefined) yield [field.matches[1], value => !field.matches![0].test(value)];
  if (field.oneOf !== undefined) {
    const allowed = new Set(field.oneOf);
    yield [`one of ${[...allowed].sort().join(', ')}`, value => !allowed.has(value)];
  }
}

/**
 * Everything that a field demands, in words.
 *
 * @example describeField({ kind: 'int', positive: true }) // => 'integer, positive'
 */
export function describeField(field: AnyFieldRule): string {
  return [field.nullable ? `${kindWords(field)} or null` : kindWords(field), ...demands(field)].join(', ');
}

function demands(field: AnyFieldRule): string[] {
  const empty = 'nonEmpty' in field && field.nonEmpty ? ['not empty'] : [];
  switch (field.kind) {
    case 'int':
    case 'float':
      return [...numberRules(field)].map(([expected]) => expected);
    case 'string':
      return [...empty, ...(field.nonBlank ? ['not blank'] : []), ...[...stringRules(field)].map(([expected]) => expected)];
    case 'array':
      return [...empty, ...(field.length === undefined ? [] : [`exactly ${field.length}`]), ...(field.unique ? ['all different'] : [])];
    default:
      return empty;
  }
}

function kindWords(field: AnyFieldRule): string {
  switch (field.kind) {
    case 'int':
      return 'integer';
    case 'float':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'string':
      return 'string';
    case 'enum':
      return `one of ${enumValues(field.of).join(', ')}`;
    case 'array':
      return `array of ${describeField(field.of)}`;
    case 'set':
      return `set of ${describeField(field.of)}`;
    case 'record':
      return `object of ${describeField(field.of)}`;
    case 'config':
      return field.of.name;
    case 'any':
      return 'any value';
  }
}

/** Values of an enum in ascending order. */
export function enumValues<V extends string | number>(values: Readonly<Record<string, V>>): V[] {
  return Object.values(values).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

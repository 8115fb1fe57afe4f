/** fast-check generators: values of definitions, tensors, and text that breaks careless code. */
import { type AnyDefinition, type AnyFieldRule, type Definition, issuesOf } from '@gtc/errors';
import { type DType, isFloating, type Tensor, tensor } from '@gtc/tensor';
import * as fc from 'fast-check';

type NumberRule = Extract<AnyFieldRule, { kind: 'int' | 'float' }>;

/** The least and the greatest number that a rule admits, within reach of ordinary use. */
function span(field: NumberRule): { low: number; high: number } {
  const low = Math.max(field.positive ? Number.MIN_VALUE : -1e6, field.nonNegative ? 0 : -1e6, field.min ?? -1e6, field.above ?? -1e6);
  return { low, high: Math.min(Math.max(1e6, low + 1e6), field.max ?? Number.POSITIVE_INFINITY, field.below ?? Number.POSITIVE_INFINITY) };
}

function numberArbitrary(field: NumberRule): fc.Arbitrary<number> {
  if (field.oneOf !== undefined) return fc.constantFrom(...field.oneOf);
  const { low, high } = span(field);
  if (field.kind === 'int') {
    const min = Math.ceil(low) + (field.above === Math.ceil(low) ? 1 : 0);
    return fc.integer({ min, max: Math.floor(high) - (field.below === Math.floor(high) ? 1 : 0) });
  }
  return fc.double({ min: low, max: high, minExcluded: field.above === low, maxExcluded: field.below === high, noNaN: true });
}

function stringArbitrary(field: Extract<AnyFieldRule, { kind: 'string' }>): fc.Arbitrary<string> {
  if (field.oneOf !== undefined) return fc.constantFrom(...field.oneOf);
  const bounds = { minLength: field.nonEmpty || field.nonBlank ? 1 : 0, ...(field.maxLength === undefined ? {} : { maxLength: field.maxLength }) };
  if (field.matches !== undefined) return fc.stringMatching(field.matches[0], { maxLength: Math.min(field.maxLength ?? 20, 20) });
  const text = fc.string({ ...bounds, unit: 'grapheme-ascii' });
  return field.nonBlank ? text.filter(value => value.trim() !== '') : text;
}

/** Values that obey one field. */
export function fieldArbitrary(field: AnyFieldRule): fc.Arbitrary<unknown> {
  const value = soundArbitrary(field);
  return field.nullable ? fc.option(value, { nil: null }) : value;
}

function soundArbitrary(field: AnyFieldRule): fc.Arbitrary<unknown> {
  const minLength = 'nonEmpty' in field && field.nonEmpty ? 1 : 0;
  switch (field.kind) {
    case 'int':
    case 'float':
      return numberArbitrary(field);
    case 'bool':
      return fc.boolean();
    case 'string':
      return stringArbitrary(field);
    case 'enum':
      return fc.constantFrom(...Object.values(field.of));
    case 'array': {
      const bounds = field.length === undefined ? { minLength, maxLength: 8 } : { minLength: field.length, maxLength: field.length };
      return field.unique ? fc.uniqueArray(fieldArbitrary(field.of), bounds) : fc.array(fieldArbitrary(field.of), bounds);
    }
    case 'set':
      return fc.uniqueArray(fieldArbitrary(field.of), { minLength, maxLength: 8 }).map(items => new Set(items));
    case 'record':
      return fc.dictionary(fc.string({ minLength: 1 }), fieldArbitrary(field.of), { minKeys: minLength, maxKeys: 5, noNullPrototype: true });
    case 'config':
      return definitionArbitrary(field.of as unknown as Definition<object>);
    case 'any':
      return field.default === undefined ? fc.constant(null) : fc.constant(field.default);
  }
}

/**
 * Values that obey a definition, cross-field rules included. Where cross-field rules refuse nearly every draw, `base` (a value known
 * to be sound) is varied one field at a time instead.
 */
export function definitionArbitrary<T extends object>(definition: Definition<T>, base?: T): fc.Arbitrary<T> {
  const { fields } = definition as unknown as AnyDefinition;
  const arbitraries = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, fieldArbitrary(field)]));
  const sound = (value: unknown): value is T => issuesOf(definition, value as T).length === 0;
  if (base === undefined) return (fc.record(arbitraries) as fc.Arbitrary<unknown>).filter(sound);
  const variants = Object.entries(arbitraries).map(([key, arbitrary]) => arbitrary.map(value => ({ ...base, [key]: value })));
  return (fc.oneof(fc.constant(base), ...variants) as fc.Arbitrary<unknown>).filter(sound);
}

const HOSTILE = [
  '\u0000',
  '\ud800',
  '\udfff',
  '\ufeff',
  '\u202e',
  '\u200d',
  '\u0301',
  '\u00a0',
  '\u2028',
  '\r\n',
  '\t',
  '\\',
  '"',
  "'",
  '`',
  '${x}',
  '{{ x }}',
  '<script>',
  '__proto__',
  'constructor',
  '../',
  '%00',
  '(((((',
  '.*.*.*',
  '[[',
  '👩‍👩‍👧',
  'ﬁ',
  'İ',
  'ß',
  '中文',
  'العربية',
  '１２',
  '½',
  'e\u0301',
  '𝒳',
  '-0',
  'NaN',
  '1e309',
  ' ',
];

/** Text that breaks careless code: lone surrogates, NUL, combining marks, bidi controls, template and path syntax, long runs. */
export function hostileText({ maxLength = 40 }: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
    { weight: 2, arbitrary: fc.string({ maxLength: 8 }) },
  );
  const run = fc.tuple(fc.constantFrom('a', '\u0301', '(', ' ', '\ud83d'), fc.integer({ min: 100, max: 2000 })).map(([unit, times]) => unit.repeat(times));
  return fc.oneof({ weight: 9, arbitrary: fc.array(piece, { maxLength }).map(pieces => pieces.join('')) }, { weight: 1, arbitrary: run });
}

/** Tensors of up to `maxAxes` axes, zero-sized ones included, with finite elements between -1000 and 1000. */
export function tensorArbitrary({
  dtype = 'float32',
  maxAxes = 4,
  maxSize = 6,
}: {
  readonly dtype?: DType;
  readonly maxAxes?: number;
  readonly maxSize?: number;
} = {}): fc.Arbitrary<Tensor> {
  const element = isFloating(dtype)
    ? fc.double({ min: -1000, max: 1000, noNaN: true })
    : fc.integer({ min: dtype === 'uint8' || dtype === 'bool' ? 0 : -1000, max: dtype === 'uint8' ? 255 : 1000 });
  return fc.array(fc.integer({ min: 0, max: maxSize }), { maxLength: maxAxes }).chain(shape => {
    const size = shape.reduce((product, n) => product * n, 1);
    return fc.array(element, { minLength: size, maxLength: size }).map(values => tensor(values, { dtype }).reshape(shape));
  });
}

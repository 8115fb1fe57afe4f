import { sweep } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import type { Definition } from './definition.js';
import { ValidationError } from './errors.js';
import { assertFields, createFrom, fillFrom, issuesOf, isValueOf, nestedIssue, parseEnum, parseWith, validate, valuesOf } from './interpret.js';
import { describeField } from './rules.js';
import { fieldRows, toJsonSchema, toMarkdownTable, toStandardSchema } from './schema.js';

const Mode = { FAST: 'fast', EXACT: 'exact' } as const;
type Mode = (typeof Mode)[keyof typeof Mode];
const Level = { LOW: 1, HIGH: 3 } as const;
type Level = (typeof Level)[keyof typeof Level];

/** Every kind of field and every rule word. */
interface Everything {
  readonly r: number;
  readonly share: number;
  readonly least: number;
  readonly most: number;
  readonly over: number;
  readonly under: number;
  readonly real: number;
  readonly width: 8 | 16;
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly slug: string;
  readonly mode: Mode;
  readonly level: Level;
  readonly flag: boolean;
  readonly layers: readonly number[];
  readonly pair: readonly number[];
  readonly tags: ReadonlySet<string>;
  readonly scores: Readonly<Record<string, number>>;
  readonly inner: Inner | null;
  readonly hook: (() => void) | null;
}
interface Inner {
  readonly depth: number;
}
const Inner: Definition<Inner> = {
  name: 'Inner',
  fields: { depth: { kind: 'int', nonNegative: true } },
  rules: [value => (value.depth === 13 ? 'depth must not be 13' : null)],
};
const Everything: Definition<Everything> = {
  name: 'Everything',
  fields: {
    r: { kind: 'int', default: 8, positive: true },
    share: { kind: 'float', default: 0.1, min: 0, below: 1 },
    least: { kind: 'float', default: 1, min: 1 },
    most: { kind: 'float', default: 1, max: 1 },
    over: { kind: 'float', default: 1, above: 0 },
    under: { kind: 'float', default: 0, below: 1 },
    real: { kind: 'float', default: 1, finite: true },
    width: { kind: 'int', default: 8, oneOf: [8, 16] },
    name: { kind: 'string', default: 'x', nonEmpty: true, maxLength: 20 },
    title: { kind: 'string', default: 'x', nonBlank: true },
    kind: { kind: 'string', default: 'a', oneOf: new Set(['b', 'a']) },
    slug: { kind: 'string', default: 'x', matches: [/^\w+$/, 'alphanumeric'] },
    mode: { kind: 'enum', of: Mode, default: Mode.FAST },
    level: { kind: 'enum', of: Level, default: Level.LOW },
    flag: { kind: 'bool', default: false },
    layers: { kind: 'array', of: { kind: 'int', nonNegative: true }, default: [1, 2], nonEmpty: true, unique: true },
    pair: { kind: 'array', of: { kind: 'float' }, default: [0, 1], length: 2 },
    tags: { kind: 'set', of: { kind: 'string' }, default: new Set(['b', 'a']), nonEmpty: true },
    scores: { kind: 'record', of: { kind: 'float' }, default: { a: 1 }, nonEmpty: true },
    inner: { kind: 'config', of: Inner, default: null, nullable: true },
    hook: { kind: 'any', default: null },
  },
  rules: [value => (value.least > value.r ? `least (${value.least}) must not exceed r (${value.r})` : null)],
};

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return (error as Error).message;
  }
  throw new Error('accepted');
};

describe('definitions', () => {
  it.each([...sweep(Everything, () => createFrom(Everything)), ...sweep(Inner)])('$name', c => c.run());
});

describe('cross-field rules', () => {
  interface Span {
    readonly words: readonly string[];
    readonly count: number;
    readonly other: number;
  }
  const Span: Definition<Span> = {
    name: 'Span',
    fields: { words: { kind: 'array', of: { kind: 'string' } }, count: { kind: 'int', positive: true }, other: { kind: 'int', positive: true, default: 1 } },
    rules: [({ words, count }) => (words.map(word => word.length).length === count ? null : `count (${count}) must be the number of words`)],
  };
  it('run beside broken fields that they do not read', () => {
    expect(message(() => createFrom(Span, { words: ['a'], count: 2, other: 0 }))).toBe('other must be positive, got 0; count (2) must be the number of words');
  });
  it('say nothing of broken fields, whatever they do with them', () => {
    expect(message(() => createFrom(Span, { words: ['a'], count: 0 }))).toBe('count must be positive, got 0');
    expect(message(() => createFrom(Span, { words: null as never, count: 1 }))).toBe('words cannot be null');
  });
  it('do not hide a fault of their own', () => {
    const Faulty: Definition<Span> = {
      ...Span,
      rules: [
        () => {
          throw new TypeError('a fault');
        },
      ],
    };
    expect(() => createFrom(Faulty, { words: [], count: 1 })).toThrow('a fault');
    expect(() => createFrom(Faulty, { words: [], count: 1, other: 0 })).toThrow('a fault');
  });
});

describe('createFrom', () => {
  it.each([
    [{ r: 0 }, 'r must be positive, got 0'],
    [{ r: 1.5 }, 'r must be an integer, got 1.5'],
    [{ r: '8' }, "r must be an integer, got '8'"],
    [{ share: 1 }, 'share must be in [0, 1), got 1'],
    [{ share: Number.NaN }, 'share must be in [0, 1), got NaN'],
    [{ least: 0 }, 'least must be at least 1, got 0'],
    [{ most: 2 }, 'most must be at most 1, got 2'],
    [{ over: 0 }, 'over must be greater than 0, got 0'],
    [{ under: 1 }, 'under must be less than 1, got 1'],
    [{ real: Number.POSITIVE_INFINITY }, 'real must be finite, got Infinity'],
    [{ width: 9 }, 'width must be one of 8, 16, got 9'],
    [{ name: '' }, 'name cannot be empty'],
    [{ name: 'x'.repeat(21) }, `name must be at most 20 characters long, got '${'x'.repeat(21)}'`],
    [{ title: '  ' }, 'title cannot be blank'],
    [{ kind: 'c' }, "kind must be one of a, b, got 'c'"],
    [{ slug: 'a b' }, "slug must be alphanumeric, got 'a b'"],
    [{ mode: 'slow' }, "mode must be one of exact, fast, got 'slow'"],
    [{ level: 2 }, 'level must be one of 1, 3, got 2'],
    [{ flag: 1 }, 'flag must be a boolean, got 1'],
    [{ layers: [] }, 'layers cannot be empty'],
    [{ layers: [1, -1] }, 'layers[1] must be non-negative, got -1'],
    [{ layers: [1, 1] }, 'layers must be without duplicates, got [1, 1]'],
    [{ layers: 'x' }, "layers must be an array, got 'x'"],
    [{ pair: [1] }, 'pair must be exactly 2 long, got [1]'],
    [{ tags: new Set() }, 'tags cannot be empty'],
    [{ tags: ['a'] }, "tags must be a set, got ['a']"],
    [{ scores: {} }, 'scores cannot be empty'],
    [{ scores: { a: 'x' } }, "scores.a must be a number, got 'x'"],
    [{ scores: [1] }, 'scores must be an object, got [1]'],
    [{ inner: { depth: -1 } }, 'inner.depth must be non-negative, got -1'],
    [{ inner: { depth: 13 } }, 'inner: depth must not be 13'],
    [{ inner: 3 }, 'inner must be a Inner, got 3'],
    [{ r: null }, 'r cannot be null'],
    [{ least: 9 }, 'least (9) must not exceed r (8)'],
    [{ least: 9, width: 9 }, 'width must be one of 8, 16, got 9; least (9) must not exceed r (8)'],
    [{ rank: 4 }, 'rank is not a field of Everything; known fields: r, share'],
    [{ shar: 4 }, 'shar is not a field of Everything; did you mean share?'],
  ])('%# says what is wrong', (options, expected) => {
    expect(message(() => createFrom(Everything, options as never))).toContain(expected);
  });
  it('lists every broken field, the first one first', () => {
    expect(message(() => createFrom(Everything, { share: 2, r: 0 } as never))).toBe('r must be positive, got 0; share must be in [0, 1), got 2');
  });
  it('lets NaN pass one-sided rules, as Python does', () => {
    expect(createFrom(Everything, { over: Number.NaN }).over).toBeNaN();
  });
  it('takes undefined for left out', () => {
    expect(createFrom(Everything, { r: undefined }).r).toBe(8);
  });
  it('treats __proto__ as an unknown field', () => {
    expect(message(() => createFrom(Everything, JSON.parse('{"__proto__": {"r": 0}}')))).toContain('__proto__ is not a field');
  });
  it('refuses options that are no object', () => {
    expect(message(() => createFrom(Everything, 3 as never))).toBe('options must be an object, got 3');
  });
  it('requires a field without default', () => {
    expect(message(() => createFrom(Inner, {}))).toBe('depth is required');
  });
});

describe('fillFrom', () => {
  it('fills and freezes without checking', () => {
    const value = fillFrom(Everything, { r: -1 });
    expect(value).toMatchObject({ r: -1, share: 0.1 });
    expect(Object.isFrozen(value)).toBe(true);
  });
});

describe('validate', () => {
  it.each([
    [null, 'config cannot be null'],
    [undefined, 'config cannot be null'],
    [3, 'config must be a Inner, got 3'],
    [[], 'config must be a Inner, got []'],
    [new Map(), 'config must be a Inner, got Map(0)'],
  ])('%# refuses a value that is no config', (value, expected) => {
    expect(message(() => validate(Inner, value as never))).toBe(expected);
  });
  it('names the argument as asked', () => {
    expect(message(() => validate(Inner, null as never, 'stats'))).toBe('stats cannot be null');
  });
  it('accepts a sound value', () => {
    expect(() => validate(Inner, { depth: 1 })).not.toThrow();
    expect(issuesOf(Inner, { depth: 1 })).toEqual([]);
    expect([nestedIssue(Inner, { depth: 1 }, 'inner'), nestedIssue(Inner, { depth: 0.5 }, 'inner'), nestedIssue(Inner, null, 'inner')]).toEqual([
      null,
      'inner.depth must be an integer, got 0.5',
      'inner is required',
    ]);
  });
});

describe('assertFields', () => {
  it('checks the fields given and no cross-field rule', () => {
    expect(() => assertFields(Everything, { least: 9 })).not.toThrow();
    expect(message(() => assertFields(Everything, { share: 2, r: 0 }))).toBe('share must be in [0, 1), got 2; r must be positive, got 0');
    expect(message(() => assertFields(Everything, { nope: 1 } as never))).toContain('nope is not a field');
  });
});

describe('enums', () => {
  it('lists in ascending order, numbers by size', () => {
    expect(valuesOf(Mode)).toEqual(['exact', 'fast']);
    expect(valuesOf({ A: 10, B: 9, C: 10 })).toEqual([9, 10, 10]);
  });
  it('tests and parses', () => {
    expect(isValueOf(Mode, 'fast')).toBe(true);
    expect(isValueOf(Mode, 'FAST')).toBe(false);
    expect(parseEnum(Level, 3, 'level')).toBe(3);
    expect(message(() => parseEnum(Mode, 'x', 'mode'))).toBe("mode must be one of exact, fast, got 'x'");
    expect(message(() => parseEnum(Mode, null, 'mode'))).toBe('mode cannot be null');
  });
});

describe('other faces', () => {
  it('describes fields in words', () => {
    expect(Object.values(Everything.fields).map(field => describeField(field as never))).toMatchSnapshot();
  });
  it('writes JSON Schema', () => {
    expect(toJsonSchema(Everything)).toMatchSnapshot();
  });
  it('leaves non-finite defaults out of JSON Schema', () => {
    const Limits: Definition<{ readonly top: number }> = { name: 'Limits', fields: { top: { kind: 'float', default: Number.POSITIVE_INFINITY } } };
    expect(toJsonSchema(Limits)).toMatchObject({ properties: { top: { type: 'number' } } });
    expect(fieldRows(Limits)).toEqual([{ name: 'top', demands: 'number', default: 'Infinity' }]);
  });
  it('writes a table', () => {
    expect(toMarkdownTable(Inner)).toBe('| field | demands | default |\n| --- | --- | --- |\n| `depth` | integer, non-negative | `required` |');
    expect(fieldRows(Everything).find(row => row.name === 'tags')?.default).toBe('["a","b"]');
    expect(fieldRows(Everything).find(row => row.name === 'inner')?.default).toBe('null');
  });
  it('serves as a Standard Schema', () => {
    const { validate: check, version, vendor } = toStandardSchema(Inner)['~standard'];
    expect([version, vendor]).toEqual([1, 'gtc']);
    expect(check({ depth: 2 })).toEqual({ value: { depth: 2 } });
    expect(check({ depth: -2 })).toMatchObject({ issues: [{ message: 'depth must be non-negative, got -2', path: ['depth'] }] });
    expect(check('x')).toMatchObject({ issues: [{ message: "expected a Inner, got 'x'" }] });
    expect(parseWith(Inner, { depth: 1, more: 2 })).toMatchObject({ issues: [{ path: ['more'] }] });
  });
});

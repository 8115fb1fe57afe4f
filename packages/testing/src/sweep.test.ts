import { createFrom, type Definition } from '@gtc/errors';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionArbitrary, fieldArbitrary } from './arbitrary.js';
import type { Case } from './case.js';
import { sweep, sweepEnum } from './sweep.js';

const Mode = { FAST: 'fast', EXACT: 'exact' } as const;
interface Plan {
  readonly rank: number;
  readonly share: number;
  readonly width: number;
  readonly gap: number;
  readonly top: number;
  readonly real: number;
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly slug: string;
  readonly mode: 'fast' | 'exact';
  readonly flag: boolean;
  readonly layers: readonly number[];
  readonly pair: readonly number[];
  readonly tags: ReadonlySet<string>;
  readonly scores: Readonly<Record<string, number>>;
  readonly inner: { readonly depth: number } | null;
  readonly hook: unknown;
  readonly other: unknown;
}
const Plan: Definition<Plan> = {
  name: 'Plan',
  fields: {
    rank: { kind: 'int', above: 2, below: 9 },
    share: { kind: 'float', nonNegative: true, max: 1 },
    width: { kind: 'int', oneOf: [8, 16] },
    gap: { kind: 'float', above: 0, below: 1 },
    top: { kind: 'int', min: 5 },
    real: { kind: 'float', finite: true },
    name: { kind: 'string', nonEmpty: true, maxLength: 9 },
    title: { kind: 'string', nonBlank: true },
    kind: { kind: 'string', oneOf: ['a', 'b'] },
    slug: { kind: 'string', matches: [/^[a-z]+$/, 'lower-case letters'] },
    mode: { kind: 'enum', of: Mode },
    flag: { kind: 'bool' },
    layers: { kind: 'array', of: { kind: 'int', positive: true }, nonEmpty: true, unique: true },
    pair: { kind: 'array', of: { kind: 'float' }, length: 2 },
    tags: { kind: 'set', of: { kind: 'string' }, nonEmpty: true },
    scores: { kind: 'record', of: { kind: 'float' }, nonEmpty: true },
    inner: { kind: 'config', of: { name: 'Inner', fields: { depth: { kind: 'int', default: 1 } } }, nullable: true },
    hook: { kind: 'any' },
    other: { kind: 'any', default: 3 },
  },
  rules: [value => (value.rank > value.width ? 'rank must not exceed width' : null)],
};

async function failures(cases: readonly Case[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of cases) {
    try {
      await run();
    } catch (error) {
      failed.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return failed;
}

describe('sweep', () => {
  it.each(sweep(Plan))('$name', c => c.run());
  it('needs a base where random values are nearly all refused', async () => {
    const Narrow: Definition<{ readonly a: number; readonly b: number }> = {
      name: 'Narrow',
      fields: { a: { kind: 'float', default: 1, min: 0, max: 1 }, b: { kind: 'float', default: 0, min: 0, max: 1 } },
      rules: [value => (Math.abs(value.a + value.b - 1) > 1e-9 && value.a !== 1 ? 'a and b must sum to 1' : null)],
    };
    expect(await failures(sweep(Narrow, () => createFrom(Narrow)))).toEqual([]);
  });
  it('finds defaults that break their rules', async () => {
    const Broken: Definition<{ readonly r: number }> = { name: 'Broken', fields: { r: { kind: 'int', default: 0, positive: true } } };
    expect(await failures(sweep(Broken))).toEqual(['Broken needs no options: its defaults break its rules']);
  });
});

describe('definitionArbitrary', () => {
  it('makes values that every rule accepts', () => {
    fc.assert(
      fc.property(definitionArbitrary(Plan), plan => Object.isFrozen(createFrom(Plan, plan)) && plan.rank <= plan.width),
      { numRuns: 100 },
    );
  });
  it('stays inside open intervals of integers', () => {
    const values = fc.sample(fieldArbitrary({ kind: 'int', above: 2, below: 5 }), { numRuns: 100, seed: 1 });
    expect(new Set(values)).toEqual(new Set([3, 4]));
  });
});

describe('sweepEnum', () => {
  const derived = { list: () => ['exact', 'fast'] as const, is: (value: string) => value === 'fast' || value === 'exact' };
  it('passes for sound functions', async () => {
    const get = (value: string): 'fast' | 'exact' =>
      createFrom<{ readonly m: 'fast' | 'exact' }>({ name: 'M', fields: { m: { kind: 'enum', of: Mode } } }, { m: value as 'fast' }).m;
    expect(await failures(sweepEnum('Mode', Mode, { ...derived, get }))).toEqual([]);
  });
  it('fails for unsound ones', async () => {
    const get = (): 'fast' => 'fast';
    expect(await failures(sweepEnum('Mode', Mode, { list: () => ['fast', 'exact'], is: () => true, get }))).toEqual([
      'Mode lists its values in ascending order: got fast,exact',
      'Mode knows its members: membership is wrong',
      'Mode gets members and refuses others: a member was not found',
    ]);
    const throws = (value: string): 'fast' | 'exact' => {
      if (value in derived || !derived.is(value)) throw new Error('untyped');
      return value as 'fast';
    };
    expect(await failures(sweepEnum('Mode', Mode, { get: throws }))).toEqual([
      'Mode gets members and refuses others: threw Error: untyped instead of a ValidationError',
    ]);
    expect(await failures(sweepEnum('Mode', Mode, { get: value => value as 'fast' }))).toEqual([
      'Mode gets members and refuses others: accepted not a member, surely',
    ]);
  });
});

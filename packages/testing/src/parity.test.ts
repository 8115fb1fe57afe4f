import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ValidationError } from '@gtc/errors';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { camelCase, decode, type Json } from './encoding.js';
import { differs, parityCases, replay, type Vector } from './parity.js';

const same = (want: Json, got: unknown): string | null => differs(want, got, '$', []);

async function verdict(module: Record<string, unknown>, vector: Partial<Vector>): Promise<string | null> {
  try {
    await replay(module, { id: '1', fn: 'f', args: [], ...vector });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('camelCase', () => {
  it.each([
    ['max_ngram', 'maxNgram'],
    ['_private_name', '_privateName'],
    ['a__b', 'aB'],
    ['top_1_acc', 'top1Acc'],
    ['plain', 'plain'],
  ])('%s -> %s', (snake, camel) => {
    expect(camelCase(snake)).toBe(camel);
  });
});

describe('decode', () => {
  it.each([
    [{ $float: '-inf' }, Number.NEGATIVE_INFINITY],
    [{ $int: '5' }, 5],
    [{ $int: '9007199254740993' }, 9007199254740993n],
    [{ $enum: 'E', value: 'a' }, 'a'],
    [{ $type: 'T', fields: { max_n: 1 } }, { maxN: 1 }],
    [{ $set: [1] }, new Set([1])],
    [{ $bytes: 'AQ==' }, Uint8Array.of(1)],
    [{ $datetime: '2024-01-01T00:00:00' }, new Date('2024-01-01T00:00:00Z')],
    [{ $datetime: '2024-01-01T00:00:00+01:00' }, new Date('2023-12-31T23:00:00Z')],
    [{ $timedelta: 3 }, 3],
    [{ $iter: [1, 2] }, [1, 2]],
    [{ $dataset: { a: [1] } }, { a: [1] }],
    [{ $datasetDict: { s: 1 } }, { s: 1 }],
    [{ $array: { dtype: 'f', shape: [2, 1], data: [1, 2] } }, [[1], [2]]],
    [{ $array: { dtype: 'f', shape: [], data: [1] } }, 1],
    [{ $array: { dtype: 'f', shape: [0, 2], data: [] } }, []],
    [
      {
        $map: [
          [1, 'a'],
          [null, 'b'],
        ],
      },
      { 1: 'a', null: 'b' },
    ],
    [{ $map: [[[1, 2], 'a']] }, new Map([[[1, 2], 'a']])],
    [{ a: [{ $float: 'nan' }] }, { a: [Number.NaN] }],
    [null, null],
  ] as [Json, unknown][])('%#', (encoded, value) => {
    expect(decode(encoded)).toEqual(value);
  });
  it('makes generators, patterns and callables', () => {
    expect((decode({ $rng: 42 }) as { random: () => number }).random()).toBe(0.6394267984578837);
    expect(decode({ $regex: 'a+', flags: 2 })).toEqual(/a+/iu);
    const call = (name: string, value: unknown): unknown => (decode({ $fn: name }) as (x: unknown) => unknown)(value);
    expect([
      call('identity', 1),
      call('len', 'añ'),
      call('len', [1]),
      call('upper', 'a'),
      call('upper', ['b']),
      call('double', 2),
      call('double', [3]),
      call('isEven', 3),
    ]).toEqual([1, 2, 1, 'A', ['B'], 4, [6], false]);
    expect([
      call('isTruthy', []),
      call('isTruthy', 'x'),
      call('constTrue', 0),
      call('constFalse', 0),
      call('constEmpty', 0),
      call('constText', 0),
      call('accuracyHalf', 0),
    ]).toEqual([false, true, true, false, [], 'text', { accuracy: 0.5 }]);
    expect(() => call('raiseValueError', 0)).toThrow('boom');
    expect(() => decode({ $fn: 'nope' })).toThrow("vectors name an unknown callable 'nope'");
  });
});

describe('differs', () => {
  it.each([
    [1, 1 + 1e-12],
    [{ $int: '9007199254740993' }, 9007199254740993n],
    [{ $float: 'nan' }, Number.NaN],
    [{ $enum: 'E', value: 'a' }, 'a'],
    [{ $set: [2, 1] }, new Set([1, 2])],
    [{ $set: [2, 1] }, [1, 2]],
    [[1, 2], new Set([1, 2])],
    [[1], { toArray: () => [1] }],
    [[1], new Map([[1, 1]]).keys()],
    [{ $bytes: 'AQ==' }, Uint8Array.of(1)],
    [{ $datetime: '2024-01-01T00:00:00' }, '2024-01-01T00:00:00Z'],
    [{ $iter: [1] }, [1]],
    [{ $timedelta: 3 }, 3],
    [{ $regex: 'a', flags: 0 }, /b/],
    [{ $fn: 'len' }, () => 1],
    [{ $array: { dtype: 'f', shape: [1, 1], data: [2] } }, [[2]]],
    [{ $dataset: { a: [1] } }, { toColumns: () => ({ a: [1] }) }],
    [{ $dataset: { a: [1] } }, { a: [1] }],
    [{ $datasetDict: { s: { $dataset: { a: [] } } } }, { s: { a: [] } }],
    [{ $map: [[1, 'a']] }, { 1: 'a' }],
    [{ $map: [[[1], 'a']] }, new Map([[[1], 'a']])],
    [
      { $type: 'T', fields: { max_n: 1 } },
      { maxN: 1, method: () => 1 },
    ],
    [{ max_n: 1 }, { maxN: 1 }],
    [{ max_n: 1 }, new Map([['max_n', 1]])],
    [null, undefined],
    [{ $any: true }, 0],
  ] as [Json, unknown][])('%# accepts', (want, got) => {
    expect(same(want, got)).toBeNull();
  });
  it.each([
    [1, 2, '$: expected 1, got 2'],
    ['a', 'b', "$: expected 'a', got 'b'"],
    [[1], [1, 2], '$: expected 1 items, got 2'],
    [[1], 3, '$: expected an array, got 3'],
    [[1], {}, '$: expected an array, got {  }'],
    [{ $set: [1] }, 1, '$: expected a set, got 1'],
    [{ $bytes: 'AQ==' }, [1], '$: expected bytes, got [1]'],
    [{ $datetime: '2024-01-01T00:00:00' }, 0, '$: expected 2024-01-01T00:00:00, got 0'],
    [{ $regex: 'a', flags: 0 }, 'a', "$: expected a RegExp, got 'a'"],
    [{ $fn: 'len' }, 1, '$: expected a function, got 1'],
    [{ $map: [[[1], 'a']] }, {}, '$: expected a Map, got {  }'],
    [{ a: 1 }, [1], '$: expected an object, got [1]'],
    [{ a: 1 }, { a: 1, b: 2 }, '$: expected 1 keys, got 2'],
    [{ a: { b: [1] } }, { a: { b: [2] } }, '$.a.b[0]: expected 1, got 2'],
    [{ $any: true }, undefined, '$: expected a value, got undefined'],
  ] as [Json, unknown, string][])('%# refuses', (want, got, message) => {
    expect(same(want, got)).toBe(message);
  });
});

describe('replay', () => {
  it('passes arguments by position and options in camelCase', async () => {
    expect(await verdict({ f: (a: number, { maxN = 0 } = {}) => a + maxN }, { args: [1], kwargs: { max_n: 2 }, result: 3 })).toBeNull();
    expect(await verdict({ f: (...args: unknown[]) => args.length }, { args: [1], result: 1 })).toBeNull();
  });
  it('finds members and reserved names', async () => {
    expect(await verdict({ latencyBreakdownTotalMs: (x: { a: number }) => x.a }, { fn: 'LatencyBreakdown.total_ms', args: [{ a: 1 }], result: 1 })).toBeNull();
    expect(await verdict({ delete_: () => 1 }, { fn: 'delete', result: 1 })).toBeNull();
    expect(await verdict({}, { result: 1 })).toBe('f is not exported');
  });
  it('runs generators to their end', async () => {
    expect(
      await verdict(
        {
          *f() {
            yield 1;
            yield 2;
          },
        },
        { result: { $iter: [1, 2] } },
      ),
    ).toBeNull();
    expect(
      await verdict(
        {
          async *f() {
            yield 1;
          },
        },
        { result: { $iter: [1] } },
      ),
    ).toBeNull();
  });
  it('wants refusals with a code that name the parameter', async () => {
    const raises = { type: 'ValueError', message: 'max_n must be positive', param: 'max_n' };
    const refusing = (error: unknown) => ({
      f: () => {
        throw error;
      },
    });
    expect(await verdict(refusing(new ValidationError('maxN must be positive')), { raises })).toBeNull();
    expect(await verdict(refusing(new ValidationError('bad')), { raises })).toBe("message 'bad' does not name max_n");
    expect(await verdict(refusing(new Error('maxN')), { raises })).toBe('threw Error: maxN, which has no code');
    expect(await verdict({ f: () => 1 }, { raises })).toBe('expected ValueError (max_n must be positive), got 1');
    expect(await verdict(refusing(new Error('inside')), { result: 1 })).toBe('inside');
  });
  it('compares arguments after a call that changes them', async () => {
    expect(await verdict({ f: (list: number[]) => void list.push(2) }, { args: [[1]], result: null, after: { args: [[1, 2]] } })).toBeNull();
    expect(await verdict({ f: () => undefined }, { args: [[1]], result: null, after: { args: [[1, 2]] } })).toMatch(/^arguments/);
  });
  it('makes earlier calls on a clear registry', async () => {
    let store: number[] = [];
    const module = {
      add: (x: number) => void store.push(x),
      f: () => store.length,
      clearRegistry: () => {
        store = [];
      },
    };
    expect(await verdict(module, { before: [{ fn: 'add', args: [1] }], result: 1 })).toBeNull();
    expect(store).toEqual([]);
  });
  it('ignores volatile values and the order of unordered ones', async () => {
    const module = { f: () => ({ id: 'x7', at: 5, tags: ['b', 'a'] }) };
    const result = { id: 'old', at: { $datetime: '2024-01-01T00:00:00' }, tags: ['a', 'b'] };
    expect(await verdict(module, { result, volatile: ['/id', '/at/$datetime'], unordered: ['/tags'] })).toBeNull();
    expect(await verdict(module, { result, volatile: ['/id', '/at'] })).toMatch(/tags\[0\]/);
    expect(await verdict({ f: () => [2, 1] }, { result: [1, 2], unordered: [''] })).toBeNull();
    expect(await verdict({ f: () => 7 }, { result: 8, volatile: [''] })).toBeNull();
  });
});

describe('parityCases', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-parity-'));
  mkdirSync(join(folder, 'd'));
  writeFileSync(
    join(folder, 'd', 'm.json'),
    JSON.stringify({
      module: 'd.m',
      vectors: [
        { id: '1', fn: 'f', args: [], result: 1 },
        { id: '2', fn: 'f', args: [], result: 2, erratum: 'E' },
      ],
    }),
  );
  afterEach(() => vi.unstubAllEnvs());
  it('makes one check for each vector without erratum', async () => {
    vi.stubEnv('GTC_PARITY_DIR', folder);
    const cases = parityCases('d/m', { f: () => 1 }, import.meta.url);
    expect(cases.map(c => c.name)).toEqual(['f 1']);
    await cases[0]!.run();
    expect(parityCases('d/other', {}, import.meta.url)[0]!.name).toBe('not run: GTC_PARITY_DIR has no d/other.json');
    rmSync(folder, { recursive: true });
  });
  it('reads beside the package otherwise', () => {
    vi.stubEnv('GTC_PARITY_DIR', '');
    expect(() => parityCases('d/nowhere', {}, import.meta.url)).toThrow(/evidence\/parity\/nowhere\.json/);
  });
});

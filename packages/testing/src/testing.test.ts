import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FormatError } from '@gtc/errors';
import { zeros } from '@gtc/tensor';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hostileText, tensorArbitrary } from './arbitrary.js';
import { type Case, check } from './case.js';
import { differs, sameNumber } from './compare.js';
import { evidenceCases, toleranceOf } from './evidence.js';
import { equals, throws } from './expect.js';
import { readJson } from './files.js';
import { gradcheck } from './gradcheck.js';
import { mutant, mutantCases } from './mutate.js';
import { sweep } from './sweep.js';

/** The message of a failing check, or null when it holds. */
async function verdict({ run }: Pick<Case, 'run'>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('compare', () => {
  it.each([
    [1, 1, null],
    [Number.NaN, Number.NaN, null],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, null],
    [1n, 1, null],
    [null, undefined, null],
    ['a', 'a', null],
    [[1, [2]], Float64Array.of(1), '$: expected 2 items, got 1'],
    [1, 1.1, '$: expected 1, got 1.1'],
    [1, 'x', "$: expected 1, got 'x'"],
    [null, 0, '$: expected null, got 0'],
    [{ a: 1 }, { a: 1, b: 2 }, null],
    [{ a: 1 }, {}, '$.a: expected 1, got undefined'],
    [{ a: 1 }, 3, '$: expected an object, got 3'],
    [[1], 'x', "$: expected an array, got 'x'"],
    [new Set([1, 2]), new Set([2, 1]), null],
    [new Set([1]), [1], '$: expected {1}, got [1]'],
    [new Map([['a', 1]]), new Map([['a', 1]]), null],
    [new Map(), {}, '$: expected a Map, got {  }'],
    [
      new Map([
        ['b', 1],
        ['a', 2],
      ]),
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
      null,
    ],
    [true, false, '$: expected true, got false'],
  ])('%# tells %s from %s', (want, got, found) => {
    expect(differs(want, got)).toBe(found);
  });
  it('refuses extra keys when asked', () => {
    expect(differs({ a: 1 }, { a: 1, b: 2 }, undefined, { exactKeys: true })).toBe('$: unexpected b');
  });
  it('applies both tolerances', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
        (x, t) => sameNumber(x, x * (1 + t / 2), { rtol: t, atol: 0 }) && sameNumber(x, x + t / 2, { rtol: 0, atol: t + 1e-9 }),
      ),
      { numRuns: 100 },
    );
    expect(sameNumber(Number.POSITIVE_INFINITY, 1, { rtol: 1, atol: 1 })).toBe(false);
  });
});

describe('evidence', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-evidence-'));
  const topic = {
    topic: 't',
    source: { library: 'l', version: '1' },
    tolerance: { rtol: 0, atol: 0.1 },
    cases: [
      { name: 'close', call: 'f', input: { x: { dtype: 'float64', shape: [1, 2], data: [1, { $float: 'inf' }] } }, expect: 1.05 },
      { name: 'far', call: 'f', input: { x: [[2]] }, expect: 1.05 },
      { name: 'unknown call', call: 'g', input: {}, expect: 1 },
      { name: 'refused', call: 'f', input: { x: [[-1]] }, raises: 'format' },
      { name: 'refused otherwise', call: 'f', input: { x: [[-1]] }, raises: 'state' },
      { name: 'not refused', call: 'f', input: { x: [[1]] }, raises: 'state' },
      { name: 'unknown category', call: 'f', input: { x: [[1]] }, raises: 'whim' },
      {
        name: 'encodings',
        call: 'echo',
        input: { a: { $int: '9007199254740993' }, b: { $b64: 'AQI=' }, c: { $bytes: '01ff' }, d: { bigint: '7' } },
        expect: { a: { $bigint: '9007199254740993' }, b: [1, 2], c: [1, 255], d: 7 },
      },
    ],
  };
  writeFileSync(join(folder, 't.json'), JSON.stringify(topic));
  const f = (({ x }: { x: number[][] }) => {
    if (x[0]![0]! < 0) throw new FormatError('bad');
    return x[0]![0];
  }) as never;
  const cases = evidenceCases('d/t', { f, echo: input => input }, import.meta.url, pathToFileURL(join(folder, 't.json')).href);
  it.each([
    [0, null],
    [1, '$: expected 1.05, got 2'],
    [2, "no answer for call 'g'"],
    [3, null],
    [4, 'expected invalid_state, got malformed_input: bad'],
    [5, 'expected a refusal (state), got 1'],
    [6, "unknown category of refusal 'whim'"],
    [7, null],
  ])('case %i', async (index, message) => {
    expect(await verdict(cases[index]!)).toBe(message);
  });
  it('prefers the tolerance of the case', () => {
    expect(toleranceOf(topic as never, { ...topic.cases[0]!, rtol: 0.5 } as never)).toEqual({ rtol: 0.5, atol: 0.1 });
    expect(toleranceOf(topic as never, { ...topic.cases[0]!, tolerance: { atol: 2 } } as never)).toEqual({ rtol: 0, atol: 2 });
  });
  afterEach(() => vi.unstubAllEnvs());
  it('reads another folder, and names what that folder lacks', async () => {
    vi.stubEnv('GTC_EVIDENCE_DIR', folder);
    const [only] = evidenceCases('d/t', {}, import.meta.url);
    expect(only!.name).toBe('not run: GTC_EVIDENCE_DIR has no d/t.json');
    expect(await verdict(only!)).toBeNull();
  });
  it('names a file that cannot be read', () => {
    expect(() => readJson(pathToFileURL(join(folder, 'none.json')))).toThrow(/cannot read .*none\.json/);
    rmSync(folder, { recursive: true });
  });
});

describe('gradcheck', () => {
  it('accepts the gradient of random quadratics', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 5 }),
        x =>
          gradcheck(
            v => v.reduce((sum, a, i) => sum + (i + 1) * a * a, 0),
            x,
            x.map((a, i) => 2 * (i + 1) * a),
          ) === undefined,
      ),
      { numRuns: 100 },
    );
  });
  it('names the coordinate that is wrong', () => {
    expect(() => gradcheck(([a, b]) => a! * b!, [2, 3], [3, 3])).toThrow(/coordinate 1: gradient 3, central difference 2/);
    expect(() => gradcheck(() => 0, [1], [])).toThrow('x and gradient must have the same length, got 1 and 0');
  });
});

describe('mutants', () => {
  const file = new TextEncoder().encode('{"a": [1, 2, 3], "b": "text"}');
  it('come back from their seed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), (bytes, seed) => {
        const [first, again] = [mutant(bytes, seed), mutant(bytes, seed)];
        return String(first.bytes) === String(again.bytes);
      }),
      { numRuns: 100 },
    );
  });
  it('differ from the file nearly always, and use every way of breaking', () => {
    const mutants = Array.from({ length: 500 }, (_, seed) => mutant(file, seed));
    expect(mutants.filter(({ bytes }) => String(bytes) === String(file)).length).toBeLessThan(25);
    expect(new Set(mutants.flatMap(({ steps }) => steps)).size).toBe(11);
  });
  it('come of an empty file too', () => {
    const mutants = Array.from({ length: 200 }, (_, seed) => mutant(new Uint8Array(), seed));
    expect(new Set(mutants.flatMap(({ steps }) => steps)).size).toBe(11);
    expect(mutants.some(({ bytes }) => bytes.length === 0) && mutants.some(({ bytes }) => bytes.length > 0)).toBe(true);
  });
  const typed = (bytes: Uint8Array): unknown => {
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (cause) {
      throw new FormatError('no JSON', { cause });
    }
  };
  it.each(mutantCases({ 'a JSON file': () => file }, typed, { count: 200 }))('$name', c => c.run());
  it('names file and seed when an untyped error escapes', async () => {
    const [, broken] = mutantCases({ f: file }, bytes => JSON.parse(new TextDecoder().decode(bytes)), { count: 50 });
    expect(await verdict(broken!)).toMatch(/^f, seed \d+ \(.*\): threw SyntaxError.*which is no typed error$/);
  });
  it('names a parse that takes too long', async () => {
    const slow = async (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5));
    expect(await verdict(mutantCases({ f: file }, slow, { count: 1, limitMs: 1 })[1]!)).toMatch(/^f, seed 0 .* took \d+ ms$/);
  });
});

describe('sweep', () => {
  it('makes one failing check of a table that cannot be read', async () => {
    const [only, ...others] = sweep({ name: 'Broken' } as never);
    expect([only?.name, others.length]).toEqual(['Broken can be read', 0]);
    expect(await verdict(only!)).toContain('undefined');
  });
});

describe('arbitraries', () => {
  it('make hostile text of every sort', () => {
    const texts = fc.sample(hostileText(), { numRuns: 500, seed: 1 });
    for (const piece of ['\u0000', '__proto__', '\u202e', '\ud800']) expect(texts.some(text => text.includes(piece))).toBe(true);
    expect(texts.some(text => text.length > 1000)).toBe(true);
  });
  it.each(['float32', 'float64', 'int32', 'uint8'] as const)('make %s tensors, zero-sized ones included', dtype => {
    const tensors = fc.sample(tensorArbitrary({ dtype }), { numRuns: 200, seed: 1 });
    expect(tensors.every(tensor => tensor.dtype === dtype && tensor.size === tensor.shape.reduce((product, n) => product * n, 1))).toBe(true);
    expect(tensors.some(tensor => tensor.size === 0)).toBe(true);
  });
});

describe('expect', () => {
  it('compares documented values to nine digits, tensors as lists', async () => {
    expect(
      await verdict({
        run: () =>
          equals(
            () => 1 + 1e-12,
            () => 1,
            '1',
          ),
      }),
    ).toBeNull();
    expect(
      await verdict({
        run: () =>
          equals(
            () => zeros([1]),
            () => [0],
            '[0]',
          ),
      }),
    ).toBeNull();
    expect(
      await verdict({
        run: () =>
          equals(
            () => null,
            () => null,
            'null',
          ),
      }),
    ).toBeNull();
    expect(
      await verdict({
        run: () =>
          equals(
            () => ({ a: 1, b: 2 }),
            () => ({ a: 1 }),
            '{ a: 1 }',
          ),
      }),
    ).toBe('expected { a: 1 }; $: unexpected b');
  });
  it('wants the words of an error', async () => {
    const fails = (): never => check(false, 'r must be positive') as never;
    expect(await verdict({ run: () => throws(fails, 'be positive') })).toBeNull();
    expect(await verdict({ run: () => throws(fails, 'q must') })).toBe("expected an error with 'q must', got 'r must be positive'");
    expect(await verdict({ run: () => throws(() => 3, 'q') })).toBe("expected an error with 'q', got 3");
  });
});

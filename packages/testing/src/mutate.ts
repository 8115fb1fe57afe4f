/** Breaks files in the ways that files break, from recorded seeds, and checks that a parser answers each with a value or a typed error. */
import { GtcError } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';
import { type Case, CheckError, check } from './case.js';

type Mutation = (bytes: Uint8Array, random: PythonRandom) => Uint8Array;

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

function position(bytes: Uint8Array, random: PythonRandom): number {
  return bytes.length === 0 ? 0 : random.randrange(bytes.length);
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  const result = new Uint8Array(at + insert.length + Math.max(0, bytes.length - at - remove));
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Each breaks bytes in one way; the names appear in failure messages. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  truncate: (bytes, random) => bytes.slice(0, position(bytes, random)),
  flipBit: (bytes, random) => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[position(bytes, random)]! ^= 1 << random.randrange(8);
    return copy;
  },
  setByte: (bytes, random) => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[position(bytes, random)] = random.randrange(256);
    return copy;
  },
  extremeWord: (bytes, random) => {
    const word = new DataView(new ArrayBuffer(4));
    word.setUint32(0, random.choice(EXTREMES), random.random() < 0.5);
    return splice(bytes, position(bytes, random), 4, new Uint8Array(word.buffer));
  },
  insert: (bytes, random) => splice(bytes, position(bytes, random), 0, random.randbytes(random.randint(1, 16))),
  remove: (bytes, random) => splice(bytes, position(bytes, random), random.randint(1, 32), new Uint8Array()),
  duplicate: (bytes, random) => {
    const at = position(bytes, random);
    return splice(bytes, at, 0, bytes.slice(at, at + random.randint(1, 64)));
  },
  zeroRun: (bytes, random) => splice(bytes, position(bytes, random), 16, new Uint8Array(16)),
  digits: (bytes, random) => splice(bytes, position(bytes, random), 1, text(random.choice(['-1', '1e999', '99999999999999999999', '0.5', 'NaN']))),
  structure: (bytes, random) =>
    splice(
      bytes,
      position(bytes, random),
      random.randrange(3),
      text(random.choice(['{', '}', '[', ']', '"', ',', ':', 'null', '"__proto__":', '\\u0000', '\\ud800', '[[[[[[[['])),
    ),
  append: (bytes, random) => splice(bytes, bytes.length, 0, random.randbytes(random.randint(1, 64))),
};

/** One broken file. */
export interface Mutant {
  /** Reproduces the file: `mutant(bytes, seed)`. */
  readonly seed: number;
  /** What was done, in order. */
  readonly steps: readonly string[];
  readonly bytes: Uint8Array;
}

/**
 * The broken file of a seed: one to four mutations in a row.
 *
 * @example mutant(new Uint8Array(8), 1).seed // => 1
 */
export function mutant(bytes: Uint8Array, seed: number): Mutant {
  const random = new PythonRandom(seed);
  const names = Object.keys(MUTATIONS);
  const steps = random.choices(names, { k: random.randint(1, 4) });
  return { seed, steps, bytes: steps.reduce((broken, name) => MUTATIONS[name]!(broken, random), bytes) };
}

/** Options of {@link mutantCases}. */
export interface MutantOptions {
  /** Files to break; `$GTC_MUTANTS` replaces it. */
  readonly count?: number;
  /** First seed; file `i` has seed `seed + i`. */
  readonly seed?: number;
  /** A parse longer than this has failed. */
  readonly limitMs?: number;
}

/**
 * Checks that a parser ends in a value or in a typed error, within the limit, for `count` broken variants of each sound file. A
 * failure names file and seed; `mutant(bytes, seed)` brings the file back.
 *
 * @param files sound files by name, or functions that make them when a check runs
 * @param parse the parser under test
 */
export function mutantCases(
  files: Readonly<Record<string, Uint8Array | (() => Uint8Array)>>,
  parse: (bytes: Uint8Array) => unknown,
  { count = 2000, seed = 0, limitMs = 2000 }: MutantOptions = {},
): Case[] {
  const requested = Number(process.env['GTC_MUTANTS'] ?? count);
  const made = (file: Uint8Array | (() => Uint8Array)): Uint8Array => (typeof file === 'function' ? file() : file);
  return Object.entries(files).flatMap(([name, file]) => [
    { name: `${name} parses as it is`, run: async () => void (await parse(made(file))) },
    { name: `${name}: ${requested} broken variants from seed ${seed}`, run: () => survives(name, made(file), parse, seed, requested, limitMs) },
  ]);
}

async function survives(name: string, bytes: Uint8Array, parse: (bytes: Uint8Array) => unknown, first: number, count: number, limitMs: number): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    const broken = mutant(bytes, seed);
    const story = `${name}, seed ${seed} (${broken.steps.join(', ')})`;
    const start = performance.now();
    try {
      await parse(broken.bytes);
    } catch (error) {
      if (!GtcError.is(error)) throw new CheckError(`${story}: threw ${String(error)}, which is no typed error`, { cause: error });
    }
    const elapsed = performance.now() - start;
    check(elapsed <= limitMs, `${story}: took ${Math.round(elapsed)} ms`);
  }
}

/** numpy's SeedSequence (after O'Neill's `seed_seq` alternative): any integers become well-mixed words of state, and streams that do not meet. */
import { integer, ValidationError } from '@gtc/errors';

/** Integers of any size, not negative, one or several. */
export type Entropy = number | bigint | readonly (number | bigint)[];

const POOL = 4;

/** Words of 32 bits, the lowest first. */
function wordsOf(value: number | bigint): number[] {
  if (typeof value === 'number') integer(value, 'seed');
  if (value < 0) throw new ValidationError(`seed must be non-negative, got ${value}`, { parameter: 'seed', received: value });
  const seed = BigInt(value);
  const list = [Number(seed & 0xffffffffn)];
  for (let rest = seed >> 32n; rest > 0n; rest >>= 32n) list.push(Number(rest & 0xffffffffn));
  return list;
}

/** A hash whose constant moves on with every word: multiply, then fold the upper half onto the lower. */
function hasher(constant: number, factor: number): (word: number) => number {
  let current = constant;
  return word => {
    const mixed = word ^ current;
    current = Math.imul(current, factor);
    const product = Math.imul(mixed, current);
    return (product ^ (product >>> 16)) >>> 0;
  };
}

/**
 * Entropy from which generators are seeded.
 *
 * @throws {ValidationError} for entropy that is negative or no integer
 * @remarks Python: `numpy.random.SeedSequence(entropy)`.
 * @example new SeedSequence(0).generateState(2) // => [2968811710, 3677149159]
 */
export class SeedSequence {
  readonly #entropy: Entropy;
  readonly #spawnKey: readonly number[];
  readonly #pool: number[];
  #children = 0;

  constructor(entropy: Entropy, spawnKey: readonly number[] = []) {
    this.#entropy = entropy;
    this.#spawnKey = spawnKey;
    const words = (typeof entropy === 'object' ? entropy : [entropy]).flatMap(wordsOf);
    // The key of a child never takes the place of missing entropy.
    if (spawnKey.length > 0) while (words.length < POOL) words.push(0);
    words.push(...spawnKey.flatMap(wordsOf));
    const hash = hasher(0x43b0d7e5, 0x931e8875);
    const pool = Array.from({ length: POOL }, (_, i) => hash(words[i] ?? 0));
    const blend = (target: number, word: number): void => {
      const value = Math.imul(0xca01f9dd, pool[target]!) - Math.imul(0x4973f715, hash(word));
      pool[target] = (value ^ (value >>> 16)) >>> 0;
    };
    for (let source = 0; source < POOL; source++) for (let target = 0; target < POOL; target++) if (source !== target) blend(target, pool[source]!);
    for (const word of words.slice(POOL)) for (let target = 0; target < POOL; target++) blend(target, word);
    this.#pool = pool;
  }

  /** Words of 32 bits. */
  generateState(count: number): number[] {
    const output = hasher(0x8b51f9dd, 0x58f38ded);
    return Array.from({ length: count }, (_, i) => output(this.#pool[i % POOL]!));
  }

  /** Words of 64 bits. */
  generateState64(count: number): bigint[] {
    const words = this.generateState(2 * count).map(BigInt);
    return Array.from({ length: count }, (_, i) => words[2 * i]! | (words[2 * i + 1]! << 32n));
  }

  /** Sequences that differ from this one, from each other, and from those of earlier calls. */
  spawn(count: number): SeedSequence[] {
    return Array.from({ length: count }, () => new SeedSequence(this.#entropy, [...this.#spawnKey, this.#children++]));
  }
}

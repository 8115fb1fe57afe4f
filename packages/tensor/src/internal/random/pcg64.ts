/** PCG64 (O'Neill, 2014) seeded by numpy's SeedSequence: the generator behind `numpy.random.default_rng`. */

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const MASK_64 = 0xffff_ffff_ffff_ffffn;
const POOL = 4;

/** Words of 32 bits, the lowest first. */
function words(seed: bigint): number[] {
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

/** `SeedSequence(seed).generate_state(8)`: eight words of 32 bits. */
function seedSequence(seed: bigint): number[] {
  const entropy = words(seed);
  const hash = hasher(0x43b0d7e5, 0x931e8875);
  const pool = Array.from({ length: POOL }, (_, i) => hash(entropy[i] ?? 0));
  const blend = (target: number, word: number): void => {
    const value = Math.imul(0xca01f9dd, pool[target]!) - Math.imul(0x4973f715, hash(word));
    pool[target] = (value ^ (value >>> 16)) >>> 0;
  };
  for (let source = 0; source < POOL; source++) for (let target = 0; target < POOL; target++) if (source !== target) blend(target, pool[source]!);
  for (const word of entropy.slice(POOL)) for (let target = 0; target < POOL; target++) blend(target, word);
  const output = hasher(0x8b51f9dd, 0x58f38ded);
  return Array.from({ length: 2 * POOL }, (_, i) => output(pool[i % POOL]!));
}

/** Uniform on [0, most] from words of 32 bits, by masking and rejection, as numpy shuffles. */
export function masked(most: number, next: () => number): number {
  const mask = 0xffffffff >>> Math.clz32(most);
  if (most === 0) return 0;
  for (;;) {
    const value = (next() & mask) >>> 0;
    if (value <= most) return value;
  }
}

/** 128 bits of state, 64 bits of output. */
export class Pcg64 {
  #state = 0n;
  readonly #increment: bigint;
  #spare: number | null = null;

  /** @param seed not negative */
  constructor(seed: bigint) {
    const seeds = seedSequence(seed).map(BigInt);
    const [state, sequence] = [0, 4].map(at => {
      const [a, b, c, d] = seeds.slice(at, at + 4) as [bigint, bigint, bigint, bigint];
      return (b << 96n) | (a << 64n) | (d << 32n) | c;
    }) as [bigint, bigint];
    this.#increment = BigInt.asUintN(128, (sequence << 1n) | 1n);
    this.#step();
    this.#state += state;
    this.#step();
  }

  #step(): void {
    this.#state = BigInt.asUintN(128, this.#state * MULTIPLIER + this.#increment);
  }

  /** The next 64 bits: the halves' exclusive or, rotated by the six upper bits. */
  next64(): bigint {
    this.#step();
    const folded = (this.#state >> 64n) ^ (this.#state & MASK_64);
    const by = this.#state >> 122n;
    return BigInt.asUintN(64, (folded >> by) | (folded << (64n - by)));
  }

  /** The next 32 bits: the lower half of 64, then the upper. */
  next32(): number {
    if (this.#spare !== null) {
      const upper = this.#spare;
      this.#spare = null;
      return upper;
    }
    const both = this.next64();
    this.#spare = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  }

  /** The next double, uniform on [0, 1) with 53 random bits. */
  nextDouble(): number {
    return Number(this.next64() >> 11n) / 9007199254740992;
  }

  /** Uniform on [0, most] without bias: Lemire's product (2019), 32 bits wide where they suffice, as numpy draws bounded integers. */
  atMost(most: number): number {
    if (most === 0) return 0;
    if (most === 0xffffffff) return this.next32();
    const [bits, draw] = most < 0xffffffff ? [32n, () => BigInt(this.next32())] : [64n, () => this.next64()];
    const range = BigInt(most) + 1n;
    const unbiased = ((1n << bits) - range) % range;
    for (;;) {
      const product = draw() * range;
      if (BigInt.asUintN(Number(bits), product) >= unbiased) return Number(product >> bits);
    }
  }
}

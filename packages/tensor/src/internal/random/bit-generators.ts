/** The sources of random bits of numpy's generators. */
import { Lcg128 } from './lcg128.js';
import { Mt19937 } from './mt19937.js';
import { type Entropy, SeedSequence } from './seed-sequence.js';

/** A stream of random bits. */
export interface BitGenerator {
  /** What it was seeded with. */
  readonly seedSequence: SeedSequence;
  next64(): bigint;
  next32(): number;
  /** Uniform on [0, 1) with 53 random bits. */
  nextDouble(): number;
}

/** An integer, integers, or a sequence that was made of them. */
export type BitSeed = Entropy | SeedSequence;

const sequenceOf = (seed: BitSeed): SeedSequence => (seed instanceof SeedSequence ? seed : new SeedSequence(seed));
const low64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const low128 = (value: bigint): bigint => BigInt.asUintN(128, value);
const rotateRight = (value: bigint, by: bigint): bigint => low64((value >> by) | (value << (64n - by)));

/** What generators of 64 bits share: doubles from the upper bits, halves one after the other, the lower first. */
abstract class Bits64 implements BitGenerator {
  readonly seedSequence: SeedSequence;
  protected spare: number | null = null;

  constructor(seed: BitSeed) {
    this.seedSequence = sequenceOf(seed);
  }

  abstract next64(): bigint;

  next32(): number {
    return this.halfOf64();
  }

  nextDouble(): number {
    return this.doubleOf64();
  }

  protected halfOf64(): number {
    if (this.spare !== null) {
      const upper = this.spare;
      this.spare = null;
      return upper;
    }
    const both = this.next64();
    this.spare = Number(both >> 32n);
    return Number(both & 0xffffffffn);
  }

  protected doubleOf64(): number {
    return Number(this.next64() >> 11n) / 9007199254740992;
  }
}

const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
/** Of the stream with the cheaper step. */
const CHEAP_MULTIPLIER = 0xda942042e4dd58b5n;
/** Steps of {@link Pcg64.jumped}: 2^128 divided by the golden ratio. */
const JUMP = 0x9e3779b97f4a7c15f39cc0605cedc835n;

/**
 * PCG64 (O'Neill 2014): 128 bits of state, 64 of output by xor, shift and rotation.
 *
 * @remarks Python: `numpy.random.PCG64(seed)`.
 * @example new Pcg64(0).next64() // => 11749869230777074271n
 */
export class Pcg64 extends Bits64 {
  protected readonly lcg: Lcg128;
  readonly #increment: bigint;
  readonly #multiplier: bigint;
  readonly #output = new Uint32Array(2);

  constructor(seed: BitSeed, multiplier: bigint = MULTIPLIER) {
    super(seed);
    const [a, b, c, d] = this.seedSequence.generateState64(4) as [bigint, bigint, bigint, bigint];
    this.#increment = low128((((c << 64n) | d) << 1n) | 1n);
    this.#multiplier = multiplier;
    this.lcg = new Lcg128(multiplier, this.#increment);
    // Seeding takes full steps, also where the stream takes cheap ones.
    this.lcg.value = low128((this.#increment + (a << 64n) + b) * MULTIPLIER + this.#increment);
  }

  next64(): bigint {
    this.lcg.fill(this.#output, 1);
    return (BigInt(this.#output[1]!) << 32n) | BigInt(this.#output[0]!);
  }

  override next32(): number {
    if (this.spare !== null) {
      const upper = this.spare;
      this.spare = null;
      return upper;
    }
    this.lcg.fill(this.#output, 1);
    this.spare = this.#output[1]!;
    return this.#output[0]!;
  }

  override nextDouble(): number {
    this.lcg.fill(this.#output, 1);
    return (this.#output[1]! * 2097152 + (this.#output[0]! >>> 11)) / 9007199254740992;
  }

  /** As many words as {@link next32} would give one after the other. */
  fill32(out: Uint32Array): void {
    let start = 0;
    if (this.spare !== null && out.length > 0) {
      out[start++] = this.spare;
      this.spare = null;
    }
    const steps = (out.length - start) >> 1;
    this.lcg.fill(out.subarray(start), steps);
    if (start + 2 * steps < out.length) out[out.length - 1] = this.next32();
  }

  /** Moves on by a number of draws, by squaring the step. */
  advance(draws: bigint): this {
    let [factor, summand] = [1n, 0n];
    let [multiplier, increment] = [this.#multiplier, this.#increment];
    for (let rest = low128(draws); rest > 0n; rest >>= 1n) {
      if (rest & 1n) {
        factor = low128(factor * multiplier);
        summand = low128(summand * multiplier + increment);
      }
      increment = low128((multiplier + 1n) * increment);
      multiplier = low128(multiplier * multiplier);
    }
    this.lcg.value = low128(factor * this.lcg.value + summand);
    this.spare = null;
    return this;
  }

  /** A generator so far ahead that the streams do not meet. */
  jumped(): this {
    const other = new (this.constructor as new (seed: SeedSequence) => this)(this.seedSequence);
    other.lcg.value = this.lcg.value;
    return other.advance(JUMP);
  }
}

/**
 * PCG64 with the output function DXSM and a cheaper step.
 *
 * @remarks Python: `numpy.random.PCG64DXSM(seed)`.
 * @example new Pcg64Dxsm(0).next32() >= 0 // => true
 */
export class Pcg64Dxsm extends Pcg64 {
  constructor(seed: BitSeed) {
    super(seed, CHEAP_MULTIPLIER);
  }

  override next64(): bigint {
    const state = this.lcg.value;
    let high = state >> 64n;
    high ^= high >> 32n;
    high = low64(high * CHEAP_MULTIPLIER);
    high ^= high >> 48n;
    this.lcg.step();
    return low64(high * (low64(state) | 1n));
  }

  override next32(): number {
    return this.halfOf64();
  }

  override nextDouble(): number {
    return this.doubleOf64();
  }

  override fill32(out: Uint32Array): void {
    for (let i = 0; i < out.length; i++) out[i] = this.next32();
  }
}

/**
 * The Mersenne Twister, seeded by a sequence; numpy's `RandomState` seeds it otherwise.
 *
 * @remarks Python: `numpy.random.MT19937(seed)`.
 * @example new Mt19937Bits(0).next32() >= 0 // => true
 */
export class Mt19937Bits implements BitGenerator {
  readonly seedSequence: SeedSequence;
  readonly #twister = new Mt19937();

  constructor(seed: BitSeed) {
    this.seedSequence = sequenceOf(seed);
    const words = this.seedSequence.generateState(624);
    this.#twister.restore([0x80000000, ...words.slice(1), 623]);
  }

  next32(): number {
    return this.#twister.next();
  }

  next64(): bigint {
    return this.#twister.next64();
  }

  nextDouble(): number {
    return this.#twister.nextDouble();
  }
}

const ROUNDS = 10;

/**
 * Philox 4x64 (Salmon et al. 2011): a counter, encrypted.
 *
 * @remarks Python: `numpy.random.Philox(seed)`.
 * @example new Philox(0).next32() >= 0 // => true
 */
export class Philox extends Bits64 {
  readonly #key: readonly [bigint, bigint];
  #counter = 0n;
  #block: readonly bigint[] = [];
  #used = 4;

  constructor(seed: BitSeed) {
    super(seed);
    this.#key = this.seedSequence.generateState64(2) as [bigint, bigint];
  }

  next64(): bigint {
    if (this.#used === 4) {
      this.#counter++;
      this.#block = this.#encrypt();
      this.#used = 0;
    }
    return this.#block[this.#used++]!;
  }

  #encrypt(): bigint[] {
    let [a, b, c, d] = [0n, 64n, 128n, 192n].map(shift => low64(this.#counter >> shift)) as [bigint, bigint, bigint, bigint];
    let [k0, k1] = this.#key;
    for (let round = 0; round < ROUNDS; round++) {
      const [p, q] = [a * 0xd2e7470ee14c6c93n, c * 0xca5a826395121157n];
      [a, b, c, d] = [(q >> 64n) ^ b ^ k0, low64(q), (p >> 64n) ^ d ^ k1, low64(p)];
      k0 = low64(k0 + 0x9e3779b97f4a7c15n);
      k1 = low64(k1 + 0xbb67ae8584caa73bn);
    }
    return [a, b, c, d];
  }
}

/**
 * SFC64 (Doty-Humphrey): small, fast, counting.
 *
 * @remarks Python: `numpy.random.SFC64(seed)`.
 * @example new Sfc64(0).next32() >= 0 // => true
 */
export class Sfc64 extends Bits64 {
  #state: [bigint, bigint, bigint];
  #counter = 1n;

  constructor(seed: BitSeed) {
    super(seed);
    this.#state = this.seedSequence.generateState64(3) as [bigint, bigint, bigint];
    for (let i = 0; i < 12; i++) this.next64();
  }

  next64(): bigint {
    const [a, b, c] = this.#state;
    const result = low64(a + b + this.#counter++);
    this.#state = [b ^ (b >> 11n), low64(c + (c << 3n)), low64(rotateRight(c, 40n) + result)];
    return result;
  }
}

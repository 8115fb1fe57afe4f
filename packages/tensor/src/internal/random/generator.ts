/** numpy's `Generator`, draw for draw. */
import { inRange, integer, nonNegative, ValidationError } from '@gtc/errors';
import { type BitGenerator, type BitSeed, Pcg64 } from './bit-generators.js';
import { anySeed, bytesFrom, lemire, lemire32, lemire32Into, lemire64, shuffleDown } from './bounded.js';
import { type ChoiceOptions, checkChoice, weightedChoice, weightedChoiceOnce } from './choice.js';
import * as distributions from './distributions.js';
import { NumpyDraws } from './numpy.js';
import type { SeedSequence } from './seed-sequence.js';
import { nextSingle, standardExponential, standardNormal, standardNormalSingle } from './ziggurat.js';

/** Options of {@link NumpyRandom.integerArray}. */
export interface IntegerArrayOptions {
  /** Whether `high` is included. */
  readonly endpoint?: boolean;
  /** Width in which numpy draws; uint8 takes four numbers from one word. Default: 'int64'. */
  readonly dtype?: 'int64' | 'int32' | 'uint8';
}

/** Options of {@link NumpyRandom.choice}. */
export interface GeneratorChoiceOptions extends ChoiceOptions {
  /** Whether the order of different positions is random too. Default: true. */
  readonly shuffle?: boolean;
}

/** From here on few positions of many are drawn by a set, many of them by shuffling the end. */
const LARGE = 10_000;

const isBits = (seed: BitSeed | BitGenerator): seed is BitGenerator => typeof seed === 'object' && 'next64' in seed;

/**
 * numpy's `Generator`: the same seed gives the same draws as `numpy.random.default_rng(seed)`, integers and uniform doubles bit for bit, others within
 * 1e-13. Each method makes one draw; an array in numpy is as many draws in a row.
 *
 * @throws {ValidationError} for a seed that is negative or no integer
 * @remarks Python: `numpy.random.default_rng(seed)`, `numpy.random.Generator(bit_generator)`.
 * @example new NumpyRandom(42).random() // => 0.7739560485559633
 * @example new NumpyRandom(42).permutation(5) // => [4, 2, 3, 1, 0]
 */
export class NumpyRandom extends NumpyDraws {
  /** The source of random bits. */
  readonly bits: BitGenerator;
  readonly #word = (): number => this.bits.next32();

  /** @param seed integers of any size, not negative, a sequence, or a bit generator; another stream every time when null */
  constructor(seed: BitSeed | BitGenerator | null) {
    super();
    const given = seed ?? anySeed();
    this.bits = isBits(given) ? given : new Pcg64(given);
  }

  protected override next32(): number {
    return this.bits.next32();
  }

  /** Generators whose streams do not meet with this one's or each other's. */
  spawn(count: number): NumpyRandom[] {
    const Kind = this.bits.constructor as new (seed: SeedSequence) => BitGenerator;
    return this.bits.seedSequence.spawn(nonNegative(integer(count, 'count'), 'count')).map(sequence => new NumpyRandom(new Kind(sequence)));
  }

  /** Uniform on [0, 1) with 53 random bits. */
  override random(): number {
    return this.bits.nextDouble();
  }

  /** Uniform on [0, 1) with 24 random bits: `random(dtype=float32)`. */
  randomSingle(): number {
    return nextSingle(this.bits);
  }

  /** An integer on [low, high), the range at most 2^53 wide; bigints for wider ranges. */
  integers(low: number, high: number): number;
  integers(low: bigint, high: bigint): bigint;
  integers(low: number | bigint, high: number | bigint): number | bigint {
    if (typeof low === 'number' && typeof high === 'number') return low + this.#atMost(widthOf(low, high) - 1);
    const width = BigInt(high) - BigInt(low);
    if (width <= 0n) throw aboveLow(low, high);
    return BigInt(low) + (width <= 0xffffffffn ? BigInt(this.#atMost(Number(width) - 1)) : lemire64(width, () => this.bits.next64()));
  }

  /** Integers on [low, high). */
  integerArray(low: number, high: number, size: number, { endpoint = false, dtype = 'int64' }: IntegerArrayOptions = {}): number[] {
    const most = widthOf(low, endpoint ? high + 1 : high) - 1;
    const draw = dtype === 'uint8' ? this.#byteDraws(most) : () => this.#atMost(most);
    return Array.from({ length: nonNegative(integer(size, 'size'), 'size') }, () => low + draw());
  }

  /**
   * Fills an array with integers on [low, high), as {@link integers} would one after the other, only faster.
   *
   * @throws {ValidationError} unless the range lies within 32 bits and is not empty
   */
  integersInto(out: Int32Array, low: number, high: number): Int32Array {
    inRange(integer(low, 'low'), 'low', { min: -(2 ** 31) });
    inRange(integer(high, 'high'), 'high', { max: 2 ** 31 });
    const range = widthOf(low, high);
    const { bits } = this;
    if (range > 1 && range < 2 ** 32 && bits instanceof Pcg64) lemire32Into(out, low, range, words => bits.fill32(words));
    else for (let i = 0; i < out.length; i++) out[i] = low + this.#atMost(range - 1);
    return out;
  }

  #atMost(most: number): number {
    if (most === 0) return 0;
    if (most === 0xffffffff) return this.bits.next32();
    return most < 0xffffffff ? lemire32(most + 1, this.#word) : Number(lemire64(BigInt(most) + 1n, () => this.bits.next64()));
  }

  /** Draws on [0, most] from bytes, four to a word. */
  #byteDraws(most: number): () => number {
    inRange(most, 'high - low - 1', { min: 0, max: 255 });
    const byte = bytesFrom(() => this.next32());
    if (most === 255) return byte;
    return () => (most === 0 ? 0 : Number(lemire(BigInt(most) + 1n, 8n, () => BigInt(byte()))));
  }

  /** Normal with mean 0 and deviation 1. */
  override standardNormal(): number {
    return standardNormal(this.bits);
  }

  /** {@link standardNormal} in single precision. */
  standardNormalSingle(): number {
    return standardNormalSingle(this.bits);
  }

  lognormal(mean = 0, sigma = 1): number {
    return Math.exp(this.normal(mean, sigma));
  }

  override standardExponential(): number {
    return standardExponential(this.bits);
  }

  exponential(scale = 1): number {
    return nonNegative(scale, 'scale') * this.standardExponential();
  }

  standardGamma(shape: number): number {
    return distributions.standardGamma(this.source, nonNegative(shape, 'shape'));
  }

  geometric(p: number): number {
    return distributions.geometric(this.source, inRange(p, 'p', { above: 0, max: 1 }), () => -this.standardExponential());
  }

  triangular(left: number, mode: number, right: number): number {
    return distributions.triangular(this.source, left, mode, right);
  }

  /** The integers from 0 up to `n`, or items, shuffled; the items stay as they are. */
  permutation(n: number): number[];
  permutation<V>(items: readonly V[]): V[];
  permutation<V>(of: number | readonly V[]): (number | V)[] {
    const order = this.shuffle(Array.from({ length: typeof of === 'number' ? nonNegative(integer(of, 'n'), 'n') : of.length }, (_, i) => i));
    return typeof of === 'number' ? order : order.map(i => of[i]!);
  }

  /** Positions out of `n`. */
  choice(n: number, size: number, options: GeneratorChoiceOptions = {}): number[] {
    checkChoice(n, size, options);
    const { replace = true, p = null, shuffle = true } = options;
    if (p !== null) return (replace ? weightedChoice : weightedChoiceOnce)(() => this.random(), size, p);
    if (replace) return this.integerArray(0, n, size);
    const cutoff = shuffle ? 50 : 20;
    if (n > LARGE && size > Math.floor(n / cutoff)) {
      const all = Array.from({ length: n }, (_, i) => i);
      shuffleDown(all, i => this.#atMost(i), Math.max(n - size, 1));
      return all.slice(n - size);
    }
    const chosen = new Set<number>();
    for (let top = n - size; top < n; top++) {
      const position = this.#atMost(top);
      chosen.add(chosen.has(position) ? top : position);
    }
    const list = [...chosen];
    return shuffle ? shuffleDown(list, i => this.#atMost(i)) : list;
  }
}

const aboveLow = (low: number | bigint, high: number | bigint): ValidationError =>
  new ValidationError(`high must be above low ${low}, got ${high}`, { parameter: 'high', received: high, expected: `above ${low}` });

function widthOf(low: number, high: number): number {
  const width = integer(high, 'high') - integer(low, 'low');
  if (width <= 0) throw aboveLow(low, high);
  return width;
}

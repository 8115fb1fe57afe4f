/** numpy's `RandomState`, draw for draw. */
import { inRange, integer, nonEmpty, nonNegative } from '@gtc/errors';
import { anySeed, bytesFrom, masked, masked64 } from './bounded.js';
import { type ChoiceOptions, checkChoice, weightedChoice, weightedChoiceOnce } from './choice.js';
import * as distributions from './distributions.js';
import { Mt19937 } from './mt19937.js';
import { NumpyDraws } from './numpy.js';
import { log } from './precise.js';

/**
 * numpy's `RandomState`, which scikit-learn splits and shuffles with: the same seed gives the same draws as `numpy.random.RandomState` over MT19937,
 * integers and uniform doubles bit for bit, others within 1e-13. Each method makes one draw; an array in numpy is as many draws in a row.
 *
 * @throws {ValidationError} for a seed outside 0 to 2³² − 1
 * @remarks Python: `numpy.random.RandomState(seed)`.
 * @example new NumpyRandomState(42).random() // => 0.3745401188473625
 * @example new NumpyRandomState(42).permutation(5) // => [1, 4, 2, 0, 3]
 */
export class NumpyRandomState extends NumpyDraws {
  readonly #twister: Mt19937 = new Mt19937();
  #spareNormal: number | null = null;

  /** @param seed an integer of 32 bits, or several; another stream every time when null */
  constructor(seed: number | readonly number[] | null) {
    super();
    const word = (value: number): number => inRange(integer(value, 'seed'), 'seed', { min: 0, max: 0xffffffff });
    if (typeof seed === 'object' && seed !== null) this.#twister.seedArray(nonEmpty(seed, 'seed').map(word));
    else this.#twister.seedWord(word(seed ?? anySeed()));
  }

  protected override next32(): number {
    return this.#twister.next();
  }

  /** Uniform on [0, 1) with 53 random bits. */
  override random(): number {
    return this.#twister.nextDouble();
  }

  /** An integer on [low, high), the range at most 2⁵³ wide. */
  randint(low: number, high: number): number {
    const most = integer(high, 'high') - integer(low, 'low') - 1;
    inRange(most + 1, 'high - low', { min: 1, max: 2 ** 53 });
    return low + (most <= 0xffffffff ? masked(most, () => this.next32()) : Number(masked64(BigInt(most), () => this.#twister.next64())));
  }

  /** Bytes as `randint(low, high, size, dtype=uint8)` draws them: four to a word. */
  randintBytes(low: number, high: number, size: number): Uint8Array {
    const most = inRange(integer(high, 'high') - integer(low, 'low') - 1, 'high - low - 1', { min: 0, max: 255 });
    const next = bytesFrom(() => this.next32());
    return Uint8Array.from({ length: nonNegative(integer(size, 'size'), 'size') }, () => low + masked(most, next));
  }

  /** A positive integer of 63 bits. */
  tomaxint(): bigint {
    return this.#twister.next64() >> 1n;
  }

  /** Normal with mean 0 and deviation 1, by Marsaglia's polar method; the second of a pair comes with the next call. */
  override standardNormal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const [x, y] = [2 * this.random() - 1, 2 * this.random() - 1];
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * log(square)) / square);
      this.#spareNormal = factor * x;
      return factor * y;
    }
  }

  override standardExponential(): number {
    return -Math.log(1 - this.random());
  }

  geometric(p: number): number {
    return distributions.geometric(this.source, inRange(p, 'p', { above: 0, max: 1 }), () => Math.log1p(-this.random()));
  }

  /** The integers from 0 up to `n`, shuffled. */
  permutation(n: number): number[] {
    return this.shuffle(Array.from({ length: nonNegative(integer(n, 'n'), 'n') }, (_, i) => i));
  }

  /** Positions out of `n`. */
  choice(n: number, size: number, options: ChoiceOptions = {}): number[] {
    checkChoice(n, size, options);
    const { replace = true, p = null } = options;
    if (p !== null) return (replace ? weightedChoice : weightedChoiceOnce)(() => this.random(), size, p);
    return replace ? Array.from({ length: size }, () => this.randint(0, n)) : this.permutation(n).slice(0, size);
  }
}

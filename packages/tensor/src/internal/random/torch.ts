/** torch's generator on the CPU: the words of MT19937 and how torch makes numbers of them. */
import { inRange, integer, nonNegative, positive, ValidationError } from '@gtc/errors';
import { bisect, runningSums } from './choice.js';
import { Mt19937 } from './mt19937.js';

/**
 * A stream of random numbers equal to torch's on the CPU.
 *
 * @remarks Python: `torch.Generator().manual_seed(seed)`.
 * @example new TorchGenerator(0).uniform(1)[0] // => 0.49625658988952637
 */
export class TorchGenerator {
  readonly #words = new Mt19937();
  #spareNormal: number | null = null;

  constructor(seed: number) {
    this.manualSeed(seed);
  }

  /** Starts the stream anew. */
  manualSeed(seed: number): this {
    this.#words.seedWord(seed);
    this.#spareNormal = null;
    return this;
  }

  /** The next word, uniform on [0, 2^32). */
  word(): number {
    return this.#words.next();
  }

  /** The next single, uniform on [0, 1) with 24 random bits. */
  single(): number {
    return (this.word() & 0xffffff) / 0x1000000;
  }

  /** The next double, uniform on [0, 1) with 53 random bits. */
  double(): number {
    const high = this.word() & 0x1fffff;
    return (high * 2 ** 32 + this.word()) / 2 ** 53;
  }

  /** The next 64 bits. */
  word64(): bigint {
    return this.#words.next64();
  }

  /** Singles uniform on [from, to), as `torch.empty(count).uniform_(from, to)`. */
  uniform(count: number, from = 0, to = 1): Float32Array {
    return Float32Array.from({ length: count }, () => Math.fround(Math.fround(this.single() * Math.fround(to - from)) + Math.fround(from)));
  }

  /** Doubles uniform on [0, 1), as `torch.rand(count, dtype=torch.float64)`. */
  doubles(count: number): Float64Array {
    return Float64Array.from({ length: count }, () => this.double());
  }

  /** Singles of the standard normal times `std`, plus `mean`, as `torch.empty(count).normal_(mean, std)`: pairs from 16 on. */
  normal(count: number, mean = 0, std = 1): Float32Array {
    if (count < PAIRED) return Float32Array.from({ length: count }, () => this.#nextNormal() * std + mean);
    return fillPairs(this.uniform(count), () => this.uniform(PAIRED), mean, std, Math.fround);
  }

  /** Doubles of the standard normal, as `torch.randn(count, dtype=torch.float64)`. */
  normalDoubles(count: number, mean = 0, std = 1): Float64Array {
    if (count < PAIRED) return Float64Array.from({ length: count }, () => this.#nextNormal() * std + mean);
    return fillPairs(
      this.doubles(count),
      () => this.doubles(PAIRED),
      mean,
      std,
      value => value,
    );
  }

  /** Integers on [low, high), as `torch.randint(low, high, (count,))`. */
  randint(low: number, high: number, count: number): number[] {
    const range = integer(high, 'high') - integer(low, 'low');
    if (range <= 0) throw new ValidationError(`high must be above low ${low}, got ${high}`, { parameter: 'high', received: high });
    return Array.from({ length: count }, () => low + (range < 2 ** 32 ? this.word() % range : Number(this.word64() % BigInt(range))));
  }

  /** The integers from 0 up to `n`, shuffled, as `torch.randperm(n)`. */
  randperm(n: number): Int32Array {
    const order = Int32Array.from({ length: nonNegative(integer(n, 'n'), 'n') }, (_, i) => i);
    for (let i = 0; i < n - 1; i++) {
      const j = i + (this.word() % (n - i));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** For each probability 1 or 0, as `torch.bernoulli(p)`. */
  bernoulli(p: ArrayLike<number>): Uint8Array {
    return Uint8Array.from(p, each => Number(this.single() < inRange(each, 'p', { min: 0, max: 1 })));
  }

  /** Exponential numbers, as `torch.empty(count).exponential_(rate)`. */
  exponential(count: number, rate = 1): Float32Array {
    positive(rate, 'rate');
    return Float32Array.from({ length: count }, () => -Math.log1p(-this.double()) / rate);
  }

  /** Trials up to the first success, as `torch.empty(count).geometric_(p)`. */
  geometric(count: number, p: number): Float32Array {
    inRange(p, 'p', { above: 0, below: 1 });
    return Float32Array.from({ length: count }, () => Math.ceil(Math.log(this.double()) / Math.log1p(-p)));
  }

  /** `e` to the power of normal numbers, as `torch.empty(count).log_normal_(mean, std)`. */
  logNormal(count: number, mean = 1, std = 2): Float32Array {
    return Float32Array.from({ length: count }, () => Math.exp(this.#nextNormal() * std + mean));
  }

  /** Cauchy numbers, as `torch.empty(count).cauchy_(median, sigma)`. */
  cauchy(count: number, median = 0, sigma = 1): Float32Array {
    return Float32Array.from({ length: count }, () => median + sigma * Math.tan(Math.PI * (this.double() - 0.5)));
  }

  /** Integers on [0, 2^31), as `torch.empty(count, dtype=torch.int32).random_()`. */
  integers(count: number): Int32Array {
    return Int32Array.from({ length: count }, () => this.word() & 0x7fffffff);
  }

  /**
   * Positions in proportion to weights, as `torch.multinomial(weights, count, replacement)`.
   *
   * @throws {ValidationError} for weights that are no distribution, or more draws than there are positive weights without replacement
   */
  multinomial(weights: ArrayLike<number>, count: number, { replacement = false }: { readonly replacement?: boolean } = {}): Int32Array {
    const values = Array.from(weights);
    const odd = values.find(value => !(value >= 0 && Number.isFinite(value)));
    if (odd !== undefined) throw new ValidationError('multinomial: weights must be finite and non-negative', { parameter: 'weights', received: odd });
    const many = values.filter(value => value > 0).length;
    if (many === 0) throw new ValidationError('multinomial: weights must not all be zero', { parameter: 'weights', received: 0 });
    if (!replacement && count > many)
      throw new ValidationError(`multinomial: cannot draw ${count} of ${many} without replacement`, { parameter: 'count', received: count });
    return replacement ? this.#drawAgain(values, count) : this.#drawOnce(values, count);
  }

  /** A uniform number for each draw, looked up among the running sums. */
  #drawAgain(weights: readonly number[], count: number): Int32Array {
    const sums = runningSums(weights);
    const sum = sums.at(-1)!;
    // A product that rounds up to the whole sum belongs to the last weight that is not 0.
    const last = sums.indexOf(sum);
    return Int32Array.from({ length: count }, () => bisect(sums, this.double() * sum, last));
  }

  /** The largest of weights over exponential numbers: drawing without putting back, all at once. A tiny weight's share may round to 0 and must not tie with none. */
  #drawOnce(weights: readonly number[], count: number): Int32Array {
    const scores = weights.map(weight => weight / -Math.log1p(-this.double()));
    const order = [...weights.keys()].filter(i => weights[i]! > 0).sort((a, b) => scores[b]! - scores[a]! || a - b);
    return Int32Array.from(order.slice(0, count));
  }

  #nextNormal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const angle = 2 * Math.PI * this.double();
    const radius = Math.sqrt(-2 * Math.log1p(-this.double()));
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** From this many on, normal numbers are made in pairs. */
const PAIRED = 16;

/** Turns uniform numbers, sixteen at a time, into eight pairs of normal ones; where they do not come out even the last sixteen are drawn again. */
function fillPairs<A extends Float32Array | Float64Array>(data: A, again: () => A, mean: number, std: number, round: (value: number) => number): A {
  for (let start = 0; start + PAIRED <= data.length; start += PAIRED) boxMuller(data, start, mean, std, round);
  if (data.length % PAIRED === 0) return data;
  data.set(again(), data.length - PAIRED);
  boxMuller(data, data.length - PAIRED, mean, std, round);
  return data;
}

/** Eight pairs, rounded where torch rounds. */
function boxMuller(data: Float32Array | Float64Array, start: number, mean: number, std: number, round: (value: number) => number): void {
  for (let i = start; i < start + PAIRED / 2; i++) {
    const radius = round(Math.sqrt(round(-2 * round(Math.log(round(1 - data[i]!))))));
    const angle = round(round(2 * Math.PI) * data[i + PAIRED / 2]!);
    data[i] = round(round(radius * round(Math.cos(angle))) * std) + mean;
    data[i + PAIRED / 2] = round(round(radius * round(Math.sin(angle))) * std) + mean;
  }
}

/** Python's `random.Random`, draw for draw. */
import { finite, integer, nonEmpty, nonNegative, positive, sameLength, ValidationError } from '@gtc/errors';
import { anySeed, shuffleDown } from './bounded.js';
import { bisect, runningSums } from './choice.js';
import { Mt19937 } from './mt19937.js';
import { log, sinCos } from './precise.js';
import { type PythonSeed, seedWords } from './python-seed.js';

const TWO_PI = 2 * Math.PI;
const NORMAL_CONSTANT = (4 * Math.exp(-0.5)) / Math.sqrt(2);
const LOG4 = Math.log(4);
const GAMMA_CONSTANT = 1 + Math.log(4.5);

/** Options of {@link PythonRandom.choices}. */
export interface ChoicesOptions {
  /** Relative weights, one for each item. */
  readonly weights?: readonly number[];
  /** Running sums of weights, instead of `weights`. */
  readonly cumWeights?: readonly number[];
  /** How many to draw. */
  readonly k?: number;
}

/** A place in the stream of a {@link PythonRandom}. */
export interface PythonRandomState {
  /** 624 words of state and the index of the next one. */
  readonly words: readonly number[];
  /** The second normal of a pair, if one is left. */
  readonly spareNormal: number | null;
}

/**
 * Python's `random.Random`: the same seed gives the same draws as CPython 3.11, integers exactly, doubles bit for bit except
 * where a logarithm or exponential enters (1e-14 relative).
 *
 * @remarks Python: `random.Random(seed)`.
 * @example new PythonRandom(42).random() // => 0.6394267984578837
 * @example new PythonRandom(42).sample([1, 2, 3, 4, 5], 3) // => [1, 5, 3]
 */
export class PythonRandom {
  readonly #twister: Mt19937 = new Mt19937();
  #spareNormal: number | null = null;

  /** @param seed integers of any size, text, bytes; a fraction is hashed as Python's `float`; another stream every time when null */
  constructor(seed: PythonSeed | null) {
    this.seed(seed ?? anySeed());
  }

  /** Starts the stream anew. */
  seed(seed: PythonSeed): void {
    if (typeof seed === 'number') finite(seed, 'seed');
    this.#twister.seedArray(seedWords(seed));
    this.#spareNormal = null;
  }

  /**
   * The stream's place: 624 words of 32 bits, the index of the next one, and the spare normal of {@link gauss}.
   *
   * @remarks Python: `random.getstate()`.
   */
  getState(): PythonRandomState {
    return { words: this.#twister.words(), spareNormal: this.#spareNormal };
  }

  /**
   * Goes back to a place; the draws after it repeat.
   *
   * @throws {ValidationError} for words that are no state
   * @remarks Python: `random.setstate(state)`.
   */
  setState({ words, spareNormal }: PythonRandomState): void {
    if (words.length !== 625 || words.some(word => !Number.isInteger(word) || word < 0 || word > 0xffffffff) || words[624]! > 624)
      throw new ValidationError('words must be 624 integers of 32 bits and an index up to 624', { parameter: 'words', received: words });
    this.#twister.restore(words);
    this.#spareNormal = spareNormal;
  }

  /** Uniform on [0, 1) with 53 random bits. */
  random(): number {
    return this.#twister.nextDouble();
  }

  /** `k` random bits; a number up to 53 bits, a bigint beyond. */
  getrandbits(k: number): number | bigint {
    nonNegative(integer(k, 'k'), 'k');
    if (k <= 32) return k === 0 ? 0 : this.#twister.next() >>> (32 - k);
    let value = 0n;
    for (let shift = 0; shift < k; shift += 32) {
      const bits = Math.min(32, k - shift);
      value |= BigInt(this.#twister.next() >>> (32 - bits)) << BigInt(shift);
    }
    return k <= 53 ? Number(value) : value;
  }

  /** `length` random bytes. */
  randbytes(length: number): Uint8Array {
    let bits = BigInt(this.getrandbits(8 * length));
    return Uint8Array.from({ length }, () => {
      const byte = Number(bits & 0xffn);
      bits >>= 8n;
      return byte;
    });
  }

  /** Uniform on [0, n) by rejection: no bias for any n up to 2^53. */
  #below(n: number): number {
    const bits = n.toString(2).length;
    let value = Number(this.getrandbits(bits));
    while (value >= n) value = Number(this.getrandbits(bits));
    return value;
  }

  /** An integer on [low, high], both included. */
  randint(low: number, high: number): number {
    return this.randrange(low, high + 1);
  }

  /** An item of the range `start, start + step, ...` below `stop`; with one argument, of [0, start). */
  randrange(start: number, stop?: number, step = 1): number {
    const [from, to] = stop === undefined ? [0, start] : [start, stop];
    for (const [name, value] of Object.entries({ start: from, stop: to, step })) integer(value, name);
    const count = Math.ceil((to - from) / step);
    if (!(count > 0 && Number.isFinite(count)))
      throw new ValidationError(`randrange needs a non-empty range, got start ${from}, stop ${to}, step ${step}`, { parameter: 'stop', received: to });
    return from + step * this.#below(count);
  }

  /** One item. */
  choice<V>(population: ArrayLike<V>): V {
    nonEmpty(population, 'population');
    return population[this.#below(population.length)]!;
  }

  /** `k` items with replacement, weighted if asked. */
  choices<V>(population: ArrayLike<V>, { weights, cumWeights, k = 1 }: ChoicesOptions = {}): V[] {
    const n = nonEmpty(population, 'population').length;
    const sums = cumWeights ?? (weights && runningSums(weights));
    if (sums === undefined) return Array.from({ length: k }, () => population[Math.floor(this.random() * n)]!);
    sameLength({ population, weights: sums });
    const total = finite(positive(sums[n - 1]!, 'weights'), 'weights');
    return Array.from({ length: k }, () => population[bisect(sums, this.random() * total, n - 1)]!);
  }

  /** Fisher-Yates in place, from the end. */
  shuffle<V>(items: V[]): V[] {
    return shuffleDown(items, i => this.#below(i + 1));
  }

  /** `k` items without replacement; `counts` repeats each item that often. A number stands for `range(number)`. */
  sample<V>(population: readonly V[], k: number, options?: { readonly counts?: readonly number[] }): V[];
  sample(population: number, k: number): number[];
  sample<V>(population: readonly V[] | number, k: number, { counts }: { readonly counts?: readonly number[] } = {}): (V | number)[] {
    nonNegative(integer(k, 'k'), 'k');
    if (typeof population === 'number') return this.#sampleRange(population, k);
    if (counts === undefined) return this.#sampleRange(population.length, k).map(i => population[i]!);
    sameLength({ population, counts });
    const sums = runningSums(counts);
    const total = sums.pop() ?? 0;
    return this.#sampleRange(total, k).map(i => population[bisect(sums, i, sums.length)]!);
  }

  /** A pool for small ranges, a set of seen numbers for large ones; the switch decides the stream, so it follows CPython. */
  #sampleRange(n: number, k: number): number[] {
    if (k > n) throw new ValidationError(`k must be at most the population's size ${n}, got ${k}`, { parameter: 'k', received: k, expected: `at most ${n}` });
    const poolLimit = 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / LOG4) : 0);
    if (n > poolLimit) {
      const seen = new Set<number>();
      while (seen.size < k) seen.add(this.#below(n));
      return [...seen];
    }
    const pool = Array.from({ length: n }, (_, i) => i);
    return Array.from({ length: k }, (_, i) => {
      const j = this.#below(n - i);
      const drawn = pool[j]!;
      pool[j] = pool[n - i - 1]!;
      return drawn;
    });
  }

  /** Uniform between `low` and `high`. */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** Triangular on [low, high] with its peak at `mode`, by default in the middle. */
  triangular(low = 0, high = 1, mode: number | null = null): number {
    const u = this.random();
    if (high === low) return low;
    const c = mode === null ? 0.5 : (mode - low) / (high - low);
    return u > c ? high + (low - high) * Math.sqrt((1 - u) * (1 - c)) : low + (high - low) * Math.sqrt(u * c);
  }

  /** Normal by Box and Muller; every second draw uses the spare of the one before. */
  gauss(mu = 0, sigma = 1): number {
    let z = this.#spareNormal;
    this.#spareNormal = null;
    if (z === null) {
      const [sine, cosine] = sinCos(this.random() * TWO_PI);
      const radius = Math.sqrt(-2 * log(1 - this.random()));
      z = cosine * radius;
      this.#spareNormal = sine * radius;
    }
    return mu + z * sigma;
  }

  /** Normal by Kinderman and Monahan's ratio of uniforms. */
  normalvariate(mu = 0, sigma = 1): number {
    for (;;) {
      const u = this.random();
      const v = 1 - this.random();
      const z = (NORMAL_CONSTANT * (u - 0.5)) / v;
      if ((z * z) / 4 <= -Math.log(v)) return mu + z * sigma;
    }
  }

  /** `exp` of a normal. */
  lognormvariate(mu: number, sigma: number): number {
    return Math.exp(this.normalvariate(mu, sigma));
  }

  /** Exponential with rate `lambda`. */
  expovariate(lambda: number): number {
    return -Math.log(1 - this.random()) / lambda;
  }

  /** Gamma with shape `alpha` and scale `beta` (Cheng 1977 above 1, Ahrens and Dieter below). */
  gammavariate(alpha: number, beta: number): number {
    positive(alpha, 'alpha');
    positive(beta, 'beta');
    if (alpha === 1) return -Math.log(1 - this.random()) * beta;
    return beta * (alpha > 1 ? this.#gammaCheng(alpha) : this.#gammaAhrens(alpha));
  }

  #gammaCheng(alpha: number): number {
    const inverse = Math.sqrt(2 * alpha - 1);
    for (;;) {
      const u = this.random();
      if (!(u > 1e-7 && u < 0.9999999)) continue;
      const w = 1 - this.random();
      const v = Math.log(u / (1 - u)) / inverse;
      const x = alpha * Math.exp(v);
      const z = u * u * w;
      const r = alpha - LOG4 + (alpha + inverse) * v - x;
      if (r + GAMMA_CONSTANT - 4.5 * z >= 0 || r >= Math.log(z)) return x;
    }
  }

  #gammaAhrens(alpha: number): number {
    const b = (Math.E + alpha) / Math.E;
    for (;;) {
      const p = b * this.random();
      const x = p <= 1 ? p ** (1 / alpha) : -Math.log((b - p) / alpha);
      const u = this.random();
      if (p > 1 ? u <= x ** (alpha - 1) : u <= Math.exp(-x)) return x;
    }
  }

  /** Beta on [0, 1]. */
  betavariate(alpha: number, beta: number): number {
    const y = this.gammavariate(alpha, 1);
    return y === 0 ? 0 : y / (y + this.gammavariate(beta, 1));
  }

  /** Von Mises on [0, 2π) around `mu` with concentration `kappa`. */
  vonmisesvariate(mu: number, kappa: number): number {
    if (kappa <= 1e-6) return TWO_PI * this.random();
    const s = 0.5 / kappa;
    const r = s + Math.sqrt(1 + s * s);
    for (;;) {
      const z = Math.cos(Math.PI * this.random());
      const d = z / (r + z);
      const u = this.random();
      if (!(u < 1 - d * d || u <= (1 - d) * Math.exp(d))) continue;
      const q = 1 / r;
      const angle = Math.acos((q + z) / (1 + q * z));
      const turned = this.random() > 0.5 ? mu + angle : mu - angle;
      const remainder = turned % TWO_PI;
      return remainder < 0 ? remainder + TWO_PI : remainder;
    }
  }

  /** Pareto with shape `alpha`, at least 1. */
  paretovariate(alpha: number): number {
    return (1 - this.random()) ** (-1 / alpha);
  }

  /** Weibull with scale `alpha` and shape `beta`. */
  weibullvariate(alpha: number, beta: number): number {
    return alpha * (-Math.log(1 - this.random())) ** (1 / beta);
  }
}

/** torch's generator on the CPU: the words of MT19937 and how torch makes numbers of them. */
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

  /** Singles uniform on [from, to), as `torch.empty(count).uniform_(from, to)`. */
  uniform(count: number, from = 0, to = 1): Float32Array {
    return Float32Array.from({ length: count }, () => Math.fround(Math.fround(this.single() * Math.fround(to - from)) + Math.fround(from)));
  }

  /** Singles of the standard normal times `std`, plus `mean`, as `torch.empty(count).normal_(mean, std)`: pairs from 16 on. */
  normal(count: number, mean = 0, std = 1): Float32Array {
    if (count < 16) return Float32Array.from({ length: count }, () => this.#nextNormal() * std + mean);
    const data = this.uniform(count);
    for (let start = 0; start + 16 <= count; start += 16) boxMuller(data, start, mean, std);
    if (count % 16 !== 0) {
      // The last sixteen are drawn again.
      data.set(this.uniform(16), count - 16);
      boxMuller(data, count - 16, mean, std);
    }
    return data;
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

/** Sixteen uniform numbers as eight pairs of normal ones. */
function boxMuller(data: Float32Array, start: number, mean: number, std: number): void {
  // Rounded to singles where torch rounds.
  const { fround } = Math;
  for (let i = start; i < start + 8; i++) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(fround(1 - data[i]!))))));
    const angle = fround(fround(2 * Math.PI) * data[i + 8]!);
    data[i] = fround(fround(radius * fround(Math.cos(angle))) * std) + mean;
    data[i + 8] = fround(fround(radius * fround(Math.sin(angle))) * std) + mean;
  }
}

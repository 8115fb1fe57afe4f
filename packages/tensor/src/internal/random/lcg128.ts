/** A congruential step of 128 bits in words of 32, which is some twenty times as fast as with bigints. */

const WORD = 2 ** 32;

/** The upper half of the product of two words, of which the lower half is known: rounding to an integer drops what a double cannot hold. */
export function upperHalf(a: number, b: number, lower: number): number {
  return Math.floor((a * b - lower) / WORD + 0.5);
}

/** Where a single step leaves its output. */
const ONE_STEP = new Uint32Array(2);

const words = (value: bigint): Uint32Array => Uint32Array.from({ length: 4 }, (_, i) => Number((value >> BigInt(32 * i)) & 0xffffffffn));

/** A state that is multiplied and added to. */
export class Lcg128 {
  /** The state, lowest word first. */
  readonly state: Uint32Array = new Uint32Array(4);
  readonly #multiplier: Uint32Array;
  readonly #increment: Uint32Array;

  constructor(multiplier: bigint, increment: bigint) {
    this.#multiplier = words(multiplier);
    this.#increment = words(increment);
  }

  get value(): bigint {
    return this.state.reduceRight((value, word) => (value << 32n) | BigInt(word), 0n);
  }

  set value(value: bigint) {
    this.state.set(words(value));
  }

  step(): void {
    this.fill(ONE_STEP, 1);
  }

  /**
   * Takes steps and writes what PCG's output function makes of each: both halves of the state xored and rotated by its upper bits, lower word first.
   *
   * @param out two words for each step
   */
  fill(out: Uint32Array, steps: number): void {
    const { state } = this;
    const [p, q, r, s] = this.#multiplier as unknown as readonly [number, number, number, number];
    const [i, j, k, l] = this.#increment as unknown as readonly [number, number, number, number];
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    for (let step = 0; step < steps; step++) {
      const ap = Math.imul(a, p) >>> 0;
      const aq = Math.imul(a, q) >>> 0;
      const bp = Math.imul(b, p) >>> 0;
      const ar = Math.imul(a, r) >>> 0;
      const bq = Math.imul(b, q) >>> 0;
      const cp = Math.imul(c, p) >>> 0;
      const top = (Math.imul(a, s) + Math.imul(b, r) + Math.imul(c, q) + Math.imul(d, p)) >>> 0;
      // Columns of the long product, each with what the one before carries.
      const first = ap + i;
      const second = aq + bp + upperHalf(a, p, ap) + j + (first >= WORD ? 1 : 0);
      const third = ar + bq + cp + upperHalf(a, q, aq) + upperHalf(b, p, bp) + k + Math.floor(second / WORD);
      const fourth = top + upperHalf(a, r, ar) + upperHalf(b, q, bq) + upperHalf(c, p, cp) + l + Math.floor(third / WORD);
      a = first >>> 0;
      b = second >>> 0;
      c = third >>> 0;
      d = fourth >>> 0;
      const by = d >>> 26;
      const even = a ^ c;
      const odd = b ^ d;
      const lower = by >= 32 ? odd : even;
      const upper = by >= 32 ? even : odd;
      // A shift by 32 is one by 0; one by 1 and then by 31 is not.
      const up = 31 - (by & 31);
      out[2 * step] = (lower >>> (by & 31)) | ((upper << 1) << up);
      out[2 * step + 1] = (upper >>> (by & 31)) | ((lower << 1) << up);
    }
    state[0] = a;
    state[1] = b;
    state[2] = c;
    state[3] = d;
  }
}

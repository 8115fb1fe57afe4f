/** MT19937 (Matsumoto and Nishimura, 1998): the generator behind Python's `random` and numpy's `RandomState`. */

const N = 624;
const M = 397;

/** 624 words of state, tempered 32-bit output. */
export class Mt19937 {
  readonly #state: Uint32Array = new Uint32Array(N);
  #index = N;

  /** `init_genrand`: one 32-bit word. */
  seedWord(word: number): void {
    this.#state[0] = word >>> 0;
    for (let i = 1; i < N; i++) {
      const previous = this.#state[i - 1]! ^ (this.#state[i - 1]! >>> 30);
      this.#state[i] = Math.imul(1812433253, previous) + i;
    }
    this.#index = N;
  }

  /** `init_by_array`: any number of words, at least one. */
  seedArray(key: ArrayLike<number>): void {
    this.seedWord(19650218);
    const state = this.#state;
    const mix = (i: number, factor: number): number => state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), factor);
    let i = 1;
    const advance = (): void => {
      if (++i < N) return;
      state[0] = state[N - 1]!;
      i = 1;
    };
    for (let k = Math.max(N, key.length), j = 0; k > 0; k--) {
      state[i] = mix(i, 1664525) + key[j]! + j;
      advance();
      j = (j + 1) % key.length;
    }
    for (let k = N - 1; k > 0; k--) {
      state[i] = mix(i, 1566083941) - i;
      advance();
    }
    state[0] = 0x80000000;
  }

  /** The next word, uniform on [0, 2^32). */
  next(): number {
    if (this.#index === N) this.#twist();
    let word = this.#state[this.#index++]!;
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  /** The next two words as one of 64 bits, the first above. */
  next64(): bigint {
    const high = BigInt(this.next());
    return (high << 32n) | BigInt(this.next());
  }

  /** The next double, uniform on [0, 1) with 53 random bits. */
  nextDouble(): number {
    const high = this.next() >>> 5;
    return (high * 67108864 + (this.next() >>> 6)) / 9007199254740992;
  }

  /** The words of the state, the place in them last. */
  words(): number[] {
    return [...this.#state, this.#index];
  }

  /** Goes back to what {@link words} returned. */
  restore(words: readonly number[]): void {
    this.#state.set(words.slice(0, N));
    this.#index = words[N]!;
  }

  #twist(): void {
    const state = this.#state;
    for (let k = 0; k < N; k++) {
      const bits = (state[k]! & 0x80000000) | (state[(k + 1) % N]! & 0x7fffffff);
      state[k] = state[(k + M) % N]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }
}

/** Counts of pairs of symbols in words, kept up while pairs are joined. */

const FREE = -1;

/** Numbers pairs of ids from 0 on. */
export class PairTable {
  #mask = (1 << 16) - 1;
  #slots: Int32Array = new Int32Array(1 << 16).fill(FREE);
  readonly left: number[] = [];
  readonly right: number[] = [];

  #slotOf(left: number, right: number): number {
    let slot = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    slot = (slot ^ (slot >>> 15)) & this.#mask;
    for (;;) {
      const index = this.#slots[slot]!;
      if (index === FREE || (this.left[index] === left && this.right[index] === right)) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Number of a pair, a new one when it is met first. */
  indexOf(left: number, right: number): number {
    const slot = this.#slotOf(left, right);
    if (this.#slots[slot] !== FREE) return this.#slots[slot]!;
    const index = this.left.push(left) - 1;
    this.right.push(right);
    this.#slots[slot] = index;
    if (this.left.length * 2 > this.#mask) this.#grow();
    return index;
  }

  #grow(): void {
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array(this.#mask + 1).fill(FREE);
    for (let index = 0; index < this.left.length; index++) this.#slots[this.#slotOf(this.left[index]!, this.right[index]!)] = index;
  }
}

/** Words as symbols in one array, which get shorter as pairs are joined. */
export class Words {
  readonly symbols: Int32Array;
  /** Characters of each symbol. */
  readonly #lengths: Int32Array;
  readonly starts: Int32Array;
  readonly sizes: Int32Array;

  constructor(words: readonly (readonly number[])[]) {
    const total = words.reduce((sum, word) => sum + word.length, 0);
    this.symbols = new Int32Array(total);
    this.#lengths = new Int32Array(total).fill(1);
    this.starts = new Int32Array(words.length);
    this.sizes = new Int32Array(words.length);
    let at = 0;
    words.forEach((word, i) => {
      this.starts[i] = at;
      this.sizes[i] = word.length;
      this.symbols.set(word, at);
      at += word.length;
    });
  }

  get count(): number {
    return this.sizes.length;
  }

  /**
   * Joins each occurrence of a pair in a word, from left to right.
   *
   * @param maxLength pairs that would have this many characters or more are not counted
   * @param change told of each pair that goes and comes
   */
  join(word: number, left: number, right: number, joined: number, maxLength: number, change: (left: number, right: number, by: 1 | -1) => void): void {
    const start = this.starts[word]!;
    const [symbols, lengths] = [this.symbols, this.#lengths];
    let end = start + this.sizes[word]!;
    for (let i = start; i + 1 < end; i++) {
      if (symbols[i] !== left || symbols[i + 1] !== right) continue;
      const length = lengths[i]! + lengths[i + 1]!;
      if (i > start) {
        change(symbols[i - 1]!, left, -1);
        if (lengths[i - 1]! + length < maxLength) change(symbols[i - 1]!, joined, 1);
      }
      symbols[i] = joined;
      lengths[i] = length;
      symbols.copyWithin(i + 1, i + 2, end);
      lengths.copyWithin(i + 1, i + 2, end);
      end--;
      if (i + 1 < end) {
        change(right, symbols[i + 1]!, -1);
        if (lengths[i + 1]! + length < maxLength) change(joined, symbols[i + 1]!, 1);
      }
    }
    this.sizes[word] = end - start;
  }
}

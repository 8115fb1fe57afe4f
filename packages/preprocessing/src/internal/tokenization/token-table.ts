/** Texts numbered in the order in which they came, in an open-addressing table that is asked for a stretch of a text: no string is made for it. */

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** The hash of a text so far with another unit (FNV-1a). It starts at {@link HASH_START}. */
export const hashUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, FNV_PRIME);
/** The hash of nothing. */
export const HASH_START: number = FNV_OFFSET;

/** The hash of a stretch of a text, after one that was begun. */
export function hashStretch(text: string, start: number, end: number, begun: number = HASH_START): number {
  let hash = begun;
  for (let i = start; i < end; i++) hash = hashUnit(hash, text.charCodeAt(i));
  return hash;
}

/** A copy of an array with room for a number of items, and for twice as many as it had. */
export function grown<A extends Int32Array | Uint32Array | Uint16Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(Math.max(length, 2 * array.length));
  larger.set(array);
  return larger;
}

/** The table. */
export class TokenTable {
  #units: Uint16Array;
  /** Where the units of each text begin, and after the last one where the next would. */
  #starts: Int32Array;
  #hashes: Int32Array;
  /** Two numbers for each slot, side by side in memory: hash, and number of a text and one (0 for a free slot). */
  #slots: Int32Array;
  #count = 0;

  /** @param expected texts that are likely to come */
  constructor(expected = 16) {
    this.#slots = new Int32Array(2 << Math.ceil(Math.log2(2 * expected + 16)));
    this.#starts = new Int32Array(expected + 2);
    this.#hashes = new Int32Array(expected + 1);
    this.#units = new Uint16Array(8 * expected + 64);
  }

  get count(): number {
    return this.#count;
  }

  #slotOf(hash: number): number {
    return ((hash ^ (hash >>> 15)) << 1) & (this.#slots.length - 1);
  }

  #equals(index: number, text: string, start: number, end: number): boolean {
    const from = this.#starts[index]!;
    const length = end - start;
    if (this.#starts[index + 1]! - from !== length) return false;
    const units = this.#units;
    for (let i = 0; i < length; i++) if (units[from + i] !== text.charCodeAt(start + i)) return false;
    return true;
  }

  /** Number of the text that a stretch is; -1 where it is none. */
  find(text: string, start: number, end: number, hash: number = hashStretch(text, start, end)): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 2) & mask) {
      const index = slots[slot + 1]! - 1;
      if (index < 0) return -1;
      if (slots[slot] === hash && this.#equals(index, text, start, end)) return index;
    }
  }

  /** Number of the text that a beginning and a stretch are together. */
  findAfter(before: string, text: string, start: number, end: number): number {
    const length = before.length;
    const hash = hashStretch(text, start, end, hashStretch(before, 0, length));
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 2) & mask) {
      const index = slots[slot + 1]! - 1;
      if (index < 0) return -1;
      if (slots[slot] !== hash) continue;
      const from = this.#starts[index]!;
      if (this.#starts[index + 1]! - from !== length + end - start) continue;
      let i = 0;
      while (i < length && this.#units[from + i] === before.charCodeAt(i)) i++;
      while (i >= length && i < length + end - start && this.#units[from + i] === text.charCodeAt(start + i - length)) i++;
      if (i === length + end - start) return index;
    }
  }

  /** Whether a text is two others in a row, the second without its first units. */
  isJoined(index: number, left: number, right: number, skip: number): boolean {
    const [starts, units] = [this.#starts, this.#units];
    const [from, a, b] = [starts[index]!, starts[left]!, starts[right]! + skip];
    const [first, second] = [starts[left + 1]! - a, starts[right + 1]! - b];
    if (second < 0 || starts[index + 1]! - from !== first + second) return false;
    for (let i = 0; i < first; i++) if (units[from + i] !== units[a + i]) return false;
    for (let i = 0; i < second; i++) if (units[from + first + i] !== units[b + i]) return false;
    return true;
  }

  /** Number of the text that two others make in a row, the second without its first units. */
  findJoined(left: number, right: number, skip: number): number {
    const [starts, units] = [this.#starts, this.#units];
    let hash = this.#hashes[left]!;
    for (let i = starts[right]! + skip; i < starts[right + 1]!; i++) hash = hashUnit(hash, units[i]!);
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = this.#slotOf(hash); ; slot = (slot + 2) & mask) {
      const index = slots[slot + 1]! - 1;
      if (index < 0) return -1;
      if (slots[slot] === hash && this.isJoined(index, left, right, skip)) return index;
    }
  }

  /** Number of the text that a stretch is, a new one where it was none. */
  add(text: string, start: number, end: number, hash: number = hashStretch(text, start, end)): number {
    const known = this.find(text, start, end, hash);
    if (known >= 0) return known;
    const index = this.#count++;
    if (index + 2 > this.#starts.length) {
      this.#starts = grown(this.#starts, index + 2);
      this.#hashes = grown(this.#hashes, index + 1);
    }
    const from = this.#starts[index]!;
    if (from + end - start > this.#units.length) this.#units = grown(this.#units, from + end - start);
    for (let i = start; i < end; i++) this.#units[from + i - start] = text.charCodeAt(i);
    this.#starts[index + 1] = from + end - start;
    this.#hashes[index] = hash;
    if (4 * this.#count > this.#slots.length) this.#rehash();
    else this.#place(index, hash);
    return index;
  }

  #place(index: number, hash: number): void {
    const slots = this.#slots;
    let slot = this.#slotOf(hash);
    while (slots[slot + 1] !== 0) slot = (slot + 2) & (slots.length - 1);
    slots[slot] = hash;
    slots[slot + 1] = index + 1;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (let index = 0; index < this.#count; index++) this.#place(index, this.#hashes[index]!);
  }

  /** Whether a unit is in any of the texts. */
  hasUnit(unit: number): boolean {
    return this.#units.subarray(0, this.#starts[this.#count]).includes(unit);
  }

  lengthOf(index: number): number {
    return this.#starts[index + 1]! - this.#starts[index]!;
  }

  textOf(index: number): string {
    const [from, to] = [this.#starts[index]!, this.#starts[index + 1]!];
    // The engine passes an array's items as arguments, of which it takes not many.
    if (to - from < 1000) return String.fromCharCode(...this.#units.subarray(from, to));
    let text = '';
    for (let i = from; i < to; i += 1000) text += String.fromCharCode(...this.#units.subarray(i, Math.min(to, i + 1000)));
    return text;
  }
}

/** Tables of many short texts in two flat arrays: nothing is decoded before it is asked for. */

const DECODER: TextDecoder = new TextDecoder();

/** Texts one after another. */
export class TextTable {
  /** Where each text begins, and where the last one ends. */
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;

  constructor(offsets: Uint32Array, bytes: Uint8Array) {
    this.offsets = offsets;
    this.bytes = bytes;
  }

  static of(texts: Iterable<string>): TextTable {
    const builder = new TextTableBuilder();
    for (const text of texts) builder.push(text);
    return builder.finish();
  }

  get length(): number {
    return this.offsets.length - 1;
  }

  at(index: number): string {
    return DECODER.decode(this.bytes.subarray(this.offsets[index]!, this.offsets[index + 1]!));
  }

  /** The first place whose text does not come before another; the table is in order. */
  lowerBound(text: string): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The place of a text in a table in order, or -1. */
  find(text: string): number {
    const place = this.lowerBound(text);
    return place < this.length && this.at(place) === text ? place : -1;
  }
}

/** Numbers that become more, in one typed array. */
export class GrowingNumbers<T extends Uint32Array | Uint16Array | Float32Array> {
  #values: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(1024);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const more = this.#make(this.#length * 2);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.#length++] = value;
  }

  /** What was pushed, without a copy. */
  get values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

/** Most bytes of a UTF-16 unit in UTF-8. */
const WIDEST = 3;

/** Takes texts one by one. */
export class TextTableBuilder {
  #bytes = new Uint8Array(1 << 12);
  #end = 0;
  readonly #offsets = new GrowingNumbers(length => new Uint32Array(length));
  readonly #encoder = new TextEncoder();

  constructor() {
    this.#offsets.push(0);
  }

  push(text: string): void {
    const most = this.#end + WIDEST * text.length;
    if (most > this.#bytes.length) {
      const more = new Uint8Array(Math.max(most, 2 * this.#bytes.length));
      more.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = more;
    }
    this.#end += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#end)).written;
    this.#offsets.push(this.#end);
  }

  finish(): TextTable {
    return new TextTable(this.#offsets.values.slice(), this.#bytes.slice(0, this.#end));
  }
}

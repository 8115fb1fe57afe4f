/** A text on its way through a tokenizer, with the place in the original that each part of it stands for. Places are UTF-16 units. */

/** Builds an {@link AlignedText} piece by piece. */
export class AlignedBuilder {
  readonly #parts: string[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Adds text that stands for one stretch of the original. */
  push(text: string, start: number, end: number): void {
    this.#parts.push(text);
    for (let i = 0; i < text.length; i++) {
      this.#starts.push(start);
      this.#ends.push(end);
    }
  }

  /** Adds a stretch of another text as it is. */
  copy(from: AlignedText, start: number, end: number): void {
    this.#parts.push(from.text.slice(start, end));
    for (let i = start; i < end; i++) {
      this.#starts.push(from.startOf(i));
      this.#ends.push(from.endOf(i));
    }
  }

  build(): AlignedText {
    return new AlignedText(this.#parts.join(''), 0, Int32Array.from(this.#starts), Int32Array.from(this.#ends));
  }
}

/** A text and, for each of its units, a stretch of the original. */
export class AlignedText {
  readonly text: string;
  readonly #base: number;
  /** Null while the text is a stretch of the original itself, from `base` on. */
  readonly #starts: Int32Array | null;
  readonly #ends: Int32Array | null;

  constructor(text: string, base = 0, starts: Int32Array | null = null, ends: Int32Array | null = null) {
    this.text = text;
    this.#base = base;
    this.#starts = starts;
    this.#ends = ends;
  }

  /** Where the original begins that the unit stands for. */
  startOf(unit: number): number {
    return this.#starts === null ? this.#base + unit : this.#starts[unit]!;
  }

  /** Where the original ends that the unit stands for. */
  endOf(unit: number): number {
    return this.#ends === null ? this.#base + unit + 1 : this.#ends[unit]!;
  }

  /** Where the original begins that the text stands for. */
  get origin(): number {
    return this.text.length === 0 ? this.#base : this.startOf(0);
  }

  /** Another text whose units stand for what those of this one do, one for one. */
  spelled(text: string): AlignedText {
    return new AlignedText(text, this.#base, this.#starts, this.#ends);
  }

  slice(start: number, end: number): AlignedText {
    if (start === 0 && end === this.text.length) return this;
    const text = this.text.slice(start, end);
    if (this.#starts === null || this.#ends === null) return new AlignedText(text, this.#base + start);
    return new AlignedText(text, this.#base, this.#starts.subarray(start, end), this.#ends.subarray(start, end));
  }

  /** The text with each character replaced by what `map` gives for it; null leaves it alone. */
  mapCharacters(map: (character: string, codePoint: number) => string | null): AlignedText {
    const { text } = this;
    let builder: AlignedBuilder | null = null;
    let copied = 0;
    for (let at = 0; at < text.length; ) {
      const codePoint = text.codePointAt(at)!;
      const width = codePoint > 0xffff ? 2 : 1;
      const character = text.slice(at, at + width);
      const mapped = map(character, codePoint);
      if (mapped !== null && mapped !== character) {
        builder ??= new AlignedBuilder();
        builder.copy(this, copied, at);
        builder.push(mapped, this.startOf(at), this.endOf(at + width - 1));
        copied = at + width;
      }
      at += width;
    }
    if (builder === null) return this;
    builder.copy(this, copied, text.length);
    return builder.build();
  }

  /** The text with stretches replaced; each replacement stands for what `[start, end)` of this text stands for. */
  replaceRanges(ranges: readonly (readonly [start: number, end: number])[], content: string): AlignedText {
    if (ranges.length === 0) return this;
    const builder = new AlignedBuilder();
    let copied = 0;
    for (const [start, end] of ranges) {
      builder.copy(this, copied, start);
      // The libraries let a replacement stand for the last character that it replaces, or for the one before it when it replaces none.
      const last = Math.max(0, end - 1);
      if (content !== '')
        builder.push(content, this.text.length === 0 ? this.#base : this.startOf(last), this.text.length === 0 ? this.#base : this.endOf(last));
      copied = end;
    }
    builder.copy(this, copied, this.text.length);
    return builder.build();
  }

  /** The text with something before it that stands for its first character. */
  prepend(content: string): AlignedText {
    if (this.text === '') return this;
    const builder = new AlignedBuilder();
    const width = this.text.codePointAt(0)! > 0xffff ? 2 : 1;
    builder.push(content, this.startOf(0), this.endOf(width - 1));
    builder.copy(this, 0, this.text.length);
    return builder.build();
  }
}

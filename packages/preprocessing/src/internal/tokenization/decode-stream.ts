/** Text of tokens as they come, without broken characters. */

/** Tokens that the text of the next ones may depend on, and no more. */
const WINDOW = 16;

/**
 * Decodes ids one at a time.
 *
 * @remarks Python: `tokenizers.decoders.DecodeStream`.
 */
export class DecodeStream {
  readonly #decode: (ids: readonly number[]) => string;
  #ids: number[] = [];
  /** Text of the ids that is out already. */
  #prefix = '';

  constructor(decode: (ids: readonly number[]) => string) {
    this.#decode = decode;
  }

  /** Text that an id makes complete; empty while a character is not. */
  push(id: number): string {
    this.#ids.push(id);
    const text = this.#decode(this.#ids);
    if (text.length <= this.#prefix.length || text.endsWith('\ufffd')) return '';
    return this.#release(text);
  }

  /** What is left when no more ids come: the marks of a character that never was complete. */
  flush(): string {
    const rest = this.#decode(this.#ids).slice(this.#prefix.length);
    this.#ids = [];
    this.#prefix = '';
    return rest;
  }

  #release(text: string): string {
    const out = text.slice(this.#prefix.length);
    // The first token of a text loses its blank: later ones keep theirs only while something stands before them.
    if (this.#ids.length > WINDOW) this.#ids = this.#ids.slice(-WINDOW / 2);
    this.#prefix = this.#decode(this.#ids);
    return out;
  }
}

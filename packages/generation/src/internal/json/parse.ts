/** A strict JSON parser whose complaints are those of Python's `json`, and the checks of an object's fields that need no full schema. */

/** A value, or what is wrong with the text. */
export type Parsed = { readonly value: unknown } | { readonly problem: string };

/** Greatest nesting; deeper text is refused, so that a hostile one cannot exhaust the stack. */
const MAX_DEPTH = 500;

const WORDS: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class JsonProblem extends SyntaxError {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    this.#space();
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new JsonProblem('Extra data', this.#at);
    return value;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? '.')) this.#at++;
  }

  #takes(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #value(depth: number): unknown {
    const start = this.#at;
    if (depth > MAX_DEPTH) throw new JsonProblem('Too many levels', start);
    const char = this.#text[start];
    if (char === '"') return this.#string();
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#array(depth);
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, start)) continue;
      this.#at += word.length;
      return value;
    }
    NUMBER.lastIndex = start;
    const found = NUMBER.exec(this.#text);
    if (found === null) throw new JsonProblem('Expecting value', start);
    this.#at += found[0].length;
    return Number(found[0]);
  }

  #array(depth: number): unknown[] {
    this.#at++;
    const items: unknown[] = [];
    if (this.#takes(']')) return items;
    for (;;) {
      this.#space();
      items.push(this.#value(depth + 1));
      if (this.#takes(']')) return items;
      if (!this.#takes(',')) throw new JsonProblem("Expecting ',' delimiter", this.#at);
    }
  }

  #object(depth: number): Record<string, unknown> {
    this.#at++;
    const entries: [string, unknown][] = [];
    if (this.#takes('}')) return {};
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') throw new JsonProblem('Expecting property name enclosed in double quotes', this.#at);
      const key = this.#string();
      if (!this.#takes(':')) throw new JsonProblem("Expecting ':' delimiter", this.#at);
      this.#space();
      entries.push([key, this.#value(depth + 1)]);
      if (this.#takes('}')) return Object.fromEntries(entries);
      if (!this.#takes(',')) throw new JsonProblem("Expecting ',' delimiter", this.#at);
    }
  }

  #string(): string {
    const start = this.#at++;
    let text = '';
    for (;;) {
      const char = this.#text[this.#at++];
      if (char === undefined) throw new JsonProblem('Unterminated string starting at', start);
      if (char === '"') return text;
      if (char < ' ') throw new JsonProblem('Invalid control character at', this.#at - 1);
      text += char === '\\' ? this.#escape(start) : char;
    }
  }

  #escape(start: number): string {
    const char = this.#text[this.#at++];
    if (char === undefined) throw new JsonProblem('Unterminated string starting at', start);
    if (char !== 'u') {
      const plain = ESCAPES[char];
      if (plain === undefined) throw new JsonProblem('Invalid \\escape', this.#at - 2);
      return plain;
    }
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new JsonProblem('Invalid \\uXXXX escape', this.#at);
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

/**
 * Parses a text that must be one JSON value; NaN and the infinities count, as in Python.
 *
 * @returns the value, or Python's words for the first problem with line, column and offset in UTF-16 units
 */
export function parseJson(text: string): Parsed {
  try {
    return { value: new Reader(text).document() };
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    const before = text.slice(0, error.offset);
    const line = before.split('\n').length;
    return { problem: `${error.message}: line ${line} column ${error.offset - before.lastIndexOf('\n')} (char ${error.offset})` };
  }
}

/** A JSON object, neither null nor an array. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Required fields that are missing, then fields that are not declared, unless more are allowed. */
export function fieldProblems(
  value: Readonly<Record<string, unknown>>,
  required: readonly string[],
  declared: Readonly<Record<string, unknown>>,
  allowMore: boolean,
): string[] {
  const missing = required.filter(name => !Object.hasOwn(value, name)).map(name => `Missing required field: ${name}`);
  const extra = Object.keys(value).filter(name => !Object.hasOwn(declared, name));
  return allowMore ? missing : [...missing, ...extra.map(name => `Additional property not allowed: ${name}`)];
}

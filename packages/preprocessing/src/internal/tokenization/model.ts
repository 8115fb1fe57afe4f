/** What a model of `tokenizer.json` is: a vocabulary, and a way to cut words into pieces of it. */
import { show, ValidationError } from '@gtc/errors';
import { countAt, isCount, type JsonRecord, recordAt } from './json.js';
import { TokenTable } from './token-table.js';

/** A piece of a word. */
export interface Piece {
  readonly id: number;
  /** Its text in the vocabulary, or the part of the word itself. */
  readonly text: string;
  /** Place in the word, in bytes of UTF-8. */
  readonly start: number;
  readonly end: number;
}

/** A model. */
export interface Model {
  /** Its `type` in `tokenizer.json`. */
  readonly type: 'BPE' | 'Unigram' | 'WordLevel' | 'WordPiece';
  readonly vocabulary: Vocab;
  /** Pieces of a word that is not empty. */
  tokenize(word: string): Piece[];
  /** The model as `tokenizer.json` has it. */
  toJson(): JsonRecord;
}

/** Tokens by id and ids by token. */
export class Vocab {
  /** Whether two tokens have one id. */
  readonly hasTwins: boolean;
  readonly #table: TokenTable;
  readonly #ids: Uint32Array;
  /** Number in the table for each id, -1 where there is none. */
  readonly #numbers: Int32Array | Map<number, number>;
  /** Tokens whose text was asked for. */
  #texts: (string | undefined)[] | null = null;

  /**
   * @param table the tokens
   * @param ids the id of each
   */
  constructor(table: TokenTable, ids: Uint32Array) {
    this.#table = table;
    this.#ids = ids;
    let highest = -1;
    for (const id of ids) if (id > highest) highest = id;
    // Ids may be far apart in a file that means harm: a list only where they are not.
    if (highest < 4 * ids.length + 1000) {
      const numbers = new Int32Array(highest + 1).fill(-1);
      let hasTwins = false;
      for (let i = 0; i < ids.length; i++) {
        hasTwins ||= numbers[ids[i]!] !== -1;
        numbers[ids[i]!] = i;
      }
      this.#numbers = numbers;
      this.hasTwins = hasTwins;
    } else {
      this.#numbers = new Map(Array.from(ids, (id, i) => [id, i]));
      this.hasTwins = this.#numbers.size < ids.length;
    }
  }

  /** Tokens numbered in their order; of one that is there twice the last id counts. */
  static of(tokens: readonly string[]): Vocab {
    return Vocab.from(tokens, (_, i) => i);
  }

  /** Tokens with the id that a function gives to each. */
  static from(tokens: readonly string[], idOf: (token: string, i: number) => number): Vocab {
    const table = new TokenTable(tokens.length);
    const ids = new Uint32Array(tokens.length);
    for (let i = 0; i < tokens.length; i++) ids[table.add(tokens[i]!, 0, tokens[i]!.length)] = idOf(tokens[i]!, i);
    return new Vocab(table, ids.subarray(0, table.count));
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Units of the longest token. */
  get longest(): number {
    let longest = 0;
    for (let i = 0; i < this.#table.count; i++) longest = Math.max(longest, this.#table.lengthOf(i));
    return longest;
  }

  /** Id of a token, or of a stretch of a text. */
  idOf(text: string, start = 0, end: number = text.length): number | undefined {
    const number = this.#table.find(text, start, end);
    return number < 0 ? undefined : this.#ids[number];
  }

  /** Id of a stretch of a text after a beginning that the text lacks. */
  idAfter(before: string, text: string, start: number, end: number): number | undefined {
    const number = this.#table.findAfter(before, text, start, end);
    return number < 0 ? undefined : this.#ids[number];
  }

  tokenOf(id: number): string | undefined {
    const number = (this.#numbers instanceof Map ? this.#numbers.get(id) : this.#numbers[id]) ?? -1;
    return number < 0 ? undefined : this.#textOf(number);
  }

  #textOf(number: number): string {
    this.#texts ??= new Array<string | undefined>(this.#ids.length).fill(undefined);
    return (this.#texts[number] ??= this.#table.textOf(number));
  }

  /** Tokens and ids in the order of the ids. */
  sorted(): [token: string, id: number][] {
    return Array.from(this.#ids, (id, number): [string, number] => [this.#textOf(number), id]).sort(([, a], [, b]) => a - b);
  }
}

/** Reads `{ token: id }`. */
export function vocabAt(value: unknown, path: string): Vocab {
  if (value instanceof Vocab) return value;
  const json = recordAt(value, path);
  return Vocab.from(Object.keys(json), token => {
    const id = json[token];
    return isCount(id) ? id : countAt(id, `${path}['${token}']`);
  });
}

/** Id of a token that a model needs. @throws {ValidationError} when the vocabulary lacks it */
export function needed(vocabulary: Vocab, token: string, parameter: string): number {
  const id = vocabulary.idOf(token);
  if (id === undefined) throw new ValidationError(`${parameter} ${show(token)} is not in the vocabulary, and a word needs it`, { parameter, received: token });
  return id;
}

/** A vocabulary as a plain object, safe for keys such as `__proto__`. */
export function toVocabJson(vocabulary: Vocab): JsonRecord {
  const json: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const [token, id] of vocabulary.sorted()) json[token] = id;
  return json;
}

/** Bytes of a text in UTF-8; a lone surrogate counts as the three of U+FFFD. */
export function byteLength(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) length += 1;
    else if (unit < 0x800) length += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}

/** Token of a byte where a model falls back to bytes. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** What a model of `tokenizer.json` is: a vocabulary, and a way to cut words into pieces of it. */
import { show, ValidationError } from '@gtc/errors';
import { countAt, isCount, type JsonRecord, recordAt } from './json.js';

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
  readonly ids: ReadonlyMap<string, number>;
  readonly #tokens: (string | undefined)[] | Map<number, string>;

  constructor(ids: ReadonlyMap<string, number>) {
    let highest = -1;
    for (const id of ids.values()) if (id > highest) highest = id;
    this.ids = ids;
    // Ids may be far apart in a file that means harm: a list only where they are not.
    const tokens = highest < 4 * ids.size + 1000 ? new Array<string | undefined>(highest + 1) : new Map<number, string>();
    if (Array.isArray(tokens)) for (const [token, id] of ids) tokens[id] = token;
    else for (const [token, id] of ids) tokens.set(id, token);
    this.#tokens = tokens;
  }

  /** Tokens numbered in their order. */
  static of(tokens: readonly string[]): Vocab {
    return new Vocab(new Map(tokens.map((token, id) => [token, id])));
  }

  get size(): number {
    return this.ids.size;
  }

  tokenOf(id: number): string | undefined {
    return Array.isArray(this.#tokens) ? this.#tokens[id] : this.#tokens.get(id);
  }

  /** Tokens and ids in the order of the ids. */
  sorted(): [token: string, id: number][] {
    return [...this.ids].sort(([, a], [, b]) => a - b);
  }
}

/** Reads `{ token: id }`. */
export function vocabAt(value: unknown, path: string): Vocab {
  const json = recordAt(value, path);
  const ids = new Map<string, number>();
  for (const token of Object.keys(json)) {
    const id = json[token];
    ids.set(token, isCount(id) ? id : countAt(id, `${path}['${token}']`));
  }
  return new Vocab(ids);
}

/** Id of a token that a model needs. @throws {ValidationError} when the vocabulary lacks it */
export function needed(vocabulary: Vocab, token: string, parameter: string): number {
  const id = vocabulary.ids.get(token);
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

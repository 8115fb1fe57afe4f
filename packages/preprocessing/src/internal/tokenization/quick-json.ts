/**
 * Reads `tokenizer.json`, whose vocabulary and merges are nearly all of it, without an object for either: tokens go from the text into a
 * table, merges become ids. What is left of the file is read by the engine, and so is the whole file where anything is unusual.
 */
import { type JsonRecord, recordAt } from './json.js';
import { Vocab } from './model.js';
import { grown, HASH_START, hashUnit, TokenTable } from './token-table.js';

const [QUOTE, BACKSLASH, COMMA, COLON, SPACE] = [0x22, 0x5c, 0x2c, 0x3a, 0x20];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Ids of more digits are left to the engine. */
const MOST_DIGITS = 9;

/** Thrown where the quick way ends; it never leaves this file. */
class Unusual extends Error {}

const unusual = (): never => {
  throw new Unusual();
};

/** A place in a text of JSON. */
class Scanner {
  readonly text: string;
  at = 0;
  /** Hash of the string that was read last. */
  hash = HASH_START;
  /** Its place, without quotes. */
  start = 0;
  end = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** The unit after white space. */
  peek(): number {
    const { text } = this;
    let unit = text.charCodeAt(this.at);
    while (unit === SPACE || unit === 0x0a || unit === 0x0d || unit === 0x09) unit = text.charCodeAt(++this.at);
    return unit;
  }

  expect(unit: number): void {
    if (this.peek() !== unit) unusual();
    this.at++;
  }

  /** Reads on after an item of a list or an object: whether another one comes. */
  more(close: number): boolean {
    const unit = this.peek();
    this.at++;
    if (unit === COMMA) return true;
    if (unit !== close) unusual();
    return false;
  }

  /**
   * Reads what is left of a string up to a unit; false, and nothing is read, where an escape comes before.
   *
   * @param until the quote, or a unit that must come before it
   */
  string(until: number = QUOTE): boolean {
    const { text } = this;
    let at = this.at;
    let hash = HASH_START;
    this.start = at;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === until) break;
      if (unit === BACKSLASH) return false;
      // A control character is an error of the file, a missing one its end.
      if (unit === QUOTE || !(unit >= SPACE)) unusual();
      hash = hashUnit(hash, unit);
      at++;
    }
    this.hash = hash;
    this.end = at;
    this.at = at + 1;
    return true;
  }

  /** The text of a string whose quote was read, escapes included. */
  anyString(): string {
    const from = this.at;
    this.#skipString();
    return JSON.parse(this.text.slice(from - 1, this.at)) as string;
  }

  /** Reads over a string whose quote was read. */
  #skipString(): void {
    const { text } = this;
    for (let unit = text.charCodeAt(this.at); unit !== QUOTE; unit = text.charCodeAt(this.at)) {
      if (this.at >= text.length) unusual();
      this.at += unit === BACKSLASH ? 2 : 1;
    }
    this.at++;
  }

  /** Reads over a value of any kind. */
  skip(): void {
    const { text } = this;
    let depth = 0;
    do {
      const unit = this.peek();
      if (unit === QUOTE) {
        this.at++;
        this.#skipString();
      } else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
        depth++;
        this.at++;
      } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
        depth--;
        this.at++;
      } else if (unit === COMMA || unit === COLON) this.at++;
      else {
        const from = this.at;
        while (/[\w.+-]/.test(text.charAt(this.at))) this.at++;
        if (this.at === from) unusual();
      }
    } while (depth > 0);
  }
}

/** `{ token: id }` as a table and ids. */
function scanVocabulary(scanner: Scanner): readonly [table: TokenTable, ids: Uint32Array] {
  const { text } = scanner;
  const table = new TokenTable(Math.min(1 << 18, text.length >> 5));
  let ids = new Uint32Array(1024);
  scanner.expect(OPEN_BRACE);
  if (scanner.peek() === CLOSE_BRACE) unusual();
  do {
    scanner.expect(QUOTE);
    let number: number;
    if (scanner.string()) number = table.add(text, scanner.start, scanner.end, scanner.hash);
    else {
      const token = scanner.anyString();
      number = table.add(token, 0, token.length);
    }
    scanner.expect(COLON);
    if (number >= ids.length) ids = grown(ids, number + 1);
    ids[number] = scanId(scanner);
  } while (scanner.more(CLOSE_BRACE));
  return [table, ids.subarray(0, table.count)];
}

function scanId(scanner: Scanner): number {
  const { text } = scanner;
  let unit = scanner.peek();
  const from = scanner.at;
  let id = 0;
  for (; unit >= 0x30 && unit <= 0x39; unit = text.charCodeAt(++scanner.at)) id = id * 10 + unit - 0x30;
  const digits = scanner.at - from;
  if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && text.charCodeAt(from) === 0x30)) unusual();
  return id;
}

/** Numbers in the table of both tokens of each merge, one after the other. */
function scanMerges(scanner: Scanner, table: TokenTable): Int32Array {
  const { text } = scanner;
  let pairs = new Int32Array(2 * table.count + 2);
  let count = 0;
  scanner.expect(OPEN_BRACKET);
  if (scanner.peek() === CLOSE_BRACKET) {
    scanner.at++;
    return pairs.subarray(0, 0);
  }
  // A blank ends the left token, and no file means one in the right token.
  const isBlankFree = !table.hasUnit(SPACE);
  const known = (number: number): number => (number < 0 ? unusual() : number);
  /** Number of the token that was read last. */
  const found = (): number => (scanner.start === scanner.end ? unusual() : known(table.find(text, scanner.start, scanner.end, scanner.hash)));
  const spelled = (token: string): number => (token === '' ? unusual() : known(table.find(token, 0, token.length)));
  const token = (): number => {
    scanner.expect(QUOTE);
    return scanner.string() ? found() : spelled(scanner.anyString());
  };
  do {
    if (count === pairs.length) pairs = grown(pairs, count + 2);
    if (scanner.peek() === OPEN_BRACKET) {
      scanner.at++;
      pairs[count++] = token();
      scanner.expect(COMMA);
      pairs[count++] = token();
      scanner.expect(CLOSE_BRACKET);
      continue;
    }
    scanner.expect(QUOTE);
    const from = scanner.at;
    if (isBlankFree && scanner.string(SPACE)) {
      pairs[count] = found();
      if (scanner.string()) {
        pairs[count + 1] = found();
        count += 2;
        continue;
      }
    }
    scanner.at = from;
    const parts = scanner.anyString().split(' ');
    if (parts.length !== 2) unusual();
    for (const part of parts) pairs[count++] = spelled(part);
  } while (scanner.more(CLOSE_BRACKET));
  return pairs.subarray(0, count);
}

/** Ids of the tokens of each merge and of what they make, three for each. */
function joinedIds(pairs: Int32Array, table: TokenTable, ids: Uint32Array, skip: number): Uint32Array {
  const joined = new Uint32Array((pairs.length / 2) * 3);
  let number = -1;
  for (let i = 0, out = 0; i < pairs.length; i += 2, out += 3) {
    const [left, right] = [pairs[i]!, pairs[i + 1]!];
    // Merges mostly stand in the order of what they make: that of the merge before and the token after it are compared before any is looked up.
    if (number < 0 || !table.isJoined(number, left, right, skip)) {
      if (++number >= table.count || !table.isJoined(number, left, right, skip)) number = table.findJoined(left, right, skip);
    }
    if (number < 0) unusual();
    joined[out] = ids[left]!;
    joined[out + 1] = ids[right]!;
    joined[out + 2] = ids[number]!;
  }
  return joined;
}

/** The parts of a model whose text was read here, and the file without them. */
interface Parts {
  readonly vocabulary: readonly [table: TokenTable, ids: Uint32Array];
  readonly pairs: Int32Array | null;
  readonly rest: string;
}

function scanFile(text: string): Parts {
  const scanner = new Scanner(text);
  let vocabulary: Parts['vocabulary'] | null = null;
  let pairs: Int32Array | null = null;
  let rest = '';
  let copied = 0;
  const seen = new Set<string>();
  const replace = (read: () => void): void => {
    scanner.peek();
    rest += `${text.slice(copied, scanner.at)}null`;
    read();
    copied = scanner.at;
  };
  const member = (inModel: boolean): void => {
    scanner.expect(QUOTE);
    const name = scanner.anyString();
    scanner.expect(COLON);
    const path = inModel ? `model.${name}` : name;
    if (seen.has(path)) unusual();
    seen.add(path);
    if (path === 'model') object(true);
    else if (path === 'model.vocab')
      replace(() => {
        vocabulary = scanVocabulary(scanner);
      });
    else if (path === 'model.merges' && vocabulary !== null)
      replace(() => {
        pairs = scanMerges(scanner, vocabulary![0]);
      });
    else scanner.skip();
  };
  const object = (inModel: boolean): void => {
    scanner.expect(OPEN_BRACE);
    do member(inModel);
    while (scanner.more(CLOSE_BRACE));
  };
  object(false);
  return vocabulary === null ? unusual() : { vocabulary, pairs, rest: rest + text.slice(copied) };
}

/** A file with its vocabulary and merges read; undefined where the quick way does not lead to the end. */
function readQuickly(text: string): JsonRecord | undefined {
  try {
    const { vocabulary, pairs, rest } = scanFile(text);
    const [table, ids] = vocabulary;
    const json = recordAt(JSON.parse(rest), 'tokenizer.json');
    const model = recordAt(json['model'], 'model');
    if (!['BPE', 'WordLevel', 'WordPiece', undefined].includes(model['type'] as string)) return undefined;
    const vocab = new Vocab(table, ids);
    // Where two tokens have one id, ids do not tell the tokens of a merge.
    if (vocab.hasTwins) return undefined;
    const prefix = model['continuing_subword_prefix'];
    const skip = typeof prefix === 'string' ? prefix.length : 0;
    const merges = pairs === null ? {} : { merges: joinedIds(pairs, table, ids, skip) };
    return { ...json, model: { ...model, vocab, ...merges } };
  } catch {
    // The engine reads the file, or says what is wrong with it.
    return undefined;
  }
}

/** The content of a `tokenizer.json`; in place of the vocabulary there may be a {@link Vocab}, of the merges ids. @throws {SyntaxError} for a text that is no JSON */
export function parseTokenizerJson(text: string): unknown {
  return readQuickly(text) ?? JSON.parse(text);
}

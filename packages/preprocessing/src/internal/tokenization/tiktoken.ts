/** Encodings of tiktoken: ranks of byte sequences, a pattern, and special tokens. */
import { FormatError, NotFoundError, show, ValidationError } from '@gtc/errors';
import { Regex } from '../regex/regex.js';
import { ByteBpe, type ByteVocabulary, IdList } from './byte-bpe.js';
import { utf8 } from './byte-level.js';
import { MergeTable } from './merges.js';
import { scanRules } from './scanner.js';

/** Bytes as a text with one unit for each, to be the key of a map. */
export const keyOf = (bytes: Uint8Array): string => {
  let key = '';
  for (const byte of bytes) key += String.fromCharCode(byte);
  return key;
};

/** Encodes the pieces of a text. */
type Encode = (text: string, bpe: ByteBpe, out: IdList) => void;

/** Encodes by pieces that a pattern makes; text between its matches is left out, as tiktoken does. */
function encodeBy(pattern: string): Encode {
  const rules = scanRules(pattern, 'fancy');
  if (rules !== null) return (text, bpe, out) => bpe.encodeByRules(text, rules, out);
  const regex = new Regex(pattern, 'fancy');
  return (text, bpe, out) => bpe.encodePlaces(text, regex.matches(text), out);
}

/** Each two tokens that make up a third, with its rank. */
export function* pairsOfRanks(ranks: ReadonlyMap<string, number>): Generator<readonly [left: number, right: number, rank: number]> {
  for (const [token, rank] of ranks) {
    for (let cut = 1; cut < token.length; cut++) {
      const [left, right] = [ranks.get(token.slice(0, cut)), ranks.get(token.slice(cut))];
      if (left !== undefined && right !== undefined) yield [left, right, rank];
    }
  }
}

/** Merges that give back every token of a list of ranks. */
function mergesOfRanks(ranks: ReadonlyMap<string, number>): MergeTable {
  const found = [...pairsOfRanks(ranks)];
  const table = new MergeTable(found.length);
  for (const [left, right, rank] of found) table.set(left, right, rank, rank);
  return table;
}

/** Which special tokens may stand in a text. */
export interface SpecialOptions {
  /** Those that become their ids. */
  readonly allowedSpecial?: 'all' | readonly string[];
  /** Those that are refused; the rest counts as text. */
  readonly disallowedSpecial?: 'all' | readonly string[];
}

/** What a {@link TiktokenEncoding} is made of. */
export interface TiktokenOptions {
  /** Rank of each sequence of bytes, bytes as the units of a text or as pairs. */
  readonly ranks: Iterable<readonly [token: Uint8Array, rank: number]>;
  /** Regular expression whose matches are the pieces. */
  readonly pattern: string;
  readonly specialTokens?: Readonly<Record<string, number>>;
}

/**
 * Text to ids and back by ranks of byte sequences.
 *
 * @throws {FormatError} for a pattern that is malformed, and for ranks that lack one of the 256 bytes
 * @remarks Python: `tiktoken.Encoding`, the same ids.
 */
export class TiktokenEncoding {
  readonly pattern: string;
  readonly specialTokens: Readonly<Record<string, number>>;
  readonly #ranks = new Map<string, number>();
  readonly #tokens = new Map<number, Uint8Array>();
  readonly #bpe: ByteBpe;
  readonly #encode: Encode;
  /** Ids of the text at hand; kept, because a new list for each short text costs more than the text. */
  readonly #out = new IdList();

  constructor({ ranks, pattern, specialTokens = {} }: TiktokenOptions) {
    this.pattern = pattern;
    this.specialTokens = { ...specialTokens };
    for (const [token, rank] of ranks) {
      this.#ranks.set(keyOf(token), rank);
      this.#tokens.set(rank, token);
    }
    for (const [token, id] of Object.entries(this.specialTokens)) this.#tokens.set(id, utf8(token));
    const byteIds = Int32Array.from({ length: 256 }, (_, byte) => {
      const rank = this.#ranks.get(String.fromCharCode(byte));
      if (rank === undefined) throw new FormatError(`ranks must hold every byte, and lack ${byte}`, { parameter: 'ranks', received: byte });
      return rank;
    });
    const vocabulary: ByteVocabulary = { byteIds, merges: mergesOfRanks(this.#ranks), whole: bytes => this.#ranks.get(keyOf(bytes)) };
    this.#bpe = new ByteBpe(vocabulary);
    this.#encode = encodeBy(pattern);
  }

  /** Ranks and special tokens. */
  get vocabSize(): number {
    return this.#tokens.size;
  }

  /**
   * Ids of a text.
   *
   * @throws {ValidationError} for a special token that is not allowed; allow it, or pass `disallowedSpecial: []` to take it as text
   * @remarks Python: `Encoding.encode`.
   */
  encode(text: string, { allowedSpecial = [], disallowedSpecial = 'all' }: SpecialOptions = {}): Uint32Array {
    const names = Object.keys(this.specialTokens);
    const allowed = allowedSpecial === 'all' ? names : allowedSpecial;
    const refused = disallowedSpecial === 'all' ? names.filter(name => !allowed.includes(name)) : disallowedSpecial;
    const found = refused.find(name => text.includes(name));
    if (found !== undefined)
      throw new ValidationError(`text holds the special token ${show(found)}: name it in allowedSpecial, or leave it out of disallowedSpecial`, {
        parameter: 'text',
        received: found,
      });
    const out = this.#out;
    out.length = 0;
    for (let at = 0; at < text.length; ) {
      let [next, name] = [text.length, ''];
      for (const each of allowed) {
        const place = text.indexOf(each, at);
        if (place >= 0 && place < next) [next, name] = [place, each];
      }
      this.#encode(text.slice(at, next), this.#bpe, out);
      if (name !== '') out.push(this.specialTokens[name]!);
      at = next + name.length;
    }
    return out.take();
  }

  /** Ids of a text whose special tokens are nothing special. */
  encodeOrdinary(text: string): Uint32Array {
    this.#out.length = 0;
    this.#encode(text, this.#bpe, this.#out);
    return this.#out.take();
  }

  /** Id of a text or of bytes that are one token. @throws {NotFoundError} when they are not */
  encodeSingleToken(token: string | Uint8Array): number {
    const bytes = typeof token === 'string' ? utf8(token) : token;
    const special = typeof token === 'string' && Object.hasOwn(this.specialTokens, token) ? this.specialTokens[token] : undefined;
    const id = this.#ranks.get(keyOf(bytes)) ?? special;
    if (id === undefined) throw new NotFoundError(`${show(token)} is not one token`, { parameter: 'token', received: token });
    return id;
  }

  /** Bytes of a token. @throws {NotFoundError} for an id that stands for none */
  decodeSingleTokenBytes(id: number): Uint8Array {
    const bytes = this.#tokens.get(id);
    if (bytes === undefined) throw new NotFoundError(`no token has the id ${id}`, { parameter: 'id', received: id });
    return bytes;
  }

  /** Bytes of ids in a row. */
  decodeBytes(ids: Iterable<number>): Uint8Array {
    return Uint8Array.from(Array.from(ids, id => [...this.decodeSingleTokenBytes(id)]).flat());
  }

  /** Text of ids; bytes that are no text become U+FFFD. */
  decode(ids: Iterable<number>): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.decodeBytes(ids));
  }

  /** Text of ids, and where each token begins in it, in code points. @remarks Python: `Encoding.decode_with_offsets`. */
  decodeWithOffsets(ids: Iterable<number>): { readonly text: string; readonly offsets: number[] } {
    const tokens = Array.from(ids, id => this.decodeSingleTokenBytes(id));
    let length = 0;
    const continues = (byte: number): boolean => byte >= 0x80 && byte < 0xc0;
    const offsets = tokens.map(token => {
      const start = Math.max(0, length - (token.length > 0 && continues(token[0]!) ? 1 : 0));
      for (const byte of token) if (!continues(byte)) length++;
      return start;
    });
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(tokens.flatMap(token => [...token]))), offsets };
  }
}

/**
 * Ranks of a `.tiktoken` file: in each line a token in base 64, a blank and its rank.
 *
 * @throws {FormatError} with the line that is malformed
 * @example [...readTiktokenRanks('IQ== 0')] // => [[new Uint8Array([33]), 0]]
 */
export function* readTiktokenRanks(source: string): Generator<readonly [token: Uint8Array, rank: number]> {
  let line = 0;
  for (const text of source.split('\n')) {
    line++;
    if (text.trim() === '') continue;
    const match = /^((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?) (\d{1,9})\s*$/.exec(text);
    if (match === null)
      throw new FormatError(`tiktoken ranks: line ${line} must be base 64, a blank and a rank, got ${show(text.slice(0, 60))}`, {
        parameter: 'source',
        received: text,
      });
    yield [Uint8Array.from(atob(match[1]!), character => character.charCodeAt(0)), Number(match[2])];
  }
}

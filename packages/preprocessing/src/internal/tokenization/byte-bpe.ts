/** Byte-level BPE for ids alone: pieces of a text are cut by a scanner, and those that were met before are looked up. */

import { utf8 } from './byte-level.js';
import { type MergeTable, mergeSymbols } from './merges.js';
import { pieceEnd, type ScanRules, Units } from './scanner.js';

/** Slots of the table of pieces, and how full it may get before it is emptied. */
const SLOTS = 1 << 17;
const MOST_PIECES = SLOTS / 2;
const ARENA = 1 << 21;
/** Units of the longest piece that is kept. */
const LONGEST = 128;

/** Ids of a unit at most: one for each byte of UTF-8. */
const MOST_IDS_EACH = 3;

/** Ids as they are found. */
export class IdList {
  data: Uint32Array = new Uint32Array(1024);
  length = 0;

  reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Uint32Array(Math.max(this.data.length * 2, this.length + more));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  push(id: number): void {
    this.reserve(1);
    this.data[this.length++] = id;
  }

  /** The ids, after which the list is empty. */
  take(): Uint32Array {
    const ids = this.data.slice(0, this.length);
    this.length = 0;
    return ids;
  }
}

/** What a piece is made of. */
export interface ByteVocabulary {
  /** Id of each byte, -1 where the vocabulary lacks it. */
  readonly byteIds: Int32Array;
  readonly merges: MergeTable;
  /** Id of a piece that is a token as it stands, whatever the merges say; null where that is not asked. */
  readonly whole: ((bytes: Uint8Array) => number | undefined) | null;
}

/** Encodes texts to ids. */
export class ByteBpe {
  readonly #vocabulary: ByteVocabulary;
  /** Four numbers for each slot, side by side in memory: hash, start in the arena and one (0 for a free slot), length and count, first id. */
  readonly #entries: Int32Array = new Int32Array(4 * SLOTS);
  readonly #arena: Uint16Array = new Uint16Array(ARENA);
  readonly #ids: Int32Array = new Int32Array(ARENA);
  readonly #units: Units = new Units();
  #used = 0;
  #idsUsed = 0;
  #pieces = 0;

  constructor(vocabulary: ByteVocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Adds the ids of a text that is cut by the rules of a scanner. */
  encodeByRules(text: string, rules: ScanRules, out: IdList): void {
    const units = this.#units;
    units.load(text);
    out.reserve(MOST_IDS_EACH * text.length);
    for (let at = 0; at < units.length; ) {
      const end = pieceEnd(units, at, rules);
      this.#encodePiece(text, at, end, out);
      at = end;
    }
  }

  /** Adds the ids of the pieces of a text whose places are given. */
  encodePlaces(text: string, places: readonly (readonly [start: number, end: number])[], out: IdList): void {
    this.#units.load(text);
    out.reserve(MOST_IDS_EACH * text.length);
    for (const [start, end] of places) this.#encodePiece(text, start, end, out);
  }

  #encodePiece(text: string, start: number, end: number, out: IdList): void {
    const length = end - start;
    if (length > LONGEST) {
      this.#merge(text.slice(start, end), out);
      return;
    }
    const { data } = this.#units;
    let hash = length;
    let next = start;
    for (; next + 1 < end; next += 2) hash = Math.imul(hash ^ (data[next]! | (data[next + 1]! << 16)), 0x9e3779b1);
    if (next < end) hash = Math.imul(hash ^ data[next]!, 0x9e3779b1);
    hash ^= hash >>> 15;
    const [entries, arena] = [this.#entries, this.#arena];
    let slot = (hash & (SLOTS - 1)) * 4;
    for (; entries[slot + 1] !== 0; slot = (slot + 4) & (4 * SLOTS - 1)) {
      if (entries[slot] !== hash || (entries[slot + 2]! & 0xff) !== length) continue;
      const from = entries[slot + 1]! - 1 - start;
      let i = start;
      while (i < end && arena[from + i] === data[i]) i++;
      if (i < end) continue;
      const count = entries[slot + 2]! >>> 8;
      let id = entries[slot + 3]!;
      // One id stands in the slot itself, more of them in a list.
      if (count === 1) out.data[out.length++] = id;
      else for (const last = id + count; id < last; id++) out.data[out.length++] = this.#ids[id]!;
      return;
    }
    const before = out.length;
    this.#merge(text.slice(start, end), out);
    this.#keep(slot, hash, start, length, out, before);
  }

  #keep(slot: number, hash: number, start: number, length: number, out: IdList, before: number): void {
    const count = out.length - before;
    if (this.#pieces >= MOST_PIECES || this.#used + length > ARENA || this.#idsUsed + count > ARENA) {
      this.#entries.fill(0);
      [this.#used, this.#idsUsed, this.#pieces] = [0, 0, 0];
      return;
    }
    const entries = this.#entries;
    entries[slot] = hash;
    entries[slot + 1] = this.#used + 1;
    entries[slot + 2] = length | (count << 8);
    entries[slot + 3] = count === 1 ? out.data[before]! : this.#idsUsed;
    for (let i = 0; i < length; i++) this.#arena[this.#used++] = this.#units.data[start + i]!;
    if (count !== 1) for (let i = before; i < out.length; i++) this.#ids[this.#idsUsed++] = out.data[i]!;
    this.#pieces++;
  }

  #merge(piece: string, out: IdList): void {
    const bytes = utf8(piece);
    const whole = this.#vocabulary.whole?.(bytes);
    if (whole !== undefined) {
      out.data[out.length++] = whole;
      return;
    }
    const symbols = { ids: [] as number[], lengths: [] as number[] };
    for (const byte of bytes) {
      const id = this.#vocabulary.byteIds[byte]!;
      if (id < 0) continue;
      symbols.ids.push(id);
      symbols.lengths.push(1);
    }
    mergeSymbols(symbols, this.#vocabulary.merges);
    for (const id of symbols.ids) out.data[out.length++] = id;
  }
}

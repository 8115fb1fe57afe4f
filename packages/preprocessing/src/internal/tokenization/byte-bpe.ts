/** Byte-level BPE for ids alone: pieces of a text are cut by a scanner, and those that were met before are looked up. */

import { utf8 } from './byte-level.js';
import { type MergeTable, mergeSymbols } from './merges.js';
import { pieceEnd, type ScanRules, Units } from './scanner.js';
import { grown } from './token-table.js';

/** Slots of the table of pieces, and how full it may get before it is emptied. */
const SLOTS = 1 << 17;
const MOST_PIECES = SLOTS / 2;
const ARENA = 1 << 21;
/** Units of the longest piece that is kept. */
const LONGEST = 128;
/** Units of a piece that is kept in its slot, where none is above 255. */
const SHORT = 8;
/** In what a slot says of its piece: set where the piece stands in the arena. */
const IN_ARENA = 1 << 8;
const COUNT_SHIFT = 9;

/** Ids of a unit at most: one for each byte of UTF-8. */
const MOST_IDS_EACH = 3;

/** Ids as they are found. */
export class IdList {
  data: Uint32Array = new Uint32Array(1024);
  length = 0;

  reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    this.data = grown(this.data, this.length + more);
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

/** Whether a unit is a letter of ASCII. */
const isLetter = (unit: number): boolean => ((unit | 0x20) - 0x61) >>> 0 < 26;

/** Encodes texts to ids. */
export class ByteBpe {
  readonly #vocabulary: ByteVocabulary;
  /**
   * Four numbers for each slot, side by side in memory: two for the piece, its units or hash and start in the arena; length, where it stands
   * and count of ids (0 for a free slot); the first id.
   */
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
      const word = this.#encodeWord(text, at, out);
      if (word > 0) at = word;
      else {
        const end = pieceEnd(units, at, rules);
        this.#encodePiece(text, at, end, out);
        at = end;
      }
    }
  }

  /** Encodes letters of ASCII, a blank before them or not: a piece of every pattern. 0, and nothing is done, where something else stands there. */
  #encodeWord(text: string, start: number, out: IdList): number {
    const { data } = this.#units;
    let at = start;
    let unit = data[at]!;
    let first = 0;
    let second = 0;
    let shift = 0;
    if (unit === 0x20) {
      first = unit;
      shift = 8;
      unit = data[++at]!;
    }
    const letters = at;
    for (; isLetter(unit) && shift < 32; shift += 8) {
      first |= unit << shift;
      unit = data[++at]!;
    }
    for (shift = 0; isLetter(unit) && shift < 32; shift += 8) {
      second |= unit << shift;
      unit = data[++at]!;
    }
    while (isLetter(unit)) unit = data[++at]!;
    // Letters beyond ASCII may go on with the word.
    if (at === letters || unit > 0x7f) return 0;
    if (at - start <= SHORT) this.#encodeShort(text, start, at, first, second, out);
    else this.#encodePiece(text, start, at, out);
    return at;
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
    if (length <= SHORT) {
      let first = 0;
      let second = 0;
      let all = 0;
      const middle = Math.min(end, start + 4);
      for (let i = start, shift = 0; i < middle; i++, shift += 8) {
        all |= data[i]!;
        first |= data[i]! << shift;
      }
      for (let i = middle, shift = 0; i < end; i++, shift += 8) {
        all |= data[i]!;
        second |= data[i]! << shift;
      }
      if (all < 256) {
        this.#encodeShort(text, start, end, first, second, out);
        return;
      }
    }
    this.#encodeLong(text, start, end, out);
  }

  #encodeShort(text: string, start: number, end: number, first: number, second: number, out: IdList): void {
    const entries = this.#entries;
    const length = end - start;
    const hash = Math.imul(Math.imul(first, 0x9e3779b1) ^ second ^ length, 0x85ebca6b);
    let slot = ((hash ^ (hash >>> 15)) & (SLOTS - 1)) * 4;
    for (; entries[slot + 2] !== 0; slot = (slot + 4) & (4 * SLOTS - 1)) {
      if (entries[slot] !== first || entries[slot + 1] !== second || (entries[slot + 2]! & (2 * IN_ARENA - 1)) !== length) continue;
      this.#put(slot, out);
      return;
    }
    const before = out.length;
    this.#merge(text.slice(start, end), out);
    this.#keep(slot, first, second, length, out, before);
  }

  #encodeLong(text: string, start: number, end: number, out: IdList): void {
    const { data } = this.#units;
    const length = end - start;
    let hash = length;
    let next = start;
    for (; next + 1 < end; next += 2) hash = Math.imul(hash ^ (data[next]! | (data[next + 1]! << 16)), 0x9e3779b1);
    if (next < end) hash = Math.imul(hash ^ data[next]!, 0x9e3779b1);
    hash ^= hash >>> 15;
    const entries = this.#entries;
    const arena = this.#arena;
    let slot = (hash & (SLOTS - 1)) * 4;
    for (; entries[slot + 2] !== 0; slot = (slot + 4) & (4 * SLOTS - 1)) {
      if (entries[slot] !== hash || (entries[slot + 2]! & (2 * IN_ARENA - 1)) !== (length | IN_ARENA)) continue;
      const from = entries[slot + 1]! - start;
      let i = start;
      while (i < end && arena[from + i] === data[i]) i++;
      if (i < end) continue;
      this.#put(slot, out);
      return;
    }
    const before = out.length;
    this.#merge(text.slice(start, end), out);
    const place = this.#used;
    if (!this.#keep(slot, hash, place, length | IN_ARENA, out, before)) return;
    for (let i = 0; i < length; i++) arena[place + i] = data[start + i]!;
    this.#used = place + length;
  }

  /** Adds the ids of a slot: one id stands in the slot itself, more of them in a list. */
  #put(slot: number, out: IdList): void {
    const count = this.#entries[slot + 2]! >>> COUNT_SHIFT;
    let id = this.#entries[slot + 3]!;
    if (count === 1) out.data[out.length++] = id;
    else for (const last = id + count; id < last; id++) out.data[out.length++] = this.#ids[id]!;
  }

  /** Keeps a piece and its ids, which were added last; false, and the table is empty, where there was no room. */
  #keep(slot: number, first: number, second: number, shape: number, out: IdList, before: number): boolean {
    const count = out.length - before;
    if (this.#pieces >= MOST_PIECES || this.#used + LONGEST > ARENA || this.#idsUsed + count > ARENA) {
      this.#entries.fill(0);
      [this.#used, this.#idsUsed, this.#pieces] = [0, 0, 0];
      return false;
    }
    const entries = this.#entries;
    entries[slot] = first;
    entries[slot + 1] = second;
    entries[slot + 2] = shape | (count << COUNT_SHIFT);
    entries[slot + 3] = count === 1 ? out.data[before]! : this.#idsUsed;
    if (count !== 1) for (let i = before; i < out.length; i++) this.#ids[this.#idsUsed++] = out.data[i]!;
    this.#pieces++;
    return true;
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

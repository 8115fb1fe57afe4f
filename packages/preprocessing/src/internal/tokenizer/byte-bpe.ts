/** Byte-level BPE for ids alone: pieces of a text are cut by a scanner, and those that were met before are looked up. */

import { utf8 } from './byte-level.js';
import { type MergeTable, mergeSymbols } from './merges.js';

/** Cuts a text: where the piece that begins at a place ends. */
export type PieceEnd = (text: string, start: number) => number;

/** Slots of the table of pieces, and how full it may get before it is emptied. */
const SLOTS = 1 << 17;
const MOST_PIECES = SLOTS / 2;
const ARENA = 1 << 21;
/** Units of the longest piece that is kept. */
const LONGEST = 128;

/** Ids as they are found. */
export class IdList {
  data: Int32Array = new Int32Array(1024);
  length = 0;

  reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Int32Array(Math.max(this.data.length * 2, this.length + more));
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }

  push(id: number): void {
    this.reserve(1);
    this.data[this.length++] = id;
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
  readonly #hashes: Int32Array = new Int32Array(SLOTS);
  /** Where a piece's units begin in the arena; -1 for a free slot. */
  readonly #starts: Int32Array = new Int32Array(SLOTS).fill(-1);
  readonly #lengths: Uint8Array = new Uint8Array(SLOTS);
  readonly #idStarts: Int32Array = new Int32Array(SLOTS);
  readonly #idCounts: Uint16Array = new Uint16Array(SLOTS);
  readonly #arena: Uint16Array = new Uint16Array(ARENA);
  readonly #ids: Int32Array = new Int32Array(ARENA);
  #used = 0;
  #idsUsed = 0;
  #pieces = 0;

  constructor(vocabulary: ByteVocabulary) {
    this.#vocabulary = vocabulary;
  }

  /** Adds the ids of a stretch of a text. */
  encode(text: string, start: number, end: number, pieceEnd: PieceEnd, out: IdList): void {
    out.reserve(end - start + 8);
    for (let at = start; at < end; ) {
      const next = pieceEnd(text, at);
      if (next - at <= LONGEST) this.#known(text, at, next, out);
      else this.#merge(text.slice(at, next), out);
      at = next;
    }
  }

  #known(text: string, start: number, end: number, out: IdList): void {
    const length = end - start;
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash ^= hash >>> 15;
    const [hashes, starts, arena] = [this.#hashes, this.#starts, this.#arena];
    let slot = hash & (SLOTS - 1);
    for (; starts[slot] !== -1; slot = (slot + 1) & (SLOTS - 1)) {
      if (hashes[slot] !== hash || this.#lengths[slot] !== length) continue;
      const from = starts[slot]!;
      let i = 0;
      while (i < length && arena[from + i] === text.charCodeAt(start + i)) i++;
      if (i < length) continue;
      const first = this.#idStarts[slot]!;
      const count = this.#idCounts[slot]!;
      out.reserve(count);
      for (let k = 0; k < count; k++) out.data[out.length++] = this.#ids[first + k]!;
      return;
    }
    const before = out.length;
    this.#merge(text.slice(start, end), out);
    this.#keep(slot, hash, text, start, length, out, before);
  }

  #keep(slot: number, hash: number, text: string, start: number, length: number, out: IdList, before: number): void {
    const count = out.length - before;
    if (this.#pieces >= MOST_PIECES || this.#used + length > ARENA || this.#idsUsed + count > ARENA) {
      this.#starts.fill(-1);
      [this.#used, this.#idsUsed, this.#pieces] = [0, 0, 0];
      return;
    }
    this.#hashes[slot] = hash;
    this.#starts[slot] = this.#used;
    this.#lengths[slot] = length;
    this.#idStarts[slot] = this.#idsUsed;
    this.#idCounts[slot] = count;
    for (let i = 0; i < length; i++) this.#arena[this.#used++] = text.charCodeAt(start + i);
    for (let i = before; i < out.length; i++) this.#ids[this.#idsUsed++] = out.data[i]!;
    this.#pieces++;
  }

  #merge(piece: string, out: IdList): void {
    const bytes = utf8(piece);
    const whole = this.#vocabulary.whole?.(bytes);
    if (whole !== undefined) {
      out.push(whole);
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
    out.reserve(symbols.ids.length);
    for (const id of symbols.ids) out.data[out.length++] = id;
  }
}

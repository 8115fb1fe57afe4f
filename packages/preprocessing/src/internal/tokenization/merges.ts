/** Joins pairs of symbols, the pair of the lowest rank first (Sennrich et al. 2016), in time that a long word does not square. */

/** Ranks and results of pairs of ids, in an open-addressing table. */
export class MergeTable {
  readonly #mask: number;
  /** Four numbers for each slot, side by side in memory: left (-1 for a free slot), right, rank, result. */
  readonly #slots: Int32Array;

  constructor(size: number) {
    const capacity = 1 << Math.max(4, Math.ceil(Math.log2(size * 2 + 1)));
    this.#mask = 4 * capacity - 1;
    this.#slots = new Int32Array(4 * capacity).fill(-1);
  }

  /** Slot of a pair, or of the place where it would be. */
  #slot(left: number, right: number): number {
    const slots = this.#slots;
    let slot = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b);
    slot = ((slot ^ (slot >>> 15)) << 2) & this.#mask;
    while (slots[slot] !== -1 && (slots[slot] !== left || slots[slot + 1] !== right)) slot = (slot + 4) & this.#mask;
    return slot;
  }

  /** Of a pair that is given twice, the last one counts. */
  set(left: number, right: number, rank: number, id: number): void {
    const slot = this.#slot(left, right);
    this.#slots[slot] = left;
    this.#slots[slot + 1] = right;
    this.#slots[slot + 2] = rank;
    this.#slots[slot + 3] = id;
  }

  /** Slot of a pair, -1 where it does not join. */
  find(left: number, right: number): number {
    const slot = this.#slot(left, right);
    return this.#slots[slot] === -1 ? -1 : slot;
  }

  rankAt(slot: number): number {
    return this.#slots[slot + 2]!;
  }

  idAt(slot: number): number {
    return this.#slots[slot + 3]!;
  }
}

/** Symbols of a word: ids and what each takes of the word. */
export interface Symbols {
  readonly ids: number[];
  readonly lengths: number[];
}

/** Words up to this many symbols are searched anew for each pair, longer ones keep a heap. */
const SHORT = 48;

/**
 * Joins pairs in place until none is left.
 *
 * @param drop asked before each join; one that is dropped is tried again after the next join (BPE-dropout, Provilkov et al. 2020)
 */
export function mergeSymbols(symbols: Symbols, table: MergeTable, drop: (() => boolean) | null = null): void {
  if (drop === null && symbols.ids.length <= SHORT) mergeShort(symbols, table);
  else mergeLong(symbols, table, drop);
}

function mergeShort({ ids, lengths }: Symbols, table: MergeTable): void {
  for (;;) {
    let best = -1;
    let place = 0;
    for (let i = 0; i + 1 < ids.length; i++) {
      const slot = table.find(ids[i]!, ids[i + 1]!);
      if (slot >= 0 && (best < 0 || table.rankAt(slot) < table.rankAt(best))) [best, place] = [slot, i];
    }
    if (best < 0) return;
    ids[place] = table.idAt(best);
    lengths[place] = lengths[place]! + lengths[place + 1]!;
    ids.splice(place + 1, 1);
    lengths.splice(place + 1, 1);
  }
}

/** Joins that may come, the lowest rank and then the leftmost first. */
class Candidates {
  readonly #ranks: number[] = [];
  readonly #places: number[] = [];
  readonly #ids: number[] = [];

  get length(): number {
    return this.#ranks.length;
  }

  #before(i: number, j: number): boolean {
    return this.#ranks[i]! < this.#ranks[j]! || (this.#ranks[i] === this.#ranks[j] && this.#places[i]! < this.#places[j]!);
  }

  #swap(i: number, j: number): void {
    for (const list of [this.#ranks, this.#places, this.#ids]) [list[i], list[j]] = [list[j]!, list[i]!];
  }

  push(rank: number, place: number, id: number): void {
    let i = this.#ranks.push(rank) - 1;
    this.#places.push(place);
    this.#ids.push(id);
    for (let parent = (i - 1) >> 1; i > 0 && this.#before(i, parent); i = parent, parent = (i - 1) >> 1) this.#swap(i, parent);
  }

  pop(): readonly [rank: number, place: number, id: number] {
    this.#swap(0, this.length - 1);
    const top = [this.#ranks.pop()!, this.#places.pop()!, this.#ids.pop()!] as const;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < this.length && this.#before(child, least)) least = child;
      if (least === i) return top;
      this.#swap(i, least);
      i = least;
    }
  }
}

function mergeLong({ ids, lengths }: Symbols, table: MergeTable, drop: (() => boolean) | null): void {
  const count = ids.length;
  const next = Int32Array.from({ length: count }, (_, i) => (i + 1 < count ? i + 1 : -1));
  const previous = Int32Array.from({ length: count }, (_, i) => i - 1);
  const gone = new Uint8Array(count);
  const candidates = new Candidates();
  const offer = (place: number): void => {
    const right = place < 0 ? -1 : next[place]!;
    const slot = right < 0 ? -1 : table.find(ids[place]!, ids[right]!);
    if (slot >= 0) candidates.push(table.rankAt(slot), place, table.idAt(slot));
  };
  for (let i = 0; i + 1 < count; i++) offer(i);
  const skipped: (readonly [rank: number, place: number, id: number])[] = [];
  while (candidates.length > 0) {
    const top = candidates.pop();
    if (drop?.() === true) {
      skipped.push(top);
      continue;
    }
    for (const [rank, place, id] of skipped.splice(0)) candidates.push(rank, place, id);
    const [, place, id] = top;
    const right = next[place]!;
    if (gone[place] === 1 || right < 0) continue;
    const slot = table.find(ids[place]!, ids[right]!);
    // What stood there when the join was offered may have been joined otherwise since.
    if (slot < 0 || table.idAt(slot) !== id) continue;
    ids[place] = id;
    lengths[place] = lengths[place]! + lengths[right]!;
    gone[right] = 1;
    next[place] = next[right]!;
    if (next[right]! >= 0) previous[next[right]!] = place;
    offer(previous[place]!);
    offer(place);
  }
  let kept = 0;
  for (let i = 0; i < count; i++) {
    if (gone[i] === 1) continue;
    ids[kept] = ids[i]!;
    lengths[kept++] = lengths[i]!;
  }
  ids.length = kept;
  lengths.length = kept;
}

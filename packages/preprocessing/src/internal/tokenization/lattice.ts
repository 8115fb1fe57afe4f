/** The ways to put pieces into a word, and the most probable of them by Viterbi (Kudo 2018). */
import { Trie } from './trie.js';

/** How much worse an unknown character is than the worst piece. */
export const UNKNOWN_PENALTY = 10;

/** A piece and its log probability. */
export type Scored = readonly [piece: string, score: number];

/** The best way to each place of a word: where its last piece begins, and that piece. */
export interface BestWays {
  readonly from: Int32Array;
  readonly ids: Int32Array;
}

/** Pieces, with their scores, and the ways that they cut a word. */
export class Lattice {
  readonly pieces: readonly Scored[];
  readonly #trie = new Trie();
  readonly #unknownScore: number;
  readonly #unknownId: (word: string, start: number, end: number) => number;

  /**
   * @param unknownId the piece that stands for a character that no piece is
   * @param first the first piece that may stand in a word; those before it only have names
   */
  constructor(pieces: readonly Scored[], unknownId: (word: string, start: number, end: number) => number, first = 0) {
    this.pieces = pieces;
    this.#unknownId = unknownId;
    let least = Number.POSITIVE_INFINITY;
    pieces.forEach(([piece, score], id) => {
      if (id < first) return;
      this.#trie.set(piece, id);
      least = Math.min(least, score);
    });
    this.#unknownScore = least - UNKNOWN_PENALTY;
  }

  /** Calls `visit` for each piece that may stand in a word, by where it begins. */
  each(word: string, visit: (start: number, end: number, id: number, score: number) => void): void {
    for (let start = 0; start < word.length; ) {
      const width = word.codePointAt(start)! > 0xffff ? 2 : 1;
      let single = false;
      for (let node = 0, end = start; end < word.length; ) {
        node = this.#trie.step(node, word.charCodeAt(end++));
        if (node < 0) break;
        const id = this.#trie.valueAt(node);
        if (id < 0) continue;
        visit(start, end, id, this.pieces[id]![1]);
        single ||= end - start === width;
      }
      if (!single) visit(start, start + width, this.#unknownId(word, start, start + width), this.#unknownScore);
      start += width;
    }
  }

  /** The best ways through a word; without the word itself as a piece when `whole` is false. */
  bestWays(word: string, whole = true): BestWays {
    const scores = new Float64Array(word.length + 1);
    const from = new Int32Array(word.length + 1).fill(-1);
    const ids = new Int32Array(word.length + 1);
    this.each(word, (start, end, id, score) => {
      if ((start > 0 && from[start] === -1) || (!whole && start === 0 && end === word.length)) return;
      const total = scores[start]! + score;
      if (from[end] !== -1 && total <= scores[end]!) return;
      scores[end] = total;
      from[end] = start;
      ids[end] = id;
    });
    return { from, ids };
  }
}

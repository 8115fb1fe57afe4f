/** The Unigram model of `tokenizer.json`: the most probable pieces of a word, by Viterbi (Kudo 2018). */
import { FormatError, show, ValidationError } from '@gtc/errors';
import { utf8 } from './byte-level.js';
import { countAt, flagAt, type JsonRecord, listAt, numberAt, refuse, textAt } from './json.js';
import { Lattice, type Scored } from './lattice.js';
import { byteLength, byteToken, type Model, type Piece, Vocab } from './model.js';

/** Pieces with their log probabilities. */
export class Unigram implements Model {
  readonly type = 'Unigram';
  readonly vocabulary: Vocab;
  readonly pieces: readonly Scored[];
  readonly unkId: number | null;
  readonly byteFallback: boolean;
  readonly #lattice: Lattice;

  /** @throws {FormatError} when `unkId` is not one of the pieces */
  constructor(pieces: readonly Scored[], unkId: number | null, byteFallback = false) {
    if (unkId !== null && unkId >= pieces.length)
      throw new FormatError(`tokenizer: model.unk_id must be below ${pieces.length}, the number of pieces, got ${unkId}`, {
        parameter: 'model.unk_id',
        received: unkId,
      });
    this.pieces = pieces;
    this.unkId = unkId;
    this.byteFallback = byteFallback;
    this.vocabulary = Vocab.of(pieces.map(([piece]) => piece));
    this.#lattice = new Lattice(pieces, (word, start, end) => unkId ?? this.#unknown(word.slice(start, end)));
  }

  tokenize(word: string): Piece[] {
    const pieces: Piece[] = [];
    let start = 0;
    for (const text of this.segment(word)) {
      const end = start + byteLength(text);
      const id = this.vocabulary.idOf(text);
      const bytes =
        id === undefined && this.byteFallback ? Array.from(utf8(text), byte => [byteToken(byte), this.vocabulary.idOf(byteToken(byte))] as const) : [];
      if (bytes.length > 0 && bytes.every(([, byte]) => byte !== undefined))
        for (const [token, byte] of bytes) pieces.push({ id: byte!, text: token, start, end });
      else pieces.push({ id: id ?? this.#unknown(text), text, start, end });
      start = end;
    }
    return pieces;
  }

  #unknown(text: string): number {
    if (this.unkId === null)
      throw new ValidationError(`${show(text)} is not in the vocabulary, and the model has no unknown piece`, { parameter: 'text', received: text });
    return this.unkId;
  }

  /** The best way through a word; unknown characters in a row are one piece. */
  segment(word: string): string[] {
    const { from, ids } = this.#lattice.bestWays(word);
    const segments: string[] = [];
    let unknownEnd = -1;
    for (let end = word.length; end > 0; end = from[end]!) {
      const start = from[end]!;
      if (ids[end] === this.unkId) {
        if (unknownEnd < 0) unknownEnd = end;
        if (start > 0 && ids[start] === this.unkId) continue;
        segments.push(word.slice(start, unknownEnd));
        unknownEnd = -1;
      } else segments.push(word.slice(start, end));
    }
    return segments.reverse();
  }

  toJson(): JsonRecord {
    return { type: 'Unigram', unk_id: this.unkId, vocab: this.pieces, byte_fallback: this.byteFallback };
  }
}

/** Reads a Unigram model. @throws {FormatError} naming the part that is wrong */
export function unigramAt(json: JsonRecord, path: string): Unigram {
  const pieces = listAt(json['vocab'], `${path}.vocab`).map((item, i) => {
    const place = `${path}.vocab[${i}]`;
    const pair = listAt(item, place);
    if (pair.length !== 2) return refuse(place, 'a piece and its score', item);
    return [textAt(pair[0], place), numberAt(pair[1], place)] as const;
  });
  const unkId = json['unk_id'] ?? null;
  return new Unigram(pieces, unkId === null ? null : countAt(unkId, `${path}.unk_id`), flagAt(json['byte_fallback'], `${path}.byte_fallback`, false));
}

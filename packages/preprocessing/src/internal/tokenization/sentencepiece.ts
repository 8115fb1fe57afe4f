/** Models of SentencePiece, run as its own library runs them (Kudo & Richardson 2018). */
import { show, ValidationError } from '@gtc/errors';
import { utf8 } from './byte-level.js';
import { UNKNOWN_PENALTY } from './lattice.js';
import { byteToken } from './model.js';
import { type ModelPiece, type PieceType, readSentencePiece, type SentencePieceFile } from './sentencepiece-file.js';
import { normalizeBytes, SPACE_MARK, widthOf } from './sentencepiece-normalize.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as the units of a text, to be cut and looked up. */
const latin = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
};
const textOf = (units: string): string => decoder.decode(Uint8Array.from(units, unit => unit.charCodeAt(0)));

/** A piece of a text: what it is, and the bytes of the original that it stands for. */
export interface SentencePiece {
  readonly piece: string;
  readonly id: number;
  readonly surface: string;
  /** In bytes of UTF-8. */
  readonly begin: number;
  readonly end: number;
}

/** Which marks are put around ids. */
export interface SentencePieceOptions {
  readonly addBos?: boolean;
  readonly addEos?: boolean;
}

type Cut = readonly (readonly [units: string, id: number])[];

/**
 * A `.model` file at work.
 *
 * @throws {FormatError} for bytes that are no model
 * @remarks Python: `sentencepiece.SentencePieceProcessor`, the same ids, pieces and places.
 */
export class SentencePieceModel {
  readonly #file: SentencePieceFile;
  /** Ids by the bytes of each piece that text may become. */
  readonly #ids = new Map<string, number>();
  readonly #reserved = new Map<string, number>();
  /** Pieces that are never cut, the longest first. */
  readonly #whole: readonly string[];
  readonly #longest: number;
  readonly #least: number;
  readonly #most: number;

  constructor(bytes: Uint8Array) {
    this.#file = readSentencePiece(bytes);
    let [longest, least, most] = [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const whole: string[] = [];
    this.#file.pieces.forEach(({ piece, score, type }, id) => {
      const units = latin(utf8(piece));
      const isText = type === 'normal' || type === 'user_defined' || type === 'unused';
      (isText ? this.#ids : this.#reserved).set(units, id);
      if (isText) longest = Math.max(longest, units.length);
      if (type === 'normal') [least, most] = [Math.min(least, score), Math.max(most, score)];
      if (type === 'user_defined' && units !== '') whole.push(units);
    });
    this.#whole = whole.sort((a, b) => b.length - a.length);
    [this.#longest, this.#least, this.#most] = [longest, least, most];
  }

  get vocabSize(): number {
    return this.#file.pieces.length;
  }

  get pieces(): readonly ModelPiece[] {
    return this.#file.pieces;
  }

  /** Ids of the special pieces; -1 for one that the model does without. */
  get specialIds(): { readonly unk: number; readonly bos: number; readonly eos: number; readonly pad: number } {
    const { unkId, bosId, eosId, padId } = this.#file;
    return { unk: unkId, bos: bosId, eos: eosId, pad: padId };
  }

  /** @internal What the file says beside its pieces. */
  get file(): SentencePieceFile {
    return this.#file;
  }

  /** The text as the pieces spell it. @remarks Python: `normalize`. */
  normalize(text: string): string {
    return decoder.decode(this.#normalized(text).bytes);
  }

  /** Id of a piece, that of the unknown one where the model lacks it. */
  pieceToId(piece: string): number {
    const units = latin(utf8(piece));
    return this.#reserved.get(units) ?? this.#ids.get(units) ?? this.#file.unkId;
  }

  /** @throws {ValidationError} for an id that is out of range */
  idToPiece(id: number): string {
    return this.#at(id).piece;
  }

  #at(id: number): ModelPiece {
    const piece = this.#file.pieces[id];
    if (piece === undefined) throw new ValidationError(`id must be in [0, ${this.vocabSize}), got ${show(id)}`, { parameter: 'id', received: id });
    return piece;
  }

  #typeOf(id: number): PieceType {
    return this.#file.pieces[id]!.type;
  }

  /** Length of the piece at a place that is never cut, 0 for none. */
  #wholeAt(units: string, at: number): number {
    return this.#whole.find(piece => units.startsWith(piece, at))?.length ?? 0;
  }

  #normalized(text: string): ReturnType<typeof normalizeBytes> {
    const input = utf8(text);
    const units = this.#whole.length === 0 ? '' : latin(input);
    return normalizeBytes(input, this.#file, (_, at) => (units === '' ? 0 : this.#wholeAt(units, at)));
  }

  /** Ids of a text. @remarks Python: `encode`. */
  encode(text: string, { addBos = false, addEos = false }: SentencePieceOptions = {}): Uint32Array {
    const { bosId, eosId } = this.#file;
    const ids = this.encodeWithOffsets(text).map(({ id }) => id);
    return Uint32Array.from([...(addBos && bosId >= 0 ? [bosId] : []), ...ids, ...(addEos && eosId >= 0 ? [eosId] : [])]);
  }

  /** Pieces of a text with their places in its UTF-8. @remarks Python: `encode_as_immutable_proto`. */
  encodeWithOffsets(text: string): SentencePiece[] {
    const input = utf8(text);
    const { bytes, places } = this.#normalized(text);
    const units = latin(bytes);
    const out: SentencePiece[] = [];
    let used = 0;
    let afterUnknown = false;
    for (const [part, id] of this.#file.algorithm === 'bpe' || this.#file.algorithm === 'char' ? this.#join(units) : this.#best(units)) {
      const [begin, end] = [places[used]!, places[used + part.length]!];
      const surface = decoder.decode(input.subarray(begin, end));
      const unknown = id === this.#file.unkId;
      const last = out.at(-1);
      if (unknown && this.#file.byteFallback) {
        // The last byte of a character has its text, the others have none.
        [...part].forEach((unit, i) => {
          const piece = byteToken(unit.charCodeAt(0));
          const isLast = i === part.length - 1;
          out.push({ piece, id: this.pieceToId(piece), surface: isLast ? surface : '', begin, end: isLast ? end : begin });
        });
      } else if (unknown && afterUnknown && last !== undefined) {
        out[out.length - 1] = { ...last, piece: last.piece + textOf(part), surface: last.surface + surface, end };
      } else out.push({ piece: textOf(part), id, surface, begin, end });
      used += part.length;
      afterUnknown = unknown;
    }
    return out;
  }

  /** Score of a piece; one that is never cut beats all that it could be cut into. */
  #score(id: number, length: number): number {
    return this.#typeOf(id) === 'user_defined' ? length * this.#most - 0.1 : this.#file.pieces[id]!.score;
  }

  /** Pieces that may begin at a place, and the unknown one where no single character may. */
  *#candidates(units: string, start: number): Generator<readonly [end: number, id: number, score: number]> {
    const width = Math.min(widthOf(units.charCodeAt(start)), units.length - start);
    let single = false;
    for (let end = start + 1; end <= Math.min(units.length, start + this.#longest); end++) {
      const id = this.#ids.get(units.slice(start, end));
      if (id === undefined || this.#typeOf(id) === 'unused') continue;
      single ||= end - start === width;
      yield [end, id, this.#score(id, end - start)];
    }
    if (!single) yield [start + width, this.#file.unkId, this.#least - UNKNOWN_PENALTY];
  }

  /** The most probable pieces. */
  #best(units: string): Cut {
    const scores = new Float32Array(units.length + 1);
    const from = new Int32Array(units.length + 1).fill(-1);
    const ids = new Int32Array(units.length + 1);
    for (let start = 0; start < units.length; start++) {
      if (start > 0 && from[start] === -1) continue;
      for (const [end, id, score] of this.#candidates(units, start)) {
        const total = Math.fround(scores[start]! + Math.fround(score));
        if (from[end] !== -1 && total <= scores[end]!) continue;
        scores[end] = total;
        from[end] = start;
        ids[end] = id;
      }
    }
    const cut: [string, number][] = [];
    for (let end = units.length; end > 0; end = from[end]!) cut.push([units.slice(from[end]!, end), ids[end]!]);
    return cut.reverse();
  }

  /**
   * The most probable ways to cut a text, the best first.
   *
   * @returns for each the pieces and the sum of their scores
   * @remarks Python: `nbest_encode_as_immutable_proto`.
   */
  nbestEncode(text: string, count: number): { readonly pieces: string[]; readonly score: number }[] {
    const units = latin(this.#normalized(text).bytes);
    type Way = { readonly score: number; readonly start: number; readonly id: number; readonly before: Way | null };
    const ways: Way[][] = Array.from({ length: units.length + 1 }, () => []);
    ways[0]!.push({ score: 0, start: 0, id: -1, before: null });
    for (let start = 0; start < units.length; start++) {
      const here = ways[start]!.sort((a, b) => b.score - a.score).slice(0, count);
      for (const [end, id, score] of here.length === 0 ? [] : this.#candidates(units, start)) {
        for (const before of here) ways[end]!.push({ score: before.score + score, start, id, before });
      }
    }
    return ways[units.length]!.sort((a, b) => b.score - a.score)
      .slice(0, count)
      .map(way => {
        const pieces: string[] = [];
        let end = units.length;
        for (let at: Way = way; at.before !== null; at = at.before) {
          pieces.push(textOf(units.slice(at.start, end)));
          end = at.start;
        }
        return { pieces: pieces.reverse(), score: way.score };
      });
  }

  /** Characters joined pair by pair, the pair of the highest score first. */
  #join(units: string): Cut {
    const parts: string[] = [];
    const frozen: boolean[] = [];
    for (let at = 0; at < units.length; ) {
      const whole = this.#wholeAt(units, at);
      const length = whole > 0 ? whole : Math.min(widthOf(units.charCodeAt(at)), units.length - at);
      parts.push(units.slice(at, at + length));
      frozen.push(whole > 0);
      at += length;
    }
    const next = parts.map((_, i) => (i + 1 < parts.length ? i + 1 : -1));
    const previous = parts.map((_, i) => i - 1);
    const queue = new ScoreQueue();
    const unusedParts = new Map<string, readonly [string, string]>();
    const offer = (left: number, right: number): void => {
      if (left < 0 || right < 0 || frozen[left] || frozen[right]) return;
      const joined = parts[left]! + parts[right]!;
      const id = this.#ids.get(joined);
      if (id === undefined) return;
      queue.push(this.#file.pieces[id]!.score, left, right, joined.length);
      if (this.#typeOf(id) === 'unused') unusedParts.set(joined, [parts[left]!, parts[right]!]);
    };
    for (let i = 0; i + 1 < parts.length; i++) offer(i, i + 1);
    for (let top = queue.pop(); top !== null; top = queue.pop()) {
      const { left, right, length } = top;
      if (parts[left] === '' || parts[right] === '' || parts[left]!.length + parts[right]!.length !== length) continue;
      parts[left] += parts[right]!;
      parts[right] = '';
      next[left] = next[right]!;
      if (next[right]! >= 0) previous[next[right]!] = left;
      offer(previous[left]!, left);
      offer(left, next[left]!);
    }
    const cut: [string, number][] = [];
    // What is joined into a piece that is not to be used is taken apart again.
    const resolve = (part: string): void => {
      const id = this.#ids.get(part) ?? this.#file.unkId;
      const apart = this.#typeOf(id) === 'unused' ? unusedParts.get(part) : undefined;
      if (apart === undefined) cut.push([part, id]);
      else apart.forEach(resolve);
    };
    for (let i = parts.length === 0 ? -1 : 0; i >= 0; i = next[i]!) resolve(parts[i]!);
    return cut;
  }

  /** The text of ids. @throws {ValidationError} for an id that is out of range @remarks Python: `decode`. */
  decode(ids: Iterable<number>): string {
    const { addDummyPrefix, removeExtraWhitespaces, unkSurface } = this.#file;
    let text = '';
    let bytes: number[] = [];
    let atStart = true;
    const flush = (): void => {
      if (bytes.length > 0) text += decodeEach(bytes);
      bytes = [];
    };
    for (const id of ids) {
      const { piece, type } = this.#at(id);
      if (type === 'byte') {
        bytes.push(Number.parseInt(piece.slice(3, 5), 16));
        continue;
      }
      flush();
      if (text !== '') atStart = false;
      if (type === 'control') continue;
      if (type === 'unknown') {
        text += unkSurface;
        continue;
      }
      const marked = atStart && (addDummyPrefix || removeExtraWhitespaces) && piece.startsWith(SPACE_MARK);
      text += (marked ? piece.slice(1) : piece).replaceAll(SPACE_MARK, ' ');
      if (marked && !removeExtraWhitespaces) atStart = false;
    }
    flush();
    return text;
  }
}

/** Bytes as text; each that is part of no character becomes U+FFFD. */
function decodeEach(bytes: readonly number[]): string {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const width = widthOf(bytes[at]!);
    try {
      text += strict.decode(Uint8Array.from(bytes.slice(at, at + width)));
      at += width;
    } catch {
      text += '�';
      at++;
    }
  }
  return text;
}

/** Joins that may come, the highest score and then the leftmost first. */
class ScoreQueue {
  readonly #items: { readonly score: number; readonly left: number; readonly right: number; readonly length: number }[] = [];

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#items[i]!, this.#items[j]!];
    return a.score > b.score || (a.score === b.score && a.left < b.left);
  }

  #swap(i: number, j: number): void {
    [this.#items[i], this.#items[j]] = [this.#items[j]!, this.#items[i]!];
  }

  push(score: number, left: number, right: number, length: number): void {
    let i = this.#items.push({ score, left, right, length }) - 1;
    for (let parent = (i - 1) >> 1; i > 0 && this.#before(i, parent); i = parent, parent = (i - 1) >> 1) this.#swap(i, parent);
  }

  pop(): { readonly left: number; readonly right: number; readonly length: number } | null {
    if (this.#items.length === 0) return null;
    this.#swap(0, this.#items.length - 1);
    const top = this.#items.pop()!;
    for (let i = 0; ; ) {
      let first = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < this.#items.length && this.#before(child, first)) first = child;
      if (first === i) return top;
      this.#swap(i, first);
      i = first;
    }
  }
}

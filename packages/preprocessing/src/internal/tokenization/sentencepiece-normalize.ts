/** SentencePiece's own normalization: characters by its table, white space as `▁`, each byte with its place in the original. */
import { utf8 } from './byte-level.js';
import type { SentencePieceFile } from './sentencepiece-file.js';

/** U+2581, which stands for a blank. */
export const SPACE_MARK = '▁';
const MARK_BYTES = utf8(SPACE_MARK);
const BLANK = 0x20;

/** A text as bytes, and for each of them, and the end, where it comes from in the bytes of the original. */
export interface NormalizedBytes {
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
}

/** Length of the character that a byte begins. */
export const widthOf = (byte: number): number => (byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4);

const endsInMark = (bytes: readonly number[]): boolean => MARK_BYTES.every((byte, i) => bytes[bytes.length - 3 + i] === byte);

/** Normalizes the bytes of a text; `kept` gives the length of what must stay as it is at a place, 0 for nothing. */
export function normalizeBytes(input: Uint8Array, file: SentencePieceFile, kept: (bytes: Uint8Array, at: number) => number): NormalizedBytes {
  const { map, addDummyPrefix, removeExtraWhitespaces, escapeWhitespaces, whitespaceAsSuffix } = file;
  const bytes: number[] = [];
  const places: number[] = [];
  const add = (more: Iterable<number>, place: number): void => {
    for (const byte of more) {
      bytes.push(byte);
      places.push(place);
    }
  };
  /** What stands for the next characters, and how many bytes they are. */
  const next = (at: number): readonly [replacement: Uint8Array, length: number] => {
    const whole = kept(input, at);
    if (whole > 0) return [input.subarray(at, at + whole), whole];
    const found = map?.find(input, at, 'longest') ?? null;
    if (found !== null) return [utf8(found.text), found.length];
    const width = Math.min(widthOf(input[at]!), input.length - at);
    return [input.subarray(at, at + width), width];
  };
  const space = (place: number): void => add(escapeWhitespaces ? MARK_BYTES : [BLANK], place);
  let at = 0;
  if (removeExtraWhitespaces) {
    for (; at < input.length; ) {
      const [replacement, length] = next(at);
      if (replacement.length !== 1 || replacement[0] !== BLANK) break;
      at += length;
    }
  }
  if (at === input.length) return { bytes: Uint8Array.from(bytes), places: [at] };
  if (addDummyPrefix && !whitespaceAsSuffix) space(at);
  let afterSpace = removeExtraWhitespaces;
  while (at < input.length) {
    const [replacement, length] = next(at);
    let from = 0;
    while (afterSpace && replacement[from] === BLANK) from++;
    for (let i = from; i < replacement.length; i++) {
      if (replacement[i] === BLANK) space(at);
      else add([replacement[i]!], at);
    }
    if (from < replacement.length) afterSpace = replacement.at(-1) === BLANK;
    if (!removeExtraWhitespaces) afterSpace = false;
    at += length;
  }
  let end = at;
  if (removeExtraWhitespaces) {
    while (escapeWhitespaces ? endsInMark(bytes) : bytes.at(-1) === BLANK) {
      const length = bytes.length - (escapeWhitespaces ? MARK_BYTES.length : 1);
      end = places[length]!;
      bytes.length = length;
      places.length = length;
    }
  }
  if (addDummyPrefix && whitespaceAsSuffix) space(end);
  places.push(end);
  return { bytes: Uint8Array.from(bytes), places };
}

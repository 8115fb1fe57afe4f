/** SentencePiece's compiled tables of characters: a double-array trie over bytes, and the texts that its entries point at. */
import { FormatError } from '@gtc/errors';
import { AlignedBuilder, type AlignedText } from './aligned-text.js';
import { utf8 } from './byte-level.js';
import { refuse, textAt } from './json.js';
import type { Normalizer } from './normalizers.js';

const decoder = new TextDecoder();

/** A table that replaces stretches of a text, the longest first. */
export class CharacterMap {
  readonly #units: Uint32Array;
  readonly #texts: Uint8Array;

  /** @param bytes length of the trie in bytes, the trie, then texts that end in NUL */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = bytes.length < 4 ? -1 : view.getUint32(0, true);
    if (size < 4 || size % 4 !== 0 || size > bytes.length - 4)
      throw new FormatError(`character map: a trie of ${size} bytes does not fit in ${bytes.length}`, { parameter: 'precompiled_charsmap', offset: 0 });
    this.#units = Uint32Array.from({ length: size / 4 }, (_, i) => view.getUint32(4 + i * 4, true));
    this.#texts = bytes.subarray(4 + size);
  }

  /** What the longest entry at a place, or the first one, is replaced by, and its length in bytes; null without an entry. */
  find(bytes: Uint8Array, from: number, which: 'longest' | 'first'): { readonly length: number; readonly text: string } | null {
    const units = this.#units;
    let node = offsetOf(units[0]!);
    let best: { length: number; value: number } | null = null;
    for (let at = from; at < bytes.length; at++) {
      node = (node ^ bytes[at]!) >>> 0;
      const unit = units[node];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== bytes[at]!) break;
      node = (node ^ offsetOf(unit)) >>> 0;
      if ((unit & 0x100) === 0 || units[node] === undefined) continue;
      best = { length: at + 1 - from, value: units[node]! & 0x7fffffff };
      if (which === 'first') break;
    }
    return best === null ? null : { length: best.length, text: this.#textAt(best.value) };
  }

  #textAt(start: number): string {
    const end = this.#texts.indexOf(0, start);
    return decoder.decode(this.#texts.subarray(start, end < 0 ? this.#texts.length : end));
  }
}

/** Distance to a node's children, in the darts-clone layout. */
const offsetOf = (unit: number): number => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Longest grapheme, in bytes, that is looked up as a whole. */
const LONGEST = 5;

/** Puts a replacement in for a stretch: its characters stand for those that they replace, more of them for the last one. */
function replace(builder: AlignedBuilder, aligned: AlignedText, start: number, replaced: string, replacement: string): void {
  let at = start;
  let next = start;
  for (const character of replacement) {
    if (next < start + replaced.length) {
      at = next;
      next += aligned.text.codePointAt(at)! > 0xffff ? 2 : 1;
    }
    builder.push(character, aligned.startOf(at), aligned.endOf(next - 1));
  }
}

/** Replaces graphemes that begin with an entry as a whole, and in others the characters that do, as the library does. */
export function precompiledAt(value: unknown, path: string): Normalizer {
  const source = textAt(value, path);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(source) || source.replace(/=+$/, '').length % 4 === 1) return refuse(path, 'in base 64', source.slice(0, 40));
  const map = new CharacterMap(Uint8Array.from(atob(source), character => character.charCodeAt(0)));
  const entryOf = (text: string): string | null => map.find(utf8(text), 0, 'first')?.text ?? null;
  return aligned => {
    const builder = new AlignedBuilder();
    for (const { segment, index } of segmenter.segment(aligned.text)) {
      const whole = utf8(segment).length <= LONGEST ? entryOf(segment) : null;
      let at = index;
      for (const part of whole === null ? segment : [segment]) {
        const replacement = whole ?? entryOf(part);
        if (replacement === null) builder.copy(aligned, at, at + part.length);
        else replace(builder, aligned, at, part, replacement);
        at += part.length;
      }
    }
    return builder.build();
  };
}

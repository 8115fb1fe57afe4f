/** Places in a text, counted in UTF-16 units, code points or bytes of UTF-8. */
import { byteLength } from './model.js';

/** What places in a text are counted in. */
export type OffsetUnit = 'utf16' | 'codepoint' | 'byte';

/** The count in a unit for each place in UTF-16 units; null where it is the same. */
export function placesIn(text: string, unit: OffsetUnit): Uint32Array | null {
  // ASCII counts the same in every unit.
  if (unit === 'utf16' || /^[\0-\x7f]*$/.test(text)) return null;
  const places = new Uint32Array(text.length + 1);
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    places[at] = count;
    // A place within a pair of surrogates counts as the one after it.
    count += unit === 'codepoint' ? 1 : byteLength(character);
    if (character.length === 2) places[at + 1] = count;
    at += character.length;
  }
  places[text.length] = count;
  return places;
}

/** For each byte of a text, the first and the last unit of the character that has it; null where bytes are units. */
export function unitsOfBytes(text: string): readonly [first: Uint32Array, last: Uint32Array] | null {
  const total = byteLength(text);
  if (total === text.length) return null;
  const first = new Uint32Array(total);
  const last = new Uint32Array(total);
  let byte = 0;
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    for (const end = byte + byteLength(character); byte < end; byte++) {
      first[byte] = at;
      last[byte] = at + character.length - 1;
    }
    at += character.length;
  }
  return [first, last];
}

/** Bytes as printable characters, one for each, as GPT-2 writes them (Radford et al. 2019). */

/** Printable bytes stand for themselves; the others follow from U+0100 on, in order. */
const isPrintable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
let hidden = 0;

/** The character of each byte. */
export const BYTE_CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : 256 + hidden++));

/** The byte of each character. */
export const CHARACTER_BYTES: ReadonlyMap<string, number> = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));

const encoder = new TextEncoder();

/** UTF-8 of a text; a lone surrogate counts as U+FFFD. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Characters of one code point in UTF-8; a lone surrogate counts as U+FFFD. */
function spell(codePoint: number): string {
  if (codePoint < 0x80) return BYTE_CHARACTERS[codePoint]!;
  const point = codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint;
  const last = BYTE_CHARACTERS[0x80 | (point & 63)]!;
  if (point < 0x800) return BYTE_CHARACTERS[0xc0 | (point >> 6)]! + last;
  const second = BYTE_CHARACTERS[0x80 | ((point >> 6) & 63)]!;
  if (point < 0x10000) return BYTE_CHARACTERS[0xe0 | (point >> 12)]! + second + last;
  return BYTE_CHARACTERS[0xf0 | (point >> 18)]! + BYTE_CHARACTERS[0x80 | ((point >> 12) & 63)]! + second + last;
}

/** The bytes of a text as characters. */
export function toByteCharacters(text: string): string {
  let out = '';
  for (let at = 0; at < text.length; at++) {
    const codePoint = text.codePointAt(at)!;
    if (codePoint > 0xffff) at++;
    out += spell(codePoint);
  }
  return out;
}

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

/** The bytes of a text as characters. */
export function toByteCharacters(text: string): string {
  let out = '';
  for (const byte of utf8(text)) out += BYTE_CHARACTERS[byte]!;
  return out;
}

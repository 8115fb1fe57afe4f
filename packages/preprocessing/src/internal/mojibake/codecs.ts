/** Encodings of one byte a character, in the lenient form that every byte decodes: one without a character stands for the control character. */

/** Bytes 0x80 to 0x9f of Windows-1252; the rest is Latin-1. (Some versions of Node decode them as Latin-1.) */
export const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';
/** Bytes 0x80 to 0xff of the IBM PC's first code page, which browsers do not decode. */
const CODE_PAGE_437 = 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\xa0';

/** Encodings that texts are mistaken for, the likeliest first. */
export const CODECS = [
  'latin-1',
  'windows-1252',
  'windows-1251',
  'windows-1250',
  'windows-1253',
  'windows-1254',
  'windows-1257',
  'iso-8859-2',
  'macintosh',
  'cp437',
] as const;
/** One of the encodings. */
export type Codec = (typeof CODECS)[number];

const SUBSTITUTE = '\x1a';
const REPLACEMENT = '\ufffd';

function upperHalf(codec: Codec): string {
  if (codec === 'cp437') return CODE_PAGE_437;
  const bytes = Uint8Array.from({ length: 128 }, (_, i) => 128 + i);
  const latin = String.fromCharCode(...bytes);
  if (codec === 'latin-1') return latin;
  if (codec === 'windows-1252') return WINDOWS_1252 + latin.slice(WINDOWS_1252.length);
  return Array.from(new TextDecoder(codec).decode(bytes), (character, i) => (character === REPLACEMENT ? latin[i]! : character)).join('');
}

/** The lenient encodings read the substitute character, 0x1a, as U+FFFD. */
export const isLenient = (codec: Codec): boolean => codec.startsWith('windows');

const tables = new Map<Codec, { readonly decoded: string; readonly byteOf: ReadonlyMap<string, string> }>();

function tableOf(codec: Codec): { readonly decoded: string; readonly byteOf: ReadonlyMap<string, string> } {
  let table = tables.get(codec);
  if (table === undefined) {
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => i));
    const decoded = (isLenient(codec) ? ascii.replace(SUBSTITUTE, REPLACEMENT) : ascii) + upperHalf(codec);
    table = { decoded, byteOf: new Map(Array.from(decoded, (character, i) => [character, String.fromCharCode(i)])) };
    tables.set(codec, table);
  }
  return table;
}

/** The bytes of a text, one character each; undefined where the encoding lacks a character. */
export function encode(text: string, codec: Codec): string | undefined {
  const { byteOf } = tableOf(codec);
  let bytes = '';
  for (const character of text) {
    const byte = byteOf.get(character);
    if (byte === undefined) return undefined;
    bytes += byte;
  }
  return bytes;
}

/** The character that each byte of a range means in each of some encodings. */
export function charactersOf(codecs: readonly Codec[], first: number, last: number): Set<string> {
  return new Set(codecs.flatMap(codec => [...tableOf(codec).decoded.slice(first, last + 1)]));
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bytes, one character each, read as UTF-8; undefined where they are none. Pairs of surrogates that were encoded one by one (CESU-8) and a
 * zero of two bytes (Java) are read as what they mean.
 */
export function decodeUtf8(bytes: string): string | undefined {
  const plain = bytes.replaceAll('\xc0\x80', '\0').replace(/\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])/g, (_, ...parts: string[]) => {
    const [a, b, c, d] = parts.slice(0, 4).map(part => part.charCodeAt(0)) as [number, number, number, number];
    const codePoint = 0x10000 + ((a & 15) << 16) + ((b & 63) << 10) + ((c & 15) << 6) + (d & 63);
    return String.fromCharCode(...new TextEncoder().encode(String.fromCodePoint(codePoint)));
  });
  try {
    return strict.decode(Uint8Array.from(plain, byte => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

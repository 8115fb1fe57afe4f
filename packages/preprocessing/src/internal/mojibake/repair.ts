/** Texts that went through the wrong encoding, and other damage that texts take on their way (the steps and their order are ftfy's). */
import { namedCharacter, unescapeHtml } from '../html/unescape.js';
import { isBad } from './badness.js';
import { CODECS, type Codec, charactersOf, decodeUtf8, encode, isLenient, WINDOWS_1252 } from './codecs.js';

/** Bytes of UTF-8 in which a space stands for the no-break space 0xa0, as many programs leave it. */
const SPACED =
  /[\xc2\xc3\xc5\xce\xd0\xd9] |[\xe2\xe3] [\x80-\x84\x86-\x9f\xa1-\xbf]|[\xe0-\xe3][\x80-\x84\x86-\x9f\xa1-\xbf] |\xf0 [\x80-\xbf]{2}|\xf0[\x80-\xbf] [\x80-\xbf]|\xf0[\x80-\xbf]{2} /g;
/** à before a space: the space after it is kept, unless what follows is the rest of a Portuguese word. */
const A_GRAVE = /\xc3 (?! |quele|quela|quilo|s )/g;
/** Sequences of UTF-8 in which a byte was lost and replaced by a question mark or by 0x1a. */
const LOSSY =
  /[\xc2-\xdf]\x1a|[\xc2\xc3]\?|\xed[\xa0-\xaf][\x1a?]\xed[\xb0-\xbf][\x1a?\x80-\xbf]|\xed[\xa0-\xaf][\x1a?\x80-\xbf]\xed[\xb0-\xbf][\x1a?]|[\xe0-\xef][\x1a?][\x1a\x80-\xbf]|[\xe0-\xef][\x1a\x80-\xbf][\x1a?]|[\xf0-\xf4][\x1a?][\x1a\x80-\xbf]{2}|[\xf0-\xf4][\x1a\x80-\xbf][\x1a?][\x1a\x80-\xbf]|[\xf0-\xf4][\x1a\x80-\xbf]{2}[\x1a?]|\x1a/g;
const REPLACEMENT_BYTES = '\xef\xbf\xbd';
const CONTROL = /[\x80-\x9f]/g;

function restoreSpaces(bytes: string): string {
  return bytes.replace(A_GRAVE, '\xc3\xa0 ').replace(SPACED, match => match.replaceAll(' ', '\xa0'));
}

/** The text that the same bytes give as UTF-8; undefined where they are none. */
function decodeAgain(text: string, codec: Codec): string | undefined {
  let bytes = encode(text, codec);
  if (bytes === undefined) return undefined;
  if (codec !== 'macintosh' && bytes.search(SPACED) >= 0) bytes = restoreSpaces(bytes);
  if (isLenient(codec)) bytes = bytes.replace(LOSSY, REPLACEMENT_BYTES);
  return decodeUtf8(bytes);
}

const WESTERN: readonly Codec[] = ['latin-1', 'windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254', 'windows-1257'];
/** Characters of continuation bytes that are frequent on their own. */
const FREQUENT = new Set(' –—―‘’‚“”„•…');

/** What UTF-8 looks like in any of these encodings: a first character and as many others as it announces. */
function utf8Pattern(): RegExp {
  const between = (characters: Iterable<string>): string => `[${Array.from(characters, c => `\\u{${c.codePointAt(0)!.toString(16)}}`).join('')}]`;
  const continuation = charactersOf(WESTERN, 0x80, 0xbf).add(' ');
  const strict = [...continuation].filter(character => !FREQUENT.has(character));
  const fourth = new Set([...charactersOf(WESTERN, 0xf0, 0xf0), ...charactersOf(WESTERN, 0xf3, 0xf3)]);
  const sequences = [charactersOf(WESTERN, 0xc2, 0xdf), charactersOf(WESTERN, 0xe0, 0xef), fourth].map(
    (first, i) => `${between(first)}${between(continuation)}{${i + 1}}`,
  );
  return new RegExp(`(?<!${between(strict)})(?:${sequences.join('|')})+`, 'gu');
}

let utf8: RegExp | undefined;

/** The parts of a text that are UTF-8 read wrongly, where the rest is right. */
function repairParts(text: string): string {
  utf8 ??= utf8Pattern();
  return text.replace(utf8, part => (part.length < text.length && isBad(part) ? repairEncoding(part) : part));
}

/** Control characters of Latin-1, which texts never mean, as the characters of Windows-1252 in their place. */
function repairControls(text: string): string {
  return text.replace(CONTROL, control => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}

function repairOnce(text: string): string {
  if (/^[\0-\x7f]*$/.test(text) || !isBad(text)) return text;
  for (const codec of CODECS) {
    const decoded = decodeAgain(text, codec);
    if (decoded !== undefined) return decoded;
  }
  const parts = repairParts(text);
  if (parts !== text) return parts;
  return repairControls(text);
}

/** A text with the mistakes of its encoding undone, however often they were made. */
export function repairEncoding(text: string): string {
  for (let current = text; ; ) {
    const next = repairOnce(current);
    if (next === current) return next;
    current = next;
  }
}

/** Entities of a text that is no HTML: whole ones alone, and names in capitals that HTML does not know for the capital letter. */
function unescapeEntities(text: string): string {
  return text.replace(/&#?[0-9A-Za-z]{1,24};/g, entity => {
    const name = entity.slice(1);
    const known = namedCharacter(name);
    if (known !== undefined) return known;
    const plain = unescapeHtml(entity);
    if (entity.startsWith('&#')) return plain.includes(';') ? entity : plain;
    const small = name === name.toUpperCase() ? namedCharacter(name.toLowerCase()) : undefined;
    return small !== undefined && plain === entity ? small.toUpperCase() : entity;
  });
}

const LIGATURES: Readonly<Record<string, string>> = {
  Ĳ: 'IJ',
  ĳ: 'ij',
  ŉ: 'ʼn',
  Ǳ: 'DZ',
  ǲ: 'Dz',
  ǳ: 'dz',
  Ǆ: 'DŽ',
  ǅ: 'Dž',
  ǆ: 'dž',
  Ǉ: 'LJ',
  ǈ: 'Lj',
  ǉ: 'lj',
  Ǌ: 'NJ',
  ǋ: 'Nj',
  ǌ: 'nj',
  ﬀ: 'ff',
  ﬁ: 'fi',
  ﬂ: 'fl',
  ﬃ: 'ffi',
  ﬄ: 'ffl',
  ﬅ: 'ſt',
  ﬆ: 'st',
};

/** A repair after that of the encoding. */
export type Repair = 'controls' | 'ligatures' | 'width' | 'quotes' | 'lineBreaks' | 'surrogates' | 'terminal' | 'invisible';

const REPAIRS: Readonly<Record<Repair, (text: string) => string>> = {
  controls: repairControls,
  ligatures: (text: string): string => text.replace(/[ĲĳŉǄ-ǌǱ-ǳﬀ-ﬆ]/g, ligature => LIGATURES[ligature]!),
  width: (text: string): string => text.replace(/[\u3000\uff01-\uffef]/g, character => character.normalize('NFKC')),
  quotes: (text: string): string => text.replace(/[\u201c-\u201f]/g, '"').replace(/[\u02bc\u2018-\u201b]/g, "'"),
  lineBreaks: (text: string): string => text.replace(/\r\n|[\r\u2028\u2029\x85]/g, '\n'),
  surrogates: (text: string): string => text.replace(/[\ud800-\udfff]/gu, '\ufffd'),
  terminal: (text: string): string => text.replace(/\x1b\[[\p{Nd};]*[a-zA-Z]/gu, ''),
  invisible: (text: string): string => text.replace(/[\0-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/g, ''),
};

/** What is done to a text; entities only where `<` does not show that it is HTML. */
export interface Repairs {
  readonly entities: boolean | 'auto';
  readonly encoding: boolean;
  readonly steps: readonly Repair[];
  readonly normalization: 'NFC' | 'NFD' | 'NFKC' | 'NFKD' | null;
}

/** Repairs a piece of text until nothing more is to be done. */
function repairPiece(piece: string, { entities, encoding, steps, normalization }: Repairs): string {
  const unescape = entities === 'auto' ? !piece.includes('<') : entities;
  for (let current = piece; ; ) {
    let next = unescape ? unescapeEntities(current) : current;
    if (encoding) next = repairEncoding(next);
    for (const step of steps) next = REPAIRS[step](next);
    if (normalization !== null) next = next.normalize(normalization);
    if (next === current) return next;
    current = next;
  }
}

/** Lines are repaired by themselves, and long ones in pieces: one mistake does not hide another, and no piece is without end. */
const LONGEST_PIECE = 1_000_000;

/** A whole text, line by line; once a line is HTML, entities stay for the rest of the text. */
export function repairText(text: string, repairs: Repairs): string {
  let { entities } = repairs;
  let result = '';
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    let end = newline < 0 ? text.length : newline + 1;
    if (end - start > LONGEST_PIECE) {
      end = start + LONGEST_PIECE;
      if (/^[\ud800-\udbff][\udc00-\udfff]/.test(text.slice(end - 1, end + 1))) end++;
    }
    const piece = text.slice(start, end);
    if (entities === 'auto' && piece.includes('<')) entities = false;
    result += repairPiece(piece, { ...repairs, entities });
    start = end;
  }
  return result;
}

/** Cuts texts as the patterns of byte-level tokenizers do, by tables of classes instead of a regular expression. */
import { LETTER, NUMBER, WHITE_SPACE } from '../regex/characters.js';

/** What the family of patterns leaves open. */
export interface ScanRules {
  /** `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` and `'d` are cut off, in any case where it is ignored. */
  readonly ignoreCase: boolean;
  /** What may stand before letters: a blank, or any one character that is no letter, digit or end of line. */
  readonly letterPrefix: 'blank' | 'any';
  /** Digits of a number at most. */
  readonly digits: number;
  /** A blank may stand before digits. */
  readonly digitPrefix: boolean;
  /** Ends of line that follow marks belong to them, and white space up to an end of line is one piece. */
  readonly newlines: boolean;
  /** White space at the end of a text is one piece, ends of line and all. */
  readonly trailing: boolean;
}

const OTHER = 0;
const LETTERS = 1;
const DIGITS = 2;
const SPACE = 3;
const BLANK = 4;
const NEWLINE = 5;
const UNKNOWN = 255;

/** Class of each unit, found when it is first met; surrogates are looked at as pairs. */
const classes = new Uint8Array(0x10000).fill(UNKNOWN);

function classOfPoint(codePoint: number): number {
  if (codePoint === 0x20) return BLANK;
  if (codePoint === 0x0a || codePoint === 0x0d) return NEWLINE;
  if (LETTER.has(codePoint)) return LETTERS;
  if (NUMBER.has(codePoint)) return DIGITS;
  return WHITE_SPACE.has(codePoint) ? SPACE : OTHER;
}

function classAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  const known = classes[unit]!;
  if (known !== UNKNOWN) return known;
  if ((unit & 0xf800) === 0xd800) return classOfPoint(text.codePointAt(at)!);
  return (classes[unit] = classOfPoint(unit));
}

const widthAt = (text: string, at: number): number => ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00 ? 2 : 1);

/** Where a run of a class ends. */
function runEnd(text: string, from: number, wanted: number): number {
  let at = from;
  while (at < text.length && classAt(text, at) === wanted) at += widthAt(text, at);
  return at;
}

/** Units of a contraction at a place, 0 for none. */
function contraction(text: string, at: number, ignoreCase: boolean): number {
  const low = (unit: number): number => (ignoreCase && unit >= 65 && unit <= 90 ? unit + 32 : ignoreCase && unit === 0x17f ? 115 : unit);
  const next = low(text.charCodeAt(at + 1));
  if (next === 115 || next === 116 || next === 109 || next === 100) return 2;
  const last = low(text.charCodeAt(at + 2));
  return (next === 108 && last === 108) || ((next === 118 || next === 114) && last === 101) ? 3 : 0;
}

/** Where the piece that begins at a place ends. */
export function pieceEnd(text: string, start: number, rules: ScanRules): number {
  const kind = classAt(text, start);
  if (kind === LETTERS) return runEnd(text, start, LETTERS);
  if (kind === OTHER && text.charCodeAt(start) === 39) {
    const length = contraction(text, start, rules.ignoreCase);
    if (length > 0) return start + length;
  }
  if (kind === DIGITS) return numberEnd(text, start, rules);
  const next = start + widthAt(text, start);
  const following = next < text.length ? classAt(text, next) : -1;
  const mayPrefix = rules.letterPrefix === 'any' ? kind !== NEWLINE : kind === BLANK;
  if (mayPrefix && following === LETTERS) return runEnd(text, next, LETTERS);
  if (kind === BLANK && following === DIGITS && rules.digitPrefix) return numberEnd(text, next, rules);
  if (kind === OTHER || (kind === BLANK && following === OTHER)) {
    let end = runEnd(text, kind === OTHER ? start : next, OTHER);
    if (rules.newlines) end = runEnd(text, end, NEWLINE);
    return end;
  }
  return spaceEnd(text, start, rules);
}

function numberEnd(text: string, start: number, { digits }: ScanRules): number {
  let at = start;
  for (let count = 0; count < digits && at < text.length && classAt(text, at) === DIGITS; count++) at += widthAt(text, at);
  return at;
}

/** White space: up to its last end of line, else all but the one before what follows. */
function spaceEnd(text: string, start: number, { newlines, trailing }: ScanRules): number {
  let end = start;
  let lastNewline = -1;
  for (; end < text.length; end++) {
    const kind = classAt(text, end);
    if (kind < SPACE) break;
    if (kind === NEWLINE) lastNewline = end;
  }
  if (end === text.length && trailing) return end;
  if (newlines && lastNewline >= 0) return lastNewline + 1;
  return end < text.length && end - start > 1 ? end - 1 : end;
}

/** Parts of the patterns, as different files write them, and what each says. */
const CONTRACTIONS: Readonly<Record<string, boolean>> = {
  "'s|'t|'re|'ve|'m|'ll|'d": false,
  "'(?:[sdmt]|ll|ve|re)": false,
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)": true,
  "'(?i:[sdmt]|ll|ve|re)": true,
};
const LETTER_PARTS: Readonly<Record<string, ScanRules['letterPrefix']>> = { ' ?\\p{L}+': 'blank', '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+': 'any' };
const NUMBER_PARTS: Readonly<Record<string, readonly [digits: number, prefix: boolean]>> = {
  ' ?\\p{N}+': [Number.POSITIVE_INFINITY, true],
  '\\p{N}{1,3}': [3, false],
  '\\p{N}': [1, false],
};
const MARK_PARTS: Readonly<Record<string, boolean>> = { ' ?[^\\s\\p{L}\\p{N}]+': false, ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*': true };
const SPACE_PARTS: Readonly<Record<string, readonly [newlines: boolean, trailing: boolean]>> = {
  '\\s+(?!\\S)|\\s+': [false, false],
  '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+': [true, false],
  '\\s+$|\\s+(?!\\S)|\\s': [false, true],
  '\\s+$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s': [true, true],
};

/** The rules that a pattern of the family follows, or null for another pattern. */
export function scanRules(pattern: string): ScanRules | null {
  // What is possessive in these patterns takes the same text as what is not.
  const plain = pattern.replaceAll(/(?<=[+?*]|\{\d+,\d*\})\+/g, '');
  for (const [contractions, ignoreCase] of Object.entries(CONTRACTIONS)) {
    if (!plain.startsWith(`${contractions}|`)) continue;
    const rest = plain.slice(contractions.length + 1);
    for (const [letters, letterPrefix] of Object.entries(LETTER_PARTS)) {
      for (const [numbers, [digits, digitPrefix]] of Object.entries(NUMBER_PARTS)) {
        for (const [marks, marksTakeNewlines] of Object.entries(MARK_PARTS)) {
          const spaces = SPACE_PARTS[rest.slice(`${letters}|${numbers}|${marks}|`.length)];
          if (spaces === undefined || !rest.startsWith(`${letters}|${numbers}|${marks}|`) || spaces[0] !== marksTakeNewlines) continue;
          return { ignoreCase, letterPrefix, digits, digitPrefix, newlines: spaces[0], trailing: spaces[1] };
        }
      }
    }
  }
  return null;
}

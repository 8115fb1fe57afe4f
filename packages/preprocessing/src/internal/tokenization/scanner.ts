/** Cuts texts as the patterns of byte-level tokenizers do, by tables of classes instead of a regular expression. */
import { LETTER, NUMBER, WHITE_SPACE } from '../regex/characters.js';
import type { Dialect } from '../regex/parse.js';

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

/** A text as units, which are read faster than the characters of a string. */
export class Units {
  data: Uint16Array = new Uint16Array(1024);
  length = 0;

  /** Reads a text; a newline stands behind it, so that a run of letters ends there. */
  load(text: string): void {
    if (text.length >= this.data.length) this.data = new Uint16Array(Math.max(text.length + 1, this.data.length * 2));
    const { data } = this;
    data[text.length] = 0x0a;
    for (let i = 0; i < text.length; i++) data[i] = text.charCodeAt(i);
    this.length = text.length;
  }
}

const isPair = (high: number, low: number): boolean => (high & 0xfc00) === 0xd800 && (low & 0xfc00) === 0xdc00;

/** Class of a unit that is not known yet, or of the pair that it begins. */
function findClass({ data, length }: Units, at: number): number {
  const unit = data[at]!;
  if ((unit & 0xf800) !== 0xd800) return (classes[unit] = classOfPoint(unit));
  const low = at + 1 < length ? data[at + 1]! : 0;
  return classOfPoint(isPair(unit, low) ? (unit - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000 : unit);
}

function classAt(units: Units, at: number): number {
  const known = classes[units.data[at]!]!;
  return known === UNKNOWN ? findClass(units, at) : known;
}

const widthAt = ({ data, length }: Units, at: number): number => (at + 1 < length && isPair(data[at]!, data[at + 1]!) ? 2 : 1);

/** Where a run of a class ends. */
function runEnd(units: Units, from: number, wanted: number): number {
  const { data, length } = units;
  let at = from;
  for (;;) {
    while (at < length && classes[data[at]!] === wanted) at++;
    if (at >= length || classes[data[at]!] !== UNKNOWN || findClass(units, at) !== wanted) return at;
    at += widthAt(units, at);
  }
}

/** Units of a contraction at a place, 0 for none. */
function contraction({ data, length }: Units, at: number, ignoreCase: boolean): number {
  const low = (unit: number): number => (ignoreCase && unit >= 65 && unit <= 90 ? unit + 32 : ignoreCase && unit === 0x17f ? 115 : unit);
  const next = at + 1 < length ? low(data[at + 1]!) : 0;
  if (next === 115 || next === 116 || next === 109 || next === 100) return 2;
  const last = at + 2 < length ? low(data[at + 2]!) : 0;
  return (next === 108 && last === 108) || ((next === 118 || next === 114) && last === 101) ? 3 : 0;
}

/** Where the piece that begins at a place ends. */
export function pieceEnd(units: Units, start: number, rules: ScanRules): number {
  const kind = classAt(units, start);
  if (kind === LETTERS) return runEnd(units, start, LETTERS);
  if (kind === OTHER && units.data[start] === 39) {
    const length = contraction(units, start, rules.ignoreCase);
    if (length > 0) return start + length;
  }
  if (kind === DIGITS) return numberEnd(units, start, rules);
  const next = start + widthAt(units, start);
  const following = next < units.length ? classAt(units, next) : -1;
  const mayPrefix = rules.letterPrefix === 'any' ? kind !== NEWLINE : kind === BLANK;
  if (mayPrefix && following === LETTERS) return runEnd(units, next, LETTERS);
  if (kind === BLANK && following === DIGITS && rules.digitPrefix) return numberEnd(units, next, rules);
  if (kind === OTHER || (kind === BLANK && following === OTHER)) {
    let end = runEnd(units, kind === OTHER ? start : next, OTHER);
    if (rules.newlines) end = runEnd(units, end, NEWLINE);
    return end;
  }
  return spaceEnd(units, start, rules);
}

function numberEnd(units: Units, start: number, { digits }: ScanRules): number {
  let at = start;
  for (let count = 0; count < digits && at < units.length && classAt(units, at) === DIGITS; count++) at += widthAt(units, at);
  return at;
}

/** White space: up to its last end of line, else all but the one before what follows. */
function spaceEnd(units: Units, start: number, { newlines, trailing }: ScanRules): number {
  let end = start;
  let lastNewline = -1;
  for (; end < units.length; end++) {
    const kind = classAt(units, end);
    if (kind < SPACE) break;
    if (kind === NEWLINE) lastNewline = end;
  }
  if (end === units.length && trailing) return end;
  if (newlines && lastNewline >= 0) return lastNewline + 1;
  return end < units.length && end - start > 1 ? end - 1 : end;
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
export function scanRules(pattern: string, dialect: Dialect = 'oniguruma'): ScanRules | null {
  // `$` stands for the end of the text in one dialect and for that of any line in the other, which says `\\z` for the text.
  if (pattern.includes(dialect === 'fancy' ? '\\z' : '$')) return null;
  // What is possessive in these patterns takes the same text as what is not.
  const plain = pattern.replaceAll(/(?<=[+?*]|\{\d+,\d*\})\+/g, '').replace('\\z', '$');
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

/** Text as Python's `str`, `re` and `unicodedata` see it: classes of characters, case, words and lines, by the engine's version of Unicode. */
import { notNull, strip } from '@gtc/errors';
import { CharacterSet, LETTER } from './internal/regex/characters.js';
import { foldCase, smallForms, titleForm } from './internal/text/case.js';
import { CASED, categoryOf, combiningClassOf, DECIMAL, DIGIT, type GeneralCategory, LOWER, NUMERIC, TITLE, UPPER } from './internal/text/characters.js';
import { type EastAsianWidth, widthOf } from './internal/text/widths.js';

export type { GeneralCategory } from './internal/text/characters.js';
export type { EastAsianWidth } from './internal/text/widths.js';

const UNDERSCORE = new CharacterSet(codePoint => codePoint === 0x5f);

/** Whether a text has characters and all of them are in one of the sets. */
function consistsOf(text: string, ...sets: readonly CharacterSet[]): boolean {
  for (const character of notNull(text, 'text')) if (!sets.some(set => set.has(character.codePointAt(0)!))) return false;
  return text !== '';
}

/**
 * Whether a text has characters and all are letters.
 *
 * @remarks Python: `text.isalpha()`.
 * @example isAlpha('日本') // => true
 */
export function isAlpha(text: string): boolean {
  return consistsOf(text, LETTER);
}

/**
 * Whether a text has characters and all are digits of decimal systems.
 *
 * @remarks Python: `text.isdecimal()`.
 * @example isDecimal('١٢٣') // => true
 */
export function isDecimal(text: string): boolean {
  return consistsOf(text, DECIMAL);
}

/**
 * Whether a text has characters and all are digits, raised and circled ones included.
 *
 * @remarks Python: `text.isdigit()`.
 * @example isDigit('x²'.slice(1)) // => true
 */
export function isDigit(text: string): boolean {
  return consistsOf(text, DIGIT);
}

/**
 * Whether a text has characters and all have the value of a number: fractions, Roman numerals and ideographs of numbers included.
 *
 * @remarks Python: `text.isnumeric()`.
 * @example isNumeric('½三Ⅷ') // => true
 */
export function isNumeric(text: string): boolean {
  return consistsOf(text, NUMERIC);
}

/**
 * Whether a text has characters and all are letters or numbers.
 *
 * @remarks Python: `text.isalnum()`.
 * @example isAlphanumeric('x²') // => true
 */
export function isAlphanumeric(text: string): boolean {
  return consistsOf(text, LETTER, NUMERIC);
}

/**
 * Whether a text has characters and all are white space.
 *
 * @remarks Python: `text.isspace()`.
 * @example isSpace('\t\u2003') // => true
 */
export function isSpace(text: string): boolean {
  return notNull(text, 'text') !== '' && strip(text) === '';
}

/**
 * Whether all characters are ASCII; true of an empty text.
 *
 * @remarks Python: `text.isascii()`.
 * @example isAscii('naïve') // => false
 */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(notNull(text, 'text'));
}

/** Whether all letters with case are in one set, and there is one. */
function casedOnlyIn(text: string, set: CharacterSet, others: readonly CharacterSet[]): boolean {
  let found = false;
  for (const character of notNull(text, 'text')) {
    const codePoint = character.codePointAt(0)!;
    if (others.some(other => other.has(codePoint))) return false;
    found ||= set.has(codePoint);
  }
  return found;
}

/**
 * Whether a text has capitals, and no small letters.
 *
 * @remarks Python: `text.isupper()`.
 * @example isUpper('U.S.A.') // => true
 */
export function isUpper(text: string): boolean {
  return casedOnlyIn(text, UPPER, [LOWER, TITLE]);
}

/**
 * Whether a text has small letters, and no capitals.
 *
 * @remarks Python: `text.islower()`.
 * @example isLower("don't") // => true
 */
export function isLower(text: string): boolean {
  return casedOnlyIn(text, LOWER, [UPPER, TITLE]);
}

/**
 * Whether capitals begin words and stand nowhere else, and there is one.
 *
 * @remarks Python: `text.istitle()`.
 * @example isTitle('Hello World') // => true
 */
export function isTitle(text: string): boolean {
  let [inside, found] = [false, false];
  for (const character of notNull(text, 'text')) {
    const codePoint = character.codePointAt(0)!;
    const begins = UPPER.has(codePoint) || TITLE.has(codePoint);
    if (begins ? inside : LOWER.has(codePoint) && !inside) return false;
    inside = begins || LOWER.has(codePoint);
    found ||= inside;
  }
  return found;
}

/**
 * A text whose words begin with a capital and go on in small letters; a word is a run of letters with case, so an apostrophe ends it.
 *
 * @remarks Python: `text.title()`.
 * @example titleCase("they're ﬁne") // => "They'Re Fine"
 */
export function titleCase(text: string): string {
  let [result, inside] = ['', false];
  for (const [character, small] of smallForms(notNull(text, 'text'))) {
    result += inside ? small : titleForm(character);
    inside = CASED.has(character.codePointAt(0)!);
  }
  return result;
}

/**
 * A text with its first character as a capital and all others small.
 *
 * @remarks Python: `text.capitalize()`.
 * @example capitalize('éCOLE') // => 'École'
 */
export function capitalize(text: string): string {
  let result = '';
  for (const [character, small] of smallForms(notNull(text, 'text'))) result += result === '' ? titleForm(character) : small;
  return result;
}

/**
 * A text for comparison without regard to case.
 *
 * @remarks Python: `text.casefold()`.
 * @example casefold('STRASSE') === casefold('Straße') // => true
 */
export function casefold(text: string): string {
  return foldCase(notNull(text, 'text'));
}

/**
 * The lines of a text without what ends them: line feed, carriage return or both, tabulations of lines and pages, separators.
 *
 * @remarks Python: `text.splitlines()`.
 * @example splitLines('a\r\nb\u2028c\n') // => ['a', 'b', 'c']
 */
export function splitLines(text: string): string[] {
  const lines = notNull(text, 'text').split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Runs of characters that are in one of the sets. */
function runsOf(text: string, sets: readonly CharacterSet[]): string[] {
  const runs: string[] = [];
  let run = '';
  for (const character of notNull(text, 'text')) {
    if (sets.some(set => set.has(character.codePointAt(0)!))) run += character;
    else if (run !== '') {
      runs.push(run);
      run = '';
    }
  }
  if (run !== '') runs.push(run);
  return runs;
}

/**
 * Runs of letters, numbers and underscores. Marks end a run, so scripts that write vowels as marks fall apart; `Intl.Segmenter` knows
 * words of every script.
 *
 * @param minLength code points that a run must have; 2 with a text in small letters is scikit-learn's default
 * @remarks Python: `re.findall(r'\w+', text)`; `CountVectorizer().build_tokenizer()(text.lower())`.
 * @example findWords("I'd go_on 3x") // => ['I', 'd', 'go_on', '3x']
 */
export function findWords(text: string, { minLength = 1 }: { readonly minLength?: number } = {}): string[] {
  return runsOf(text, [LETTER, NUMERIC, UNDERSCORE]).filter(run => minLength < 2 || [...run].length >= minLength);
}

/**
 * Runs of digits of decimal systems.
 *
 * @remarks Python: `re.findall(r'\d+', text)`.
 * @example findDigits('3.14') // => ['3', '14']
 */
export function findDigits(text: string): string[] {
  return runsOf(text, [DECIMAL]);
}

/**
 * The general categories of a text's characters.
 *
 * @remarks Python: `[unicodedata.category(c) for c in text]`.
 * @example generalCategories('A 1') // => ['Lu', 'Zs', 'Nd']
 */
export function generalCategories(text: string): GeneralCategory[] {
  return Array.from(notNull(text, 'text'), character => categoryOf(character.codePointAt(0)!));
}

/**
 * The canonical combining classes of a text's characters; 0 for all but marks that normalization sorts.
 *
 * @remarks Python: `[unicodedata.combining(c) for c in text]`.
 * @example combiningClasses('e\u0301') // => [0, 230]
 */
export function combiningClasses(text: string): number[] {
  return Array.from(notNull(text, 'text'), character => combiningClassOf(character.codePointAt(0)!));
}

/**
 * The widths of a text's characters in East Asian typography, by Unicode 14.
 *
 * @remarks Python: `[unicodedata.east_asian_width(c) for c in text]`.
 * @example eastAsianWidths('a日') // => ['Na', 'W']
 */
export function eastAsianWidths(text: string): EastAsianWidth[] {
  return Array.from(notNull(text, 'text'), character => widthOf(character.codePointAt(0)!));
}

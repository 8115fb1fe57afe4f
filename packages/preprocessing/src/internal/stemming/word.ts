/** What the stemmers of Snowball share: regions of a word and the longest of its suffixes (Porter 2001, snowballstem.org/texts). */

/** Suffixes of a rule, the longest first. */
export type Suffixes = readonly string[];

/** Suffixes from a text with spaces between them. */
export function suffixes(text: string): Suffixes {
  return text.split(' ').sort((a, b) => b.length - a.length);
}

/** The longest suffix that a word ends with, all of it from `limit` on; empty where there is none. */
export function longest(word: string, among: Suffixes, limit = 0): string {
  return among.find(suffix => word.endsWith(suffix) && word.length - suffix.length >= limit) ?? '';
}

/** A word whose end, `suffix`, is replaced. */
export function replaceEnd(word: string, suffix: string, replacement = ''): string {
  return word.slice(0, word.length - suffix.length) + replacement;
}

/** Where the region after the first vowel and the consonant that follows it begins: R1, and R2 when asked from R1 on. */
export function regionAfter(word: string, vowels: string, from = 0): number {
  let at = from;
  while (at < word.length && !vowels.includes(word[at]!)) at++;
  while (at < word.length && vowels.includes(word[at]!)) at++;
  return Math.min(at + 1, word.length);
}

/** Whether the letter at a place is a vowel; places outside the word hold none. */
export function isVowelAt(word: string, at: number, vowels: string): boolean {
  return at >= 0 && at < word.length && vowels.includes(word[at]!);
}

/**
 * Where RV of the Romance languages begins: after the next vowel where the second letter is a consonant, after the next consonant where the
 * word begins with two vowels, else after the third letter.
 */
export function verbRegion(word: string, vowels: string): number {
  const next = (from: number, vowel: boolean): number => {
    for (let at = from; at < word.length; at++) if (isVowelAt(word, at, vowels) === vowel) return at + 1;
    return word.length;
  };
  if (word.length < 2) return word.length;
  if (!isVowelAt(word, 1, vowels)) return next(2, true);
  return isVowelAt(word, 0, vowels) ? next(2, false) : Math.min(3, word.length);
}

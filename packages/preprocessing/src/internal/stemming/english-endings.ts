/** Endings that both stemmers for English replace or cut. */
import { longest, replaceEnd, type Suffixes } from './word.js';

/** Endings of derived words and what stands for them. */
export type Replacements = Readonly<Record<string, string>>;

/** Step 2 of both: endings that hold another one. */
export const DERIVED: Replacements = {
  tional: 'tion',
  enci: 'ence',
  anci: 'ance',
  abli: 'able',
  entli: 'ent',
  izer: 'ize',
  ization: 'ize',
  ational: 'ate',
  ation: 'ate',
  ator: 'ate',
  alism: 'al',
  aliti: 'al',
  alli: 'al',
  fulness: 'ful',
  ousli: 'ous',
  ousness: 'ous',
  iveness: 'ive',
  iviti: 'ive',
  biliti: 'ble',
};
/** Step 3 of both: endings of adjectives and verbs. */
export const ADJECTIVAL: Replacements = { alize: 'al', icate: 'ic', iciti: 'ic', ical: 'ic', ative: '', ful: '', ness: '' };
/** Step 4 of both: endings that are cut. */
export const CUT = 'al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize ion';

/** A word with its longest ending replaced, where what is left reaches into a region. */
export function replaceIn(word: string, region: number, among: Suffixes, replacements: Replacements): string {
  const suffix = longest(word, among);
  const stem = replaceEnd(word, suffix);
  return suffix === '' || stem.length < region ? word : stem + replacements[suffix]!;
}

/** A word without its longest ending, where that lies in R2; -ion goes after s and t alone. */
export function cutIn(word: string, r2: number, among: Suffixes): string {
  const suffix = longest(word, among);
  const stem = replaceEnd(word, suffix);
  return suffix === '' || stem.length < r2 || (suffix === 'ion' && !/[st]$/.test(stem)) ? word : stem;
}

/** What is left of a word that lost -ed or -ing, with the letter that it lacks or without one too many; undefined where that is not so. */
export function mendEnd(stem: string): string | undefined {
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  return /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem) ? stem.slice(0, -1) : undefined;
}

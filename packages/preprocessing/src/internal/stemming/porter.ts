/** Porter's first stemmer for English (1980). */
import { longest, regionAfter, replaceEnd, suffixes } from './word.js';

const VOWELS = 'aeiouy';
const STEP_2: Readonly<Record<string, string>> = {
  tional: 'tion',
  enci: 'ence',
  anci: 'ance',
  abli: 'able',
  entli: 'ent',
  eli: 'e',
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
const STEP_3: Readonly<Record<string, string>> = { alize: 'al', icate: 'ic', iciti: 'ic', ical: 'ic', ative: '', ful: '', ness: '' };
const [STEP_2_SUFFIXES, STEP_3_SUFFIXES] = [STEP_2, STEP_3].map(rules => suffixes(Object.keys(rules).join(' '))) as [readonly string[], readonly string[]];
const STEP_4 = suffixes('al ance ence er ic able ible ant ement ment ent ism ate iti ous ive ize ou ion');

const hasVowel = (part: string): boolean => /[aeiouy]/.test(part);
/** Consonant, vowel, consonant other than w, x and Y. */
const endsShort = (part: string): boolean => /[^aeiouy][aeiouy][^aeiouwxyY]$/.test(part);

function step1a(word: string): string {
  const suffix = longest(word, suffixes('sses ies ss s'));
  if (suffix === 'sses' || suffix === 'ies') return replaceEnd(word, 'es');
  return suffix === 's' ? word.slice(0, -1) : word;
}

function step1b(word: string, r1: number): string {
  const suffix = longest(word, suffixes('eed ed ing'));
  const stem = replaceEnd(word, suffix);
  if (suffix === 'eed') return stem.length >= r1 ? `${stem}ee` : word;
  if (suffix === '' || !hasVowel(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (/(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/.test(stem)) return stem.slice(0, -1);
  return stem.length === r1 && endsShort(stem) ? `${stem}e` : stem;
}

function replaceIn(word: string, region: number, among: readonly string[], rules: Readonly<Record<string, string>>): string {
  const suffix = longest(word, among);
  const stem = replaceEnd(word, suffix);
  return suffix === '' || stem.length < region ? word : stem + rules[suffix]!;
}

function step4(word: string, r2: number): string {
  const suffix = longest(word, STEP_4);
  const stem = replaceEnd(word, suffix);
  return suffix === '' || stem.length < r2 || (suffix === 'ion' && !/[st]$/.test(stem)) ? word : stem;
}

function step5(word: string, r1: number, r2: number): string {
  let result = word;
  const stem = word.slice(0, -1);
  if (word.endsWith('e') && (stem.length >= r2 || (stem.length >= r1 && !endsShort(stem)))) result = stem;
  return result.endsWith('ll') && result.length - 1 >= r2 ? result.slice(0, -1) : result;
}

/** The stem of an English word in small letters by the first stemmer. */
export function stemPorter(original: string): string {
  let word = original.replace(/^y|([aeiouy])y/g, '$1Y');
  const r1 = regionAfter(word, VOWELS);
  const r2 = regionAfter(word, VOWELS, r1);
  word = step1b(step1a(word), r1);
  if (/[yY]$/.test(word) && hasVowel(word.slice(0, -1))) word = `${word.slice(0, -1)}i`;
  word = replaceIn(word, r1, STEP_2_SUFFIXES, STEP_2);
  word = step4(replaceIn(word, r1, STEP_3_SUFFIXES, STEP_3), r2);
  return step5(word, r1, r2).replaceAll('Y', 'y');
}

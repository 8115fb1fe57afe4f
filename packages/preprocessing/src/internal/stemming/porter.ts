/** Porter's first stemmer for English (1980). */
import { ADJECTIVAL, CUT, cutIn, DERIVED, mendEnd, replaceIn } from './english-endings.js';
import { longest, regionAfter, replaceEnd, type Suffixes, suffixes } from './word.js';

const VOWELS = 'aeiouy';
const STEP_2 = { ...DERIVED, eli: 'e' };
const [STEP_2_SUFFIXES, STEP_3_SUFFIXES] = [STEP_2, ADJECTIVAL].map(rules => suffixes(Object.keys(rules).join(' '))) as [Suffixes, Suffixes];
const STEP_4 = suffixes(`${CUT} ou`);

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
  return mendEnd(stem) ?? (stem.length === r1 && endsShort(stem) ? `${stem}e` : stem);
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
  word = cutIn(replaceIn(word, r1, STEP_3_SUFFIXES, ADJECTIVAL), r2, STEP_4);
  return step5(word, r1, r2).replaceAll('Y', 'y');
}

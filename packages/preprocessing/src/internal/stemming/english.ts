/** Porter's second stemmer for English. */
import { ADJECTIVAL, CUT, cutIn, DERIVED, mendEnd, replaceIn } from './english-endings.js';
import { isVowelAt, longest, regionAfter, replaceEnd, suffixes } from './word.js';

const VOWELS = 'aeiouy';
/** Words that the rules would treat wrongly. */
const IRREGULAR: Readonly<Record<string, string>> = {
  skis: 'ski',
  skies: 'sky',
  idly: 'idl',
  gently: 'gentl',
  ugly: 'ugli',
  early: 'earli',
  only: 'onli',
  singly: 'singl',
};
const INVARIANT = new Set(['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes']);
/** Beginnings after which R1 starts: else words of other meaning would fall together. */
const PREFIX = /^(?:arsen|commun|emerg|gener|inter|later|organ|past|univers)/;
const STEP_1A = suffixes('sses ied ies us ss s');
const STEP_1B = suffixes('eed eedly ed edly ing ingly');
/** Words in -ing that keep it. */
const KEEPS_ING = /^(?:inn|out|cann|herr|earr|even)$/;
const STEP_2 = { ...DERIVED, bli: 'ble', ogi: 'og', ogist: 'og', fulli: 'ful', lessli: 'less', li: '' };
const STEP_2_SUFFIXES = suffixes(Object.keys(STEP_2).join(' '));
const STEP_3 = { ...ADJECTIVAL, tional: 'tion', ational: 'ate' };
const STEP_3_SUFFIXES = suffixes(Object.keys(STEP_3).join(' '));
const STEP_4 = suffixes(CUT);

/** Whether a part ends in a short syllable: consonant, vowel, consonant other than w, x, Y; or two letters, vowel and consonant; or is `past`. */
function endsShort(part: string): boolean {
  if (part === 'past') return true;
  const [a, b, c] = [part.length - 3, part.length - 2, part.length - 1];
  if (part.length === 2) return isVowelAt(part, 0, VOWELS) && !isVowelAt(part, 1, VOWELS);
  return part.length > 2 && !isVowelAt(part, a, VOWELS) && isVowelAt(part, b, VOWELS) && !isVowelAt(part, c, 'aeiouwxyY');
}

const hasVowel = (part: string): boolean => [...part].some(letter => VOWELS.includes(letter));

function step1a(word: string): string {
  const suffix = longest(word, STEP_1A);
  if (suffix === 'sses') return replaceEnd(word, 'es');
  if (suffix === 'ied' || suffix === 'ies') return replaceEnd(word, suffix, word.length > 4 ? 'i' : 'ie');
  return suffix === 's' && hasVowel(word.slice(0, -2)) ? word.slice(0, -1) : word;
}

function step1b(word: string, r1: number): string {
  const suffix = longest(word, STEP_1B);
  const stem = replaceEnd(word, suffix);
  if (suffix === '') return word;
  if (suffix.startsWith('eed')) return stem.length >= r1 && !/^(?:proc|exc|succ)$/.test(stem) ? `${stem}ee` : word;
  if (suffix === 'ing') {
    if (stem.length === 2 && stem[1] === 'y' && !VOWELS.includes(stem[0]!)) return `${stem[0]!}ie`;
    if (KEEPS_ING.test(stem)) return word;
  }
  if (!hasVowel(stem)) return word;
  // Of `add`, `egg` and `off` both letters stay.
  if (/^[aeo](?:dd|gg|ff|bb|mm|nn|pp|rr|tt)$/.test(stem)) return stem;
  return mendEnd(stem) ?? (stem.length === r1 && endsShort(stem) ? `${stem}e` : stem);
}

function step2(word: string, r1: number): string {
  const suffix = longest(word, STEP_2_SUFFIXES);
  const stem = replaceEnd(word, suffix);
  if ((suffix === 'ogi' && !stem.endsWith('l')) || (suffix === 'li' && !/[cdeghkmnrt]$/.test(stem))) return word;
  return replaceIn(word, r1, STEP_2_SUFFIXES, STEP_2);
}

function step3(word: string, r1: number, r2: number): string {
  return replaceIn(word, longest(word, STEP_3_SUFFIXES) === 'ative' ? r2 : r1, STEP_3_SUFFIXES, STEP_3);
}

function step5(word: string, r1: number, r2: number): string {
  const stem = word.slice(0, -1);
  if (word.endsWith('e')) return stem.length >= r2 || (stem.length >= r1 && !endsShort(stem)) ? stem : word;
  return word.endsWith('ll') && stem.length >= r2 ? stem : word;
}

/** The stem of an English word in small letters. */
export function stemEnglish(original: string): string {
  if (Object.hasOwn(IRREGULAR, original)) return IRREGULAR[original]!;
  if (original.length < 3 || INVARIANT.has(original)) return original;
  let word = original.replace(/^'/, '').replace(/^y|([aeiouy])y/g, '$1Y');
  const r1 = PREFIX.exec(word)?.[0].length ?? regionAfter(word, VOWELS);
  const r2 = regionAfter(word, VOWELS, r1);
  word = word.replace(/(?:'s'|'s|')$/, '');
  word = step1b(step1a(word), r1);
  if (word.length > 2 && /[yY]$/.test(word) && !isVowelAt(word, word.length - 2, VOWELS)) word = `${word.slice(0, -1)}i`;
  word = step5(cutIn(step3(step2(word, r1), r1, r2), r2, STEP_4), r1, r2);
  return word.replaceAll('Y', 'y');
}

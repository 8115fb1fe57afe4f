/** The stemmer for German. */
import { longest, regionAfter, replaceEnd, suffixes } from './word.js';

const VOWELS = 'aeiouyäöü';
const STEP_1 = suffixes('e em en erinnen erin ln lns ern er es s');
const STEP_2 = suffixes('en er et st est');
const STEP_3 = suffixes('end ig ung lich isch ik heit keit');
const UMLAUTS: Readonly<Record<string, string>> = { ae: 'ä', oe: 'ö', ue: 'ü', qu: 'qu', ß: 'ss' };
/** Parts before -et that are no participles. */
const KEEPS_ET = /(?:geordn|intern|tick|plan|tr)$/;

function step1(word: string, r1: number): string {
  const suffix = longest(word, STEP_1);
  const stem = replaceEnd(word, suffix);
  if (suffix === '' || stem.length < r1) return word;
  if (suffix === 'ln' || suffix === 'lns') return `${stem}l`;
  if (suffix === 's') return /[bdfghklmnrt]$/.test(stem) ? stem : word;
  if (suffix === 'em') return stem.endsWith('syst') ? word : stem;
  if (suffix === 'e' || suffix === 'en' || suffix === 'es') return stem.endsWith('niss') ? stem.slice(0, -1) : stem;
  return stem;
}

function step2(word: string, r1: number): string {
  const suffix = longest(word, STEP_2);
  const stem = replaceEnd(word, suffix);
  if (suffix === '' || stem.length < r1) return word;
  if (suffix === 'st') return stem.length > 3 && /[bdfghklmnt]$/.test(stem) ? stem : word;
  if (suffix === 'et') return /[Udfgklmnrstzä]$/.test(stem) && !KEEPS_ET.test(stem) ? stem : word;
  return stem;
}

/** A word without an end, where what is left lies in a region and does not end in e. */
function cutUnlessE(word: string, end: string, region: number): string {
  const stem = replaceEnd(word, end);
  return word.endsWith(end) && stem.length >= region && !stem.endsWith('e') ? stem : word;
}

function step3(word: string, r1: number, r2: number): string {
  const suffix = longest(word, STEP_3);
  const stem = replaceEnd(word, suffix);
  if (suffix === '' || stem.length < r2) return word;
  if (suffix === 'end' || suffix === 'ung') return cutUnlessE(stem, 'ig', r2);
  if (suffix === 'ig' || suffix === 'ik' || suffix === 'isch') return stem.endsWith('e') ? word : stem;
  if (suffix === 'keit') {
    const inner = longest(stem, ['lich', 'ig']);
    return stem.length - inner.length >= r2 ? replaceEnd(stem, inner) : stem;
  }
  const inner = longest(stem, ['er', 'en']);
  return stem.length - inner.length >= r1 ? replaceEnd(stem, inner) : stem;
}

/** The stem of a German word in small letters. */
export function stemGerman(original: string): string {
  let word = original.replace(/(?<=[aeiouyäöü])[uy](?=[aeiouyäöü])/g, letter => letter.toUpperCase()).replace(/ae|oe|ue|qu|ß/g, found => UMLAUTS[found]!);
  const start = regionAfter(word, VOWELS);
  const r1 = word.length < 3 ? word.length : Math.max(start, 3);
  const r2 = word.length < 3 ? word.length : regionAfter(word, VOWELS, start);
  word = step3(step2(step1(word, r1), r1), r1, r2).replace(/(?:'sch|'s|')$/, '');
  return word.replace(/[UYäöü]/g, letter => ({ U: 'u', Y: 'y', ä: 'a', ö: 'o', ü: 'u' })[letter]!);
}

/** The stemmer for Russian. */
import { longest, regionAfter, replaceEnd, type Suffixes, suffixes } from './word.js';

const VOWELS = 'аеиоуыэюя';
/** Endings of two groups: those of the first stand after а or я, which stays. */
interface Groups {
  readonly all: Suffixes;
  readonly plain: Suffixes;
}

const groups = (afterA: string, plain: string): Groups => ({ all: suffixes(`${afterA} ${plain}`), plain: suffixes(plain) });

const GERUND = groups('в вши вшись', 'ив ивши ившись ыв ывши ывшись');
const ADJECTIVE = suffixes('ее ие ое ые ими ыми ей ий ой ый ем им ом ым его ого ему ому их ых ею ою ую юю ая яя');
const PARTICIPLE = groups('ем нн вш ющ щ', 'ивш ывш ующ');
const REFLEXIVE = suffixes('сь ся');
const VERB = groups(
  'ла на ете йте ли й л ем н ло но нно ет ют ны ть ешь',
  'ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю',
);
const NOUN = suffixes('а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я');
const DERIVATIONAL = suffixes('ост ость');
const SUPERLATIVE = suffixes('ейш ейше');

/** A word without an ending that lies in RV; undefined where it has none. */
function cut(word: string, among: Suffixes, rv: number): string | undefined {
  const suffix = longest(word, among, rv);
  return suffix === '' ? undefined : replaceEnd(word, suffix);
}

/** The same with endings of two groups, the longer one counts. */
function cutEither(word: string, { all, plain }: Groups, rv: number): string | undefined {
  const suffix = longest(word, all, rv);
  const stem = replaceEnd(word, suffix);
  if (suffix === '') return undefined;
  return plain.includes(suffix) || (/[ая]$/.test(stem) && stem.length > rv) ? stem : undefined;
}

function cutInflection(word: string, rv: number): string {
  const gerund = cutEither(word, GERUND, rv);
  if (gerund !== undefined) return gerund;
  const plain = cut(word, REFLEXIVE, rv) ?? word;
  const adjective = cut(plain, ADJECTIVE, rv);
  if (adjective !== undefined) return cutEither(adjective, PARTICIPLE, rv) ?? adjective;
  return cutEither(plain, VERB, rv) ?? cut(plain, NOUN, rv) ?? plain;
}

/** The stem of a Russian word in small letters. */
export function stemRussian(original: string): string {
  const spelled = original.replaceAll('ё', 'е');
  const vowel = [...spelled].findIndex(letter => VOWELS.includes(letter));
  if (vowel < 0) return spelled;
  const rv = vowel + 1;
  const r2 = regionAfter(spelled, VOWELS, regionAfter(spelled, VOWELS));
  let word = cutInflection(spelled, rv);
  if (word.endsWith('и') && word.length > rv) word = word.slice(0, -1);
  const derivational = longest(word, DERIVATIONAL, rv);
  if (derivational !== '' && word.length - derivational.length >= r2) word = replaceEnd(word, derivational);
  const superlative = cut(word, SUPERLATIVE, rv);
  if (superlative !== undefined) return superlative.endsWith('нн') && superlative.length - 2 >= rv ? superlative.slice(0, -1) : superlative;
  if (word.endsWith('нн') && word.length - 2 >= rv) return word.slice(0, -1);
  return word.endsWith('ь') && word.length > rv ? word.slice(0, -1) : word;
}

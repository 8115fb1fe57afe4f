/** The stemmer for Spanish. */
import { longest, regionAfter, replaceEnd, suffixes, verbRegion } from './word.js';

const VOWELS = 'aeiouáéíóúü';
const PLAIN: Readonly<Record<string, string>> = { á: 'a', é: 'e', í: 'i', ó: 'o', ú: 'u' };
const PRONOUN = suffixes('me se sela selo selas selos la le lo las les los nos');
const BEFORE_PRONOUN = suffixes('iéndo ándo ár ér ír ando iendo ar er ir yendo');
/** Endings of derivation by what becomes of them. */
const DERIVATION: Readonly<Record<string, string>> = {
  plain: 'anza anzas ico ica icos icas ismo ismos able ables ible ibles ista istas oso osa osos osas amiento amientos imiento imientos',
  ation: 'adora ador ación acion adoras adores aciones ante antes ancia ancias',
  logy: 'logía logías',
  ution: 'ución ucion uciones',
  ence: 'encia encias',
  amente: 'amente',
  mente: 'mente',
  ity: 'idad idades',
  ive: 'iva ivo ivas ivos',
};
const KIND = new Map(Object.entries(DERIVATION).flatMap(([kind, list]) => list.split(' ').map(suffix => [suffix, kind] as const)));
const DERIVATION_SUFFIXES = suffixes([...KIND.keys()].join(' '));
const Y_VERB = suffixes('ya ye yan yen yeron yendo yo yó yas yes yais yamos');
/** Endings before which the u of gu goes too. */
const VERB_AFTER_GU = suffixes('en es éis emos');
const VERB = suffixes(
  'arían arías arán arás aríais aría aréis aríamos aremos ará aré erían erías erán erás eríais ería eréis eríamos eremos erá eré irían irías irán irás iríais iría iréis iríamos iremos irá iré aba ada ida ía ara iera ad ed id ase iese aste iste an aban ían aran ieran asen iesen aron ieron ado ido ando iendo ió ar er ir as abas adas idas ías aras ieras ases ieses ís áis abais íais arais ierais aseis ieseis asteis isteis ados idos amos ábamos íamos imos áramos iéramos iésemos ásemos',
);
const EVERY_VERB = suffixes([...VERB_AFTER_GU, ...VERB].join(' '));
const RESIDUAL = suffixes('os a o á í ó e é');

const plain = (text: string): string => text.replace(/[áéíóú]/g, letter => PLAIN[letter]!);

function cutPronoun(word: string, rv: number): string {
  const pronoun = longest(word, PRONOUN);
  if (pronoun === '') return word;
  const rest = replaceEnd(word, pronoun);
  const ending = longest(rest, BEFORE_PRONOUN);
  const start = rest.length - ending.length;
  if (ending === '' || start < rv || (ending === 'yendo' && rest[start - 1] !== 'u')) return word;
  return rest.slice(0, start) + plain(ending);
}

/** A word without one of the ends, where that lies in R2. */
function cutOneInR2(word: string, ends: readonly string[], r2: number): string {
  const end = longest(word, ends);
  return word.length - end.length >= r2 ? replaceEnd(word, end) : word;
}

const AMENTE = suffixes('iv ic ad os');
const MENTE = suffixes('ante able ible');
const ITY = suffixes('abil ic iv');

/** A word without the ending of a derivation; undefined where it has none. */
function cutDerivation(word: string, r1: number, r2: number): string | undefined {
  const suffix = longest(word, DERIVATION_SUFFIXES);
  const kind = KIND.get(suffix);
  const stem = replaceEnd(word, suffix);
  if (kind === undefined || stem.length < (kind === 'amente' ? r1 : r2)) return undefined;
  switch (kind) {
    case 'ation':
      return cutOneInR2(stem, ['ic'], r2);
    case 'logy':
      return `${stem}log`;
    case 'ution':
      return `${stem}u`;
    case 'ence':
      return `${stem}ente`;
    case 'amente': {
      const rest = cutOneInR2(stem, AMENTE, r2);
      return rest !== stem && stem.endsWith('iv') ? cutOneInR2(rest, ['at'], r2) : rest;
    }
    case 'mente':
      return cutOneInR2(stem, MENTE, r2);
    case 'ity':
      return cutOneInR2(stem, ITY, r2);
    case 'ive':
      return cutOneInR2(stem, ['at'], r2);
    default:
      return stem;
  }
}

function cutVerb(word: string, rv: number): string {
  const y = longest(word, Y_VERB, rv);
  if (y !== '' && word.at(-y.length - 1) === 'u') return replaceEnd(word, y);
  const suffix = longest(word, EVERY_VERB, rv);
  const stem = replaceEnd(word, suffix);
  return VERB_AFTER_GU.includes(suffix) && stem.endsWith('gu') ? stem.slice(0, -1) : stem;
}

function cutResidual(word: string, rv: number): string {
  const suffix = longest(word, RESIDUAL);
  const stem = replaceEnd(word, suffix);
  if (suffix === '' || stem.length < rv) return word;
  return /[eé]/.test(suffix) && stem.endsWith('gu') && stem.length > rv ? stem.slice(0, -1) : stem;
}

/** The stem of a Spanish word in small letters. */
export function stemSpanish(original: string): string {
  const rv = verbRegion(original, VOWELS);
  const r1 = regionAfter(original, VOWELS);
  const r2 = regionAfter(original, VOWELS, r1);
  const word = cutPronoun(original, rv);
  return plain(cutResidual(cutDerivation(word, r1, r2) ?? cutVerb(word, rv), rv));
}

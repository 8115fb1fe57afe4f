/** The stemmer for Turkish: suffixes of nouns and of nominal verbs in the order in which the language joins them (Eryiğit and Adalı 2004). */
import { longest, suffixes } from './word.js';

const VOWELS = 'aeıioöuü';
/** The vowels that may come before each vowel of a suffix. */
const HARMONY: Readonly<Record<string, string>> = { a: 'aıou', e: 'eiöü', ı: 'aı', i: 'ei', o: 'ou', u: 'ou', ö: 'öü', ü: 'öü' };

/** A suffix in its forms: whether vowel harmony decides, and the letter that joins it to a stem where two vowels, or for U two consonants, would meet. */
interface Suffix {
  readonly forms: readonly string[];
  readonly harmony: boolean;
  readonly joint: 'n' | 's' | 'y' | 'U' | '';
}

const suffix = (forms: string, joint: Suffix['joint'] = '', harmony = true): Suffix => ({ forms: suffixes(forms), harmony, joint });

/** Capitals stand for letters that vary: A for a and e, U for ı, i, u and ü, D for d and t. */
const SUFFIXES = {
  possessive: suffix('m n mız miz muz müz nız niz nuz nüz', 'U', false),
  sU: suffix('ı i u ü', 's'),
  lArI: suffix('ları leri', '', false),
  yU: suffix('ı i u ü', 'y'),
  nU: suffix('nı ni nu nü'),
  nUn: suffix('ın in un ün', 'n'),
  yA: suffix('a e', 'y'),
  nA: suffix('na ne'),
  DA: suffix('da de ta te'),
  ndA: suffix('nda nde'),
  DAn: suffix('dan den tan ten'),
  ndAn: suffix('ndan nden'),
  ylA: suffix('la le', 'y'),
  ncA: suffix('ca ce', 'n'),
  yUm: suffix('ım im um üm', 'y'),
  sUn: suffix('sın sin sun sün'),
  yUz: suffix('ız iz uz üz', 'y'),
  sUnUz: suffix('sınız siniz sunuz sünüz', '', false),
  lAr: suffix('lar ler'),
  nUz: suffix('nız niz nuz nüz'),
  DUr: suffix('tır tir tur tür dır dir dur dür'),
  cAsInA: suffix('casına cesine', '', false),
  yDU: suffix('tım tim tum tüm dım dim dum düm tın tin tun tün dın din dun dün tık tik tuk tük dık dik duk dük tı ti tu tü dı di du dü', 'y'),
  ysA: suffix('sam san sak sem sen sek sa se', 'y', false),
  ymUs: suffix('mış miş muş müş', 'y'),
  yken: suffix('ken', 'y', false),
} as const;

type Name = keyof typeof SUFFIXES;

const isVowel = (letter: string | undefined): boolean => letter !== undefined && VOWELS.includes(letter);
const isHigh = (letter: string | undefined): boolean => letter !== undefined && 'ıiuü'.includes(letter);

/** Whether the last vowel of a text goes with a vowel before it. */
function isHarmonic(text: string): boolean {
  for (let at = text.length - 1; at > 0; at--) {
    if (!isVowel(text[at])) continue;
    return [...text.slice(0, at)].some(letter => HARMONY[text[at]!]!.includes(letter));
  }
  return false;
}

/** A word that is read from its end: `at` is where what has been read begins, and what is cut begins there too. */
class Reader {
  word: string;
  at: number;

  constructor(word: string) {
    this.word = word;
    this.at = word.length;
  }

  /** Reads one of the suffixes, the first that is there. */
  read(...names: readonly Name[]): boolean {
    return names.some(name => this.#readOne(SUFFIXES[name]));
  }

  #readOne({ forms, harmony, joint }: Suffix): boolean {
    const head = this.word.slice(0, this.at);
    if (harmony && !isHarmonic(head)) return false;
    const form = longest(head, forms);
    const start = this.at - form.length;
    if (form === '') return false;
    const joined = joint === '' ? start : this.#joint(start, joint);
    if (joined < 0) return false;
    this.at = joined;
    return true;
  }

  /** Where a suffix with its joint begins; -1 where stem and suffix do not fit. */
  #joint(start: number, joint: Suffix['joint']): number {
    const [last, before] = [this.word[start - 1], this.word[start - 2]];
    const fits = before !== undefined && isVowel(before) === (joint !== 'U');
    if (!fits) return -1;
    return (joint === 'U' ? isHigh(last) : last === joint) ? start - 1 : start;
  }

  readKi(): boolean {
    if (!this.word.slice(0, this.at).endsWith('ki')) return false;
    this.at -= 2;
    return true;
  }

  /** Cuts what has been read since a distance from the end. */
  cut(distance: number): void {
    this.word = this.word.slice(0, this.at) + this.word.slice(this.word.length - distance);
  }

  /** How far from its end the word has been read. */
  get distance(): number {
    return this.word.length - this.at;
  }

  set distance(distance: number) {
    this.at = this.word.length - distance;
  }

  /** Tries ways in turn, each from where the first began. */
  either(...ways: readonly (() => boolean)[]): boolean {
    const { distance } = this;
    return ways.some(way => {
      this.distance = distance;
      return way();
    });
  }

  /** Goes a way where it leads on, and stays where it does not. */
  perhaps(way: () => boolean): true {
    const { distance } = this;
    if (!way()) this.distance = distance;
    return true;
  }

  /** Reads a suffix and cuts it. */
  take(...names: readonly Name[]): boolean {
    const { distance } = this;
    if (!this.read(...names)) return false;
    this.cut(distance);
    return true;
  }
}

/** Whether the word ended as a nominal verb does, and whether suffixes of nouns may still follow. */
function cutVerbSuffixes(reader: Reader): boolean {
  const person = (): boolean =>
    reader.either(
      () => reader.read('sUnUz', 'lAr', 'yUm', 'sUn', 'yUz'),
      () => true,
    );
  let goesOn = true;
  const found = reader.either(
    () => reader.read('ymUs', 'yDU', 'ysA', 'yken'),
    () => reader.read('cAsInA') && person() && reader.read('ymUs'),
    () => {
      if (!reader.take('lAr')) return false;
      goesOn = false;
      return reader.perhaps(() => reader.read('DUr', 'yDU', 'ysA', 'ymUs'));
    },
    () => reader.read('nUz') && reader.read('yDU', 'ysA'),
    () => reader.take('sUnUz', 'yUz', 'sUn', 'yUm') && reader.perhaps(() => reader.read('ymUs')),
    () => reader.take('DUr') && reader.perhaps(() => person() && reader.read('ymUs')),
  );
  if (found) reader.cut(0);
  return goesOn;
}

/** The plural, and before it a chain in -ki. */
const pluralAndKi = (reader: Reader): boolean => reader.take('lAr') && cutKi(reader);

/** A suffix, then perhaps the plural and what comes before that. */
const withPlural = (reader: Reader, ...names: readonly Name[]): boolean => reader.take(...names) && reader.perhaps(() => pluralAndKi(reader));

/** -ki, which makes adjectives of places and owners, with the suffix before it. */
function cutKi(reader: Reader): boolean {
  const start = reader.distance;
  if (!reader.readKi()) return false;
  const take = (...names: readonly Name[]): boolean => {
    if (!reader.read(...names)) return false;
    reader.cut(start);
    return true;
  };
  return reader.either(
    () =>
      take('DA') &&
      reader.perhaps(() =>
        reader.either(
          () => reader.take('lAr') && reader.perhaps(() => cutKi(reader)),
          () => withPlural(reader, 'possessive'),
        ),
      ),
    () =>
      take('nUn') &&
      reader.perhaps(() =>
        reader.either(
          () => reader.take('lArI'),
          () => withPlural(reader, 'possessive', 'sU'),
          () => cutKi(reader),
        ),
      ),
  );
}

/** A suffix that is cut together with the case that was read after it, from a distance on. */
function takeWith(reader: Reader, start: number, name: Name): boolean {
  if (!reader.read(name)) return false;
  reader.cut(start);
  return true;
}

function cutNounSuffixes(reader: Reader): void {
  const start = reader.distance;
  const own = (): boolean => withPlural(reader, 'possessive', 'sU');
  reader.either(
    () => reader.take('lAr') && reader.perhaps(() => cutKi(reader)),
    () =>
      reader.take('ncA') &&
      reader.perhaps(() =>
        reader.either(
          () => reader.take('lArI'),
          own,
          () => pluralAndKi(reader),
        ),
      ),
    () =>
      reader.read('ndA', 'nA') &&
      reader.either(
        () => takeWith(reader, start, 'lArI'),
        () => takeWith(reader, start, 'sU') && reader.perhaps(() => pluralAndKi(reader)),
        () => cutKi(reader),
      ),
    () =>
      reader.read('ndAn', 'nU') &&
      reader.either(
        () => takeWith(reader, start, 'sU') && reader.perhaps(() => pluralAndKi(reader)),
        () => reader.read('lArI'),
      ),
    () =>
      reader.take('DAn') &&
      reader.perhaps(() =>
        reader.either(
          () => withPlural(reader, 'possessive'),
          () => reader.take('lAr') && reader.perhaps(() => cutKi(reader)),
          () => cutKi(reader),
        ),
      ),
    () =>
      reader.take('nUn', 'ylA') &&
      reader.perhaps(() =>
        reader.either(
          () => pluralAndKi(reader),
          own,
          () => cutKi(reader),
        ),
      ),
    () => reader.take('lArI'),
    () => cutKi(reader),
    () =>
      reader.take('DA', 'yU', 'yA') &&
      reader.perhaps(() => {
        const from = reader.distance;
        const found = reader.either(
          () => reader.take('possessive') && reader.perhaps(() => reader.read('lAr')),
          () => reader.read('lAr'),
        );
        if (!found) return false;
        reader.cut(from);
        return cutKi(reader);
      }),
    own,
  );
}

const LAST_CONSONANT: Readonly<Record<string, string>> = { b: 'p', c: 'ç', d: 't', ğ: 'k' };

/** Stems in d and g get back the vowel that a suffix took; other voiced ends become voiceless. */
function restoreEnd(word: string): string {
  if (/[dg]$/.test(word)) {
    const vowel = [...word].findLast(isVowel);
    if (vowel !== undefined) return word + { a: 'ı', ı: 'ı', e: 'i', i: 'i', o: 'u', u: 'u', ö: 'ü', ü: 'ü' }[vowel]!;
  }
  return word.replace(/[bcdğ]$/, end => LAST_CONSONANT[end]!);
}

/** The stem of a Turkish word in small letters. */
export function stemTurkish(original: string): string {
  const word = original.replace(/^'+/, '').replace(/^(..[^']*)'.*$/s, '$1');
  if ([...word].filter(isVowel).length < 2) return word;
  const reader = new Reader(word);
  if (!cutVerbSuffixes(reader)) return reader.word;
  reader.at = reader.word.length;
  cutNounSuffixes(reader);
  return /^(?:soy)?ad$/.test(reader.word) ? reader.word : restoreEnd(reader.word);
}

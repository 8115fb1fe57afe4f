/** Stems of words: the part that is left when endings are taken off, by the stemmers of the Snowball project. */
import { notNull, parseEnum } from '@gtc/errors';
import { stemEnglish } from './internal/stemming/english.js';
import { stemFrench } from './internal/stemming/french.js';
import { stemGerman } from './internal/stemming/german.js';
import { stemPorter } from './internal/stemming/porter.js';
import { stemRussian } from './internal/stemming/russian.js';
import { stemSpanish } from './internal/stemming/spanish.js';
import { stemTurkish } from './internal/stemming/turkish.js';

/** Stemmers; `porter` is the first one for English (1980), which search engines still use, `english` its successor. */
export const StemmerLanguage = {
  ENGLISH: 'english',
  FRENCH: 'french',
  GERMAN: 'german',
  PORTER: 'porter',
  RUSSIAN: 'russian',
  SPANISH: 'spanish',
  TURKISH: 'turkish',
} as const;
/** One of the stemmers. */
export type StemmerLanguage = (typeof StemmerLanguage)[keyof typeof StemmerLanguage];

const STEMMERS: Readonly<Record<StemmerLanguage, (word: string) => string>> = {
  english: stemEnglish,
  french: stemFrench,
  german: stemGerman,
  porter: stemPorter,
  russian: stemRussian,
  spanish: stemSpanish,
  turkish: stemTurkish,
};

/**
 * The stem of a word, in small letters. A stem need not be a word: it is what forms of one word have in common.
 *
 * @param language the stemmer, default English
 * @throws {ValidationError} naming the languages
 * @remarks Python: `snowballstemmer.stemmer(language).stemWord(word.lower())`, version 3.1.
 * @example ['connection', 'connected', 'connecting'].map(word => stem(word)) // => ['connect', 'connect', 'connect']
 * @example stem('Häuser', { language: 'german' }) // => 'haus'
 */
export function stem(word: string, { language = 'english' }: { readonly language?: StemmerLanguage } = {}): string {
  return STEMMERS[parseEnum(StemmerLanguage, language, 'language')](notNull(word, 'word').toLowerCase());
}

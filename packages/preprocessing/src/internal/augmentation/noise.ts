/** Errors in texts: other letters, lost and mixed-up words, neighbouring keys, letters that scanners confuse. */
import { splitWords } from '@gtc/errors';
import type { PythonRandom } from '@gtc/tensor/random';
import { KEYBOARD_NEIGHBORS, type NoiseType, OCR_CONFUSIONS } from './configs.js';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** Whether a character is a capital. */
export const isUpper = (character: string): boolean => character !== character.toLowerCase() && character === character.toUpperCase();

/** Each character, changed by a draw where `pool` offers others for it. */
function replaceCharacters(text: string, probability: number, random: PythonRandom, pool: (character: string) => string | undefined): string {
  return [...text]
    .map(character => {
      const others = pool(character);
      return others !== undefined && random.random() < probability ? random.choice([...others]) : character;
    })
    .join('');
}

/** The letters between the first and the last, shuffled. */
function shuffleMiddle(word: string, random: PythonRandom): string {
  const letters = [...word];
  return letters.length > 3 ? [letters[0], ...random.shuffle(letters.slice(1, -1)), letters.at(-1)].join('') : word;
}

/** Words dropped or with their letters mixed; the text itself where no word is left. */
function noisyWords(text: string, probability: number, random: PythonRandom): string {
  const words = splitWords(text).flatMap(word => {
    if (random.random() >= probability) return [word];
    return random.random() < 0.5 ? [] : [shuffleMiddle(word, random)];
  });
  return words.length === 0 ? text : words.join(' ');
}

/** A text with errors of each kind. */
export const NOISES: Readonly<Record<NoiseType, (text: string, probability: number, random: PythonRandom) => string>> = {
  character: (text, probability, random) => replaceCharacters(text, probability, random, character => (/\p{L}/u.test(character) ? LETTERS : undefined)),
  word: noisyWords,
  keyboard: (text, probability, random) => replaceCharacters(text, probability, random, neighboursOf),
  ocr: (text, probability, random) =>
    replaceCharacters(text, probability, random, character => (Object.hasOwn(OCR_CONFUSIONS, character) ? OCR_CONFUSIONS[character] : undefined)),
};

/** Keys beside that of a character, in its case. */
function neighboursOf(character: string): string | undefined {
  const key = character.toLowerCase();
  if (!Object.hasOwn(KEYBOARD_NEIGHBORS, key)) return undefined;
  return isUpper(character) ? KEYBOARD_NEIGHBORS[key]!.toUpperCase() : KEYBOARD_NEIGHBORS[key];
}

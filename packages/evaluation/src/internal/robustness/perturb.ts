/** Small changes of text that a reader hardly minds: slips of the keyboard, look-alike letters, edits of letters and words. */
import { inRange, oneOf } from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';

/** What a change does: to letters, or (the last three) to words. */
export type TextChange = 'keyboard' | 'homoglyph' | 'swap' | 'delete' | 'insert' | 'replace' | 'case' | 'wordSwap' | 'wordDelete' | 'wordRepeat';

/** Rows of the keyboard, whose letters lie beside each other. */
const KEY_ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Keys beside a key: in its row, and half a key off in the next ones. */
const NEIGHBOURS: ReadonlyMap<string, readonly string[]> = new Map(
  KEY_ROWS.flatMap((keys, row) =>
    [...keys].map((key, place): [string, string[]] => {
      const near = [
        keys[place - 1],
        keys[place + 1],
        KEY_ROWS[row - 1]?.[place],
        KEY_ROWS[row - 1]?.[place + 1],
        KEY_ROWS[row + 1]?.[place - 1],
        KEY_ROWS[row + 1]?.[place],
      ];
      return [key, near.filter(other => other !== undefined)];
    }),
  ),
);

/** Cyrillic and Greek letters that look like Latin ones (Unicode's confusables, UTS 39). */
const HOMOGLYPHS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'а',
    c: 'с',
    e: 'е',
    i: 'і',
    j: 'ј',
    o: 'о',
    p: 'р',
    s: 'ѕ',
    v: 'ν',
    x: 'х',
    y: 'у',
    A: 'А',
    B: 'В',
    C: 'С',
    E: 'Е',
    H: 'Н',
    I: 'І',
    K: 'К',
    M: 'М',
    O: 'О',
    P: 'Р',
    T: 'Т',
    X: 'Х',
  }),
);

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const isLetter = (character: string): boolean => /\p{L}/u.test(character);
const oneFrom = <V>(random: NumpyRandom, items: ArrayLike<V>): V => items[random.integers(0, items.length)]!;

/** A letter in the case of another one. */
const like = (letter: string, model: string): string => (model === model.toUpperCase() && model !== model.toLowerCase() ? letter.toUpperCase() : letter);

/** What becomes of a letter; null where the change has nothing for it. */
const LETTER_CHANGES: Readonly<
  Record<Exclude<TextChange, 'swap' | 'wordSwap' | 'wordDelete' | 'wordRepeat'>, (letter: string, random: NumpyRandom) => string | null>
> = {
  keyboard: (letter, random) => {
    const near = NEIGHBOURS.get(letter.toLowerCase());
    return near === undefined ? null : like(oneFrom(random, near), letter);
  },
  homoglyph: letter => HOMOGLYPHS.get(letter) ?? null,
  delete: () => '',
  insert: (letter, random) => letter + like(oneFrom(random, LETTERS), letter),
  replace: (letter, random) => like(oneFrom(random, LETTERS), letter),
  case: letter => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()),
};

/** Options of {@link perturbText}. */
export interface PerturbOptions {
  /** 'keyboard' by default. */
  readonly change?: TextChange;
  /** Share of the letters (or words) that change, each by chance; 0.1 by default. */
  readonly rate?: number;
  /** Seed of numpy's `default_rng`, or a stream that goes on; another one every time when null. */
  readonly seed?: number | NumpyRandom | null;
}

function changeWords(text: string, change: TextChange, rate: number, random: NumpyRandom): string {
  // Words at even places, the white space between them at odd ones.
  const parts = text.split(/(\s+)/u);
  for (let i = 0; i < parts.length; i += 2) {
    if (parts[i] === '' || random.random() >= rate) continue;
    if (change === 'wordDelete') [parts[i], parts[i + 1]] = ['', ''];
    else if (change === 'wordRepeat') parts[i] = `${parts[i]} ${parts[i]}`;
    else if (i + 2 < parts.length) {
      [parts[i], parts[i + 2]] = [parts[i + 2]!, parts[i]!];
      i += 2;
    }
  }
  return parts.join('');
}

/**
 * Changes letters or words of a text by chance.
 *
 * @throws {ValidationError} for an unknown change or a rate outside [0, 1]
 * @remarks Python: `nlpaug.augmenter.char.KeyboardAug`, `textattack.transformations.WordSwapHomoglyphSwap`, ...; own draws.
 * @example perturbText('cap', { change: 'homoglyph', rate: 1 }) // => 'сар'
 * @example perturbText('one two', { change: 'wordSwap', rate: 1 }) // => 'two one'
 */
export function perturbText(text: string, { change = 'keyboard', rate = 0.1, seed = null }: PerturbOptions = {}): string {
  const changes: readonly TextChange[] = [...(Object.keys(LETTER_CHANGES) as TextChange[]), 'swap', 'wordSwap', 'wordDelete', 'wordRepeat'];
  oneOf(change, 'change', changes);
  inRange(rate, 'rate', { min: 0, max: 1 });
  const random = seed instanceof NumpyRandom ? seed : new NumpyRandom(seed);
  if (change === 'wordSwap' || change === 'wordDelete' || change === 'wordRepeat') return changeWords(text, change, rate, random);
  const letters = [...text];
  for (let i = 0; i < letters.length; i++) {
    if (!isLetter(letters[i]!) || random.random() >= rate) continue;
    if (change === 'swap') {
      if (i + 1 < letters.length && isLetter(letters[i + 1]!)) {
        [letters[i], letters[i + 1]] = [letters[i + 1]!, letters[i]!];
        i++;
      }
    } else letters[i] = LETTER_CHANGES[change](letters[i]!, random) ?? letters[i]!;
  }
  return letters.join('');
}

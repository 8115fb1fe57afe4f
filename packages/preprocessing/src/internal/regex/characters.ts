/** Sets of characters, and the classes that tokenizers speak of as the Unicode tables of Rust and Oniguruma have them. */

/** A test for one code point. */
export type Holds = (codePoint: number) => boolean;

const PAGE = 256;

/** A set of code points that remembers its answers, a page of 256 at a time. */
export class CharacterSet {
  readonly #holds: Holds;
  readonly #pages: (Uint8Array | undefined)[] = [];

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  has(codePoint: number): boolean {
    const page = codePoint >>> 8;
    const known = this.#pages[page] ?? this.#fill(page);
    return known[codePoint & 255] === 1;
  }

  #fill(page: number): Uint8Array {
    const answers = Uint8Array.from({ length: PAGE }, (_, i) => (this.#holds(page * PAGE + i) ? 1 : 0));
    this.#pages[page] = answers;
    return answers;
  }
}

/** The set that a class of JavaScript's Unicode mode describes. */
export function setOf(source: string): CharacterSet {
  const pattern = new RegExp(`^${source}$`, 'u');
  return new CharacterSet(codePoint => pattern.test(String.fromCodePoint(codePoint)));
}

/** `White_Space`: not U+FEFF, which JavaScript's `\s` has, but U+0085, which it lacks. */
export const WHITE_SPACE: CharacterSet = setOf('\\p{White_Space}');
/** Letters, of any script. */
export const LETTER: CharacterSet = setOf('\\p{L}');
/** Digits and other numbers. */
export const NUMBER: CharacterSet = setOf('\\p{N}');
/** Marks that belong to the character before them. */
export const MARK: CharacterSet = setOf('\\p{M}');
/** Marks that take no space of their own. */
export const NONSPACING: CharacterSet = setOf('\\p{Mn}');
/** Control and format characters, private use and surrogates; unassigned code points are none of them. */
export const OTHER: CharacterSet = setOf('[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}]');
/** Marks of punctuation, and the ASCII symbols that keyboards call so. */
export const PUNCTUATION: CharacterSet = setOf('[\\p{P}$+<=>^`|~]');
/** `\w` of Unicode's recommendation (UTS 18, C). */
export const WORD: CharacterSet = setOf('[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]');

/** Blocks that BERT sets apart: CJK ideographs, their extensions A to E, and compatibility ideographs (Devlin et al. 2019). */
const IDEOGRAPHS = [0x4e00, 0x9fff, 0x3400, 0x4dbf, 0x20000, 0x2a6df, 0x2a700, 0x2b73f, 0x2b740, 0x2b81f, 0x2b820, 0x2ceaf, 0xf900, 0xfaff, 0x2f800, 0x2fa1f];
/** Ideographs of CJK. */
export const IDEOGRAPH: CharacterSet = new CharacterSet(codePoint =>
  IDEOGRAPHS.some((first, i) => i % 2 === 0 && codePoint >= first && codePoint <= IDEOGRAPHS[i + 1]!),
);

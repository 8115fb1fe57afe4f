/** What Unicode says of single characters: numbers, general category, combining class. */
import { CharacterSet, type Holds, setOf } from '../regex/characters.js';

/** Ranges written as `first-last` or a single code point, hexadecimal, between spaces. */
function rangesOf(text: string): Holds {
  const ranges = text.split(' ').map(range => range.split('-').map(code => Number.parseInt(code, 16)) as [number, number?]);
  return codePoint => ranges.some(([first, last = first]) => codePoint >= first && codePoint <= last);
}

/** Digits of no decimal system: raised, lowered, circled and those of scripts without zero (UnicodeData.txt, seventh field). */
const OTHER_DIGIT =
  'b2-b3 b9 1369-1371 19da 2070 2074-2079 2080-2089 2460-2468 2474-247c 2488-2490 24ea 24f5-24fd 24ff 2776-277e 2780-2788 278a-2792 10a40-10a43 10e60-10e68 11052-1105a 1f100-1f10a';
/** Ideographs that mean a number (Unihan: kPrimaryNumeric, kAccountingNumeric, kOtherNumeric). */
const NUMERIC_IDEOGRAPH =
  '3405 3483 382a 3b4d 4e00 4e03 4e07 4e09 4e5d 4e8c 4e94 4e96 4ebf-4ec0 4edf 4ee8 4f0d 4f70 5104 5146 5169 516b 516d 5341 5343-5345 534c 53c1-53c4 56db 58f1 58f9 5e7a 5efe-5eff 5f0c-5f0e 5f10 62fe 634c 67d2 6f06 7396 767e 8086 842c 8cae 8cb3 8d30 9621 9646 964c 9678 96f6 f96b f973 f978 f9b2 f9d1 f9d3 f9fd 20001 20064 200e2 20121 2092a 20983 2098c 2099c 20aea 20afd 20b19 22390 22998 23b1b 2626d 2f890';

/** Digits of decimal systems. */
export const DECIMAL: CharacterSet = setOf('\\p{Nd}');
const otherDigit = rangesOf(OTHER_DIGIT);
/** Digits, decimal or not. */
export const DIGIT: CharacterSet = new CharacterSet(codePoint => DECIMAL.has(codePoint) || otherDigit(codePoint));
const numericIdeograph = rangesOf(NUMERIC_IDEOGRAPH);
const number = setOf('\\p{N}');
/** Characters with the value of a number. */
export const NUMERIC: CharacterSet = new CharacterSet(codePoint => number.has(codePoint) || numericIdeograph(codePoint));
/** Capitals. */
export const UPPER: CharacterSet = setOf('\\p{Uppercase}');
/** Small letters. */
export const LOWER: CharacterSet = setOf('\\p{Lowercase}');
/** Digraphs with a capital and a small letter. */
export const TITLE: CharacterSet = setOf('\\p{Lt}');
/** Letters that have case. */
export const CASED: CharacterSet = setOf('\\p{Cased}');

const CATEGORIES = [
  'Lu',
  'Ll',
  'Lt',
  'Lm',
  'Lo',
  'Mn',
  'Mc',
  'Me',
  'Nd',
  'Nl',
  'No',
  'Pc',
  'Pd',
  'Ps',
  'Pe',
  'Pi',
  'Pf',
  'Po',
  'Sm',
  'Sc',
  'Sk',
  'So',
  'Zs',
  'Zl',
  'Zp',
  'Cc',
  'Cf',
  'Cs',
  'Co',
] as const;
/** A general category of Unicode; `Cn` are code points without a character. */
export type GeneralCategory = (typeof CATEGORIES)[number] | 'Cn';
const categorySets = /* @__PURE__ */ CATEGORIES.map(name => [name, setOf(`\\p{${name}}`)] as const);

/** The general category of a code point. */
export function categoryOf(codePoint: number): GeneralCategory {
  return categorySets.find(([, set]) => set.has(codePoint))?.[0] ?? 'Cn';
}

/** One mark of each canonical combining class, the classes in order (DerivedCombiningClass.txt). */
const MARKS_BY_CLASS: readonly (readonly [combiningClass: number, mark: number])[] = [
  [1, 0x334],
  [6, 0x16ff0],
  [7, 0x93c],
  [8, 0x3099],
  [9, 0x94d],
  [10, 0x5b0],
  [11, 0x5b1],
  [12, 0x5b2],
  [13, 0x5b3],
  [14, 0x5b4],
  [15, 0x5b5],
  [16, 0x5b6],
  [17, 0x5b7],
  [18, 0x5b8],
  [19, 0x5b9],
  [20, 0x5bb],
  [21, 0x5bc],
  [22, 0x5bd],
  [23, 0x5bf],
  [24, 0x5c1],
  [25, 0x5c2],
  [26, 0xfb1e],
  [27, 0x64b],
  [28, 0x64c],
  [29, 0x64d],
  [30, 0x618],
  [31, 0x619],
  [32, 0x61a],
  [33, 0x651],
  [34, 0x652],
  [35, 0x670],
  [36, 0x711],
  [84, 0xc55],
  [91, 0xc56],
  [103, 0xe38],
  [107, 0xe48],
  [118, 0xeb8],
  [122, 0xec8],
  [129, 0xf71],
  [130, 0xf72],
  [132, 0xf74],
  [202, 0x321],
  [214, 0x1dce],
  [216, 0x31b],
  [218, 0x1dfa],
  [220, 0x316],
  [222, 0x59a],
  [224, 0x302e],
  [226, 0x1d16d],
  [228, 0x5ae],
  [230, 0x300],
  [232, 0x315],
  [233, 0x35c],
  [234, 0x35d],
  [240, 0x345],
];
/** Vowel signs of Tibetan that stand for two marks and are no marks themselves. */
const TIBETAN = [0xf73, 0xf75, 0xf81];

/**
 * The canonical combining class of a code point. Normalization sorts marks by their class, so what it does with a pair of marks tells
 * which class is the higher one: no table of a thousand marks is needed, and the answer follows the engine's Unicode.
 */
export function combiningClassOf(codePoint: number): number {
  if (codePoint < 0x300 || TIBETAN.includes(codePoint)) return 0;
  const mark = [...String.fromCodePoint(codePoint).normalize('NFD')][0]!;
  const swaps = (first: string, second: string): boolean => (first + second).normalize('NFD').startsWith(second) && first !== second;
  const [lowest, highest] = [MARKS_BY_CLASS[0]!, MARKS_BY_CLASS.at(-1)!].map(([, code]) => String.fromCodePoint(code)) as [string, string];
  if (!swaps(mark, lowest) && !swaps(highest, mark)) return 0;
  let [low, high] = [0, MARKS_BY_CLASS.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (swaps(mark, String.fromCodePoint(MARKS_BY_CLASS[middle]![1]))) low = middle + 1;
    else high = middle;
  }
  return MARKS_BY_CLASS[low]![0];
}

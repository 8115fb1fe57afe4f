/** Text in ASCII: what characters sound or look like, without regard to language. */
import { CORRECTIONS } from './romanization-corrections.js';

/** Letters and digits of mathematics in bold, italic, script and so on, down to the plain ones. */
const isMathematical = (codePoint: number): boolean => (codePoint >= 0x1d400 && codePoint <= 0x1d6a5) || (codePoint >= 0x1d7ce && codePoint <= 0x1d7ff);

let corrections: Map<number, string> | undefined;

function readCorrections(): Map<number, string> {
  return new Map(
    CORRECTIONS.flatMap(run => {
      const [first, ...texts] = run.split('\t');
      return texts.map((text, i) => [Number.parseInt(first!, 16) + i, text] as const);
    }),
  );
}

/** What stands for a character in ASCII. */
export type RomanizationTable = (character: string) => string;

/** The table's answer: a stray backslash removed, and nothing where it knows nothing. */
function lookUp(character: string, table: RomanizationTable): string {
  const text = table(character);
  return /^\[\?\] ?$/.test(text) ? '' : text.replace(/^( ?)\\(?=[@{}$\\])/, '$1');
}

function romanizeCharacter(character: string, table: RomanizationTable): string {
  const codePoint = character.codePointAt(0)!;
  corrections ??= readCorrections();
  const corrected = corrections.get(codePoint);
  if (corrected !== undefined) return corrected;
  if (codePoint < 0xa0) return '';
  if (codePoint > 0xffff) return isMathematical(codePoint) ? character.normalize('NFKD') : '';
  const known = lookUp(character, table);
  if (known !== '') return known;
  const plain = character.normalize('NFKD');
  return /^[ -~]+$/.test(plain) ? plain : '';
}

/** A text with every character outside ASCII replaced by what stands for it there. */
export function romanize(text: string, table: RomanizationTable): string {
  return text.replace(/[^\0-\x7f]/gu, character => romanizeCharacter(character, table));
}

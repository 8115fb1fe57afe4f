/** Mappings of letter case that JavaScript lacks: title case and case folding, by Unicode's full rules (chapter 3.13). */

/** U+0130, the only character whose small form has more code points than itself. */
const DOTTED_I = '\u0130';
const DIGRAPHS = /[\u01c4-\u01cc\u01f1-\u01f3]/;
/** Letters of Georgian: their capitals stand in words of capitals only. */
const GEORGIAN = /[\u10d0-\u10fa\u10fd-\u10ff]/;
const CHEROKEE = /[\u13a0-\u13f5\u13f8-\u13fd\uab70-\uabbf]/;
/** U+0345, the iota below a letter; as a capital it is a letter of its own. */
const IOTA_BELOW = '\u0345';
const CAPITAL_IOTA = '\u0399';
const CASED = /\p{Cased}/u;

/** The capital form of a character at the beginning of a word, which differs from the capital one where that has several letters. */
export function titleForm(character: string): string {
  if (DIGRAPHS.test(character)) return digraphTitle(character);
  if (GEORGIAN.test(character)) return character;
  const capital = character.toUpperCase();
  if (capital.length > 1 && capital.endsWith(CAPITAL_IOTA) && character.normalize('NFD').includes(IOTA_BELOW)) return iotaTitle(capital);
  const letters = [...capital];
  const first = letters.findIndex(letter => CASED.test(letter));
  return letters.map((letter, i) => (i > first ? letter.toLowerCase() : letter)).join('');
}

/** The iota stays below its letter, in one character with it where the letter has no circumflex. */
function iotaTitle(capital: string): string {
  const title = capital.slice(0, -1) + IOTA_BELOW;
  return title.length === 2 ? title.normalize('NFC') : title;
}

/** Croatian digraphs stand as capital, mixed and small form side by side. */
function digraphTitle(digraph: string): string {
  const code = digraph.charCodeAt(0);
  const first = code < 0x1f1 ? 0x1c4 : 0x1f1;
  return String.fromCharCode(code - ((code - first) % 3) + 1);
}

/** The characters of a text beside their small forms; a capital sigma at the end of a word becomes the final one. */
export function* smallForms(text: string): Generator<readonly [character: string, small: string]> {
  const lowered = text.toLowerCase();
  let at = 0;
  for (const character of text) {
    const length = character === DOTTED_I ? DOTTED_I.toLowerCase().length : String.fromCodePoint(lowered.codePointAt(at)!).length;
    yield [character, lowered.slice(at, at + length)];
    at += length;
  }
}

function foldCharacter(character: string): string {
  if (CHEROKEE.test(character)) return character.toUpperCase();
  if (character === '\u0131') return character;
  return character === '\u1e9e' ? 'ss' : character.toUpperCase().toLowerCase();
}

/** A text in the form in which texts that differ in case alone are equal. */
export function foldCase(text: string): string {
  return text.replace(/[A-Z]+|[^\0-\x7f]/gu, part => (part.charCodeAt(0) < 128 ? part.toLowerCase() : foldCharacter(part)));
}

/** Character references of HTML back to characters, as browsers and Python's `html.unescape` do. */
import { NAMED_REFERENCES } from './named-references.js';

/** Characters by name; names that may lack the semicolon stand without it as well. */
const NAMED: ReadonlyMap<string, string> = new Map(
  NAMED_REFERENCES.trim()
    .split(/\s+/)
    .flatMap(entry => {
      const [, name = '', mark, codes = ''] = /^(\w+)([=!])(.+)$/.exec(entry)!;
      const text = String.fromCodePoint(...codes.split(',').map(code => Number.parseInt(code, 16)));
      const pair: [string, string][] = [[`${name};`, text]];
      return mark === '!' ? [...pair, [name, text] as [string, string]] : pair;
    }),
);

/** What numbers from 0x80 to 0x9f mean: the characters of Windows-1252, where it has some. */
const WINDOWS_1252 =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178';

/** Characters that a text must not hold. */
const isForbidden = (code: number): boolean =>
  (code < 0x20 && ![0x9, 0xa, 0xc, 0xd].includes(code)) || code === 0x7f || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;

function numbered(reference: string): string {
  const digits = reference.replace(/^#|;$/g, '');
  const code = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80]!;
  return isForbidden(code) ? '' : String.fromCodePoint(code);
}

function named(reference: string): string {
  const whole = NAMED.get(reference);
  if (whole !== undefined) return whole;
  for (let length = reference.length - 1; length > 1; length--) {
    const part = NAMED.get(reference.slice(0, length));
    if (part !== undefined) return part + reference.slice(length);
  }
  return `&${reference}`;
}

/** A text with its references decoded, once: `&amp;lt;` becomes `&lt;`. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(#\d+;?|#x[\da-f]+;?|[^\t\n\f <&#;]{1,32};?)/gi, (_, reference: string) =>
    reference.startsWith('#') ? numbered(reference) : named(reference),
  );
}

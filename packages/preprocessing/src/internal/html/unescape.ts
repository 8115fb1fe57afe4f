/** Character references of HTML back to characters, as browsers and Python's `html.unescape` do. */
import { WINDOWS_1252 } from '../mojibake/codecs.js';
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

/** The character of a name without ampersand but with its semicolon; undefined where there is none of that name. */
export function namedCharacter(name: string): string | undefined {
  return NAMED.get(name);
}

/** A text with its references decoded, once: `&amp;lt;` becomes `&lt;`. */
export function unescapeHtml(text: string): string {
  return text.replace(/&(#\d+;?|#x[\da-f]+;?|[^\t\n\f <&#;]{1,32};?)/gi, (_, reference: string) =>
    reference.startsWith('#') ? numbered(reference) : named(reference),
  );
}

/** Text as Python writes numbers and splits words: what the original prints, GTC prints. */

/**
 * A number with a fixed count of decimals, ties to even on the exact binary value.
 *
 * @param group a separator for thousands, `','`
 * @remarks Python: `f'{value:.{digits}f}'`, with `group` `f'{value:,.{digits}f}'`.
 * @example formatFixed(0.125, 2) // => '0.12'
 * @example formatFixed(1234567.5, 1, { group: ',' }) // => '1,234,567.5'
 */
export function formatFixed(value: number, digits: number, { group = '' }: { readonly group?: string } = {}): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const text = fixedMagnitude(Math.abs(value), digits);
  if (group === '') return sign + text;
  const [whole, fraction] = text.split('.') as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return sign + (fraction === undefined ? grouped : `${grouped}.${fraction}`);
}

/**
 * A whole number with a comma between thousands, rounded half to even where it is none.
 *
 * @remarks Python: `f'{value:,.0f}'`.
 * @example formatCount(1234567) // => '1,234,567'
 */
export function formatCount(value: number): string {
  return formatFixed(value, 0, { group: ',' });
}

/**
 * A number rounded to a count of decimals, ties to even on the exact binary value.
 *
 * @remarks Python: `round(value, digits)`.
 * @example roundTo(2.675, 2) // => 2.67
 */
export function roundTo(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(formatFixed(value, digits)) : value;
}

/** `toFixed` rounds ties away from zero; a tie is visible as a lone 5 in the exact expansion. */
function fixedMagnitude(value: number, digits: number): string {
  if (value >= 1e21) return BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  const rounded = value.toFixed(digits);
  const exact = value.toFixed(Math.min(100, digits + 30));
  const tail = exact.slice(exact.indexOf('.') + 1 + digits);
  if (!/^50*$/.test(tail)) return rounded;
  const kept = exact.slice(0, exact.length - tail.length).replace(/\.$/, '');
  return Number(kept.at(-1)) % 2 === 0 ? kept : rounded;
}

/** Python's white space: JavaScript's `\s` without the byte order mark, with the separators U+001C to U+001F and U+0085. */
const SPACE = /[\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/;

/**
 * Words between runs of white space, none empty.
 *
 * @remarks Python: `text.split()`.
 * @example splitWords('  a\tb  ') // => ['a', 'b']
 */
export function splitWords(text: string): string[] {
  return text.split(SPACE).filter(word => word !== '');
}

/**
 * Text without Python's white space at its end.
 *
 * @remarks Python: `text.rstrip()`.
 * @example stripEnd('a b\t ') // => 'a b'
 */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}

/**
 * Text without Python's white space at both ends.
 *
 * @remarks Python: `text.strip()`.
 * @example strip('\n a b ') // => 'a b'
 */
export function strip(text: string): string {
  let start = 0;
  while (start < text.length && SPACE.test(text[start]!)) start++;
  return stripEnd(text.slice(start));
}

/**
 * A number as `repr` prints it: a float always shows a fraction or an exponent.
 *
 * @remarks Python: `repr(float(value))`.
 * @example formatFloat(10) // => '10.0'
 * @example formatFloat(1e-7) // => '1e-07'
 */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return formatFixed(value, 0);
  if (Object.is(value, -0)) return '-0.0';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/**
 * Characters of a text as Python counts them: code points.
 *
 * @remarks Python: `len(text)`.
 * @example textLength('a👩') // => 2
 */
export function textLength(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/**
 * Bytes of a text in UTF-8.
 *
 * @remarks Python: `len(text.encode())`.
 * @example utf8Length('né') // => 3
 */
export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Quotes as Python does: single, unless the text holds single quotes and no double ones. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, char => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[char]!);
  const safe = escaped.replace(/[\u0000-\u001f\u007f-\u00a0\u00ad]/g, char => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return quote + (quote === "'" ? safe.replaceAll("'", "\\'") : safe) + quote;
}

/**
 * A plain value as Python prints it. An integral number prints as an int.
 *
 * @remarks Python: `repr(value)` of dict, list, str, int, float, bool and None.
 * @example pythonRepr({ key: ['a', true, null, 1.5] }) // => "{'key': ['a', True, None, 1.5]}"
 */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatFloat(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  if (value instanceof Set) return value.size === 0 ? 'set()' : `{${[...value].map(pythonRepr).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(', ')}}`;
}

/**
 * JSON as Python's `json` module writes it: a space after each comma and colon, everything beyond ASCII escaped.
 *
 * @param indent spaces of each level, one item on a line; without it all is on one line
 * @remarks Python: `json.dumps(value, indent=)`.
 * @example pythonJson({ a: [1, 'é'] }) // => '{"a": [1, "\\u00e9"]}'
 */
export function pythonJson(value: unknown, { indent }: { readonly indent?: number } = {}): string {
  const text = indent === undefined ? oneLine(value) : JSON.stringify(value ?? null, null, indent);
  return text.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${oneLine(item)}`);
  return `{${entries.join(', ')}}`;
}

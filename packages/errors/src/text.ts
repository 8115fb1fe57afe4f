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

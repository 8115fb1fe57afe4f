/** How a refused value appears in a message. */

const LIMIT = 80;

/**
 * A value in one short line: strings quoted, long values cut, never throwing.
 *
 * @example show('a\nb') // => "'a\\nb'"
 * @example show([1, 2]) // => '[1, 2]'
 */
export function show(value: unknown): string {
  const text = render(value, 0);
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
}

function render(value: unknown, depth: number): string {
  if (typeof value === 'string') return quote(value.length > LIMIT ? value.slice(0, LIMIT) : value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (depth > 2) return '…';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return `[${[...head(value as Iterable<unknown>)].map(item => render(item, depth + 1)).join(', ')}]`;
  if (value instanceof Set) return `{${[...head(value)].map(item => render(item, depth + 1)).join(', ')}}`;
  if (value instanceof Map) return `Map(${value.size})`;
  const entries = [...head(Object.keys(value))].map(key => `${key}: ${render((value as Record<string, unknown>)[key], depth + 1)}`);
  return `{ ${entries.join(', ')} }`;
}

function* head(items: Iterable<unknown>): Generator<never> {
  let count = 0;
  if (items instanceof DataView) return;
  for (const item of items) {
    if (count++ >= 20) return;
    yield item as never;
  }
}

/** Control characters and quotes escaped, so that a hostile value cannot forge lines of a log. */
function quote(text: string): string {
  const escaped = text.replace(/[\\']/g, '\\$&').replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, char => {
    const named = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char];
    return named ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `'${escaped}'`;
}

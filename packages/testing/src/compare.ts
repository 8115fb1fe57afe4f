/** Deep comparison with numeric tolerance: null when equal, else where and how two values differ. */
import { show } from '@gtc/errors';

/** `|got - want| <= atol + rtol |want|`. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Tolerance zero: numbers must be identical. */
export const EXACT: Tolerance = { rtol: 0, atol: 0 };

/** An array or a typed array. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** Whether two numbers agree; NaN agrees with NaN, and an infinity only with itself. */
export function sameNumber(want: number, got: number, { rtol, atol }: Tolerance): boolean {
  if (Number.isNaN(want)) return Number.isNaN(got);
  if (want === got || !Number.isFinite(want)) return want === got;
  return Math.abs(want - got) <= atol + rtol * Math.abs(want);
}

/** Numbers and bigints as numbers, everything else undefined. */
export function numeric(value: unknown): number | undefined {
  return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
}

/**
 * Where `got` differs from `want`, or null. Every key of `want` must be there; `got` may have more unless `exactKeys`.
 *
 * @example differs({ f1: 0.5 }, { f1: 0.5000001 }, { rtol: 1e-6, atol: 0 }) // => null
 */
export function differs(
  want: unknown,
  got: unknown,
  tolerance: Tolerance = EXACT,
  { at = '$', exactKeys = false }: { readonly at?: string; readonly exactKeys?: boolean } = {},
): string | null {
  const wrong = (expected: string): string => `${at}: expected ${expected}, got ${show(got)}`;
  const wanted = numeric(want);
  if (wanted !== undefined) {
    const number = numeric(got);
    return number !== undefined && sameNumber(wanted, number, tolerance) ? null : wrong(String(want));
  }
  if (want === null || want === undefined) return got === null || got === undefined ? null : wrong(String(want));
  if (typeof want !== 'object') return want === got ? null : wrong(show(want));
  if (isArrayLike(want)) return differsInItems(want, got, tolerance, at, exactKeys);
  if (want instanceof Set) return got instanceof Set && got.size === want.size && [...want].every(item => got.has(item)) ? null : wrong(show(want));
  if (want instanceof Map) {
    if (!(got instanceof Map)) return wrong('a Map');
    return differsInItems([...want].sort(byKey), [...got].sort(byKey), tolerance, at, exactKeys);
  }
  if (typeof got !== 'object' || got === null || isArrayLike(got)) return wrong('an object');
  for (const [key, item] of Object.entries(want)) {
    const found = differs(item, (got as Record<string, unknown>)[key], tolerance, { at: `${at}.${key}`, exactKeys });
    if (found !== null) return found;
  }
  const extra = exactKeys ? Object.keys(got).filter(key => !(key in want)) : [];
  return extra.length === 0 ? null : `${at}: unexpected ${extra.join(', ')}`;
}

function byKey(a: readonly [unknown, unknown], b: readonly [unknown, unknown]): number {
  return show(a[0]) < show(b[0]) ? -1 : 1;
}

function differsInItems(want: ArrayLike<unknown>, got: unknown, tolerance: Tolerance, at: string, exactKeys: boolean): string | null {
  if (!isArrayLike(got)) return `${at}: expected an array, got ${show(got)}`;
  if (got.length !== want.length) return `${at}: expected ${want.length} items, got ${got.length}`;
  for (let i = 0; i < want.length; i++) {
    const found = differs(want[i], got[i], tolerance, { at: `${at}[${i}]`, exactKeys });
    if (found !== null) return found;
  }
  return null;
}

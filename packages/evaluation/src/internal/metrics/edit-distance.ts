/** Distances and similarities of strings and token sequences. */
import { myersDistance } from './myers.js';

/** A sequence of comparable items: the characters of a string, or tokens. */
export type Sequence = string | readonly (string | number)[];

/** Items of a sequence: code points of a string, as Python counts them. */
export function itemsOf(sequence: Sequence): readonly (string | number)[] {
  return typeof sequence === 'string' ? [...sequence] : sequence;
}

/** Code points of a string. */
function codePoints(text: string): Int32Array {
  const points = new Int32Array(text.length);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    points[n++] = point;
  }
  return points.subarray(0, n);
}

/** Both sequences as numbers: code points, or tokens numbered alike. */
function numbered(a: Sequence, b: Sequence): [Int32Array, Int32Array] {
  if (typeof a === 'string' && typeof b === 'string') return [codePoints(a), codePoints(b)];
  const numbers = new Map<string | number, number>();
  const encode = (sequence: Sequence): Int32Array =>
    Int32Array.from(itemsOf(sequence) as string[], item => {
      const known = numbers.get(item);
      if (known === undefined) numbers.set(item, numbers.size);
      return known ?? numbers.size - 1;
    });
  return [encode(a), encode(b)];
}

/**
 * Levenshtein distance: the least number of insertions, deletions and substitutions that turn `a` into `b`.
 *
 * @param a a string (compared by code points) or tokens
 * @remarks Python: `nltk.edit_distance(a, b)`, `rapidfuzz.distance.Levenshtein.distance(a, b)`; exact.
 * @example levenshtein('kitten', 'sitting') // => 3
 */
export function levenshtein(a: Sequence, b: Sequence): number {
  const [x, y] = numbered(a, b);
  let start = 0;
  while (start < x.length && start < y.length && x[start] === y[start]) start++;
  let [endX, endY] = [x.length, y.length];
  while (endX > start && endY > start && x[endX - 1] === y[endY - 1]) {
    endX--;
    endY--;
  }
  return myersDistance(x.subarray(start, endX), y.subarray(start, endY));
}

/**
 * Damerau-Levenshtein distance: as {@link levenshtein}, and an exchange of two neighbours counts one, edits between them included.
 *
 * @remarks Python: `nltk.edit_distance(a, b, transpositions=True)`; exact.
 * @example damerauLevenshtein('ca', 'abc') // => 2
 */
export function damerauLevenshtein(a: Sequence, b: Sequence): number {
  const [x, y] = [itemsOf(a), itemsOf(b)];
  const width = y.length + 1;
  const table = new Uint32Array((x.length + 1) * width);
  for (let j = 0; j < width; j++) table[j] = j;
  const lastRow = new Map<string | number, number>();
  for (let i = 1; i <= x.length; i++) {
    table[i * width] = i;
    let lastColumn = 0;
    for (let j = 1; j <= y.length; j++) {
      const same = x[i - 1] === y[j - 1];
      const row = lastRow.get(y[j - 1]!) ?? 0;
      let best = Math.min(table[(i - 1) * width + j]! + 1, table[i * width + j - 1]! + 1, table[(i - 1) * width + j - 1]! + (same ? 0 : 1));
      if (row > 0 && lastColumn > 0) best = Math.min(best, table[(row - 1) * width + lastColumn - 1]! + i - row + j - lastColumn - 1);
      if (same) lastColumn = j;
      table[i * width + j] = best;
    }
    lastRow.set(x[i - 1]!, i);
  }
  return table[x.length * width + y.length]!;
}

/**
 * Jaro similarity in [0, 1]: matching items no farther apart than half the longer length, less half the transpositions.
 *
 * @remarks Python: `nltk.metrics.distance.jaro_similarity(a, b)`; within 1e-12.
 * @example jaroSimilarity('martha', 'marhta') // => 17 / 18
 */
export function jaroSimilarity(a: Sequence, b: Sequence): number {
  const [x, y] = [itemsOf(a), itemsOf(b)];
  if (x.length === y.length && x.every((item, i) => item === y[i])) return 1;
  const reach = Math.floor(Math.max(x.length, y.length) / 2) - 1;
  const matchedY = new Uint8Array(y.length);
  const fromX: (string | number)[] = [];
  x.forEach((item, i) => {
    for (let j = Math.max(0, i - reach); j <= Math.min(i + reach, y.length - 1); j++) {
      if (matchedY[j] === 1 || y[j] !== item) continue;
      matchedY[j] = 1;
      fromX.push(item);
      return;
    }
  });
  const matches = fromX.length;
  if (matches === 0) return 0;
  const fromY = y.filter((_, j) => matchedY[j] === 1);
  const moved = fromX.filter((item, k) => item !== fromY[k]).length;
  return (matches / x.length + matches / y.length + (matches - Math.floor(moved / 2)) / matches) / 3;
}

/**
 * Jaro-Winkler similarity in [0, 1]: {@link jaroSimilarity} raised by a common prefix of up to `maxPrefix` items.
 *
 * @param options `p` is the weight of each prefix item; `p * maxPrefix` should not exceed 1
 * @remarks Python: `nltk.metrics.distance.jaro_winkler_similarity(a, b)`; within 1e-12.
 * @example jaroWinklerSimilarity('martha', 'marhta') // => 17 / 18 + 0.3 / 18
 */
export function jaroWinklerSimilarity(a: Sequence, b: Sequence, { p = 0.1, maxPrefix = 4 }: { readonly p?: number; readonly maxPrefix?: number } = {}): number {
  const [x, y] = [itemsOf(a), itemsOf(b)];
  const jaro = jaroSimilarity(x, y);
  let prefix = 0;
  while (prefix < maxPrefix && prefix < x.length && prefix < y.length && x[prefix] === y[prefix]) prefix++;
  return jaro + prefix * p * (1 - jaro);
}

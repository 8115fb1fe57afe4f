/** Stable order of many numbers by their bits: counting sorts from the lowest digit to the highest. */
import { HIGH } from '../core/half.js';
import type { NumberArray } from '../core/storage.js';

/** Bits of a digit, and the number of its values. */
const BITS = 11;
const VALUES = 1 << BITS;

/** Unsigned words that order as the numbers do, the least significant word first; NaN above every number, -0 beside 0. */
function wordsOf(data: NumberArray, from: number, to: number): Uint32Array[] {
  if (data instanceof Float64Array) return wideWords(data, from, to);
  if (!(data instanceof Float32Array)) {
    const words = new Uint32Array(to - from);
    for (let i = 0; i < words.length; i++) words[i] = data[from + i]! + 0x80000000;
    return [words];
  }
  const words = new Uint32Array(data.slice(from, to).buffer);
  for (let i = 0; i < words.length; i++) {
    const value = data[from + i]!;
    const bits = value === 0 ? 0 : words[i]!;
    words[i] = Number.isNaN(value) ? 0xffffffff : bits >>> 31 ? ~bits : bits | 0x80000000;
  }
  return [words];
}

function wideWords(data: Float64Array, from: number, to: number): Uint32Array[] {
  const bits = new Uint32Array(data.slice(from, to).buffer);
  const [low, high] = [new Uint32Array(to - from), new Uint32Array(to - from)];
  for (let i = 0; i < low.length; i++) {
    const value = data[from + i]!;
    const [below, above] = value === 0 ? [0, 0] : [bits[2 * i + 1 - HIGH]!, bits[2 * i + HIGH]!];
    const [isNan, negative] = [Number.isNaN(value), above >>> 31 !== 0];
    low[i] = isNan ? 0xffffffff : negative ? ~below : below;
    high[i] = isNan ? 0xffffffff : negative ? ~above : above | 0x80000000;
  }
  return [low, high];
}

/** Where each value of a digit begins; null where all numbers share one, which orders nothing. */
function digitStarts(keys: Uint32Array, shift: number): Int32Array | null {
  const starts = new Int32Array(VALUES);
  for (let i = 0; i < keys.length; i++) starts[(keys[i]! >>> shift) & (VALUES - 1)]!++;
  for (let digit = 0, sum = 0; digit < VALUES; digit++) {
    const count = starts[digit]!;
    if (count === keys.length) return null;
    starts[digit] = sum;
    sum += count;
  }
  return starts;
}

/** Indices of a range in stable order, counted from its start. Keys move along with them, so that every pass reads in order. */
export function radixOrder(data: NumberArray, from: number, to: number, descending: boolean): Int32Array {
  const n = to - from;
  let [order, nextOrder] = [new Int32Array(n), new Int32Array(n)];
  for (let i = 0; i < n; i++) order[i] = i;
  let [keys, nextKeys] = [new Uint32Array(n), new Uint32Array(n)];
  const flip = descending ? 0xffffffff : 0;
  for (const words of wordsOf(data, from, to)) {
    for (let i = 0; i < n; i++) keys[i] = words[order[i]!]! ^ flip;
    for (let shift = 0; shift < 32; shift += BITS) {
      const starts = digitStarts(keys, shift);
      if (starts === null) continue;
      for (let i = 0; i < n; i++) {
        const key = keys[i]!;
        const at = starts[(key >>> shift) & (VALUES - 1)]!++;
        nextKeys[at] = key;
        nextOrder[at] = order[i]!;
      }
      [order, nextOrder] = [nextOrder, order];
      [keys, nextKeys] = [nextKeys, keys];
    }
  }
  return order;
}

/** Stable order of many numbers by their bits: counting sorts from the lowest digit to the highest. */
import { HIGH } from '../core/half.js';
import type { NumberArray } from '../core/storage.js';

/** Bits of a digit, and the number of its values. */
const BITS = 11;
const VALUES = 1 << BITS;

/** Unsigned words that order as the numbers do, the least significant word first; NaN above every number, -0 beside 0. */
function wordsOf(data: NumberArray, from: number, to: number): Uint32Array[] {
  if (data instanceof Float64Array) return wideWords(data, from, to);
  if (!(data instanceof Float32Array)) return [Uint32Array.from({ length: to - from }, (_, i) => data[from + i]! + 0x80000000)];
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

/** Indices of a range in stable order, counted from its start. */
export function radixOrder(data: NumberArray, from: number, to: number, descending: boolean): Int32Array {
  const n = to - from;
  let order = Int32Array.from({ length: n }, (_, i) => i);
  let next = new Int32Array(n);
  const starts = new Int32Array(VALUES);
  const flip = descending ? 0xffffffff : 0;
  for (const words of wordsOf(data, from, to))
    for (let shift = 0; shift < 32; shift += BITS) {
      starts.fill(0);
      for (let i = 0; i < n; i++) starts[((words[i]! ^ flip) >>> shift) & (VALUES - 1)]!++;
      let [sum, single] = [0, false];
      for (let digit = 0; digit < VALUES; digit++) {
        const count = starts[digit]!;
        if (count === n) single = true;
        starts[digit] = sum;
        sum += count;
      }
      // A digit that all numbers share orders nothing.
      if (single) continue;
      for (let i = 0; i < n; i++) {
        const index = order[i]!;
        next[starts[((words[index]! ^ flip) >>> shift) & (VALUES - 1)]!++] = index;
      }
      [order, next] = [next, order];
    }
  return order;
}

/** Sorting indices by floating-point keys, for millions of scores. */

const RADIX_FROM = 2048;
const SHIFTS = [0, 11, 22];
const BUCKETS = 2048;
const MASK = BUCKETS - 1;
/** Runs longer than this go to a comparator: an insertion sort of all values would never end. */
const LONG_RUN = 32;

/** Indices with the keys that they are sorted by, moved together so that every pass reads in order. */
interface Pairs {
  readonly keys: Uint32Array;
  readonly order: Int32Array;
}

/**
 * The order that sorts `values` from greatest to least; equal values keep their order. Values must not be NaN.
 *
 * A radix sort on the high 32 bits of the double (three passes of 11 bits), then an insertion sort on the few runs whose high halves
 * agree: several times faster than a comparator for a million random scores.
 */
export function argsortDescending(values: ArrayLike<number>): Int32Array {
  const n = values.length;
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  if (n < RADIX_FROM) return order.sort((a, b) => values[b]! - values[a]! || a - b);
  const doubles = new Float64Array(n);
  // Adding zero turns -0 into 0, which equals it but has other bits.
  for (let i = 0; i < n; i++) doubles[i] = values[i]! + 0;
  const { keys, order: sorted } = radixPasses({ keys: highKeys(doubles), order });
  return refineRuns(sorted, keys, doubles);
}

/** High halves of the doubles, flipped so that unsigned order is descending order of the values. */
function highKeys(doubles: Float64Array): Uint32Array {
  const words = new Uint32Array(doubles.buffer);
  const half = new Uint8Array(Uint32Array.of(1).buffer)[0]!;
  const keys = new Uint32Array(doubles.length);
  for (let i = 0; i < keys.length; i++) {
    const word = words[2 * i + half]!;
    keys[i] = word & 0x80000000 ? word : ~word & 0x7fffffff;
  }
  return keys;
}

function radixPasses(pairs: Pairs): Pairs {
  const n = pairs.order.length;
  let from = pairs;
  let to: Pairs = { keys: new Uint32Array(n), order: new Int32Array(n) };
  for (const shift of SHIFTS) {
    const { keys, order } = from;
    const { keys: nextKeys, order: nextOrder } = to;
    const starts = new Int32Array(BUCKETS + 1);
    for (let i = 0; i < n; i++) starts[((keys[i]! >>> shift) & MASK) + 1]!++;
    for (let b = 0; b < BUCKETS; b++) starts[b + 1]! += starts[b]!;
    for (let i = 0; i < n; i++) {
      const key = keys[i]!;
      const at = starts[(key >>> shift) & MASK]!++;
      nextKeys[at] = key;
      nextOrder[at] = order[i]!;
    }
    [from, to] = [to, from];
  }
  return from;
}

function refineRuns(order: Int32Array, keys: Uint32Array, doubles: Float64Array): Int32Array {
  let start = 0;
  for (let end = 1; end <= keys.length; end++) {
    if (keys[end] === keys[start]) continue;
    if (end - start > LONG_RUN) order.subarray(start, end).sort((a, b) => doubles[b]! - doubles[a]! || a - b);
    else insertionSort(order, start, end, doubles);
    start = end;
  }
  return order;
}

function insertionSort(order: Int32Array, start: number, end: number, doubles: Float64Array): void {
  for (let i = start + 1; i < end; i++) {
    const index = order[i]!;
    let j = i - 1;
    while (j >= start && doubles[order[j]!]! < doubles[index]!) {
      order[j + 1] = order[j]!;
      j--;
    }
    order[j + 1] = index;
  }
}

/** The first place of the largest value. */
export const argmax = (values: readonly number[]): number => values.indexOf(Math.max(...values));

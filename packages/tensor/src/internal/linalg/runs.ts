/** Runs of doubles in one buffer: what factorisations spend their time in, by kernels where the buffer lies in their memory. */
import { addressOf, freeArray, pooledArray } from '../core/heap.js';
import { wasm } from '../kernels/wasm.js';

/** Loops over elements of a buffer that lie side by side; places and lengths in elements. */
export interface Runs {
  readonly data: Float64Array;
  /** `Σ data[i + k] data[j + k]`. */
  dot(i: number, j: number, length: number): number;
  /** `data[to + k] += factor · data[from + k]`. */
  add(to: number, factor: number, from: number, length: number): void;
  /** Turns two runs by an angle: `c x - s y` and `s x + c y`. */
  rotate(i: number, j: number, length: number, c: number, s: number): void;
  /** Turns three runs, each `stride` behind the one before, by the reflection `I - t v vᵀ` with `v = (1, q, r)`. */
  reflect(i: number, stride: number, length: number, t: number, q: number, r: number): void;
}

/** The loops in TypeScript. */
const plainRuns = (data: Float64Array): Runs => ({
  data,
  dot(i, j, length) {
    let [s0, s1] = [0, 0];
    let k = 0;
    for (; k + 2 <= length; k += 2) {
      s0 += data[i + k]! * data[j + k]!;
      s1 += data[i + k + 1]! * data[j + k + 1]!;
    }
    return k < length ? s0 + s1 + data[i + k]! * data[j + k]! : s0 + s1;
  },
  add(to, factor, from, length) {
    for (let k = 0; k < length; k++) data[to + k]! += factor * data[from + k]!;
  },
  rotate(i, j, length, c, s) {
    for (let k = 0; k < length; k++) {
      const x = data[i + k]!;
      const y = data[j + k]!;
      data[i + k] = c * x - s * y;
      data[j + k] = s * x + c * y;
    }
  },
  reflect(i, stride, length, t, q, r) {
    for (let k = i; k < i + length; k++) {
      const sum = t * (data[k]! + q * data[k + stride]! + r * data[k + 2 * stride]!);
      data[k]! -= sum;
      data[k + stride]! -= q * sum;
      data[k + 2 * stride]! -= r * sum;
    }
  },
});

function runsOn(data: Float64Array): Runs {
  const base = addressOf(data);
  const kernels = base === 0 ? null : wasm();
  if (kernels === null) return plainRuns(data);
  return {
    data,
    dot: (i, j, length) => kernels.dotFloat64(base + 8 * i, base + 8 * j, length),
    add: (to, factor, from, length) => kernels.addScaledFloat64(base + 8 * to, factor, base + 8 * from, length),
    rotate: (i, j, length, c, s) => kernels.rotateFloat64(base + 8 * i, base + 8 * j, length, c, s),
    reflect: (i, stride, length, t, q, r) => kernels.reflectFloat64(base + 8 * i, 8 * stride, length, t, q, r),
  };
}

/** Lends a buffer of zeros for the time of a computation; nothing of it may be kept. */
export function withRuns<T>(size: number, work: (runs: Runs) => T): T {
  const data = (pooledArray('float64', size, true) as Float64Array | null) ?? new Float64Array(size);
  try {
    return work(runsOn(data));
  } finally {
    freeArray(data);
  }
}

/** The power of two by which the largest magnitude comes near 1: squares then neither overflow nor vanish, and no digit is lost. */
export function scaleOf(data: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]!));
  return largest === 0 ? 1 : 2 ** Math.min(1000, Math.max(-1000, -Math.floor(Math.log2(largest))));
}

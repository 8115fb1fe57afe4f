/** Arrays as kernels see them: addresses in the memory of tensors. What lies elsewhere is copied in and, for results, out. */
import { addressOf, freeArray, POOLED_BYTES, pooledArray } from '../core/heap.js';
import type { NumberArray } from '../core/storage.js';

/** The addresses of one call. */
export class Frame {
  readonly #temporary: NumberArray[] = [];
  readonly #results: (readonly [NumberArray, NumberArray])[] = [];
  /** Whether an array found no place. */
  isFull = false;

  /** Where the elements of an operand start. */
  input(data: NumberArray, from = 0, length: number = data.length - from): number {
    const own = addressOf(data);
    if (own > 0) return own + from * data.BYTES_PER_ELEMENT;
    const copy = this.#place(data, length);
    copy?.set(data.subarray(from, from + length));
    return copy?.byteOffset ?? 0;
  }

  /** Where the elements of a result are to go. */
  output(data: NumberArray): number {
    const own = addressOf(data);
    if (own > 0) return own;
    const copy = this.#place(data, data.length);
    if (copy !== null) this.#results.push([copy, data]);
    return copy?.byteOffset ?? 0;
  }

  /** Where the elements of an array that is read and written lie. */
  inOut(data: NumberArray): number {
    const address = this.output(data);
    this.#results.find(([, to]) => to === data)?.[0].set(data);
    return address;
  }

  /** Hands results out and frees the copies. */
  close(): void {
    if (!this.isFull) for (const [copy, to] of this.#results) to.set(copy.subarray(0, to.length));
    for (const copy of this.#temporary) freeArray(copy);
  }

  #place(data: NumberArray, length: number): NumberArray | null {
    const dtype = data instanceof Float64Array ? 'float64' : data instanceof Int32Array ? 'int32' : 'float32';
    const copy = pooledArray(dtype, Math.max(length, POOLED_BYTES / data.BYTES_PER_ELEMENT), false) as NumberArray | null;
    if (copy === null) this.isFull = true;
    else this.#temporary.push(copy);
    return copy;
  }
}

/**
 * Runs a kernel with addresses.
 *
 * @param call asks the frame for its addresses and does the work unless the frame is full
 * @returns whether the work was done
 */
export function withFrame(call: (frame: Frame) => (() => void) | null): boolean {
  const frame = new Frame();
  try {
    const work = call(frame);
    if (frame.isFull || work === null) return false;
    work();
    return true;
  } finally {
    frame.close();
  }
}

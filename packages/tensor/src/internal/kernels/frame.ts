/** Arrays as kernels see them: addresses in the memory of tensors. What lies elsewhere is copied in and, for results, out. */
import type { DType, TypedArray } from '../../dtypes.js';
import { addressOf, freeArray, POOLED_BYTES, pooledArray } from '../core/heap.js';

/** Element types whose storage an array is. */
const DTYPES = new Map<unknown, DType>([
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int32Array, 'int32'],
  [Int8Array, 'int8'],
  [Uint8Array, 'uint8'],
  [Uint16Array, 'float16'],
]);

const NOTHING = new Uint8Array(0);

/** The addresses of one call. */
export class Frame {
  readonly #temporary: TypedArray[] = [];
  readonly #results: (readonly [TypedArray, TypedArray])[] = [];
  /** Whether an array found no place. */
  isFull = false;

  /** Where the elements of an operand start. */
  input(data: TypedArray, from = 0, length: number = data.length - from): number {
    const own = addressOf(data);
    if (own > 0) return own + from * data.BYTES_PER_ELEMENT;
    const copy = this.#place(data, length);
    copy?.set(data.subarray(from, from + length) as never);
    return copy?.byteOffset ?? 0;
  }

  /** Where the elements of a result are to go. */
  output(data: TypedArray): number {
    const own = addressOf(data);
    if (own > 0) return own;
    const copy = this.#place(data, data.length);
    if (copy !== null) this.#results.push([copy, data]);
    return copy?.byteOffset ?? 0;
  }

  /** Where the elements of an array that is read and written lie. */
  inOut(data: TypedArray): number {
    const address = this.output(data);
    this.#results.find(([, to]) => to === data)?.[0].set(data as never);
    return address;
  }

  /** Where a kernel may write what nobody reads afterwards. */
  scratch(bytes: number): number {
    const room = this.#place(NOTHING, bytes);
    return room?.byteOffset ?? 0;
  }

  /** Hands results out and frees the copies. */
  close(): void {
    if (!this.isFull) for (const [copy, to] of this.#results) to.set(copy.subarray(0, to.length) as never);
    for (const copy of this.#temporary) freeArray(copy);
  }

  #place(data: TypedArray, length: number): TypedArray | null {
    const copy = pooledArray(DTYPES.get(data.constructor)!, Math.max(length, POOLED_BYTES / data.BYTES_PER_ELEMENT), false);
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

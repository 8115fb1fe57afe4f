/** Buffers of elements, shared by a tensor and its views. */
import { ResourceError, StateError } from '@gtc/errors';
import { type DType, isHalf, storageOf, type TypedArray } from '../../dtypes.js';
import { decodeHalf, encodeHalf } from './half.js';
import { freeArray, memoryReport, pooledArray } from './heap.js';
import { enter, enterArray } from './scope.js';

/** A buffer and the number of writes it has seen. */
export class Storage {
  /** Grows with every write in place; a saved value whose version moved is not what it was. */
  version = 0;
  #data: TypedArray | null;
  #isClaimed = false;

  constructor(data: TypedArray) {
    this.#data = data;
    enter(this);
  }

  /** Whether the caller is the first tensor over this buffer, which owns it. */
  claim(): boolean {
    const first = !this.#isClaimed;
    this.#isClaimed = true;
    return first;
  }

  /** @throws {StateError} after {@link Storage.free} */
  get data(): TypedArray {
    if (this.#data === null) throw new StateError('the tensor was disposed of: its elements are gone (dispose(), using, or the end of a scope)');
    return this.#data;
  }

  /** Gives the buffer back; whoever reads it afterwards gets an error. */
  free(): void {
    if (this.#data === null) return;
    freeArray(this.#data);
    this.#data = null;
  }
}

/** A buffer of zeros. */
export function allocate(dtype: DType, size: number): TypedArray {
  return noted(pooledArray(dtype, size, true)) ?? onHeap(dtype, size);
}

/** A buffer whose elements are all about to be written. */
export function allocateDirty(dtype: DType, size: number): TypedArray {
  return noted(pooledArray(dtype, size, false)) ?? onHeap(dtype, size);
}

/** The same elements in a buffer of their own. */
export function duplicate(data: TypedArray, dtype: DType): TypedArray {
  const copy = allocateDirty(dtype, data.length);
  copy.set(data as never);
  return copy;
}

function noted(data: TypedArray | null): TypedArray | null {
  if (data !== null) enterArray(data);
  return data;
}

function onHeap(dtype: DType, size: number): TypedArray {
  const constructor = storageOf(dtype);
  try {
    return new constructor(size);
  } catch (cause) {
    const { bytes } = memoryReport();
    throw new ResourceError(
      `out of memory: ${size * constructor.BYTES_PER_ELEMENT} bytes asked for ${size} elements of ${dtype}, ${bytes} bytes of tensors are in use`,
      { parameter: 'size', received: size, cause },
    );
  }
}

/** What loops over numbers read and write. */
export type NumberArray = Exclude<TypedArray, BigInt64Array | Uint16Array>;

/** Numbers behind elements; int64 beyond 2^53 loses digits. The same buffer where it holds numbers already. */
export function toNumbers(data: TypedArray, dtype: DType): NumberArray {
  if (data instanceof Uint16Array) return decodeHalf(data, dtype as 'float16' | 'bfloat16');
  return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
}

/** A buffer that loops fill with numbers before {@link fromNumbers} makes it storage. */
export function scratch(dtype: DType, size: number): NumberArray {
  return allocate(numberType(dtype), size) as NumberArray;
}

/** A {@link scratch} buffer that is going to be filled. */
export function scratchDirty(dtype: DType, size: number): NumberArray {
  return allocateDirty(numberType(dtype), size) as NumberArray;
}

const numberType = (dtype: DType): DType => (dtype === 'int64' ? 'float64' : isHalf(dtype) ? 'float32' : dtype);

/** Storage of numbers that already fit the element type. */
export function fromNumbers(values: NumberArray, dtype: DType): TypedArray {
  if (isHalf(dtype)) return encodeHalf(values, dtype);
  return dtype === 'int64' ? BigInt64Array.from(values, integer => BigInt(Number.isFinite(integer) ? Math.trunc(integer) : 0)) : values;
}

/** Buffers of elements, shared by a tensor and its views. */
import { ResourceError } from '@gtc/errors';
import { type DType, isHalf, storageOf, type TypedArray } from '../../dtypes.js';
import { decodeHalf, encodeHalf } from './half.js';

/** A buffer and the number of writes it has seen. */
export class Storage {
  readonly data: TypedArray;
  /** Grows with every write in place; a saved value whose version moved is not what it was. */
  version = 0;

  constructor(data: TypedArray) {
    this.data = data;
  }
}

/** A zeroed buffer. */
export function allocate(dtype: DType, size: number): TypedArray {
  const constructor = storageOf(dtype);
  try {
    return new constructor(size);
  } catch (cause) {
    throw new ResourceError(`out of memory: ${size * constructor.BYTES_PER_ELEMENT} bytes asked for ${size} elements of ${dtype}`, {
      parameter: 'size',
      received: size,
      cause,
    });
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
  return allocate(dtype === 'int64' ? 'float64' : isHalf(dtype) ? 'float32' : dtype, size) as NumberArray;
}

/** Storage of numbers that already fit the element type. */
export function fromNumbers(values: NumberArray, dtype: DType): TypedArray {
  if (isHalf(dtype)) return encodeHalf(values, dtype);
  return dtype === 'int64' ? BigInt64Array.from(values, integer => BigInt(Number.isFinite(integer) ? Math.trunc(integer) : 0)) : values;
}

/** Types of tensors in safetensors files (the format's specification), in the order in which a writer puts them, the widest first. */
import { UnsupportedError } from '@gtc/errors';
import { type DType, empty, fromTypedArray, type Tensor } from '@gtc/tensor';
import { isLittleEndian } from '../halves.js';

/** Bytes of an element of each type that is read and written here. */
export const SAFETENSORS_BYTES = {
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** A type of tensors in safetensors files. */
export type SafetensorsDType = keyof typeof SAFETENSORS_BYTES;

/** Types that the format knows and nothing here reads: their elements are no whole bytes, or exponents alone. */
export const UNREAD_TYPES: readonly string[] = ['F4', 'F6_E2M3', 'F6_E3M2', 'F8_E8M0'];

/** What a tensor of each type is written as. */
export const TYPE_OF: Readonly<Record<DType, SafetensorsDType>> = {
  bool: 'BOOL',
  uint8: 'U8',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
};

/** Elements of a file in the engine's arrays. */
export type SafetensorsArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

const ARRAYS: Readonly<Record<SafetensorsDType, new (buffer: ArrayBuffer) => SafetensorsArray>> = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  C64: Float32Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** A copy of bytes as elements: halves and eighths as their bits, complex numbers as pairs. */
export function elementsOf(bytes: Uint8Array, dtype: SafetensorsDType): SafetensorsArray {
  return new ARRAYS[dtype](bytes.slice().buffer as ArrayBuffer);
}

/** The value of a float of eight bits; E4M3 has no infinity and one bit pattern for NaN. */
function eighth(bits: number, mantissaBits: 2 | 3): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponentBits = 7 - mantissaBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = (bits & 0x7f) >> mantissaBits;
  const fraction = bits & (2 ** mantissaBits - 1);
  const largest = 2 ** exponentBits - 1;
  if (mantissaBits === 3 && (bits & 0x7f) === 0x7f) return Number.NaN;
  if (mantissaBits === 2 && exponent === largest) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  const scale = 2 ** mantissaBits;
  return exponent === 0 ? (sign * fraction * 2 ** (1 - bias)) / scale : sign * (1 + fraction / scale) * 2 ** (exponent - bias);
}

const SAME = new Map(Object.entries(TYPE_OF).map(([tensorType, type]) => [type, tensorType as DType]));

/** A tensor whose memory is filled with the bytes of a file; null for types that tensors hold otherwise, and where numbers lie the other way round. */
export function sameTensor(dtype: SafetensorsDType, shape: readonly number[], fill: (target: Uint8Array) => void): Tensor | null {
  const own = isLittleEndian ? SAME.get(dtype) : undefined;
  if (own === undefined) return null;
  const x = empty(shape, { dtype: own });
  if (x.size > 0) fill(new Uint8Array(x.data.buffer, x.data.byteOffset, x.data.byteLength));
  return x;
}

/** Bytes as a tensor of the type that holds them, a wider one for unsigned integers and floats of eight bits. */
export function tensorOf(bytes: Uint8Array, dtype: SafetensorsDType, shape: readonly number[]): Tensor {
  const elements = elementsOf(bytes, dtype);
  switch (dtype) {
    case 'F8_E4M3':
      return fromTypedArray(
        Float32Array.from(elements as Uint8Array, bits => eighth(bits, 3)),
        shape,
      );
    case 'F8_E5M2':
      return fromTypedArray(
        Float32Array.from(elements as Uint8Array, bits => eighth(bits, 2)),
        shape,
      );
    case 'U16':
      return fromTypedArray(Int32Array.from(elements as Uint16Array), shape);
    case 'U32':
      return fromTypedArray(BigInt64Array.from(elements as Uint32Array, BigInt), shape);
    case 'C64':
      return fromTypedArray(elements as Float32Array, [...shape, 2]);
    case 'U64':
      throw new UnsupportedError('safetensors: no tensor holds unsigned integers of 64 bits; `array()` gives them', { parameter: 'dtype', received: dtype });
    default: {
      return fromTypedArray(elements as Float32Array, shape, { dtype: SAME.get(dtype)! });
    }
  }
}

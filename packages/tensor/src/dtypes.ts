/** Element types: their storage, their limits and how two of them combine. */
import { oneOf } from '@gtc/errors';

/** Name of an element type, as numpy and torch spell it. */
export type DType = 'bool' | 'uint8' | 'int8' | 'int16' | 'int32' | 'int64' | 'float16' | 'bfloat16' | 'float32' | 'float64';

/** Storage of a tensor: one array type for each element type; float16 and bfloat16 keep their bit patterns in a `Uint16Array`. */
export type TypedArray = Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Uint16Array | Float32Array | Float64Array;

interface Constructor {
  new (length: number): TypedArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray;
  readonly BYTES_PER_ELEMENT: number;
}

interface Facts {
  readonly storage: Constructor;
  /** Place in the order of promotion; float16 and bfloat16 share theirs. */
  readonly rank: number;
  readonly floating: boolean;
}

const FACTS: Readonly<Record<DType, Facts>> = {
  bool: { storage: Uint8Array, rank: 0, floating: false },
  uint8: { storage: Uint8Array, rank: 1, floating: false },
  int8: { storage: Int8Array, rank: 1, floating: false },
  int16: { storage: Int16Array, rank: 2, floating: false },
  int32: { storage: Int32Array, rank: 3, floating: false },
  int64: { storage: BigInt64Array, rank: 4, floating: false },
  float16: { storage: Uint16Array, rank: 5, floating: true },
  bfloat16: { storage: Uint16Array, rank: 5, floating: true },
  float32: { storage: Float32Array, rank: 6, floating: true },
  float64: { storage: Float64Array, rank: 7, floating: true },
};

/** All element types, the narrowest first. */
export const DTYPES: readonly DType[] = Object.keys(FACTS) as DType[];

/** Refuses a name that is no element type. */
export function checkDtype(dtype: DType): DType {
  return Object.hasOwn(FACTS, dtype) ? dtype : oneOf(dtype, 'dtype', DTYPES);
}

/** The array class that stores an element type. */
export function storageOf(dtype: DType): Constructor {
  return FACTS[checkDtype(dtype)].storage;
}

/**
 * Whether an element type holds fractions.
 *
 * @remarks Python: `torch.dtype.is_floating_point`.
 * @example isFloating('bfloat16') // => true
 */
export function isFloating(dtype: DType): boolean {
  return FACTS[checkDtype(dtype)].floating;
}

/** Whether an element type is stored as 16-bit floating-point patterns. */
export function isHalf(dtype: DType): dtype is 'float16' | 'bfloat16' {
  return dtype === 'float16' || dtype === 'bfloat16';
}

/**
 * The element type that holds values of both.
 *
 * @remarks Python: `torch.promote_types(a, b)`.
 * @example promoteTypes('uint8', 'int8') // => 'int16'
 * @example promoteTypes('int64', 'float16') // => 'float16'
 */
export function promoteTypes(a: DType, b: DType): DType {
  const [low, high] = FACTS[checkDtype(a)].rank <= FACTS[checkDtype(b)].rank ? [a, b] : [b, a];
  if (low === high || FACTS[low].rank < FACTS[high].rank) return high;
  return FACTS[low].floating ? 'float32' : 'int16';
}

/** What decides the type of a result: something with an element type, or a number, which is weak. */
export type TypedOrNumber = { readonly dtype: DType } | number;

/**
 * Element type of a result. A number never changes a floating type; an integral one keeps integers (bool becomes int64), another makes them
 * float32.
 *
 * @remarks Python: `torch.result_type`, for tensors with axes.
 * @example resultType({ dtype: 'int32' }, 0.5) // => 'float32'
 * @example resultType({ dtype: 'float16' }, 3) // => 'float16'
 */
export function resultType(...operands: readonly TypedOrNumber[]): DType {
  const typed = operands.filter(operand => typeof operand !== 'number').map(({ dtype }) => dtype);
  const numbers = operands.filter(operand => typeof operand === 'number');
  const weak = numbers.some(value => !Number.isInteger(value)) ? 'float32' : 'int64';
  if (typed.length === 0) return weak;
  const strong = typed.reduce(promoteTypes);
  if (numbers.length === 0 || isFloating(strong)) return strong;
  return weak === 'float32' || strong === 'bool' ? weak : strong;
}

/** Limits of a floating type. */
export interface FloatInfo {
  /** Width of an element. */
  readonly bits: number;
  /** Distance from 1 to the next larger number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** Least positive number of full precision. */
  readonly tiny: number;
  readonly smallestSubnormal: number;
}

/** Width, bits of the fraction and greatest exponent. */
const FLOATS: Readonly<Record<string, readonly [bits: number, fraction: number, exponent: number]>> = {
  float16: [16, 10, 15],
  bfloat16: [16, 7, 127],
  float32: [32, 23, 127],
  float64: [64, 52, 1023],
};

/**
 * Limits of a floating type.
 *
 * @throws {ValidationError} for a type without fractions
 * @remarks Python: `torch.finfo(dtype)`.
 * @example finfo('float16').max // => 65504
 */
export function finfo(dtype: DType): FloatInfo {
  const [bits, fraction, exponent] = FLOATS[oneOf(dtype, 'dtype', Object.keys(FLOATS))]!;
  const max = (2 - 2 ** -fraction) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  return { bits, eps: 2 ** -fraction, max, min: -max, tiny, smallestSubnormal: tiny * 2 ** -fraction };
}

/** Limits of an integer type; those of int64 are bigints. */
export interface IntegerInfo {
  readonly bits: number;
  readonly min: number | bigint;
  readonly max: number | bigint;
}

const INTEGERS: Readonly<Record<string, IntegerInfo>> = {
  uint8: { bits: 8, min: 0, max: 255 },
  int8: { bits: 8, min: -128, max: 127 },
  int16: { bits: 16, min: -32768, max: 32767 },
  int32: { bits: 32, min: -2147483648, max: 2147483647 },
  int64: { bits: 64, min: -(2n ** 63n), max: 2n ** 63n - 1n },
};

/**
 * Limits of an integer type.
 *
 * @throws {ValidationError} for a type that is not an integer
 * @remarks Python: `torch.iinfo(dtype)`.
 * @example iinfo('int8') // => { bits: 8, min: -128, max: 127 }
 */
export function iinfo(dtype: DType): IntegerInfo {
  return INTEGERS[oneOf(dtype, 'dtype', Object.keys(INTEGERS))]!;
}

/** Reading and copying the elements of strided tensors. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { type DType, isHalf, type TypedArray } from '../../dtypes.js';
import type { Nested, Tensor } from '../../tensor.js';
import { decodeHalfOne, encodeHalf } from './half.js';
import { rowMajor } from './shape.js';
import { allocateDirty, duplicate, type NumberArray, toNumbers } from './storage.js';
import { type Strided, walk } from './walk.js';

/** The value at a position of the buffer: a number, or a bigint beyond 2^53. */
export function elementAt({ dtype, storage }: Tensor, position: number): number | bigint {
  const value = storage.data[position]!;
  if (isHalf(dtype)) return decodeHalfOne(value as number, dtype);
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** Elements from which on a run is copied as a whole. */
const LONG_RUN = 24;

/** Copies elements of one buffer to another, both strided; the buffers are of one class. */
export function copyElements(from: TypedArray, source: Strided, to: TypedArray, target: Strided, shape: readonly number[]): void {
  walk(shape, [source, target], ([a, b], [stepA, stepB], length) => {
    if (stepA === 1 && stepB === 1 && length >= LONG_RUN) to.set(from.subarray(a!, a! + length) as never, b!);
    else for (let i = 0; i < length; i++) to[b! + i * stepB!] = from[a! + i * stepA!] as never;
  });
}

/** Elements in row-major order, in a buffer of their own. */
export function copyOf({ storage: { data }, dtype, shape, strides, offset, size }: Tensor): TypedArray {
  const copy = allocateDirty(dtype, size);
  copyElements(data, { strides, offset }, copy, { strides: rowMajor(shape), offset: 0 }, shape);
  return copy;
}

/** An operand as loops read it. */
export interface Operand extends Strided {
  readonly data: NumberArray;
}

/** Numbers behind a tensor, in place where the buffer holds numbers, else decoded in row-major order. */
export function operandOf(x: Tensor): Operand {
  const { storage, dtype, strides, offset, shape } = x;
  if (dtype !== 'int64' && !isHalf(dtype)) return { data: storage.data as NumberArray, strides, offset };
  return { data: toNumbers(x.data, dtype), strides: rowMajor(shape), offset: 0 };
}

/** Numbers in row-major order; not to be written to. */
export function numbersOf(x: Tensor): NumberArray {
  return toNumbers(x.data, x.dtype);
}

/** Row-major storage of another element type: fractions are cut, integers out of range wrap, fractions out of range saturate, NaN becomes 0. */
export function convert(data: TypedArray, from: DType, to: DType): TypedArray {
  if (from === to) return duplicate(data, to);
  if (isHalf(to)) return encodeHalf(toNumbers(data, from), to);
  const result = allocateDirty(to, data.length);
  if (data instanceof BigInt64Array && to !== 'bool') {
    for (let i = 0; i < data.length; i++) result[i] = (to === 'float32' || to === 'float64' ? Number(data[i]) : narrow(data[i]!, to)) as never;
    return result;
  }
  const numbers = toNumbers(data, from);
  const one = CASTS[to] ?? ((value: number): number => value);
  for (let i = 0; i < numbers.length; i++) result[i] = one(numbers[i]!) as never;
  return result;
}

const narrow = (value: bigint, to: DType): bigint | number => (to === 'int64' ? value : Number(BigInt.asIntN(32, value)));

const saturate = (value: number, low: number, high: number): number => (Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, low), high)));

/** How a number becomes an integer: integers within 2^53 wrap by storage, all others saturate where that is not the same. */
const CASTS: Readonly<Partial<Record<DType, (value: number) => number | bigint>>> = {
  bool: value => (value !== 0 ? 1 : 0),
  uint8: value => (Number.isInteger(value) ? value : saturate(value, 0, 255)),
  int8: value => (Number.isInteger(value) ? value : saturate(value, -128, 127)),
  int16: value => (Number.isInteger(value) ? value : saturate(value, -32768, 32767)),
  int32: value => (Number.isInteger(value) ? value : saturate(value, -2147483648, 2147483647)),
  int64: value => BigInt.asIntN(64, BigInt(Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, -(2 ** 63)), 2 ** 63 - 1024)))),
};

/** Shape and elements of nested arrays, depth first; bigints make them int64. */
export function flatten(values: Nested | TypedArray): { readonly shape: number[]; readonly data: TypedArray; readonly from: DType; readonly truths: boolean } {
  if (ArrayBuffer.isView(values)) {
    // Numbers here, not the bits of halves that tensors keep in this class.
    const data = values instanceof Uint16Array ? Float64Array.from(values) : values;
    return { shape: [data.length], data, from: data instanceof BigInt64Array ? 'int64' : 'float64', truths: false };
  }
  const shape: number[] = [];
  for (let level: Nested = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: (number | bigint | boolean)[] = [];
  collect(values, shape, 0, flat);
  const truths = flat.length > 0 && flat.every(value => typeof value === 'boolean');
  if (!flat.some(value => typeof value === 'bigint')) return { shape, data: Float64Array.from(flat as number[]), from: 'float64', truths };
  return { shape, data: BigInt64Array.from(flat, value => BigInt(typeof value === 'number' ? Math.trunc(value) : value)), from: 'int64', truths };
}

function collect(value: Nested, shape: readonly number[], axis: number, flat: (number | bigint | boolean)[]): void {
  const nested = Array.isArray(value);
  if (nested ? value.length !== shape[axis] : axis !== shape.length) {
    const found = nested ? `length ${value.length}` : String(value);
    throw new ShapeError(`tensor: values must nest evenly: expected [${shape.join(', ')}], found ${found} on axis ${axis}`, { parameter: 'values' });
  }
  if (nested) for (const item of value) collect(item, shape, axis + 1, flat);
  else if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') flat.push(value);
  else throw new ValidationError(`tensor: values must be numbers, bigints or booleans, got ${String(value)}`, { parameter: 'values', received: value });
}

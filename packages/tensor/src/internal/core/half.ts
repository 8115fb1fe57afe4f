/** float16 and bfloat16 as bit patterns: decoding is exact, encoding rounds once, to the nearest, ties to even. */
import type { DType } from '../../dtypes.js';
import { halfKernel } from '../kernels/halves.js';

const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer);
/** Which of the two words of a double holds its sign: the machine's order of bytes. */
export const HIGH: 0 | 1 = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Bits of the fraction and bias of the exponent. */
interface Layout {
  readonly fraction: number;
  readonly bias: number;
}
const LAYOUTS: Readonly<Record<'float16' | 'bfloat16', Layout>> = {
  float16: { fraction: 10, bias: 15 },
  bfloat16: { fraction: 7, bias: 127 },
};

function decodeOne(bits: number, { fraction, bias }: Layout): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fraction;
  const tail = bits & ((1 << fraction) - 1);
  if (exponent === 2 * bias + 1) return tail === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * tail * 2 ** (1 - bias - fraction);
  return sign * (1 + tail * 2 ** -fraction) * 2 ** (exponent - bias);
}

function encodeOne(value: number, { fraction, bias }: Layout): number {
  float64[0] = value;
  const high = words[HIGH]!;
  const sign = (high >>> 16) & 0x8000;
  const infinity = (2 * bias + 1) << fraction;
  if (Number.isNaN(value)) return sign | infinity | (1 << (fraction - 1));
  const magnitude = Math.abs(value);
  const exponent = Math.max(((high >>> 20) & 0x7ff) - 1023, 1 - bias);
  if (exponent > bias) return sign | infinity;
  // In units of the last place the number is exact, so that only this rounding happens; a carry into the exponent is what it should be.
  const units = roundHalfEven(magnitude * 2 ** (fraction - exponent));
  return sign | (units + ((exponent + bias - 1) << fraction));
}

/** The nearest integer, of two equally near the even one; for magnitudes below 2^52. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  return rest > 0.5 || floor % 2 !== 0 ? floor + 1 : floor;
}

const tables = new Map<DType, Float32Array>();

function tableOf(dtype: 'float16' | 'bfloat16'): Float32Array {
  let table = tables.get(dtype);
  if (table === undefined) {
    table = Float32Array.from({ length: 65536 }, (_, bits) => decodeOne(bits, LAYOUTS[dtype]));
    tables.set(dtype, table);
  }
  return table;
}

/** The numbers behind bit patterns. */
export function decodeHalf(bits: Uint16Array, dtype: 'float16' | 'bfloat16'): Float32Array {
  const values = new Float32Array(bits.length);
  if (halfKernel('decode', dtype, bits, values)) return values;
  const table = tableOf(dtype);
  for (let i = 0; i < bits.length; i++) values[i] = table[bits[i]!]!;
  return values;
}

/** The number behind one bit pattern. */
export function decodeHalfOne(bits: number, dtype: 'float16' | 'bfloat16'): number {
  return decodeOne(bits, LAYOUTS[dtype]);
}

/** Bit patterns of the nearest numbers. */
export function encodeHalf(values: ArrayLike<number>, dtype: 'float16' | 'bfloat16'): Uint16Array {
  const bits = new Uint16Array(values.length);
  if (values instanceof Float32Array && halfKernel('encode', dtype, values, bits)) return bits;
  const layout = LAYOUTS[dtype];
  for (let i = 0; i < values.length; i++) bits[i] = encodeOne(values[i]!, layout);
  return bits;
}

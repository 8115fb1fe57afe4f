/** The format of `.npy` files (NEP 1): a header in Python's notation, then the elements. */
import { FormatError, UnsupportedError } from '@gtc/errors';
import type { DType, TypedArray } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { sizeOf } from '../core/shape.js';
import { permute } from '../shape/views.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** How elements of a kind are read, and the type that holds them; unsigned integers need a wider one. */
interface Kind {
  readonly bytes: number;
  readonly dtype: DType;
  readonly read: (view: DataView, at: number, little: boolean) => number | bigint;
}

const KINDS: Readonly<Record<string, Kind>> = {
  b1: { bytes: 1, dtype: 'bool', read: (view, at) => Number(view.getUint8(at) !== 0) },
  u1: { bytes: 1, dtype: 'uint8', read: (view, at) => view.getUint8(at) },
  i1: { bytes: 1, dtype: 'int8', read: (view, at) => view.getInt8(at) },
  u2: { bytes: 2, dtype: 'int32', read: (view, at, little) => view.getUint16(at, little) },
  i2: { bytes: 2, dtype: 'int16', read: (view, at, little) => view.getInt16(at, little) },
  u4: { bytes: 4, dtype: 'int64', read: (view, at, little) => BigInt(view.getUint32(at, little)) },
  i4: { bytes: 4, dtype: 'int32', read: (view, at, little) => view.getInt32(at, little) },
  i8: { bytes: 8, dtype: 'int64', read: (view, at, little) => view.getBigInt64(at, little) },
  f2: { bytes: 2, dtype: 'float16', read: (view, at, little) => view.getUint16(at, little) },
  f4: { bytes: 4, dtype: 'float32', read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, dtype: 'float64', read: (view, at, little) => view.getFloat64(at, little) },
};

const STORAGE = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const broken = (what: string, offset: number): FormatError => new FormatError(`npy: ${what}`, { parameter: 'bytes', offset });

interface Header {
  readonly kind: Kind;
  readonly little: boolean;
  readonly fortran: boolean;
  readonly shape: number[];
  /** Where the elements start. */
  readonly start: number;
}

function parseHeader(bytes: Uint8Array): Header {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) throw broken('the file does not begin with \\x93NUMPY', 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw broken(`version ${version} is not known`, 6);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw broken('the header is cut off', bytes.length);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > bytes.length - start) throw broken(`a header of ${length} bytes exceeds the ${bytes.length - start} that remain`, 8);
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + length)).trim();
  const [, descr] = /'descr': *'([^']{1,20})'/.exec(text) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(text) ?? [];
  const [, lengths] = /'shape': *\(([0-9, ]*)\)/.exec(text) ?? [];
  if (!text.startsWith('{') || !text.endsWith('}') || descr === undefined || order === undefined || lengths === undefined)
    throw broken('the header is no dictionary of descr, fortran_order and shape', start);
  const [, byteOrder, code] = /^([<>|=]?)([a-z]\d)$/.exec(descr) ?? [];
  const kind = code === undefined || !Object.hasOwn(KINDS, code) ? undefined : KINDS[code];
  if (kind === undefined) throw broken(`elements of type '${descr}' cannot be read`, start);
  const shape = lengths
    .split(',')
    .filter(part => part.trim() !== '')
    .map(Number);
  return { kind, little: byteOrder !== '>', fortran: order === 'True', shape, start: start + length };
}

/**
 * The array of a `.npy` file. Big-endian and column-major data are converted; uint16 becomes int32 and uint32 int64.
 *
 * @param bytes the whole file
 * @throws {FormatError} for bytes that break the format; pickled objects are refused
 * @remarks Python: `numpy.load(file, allow_pickle=False)`.
 * @example loadNpy(saveNpy(tensor([1, 2]))).tolist() // => [1, 2]
 */
export function loadNpy(bytes: Uint8Array): Tensor {
  const { kind, little, fortran, shape, start } = parseHeader(bytes);
  const size = sizeOf(shape);
  const remain = bytes.length - start;
  if (!Number.isSafeInteger(size) || size * kind.bytes > remain)
    throw broken(`${size} elements of ${kind.bytes} bytes exceed the ${remain} that remain`, start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const data: TypedArray = new STORAGE[kind.dtype as keyof typeof STORAGE](size);
  for (let i = 0; i < size; i++) data[i] = kind.read(view, start + i * kind.bytes, little) as never;
  if (!fortran) return wrap(data, shape, kind.dtype);
  const turned = wrap(data, [...shape].reverse(), kind.dtype);
  return permute(
    turned,
    shape.map((_, axis) => shape.length - 1 - axis),
  ).contiguous();
}

const CODES: Readonly<Partial<Record<DType, string>>> = {
  bool: '|b1',
  uint8: '|u1',
  int8: '|i1',
  int16: '<i2',
  int32: '<i4',
  int64: '<i8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
};

/**
 * A tensor as the bytes of a `.npy` file, the same as numpy writes.
 *
 * @throws {UnsupportedError} for bfloat16, which numpy does not have
 * @remarks Python: `numpy.save(file, x)`.
 * @example saveNpy(tensor([1])).length // => 132
 */
export function saveNpy(x: Tensor): Uint8Array {
  const code = CODES[x.dtype];
  if (code === undefined) throw new UnsupportedError(`saveNpy: numpy has no ${x.dtype}; convert with astype`, { parameter: 'x', received: x.dtype });
  const lengths = x.shape.length === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const text = `{'descr': '${code}', 'fortran_order': False, 'shape': (${lengths}), }`;
  // Spaces make the header a multiple of 64 bytes, with a line break at its end.
  const total = Math.ceil((MAGIC.length + 4 + text.length + 1) / 64) * 64;
  const { data } = x;
  const bytes = new Uint8Array(total + data.byteLength).fill(0x20, 0, total);
  bytes.set([...MAGIC, 1, 0, (total - 10) & 0xff, (total - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[total - 1] = 0x0a;
  const view = new DataView(bytes.buffer, total);
  const width = data.BYTES_PER_ELEMENT;
  for (const [i, value] of data.entries()) WRITERS[code.slice(1)]!(view, i * width, value as never);
  return bytes;
}

const WRITERS: Readonly<Record<string, (view: DataView, at: number, value: never) => void>> = {
  b1: (view, at, value) => view.setUint8(at, value),
  u1: (view, at, value) => view.setUint8(at, value),
  i1: (view, at, value) => view.setInt8(at, value),
  i2: (view, at, value) => view.setInt16(at, value, true),
  i4: (view, at, value) => view.setInt32(at, value, true),
  i8: (view, at, value) => view.setBigInt64(at, value, true),
  f2: (view, at, value) => view.setUint16(at, value, true),
  f4: (view, at, value) => view.setFloat32(at, value, true),
  f8: (view, at, value) => view.setFloat64(at, value, true),
};

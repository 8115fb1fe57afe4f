/** Reads a GGUF file (version 2 and 3 of the specification), little or big endian; every length is checked before anything is made for it. */
import { FormatError } from '@gtc/errors';
import { fromTypedArray, type Tensor } from '@gtc/tensor';
import { tensorOf } from '../safetensors/types.js';
import { dequantize } from './blocks.js';
import { GGML_TYPES, GGUF_VALUE_TYPES, type GgmlType, type GgufValueType } from './types.js';

/** A value of the metadata: integers beyond 2^53 are bigints. */
export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** A tensor of a file; nothing is decoded before {@link GgufTensor.load}. */
export interface GgufTensor {
  readonly name: string;
  readonly type: GgmlType;
  /** As in PyTorch, the fastest dimension last. */
  readonly shape: readonly number[];
  /** As in the file, the fastest dimension first. */
  readonly ggmlShape: readonly number[];
  /** Place of its bytes from the beginning of the data. */
  readonly offset: number;
  readonly nBytes: number;
  /** Its bytes as they stand in the file. */
  bytes(): Uint8Array;
  /** Its numbers: integers and float64 as they are, every other type as float32. @throws {UnsupportedError} for a type that is not decoded here */
  load(): Tensor;
}

/** What a file holds. */
export interface GgufFile {
  readonly version: number;
  readonly littleEndian: boolean;
  readonly alignment: number;
  /** Where the data of the tensors begin. */
  readonly dataOffset: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Types of the values: of a list `ARRAY` and that of its items, of an empty list of lists as far as the file says. */
  readonly types: ReadonlyMap<string, readonly GgufValueType[]>;
  readonly tensors: readonly GgufTensor[];
}

const MAGIC = 'GGUF';
const DEFAULT_ALIGNMENT = 32;
const MOST_DIMENSIONS = 8;
const DEEPEST = 8;
/** Bytes that a value takes at least. */
const LEAST_BYTES: Readonly<Record<GgufValueType, number>> = {
  UINT8: 1,
  INT8: 1,
  UINT16: 2,
  INT16: 2,
  UINT32: 4,
  INT32: 4,
  FLOAT32: 4,
  BOOL: 1,
  STRING: 8,
  ARRAY: 12,
  UINT64: 8,
  INT64: 8,
  FLOAT64: 8,
};
const NAME_OF_ID = new Map(Object.entries(GGML_TYPES).map(([name, { id }]) => [id, name as GgmlType]));

const fits = (value: bigint): boolean => value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);

/** A place in the bytes of a file. */
class Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at = 0;
  littleEndian = true;
  readonly #decoder = new TextDecoder();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string): never {
    const { at } = this;
    throw new FormatError(`gguf: ${what}`, { parameter: 'bytes', offset: at });
  }

  take(length: number, what: string): number {
    const { at } = this;
    if (length > this.bytes.length - at) this.fail(`${what} needs ${length} bytes, ${this.bytes.length - at} remain`);
    this.at += length;
    return at;
  }

  u32(what: string): number {
    return this.view.getUint32(this.take(4, what), this.littleEndian);
  }

  /** A count of things that take some bytes each at least. */
  count(what: string, each: number): number {
    const start = this.take(8, what);
    const value = this.view.getBigUint64(start, this.littleEndian);
    if (value * BigInt(each) > BigInt(this.bytes.length - this.at)) {
      this.at = start;
      this.fail(`${what} is ${value}, and the ${this.bytes.length - start - 8} bytes that remain cannot hold that`);
    }
    return Number(value);
  }

  text(what: string): string {
    const length = this.count(`the length of ${what}`, 1);
    const start = this.take(length, what);
    return this.#decoder.decode(this.bytes.subarray(start, start + length));
  }
}

function valueTypeAt(cursor: Cursor, key: string): GgufValueType {
  const id = cursor.u32(`the type of ${key}`);
  return GGUF_VALUE_TYPES[id] ?? cursor.fail(`${key} has the unknown type ${id}`);
}

function valueAt(cursor: Cursor, type: GgufValueType, key: string, types: GgufValueType[], depth: number): GgufValue {
  const { view, littleEndian } = cursor;
  const what = `the value of ${key}`;
  switch (type) {
    case 'UINT8':
      return view.getUint8(cursor.take(1, what));
    case 'INT8':
      return view.getInt8(cursor.take(1, what));
    case 'UINT16':
      return view.getUint16(cursor.take(2, what), littleEndian);
    case 'INT16':
      return view.getInt16(cursor.take(2, what), littleEndian);
    case 'UINT32':
      return cursor.u32(what);
    case 'INT32':
      return view.getInt32(cursor.take(4, what), littleEndian);
    case 'FLOAT32':
      return view.getFloat32(cursor.take(4, what), littleEndian);
    case 'FLOAT64':
      return view.getFloat64(cursor.take(8, what), littleEndian);
    case 'BOOL':
      return view.getUint8(cursor.take(1, what)) !== 0;
    case 'STRING':
      return cursor.text(what);
    case 'UINT64': {
      const value = view.getBigUint64(cursor.take(8, what), littleEndian);
      return fits(value) ? Number(value) : value;
    }
    case 'INT64': {
      const value = view.getBigInt64(cursor.take(8, what), littleEndian);
      return fits(value) ? Number(value) : value;
    }
    case 'ARRAY': {
      if (depth > DEEPEST) cursor.fail(`${key} is lists in lists, more than ${DEEPEST} deep`);
      const item = valueTypeAt(cursor, key);
      const length = cursor.count(`the length of ${key}`, LEAST_BYTES[item]);
      types.push(item);
      const inner: GgufValueType[] = [];
      const list = Array.from({ length }, (_, i) => valueAt(cursor, item, key, i === 0 ? inner : [], depth + 1));
      types.push(...inner);
      return list;
    }
  }
}

function tensorAt(cursor: Cursor): {
  readonly name: string;
  readonly type: GgmlType;
  readonly ggmlShape: number[];
  readonly offset: number;
  readonly nBytes: number;
} {
  const name = cursor.text('the name of a tensor');
  const dimensions = cursor.u32(`the dimensions of ${name}`);
  if (dimensions > MOST_DIMENSIONS) cursor.fail(`${name} has ${dimensions} dimensions, at most ${MOST_DIMENSIONS} are possible`);
  const ggmlShape = Array.from({ length: dimensions }, () => Number(cursor.view.getBigUint64(cursor.take(8, `the shape of ${name}`), cursor.littleEndian)));
  const id = cursor.u32(`the type of ${name}`);
  const type = NAME_OF_ID.get(id) ?? cursor.fail(`${name} has the unknown type ${id}`);
  const { block, bytes } = GGML_TYPES[type];
  const row = ggmlShape[0] ?? 1;
  if (row % block !== 0) cursor.fail(`${name} has rows of ${row}, which blocks of ${block} of type ${type} do not fill`);
  const count = ggmlShape.reduce((product, size) => product * size, 1);
  const offset = Number(cursor.view.getBigUint64(cursor.take(8, `the place of ${name}`), cursor.littleEndian));
  return { name, type, ggmlShape, offset, nBytes: (count / block) * bytes };
}

/** Types whose elements are no blocks, and have the same names in safetensors. */
const PLAIN = ['I8', 'I16', 'I32', 'I64', 'F64'] as const;

/** Bytes whose numbers of some size stand the other way round. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const copy = bytes.slice();
  for (let at = 0; at + size <= copy.length; at += size) copy.subarray(at, at + size).reverse();
  return copy;
}

function loadTensor(cursor: Cursor, name: string, type: GgmlType, shape: readonly number[], raw: Uint8Array): Tensor {
  const { block, bytes: size } = GGML_TYPES[type];
  if (!cursor.littleEndian && block > 1) cursor.fail(`${name} has blocks of type ${type} in big endian, which no reader defines`);
  const bytes = cursor.littleEndian ? raw : swapped(raw, size);
  const plain = PLAIN.find(name => name === type);
  if (plain !== undefined) return tensorOf(bytes, plain, shape);
  return fromTypedArray(dequantize(bytes, type, (bytes.length / size) * block), shape);
}

function headerAt(cursor: Cursor): number {
  const start = cursor.take(4, 'the magic');
  if (String.fromCharCode(...cursor.bytes.subarray(start, start + 4)) !== MAGIC) {
    cursor.at = start;
    cursor.fail(`the file does not begin with ${MAGIC}`);
  }
  const version = cursor.u32('the version');
  cursor.littleEndian = (version & 0xffff) !== 0;
  const known = cursor.littleEndian ? version : version >>> 24;
  if (known !== 2 && known !== 3) cursor.fail(`version ${known} is unknown, 2 and 3 are known`);
  return known;
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>, cursor: Cursor): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment !== 'number' || !Number.isInteger(alignment) || alignment < 1 || alignment > 2 ** 20)
    return cursor.fail(`general.alignment must be an integer from 1 to 1048576, got ${String(alignment)}`);
  return alignment;
}

/** The content of a file. @throws {FormatError} naming what is wrong and where */
export function read(bytes: Uint8Array): GgufFile {
  const cursor = new Cursor(bytes);
  const version = headerAt(cursor);
  const tensorCount = cursor.count('the number of tensors', 24);
  const keyCount = cursor.count('the number of keys', 13);
  const metadata = new Map<string, GgufValue>();
  const types = new Map<string, readonly GgufValueType[]>();
  for (let i = 0; i < keyCount; i++) {
    const key = cursor.text('a key');
    if (metadata.has(key)) cursor.fail(`the key ${key} is there twice`);
    const type = valueTypeAt(cursor, key);
    const path = [type];
    metadata.set(key, valueAt(cursor, type, key, path, 1));
    types.set(key, path);
  }
  const entries = Array.from({ length: tensorCount }, () => tensorAt(cursor));
  const alignment = alignmentOf(metadata, cursor);
  const dataOffset = Math.ceil(cursor.at / alignment) * alignment;
  const names = new Set<string>();
  const tensors = entries.map(({ name, type, ggmlShape, offset, nBytes }): GgufTensor => {
    if (names.has(name)) cursor.fail(`the tensor ${name} is there twice`);
    names.add(name);
    if (offset % alignment !== 0) cursor.fail(`${name} begins at ${offset}, which is no multiple of ${alignment}`);
    if (!(dataOffset + offset + nBytes <= bytes.length)) cursor.fail(`${name} ends at ${dataOffset + offset + nBytes}, and the file has ${bytes.length} bytes`);
    const shape = ggmlShape.toReversed();
    const raw = (): Uint8Array => bytes.subarray(dataOffset + offset, dataOffset + offset + nBytes);
    return { name, type, shape, ggmlShape, offset, nBytes, bytes: raw, load: () => loadTensor(cursor, name, type, shape, raw()) };
  });
  return { version, littleEndian: cursor.littleEndian, alignment, dataOffset, metadata, types, tensors };
}

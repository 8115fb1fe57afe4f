/** Reads safetensors files: a header of JSON, then the bytes of the tensors without gap. */
import { FormatError, inRange, integer, ShapeError, UnsupportedError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { type ByteSource, readBytes, sourceOf } from '../sources.js';
import { elementsOf, SAFETENSORS_BYTES, type SafetensorsArray, type SafetensorsDType, sameTensor, tensorOf, UNREAD_TYPES } from './types.js';

/** A tensor of a file; nothing is copied before it is asked for. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Where its bytes begin and end, from the beginning of the data. */
  readonly dataOffsets: readonly [start: number, end: number];
  /** Its bytes as they stand in the file: a view of bytes that are in memory, a copy of others. */
  bytes(): Uint8Array;
  /** A copy of its elements: halves and eighths as their bits, complex numbers as pairs. */
  array(): SafetensorsArray;
  /**
   * A copy as a tensor: floats of eight bits as float32, U16 as int32, U32 as int64, complex numbers with a last dimension of two.
   *
   * @throws {UnsupportedError} for U64
   */
  load(): Tensor;
  /**
   * Some rows, the others unread: those of the first dimension from `start` to before `stop`, counted from the end where negative.
   *
   * @throws {ShapeError} for a tensor without dimensions @throws {ValidationError} for rows that are not there
   */
  loadRows(start: number, stop: number): Tensor;
}

/** What a file holds. */
export interface SafetensorsFile {
  /** Bytes of the header, without the eight of its length. */
  readonly headerBytes: number;
  /** Texts by key; null where the file has none. */
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

const MOST_HEADER = 100_000_000;

function broken(what: string, offset?: number): FormatError {
  return new FormatError(`safetensors: ${what}`, { parameter: 'bytes', ...(offset === undefined ? {} : { offset }) });
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function parseHeader(source: ByteSource): { readonly header: Json; readonly headerBytes: number } {
  const { byteLength } = source;
  if (byteLength < 8) throw broken(`the file has ${byteLength} bytes, the length of the header alone takes 8`, 0);
  const first = readBytes(source, 0, 8);
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER)) throw broken(`the header has ${length} bytes, at most ${MOST_HEADER} are possible`, 0);
  const headerBytes = Number(length);
  if (headerBytes > byteLength - 8) throw broken(`the header has ${headerBytes} bytes, and ${byteLength - 8} remain`, 0);
  const text = readBytes(source, 8, headerBytes);
  if (text[0] !== 0x7b) throw broken('the header does not begin with {', 8);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
  } catch (cause) {
    throw broken(`the header is no JSON in UTF-8: ${(cause as Error).message}`, 8);
  }
  if (!isRecord(header)) throw broken('the header is no object', 8);
  return { header, headerBytes };
}

function metadataOf(value: unknown): Readonly<Record<string, string>> | null {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) throw broken('__metadata__ is no object');
  for (const [key, text] of Object.entries(value)) if (typeof text !== 'string') throw broken(`__metadata__ has a value for ${key} that is no text`);
  return value as Readonly<Record<string, string>>;
}

interface Entry {
  readonly name: string;
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function entryOf(name: string, value: unknown): Entry {
  if (!isRecord(value)) throw broken(`the entry of ${name} is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (UNREAD_TYPES.includes(dtype as string))
    throw new UnsupportedError(`safetensors: ${name} has the type ${String(dtype)}, which is not read here`, { parameter: 'bytes' });
  if (typeof dtype !== 'string' || !Object.hasOwn(SAFETENSORS_BYTES, dtype)) throw broken(`${name} has the unknown type ${String(dtype)}`);
  if (!Array.isArray(shape) || !shape.every(isCount)) throw broken(`the shape of ${name} is no list of sizes`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) throw broken(`data_offsets of ${name} are not two places`);
  const [start, end] = offsets as [number, number];
  const size = shape.reduce((product, length) => product * length, SAFETENSORS_BYTES[dtype as SafetensorsDType]);
  if (end - start !== size) throw broken(`${name} is ${size} bytes by its shape, and ${end - start} by its places`);
  return { name, dtype: dtype as SafetensorsDType, shape, start, end };
}

/** Rows of a tensor as another. @throws {ShapeError} without dimensions @throws {ValidationError} for rows that are not there */
function rowsOf({ name, shape, start, end }: Entry, from: number, to: number): { readonly at: number; readonly length: number; readonly shape: number[] } {
  const [rows, ...rest] = shape;
  if (rows === undefined) throw new ShapeError(`safetensors: ${name} is a single number and has no rows`, { parameter: 'start' });
  const place = (value: number, parameter: string): number => {
    const counted = integer(value, parameter) < 0 ? value + rows : value;
    return inRange(counted, parameter, { min: 0, max: rows });
  };
  const first = place(from, 'start');
  const last = inRange(place(to, 'stop'), 'stop', { min: first });
  const size = rows === 0 ? 0 : (end - start) / rows;
  return { at: start + first * size, length: (last - first) * size, shape: [last - first, ...rest] };
}

/** The content of a file. @throws {FormatError} naming what is wrong */
export function read(file: Uint8Array | ByteSource): SafetensorsFile {
  const source = sourceOf(file);
  const { header, headerBytes } = parseHeader(source);
  const { __metadata__: texts, ...rest } = header;
  const metadata = metadataOf(texts);
  const entries = Object.entries(rest).map(([name, value]) => entryOf(name, value));
  const data = 8 + headerBytes;
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) throw broken(`${entry.name} begins at ${entry.start} of the data, where ${end} was expected`);
    end = entry.end;
  }
  const length = source.byteLength - data;
  if (end !== length) throw broken(`the tensors end at ${end} of the data, and the data have ${length} bytes`);
  const tensors = entries.map((entry): [string, SafetensorsTensor] => {
    const { name, dtype, shape, start, end: stop } = entry;
    const bytes = (at = start, count = stop - start): Uint8Array => readBytes(source, data + at, count);
    const load = (at: number, count: number, form: readonly number[]): Tensor =>
      sameTensor(dtype, form, target => source.readInto(target, data + at)) ?? tensorOf(bytes(at, count), dtype, form);
    const loadRows = (from: number, to: number): Tensor => {
      const rows = rowsOf(entry, from, to);
      return load(rows.at, rows.length, rows.shape);
    };
    const whole = { bytes: () => bytes(), array: () => elementsOf(bytes(), dtype), load: () => load(start, stop - start, shape), loadRows };
    return [name, { dtype, shape, dataOffsets: [start, stop], ...whole }];
  });
  return { headerBytes, metadata, tensors: new Map(tensors) };
}

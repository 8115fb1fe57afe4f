/** Reads safetensors files: a header of JSON, then the bytes of the tensors without gap. */
import { FormatError, UnsupportedError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { elementsOf, SAFETENSORS_BYTES, type SafetensorsArray, type SafetensorsDType, tensorOf, UNREAD_TYPES } from './types.js';

/** A tensor of a file; nothing is copied before it is asked for. */
export interface SafetensorsTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  /** Where its bytes begin and end, from the beginning of the data. */
  readonly dataOffsets: readonly [start: number, end: number];
  /** Its bytes as they stand in the file. */
  bytes(): Uint8Array;
  /** A copy of its elements: halves and eighths as their bits, complex numbers as pairs. */
  array(): SafetensorsArray;
  /**
   * A copy as a tensor: floats of eight bits as float32, U16 as int32, U32 as int64, complex numbers with a last dimension of two.
   *
   * @throws {UnsupportedError} for U64
   */
  load(): Tensor;
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

function parseHeader(bytes: Uint8Array): { readonly header: Json; readonly headerBytes: number } {
  if (bytes.length < 8) throw broken(`the file has ${bytes.length} bytes, the length of the header alone takes 8`, 0);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER)) throw broken(`the header has ${length} bytes, at most ${MOST_HEADER} are possible`, 0);
  const headerBytes = Number(length);
  if (headerBytes > bytes.length - 8) throw broken(`the header has ${headerBytes} bytes, and ${bytes.length - 8} remain`, 0);
  if (bytes[8] !== 0x7b || headerBytes === 0) throw broken('the header does not begin with {', 8);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + headerBytes)));
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

/** The content of a file. @throws {FormatError} naming what is wrong */
export function read(bytes: Uint8Array): SafetensorsFile {
  const { header, headerBytes } = parseHeader(bytes);
  const { __metadata__: texts, ...rest } = header;
  const metadata = metadataOf(texts);
  const entries = Object.entries(rest).map(([name, value]) => entryOf(name, value));
  const data = bytes.subarray(8 + headerBytes);
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end) throw broken(`${entry.name} begins at ${entry.start} of the data, where ${end} was expected`);
    end = entry.end;
  }
  if (end !== data.length) throw broken(`the tensors end at ${end} of the data, and the data have ${data.length} bytes`);
  const tensors = entries.map(({ name, dtype, shape, start, end: stop }): [string, SafetensorsTensor] => {
    const raw = (): Uint8Array => data.subarray(start, stop);
    return [name, { dtype, shape, dataOffsets: [start, stop], bytes: raw, array: () => elementsOf(raw(), dtype), load: () => tensorOf(raw(), dtype, shape) }];
  });
  return { headerBytes, metadata, tensors: new Map(tensors) };
}

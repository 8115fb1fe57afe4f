/** Archives of `.npy` files: zip (APPNOTE 6.3), stored or deflated. */
import { FormatError, UnsupportedError } from '@gtc/errors';
import type { Tensor } from '../../tensor.js';
import { cyclicCheck } from '../hash/checksums.js';
import { loadNpy, saveNpy } from './npy.js';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

const broken = (what: string, offset: number): FormatError => new FormatError(`npz: ${what}`, { parameter: 'bytes', offset });

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed: Uint8Array;
  readonly size: number;
}

/** The directory at the end of an archive, and the bytes that each entry points at. */
function entriesOf(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (at: number, length: number): number => {
    if (!(at >= 0 && at + length <= bytes.length)) throw broken(`${length} bytes are missing`, Math.min(Math.max(at, 0), bytes.length));
    return at;
  };
  // The end record is followed by a comment of at most 65,535 bytes.
  let end = bytes.length - 22;
  const first = Math.max(0, end - 0xffff);
  while (end >= first && view.getUint32(end, true) !== END) end--;
  if (end < first || bytes.length < 22) throw broken('the archive has no directory', 0);
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    if (view.getUint32(need(at, 46), true) !== ENTRY) throw broken('an entry of the directory is damaged', at);
    const [method, packedSize, size] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameLength, extraLength, commentLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(need(at + 46, nameLength), at + 46 + nameLength));
    if (view.getUint32(need(local, 30), true) !== LOCAL) throw broken(`'${name}' does not begin where the directory says`, local);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    at += 46 + nameLength + extraLength + commentLength;
    return { name, method, size, packed: bytes.subarray(need(start, packedSize), start + packedSize) };
  });
}

/** The bytes of an entry; more than the directory declares are not unpacked. */
async function unpack({ name, method, packed, size }: Entry): Promise<Uint8Array> {
  if (method === STORED) return packed;
  if (method !== DEFLATED)
    throw new UnsupportedError(`npz: '${name}' is packed by method ${method}; stored and deflated entries can be read`, {
      parameter: 'bytes',
      received: method,
    });
  // Deflate packs at most 1032 to 1.
  if (size > packed.length * 1032 + 64) throw broken(`'${name}' cannot hold ${size} bytes`, 0);
  const result = new Uint8Array(size);
  let filled = 0;
  try {
    const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      if (filled + chunk.length > size) throw broken(`'${name}' holds more than the ${size} bytes declared`, 0);
      result.set(chunk, filled);
      filled += chunk.length;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw broken(`'${name}' cannot be unpacked: ${(error as Error).message}`, 0);
  }
  if (filled !== size) throw broken(`'${name}' holds ${filled} of ${size} bytes`, 0);
  return result;
}

/**
 * The arrays of a `.npz` file by name.
 *
 * @param bytes the whole file
 * @throws {FormatError} for bytes that break the format
 * @remarks Python: `numpy.load(file, allow_pickle=False)`.
 * @example (await loadNpz(saveNpz({ a: tensor([1, 2]) }))).a.tolist() // => [1, 2]
 */
export async function loadNpz(bytes: Uint8Array): Promise<Record<string, Tensor>> {
  const arrays: [string, Tensor][] = [];
  for (const entry of entriesOf(bytes)) arrays.push([entry.name.replace(/\.npy$/, ''), loadNpy(await unpack(entry))]);
  return Object.fromEntries(arrays);
}

/** Little-endian integers of given widths. */
function record(...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array {
  const bytes = new Uint8Array(fields.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/** Midnight of the first day that a zip archive can name. */
const DATE = 0x21;

/**
 * Tensors as the bytes of a `.npz` file, stored without compression.
 *
 * @remarks Python: `numpy.savez(file, **arrays)`.
 * @example Object.keys(await loadNpz(saveNpz({ a: tensor([1]), b: tensor([2]) }))) // => ['a', 'b']
 */
export function saveNpz(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [key, x] of Object.entries(tensors)) {
    const name = new TextEncoder().encode(`${key}.npy`);
    const data = saveNpy(x);
    // Version needed, flags (names are UTF-8), method, time, date, checksum, both sizes, lengths of name and extra field.
    const common = [
      [20, 2],
      [0x800, 2],
      [STORED, 2],
      [0, 2],
      [DATE, 2],
      [cyclicCheck(data, 'ieee'), 4],
      [data.length, 4],
      [data.length, 4],
      [name.length, 2],
      [0, 2],
    ] as const;
    const local = [record([LOCAL, 4], ...common), name, data];
    directory.push(record([ENTRY, 4], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), name);
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = directory.length / 2;
  const all = [...parts, ...directory, record([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [size, 4], [offset, 4], [0, 2])];
  const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

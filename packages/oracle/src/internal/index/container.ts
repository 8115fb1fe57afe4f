/** A file of named arrays: a line with version and checksum, a JSON header, then the arrays, each at a multiple of eight bytes. */
import { crc32 } from 'node:zlib';
import { FormatError } from '@gtc/errors';

const TYPES = { u8: Uint8Array, i8: Int8Array, u32: Uint32Array, f32: Float32Array } as const;

/** An array that a container can hold. */
export type Section = Uint8Array | Int8Array | Uint32Array | Float32Array;

/** What a container holds. */
export interface Container {
  readonly meta: Readonly<Record<string, unknown>>;
  readonly sections: Readonly<Record<string, Section>>;
}

function typeOf(section: Section): keyof typeof TYPES {
  return (Object.keys(TYPES) as (keyof typeof TYPES)[]).find(type => section instanceof TYPES[type])!;
}

const padded = (length: number): number => (length + 7) & ~7;

/** The bytes of a container. */
export function encodeContainer(magic: string, version: number, { meta, sections }: Container): Uint8Array {
  let end = 0;
  const table = Object.entries(sections).map(([name, section]) => {
    const row = [name, typeOf(section), end, section.length] as const;
    end += padded(section.byteLength);
    return row;
  });
  const header = new TextEncoder().encode(JSON.stringify({ meta, table }));
  const body = new Uint8Array(padded(header.length) + end);
  body.set(header);
  body.fill(0x20, header.length, padded(header.length));
  Object.values(sections).forEach((section, i) => {
    body.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), padded(header.length) + table[i]![2]);
  });
  const line = `${magic} ${version} ${crc32(body).toString(16).padStart(8, '0')} ${padded(header.length)}`;
  const first = new TextEncoder().encode(`${line.padEnd(padded(line.length + 1) - 1)}\n`);
  const bytes = new Uint8Array(first.length + body.length);
  bytes.set(first);
  bytes.set(body, first.length);
  return bytes;
}

const wrong: (what: string, magic: string, parameter: string, received: unknown) => never = (what, magic, parameter, received) => {
  throw new FormatError(`${what} (file of ${magic}); build the index again`, { parameter, received });
};

/** The header of a container whose checksum holds. */
function headerOf(body: Uint8Array, length: number, magic: string): { readonly meta: Record<string, unknown>; readonly table: readonly unknown[] } {
  let header: { meta?: unknown; table?: unknown };
  try {
    header = JSON.parse(new TextDecoder().decode(body.subarray(0, length)));
  } catch {
    return wrong('the header is not JSON', magic, 'header', length);
  }
  if (typeof header?.meta !== 'object' || header.meta === null || !Array.isArray(header.table)) wrong('the header lacks its table', magic, 'header', length);
  return { meta: header.meta as Record<string, unknown>, table: header.table as unknown[] };
}

function sectionOf(row: unknown, body: Uint8Array, from: number, magic: string): readonly [string, Section] {
  const [name, type, offset, length] = (Array.isArray(row) ? row : []) as [string, keyof typeof TYPES, number, number];
  if (typeof name !== 'string' || !Object.hasOwn(TYPES, type) || !Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset % 8 !== 0)
    wrong('a row of the table is malformed', magic, 'table', row);
  const Type = TYPES[type];
  const start = from + offset;
  if (offset < 0 || length < 0 || start + length * Type.BYTES_PER_ELEMENT > body.length)
    wrong(`section ${name} reaches beyond the end of the file`, magic, name, length);
  return [name, new Type(body.buffer as ArrayBuffer, body.byteOffset + start, length)];
}

/**
 * Reads what {@link encodeContainer} wrote; arrays lie in the bytes, nothing is copied where they are aligned.
 *
 * @throws {FormatError} for another file, another version, a wrong checksum or arrays beyond the end
 */
export function decodeContainer(magic: string, version: number, bytes: Uint8Array): Container {
  const end = bytes.subarray(0, 256).indexOf(10);
  const words = new TextDecoder()
    .decode(bytes.subarray(0, Math.max(0, end)))
    .trim()
    .split(' ');
  if (words[0] !== magic || words.length !== 4) wrong(`the first line must begin with ${magic}`, magic, 'file', words[0]);
  if (words[1] !== String(version)) wrong(`version must be ${version}, got ${words[1]}`, magic, 'version', words[1]);
  const first = end + 1;
  const aligned = (bytes.byteOffset + first) % 8 === 0;
  const body = aligned ? bytes.subarray(first) : bytes.slice(first);
  if (crc32(body).toString(16).padStart(8, '0') !== words[2]) wrong('the file is damaged: its checksum does not match', magic, 'checksum', words[2]);
  const length = Number(words[3]);
  if (!Number.isSafeInteger(length) || length < 0 || length % 8 !== 0 || length > body.length) wrong('the header is too long', magic, 'header', words[3]);
  const { meta, table } = headerOf(body, length, magic);
  return { meta, sections: Object.fromEntries(table.map(row => sectionOf(row, body, length, magic))) };
}

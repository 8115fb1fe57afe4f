/** Writes GGUF files, version 3, little endian. */
import { nonEmpty, oneOf, positive, ShapeError, show, ValidationError } from '@gtc/errors';
import { quantize } from './blocks.js';
import { GGML_TYPES, GGUF_VALUE_TYPES, type GgmlType, type GgufValueType } from './types.js';

/** A value of the metadata to write: texts and truth values as they are, numbers and lists with their type. */
export type GgufEntry =
  | string
  | boolean
  | { readonly type: Exclude<GgufValueType, 'ARRAY'>; readonly value: number | bigint | boolean | string }
  | { readonly type: 'ARRAY'; readonly of: Exclude<GgufValueType, 'ARRAY'>; readonly value: readonly (number | bigint | boolean | string)[] };

/** A tensor to write: numbers, which are encoded, or bytes of its type. */
export interface GgufTensorEntry {
  readonly type: GgmlType;
  /** As in PyTorch, the fastest dimension last. */
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** What {@link writeGguf} writes. */
export interface GgufContent {
  readonly metadata: Readonly<Record<string, GgufEntry>>;
  readonly tensors: Readonly<Record<string, GgufTensorEntry>>;
  /** Bytes to whose multiples tensors are moved. Default: 32. */
  readonly alignment?: number;
}

const [VERSION, ALIGNMENT] = [3, 32];

/** Bytes of known sizes, one after the other. */
class Bytes {
  readonly #parts: Uint8Array[] = [];
  length = 0;

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  number(size: number, set: (view: DataView) => void): void {
    const part = new Uint8Array(size);
    set(new DataView(part.buffer));
    this.add(part);
  }

  u32(value: number): void {
    this.number(4, view => view.setUint32(0, value, true));
  }

  u64(value: number | bigint): void {
    this.number(8, view => view.setBigUint64(0, BigInt(value), true));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.u64(bytes.length);
    this.add(bytes);
  }

  /** Zeros up to a multiple. */
  pad(multiple: number): void {
    this.add(new Uint8Array((multiple - (this.length % multiple)) % multiple));
  }

  joined(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

/** Bits and sign of the types of whole numbers. */
const WHOLE: Readonly<Partial<Record<GgufValueType, readonly [bytes: number, signed: boolean]>>> = {
  UINT8: [1, false],
  INT8: [1, true],
  UINT16: [2, false],
  INT16: [2, true],
  UINT32: [4, false],
  INT32: [4, true],
  UINT64: [8, false],
  INT64: [8, true],
};

type Scalar = number | bigint | boolean | string;

const rangeOf = ([size, signed]: readonly [bytes: number, signed: boolean]): readonly [bigint, bigint] =>
  signed ? [-(2n ** BigInt(8 * size - 1)), 2n ** BigInt(8 * size - 1) - 1n] : [0n, 2n ** BigInt(8 * size) - 1n];

function isWholeIn(value: Scalar, [least, most]: readonly [bigint, bigint]): boolean {
  return (typeof value === 'bigint' || Number.isInteger(value)) && BigInt(value) >= least && BigInt(value) <= most;
}

/** What a value of each type must be, and how it is added when it is. */
const KINDS: Readonly<Partial<Record<GgufValueType, readonly [expected: string, holds: string, add: (to: Bytes, value: never) => void]>>> = {
  STRING: ['a text', 'string', (to, value: string) => to.text(value)],
  BOOL: ['true or false', 'boolean', (to, value: boolean) => to.add(Uint8Array.of(Number(value)))],
  FLOAT32: ['a number', 'number', (to, value: number) => to.number(4, view => view.setFloat32(0, value, true))],
  FLOAT64: ['a number', 'number', (to, value: number) => to.number(8, view => view.setFloat64(0, value, true))],
};

function addValue(to: Bytes, key: string, type: GgufValueType, value: Scalar): void {
  const whole = WHOLE[type];
  const kind = KINDS[type];
  const held = whole === undefined ? typeof value === kind![1] : isWholeIn(value, rangeOf(whole));
  if (!held) {
    const expected = kind?.[0] ?? `a whole number in [${rangeOf(whole!).join(', ')}]`;
    throw new ValidationError(`metadata ${key} must be ${expected}, got ${show(value)}`, { parameter: 'metadata', received: value, expected });
  }
  if (kind !== undefined) kind[2](to, value as never);
  else to.add(Uint8Array.from({ length: whole![0] }, (_, i) => Number((BigInt.asUintN(64, BigInt(value)) >> BigInt(8 * i)) & 0xffn)));
}

function addEntry(to: Bytes, key: string, entry: GgufEntry): void {
  const typed =
    typeof entry === 'string' ? { type: 'STRING' as const, value: entry } : typeof entry === 'boolean' ? { type: 'BOOL' as const, value: entry } : entry;
  const number = (type: GgufValueType): number => GGUF_VALUE_TYPES.indexOf(oneOf(type, `type of metadata ${key}`, GGUF_VALUE_TYPES));
  to.text(nonEmpty(key, 'metadata key'));
  to.u32(number(typed.type));
  if (typed.type === 'ARRAY') {
    to.u32(number(typed.of));
    to.u64(typed.value.length);
    for (const value of typed.value) addValue(to, key, typed.of, value);
  } else addValue(to, key, typed.type, typed.value);
}

/** The bytes of a tensor. @throws {ShapeError} when they are not as many as its shape says */
function encoded(name: string, { type, shape, data }: GgufTensorEntry): Uint8Array {
  oneOf(type, `type of ${name}`, Object.keys(GGML_TYPES));
  const { block, bytes } = GGML_TYPES[type];
  const count = shape.reduce((a, b) => a * b, 1);
  if ((shape.at(-1) ?? 1) % block !== 0)
    throw new ShapeError(`rows of ${name} must be a multiple of ${block} for ${type}, got ${shape.at(-1)}`, { parameter: 'tensors', received: shape });
  if (data instanceof Float32Array) {
    if (data.length !== count)
      throw new ShapeError(`${name} must have ${count} numbers for its shape [${shape.join(', ')}], got ${data.length}`, { parameter: 'tensors' });
    return quantize(data, type);
  }
  const size = (count / block) * bytes;
  if (data.length !== size)
    throw new ShapeError(`${name} must have ${size} bytes of ${type} for its shape [${shape.join(', ')}], got ${data.length}`, { parameter: 'tensors' });
  return data;
}

/** The bytes of a file. */
export function write({ metadata, tensors, alignment = ALIGNMENT }: GgufContent): Uint8Array {
  if (positive(alignment, 'alignment') % 8 !== 0)
    throw new ValidationError(`alignment must be a multiple of 8, got ${alignment}`, { parameter: 'alignment', received: alignment });
  const entries: [string, GgufEntry][] = [
    ...Object.entries(metadata).filter(([key]) => key !== 'general.alignment'),
    ...(alignment === ALIGNMENT ? [] : [['general.alignment', { type: 'UINT32', value: alignment }] as [string, GgufEntry]]),
  ];
  const parts = Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, bytes: encoded(name, tensor) }));
  const file = new Bytes();
  file.add(new TextEncoder().encode('GGUF'));
  file.u32(VERSION);
  file.u64(parts.length);
  file.u64(entries.length);
  for (const [key, entry] of entries) addEntry(file, key, entry);
  let offset = 0;
  for (const { name, tensor, bytes } of parts) {
    file.text(nonEmpty(name, 'tensor name'));
    file.u32(tensor.shape.length);
    for (const length of [...tensor.shape].reverse()) file.u64(length);
    file.u32(GGML_TYPES[tensor.type].id);
    file.u64(offset);
    offset = Math.ceil((offset + bytes.length) / alignment) * alignment;
  }
  file.pad(alignment);
  for (const { bytes } of parts) {
    file.add(bytes);
    file.pad(alignment);
  }
  return file.joined();
}

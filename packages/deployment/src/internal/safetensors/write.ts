/** Writes safetensors files byte for byte as the reference does, and plans how a checkpoint is spread over several. */
import { inRange, ShapeError, show, ValidationError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { SAFETENSORS_BYTES, type SafetensorsDType, TYPE_OF } from './types.js';

/** Elements of a type that no tensor has, as they shall stand in the file. */
export interface RawTensor {
  readonly dtype: SafetensorsDType;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const ORDER = Object.keys(SAFETENSORS_BYTES);

function rawOf(name: string, value: Tensor | RawTensor): RawTensor {
  if ('bytes' in value) {
    const { dtype, shape, bytes } = value;
    if (!Object.hasOwn(SAFETENSORS_BYTES, dtype))
      throw new ValidationError(`dtype of ${name} must be one of ${ORDER.join(', ')}, got ${show(dtype)}`, { parameter: 'tensors' });
    const size = shape.reduce((product, length) => product * length, SAFETENSORS_BYTES[dtype]);
    if (size !== bytes.length)
      throw new ShapeError(`${name} is ${size} bytes by its shape [${shape.join(', ')}], got ${bytes.length}`, { parameter: 'tensors' });
    return value;
  }
  const dense = value.contiguous().data;
  return { dtype: TYPE_OF[value.dtype], shape: value.shape, bytes: new Uint8Array(dense.buffer, dense.byteOffset, dense.byteLength).slice() };
}

/** Texts by code points, as their bytes in UTF-8 are ordered. */
function compareTexts(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The bytes of a file: the widest types first, in each the names in order. */
export function write(tensors: Readonly<Record<string, Tensor | RawTensor>>, metadata: Readonly<Record<string, string>> | null): Uint8Array {
  for (const [key, value] of Object.entries(metadata ?? {}))
    if (typeof value !== 'string')
      throw new ValidationError(`metadata must be texts, got ${show(value)} for '${key}'`, { parameter: 'metadata', received: value });
  const entries = Object.entries(tensors).map(([name, value]) => ({ name, raw: rawOf(name, value) }));
  if (entries.some(({ name }) => name === '__metadata__')) throw new ValidationError('tensors must not have the name __metadata__', { parameter: 'tensors' });
  entries.sort((a, b) => ORDER.indexOf(a.raw.dtype) - ORDER.indexOf(b.raw.dtype) || compareTexts(a.name, b.name));
  const parts = metadata === null ? [] : [`"__metadata__":${JSON.stringify(metadata)}`];
  let end = 0;
  for (const { name, raw } of entries) {
    const start = end;
    end += raw.bytes.length;
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype: raw.dtype, shape: raw.shape, data_offsets: [start, end] })}`);
  }
  const text = new TextEncoder().encode(`{${parts.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, 8);
  let at = 8 + headerBytes;
  for (const { raw } of entries) {
    bytes.set(raw.bytes, at);
    at += raw.bytes.length;
  }
  return bytes;
}

/** Which file each tensor goes to. */
export interface ShardPlan {
  readonly filenameToTensors: Readonly<Record<string, readonly string[]>>;
  readonly weightMap: Readonly<Record<string, string>>;
  /** Bytes of all tensors. */
  readonly totalSize: number;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** Bytes of a size such as `5GB`. */
function sizeOf(size: number | string): number {
  if (typeof size === 'number') return inRange(size, 'maxShardSize', { min: 1 });
  const [, number, unit] = /^(\d{1,15}(?:\.\d{1,15})?) *([KMGT]?B)$/i.exec(size) ?? [];
  if (number === undefined)
    throw new ValidationError(`maxShardSize must be bytes, or a text such as '5GB', got ${show(size)}`, { parameter: 'maxShardSize', received: size });
  return Number(number) * UNITS[unit!.toUpperCase()]!;
}

/** Tensors in their order, as many to a file as fit; a larger one has a file of its own. */
export function plan(sizes: Readonly<Record<string, number>>, maxShardSize: number | string, pattern: string): ShardPlan {
  if (!pattern.includes('{suffix}')) throw new ValidationError(`pattern must hold {suffix}, got ${show(pattern)}`, { parameter: 'pattern', received: pattern });
  const most = sizeOf(maxShardSize);
  const shards: string[][] = [];
  let current: string[] = [];
  let filled = 0;
  let totalSize = 0;
  for (const [name, size] of Object.entries(sizes)) {
    totalSize += inRange(size, `sizes of ${name}`, { min: 0 });
    if (size > most) {
      shards.push([name]);
      continue;
    }
    if (filled + size > most) {
      shards.push(current);
      [current, filled] = [[], 0];
    }
    current.push(name);
    filled += size;
  }
  if (current.length > 0) shards.push(current);
  const nameOf = (i: number): string => {
    const number = (value: number): string => String(value).padStart(5, '0');
    return pattern.replace('{suffix}', shards.length === 1 ? '' : `-${number(i + 1)}-of-${number(shards.length)}`);
  };
  const files = shards.map((names, i) => [nameOf(i), names] as const);
  return {
    filenameToTensors: Object.fromEntries(files),
    weightMap: Object.fromEntries(files.flatMap(([file, names]) => names.map(name => [name, file]))),
    totalSize,
  };
}

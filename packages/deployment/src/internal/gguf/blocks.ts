/** Blocks of ggml's types to float32 and back: the plain ones of 32 numbers here, super-blocks and tables beside. */
import { FormatError, ShapeError, UnsupportedError, ValidationError } from '@gtc/errors';
import { tensor } from '@gtc/tensor';
import { dequantizeBlocks, quantizeBlocks } from '@gtc/tensor/quantized';
import { halfAt, isLittleEndian } from '../halves.js';
import { asHalf, extremeOf, fitSymmetric, levelsOf } from './fits.js';
import { K_READERS, K_WRITERS, putHalf, type ReadBlock, type WriteBlock } from './k-quants.js';
import { TABLE_READERS, TABLE_WRITERS } from './tables.js';
import { GGML_TYPES, type GgmlType } from './types.js';

/** Bits of numbers as halves, rounded to even. */
const toHalves = (values: Float32Array, dtype: 'float16' | 'bfloat16'): Uint16Array => tensor(values, { dtype }).data as Uint16Array;

/** Words as bytes, the low one first. */
function wordBytes(words: Uint16Array): Uint8Array {
  const copy = words.slice();
  if (!isLittleEndian) for (const [i, word] of copy.entries()) copy[i] = (word << 8) | (word >> 8);
  return new Uint8Array(copy.buffer);
}

/** The five bits of a number in types that keep the fifth bits of a block apart. */
const fifthBit = (bits: number, i: number): number => ((bits >>> i) & 1) << 4;

const READERS: Readonly<Record<string, ReadBlock>> = {
  ...K_READERS,
  ...TABLE_READERS,
  Q4_1: (view, at, out, to) => {
    const [scale, least] = [halfAt(view, at), halfAt(view, at + 2)];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 4 + i);
      out[to + i] = Math.fround((pair & 15) * scale) + least;
      out[to + i + 16] = Math.fround((pair >> 4) * scale) + least;
    }
  },
  Q5_0: (view, at, out, to) => {
    const [scale, fifths] = [halfAt(view, at), view.getUint32(at + 2, true)];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 6 + i);
      out[to + i] = (((pair & 15) | fifthBit(fifths, i)) - 16) * scale;
      out[to + i + 16] = (((pair >> 4) | fifthBit(fifths, i + 16)) - 16) * scale;
    }
  },
  Q5_1: (view, at, out, to) => {
    const [scale, least, fifths] = [halfAt(view, at), halfAt(view, at + 2), view.getUint32(at + 4, true)];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 8 + i);
      out[to + i] = Math.fround(((pair & 15) | fifthBit(fifths, i)) * scale) + least;
      out[to + i + 16] = Math.fround(((pair >> 4) | fifthBit(fifths, i + 16)) * scale) + least;
    }
  },
};

/** Types whose numbers stand one by one, and those that the kernels of tensors know. */
const SINGLE: readonly GgmlType[] = ['F32', 'F16', 'BF16'];
type KernelType = 'Q8_0' | 'Q4_0';
const hasKernel = (type: GgmlType): type is KernelType => type === 'Q8_0' || type === 'Q4_0';

/** Types that are read, and those that are written too. */
const READ: readonly string[] = [...SINGLE, 'Q4_0', 'Q8_0', ...Object.keys(READERS)];

/** Refuses bytes that are not so many numbers. */
function checkLength(bytes: Uint8Array, type: GgmlType, count: number): void {
  const { block, bytes: size } = GGML_TYPES[type];
  if (bytes.length % size !== 0)
    throw new FormatError(`blocks of ${type} have ${size} bytes each, which ${bytes.length} bytes do not fill`, { parameter: 'bytes', received: bytes.length });
  if (Number.isInteger(count / block) && bytes.length === (count / block) * size) return;
  throw new ShapeError(`${count} numbers of type ${type} are ${(count / block) * size} bytes, in blocks of ${block}, got ${bytes.length}`, {
    parameter: 'bytes',
  });
}

/**
 * Numbers of blocks as float32.
 *
 * @throws {UnsupportedError} for a type that is not read here @throws {FormatError} for bytes that are no whole blocks
 * @throws {ShapeError} for another count than they hold
 */
export function dequantize(bytes: Uint8Array, type: GgmlType, count: number): Float32Array {
  if (!READ.includes(type)) throw new UnsupportedError(`type ${type} cannot be read here, only ${READ.join(', ')}`, { parameter: 'type', received: type });
  checkLength(bytes, type, count);
  if (hasKernel(type)) return dequantizeBlocks(bytes, type);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(count);
  const { block, bytes: size } = GGML_TYPES[type];
  const read = READERS[type];
  if (read !== undefined) for (let i = 0; i * block < count; i++) read(view, i * size, out, i * block);
  else if (type === 'F32') for (let i = 0; i < count; i++) out[i] = view.getFloat32(4 * i, true);
  else if (type === 'F16') for (let i = 0; i < count; i++) out[i] = halfAt(view, 2 * i);
  else {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < count; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  }
  return out;
}

/** Levels around zero: the number of largest magnitude becomes the lowest level, or near it where errors are weighed. */
function symmetric(x: Float32Array, middle: number, importance: Float32Array | null): { readonly scale: number; readonly levels: Uint8Array } {
  if (importance !== null) {
    const scale = asHalf(fitSymmetric(x, Float64Array.from(importance), middle));
    return {
      scale,
      levels: Uint8Array.from(
        levelsOf(x, x.length, middle, () => scale),
        level => level + middle,
      ),
    };
  }
  const scale = Math.fround(extremeOf(x) / -middle);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const levels = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) levels[i] = Math.min(2 * middle - 1, Math.trunc(Math.fround(Math.fround(x[i]! * inverse) + middle + 0.5)));
  return { scale, levels };
}

/** Levels from the smallest number to the largest. */
function affine(x: Float32Array, most: number): { readonly scale: number; readonly least: number; readonly levels: Uint8Array } {
  let least = x[0]!;
  let greatest = x[0]!;
  for (const value of x) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const scale = Math.fround(Math.fround(greatest - least) / most);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const levels = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) levels[i] = Math.min(most, Math.trunc(Math.fround(Math.fround(Math.fround(x[i]! - least) * inverse) + 0.5)));
  return { scale, least, levels };
}

/** Pairs of levels, and the fifth bits of all at another place where there are such. */
function putLevels(out: DataView, at: number, levels: Uint8Array, fifthsAt: number | null = null): void {
  for (let i = 0; i < 16; i++) out.setUint8(at + i, (levels[i]! & 15) | ((levels[i + 16]! & 15) << 4));
  if (fifthsAt === null) return;
  let fifths = 0;
  for (let i = 0; i < 32; i++) fifths |= (levels[i]! >> 4) << i;
  out.setUint32(fifthsAt, fifths >>> 0, true);
}

const WRITERS: Readonly<Record<string, WriteBlock>> = {
  ...K_WRITERS,
  ...TABLE_WRITERS,
  Q4_1: (x, out, at) => {
    const { scale, least, levels } = affine(x, 15);
    putHalf(out, at, scale);
    putHalf(out, at + 2, least);
    putLevels(out, at + 4, levels);
  },
  Q4_0: (x, out, at, importance) => {
    const { scale, levels } = symmetric(x, 8, importance);
    putHalf(out, at, scale);
    putLevels(out, at + 2, levels);
  },
  Q5_0: (x, out, at, importance) => {
    const { scale, levels } = symmetric(x, 16, importance);
    putHalf(out, at, scale);
    putLevels(out, at + 6, levels, at + 2);
  },
  Q5_1: (x, out, at) => {
    const { scale, least, levels } = affine(x, 31);
    putHalf(out, at, scale);
    putHalf(out, at + 2, least);
    putLevels(out, at + 8, levels, at + 4);
  },
};

/** Types that {@link quantize} writes. */
const WRITTEN = [...SINGLE, 'Q8_0', ...Object.keys(WRITERS)] as readonly GgmlType[];

/** Refuses what has no scale. */
function checkFinite(x: Float32Array): void {
  const at = x.findIndex(value => !Number.isFinite(value));
  if (at >= 0) throw new ValidationError(`x must hold finite numbers, got ${x[at]} at element ${at}`, { parameter: 'x', received: x[at] });
}

/** Weights of the columns of a row: as many as a row has numbers, none below zero. */
function checkImportance(importance: Float32Array, count: number, block: number): void {
  if (importance.length === 0 || importance.length % block !== 0 || count % importance.length !== 0)
    throw new ShapeError(`importance must have a number for each column of a row, a multiple of ${block} that divides ${count}, got ${importance.length}`, {
      parameter: 'importance',
      received: importance.length,
    });
  const at = importance.findIndex(value => !(value >= 0 && value < Number.POSITIVE_INFINITY));
  if (at >= 0)
    throw new ValidationError(`importance must hold finite numbers of at least 0, got ${importance[at]} at element ${at}`, {
      parameter: 'importance',
      received: importance[at],
    });
}

/**
 * Numbers as blocks of a type: byte for byte what ggml's reference writes, or, where it searches for scales (k-quants, IQ4), with no larger error.
 *
 * @throws {UnsupportedError} for a type that is not written here @throws {ShapeError} for a count that is no multiple of the block
 * @throws {ValidationError} for numbers that are not finite
 */
export function quantize(x: Float32Array, type: GgmlType, importance: Float32Array | null = null): Uint8Array {
  const { block, bytes: size } = GGML_TYPES[type];
  if (!WRITTEN.includes(type))
    throw new UnsupportedError(`type ${type} cannot be written here, only ${WRITTEN.join(', ')}`, { parameter: 'type', received: type });
  if (x.length % block !== 0)
    throw new ShapeError(`type ${type} is stored in blocks of ${block}, which ${x.length} numbers do not fill`, { parameter: 'x', received: x.length });
  if (importance !== null) checkImportance(importance, x.length, block);
  if (type === 'F32') return new Uint8Array(x.slice().buffer);
  if (type === 'F16' || type === 'BF16') return wordBytes(toHalves(x, type === 'F16' ? 'float16' : 'bfloat16'));
  if (type === 'Q8_0' || (type === 'Q4_0' && importance === null)) return quantizeBlocks(x, type);
  checkFinite(x);
  const out = new DataView(new ArrayBuffer((x.length / block) * size));
  const write = WRITERS[type]!;
  for (let i = 0; i * block < x.length; i++) {
    const from = i * block;
    const column = importance === null ? 0 : from % importance.length;
    write(x.subarray(from, from + block), out, i * size, importance?.subarray(column, column + block) ?? null);
  }
  return new Uint8Array(out.buffer);
}

/** Blocks of ggml's plain types to float32 and back: halves, and 32 numbers with a scale and perhaps a smallest value. */
import { ShapeError, UnsupportedError } from '@gtc/errors';
import { tensor } from '@gtc/tensor';
import { fromHalf } from '../halves.js';
import { GGML_TYPES, type GgmlType } from './types.js';

/** Bits of numbers as halves, rounded to even. */
const toHalves = (values: Float32Array, dtype: 'float16' | 'bfloat16'): Uint16Array => tensor(values, { dtype }).data as Uint16Array;

const BLOCK = 32;
const wordBytes = (words: Uint16Array): Uint8Array => {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  for (const [i, word] of words.entries()) view.setUint16(2 * i, word, true);
  return new Uint8Array(view.buffer);
};

/** Reads a block at a place of a view into 32 numbers. */
type ReadBlock = (view: DataView, at: number, out: Float32Array, to: number) => void;

/** The five bits of a number in types that keep the fifth bits of a block apart. */
const fifthBit = (bits: number, i: number): number => ((bits >>> i) & 1) << 4;

const READERS: Partial<Record<GgmlType, ReadBlock>> = {
  Q4_0: (view, at, out, to) => {
    const scale = fromHalf(view.getUint16(at, true));
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 2 + i);
      out[to + i] = ((pair & 15) - 8) * scale;
      out[to + i + 16] = ((pair >> 4) - 8) * scale;
    }
  },
  Q4_1: (view, at, out, to) => {
    const [scale, least] = [fromHalf(view.getUint16(at, true)), fromHalf(view.getUint16(at + 2, true))];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 4 + i);
      out[to + i] = Math.fround((pair & 15) * scale) + least;
      out[to + i + 16] = Math.fround((pair >> 4) * scale) + least;
    }
  },
  Q5_0: (view, at, out, to) => {
    const [scale, fifths] = [fromHalf(view.getUint16(at, true)), view.getUint32(at + 2, true)];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 6 + i);
      out[to + i] = (((pair & 15) | fifthBit(fifths, i)) - 16) * scale;
      out[to + i + 16] = (((pair >> 4) | fifthBit(fifths, i + 16)) - 16) * scale;
    }
  },
  Q5_1: (view, at, out, to) => {
    const [scale, least, fifths] = [fromHalf(view.getUint16(at, true)), fromHalf(view.getUint16(at + 2, true)), view.getUint32(at + 4, true)];
    for (let i = 0; i < 16; i++) {
      const pair = view.getUint8(at + 8 + i);
      out[to + i] = Math.fround(((pair & 15) | fifthBit(fifths, i)) * scale) + least;
      out[to + i + 16] = Math.fround(((pair >> 4) | fifthBit(fifths, i + 16)) * scale) + least;
    }
  },
  Q8_0: (view, at, out, to) => {
    const scale = fromHalf(view.getUint16(at, true));
    for (let i = 0; i < BLOCK; i++) out[to + i] = view.getInt8(at + 2 + i) * scale;
  },
};

/** Whether {@link dequantize} reads a type. */
const isDequantizable = (type: GgmlType): boolean => type in READERS || type === 'F16' || type === 'BF16' || type === 'F32';

/**
 * Numbers of blocks as float32.
 *
 * @throws {UnsupportedError} for a type that is not read here @throws {ShapeError} for bytes that are not that many numbers
 */
export function dequantize(bytes: Uint8Array, type: GgmlType, count: number): Float32Array {
  const layout = GGML_TYPES[type];
  if (!isDequantizable(type))
    throw new UnsupportedError(`type ${type} cannot be read here, only F32, F16, BF16, ${Object.keys(READERS).join(', ')}`, { parameter: 'type' });
  if (count % layout.block !== 0 || bytes.length !== (count / layout.block) * layout.bytes)
    throw new ShapeError(
      `${count} numbers of type ${type} are ${(count / layout.block) * layout.bytes} bytes, in blocks of ${layout.block}, got ${bytes.length}`,
      {
        parameter: 'bytes',
      },
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float32Array(count);
  const read = READERS[type];
  if (read !== undefined) for (let i = 0; i * BLOCK < count; i++) read(view, i * layout.bytes, out, i * BLOCK);
  else if (type === 'F32') for (let i = 0; i < count; i++) out[i] = view.getFloat32(4 * i, true);
  else if (type === 'F16') for (let i = 0; i < count; i++) out[i] = fromHalf(view.getUint16(2 * i, true));
  else {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < count; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  }
  return out;
}

/** What a block of 32 numbers is written from: levels, and numbers for the header. */
interface Levels {
  readonly header: readonly number[];
  readonly levels: Uint8Array;
}

/** Levels around zero: the number of largest magnitude becomes the lowest level. */
function symmetric(x: Float32Array, half: number): Levels {
  let [largest, magnitude] = [0, 0];
  for (const value of x)
    if (Math.abs(value) > magnitude) {
      magnitude = Math.abs(value);
      largest = value;
    }
  const scale = Math.fround(largest / -half);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const levels = Uint8Array.from(x, value => Math.min(2 * half - 1, Math.trunc(Math.fround(Math.fround(value * inverse) + half + 0.5))));
  return { header: [scale], levels };
}

/** Levels from the smallest number to the largest. */
function affine(x: Float32Array, most: number): Levels {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of x) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  const scale = Math.fround(Math.fround(greatest - least) / most);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  return {
    header: [scale, least],
    levels: Uint8Array.from(x, value => Math.min(most, Math.trunc(Math.fround(Math.fround(Math.fround(value - least) * inverse) + 0.5)))),
  };
}

/** Pairs of levels, the fifth bits of all in front where there are such. */
function packed({ header, levels }: Levels, hasFifths: boolean): Uint8Array {
  const head = wordBytes(toHalves(Float32Array.from(header), 'float16'));
  const fifths = new Uint8Array(hasFifths ? 4 : 0);
  const pairs = new Uint8Array(16);
  for (let i = 0; i < 16; i++) pairs[i] = (levels[i]! & 15) | ((levels[i + 16]! & 15) << 4);
  if (hasFifths) for (let i = 0; i < BLOCK; i++) fifths[i >> 3]! |= (levels[i]! >> 4) << (i & 7);
  return Uint8Array.of(...head, ...fifths, ...pairs);
}

/** Away from zero at a half, as C's `roundf`. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

function eightBits(x: Float32Array): Uint8Array {
  const magnitude = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = Math.fround(magnitude / 127);
  const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
  const levels = Int8Array.from(x, value => roundHalfAway(Math.fround(value * inverse)));
  return Uint8Array.of(...wordBytes(toHalves(Float32Array.of(scale), 'float16')), ...new Uint8Array(levels.buffer));
}

const WRITERS: Partial<Record<GgmlType, (x: Float32Array) => Uint8Array>> = {
  Q4_0: x => packed(symmetric(x, 8), false),
  Q4_1: x => packed(affine(x, 15), false),
  Q5_0: x => packed(symmetric(x, 16), true),
  Q5_1: x => packed(affine(x, 31), true),
  Q8_0: eightBits,
};

/**
 * Numbers as blocks of a type, byte for byte what ggml's reference writes.
 *
 * @throws {UnsupportedError} for a type that is not written here @throws {ShapeError} for a count that is no multiple of the block
 */
export function quantize(x: Float32Array, type: GgmlType): Uint8Array {
  const layout = GGML_TYPES[type];
  const write = WRITERS[type];
  if (type === 'F32') return new Uint8Array(x.slice().buffer);
  if (type === 'F16' || type === 'BF16') return wordBytes(toHalves(x, type === 'F16' ? 'float16' : 'bfloat16'));
  if (write === undefined)
    throw new UnsupportedError(`type ${type} cannot be written here, only F32, F16, BF16, ${Object.keys(WRITERS).join(', ')}`, { parameter: 'type' });
  if (x.length % layout.block !== 0)
    throw new ShapeError(`type ${type} is stored in blocks of ${layout.block}, which ${x.length} numbers do not fill`, { parameter: 'x' });
  const bytes = new Uint8Array((x.length / layout.block) * layout.bytes);
  for (let i = 0; i * BLOCK < x.length; i++) bytes.set(write(x.subarray(i * BLOCK, (i + 1) * BLOCK)), i * layout.bytes);
  return bytes;
}

/** Blocks of 32 numbers with a scale in half precision, as ggml lays them out: the loops that define what the kernels do. */
import { decodeHalf, encodeHalf } from '../core/half.js';

/** Names of the types of blocks: eight bits a number around zero, or four. */
export const BLOCK_TYPES = ['Q8_0', 'Q4_0'] as const;
/** A name of {@link BLOCK_TYPES}. */
export type BlockType = (typeof BLOCK_TYPES)[number];

/** Numbers of a block. */
export const BLOCK = 32;
/** Bytes that the levels of a block take; its scale takes two more. */
export const LEVEL_BYTES: Readonly<Record<BlockType, number>> = { Q8_0: 32, Q4_0: 16 };

/** Levels of the numbers `x[from ...]`, and the scale. */
type Writer = (x: Float32Array, from: number, levels: Uint8Array) => number;

/** Away from zero at a half. */
const roundHalfAway = (value: number): number => Math.sign(value) * Math.floor(Math.abs(value) + 0.5);

function inverseOf(scale: number): number {
  return scale === 0 ? 0 : Math.fround(1 / scale);
}

/** The magnitude of the largest of a block; NaN where one is. */
function magnitudeOf(x: Float32Array, from: number): number {
  let most = 0;
  for (let i = from; i < from + BLOCK; i++) most = Math.max(most, Math.abs(x[i]!));
  return most;
}

const WRITERS: Readonly<Record<BlockType, Writer>> = {
  Q8_0: (x, from, levels) => {
    const scale = Math.fround(magnitudeOf(x, from) / 127);
    const inverse = inverseOf(scale);
    for (let i = 0; i < BLOCK; i++) levels[i] = roundHalfAway(Math.fround(x[from + i]! * inverse));
    return scale;
  },
  Q4_0: (x, from, levels) => {
    const most = magnitudeOf(x, from);
    // NaN where one is among them.
    const extreme = x.subarray(from, from + BLOCK).find(value => Math.abs(value) === most);
    const scale = Math.fround(Number(extreme) / -8);
    const inverse = inverseOf(scale);
    const level = (i: number): number => Math.min(15, Math.trunc(Math.fround(Math.fround(x[from + i]! * inverse) + 8.5)));
    for (let i = 0; i < 16; i++) levels[i] = level(i) | (level(i + 16) << 4);
    return scale;
  },
};

/** From here on a half is infinite. */
const LIMIT = 65520;

/** Writes blocks; returns how many before the first whose scale is no finite half. */
export function writeBlocks(type: BlockType, x: Float32Array, out: Uint8Array): number {
  const size = LEVEL_BYTES[type] + 2;
  const scale = new Float32Array(1);
  for (let b = 0; b * BLOCK < x.length; b++) {
    scale[0] = WRITERS[type](x, b * BLOCK, out.subarray(b * size + 2, (b + 1) * size));
    if (!(Math.abs(scale[0]) < LIMIT)) return b;
    const [bits] = encodeHalf(scale, 'float16');
    out[b * size] = bits! & 0xff;
    out[b * size + 1] = bits! >> 8;
  }
  return x.length / BLOCK;
}

/** The level of a number, around zero. */
function levelOf(type: BlockType, levels: Uint8Array, block: number, i: number): number {
  if (type === 'Q8_0') return (levels[block * BLOCK + i]! << 24) >> 24;
  const pair = levels[block * 16 + (i & 15)]!;
  return (i < 16 ? pair & 15 : pair >> 4) - 8;
}

/** Numbers of levels and scales that lie apart. */
export function readBlocks(type: BlockType, levels: Uint8Array, scales: Uint16Array, out: Float32Array): void {
  const factors = decodeHalf(scales, 'float16');
  for (let b = 0; b < scales.length; b++) for (let i = 0; i < BLOCK; i++) out[b * BLOCK + i] = levelOf(type, levels, b, i) * factors[b]!;
}

/** `y[i, r] = w[r, :] · x[i, :] + bias[r]`, the numbers of `x` rounded to 127 levels on each side of zero, block by block. */
export function multiplyBlocks(
  type: BlockType,
  levels: Uint8Array,
  scales: Uint16Array,
  x: Float32Array,
  y: Float32Array,
  rows: number,
  bias: Float32Array | null,
): void {
  const factors = decodeHalf(scales, 'float16');
  const blocks = scales.length / rows;
  const rounded = new Uint8Array(BLOCK);
  for (let i = 0; i * blocks * BLOCK < x.length; i++) {
    for (let r = 0; r < rows; r++) y[i * rows + r] = bias?.[r] ?? 0;
    for (let b = 0; b < blocks; b++) {
      const scale = WRITERS.Q8_0(x, (i * blocks + b) * BLOCK, rounded);
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let k = 0; k < BLOCK; k++) sum += levelOf(type, levels, r * blocks + b, k) * levelOf('Q8_0', rounded, 0, k);
        y[i * rows + r]! += sum * Math.fround(factors[r * blocks + b]! * (scale < Number.POSITIVE_INFINITY ? scale : Number.NaN));
      }
    }
  }
}

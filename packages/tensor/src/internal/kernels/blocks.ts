/** Blocks of quantised numbers in WebAssembly, the loops of `../quantized/blocks` where there is none. */
import { BLOCK, type BlockType, LEVEL_BYTES, multiplyBlocks, readBlocks, writeBlocks } from '../quantized/blocks.js';
import { withFrame } from './frame.js';
import { wasm } from './wasm.js';

/** Names of the kernels of a type. */
const KERNELS = {
  Q8_0: { write: 'quantizeEight', read: 'dequantizeEight', prepare: 'quantizeForEight', multiply: 'rowsEight', prepared: 64 },
  Q4_0: { write: 'quantizeFour', read: 'dequantizeFour', prepare: 'quantizeForFour', multiply: 'rowsFour', prepared: 48 },
} as const;

/** Writes blocks; returns how many before the first whose scale is no finite half. */
export function quantizeInto(type: BlockType, x: Float32Array, out: Uint8Array): number {
  const kernels = wasm();
  let written = -1;
  if (kernels !== null)
    withFrame(frame => {
      const [from, to] = [frame.input(x), frame.output(out)];
      return () => {
        written = kernels[KERNELS[type].write](from, to, x.length / BLOCK);
      };
    });
  return written < 0 ? writeBlocks(type, x, out) : written;
}

/** Takes blocks apart: levels, and scales as the bits of halves. */
export function splitInto(type: BlockType, bytes: Uint8Array, levels: Uint8Array, scales: Uint16Array): void {
  const size = LEVEL_BYTES[type];
  const kernels = wasm();
  const done =
    kernels !== null &&
    withFrame(frame => {
      const [from, to, apart] = [frame.input(bytes), frame.output(levels), frame.output(scales)];
      return () => kernels.splitBlocks(from, to, apart, scales.length, size);
    });
  for (let b = 0; b < scales.length && !done; b++) {
    const at = b * (size + 2);
    scales[b] = bytes[at]! | (bytes[at + 1]! << 8);
    levels.set(bytes.subarray(at + 2, at + 2 + size), b * size);
  }
}

/** Whether all scales are finite, as every writer leaves them. */
export const areFinite = (scales: Uint16Array): boolean => scales.every(bits => (bits & 0x7c00) !== 0x7c00);

/** Numbers of levels and finite scales that lie apart. */
export function dequantizeInto(type: BlockType, levels: Uint8Array, scales: Uint16Array, out: Float32Array): void {
  const kernels = wasm();
  const done =
    kernels !== null &&
    withFrame(frame => {
      const [from, at, to] = [frame.input(levels), frame.input(scales), frame.output(out)];
      return () => kernels[KERNELS[type].read](from, at, to, scales.length);
    });
  if (!done) readBlocks(type, levels, scales, out);
}

/** `y[i, r] = w[r, :] · x[i, :] + bias[r]`, the numbers of `x` rounded to 127 levels on each side of zero, block by block. */
export function multiplyInto(
  type: BlockType,
  levels: Uint8Array,
  scales: Uint16Array,
  x: Float32Array,
  y: Float32Array,
  rows: number,
  bias: Float32Array | null,
): void {
  const kernels = wasm();
  const blocks = scales.length / rows;
  const { prepare, multiply, prepared } = KERNELS[type];
  const done =
    kernels !== null &&
    withFrame(frame => {
      const [w, ws, from, to] = [frame.input(levels), frame.input(scales), frame.input(x), frame.output(y)];
      const added = bias === null ? 0 : frame.input(bias);
      // Levels of the vector, their scales, and room for products of scales of four rows; scales are read and written four at a time.
      const room = (blocks + 3) * 4;
      const vector = frame.scratch(blocks * prepared + 5 * room);
      const [factors, workspace] = [vector + blocks * prepared, vector + blocks * prepared + room];
      return () => {
        for (let i = 0; i * blocks * BLOCK < x.length; i++) {
          kernels[prepare](from + i * blocks * BLOCK * 4, vector, factors, blocks);
          kernels[multiply](w, ws, vector, factors, to + i * rows * 4, rows, blocks, added, workspace);
        }
      };
    });
  if (!done) multiplyBlocks(type, levels, scales, x, y, rows, bias);
}

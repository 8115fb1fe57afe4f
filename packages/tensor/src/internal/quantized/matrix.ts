/** Matrices of quantised rows: made, read and multiplied. */
import { FormatError, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { showShape, sizeOf } from '../core/shape.js';
import { allocateDirty, scratchDirty } from '../core/storage.js';
import { add } from '../elementwise/arithmetic.js';
import { fromFront, indicesOf } from '../indexing/flat.js';
import { areFinite, dequantizeInto, multiplyInto, quantizeInto, splitInto } from '../kernels/blocks.js';
import { multiply } from '../kernels/gemm.js';
import { matmul } from '../products/matmul.js';
import { sum } from '../reductions/sums.js';
import { contiguous, matrixTranspose, reshape } from '../shape/views.js';
import { BLOCK, BLOCK_TYPES, type BlockType, LEVEL_BYTES, readBlocks } from './blocks.js';

const bytesOf = (type: BlockType): number => LEVEL_BYTES[type] + 2;

/**
 * Numbers as blocks of 32, byte for byte what ggml's reference writes: a scale in half precision, then levels of eight bits (`Q8_0`) or four (`Q4_0`).
 *
 * @param x a multiple of 32 numbers
 * @throws {ShapeError} for another count @throws {ValidationError} for numbers that are not finite, or too large for the scale
 * @remarks Python: `gguf.quants.quantize(x, GGMLQuantizationType.Q8_0)`.
 * @example quantizeBlocks(new Float32Array(64).fill(1), 'Q8_0').length // => 68
 */
export function quantizeBlocks(x: Float32Array, type: BlockType): Uint8Array {
  oneOf(type, 'type', BLOCK_TYPES);
  if (x.length % BLOCK !== 0)
    throw new ShapeError(`type ${type} is stored in blocks of ${BLOCK}, which ${x.length} numbers do not fill`, { parameter: 'x', received: x.length });
  const out = new Uint8Array((x.length / BLOCK) * bytesOf(type));
  const written = quantizeInto(type, x, out);
  if (written * BLOCK === x.length) return out;
  const block = x.subarray(written * BLOCK, (written + 1) * BLOCK);
  const odd = block.find(value => !Number.isFinite(value)) ?? block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most));
  throw new ValidationError(
    `x must hold finite numbers that a scale of ${type} reaches, got ${odd} among elements ${written * BLOCK} to ${written * BLOCK + 31}`,
    {
      parameter: 'x',
      received: odd,
    },
  );
}

/** Levels and scales of blocks, apart. */
function split(bytes: Uint8Array, type: BlockType): { readonly levels: Uint8Array; readonly scales: Uint16Array } {
  oneOf(type, 'type', BLOCK_TYPES);
  if (bytes.length % bytesOf(type) !== 0)
    throw new ShapeError(`blocks of ${type} have ${bytesOf(type)} bytes each, which ${bytes.length} bytes do not fill`, {
      parameter: 'bytes',
      received: bytes.length,
    });
  const blocks = bytes.length / bytesOf(type);
  const parts = {
    levels: allocateDirty('uint8', blocks * LEVEL_BYTES[type]) as Uint8Array,
    scales: allocateDirty('float16', blocks) as Uint16Array,
  };
  splitInto(type, bytes, parts.levels, parts.scales);
  return parts;
}

/**
 * Numbers of blocks.
 *
 * @throws {ShapeError} for bytes that are no whole blocks
 * @remarks Python: `gguf.quants.dequantize(data, GGMLQuantizationType.Q8_0)`; exact.
 * @example dequantizeBlocks(quantizeBlocks(new Float32Array(32).fill(1), 'Q4_0'), 'Q4_0')[0] // => 1
 */
export function dequantizeBlocks(bytes: Uint8Array, type: BlockType): Float32Array {
  const { levels, scales } = split(bytes, type);
  const out = new Float32Array(scales.length * BLOCK);
  if (areFinite(scales)) dequantizeInto(type, levels, scales, out);
  else readBlocks(type, levels, scales, out);
  return out;
}

/** Rows of a product up to which numbers of the input are rounded to eight bits; more are multiplied with the dequantised matrix. */
const FEW = 8;
/** Numbers that are dequantised at once. */
const CHUNK = 1 << 18;

/**
 * A matrix in blocks of 32 numbers along its rows.
 *
 * @remarks Python: a tensor of `gguf` or `llama.cpp` of type Q8_0 or Q4_0. 8.5 or 4.5 bits a number.
 * @example
 * import { ones } from '@gtc/tensor';
 * const matrix = QuantizedMatrix.from(ones([3, 64]), 'Q8_0');
 * matrix.byteLength // => 204
 */
export class QuantizedMatrix {
  readonly type: BlockType;
  readonly shape: readonly [rows: number, columns: number];
  /** uint8, row after row. */
  readonly levels: Tensor;
  /** float16 `[rows, columns / 32]`. */
  readonly scales: Tensor;

  private constructor(type: BlockType, shape: readonly [number, number], levels: Uint8Array, scales: Uint16Array) {
    this.type = type;
    this.shape = shape;
    this.levels = wrap(levels, [shape[0], levels.length / Math.max(1, shape[0])], 'uint8');
    this.scales = wrap(scales, [shape[0], shape[1] / BLOCK], 'float16');
  }

  /**
   * Quantises a matrix.
   *
   * @param x `[rows, columns]`, columns a multiple of 32
   * @throws {ShapeError} for another shape @throws {ValidationError} for numbers that are not finite, or too large for a scale
   */
  static from(x: Tensor, type: BlockType): QuantizedMatrix {
    if (x.ndim !== 2 || x.shape[1]! % BLOCK !== 0)
      throw new ShapeError(`x must be [rows, columns] with a multiple of ${BLOCK} columns, got ${showShape(x.shape)}`, { parameter: 'x', received: x.shape });
    const data = numbersOf(x.astype('float32')) as Float32Array;
    return QuantizedMatrix.fromBlocks(quantizeBlocks(data, type), type, x.shape as readonly [number, number]);
  }

  /**
   * A matrix of blocks, such as a file holds them.
   *
   * @throws {ShapeError} for bytes that are not as many as the shape needs @throws {FormatError} for a scale that is not finite
   */
  static fromBlocks(bytes: Uint8Array, type: BlockType, shape: readonly [rows: number, columns: number]): QuantizedMatrix {
    oneOf(type, 'type', BLOCK_TYPES);
    const [rows, columns] = shape;
    const needed = ((rows * columns) / BLOCK) * bytesOf(type);
    if (columns % BLOCK !== 0 || bytes.length !== needed)
      throw new ShapeError(`a matrix ${showShape(shape)} of ${type} has ${needed} bytes, in blocks of ${BLOCK} columns, got ${bytes.length}`, {
        parameter: 'bytes',
        received: bytes.length,
      });
    const { levels, scales } = split(bytes, type);
    if (!areFinite(scales)) throw new FormatError(`blocks of ${type} must have finite scales`, { parameter: 'bytes' });
    return new QuantizedMatrix(type, shape, levels, scales);
  }

  /** Bytes that it takes. */
  get byteLength(): number {
    return this.scales.size * bytesOf(this.type);
  }

  /** The numbers of some rows, one after the other. */
  #read(from: number, count: number, out: Float32Array): void {
    const [levels, scales] = [this.levels.shape[1]!, this.scales.shape[1]!];
    dequantizeInto(
      this.type,
      (this.levels.data as Uint8Array).subarray(from * levels, (from + count) * levels),
      (this.scales.data as Uint16Array).subarray(from * scales, (from + count) * scales),
      out,
    );
  }

  /** The numbers, float32 `[rows, columns]`. */
  dequantize(): Tensor {
    const out = scratchDirty('float32', sizeOf(this.shape)) as Float32Array;
    this.#read(0, this.shape[0], out);
    return wrap(out, this.shape, 'float32');
  }

  /**
   * Some rows, as an embedding takes them.
   *
   * @param index integers of any shape
   * @returns float32 `[...index, columns]`
   * @throws {ValidationError} for an index outside the rows
   */
  rows(index: Tensor): Tensor {
    const places = Array.from(indicesOf(index, 'rows'), at => fromFront(at, this.shape[0], 0, 'rows'));
    const width = this.shape[1];
    const out = scratchDirty('float32', places.length * width) as Float32Array;
    for (const [i, row] of places.entries()) this.#read(row, 1, out.subarray(i * width, (i + 1) * width));
    return wrap(out, [...index.shape, width], 'float32');
  }

  /** ggml's blocks, as files hold them. */
  toBlocks(): Uint8Array {
    const size = LEVEL_BYTES[this.type];
    const [levels, scales] = [this.levels.data as Uint8Array, this.scales.data as Uint16Array];
    const out = new Uint8Array(scales.length * (size + 2));
    for (const [b, bits] of scales.entries()) {
      const at = b * (size + 2);
      out[at] = bits & 0xff;
      out[at + 1] = bits >> 8;
      out.set(levels.subarray(b * size, (b + 1) * size), at + 2);
    }
    return out;
  }

  /** `x Wᵀ + b` for `x` `[count, columns]`, without gradients. */
  product(x: Float32Array, count: number, bias: Tensor | null): Tensor {
    const [rows, columns] = this.shape;
    if (count <= FEW) {
      const y = scratchDirty('float32', count * rows) as Float32Array;
      multiplyInto(this.type, this.levels.data as Uint8Array, this.scales.data as Uint16Array, x, y, rows, bias && (numbersOf(bias) as Float32Array));
      return wrap(y, [count, rows], 'float32');
    }
    // Some rows at a time are dequantised and give some rows of the transposed product.
    const turned = scratchDirty('float32', rows * count) as Float32Array;
    const step = Math.min(rows, Math.max(1, Math.floor(CHUNK / columns)));
    const chunk = scratchDirty('float32', step * columns) as Float32Array;
    const right = { data: x, offset: 0, row: 1, column: columns };
    for (let from = 0; from < rows; from += step) {
      const some = Math.min(step, rows - from);
      this.#read(from, some, chunk.subarray(0, some * columns));
      multiply({ data: chunk, offset: 0, row: columns, column: 1 }, right, turned, from * count, [some, columns, count]);
    }
    const y = contiguous(matrixTranspose(wrap(turned, [rows, count], 'float32')));
    return bias === null ? y : add(y, bias);
  }
}

/**
 * `x Wᵀ + b` with a quantised matrix. Up to 8 rows of `x` are rounded to eight bits by blocks of 32 and multiplied as whole numbers, as llama.cpp does
 * it; for more rows the matrix is dequantised piece by piece. Gradients go to `x` and the bias; the matrix is fixed, as QLoRA has it.
 *
 * @param x float32 `[..., columns]`
 * @param bias `[rows]`
 * @returns `[..., rows]`
 * @throws {ShapeError} when the sizes differ @throws {ValidationError} for another dtype
 * @remarks Python: `torch.nn.functional.linear(x, dequantize(weight), bias)`; the rounding of few rows costs at most 0.4 % of a block's largest number.
 * @example
 * import { ones } from '@gtc/tensor';
 * quantizedLinear(ones([1, 32]), QuantizedMatrix.from(ones([2, 32]), 'Q4_0')).tolist() // => [[32, 32]]
 */
export function quantizedLinear(x: Tensor, weight: QuantizedMatrix, bias: Tensor | null = null): Tensor {
  const [rows, columns] = weight.shape;
  if (x.shape.at(-1) !== columns)
    throw new ShapeError(`quantizedLinear: input ${showShape(x.shape)} does not fit the weight ${showShape(weight.shape)}`, {
      parameter: 'weight',
      received: weight.shape,
    });
  if (bias !== null) ShapeError.check({ bias: [bias, [rows]] });
  for (const [name, each] of Object.entries({ x, ...(bias && { bias }) }))
    if (each.dtype !== 'float32')
      throw new ValidationError(`quantizedLinear: ${name} must be of dtype float32, got ${each.dtype}`, { parameter: name, received: each.dtype });
  const outer = x.shape.slice(0, -1);
  const y = weight.product(numbersOf(x) as Float32Array, sizeOf(outer), bias?.detach() ?? null);
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] => [
    needs[0] ? matmul(g, weight.dequantize()) : null,
    needs[1] ? sum(reshape(g, [-1, rows]), { axis: 0 }) : null,
  ];
  return record('quantizedLinear', reshape(y, [...outer, rows]), bias === null ? [x] : [x, bias], rule);
}

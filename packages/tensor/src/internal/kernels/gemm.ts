/** Products of matrices: the plain loops, and which kernel takes their place. */
import type { NumberArray } from '../core/storage.js';
import { withFrame } from './frame.js';
import { nativeProduct } from './native.js';
import { splitProduct } from './threads.js';
import { wasm } from './wasm.js';
import { workspace } from './workspace.js';

/** A matrix in a buffer; steps between rows and between columns in elements. */
export interface Matrix {
  readonly data: NumberArray;
  readonly offset: number;
  readonly row: number;
  readonly column: number;
}

/** Rows of the left, inner length, columns of the right. */
export type Sizes = readonly [m: number, k: number, n: number];

/** Fewer multiplications than this are done before a kernel would have started. */
const WORTHWHILE = 2048;

/** Elements of a buffer that a matrix of some size reaches over, from its first. */
function span({ row, column }: Matrix, rows: number, columns: number): number {
  return rows === 0 || columns === 0 ? 0 : 1 + (rows - 1) * row + (columns - 1) * column;
}

/**
 * `C = A B`, row-major from an offset.
 *
 * @param c of the class of both operands; every element of the product is written
 */
export function multiply(a: Matrix, b: Matrix, c: NumberArray, at: number, sizes: Sizes, bias: NumberArray | null = null): void {
  const [m, k, n] = sizes;
  if (m * k * n >= WORTHWHILE && kernelProduct(a, b, c, at, sizes, bias)) return;
  multiplyPlain(a, b, c, at, sizes);
  if (bias !== null) for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) c[at + i * n + j]! += bias[j]!;
}

function kernelProduct(a: Matrix, b: Matrix, c: NumberArray, at: number, sizes: Sizes, bias: NumberArray | null): boolean {
  const single = a.data instanceof Float32Array && b.data instanceof Float32Array && c instanceof Float32Array;
  const double = a.data instanceof Float64Array && b.data instanceof Float64Array && c instanceof Float64Array;
  if (!(single || double) || a.row < 0 || a.column < 0 || b.row < 0 || b.column < 0) return false;
  if (nativeProduct(a, b, c, at, sizes, bias)) return true;
  const kernels = wasm();
  if (kernels === null) return false;
  const [m, k, n] = sizes;
  const bytes = c.BYTES_PER_ELEMENT;
  return withFrame(frame => {
    const left = frame.input(a.data, a.offset, span(a, m, k));
    const right = frame.input(b.data, b.offset, span(b, k, n));
    const added = bias === null ? 0 : frame.input(bias);
    // Where C is one of several in a buffer, the others must stay.
    const to = (c.length === m * n ? frame.output(c) : frame.inOut(c)) + at * bytes;
    const room = workspace(kernels);
    if (room === 0) return null;
    if (single && m === 1 && a.column === 1 && b.row === 1) return () => kernels.rowsTimesVector(right, b.column * 4, left, to, n, k, added);
    if (single && m === 1 && a.column === 1 && b.column === 1) return () => kernels.vectorTimesRows(right, b.row * 4, left, to, k, n, added);
    if (single && n === 1 && a.column === 1 && b.row === 1 && bias === null) return () => kernels.rowsTimesVector(left, a.row * 4, right, to, m, k, 0);
    const gemm = single ? 'gemmFloat32' : 'gemmFloat64';
    const [aRow, aStep, bStep, bColumn] = [a.row * bytes, a.column * bytes, b.row * bytes, b.column * bytes];
    const part = { gemm, m, n, k, left, aRow, aStep, right, bStep, bColumn, to, ldc: n * bytes, added, bytes } as const;
    return () => {
      if (!splitProduct(kernels, part, room)) kernels[gemm](m, n, k, left, aRow, aStep, right, bStep, bColumn, to, n * bytes, added, 0, room);
    };
  });
}

/** Rows and columns of the block of `C` that stays in registers. */
const TILE = 4;

/** The same in TypeScript, in blocks of four by four; sums in double precision. */
function multiplyPlain(a: Matrix, b: Matrix, c: NumberArray, at: number, [m, k, n]: Sizes): void {
  const strip = new Float64Array(TILE * k);
  const block = new Float64Array(TILE * TILE);
  for (let j = 0; j < n; j += TILE) {
    const columns = Math.min(TILE, n - j);
    for (let l = 0; l < k; l++) for (let q = 0; q < columns; q++) strip[TILE * l + q] = b.data[b.offset + l * b.row + (j + q) * b.column]!;
    for (let i = 0; i < m; i += TILE) {
      const rows = Math.min(TILE, m - i);
      // Rows beyond the last repeat it and are not kept.
      const row = (p: number): number => a.offset + Math.min(i + p, m - 1) * a.row;
      multiplyBlock(a.data, a.column, strip, block, k, row(0), row(1), row(2), row(3));
      for (let p = 0; p < rows; p++) for (let q = 0; q < columns; q++) c[at + (i + p) * n + j + q] = block[TILE * p + q]!;
    }
  }
}

/** Four rows times a strip of four columns; the sixteen sums are plain variables so that they stay in registers. */
function multiplyBlock(
  a: NumberArray,
  step: number,
  strip: Float64Array,
  block: Float64Array,
  k: number,
  r0: number,
  r1: number,
  r2: number,
  r3: number,
): void {
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c03 = 0,
    c10 = 0,
    c11 = 0,
    c12 = 0,
    c13 = 0,
    c20 = 0,
    c21 = 0,
    c22 = 0,
    c23 = 0,
    c30 = 0,
    c31 = 0,
    c32 = 0,
    c33 = 0;
  for (let l = 0; l < k; l++) {
    const b0 = strip[4 * l]!;
    const b1 = strip[4 * l + 1]!;
    const b2 = strip[4 * l + 2]!;
    const b3 = strip[4 * l + 3]!;
    const x0 = a[r0 + l * step]!;
    c00 += x0 * b0;
    c01 += x0 * b1;
    c02 += x0 * b2;
    c03 += x0 * b3;
    const x1 = a[r1 + l * step]!;
    c10 += x1 * b0;
    c11 += x1 * b1;
    c12 += x1 * b2;
    c13 += x1 * b3;
    const x2 = a[r2 + l * step]!;
    c20 += x2 * b0;
    c21 += x2 * b1;
    c22 += x2 * b2;
    c23 += x2 * b3;
    const x3 = a[r3 + l * step]!;
    c30 += x3 * b0;
    c31 += x3 * b1;
    c32 += x3 * b2;
    c33 += x3 * b3;
  }
  block.set([c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33]);
}

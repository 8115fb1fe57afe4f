/** Factorisations of one matrix: LU, Cholesky, QR. */
import { NumericError } from '@gtc/errors';
import { copyMatrix, identity, type Matrix, zeroMatrix } from './matrix.js';

/** `P A = L U` in one matrix, the order of the rows and the sign of that order. */
export interface Lu {
  readonly packed: Matrix;
  readonly order: Int32Array;
  readonly sign: number;
  /** Whether a pivot is exactly zero. */
  readonly singular: boolean;
}

/** LU with partial pivoting, of a matrix of any shape. */
export function luOf(a: Matrix): Lu {
  const packed = copyMatrix(a);
  const { rows, columns, data } = packed;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let [sign, singular] = [1, false];
  for (let k = 0; k < Math.min(rows, columns); k++) {
    let pivot = k;
    for (let i = k + 1; i < rows; i++) if (Math.abs(data[i * columns + k]!) > Math.abs(data[pivot * columns + k]!)) pivot = i;
    if (pivot !== k) {
      for (let j = 0; j < columns; j++) [data[k * columns + j], data[pivot * columns + j]] = [data[pivot * columns + j]!, data[k * columns + j]!];
      [order[k], order[pivot]] = [order[pivot]!, order[k]!];
      sign = -sign;
    }
    const head = data[k * columns + k]!;
    if (head === 0) {
      singular = true;
      continue;
    }
    for (let i = k + 1; i < rows; i++) {
      const factor = data[i * columns + k]! / head;
      data[i * columns + k] = factor;
      if (factor !== 0) for (let j = k + 1; j < columns; j++) data[i * columns + j]! -= factor * data[k * columns + j]!;
    }
  }
  return { packed, order, sign, singular };
}

/** Solves `T x = b` in place for a triangular matrix, column by column. */
export function substitute(t: Matrix, b: Matrix, { upper, unit }: { readonly upper: boolean; readonly unit: boolean }): void {
  const [n, k] = [t.rows, b.columns];
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    for (let j = upper ? i + 1 : 0; j < (upper ? n : i); j++) {
      const factor = t.data[i * t.columns + j]!;
      if (factor !== 0) for (let c = 0; c < k; c++) b.data[i * k + c]! -= factor * b.data[j * k + c]!;
    }
    if (unit) continue;
    const head = t.data[i * t.columns + i]!;
    for (let c = 0; c < k; c++) b.data[i * k + c]! /= head;
  }
}

/**
 * Solves `A x = b` by LU.
 *
 * @throws {NumericError} for a singular matrix
 */
export function solveOne(a: Matrix, b: Matrix, operation: string): Matrix {
  const { packed, order, singular } = luOf(a);
  if (singular) throw new NumericError(`${operation}: the matrix is singular`, { parameter: 'a' });
  const x = zeroMatrix(b.rows, b.columns);
  for (let i = 0; i < b.rows; i++) x.data.set(b.data.subarray(order[i]! * b.columns, (order[i]! + 1) * b.columns), i * b.columns);
  substitute(packed, x, { upper: false, unit: true });
  substitute(packed, x, { upper: true, unit: false });
  return x;
}

/**
 * The lower triangle `L` with `A = L Lᵀ`; reads the lower triangle only.
 *
 * @throws {NumericError} for a matrix that is not positive definite
 */
export function choleskyOf(a: Matrix): Matrix {
  const n = a.rows;
  const l = zeroMatrix(n, n);
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = a.data[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l.data[i * n + k]! * l.data[j * n + k]!;
      if (i === j && !(sum > 0)) throw new NumericError('cholesky: the matrix is not positive definite', { parameter: 'a', received: sum });
      l.data[i * n + j] = i === j ? Math.sqrt(sum) : sum / l.data[j * n + j]!;
    }
  return l;
}

/** `A = Q R` by Householder reflections, with LAPACK's signs: `Q` is `rows × rows` when complete, else `rows × min`. */
export function qrOf(a: Matrix, complete: boolean): { readonly q: Matrix; readonly r: Matrix } {
  const { rows, columns, data } = copyMatrix(a);
  const steps = Math.min(rows, columns);
  const reflectors: { readonly v: Float64Array; readonly tau: number }[] = [];
  for (let k = 0; k < steps; k++) {
    const column = Float64Array.from({ length: rows - k }, (_, i) => data[(k + i) * columns + k]!);
    // The direction of a column of numbers without digits is still exact after scaling.
    const size = column.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
    const v = column.map(value => value / size);
    const tail = Math.hypot(...v.subarray(1));
    const head = v[0]!;
    if (tail === 0) {
      reflectors.push({ v: v.fill(0), tau: 0 });
      continue;
    }
    const beta = -Math.sign(head || 1) * Math.hypot(head, tail);
    const tau = (beta - head) / beta;
    for (let i = 1; i < v.length; i++) v[i]! /= head - beta;
    v[0] = 1;
    reflectors.push({ v, tau });
    applyReflector(data, columns, k, k, v, tau);
  }
  const r = zeroMatrix(complete ? rows : steps, columns);
  for (let i = 0; i < r.rows; i++) for (let j = i; j < columns; j++) r.data[i * columns + j] = data[i * columns + j]!;
  const width = complete ? rows : steps;
  const q = zeroMatrix(rows, width);
  q.data.set(identity(rows).data.filter((_, i) => i % rows < width));
  for (let k = steps - 1; k >= 0; k--) applyReflector(q.data, width, k, 0, reflectors[k]!.v, reflectors[k]!.tau);
  return { q, r };
}

/** `(I - τ v vᵀ)` times the rows from `row` on, in the columns from `column` on. */
function applyReflector(data: Float64Array, width: number, row: number, column: number, v: Float64Array, tau: number): void {
  if (tau === 0) return;
  for (let j = column; j < width; j++) {
    let sum = 0;
    for (let i = 0; i < v.length; i++) sum += v[i]! * data[(row + i) * width + j]!;
    sum *= tau;
    for (let i = 0; i < v.length; i++) data[(row + i) * width + j]! -= sum * v[i]!;
  }
}

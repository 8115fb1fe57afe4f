/** Factorisations of one matrix: LU, Cholesky, QR. */
import { NumericError } from '@gtc/errors';
import { type Matrix, zeroMatrix } from './matrix.js';
import { type Runs, withRuns } from './runs.js';

/** `P A = L U` in one matrix, the order of the rows and the sign of that order. */
export interface Lu {
  readonly packed: Matrix;
  readonly order: Int32Array;
  readonly sign: number;
  /** Whether a pivot is exactly zero. */
  readonly singular: boolean;
}

/** LU with partial pivoting, of a matrix of any shape. */
export function luOf({ rows, columns, data: source }: Matrix): Lu {
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  let [sign, singular] = [1, false];
  // The matrix, a row to spare.
  return withRuns((rows + 1) * columns, runs => {
    const { data } = runs;
    data.set(source);
    const spare = rows * columns;
    for (let k = 0; k < Math.min(rows, columns); k++) {
      let pivot = k;
      for (let i = k + 1; i < rows; i++) if (Math.abs(data[i * columns + k]!) > Math.abs(data[pivot * columns + k]!)) pivot = i;
      if (pivot !== k) {
        data.copyWithin(spare, k * columns, (k + 1) * columns);
        data.copyWithin(k * columns, pivot * columns, (pivot + 1) * columns);
        data.copyWithin(pivot * columns, spare, spare + columns);
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
        if (factor !== 0) runs.add(i * columns + k + 1, -factor, k * columns + k + 1, columns - k - 1);
      }
    }
    return { packed: { rows, columns, data: data.slice(0, spare) }, order, sign, singular };
  });
}

/** Solves `T x = b` in place for a triangular matrix, row by row. */
export function substitute(t: Matrix, b: Matrix, { upper, unit }: { readonly upper: boolean; readonly unit: boolean }): void {
  const [n, k] = [t.rows, b.columns];
  withRuns(n * k, runs => {
    const { data } = runs;
    data.set(b.data);
    for (let step = 0; step < n; step++) {
      const i = upper ? n - 1 - step : step;
      for (let j = upper ? i + 1 : 0; j < (upper ? n : i); j++) {
        const factor = t.data[i * t.columns + j]!;
        if (factor !== 0) runs.add(i * k, -factor, j * k, k);
      }
      if (unit) continue;
      const head = t.data[i * t.columns + i]!;
      for (let c = 0; c < k; c++) data[i * k + c]! /= head;
    }
    b.data.set(data.subarray(0, n * k));
  });
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

/** `A[:, order] = Q R` with `width` columns of `Q`, by Householder's reflections; with pivoting each takes the longest column that is left. */
function factored(a: Matrix, width: number, isPivoted: boolean): { readonly q: Matrix; readonly r: Matrix; readonly order: Int32Array } {
  const { rows, columns } = a;
  const steps = Math.min(rows, columns);
  const order = Int32Array.from({ length: columns }, (_, j) => j);
  const taus = new Float64Array(steps);
  // The matrix, Q, the reflections as rows, a row to spare.
  const [q, reflections] = [rows * columns, rows * (columns + width)];
  const spare = reflections + rows * steps;
  return withRuns(spare + Math.max(columns, width), runs => {
    const { data } = runs;
    data.set(a.data);
    for (let k = 0; k < steps; k++) {
      if (isPivoted) exchangeColumns(runs, a, order, k, longestColumn(data, a, k));
      const v = reflections + k * rows + k;
      taus[k] = reflectionOf(runs, a, k, v);
      reflect(runs, { at: 0, columns }, k, rows - k, v, taus[k]!, spare);
    }
    const r = zeroMatrix(width, columns);
    for (let i = 0; i < width; i++) for (let j = i; j < columns; j++) r.data[i * columns + j] = data[i * columns + j]!;
    for (let i = 0; i < width; i++) data[q + i * width + i] = 1;
    for (let k = steps - 1; k >= 0; k--) reflect(runs, { at: q, columns: width }, k, rows - k, reflections + k * rows + k, taus[k]!, spare);
    return { q: { rows, columns: width, data: data.slice(q, q + rows * width) }, r, order };
  });
}

/** Writes the vector that reflects column `k` onto its head to a place, and returns its factor, with LAPACK's signs. */
function reflectionOf({ data, dot }: Runs, { rows, columns }: Matrix, k: number, v: number): number {
  let size = 0;
  for (let i = k; i < rows; i++) size = Math.max(size, Math.abs(data[i * columns + k]!));
  // The direction of a column of numbers without digits is still exact after scaling.
  for (let i = k; i < rows; i++) data[v + i - k] = data[i * columns + k]! / (size || 1);
  const head = data[v]!;
  const tail = Math.sqrt(dot(v + 1, v + 1, rows - k - 1));
  if (tail === 0) return 0;
  const beta = -Math.sign(head || 1) * Math.hypot(head, tail);
  for (let i = k + 1; i < rows; i++) data[v + i - k]! /= head - beta;
  data[v] = 1;
  return (beta - head) / beta;
}

/** `(I - τ v vᵀ)` times the rows and columns of a matrix from number `from` on. */
function reflect(
  { data, add }: Runs,
  { at, columns }: { readonly at: number; readonly columns: number },
  from: number,
  height: number,
  v: number,
  tau: number,
  spare: number,
): void {
  const length = columns - from;
  if (tau === 0 || length <= 0) return;
  const first = at + from * columns + from;
  data.fill(0, spare, spare + length);
  for (let i = 0; i < height; i++) add(spare, data[v + i]!, first + i * columns, length);
  for (let i = 0; i < height; i++) add(first + i * columns, -tau * data[v + i]!, spare, length);
}

/** `A = Q R` by Householder reflections, with LAPACK's signs: `Q` is `rows × rows` when complete, else `rows × min`. */
export function qrOf(a: Matrix, complete: boolean): { readonly q: Matrix; readonly r: Matrix } {
  return factored(a, complete ? a.rows : Math.min(a.rows, a.columns), false);
}

/** `A[:, order] = Q R` with a diagonal of `R` that falls, for at least as many rows as columns. */
export function pivotedQrOf(a: Matrix): { readonly q: Matrix; readonly r: Matrix; readonly order: Int32Array } {
  return factored(a, a.columns, true);
}

/** The column from `k` on whose part from row `k` on is longest. */
function longestColumn(data: Float64Array, { rows, columns }: Matrix, k: number): number {
  const squares = new Float64Array(columns);
  for (let i = k; i < rows; i++)
    for (let j = k; j < columns; j++) {
      const value = data[i * columns + j]!;
      squares[j]! += value * value;
    }
  let longest = k;
  for (let j = k + 1; j < columns; j++) if (squares[j]! > squares[longest]!) longest = j;
  return longest;
}

function exchangeColumns({ data }: Runs, { rows, columns }: Matrix, order: Int32Array, i: number, j: number): void {
  if (i === j) return;
  [order[i], order[j]] = [order[j]!, order[i]!];
  for (let at = 0; at < rows * columns; at += columns) {
    const value = data[at + i]!;
    data[at + i] = data[at + j]!;
    data[at + j] = value;
  }
}

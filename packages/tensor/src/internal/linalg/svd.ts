/** Singular values and vectors of one matrix. */
import { NumericError } from '@gtc/errors';
import { pivotedQrOf } from './factor.js';
import { identity, type Matrix, scaled, times, transposed, zeroMatrix } from './matrix.js';
import { type Runs, scaleOf, withRuns } from './runs.js';
import { symmetricEigen } from './symmetric.js';

const MAX_SWEEPS = 60;
/** Columns shorter than this, beside a largest element of 1, have no direction. */
const NOTHING = 1e-140;

/** `A = U diag(s) Vᵀ` with descending `s`; `u` is `rows × min`, `v` is `columns × min`. */
export interface Svd {
  readonly u: Matrix;
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** Matrices of at least so many rows are brought near their vectors before Jacobi's rotations. */
const LARGE = 24;
/** The smallest diagonal element of R, beside the largest, with which multiplying by vectors costs no digits that matter. */
const MODERATE = 1e-3;

/**
 * Singular values by one-sided Jacobi after QR with pivoting, which keeps small ones to high relative accuracy. Where none is small, the eigenvectors
 * of `R Rᵀ` go before: rotations then only polish.
 */
export function svdOf(a: Matrix): Svd {
  if (a.rows < a.columns) {
    const { u, s, v } = svdOf(transposed(a));
    return { u: v, s, v: u };
  }
  const n = a.columns;
  const scale = scaleOf(a.data);
  const { q, r, order: places } = pivotedQrOf(scaled(a, scale));
  const isPrepared = n >= LARGE && Math.abs(r.data[n * n - 1]!) > MODERATE * Math.abs(r.data[0]!);
  const z = isPrepared ? symmetricEigen(times(r, transposed(r))).vectors : identity(n);
  const w = isPrepared ? times(z, r) : r;
  // Rows of R are made orthogonal, those of Z, which stand beside them, turn along: Z R = diag(s) W.
  return withRuns(2 * n * n, runs => {
    const { data } = runs;
    for (let i = 0; i < n; i++) {
      data.set(w.data.subarray(i * n, (i + 1) * n), 2 * i * n);
      data.set(z.data.subarray(i * n, (i + 1) * n), (2 * i + 1) * n);
    }
    orthogonaliseRows(runs, n);
    const lengths = Float64Array.from({ length: n }, (_, i) => lengthOfRow(runs, i, n));
    const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => lengths[j]! - lengths[i]!);
    const [v, turned] = [zeroMatrix(n, n), zeroMatrix(n, n)];
    for (const [k, row] of order.entries())
      for (let i = 0; i < n; i++) {
        v.data[places[i]! * n + k] = lengths[row]! < NOTHING ? 0 : data[2 * row * n + i]! / lengths[row]!;
        turned.data[i * n + k] = data[(2 * row + 1) * n + i]!;
      }
    completeColumns(v, order.filter(row => lengths[row]! >= NOTHING).length);
    return { u: times(q, turned), s: Float64Array.from(order, row => lengths[row]! / scale), v };
  });
}

/** The length of a row whose squares may vanish. */
function lengthOfRow(runs: Runs, row: number, n: number): number {
  const square = runs.dot(2 * row * n, 2 * row * n, n);
  return square > 1e-280 ? Math.sqrt(square) : Math.hypot(...runs.data.subarray(2 * row * n, (2 * row + 1) * n));
}

/** Turns pairs of rows until all are orthogonal. */
function orthogonaliseRows(runs: Runs, n: number): void {
  for (let sweep = 0; ; sweep++) {
    if (sweep === MAX_SWEEPS) throw new NumericError(`svd: no convergence in ${MAX_SWEEPS} sweeps`, { parameter: 'a' });
    const squares = Float64Array.from({ length: n }, (_, i) => runs.dot(2 * i * n, 2 * i * n, n));
    let turned = false;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (orthogonalise(runs, squares, i, j, n)) turned = true;
    if (!turned) return;
  }
}

/** Turns two rows so that they are orthogonal; false when they are. */
function orthogonalise(runs: Runs, squares: Float64Array, i: number, j: number, n: number): boolean {
  const [alpha, beta] = [squares[i]!, squares[j]!];
  // Squares of rows this short have lost their digits.
  if (Math.min(alpha, beta) < NOTHING ** 2) return false;
  const gamma = runs.dot(2 * i * n, 2 * j * n, n);
  if (Math.abs(gamma) <= Math.max(2, Math.sqrt(n)) * Number.EPSILON * Math.sqrt(alpha) * Math.sqrt(beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  runs.rotate(2 * i * n, 2 * j * n, 2 * n, c, c * t);
  squares[i] = runs.dot(2 * i * n, 2 * i * n, n);
  squares[j] = runs.dot(2 * j * n, 2 * j * n, n);
  return true;
}

/** Fills the columns from `rank` on with unit vectors orthogonal to those before. */
function completeColumns({ data, rows, columns }: Matrix, rank: number): void {
  for (let j = rank; j < columns; j++)
    for (let axis = 0; axis < rows; axis++) {
      const candidate = new Float64Array(rows);
      candidate[axis] = 1;
      for (let pass = 0; pass < 2; pass++)
        for (let k = 0; k < j; k++) {
          let dot = 0;
          for (let i = 0; i < rows; i++) dot += candidate[i]! * data[i * columns + k]!;
          for (let i = 0; i < rows; i++) candidate[i]! -= dot * data[i * columns + k]!;
        }
      const length = Math.hypot(...candidate);
      if (length < 0.5 / Math.sqrt(rows)) continue;
      for (let i = 0; i < rows; i++) data[i * columns + j] = candidate[i]! / length;
      break;
    }
}

/** `U` or `V` with columns added until it is square. */
export function completed(q: Matrix): Matrix {
  const full = zeroMatrix(q.rows, q.rows);
  for (let i = 0; i < q.rows; i++) full.data.set(q.data.subarray(i * q.columns, (i + 1) * q.columns), i * q.rows);
  completeColumns(full, q.columns);
  return full;
}

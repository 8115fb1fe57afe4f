/** Eigenvalues and singular values of one matrix. */
import { NumericError } from '@gtc/errors';
import { pivotedQrOf } from './factor.js';
import { copyMatrix, identity, type Matrix, times, transposed, zeroMatrix } from './matrix.js';
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
  const { q, r, order: places } = pivotedQrOf({ ...a, data: a.data.map(value => value * scale) });
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

/** Eigenvalues of a general matrix: real and imaginary parts. */
export function generalEigenvalues(source: Matrix): { readonly re: Float64Array; readonly im: Float64Array } {
  const n = source.rows;
  const h = hessenberg(copyMatrix(source)).data;
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  let [high, shift, iterations] = [n - 1, 0, 0];
  while (high >= 0) {
    const low = startOfBlock(h, n, high);
    const corner = h[high * n + high]!;
    if (low === high) {
      re[high--] = corner + shift;
      iterations = 0;
    } else if (low === high - 1) {
      pairOf(h, n, high, shift, re, im);
      high -= 2;
      iterations = 0;
    } else {
      if (iterations === 30 * MAX_SWEEPS) throw new NumericError('eigvals: no convergence', { parameter: 'a' });
      // Every tenth step without success takes an exceptional shift.
      if (iterations > 0 && iterations % 10 === 0) {
        shift += corner;
        for (let i = 0; i <= high; i++) h[i * n + i]! -= corner;
        const size = Math.abs(h[high * n + high - 1]!) + Math.abs(h[(high - 1) * n + high - 2]!);
        francis(h, n, low, high, 0.75 * size, 0.75 * size, -0.4375 * size * size);
      } else francis(h, n, low, high, corner, h[(high - 1) * n + high - 1]!, h[high * n + high - 1]! * h[(high - 1) * n + high]!);
      iterations++;
    }
  }
  return { re, im };
}

/** Zeros below the first subdiagonal, by stabilised elimination; eigenvalues stay. */
function hessenberg(a: Matrix): Matrix {
  const { rows: n, data } = a;
  for (let m = 1; m < n - 1; m++) {
    let pivot = m;
    for (let i = m; i < n; i++) if (Math.abs(data[i * n + m - 1]!) > Math.abs(data[pivot * n + m - 1]!)) pivot = i;
    const head = data[pivot * n + m - 1]!;
    if (pivot !== m) {
      for (let j = 0; j < n; j++) [data[pivot * n + j], data[m * n + j]] = [data[m * n + j]!, data[pivot * n + j]!];
      for (let i = 0; i < n; i++) [data[i * n + pivot], data[i * n + m]] = [data[i * n + m]!, data[i * n + pivot]!];
    }
    if (head === 0) continue;
    for (let i = m + 1; i < n; i++) {
      const factor = data[i * n + m - 1]! / head;
      if (factor === 0) continue;
      for (let j = 0; j < n; j++) data[i * n + j]! -= factor * data[m * n + j]!;
      for (let k = 0; k < n; k++) data[k * n + m]! += factor * data[k * n + i]!;
      data[i * n + m - 1] = 0;
    }
  }
  return a;
}

/** First row of the block at the end that does not fall apart. */
function startOfBlock(h: Float64Array, n: number, high: number): number {
  let low = high;
  for (; low > 0; low--) {
    const size = Math.abs(h[(low - 1) * n + low - 1]!) + Math.abs(h[low * n + low]!);
    if (Math.abs(h[low * n + low - 1]!) <= Number.EPSILON * (size === 0 ? 1 : size)) {
      h[low * n + low - 1] = 0;
      break;
    }
  }
  return low;
}

/** The two eigenvalues of a block of two rows. */
function pairOf(h: Float64Array, n: number, high: number, shift: number, re: Float64Array, im: Float64Array): void {
  const [x, y, w] = [h[high * n + high]!, h[(high - 1) * n + high - 1]!, h[high * n + high - 1]! * h[(high - 1) * n + high]!];
  const p = (y - x) / 2;
  const q = p * p + w;
  const root = Math.sqrt(Math.abs(q));
  if (q >= 0) {
    const larger = p + (p >= 0 ? root : -root);
    re[high - 1] = x + shift + larger;
    re[high] = larger === 0 ? x + shift : x + shift - w / larger;
  } else {
    re[high - 1] = re[high] = x + shift + p;
    im[high - 1] = root;
    im[high] = -root;
  }
}

/** One double step of the implicit QR iteration (Francis 1961) on rows `low` to `high`; shifts by trace `x + y` and determinant `x y - w`. */
function francis(h: Float64Array, n: number, low: number, high: number, x: number, y: number, w: number): void {
  let [p, q, r] = [0, 0, 0];
  let start = high - 2;
  for (; start >= low; start--) {
    const z = h[start * n + start]!;
    const [dx, dy] = [x - z, y - z];
    p = (dx * dy - w) / h[(start + 1) * n + start]! + h[start * n + start + 1]!;
    q = h[(start + 1) * n + start + 1]! - z - dx - dy;
    r = h[(start + 2) * n + start + 1]!;
    const size = Math.abs(p) + Math.abs(q) + Math.abs(r);
    [p, q, r] = [p / size, q / size, r / size];
    if (start === low) break;
    const left = Math.abs(h[start * n + start - 1]!) * (Math.abs(q) + Math.abs(r));
    const right = Math.abs(p) * (Math.abs(h[(start - 1) * n + start - 1]!) + Math.abs(z) + Math.abs(h[(start + 1) * n + start + 1]!));
    if (left <= Number.EPSILON * right) break;
  }
  for (let i = start + 2; i <= high; i++) {
    h[i * n + i - 2] = 0;
    if (i > start + 2) h[i * n + i - 3] = 0;
  }
  for (let k = start; k < high; k++) {
    const last = k === high - 1;
    let scale = 0;
    if (k > start) {
      [p, q, r] = [h[k * n + k - 1]!, h[(k + 1) * n + k - 1]!, last ? 0 : h[(k + 2) * n + k - 1]!];
      scale = Math.abs(p) + Math.abs(q) + Math.abs(r);
      if (scale === 0) continue;
      [p, q, r] = [p / scale, q / scale, r / scale];
    }
    const s = (p < 0 ? -1 : 1) * Math.sqrt(p * p + q * q + r * r);
    if (s === 0) continue;
    if (k > start) h[k * n + k - 1] = -s * scale;
    else if (low !== start) h[k * n + k - 1] = -h[k * n + k - 1]!;
    p += s;
    const [tx, ty, tz] = [p / s, q / s, r / s];
    [q, r] = [q / p, r / p];
    for (let j = k; j < n; j++) {
      const sum = h[k * n + j]! + q * h[(k + 1) * n + j]! + (last ? 0 : r * h[(k + 2) * n + j]!);
      h[k * n + j]! -= sum * tx;
      h[(k + 1) * n + j]! -= sum * ty;
      if (!last) h[(k + 2) * n + j]! -= sum * tz;
    }
    for (let i = 0; i <= Math.min(high, k + 3); i++) {
      const sum = tx * h[i * n + k]! + ty * h[i * n + k + 1]! + (last ? 0 : tz * h[i * n + k + 2]!);
      h[i * n + k]! -= sum;
      h[i * n + k + 1]! -= sum * q;
      if (!last) h[i * n + k + 2]! -= sum * r;
    }
  }
}

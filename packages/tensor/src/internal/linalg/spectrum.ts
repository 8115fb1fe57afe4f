/** Eigenvalues and singular values of one matrix. */
import { NumericError } from '@gtc/errors';
import { qrOf } from './factor.js';
import { copyMatrix, identity, type Matrix, times, transposed, zeroMatrix } from './matrix.js';

const MAX_SWEEPS = 60;
/** Columns shorter than this, beside a largest element of 1, have no direction. */
const NOTHING = 1e-140;

/** Eigenvalues in ascending order, and the vectors as columns. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

/** Eigenvalues and vectors of a symmetric matrix by Jacobi's rotations; reads the lower triangle only. */
export function symmetricEigen(source: Matrix): SymmetricEigen {
  const n = source.rows;
  const a = zeroMatrix(n, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a.data[i * n + j] = source.data[Math.max(i, j) * n + Math.min(i, j)]!;
  const v = identity(n);
  for (let sweep = 0; ; sweep++) {
    if (sweep === MAX_SWEEPS) throw new NumericError(`eigh: no convergence in ${MAX_SWEEPS} sweeps`, { parameter: 'a' });
    let turned = false;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) if (rotateSymmetric(a, v, p, q)) turned = true;
    if (!turned) break;
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a.data[i * n + i]! - a.data[j * n + j]!);
  const vectors = zeroMatrix(n, n);
  for (let i = 0; i < n; i++) for (const [k, column] of order.entries()) vectors.data[i * n + k] = v.data[i * n + column]!;
  return { values: Float64Array.from(order, i => a.data[i * n + i]!), vectors };
}

/** Makes one element off the diagonal zero; false when it counts as zero already. */
function rotateSymmetric({ data: a, rows: n }: Matrix, { data: v }: Matrix, p: number, q: number): boolean {
  const [app, aqq, apq] = [a[p * n + p]!, a[q * n + q]!, a[p * n + q]!];
  if (apq === 0 || Math.abs(apq) <= 1e-17 * Math.sqrt(Math.abs(app) * Math.abs(aqq)) + Number.MIN_VALUE) return false;
  if (Math.abs(apq) < 1e-18 * (Math.abs(app) + Math.abs(aqq))) return false;
  const theta = (aqq - app) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [akp, akq] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * akp - s * akq;
    a[k * n + q] = s * akp + c * akq;
  }
  for (let k = 0; k < n; k++) {
    const [apk, aqk] = [a[p * n + k]!, a[q * n + k]!];
    a[p * n + k] = c * apk - s * aqk;
    a[q * n + k] = s * apk + c * aqk;
    const [vkp, vkq] = [v[k * n + p]!, v[k * n + q]!];
    v[k * n + p] = c * vkp - s * vkq;
    v[k * n + q] = s * vkp + c * vkq;
  }
  a[p * n + q] = a[q * n + p] = 0;
  return true;
}

/** `A = U diag(s) Vᵀ` with descending `s`; `u` is `rows × min`, `v` is `columns × min`. */
export interface Svd {
  readonly u: Matrix;
  readonly s: Float64Array;
  readonly v: Matrix;
}

/** Singular values by one-sided Jacobi after a QR step, which keeps small ones to high relative accuracy. */
export function svdOf(a: Matrix): Svd {
  if (a.rows < a.columns) {
    const { u, s, v } = svdOf(transposed(a));
    return { u: v, s, v: u };
  }
  const n = a.columns;
  // Scaled so that squares neither overflow nor vanish.
  const size = a.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  const { q, r } = qrOf({ ...a, data: a.data.map(value => value / size) }, false);
  // Columns of Rᵀ are made orthogonal: Rᵀ = W diag(s) Zᵀ, so R = Z diag(s) Wᵀ.
  const w = copyMatrix(transposed(r));
  const z = identity(n);
  for (let sweep = 0; ; sweep++) {
    if (sweep === MAX_SWEEPS) throw new NumericError(`svd: no convergence in ${MAX_SWEEPS} sweeps`, { parameter: 'a' });
    let turned = false;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) if (orthogonalise(w, z, i, j)) turned = true;
    if (!turned) break;
  }
  const lengths = Float64Array.from({ length: n }, (_, j) => Math.hypot(...Array.from({ length: n }, (_, i) => w.data[i * n + j]!)));
  const order = Array.from({ length: n }, (_, j) => j).sort((i, j) => lengths[j]! - lengths[i]!);
  const [v, turnedZ] = [zeroMatrix(n, n), zeroMatrix(n, n)];
  for (const [k, j] of order.entries())
    for (let i = 0; i < n; i++) {
      v.data[i * n + k] = lengths[j]! < NOTHING ? 0 : w.data[i * n + j]! / lengths[j]!;
      turnedZ.data[i * n + k] = z.data[i * n + j]!;
    }
  completeColumns(v, order.filter(j => lengths[j]! >= NOTHING).length);
  return { u: times(q, turnedZ), s: Float64Array.from(order, j => lengths[j]! * size), v };
}

/** Turns two columns so that they are orthogonal; false when they are. */
function orthogonalise({ data: w, rows, columns: n }: Matrix, { data: z }: Matrix, i: number, j: number): boolean {
  let [alpha, beta, gamma] = [0, 0, 0];
  for (let k = 0; k < rows; k++) {
    const [x, y] = [w[k * n + i]!, w[k * n + j]!];
    alpha += x * x;
    beta += y * y;
    gamma += x * y;
  }
  // Squares of columns this short have lost their digits.
  if (Math.min(alpha, beta) < NOTHING ** 2 || Math.abs(gamma) <= 2 * Number.EPSILON * Math.sqrt(alpha) * Math.sqrt(beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (const [data, height] of [
    [w, rows],
    [z, n],
  ] as const)
    for (let k = 0; k < height; k++) {
      const [x, y] = [data[k * n + i]!, data[k * n + j]!];
      data[k * n + i] = c * x - s * y;
      data[k * n + j] = s * x + c * y;
    }
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

/** Eigenvalues of one symmetric matrix: Householder's reduction to three diagonals, then QL steps with implicit shifts. */
import { NumericError } from '@gtc/errors';
import { type Matrix, zeroMatrix } from './matrix.js';
import { type Runs, scaleOf, withRuns } from './runs.js';

const MAX_STEPS = 60;
/** Beside a largest element of 1 this is nothing, and its square is still a number. */
const NOTHING = 1e-125;

/** Eigenvalues in ascending order, and the vectors as rows. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}

/** The diagonal of a matrix of three, and what stands beside it: `beside[i]` between `i` and `i + 1`. */
interface Diagonals {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

/** Eigenvalues and vectors of a symmetric matrix; reads the lower triangle only. */
export function symmetricEigen(source: Matrix): SymmetricEigen {
  const n = source.rows;
  const { data } = source;
  const scale = scaleOf(data);
  // The reduction keeps the digits of graded matrices whose large elements are at the end.
  const isTurned = n > 0 && Math.abs(data[0]!) > Math.abs(data[n * n - 1]!);
  const place = (i: number): number => (isTurned ? n - 1 - i : i);
  // The triangle, the vectors, a row to spare.
  return withRuns(2 * n * n + n, runs => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const p = place(i);
        const q = place(j);
        runs.data[i * n + j] = scale * data[Math.max(p, q) * n + Math.min(p, q)]!;
      }
    const three = tridiagonal(runs, n);
    diagonalise(three, runs, n);
    const { diagonal } = three;
    const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => diagonal[i]! - diagonal[j]!);
    const vectors = zeroMatrix(n, n);
    for (const [k, row] of order.entries()) for (let i = 0; i < n; i++) vectors.data[k * n + place(i)] = runs.data[(n + row) * n + i]!;
    return { values: Float64Array.from(order, i => diagonal[i]! / scale), vectors };
  });
}

/** Reflects rows onto their neighbour, the last first: `T = Qᵀ A Q`. The triangle is used up, `Qᵀ` stands behind it. */
function tridiagonal(runs: Runs, n: number): Diagonals {
  const { data } = runs;
  const [diagonal, beside, halves] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  const [turned, image] = [n * n, 2 * n * n];
  for (let i = n - 1; i > 0; i--) {
    const row = i * n;
    const head = data[row + i - 1]!;
    const tail = runs.dot(row, row, i - 1);
    const length = Math.sqrt(head * head + tail) * (head < 0 ? 1 : -1);
    const isReflected = tail > NOTHING ** 2;
    beside[i - 1] = isReflected ? length : head;
    if (!isReflected) continue;
    data[row + i - 1] = head - length;
    // I - u uᵀ / half, where u is what the row has become.
    const half = length * (length - head);
    halves[i] = half;
    data.fill(0, image, image + i);
    for (let j = 0; j < i; j++) {
      const factor = data[row + j]!;
      data[image + j]! += data[j * n + j]! * factor + runs.dot(j * n, row, j);
      runs.add(image, factor, j * n, j);
    }
    for (let j = 0; j < i; j++) data[image + j]! /= half;
    runs.add(image, -runs.dot(image, row, i) / (2 * half), row, i);
    for (let j = 0; j < i; j++) {
      runs.add(j * n, -data[row + j]!, image, j + 1);
      runs.add(j * n, -data[image + j]!, row, j + 1);
    }
  }
  for (let i = 0; i < n; i++) {
    diagonal[i] = data[i * n + i]!;
    data[turned + i * n + i] = 1;
    if (halves[i] !== 0) for (let at = turned; at < turned + i * n; at += n) runs.add(at, -runs.dot(at, i * n, i) / halves[i]!, i * n, i);
  }
  return { diagonal, beside };
}

/** Brings what stands beside the diagonal to zero; the rows behind the triangle become vectors. */
function diagonalise(three: Diagonals, runs: Runs, n: number): void {
  const { diagonal: d, beside: e } = three;
  const isNothing = (i: number): boolean => Math.abs(e[i]!) <= Math.max(NOTHING, (Number.EPSILON / 2) * (Math.abs(d[i]!) + Math.abs(d[i + 1]!)));
  for (let first = 0; first < n; first++) {
    for (let steps = 0; ; steps++) {
      let last = first;
      while (last < n - 1 && !isNothing(last)) last++;
      if (last === first) break;
      if (steps === MAX_STEPS) throw new NumericError(`eigh: no convergence in ${MAX_STEPS} steps`, { parameter: 'a' });
      shiftedStep(three, first, last, (i, c, s) => runs.rotate((n + i) * n, (n + i + 1) * n, n, c, s));
    }
  }
}

/** One QL step from row `last` up to row `first`, shifted by the eigenvalue of the first two rows that is nearer to the first (Wilkinson). */
function shiftedStep({ diagonal: d, beside: e }: Diagonals, first: number, last: number, rotate: (i: number, c: number, s: number) => void): void {
  const ratio = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(ratio, 1);
  let g = d[last]! - d[first]! + e[first]! / (ratio + (ratio < 0 ? -root : root));
  let [s, c, drop] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = s * e[i]!;
    const b = c * e[i]!;
    const length = lengthOf(f, g);
    e[i + 1] = length;
    if (length === 0) {
      // The matrix falls apart here.
      d[i + 1]! -= drop;
      e[last] = 0;
      return;
    }
    s = f / length;
    c = g / length;
    g = d[i + 1]! - drop;
    const r = (d[i]! - g) * s + 2 * c * b;
    drop = s * r;
    d[i + 1] = g + drop;
    g = c * r - b;
    rotate(i, c, s);
  }
  d[first]! -= drop;
  e[first] = g;
  e[last] = 0;
}

/** The length of a vector of two, which `Math.hypot` takes many times as long for. */
function lengthOf(x: number, y: number): number {
  const square = x * x + y * y;
  return square > NOTHING ** 2 ? Math.sqrt(square) : Math.hypot(x, y);
}

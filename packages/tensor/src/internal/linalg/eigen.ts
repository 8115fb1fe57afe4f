/** Eigenvalues and eigenvectors of one general matrix: balance, Schur form, back substitution. */
import { multiply } from '../kernels/gemm.js';
import { type Balance, balance } from './balance.js';
import { type Matrix, scaled, times } from './matrix.js';
import { type Runs, scaleOf, withRuns } from './runs.js';
import { type Eigenvalues, schur, schurSize } from './schur.js';

type Complex = readonly [re: number, im: number];

/** Eigenvalues, and unit eigenvectors as columns `[n, n]`. */
export interface Eigen {
  readonly values: Eigenvalues;
  readonly vectors: Eigenvalues;
}

const EPSILON = Number.EPSILON;
/** Vectors that grow beyond this are scaled down. */
const LARGE = 1e100;

const unscaled = ({ re, im }: Eigenvalues, scale: number): Eigenvalues => ({
  re: re.map(value => value / scale),
  im: im.map(value => value / scale),
});

/** Eigenvalues of a square matrix. */
export function eigenvaluesOf(a: Matrix): Eigenvalues {
  const n = a.rows;
  const scale = scaleOf(a.data);
  return withRuns(schurSize(n), runs => {
    runs.data.set(scaled(a, scale).data);
    const { low, high } = balance(runs.data, n, true);
    return unscaled(schur(runs, { n, low, high, isWhole: false }, 'eigvals'), scale);
  });
}

/**
 * Eigenvalues and eigenvectors of a square matrix. Even sizes make small eigenvalues precise, but parts of vectors that are nothing in the balanced matrix
 * can be large in the source's: vectors that it does not stretch are found again without (James, Langou and Lowery 2014).
 */
export function eigenOf(a: Matrix): Eigen {
  const scale = scaleOf(a.data);
  const matrix = scaled(a, scale);
  const even = eigenBy(matrix, true);
  const { values, vectors } = even.isEven || stretches(matrix, even) ? even : eigenBy(matrix, false);
  return { values: unscaled(values, scale), vectors };
}

function eigenBy(a: Matrix, isScaled: boolean): Eigen & { readonly isEven: boolean } {
  const n = a.rows;
  return withRuns(schurSize(n) + n * n, runs => {
    const { data } = runs;
    data.set(a.data);
    const balanced = balance(data, n, isScaled);
    const { low, high, factors } = balanced;
    const values = schur(runs, { n, low, high, isWhole: true }, 'eig');
    const x = schurSize(n);
    backSubstitute(runs, n, values, x);
    // Vectors of T stand in rows, so those of A are rows of X Qᵀ; T has served.
    multiply({ data, offset: x, row: n, column: 1 }, { data, offset: n * n, row: n, column: 1 }, data, 0, [n, n, n]);
    return { values, vectors: unitColumns(data, n, values.im, balanced), isEven: factors.every(factor => factor === 1) };
  });
}

/** Whether `A v = λ v` but for the rounding that a matrix with elements of size 1 explains. */
function stretches(a: Matrix, { values, vectors: { re, im } }: Eigen): boolean {
  const n = a.rows;
  const product = (data: Float64Array): Float64Array => times(a, { rows: n, columns: n, data }).data;
  const [xRe, xIm] = [product(re), product(im)];
  const bound = 64 * n * EPSILON;
  return re.every((_, i) => {
    const [lRe, lIm] = [values.re[i % n]!, values.im[i % n]!];
    return Math.abs(xRe[i]! - lRe * re[i]! + lIm * im[i]!) <= bound && Math.abs(xIm[i]! - lRe * im[i]! - lIm * re[i]!) <= bound;
  });
}

/** Eigenvectors of T as rows from a place on; of a pair, the first row is the real part of the first one's vector and the second its imaginary part. */
function backSubstitute(runs: Runs, n: number, values: Eigenvalues, x: number): void {
  const { data } = runs;
  for (let k = n - 1; k >= 0; k--) {
    if (values.im[k] === 0) {
      data[x + k * n + k] = 1;
      solveUp(runs, n, values, { re: x + k * n, im: -1, end: k, top: k - 1, value: [values.re[k]!, 0] });
      continue;
    }
    // The vector of a block [a, b; c, a] with a + i w, w² = -b c, is (b, i w) or, with c, (w, -i c).
    const [first, at] = [k - 1, (k - 1) * n + k - 1];
    const [re, im, w] = [x + first * n, x + k * n, values.im[first]!];
    const [upper, lower] = [data[at + 1]!, data[at + n]!];
    const isUpper = Math.abs(upper) >= Math.abs(lower);
    data[re + first] = 1;
    data[im + k] = isUpper ? w / upper : -lower / w;
    solveUp(runs, n, values, { re, im, end: k, top: first - 1, value: [values.re[k]!, w] });
    k = first;
  }
}

/** A vector on its way: where its parts stand, its last element, the row to go on from, its eigenvalue. */
interface Climb {
  readonly re: number;
  /** -1 for a real vector. */
  readonly im: number;
  readonly end: number;
  readonly top: number;
  readonly value: Complex;
}

/** `(T - λ) x = 0` from row `top` upwards. */
function solveUp(runs: Runs, n: number, { im: parts }: Eigenvalues, { re, im, end, top, value }: Climb): void {
  const { data } = runs;
  const rest = (row: number, part: number, from: number): number => (part < 0 ? 0 : -runs.dot(row * n + from, part + from, end - from + 1));
  const right = (row: number, from: number): Complex => [rest(row, re, from), rest(row, im, from)];
  const set = (i: number, [real, imaginary]: Complex): void => {
    data[re + i] = real;
    if (im >= 0) data[im + i] = imaginary;
  };
  for (let i = top; i >= 0; i--) {
    const diagonal: Complex = [data[i * n + i]! - value[0], -value[1]];
    if (parts[i] === 0) set(i, quotient(right(i, i + 1), pivot(diagonal)));
    else {
      const corner = (i - 1) * n + i;
      const [above, below] = solvePair(diagonal, data[corner]!, data[corner + n - 1]!, right(i - 1, i + 1), right(i, i + 1));
      set(i, below);
      set(--i, above);
    }
    shrinkLarge(data, i, end, im < 0 ? [re] : [re, im]);
  }
}

/** The solution of `[a, b; c, a] x = (above, below)`, by elimination from the largest element. */
function solvePair(a: Complex, b: number, c: number, above: Complex, below: Complex): readonly [Complex, Complex] {
  const size = Math.abs(a[0]) + Math.abs(a[1]);
  if (size >= Math.abs(b) && size >= Math.abs(c)) return eliminated(a, [b, 0], [c, 0], a, above, below);
  if (Math.abs(c) > Math.abs(b)) return eliminated([c, 0], a, a, [b, 0], below, above);
  const [second, first] = eliminated([b, 0], a, a, [c, 0], above, below);
  return [first, second];
}

/** The solution of `[p, q; r, s] x = (y, z)`. */
function eliminated(p: Complex, q: Complex, r: Complex, s: Complex, y: Complex, z: Complex): readonly [Complex, Complex] {
  const factor = quotient(r, p);
  const second = quotient(minusProduct(z, factor, y), pivot(minusProduct(s, factor, q)));
  return [quotient(minusProduct(y, q, second), pivot(p)), second];
}

/** A number to divide by: what vanishes beside elements of size 1 is taken as the smallest that counts. */
const pivot = (x: Complex): Complex => (Math.abs(x[0]) + Math.abs(x[1]) < EPSILON ? [EPSILON, 0] : x);

/** `x - y z`. */
const minusProduct = (x: Complex, y: Complex, z: Complex): Complex => [x[0] - y[0] * z[0] + y[1] * z[1], x[1] - y[0] * z[1] - y[1] * z[0]];

/** `x / y`. */
function quotient(x: Complex, y: Complex): Complex {
  if (y[1] === 0) return [x[0] / y[0], x[1] / y[0]];
  const size = Math.max(Math.abs(y[0]), Math.abs(y[1]));
  const [re, im] = [y[0] / size, y[1] / size];
  const square = (re * re + im * im) * size;
  return [(x[0] * re + x[1] * im) / square, (x[1] * re - x[0] * im) / square];
}

/** Scales the part of a vector that is known, once its element at `from` has grown too large. */
function shrinkLarge(data: Float64Array, from: number, end: number, parts: readonly number[]): void {
  if (parts.every(part => Math.abs(data[part + from]!) <= LARGE && Math.abs(data[part + from + 1]!) <= LARGE)) return;
  for (const part of parts) for (let i = from; i <= end; i++) data[part + i]! /= LARGE;
}

/** Vectors of a balanced matrix, in rows, as unit columns of the source's, whose largest element is real. */
function unitColumns(data: Float64Array, n: number, im: Float64Array, { places, factors }: Pick<Balance, 'places' | 'factors'>): Eigenvalues {
  const vectors = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let k = 0; k < n; k++) {
    const isPair = im[k] !== 0;
    const part = (offset: number): Float64Array => Float64Array.from({ length: n }, (_, i) => data[(k + offset) * n + i]! * factors[i]!);
    const [x, y] = [part(0), isPair ? part(1) : new Float64Array(n)];
    normalise(x, y);
    for (let i = 0; i < n; i++) {
      const at = places[i]! * n + k;
      vectors.re[at] = x[i]!;
      vectors.im[at] = y[i]!;
      if (isPair) [vectors.re[at + 1], vectors.im[at + 1]] = [x[i]!, 0 - y[i]!];
    }
    if (isPair) k++;
  }
  return vectors;
}

function normalise(re: Float64Array, im: Float64Array): void {
  let [scale, largest] = [0, 0];
  for (let i = 0; i < re.length; i++) {
    const size = Math.hypot(re[i]!, im[i]!);
    if (size > scale) [scale, largest] = [size, i];
  }
  let sum = 0;
  for (let i = 0; i < re.length; i++) sum += (re[i]! / scale) ** 2 + (im[i]! / scale) ** 2;
  const length = scale * Math.sqrt(sum);
  const [cos, sin] = [re[largest]! / scale / length, im[largest]! / scale / length];
  for (let i = 0; i < re.length; i++) [re[i], im[i]] = [re[i]! * cos + im[i]! * sin, im[i]! * cos - re[i]! * sin];
  im[largest] = 0;
}

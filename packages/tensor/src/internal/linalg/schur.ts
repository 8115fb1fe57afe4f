/** Eigenvalues with eigenvectors of general matrices, by the complex Schur form `A = Q T Qᴴ`: rotations, then back substitution. */
import { NumericError } from '@gtc/errors';
import { type Matrix, times } from './matrix.js';

/** A square complex matrix, row-major. */
interface Complex {
  readonly n: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Eigenvalues, and unit eigenvectors as columns `[n, n]`. */
export interface GeneralEigen {
  readonly values: { readonly re: Float64Array; readonly im: Float64Array };
  readonly vectors: { readonly re: Float64Array; readonly im: Float64Array };
}

const SWEEPS = 60;
const EPSILON = 2 ** -52;
/** Beside elements of size 1 this is nothing, and products of it leave the range. */
const NOTHING = 1e-150;
/** Vectors that grow beyond this are scaled down. */
const LARGE = 1e100;

const zeros = (n: number): Complex => ({ n, re: new Float64Array(n * n), im: new Float64Array(n * n) });

/** A rotation `[c, s; -s̄, c]` with real `c` that turns `(x, y)` into `(r, 0)`. */
interface Rotation {
  readonly c: number;
  readonly re: number;
  readonly im: number;
}

function rotationFor(xRe: number, xIm: number, yRe: number, yIm: number): Rotation {
  const [x, y] = [Math.hypot(xRe, xIm), Math.hypot(yRe, yIm)];
  if (y < NOTHING) return { c: 1, re: 0, im: 0 };
  if (x < NOTHING) return { c: 0, re: yRe / y, im: -yIm / y };
  const r = Math.hypot(x, y);
  // s = (x / |x|) ȳ / r
  const [ux, uy] = [xRe / x, xIm / x];
  return { c: x / r, re: (ux * yRe + uy * yIm) / r, im: (uy * yRe - ux * yIm) / r };
}

/** Rotates rows `i` and `j` from a column on. */
function rotateRows({ n, re, im }: Complex, i: number, j: number, { c, re: sRe, im: sIm }: Rotation, from: number): void {
  for (let k = from; k < n; k++) {
    const [p, q] = [i * n + k, j * n + k];
    const [aRe, aIm, bRe, bIm] = [re[p]!, im[p]!, re[q]!, im[q]!];
    re[p] = c * aRe + sRe * bRe - sIm * bIm;
    im[p] = c * aIm + sRe * bIm + sIm * bRe;
    re[q] = c * bRe - (sRe * aRe + sIm * aIm);
    im[q] = c * bIm - (sRe * aIm - sIm * aRe);
  }
}

/** Rotations of neighbouring columns, one after the other: number `k` turns columns `first + k` and the next, or `first - k` where they go back. */
class Turns {
  first = 0;
  step = 1;
  count = 0;
  readonly #c: Float64Array;
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(most: number) {
    [this.#c, this.#re, this.#im] = [new Float64Array(most), new Float64Array(most), new Float64Array(most)];
  }

  start(first: number, step: number): void {
    [this.first, this.step, this.count] = [first, step, 0];
  }

  push({ c, re, im }: Rotation): void {
    this.#c[this.count] = c;
    this.#re[this.count] = re;
    this.#im[this.count++] = im;
  }

  /** Applies the conjugate transposes to a row, from one of them on: row by row, each stays in the first cache. */
  along({ n, re, im }: Complex, row: number, from: number): void {
    const { count, step } = this;
    const [cs, res, ims] = [this.#c, this.#re, this.#im];
    let p = row * n + this.first + from * step;
    for (let k = from; k < count; k++, p += step) {
      const c = cs[k]!;
      const sRe = res[k]!;
      const sIm = ims[k]!;
      const aRe = re[p]!;
      const aIm = im[p]!;
      const bRe = re[p + 1]!;
      const bIm = im[p + 1]!;
      re[p] = c * aRe + sRe * bRe + sIm * bIm;
      im[p] = c * aIm + sRe * bIm - sIm * bRe;
      re[p + 1] = c * bRe - (sRe * aRe - sIm * aIm);
      im[p + 1] = c * bIm - (sRe * aIm + sIm * aRe);
    }
  }
}

/** Zeros below the first subdiagonal, by rotations that `q` collects. */
function toHessenberg(t: Complex, q: Complex, turns: Turns): void {
  const { n, re, im } = t;
  for (let column = 0; column < n - 2; column++) {
    turns.start(n - 2, -1);
    for (let row = n - 1; row > column + 1; row--) {
      const [above, at] = [(row - 1) * n + column, row * n + column];
      const rotation = rotationFor(re[above]!, im[above]!, re[at]!, im[at]!);
      turns.push(rotation);
      if (rotation.re !== 0 || rotation.im !== 0) rotateRows(t, row - 1, row, rotation, column);
      re[at] = 0;
      im[at] = 0;
    }
    // The columns that turn lie behind the one that has been looked at.
    for (let row = 0; row < n; row++) {
      turns.along(t, row, 0);
      turns.along(q, row, 0);
    }
  }
}

/** The eigenvalue of the last two rows of a block that lies nearer to its last element (Wilkinson's shift). */
function shiftOf({ n, re, im }: Complex, last: number): readonly [re: number, im: number] {
  const [a, b, c, d] = [(last - 1) * n + last - 1, (last - 1) * n + last, last * n + last - 1, last * n + last];
  const [halfRe, halfIm] = [(re[a]! - re[d]!) / 2, (im[a]! - im[d]!) / 2];
  const bcRe = re[b]! * re[c]! - im[b]! * im[c]!;
  const bcIm = re[b]! * im[c]! + im[b]! * re[c]!;
  const [rootRe, rootIm] = squareRoot(halfRe * halfRe - halfIm * halfIm + bcRe, 2 * halfRe * halfIm + bcIm);
  const sign = halfRe * rootRe + halfIm * rootIm < 0 ? -1 : 1;
  const [downRe, downIm] = [halfRe + sign * rootRe, halfIm + sign * rootIm];
  const size = downRe * downRe + downIm * downIm;
  if (size === 0) return [re[d]!, im[d]!];
  return [re[d]! - (bcRe * downRe + bcIm * downIm) / size, im[d]! - (bcIm * downRe - bcRe * downIm) / size];
}

function squareRoot(re: number, im: number): readonly [re: number, im: number] {
  const size = Math.hypot(re, im);
  const root = Math.sqrt((size + Math.abs(re)) / 2);
  if (root === 0) return [0, 0];
  return re >= 0 ? [root, im / (2 * root)] : [Math.abs(im) / (2 * root), im < 0 ? -root : root];
}

/** Makes an upper triangle of a Hessenberg matrix with elements up to 1 by shifted QR steps; the rotations are collected in `q`. */
function toTriangle(t: Complex, q: Complex, turns: Turns): void {
  const { n, re, im } = t;
  const size = (at: number): number => Math.abs(re[at]!) + Math.abs(im[at]!);
  let steps = 0;
  for (let last = n - 1; last > 0; ) {
    let first = last;
    while (first > 0) {
      const neighbours = size((first - 1) * n + first - 1) + size(first * n + first);
      if (size(first * n + first - 1) <= EPSILON * Math.max(neighbours, EPSILON)) break;
      first--;
    }
    if (first > 0) {
      re[first * n + first - 1] = 0;
      im[first * n + first - 1] = 0;
    }
    if (first === last) {
      last--;
      steps = 0;
      continue;
    }
    if (++steps > SWEEPS) throw new NumericError('eig: no convergence', { parameter: 'a' });
    // Now and then a shift out of line, against cycles.
    const [shiftRe, shiftIm] = steps % 10 === 0 ? [size(last * n + last - 1), 0] : shiftOf(t, last);
    qrStep(t, q, turns, first, last, shiftRe, shiftIm);
  }
}

function qrStep(t: Complex, q: Complex, turns: Turns, first: number, last: number, shiftRe: number, shiftIm: number): void {
  const { n, re, im } = t;
  for (let i = 0; i < n; i++) {
    re[i * n + i]! -= shiftRe;
    im[i * n + i]! -= shiftIm;
  }
  turns.start(first, 1);
  for (let i = first; i < last; i++) {
    const rotation = rotationFor(re[i * n + i]!, im[i * n + i]!, re[(i + 1) * n + i]!, im[(i + 1) * n + i]!);
    rotateRows(t, i, i + 1, rotation, i);
    turns.push(rotation);
  }
  // Row i + 1 is the last with elements in column i.
  for (let row = 0; row <= last; row++) turns.along(t, row, Math.max(0, row - 1 - first));
  for (let row = 0; row < n; row++) turns.along(q, row, 0);
  for (let i = 0; i < n; i++) {
    re[i * n + i]! += shiftRe;
    im[i * n + i]! += shiftIm;
  }
}

/** Eigenvectors of an upper triangle with elements up to 1, as columns; a pivot that vanishes is taken as the smallest that counts. */
function triangleVectors(t: Complex): Complex {
  const { n, re, im } = t;
  const x = zeros(n);
  for (let k = 0; k < n; k++) {
    x.re[k * n + k] = 1;
    for (let i = k - 1; i >= 0; i--) {
      let [sumRe, sumIm] = [0, 0];
      for (let j = i + 1; j <= k; j++) {
        const [at, of] = [i * n + j, j * n + k];
        sumRe -= re[at]! * x.re[of]! - im[at]! * x.im[of]!;
        sumIm -= re[at]! * x.im[of]! + im[at]! * x.re[of]!;
      }
      let [dRe, dIm] = [re[i * n + i]! - re[k * n + k]!, im[i * n + i]! - im[k * n + k]!];
      if (Math.abs(dRe) + Math.abs(dIm) < EPSILON) [dRe, dIm] = [EPSILON, 0];
      const size = dRe * dRe + dIm * dIm;
      x.re[i * n + k] = (sumRe * dRe + sumIm * dIm) / size;
      x.im[i * n + k] = (sumIm * dRe - sumRe * dIm) / size;
      if (Math.abs(x.re[i * n + k]!) + Math.abs(x.im[i * n + k]!) > LARGE) shrink(x, k, i);
    }
  }
  return x;
}

/** Divides the part of a column between its end and a row. */
function shrink({ n, re, im }: Complex, column: number, from: number): void {
  for (let i = from; i <= column; i++) {
    re[i * n + column]! /= LARGE;
    im[i * n + column]! /= LARGE;
  }
}

/** `Q X` with columns of length 1 whose largest element is real. */
function turned(q: Complex, x: Complex): Complex {
  const { n } = q;
  const product = (a: Float64Array, b: Float64Array): Float64Array => times({ rows: n, columns: n, data: a }, { rows: n, columns: n, data: b }).data;
  const [second, fourth] = [product(q.im, x.im), product(q.im, x.re)];
  const v = { n, re: product(q.re, x.re).map((value, i) => value - second[i]!), im: product(q.re, x.im).map((value, i) => value + fourth[i]!) };
  for (let k = 0; k < n; k++) normalise(v, k);
  return v;
}

function normalise({ n, re, im }: Complex, column: number): void {
  let [scale, largest] = [0, column];
  for (let at = column; at < n * n; at += n) {
    const size = Math.hypot(re[at]!, im[at]!);
    if (size > scale) [scale, largest] = [size, at];
  }
  let sum = 0;
  for (let at = column; at < n * n; at += n) sum += (re[at]! / scale) ** 2 + (im[at]! / scale) ** 2;
  const length = scale * Math.sqrt(sum);
  const [uRe, uIm] = [re[largest]! / scale / length, -im[largest]! / scale / length];
  for (let at = column; at < n * n; at += n) [re[at], im[at]] = [re[at]! * uRe - im[at]! * uIm, re[at]! * uIm + im[at]! * uRe];
  im[largest] = 0;
}

/** Eigenvalues and eigenvectors of a square matrix. */
export function generalEigen({ rows: n, data }: Matrix): GeneralEigen {
  const [t, q] = [zeros(n), zeros(n)];
  // Elements of size 1, so that neither squares nor products leave the range.
  const scale = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  for (const [i, value] of data.entries()) t.re[i] = Math.abs(value / scale) < NOTHING ? 0 : value / scale;
  for (let i = 0; i < n; i++) q.re[i * n + i] = 1;
  const turns = new Turns(n);
  toHessenberg(t, q, turns);
  toTriangle(t, q, turns);
  const diagonal = (part: Float64Array): Float64Array => Float64Array.from({ length: n }, (_, i) => part[i * n + i]! * scale);
  const { re, im } = turned(q, triangleVectors(t));
  return { values: { re: diagonal(t.re), im: diagonal(t.im) }, vectors: { re, im } };
}

/**
 * The real Schur form `A = Q T Qᵀ`: Householder's reduction to Hessenberg form, then double QR steps with implicit shifts (Francis 1961). T stands at
 * the start of a buffer, Qᵀ behind it, two rows to spare behind that.
 */
import { NumericError } from '@gtc/errors';
import type { Runs } from './runs.js';

const MAX_STEPS = 60;
const EPSILON = Number.EPSILON;

/** Rows of a matrix that is triangular before `low` and from behind `high`; without vectors nothing beyond the block is kept. */
export interface Block {
  readonly n: number;
  readonly low: number;
  readonly high: number;
  readonly isWhole: boolean;
}

/** Parts of eigenvalues. A pair stands side by side, the one with the positive imaginary part first. */
export interface Eigenvalues {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Size of the buffer that a Schur form of `n` rows is found in. */
export const schurSize = (n: number): number => 2 * n * n + 2 * n;

/**
 * Makes T of the matrix at the start of a buffer, and Qᵀ behind it where that is wanted. T is triangular but for blocks of two rows with equal diagonal
 * elements, one for each pair of complex eigenvalues.
 */
export function schur(runs: Runs, block: Block, operation: string): Eigenvalues {
  const { n, low, high, isWhole } = block;
  const { data } = runs;
  if (isWhole) for (let i = 0; i < n; i++) data[n * n + i * n + i] = 1;
  toHessenberg(runs, block);
  const values = { re: Float64Array.from({ length: n }, (_, i) => data[i * n + i]!), im: new Float64Array(n) };
  const chase = new Chase(runs, block);
  let steps = 0;
  for (let last = high; last >= low; ) {
    const first = startOfBlock(data, n, low, last);
    if (first < last - 1) {
      if (steps++ === MAX_STEPS) throw new NumericError(`${operation}: no convergence in ${MAX_STEPS} steps`, { parameter: 'a' });
      chase.step(first, last, steps % 10 === 0);
      continue;
    }
    if (first < last) split(runs, block, last, values);
    else values.re[last] = data[last * n + last]!;
    last = first - 1;
    steps = 0;
  }
  return values;
}

/** Zeros below the first subdiagonal, by reflections. */
function toHessenberg(runs: Runs, { n, low, high, isWhole }: Block): void {
  const { data } = runs;
  const [v, image] = [2 * n * n, 2 * n * n + n];
  for (let m = low + 1; m < high; m++) {
    let [size, tail] = [0, 0];
    for (let i = m; i <= high; i++) {
      const element = Math.abs(data[i * n + m - 1]!);
      size = Math.max(size, element);
      if (i > m) tail = Math.max(tail, element);
    }
    if (tail === 0) continue;
    const length = high - m + 1;
    for (let i = m; i <= high; i++) {
      data[v + i] = data[i * n + m - 1]! / size;
      data[i * n + m - 1] = 0;
    }
    const head = data[v + m]!;
    const norm = Math.sqrt(runs.dot(v + m, v + m, length));
    data[v + m] = head + (head < 0 ? -norm : norm);
    data[m * n + m - 1] = (head < 0 ? norm : -norm) * size;
    const factor = -1 / (norm * (norm + Math.abs(head)));
    const turnRows = (start: number, from: number, to: number): void => {
      data.fill(0, image + from, image + to);
      for (let i = m; i <= high; i++) runs.add(image + from, data[v + i]!, start + i * n + from, to - from);
      for (let i = m; i <= high; i++) runs.add(start + i * n + from, factor * data[v + i]!, image + from, to - from);
    };
    turnRows(0, m, isWhole ? n : high + 1);
    for (let row = (isWhole ? 0 : low) * n + m; row <= high * n + m; row += n) runs.add(row, factor * runs.dot(row, v + m, length), v + m, length);
    if (isWhole) turnRows(n * n, low, high + 1);
  }
}

/** First row of the block at the end that does not fall apart. */
function startOfBlock(data: Float64Array, n: number, low: number, last: number): number {
  let first = last;
  for (; first > low; first--) {
    const size = Math.abs(data[(first - 1) * n + first - 1]!) + Math.abs(data[first * n + first]!);
    if (Math.abs(data[first * n + first - 1]!) <= EPSILON * (size === 0 ? EPSILON : size)) {
      data[first * n + first - 1] = 0;
      break;
    }
  }
  return first;
}

/** Steps of the iteration. Each chases a bulge down by reflections of three rows and columns. */
class Chase {
  readonly #runs: Runs;
  readonly #block: Block;
  /** Reflections `I - t v vᵀ` with `v = (1, q, r)`, each beside its row. */
  readonly #t: Float64Array;
  readonly #q: Float64Array;
  readonly #r: Float64Array;

  constructor(runs: Runs, block: Block) {
    this.#runs = runs;
    this.#block = block;
    [this.#t, this.#q, this.#r] = [new Float64Array(block.n), new Float64Array(block.n), new Float64Array(block.n)];
  }

  /** One double step on rows `first` to `last`, with shifts from the last two rows or, against cycles, out of line. */
  step(first: number, last: number, isExceptional: boolean): void {
    const { n, isWhole } = this.#block;
    const { data } = this.#runs;
    const start = this.#begin(first, last, isExceptional);
    for (let k = start; k < last; k++) {
      const column = k * n + k - 1;
      const isLast = k === last - 1;
      if (k > start) {
        data[column] = this.#reflect(k, data[column]!, data[column + n]!, isLast ? 0 : data[column + 2 * n]!);
        data[column + n] = 0;
        if (!isLast) data[column + 2 * n] = 0;
      } else if (start > first) data[column]! *= 1 - this.#t[k]!;
      this.#turnRows(k * n + k, (isWhole ? n : last + 1) - k, k, last);
      if (isWhole) this.#turnRows((n + k) * n, n, k, last);
      for (let i = k + 1; i <= Math.min(k + 3, last); i++) this.#turnColumns(i * n, k, k + 1, last);
    }
    // Nothing looks at what rows above the bulge have become: each is turned by all reflections at once.
    for (let i = isWhole ? 0 : first; i < last; i++) this.#turnColumns(i * n, Math.max(start, i), last, last);
  }

  /** Finds the row to begin in, the last from which two small elements beside the diagonal hide those before, and its reflection. */
  #begin(first: number, last: number, isExceptional: boolean): number {
    const { n } = this.#block;
    const at = (i: number, j: number): number => this.#runs.data[i * n + j]!;
    let [x, y, product] = [at(last, last), at(last - 1, last - 1), at(last, last - 1) * at(last - 1, last)];
    if (isExceptional) {
      const size = Math.abs(at(last, last - 1)) + Math.abs(at(last - 1, last - 2));
      x = y = x + 0.75 * size;
      product = -0.4375 * size * size;
    }
    for (let start = last - 2; ; start--) {
      const z = at(start, start);
      const p = ((x - z) * (y - z) - product) / at(start + 1, start) + at(start, start + 1);
      const q = at(start + 1, start + 1) - z - (x - z) - (y - z);
      const r = at(start + 2, start + 1);
      const isHidden = (): boolean =>
        Math.abs(at(start, start - 1)) * (Math.abs(q) + Math.abs(r)) <=
        EPSILON * Math.abs(p) * (Math.abs(at(start - 1, start - 1)) + Math.abs(z) + Math.abs(at(start + 1, start + 1)));
      if (start === first || isHidden()) {
        this.#reflect(start, p, q, r);
        return start;
      }
    }
  }

  /** Sets the reflection that turns three elements into one, which is returned. */
  #reflect(k: number, p: number, q: number, r: number): number {
    const size = Math.max(Math.abs(p), Math.abs(q), Math.abs(r));
    if (Math.max(Math.abs(q), Math.abs(r)) === 0) {
      [this.#t[k], this.#q[k], this.#r[k]] = [0, 0, 0];
      return p;
    }
    const [x, y, z] = [p / size, q / size, r / size];
    const length = Math.sqrt(x * x + y * y + z * z) * (x < 0 ? -1 : 1);
    [this.#t[k], this.#q[k], this.#r[k]] = [(x + length) / length, y / (x + length), z / (x + length)];
    return -length * size;
  }

  /** Turns as much of three rows as a length says, or of the last two. */
  #turnRows(at: number, length: number, k: number, last: number): void {
    const { n } = this.#block;
    const [t, q, r] = [this.#t[k]!, this.#q[k]!, this.#r[k]!];
    if (k < last - 1) {
      this.#runs.reflect(at, n, length, t, q, r);
      return;
    }
    const { data } = this.#runs;
    for (let i = at; i < at + length; i++) {
      const sum = t * (data[i]! + q * data[i + n]!);
      data[i]! -= sum;
      data[i + n]! -= q * sum;
    }
  }

  /** Turns one row by the reflections from one on and before another; the last of all is one of two columns. */
  #turnColumns(row: number, from: number, to: number, last: number): void {
    const { data } = this.#runs;
    const [ts, qs, rs] = [this.#t, this.#q, this.#r];
    let [a, b] = [data[row + from]!, data[row + from + 1]!];
    const end = Math.min(to, last - 1);
    for (let k = from; k < end; k++) {
      const q = qs[k]!;
      const r = rs[k]!;
      const c = data[row + k + 2]!;
      const sum = ts[k]! * (a + q * b + r * c);
      data[row + k] = a - sum;
      a = b - q * sum;
      b = c - r * sum;
    }
    if (end < to) {
      const sum = ts[end]! * (a + qs[end]! * b);
      a -= sum;
      b -= qs[end]! * sum;
    }
    data[row + end] = a;
    data[row + end + 1] = b;
  }
}

/** A rotation `[cos, -sin; sin, cos]` of two rows and columns, and what the block has become. */
interface Split {
  readonly cos: number;
  readonly sin: number;
  readonly block: readonly [number, number, number, number];
}

/** The rotation that makes a block triangular, or its diagonal elements equal where its eigenvalues are complex. */
function splitOf(a: number, b: number, c: number, d: number): Split {
  const half = (a - d) / 2;
  const square = half * half + b * c;
  if (square < 0) {
    const angle = half === 0 ? 0 : Math.atan((-2 * half) / (b + c)) / 2;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [upper, lower] = [b * cos * cos - c * sin * sin - 2 * half * cos * sin, c * cos * cos - b * sin * sin - 2 * half * cos * sin];
    if (upper * lower < 0) return { cos, sin, block: [d + half, upper, lower, d + half] };
  }
  // The larger of both roots goes first; the vector of the one in front is (root, c).
  const root = half + (half < 0 ? -1 : 1) * Math.sqrt(Math.max(0, square));
  const length = Math.hypot(root, c);
  return { cos: root / length, sin: c / length, block: [d + root, b - c, 0, root === 0 ? d : d - (b / root) * c] };
}

/** Ends a block of two rows. */
function split(runs: Runs, { n, isWhole }: Block, last: number, { re, im }: Eigenvalues): void {
  const { data } = runs;
  const i = last - 1;
  const [above, below] = [i * n + i, last * n + i];
  const { cos, sin, block } = splitOf(data[above]!, data[above + 1]!, data[below]!, data[below + 1]!);
  const [first, upper, lower, second] = block;
  [data[above], data[above + 1], data[below], data[below + 1], re[i], re[last]] = [...block, first, second];
  im[i] = Math.sqrt(Math.abs(upper)) * Math.sqrt(Math.abs(lower));
  im[last] = 0 - im[i]!;
  if (!isWhole) return;
  runs.rotate(above + 2, below + 2, n - last - 1, cos, -sin);
  const turn = (at: number): void => {
    const [x, y] = [data[at]!, data[at + 1]!];
    data[at] = cos * x + sin * y;
    data[at + 1] = cos * y - sin * x;
  };
  for (let row = 0; row < i; row++) turn(row * n + i);
  runs.rotate((n + i) * n, (n + last) * n, n, cos, -sin);
}

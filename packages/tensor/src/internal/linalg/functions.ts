/** Functions of matrices: powers, exponential, logarithm, square root, and special systems. */
import { integer, NumericError, ShapeError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import { get } from '../indexing/select.js';
import { matmul } from '../products/matmul.js';
import { cat } from '../shape/join.js';
import { expand, matrixTranspose } from '../shape/views.js';
import { svd } from './decompose.js';
import { luOf, solveOne } from './factor.js';
import { copyMatrix, finiteOnly, identity, type Matrix, stackOf, times, unstack, zeroMatrix } from './matrix.js';
import { inv } from './solve.js';

/**
 * A whole power; negative ones are powers of the inverse.
 *
 * @throws {ValidationError} for a fraction
 * @throws {NumericError} for a negative power of a singular matrix
 * @remarks Python: `torch.linalg.matrix_power(a, n)`.
 * @example matrixPower(tensor([[1, 1], [0, 1]]), 3).tolist() // => [[1, 3], [0, 1]]
 */
export function matrixPower(a: Tensor, n: number): Tensor {
  const { rows, dtype } = stackOf(a, 'matrixPower', { square: true });
  integer(n, 'n');
  let result = expand(wrap(identity(rows).data, [rows, rows], 'float64').astype(dtype), a.shape);
  let factor = n < 0 ? inv(a) : a;
  let started = false;
  for (let exponent = Math.abs(n); exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) {
      result = started ? matmul(result, factor) : factor;
      started = true;
    }
    if (exponent > 1) factor = matmul(factor, factor);
  }
  return result;
}

/** `alpha a + beta b`. */
function blend(a: Matrix, alpha: number, b: Matrix, beta: number): Matrix {
  return { rows: a.rows, columns: a.columns, data: a.data.map((value, i) => alpha * value + beta * b.data[i]!) };
}

/** The largest sum of magnitudes of a column. */
function oneNorm({ rows, columns, data }: Matrix): number {
  let largest = 0;
  for (let j = 0; j < columns; j++) {
    let total = 0;
    for (let i = 0; i < rows; i++) total += Math.abs(data[i * columns + j]!);
    largest = Math.max(largest, total);
  }
  return largest;
}

/** Numerators of the Padé approximation of degree 13 (Higham 2005). */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600, 670442572800, 33522128640, 1323241920, 40840800,
  960960, 16380, 182, 1,
] as const;
/** Up to this norm the approximation has all digits. */
const PADE_REACH = 5.371920351148152;

/** The exponential by scaling, Padé's approximation and squaring. */
function exponential(a: Matrix): Matrix {
  const squarings = Math.max(0, Math.ceil(Math.log2(oneNorm(a) / PADE_REACH)));
  const scaled = blend(a, 2 ** -squarings, a, 0);
  const eye = identity(a.rows);
  const a2 = times(scaled, scaled);
  const powers = [eye, a2];
  for (let k = 2; k <= 6; k++) powers.push(times(powers[k - 1]!, a2));
  const sum = (first: number): Matrix => powers.reduce((total, power, k) => blend(total, 1, power, PADE[2 * k + first]!), zeroMatrix(a.rows, a.rows));
  const [even, odd] = [sum(0), times(scaled, sum(1))];
  let result = solveOne(blend(even, 1, odd, -1), blend(even, 1, odd, 1), 'matrixExp');
  for (let k = 0; k < squarings; k++) result = times(result, result);
  return result;
}

/**
 * `Σ Aⁿ / n!`.
 *
 * @throws {ValidationError} for NaN or infinite elements
 * @remarks Python: `torch.linalg.matrix_exp(a)`.
 * @example matrixExp(tensor([[0, 1], [0, 0]])).tolist() // => [[1, 1], [0, 1]]
 */
export function matrixExp(a: Tensor): Tensor {
  const stack = stackOf(a, 'matrixExp', { square: true });
  finiteOnly(stack, 'matrixExp');
  const { matrices, batch, rows, dtype } = stack;
  const y = unstack(matrices.map(exponential), batch, rows, rows, dtype);
  const rule = (g: Tensor): Tensor[] => {
    // The derivative stands in the upper right corner of the exponential of [[Aᵀ, g], [0, Aᵀ]].
    const at = matrixTranspose(a);
    const zero = g.mul(0);
    const block = cat([cat([at, g], { axis: -1 }), cat([zero, at], { axis: -1 })], { axis: -2 });
    return [get(matrixExp(block), '...', `:${rows}`, `${rows}:`)];
  };
  return record('matrixExp', y, [a], rule, [a]);
}

/** The principal square root by the product form of Denman and Beavers' iteration. */
function squareRoot(a: Matrix, operation: string): Matrix {
  const eye = identity(a.rows);
  let [m, x] = [copyMatrix(a), copyMatrix(a)];
  for (let step = 0; step < 100 && !luOf(m).singular; step++) {
    const inverse = solveOne(m, eye, operation);
    x = blend(x, 0.5, times(x, inverse), 0.5);
    m = blend(blend(eye, 0.5, m, 0.25), 1, inverse, 0.25);
    const rest = oneNorm(blend(m, 1, eye, -1));
    if (!Number.isFinite(rest)) break;
    if (rest <= 1e-15 * a.rows) return x;
  }
  throw new NumericError(`${operation}: no convergence; eigenvalues on the negative real axis have no principal root`, { parameter: 'a' });
}

/**
 * The principal square root.
 *
 * @throws {NumericError} where there is none
 * @remarks Python: `scipy.linalg.sqrtm(a)`; without gradient.
 * @example matrixSqrt(tensor([[4, 0], [0, 9]])).tolist() // => [[2, 0], [0, 3]]
 */
export function matrixSqrt(a: Tensor): Tensor {
  const stack = stackOf(a, 'matrixSqrt', { square: true });
  finiteOnly(stack, 'matrixSqrt');
  return unstack(
    stack.matrices.map(matrix => squareRoot(matrix, 'matrixSqrt')),
    stack.batch,
    stack.rows,
    stack.rows,
    stack.dtype,
  );
}

/** Nodes and weights of Gauss and Legendre's rule on [0, 1], by Newton's steps on the polynomial. */
function gaussLegendre(n: number): readonly (readonly [node: number, weight: number])[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (n * (x * value - before)) / (x * x - 1);
      const next = x - value / slope;
      if (Math.abs(next - x) < 1e-16) break;
      x = next;
    }
    return [(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)] as const;
  });
}

/** The principal logarithm: roots until the matrix is near the identity, then an integral of its resolvent. */
function logarithm(a: Matrix): Matrix {
  const eye = identity(a.rows);
  let [root, roots] = [a, 0];
  for (; oneNorm(blend(root, 1, eye, -1)) > 0.25; roots++) root = squareRoot(root, 'matrixLog');
  const x = blend(root, 1, eye, -1);
  const integral = gaussLegendre(16).reduce(
    (total, [node, weight]) => blend(total, 1, solveOne(blend(eye, 1, x, node), x, 'matrixLog'), weight),
    zeroMatrix(a.rows, a.rows),
  );
  return blend(integral, 2 ** roots, integral, 0);
}

/**
 * The principal logarithm.
 *
 * @throws {NumericError} where there is none
 * @remarks Python: `scipy.linalg.logm(a)`; without gradient.
 * @example matrixLog(tensor([[1, 0], [0, 1]])).tolist() // => [[0, 0], [0, 0]]
 */
export function matrixLog(a: Tensor): Tensor {
  const stack = stackOf(a, 'matrixLog', { square: true });
  finiteOnly(stack, 'matrixLog');
  return unstack(stack.matrices.map(logarithm), stack.batch, stack.rows, stack.rows, stack.dtype);
}

/**
 * The solution of `T x = b` where `T` has `c` as first column and `r` as first row, by Levinson's recursion.
 *
 * @param c first column; alone it makes `T` symmetric
 * @param b right-hand side
 * @throws {NumericError} when a leading part of `T` is singular
 * @remarks Python: `scipy.linalg.solve_toeplitz((c, r), b)`.
 * @example solveToeplitz(tensor([2, 1]), tensor([3, 3])).tolist() // => [1, 1]
 */
export function solveToeplitz(c: Tensor, b: Tensor, { r = c }: { readonly r?: Tensor } = {}): Tensor {
  const [column, row, side] = [numbersOf(c), numbersOf(r), numbersOf(b)];
  const n = column.length;
  if (row.length !== n || side.length !== n)
    throw new ShapeError(`solveToeplitz: ${showShape(c.shape)} and ${showShape(b.shape)} differ in length`, { parameter: 'b', received: b.shape });
  const at = (k: number): number => (k >= 0 ? column[k]! : row[-k]!);
  const check = (value: number): number => {
    if (value === 0) throw new NumericError('solveToeplitz: a leading part of the matrix is singular', { parameter: 'c' });
    return value;
  };
  // Solutions of T f = e₁ and T g = eₙ for growing leading parts.
  let [f, g, x] = [[1 / check(at(0))], [1 / at(0)], [side[0]! / at(0)]];
  for (let k = 1; k < n; k++) {
    const dot = (of: (i: number) => number, vector: readonly number[]): number => vector.reduce((sum, value, i) => sum + of(i) * value, 0);
    const [ef, eg] = [dot(i => at(k - i), f), dot(i => at(-1 - i), g)];
    const scale = 1 / check(1 - ef * eg);
    const [longF, longG] = [
      [...f, 0],
      [0, ...g],
    ];
    const nextF = longF.map((value, i) => scale * (value - ef * longG[i]!));
    g = longG.map((value, i) => scale * (value - eg * longF[i]!));
    f = nextF;
    const error = side[k]! - dot(i => at(k - i), x);
    x = [...x, 0].map((value, i) => value + error * g[i]!);
  }
  return wrap(Float64Array.from(x), [n], 'float64').astype(b.dtype);
}

/**
 * The orthogonal matrix `R` with the least `|A R - B|`.
 *
 * @param a `[m, n]`
 * @param b `[m, n]`
 * @remarks Python: `scipy.linalg.orthogonal_procrustes(a, b)[0]`.
 * @example orthogonalProcrustes(tensor([[1, 0], [0, 1]]), tensor([[1, 0], [0, 1]])).tolist() // => [[1, 0], [0, 1]]
 */
export function orthogonalProcrustes(a: Tensor, b: Tensor): Tensor {
  if (showShape(a.shape) !== showShape(b.shape))
    throw new ShapeError(`orthogonalProcrustes: ${showShape(a.shape)} and ${showShape(b.shape)} differ`, { parameter: 'b', received: b.shape });
  const { u, vh } = svd(matmul(matrixTranspose(b), a));
  return matrixTranspose(matmul(u, vh));
}

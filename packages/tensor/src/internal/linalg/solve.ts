/** Systems of equations, determinants and the factorisations behind them. */
import { oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { broadcastShapes, showShape } from '../core/shape.js';
import { add, mul, neg, sub } from '../elementwise/arithmetic.js';
import { matmul } from '../products/matmul.js';
import { diagEmbed, tril, triu } from '../shape/rearrange.js';
import { contiguous, diagonal, expand, matrixTranspose, reshape, unsqueeze } from '../shape/views.js';
import { choleskyOf, luOf, qrOf, solveOne, substitute } from './factor.js';
import { copyMatrix, identity, type Matrix, stackOf, unstack } from './matrix.js';

/** Right-hand sides as matrices: a vector becomes a column, stacks broadcast. */
function sides(operation: string, a: Tensor, b: Tensor): { readonly a: Tensor; readonly b: Tensor; readonly vector: boolean } {
  const vector = b.ndim === 1;
  const column = vector ? unsqueeze(b, -1) : b;
  if (a.dtype !== b.dtype)
    throw new ValidationError(`${operation}: operands must be of one dtype, got ${a.dtype} and ${b.dtype}`, { parameter: 'b', received: b.dtype });
  if (column.ndim < 2 || a.shape.at(-2) !== column.shape.at(-2))
    throw new ShapeError(`${operation}: right-hand sides ${showShape(b.shape)} do not fit ${showShape(a.shape)}`, { parameter: 'b', received: b.shape });
  const batch = broadcastShapes([a.shape.slice(0, -2), column.shape.slice(0, -2)], operation);
  return { a: expand(a, [...batch, ...a.shape.slice(-2)]), b: expand(column, [...batch, ...column.shape.slice(-2)]), vector };
}

/** Solves each system of two stacks. */
function solveStacks(a: Tensor, b: Tensor, operation: string, of: (a: Matrix, b: Matrix) => Matrix): Tensor {
  const [left, right] = [stackOf(a, operation, { square: true }), stackOf(b, operation)];
  return unstack(
    left.matrices.map((matrix, i) => of(matrix, right.matrices[i]!)),
    right.batch,
    right.rows,
    right.columns,
    a.dtype,
  );
}

/**
 * The solution of `A x = b`, by LU with partial pivoting.
 *
 * @param a `[..., n, n]`
 * @param b `[n]` or `[..., n, k]`
 * @throws {NumericError} for a singular matrix
 * @remarks Python: `torch.linalg.solve(a, b)`.
 * @example solve(tensor([[2, 0], [0, 4]]), tensor([2, 4])).tolist() // => [1, 1]
 */
export function solve(a: Tensor, b: Tensor): Tensor {
  stackOf(a, 'solve', { square: true });
  const { a: left, b: right, vector } = sides('solve', a, b);
  const x = solveFull(left, right);
  return vector ? reshape(x, x.shape.slice(0, -1)) : x;
}

function solveFull(a: Tensor, b: Tensor): Tensor {
  const x = solveStacks(a, b, 'solve', (matrix, side) => solveOne(matrix, side, 'solve'));
  const rule = (g: Tensor): Tensor[] => {
    const back = solveFull(matrixTranspose(a), g);
    return [neg(matmul(back, matrixTranspose(x))), back];
  };
  return record('solve', x, [a, b], rule, [a, x]);
}

/**
 * The inverse.
 *
 * @throws {NumericError} for a singular matrix
 * @remarks Python: `torch.linalg.inv(a)`.
 * @example inv(tensor([[2, 0], [0, 4]])).tolist() // => [[0.5, 0], [0, 0.25]]
 */
export function inv(a: Tensor): Tensor {
  const { matrices, batch, rows, dtype } = stackOf(a, 'inv', { square: true });
  const y = unstack(
    matrices.map(matrix => solveOne(matrix, identity(rows), 'inv')),
    batch,
    rows,
    rows,
    dtype,
  );
  return record('inv', y, [a], g => [neg(matmul(matmul(matrixTranspose(y), g), matrixTranspose(y)))], [y]);
}

/** Determinant of one matrix as a product, and as sign and logarithm. */
function determinant(matrix: Matrix): { readonly value: number; readonly sign: number; readonly log: number } {
  const { packed, sign } = luOf(matrix);
  let [value, signs, log] = [sign, sign, 0];
  for (let i = 0; i < matrix.rows; i++) {
    const pivot = packed.data[i * matrix.rows + i]!;
    value *= pivot;
    signs *= Math.sign(pivot);
    log += Math.log(Math.abs(pivot));
  }
  return { value, sign: signs, log };
}

/**
 * The determinant.
 *
 * @remarks Python: `torch.linalg.det(a)`; no gradient at singular matrices.
 * @example det(tensor([[1, 2], [3, 4]])).item() // => -2
 */
export function det(a: Tensor): Tensor {
  const { matrices, batch, dtype } = stackOf(a, 'det', { square: true });
  const y = wrap(
    Float64Array.from(matrices, matrix => determinant(matrix).value),
    batch,
    'float64',
  ).astype(dtype);
  return record('det', y, [a], g => [mul(reshape(mul(g, y), [...batch, 1, 1]), matrixTranspose(inv(a)))], [a, y]);
}

/**
 * Sign and logarithm of the magnitude of the determinant, without overflow.
 *
 * @remarks Python: `torch.linalg.slogdet(a)`.
 * @example slogdet(tensor([[0, 1], [1, 0]])).sign.item() // => -1
 */
export function slogdet(a: Tensor): { sign: Tensor; logabsdet: Tensor } {
  const { matrices, batch, dtype } = stackOf(a, 'slogdet', { square: true });
  const found = matrices.map(determinant);
  const vector = (values: Float64Array): Tensor => wrap(values, batch, 'float64').astype(dtype);
  const log = vector(Float64Array.from(found, each => each.log));
  const logabsdet = record('slogdet', log, [a], g => [mul(reshape(g, [...batch, 1, 1]), matrixTranspose(inv(a)))], [a]);
  return { sign: vector(Float64Array.from(found, each => each.sign)), logabsdet };
}

/**
 * The triangle `L` with `A = L Lᵀ`, or its transpose; reads the lower triangle of `A` only.
 *
 * @throws {NumericError} for a matrix that is not positive definite
 * @remarks Python: `torch.linalg.cholesky(a, upper=False)`.
 * @example cholesky(tensor([[4, 0], [0, 9]])).tolist() // => [[2, 0], [0, 3]]
 */
export function cholesky(a: Tensor, { upper = false }: { readonly upper?: boolean } = {}): Tensor {
  const { matrices, batch, rows, dtype } = stackOf(a, 'cholesky', { square: true });
  const l = unstack(matrices.map(choleskyOf), batch, rows, rows, dtype);
  const rule = (g: Tensor): Tensor[] => {
    const inner = tril(matmul(matrixTranspose(l), g));
    const phi = sub(inner, mul(diagEmbed(contiguous(diagonal(inner, { axis1: -2, axis2: -1 }))), 0.5));
    const turned = solveTriangular(matrixTranspose(l), phi, { upper: true });
    const both = matrixTranspose(solveTriangular(matrixTranspose(l), matrixTranspose(turned), { upper: true }));
    return [mul(add(both, matrixTranspose(both)), 0.5)];
  };
  const y = record('cholesky', l, [a], rule, [l]);
  return upper ? matrixTranspose(y) : y;
}

/** Which triangle of a matrix is read, and whether its diagonal counts as ones. */
export interface TriangularOptions {
  readonly upper?: boolean;
  readonly unitTriangular?: boolean;
}

/**
 * The solution of `T x = b` for a triangular matrix; the other triangle is not read.
 *
 * @remarks Python: `torch.linalg.solve_triangular(a, b, upper=upper, unitriangular=unitTriangular)`.
 * @example solveTriangular(tensor([[2, 9], [1, 1]]), tensor([[2], [3]])).tolist() // => [[1], [2]]
 */
export function solveTriangular(a: Tensor, b: Tensor, { upper = false, unitTriangular = false }: TriangularOptions = {}): Tensor {
  const { a: left, b: right, vector } = sides('solveTriangular', a, b);
  const x = triangularFull(left, right, upper, unitTriangular);
  return vector ? reshape(x, x.shape.slice(0, -1)) : x;
}

function triangularFull(a: Tensor, b: Tensor, upper: boolean, unit: boolean): Tensor {
  const x = solveStacks(a, b, 'solveTriangular', (matrix, side) => {
    const solution = copyMatrix(side);
    substitute(matrix, solution, { upper, unit });
    return solution;
  });
  const rule = (g: Tensor): Tensor[] => {
    const back = triangularFull(matrixTranspose(a), g, !upper, unit);
    const full = neg(matmul(back, matrixTranspose(x)));
    const k = unit ? 1 : 0;
    return [upper ? triu(full, { k }) : tril(full, { k: -k }), back];
  };
  return record('solveTriangular', x, [a, b], rule, [a, x]);
}

/**
 * The solution of `L Lᵀ x = b`.
 *
 * @param l the lower triangle of {@link cholesky}
 * @remarks Python: `torch.cholesky_solve(b, l)`.
 * @example choleskySolve(tensor([[4]]), tensor([[2]])).tolist() // => [[1]]
 */
export function choleskySolve(b: Tensor, l: Tensor): Tensor {
  const x = solveTriangular(matrixTranspose(l.detach()), solveTriangular(l.detach(), b.detach()), { upper: true });
  const rule = (g: Tensor): Tensor[] => {
    const back = choleskySolve(g, l);
    const pair = matmul(back, matrixTranspose(x));
    return [back, neg(matmul(add(pair, matrixTranspose(pair)), l))];
  };
  return record('choleskySolve', x, [b, l], rule, [l, x]);
}

/**
 * `A = P L U` with partial pivoting.
 *
 * @remarks Python: `torch.linalg.lu(a)`.
 * @example lu(tensor([[2, 1], [4, 4]])).u.tolist() // => [[4, 4], [0, -1]]
 */
export function lu(a: Tensor): { p: Tensor; l: Tensor; u: Tensor } {
  const { matrices, batch, rows, columns, dtype } = stackOf(a, 'lu');
  const width = Math.min(rows, columns);
  const parts = matrices.map(matrix => {
    const { packed, order } = luOf(matrix);
    const [p, l, u] = [new Float64Array(rows * rows), new Float64Array(rows * width), new Float64Array(width * columns)];
    for (const [i, row] of order.entries()) p[row * rows + i] = 1;
    for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) l[i * width + j] = i === j ? 1 : i > j ? packed.data[i * columns + j]! : 0;
    for (let i = 0; i < width; i++) for (let j = i; j < columns; j++) u[i * columns + j] = packed.data[i * columns + j]!;
    return [p, l, u] as const;
  });
  const tensorOf = (k: 0 | 1 | 2, height: number, wide: number): Tensor =>
    unstack(
      parts.map(part => ({ rows: height, columns: wide, data: part[k] })),
      batch,
      height,
      wide,
      dtype,
    );
  return { p: tensorOf(0, rows, rows), l: tensorOf(1, rows, width), u: tensorOf(2, width, columns) };
}

/**
 * `A = Q R` with orthonormal columns and an upper triangle, by Householder reflections with LAPACK's signs.
 *
 * @param options `mode` 'reduced' (`Q` as wide as needed) or 'complete' (`Q` square)
 * @remarks Python: `torch.linalg.qr(a, mode='reduced')`; gradients for 'reduced' with at least as many rows as columns.
 * @example qr(tensor([[2, 0], [0, 3]])).r.tolist() // => [[2, 0], [0, 3]]
 */
export function qr(a: Tensor, { mode = 'reduced' }: { readonly mode?: 'reduced' | 'complete' } = {}): { q: Tensor; r: Tensor } {
  const complete = oneOf(mode, 'mode', ['reduced', 'complete']) === 'complete';
  const { matrices, batch, rows, columns, dtype } = stackOf(a, 'qr');
  const width = complete ? rows : Math.min(rows, columns);
  const parts = matrices.map(matrix => qrOf(matrix, complete));
  const q = unstack(
    parts.map(part => part.q),
    batch,
    rows,
    width,
    dtype,
  );
  const r = unstack(
    parts.map(part => part.r),
    batch,
    width,
    columns,
    dtype,
  );
  if (complete || rows < columns) return { q, r };
  // (gQ + Q copyltu(R gRᵀ - gQᵀ Q)) R⁻ᵀ, the part of each result apart.
  const back = (m: Tensor, gQ: Tensor | null): Tensor => {
    const lower = tril(m, { k: -1 });
    const symmetric = add(add(lower, matrixTranspose(lower)), diagEmbed(contiguous(diagonal(m, { axis1: -2, axis2: -1 }))));
    const inside = matmul(q, symmetric);
    return matrixTranspose(solveTriangular(r, matrixTranspose(gQ === null ? inside : add(gQ, inside)), { upper: true }));
  };
  return {
    q: record('qr', q, [a], g => [back(neg(matmul(matrixTranspose(g), q)), g)], [q, r]),
    r: record('qr', r, [a], g => [back(matmul(r, matrixTranspose(g)), null)], [q, r]),
  };
}

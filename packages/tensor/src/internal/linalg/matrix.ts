/** Small dense matrices in double precision: how the linear algebra of stacks of matrices is carried out. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { type DType, isFloating } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape, sizeOf } from '../core/shape.js';
import { multiply } from '../kernels/gemm.js';

/** A row-major matrix. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** A matrix of zeros. */
export function zeroMatrix(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float64Array(rows * columns) };
}

/** The identity. */
export function identity(n: number): Matrix {
  const eye = zeroMatrix(n, n);
  for (let i = 0; i < n; i++) eye.data[i * n + i] = 1;
  return eye;
}

/** A copy. */
export function copyMatrix({ rows, columns, data }: Matrix): Matrix {
  return { rows, columns, data: data.slice() };
}

/** Every element times a number. */
export const scaled = ({ rows, columns, data }: Matrix, factor: number): Matrix => ({ rows, columns, data: data.map(value => value * factor) });

/** Rows and columns exchanged. */
export function transposed({ rows, columns, data }: Matrix): Matrix {
  const result = zeroMatrix(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result.data[j * rows + i] = data[i * columns + j]!;
  return result;
}

/** `a b`. */
export function times(a: Matrix, b: Matrix): Matrix {
  const result = zeroMatrix(a.rows, b.columns);
  const whole = ({ data, columns }: Matrix) => ({ data, offset: 0, row: columns, column: 1 });
  multiply(whole(a), whole(b), result.data, 0, [a.rows, a.columns, b.columns]);
  return result;
}

/** A stack of matrices. */
export interface Stack {
  readonly batch: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly dtype: DType;
  readonly matrices: readonly Matrix[];
}

/**
 * A tensor as a stack of matrices.
 *
 * @throws {ValidationError} for integers
 * @throws {ShapeError} for fewer than 2 axes, or matrices that are not square where they have to be
 */
export function stackOf(x: Tensor, operation: string, { square = false }: { readonly square?: boolean } = {}): Stack {
  if (!isFloating(x.dtype)) throw new ValidationError(`${operation}: dtype must be floating, got ${x.dtype}`, { parameter: 'dtype', received: x.dtype });
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  if (x.ndim < 2 || (square && rows !== columns))
    throw new ShapeError(`${operation}: needs ${square ? 'square matrices' : 'matrices'}, got shape ${showShape(x.shape)}`, {
      parameter: 'a',
      received: x.shape,
    });
  const batch = x.shape.slice(0, -2);
  const all = Float64Array.from(numbersOf(x));
  const matrices = Array.from({ length: sizeOf(batch) }, (_, i) => ({ rows, columns, data: all.slice(i * rows * columns, (i + 1) * rows * columns) }));
  return { batch, rows, columns, dtype: x.dtype, matrices };
}

/** Matrices of one size as a tensor. */
export function unstack(matrices: readonly Matrix[], batch: readonly number[], rows: number, columns: number, dtype: DType): Tensor {
  const data = new Float64Array(matrices.length * rows * columns);
  for (const [i, matrix] of matrices.entries()) data.set(matrix.data, i * rows * columns);
  return wrap(data, [...batch, rows, columns], 'float64').astype(dtype);
}

/** Vectors of one length as a tensor. */
export function unstackVectors(vectors: readonly Float64Array[], batch: readonly number[], length: number, dtype: DType): Tensor {
  const data = new Float64Array(vectors.length * length);
  for (const [i, vector] of vectors.entries()) data.set(vector, i * length);
  return wrap(data, [...batch, length], 'float64').astype(dtype);
}

/** Refuses matrices with NaN or infinity, which the iterations would never leave. */
export function finiteOnly(stack: Stack, operation: string): void {
  for (const { data } of stack.matrices)
    if (!data.every(Number.isFinite)) throw new ValidationError(`${operation}: elements must be finite`, { parameter: 'a', received: Number.NaN });
}

/** Eigenvalues, singular values and what follows from them: norms, rank, condition, least squares. */
import { ShapeError, ValidationError } from '@gtc/errors';
import { finfo } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { showShape } from '../core/shape.js';
import { abs, add, div, mul, neg, sub } from '../elementwise/arithmetic.js';
import { eq, ge, where } from '../elementwise/comparison.js';
import { get } from '../indexing/select.js';
import { matmul } from '../products/matmul.js';
import { amax, amin } from '../reductions/extremes.js';
import { sum, vectorNorm } from '../reductions/sums.js';
import { diagEmbed } from '../shape/rearrange.js';
import { contiguous, matrixTranspose, reshape, unsqueeze } from '../shape/views.js';
import { eigenOf, eigenvaluesOf } from './eigen.js';
import { finiteOnly, stackOf, transposed, unstack, unstackVectors } from './matrix.js';
import { completed, svdOf } from './svd.js';
import { symmetricEigen } from './symmetric.js';

/** Eigenvalues in ascending order `[..., n]` and vectors as columns `[..., n, n]`. */
export interface Eigh {
  readonly values: Tensor;
  readonly vectors: Tensor;
}

/** `1 / (b - a)` of every pair of a vector, 0 on the diagonal. */
function gaps(values: Tensor): Tensor {
  const difference = sub(unsqueeze(values, -2), unsqueeze(values, -1));
  const same = eq(difference, 0);
  return where(same, tensor(0, { dtype: values.dtype }), div(1, where(same, tensor(1, { dtype: values.dtype }), difference)));
}

/**
 * Eigenvalues and vectors of symmetric matrices; reads the lower triangle only.
 *
 * @throws {ShapeError} unless matrices are square
 * @remarks Python: `torch.linalg.eigh(a)`; vectors are fixed up to their signs.
 * @example eigh(tensor([[2, 0], [0, 1]])).values.tolist() // => [1, 2]
 */
export function eigh(a: Tensor): Eigh {
  const stack = stackOf(a, 'eigh', { square: true });
  finiteOnly(stack, 'eigh');
  const { matrices, batch, rows, dtype } = stack;
  const found = matrices.map(symmetricEigen);
  const w = unstackVectors(
    found.map(each => each.values),
    batch,
    rows,
    dtype,
  );
  const v = unstack(
    found.map(each => transposed(each.vectors)),
    batch,
    rows,
    rows,
    dtype,
  );
  const back = (inner: Tensor): Tensor => matmul(matmul(vectors, inner), matrixTranspose(vectors));
  const symmetric = (m: Tensor): Tensor => mul(add(m, matrixTranspose(m)), 0.5);
  const vectors: Tensor = record('eigh', v, [a], g => [symmetric(back(mul(gaps(values), matmul(matrixTranspose(vectors), g))))], [v, w]);
  const values: Tensor = record('eigh', w, [a], g => [back(diagEmbed(g))], [v]);
  return { values, vectors };
}

/**
 * Eigenvalues of symmetric matrices in ascending order.
 *
 * @remarks Python: `torch.linalg.eigvalsh(a)`.
 * @example eigvalsh(tensor([[2, 0], [0, 1]])).tolist() // => [1, 2]
 */
export function eigvalsh(a: Tensor): Tensor {
  return eigh(a).values;
}

/**
 * Eigenvalues of general matrices as real and imaginary parts; conjugates stand beside each other, the order is free otherwise.
 *
 * @remarks Python: `torch.linalg.eigvals(a)`; without gradient.
 * @example eigvals(tensor([[0, -1], [1, 0]])).im.tolist() // => [1, -1]
 */
export function eigvals(a: Tensor): { re: Tensor; im: Tensor } {
  const stack = stackOf(a, 'eigvals', { square: true });
  finiteOnly(stack, 'eigvals');
  const found = stack.matrices.map(eigenvaluesOf);
  const vector = (part: 're' | 'im'): Tensor =>
    unstackVectors(
      found.map(each => each[part]),
      stack.batch,
      stack.rows,
      stack.dtype,
    );
  return { re: vector('re'), im: vector('im') };
}

/** Complex numbers as two tensors of one shape. */
export interface ComplexPair {
  readonly re: Tensor;
  readonly im: Tensor;
}

/**
 * Eigenvalues and eigenvectors of general matrices: `A v = λ v`. Vectors are columns of length 1 whose largest element is real; the order is free.
 *
 * @param a `[..., n, n]`
 * @returns `values` `[..., n]` and `vectors` `[..., n, n]` as real and imaginary parts
 * @throws {ValidationError} for NaN or infinite elements
 * @throws {NumericError} when the iteration does not converge
 * @remarks Python: `torch.linalg.eig(a)`; without gradient.
 * @example eig(tensor([[2, 0], [0, 3]])).values.re.tolist() // => [2, 3]
 */
export function eig(a: Tensor): { readonly values: ComplexPair; readonly vectors: ComplexPair } {
  const stack = stackOf(a, 'eig', { square: true });
  finiteOnly(stack, 'eig');
  const { batch, rows, dtype } = stack;
  const found = stack.matrices.map(eigenOf);
  const values = (part: 're' | 'im'): Tensor =>
    unstackVectors(
      found.map(each => each.values[part]),
      batch,
      rows,
      dtype,
    );
  const vectors = (part: 're' | 'im'): Tensor =>
    reshape(
      unstackVectors(
        found.map(each => each.vectors[part]),
        batch,
        rows * rows,
        dtype,
      ),
      [...batch, rows, rows],
    );
  return { values: { re: values('re'), im: values('im') }, vectors: { re: vectors('re'), im: vectors('im') } };
}

/** `A = U diag(s) Vᵀ` with descending `s`. */
export interface SvdResult {
  readonly u: Tensor;
  readonly s: Tensor;
  readonly vh: Tensor;
}

/**
 * The singular value decomposition.
 *
 * @param options `fullMatrices` makes `u` and `vh` square
 * @throws {ValidationError} for NaN or infinite elements
 * @remarks Python: `torch.linalg.svd(a, full_matrices)`, whose default is true; vectors are fixed up to common signs. Gradients for `fullMatrices: false`.
 * @example svd(tensor([[3, 0], [0, 4]])).s.tolist() // => [4, 3]
 */
export function svd(a: Tensor, { fullMatrices = false }: { readonly fullMatrices?: boolean } = {}): SvdResult {
  const stack = stackOf(a, 'svd');
  finiteOnly(stack, 'svd');
  const { matrices, batch, rows, columns, dtype } = stack;
  const found = matrices.map(svdOf);
  const k = Math.min(rows, columns);
  const s = unstackVectors(
    found.map(each => each.s),
    batch,
    k,
    dtype,
  );
  if (fullMatrices) {
    const [u, v] = [
      unstack(
        found.map(each => completed(each.u)),
        batch,
        rows,
        rows,
        dtype,
      ),
      unstack(
        found.map(each => completed(each.v)),
        batch,
        columns,
        columns,
        dtype,
      ),
    ];
    return { u, s, vh: contiguous(matrixTranspose(v)) };
  }
  const u = unstack(
    found.map(each => each.u),
    batch,
    rows,
    k,
    dtype,
  );
  const vh = contiguous(
    matrixTranspose(
      unstack(
        found.map(each => each.v),
        batch,
        columns,
        k,
        dtype,
      ),
    ),
  );
  return withGradients(a, { u, s, vh });
}

/** The results of a decomposition, each with its share of the gradient (Ionescu et al. 2015). */
function withGradients(a: Tensor, raw: SvdResult): SvdResult {
  const result = {} as { u: Tensor; s: Tensor; vh: Tensor };
  const v = (): Tensor => matrixTranspose(result.vh);
  const [row, column] = [(t: Tensor): Tensor => unsqueeze(t, -2), (t: Tensor): Tensor => unsqueeze(t, -1)];
  // 1 / (sⱼ² - sᵢ²)
  const pairs = (): Tensor => gaps(mul(result.s, result.s));
  const skew = (m: Tensor): Tensor => sub(m, matrixTranspose(m));
  const inner = (middle: Tensor): Tensor => matmul(matmul(result.u, middle), result.vh);
  const outside = (g: Tensor, q: Tensor): Tensor => sub(g, matmul(q, matmul(matrixTranspose(q), g)));
  result.s = record('svd', raw.s, [a], g => [inner(diagEmbed(g))], [raw.u, raw.vh]);
  result.u = record(
    'svd',
    raw.u,
    [a],
    g => {
      const within = inner(mul(mul(skew(matmul(matrixTranspose(result.u), g)), pairs()), row(result.s)));
      return [add(within, matmul(div(outside(g, result.u), row(result.s)), result.vh))];
    },
    [raw.u, raw.s, raw.vh],
  );
  result.vh = record(
    'svd',
    raw.vh,
    [a],
    g => {
      const gv = matrixTranspose(g);
      const within = inner(mul(column(result.s), mul(skew(matmul(result.vh, gv)), pairs())));
      return [add(within, matmul(div(result.u, row(result.s)), matrixTranspose(outside(gv, v()))))];
    },
    [raw.u, raw.s, raw.vh],
  );
  return result;
}

/**
 * Singular values in descending order.
 *
 * @remarks Python: `torch.linalg.svdvals(a)`.
 * @example svdvals(tensor([[3, 0], [0, 4]])).tolist() // => [4, 3]
 */
export function svdvals(a: Tensor): Tensor {
  return svd(a).s;
}

/** Below which share of the largest a singular value counts as zero. */
const cutoff = (a: Tensor, rtol: number | undefined): number => rtol ?? finfo(a.dtype).eps * Math.max(...a.shape.slice(-2));

/**
 * The pseudo-inverse of Moore and Penrose.
 *
 * @param options `rtol` share of the largest singular value below which others count as zero
 * @remarks Python: `torch.linalg.pinv(a, rtol=rtol)`.
 * @example pinv(tensor([[2, 0], [0, 0]])).tolist() // => [[0.5, 0], [0, 0]]
 */
export function pinv(a: Tensor, { rtol }: { readonly rtol?: number } = {}): Tensor {
  const { u, s, vh } = svd(a.detach());
  const kept = ge(s, mul(amax(s, { axis: -1, keepdims: true }), cutoff(a, rtol)));
  const inverse = where(kept, div(1, where(kept, s, tensor(1, { dtype: s.dtype }))), tensor(0, { dtype: s.dtype }));
  const p = contiguous(matmul(mul(matrixTranspose(vh), unsqueeze(inverse, -2)), matrixTranspose(u)));
  const rule = (g: Tensor): Tensor[] => {
    const [gt, pt] = [matrixTranspose(g), matrixTranspose(p)];
    const first = neg(matmul(matmul(pt, g), pt));
    const second = matmul(sub(gt, matmul(matmul(a, p), gt)), matmul(p, pt));
    const third = matmul(matmul(pt, p), sub(gt, matmul(matmul(gt, p), a)));
    return [add(add(first, second), third)];
  };
  return record('pinv', p, [a], rule, [a, p]);
}

/** What {@link lstsq} finds. */
export interface Lstsq {
  readonly solution: Tensor;
  /** Sums of squares of what is left, where the rank is full and there are more rows than columns; else empty. */
  readonly residuals: Tensor;
  readonly rank: Tensor;
  readonly singularValues: Tensor;
}

/**
 * The shortest `x` with the least `|A x - b|`.
 *
 * @param a `[..., m, n]`
 * @param b `[m]` or `[..., m, k]`
 * @throws {ShapeError} when the rows differ
 * @remarks Python: `torch.linalg.lstsq(a, b, rcond=rtol, driver='gelsd')`.
 * @example lstsq(tensor([[1], [1]]), tensor([1, 3])).solution.round().tolist() // => [2]
 */
export function lstsq(a: Tensor, b: Tensor, { rtol }: { readonly rtol?: number } = {}): Lstsq {
  const vector = b.ndim === 1;
  const side = vector ? unsqueeze(b, -1) : b;
  if (a.shape.at(-2) !== side.shape.at(-2))
    throw new ShapeError(`lstsq: right-hand sides ${showShape(b.shape)} do not fit ${showShape(a.shape)}`, { parameter: 'b', received: b.shape });
  const solution = matmul(pinv(a, rtol === undefined ? {} : { rtol }), side);
  const rank = matrixRank(a, rtol === undefined ? {} : { rtol });
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const full = rows > columns && Array.from(rank.data, Number).every(each => each === columns);
  const left = sub(matmul(a, solution), side);
  const residuals = full ? sum(mul(left, left), { axis: -2 }) : wrap(new Float64Array(0), [0], 'float64').astype(a.dtype);
  return {
    solution: vector ? reshape(solution, solution.shape.slice(0, -1)) : solution,
    residuals,
    rank,
    singularValues: svdvals(a.detach()),
  };
}

/**
 * The number of singular values that count.
 *
 * @param options `rtol` share of the largest singular value below which others count as zero
 * @remarks Python: `torch.linalg.matrix_rank(a, rtol=rtol)`.
 * @example matrixRank(tensor([[1, 2], [2, 4]])).item() // => 1
 */
export function matrixRank(a: Tensor, { rtol }: { readonly rtol?: number } = {}): Tensor {
  const s = svdvals(a.detach());
  return sum(s.gt(mul(amax(s, { axis: -1, keepdims: true }), cutoff(a, rtol))), { axis: -1 });
}

/**
 * The largest over the smallest singular value.
 *
 * @remarks Python: `torch.linalg.cond(a)`.
 * @example cond(tensor([[4, 0], [0, 2]])).item() // => 2
 */
export function cond(a: Tensor): Tensor {
  const s = svdvals(a);
  return div(get(s, '...', 0), get(s, '...', -1));
}

/** Which norm of a matrix. */
export type MatrixNormOrder = 'fro' | 'nuc' | 1 | -1 | 2 | -2 | number;

/**
 * A norm of matrices: 'fro' the root of the sum of squares, 'nuc' the sum of singular values, 2 and -2 the largest and smallest of them, 1 and -1
 * the largest and smallest sum of a column, infinities those of a row.
 *
 * @throws {ValidationError} for another order
 * @remarks Python: `torch.linalg.matrix_norm(a, ord='fro')`.
 * @example matrixNorm(tensor([[3, 0], [0, 4]])).item() // => 5
 */
export function matrixNorm(a: Tensor, { ord = 'fro' }: { readonly ord?: MatrixNormOrder } = {}): Tensor {
  const known = ['fro', 'nuc', 1, -1, 2, -2, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  if (!known.includes(ord)) throw new ValidationError(`matrixNorm: ord must be one of ${known.join(', ')}, got ${ord}`, { parameter: 'ord', received: ord });
  if (ord === 'fro') return vectorNorm(a, { axis: [-2, -1] });
  if (ord === 'nuc') return sum(svdvals(a), { axis: -1 });
  const largest = (ord as number) > 0 ? amax : amin;
  if (Math.abs(ord as number) === 2) return largest(svdvals(a), { axis: -1 });
  return largest(sum(abs(a), { axis: Math.abs(ord as number) === 1 ? -2 : -1 }), { axis: -1 });
}

/** Products of matrices and vectors. */
import { integer, ShapeError, ValidationError } from '@gtc/errors';
import { type DType, isHalf } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { record } from '../autograd/graph.js';
import { numbersOf, operandOf } from '../core/elements.js';
import { axisOf, broadcastShapes, broadcastStrides, showShape, sizeOf } from '../core/shape.js';
import { fromNumbers, scratchDirty } from '../core/storage.js';
import { walk } from '../core/walk.js';
import { add, maximum, mul, sub } from '../elementwise/arithmetic.js';
import { get } from '../indexing/select.js';
import { type Matrix, multiply } from '../kernels/gemm.js';
import { sum, vectorNorm } from '../reductions/sums.js';
import { stack } from '../shape/join.js';
import { broadcastTensors, matrixTranspose, permute, reshape, swapaxes, unsqueeze } from '../shape/views.js';

/** The leading axes that two stacks take together. */
function batchOf(operation: string, a: Tensor, b: Tensor): readonly number[] {
  try {
    return broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  } catch (cause) {
    throw new ShapeError(`${operation}: the stacks ${showShape(a.shape)} x ${showShape(b.shape)} do not broadcast together`, {
      parameter: 'b',
      received: b.shape,
      cause,
    });
  }
}

/** The last two axes of a tensor as a matrix, and where the matrices of its stack lie. */
function matrices(x: Tensor, batch: readonly number[]): { readonly matrix: Matrix; readonly starts: readonly number[] } {
  const { data, strides, offset } = operandOf(x);
  const [row, column] = strides.slice(-2) as [number, number];
  const outer = broadcastStrides(x.shape.slice(0, -2), strides.slice(0, -2), batch);
  const starts: number[] = [];
  walk(batch, [{ strides: outer, offset }], ([from], [step], length) => {
    for (let i = 0; i < length; i++) starts.push(from! + i * step!);
  });
  return { matrix: { data, offset, row, column }, starts };
}

/** Products of stacks of matrices `[..., m, k] [..., k, n]` whose leading axes broadcast. */
function stacked(a: Tensor, b: Tensor, operation: string, bias: Tensor | null = null): Tensor {
  // A stack that meets one matrix is one tall matrix.
  if (a.ndim > 2 && b.ndim === 2) {
    const tall = stacked(reshape(a, [sizeOf(a.shape.slice(0, -1)), a.shape.at(-1)!]), b, operation, bias);
    return reshape(tall, [...a.shape.slice(0, -1), b.shape[1]!]);
  }
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape.at(-1)!;
  const batch = batchOf(operation, a, b);
  const out = scratchDirty(a.dtype, sizeOf(batch) * m * n);
  const [left, right] = [matrices(a, batch), matrices(b, batch)];
  const added = bias === null ? null : numbersOf(bias);
  for (const [i, start] of left.starts.entries())
    multiply({ ...left.matrix, offset: start }, { ...right.matrix, offset: right.starts[i]! }, out, i * m * n, [m, k, n], added);
  const y = wrap(fromNumbers(out, a.dtype), [...batch, m, n], a.dtype);
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] => [
    needs[0] ? laidOutAs(a, g, matrixTranspose(b), operation) : null,
    needs[1] ? laidOutAs(b, matrixTranspose(a), g, operation) : null,
    needs[2] ? sum(g, { axis: 0 }) : null,
  ];
  return record(operation, y, bias === null ? [a, b] : [a, b, bias], rule, [b.requiresGrad && a, a.requiresGrad && b]);
}

/** A product whose columns lie side by side where those of `like` do, so that the gradient of a transposed weight needs no turning. */
function laidOutAs(like: Tensor, a: Tensor, b: Tensor, operation: string): Tensor {
  if (like.strides.at(-2) !== 1 || like.strides.at(-1)! <= 1) return stacked(a, b, operation);
  return matrixTranspose(stacked(matrixTranspose(b), matrixTranspose(a), operation));
}

/** Refuses operands of two types. */
function sameTypes(operation: string, ...operands: readonly Tensor[]): DType {
  const [first, ...rest] = operands as readonly [Tensor, ...Tensor[]];
  const odd = rest.find(({ dtype }) => dtype !== first.dtype);
  if (odd !== undefined)
    throw new ValidationError(`${operation}: operands must be of one dtype, got ${first.dtype} and ${odd.dtype}`, { parameter: 'dtype', received: odd.dtype });
  return first.dtype;
}

/**
 * The matrix product; vectors count as a row on the left and a column on the right, leading axes are stacks that broadcast.
 *
 * @param a `[..., m, k]`, or `[k]`
 * @param b `[..., k, n]`, or `[k]`
 * @throws {ShapeError} naming both shapes when the inner sizes differ
 * @throws {ValidationError} for operands of two types
 * @remarks Python: `torch.matmul(a, b)`, `numpy.matmul`.
 * @example matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist() // => [3, 7]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return product('matmul', a, b);
}

function product(operation: string, a: Tensor, b: Tensor, bias: Tensor | null = null): Tensor {
  if (a.ndim === 0 || b.ndim === 0)
    throw new ShapeError(`${operation}: operands need at least one axis, got ${showShape(a.shape)} x ${showShape(b.shape)}`, {
      parameter: 'b',
      received: b.shape,
    });
  sameTypes(operation, a, b);
  if (a.shape.at(-1) !== b.shape[Math.max(0, b.ndim - 2)])
    throw new ShapeError(`${operation}: inner sizes differ, ${showShape(a.shape)} x ${showShape(b.shape)}`, { parameter: 'b', received: b.shape });
  const [left, right] = [a.ndim === 1 ? unsqueeze(a, 0) : a, b.ndim === 1 ? unsqueeze(b, -1) : b];
  const full = stacked(left, right, operation, bias);
  const shape = [...full.shape];
  if (b.ndim === 1) shape.splice(-1, 1);
  if (a.ndim === 1) shape.splice(b.ndim === 1 ? -1 : -2, 1);
  return shape.length === full.ndim ? full : reshape(full, shape);
}

/** Refuses a tensor with another number of axes. */
function axesAre(operation: string, ndim: number, ...operands: readonly Tensor[]): void {
  for (const { shape } of operands)
    if (shape.length !== ndim)
      throw new ShapeError(`${operation}: operands need ${ndim} axes, got ${operands.map(each => showShape(each.shape)).join(' x ')}`, {
        parameter: 'x',
        received: shape,
      });
}

/**
 * Products of two stacks of matrices of one length.
 *
 * @throws {ShapeError} unless both have 3 axes and fit
 * @remarks Python: `torch.bmm(a, b)`.
 * @example bmm(ones([2, 1, 3]), ones([2, 3, 1])).tolist() // => [[[3]], [[3]]]
 */
export function bmm(a: Tensor, b: Tensor): Tensor {
  axesAre('bmm', 3, a, b);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`bmm: stacks differ in length, ${showShape(a.shape)} x ${showShape(b.shape)}`, { parameter: 'b', received: b.shape });
  return product('bmm', a, b);
}

/** Factors of a sum of a tensor and a product. */
export interface AddmmOptions {
  /** Of the tensor; with 0 it is not read. Default: 1. */
  readonly beta?: number;
  /** Of the product. Default: 1. */
  readonly alpha?: number;
}

function addProduct(operation: string, x: Tensor, a: Tensor, b: Tensor, { beta = 1, alpha = 1 }: AddmmOptions): Tensor {
  sameTypes(operation, x, a, b);
  const scaled = (each: Tensor, factor: number): Tensor => (factor === 1 ? each : mul(each, factor));
  const main = scaled(product(operation, a, b), alpha);
  if (showShape(broadcastShapes([x.shape, main.shape], operation)) !== showShape(main.shape))
    throw new ShapeError(`${operation}: ${showShape(x.shape)} does not broadcast to the product ${showShape(main.shape)}`, {
      parameter: 'x',
      received: x.shape,
    });
  return beta === 0 ? main : add(scaled(x, beta), main);
}

/**
 * `beta · x + alpha · a b` for matrices.
 *
 * @remarks Python: `torch.addmm(x, a, b, beta=1, alpha=1)`.
 * @example addmm(tensor([1]), tensor([[2]]), tensor([[3]])).tolist() // => [[7]]
 */
export function addmm(x: Tensor, a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
  axesAre('addmm', 2, a, b);
  return addProduct('addmm', x, a, b, options);
}

/**
 * `beta · x + alpha · a b` for stacks of matrices.
 *
 * @remarks Python: `torch.baddbmm(x, a, b, beta=1, alpha=1)`.
 * @example baddbmm(zeros([1, 1, 1]), tensor([[[2]]]), tensor([[[3]]])).tolist() // => [[[6]]]
 */
export function baddbmm(x: Tensor, a: Tensor, b: Tensor, options: AddmmOptions = {}): Tensor {
  axesAre('baddbmm', 3, a, b);
  return addProduct('baddbmm', x, a, b, options);
}

/**
 * `x Wᵀ + bias` along the last axis.
 *
 * @param x `[..., in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @returns `[..., out]`
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `torch.nn.functional.linear(x, weight, bias)`.
 * @example linear(tensor([1, 2]), tensor([[3, 4]]), tensor([5])).tolist() // => [16]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const [outer, inner] = [x.shape.slice(0, -1), x.shape.at(-1)];
  if (inner === undefined || inner !== weight.shape.at(-1) || weight.ndim > 2)
    throw new ShapeError(`linear: input ${showShape(x.shape)} does not fit the weight ${showShape(weight.shape)}`, {
      parameter: 'weight',
      received: weight.shape,
    });
  // A bias of one element for each column is added while the product is written.
  const added = bias && weight.ndim === 2 && bias.ndim === 1 && bias.size === weight.shape[0] && bias.dtype === x.dtype && !isHalf(x.dtype) ? bias : null;
  const flat = product('linear', reshape(x, [sizeOf(outer), inner]), weight.ndim === 1 ? weight : swapaxes(weight, 0, 1), added);
  const y = reshape(flat, weight.ndim === 1 ? outer : [...outer, weight.shape[0]!]);
  return bias && added === null ? add(y, bias) : y;
}

/**
 * The inner product of two vectors.
 *
 * @remarks Python: `torch.dot(a, b)`.
 * @example dot(tensor([1, 2]), tensor([3, 4])).item() // => 11
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  axesAre('dot', 1, a, b);
  return product('dot', a, b);
}

/**
 * Inner products along an axis.
 *
 * @remarks Python: `torch.linalg.vecdot(a, b, dim=axis)`.
 * @example vecdot(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist() // => [3, 7]
 */
export function vecdot(a: Tensor, b: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  return sum(mul(a, b), { axis });
}

/**
 * Sums of products over the last axes of both.
 *
 * @remarks Python: `torch.inner(a, b)`.
 * @example inner(tensor([[1, 2], [3, 4]]), tensor([1, 1])).tolist() // => [3, 7]
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  return a.ndim === 0 || b.ndim === 0 ? mul(a, b) : tensordot(a, b, [[-1], [-1]]);
}

/**
 * Every product of an element of each vector.
 *
 * @remarks Python: `torch.outer(a, b)`.
 * @example outer(tensor([1, 2]), tensor([3, 4])).tolist() // => [[3, 4], [6, 8]]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  return mul(reshape(a, [-1, 1]), reshape(b, [1, -1]));
}

/**
 * The Kronecker product.
 *
 * @remarks Python: `torch.kron(a, b)`.
 * @example kron(tensor([1, 2]), tensor([1, 10])).tolist() // => [1, 10, 2, 20]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  const ndim = Math.max(a.ndim, b.ndim);
  const full = (x: Tensor): number[] => [...new Array<number>(ndim - x.ndim).fill(1), ...x.shape];
  const [p, q] = [full(a), full(b)];
  const spread = mul(
    reshape(
      a,
      p.flatMap(length => [length, 1]),
    ),
    reshape(
      b,
      q.flatMap(length => [1, length]),
    ),
  );
  return reshape(
    spread,
    p.map((length, axis) => length * q[axis]!),
  );
}

/**
 * The cross product of vectors of three along an axis.
 *
 * @throws {ShapeError} unless the axis has length 3 in both
 * @remarks Python: `torch.linalg.cross(a, b, dim=axis)`.
 * @example cross(tensor([1, 0, 0]), tensor([0, 1, 0])).tolist() // => [0, 0, 1]
 */
export function cross(a: Tensor, b: Tensor, { axis = -1 }: { readonly axis?: number } = {}): Tensor {
  const [p, q] = broadcastTensors([a, b]) as [Tensor, Tensor];
  const at = axisOf(axis, p.ndim, 'cross');
  if (a.shape.at(axis) !== 3 || b.shape.at(axis) !== 3)
    throw new ShapeError(`cross: axis ${axis} must have length 3, got ${showShape(a.shape)} and ${showShape(b.shape)}`, { parameter: 'axis', received: axis });
  const part = (x: Tensor, i: number): Tensor => get(x, ...new Array<string>(at).fill(':'), i);
  const component = (i: number, j: number): Tensor => sub(mul(part(p, i), part(q, j)), mul(part(p, j), part(q, i)));
  return stack([component(1, 2), component(2, 0), component(0, 1)], { axis: at });
}

/**
 * Sums of products over axes of both.
 *
 * @param axes how many last axes of `a` meet the first of `b`, or two lists of axes
 * @remarks Python: `torch.tensordot(a, b, axes)`.
 * @example tensordot(tensor([1, 2]), tensor([3, 4]), 1).item() // => 11
 */
export function tensordot(a: Tensor, b: Tensor, axes: number | readonly [readonly number[], readonly number[]]): Tensor {
  const lists =
    typeof axes === 'number' ? [Array.from({ length: integer(axes, 'axes') }, (_, i) => a.ndim - axes + i), Array.from({ length: axes }, (_, i) => i)] : axes;
  const [left, right] = [lists[0]!.map(axis => axisOf(axis, a.ndim, 'tensordot')), lists[1]!.map(axis => axisOf(axis, b.ndim, 'tensordot'))];
  const sizes = left.map(axis => a.shape[axis]!);
  if (left.length !== right.length || sizes.some((length, i) => length !== b.shape[right[i]!]))
    throw new ShapeError(`tensordot: axes ${showShape(left)} of ${showShape(a.shape)} do not fit axes ${showShape(right)} of ${showShape(b.shape)}`, {
      parameter: 'axes',
    });
  const rest = (x: Tensor, taken: readonly number[]): number[] => Array.from({ length: x.ndim }, (_, axis) => axis).filter(axis => !taken.includes(axis));
  const [rows, columns] = [rest(a, left), rest(b, right)];
  const k = sizeOf(sizes);
  const [p, q] = [
    reshape(permute(a, [...rows, ...left]), [sizeOf(rows.map(axis => a.shape[axis]!)), k]),
    reshape(permute(b, [...right, ...columns]), [k, sizeOf(columns.map(axis => b.shape[axis]!))]),
  ];
  return reshape(product('tensordot', p, q), [...rows.map(axis => a.shape[axis]!), ...columns.map(axis => b.shape[axis]!)]);
}

/**
 * The product of several matrices in the order that costs least.
 *
 * @remarks Python: `torch.linalg.multi_dot(matrices)`.
 * @example multiDot([tensor([[1, 2]]), tensor([[1], [1]]), tensor([[5]])]).tolist() // => [[15]]
 */
export function multiDot(matrices: readonly Tensor[]): Tensor {
  const n = matrices.length;
  if (n < 2) throw new ValidationError(`multiDot: needs at least 2 matrices, got ${n}`, { parameter: 'matrices', received: n });
  const wide = matrices.map((x, i) => (x.ndim === 1 ? (i === 0 ? unsqueeze(x, 0) : unsqueeze(x, 1)) : x));
  const sizes = [...wide.map(x => x.shape[0]!), wide.at(-1)!.shape[1]!];
  const cost = Array.from({ length: n }, () => new Float64Array(n));
  const cut = Array.from({ length: n }, () => new Int32Array(n));
  for (let span = 1; span < n; span++)
    for (let i = 0; i + span < n; i++) {
      const j = i + span;
      cost[i]![j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const each = cost[i]![k]! + cost[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!;
        if (each < cost[i]![j]!) [cost[i]![j], cut[i]![j]] = [each, k];
      }
    }
  const chain = (i: number, j: number): Tensor => (i === j ? wide[i]! : product('multiDot', chain(i, cut[i]![j]!), chain(cut[i]![j]! + 1, j)));
  const result = chain(0, n - 1);
  const shape = result.shape.filter((_, axis) => !(axis === 0 && matrices[0]!.ndim === 1) && !(axis === 1 && matrices.at(-1)!.ndim === 1));
  return reshape(result, shape);
}

/**
 * `x yᵀ` through a weight: `out[..., o] = Σ x[..., i] W[o, i, j] y[..., j] + bias[o]`.
 *
 * @param weight `[out, in1, in2]`
 * @remarks Python: `torch.nn.functional.bilinear(x, y, weight, bias)`.
 * @example bilinear(tensor([[1, 2]]), tensor([[3]]), tensor([[[1], [1]]])).tolist() // => [[9]]
 */
export function bilinear(x: Tensor, y: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  const [out, inX, inY] = weight.shape as [number, number, number];
  if (x.shape.at(-1) !== inX || y.shape.at(-1) !== inY)
    throw new ShapeError(`bilinear: inputs ${showShape(x.shape)} and ${showShape(y.shape)} do not fit the weight ${showShape(weight.shape)}`, {
      parameter: 'weight',
    });
  const pairs = reshape(mul(unsqueeze(x, -1), unsqueeze(y, -2)), [...x.shape.slice(0, -1), inX * inY]);
  return linear(pairs, reshape(weight, [out, inX * inY]), bias);
}

/**
 * Distances between every row of one and every row of the other.
 *
 * @param a `[..., m, d]`
 * @param b `[..., n, d]`
 * @param options `p` of the norm
 * @returns `[..., m, n]`
 * @remarks Python: `torch.cdist(a, b, p=2)`.
 * @example cdist(tensor([[0, 0]]), tensor([[3, 4]])).tolist() // => [[5]]
 */
export function cdist(a: Tensor, b: Tensor, { p = 2 }: { readonly p?: number } = {}): Tensor {
  return vectorNorm(sub(unsqueeze(a, -2), unsqueeze(b, -3)), { ord: p, axis: -1 });
}

/**
 * Distances of rows that stand beside each other: the norm of `a - b + eps`.
 *
 * @remarks Python: `torch.nn.functional.pairwise_distance(a, b, p=2, eps=1e-6)`.
 * @example pairwiseDistance(tensor([[3, 4]], { dtype: 'float64' }), tensor([[0, 0]], { dtype: 'float64' }), { eps: 0 }).tolist() // => [5]
 */
export function pairwiseDistance(a: Tensor, b: Tensor, { p = 2, eps = 1e-6 }: { readonly p?: number; readonly eps?: number } = {}): Tensor {
  return vectorNorm(add(sub(a, b), eps), { ord: p, axis: -1 });
}

/**
 * The cosine of the angle between vectors of an axis.
 *
 * @remarks Python: `torch.nn.functional.cosine_similarity(a, b, dim=axis)`.
 * @example cosineSimilarity(tensor([1, 0]), tensor([2, 0]), { axis: 0 }).item() // => 1
 */
export function cosineSimilarity(a: Tensor, b: Tensor, { axis = 1, eps = 1e-8 }: { readonly axis?: number; readonly eps?: number } = {}): Tensor {
  const [p, q] = broadcastTensors([a, b]) as [Tensor, Tensor];
  const length = (x: Tensor): Tensor => maximum(vectorNorm(x, { axis, keepdims: true }), eps);
  return sum(mul(p.div(length(p)), q.div(length(q))), { axis });
}

/**
 * Vectors of an axis divided by their norm, or by `eps` where that is larger.
 *
 * @remarks Python: `torch.nn.functional.normalize(x, p=2, dim=axis)`.
 * @example normalize(tensor([[3, 4]], { dtype: 'float64' })).tolist() // => [[0.6, 0.8]]
 */
export function normalize(x: Tensor, { p = 2, axis = 1, eps = 1e-12 }: { readonly p?: number; readonly axis?: number; readonly eps?: number } = {}): Tensor {
  return x.div(maximum(vectorNorm(x, { ord: p, axis, keepdims: true }), eps));
}

/** Attention, embeddings and dropout. */
import { inRange, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import { add, div, mul } from '../elementwise/arithmetic.js';
import { where } from '../elementwise/comparison.js';
import { fromFront, indicesOf, takeFlat } from '../indexing/flat.js';
import { slicePositions } from '../indexing/gather.js';
import { matmul } from '../products/matmul.js';
import { softmax } from '../reductions/scans.js';
import { repeat } from '../shape/rearrange.js';
import { matrixTranspose, reshape } from '../shape/views.js';

/** Options of {@link scaledDotProductAttention}. */
export interface AttentionOptions {
  /** bool (true attends) or added to the scores; broadcasts to `[..., queries, keys]`. */
  readonly mask?: Tensor | null;
  /** Each query sees the keys up to its own position, counted from the start of both. */
  readonly isCausal?: boolean;
  /** Factor of the scores. Default: `1 / √width`. */
  readonly scale?: number | null;
  /** Whether groups of query heads share a head of keys and values. */
  readonly enableGqa?: boolean;
  /** Probability of dropping a weight, and the random numbers in [0, 1) that decide. */
  readonly dropoutP?: number;
  readonly random?: () => number;
}

/** Refuses queries, keys and values that do not fit. */
function checkAttention(q: Tensor, k: Tensor, v: Tensor, { mask, isCausal = false, enableGqa = false }: AttentionOptions): void {
  const shapes = `query ${showShape(q.shape)}, key ${showShape(k.shape)}, value ${showShape(v.shape)}`;
  if (q.ndim < 2 || k.ndim < 2 || v.ndim < 2) throw new ShapeError(`scaledDotProductAttention: each needs at least 2 axes, got ${shapes}`, { parameter: 'q' });
  if (q.shape.at(-1) !== k.shape.at(-1))
    throw new ShapeError(`scaledDotProductAttention: query and key differ in width, got ${shapes}`, { parameter: 'k', received: k.shape });
  if (k.shape.at(-2) !== v.shape.at(-2))
    throw new ShapeError(`scaledDotProductAttention: key and value differ in length, got ${shapes}`, { parameter: 'v', received: v.shape });
  if (enableGqa && (q.ndim < 3 || q.shape.at(-3)! % k.shape.at(-3)! !== 0 || k.shape.at(-3) !== v.shape.at(-3)))
    throw new ShapeError(`scaledDotProductAttention: query heads must be a multiple of the heads of key and value, got ${shapes}`, { parameter: 'q' });
  if (mask && isCausal) throw new ValidationError('scaledDotProductAttention: mask and isCausal exclude each other', { parameter: 'isCausal', received: true });
}

/** What is added to the scores: 0 where a query attends, minus infinity elsewhere. */
function additive(mask: Tensor, dtype: Tensor['dtype']): Tensor {
  return mask.dtype === 'bool' ? where(mask, tensor(0, { dtype }), tensor(Number.NEGATIVE_INFINITY, { dtype })) : mask;
}

/** true at and below the diagonal. */
function causalMask(queries: number, keys: number): Tensor {
  return wrap(
    Uint8Array.from({ length: queries * keys }, (_, i) => Number(i % keys <= Math.floor(i / keys))),
    [queries, keys],
    'bool',
  );
}

/**
 * `softmax(q kᵀ · scale + mask) v`. A query that attends to nothing gives NaN, as in torch's plain path.
 *
 * @param q `[..., heads, queries, width]`
 * @param k `[..., heads, keys, width]`
 * @param v `[..., heads, keys, valueWidth]`
 * @returns `[..., heads, queries, valueWidth]`
 * @throws {ShapeError} naming the three shapes
 * @remarks Python: `torch.nn.functional.scaled_dot_product_attention(q, k, v)`.
 * @example scaledDotProductAttention(tensor([[1, 0]]), tensor([[1, 0]]), tensor([[5, 6]])).tolist() // => [[5, 6]]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor {
  checkAttention(q, k, v, options);
  const { mask, isCausal = false, scale, enableGqa = false, dropoutP = 0, random = Math.random } = options;
  const groups = enableGqa ? q.shape.at(-3)! / k.shape.at(-3)! : 1;
  const [keys, values] = [k, v].map(each => (groups === 1 ? each : repeat(each, groups, { axis: -3 }))) as [Tensor, Tensor];
  const scores = mul(matmul(q, matrixTranspose(keys)), scale ?? 1 / Math.sqrt(q.shape.at(-1)!));
  const seen = isCausal ? causalMask(q.shape.at(-2)!, k.shape.at(-2)!) : mask;
  const weights = softmax(seen ? add(scores, additive(seen, q.dtype)) : scores);
  return matmul(dropoutP > 0 ? dropout(weights, { p: dropoutP, training: true, random }) : weights, values);
}

/**
 * Elements zeroed with probability `p`, the others scaled by `1 / (1 - p)`; outside training the input itself.
 *
 * @param options `p` in [0, 1]; `training`; `random` numbers in [0, 1) that decide
 * @remarks Python: `torch.nn.functional.dropout(x, p=0.5, training=True)`.
 * @example dropout(tensor([1, 2]), { p: 0 }).tolist() // => [1, 2]
 */
export function dropout(
  x: Tensor,
  { p = 0.5, training = true, random = Math.random }: { readonly p?: number; readonly training?: boolean; readonly random?: () => number } = {},
): Tensor {
  inRange(p, 'p', { min: 0, max: 1 });
  if (!training || p === 0) return x;
  const keep = wrap(
    Uint8Array.from({ length: x.size }, () => Number(random() >= p)),
    x.shape,
    'bool',
  ).astype(x.dtype);
  return p === 1 ? mul(x, 0) : div(mul(x, keep), 1 - p);
}

/**
 * Rows of a table, one for each index.
 *
 * @param index integers of any shape
 * @param weight `[rows, width]`
 * @param options `paddingIdx` row that gets no gradient
 * @returns `[...index, width]`
 * @throws {ValidationError} for an index outside the table
 * @remarks Python: `torch.nn.functional.embedding(index, weight, padding_idx)`.
 * @example embedding(tensor([1, 0], { dtype: 'int32' }), tensor([[1, 2], [3, 4]])).tolist() // => [[3, 4], [1, 2]]
 */
export function embedding(index: Tensor, weight: Tensor, { paddingIdx }: { readonly paddingIdx?: number | null } = {}): Tensor {
  if (weight.ndim !== 2)
    throw new ShapeError(`embedding: weight must be [rows, width], got ${showShape(weight.shape)}`, { parameter: 'weight', received: weight.shape });
  indicesOf(index, 'embedding');
  const flat = reshape(index, [-1]);
  const positions = slicePositions(weight.shape, 0, flat, 'embedding');
  const rows = takeFlat(weight, positions, [...index.shape, weight.shape[1]!], 'embedding');
  if (paddingIdx === undefined || paddingIdx === null) return rows;
  const padding = fromFront(paddingIdx, weight.shape[0]!, 0, 'embedding');
  const real = wrap(
    Uint8Array.from(numbersOf(index), at => Number(at !== padding)),
    [...index.shape, 1],
    'bool',
  );
  return where(real, rows, rows.detach());
}

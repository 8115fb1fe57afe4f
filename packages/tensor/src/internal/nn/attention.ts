/** Attention, embeddings and dropout. */
import { inRange, ShapeError, ValidationError } from '@gtc/errors';
import { Tensor, tensor, wrap } from '../../tensor.js';
import { isRecording, record } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { broadcastShapes, broadcastStrides, showShape, sizeOf } from '../core/shape.js';
import { allocateDirty, fromNumbers, type NumberArray, Storage, scratch, scratchDirty } from '../core/storage.js';
import { walk } from '../core/walk.js';
import { add, div, mul, sub } from '../elementwise/arithmetic.js';
import { where } from '../elementwise/comparison.js';
import { fromFront, indicesOf } from '../indexing/flat.js';
import { type AttentionCall, attentionBackwardKernel, attentionKernel, type Drop, dropFactors, type Heads } from '../kernels/attention.js';
import { gatherKernel } from '../kernels/rows.js';
import { matmul } from '../products/matmul.js';
import { softmax } from '../reductions/scans.js';
import { sum } from '../reductions/sums.js';
import { repeat } from '../shape/rearrange.js';
import { expand, matrixTranspose, reshape } from '../shape/views.js';

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
  /** Probability of dropping a weight; the others are scaled by `1 / (1 - dropoutP)`. */
  readonly dropoutP?: number;
  /** Gives the number in [0, 1) that seeds the choice, once a call. */
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
  inRange(dropoutP, 'dropoutP', { min: 0, max: 1 });
  const drop = dropoutP > 0 ? { p: dropoutP, seed: Math.floor(random() * 2 ** 32) } : null;
  const plan = { scale: scale ?? 1 / Math.sqrt(q.shape.at(-1)!), mask: mask ? additive(mask, q.dtype) : null, isCausal, groups, drop };
  const fused = fusedAttention(q, k, v, plan);
  if (fused !== null) return fused;
  const values = repeated(v, groups);
  return matmul(dropped(attentionWeights(q, repeated(k, groups), plan), values, plan), values);
}

/** What attention computes, with all choices made. */
interface Plan {
  readonly scale: number;
  /** Added to the scores. */
  readonly mask: Tensor | null;
  readonly isCausal: boolean;
  /** Heads of queries for each head of keys and values. */
  readonly groups: number;
  readonly drop: Drop | null;
}

const repeated = (x: Tensor, groups: number): Tensor => (groups === 1 ? x : repeat(x, groups, { axis: -3 }));

/** `softmax(q kᵀ · scale + mask)`, in full. */
function attentionWeights(q: Tensor, keys: Tensor, { scale, mask, isCausal }: Plan): Tensor {
  const scores = mul(matmul(q, matrixTranspose(keys)), scale);
  const added = isCausal ? additive(causalMask(q.shape.at(-2)!, keys.shape.at(-2)!), q.dtype) : mask;
  return softmax(added ? add(scores, added) : scores);
}

/** Weights, or their gradients, for each of the heads that the values have, without those that are dropped. */
function dropped(weights: Tensor, values: Tensor, { drop }: Plan): Tensor {
  if (drop === null) return weights;
  const batch = broadcastShapes([weights.shape.slice(0, -2), values.shape.slice(0, -2)], 'scaledDotProductAttention');
  const [queries, keys] = weights.shape.slice(-2) as [number, number];
  const factors = wrap(dropFactors(drop, sizeOf(batch), queries, keys), [...batch, queries, keys], 'float64');
  return mul(weights, factors.astype(weights.dtype));
}

/** A gradient for each head of queries, added up over those that share a head. */
const shared = (gradient: Tensor, groups: number): Tensor =>
  groups === 1 ? gradient : sum(reshape(gradient, [...gradient.shape.slice(0, -3), -1, groups, ...gradient.shape.slice(-2)]), { axis: -3 });

/** The way back in full, spelled out in operations, so that it has gradients itself. */
function attentionGradients(g: Tensor, q: Tensor, k: Tensor, v: Tensor, plan: Plan): Tensor[] {
  const [keys, values] = [repeated(k, plan.groups), repeated(v, plan.groups)];
  const weights = attentionWeights(q, keys, plan);
  const slope = dropped(matmul(g, matrixTranspose(values)), values, plan);
  const scores = mul(mul(weights, sub(slope, sum(mul(slope, weights), { axis: -1, keepdims: true }))), plan.scale);
  return [
    matmul(scores, keys),
    shared(matmul(matrixTranspose(scores), q), plan.groups),
    shared(matmul(matrixTranspose(dropped(weights, values, plan)), g), plan.groups),
  ];
}

/** The stack of keys and values, of which each serves a group of queries. */
const sharedBatch = (batch: readonly number[], groups: number): readonly number[] => (groups > 1 ? [...batch.slice(0, -1), batch.at(-1)! / groups] : batch);

/** Heads of a stack as kernels read them, one for each place of a batch; `groups` places share a head. */
function headsOf(x: Tensor, batch: readonly number[], groups: number): Heads | null {
  const rows = x.strides.at(-1) === 1 && x.strides.at(-2)! >= 0 ? x : x.contiguous();
  const lead = rows.shape.slice(0, -2);
  if (groups > 1 && lead.length !== batch.length) return null;
  const own = sharedBatch(batch, groups);
  const strides = broadcastStrides(lead, rows.strides.slice(0, -2), own);
  const starts: number[] = [];
  walk(own, [{ strides, offset: rows.offset }], ([from], [step], length) => {
    for (let i = 0; i < length; i++) for (let k = 0; k < groups; k++) starts.push(from! + i * step!);
  });
  return { data: rows.storage.data as NumberArray, starts, row: rows.shape.at(-2) === 1 ? 0 : rows.strides.at(-2)! };
}

/** Room for rows of heads, laid out as those of another tensor: where its heads lie inside rows, as projections leave them, these do, too. */
function roomLike(like: Tensor, batch: readonly number[], rows: number, width: number, allocated: typeof scratch): Tensor {
  const shape = [...batch, rows, width];
  const data = allocated('float32', sizeOf(shape));
  const isInside = like.ndim === 4 && batch.length === 2 && like.strides[1]! < like.strides[2]!;
  if (!isInside) return wrap(data, shape, 'float32');
  const heads = batch[1]!;
  return new Tensor(new Storage(data), 'float32', { shape, strides: [rows * heads * width, width, heads * width, 1], offset: 0 });
}

/** A mask with a number for each key. */
function fullRows(mask: Tensor, keys: number): Tensor {
  const rows = mask.ndim < 2 ? reshape(mask, [1, mask.ndim === 0 ? 1 : -1]) : mask;
  return rows.shape.at(-1) === keys ? rows : expand(rows, [...rows.shape.slice(0, -1), keys]).contiguous();
}

/** The call that computes attention; null for stacks that no kernel reads. */
function attentionCall(q: Tensor, k: Tensor, v: Tensor, { mask, scale, isCausal, groups, drop }: Plan, batch: readonly number[]): AttentionCall | null {
  const [queries, width] = q.shape.slice(-2) as [number, number];
  const [keys, valueWidth] = v.shape.slice(-2) as [number, number];
  const [qs, ks, vs] = [headsOf(q.detach(), batch, 1), headsOf(k.detach(), batch, groups), headsOf(v.detach(), batch, groups)];
  const masks = mask === null ? null : headsOf(fullRows(mask.detach(), keys), batch, 1);
  if (qs === null || ks === null || vs === null) return null;
  return { q: qs, k: ks, v: vs, mask: masks, queries, keys, width, valueWidth, scale, isCausal, drop };
}

/** Whether a mask has a number, or one for all, for every query and key. */
const fitsScores = ({ shape }: Tensor, queries: number, keys: number): boolean =>
  [1, keys].includes(shape.at(-1) ?? 1) && [1, queries].includes(shape.at(-2) ?? 1);

/** Attention by blocks of scores; null where no kernel serves it. */
function fusedAttention(q: Tensor, k: Tensor, v: Tensor, plan: Plan): Tensor | null {
  const { mask, groups } = plan;
  const all = mask === null ? [q, k, v] : [q, k, v, mask];
  if (all.some(({ dtype, size }) => dtype !== 'float32' || size === 0) || mask?.requiresGrad) return null;
  const [queries, keys] = [q.shape.at(-2)!, k.shape.at(-2)!];
  if (mask !== null && !fitsScores(mask, queries, keys)) return null;
  const batch = broadcastShapes(
    (groups > 1 ? [q] : all).map(({ shape }) => shape.slice(0, -2)),
    'scaledDotProductAttention',
  );
  if (groups > 1 && mask !== null && mask.ndim > q.ndim) return null;
  const call = attentionCall(q, k, v, plan, batch);
  if (call === null) return null;
  const { width, valueWidth } = call;
  const own = sharedBatch(batch, groups);
  const y = roomLike(q, batch, queries, valueWidth, scratchDirty);
  const logSums = scratchDirty('float32', sizeOf(batch) * queries);
  if (!attentionKernel(call, headsOf(y, batch, 1)!, logSums)) return null;
  const sums = wrap(logSums, [...batch, queries], 'float32');
  const rule = (g: Tensor): Tensor[] => {
    const again = isRecording() ? null : attentionCall(q, k, v, plan, batch);
    if (again === null) return attentionGradients(g, q, k, v, plan);
    const [dq, dk, dv] = [roomLike(q, batch, queries, width, scratch), roomLike(k, own, keys, width, scratch), roomLike(v, own, keys, valueWidth, scratch)];
    const forth = { out: headsOf(y.detach(), batch, 1)!, logSums: numbersOf(sums), gradient: headsOf(g.detach(), batch, 1)! };
    const back = { q: headsOf(dq, batch, 1)!, k: headsOf(dk, batch, groups)!, v: headsOf(dv, batch, groups)! };
    return attentionBackwardKernel(again, forth, back, groups) ? [dq, dk, dv] : attentionGradients(g, q, k, v, plan);
  };
  return record('scaledDotProductAttention', y, [q, k, v], rule, mask === null ? [q, k, v, y, sums] : [q, k, v, y, sums, mask]);
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

/** Rows of a table and the way back: rows of gradients added up where they came from. */
function rowsOf(index: Tensor, weight: Tensor): Tensor {
  const [count, width] = weight.shape as [number, number];
  const shape = [...index.shape, width];
  const from = Int32Array.from(numbersOf(index), at => fromFront(at, count, 0, 'embedding', false));
  const out = allocateDirty(weight.dtype, from.length * width);
  if (!gatherKernel(weight.data, from, out, width)) {
    const { data } = weight;
    for (const [i, at] of from.entries()) out.set(data.subarray(at * width, (at + 1) * width) as never, i * width);
  }
  return record('embedding', wrap(out, shape, weight.dtype), [weight], g => [addRows(g, from, weight.shape)]);
}

/** Zeros of a table's shape with rows added to it, one for each index. */
function addRows(gradient: Tensor, from: Int32Array, shape: readonly number[]): Tensor {
  const width = shape[1]!;
  const values = numbersOf(gradient);
  const out = scratch(gradient.dtype, sizeOf(shape));
  for (const [i, at] of from.entries()) for (let j = 0; j < width; j++) out[at * width + j]! += values[i * width + j]!;
  const index = wrap(from, gradient.shape.slice(0, -1), 'int32');
  return record('embeddingBackward', wrap(fromNumbers(out, gradient.dtype), shape, gradient.dtype), [gradient], g => [rowsOf(index, g)]);
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
  const rows = rowsOf(index, weight);
  if (paddingIdx === undefined || paddingIdx === null) return rows;
  const padding = fromFront(paddingIdx, weight.shape[0]!, 0, 'embedding');
  const real = wrap(
    Uint8Array.from(numbersOf(index), at => Number(at !== padding)),
    [...index.shape, 1],
    'bool',
  );
  return where(real, rows, rows.detach());
}

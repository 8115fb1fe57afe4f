/** Attention by the rules of published models: windows, prefixes, ALiBi, capped scores, sinks; and attention without a softmax. */
import { integer, positive, ShapeError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';

const { add, cat, div, matmul, matrixTranspose, mul, tensor } = gtc;

/** Which keys a query sees, and what is done to the scores. */
export interface ScoreOptions {
  /** Each query sees keys up to its own position. */
  readonly causal?: boolean;
  /** bool (true attends) or added to the scores; broadcasts to `[batch, heads, queries, keys]`. */
  readonly mask?: Tensor | null;
  /** Factor of the scores. Default: `1 / √width`. */
  readonly scale?: number | null;
  /** A query sees only keys less than so many positions away. */
  readonly slidingWindow?: number | null;
  /** Every query sees the first so many keys, and others up to its own position: a prefix language model. */
  readonly prefixLength?: number | null;
  /** Scores are bent into (-softcap, softcap) by a tanh, as in Gemma 2. */
  readonly softcap?: number | null;
  /** `[heads]`: a score for each head that takes its share of the softmax and gives nothing, as in gpt-oss. */
  readonly sinks?: Tensor | null;
  /** For each head: what a score loses for each position between query and key. */
  readonly alibiSlopes?: readonly number[] | null;
  /** Position of the first query, counted in keys; with a cache: the number of keys before it. Default: 0. */
  readonly queryStart?: number;
}

/** What is added to the scores, and the queries that see no key (`null`: all see some). */
interface Added {
  readonly mask: Tensor | null;
  readonly blind: Tensor | null;
}

/** Zero where query `i` sees key `j`, minus infinity elsewhere; null where all see all. */
function positionsMask(queries: number, keys: number, options: ScoreOptions): Tensor | null {
  const { causal = false, slidingWindow = null, prefixLength = null, queryStart = 0 } = options;
  if (slidingWindow !== null) positive(integer(slidingWindow, 'slidingWindow'), 'slidingWindow');
  const ordered = causal || prefixLength !== null;
  if (slidingWindow === null && (!ordered || queryStart >= keys - 1)) return null;
  const [window, prefix] = [slidingWindow ?? Number.POSITIVE_INFINITY, prefixLength ?? 0];
  const data = new Float32Array(queries * keys);
  for (let i = 0; i < queries; i++)
    for (let j = 0; j < keys; j++) {
      const distance = queryStart + i - j;
      const seen = (!ordered || distance >= 0 || j < prefix) && Math.abs(distance) < window;
      if (!seen) data[i * keys + j] = Number.NEGATIVE_INFINITY;
    }
  return gtc.reshape(tensor(data), [queries, keys]);
}

/** `slope · (key - query)` for each head. */
function alibi(slopes: readonly number[], queries: number, keys: number, start: number): Tensor {
  const distances = gtc.sub(gtc.arange(0, keys), gtc.reshape(gtc.arange(start, start + queries), [-1, 1]));
  return mul(gtc.reshape(tensor([...slopes]), [-1, 1, 1]), distances.astype('float32'));
}

/** All that is added to the scores of `q` and `k`. Queries that see nothing see everything here, for their rows to stay finite. */
function addedScores(q: Tensor, k: Tensor, options: ScoreOptions): Added {
  const [queries, keys, dtype] = [q.shape.at(-2)!, k.shape.at(-2)!, q.dtype];
  const { mask = null, alibiSlopes = null, queryStart = 0 } = options;
  if (alibiSlopes && alibiSlopes.length !== q.shape.at(-3))
    throw new ShapeError(`alibiSlopes must have one number for each of ${q.shape.at(-3) ?? 1} heads, got ${alibiSlopes.length}`, { parameter: 'alibiSlopes' });
  const given = mask?.dtype === 'bool' ? gtc.where(mask, tensor(0, { dtype }), tensor(Number.NEGATIVE_INFINITY, { dtype })) : mask;
  const hidden = [positionsMask(queries, keys, options), given].filter(each => each !== null).map(each => each.astype(dtype));
  const bias = alibiSlopes ? [alibi(alibiSlopes, queries, keys, queryStart).astype(dtype)] : [];
  const all = [...hidden, ...bias];
  if (all.length === 0) return { mask: null, blind: null };
  const sum = all.reduce((a, b) => add(a, b));
  if (hidden.length === 0 || keys === 0) return { mask: sum, blind: null };
  const blind = gtc.eq(gtc.amax(sum.detach(), { axis: -1, keepdims: true }), Number.NEGATIVE_INFINITY);
  return gtc.any(blind).item() ? { mask: gtc.where(blind, tensor(0, { dtype }), sum), blind } : { mask: sum, blind: null };
}

/** Heads of queries for each head of keys. */
function groupsOf(q: Tensor, k: Tensor): number {
  const [heads = 1, shared = 1] = [q.shape.at(-3), k.shape.at(-3)];
  if (heads % shared !== 0)
    throw new ShapeError(`q must have a multiple of the ${shared} heads of keys and values, got ${heads}`, { parameter: 'q', received: q.shape });
  return heads / shared;
}

const spread = (x: Tensor, groups: number): Tensor => (groups === 1 ? x : gtc.repeat(x, groups, { axis: -3 }));

/**
 * What each query takes from each key: `softmax` of the scores under the rules of `options`. A query that sees no key takes nothing.
 *
 * @param q `[batch, heads, queries, width]`
 * @param k `[batch, kvHeads, keys, width]`; `kvHeads` divides `heads`
 * @returns `[batch, heads, queries, keys]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for a window or cap that is not positive
 * @remarks Python: `transformers`' `eager_attention_forward` of Gemma 2 (`softcap`) and gpt-oss (`sinks`); within 2e-5.
 * @example
 * import { ones } from '@gtc/tensor';
 * attentionWeights(ones([1, 1, 2, 4]), ones([1, 1, 2, 4]), { causal: true }).tolist() // => [[[[1, 0], [0.5, 0.5]]]]
 */
export function attentionWeights(q: Tensor, k: Tensor, options: ScoreOptions = {}): Tensor {
  ShapeError.check({ q: [q, ['batch', 'heads', 'queries', 'width']], k: [k, ['batch', 'kvHeads', 'keys', 'width']] });
  const { scale, softcap = null, sinks = null } = options;
  const groups = groupsOf(q, k);
  const { mask, blind } = addedScores(q, k, options);
  const plain = mul(matmul(q, matrixTranspose(spread(k, groups))), scale ?? 1 / Math.sqrt(q.shape.at(-1)!));
  const capped = softcap === null ? plain : mul(gtc.tanh(div(plain, positive(softcap, 'softcap'))), softcap);
  const scores = mask ? add(capped, mask) : capped;
  const weights = sinks ? withSinks(scores, sinks) : gtc.softmax(scores);
  return blind ? gtc.where(blind, tensor(0, { dtype: q.dtype }), weights) : weights;
}

/** A softmax in which each head has one more score, left out of the result. */
function withSinks(scores: Tensor, sinks: Tensor): Tensor {
  const [batch, heads, queries, keys] = scores.shape as [number, number, number, number];
  ShapeError.check({ sinks: [sinks, [heads]] });
  const column = gtc.expand(gtc.reshape(sinks, [1, heads, 1, 1]), [batch, heads, queries, 1]);
  return gtc.softmax(cat([scores, column], { axis: -1 })).get('...', `:${keys}`);
}

/**
 * Attention: `softmax(q kᵀ · scale) v` under the rules of `options`, computed by blocks of scores where neither a cap nor a sink stands in the way.
 * A query that sees no key gives zeros.
 *
 * @param q `[batch, heads, queries, width]`
 * @param k `[batch, kvHeads, keys, width]`; `kvHeads` divides `heads`
 * @param v `[batch, kvHeads, keys, valueWidth]`
 * @returns `[batch, heads, queries, valueWidth]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for a window or cap that is not positive
 * @remarks Python: `torch.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)`; within 2e-5.
 * @example
 * import { ones } from '@gtc/tensor';
 * scaledDotProductAttention(ones([1, 4, 1, 8]), ones([1, 2, 3, 8]), ones([1, 2, 3, 8]), { slidingWindow: 2 }).shape // => [1, 4, 1, 8]
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, options: ScoreOptions = {}): Tensor {
  ShapeError.check({
    q: [q, ['batch', 'heads', 'queries', 'width']],
    k: [k, ['batch', 'kvHeads', 'keys', 'width']],
    v: [v, ['batch', 'kvHeads', 'keys', 'valueWidth']],
  });
  const groups = groupsOf(q, k);
  if (options.softcap != null || options.sinks) return matmul(attentionWeights(q, k, options), spread(v, groups));
  const { scale = null, causal, mask: given, slidingWindow, prefixLength, alibiSlopes, queryStart = 0 } = options;
  const onlyCausal = causal && queryStart === 0 && !given && slidingWindow == null && prefixLength == null && !alibiSlopes;
  const { mask, blind } = onlyCausal ? { mask: null, blind: null } : addedScores(q, k, options);
  const y = nn.scaledDotProductAttention(q, k, v, { mask, isCausal: onlyCausal ?? false, scale, enableGqa: groups > 1 });
  return blind ? gtc.where(blind, tensor(0, { dtype: q.dtype }), y) : y;
}

/** Queries whose products with keys are formed together. */
const CHUNK = 64;

/**
 * Attention with the kernel `φ(q) · φ(k)`, `φ(x) = elu(x) + 1`, in place of a softmax: time and memory grow with the length, not with its square.
 *
 * @param q `[batch, heads, queries, width]`
 * @param k `[batch, heads, keys, width]`
 * @param v `[batch, heads, keys, valueWidth]`
 * @param causal each query sees keys up to its own position; queries and keys are then as many
 * @returns `[batch, heads, queries, valueWidth]`
 * @throws {ShapeError} when shapes disagree
 * @remarks Katharopoulos et al. 2020; within 2e-5 of the formula in torch.
 * @example
 * import { ones } from '@gtc/tensor';
 * linearAttention(ones([1, 1, 2, 4]), ones([1, 1, 2, 4]), ones([1, 1, 2, 1])).tolist() // => [[[[1], [1]]]]
 */
export function linearAttention(q: Tensor, k: Tensor, v: Tensor, { causal = false }: { readonly causal?: boolean } = {}): Tensor {
  ShapeError.check({
    q: [q, ['batch', 'heads', causal ? 'keys' : 'queries', 'width']],
    k: [k, ['batch', 'heads', 'keys', 'width']],
    v: [v, ['batch', 'heads', 'keys', 'valueWidth']],
  });
  const [queries, keys] = [add(gtc.elu(q), 1), add(gtc.elu(k), 1)];
  // A column of ones beside the values adds up what the outputs are divided by.
  const values = cat([v, gtc.ones([...v.shape.slice(0, -1), 1], { dtype: v.dtype })], { axis: -1 });
  const y = causal ? runningAttention(queries, keys, values) : matmul(queries, matmul(matrixTranspose(keys), values));
  return div(y.get('...', ':-1'), y.get('...', '-1:'));
}

/** Causal linear attention, chunk by chunk: products within a chunk, and the sum of all before it. */
function runningAttention(queries: Tensor, keys: Tensor, values: Tensor): Tensor {
  const parts: Tensor[] = [];
  let before: Tensor | null = null;
  for (let at = 0; at < keys.shape[2]!; at += CHUNK) {
    const [q, k, v] = [queries, keys, values].map(x => x.get(':', ':', `${at}:${at + CHUNK}`)) as [Tensor, Tensor, Tensor];
    const own = matmul(gtc.tril(matmul(q, matrixTranspose(k))), v);
    parts.push(before ? add(own, matmul(q, before)) : own);
    const sum = matmul(matrixTranspose(k), v);
    before = before ? add(before, sum) : sum;
  }
  return parts.length === 0 ? values : cat(parts, { axis: 2 });
}

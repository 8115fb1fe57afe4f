/** How the matrices of a low-rank adapter begin. */
import { integer, oneOf, positive, ShapeError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { matmul, mul, type Tensor } from '@gtc/tensor';
import { qr, svd } from '@gtc/tensor/linalg';
import { TorchGenerator } from '@gtc/tensor/random';
import type { LoraInit } from './settings.js';

/** Matrices of an adapter. */
export interface LoraMatrices {
  /** `[r, in]` */
  readonly a: Tensor;
  /** `[out, r]` */
  readonly b: Tensor;
  /** What stays of the weight, `[out, in]`, where the adapter takes a part of it; null where it takes none. */
  readonly residual: Tensor | null;
}

/** Options of {@link initLora}. */
export interface LoraInitOptions {
  readonly r: number;
  /** Factor of `B A`. */
  readonly scaling: number;
  readonly generator?: TorchGenerator;
}

/**
 * First matrices of an adapter: `true` for uniform numbers and zeros (nothing changes at first), 'gaussian' for normal ones and zeros, 'pissa' for the
 * greatest singular values (Meng et al. 2024), 'olora' for orthonormal columns (Büyükakyüz 2024), `false` for normal numbers in both.
 *
 * @param weight `[out, in]`
 * @throws {ValidationError} for a way that is not known, or a rank that is not a positive integer @throws {ShapeError} for a rank above the matrix's
 * @remarks Python: `peft.LoraConfig(init_lora_weights=...)`; the product and what stays of the weight within 1e-4 for 'pissa' and 'olora'.
 * @example
 * import { tensor } from '@gtc/tensor';
 * initLora('pissa', tensor([[3, 0], [0, 1]]), { r: 1, scaling: 1 }).residual.tolist().map(row => row.map(Math.round)) // => [[0, 0], [0, 1]]
 */
export function initLora(init: LoraInit, weight: Tensor, { r, scaling, generator = new TorchGenerator(0) }: LoraInitOptions): LoraMatrices {
  oneOf(init, 'initLoraWeights', [true, false, 'gaussian', 'pissa', 'olora']);
  positive(integer(r, 'r'), 'r');
  const [outer, inner] = weight.shape as [number, number];
  const normal = (shape: readonly [number, number], std: number): Tensor => gtc.fromTypedArray(generator.normal(shape[0] * shape[1], 0, std), shape);
  if (init === true || init === 'gaussian') {
    const bound = 1 / Math.sqrt(inner);
    const a = init === 'gaussian' ? normal([r, inner], 1 / r) : gtc.fromTypedArray(generator.uniform(r * inner, -bound, bound), [r, inner]);
    return { a, b: gtc.zeros([outer, r]), residual: null };
  }
  if (init === false) return { a: normal([r, inner], 1 / Math.sqrt(inner)), b: normal([outer, r], 1 / Math.sqrt(r)), residual: null };
  if (r > Math.min(outer, inner))
    throw new ShapeError(`r must be at most ${Math.min(outer, inner)} for a weight [${outer}, ${inner}], got ${r}`, { parameter: 'r', received: r });
  const [a, b] = init === 'pissa' ? principal(weight, r, scaling) : orthonormal(weight, r);
  return { a, b, residual: gtc.sub(weight, mul(matmul(b, a), scaling)) };
}

function principal(weight: Tensor, r: number, scaling: number): [Tensor, Tensor] {
  const { u, s, vh } = svd(weight);
  const roots = gtc.sqrt(gtc.div(s.get(`:${r}`), scaling));
  return [mul(vh.get(`:${r}`), gtc.unsqueeze(roots, 1)), mul(u.get(':', `:${r}`), roots)];
}

function orthonormal(weight: Tensor, r: number): [Tensor, Tensor] {
  const { q, r: triangle } = qr(weight);
  return [triangle.get(`:${r}`).contiguous(), q.get(':', `:${r}`).contiguous()];
}

/**
 * The adapter of a rank nearest to a difference of weights.
 *
 * @param delta `[out, in]`
 * @returns `a` and `b` with `B A` nearest to the difference, and the Frobenius norm of what is left
 * @throws {ValidationError} unless the rank is a positive integer
 * @remarks Eckart and Young 1936. Python: `torch.linalg.svd`; the product within 1e-4.
 * @example
 * import { tensor } from '@gtc/tensor';
 * extractLora(tensor([[3, 0], [0, 4]]), 1).error // => 3
 */
export function extractLora(delta: Tensor, rank: number): { readonly a: Tensor; readonly b: Tensor; readonly error: number } {
  positive(integer(rank, 'rank'), 'rank');
  const { u, s, vh } = svd(delta);
  const rest = s.get(`${rank}:`);
  return {
    a: vh.get(`:${rank}`).contiguous(),
    b: mul(u.get(':', `:${rank}`), s.get(`:${rank}`)),
    error: rest.size === 0 ? 0 : (gtc.vectorNorm(rest).item() as number),
  };
}

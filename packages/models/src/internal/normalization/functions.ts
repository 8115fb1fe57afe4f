/** What models make of the normalisations of `@gtc/tensor`: scales that count from 1, places in a residual block, and weights of a fixed norm. */
import { integer, oneOf, positive, ShapeError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { NumpyRandom } from '@gtc/tensor/random';
import type { NormPosition } from '../../normalization.js';

const { add, div, matmul, mul } = gtc;

/** Options of {@link rmsNorm}. */
export interface RmsNormOptions {
  /** `[hidden]` */
  readonly weight?: Tensor | null;
  /** Added to the mean square; null: the distance from 1 to the next number of the type that it is computed in. */
  readonly eps?: number | null;
  /** Scale by `1 + weight`, as Gemma does, whose weights count from 0. */
  readonly unitOffset?: boolean;
}

/**
 * `x / √(mean of x² + eps)` over the last axis, scaled by `weight` or `1 + weight`.
 *
 * @param x `[..., hidden]`; 16-bit inputs are computed in float32
 * @throws {ShapeError} for a weight that is not `[hidden]`
 * @remarks Python: `transformers`' `LlamaRMSNorm` and `GemmaRMSNorm`, `torch.nn.functional.rms_norm`; within 2e-5.
 * @example
 * import { tensor } from '@gtc/tensor';
 * rmsNorm(tensor([2, 2]), { weight: tensor([0, 1]), eps: 0, unitOffset: true }).tolist() // => [1, 2]
 */
export function rmsNorm(x: Tensor, { weight = null, eps = 1e-6, unitOffset = false }: RmsNormOptions = {}): Tensor {
  const scale = unitOffset && weight ? add(weight, 1) : weight;
  return nn.rmsNorm(x, x.shape.slice(-1), { weight: scale, eps: eps ?? gtc.finfo(x.dtype === 'float64' ? 'float64' : 'float32').eps });
}

/** Places of the norm in a residual block. */
const PLACES = {
  post: (x, sublayer, [norm]) => norm(add(x, sublayer(x))),
  pre: (x, sublayer, [norm]) => add(x, sublayer(norm(x))),
  sandwich: (x, sublayer, [before, after]) => add(x, after(sublayer(before(x)))),
} satisfies Readonly<
  Record<NormPosition, (x: Tensor, sublayer: (x: Tensor) => Tensor, norms: readonly [(x: Tensor) => Tensor, (x: Tensor) => Tensor]) => Tensor>
>;

/**
 * A residual block: `x + f(norm(x))` (`pre`), `norm(x + f(x))` (`post`) or `x + norm₂(f(norm₁(x)))` (`sandwich`, as in Gemma 2).
 *
 * @param norms the norm of the block; for `sandwich` that of its input, then that of its output (the same again where one is given)
 * @throws {ValidationError} for a position that is not known
 * @example
 * import { tensor } from '@gtc/tensor';
 * const double = x => x.mul(2);
 * normResidual(tensor([1]), x => x.add(1), { position: 'pre', norms: [double] }).item() // => 4
 */
export function normResidual(
  x: Tensor,
  sublayer: (x: Tensor) => Tensor,
  { position, norms: [first, second = first] }: { readonly position: string; readonly norms: readonly [(x: Tensor) => Tensor, ((x: Tensor) => Tensor)?] },
): Tensor {
  return PLACES[oneOf(position, 'position', Object.keys(PLACES)) as keyof typeof PLACES](x, sublayer, [first, second]);
}

/**
 * A weight by its direction and length: `g · v / ‖v‖`, the norm taken over every axis but one (Salimans and Kingma 2016).
 *
 * @param g lengths, as wide as `v` along the axis and 1 elsewhere
 * @param axis the axis that keeps its own lengths; null: one length for all
 * @throws {ShapeError} when `g` does not fit
 * @remarks Python: `torch.nn.utils.parametrizations.weight_norm(module, dim=axis)`; within 1e-12 in float64.
 * @example
 * import { tensor } from '@gtc/tensor';
 * weightNorm(tensor([[10]]), tensor([[3, 4]])).tolist() // => [[6, 8]]
 */
export function weightNorm(g: Tensor, v: Tensor, { axis = 0 }: { readonly axis?: number | null } = {}): Tensor {
  const kept = axis === null ? -1 : (axis + v.ndim) % v.ndim;
  const rest = v.shape.map((_, at) => at).filter(at => at !== kept);
  const lengths = gtc.vectorNorm(v, { axis: rest, keepdims: true });
  const flat = axis === null && g.ndim === 0;
  if (!flat) ShapeError.check({ g: [g, lengths.shape] });
  return mul(v, div(g, lengths));
}

/** A weight of spectral norm 1, and the norm that it had. */
export interface SpectralNorm {
  readonly weight: Tensor;
  /** Largest singular value, a scalar. */
  readonly sigma: Tensor;
}

/**
 * Divides a weight by its largest singular value, found by power iteration (Miyato et al. 2018). The singular vectors count as constants in gradients.
 *
 * @param weight a matrix after its axis is moved to the front and the others are flattened; all zeros give NaN
 * @param iterations each costs two products with the matrix
 * @param seed of the vector that the iteration starts from
 * @throws {ShapeError} for a vector @throws {ValidationError} unless `iterations` is a positive integer
 * @remarks Python: `torch.nn.utils.parametrizations.spectral_norm(module, dim=axis)`, run until it settles.
 * @example
 * import { tensor } from '@gtc/tensor';
 * spectralNorm(tensor([[3, 0], [0, 4]])).sigma.item() // => 4
 */
export function spectralNorm(
  weight: Tensor,
  { iterations = 100, axis = 0, seed = 0 }: { readonly iterations?: number; readonly axis?: number; readonly seed?: number } = {},
): SpectralNorm {
  positive(integer(iterations, 'iterations'), 'iterations');
  if (weight.ndim < 2) throw new ShapeError(`weight must have two axes or more, got shape [${weight.shape.join(', ')}]`, { parameter: 'weight' });
  const front = gtc.moveaxis(weight, axis, 0);
  const matrix = gtc.reshape(front, [front.shape[0]!, -1]);
  const fixed = matrix.detach();
  const unit = (x: Tensor): Tensor => gtc.normalize(x, { axis: 0 });
  const random = new NumpyRandom(seed);
  let left = unit(
    gtc.tensor(
      Array.from({ length: matrix.shape[0]! }, () => random.standardNormal()),
      { dtype: weight.dtype },
    ),
  );
  let right = left;
  for (let i = 0; i < iterations; i++) {
    right = unit(matmul(gtc.transpose(fixed), left));
    left = unit(matmul(fixed, right));
  }
  const sigma = matmul(left, matmul(matrix, right));
  return { weight: div(weight, sigma), sigma };
}

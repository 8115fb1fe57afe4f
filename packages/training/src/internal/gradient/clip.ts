/** Gradients made shorter: all together, element by element, row by row, or example by example. */
import { finite, NumericError, positive, ShapeError, ValidationError } from '@gtc/errors';
import * as gtc from '@gtc/tensor';
import { add, div, grad, mul, type Tensor } from '@gtc/tensor';

/** Options of {@link clipGradNorm}. */
export interface ClipNormOptions {
  /** Which norm; infinity for the greatest magnitude. Default: 2. */
  readonly normType?: number;
  /** Refuses a norm that is NaN or infinite. Default: false. */
  readonly errorIfNonfinite?: boolean;
}

/** The norm of all elements of several tensors. */
export function totalNorm(grads: readonly Tensor[], normType = 2): number {
  let [sum, most] = [0, 0];
  for (const each of grads)
    for (const value of each.contiguous().data as Float32Array | Float64Array) {
      const size = Math.abs(value);
      sum += normType === 2 ? size * size : normType === Number.POSITIVE_INFINITY ? 0 : size ** normType;
      if (size > most || Number.isNaN(size)) most = size;
    }
  return normType === Number.POSITIVE_INFINITY ? most : sum ** (1 / normType);
}

/**
 * Scales gradients down so that their norm, taken together, is at most `maxNorm`.
 *
 * @param grads written in place
 * @returns the norm before
 * @throws {ValidationError} unless the norms are positive, or for a norm that is not finite where that is asked for
 * @remarks Python: `torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite)`; within 1e-9.
 * @example
 * import { tensor } from '@gtc/tensor';
 * clipGradNorm([tensor([3, 4])], 1) // => 5
 */
export function clipGradNorm(grads: readonly Tensor[], maxNorm: number, { normType = 2, errorIfNonfinite = false }: ClipNormOptions = {}): number {
  if (!(maxNorm >= 0)) throw new ValidationError(`maxNorm must be a number from 0 on, got ${maxNorm}`, { parameter: 'maxNorm', received: maxNorm });
  positive(normType, 'normType');
  const norm = totalNorm(grads, normType);
  if (errorIfNonfinite && !Number.isFinite(norm))
    throw new ValidationError(`the norm of grads must be finite, got ${norm}`, { parameter: 'grads', received: norm });
  const factor = maxNorm / (norm + 1e-6);
  // A norm that is no number makes all gradients so, as in torch.
  if (!(factor >= 1)) for (const each of grads) gtc.mul_(each, factor);
  return norm;
}

/**
 * Cuts each element of gradients to `[-clipValue, clipValue]`.
 *
 * @param grads written in place
 * @throws {ValidationError} unless `clipValue` is positive
 * @remarks Python: `torch.nn.utils.clip_grad_value_(parameters, clip_value)`; exact.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const g = tensor([3, -0.5]);
 * clipGradValue([g], 1);
 * g.tolist() // => [1, -0.5]
 */
export function clipGradValue(grads: readonly Tensor[], clipValue: number): void {
  positive(finite(clipValue, 'clipValue'), 'clipValue');
  for (const each of grads) gtc.applyInPlace(each, x => gtc.clip(x, -clipValue, clipValue));
}

/** Norms of rows, as wide as the tensor along the first axis; of each element for a vector. */
function unitNorms(x: Tensor): Tensor {
  return x.ndim <= 1 ? gtc.abs(x) : gtc.vectorNorm(x, { axis: Array.from({ length: x.ndim - 1 }, (_, i) => i + 1), keepdims: true });
}

/**
 * Adaptive gradient clipping: no unit's gradient gets longer than a share of its weights.
 *
 * @param grads written in place; one for each parameter, of its shape
 * @param options `clipping` the share; `eps` the least length of weights that counts
 * @throws {ShapeError} when gradients do not fit parameters
 * @remarks Brock et al. 2021 (NFNets). Units are rows, all but the first axis taken together, and the elements of a vector. Python: `pytorch_optimizer`'s `agc`; within 1e-6.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const g = tensor([[3, 4]]);
 * adaptiveGradClip([tensor([[0, 1]])], [g], { clipping: 0.5 });
 * g.tolist().flat().map(value => value.toFixed(2)) // => ['0.30', '0.40']
 */
export function adaptiveGradClip(
  params: readonly Tensor[],
  grads: readonly Tensor[],
  { clipping = 0.01, eps = 1e-3 }: { readonly clipping?: number; readonly eps?: number } = {},
): void {
  positive(clipping, 'clipping');
  if (params.length !== grads.length)
    throw new ShapeError(`grads must be one for each of ${params.length} parameters, got ${grads.length}`, { parameter: 'grads' });
  gtc.noGrad(() => {
    for (const [i, parameter] of params.entries()) {
      const gradient = grads[i]!;
      ShapeError.check({ [`grads[${i}]`]: [gradient, parameter.shape] });
      const most = mul(gtc.clip(unitNorms(parameter.detach()), eps, Number.POSITIVE_INFINITY), clipping);
      const length = unitNorms(gradient);
      const scaled = mul(gradient, div(most, gtc.clip(length, 1e-6, Number.POSITIVE_INFINITY)));
      gradient.copy_(gtc.where(gtc.gt(length, most), scaled, gradient));
    }
  });
}

/**
 * Gradients of a loss, example by example, each cut to a norm, and their sum: the heart of differentially private training.
 *
 * @param losses the loss of each example, `[examples]`
 * @returns the norms before, and the sum of what was cut, one tensor for each parameter
 * @throws {ShapeError} unless `losses` is a vector @throws {NumericError} for a gradient that is not finite
 * @remarks Abadi et al. 2016. Python: `opacus`' `DPOptimizer.clip_and_accumulate`; within 1e-9.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const p = tensor([1], { requiresGrad: true });
 * perSampleClip(p.mul(tensor([3, 0.5])), [p], 1).summedGrads[0].tolist() // => [1.5]
 */
export function perSampleClip(
  losses: Tensor,
  params: readonly Tensor[],
  maxGradNorm: number,
): { readonly norms: readonly number[]; readonly summedGrads: readonly Tensor[] } {
  positive(maxGradNorm, 'maxGradNorm');
  ShapeError.check({ losses: [losses, ['examples']] });
  const sums = params.map(parameter => gtc.zerosLike(parameter.detach()));
  const norms = Array.from({ length: losses.size }, (_, i) => {
    const gradients = grad([losses.get(i)], [...params], { retainGraph: true, allowUnused: true }).map(
      (each, at) => each ?? gtc.zerosLike(params[at]!.detach()),
    );
    const norm = totalNorm(gradients);
    if (!Number.isFinite(norm))
      throw new NumericError(`the gradient of example ${i} must be finite, got a norm of ${norm}`, { parameter: 'losses', received: norm });
    const share = Math.min(1, maxGradNorm / norm);
    for (const [at, gradient] of gradients.entries()) sums[at] = add(sums[at]!, mul(gradient, norm === 0 ? 1 : share));
    return norm;
  });
  return { norms, summedGrads: sums };
}

/**
 * Backward passes of the parts of a batch, so that the gradients are those of the mean over the whole: parts weigh by what they count.
 *
 * @param parts of a batch, such as rows that fit into memory
 * @param lossOf the mean loss of a part
 * @param countOf what the mean of a part is taken over: its examples, or its labelled tokens
 * @returns the mean loss
 * @throws {ValidationError} when all parts together count nothing
 * @remarks Python: `transformers.Trainer` with `gradient_accumulation_steps` and `num_items_in_batch`; within 1e-10 of the large batch.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const p = tensor([1], { requiresGrad: true });
 * accumulateBackward([[1, 2], [6]], part => p.mul(part.reduce((a, b) => a + b) / part.length).sum(), part => part.length);
 * p.grad.tolist() // => [3]
 */
export function accumulateBackward<Part>(parts: readonly Part[], lossOf: (part: Part) => Tensor, countOf: (part: Part) => number): number {
  const counts = parts.map(countOf);
  const total = counts.reduce((a, b) => a + b, 0);
  if (!(total > 0)) throw new ValidationError(`parts must count something together, got ${total}`, { parameter: 'parts', received: total });
  let mean = 0;
  for (const [i, part] of parts.entries()) {
    if (counts[i] === 0) continue;
    const share = mul(lossOf(part), counts[i]! / total);
    share.backward();
    mean += share.item() as number;
  }
  return mean;
}

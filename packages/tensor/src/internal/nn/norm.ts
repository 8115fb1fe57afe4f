/** Normalisation of activations. */
import { ShapeError, StateError, ValidationError } from '@gtc/errors';
import { isHalf } from '../../dtypes.js';
import { type Tensor, wrap } from '../../tensor.js';
import { isRecording, record, withRecording } from '../autograd/graph.js';
import { numbersOf } from '../core/elements.js';
import { showShape, sizeOf } from '../core/shape.js';
import type { NumberArray } from '../core/storage.js';
import { add, div, mul, square, sub } from '../elementwise/arithmetic.js';
import { rsqrt } from '../elementwise/exponential.js';
import { type NormRows, normBackwardKernel, normKernel } from '../kernels/norm.js';
import { mean, sum, varMean } from '../reductions/sums.js';
import { reshape } from '../shape/views.js';

/** Scale and shift of a normalisation. */
export interface NormOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** Added to the variance. */
  readonly eps?: number;
}

/** Computes in float32 what is stored in 16 bits, and rounds the result once. */
function wide(x: Tensor, of: (x: Tensor) => Tensor): Tensor {
  return isHalf(x.dtype) ? of(x.astype('float32')).astype(x.dtype) : of(x);
}

/** Refuses a normalised shape that is not the end of the input's, and weights of another shape. */
function checkEnd(operation: string, x: Tensor, shape: readonly number[], ...weights: readonly (Tensor | null | undefined)[]): number[] {
  const end = x.shape.slice(x.ndim - shape.length);
  if (shape.length === 0 || showShape(end) !== showShape(shape))
    throw new ShapeError(`${operation}: an input of shape ${showShape(x.shape)} does not end in the normalised shape ${showShape(shape)}`, {
      parameter: 'shape',
      received: shape,
    });
  for (const weight of weights)
    if (weight && showShape(weight.shape) !== showShape(shape))
      throw new ShapeError(`${operation}: weight and bias must have the normalised shape ${showShape(shape)}, got ${showShape(weight.shape)}`, {
        parameter: 'weight',
        received: weight.shape,
      });
  return shape.map((_, i) => i - shape.length);
}

const affine = (x: Tensor, weight?: Tensor | null, bias?: Tensor | null): Tensor => {
  const scaled = weight ? mul(x, weight) : x;
  return bias ? add(scaled, bias) : scaled;
};

/** `(x - mean) / √(variance + eps)` over axes. */
function standardise(x: Tensor, axis: readonly number[], eps: number): Tensor {
  const { var: spread, mean: center } = varMean(x, { axis, keepdims: true, correction: 0 });
  return mul(sub(x, center), rsqrt(add(spread, eps)));
}

/** `1 / √(mean of x² + eps)` over axes. */
const rootMeanScale = (x: Tensor, axis: readonly number[], eps: number): Tensor => rsqrt(add(mean(square(x), { axis, keepdims: true }), eps));

/** Gradients of a normalisation of rows, spelled out in operations, so that they have gradients themselves. */
function normGradients(g: Tensor, x: Tensor, axis: readonly number[], { weight, bias, eps = 0 }: NormOptions, centred: boolean): (Tensor | null)[] {
  const center = centred ? mean(x, { axis, keepdims: true }) : 0;
  const scale = rootMeanScale(sub(x, center), axis, eps);
  const normal = mul(sub(x, center), scale);
  const gradient = weight ? mul(g, weight) : g;
  const along = mul(normal, mean(mul(gradient, normal), { axis, keepdims: true }));
  const flat = centred ? sub(gradient, mean(gradient, { axis, keepdims: true })) : gradient;
  const leading = Array.from({ length: x.ndim - axis.length }, (_, i) => i);
  return [mul(scale, sub(flat, along)), weight ? sum(mul(g, normal), { axis: leading }) : null, bias ? sum(g, { axis: leading }) : null];
}

/** A normalisation of float32 rows in one pass forth and one back; null where no kernel serves it. */
function fusedNorm(name: string, x: Tensor, axis: readonly number[], options: NormOptions, centred: boolean): Tensor | null {
  const { weight = null, bias = null } = options;
  if (x.dtype !== 'float32' || [weight, bias].some(each => each !== null && each.dtype !== 'float32')) return null;
  const n = sizeOf(axis.map(at => x.shape.at(at)!));
  const rows = n === 0 ? 0 : x.size / n;
  const given = (): NormRows => ({ data: numbersOf(x), weight: weight && numbersOf(weight), bias: bias && numbersOf(bias), rows, n, centred });
  const forth = normKernel(given(), options.eps ?? 0);
  if (forth === null) return null;
  const [means, scales] = [forth.means, forth.scales].map(data => wrap(data, [rows], 'float32')) as [Tensor, Tensor];
  const rule = (g: Tensor, needs: readonly boolean[]): (Tensor | null)[] => {
    const [dx, dweight, dbias] = isRecording() ? normGradients(g, x, axis, options, centred) : fusedGradients(g);
    return [dx!, needs[1] ? (dweight ?? null) : null, needs[2] ? (dbias ?? null) : null];
  };
  const fusedGradients = (g: Tensor): (Tensor | null)[] => {
    const back = normBackwardKernel(given(), numbersOf(means), numbersOf(scales), numbersOf(g));
    if (back === null) return normGradients(g, x, axis, options, centred);
    const shaped = (data: NumberArray | null, like: Tensor | null): Tensor | null =>
      data === null || like === null ? null : wrap(data, like.shape, 'float32');
    return [wrap(back.x, x.shape, 'float32'), shaped(back.weight, weight), shaped(back.bias, bias)];
  };
  const inputs = [x, weight ?? x.detach(), bias ?? x.detach()];
  return record(name, wrap(forth.y, x.shape, 'float32'), inputs, rule, [x, weight ?? false, means, scales]);
}

/**
 * `(x - mean) / √(variance + eps) · weight + bias` over the last axes.
 *
 * @param shape lengths of the axes that are normalised together
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `torch.nn.functional.layer_norm(x, shape, weight, bias, eps=1e-5)`.
 * @example layerNorm(tensor([1, 3]), [2], { eps: 0 }).tolist() // => [-1, 1]
 */
export function layerNorm(x: Tensor, shape: readonly number[], { weight, bias, eps = 1e-5 }: NormOptions = {}): Tensor {
  const axis = checkEnd('layerNorm', x, shape, weight, bias);
  return (
    fusedNorm('layerNorm', x, axis, { weight: weight ?? null, bias: bias ?? null, eps }, true) ??
    wide(x, each => affine(standardise(each, axis, eps), weight, bias))
  );
}

/**
 * `x / √(mean of x² + eps) · weight` over the last axes (Zhang and Sennrich 2019).
 *
 * @throws {ShapeError} naming both shapes
 * @remarks Python: `torch.nn.functional.rms_norm(x, shape, weight, eps)`.
 * @example rmsNorm(tensor([2, 2]), [2], { eps: 0 }).tolist() // => [1, 1]
 */
export function rmsNorm(x: Tensor, shape: readonly number[], { weight, eps = 1e-6 }: Omit<NormOptions, 'bias'> = {}): Tensor {
  const axis = checkEnd('rmsNorm', x, shape, weight);
  return fusedNorm('rmsNorm', x, axis, { weight: weight ?? null, eps }, false) ?? wide(x, each => affine(mul(each, rootMeanScale(each, axis, eps)), weight));
}

/** A vector with one element for each channel, as it stands beside `[N, C, ...]`. */
const perChannel = (vector: Tensor | null | undefined, ndim: number): Tensor | null =>
  vector ? reshape(vector, [1, -1, ...new Array<number>(ndim - 2).fill(1)]) : null;

/**
 * Normalises groups of channels of `[N, C, ...]`.
 *
 * @param groups divides the number of channels
 * @throws {ShapeError} when it does not
 * @remarks Python: `torch.nn.functional.group_norm(x, groups, weight, bias, eps=1e-5)`.
 * @example groupNorm(tensor([[1, 3]]), 1, { eps: 0 }).tolist() // => [[-1, 1]]
 */
export function groupNorm(x: Tensor, groups: number, { weight, bias, eps = 1e-5 }: NormOptions = {}): Tensor {
  const [n = 0, channels = 0] = x.shape;
  if (x.ndim < 2 || !(groups > 0) || channels % groups !== 0)
    throw new ShapeError(`groupNorm: ${channels} channels of ${showShape(x.shape)} cannot be cut into ${groups} groups`, {
      parameter: 'groups',
      received: groups,
    });
  const grouped = reshape(x, [n, groups, n === 0 ? 0 : x.size / n / groups]);
  return wide(grouped, each => standardise(each, [2], eps))
    .reshape(x.shape)
    .mul(perChannel(weight, x.ndim) ?? 1)
    .add(perChannel(bias, x.ndim) ?? 0);
}

/** Options of {@link batchNorm}. */
export interface BatchNormOptions extends NormOptions {
  /** Running mean of each channel; written in training. */
  readonly runningMean?: Tensor | null;
  /** Running, unbiased variance of each channel; written in training. */
  readonly runningVar?: Tensor | null;
  /** Normalise by the batch instead of the running values. */
  readonly training?: boolean;
  /** Weight of the batch in the running values. Default: 0.1. */
  readonly momentum?: number;
}

/**
 * Normalises each channel of `[N, C, ...]` over all the rest; in training the running values move towards those of the batch.
 *
 * @throws {ValidationError} in training with one value for a channel
 * @throws {StateError} without running values outside training
 * @remarks Python: `torch.nn.functional.batch_norm(x, running_mean, running_var, weight, bias, training, momentum=0.1, eps=1e-5)`.
 * @example batchNorm(tensor([[1], [3]]), { training: true, eps: 0 }).tolist() // => [[-1], [1]]
 */
export function batchNorm(x: Tensor, { runningMean, runningVar, weight, bias, training = false, momentum = 0.1, eps = 1e-5 }: BatchNormOptions = {}): Tensor {
  const channels = x.shape[1] ?? 0;
  const n = x.size / Math.max(1, channels);
  const axis = x.shape.map((_, k) => k).filter(k => k !== 1);
  if (training && n <= 1)
    throw new ValidationError(`batchNorm: training needs more than one value for each channel, got shape ${showShape(x.shape)}`, {
      parameter: 'x',
      received: x.shape,
    });
  if (!training && (!runningMean || !runningVar)) throw new StateError('batchNorm: outside training it needs runningMean and runningVar');
  let [center, spread] = [perChannel(runningMean, x.ndim), perChannel(runningVar, x.ndim)];
  if (training) {
    const batch = varMean(x, { axis, keepdims: true, correction: 0 });
    [center, spread] = [batch.mean, batch.var];
    withRecording(false, () => {
      runningMean?.copy_(runningMean.lerp(reshape(batch.mean, [channels]), momentum));
      runningVar?.copy_(runningVar.lerp(reshape(batch.var, [channels]).mul(n / (n - 1)), momentum));
    });
  }
  const scale = rsqrt(add(spread!, eps));
  return affine(mul(sub(x, center!), scale), perChannel(weight, x.ndim), perChannel(bias, x.ndim));
}

/**
 * Normalises each channel of each example of `[N, C, ...]`.
 *
 * @remarks Python: `torch.nn.functional.instance_norm(x, weight=weight, bias=bias, eps=1e-5)`.
 * @example instanceNorm(tensor([[[1, 3]]]), { eps: 0 }).tolist() // => [[[-1, 1]]]
 */
export function instanceNorm(x: Tensor, options: NormOptions = {}): Tensor {
  return groupNorm(x, x.shape[1] ?? 0, options);
}

/**
 * Divides by sums of squares over neighbouring channels (Krizhevsky et al. 2012).
 *
 * @param size number of channels that count
 * @remarks Python: `torch.nn.functional.local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1)`.
 * @example localResponseNorm(tensor([[[2]]]), 1, { alpha: 0 }).tolist() // => [[[2]]]
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: { readonly alpha?: number; readonly beta?: number; readonly k?: number } = {},
): Tensor {
  const before = Math.floor(size / 2);
  const padded = square(x).pad(x.shape.map((_, axis) => (axis === 1 ? [before, size - 1 - before] : [0, 0]) as [number, number]));
  const sums = padded.unfold(1, size, 1).mean({ axis: -1 });
  return div(x, add(mul(sums, alpha), k).pow(beta));
}

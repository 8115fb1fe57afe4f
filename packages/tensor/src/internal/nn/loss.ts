/** Losses: how far predictions lie from targets. */
import { inRange, oneOf, ShapeError, ValidationError } from '@gtc/errors';
import { isFloating } from '../../dtypes.js';
import { type Tensor, tensor, wrap } from '../../tensor.js';
import { numbersOf } from '../core/elements.js';
import { showShape } from '../core/shape.js';
import { logSigmoid, sigmoid, softplus } from '../elementwise/activation.js';
import { abs, add, div, maximum, minimum, mul, neg, square, sub } from '../elementwise/arithmetic.js';
import { eq, gt, lt, where } from '../elementwise/comparison.js';
import { exp, log, xlogy } from '../elementwise/exponential.js';
import { clip } from '../elementwise/rounding.js';
import { gather, indexSelect } from '../indexing/gather.js';
import { cosineSimilarity, pairwiseDistance } from '../products/matmul.js';
import { logSoftmax } from '../reductions/scans.js';
import { mean, sum } from '../reductions/sums.js';
import { moveaxis, reshape, unsqueeze } from '../shape/views.js';

/** What becomes of the losses of single elements. */
export type Reduction = 'none' | 'mean' | 'sum';

/** Options of every loss. */
export interface LossOptions {
  /** Default: 'mean'. */
  readonly reduction?: Reduction;
}

const REDUCTIONS = ['none', 'mean', 'sum'] as const;

/** Losses of elements as the caller wants them. */
function reduce(losses: Tensor, reduction: Reduction = 'mean'): Tensor {
  oneOf(reduction, 'reduction', REDUCTIONS);
  return reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);
}

/** Refuses prediction and target of two shapes. */
function sameShape(operation: string, x: Tensor, target: Tensor): void {
  if (showShape(x.shape) !== showShape(target.shape))
    throw new ShapeError(`${operation}: input ${showShape(x.shape)} and target ${showShape(target.shape)} must have one shape`, {
      parameter: 'target',
      received: target.shape,
    });
}

/** A loss of the difference of two tensors. */
function differenceLoss(operation: string, x: Tensor, target: Tensor, { reduction }: LossOptions, of: (difference: Tensor) => Tensor): Tensor {
  oneOf(reduction ?? 'mean', 'reduction', REDUCTIONS);
  sameShape(operation, x, target);
  return reduce(of(sub(x, target)), reduction);
}

/**
 * The squared difference.
 *
 * @remarks Python: `torch.nn.functional.mse_loss(x, target)`.
 * @example mseLoss(tensor([1, 2]), tensor([1, 4])).item() // => 2
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return differenceLoss('mseLoss', x, target, options, square);
}

/**
 * The absolute difference.
 *
 * @remarks Python: `torch.nn.functional.l1_loss(x, target)`.
 * @example l1Loss(tensor([1, 2]), tensor([1, 4])).item() // => 1
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return differenceLoss('l1Loss', x, target, options, abs);
}

/**
 * Half the squared difference over `beta` below `beta`, the absolute difference less `beta / 2` above.
 *
 * @remarks Python: `torch.nn.functional.smooth_l1_loss(x, target, beta=1)`.
 * @example smoothL1Loss(tensor([3]), tensor([0])).item() // => 2.5
 */
export function smoothL1Loss(x: Tensor, target: Tensor, { beta = 1, ...options }: LossOptions & { readonly beta?: number } = {}): Tensor {
  if (beta === 0) return l1Loss(x, target, options);
  return differenceLoss('smoothL1Loss', x, target, options, d => where(lt(abs(d), beta), mul(square(d), 0.5 / beta), sub(abs(d), beta / 2)));
}

/**
 * Half the squared difference below `delta`, `delta · (|difference| - delta / 2)` above.
 *
 * @remarks Python: `torch.nn.functional.huber_loss(x, target, delta=1)`.
 * @example huberLoss(tensor([3]), tensor([0])).item() // => 2.5
 */
export function huberLoss(x: Tensor, target: Tensor, { delta = 1, ...options }: LossOptions & { readonly delta?: number } = {}): Tensor {
  return differenceLoss('huberLoss', x, target, options, d => where(lt(abs(d), delta), mul(square(d), 0.5), mul(sub(abs(d), delta / 2), delta)));
}

/** Options of losses over classes. */
export interface ClassLossOptions extends LossOptions {
  /** Weight of each class. */
  readonly weight?: Tensor | null;
  /** A target that does not count. Default: -100. */
  readonly ignoreIndex?: number;
}

/** Classes last: `[N, C, d...]` as `[N, d..., C]`. */
const classesLast = (x: Tensor): Tensor => (x.ndim > 2 ? moveaxis(x, 1, -1) : x);

/** Targets as indices that can be gathered, and the weight of each. */
function prepare(operation: string, logits: Tensor, target: Tensor, { weight, ignoreIndex = -100 }: ClassLossOptions): { index: Tensor; weights: Tensor } {
  const classes = logits.shape.at(-1)!;
  if (isFloating(target.dtype))
    throw new ValidationError(`${operation}: target must be of an integer dtype, got ${target.dtype}`, { parameter: 'target', received: target.dtype });
  if (showShape(logits.shape.slice(0, -1)) !== showShape(target.shape))
    throw new ShapeError(`${operation}: target ${showShape(target.shape)} does not fit an input with rows ${showShape(logits.shape.slice(0, -1))}`, {
      parameter: 'target',
      received: target.shape,
    });
  if (weight && weight.size !== classes)
    throw new ShapeError(`${operation}: weight ${showShape(weight.shape)} must have one element for each of ${classes} classes`, {
      parameter: 'weight',
      received: weight.shape,
    });
  const labels = Array.from(numbersOf(target));
  const odd = labels.find(label => label !== ignoreIndex && !(label >= 0 && label < classes));
  if (odd !== undefined)
    throw new ValidationError(`${operation}: target ${odd} is out of range for ${classes} classes`, { parameter: 'target', received: odd });
  const index = wrap(
    Int32Array.from(labels, label => (label === ignoreIndex ? 0 : label)),
    target.shape,
    'int32',
  );
  const counts = wrap(
    Float64Array.from(labels, label => Number(label !== ignoreIndex)),
    target.shape,
    'float64',
  ).astype(logits.dtype);
  const weights = weight ? mul(counts, reshape(indexSelect(weight, 0, reshape(index, [-1])), target.shape)) : counts;
  return { index, weights };
}

/** Weighted losses of rows: their mean is divided by the sum of the weights. */
function reduceWeighted(losses: Tensor, weights: Tensor, reduction: Reduction = 'mean'): Tensor {
  oneOf(reduction, 'reduction', REDUCTIONS);
  return reduction === 'mean' ? div(sum(losses), sum(weights)) : reduce(losses, reduction);
}

/** Refuses what is no batch of class scores, and gives a single example a batch of its own. */
function batched(x: Tensor, target: Tensor): readonly [Tensor, Tensor, boolean] {
  return x.ndim === 1 ? [unsqueeze(x, 0), isFloating(target.dtype) || target.ndim === 0 ? unsqueeze(target, 0) : target, true] : [x, target, false];
}

/**
 * The negative log-likelihood of the target class.
 *
 * @param x log-probabilities, `[N, C]`, `[N, C, d...]` or `[C]`
 * @param target class numbers, `[N]`, `[N, d...]` or one
 * @throws {ValidationError} for a target that is no class
 * @remarks Python: `torch.nn.functional.nll_loss(x, target)`.
 * @example nllLoss(tensor([[-1, -2]]), tensor([1], { dtype: 'int32' })).item() // => 2
 */
export function nllLoss(x: Tensor, target: Tensor, { reduction, ...options }: ClassLossOptions = {}): Tensor {
  const [scores, labels, single] = batched(x, target);
  const rows = classesLast(scores);
  const { index, weights } = prepare('nllLoss', rows, labels, options);
  const picked = reshape(gather(rows, rows.ndim - 1, unsqueeze(index, -1)), index.shape);
  const losses = neg(mul(picked, weights));
  const result = reduceWeighted(losses, weights, reduction);
  return single && reduction === 'none' ? reshape(result, []) : result;
}

/** Options of {@link crossEntropy}. */
export interface CrossEntropyOptions extends ClassLossOptions {
  /** Share of the target that is spread over all classes, in [0, 1]. */
  readonly labelSmoothing?: number;
}

/**
 * The cross-entropy of class scores and the target: a class for each row, or the probability of each class.
 *
 * @param x scores before softmax, `[N, C]`, `[N, C, d...]` or `[C]`
 * @param target class numbers without the axis of classes, or probabilities of `x`'s shape
 * @throws {ValidationError} for a target that is no class
 * @remarks Python: `torch.nn.functional.cross_entropy(x, target)`.
 * @example crossEntropy(tensor([[0, 0]], { dtype: 'float64' }), tensor([1], { dtype: 'int32' })).item() // => Math.LN2
 */
export function crossEntropy(x: Tensor, target: Tensor, { reduction, labelSmoothing = 0, ...options }: CrossEntropyOptions = {}): Tensor {
  inRange(labelSmoothing, 'labelSmoothing', { min: 0, max: 1 });
  const [scores, labels, single] = batched(x, target);
  const logs = logSoftmax(classesLast(scores));
  const classes = logs.shape.at(-1)!;
  const done = (losses: Tensor): Tensor => (single && reduction === 'none' ? reshape(losses, []) : losses);
  if (isFloating(labels.dtype)) {
    sameShape('crossEntropy', scores, labels);
    const spread = add(mul(classesLast(labels), 1 - labelSmoothing), labelSmoothing / classes);
    const weighted = options.weight ? mul(spread, options.weight) : spread;
    const losses = neg(sum(mul(logs, weighted), { axis: -1 }));
    return done((reduction ?? 'mean') === 'mean' ? div(sum(losses), losses.size) : reduce(losses, reduction));
  }
  const { index, weights } = prepare('crossEntropy', logs, labels, options);
  const picked = reshape(gather(logs, logs.ndim - 1, unsqueeze(index, -1)), index.shape);
  const main = neg(mul(picked, weights));
  if (labelSmoothing === 0) return done(reduceWeighted(main, weights, reduction));
  const { weights: counts } = prepare('crossEntropy', logs, labels, { ...options, weight: null });
  const all = options.weight ? mul(logs, options.weight) : logs;
  const smooth = mul(neg(sum(all, { axis: -1 })), mul(counts, 1 / classes));
  return done(add(mul(reduceWeighted(main, weights, reduction), 1 - labelSmoothing), mul(reduceWeighted(smooth, weights, reduction), labelSmoothing)));
}

/** Options of losses over two classes. */
export interface BinaryLossOptions extends LossOptions {
  /** Weight of each element; broadcasts. */
  readonly weight?: Tensor | null;
}

const weighted = (losses: Tensor, weight?: Tensor | null): Tensor => (weight ? mul(losses, weight) : losses);

/**
 * The cross-entropy of probabilities; logarithms are cut off at -100.
 *
 * @param x probabilities in [0, 1]
 * @throws {ValidationError} for a probability outside
 * @remarks Python: `torch.nn.functional.binary_cross_entropy(x, target)`.
 * @example binaryCrossEntropy(tensor([0.5], { dtype: 'float64' }), tensor([1], { dtype: 'float64' })).item() // => Math.LN2
 */
export function binaryCrossEntropy(x: Tensor, target: Tensor, { weight, reduction }: BinaryLossOptions = {}): Tensor {
  sameShape('binaryCrossEntropy', x, target);
  const odd = numbersOf(x).find(value => !(value >= 0 && value <= 1));
  if (odd !== undefined) throw new ValidationError(`binaryCrossEntropy: input must be probabilities in [0, 1], got ${odd}`, { parameter: 'x', received: odd });
  const cut = (each: Tensor): Tensor => maximum(log(each), tensor(-100, { dtype: x.dtype }));
  return reduce(weighted(neg(add(mul(target, cut(x)), mul(sub(1, target), cut(sub(1, x))))), weight), reduction);
}

/**
 * The cross-entropy of scores before the sigmoid, without overflow.
 *
 * @param options `posWeight` weight of positive targets
 * @remarks Python: `torch.nn.functional.binary_cross_entropy_with_logits(x, target)`.
 * @example bceWithLogits(tensor([0], { dtype: 'float64' }), tensor([1], { dtype: 'float64' })).item() // => Math.LN2
 */
export function bceWithLogits(
  x: Tensor,
  target: Tensor,
  { weight, posWeight, reduction }: BinaryLossOptions & { readonly posWeight?: Tensor | null } = {},
): Tensor {
  sameShape('bceWithLogits', x, target);
  const slope = posWeight ? add(mul(target, sub(posWeight, 1)), 1) : tensor(1, { dtype: x.dtype });
  return reduce(weighted(sub(mul(sub(1, target), x), mul(slope, logSigmoid(x))), weight), reduction);
}

/**
 * `target · (log target - x)`, the divergence of log-probabilities from a distribution.
 *
 * @param options `logTarget` whether the target is given as logarithms; `reduction` 'batchmean' divides by the first axis
 * @remarks Python: `torch.nn.functional.kl_div(x, target)`.
 * @example klDiv(tensor([0]), tensor([1]), { reduction: 'sum' }).item() // => 0
 */
export function klDiv(
  x: Tensor,
  target: Tensor,
  { reduction = 'mean', logTarget = false }: { readonly reduction?: Reduction | 'batchmean'; readonly logTarget?: boolean } = {},
): Tensor {
  oneOf(reduction, 'reduction', [...REDUCTIONS, 'batchmean']);
  const losses = logTarget ? mul(exp(target), sub(target, x)) : sub(xlogy(target, target), mul(target, x));
  return reduction === 'batchmean' ? div(sum(losses), x.shape[0] ?? 1) : reduce(losses, reduction);
}

/**
 * `log(1 + e^(-target · x))` for targets of -1 and 1.
 *
 * @remarks Python: `torch.nn.functional.soft_margin_loss(x, target)`.
 * @example softMarginLoss(tensor([0], { dtype: 'float64' }), tensor([1], { dtype: 'float64' })).item() // => Math.LN2
 */
export function softMarginLoss(x: Tensor, target: Tensor, { reduction }: LossOptions = {}): Tensor {
  sameShape('softMarginLoss', x, target);
  return reduce(softplus(neg(mul(x, target))), reduction);
}

/**
 * `x` where the target is 1, `max(0, margin - x)` where it is -1.
 *
 * @remarks Python: `torch.nn.functional.hinge_embedding_loss(x, target, margin=1)`.
 * @example hingeEmbeddingLoss(tensor([0.25]), tensor([-1])).item() // => 0.75
 */
export function hingeEmbeddingLoss(x: Tensor, target: Tensor, { margin = 1, reduction }: LossOptions & { readonly margin?: number } = {}): Tensor {
  const zero = tensor(0, { dtype: x.dtype });
  return reduce(add(where(eq(target, 1), x, zero), where(eq(target, -1), maximum(sub(margin, x), zero), zero)), reduction);
}

/**
 * `max(0, -target · (a - b) + margin)`: whether pairs stand in the right order.
 *
 * @remarks Python: `torch.nn.functional.margin_ranking_loss(a, b, target, margin=0)`.
 * @example marginRankingLoss(tensor([1]), tensor([3]), tensor([1])).item() // => 2
 */
export function marginRankingLoss(a: Tensor, b: Tensor, target: Tensor, { margin = 0, reduction }: LossOptions & { readonly margin?: number } = {}): Tensor {
  return reduce(maximum(add(neg(mul(target, sub(a, b))), margin), 0), reduction);
}

/**
 * `1 - cosine` where the target is 1, `max(0, cosine - margin)` where it is -1.
 *
 * @param a `[N, D]`
 * @param b `[N, D]`
 * @remarks Python: `torch.nn.functional.cosine_embedding_loss(a, b, target, margin=0)`.
 * @example cosineEmbeddingLoss(tensor([[1, 0]]), tensor([[0, 1]]), tensor([1])).item() // => 1
 */
export function cosineEmbeddingLoss(a: Tensor, b: Tensor, target: Tensor, { margin = 0, reduction }: LossOptions & { readonly margin?: number } = {}): Tensor {
  const cosine = cosineSimilarity(a, b, { axis: -1 });
  return reduce(where(eq(target, 1), sub(1, cosine), maximum(sub(cosine, margin), 0)), reduction);
}

/**
 * `max(0, |anchor - positive| - |anchor - negative| + margin)`.
 *
 * @param options `swap` takes the nearer of anchor and positive to the negative
 * @remarks Python: `torch.nn.functional.triplet_margin_loss(anchor, positive, negative, margin=1, p=2)`.
 * @example tripletMarginLoss(tensor([[0]]), tensor([[0]]), tensor([[3]]), { eps: 0 }).item() // => 0
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  {
    margin = 1,
    p = 2,
    eps = 1e-6,
    swap = false,
    reduction,
  }: LossOptions & { readonly margin?: number; readonly p?: number; readonly eps?: number; readonly swap?: boolean } = {},
): Tensor {
  const near = pairwiseDistance(anchor, positive, { p, eps });
  const far = pairwiseDistance(anchor, negative, { p, eps });
  const farthest = swap ? minimum(far, pairwiseDistance(positive, negative, { p, eps })) : far;
  return reduce(maximum(add(sub(near, farthest), margin), 0), reduction);
}

/**
 * The Poisson negative log-likelihood, without its constant unless `full`.
 *
 * @param options `logInput` whether `x` is the logarithm of the rate; `full` adds Stirling's approximation
 * @remarks Python: `torch.nn.functional.poisson_nll_loss(x, target)`.
 * @example poissonNllLoss(tensor([0]), tensor([1])).item() // => 1
 */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  { logInput = true, full = false, eps = 1e-8, reduction }: LossOptions & { readonly logInput?: boolean; readonly full?: boolean; readonly eps?: number } = {},
): Tensor {
  const main = logInput ? sub(exp(x), mul(target, x)) : sub(x, mul(target, log(add(x, eps))));
  if (!full) return reduce(main, reduction);
  const stirling = add(sub(mul(target, log(target)), target), mul(log(mul(target, 2 * Math.PI)), 0.5));
  return reduce(add(main, where(gt(target, 1), stirling, tensor(0, { dtype: x.dtype }))), reduction);
}

/**
 * The Gaussian negative log-likelihood for a given variance.
 *
 * @param variance of each element; below `eps` it counts as `eps`
 * @remarks Python: `torch.nn.functional.gaussian_nll_loss(x, target, var)`.
 * @example gaussianNllLoss(tensor([1]), tensor([1]), tensor([1])).item() // => 0
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  { full = false, eps = 1e-6, reduction }: LossOptions & { readonly full?: boolean; readonly eps?: number } = {},
): Tensor {
  // The cut does not act on the gradient.
  const safe = add(variance, sub(clip(variance.detach(), eps, null), variance.detach()));
  const losses = mul(add(log(safe), div(square(sub(x, target)), safe)), 0.5);
  return reduce(full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}

/**
 * The binary cross-entropy of scores that easy examples weigh down (Lin et al. 2017): `α (1 - p)^γ` times it.
 *
 * @param options `alpha` weight of positive targets, none below 0; `gamma` of ease
 * @remarks Python: `torchvision.ops.sigmoid_focal_loss(x, target, alpha=0.25, gamma=2)`, whose default reduction is 'none'.
 * @example sigmoidFocalLoss(tensor([0], { dtype: 'float64' }), tensor([1], { dtype: 'float64' }), { alpha: -1, gamma: 0 }).item() // => Math.LN2
 */
export function sigmoidFocalLoss(
  x: Tensor,
  target: Tensor,
  { alpha = 0.25, gamma = 2, reduction }: LossOptions & { readonly alpha?: number; readonly gamma?: number } = {},
): Tensor {
  const p = sigmoid(x);
  const right = add(mul(p, target), mul(sub(1, p), sub(1, target)));
  const losses = mul(bceWithLogits(x, target, { reduction: 'none' }), sub(1, right).pow(gamma));
  return reduce(alpha < 0 ? losses : mul(losses, add(mul(target, alpha), mul(sub(1, target), 1 - alpha))), reduction);
}

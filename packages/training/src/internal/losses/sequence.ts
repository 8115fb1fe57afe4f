/** Losses of sequences, masks and classes that `@gtc/tensor/nn` does not have. */
import { nonEmpty, ShapeError, ValidationError } from '@gtc/errors';
import {
  add,
  cat,
  div,
  exp,
  gather,
  indexSelect,
  logsumexp,
  maximum,
  mean,
  mul,
  neg,
  pow,
  reshape,
  sigmoid,
  stack,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
  where,
} from '@gtc/tensor';
import { crossEntropy } from '@gtc/tensor/nn';
import { NEVER } from './contrastive.js';

/**
 * Cross-entropy of each next token: scores at a place are held against the label behind it.
 *
 * @param logits `[batch, tokens, vocabulary]` @param labels `[batch, tokens]`; `ignoreIndex` is passed over
 * @throws {ShapeError} when shapes disagree
 * @remarks Python: `transformers`' `ForCausalLMLoss`; within 2e-5.
 * @example
 * import { tensor, zeros } from '@gtc/tensor';
 * causalLmLoss(zeros([1, 2, 2], { dtype: 'float64' }), tensor([[0, 1]], { dtype: 'int32' })).item() // => Math.LN2
 */
export function causalLmLoss(logits: Tensor, labels: Tensor, { ignoreIndex = -100 }: { readonly ignoreIndex?: number } = {}): Tensor {
  ShapeError.check({ logits: [logits, ['batch', 'tokens', 'vocabulary']], labels: [labels, ['batch', 'tokens']] });
  const scores = logits.get(':', ':-1');
  return crossEntropy(reshape(scores, [-1, logits.shape[2]!]), reshape(labels.get(':', '1:'), [-1]), { ignoreIndex });
}

/**
 * Mean over examples of `Σ max(0, margin - x_y + x_j)^p / classes` over the wrong classes `j`.
 *
 * @param x scores, `[examples, classes]` @param target `[examples]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `p` is 1 or 2
 * @remarks Python: `torch.nn.functional.multi_margin_loss`; within 2e-5.
 * @example
 * import { tensor } from '@gtc/tensor';
 * multiMarginLoss(tensor([[0, 0.5]]), tensor([1], { dtype: 'int32' })).item() // => 0.25
 */
export function multiMarginLoss(x: Tensor, target: Tensor, { p = 1, margin = 1 }: { readonly p?: 1 | 2; readonly margin?: number } = {}): Tensor {
  ShapeError.check({ x: [x, ['examples', 'classes']], target: [target, ['examples']] });
  if (p !== 1 && p !== 2) throw new ValidationError(`p must be 1 or 2, got ${p}`, { parameter: 'p', received: p });
  const own = gather(x, 1, unsqueeze(target, 1));
  const over = pow(maximum(add(sub(x, own), margin), 0), p);
  // The right class exceeds itself by the margin, which does not count.
  return mean(div(sub(sum(over, { axis: 1 }), margin ** p), x.shape[1]!));
}

/** Options of {@link ctcLoss}. */
export interface CtcOptions {
  /** Class that stands for no label. */
  readonly blank?: number;
  /** Losses of targets that are longer than their input count as 0. */
  readonly zeroInfinity?: boolean;
}

/** Log probability of a target under the scores of one sequence, by the forward variables of its labels with blanks between. */
function ctcForward(logProbs: Tensor, target: readonly number[], length: number, blank: number): Tensor {
  const labels = [blank, ...target.flatMap(label => [label, blank])];
  const { dtype } = logProbs;
  const rows = indexSelect(logProbs, 1, tensor(labels, { dtype: 'int32' }));
  const never = (count: number): Tensor => tensor(new Array<number>(count).fill(NEVER), { dtype });
  /** Where a label may follow the one two before it: not from a blank, and not the same one again. */
  const skips = tensor(
    labels.map((label, i) => label !== blank && i >= 2 && label !== labels[i - 2]),
    { dtype: 'bool' },
  );
  const states = labels.length;
  let alpha = states > 2 ? cat([rows.get(0, ':2'), never(states - 2)], { axis: 0 }) : rows.get(0);
  for (let time = 1; time < length; time++) {
    const one = cat([never(1), alpha.get(':-1')], { axis: 0 });
    const two = states > 2 ? where(skips, cat([never(2), alpha.get(':-2')], { axis: 0 }), never(states)) : never(states);
    alpha = add(logsumexp(stack([alpha, one, two]), { axis: 0 }), rows.get(time));
  }
  return logsumexp(alpha.get(`${Math.max(0, states - 2)}:`));
}

/**
 * Connectionist temporal classification: the negative log probability of all ways to spell the targets with blanks and repetitions, each
 * divided by its target's length, then averaged. As in torch the gradient is that by the scores before `logSoftmax`, passed on as if by `logProbs`.
 *
 * @param logProbs `[time, batch, classes]` @param targets `[batch, labels]` @param inputLengths `[batch]` @param targetLengths `[batch]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} for lengths or labels out of range
 * @remarks Graves et al. 2006. Python: `torch.nn.functional.ctc_loss(reduction='mean')`; within 1e-4.
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
  { blank = 0, zeroInfinity = false }: CtcOptions = {},
): Tensor {
  ShapeError.check({ logProbs: [logProbs, ['time', 'batch', 'classes']], targets: [targets, ['batch', 'labels']] });
  const [time, batch, classes] = logProbs.shape as [number, number, number];
  const rows = (targets.tolist() as (number | bigint)[][]).map(row => row.map(Number));
  const inRange = (list: readonly number[], most: number, parameter: string): void => {
    if (list.length !== batch) throw new ShapeError(`${parameter} must have length ${batch}, got ${list.length}`, { parameter, received: list.length });
    const odd = list.find(length => !(Number.isInteger(length) && length >= 0 && length <= most));
    if (odd !== undefined) throw new ValidationError(`${parameter} must be integers from 0 to ${most}, got ${odd}`, { parameter, received: odd });
  };
  inRange(inputLengths, time, 'inputLengths');
  inRange(targetLengths, targets.shape[1]!, 'targetLengths');
  const losses = rows.map((row, i) => {
    const target = row.slice(0, targetLengths[i]);
    const odd = target.find(label => label < 0 || label >= classes || label === blank);
    if (odd !== undefined)
      throw new ValidationError(`targets must be classes other than ${blank}, the blank, got ${odd}`, { parameter: 'targets', received: odd });
    const own = logProbs.get(`:${inputLengths[i]!}`, i);
    const mass = sum(exp(own));
    // Adds nothing but its slope: probabilities sum to one, which is how scores before a softmax see the loss.
    const loss = add(neg(ctcForward(own, target, inputLengths[i]!, blank)), sub(mass, mass.detach()));
    if (loss.item() < -NEVER / 2) return div(loss, Math.max(1, target.length));
    return tensor(zeroInfinity ? 0 : Number.POSITIVE_INFINITY, { dtype: logProbs.dtype });
  });
  return mean(stack(losses));
}

/**
 * `1 - (2 Σ p t + smooth) / (Σ p + Σ t + smooth)` with `p` the sigmoid of the scores.
 *
 * @param logits any shape @param target of the same shape, 0 or 1
 * @throws {ShapeError} when shapes disagree
 * @remarks Milletari et al. 2016; within 2e-5 of torch.
 */
export function diceLoss(logits: Tensor, target: Tensor, { smooth = 1 }: { readonly smooth?: number } = {}): Tensor {
  ShapeError.check({ target: [target, logits.shape] });
  const p = sigmoid(logits);
  const overlap = add(mul(sum(mul(p, target)), 2), smooth);
  return sub(1, div(overlap, add(add(sum(p), sum(target)), smooth)));
}

/**
 * Weights that make classes count alike: `examples / (classes · count)` for each class in ascending order.
 *
 * @throws {ValidationError} without labels
 * @remarks Python: `sklearn.utils.class_weight.compute_class_weight('balanced')`; exact.
 * @example computeClassWeight([0, 0, 0, 1]) // => [2 / 3, 2]
 */
export function computeClassWeight(labels: ArrayLike<number>): number[] {
  const counts = new Map<number, number>();
  for (const label of nonEmpty(Array.from(labels), 'labels')) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a - b).map(([, count]) => labels.length / (counts.size * count));
}

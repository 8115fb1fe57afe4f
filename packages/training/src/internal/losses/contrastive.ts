/** Losses that pull pairs together and push others apart, of embeddings in a batch. */
import { positive, ShapeError } from '@gtc/errors';
import {
  add,
  arange,
  cat,
  cosineSimilarity,
  div,
  eye,
  logsumexp,
  maskedFill,
  matmul,
  matrixTranspose,
  mul,
  neg,
  normalize,
  reshape,
  sub,
  sum,
  type Tensor,
  tensor,
} from '@gtc/tensor';
import { crossEntropy } from '@gtc/tensor/nn';

/** Stands for minus infinity where a gradient must not become NaN. */
export const NEVER = -1e30;

function pairs(names: Readonly<Record<string, Tensor>>): number {
  ShapeError.check(Object.fromEntries(Object.entries(names).map(([name, each]) => [name, [each, ['pairs', 'dimensions']] as const])));
  return Object.values(names)[0]!.shape[0]!;
}

/** Cosine similarities of all rows of one with all rows of the other. */
const similarities = (a: Tensor, b: Tensor): Tensor => matmul(normalize(a, { axis: -1 }), matrixTranspose(normalize(b, { axis: -1 })));
const numbered = (count: number, start = 0): Tensor => arange(start, start + count, 1, { dtype: 'int32' });

/**
 * Cross-entropy of each query under its similarities to all keys of the batch, of which its own is the right one.
 *
 * @param query `[pairs, dimensions]` @param key `[pairs, dimensions]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `temperature` is positive
 * @remarks van den Oord et al. 2018 (InfoNCE); within 1e-4 of torch in float32.
 * @example
 * import { tensor } from '@gtc/tensor';
 * infoNceLoss(tensor([[1, 0], [0, 1]]), tensor([[1, 0], [0, 1]]), { temperature: 0.1 }).item() < 1e-3 // => true
 */
export function infoNceLoss(query: Tensor, key: Tensor, { temperature = 0.07 }: { readonly temperature?: number } = {}): Tensor {
  const count = pairs({ query, key });
  return crossEntropy(div(similarities(query, key), positive(temperature, 'temperature')), numbered(count));
}

/**
 * The mean of {@link infoNceLoss} from images to texts and from texts to images.
 *
 * @param image `[pairs, dimensions]` @param text `[pairs, dimensions]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `temperature` is positive
 * @remarks Radford et al. 2021 (CLIP). Python: `transformers`' `clip_loss`; within 1e-4.
 */
export function clipLoss(image: Tensor, text: Tensor, { temperature = 0.07 }: { readonly temperature?: number } = {}): Tensor {
  const count = pairs({ image, text });
  const scores = div(similarities(image, text), positive(temperature, 'temperature'));
  return div(add(crossEntropy(scores, numbered(count)), crossEntropy(matrixTranspose(scores), numbered(count))), 2);
}

/**
 * Cross-entropy of each view under its similarities to all others of the batch, of which the other view of the same example is the right one.
 *
 * @param z1 first views, `[pairs, dimensions]` @param z2 second views, `[pairs, dimensions]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `temperature` is positive
 * @remarks Chen et al. 2020 (SimCLR, NT-Xent); within 1e-4 of torch in float32.
 */
export function ntXentLoss(z1: Tensor, z2: Tensor, { temperature = 0.07 }: { readonly temperature?: number } = {}): Tensor {
  const count = pairs({ z1, z2 });
  const all = cat([z1, z2], { axis: 0 });
  const scores = div(similarities(all, all), positive(temperature, 'temperature'));
  const others = maskedFill(scores, eye(2 * count).astype('bool'), NEVER);
  return crossEntropy(others, cat([numbered(count, count), numbered(count)], { axis: 0 }));
}

/**
 * For each example the mean, over the others of its class, of the negative log share of its similarity; the mean over examples that have any.
 *
 * @param features `[examples, dimensions]` @param labels `[examples]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `temperature` is positive
 * @remarks Khosla et al. 2020 (SupCon, the sum outside the logarithm); within 1e-4 of torch in float32. 0 where no class has two examples.
 */
export function supConLoss(features: Tensor, labels: Tensor, { temperature = 0.07 }: { readonly temperature?: number } = {}): Tensor {
  ShapeError.check({ features: [features, ['examples', 'dimensions']], labels: [labels, ['examples']] });
  const classes = (labels.tolist() as (number | bigint)[]).map(Number);
  const scores = div(similarities(features, features), positive(temperature, 'temperature'));
  const logShares = sub(scores, logsumexp(maskedFill(scores, eye(classes.length).astype('bool'), NEVER), { axis: 1, keepdims: true }));
  const peers = classes.map((label, i) => classes.map((other, j) => (i !== j && label === other ? 1 : 0)));
  const counts = peers.map(row => row.reduce<number>((total, each) => total + each, 0));
  const anchors = counts.filter(count => count > 0).length;
  const weights = peers.map((row, i) => row.map(each => (each === 0 ? 0 : 1 / (counts[i]! * anchors))));
  return neg(sum(mul(logShares, tensor(weights, { dtype: features.dtype }))));
}

/**
 * {@link infoNceLoss} as sentence embeddings are trained with it: similarities times `scale`.
 *
 * @param anchor `[pairs, dimensions]` @param positives `[pairs, dimensions]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `scale` is positive
 * @remarks Henderson et al. 2017. Python: `sentence_transformers.losses.MultipleNegativesRankingLoss`; within 1e-4.
 */
export function multipleNegativesRankingLoss(anchor: Tensor, positives: Tensor, { scale = 20 }: { readonly scale?: number } = {}): Tensor {
  return infoNceLoss(anchor, positives, { temperature: 1 / positive(scale, 'scale') });
}

/**
 * `log(1 + Σ exp(scale · (cos_i - cos_j)))` over pairs of which the second is labelled as more alike.
 *
 * @param x1 `[pairs, dimensions]` @param x2 `[pairs, dimensions]` @param labels how alike each pair is, `[pairs]`
 * @throws {ShapeError} when shapes disagree @throws {ValidationError} unless `scale` is positive
 * @remarks Python: `sentence_transformers.losses.CoSENTLoss`; within 1e-4.
 * @example
 * import { tensor } from '@gtc/tensor';
 * coSentLoss(tensor([[1, 0], [1, 0]]), tensor([[1, 0], [0, 1]]), tensor([1, 0])).item() < 1e-6 // => true
 */
export function coSentLoss(x1: Tensor, x2: Tensor, labels: Tensor, { scale = 20 }: { readonly scale?: number } = {}): Tensor {
  const count = pairs({ x1, x2 });
  ShapeError.check({ labels: [labels, [count]] });
  const scores = mul(cosineSimilarity(x1, x2, { axis: -1 }), positive(scale, 'scale'));
  const alike = labels.tolist() as number[];
  const unordered = alike.map(first => alike.map(second => first >= second));
  const differences = maskedFill(sub(scores.unsqueeze(1), scores.unsqueeze(0)), tensor(unordered, { dtype: 'bool' }), NEVER);
  return logsumexp(cat([tensor([0], { dtype: scores.dtype }), reshape(differences, [-1])], { axis: 0 }));
}

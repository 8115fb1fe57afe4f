/** Positions as tables, biases and buckets. */
import { oneOf, positive, ShapeError, ValidationError } from '@gtc/errors';
import { type Tensor, tensor } from '@gtc/tensor';

/** How sines and cosines lie in a row: by turns, in halves, or in halves with Whisper's frequencies. */
export type SinusoidalLayout = 'interleaved' | 'half' | 'whisper';

/**
 * Sinusoidal embeddings in the layouts that models use.
 *
 * @returns `[maxLength, embedDim]` float64
 * @throws {ValidationError} for an odd width, or a layout that is not known
 * @remarks Vaswani et al. 2017 (`interleaved`). Python: `transformers`' `MarianSinusoidalPositionalEmbedding` (`half`), Whisper's `sinusoids`; within
 * 2e-6 of their float32 tables.
 * @example sinusoidalPositions(1, 4, { layout: 'half' }).tolist() // => [[0, 0, 1, 1]]
 */
export function sinusoidalPositions(
  maxLength: number,
  embedDim: number,
  { layout = 'interleaved', base = 10000 }: { readonly layout?: SinusoidalLayout; readonly base?: number } = {},
): Tensor {
  positive(maxLength, 'maxLength');
  positive(base, 'base');
  oneOf(layout, 'layout', ['interleaved', 'half', 'whisper']);
  if (positive(embedDim, 'embedDim') % 2 !== 0)
    throw new ValidationError(`embedDim must be even, got ${embedDim}`, { parameter: 'embedDim', received: embedDim });
  const half = embedDim / 2;
  const frequencies = Array.from({ length: half }, (_, i) => base ** (-i / (layout === 'whisper' ? half - 1 : half)));
  const rows = Array.from({ length: maxLength }, (_, position) => {
    const angles = frequencies.map(frequency => position * frequency);
    return layout === 'interleaved' ? angles.flatMap(angle => [Math.sin(angle), Math.cos(angle)]) : [...angles.map(Math.sin), ...angles.map(Math.cos)];
  });
  return tensor(rows, { dtype: 'float64' });
}

/**
 * ALiBi as it is added to attention scores: for each head its slope times the number of the token, padding not counted.
 *
 * @param slopes one for each head, as `calculateAlibiSlopes` gives them
 * @param attentionMask `[batch, tokens]`, 0 for padding
 * @returns `[batch, heads, 1, tokens]` float32
 * @throws {ShapeError} when the mask has not two axes
 * @remarks Press et al. 2022. Python: `transformers`' `build_alibi_tensor` of BLOOM; within 1e-6.
 * @example
 * import { ones } from '@gtc/tensor';
 * alibiBias([0.5], ones([1, 3])).tolist() // => [[[[0, 0.5, 1]]]]
 */
export function alibiBias(slopes: readonly number[], attentionMask: Tensor): Tensor {
  ShapeError.check({ attentionMask: [attentionMask, ['batch', 'tokens']] });
  const masks = attentionMask.tolist() as number[][];
  const rows = masks.map(mask => {
    let count = 0;
    const numbers = mask.map(each => (Number(each) === 0 ? 0 : count++));
    return slopes.map(slope => [numbers.map(number => slope * number)]);
  });
  return tensor(rows as never, { dtype: 'float32' });
}

/** Options of {@link relativePositionBucket}. */
export interface BucketOptions {
  /** Whether what lies ahead has buckets of its own. */
  readonly bidirectional?: boolean;
  readonly numBuckets?: number;
  /** Distance from which on all share the last bucket. */
  readonly maxDistance?: number;
}

/**
 * The bucket of a distance: near ones have their own, far ones share one by the logarithm.
 *
 * @param relativePosition position of the key minus that of the query
 * @throws {ValidationError} unless `numBuckets` and `maxDistance` are positive
 * @remarks Raffel et al. 2020 (T5). Python: `T5Attention._relative_position_bucket`; the same buckets.
 * @example [-1, 0, 1, 200].map(distance => relativePositionBucket(distance)) // => [1, 0, 17, 31]
 */
export function relativePositionBucket(relativePosition: number, { bidirectional = true, numBuckets = 32, maxDistance = 128 }: BucketOptions = {}): number {
  positive(numBuckets, 'numBuckets');
  positive(maxDistance, 'maxDistance');
  const buckets = bidirectional ? Math.floor(numBuckets / 2) : numBuckets;
  const ahead = bidirectional && relativePosition > 0 ? buckets : 0;
  const distance = bidirectional ? Math.abs(relativePosition) : Math.max(0, -relativePosition);
  const exact = Math.floor(buckets / 2);
  if (distance < exact) return ahead + distance;
  // The library computes in float32, which decides at the edges of buckets.
  const shares = Math.fround(Math.fround(Math.log(Math.fround(distance / exact))) / Math.log(maxDistance / exact));
  return ahead + Math.min(buckets - 1, exact + Math.trunc(Math.fround(shares * (buckets - exact))));
}

/**
 * A distance with far ones drawn together by the logarithm; the sign stays.
 *
 * @param relativePosition position of the query minus that of the key
 * @param bucketSize distances up to half of it stay @param maxPosition distance that becomes the last bucket
 * @throws {ValidationError} unless sizes are positive
 * @remarks He et al. 2021 (DeBERTa). Python: `transformers`' `make_log_bucket_position`; the same buckets.
 * @example [3, -3, 500].map(distance => logBucketPosition(distance, 16, 512)) // => [3, -3, 15]
 */
export function logBucketPosition(relativePosition: number, bucketSize: number, maxPosition: number): number {
  const mid = Math.floor(positive(bucketSize, 'bucketSize') / 2);
  positive(maxPosition, 'maxPosition');
  const distance = Math.abs(relativePosition);
  if (distance <= mid) return relativePosition;
  const ratio = Math.fround(Math.log(Math.fround(distance / mid))) / Math.log((maxPosition - 1) / mid);
  return Math.sign(relativePosition) * (Math.ceil(Math.fround(Math.fround(ratio) * (mid - 1))) + mid);
}

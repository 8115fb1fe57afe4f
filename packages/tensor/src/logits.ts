/** Scores of tokens: processors and warpers, and draws from what they leave. */
import { inRange, integer, positive, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { guided } from './internal/logits/processors.js';
import { drawRow, entropyOf, kthGreatest, type LogitsProcessor, logSoftmaxRow, softmaxRow } from './internal/logits/row.js';

export {
  encoderNoRepeatNgramProcessor,
  encoderRepetitionPenaltyProcessor,
  noRepeatNgramProcessor,
  presenceFrequencyProcessor,
  repetitionPenaltyProcessor,
} from './internal/logits/penalties.js';
export {
  exponentialDecayLengthPenaltyProcessor,
  forcedBosProcessor,
  forcedEosProcessor,
  greenListProcessor,
  infNanRemoveProcessor,
  leftHashGreenList,
  minLengthProcessor,
  minNewTokensProcessor,
  noBadWordsProcessor,
  prefixConstrainedProcessor,
  sequenceBiasProcessor,
  suppressTokensAtBeginProcessor,
  suppressTokensProcessor,
} from './internal/logits/processors.js';
export type { LogitsProcessor } from './internal/logits/row.js';
export {
  epsilonWarper,
  etaWarper,
  type KeepOptions,
  minPWarper,
  temperatureWarper,
  topHWarper,
  topKWarper,
  topPWarper,
  typicalWarper,
} from './internal/logits/warpers.js';

/**
 * Runs processors over a row of scores, one after the other.
 *
 * @param scores of all tokens; stays as it is
 * @param history tokens before the one that is scored
 * @param row number of the text in its batch
 * @remarks Python: `transformers.LogitsProcessorList([...])(input_ids, scores)`, for one row.
 * @example processLogits(Float32Array.of(1, 2, 3), [temperatureWarper(0.5), topKWarper(1)]) // => Float32Array.of(-Infinity, -Infinity, 6)
 */
export function processLogits(
  scores: Float32Array,
  processors: readonly LogitsProcessor[],
  { history = [], row = 0 }: { readonly history?: ArrayLike<number>; readonly row?: number } = {},
): Float32Array {
  const processed = scores.slice();
  for (const process of processors) process(processed, history, row);
  return processed;
}

/** Probabilities of a row of scores. @example softmaxOf([0, 0]) // => Float32Array.of(0.5, 0.5) */
export function softmaxOf(scores: ArrayLike<number>): Float32Array {
  positive(scores.length, 'scores.length');
  return softmaxRow(scores);
}

/** Logarithms of the probabilities of a row. @remarks Python: `transformers.LogitNormalization()`. */
export function logSoftmaxOf(scores: ArrayLike<number>): Float32Array {
  positive(scores.length, 'scores.length');
  return logSoftmaxRow(scores);
}

/** Entropy of a row of scores, in nats. @example entropyOfScores([0, 0]) // => Math.LN2 */
export function entropyOfScores(scores: ArrayLike<number>): number {
  return entropyOf(softmaxOf(scores));
}

/**
 * The k greatest scores and their places, the greatest first, of equals the first ones.
 *
 * @throws {ValidationError} unless k is from 1 to the number of scores
 * @remarks Python: `torch.topk(scores, k)`.
 * @example topKOf([1, 3, 2], 2).ids // => Uint32Array.of(1, 2)
 */
export function topKOf(scores: ArrayLike<number>, k: number): { readonly ids: Uint32Array; readonly values: Float32Array } {
  inRange(integer(k, 'k'), 'k', { min: 1, max: scores.length });
  const row = Float32Array.from(scores);
  const least = kthGreatest(row, k);
  const places: number[] = [];
  for (let id = 0; id < row.length; id++) if (row[id]! >= least) places.push(id);
  const ids = Uint32Array.from(places.sort((a, b) => row[b]! - row[a]! || a - b).slice(0, k));
  return { ids, values: Float32Array.from(ids, id => row[id]!) };
}

/**
 * How many of the likeliest tokens have a mass of at least a share.
 *
 * @throws {ValidationError} unless mass is in (0, 1)
 * @example effectiveVocabulary([0, 0, 0, 0], 0.5) // => 2
 */
export function effectiveVocabulary(scores: ArrayLike<number>, mass: number): number {
  inRange(mass, 'mass', { above: 0, below: 1 });
  const probabilities = Float64Array.from(softmaxOf(scores)).sort().reverse();
  let [sum, count] = [0, 0];
  for (const p of probabilities) {
    count++;
    sum += p;
    if (sum >= mass) break;
  }
  return count;
}

/**
 * Draws a token by inverse CDF in the order of ids.
 *
 * @param uniform a number in [0, 1), such as `generator.double()`
 * @throws {ValidationError} for another number, or scores that leave no token
 * @remarks Python: `torch.multinomial(scores.softmax(-1), 1)`; of the same law, and the same token for the same uniform number.
 * @example drawToken([0, 1, 0], 0.5) // => 1
 */
export function drawToken(scores: ArrayLike<number>, uniform: number): number {
  inRange(uniform, 'uniform', { min: 0, below: 1 });
  positive(scores.length, 'scores.length');
  for (let id = 0; id < scores.length; id++) {
    if (scores[id]! > Number.NEGATIVE_INFINITY) return drawRow(scores, uniform);
  }
  throw new ValidationError('scores must leave a token; all of them are -Infinity or NaN', { parameter: 'scores' });
}

/**
 * Classifier-free guidance of scores: `u + scale · (c - u)`.
 *
 * @throws {ShapeError} unless both have one length @throws {ValidationError} unless scale is above 1
 * @remarks Python: `transformers.ClassifierFreeGuidanceLogitsProcessor(guidance_scale)`, for one row.
 */
export function classifierFreeGuidance(conditional: Float32Array, unconditional: Float32Array, guidanceScale: number): Float32Array {
  inRange(guidanceScale, 'guidanceScale', { above: 1, max: Number.MAX_VALUE });
  if (sameLength({ conditional, unconditional }) === 0) throw new ShapeError('conditional must have a score at least', { parameter: 'conditional' });
  return guided(conditional, unconditional, guidanceScale);
}

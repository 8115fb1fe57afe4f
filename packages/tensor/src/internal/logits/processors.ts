/** Processors: what the tokens so far forbid, ask for, or make less likely. */
import { inRange, integer, nonEmpty, nonNegative, positive, show, ValidationError } from '@gtc/errors';
import { TorchGenerator } from '../random/torch.js';
import { bar, barAllBut, type LogitsProcessor } from './row.js';

const { NEGATIVE_INFINITY } = Number;

/** @throws {ValidationError} for an id that is no natural number */
function idsOf(ids: readonly number[] | number, name: string): readonly number[] {
  const list = nonEmpty([ids].flat(), name);
  const odd = list.find(id => !Number.isInteger(id) || id < 0);
  if (odd !== undefined) throw new ValidationError(`${name} must be token ids, got ${show(odd)}`, { parameter: name, received: odd });
  return list;
}

/** Adds a bias to the last token of each sequence whose others have just come; of equal sequences the last counts. */
function addBiases(scores: Float32Array, history: ArrayLike<number>, biases: readonly (readonly [readonly number[], number])[]): void {
  const sums = new Map<number, number>();
  for (const [ids, bias] of biases) {
    const start = history.length - ids.length + 1;
    if (start < 0 || ids.some((id, i) => i < ids.length - 1 && history[start + i] !== id)) continue;
    const last = ids.at(-1)!;
    sums.set(last, (sums.get(last) ?? 0) + bias);
  }
  for (const [id, sum] of sums) scores[id]! += sum;
}

/**
 * Adds a bias to tokens that complete sequences.
 *
 * @param sequenceBias sequences of token ids with what is added
 * @throws {ValidationError} for none, an empty sequence, or a token outside the vocabulary
 * @remarks Python: `transformers.SequenceBiasLogitsProcessor(sequence_bias)`.
 * @example
 * const scores = Float32Array.of(0, 0);
 * sequenceBiasProcessor([[[0], 1], [[0, 1], 2]])(scores, [0], 0);
 * scores // => Float32Array.of(1, 2)
 */
export function sequenceBiasProcessor(sequenceBias: readonly (readonly [ids: readonly number[], bias: number])[]): LogitsProcessor {
  const biases = nonEmpty(sequenceBias, 'sequenceBias').map(([ids, bias]) => [idsOf(ids, 'sequenceBias'), bias] as const);
  const distinct = [...new Map(biases.map(each => [each[0].join(), each])).values()];
  const most = Math.max(...distinct.flatMap(([ids]) => ids));
  return (scores, history) => {
    if (most >= scores.length)
      throw new ValidationError(`sequenceBias must be of tokens below ${scores.length}, got ${most}`, { parameter: 'sequenceBias', received: most });
    addBiases(scores, history, distinct);
  };
}

/**
 * Bars tokens that complete sequences.
 *
 * @param options `eosTokenId` tokens that stay allowed even when they are among the sequences
 * @throws {ValidationError} for none, or an empty sequence
 * @remarks Python: `transformers.NoBadWordsLogitsProcessor(bad_words_ids, eos_token_id)`.
 * @example
 * const scores = Float32Array.of(1, 2);
 * noBadWordsProcessor([[1], [1, 0]])(scores, [0], 0);
 * scores // => Float32Array.of(1, -Infinity)
 */
export function noBadWordsProcessor(
  badWordsIds: readonly (readonly number[])[],
  { eosTokenId = [] }: { readonly eosTokenId?: number | readonly number[] } = {},
): LogitsProcessor {
  const ends = [eosTokenId].flat();
  const words = nonEmpty(badWordsIds, 'badWordsIds').filter(ids => !(ids.length === 1 && ends.includes(ids[0]!)));
  return words.length === 0 ? () => {} : sequenceBiasProcessor(words.map(ids => [ids, NEGATIVE_INFINITY]));
}

/** Bars tokens. @remarks Python: `transformers.SuppressTokensLogitsProcessor(suppress_tokens)`. */
export function suppressTokensProcessor(suppressTokens: readonly number[]): LogitsProcessor {
  const ids = idsOf(suppressTokens, 'suppressTokens');
  return scores => bar(scores, ids);
}

/** Bars tokens at one place. @remarks Python: `transformers.SuppressTokensAtBeginLogitsProcessor(begin_suppress_tokens, begin_index)`. */
export function suppressTokensAtBeginProcessor(suppressTokens: readonly number[], beginIndex: number): LogitsProcessor {
  const ids = idsOf(suppressTokens, 'suppressTokens');
  nonNegative(integer(beginIndex, 'beginIndex'), 'beginIndex');
  return (scores, history) => {
    if (history.length === beginIndex) bar(scores, ids);
  };
}

/** Bars the end before a length. @remarks Python: `transformers.MinLengthLogitsProcessor(min_length, eos_token_id)`. */
export function minLengthProcessor(minLength: number, eosTokenId: number | readonly number[]): LogitsProcessor {
  nonNegative(integer(minLength, 'minLength'), 'minLength');
  const ids = idsOf(eosTokenId, 'eosTokenId');
  return (scores, history) => {
    if (history.length < minLength) bar(scores, ids);
  };
}

/** Bars the end before so many new tokens. @remarks Python: `transformers.MinNewTokensLengthLogitsProcessor(prompt_length, min_new_tokens, eos_token_id)`. */
export function minNewTokensProcessor(promptLength: number, minNewTokens: number, eosTokenId: number | readonly number[]): LogitsProcessor {
  nonNegative(integer(promptLength, 'promptLength'), 'promptLength');
  nonNegative(integer(minNewTokens, 'minNewTokens'), 'minNewTokens');
  return minLengthProcessor(promptLength + minNewTokens, eosTokenId);
}

/** Makes tokens the only ones. */
function force(scores: Float32Array, ids: readonly number[]): void {
  scores.fill(NEGATIVE_INFINITY);
  for (const id of ids) if (id < scores.length) scores[id] = 0;
}

/** Forces the first token after the start. @remarks Python: `transformers.ForcedBOSTokenLogitsProcessor(bos_token_id)`. */
export function forcedBosProcessor(bosTokenId: number): LogitsProcessor {
  const ids = idsOf(bosTokenId, 'bosTokenId');
  return (scores, history) => {
    if (history.length === 1) force(scores, ids);
  };
}

/** Forces the end where a length is reached with it. @remarks Python: `transformers.ForcedEOSTokenLogitsProcessor(max_length, eos_token_id)`. */
export function forcedEosProcessor(maxLength: number, eosTokenId: number | readonly number[]): LogitsProcessor {
  positive(integer(maxLength, 'maxLength'), 'maxLength');
  const ids = idsOf(eosTokenId, 'eosTokenId');
  return (scores, history) => {
    if (history.length === maxLength - 1) force(scores, ids);
  };
}

/** The greatest single. */
const GREATEST = 3.4028234663852886e38;

/** Puts 0 in the place of NaN, and the greatest singles in that of infinities. @remarks Python: `transformers.InfNanRemoveLogitsProcessor()`. */
export function infNanRemoveProcessor(): LogitsProcessor {
  return scores => {
    for (let id = 0; id < scores.length; id++) {
      const score = scores[id]!;
      if (Number.isFinite(score)) continue;
      scores[id] = Number.isNaN(score) ? 0 : score > 0 ? GREATEST : -GREATEST;
    }
  };
}

/**
 * Makes the end likelier with each token beyond a number: its score grows by `|score| · (factor^excess - 1)`.
 *
 * @param options `start` new tokens from which on, `promptLength` tokens of the prompt
 * @remarks Python: `transformers.ExponentialDecayLengthPenalty((start, factor), eos_token_id, input_ids_seq_length)`.
 * @example
 * const scores = Float32Array.of(-4, 1);
 * exponentialDecayLengthPenaltyProcessor({ start: 1, factor: 1.5, eosTokenId: 0 })(scores, [1, 1], 0);
 * scores // => Float32Array.of(-2, 1)
 */
export function exponentialDecayLengthPenaltyProcessor({
  start,
  factor,
  eosTokenId,
  promptLength = 0,
}: {
  readonly start: number;
  readonly factor: number;
  readonly eosTokenId: number | readonly number[];
  readonly promptLength?: number;
}): LogitsProcessor {
  nonNegative(integer(start, 'start'), 'start');
  inRange(factor, 'factor', { above: 0, max: Number.MAX_VALUE });
  const ids = idsOf(eosTokenId, 'eosTokenId');
  return (scores, history) => {
    const excess = history.length - start - promptLength;
    if (excess <= 0) return;
    for (const id of ids) if (id < scores.length) scores[id]! += Math.abs(scores[id]!) * (factor ** excess - 1);
  };
}

/** Bars all tokens but those that a function allows after a text. @remarks Python: `transformers.PrefixConstrainedLogitsProcessor(fn, num_beams)`. */
export function prefixConstrainedProcessor(allowed: (row: number, history: ArrayLike<number>) => readonly number[]): LogitsProcessor {
  return (scores, history, row) => {
    const ids = allowed(row, history);
    if (ids.length === 0) throw new ValidationError(`allowed must name a token at least, got none for row ${row}`, { parameter: 'allowed' });
    barAllBut(
      scores,
      idsOf(ids, 'allowed').filter(id => id < scores.length),
    );
  };
}

/** Adds a bias to tokens that a function names: the green list of a watermark (Kirchenbauer et al. 2023). */
export function greenListProcessor(bias: number, greenList: (history: ArrayLike<number>, row: number) => Iterable<number>): LogitsProcessor {
  inRange(bias, 'bias', { min: -GREATEST, max: GREATEST });
  return (scores, history, row) => {
    for (const id of greenList(history, row)) if (id < scores.length) scores[id]! += bias;
  };
}

/**
 * The green lists of a watermark whose seed is the token before: the first of a permutation of the vocabulary.
 *
 * @param vocabSize tokens of the vocabulary @param ratio share of it that is green, in (0, 1)
 * @remarks Python: `transformers.WatermarkLogitsProcessor(vocab_size, device, greenlist_ratio, bias, hashing_key, 'lefthash')`; the same lists.
 * @example leftHashGreenList(100, 0.25)([7]).length // => 25
 */
export function leftHashGreenList(
  vocabSize: number,
  ratio: number,
  { hashingKey = 15485863 }: { readonly hashingKey?: number } = {},
): (history: ArrayLike<number>) => Int32Array {
  positive(integer(vocabSize, 'vocabSize'), 'vocabSize');
  inRange(ratio, 'ratio', { above: 0, below: 1 });
  const size = Math.trunc(vocabSize * ratio);
  return history =>
    history.length === 0 ? new Int32Array() : new TorchGenerator(hashingKey * history[history.length - 1]!).randperm(vocabSize).subarray(0, size);
}

/** Shifts scores towards what a condition makes of them: `unconditional + scale · (conditional - unconditional)`. */
export function guided(conditional: Float32Array, unconditional: Float32Array, scale: number): Float32Array {
  return conditional.map((score, id) => Math.fround(unconditional[id]! + Math.fround(scale * Math.fround(score - unconditional[id]!))));
}

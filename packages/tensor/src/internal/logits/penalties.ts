/** Penalties: what has occurred is made less likely, or barred. */
import { inRange, integer, nonNegative, positive } from '@gtc/errors';
import { bar, type LogitsProcessor } from './row.js';

/** Divides positive scores of tokens and multiplies the others. */
function penalize(scores: Float32Array, ids: Iterable<number>, penalty: number): void {
  for (const id of new Set(ids)) if (id < scores.length) scores[id] = scores[id]! < 0 ? scores[id]! * penalty : scores[id]! / penalty;
}

/**
 * Makes tokens that have occurred less likely (CTRL, Keskar et al. 2019); below 1 more likely.
 *
 * @param options `promptIgnoreLength` tokens at the start that do not count
 * @throws {ValidationError} unless penalty is above 0
 * @remarks Python: `transformers.RepetitionPenaltyLogitsProcessor(penalty, prompt_ignore_length=)`.
 * @example
 * const scores = Float32Array.of(2, -1, 3);
 * repetitionPenaltyProcessor(2)(scores, [0, 1], 0);
 * scores // => Float32Array.of(1, -2, 3)
 */
export function repetitionPenaltyProcessor(penalty: number, { promptIgnoreLength = 0 }: { readonly promptIgnoreLength?: number } = {}): LogitsProcessor {
  inRange(penalty, 'penalty', { above: 0, max: Number.MAX_VALUE });
  nonNegative(integer(promptIgnoreLength, 'promptIgnoreLength'), 'promptIgnoreLength');
  return (scores, history) => penalize(scores, Array.from(history).slice(promptIgnoreLength), penalty);
}

/**
 * Makes tokens of the encoder's text more likely, by the inverse of a penalty.
 *
 * @param encoderInputIds a row for each text
 * @throws {ValidationError} unless penalty is above 0
 * @remarks Python: `transformers.EncoderRepetitionPenaltyLogitsProcessor(penalty, encoder_input_ids)`.
 * @example
 * const scores = Float32Array.of(1, 2);
 * encoderRepetitionPenaltyProcessor(2, [[1]])(scores, [], 0);
 * scores // => Float32Array.of(1, 4)
 */
export function encoderRepetitionPenaltyProcessor(penalty: number, encoderInputIds: readonly ArrayLike<number>[]): LogitsProcessor {
  inRange(penalty, 'penalty', { above: 0, max: Number.MAX_VALUE });
  return (scores, _, row) => penalize(scores, Array.from(encoderInputIds[row]!), 1 / penalty);
}

/** Takes a constant, and one for each time, from the scores of tokens that have occurred, as OpenAI's interface does. */
export function presenceFrequencyProcessor({
  presencePenalty = 0,
  frequencyPenalty = 0,
}: {
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
} = {}): LogitsProcessor {
  inRange(presencePenalty, 'presencePenalty', { min: -2, max: 2 });
  inRange(frequencyPenalty, 'frequencyPenalty', { min: -2, max: 2 });
  return (scores, history) => {
    const counts = new Map<number, number>();
    for (const id of Array.from(history)) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [id, count] of counts) if (id < scores.length) scores[id]! -= frequencyPenalty * count + presencePenalty;
  };
}

/** Tokens that follow, in a text, where it says what another one ends with. */
function followers(text: ArrayLike<number>, history: ArrayLike<number>, size: number): number[] {
  const found: number[] = [];
  const start = history.length - size + 1;
  if (start < 0) return found;
  for (let at = 0; at + size <= text.length; at++) {
    let i = 0;
    while (i < size - 1 && text[at + i] === history[start + i]) i++;
    if (i === size - 1) found.push(text[at + size - 1]!);
  }
  return found;
}

/**
 * Bars tokens with which a run of n tokens would occur again.
 *
 * @throws {ValidationError} unless ngramSize is a positive integer
 * @remarks Python: `transformers.NoRepeatNGramLogitsProcessor(ngram_size)`.
 */
export function noRepeatNgramProcessor(ngramSize: number): LogitsProcessor {
  positive(integer(ngramSize, 'ngramSize'), 'ngramSize');
  return (scores, history) => bar(scores, followers(history, history, ngramSize));
}

/**
 * Bars tokens with which a run of n tokens of the encoder's text would occur.
 *
 * @param encoderInputIds a row for each text
 * @throws {ValidationError} unless ngramSize is a positive integer
 * @remarks Python: `transformers.EncoderNoRepeatNGramLogitsProcessor(ngram_size, encoder_input_ids)`.
 * @example
 * const scores = Float32Array.of(1, 2);
 * encoderNoRepeatNgramProcessor(2, [[7, 1]])(scores, [7], 0);
 * scores // => Float32Array.of(1, -Infinity)
 */
export function encoderNoRepeatNgramProcessor(ngramSize: number, encoderInputIds: readonly ArrayLike<number>[]): LogitsProcessor {
  positive(integer(ngramSize, 'ngramSize'), 'ngramSize');
  return (scores, history, row) => bar(scores, followers(encoderInputIds[row]!, history, ngramSize));
}

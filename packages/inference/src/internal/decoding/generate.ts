/** Text from a model: greedy, drawn, by beams, or with proposed tokens. */
import { notNull, ShapeError } from '@gtc/errors';
import { writeAssisted } from './assisted.js';
import { searchBeams } from './beams.js';
import { type CausalLM, type GenerateOptions, type GenerateOutput, type GenerationCache, settle } from './options.js';
import { type GeneratedToken, tellRows, writeRows } from './rows.js';

/**
 * Writes on from prompts as transformers does: the likeliest tokens, tokens drawn after temperature, top-k, top-p and their like, beams, or with tokens
 * that a smaller model or the text itself proposes. Reads each token once: keys and values are cached.
 *
 * @param model one of `@gtc/models`, or whatever scores next tokens over a cache
 * @param inputIds `[batch, length]`, padded on the left, with `attentionMask` then
 * @throws {ValidationError} for an option outside its range, ids that are none, rows of different lengths
 * @throws {UnsupportedError} for a model that scores no next token, options that do not go together
 * @remarks Python: `model.generate(input_ids, attention_mask=, ...)`; token for token. Tokens are drawn by inverse CDF in the order of ids, so the same
 *   uniform numbers give the same text.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const cache = () => { let length = 0; return { get length() { return length; }, add: n => { length += n; }, crop: n => { length = n; }, reorder: () => {} }; };
 * const counts = {
 *   createCache: cache,
 *   forward: ({ inputIds }, { cache }) => {
 *     cache.add(inputIds[0].length);
 *     return { logits: tensor(inputIds.map(row => [[0, 1, 2, 3].map(id => (id === (row.at(-1) + 1) % 4 ? 1 : 0))])) };
 *   },
 * };
 * (await generate(counts, [[0, 1]], { maxNewTokens: 3 })).sequences // => [[0, 1, 2, 3, 0]]
 */
export async function generate<C extends GenerationCache>(
  model: CausalLM<C>,
  inputIds: readonly (readonly number[])[],
  options: GenerateOptions = {},
): Promise<GenerateOutput> {
  const settings = settle(notNull(inputIds, 'inputIds'), options);
  notNull(model, 'model');
  if (options.assistantModel !== undefined || options.promptLookupNumTokens !== undefined) return writeAssisted(model, settings, options);
  if (settings.numBeams > 1) return searchBeams(model, settings, options);
  const tokens = writeRows(model, settings, options);
  for (;;) {
    const { done, value } = await tokens.next();
    if (done) return value;
  }
}

/**
 * Tokens of one or more texts as they come.
 *
 * @throws as {@link generate}; beams and proposed tokens do not come one by one
 * @remarks Python: `model.generate(..., streamer=streamer)`.
 */
export function generateStream<C extends GenerationCache>(
  model: CausalLM<C>,
  inputIds: readonly (readonly number[])[],
  options: Omit<GenerateOptions, 'numBeams' | 'numReturnSequences' | 'assistantModel' | 'promptLookupNumTokens'> = {},
): AsyncGenerator<GeneratedToken, GenerateOutput> {
  return tellRows(writeRows(notNull(model, 'model'), settle(notNull(inputIds, 'inputIds'), options), options));
}

/**
 * Log-probabilities of the tokens of texts at the step at which each was chosen, 0 after their end.
 *
 * @param output of {@link generate} with `outputScores`
 * @returns `[texts, steps]`
 * @throws {ShapeError} when texts and rows are not as many, or there are no scores
 * @remarks Python: `model.compute_transition_scores(sequences, scores, beam_indices, normalize_logits=False)`.
 * @example computeTransitionScores({ sequences: [[5, 1]], scores: [[Float32Array.of(-2, -0.5)]] }) // => [[-0.5]]
 */
export function computeTransitionScores({ sequences, scores, beamIndices }: Pick<GenerateOutput, 'sequences' | 'scores' | 'beamIndices'>): number[][] {
  const rows = beamIndices ?? sequences.map((_, row) => scores.map(() => row));
  if (scores.length === 0) throw new ShapeError('scores must have a step at least: generate with outputScores', { parameter: 'scores' });
  if (rows.length !== sequences.length)
    throw new ShapeError(`beamIndices must have a row for each of ${sequences.length} texts, got ${rows.length}`, { parameter: 'beamIndices' });
  return sequences.map((sequence, i) => {
    const steps = rows[i]!;
    const start = sequence.length - steps.length;
    return steps.map((row, step) => (row < 0 ? 0 : scores[step]![row]![sequence[start + step]!]!));
  });
}

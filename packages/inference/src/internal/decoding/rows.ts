/** One text for each prompt: the likeliest tokens, or drawn ones. */
import { ValidationError } from '@gtc/errors';
import { drawToken } from '@gtc/tensor/logits';
import { TorchGenerator } from '@gtc/tensor/random';
import type { CausalLM, GenerateOptions, GenerateOutput, GenerationCache, Settings } from './options.js';
import { likeliest, processed, Scorer } from './scorer.js';

/** Numbers that tokens are drawn by. */
function* uniformsOf({ uniforms, seed = 0 }: GenerateOptions): Generator<number, never> {
  if (uniforms !== undefined) {
    yield* uniforms;
    throw new ValidationError(`uniforms must be as many as tokens are drawn, got ${uniforms.length}`, { parameter: 'uniforms', received: uniforms.length });
  }
  const generator = new TorchGenerator(seed);
  for (;;) yield generator.double();
}

/** A token of a text, as it comes. */
export interface GeneratedToken {
  /** Number of the text. */
  readonly row: number;
  readonly tokenId: number;
  /** Its log-probability among what processors left. */
  readonly logProb: number;
}

/** A token as it was chosen, among the scores of its place. */
interface ChosenToken extends Omit<GeneratedToken, 'logProb'> {
  readonly scores: Float32Array;
}

/** Log-probability of a token in a row of scores. */
function logProbOf(scores: Float32Array, id: number): number {
  let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (const score of scores) if (score > most) most = score;
  for (const score of scores) sum += Math.exp(score - most);
  return scores[id]! - most - Math.log(sum);
}

/** Writes token by token; ended texts are filled. */
export async function* writeRows<C extends GenerationCache>(
  model: CausalLM<C>,
  settings: Settings,
  options: GenerateOptions,
): AsyncGenerator<ChosenToken, GenerateOutput> {
  const { prompts, ends, pad, processors, maxNewTokens } = settings;
  const scorer = new Scorer(model, settings);
  const draws = uniformsOf(options);
  const sequences = prompts.map(row => [...row]);
  const ended = prompts.map(() => false);
  const scores: Float32Array[][] = [];
  let fresh: readonly (readonly number[])[] = prompts;
  for (let step = 0; step < maxNewTokens && !ended.every(Boolean); step++) {
    if (options.signal?.aborted) break;
    const rows = scorer.read(fresh).map(([last], row) => processed(last!, processors, sequences[row]!, row));
    if (options.outputScores) scores.push(rows);
    for (const [row, sequence] of sequences.entries()) {
      const drawn = options.doSample ? drawToken(rows[row]!, draws.next().value) : likeliest(rows[row]!);
      const tokenId = ended[row] ? pad : drawn;
      sequence.push(tokenId);
      if (ended[row]) continue;
      ended[row] = ends.includes(tokenId) || (options.stopWhen?.(sequence, row) ?? false);
      yield { row, tokenId, scores: rows[row]! };
    }
    fresh = sequences.map(row => row.slice(-1));
    if (options.signal !== undefined) await new Promise(resolve => setTimeout(resolve, 0));
  }
  return { sequences, scores, forwards: scorer.forwards };
}

/** Tokens with their log-probabilities, which a text that is only collected does not need. */
export async function* tellRows(tokens: AsyncGenerator<ChosenToken, GenerateOutput>): AsyncGenerator<GeneratedToken, GenerateOutput> {
  for (;;) {
    const { done, value } = await tokens.next();
    if (done) return value;
    const { row, tokenId, scores } = value;
    yield { row, tokenId, logProb: logProbOf(scores, tokenId) };
  }
}

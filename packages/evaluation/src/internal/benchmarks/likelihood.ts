/** How likely a language model finds texts: continuations, choices, whole texts in windows. */
import { inRange, integer, nonEmpty, positive, ShapeError, sameLength, utf8Length, ValidationError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { mean, sum } from '@gtc/tensor/statistics';
import { argmax } from '../metrics/argsort.js';

/** Token ids, a row for each text. */
export type TokenRows = readonly (readonly number[])[];

/**
 * Scores of each next token before softmax, `[batch, length, vocabulary]`. Rows are padded on the right with token 0, where the attention mask is 0.
 */
export type LanguageModel = (inputIds: TokenRows, attentionMask: TokenRows) => Tensor | Promise<Tensor>;

/** Tokens to be scored behind others. */
export interface LikelihoodRequest {
  /** At least one token, such as the beginning of text. */
  readonly context: readonly number[];
  readonly continuation: readonly number[];
}

/** How likely a continuation is. */
export interface Likelihood {
  /** Of all its tokens together, in nats. */
  readonly logLikelihood: number;
  readonly tokenLogProbs: readonly number[];
  /** Whether each token is the most likely one in its place. */
  readonly isGreedy: boolean;
}

/** Options of {@link scoreContinuations}. */
export interface ScoreOptions {
  /** Texts that go through the model at once; 8 by default. */
  readonly batchSize?: number;
  /** Most tokens that the model takes; longer contexts lose their beginning. Unlimited by default. */
  readonly maxLength?: number;
}

/** One row through the model, and who wants to know of it. */
interface Row {
  readonly tokens: readonly number[];
  readonly asks: { readonly request: number; readonly from: number; readonly targets: readonly number[] }[];
}

/** Log probability of a token among scores, and whether it is the largest. */
function scoreOf(scores: ArrayLike<number>, at: number, vocabulary: number, token: number): { logProb: number; greedy: boolean } {
  let most = Number.NEGATIVE_INFINITY;
  let best = 0;
  for (let v = 0; v < vocabulary; v++) {
    if (scores[at + v]! > most) [most, best] = [scores[at + v]!, v];
  }
  let total = 0;
  for (let v = 0; v < vocabulary; v++) total += Math.exp(scores[at + v]! - most);
  return { logProb: scores[at + token]! - most - Math.log(total), greedy: best === token };
}

/** Rows without repeats: requests that read the same tokens share one. */
function rowsOf(requests: readonly LikelihoodRequest[], maxLength: number): Row[] {
  const rows = new Map<string, Row>();
  requests.forEach(({ context, continuation }, request) => {
    nonEmpty(context, `requests[${request}].context`);
    nonEmpty(continuation, `requests[${request}].continuation`);
    for (const token of [...context, ...continuation]) inRange(integer(token, `requests[${request}]`), `requests[${request}]`, { min: 0 });
    if (continuation.length > maxLength)
      throw new ValidationError(`requests[${request}].continuation must have at most ${maxLength} tokens, got ${continuation.length}`, {
        parameter: 'requests',
        received: continuation.length,
      });
    const tokens = [...context, ...continuation].slice(-(maxLength + 1)).slice(0, -1);
    const key = tokens.join(' ');
    const row = rows.get(key) ?? { tokens, asks: [] };
    row.asks.push({ request, from: tokens.length - continuation.length, targets: continuation });
    rows.set(key, row);
  });
  // Rows of one length go together, so that little is padded.
  return [...rows.values()].sort((a, b) => b.tokens.length - a.tokens.length);
}

/**
 * How likely a model finds continuations of contexts. Requests that read the same tokens, such as choices of one token, go through the model once.
 *
 * @throws {ValidationError} for an empty context or continuation, token ids that are no integers from 0, or a continuation longer than `maxLength`
 * @throws {ShapeError} for a model whose scores do not have the shape `[batch, length, vocabulary]`
 * @remarks Python: `lm_eval.api.model.TemplateLM.loglikelihood`.
 * @example
 * import { zeros } from '@gtc/tensor';
 * (await scoreContinuations(ids => zeros([ids.length, ids[0]?.length ?? 0, 4]), [{ context: [1], continuation: [2] }]))[0]?.logLikelihood // => -Math.log(4)
 */
export async function scoreContinuations(
  model: LanguageModel,
  requests: readonly LikelihoodRequest[],
  { batchSize = 8, maxLength = Number.MAX_SAFE_INTEGER }: ScoreOptions = {},
): Promise<Likelihood[]> {
  positive(integer(batchSize, 'batchSize'), 'batchSize');
  positive(integer(maxLength, 'maxLength'), 'maxLength');
  const rows = rowsOf(requests, maxLength);
  const found: Likelihood[] = new Array(requests.length);
  for (let start = 0; start < rows.length; start += batchSize) {
    const batch = rows.slice(start, start + batchSize);
    const length = batch[0]!.tokens.length;
    const padded = batch.map(({ tokens }) => [...tokens, ...new Array<number>(length - tokens.length).fill(0)]);
    const mask = batch.map(({ tokens }) => padded[0]!.map((_, i) => Number(i < tokens.length)));
    const logits = await model(padded, mask);
    const [b, t, vocabulary = 0] = logits.shape;
    if (logits.ndim !== 3 || b !== batch.length || t !== length)
      throw new ShapeError(`model must give scores [${batch.length}, ${length}, vocabulary], got [${logits.shape.join(', ')}]`, {
        parameter: 'model',
        received: logits.shape,
      });
    const scores = logits.astype('float32').contiguous().data as ArrayLike<number>;
    for (const [row, { asks }] of batch.entries()) {
      for (const { request, from, targets } of asks) {
        const parts = targets.map((token, i) => {
          inRange(token, `requests[${request}].continuation[${i}]`, { below: vocabulary });
          return scoreOf(scores, (row * length + from + i) * vocabulary, vocabulary, token);
        });
        const tokenLogProbs = parts.map(part => part.logProb);
        found[request] = { logLikelihood: sum(tokenLogProbs), tokenLogProbs, isGreedy: parts.every(part => part.greedy) };
      }
    }
  }
  return found;
}

/** How well a model predicts tokens. */
export interface Perplexity {
  /** Mean negative log-likelihood of a token, in nats. */
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerToken: number;
  /** Tokens predicted. */
  readonly tokens: number;
}

/** @throws {ValidationError} for fewer than two tokens, of which none would be predicted */
function twoTokens(inputIds: readonly number[]): void {
  if (inputIds.length < 2)
    throw new ValidationError(`inputIds must have at least two tokens, got ${inputIds.length}`, { parameter: 'inputIds', received: inputIds.length });
}

const perplexityOf = (loss: number, tokens: number): Perplexity => ({ loss, perplexity: Math.exp(loss), bitsPerToken: loss / Math.LN2, tokens });

/**
 * Perplexity of a text, all but its first token being predicted.
 *
 * @throws {ValidationError} for fewer than two tokens
 * @throws {ShapeError} as {@link scoreContinuations}
 * @remarks Python: `model(ids, labels=ids).loss.exp()`.
 * @example
 * import { zeros } from '@gtc/tensor';
 * (await perplexity(ids => zeros([1, ids[0]?.length ?? 0, 8]), [1, 2, 3])).perplexity // => 8
 */
export async function perplexity(model: LanguageModel, inputIds: readonly number[]): Promise<Perplexity> {
  twoTokens(inputIds);
  const [found] = (await scoreContinuations(model, [{ context: inputIds.slice(0, 1), continuation: inputIds.slice(1) }])) as [Likelihood];
  return perplexityOf(-mean(found.tokenLogProbs), inputIds.length - 1);
}

/**
 * Perplexity of a long text in overlapping windows, each token being predicted once.
 *
 * @param options maxLength, tokens of a window; stride, tokens by which windows move, half a window by default
 * @throws {ValidationError} for fewer than two tokens, or a stride not in [1, maxLength]
 * @throws {ShapeError} as {@link scoreContinuations}
 * @remarks Python: the strided perplexity of the transformers documentation.
 * @example
 * import { zeros } from '@gtc/tensor';
 * (await stridedPerplexity(ids => zeros([ids.length, ids[0]?.length ?? 0, 8]), [1, 2, 3, 4], { maxLength: 2, stride: 1 })).tokens // => 3
 */
export async function stridedPerplexity(
  model: LanguageModel,
  inputIds: readonly number[],
  {
    maxLength,
    stride = Math.max(1, Math.floor(maxLength / 2)),
    batchSize = 8,
  }: { readonly maxLength: number; readonly stride?: number; readonly batchSize?: number },
): Promise<Perplexity> {
  twoTokens(inputIds);
  inRange(integer(maxLength, 'maxLength'), 'maxLength', { min: 2 });
  inRange(integer(stride, 'stride'), 'stride', { min: 1, max: maxLength });
  const requests: LikelihoodRequest[] = [];
  for (let begin = 0, done = 0; done < inputIds.length; begin += stride) {
    const end = Math.min(begin + maxLength, inputIds.length);
    // What the window before predicted is context; the first token of a window is never predicted.
    const first = Math.max(done, begin + 1);
    if (first < end) requests.push({ context: inputIds.slice(begin, first), continuation: inputIds.slice(first, end) });
    done = end;
  }
  const all = (await scoreContinuations(model, requests, { batchSize })).flatMap(found => found.tokenLogProbs);
  return perplexityOf(-mean(all), all.length);
}

/**
 * Log-likelihood of a whole text in blocks that do not overlap, each behind as much of the text as fits.
 *
 * @param options prefixToken, which precedes the text; maxLength, tokens that the model reads at once; block, tokens predicted at once, maxLength by default
 * @throws {ValidationError} for an empty text, or a block longer than maxLength
 * @throws {ShapeError} as {@link scoreContinuations}
 * @remarks Python: `lm_eval.utils.get_rolling_token_windows`, with context that fills the window.
 * @example
 * import { zeros } from '@gtc/tensor';
 * await rollingLogLikelihood(ids => zeros([ids.length, ids[0]?.length ?? 0, 8]), [1, 2], { prefixToken: 0, maxLength: 4 }) // => -2 * Math.log(8)
 */
export async function rollingLogLikelihood(
  model: LanguageModel,
  inputIds: readonly number[],
  {
    prefixToken,
    maxLength,
    block = maxLength,
    batchSize = 8,
  }: { readonly prefixToken: number; readonly maxLength: number; readonly block?: number; readonly batchSize?: number },
): Promise<number> {
  nonEmpty(inputIds, 'inputIds');
  positive(integer(maxLength, 'maxLength'), 'maxLength');
  inRange(integer(block, 'block'), 'block', { min: 1, max: maxLength });
  const full = [prefixToken, ...inputIds];
  const requests: LikelihoodRequest[] = [];
  for (let start = 0; start < inputIds.length; start += block) {
    const continuation = inputIds.slice(start, start + block);
    const most = maxLength - continuation.length + 1;
    requests.push({ context: full.slice(Math.max(0, start + 1 - most), start + 1), continuation });
  }
  return sum((await scoreContinuations(model, requests, { batchSize })).map(found => found.logLikelihood));
}

/** A question with its choices as tokens. */
export interface ChoiceRequest {
  readonly context: readonly number[];
  readonly choices: TokenRows;
  /** Length of each choice as text, by which likelihoods are normalised: characters in `acc_norm` of lm-eval, or bytes. */
  readonly choiceLengths?: readonly number[];
}

/** What {@link scoreChoices} finds. */
export interface ChoiceScores {
  readonly logLikelihoods: readonly number[];
  readonly isGreedy: readonly boolean[];
  readonly tokenLogProbs: TokenRows;
  /** The most likely choice. */
  readonly pick: number;
  /** The most likely one for its length as text; the same as `pick` where lengths are not given. */
  readonly pickNorm: number;
  /** The most likely one for its number of tokens. */
  readonly pickNormTokens: number;
}

/**
 * The choice that a model finds most likely, as lm-eval scores multiple choice.
 *
 * @throws {ValidationError} for no choices, an empty one, or lengths that are not positive
 * @throws {ShapeError} for other than as many lengths as choices, or as {@link scoreContinuations}
 * @remarks Python: `lm_eval` tasks of type `multiple_choice`: `acc`, `acc_norm`.
 * @example
 * import { zeros } from '@gtc/tensor';
 * (await scoreChoices(ids => zeros([ids.length, ids[0]?.length ?? 0, 8]), { context: [1], choices: [[2, 3], [4]] })).pick // => 1
 */
export async function scoreChoices(
  model: LanguageModel,
  { context, choices, choiceLengths }: ChoiceRequest,
  options: ScoreOptions = {},
): Promise<ChoiceScores> {
  nonEmpty(choices, 'choices');
  if (choiceLengths !== undefined) {
    sameLength({ choices, choiceLengths });
    for (const [i, length] of choiceLengths.entries()) positive(length, `choiceLengths[${i}]`);
  }
  const found = await scoreContinuations(
    model,
    choices.map(continuation => ({ context, continuation })),
    options,
  );
  const logLikelihoods = found.map(each => each.logLikelihood);
  return {
    logLikelihoods,
    isGreedy: found.map(each => each.isGreedy),
    tokenLogProbs: found.map(each => each.tokenLogProbs),
    pick: argmax(logLikelihoods),
    pickNorm: argmax(logLikelihoods.map((value, i) => value / (choiceLengths?.[i] ?? 1))),
    pickNormTokens: argmax(logLikelihoods.map((value, i) => value / choices[i]!.length)),
  };
}

/** What {@link textPerplexities} finds. */
export interface TextPerplexities {
  readonly perText: readonly number[];
  readonly tokenLogProbs: TokenRows;
  /** Of all texts together. */
  readonly bitsPerByte: number;
}

/**
 * Perplexity of each text, all but its first token being predicted, and bits for each byte of UTF-8 over all.
 *
 * @param encode token ids of a text
 * @throws {ValidationError} for no text, or one of fewer than two tokens
 * @throws {ShapeError} as {@link scoreContinuations}
 * @remarks Python: `evaluate.load('perplexity')` without a start token.
 * @example
 * import { zeros } from '@gtc/tensor';
 * (await textPerplexities(ids => zeros([ids.length, ids[0]?.length ?? 0, 8]), text => [...text].map(() => 1), ['abc'])).perText // => [8]
 */
export async function textPerplexities(
  model: LanguageModel,
  encode: (text: string) => readonly number[] | Promise<readonly number[]>,
  texts: readonly string[],
  options: ScoreOptions = {},
): Promise<TextPerplexities> {
  nonEmpty(texts, 'texts');
  const rows: (readonly number[])[] = [];
  for (const [i, text] of texts.entries()) {
    const ids = await encode(text);
    if (ids.length < 2) throw new ValidationError(`texts[${i}] must have at least two tokens, got ${ids.length}`, { parameter: 'texts', received: text });
    rows.push(ids);
  }
  const found = await scoreContinuations(
    model,
    rows.map(ids => ({ context: ids.slice(0, 1), continuation: ids.slice(1) })),
    options,
  );
  return {
    perText: found.map(each => Math.exp(-mean(each.tokenLogProbs))),
    tokenLogProbs: found.map(each => each.tokenLogProbs),
    bitsPerByte: -sum(found.map(each => each.logLikelihood)) / Math.LN2 / sum(texts.map(utf8Length)),
  };
}

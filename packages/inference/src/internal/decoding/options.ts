/** What text is made by, and what makes it. */
import { inRange, integer, nonEmpty, nonNegative, oneOf, positive, show, UnsupportedError, ValidationError } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import * as logits from '@gtc/tensor/logits';

/** Keys and values of the tokens so far. */
export interface GenerationCache {
  /** Tokens that have come. */
  readonly length: number;
  /** Forgets the newest tokens. */
  crop(length: number): void;
  /** For each new text the number of the one that it continues. */
  reorder(rows: readonly number[]): void;
}

/** A model that scores the next token; those of `@gtc/models` do. */
export interface CausalLM<C extends GenerationCache = GenerationCache> {
  /** @returns `logits` of the last places, `[batch, logitsToKeep, vocabulary]` */
  forward(
    inputs: { readonly inputIds: number[][]; readonly attentionMask: number[][]; readonly positionIds?: number[][] },
    options: { readonly cache: NoInfer<C>; readonly logitsToKeep: number },
  ): { readonly logits?: Tensor };
  createCache(): C;
}

/** A {@link CausalLM} with a cache of whatever kind. */
export interface AssistantModel {
  forward(
    inputs: { readonly inputIds: number[][]; readonly attentionMask: number[][]; readonly positionIds?: number[][] },
    options: { readonly cache: never; readonly logitsToKeep: number },
  ): { readonly logits?: Tensor };
  createCache(): GenerationCache;
}

/** How text is made; names and meanings are transformers'. */
export interface GenerateOptions {
  /** Default: 20. */
  readonly maxNewTokens?: number;
  readonly minNewTokens?: number;
  /** Marks padding before texts: 0 for padding, 1 for tokens. */
  readonly attentionMask?: readonly (readonly number[])[];
  /** Tokens that end a text, and stay in it. Default: none. */
  readonly eosTokenId?: number | readonly number[] | null;
  /** Fills texts that end before others. Default: the first token that ends a text, or 0. */
  readonly padTokenId?: number | null;
  /** Whether a text ends after its newest token, seen with the prompt. */
  readonly stopWhen?: (ids: readonly number[], row: number) => boolean;
  /** Texts that are followed at a time. Default: 1. */
  readonly numBeams?: number;
  /** Power of the length by which a beam's score is divided. Default: 1. */
  readonly lengthPenalty?: number;
  /** When beams end: as soon as there are enough (true), by a guess (false, default), or when none can get better. */
  readonly earlyStopping?: boolean | 'never';
  /** Texts for each prompt, of its beams. Default: 1. */
  readonly numReturnSequences?: number;
  /** Draws tokens in place of taking the likeliest. */
  readonly doSample?: boolean;
  readonly temperature?: number;
  /** 0 cuts nothing. */
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly topH?: number;
  readonly typicalP?: number;
  readonly epsilonCutoff?: number;
  readonly etaCutoff?: number;
  readonly repetitionPenalty?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly noRepeatNgramSize?: number;
  readonly badWordsIds?: readonly (readonly number[])[];
  readonly sequenceBias?: readonly (readonly [ids: readonly number[], bias: number])[];
  readonly suppressTokens?: readonly number[];
  readonly beginSuppressTokens?: readonly number[];
  readonly forcedEosTokenId?: number | readonly number[] | null;
  /** New tokens from which on the end becomes likelier, and the factor for each. */
  readonly exponentialDecayLengthPenalty?: readonly [start: number, factor: number] | null;
  /** More processors, run after those of the other options and before the warpers of sampling. */
  readonly logitsProcessors?: readonly logits.LogitsProcessor[];
  /** Numbers in [0, 1) that tokens are drawn by, row by row; a stream of `seed` unless given. */
  readonly uniforms?: readonly number[];
  /** Default: 0. */
  readonly seed?: number;
  /** A smaller model that proposes tokens; the text stays what the model alone writes. */
  readonly assistantModel?: AssistantModel;
  /** Tokens that it proposes at a time. Default: 20. */
  readonly numAssistantTokens?: number;
  /** Proposes tokens that follow, earlier in the text, what it ends with: so many at a time. */
  readonly promptLookupNumTokens?: number;
  /** Most tokens of the end of a text that are looked up. Default: 2. */
  readonly maxMatchingNgramSize?: number;
  /** Keeps the scores of every step, as many numbers as there are tokens in the vocabulary for each. */
  readonly outputScores?: boolean;
  /** Ends with what there is. */
  readonly signal?: AbortSignal;
}

/** What was made. */
export interface GenerateOutput {
  /** Prompts with what was added, padded to one length. */
  readonly sequences: number[][];
  /** Of beams: the score of each text, its log-probability over a power of its length. */
  readonly sequencesScores?: number[];
  /** Of beams: for each new token the row that it continued, -1 after the end. */
  readonly beamIndices?: number[][];
  /** Scores of each step after processing, a row for each text or beam; none unless `outputScores` asks for them. */
  readonly scores: Float32Array[][];
  /** Passes of the model. */
  readonly forwards: number;
}

/** Options in full, checked. */
export interface Settings {
  readonly prompts: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[] | null;
  readonly promptLength: number;
  readonly maxNewTokens: number;
  readonly ends: readonly number[];
  readonly pad: number;
  readonly numBeams: number;
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean | 'never';
  readonly numReturnSequences: number;
  readonly processors: readonly logits.LogitsProcessor[];
}

function checkPrompts(inputIds: readonly (readonly number[])[], mask: readonly (readonly number[])[] | null): void {
  const length = nonEmpty(nonEmpty(inputIds, 'inputIds')[0]!, 'inputIds').length;
  for (const row of inputIds) {
    if (row.length !== length)
      throw new ValidationError(`inputIds must be rows of one length, padded on the left, got ${length} and ${row.length}`, { parameter: 'inputIds' });
    const odd = row.find(id => !Number.isInteger(id) || id < 0);
    if (odd !== undefined) throw new ValidationError(`inputIds must be token ids, got ${show(odd)}`, { parameter: 'inputIds', received: odd });
  }
  if (mask === null) return;
  if (mask.length !== inputIds.length || mask.some(row => row.length !== length || row.some(each => each !== 0 && each !== 1)))
    throw new ValidationError('attentionMask must be rows of 0 and 1 as long as those of inputIds', { parameter: 'attentionMask' });
  if (mask.some(row => row.at(-1) === 0))
    throw new ValidationError('attentionMask must end with 1: texts are padded on the left', { parameter: 'attentionMask' });
}

const given = <V>(value: V | null | undefined, idle: V | null = null): value is V => value !== undefined && value !== null && value !== idle;

function processorsOf(options: GenerateOptions, ends: readonly number[], promptLength: number, maxNewTokens: number): logits.LogitsProcessor[] {
  const made: logits.LogitsProcessor[] = [];
  const add = (wanted: boolean, make: () => logits.LogitsProcessor): void => void (wanted && made.push(make()));
  const { minNewTokens = 0, exponentialDecayLengthPenalty: decay, forcedEosTokenId, presencePenalty = 0, frequencyPenalty = 0 } = options;
  nonNegative(integer(minNewTokens, 'minNewTokens'), 'minNewTokens');
  add(given(options.sequenceBias), () => logits.sequenceBiasProcessor(options.sequenceBias!));
  add(given(options.repetitionPenalty, 1), () => logits.repetitionPenaltyProcessor(options.repetitionPenalty!));
  add(presencePenalty !== 0 || frequencyPenalty !== 0, () => logits.presenceFrequencyProcessor({ presencePenalty, frequencyPenalty }));
  add(given(options.noRepeatNgramSize, 0), () => logits.noRepeatNgramProcessor(options.noRepeatNgramSize!));
  add(given(options.badWordsIds), () => logits.noBadWordsProcessor(options.badWordsIds!, { eosTokenId: ends }));
  add(minNewTokens > 0 && ends.length > 0, () => logits.minNewTokensProcessor(promptLength, minNewTokens, ends));
  add(given(forcedEosTokenId), () => logits.forcedEosProcessor(promptLength + maxNewTokens, forcedEosTokenId!));
  add(given(decay) && ends.length > 0, () =>
    logits.exponentialDecayLengthPenaltyProcessor({ start: decay![0], factor: decay![1], eosTokenId: ends, promptLength }),
  );
  add(given(options.suppressTokens), () => logits.suppressTokensProcessor(options.suppressTokens!));
  add(given(options.beginSuppressTokens), () => logits.suppressTokensAtBeginProcessor(options.beginSuppressTokens!, promptLength));
  made.push(...(options.logitsProcessors ?? []));
  if (!options.doSample) return made;
  add(given(options.temperature, 1), () => logits.temperatureWarper(options.temperature!));
  add(given(options.topH), () => logits.topHWarper(options.topH!));
  add(given(options.topK, 0), () => logits.topKWarper(options.topK!));
  add(given(options.topP, 1), () => logits.topPWarper(options.topP!));
  add(given(options.minP), () => logits.minPWarper(options.minP!));
  add(given(options.typicalP, 1), () => logits.typicalWarper(options.typicalP!));
  add(given(options.epsilonCutoff, 0), () => logits.epsilonWarper(options.epsilonCutoff!));
  add(given(options.etaCutoff, 0), () => logits.etaWarper(options.etaCutoff!));
  return made;
}

/** @throws {ValidationError} for a rule that is broken @throws {UnsupportedError} for options that do not go together */
export function settle(inputIds: readonly (readonly number[])[], options: GenerateOptions): Settings {
  const { maxNewTokens = 20, numBeams = 1, numReturnSequences = 1, lengthPenalty = 1, earlyStopping = false, attentionMask = null } = options;
  checkPrompts(inputIds, attentionMask);
  positive(integer(maxNewTokens, 'maxNewTokens'), 'maxNewTokens');
  positive(integer(numBeams, 'numBeams'), 'numBeams');
  inRange(integer(numReturnSequences, 'numReturnSequences'), 'numReturnSequences', { min: 1, max: numBeams });
  inRange(lengthPenalty, 'lengthPenalty', { min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
  oneOf(earlyStopping, 'earlyStopping', [true, false, 'never'] as const);
  const ends = given(options.eosTokenId) ? [options.eosTokenId].flat() : [];
  const assisted = options.assistantModel !== undefined || options.promptLookupNumTokens !== undefined;
  if (numBeams > 1 && options.doSample) throw new UnsupportedError('beams are not drawn: doSample goes with numBeams 1', { parameter: 'doSample' });
  if (assisted && (numBeams > 1 || options.doSample || inputIds.length > 1))
    throw new UnsupportedError('proposed tokens go with one text, one beam, and no sampling', { parameter: 'assistantModel' });
  const promptLength = inputIds[0]!.length;
  return {
    prompts: inputIds,
    mask: attentionMask,
    promptLength,
    maxNewTokens,
    ends,
    pad: options.padTokenId ?? ends[0] ?? 0,
    numBeams,
    lengthPenalty,
    earlyStopping,
    numReturnSequences,
    processors: processorsOf(options, ends, promptLength, maxNewTokens),
  };
}

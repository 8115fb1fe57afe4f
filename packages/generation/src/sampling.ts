/** Sampling of text: strategies, limits and stops, and the memory of the keys and values behind it. Mirrors `hf_gtc.generation.sampling`. */
import { allPositive, createFrom, type Definition, inRange, nonNegative, number, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

export {
  classifierFreeGuidance,
  drawToken,
  effectiveVocabulary,
  encoderNoRepeatNgramProcessor,
  encoderRepetitionPenaltyProcessor,
  entropyOfScores,
  epsilonWarper,
  etaWarper,
  exponentialDecayLengthPenaltyProcessor,
  forcedBosProcessor,
  forcedEosProcessor,
  greenListProcessor,
  infNanRemoveProcessor,
  type KeepOptions,
  type LogitsProcessor,
  leftHashGreenList,
  logSoftmaxOf,
  minLengthProcessor,
  minNewTokensProcessor,
  minPWarper,
  noBadWordsProcessor,
  noRepeatNgramProcessor,
  prefixConstrainedProcessor,
  presenceFrequencyProcessor,
  processLogits,
  repetitionPenaltyProcessor,
  sequenceBiasProcessor,
  softmaxOf,
  suppressTokensAtBeginProcessor,
  suppressTokensProcessor,
  temperatureWarper,
  topHWarper,
  topKOf,
  topKWarper,
  topPWarper,
  typicalWarper,
} from '@gtc/tensor/logits';

/** Ways to choose the next token. */
export const SamplingStrategy = {
  GREEDY: 'greedy',
  TOP_K: 'top_k',
  TOP_P: 'top_p',
  BEAM_SEARCH: 'beam_search',
  CONTRASTIVE: 'contrastive',
  DIVERSE_BEAM: 'diverse_beam',
} as const;
export type SamplingStrategy = (typeof SamplingStrategy)[keyof typeof SamplingStrategy];

/** What ends a text. */
export type StopCriteriaType = 'max_length' | 'max_time' | 'eos_token' | 'custom';

/** Values of {@link SamplingStrategy}. */
export const VALID_STRATEGIES: ReadonlySet<SamplingStrategy> = new Set(Object.values(SamplingStrategy));

/** Values of {@link StopCriteriaType}. */
export const VALID_STOP_CRITERIA: ReadonlySet<StopCriteriaType> = new Set<StopCriteriaType>(['custom', 'eos_token', 'max_length', 'max_time']);

/** How the next token is chosen. */
export interface SamplingConfig {
  readonly strategy: SamplingStrategy;
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Likeliest tokens to choose from; 0 is all. */
  readonly topK: number;
  /** Least probability that the tokens to choose from hold together. */
  readonly topP: number;
  /** At least 1, which leaves tokens as they are. */
  readonly repetitionPenalty: number;
  readonly lengthPenalty: number;
  /** n-grams of this size occur once; 0 allows any. */
  readonly noRepeatNgramSize: number;
}

/** Defaults and rules of {@link SamplingConfig}. */
export const SamplingConfig: Definition<SamplingConfig> = {
  name: 'SamplingConfig',
  fields: {
    strategy: { kind: 'enum', of: SamplingStrategy, default: SamplingStrategy.TOP_P },
    temperature: { kind: 'float', default: 1, nonNegative: true },
    topK: { kind: 'int', default: 50, nonNegative: true },
    topP: { kind: 'float', default: 1, min: 0, max: 1 },
    repetitionPenalty: { kind: 'float', default: 1, min: 1 },
    lengthPenalty: { kind: 'float', default: 1 },
    noRepeatNgramSize: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** How beams are searched. */
export interface BeamSearchConfig {
  readonly numBeams: number;
  readonly numBeamGroups: number;
  readonly diversityPenalty: number;
  readonly earlyStopping: boolean;
  readonly lengthPenalty: number;
}

/** Defaults and rules of {@link BeamSearchConfig}. */
export const BeamSearchConfig: Definition<BeamSearchConfig> = {
  name: 'BeamSearchConfig',
  fields: {
    numBeams: { kind: 'int', default: 4, positive: true },
    numBeamGroups: { kind: 'int', default: 1, positive: true },
    diversityPenalty: { kind: 'float', default: 0, nonNegative: true },
    earlyStopping: { kind: 'bool', default: true },
    lengthPenalty: { kind: 'float', default: 1 },
  },
  rules: [
    ({ numBeams, numBeamGroups }) => (numBeams % numBeamGroups === 0 ? null : `numBeams (${numBeams}) must be divisible by numBeamGroups (${numBeamGroups})`),
  ],
};

/** How long a text may be, and take. */
export interface GenerationConstraints {
  readonly maxLength: number;
  readonly maxNewTokens: number;
  readonly minLength: number;
  readonly minNewTokens: number;
  /** Seconds. */
  readonly maxTime: number;
}

/** Defaults and rules of {@link GenerationConstraints}. */
export const GenerationConstraints: Definition<GenerationConstraints> = {
  name: 'GenerationConstraints',
  fields: {
    maxLength: { kind: 'int', default: 512, positive: true },
    maxNewTokens: { kind: 'int', default: 256, positive: true },
    minLength: { kind: 'int', default: 0, nonNegative: true },
    minNewTokens: { kind: 'int', default: 0 },
    maxTime: { kind: 'float', default: 60, positive: true },
  },
  rules: [({ minLength, maxLength }) => (minLength <= maxLength ? null : `minLength (${minLength}) cannot exceed maxLength (${maxLength})`)],
};

/** What ends a text. */
export interface StoppingCriteria {
  readonly stopStrings: readonly string[];
  readonly stopTokenIds: readonly number[];
  readonly criteriaType: StopCriteriaType;
}

/** Defaults and rules of {@link StoppingCriteria}. */
export const StoppingCriteria: Definition<StoppingCriteria> = {
  name: 'StoppingCriteria',
  fields: {
    stopStrings: { kind: 'array', of: { kind: 'string' }, default: [] },
    stopTokenIds: { kind: 'array', of: { kind: 'int' }, default: [] },
    criteriaType: { kind: 'string', default: 'max_length', oneOf: VALID_STOP_CRITERIA },
  },
};

/** Contrastive search. */
export interface ContrastiveConfig {
  /** Weight of the penalty for likeness to what stands there. */
  readonly penaltyAlpha: number;
  readonly topK: number;
}

/** Defaults and rules of {@link ContrastiveConfig}. */
export const ContrastiveConfig: Definition<ContrastiveConfig> = {
  name: 'ContrastiveConfig',
  fields: {
    penaltyAlpha: { kind: 'float', default: 0.6, min: 0, max: 1 },
    topK: { kind: 'int', default: 4, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateSamplingConfig(config: SamplingConfig): void {
  validate(SamplingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBeamSearchConfig(config: BeamSearchConfig): void {
  validate(BeamSearchConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGenerationConstraints(constraints: GenerationConstraints): void {
  validate(GenerationConstraints, constraints, 'constraints');
}

/** Settles a {@link SamplingConfig}. @throws {ValidationError} naming every broken rule */
export function createSamplingConfig(options: Partial<SamplingConfig> = {}): SamplingConfig {
  return createFrom(SamplingConfig, options);
}

/** Settles a {@link BeamSearchConfig}. @throws {ValidationError} naming every broken rule */
export function createBeamSearchConfig(options: Partial<BeamSearchConfig> = {}): BeamSearchConfig {
  return createFrom(BeamSearchConfig, options);
}

/** Settles a {@link GenerationConstraints}. @throws {ValidationError} naming every broken rule */
export function createGenerationConstraints(options: Partial<GenerationConstraints> = {}): GenerationConstraints {
  return createFrom(GenerationConstraints, options);
}

/** Settles a {@link StoppingCriteria}. @throws {ValidationError} naming every broken rule */
export function createStoppingCriteria(options: Partial<StoppingCriteria> = {}): StoppingCriteria {
  return createFrom(StoppingCriteria, options);
}

/** Settles a {@link ContrastiveConfig}. @throws {ValidationError} naming every broken rule */
export function createContrastiveConfig(options: Partial<ContrastiveConfig> = {}): ContrastiveConfig {
  return createFrom(ContrastiveConfig, options);
}

/** Sampling strategies in ascending order. */
export function listSamplingStrategies(): SamplingStrategy[] {
  return valuesOf(SamplingStrategy);
}

/** @throws {ValidationError} naming the sampling strategies */
export function getSamplingStrategy(name: string): SamplingStrategy {
  return parseEnum(SamplingStrategy, name, 'samplingStrategy');
}

const BY_TASK: Readonly<Record<string, Partial<SamplingConfig>>> = {
  creative: { temperature: 0.9, topP: 0.95, repetitionPenalty: 1.1 },
  factual: { strategy: SamplingStrategy.GREEDY, temperature: 0.1 },
  code: { temperature: 0.2, topP: 0.95 },
  chat: { temperature: 0.7, topP: 0.9, repetitionPenalty: 1.05 },
};

/**
 * The sampling that suits a task: creative, factual, code or chat.
 *
 * @throws {ValidationError} naming the tasks
 * @remarks Python: `hf_gtc.generation.sampling.get_recommended_config(task)`.
 * @example getRecommendedConfig('code').temperature // => 0.2
 */
export function getRecommendedConfig(task: string): SamplingConfig {
  return createSamplingConfig(BY_TASK[oneOf<string>(task, 'task', Object.keys(BY_TASK))]!);
}

/**
 * Tokens that remain to choose from: the lesser of top-k and of the share top-p of the vocabulary, at least one. The share is a rule of
 * thumb: how many tokens top-p really keeps depends on the logits.
 *
 * @param topK 0 is all
 * @throws {ValidationError} for an empty vocabulary, a negative `topK` or a `topP` outside 0 to 1
 * @remarks Python: `hf_gtc.generation.sampling.calculate_effective_vocab_size(vocab_size, top_k, top_p)`; exact.
 * @example calculateEffectiveVocabSize(50000, 0, 0.9) // => 45000
 */
export function calculateEffectiveVocabSize(vocabSize: number, topK: number, topP: number): number {
  positive(vocabSize, 'vocabSize');
  nonNegative(topK, 'topK');
  inRange(topP, 'topP', { min: 0, max: 1 });
  const byShare = topP < 1 ? Math.trunc(vocabSize * topP) : vocabSize;
  return Math.max(1, Math.min(topK > 0 ? topK : vocabSize, byShare));
}

/**
 * Bytes of the keys and values of all layers, beams and positions.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.generation.sampling.estimate_generation_memory(batch_size, max_length, hidden_size, num_layers, ...)`; exact.
 * @example estimateGenerationMemory(1, 512, 768, 3) // => 4718592
 */
export function estimateGenerationMemory(
  batchSize: number,
  maxLength: number,
  hiddenSize: number,
  numLayers: number,
  { numBeams = 1, dtypeBytes = 2 }: { readonly numBeams?: number; readonly dtypeBytes?: number } = {},
): number {
  allPositive({ batchSize, maxLength, hiddenSize, numLayers, numBeams });
  return 2 * batchSize * numBeams * maxLength * hiddenSize * numLayers * number(dtypeBytes, 'dtypeBytes');
}

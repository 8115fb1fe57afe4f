/** Decoding: its settings, the penalty of repetitions, and what beams cost. Mirrors `hf_gtc.inference.decoding`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';

export { computeTransitionScores, generate, generateStream } from './internal/decoding/generate.js';
export type { AssistantModel, CausalLM, GenerateOptions, GenerateOutput, GenerationCache } from './internal/decoding/options.js';
export type { GeneratedToken } from './internal/decoding/rows.js';

/** Ways to choose tokens. */
export const DecodingMethod = {
  GREEDY: 'greedy',
  BEAM: 'beam',
  SAMPLING: 'sampling',
  NUCLEUS: 'nucleus',
  TOP_K: 'top_k',
  CONTRASTIVE: 'contrastive',
  TYPICAL: 'typical',
} as const;
export type DecodingMethod = (typeof DecodingMethod)[keyof typeof DecodingMethod];

/** What ends a text. */
export const StoppingCriteria = { MAX_LENGTH: 'max_length', EOS_TOKEN: 'eos_token', MAX_TIME: 'max_time' } as const;
export type StoppingCriteria = (typeof StoppingCriteria)[keyof typeof StoppingCriteria];

/** Ways to make repetitions unlikely. */
export const RepetitionPenaltyType = { MULTIPLICATIVE: 'multiplicative', ADDITIVE: 'additive', PRESENCE: 'presence' } as const;
export type RepetitionPenaltyType = (typeof RepetitionPenaltyType)[keyof typeof RepetitionPenaltyType];

/** Values of {@link DecodingMethod}, by their text. */
export type DecodingMethodStr = DecodingMethod;

/** Values of {@link StoppingCriteria}, by their text. */
export type StoppingCriteriaStr = StoppingCriteria;

/** Values of {@link RepetitionPenaltyType}, by their text. */
export type RepetitionPenaltyTypeStr = RepetitionPenaltyType;

/** Values of {@link DecodingMethod}. */
export const VALID_DECODING_METHODS: ReadonlySet<DecodingMethod> = new Set(Object.values(DecodingMethod));

/** Values of {@link StoppingCriteria}. */
export const VALID_STOPPING_CRITERIA: ReadonlySet<StoppingCriteria> = new Set(Object.values(StoppingCriteria));

/** Values of {@link RepetitionPenaltyType}. */
export const VALID_REPETITION_PENALTY_TYPES: ReadonlySet<RepetitionPenaltyType> = new Set(Object.values(RepetitionPenaltyType));

/** Methods that draw. */
const SAMPLING_METHODS: ReadonlySet<DecodingMethod> = new Set([DecodingMethod.SAMPLING, DecodingMethod.NUCLEUS, DecodingMethod.TOP_K, DecodingMethod.TYPICAL]);

/** Beam search. */
export interface BeamConfig {
  readonly numBeams: number;
  /** Exponent of the length that a score is divided by. */
  readonly lengthPenalty: number;
  readonly earlyStopping: boolean;
  readonly numReturnSequences: number;
}

/** Defaults and rules of {@link BeamConfig}. */
export const BeamConfig: Definition<BeamConfig> = {
  name: 'BeamConfig',
  fields: {
    numBeams: { kind: 'int', default: 4, positive: true },
    lengthPenalty: { kind: 'float', default: 1, nonNegative: true },
    earlyStopping: { kind: 'bool', default: false },
    numReturnSequences: { kind: 'int', default: 1, positive: true },
  },
  rules: [
    ({ numBeams, numReturnSequences }) =>
      numReturnSequences <= numBeams ? null : `numReturnSequences must be at most numBeams (${numBeams}), got ${numReturnSequences}`,
  ],
};

/** Random choice. */
export interface SamplingConfig {
  readonly temperature: number;
  /** 0 keeps all. */
  readonly topK: number;
  readonly topP: number;
  readonly typicalP: number;
}

/** Defaults and rules of {@link SamplingConfig}. */
export const SamplingConfig: Definition<SamplingConfig> = {
  name: 'SamplingConfig',
  fields: {
    temperature: { kind: 'float', default: 1, positive: true },
    topK: { kind: 'int', default: 50, nonNegative: true },
    topP: { kind: 'float', default: 1, above: 0, max: 1 },
    typicalP: { kind: 'float', default: 1, above: 0, max: 1 },
  },
};

/** Contrastive search. */
export interface ContrastiveConfig {
  readonly penaltyAlpha: number;
  readonly topK: number;
  readonly amateurModel: string;
}

/** Defaults and rules of {@link ContrastiveConfig}. */
export const ContrastiveConfig: Definition<ContrastiveConfig> = {
  name: 'ContrastiveConfig',
  fields: {
    penaltyAlpha: { kind: 'float', default: 0.6, min: 0, max: 1 },
    topK: { kind: 'int', default: 4, positive: true },
    amateurModel: { kind: 'string', default: '' },
  },
};

/** How tokens are chosen. */
export interface DecodingConfig {
  readonly method: DecodingMethod;
  readonly beamConfig: BeamConfig | null;
  readonly samplingConfig: SamplingConfig | null;
  readonly contrastiveConfig: ContrastiveConfig | null;
  readonly maxLength: number;
  readonly repetitionPenalty: number;
  readonly repetitionPenaltyType: RepetitionPenaltyType;
}

/** Defaults and rules of {@link DecodingConfig}. */
export const DecodingConfig: Definition<DecodingConfig> = {
  name: 'DecodingConfig',
  fields: {
    method: { kind: 'enum', of: DecodingMethod, default: DecodingMethod.GREEDY },
    beamConfig: { kind: 'config', of: BeamConfig, default: null, nullable: true },
    samplingConfig: { kind: 'config', of: SamplingConfig, default: null, nullable: true },
    contrastiveConfig: { kind: 'config', of: ContrastiveConfig, default: null, nullable: true },
    maxLength: { kind: 'int', default: 128, positive: true },
    repetitionPenalty: { kind: 'float', default: 1, positive: true },
    repetitionPenaltyType: { kind: 'enum', of: RepetitionPenaltyType, default: RepetitionPenaltyType.MULTIPLICATIVE },
  },
  rules: [
    ({ method, beamConfig }) => (method === 'beam' && beamConfig === null ? 'beamConfig is required for beam search' : null),
    ({ method, samplingConfig }) => (SAMPLING_METHODS.has(method) && samplingConfig === null ? `samplingConfig is required for ${method}` : null),
    ({ method, contrastiveConfig }) => (method === 'contrastive' && contrastiveConfig === null ? 'contrastiveConfig is required for contrastive search' : null),
  ],
};

/** What decoding did. */
export interface DecodingStats {
  readonly tokensGenerated: number;
  readonly timePerTokenMs: number;
  readonly tokensPerSecond: number;
}

/** Defaults and rules of {@link DecodingStats}. */
export const DecodingStats: Definition<DecodingStats> = {
  name: 'DecodingStats',
  fields: {
    tokensGenerated: { kind: 'int', nonNegative: true },
    timePerTokenMs: { kind: 'float', nonNegative: true },
    tokensPerSecond: { kind: 'float', nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateBeamConfig(config: BeamConfig): void {
  validate(BeamConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSamplingConfig(config: SamplingConfig): void {
  validate(SamplingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContrastiveConfig(config: ContrastiveConfig): void {
  validate(ContrastiveConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDecodingConfig(config: DecodingConfig): void {
  validate(DecodingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDecodingStats(stats: DecodingStats): void {
  validate(DecodingStats, stats, 'stats');
}

/** Settles a {@link BeamConfig}. @throws {ValidationError} naming every broken rule */
export function createBeamConfig(options: Partial<BeamConfig> = {}): BeamConfig {
  return createFrom(BeamConfig, options);
}

/** Settles a {@link SamplingConfig}. @throws {ValidationError} naming every broken rule */
export function createSamplingConfig(options: Partial<SamplingConfig> = {}): SamplingConfig {
  return createFrom(SamplingConfig, options);
}

/** Settles a {@link ContrastiveConfig}. @throws {ValidationError} naming every broken rule */
export function createContrastiveConfig(options: Partial<ContrastiveConfig> = {}): ContrastiveConfig {
  return createFrom(ContrastiveConfig, options);
}

/** Settles a {@link DecodingConfig}. @throws {ValidationError} naming every broken rule */
export function createDecodingConfig(options: Partial<DecodingConfig> = {}): DecodingConfig {
  return createFrom(DecodingConfig, options);
}

/** Decoding methods in ascending order. */
export function listDecodingMethods(): DecodingMethod[] {
  return valuesOf(DecodingMethod);
}

/** Stopping criteria in ascending order. */
export function listStoppingCriteria(): StoppingCriteria[] {
  return valuesOf(StoppingCriteria);
}

/** Repetition penalty types in ascending order. */
export function listRepetitionPenaltyTypes(): RepetitionPenaltyType[] {
  return valuesOf(RepetitionPenaltyType);
}

/** @throws {ValidationError} naming the decoding methods */
export function getDecodingMethod(name: string): DecodingMethod {
  return parseEnum(DecodingMethod, name, 'decodingMethod');
}

/** @throws {ValidationError} naming the stopping criteria */
export function getStoppingCriteria(name: string): StoppingCriteria {
  return parseEnum(StoppingCriteria, name, 'stoppingCriteria');
}

/** @throws {ValidationError} naming the repetition penalty types */
export function getRepetitionPenaltyType(name: string): RepetitionPenaltyType {
  return parseEnum(RepetitionPenaltyType, name, 'repetitionPenaltyType');
}

/**
 * Memory of the keys and values of all beams, GiB.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.decoding.calculate_beam_memory(num_beams, batch_size, sequence_length, hidden_size, num_layers, dtype_bytes=)`; within 1e-12.
 * @example calculateBeamMemory(15, 1073741824, 512, 5, 32, { dtypeBytes: 12 }) // => 29491200
 */
export function calculateBeamMemory(
  numBeams: number,
  batchSize: number,
  sequenceLength: number,
  hiddenSize: number,
  numLayers: number,
  { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {},
): number {
  allPositive({ numBeams, batchSize, sequenceLength, hiddenSize, numLayers, dtypeBytes });
  return (2 * numLayers * batchSize * numBeams * sequenceLength * hiddenSize * dtypeBytes) / 1024 ** 3;
}

/**
 * Seconds that tokens take; each beam beyond the first costs half a run.
 *
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.decoding.estimate_generation_time(num_tokens, time_per_token_ms, num_beams=)`; within 1e-12.
 * @example estimateGenerationTime(100, 0.1) // => 0.01
 */
export function estimateGenerationTime(numTokens: number, timePerTokenMs: number, { numBeams = 1 }: { readonly numBeams?: number } = {}): number {
  allPositive({ numTokens, timePerTokenMs, numBeams });
  return (numTokens * timePerTokenMs * (1 + (numBeams - 1) * 0.5)) / 1000;
}

/**
 * Logits in which tokens that were written are less likely: `multiplicative` divides positive logits and multiplies negative ones, `additive` and
 * `presence` subtract. Every token counts once; ids outside the vocabulary are passed over.
 *
 * @param logits one for each token of the vocabulary
 * @throws {ValidationError} for a multiplicative penalty that is not positive
 * @remarks Python: `hf_gtc.inference.decoding.apply_repetition_penalty(logits, generated_token_ids, penalty=, penalty_type=)`.
 * @example applyRepetitionPenalty([1, 2, 3], [10]) // => [1, 2, 3]
 */
export function applyRepetitionPenalty(
  logits: readonly number[],
  generatedTokenIds: readonly number[],
  { penalty = 1.2, penaltyType = 'multiplicative' }: { readonly penalty?: number; readonly penaltyType?: RepetitionPenaltyType } = {},
): number[] {
  parseEnum(RepetitionPenaltyType, penaltyType, 'penaltyType');
  if (penaltyType === 'multiplicative') positive(penalty, 'penalty');
  const result = [...logits];
  for (const id of new Set(generatedTokenIds)) {
    const logit = logits[id];
    if (logit === undefined) continue;
    result[id] = penaltyType !== 'multiplicative' ? logit - penalty : logit > 0 ? logit / penalty : logit * penalty;
  }
  return result;
}

/**
 * Entropy of a distribution, nats.
 *
 * @throws {ValidationError} for no probabilities or negative ones
 * @remarks Python: `hf_gtc.inference.decoding.calculate_entropy(probabilities)`; within 1e-12.
 * @example calculateEntropy([1]) // => 0
 */
export function calculateEntropy(probabilities: readonly number[]): number {
  nonEmpty(probabilities, 'probabilities');
  return -probabilities.reduce((sum, p, index) => sum + (nonNegative(p, `probabilities[${index}]`) > 0 ? p * Math.log(p) : 0), 0);
}

/**
 * What decoding did, as text.
 *
 * @remarks Python: `hf_gtc.inference.decoding.format_decoding_stats(stats)`; the same text.
 */
export function formatDecodingStats(stats: DecodingStats): string {
  notNull(stats, 'stats');
  return [
    'Decoding Statistics:',
    `  Tokens Generated: ${stats.tokensGenerated}`,
    `  Time per Token: ${formatFixed(stats.timePerTokenMs, 2)} ms`,
    `  Throughput: ${formatFixed(stats.tokensPerSecond, 2)} tokens/sec`,
  ].join('\n');
}

const sampled = (method: DecodingMethod, temperature: number, topP: number, maxLength: number, repetitionPenalty: number) => ({
  method,
  samplingConfig: createSamplingConfig({ temperature, topK: 0, topP }),
  maxLength,
  repetitionPenalty,
});

/** Settings by task; the fast ones where they differ. */
const RECOMMENDED: Readonly<Record<string, readonly [best: Partial<DecodingConfig>, fast?: Partial<DecodingConfig>]>> = {
  translation: [{ method: 'beam', beamConfig: createBeamConfig({ numBeams: 5, lengthPenalty: 0.6, earlyStopping: true }), maxLength: 256 }, { maxLength: 256 }],
  creative: [sampled('nucleus', 0.9, 0.95, 512, 1.1)],
  chat: [sampled('nucleus', 0.7, 0.9, 256, 1.1)],
  code: [sampled('sampling', 0.2, 0.95, 1024, 1.05)],
  qa: [{ method: 'beam', beamConfig: createBeamConfig({ earlyStopping: true }) }, {}],
};

/**
 * Settings that suit a task: `translation`, `creative`, `chat`, `code` or `qa`.
 *
 * @param options `qualityPriority` false chooses greedy search over beams
 * @throws {ValidationError} naming the tasks that are known
 * @remarks Python: `hf_gtc.inference.decoding.get_recommended_decoding_config(task, quality_priority=)`.
 * @example getRecommendedDecodingConfig('qa').method // => 'beam'
 */
export function getRecommendedDecodingConfig(task: string, { qualityPriority = true }: { readonly qualityPriority?: boolean } = {}): DecodingConfig {
  const [best, fast = best] = RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!;
  return createDecodingConfig(qualityPriority ? best : fast);
}

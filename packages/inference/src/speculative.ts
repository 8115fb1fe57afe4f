/** Speculative decoding: its configuration, and what it gains. Mirrors `hf_gtc.inference.speculative`. */
import { createFrom, type Definition, formatFixed, inRange, nonNegative, notNull, oneOf, parseEnum, positive, roundTo, validate, valuesOf } from '@gtc/errors';

/** How the large model checks what the small one proposes. */
export const VerificationStrategy = { GREEDY: 'greedy', SAMPLING: 'sampling', NUCLEUS: 'nucleus' } as const;
export type VerificationStrategy = (typeof VerificationStrategy)[keyof typeof VerificationStrategy];

/** What proposes tokens. */
export const DraftModelType = { SMALLER_SAME_FAMILY: 'smaller_same_family', DISTILLED: 'distilled', NGRAM: 'ngram', MEDUSA: 'medusa' } as const;
export type DraftModelType = (typeof DraftModelType)[keyof typeof DraftModelType];

/** Which proposals are accepted. */
export const AcceptanceCriteria = { THRESHOLD: 'threshold', TOP_K: 'top_k', ADAPTIVE: 'adaptive' } as const;
export type AcceptanceCriteria = (typeof AcceptanceCriteria)[keyof typeof AcceptanceCriteria];

/** Values of {@link VerificationStrategy}. */
export const VALID_VERIFICATION_STRATEGIES: ReadonlySet<VerificationStrategy> = new Set(Object.values(VerificationStrategy));

/** Values of {@link DraftModelType}. */
export const VALID_DRAFT_MODEL_TYPES: ReadonlySet<DraftModelType> = new Set(Object.values(DraftModelType));

/** Values of {@link AcceptanceCriteria}. */
export const VALID_ACCEPTANCE_CRITERIA: ReadonlySet<AcceptanceCriteria> = new Set(Object.values(AcceptanceCriteria));

/** The model that proposes. */
export interface DraftModelConfig {
  readonly modelType: DraftModelType;
  readonly modelName: string;
  /** Tokens proposed at a time. */
  readonly gammaTokens: number;
  readonly temperature: number;
}

/** Defaults and rules of {@link DraftModelConfig}. */
export const DraftModelConfig: Definition<DraftModelConfig> = {
  name: 'DraftModelConfig',
  fields: {
    modelType: { kind: 'enum', of: DraftModelType, default: DraftModelType.SMALLER_SAME_FAMILY },
    modelName: { kind: 'string', default: '' },
    gammaTokens: { kind: 'int', default: 5, positive: true },
    temperature: { kind: 'float', default: 1, positive: true },
  },
};

/** How proposals are checked. */
export interface VerificationConfig {
  readonly strategy: VerificationStrategy;
  readonly acceptanceCriteria: AcceptanceCriteria;
  readonly threshold: number;
  /** Let the large model go on alone where nothing is accepted. */
  readonly fallbackToTarget: boolean;
}

/** Defaults and rules of {@link VerificationConfig}. */
export const VerificationConfig: Definition<VerificationConfig> = {
  name: 'VerificationConfig',
  fields: {
    strategy: { kind: 'enum', of: VerificationStrategy, default: VerificationStrategy.GREEDY },
    acceptanceCriteria: { kind: 'enum', of: AcceptanceCriteria, default: AcceptanceCriteria.THRESHOLD },
    threshold: { kind: 'float', default: 0.9, min: 0, max: 1 },
    fallbackToTarget: { kind: 'bool', default: true },
  },
};

/** Speculative decoding. */
export interface SpeculativeConfig {
  readonly draftConfig: DraftModelConfig;
  readonly verificationConfig: VerificationConfig;
  readonly maxSpeculationLength: number;
}

/** Defaults and rules of {@link SpeculativeConfig}. */
export const SpeculativeConfig: Definition<SpeculativeConfig> = {
  name: 'SpeculativeConfig',
  fields: {
    draftConfig: { kind: 'config', of: DraftModelConfig },
    verificationConfig: { kind: 'config', of: VerificationConfig },
    maxSpeculationLength: { kind: 'int', default: 128, positive: true },
  },
};

/** What speculative decoding did. */
export interface SpeculativeStats {
  readonly acceptedTokens: number;
  readonly rejectedTokens: number;
  readonly speedupFactor: number;
  readonly acceptanceRate: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateDraftModelConfig(config: DraftModelConfig): void {
  validate(DraftModelConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateVerificationConfig(config: VerificationConfig): void {
  validate(VerificationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSpeculativeConfig(config: SpeculativeConfig): void {
  validate(SpeculativeConfig, config);
}

/** Settles a {@link DraftModelConfig}. @throws {ValidationError} naming every broken rule */
export function createDraftModelConfig(options: Partial<DraftModelConfig> = {}): DraftModelConfig {
  return createFrom(DraftModelConfig, options);
}

/** Settles a {@link VerificationConfig}. @throws {ValidationError} naming every broken rule */
export function createVerificationConfig(options: Partial<VerificationConfig> = {}): VerificationConfig {
  return createFrom(VerificationConfig, options);
}

/** Verification strategies in ascending order. */
export function listVerificationStrategies(): VerificationStrategy[] {
  return valuesOf(VerificationStrategy);
}

/** Draft model types in ascending order. */
export function listDraftModelTypes(): DraftModelType[] {
  return valuesOf(DraftModelType);
}

/** Acceptance criteria in ascending order. */
export function listAcceptanceCriteria(): AcceptanceCriteria[] {
  return valuesOf(AcceptanceCriteria);
}

/** @throws {ValidationError} naming the verification strategies */
export function getVerificationStrategy(name: string): VerificationStrategy {
  return parseEnum(VerificationStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the draft model types */
export function getDraftModelType(name: string): DraftModelType {
  return parseEnum(DraftModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the acceptance criteria */
export function getAcceptanceCriteria(name: string): AcceptanceCriteria {
  return parseEnum(AcceptanceCriteria, name, 'acceptanceCriteria');
}

/** Settles speculative decoding from the settings of both models. @throws {ValidationError} naming every broken rule */
export function createSpeculativeConfig({
  modelName,
  modelType,
  gammaTokens,
  temperature,
  strategy,
  acceptanceCriteria,
  threshold,
  fallbackToTarget,
  maxSpeculationLength,
}: Partial<DraftModelConfig> & Partial<VerificationConfig> & { readonly maxSpeculationLength?: number } = {}): SpeculativeConfig {
  return createFrom(SpeculativeConfig, {
    draftConfig: createFrom(DraftModelConfig, { modelType, modelName, gammaTokens, temperature }),
    verificationConfig: createFrom(VerificationConfig, { strategy, acceptanceCriteria, threshold, fallbackToTarget }),
    maxSpeculationLength,
  });
}

/**
 * Estimates how much faster text comes: tokens for each pass of the large model over the cost of a pass with its proposals,
 * (1 + rate·gamma) / (1 + gamma·ratio), rounded to two decimals.
 *
 * @param acceptanceRate share of the proposals that are accepted
 * @param options `draftLatencyRatio` is the time of the small model over that of the large one
 * @throws {ValidationError} for a rate outside 0 to 1, no tokens, or a ratio that is not between 0 and 1
 * @remarks Python: `hf_gtc.inference.speculative.calculate_expected_speedup(acceptance_rate, gamma_tokens, draft_latency_ratio=)`; exact. As
 * there, every proposal counts as accepted by itself; in truth one refusal ends a run, and (1 - rate^(gamma + 1)) / (1 - rate) tokens come
 * of it (Leviathan et al. 2023).
 * @example calculateExpectedSpeedup(1, 5) // => 4
 */
export function calculateExpectedSpeedup(
  acceptanceRate: number,
  gammaTokens: number,
  { draftLatencyRatio = 0.1 }: { readonly draftLatencyRatio?: number } = {},
): number {
  inRange(acceptanceRate, 'acceptanceRate', { min: 0, max: 1 });
  positive(gammaTokens, 'gammaTokens');
  inRange(draftLatencyRatio, 'draftLatencyRatio', { above: 0, below: 1 });
  return roundTo((1 + acceptanceRate * gammaTokens) / (1 + gammaTokens * draftLatencyRatio), 2);
}

/**
 * A rule of thumb for the share of proposals that are accepted: the ratio of the perplexities, at most 1, to the power of one over the
 * temperature, rounded to two decimals.
 *
 * @throws {ValidationError} when an argument is not positive
 * @remarks Python: `hf_gtc.inference.speculative.estimate_acceptance_rate(draft_perplexity, target_perplexity, temperature=)`; exact.
 * @example estimateAcceptanceRate(20, 10) // => 0.5
 */
export function estimateAcceptanceRate(draftPerplexity: number, targetPerplexity: number, { temperature = 1 }: { readonly temperature?: number } = {}): number {
  positive(draftPerplexity, 'draftPerplexity');
  positive(targetPerplexity, 'targetPerplexity');
  positive(temperature, 'temperature');
  return roundTo(Math.min(1, targetPerplexity / draftPerplexity) ** (1 / temperature), 2);
}

/**
 * Share of the proposals that were accepted; 0 where there were none.
 *
 * @param gammaTokens checked, but without effect
 * @throws {ValidationError} for negative counts or no tokens at a time
 * @remarks Python: `hf_gtc.inference.speculative.calculate_speculation_efficiency(accepted_tokens, rejected_tokens, gamma_tokens)`; exact.
 * @example calculateSpeculationEfficiency(80, 20, 5) // => 0.8
 */
export function calculateSpeculationEfficiency(acceptedTokens: number, rejectedTokens: number, gammaTokens: number): number {
  nonNegative(acceptedTokens, 'acceptedTokens');
  nonNegative(rejectedTokens, 'rejectedTokens');
  positive(gammaTokens, 'gammaTokens');
  const total = acceptedTokens + rejectedTokens;
  return total === 0 ? 0 : acceptedTokens / total;
}

/**
 * What speculative decoding did, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.inference.speculative.format_speculative_stats(stats)`; equal text.
 * @example formatSpeculativeStats({ acceptedTokens: 8, rejectedTokens: 2, speedupFactor: 2.5, acceptanceRate: 0.8 }).split('\n')[3] // => '  Total: 10'
 */
export function formatSpeculativeStats(stats: SpeculativeStats): string {
  const { acceptedTokens, rejectedTokens, speedupFactor, acceptanceRate } = notNull(stats, 'stats');
  return [
    'Speculative Decoding Statistics:',
    `  Accepted: ${acceptedTokens}`,
    `  Rejected: ${rejectedTokens}`,
    `  Total: ${acceptedTokens + rejectedTokens}`,
    `  Speedup: ${formatFixed(speedupFactor, 2)}x`,
    `  Acceptance Rate: ${formatFixed(acceptanceRate * 100, 1)}%`,
  ].join('\n');
}

/** Tokens at a time, threshold and greatest length by size of the large model. */
const BY_SIZE: Readonly<Record<string, readonly [gammaTokens: number, threshold: number, maxSpeculationLength: number]>> = {
  small: [3, 0.95, 64],
  medium: [4, 0.9, 128],
  large: [5, 0.85, 256],
  xlarge: [8, 0.8, 512],
};

/**
 * A configuration for a large model of a size: small, medium, large or xlarge.
 *
 * @throws {ValidationError} naming the sizes
 * @remarks Python: `hf_gtc.inference.speculative.get_recommended_speculative_config(model_size)`.
 * @example getRecommendedSpeculativeConfig('large').draftConfig.gammaTokens // => 5
 */
export function getRecommendedSpeculativeConfig(modelSize: string): SpeculativeConfig {
  const [gammaTokens, threshold, maxSpeculationLength] = BY_SIZE[oneOf<string>(modelSize, 'modelSize', Object.keys(BY_SIZE))]!;
  return createSpeculativeConfig({ gammaTokens, threshold, maxSpeculationLength });
}

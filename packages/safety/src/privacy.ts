/** Privacy: differential privacy's noise and budget, and anonymity in groups. Mirrors `hf_gtc.safety.privacy`. */
import { createFrom, type Definition, formatFixed, inRange, nonEmpty, notNull, number, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

export * from './internal/privacy/personal-data.js';

/** Mechanisms of differential privacy. */
export const PrivacyMechanism = { LAPLACE: 'laplace', GAUSSIAN: 'gaussian', EXPONENTIAL: 'exponential', RANDOMIZED_RESPONSE: 'randomized_response' } as const;
export type PrivacyMechanism = (typeof PrivacyMechanism)[keyof typeof PrivacyMechanism];

/** Kinds of anonymity. */
export const AnonymizationType = { K_ANONYMITY: 'k_anonymity', L_DIVERSITY: 'l_diversity', T_CLOSENESS: 't_closeness', DIFFERENTIAL: 'differential' } as const;
export type AnonymizationType = (typeof AnonymizationType)[keyof typeof AnonymizationType];

/** What a sensitivity bounds. */
export const SensitivityType = { LOCAL: 'local', GLOBAL: 'global', SMOOTH: 'smooth' } as const;
export type SensitivityType = (typeof SensitivityType)[keyof typeof SensitivityType];

/** Values of {@link PrivacyMechanism}. */
export const VALID_PRIVACY_MECHANISMS: ReadonlySet<PrivacyMechanism> = new Set(Object.values(PrivacyMechanism));

/** Values of {@link AnonymizationType}. */
export const VALID_ANONYMIZATION_TYPES: ReadonlySet<AnonymizationType> = new Set(Object.values(AnonymizationType));

/** Values of {@link SensitivityType}. */
export const VALID_SENSITIVITY_TYPES: ReadonlySet<SensitivityType> = new Set(Object.values(SensitivityType));

/** Differentially private training or analysis. */
export interface DPConfig {
  /** Privacy loss; smaller is more private. */
  readonly epsilon: number;
  /** Probability of a greater loss. */
  readonly delta: number;
  readonly mechanism: PrivacyMechanism;
  /** Greatest norm of the gradient of one sample. */
  readonly clipNorm: number;
  /** Standard deviation of the noise over `clipNorm`. */
  readonly noiseMultiplier: number;
}

/** Defaults and rules of {@link DPConfig}. */
export const DPConfig: Definition<DPConfig> = {
  name: 'DPConfig',
  fields: {
    epsilon: { kind: 'float', default: 1, positive: true },
    delta: { kind: 'float', default: 0.00001, min: 0, below: 1 },
    mechanism: { kind: 'enum', of: PrivacyMechanism, default: PrivacyMechanism.LAPLACE },
    clipNorm: { kind: 'float', default: 1, positive: true },
    noiseMultiplier: { kind: 'float', default: 1, positive: true },
  },
};

/** How records are made anonymous. */
export interface AnonymizationConfig {
  readonly anonType: AnonymizationType;
  /** Least number of records that look alike. */
  readonly kValue: number;
  readonly quasiIdentifiers: readonly string[];
  readonly sensitiveAttributes: readonly string[];
}

/** Defaults and rules of {@link AnonymizationConfig}. */
export const AnonymizationConfig: Definition<AnonymizationConfig> = {
  name: 'AnonymizationConfig',
  fields: {
    anonType: { kind: 'enum', of: AnonymizationType, default: AnonymizationType.K_ANONYMITY },
    kValue: { kind: 'int', default: 5, min: 2 },
    quasiIdentifiers: { kind: 'array', of: { kind: 'string' }, default: [] },
    sensitiveAttributes: { kind: 'array', of: { kind: 'string' }, default: [] },
  },
};

/** The privacy of a system. */
export interface PrivacyConfig {
  readonly dpConfig: DPConfig;
  readonly anonymizationConfig: AnonymizationConfig;
  readonly auditLogging: boolean;
}

/** Defaults and rules of {@link PrivacyConfig}. */
export const PrivacyConfig: Definition<PrivacyConfig> = {
  name: 'PrivacyConfig',
  fields: {
    dpConfig: { kind: 'config', of: DPConfig },
    anonymizationConfig: { kind: 'config', of: AnonymizationConfig },
    auditLogging: { kind: 'bool', default: false },
  },
};

/** What privacy has cost. */
export interface PrivacyStats {
  readonly privacyBudgetSpent: number;
  readonly recordsAnonymized: number;
  readonly noiseAdded: number;
  /** From 0 to 1. */
  readonly utilityLoss: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateDpConfig(config: DPConfig): void {
  validate(DPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAnonymizationConfig(config: AnonymizationConfig): void {
  validate(AnonymizationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePrivacyConfig(config: PrivacyConfig): void {
  validate(PrivacyConfig, config);
}

/** Settles a {@link DPConfig}. @throws {ValidationError} naming every broken rule */
export function createDpConfig(options: Partial<DPConfig> = {}): DPConfig {
  return createFrom(DPConfig, options);
}

/** Privacy mechanisms in ascending order. */
export function listPrivacyMechanisms(): PrivacyMechanism[] {
  return valuesOf(PrivacyMechanism);
}

/** Anonymization types in ascending order. */
export function listAnonymizationTypes(): AnonymizationType[] {
  return valuesOf(AnonymizationType);
}

/** Sensitivity types in ascending order. */
export function listSensitivityTypes(): SensitivityType[] {
  return valuesOf(SensitivityType);
}

/** @throws {ValidationError} naming the privacy mechanisms */
export function getPrivacyMechanism(name: string): PrivacyMechanism {
  return parseEnum(PrivacyMechanism, name, 'mechanism');
}

/** @throws {ValidationError} naming the anonymization types */
export function getAnonymizationType(name: string): AnonymizationType {
  return parseEnum(AnonymizationType, name, 'anonType');
}

/** @throws {ValidationError} naming the sensitivity types */
export function getSensitivityType(name: string): SensitivityType {
  return parseEnum(SensitivityType, name, 'sensitivityType');
}

/** Settles how records are made anonymous. @throws {ValidationError} naming every broken rule */
export function createAnonymizationConfig({
  quasiIdentifiers = null,
  sensitiveAttributes = null,
  ...options
}: Partial<Omit<AnonymizationConfig, 'quasiIdentifiers' | 'sensitiveAttributes'>> & {
  readonly quasiIdentifiers?: readonly string[] | null;
  readonly sensitiveAttributes?: readonly string[] | null;
} = {}): AnonymizationConfig {
  return createFrom(AnonymizationConfig, { ...options, quasiIdentifiers: quasiIdentifiers ?? [], sensitiveAttributes: sensitiveAttributes ?? [] });
}

/** Settles the privacy of a system, with the defaults of both parts unless given. @throws {ValidationError} naming every broken rule */
export function createPrivacyConfig({
  dpConfig = null,
  anonymizationConfig = null,
  auditLogging,
}: {
  readonly dpConfig?: DPConfig | null;
  readonly anonymizationConfig?: AnonymizationConfig | null;
  readonly auditLogging?: boolean;
} = {}): PrivacyConfig {
  return createFrom(PrivacyConfig, {
    dpConfig: dpConfig ?? createDpConfig(),
    anonymizationConfig: anonymizationConfig ?? createAnonymizationConfig(),
    auditLogging,
  });
}

/** Settings of what depends on a mechanism. */
export interface MechanismOptions {
  readonly mechanism?: PrivacyMechanism;
  /** Needed by the Gaussian mechanism: between 0 and 1. */
  readonly delta?: number;
}

/**
 * Scale of the noise that a mechanism adds: the standard deviation of the Gaussian one, sensitivity·sqrt(2·ln(1.25/delta))/epsilon, and
 * sensitivity/epsilon for the others.
 *
 * @throws {ValidationError} when epsilon or sensitivity is not positive, or delta is not between 0 and 1 for the Gaussian mechanism
 * @remarks Python: `hf_gtc.safety.privacy.calculate_noise_scale(epsilon, sensitivity, delta=, mechanism=)`; within 1e-9. The bound of the
 * Gaussian mechanism is proven for epsilon up to 1. Dwork and Roth 2014.
 * @example calculateNoiseScale(0.5, 2) // => 4
 */
export function calculateNoiseScale(epsilon: number, sensitivity: number, { mechanism = PrivacyMechanism.LAPLACE, delta = 0 }: MechanismOptions = {}): number {
  positive(epsilon, 'epsilon');
  positive(sensitivity, 'sensitivity');
  if (parseEnum(PrivacyMechanism, mechanism, 'mechanism') !== PrivacyMechanism.GAUSSIAN) return sensitivity / epsilon;
  inRange(delta, 'delta', { above: 0, below: 1 });
  return (sensitivity * Math.sqrt(2 * Math.log(1.25 / delta))) / epsilon;
}

/** How losses of several queries add up. */
export type Composition = 'simple' | 'advanced';

/**
 * Privacy loss of several queries together. Simple composition adds the losses; the advanced one, epsilon·sqrt(2k·ln(1/slack)) +
 * k·epsilon·(e^epsilon - 1), grows more slowly and allows a greater loss with probability `slack`. Where simple composition gives less,
 * that holds too and is returned.
 *
 * @param options `slack` is the delta' of advanced composition
 * @throws {ValidationError} for counts or losses that are not positive, another composition or a slack that is not between 0 and 1
 * @remarks Python: `hf_gtc.safety.privacy.compute_privacy_budget(num_queries, epsilon_per_query, composition=)`; exact for simple
 * composition. For the advanced one the original returns sqrt(k)·epsilon, which is no bound. Dwork, Rothblum and Vadhan 2010.
 * @example computePrivacyBudget(10, 1.5) // => 15
 */
export function computePrivacyBudget(
  numQueries: number,
  epsilonPerQuery: number,
  { composition = 'simple', slack = 1e-6 }: { readonly composition?: Composition; readonly slack?: number } = {},
): number {
  positive(numQueries, 'numQueries');
  positive(epsilonPerQuery, 'epsilonPerQuery');
  const simple = numQueries * epsilonPerQuery;
  if (oneOf<Composition>(composition, 'composition', ['simple', 'advanced']) === 'simple') return simple;
  inRange(slack, 'slack', { above: 0, below: 1 });
  return Math.min(simple, epsilonPerQuery * Math.sqrt(2 * numQueries * Math.log(1 / slack)) + simple * Math.expm1(epsilonPerQuery));
}

/** A uniform draw strictly between 0 and 1 from the platform's secure generator: 53 random bits and a half. */
function secureUniform(): number {
  const [high, low] = globalThis.crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
  return ((high >>> 5) * 2 ** 26 + (low >>> 6) + 0.5) / 2 ** 53;
}

/**
 * A value with noise: Gaussian for the Gaussian mechanism, Laplacian for the others, of the scale of {@link calculateNoiseScale}.
 *
 * Draws come from the platform's secure generator unless `random` is given. Noise in floating point can leak low bits to an attacker who
 * sees many exact answers; round what you publish.
 *
 * @param options `random` draws uniformly between 0 and 1, both excluded
 * @throws {ValidationError} as {@link calculateNoiseScale}, or for a value that is not a number
 * @remarks Python: `hf_gtc.safety.privacy.add_differential_privacy_noise(value, epsilon, sensitivity, mechanism=, delta=)`. The original adds
 * the scale itself, always the same, which is not private.
 * @example addDifferentialPrivacyNoise(100, 1, 1, { random: () => 0.5 }) // => 100
 */
export function addDifferentialPrivacyNoise(
  value: number,
  epsilon: number,
  sensitivity: number,
  { mechanism = PrivacyMechanism.LAPLACE, delta = 0, random = secureUniform }: MechanismOptions & { readonly random?: () => number } = {},
): number {
  number(value, 'value');
  const scale = calculateNoiseScale(epsilon, sensitivity, { mechanism, delta });
  if (mechanism === PrivacyMechanism.GAUSSIAN) return value + scale * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const centred = random() - 0.5;
  return value - scale * Math.sign(centred) * Math.log1p(-2 * Math.abs(centred));
}

/**
 * Whether every group of records that look alike has at least `k`.
 *
 * @throws {ValidationError} for an empty list or a `k` below 2
 * @remarks Python: `hf_gtc.safety.privacy.check_k_anonymity(group_sizes, k)`. Sweeney 2002.
 * @example checkKAnonymity([5, 7, 4], 5) // => false
 */
export function checkKAnonymity(groupSizes: readonly number[], k: number): boolean {
  nonEmpty(groupSizes, 'groupSizes');
  inRange(k, 'k', { min: 2 });
  return groupSizes.every(size => size >= k);
}

/**
 * A rule of thumb for what privacy costs: the noise scale over one plus itself, from 0 to 1.
 *
 * @throws {ValidationError} as {@link calculateNoiseScale}
 * @remarks Python: `hf_gtc.safety.privacy.estimate_utility_loss(epsilon, sensitivity, mechanism=, delta=)`; within 1e-9.
 * @example estimateUtilityLoss(1, 1) // => 0.5
 */
export function estimateUtilityLoss(epsilon: number, sensitivity: number, options: MechanismOptions = {}): number {
  const scale = calculateNoiseScale(epsilon, sensitivity, options);
  return scale / (1 + scale);
}

/**
 * What privacy has cost, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.safety.privacy.format_privacy_stats(stats)`; equal text.
 * @example formatPrivacyStats({ privacyBudgetSpent: 0.5, recordsAnonymized: 10, noiseAdded: 2, utilityLoss: 0.15 }).split('\n')[3] // => 'Utility Loss: 15.0%'
 */
export function formatPrivacyStats(stats: PrivacyStats): string {
  const { privacyBudgetSpent, recordsAnonymized, noiseAdded, utilityLoss } = notNull(stats, 'stats');
  return [
    `Privacy Budget Spent: ${formatFixed(privacyBudgetSpent, 2)}`,
    `Records Anonymized: ${recordsAnonymized}`,
    `Noise Added: ${formatFixed(noiseAdded, 2)}`,
    `Utility Loss: ${formatFixed(utilityLoss * 100, 1)}%`,
  ].join('\n');
}

/** Privacy loss, group size and whether accesses are logged, by how sensitive the data are. */
const BY_SENSITIVITY: Readonly<Record<string, readonly [epsilon: number, kValue: number]>> = { low: [4, 3], medium: [1, 5], high: [0.1, 10] };
/** Factor of the privacy loss by use. */
const BY_USE: Readonly<Record<string, number>> = { training: 0.5, inference: 1, analysis: 2 };

/**
 * A configuration to start from. Training uses the Gaussian mechanism, inference and analysis the Laplacian.
 *
 * @param options `useCase` training, inference or analysis; `dataSensitivity` low, medium or high
 * @throws {ValidationError} naming the uses or the sensitivities
 * @remarks Python: `hf_gtc.safety.privacy.get_recommended_privacy_config(use_case=, data_sensitivity=)`.
 * @example getRecommendedPrivacyConfig({ dataSensitivity: 'high' }).dpConfig.epsilon // => 0.05
 */
export function getRecommendedPrivacyConfig({
  useCase = 'training',
  dataSensitivity = 'medium',
}: {
  readonly useCase?: 'training' | 'inference' | 'analysis';
  readonly dataSensitivity?: 'low' | 'medium' | 'high';
} = {}): PrivacyConfig {
  const factor = BY_USE[oneOf<string>(useCase, 'useCase', Object.keys(BY_USE))]!;
  const [epsilon, kValue] = BY_SENSITIVITY[oneOf<string>(dataSensitivity, 'dataSensitivity', Object.keys(BY_SENSITIVITY))]!;
  const training = useCase === 'training';
  return createPrivacyConfig({
    dpConfig: createDpConfig({
      epsilon: epsilon * factor,
      delta: training ? 1e-5 : 0,
      mechanism: training ? PrivacyMechanism.GAUSSIAN : PrivacyMechanism.LAPLACE,
    }),
    anonymizationConfig: createAnonymizationConfig({ kValue }),
    auditLogging: dataSensitivity === 'high',
  });
}

/** Direct preference optimization: pairs of answers, their loss, and the steps of a training. Mirrors `hf_gtc.training.dpo`. */
import { allPositive, createFrom, type Definition, inRange, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** Kinds of preference optimization. */
export const DPOVariant = { STANDARD: 'standard', RSPO: 'rspo', IPO: 'ipo', KTO: 'kto', ORPO: 'orpo' } as const;
export type DPOVariant = (typeof DPOVariant)[keyof typeof DPOVariant];

/** Losses of a pair. */
export const LossType = { SIGMOID: 'sigmoid', HINGE: 'hinge', IPO_LOSS: 'ipo_loss' } as const;
export type LossType = (typeof LossType)[keyof typeof LossType];

/** What the policy is compared with. */
export const ReferencePolicy = { FROZEN: 'frozen', ONLINE: 'online', SELF: 'self' } as const;
export type ReferencePolicy = (typeof ReferencePolicy)[keyof typeof ReferencePolicy];

/** Values of {@link DPOVariant}. */
export const VALID_DPO_VARIANTS: ReadonlySet<DPOVariant> = new Set(Object.values(DPOVariant));

/** Values of {@link LossType}. */
export const VALID_LOSS_TYPES: ReadonlySet<LossType> = new Set(Object.values(LossType));

/** Values of {@link ReferencePolicy}. */
export const VALID_REFERENCE_POLICIES: ReadonlySet<ReferencePolicy> = new Set(Object.values(ReferencePolicy));

/** The loss of a pair. */
export interface DPOConfig {
  readonly variant: DPOVariant;
  /** How closely the policy keeps to the reference. */
  readonly beta: number;
  readonly lossType: LossType;
  readonly referenceFree: boolean;
  readonly labelSmoothing: number;
}

/** Defaults and rules of {@link DPOConfig}. */
export const DPOConfig: Definition<DPOConfig> = {
  name: 'DPOConfig',
  fields: {
    variant: { kind: 'enum', of: DPOVariant, default: DPOVariant.STANDARD },
    beta: { kind: 'float', default: 0.1, positive: true },
    lossType: { kind: 'enum', of: LossType, default: LossType.SIGMOID },
    referenceFree: { kind: 'bool', default: false },
    labelSmoothing: { kind: 'float', default: 0, min: 0, below: 1 },
  },
};

/** Two answers, one better than the other. */
export interface PreferencePair {
  readonly prompt: string;
  readonly chosen: string;
  readonly rejected: string;
  readonly chosenScore: number | null;
  readonly rejectedScore: number | null;
}

/** Defaults and rules of {@link PreferencePair}. */
export const PreferencePair: Definition<PreferencePair> = {
  name: 'PreferencePair',
  fields: {
    prompt: { kind: 'string', nonEmpty: true },
    chosen: { kind: 'string', nonEmpty: true },
    rejected: { kind: 'string', nonEmpty: true },
    chosenScore: { kind: 'float', default: null, nullable: true },
    rejectedScore: { kind: 'float', default: null, nullable: true },
  },
  rules: [({ chosen, rejected }) => (chosen === rejected ? 'chosen and rejected must differ' : null)],
};

/** How a policy is trained. */
export interface DPOTrainingConfig {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly maxPromptLength: number;
}

/** Defaults and rules of {@link DPOTrainingConfig}. */
export const DPOTrainingConfig: Definition<DPOTrainingConfig> = {
  name: 'DPOTrainingConfig',
  fields: {
    learningRate: { kind: 'float', default: 5e-7, positive: true },
    batchSize: { kind: 'int', default: 4, positive: true },
    maxLength: { kind: 'int', default: 512, positive: true },
    maxPromptLength: { kind: 'int', default: 256, positive: true },
  },
  rules: [
    ({ maxLength, maxPromptLength }) =>
      maxPromptLength >= maxLength ? `maxPromptLength must be less than maxLength (${maxLength}), got ${maxPromptLength}` : null,
  ],
};

/** The reference. */
export interface ReferenceConfig {
  readonly policyType: ReferencePolicy;
  readonly updateFrequency: number;
  readonly emaDecay: number;
}

/** Defaults and rules of {@link ReferenceConfig}. */
export const ReferenceConfig: Definition<ReferenceConfig> = {
  name: 'ReferenceConfig',
  fields: {
    policyType: { kind: 'enum', of: ReferencePolicy, default: ReferencePolicy.FROZEN },
    updateFrequency: { kind: 'int', default: 0, nonNegative: true },
    emaDecay: { kind: 'float', default: 0, min: 0, max: 1 },
  },
  rules: [
    ({ policyType, updateFrequency }) =>
      policyType === 'online' && updateFrequency <= 0 ? `updateFrequency must be positive for an online policyType, got ${updateFrequency}` : null,
  ],
};

/** How a training goes. */
export interface DPOStats {
  readonly chosenRewardsMean: number;
  readonly rejectedRewardsMean: number;
  readonly rewardMargin: number;
  readonly accuracy: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateDpoConfig(config: DPOConfig): void {
  validate(DPOConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePreferencePair(pair: PreferencePair): void {
  validate(PreferencePair, pair, 'pair');
}

/** Settles a {@link DPOConfig}. @throws {ValidationError} naming every broken rule */
export function createDpoConfig(options: Partial<DPOConfig> = {}): DPOConfig {
  return createFrom(DPOConfig, options);
}

/** Settles a {@link PreferencePair}. @throws {ValidationError} naming every broken rule */
export function createPreferencePair(
  prompt: string,
  chosen: string,
  rejected: string,
  options: Partial<Omit<PreferencePair, 'prompt' | 'chosen' | 'rejected'>> = {},
): PreferencePair {
  return createFrom(PreferencePair, { prompt, chosen, rejected, ...options });
}

/** Settles a {@link DPOTrainingConfig}. @throws {ValidationError} naming every broken rule */
export function createDpoTrainingConfig(options: Partial<DPOTrainingConfig> = {}): DPOTrainingConfig {
  return createFrom(DPOTrainingConfig, options);
}

/** Settles a {@link ReferenceConfig}. @throws {ValidationError} naming every broken rule */
export function createReferenceConfig(options: Partial<ReferenceConfig> = {}): ReferenceConfig {
  return createFrom(ReferenceConfig, options);
}

/** Dpo variants in ascending order. */
export function listDpoVariants(): DPOVariant[] {
  return valuesOf(DPOVariant);
}

/** Loss types in ascending order. */
export function listLossTypes(): LossType[] {
  return valuesOf(LossType);
}

/** Reference policies in ascending order. */
export function listReferencePolicies(): ReferencePolicy[] {
  return valuesOf(ReferencePolicy);
}

/** @throws {ValidationError} naming the dpo variants */
export function getDpoVariant(name: string): DPOVariant {
  return parseEnum(DPOVariant, name, 'dpoVariant');
}

/** @throws {ValidationError} naming the loss types */
export function getLossType(name: string): LossType {
  return parseEnum(LossType, name, 'lossType');
}

/** @throws {ValidationError} naming the reference policies */
export function getReferencePolicy(name: string): ReferencePolicy {
  return parseEnum(ReferencePolicy, name, 'referencePolicy');
}

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * Loss of a pair from the rewards of its answers, their log ratios to the reference: with the margin m, `sigmoid` is softplus(−βm) with conservative label
 * smoothing, `hinge` max(0, 1 − βm) and `ipo_loss` (m − 1/2β)² (Rafailov et al. 2023, Mitchell 2023, Azar et al. 2023).
 *
 * @param options `labelSmoothing` in [0, 1), the share of pairs that are the wrong way round
 * @throws {ValidationError} for a beta that is not positive or a smoothing outside [0, 1)
 * @remarks Python: `hf_gtc.training.dpo.calculate_dpo_loss(chosen_reward, rejected_reward, beta=, loss_type=, label_smoothing=)`; within 1e-12.
 * @example calculateDpoLoss(0.5, 0.3, { lossType: 'hinge' }) // => 0.98
 */
export function calculateDpoLoss(
  chosenReward: number,
  rejectedReward: number,
  { beta = 0.1, lossType = 'sigmoid', labelSmoothing = 0 }: { readonly beta?: number; readonly lossType?: LossType; readonly labelSmoothing?: number } = {},
): number {
  positive(beta, 'beta');
  inRange(labelSmoothing, 'labelSmoothing', { min: 0, below: 1 });
  parseEnum(LossType, lossType, 'lossType');
  const margin = chosenReward - rejectedReward;
  if (lossType === 'hinge') return Math.max(0, 1 - beta * margin);
  if (lossType === 'ipo_loss') return (margin - 1 / (2 * beta)) ** 2;
  const loss = softplus(-beta * margin);
  return labelSmoothing === 0 ? loss : (1 - labelSmoothing) * loss + labelSmoothing * softplus(beta * margin);
}

/**
 * Steps of the optimizer in a training; the last batch of an epoch may be short, and so may its last accumulation.
 *
 * @throws {ValidationError} for counts that are not positive
 * @remarks Python: `hf_gtc.training.dpo.estimate_training_steps(dataset_size, batch_size=, num_epochs=, gradient_accumulation_steps=)`; exact.
 * @example estimateTrainingSteps(7, { batchSize: 4 }) // => 2
 */
export function estimateTrainingSteps(
  datasetSize: number,
  {
    batchSize = 4,
    numEpochs = 1,
    gradientAccumulationSteps = 1,
  }: { readonly batchSize?: number; readonly numEpochs?: number; readonly gradientAccumulationSteps?: number } = {},
): number {
  allPositive({ datasetSize, batchSize, numEpochs, gradientAccumulationSteps });
  return Math.ceil(Math.ceil(datasetSize / batchSize) / gradientAccumulationSteps) * numEpochs;
}

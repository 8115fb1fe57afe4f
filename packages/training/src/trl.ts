/** Training from feedback: settings of DPO, PPO and supervised fine-tuning, and their small formulae. Mirrors `hf_gtc.training.trl`. */
import { allPositive, createFrom, type Definition, oneOf, positive, validate, valuesOf } from '@gtc/errors';

const RECOMMENDED_BETA: Readonly<Record<string, number>> = { small: 0.5, medium: 0.1, large: 0.05 };

/** Losses of direct preference optimisation. */
export type DPOLossType = 'sigmoid' | 'hinge' | 'ipo' | 'kto_pair';

/** Ways to train from demonstrations and preferences. */
export const TrainingMethod = { DPO: 'dpo', PPO: 'ppo', SFT: 'sft', ORPO: 'orpo', KTO: 'kto' } as const;
export type TrainingMethod = (typeof TrainingMethod)[keyof typeof TrainingMethod];

/** Values of {@link TrainingMethod}. */
export const VALID_TRAINING_METHODS: ReadonlySet<TrainingMethod> = new Set(Object.values(TrainingMethod));

/** Values of {@link DPOLossType}. */
export const VALID_DPO_LOSS_TYPES: ReadonlySet<string> = new Set(['hinge', 'ipo', 'kto_pair', 'sigmoid']);

/** Direct preference optimisation (Rafailov et al. 2023). */
export interface DPOConfig {
  /** How closely the policy keeps to the reference. */
  readonly beta: number;
  readonly lossType: DPOLossType;
  /** Tokens of prompt and answer. */
  readonly maxLength: number;
  readonly maxPromptLength: number;
  readonly labelSmoothing: number;
  readonly generateDuringEval: boolean;
}

/** Defaults and rules of {@link DPOConfig}. */
export const DPOConfig: Definition<DPOConfig> = {
  name: 'DPOConfig',
  fields: {
    beta: { kind: 'float', default: 0.1, positive: true },
    lossType: { kind: 'string', oneOf: VALID_DPO_LOSS_TYPES, default: 'sigmoid' },
    maxLength: { kind: 'int', default: 512, positive: true },
    maxPromptLength: { kind: 'int', default: 256, positive: true },
    labelSmoothing: { kind: 'float', default: 0.0, min: 0.0, below: 1.0 },
    generateDuringEval: { kind: 'bool', default: false },
  },
  rules: [
    ({ maxPromptLength, maxLength }) =>
      maxPromptLength < maxLength ? null : `maxPromptLength must be less than maxLength ${maxLength}, got ${maxPromptLength}`,
  ],
};

/** Proximal policy optimisation (Schulman et al. 2017). */
export interface PPOConfig {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly miniBatchSize: number;
  readonly ppoEpochs: number;
  readonly gamma: number;
  /** Lambda of the advantage estimate. */
  readonly lam: number;
  readonly cliprange: number;
  readonly cliprangeValue: number;
  /** Weight of the value loss. */
  readonly vfCoef: number;
  readonly maxGradNorm: number;
}

/** Defaults and rules of {@link PPOConfig}. */
export const PPOConfig: Definition<PPOConfig> = {
  name: 'PPOConfig',
  fields: {
    learningRate: { kind: 'float', default: 1e-5, positive: true },
    batchSize: { kind: 'int', default: 128, positive: true },
    miniBatchSize: { kind: 'int', default: 32, positive: true },
    ppoEpochs: { kind: 'int', default: 4, positive: true },
    gamma: { kind: 'float', default: 1.0, min: 0.0, max: 1.0 },
    lam: { kind: 'float', default: 0.95, min: 0.0, max: 1.0 },
    cliprange: { kind: 'float', default: 0.2, positive: true },
    cliprangeValue: { kind: 'float', default: 0.2 },
    vfCoef: { kind: 'float', default: 0.1 },
    maxGradNorm: { kind: 'float', default: 1.0, positive: true },
  },
  rules: [({ miniBatchSize, batchSize }) => (miniBatchSize > batchSize ? `miniBatchSize must be at most batchSize ${batchSize}, got ${miniBatchSize}` : null)],
};

/** Supervised fine-tuning. */
export interface SFTConfig {
  readonly maxSeqLength: number;
  /** Puts several examples into one sequence. */
  readonly packing: boolean;
  readonly datasetTextField: string;
  readonly numTrainEpochs: number;
  readonly learningRate: number;
}

/** Defaults and rules of {@link SFTConfig}. */
export const SFTConfig: Definition<SFTConfig> = {
  name: 'SFTConfig',
  fields: {
    maxSeqLength: { kind: 'int', default: 2048, positive: true },
    packing: { kind: 'bool', default: true },
    datasetTextField: { kind: 'string', default: 'text', nonEmpty: true },
    numTrainEpochs: { kind: 'int', default: 3, positive: true },
    learningRate: { kind: 'float', default: 2e-5, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDpoConfig(config: DPOConfig): void {
  validate(DPOConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePpoConfig(config: PPOConfig): void {
  validate(PPOConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSftConfig(config: SFTConfig): void {
  validate(SFTConfig, config);
}

/** Settles a {@link DPOConfig}. @throws {ValidationError} naming every broken rule */
export function createDpoConfig(options: Partial<DPOConfig> = {}): DPOConfig {
  return createFrom(DPOConfig, options);
}

/** Settles a {@link PPOConfig}. @throws {ValidationError} naming every broken rule */
export function createPpoConfig(options: Partial<PPOConfig> = {}): PPOConfig {
  return createFrom(PPOConfig, options);
}

/** Settles a {@link SFTConfig}. @throws {ValidationError} naming every broken rule */
export function createSftConfig(options: Partial<SFTConfig> = {}): SFTConfig {
  return createFrom(SFTConfig, options);
}

/** Training methods in ascending order. */
export function listTrainingMethods(): TrainingMethod[] {
  return valuesOf(TrainingMethod);
}

/**
 * β of DPO for a model of a size: small models may move further from the reference.
 *
 * @throws {ValidationError} for another size
 * @remarks Python: `hf_gtc.training.trl.get_recommended_beta(model_size)`; within 1e-12.
 * @example getRecommendedBeta('small') // => 0.5
 */
export function getRecommendedBeta(modelSize: string): number {
  return RECOMMENDED_BETA[oneOf(modelSize, 'modelSize', Object.keys(RECOMMENDED_BETA))]!;
}

/**
 * Parameters of a reward model: the base and a linear head of one output with its bias.
 *
 * @throws {ValidationError} unless valueHeadHiddenSize and baseModelParams are positive
 * @remarks Python: `hf_gtc.training.trl.estimate_reward_model_params(base_model_params, value_head_hidden_size=)`.
 * @example estimateRewardModelParams(512) // => 1281
 */
export function estimateRewardModelParams(baseModelParams: number, { valueHeadHiddenSize = 768 }: { readonly valueHeadHiddenSize?: number } = {}): number {
  allPositive({ baseModelParams, valueHeadHiddenSize });
  return baseModelParams + valueHeadHiddenSize + 1;
}

/**
 * Penalty for leaving the reference: `coefficient · (log π − log π_ref)`, the one-sample estimate of the KL divergence.
 *
 * @throws {ValidationError} unless klCoef is positive
 * @remarks Python: `hf_gtc.training.trl.calculate_kl_penalty(log_prob_policy, log_prob_reference, kl_coef=)`; within 1e-12.
 * @example calculateKlPenalty(-2, 2) // => -0.4
 */
export function calculateKlPenalty(logProbPolicy: number, logProbReference: number, { klCoef = 0.1 }: { readonly klCoef?: number } = {}): number {
  positive(klCoef, 'klCoef');
  return klCoef * (logProbPolicy - logProbReference);
}

/**
 * The instruction for a model that rates answers.
 *
 * @remarks Python: `hf_gtc.training.trl.get_default_reward_prompt()`; the same text.
 */
export function getDefaultRewardPrompt(): string {
  return 'You are a helpful, harmless, and honest AI assistant. Evaluate the response based on helpfulness, accuracy, and safety.';
}

/** Proximal policy optimization: advantages and the clipped loss. Mirrors `hf_gtc.training.ppo`. */
import { createFrom, type Definition, inRange, nonEmpty, parseEnum, positive, sameLength, validate, valuesOf } from '@gtc/errors';

/** Kinds of policy gradients. */
export const PPOVariant = { STANDARD: 'standard', REINFORCE: 'reinforce', A2C: 'a2c', PPO_CLIP: 'ppo_clip', PPO_PENALTY: 'ppo_penalty' } as const;
export type PPOVariant = (typeof PPOVariant)[keyof typeof PPOVariant];

/** Where rewards come from. */
export const RewardModelType = { LEARNED: 'learned', RULE_BASED: 'rule_based', HYBRID: 'hybrid', CONSTITUTIONAL: 'constitutional' } as const;
export type RewardModelType = (typeof RewardModelType)[keyof typeof RewardModelType];

/** What estimates values. */
export const ValueHeadType = { LINEAR: 'linear', MLP: 'mlp', SHARED: 'shared' } as const;
export type ValueHeadType = (typeof ValueHeadType)[keyof typeof ValueHeadType];

/** Values of {@link PPOVariant}. */
export const VALID_PPO_VARIANTS: ReadonlySet<PPOVariant> = new Set(Object.values(PPOVariant));

/** Values of {@link RewardModelType}. */
export const VALID_REWARD_MODEL_TYPES: ReadonlySet<RewardModelType> = new Set(Object.values(RewardModelType));

/** Values of {@link ValueHeadType}. */
export const VALID_VALUE_HEAD_TYPES: ReadonlySet<ValueHeadType> = new Set(Object.values(ValueHeadType));

/** The loss of a policy. */
export interface PPOConfig {
  readonly variant: PPOVariant;
  readonly clipRange: number;
  /** Weight of the loss of values. */
  readonly vfCoef: number;
  /** Weight of the entropy. */
  readonly entCoef: number;
  readonly maxGradNorm: number;
  /** Divergence that stops an epoch. */
  readonly targetKl: number;
}

/** Defaults and rules of {@link PPOConfig}. */
export const PPOConfig: Definition<PPOConfig> = {
  name: 'PPOConfig',
  fields: {
    variant: { kind: 'enum', of: PPOVariant, default: PPOVariant.PPO_CLIP },
    clipRange: { kind: 'float', default: 0.2, positive: true },
    vfCoef: { kind: 'float', default: 0.5, nonNegative: true },
    entCoef: { kind: 'float', default: 0.01, nonNegative: true },
    maxGradNorm: { kind: 'float', default: 0.5, positive: true },
    targetKl: { kind: 'float', default: 0.02, positive: true },
  },
};

/** Rewards. */
export interface RewardConfig {
  readonly modelType: RewardModelType;
  readonly modelId: string | null;
  readonly normalizeRewards: boolean;
  readonly clipRewards: number | null;
}

/** Defaults and rules of {@link RewardConfig}. */
export const RewardConfig: Definition<RewardConfig> = {
  name: 'RewardConfig',
  fields: {
    modelType: { kind: 'enum', of: RewardModelType },
    modelId: { kind: 'string', nullable: true },
    normalizeRewards: { kind: 'bool', default: true },
    clipRewards: { kind: 'float', default: 10, nullable: true, positive: true },
  },
  rules: [({ modelType, modelId }) => (modelType === 'learned' && !modelId ? 'modelId is required for a learned modelType' : null)],
};

/** The head that estimates values. */
export interface ValueConfig {
  readonly headType: ValueHeadType;
  readonly hiddenSize: number;
  readonly numLayers: number;
  readonly dropout: number;
}

/** Defaults and rules of {@link ValueConfig}. */
export const ValueConfig: Definition<ValueConfig> = {
  name: 'ValueConfig',
  fields: {
    headType: { kind: 'enum', of: ValueHeadType, default: ValueHeadType.MLP },
    hiddenSize: { kind: 'int', default: 256, positive: true },
    numLayers: { kind: 'int', default: 2, positive: true },
    dropout: { kind: 'float', default: 0.1, min: 0, below: 1 },
  },
};

/** How a policy is trained. */
export interface PPOTrainingConfig {
  readonly learningRate: number;
  readonly batchSize: number;
  readonly miniBatchSize: number;
  readonly ppoEpochs: number;
  readonly rolloutSteps: number;
}

/** Defaults and rules of {@link PPOTrainingConfig}. */
export const PPOTrainingConfig: Definition<PPOTrainingConfig> = {
  name: 'PPOTrainingConfig',
  fields: {
    learningRate: { kind: 'float', default: 1e-5, positive: true },
    batchSize: { kind: 'int', default: 128, positive: true },
    miniBatchSize: { kind: 'int', default: 32, positive: true },
    ppoEpochs: { kind: 'int', default: 4, positive: true },
    rolloutSteps: { kind: 'int', default: 128, positive: true },
  },
  rules: [
    ({ batchSize, miniBatchSize }) => (miniBatchSize > batchSize ? `miniBatchSize must be at most batchSize (${batchSize}), got ${miniBatchSize}` : null),
  ],
};

/** How a training goes. */
export interface PPOStats {
  readonly policyLoss: number;
  readonly valueLoss: number;
  readonly entropy: number;
  readonly klDivergence: number;
  readonly clipFraction: number;
  readonly explainedVariance: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validatePpoConfig(config: PPOConfig): void {
  validate(PPOConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRewardConfig(config: RewardConfig): void {
  validate(RewardConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateValueConfig(config: ValueConfig): void {
  validate(ValueConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePpoTrainingConfig(config: PPOTrainingConfig): void {
  validate(PPOTrainingConfig, config);
}

/** Settles a {@link PPOConfig}. @throws {ValidationError} naming every broken rule */
export function createPpoConfig(options: Partial<PPOConfig> = {}): PPOConfig {
  return createFrom(PPOConfig, options);
}

/** Settles a {@link ValueConfig}. @throws {ValidationError} naming every broken rule */
export function createValueConfig(options: Partial<ValueConfig> = {}): ValueConfig {
  return createFrom(ValueConfig, options);
}

/** Settles a {@link PPOTrainingConfig}. @throws {ValidationError} naming every broken rule */
export function createPpoTrainingConfig(options: Partial<PPOTrainingConfig> = {}): PPOTrainingConfig {
  return createFrom(PPOTrainingConfig, options);
}

/** Ppo variants in ascending order. */
export function listPpoVariants(): PPOVariant[] {
  return valuesOf(PPOVariant);
}

/** Reward model types in ascending order. */
export function listRewardModelTypes(): RewardModelType[] {
  return valuesOf(RewardModelType);
}

/** Value head types in ascending order. */
export function listValueHeadTypes(): ValueHeadType[] {
  return valuesOf(ValueHeadType);
}

/** @throws {ValidationError} naming the ppo variants */
export function getPpoVariant(name: string): PPOVariant {
  return parseEnum(PPOVariant, name, 'variant');
}

/** @throws {ValidationError} naming the reward model types */
export function getRewardModelType(name: string): RewardModelType {
  return parseEnum(RewardModelType, name, 'modelType');
}

/** @throws {ValidationError} naming the value head types */
export function getValueHeadType(name: string): ValueHeadType {
  return parseEnum(ValueHeadType, name, 'headType');
}

/**
 * Settles rewards, learned unless told otherwise. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.ppo.create_reward_config(model_type=, model_id=, normalize_rewards=, clip_rewards=)`.
 */
export function createRewardConfig({ modelType = 'learned', modelId = null, ...options }: Partial<RewardConfig> = {}): RewardConfig {
  return createFrom(RewardConfig, { ...options, modelType, modelId });
}

/**
 * Advantages of a trajectory, generalized (Schulman et al. 2016): δ = r + γV′ − V, discounted by γλ.
 *
 * @param nextValue value after the last reward
 * @throws {ValidationError} for no rewards, or a discount outside [0, 1]
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.ppo.calculate_gae(rewards, values, next_value, gamma=, lam=)`.
 * @example calculateGae([1, 1], [0.5, 0.5], 0, { gamma: 1, lam: 1 }) // => [1.5, 0.5]
 */
export function calculateGae(
  rewards: readonly number[],
  values: readonly number[],
  nextValue: number,
  { gamma = 0.99, lam = 0.95 }: { readonly gamma?: number; readonly lam?: number } = {},
): readonly number[] {
  nonEmpty(rewards, 'rewards');
  sameLength({ rewards, values });
  inRange(gamma, 'gamma', { min: 0, max: 1 });
  inRange(lam, 'lam', { min: 0, max: 1 });
  const advantages = new Array<number>(rewards.length);
  let [following, running] = [nextValue, 0];
  for (let step = rewards.length - 1; step >= 0; step -= 1) {
    running = rewards[step]! + gamma * following - values[step]! + gamma * lam * running;
    advantages[step] = running;
    following = values[step]!;
  }
  return advantages;
}

/**
 * The clipped loss −mean min(ρA, clip(ρ, 1 ± ε)A) (Schulman et al. 2017), ρ the ratio of the new policy to the old.
 *
 * @returns it, and the share of ratios outside 1 ± ε
 * @throws {ValidationError} for no values or a clip range that is not positive
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.ppo.calculate_ppo_loss(log_probs, old_log_probs, advantages, clip_range=)`.
 * @example calculatePpoLoss([0], [0], [2]) // => [-2, 0]
 */
export function calculatePpoLoss(
  logProbs: readonly number[],
  oldLogProbs: readonly number[],
  advantages: readonly number[],
  { clipRange = 0.2 }: { readonly clipRange?: number } = {},
): readonly [loss: number, clipFraction: number] {
  positive(clipRange, 'clipRange');
  const count = sameLength({ logProbs: nonEmpty(logProbs, 'logProbs'), oldLogProbs, advantages });
  let [total, clipped] = [0, 0];
  for (const [index, advantage] of advantages.entries()) {
    const ratio = Math.exp(Math.max(-20, Math.min(20, logProbs[index]! - oldLogProbs[index]!)));
    total += Math.min(ratio * advantage, Math.max(1 - clipRange, Math.min(1 + clipRange, ratio)) * advantage);
    if (Math.abs(ratio - 1) > clipRange) clipped += 1;
  }
  return [-total / count, clipped / count];
}

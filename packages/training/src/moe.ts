/** Mixtures of experts: routing, balance and capacity. Mirrors `hf_gtc.training.moe`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonEmpty,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

/** Ways to choose experts. */
export const RouterType = { TOP_K: 'top_k', EXPERT_CHOICE: 'expert_choice', SOFT: 'soft', HASH: 'hash' } as const;
export type RouterType = (typeof RouterType)[keyof typeof RouterType];

/** Losses that spread tokens over experts. */
export const LoadBalancingLoss = { AUXILIARY: 'auxiliary', Z_LOSS: 'z_loss', SWITCH: 'switch', NONE: 'none' } as const;
export type LoadBalancingLoss = (typeof LoadBalancingLoss)[keyof typeof LoadBalancingLoss];

/** Activations inside an expert. */
export const ExpertActivation = { RELU: 'relu', GELU: 'gelu', SWIGLU: 'swiglu', GEGLU: 'geglu' } as const;
export type ExpertActivation = (typeof ExpertActivation)[keyof typeof ExpertActivation];

/** Values of {@link RouterType}. */
export const VALID_ROUTER_TYPES: ReadonlySet<RouterType> = new Set(Object.values(RouterType));

/** Values of {@link LoadBalancingLoss}. */
export const VALID_LOAD_BALANCING_LOSSES: ReadonlySet<LoadBalancingLoss> = new Set(Object.values(LoadBalancingLoss));

/** Values of {@link ExpertActivation}. */
export const VALID_EXPERT_ACTIVATIONS: ReadonlySet<ExpertActivation> = new Set(Object.values(ExpertActivation));

/** How tokens find experts. */
export interface RouterConfig {
  readonly routerType: RouterType;
  readonly numExperts: number;
  readonly topK: number;
  /** Noise on the router's input in training. */
  readonly jitterNoise: number;
  readonly temperature: number;
}

/** Defaults and rules of {@link RouterConfig}. */
export const RouterConfig: Definition<RouterConfig> = {
  name: 'RouterConfig',
  fields: {
    routerType: { kind: 'enum', of: RouterType, default: RouterType.TOP_K },
    numExperts: { kind: 'int', default: 8, positive: true },
    topK: { kind: 'int', default: 2, positive: true },
    jitterNoise: { kind: 'float', default: 0.1, nonNegative: true },
    temperature: { kind: 'float', default: 1, positive: true },
  },
  rules: [({ topK, numExperts }) => (topK > numExperts ? `topK must be at most numExperts (${numExperts}), got ${topK}` : null)],
};

/** How tokens are spread. */
export interface LoadBalanceConfig {
  readonly lossType: LoadBalancingLoss;
  readonly lossWeight: number;
  /** Room of an expert over an even share. */
  readonly capacityFactor: number;
  /** Whether tokens beyond the capacity skip the layer. */
  readonly dropTokens: boolean;
}

/** Defaults and rules of {@link LoadBalanceConfig}. */
export const LoadBalanceConfig: Definition<LoadBalanceConfig> = {
  name: 'LoadBalanceConfig',
  fields: {
    lossType: { kind: 'enum', of: LoadBalancingLoss, default: LoadBalancingLoss.AUXILIARY },
    lossWeight: { kind: 'float', default: 0.01, nonNegative: true },
    capacityFactor: { kind: 'float', default: 1.25, positive: true },
    dropTokens: { kind: 'bool', default: false },
  },
};

/** An expert. */
export interface ExpertConfig {
  readonly hiddenDim: number;
  readonly activation: ExpertActivation;
  readonly dropout: number;
  /** Whether one more expert sees every token. */
  readonly sharedExpert: boolean;
}

/** Defaults and rules of {@link ExpertConfig}. */
export const ExpertConfig: Definition<ExpertConfig> = {
  name: 'ExpertConfig',
  fields: {
    hiddenDim: { kind: 'int', default: 4096, positive: true },
    activation: { kind: 'enum', of: ExpertActivation, default: ExpertActivation.GELU },
    dropout: { kind: 'float', default: 0.1, min: 0, max: 1 },
    sharedExpert: { kind: 'bool', default: false },
  },
};

/** A model of experts. */
export interface MoEConfig {
  readonly routerConfig: RouterConfig;
  readonly expertConfig: ExpertConfig;
  readonly balanceConfig: LoadBalanceConfig;
  readonly numLayers: number;
}

/** Defaults and rules of {@link MoEConfig}. */
export const MoEConfig: Definition<MoEConfig> = {
  name: 'MoEConfig',
  fields: {
    routerConfig: { kind: 'config', of: RouterConfig },
    expertConfig: { kind: 'config', of: ExpertConfig },
    balanceConfig: { kind: 'config', of: LoadBalanceConfig },
    numLayers: { kind: 'int', default: 12, positive: true },
  },
};

/** How routing goes. */
export interface MoEStats {
  readonly routerEntropy: number;
  readonly loadBalanceLoss: number;
  readonly expertUtilization: number;
  readonly droppedTokens: number;
}

/** Defaults and rules of {@link MoEStats}. */
export const MoEStats: Definition<MoEStats> = {
  name: 'MoEStats',
  fields: {
    routerEntropy: { kind: 'float', default: 0, nonNegative: true },
    loadBalanceLoss: { kind: 'float', default: 0, nonNegative: true },
    expertUtilization: { kind: 'float', default: 0, min: 0, max: 1 },
    droppedTokens: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateRouterConfig(config: RouterConfig): void {
  validate(RouterConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLoadBalanceConfig(config: LoadBalanceConfig): void {
  validate(LoadBalanceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateExpertConfig(config: ExpertConfig): void {
  validate(ExpertConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMoeConfig(config: MoEConfig): void {
  validate(MoEConfig, config);
}

/** Settles a {@link RouterConfig}. @throws {ValidationError} naming every broken rule */
export function createRouterConfig(options: Partial<RouterConfig> = {}): RouterConfig {
  return createFrom(RouterConfig, options);
}

/** Settles a {@link LoadBalanceConfig}. @throws {ValidationError} naming every broken rule */
export function createLoadBalanceConfig(options: Partial<LoadBalanceConfig> = {}): LoadBalanceConfig {
  return createFrom(LoadBalanceConfig, options);
}

/** Settles a {@link ExpertConfig}. @throws {ValidationError} naming every broken rule */
export function createExpertConfig(options: Partial<ExpertConfig> = {}): ExpertConfig {
  return createFrom(ExpertConfig, options);
}

/** Settles a {@link MoEStats}. @throws {ValidationError} naming every broken rule */
export function createMoeStats(options: Partial<MoEStats> = {}): MoEStats {
  return createFrom(MoEStats, options);
}

/** Router types in ascending order. */
export function listRouterTypes(): RouterType[] {
  return valuesOf(RouterType);
}

/** Load balancing losses in ascending order. */
export function listLoadBalancingLosses(): LoadBalancingLoss[] {
  return valuesOf(LoadBalancingLoss);
}

/** Expert activations in ascending order. */
export function listExpertActivations(): ExpertActivation[] {
  return valuesOf(ExpertActivation);
}

/** @throws {ValidationError} naming the router types */
export function getRouterType(name: string): RouterType {
  return parseEnum(RouterType, name, 'routerType');
}

/** @throws {ValidationError} naming the load balancing losses */
export function getLoadBalancingLoss(name: string): LoadBalancingLoss {
  return parseEnum(LoadBalancingLoss, name, 'loadBalancingLoss');
}

/** @throws {ValidationError} naming the expert activations */
export function getExpertActivation(name: string): ExpertActivation {
  return parseEnum(ExpertActivation, name, 'expertActivation');
}

/**
 * Settles a model of experts. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.moe.create_moe_config(router_config=, expert_config=, balance_config=, num_layers=)`.
 */
export function createMoeConfig({
  routerConfig = null,
  expertConfig = null,
  balanceConfig = null,
  numLayers = 12,
}: {
  readonly routerConfig?: RouterConfig | null;
  readonly expertConfig?: ExpertConfig | null;
  readonly balanceConfig?: LoadBalanceConfig | null;
  readonly numLayers?: number;
} = {}): MoEConfig {
  return createFrom(MoEConfig, {
    routerConfig: routerConfig ?? createRouterConfig(),
    expertConfig: expertConfig ?? createExpertConfig(),
    balanceConfig: balanceConfig ?? createLoadBalanceConfig(),
    numLayers,
  });
}

/**
 * Room that an expert needs over an even share of the tokens: the buffer on top, and at least twice where there are fewer tokens than experts.
 *
 * @throws {ValidationError} for counts that are not positive, more experts for a token than there are, or a negative buffer
 * @remarks Python: `hf_gtc.training.moe.calculate_capacity_factor(num_tokens, num_experts, top_k=, buffer_ratio=)`; within 1e-12.
 * @example calculateCapacityFactor(2048, 16) // => 1.25
 */
export function calculateCapacityFactor(
  numTokens: number,
  numExperts: number,
  { topK = 1, bufferRatio = 0.25 }: { readonly topK?: number; readonly bufferRatio?: number } = {},
): number {
  allPositive({ numTokens, numExperts, topK });
  inRange(topK, 'topK', { max: numExperts });
  nonNegative(bufferRatio, 'bufferRatio');
  return numTokens * topK < numExperts ? Math.max(2, 1 + bufferRatio) : 1 + bufferRatio;
}

/**
 * Share of the experts whose probability is above a threshold.
 *
 * @throws {ValidationError} for no probabilities or a negative threshold
 * @remarks Python: `hf_gtc.training.moe.estimate_expert_utilization(router_probs, threshold=)`; within 1e-12.
 * @example estimateExpertUtilization([0.5, 0.5, 0, 0]) // => 0.5
 */
export function estimateExpertUtilization(routerProbs: readonly number[], { threshold = 0.01 }: { readonly threshold?: number } = {}): number {
  nonEmpty(routerProbs, 'routerProbs');
  nonNegative(threshold, 'threshold');
  return routerProbs.filter(probability => probability > threshold).length / routerProbs.length;
}

/**
 * Entropy of a router's choice in nats, greatest where every expert is as likely.
 *
 * @throws {ValidationError} for no probabilities or those that do not add up to 1 within 0.01
 * @remarks Python: `hf_gtc.training.moe.calculate_router_entropy(router_probs)`; within 1e-12.
 * @example calculateRouterEntropy([1, 0]) // => 0
 */
export function calculateRouterEntropy(routerProbs: readonly number[]): number {
  const total = nonEmpty(routerProbs, 'routerProbs').reduce((sum, probability) => sum + probability, 0);
  if (Math.abs(total - 1) > 0.01) throw new ValidationError(`routerProbs must add up to 1, got ${total}`, { parameter: 'routerProbs', received: total });
  return routerProbs.reduce((sum, probability) => (probability > 0 ? sum - probability * Math.log(probability) : sum), 0);
}

/**
 * How unevenly tokens are spread: `auxiliary` and `switch` are E Σ pf over the experts, with f the share of the tokens (Fedus et al. 2022), 1 for an even spread;
 * `z_loss` is the variance of the probabilities, not of the logits; `none` is 0.
 *
 * @param expertCounts tokens of each expert
 * @throws {ValidationError} for no experts or an unknown loss
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.moe.calculate_load_balance_loss(router_probs, expert_counts, loss_type=)`; within 1e-12.
 * @example calculateLoadBalanceLoss([0.5, 0.5, 0, 0], [10, 10, 0, 0]) // => 2
 */
export function calculateLoadBalanceLoss(
  routerProbs: readonly number[],
  expertCounts: readonly number[],
  { lossType = 'auxiliary' }: { readonly lossType?: LoadBalancingLoss } = {},
): number {
  nonEmpty(routerProbs, 'routerProbs');
  const experts = sameLength({ routerProbs, expertCounts: nonEmpty(expertCounts, 'expertCounts') });
  parseEnum(LoadBalancingLoss, lossType, 'lossType');
  if (lossType === 'none') return 0;
  if (lossType === 'z_loss') {
    const center = mean(routerProbs);
    return routerProbs.reduce((sum, probability) => sum + (probability - center) ** 2, 0) / experts;
  }
  const tokens = sum(expertCounts);
  return tokens === 0 ? 0 : experts * routerProbs.reduce((sum, probability, expert) => sum + (probability * expertCounts[expert]!) / tokens, 0);
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.moe.format_moe_stats(stats)`; the same text.
 */
export function formatMoeStats(stats: MoEStats): string {
  const { routerEntropy, loadBalanceLoss, expertUtilization, droppedTokens } = notNull(stats, 'stats');
  return [
    'MoE Stats:',
    `  Router Entropy: ${formatFixed(routerEntropy, 2)}`,
    `  Load Balance Loss: ${formatFixed(loadBalanceLoss, 4)}`,
    `  Expert Utilization: ${formatFixed(expertUtilization * 100, 1)}%`,
    `  Dropped Tokens: ${droppedTokens}`,
  ].join('\n');
}

/** Settings by size of the model, the largest below the bound. */
const BY_SIZE: readonly {
  readonly below: number;
  readonly numExperts: number;
  readonly topK: number;
  readonly hiddenDim: number;
  readonly numLayers: number;
}[] = [
  { below: 1e9, numExperts: 4, topK: 1, hiddenDim: 2048, numLayers: 6 },
  { below: 1e10, numExperts: 8, topK: 2, hiddenDim: 4096, numLayers: 12 },
  { below: 1e11, numExperts: 16, topK: 2, hiddenDim: 8192, numLayers: 24 },
  { below: Number.POSITIVE_INFINITY, numExperts: 64, topK: 4, hiddenDim: 16384, numLayers: 32 },
];

/**
 * Experts that suit a model of so many parameters; from ten billion on, one is shared.
 *
 * @throws {ValidationError} for a count that is not positive
 * @remarks Python: `hf_gtc.training.moe.get_recommended_moe_config(model_params)`.
 * @example getRecommendedMoeConfig(5e9).routerConfig.numExperts // => 8
 */
export function getRecommendedMoeConfig(modelParams: number): MoEConfig {
  positive(modelParams, 'modelParams');
  const { numExperts, topK, hiddenDim, numLayers } = BY_SIZE.find(({ below }) => modelParams < below) ?? BY_SIZE.at(-1)!;
  return createMoeConfig({
    routerConfig: createRouterConfig({ numExperts, topK }),
    expertConfig: createExpertConfig({ hiddenDim, activation: 'swiglu', sharedExpert: modelParams >= 1e10 }),
    numLayers,
  });
}

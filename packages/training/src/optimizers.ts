/** Optimizers that step, by torch's names, and their settings, their memory and which suits a training. Mirrors `hf_gtc.training.optimizers`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  nestedIssue,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  roundTo,
  validate,
  valuesOf,
} from '@gtc/errors';

export { createOptimizer, splitByDecay } from './internal/optimizers/create.js';
export { LBFGS, type LbfgsOptions } from './internal/optimizers/lbfgs.js';
export { Optimizer, type OptimizerSettings, type OptimizerState, type ParameterGroup } from './internal/optimizers/optimizer.js';
export { Prodigy, type ProdigyOptions } from './internal/optimizers/prodigy.js';

/** Optimizers. */
export const OptimizerType = {
  ADAMW: 'adamw',
  ADAM: 'adam',
  SGD: 'sgd',
  LION: 'lion',
  SOPHIA: 'sophia',
  ADAFACTOR: 'adafactor',
  ADAM_8BIT: 'adam_8bit',
  PAGED_ADAMW: 'paged_adamw',
} as const;
export type OptimizerType = (typeof OptimizerType)[keyof typeof OptimizerType];

/** Ways to decay weights. */
export const WeightDecayType = { DECOUPLED: 'decoupled', L2: 'l2', NONE: 'none' } as const;
export type WeightDecayType = (typeof WeightDecayType)[keyof typeof WeightDecayType];

/** Kinds of momentum. */
export const MomentumType = { STANDARD: 'standard', NESTEROV: 'nesterov', HEAVY_BALL: 'heavy_ball' } as const;
export type MomentumType = (typeof MomentumType)[keyof typeof MomentumType];

/** Values of {@link OptimizerType}. */
export const VALID_OPTIMIZER_TYPES: ReadonlySet<OptimizerType> = new Set(Object.values(OptimizerType));

/** Values of {@link WeightDecayType}. */
export const VALID_WEIGHT_DECAY_TYPES: ReadonlySet<WeightDecayType> = new Set(Object.values(WeightDecayType));

/** Values of {@link MomentumType}. */
export const VALID_MOMENTUM_TYPES: ReadonlySet<MomentumType> = new Set(Object.values(MomentumType));

/** Those whose settings are AdamW's. */
const ADAMW_FAMILY: ReadonlySet<string> = new Set(['adamw', 'adam', 'adam_8bit', 'paged_adamw', 'sgd']);
/** Those among them whose settings are checked; SGD and 8-bit Adam take what they are given. */
const CHECKED: ReadonlySet<string> = new Set(['adamw', 'adam', 'paged_adamw']);

const betasIssue = ({ betas }: { readonly betas: readonly number[] }): string | null => {
  const broken = betas.findIndex(beta => beta <= 0 || beta >= 1);
  return broken < 0 ? null : `beta${broken + 1} must be between 0 and 1, got ${betas[broken]}`;
};

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
export interface AdamWConfig {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  /** Whether the largest second moment so far is used (Reddi et al. 2018). */
  readonly amsgrad: boolean;
}

/** Defaults and rules of {@link AdamWConfig}. */
export const AdamWConfig: Definition<AdamWConfig> = {
  name: 'AdamWConfig',
  fields: {
    lr: { kind: 'float', default: 0.0001, positive: true },
    betas: { kind: 'array', of: { kind: 'float' }, length: 2, default: [0.9, 0.999] },
    eps: { kind: 'float', default: 1e-8, positive: true },
    weightDecay: { kind: 'float', default: 0.01, nonNegative: true },
    amsgrad: { kind: 'bool', default: false },
  },
  rules: [betasIssue],
};

/** The sign of a momentum (Chen et al. 2023). */
export interface LionConfig {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

/** Defaults and rules of {@link LionConfig}. */
export const LionConfig: Definition<LionConfig> = {
  name: 'LionConfig',
  fields: {
    lr: { kind: 'float', default: 0.0001, positive: true },
    betas: { kind: 'array', of: { kind: 'float' }, length: 2, default: [0.9, 0.99] },
    weightDecay: { kind: 'float', default: 0.01, nonNegative: true },
  },
  rules: [betasIssue],
};

/** Second order with a clipped step (Liu et al. 2023). */
export interface SophiaConfig {
  readonly lr: number;
  readonly betas: readonly [number, number];
  /** Bound of a step. */
  readonly rho: number;
  readonly weightDecay: number;
}

/** Defaults and rules of {@link SophiaConfig}. */
export const SophiaConfig: Definition<SophiaConfig> = {
  name: 'SophiaConfig',
  fields: {
    lr: { kind: 'float', default: 0.0001, positive: true },
    betas: { kind: 'array', of: { kind: 'float' }, length: 2, default: [0.965, 0.99] },
    rho: { kind: 'float', default: 0.04, positive: true },
    weightDecay: { kind: 'float', default: 0.1, nonNegative: true },
  },
  rules: [betasIssue],
};

/** Second moments by rows and columns (Shazeer and Stern 2018). */
export interface AdafactorConfig {
  /** Null for a rate that follows the step. */
  readonly lr: number | null;
  readonly eps: readonly [number, number];
  readonly clipThreshold: number;
  /** Whether the rate follows the size of a weight. */
  readonly scaleParameter: boolean;
}

/** Defaults and rules of {@link AdafactorConfig}. */
export const AdafactorConfig: Definition<AdafactorConfig> = {
  name: 'AdafactorConfig',
  fields: {
    lr: { kind: 'float', default: null, nullable: true, positive: true },
    eps: { kind: 'array', of: { kind: 'float' }, length: 2, default: [1e-30, 0.001] },
    clipThreshold: { kind: 'float', default: 1, positive: true },
    scaleParameter: { kind: 'bool', default: true },
  },
  rules: [
    ({ eps }) => (eps[0] <= 0 ? `eps1 must be positive, got ${eps[0]}` : null),
    ({ eps }) => (eps[1] <= 0 ? `eps2 must be positive, got ${eps[1]}` : null),
  ],
};

/** An optimizer and its settings; the Adam family and SGD take `adamwConfig`. */
export interface OptimizerConfig {
  readonly optimizerType: OptimizerType;
  readonly adamwConfig: AdamWConfig | null;
  readonly lionConfig: LionConfig | null;
  readonly sophiaConfig: SophiaConfig | null;
  readonly adafactorConfig: AdafactorConfig | null;
}

/** Defaults and rules of {@link OptimizerConfig}. */
export const OptimizerConfig: Definition<OptimizerConfig> = {
  name: 'OptimizerConfig',
  fields: {
    optimizerType: { kind: 'enum', of: OptimizerType },
    adamwConfig: { kind: 'any', default: null, nullable: true },
    lionConfig: { kind: 'any', default: null, nullable: true },
    sophiaConfig: { kind: 'any', default: null, nullable: true },
    adafactorConfig: { kind: 'any', default: null, nullable: true },
  },
  rules: [
    ({ optimizerType, adamwConfig }) => (CHECKED.has(optimizerType) ? nestedIssue(AdamWConfig, adamwConfig, 'adamwConfig') : null),
    ({ optimizerType, lionConfig }) => (optimizerType === 'lion' ? nestedIssue(LionConfig, lionConfig, 'lionConfig') : null),
    ({ optimizerType, sophiaConfig }) => (optimizerType === 'sophia' ? nestedIssue(SophiaConfig, sophiaConfig, 'sophiaConfig') : null),
    ({ optimizerType, adafactorConfig }) => (optimizerType === 'adafactor' ? nestedIssue(AdafactorConfig, adafactorConfig, 'adafactorConfig') : null),
  ],
};

/** An optimizer in numbers. */
export interface OptimizerStats {
  readonly memoryMb: number;
  /** Relative to AdamW. */
  readonly convergenceSpeed: number;
  readonly stabilityScore: number;
  readonly recommendedFor: readonly string[];
}

/** @throws {ValidationError} naming every broken rule */
export function validateAdamwConfig(config: AdamWConfig): void {
  validate(AdamWConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLionConfig(config: LionConfig): void {
  validate(LionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSophiaConfig(config: SophiaConfig): void {
  validate(SophiaConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAdafactorConfig(config: AdafactorConfig): void {
  validate(AdafactorConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateOptimizerConfig(config: OptimizerConfig): void {
  validate(OptimizerConfig, config);
}

/** Settles a {@link AdamWConfig}. @throws {ValidationError} naming every broken rule */
export function createAdamwConfig(options: Partial<AdamWConfig> = {}): AdamWConfig {
  return createFrom(AdamWConfig, options);
}

/** Settles a {@link LionConfig}. @throws {ValidationError} naming every broken rule */
export function createLionConfig(options: Partial<LionConfig> = {}): LionConfig {
  return createFrom(LionConfig, options);
}

/** Settles a {@link SophiaConfig}. @throws {ValidationError} naming every broken rule */
export function createSophiaConfig(options: Partial<SophiaConfig> = {}): SophiaConfig {
  return createFrom(SophiaConfig, options);
}

/** Settles a {@link AdafactorConfig}. @throws {ValidationError} naming every broken rule */
export function createAdafactorConfig(options: Partial<AdafactorConfig> = {}): AdafactorConfig {
  return createFrom(AdafactorConfig, options);
}

/** Optimizer types in ascending order. */
export function listOptimizerTypes(): OptimizerType[] {
  return valuesOf(OptimizerType);
}

/** Weight decay types in ascending order. */
export function listWeightDecayTypes(): WeightDecayType[] {
  return valuesOf(WeightDecayType);
}

/** Momentum types in ascending order. */
export function listMomentumTypes(): MomentumType[] {
  return valuesOf(MomentumType);
}

/** @throws {ValidationError} naming the optimizer types */
export function getOptimizerType(name: string): OptimizerType {
  return parseEnum(OptimizerType, name, 'optimizerType');
}

/** @throws {ValidationError} naming the weight decay types */
export function getWeightDecayType(name: string): WeightDecayType {
  return parseEnum(WeightDecayType, name, 'weightDecayType');
}

/** @throws {ValidationError} naming the momentum types */
export function getMomentumType(name: string): MomentumType {
  return parseEnum(MomentumType, name, 'momentumType');
}

/** Settings of an optimizer, all of them optional. */
export interface OptimizerOptions {
  readonly optimizerType?: OptimizerType;
  readonly adamwConfig?: AdamWConfig | null;
  readonly lionConfig?: LionConfig | null;
  readonly sophiaConfig?: SophiaConfig | null;
  readonly adafactorConfig?: AdafactorConfig | null;
}

/**
 * Settles an optimizer; settings that it needs and that are not given take their defaults. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.optimizers.create_optimizer_config(optimizer_type=, adamw_config=, lion_config=, sophia_config=, adafactor_config=)`.
 */
export function createOptimizerConfig({
  optimizerType = 'adamw',
  adamwConfig = null,
  lionConfig = null,
  sophiaConfig = null,
  adafactorConfig = null,
}: OptimizerOptions = {}): OptimizerConfig {
  parseEnum(OptimizerType, optimizerType, 'optimizerType');
  const sgd = optimizerType === 'sgd' ? { weightDecay: 0, betas: [0.9, 0.001] as const } : {};
  return createFrom(OptimizerConfig, {
    optimizerType,
    adamwConfig: adamwConfig ?? (ADAMW_FAMILY.has(optimizerType) ? createAdamwConfig(sgd) : null),
    lionConfig: lionConfig ?? (optimizerType === 'lion' ? createLionConfig() : null),
    sophiaConfig: sophiaConfig ?? (optimizerType === 'sophia' ? createSophiaConfig() : null),
    adafactorConfig: adafactorConfig ?? (optimizerType === 'adafactor' ? createAdafactorConfig() : null),
  });
}

/** What is known of an optimizer: states for each weight, speed beside AdamW, stability, and what it is good for. */
const TRAITS: Readonly<Record<OptimizerType, readonly [states: number, speed: number, stability: number, recommendedFor: readonly string[]]>> = {
  adamw: [2, 1, 0.95, ['general_purpose', 'fine_tuning', 'classification']],
  adam: [2, 1, 0.9, ['general_purpose', 'small_models']],
  sgd: [1, 0.7, 0.85, ['computer_vision', 'contrastive_learning']],
  lion: [1, 1.1, 0.88, ['large_models', 'language_modeling']],
  sophia: [2, 1.5, 0.82, ['pretraining', 'large_models']],
  adafactor: [0.5, 0.9, 0.87, ['memory_constrained', 'large_models']],
  adam_8bit: [0.5, 0.95, 0.85, ['memory_constrained', 'fine_tuning']],
  paged_adamw: [2, 1, 0.93, ['very_large_models', 'limited_memory']],
};
const BYTES: Readonly<Record<string, number>> = { fp32: 4, fp16: 2, bf16: 2 };

/**
 * MiB of the states of an optimizer, as a table has them: two for each weight of AdamW, one for Lion and SGD, half a one for Adafactor and 8 bits.
 *
 * @param options `precision` of a state, four bytes unless `fp16` or `bf16`
 * @throws {ValidationError} for a size that is not positive or an unknown optimizer
 * @remarks Python: `hf_gtc.training.optimizers.calculate_optimizer_memory(model_params, optimizer_type=, precision=)`; within 1e-12.
 * @example calculateOptimizerMemory(1024 ** 2) // => 8
 */
export function calculateOptimizerMemory(
  modelParams: number,
  { optimizerType = 'adamw', precision = 'fp32' }: { readonly optimizerType?: OptimizerType; readonly precision?: string } = {},
): number {
  positive(modelParams, 'modelParams');
  const [states] = TRAITS[parseEnum(OptimizerType, optimizerType, 'optimizerType')];
  return roundTo((modelParams * states * (BYTES[precision.toLowerCase()] ?? 4)) / 1024 ** 2, 2);
}

const SIZE_FACTOR: Readonly<Record<string, number>> = { small: 1.1, '70b': 0.9 };

/**
 * How fast an optimizer gets there beside AdamW, by rules of thumb: a tenth more in fine-tuning and for small models, a tenth less for 70 billion parameters.
 *
 * @throws {ValidationError} for an unknown optimizer
 * @remarks Python: `hf_gtc.training.optimizers.estimate_convergence_speed(optimizer_type, model_size=, task_type=)`; within 1e-12.
 * @example estimateConvergenceSpeed('adamw') // => 1.1
 */
export function estimateConvergenceSpeed(
  optimizerType: OptimizerType,
  { modelSize = '7b', taskType = 'fine_tuning' }: { readonly modelSize?: string; readonly taskType?: string } = {},
): number {
  const [, speed] = TRAITS[parseEnum(OptimizerType, optimizerType, 'optimizerType')];
  const pretraining = taskType === 'pretraining' && optimizerType === 'sophia' ? 1.2 : 1;
  return roundTo(speed * (SIZE_FACTOR[modelSize.toLowerCase()] ?? 1) * (taskType === 'fine_tuning' ? 1.1 : pretraining), 2);
}

/**
 * Optimizers side by side, by name.
 *
 * @throws {ValidationError} for a size that is not positive or an unknown optimizer
 * @remarks Python: `hf_gtc.training.optimizers.compare_optimizers(optimizer_types, model_params=)`.
 * @example compareOptimizers(['lion'], { modelParams: 1024 ** 2 })['lion'].memoryMb // => 4
 */
export function compareOptimizers(
  optimizerTypes: readonly OptimizerType[],
  { modelParams = 7e9 }: { readonly modelParams?: number } = {},
): Readonly<Record<string, OptimizerStats>> {
  return Object.fromEntries(
    optimizerTypes.map(optimizerType => {
      const memoryMb = calculateOptimizerMemory(modelParams, { optimizerType });
      const [, , stabilityScore, recommendedFor] = TRAITS[optimizerType];
      return [optimizerType, { memoryMb, convergenceSpeed: estimateConvergenceSpeed(optimizerType), stabilityScore, recommendedFor }];
    }),
  );
}

/**
 * The two groups of parameters: those that decay, and those that do not.
 *
 * @param options `noDecayKeywords`, parts of the names of the second; the optimizer changes nothing
 * @throws {ValidationError} for a size that is not positive or a negative decay
 * @remarks Python: `hf_gtc.training.optimizers.get_param_groups(model_params, optimizer_type=, weight_decay=, no_decay_keywords=)`.
 * @example getParamGroups(1, { noDecayKeywords: ['bias'] })[1] // => { weight_decay: 0, no_decay_keywords: ['bias'] }
 */
export function getParamGroups(
  modelParams: number,
  {
    weightDecay = 0.01,
    noDecayKeywords = ['bias', 'LayerNorm', 'layer_norm'],
  }: { readonly optimizerType?: string; readonly weightDecay?: number; readonly noDecayKeywords?: readonly string[] } = {},
): readonly { readonly weight_decay: number; readonly no_decay_keywords: readonly string[] }[] {
  positive(modelParams, 'modelParams');
  nonNegative(weightDecay, 'weightDecay');
  return [
    { weight_decay: weightDecay, no_decay_keywords: [] },
    { weight_decay: 0, no_decay_keywords: noDecayKeywords },
  ];
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.optimizers.format_optimizer_stats(stats)`; the same text.
 */
export function formatOptimizerStats(stats: OptimizerStats): string {
  const { memoryMb, convergenceSpeed, stabilityScore, recommendedFor } = notNull(stats, 'stats');
  return [
    `Memory: ${formatFixed(memoryMb, 2, { group: ',' })} MB`,
    `Convergence Speed: ${formatFixed(convergenceSpeed, 2)}x`,
    `Stability Score: ${formatFixed(stabilityScore, 2)}`,
    `Recommended For: ${recommendedFor.join(', ')}`,
  ].join('\n');
}

/**
 * The optimizer that suits a model and a task: 8-bit or paged states where memory is short, Sophia or Lion for large models, AdamW otherwise.
 *
 * @throws {ValidationError} for an unknown size
 * @remarks Python: `hf_gtc.training.optimizers.get_recommended_optimizer_config(model_size=, task_type=, memory_constrained=)`.
 * @example getRecommendedOptimizerConfig({ modelSize: '70b' }).optimizerType // => 'lion'
 */
export function getRecommendedOptimizerConfig({
  modelSize = '7b',
  taskType = 'fine_tuning',
  memoryConstrained = false,
}: {
  readonly modelSize?: string;
  readonly taskType?: string;
  readonly memoryConstrained?: boolean;
} = {}): OptimizerConfig {
  const size = oneOf(modelSize.toLowerCase(), 'modelSize', ['small', '7b', '13b', '70b']);
  if (memoryConstrained && size === '70b')
    return createOptimizerConfig({ optimizerType: 'paged_adamw', adamwConfig: createAdamwConfig({ lr: 1e-5, weightDecay: 0.1 }) });
  if (memoryConstrained) return createOptimizerConfig({ optimizerType: 'adam_8bit', adamwConfig: createAdamwConfig({ lr: 2e-5 }) });
  const [large, pretraining] = [size === '13b' || size === '70b', taskType === 'pretraining'];
  if (large && pretraining) return createOptimizerConfig({ optimizerType: 'sophia', sophiaConfig: createSophiaConfig({ rho: 0.03 }) });
  if (large) return createOptimizerConfig({ optimizerType: 'lion', lionConfig: createLionConfig({ lr: 3e-5 }) });
  return createOptimizerConfig({ adamwConfig: createAdamwConfig({ lr: pretraining ? 1e-4 : 2e-5 }) });
}

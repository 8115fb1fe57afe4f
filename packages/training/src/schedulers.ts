/** Learning-rate schedules: their configuration, the rate at a step, transformers' schedules and a scheduler to step. Mirrors `hf_gtc.training.schedulers`. */
import { createFrom, type Definition, formatFixed, inRange, nonNegative, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

export { createScheduler, LearningRateScheduler, type SchedulerOptions, SchedulerType } from './internal/schedulers/scheduler.js';
export {
  type PlateauOptions,
  ReduceLROnPlateau,
  TORCH_SCHEDULES,
  type TorchSchedule,
  type TorchScheduleOptions,
  torchScheduler,
} from './internal/schedulers/torch.js';
export {
  getScheduler,
  getWarmupSteps,
  type Schedule,
  type ScheduleOptions,
  type SchedulerSettings,
  type Slope,
  TRANSFORMERS_SCHEDULES,
  type TransformersSchedule,
} from './internal/schedulers/transformers.js';

/** Schedules. */
export const LRSchedulerType = {
  CONSTANT: 'constant',
  LINEAR: 'linear',
  COSINE: 'cosine',
  COSINE_RESTARTS: 'cosine_restarts',
  POLYNOMIAL: 'polynomial',
  INVERSE_SQRT: 'inverse_sqrt',
  ONE_CYCLE: 'one_cycle',
} as const;
export type LRSchedulerType = (typeof LRSchedulerType)[keyof typeof LRSchedulerType];

/** How a warm-up rises. */
export const WarmupType = { LINEAR: 'linear', EXPONENTIAL: 'exponential', CONSTANT: 'constant' } as const;
export type WarmupType = (typeof WarmupType)[keyof typeof WarmupType];

/** How a decay falls. */
export const DecayType = { LINEAR: 'linear', EXPONENTIAL: 'exponential', COSINE: 'cosine' } as const;
export type DecayType = (typeof DecayType)[keyof typeof DecayType];

/** Values of {@link LRSchedulerType}. */
export const VALID_SCHEDULER_TYPES: ReadonlySet<LRSchedulerType> = new Set(Object.values(LRSchedulerType));

/** Values of {@link WarmupType}. */
export const VALID_WARMUP_TYPES: ReadonlySet<WarmupType> = new Set(Object.values(WarmupType));

/** Values of {@link DecayType}. */
export const VALID_DECAY_TYPES: ReadonlySet<DecayType> = new Set(Object.values(DecayType));

/** A warm-up, in steps or as a share of all steps. */
export interface WarmupConfig {
  readonly warmupSteps: number;
  /** Taken where `warmupSteps` is 0. */
  readonly warmupRatio: number;
  readonly warmupType: WarmupType;
}

/** Defaults and rules of {@link WarmupConfig}. */
export const WarmupConfig: Definition<WarmupConfig> = {
  name: 'WarmupConfig',
  fields: {
    warmupSteps: { kind: 'int', default: 0, nonNegative: true },
    warmupRatio: { kind: 'float', default: 0, min: 0, max: 1 },
    warmupType: { kind: 'enum', of: WarmupType, default: WarmupType.LINEAR },
  },
};

/** A cosine schedule. */
export interface CosineConfig {
  readonly numCycles: number;
  /** Lowest rate as a share of the base; the greater of this and `etaMin` counts. */
  readonly minLrRatio: number;
  /** Lowest rate. */
  readonly etaMin: number;
}

/** Defaults and rules of {@link CosineConfig}. */
export const CosineConfig: Definition<CosineConfig> = {
  name: 'CosineConfig',
  fields: {
    numCycles: { kind: 'float', default: 1, positive: true },
    minLrRatio: { kind: 'float', default: 0, min: 0, max: 1 },
    etaMin: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** A polynomial decay. */
export interface PolynomialConfig {
  readonly power: number;
  /** Rate at the end. */
  readonly lrEnd: number;
}

/** Defaults and rules of {@link PolynomialConfig}. */
export const PolynomialConfig: Definition<PolynomialConfig> = {
  name: 'PolynomialConfig',
  fields: {
    power: { kind: 'float', default: 1, positive: true },
    lrEnd: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** A schedule over a training. */
export interface LRSchedulerConfig {
  readonly schedulerType: LRSchedulerType;
  readonly warmupConfig: WarmupConfig | null;
  readonly cosineConfig: CosineConfig | null;
  readonly polynomialConfig: PolynomialConfig | null;
  readonly totalSteps: number;
  readonly numEpochs: number;
  readonly baseLr: number;
}

/** Defaults and rules of {@link LRSchedulerConfig}. */
export const LRSchedulerConfig: Definition<LRSchedulerConfig> = {
  name: 'LRSchedulerConfig',
  fields: {
    schedulerType: { kind: 'enum', of: LRSchedulerType, default: LRSchedulerType.COSINE },
    warmupConfig: { kind: 'config', of: WarmupConfig, default: null, nullable: true },
    cosineConfig: { kind: 'config', of: CosineConfig, default: null, nullable: true },
    polynomialConfig: { kind: 'config', of: PolynomialConfig, default: null, nullable: true },
    totalSteps: { kind: 'int', default: 1000, positive: true },
    numEpochs: { kind: 'int', default: 3, positive: true },
    baseLr: { kind: 'float', default: 0.0001, positive: true },
  },
};

/** Where a schedule stands. */
export interface SchedulerStats {
  readonly currentLr: number;
  readonly step: number;
  readonly warmupComplete: boolean;
  readonly decayProgress: number;
}

/** Defaults and rules of {@link SchedulerStats}. */
export const SchedulerStats: Definition<SchedulerStats> = {
  name: 'SchedulerStats',
  fields: {
    currentLr: { kind: 'float', default: 0, nonNegative: true },
    step: { kind: 'int', default: 0, nonNegative: true },
    warmupComplete: { kind: 'bool', default: false },
    decayProgress: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateWarmupConfig(config: WarmupConfig): void {
  validate(WarmupConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCosineConfig(config: CosineConfig): void {
  validate(CosineConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePolynomialConfig(config: PolynomialConfig): void {
  validate(PolynomialConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLrSchedulerConfig(config: LRSchedulerConfig): void {
  validate(LRSchedulerConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSchedulerStats(stats: SchedulerStats): void {
  validate(SchedulerStats, stats, 'stats');
}

/** Settles a {@link WarmupConfig}. @throws {ValidationError} naming every broken rule */
export function createWarmupConfig(options: Partial<WarmupConfig> = {}): WarmupConfig {
  return createFrom(WarmupConfig, options);
}

/** Settles a {@link CosineConfig}. @throws {ValidationError} naming every broken rule */
export function createCosineConfig(options: Partial<CosineConfig> = {}): CosineConfig {
  return createFrom(CosineConfig, options);
}

/** Settles a {@link PolynomialConfig}. @throws {ValidationError} naming every broken rule */
export function createPolynomialConfig(options: Partial<PolynomialConfig> = {}): PolynomialConfig {
  return createFrom(PolynomialConfig, options);
}

/** Settles a {@link LRSchedulerConfig}. @throws {ValidationError} naming every broken rule */
export function createLrSchedulerConfig(options: Partial<LRSchedulerConfig> = {}): LRSchedulerConfig {
  return createFrom(LRSchedulerConfig, options);
}

/** Settles a {@link SchedulerStats}. @throws {ValidationError} naming every broken rule */
export function createSchedulerStats(options: Partial<SchedulerStats> = {}): SchedulerStats {
  return createFrom(SchedulerStats, options);
}

/** Scheduler types in ascending order. */
export function listSchedulerTypes(): LRSchedulerType[] {
  return valuesOf(LRSchedulerType);
}

/** Warmup types in ascending order. */
export function listWarmupTypes(): WarmupType[] {
  return valuesOf(WarmupType);
}

/** Decay types in ascending order. */
export function listDecayTypes(): DecayType[] {
  return valuesOf(DecayType);
}

/** @throws {ValidationError} naming the scheduler types */
export function getSchedulerType(name: string): LRSchedulerType {
  return parseEnum(LRSchedulerType, name, 'schedulerType');
}

/** @throws {ValidationError} naming the warmup types */
export function getWarmupType(name: string): WarmupType {
  return parseEnum(WarmupType, name, 'warmupType');
}

/** @throws {ValidationError} naming the decay types */
export function getDecayType(name: string): DecayType {
  return parseEnum(DecayType, name, 'decayType');
}

const WARMUPS: Readonly<Record<WarmupType, (share: number) => number>> = {
  linear: share => share,
  exponential: share => 0.01 + 0.99 * share ** 2,
  constant: () => 1,
};

/**
 * The rate during a warm-up: in proportion, from 1 % on with the square (`exponential`), or the base throughout.
 *
 * @throws {ValidationError} for a negative step, or a warm-up or rate that is not positive
 * @remarks Python: `hf_gtc.training.schedulers.calculate_warmup_lr(step, warmup_steps, base_lr, warmup_type=)`; within 1e-9.
 * @example calculateWarmupLr(50, 100, 2) // => 1
 */
export function calculateWarmupLr(
  step: number,
  warmupSteps: number,
  baseLr: number,
  { warmupType = WarmupType.LINEAR }: { readonly warmupType?: WarmupType } = {},
): number {
  nonNegative(step, 'step');
  positive(warmupSteps, 'warmupSteps');
  positive(baseLr, 'baseLr');
  if (step >= warmupSteps) return baseLr;
  return baseLr * WARMUPS[parseEnum(WarmupType, warmupType, 'warmupType')](step / warmupSteps);
}

/** Decay in equal ratios to `minLr`; to zero, with the square of what is left. */
function exponentialDecay(share: number, baseLr: number, minLr: number): number {
  return minLr > 0 && baseLr > 0 ? baseLr * (minLr / baseLr) ** share : baseLr * (1 - share) ** 2;
}

const DECAYS: Readonly<Record<DecayType, (share: number, baseLr: number, minLr: number) => number>> = {
  linear: (share, baseLr, minLr) => baseLr + (minLr - baseLr) * share,
  exponential: exponentialDecay,
  cosine: (share, baseLr, minLr) => minLr + ((baseLr - minLr) * (1 + Math.cos(Math.PI * share))) / 2,
};

/**
 * The rate during a decay; at its end and beyond, the lowest.
 *
 * @throws {ValidationError} for a negative step or rate, or a decay that is not positive
 * @remarks Python: `hf_gtc.training.schedulers.calculate_decay_lr(step, decay_steps, base_lr, min_lr=, decay_type=)`; within 1e-9.
 * @example calculateDecayLr(50, 100, 1, { decayType: 'linear' }) // => 0.5
 */
export function calculateDecayLr(
  step: number,
  decaySteps: number,
  baseLr: number,
  { minLr = 0, decayType = DecayType.COSINE }: { readonly minLr?: number; readonly decayType?: DecayType } = {},
): number {
  nonNegative(step, 'step');
  positive(decaySteps, 'decaySteps');
  nonNegative(baseLr, 'baseLr');
  nonNegative(minLr, 'minLr');
  return DECAYS[parseEnum(DecayType, decayType, 'decayType')](Math.min(1, step / decaySteps), baseLr, minLr);
}

/** A decay after a warm-up. */
interface Decay {
  /** Steps since the warm-up. */
  readonly step: number;
  /** Steps of the decay. */
  readonly steps: number;
  readonly warmupSteps: number;
  readonly baseLr: number;
  readonly minLr: number;
  readonly config: LRSchedulerConfig;
}

function restartedLr({ step, steps, baseLr, minLr, config }: Decay): number {
  const share = step / steps;
  if (share >= 1) return minLr;
  return DECAYS.cosine(((config.cosineConfig?.numCycles ?? 1) * share) % 1, baseLr, minLr);
}

function polynomialLr({ step, steps, baseLr, config }: Decay): number {
  const { power, lrEnd } = config.polynomialConfig ?? { power: 1, lrEnd: 0 };
  return (baseLr - lrEnd) * (1 - Math.min(1, step / steps)) ** power + lrEnd;
}

/** Half the steps in proportion, half a cosine down. */
function oneCycleLr({ step, steps, baseLr, minLr }: Decay): number {
  const middle = Math.floor(steps / 2);
  if (step < middle) return minLr + (baseLr - minLr) * (step / middle);
  return DECAYS.cosine((step - middle) / (steps - middle), baseLr, minLr);
}

const RATES: Readonly<Record<LRSchedulerType, (decay: Decay) => number>> = {
  constant: ({ baseLr }) => baseLr,
  linear: ({ step, steps, baseLr }) => calculateDecayLr(step, steps, baseLr, { decayType: DecayType.LINEAR }),
  cosine: ({ step, steps, baseLr, minLr }) => calculateDecayLr(step, steps, baseLr, { minLr }),
  cosine_restarts: restartedLr,
  polynomial: polynomialLr,
  inverse_sqrt: ({ step, warmupSteps, baseLr }) => baseLr * (warmupSteps > 0 ? Math.sqrt(warmupSteps / (step + warmupSteps)) : 1 / Math.sqrt(step + 1)),
  one_cycle: oneCycleLr,
};

/**
 * The rate of a configured schedule at a step.
 *
 * @throws {ValidationError} for a negative step or rate
 * @remarks Python: `hf_gtc.training.schedulers.calculate_lr_at_step(step, config)`; within 1e-9. Unlike there, a schedule with restarts ends
 * at its lowest rate, and the inverse square root starts at the base rate.
 * @example calculateLrAtStep(500, createLrSchedulerConfig({ schedulerType: 'linear', totalSteps: 1000, baseLr: 1 })) // => 0.5
 */
export function calculateLrAtStep(step: number, config: LRSchedulerConfig): number {
  nonNegative(step, 'step');
  const { schedulerType, warmupConfig, cosineConfig, totalSteps, baseLr } = notNull(config, 'config');
  const warmupSteps = warmupConfig === null ? 0 : warmupConfig.warmupSteps || Math.trunc(totalSteps * warmupConfig.warmupRatio);
  if (step < warmupSteps) return calculateWarmupLr(step, warmupSteps, baseLr, { warmupType: warmupConfig!.warmupType });
  const steps = totalSteps - warmupSteps;
  if (steps <= 0) return baseLr;
  const minLr = cosineConfig === null ? 0 : Math.max(cosineConfig.etaMin, baseLr * cosineConfig.minLrRatio);
  return RATES[parseEnum(LRSchedulerType, schedulerType, 'schedulerType')]({ step: step - warmupSteps, steps, warmupSteps, baseLr, minLr, config });
}

/** Points that a plot may have. */
const MAX_POINTS = 2 ** 20;

/**
 * Steps and rates to draw a schedule, evenly spaced.
 *
 * @param options `numPoints` 1 to 2^20
 * @throws {ValidationError} for another number of points, or a negative rate or length
 * @remarks Python: `hf_gtc.training.schedulers.plot_lr_schedule(config, num_points=)`; within 1e-9.
 * @example plotLrSchedule(createLrSchedulerConfig({ schedulerType: 'linear', totalSteps: 4, baseLr: 1 }), { numPoints: 4 }) // => [[0, 1, 2, 3], [1, 0.75, 0.5, 0.25]]
 */
export function plotLrSchedule(config: LRSchedulerConfig, { numPoints = 100 }: { readonly numPoints?: number } = {}): [steps: number[], rates: number[]] {
  const { totalSteps } = notNull(config, 'config');
  positive(numPoints, 'numPoints');
  inRange(numPoints, 'numPoints', { max: MAX_POINTS });
  const stride = Math.max(1, Math.floor(totalSteps / numPoints));
  const steps = Array.from({ length: numPoints }, (_, i) => Math.min(i * stride, totalSteps));
  return [steps, steps.map(step => calculateLrAtStep(step, config))];
}

/** A number as Python's `.2e` writes it. */
function exponentText(value: number): string {
  return value.toExponential(2).replace(/e([+-])(\d)$/, 'e$10$2');
}

/**
 * Where a schedule stands, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.training.schedulers.format_scheduler_stats(stats)`; equal text.
 * @example formatSchedulerStats(createSchedulerStats({ currentLr: 0.0001, step: 1 })).split('\n')[1] // => '  LR: 1.00e-04'
 */
export function formatSchedulerStats(stats: SchedulerStats): string {
  const { currentLr, step, warmupComplete, decayProgress } = notNull(stats, 'stats');
  return [
    'Scheduler Stats:',
    `  LR: ${exponentText(currentLr)}`,
    `  Step: ${step}`,
    `  Warmup: ${warmupComplete ? 'Complete' : 'In Progress'}`,
    `  Decay: ${formatFixed(decayProgress * 100, 1)}%`,
  ].join('\n');
}

/** Tasks and the schedules that suit them. */
const SCHEDULES: Readonly<Record<string, () => LRSchedulerConfig>> = {
  classification: () => cosineSchedule({ ratio: 0.1, minLrRatio: 0.01, totalSteps: 10_000, numEpochs: 10, baseLr: 2e-5 }),
  generation: () => cosineSchedule({ ratio: 0.05, minLrRatio: 0.1, etaMin: 1e-6, totalSteps: 50_000, numEpochs: 3, baseLr: 5e-5 }),
  fine_tuning: () => cosineSchedule({ ratio: 0.03, minLrRatio: 0, totalSteps: 5000, numEpochs: 3, baseLr: 2e-5 }),
  pretraining: () => cosineSchedule({ steps: 2000, minLrRatio: 0.1, totalSteps: 100_000, numEpochs: 1, baseLr: 1e-4 }),
  rlhf: () =>
    createLrSchedulerConfig({
      schedulerType: LRSchedulerType.LINEAR,
      warmupConfig: createWarmupConfig({ warmupRatio: 0.1 }),
      polynomialConfig: createPolynomialConfig(),
      totalSteps: 20_000,
      numEpochs: 1,
      baseLr: 1e-5,
    }),
};

interface CosineSettings {
  readonly steps?: number;
  readonly ratio?: number;
  readonly minLrRatio: number;
  readonly etaMin?: number;
  readonly totalSteps: number;
  readonly numEpochs: number;
  readonly baseLr: number;
}

function cosineSchedule({ steps = 0, ratio = 0, minLrRatio, etaMin = 0, ...schedule }: CosineSettings): LRSchedulerConfig {
  return createLrSchedulerConfig({
    ...schedule,
    warmupConfig: createWarmupConfig({ warmupSteps: steps, warmupRatio: ratio }),
    cosineConfig: createCosineConfig({ minLrRatio, etaMin }),
  });
}

/**
 * The schedule that suits a task: classification, generation, fine_tuning, pretraining or rlhf.
 *
 * @throws {ValidationError} naming the tasks
 * @remarks Python: `hf_gtc.training.schedulers.get_recommended_scheduler_config(task_type)`.
 * @example getRecommendedSchedulerConfig('rlhf').schedulerType // => 'linear'
 */
export function getRecommendedSchedulerConfig(taskType: string): LRSchedulerConfig {
  return SCHEDULES[oneOf<string>(taskType, 'taskType', Object.keys(SCHEDULES))]!();
}

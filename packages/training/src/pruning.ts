/** Pruning: schedules of sparsity, masks by magnitude, and what they gain. Mirrors `hf_gtc.training.pruning`. */
import { createFrom, type Definition, formatFixed, inRange, nonNegative, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** What decides which weights go. */
export const PruningMethod = {
  MAGNITUDE: 'magnitude',
  MOVEMENT: 'movement',
  LOTTERY_TICKET: 'lottery_ticket',
  STRUCTURED: 'structured',
  UNSTRUCTURED: 'unstructured',
  GRADUAL: 'gradual',
} as const;
export type PruningMethod = (typeof PruningMethod)[keyof typeof PruningMethod];

/** When weights go. */
export const PruningSchedule = { ONE_SHOT: 'one_shot', ITERATIVE: 'iterative', CUBIC: 'cubic', LINEAR: 'linear' } as const;
export type PruningSchedule = (typeof PruningSchedule)[keyof typeof PruningSchedule];

/** What is compared and goes together. */
export const PruningScope = {
  GLOBAL_UNSTRUCTURED: 'global_unstructured',
  LOCAL_UNSTRUCTURED: 'local_unstructured',
  STRUCTURED_HEADS: 'structured_heads',
  STRUCTURED_NEURONS: 'structured_neurons',
} as const;
export type PruningScope = (typeof PruningScope)[keyof typeof PruningScope];

/** Values of {@link PruningMethod}. */
export const VALID_PRUNING_METHODS: ReadonlySet<PruningMethod> = new Set(Object.values(PruningMethod));

/** Values of {@link PruningSchedule}. */
export const VALID_PRUNING_SCHEDULES: ReadonlySet<PruningSchedule> = new Set(Object.values(PruningSchedule));

/** Values of {@link PruningScope}. */
export const VALID_PRUNING_SCOPES: ReadonlySet<PruningScope> = new Set(Object.values(PruningScope));

/** How a model is pruned. */
export interface PruningConfig {
  readonly method: PruningMethod;
  readonly targetSparsity: number;
  readonly schedule: PruningSchedule;
  readonly scope: PruningScope;
}

/** Defaults and rules of {@link PruningConfig}. */
export const PruningConfig: Definition<PruningConfig> = {
  name: 'PruningConfig',
  fields: {
    method: { kind: 'enum', of: PruningMethod, default: PruningMethod.MAGNITUDE },
    targetSparsity: { kind: 'float', default: 0.5, min: 0, max: 1 },
    schedule: { kind: 'enum', of: PruningSchedule, default: PruningSchedule.ONE_SHOT },
    scope: { kind: 'enum', of: PruningScope, default: PruningScope.GLOBAL_UNSTRUCTURED },
  },
};

/** Pruning in steps. */
export interface IterativePruningConfig {
  readonly initialSparsity: number;
  readonly finalSparsity: number;
  readonly pruningSteps: number;
  /** Epoch whose weights are put back. */
  readonly rewindEpoch: number;
}

/** Defaults and rules of {@link IterativePruningConfig}. */
export const IterativePruningConfig: Definition<IterativePruningConfig> = {
  name: 'IterativePruningConfig',
  fields: {
    initialSparsity: { kind: 'float', default: 0, min: 0, max: 1 },
    finalSparsity: { kind: 'float', default: 0.9, min: 0, max: 1 },
    pruningSteps: { kind: 'int', default: 10, positive: true },
    rewindEpoch: { kind: 'int', default: 0, nonNegative: true },
  },
  rules: [
    ({ initialSparsity, finalSparsity }) =>
      finalSparsity < initialSparsity ? `finalSparsity must be at least initialSparsity (${initialSparsity}), got ${finalSparsity}` : null,
  ],
};

/** Search for a sparse network that trains alone (Frankle and Carbin 2019). */
export interface LotteryTicketConfig {
  /** Epoch whose weights are put back. */
  readonly rewindEpoch: number;
  readonly numIterations: number;
  readonly targetSparsity: number;
}

/** Defaults and rules of {@link LotteryTicketConfig}. */
export const LotteryTicketConfig: Definition<LotteryTicketConfig> = {
  name: 'LotteryTicketConfig',
  fields: {
    rewindEpoch: { kind: 'int', default: 0, nonNegative: true },
    numIterations: { kind: 'int', default: 15, positive: true },
    targetSparsity: { kind: 'float', default: 0.9, min: 0, max: 1 },
  },
};

/** What a pruned model keeps. */
export interface PruningStats {
  readonly originalParams: number;
  /** Parameters that remain. */
  readonly prunedParams: number;
  readonly sparsity: number;
  readonly speedupFactor: number;
}

/** Defaults and rules of {@link PruningStats}. */
export const PruningStats: Definition<PruningStats> = {
  name: 'PruningStats',
  fields: {
    originalParams: { kind: 'int', positive: true },
    prunedParams: { kind: 'int', nonNegative: true },
    sparsity: { kind: 'float', default: null, nullable: true, min: 0, max: 1 },
    speedupFactor: { kind: 'float', min: 1 },
  },
  rules: [
    ({ originalParams, prunedParams }) =>
      prunedParams > originalParams ? `prunedParams must be at most originalParams (${originalParams}), got ${prunedParams}` : null,
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validatePruningConfig(config: PruningConfig): void {
  validate(PruningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateIterativePruningConfig(config: IterativePruningConfig): void {
  validate(IterativePruningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLotteryTicketConfig(config: LotteryTicketConfig): void {
  validate(LotteryTicketConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePruningStats(stats: PruningStats): void {
  validate(PruningStats, stats, 'stats');
}

/** Settles a {@link PruningConfig}. @throws {ValidationError} naming every broken rule */
export function createPruningConfig(options: Partial<PruningConfig> = {}): PruningConfig {
  return createFrom(PruningConfig, options);
}

/** Settles a {@link IterativePruningConfig}. @throws {ValidationError} naming every broken rule */
export function createIterativePruningConfig(options: Partial<IterativePruningConfig> = {}): IterativePruningConfig {
  return createFrom(IterativePruningConfig, options);
}

/** Settles a {@link LotteryTicketConfig}. @throws {ValidationError} naming every broken rule */
export function createLotteryTicketConfig(options: Partial<LotteryTicketConfig> = {}): LotteryTicketConfig {
  return createFrom(LotteryTicketConfig, options);
}

/** Pruning methods in ascending order. */
export function listPruningMethods(): PruningMethod[] {
  return valuesOf(PruningMethod);
}

/** Pruning schedules in ascending order. */
export function listPruningSchedules(): PruningSchedule[] {
  return valuesOf(PruningSchedule);
}

/** Pruning scopes in ascending order. */
export function listPruningScopes(): PruningScope[] {
  return valuesOf(PruningScope);
}

/** @throws {ValidationError} naming the pruning methods */
export function getPruningMethod(name: string): PruningMethod {
  return parseEnum(PruningMethod, name, 'method');
}

/** @throws {ValidationError} naming the pruning schedules */
export function getPruningSchedule(name: string): PruningSchedule {
  return parseEnum(PruningSchedule, name, 'schedule');
}

/** @throws {ValidationError} naming the pruning scopes */
export function getPruningScope(name: string): PruningScope {
  return parseEnum(PruningScope, name, 'scope');
}

/**
 * Statistics of a pruned model; what is not given follows from the counts.
 *
 * @param prunedParams parameters that remain
 * @throws {ValidationError} naming every broken rule
 * @remarks Python: `hf_gtc.training.pruning.create_pruning_stats(original_params, pruned_params, sparsity=, speedup_factor=)`.
 * @example createPruningStats(500, 250).speedupFactor // => 1.7
 */
export function createPruningStats(
  originalParams: number,
  prunedParams: number,
  { sparsity = null, speedupFactor = null }: { readonly sparsity?: number | null; readonly speedupFactor?: number | null } = {},
): PruningStats {
  const settled = sparsity ?? calculateSparsity(originalParams, prunedParams);
  return createFrom(PruningStats, { originalParams, prunedParams, sparsity: settled, speedupFactor: speedupFactor ?? estimateSpeedup(settled) });
}

/**
 * Share of the weights that are gone.
 *
 * @throws {ValidationError} for counts that are negative or more than there were
 * @remarks Python: `hf_gtc.training.pruning.calculate_sparsity(original_params, remaining_params)`; within 1e-12.
 * @example calculateSparsity(100, 25) // => 0.75
 */
export function calculateSparsity(originalParams: number, remainingParams: number): number {
  positive(originalParams, 'originalParams');
  nonNegative(remainingParams, 'remainingParams');
  inRange(remainingParams, 'remainingParams', { max: originalParams });
  return 1 - remainingParams / originalParams;
}

/**
 * How much faster a sparse model is, when hardware makes use of a share of the sparsity: 1 + e(1/(1 − s) − 1).
 *
 * @param options `efficiencyFactor`, e, in (0, 1]
 * @throws {ValidationError} for a sparsity outside [0, 1] or an efficiency outside (0, 1]
 * @remarks Python: `hf_gtc.training.pruning.estimate_speedup(sparsity, efficiency_factor=)`; within 1e-12.
 * @example estimateSpeedup(0.5) // => 1.7
 */
export function estimateSpeedup(sparsity: number, { efficiencyFactor = 0.7 }: { readonly efficiencyFactor?: number } = {}): number {
  inRange(sparsity, 'sparsity', { min: 0, max: 1 });
  inRange(efficiencyFactor, 'efficiencyFactor', { above: 0, max: 1 });
  return sparsity === 1 ? Number.POSITIVE_INFINITY : 1 + efficiencyFactor * (1 / (1 - sparsity) - 1);
}

/**
 * Which weights stay when the smallest magnitudes go; of equal ones the first.
 *
 * @param sparsity share that goes, in [0, 1]; the count is rounded down
 * @throws {ValidationError} for a sparsity outside [0, 1] or an unknown method
 * @remarks Python: `hf_gtc.training.pruning.calculate_pruning_mask(weights, sparsity, method=)`.
 * @example calculatePruningMask([0.1, 0.5, 0.2, 0.8], 0.5) // => [false, true, false, true]
 */
export function calculatePruningMask(
  weights: readonly number[],
  sparsity: number,
  { method = 'magnitude' }: { readonly method?: PruningMethod } = {},
): readonly boolean[] {
  inRange(sparsity, 'sparsity', { min: 0, max: 1 });
  parseEnum(PruningMethod, method, 'method');
  const order = weights.map((_, index) => index).sort((a, b) => Math.abs(weights[a]!) - Math.abs(weights[b]!));
  const gone = new Set(order.slice(0, Math.floor(weights.length * sparsity)));
  return weights.map((_, index) => !gone.has(index));
}

/**
 * Sparsity at a step: `linear`, `cubic` with the progress to the third power, `iterative` in ten even jumps, `one_shot` all at the last step.
 *
 * @throws {ValidationError} for a step outside the schedule or sparsities outside [0, 1]
 * @remarks Python: `hf_gtc.training.pruning.schedule_sparsity(current_step, total_steps, initial_sparsity, final_sparsity, schedule=)`; within 1e-12.
 * @example scheduleSparsity(500, 1000, 0, 0.8, { schedule: 'linear' }) // => 0.4
 */
export function scheduleSparsity(
  currentStep: number,
  totalSteps: number,
  initialSparsity: number,
  finalSparsity: number,
  { schedule = 'cubic' }: { readonly schedule?: PruningSchedule } = {},
): number {
  positive(totalSteps, 'totalSteps');
  inRange(nonNegative(currentStep, 'currentStep'), 'currentStep', { max: totalSteps });
  inRange(initialSparsity, 'initialSparsity', { min: 0, max: 1 });
  inRange(finalSparsity, 'finalSparsity', { min: 0, max: 1 });
  parseEnum(PruningSchedule, schedule, 'schedule');
  const progress = currentStep / totalSteps;
  const reached = { linear: progress, cubic: progress ** 3, iterative: Math.floor(progress * 10) / 10, one_shot: currentStep === totalSteps ? 1 : 0 }[schedule];
  return initialSparsity + (finalSparsity - initialSparsity) * reached;
}

/** A count in thousands, millions or billions. */
function compact(count: number): string {
  for (const [unit, suffix] of [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'K'],
  ] as const)
    if (count >= unit) return `${formatFixed(count / unit, 2)}${suffix}`;
  return `${count}`;
}

/**
 * Statistics as lines of text.
 *
 * @remarks Python: `hf_gtc.training.pruning.format_pruning_stats(stats)`; the same text.
 */
export function formatPruningStats(stats: PruningStats): string {
  notNull(stats, 'stats');
  return [
    'Pruning Stats:',
    `  Original: ${compact(stats.originalParams)}`,
    `  Remaining: ${compact(stats.prunedParams)}`,
    `  Sparsity: ${formatFixed(stats.sparsity * 100, 1)}%`,
    `  Speedup: ${formatFixed(stats.speedupFactor, 2)}x`,
  ].join('\n');
}

const SIZE_SPARSITY: Readonly<Record<string, number>> = { small: 0.3, base: 0.5, large: 0.7, xl: 0.8 };
const TASK_PRUNING: Readonly<Record<string, Pick<PruningConfig, 'method' | 'scope'>>> = {
  classification: { method: 'magnitude', scope: 'global_unstructured' },
  generation: { method: 'gradual', scope: 'local_unstructured' },
  embedding: { method: 'structured', scope: 'structured_neurons' },
};

/**
 * Pruning that suits a model and a task: the larger the model, the more can go.
 *
 * @throws {ValidationError} for an unknown size or task
 * @remarks Python: `hf_gtc.training.pruning.get_recommended_pruning_config(model_size=, task=)`.
 */
export function getRecommendedPruningConfig({
  modelSize = 'base',
  task = 'classification',
}: {
  readonly modelSize?: string;
  readonly task?: string;
} = {}): PruningConfig {
  oneOf(modelSize, 'modelSize', Object.keys(SIZE_SPARSITY));
  oneOf(task, 'task', Object.keys(TASK_PRUNING));
  const schedule = modelSize === 'large' || modelSize === 'xl' ? 'iterative' : 'one_shot';
  return createPruningConfig({ ...TASK_PRUNING[task]!, targetSparsity: SIZE_SPARSITY[modelSize]!, schedule });
}

/** Training several tasks together: weights of losses and gradients that disagree. Mirrors `hf_gtc.training.multitask`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  nonEmpty,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { dot, mean, norm, sum } from '@gtc/tensor/statistics';

const RECOMMENDED: Readonly<Record<string, Partial<GradientConfig & Pick<MultiTaskConfig, 'balancingMethod'>>>> = {
  classification: {},
  generation: { strategy: 'cagrad', balancingMethod: 'gradnorm' },
  hierarchical: { strategy: 'mgda', balancingMethod: 'uncertainty' },
  mixed: { strategy: 'pcgrad', normalize: true, balancingMethod: 'uncertainty' },
};

/** How losses are weighed. */
export const TaskBalancing = { UNIFORM: 'uniform', UNCERTAINTY: 'uncertainty', GRADNORM: 'gradnorm', PCGRAD: 'pcgrad', CAGRAD: 'cagrad' } as const;
export type TaskBalancing = (typeof TaskBalancing)[keyof typeof TaskBalancing];

/** How gradients are combined. */
export const GradientStrategy = { SUM: 'sum', PCGRAD: 'pcgrad', CAGRAD: 'cagrad', MGDA: 'mgda', NASH: 'nash' } as const;
export type GradientStrategy = (typeof GradientStrategy)[keyof typeof GradientStrategy];

/** What a task is to the others. */
export const TaskRelation = { INDEPENDENT: 'independent', AUXILIARY: 'auxiliary', HIERARCHICAL: 'hierarchical' } as const;
export type TaskRelation = (typeof TaskRelation)[keyof typeof TaskRelation];

/** Values of {@link TaskBalancing}. */
export const VALID_TASK_BALANCING: ReadonlySet<TaskBalancing> = new Set(Object.values(TaskBalancing));

/** Values of {@link GradientStrategy}. */
export const VALID_GRADIENT_STRATEGIES: ReadonlySet<GradientStrategy> = new Set(Object.values(GradientStrategy));

/** Values of {@link TaskRelation}. */
export const VALID_TASK_RELATIONS: ReadonlySet<TaskRelation> = new Set(Object.values(TaskRelation));

/** One task. */
export interface TaskConfig {
  readonly name: string;
  readonly weight: number;
  readonly lossType: string;
  readonly relation: TaskRelation;
}

/** Defaults and rules of {@link TaskConfig}. */
export const TaskConfig: Definition<TaskConfig> = {
  name: 'TaskConfig',
  fields: {
    name: { kind: 'string', nonBlank: true },
    weight: { kind: 'float', default: 1.0, nonNegative: true },
    lossType: { kind: 'string', default: 'cross_entropy', nonEmpty: true },
    relation: { kind: 'enum', of: TaskRelation, default: TaskRelation.INDEPENDENT },
  },
};

/** How gradients are combined. */
export interface GradientConfig {
  readonly strategy: GradientStrategy;
  /** Cosine below which two gradients conflict. */
  readonly conflictThreshold: number;
  readonly normalize: boolean;
}

/** Defaults and rules of {@link GradientConfig}. */
export const GradientConfig: Definition<GradientConfig> = {
  name: 'GradientConfig',
  fields: {
    strategy: { kind: 'enum', of: GradientStrategy, default: GradientStrategy.SUM },
    conflictThreshold: { kind: 'float', default: 0.0, nonNegative: true },
    normalize: { kind: 'bool', default: false },
  },
};

/** Tasks that share a model. */
export interface MultiTaskConfig {
  readonly tasks: readonly TaskConfig[];
  readonly gradientConfig: GradientConfig;
  readonly balancingMethod: TaskBalancing;
  readonly sharedLayers: readonly string[];
}

/** Defaults and rules of {@link MultiTaskConfig}. */
export const MultiTaskConfig: Definition<MultiTaskConfig> = {
  name: 'MultiTaskConfig',
  fields: {
    tasks: { kind: 'array', of: { kind: 'config', of: TaskConfig } },
    gradientConfig: { kind: 'config', of: GradientConfig },
    balancingMethod: { kind: 'enum', of: TaskBalancing },
    sharedLayers: { kind: 'array', of: { kind: 'string' } },
  },
  rules: [
    ({ tasks }) =>
      new Set(tasks.map(task => task.name)).size < tasks.length ? `duplicate task names in tasks: ${tasks.map(task => task.name).join(', ')}` : null,
  ],
};

/** Where the tasks stand. */
export interface MultiTaskStats {
  readonly taskLosses: Readonly<Record<string, number>>;
  readonly taskAccuracies: Readonly<Record<string, number>>;
  readonly gradientConflicts: number;
  readonly effectiveWeights: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link MultiTaskStats}. */
export const MultiTaskStats: Definition<MultiTaskStats> = {
  name: 'MultiTaskStats',
  fields: {
    taskLosses: { kind: 'record', of: { kind: 'float', nonNegative: true }, default: {} },
    taskAccuracies: { kind: 'record', of: { kind: 'float', min: 0, max: 1 }, default: {} },
    gradientConflicts: { kind: 'int', default: 0, nonNegative: true },
    effectiveWeights: { kind: 'record', of: { kind: 'float', nonNegative: true }, default: {} },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTaskConfig(config: TaskConfig): void {
  validate(TaskConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGradientConfig(config: GradientConfig): void {
  validate(GradientConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMultitaskConfig(config: MultiTaskConfig): void {
  validate(MultiTaskConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateMultitaskStats(stats: MultiTaskStats): void {
  validate(MultiTaskStats, stats, 'stats');
}

/** Settles a {@link TaskConfig}. @throws {ValidationError} naming every broken rule */
export function createTaskConfig(name: TaskConfig['name'], options: Partial<Omit<TaskConfig, 'name'>> = {}): TaskConfig {
  return createFrom(TaskConfig, { ...options, name });
}

/** Settles a {@link GradientConfig}. @throws {ValidationError} naming every broken rule */
export function createGradientConfig(options: Partial<GradientConfig> = {}): GradientConfig {
  return createFrom(GradientConfig, options);
}

/** Task balancing methods in ascending order. */
export function listTaskBalancingMethods(): TaskBalancing[] {
  return valuesOf(TaskBalancing);
}

/** Gradient strategies in ascending order. */
export function listGradientStrategies(): GradientStrategy[] {
  return valuesOf(GradientStrategy);
}

/** Task relations in ascending order. */
export function listTaskRelations(): TaskRelation[] {
  return valuesOf(TaskRelation);
}

/** @throws {ValidationError} naming the values of {@link TaskBalancing} */
export function getTaskBalancing(name: string): TaskBalancing {
  return parseEnum(TaskBalancing, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link GradientStrategy} */
export function getGradientStrategy(name: string): GradientStrategy {
  return parseEnum(GradientStrategy, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link TaskRelation} */
export function getTaskRelation(name: string): TaskRelation {
  return parseEnum(TaskRelation, name, 'name');
}

/**
 * Settles a {@link MultiTaskConfig}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.multitask.create_multitask_config(tasks=, strategy=, conflict_threshold=, normalize=, balancing_method=,
 * shared_layers=)`.
 */
export function createMultitaskConfig({
  tasks = null,
  strategy,
  conflictThreshold,
  normalize,
  balancingMethod = 'uniform',
  sharedLayers = [],
}: Partial<GradientConfig & Pick<MultiTaskConfig, 'balancingMethod' | 'sharedLayers'>> & {
  readonly tasks?: readonly TaskConfig[] | null;
} = {}): MultiTaskConfig {
  return createFrom(MultiTaskConfig, {
    tasks: tasks ?? [],
    gradientConfig: createFrom(GradientConfig, { strategy, conflictThreshold, normalize }),
    balancingMethod,
    sharedLayers,
  });
}

/**
 * Settles a {@link MultiTaskStats}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.multitask.create_multitask_stats(task_losses=, task_accuracies=, gradient_conflicts=, effective_weights=)`.
 */
export function createMultitaskStats(options: { readonly [K in keyof MultiTaskStats]?: MultiTaskStats[K] | null } = {}): MultiTaskStats {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
  return createFrom(MultiTaskStats, given as Partial<MultiTaskStats>);
}

/**
 * Weights of losses: `1/σ²` (uncertainty), a loss's share of its first value over the mean share (gradnorm), or 1.
 * Source: Kendall et al., Multi-Task Learning Using Uncertainty (2018); Chen et al., GradNorm (2018).
 *
 * @throws {ValidationError} for no losses, a negative loss, uncertainties or first losses that are missing or not positive
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.multitask.calculate_task_weights(losses, method, uncertainties=, initial_losses=)`.
 * @example calculateTaskWeights([0.5, 0.3, 0.7], 'uniform') // => [1, 1, 1]
 */
export function calculateTaskWeights(
  losses: readonly number[],
  method: TaskBalancing,
  { uncertainties = null, initialLosses = null }: { readonly uncertainties?: readonly number[] | null; readonly initialLosses?: readonly number[] | null } = {},
): number[] {
  nonEmpty(losses, 'losses');
  for (const [index, loss] of losses.entries()) nonNegative(loss, `losses[${index}]`);
  if (method === 'uncertainty') {
    const sigmas = notNull(uncertainties, 'uncertainties');
    sameLength({ losses, uncertainties: sigmas });
    return sigmas.map((sigma, index) => 1 / positive(sigma, `uncertainties[${index}]`) ** 2);
  }
  if (method !== 'gradnorm') return losses.map(() => 1);
  const first = notNull(initialLosses, 'initialLosses');
  sameLength({ losses, initialLosses: first });
  const ratios = losses.map((loss, index) => (first[index] === 0 ? 1 : loss / first[index]!));
  const average = mean(ratios);
  return ratios.map(ratio => (average === 0 ? 1 : ratio / average));
}

type Gradients = readonly (readonly number[])[];

function checkGradients(gradients: Gradients): void {
  nonEmpty(gradients, 'gradients');
  for (const [index, gradient] of gradients.entries()) sameLength({ 'gradients[0]': gradients[0]!, [`gradients[${index}]`]: gradient });
}

/** A vector times the power of two that brings its largest number near 1: no digit changes, and no square is too small to be held. */
function nearOne(vector: readonly number[]): readonly number[] {
  const scale = 2 ** Math.min(-Math.floor(Math.log2(Math.max(...vector.map(Math.abs)))), 1023);
  return Number.isFinite(scale) ? vector.map(x => x * scale) : vector;
}

/** `a` less the share of it that runs against `b`. */
function withoutConflict(a: readonly number[], b: readonly number[], share = 1): readonly number[] {
  const direction = nearOne(b);
  const against = dot(a, direction);
  const square = dot(direction, direction);
  return against < 0 && square > 0 ? a.map((x, index) => x - ((share * against) / square) * direction[index]!) : a;
}

const average = (gradients: Gradients): number[] => gradients[0]!.map((_, column) => mean(gradients.map(gradient => gradient[column]!)));

/**
 * Pairs of gradients whose cosine is below the threshold; that of a zero gradient is 0.
 *
 * @param gradients one row for each task
 * @throws {ValidationError} unless gradients is not empty, threshold is between -1 and 1, got 1.5
 * @remarks Python: `hf_gtc.training.multitask.detect_gradient_conflicts(gradients, threshold=)`.
 * @example detectGradientConflicts([[1, 0], [-1, 0], [0, 1]]) // => [[0, 1]]
 */
export function detectGradientConflicts(
  gradients: readonly (readonly number[])[],
  { threshold = 0.0 }: { readonly threshold?: number } = {},
): [number, number][] {
  checkGradients(gradients);
  inRange(threshold, 'threshold', { min: -1, max: 1 });
  const norms = gradients.map(norm);
  const cosine = (i: number, j: number): number => (norms[i] === 0 || norms[j] === 0 ? 0 : dot(gradients[i]!, gradients[j]!) / (norms[i]! * norms[j]!));
  return gradients.flatMap((_, i) => gradients.flatMap((_, j): [number, number][] => (j > i && cosine(i, j) < threshold ? [[i, j]] : [])));
}

/**
 * One gradient from those of all tasks: their sum; the sum of gradients of which each has lost what runs against the others, in order (PCGrad); their
 * average from
 * which, gradient by gradient, half of what runs against it is taken (cagrad); or their average.
 * Source: Yu et al., Gradient Surgery for Multi-Task Learning (2020).
 *
 * @param gradients one row for each task
 * @throws {ValidationError} unless gradients is not empty
 * @remarks Python: `hf_gtc.training.multitask.project_conflicting_gradients(gradients, strategy=)`.
 * @example projectConflictingGradients([[1]]) // => [1]
 */
export function projectConflictingGradients(
  gradients: readonly (readonly number[])[],
  { strategy = GradientStrategy.PCGRAD }: { readonly strategy?: GradientStrategy } = {},
): number[] {
  checkGradients(gradients);
  nonEmpty(gradients[0]!, 'gradients[0]');
  const total = (rows: Gradients): number[] => rows[0]!.map((_, column) => sum(rows.map(row => row[column]!)));
  if (strategy === 'sum') return total(gradients);
  if (strategy === 'pcgrad')
    return total(gradients.map((gradient, i) => gradients.reduce((rest, other, j) => (i === j ? rest : withoutConflict(rest, other)), gradient)));
  return strategy === 'cagrad'
    ? [...gradients.reduce<readonly number[]>((rest, other) => withoutConflict(rest, other, 0.5), average(gradients))]
    : average(gradients);
}

/**
 * Difficulty relative to the hardest task: `loss · max(1 − accuracy, 0.01)`, divided by the greatest.
 *
 * @throws {ValidationError} unless accuracies is between 0 and 1, losses is non-negative
 * @remarks Python: `hf_gtc.training.multitask.estimate_task_difficulty(losses, accuracies)`.
 * @example estimateTaskDifficulty([1], [0.95]) // => [1]
 */
export function estimateTaskDifficulty(losses: readonly number[], accuracies: readonly number[]): number[] {
  nonEmpty(losses, 'losses');
  nonEmpty(accuracies, 'accuracies');
  sameLength({ losses, accuracies });
  const raw = losses.map(
    (loss, index) => nonNegative(loss, `losses[${index}]`) * Math.max(1 - inRange(accuracies[index]!, `accuracies[${index}]`, { min: 0, max: 1 }), 0.01),
  );
  const greatest = Math.max(...raw);
  return raw.map(value => (greatest === 0 ? 0 : value / greatest));
}

/**
 * Where the tasks stand, as text, by name.
 *
 * @remarks Python: `hf_gtc.training.multitask.format_multitask_stats(stats)`; the same text.
 */
export function formatMultitaskStats(stats: MultiTaskStats): string {
  const section = (title: string, values: Readonly<Record<string, number>>, show: (value: number) => string): string[] => {
    const names = Object.keys(values).sort();
    return names.length === 0 ? [] : [`  ${title}:`, ...names.map(name => `    ${name}: ${show(values[name]!)}`)];
  };
  return [
    'Multi-Task Stats:',
    ...section('Task Losses', stats.taskLosses, value => formatFixed(value, 4)),
    ...section('Task Accuracies', stats.taskAccuracies, value => `${formatFixed(100 * value, 1)}%`),
    `  Gradient Conflicts: ${stats.gradientConflicts}`,
    ...section('Effective Weights', stats.effectiveWeights, value => formatFixed(value, 4)),
  ].join('\n');
}

/**
 * A configuration for a mix of tasks.
 *
 * @throws {ValidationError} for another mix
 * @remarks Python: `hf_gtc.training.multitask.get_recommended_multitask_config(task_type)`.
 */
export function getRecommendedMultitaskConfig(taskType: string): MultiTaskConfig {
  return createMultitaskConfig(RECOMMENDED[oneOf(taskType, 'taskType', Object.keys(RECOMMENDED))]!);
}

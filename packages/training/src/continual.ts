/** Continual learning: importance of weights, replay, and how much is forgotten. Mirrors `hf_gtc.training.continual`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  nonEmpty,
  nonNegative,
  parseEnum,
  positive,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

/** Ways not to forget. */
export const ContinualMethod = { EWC: 'ewc', SI: 'si', MAS: 'mas', GEM: 'gem', AGEM: 'agem', REPLAY: 'replay' } as const;
export type ContinualMethod = (typeof ContinualMethod)[keyof typeof ContinualMethod];

/** Which samples a buffer keeps. */
export const ReplayStrategy = { RANDOM: 'random', RESERVOIR: 'reservoir', HERDING: 'herding', MIR: 'mir' } as const;
export type ReplayStrategy = (typeof ReplayStrategy)[keyof typeof ReplayStrategy];

/** What holds weights back. */
export const RegularizationType = { L2: 'l2', FISHER: 'fisher', IMPORTANCE_WEIGHTED: 'importance_weighted' } as const;
export type RegularizationType = (typeof RegularizationType)[keyof typeof RegularizationType];

/** Values of {@link ContinualMethod}. */
export const VALID_CONTINUAL_METHODS: ReadonlySet<ContinualMethod> = new Set(Object.values(ContinualMethod));

/** Values of {@link ReplayStrategy}. */
export const VALID_REPLAY_STRATEGIES: ReadonlySet<ReplayStrategy> = new Set(Object.values(ReplayStrategy));

/** Values of {@link RegularizationType}. */
export const VALID_REGULARIZATION_TYPES: ReadonlySet<RegularizationType> = new Set(Object.values(RegularizationType));

/** Elastic weight consolidation (Kirkpatrick et al. 2017). */
export interface EWCConfig {
  readonly lambdaEwc: number;
  readonly fisherSamples: number;
  readonly normalizeFisher: boolean;
  readonly online: boolean;
}

/** Defaults and rules of {@link EWCConfig}. */
export const EWCConfig: Definition<EWCConfig> = {
  name: 'EWCConfig',
  fields: {
    lambdaEwc: { kind: 'float', default: 1000, nonNegative: true },
    fisherSamples: { kind: 'int', default: 200, positive: true },
    normalizeFisher: { kind: 'bool', default: true },
    online: { kind: 'bool', default: false },
  },
};

/** A buffer of samples of earlier tasks. */
export interface ReplayConfig {
  readonly strategy: ReplayStrategy;
  readonly bufferSize: number;
  readonly samplesPerTask: number;
  readonly prioritized: boolean;
}

/** Defaults and rules of {@link ReplayConfig}. */
export const ReplayConfig: Definition<ReplayConfig> = {
  name: 'ReplayConfig',
  fields: {
    strategy: { kind: 'enum', of: ReplayStrategy, default: ReplayStrategy.RESERVOIR },
    bufferSize: { kind: 'int', default: 1000, positive: true },
    samplesPerTask: { kind: 'int', default: 200, positive: true },
    prioritized: { kind: 'bool', default: false },
  },
  rules: [
    ({ bufferSize, samplesPerTask }) =>
      samplesPerTask > bufferSize ? `samplesPerTask must be at most bufferSize (${bufferSize}), got ${samplesPerTask}` : null,
  ],
};

/** How tasks are learned one after the other. */
export interface ContinualConfig {
  readonly method: ContinualMethod;
  readonly replayConfig: ReplayConfig | null;
  readonly regularizationStrength: number;
  readonly taskBoundary: boolean;
}

/** Defaults and rules of {@link ContinualConfig}. */
export const ContinualConfig: Definition<ContinualConfig> = {
  name: 'ContinualConfig',
  fields: {
    method: { kind: 'enum', of: ContinualMethod, default: ContinualMethod.EWC },
    replayConfig: { kind: 'config', of: ReplayConfig, default: null, nullable: true },
    regularizationStrength: { kind: 'float', default: 0.5, nonNegative: true },
    taskBoundary: { kind: 'bool', default: true },
  },
};

/** What was forgotten and what was learned. */
export interface ForgettingMetrics {
  readonly backwardTransfer: number;
  readonly forwardTransfer: number;
  readonly forgettingRate: number;
  readonly plasticity: number;
}

/** Defaults and rules of {@link ForgettingMetrics}. */
export const ForgettingMetrics: Definition<ForgettingMetrics> = {
  name: 'ForgettingMetrics',
  fields: {
    backwardTransfer: { kind: 'float', default: 0 },
    forwardTransfer: { kind: 'float', default: 0 },
    forgettingRate: { kind: 'float', default: 0, nonNegative: true },
    plasticity: { kind: 'float', default: 1, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateEwcConfig(config: EWCConfig): void {
  validate(EWCConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateReplayConfig(config: ReplayConfig): void {
  validate(ReplayConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContinualConfig(config: ContinualConfig): void {
  validate(ContinualConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateForgettingMetrics(metrics: ForgettingMetrics): void {
  validate(ForgettingMetrics, metrics, 'metrics');
}

/** Settles a {@link EWCConfig}. @throws {ValidationError} naming every broken rule */
export function createEwcConfig(options: Partial<EWCConfig> = {}): EWCConfig {
  return createFrom(EWCConfig, options);
}

/** Settles a {@link ReplayConfig}. @throws {ValidationError} naming every broken rule */
export function createReplayConfig(options: Partial<ReplayConfig> = {}): ReplayConfig {
  return createFrom(ReplayConfig, options);
}

/** Settles a {@link ContinualConfig}. @throws {ValidationError} naming every broken rule */
export function createContinualConfig(options: Partial<ContinualConfig> = {}): ContinualConfig {
  return createFrom(ContinualConfig, options);
}

/** Settles a {@link ForgettingMetrics}. @throws {ValidationError} naming every broken rule */
export function createForgettingMetrics(options: Partial<ForgettingMetrics> = {}): ForgettingMetrics {
  return createFrom(ForgettingMetrics, options);
}

/** Continual methods in ascending order. */
export function listContinualMethods(): ContinualMethod[] {
  return valuesOf(ContinualMethod);
}

/** Replay strategies in ascending order. */
export function listReplayStrategies(): ReplayStrategy[] {
  return valuesOf(ReplayStrategy);
}

/** Regularization types in ascending order. */
export function listRegularizationTypes(): RegularizationType[] {
  return valuesOf(RegularizationType);
}

/** @throws {ValidationError} naming the continual methods */
export function getContinualMethod(name: string): ContinualMethod {
  return parseEnum(ContinualMethod, name, 'method');
}

/** @throws {ValidationError} naming the replay strategies */
export function getReplayStrategy(name: string): ReplayStrategy {
  return parseEnum(ReplayStrategy, name, 'strategy');
}

/** @throws {ValidationError} naming the regularization types */
export function getRegularizationType(name: string): RegularizationType {
  return parseEnum(RegularizationType, name, 'regularizationType');
}

/**
 * Diagonal of the Fisher information: squared gradients over the number of samples.
 *
 * @throws {ValidationError} for no gradients or a count that is not positive
 * @remarks Python: `hf_gtc.training.continual.calculate_fisher_information(gradients, num_samples)`.
 * @example calculateFisherInformation([1], 10) // => [0.1]
 */
export function calculateFisherInformation(gradients: readonly number[], numSamples: number): number[] {
  nonEmpty(gradients, 'gradients');
  positive(numSamples, 'numSamples');
  return gradients.map(gradient => gradient ** 2 / numSamples);
}

/**
 * Importance of weights: how far each moved for its learning rate.
 *
 * @throws {ValidationError} for no weights
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.continual.estimate_importance_weights(parameter_changes, learning_rates)`.
 * @example estimateImportanceWeights([-2], [1]) // => [1.9999999800000003]
 */
export function estimateImportanceWeights(parameterChanges: readonly number[], learningRates: readonly number[]): number[] {
  nonEmpty(parameterChanges, 'parameterChanges');
  nonEmpty(learningRates, 'learningRates');
  sameLength({ parameterChanges, learningRates });
  return parameterChanges.map((change, index) => Math.abs(change) / (learningRates[index]! + 1e-8));
}

/**
 * Mean loss of accuracy from after a task to the end; gains count nothing.
 *
 * @throws {ValidationError} for no accuracies
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.continual.calculate_forgetting_measure(initial_accuracies, final_accuracies)`; within 1e-12.
 * @example calculateForgettingMeasure([1, 10], [0, 0]) // => 5.5
 */
export function calculateForgettingMeasure(initialAccuracies: readonly number[], finalAccuracies: readonly number[]): number {
  nonEmpty(initialAccuracies, 'initialAccuracies');
  const count = sameLength({ initialAccuracies, finalAccuracies });
  return initialAccuracies.reduce((sum, accuracy, task) => sum + Math.max(0, accuracy - finalAccuracies[task]!), 0) / count;
}

/**
 * Mean accuracy as a share of what a model trained on each task alone reaches, at most 1.
 *
 * @throws {ValidationError} for no accuracies or a baseline that is not positive
 * @remarks Python: `hf_gtc.training.continual.calculate_plasticity_score(task_accuracies, baseline_accuracy=)`; within 1e-12.
 * @example calculatePlasticityScore([1, 1], { baselineAccuracy: 0.5 }) // => 1
 */
export function calculatePlasticityScore(taskAccuracies: readonly number[], { baselineAccuracy = 0.9 }: { readonly baselineAccuracy?: number } = {}): number {
  nonEmpty(taskAccuracies, 'taskAccuracies');
  positive(baselineAccuracy, 'baselineAccuracy');
  return Math.min(1, mean(taskAccuracies) / baselineAccuracy);
}

/**
 * What was forgotten and what was learned, as text.
 *
 * @remarks Python: `hf_gtc.training.continual.format_forgetting_metrics(metrics)`; the same text.
 */
export function formatForgettingMetrics(metrics: ForgettingMetrics): string {
  return [
    'Forgetting Metrics:',
    `  Backward Transfer: ${formatFixed(metrics.backwardTransfer, 4)}`,
    `  Forward Transfer: ${formatFixed(metrics.forwardTransfer, 4)}`,
    `  Forgetting Rate: ${formatFixed(metrics.forgettingRate, 4)}`,
    `  Plasticity: ${formatFixed(metrics.plasticity * 100, 1)}%`,
  ].join('\n');
}

/**
 * Settings that suit a number of tasks: elastic weights up to five, synaptic intelligence up to ten, a buffer of 5,000 samples beyond.
 *
 * @throws {ValidationError} for no tasks, or so many that the buffer has no sample for each
 * @remarks Python: `hf_gtc.training.continual.get_recommended_continual_config(num_tasks)`.
 * @example getRecommendedContinualConfig(20).replayConfig?.samplesPerTask // => 250
 */
export function getRecommendedContinualConfig(numTasks: number): ContinualConfig {
  positive(numTasks, 'numTasks');
  if (numTasks <= 5) return createContinualConfig();
  if (numTasks <= 10) return createContinualConfig({ method: 'si', regularizationStrength: 0.3 });
  const bufferSize = 5000;
  const replayConfig = createReplayConfig({ bufferSize, samplesPerTask: Math.floor(bufferSize / numTasks), prioritized: true });
  return createContinualConfig({ method: 'replay', replayConfig, regularizationStrength: 0.1, taskBoundary: false });
}

/**
 * Penalty of elastic weight consolidation: half of lambda times the squared distance from the old weights, each weighed by its Fisher information.
 *
 * @throws {ValidationError} for no weights or a negative lambda
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.training.continual.calculate_ewc_penalty(current_params, optimal_params, fisher_diagonal, lambda_ewc)`; within 1e-12.
 * @example calculateEwcPenalty([0.5], [1e-12], [1], 2000) // => 249.999999999
 */
export function calculateEwcPenalty(
  currentParams: readonly number[],
  optimalParams: readonly number[],
  fisherDiagonal: readonly number[],
  lambdaEwc: number,
): number {
  nonEmpty(currentParams, 'currentParams');
  sameLength({ currentParams, optimalParams, fisherDiagonal });
  nonNegative(lambdaEwc, 'lambdaEwc');
  return 0.5 * lambdaEwc * currentParams.reduce((sum, value, index) => sum + fisherDiagonal[index]! * (value - optimalParams[index]!) ** 2, 0);
}

/**
 * Backward transfer (Lopez-Paz and Ranzato 2017): mean change of the accuracy of each earlier task from after it to the end.
 *
 * @param accuracyMatrix row i has the accuracies of all tasks after task i
 * @throws {ValidationError} for no tasks
 * @throws {ShapeError} for a matrix that is not square
 * @remarks Python: `hf_gtc.training.continual.calculate_backward_transfer(accuracy_matrix)`; within 1e-12.
 * @example calculateBackwardTransfer([[0, 1], [0.9, 0.88]]) // => 0.9
 */
export function calculateBackwardTransfer(accuracyMatrix: readonly (readonly number[])[]): number {
  nonEmpty(accuracyMatrix, 'accuracyMatrix');
  for (const [index, row] of accuracyMatrix.entries()) sameLength({ accuracyMatrix, [`accuracyMatrix[${index}]`]: row });
  const last = accuracyMatrix.length - 1;
  if (last === 0) return 0;
  return accuracyMatrix.slice(0, last).reduce((sum, row, task) => sum + accuracyMatrix[last]![task]! - row[task]!, 0) / last;
}

/**
 * Forward transfer: mean accuracy of each task just before it is learned, above that of a random model.
 *
 * @param options `randomBaseline` accuracy of a random model for each task, 0 unless given
 * @throws {ValidationError} for no tasks or a row without the next task
 * @throws {ShapeError} when there are not as many baselines as tasks
 * @remarks Python: `hf_gtc.training.continual.calculate_forward_transfer(accuracy_matrix, random_baseline=)`; within 1e-12.
 * @example calculateForwardTransfer([[1, 2], [5, 1, 3]]) // => 2
 */
export function calculateForwardTransfer(
  accuracyMatrix: readonly (readonly number[])[],
  { randomBaseline = null }: { readonly randomBaseline?: readonly number[] | null } = {},
): number {
  nonEmpty(accuracyMatrix, 'accuracyMatrix');
  if (randomBaseline !== null) sameLength({ accuracyMatrix, randomBaseline });
  const steps = accuracyMatrix.length - 1;
  if (steps === 0) return 0;
  let sum = 0;
  for (let task = 1; task <= steps; task++) {
    const accuracy = accuracyMatrix[task - 1]![task];
    if (accuracy === undefined)
      throw new ValidationError(`accuracyMatrix[${task - 1}] must have task ${task}, got ${accuracyMatrix[task - 1]!.length} tasks`, {
        parameter: 'accuracyMatrix',
      });
    sum += accuracy - (randomBaseline?.[task] ?? 0);
  }
  return sum / steps;
}

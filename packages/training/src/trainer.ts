/** The training loop: steps, evaluations, early stopping, checkpoints that are whole, and going on from them. Mirrors `hf_gtc.training.trainer`. */
import { createFrom, formatFixed, inRange, isValueOf, nonEmpty, nonNegative, notNull, parseEnum, positive, validate, valuesOf } from '@gtc/errors';
import {
  CheckpointConfig,
  EarlyStoppingConfig,
  EarlyStoppingMode,
  SchedulerConfig,
  SchedulerType,
  TrainerState,
  TrainingProgress,
} from './internal/trainer/configs.js';

export { type Strategy, TrainingArguments } from './internal/trainer/arguments.js';
export {
  CheckpointConfig,
  EarlyStoppingConfig,
  EarlyStoppingMode,
  SchedulerConfig,
  SchedulerType,
  TrainerState,
  TrainingProgress,
} from './internal/trainer/configs.js';
export {
  type FitOptions,
  type StepResult,
  type StepSettings,
  type TrainableModel,
  Trainer,
  TrainerConfig,
  type TrainingMetrics,
} from './internal/trainer/loop.js';
export { type CheckpointContent, type CheckpointStore, type FileSystem, folderStore, memoryStore } from './internal/trainer/store.js';
export {
  type TensorCodec,
  type Trainable,
  type TrainingEvent,
  TrainingLoop,
  type TrainingLoopOptions,
  type TrainingResult,
} from './internal/trainer/training-loop.js';

/** @throws {ValidationError} naming every broken rule */
export function validateTrainerState(state: TrainerState): void {
  validate(TrainerState, state, 'state');
}

/** @throws {ValidationError} naming every broken rule */
export function validateCheckpointConfig(config: CheckpointConfig): void {
  validate(CheckpointConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEarlyStoppingConfig(config: EarlyStoppingConfig): void {
  validate(EarlyStoppingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSchedulerConfig(config: SchedulerConfig): void {
  validate(SchedulerConfig, config);
}

/** Settles a {@link TrainerState}. @throws {ValidationError} naming every broken rule */
export function createTrainerState(options: Partial<TrainerState> = {}): TrainerState {
  return createFrom(TrainerState, options);
}

/** Settles a {@link TrainingProgress}. @throws {ValidationError} naming every broken rule */
export function createTrainingProgress(
  currentStep: TrainingProgress['currentStep'],
  totalSteps: TrainingProgress['totalSteps'],
  currentEpoch: TrainingProgress['currentEpoch'],
  totalEpochs: TrainingProgress['totalEpochs'],
  options: Partial<Omit<TrainingProgress, 'currentStep' | 'totalSteps' | 'currentEpoch' | 'totalEpochs'>> = {},
): TrainingProgress {
  return createFrom(TrainingProgress, { ...options, currentStep, totalSteps, currentEpoch, totalEpochs });
}

/** Scheduler types in ascending order. */
export function listSchedulerTypes(): SchedulerType[] {
  return valuesOf(SchedulerType);
}

/** Whether the text is a value of {@link SchedulerType}. */
export function validateSchedulerType(schedulerType: string): boolean {
  return isValueOf(SchedulerType, schedulerType);
}

/** @throws {ValidationError} naming the values of {@link SchedulerType} */
export function getSchedulerType(name: string): SchedulerType {
  return parseEnum(SchedulerType, name, 'name');
}

/** Early stopping modes in ascending order. */
export function listEarlyStoppingModes(): EarlyStoppingMode[] {
  return valuesOf(EarlyStoppingMode);
}

/** Whether the text is a value of {@link EarlyStoppingMode}. */
export function validateEarlyStoppingMode(mode: string): boolean {
  return isValueOf(EarlyStoppingMode, mode);
}

/** @throws {ValidationError} naming the values of {@link EarlyStoppingMode} */
export function getEarlyStoppingMode(name: string): EarlyStoppingMode {
  return parseEnum(EarlyStoppingMode, name, 'name');
}

/** Share of the steps done, in percent; 0 before a total is known. */
export function trainingProgressPercentComplete({ currentStep, totalSteps }: TrainingProgress): number {
  return totalSteps === 0 ? 0 : (currentStep / totalSteps) * 100;
}

/** Steps to go, at least 0. */
export function trainingProgressStepsRemaining({ currentStep, totalSteps }: TrainingProgress): number {
  return Math.max(0, totalSteps - currentStep);
}

/**
 * A new state in which what was given replaces the old, and an entry is added to the log.
 *
 * @remarks Python: `hf_gtc.training.trainer.update_trainer_state(state, global_step=, epoch=, best_metric=, best_model_checkpoint=, new_log_entry=)`.
 */
export function updateTrainerState(
  state: TrainerState,
  {
    globalStep = null,
    epoch = null,
    bestMetric = null,
    bestModelCheckpoint = null,
    newLogEntry = null,
  }: {
    readonly globalStep?: number | null;
    readonly epoch?: number | null;
    readonly bestMetric?: number | null;
    readonly bestModelCheckpoint?: string | null;
    readonly newLogEntry?: Readonly<Record<string, unknown>> | null;
  } = {},
): TrainerState {
  notNull(state, 'state');
  return createFrom(TrainerState, {
    ...state,
    globalStep: globalStep ?? state.globalStep,
    epoch: epoch ?? state.epoch,
    bestMetric: bestMetric ?? state.bestMetric,
    bestModelCheckpoint: bestModelCheckpoint ?? state.bestModelCheckpoint,
    logHistory: newLogEntry === null ? state.logHistory : [...state.logHistory, newLogEntry],
  });
}

/**
 * Whether patience has run out. The metrics are for the record; the count decides.
 *
 * @remarks Python: `hf_gtc.training.trainer.should_stop_early(config, current_metric, best_metric, evaluations_without_improvement)`.
 * @example shouldStopEarly({ patience: 0, threshold: 0, mode: 'min', metricName: 'eval_loss' }, 0.9, 1, 2) // => true
 */
export function shouldStopEarly(config: EarlyStoppingConfig, _currentMetric: number, _bestMetric: number, evaluationsWithoutImprovement: number): boolean {
  notNull(config, 'config');
  return evaluationsWithoutImprovement >= config.patience;
}

/**
 * Whether a metric is better than the best by more than the threshold.
 *
 * @remarks Python: `hf_gtc.training.trainer.is_metric_improved(config, current_metric, best_metric)`.
 * @example isMetricImproved({ patience: 3, threshold: 0.01, mode: 'min', metricName: 'eval' }, 0.3, 0.4) // => true
 */
export function isMetricImproved(config: EarlyStoppingConfig, currentMetric: number, bestMetric: number): boolean {
  notNull(config, 'config');
  return config.mode === 'min' ? currentMetric < bestMetric - config.threshold : currentMetric > bestMetric + config.threshold;
}

/**
 * Steps of warm-up, rounded down.
 *
 * @throws {ValidationError} unless warmupRatio is between 0 and 1
 * @remarks Python: `hf_gtc.training.trainer.compute_warmup_steps(total_steps, warmup_ratio)`.
 * @example computeWarmupSteps(63, 1) // => 63
 */
export function computeWarmupSteps(totalSteps: number, warmupRatio: number): number {
  nonNegative(totalSteps, 'totalSteps');
  inRange(warmupRatio, 'warmupRatio', { min: 0, max: 1 });
  return Math.trunc(totalSteps * warmupRatio);
}

/**
 * The folder of a checkpoint.
 *
 * @throws {ValidationError} unless outputDir is not empty
 * @remarks Python: `hf_gtc.training.trainer.get_checkpoint_path(output_dir, global_step)`; the same text.
 */
export function getCheckpointPath(outputDir: string, globalStep: number): string {
  nonEmpty(outputDir, 'outputDir');
  nonNegative(globalStep, 'globalStep');
  return `${outputDir}/checkpoint-${globalStep}`;
}

/** Step of a checkpoint's path, or null for another path. */
function stepOf(path: string): number | null {
  const name = path.replace(/\/+$/, '').split('/').at(-1)!;
  const found = /^checkpoint-(\d+)\s*$/.exec(name);
  return found === null ? null : Number(found[1]);
}

/**
 * Paths that name a checkpoint, with their steps, the newest first.
 *
 * @remarks Python: `hf_gtc.training.trainer.list_checkpoints(checkpoint_paths)`.
 * @example listCheckpoints(['key', 'checkpoint-', 'key']) // => []
 */
export function listCheckpoints(checkpointPaths: readonly string[]): [path: string, step: number][] {
  notNull(checkpointPaths, 'checkpointPaths');
  const found = checkpointPaths.map(path => [path, stepOf(path)] as const);
  return found
    .filter((item): item is readonly [string, number] => item[1] !== null)
    .map(([path, step]): [string, number] => [path, step])
    .sort((a, b) => b[1] - a[1]);
}

/**
 * The path of the newest checkpoint, or null.
 *
 * @remarks Python: `hf_gtc.training.trainer.get_latest_checkpoint(checkpoint_paths)`.
 */
export function getLatestCheckpoint(checkpointPaths: readonly string[]): string | null {
  notNull(checkpointPaths, 'checkpointPaths');
  return listCheckpoints(checkpointPaths)[0]?.[0] ?? null;
}

/**
 * Checkpoints beyond the newest ones that are kept.
 *
 * @throws {ValidationError} unless saveTotalLimit is positive
 * @remarks Python: `hf_gtc.training.trainer.get_checkpoints_to_delete(checkpoint_paths, save_total_limit)`.
 * @example getCheckpointsToDelete([], 4096) // => []
 */
export function getCheckpointsToDelete(checkpointPaths: readonly string[], saveTotalLimit: number): string[] {
  notNull(checkpointPaths, 'checkpointPaths');
  positive(saveTotalLimit, 'saveTotalLimit');
  return listCheckpoints(checkpointPaths)
    .slice(saveTotalLimit)
    .map(([path]) => path);
}

/**
 * How far a run has come, in one line.
 *
 * @remarks Python: `hf_gtc.training.trainer.format_training_progress(progress)`; the same text.
 */
export function formatTrainingProgress(progress: TrainingProgress): string {
  notNull(progress, 'progress');
  const { currentStep, totalSteps, currentEpoch, totalEpochs, loss, learningRate } = progress;
  return [
    `Step ${currentStep}/${totalSteps}`,
    `(${formatFixed(trainingProgressPercentComplete(progress), 1)}%)`,
    `Epoch ${currentEpoch}/${totalEpochs}`,
    ...(loss === null ? [] : [`Loss: ${formatFixed(loss, 4)}`]),
    ...(learningRate === null ? [] : [`LR: ${scientific(learningRate)}`]),
  ].join(' | ');
}

/** `9.00e-01`, as Python's `.2e`. */
function scientific(value: number): string {
  if (!Number.isFinite(value)) return formatFixed(value, 2);
  const [mantissa, exponent] = value.toExponential(2).split('e') as [string, string];
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

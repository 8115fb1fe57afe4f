/** Callbacks of training: early stopping, logging and checkpoints. Mirrors `hf_gtc.training.callbacks`. */
import { createFrom, type Definition, formatFixed, nonNegative, notNull, oneOf, positive, ValidationError, validate } from '@gtc/errors';

/** Whether less or more of a metric is better. */
export const MetricMode = { MIN: 'min', MAX: 'max' } as const;
export type MetricMode = (typeof MetricMode)[keyof typeof MetricMode];

/** Values of {@link MetricMode}. */
export const VALID_METRIC_MODES: ReadonlySet<MetricMode> = new Set(Object.values(MetricMode));

/** When training ends early. */
export interface EarlyStoppingConfig {
  /** Evaluations without improvement. */
  readonly patience: number;
  /** Improvement that counts. */
  readonly threshold: number;
  readonly metric: string;
  readonly mode: MetricMode;
}

/** Defaults and rules of {@link EarlyStoppingConfig}. */
export const EarlyStoppingConfig: Definition<EarlyStoppingConfig> = {
  name: 'EarlyStoppingConfig',
  fields: {
    patience: { kind: 'int', default: 3, positive: true },
    threshold: { kind: 'float', default: 0, nonNegative: true },
    metric: { kind: 'string', default: 'eval_loss', nonBlank: true },
    mode: { kind: 'enum', of: MetricMode, default: MetricMode.MIN },
  },
};

/** What is logged. */
export interface LoggingConfig {
  readonly logEveryNSteps: number;
  readonly logPredictions: boolean;
  readonly logGradients: boolean;
  readonly maxSamplesToLog: number;
}

/** Defaults and rules of {@link LoggingConfig}. */
export const LoggingConfig: Definition<LoggingConfig> = {
  name: 'LoggingConfig',
  fields: {
    logEveryNSteps: { kind: 'int', default: 100, positive: true },
    logPredictions: { kind: 'bool', default: false },
    logGradients: { kind: 'bool', default: false },
    maxSamplesToLog: { kind: 'int', default: 10, positive: true },
  },
};

/** When the state is saved. */
export interface CheckpointConfig {
  readonly saveEveryNSteps: number;
  readonly saveTotalLimit: number | null;
  readonly saveOnEachNode: boolean;
  readonly metricForBestModel: string | null;
  readonly greaterIsBetter: boolean;
}

/** Defaults and rules of {@link CheckpointConfig}. */
export const CheckpointConfig: Definition<CheckpointConfig> = {
  name: 'CheckpointConfig',
  fields: {
    saveEveryNSteps: { kind: 'int', default: 500, positive: true },
    saveTotalLimit: { kind: 'int', default: null, nullable: true, positive: true },
    saveOnEachNode: { kind: 'bool', default: false },
    metricForBestModel: { kind: 'string', default: 'eval_loss', nullable: true },
    greaterIsBetter: { kind: 'bool', default: false },
  },
};

/** What callbacks keep in mind. */
export interface CallbackMetrics {
  readonly bestMetric: number | null;
  readonly bestStep: number;
  readonly epochsWithoutImprovement: number;
  readonly totalSteps: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateEarlyStoppingConfig(config: EarlyStoppingConfig): void {
  validate(EarlyStoppingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLoggingConfig(config: LoggingConfig): void {
  validate(LoggingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCheckpointConfig(config: CheckpointConfig): void {
  validate(CheckpointConfig, config);
}

/**
 * Whether training ends: after `patience` evaluations that were not better than the best one by more than the threshold.
 *
 * @param bestMetric null before the first evaluation
 * @returns whether to stop, the best metric and the evaluations since
 * @throws {ValidationError} for no configuration
 * @remarks Python: `hf_gtc.training.callbacks.should_stop_early(current_metric, best_metric, epochs_without_improvement, config)`.
 * @example shouldStopEarly(0.5, 0.4, 2, { patience: 3, threshold: 0, metric: 'eval_loss', mode: 'min' }) // => [true, 0.4, 3]
 */
export function shouldStopEarly(
  currentMetric: number,
  bestMetric: number | null,
  epochsWithoutImprovement: number,
  config: EarlyStoppingConfig,
): readonly [stop: boolean, best: number, epochsWithoutImprovement: number] {
  const { mode, threshold, patience } = notNull(config, 'config');
  const better = bestMetric === null || (mode === 'min' ? currentMetric < bestMetric - threshold : currentMetric > bestMetric + threshold);
  if (better) return [false, currentMetric, 0];
  const waited = epochsWithoutImprovement + 1;
  return [waited >= patience, bestMetric, waited];
}

/**
 * Kinds of callbacks in ascending order.
 *
 * @remarks Python: `hf_gtc.training.callbacks.list_callback_types()`.
 * @example listCallbackTypes() // => ['checkpoint', 'early_stopping', 'gradient_clip', 'logging']
 */
export function listCallbackTypes(): string[] {
  return ['checkpoint', 'early_stopping', 'gradient_clip', 'logging'];
}

/** Metrics by name. */
export type NamedMetrics = Readonly<Record<string, number>>;

/** What a trainer calls. */
export interface TrainerCallback {
  /** After a step of the optimizer. */
  onStep?(step: number, metrics: NamedMetrics): void;
  /** After an evaluation. @returns whether training ends */
  onEvaluate?(metrics: NamedMetrics): boolean;
}

/**
 * A callback that ends training early.
 *
 * @returns its `onEvaluate` refuses metrics that lack the one that is watched
 * @throws {ValidationError} naming every broken rule of the configuration
 * @remarks Python: `hf_gtc.training.callbacks.create_early_stopping_callback(config)`.
 * @example createEarlyStoppingCallback({ patience: 1, threshold: 0, metric: 'eval_loss', mode: 'min' }).onEvaluate({ eval_loss: 0.5 }) // => false
 */
export function createEarlyStoppingCallback(config: EarlyStoppingConfig): Required<Pick<TrainerCallback, 'onEvaluate'>> {
  validate(EarlyStoppingConfig, config);
  let best: number | null = null;
  let waited = 0;
  return {
    onEvaluate(metrics) {
      const current = metrics[config.metric];
      if (current === undefined)
        throw new ValidationError(`metrics must have ${config.metric}, got ${Object.keys(metrics).join(', ')}`, {
          parameter: 'metrics',
          received: metrics,
          expected: config.metric,
        });
      let stop: boolean;
      [stop, best, waited] = shouldStopEarly(current, best, waited, config);
      return stop;
    },
  };
}

/** Where a log goes that nobody redirects. */
function printLine(line: string): void {
  const { log } = console;
  log(line);
}

/**
 * A callback that writes a line of metrics every few steps.
 *
 * @param options `write` takes a line; the console unless given
 * @throws {ValidationError} naming every broken rule of the configuration
 * @remarks Python: `hf_gtc.training.callbacks.create_logging_callback(config)`.
 * @example const lines: string[] = [];
 * const config = { logEveryNSteps: 2, logPredictions: false, logGradients: false, maxSamplesToLog: 5 };
 * createLoggingCallback(config, { write: line => lines.push(line) }).onStep(4, { loss: 0.5 });
 * lines // => ['step 4 · loss 0.5000']
 */
export function createLoggingCallback(
  config: LoggingConfig,
  { write = printLine }: { readonly write?: (line: string) => void } = {},
): Required<Pick<TrainerCallback, 'onStep'>> {
  validate(LoggingConfig, config);
  return {
    onStep(step, metrics) {
      if (step % config.logEveryNSteps !== 0) return;
      const values = Object.entries(metrics).map(([name, value]) => `${name} ${formatFixed(value, 4)}`);
      write([`step ${step}`, ...values].join(' · '));
    },
  };
}

/**
 * Callbacks that most trainings want, by type and settings.
 *
 * @remarks Python: `hf_gtc.training.callbacks.get_recommended_callbacks(task=, enable_early_stopping=, enable_logging=)`.
 * @example getRecommendedCallbacks({ enableLogging: false })[0]?.type // => 'early_stopping'
 */
export function getRecommendedCallbacks({
  enableEarlyStopping = true,
  enableLogging = true,
}: {
  readonly task?: string;
  readonly enableEarlyStopping?: boolean;
  readonly enableLogging?: boolean;
} = {}): { readonly type: string; readonly config: Readonly<Record<string, unknown>> }[] {
  const stopping = createFrom(EarlyStoppingConfig);
  const logging = createFrom(LoggingConfig);
  return [
    ...(enableEarlyStopping ? [{ type: 'early_stopping', config: { ...stopping } }] : []),
    ...(enableLogging
      ? [
          {
            type: 'logging',
            config: { log_every_n_steps: logging.logEveryNSteps, log_predictions: logging.logPredictions, log_gradients: logging.logGradients },
          },
        ]
      : []),
  ];
}

/** Losses and accuracies of an epoch, as far as they were measured. */
export interface EpochMetrics {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly valLoss?: number | null;
  readonly trainAccuracy?: number | null;
  readonly valAccuracy?: number | null;
}

/**
 * Ends training after epochs whose loss did not fall.
 *
 * @remarks Rust: `training::callbacks::EarlyStopping`. The validation loss counts where there is one, else the training loss.
 * @example new EarlyStopping({ patience: 3 }).isStopped // => false
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  #best = Number.POSITIVE_INFINITY;
  #waited = 0;

  /** @throws {ValidationError} for a patience that is not positive or a negative `minDelta` */
  constructor({ patience = 3, minDelta = 0 }: { readonly patience?: number; readonly minDelta?: number } = {}) {
    this.patience = positive(patience, 'patience');
    this.minDelta = nonNegative(minDelta, 'minDelta');
  }

  /** Takes the losses of an epoch. */
  onEpochEnd(metrics: EpochMetrics): void {
    const loss = metrics.valLoss ?? metrics.trainLoss;
    const better = loss < this.#best - this.minDelta;
    this.#waited = better ? 0 : this.#waited + 1;
    if (better) this.#best = loss;
  }

  /** Whether training ends. */
  get isStopped(): boolean {
    return this.#waited >= this.patience;
  }

  /** Epochs since the best one. */
  get waitCount(): number {
    return this.#waited;
  }

  /** Least loss so far, infinite before the first epoch. */
  get bestLoss(): number {
    return this.#best;
  }

  /** Forgets all epochs. */
  reset(): void {
    this.#best = Number.POSITIVE_INFINITY;
    this.#waited = 0;
  }
}

/** Metrics of an epoch that can be watched. */
const WATCHED = { train_loss: 'trainLoss', val_loss: 'valLoss', train_accuracy: 'trainAccuracy', val_accuracy: 'valAccuracy' } as const;

/**
 * Decides after which epochs a model is saved: all of them, or those that are better than all before. Losses are to fall, accuracies to rise.
 *
 * @remarks Rust: `training::callbacks::ModelCheckpoint`.
 * @example new ModelCheckpoint({ monitor: 'val_accuracy' }).shouldSave({ epoch: 0, trainLoss: 1, valAccuracy: 0.5 }) // => true
 */
export class ModelCheckpoint {
  readonly monitor: keyof typeof WATCHED;
  readonly saveBestOnly: boolean;
  #best: number;
  #lastSaved: number | null = null;

  /** @throws {ValidationError} naming the metrics that can be watched */
  constructor({ monitor = 'val_loss', saveBestOnly = true }: { readonly monitor?: keyof typeof WATCHED; readonly saveBestOnly?: boolean } = {}) {
    this.monitor = oneOf(monitor, 'monitor', Object.keys(WATCHED)) as keyof typeof WATCHED;
    this.saveBestOnly = saveBestOnly;
    this.#best = this.#worst();
  }

  #worst(): number {
    return this.monitor.endsWith('loss') ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Whether the model of this epoch is saved; an epoch without the watched metric is not. */
  shouldSave(metrics: EpochMetrics): boolean {
    const value = metrics[WATCHED[this.monitor]];
    if (value === undefined || value === null) return false;
    const better = this.monitor.endsWith('loss') ? value < this.#best : value > this.#best;
    if (better) this.#best = value;
    if (this.saveBestOnly && !better) return false;
    this.#lastSaved = metrics.epoch;
    return true;
  }

  /** Best value so far, infinite before the first epoch. */
  get bestValue(): number {
    return this.#best;
  }

  /** Epoch that was saved last. */
  get lastSavedEpoch(): number | null {
    return this.#lastSaved;
  }

  /** Forgets all epochs. */
  reset(): void {
    this.#best = this.#worst();
    this.#lastSaved = null;
  }
}

/** Fine-tuning: its settings, the number of steps, and a trainer that runs them. Mirrors `hf_gtc.training.fine_tuning`. */
import { allPositive, createFrom, type Definition, nonEmpty, validate } from '@gtc/errors';
import { type FitOptions, type TrainableModel, Trainer, type TrainingMetrics } from './trainer.js';

/** When a model is evaluated. */
export const VALID_EVAL_STRATEGIES: ReadonlySet<string> = new Set(['epoch', 'no', 'steps']);

/** When a model is saved. */
export const VALID_SAVE_STRATEGIES: ReadonlySet<string> = new Set(['epoch', 'no', 'steps']);

/** A fine-tuning run. */
export interface TrainingConfig {
  readonly outputDir: string;
  readonly numEpochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Share of the steps in which the rate rises. */
  readonly warmupRatio: number;
  readonly evalStrategy: string;
  readonly saveStrategy: string;
  /** Steps between two entries of the log. */
  readonly loggingSteps: number;
  readonly fp16: boolean;
}

/** Defaults and rules of {@link TrainingConfig}. */
export const TrainingConfig: Definition<TrainingConfig> = {
  name: 'TrainingConfig',
  fields: {
    outputDir: { kind: 'string', nonEmpty: true },
    numEpochs: { kind: 'int', default: 3, positive: true },
    batchSize: { kind: 'int', default: 8, positive: true },
    learningRate: { kind: 'float', default: 5e-5, positive: true },
    weightDecay: { kind: 'float', default: 0.01, nonNegative: true },
    warmupRatio: { kind: 'float', default: 0.1, min: 0, max: 1 },
    evalStrategy: { kind: 'string', oneOf: VALID_EVAL_STRATEGIES, default: 'epoch' },
    saveStrategy: { kind: 'string', oneOf: VALID_SAVE_STRATEGIES, default: 'epoch' },
    loggingSteps: { kind: 'int', default: 100, positive: true },
    fp16: { kind: 'bool', default: false },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTrainingConfig(config: TrainingConfig): void {
  validate(TrainingConfig, config);
}

/**
 * Settles a fine-tuning run. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.training.fine_tuning.create_training_args(output_dir, num_epochs=, ...)`, which returns `transformers.TrainingArguments`.
 */
export function createTrainingArgs(outputDir: string, options: Partial<Omit<TrainingConfig, 'outputDir'>> = {}): TrainingConfig {
  return createFrom(TrainingConfig, { ...options, outputDir });
}

/** What a trainer measures by: predictions and labels to named numbers. */
export type MetricsFunction<Example> = (
  model: TrainableModel<Example>,
  examples: readonly Example[],
) => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;

/** A run that is ready to start. */
export interface FineTuningRun<_Example> {
  readonly trainer: Trainer;
  /** Trains, with a warm-up and a linear decay of the rate to 0. */
  train(options?: Pick<FitOptions, 'seed' | 'signal' | 'onEpochEnd'>): Promise<readonly TrainingMetrics[]>;
  /** Loss and metrics on the evaluation examples, or on the training examples where there are none. */
  evaluate(): Promise<Readonly<Record<string, number>>>;
}

/**
 * Puts model, settings and examples together; the rate rises over `warmupRatio` of the steps and falls linearly to 0, as in `transformers`.
 *
 * @throws {ValidationError} for settings that break a rule or no examples
 * @remarks Python: `hf_gtc.training.fine_tuning.create_trainer(model, training_args, train_dataset, eval_dataset=, compute_metrics=)`.
 */
export function createTrainer<Example>(
  model: TrainableModel<Example>,
  trainingArgs: TrainingConfig,
  trainDataset: readonly Example[],
  {
    evalDataset = null,
    computeMetrics = null,
  }: { readonly evalDataset?: readonly Example[] | null; readonly computeMetrics?: MetricsFunction<Example> | null } = {},
): FineTuningRun<Example> {
  validate(TrainingConfig, trainingArgs, 'trainingArgs');
  const { numEpochs, batchSize, learningRate, weightDecay, warmupRatio } = trainingArgs;
  const measured = evalDataset ?? nonEmpty(trainDataset, 'trainDataset');
  const trainer = new Trainer({ epochs: numEpochs, batchSize, learningRate, weightDecay, validationSplit: 0 });
  const learningRateAt = (step: number, total: number): number => {
    const warmup = Math.ceil(total * warmupRatio);
    return learningRate * (step < warmup ? step / warmup : (total - step) / Math.max(1, total - warmup));
  };
  return {
    trainer,
    train: options => trainer.fit(model, trainDataset, { ...options, learningRateAt }),
    evaluate: async () => ({ loss: (await model.evaluate(measured)).loss, ...(await computeMetrics?.(model, measured)) }),
  };
}

/**
 * Optimizer steps of a run; batches and accumulated batches that are not full count nothing.
 *
 * @throws {ValidationError} unless gradientAccumulationSteps, numSamples, numEpochs and batchSize are positive
 * @remarks Python: `hf_gtc.training.fine_tuning.compute_num_training_steps(num_samples, batch_size, num_epochs, gradient_accumulation_steps=)`.
 * @example computeNumTrainingSteps(34, 8, 3) // => 12
 */
export function computeNumTrainingSteps(
  numSamples: number,
  batchSize: number,
  numEpochs: number,
  { gradientAccumulationSteps = 1 }: { readonly gradientAccumulationSteps?: number } = {},
): number {
  allPositive({ numSamples, batchSize, numEpochs, gradientAccumulationSteps });
  return Math.floor(Math.floor(numSamples / batchSize) / gradientAccumulationSteps) * numEpochs;
}

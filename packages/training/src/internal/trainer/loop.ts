/** The loop itself: batches, validation, early stopping. */
import { createFrom, type Definition, NumericError, nonEmpty } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';

/** What one step or one evaluation measured. */
export interface StepResult {
  readonly loss: number;
  readonly accuracy?: number | null;
}

/** What a step is told. */
export interface StepSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Greatest norm of the gradient; null does not clip. */
  readonly gradientClip: number | null;
}

/** What {@link Trainer} asks of a model: one optimizer step on a batch, and a measurement without one. */
export interface TrainableModel<Example> {
  trainStep(batch: readonly Example[], settings: StepSettings): StepResult | Promise<StepResult>;
  evaluate(examples: readonly Example[]): StepResult | Promise<StepResult>;
}

/** Measurements of an epoch; epochs count from 1. */
export interface TrainingMetrics {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly valLoss: number | null;
  readonly trainAccuracy: number | null;
  readonly valAccuracy: number | null;
}

/** How long and how fast a {@link Trainer} trains. */
export interface TrainerConfig {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Greatest norm of the gradient; null does not clip. */
  readonly gradientClip: number | null;
  /** Epochs without a lower loss after which training ends; null never ends it early. */
  readonly earlyStopping: number | null;
  /** Share of the examples, the last ones, that measure and do not train. */
  readonly validationSplit: number;
}

/** Defaults and rules of {@link TrainerConfig}. */
export const TrainerConfig: Definition<TrainerConfig> = {
  name: 'TrainerConfig',
  fields: {
    epochs: { kind: 'int', default: 10, positive: true },
    batchSize: { kind: 'int', default: 32, positive: true },
    learningRate: { kind: 'float', default: 0.001, positive: true, finite: true },
    weightDecay: { kind: 'float', default: 0.01, nonNegative: true },
    gradientClip: { kind: 'float', default: 1, nullable: true, positive: true },
    earlyStopping: { kind: 'int', default: null, nullable: true, positive: true },
    validationSplit: { kind: 'float', default: 0.1, min: 0, below: 1 },
  },
};

/** Options of {@link Trainer.fit}. */
export interface FitOptions {
  /** Order of the examples in each epoch; the same seed repeats it. */
  readonly seed?: number;
  /** The rate of a step, the schedule of `@gtc/training/schedulers` for example; by default the configured one throughout. */
  readonly learningRateAt?: (step: number, totalSteps: number) => number;
  readonly onEpochEnd?: (metrics: TrainingMetrics) => void;
  readonly signal?: AbortSignal;
}

/**
 * Trains a model by epochs: shuffles, cuts into batches, steps, validates, stops early.
 *
 * @remarks Rust: `training::trainer::Trainer`. Python: `transformers.Trainer`.
 * @example new Trainer({ epochs: 3, learningRate: 0.01, earlyStopping: 2 }).config.epochs // => 3
 */
export class Trainer {
  readonly config: TrainerConfig;
  #history: TrainingMetrics[] = [];
  #best = Number.POSITIVE_INFINITY;
  #waited = 0;

  /** @throws {ValidationError} naming every broken rule */
  constructor(config: Partial<TrainerConfig> = {}) {
    this.config = createFrom(TrainerConfig, config);
  }

  /** Epochs recorded. */
  get currentEpoch(): number {
    return this.#history.length;
  }

  /** The least loss: of validation where there is one, else of training. */
  get bestLoss(): number {
    return this.#best;
  }

  /** Measurements of the epochs so far. */
  get history(): readonly TrainingMetrics[] {
    return this.#history;
  }

  /** Whether the epochs are done or patience has run out. */
  get shouldStop(): boolean {
    const { epochs, earlyStopping } = this.config;
    return this.currentEpoch >= epochs || (earlyStopping !== null && this.#waited >= earlyStopping);
  }

  /** Takes the measurements of an epoch. */
  recordEpoch(metrics: TrainingMetrics): void {
    const loss = metrics.valLoss ?? metrics.trainLoss;
    this.#waited = loss < this.#best ? 0 : this.#waited + 1;
    this.#best = Math.min(this.#best, Number.isNaN(loss) ? this.#best : loss);
    this.#history.push(metrics);
  }

  /** Forgets all epochs. */
  reset(): void {
    this.#history = [];
    this.#best = Number.POSITIVE_INFINITY;
    this.#waited = 0;
  }

  /**
   * Trains until the epochs are done or patience has run out; goes on from what is recorded.
   *
   * @returns measurements of all epochs
   * @throws {ValidationError} for no examples, or none left to train on
   * @throws {NumericError} when a loss is not finite: the epoch and the step are named
   */
  async fit<Example>(model: TrainableModel<Example>, examples: readonly Example[], options: FitOptions = {}): Promise<readonly TrainingMetrics[]> {
    const { seed = 42, onEpochEnd } = options;
    const held = Math.trunc(nonEmpty(examples, 'examples').length * this.config.validationSplit);
    const training = examples.slice(0, examples.length - held);
    const validation = examples.slice(training.length);
    const random = new PythonRandom(seed);
    while (!this.shouldStop) {
      const train = await this.#epoch(model, random.sample(training, training.length), options);
      const checked = validation.length > 0 ? await model.evaluate(validation) : null;
      this.recordEpoch({
        epoch: this.currentEpoch + 1,
        trainLoss: train.loss,
        valLoss: checked?.loss ?? null,
        trainAccuracy: train.accuracy ?? null,
        valAccuracy: checked?.accuracy ?? null,
      });
      onEpochEnd?.(this.#history.at(-1)!);
    }
    return this.history;
  }

  /** One pass over shuffled examples; the means weigh each batch by its size. */
  async #epoch<Example>(model: TrainableModel<Example>, examples: readonly Example[], { learningRateAt, signal }: FitOptions): Promise<StepResult> {
    const { batchSize, learningRate, weightDecay, gradientClip, epochs } = this.config;
    const steps = Math.ceil(examples.length / batchSize);
    let loss = 0;
    let accuracy: number | null = 0;
    for (let index = 0; index < steps; index++) {
      signal?.throwIfAborted();
      const step = this.currentEpoch * steps + index;
      const batch = examples.slice(index * batchSize, (index + 1) * batchSize);
      const result = await model.trainStep(batch, { learningRate: learningRateAt?.(step, epochs * steps) ?? learningRate, weightDecay, gradientClip });
      if (!Number.isFinite(result.loss))
        throw new NumericError(`loss must be finite, got ${result.loss} in epoch ${this.currentEpoch + 1}, step ${step}`, {
          parameter: 'loss',
          received: result.loss,
        });
      loss += (result.loss * batch.length) / examples.length;
      accuracy =
        accuracy === null || result.accuracy === undefined || result.accuracy === null ? null : accuracy + (result.accuracy * batch.length) / examples.length;
    }
    return { loss, accuracy };
  }
}

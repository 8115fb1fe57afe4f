/** Inference from start to end: inputs in batches through a model, logits to labels. */
import { createFrom, type Definition, nonEmpty, StateError, sameLength, ValidationError } from '@gtc/errors';
import { softmax } from '@gtc/tensor/statistics';

/** How a pipeline runs. */
export interface PipelineConfig {
  readonly batchSize: number;
  /** Numbers of an input at most; longer ones are cut. */
  readonly maxLength: number;
  /** Turns logits into probabilities; without, the scores are what the model gives. */
  readonly postprocess: boolean;
}

/** Defaults and rules of {@link PipelineConfig}. */
export const PipelineConfig: Definition<PipelineConfig> = {
  name: 'PipelineConfig',
  fields: {
    batchSize: { kind: 'int', default: 32, positive: true },
    maxLength: { kind: 'int', default: 512, positive: true },
    postprocess: { kind: 'bool', default: true },
  },
};

/**
 * What a pipeline predicts: for each input the best label, how sure it is, and the scores of all labels.
 *
 * @remarks Rust: `inference::pipeline::PipelineResult`.
 * @example new PipelineResult([[0.2, 0.8]], 5).topPrediction // => [1, 0.8]
 */
export class PipelineResult {
  /** One row for each input. */
  readonly scores: readonly (readonly number[])[];
  readonly elapsedMs: number;

  constructor(scores: readonly (readonly number[])[], elapsedMs: number) {
    this.scores = scores;
    this.elapsedMs = elapsedMs;
  }

  /** Place of the greatest score of each input; the first of equal ones. */
  get labels(): number[] {
    return this.scores.map(row => row.indexOf(Math.max(...row)));
  }

  /** Greatest score of each input. */
  get confidences(): number[] {
    return this.scores.map(row => Math.max(...row));
  }

  /** The surest prediction of all inputs; null without any. */
  get topPrediction(): [label: number, confidence: number] | null {
    const { labels, confidences } = this;
    const best = confidences.indexOf(Math.max(...confidences));
    return best === -1 ? null : [labels[best]!, confidences[best]!];
  }

  get isEmpty(): boolean {
    return this.scores.length === 0;
  }

  get length(): number {
    return this.scores.length;
  }
}

/** A model: logits for each input of a batch. */
export type BatchModel = (batch: readonly (readonly number[])[]) => readonly (readonly number[])[] | Promise<readonly (readonly number[])[]>;

/** What a pipeline is made of. */
export interface PipelineParts {
  readonly model: BatchModel;
  /** Turns a text into the model's input. */
  readonly preprocess?: (text: string) => readonly number[];
  /** Loads what the model needs; called once. */
  readonly load?: () => void | Promise<void>;
}

/**
 * Runs a model over inputs in batches.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `inference::pipeline::InferencePipeline`.
 * @example (await (await new InferencePipeline({ model: batch => batch.map(([x = 0]) => [0, x]) }).initialize()).predict([[2], [-2]])).labels // => [1, 0]
 */
export class InferencePipeline {
  readonly config: PipelineConfig;
  readonly #parts: PipelineParts;
  #ready = false;

  constructor(parts: PipelineParts, options: Partial<PipelineConfig> = {}) {
    this.config = createFrom(PipelineConfig, options);
    this.#parts = parts;
  }

  /** Loads what the model needs, once. */
  async initialize(): Promise<this> {
    if (!this.#ready) await this.#parts.load?.();
    this.#ready = true;
    return this;
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /**
   * Scores of inputs, in their order.
   *
   * @throws {StateError} before {@link initialize}
   * @throws {ValidationError} without inputs, or for a model that answers with no row of finite scores for each
   */
  async predict(inputs: readonly (readonly number[])[]): Promise<PipelineResult> {
    if (!this.#ready) throw new StateError('the pipeline must be initialized before it predicts', { parameter: 'initialize' });
    nonEmpty(inputs, 'inputs');
    const started = performance.now();
    const scores: (readonly number[])[] = [];
    for (let start = 0; start < inputs.length; start += this.config.batchSize) {
      const batch = inputs.slice(start, start + this.config.batchSize).map(input => input.slice(0, this.config.maxLength));
      scores.push(...this.#checked(await this.#parts.model(batch), batch.length));
    }
    return new PipelineResult(this.config.postprocess ? scores.map(softmax) : scores, performance.now() - started);
  }

  /**
   * Scores of texts, each turned into the model's input first.
   *
   * @throws {ValidationError} for a pipeline without `preprocess`
   */
  async predictWithPreprocessing(texts: readonly string[]): Promise<PipelineResult> {
    const { preprocess } = this.#parts;
    if (preprocess === undefined) throw new ValidationError('preprocess must be given to predict from texts, got undefined', { parameter: 'preprocess' });
    return this.predict(texts.map(text => preprocess(text)));
  }

  /** Forgets that the model was loaded. */
  reset(): void {
    this.#ready = false;
  }

  #checked(rows: readonly (readonly number[])[], expected: number): readonly (readonly number[])[] {
    sameLength({ 'rows of the model': rows, inputs: { length: expected } });
    const broken = rows.findIndex(row => row.length === 0 || !row.every(Number.isFinite));
    if (broken !== -1)
      throw new ValidationError(`model must give finite scores, got ${JSON.stringify(rows[broken])} for input ${broken}`, {
        parameter: 'model',
        received: rows[broken],
      });
    return rows;
  }
}

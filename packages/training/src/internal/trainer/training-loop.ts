/** Trains models of tensors: steps, evaluations, checkpoints, and going on from them. */
import { createFrom, FormatError, NumericError, nonEmpty, StateError, ValidationError } from '@gtc/errors';
import { noGrad, scope, type Tensor } from '@gtc/tensor';
import { loadNpz, saveNpz } from '@gtc/tensor/io';
import { manualSeed, type Parameter } from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import { clipGradNorm, totalNorm } from '../gradient/clip.js';
import { createOptimizer, splitByDecay } from '../optimizers/create.js';
import type { Optimizer, OptimizerState } from '../optimizers/optimizer.js';
import { getScheduler, getWarmupSteps } from '../schedulers/transformers.js';
import { type Strategy, TrainingArguments } from './arguments.js';
import type { CheckpointContent, CheckpointStore } from './store.js';

/** What is trained: models of `@gtc/tensor/nn`, those of `@gtc/models`, and adapters. */
export interface Trainable {
  /** Parameters by name; those that need no gradient stay as they are. */
  namedParameters(): [string, Parameter][];
  /** Switches dropout and the like. */
  train?(on?: boolean): unknown;
}

/** How tensors become bytes in checkpoints. */
export interface TensorCodec {
  /** End of the names of files. */
  readonly extension: string;
  encode(tensors: Readonly<Record<string, Tensor>>): Uint8Array;
  decode(bytes: Uint8Array): Promise<Readonly<Record<string, Tensor>>> | Readonly<Record<string, Tensor>>;
}

/** What {@link TrainingLoop} is made of. */
export interface TrainingLoopOptions<Example> {
  readonly model: Trainable;
  /** The mean loss of a batch. */
  readonly lossOf: (batch: readonly Example[]) => Tensor;
  readonly train: readonly Example[];
  readonly evaluation?: readonly Example[] | null;
  readonly args?: Partial<TrainingArguments>;
  /** Where checkpoints are kept; without one nothing is saved. */
  readonly store?: CheckpointStore | null;
  /** Default: `.npz`. */
  readonly codec?: TensorCodec;
  /** In place of AdamW with the settings of `args`; its rates follow the schedule. */
  readonly optimizer?: Optimizer | null;
}

/** What happens in training. */
export type TrainingEvent =
  | { readonly type: 'log'; readonly step: number; readonly epoch: number; readonly loss: number; readonly gradNorm: number; readonly learningRate: number }
  | { readonly type: 'evaluation'; readonly step: number; readonly epoch: number; readonly evalLoss: number; readonly best: boolean }
  | { readonly type: 'save'; readonly step: number; readonly checkpoint: string }
  | { readonly type: 'step'; readonly step: number; readonly totalSteps: number; readonly loss: number };

/** How training ended. */
export interface TrainingResult {
  readonly globalStep: number;
  readonly maxSteps: number;
  readonly epoch: number;
  /** Mean over all steps. */
  readonly trainLoss: number;
  readonly bestMetric: number | null;
  readonly bestCheckpoint: string | null;
  /** Why it ended: all steps are done, patience ran out, or it was asked to. */
  readonly ended: 'steps' | 'patience' | 'signal';
}

/** What a checkpoint remembers beside tensors. */
interface Progress {
  globalStep: number;
  lossSum: number;
  /** Loss since the last log, and steps of it. */
  loggedSum: number;
  loggedSteps: number;
  bestMetric: number | null;
  bestCheckpoint: string | null;
  waited: number;
  epoch: number;
}

const NPZ: TensorCodec = { extension: 'npz', encode: saveNpz, decode: loadNpz };
const text = new TextEncoder();
const json = (value: unknown): Uint8Array => text.encode(JSON.stringify(value));

const stepOf = (name: string): number => Number(/^checkpoint-(\d+)$/.exec(name)?.[1] ?? Number.NaN);

/** Mixes the seed of a run with a step, for streams that do not repeat. */
const seedOf = (seed: number, step: number): number => (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(step + 1, 0xc2b2ae35)) >>> 0;

/**
 * Trains a model by AdamW or another optimizer: batches, accumulation, clipping, a schedule with warm-up, evaluation, early stopping, checkpoints that
 * are whole or not there, and going on from the last to the same next loss, bit for bit.
 *
 * @throws {ValidationError} naming every broken rule of `args`, for no examples, or an evaluation that is asked for without examples
 * @remarks Python: `transformers.Trainer(model, args, train_dataset, eval_dataset)`; losses, norms and rates within 1e-4.
 * @example
 * import * as nn from '@gtc/tensor/nn';
 * import { tensor } from '@gtc/tensor';
 * const model = new nn.Linear(1, 1);
 * const lossOf = batch => nn.mseLoss(model.forward(tensor(batch.map(([x]) => [x]))), tensor(batch.map(([, y]) => [y])));
 * const loop = new TrainingLoop({ model, lossOf, train: [[0, 1], [1, 3]], args: { maxSteps: 3, learningRate: 0.1 } });
 * (await loop.run()).globalStep // => 3
 */
export class TrainingLoop<Example> {
  readonly args: TrainingArguments;
  readonly #options: TrainingLoopOptions<Example>;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #optimizer: Optimizer;
  readonly #lrAt: (step: number) => number;
  #progress: Progress = { globalStep: 0, lossSum: 0, loggedSum: 0, loggedSteps: 0, bestMetric: null, bestCheckpoint: null, waited: 0, epoch: 0 };
  #result: TrainingResult | null = null;

  constructor(options: TrainingLoopOptions<Example>) {
    this.#options = options;
    this.args = createFrom(TrainingArguments, options.args ?? {});
    nonEmpty(options.train, 'train');
    if (this.args.evalStrategy !== 'no') nonEmpty(options.evaluation ?? [], 'evaluation');
    this.#parameters = new Map(options.model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad));
    if (this.#parameters.size === 0) throw new ValidationError('model must have a parameter that needs a gradient', { parameter: 'model' });
    if (this.batchesPerEpoch === 0)
      throw new ValidationError(`train must fill a batch of ${this.args.trainBatchSize} when the last one is left out, got ${options.train.length} examples`, {
        parameter: 'train',
      });
    this.#optimizer = options.optimizer ?? this.#adamw();
    const { learningRate, lrSchedulerType, warmupSteps } = this.args;
    const numTrainingSteps = this.maxSteps;
    const rates = getScheduler(lrSchedulerType, { baseLr: learningRate, numWarmupSteps: getWarmupSteps(warmupSteps, numTrainingSteps), numTrainingSteps });
    this.#lrAt = step => rates.lrAt(step);
  }

  /** Batches of an epoch. */
  get batchesPerEpoch(): number {
    const { trainBatchSize, dataloaderDropLast } = this.args;
    const whole = this.#options.train.length / trainBatchSize;
    return dataloaderDropLast ? Math.floor(whole) : Math.ceil(whole);
  }

  /** Steps of an epoch. */
  get stepsPerEpoch(): number {
    return Math.ceil(this.batchesPerEpoch / this.args.gradientAccumulationSteps);
  }

  /** Steps of the whole run. */
  get maxSteps(): number {
    return this.args.maxSteps > 0 ? this.args.maxSteps : Math.ceil(this.args.numTrainEpochs * this.stepsPerEpoch);
  }

  #adamw(): Optimizer {
    const { learningRate: lr, weightDecay, adamBeta1, adamBeta2, adamEpsilon: eps } = this.args;
    const { decay, noDecay } = splitByDecay([...this.#parameters.keys()]);
    const group = (names: readonly string[], share: number) => ({ params: names.map(name => this.#parameters.get(name)!), weightDecay: share });
    const groups = [group(decay, weightDecay), group(noDecay, 0)].filter(({ params }) => params.length > 0);
    return createOptimizer('AdamW', groups, { lr, betas: [adamBeta1, adamBeta2], eps });
  }

  /** Examples of a batch of the whole run. */
  #batch(number: number): readonly Example[] {
    const { trainBatchSize, shuffle, seed } = this.args;
    const { train } = this.#options;
    const epoch = Math.floor(number / this.batchesPerEpoch);
    const start = (number % this.batchesPerEpoch) * trainBatchSize;
    const order = shuffle ? this.#orderOf(epoch, seed) : null;
    return Array.from({ length: Math.min(trainBatchSize, train.length - start) }, (_, i) => train[order === null ? start + i : order[start + i]!]!);
  }

  #known: { readonly epoch: number; readonly order: readonly number[] } | null = null;

  #orderOf(epoch: number, seed: number): readonly number[] {
    if (this.#known?.epoch !== epoch)
      this.#known = { epoch, order: [...new TorchGenerator(seedOf(seed, -1 - epoch)).randperm(this.#options.train.length)].map(Number) };
    return this.#known.order;
  }

  /** One step over its batches. @returns loss and norm of the gradients before they are cut */
  #step(step: number): { readonly loss: number; readonly gradNorm: number } {
    const { gradientAccumulationSteps: most, maxGradNorm, seed } = this.args;
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const first = (step % this.stepsPerEpoch) * most;
    const count = Math.min(most, this.batchesPerEpoch - first);
    // A stream for each step: who goes on from a checkpoint drops what he would have dropped.
    manualSeed(seedOf(seed, step));
    const learningRate = this.#lrAt(step);
    for (const group of this.#optimizer.paramGroups) group.lr = learningRate;
    let loss = 0;
    for (let i = 0; i < count; i++) {
      loss += scope(() => {
        const mean = this.#options.lossOf(this.#batch(epoch * this.batchesPerEpoch + first + i));
        const share = count === 1 ? mean : mean.div(count);
        share.backward();
        return share.item() as number;
      });
    }
    if (!Number.isFinite(loss)) throw new NumericError(`the loss must be finite, got ${loss} in step ${step + 1}`, { parameter: 'loss', received: loss });
    const grads = [...this.#parameters.values()].flatMap(({ grad }) => (grad === null ? [] : [grad]));
    const gradNorm = noGrad(() => (maxGradNorm > 0 ? clipGradNorm(grads, maxGradNorm) : totalNorm(grads)));
    this.#optimizer.step();
    this.#optimizer.zeroGrad();
    return { loss, gradNorm };
  }

  /** The mean loss over the examples of the evaluation. */
  evaluate(): number {
    const { model, evaluation, lossOf } = this.#options;
    const examples = nonEmpty(evaluation ?? [], 'evaluation');
    const { evalBatchSize } = this.args;
    model.train?.(false);
    let sum = 0;
    for (let at = 0; at < examples.length; at += evalBatchSize) {
      const batch = examples.slice(at, at + evalBatchSize);
      sum += noGrad(() => scope(() => lossOf(batch).item() as number)) * batch.length;
    }
    model.train?.(true);
    return sum / examples.length;
  }

  #due(strategy: Strategy, every: number, step: number): boolean {
    if (strategy === 'no') return false;
    return strategy === 'steps' ? step % every === 0 : step % this.stepsPerEpoch === 0 || step === this.maxSteps;
  }

  /**
   * Trains, telling what happens as it does.
   *
   * @param options `resumeFrom` the name of a checkpoint, or true for the newest where there is one; `signal` ends the run after the step at hand
   * @throws {NumericError} when a loss is not finite @throws {NotFoundError} for a checkpoint that is not there
   * @throws {FormatError} for one that does not belong to this model
   */
  async *train({
    resumeFrom = false,
    signal,
  }: {
    readonly resumeFrom?: string | boolean;
    readonly signal?: AbortSignal;
  } = {}): AsyncGenerator<TrainingEvent, TrainingResult> {
    await this.#resume(resumeFrom);
    const { args } = this;
    this.#options.model.train?.(true);
    this.#optimizer.zeroGrad();
    let ended: TrainingResult['ended'] = 'steps';
    const progress = this.#progress;
    while (progress.globalStep < this.maxSteps) {
      // Whoever may end the run gets a turn between steps.
      if (signal !== undefined) await new Promise(resolve => setTimeout(resolve, 0));
      if (signal?.aborted) {
        ended = 'signal';
        break;
      }
      const learningRate = this.#lrAt(progress.globalStep);
      const { loss, gradNorm } = this.#step(progress.globalStep);
      const step = ++progress.globalStep;
      progress.lossSum += loss;
      progress.loggedSum += loss;
      progress.loggedSteps++;
      const inEpoch = ((step - 1) % this.stepsPerEpoch) + 1;
      const batches = Math.min(inEpoch * args.gradientAccumulationSteps, this.batchesPerEpoch);
      progress.epoch = Math.floor((step - 1) / this.stepsPerEpoch) + batches / this.batchesPerEpoch;
      const { epoch } = progress;
      yield { type: 'step', step, totalSteps: this.maxSteps, loss };
      if (this.#due(args.loggingStrategy, args.loggingSteps, step)) {
        yield { type: 'log', step, epoch, loss: progress.loggedSum / progress.loggedSteps, gradNorm, learningRate };
        [progress.loggedSum, progress.loggedSteps] = [0, 0];
      }
      let patient = true;
      if (this.#due(args.evalStrategy, args.evalSteps ?? args.loggingSteps, step)) {
        const evalLoss = this.evaluate();
        const best = this.#judge(evalLoss, step);
        patient = args.earlyStoppingPatience === null || progress.waited < args.earlyStoppingPatience;
        yield { type: 'evaluation', step, epoch, evalLoss, best };
      }
      if (this.#options.store != null && this.#due(args.saveStrategy, args.saveSteps, step)) yield await this.#save(this.#options.store, step);
      if (!patient) {
        ended = 'patience';
        break;
      }
    }
    await this.#finish();
    const { globalStep, epoch, bestMetric, bestCheckpoint, lossSum } = progress;
    this.#result = { globalStep, maxSteps: this.maxSteps, epoch, trainLoss: globalStep === 0 ? 0 : lossSum / globalStep, bestMetric, bestCheckpoint, ended };
    return this.#result;
  }

  /** Trains to the end. @param options as {@link TrainingLoop.train}'s, and `onEvent` */
  async run({
    onEvent,
    ...options
  }: {
    readonly resumeFrom?: string | boolean;
    readonly signal?: AbortSignal;
    readonly onEvent?: (event: TrainingEvent) => void;
  } = {}): Promise<TrainingResult> {
    const events = this.train(options);
    for (;;) {
      const { done, value } = await events.next();
      if (done) return value;
      onEvent?.(value);
    }
  }

  /** Takes in the loss of an evaluation. @returns whether it is the least so far */
  #judge(evalLoss: number, step: number): boolean {
    const progress = this.#progress;
    const { bestMetric } = progress;
    const better = bestMetric === null || evalLoss < bestMetric;
    const counts = bestMetric === null || (better && Math.abs(evalLoss - bestMetric) > this.args.earlyStoppingThreshold);
    progress.waited = counts ? 0 : progress.waited + 1;
    if (!this.args.loadBestModelAtEnd && this.args.earlyStoppingPatience === null) return better;
    if (better) {
      progress.bestMetric = evalLoss;
      if (this.#options.store != null && this.args.saveStrategy === this.args.evalStrategy) progress.bestCheckpoint = `checkpoint-${step}`;
    }
    return better;
  }

  async #save(store: CheckpointStore, step: number): Promise<TrainingEvent> {
    const checkpoint = `checkpoint-${step}`;
    await store.write(checkpoint, this.#content());
    await this.#rotate(store);
    return { type: 'save', step, checkpoint };
  }

  /** The files of a checkpoint. */
  #content(): CheckpointContent {
    const { extension, encode } = this.#options.codec ?? NPZ;
    const { state, paramGroups } = this.#optimizer.stateDict();
    const moments = Object.entries(state).flatMap(([number, entry]) =>
      Object.entries(entry).flatMap(([name, value]) => (typeof value === 'number' ? [] : [[`${number}.${name}`, value] as const])),
    );
    const steps = Object.fromEntries(Object.entries(state).map(([number, { step }]) => [number, step]));
    return {
      [`model.${extension}`]: encode(Object.fromEntries([...this.#parameters].map(([name, parameter]) => [name, parameter.detach()]))),
      [`optimizer.${extension}`]: encode(Object.fromEntries(moments)),
      'optimizer_state.json': json({ steps, paramGroups }),
      'trainer_state.json': json(this.#progress),
      'training_args.json': json(this.args),
    };
  }

  /** Lets the oldest checkpoints go, but not the best. */
  async #rotate(store: CheckpointStore, limit = this.args.saveTotalLimit): Promise<void> {
    if (limit === null) return;
    const names = (await store.list()).filter(name => !Number.isNaN(stepOf(name))).sort((a, b) => stepOf(a) - stepOf(b));
    const best = this.args.loadBestModelAtEnd ? this.#progress.bestCheckpoint : null;
    const others = names.filter(name => name !== best);
    // The newest stays beside the best, for who goes on from it.
    const kept = Math.max(1, limit - Number(best !== null && names.includes(best)));
    for (const name of others.slice(0, Math.max(0, others.length - kept))) await store.remove(name);
  }

  async #finish(): Promise<void> {
    const { store = null } = this.#options;
    const { bestCheckpoint, globalStep } = this.#progress;
    if (store === null || !this.args.loadBestModelAtEnd || bestCheckpoint === null) return;
    const names = await store.list();
    if (names.includes(bestCheckpoint)) await this.#loadParameters(await store.read(bestCheckpoint));
    const last = `checkpoint-${globalStep}`;
    if (this.args.saveTotalLimit === 1 && last !== bestCheckpoint) await store.remove(last);
  }

  async #resume(from: string | boolean): Promise<void> {
    const { store = null } = this.#options;
    if (from === false) return;
    if (store === null) throw new StateError('resumeFrom needs a store of checkpoints', { parameter: 'resumeFrom' });
    const names = (await store.list()).filter(name => !Number.isNaN(stepOf(name))).sort((a, b) => stepOf(a) - stepOf(b));
    const name = from === true ? names.at(-1) : from;
    if (name === undefined) return;
    const content = await store.read(name);
    const optimizer = await this.#optimizerState(content);
    const progress = this.#parsed<Progress>(content, 'trainer_state.json');
    await this.#loadParameters(content);
    this.#optimizer.loadStateDict(optimizer);
    this.#progress = { ...this.#progress, ...progress };
  }

  #file(content: CheckpointContent, name: string): Uint8Array {
    const bytes = content[name];
    if (bytes === undefined) throw new FormatError(`the checkpoint has no ${name}; it has ${Object.keys(content).join(', ')}`, { parameter: 'resumeFrom' });
    return bytes;
  }

  #parsed<T>(content: CheckpointContent, name: string): T {
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(this.#file(content, name))) as T;
    } catch (error) {
      throw error instanceof FormatError
        ? error
        : new FormatError(`${name} of the checkpoint is no JSON: ${(error as Error).message}`, { parameter: 'resumeFrom' });
    }
  }

  async #optimizerState(content: CheckpointContent): Promise<OptimizerState> {
    const { extension, decode } = this.#options.codec ?? NPZ;
    const moments = await decode(this.#file(content, `optimizer.${extension}`));
    const { steps, paramGroups } = this.#parsed<{ readonly steps: Record<string, number>; readonly paramGroups: OptimizerState['paramGroups'] }>(
      content,
      'optimizer_state.json',
    );
    const entries = Object.entries(steps).map(([number, step]) => {
      const own = Object.entries(moments).filter(([name]) => name.startsWith(`${number}.`));
      return [number, { step, ...Object.fromEntries(own.map(([name, x]) => [name.slice(number.length + 1), x])) }] as const;
    });
    return { state: Object.fromEntries(entries), paramGroups };
  }

  async #loadParameters(content: CheckpointContent): Promise<void> {
    const { extension, decode } = this.#options.codec ?? NPZ;
    const tensors = await decode(this.#file(content, `model.${extension}`));
    const misfit = [...this.#parameters].find(([name, { shape }]) => tensors[name]?.shape.join() !== shape.join());
    if (misfit !== undefined) {
      const [name, { shape }] = misfit;
      const found = tensors[name];
      throw new FormatError(
        `the checkpoint ${found === undefined ? `lacks ${name}` : `has ${name} of shape [${found.shape.join(', ')}], not [${shape.join(', ')}]`}`,
        {
          parameter: 'resumeFrom',
        },
      );
    }
    noGrad(() => {
      for (const [name, parameter] of this.#parameters) parameter.copy_(tensors[name]!);
    });
  }
}

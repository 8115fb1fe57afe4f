/** How a model is trained, by the names of transformers. */
import type { Definition } from '@gtc/errors';
import { TRANSFORMERS_SCHEDULES, type TransformersSchedule } from '../schedulers/transformers.js';

/** When something happens. */
export type Strategy = 'no' | 'steps' | 'epoch';

/** Settings of a {@link TrainingLoop}; defaults are transformers'. */
export interface TrainingArguments {
  readonly numTrainEpochs: number;
  /** Steps at most; from 1 on it counts in place of epochs. */
  readonly maxSteps: number;
  readonly trainBatchSize: number;
  readonly evalBatchSize: number;
  /** Batches of a step. */
  readonly gradientAccumulationSteps: number;
  readonly learningRate: number;
  /** Of matrices and tables; biases and norms do not decay. */
  readonly weightDecay: number;
  readonly adamBeta1: number;
  readonly adamBeta2: number;
  readonly adamEpsilon: number;
  /** Greatest norm of a step's gradients; 0 does not cut. */
  readonly maxGradNorm: number;
  readonly lrSchedulerType: TransformersSchedule;
  /** Steps of the warm-up from 1 on, a share of all steps below. */
  readonly warmupSteps: number;
  readonly loggingStrategy: Strategy;
  readonly loggingSteps: number;
  readonly evalStrategy: Strategy;
  /** Steps between evaluations; those between logs when null. */
  readonly evalSteps: number | null;
  readonly saveStrategy: Strategy;
  readonly saveSteps: number;
  /** Newest checkpoints that are kept, the best beside them; null keeps all. */
  readonly saveTotalLimit: number | null;
  /** Whether the best checkpoint is loaded in the end. */
  readonly loadBestModelAtEnd: boolean;
  /** Evaluations without a better loss after which training ends; null never ends it. */
  readonly earlyStoppingPatience: number | null;
  /** What counts as better. */
  readonly earlyStoppingThreshold: number;
  /** Whether a last batch that is not full is left out. */
  readonly dataloaderDropLast: boolean;
  /** Whether examples come in another order in each epoch. */
  readonly shuffle: boolean;
  readonly seed: number;
}

const STRATEGIES = ['no', 'steps', 'epoch'];

/** Defaults and rules of {@link TrainingArguments}. */
export const TrainingArguments: Definition<TrainingArguments> = {
  name: 'TrainingArguments',
  fields: {
    numTrainEpochs: { kind: 'float', default: 3, positive: true, finite: true },
    maxSteps: { kind: 'int', default: -1 },
    trainBatchSize: { kind: 'int', default: 8, positive: true },
    evalBatchSize: { kind: 'int', default: 8, positive: true },
    gradientAccumulationSteps: { kind: 'int', default: 1, positive: true },
    learningRate: { kind: 'float', default: 5e-5, positive: true, finite: true },
    weightDecay: { kind: 'float', default: 0, nonNegative: true },
    adamBeta1: { kind: 'float', default: 0.9, min: 0, below: 1 },
    adamBeta2: { kind: 'float', default: 0.999, min: 0, below: 1 },
    adamEpsilon: { kind: 'float', default: 1e-8, nonNegative: true },
    maxGradNorm: { kind: 'float', default: 1, nonNegative: true },
    lrSchedulerType: { kind: 'string', default: 'linear', oneOf: [...TRANSFORMERS_SCHEDULES] },
    warmupSteps: { kind: 'float', default: 0, nonNegative: true },
    loggingStrategy: { kind: 'string', default: 'steps', oneOf: STRATEGIES },
    loggingSteps: { kind: 'int', default: 500, positive: true },
    evalStrategy: { kind: 'string', default: 'no', oneOf: STRATEGIES },
    evalSteps: { kind: 'int', default: null, nullable: true, positive: true },
    saveStrategy: { kind: 'string', default: 'steps', oneOf: STRATEGIES },
    saveSteps: { kind: 'int', default: 500, positive: true },
    saveTotalLimit: { kind: 'int', default: null, nullable: true, positive: true },
    loadBestModelAtEnd: { kind: 'bool', default: false },
    earlyStoppingPatience: { kind: 'int', default: null, nullable: true, positive: true },
    earlyStoppingThreshold: { kind: 'float', default: 0, nonNegative: true },
    dataloaderDropLast: { kind: 'bool', default: false },
    shuffle: { kind: 'bool', default: true },
    seed: { kind: 'int', default: 42, nonNegative: true },
  },
  rules: [
    ({ loadBestModelAtEnd, evalStrategy, saveStrategy }) =>
      !loadBestModelAtEnd || (evalStrategy === saveStrategy && evalStrategy !== 'no')
        ? null
        : `loadBestModelAtEnd needs evalStrategy and saveStrategy to be the same and not 'no', got '${evalStrategy}' and '${saveStrategy}'`,
    ({ earlyStoppingPatience, evalStrategy }) =>
      earlyStoppingPatience === null || evalStrategy !== 'no' ? null : "earlyStoppingPatience needs an evalStrategy other than 'no'",
  ],
};

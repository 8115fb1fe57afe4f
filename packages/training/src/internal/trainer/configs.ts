/** Definitions of trainer. */
import type { Definition } from '@gtc/errors';

/** Learning-rate schedules. */
export const SchedulerType = {
  LINEAR: 'linear',
  COSINE: 'cosine',
  COSINE_WITH_RESTARTS: 'cosine_with_restarts',
  POLYNOMIAL: 'polynomial',
  CONSTANT: 'constant',
  CONSTANT_WITH_WARMUP: 'constant_with_warmup',
  INVERSE_SQRT: 'inverse_sqrt',
} as const;
export type SchedulerType = (typeof SchedulerType)[keyof typeof SchedulerType];

/** Whether less or more is better. */
export const EarlyStoppingMode = { MIN: 'min', MAX: 'max' } as const;
export type EarlyStoppingMode = (typeof EarlyStoppingMode)[keyof typeof EarlyStoppingMode];

/** Where a run stands. */
export interface TrainerState {
  readonly globalStep: number;
  readonly epoch: number;
  readonly bestMetric: number;
  /** Folder of the best model so far. */
  readonly bestModelCheckpoint: string | null;
  readonly isWorldProcessZero: boolean;
  readonly logHistory: readonly Readonly<Record<string, unknown>>[];
}

/** Defaults and rules of {@link TrainerState}. */
export const TrainerState: Definition<TrainerState> = {
  name: 'TrainerState',
  fields: {
    globalStep: { kind: 'int', default: 0, nonNegative: true },
    epoch: { kind: 'float', default: 0.0, nonNegative: true },
    bestMetric: { kind: 'float', default: 0.0 },
    bestModelCheckpoint: { kind: 'string', default: null, nullable: true },
    isWorldProcessZero: { kind: 'bool', default: true },
    logHistory: { kind: 'array', of: { kind: 'record', of: { kind: 'any' } }, default: [] },
  },
};

/** What is saved. */
export interface CheckpointConfig {
  /** Newest checkpoints that are kept; null keeps all. */
  readonly saveTotalLimit: number | null;
  readonly saveOnEachNode: boolean;
  readonly saveOnlyModel: boolean;
  readonly resumeFromCheckpoint: string | null;
  readonly loadBestModelAtEnd: boolean;
}

/** Defaults and rules of {@link CheckpointConfig}. */
export const CheckpointConfig: Definition<CheckpointConfig> = {
  name: 'CheckpointConfig',
  fields: {
    saveTotalLimit: { kind: 'int', default: null, nullable: true, positive: true },
    saveOnEachNode: { kind: 'bool', default: false },
    saveOnlyModel: { kind: 'bool', default: false },
    resumeFromCheckpoint: { kind: 'string', default: null, nullable: true },
    loadBestModelAtEnd: { kind: 'bool', default: false },
  },
};

/** When to give up. */
export interface EarlyStoppingConfig {
  /** Evaluations without improvement. */
  readonly patience: number;
  /** Least improvement that counts. */
  readonly threshold: number;
  readonly mode: EarlyStoppingMode;
  readonly metricName: string;
}

/** Defaults and rules of {@link EarlyStoppingConfig}. */
export const EarlyStoppingConfig: Definition<EarlyStoppingConfig> = {
  name: 'EarlyStoppingConfig',
  fields: {
    patience: { kind: 'int', default: 3, positive: true },
    threshold: { kind: 'float', default: 0.0, nonNegative: true },
    mode: { kind: 'enum', of: EarlyStoppingMode, default: EarlyStoppingMode.MIN },
    metricName: { kind: 'string', default: 'eval_loss', nonEmpty: true },
  },
};

/** A learning-rate schedule. */
export interface SchedulerConfig {
  readonly schedulerType: SchedulerType;
  readonly numWarmupSteps: number;
  readonly numTrainingSteps: number | null;
  readonly numCycles: number;
  readonly power: number;
}

/** Defaults and rules of {@link SchedulerConfig}. */
export const SchedulerConfig: Definition<SchedulerConfig> = {
  name: 'SchedulerConfig',
  fields: {
    schedulerType: { kind: 'enum', of: SchedulerType, default: SchedulerType.LINEAR },
    numWarmupSteps: { kind: 'int', default: 0, nonNegative: true },
    numTrainingSteps: { kind: 'int', default: null, nullable: true, positive: true },
    numCycles: { kind: 'float', default: 0.5 },
    power: { kind: 'float', default: 1.0 },
  },
};

/** How far a run has come. */
export interface TrainingProgress {
  readonly currentStep: number;
  readonly totalSteps: number;
  readonly currentEpoch: number;
  readonly totalEpochs: number;
  readonly loss: number | null;
  readonly learningRate: number | null;
  readonly samplesSeen: number;
}

/** Defaults and rules of {@link TrainingProgress}. */
export const TrainingProgress: Definition<TrainingProgress> = {
  name: 'TrainingProgress',
  fields: {
    currentStep: { kind: 'int', default: 0, nonNegative: true },
    totalSteps: { kind: 'int', default: 0, nonNegative: true },
    currentEpoch: { kind: 'int', default: 0, nonNegative: true },
    totalEpochs: { kind: 'int', positive: true },
    loss: { kind: 'float', default: null, nullable: true },
    learningRate: { kind: 'float', default: null, nullable: true },
    samplesSeen: { kind: 'int', default: 0 },
  },
};

/** A learning-rate scheduler that is stepped through training. */
import { finite, nonNegative, notNull, oneOf, positive } from '@gtc/errors';

/** Kinds of stepped schedules. */
export const SchedulerType = {
  CONSTANT: 'constant',
  STEP_DECAY: 'step_decay',
  EXPONENTIAL_DECAY: 'exponential_decay',
  COSINE_ANNEALING: 'cosine_annealing',
  LINEAR_WARMUP: 'linear_warmup',
  ONE_CYCLE: 'one_cycle',
} as const;
export type SchedulerType = (typeof SchedulerType)[keyof typeof SchedulerType];

/** Settings of {@link createScheduler}; each kind takes those that it knows. */
export interface SchedulerOptions {
  /** The greatest rate. */
  readonly lr: number;
  /** Of `cosine_annealing` and `one_cycle`. */
  readonly totalSteps?: number;
  readonly minLr?: number;
  /** Factor of the decays. */
  readonly gamma?: number;
  /** Steps from one decay to the next. */
  readonly stepSize?: number;
  readonly warmupSteps?: number;
}

/** Torch's one-cycle: the start is max/25, the peak stands at 30 %, the end is the start over 10,000. */
const ONE_CYCLE = { startDivisor: 25, endDivisor: 1e4, peak: 0.3 } as const;

function cosineBetween(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}

/** The rate of a one-cycle schedule, its last step the lowest. */
function oneCycleAt(step: number, maxLr: number, totalSteps: number): number {
  const start = maxLr / ONE_CYCLE.startDivisor;
  const peak = ONE_CYCLE.peak * totalSteps - 1;
  const last = totalSteps - 1;
  if (step <= peak) return cosineBetween(start, maxLr, peak > 0 ? step / peak : 1);
  return cosineBetween(maxLr, start / ONE_CYCLE.endDivisor, Math.min(1, (step - peak) / (last - peak)));
}

/**
 * A schedule with a position: `getLr()` is the rate now, `step()` goes on.
 *
 * @remarks Python: `torch.optim.lr_scheduler` (`StepLR`, `ExponentialLR`, `CosineAnnealingLR`, `OneCycleLR`). Rust: `LearningRateScheduler`.
 * @example LearningRateScheduler.cosineAnnealing(1, 1000, 0).getLr() // => 1
 */
export class LearningRateScheduler {
  readonly #type: SchedulerType;
  readonly #rateAt: (step: number) => number;
  readonly #totalSteps: number;
  #position = 0;

  private constructor(type: SchedulerType, rateAt: (step: number) => number, totalSteps = Number.POSITIVE_INFINITY) {
    this.#type = type;
    this.#rateAt = rateAt;
    this.#totalSteps = totalSteps;
  }

  /** The same rate throughout. @throws {ValidationError} for a rate that is not positive */
  static constant(lr: number): LearningRateScheduler {
    positive(finite(lr, 'lr'), 'lr');
    return new LearningRateScheduler(SchedulerType.CONSTANT, () => lr);
  }

  /** Times `gamma` after every `stepSize` steps. @throws {ValidationError} for an argument that is not positive */
  static stepDecay(initialLr: number, stepSize: number, gamma: number): LearningRateScheduler {
    positive(finite(initialLr, 'initialLr'), 'initialLr');
    positive(finite(stepSize, 'stepSize'), 'stepSize');
    positive(finite(gamma, 'gamma'), 'gamma');
    return new LearningRateScheduler(SchedulerType.STEP_DECAY, step => initialLr * gamma ** Math.floor(step / stepSize));
  }

  /** Times `gamma` after every step. @throws {ValidationError} for an argument that is not positive */
  static exponentialDecay(initialLr: number, gamma: number): LearningRateScheduler {
    positive(finite(initialLr, 'initialLr'), 'initialLr');
    positive(finite(gamma, 'gamma'), 'gamma');
    return new LearningRateScheduler(SchedulerType.EXPONENTIAL_DECAY, step => initialLr * gamma ** step);
  }

  /** Half a cosine down to `minLr`, which it keeps. @throws {ValidationError} for rates or steps that are not sound */
  static cosineAnnealing(initialLr: number, totalSteps: number, minLr: number): LearningRateScheduler {
    positive(finite(initialLr, 'initialLr'), 'initialLr');
    positive(finite(totalSteps, 'totalSteps'), 'totalSteps');
    nonNegative(finite(minLr, 'minLr'), 'minLr');
    const rateAt = (step: number): number => cosineBetween(initialLr, minLr, Math.min(1, step / totalSteps));
    return new LearningRateScheduler(SchedulerType.COSINE_ANNEALING, rateAt, totalSteps);
  }

  /** A straight rise from 0 to `targetLr`, which it keeps. @throws {ValidationError} for an argument that is not positive */
  static linearWarmup(targetLr: number, warmupSteps: number): LearningRateScheduler {
    positive(finite(targetLr, 'targetLr'), 'targetLr');
    positive(finite(warmupSteps, 'warmupSteps'), 'warmupSteps');
    return new LearningRateScheduler(SchedulerType.LINEAR_WARMUP, step => targetLr * Math.min(1, step / warmupSteps), warmupSteps);
  }

  /** Torch's cosine one-cycle: up to `maxLr` in 30 % of the steps, then far down. @throws {ValidationError} for an argument that is not positive */
  static oneCycle(maxLr: number, totalSteps: number): LearningRateScheduler {
    positive(finite(maxLr, 'maxLr'), 'maxLr');
    positive(finite(totalSteps, 'totalSteps'), 'totalSteps');
    return new LearningRateScheduler(SchedulerType.ONE_CYCLE, step => oneCycleAt(step, maxLr, totalSteps), totalSteps);
  }

  /** The rate now. */
  getLr(): number {
    return this.#rateAt(this.#position);
  }

  /** The kind of schedule. */
  schedulerType(): SchedulerType {
    return this.#type;
  }

  /** Steps taken. */
  currentStep(): number {
    return this.#position;
  }

  /** Steps after which the rate changes no more; infinite where there is no end. */
  totalSteps(): number {
    return this.#totalSteps;
  }

  /** Goes one step on and returns the rate there. */
  step(): number {
    this.#position++;
    return this.getLr();
  }

  /** Goes back to the start. */
  reset(): void {
    this.#position = 0;
  }
}

/**
 * A stepped schedule by its kind.
 *
 * @throws {ValidationError} for a kind that is not known, or a setting that is missing or not sound
 * @example createScheduler('cosine_annealing', { lr: 0.1, totalSteps: 100 }).getLr() // => 0.1
 */
export function createScheduler(type: SchedulerType, options: SchedulerOptions): LearningRateScheduler {
  const { lr, totalSteps, minLr = 0, gamma = 0.1, stepSize, warmupSteps } = notNull(options, 'options');
  const needed = (value: number | undefined, name: string): number => notNull(value as number, name);
  switch (oneOf<SchedulerType>(type, 'type', Object.values(SchedulerType))) {
    case SchedulerType.CONSTANT:
      return LearningRateScheduler.constant(lr);
    case SchedulerType.STEP_DECAY:
      return LearningRateScheduler.stepDecay(lr, needed(stepSize, 'stepSize'), gamma);
    case SchedulerType.EXPONENTIAL_DECAY:
      return LearningRateScheduler.exponentialDecay(lr, gamma);
    case SchedulerType.COSINE_ANNEALING:
      return LearningRateScheduler.cosineAnnealing(lr, needed(totalSteps, 'totalSteps'), minLr);
    case SchedulerType.LINEAR_WARMUP:
      return LearningRateScheduler.linearWarmup(lr, needed(warmupSteps, 'warmupSteps'));
    case SchedulerType.ONE_CYCLE:
      return LearningRateScheduler.oneCycle(lr, needed(totalSteps, 'totalSteps'));
  }
}

/** The learning-rate schedules of transformers, as functions of the step. */
import { finite, nonNegative, notNull, oneOf, positive, ValidationError } from '@gtc/errors';

/** Schedules by their names in transformers. */
export const TRANSFORMERS_SCHEDULES = [
  'constant',
  'constant_with_warmup',
  'linear',
  'cosine',
  'cosine_with_restarts',
  'polynomial',
  'inverse_sqrt',
  'cosine_with_min_lr',
  'cosine_warmup_with_min_lr',
  'warmup_stable_decay',
] as const;
/** A name of {@link TRANSFORMERS_SCHEDULES}. */
export type TransformersSchedule = (typeof TRANSFORMERS_SCHEDULES)[number];

/** How a warm-up rises or a decay falls. */
export type Slope = 'linear' | 'cosine' | '1-sqrt';

/** Settings of single schedules; each takes those that it knows. */
export interface ScheduleOptions {
  /** Waves of the cosine: 0.5 falls once; restarts count whole falls. */
  readonly numCycles?: number;
  readonly power?: number;
  /** Rate at the end of `polynomial`. */
  readonly lrEnd?: number;
  /** Of `inverse_sqrt`; the warm-up, or 10,000 without one. */
  readonly timescale?: number;
  /** Lowest rate, or as a share of the base. */
  readonly minLr?: number;
  readonly minLrRate?: number;
  /** Rate at the start of `cosine_warmup_with_min_lr`, as a share of the base. */
  readonly warmupLrRate?: number;
  /** Steps of the decay of `warmup_stable_decay`. */
  readonly numDecaySteps?: number;
  /** Lowest rate of `warmup_stable_decay`, as a share of the base. */
  readonly minLrRatio?: number;
  readonly warmupType?: Slope;
  readonly decayType?: Slope;
}

/** Settings of {@link getScheduler}. */
export interface SchedulerSettings {
  readonly baseLr: number;
  readonly numWarmupSteps?: number;
  /** Needed by every schedule that ends. */
  readonly numTrainingSteps?: number | null;
  readonly options?: ScheduleOptions;
}

/** A schedule. */
export interface Schedule {
  /** The rate at a step, counted from 0. @throws {ValidationError} for a negative or non-finite step */
  lrAt(step: number): number;
}

interface Frame {
  readonly base: number;
  readonly warmup: number;
  readonly total: number;
  readonly options: ScheduleOptions;
}

/** Share of the steps after the warm-up that are done. */
const progress = (step: number, { warmup, total }: Frame): number => (step - warmup) / Math.max(1, total - warmup);
const wave = (p: number, cycles: number): number => 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * p));
const rising = (step: number, warmup: number): number => step / Math.max(1, warmup);
const lowest = ({ base, options: { minLr, minLrRate } }: Frame): number => minLrRate ?? (minLr ?? 0) / base;

function restarts(step: number, frame: Frame): number {
  const p = progress(step, frame);
  return p >= 1 ? 0 : 0.5 * (1 + Math.cos(Math.PI * (((frame.options.numCycles ?? 1) * p) % 1)));
}

function polynomial(step: number, { base, warmup, total, options: { power = 1, lrEnd = 1e-7 } }: Frame): number {
  if (step > total) return lrEnd / base;
  const remaining = 1 - (step - warmup) / (total - warmup);
  return ((base - lrEnd) * remaining ** power + lrEnd) / base;
}

function inverseSqrt(step: number, { warmup, options }: Frame): number {
  const timescale = options.timescale ?? (warmup || 10_000);
  return 1 / Math.sqrt((step + timescale - warmup) / timescale);
}

function floored(step: number, frame: Frame): number {
  const least = lowest(frame);
  return wave(progress(step, frame), frame.options.numCycles ?? 0.5) * (1 - least) + least;
}

const RISES: Readonly<Record<Slope, (p: number) => number>> = {
  linear: p => p,
  cosine: p => 0.5 * (1 - Math.cos(Math.PI * p)),
  '1-sqrt': p => 1 - Math.sqrt(1 - p),
};

function stableThenDecay(step: number, { warmup, total, options }: Frame): number {
  const { numDecaySteps, minLrRatio = 0, warmupType = 'linear', decayType = 'cosine', numCycles = 0.5 } = options;
  const decay = positive(notNull(numDecaySteps as number, 'numDecaySteps'), 'numDecaySteps');
  const falls: Readonly<Record<Slope, (p: number) => number>> = { linear: p => 1 - p, cosine: p => wave(p, numCycles), '1-sqrt': p => 1 - Math.sqrt(p) };
  const start = total - decay;
  if (step < warmup) return RISES[warmupType](rising(step, warmup)) * (1 - minLrRatio) + minLrRatio;
  if (step < start) return 1;
  return step < total ? falls[decayType]((step - start) / decay) * (1 - minLrRatio) + minLrRatio : minLrRatio;
}

/** Share of the base rate at a step, after the warm-up where there is one. */
const FACTORS: Readonly<Record<TransformersSchedule, (step: number, frame: Frame) => number>> = {
  constant: () => 1,
  constant_with_warmup: () => 1,
  linear: (step, { total, warmup }) => (total - step) / Math.max(1, total - warmup),
  cosine: (step, frame) => wave(progress(step, frame), frame.options.numCycles ?? 0.5),
  cosine_with_restarts: restarts,
  polynomial,
  inverse_sqrt: inverseSqrt,
  cosine_with_min_lr: floored,
  cosine_warmup_with_min_lr: (step, frame) => floored(step + 1, frame),
  warmup_stable_decay: stableThenDecay,
};

/** Share of the base rate during the warm-up. */
function warmupFactor(type: TransformersSchedule, step: number, frame: Frame): number {
  const { warmupLrRate } = frame.options;
  if (type === 'cosine_warmup_with_min_lr' && warmupLrRate !== undefined) return warmupLrRate + ((1 - warmupLrRate) * step) / Math.max(1, frame.warmup - 1);
  return rising(step, frame.warmup);
}

/** Schedules that never end. */
const ENDLESS: ReadonlySet<TransformersSchedule> = new Set(['constant', 'constant_with_warmup', 'inverse_sqrt'] as const);

/**
 * A schedule of transformers by its name.
 *
 * @throws {ValidationError} for a name that is not known, a schedule that ends without `numTrainingSteps`, or settings that are not sound
 * @remarks Python: `transformers.get_scheduler(name, optimizer, num_warmup_steps, num_training_steps, scheduler_specific_kwargs)`; within 1e-12.
 * @example getScheduler('cosine', { baseLr: 0.1, numTrainingSteps: 100 }).lrAt(100) // => 0
 */
export function getScheduler(type: TransformersSchedule, { baseLr, numWarmupSteps = 0, numTrainingSteps = null, options = {} }: SchedulerSettings): Schedule {
  const name = oneOf<TransformersSchedule>(type, 'type', TRANSFORMERS_SCHEDULES);
  positive(finite(baseLr, 'baseLr'), 'baseLr');
  nonNegative(numWarmupSteps, 'numWarmupSteps');
  if (numTrainingSteps === null && !ENDLESS.has(name))
    throw new ValidationError(`numTrainingSteps is required for ${name}`, { parameter: 'numTrainingSteps', received: null, expected: 'a number of steps' });
  if (numTrainingSteps !== null) nonNegative(finite(numTrainingSteps, 'numTrainingSteps'), 'numTrainingSteps');
  const frame = { base: baseLr, warmup: numWarmupSteps, total: numTrainingSteps ?? Number.POSITIVE_INFINITY, options };
  const warmsUp = name !== 'constant' && name !== 'warmup_stable_decay';
  return {
    lrAt(step) {
      nonNegative(finite(step, 'step'), 'step');
      const factor = warmsUp && step < numWarmupSteps ? warmupFactor(name, step, frame) : FACTORS[name](step, frame);
      return baseLr * Math.max(0, factor);
    },
  };
}

/**
 * Steps of the warm-up: a number of steps from 1 on, a share of all steps, rounded up, below.
 *
 * @throws {ValidationError} for negative or non-finite numbers
 * @remarks Python: `transformers.TrainingArguments.get_warmup_steps(num_training_steps)`; exact.
 * @example getWarmupSteps(0.1, 101) // => 11
 */
export function getWarmupSteps(warmupSteps: number, totalSteps: number): number {
  nonNegative(finite(warmupSteps, 'warmupSteps'), 'warmupSteps');
  nonNegative(finite(totalSteps, 'totalSteps'), 'totalSteps');
  return warmupSteps >= 1 ? Math.trunc(warmupSteps) : Math.ceil(totalSteps * warmupSteps);
}

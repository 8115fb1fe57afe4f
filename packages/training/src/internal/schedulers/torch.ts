/** The learning-rate schedules of torch, as functions of the step. */
import { finite, integer, nonNegative, oneOf, positive, ValidationError } from '@gtc/errors';
import type { Schedule } from './transformers.js';

/** Settings of {@link torchScheduler}, by torch's names in camelCase; each schedule takes those that it knows. */
export interface TorchScheduleOptions {
  readonly baseLr: number;
  /** Of `StepLR`: steps between falls. */
  readonly stepSize?: number;
  /** Factor of a fall, or of a cycle of `CyclicLR` in mode 'exp_range'. Default: 0.1, and 1 for `CyclicLR`. */
  readonly gamma?: number;
  /** Steps at which the rate falls, or the next of several schedules begins. */
  readonly milestones?: readonly number[];
  /** Of `ConstantLR`. Default: 1/3. */
  readonly factor?: number;
  /** Steps after which `ConstantLR`, `LinearLR` and `PolynomialLR` stay. Default: 5. */
  readonly totalIters?: number;
  /** Of `LinearLR`. Default: 1/3. */
  readonly startFactor?: number;
  /** Of `LinearLR`. Default: 1. */
  readonly endFactor?: number;
  /** Of `PolynomialLR`. Default: 1. */
  readonly power?: number;
  /** Of `CosineAnnealingLR`: steps of a fall. */
  readonly tMax?: number;
  /** Lowest rate of a cosine. Default: 0. */
  readonly etaMin?: number;
  /** Of `CosineAnnealingWarmRestarts`: steps of the first fall, and how many times longer each next one is. */
  readonly t0?: number;
  readonly tMult?: number;
  /** Highest rate of `CyclicLR` and `OneCycleLR`. */
  readonly maxLr?: number;
  readonly stepSizeUp?: number;
  readonly stepSizeDown?: number | null;
  readonly mode?: 'triangular' | 'triangular2' | 'exp_range';
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
  readonly totalSteps?: number;
  readonly pctStart?: number;
  readonly annealStrategy?: 'cos' | 'linear';
  readonly threePhase?: boolean;
  readonly divFactor?: number;
  readonly finalDivFactor?: number;
  /** Of `LambdaLR` and `MultiplicativeLR`: the factor of a step. */
  readonly lambda?: (step: number) => number;
  /** Of `SequentialLR` and `ChainedScheduler`: schedules and their settings. */
  readonly schedulers?: readonly (Omit<TorchScheduleOptions, 'baseLr'> & { readonly type: string })[];
}

/** A schedule of torch. */
export interface TorchSchedule extends Schedule {
  /** The momentum at a step, where the schedule moves that too. */
  momentumAt?(step: number): number;
}

/** A schedule, and how it goes on from a rate that others changed, too. */
interface Made extends TorchSchedule {
  next?(lr: number, step: number): number;
}

type Maker = (options: TorchScheduleOptions) => Made;

function needed<V>(value: V | undefined, name: string): V {
  if (value === undefined) throw new ValidationError(`${name} must be given`, { parameter: name, received: value });
  return value;
}

const steps = (value: number | undefined, name: string): number => positive(integer(needed(value, name), name), name);
const halfWave = (p: number): number => (1 + Math.cos(Math.PI * p)) / 2;

/** A rate between two by a share of the way, straight or by a cosine. */
const between = (from: number, to: number, share: number, straight: boolean): number =>
  straight ? from + (to - from) * share : to + (from - to) * halfWave(share);

function cyclic({
  baseLr,
  maxLr,
  stepSizeUp = 2000,
  stepSizeDown,
  mode = 'triangular',
  gamma = 1,
  baseMomentum = 0.8,
  maxMomentum = 0.9,
}: TorchScheduleOptions): Made {
  oneOf(mode, 'mode', ['triangular', 'triangular2', 'exp_range']);
  const up = steps(stepSizeUp, 'stepSizeUp');
  const whole = up + steps(stepSizeDown ?? up, 'stepSizeDown');
  const most = needed(maxLr, 'maxLr');
  const height = (step: number): number => {
    const cycle = Math.floor(1 + step / whole);
    const x = 1 + step / whole - cycle;
    const share = x <= up / whole ? x / (up / whole) : (x - 1) / (up / whole - 1);
    return share * { triangular: 1, triangular2: 1 / 2 ** (cycle - 1), exp_range: gamma ** step }[mode];
  };
  return {
    lrAt: step => baseLr + (most - baseLr) * height(step),
    momentumAt: step => maxMomentum - (maxMomentum - baseMomentum) * height(step),
  };
}

function oneCycle({
  maxLr,
  totalSteps,
  pctStart = 0.3,
  annealStrategy = 'cos',
  threePhase = false,
  divFactor = 25,
  finalDivFactor = 1e4,
  baseMomentum = 0.85,
  maxMomentum = 0.95,
}: TorchScheduleOptions): Made {
  const [most, total] = [needed(maxLr, 'maxLr'), steps(totalSteps, 'totalSteps')];
  oneOf(annealStrategy, 'annealStrategy', ['cos', 'linear']);
  const [first, last] = [most / divFactor, most / divFactor / finalDivFactor];
  const phases = threePhase
    ? [
        { end: pctStart * total - 1, rates: [first, most], momenta: [maxMomentum, baseMomentum] },
        { end: 2 * pctStart * total - 2, rates: [most, first], momenta: [baseMomentum, maxMomentum] },
        { end: total - 1, rates: [first, last], momenta: [maxMomentum, maxMomentum] },
      ]
    : [
        { end: pctStart * total - 1, rates: [first, most], momenta: [maxMomentum, baseMomentum] },
        { end: total - 1, rates: [most, last], momenta: [baseMomentum, maxMomentum] },
      ];
  const at = (step: number, of: 'rates' | 'momenta'): number => {
    if (step > total)
      throw new ValidationError(`step must be at most ${total}, the number of steps of the cycle, got ${step}`, { parameter: 'step', received: step });
    const phase = Math.max(
      0,
      phases.findIndex((each, i) => step <= each.end || i === phases.length - 1),
    );
    const start = phase === 0 ? 0 : phases[phase - 1]!.end;
    const [from, to] = phases[phase]![of] as [number, number];
    return between(from, to, (step - start) / (phases[phase]!.end - start), annealStrategy === 'linear');
  };
  return { lrAt: step => at(step, 'rates'), momentumAt: step => at(step, 'momenta') };
}

function restarts({ baseLr, t0, tMult = 1, etaMin = 0 }: TorchScheduleOptions): Made {
  const first = steps(t0, 't0');
  steps(tMult, 'tMult');
  return {
    lrAt(step) {
      let [length, since] = [first, step];
      if (tMult === 1) since = step % first;
      else
        while (since >= length) {
          since -= length;
          length *= tMult;
        }
      return between(baseLr, etaMin, since / length, false);
    },
  };
}

function cosine({ baseLr, tMax, etaMin = 0 }: TorchScheduleOptions): Made {
  const most = steps(tMax, 'tMax');
  return {
    lrAt: step => between(baseLr, etaMin, step / most, false),
    next(lr, step) {
      const before = 1 + Math.cos((Math.PI * (step - 1)) / most);
      // At the bottom of the wave the way up begins anew.
      if ((step - 1 - most) % (2 * most) === 0) return lr + ((baseLr - etaMin) * (1 - Math.cos(Math.PI / most))) / 2;
      return ((1 + Math.cos((Math.PI * step) / most)) / before) * (lr - etaMin) + etaMin;
    },
  };
}

function sequential({ baseLr, schedulers = [], milestones = [] }: TorchScheduleOptions): Made {
  if (schedulers.length !== milestones.length + 1)
    throw new ValidationError(`milestones must be one fewer than the ${schedulers.length} schedulers, got ${milestones.length}`, { parameter: 'milestones' });
  const made = schedulers.map(({ type, ...options }) => make(type, { baseLr, ...options }));
  return {
    lrAt(step) {
      const which = milestones.filter(milestone => step >= milestone).length;
      return made[which]!.lrAt(which === 0 ? step : step - milestones[which - 1]!);
    },
  };
}

/** Each goes on from the rate that those before it in the chain have made. */
function chained({ baseLr, schedulers = [] }: TorchScheduleOptions): Made {
  const made = schedulers.map(({ type, ...options }) => make(type, { baseLr, ...options }));
  const known = [made.reduce((lr, each) => (lr * each.lrAt(0)) / baseLr, baseLr)];
  const next = (each: Made, lr: number, step: number): number =>
    each.next?.(lr, step) ?? (each.lrAt(step - 1) === 0 ? each.lrAt(step) : (lr * each.lrAt(step)) / each.lrAt(step - 1));
  return {
    lrAt(step) {
      for (let at = known.length; at <= step; at++) known.push(made.reduce((lr, each) => next(each, lr, at), known[at - 1]!));
      return known[step]!;
    },
  };
}

const MAKERS: Readonly<Record<string, Maker>> = {
  ChainedScheduler: chained,
  ConstantLR: ({ baseLr, factor = 1 / 3, totalIters = 5 }) => ({ lrAt: step => (step < totalIters ? baseLr * factor : baseLr) }),
  CosineAnnealingLR: cosine,
  CosineAnnealingWarmRestarts: restarts,
  CyclicLR: cyclic,
  ExponentialLR: ({ baseLr, gamma }) => ({ lrAt: step => baseLr * needed(gamma, 'gamma') ** step }),
  LambdaLR: ({ baseLr, lambda }) => ({ lrAt: step => baseLr * needed(lambda, 'lambda')(step) }),
  LinearLR: ({ baseLr, startFactor = 1 / 3, endFactor = 1, totalIters = 5 }) => ({
    lrAt: step => baseLr * (startFactor + ((endFactor - startFactor) * Math.min(step, totalIters)) / totalIters),
  }),
  MultiStepLR: ({ baseLr, milestones, gamma = 0.1 }) => ({
    lrAt: step => baseLr * gamma ** needed(milestones, 'milestones').filter(milestone => milestone <= step).length,
  }),
  MultiplicativeLR: ({ baseLr, lambda }) => ({
    lrAt: step => Array.from({ length: step }, (_, i) => needed(lambda, 'lambda')(i + 1)).reduce((lr, factor) => lr * factor, baseLr),
  }),
  OneCycleLR: oneCycle,
  PolynomialLR: ({ baseLr, totalIters = 5, power = 1 }) => ({ lrAt: step => baseLr * (1 - Math.min(step, totalIters) / totalIters) ** power }),
  SequentialLR: sequential,
  StepLR: ({ baseLr, stepSize, gamma = 0.1 }) => ({ lrAt: step => baseLr * gamma ** Math.floor(step / steps(stepSize, 'stepSize')) }),
};

/** Names that {@link torchScheduler} knows, in ascending order. */
export const TORCH_SCHEDULES: readonly string[] = Object.keys(MAKERS);

const make = (type: string, options: TorchScheduleOptions): Made => MAKERS[oneOf(type, 'type', TORCH_SCHEDULES)]!(options);

/**
 * A schedule of torch by the name of its class.
 *
 * @returns the rate at every step, counted from 0, and the momentum where the schedule moves it
 * @throws {ValidationError} for a name that is not known, a setting that is missing or not sound, a step beyond the cycle of `OneCycleLR`
 * @remarks Python: `torch.optim.lr_scheduler.StepLR(optimizer, step_size)` and so on; within 1e-10. For `ReduceLROnPlateau` see the class.
 * @example torchScheduler('StepLR', { baseLr: 1, stepSize: 2, gamma: 0.5 }).lrAt(4) // => 0.25
 */
export function torchScheduler(type: string, options: TorchScheduleOptions): TorchSchedule {
  finite(options.baseLr, 'baseLr');
  const { lrAt, momentumAt } = make(type, options);
  const checked = (step: number): number => nonNegative(integer(step, 'step'), 'step');
  return { lrAt: step => lrAt(checked(step)), ...(momentumAt === undefined ? {} : { momentumAt: (step: number) => momentumAt(checked(step)) }) };
}

/** Settings of {@link ReduceLROnPlateau}. */
export interface PlateauOptions {
  readonly baseLr: number;
  /** Whether less or more is better. Default: 'min'. */
  readonly mode?: 'min' | 'max';
  /** Factor of a fall. Default: 0.1. */
  readonly factor?: number;
  /** Steps without a better metric that are borne. Default: 10. */
  readonly patience?: number;
  /** What counts as better. Default: 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best. Default: 'rel'. */
  readonly thresholdMode?: 'rel' | 'abs';
  /** Steps after a fall in which nothing counts. Default: 0. */
  readonly cooldown?: number;
  readonly minLr?: number;
  /** Falls by less than this do not happen. Default: 1e-8. */
  readonly eps?: number;
}

/**
 * A rate that falls when a metric stays where it is.
 *
 * @throws {ValidationError} for a factor that is not below 1, or another setting that is not sound
 * @remarks Python: `torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode='min', factor=0.1, patience=10)`; exact.
 * @example
 * const plateau = new ReduceLROnPlateau({ baseLr: 1, factor: 0.5, patience: 0 });
 * [3, 2, 2].map(loss => plateau.step(loss)) // => [1, 1, 0.5]
 */
export class ReduceLROnPlateau {
  readonly #options: Required<PlateauOptions>;
  #lr: number;
  #best: number;
  #bad = 0;
  #rest = 0;

  constructor(options: PlateauOptions) {
    this.#options = { mode: 'min', factor: 0.1, patience: 10, threshold: 1e-4, thresholdMode: 'rel', cooldown: 0, minLr: 0, eps: 1e-8, ...options };
    const { baseLr, mode, factor, patience, cooldown, thresholdMode } = this.#options;
    oneOf(mode, 'mode', ['min', 'max']);
    oneOf(thresholdMode, 'thresholdMode', ['rel', 'abs']);
    nonNegative(patience, 'patience');
    nonNegative(cooldown, 'cooldown');
    if (!(factor < 1)) throw new ValidationError(`factor must be below 1, got ${factor}`, { parameter: 'factor', received: factor });
    this.#lr = finite(baseLr, 'baseLr');
    this.#best = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** The rate now. */
  get lr(): number {
    return this.#lr;
  }

  #better(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === 'min' ? -1 : 1;
    const bar = thresholdMode === 'rel' ? this.#best * (1 + sign * threshold) : this.#best + sign * threshold;
    return mode === 'min' ? metric < bar : metric > bar;
  }

  /** Takes in a metric. @returns the rate from now on */
  step(metric: number): number {
    const { patience, cooldown, factor, minLr, eps } = this.#options;
    if (this.#better(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#rest > 0) {
      this.#rest--;
      this.#bad = 0;
    }
    if (this.#bad > patience) {
      const less = Math.max(this.#lr * factor, minLr);
      if (this.#lr - less > eps) this.#lr = less;
      this.#rest = cooldown;
      this.#bad = 0;
    }
    return this.#lr;
  }
}

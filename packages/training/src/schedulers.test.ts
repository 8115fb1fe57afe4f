import { evidenceCases, parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as schedulers from './schedulers.js';

describe('parity: schedulers', () => {
  it.each(parityCases('training/schedulers', schedulers, import.meta.url))('$name', c => c.run());
});

/** Options of transformers in its own spelling, as the evidence has them. */
function camelCased(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]));
}

/** Functions that the evidence names by their formula. */
const LAMBDAS: Readonly<Record<string, (step: number) => number>> = { '1/(1+e)': step => 1 / (1 + step), '0.95': () => 0.95 };

type TorchCase = Omit<schedulers.TorchScheduleOptions, 'lambda'> & {
  readonly type: string;
  readonly lambda?: string;
  readonly metrics?: readonly number[];
  readonly steps: number;
};

describe('evidence: schedulers', () => {
  const answers = {
    getScheduler: ({ type, steps = 5, options = {}, ...settings }: { type: never; steps: number; options: object; baseLr: number }) => {
      const schedule = schedulers.getScheduler(type, { ...settings, options: camelCased({ ...options }) });
      return { lr: Array.from({ length: steps + 1 }, (_, step) => schedule.lrAt(step)) };
    },
    torchScheduler: ({ type, steps, metrics, lambda, baseMomentum: _, ...options }: TorchCase, { expect: expected }: { expect?: object }) => {
      if (metrics !== undefined) {
        const plateau = new schedulers.ReduceLROnPlateau(options as never);
        return { lr: [plateau.lr, ...metrics.map(metric => plateau.step(metric))] };
      }
      const schedule = schedulers.torchScheduler(type, { ...options, ...(lambda === undefined ? {} : { lambda: LAMBDAS[lambda]! }) });
      const at = (of: (step: number) => number): number[] => Array.from({ length: steps + 1 }, (_, step) => of(step));
      return { lr: at(schedule.lrAt), ...(expected && 'momentum' in expected ? { momentum: at(schedule.momentumAt!) } : {}) };
    },
    getWarmupSteps: ({ warmupSteps, totalSteps }: { warmupSteps: number; totalSteps: number }) => ({
      steps: schedulers.getWarmupSteps(warmupSteps, totalSteps),
    }),
  };
  it.each(evidenceCases('training/schedulers', answers as never, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const kinds = fc.constantFrom(...schedulers.listSchedulerTypes());
  it('no rate leaves the range from zero to the base, and a warm-up ends at the base', () => {
    fc.assert(
      fc.property(kinds, fc.integer({ min: 2, max: 400 }), fc.integer({ min: 1, max: 99 }), fc.nat({ max: 400 }), (schedulerType, total, percent, step) => {
        const warmupConfig = schedulers.createWarmupConfig({ warmupRatio: percent / 100 });
        const config = schedulers.createLrSchedulerConfig({ schedulerType, warmupConfig, totalSteps: total, baseLr: 1 });
        const rate = schedulers.calculateLrAtStep(Math.min(step, total), config);
        const warmup = Math.trunc(total * (percent / 100));
        return rate >= 0 && rate <= 1 && (schedulerType === 'one_cycle' || Math.abs(schedulers.calculateLrAtStep(warmup, config) - 1) < 1e-12);
      }),
      { numRuns: 100 },
    );
  });
  it('a scheduler that is stepped and reset gives the same rates again', () => {
    const makers = [
      () => schedulers.createScheduler('constant', { lr: 0.1 }),
      () => schedulers.createScheduler('step_decay', { lr: 0.1, stepSize: 3 }),
      () => schedulers.createScheduler('exponential_decay', { lr: 0.1, gamma: 0.9 }),
      () => schedulers.createScheduler('cosine_annealing', { lr: 0.1, totalSteps: 20 }),
      () => schedulers.createScheduler('linear_warmup', { lr: 0.1, warmupSteps: 5 }),
      () => schedulers.createScheduler('one_cycle', { lr: 0.1, totalSteps: 20 }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...makers), fc.integer({ min: 1, max: 30 }), (make, steps) => {
        const scheduler = make();
        const first = [scheduler.getLr(), ...Array.from({ length: steps }, () => scheduler.step())];
        const reached = scheduler.currentStep();
        scheduler.reset();
        const again = [scheduler.getLr(), ...Array.from({ length: steps }, () => scheduler.step())];
        return reached === steps && JSON.stringify(first) === JSON.stringify(again) && Math.max(...first) <= 0.1 + 1e-15;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(schedulers.WarmupConfig),
    ...sweep(schedulers.CosineConfig),
    ...sweep(schedulers.PolynomialConfig),
    ...sweep(schedulers.LRSchedulerConfig),
    ...sweep(schedulers.SchedulerStats),
    ...sweepEnum('LRSchedulerType', schedulers.LRSchedulerType, { list: schedulers.listSchedulerTypes, get: schedulers.getSchedulerType }),
    ...sweepEnum('WarmupType', schedulers.WarmupType, { list: schedulers.listWarmupTypes, get: schedulers.getWarmupType }),
    ...sweepEnum('DecayType', schedulers.DecayType, { list: schedulers.listDecayTypes, get: schedulers.getDecayType }),
  ])('$name', c => c.run());
});

describe('LearningRateScheduler', () => {
  it.each([
    [schedulers.LearningRateScheduler.constant(0.5), 'constant', Number.POSITIVE_INFINITY, [0.5, 0.5, 0.5]],
    [schedulers.LearningRateScheduler.stepDecay(1, 2, 0.5), 'step_decay', Number.POSITIVE_INFINITY, [1, 1, 0.5]],
    [schedulers.LearningRateScheduler.exponentialDecay(1, 0.5), 'exponential_decay', Number.POSITIVE_INFINITY, [1, 0.5, 0.25]],
    [schedulers.LearningRateScheduler.cosineAnnealing(1, 2, 0.5), 'cosine_annealing', 2, [1, 0.75, 0.5, 0.5]],
    [schedulers.LearningRateScheduler.linearWarmup(1, 2), 'linear_warmup', 2, [0, 0.5, 1, 1]],
  ])('%# takes its steps', (scheduler, type, total, rates) => {
    expect([scheduler.schedulerType(), scheduler.totalSteps(), scheduler.currentStep()]).toEqual([type, total, 0]);
    const seen = [scheduler.getLr(), ...rates.slice(1).map(() => scheduler.step())];
    for (const [i, rate] of rates.entries()) expect(seen[i]).toBeCloseTo(rate, 15);
  });
  it('cycles as torch.optim.lr_scheduler.OneCycleLR(max_lr=0.02, total_steps=25)', () => {
    const scheduler = schedulers.LearningRateScheduler.oneCycle(0.02, 25);
    const seen = [scheduler.getLr(), ...Array.from({ length: 9 }, () => scheduler.step())];
    const torch = [
      0.0007999999999999986, 0.0018996221537291857, 0.004946578431380905, 0.009242847869548898, 0.013804206915608342, 0.017585703182442573, 0.0197210414472901,
      0.019959743100980632, 0.019639630048444105, 0.019009692640269475,
    ];
    for (const [i, rate] of torch.entries()) expect(seen[i]).toBeCloseTo(rate, 12);
  });
});

describe('chains', () => {
  it('a cosine goes on from the rate that others made, as in torch', () => {
    const chain = schedulers.torchScheduler('ChainedScheduler', {
      baseLr: 1,
      schedulers: [
        { type: 'CosineAnnealingLR', tMax: 3, etaMin: 0.1 },
        { type: 'ExponentialLR', gamma: 0.9 },
      ],
    });
    const torch = [1, 0.6975, 0.26925, 0.09, 0.2835, 0.58545, 0.67254];
    for (const [step, lr] of torch.entries()) expect(chain.lrAt(step)).toBeCloseTo(lr, 6);
  });
});

describe('refusals', () => {
  it.each([
    [() => schedulers.calculateWarmupLr(1, 0, 1), 'warmupSteps must be positive, got 0'],
    [() => schedulers.plotLrSchedule(schedulers.createLrSchedulerConfig(), { numPoints: 2 ** 30 }), 'numPoints must be at most 1048576'],
    [() => schedulers.getScheduler('linear', { baseLr: 1 }), 'numTrainingSteps is required for linear'],
    [() => schedulers.createScheduler('cosine_annealing', { lr: 1 }), 'totalSteps cannot be null'],
    [() => schedulers.createScheduler('triangle' as never, { lr: 1 }), 'type must be one of'],
    [() => schedulers.getScheduler('cosine', { baseLr: 1, numTrainingSteps: 5 }).lrAt(-1), 'step must be non-negative, got -1'],
    [() => schedulers.getScheduler('warmup_stable_decay', { baseLr: 1, numTrainingSteps: 5 }).lrAt(1), 'numDecaySteps cannot be null'],
    [() => schedulers.LearningRateScheduler.oneCycle(0, 10), 'maxLr must be positive, got 0'],
    [() => schedulers.torchScheduler('StepLR', { baseLr: 1 }).lrAt(0), 'stepSize must be given'],
    [() => schedulers.torchScheduler('NoLR', { baseLr: 1 }), 'type must be one of ChainedScheduler'],
    [() => schedulers.torchScheduler('ConstantLR', { baseLr: 1 }).lrAt(-1), 'step must be non-negative, got -1'],
    [
      () => schedulers.torchScheduler('SequentialLR', { baseLr: 1, schedulers: [{ type: 'ConstantLR' }], milestones: [1] }),
      'milestones must be one fewer than the 1',
    ],
    [() => schedulers.torchScheduler('OneCycleLR', { baseLr: 1, maxLr: 1, totalSteps: 3 }).lrAt(4), 'step must be at most 3'],
    [() => new schedulers.ReduceLROnPlateau({ baseLr: 1, factor: 1 }), 'factor must be below 1, got 1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

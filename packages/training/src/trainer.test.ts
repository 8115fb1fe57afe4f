import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as trainer from './trainer.js';

describe('parity: trainer', () => {
  it.each(parityCases('training/trainer', trainer, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  /** A line fitted by least squares. */
  class Line implements trainer.TrainableModel<readonly [number, number]> {
    slope = 0;
    seen: number[] = [];
    trainStep(batch: readonly (readonly [number, number])[], { learningRate }: trainer.StepSettings) {
      this.seen.push(batch.length);
      const before = this.evaluate(batch);
      for (const [x, y] of batch) this.slope -= (learningRate * 2 * x * (this.slope * x - y)) / batch.length;
      return before;
    }
    evaluate(examples: readonly (readonly [number, number])[]) {
      return { loss: examples.reduce((sum, [x, y]) => sum + (this.slope * x - y) ** 2, 0) / examples.length, accuracy: 1 };
    }
  }
  const points = Array.from({ length: 50 }, (_, i): readonly [number, number] => [i / 50, (3 * i) / 50]);
  it('fits a line, and every epoch sees every example once', async () => {
    const model = new Line();
    const run = new trainer.Trainer({ epochs: 40, batchSize: 8, learningRate: 0.3 });
    const history = await run.fit(model, points);
    expect(model.slope).toBeCloseTo(3, 2);
    expect(history).toHaveLength(40);
    expect(model.seen.reduce((a, b) => a + b)).toBe(40 * 45);
    expect(run.bestLoss).toBe(Math.min(...history.map(epoch => epoch.valLoss!)));
    expect(history[0]).toMatchObject({ epoch: 1, trainAccuracy: expect.closeTo(1, 9), valAccuracy: 1 });
  });
  it('repeats itself with the same seed and follows a schedule', async () => {
    const fitted = async (seed: number) => {
      const model = new Line();
      await new trainer.Trainer({ epochs: 2, batchSize: 4 }).fit(model, points, { seed, learningRateAt: (step, total) => 1 - step / total });
      return model.slope;
    };
    expect(await fitted(1)).toBe(await fitted(1));
    expect(await fitted(1)).not.toBe(await fitted(2));
  });
  it('stops when patience runs out, when asked to, and when the loss is no number', async () => {
    const flat = { trainStep: () => ({ loss: 1 }), evaluate: () => ({ loss: 1 }) };
    const run = new trainer.Trainer({ epochs: 100, earlyStopping: 3 });
    expect(await run.fit(flat, points)).toHaveLength(4);
    run.reset();
    expect([run.currentEpoch, run.bestLoss, run.shouldStop]).toEqual([0, Number.POSITIVE_INFINITY, false]);
    await expect(run.fit(flat, points, { signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    const broken = { trainStep: () => ({ loss: Number.NaN }), evaluate: () => ({ loss: 1 }) };
    await expect(run.fit(broken, points)).rejects.toThrow('loss must be finite, got NaN in epoch 1, step 0');
    await expect(run.fit(flat, [])).rejects.toThrow('examples cannot be empty');
  });
  it('keeps the newest checkpoints', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1e6), { maxLength: 20 }), fc.integer({ min: 1, max: 20 }), (steps, limit) => {
        const paths = steps.map(step => trainer.getCheckpointPath('/runs/a', step));
        const doomed = trainer.getCheckpointsToDelete(paths, limit);
        const kept = paths.filter(path => !doomed.includes(path));
        return kept.length === Math.min(limit, paths.length) && (kept.length === 0 || kept.includes(trainer.getLatestCheckpoint(paths)!));
      }),
      { numRuns: 100 },
    );
  });
  it.each(sweep(trainer.TrainerConfig))('$name', c => c.run());
});

describe('definitions', () => {
  it.each([
    ...sweep(trainer.TrainerState),
    ...sweep(trainer.CheckpointConfig),
    ...sweep(trainer.EarlyStoppingConfig),
    ...sweep(trainer.SchedulerConfig),
    ...sweep(trainer.TrainingProgress, () => trainer.createTrainingProgress(50, 100, 1, 3)),
    ...sweepEnum('SchedulerType', trainer.SchedulerType, {
      list: trainer.listSchedulerTypes,
      is: trainer.validateSchedulerType,
      get: trainer.getSchedulerType,
    }),
    ...sweepEnum('EarlyStoppingMode', trainer.EarlyStoppingMode, {
      list: trainer.listEarlyStoppingModes,
      is: trainer.validateEarlyStoppingMode,
      get: trainer.getEarlyStoppingMode,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => trainer.computeWarmupSteps(10, 1.5), 'warmupRatio must be in [0, 1], got 1.5'],
    [() => new trainer.Trainer({ epochs: 0 }), 'epochs must be positive, got 0'],
    [() => trainer.createTrainingProgress(0, 10, 0, 0), 'totalEpochs must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as callbacks from './callbacks.js';

describe('parity: callbacks', () => {
  it.each(parityCases('training/callbacks', callbacks, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('stops after as many epochs without improvement as its patience', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.double({ min: 0, max: 9, noNaN: true }), { minLength: 1, maxLength: 30 }), (patience, losses) => {
        const stopping = new callbacks.EarlyStopping({ patience });
        for (const [epoch, trainLoss] of losses.entries()) stopping.onEpochEnd({ epoch, trainLoss });
        const best = Math.min(...losses);
        return (
          stopping.bestLoss === best && stopping.waitCount === losses.length - 1 - losses.indexOf(best) && stopping.isStopped === stopping.waitCount >= patience
        );
      }),
      { numRuns: 100 },
    );
  });
  it('saves the best epochs only, or all of them, and forgets', () => {
    const accuracies = [0.5, 0.4, 0.6];
    const saved = (saveBestOnly: boolean) => {
      const checkpoint = new callbacks.ModelCheckpoint({ monitor: 'val_accuracy', saveBestOnly });
      const epochs = accuracies.map((valAccuracy, epoch) => checkpoint.shouldSave({ epoch, trainLoss: 1, valAccuracy }));
      const state = [checkpoint.bestValue, checkpoint.lastSavedEpoch, checkpoint.shouldSave({ epoch: 3, trainLoss: 0 })];
      checkpoint.reset();
      return [epochs, state, checkpoint.bestValue, checkpoint.lastSavedEpoch];
    };
    expect(saved(true)).toEqual([[true, false, true], [0.6, 2, false], Number.NEGATIVE_INFINITY, null]);
    expect(saved(false)[0]).toEqual([true, true, true]);
  });
  it('forgets the losses', () => {
    const stopping = new callbacks.EarlyStopping({ patience: 1 });
    stopping.onEpochEnd({ epoch: 0, trainLoss: 1, valLoss: 2 });
    expect(stopping.bestLoss).toBe(2);
    stopping.reset();
    expect([stopping.bestLoss, stopping.isStopped]).toEqual([Number.POSITIVE_INFINITY, false]);
  });
  it('early stopping hears of evaluations, logging of every n-th step', () => {
    const stopping = callbacks.createEarlyStoppingCallback({ patience: 2, threshold: 0, metric: 'f1', mode: 'max' });
    expect([0.5, 0.4, 0.3].map(f1 => stopping.onEvaluate({ f1 }))).toEqual([false, false, true]);
    const lines: string[] = [];
    const logging = callbacks.createLoggingCallback(
      { logEveryNSteps: 2, logPredictions: false, logGradients: false, maxSamplesToLog: 1 },
      { write: line => lines.push(line) },
    );
    for (const step of [1, 2, 3, 4]) logging.onStep(step, { loss: 1 / step });
    expect(lines).toEqual(['step 2 · loss 0.5000', 'step 4 · loss 0.2500']);
  });
});

describe('definitions', () => {
  it.each([...sweep(callbacks.EarlyStoppingConfig), ...sweep(callbacks.LoggingConfig), ...sweep(callbacks.CheckpointConfig)])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => new callbacks.EarlyStopping({ patience: 0 }), 'patience must be positive, got 0'],
    [
      () => new callbacks.ModelCheckpoint({ monitor: 'mood' as never }),
      "monitor must be one of train_accuracy, train_loss, val_accuracy, val_loss, got 'mood'",
    ],
    [
      () => callbacks.createEarlyStoppingCallback({ patience: 1, threshold: 0, metric: 'f1', mode: 'max' }).onEvaluate({ loss: 1 }),
      'metrics must have f1, got loss',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

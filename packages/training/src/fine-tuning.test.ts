import { parityCases, sweep } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import * as fineTuning from './fine-tuning.js';

describe('parity: fine_tuning', () => {
  it.each(parityCases('training/fine_tuning', fineTuning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('trains with a warm-up and a linear decay', async () => {
    const rates: number[] = [];
    const model = {
      trainStep: (_: readonly number[], { learningRate }: { learningRate: number }) => {
        rates.push(learningRate);
        return { loss: 1 };
      },
      evaluate: () => ({ loss: 2 }),
    };
    const args = fineTuning.createTrainingArgs('out', { numEpochs: 2, batchSize: 1, learningRate: 1, warmupRatio: 0.2 });
    const run = fineTuning.createTrainer(model, args, [1, 2, 3, 4, 5], { computeMetrics: () => ({ accuracy: 0.5 }) });
    expect(await run.train()).toHaveLength(2);
    expect(rates).toEqual([0, 0.5, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]);
    expect(await run.evaluate()).toEqual({ loss: 2, accuracy: 0.5 });
  });
});

describe('definitions', () => {
  it.each([...sweep(fineTuning.TrainingConfig, () => fineTuning.createTrainingArgs('out'))])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => fineTuning.createTrainingArgs(''), 'outputDir cannot be empty'],
    [() => fineTuning.createTrainingArgs('out', { evalStrategy: 'never' }), "evalStrategy must be one of epoch, no, steps, got 'never'"],
    [
      () => fineTuning.createTrainer({ trainStep: () => ({ loss: 0 }), evaluate: () => ({ loss: 0 }) }, fineTuning.createTrainingArgs('out'), []),
      'trainDataset cannot be empty',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

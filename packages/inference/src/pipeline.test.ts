import { sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchModel, InferencePipeline, PipelineConfig, PipelineResult } from './pipeline.js';

describe('InferencePipeline', () => {
  const model: BatchModel = batch => batch.map(row => [0, row.reduce((total, value) => total + value, 0)]);
  const ready = (options: Partial<PipelineConfig> = {}, given: BatchModel = model): Promise<InferencePipeline> =>
    new InferencePipeline({ model: given }, options).initialize();
  it('predictions do not depend on the batch', async () => {
    const inputs = fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(inputs, fc.integer({ min: 1, max: 5 }), async (rows, batchSize) => {
        const [alone, together] = [await (await ready({ batchSize })).predict(rows), await (await ready()).predict(rows)];
        const sums = alone.scores.map(row => row.reduce((total, p) => total + p, 0));
        return String(alone.scores) === String(together.scores) && sums.every(total => Math.abs(total - 1) < 1e-12);
      }),
      { numRuns: 100 },
    );
  });
  it('hands out batches and cuts long inputs', async () => {
    const seen: (readonly number[])[][] = [];
    const watching: BatchModel = async batch => {
      seen.push([...batch]);
      return batch.map(() => [1]);
    };
    await (await ready({ batchSize: 2, maxLength: 1 }, watching)).predict([[1, 9], [2], [3]]);
    expect(seen).toEqual([[[1], [2]], [[3]]]);
  });
  it('loads once, and again after a reset', async () => {
    let loads = 0;
    const pipeline = new InferencePipeline({ model, load: async () => void loads++ });
    await expect(pipeline.predict([[1]])).rejects.toThrow('the pipeline must be initialized before it predicts');
    await (await pipeline.initialize()).initialize();
    expect([pipeline.isReady, loads]).toEqual([true, 1]);
    pipeline.reset();
    expect(pipeline.isReady).toBe(false);
  });
  it('reads texts where it knows how', async () => {
    const pipeline = await new InferencePipeline({ model, preprocess: text => [text.length - 3] }, { postprocess: false }).initialize();
    const result = await pipeline.predictWithPreprocessing(['hello', 'a']);
    expect([result.labels, result.confidences, result.topPrediction]).toEqual([
      [1, 0],
      [2, 0],
      [1, 2],
    ]);
    await expect((await ready()).predictWithPreprocessing(['a'])).rejects.toThrow('preprocess must be given to predict from texts');
  });
  it('a result may be empty', () => {
    const empty = new PipelineResult([], 0);
    expect([empty.isEmpty, empty.length, empty.topPrediction]).toEqual([true, 0, null]);
    expect(new PipelineResult([[0.5, 0.5]], 0).labels).toEqual([0]);
  });
  it('refuses what no model may answer', async () => {
    await expect((await ready()).predict([])).rejects.toThrow('inputs cannot be empty');
    await expect((await ready({}, () => [])).predict([[1]])).rejects.toThrow('rows of the model');
    await expect((await ready({}, () => [[Number.NaN]])).predict([[1]])).rejects.toThrow('model must give finite scores, got [null] for input 0');
    await expect((await ready({}, () => [[]])).predict([[1]])).rejects.toThrow('model must give finite scores, got [] for input 0');
    expect(() => new InferencePipeline({ model }, { batchSize: 0 })).toThrow('batchSize must be positive, got 0');
  });
  it.each(sweep(PipelineConfig))('$name', c => c.run());
});

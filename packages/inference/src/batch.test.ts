import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as batch from './batch.js';

describe('parity: batch', () => {
  it.each(parityCases('inference/batch', batch, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('batches hold every item once, in order, and are as many as counted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (items, size) => {
        const made = [...batch.createBatches(items, size)];
        expect(made.flat()).toEqual(items);
        return made.length === batch.computeNumBatches(items.length, size);
      }),
      { numRuns: 100 },
    );
  });
  it('the greatest batch fits, and one more does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 10000 }), fc.integer({ min: 1, max: 512 }), (memory, length) => {
        const size = batch.getOptimalBatchSize(memory, length);
        return (
          size >= 1 &&
          (size === 1 || batch.estimateMemoryPerBatch(size, length) <= memory * 0.8) &&
          batch.estimateMemoryPerBatch(size + 1, length) > memory * 0.8
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('BatchProcessor', () => {
  it('hands every item out once, in order, in full batches', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (items, batchSize) => {
        const processor = new batch.BatchProcessor<number>({ batchSize }).addBatch(items);
        const batches: number[][] = [];
        for (let next = processor.process(); next !== null; next = processor.process()) batches.push(next);
        const full = batches.every(list => list.length === batchSize) && processor.pendingCount < batchSize;
        return full && String([...batches, ...processor.flush()].flat()) === String(items) && processor.processedCount === items.length;
      }),
      { numRuns: 200 },
    );
  });
  it('forgets on reset', () => {
    const processor = new batch.BatchProcessor<string>({ batchSize: 2 }).add('a');
    expect([processor.isBatchReady, processor.pendingCount]).toEqual([false, 1]);
    processor.add('b').process();
    processor.add('c').reset();
    expect([processor.pendingCount, processor.processedCount, processor.flush()]).toEqual([0, 0, []]);
    expect(() => new batch.BatchProcessor({ batchSize: 0 })).toThrow('batchSize must be positive, got 0');
  });
});

describe('definitions', () => {
  it.each([...sweep(batch.BatchConfig)])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => batch.createBatches(null as never, 1), 'items cannot be null'],
    [() => batch.createBatches([1], 0.5), 'batchSize must be an integer, got 0.5'],
    [() => batch.getOptimalBatchSize(Number.POSITIVE_INFINITY, 1), 'availableMemoryMb must be finite, got Infinity'],
    [() => batch.computeBatchStats(1, 1, -1), 'totalTimeMs must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

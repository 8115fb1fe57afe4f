import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as datasets from './datasets.js';

describe('parity: datasets', () => {
  it.each(parityCases('preprocessing/datasets', datasets, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('splits keep every row once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(1000), fc.boolean(), (rows, seed, shuffle) => {
        const dataset = { id: Array.from({ length: rows }, (_, i) => i) };
        const parts = datasets.createTrainValTestSplit(dataset, { testSize: 0.2, validationSize: 0.2, seed, shuffle });
        return String(parts.flatMap(part => part['id'] as number[]).sort((a, b) => a - b)) === String(dataset.id);
      }),
      { numRuns: 100 },
    );
  });
  // datasets 4: Dataset.from_dict({'i': range(n)}).train_test_split(test_size=…, seed=…)
  it.each([
    [10, 0.2, 42, [5, 6]],
    [37, 0.25, 20260, [3, 2, 36, 34, 10, 8, 6, 25, 11, 4]],
  ])('splits %i rows as the library does', (rows, testSize, seed, expected) => {
    const [, test] = datasets.createTrainTestSplit({ i: Array.from({ length: rows }, (_, i) => i) }, { testSize, seed });
    expect(test['i']).toEqual(expected);
  });
  it('counts the rows of all splits', () => {
    expect(datasets.getDatasetInfo({ train: { a: [1, 2] }, test: { a: [3] } })).toEqual({
      name: 'dataset',
      numRows: 3,
      columns: ['a'],
      splits: ['train', 'test'],
    });
    expect(datasets.getDatasetInfo({})).toEqual({ name: 'dataset', numRows: 0, columns: [], splits: ['train'] });
  });
  it('measures arrays by their items', () => {
    expect(datasets.filterByLength({ ids: [[1], [1, 2]], n: [1, 2] }, 'ids', { minLength: 2 })).toEqual({ ids: [[1, 2]], n: [2] });
  });
});

describe('definitions', () => {
  it.each([...sweep(datasets.DatasetInfo)])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => datasets.validateSplitSizes(0.8, 0.3, null), 'the split sizes trainSize, testSize must sum to at most 1, got 1.1'],
    [() => datasets.createTrainTestSplit({ a: [1] }), 'testSize must leave rows to train on, got 0.2 of 1 rows'],
    [() => datasets.createTrainTestSplit({ a: [1, 2] }, { seed: -1 }), 'seed must be non-negative, got -1'],
    [() => datasets.renameColumns({ a: [1], b: [2] }, { a: 'b' }), "columnMapping must give every column a name of its own, got 'b' twice"],
    [() => datasets.selectColumns({ text: [] }, ['txt']), "unknown dataset column 'txt'; did you mean 'text'?"],
    [() => datasets.filterByLength({ a: [1] }, 'a', { minLength: 1 }), "column 'a' must hold texts or arrays, got 1"],
    [() => datasets.sampleDataset({ a: [1] }, 2), "n must be at most the dataset's 1 rows, got 2"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

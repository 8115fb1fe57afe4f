import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cv from '../../cross-validation.js';
import { crossValidationAnswers } from './evidence.fixture.js';
import { range } from './split.js';

describe('evidence: cross_validation', () => {
  it.each(evidenceCases('evaluation/cross_validation', crossValidationAnswers, import.meta.url, '../../../evidence/cross_validation.json'))('$name', c =>
    c.run(),
  );
});

describe('laws', () => {
  const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 60 });
  const folded: readonly [string, (y: number[], randomState: number, shuffle: boolean) => cv.Split[]][] = [
    ['kFold', (y, randomState, shuffle) => cv.kFold(y.length, { nSplits: 3, shuffle, randomState })],
    ['stratifiedKFold', (y, randomState, shuffle) => cv.stratifiedKFold([...y, 0, 0, 0], { nSplits: 3, shuffle, randomState })],
    ['groupKFold', (y, randomState, shuffle) => cv.groupKFold([...y, 4, 5, 6], { nSplits: 3, shuffle, randomState })],
    [
      'stratifiedGroupKFold',
      (y, randomState, shuffle) =>
        cv.stratifiedGroupKFold(
          y.map(value => value % 2),
          y.map((_, i) => i % 4),
          { nSplits: 3, shuffle, randomState },
        ),
    ],
  ];
  it.each(folded)('%s tests every sample once and trains on the others', (_name, split) => {
    fc.assert(
      fc.property(labels, fc.nat(), fc.boolean(), (y, randomState, shuffle) => {
        const splits = split(y, randomState, shuffle);
        const n = splits[0]!.train.length + splits[0]!.test.length;
        expect(splits.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(range(n));
        for (const { train, test } of splits) expect([...train, ...test].sort((a, b) => a - b)).toEqual(range(n));
      }),
      { numRuns: 100 },
    );
  });
  it('no group is on both sides', () => {
    fc.assert(
      fc.property(labels, fc.nat(), (drawn, randomState) => {
        const groups = [...drawn, 0, 1, 2, 3];
        for (const { train, test } of [
          ...cv.groupKFold(groups, { nSplits: 2 }),
          ...cv.groupShuffleSplit(groups, { randomState }),
          ...cv.leaveOneGroupOut(groups),
        ]) {
          const trained = new Set(Array.from(train, i => groups[i]));
          expect(Array.from(test, i => groups[i]).some(group => trained.has(group))).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });
  it('random splits have the sizes asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.double({ min: 0.1, max: 0.7, noNaN: true }), fc.nat(), (n, testSize, randomState) => {
        fc.pre(!Number.isInteger(testSize));
        const { train, test } = cv.trainTestSplit(n, { testSize, randomState });
        expect([test.length, train.length]).toEqual([Math.ceil(testSize * n), n - Math.ceil(testSize * n)]);
        expect(new Set([...train, ...test]).size).toBe(n);
      }),
      { numRuns: 100 },
    );
  });
});

describe('choices', () => {
  it('sizes may be numbers of samples, and what is left out of both stays out', () => {
    const { train, test } = cv.trainTestSplit(10, { trainSize: 3, testSize: 2, randomState: 0 });
    expect([train.length, test.length]).toEqual([3, 2]);
    expect(cv.trainTestSplit(10, { trainSize: 0.75, randomState: 0 }).test.length).toBe(3);
    expect(cv.groupShuffleSplit(['a', 'b', 'c', 'd'], { trainSize: 0.5, randomState: 0 })[0]!.train.length).toBe(2);
    expect(cv.trainTestSplit(4, { trainSize: 1, shuffle: false }).test).toEqual(new Int32Array([1, 2, 3]));
  });
  it('time series leave a gap and forget the far past', () => {
    const splits = cv.timeSeriesSplit(9, { nSplits: 2, testSize: 2, gap: 1, maxTrainSize: 3 });
    expect(splits.map(({ train, test }) => [[...train], [...test]])).toEqual([
      [
        [1, 2, 3],
        [5, 6],
      ],
      [
        [3, 4, 5],
        [7, 8],
      ],
    ]);
  });
  it('splits by labels where they are text, by place where they are numbers', async () => {
    const seen: number[][] = [];
    const train = (x: readonly number[]): cv.Predict<number, never> => {
      seen.push([...x]);
      return rows => rows.map(() => 0 as never);
    };
    await cv.crossValidate(train, [0, 1, 2, 3], ['a', 'a', 'b', 'b'] as never[], { cv: 2, scoring: {} });
    await cv.crossValidate(train, [0, 1, 2, 3], [1, 1, 2, 2] as never[], { cv: 2, scoring: {} });
    expect(seen).toEqual([
      [1, 3],
      [0, 2],
      [2, 3],
      [0, 1],
    ]);
  });
  it('a stream goes on', async () => {
    const { NumpyRandomState } = await import('@gtc/tensor/random');
    const stream = new NumpyRandomState(0);
    expect(cv.shuffle(10, { randomState: stream })).not.toEqual(cv.shuffle(10, { randomState: stream }));
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['splits', () => cv.kFold(3, { nSplits: 5 }), 'nSplits must be at most the 3 samples, got 5'],
    ['one split', () => cv.kFold(9, { nSplits: 1 }), 'nSplits must be at least 2, got 1'],
    ['groups', () => cv.groupKFold(['a', 'a'], { nSplits: 2 }), 'nSplits must be at most the 1 groups, got 2'],
    ['one group', () => cv.leaveOneGroupOut(['a']), 'groups must have at least two values, got 1'],
    ['p', () => cv.leavePOut(5, 5), 'p must be in [1, 5), got 5'],
    ['choices', () => cv.leavePOut(100, 20), 'p must leave at most 1000000 choices'],
    ['one sample', () => cv.leaveOneOut(1), 'nSamples must be at least 2, got 1'],
    ['future', () => cv.timeSeriesSplit(4, { nSplits: 3, testSize: 2 }), 'nSplits must leave samples to train on, got 3 of 2 with gap 0 from 4'],
    ['folds', () => cv.predefinedSplit([-1, -1]), 'testFold must name a fold, got -1 alone'],
    ['share', () => cv.shuffleSplit(4, { testSize: 1.5 }), 'testSize must be a share in (0, 1) or a whole number of samples below 4, got 1.5'],
    ['both', () => cv.shuffleSplit(4, { testSize: 3, trainSize: 2 }), 'trainSize and testSize must not exceed the 4 samples, got 2 and 3'],
    ['nothing', () => cv.trainTestSplit(1), 'testSize must leave a sample to train on, got 1 of 1'],
    ['single', () => cv.stratifiedShuffleSplit(['a', 'a', 'b']), "y must have at least two members of every class, 'b' has one"],
    ['classes', () => cv.stratifiedShuffleSplit(['a', 'a', 'b', 'b'], { testSize: 1 }), 'testSize must hold the 2 classes, got 1 samples'],
    ['order', () => cv.trainTestSplit(4, { shuffle: false, stratify: [0, 0, 1, 1] }), 'stratify must be null where samples are not shuffled'],
    ['draws', () => cv.resample(3, { n: 4, replace: false }), 'n must be at most 3 without replacement, got 4'],
    ['lengths', () => cv.stratifiedGroupKFold([0, 1], ['a'], { nSplits: 2 }), 'groups'],
    ['empty', () => cv.stratifiedKFold([]), 'y cannot be empty'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

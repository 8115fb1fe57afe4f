import { sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as validation from './cross-validation.js';

describe('CrossValidator', () => {
  const { CrossValidator } = validation;
  // scikit-learn 1.9.1: KFold, StratifiedKFold
  it.each<[string, Partial<validation.CrossValidationConfig>, number[] | null, number[][]]>([
    [
      'KFold(3)',
      { nFolds: 3, shuffle: false, randomState: null, stratified: false },
      null,
      [
        [0, 1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 11, 12, 13],
        [14, 15, 16, 17, 18, 19],
      ],
    ],
    [
      'KFold(3, shuffle, 0)',
      { nFolds: 3, shuffle: true, randomState: 0, stratified: false },
      null,
      [
        [1, 6, 8, 10, 17, 18, 19],
        [2, 4, 5, 7, 9, 13, 14],
        [0, 3, 11, 12, 15, 16],
      ],
    ],
    [
      'KFold(5, shuffle, 42)',
      { nFolds: 5, shuffle: true, randomState: 42, stratified: false },
      null,
      [
        [0, 1, 15, 17],
        [3, 5, 8, 11],
        [2, 13, 16, 18],
        [4, 9, 12, 19],
        [6, 7, 10, 14],
      ],
    ],
    [
      'StratifiedKFold(2)',
      { nFolds: 2, shuffle: false, randomState: null, stratified: true },
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 1, 0, 2, 0, 1, 0, 0, 1, 2, 1, 0],
      [
        [0, 1, 2, 3, 4, 5, 6, 7, 9, 10],
        [8, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      ],
    ],
    [
      'StratifiedKFold(3, shuffle, 0)',
      { nFolds: 3, shuffle: true, randomState: 0, stratified: true },
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 1, 0, 2, 0, 1, 0, 0, 1, 2, 1, 0],
      [
        [1, 3, 4, 5, 6, 14, 17],
        [2, 8, 9, 12, 15, 16, 19],
        [0, 7, 10, 11, 13, 18],
      ],
    ],
    [
      'StratifiedKFold(3, shuffle, 7)',
      { nFolds: 3, shuffle: true, randomState: 7, stratified: true },
      [0, 1, 2, 0, 1, 2, 0, 1, 2, 1, 0, 2, 0, 1, 0, 0, 1, 2, 1, 0],
      [
        [0, 2, 6, 13, 14, 16, 17],
        [3, 7, 8, 9, 11, 12, 15],
        [1, 4, 5, 10, 18, 19],
      ],
    ],
  ])('%s is that of scikit-learn', (_name, config, labels, expected) => {
    expect(new CrossValidator(config).split(20, { labels }).map(({ val }) => val)).toEqual(expected);
  });
  it('every sample is validated once and trained on otherwise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 80 }),
        fc.integer({ min: 2, max: 10 }),
        fc.boolean(),
        fc.boolean(),
        fc.nat(1000),
        (n, nFolds, shuffle, stratified, randomState) => {
          const labels = Array.from({ length: n }, (_, i) => (i < nFolds ? 'a' : `l${(i * 7) % 3}`));
          const folds = new CrossValidator({ nFolds, shuffle, stratified, randomState }).split(n, { labels });
          const validated = folds.flatMap(({ val }) => val).sort((a, b) => a - b);
          return (
            String(validated) === String(labels.map((_, i) => i)) &&
            folds.every(({ train, val }) => train.length + val.length === n && !train.some(i => val.includes(i)))
          );
        },
      ),
      { numRuns: 200 },
    );
  });
  it('draws anew without a seed', () => {
    expect(new CrossValidator().split(10)).toHaveLength(5);
  });
  it('keeps the scores', () => {
    const validator = new CrossValidator({ nFolds: 2 });
    expect([validator.meanValScore, validator.stdValScore]).toEqual([Number.NaN, 0]);
    validator.recordFold({ fold: 0, trainScore: 1, valScore: 0.5 });
    validator.recordFold({ fold: 1, trainScore: 0.8, valScore: 0.7 });
    expect([validator.nFolds, validator.meanTrainScore, validator.meanValScore, validator.results.length]).toEqual([2, 0.9, 0.6, 2]);
    expect(validator.stdValScore).toBeCloseTo(Math.SQRT2 / 10, 12);
    validator.reset();
    expect(validator.results).toEqual([]);
  });
  it.each([
    [() => new CrossValidator({ nFolds: 1 }), 'nFolds must be at least 2, got 1'],
    [() => new CrossValidator({ nFolds: 5 }).split(3), 'nSamples must be at least 5, got 3'],
    [() => new CrossValidator({ stratified: true }).split(10), 'labels must be given where folds are stratified, got null'],
    [() => new CrossValidator({ stratified: true }).split(10, { labels: [1] }), 'labels'],
    [
      () => new CrossValidator({ stratified: true }).split(6, { labels: [0, 0, 1, 1, 2, 2] }),
      'nSplits must be at most the 2 members of the largest class, got 5',
    ],
    [() => new CrossValidator().recordFold({ fold: -1, trainScore: 0, valScore: 0 }), 'fold must be non-negative, got -1'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each(sweep(validation.CrossValidationConfig))('$name', c => c.run());
});

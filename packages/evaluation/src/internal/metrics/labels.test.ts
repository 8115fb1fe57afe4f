import { describe, expect, it } from 'vitest';
import { checkIndicators, checkPair, checkWeights, encode, isIndicator, tableRange, uniqueLabels } from './labels.js';

describe('labels', () => {
  it('come out once each, in ascending order', () => {
    expect(uniqueLabels([10, 9, 2], [9, 1])).toEqual([1, 2, 9, 10]);
    expect(uniqueLabels(['b', 'a'], ['B'])).toEqual(['B', 'a', 'b']);
    expect(uniqueLabels([true, false])).toEqual([false, true]);
  });
  it('are encoded by the union of both arrays', () => {
    const { labels, yTrue, yPred } = encode(['cat', 'dog'], ['dog', 'ant']);
    expect([labels, [...(yTrue as Int32Array)], [...(yPred as Int32Array)]]).toEqual([
      ['ant', 'cat', 'dog'],
      [1, 2],
      [2, 0],
    ]);
  });
  it('have a table only where all are integers in a short range', () => {
    expect(tableRange([3, 5], [4, 9])).toEqual({ low: 3, size: 7 });
    expect(tableRange([-2, 0], [0, 1])).toEqual({ low: -2, size: 4 });
    expect(tableRange([0, 511], [0, 0])).toEqual({ low: 0, size: 512 });
    expect(tableRange([0, 0], [0, 512])).toBeNull();
    expect(tableRange([0.5, 1], [0, 1])).toBeNull();
    expect(tableRange([0, 1], ['a', 'b'])).toBeNull();
    expect(tableRange([2 ** 31], [0])).toBeNull();
  });
  it('are told from indicator rows', () => {
    expect([isIndicator([[0, 1]]), isIndicator([new Uint8Array(2)]), isIndicator([0, 1]), isIndicator(['a']), isIndicator([null as never])]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('checks', () => {
  it('give the number of samples', () => {
    expect(checkPair([1, 2, 3], [3, 2, 1])).toBe(3);
    expect(checkPair(Int32Array.of(1, 2), Float64Array.of(0, 1))).toBe(2);
    expect(checkIndicators([[0, 1]], [[1, 0]])).toEqual({ n: 1, k: 2 });
  });
  it('let absent weights pass', () => {
    expect([checkWeights(null, 2), checkWeights(undefined, 2), checkWeights([1, 2], 2)]).toEqual([null, null, [1, 2]]);
  });
  it.each([
    [() => checkPair([], []), 'yTrue cannot be empty'],
    [() => checkPair([1], [1, 2]), 'yTrue and yPred'],
    [() => checkPair([1, Number.NaN], [1, 1]), 'yTrue must not contain NaN, found one at index 1'],
    [() => checkPair([1], Float32Array.of(Number.NaN)), 'yPred must not contain NaN, found one at index 0'],
    [() => checkPair([1], Float64Array.of(Number.NaN)), 'yPred must not contain NaN, found one at index 0'],
    [() => checkWeights([1], 2), 'sampleWeight must have length 2, got 1'],
    [() => checkWeights([1, Number.POSITIVE_INFINITY], 2), 'sampleWeight must be finite, got Infinity at index 1'],
    [() => checkIndicators([[0, 1]], [[0]]), 'yPred must have 2 columns in every row, got 1 in row 0'],
    [
      () =>
        checkIndicators(
          [[0, 1], [1]],
          [
            [0, 1],
            [0, 1],
          ],
        ),
      'yTrue must have 2 columns in every row, got 1 in row 1',
    ],
    [() => checkIndicators([[0, 2]], [[0, 1]]), 'yTrue must be one of 0, 1, got 2'],
    [() => isIndicator(null as never), 'yTrue cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusionMatrix, multilabelConfusionMatrix } from '../../metrics.js';

/** The matrix by definition. */
function plain(y: readonly number[], p: readonly number[], weights?: readonly number[]): number[][] {
  const labels = [...new Set([...y, ...p])].sort((a, b) => a - b);
  return labels.map(t => labels.map(q => y.reduce((total, value, i) => total + (value === t && p[i] === q ? (weights?.[i] ?? 1) : 0), 0)));
}

const pairs = (max: number, min = 0): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })), { minLength: 1, maxLength: 30 });

describe('confusion matrices', () => {
  it.each<[string, (values: number[]) => ArrayLike<number>, number, number]>([
    ['small integers in a typed array', values => Int32Array.from(values), 63, 0],
    ['bytes', values => Uint8Array.from(values), 63, 0],
    ['larger ones', values => Int32Array.from(values), 100, 0],
    ['negative ones', values => Int32Array.from(values), 3, -3],
    ['far ones', values => Int32Array.from(values), 1e6, -1e6],
    ['other words', values => Uint16Array.from(values), 90, 0],
    ['a plain array', values => values, 20, -20],
  ])('of %s are counted by definition', (_name, array, max, min) => {
    fc.assert(
      fc.property(pairs(max, min), drawn => {
        const [y, p] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        expect(confusionMatrix(array(y), array(p))).toEqual(plain(y, p));
      }),
      { numRuns: 100 },
    );
  });
  it('weigh samples, of integers and of texts', () => {
    fc.assert(
      fc.property(pairs(5), drawn => {
        const [y, p] = [drawn.map(([a]) => a), drawn.map(([, b]) => b)];
        const weights = drawn.map((_, i) => 1 + (i % 3));
        const expected = plain(y, p, weights);
        expect(confusionMatrix(Int32Array.from(y), Int32Array.from(p), { sampleWeight: weights })).toEqual(expected);
        expect(
          confusionMatrix(
            y.map(v => `c${v}`),
            p.map(v => `c${v}`),
            { sampleWeight: weights },
          ),
        ).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
  it.each([
    [
      'true',
      [
        [0.5, 0.5],
        [0, 1],
      ],
    ],
    [
      'pred',
      [
        [1, 0.5],
        [0, 0.5],
      ],
    ],
    [
      'all',
      [
        [1 / 3, 1 / 3],
        [0, 1 / 3],
      ],
    ],
  ] as const)('are shares of %s', (normalize, expected) => {
    expect(confusionMatrix(Int32Array.of(0, 0, 1), Int32Array.of(0, 1, 1), { normalize })).toEqual(expected);
  });
  it('stand in the order asked, and one for each label', () => {
    expect(confusionMatrix([0, 1, 1], [0, 1, 0], { labels: [1, 0] })).toEqual([
      [1, 1],
      [0, 1],
    ]);
    expect(multilabelConfusionMatrix(Int32Array.of(0, 1), Int32Array.of(0, 0))).toEqual([
      [
        [0, 1],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 0],
      ],
    ]);
  });
});

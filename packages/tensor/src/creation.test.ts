import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gtc from './index.js';

const { arange, eye, full, tensor, zeros } = gtc;
const like = tensor([1, 2], { dtype: 'float64' });

describe('creation', () => {
  it('takes shape and type of another tensor', () => {
    expect([gtc.zerosLike(like), gtc.onesLike(like), gtc.fullLike(like, 3), gtc.zerosLike(like, { dtype: 'bool' })].map(x => [x.dtype, x.tolist()])).toEqual([
      ['float64', [0, 0]],
      ['float64', [1, 1]],
      ['float64', [3, 3]],
      ['bool', [false, false]],
    ]);
  });
  it('fills in every type', () => {
    expect(gtc.DTYPES.map(dtype => full([1], 1, { dtype }).tolist())).toEqual(gtc.DTYPES.map(dtype => [dtype === 'bool' ? true : 1]));
  });
  it('makes leaves that require gradients', () => {
    expect(
      [zeros([1], { requiresGrad: true }), gtc.ones([1], { requiresGrad: true }), gtc.empty([1], { requiresGrad: true })].every(
        x => x.requiresGrad && x.isLeaf,
      ),
    ).toBe(true);
  });
  it('counts in steps without adding up errors', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 30 }), (start, count) => {
        const x = arange(start, start + count * 0.1, 0.1, { dtype: 'float64' });
        expect(x.tolist()).toEqual(Array.from({ length: x.size }, (_, i) => start + i * 0.1));
      }),
      { numRuns: 100 },
    );
  });
  it('spaces numbers between bounds', () => {
    expect([
      gtc.linspace(1, 2, 1).tolist(),
      gtc.linspace(0, 1, 0).tolist(),
      gtc.logspace(0, 2, 3, { base: 2 }).tolist(),
      gtc.geomspace(-1, -8, 4).tolist(),
    ]).toEqual([[1], [], [1, 2, 4], [-1, -2, -4, -8]]);
  });
  it('puts ones along diagonals', () => {
    expect([eye(2, 3, { k: -1 }).tolist(), gtc.tri(2, { k: -1 }).tolist(), gtc.tri(2, 2, 1).tolist()]).toEqual([
      [
        [0, 0, 0],
        [1, 0, 0],
      ],
      [
        [0, 0],
        [1, 0],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]);
  });
  it('raises a vector to powers in both orders', () => {
    expect([gtc.vander(tensor([2])).tolist(), gtc.vander(tensor([2, 3]), 3, { increasing: true }).tolist()]).toEqual([
      [[1]],
      [
        [1, 2, 4],
        [1, 3, 9],
      ],
    ]);
  });
  it('encodes class numbers', () => {
    expect(gtc.oneHot(tensor([0, 2], { dtype: 'int32' })).tolist()).toEqual([
      [1, 0, 0],
      [0, 0, 1],
    ]);
  });
  it('calls a function of the indices', () => {
    expect(gtc.fromFunction((i, j) => i - j, [2, 2], { dtype: 'int32' }).tolist()).toEqual([
      [0, -1],
      [1, 0],
    ]);
  });
  it('lists the places of triangles', () => {
    expect([gtc.trilIndices(2, 2, -1), gtc.triuIndices(2, 3, 1)].map(pair => pair.map(x => x.tolist()))).toEqual([
      [[1], [0]],
      [
        [0, 0, 1],
        [1, 2, 2],
      ],
    ]);
  });
  it('positions and indices are inverse', () => {
    const at = arange(24);
    expect(gtc.ravelMultiIndex(gtc.unravelIndex(at, [2, 3, 4]), [2, 3, 4]).tolist()).toEqual(at.tolist());
    expect(() => gtc.ravelMultiIndex([at], [2, 3])).toThrow('ravelMultiIndex: 1 index tensors for shape [2, 3]');
  });
  it('says how much memory was asked for', () => {
    expect(() => zeros([2 ** 40])).toThrow('out of memory: 4398046511104 bytes asked for 1099511627776 elements of float32');
  });
});

describe('draws', () => {
  it('follow the weights', () => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const generator = new gtc.TorchGenerator(seed);
        const drawn = gtc.multinomial(tensor([0, 3, 0, 1]), 400, { replacement: true, generator }).tolist() as number[];
        const ones = drawn.filter(value => value === 1).length;
        expect(drawn.every(value => value === 1 || value === 3)).toBe(true);
        expect(Math.abs(ones - 300)).toBeLessThan(60);
      }),
      { numRuns: 100 },
    );
  });
  it('without replacement are a permutation', () => {
    expect([...(gtc.multinomial(tensor([1, 2, 3]), 3).tolist() as number[])].sort()).toEqual([0, 1, 2]);
  });
});

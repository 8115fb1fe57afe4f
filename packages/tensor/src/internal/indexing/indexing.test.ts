import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';

type T = gtc.Tensor;

const operations = {
  ...gtc,
  get: (x: T, index: gtc.Index[]) => {
    const y = gtc.get(x, ...index);
    // Of an empty view the file gives no strides.
    return { y, sharesMemory: y.storage === x.storage, strides: y.size === 0 ? null : y.strides };
  },
  set: (x: T, index: gtc.Index[], value: T | number) => gtc.set(x, index, value),
  viewFill: (x: T, index: gtc.Index[], value: number) => {
    gtc.get(x, ...index).fill_(value);
    return { base: x };
  },
};

describe('evidence: indexing', () => {
  it.each(tensorCases('indexing', operations as never, import.meta.url))('$name', c => c.run());
});

const { gradcheck, tensor, zeros } = gtc;
const index = (...values: number[]): T => tensor(values, { dtype: 'int32' });
const point = tensor(
  [
    [0.3, -1.2, 0.7],
    [1.1, 0.4, -0.6],
  ],
  { dtype: 'float64' },
);

describe('refusals of indices', () => {
  it.each<[string, () => unknown]>([
    ['gather: index of shape [3, 1] does not fit [2, 3] outside axis 1', () => gtc.gather(point, 1, tensor([[0], [0], [0]], { dtype: 'int32' }))],
    ['takeAlongAxis: index of shape [1] must have the axes of [2, 3]', () => gtc.takeAlongAxis(point, index(0), 1)],
    ['indexSelect: index must be a vector, got shape [1, 1]', () => gtc.indexSelect(point, 0, tensor([[0]], { dtype: 'int32' }))],
    ["scatter: source must be of the tensor's dtype float32, got float64", () => gtc.scatter(zeros([2]), 0, index(0), tensor([1], { dtype: 'float64' }))],
    ['scatter: source of shape [1] does not cover the index of shape [2]', () => gtc.scatter(zeros([2]), 0, index(0, 1), zeros([1]))],
    ['indexAdd: index must be a vector, got shape [1, 1]', () => gtc.indexAdd(zeros([2]), 0, tensor([[0]], { dtype: 'int32' }), zeros([1]))],
    ['indexCopy: source of shape [3] must have shape [1]', () => gtc.indexCopy(zeros([2]), 0, index(0), zeros([3]))],
    ['maskedFill: a mask of shape [3] does not fit [1]', () => gtc.maskedFill(zeros([1]), tensor([1, 1, 1], { dtype: 'bool' }), 0)],
    ['maskedScatter: a source of 1 elements for 2 places', () => gtc.maskedScatter(zeros([2]), tensor([1, 1], { dtype: 'bool' }), zeros([1]))],
    ['segmentSum: 1 segment numbers for 2 slices', () => gtc.segmentSum(zeros([2]), index(0), 1)],
    ['select: 1 conditions for 0 choices', () => gtc.select([tensor([1], { dtype: 'bool' })], [])],
    ['take: index must be of an integer dtype, got float32', () => gtc.take(zeros([2]), zeros([1]))],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
});

describe('gradients of writing equal differences', () => {
  it.each<[string, (...x: T[]) => T, T[]]>([
    ['put', x => gtc.put(x, index(5, 0), tensor([1, 2], { dtype: 'float64' })), [point]],
    ['set by arrays', x => gtc.set(x.clone(), [index(0), index(2)], x.get(1, 0).reshape([1])), [point]],
    ['set by slices', x => gtc.set(x.clone(), [':', '::2'], x.get(1, 0)), [point]],
    ['segmentSum', x => gtc.segmentSum(x, index(1, 1), 2).square(), [point]],
    [
      'scatterReduce of the mean without self',
      x => gtc.scatterReduce(x, 0, tensor([[0, 1, 0]], { dtype: 'int32' }), x.get('1:'), 'mean', { includeSelf: false }),
      [point],
    ],
    ['compress', x => gtc.compress(tensor([0, 1, 1, 0, 0, 1], { dtype: 'bool' }), x).square(), [point]],
    ['choose', x => gtc.choose(index(1, 0, 1), [x.get(0), x.get(1)]), [point]],
    ['select', x => gtc.select([x.gt(0)], [x.square()], { default: 2 }), [point]],
    ['masked copies', x => gtc.maskedScatter(x, x.lt(0), gtc.maskedSelect(x, x.gt(0))), [point]],
    ['indexFill', x => gtc.indexFill(x, 1, index(1), 3), [point]],
  ])('%s', (_, fn, inputs) => {
    expect(gradcheck(fn, inputs)).toBe(true);
  });
  it('reduces integers too', () => {
    const x = tensor([1, 5], { dtype: 'int32' });
    expect(['sum', 'amax', 'amin', 'prod'].map(how => gtc.scatterReduce(x, 0, index(0, 0), index(3, 4), how as gtc.Reduce).tolist())).toEqual([
      [8, 5],
      [4, 5],
      [1, 5],
      [12, 5],
    ]);
  });
  it('finds what is not zero in a scalar', () => {
    expect([gtc.nonzero(tensor(2)).shape, gtc.nonzero(tensor(0)).shape]).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });
});

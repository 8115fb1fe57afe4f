import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';

type T = gtc.Tensor;
const all = gtc as unknown as Record<string, (...args: never[]) => unknown>;

/** A result together with whether it shares the buffer of the first operand. */
const shared =
  (name: string) =>
  (x: T | T[], ...rest: unknown[]): unknown => {
    const y = (all[name] as (...args: unknown[]) => unknown)(x, ...rest);
    return y instanceof gtc.Tensor ? { y, sharesMemory: x instanceof gtc.Tensor && y.storage === x.storage } : y;
  };

const VIEWS = ['reshape', 'permute', 'transpose', 'swapaxes', 'matrixTranspose', 'moveaxis', 'squeeze', 'unsqueeze', 'broadcastTo', 'expand'];
const operations = {
  ...all,
  ...Object.fromEntries([...VIEWS, 'cat', 'diagonal', 'slidingWindow', 'unfold', 'asStrided'].map(name => [name, shared(name)])),
  delete: gtc.remove,
};

describe('evidence: shape_ops', () => {
  it.each(tensorCases('shape_ops', operations as never, import.meta.url))('$name', c => c.run());
});

const { ones, tensor, zeros } = gtc;

describe('refusals of shapes', () => {
  it.each<[string, () => unknown]>([
    ['permute: axis must name each of the 2 axes once, got [0]', () => gtc.permute(zeros([1, 2]), [0])],
    ['moveaxis: source and destination differ in length, 2 and 1', () => gtc.moveaxis(zeros([1, 2]), [0, 1], 0)],
    ['flatten: startAxis 1 lies after endAxis 0', () => gtc.flatten(zeros([1, 2]), { startAxis: 1, endAxis: 0 })],
    ['unfold: windows of 3 by steps of 1 do not fit an axis of length 2', () => gtc.unfold(zeros([2]), 0, 3, 1)],
    ['slidingWindow: 2 sizes for 1 axes', () => gtc.slidingWindow(zeros([2, 2]), [1, 1], { axis: 0 })],
    ['split: sizes must be positive, got 0', () => gtc.split(zeros([2]), 0)],
    ['chunk: chunks must be positive, got 0', () => gtc.chunk(zeros([2]), 0)],
    ['tensorSplit: parts must be positive, got 0', () => gtc.tensorSplit(zeros([2]), 0)],
    ['insert: positions must be in [-2, 2] with a value each, got 3', () => gtc.insert(zeros([2]), [3], [1])],
    ['remove: positions must be in [-2, 1], got 2', () => gtc.remove(zeros([2]), [2])],
    ['roll: 2 shifts for 1 axes', () => gtc.roll(zeros([2]), [1, 2], { axis: 0 })],
    ['repeat: 1 repeats for an axis of length 2', () => gtc.repeat(zeros([2]), [1], { axis: 0 })],
    ['pad: 1 pairs of widths for 2 axes', () => gtc.pad(zeros([1, 2]), [[0, 0]])],
    ['tril: needs at least 2 axes, got shape [2]', () => gtc.tril(zeros([2]))],
    ['diag: needs 1 or 2 axes, got shape []', () => gtc.diag(zeros([]))],
    ['gradient: axis -1 needs at least 2 elements, got shape [1]', () => gtc.gradient(zeros([1]))],
    ['pixelShuffle: [1, 2, 2] needs a multiple of 4 channels', () => gtc.pixelShuffle(zeros([1, 2, 2]), 2)],
    ['pixelUnshuffle: [1, 3, 2] needs height and width that 2 divides', () => gtc.pixelUnshuffle(zeros([1, 3, 2]), 2)],
    ['broadcastTensors: shapes [2] and [3] do not broadcast together', () => gtc.broadcastTensors([zeros([2]), zeros([3])])],
    ['sum: axis must name each axis once, got [0, 0]', () => gtc.sum(zeros([2]), { axis: [0, 0] })],
    ['repeats must be non-negative, got -1', () => gtc.repeat(zeros([1]), -1)],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
});

describe('shapes at their edges', () => {
  it('flattens a scalar to a vector', () => {
    expect([gtc.flatten(tensor(1)).shape, gtc.hstack([tensor(1), tensor(2)]).tolist(), gtc.vstack([tensor(1)]).shape, gtc.unbind(tensor([])).length]).toEqual([
      [1],
      [1, 2],
      [1, 1],
      0,
    ]);
  });
  it('turns by quarters', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect([0, 2, 3, -1].map(k => gtc.rot90(x, k).tolist())).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
      [
        [4, 3],
        [2, 1],
      ],
      [
        [3, 1],
        [4, 2],
      ],
      [
        [3, 1],
        [4, 2],
      ],
    ]);
  });
  it('grids of one vector are the vector', () => {
    expect([
      gtc.cartesianProd([tensor([1, 2])]).tolist(),
      gtc.meshgrid([tensor([1, 2])], { indexing: 'xy' })[0]!.tolist(),
      gtc.roll(zeros([0]), 1).shape,
    ]).toEqual([[1, 2], [1, 2], [0]]);
  });
  it('inserts one value at several places', () => {
    expect([gtc.insert(tensor([1, 2]), [0, -1], [9]).tolist(), gtc.tensorSplit(tensor([1, 2, 3]), [-1]).map(part => part.tolist())]).toEqual([
      [9, 1, 9, 2],
      [[1, 2], [3]],
    ]);
  });
  it('reshapes what has no elements', () => {
    expect([zeros([0, 3]).reshape([3, 0]).shape, gtc.moveaxis(ones([1, 2, 3]), [0, 1], [1, 2]).shape, gtc.slidingWindow(ones([3, 3]), [2, 2]).shape]).toEqual([
      [3, 0],
      [3, 1, 2],
      [2, 2, 2, 2],
    ]);
  });
});

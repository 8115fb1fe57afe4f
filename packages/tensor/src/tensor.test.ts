import { tensorArbitrary } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { full, Tensor, tensor, zeros } from './tensor.js';

/** Generated tensors as this file's own class. */
const ownTensors = (dtype: 'float64' | 'int32'): fc.Arbitrary<Tensor> => tensorArbitrary({ dtype }).map(({ data, shape }) => new Tensor(data, shape, dtype));

describe('tensor', () => {
  it('keeps shape, order and type', () => {
    const x = tensor(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { dtype: 'int32' },
    );
    expect([x.shape, x.ndim, x.size, x.dtype, x.at(1, 2), x.at(-1, -3)]).toEqual([[2, 3], 2, 6, 'int32', 6, 4]);
    expect(x.data).toBeInstanceOf(Int32Array);
  });
  it('is a scalar without brackets', () => {
    expect([tensor(3).shape, tensor(3).at(), tensor(3).tolist()]).toEqual([[], 3, 3]);
  });
  it('returns what went in', () => {
    fc.assert(
      fc.property(ownTensors('float64'), x => JSON.stringify(tensor(x.tolist(), { dtype: 'float64' }).tolist()) === JSON.stringify(x.tolist())),
      { numRuns: 100 },
    );
  });
  it('reshapes without moving elements', () => {
    fc.assert(
      fc.property(ownTensors('int32'), x => x.reshape(x.size).data === x.data && String(x.reshape(-1).shape) === String(x.size === 0 ? [0] : [x.size])),
      { numRuns: 100 },
    );
  });
  it('infers one size and keeps order', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.reshape(3, -1).tolist(), x.reshape(-1, 6).shape, x.reshape(1, -1, 2).shape]).toEqual([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [1, 6],
      [1, 3, 2],
    ]);
    expect(Object.isFrozen(x.shape)).toBe(true);
  });
  it('fills', () => {
    expect([zeros([2]).tolist(), full([1, 2], 7, { dtype: 'uint8' }).tolist(), zeros([0, 3]).tolist()]).toEqual([[0, 0], [[7, 7]], []]);
  });
  it.each([
    [() => tensor([[1, 2], [3]]), 'values must nest evenly: expected [2, 2], found another length at depth 1'],
    [() => tensor([1, [2]] as never), 'values must nest evenly'],
    [() => tensor([[1], 2] as never), 'values must nest evenly'],
    [() => new Tensor(new Float32Array(3), [2, 2], 'float32'), 'data must have 4 elements for shape [2, 2], got 3'],
    [() => zeros([-1]), 'shape must be non-negative, got -1'],
    [() => zeros([1.5]), 'shape must be an integer, got 1.5'],
    [() => zeros([2]).at(2), 'index must be an integer in [-2, 1] on axis 0, got 2'],
    [() => zeros([2]).at(-3), 'index must be an integer in [-2, 1] on axis 0, got -3'],
    [() => zeros([2]).at(0.5), 'got 0.5'],
    [() => zeros([2]).at(), 'at needs 1 indices for shape [2], got 0'],
    [() => zeros([6]).reshape(4, -1), 'reshape: [6] does not fit [4, -1]'],
    [() => zeros([6]).reshape(-1, -1), 'reshape: [6] does not fit [-1, -1]'],
    [() => zeros([0]).reshape(-1, 0), 'reshape: [0] does not fit [-1, 0]'],
    [() => zeros([6]).reshape(-2, -3), 'reshape: [6] does not fit [-2, -3]'],
    [() => zeros([6]).reshape(5), 'reshape: [6] does not fit [5]'],
  ])('refuses with words: %#', (run, message) => {
    expect(run).toThrow(message);
  });
});

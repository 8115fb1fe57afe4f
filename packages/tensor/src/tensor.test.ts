import { tensorArbitrary } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gtc from './index.js';
import { scaledDotProductAttention } from './nn.js';

const { arange, fromTypedArray, Tensor, tensor, zeros } = gtc;
type T = gtc.Tensor;

const RUNS = { numRuns: 100 };
/** Generated tensors as this file's own class. */
const tensors = (maxAxes = 3): fc.Arbitrary<T> =>
  tensorArbitrary({ dtype: 'float64', maxAxes, maxSize: 4 }).map(({ data, shape }) => fromTypedArray(data as Float64Array, shape as number[]));
const same = (a: T, b: T): void => {
  expect([a.shape, a.dtype]).toEqual([b.shape, b.dtype]);
  expect(a.tolist()).toEqual(b.tolist());
};

describe('Tensor', () => {
  it('keeps the element type of a typed array unless another is asked for', () => {
    const made = [Int8Array, Uint8Array, Int16Array, Int32Array, Float32Array, Float64Array].map(Class => tensor(new Class([1, 2])));
    expect(made.map(({ dtype }) => dtype)).toEqual(['int8', 'uint8', 'int16', 'int32', 'float32', 'float64']);
    expect(made.map(each => each.tolist())).toEqual(made.map(() => [1, 2]));
    expect(tensor(new BigInt64Array([3n])).dtype).toBe('int64');
    expect(tensor(new Uint16Array([40000])).tolist()).toEqual([40000]);
    expect(tensor(new Int32Array([7]), { dtype: 'float64' }).dtype).toBe('float64');
  });
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
    expect([tensor(3).shape, tensor(3).at(), tensor(3).tolist(), String(tensor([1, 2]))]).toEqual([[], 3, 3, 'tensor([1, 2], float32)']);
  });
  it('gives its own buffer where it is all of it, and a copy of a part', () => {
    const x = arange(6, { dtype: 'float32' });
    x.data[0] = 9;
    expect(x.at(0)).toBe(9);
    x.get('1:3').data[0] = 7;
    expect(x.at(1)).toBe(1);
  });
  it('copies a typed array and knows its type', () => {
    const data = Int8Array.of(1, 2);
    const x = fromTypedArray(data);
    data[0] = 5;
    expect([x.dtype, x.tolist()]).toEqual(['int8', [1, 2]]);
    expect(() => fromTypedArray(new Uint16Array(2))).toThrow('dtype must be given for a Uint16Array');
    expect(() => fromTypedArray(new Float32Array(2), [2], { dtype: 'int32' })).toThrow('int32 is stored in Int32Array');
  });
  it('holds integers beyond 2^53', () => {
    const x = tensor(2n ** 62n, { dtype: 'int64' });
    expect([x.item(), x.add(1).item(), tensor([1, 2], { dtype: 'int64' }).sum().item()]).toEqual([2n ** 62n, 2n ** 62n + 1n, 3]);
  });
  it('is iterable by rows', () => {
    expect(
      [
        ...tensor([
          [1, 2],
          [3, 4],
        ]),
      ].map(row => row.tolist()),
    ).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
  it('has its operations as methods', () => {
    expect(
      tensor([1, 2])
        .add(1)
        .mul(tensor([2, 3]))
        .sum()
        .item(),
    ).toBe(13);
  });
  it('shows large tensors by their shape', () => {
    expect(String(zeros([2000]))).toBe('tensor([2000], float32)');
  });
});

describe('laws of tensors', () => {
  it('reshaping there and back changes nothing', () => {
    fc.assert(
      fc.property(tensors(), x => same(x.reshape([-1]).reshape(x.shape), x)),
      RUNS,
    );
  });
  it('a view of a view is the view of both', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: -4, max: 4 }).filter(step => step !== 0),
        fc.integer({ min: 0, max: 3 }),
        (from, step, inner) => {
          const x = arange(12);
          const first = x.get(`${from}::${step}`);
          const index = Array.from({ length: 12 }, (_, i) => i).slice(0);
          const wanted = (
            step > 0 ? index.filter(i => i >= from && (i - from) % step === 0) : index.filter(i => i <= from && (from - i) % -step === 0).reverse()
          ).slice(inner);
          expect(first.get(`${inner}:`).tolist()).toEqual(wanted);
        },
      ),
      RUNS,
    );
  });
  it('broadcasting is tiling', () => {
    fc.assert(
      fc.property(tensors(2), x => {
        if (x.ndim !== 2) return;
        const column = x.sum({ axis: 1, keepdims: true });
        same(x.add(column), x.add(column.repeat(x.shape[1]!, { axis: 1 })));
      }),
      RUNS,
    );
  });
  it('results do not depend on strides', () => {
    fc.assert(
      fc.property(tensors(), x => {
        const turned = x.transpose();
        const solid = turned.contiguous();
        same(turned.mul(2), solid.mul(2));
        same(turned.sum({ axis: x.ndim === 0 ? [] : 0 }), solid.sum({ axis: x.ndim === 0 ? [] : 0 }));
      }),
      RUNS,
    );
  });
  it('einsum is the sum over loops', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 }), ([i, j, k]) => {
        const [a, b] = [arange(i! * j!).reshape([i!, j!]), arange(j! * k!).reshape([j!, k!])];
        const wanted = Array.from({ length: i! }, (_, r) =>
          Array.from({ length: k! }, (_, c) => Array.from({ length: j! }, (_, l) => a.at(r, l) * b.at(l, c)).reduce((x, y) => x + y)),
        );
        expect(gtc.einsum('ij,jk->ik', a, b).tolist()).toEqual(wanted);
      }),
      RUNS,
    );
  });
  it('scattering undoes gathering by a permutation', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), order => {
        const index = tensor(order, { dtype: 'int32' });
        const x = arange(6, { dtype: 'float64' });
        same(gtc.scatter(zeros([6], { dtype: 'float64' }), 0, index, x.gather(0, index)), x);
      }),
      RUNS,
    );
  });
  it('a sorted vector ascends and is a permutation', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), values => {
        const { values: sorted, indices } = tensor(values, { dtype: 'float64' }).sort();
        expect(sorted.tolist()).toEqual([...values].sort((a, b) => a - b));
        expect([...(indices.tolist() as number[])].sort((a, b) => a - b)).toEqual(values.map((_, i) => i));
      }),
      RUNS,
    );
  });
});

const { gradcheck } = gtc;
const point = (...shape: number[]): T =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + 1) + 0.1 * i),
    { dtype: 'float64' },
  ).reshape(shape);

describe('gradients equal differences', () => {
  it.each<[string, (...x: T[]) => T, T[]]>([
    ['cbrt', x => gtc.cbrt(x.add(3)), [point(4)]],
    ['erfc', x => gtc.erfc(x), [point(4)]],
    ['ndtr', x => gtc.ndtr(x), [point(4)]],
    ['ndtri', x => gtc.ndtri(x.sigmoid()), [point(4)]],
    ['i0 and i1', x => gtc.i0(x).add(gtc.i1(x)), [point(4)]],
    ['xlog1py', (a, b) => gtc.xlog1py(a, b.abs()), [point(3), point(3)]],
    ['hypot', (a, b) => gtc.hypot(a, b), [point(3), point(3)]],
    ['copysign', (a, b) => gtc.copysign(a, b), [point(3), point(3)]],
    ['nanToNum', x => gtc.nanToNum(x), [point(3)]],
    ['polygamma', x => gtc.polygamma(1, x.add(4)), [point(3)]],
    ['putAlongAxis', x => gtc.putAlongAxis(x, tensor([[0]], { dtype: 'int32' }), 2, 1), [point(2, 3)]],
    ['insert', x => gtc.insert(x, [1], [4]), [point(3)]],
    ['nanvar', x => gtc.nanvar(x), [point(4)]],
    ['std of two axes', x => x.std({ axis: [0, 1] }), [point(2, 3)]],
    ['asStrided with overlap', x => x.asStrided([3, 2], [1, 1]), [point(4)]],
    ['cdist', (a, b) => gtc.cdist(a, b), [point(2, 3), point(3, 3).add(2)]],
  ])('%s', (_, fn, inputs) => {
    expect(gradcheck(fn, inputs)).toBe(true);
  });
  it('says where they do not', () => {
    const wrong = gtc.customFunction({ forward: x => x.mul(3), backward: g => g.mul(2) });
    expect(() => gradcheck(wrong, [point(2)])).toThrow('gradcheck: input 0, element 0: the gradient is 2');
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown]>([
    ['index must be an integer in [-2, 1] on axis 0, got 2', () => tensor([1, 2]).at(2)],
    ['at needs 1 indices for shape [2], got 2', () => tensor([1, 2]).at(0, 0)],
    ['item needs exactly one element, got shape [2]', () => tensor([1, 2]).item()],
    ['toBoolean: the truth of more than one element is ambiguous, got shape [2]; use any() or all()', () => tensor([1, 2]).toBoolean()],
    ['zeros: shape must hold non-negative integers, got [2, -1]', () => zeros([2, -1])],
    ['values must be numbers, bigints or booleans, got x', () => tensor(['x'] as never)],
    ['requiresGrad: dtype must be floating, got int32', () => tensor([1], { dtype: 'int32', requiresGrad: true })],
    ['retainGrad needs a tensor that requires gradients', () => tensor([1]).retainGrad()],
    ['registerHook needs a tensor that requires gradients', () => tensor([1]).registerHook(g => g)],
    ['detach_ would cut a view from its base; use detach()', () => tensor([1, 2]).get('1:').detach_()],
    ["get: '1:2:3:4' is no slice", () => tensor([1]).get('1:2:3:4')],
    ['get: an index must be an integer, got 0.5', () => tensor([1]).get(0.5)],
    ['bitwiseAnd: dtype must be an integer type or bool, got float32', () => gtc.bitwiseAnd(tensor([1]), 1)],
    ['arange: step must not be zero', () => arange(0, 1, 0)],
    ['geomspace: bounds must be of one sign and not zero, got -1 and 1', () => gtc.geomspace(-1, 1, 3)],
    ['bincount', () => gtc.bincount(tensor([1], { dtype: 'int32' }), { weights: tensor([1, 2]) })],
    ['histogram: bins must be at least one', () => gtc.histogram(tensor([1]), { bins: tensor([2, 1]) })],
    ['searchsorted', () => gtc.searchsorted(tensor([[1, 2]]), tensor([1]))],
    ['lexsort: keys must have one length', () => gtc.lexsort([tensor([1]), tensor([1, 2])])],
    ["einsum: '->' occurs twice in 'i->i->i'", () => gtc.einsum('i->i->i', tensor([1]))],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
  it('leaves nothing changed', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(() => x.set([0], tensor([1, 2, 3]))).toThrow('shapes [2] and [3] do not broadcast together');
    expect(() => x.add_(tensor([1, 2, 3]))).toThrow('add: shapes [2, 2] and [3]');
    expect(x.tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(x).toBeInstanceOf(Tensor);
  });
});

describe('truth values', () => {
  it('are bool, alone or nested, and numbers beside numbers', () => {
    expect([tensor(true), tensor([true, false]), tensor([[true], [false]])].map(x => x.dtype)).toEqual(['bool', 'bool', 'bool']);
    expect([tensor([true, 2]), tensor([]), tensor([true], { dtype: 'float64' })].map(x => x.dtype)).toEqual(['float32', 'float32', 'float64']);
    expect(tensor([true, false]).tolist()).toEqual([true, false]);
    expect(tensor([true, 2]).tolist()).toEqual([1, 2]);
  });
  it('hide keys where they are a mask', () => {
    const [q, k, v] = [
      tensor([[1, 0]]),
      tensor([
        [1, 0],
        [5, 5],
      ]),
      tensor([
        [1, 2],
        [9, 9],
      ]),
    ];
    expect(scaledDotProductAttention(q, k, v, { mask: tensor([[true, false]]) }).tolist()).toEqual([[1, 2]]);
  });
});

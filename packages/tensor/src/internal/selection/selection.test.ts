import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';

type T = gtc.Tensor;

const operations = {
  ...gtc,
  nonzero: (x: T, { asTuple = false }: { asTuple?: boolean } = {}) => (asTuple ? gtc.nonzeroAxes(x) : gtc.nonzero(x)),
};

describe('evidence: sort_select', () => {
  it.each(tensorCases('sort_select', operations as never, import.meta.url))('$name', c => c.run());
});

const { tensor, zeros } = gtc;

describe('order at its edges', () => {
  it('sorts and chooses in a scalar', () => {
    const x = tensor(3, { dtype: 'float64' });
    expect([
      gtc.sort(x).values.item(),
      gtc.topk(x, 1).values.item(),
      gtc.kthvalue(x, 1).values.item(),
      gtc.maxWithIndices(x).values.item(),
      gtc.cummax(x, 0).values.item(),
    ]).toEqual([3, 3, 3, 3, 3]);
  });
  it('keeps reduced axes on demand', () => {
    const x = tensor([[3, 1, 2]]);
    expect([
      gtc.kthvalue(x, 2, { keepdims: true }).values.shape,
      gtc.mode(x, { keepdims: true }).values.shape,
      gtc.medianLower(x, { keepdims: true }).shape,
      gtc.maxWithIndices(x, { keepdims: true }).values.shape,
    ]).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });
  it('gives NaN for the median of NaN', () => {
    expect([
      gtc.medianLower(tensor([1, Number.NaN])).item(),
      gtc.median(tensor([1, Number.NaN])).item(),
      gtc.nanmedian(tensor([Number.NaN, Number.NaN])).item(),
    ]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
  it('interpolates beyond the ends and beside NaN', () => {
    expect(gtc.interp(tensor([0, 3, Number.NaN]), tensor([1, 2]), tensor([10, 20])).tolist()).toEqual([10, 20, Number.NaN]);
    expect(() => gtc.interp(tensor([1]), tensor([1]), tensor([1, 2]))).toThrow('interp: 1 positions for 2 values');
  });
  it('searches in rows', () => {
    expect(
      gtc
        .searchsorted(
          tensor([
            [1, 3],
            [2, 4],
          ]),
          tensor([[2], [2]]),
          { side: 'right' },
        )
        .tolist(),
    ).toEqual([[1], [1]]);
    expect([gtc.searchsorted(tensor([1, 3]), 2).item(), gtc.digitize(tensor([1]), tensor([0.5]), { right: true }).tolist()]).toEqual([1, [1]]);
  });
  it('refuses quantiles of nothing', () => {
    expect(() => gtc.quantile(zeros([0]), 0.5)).toThrow('quantile: needs at least one element');
  });
  it('takes percentiles at several levels', () => {
    expect(gtc.percentile(tensor([1, 2, 3]), tensor([0, 100])).tolist()).toEqual([1, 3]);
  });
});

describe('the order of many numbers', () => {
  const awkward = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1, 1e-320, -1e-320, 1e300, -1e300];
  it.each(['float64', 'float32', 'float16', 'int32', 'int64', 'uint8', 'int8'] as const)('of %s is that of comparing, both ways', dtype => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...awkward), fc.double(), fc.integer({ min: -9, max: 9 })), { minLength: 300, maxLength: 400 }),
        fc.boolean(),
        (drawn, descending) => {
          const x = tensor(dtype.includes('int') ? drawn.map(value => (Number.isFinite(value) ? Math.trunc(value % 2 ** 31) : 7)) : drawn, { dtype });
          const values = x.tolist() as number[];
          const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : Number(Number.isNaN(a)) - Number(Number.isNaN(b)));
          const wanted = values.map((_, i) => i).sort((a, b) => (descending ? compare(values[b]!, values[a]!) : compare(values[a]!, values[b]!)));
          expect(gtc.argsort(x, { descending }).tolist()).toEqual(wanted);
        },
      ),
      { numRuns: 100 },
    );
  });
});

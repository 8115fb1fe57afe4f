import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';

const operations = { ...gtc, var: gtc.variance, 'linalg.vectorNorm': gtc.vectorNorm };

describe('evidence: reductions', () => {
  it.each(tensorCases('reductions', operations as never, import.meta.url))('$name', c => c.run());
});

const { tensor, zeros } = gtc;

describe('reductions at their edges', () => {
  it('of nothing', () => {
    const x = zeros([0]);
    expect([x.sum().item(), x.prod().item(), x.mean().item(), x.logsumexp().item(), x.norm().item(), x.any().item(), x.all().item()]).toEqual([
      0,
      1,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      0,
      0,
      1,
    ]);
  });
  it('keep axes on demand', () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect([
      x.logsumexp({ axis: 1, keepdims: true }).shape,
      x.norm({ axis: 1, keepdims: true }).shape,
      gtc.varMean(x, { axis: 0, keepdims: true }).mean.shape,
      x.prod({ axis: [0, 1], keepdims: true }).shape,
    ]).toEqual([
      [2, 1],
      [2, 1],
      [1, 2],
      [1, 1],
    ]);
  });
  it('of products with zeros keep their gradients', () => {
    const x = tensor(
      [
        [2, 0],
        [3, 4],
      ],
      { dtype: 'float64' },
    );
    expect(gtc.gradcheck(y => y.prod({ axis: [0, 1], keepdims: true }), [x])).toBe(true);
  });
  it('of weights for elements', () => {
    expect(
      gtc
        .average(
          tensor([
            [1, 2],
            [3, 5],
          ]),
          {
            weights: tensor([
              [1, 0],
              [0, 1],
            ]),
          },
        )
        .item(),
    ).toBe(3);
  });
  it('of NaN', () => {
    expect([
      gtc.nanstd(tensor([1, Number.NaN, 3]), { correction: 0 }).item(),
      gtc.nanmax(tensor([Number.NaN])).item(),
      gtc.nanvar(tensor([1, Number.NaN])).item(),
    ]).toEqual([1, Number.NaN, Number.NaN]);
  });
  it('of one variable', () => {
    expect([gtc.cov(tensor([1, 3])).item(), gtc.corrcoef(tensor([1, 3])).item(), gtc.ptp(tensor([4, 1])).item()]).toEqual([2, 1, 3]);
  });
});

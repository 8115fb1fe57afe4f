import { describe, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';
import { matrixPower } from '../../linalg.js';

type T = gtc.Tensor;

/** A product, and what the file says of one that is too large to print: its sums, the start of its first row and of its last column. */
const described = (a: T, b: T): unknown => {
  const y = gtc.matmul(a, b);
  if (y.ndim !== 2 || y.size === 0) return y;
  const exact = y.astype('float64');
  return { y, sum: exact.sum().item(), sumSquares: exact.square().sum().item(), row: y.get(0, ':64'), column: y.get(':64', -1) };
};

describe('evidence: einsum', () => {
  it.each(tensorCases('einsum', gtc as never, import.meta.url))('$name', c => c.run());
});
describe('evidence: matmul', () => {
  it.each(tensorCases('matmul', { ...gtc, matmul: described, 'linalg.multiDot': gtc.multiDot, 'linalg.matrixPower': matrixPower } as never, import.meta.url))(
    '$name',
    c => c.run(),
  );
});

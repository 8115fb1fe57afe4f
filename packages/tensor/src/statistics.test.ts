import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosine, dot, mean, norm, softmax, sum } from './statistics.js';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('sum', () => {
  it('is 0 without values and the value of one', () => {
    expect(sum([])).toBe(0);
    fc.assert(
      fc.property(finite, value => sum([value]) === value),
      { numRuns: 100 },
    );
  });
  it('adds from left to right', () => {
    expect(sum([1e16, 1, -1e16])).toBe(0);
    expect(sum([0.1, 0.2, 0.3])).toBe(0.1 + 0.2 + 0.3);
  });
  it('is exact for integers, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 })), values => sum(values) === sum([...values].reverse())),
      { numRuns: 100 },
    );
  });
  it('of two parts is the sum of their sums for integers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (a, b) => sum([...a, ...b]) === sum(a) + sum(b)),
      { numRuns: 100 },
    );
  });
  it('leaves its values alone', () => {
    const values = Object.freeze([3, 1, 2]);
    expect(sum(values)).toBe(6);
    expect(values).toEqual([3, 1, 2]);
  });
  it('keeps what is not finite', () => {
    expect(sum([1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
    expect(sum([1, Number.NaN])).toBeNaN();
  });
});

describe('mean', () => {
  it('is NaN without values', () => {
    expect(mean([])).toBeNaN();
  });
  it('of one value is the value', () => {
    fc.assert(
      fc.property(finite, value => mean([value]) === value),
      { numRuns: 100 },
    );
  });
  it('is the value that all values share', () => {
    expect(mean([0.25, 0.25, 0.25, 0.25])).toBe(0.25);
  });
  it('lies between the extremes', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 1 }), values => mean(values) >= Math.min(...values) - 1e-6 && mean(values) <= Math.max(...values) + 1e-6),
      { numRuns: 100 },
    );
  });
});

describe('dot, norm and cosine', () => {
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 3 });
  it('the cosine is symmetric and lies in [-1, 1], for tiny and huge vectors too', () => {
    fc.assert(
      fc.property(vector, vector, fc.constantFrom(1e-322, 1e-250, 1e-160, 1, 1e160, 1e250), (a, b, scale) => {
        const scaled = a.map(value => value * scale);
        const value = cosine(scaled, b);
        return Math.abs(value) <= 1 + 1e-9 && Math.abs(value - cosine(b, scaled)) < 1e-9;
      }),
      { numRuns: 500 },
    );
  });
  it('a vector has the cosine 1 with itself', () => {
    for (const scale of [1e-200, 1, 1e200]) expect(cosine([3 * scale, 4 * scale], [3 * scale, 4 * scale])).toBeCloseTo(1, 12);
  });
  it('zero has no direction and no length', () => {
    expect([cosine([0, 0], [1, 2]), norm([0, 0]), norm([]), dot([], [])]).toEqual([0, 0, 0, 0]);
  });
  it('lengths grow with their vectors', () => {
    expect(norm([3e200, 4e200])).toBeCloseTo(5e200, -190);
    expect(norm([Number.POSITIVE_INFINITY, 1])).toBe(Number.POSITIVE_INFINITY);
    expect(dot([1, 2, 3], [4, 5, 6])).toBe(32);
  });
});

describe('softmax', () => {
  it('sums to 1, keeps the order and does not mind a shift', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -700, max: 700, noNaN: true }), { minLength: 1, maxLength: 8 }), logits => {
        const [plain, shifted] = [softmax(logits), softmax(logits.map(logit => logit + 1024))];
        const ordered = logits.every((a, i) => logits.every((b, j) => a < b || plain[i]! >= plain[j]!));
        return Math.abs(sum(plain) - 1) < 1e-12 && ordered && plain.every((p, i) => Math.abs(p - shifted[i]!) < 1e-9);
      }),
      { numRuns: 200 },
    );
  });
  it('is that of the exponentials', () => {
    expect(softmax([])).toEqual([]);
    expect(softmax([0, Math.log(3)])[1]).toBeCloseTo(0.75, 15);
    expect(softmax([1e4, 0])).toEqual([1, 0]);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argsortDescending, rankDescending } from './argsort.js';

function byComparator(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** Enough values for the radix passes, drawn from a few so that runs of equal high halves are short, long and of one. */
function many(pool: readonly number[], length: number): number[] {
  let state = 12345;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return pool[(state >>> 8) % pool.length]!;
  });
}

describe('argsortDescending', () => {
  it('orders few values as a comparator does', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1, -1));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 50 }), values => String(argsortDescending(values)) === String(byComparator(values))),
      { numRuns: 100 },
    );
  });
  it.each([
    ['values far apart', Array.from({ length: 700 }, (_, i) => (i - 350) * 10 ** ((i % 30) - 15))],
    ['few values, many ties', [0, -0, 1, -1, 0.5]],
    ['values that differ in their low halves only', Array.from({ length: 40 }, (_, i) => 1 + i * 2 ** -50)],
    ['negative values that differ in their low halves only', Array.from({ length: 3000 }, (_, i) => -1 - i * 2 ** -52)],
    ['all the same', [7]],
  ])('orders many values around the length where it changes its way: %s', (_, pool) => {
    for (const length of [2047, 2048, 2049]) {
      const values = many(pool, length);
      expect(Array.from(argsortDescending(values))).toEqual(byComparator(values));
    }
  });
  it('keeps the order of many equal values', () => {
    expect(Array.from(argsortDescending(many([0, -0], 4000)))).toEqual(Array.from({ length: 4000 }, (_, i) => i));
  });
  it('orders values that rise and values that fall', () => {
    const rising = Array.from({ length: 5000 }, (_, i) => i / 7);
    expect(Array.from(argsortDescending(rising))).toEqual(byComparator(rising));
    expect(Array.from(argsortDescending(rising.reverse()))).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });
  it.each([3, 3000])('marks the places of %i values that equal the one before', length => {
    const values = many([0, -0, 1, 1 + 2 ** -52, -1, Number.NEGATIVE_INFINITY], length);
    const { order, ties } = rankDescending(values);
    expect(Array.from(ties)).toEqual(Array.from(order, (index, i) => Number(i > 0 && values[index] === values[order[i - 1]!])));
  });
  it('ends on many values that differ in their low halves only', () => {
    const rising = Float64Array.from({ length: 400_000 }, (_, i) => 1 + i * 2 ** -52);
    expect(argsortDescending(rising).every((index, i) => index === rising.length - 1 - i)).toBe(true);
  });
  it('takes typed arrays and none at all', () => {
    expect([Array.from(argsortDescending(Float32Array.of(1, 3, 2))), Array.from(argsortDescending([]))]).toEqual([[1, 2, 0], []]);
  });
  it('puts the infinities at the ends', () => {
    const values = many([1, -1, 3, -3], 3000);
    values[100] = Number.NEGATIVE_INFINITY;
    values[200] = Number.POSITIVE_INFINITY;
    const order = argsortDescending(values);
    expect([order[0], order[2999]]).toEqual([200, 100]);
  });
});

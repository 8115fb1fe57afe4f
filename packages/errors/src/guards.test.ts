import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allNonNegative, allPositive, finite, inRange, integer, nonEmpty, nonNegative, notNull, number, oneOf, positive, sameLength } from './guards.js';
import { describeBounds } from './rules.js';

describe('guards', () => {
  it.each([
    [() => notNull(undefined, 'x'), 'x cannot be null'],
    [() => number('1' as never, 'x'), "x must be a number, got '1'"],
    [() => number(null as never, 'x'), 'x cannot be null'],
    [() => finite(Number.NaN, 'x'), 'x must be finite, got NaN'],
    [() => integer(0.5, 'x'), 'x must be an integer, got 0.5'],
    [() => positive(-0, 'x'), 'x must be positive, got -0'],
    [() => allPositive({ a: 1, b: 0, c: -1 }), 'b must be positive, got 0'],
    [() => allNonNegative({ a: 0, b: -2 }), 'b must be non-negative, got -2'],
    [() => nonNegative(-1, 'x'), 'x must be non-negative, got -1'],
    [() => inRange(2, 'x', { min: 0, max: 1 }), 'x must be in [0, 1], got 2'],
    [() => inRange(0, 'x', { above: 0, max: 1 }), 'x must be in (0, 1], got 0'],
    [() => inRange(-1, 'x', { min: 0 }), 'x must be at least 0, got -1'],
    [() => inRange(2, 'x', { max: 1 }), 'x must be at most 1, got 2'],
    [() => inRange(Number.NaN, 'x', { min: 0, max: 1 }), 'x must be in [0, 1], got NaN'],
    [() => oneOf('c', 'x', new Set(['b', 'a'])), "x must be one of a, b, got 'c'"],
    [() => nonEmpty('', 'x'), 'x cannot be empty'],
    [() => nonEmpty([], 'x'), 'x cannot be empty'],
    [() => nonEmpty(new Set(), 'x'), 'x cannot be empty'],
    [() => nonEmpty({}, 'x'), 'x cannot be empty'],
    [() => nonEmpty(null as never, 'x'), 'x cannot be null'],
    [() => sameLength({ a: [1], b: [1], c: [] }), 'a and c must have the same length, got 1 and 0'],
    [() => sameLength({ a: [1], b: null as never }), 'b cannot be null'],
  ])('%# refuses with words', (run, message) => {
    expect(run).toThrow(message);
  });
  it('returns what it checked', () => {
    expect([
      notNull(0, 'x'),
      number(Number.NaN, 'x'),
      finite(1, 'x'),
      integer(2, 'x'),
      positive(Number.NaN, 'x'),
      nonNegative(0, 'x'),
      inRange(Number.NaN, 'x', { min: 0 }),
    ]).toEqual([0, Number.NaN, 1, 2, Number.NaN, 0, Number.NaN]);
    expect([oneOf('a', 'x', ['a']), nonEmpty('a', 'x'), nonEmpty({ a: 1 }, 'x'), sameLength({}), sameLength({ a: new Set([1]), b: [2] })]).toEqual([
      'a',
      'a',
      { a: 1 },
      0,
      1,
    ]);
  });
  it.each([
    [{ above: 1 }, 'greater than 1'],
    [{ below: 1 }, 'less than 1'],
    [{ above: 0, below: 1 }, 'in (0, 1)'],
    [{ min: 0, max: 1 }, 'in [0, 1]'],
  ])('describes %j', (bounds, words) => {
    expect(describeBounds(bounds)).toBe(words);
  });
  it('accepts exactly what lies in the interval', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, a, b) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const accepted = (() => {
          try {
            inRange(x, 'x', { min, max });
            return true;
          } catch {
            return false;
          }
        })();
        return accepted === (x >= min && x <= max);
      }),
      { numRuns: 100 },
    );
  });
});

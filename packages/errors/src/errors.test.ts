import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FormatError,
  GtcError,
  NotFoundError,
  NumericError,
  nearest,
  ResourceError,
  ShapeError,
  StateError,
  UnsafeInputError,
  UnsupportedError,
  ValidationError,
} from './errors.js';

const CLASSES = [
  ['ValidationError', ValidationError, 'invalid_value'],
  ['ShapeError', ShapeError, 'shape_mismatch'],
  ['NotFoundError', NotFoundError, 'not_found'],
  ['FormatError', FormatError, 'malformed_input'],
  ['UnsupportedError', UnsupportedError, 'unsupported'],
  ['UnsafeInputError', UnsafeInputError, 'unsafe_input'],
  ['StateError', StateError, 'invalid_state'],
  ['NumericError', NumericError, 'numeric'],
  ['ResourceError', ResourceError, 'out_of_resources'],
] as const;

describe('GtcError', () => {
  it.each(CLASSES)('%s carries its code, name and details', (name, ErrorClass, code) => {
    const cause = new Error('below');
    const error = new ErrorClass('r must be positive', { parameter: 'r', received: 0, expected: 'positive', cause });
    expect(error).toBeInstanceOf(GtcError);
    expect(error).toMatchObject({ name, code, message: 'r must be positive', parameter: 'r', received: 0, expected: 'positive', cause });
    expect(String(error)).toBe(`${name}: r must be positive`);
  });
  it('has null details when none are given', () => {
    expect(new StateError('closed')).toMatchObject({ parameter: null, expected: null, received: undefined });
    expect('cause' in new StateError('closed')).toBe(false);
  });
  it('is recognised across installed versions by its brand', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('@gtc/errors')]: true });
    expect(GtcError.is(foreign)).toBe(true);
    expect(GtcError.is(new StateError('x'))).toBe(true);
  });
  it.each([[null], [undefined], [1], ['x'], [{}], [new Error('x')]])('does not take %s for its own', value => {
    expect(GtcError.is(value)).toBe(false);
  });
});

describe('ValidationError', () => {
  it('makes one issue of its own details', () => {
    expect(new ValidationError('a', { parameter: 'r', received: 0, expected: 'positive' }).issues).toEqual([
      { message: 'a', path: ['r'], received: 0, expected: 'positive' },
    ]);
    expect(new ValidationError('a').issues).toEqual([{ message: 'a', path: [], received: undefined }]);
  });
  it('joins issues and takes its details from the first', () => {
    const error = ValidationError.from([
      { message: 'r bad', path: ['a', 0], received: 1, expected: 'x' },
      { message: 'q bad', path: [] },
    ]);
    expect(error).toMatchObject({ message: 'r bad; q bad', parameter: 'a.0', received: 1, expected: 'x' });
    expect(ValidationError.from([{ message: 'm', path: [] }]).parameter).toBeNull();
  });
});

describe('ShapeError.check', () => {
  it('binds names and accepts what fits', () => {
    expect(() => ShapeError.check({ a: [{ shape: [2, 3] }, ['m', 3]], b: [{ shape: [3, 2] }, [3, 'm']] })).not.toThrow();
  });
  it.each([
    [{ a: [{ shape: [2] }, ['m', 'k']] }, 'a must be [m, k], got [2]'],
    [{ a: [{ shape: [2, 4] }, ['m', 3]] }, 'a must be [m, 3], got [2, 4]'],
    [{ a: [{ shape: [2] }, ['m']], b: [{ shape: [5] }, ['m']] }, 'b must be [m] with m = 2, got [5]'],
  ] as const)('names the array, what was wanted and what came: %#', (spec, message) => {
    expect(() => ShapeError.check(spec)).toThrow(message);
  });
});

describe('FormatError', () => {
  it('appends the offset', () => {
    expect(new FormatError('bad', { offset: 3 })).toMatchObject({ message: 'bad (at offset 3)', offset: 3 });
    expect(new FormatError('bad')).toMatchObject({ message: 'bad', offset: null });
  });
});

describe('NotFoundError.of', () => {
  it('suggests the nearest, else lists candidates', () => {
    expect(NotFoundError.of('metric', 'bleuu', ['bleu', 'rouge']).message).toBe("unknown metric 'bleuu'; did you mean 'bleu'?");
    expect(NotFoundError.of('metric', 'xyzzyx', ['bleu', 'rouge']).message).toBe("unknown metric 'xyzzyx'; known: bleu, rouge");
    expect(NotFoundError.of('metric', 'xyzzyx', []).message).toBe("unknown metric 'xyzzyx'; known: none");
    expect(
      NotFoundError.of(
        'm',
        'zzzzzzzzzz',
        Array.from({ length: 12 }, (_, i) => `c${i}`),
      ).message,
    ).toMatch(/c9, …$/);
  });
});

describe('nearest', () => {
  it('ignores case and takes the first of equally near ones', () => {
    expect(nearest('BLEU', ['rouge', 'bleu'])).toBe('bleu');
    expect(nearest('ab', ['ac', 'ad'])).toBe('ac');
    expect(nearest('abcdef', ['uvwxyz'])).toBeNull();
  });
  it('finds a name from which one letter is missing', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{3,12}$/),
        fc.nat(),
        (name, at) => nearest(name.slice(0, at % name.length) + name.slice((at % name.length) + 1), [name]) === name,
      ),
      { numRuns: 100 },
    );
  });
});

import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { show } from './show.js';
import { formatCount, formatFixed, formatFloat, pythonJson, pythonRepr, roundTo, splitWords, strip, stripEnd, textLength, utf8Length } from './text.js';

describe('formatCount', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [-1234567, '-1,234,567'],
    [2.5, '2'],
    [Number.NaN, 'nan'],
  ])('writes %d as %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });
});

describe('formatFixed', () => {
  it.each([
    [0.125, 2, '0.12'],
    [0.375, 2, '0.38'],
    [2.5, 0, '2'],
    [3.5, 0, '4'],
    [0.5, 0, '0'],
    [-0.5, 0, '-0'],
    [1.005, 2, '1.00'],
    [-0.001, 2, '-0.00'],
    [-0, 1, '-0.0'],
    [1e21, 1, '1000000000000000000000.0'],
    [1e22, 0, '10000000000000000000000'],
    [Number.NaN, 2, 'nan'],
    [Number.POSITIVE_INFINITY, 2, 'inf'],
    [Number.NEGATIVE_INFINITY, 2, '-inf'],
    [0.1, 20, '0.10000000000000000555'],
  ])('%f with %i decimals is %s', (value, digits, text) => {
    expect(formatFixed(value, digits)).toBe(text);
  });
  it.each([
    [1234567.891, 2, '1,234,567.89'],
    [999, 0, '999'],
    [-1000, 0, '-1,000'],
    [0.12345, 4, '0.1235'],
  ])('groups thousands of %f', (value, digits, text) => {
    expect(formatFixed(value, digits, { group: ',' })).toBe(text);
  });
  it('rounds numbers alike', () => {
    expect([roundTo(2.675, 2), roundTo(0.125, 2), roundTo(-7.5, 0), roundTo(Number.NaN, 2), roundTo(Number.POSITIVE_INFINITY, 2)]).toEqual([
      2.67,
      0.12,
      -8,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]);
  });
  it('is within half a unit of the last digit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer({ min: 0, max: 8 }),
        (value, digits) => Math.abs(Number(formatFixed(value, digits)) - value) <= 0.5 * 10 ** -digits + 1e-9,
      ),
      { numRuns: 100 },
    );
  });
});

describe('formatFloat', () => {
  it.each([
    [10, '10.0'],
    [0.1, '0.1'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e-5, '1e-05'],
    [0.0001, '0.0001'],
    [-0, '-0.0'],
    [Number.NaN, 'nan'],
    [-1.5e-300, '-1.5e-300'],
    [0, '0.0'],
  ])('%f is %s', (value, text) => {
    expect(formatFloat(value)).toBe(text);
  });
});

describe('strip and stripEnd', () => {
  it.each([
    ['', '', ''],
    ['a', 'a', 'a'],
    [' \n\u001c a \u0085\u3000', 'a', ' \n\u001c a'],
    ['\ufeffa\ufeff', '\ufeffa\ufeff', '\ufeffa\ufeff'],
    ['\u200ba\u200b', '\u200ba\u200b', '\u200ba\u200b'],
    ['\t \u2028', '', ''],
  ])('of %j are %j and %j', (text, both, end) => {
    expect([strip(text), stripEnd(text)]).toEqual([both, end]);
  });
});

describe('splitWords', () => {
  it.each([
    ['', []],
    ['  ', []],
    ['a  b', ['a', 'b']],
    ['a\u00a0b\u2003c\u001cd\u0085e', ['a', 'b', 'c', 'd', 'e']],
    ['a\ufeffb', ['a\ufeffb']],
    ['a\u200bb', ['a\u200bb']],
  ])('%j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
  it('never yields an empty word and keeps all else', () => {
    fc.assert(
      fc.property(
        hostileText(),
        text => splitWords(text).every(word => word !== '') && splitWords(splitWords(text).join(' ')).join(' ') === splitWords(text).join(' '),
      ),
      { numRuns: 100 },
    );
  });
});

describe('pythonRepr', () => {
  it.each([
    [null, 'None'],
    [undefined, 'None'],
    [true, 'True'],
    [false, 'False'],
    [1, '1'],
    [1.5, '1.5'],
    ['a', "'a'"],
    ["it's", '"it\'s"'],
    ['"\'', "'\"\\''"],
    ['a\n\\\u0001\u00a0', "'a\\n\\\\\\x01\\xa0'"],
    ['é', "'é'"],
    [[], '[]'],
    [[1, [null]], '[1, [None]]'],
    [new Set(), 'set()'],
    [new Set([1]), '{1}'],
    [{}, '{}'],
    [{ a: { b: 1 } }, "{'a': {'b': 1}}"],
    [new Map([[1, 'x']]), "{1: 'x'}"],
    [1n, '1'],
  ])('%# writes %s', (value, text) => {
    expect(pythonRepr(value)).toBe(text);
  });
});

describe('pythonJson', () => {
  it.each([
    [{}, '{}'],
    [[], '[]'],
    [{ a: 1, b: [true, null] }, '{"a": 1, "b": [true, null]}'],
    ['é"\n', '"\\u00e9\\"\\n"'],
    ['👩', '"\\ud83d\\udc69"'],
    [undefined, 'null'],
  ])('%# writes what json.dumps writes', (value, text) => {
    expect(pythonJson(value)).toBe(text);
  });
  it('indents and still escapes', () => {
    expect(pythonJson({ a: ['é', {}], b: [] }, { indent: 2 })).toBe('{\n  "a": [\n    "\\u00e9",\n    {}\n  ],\n  "b": []\n}');
    expect(pythonJson(undefined, { indent: 2 })).toBe('null');
  });
});

describe('lengths', () => {
  it('count code points and bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => textLength(text) === [...text].length && utf8Length(text) >= textLength(text)),
      { numRuns: 100 },
    );
    expect([textLength('👩é'), utf8Length('👩é')]).toEqual([2, 6]);
  });
});

describe('show', () => {
  it.each([
    ["it's\n", "'it\\'s\\n'"],
    ['\u0000\u2028\t\r', "'\\u0000\\u2028\\t\\r'"],
    [1n, '1n'],
    [-0, '-0'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1, 'a', [2]], "[1, 'a', [2]]"],
    [new Set([1]), '{1}'],
    [new Map([[1, 2]]), 'Map(1)'],
    [{ a: 1 }, '{ a: 1 }'],
    [() => 1, 'a function'],
    [new Float32Array(2), '[0, 0]'],
    [new DataView(new ArrayBuffer(2)), '[]'],
    [[[[[1]]]], '[[[…]]]'],
  ])('%# shows %s', (value, text) => {
    expect(show(value)).toBe(text);
  });
  it('stays on one short line for any value', () => {
    fc.assert(
      fc.property(fc.oneof(hostileText(), fc.anything()), value => show(value).length <= 81 && !/[\n\r]/.test(show(value))),
      { numRuns: 100 },
    );
  });
});

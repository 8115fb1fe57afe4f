import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairnessSuite } from './bias.js';
import { mcnemarTest } from './comparison.js';
import { classificationReportData, confusionMatrix, seqevalScores } from './metrics.js';
import { formatResult } from './reports.js';

describe('formatResult', () => {
  it.each<[string, unknown, string]>([
    ['a figure', 0.123456, 'value  0.1235'],
    ['a small figure', { p: 1.234e-7, n: 0 }, 'p  1.234e-7\nn         0'],
    ['what is not known', { a: Number.NaN, b: null, c: undefined }, 'a  n/a\nb  n/a\nc  n/a'],
    [
      'a test',
      mcnemarTest([
        [10, 2],
        [2, 5],
      ]),
      'statistic  2\npValue     1',
    ],
    ['a list', { values: [1, 2.5] }, 'values  1, 2.5000'],
    ['a long list', { values: new Float64Array(20).fill(0.5) }, 'values  20 values, mean 0.5000, from 0.5000 to 0.5000'],
    ['a matrix', confusionMatrix([0, 1, 1], [0, 1, 0]), '   0  1\n0  1  0\n1  1  1'],
    ['records', [{ name: 'a', f1: 1 }, { name: 'b' }], '   name   f1\n0  a       1\n1  b     n/a'],
    ['functions left out', { f1: 1, predict: () => 0 }, 'f1  1'],
    ['sets and maps', { set: new Set(['a']), map: new Map([['k', 1]]) }, 'set  a\nmap  ["k",1]'],
    [
      'truth',
      { yes: true, infinite: Number.POSITIVE_INFINITY, big: 3n },
      'yes           true\ninfinite  Infinity\nbig              3'
        .replace('          true', '           true')
        .replace(/^yes +true/, 'yes       true')
        .replace(/big +3/, 'big              3'),
    ],
    ['records of lists', { rows: [[1], [2, 3]], mixed: [{ a: 1 }, 2] }, 'mixed  {"a":1}, 2\n\nrows\n   0\n0  1\n1  2  3'],
  ])('writes %s', (_name, result, text) => {
    expect(formatResult(result)).toBe(text);
  });
  it('writes nested results as tables, in text and Markdown', () => {
    const result = seqevalScores([['B-PER', 'O', 'B-LOC']], [['B-PER', 'O', 'O']]);
    const text = formatResult(result, { title: 'Entities' });
    expect(text).toMatch(/^Entities\n\naccuracy {2}0\.6667\n\n {10}precision {2}recall/);
    expect(text).toContain('byType\n     precision  recall  f1  support\nLOC');
    const markdown = formatResult(fairnessSuite({ labels: [1, 0], predictions: [1, 1], groups: ['a|x', 'b'] }), { format: 'markdown', title: 'Fairness' });
    expect(markdown).toMatch(/^# Fairness\n/);
    expect(markdown).toContain('## byGroup\n\n|  | a\\|x | b |\n| --- | ---: | ---: |\n| accuracy | 1 | 0 |');
    expect(formatResult(classificationReportData([0, 1], [0, 1]), { format: 'markdown' })).toContain('precision');
  });
  it('writes JSON that reads back, with null for what is no number', () => {
    const json = formatResult({ a: Number.NaN, b: new Float64Array([1, 2]), c: 2n, d: new Map([['k', 1]]), e: new Set([1]) }, { format: 'json', title: 't' });
    expect(JSON.parse(json)).toEqual({ title: 't', result: { a: null, b: [1, 2], c: '2', d: { k: 1 }, e: [1] } });
    expect(formatResult(1, { format: 'json' })).toBe('1');
  });
  it('bears any result', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostileText()), value => {
        fc.pre(value !== null && value !== undefined);
        for (const format of ['text', 'markdown'] as const) expect(typeof formatResult(value, { format })).toBe('string');
      }),
      { numRuns: 300 },
    );
  });
  it.each<[() => unknown, string]>([
    [() => formatResult(null), 'result'],
    [() => formatResult(1, { format: 'xml' as never }), 'format must be one of json, markdown, text'],
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

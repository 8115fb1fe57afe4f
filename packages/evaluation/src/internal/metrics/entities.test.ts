import { type Answer, evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as m from '../../metrics.js';

const row = ({ f1, ...rest }: m.EntityScores): object => ({ ...rest, 'f1-score': f1 });
const without = ({ support: _, ...rest }: m.EntityScores): object => rest;

const answers: Readonly<Record<string, Answer>> = {
  seqevalScores: (({ yTrue, yPred, ...options }: { yTrue: string[][]; yPred: string[][] }, { expect: wanted }: { expect?: object }) => {
    const { accuracy, micro, macro, weighted, byType } = m.seqevalScores(yTrue, yPred, options);
    const types = Object.fromEntries(Object.entries(byType).map(([type, scores]) => [type, row(scores)]));
    const all: Readonly<Record<string, unknown>> = {
      accuracy,
      f1: micro.f1,
      micro: without(micro),
      macro: without(macro),
      weighted: without(weighted),
      report: { ...types, 'micro avg': row(micro), 'macro avg': row(macro), 'weighted avg': row(weighted) },
    };
    return Object.fromEntries(Object.keys(wanted!).map(key => [key, all[key]]));
  }) as never,
  getEntities: (({ tags, ...options }: { tags: string[] }) => m.getEntities(tags, options)) as never,
};

describe('evidence: seqeval', () => {
  it.each(evidenceCases('evaluation/seqeval', answers, import.meta.url, '../../../evidence/seqeval.json'))('$name', e => e.run());
});

describe('laws', () => {
  const tags = fc.array(fc.constantFrom('O', 'B-PER', 'I-PER', 'B-LOC', 'I-LOC'), { minLength: 1, maxLength: 20 });
  it('entities lie in order and do not overlap', () => {
    fc.assert(
      fc.property(tags, sequence => {
        let last = -1;
        for (const [, start, end] of m.getEntities(sequence)) {
          expect(start).toBeGreaterThan(last);
          expect(end).toBeGreaterThanOrEqual(start);
          last = end;
        }
      }),
      { numRuns: 100 },
    );
  });
  it('a sequence agrees with itself, and sides trade precision for recall', () => {
    fc.assert(
      fc.property(tags, tags, fc.constantFrom<'default' | 'strict'>('default', 'strict'), (a, b, mode) => {
        const n = Math.min(a.length, b.length);
        const [x, y] = [[a.slice(0, n)], [b.slice(0, n)]];
        const [there, back] = [m.seqevalScores(x, y, { mode }).micro, m.seqevalScores(y, x, { mode }).micro];
        expect(there.precision).toBe(back.recall);
        const own = m.seqevalScores(x, x, { mode }).micro;
        expect(own.f1).toBe(own.support > 0 ? 1 : 0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('schemes', () => {
  it.each<[m.TagScheme, string[], number]>([
    ['IOE1', ['I-A', 'I-A', 'E-A', 'I-A', 'O'], 2],
    ['IOB1', ['I-A', 'B-A', 'I-B', 'O'], 3],
    ['IOBES', ['B-A', 'I-A', 'O', 'S-A'], 1],
    ['BILOU', ['B-A', 'I-A', 'L-A', 'U-B'], 2],
  ])('%s keeps what is whole', (scheme, sequence, count) => {
    expect(m.seqevalScores([sequence], [sequence], { mode: 'strict', scheme }).micro.support).toBe(count);
  });
  it('a tag without a type has one', () => {
    expect(m.getEntities(['B', 'I', 'O'])).toEqual([['_', 0, 1]]);
    expect(m.getEntities(['A-B-B', 'A-B-I'], { suffix: true })).toEqual([['A-B', 0, 1]]);
    expect(m.seqevalScores([['O']], [['O']], { zeroDivision: 1 }).micro.f1).toBe(1);
  });
  it.each<[string, () => unknown, string]>([
    ['prefix', () => m.seqevalScores([['S-A']], [['S-A']], { mode: 'strict' }), "tags must have a prefix of IOB in IOB2, got 'S-A'"],
    ['empty', () => m.getEntities(['']), 'tags must not be empty'],
    ['scheme', () => m.seqevalScores([['O']], [['O']], { scheme: 'IOB9' as never }), 'scheme must be one of BILOU'],
    ['length', () => m.seqevalScores([['O']], [['O', 'O']]), 'yPred must have 1 tags in row 0, got 2'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

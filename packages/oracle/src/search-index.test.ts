import { FormatError } from '@gtc/errors';
import { mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corpus, makeOracle, moduleInfo, pattern, vectors } from './corpus.fixture.js';
import { decodeContainer, encodeContainer } from './internal/index/container.js';
import { isOneLetterOff, nearWords } from './internal/index/near.js';
import { type Postings, PostingsBuilder } from './internal/index/postings.js';
import { GrowingNumbers, TextTable } from './internal/index/tables.js';
import { Oracle } from './search.js';
import { buildIndex, decodeIndex, decodeMeanings, encodeIndex, encodeMeanings, INDEX_VERSION, IndexBuilder, nameTerm } from './search-index.js';

const index = () => buildIndex(corpus, vectors, 'here');

describe('indexes', () => {
  it('come back as they were', () => {
    const again = decodeIndex(encodeIndex(index()));
    expect([...again.patterns()]).toEqual(corpus.patterns);
    expect([...again.modules()]).toEqual(corpus.modules);
    expect(again.info).toMatchObject({ domains: ['evaluation', 'training', 'rag'], languages: ['ts'], origin: 'here', sources: { folders: [], files: {} } });
    const questions = ['precision', 'lora config', 'economical tuning'];
    for (const question of questions) expect(new Oracle(again, vectors).search(question)).toEqual(makeOracle().search(question));
  });
  it('know the module of each pattern and their size', () => {
    const made = index();
    expect([0, 1, 2, 3, 4].map(place => made.moduleOf(place))).toEqual([0, 0, 1, 1, 2]);
    expect([made.patternCount, made.moduleCount]).toEqual([5, 3]);
    expect(made.byteLength).toBeGreaterThan(1000);
  });
  it('keep modules without patterns and their own sources', () => {
    const builder = new IndexBuilder(vectors);
    builder.add(moduleInfo('@gtc/x/empty', 'Nothing.'), []);
    builder.add(moduleInfo('@gtc/x/full', 'Something.'), [pattern('a', '@gtc/x/full', 'tune')]);
    const made = builder.finish('there', { folders: ['/a'], files: { '/a/b.ts': { hash: 'h', patterns: 1 } } });
    const again = decodeIndex(encodeIndex(made));
    expect([again.moduleOf(0), again.info.sources.files['/a/b.ts']!.hash]).toEqual([1, 'h']);
    expect(new Oracle(again, vectors).search('tune')[0]!.pattern.name).toBe('a');
  });
  it('keep meanings of another embedder apart', () => {
    const meanings = Int8Array.from([1, -2, 127, 0]);
    expect(decodeMeanings(encodeMeanings(meanings), 4)).toEqual(meanings);
    expect(() => decodeMeanings(encodeMeanings(meanings), 5)).toThrow('meanings must be 5 numbers; build the index again');
  });
  it('look names up without case and separators', () => {
    expect(nameTerm('F1_Score')).toBe(nameTerm('f1Score'));
  });
  it.each(mutantCases({ index: () => encodeIndex(index()) }, data => decodeIndex(data)))('$name', each => each.run());
  it.each(mutantCases({ meanings: () => encodeMeanings(Int8Array.from([1, 2, 3])) }, data => decodeMeanings(data, 3)))('$name', each => each.run());
});

/** A container with a valid checksum whose parts were changed. */
function altered(change: (container: { meta: Record<string, unknown>; sections: Record<string, unknown> }) => void): Uint8Array {
  const { meta, sections } = decodeContainer('gtc-index', INDEX_VERSION, encodeIndex(index()));
  const copy = { meta: { ...meta } as Record<string, unknown>, sections: { ...sections } as Record<string, unknown> };
  change(copy);
  return encodeContainer('gtc-index', INDEX_VERSION, copy as never);
}

describe('indexes of another form', () => {
  it.each<[string, (container: { meta: Record<string, unknown>; sections: Record<string, unknown> }) => void, string]>([
    ['no meanings', ({ sections }) => delete sections['meanings'], 'the index lacks meanings'],
    ['factors of another type', ({ sections }) => (sections['factors'] = new Uint8Array(5)), 'the index lacks factors'],
    ['too few factors', ({ sections }) => (sections['factors'] = new Float32Array(1)), 'every pattern must have its factor'],
    ['too few firsts', ({ sections }) => (sections['firsts'] = Uint32Array.from([0, 5])), 'every module must have its first pattern'],
    ['firsts beyond the patterns', ({ sections }) => (sections['firsts'] = Uint32Array.from([0, 1, 2, 6])), 'firsts must rise from 0 to 5'],
    ['meanings that do not divide', ({ sections }) => (sections['meanings'] = new Int8Array(4)), 'every module must have its meaning'],
    ['too few domains', ({ sections }) => (sections['domainOf'] = Uint32Array.from([0])), 'domainOf must hold 3 places'],
    ['starts of other words', ({ sections }) => (sections['moduleWords.starts'] = Uint32Array.from([0])), 'moduleWords.starts must rise from 0'],
    [
      'impacts of other documents',
      ({ sections }) => (sections['patternWords.impacts'] = new Float32Array(1)),
      'the arrays of patternWords do not fit together',
    ],
    ['means of other fields', ({ sections }) => (sections['moduleWords.means'] = new Float32Array(1)), 'the arrays of moduleWords do not fit together'],
    ['no domains', ({ meta }) => delete meta['domains'], 'the header of the index is malformed'],
    ['sources of another form', ({ meta }) => (meta['sources'] = { folders: [1], files: {} }), 'the header of the index is malformed'],
    ['no files', ({ meta }) => (meta['sources'] = { folders: [], files: null }), 'the header of the index is malformed'],
  ])('%s', (_, change, message) => {
    expect(() => decodeIndex(altered(change))).toThrow(message);
    expect(() => decodeIndex(altered(change))).toThrow(FormatError);
  });
});

describe('containers', () => {
  const container = { meta: { a: 1 }, sections: { bytes: Uint8Array.from([1, 2, 3]), floats: Float32Array.from([0.5]) } };
  const bytes = (): Uint8Array => encodeContainer('toy', 1, container);
  it('come back, wherever they lie in memory', () => {
    expect(decodeContainer('toy', 1, bytes())).toEqual(container);
    const moved = new Uint8Array(bytes().length + 3);
    moved.set(bytes(), 3);
    expect(decodeContainer('toy', 1, moved.subarray(3))).toEqual(container);
  });
  it.each([
    [new Uint8Array(0), 'the first line must begin with toy'],
    [new TextEncoder().encode('tiy 1 x 8\n'), 'the first line must begin with toy'],
    [new TextEncoder().encode('toy 1 x\n'), 'the first line must begin with toy'],
    [new TextEncoder().encode('toy 2 x 8\n'), 'version must be 1, got 2'],
    [new TextEncoder().encode('toy 1 00000001 8\n{}      '), 'the file is damaged: its checksum does not match'],
  ])('%# refuses another file', (data, message) => {
    expect(() => decodeContainer('toy', 1, data)).toThrow(message);
  });
  /** A body with the right checksum. */
  const sealed = (body: string, length: number | string): Uint8Array => {
    const text = body.padEnd(Math.ceil(body.length / 8) * 8);
    const whole = encodeContainer('toy', 1, { meta: {}, sections: {} });
    const first = new TextDecoder().decode(whole).split('\n')[0]!;
    const crc = (data: Uint8Array): string => {
      let value = 0xffffffff;
      for (const byte of data) {
        value ^= byte;
        for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
      }
      return ((value ^ 0xffffffff) >>> 0).toString(16).padStart(8, '0');
    };
    const line = `toy 1 ${crc(new TextEncoder().encode(text))} ${length}`;
    return new TextEncoder().encode(`${line.padEnd(first.length)}\n${text}`);
  };
  it.each([
    ['{"meta": {}, "table": []}', 8, 'the header is not JSON'],
    ['not JSON', 8, 'the header is not JSON'],
    ['{}', 8, 'the header lacks its table'],
    ['null', 8, 'the header lacks its table'],
    ['{"meta": {}, "table": 1}', 24, 'the header lacks its table'],
    ['{}', 80, 'the header is too long'],
    ['{}', -8, 'the header is too long'],
    ['{}', 'x', 'the header is too long'],
    ['{"meta": {}, "table": [1]}      ', 32, 'a row of the table is malformed'],
    ['{"meta": {}, "table": [["a", "u9", 0, 0]]}      ', 48, 'a row of the table is malformed'],
    ['{"meta": {}, "table": [["a", "u8", 4, 0]]}      ', 48, 'a row of the table is malformed'],
    ['{"meta": {}, "table": [["a", "u8", 0, 1]]}      ', 48, 'section a reaches beyond the end of the file'],
    ['{"meta": {}, "table": [["a", "u8", -8, 1]]}     ', 48, 'section a reaches beyond the end of the file'],
  ])('refuse the header %s of %s bytes', (body, length, message) => {
    expect(() => decodeContainer('toy', 1, sealed(body, length))).toThrow(message);
  });
});

describe('postings', () => {
  const fields = [
    { name: 'title', weight: 2 },
    { name: 'body', weight: 1 },
  ];
  const built = (): Postings => {
    const builder = new PostingsBuilder(fields);
    builder.add([['a'], ['b', 'b', 'c']]);
    builder.add([['b'], []]);
    builder.add([[], ['a']], 0.5);
    return builder.finish();
  };
  it('count and name the documents of a word', () => {
    expect(['a', 'b', 'c', 'd'].map(word => built().count(word))).toEqual([2, 2, 1, 0]);
    expect([...built().holders('b')]).toEqual([0, 1]);
    expect([...built().holders('zz')]).toEqual([]);
    expect([...built().means]).toEqual([2 / 3, 4 / 3].map(Math.fround));
  });
  it('add up to what is explained, times the factor of the document', () => {
    const scores = new Float32Array(3);
    built().accumulate('a', 2, scores);
    built().accumulate('zz', 1, scores);
    const [first, third] = [built().explain('a', fields, [['a'], ['b', 'b', 'c']], 3), built().explain('a', fields, [[], ['a']], 3)];
    expect(scores[0]).toBeCloseTo(2 * (first[0]! + first[1]!), 5);
    expect(scores[1]).toBe(0);
    expect(scores[2]).toBeCloseTo(2 * 0.5 * (third[0]! + third[1]!), 5);
    expect(first[1]).toBe(0);
  });
  it('take very frequent words without overflow', () => {
    const builder = new PostingsBuilder(fields);
    builder.add([Array.from({ length: 100 }, () => 'a'), []]);
    builder.add([[], ['b']]);
    const scores = new Float32Array(2);
    builder.finish().accumulate('a', 1, scores);
    expect(scores[0]).toBeGreaterThan(0);
    expect(scores[1]).toBe(0);
  });
  it('of nothing are empty', () => {
    expect(new PostingsBuilder(fields).finish().count('a')).toBe(0);
  });
});

describe('tables', () => {
  it('hold any texts and find them when they are in order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' })), fc.string(), (texts, other) => {
        const sorted = [...texts].sort();
        const table = TextTable.of(sorted);
        expect(sorted.map(text => table.find(text))).toEqual(sorted.map((_, i) => i));
        expect(table.find(other)).toBe(sorted.indexOf(other));
        expect(sorted.map((_, i) => table.at(i))).toEqual(sorted);
      }),
      { numRuns: 100 },
    );
  });
  it('grow', () => {
    const numbers = new GrowingNumbers(length => new Uint32Array(length));
    for (let i = 0; i < 5000; i++) numbers.push(i);
    expect([numbers.values.length, numbers.values[4999]]).toEqual([5000, 4999]);
  });
});

describe('near words', () => {
  it.each([
    ['precision', 'precison', true],
    ['precision', 'preciision', true],
    ['precision', 'precisian', true],
    ['precision', 'percision', true],
    ['precision', 'precision', false],
    ['precision', 'precis', false],
    ['precision', 'recision', true],
    ['precision', 'prexisoon', false],
    ['ab', 'ba', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect([isOneLetterOff(a, b), isOneLetterOff(b, a)]).toEqual([expected, expected]);
  });
  it('begin alike and are long enough', () => {
    const table = TextTable.of(['metric', 'mitric', 'precise', 'precision', 'prior']);
    expect(nearWords(table, 'precison')).toEqual(['precision']);
    expect(nearWords(table, 'matric')).toEqual([]);
    expect(nearWords(table, 'metrc')).toEqual(['metric']);
    expect(nearWords(table, 'prio')).toEqual([]);
  });
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotFoundError } from '@gtc/errors';
import { mutantCases } from '@gtc/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { corpus, vectors } from './corpus.fixture.js';
import { encodeContainer } from './internal/index/container.js';
import { buildIndex, encodeIndex } from './search-index.js';
import { originOf, readIndex, readVectors, writeIndex, writeWhole } from './store.js';
import { plainWords, unit, WordVectors } from './vectors.js';

const folder = mkdtempSync(join(tmpdir(), 'gtc-store-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

describe('index files', () => {
  it('come back as they were, in folders that are made', () => {
    const path = join(folder, 'a', 'b', 'index.gtc');
    writeIndex(path, buildIndex(corpus, vectors));
    expect([...readIndex(path).patterns()]).toEqual(corpus.patterns);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['index.gtc']);
  });
  it('are told apart by their first line', () => {
    const index = buildIndex(corpus, vectors);
    writeIndex(at('one.gtc'), index);
    writeWhole(at('two.gtc'), encodeIndex(index));
    writeIndex(at('three.gtc'), buildIndex({ ...corpus, patterns: [] }, vectors));
    expect(originOf(at('one.gtc'))).toMatch(/^gtc-index \d+ [0-9a-f]{8} \d+$/);
    expect(originOf(at('two.gtc'))).toBe(originOf(at('one.gtc')));
    expect(originOf(at('three.gtc'))).not.toBe(originOf(at('one.gtc')));
  });
  it('are named when they are not there', () => {
    expect(() => readIndex(at('none.gtc'))).toThrow(/^cannot read the index .*none\.gtc/);
    expect(() => readVectors(at('none.gtc'))).toThrow(/^cannot read the word vectors .*none\.gtc/);
    expect(() => readIndex(at('none.gtc'))).toThrow(NotFoundError);
    expect(() => readIndex(at('none.gtc'))).toThrow(expect.objectContaining({ parameter: 'path', received: at('none.gtc') }));
  });
  it('replace what was there', () => {
    writeWhole(at('text'), 'old');
    writeWhole(at('text'), 'new');
    expect(readdirSync(folder).filter(name => name.startsWith('text'))).toEqual(['text']);
  });
  it('leave nothing half-written when they cannot be written', () => {
    writeFileSync(at('file'), '');
    expect(() => writeWhole(join(at('file'), 'below'), 'x')).toThrow();
    mkdirSync(at('taken'));
    expect(() => writeWhole(at('taken'), 'x')).toThrow();
    expect(existsSync(at('taken'))).toBe(true);
    expect(readdirSync(folder).filter(name => name.includes('.tmp'))).toEqual([]);
  });
});

describe('word vectors', () => {
  it('come back as they were', () => {
    const again = WordVectors.decode(vectors.encode());
    expect(again.embed('tune predictions')).toEqual(vectors.embed('tune predictions'));
    writeWhole(at('words.gtc'), vectors.encode());
    expect(readVectors(at('words.gtc')).dimensions).toBe(3);
    expect(WordVectors.decode(WordVectors.of([]).encode()).embed('x')).toBeNull();
  });
  it('give a text the direction of its words, one long', () => {
    const vector = vectors.embed('Tune the classifier')!;
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    expect([...vector].map(value => value > 0)).toEqual([true, true, false]);
    expect(vectors.embed('nothing known')).toBeNull();
    expect(vectors.embed('')).toBeNull();
  });
  it('split identifiers, keep endings', () => {
    expect(plainWords('createLoraConfig, runs_fast')).toEqual(['create', 'lora', 'config', 'runs', 'fast']);
  });
  it('have no direction for nothing', () => {
    expect(unit(new Float32Array(3))).toBeNull();
    expect(unit(Float32Array.from([Number.NaN]))).toBeNull();
    expect(unit(Float32Array.from([3, 4]))).toEqual(Float32Array.from([0.6, 0.8]));
    expect(WordVectors.of([['a', new Float32Array(2)]]).embed('a')).toBeNull();
  });
  it.each([
    ['no scales', { offsets: Uint32Array.from([0]), bytes: new Uint8Array(0), vectors: new Int8Array(0) }],
    ['offsets of other words', { offsets: Uint32Array.from([0, 1]), bytes: new Uint8Array(1), vectors: new Int8Array(0), scales: new Float32Array(0) }],
    ['offsets beyond the letters', { offsets: Uint32Array.from([0, 2]), bytes: new Uint8Array(1), vectors: new Int8Array(1), scales: new Float32Array(1) }],
    ['vectors without words', { offsets: Uint32Array.from([0]), bytes: new Uint8Array(0), vectors: new Int8Array(1), scales: new Float32Array(0) }],
    ['vectors that do not divide', { offsets: Uint32Array.from([0, 1, 2]), bytes: new Uint8Array(2), vectors: new Int8Array(3), scales: new Float32Array(2) }],
  ])('refuse %s', (_, sections) => {
    expect(() => WordVectors.decode(encodeContainer('gtc-vectors', 1, { meta: {}, sections: sections as never }))).toThrow(
      'the arrays of the word vectors do not fit together',
    );
  });
  it.each(mutantCases({ vectors: () => vectors.encode() }, data => WordVectors.decode(data)))('$name', each => each.run());
});

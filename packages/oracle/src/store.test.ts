import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mutantCases } from '@gtc/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { Corpus } from './pattern.js';
import { decodeCorpus, encodeCorpus, readCorpus, writeCorpus } from './store.js';

const folder = mkdtempSync(join(tmpdir(), 'gtc-store-'));
afterAll(() => rmSync(folder, { recursive: true }));
const corpus: Corpus = {
  modules: [{ specifier: '@gtc/a/b', summary: 's', proof: null }],
  patterns: [
    {
      name: 'f',
      kind: 'function',
      domain: 'a',
      specifier: '@gtc/a/b',
      signature: 'function f()',
      summary: 's',
      details: '',
      params: ['x'],
      returns: '',
      throws: [],
      python: '',
      rust: '',
      examples: ['f()'],
      file: 'src/b.ts',
    },
  ],
};
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe('corpus files', () => {
  it('come back as they were', () => {
    const path = join(folder, 'corpus.txt');
    writeCorpus(path, corpus);
    expect(readCorpus(path)).toEqual(corpus);
    expect(readdirSync(folder)).toEqual(['corpus.txt']);
  });
  it.each(mutantCases({ corpus: () => bytes(encodeCorpus(corpus)) }, data => decodeCorpus(text(data))))('$name', c => c.run());
  const header = (body: string) => (): string => encodeCorpus(JSON.parse(body));
  const broken = (change: object) => (): string => encodeCorpus({ ...corpus, patterns: [corpus.patterns[0]!, { ...corpus.patterns[0]!, ...change }] });
  it.each<[() => string, string]>([
    [() => '', 'not a GTC corpus'],
    [() => 'hello\n{}', 'not a GTC corpus'],
    [() => 'gtc-corpus 0 x\n{}', 'corpus version must be 1, got 0; build the index again'],
    [() => 'gtc-corpus 1 x\n{}', 'the corpus is damaged: its checksum does not match'],
    [header('{}'), 'pattern 0 of the corpus is malformed'],
    [header('null'), 'pattern 0 of the corpus is malformed'],
    [header('{"patterns": []}'), 'pattern 0 of the corpus is malformed'],
    [header('{"modules": [], "patterns": [{}]}'), 'pattern 0 of the corpus is malformed'],
    [header('{"modules": [], "patterns": [null]}'), 'pattern 0 of the corpus is malformed'],
    [header('{"modules": [], "patterns": ["x"]}'), 'pattern 0 of the corpus is malformed'],
    ...['name', 'domain', 'specifier', 'signature', 'summary', 'details', 'returns', 'python', 'rust', 'file', 'kind'].map((key): [() => string, string] => [
      broken({ [key]: 1 }),
      'pattern 1 of the corpus is malformed',
    ]),
    ...['params', 'throws', 'examples'].flatMap((key): [() => string, string][] => [
      [broken({ [key]: 'x' }), 'pattern 1 of the corpus is malformed'],
      [broken({ [key]: [1] }), 'pattern 1 of the corpus is malformed'],
    ]),
  ])('%# refuses a file of another form', (file, message) => {
    expect(() => decodeCorpus(file())).toThrow(message);
  });
  it.each([
    ['x', 'corpus'],
    ['gtc-corpus 99 x\n{}', 'version'],
    ['gtc-corpus 1 x\n{}', 'checksum'],
    [encodeCorpus({ modules: [], patterns: [1 as never] }), 'patterns'],
  ])('%# names the part that is wrong', (file, parameter) => {
    expect(() => decodeCorpus(file)).toThrow(expect.objectContaining({ parameter }));
  });
  it('names a file that is not there', () => {
    expect(() => readCorpus(join(folder, 'none.txt'))).toThrow(/cannot read the corpus .*none\.txt/);
    expect(() => readCorpus(join(folder, 'none.txt'))).toThrow(expect.objectContaining({ parameter: 'path', received: join(folder, 'none.txt') }));
  });
  it('leaves nothing half-written when it cannot write', () => {
    expect(() => writeCorpus(join(folder, 'no', 'corpus.txt'), corpus)).toThrow();
    const target = join(folder, 'blocked');
    writeFileSync(join(folder, 'x'), '');
    chmodSync(folder, 0o755);
    expect(() => writeCorpus(`${target}/`, corpus)).toThrow();
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(folder).filter(name => name.includes('.tmp'))).toEqual([]);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { NotFoundError } from '@gtc/errors';
import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { corpus, vectors } from './corpus.fixture.js';
import { readPython } from './internal/extract/python.js';
import { readRust } from './internal/extract/rust.js';
import type { Pattern } from './pattern.js';
import { Oracle } from './search.js';
import { buildIndex, decodeIndex, encodeIndex, type SearchIndex } from './search-index.js';
import { type IndexReport, indexSources } from './sources.js';

let folder: string;
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
};
const run = async (folders: readonly string[] = [folder], more: object = {}): Promise<IndexReport> =>
  indexSources(folders, { corpus: buildIndex(corpus, vectors), origin: 'o', embedder: vectors, ...more });
const own = ({ index }: { index: SearchIndex }): Record<string, Pattern> =>
  Object.fromEntries([...index.patterns()].filter(({ specifier }) => !specifier.startsWith('@')).map(pattern => [pattern.name, pattern]));

const PYTHON = `"""Tools for text. More of it."""
import os

LIMIT = 3
_hidden = 1

def clean(text: str, strip=True) -> str:
    """Removes what is odd.

    Long words follow.

    Args:
        text: what is cleaned,
            on two lines
        strip: ends as well

    Returns:
        the clean text

    Raises:
        ValueError: for None

    Examples:
        >>> clean(' a ')
        'a'
    """
    return text

@decorated
async def fetch(url):
    '''Gets it.'''

class Box:
    "A box."

class _Private: pass

def bare(): # comment
    pass
`;
const RUST = `//! Shapes and areas. Twice.

/// Area of a square.
///
/// # Examples
/// \`\`\`
/// # use shapes::area;
/// assert_eq!(area(2), 4);
/// \`\`\`
#[inline]
pub fn area(side: u32) -> u32 { side * side }

fn private() {}

/// A box.
pub struct Box3 { pub width: u32 }

impl Box3 {
    /// Makes one.
    pub fn new(width: u32) -> Self { Self { width } }
    fn hidden(&self) {}
}

impl Clone for Box3 { fn clone(&self) -> Self { Self { width: self.width } } }

pub mod inner {
    /// Deep.
    pub enum Kind { A, B }
    pub trait Shape { fn sides(&self) -> u32; }
    pub type Alias = u32;
    pub const FOUR: u32 = 4;
}

mod closed { pub fn unseen() {} }
pub(crate) fn half_open() {}
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtc-sources-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('indexSources', () => {
  it('reads the three languages beside the corpus', async () => {
    write(
      'a.ts',
      '/** Doubles. Quickly. @example double(2) // => 4 */\nexport function double(x: number): number { return 2 * x; }\nexport enum Mode { A }\nexport default function () {}\nconst own = 1;',
    );
    write('b.py', PYTHON);
    write('deep/c.rs', RUST);
    const report = await run();
    expect(report).toMatchObject({ files: 3, read: 3, skipped: [] });
    expect(Object.keys(own(report)).sort()).toEqual(
      ['Alias', 'Box', 'Box3', 'Box3::new', 'FOUR', 'Kind', 'LIMIT', 'Mode', 'Shape', 'area', 'bare', 'clean', 'double', 'fetch'].sort(),
    );
    expect(report.patterns).toBe(14);
    expect([...report.index.patterns()].length).toBe(corpus.patterns.length + 14);
    expect(report.index.info).toMatchObject({ origin: 'o', sources: { folders: [folder] } });
    const oracle = new Oracle(report.index, vectors);
    expect(oracle.search('area of a square')[0]!.pattern.name).toBe('area');
    expect(oracle.search('clean', { language: 'py' })[0]!.pattern).toMatchObject({ name: 'clean', file: 'b.py', specifier: join(folder, 'b.py') });
    expect(oracle.search('harmonic mean')[0]!.pattern.name).toBe('f1Score');
  });
  it('leaves out tests, hidden folders, links, what tools make, and large files', async () => {
    write('a.ts', 'export const a = 1;');
    for (const file of ['a.test.ts', 'a.d.ts', 'test_a.py', '.hidden/b.ts', 'node_modules/c.ts', 'target/d.rs', 'dist/e.js', 'notes.md'])
      write(file, 'export const b = 1;');
    write('large.ts', `export const big = '${'x'.repeat(1 << 20)}';`);
    symlinkSync(join(folder, 'a.ts'), join(folder, 'link.ts'));
    const report = await run();
    expect(Object.keys(own(report))).toEqual(['a']);
    expect(report.skipped).toEqual([{ path: join(folder, 'large.ts'), reason: 'larger than 1 MiB' }]);
  });
  it('reads again only what changed', async () => {
    write('a.ts', 'export const a = 1;');
    write('b.py', PYTHON);
    write('nothing.py', 'import os');
    const previous = decodeIndex(encodeIndex((await run()).index));
    write('a.ts', 'export const c = 1;');
    const report = await run([folder], { previous });
    expect(report).toMatchObject({ files: 3, read: 1 });
    expect(Object.keys(own(report)).sort()).toEqual(['Box', 'LIMIT', 'bare', 'c', 'clean', 'fetch']);
    expect(own(report)['clean']).toEqual(own({ index: previous })['clean']);
  });
  it('forgets files that are gone', async () => {
    write('a.ts', 'export const a = 1;');
    write('b.ts', 'export const b = 1;');
    const previous = (await run()).index;
    rmSync(join(folder, 'b.ts'));
    expect(Object.keys(own(await run([folder], { previous })))).toEqual(['a']);
  });
  it('tells each file, and stops with the signal', async () => {
    write('a.ts', 'export const a = 1;');
    write('b.ts', 'export const b = 1;');
    const told: unknown[] = [];
    await run([folder], { onFile: (...args: unknown[]) => told.push(args) });
    expect(told).toEqual([
      [1, 2, join(folder, 'a.ts')],
      [2, 2, join(folder, 'b.ts')],
    ]);
    await expect(run([folder], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
  it('takes folders once, and the corpus alone without folders', async () => {
    write('in/a.ts', 'export const a = 1;');
    const report = await run([folder, join(folder, 'in'), folder]);
    expect([report.files, report.index.info.sources.folders]).toEqual([1, [folder]]);
    expect(await run([])).toMatchObject({ files: 0, patterns: 0 });
  });
  it.each<[string, () => string, RegExp]>([
    ['a folder that is not there', () => join(folder, 'none'), /^there is no folder .*none$/],
    ['a file', () => join(folder, 'x.txt'), /x\.txt is a file, not a folder$/],
    ['a folder without a source', () => folder, /^no TypeScript, Python or Rust sources in /],
  ])('refuses %s', async (_, path, message) => {
    write('x.txt', '');
    await expect(run([path()])).rejects.toThrow(message);
    await expect(run([path()])).rejects.toThrow(NotFoundError);
  });
  it('names folders that it cannot read', async () => {
    write('a.ts', 'export const a = 1;');
    const here = process.cwd();
    process.chdir(folder);
    for (let depth = 0; depth < 18; depth++) {
      mkdirSync('d'.repeat(250));
      process.chdir('d'.repeat(250));
    }
    process.chdir(here);
    const { skipped, index } = await run();
    spawnSync('rm', ['-r', folder]);
    expect(skipped.map(({ reason }) => reason)).toEqual([expect.stringContaining('ENAMETOOLONG')]);
    expect(Object.keys(own({ index }))).toEqual(['a']);
  });
  it('goes on after a file that cannot be read', async () => {
    write('a.ts', 'export const a = 1;');
    write('b.ts', 'export const b = 1;');
    const { skipped, index } = await run([folder], { onFile: (done: number) => done === 1 && rmSync(join(folder, 'b.ts')) });
    expect(skipped.map(({ path }) => path)).toEqual([join(folder, 'b.ts')]);
    expect(Object.keys(own({ index }))).toEqual(['a']);
  });
  it('reads broken sources as far as it can', async () => {
    write('a.ts', 'export function broken( {');
    write('b.py', 'def fine(): pass\n\ndef broken(:\n');
    write('c.rs', 'pub fn fine() {}\npub fn broken( {');
    expect(Object.keys(own(await run()))).toContain('fine');
  });
});

describe('readPython', () => {
  const place = { domain: 'd', language: 'py', specifier: 's', file: 'f' } as const;
  it('reads signatures, docstrings, constants', async () => {
    const { summary, patterns } = await readPython(PYTHON, place);
    expect(summary).toBe('Tools for text.');
    expect(patterns.find(({ name }) => name === 'clean')).toMatchObject({
      kind: 'function',
      signature: 'def clean(text: str, strip=True) -> str',
      summary: 'Removes what is odd.',
      details: 'Long words follow.',
      params: ['text: what is cleaned, on two lines', 'strip: ends as well'],
      returns: 'the clean text',
      throws: ['ValueError: for None'],
      examples: ["clean(' a ')"],
    });
    expect(patterns.map(({ name, kind, signature }) => [name, kind, signature])).toEqual([
      ['LIMIT', 'constant', 'LIMIT = 3'],
      ['clean', 'function', 'def clean(text: str, strip=True) -> str'],
      ['fetch', 'function', 'async def fetch(url)'],
      ['Box', 'class', 'class Box'],
      ['bare', 'function', 'def bare()'],
    ]);
    expect(patterns.map(({ summary: words }) => words)).toEqual(['', 'Removes what is odd.', 'Gets it.', 'A box.', '']);
  });
  it('takes any text', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), async text => Array.isArray((await readPython(text, place)).patterns)),
      { numRuns: 100 },
    );
  });
});

describe('readRust', () => {
  const place = { domain: 'd', language: 'rs', specifier: 's', file: 'f' } as const;
  it('reads public items, methods, inner modules', async () => {
    const { summary, patterns } = await readRust(RUST, place);
    expect(summary).toBe('Shapes and areas.');
    expect(patterns.map(({ name, kind }) => [name, kind])).toEqual([
      ['area', 'function'],
      ['Box3', 'class'],
      ['Box3::new', 'function'],
      ['Kind', 'enum'],
      ['Shape', 'interface'],
      ['Alias', 'type'],
      ['FOUR', 'constant'],
    ]);
    expect(patterns[0]).toMatchObject({
      signature: 'pub fn area(side: u32) -> u32',
      summary: 'Area of a square.',
      details: '',
      examples: ['assert_eq!(area(2), 4);'],
    });
    expect(patterns.find(({ name }) => name === 'FOUR')!.signature).toBe('pub const FOUR: u32 = 4');
  });
  it('takes any text', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), async text => Array.isArray((await readRust(text, place)).patterns)),
      { numRuns: 100 },
    );
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { extractPackage, type PackagePatterns } from './extract.js';
import type { Pattern } from './pattern.js';

const folder = mkdtempSync(join(tmpdir(), 'gtc-extract-'));
mkdirSync(join(folder, 'src/internal/sums'), { recursive: true });
const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
write('package.json', '{ "name": "@gtc/toy" }');
write('src/index.ts', "export * from './sums.js';");
write('topics.json', '{ "sums": { "topics": ["add things up", "totals"], "python": ["numpy"], "rust": [] } }');
mkdirSync(join(folder, 'evidence/api'), { recursive: true });
write(
  'evidence/api/sums.json',
  JSON.stringify({
    module: 'hf_toy.sums',
    functions: [
      {
        name: 'total',
        tsName: 'total',
        params: [
          { name: 'a', required: true },
          { name: 'b', required: false, default: 2 },
          { name: 'mode', required: false, default: 'x' },
          { name: 'strict', required: false, default: true },
          { name: 'extra', required: false, default: null },
          { name: 'rest', required: false, default: { $enum: 'y' } },
        ],
      },
    ],
    dataclasses: [{ name: 'Shape' }, {}],
  }),
);
write('src/sums.test.ts', 'export const notMine = 1;');
write(
  'src/sums.ts',
  `/** Sums of things. Mirrors nothing. */
export { total } from './internal/sums/total.js';
export * from './internal/sums/shapes.js';
export * from './internal/sums/missing.js';
export * from '@gtc/errors';
/** Names. */
export const Mode = { A: 'a' } as const;
export type Mode = (typeof Mode)[keyof typeof Mode];
/** Greatest sum. */
export const LIMIT: number = 3;
const hidden = 1;
`,
);
write(
  'src/internal/sums/total.ts',
  `/**
 * Adds \`a + b\`, see {@link LIMIT}. In e.g. two
 * steps. Slowly.
 *
 * @param a first
 * @returns the sum
 * @throws {ValidationError} when negative
 * @remarks Python: \`numpy.add(a, b)\`; exact. Rust: \`a + b\`.
 * @example total(1, LIMIT) // => 4
 * @example
 * import { other } from '@gtc/other';
 * other.total()
 */
export function total(a: number, b: string): number;
export function total(a: number, b: number): number {
  return a + b;
}
export function unlisted(): void {}
`,
);
write(
  'src/internal/sums/shapes.ts',
  `/** A box. */
export class Box {
  #secret = 1;
  /** Makes one. */
  constructor(readonly width: number) {}
  /** Its area. */
  area(): number { return this.width ** 2; }
  #hidden(): void {}
  readonly corners = 4;
}
/** Either,  see   {@link  Shape }. */
export type Either = 'a' | 'b';
import { sep } from './nowhere.js';
/** Wide. */
export  const WIDE = 3 as number;
/** Listed. */
export const LIST = [${Array.from({ length: 300 }, (_, i) => i).join(', ')}];
/** A shape. */
export interface Shape {
  /** How wide. */
  readonly width: number;
}
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

describe('extractPackage', () => {
  /** Read in every test, so that a fault in reading fails each test that sees it. */
  const read = (): PackagePatterns => extractPackage(folder, { siblings: { '@gtc/toy/sums': ['total', 'Other'] } });
  const byName = (): Record<string, Pattern> => Object.fromEntries(read().patterns.map(pattern => [pattern.name, pattern]));
  it('finds the public symbols of subpaths and nothing else', () => {
    expect(Object.keys(byName()).sort()).toEqual(['Box', 'Either', 'LIMIT', 'LIST', 'Mode', 'Shape', 'WIDE', 'total']);
  });
  it('says what a module is for', () => {
    expect(read().modules).toEqual([
      {
        specifier: '@gtc/toy/sums',
        domain: 'toy',
        language: 'ts',
        summary: 'Sums of things. Mirrors nothing.',
        topics: ['add things up', 'totals'],
        python: ['numpy'],
        rust: [],
      },
    ]);
  });
  it('reads a documented function', () => {
    expect(byName()['total']).toEqual({
      name: 'total',
      kind: 'function',
      domain: 'toy',
      language: 'ts',
      specifier: '@gtc/toy/sums',
      signature: 'function total(a: number, b: string): number',
      summary: 'Adds `a + b`, see LIMIT.',
      details: 'In e.g. two steps. Slowly.',
      params: ['a first'],
      returns: 'the sum',
      throws: ['{ValidationError} when negative'],
      python: '`numpy.add(a, b)`; exact.',
      rust: '`a + b`.',
      original: "hf_toy.sums.total(a, b=2, mode='x', strict=True, extra=None, rest=...)",
      sibling: 'toy::sums::total',
      file: 'src/internal/sums/total.ts',
      examples: ["import { LIMIT, total } from '@gtc/toy/sums';\ntotal(1, LIMIT) // => 4", "import { other } from '@gtc/other';\nother.total()"],
    });
  });
  it('knows the original of a type, which is not called', () => {
    expect([byName()['Shape']?.original, byName()['Box']?.original, byName()['Box']?.sibling]).toEqual(['hf_toy.sums.Shape', '', '']);
  });
  it('tidies what a comment says', () => {
    expect(byName()['Either']?.summary).toBe('Either, see Shape.');
  });
  it('cuts a long value short', () => {
    expect(byName()['LIST']?.signature).toHaveLength(400);
  });
  it('takes the first documented overload and skips what is not re-exported', () => {
    expect(read().patterns.filter(({ name }) => name === 'total')).toHaveLength(1);
    expect(byName()['unlisted']).toBeUndefined();
  });
  it('keeps the words of a type beside a value without words, and the first words otherwise', () => {
    const pair = mkdtempSync(join(tmpdir(), 'gtc-extract-pair-'));
    mkdirSync(join(pair, 'src'));
    writeFileSync(join(pair, 'package.json'), '{ "name": "@gtc/pair" }');
    writeFileSync(
      join(pair, 'src', 'b.ts'),
      'export const x = 1;\n/**\n   * Not the first comment. */\nexport const Bare = {} as const;\nexport type Bare = string;\n' +
        '/** Words of a value; of it. */\nexport const Both: number = 1;\n/** Words of a type. */\nexport type Both = string;\n' +
        'export const Late = 1;\n/** Words that came late. */\nexport type Late = string;\n/** First. */\nexport function twice(a: { b;   c }): void;\n/** Second. */\nexport function twice(a: unknown): void {}\n',
    );
    writeFileSync(join(pair, 'src', 'a.ts'), '\n\n/**\n * Top of\n *   the file.\n */\nexport {};\n');
    const { modules, patterns } = extractPackage(pair);
    const words = Object.fromEntries(patterns.map(({ name, summary }) => [name, summary]));
    expect(modules.map(({ specifier, summary }) => [specifier, summary])).toEqual([
      ['@gtc/pair/a', 'Top of the file.'],
      ['@gtc/pair/b', ''],
    ]);
    expect(words).toEqual({ x: '', Bare: 'Not the first comment.', Both: 'Words of a value; of it.', Late: 'Words that came late.', twice: 'First.' });
    expect(patterns.find(({ name }) => name === 'twice')?.signature).toBe('function twice(a: { b; c }): void');
    rmSync(pair, { recursive: true });
  });
  it('finds nothing in a package without modules', () => {
    const empty = mkdtempSync(join(tmpdir(), 'gtc-extract-empty-'));
    mkdirSync(join(empty, 'src'));
    writeFileSync(join(empty, 'package.json'), '{ "name": "@gtc/empty" }');
    writeFileSync(join(empty, 'src', 'index.ts'), 'export {};');
    expect(extractPackage(empty)).toEqual({ modules: [], patterns: [] });
    rmSync(empty, { recursive: true });
  });
  it('says which folder is no package', () => {
    expect(() => extractPackage(join(folder, 'nowhere'))).toThrow(/nowhere/);
  });
  it.each([
    ['Mode', 'enum', "const Mode = { A: 'a' } as const"],
    ['LIMIT', 'constant', 'const LIMIT: number = 3'],
    ['WIDE', 'constant', 'const WIDE = 3 as number'],
    ['Either', 'type', "type Either = 'a' | 'b';"],
    ['Box', 'class', 'class Box { constructor(readonly width: number); area(): number }'],
    ['Shape', 'interface', 'interface Shape { readonly width: number; }'],
  ])('reads %s', (name, kind, signature) => {
    expect(byName()[name]).toMatchObject({ kind, signature });
  });
});

import { describe, expect, it } from 'vitest';
import { compileExample, type Example, examplesOf, fencesOf, importLine } from './doctest.js';

const SOURCE = `
/**
 * Adds.
 *
 * @example add(1, 2) // => 3
 * @example
 * \`\`\`ts
 * const x = add(1, 1); // => 2
 * \`\`\`
 */
export function add(a: number, b: number): number { return a + b; }
/** No example. */
export class Box {
  /** @example new Box().size() // => 0 */
  size(): number { return 0; }
}
`;
const example = (code: string): Example => ({ symbol: 's', file: 'f.ts', line: 1, code });

describe('examplesOf', () => {
  it('finds every example with its symbol and line', () => {
    expect(examplesOf(SOURCE, 'a.ts')).toEqual([
      { symbol: 'add', file: 'a.ts', line: 5, code: 'add(1, 2) // => 3' },
      { symbol: 'add', file: 'a.ts', line: 6, code: 'const x = add(1, 1); // => 2' },
      { symbol: 'Box.size', file: 'a.ts', line: 14, code: 'new Box().size() // => 0' },
    ]);
  });
  it('finds none where there is none', () => {
    expect(examplesOf('export const a = 1;', 'a.ts')).toEqual([]);
  });
});

describe('fencesOf', () => {
  it('takes TypeScript fences under their heading, unless marked', () => {
    const page = '# Title\n```ts\na;\n```\n## Two\n```ts no-run\nb;\n```\n```sh\nc\n```\n```typescript\nd;\n';
    expect(fencesOf(page, 'p.md')).toEqual([
      { symbol: 'Title', file: 'p.md', line: 3, code: 'a;' },
      { symbol: 'Two', file: 'p.md', line: 13, code: 'd;\n' },
    ]);
  });
});

describe('importLine', () => {
  it.each([
    ['add(x.add, { add: 1 })', "import { add } from 'm';"],
    ['const add = 1; add;', ''],
    ["import { add } from 'other'; add(1)", ''],
    ['function add() {} add()', ''],
    ['((add) => add)(1)', ''],
    ['const { add } = x; add', ''],
    ['other(1)', ''],
  ])('%s', (code, line) => {
    expect(importLine(code, 'm', new Set(['add']))).toBe(line);
  });
});

describe('compileExample', () => {
  it('checks values, declared variables and refusals', () => {
    const { program, checks } = compileExample(example("const a: number = 1; // => 1\nadd(a, 2) // => 3\nadd('x') // throws bad\nadd(1, 1);"), {
      specifier: 'm',
      exports: new Set(['add']),
    });
    expect(checks).toBe(3);
    expect(program).toContain("import { add } from 'm';");
    expect(program).toContain('const a = 1;');
    expect(program).toContain('await __equals(async () => (a), () => (1), "1");');
    expect(program).toContain('await __equals(async () => (add(a, 2)), () => (3), "3");');
    expect(program).toContain('await __throws(async () => (add(\'x\')), "bad");');
  });
  it('takes other comments for comments', () => {
    expect(compileExample(example('a(); // shows it')).checks).toBe(0);
  });
});

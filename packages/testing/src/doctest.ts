/** Turns documentation examples into programs that check themselves: `expression // => value`, `expression // throws words`. */
import ts from 'typescript';

/** One example of a symbol, or one fence of a Markdown page. */
export interface Example {
  /** Symbol that it documents, or the page's heading. */
  readonly symbol: string;
  readonly file: string;
  readonly line: number;
  readonly code: string;
}

/** Names that a module exports, as far as an example may use them without importing. */
export type Exports = ReadonlySet<string>;

/** The `@example` blocks of a TypeScript source, those of methods and fields included. */
export function examplesOf(source: string, file: string): Example[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  const found: Example[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    const name = (node as { name?: ts.Node }).name?.getText(tree) ?? '';
    const symbol = ts.isClassElement(node) && owner !== '' ? `${owner}.${name}` : name || owner;
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || tag.parent.parent !== node) continue;
      const code = exampleText(tag.getText(tree));
      if (code !== '') found.push({ symbol, file, line: tree.getLineAndCharacterOfPosition(tag.getStart()).line + 1, code });
    }
    ts.forEachChild(node, child => visit(child, ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node) ? name : owner));
  };
  visit(tree, '');
  return found;
}

/** The lines after `@example`, without the comment's stars and without a code fence. */
function exampleText(tag: string): string {
  const lines = tag
    .replace(/^@example/, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, ''));
  return lines
    .filter(line => !/^\s*```/.test(line))
    .join('\n')
    .trim();
}

/** The TypeScript fences of a Markdown page; a fence marked `no-run` is shown only. */
export function fencesOf(markdown: string, file: string): Example[] {
  const found: Example[] = [];
  const lines = markdown.split('\n');
  let heading = '';
  for (let i = 0; i < lines.length; i++) {
    const title = /^#+\s+(.*)$/.exec(lines[i]!);
    if (title) heading = title[1]!;
    const open = /^```(\w*)\s*(.*)$/.exec(lines[i]!);
    if (!open) continue;
    const end = lines.indexOf('```', i + 1);
    const last = end < 0 ? lines.length : end;
    if (['ts', 'typescript'].includes(open[1]!) && !open[2]!.includes('no-run'))
      found.push({ symbol: heading, file, line: i + 2, code: lines.slice(i + 1, last).join('\n') });
    i = last;
  }
  return found;
}

/** Names used in `code` that are bound nowhere in it. */
function freeNames(tree: ts.SourceFile): Set<string> {
  const used = new Set<string>();
  const bound = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const declares =
        (ts.isVariableDeclaration(parent) ||
          ts.isParameter(parent) ||
          ts.isFunctionDeclaration(parent) ||
          ts.isClassDeclaration(parent) ||
          ts.isBindingElement(parent) ||
          ts.isImportSpecifier(parent) ||
          ts.isImportClause(parent)) &&
        parent.name === node;
      const selects = (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node);
      if (declares) bound.add(node.text);
      else if (!selects) used.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return new Set([...used].filter(name => !bound.has(name)));
}

/**
 * The import line that an example needs: names that the module exports and the example uses without importing them itself.
 *
 * @example importLine('f1Score([1], [1])', '@gtc/evaluation/metrics', new Set(['f1Score', 'recall'])) // => "import { f1Score } from '@gtc/evaluation/metrics';"
 */
export function importLine(code: string, specifier: string, exports: Exports): string {
  const tree = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const names = [...freeNames(tree)].filter(name => exports.has(name)).sort();
  return names.length === 0 ? '' : `import { ${names.join(', ')} } from '${specifier}';`;
}

/** Options of {@link compileExample}. */
export interface CompileOptions {
  /** Module whose exports the example may use without importing. */
  readonly specifier?: string;
  readonly exports?: Exports;
  /** Where the checking functions are imported from. */
  readonly runtime?: string;
}

/**
 * An example as a JavaScript module that throws when a promise of the example does not hold.
 *
 * @returns the program and how many promises it checks
 */
export function compileExample(
  example: Example,
  { specifier, exports = new Set(), runtime = '@gtc/testing/expect' }: CompileOptions = {},
): { readonly program: string; readonly checks: number } {
  const { code } = example;
  const tree = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  let checks = 0;
  const statements = tree.statements.map(statement => {
    const promise = promiseAfter(code, statement.end);
    const source = code.slice(statement.getStart(tree), statement.end).replace(/;\s*$/, '');
    if (promise === null) return `${source};`;
    checks++;
    const subject = subjectOf(statement, tree, source);
    const text = JSON.stringify(promise.text);
    const check =
      promise.kind === 'value'
        ? `await __equals(async () => (${subject.expression}), () => (${promise.text}), ${text});`
        : `await __throws(async () => (${subject.expression}), ${text});`;
    return `${subject.before}${check}`;
  });
  const header = [`import { equals as __equals, throws as __throws } from '${runtime}';`, specifier === undefined ? '' : importLine(code, specifier, exports)];
  const { outputText } = ts.transpileModule([...header, ...statements].join('\n'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return { program: outputText, checks };
}

/** What a check looks at: the expression of a statement, or the variable that it declares. */
function subjectOf(statement: ts.Statement, tree: ts.SourceFile, source: string): { readonly before: string; readonly expression: string } {
  if (!ts.isVariableStatement(statement)) return { before: '', expression: source };
  return { before: `${source};\n`, expression: statement.declarationList.declarations[0]!.name.getText(tree) };
}

function promiseAfter(code: string, end: number): { readonly kind: 'value' | 'throws'; readonly text: string } | null {
  for (const range of ts.getTrailingCommentRanges(code, end) ?? []) {
    const match = /^\/\/\s*(=>|throws)\s*(.+)$/s.exec(code.slice(range.pos, range.end));
    if (match) return { kind: match[1] === '=>' ? 'value' : 'throws', text: match[2]!.trim() };
  }
  return null;
}

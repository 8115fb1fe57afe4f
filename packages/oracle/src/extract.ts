/** Reads patterns from TypeScript sources with the compiler's own parser. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import type { ModuleInfo, Pattern, PatternKind } from './pattern.js';

/** A declaration under its name, with its documentation. */
interface Declared {
  readonly name: string;
  readonly kind: PatternKind;
  readonly node: ts.Node;
  readonly tree: ts.SourceFile;
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
}

function isExported(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(modifier => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

function kindOf(node: ts.Node): PatternKind | null {
  if (ts.isFunctionDeclaration(node)) return 'function';
  if (ts.isClassDeclaration(node)) return 'class';
  if (ts.isInterfaceDeclaration(node)) return 'interface';
  if (ts.isTypeAliasDeclaration(node)) return 'type';
  return null;
}

/** Exported declarations of one file; of overloads the first, which carries the documentation. */
function ownDeclarations(tree: ts.SourceFile): Declared[] {
  const found: Declared[] = [];
  for (const statement of tree.statements) {
    if (!isExported(statement)) continue;
    const kind = kindOf(statement);
    if (kind !== null) found.push({ name: (statement as ts.FunctionDeclaration).name!.text, kind, node: statement, tree });
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const isEnum = initializer !== undefined && ts.isAsExpression(initializer) && initializer.type.getText(tree) === 'const';
      found.push({ name: name.getText(tree), kind: isEnum ? 'enum' : 'constant', node: statement, tree });
    }
  }
  return found;
}

/** The file that a relative import names. */
function target(from: string, specifier: string): string {
  return resolve(dirname(from), specifier.replace(/\.js$/, '.ts'));
}

/** Exported declarations of a file and of the files that it re-exports, first come first kept. */
function declarations(file: string, seen: Set<string> = new Set()): Declared[] {
  if (seen.has(file) || !existsSync(file)) return [];
  seen.add(file);
  const tree = parse(file);
  const found = ownDeclarations(tree);
  for (const statement of tree.statements) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
    const specifier = (statement.moduleSpecifier as ts.StringLiteral).text;
    if (!specifier.startsWith('.')) continue;
    const inner = declarations(target(file, specifier), seen);
    const { exportClause } = statement;
    const names = exportClause !== undefined && ts.isNamedExports(exportClause) ? new Set(exportClause.elements.map(element => element.name.text)) : null;
    found.push(...inner.filter(declared => names === null || names.has(declared.name)));
  }
  return found;
}

interface Documentation {
  readonly description: string;
  readonly tags: readonly (readonly [name: string, text: string])[];
}

function documentationOf(node: ts.Node): Documentation {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const last = docs.at(-1);
  const tags = (last?.tags ?? []).map(tag => [tag.tagName.text, tagText(tag)] as const);
  return { description: clean(ts.getTextOfJSDocComment(last?.comment) ?? ''), tags };
}

function tagText(tag: ts.JSDocTag): string {
  const lines = tag
    .getText()
    .replace(/^@\w+/, '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, ''));
  return lines
    .filter(line => !/^\s*```/.test(line))
    .join('\n')
    .trim();
}

/** Links as plain names, white space collapsed. */
function clean(text: string): string {
  return text
    .replace(/\{@link\s+([^}]+?)\s*\}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The first sentence ends at a period before a capital or the end; the colon of a formula does not end it. */
function splitSummary(description: string): readonly [summary: string, details: string] {
  const end = /^(.*?[.!?])(?=\s+[A-Z0-9`]|$)/s.exec(description);
  const summary = end?.[1] ?? description;
  return [summary, description.slice(summary.length).trim()];
}

/** A declaration without its body. */
function signatureOf({ node, tree, name, kind }: Declared): string {
  const text = (end: number): string =>
    tree.text
      .slice(node.getStart(tree), end)
      .replace(/^export\s+/, '')
      .replace(/\s+/g, ' ')
      .trim();
  if (ts.isFunctionDeclaration(node)) return text(node.body?.getStart(tree) ?? node.end).replace(/;$/, '');
  if (ts.isClassDeclaration(node)) return `class ${name}${classMembers(node, tree)}`;
  if (kind === 'enum' || kind === 'constant') return text(node.end).slice(0, 400).replace(/;$/, '');
  return text(node.end)
    .replace(/\/\*\*.*?\*\//g, '')
    .replace(/\s+/g, ' ');
}

function classMembers(node: ts.ClassDeclaration, tree: ts.SourceFile): string {
  const shown = node.members.filter(
    member =>
      (ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member)) &&
      member.body !== undefined &&
      member.name?.kind !== ts.SyntaxKind.PrivateIdentifier,
  );
  const heads = shown.map(member =>
    tree.text
      .slice(member.getStart(tree), (member as ts.MethodDeclaration).body!.getStart(tree))
      .replace(/\s+/g, ' ')
      .trim(),
  );
  return ` { ${heads.join('; ')} }`;
}

/** The equivalent that a remark names: the text after `Python:` or `Rust:`, up to the other. */
function equivalent(remarks: string, language: 'Python' | 'Rust'): string {
  const other = language === 'Python' ? 'Rust' : 'Python';
  const found = new RegExp(`${language}:\\s*(.*?)(?=\\s*${other}:|$)`, 's').exec(remarks);
  return clean(found?.[1] ?? '');
}

/** An example with the import that it needs. */
function withImport(example: string, specifier: string, exports: ReadonlySet<string>): string {
  const imported = new Set([...example.matchAll(/import\s+\{([^}]*)\}/g)].flatMap(match => match[1]!.split(',').map(name => name.trim())));
  const used = new Set([...example.matchAll(/(?<![.\w'])[A-Za-z_]\w*/g)].map(match => match[0]));
  const names = [...used].filter(name => exports.has(name) && !imported.has(name)).sort();
  return names.length === 0 ? example : `import { ${names.join(', ')} } from '${specifier}';\n${example}`;
}

function patternOf(declared: Declared, domain: string, specifier: string, folder: string, exports: ReadonlySet<string>): Pattern {
  const { description, tags } = documentationOf(declared.node);
  const all = (name: string): string[] => tags.filter(([tag]) => tag === name).map(([, text]) => text);
  const remarks = all('remarks').join(' ');
  const [summary, details] = splitSummary(description);
  return {
    name: declared.name,
    kind: declared.kind,
    domain,
    specifier,
    signature: signatureOf(declared),
    summary,
    details,
    params: all('param').map(clean),
    returns: clean(all('returns')[0] ?? ''),
    throws: all('throws').map(clean),
    python: equivalent(remarks, 'Python'),
    rust: equivalent(remarks, 'Rust'),
    examples: all('example').map(example => withImport(example, specifier, exports)),
    file: relative(folder, declared.tree.fileName),
  };
}

/** Merges a type with the value of the same name: the value's signature wins, the type keeps the words. */
function uniqueByName(patterns: readonly Pattern[]): Pattern[] {
  const byName = new Map<string, Pattern>();
  for (const pattern of patterns) {
    const known = byName.get(pattern.name);
    if (known === undefined || (known.summary === '' && pattern.summary !== '')) byName.set(pattern.name, pattern);
  }
  return [...byName.values()];
}

/** The sentence at the top of a module. */
function moduleSummary(tree: ts.SourceFile): string {
  const comment = /^\/\*\*(.*?)\*\//s.exec(tree.text.trimStart());
  return clean((comment?.[1] ?? '').replace(/^\s*\* ?/gm, ''));
}

/** What was read from one package. */
export interface PackagePatterns {
  readonly modules: readonly Omit<ModuleInfo, 'proof'>[];
  readonly patterns: readonly Pattern[];
}

/**
 * Patterns of a package that follows this repository's layout: each `src/<module>.ts` is a subpath, `src/internal` holds parts.
 *
 * @param folder the package's folder
 */
export function extractPackage(folder: string): PackagePatterns {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  const files = readdirSync(join(folder, 'src')).filter(file => file.endsWith('.ts') && !/\.(test|test-d|fixture|gen)\.ts$/.test(file) && file !== 'index.ts');
  const domain = name.replace(/^@[^/]+\//, '');
  const modules: Omit<ModuleInfo, 'proof'>[] = [];
  const patterns: Pattern[] = [];
  for (const file of files.sort()) {
    const path = join(folder, 'src', file);
    const specifier = `${name}/${file.replace(/\.ts$/, '')}`;
    const declared = declarations(path);
    const exports = new Set(declared.map(each => each.name));
    modules.push({ specifier, summary: moduleSummary(parse(path)) });
    patterns.push(...uniqueByName(declared.map(each => patternOf(each, domain, specifier, folder, exports))));
  }
  return { modules, patterns };
}

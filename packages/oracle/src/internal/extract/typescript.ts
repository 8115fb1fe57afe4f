/** Reads TypeScript and JavaScript with the compiler's own parser. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import ts from 'typescript';
import type { Pattern, PatternKind } from '../../pattern.js';
import { clean, splitSummary } from './prose.js';
import type { SourcePatterns } from './source.js';

/** A declaration under its name, with its documentation. */
export interface Declared {
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
  if (ts.isEnumDeclaration(node)) return 'enum';
  return null;
}

/** Exported declarations of one file; of overloads the first, which carries the documentation. */
function ownDeclarations(tree: ts.SourceFile): Declared[] {
  const found: Declared[] = [];
  for (const statement of tree.statements) {
    if (!isExported(statement)) continue;
    const kind = kindOf(statement);
    const name = (statement as ts.FunctionDeclaration).name?.text;
    if (kind !== null && name !== undefined) found.push({ name, kind, node: statement, tree });
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
export function declarations(file: string, seen: Set<string> = new Set()): Declared[] {
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

/** Where a declaration is imported from, and what else is. */
export interface Place {
  readonly domain: string;
  readonly specifier: string;
  /** Files are named from here. */
  readonly folder: string;
  readonly exports: ReadonlySet<string>;
}

/** What an answer shows of a declaration. */
export function patternOf(declared: Declared, { domain, specifier, folder, exports }: Place): Pattern {
  const { description, tags } = documentationOf(declared.node);
  const all = (name: string): string[] => tags.filter(([tag]) => tag === name).map(([, text]) => text);
  const remarks = all('remarks').join(' ');
  const [summary, details] = splitSummary(description);
  return {
    name: declared.name,
    kind: declared.kind,
    domain,
    language: 'ts',
    specifier,
    signature: signatureOf(declared),
    summary,
    details,
    params: all('param').map(clean),
    returns: clean(all('returns')[0] ?? ''),
    throws: all('throws').map(clean),
    python: equivalent(remarks, 'Python'),
    rust: equivalent(remarks, 'Rust'),
    original: '',
    sibling: '',
    examples: all('example').map(example => withImport(example, specifier, exports)),
    file: relative(folder, declared.tree.fileName),
  };
}

/** Merges a type with the value of the same name: the value's signature wins, the type keeps the words. */
export function uniqueByName(patterns: readonly Pattern[]): Pattern[] {
  const byName = new Map<string, Pattern>();
  for (const pattern of patterns) {
    const known = byName.get(pattern.name);
    if (known === undefined || (known.summary === '' && pattern.summary !== '')) byName.set(pattern.name, pattern);
  }
  return [...byName.values()];
}

/** The sentence at the top of a module. */
export function moduleSummary(file: string): string {
  const comment = /^\/\*\*(.*?)\*\//s.exec(
    readFileSync(file, 'utf8')
      .replace(/^#!.*\n/, '')
      .trimStart(),
  );
  return clean((comment?.[1] ?? '').replace(/^\s*\* ?/gm, ''));
}

/** The patterns of one TypeScript or JavaScript source; what it passes on from other files belongs to those. */
export function readTypeScript(
  file: string,
  { domain, language, specifier, file: shown }: Pick<Pattern, 'domain' | 'language' | 'specifier' | 'file'>,
): SourcePatterns {
  const declared = ownDeclarations(parse(file));
  const place = { domain, specifier, folder: dirname(file), exports: new Set<string>() };
  const [summary] = splitSummary(moduleSummary(file));
  return { summary, patterns: uniqueByName(declared.map(each => patternOf(each, place))).map(each => ({ ...each, language, file: shown })) };
}

/** The sources that the rules look at, parsed once. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A package: its folder, manifest and source files. */
export function readPackages(root) {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map(name => {
      const folder = join(root, 'packages', name);
      return { name, folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), files: readSources(root, join(folder, 'src')) };
    });
}

function readSources(root, folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.gen.ts'))
    .map(entry => {
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'utf8');
      return {
        path,
        shown: relative(root, path),
        name: entry.name,
        text,
        isTest: /\.(test|test-d|fixture)\.ts$/.test(entry.name),
        tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true),
      };
    });
}

/** Modules that a file imports or re-exports. */
export function importsOf({ tree }) {
  const found = [];
  const visit = node => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) found.push(node.moduleSpecifier.text);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0] && ts.isStringLiteral(node.arguments[0]))
      found.push(node.arguments[0].text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Function declarations with a body; a body of one statement is derived, not hand-written. */
export function functionsOf({ tree }) {
  return tree.statements
    .filter(node => ts.isFunctionDeclaration(node) && node.body)
    .map(node => ({ name: node.name?.text ?? 'default', statements: node.body.statements.length, node, exported: isExported(node) }));
}

function isExported(node) {
  return (ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : []).some(modifier => modifier.kind === ts.SyntaxKind.ExportKeyword);
}

/** Exported declarations with their names and documentation. */
export function exportsOf({ tree }) {
  const found = [];
  for (const node of tree.statements) {
    if (!isExported(node)) continue;
    if (ts.isVariableStatement(node)) for (const { name } of node.declarationList.declarations) found.push({ name: name.getText(tree), node });
    else if (node.name) found.push({ name: node.name.text, node });
  }
  return found;
}

/** The documentation comment directly above a declaration; a type shares that of the value of its name. */
export function docOf(node) {
  return ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).at(-1)?.getText() ?? '';
}

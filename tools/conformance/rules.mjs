/** The house rules that a program can check; each yields complaints `file: what is wrong`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { docOf, exportsOf, functionsOf, importsOf } from './sources.mjs';

const DOMAINS = [
  'agents',
  'audio',
  'deployment',
  'evaluation',
  'generation',
  'hub',
  'inference',
  'models',
  'multimodal',
  'preprocessing',
  'rag',
  'safety',
  'training',
];

/** Which packages a package's sources may import: the arrows of the design. */
const ARROWS = {
  errors: [],
  tensor: ['errors'],
  testing: ['errors', 'tensor'],
  oracle: ['errors', ...DOMAINS],
  cli: ['errors', 'tensor', 'testing', 'oracle', ...DOMAINS],
  ...Object.fromEntries(DOMAINS.map(domain => [domain, ['errors', 'tensor']])),
};
/** Modules from outside that sources may import. */
const OUTSIDE = { testing: ['fast-check', 'typescript'], oracle: ['@modelcontextprotocol/sdk', 'typescript', 'web-tree-sitter'], cli: ['picocolors'] };
const packageOf = specifier => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
const NODE_ALLOWED = new Set(['testing', 'oracle', 'cli']);

function* importComplaints({ name, files }) {
  for (const file of files.filter(each => !each.isTest)) {
    for (const specifier of importsOf(file)) {
      const scoped = /^@gtc\/([^/]+)(\/internal\b)?/.exec(specifier);
      if (scoped?.[2]) yield `${file.shown}: imports ${specifier}; internal parts belong to their package`;
      if (scoped && scoped[1] !== name && !ARROWS[name].includes(scoped[1]))
        yield `${file.shown}: imports ${specifier}; ${name} may import only ${ARROWS[name].join(', ') || 'nothing'}`;
      if (specifier.startsWith('node:') && !NODE_ALLOWED.has(name))
        yield `${file.shown}: imports ${specifier}; a domain runs in browsers, files and network come in as parameters`;
      if (!scoped && !specifier.startsWith('.') && !specifier.startsWith('node:') && !(OUTSIDE[name] ?? []).includes(packageOf(specifier)))
        yield `${file.shown}: imports ${specifier} from outside`;
      if (specifier.startsWith('.') && !specifier.endsWith('.js')) yield `${file.shown}: imports ${specifier} without .js`;
    }
  }
}

const REQUIRED = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'tsconfig.test.json',
  'tsup.config.ts',
  'vitest.config.ts',
  'README.md',
  'LICENSE',
  'src/index.ts',
];

function* layoutComplaints({ name, folder, manifest, files }) {
  for (const file of REQUIRED) if (!existsSync(join(folder, file))) yield `packages/${name}: lacks ${file}`;
  const { exports: map } = manifest;
  if (map?.['./internal/*'] !== null) yield `packages/${name}/package.json: exports must close ./internal/*`;
  if (map?.['./*']?.['@gtc/source'] !== './src/*.ts' || map?.['./*']?.types !== './dist/*.d.ts' || map?.['./*']?.default !== './dist/*.js')
    yield `packages/${name}/package.json: exports must map ./* to source, types and default`;
  if (manifest.sideEffects !== false) yield `packages/${name}/package.json: sideEffects must be false`;
  if (manifest.type !== 'module') yield `packages/${name}/package.json: type must be module`;
  for (const script of ['install', 'preinstall', 'postinstall', 'prepare'])
    if (manifest.scripts?.[script]) yield `packages/${name}/package.json: has a ${script} script`;
  const runtime = Object.keys(manifest.dependencies ?? {}).filter(dependency => !dependency.startsWith('@gtc/'));
  if (DOMAINS.includes(name) && runtime.length > 0) yield `packages/${name}/package.json: a domain has no runtime dependency, found ${runtime.join(', ')}`;
  for (const file of files) {
    const inner = file.shown.replace(`packages/${name}/src/`, '');
    if (inner.includes('/') && !inner.startsWith('internal/')) yield `${file.shown}: parts of a module belong under src/internal/<module>/`;
  }
}

function* nameComplaints({ files }) {
  for (const file of files) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|test-d|fixture))?\.ts$/.test(file.name)) yield `${file.shown}: file names are kebab-case`;
    if (/^(utils?|helpers?|misc|common)\.ts$/.test(file.name)) yield `${file.shown}: name a file after what it does`;
    for (const { name, node } of file.isTest ? [] : exportsOf(file)) {
      if (ts.isClassDeclaration(node) && node.heritageClauses?.some(clause => /\bError\b/.test(clause.getText())) && !name.endsWith('Error'))
        yield `${file.shown}: ${name} is an error and must end in Error`;
      if (ts.isFunctionDeclaration(node) && !/^[a-z][A-Za-z0-9]*_?$/.test(name)) yield `${file.shown}: function ${name} must be camelCase`;
    }
  }
}

const MAX_LINES = 500;
const MAX_FUNCTIONS = 20;

function* sizeComplaints({ files }) {
  for (const file of files) {
    const lines = file.text.split('\n').length - 1;
    if (lines > MAX_LINES) yield `${file.shown}: ${lines} lines, at most ${MAX_LINES}`;
    const written = file.isTest ? [] : functionsOf(file).filter(({ statements }) => statements > 1);
    if (written.length >= MAX_FUNCTIONS) yield `${file.shown}: ${written.length} hand-written functions, fewer than ${MAX_FUNCTIONS} allowed`;
  }
}

const FORBIDDEN = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'holds an unfinished mark'],
  [/not implemented|unimplemented/i, 'speaks of something not implemented'],
  [/\b(describe|it|test)\.(skip|only|todo|fails)\b/, 'skips or singles out a test'],
  [/@ts-(ignore|nocheck|expect-error)/, 'silences the type checker'],
  [/\bas any\b|[\w)\]?]:\s*any\s*[;,)=\]]/, 'uses any'],
  [/biome-ignore/, 'silences the linter'],
  [/v8 ignore|c8 ignore|istanbul ignore|Stryker disable/, 'hides from a gate'],
  [/\/(work|home|root|Users)\/[a-z]/i, 'names a path of a machine'],
];

function* contentComplaints({ files }) {
  for (const file of files) {
    for (const [pattern, what] of FORBIDDEN) {
      const index = file.text.search(pattern);
      if (index >= 0) yield `${file.shown}:${file.text.slice(0, index).split('\n').length}: ${what}`;
    }
    if (!file.isTest) yield* emptyFunctions(file);
  }
}

/** A function that only throws, or an empty one, pretends to exist. */
function* emptyFunctions(file) {
  for (const { name, node } of functionsOf(file)) {
    const [first] = node.body.statements;
    if (first === undefined || (node.body.statements.length === 1 && ts.isThrowStatement(first))) yield `${file.shown}: function ${name} is a stub`;
  }
}

function* documentationComplaints({ name, files }) {
  const documentsExamples = !['cli', 'oracle', 'testing'].includes(name);
  for (const file of files.filter(each => !each.isTest)) {
    if (!/^\s*(#!.*\n)?\/\*\*/.test(file.text)) yield `${file.shown}: the first line says what the module is for`;
    const documented = new Set();
    for (const { name: symbol, node } of exportsOf(file)) {
      const doc = docOf(node);
      if (doc === '' && !documented.has(symbol)) yield `${file.shown}: ${symbol} has no documentation`;
      documented.add(symbol);
      const parameters = /@param/.test(doc);
      if (documentsExamples && ts.isFunctionDeclaration(node) && parameters && !/@example/.test(doc) && /@remarks Python/.test(doc))
        yield `${file.shown}: ${symbol} has no example`;
    }
  }
}

/** Every public module has a test file, and its last run had at least ten tests. */
function* testComplaints({ name, folder, files }) {
  const report = join(folder, 'reports', 'tests.json');
  const ran = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : null;
  const parts = new Set(files.filter(file => file.isTest).map(file => file.name));
  if (files.some(file => !file.isTest && functionsOf(file).length > 0) && parts.size === 0) yield `packages/${name}: has behaviour and no test`;
  for (const result of ran ?? [])
    if (result.assertionResults.length < 10) yield `${result.name.split('/packages/')[1]}: ${result.assertionResults.length} tests, at least 10`;
}

/** Public names of the original that a present module must export, from the snapshot beside its vectors. */
function* surfaceComplaints({ name, folder, files }) {
  for (const file of files.filter(each => !each.isTest && !each.shown.includes('/internal/'))) {
    const module = file.name.replace(/\.ts$/, '');
    const api = join(folder, 'evidence', 'api', `${module.replaceAll('-', '_')}.json`);
    if (!existsSync(api)) continue;
    const { functions, enums, constants, dataclasses } = JSON.parse(readFileSync(api, 'utf8'));
    const text = [file, ...files.filter(each => each.shown.includes(`/internal/${module}/`))].map(each => each.text).join('\n');
    const wanted = [...functions.map(each => each.tsName), ...[...enums, ...constants, ...dataclasses].map(each => each.tsName ?? each.name)];
    for (const symbol of wanted) if (!new RegExp(`\\b${symbol}\\b`).test(text)) yield `packages/${name}/src/${module}.ts: lacks ${symbol}`;
  }
}

/** Rules by name, in the order in which they are reported. */
export const RULES = {
  imports: importComplaints,
  layout: layoutComplaints,
  names: nameComplaints,
  size: sizeComplaints,
  content: contentComplaints,
  documentation: documentationComplaints,
  tests: testComplaints,
  surface: surfaceComplaints,
};

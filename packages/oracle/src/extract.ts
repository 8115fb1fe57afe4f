/** Patterns of a package that follows this repository's layout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { declarations, moduleSummary, patternOf, uniqueByName } from './internal/extract/typescript.js';
import type { ModuleInfo, Pattern } from './pattern.js';
import { spellingKey } from './words.js';

/** What was read from one package. */
export interface PackagePatterns {
  readonly modules: readonly Omit<ModuleInfo, 'proof'>[];
  readonly patterns: readonly Pattern[];
}

/** What people ask a module for, and the libraries of other languages, by its file's name. */
type Topics = Readonly<Record<string, Pick<ModuleInfo, 'topics' | 'python' | 'rust'>>>;

/** A symbol of the original as its snapshot describes it. */
interface OriginalSymbol {
  readonly name?: string;
  readonly tsName?: string;
  readonly params?: readonly { readonly name: string; readonly required: boolean; readonly default?: unknown }[];
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}

/** A default as Python writes it; what is no plain value is left open. */
function pythonValue(value: unknown): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'number' ? String(value) : '...';
}

function callOf({ name, params }: OriginalSymbol): string {
  if (params === undefined) return name!;
  return `${name}(${params.map(each => (each.required ? each.name : `${each.name}=${pythonValue(each.default)}`)).join(', ')})`;
}

/** Symbols of the original module in the snapshot beside the evidence, by their TypeScript spelling. */
function originalsOf(folder: string, module: string): ReadonlyMap<string, string> {
  const snapshot = readJson(join(folder, 'evidence', 'api', `${module.replaceAll('-', '_')}.json`)) as Record<string, unknown> | null;
  const rows = Object.values(snapshot ?? {}).flatMap(value => (Array.isArray(value) ? (value as OriginalSymbol[]) : []));
  return new Map(rows.filter(({ name }) => name !== undefined).map(row => [row.tsName ?? row.name!, `${snapshot!['module']}.${callOf(row)}`]));
}

/** Options of {@link extractPackage}. */
export interface ExtractOptions {
  /** Names of the Rust corpus by specifier. */
  readonly siblings?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Patterns of a package: each `src/<module>.ts` is a subpath, `src/internal` holds parts, `topics.json` says what each module is asked for.
 *
 * @param folder the package's folder
 */
export function extractPackage(folder: string, { siblings = {} }: ExtractOptions = {}): PackagePatterns {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string };
  const topics = (readJson(join(folder, 'topics.json')) ?? {}) as Topics;
  const files = readdirSync(join(folder, 'src')).filter(file => file.endsWith('.ts') && !/\.(test|test-d|fixture|gen)\.ts$/.test(file) && file !== 'index.ts');
  const domain = name.replace(/^@[^/]+\//, '');
  const modules: Omit<ModuleInfo, 'proof'>[] = [];
  const patterns: Pattern[] = [];
  for (const file of files.sort()) {
    const path = join(folder, 'src', file);
    const module = file.replace(/\.ts$/, '');
    const specifier = `${name}/${module}`;
    const { topics: asked = [], python = [], rust = [] } = Object.hasOwn(topics, module) ? topics[module]! : {};
    modules.push({ specifier, domain, language: 'ts', summary: moduleSummary(path), topics: asked, python, rust });
    const declared = declarations(path);
    const exports = new Set(declared.map(each => each.name));
    const originals = originalsOf(folder, module);
    const sibling = new Map((siblings[specifier] ?? []).map(each => [spellingKey(each), `${domain}::${module.replaceAll('-', '_')}::${each}`]));
    const found = uniqueByName(declared.map(each => patternOf(each, { domain, specifier, folder, exports })));
    patterns.push(...found.map(each => ({ ...each, original: originals.get(each.name) ?? '', sibling: sibling.get(spellingKey(each.name)) ?? '' })));
  }
  return { modules, patterns };
}

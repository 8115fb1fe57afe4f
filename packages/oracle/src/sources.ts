/** Indexes folders of TypeScript, Python and Rust beside the corpus that comes with the package; what did not change is not read again. */
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, extname, join, relative, resolve, sep } from 'node:path';
import { NotFoundError } from '@gtc/errors';
import type { SourcePatterns } from './internal/extract/source.js';
import type { Language, Pattern } from './pattern.js';
import { IndexBuilder, type IndexedSources, type SearchIndex } from './search-index.js';
import type { Embedder } from './vectors.js';

const LANGUAGES: Readonly<Record<string, Language>> = {
  '.ts': 'ts',
  '.tsx': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.js': 'ts',
  '.jsx': 'ts',
  '.mjs': 'ts',
  '.py': 'py',
  '.rs': 'rs',
};
/** Folders of tools and of what they make. */
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'out', 'target', 'coverage', 'venv', 'env', '__pycache__', 'site-packages', 'vendor']);
const TESTS = /(\.(test|spec|d|min)\.[cm]?[jt]sx?$)|(^test_.*\.py$)|(_test\.(py|rs)$)|(^conftest\.py$)/;
/** Larger files are data or made by a machine. */
const LARGEST_BYTES = 1 << 20;

/** A file that could not be read, and why. */
export interface SkippedFile {
  readonly path: string;
  readonly reason: string;
}

/** What an indexing did. */
export interface IndexReport {
  readonly index: SearchIndex;
  /** Files in all, and those that were read because they are new or changed. */
  readonly files: number;
  readonly read: number;
  /** Patterns of the folders. */
  readonly patterns: number;
  readonly skipped: readonly SkippedFile[];
}

/** Options of {@link indexSources}. */
export interface IndexOptions {
  /** The corpus that comes with the package. */
  readonly corpus: SearchIndex;
  /** What says which corpus that is. */
  readonly origin: string;
  readonly embedder: Embedder;
  /** An index made before, whose unchanged files are taken over. */
  readonly previous?: SearchIndex | null;
  readonly signal?: AbortSignal;
  /** Told after every file. */
  readonly onFile?: (done: number, all: number, path: string) => void;
}

/** Source files below a folder, in order. Links are not followed. */
function filesBelow(folder: string, skipped: SkippedFile[]): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    skipped.push({ path: folder, reason: (error as Error).message });
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      if (entry.name.startsWith('.')) return [];
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : filesBelow(path, skipped);
      return entry.isFile() && Object.hasOwn(LANGUAGES, extname(entry.name)) && !TESTS.test(entry.name) ? [path] : [];
    });
}

async function read(path: string, source: string, place: Pick<Pattern, 'domain' | 'language' | 'specifier' | 'file'>): Promise<SourcePatterns> {
  if (place.language === 'py') return (await import('./internal/extract/python.js')).readPython(source, place);
  if (place.language === 'rs') return (await import('./internal/extract/rust.js')).readRust(source, place);
  return (await import('./internal/extract/typescript.js')).readTypeScript(path, place);
}

/** The modules of an index by specifier, each with its place. */
function modulesBySpecifier(index: SearchIndex | null | undefined): ReadonlyMap<string, number> {
  return new Map(index === null || index === undefined ? [] : [...index.modules()].map(({ specifier }, i) => [specifier, i]));
}

/** What an index made before holds of a file; files without patterns have no module. */
function taken(previous: SearchIndex, module: number | undefined): SourcePatterns {
  return module === undefined ? { summary: '', patterns: [] } : { summary: previous.module(module).summary, patterns: previous.patternsOf(module) };
}

/** Folders as they are indexed: absolute, each once, none inside another. */
function distinctFolders(folders: readonly string[]): string[] {
  const absolute = [...new Set(folders.map(folder => resolve(folder)))].sort();
  for (const folder of absolute) {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (stats === undefined) throw new NotFoundError(`there is no folder ${folder}`, { parameter: 'folders', received: folder });
    if (!stats.isDirectory()) throw new NotFoundError(`${folder} is a file, not a folder`, { parameter: 'folders', received: folder });
  }
  return absolute.filter(folder => !absolute.some(other => folder !== other && folder.startsWith(`${other}${sep}`)));
}

/**
 * Makes the index of the corpus and of folders. Hidden folders, tests, files made by machines and links are left out.
 *
 * @throws {NotFoundError} for a folder that is not there, or folders without a source
 */
export async function indexSources(folders: readonly string[], options: IndexOptions): Promise<IndexReport> {
  const { corpus, origin, embedder, previous, signal, onFile } = options;
  const distinct = distinctFolders(folders);
  const skipped: SkippedFile[] = [];
  const paths = distinct.flatMap(folder => filesBelow(folder, skipped).map(path => [folder, path] as const));
  if (distinct.length > 0 && paths.length === 0)
    throw new NotFoundError(`no TypeScript, Python or Rust sources in ${distinct.join(', ')}`, { parameter: 'folders', received: distinct });
  const builder = new IndexBuilder(embedder);
  [...corpus.modules()].forEach((module, i) => {
    builder.add(module, corpus.patternsOf(i));
  });
  const known = modulesBySpecifier(previous);
  const files: Record<string, IndexedSources['files'][string]> = {};
  let [done, parsed] = [0, 0];
  for (const [folder, path] of paths) {
    signal?.throwIfAborted();
    const language = LANGUAGES[extname(path)]!;
    const specifier = path;
    const place = { domain: basename(folder), language, specifier, file: relative(folder, path) };
    try {
      if (statSync(path).size > LARGEST_BYTES) throw new Error('larger than 1 MiB');
      const source = readFileSync(path, 'utf8');
      const hash = createHash('sha256').update(source).digest('hex');
      const same = Object.hasOwn(previous?.info.sources.files ?? {}, path) && previous!.info.sources.files[path]!.hash === hash;
      const { summary, patterns } = same ? taken(previous!, known.get(specifier)) : await read(path, source, place);
      if (!same) parsed++;
      if (patterns.length > 0) builder.add({ specifier, domain: place.domain, language, summary, topics: [], python: [], rust: [], proof: null }, patterns);
      files[path] = { hash, patterns: patterns.length };
    } catch (error) {
      skipped.push({ path, reason: (error as Error).message });
    }
    onFile?.(++done, paths.length, path);
  }
  const patterns = Object.values(files).reduce((sum, file) => sum + file.patterns, 0);
  return { index: builder.finish(origin, { folders: distinct, files }), files: paths.length, read: parsed, patterns, skipped };
}

/** `gtc oracle index` and `gtc oracle stats`. */
import type { SearchIndex } from '@gtc/oracle';
import type { Options } from '../../options.js';
import { makeOwnIndex, openIndex, ownFiles, ownFolders } from './library.js';
import { done, json, type Outcome, type Terminal } from './outcome.js';

const LANGUAGE_NAMES = { ts: 'TypeScript', py: 'Python', rs: 'Rust' } as const;

function bar(part: number, all: number): string {
  const filled = Math.round((20 * part) / Math.max(1, all));
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] ${part}/${all}`;
}

/** `gtc oracle index [folders]`: without folders, those on record are looked at again. */
export async function indexFolders({ words, format }: Options, terminal: Terminal): Promise<Outcome> {
  const { progress } = terminal.surroundings;
  const folders = words.length > 0 ? [...ownFolders(terminal), ...words] : ownFolders(terminal);
  const { index, files, read, patterns, skipped } = await makeOwnIndex(folders, terminal, (part, all, path) =>
    progress.update(`indexing ${bar(part, all)} ${path}`),
  );
  for (const { path, reason } of skipped) terminal.warn(`left out ${path}: ${reason}`);
  const report = { folders: index.info.sources.folders, files, read, patterns, skipped, index: ownFiles(terminal).index };
  if (format === 'json') return done(json(report));
  if (files === 0) return done('no folders are indexed; gtc oracle index <folder> adds one\n');
  return done(`${patterns} patterns in ${files} files of ${report.folders.join(', ')}; ${read} files were new or changed\n`);
}

/** Whole units of the largest kind of which there are two. */
function ageText(milliseconds: number): string {
  const units = [
    ['days', 86_400_000],
    ['hours', 3_600_000],
  ] as const;
  const [name, length] = units.find(([, each]) => milliseconds >= 2 * each) ?? (['minutes', 60_000] as const);
  return `${Math.floor(milliseconds / length)} ${name}`;
}

function statsOf(index: SearchIndex) {
  const { parts, info } = index;
  const modules = [...index.modules()];
  const patternsIn = (place: number): number => parts.firsts[place + 1]! - parts.firsts[place]!;
  const domains = [...info.domains].sort().map(domain => {
    const places = modules.flatMap((module, place) => (module.domain === domain ? [place] : []));
    return { domain, modules: places.length, patterns: places.reduce((sum, place) => sum + patternsIn(place), 0) };
  });
  const languages: Record<string, number> = {};
  for (const [place, { language }] of modules.entries()) languages[language] = (languages[language] ?? 0) + patternsIn(place);
  return {
    patterns: index.patternCount,
    modules: index.moduleCount,
    vocabulary: parts.patternWords.terms.length,
    bytes: index.byteLength,
    made: info.made,
    folders: info.sources.folders,
    languages,
    domains,
  };
}

/** `gtc oracle stats` */
export async function stats({ format }: Options, terminal: Terminal): Promise<Outcome> {
  const report = statsOf(await openIndex(terminal));
  if (format === 'json') return done(json(report));
  const row = (name: string, modules: number | string, patterns: number | string): string =>
    `${name.padEnd(15)}${String(modules).padStart(8)}${String(patterns).padStart(9)}`;
  const languages = Object.entries(report.languages).map(([language, count]) => `${LANGUAGE_NAMES[language as 'ts']} ${count}`);
  const lines = [
    row('domain', 'modules', 'patterns'),
    ...report.domains.map(({ domain, modules, patterns }) => row(domain, modules, patterns)),
    row('total', report.modules, report.patterns),
    '',
    `languages      ${languages.join(', ')}`,
    `vocabulary     ${report.vocabulary} words`,
    `size           ${(report.bytes / 2 ** 20).toFixed(1)} MiB`,
    `age            ${ageText(Date.now() - Date.parse(report.made))}`,
    `own folders    ${report.folders.join(', ') || 'none (gtc oracle index <folder>)'}`,
  ];
  return done(`${lines.join('\n')}\n`);
}

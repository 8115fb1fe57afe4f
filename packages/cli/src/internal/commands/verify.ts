/** `gtc verify`: the recorded verdict of what is installed and, where golden vectors and tests are at hand, their replay. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NotFoundError } from '@gtc/errors';
import type { ModuleInfo, Pattern, SearchIndex } from '@gtc/oracle';
import { proofText, spellingKey } from '@gtc/oracle';
import type { Vector } from '@gtc/testing/parity';
import type { Options } from '../../options.js';
import { openIndex } from './library.js';
import { json, type Outcome, type Terminal } from './outcome.js';

const { resolve } = createRequire(import.meta.url);

/** What was replayed of a module. */
interface Replay {
  readonly passed: number;
  readonly failed: readonly string[];
}

interface Verdict {
  readonly module: string;
  readonly recorded: string;
  /** Golden vectors, and cases of the reference libraries. */
  readonly vectors: Replay | null;
  readonly cases: Replay | null;
}

interface Asked {
  readonly modules: readonly ModuleInfo[];
  /** Only vectors of this function. */
  readonly name: string | null;
}

/** A domain, a module, a symbol in any spelling, or everything. */
function askedFor(index: SearchIndex, text: string): Asked {
  const modules = [...index.modules()].filter(({ language, proof }) => language === 'ts' && proof !== null);
  if (text === '') return { modules, name: null };
  const plain = text.replace(/^@gtc\//, '');
  const whole = modules.filter(({ domain, specifier }) => domain === plain || specifier === `@gtc/${plain}`);
  if (whole.length > 0) return { modules: whole, name: null };
  const key = spellingKey(text);
  const owners = new Map<string, Pattern>();
  for (const pattern of index.patterns()) if (pattern.language === 'ts' && spellingKey(pattern.name) === key) owners.set(pattern.specifier, pattern);
  if (owners.size === 0) throw NotFoundError.of('symbol or domain', text, [...index.info.domains, ...Array.from(index.patterns(), ({ name }) => name)]);
  return { modules: modules.filter(({ specifier }) => owners.has(specifier)), name: [...owners.values()][0]!.name };
}

/** The file of golden vectors of a module: in a folder that was given, or beside the sources of the package. */
function vectorsOf({ specifier, domain }: ModuleInfo, evidence: string | null): string | null {
  const file = `${specifier.split('/').pop()!.replaceAll('-', '_')}.json`;
  const own = join(dirname(resolve(`@gtc/${domain}/package.json`)), 'evidence', 'parity', file);
  const candidates =
    evidence === null ? [own] : [join(evidence, domain, file), join(evidence, 'parity', 'vectors', domain, file), join(evidence, domain, 'parity', file)];
  return candidates.find(path => existsSync(path)) ?? null;
}

async function replayed(module: ModuleInfo, name: string | null, path: string): Promise<Replay> {
  const { replay } = await import('@gtc/testing/parity');
  const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] };
  const exports = (await import(pathToFileURL(resolve(module.specifier)).href)) as Record<string, unknown>;
  const failed: string[] = [];
  let passed = 0;
  for (const vector of vectors) {
    if (vector.erratum !== undefined || (name !== null && spellingKey(vector.fn.split('.').join('')) !== spellingKey(name))) continue;
    try {
      await replay(exports, vector);
      passed++;
    } catch (error) {
      failed.push(`${vector.fn} ${vector.id}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  return { passed, failed };
}

/** What vitest reports of a run. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** Runs the tests that compare with the reference libraries, where the package has its tests beside it; null elsewhere. */
async function comparedAgain({ specifier, domain, proof }: ModuleInfo, evidence: string | null, signal: AbortSignal): Promise<Replay | null> {
  const folder = dirname(resolve(`@gtc/${domain}/package.json`));
  const runner = join(folder, 'node_modules', 'vitest', 'vitest.mjs');
  if (!existsSync(runner) || (proof?.evidence.length ?? 0) === 0) return null;
  const module = specifier.split('/').pop()!;
  const output = join(await mkdtemp(join(tmpdir(), 'gtc-verify-')), 'report.json');
  const args = [
    runner,
    'run',
    '--coverage.enabled=false',
    '--reporter=json',
    `--outputFile=${output}`,
    '-t',
    '^evidence: ',
    `src/${module}`,
    `src/internal/${module}/`,
  ];
  const root = evidence !== null && existsSync(join(evidence, 'evidence')) ? join(evidence, 'evidence') : evidence;
  const env = { ...process.env, ...(root === null ? {} : { GTC_EVIDENCE_DIR: root }) };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: 'ignore', signal });
  await once(child, 'close');
  try {
    const { testResults } = JSON.parse(await readFile(output, 'utf8')) as Report;
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ status }) => status === 'passed' || status === 'failed');
    const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
    return { passed: tests.length - failed.length, failed };
  } finally {
    await rm(dirname(output), { recursive: true, force: true });
  }
}

function replayText(replay: Replay | null, what: string): string[] {
  if (replay === null || replay.passed + replay.failed.length === 0) return [];
  return [`  now       ${replay.passed} of ${replay.passed + replay.failed.length} ${what}`, ...replay.failed.map(line => `  failed    ${line}`)];
}

function textOf({ module, recorded, vectors, cases }: Verdict): string {
  return [
    module,
    `  recorded  ${recorded}`,
    ...replayText(vectors, 'golden vectors replayed'),
    ...replayText(cases, 'cases of the reference libraries compared'),
    '',
  ].join('\n');
}

/** `gtc verify [symbol|domain] [--evidence folder]` */
export async function verify({ text, evidence, format }: Options, terminal: Terminal): Promise<Outcome> {
  if (evidence !== null && !existsSync(evidence)) throw new NotFoundError(`there is no folder ${evidence}`, { parameter: 'evidence', received: evidence });
  const { modules, name } = askedFor(await openIndex(terminal), text);
  const verdicts: Verdict[] = [];
  for (const module of modules) {
    terminal.surroundings.progress.update(`verifying ${module.specifier}`);
    const path = vectorsOf(module, evidence);
    verdicts.push({
      module: module.specifier,
      recorded: proofText(module.proof),
      vectors: path === null ? null : await replayed(module, name, path),
      cases: await comparedAgain(module, evidence, terminal.surroundings.signal),
    });
  }
  const replays = verdicts.flatMap(({ vectors, cases }) => [vectors, cases]).filter(replay => replay !== null);
  const failed = replays.reduce((sum, replay) => sum + replay.failed.length, 0);
  const status = failed > 0 ? 1 : 0;
  if (format === 'json') return { stdout: json(verdicts), status };
  const passed = replays.reduce((sum, replay) => sum + replay.passed, 0);
  const nothing = 'Neither vectors nor tests are at hand to replay; --evidence <folder> names where vectors lie.\n';
  return { stdout: `${verdicts.map(textOf).join('')}${replays.length === 0 ? nothing : `${passed} passed, ${failed} failed\n`}`, status };
}

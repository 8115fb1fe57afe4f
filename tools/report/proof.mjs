/**
 * Records how each module was verified: reads the reports of the last test run and writes `packages/<p>/proof.json`. The record is
 * committed, so that an installed oracle can cite it; `--check` fails when it differs from what the reports say.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../bootstrap/setup.mjs';

/**
 * `metrics-refusals.test.ts` belongs to the module `metrics`: the longest module name that begins the file's. A test among the parts of a module,
 * `internal/metrics/*.test.ts`, belongs to it; among parts of no module, to the module that is called like the package.
 */
function moduleOf(testFile, modules, name) {
  const part = /[\\/]internal[\\/]([^\\/]+)[\\/]/.exec(testFile)?.[1];
  if (part !== undefined) return [part, name].find(each => modules.includes(each)) ?? null;
  const stem = basename(testFile).replace(/\.test\.ts$/, '');
  return modules.filter(module => stem === module || stem.startsWith(`${module}-`)).sort((a, b) => b.length - a.length)[0] ?? null;
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Evidence topics lie in `evidence/<topic>.json` or one folder below. */
function topicFile(folder, topic) {
  const candidates = [
    join(folder, 'evidence', `${topic}.json`),
    ...readdirSync(join(folder, 'evidence')).map(name => join(folder, 'evidence', name, `${topic}.json`)),
  ];
  return candidates.find(path => existsSync(path));
}

function evidenceProof(folder, topic, passed) {
  const { source, tolerance } = readJson(topicFile(folder, topic));
  return { topic, passed, library: source.library, version: source.version, tolerance: tolerance.rtol };
}

function proofOf(folder, name, tests) {
  const passed = tests.filter(test => test.status === 'passed');
  const group = prefix => {
    const counts = {};
    for (const {
      ancestorTitles: [title = ''],
    } of passed)
      if (title.startsWith(prefix)) counts[title.slice(prefix.length)] = (counts[title.slice(prefix.length)] ?? 0) + 1;
    return counts;
  };
  const vectorFile = join(folder, 'evidence', 'parity', `${name.replaceAll('-', '_')}.json`);
  const errata = existsSync(vectorFile) ? readJson(vectorFile).vectors.filter(vector => vector.erratum !== undefined).length : 0;
  const [vectors] = Object.values(group('parity: '));
  return {
    tests: passed.length,
    vectors: vectors === undefined ? null : { passed: vectors, errata },
    // The runner reports files as they end; the record keeps one order.
    evidence: Object.entries(group('evidence: '))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([topic, count]) => evidenceProof(folder, topic, count)),
  };
}

/** The record of one package, or null when it has no report. */
export function packageProof(folder) {
  const report = join(folder, 'reports', 'tests.json');
  if (!existsSync(report)) return null;
  const modules = readdirSync(join(folder, 'src'))
    .filter(file => file.endsWith('.ts') && !/\.(test|test-d|fixture)\.ts$/.test(file) && file !== 'index.ts')
    .map(file => file.replace(/\.ts$/, ''));
  const byModule = {};
  for (const file of readJson(report).testResults) {
    const name = moduleOf(file.name, modules, basename(folder));
    if (name !== null) (byModule[name] ??= []).push(...file.assertionResults);
  }
  const names = Object.keys(byModule).sort();
  return { modules: Object.fromEntries(names.map(name => [name, proofOf(folder, name, byModule[name])])) };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const check = process.argv.includes('--check');
  const stale = [];
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const folder = join(root, 'packages', name);
    const proof = packageProof(folder);
    if (proof === null || Object.keys(proof.modules).length === 0) continue;
    const path = join(folder, 'proof.json');
    const text = `${JSON.stringify(proof, null, 2)}\n`;
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    if (check) stale.push(name);
    else writeFileSync(path, text);
  }
  if (stale.length > 0) {
    process.stderr.write(`proof.json of ${stale.join(', ')} differs from the last test run; run: node tools/report/proof.mjs\n`);
    process.exitCode = 1;
  }
}

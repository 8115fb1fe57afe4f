/**
 * `pnpm mutate [--filter package] [files]`: Stryker over the sources of packages, with a ledger `packages/<p>/mutation.json` of file ->
 * content hash, mutants, killed, score. `--check` compares the ledgers' hashes with the files and says what is stale; `--sample minutes`
 * runs a random choice of files again and fails when a score falls short or a ledger was not true.
 */
import { spawnSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../bootstrap/setup.mjs';

const REQUIRED = 80;
/** Parsers answer to strangers: more of their mutants must die. */
const REQUIRED_OF_PARSERS = 90;
const PARSERS = ['packages/oracle/src/store.ts'];
/** A file that scores this much below its ledger was recorded wrongly. */
const TOLERANCE = 3;

const hashOf = path => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
const ledgerOf = folder => (existsSync(join(folder, 'mutation.json')) ? JSON.parse(readFileSync(join(folder, 'mutation.json'), 'utf8')) : {});

/** Source files of a package that hold behaviour. */
function mutableFiles(folder) {
  return readdirSync(join(folder, 'src'), { recursive: true })
    .filter(
      file => file.endsWith('.ts') && !/\.(test|test-d|fixture|gen)\.ts$/.test(file) && !['index.ts', 'main.ts', 'pattern.ts', 'definition.ts'].includes(file),
    )
    .map(file => join('src', file))
    .sort();
}

function packages() {
  return readdirSync(join(root, 'packages')).map(name => ({ name, folder: join(root, 'packages', name) }));
}

/** Runs Stryker over files of one package and returns the scores by file. */
function stryker(folder, files) {
  const config = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    coverageAnalysis: 'perTest',
    concurrency: 2,
    mutate: files,
    ignorePatterns: ['dist', 'coverage', 'reports', 'bench', '.doctest'],
    reporters: ['json'],
    jsonReporter: { fileName: 'reports/mutation.json' },
    tempDirName: '.stryker-tmp',
    disableTypeChecks: false,
    cleanTempDir: 'always',
    timeoutMS: 10_000,
    // Texts of messages are checked by the tests that read them; mutating every string only counts them again.
    mutator: { excludedMutations: ['StringLiteral'] },
  };
  const configFile = join(folder, 'stryker.config.json');
  writeFileSync(configFile, JSON.stringify(config));
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js'), 'run', 'stryker.config.json'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, GTC_MUTANTS: '50' } },
    );
    if (status !== 0) throw new Error(`Stryker failed in ${folder}:\n${stdout}${stderr}`);
  } finally {
    rmSync(configFile, { force: true });
  }
  const report = JSON.parse(readFileSync(join(folder, 'reports', 'mutation.json'), 'utf8'));
  const killed = status => ['Killed', 'Timeout'].includes(status);
  return Object.fromEntries(
    Object.entries(report.files).map(([file, { mutants }]) => {
      const counted = mutants.filter(({ status }) => !['CompileError', 'RuntimeError', 'Ignored'].includes(status));
      const dead = counted.filter(({ status }) => killed(status)).length;
      return [
        file,
        {
          hash: hashOf(join(folder, file)),
          mutants: counted.length,
          killed: dead,
          score: counted.length === 0 ? 100 : Math.round((1000 * dead) / counted.length) / 10,
        },
      ];
    }),
  );
}

const requiredFor = path => (PARSERS.includes(path) ? REQUIRED_OF_PARSERS : REQUIRED);

/** Files whose ledger entry is missing or speaks of other content, and entries below the required score. */
function inspect({ name, folder }) {
  const ledger = ledgerOf(folder);
  const files = mutableFiles(folder);
  return {
    stale: files.filter(file => ledger[file]?.hash !== hashOf(join(folder, file))),
    low: Object.entries(ledger).filter(
      ([file, entry]) => files.includes(file) && entry.hash === hashOf(join(folder, file)) && entry.score < requiredFor(`packages/${name}/${file}`),
    ),
    current: files.filter(file => ledger[file]?.hash === hashOf(join(folder, file)) && ledger[file].mutants > 0),
    unknown: Object.keys(ledger).filter(file => !files.includes(file)),
  };
}

function check() {
  let failed = false;
  let stale = 0;
  for (const each of packages()) {
    const found = inspect(each);
    stale += found.stale.length;
    for (const [file, entry] of found.low) {
      failed = true;
      process.stderr.write(`packages/${each.name}/${file}: mutation score ${entry.score} %, required ${requiredFor(`packages/${each.name}/${file}`)} %\n`);
    }
    for (const file of found.unknown) {
      failed = true;
      process.stderr.write(`packages/${each.name}/mutation.json: speaks of ${file}, which does not exist\n`);
    }
    if (found.stale.length > 0)
      process.stderr.write(
        `mutation debt of ${each.name}: ${found.stale.length} files (${found.stale.slice(0, 3).join(', ')}${found.stale.length > 3 ? ', …' : ''})\n`,
      );
  }
  process.stdout.write(`mutation ledgers: ${stale} files to do\n`);
  process.exitCode = failed ? 1 : 0;
}

function sample(minutes) {
  const deadline = Date.now() + minutes * 60_000;
  const pool = packages().flatMap(each => inspect(each).current.map(file => ({ ...each, file })));
  let [ran, failed] = [0, 0];
  while (pool.length > 0 && Date.now() < deadline) {
    const [{ name, folder, file }] = pool.splice(randomInt(pool.length), 1);
    const recorded = ledgerOf(folder)[file];
    // About 8 mutants a second; a file that would overrun the limit waits for another day.
    if (Date.now() + (recorded.mutants / 8) * 1000 > deadline) continue;
    const { score } = stryker(folder, [file])[file] ?? { score: 100 };
    ran++;
    const true_ = score >= recorded.score - TOLERANCE && score >= requiredFor(`packages/${name}/${file}`) - TOLERANCE;
    if (!true_) failed++;
    process.stderr.write(`${true_ ? '✓' : '✗'} packages/${name}/${file}: ${score} %, recorded ${recorded.score} %\n`);
  }
  process.stdout.write(`mutation sample: ${ran - failed} of ${ran} files as recorded\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

function record(args) {
  const filter = args.indexOf('--filter');
  const only = filter >= 0 ? args.splice(filter, 2)[1] : null;
  const missing = args.find(file => !existsSync(join(root, file)));
  if (missing !== undefined) throw new Error(`${missing}: no such file; name files from the root of the repository`);
  for (const { name, folder } of packages().filter(each => only === null || each.name === only || `@gtc/${each.name}` === only)) {
    const wanted =
      args.length > 0 ? args.map(file => relative(folder, join(root, file))).filter(file => !file.startsWith('..')) : inspect({ name, folder }).stale;
    if (wanted.length === 0) continue;
    const existing = ledgerOf(folder);
    const merged = { ...existing, ...stryker(folder, wanted) };
    const files = mutableFiles(folder);
    const sorted = Object.fromEntries(
      Object.entries(merged)
        .filter(([file]) => files.includes(file))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    writeFileSync(join(folder, 'mutation.json'), `${JSON.stringify(sorted, null, 2)}\n`);
    for (const file of wanted) process.stdout.write(`packages/${name}/${file}: ${merged[file]?.score ?? 100} %\n`);
  }
}

const args = process.argv.slice(2);
const sampleFlag = args.indexOf('--sample');
if (args.includes('--check')) check();
else if (sampleFlag >= 0) sample(Number(args[sampleFlag + 1] ?? 8));
else record(args);

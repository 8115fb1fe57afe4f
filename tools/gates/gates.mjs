/** Every gate by name, as a command line that fails when the gate refuses. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, withPnpm } from '../bootstrap/setup.mjs';

const node =
  (...args) =>
  ({ at }) =>
    spawnSync(process.execPath, args, { cwd: at, encoding: 'utf8' });
const turboTask =
  task =>
  ({ at, only }) =>
    spawnSync('turbo', ['run', task, '--output-logs=errors-only', '--log-order=grouped', '--continue', ...(only ? [`--filter=${only}`] : [])], {
      cwd: at,
      encoding: 'utf8',
    });

/**
 * Gates in order of cost. Each takes `{ at, only }`: the repository (or a copy of it) and, for gates that run package by package, one
 * package.
 */
export const GATES = {
  conformance: ({ at }) => spawnSync(process.execPath, [join('tools', 'conformance', 'conformance.mjs'), '--root', at], { cwd: at, encoding: 'utf8' }),
  lint: ({ at }) => spawnSync(join(root, 'node_modules', '.bin', 'biome'), ['ci', '--max-diagnostics=20', '.'], { cwd: at, encoding: 'utf8' }),
  'dead code': ({ at }) => spawnSync(join(root, 'node_modules', '.bin', 'knip'), ['--no-progress', '--no-config-hints'], { cwd: at, encoding: 'utf8' }),
  readmes: node('tools/report/readmes.mjs', '--check'),
  proof: node('tools/report/proof.mjs', '--check'),
  ledgers: node('tools/gates/mutate.mjs', '--check'),
  typecheck: turboTask('typecheck'),
  test: turboTask('test'),
  doctest: turboTask('doctest'),
  package: turboTask('package'),
};

/** Runs gates in the repository, prints a line for each, returns how many passed and failed. */
export function runGates(names = Object.keys(GATES)) {
  const counts = { passed: 0, failed: 0 };
  for (const name of names) {
    const started = performance.now();
    const { status, stdout, stderr } = GATES[name]({ at: root });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(`${status === 0 ? '✓' : '✗'} gate ${name} (${seconds} s)\n`);
    if (status !== 0) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}\n`);
    counts[status === 0 ? 'passed' : 'failed']++;
  }
  return counts;
}

/** Restarts the current program with pnpm and turbo on PATH, once. Returns false when it already runs so. */
export function underPnpm() {
  if (process.env.GTC_UNDER_PNPM) return false;
  process.env.GTC_UNDER_PNPM = '1';
  process.exitCode = withPnpm(
    `node ${process.argv
      .slice(1)
      .map(arg => `'${arg}'`)
      .join(' ')}`,
  );
  return true;
}

/** `pnpm tier1`, on every save: types and lint of what changed, under a second when warm. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../bootstrap/setup.mjs';
import { changedFiles, changedPackages } from './changed.mjs';

const started = performance.now();

function run(file, args, cwd = root) {
  return new Promise(resolve => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', chunk => (output += chunk));
    child.stderr.on('data', chunk => (output += chunk));
    child.on('close', status => resolve({ status, output }));
  });
}

const files = changedFiles();
const lintable = files.filter(file => /\.(ts|mjs|json)$/.test(file));
const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc');
const biome = join(root, 'node_modules', '.bin', 'biome');
const results = await Promise.all([
  ...changedPackages(files).map(name => run(process.execPath, [compiler, '-p', 'tsconfig.test.json'], join(root, 'packages', name))),
  ...(lintable.length > 0 ? [run(biome, ['check', '--no-errors-on-unmatched', ...lintable])] : []),
]);
for (const { status, output } of results) if (status !== 0) process.stderr.write(output);
const failed = results.filter(({ status }) => status !== 0).length;
process.stdout.write(`tier1: ${results.length - failed} of ${results.length} checks hold, ${((performance.now() - started) / 1000).toFixed(2)} s\n`);
process.exitCode = failed > 0 ? 1 : 0;

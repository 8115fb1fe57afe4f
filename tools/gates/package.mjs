/** Packs the package in the current folder and checks what users would get: publint, are-the-types-wrong, size. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const folder = process.cwd();
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const budgets = JSON.parse(readFileSync(fileURLToPath(new URL('budgets.json', import.meta.url)), 'utf8'));
const complaints = [];

function pack() {
  const target = mkdtempSync(join(tmpdir(), 'gtc-pack-'));
  execFileSync('pnpm', ['pack', '--pack-destination', target], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  return join(target, readdirSync(target)[0]);
}

async function checkPublint(tarball) {
  const data = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) },
    strict: true,
    level: 'warning',
  });
  for (const message of messages) complaints.push(`publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** Subpaths as users write them; attw does not expand `./*`. */
function subpaths() {
  return readdirSync(join(folder, 'src'))
    .filter(file => file.endsWith('.ts') && !/\.(test|test-d|fixture|gen)\.ts$/.test(file) && !['index.ts', 'main.ts'].includes(file))
    .map(file => `./${file.replace(/\.ts$/, '')}`);
}

function checkTypes(tarball) {
  const attw = fileURLToPath(new URL('../../node_modules/@arethetypeswrong/cli/dist/index.js', import.meta.url));
  const more = subpaths();
  const args = [
    attw,
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--no-emoji',
    ...(more.length > 0 ? ['--include-entrypoints', ...more] : []),
    '--exclude-entrypoints',
    './*',
    './corpus.gtc',
    './words.gtc',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) complaints.push(`attw: ${stdout}${stderr}`);
}

function checkSize() {
  const files = readdirSync(join(folder, 'dist'), { recursive: true }).filter(file => /\.(js|wasm)$/.test(file));
  const zipped = files.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, 'dist', file))).length, 0);
  const name = basename(folder);
  const budget = budgets[name];
  if (budget === undefined) complaints.push(`size: tools/gates/budgets.json has no entry for ${name}`);
  else if (zipped > budget * 1024) complaints.push(`size: ${(zipped / 1024).toFixed(1)} kB of compressed JavaScript, budget ${budget} kB`);
  return zipped;
}

const tarball = pack();
await checkPublint(tarball);
checkTypes(tarball);
const zipped = checkSize();
const installed = statSync(tarball).size;
rmSync(join(tarball, '..'), { recursive: true });
mkdirSync(join(folder, 'reports'), { recursive: true });
writeFileSync(
  join(folder, 'reports', 'package.json'),
  `${JSON.stringify({ passed: 3 - Math.min(3, complaints.length), failed: complaints.length, complaints, zipped, installed }, null, 2)}\n`,
);
for (const complaint of complaints) console.error(`✗ ${manifest.name} ${complaint}`);
console.log(`${manifest.name}: ${(zipped / 1024).toFixed(1)} kB compressed, tarball ${(installed / 1024).toFixed(1)} kB, ${complaints.length} complaints`);
process.exitCode = complaints.length > 0 ? 1 : 0;

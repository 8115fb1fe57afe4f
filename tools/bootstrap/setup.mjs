/** Brings a fresh clone to the point where a task can run: the pinned pnpm, a frozen install, turbo. Progress goes to stderr. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const stampFile = join(root, 'node_modules', '.gtc-installed');

function installStamp() {
  const hash = createHash('sha256').update(process.version);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === installStamp();
}

/** Ends the process with a message on stderr. */
export function fail(message, status = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`GTC needs Node 20.19 or newer, this is ${process.version}`);
}

/** Runs a shell line with the pinned pnpm and the repository's tools on PATH; its output goes to stderr. Returns the exit status. */
export function withPnpm(line) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { status, error } = spawnSync('npx', ['--yes', '--prefer-offline', '-p', packageManager, '-c', line], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: {
      ...process.env,
      DO_NOT_TRACK: '1',
      TURBO_TELEMETRY_DISABLED: '1',
      TURBO_NO_UPDATE_NOTIFIER: '1',
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    },
  });
  if (error) fail(`cannot run npx: ${error.message}`);
  return status ?? 1;
}

/** Installs what the lockfile says, unless that has been done. */
export function install() {
  checkNode();
  if (isInstalled()) return;
  process.stderr.write('Installing the pinned dependencies (once) ...\n');
  if (withPnpm('pnpm install --frozen-lockfile') !== 0) fail('The installation failed; see above.');
  writeFileSync(stampFile, installStamp());
}

/** Runs turbo tasks, cached; returns the exit status. */
export function turbo(args) {
  return withPnpm(`turbo run ${args} --output-logs=errors-only --log-order=grouped`);
}

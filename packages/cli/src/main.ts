#!/usr/bin/env node
/** The `gtc` command. */
import * as files from 'node:fs/promises';
import colors from 'picocolors';
import { failureOf, runCommand, type Terminal } from './commands.js';
import { readOptions } from './options.js';

/** Lines of a run on standard error: replaced on a terminal, for the record elsewhere. */
function progress(): Terminal['surroundings']['progress'] {
  const { stderr } = process;
  if (stderr.isTTY !== true) return { update: () => {}, log: line => void stderr.write(`${line}\n`) };
  const update = (line: string): void => void stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, stderr.columns - 1))}`);
  return { update, log: line => update(line) };
}

/** Ends with the first Ctrl-C after the step at hand, with the second at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

function terminal(): Terminal {
  const tty = process.stdout.isTTY === true;
  const { bold, cyan, dim } = colors.createColors(tty && !process.env['NO_COLOR']);
  const surroundings = { files, progress: progress(), signal: interruption(), now: () => performance.now() };
  return { width: tty ? Math.min(process.stdout.columns ?? 100, 120) : 100, style: { strong: bold, code: cyan, dim }, surroundings };
}

/** A reader that closes its end (`gtc ... | head`) is no failure. */
process.stdout.on('error', error => {
  process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1);
});

const args = process.argv.slice(2);
try {
  const { stdout, status } = await runCommand(readOptions(args), terminal());
  if (process.stderr.isTTY === true) process.stderr.write('\r\u001b[2K');
  process.stdout.write(stdout);
  process.exitCode = status;
} catch (error) {
  const { line, status } = failureOf(error);
  if (process.stderr.isTTY === true) process.stderr.write('\r\u001b[2K');
  process.stderr.write(`${line}\n`);
  if (args.includes('--debug')) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
  process.exitCode = status;
}

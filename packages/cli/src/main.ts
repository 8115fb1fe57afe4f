#!/usr/bin/env node
/** The `gtc` command. */
import * as files from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import colors from 'picocolors';
import { failureOf, readOptions, runCommand, type Terminal } from './index.js';

/** Lines of a run on standard error: replaced on a terminal, for the record elsewhere. */
function progress(): Terminal['surroundings']['progress'] {
  const { stderr } = process;
  if (stderr.isTTY !== true) return { update: () => {}, log: line => void stderr.write(`${line}\n`) };
  const update = (line: string): void => void stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, stderr.columns - 1))}`);
  return { update, log: line => update(line) };
}

function clearLine(): void {
  if (process.stderr.isTTY === true) process.stderr.write('\r\u001b[2K');
}

/** Ends with the first Ctrl-C after the step at hand, with the second at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** The folder for what belongs to the user: `GTC_HOME`, or where the system keeps such data. */
function dataFolder(): string {
  const { GTC_HOME, XDG_DATA_HOME } = process.env;
  return GTC_HOME || join(XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'gtc');
}

/** Reads lines from a terminal; null where nobody types. */
function prompting(): Terminal['prompt'] {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return null;
  return async question => {
    const { createInterface } = await import('node:readline/promises');
    const reader = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await Promise.race([reader.question(question), new Promise<null>(end => reader.once('close', () => end(null)))]);
    } finally {
      reader.close();
    }
  };
}

function terminal(): Terminal {
  const tty = process.stdout.isTTY === true;
  const { bold, cyan, dim } = colors.createColors(tty && !process.env['NO_COLOR']);
  const warn = (line: string): void => {
    clearLine();
    process.stderr.write(`gtc: ${line}\n`);
  };
  return {
    width: tty ? Math.min(process.stdout.columns || 100, 120) : 100,
    style: { strong: bold, code: cyan, dim },
    surroundings: { files, progress: progress(), signal: interruption(), now: () => performance.now() },
    dataFolder: dataFolder(),
    embedder: process.env['GTC_EMBEDDER'] || null,
    warn,
    prompt: prompting(),
  };
}

/** A reader that closes its end (`gtc ... | head`) is no failure. */
process.stdout.on('error', error => {
  process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1);
});

const args = process.argv.slice(2);
try {
  const { stdout, status } = await runCommand(readOptions(args), terminal());
  clearLine();
  process.stdout.write(stdout);
  process.exitCode = status;
} catch (error) {
  const { line, status } = failureOf(error);
  clearLine();
  process.stderr.write(`${line}\n`);
  if (args.includes('--debug')) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
  process.exitCode = status;
}

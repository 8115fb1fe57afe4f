#!/usr/bin/env node
/** The `gtc` command. */
import colors from 'picocolors';
import { failureOf, runCommand, type Terminal } from './commands.js';
import { readOptions } from './options.js';

function terminal(): Terminal {
  const tty = process.stdout.isTTY === true;
  const { bold, cyan, dim } = colors.createColors(tty && !process.env['NO_COLOR']);
  return { width: tty ? Math.min(process.stdout.columns ?? 100, 120) : 100, style: { strong: bold, code: cyan, dim } };
}

/** A reader that closes its end (`gtc ... | head`) is no failure. */
process.stdout.on('error', error => {
  process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1);
});

const args = process.argv.slice(2);
try {
  const { stdout, status } = await runCommand(readOptions(args), terminal());
  process.stdout.write(stdout);
  process.exitCode = status;
} catch (error) {
  const { line, status } = failureOf(error);
  process.stderr.write(`${line}\n`);
  if (args.includes('--debug')) process.stderr.write(`${(error as Error).stack ?? ''}\n`);
  process.exitCode = status;
}

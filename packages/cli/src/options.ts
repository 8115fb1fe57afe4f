/** Reads the command line. */
import { parseArgs } from 'node:util';
import { nearest } from '@gtc/errors';
import { UsageError } from './usage.js';

const FLAGS = {
  limit: { type: 'string' },
  domain: { type: 'string' },
  run: { type: 'boolean' },
  code: { type: 'boolean' },
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  explain: { type: 'boolean' },
  debug: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** What the user asked for. */
export interface Options {
  readonly command: string;
  /** Words after the command, joined. */
  readonly text: string;
  readonly limit: number;
  readonly domain: string | null;
  readonly run: boolean;
  readonly format: 'text' | 'code' | 'json' | 'markdown';
  readonly explain: boolean;
}

function wordsOf(error: Error): string {
  const unknown = /Unknown option '(--?[^']+)'/.exec(error.message)?.[1];
  if (unknown === undefined) return error.message.split('\n')[0]!;
  const near = nearest(unknown.replace(/^-+/, ''), Object.keys(FLAGS));
  return `unknown option ${unknown}${near === null ? '' : `; did you mean --${near}?`}`;
}

function formatOf(values: {
  readonly code?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly markdown?: boolean | undefined;
}): Options['format'] {
  const chosen = (['code', 'json', 'markdown'] as const).filter(name => values[name]);
  if (chosen.length > 1) throw new UsageError(`choose one of ${chosen.map(name => `--${name}`).join(', ')}`);
  return chosen[0] ?? 'text';
}

/** @throws {UsageError} for anything that the help does not name */
export function readOptions(args: readonly string[]): Options {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof FLAGS; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...args], options: FLAGS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(wordsOf(error as Error));
  }
  const { values, positionals } = parsed;
  const limit = Number(values.limit ?? 5);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new UsageError(`--limit must be an integer from 1 to 1000, got '${values.limit}'`);
  const command = values.version ? 'version' : values.help ? 'help' : (positionals[0] ?? 'help');
  return {
    command,
    text: positionals.slice(1).join(' ').trim(),
    limit,
    domain: values.domain ?? null,
    run: values.run ?? false,
    format: formatOf(values),
    explain: values.explain ?? false,
  };
}

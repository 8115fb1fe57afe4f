/** Reads the command line. */
import { parseArgs } from 'node:util';
import { nearest } from '@gtc/errors';
import type { Language } from '@gtc/oracle';
import type { RecipeOptions } from './recipes.js';
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
  lang: { type: 'string' },
  tag: { type: 'string' },
  evidence: { type: 'string' },
  port: { type: 'string' },
  http: { type: 'boolean' },
  text: { type: 'string' },
  question: { type: 'string' },
  out: { type: 'string' },
  base: { type: 'string' },
  steps: { type: 'string' },
  'learning-rate': { type: 'string' },
  rank: { type: 'string' },
  alpha: { type: 'string' },
  targets: { type: 'string' },
  seed: { type: 'string' },
  resume: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** What the user asked for. */
export interface Options {
  readonly command: string;
  /** Words after the command. */
  readonly words: readonly string[];
  /** The same, joined. */
  readonly text: string;
  readonly limit: number;
  readonly domain: string | null;
  readonly run: boolean;
  readonly format: 'text' | 'code' | 'json' | 'markdown';
  readonly explain: boolean;
  /** Languages whose code is shown. */
  readonly languages: readonly Language[];
  /** Only recipes with this tag. */
  readonly tag: string | null;
  /** Where golden vectors lie. */
  readonly evidence: string | null;
  /** Where a server listens; 0 lets the system choose. */
  readonly port: number;
  readonly http: boolean;
  /** What a recipe is told beside its defaults. */
  readonly recipe: Partial<RecipeOptions>;
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

type Values = ReturnType<typeof parseArgs<{ options: typeof FLAGS; allowPositionals: true }>>['values'];

/** A number on the command line. @throws {UsageError} for another word, or a number outside the bounds */
function numberOf(values: Values, name: 'steps' | 'learning-rate' | 'rank' | 'alpha' | 'seed'): number | undefined {
  const word = values[name];
  if (word === undefined) return undefined;
  const value = word.trim() === '' ? Number.NaN : Number(word);
  const [expected, holds] =
    name === 'learning-rate'
      ? (['a number above 0', value > 0 && value < Number.POSITIVE_INFINITY] as const)
      : name === 'seed'
        ? (['an integer from 0', Number.isSafeInteger(value) && value >= 0] as const)
        : (['a positive integer', Number.isSafeInteger(value) && value > 0] as const);
  if (!holds) throw new UsageError(`--${name} must be ${expected}, got '${word}'`);
  return value;
}

function recipeOptionsOf(values: Values): Partial<RecipeOptions> {
  const { text, question, out, base, resume } = values;
  const targets = values.targets?.split(',').map(name => name.trim());
  if (targets?.includes('')) throw new UsageError(`--targets must be names with commas between them, got '${values.targets}'`);
  const empty = (['text', 'out', 'base'] as const).find(name => values[name]?.trim() === '');
  if (empty !== undefined) throw new UsageError(`--${empty} must name a path, got '${values[empty]}'`);
  const given = {
    text,
    question,
    out,
    base,
    resume,
    port: values.port === undefined ? undefined : portOf(values),
    targets,
    steps: numberOf(values, 'steps'),
    learningRate: numberOf(values, 'learning-rate'),
    rank: numberOf(values, 'rank'),
    alpha: numberOf(values, 'alpha'),
    seed: numberOf(values, 'seed'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const LANGUAGES: readonly Language[] = ['ts', 'py', 'rs'];

function languagesOf({ lang }: Values): readonly Language[] {
  const names = (lang ?? 'ts').split(',').map(name => name.trim());
  const unknown = names.find(name => !LANGUAGES.includes(name as Language));
  if (unknown !== undefined) throw new UsageError(`--lang must be some of ${LANGUAGES.join(', ')} with commas between them, got '${lang}'`);
  return LANGUAGES.filter(language => names.includes(language));
}

function portOf({ port = '4680' }: Values): number {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`--port must be an integer from 0 to 65535, got '${port}'`);
  return Number(port);
}

/** `oracle index` and `oracle stats` are commands of their own; a question is one word of the shell, or several. */
function commandOf(values: Values, positionals: readonly string[]): { readonly command: string; readonly words: readonly string[] } {
  if (values.version) return { command: 'version', words: [] };
  if (values.help) return { command: 'help', words: positionals };
  const [command, sub, ...rest] = positionals;
  if (command === 'oracle' && (sub === 'index' || (sub === 'stats' && rest.length === 0))) return { command: sub, words: rest };
  return { command: command ?? '', words: positionals.slice(1) };
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
  const { command, words } = commandOf(values, positionals);
  return {
    command,
    words,
    text: words.join(' ').trim(),
    limit,
    domain: values.domain ?? null,
    run: values.run ?? false,
    format: formatOf(values),
    explain: values.explain ?? false,
    languages: languagesOf(values),
    tag: values.tag ?? null,
    evidence: values.evidence ?? null,
    port: portOf(values),
    http: values.http ?? false,
    recipe: recipeOptionsOf(values),
  };
}

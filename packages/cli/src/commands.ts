/** What each command does: text for standard output and an exit status. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GtcError, NotFoundError, nearest } from '@gtc/errors';
import { formatCode, formatMarkdown, formatText, Oracle, type Result, readCorpus, type Style } from '@gtc/oracle';
import type { Options } from './options.js';
import { RECIPES, type Recipe, type Surroundings } from './recipes.js';
import { HELP, RUN_HELP, UsageError } from './usage.js';

/** Where output goes and how wide it may be. */
export interface Terminal {
  readonly width: number;
  readonly style: Style;
  /** What recipes touch outside of themselves. */
  readonly surroundings: Surroundings;
}

/** A command's result. */
export interface Outcome {
  readonly stdout: string;
  readonly status: number;
}

let known: Oracle | null = null;

function loadOracle(): Oracle {
  known ??= new Oracle(readCorpus(createRequire(import.meta.url).resolve('@gtc/oracle/corpus.txt')));
  return known;
}

function checkDomain(oracle: Oracle, domain: string | null): void {
  if (domain === null) return;
  const domains = new Set(oracle.corpus.patterns.map(pattern => pattern.domain));
  if (!domains.has(domain)) throw NotFoundError.of('domain', domain, [...domains].sort());
}

function toJson(results: readonly Result[]): string {
  return JSON.stringify(
    results.map(({ pattern, module, score, why }) => ({ ...pattern, proof: module?.proof ?? null, score, why })),
    null,
    2,
  );
}

function print(results: readonly Result[], { format, explain }: Options, { style, width }: Terminal): string {
  if (format === 'json') return `${toJson(results)}\n`;
  if (format === 'code') return `${formatCode(results)}\n`;
  if (format === 'markdown') return `${formatMarkdown(results)}\n`;
  return `${formatText(results, { style, width, explain })}\n`;
}

async function runFirst(results: readonly Result[], options: Options, terminal: Terminal): Promise<Outcome> {
  const runnable = results.find(({ pattern }) => pattern.examples.length > 0) ?? results[0]!;
  const { runExample } = await import('@gtc/oracle/run');
  const { status, stdout, stderr } = runExample(runnable.pattern.examples[0], { folder: fileURLToPath(new URL('.', import.meta.url)) });
  const shown = print([runnable], { ...options, explain: false }, terminal);
  const output = `${stdout}${stderr}`.trimEnd();
  return {
    stdout:
      options.format === 'json'
        ? `${JSON.stringify({ name: runnable.pattern.name, status, stdout, stderr }, null, 2)}\n`
        : `${shown}\n   Output\n${output.replace(/^/gm, '   ')}\n`,
    status,
  };
}

async function runRecipe(recipe: Recipe, { recipe: given, format }: Options, { surroundings }: Terminal): Promise<Outcome> {
  const { text, json } = await recipe.run({ ...recipe.defaults, out: `gtc-${recipe.name}`, ...given }, surroundings);
  return { stdout: format === 'json' ? `${JSON.stringify(json, null, 2)}\n` : text, status: 0 };
}

async function runNamed(options: Options, terminal: Terminal): Promise<Outcome> {
  const names = [...RECIPES.keys()];
  if (options.text === '') throw new UsageError(`run needs a recipe: ${names.map(name => `gtc run ${name}`).join(', ')}`);
  const recipe = RECIPES.get(options.text);
  if (recipe === undefined) throw NotFoundError.of('recipe', options.text, names);
  return runRecipe(recipe, options, terminal);
}

function recipes({ format }: Options): Outcome {
  const known = [...RECIPES.values()].map(({ name, summary }) => ({ name, summary }));
  if (format === 'json') return { stdout: `${JSON.stringify(known, null, 2)}\n`, status: 0 };
  return { stdout: known.map(({ name, summary }) => `${name.padEnd(15)}${summary}\n`).join(''), status: 0 };
}

/** The recipe that carries out what a question asks for. */
function recipeFor(question: string): Recipe | undefined {
  const letters = question.toLowerCase().replace(/[^a-z]/g, '');
  return [...RECIPES.values()].find(({ asked }) => asked.every(word => letters.includes(word)));
}

async function ask(options: Options, terminal: Terminal): Promise<Outcome> {
  if (options.text === '') throw new UsageError('oracle needs a question: gtc oracle "how to implement LoRA fine-tuning"');
  const oracle = loadOracle();
  checkDomain(oracle, options.domain);
  const results = oracle.search(options.text, { limit: options.limit, ...(options.domain === null ? {} : { domain: options.domain }) });
  if (results.length === 0)
    throw new NotFoundError('nothing in the index matches; ask with other words, or see gtc stats for what it holds', {
      parameter: 'question',
      received: options.text,
    });
  const recipe = recipeFor(options.text);
  if (options.run) return recipe === undefined ? runFirst(results, options, terminal) : runRecipe(recipe, options, terminal);
  const hint = recipe === undefined || options.format !== 'text' ? '' : `\nAll of it, on this machine: ${terminal.style.code(`gtc run ${recipe.name}`)}\n`;
  return { stdout: `${print(results, options, terminal)}${hint}`, status: 0 };
}

async function showPattern(options: Options, terminal: Terminal): Promise<Outcome> {
  if (options.text === '') throw new UsageError('show needs a name: gtc show f1Score');
  const oracle = loadOracle();
  const results = oracle.search(options.text, { limit: options.limit }).filter(({ why }) => why.exact);
  if (results.length === 0)
    throw NotFoundError.of(
      'pattern',
      options.text,
      oracle.corpus.patterns.map(pattern => pattern.name),
    );
  return options.run ? runFirst(results, options, terminal) : { stdout: print(results, options, terminal), status: 0 };
}

function stats({ format }: Options): Outcome {
  const { patterns, modules } = loadOracle().corpus;
  const domains = [...new Set(patterns.map(pattern => pattern.domain))].sort();
  const rows = domains.map(domain => ({
    domain,
    modules: modules.filter(module => module.specifier.startsWith(`@gtc/${domain}/`)).length,
    patterns: patterns.filter(pattern => pattern.domain === domain).length,
  }));
  if (format === 'json') return { stdout: `${JSON.stringify({ patterns: patterns.length, modules: modules.length, domains: rows }, null, 2)}\n`, status: 0 };
  const lines = rows.map(row => `${row.domain.padEnd(15)}${String(row.modules).padStart(8)}${String(row.patterns).padStart(9)}`);
  return {
    stdout: `${'domain'.padEnd(15)}${'modules'.padStart(8)}${'patterns'.padStart(9)}\n${lines.join('\n')}\n${'total'.padEnd(15)}${String(modules.length).padStart(8)}${String(patterns.length).padStart(9)}\n`,
    status: 0,
  };
}

function version(): Outcome {
  const { version: number } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return { stdout: `${number}\n`, status: 0 };
}

type Command = (options: Options, terminal: Terminal) => Outcome | Promise<Outcome>;

const COMMANDS: Readonly<Record<string, Command>> = {
  oracle: ask,
  show: showPattern,
  run: runNamed,
  recipes,
  stats,
  help: ({ text }) => ({ stdout: /^run\b/.test(text) ? RUN_HELP : HELP, status: 0 }),
  version,
};

/** Runs the command that the options name. @throws {UsageError} for an unknown command @throws {GtcError} when it fails */
export async function runCommand(options: Options, terminal: Terminal): Promise<Outcome> {
  const command = Object.hasOwn(COMMANDS, options.command) ? COMMANDS[options.command] : undefined;
  if (command === undefined) {
    const near = nearest(options.command, Object.keys(COMMANDS));
    throw new UsageError(`unknown command '${options.command}'; ${near === null ? 'see gtc --help' : `did you mean ${near}?`}`);
  }
  return command(options, terminal);
}

/** The line that an error becomes, and the exit status: 2 for wrong use, 1 for failure. */
export function failureOf(error: unknown): { readonly line: string; readonly status: number } {
  const message = (error as Error).message.split('\n')[0]!;
  if (error instanceof UsageError) return { line: `gtc: ${message}`, status: 2 };
  return { line: GtcError.is(error) ? `gtc: ${message}` : `gtc: unexpected failure: ${message} (run again with --debug and report it)`, status: 1 };
}

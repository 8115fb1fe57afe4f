/** What each command does: text for standard output and an exit status. */
import { GtcError, nearest } from '@gtc/errors';
import { ask, showPattern } from './internal/commands/ask.js';
import { done, type Outcome, type Terminal, versionOf } from './internal/commands/outcome.js';
import { listRecipes, runNamed } from './internal/commands/recipes.js';
import type { Options } from './options.js';
import { HELP, RUN_HELP, UsageError } from './usage.js';

export type { Outcome, Terminal } from './internal/commands/outcome.js';

/** Without a command: a conversation where somebody types, else the help. */
async function greet(_: Options, terminal: Terminal): Promise<Outcome> {
  if (terminal.prompt === null) return done(HELP);
  return (await import('./internal/commands/conversation.js')).converse(terminal, text => process.stdout.write(text));
}

type Command = (options: Options, terminal: Terminal) => Outcome | Promise<Outcome>;

/** What is seldom asked for is loaded when it is. */
const COMMANDS: Readonly<Record<string, Command>> = {
  '': greet,
  oracle: (options, terminal) => (options.text === '' && terminal.prompt !== null ? greet(options, terminal) : ask(options, terminal)),
  show: showPattern,
  run: runNamed,
  recipes: listRecipes,
  index: async (options, terminal) => (await import('./internal/commands/indexing.js')).indexFolders(options, terminal),
  stats: async (options, terminal) => (await import('./internal/commands/indexing.js')).stats(options, terminal),
  verify: async (options, terminal) => (await import('./internal/commands/verify.js')).verify(options, terminal),
  serve: async (options, terminal) => (await import('./internal/commands/servers.js')).serve(options, terminal),
  mcp: async (options, terminal) => (await import('./internal/commands/servers.js')).mcp(options, terminal),
  completion: async options => (await import('./internal/commands/completion.js')).completion(options),
  help: ({ text }) => done(/^run\b/.test(text) ? RUN_HELP : HELP),
  version: () => done(`${versionOf()}\n`),
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

/** The gtc command: ask, show, run and verify machine-learning patterns. */
export { failureOf, type Outcome, runCommand, type Terminal } from './commands.js';
export { type Options, readOptions } from './options.js';
export { HELP, UsageError } from './usage.js';

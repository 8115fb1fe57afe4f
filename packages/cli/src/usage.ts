/** Wrong use of the command line: one line, exit status 2. */

/** The words after `gtc` do not make sense; the message says what would. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** The text of `gtc --help`. */
export const HELP = `gtc: machine-learning patterns in TypeScript, with their proof

Usage
  gtc oracle <question> [options]   the best patterns for a question
  gtc show <name>                   one pattern by its name, in any spelling
  gtc stats                         what the index holds
  gtc help | --help | --version

Options of oracle and show
  --limit <n>      most results (5)
  --domain <name>  only this domain
  --run            run the first example and show its output
  --code           only code to paste
  --json           for programs
  --markdown       for documents
  --explain        why each result ranks
  --debug          a stack with every error

Example
  gtc oracle "how to implement LoRA fine-tuning"
`;

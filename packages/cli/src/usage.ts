/** Wrong use of the command line: one line, exit status 2. */

/** The words after `gtc` do not make sense; the message says what would. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** The text of `gtc --help`. */
export const HELP = `gtc: machine-learning patterns in TypeScript, Python and Rust, with their proof

Usage
  gtc oracle <question>        the best patterns for a question; without one, ask again and again
  gtc oracle index [folders]   index your own sources as well; gtc oracle stats: what is in it
  gtc show <name>              one pattern by its name, in any spelling
  gtc run <recipe>             a whole piece of work (gtc recipes; gtc help run)
  gtc verify [symbol|domain]   how it was proven; replays golden vectors where they are at hand
  gtc serve | gtc mcp [--http] a web page; a server for assistants
  gtc completion <shell>       completes commands in bash, zsh or fish

Options
  --limit <n>, --domain <name> most results (5); only this domain
  --lang <ts,py,rs>            languages whose code is shown (ts)
  --run                        run the example, or the recipe, and show its output
  --code, --json, --markdown   only code to paste; for programs; for documents
  --explain, --debug           why each result ranks; a stack with every error

Example
  gtc oracle "how to implement LoRA fine-tuning" --lang ts,py
`;

/** The text of `gtc help run`. */
export const RUN_HELP = `gtc run: a whole piece of work on this machine; nothing is downloaded

Usage
  gtc run <recipe> [options]        gtc recipes lists them

Options
  --text <file>           the text to work on (one that comes with gtc); for rag also a folder
  --question <words>      what rag is asked
  --out <folder>          what is written (gtc-<recipe>)
  --base <folder>         the base model: config.json, model.safetensors, tokenizer.json
  --steps <n>             steps of training
  --learning-rate <x>     its peak
  --rank <n>, --alpha <n> of the adapter
  --targets <a,b>         names of layers to adapt, or all-linear
  --seed <n>              of weights and order (0)
  --resume                go on from the last checkpoint
  --port <n>              where serve-model listens (4690)
  --json                  for programs

Example
  gtc run lora-finetune --text speech.txt --rank 4 --out tuned
`;

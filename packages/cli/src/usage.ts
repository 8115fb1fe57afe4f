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
  gtc run <recipe> [options]        a whole piece of work, such as lora-finetune
  gtc recipes                       what gtc run knows
  gtc stats                         what the index holds
  gtc help [run] | --version

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

/** The text of `gtc help run`. */
export const RUN_HELP = `gtc run: a whole piece of work on this machine; nothing is downloaded

Usage
  gtc run lora-finetune [options]   adapter, merged model and GGUF from a text
  gtc run pretrain [options]        a tokenizer and a small base model from a text

Options
  --text <file>           the text to train on (one that comes with gtc)
  --out <folder>          what is written (gtc-<recipe>)
  --base <folder>         the base model: config.json, model.safetensors, tokenizer.json
  --steps <n>             steps of training
  --learning-rate <x>     its peak
  --rank <n>, --alpha <n> of the adapter
  --targets <a,b>         names of layers to adapt, or all-linear
  --seed <n>              of weights and order (0)
  --resume                go on from the last checkpoint
  --json                  for programs

Example
  gtc run lora-finetune --text speech.txt --rank 4 --out tuned
`;

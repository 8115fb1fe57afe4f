import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StateError } from '@gtc/errors';
import { hostileText } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf, type Outcome, runCommand, type Terminal } from './commands.js';
import { converse } from './internal/commands/conversation.js';
import { readOptions } from './options.js';
import type { Surroundings } from './recipes.js';
import { HELP, UsageError } from './usage.js';

const plain = (text: string): string => text;
const surroundings: Surroundings = { files, progress: { update: () => {}, log: () => {} }, signal: new AbortController().signal, now: () => performance.now() };
const terminal: Terminal = {
  width: 100,
  style: { strong: plain, code: plain, dim: plain },
  surroundings,
  dataFolder: join(tmpdir(), 'gtc-no-such-folder'),
  embedder: null,
  warn: () => {},
  prompt: null,
};
const gtc = async (...args: string[]): Promise<Outcome> => runCommand(readOptions(args), terminal);

/** What a user sees when a command fails: one line and a status. */
async function failure(...args: string[]): Promise<{ line: string; status: number }> {
  try {
    await gtc(...args);
  } catch (error) {
    return failureOf(error);
  }
  throw new Error('it did not fail');
}

describe('gtc', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']], [['oracle', '--help']]])('%j shows the help, in under 24 lines', async args => {
    expect(await gtc(...args)).toEqual({ stdout: HELP, status: 0 });
    expect(HELP.trimEnd().split('\n').length).toBeLessThan(24);
  });
  it.each([[['--version']], [['-v']], [['version']]])('%j shows the version', async args => {
    expect((await gtc(...args)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
  it('answers the first question with a LoRA pattern', async () => {
    const { stdout, status } = await gtc('oracle', 'how to implement LoRA fine-tuning');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^1\. createLoraConfig {2}@gtc\/training\/lora\n/);
    expect(stdout).toContain("import { createLoraConfig } from '@gtc/training/lora';");
    expect(stdout).toContain('Python   `hf_gtc.training.lora.create_lora_config');
    expect(stdout).toContain('Rust     in practice candle-lora');
    expect(stdout).toContain('Proof');
  });
  it('shows code of each language that is asked for', async () => {
    const { stdout } = await gtc('show', 'createLoraConfig', '--lang', 'py,ts');
    expect(stdout).toContain('from hf_gtc.training.lora import create_lora_config');
    expect(stdout.indexOf('import { createLoraConfig }')).toBeLessThan(stdout.indexOf('from hf_gtc'));
    expect((await gtc('show', 'chunk_document', '--lang', 'rs', '--code')).stdout).toBe('// batuta ground-truth corpus\nuse rag::chunking::chunk_document;\n');
  });
  it('names what goes with a pattern, and the recipe that does all of it', async () => {
    const { stdout } = await gtc('oracle', 'how to implement LoRA fine-tuning', '--limit', '1');
    expect(stdout).toContain('Related  ');
    expect(stdout).toMatch(/All of it, on this machine: gtc run lora-finetune\n$/);
  });
  it('joins an unquoted question', async () => {
    expect((await gtc('oracle', 'roc', 'auc', '--limit', '1')).stdout).toContain('rocAucScore');
  });
  it('speaks JSON', async () => {
    const results = JSON.parse((await gtc('oracle', 'f1 score', '--json', '--limit', '2', '--domain', 'evaluation')).stdout);
    expect(results).toHaveLength(2);
    expect(results[0]).toMatchObject({ name: 'f1Score', specifier: '@gtc/evaluation/metrics', why: { exact: true } });
  });
  it('prints code and Markdown', async () => {
    expect((await gtc('show', 'f1_score', '--code')).stdout).toMatch(/^import \{ f1Score \} from '@gtc\/evaluation\/metrics';\n/);
    expect((await gtc('show', 'f1Score', '--markdown')).stdout).toMatch(/^## f1Score/);
    expect((await gtc('show', 'f1Score', '--explain')).stdout).toContain('exact name');
  });
  it('runs the first example', async () => {
    const { stdout, status } = await gtc('show', 'mergeLora', '--run');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Output\n {3}\[ \[ 5, 4 \], \[ 0, 1 \] \]\n$/);
    expect(JSON.parse((await gtc('oracle', 'merge lora', '--run', '--json')).stdout)).toMatchObject({ name: 'mergeLora', status: 0 });
  });
  it('keeps to the domain and the limit that are asked for', async () => {
    const results = JSON.parse((await gtc('oracle', 'random numbers seed', '--json', '--limit', '50')).stdout) as { domain: string }[];
    expect(results.length).toBeGreaterThan(5);
    const only = JSON.parse((await gtc('oracle', 'config of lora', '--json', '--limit', '50', '--domain', 'training')).stdout) as { domain: string }[];
    expect(new Set(only.map(({ domain }) => domain))).toEqual(new Set(['training']));
    expect((await gtc('oracle', 'f1', '--limit', '1')).stdout).not.toContain('\n2. ');
    expect((await gtc('oracle', 'f1', '--limit', '1')).stdout).not.toContain('Why');
    expect((await gtc('stats')).stdout).toMatch(/\nerrors +\d+ +\d+\nevaluation +\d+ +\d+\n/);
  });
  it('counts what the index holds', async () => {
    const { domains, patterns } = JSON.parse((await gtc('stats', '--json')).stdout);
    expect(domains.reduce((sum: number, row: { patterns: number }) => sum + row.patterns, 0)).toBe(patterns);
    const text = (await gtc('oracle', 'stats')).stdout;
    expect(text).toMatch(/^domain\s+modules\s+patterns\n/);
    expect(text).toMatch(/\nlanguages {6}TypeScript \d+\nvocabulary {5}\d+ words\nsize {11}[\d.]+ MiB\nage {12}\d+ (minutes|hours|days)\nown folders {4}none/);
  });
});

describe('gtc recipes', () => {
  it('lists, filters and shows', async () => {
    expect((await gtc('recipes')).stdout).toMatch(/^lora-finetune {2}adapt a model to a text by LoRA/);
    expect(JSON.parse((await gtc('recipes', '--tag', 'pre-training', '--json')).stdout)).toMatchObject([
      { name: 'pretrain', tags: ['pre-training', 'tokenizer', 'language-model'] },
    ]);
    expect(JSON.parse((await gtc('recipes', '--domain', 'deployment', '--json')).stdout).length).toBeGreaterThan(1);
    expect((await gtc('recipes', 'lora-finetune')).stdout).toContain('run it   gtc run lora-finetune');
    expect(JSON.parse((await gtc('recipes', 'pretrain', '--json')).stdout)).toMatchObject({ name: 'pretrain' });
  });
});

describe('gtc completion', () => {
  it.each([
    ['bash', 'complete -o default -F _gtc gtc'],
    ['zsh', 'compdef _gtc gtc'],
    ['fish', 'complete -c gtc -l limit'],
  ])('writes a script for %s', async (shell, line) => {
    const { stdout } = await gtc('completion', shell);
    expect(stdout).toContain(line);
    expect(stdout).toContain('lora-finetune pretrain');
  });
});

describe('a conversation', () => {
  /** What is written when these lines are typed. */
  async function conversation(...lines: (string | null)[]): Promise<string> {
    let written = '';
    const left = [...lines];
    await converse({ ...terminal, prompt: async () => left.shift() ?? null }, text => {
      written += text;
    });
    return written;
  }
  it('lists answers, shows the one that is chosen, ends with an empty line', async () => {
    const written = await conversation('roc auc', '1', '9', '');
    expect(written).toMatch(/^Ask in plain words; a number shows that answer whole, an empty line ends\.\n1\. rocAucScore {2}@gtc\/evaluation\/metrics\n/);
    expect(written).toContain('function rocAucScore(');
  });
  it('says when nothing matches, and ends with the input', async () => {
    expect(await conversation('qqqqqqqqq', null)).toContain('Nothing matches; ask with other words.\n');
  });
  it('begins where somebody types and no question was asked', async () => {
    const typed = { ...terminal, prompt: async () => null };
    expect(await runCommand(readOptions(['oracle']), typed)).toEqual({ stdout: '', status: 0 });
    expect(await runCommand(readOptions([]), typed)).toEqual({ stdout: '', status: 0 });
  });
});

describe('wrong use', () => {
  it.each([
    [['orcale', 'x'], "gtc: unknown command 'orcale'; did you mean oracle?"],
    [['zzzzzzzzz'], "gtc: unknown command 'zzzzzzzzz'; see gtc --help"],
    [['__proto__'], "gtc: unknown command '__proto__'; see gtc --help"],
    [['oracle'], 'gtc: oracle needs a question: gtc oracle "how to implement LoRA fine-tuning"'],
    [['oracle', '  '], 'gtc: oracle needs a question: gtc oracle "how to implement LoRA fine-tuning"'],
    [['show'], 'gtc: show needs a name: gtc show f1Score'],
    [['oracle', 'x', '--limt', '3'], 'gtc: unknown option --limt; did you mean --limit?'],
    [['oracle', 'x', '--zzzzzzz'], 'gtc: unknown option --zzzzzzz'],
    [['oracle', 'x', '--limit', '0'], "gtc: --limit must be an integer from 1 to 1000, got '0'"],
    [['oracle', 'x', '--limit', 'many'], "gtc: --limit must be an integer from 1 to 1000, got 'many'"],
    [['oracle', 'x', '--limit'], "gtc: Option '--limit <value>' argument missing"],
    [['oracle', 'x', '--json', '--code'], 'gtc: choose one of --code, --json'],
    [['oracle', 'x', '--lang', 'js'], "gtc: --lang must be some of ts, py, rs with commas between them, got 'js'"],
    [['serve', '--port', '70000'], "gtc: --port must be an integer from 0 to 65535, got '70000'"],
    [['serve', '--port', 'x'], "gtc: --port must be an integer from 0 to 65535, got 'x'"],
  ])('%j: one line, status 2', async (args, line) => {
    expect(await failure(...args)).toEqual({ line, status: 2 });
  });
});

describe('failure', () => {
  it.each([
    [['oracle', 'qqqqqqqq'], /^gtc: nothing in the index matches; ask in English with other words/],
    [['oracle', 'f1', '--domain', 'evalution'], /^gtc: unknown domain 'evalution'; did you mean 'evaluation'\?$/],
    [['show', 'f1Scor'], /^gtc: unknown pattern 'f1Scor'; did you mean 'f1Score'\?$/],
    [['oracle', '机器学习'], /^gtc: nothing in the index matches; ask in English with other words/],
    [['recipes', 'lora-finetun'], /^gtc: unknown recipe 'lora-finetun'; did you mean 'lora-finetune'\?$/],
    [['recipes', '--tag', 'lor'], /^gtc: unknown tag 'lor'; did you mean 'lora'\?$/],
    [['recipes', '--domain', 'trainin'], /^gtc: unknown domain 'trainin'; did you mean 'training'\?$/],
    [['completion', 'fsh'], /^gtc: unknown shell 'fsh'; did you mean '(zsh|fish)'\?$/],
    [['verify', 'f1Scor'], /^gtc: unknown symbol or domain 'f1Scor'; did you mean 'f1Score'\?$/],
    [['verify', 'f1Score', '--evidence', '/no/such/folder'], /^gtc: there is no folder \/no\/such\/folder$/],
    [['oracle', 'index', '/no/such/folder'], /^gtc: there is no folder \/no\/such\/folder$/],
  ])('%j: one line, status 1', async (args, line) => {
    const seen = await failure(...args);
    expect(seen.status).toBe(1);
    expect(seen.line).toMatch(line);
  });
  it('is one line for typed and for unexpected errors', () => {
    expect(failureOf(new StateError('closed\nmore'))).toEqual({ line: 'gtc: closed', status: 1 });
    expect(failureOf(new UsageError('wrong'))).toEqual({ line: 'gtc: wrong', status: 2 });
    expect(failureOf(new TypeError('x is undefined'))).toEqual({
      line: 'gtc: unexpected failure: x is undefined (run again with --debug and report it)',
      status: 1,
    });
  });
  it('never escapes for hostile questions', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), async text => {
        const outcome = await gtc('oracle', '--', text).catch(error => failureOf(error));
        return outcome.status < 3;
      }),
      { numRuns: 30 },
    );
  });
});

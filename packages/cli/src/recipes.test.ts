import { spawn } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGguf } from '@gtc/deployment/gguf';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { loadModel } from '@gtc/models/architectures';
import { Tokenizer } from '@gtc/preprocessing/tokenization';
import { loadAdapter } from '@gtc/training/lora';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, runCommand } from './commands.js';
import { BASE_MODEL, MOBY_DICK } from './internal/recipes/data.js';
import { promptOf } from './internal/recipes/language-model.js';
import { lossRow } from './internal/recipes/report.js';
import { readOptions } from './options.js';
import type { Surroundings } from './recipes.js';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const plain = (text: string): string => text;
/** Three chapters' worth of text. */
let text: string;
/** A base model of two steps. */
let base: string;

const quiet: Surroundings = { files: fs, progress: { update: () => {}, log: () => {} }, signal: new AbortController().signal, now: () => performance.now() };

async function gtc(args: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<string> {
  const style = { strong: plain, code: plain, dim: plain };
  const terminal = { width: 100, style, surroundings: { ...quiet, ...surroundings }, dataFolder: at('data'), embedder: null, warn: () => {}, prompt: null };
  return (await runCommand(readOptions(args), terminal)).stdout;
}

const failure = async (args: readonly string[], surroundings: Partial<Surroundings> = {}): Promise<string> =>
  gtc(args, surroundings).then(
    () => 'it did not fail',
    error => failureOf(error).line,
  );
const bytesOf = async (...names: string[]): Promise<Uint8Array> => new Uint8Array(await fs.readFile(at(...names)));
const jsonOf = async (...names: string[]): Promise<Record<string, unknown>> => JSON.parse(await fs.readFile(at(...names), 'utf8'));
const tune = (...more: string[]): string[] => ['run', 'lora-finetune', '--base', base, '--text', text, '--steps', '4', ...more];

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'gtc-recipes-'));
  text = at('text.txt');
  await fs.writeFile(text, (await fs.readFile(MOBY_DICK, 'utf8')).slice(0, 24_000));
  base = at('base');
  await gtc(['run', 'pretrain', '--text', text, '--steps', '2', '--out', base]);
}, 60_000);
afterAll(() => fs.rm(folder, { recursive: true }));

describe('gtc run pretrain', () => {
  it('writes a model that transformers reads, and what was done', async () => {
    expect((await fs.readdir(base)).sort()).toEqual(['config.json', 'model.safetensors', 'summary.json', 'tokenizer.json', 'tokenizer_config.json']);
    const summary = await jsonOf('base', 'summary.json');
    expect(summary).toMatchObject({ recipe: 'pretrain', steps: 2, tokens: { vocabulary: 1024 }, lossCurve: [{ step: 1 }, { step: 2 }] });
    const config = await jsonOf('base', 'config.json');
    expect(config).toMatchObject({ model_type: 'llama', dtype: 'float16', vocab_size: 1024 });
    const { tensors } = readSafetensors(await bytesOf('base', 'model.safetensors'));
    expect([tensors.get('model.embed_tokens.weight')!.dtype, tensors.has('lm_head.weight')]).toEqual(['F16', false]);
    expect(await fs.readdir(folder)).not.toContain('base.checkpoints');
  });
  it('the base model that comes along is what its recipe says, and no larger than 3 MB', async () => {
    const summary = JSON.parse(await fs.readFile(join(BASE_MODEL, 'summary.json'), 'utf8')) as { perplexity: number; lossCurve: { loss: number }[] };
    expect(summary.lossCurve.at(-1)!.loss).toBeLessThan(summary.lossCurve[0]!.loss);
    expect((await fs.stat(join(BASE_MODEL, 'model.safetensors'))).size).toBeLessThan(3e6);
    const told = JSON.parse(await gtc(['run', 'lora-finetune', '--steps', '1', '--text', text, '--out', at('shipped'), '--json'])) as {
      before: { perplexity: number };
    };
    // It has read this part of the text.
    expect(told.before.perplexity).toBeLessThan(summary.perplexity);
  });
});

describe('gtc run lora-finetune', () => {
  it('writes adapter, merged model and GGUF files that agree', async () => {
    const told = JSON.parse(await gtc(tune('--out', at('tuned'), '--rank', '4', '--learning-rate', '0.02', '--json')));
    expect(told).toMatchObject({ recipe: 'lora-finetune', steps: 4, adapter: { rank: 4, alpha: 16 } });
    expect(told.after.perplexity).toBeLessThan(told.before.perplexity);
    expect(told.files).toContain('gguf/model-q4_0.gguf');
    const config = await jsonOf('base', 'config.json');
    const model = loadModel(config, readSafetensors(await bytesOf('base', 'model.safetensors')).tensors);
    loadAdapter(model, {
      config: await jsonOf('tuned', 'adapter', 'adapter_config.json'),
      tensors: readSafetensors(await bytesOf('tuned', 'adapter', 'adapter_model.safetensors')).tensors,
    });
    const merged = loadModel(await jsonOf('tuned', 'merged', 'config.json'), readSafetensors(await bytesOf('tuned', 'merged', 'model.safetensors')).tensors);
    const inputs = { inputIds: [told.prompt.tokens] };
    const [a, b] = [model, merged].map(each => (each.forward(inputs).logits!.tolist() as number[][][])[0]!.flat());
    expect(Math.max(...a!.map((value, i) => Math.abs(value - b![i]!)))).toBeLessThan(1e-5);
    expect(merged.generate(inputs, { maxNewTokens: 40, eosTokenId: null }).sequences[0]).toEqual([...told.prompt.tokens, ...told.after.tokens]);
    const file = readGguf(await bytesOf('tuned', 'gguf', 'model-f16.gguf'));
    expect([...Tokenizer.fromGguf(file.metadata).encodeIds(told.prompt.text)]).toEqual(told.prompt.tokens);
  });
  it('says so to people, takes the place of an earlier run, and shows how far it is', async () => {
    const lines: string[] = [];
    const update = (line: string): void => void lines.push(line);
    for (const alpha of ['8', '32'])
      expect(await gtc(tune('--out', at('again'), '--targets', 'all-linear', '--alpha', alpha), { progress: { update, log: update } })).toMatch(
        /^LoRA fine-tuning on text\.txt, done in [\d.]+ s\n[\s\S]*perplexity +[\d.]+ -> [\d.]+[\s\S]*adapter\/adapter_model\.safetensors +[\d.]+ kB\n/,
      );
    expect((await jsonOf('again', 'summary.json'))['adapter']).toMatchObject({ alpha: 32, targets: ['all-linear'] });
    expect(lines).toContainEqual(expect.stringMatching(/^fine-tune █{12}░{12} {2}50 % {2}step 2\/4 {2}loss \d\.\d{3} {2}\d+ s left$/));
    expect((await fs.readdir(folder)).filter(name => name.startsWith('.') || name.includes('checkpoints'))).toEqual([]);
  });
  it('goes on where it was stopped, to the same bytes', async () => {
    await gtc(tune('--out', at('whole')));
    const stop = new AbortController();
    const update = (line: string): void => void (line.includes('step 2/4') && stop.abort());
    expect(await failure(tune('--out', at('part')), { signal: stop.signal, progress: { update, log: () => {} } })).toBe(
      'gtc: stopped after step 2 of 4; the same command with --resume goes on',
    );
    expect(await fs.readdir(folder)).not.toContain('part');
    const steps: string[] = [];
    await gtc(tune('--out', at('part'), '--resume'), { progress: { update: line => void steps.push(line), log: () => {} } });
    expect(steps).toHaveLength(2);
    for (const name of ['adapter/adapter_model.safetensors', 'merged/model.safetensors', 'gguf/model-q8_0.gguf'])
      expect(Buffer.compare(await bytesOf('part', name), await bytesOf('whole', name))).toBe(0);
  });
  it('is what the question asks for', async () => {
    const out = await gtc(['oracle', 'how to implement LoRA fine-tuning', '--run', '--base', base, '--text', text, '--steps', '1', '--out', at('asked')]);
    expect(out).toMatch(/^LoRA fine-tuning on text\.txt/);
    expect(await gtc(['oracle', 'How do I fine-tune with LoRA?'])).toMatch(/\nAll of it, on this machine: gtc run lora-finetune\n$/);
    expect(await gtc(['oracle', 'f1 score'])).not.toContain('gtc run');
    expect(await gtc(['recipes'])).toMatch(/^lora-finetune +adapt [\s\S]*\npretrain +train /);
    expect(JSON.parse(await gtc(['recipes', '--json'])).map(({ name }: { name: string }) => name)).toEqual([
      'lora-finetune',
      'pretrain',
      'evaluate',
      'quantize',
      'rag',
      'serve-model',
    ]);
    expect(await gtc(['run', '--help'])).toMatch(/^gtc run: /);
  });
});

describe('lossRow', () => {
  it('has both ends of the curve, where there is one', () => {
    expect(lossRow([{ loss: 2 }, { loss: 1.5 }, { loss: 1 }], 30)).toBe('  loss          2.000 -> 1.000 in 30 steps');
    expect(lossRow([], 30)).toBe('  loss          unknown in 30 steps');
  });
});

describe('promptOf', () => {
  it('begins a sentence where there is one', async () => {
    const tokenizer = Tokenizer.fromJson(await fs.readFile(join(base, 'tokenizer.json'), 'utf8'));
    const prompt = (held: string): string => {
      const ids = [...tokenizer.encodeIds(held)];
      return tokenizer.decode(promptOf(tokenizer, { train: [], heldOut: [ids] }));
    };
    const sentence = 'The whale swam away from the boats and was not seen again';
    expect(prompt(`and so on. ${sentence}. No more.`)).toBe('The whale swam away from the');
    const words = 'no sentence begins in a text that has no end at all, only words';
    expect(words.startsWith(prompt(words))).toBe(true);
  });
});

describe('wrong input is one line, and leaves nothing behind', () => {
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    await fs.mkdir(join(at(name), '..'), { recursive: true });
    await fs.writeFile(at(name), content);
    return at(name);
  };
  /** The base with one file changed. */
  const changed = async (name: string, content: string | Uint8Array): Promise<string[]> => {
    await fs.cp(base, at('odd'), { recursive: true });
    await file(join('odd', name), content);
    return ['run', 'lora-finetune', '--base', at('odd'), '--text', text, '--out', at('none')];
  };
  it.each<[string, () => Promise<string[]> | string[], RegExp]>([
    [
      'no recipe',
      () => ['run'],
      /^gtc: run needs a recipe: gtc run lora-finetune, gtc run pretrain, gtc run evaluate, gtc run quantize, gtc run rag, gtc run serve-model$/,
    ],
    ['another recipe', () => ['run', 'lora-finetun'], /^gtc: unknown recipe 'lora-finetun'; did you mean 'lora-finetune'\?$/],
    [
      'no text',
      async () => tune('--text', await file('empty.txt', ''), '--out', at('none')),
      /empty\.txt is too short: at least 1280 tokens are needed, it has 0$/,
    ],
    ['a line', async () => tune('--text', await file('line.txt', 'One line.\n'), '--out', at('none')), /line\.txt is too short: at least 1280 tokens/],
    ['bytes', async () => tune('--text', await file('bytes.txt', Uint8Array.of(0xff, 0xfe)), '--out', at('none')), /bytes\.txt must be UTF-8 text$/],
    ['a path to nothing', () => tune('--text', at('nothing.txt')), /^gtc: cannot read \S+nothing\.txt: there is no such file$/],
    ['a folder', () => tune('--text', folder), /^gtc: cannot read \S+: it is a folder$/],
    [
      'a rank too large',
      () => tune('--rank', '200', '--out', at('none')),
      /rank must be at most 128, the smaller side of model\.layers\.0\.self_attn\.q_proj, got 200$/,
    ],
    ['targets of nothing', () => tune('--targets', 'query', '--out', at('none')), /targetModules match no layer, got query; the model has mlp\.down_proj, /],
    ['no base', () => tune('--base', at('nothing')), /^gtc: cannot read \S+nothing\/config\.json: there is no such file$/],
    ['half a config', () => changed('config.json', '{"model_type":'), /^gtc: \S+config\.json: Unexpected end of JSON input$/],
    ['a folder of a root that is a file', () => tune('--out', '/dev/null/x'), /^gtc: cannot write \/dev\/null\/x: part of the path is a file$/],
    ['a list for a config', () => changed('config.json', '[]'), /^gtc: \S+config\.json: it must hold an object$/],
    ['a config without sizes', () => changed('config.json', '{"model_type":"llama"}'), /^gtc: \S+odd: config\.hidden_size must be a positive integer/],
    [
      'another vocabulary',
      async () =>
        changed(
          'tokenizer.json',
          JSON.stringify({
            ...(await jsonOf('base', 'tokenizer.json')),
            added_tokens: [{ id: 2000, content: '<x>', special: true, single_word: false, lstrip: false, rstrip: false, normalized: false }],
          }),
        ),
      /tokenizer\.json/,
    ],
    [
      'truncated weights',
      async () => changed('model.safetensors', (await bytesOf('base', 'model.safetensors')).slice(0, 9999)),
      /^gtc: \S+model\.safetensors: safetensors: /,
    ],
    [
      'a folder of something else',
      async () => [...tune(), '--out', join(await file('mine/letter.txt', 'x'), '..')],
      /mine holds something else; choose another folder with --out$/,
    ],
    ['a file in the way', async () => tune('--out', await file('way', 'x')), /^gtc: cannot write \S+way: part of the path is a file$/],
    ['a place that the system does not have', () => tune('--out', '/proc/none/tuned'), /^gtc: cannot make the folder \/proc\/none$/],
    ['steps of none', () => tune('--steps', '0'), /^gtc: --steps must be a positive integer, got '0'$/],
    ['a rate of words', () => tune('--learning-rate', 'fast'), /^gtc: --learning-rate must be a number above 0, got 'fast'$/],
    ['a seed below zero', () => tune('--seed=-1'), /^gtc: --seed must be an integer from 0, got '-1'$/],
    ['a target without a name', () => tune('--targets', 'q_proj,'), /^gtc: --targets must be names with commas between them, got 'q_proj,'$/],
    ['an empty path', () => tune('--out', ''), /^gtc: --out must name a path, got ''$/],
  ])('%s', async (_, args, line) => {
    expect(await failure(await args())).toMatch(line);
    await fs.rm(at('odd'), { recursive: true, force: true });
    expect((await fs.readdir(folder)).filter(name => name.startsWith('.') || name === 'none')).toEqual([]);
  });
  it.each([
    ['ENOSPC', 'no space left on the disk'],
    ['EACCES', 'permission denied'],
    ['EIO', 'EIO'],
  ])('a disk that answers %s', async (code, reason) => {
    for (const spared of ['checkpoints', 'nothing']) {
      const open: Surroundings['files']['open'] = async (path, flags) => {
        if (String(path).includes(spared)) return fs.open(path, flags);
        throw Object.assign(new Error(code), { code });
      };
      expect(await failure(tune('--out', at('full')), { files: { ...fs, open } })).toMatch(new RegExp(`^gtc: cannot write \\S+full\\S*: ${reason}$`));
      const left = await fs.readdir(folder);
      expect(left.filter(name => name.startsWith('.') || name === 'full')).toEqual([]);
    }
    await fs.rm(at('full.checkpoints'), { recursive: true, force: true });
  });
});

describe('the process', () => {
  it('stops at the first interruption, in one line', async () => {
    const main = join(import.meta.dirname, '..', 'dist', 'main.js');
    const child = spawn(process.execPath, [main, ...tune('--out', at('stopped'), '--steps', '100')]);
    let said = '';
    child.stderr.on('data', chunk => {
      said += chunk;
      if (/step \d+\/100/.test(said) && !child.killed) child.kill('SIGINT');
    });
    const status = await new Promise(resolve => child.on('close', resolve));
    expect(status).toBe(1);
    expect(said).toMatch(/\ngtc: stopped after step \d+ of 100; the same command with --resume goes on\n$/);
    expect(await fs.readdir(folder)).not.toContain('stopped');
    await fs.rm(at('stopped.checkpoints'), { recursive: true, force: true });
  }, 60_000);
});

import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGguf } from '@gtc/deployment/gguf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, runCommand } from './commands.js';
import { makeTerminal } from './internal/commands/commands.fixture.js';
import { BASE_MODEL, STATE_OF_THE_UNION } from './internal/recipes/data.js';
import { readOptions } from './options.js';
import { recipeFor } from './recipes.js';

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const run = async (...args: string[]): Promise<string> => (await runCommand(readOptions(['run', ...args]), makeTerminal(at('data')))).stdout;
const jsonOf = async (...args: string[]): Promise<Record<string, never>> => JSON.parse(await run(...args, '--json'));
const failure = async (...args: string[]): Promise<string> =>
  run(...args).then(
    () => 'it did not fail',
    error => failureOf(error).line,
  );

beforeAll(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'gtc-texts-'));
  await fs.mkdir(at('notes', 'deep'), { recursive: true });
  await fs.mkdir(at('notes', '.hidden'));
  await fs.writeFile(at('notes', 'bread.md'), 'Bread rises by yeast. Salt slows the yeast down. An oven of 230 degrees bakes it in forty minutes.');
  await fs.writeFile(at('notes', 'deep', 'beer.txt'), 'Beer is brewed from malt. Hops make it bitter. Yeast turns sugar into alcohol.');
  await fs.writeFile(at('notes', '.hidden', 'secret.txt'), 'Nobody reads about salt here.');
  await fs.writeFile(at('notes', 'picture.png'), 'no text');
  await fs.mkdir(at('empty'));
  await fs.writeFile(at('blank.txt'), '  \n');
  await fs.writeFile(at('text.txt'), (await fs.readFile(STATE_OF_THE_UNION, 'utf8')).slice(0, 12_000));
  await fs.writeFile(at('short.txt'), (await fs.readFile(STATE_OF_THE_UNION, 'utf8')).slice(0, 6000));
});
afterAll(() => fs.rm(folder, { recursive: true }));

describe('gtc run rag', () => {
  it('finds the passage and the sentence of a folder', async () => {
    const out = at('rag');
    const text = await run('rag', '--text', at('notes'), '--question', 'what does salt do to yeast?', '--out', out);
    expect(text).toContain('sentence      Salt slows the yeast down.');
    expect(text).toContain('1. bread.md at 0: Bread rises');
    expect((await fs.readdir(out)).sort()).toEqual(['passages.jsonl', 'prompt.txt', 'summary.json']);
    const prompt = await fs.readFile(join(out, 'prompt.txt'), 'utf8');
    expect(prompt).toMatch(/^Answer the question from the passages alone/);
    expect(prompt).toMatch(/\[1\] bread\.md\nBread rises.*\n\nQuestion: what does salt do to yeast\?\nAnswer:\n$/s);
  });
  it('tells where each passage is from', async () => {
    const { found, files } = await jsonOf('rag', '--text', at('notes'), '--question', 'bitter hops', '--out', at('rag-json'));
    expect(files).toBe(2);
    expect((found as unknown as { file: string }[])[0]!.file).toBe(join('deep', 'beer.txt'));
  });
  it('reads a file alone', async () => {
    expect(await jsonOf('rag', '--text', at('notes', 'bread.md'), '--question', 'oven', '--out', at('rag-one'))).toMatchObject({
      files: 1,
      found: [{ file: 'bread.md' }],
    });
  });
  it.each<[string[], RegExp]>([
    [['--question', 'how do I'], /^gtc: --question must ask for something, got 'how do I'$/],
    [['--question', 'oven', '--text', 'NOWHERE'], /^gtc: cannot read .*NOWHERE: there is no such file$/],
    [['--question', 'oven', '--text', 'EMPTY'], /^gtc: no text files in .*; looked for \.txt, \.md/],
    [['--question', 'oven', '--text', 'BLANK'], /^gtc: .*blank\.txt holds no text$/],
    [['--question', 'zzzzqqqq', '--text', 'NOTES'], /^gtc: nothing in .*notes has to do with the question$/],
  ])('%j: one line', async (args, line) => {
    const places: Record<string, string> = { NOWHERE: at('NOWHERE'), EMPTY: at('empty'), BLANK: at('blank.txt'), NOTES: at('notes') };
    expect(await failure('rag', '--out', at('never'), ...args.map(arg => places[arg] ?? arg))).toMatch(line);
    expect(await fs.readdir(folder)).not.toContain('never');
  });
});

describe('gtc run evaluate', () => {
  it('measures a model on the end of a text', async () => {
    const report = await jsonOf('evaluate', '--text', at('text.txt'), '--out', at('evaluated'));
    expect(report).toMatchObject({ recipe: 'evaluate', base: { path: BASE_MODEL, modelType: 'llama' }, files: ['summary.json'] });
    const { perplexity, interval, accuracy, accuracyAt5, calibrationError } = report as unknown as Record<string, number> & {
      interval: { low: number; high: number };
    };
    expect(perplexity).toBeGreaterThan(1);
    expect(interval.low).toBeLessThanOrEqual(perplexity!);
    expect(interval.high).toBeGreaterThanOrEqual(perplexity!);
    expect(accuracyAt5).toBeGreaterThan(accuracy!);
    expect(calibrationError).toBeLessThan(1);
    const task = report['task'] as unknown as Record<string, unknown>;
    expect(task).toMatchObject({ name: 'agreement', accuracy: expect.closeTo(0.5, 0), documents: expect.any(Number) });
    expect([task['promptHash'], task['tokenizerHash']]).toEqual([expect.stringMatching(/^[\da-f]{16}$/), expect.stringMatching(/^[\da-f]{16}$/)]);
  }, 60_000);
  it('reads well', async () => {
    const text = await run('evaluate', '--text', at('text.txt'), '--out', at('evaluated-text'));
    expect(text).toMatch(/\n {2}perplexity {4}[\d.]+ \(95 % of resampled windows: [\d.]+ to [\d.]+\)\n/);
    expect(text).toMatch(/\n {2}agreement {5}[\d.]+ ± [\d.]+ % of \d+ verbs right \(prompt [\da-f]{16}, tokenizer [\da-f]{16}\)\n/);
  }, 60_000);
  it('gives no wider interval than the mean where a single window is held out', async () => {
    const { interval, perplexity, tokens } = await jsonOf('evaluate', '--text', at('short.txt'), '--out', at('evaluated-short'));
    expect([tokens, interval]).toEqual([128, { level: 0.95, low: perplexity, high: perplexity }]);
  }, 60_000);
  it('says when the text is too short', async () => {
    expect(await failure('evaluate', '--text', at('notes', 'bread.md'), '--out', at('never'))).toMatch(/is too short: at least \d+ tokens are needed/);
  });
});

describe('gtc run quantize', () => {
  it('writes files of fewer bits, each with what it costs', async () => {
    const report = await jsonOf('quantize', '--text', at('text.txt'), '--out', at('quantized'));
    const types = report['types'] as unknown as { type: string; bytes: number; error: number; perplexity: number | null }[];
    expect(types.map(({ type }) => type)).toEqual(['F16', 'Q8_0', 'Q6_K', 'Q5_K_M', 'Q4_K_M', 'Q4_0']);
    expect(types.every(({ bytes }, i) => i === 0 || bytes <= types[i - 1]!.bytes)).toBe(true);
    expect(types[0]!.error).toBeLessThan(1e-3);
    expect(types.at(-1)!.error).toBeGreaterThan(types[1]!.error);
    expect(types.find(({ type }) => type === 'Q8_0')!.perplexity).toBeCloseTo(report['perplexity'] as unknown as number, 0);
    const file = new Uint8Array(await fs.readFile(at('quantized', 'model-q4_0.gguf')));
    expect(readGguf(file).metadata.get('general.architecture')).toBe('llama');
  }, 60_000);
  it('reads well', async () => {
    const text = await run('quantize', '--text', at('text.txt'), '--out', at('quantized-text'));
    expect(text).toMatch(/\n {2}Q4_0 {10}[\d.]+ bits a weight, [\d.]+ % off, perplexity [\d.]+\n/);
    expect(text).toContain('Run one: llama-cli -m ');
  }, 60_000);
});

describe('recipeFor', () => {
  it.each([
    ['how to implement LoRA fine-tuning', 'lora-finetune'],
    ['pretrain a model', 'pretrain'],
    ['perplexity of a language model', 'evaluate'],
    ['export to GGUF for llama.cpp', 'quantize'],
    ['answer questions over my own files', 'rag'],
    ['area under the curve', undefined],
  ])('%s -> %s', (question, name) => {
    expect(recipeFor(question)?.name).toBe(name);
  });
});

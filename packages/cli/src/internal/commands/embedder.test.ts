import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@gtc/deployment/safetensors';
import { type Tensor, tensor } from '@gtc/tensor';
import { PythonRandom } from '@gtc/tensor/random';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, runCommand } from '../../commands.js';
import { readOptions } from '../../options.js';
import { makeTerminal } from './commands.fixture.js';
import { sentenceEncoder } from './embedder.js';

const [HIDDEN, INNER] = [8, 16];
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'merge', 'adapter', 'metric', 'low', 'rank', ','];
let folder: string;
const at = (...names: string[]): string => join(folder, ...names);

/** Weights of a BERT of one layer, drawn from a seed. */
function weights(positions = 512): Record<string, Tensor> {
  const random = new PythonRandom(1);
  const drawn = (...shape: number[]): Tensor =>
    tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.gauss(0, 0.5))).reshape(shape);
  const norm = (name: string): Record<string, Tensor> => ({ [`${name}.LayerNorm.weight`]: drawn(HIDDEN), [`${name}.LayerNorm.bias`]: drawn(HIDDEN) });
  const dense = (name: string, outputs: number, inputs: number): Record<string, Tensor> => ({
    [`${name}.weight`]: drawn(outputs, inputs),
    [`${name}.bias`]: drawn(outputs),
  });
  const layer = 'encoder.layer.0';
  return {
    'embeddings.word_embeddings.weight': drawn(WORDS.length, HIDDEN),
    'embeddings.position_embeddings.weight': drawn(positions, HIDDEN),
    'embeddings.token_type_embeddings.weight': drawn(2, HIDDEN),
    ...norm('embeddings'),
    ...Object.assign({}, ...['query', 'key', 'value'].map(name => dense(`${layer}.attention.self.${name}`, HIDDEN, HIDDEN))),
    ...dense(`${layer}.attention.output.dense`, HIDDEN, HIDDEN),
    ...norm(`${layer}.attention.output`),
    ...dense(`${layer}.intermediate.dense`, INNER, HIDDEN),
    ...dense(`${layer}.output.dense`, HIDDEN, INNER),
    ...norm(`${layer}.output`),
    ...dense('pooler.dense', HIDDEN, HIDDEN),
  };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gtc-embedder-'));
  mkdirSync(at('model'));
  const config = {
    architectures: ['BertModel'],
    model_type: 'bert',
    hidden_size: HIDDEN,
    intermediate_size: INNER,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    vocab_size: WORDS.length,
    max_position_embeddings: 512,
    type_vocab_size: 2,
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    pad_token_id: 0,
  };
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: { type: 'Lowercase' },
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '[UNK]' },
  };
  writeFileSync(at('model', 'config.json'), JSON.stringify(config));
  writeFileSync(at('model', 'tokenizer.json'), JSON.stringify(tokenizer));
  writeFileSync(at('model', 'model.safetensors'), writeSafetensors(weights()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('sentenceEncoder', () => {
  it('gives vectors of unit length, the same each time', () => {
    const encoder = sentenceEncoder(at('model'));
    const vector = encoder.embed('merge adapter')!;
    expect([encoder.dimensions, vector.length]).toEqual([HIDDEN, HIDDEN]);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(encoder.embed('merge adapter')).toEqual(vector);
    expect(encoder.embed('low rank metric')).not.toEqual(vector);
    expect(encoder.embed('')).toBeNull();
  });
  it('pools as the folder says', () => {
    cpSync(at('model'), at('first'), { recursive: true });
    mkdirSync(at('first', '1_Pooling'));
    writeFileSync(at('first', '1_Pooling', 'config.json'), '{"pooling_mode_cls_token": true}');
    const [mean, first] = [sentenceEncoder(at('model')), sentenceEncoder(at('first'))];
    expect(first.embed('merge adapter')).not.toEqual(mean.embed('merge adapter'));
    expect(first.embed('merge')!.map(value => Math.fround(value))).toEqual(mean.embed('merge')!.map(value => Math.fround(value)));
  });
  it.each([
    ['merge adapter', 'adapter merge'],
    ['low', 'rank'],
  ])('tells %s from %s', (one, other) => {
    const encoder = sentenceEncoder(at('model'));
    const [a, b] = [encoder.embed(one)!, encoder.embed(other)!];
    expect(a.reduce((sum, value, i) => sum + value * b[i]!, 0)).toBeLessThan(0.99999);
  });
  it('tells texts apart by their words alone', () => {
    const encoder = sentenceEncoder(at('model'));
    expect(encoder.embed('LOW rank')).toEqual(encoder.embed('low RANK'));
  });
  it('reads a text no longer than the model', () => {
    expect(sentenceEncoder(at('model')).embed('merge '.repeat(5000))).not.toBeNull();
    cpSync(at('model'), at('short'), { recursive: true });
    const config = JSON.parse(readFileSync(at('model', 'config.json'), 'utf8'));
    writeFileSync(at('short', 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 4 }));
    writeFileSync(at('short', 'model.safetensors'), writeSafetensors(weights(4)));
    const short = sentenceEncoder(at('short'));
    expect(short.embed('merge '.repeat(5000))).toEqual(short.embed('merge merge merge merge'));
  });
});

describe('GTC_EMBEDDER', () => {
  it('ranks by the model, and keeps what it read', async () => {
    const terminal = makeTerminal(at('data'), { embedder: at('model') });
    const ask = async (): Promise<string> => (await runCommand(readOptions(['oracle', 'merge adapter', '--limit', '1', '--explain']), terminal)).stdout;
    const answer = await ask();
    expect(answer).toMatch(/by meaning -?\d/);
    expect(terminal.updates.length).toBeGreaterThan(100);
    expect(readdirSync(at('data'))).toEqual([expect.stringMatching(/^meanings-[0-9a-f]{16}\.gtc$/)]);
    const told = terminal.updates.length;
    expect(await ask()).toBe(answer);
    expect(terminal.updates.length).toBe(told);
  });
  it.each<[string, () => void, RegExp]>([
    [
      'a folder that lacks a file',
      () => rmSync(at('broken', 'tokenizer.json')),
      /^gtc: GTC_EMBEDDER must name a folder with config\.json, tokenizer\.json, model\.safetensors; .*broken lacks tokenizer\.json$/,
    ],
    ['a model without a width', () => writeFileSync(at('broken', 'config.json'), '{"model_type": "bert"}'), /^gtc: /],
    ['weights that are none', () => writeFileSync(at('broken', 'model.safetensors'), 'x'), /^gtc: /],
  ])('%s: one line', async (_, spoil, line) => {
    rmSync(at('broken'), { recursive: true, force: true });
    cpSync(at('model'), at('broken'), { recursive: true });
    spoil();
    const failure = await runCommand(readOptions(['oracle', 'x']), makeTerminal(at('other'), { embedder: at('broken') })).catch(error => failureOf(error).line);
    expect(failure).toMatch(line);
  });
});

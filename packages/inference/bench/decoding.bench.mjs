/**
 * Races of decoding: 32 tokens after a text of 64, greedy, one at a time over a cache, on a network of GPT-2 small's shape (124 million parameters).
 * llama.cpp (`node-llama-cpp` in the folder that `GTC_PEERS` names) reads the same weights as GGUF, torch as safetensors. Numbers are drawn so that the
 * embeddings outweigh what the layers add: rounding to eight or four bits then leaves the tokens as they are, and all can be compared.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportGguf } from '@gtc/deployment/gguf';
import { writeSafetensors } from '@gtc/deployment/safetensors';
import { loadModel } from '@gtc/models/architectures';
import { argmax, full, scope, tensor } from '@gtc/tensor';
import { quantizeLayers } from '@gtc/tensor/quantized';
import { npm } from '../../../tools/bench/npm.mjs';

const [LAYERS, WIDTH, HEADS, INNER, VOCABULARY, CONTEXT] = [12, 768, 12, 3072, 50257, 1024];
const CONFIG = {
  model_type: 'gpt2',
  architectures: ['GPT2LMHeadModel'],
  n_embd: WIDTH,
  n_layer: LAYERS,
  n_head: HEADS,
  n_inner: INNER,
  n_positions: CONTEXT,
  vocab_size: VOCABULARY,
};
const TEXT = Array.from({ length: 64 }, (_, i) => 300 + 7 * i);
const TOKENS = 32;

const folder = mkdtempSync(join(tmpdir(), 'gtc-decoding-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Numbers uniform on [-bound, bound) by a linear congruence. */
function drawn(shape, bound, seed) {
  const data = new Float32Array(shape.reduce((a, b) => a * b));
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = (state / 2 ** 31) * bound;
  }
  return tensor(data).reshape(shape);
}

function weightsOf() {
  let seed = 1;
  const weights = {};
  const put = (name, shape, bound) => {
    weights[`transformer.${name}`] = drawn(shape, bound, seed++);
  };
  const norm = name => {
    weights[`transformer.${name}.weight`] = full([WIDTH], 1);
    weights[`transformer.${name}.bias`] = full([WIDTH], 0);
  };
  put('wte.weight', [VOCABULARY, WIDTH], 0.4);
  put('wpe.weight', [CONTEXT, WIDTH], 0.02);
  norm('ln_f');
  for (let i = 0; i < LAYERS; i++) {
    norm(`h.${i}.ln_1`);
    norm(`h.${i}.ln_2`);
    const layers = { 'attn.c_attn': [WIDTH, 3 * WIDTH], 'attn.c_proj': [WIDTH, WIDTH], 'mlp.c_fc': [WIDTH, INNER], 'mlp.c_proj': [INNER, WIDTH] };
    for (const [name, shape] of Object.entries(layers)) {
      put(`h.${i}.${name}.weight`, shape, 0.02);
      put(`h.${i}.${name}.bias`, [shape[1]], 0.02);
    }
  }
  return weights;
}

let weights = null;
const shared = () => (weights ??= weightsOf());

/** Ours; the cache is taken back to the text before each run. */
const ours = type => () => {
  const model = loadModel(CONFIG, shared());
  if (type !== 'F32') quantizeLayers(model, type, { embeddings: 'Q8_0' });
  const cache = model.createCache();
  const next = ids => scope(() => argmax(model.forward({ inputIds: [ids] }, { cache, logitsToKeep: 1 }).logits.get(0, 0)).item());
  const first = next(TEXT);
  return () => {
    const tokens = [first];
    while (tokens.length < TOKENS + 1) tokens.push(next([tokens.at(-1)]));
    cache.crop(TEXT.length);
    return tokens;
  };
};

/** A byte-level vocabulary that nobody reads. */
const tokenizer = () => ({
  model: { type: 'BPE', vocab: Object.fromEntries(Array.from({ length: VOCABULARY }, (_, i) => [`t${i}`, i])), merges: [] },
  added_tokens: [],
});

const llama = type => async () => {
  const { getLlama } = await npm('node-llama-cpp');
  const path = join(folder, `${type}.gguf`);
  writeFileSync(path, exportGguf({ config: CONFIG, tensors: shared(), tokenizer: tokenizer() }, type));
  const runtime = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: 1 });
  const model = await runtime.loadModel({ modelPath: path });
  const context = await model.createContext({ contextSize: 512, threads: 1, batchSize: 128 });
  const sequence = context.getSequence();
  const generate = async (ids, count) => {
    const tokens = [];
    for await (const token of sequence.evaluate(ids, { temperature: 0 })) if (tokens.push(token) === count) break;
    return tokens;
  };
  const [first] = await generate(TEXT, 1);
  return async () => {
    await sequence.eraseContextTokenRanges([{ start: TEXT.length, end: sequence.nextTokenIndex }]);
    return [first, ...(await generate([first], TOKENS))];
  };
};

const TORCH = `
import os
for name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS'): os.environ[name] = '1'
import torch, transformers
from safetensors.torch import load_file
torch.set_num_threads(1)
version = torch.__version__
model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**data['config'])).eval()
model.load_state_dict(load_file(data['weights']), strict=False)
text = torch.tensor([data['text']])
with torch.no_grad():
    begun = model(text, use_cache=True)
first = int(begun.logits[0, -1].argmax())
cache = begun.past_key_values
transformers.logging.set_verbosity_error()
import warnings
warnings.simplefilter('ignore')
def run():
    tokens = [first]
    with torch.no_grad():
        while len(tokens) <= data['tokens']:
            tokens.append(int(model(torch.tensor([[tokens[-1]]]), past_key_values=cache, use_cache=True).logits[0, -1].argmax()))
    cache.crop(-data['tokens'])
    return tokens
`;

function inputs() {
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, writeSafetensors(shared()));
  return { config: CONFIG, weights: path, text: TEXT, tokens: TOKENS };
}

const race = (type, peers = {}) => ({
  name: `decode ${TOKENS} tokens, ${type}`,
  data: type === 'F32' ? inputs : {},
  peers: { gtc: ours(type), 'llama.cpp': llama(type), ...peers },
  tolerance: { all: 0 },
});

export const races = [race('F32', { torch: { setup: TORCH } }), race('Q8_0'), race('Q4_0')];

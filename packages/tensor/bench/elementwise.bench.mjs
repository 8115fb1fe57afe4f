/** Races of operations over 4096 x 4096 float32 numbers, one thread. */
import { add, exp, gelu, scope, softmax, sqrt, sum, tanh } from '@gtc/tensor';
import { useBackend } from '@gtc/tensor/kernels';
import { layerNorm } from '@gtc/tensor/nn';
import { pattern, samples, tensorOf, tfjs, torch } from './peers.mjs';

const N = 4096;
const a = tensorOf([N, N], 1);
const b = tensorOf([N, N], 2);
const positive = a.abs();
const x = a.data;
const out = new Float32Array(N * N);

const ours = (backend, run) => () => () => {
  useBackend(backend);
  return scope(() => samples(run().data));
};
const plain =
  (of, from = x) =>
  () =>
  () => {
    for (let i = 0; i < out.length; i++) out[i] = of(from[i]);
    return samples(out);
  };

function race(name, run, pytorch, others = {}) {
  return {
    name: `${name} 4096 x 4096`,
    data: {},
    tolerance: { all: 1e-4 },
    peers: {
      'gtc wasm-relaxed': ours('wasm-relaxed', run),
      'gtc wasm': ours('wasm', run),
      torch: torch(`import torch.nn.functional as F\na = T((${N}, ${N}), 1); b = T((${N}, ${N}), 2); p = a.abs()`, pytorch),
      ...others,
    },
  };
}

const tensorflow = run => async () => {
  const tf = await tfjs();
  const [p, q] = [tf.tensor2d(pattern(N * N, 1), [N, N]), tf.tensor2d(pattern(N * N, 2), [N, N])];
  return () => {
    // Only the samples are read: reading all would copy 64 MB.
    const [y, few] = tf.tidy(() => {
      const all = run(tf, p, q);
      return [all, tf.stridedSlice(tf.reshape(all, [-1]), [0], [N * N], [(N * N) / 16])];
    });
    const result = Array.from(few.dataSync());
    tf.dispose([y, few]);
    return result;
  };
};

export const races = [
  race('add', () => add(a, b), 'a + b', { 'tfjs-wasm': tensorflow((tf, p, q) => tf.add(p, q)) }),
  race('gelu (tanh)', () => gelu(a, { approximate: 'tanh' }), "F.gelu(a, approximate='tanh')"),
  race('gelu (erf)', () => gelu(a), 'F.gelu(a)'),
  race('softmax', () => softmax(a), 'torch.softmax(a, -1)', { 'tfjs-wasm': tensorflow((tf, p) => tf.softmax(p)) }),
  race('layer norm', () => layerNorm(a, [N]), `F.layer_norm(a, [${N}])`),
  race('exp', () => exp(a), 'torch.exp(a)', { 'plain JavaScript': plain(Math.exp) }),
  race('tanh', () => tanh(a), 'torch.tanh(a)', { 'plain JavaScript': plain(Math.tanh) }),
  race('sqrt', () => sqrt(positive), 'torch.sqrt(p)', { 'plain JavaScript': plain(Math.sqrt, positive.data) }),
  race('sum', () => sum(a), 'a.sum()', {
    'plain JavaScript': () => () => {
      let total = 0;
      for (let i = 0; i < x.length; i++) total += x[i];
      return [total];
    },
  }),
];

/**
 * Peers of the races. JavaScript peers are looked for where `GTC_PEERS` points (they are too large to install with the tools): `@tensorflow/tfjs`, `@tensorflow/tfjs-backend-wasm`, `@jax-js/jax`, `onnxruntime-web`; models.py writes ONNX models into
 * the same folder.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fromTypedArray } from '@gtc/tensor';
import { fileOf, npm } from '../../../tools/bench/npm.mjs';

const peersOf = createRequire(import.meta.url);

/** Numbers in [-1, 1) that every language makes alike. */
export const pattern = (size, seed) => Float32Array.from({ length: size }, (_, i) => ((i * (2 * seed + 7919)) % 2003) / 1001.5 - 1);

/** The same in Python, and what its peers share: one thread, samples of a result. */
export const PYTHON = `
import os
for name in ('OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'): os.environ.pop(name, None)
for name in ('OPENBLAS_NUM_THREADS', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS'): os.environ[name] = '1'
import numpy as np
def pattern(shape, seed):
    size = int(np.prod(shape))
    return ((np.arange(size, dtype=np.int64) * (2 * seed + 7919) % 2003) / 1001.5 - 1).astype(np.float32).reshape(shape)
def samples(x):
    x = np.asarray(x).reshape(-1)
    return [float(v) for v in x[::max(1, x.size // 16)][:16]]
`;
export const TORCH = `${PYTHON}
import torch
torch.set_num_threads(1)
version = torch.__version__.split('+')[0]
def T(shape, seed): return torch.from_numpy(pattern(shape, seed))
`;

/** A Python peer: statements that prepare, and the expression of the result. */
export const numpy = (prepare, run) => ({ setup: `${PYTHON}\nversion = np.__version__\n${prepare}\ndef run():\n    return samples(${run})` });
export const torch = (prepare, run) => ({ setup: `${TORCH}\n${prepare}\ndef run():\n    with torch.no_grad(): return samples(${run})` });

/** At most 16 elements of a result. */
export const samples = data => {
  const step = Math.max(1, Math.floor(data.length / 16));
  return Array.from({ length: Math.min(16, Math.ceil(data.length / step)) }, (_, i) => data[i * step]);
};

/** A tensor of {@link pattern}. */
export const tensorOf = (shape, seed) =>
  fromTypedArray(
    pattern(
      shape.reduce((a, b) => a * b, 1),
      seed,
    ),
    shape,
  );

/** tfjs on its WebAssembly backend, one thread. */
export async function tfjs() {
  const tf = peersOf(fileOf('@tensorflow/tfjs'));
  const backend = peersOf(fileOf('@tensorflow/tfjs-backend-wasm'));
  backend.setThreadsCount(1);
  backend.setWasmPaths(`${dirname(fileOf('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

/** jax-js on its WebAssembly backend. */
export async function jax() {
  // onnxruntime-web leaves a worker of its own behind, at which jax-js stumbles.
  delete globalThis.Worker;
  const module = await npm('@jax-js/jax');
  await module.init('wasm');
  module.defaultDevice('wasm');
  return module;
}

/** A model of models.py in onnxruntime-web, one thread: `inputs` by name, each `[shape, data]`. */
export async function onnxWeb(file, inputs) {
  const ort = await npm('onnxruntime-web');
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const path = join(process.env.GTC_PEERS, file);
  if (!existsSync(path)) throw Object.assign(new Error(`${file} is not there: run models.py`), { code: 'ERR_MODULE_NOT_FOUND' });
  const session = await ort.InferenceSession.create(readFileSync(path), { executionProviders: ['wasm'] });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([name, [shape, data]]) => [name, new ort.Tensor('float32', data, shape)]));
  return async () => (await session.run(feeds)).y.data;
}

/** The same in native onnxruntime; `inputs` are Python expressions by name. */
export const onnxNative = (file, inputs) => ({
  setup: `${PYTHON}
import onnxruntime as ort
version = ort.__version__
options = ort.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = ort.InferenceSession(${JSON.stringify(join(process.env.GTC_PEERS ?? '.', file))}, options)
feeds = {${Object.entries(inputs)
    .map(([name, value]) => `'${name}': ${value}`)
    .join(', ')}}
def run():
    return samples(session.run(None, feeds)[0])`,
});

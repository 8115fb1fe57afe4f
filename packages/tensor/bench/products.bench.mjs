/** Races of matrix products in float32, one thread: squares, the shapes of a transformer, a vector by a large matrix. */
import { matmul, scope } from '@gtc/tensor';
import { useBackend } from '@gtc/tensor/kernels';
import { jax, numpy, onnxWeb, pattern, samples, tensorOf, tfjs, torch } from './peers.mjs';

/** Products that take under a millisecond are repeated within a call. */
const repeat = (times, run) => () => {
  for (let i = 1; i < times; i++) scope(run);
  return scope(() => samples(run().data));
};

const ours =
  (backend, [m, k, n], turned, times) =>
  () => {
    const [a, b] = [tensorOf([m, k], 1), turned ? tensorOf([n, k], 2).swapaxes(0, 1) : tensorOf([k, n], 2)];
    return () => {
      useBackend(backend);
      return repeat(times, () => matmul(a, b))();
    };
  };

function race(name, [m, k, n], { turned = false, times = 1, js = true } = {}) {
  const b = turned ? `pattern((${n}, ${k}), 2).T` : `pattern((${k}, ${n}), 2)`;
  const loop = run => `[${run} for _ in range(${times})][-1]`;
  return {
    name,
    data: {},
    tolerance: { all: 1e-3 },
    peers: {
      'gtc wasm-relaxed': ours('wasm-relaxed', [m, k, n], turned, times),
      'gtc wasm': ours('wasm', [m, k, n], turned, times),
      'gtc native': ours('native', [m, k, n], turned, times),
      numpy: numpy(`a = pattern((${m}, ${k}), 1); b = ${b}`, loop('a @ b')),
      torch: torch(`a = T((${m}, ${k}), 1); b = torch.from_numpy(${b})`, loop('a @ b')),
      ...(js && {
        'tfjs-wasm': async () => {
          const tf = await tfjs();
          const [x, y] = [tf.tensor2d(pattern(m * k, 1), [m, k]), tf.tensor2d(pattern(k * n, 2), turned ? [n, k] : [k, n])];
          return () => {
            let result;
            for (let i = 0; i < times; i++) {
              const z = tf.matMul(x, y, false, turned);
              if (i === times - 1) result = samples(z.dataSync());
              z.dispose();
            }
            return result;
          };
        },
        'jax-js wasm': async () => {
          const { numpy: np } = await jax();
          const x = np.array(pattern(m * k, 1)).reshape([m, k]);
          const y = np.array(pattern(k * n, 2)).reshape(turned ? [n, k] : [k, n]);
          return async () => {
            let result;
            for (let i = 0; i < times; i++) result = await np.matmul(x.ref, turned ? y.ref.transpose() : y.ref).data();
            return samples(result);
          };
        },
      }),
    },
  };
}

/** The same with models; after the others, since onnxruntime-web and jax-js do not bear each other. */
const onnx = n => ({
  name: `matmul ${n}, models`,
  data: {},
  tolerance: { all: 1e-3 },
  peers: {
    'gtc wasm-relaxed': ours('wasm-relaxed', [n, n, n], false, 1),
    'onnxruntime-web': async () => {
      const run = await onnxWeb(`matmul-${n}.onnx`, { a: [[n, n], pattern(n * n, 1)], b: [[n, n], pattern(n * n, 2)] });
      return async () => samples(await run());
    },
  },
});

export const races = [
  race('matmul 256', [256, 256, 256], { times: 8 }),
  race('matmul 512', [512, 512, 512]),
  race('matmul 1024', [1024, 1024, 1024]),
  race('matmul 2048', [2048, 2048, 2048]),
  race('matmul 1024 transposed', [1024, 1024, 1024], { turned: true }),
  race('128 x 384 x 1536, weight [out, in]', [128, 384, 1536], { turned: true, times: 4 }),
  race('128 x 768 x 3072, weight [out, in]', [128, 768, 3072], { turned: true }),
  race('1 x 768 x 50257, weight [out, in]', [1, 768, 50257], { turned: true, js: false }),
  ...[256, 512, 1024, 2048].map(onnx),
];

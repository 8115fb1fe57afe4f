/** What must come out alike in Node and in a browser: named computations that return plain numbers. */
import { grad, hessian, memory, noGrad, scope, tensor, where, zeros } from '@gtc/tensor';
import { fft, stft } from '@gtc/tensor/fft';
import { hexDigest } from '@gtc/tensor/hash';
import { loadNpy, saveNpy } from '@gtc/tensor/io';
import { kernelInfo, setThreads, useBackend } from '@gtc/tensor/kernels';
import { eigh, solve, svd } from '@gtc/tensor/linalg';
import { adamwState, adamwStep, crossEntropy, LayerNorm, Linear, manualSeed, Sequential, scaledDotProductAttention, Tanh } from '@gtc/tensor/nn';
import { NumpyRandom, NumpyRandomState, PythonRandom, TorchGenerator } from '@gtc/tensor/random';

const numbers = x => Array.from(x.data, Number);
const random = (shape, seed) => tensor(new TorchGenerator(seed).normal(shape.reduce((a, b) => a * b, 1)), {}).reshape(shape);

function refusal(action) {
  try {
    action();
    return 'nothing';
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

/** Computations by name. */
export const CHECKS = {
  elementwise: () =>
    ['exp', 'log', 'tanh', 'sigmoid', 'gelu', 'silu', 'erf', 'sqrt', 'lgamma', 'sin'].flatMap(name =>
      numbers(random([600], 1).abs()[name]?.() ?? random([600], 1)),
    ),
  broadcasting: () =>
    numbers(
      random([20, 1, 30], 2)
        .mul(random([40, 1], 3))
        .add(2)
        .div(random([30], 4)),
    ),
  reductions: () =>
    [0, 1, undefined].flatMap(axis => ['sum', 'mean', 'amax', 'std', 'logsumexp'].flatMap(name => numbers(random([40, 50], 5)[name]({ axis })))),
  products: () => numbers(random([65, 70], 6).matmul(random([70, 33], 7))),
  views: () => numbers(random([30, 40], 8).get('::-1', '3:20:2').swapaxes(0, 1)),
  softmax: () => numbers(random([30, 50], 9).softmax()),
  attention: () => numbers(scaledDotProductAttention(random([2, 40, 16], 10), random([2, 50, 16], 11), random([2, 50, 8], 12), { isCausal: true })),
  gradients: () => {
    const w = random([30, 30], 13).requiresGrad_();
    return numbers(grad([w.matmul(w).tanh().square().sum()], [w])[0]);
  },
  hessian: () => numbers(hessian(v => v.pow(3).sum(), tensor([1, 2, 3], { dtype: 'float64' }))),
  linalg: () => {
    const a = random([20, 20], 14).astype('float64');
    const symmetric = a.add(a.swapaxes(0, 1));
    return [...numbers(solve(a, random([20], 15).astype('float64'))), ...numbers(eigh(symmetric).values), ...numbers(svd(a).s)];
  },
  transforms: () => [...numbers(fft(random([97], 16)).re), ...numbers(stft(random([400], 17), { nFft: 64 }).im)],
  halves: () =>
    numbers(
      random([600], 18)
        .astype('bfloat16')
        .mul(random([600], 19).astype('bfloat16'))
        .astype('float32'),
    ),
  integers: () =>
    [
      String(
        tensor([2 ** 31 - 1, 1], { dtype: 'int32' })
          .sum()
          .item(),
      ),
      where(tensor([1, 0], { dtype: 'bool' }), 1, 2).tolist(),
    ].flat(),
  files: () => [hexDigest('md5', saveNpy(random([6, 7], 20))), ...numbers(loadNpy(saveNpy(random([6, 7], 20))))],
  streams: () => [
    new PythonRandom('seed').random(),
    new NumpyRandom(3).standardNormal(),
    new NumpyRandomState(3).gamma(2),
    ...new TorchGenerator(3).randperm(9),
  ],
  training: () => {
    manualSeed(0);
    const net = new Sequential(new Linear(30, 40), new LayerNorm(40), new Tanh(), new Linear(40, 3));
    const states = net.parameters().map(parameter => adamwState(parameter));
    const [x, y] = [
      random([50, 30], 21),
      tensor(
        Array.from({ length: 50 }, (_, i) => i % 3),
        { dtype: 'int32' },
      ),
    ];
    const losses = [];
    const bytes = [];
    for (let step = 0; step < 20; step++) {
      losses.push(
        scope(() => {
          net.zeroGrad();
          const loss = crossEntropy(net.forward(x), y);
          loss.backward();
          for (const [i, parameter] of net.parameters().entries()) adamwStep(parameter, states[i], { lr: 0.01 });
          return Number(loss.item());
        }),
      );
      if (step > 2) bytes.push(memory().bytes);
    }
    return [...losses, new Set(bytes).size, ...numbers(noGrad(() => net.forward(x)))];
  },
  refusals: () => [refusal(() => zeros([2, 3]).matmul(zeros([2, 3]))), refusal(() => zeros([2 ** 40])), refusal(() => tensor([1]).backward())],
};

/** Runs every computation on every backend; with shared memory on two threads too. */
export async function results() {
  const all = {};
  for (const backend of ['js', 'wasm', 'wasm-relaxed']) {
    const used = useBackend(backend);
    for (const [name, run] of Object.entries(CHECKS)) all[`${name} (${used})`] = run();
  }
  const { shared } = kernelInfo();
  if (shared) {
    setThreads(2);
    while (kernelInfo().ready < 2) await new Promise(resolve => setTimeout(resolve, 10));
    const a = random([300, 300], 30);
    all['products (two threads)'] = numbers(a.matmul(a));
    setThreads(1);
    all['products (one thread)'] = numbers(a.matmul(a));
  }
  return { shared, all };
}

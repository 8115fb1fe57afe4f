/** Races of whole networks, one thread: the forward pass of a MiniLM-shaped encoder, a training step of a small GPT with AdamW. */
import { add, gelu, linear, noGrad, scope, tensor } from '@gtc/tensor';
import { useBackend } from '@gtc/tensor/kernels';
import { adamwState, adamwStep, crossEntropy, embedding, layerNorm, Parameter, scaledDotProductAttention } from '@gtc/tensor/nn';
import { onnxNative, onnxWeb, pattern, samples, TORCH, tensorOf, tfjs } from './peers.mjs';

/** Weights in the order in which both sides make them, all from one pattern. */
function weightsOf(make) {
  let seed = 10;
  return (shape, scale = 0.04, shift = 0) => make(tensorOf(shape, seed++).mul(scale).add(shift));
}

const PYTHON_WEIGHTS = `
seed = 10
def W(shape, scale=0.04, shift=0.0):
    global seed
    seed += 1
    return torch.nn.Parameter(T(shape, seed - 1) * scale + shift)
`;

/** Attention of one block; `qkv` in one product. */
function attend(x, { qkv, qkvBias, out, outBias }, [batch, length, heads, width], isCausal) {
  const rows = linear(x, qkv, qkvBias).reshape([batch, length, 3, heads, width / heads]);
  const [q, k, v] = [0, 1, 2].map(i => rows.get(':', ':', i).swapaxes(1, 2));
  const mixed = scaledDotProductAttention(q, k, v, { isCausal }).swapaxes(1, 2).reshape([batch, length, width]);
  return linear(mixed, out, outBias);
}

function block(weight, width, inner) {
  return {
    g1: weight([width], 0.01, 1),
    b1: weight([width]),
    qkv: weight([3 * width, width]),
    qkvBias: weight([3 * width]),
    out: weight([width, width]),
    outBias: weight([width]),
    g2: weight([width], 0.01, 1),
    b2: weight([width]),
    up: weight([inner, width]),
    upBias: weight([inner]),
    down: weight([width, inner]),
    downBias: weight([width]),
  };
}

const PYTHON_BLOCK = `
import torch.nn.functional as F
def block(width, inner):
    return dict(g1=W((width,), 0.01, 1.0), b1=W((width,)), qkv=W((3 * width, width)), qkvBias=W((3 * width,)), out=W((width, width)), outBias=W((width,)),
        g2=W((width,), 0.01, 1.0), b2=W((width,)), up=W((inner, width)), upBias=W((inner,)), down=W((width, inner)), downBias=W((width,)))
def attend(x, p, heads, causal):
    b, s, w = x.shape
    q, k, v = F.linear(x, p['qkv'], p['qkvBias']).reshape(b, s, 3, heads, w // heads).permute(2, 0, 3, 1, 4)
    y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return F.linear(y.transpose(1, 2).reshape(b, s, w), p['out'], p['outBias'])
`;

const ENCODER = { layers: 6, width: 384, heads: 12, inner: 1536, length: 128 };

function encoder(backend, batch) {
  return () => {
    const { layers, width, heads, inner, length } = ENCODER;
    const weight = weightsOf(x => x);
    const blocks = Array.from({ length: layers }, () => block(weight, width, inner));
    const input = tensorOf([batch, length, width], 3);
    const forward = () =>
      blocks.reduce((x, p) => {
        const mixed = layerNorm(add(x, attend(x, p, [batch, length, heads, width], false)), [width], { weight: p.g1, bias: p.b1 });
        const wide = gelu(linear(mixed, p.up, p.upBias));
        return layerNorm(add(mixed, linear(wide, p.down, p.downBias)), [width], { weight: p.g2, bias: p.b2 });
      }, input);
    return () => {
      useBackend(backend);
      return scope(() => samples(noGrad(forward).data));
    };
  };
}

const encoderInTorch = batch => {
  const { layers, width, heads, inner, length } = ENCODER;
  return {
    setup: `${TORCH}${PYTHON_WEIGHTS}${PYTHON_BLOCK}
blocks = [block(${width}, ${inner}) for _ in range(${layers})]
x0 = T((${batch}, ${length}, ${width}), 3)
def run():
    with torch.no_grad():
        x = x0
        for p in blocks:
            x = F.layer_norm(x + attend(x, p, ${heads}, False), (${width},), p['g1'], p['b1'])
            x = F.layer_norm(x + F.linear(F.gelu(F.linear(x, p['up'], p['upBias'])), p['down'], p['downBias']), (${width},), p['g2'], p['b2'])
        return samples(x)
`,
  };
};

const GPT = { layers: 4, width: 256, heads: 4, vocabulary: 8000, length: 128, batch: 8 };

function training(backend) {
  return () => {
    const { layers, width, heads, vocabulary, length, batch } = GPT;
    const parameters = [];
    const weight = weightsOf(x => {
      const parameter = new Parameter(x);
      parameters.push(parameter);
      return parameter;
    });
    const [words, places] = [weight([vocabulary, width]), weight([length, width])];
    const blocks = Array.from({ length: layers }, () => block(weight, width, 4 * width));
    const [gain, shift] = [weight([width], 0.01, 1), weight([width])];
    const ids = Array.from({ length: batch * length }, (_, i) => (i * 7919) % vocabulary);
    const index = tensor(ids, { dtype: 'int32' }).reshape([batch, length]);
    const target = tensor(
      ids.map(id => (id * 31 + 7) % vocabulary),
      { dtype: 'int32' },
    );
    const states = parameters.map(adamwState);
    const forward = () => {
      const start = add(embedding(index, words), places);
      const x = blocks.reduce((x, p) => {
        const mixed = add(x, attend(layerNorm(x, [width], { weight: p.g1, bias: p.b1 }), p, [batch, length, heads, width], true));
        const wide = gelu(linear(layerNorm(mixed, [width], { weight: p.g2, bias: p.b2 }), p.up, p.upBias), { approximate: 'tanh' });
        return add(mixed, linear(wide, p.down, p.downBias));
      }, start);
      const scores = linear(layerNorm(x, [width], { weight: gain, bias: shift }), words);
      return crossEntropy(scores.reshape([batch * length, vocabulary]), target);
    };
    return () => {
      useBackend(backend);
      return scope(() => {
        for (const parameter of parameters) parameter.grad = null;
        const loss = forward();
        loss.backward();
        for (const [i, parameter] of parameters.entries()) adamwStep(parameter, states[i], { lr: 1e-4 });
        const value = Number(loss.item());
        for (const parameter of parameters) {
          parameter.grad.dispose();
          parameter.grad = null;
        }
        return [value];
      });
    };
  };
}

const trainingInTorch = () => {
  const { layers, width, heads, vocabulary, length, batch } = GPT;
  return {
    setup: `${TORCH}${PYTHON_WEIGHTS}${PYTHON_BLOCK}
words, places = W((${vocabulary}, ${width})), W((${length}, ${width}))
blocks = [block(${width}, ${4 * width}) for _ in range(${layers})]
gain, shift = W((${width},), 0.01, 1.0), W((${width},))
ids = torch.arange(${batch * length}) * 7919 % ${vocabulary}
index, target = ids.reshape(${batch}, ${length}), (ids * 31 + 7) % ${vocabulary}
parameters = [words, places] + [w for p in blocks for w in p.values()] + [gain, shift]
optimizer = torch.optim.AdamW(parameters, lr=1e-4)
def run():
    optimizer.zero_grad()
    x = F.embedding(index, words) + places
    for p in blocks:
        x = x + attend(F.layer_norm(x, (${width},), p['g1'], p['b1']), p, ${heads}, True)
        x = x + F.linear(F.gelu(F.linear(F.layer_norm(x, (${width},), p['g2'], p['b2']), p['up'], p['upBias']), approximate='tanh'), p['down'], p['downBias'])
    loss = F.cross_entropy(F.linear(F.layer_norm(x, (${width},), gain, shift), words).reshape(-1, ${vocabulary}), target)
    loss.backward()
    optimizer.step()
    return [loss.item()]
`,
  };
};

/**
 * The same shapes in tfjs with Adam, which has no decay. Its backend lacks kernels for the gradients of an embedding and of GELU, so that users write
 * them as one-hot products and as x sigmoid(1.702 x).
 */
async function trainingInTensorFlow() {
  const tf = await tfjs();
  const { layers, width, heads, vocabulary, length, batch } = GPT;
  const variable = (shape, value) => tf.variable(value === undefined ? tf.randomNormal(shape, 0, 0.02) : tf.fill(shape, value));
  const [words, places] = [variable([vocabulary, width]), variable([length, width])];
  const blocks = Array.from({ length: layers }, () => ({
    g1: variable([width], 1),
    b1: variable([width], 0),
    qkv: [0, 1, 2].map(() => variable([width, width])),
    out: variable([width, width]),
    g2: variable([width], 1),
    b2: variable([width], 0),
    up: variable([width, 4 * width]),
    down: variable([4 * width, width]),
  }));
  const [gain, shift] = [variable([width], 1), variable([width], 0)];
  const ids = Int32Array.from({ length: batch * length }, (_, i) => (i * 7919) % vocabulary);
  const oneHot = tf.cast(tf.oneHot(tf.tensor1d(ids, 'int32'), vocabulary), 'float32');
  const positions = tf.tile(tf.eye(length), [batch, 1]);
  const mask = tf.tensor2d(
    Float32Array.from({ length: length * length }, (_, i) => (i % length > Math.floor(i / length) ? -1e9 : 0)),
    [length, length],
  );
  const norm = (x, g, b) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5))), g), b);
  };
  const share = x => {
    const e = tf.exp(tf.sub(x, tf.max(x, -1, true)));
    return tf.div(e, tf.sum(e, -1, true));
  };
  const loss = () => {
    let x = tf.add(tf.matMul(oneHot, words), tf.matMul(positions, places));
    for (const p of blocks) {
      const h = norm(x, p.g1, p.b1);
      const [q, k, v] = p.qkv.map(w => tf.transpose(tf.reshape(tf.matMul(h, w), [batch, length, heads, width / heads]), [0, 2, 1, 3]));
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), (width / heads) ** -0.5), mask);
      const mixed = tf.transpose(tf.matMul(share(scores), v), [0, 2, 1, 3]);
      x = tf.add(x, tf.matMul(tf.reshape(mixed, [batch * length, width]), p.out));
      const wide = tf.matMul(norm(x, p.g2, p.b2), p.up);
      x = tf.add(x, tf.matMul(tf.mul(wide, tf.sigmoid(tf.mul(wide, 1.702))), p.down));
    }
    const scores = tf.matMul(norm(x, gain, shift), words, false, true);
    const centred = tf.sub(scores, tf.max(scores, -1, true));
    return tf.mean(tf.sub(tf.log(tf.sum(tf.exp(centred), -1)), tf.sum(tf.mul(centred, oneHot), -1)));
  };
  const optimizer = tf.train.adam(1e-4);
  return () => {
    const value = optimizer.minimize(loss, true);
    const result = [value.dataSync()[0]];
    value.dispose();
    return result;
  };
}

export const races = [
  ...[1, 8].map(batch => ({
    name: `encoder 6 x 384, batch ${batch}`,
    data: {},
    tolerance: { all: 1e-3 },
    peers: {
      'gtc wasm-relaxed': encoder('wasm-relaxed', batch),
      'gtc native': encoder('native', batch),
      torch: encoderInTorch(batch),
      'onnxruntime-web': async () => {
        const shape = [batch, ENCODER.length, ENCODER.width];
        const run = await onnxWeb(`encoder-${batch}.onnx`, { x: [shape, pattern(shape[0] * shape[1] * shape[2], 3)] });
        return async () => samples(await run());
      },
      onnxruntime: onnxNative(`encoder-${batch}.onnx`, { x: `pattern((${batch}, ${ENCODER.length}, ${ENCODER.width}), 3)` }),
    },
  })),
  {
    name: 'training step, GPT 4 x 256',
    data: {},
    tolerance: { all: 1e-3, 'tfjs-wasm, Adam': null },
    peers: {
      'gtc wasm-relaxed': training('wasm-relaxed'),
      'gtc native': training('native'),
      torch: trainingInTorch(),
      'tfjs-wasm, Adam': trainingInTensorFlow,
    },
  },
];

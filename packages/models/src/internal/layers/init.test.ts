import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { TorchGenerator } from '@gtc/tensor/random';
import { evidenceCases } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import { gatedMlp } from '../activations/functions.js';
import { type File, type Given, type Raw, read } from '../evidence.fixture.js';
import { INIT_SCHEMES, initWeights } from './init.js';

const { grad } = gtc;
type T = gtc.Tensor;
type Run = (inputs: readonly T[]) => T;

const filesOf = ({ input }: Raw): Readonly<Record<string, File>> => input['params'] as never;

/** Parameters as the file gives them, leaves of a gradient. */
function paramsOf(given: Given, raw: Raw): Record<string, T> {
  const params = given['params'] as unknown as Record<string, never>;
  return Object.fromEntries(Object.entries(filesOf(raw)).map(([name, file]) => [name, read(params[name]!, file)]));
}

/** Output and gradients of a function of inputs and parameters. */
function withGradients(given: Given, raw: Raw, names: readonly string[], params: Readonly<Record<string, T>>, run: Run): unknown {
  const inputs = names.map(name => read(given[name]!, raw.input[name]!));
  const leaves = inputs.filter(x => x.dtype !== 'int64').map(x => x.requiresGrad_());
  const y = run(inputs);
  const found = grad([y], [...leaves, ...Object.values(params)], { gradOutputs: [read(given['gradOut']!, raw.input['gradOut']!)] });
  const part = (keys: readonly string[], from: number): object => Object.fromEntries(keys.map((key, i) => [key, found[from + i]!.tolist()]));
  return {
    y: y.detach().tolist(),
    gradInputs: leaves.length === 0 ? {} : part(names, 0),
    gradParams: part(Object.keys(params), leaves.length),
  };
}

/** The same of a layer of `@gtc/tensor/nn`. */
function layer<L extends nn.Module>(make: (given: Given, shape: (name: string) => number[]) => L, run: (layer: L, inputs: readonly T[]) => T, names = ['x']) {
  return (given: Given, raw: Raw): unknown => {
    const made = make(given, name => filesOf(raw)[name]?.shape ?? []);
    made.loadStateDict(paramsOf(given, raw));
    const named = Object.fromEntries(made.namedParameters());
    const params = Object.fromEntries(Object.keys(filesOf(raw)).map(name => [name, named[name]!]));
    return withGradients(given, raw, names, params, inputs => run(made, inputs));
  };
}

const only = (made: nn.Module, [x]: readonly T[]): T => made.forward(x as never) as T;
const convolution = (Kind: typeof nn.Conv1d | typeof nn.Conv2d) =>
  layer(({ stride, padding, dilation, groups }, shape) => {
    const [out, fanIn, ...kernel] = shape('weight') as [number, number, ...number[]];
    return new Kind(fanIn * groups!, out, (kernel.length === 1 ? kernel[0]! : kernel) as never, { stride, padding, dilation, groups } as never);
  }, only);
const recurrent = (Kind: typeof nn.RNN | typeof nn.GRU | typeof nn.LSTM) =>
  layer(
    ({ hiddenSize, numLayers, bidirectional }, shape) =>
      new Kind(shape('weight_ih_l0')[1]!, hiddenSize!, { numLayers: numLayers!, bidirectional: bidirectional!, batchFirst: true }),
    (made, [x]) => made.forward(x!).y,
  );
const ACTIVATIONS: Readonly<Record<string, () => nn.Module>> = { relu: () => new nn.ReLU(), gelu: () => new nn.GELU(), silu: () => new nn.SiLU() };
const POOLS: Readonly<Record<string, (x: T) => T>> = {
  max_pool1d: x => nn.maxPool1d(x, 3, { stride: 2 }),
  avg_pool1d: x => nn.avgPool1d(x, 3, { stride: 2, padding: 1 }),
  adaptive_avg_pool1d: x => nn.adaptiveAvgPool1d(x, 3),
};

describe('evidence: layers', () => {
  const answers = {
    linear: layer((_, shape) => new nn.Linear(shape('weight')[1]!, shape('weight')[0]!, { bias: shape('bias').length > 0 }), only),
    bilinear: layer(
      (_, shape) => new nn.Bilinear(shape('weight')[1]!, shape('weight')[2]!, shape('weight')[0]!),
      (made, [x, y]) => made.forward(x!, y!),
      ['x1', 'x2'],
    ),
    conv1dGpt2: (given: Given, raw: Raw) => {
      const params = paramsOf(given, raw);
      for (const each of Object.values(params)) each.requiresGrad_();
      return withGradients(given, raw, ['x'], params, ([x]) => gtc.add(gtc.matmul(x!, params['weight']!), params['bias']!));
    },
    embedding: (given: Given, raw: Raw) => {
      const [rows, width] = filesOf(raw)['weight']!.shape as [number, number];
      if (given['gradOut'] === undefined) return new nn.Embedding(rows, width).forward(read(given['ids']!, raw.input['ids']!));
      return layer(({ paddingIdx }) => new nn.Embedding(rows, width, { paddingIdx: paddingIdx ?? null }), only, ['ids'])(given, raw);
    },
    mlp: layer(({ activation }, shape) => {
      const [inner, outer] = shape('0.weight') as [number, number];
      return new nn.Sequential(new nn.Linear(outer, inner), ACTIVATIONS[activation!]!() as never, new nn.Linear(inner, outer));
    }, only),
    conv1d: convolution(nn.Conv1d),
    conv2d: convolution(nn.Conv2d),
    convTranspose1d: layer(({ stride, padding }, shape) => {
      const [fanIn, out, kernel] = shape('weight') as [number, number, number];
      return new nn.ConvTranspose1d(fanIn, out, kernel, { stride: stride!, padding: padding! });
    }, only),
    pool1d: (given: Given, raw: Raw) => {
      const x = read(given['x']!, raw.input['x']!).requiresGrad_();
      const y = POOLS[given['kind']!]!(x);
      const [gradX] = grad([y], [x], { gradOutputs: [read(given['gradOut']!, raw.input['gradOut']!)] });
      return { y: y.detach().tolist(), gradX: gradX!.tolist() };
    },
    rnn: recurrent(nn.RNN),
    gru: recurrent(nn.GRU),
    lstm: recurrent(nn.LSTM),
    transformerEncoderLayer: layer(({ numHeads, activation, normFirst }, shape) => {
      const [dimFeedforward, width] = shape('linear1.weight') as [number, number];
      return new nn.TransformerEncoderLayer(width, numHeads!, { dimFeedforward, dropout: 0, activation: activation!, batchFirst: true, normFirst: normFirst! });
    }, only),
    transformerDecoderLayer: layer(
      ({ numHeads }, shape) => {
        const [dimFeedforward, width] = shape('linear1.weight') as [number, number];
        return new nn.TransformerDecoderLayer(width, numHeads!, { dimFeedforward, dropout: 0, batchFirst: true });
      },
      (made, [x, memory]) => made.forward(x!, memory!),
      ['x', 'memory'],
    ),
    gatedMlp: (given: Given, raw: Raw) => {
      const params = paramsOf(given, raw);
      const [gateWeight, upWeight, downWeight] = ['gate_proj', 'up_proj', 'down_proj'].map(name => params[`${name}.weight`]!.requiresGrad_()) as [T, T, T];
      return withGradients(given, raw, ['x'], params, ([x]) => gatedMlp(x!, { gateWeight, upWeight, downWeight }, given['variant']));
    },
    dropout: (given: Given, raw: Raw) => ({ y: nn.dropout(read(given['x']!, raw.input['x']!), { p: given['p']!, training: given['training']! }).tolist() }),
    initWeights: ({ scheme, shape, torchSeed }: Given) => {
      if (scheme !== 'linearDefault') return { weight: initWeights(scheme!, shape!, { torchSeed: torchSeed! }).tolist() };
      const generator = new TorchGenerator(torchSeed!);
      const [out, fanIn] = shape! as [number, number];
      const weight = initWeights('kaimingUniform', [out, fanIn], { generator }).tolist();
      return { weight, bias: [...generator.uniform(out, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn))] };
    },
  };
  it.each(evidenceCases('models/layers', answers as never, import.meta.url, '../../../evidence/layers.json'))('$name', c => c.run());
});

describe('laws', () => {
  it.each(INIT_SCHEMES)('%s gives one matrix for a seed, and others for others', scheme => {
    const draw = (torchSeed: number): unknown => initWeights(scheme, [5, 3, 2], { torchSeed }).tolist();
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(initWeights(scheme, [5, 3, 2]).tolist()).not.toEqual(initWeights(scheme, [5, 3, 2]).tolist());
  });
  it.each([[[3, 7]], [[7, 3]], [[4, 2, 3]]])('an orthogonal weight of %j has orthonormal rows or columns', shape => {
    const weight = initWeights('orthogonal', shape, { torchSeed: 3 }).reshape([shape[0]!, -1]);
    const [rows, columns] = weight.shape as [number, number];
    const product = rows < columns ? gtc.matmul(weight, gtc.transpose(weight)) : gtc.matmul(gtc.transpose(weight), weight);
    expect(Boolean(gtc.allclose(product, gtc.eye(Math.min(rows, columns)), { atol: 1e-5 }))).toBe(true);
  });
  it('cuts normal numbers off, and draws anew what lies beyond', () => {
    const values = initWeights('truncNormal', [100, 100], { torchSeed: 5, std: 2 }).reshape([-1]).tolist() as number[];
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(values.filter(value => Math.abs(value) > 1.9).length).toBeGreaterThan(200);
  });
  it.each([
    [() => initWeights('glorot' as never, [2, 2]), 'scheme must be one of kaimingNormal, kaimingUniform'],
    [() => initWeights('normal', [2]), 'shape must have two axes or more, got [2]'],
    [() => initWeights('normal', [2, 2], { std: 0 }), 'std must be positive, got 0'],
    [() => initWeights('truncNormal', [2, 2], { std: 6 }), 'std must be'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

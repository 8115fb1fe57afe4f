import { describe, expect, it } from 'vitest';
import { decode as decodeOf, tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';
import * as nn from '../../nn.js';

const { grad, Tensor } = gtc;
type T = gtc.Tensor;
type Spec = { readonly type: string; readonly children?: readonly (readonly [string | number, Spec])[] } & { readonly [option: string]: unknown };

/** Arguments of constructors that stand before the options. */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  Linear: ['inFeatures', 'outFeatures'],
  Embedding: ['numEmbeddings', 'embeddingDim'],
  EmbeddingBag: ['numEmbeddings', 'embeddingDim'],
  LayerNorm: ['normalizedShape'],
  RMSNorm: ['normalizedShape'],
  GroupNorm: ['numGroups', 'numChannels'],
  BatchNorm1d: ['numFeatures'],
  BatchNorm2d: ['numFeatures'],
  InstanceNorm1d: ['numFeatures'],
  Conv1d: ['inChannels', 'outChannels', 'kernelSize'],
  Conv2d: ['inChannels', 'outChannels', 'kernelSize'],
  ConvTranspose1d: ['inChannels', 'outChannels', 'kernelSize'],
  MaxPool1d: ['kernelSize'],
  RNN: ['inputSize', 'hiddenSize'],
  LSTM: ['inputSize', 'hiddenSize'],
  GRU: ['inputSize', 'hiddenSize'],
  MultiheadAttention: ['embedDim', 'numHeads'],
  TransformerEncoderLayer: ['dModel', 'nhead'],
  TransformerDecoderLayer: ['dModel', 'nhead'],
};

function build({ type, children, ...options }: Spec): nn.Module {
  if (type === 'Sequential') return new nn.Sequential(...children!.map(([name, child]) => [String(name), build(child) as nn.Layer] as const));
  const first = POSITIONAL[type] ?? [];
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !first.includes(name)));
  const Class = (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[type]!;
  return new Class(...first.map(name => options[name]), rest);
}

/** The tensors of a result, the output first. */
function parts(result: unknown): { y: T; extra: unknown } {
  if (result instanceof Tensor) return { y: result, extra: undefined };
  const { y, last, weights } = result as { y: T; last?: unknown; weights?: T };
  return { y, extra: [last ?? weights] };
}

const isFloat = (x: unknown): x is T => x instanceof Tensor && gtc.isFloating(x.dtype);

interface Call {
  readonly module: Spec;
  readonly state: Record<string, T>;
  readonly inputs: T[];
  readonly training: boolean;
  readonly options?: object;
}

function moduleForward(gradOut: T | null, { module: spec, state, inputs, training, options }: Call): unknown {
  const module = build(spec).train(training);
  if (Object.values(state).some(x => x.dtype === 'float64') || Object.keys(state).length === 0) module.to({ dtype: 'float64' });
  module.loadStateDict(state);
  for (const x of inputs.filter(isFloat)) x.requiresGrad_();
  const { y, extra } = parts((module.forward as (...args: unknown[]) => unknown).call(module, ...inputs, ...(options === undefined ? [] : [options])));
  const named = module.namedParameters();
  const leaves = [...named.map(([, parameter]) => parameter), ...inputs.filter(isFloat)];
  const found = gradOut === null || !y.requiresGrad ? leaves.map(() => null) : grad([y], leaves, { gradOutputs: [gradOut], allowUnused: true });
  return {
    y,
    extra,
    stateKeys: Object.keys(module.stateDict()),
    parameterNames: named.map(([name]) => name),
    grads: Object.fromEntries(named.map(([name], i) => [name, found[i] ?? null])),
    gradInputs: found.slice(named.length),
    state: Object.fromEntries(module.namedBuffers()),
  };
}

function loadState({ module: spec, state }: { module: Spec; state: Record<string, T> }, options: object = {}): unknown {
  return build(spec).loadStateDict(state, options);
}

class Tied extends nn.Module {
  embed: nn.Embedding;
  head: nn.Linear;
  constructor(rows: number, width: number) {
    super();
    this.embed = new nn.Embedding(rows, width);
    this.head = new nn.Linear(width, rows, { bias: false });
    this.head.weight = this.embed.weight;
  }
  override forward(ids: T): T {
    return this.head.forward(this.embed.forward(ids));
  }
}

const operations = {
  moduleForward,
  moduleInit: (_: unknown, { module, seed }: { module: Spec; seed: number }) => {
    nn.manualSeed(seed);
    return { state: build(module).stateDict() };
  },
  moduleInventory: (_: unknown, spec: Spec) => {
    const module = build(spec);
    return {
      state: Object.entries(module.stateDict()).map(([name, x]) => [name, x.shape, x.dtype]),
      parameters: module.namedParameters().map(([name]) => name),
      buffers: module.namedBuffers().map(([name]) => name),
      modules: module.namedModules().map(([name]) => name),
      children: module.namedChildren().map(([name]) => name),
      parameterCount: module.parameters().reduce((sum, { size }) => sum + size, 0),
    };
  },
  loadState: (_: unknown, call: { module: Spec; state: Record<string, T> }, options?: object) => loadState(call, options),
  tiedWeights: (_: unknown, { weight, ids, targets }: { weight: T; ids: T; targets: T }) => {
    const module = new Tied(...(weight.shape as [number, number])).to({ dtype: 'float64' });
    module.head.weight = module.embed.weight;
    module.loadStateDict({ 'embed.weight': weight, 'head.weight': weight });
    const loss = nn.crossEntropy(module.forward(ids), targets);
    loss.backward();
    return { stateKeys: Object.keys(module.stateDict()), parameterNames: module.namedParameters().map(([name]) => name), loss, grad: module.embed.weight.grad };
  },
  trainSgd: (_: unknown, { module: spec, state, x, y, lr, steps }: { module: Spec; state: Record<string, T>; x: T; y: T; lr: number; steps: number }) => {
    const module = build(spec).to({ dtype: 'float64' }) as nn.Sequential;
    module.loadStateDict(state);
    const losses = Array.from({ length: steps }, () => {
      module.zeroGrad();
      const loss = nn.crossEntropy(module.forward(x), y);
      loss.backward();
      gtc.noGrad(() => {
        for (const parameter of module.parameters()) parameter.sub_(parameter.grad!.mul(lr));
      });
      return loss.item();
    });
    return { losses, state: module.stateDict() };
  },
};

describe('evidence: nn_modules', () => {
  it.each(tensorCases('nn_modules', operations as never, import.meta.url, ({ gradOut }) => [gradOut === undefined ? null : decodeOf(gradOut)]))('$name', c =>
    c.run(),
  );
});

describe('Module', () => {
  it('lists every name that does not fit, and copies nothing then', () => {
    const layer = new nn.Linear(2, 2);
    const before = layer.weight.tolist();
    expect(() => layer.loadStateDict({ weight: gtc.zeros([3, 2]), other: gtc.zeros([1]) })).toThrow(
      'loadStateDict: missing bias; unexpected other; weight has shape [2, 2], the state [3, 2]',
    );
    expect(layer.weight.tolist()).toEqual(before);
  });
  it('switches all modules to evaluation', () => {
    const net = new nn.Sequential(new nn.Dropout(), new nn.Sequential(new nn.Dropout()));
    expect(
      net
        .eval()
        .namedModules()
        .every(([, module]) => !module.training),
    ).toBe(true);
  });
  it('applies a function to every module and freezes parameters', () => {
    const net = new nn.Sequential(new nn.Linear(1, 1), new nn.ReLU());
    let count = 0;
    net.apply(() => count++).requiresGrad_(false);
    expect([count, net.parameters().some(parameter => parameter.requiresGrad)]).toEqual([3, false]);
  });
  it('sets gradients to zeros in place on demand', () => {
    const layer = new nn.Linear(1, 1);
    layer.forward(gtc.ones([1, 1])).backward();
    layer.zeroGrad({ setToNull: false });
    expect(layer.weight.grad?.tolist()).toEqual([[0]]);
  });
  it('keeps modules of a list in order', () => {
    const list = new nn.ModuleList([new nn.Linear(1, 2), new nn.Linear(2, 1)]);
    expect([[...list].length, list.namedParameters().map(([name]) => name)]).toEqual([2, ['0.weight', '0.bias', '1.weight', '1.bias']]);
    expect(() => list.forward()).toThrow('a ModuleList holds modules and cannot be called');
  });
  it('puts other modules in the place of those inside', () => {
    class Pair extends nn.Module {
      first: nn.Layer = new nn.Linear(1, 2);
      readonly rest = new nn.Sequential(new nn.ReLU(), ['last', new nn.Tanh()]);
      override forward(x: T): T {
        return this.rest.forward(this.first.forward(x));
      }
    }
    const pair = new Pair();
    pair.replaceChild('first', new nn.Identity());
    pair.rest.replaceChild('last', new nn.Identity());
    expect(pair.forward(gtc.tensor([-1, 2])).tolist()).toEqual([0, 2]);
    expect(() => pair.replaceChild('frist', pair)).toThrow("unknown module 'frist'; did you mean 'first'?");
    expect(() => pair.rest.replaceChild('7', pair)).toThrow("unknown module '7'");
  });
  it('makes layers of weights that are there', () => {
    const weight = new nn.Parameter(
      gtc.tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
    const bias = new nn.Parameter(gtc.tensor([10, 20]));
    const x = gtc.tensor([[1, 1]]);
    expect(nn.Linear.of(weight).forward(x).tolist()).toEqual([[3, 7, 11]]);
    expect(new nn.TransposedLinear(weight, bias).forward(gtc.tensor([[1, 1, 1]])).tolist()).toEqual([[19, 32]]);
    expect(new nn.TransposedLinear(weight).namedParameters().map(([name]) => name)).toEqual(['weight']);
    const table = nn.Embedding.of(weight, { paddingIdx: 1 });
    gtc.sum(table.forward(gtc.tensor([0, 1], { dtype: 'int32' }))).backward();
    expect(weight.grad!.tolist()).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });
});

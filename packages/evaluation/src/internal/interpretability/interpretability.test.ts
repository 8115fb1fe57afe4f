import { tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { NumpyRandom } from '@gtc/tensor/random';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as i from '../../interpretability.js';
import { modelOf } from '../benchmarks/models.fixture.js';
import { interpretabilityAnswers } from './evidence.fixture.js';

describe('evidence: interpretability', () => {
  it.each(evidenceCases('evaluation/interpretability', interpretabilityAnswers, import.meta.url, '../../../evidence/interpretability.json'))('$name', c =>
    c.run(),
  );
});

/** A curved function of three features. */
const curved: i.ScoreFunction = x => x.get(':', 0).mul(x.get(':', 1)).add(x.get(':', 2).square());
const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 });
const double = (rows: number[][]): ReturnType<typeof tensor> => tensor(rows, { dtype: 'float64' });
const rowOf = (x: { tolist(): unknown }): number[] => (x.tolist() as number[][])[0]!;

describe('laws', () => {
  it('attributions share out the difference of scores', () => {
    fc.assert(
      fc.property(numbers, row => {
        const x = double([row]);
        const difference = curved(x).item() as number;
        for (const found of [
          i.integratedGradients(curved, x, { nSteps: 20 }).attributions,
          i.shapleyValues(curved, x),
          i.shapleyValues(curved, x, { permutations: 3, seed: 1 }),
          i.kernelShap(curved, x, { nSamples: 64 }),
        ])
          expect(rowOf(found).reduce((a, b) => a + b)).toBeCloseTo(difference, 6);
      }),
      { numRuns: 100 },
    );
  });
  it('KernelSHAP and sampled orders come near the exact values', () => {
    const x = double([[1, -2, 1.5]]);
    const exact = rowOf(i.shapleyValues(curved, x));
    for (const found of [rowOf(i.kernelShap(curved, x)), rowOf(i.shapleyValues(curved, x, { permutations: 400 }))])
      for (const [j, value] of found.entries()) expect(Math.abs(value - exact[j]!)).toBeLessThan(0.15);
  });
  it('a linear function is its own explanation, for all', () => {
    const linear: i.ScoreFunction = x => x.get(':', 0).mul(2).sub(x.get(':', 1));
    const x = double([[1, 3]]);
    for (const found of [
      i.integratedGradients(linear, x).attributions,
      i.inputXGradient(linear, x),
      i.featureAblation(linear, x),
      i.shapleyValues(linear, x),
      i.lime(linear, x, { ridge: 0 }),
      i.occlusion(linear, x, { window: [1] }),
    ]) {
      expect(rowOf(found)[0]).toBeCloseTo(2, 9);
      expect(rowOf(found)[1]).toBeCloseTo(-3, 9);
    }
  });
  it.each(['riemann_left', 'riemann_right', 'riemann_middle', 'riemann_trapezoid', 'gausslegendre'] as const)('%s comes to the integral', method => {
    const { convergenceDelta } = i.integratedGradients(curved, double([[1, 2, 3]]), { method, nSteps: 200 });
    expect(Math.abs(rowOf({ tolist: () => [convergenceDelta.tolist()] })[0]!)).toBeLessThan(0.1);
  });
  it('noise is drawn by the seed', () => {
    const x = double([[1, 2, 3]]);
    expect(rowOf(i.smoothGrad(curved, x, { seed: 1 }))).toEqual(rowOf(i.smoothGrad(curved, x, { seed: 1 })));
    expect(rowOf(i.smoothGrad(curved, x, { stdev: 0 }))).toEqual(rowOf(i.saliency(curved, x)));
  });
});

describe('windows', () => {
  it('reach the edge and count each place as often as it is hidden', () => {
    const total: i.ScoreFunction = x => x.reshape([x.shape[0]!, -1]).sum({ axis: 1 });
    const image = double([[1, 2, 3, 4, 5]]);
    expect(rowOf(i.occlusion(total, image, { window: [2], strides: [2] }))).toEqual([3, 3, 7, 7, 5]);
    const square = tensor(
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      { dtype: 'float64' },
    );
    expect(i.occlusion(total, square, { window: [2, 1] }).tolist()).toEqual([
      [
        [4, 6],
        [4, 6],
      ],
    ]);
  });
});

describe('attention', () => {
  const attentions = [
    [
      [
        [1, 0, 0],
        [0.5, 0.5, 0],
        [0.2, 0.3, 0.5],
      ],
    ],
    [
      [
        [1, 0, 0],
        [0.4, 0.6, 0],
        [0.1, 0.8, 0.1],
      ],
    ],
  ];
  it('flows no more than pipes hold, and no less than the widest way', () => {
    const flow = i.attentionFlow(attentions, { residual: false });
    expect(flow[2]![0]).toBeCloseTo(0.1 + 0.5 + 0.1, 9);
    expect(flow[2]![2]).toBeCloseTo(0.1, 9);
    expect(flow[0]).toEqual([1, 0, 0]);
  });
  it('rolls out to rows that sum to 1', () => {
    for (const row of i.attentionRollout(attentions)) expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});

describe('probes', () => {
  const random = new NumpyRandom(0);
  const features = Array.from({ length: 60 }, (_, k) => [random.standardNormal() + 4 * (k % 3), random.standardNormal()]);
  const labels = features.map((_, k) => ['low', 'middle', 'top'][k % 3]!);
  it('read what is there, and not what is not', () => {
    const probe = i.linearProbe(features, labels);
    expect(probe.accuracy).toBeGreaterThan(0.9);
    expect(probe.majority).toBeCloseTo(1 / 3, 12);
    expect(
      probe.predict([
        [0, 0],
        [8, 0],
      ]),
    ).toEqual(['low', 'top']);
    expect([probe.weights.length, probe.biases.length, probe.foldAccuracies.length]).toEqual([3, 3, 5]);
    const noise = i.linearProbe(
      features.map(() => [random.standardNormal()]),
      labels,
    );
    expect(noise.accuracy).toBeLessThan(0.6);
  });
});

describe('streams', () => {
  it('of Llama are found by its names, and the last lens is what the model says', () => {
    const model = modelOf('tiny-llama');
    const layered = i.layeredModel(model as never);
    const lens = i.logitLens(layered, [[5, 6, 7]]);
    const said = model.forward({ inputIds: [[5, 6, 7]] } as never).logits!.tolist() as number[][][];
    (lens.at(-1)!.tolist() as number[][][])[0]!.forEach((row, place) => {
      row.forEach((value, token) => {
        expect(value).toBeCloseTo(said[0]![place]![token]!, 4);
      });
    });
  });
  it('hooks leave no trace, and replace streams and pairs', () => {
    const layer = new nn.Linear(2, 2);
    const x = tensor([[1, 2]]);
    const before = layer.forward(x).tolist();
    expect(i.withHooks(new Map([[layer, () => tensor([[7, 7]])]]), () => layer.forward(x)).tolist()).toEqual([[7, 7]]);
    expect(layer.forward(x).tolist()).toEqual(before);
    class Pair extends nn.Module {
      override forward(y: typeof x): unknown[] {
        return [y, 1];
      }
    }
    const pair = new Pair();
    class Count extends nn.Module {
      override forward(): number {
        return 3;
      }
    }
    const count = new Count();
    expect(i.withHooks(new Map([[count, () => x]]), () => count.forward())).toBe(3);
    expect(i.withHooks(new Map([[pair, (y: typeof x) => y.mul(2)]]), () => pair.forward(x)).map(String)).toEqual([String(x.mul(2)), '1']);
  });
});

/** A decoder without a head, with the names of GPT-2. */
function headless(): nn.Module {
  class Body extends nn.Module {
    readonly wte = new nn.Embedding(4, 2);
    readonly h = new nn.ModuleList([new nn.Linear(2, 2)]);
    readonly ln_f = new nn.LayerNorm(2);
    override forward(): object {
      return {};
    }
  }
  class Model extends nn.Module {
    readonly transformer = new Body();
    override forward(): object {
      return this.transformer.forward();
    }
  }
  return new Model();
}

describe('refusals', () => {
  const net = new nn.Sequential(new nn.Linear(2, 2), new nn.ReLU());
  const x = tensor([[1, 2]]);
  const gpt2 = (): i.LayeredModel => i.layeredModel(modelOf('tiny-gpt2') as never);
  it.each<[string, () => unknown, string]>([
    ['baseline', () => i.integratedGradients(curved, double([[1, 2, 3]]), { baseline: double([[1]]) }), 'baseline must have the shape [1, 3] of x, got [1, 1]'],
    ['target', () => i.saliency(y => net.forward(y), x), 'target must be a class from 0 to 1, got null'],
    ['far target', () => i.saliency(y => net.forward(y), x, { target: 2 }), 'target must be in [0, 2), got 2'],
    ['one score', () => i.saliency(curved, double([[1, 2, 3]]), { target: 0 }), 'target must be null for a network with one score, got 0'],
    ['scores', () => i.saliency(y => y.sum(), x), 'the network must give scores [1, classes] or [1], got []'],
    ['scores of rows', () => i.featureAblation(y => y.sum(), x), 'the network must give scores'],
    ['no target of rows', () => i.featureAblation(y => net.forward(y), x), 'target must be a class for a network with several scores, got null'],
    ['no rectifier', () => i.guidedBackprop(new nn.Sequential(new nn.Linear(2, 2)), x, { target: 0 }), 'needs a network with modules of ReLU'],
    ['no activation', () => i.deepLift(new nn.Sequential(new nn.Linear(2, 2)), x, { target: 0 }), 'DeepLift needs a network with modules of ReLU, Tanh'],
    ['foreign layer', () => i.layerConductance(net, new nn.Linear(2, 2), x, { target: 0 }), 'layer must be a module that the network runs through'],
    ['foreign activation', () => i.layerActivation(net, new nn.Linear(2, 2), x), 'layer must be a module that the network runs through'],
    ['no places', () => i.gradCam(net, net.namedChildren()[0]![1], x, { target: 0 }), 'the layer must give [batch, channels, ...], got [1, 2]'],
    ['window', () => i.occlusion(curved, double([[1, 2, 3]]), { window: [4] }), 'window[0] must be in [1, 3], got 4'],
    ['axes', () => i.occlusion(curved, double([[1, 2, 3]]), { window: [1, 1] }), 'window and strides must have 1 axes, got 2 and 2'],
    [
      'many features',
      () => i.shapleyValues(y => y.sum({ axis: 1 }), double([new Array<number>(17).fill(1)])),
      'permutations must be given for more than 16 features, got null for 17',
    ],
    ['one feature', () => i.kernelShap(y => y.sum({ axis: 1 }), double([[1]])), 'x must have at least two features, got 1'],
    ['method', () => i.integratedGradients(curved, double([[1, 2, 3]]), { method: 'simpson' as never }), 'method must be one of gausslegendre'],
    ['attention', () => i.attentionRollout([[[[1, 0], [1]]]]), 'attentions must be [layers, heads, 2, 2], and layer 0 is not'],
    ['probe', () => i.linearProbe([[1], [2]], ['a', 'a']), 'the number of classes must be at least 2, got 1'],
    ['probe rows', () => i.linearProbe([[1], [2, 3]], ['a', 'b']), 'features must have rows of one length, got 2 in row 1'],
    ['texts', () => i.logitLens(gpt2(), [[1], [2]]), 'inputIds must be one text of at least one token, got 2 of 1'],
    ['lengths', () => i.activationPatching(gpt2(), [[1, 2]], [[1]]), 'targetIds must have 2 tokens as sourceIds, got 1'],
    ['noise', () => i.causalTrace(gpt2(), [[1, 2]], { subjectPositions: [0], noise: tensor([[1], [2]]) }), 'noise must be [1, width], got [2, 1]'],
    ['place', () => i.causalTrace(gpt2(), [[1, 2]], { subjectPositions: [2], noise: tensor([[1]]) }), 'subjectPositions[0] must be in [0, 2), got 2'],
    ['no logits', () => i.logitLens({ ...gpt2(), logits: i.layeredModel(headless() as never).logits }, [[1]]), 'model must be one that gives logits'],
    ['paths', () => i.layeredModel(net as never), "unknown path of blocks 'transformer.h'"],
    ['path', () => i.layeredModel(modelOf('tiny-gpt2') as never, { embedding: 'wte', blocks: 'transformer.h', norm: 'x' }), "unknown module 'wte'"],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
});

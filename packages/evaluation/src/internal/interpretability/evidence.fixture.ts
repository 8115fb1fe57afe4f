/** What GTC answers to each call of `evidence/interpretability.json`. */
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { type Answer, decodeEvidence } from '@gtc/testing';
import * as e from '../../editing.js';
import * as i from '../../interpretability.js';
import { modelOf } from '../benchmarks/models.fixture.js';
import { argmax } from '../metrics/argsort.js';

const double = (data: unknown): Tensor => tensor(data as number[], { dtype: 'float64' });

interface Network {
  readonly weights: Record<string, number[][]>;
  readonly input: number[][];
  readonly baseline: number[][];
  readonly output: number[][];
}

/** The case that others point to. */
function network(): Network {
  const folder = process.env['GTC_EVIDENCE_DIR'];
  const url =
    folder === undefined || folder === ''
      ? new URL('../../../evidence/interpretability.json', import.meta.url)
      : new URL(`file://${folder}/evaluation/interpretability.json`);
  const topic = JSON.parse(readFileSync(url, 'utf8')) as { cases: { call: string; expect: never }[] };
  return decodeEvidence(topic.cases.find(each => each.call === 'mlp')!.expect) as Network;
}

/** Modules in a row with the weights of a state dictionary. */
function loaded(modules: nn.Layer[], weights: Record<string, unknown>): nn.Sequential {
  const net = new nn.Sequential(...modules).to({ dtype: 'float64' });
  net.loadStateDict(Object.fromEntries(Object.entries(weights).map(([name, data]) => [name, double(data)])));
  return net.eval();
}

const mlp = (): nn.Sequential => loaded([new nn.Linear(5, 7), new nn.ReLU(), new nn.Linear(7, 6), new nn.Tanh(), new nn.Linear(6, 3)], network().weights);

/** A convolution with its modules by place. */
class GlobalPool extends nn.Layer {
  override forward(x: Tensor): Tensor {
    return x.mean({ axis: [2, 3], keepdims: true });
  }
}
const cnn = (weights: Record<string, unknown>): nn.Sequential =>
  loaded(
    [
      new nn.Conv2d(1, 3, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(3, 4, 3, { padding: 1 }),
      new nn.ReLU(),
      new GlobalPool(),
      new nn.Flatten(),
      new nn.Linear(4, 2),
    ],
    weights,
  );
const childOf = (net: nn.Sequential, place: number): nn.Module => net.namedChildren().find(([name]) => name === String(place))![1];

type Asked = { target: number; baseline?: number | number[]; layer: number; nSteps: number };
const inputs = (): { net: nn.Sequential; x: Tensor; base: Tensor } => {
  const { input, baseline } = network();
  return { net: mlp(), x: double(input), base: double(baseline) };
};

const ATTRIBUTIONS: Readonly<Record<string, (net: nn.Sequential, x: Tensor, base: Tensor, target: number) => Tensor>> = {
  saliency: (net, x, _, target) => i.saliency(y => net.forward(y), x, { target }),
  'saliency signed': (net, x, _, target) => i.saliency(y => net.forward(y), x, { target, absolute: false }),
  'input x gradient': (net, x, _, target) => i.inputXGradient(y => net.forward(y), x, { target }),
  'guided backprop': (net, x, _, target) => i.guidedBackprop(net, x, { target }),
  deconvolution: (net, x, _, target) => i.deconvolution(net, x, { target }),
  DeepLift: (net, x, baseline, target) => i.deepLift(net, x, { target, baseline }),
  'feature ablation': (net, x, baseline, target) => i.featureAblation(y => net.forward(y), x, { target, baseline }),
  occlusion: (net, x, _, target) => i.occlusion(y => net.forward(y), x, { target, window: [2] }),
};

const gpt2 = (): i.LayeredModel => i.layeredModel(modelOf('tiny-gpt2') as never);
const top = (scores: number[], count: number): number[] => [...scores].sort((a, b) => b - a).slice(0, count);

/** By the `call` of the case. */
export const interpretabilityAnswers: Readonly<Record<string, Answer>> = {
  mlp: (() => {
    const { weights, input, baseline } = network();
    return { layers: ['linear 0', 'relu', 'linear 2', 'tanh', 'linear 4'], weights, input, baseline, output: mlp().forward(double(input)).tolist() };
  }) as never,
  integratedGradients: (({ network: _, baseline, ...options }: Asked & { network: unknown }, { expect }: { expect?: object }) => {
    const { net, x, base } = inputs();
    const from = baseline === undefined ? base : typeof baseline === 'number' ? baseline : double(baseline);
    const { attributions, convergenceDelta } = i.integratedGradients(y => net.forward(y), x, { ...options, baseline: from });
    const all = { attributions: attributions.tolist(), convergenceDelta: convergenceDelta.tolist() };
    return expect !== undefined && 'convergenceDelta' in expect ? all : { attributions: all.attributions };
  }) as never,
  attribution: (({ method, target }: Asked & { method: string }) => {
    const { net, x, base } = inputs();
    return { attributions: ATTRIBUTIONS[method]!(net, x, base, target).tolist() };
  }) as never,
  shapleyValues: (({ target }: Asked) => {
    const { net, x, base } = inputs();
    const attributions = i.shapleyValues(y => net.forward(y), x, { target, baseline: base });
    return { attributions: attributions.tolist(), sumEqualsDifference: attributions.sum({ axis: 1 }).tolist() };
  }) as never,
  layerConductance: (({ layer, target, nSteps }: Asked) => {
    const { net, x, base } = inputs();
    return { attributions: i.layerConductance(net, childOf(net, layer), x, { target, baseline: base, nSteps }).tolist() };
  }) as never,
  layerActivation: (({ layer }: Asked) => {
    const { net, x } = inputs();
    return { activation: i.layerActivation(net, childOf(net, layer), x).tolist() };
  }) as never,
  gradCam: (({ weights, image, layer, target }: { weights: Record<string, unknown>; image: number[]; layer: number; target: number }) => {
    const net = cnn(weights);
    const x = double(image);
    return {
      map: i.gradCam(net, childOf(net, layer), x, { target }).tolist(),
      reluMap: i.gradCam(net, childOf(net, layer), x, { target, reluAttributions: true }).tolist(),
      output: net.forward(x).tolist(),
      saliency: i.saliency(y => net.forward(y), x, { target }).tolist(),
    };
  }) as never,
  attentionRollout: (({ attentions }: { attentions: number[][][][] }) =>
    Object.fromEntries((['mean', 'max', 'min'] as const).map(fuse => [fuse, i.attentionRollout(attentions, { fuse })]))) as never,
  causalTrace: (({ inputIds, subjectPositions, embeddingNoise }: { inputIds: number[][]; subjectPositions: number[]; embeddingNoise: number[][] }) =>
    i.causalTrace(gpt2(), inputIds, { subjectPositions, noise: tensor(embeddingNoise) })) as never,
  activationPatching: (({ sourceIds, targetIds }: { sourceIds: number[][]; targetIds: number[][] }) =>
    i.activationPatching(gpt2(), sourceIds, targetIds)) as never,
  logitLens: (({ inputIds }: { inputIds: number[][] }) => {
    const scores = i.logitLens(gpt2(), inputIds).map(layer => (layer.tolist() as number[][][])[0]!);
    return { top1ByLayer: scores.map(rows => rows.map(argmax)), lastPositionTop5Layer0: top(scores[0]!.at(-1)!, 5) };
  }) as never,
  romeUpdate: (({ weight, covariance, key, value }: Record<'weight' | 'covariance' | 'key' | 'value', number[]>) => {
    const [k, v] = [double(key), double(value)];
    const changed = e.romeUpdate(double(weight), double(covariance), k, v);
    return {
      weight: changed.tolist(),
      residual: changed.matmul(k).sub(v).abs().max().item(),
      changeNorm: Math.sqrt(changed.sub(double(weight)).square().sum().item() as number),
    };
  }) as never,
  memitUpdate: (({ weight, covariance, keys, values, lambda }: Record<'weight' | 'covariance' | 'keys' | 'values', number[]> & { lambda: number }) => {
    const { delta, weight: changed } = e.memitUpdate(double(weight), double(covariance), double(keys), double(values), { lambda });
    return { delta: delta.tolist(), weight: changed.tolist() };
  }) as never,
};

import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import * as gradient from '../../gradient.js';
import { createOptimizer } from '../../optimizers.js';

type T = gtc.Tensor;
type File = { readonly dtype: gtc.DType; readonly shape: number[] };
type Raw<F> = { readonly input: F };

const read = (data: unknown, { dtype, shape }: File): T => gtc.tensor(data as number[], { dtype }).reshape(shape);
const all = (data: readonly unknown[], files: readonly File[]): T[] => data.map((each, i) => read(each, files[i]!));
const lists = (tensors: readonly T[]): unknown[] => tensors.map(each => each.tolist());

interface Grads<X> {
  readonly grads: readonly X[];
  readonly params: readonly X[];
}
interface Net<X> {
  readonly params: Readonly<Record<string, X>>;
  readonly x: X;
  readonly y: X;
  readonly vector: X;
}

/** The small network of the evidence: two linear layers with a tanh between. */
function netOf(given: Net<unknown>, { input }: Raw<Net<File>>): { params: Record<string, T>; x: T; y: T; net: (x: T) => T } {
  const params = Object.fromEntries(Object.entries(given.params).map(([name, data]) => [name, read(data, input.params[name]!).requiresGrad_()]));
  const net = (x: T): T => gtc.linear(gtc.tanh(gtc.linear(x, params['0.weight']!, params['0.bias']!)), params['2.weight']!, params['2.bias']!);
  return { params, x: read(given.x, input.x), y: read(given.y, input.y).astype('int32'), net };
}
const gradsOf = (params: Readonly<Record<string, T>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(params).map(([name, parameter]) => [name, parameter.grad!.tolist()]));

const answers = {
  clipGradNorm: (
    given: Grads<unknown> & { readonly maxNorm: number; readonly normType: number; readonly errorIfNonfinite?: boolean },
    { input }: Raw<Grads<File>>,
  ) => {
    const grads = all(given.grads, input.grads);
    const { normType, errorIfNonfinite = false } = given;
    return { totalNorm: gradient.clipGradNorm(grads, given.maxNorm, { normType, errorIfNonfinite }), grads: lists(grads) };
  },
  clipGradValue: (given: Grads<unknown> & { readonly clipValue: number }, { input }: Raw<Grads<File>>) => {
    const grads = all(given.grads, input.grads);
    gradient.clipGradValue(grads, given.clipValue);
    return { grads: lists(grads) };
  },
  adaptiveGradClip: (given: Grads<unknown> & { readonly clipping: number; readonly eps: number }, { input }: Raw<Grads<File>>) => {
    const grads = all(given.grads, input.grads);
    gradient.adaptiveGradClip(all(given.params, input.params), grads, given);
    return { grads: lists(grads) };
  },
  'GradScaler.update': ({ overflow, ...options }: gradient.GradScalerOptions & { readonly overflow: readonly boolean[] }) => {
    const scaler = new gradient.GradScaler(options);
    const p = gtc.ones([2]).requiresGrad_();
    const optimizer = createOptimizer('SGD', [p], { lr: 0.1 });
    const steps = overflow.map(bad => {
      optimizer.zeroGrad();
      scaler.scale(gtc.sum(gtc.square(p)).mul(0.5)).backward();
      if (bad) p.grad = gtc.tensor([Number.POSITIVE_INFINITY, 1]);
      const stepped = scaler.step(optimizer);
      scaler.update();
      return { scale: scaler.scaleFactor, stepped, after: p.detach().clone().tolist() };
    });
    return { scales: steps.map(({ scale }) => scale), stepped: steps.map(({ stepped }) => stepped), paramAfter: steps.map(({ after }) => after) };
  },
  accumulateGradients: (given: Net<unknown> & { readonly microBatches: readonly number[] }, raw: Raw<Net<File>>) => {
    const { params, x, y, net } = netOf(given, raw);
    let at = 0;
    const parts = given.microBatches.map(size => {
      at += size;
      return [at - size, at] as const;
    });
    const loss = gradient.accumulateBackward(
      parts,
      ([from, to]) => nn.crossEntropy(net(x.get(`${from}:${to}`)), y.get(`${from}:${to}`)),
      ([from, to]) => to - from,
    );
    return { grads: gradsOf(params), loss };
  },
  checkpointed: (given: Net<unknown>, raw: Raw<Net<File>>) => {
    const { params, x, y } = netOf(given, raw);
    x.requiresGrad_();
    const [w0, b0, w2, b2] = ['0.weight', '0.bias', '2.weight', '2.bias'].map(name => params[name]!) as [T, T, T, T];
    const run = (input: T, ...weights: T[]): T => gtc.linear(gtc.tanh(gtc.linear(input, weights[0]!, weights[1]!)), weights[2]!, weights[3]!);
    nn.crossEntropy(gtc.checkpoint(run, x, w0, b0, w2, b2), y).backward();
    return { gradX: x.grad!.tolist(), grads: gradsOf(params) };
  },
  perSampleClip: (given: Net<unknown> & { readonly maxGradNorm: number }, raw: Raw<Net<File>>) => {
    const { params, x, y, net } = netOf(given, raw);
    const losses = nn.crossEntropy(net(x), y, { reduction: 'none' });
    const { norms, summedGrads } = gradient.perSampleClip(losses, Object.values(params), given.maxGradNorm);
    return { norms, summedGrads: Object.fromEntries(Object.keys(params).map((name, i) => [name, summedGrads[i]!.tolist()])) };
  },
  hessianTopEigenvalue: (given: Net<unknown> & { readonly wrt: readonly string[] }, raw: Raw<Net<File>>) => {
    const { params, x, y, net } = netOf(given, raw);
    const chosen = given.wrt.map(name => params[name]!);
    const hvp = gradient.hessianOf(nn.crossEntropy(net(x), y), chosen).product(read(given.vector, raw.input.vector));
    return { ...gradient.hessianTopEigenvalue(nn.crossEntropy(net(x), y), chosen), hvp: hvp.tolist() };
  },
};

describe('evidence: gradient', () => {
  it.each(evidenceCases('training/gradient', answers as never, import.meta.url, '../../../evidence/gradient.json'))('$name', c => c.run());
});

describe('GradScaler', () => {
  it('unscales once a step, passes over parameters without a gradient, and grows after enough good steps', () => {
    const [p, q] = [gtc.ones([1]).requiresGrad_(), gtc.ones([1]).requiresGrad_()];
    const optimizer = createOptimizer('SGD', [p, q], { lr: 1 });
    const scaler = new gradient.GradScaler({ initScale: 4, growthInterval: 1 });
    p.grad = gtc.tensor([2]);
    scaler.unscale(optimizer);
    scaler.unscale(optimizer);
    expect([scaler.step(optimizer), p.tolist(), q.tolist()]).toEqual([true, [0.5], [1]]);
    scaler.update();
    expect(scaler.scaleFactor).toBe(8);
  });
});

describe('refusals', () => {
  const g = gtc.ones([2]);
  it.each([
    [() => gradient.clipGradNorm([g], -1), 'maxNorm must be a number from 0 on, got -1'],
    [() => gradient.clipGradValue([g], 0), 'clipValue must be positive, got 0'],
    [() => gradient.adaptiveGradClip([g], []), 'grads must be one for each of 1 parameters, got 0'],
    [() => gradient.adaptiveGradClip([g], [gtc.ones([3])]), 'grads[0] must be [2], got [3]'],
    [() => gradient.perSampleClip(gtc.ones([]), [], 1), 'losses must be [examples], got []'],
    [
      () =>
        gradient.accumulateBackward(
          [1],
          () => g,
          () => 0,
        ),
      'parts must count something together, got 0',
    ],
    [() => new gradient.GradScaler({ growthFactor: 1 }), 'growthFactor must be above 1, got 1'],
    [() => new gradient.GradScaler({ backoffFactor: 1 }), 'backoffFactor must be in (0, 1), got 1'],
    [
      () => {
        const p = gtc.tensor([0], { dtype: 'float64' }).requiresGrad_();
        gradient.perSampleClip(gtc.sqrt(p), [p], 1);
      },
      'the gradient of example 0 must be finite, got a norm of Infinity',
    ],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
  it('a part that counts nothing is left out, and a parameter without a part in the loss has a zero', () => {
    const [p, q] = [gtc.ones([1]).requiresGrad_(), gtc.ones([2]).requiresGrad_()];
    expect(
      gradient.accumulateBackward(
        [0, 2],
        n => p.mul(n).sum(),
        n => n,
      ),
    ).toBe(2);
    expect(gradient.perSampleClip(p.mul(0), [p, q], 1).summedGrads.map(each => each.tolist())).toEqual([[0], [0, 0]]);
    expect(gradient.hessianTopEigenvalue(gtc.sum(p.mul(2)), [p, q], { iterations: 3 })).toEqual({ topEigenvalue: 0, trace: 0 });
  });
});

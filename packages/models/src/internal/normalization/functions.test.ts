import * as gtc from '@gtc/tensor';
import { eigvalsh } from '@gtc/tensor/linalg';
import * as nn from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type File, type Given, type Raw, read } from '../evidence.fixture.js';
import { normResidual, rmsNorm, spectralNorm, weightNorm } from './functions.js';

const { grad, tensor } = gtc;
type T = gtc.Tensor;

const keysOf = (input: object): string[] => Object.keys(input).filter(name => ['x', 'weight', 'bias'].includes(name));
const gradName = (name: string): string => `grad${name[0]!.toUpperCase()}${name.slice(1)}`;

/** Value and gradients of a function of `x` and its weights, as far as the file has them. */
function all(given: Given, raw: Raw, of: (leaves: Readonly<Record<string, T>>) => T): unknown {
  const names = keysOf(raw.input);
  const leaves = Object.fromEntries(names.map(name => [name, read(given[name]!, raw.input[name]!).requiresGrad_()]));
  const y = of(leaves);
  if (given['gradOut'] === undefined) return { y: y.detach().tolist() };
  const found = grad([y], Object.values(leaves), { gradOutputs: [read(given['gradOut']!, raw.input['gradOut']!)] });
  return { y: y.detach().tolist(), ...Object.fromEntries(names.map((name, i) => [gradName(name), found[i]!.tolist()])) };
}

/** Steps of a layer in training, and one outside. */
function trained(given: Given, raw: Raw): unknown {
  const [steps, files] = [given['steps'] as unknown as Record<string, never>[], raw.input['steps'] as never as Record<string, File>[]];
  const layer = new nn.BatchNorm1d(files[0]!['x']!.shape[1]!, { eps: given['eps']!, momentum: given['momentum'] ?? null });
  if (given['weight'] !== undefined) {
    layer.to({ dtype: raw.input['weight']!.dtype });
    layer.loadStateDict({ ...layer.stateDict(), weight: read(given['weight']!, raw.input['weight']!), bias: read(given['bias']!, raw.input['bias']!) });
  }
  const lists = { y: [], gradX: [], gradWeight: [], runningMean: [], runningVar: [] } as Record<string, unknown[]>;
  steps.forEach((step, i) => {
    const x = read(step['x']!, files[i]!['x']!).requiresGrad_();
    const y = layer.forward(x);
    const [gradX, gradWeight] = grad([y], [x, layer.weight!], { gradOutputs: [read(step['gradOut']!, files[i]!['gradOut']!)] });
    const now = { y: y.detach(), gradX, gradWeight, runningMean: layer.runningMean, runningVar: layer.runningVar };
    for (const [name, value] of Object.entries(now)) lists[name]!.push(value!.tolist());
  });
  layer.eval();
  const numBatches = Number(layer.numBatchesTracked!.item());
  return { ...lists, numBatches, evalY: layer.forward(read(given['evalX']!, raw.input['evalX']!)).detach().tolist() };
}

describe('evidence: normalization', () => {
  const answers = {
    layerNorm: (given: Given, raw: Raw) =>
      all(given, raw, ({ x, weight, bias }) => nn.layerNorm(x!, given['normalizedShape'] ?? x!.shape.slice(-1), { weight, bias, eps: given['eps']! } as never)),
    rmsNorm: (given: Given, raw: Raw) =>
      all(given, raw, ({ x, weight = null }) => rmsNorm(x!, { weight, eps: given['eps'] ?? null, unitOffset: given['unitOffset']! })),
    groupNorm: (given: Given, raw: Raw) =>
      all(given, raw, ({ x, weight, bias }) => nn.groupNorm(x!, given['numGroups']!, { weight, bias, eps: given['eps']! } as never)),
    instanceNorm: (given: Given, raw: Raw) => all(given, raw, ({ x, weight, bias }) => nn.instanceNorm(x!, { weight, bias, eps: given['eps']! } as never)),
    batchNorm: trained,
    normResidual: (given: Given, { input }: Raw) => {
      const [x, weight, gamma1, gamma2] = ['x', 'weight', 'gamma1', 'gamma2'].map(name => read(given[name]!, input[name]!)) as [T, T, T, T];
      const norm = (gamma: T) => (value: T) => nn.layerNorm(value, gamma.shape, { weight: gamma, eps: given['eps']! });
      return { y: normResidual(x, value => gtc.linear(value, weight), { position: given['position']!, norms: [norm(gamma1), norm(gamma2)] }).tolist() };
    },
    weightNorm: (given: Given, { input }: Raw) => ({
      weight: weightNorm(read(given['g']!, input['g']!), read(given['v']!, input['v']!), { axis: given['dim']! }).tolist(),
    }),
    spectralNorm: (given: Given, { input }: Raw) => {
      const { weight, sigma } = spectralNorm(read(given['weight']!, input['weight']!), { iterations: given['iterations']! });
      return { weight: weight.tolist(), sigma: sigma.item() };
    },
  };
  it.each(evidenceCases('models/normalization', answers as never, import.meta.url, '../../../evidence/normalization.json'))('$name', c => c.run());
});

describe('laws', () => {
  const entry = fc.double({ min: -4, max: 4, noNaN: true });
  const matrix = fc
    .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 2, max: 5 }))
    .chain(([rows, columns]) => fc.array(fc.array(entry, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }));
  it('a spectral norm is the largest singular value, whichever way the matrix stands', () => {
    fc.assert(
      fc.property(matrix, rows => {
        const weight = tensor(rows, { dtype: 'float64' });
        const largest = Math.sqrt(Math.max(...(eigvalsh(gtc.matmul(weight, gtc.transpose(weight))).tolist() as number[])));
        fc.pre(largest > 1e-3);
        for (const axis of [0, 1]) {
          const { sigma } = spectralNorm(weight, { axis, iterations: 150 });
          expect(Math.abs((sigma.item() as number) / largest - 1)).toBeLessThan(2e-2);
        }
      }),
      { numRuns: 20 },
    );
  });
  it('a normed weight has the lengths asked for', () => {
    fc.assert(
      fc.property(matrix, fc.constantFrom(0, 1, -1, null), (rows, axis) => {
        const v = tensor(rows, { dtype: 'float64' }).add(5);
        const rest = axis === null ? [0, 1] : [axis === 0 ? 1 : 0];
        const lengths = gtc.vectorNorm(v, { axis: rest, keepdims: true }).mul(0).add(2);
        const found = gtc
          .vectorNorm(weightNorm(lengths, v, { axis }), { axis: rest })
          .reshape([-1])
          .tolist() as number[];
        for (const length of found) expect(length).toBeCloseTo(2, 12);
      }),
    );
  });
  it('one length may come as a scalar', () => {
    expect(weightNorm(tensor(10), tensor([[3, 4]]), { axis: null }).tolist()).toEqual([[6, 8]]);
  });
  it('a spectral norm has the gradient of the outer product of its singular vectors', () => {
    const weight = tensor(
      [
        [3, 0],
        [0, 4],
      ],
      { dtype: 'float64' },
    ).requiresGrad_();
    const slope = grad([spectralNorm(weight, { iterations: 400 }).sigma], [weight])[0]!.tolist() as number[][];
    expect(slope.flat().map(value => Math.abs(Math.round(value * 1e9) / 1e9))).toEqual([0, 0, 0, 1]);
  });
  it('takes the epsilon of float32 for 16 bits', () => {
    const x = gtc.full([1, 4], 1e-3, { dtype: 'bfloat16' });
    expect(rmsNorm(x, { eps: null }).tolist()).toEqual([new Array<number>(4).fill(0.9453125)]);
  });
  it('a sandwich with one norm takes it twice', () => {
    expect(normResidual(tensor([1]), x => x.add(1), { position: 'sandwich', norms: [x => x.mul(2)] }).item()).toBe(7);
  });
  it.each([
    [() => spectralNorm(gtc.ones([3])), 'weight must have two axes or more, got shape [3]'],
    [() => spectralNorm(gtc.ones([3, 3]), { iterations: 0 }), 'iterations must be positive, got 0'],
    [() => weightNorm(gtc.ones([3]), gtc.ones([3, 3])), 'g must be [3, 1], got [3]'],
    [() => normResidual(gtc.ones([3]), x => x, { position: 'none', norms: [x => x] }), "position must be one of post, pre, sandwich, got 'none'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

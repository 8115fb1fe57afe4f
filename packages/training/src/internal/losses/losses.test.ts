import * as gtc from '@gtc/tensor';
import * as nn from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipLoss, coSentLoss, infoNceLoss, multipleNegativesRankingLoss, ntXentLoss, supConLoss } from './contrastive.js';
import { causalLmLoss, computeClassWeight, ctcLoss, diceLoss, multiMarginLoss } from './sequence.js';

const { grad, tensor } = gtc;
type T = gtc.Tensor;
type File = { readonly dtype: string; readonly shape: number[]; readonly data: (number | object)[] };
type Raw = { readonly input: Readonly<Record<string, File>>; readonly expect?: Readonly<Record<string, unknown>> };
/** Decoded input of a case as the loss takes it: tensors by name, and the rest in one object of options. */
type Loss = (tensors: Readonly<Record<string, T>>, options: never) => T;

const LOSSES: Readonly<Record<string, Loss>> = {
  crossEntropy: ({ logits, target, weight }, options) => nn.crossEntropy(logits!, target!, { ...(options as object), ...(weight ? { weight } : {}) }),
  causalLmLoss: ({ logits, labels }) => causalLmLoss(logits!, labels!),
  mseLoss: ({ input, target }, options) => nn.mseLoss(input!, target!, options),
  l1Loss: ({ input, target }, options) => nn.l1Loss(input!, target!, options),
  smoothL1Loss: ({ input, target }, options) => nn.smoothL1Loss(input!, target!, options),
  huberLoss: ({ input, target }, options) => nn.huberLoss(input!, target!, options),
  binaryCrossEntropy: ({ input, target }, options) => nn.binaryCrossEntropy(input!, target!, options),
  bceWithLogits: ({ input, target, posWeight }, options) => nn.bceWithLogits(input!, target!, { ...(options as object), ...(posWeight ? { posWeight } : {}) }),
  klDivLoss: ({ input, target }, options) => nn.klDiv(input!, target!, options),
  cosineEmbeddingLoss: ({ x1, x2, target }, options) => nn.cosineEmbeddingLoss(x1!, x2!, target!, options),
  tripletMarginLoss: ({ anchor, positive, negative }, options) => nn.tripletMarginLoss(anchor!, positive!, negative!, options),
  marginRankingLoss: ({ x1, x2, target }, options) => nn.marginRankingLoss(x1!, x2!, target!, options),
  hingeEmbeddingLoss: ({ input, target }, options) => nn.hingeEmbeddingLoss(input!, target!, options),
  multiMarginLoss: ({ input, target }) => multiMarginLoss(input!, target!),
  gaussianNllLoss: ({ input, target, variance }, options) => nn.gaussianNllLoss(input!, target!, variance!, options),
  poissonNllLoss: ({ input, target }) => nn.poissonNllLoss(input!, target!),
  ctcLoss: ({ logProbs, targets, inputLengths, targetLengths }, options) =>
    ctcLoss(logProbs!, targets!, inputLengths!.tolist() as number[], targetLengths!.tolist() as number[], options),
  focalLoss: ({ logits, target }, options) => nn.sigmoidFocalLoss(logits!, target!, { ...(options as object), reduction: 'mean' }),
  infoNceLoss: ({ query, key }, options) => infoNceLoss(query!, key!, options),
  clipLoss: ({ image, text }, options) => clipLoss(image!, text!, options),
  ntXentLoss: ({ z1, z2 }, options) => ntXentLoss(z1!, z2!, options),
  supConLoss: ({ features, labels }, options) => supConLoss(features!, labels!, options),
  multipleNegativesRankingLoss: ({ anchor, positive }, options) => multipleNegativesRankingLoss(anchor!, positive!, options),
  coSentLoss: ({ x1, x2, labels }, options) => coSentLoss(x1!, x2!, labels!, options),
  diceLoss: ({ logits, target }, options) => diceLoss(logits!, target!, options),
};

const isFile = (value: unknown): value is File => typeof value === 'object' && value !== null && 'dtype' in value;

function answer(loss: Loss) {
  return (input: Readonly<Record<string, never>>, { input: raw, expect: want }: Raw): unknown => {
    const wanted = Object.keys((want?.['grads'] ?? {}) as object);
    const tensors: Record<string, T> = {};
    for (const [name, file] of Object.entries(raw)) {
      if (!isFile(file)) continue;
      const made = gtc.reshape(tensor(input[name]!, { dtype: file.dtype === 'int64' ? 'int32' : (file.dtype as 'float32') }), file.shape);
      tensors[name] = wanted.includes(name) ? made.requiresGrad_() : made;
    }
    const options = Object.fromEntries(Object.entries(input).filter(([name]) => !isFile(raw[name])));
    const result = loss(tensors, options as never);
    const found =
      wanted.length === 0
        ? []
        : grad(
            [result],
            wanted.map(name => tensors[name]!),
            { gradOutputs: [tensors['gradOut'] ?? null] },
          );
    const grads = Object.fromEntries(wanted.map((name, i) => [name, found[i]!.tolist()]));
    return { loss: result.detach().tolist(), ...(wanted.length === 0 ? {} : { grads }) };
  };
}

describe('evidence: losses', () => {
  const answers = {
    ...Object.fromEntries(Object.entries(LOSSES).map(([name, loss]) => [name, answer(loss)])),
    computeClassWeights: ({ labels }: { readonly labels: number[] }) => ({ weights: computeClassWeight(labels) }),
  };
  it.each(evidenceCases('training/losses', answers as never, import.meta.url, '../../../evidence/losses.json'))('$name', c => c.run());
});

const f64 = { dtype: 'float64' } as const;
const rows = (count: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }), { minLength: count, maxLength: count });
const labels = (values: readonly number[]): T => tensor(values as never, { dtype: 'int32' });

describe('laws', () => {
  it('contrastive losses do not see how long embeddings are', () => {
    fc.assert(
      fc.property(rows(4), rows(4), fc.double({ min: 0.5, max: 4, noNaN: true }), (a, b, factor) => {
        const [x, y] = [tensor(a, f64), tensor(b, f64)];
        if ([...a, ...b].some(row => Math.hypot(...row) < 1e-3)) return;
        for (const loss of [infoNceLoss, clipLoss, ntXentLoss, multipleNegativesRankingLoss])
          expect(loss(gtc.mul(x, factor), y, {}).item()).toBeCloseTo(loss(x, y, {}).item() as number, 8);
        expect(supConLoss(gtc.mul(x, factor), labels([0, 1, 0, 1])).item()).toBeCloseTo(supConLoss(x, labels([0, 1, 0, 1])).item() as number, 8);
      }),
      { numRuns: 100 },
    );
  });
  it('CTC adds up all ways to spell a target', () => {
    const draws = fc.array(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 }), { minLength: 4, maxLength: 4 });
    const collapse = (way: readonly number[]): string => way.filter((label, i) => label !== 0 && label !== way[i - 1]).join('');
    fc.assert(
      fc.property(draws, fc.constantFrom([1], [1, 2], [1, 1], [2, 1, 2], []), (scores, target) => {
        const logProbs = gtc.logSoftmax(tensor(scores, f64), { axis: 1 });
        const table = logProbs.tolist() as number[][];
        const ways = Array.from({ length: 81 }, (_, n) => [n % 3, Math.floor(n / 3) % 3, Math.floor(n / 9) % 3, Math.floor(n / 27)]);
        const total = ways
          .filter(way => collapse(way) === target.join(''))
          .reduce((sum, way) => sum + Math.exp(way.reduce((log, label, time) => log + table[time]![label]!, 0)), 0);
        const targets = tensor([[...target, 0, 0, 0].slice(0, 3)], { dtype: 'int32' });
        const loss = ctcLoss(gtc.unsqueeze(logProbs, 1), targets, [4], [target.length]);
        expect(loss.item()).toBeCloseTo(-Math.log(total) / Math.max(1, target.length), 8);
      }),
      { numRuns: 100 },
    );
  });
  it('a target that does not fit has no way', () => {
    const logProbs = gtc.zeros([1, 1, 3], f64);
    const target = tensor([[1, 2]], { dtype: 'int32' });
    expect([ctcLoss(logProbs, target, [1], [2]).item(), ctcLoss(logProbs, target, [1], [2], { zeroInfinity: true }).item()]).toEqual([
      Number.POSITIVE_INFINITY,
      0,
    ]);
  });
  it('balanced weights count every class alike', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 50 }), list => {
        const classes = [...new Set(list)].sort((a, b) => a - b);
        return computeClassWeight(list).every(
          (weight, i) => Math.abs(weight * list.filter(label => label === classes[i]).length - list.length / classes.length) < 1e-9,
        );
      }),
      { numRuns: 100 },
    );
  });
  it('margins may be squared, and ignored labels do not count', () => {
    expect(multiMarginLoss(tensor([[0, 1, 3]], f64), labels([1]), { p: 2 }).item()).toBeCloseTo(9 / 3, 12);
    const logits = tensor(
      [
        [
          [5, 0],
          [0, 5],
          [1, 1],
        ],
      ],
      f64,
    );
    expect(causalLmLoss(logits, tensor([[0, 0, -1]], { dtype: 'int32' }), { ignoreIndex: -1 }).item()).toBeCloseTo(Math.log1p(Math.exp(-5)), 12);
  });
});

describe('refusals', () => {
  const one = tensor([[1, 2]]);
  const logProbs = gtc.zeros([2, 1, 3]);
  const target = tensor([[1]], { dtype: 'int32' });
  it.each([
    [() => infoNceLoss(one, tensor([[1]])), 'key must be [pairs, dimensions] with pairs = 1, dimensions = 2, got [1, 1]'],
    [() => ntXentLoss(one, one, { temperature: 0 }), 'temperature must be positive, got 0'],
    [() => multipleNegativesRankingLoss(one, one, { scale: -1 }), 'scale must be positive, got -1'],
    [() => coSentLoss(one, one, tensor([1, 2])), 'labels must be [1], got [2]'],
    [() => multiMarginLoss(one, labels([0]), { p: 3 as never }), 'p must be 1 or 2, got 3'],
    [() => ctcLoss(logProbs, target, [3], [1]), 'inputLengths must be integers from 0 to 2, got 3'],
    [() => ctcLoss(logProbs, target, [2, 2], [1]), 'inputLengths must have length 1, got 2'],
    [() => ctcLoss(logProbs, tensor([[0]], { dtype: 'int32' }), [2], [1]), 'targets must be classes other than 0, the blank, got 0'],
    [() => diceLoss(one, tensor([1])), 'target must be [1, 2], got [1]'],
    [() => computeClassWeight([]), 'labels cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import * as gtc from '@gtc/tensor';
import { cholesky, inv, slogdet, solve } from '@gtc/tensor/linalg';
import { conv1d, crossEntropy, embedding, interpolate, layerNorm, rmsNorm } from '@gtc/tensor/nn';
import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mamlGradient, matchingNetworkLoss, prototypicalLoss, reptileDirection } from './adapt.js';

const { add, grad, matmul, mul, tensor } = gtc;
type T = gtc.Tensor;
type Operation = (inputs: readonly T[], extra: { readonly index: T; readonly mask: T; readonly shape: readonly number[] }) => T;
const f64 = { dtype: 'float64' } as const;

/** The operations of the topic, as its script calls them in torch. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'add-broadcast': ([x, y]) => add(x!, y!),
  'sub-broadcast': ([x, y]) => gtc.sub(x!, y!),
  'mul-broadcast': ([x, y]) => mul(x!, y!),
  div: ([x, y]) => gtc.div(x!, y!),
  'pow-scalar': ([x]) => gtc.pow(x!, 3),
  'pow-tensor': ([x, y]) => gtc.pow(x!, y!),
  sqrt: ([x]) => gtc.sqrt(x!),
  rsqrt: ([x]) => gtc.rsqrt(x!),
  exp: ([x]) => gtc.exp(x!),
  log: ([x]) => gtc.log(x!),
  log1p: ([x]) => gtc.log1p(x!),
  expm1: ([x]) => gtc.expm1(x!),
  sin: ([x]) => gtc.sin(x!),
  erf: ([x]) => gtc.erf(x!),
  'abs-zero': ([x]) => gtc.abs(x!),
  sign: ([x]) => gtc.sign(x!),
  clamp: ([x]) => gtc.clip(x!, -0.5, 0.5),
  atan2: ([x, y]) => gtc.atan2(x!, y!),
  matmul: ([x, y]) => matmul(x!, y!),
  'matmul-batch-broadcast': ([x, y]) => matmul(x!, y!),
  matvec: ([x, y]) => matmul(x!, y!),
  vecmat: ([x, y]) => matmul(x!, y!),
  dot: ([x, y]) => gtc.dot(x!, y!),
  outer: ([x, y]) => gtc.outer(x!, y!),
  'einsum-bhqk': ([q, k]) => gtc.einsum('bqhd,bkhd->bhqk', q!, k!),
  bmm: ([x, y]) => gtc.bmm(x!, y!),
  addmm: ([x, y, z]) => gtc.addmm(x!, y!, z!, { beta: 0.5, alpha: 2 }),
  'sum-dim': ([x]) => gtc.sum(x!, { axis: 1 }),
  'mean-keepdim': ([x]) => gtc.mean(x!, { axis: [0, 2], keepdims: true }),
  var: ([x]) => gtc.variance(x!, { axis: 1 }),
  'std-biased': ([x]) => gtc.std(x!, { axis: 0, correction: 0 }),
  'norm-2': ([x]) => gtc.vectorNorm(x!, { axis: 1 }),
  'norm-zero': ([x]) => gtc.vectorNorm(x!),
  prod: ([x]) => gtc.prod(x!, { axis: 1 }),
  'prod-with-zero': ([x]) => gtc.prod(x!),
  logsumexp: ([x]) => gtc.logsumexp(x!, { axis: 1 }),
  cumsum: ([x]) => gtc.cumsum(x!, 1),
  cumprod: ([x]) => gtc.cumprod(x!, 1),
  'max-all-ties': ([x]) => gtc.max(x!),
  'amax-ties': ([x]) => gtc.amax(x!, { axis: 1 }),
  'max-dim-ties': ([x]) => gtc.max(x!, { axis: 1 }),
  'min-dim': ([x]) => gtc.min(x!, { axis: 0 }),
  'maximum-ties': ([x, y]) => gtc.maximum(x!, y!),
  sort: ([x]) => gtc.sort(x!, { axis: 1 }).values,
  topk: ([x]) => gtc.topk(x!, 2, { axis: 1 }).values,
  median: ([x]) => gtc.medianLower(x!, { axis: 1 }),
  gather: ([x], { index }) => gtc.gather(x!, 1, index),
  'index-select-repeat': ([x], { index }) => gtc.indexSelect(x!, 0, index),
  'scatter-add': ([x], { index, shape }) => gtc.scatterAdd(gtc.zeros(shape, f64), 1, index, x!),
  'index-put': ([x, v], { index }) => gtc.putArrays(x!, [index.get(':1')], v!),
  'masked-fill': ([x], { mask }) => gtc.maskedFill(x!, mask, -1e9),
  where: ([x, y], { mask }) => gtc.where(mask, x!, y!),
  'masked-select': ([x], { mask }) => gtc.maskedSelect(x!, mask),
  embedding: ([w], { index }) => embedding(index, w!),
  'slice-step': ([x]) => x!.get(':', '1::2'),
  flip: ([x]) => gtc.flip(x!, { axis: 1 }),
  roll: ([x]) => gtc.roll(x!, 2, { axis: 1 }),
  pad: ([x]) =>
    gtc.pad(
      x!,
      [
        [0, 0],
        [1, 2],
      ],
      { value: 3 },
    ),
  'permute-reshape': ([x]) => gtc.reshape(gtc.permute(x!, [2, 0, 1]), [x!.shape[2]!, -1]),
  expand: ([x], { shape }) => gtc.expand(x!, shape),
  cat: ([x, y]) => gtc.cat([x!, y!, x!], { axis: 1 }),
  stack: ([x, y]) => gtc.stack([x!, y!], { axis: 1 }),
  'split-chunk': ([x]) => gtc.chunk(x!, 2, { axis: 1 })[1]!,
  tril: ([x]) => gtc.tril(x!),
  diagonal: ([x]) => gtc.diagonal(x!),
  'repeat-interleave': ([x]) => gtc.repeat(x!, 3, { axis: 1 }),
  softmax: ([x]) => gtc.softmax(x!, { axis: -1 }),
  'log-softmax': ([x]) => gtc.logSoftmax(x!, { axis: 0 }),
  'layer-norm': ([x, w, b]) => layerNorm(x!, [x!.shape[1]!], { weight: w!, bias: b! }),
  'rms-norm': ([x, w]) => rmsNorm(x!, [x!.shape[1]!], { weight: w!, eps: 1e-6 }),
  'cosine-similarity': ([x, y]) => gtc.cosineSimilarity(x!, y!, { axis: 1 }),
  normalize: ([x]) => gtc.normalize(x!, { axis: 1 }),
  conv1d: ([x, w]) => conv1d(x!, w!, { padding: 1 }),
  unfold: ([x]) => gtc.unfold(x!, 1, 3, 1),
  'interpolate-linear': ([x]) => interpolate(x!, { scaleFactor: 2, mode: 'linear', alignCorners: false }),
  solve: ([x, y]) => solve(x!, y!),
  inverse: ([x]) => inv(x!),
  logdet: ([x]) => slogdet(x!).logabsdet,
  cholesky: ([x]) => cholesky(add(matmul(x!, gtc.matrixTranspose(x!)), gtc.eye(x!.shape[0]!, f64))),
  'reused-leaf': ([x]) => mul(gtc.sum(add(mul(x!, x!), x!)), x!.get(0)),
  detach: ([x]) => mul(x!, x!.detach()),
  'no-path': ([x, y]) => add(mul(x!, 2), y!.detach()),
  'deep-chain': ([x]) => Array.from({ length: 200 }).reduce<T>(y => gtc.tanh(mul(y, 1.1)), x!),
  empty: ([x]) => gtc.sum(x!, { axis: 1 }),
  scalar: ([x]) => mul(x!, x!),
};

type Given = {
  readonly [K in
    | 'op'
    | 'inputs'
    | 'gradOut'
    | 'index'
    | 'mask'
    | 'x'
    | 'w'
    | 'v'
    | 'params'
    | 'supportX'
    | 'supportY'
    | 'queryX'
    | 'queryY'
    | 'innerLr'
    | 'innerSteps'
    | 'firstOrder'
    | 'support'
    | 'supportLabels'
    | 'query'
    | 'queryLabels']: never;
};
type Raw = { readonly input: Readonly<Record<string, { readonly shape: number[] } | { readonly shape: number[] }[]>> };

/** A tensor of the file, whose empty shapes nested lists do not show. */
const float = (values: never, shape: readonly number[]): T => gtc.reshape(tensor(values, f64), shape);
const labels = (values: never): T => tensor(values, { dtype: 'int32' });
const shapeOf = (raw: Raw, name: string): readonly number[] => (raw.input[name] as { readonly shape: number[] }).shape;

describe('evidence: autograd', () => {
  const layers = ({ params }: Given): T[] => (params as never[]).map(each => tensor(each, f64));
  const lossOn =
    (x: never, y: never) =>
    ([first, second]: readonly T[]): T =>
      crossEntropy(matmul(gtc.tanh(matmul(tensor(x, f64), first!)), second!), labels(y));
  const lists = (tensors: readonly T[]): unknown[] => tensors.map(each => each.tolist());
  const answers = {
    'autograd.grad': ({ op, inputs, gradOut, index, mask }: Given, raw: Raw) => {
      const shapes = (raw.input['inputs'] as { readonly shape: number[] }[]).map(({ shape }) => shape);
      const leaves = (inputs as never[]).map((values, i) => float(values, shapes[i]!).requiresGrad_());
      const extra = {
        index: index === undefined ? tensor([0]) : labels(index),
        mask: mask === undefined ? tensor([0]) : tensor(mask, { dtype: 'bool' }),
        shape: shapeOf(raw, 'gradOut'),
      };
      const y = OPERATIONS[op]!(leaves, extra);
      const found = y.requiresGrad ? grad([y], leaves, { gradOutputs: [float(gradOut, y.shape)], allowUnused: true }) : leaves.map(() => null);
      // Where nothing leads to a leaf its gradient is null here and zero in the file.
      return { y: y.detach().tolist(), grads: found.map((each, i) => (each ?? gtc.zerosLike(leaves[i]!)).tolist()) };
    },
    'autograd.hvp': ({ x, w, v }: Given) => {
      const leaf = tensor(w, f64).requiresGrad_();
      const [first] = grad([gtc.sum(gtc.pow(gtc.tanh(matmul(tensor(x, f64), leaf)), 2))], [leaf], { createGraph: true });
      const [second] = grad([gtc.sum(mul(first!, tensor(v, f64)))], [leaf]);
      return { grad: first!.detach().tolist(), hvp: second!.tolist() };
    },
    'autograd.gradientPenalty': ({ x, w }: Given) => {
      const [at, leaf] = [tensor(x, f64).requiresGrad_(), tensor(w, f64).requiresGrad_()];
      const [slope] = grad([gtc.sum(gtc.tanh(matmul(at, leaf)))], [at], { createGraph: true });
      const penalty = gtc.mean(gtc.pow(gtc.sub(gtc.vectorNorm(slope!, { axis: 1 }), 1), 2));
      return { penalty: penalty.item(), gradW: grad([penalty], [leaf])[0]!.tolist() };
    },
    mamlGradient: (given: Given) => {
      const { supportX, supportY, queryX, queryY, innerLr, innerSteps, firstOrder } = given;
      const found = mamlGradient(layers(given), lossOn(supportX, supportY), lossOn(queryX, queryY), { innerLr, innerSteps, firstOrder });
      return { queryLoss: found.queryLoss.item(), metaGrads: lists(found.gradients), adapted: lists(found.adapted) };
    },
    reptileDirection: (given: Given) => ({ direction: lists(reptileDirection(layers(given), lossOn(given.supportX, given.supportY), given)) }),
    prototypicalLoss: ({ support, supportLabels, query, queryLabels }: Given) => {
      const [examples, queries] = [tensor(support, f64).requiresGrad_(), tensor(query, f64).requiresGrad_()];
      const { prototypes, loss, accuracy } = prototypicalLoss(examples, labels(supportLabels), queries, labels(queryLabels));
      const [gradSupport, gradQuery] = grad([loss], [examples, queries]);
      return { prototypes: prototypes.detach().tolist(), loss: loss.item(), accuracy, gradSupport: gradSupport!.tolist(), gradQuery: gradQuery!.tolist() };
    },
    matchingNetworkLoss: ({ support, supportLabels, query, queryLabels }: Given) => {
      const { probabilities, loss } = matchingNetworkLoss(tensor(support, f64), labels(supportLabels), tensor(query, f64), labels(queryLabels));
      return { probs: probabilities.tolist(), loss: loss.item() };
    },
  };
  it.each(evidenceCases('training/autograd', answers as never, import.meta.url, '../../../evidence/autograd.json'))('$name', c => c.run());
});

describe('laws', () => {
  const square = ([x]: readonly T[]): T => gtc.sum(mul(x!, x!));
  it('on a square, each inner step shrinks by the same factor, and so does the gradient', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.01, max: 0.4, noNaN: true }),
        fc.integer({ min: 1, max: 4 }),
        (start, innerLr, innerSteps) => {
          const params = [tensor([start], f64)];
          const factor = (1 - 2 * innerLr) ** innerSteps;
          const second = mamlGradient(params, square, square, { innerLr, innerSteps });
          const first = mamlGradient(params, square, square, { innerLr, innerSteps, firstOrder: true });
          expect(second.adapted[0]!.item()).toBeCloseTo(start * factor, 10);
          expect(second.gradients[0]!.item()).toBeCloseTo(2 * start * factor * factor, 10);
          expect(first.gradients[0]!.item()).toBeCloseTo(2 * start * factor, 10);
          expect(reptileDirection(params, square, { innerLr, innerSteps })[0]!.item()).toBeCloseTo(start * (1 - factor), 10);
          return params[0]!.item() === start;
        },
      ),
      { numRuns: 100 },
    );
  });
  it('queries that are prototypes are theirs, and attention is shared out', () => {
    const [support, classes] = [
      tensor(
        [
          [1, 0],
          [0, 1],
          [3, 0],
        ],
        f64,
      ),
      labels([0, 1, 0] as never),
    ];
    const { prototypes, accuracy } = prototypicalLoss(
      support,
      classes,
      tensor(
        [
          [2, 0],
          [0, 1],
        ],
        f64,
      ),
      labels([0, 1] as never),
    );
    expect([prototypes.tolist(), accuracy]).toEqual([
      [
        [2, 0],
        [0, 1],
      ],
      1,
    ]);
    const { probabilities } = matchingNetworkLoss(support, classes, tensor([[1, 1]], f64), labels([0] as never));
    expect(gtc.sum(probabilities).item()).toBeCloseTo(1, 12);
  });
});

describe('refusals', () => {
  const one = tensor([[1, 2]]);
  it.each([
    [
      () =>
        mamlGradient(
          [one],
          () => one,
          () => one,
          { innerLr: 0 },
        ),
      'innerLr must be positive, got 0',
    ],
    [() => reptileDirection([one], () => one, { innerLr: 1, innerSteps: 0 }), 'innerSteps must be positive, got 0'],
    [() => prototypicalLoss(one, labels([1] as never), one, labels([0] as never)), 'supportLabels must hold every class, and class 0 has no example'],
    [() => prototypicalLoss(one, labels([-1] as never), one, labels([0] as never)), 'supportLabels must not be negative, got -1'],
    [() => prototypicalLoss(one, labels([0, 1] as never), one, labels([0] as never)), 'supportLabels must be [1] with examples = 1, dimensions = 2, got [2]'],
    [() => matchingNetworkLoss(one, labels([0] as never), tensor([[1]]), labels([0] as never)), 'query must be [queries, 2], got [1, 1]'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

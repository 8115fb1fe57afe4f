import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as gtc from '../../index.js';
import * as nn from '../../nn.js';

const { gradcheck, ones, tensor, zeros } = gtc;
type T = gtc.Tensor;

/** Numbers without pattern, away from kinks. */
const point = (...shape: number[]): T =>
  tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(3 * i + 1) + 0.11 * i - 0.3),
    { dtype: 'float64' },
  ).reshape(shape);
const labels = (...values: number[]): T => tensor(values, { dtype: 'int32' });
const signs = tensor([1, -1, 1], { dtype: 'float64' });
const pair = new nn.Bilinear(3, 2, 2).to({ dtype: 'float64' });
const probabilities = (x: T): T => x.sigmoid();

describe('gradients of layers equal differences', () => {
  it.each<[string, (...x: T[]) => T, T[]]>([
    ['nllLoss', x => nn.nllLoss(x.logSoftmax(), labels(1, 0)), [point(2, 3)]],
    ['nllLoss of one example', x => nn.nllLoss(x.logSoftmax(), labels(1).reshape([])), [point(3)]],
    [
      'crossEntropy of positions',
      x =>
        nn.crossEntropy(
          x,
          tensor(
            [
              [0, 1],
              [2, -100],
            ],
            { dtype: 'int32' },
          ),
        ),
      [point(2, 3, 2)],
    ],
    [
      'crossEntropy with weights and smoothing',
      x => nn.crossEntropy(x, labels(1, 2), { weight: tensor([1, 2, 3], { dtype: 'float64' }), labelSmoothing: 0.2 }),
      [point(2, 3)],
    ],
    [
      'crossEntropy of probabilities',
      (x, t) => nn.crossEntropy(x, t.softmax(), { labelSmoothing: 0.1, weight: tensor([1, 2, 3], { dtype: 'float64' }) }),
      [point(2, 3), point(2, 3)],
    ],
    ['smoothL1Loss', (x, t) => nn.smoothL1Loss(x, t, { reduction: 'sum' }), [point(3), point(3).mul(2)]],
    ['smoothL1Loss without beta', (x, t) => nn.smoothL1Loss(x, t, { beta: 0 }), [point(3), point(3).mul(2)]],
    ['huberLoss', (x, t) => nn.huberLoss(x, t, { delta: 0.4 }), [point(3), point(3).mul(2)]],
    [
      'binaryCrossEntropy',
      (x, t) => nn.binaryCrossEntropy(probabilities(x), probabilities(t), { weight: tensor(2, { dtype: 'float64' }) }),
      [point(3), point(3)],
    ],
    ['bceWithLogits', (x, t) => nn.bceWithLogits(x, probabilities(t), { posWeight: tensor(3, { dtype: 'float64' }) }), [point(3), point(3)]],
    ['klDiv', (x, t) => nn.klDiv(x.logSoftmax(), t.softmax()), [point(2, 3), point(2, 3)]],
    ['klDiv of logarithms', (x, t) => nn.klDiv(x.logSoftmax(), t.logSoftmax(), { logTarget: true, reduction: 'batchmean' }), [point(2, 3), point(2, 3)]],
    ['softMarginLoss', x => nn.softMarginLoss(x, signs), [point(3)]],
    ['hingeEmbeddingLoss', x => nn.hingeEmbeddingLoss(x, signs), [point(3)]],
    ['marginRankingLoss', (a, b) => nn.marginRankingLoss(a, b, signs, { margin: 0.5 }), [point(3), point(3).mul(1.5)]],
    ['cosineEmbeddingLoss', (a, b) => nn.cosineEmbeddingLoss(a, b, signs, { margin: -0.9 }), [point(3, 4), point(3, 4).add(0.3)]],
    ['tripletMarginLoss', (a, p, n) => nn.tripletMarginLoss(a, p, n, { swap: true }), [point(2, 3), point(2, 3).add(0.5), point(2, 3).mul(-1)]],
    ['poissonNllLoss', (x, t) => nn.poissonNllLoss(x, t.exp().add(1), { full: true }), [point(3), point(3)]],
    ['poissonNllLoss of rates', (x, t) => nn.poissonNllLoss(x.exp(), t.exp(), { logInput: false }), [point(3), point(3)]],
    ['gaussianNllLoss', (x, t, v) => nn.gaussianNllLoss(x, t, v.exp(), { full: true }), [point(3), point(3).mul(2), point(3)]],
    ['sigmoidFocalLoss', x => nn.sigmoidFocalLoss(x, tensor([1, 0, 1], { dtype: 'float64' })), [point(3)]],
    ['instanceNorm', (x, w) => nn.instanceNorm(x, { weight: w }), [point(2, 3, 4), point(3)]],
    ['localResponseNorm', x => nn.localResponseNorm(x, 3, { alpha: 0.5 }), [point(1, 4, 2)]],
    [
      'batchNorm by running values',
      x => nn.batchNorm(x, { runningMean: zeros([3], { dtype: 'float64' }), runningVar: ones([3], { dtype: 'float64' }) }),
      [point(2, 3)],
    ],
    [
      'attention with groups and a mask',
      (q, k) => nn.scaledDotProductAttention(q, k, k, { enableGqa: true, mask: tensor([[1, 0, 1]], { dtype: 'bool' }), scale: 0.7 }),
      [point(4, 2, 3), point(2, 3, 3)],
    ],
    ['embedding', w => nn.embedding(labels(2, 0, 2), w), [point(3, 2)]],
    ['conv3d', (x, w) => nn.conv3d(x, w, { padding: 1 }), [point(1, 1, 2, 2, 2), point(1, 1, 2, 2, 2)]],
    ['convTranspose2d', (x, w) => nn.convTranspose2d(x, w, { stride: 2 }), [point(1, 2, 2, 2), point(2, 1, 2, 2)]],
    ['gridSample by the grid', g => nn.gridSample(point(1, 1, 3, 4), g.mul(0.4)), [point(1, 2, 2, 2)]],
    ['gridSample bicubic by the grid', g => nn.gridSample(point(1, 1, 3, 4), g.mul(0.4), { mode: 'bicubic', paddingMode: 'reflection' }), [point(1, 2, 2, 2)]],
    ['Bilinear', (x, y) => pair.forward(x, y), [point(2, 3), point(2, 2)]],
  ])('%s', (_, fn, inputs) => {
    expect(gradcheck(fn, inputs)).toBe(true);
  });
});

describe('laws of layers', () => {
  it('dropout keeps the share it says and scales the rest', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.integer(), (p, seed) => {
        const generator = new gtc.TorchGenerator(seed);
        const y = nn.dropout(ones([2000], { dtype: 'float64' }), { p, random: () => generator.single() });
        const kept = (y.tolist() as number[]).filter(value => value !== 0);
        expect(Math.abs(kept.length - 2000 * (1 - p))).toBeLessThan(6 * Math.sqrt(2000 * p * (1 - p)) + 1);
        for (const value of kept) expect(value).toBeCloseTo(1 / (1 - p), 9);
      }),
      { numRuns: 100 },
    );
  });
  it('attention over one key returns its value', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 }), values => {
        const [q, v] = [tensor([values], { dtype: 'float64' }), tensor([values], { dtype: 'float64' })];
        expect(gtc.allclose(nn.scaledDotProductAttention(q, q, v, { isCausal: true }), v)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
  it('attention drops weights on demand', () => {
    const x = ones([3, 2]);
    expect(nn.scaledDotProductAttention(x, x, x, { dropoutP: 1, random: () => 0.5 }).tolist()).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
  it('attention drops as many weights as asked for, and scales the others', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), fc.double({ min: 0, max: 0.999, noNaN: true }), (p, start) => {
        // Equal scores, and values that tell the keys apart: the result is the weights.
        const [zeros, unit] = [gtc.zeros([2, 40, 3]), gtc.eye(60)];
        const weights = nn.scaledDotProductAttention(zeros, gtc.zeros([2, 60, 3]), unit, { dropoutP: p, random: () => start });
        const kept = (weights.reshape([-1]).tolist() as number[]).filter(value => value !== 0);
        expect(Math.abs(kept.length - 4800 * (1 - p))).toBeLessThan(6 * Math.sqrt(4800 * p * (1 - p)) + 1);
        expect(Math.max(...kept.map(value => Math.abs(value * 60 * (1 - p) - 1)))).toBeLessThan(1e-5);
        const rows = weights.ne(0).astype('float32').reshape([80, 60]).tolist() as number[][];
        expect(new Set(rows.map(String)).size).toBeGreaterThan(60);
      }),
      { numRuns: 100 },
    );
  });
  it('attention refuses a probability that is none', () => {
    const x = ones([3, 2]);
    expect(() => nn.scaledDotProductAttention(x, x, x, { dropoutP: 1.5 })).toThrow('dropoutP');
  });
  it('attention with heads gives the same without its weights', () => {
    const layer = new nn.MultiheadAttention(8, 2, { batchFirst: true, addZeroAttn: true });
    const x = point(2, 5, 8).astype('float32');
    const padding = gtc.ge(gtc.arange(5), tensor([[4], [3]]));
    const attnMask = gtc.triu(ones([5, 5], { dtype: 'bool' }), { k: 1 });
    for (const call of [{}, { attnMask }, { keyPaddingMask: padding }, { attnMask, keyPaddingMask: padding }]) {
      const bare = layer.forward(x, x, x, { ...call, needWeights: false });
      expect(bare.weights).toBe(null);
      expect(gtc.allclose(bare.y, layer.forward(x, x, x, call).y, { rtol: 1e-5, atol: 1e-6 })).toBe(true);
    }
  });
  it('a pooling of single elements is the input', () => {
    const x = point(1, 2, 5);
    expect([nn.maxPool1d(x, 1).tolist(), nn.avgPool1d(x, 1).tolist(), nn.lpPool1d(x.abs(), 1, 1).tolist()]).toEqual([x.tolist(), x.tolist(), x.abs().tolist()]);
  });
  it('layers agree with their functions', () => {
    const x = point(1, 2, 4, 4);
    const line = point(2, 4);
    expect(new nn.AvgPool2d(2).forward(x).tolist()).toEqual(nn.avgPool2d(x, 2).tolist());
    expect(new nn.MaxPool2d(2).forward(x).tolist()).toEqual(nn.maxPool2d(x, 2).tolist());
    expect(new nn.AvgPool1d(2).forward(line).tolist()).toEqual(nn.avgPool1d(line, 2).tolist());
    expect(new nn.Softmax().forward(line).tolist()).toEqual(line.softmax().tolist());
    expect(new nn.LogSoftmax().forward(line).tolist()).toEqual(line.logSoftmax().tolist());
    expect(new nn.Sigmoid().forward(line).tolist()).toEqual(line.sigmoid().tolist());
    expect(new nn.LeakyReLU().forward(line).tolist()).toEqual(gtc.leakyRelu(line).tolist());
    expect(new nn.Conv3d(1, 2, 1).forward(ones([1, 1, 2, 2, 2])).shape).toEqual([1, 2, 2, 2, 2]);
    expect(new nn.ConvTranspose2d(2, 1, 2).to({ dtype: 'float64' }).forward(x).shape).toEqual([1, 1, 5, 5]);
    expect(new nn.RNN(2, 3).forward(ones([4, 1, 2]), zeros([1, 1, 3])).last.shape).toEqual([1, 1, 3]);
    expect(new nn.EmbeddingBag(3, 2, { mode: 'max' }).forward(tensor([[0, 1]], { dtype: 'int32' })).shape).toEqual([1, 2]);
  });
  it('decodes with a memory, normalising before or after', () => {
    for (const normFirst of [true, false]) {
      const layer = new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 6, dropout: 0, batchFirst: true, normFirst });
      expect(layer.forward(ones([1, 3, 4]), ones([1, 2, 4])).shape).toEqual([1, 3, 4]);
    }
    const encoder = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 6, dropout: 0, batchFirst: true });
    expect(encoder.forward(ones([1, 3, 4])).shape).toEqual([1, 3, 4]);
  });
});

describe('refusals of layers', () => {
  it.each<[string, () => unknown]>([
    ['layerNorm: an input of shape [2] does not end in the normalised shape []', () => nn.layerNorm(ones([2]), [])],
    ['batchNorm: outside training it needs runningMean and runningVar', () => nn.batchNorm(ones([2, 3]))],
    ['mseLoss: input [2] and target [3] must have one shape', () => nn.mseLoss(ones([2]), ones([3]))],
    ['nllLoss: target must be of an integer dtype, got float32', () => nn.nllLoss(ones([2, 3]), ones([2]))],
    ['nllLoss: weight [2] must have one element for each of 3 classes', () => nn.nllLoss(ones([1, 3]), labels(1), { weight: ones([2]) })],
    ['scaledDotProductAttention: each needs at least 2 axes', () => nn.scaledDotProductAttention(ones([2]), ones([2]), ones([2]))],
    [
      'query heads must be a multiple of the heads of key and value',
      () => nn.scaledDotProductAttention(ones([3, 1, 2]), ones([2, 1, 2]), ones([2, 1, 2]), { enableGqa: true }),
    ],
    ['embedding: weight must be [rows, width], got [2]', () => nn.embedding(labels(0), ones([2]))],
    ['conv1d: stride must be 1 integers of at least 1, got 0', () => nn.conv1d(ones([1, 1, 3]), ones([1, 1, 2]), { stride: 0 })],
    ['conv1d: groups must be positive, got 0', () => nn.conv1d(ones([1, 1, 3]), ones([1, 1, 2]), { groups: 0 })],
    ["conv1d: padding 'same' needs a stride of 1, got [2]", () => nn.conv1d(ones([1, 1, 3]), ones([1, 1, 2]), { stride: 2, padding: 'same' })],
    ['conv1d: a kernel of [4] is larger than the padded input [1, 1, 3]', () => nn.conv1d(ones([1, 1, 3]), ones([1, 1, 4]))],
    ['outputPadding must be smaller than stride or dilation, got 1', () => nn.convTranspose1d(ones([1, 1, 3]), ones([1, 1, 2]), { outputPadding: 1 })],
    ['maxPool1d: padding must be at most half the window, got 2 for 2', () => nn.maxPool1d(ones([1, 1, 3]), 2, { padding: 2 })],
    ['maxUnpool2d: indices must lie within [2, 2]', () => nn.maxUnpool2d(ones([1, 1, 1, 1]), tensor([[[[9]]]], { dtype: 'int32' }), 2)],
    ['padLast: widths must be pairs for at most 1 axes, got [1]', () => nn.padLast(ones([2]), [1])],
    ["interpolate: mode 'linear' does not go with an input of shape [1, 1, 2, 2]", () => nn.interpolate(ones([1, 1, 2, 2]), { size: 3, mode: 'linear' })],
    ['interpolate: one of size and scaleFactor must be given', () => nn.interpolate(ones([1, 1, 2]))],
    ["interpolate: alignCorners does not go with mode 'nearest'", () => nn.interpolate(ones([1, 1, 2]), { size: 2, alignCorners: true })],
    ['interpolate: the result must have 1 positive lengths, got [0]', () => nn.interpolate(ones([1, 1, 2]), { scaleFactor: 0.1 })],
    ['gridSample: a grid of shape [2, 2] does not fit an image of shape [1, 1, 2, 2]', () => nn.gridSample(ones([1, 1, 2, 2]), ones([2, 2]))],
    ['affineGrid: theta must be [1, 2, 3], got [2, 3]', () => nn.affineGrid(ones([2, 3]), [1, 1, 2, 2])],
    ['p must be in [0, 1], got 2', () => new nn.Dropout({ p: 2 })],
    ['groups must divide inChannels, got 2 and 3', () => new nn.Conv1d(3, 4, 1, { groups: 2 })],
    ['projSize must be smaller than hiddenSize 2, got 2', () => new nn.LSTM(1, 2, { projSize: 2 })],
    ['MultiheadAttention: query, key and value need 3 axes', () => new nn.MultiheadAttention(2, 1).forward(ones([2, 2]), ones([2, 2]), ones([2, 2]))],
  ])('%s', (message, call) => {
    expect(call).toThrow(message);
  });
});

describe('layers without what they may lack', () => {
  it('normalise without scale and shift', () => {
    const x = point(2, 4, 3);
    expect(new nn.RMSNorm(3, { elementwiseAffine: false }).forward(x).shape).toEqual([2, 4, 3]);
    expect(new nn.GroupNorm(2, 4, { affine: false }).parameters()).toEqual([]);
    expect(new nn.InstanceNorm1d(4).eval().forward(x).shape).toEqual([2, 4, 3]);
    const plain = new nn.BatchNorm1d(4, { trackRunningStats: false, affine: false, momentum: null });
    expect([plain.forward(x).shape, plain.eval().forward(x).shape]).toEqual([
      [2, 4, 3],
      [2, 4, 3],
    ]);
  });
  it('average running values over all batches without momentum', () => {
    const layer = new nn.BatchNorm1d(1, { momentum: null }).to({ dtype: 'float64' });
    for (const value of [1, 3]) layer.forward(tensor([[value], [value + 1]], { dtype: 'float64' }));
    expect([layer.runningMean?.tolist(), layer.numBatchesTracked?.item()]).toEqual([[2.5], 2]);
  });
  it('convolve without bias, padded in their own way', () => {
    const x = point(1, 1, 4, 4);
    expect(new nn.Conv2d(1, 1, 3, { bias: false, padding: [1, 2], paddingMode: 'circular' }).to({ dtype: 'float64' }).forward(x).shape).toEqual([1, 1, 4, 6]);
    expect(new nn.ConvTranspose1d(1, 2, [2], { bias: false }).parameters().length).toBe(1);
    expect(new nn.Bilinear(1, 1, 1, { bias: false }).parameters().length).toBe(1);
  });
  it('resize to single positions with corners aligned', () => {
    const x = point(1, 1, 3, 3);
    expect(nn.interpolate(x, { size: 1, mode: 'bilinear', alignCorners: true }).item()).toBe(x.at(0, 0, 0, 0));
    expect(nn.interpolate(x, { size: [2, 1], mode: 'bicubic', alignCorners: true, antialias: true }).shape).toEqual([1, 1, 2, 1]);
    expect(nn.interpolate(x, { scaleFactor: [2, 1], mode: 'nearest', recomputeScaleFactor: true }).shape).toEqual([1, 1, 6, 3]);
    expect(nn.gridSample(ones([1, 1, 1, 1]), zeros([1, 1, 1, 2]), { paddingMode: 'reflection', alignCorners: true }).item()).toBe(1);
    expect(
      nn
        .affineGrid(
          tensor([
            [
              [1, 0, 0],
              [0, 1, 0],
            ],
          ]),
          [1, 1, 1, 2],
          { alignCorners: true },
        )
        .tolist(),
    ).toEqual([
      [
        [
          [-1, 0],
          [1, 0],
        ],
      ],
    ]);
  });
});

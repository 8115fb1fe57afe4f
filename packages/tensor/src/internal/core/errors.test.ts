import { describe, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';
import * as nn from '../../nn.js';

type T = gtc.Tensor;

const operations = {
  ...gtc,
  ...nn,
  item: (x: T) => x.item(),
  toBoolean: (x: T) => x.toBoolean(),
  fromTypedArray: (data: number[], shape: number[]) => gtc.fromTypedArray(Float32Array.from(data), shape),
  set: (x: T, index: gtc.Index[], value: T) => gtc.set(x, index, value),
  layerNorm: (x: T, shape: number[], weight?: T) => nn.layerNorm(x, shape, { weight: weight ?? null }),
  'nn.MultiheadAttention': (embedDim: number, numHeads: number) => new nn.MultiheadAttention(embedDim, numHeads),
  'nn.LSTM': (inputSize: number, hiddenSize: number, x: T) => new nn.LSTM(inputSize, hiddenSize).forward(x),
  'random.multinomial': (weights: T, count: number) => gtc.multinomial(weights, count),
};

describe('evidence: errors', () => {
  it.each(tensorCases('errors', operations as never, import.meta.url))('$name', c => c.run());
});

import { sweep } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import { createTransformerConfig, headSize, TransformerConfig } from './transformer.js';

describe('TransformerConfig', () => {
  // config.json of the models on the hub
  it.each([
    ['bertBase', { hiddenSize: 768, numAttentionHeads: 12, numHiddenLayers: 12, vocabSize: 30522, intermediateSize: 3072, maxPositionEmbeddings: 512 }],
    ['bertLarge', { hiddenSize: 1024, numAttentionHeads: 16, numHiddenLayers: 24, vocabSize: 30522, intermediateSize: 4096, maxPositionEmbeddings: 512 }],
    ['gpt2', { hiddenSize: 768, numAttentionHeads: 12, numHiddenLayers: 12, vocabSize: 50257, intermediateSize: 3072, maxPositionEmbeddings: 1024 }],
    ['gpt2Medium', { hiddenSize: 1024, numAttentionHeads: 16, numHiddenLayers: 24, vocabSize: 50257, intermediateSize: 4096, maxPositionEmbeddings: 1024 }],
    ['gpt2Large', { hiddenSize: 1280, numAttentionHeads: 20, numHiddenLayers: 36, vocabSize: 50257, intermediateSize: 5120, maxPositionEmbeddings: 1024 }],
    ['gpt2Xl', { hiddenSize: 1600, numAttentionHeads: 25, numHiddenLayers: 48, vocabSize: 50257, intermediateSize: 6400, maxPositionEmbeddings: 1024 }],
  ] as const)('%s has the sizes of the model', (name, expected) => {
    expect(TransformerConfig[name]()).toEqual(expected);
  });
  it('heads are of one width', () => {
    expect([TransformerConfig.bertBase(), TransformerConfig.bertLarge(), TransformerConfig.gpt2Xl()].map(headSize)).toEqual([64, 64, 64]);
  });
  it('takes BERT base where nothing is said', () => {
    expect(createTransformerConfig()).toEqual(TransformerConfig.bertBase());
  });
  it.each([
    [() => createTransformerConfig({ hiddenSize: 100 }), 'hiddenSize (100) must be divisible by numAttentionHeads (12)'],
    [() => createTransformerConfig({ vocabSize: 0 }), 'vocabSize must be positive, got 0'],
    [() => headSize({ ...TransformerConfig.gpt2(), numAttentionHeads: 5 }), 'hiddenSize (768) must be divisible by numAttentionHeads (5)'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each(Object.keys(TransformerConfig.fields))('%s is positive', name => {
    expect(() => createTransformerConfig({ [name]: 0 })).toThrow(`${name} must be positive, got 0`);
  });
  it.each(sweep(TransformerConfig, () => createTransformerConfig()))('$name', c => c.run());
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as tokenization from './tokenization.js';

describe('parity: tokenization', () => {
  it.each(parityCases('preprocessing/tokenization', tokenization, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('fertility and compression of one-character tokens are those of the text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), text => {
        const tokens = [...text];
        return (
          tokenization.calculateFertility(text, tokens) === tokens.length && tokenization.compareTokenizers(text, { tokens })['tokens']!.compressionRatio === 1
        );
      }),
      { numRuns: 100 },
    );
  });
  it('reads word patterns as Python does, in classes too', () => {
    expect(tokenization.calculateFertility('naïve 日本', ['a'], { wordPattern: '\\w+' })).toBe(0.5);
    expect(tokenization.calculateFertility('well-known fact', ['a'], { wordPattern: '[\\w-]+' })).toBe(0.5);
    expect(tokenization.calculateFertility('4 ٤ x', ['a'], { wordPattern: '\\d' })).toBe(0.5);
    expect(tokenization.calculateFertility('a,b', ['a'], { wordPattern: '\\W' })).toBe(1);
    expect(tokenization.calculateFertility('a1b', ['a'], { wordPattern: '\\D\\B' })).toBe(1);
  });
  it('special patterns match from the start', () => {
    expect(tokenization.detectSpecialTokens(['▁<s>', '<s>', 'x[A]'], { specialPatterns: ['<', '\\[A'] })).toEqual([false, true, false]);
  });
  it('hands batches to the tokenizer and carries labels along', () => {
    const tokenizer: tokenization.TextTokenizer<{ lengths: number[]; options: tokenization.BatchOptions }> = (texts, options) => ({
      lengths: texts.map(text => text.length),
      options,
    });
    expect(tokenization.tokenizeBatch(['ab', 'c'], tokenizer, { maxLength: 4 })).toEqual({
      lengths: [2, 1],
      options: { maxLength: 4, padding: true, truncation: true, returnTensors: 'pt' },
    });
    const prepare = tokenization.createPreprocessingFunction(tokenizer, { maxLength: 8 });
    expect(prepare({ text: ['ab'], label: [1] })).toEqual({ lengths: [2], options: { maxLength: 8, padding: 'max_length', truncation: true }, labels: [1] });
    expect(prepare({ text: ['ab'] })).not.toHaveProperty('labels');
    expect(tokenization.createPreprocessingFunction(tokenizer, { labelColumn: null })({ text: [], label: [] })).not.toHaveProperty('labels');
    expect(() => prepare({ txt: ['ab'] })).toThrow("unknown textColumn 'text'; did you mean 'txt'?");
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(tokenization.TokenizerConfig),
    ...sweep(tokenization.VocabStats),
    ...sweep(tokenization.TokenizationResult),
    ...sweepEnum('TokenizerType', tokenization.TokenizerType, { list: tokenization.listTokenizerTypes, get: tokenization.getTokenizerType }),
    ...sweepEnum('SpecialTokenType', tokenization.SpecialTokenType, { list: tokenization.listSpecialTokenTypes, get: tokenization.getSpecialTokenType }),
    ...sweepEnum('VocabAnalysisMetric', tokenization.VocabAnalysisMetric, {
      list: tokenization.listVocabAnalysisMetrics,
      get: tokenization.getVocabAnalysisMetric,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => tokenization.calculateFertility('a', ['a'], { wordPattern: '(' }), "wordPattern must be a regular expression, got '('"],
    [
      () => tokenization.createTokenizerConfig({ specialTokens: { padding: '<pad>' } }),
      "specialTokens (special token type) must be one of bos, cls, eos, mask, pad, sep, unk, got 'padding'",
    ],
    [() => tokenization.getRecommendedTokenizerConfig({ task: 'chat' }), "task must be one of code, general, multilingual, translation, got 'chat'"],
    [() => tokenization.tokenizeBatch([], () => 0), 'texts cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

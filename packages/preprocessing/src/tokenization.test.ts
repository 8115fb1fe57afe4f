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

describe('Tokenizer', () => {
  const { Tokenizer } = tokenization;
  const texts = (options: Partial<tokenization.TokenizerOptions>, text: string): string[] => new Tokenizer(options).tokenize(text).map(token => token.text);
  it('tokens are in order and stand for their places', () => {
    const piece = fc.constantFrom('Hello', ' ', "it's", '日本', '42', '!?', '👩‍🚀', '\n', 'İ');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 20 }).map(parts => parts.join('')),
        fc.constantFrom('bpe', 'wordpiece', 'unigram', 'sentencepiece', 'tiktoken'),
        fc.boolean(),
        (text, tokenizerType, lowercase) => {
          const tokens = new Tokenizer({ tokenizerType: tokenizerType as never, lowercase }).tokenize(text);
          const sound = tokens.every(
            ({ text: name, start, end }, i) => name.toLowerCase() === text.slice(start, end).toLowerCase() && start >= (tokens[i - 1]?.end ?? 0),
          );
          const held = tokens.map(({ start, end }) => text.slice(start, end)).join('');
          return sound && held.replace(/\s/g, '') === text.replace(/\s/g, '');
        },
      ),
      { numRuns: 300 },
    );
  });
  it('cuts as each type does', () => {
    expect(texts({ tokenizerType: 'bpe' }, "Hello, world! It's")).toEqual(['Hello', ',', ' world', '!', ' It', "'s"]);
    expect(texts({ tokenizerType: 'wordpiece', lowercase: true }, 'Hello, world!')).toEqual(['hello', ',', 'world', '!']);
    expect(texts({ tokenizerType: 'unigram' }, 'Hello, world!')).toEqual(['Hello,', 'world!']);
  });
  it('takes the longest pieces of a vocabulary, or none', () => {
    const vocab = { un: 1, '##aff': 2, '##able': 3, '[UNK]': 0 };
    expect(new Tokenizer({ vocab }).tokenize('unaffable x')).toEqual([
      { text: 'un', id: 1, start: 0, end: 2 },
      { text: '##aff', id: 2, start: 2, end: 5 },
      { text: '##able', id: 3, start: 5, end: 9 },
      { text: '[UNK]', id: 0, start: 10, end: 11 },
    ]);
    expect(new Tokenizer({ vocab: {} }).tokenize('x')[0]!.id).toBeNull();
  });
  it('joins pairs in the order of the merges', () => {
    const merges = [
      ['l', 'o'],
      ['lo', 'w'],
      ['e', 'r'],
    ] as const;
    expect(texts({ tokenizerType: 'bpe', merges }, 'lower')).toEqual(['low', 'er']);
    expect(texts({ tokenizerType: 'bpe', merges, vocab: { low: 5 } }, 'low')).toEqual(['low']);
    expect(new Tokenizer({ tokenizerType: 'bpe', merges, vocab: { low: 5 } }).tokenize('lower').map(({ id }) => id)).toEqual([5, null]);
  });
  it('truncates when asked', () => {
    expect(texts({ tokenizerType: 'unigram', truncation: true, maxLength: 2 }, 'a b c')).toEqual(['a', 'b']);
  });
  it('measures fertility over a corpus', () => {
    expect(tokenization.calculateVocabFertility(new Tokenizer(), [])).toBe(0);
    expect(tokenization.calculateVocabFertility(new Tokenizer({ tokenizerType: 'unigram' }), ['a b', 'c'])).toBe(1);
  });
  it.each([
    [() => new Tokenizer({ tokenizerType: 'char' as never }), "tokenizerType must be one of bpe, sentencepiece, tiktoken, unigram, wordpiece, got 'char'"],
    [() => new Tokenizer({ merges: [['a', ''] as const] }), 'merges must be pairs of texts, got ["a",""]'],
    [() => new Tokenizer({ maxLength: 0 }), 'maxLength must be positive, got 0'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
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

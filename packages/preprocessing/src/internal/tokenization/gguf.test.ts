import { describe, expect, it } from 'vitest';
import { trainTokenizer } from '../../tokenizer-training.js';
import { ggufJson } from './gguf.js';
import { Tokenizer } from './tokenizer.js';

const metadata = (values: Readonly<Record<string, unknown>>): Map<string, unknown> =>
  new Map(Object.entries(values).map(([key, value]) => [`tokenizer.ggml.${key}`, value]));

const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const trained = trainTokenizer(['low lower lowest 2024 newest!'], { vocabSize: 280, initialAlphabet: 'bytes', preTokenizer: bytes, decoder: bytes });
const model = trained.toJson()['model'] as { vocab: Record<string, number>; merges: (readonly [string, string])[] };
const words = Object.entries(model.vocab)
  .sort(([, a], [, b]) => a - b)
  .map(([token]) => token);
const tokens = [...words, '<s>', '</s>', '<mark>'];
const [BOS, EOS, MARK] = [words.length, words.length + 1, words.length + 2];
const byteLevel = {
  model: 'gpt2',
  pre: 'gpt-2',
  tokens,
  merges: model.merges.map(pair => pair.join(' ')),
  token_type: tokens.map((_, id) => (id < BOS ? 1 : id < MARK ? 3 : 4)),
  bos_token_id: BOS,
  eos_token_id: EOS,
};

describe('byte-level BPE', () => {
  it('gives the ids of the tokenizer that it was written from', () => {
    const tokenizer = Tokenizer.fromGguf(metadata(byteLevel));
    const text = 'the lowest number: 2024, naïve 日本 \n\n x';
    expect(tokenizer.encodeIds(text)).toEqual(trained.encodeIds(text));
    expect(tokenizer.decode(tokenizer.encodeIds(text))).toBe(text);
  });
  it('keeps control and user-defined tokens whole', () => {
    const tokenizer = Tokenizer.fromGguf(metadata(byteLevel));
    expect([...tokenizer.encodeIds('<s>low<mark>')].filter(id => id >= BOS)).toEqual([BOS, MARK]);
    expect(tokenizer.decode([BOS, MARK])).toBe('<mark>');
  });
  it('adds tokens around a text where the file says so', () => {
    const [around, first] = [{ add_bos_token: true, add_eos_token: true }, { add_bos_token: true }].map(more =>
      Tokenizer.fromGguf(metadata({ ...byteLevel, ...more })),
    );
    expect([...around!.encodeIds('!')]).toEqual([BOS, model.vocab['!'], EOS]);
    expect([...around!.encode('!', { pair: '!' }).ids]).toEqual([BOS, model.vocab['!'], EOS, model.vocab['!'], EOS]);
    expect([...first!.encodeIds('!')]).toEqual([BOS, model.vocab['!']]);
    expect([...Tokenizer.fromGguf(metadata({ ...byteLevel, bos_token_id: undefined, add_bos_token: true })).encodeIds('!')]).toEqual([model.vocab['!']]);
  });
  it.each([
    ['default', '12345', ['123', '45']],
    ['falcon', '12345x', ['123', '45', 'x']],
    ['command-r', '12 a', ['1', '2', 'Ġ', 'a']],
    ['starcoder', '12', ['1', '2']],
    ['qwen2', '12', ['1', '2']],
    ['llama-bpe', '12345', ['123', '45']],
    ['deepseek-coder', 'x12', ['x', '1', '2']],
    ['deepseek-llm', 'aЯ12 中', ['a', '1', '2']],
  ])('%s cuts %s as it does', (pre, text, cut) => {
    const digits = [...'0123456789'];
    const merged = ['12', '123', '45'];
    const all = [...tokens.slice(0, 256), ...merged];
    const tokenizer = Tokenizer.fromGguf(metadata({ model: 'gpt2', pre, tokens: all, merges: ['1 2', '12 3', '4 5'] }));
    expect(digits.every(digit => all.includes(digit))).toBe(true);
    const found = tokenizer.encode(text, { addSpecialTokens: false }).tokens;
    expect(cut.filter(token => !found.includes(token))).toEqual([]);
  });
  it('takes whole words of the vocabulary before merges, and a token first, as Llama 3 does', () => {
    const all = [...tokens.slice(0, 256), 'word', '<s>'];
    const tokenizer = Tokenizer.fromGguf(metadata({ model: 'gpt2', pre: 'llama-bpe', tokens: all, merges: [], bos_token_id: 257 }));
    expect([...tokenizer.encodeIds('word')]).toEqual([257, 256]);
    expect(Tokenizer.fromGguf(metadata({ model: 'gpt2', pre: 'gpt-2', tokens: all, merges: [] })).encodeIds('word').length).toBe(4);
  });
});

describe('pieces with scores', () => {
  const pieces = ['<unk>', '<s>', '</s>', '<0x41>', '▁', 'a', 'b', '▁a', 'ab', '▁ab'];
  const scored = { tokens: pieces, scores: [0, 0, 0, 0, -1, -2, -3, -4, -5, -6], token_type: [2, 3, 3, 6, 1, 1, 1, 1, 1, 1], bos_token_id: 1, eos_token_id: 2 };
  it('BPE joins by score, falls back to bytes and begins with a token', () => {
    const tokenizer = Tokenizer.fromGguf(metadata({ model: 'llama', ...scored }));
    expect(tokenizer.encode('ab A').tokens).toEqual(['<s>', '▁ab', '▁', '<0x41>']);
    expect(tokenizer.decode(tokenizer.encodeIds('ab A'))).toBe('ab A');
  });
  it('leaves the blank in front away where the file says so', () => {
    const tokenizer = Tokenizer.fromGguf(metadata({ model: 'llama', ...scored, add_space_prefix: false, add_bos_token: false }));
    expect(tokenizer.encode('ab').tokens).toEqual(['ab']);
  });
  it('Unigram ends with a token', () => {
    const tokenizer = Tokenizer.fromGguf(metadata({ model: 't5', ...scored, precompiled_charsmap: [] }));
    expect(tokenizer.encode('ab  a').tokens).toEqual(['▁ab', '▁', 'a', '</s>']);
  });
});

describe('word pieces', () => {
  const bert = {
    model: 'bert',
    tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '▁un', 'able', '▁able'],
    token_type: [3, 2, 3, 3, 1, 1, 1],
    cls_token_id: 2,
    seperator_token_id: 3,
  };
  it('marks the parts that begin no word', () => {
    const tokenizer = Tokenizer.fromGguf(metadata({ ...bert, unknown_token_id: 1 }));
    expect(tokenizer.encode('UNABLE äble').tokens).toEqual(['[CLS]', 'un', '##able', 'able', '[SEP]']);
    expect(tokenizer.encode('x', { addSpecialTokens: false }).tokens).toEqual(['[UNK]']);
  });
  it('needs an unknown token', () => {
    const { unk, ...rest } = { unk: 0, ...bert };
    expect(unk).toBe(0);
    expect(() => ggufJson(metadata({ ...rest, tokens: bert.tokens.map(token => token.replace('[UNK]', '▁unk')) }))).toThrow(
      'gguf: tokenizer.ggml.unknown_token_id must be the id of the unknown token, got undefined',
    );
  });
});

describe('metadata that are wrong', () => {
  it.each([
    [{ ...byteLevel, model: undefined }, 'gguf: tokenizer.ggml.model must be a text, got undefined'],
    [{ ...byteLevel, model: 'rwkv' }, "gguf: the tokenizer 'rwkv' is not known, known are gpt2, llama, t5, bert"],
    [{ ...byteLevel, pre: 'other' }, "gguf: the pre-tokenizer 'other' is not known, known are default, gpt-2"],
    [{ ...byteLevel, pre: 'toString' }, "gguf: the pre-tokenizer 'toString' is not known"],
    [{ ...byteLevel, tokens: 'x' }, "gguf: tokenizer.ggml.tokens must be a list of texts, got 'x'"],
    [{ ...byteLevel, tokens: [1] }, 'gguf: tokenizer.ggml.tokens must be a list of texts'],
    [{ ...byteLevel, token_type: [1] }, `gguf: tokenizer.ggml.token_type must be as long as the ${tokens.length} tokens, got 1`],
    [{ ...byteLevel, merges: undefined }, 'gguf: tokenizer.ggml.merges must be a list of texts, got undefined'],
    [{ ...byteLevel, add_bos_token: 1 }, 'gguf: tokenizer.ggml.add_bos_token must be true or false, got 1'],
    [
      { ...byteLevel, add_bos_token: true, bos_token_id: tokens.length },
      `gguf: tokenizer.ggml.bos_token_id must be an id below ${tokens.length}, got ${tokens.length}`,
    ],
    [{ model: 'llama', tokens: ['a'] }, 'gguf: tokenizer.ggml.scores must be a list of numbers, got undefined'],
  ])('%#', (values, message) => {
    expect(() => Tokenizer.fromGguf(metadata(values))).toThrow(message);
  });
  it('a merge of unknown tokens is named', () => {
    expect(() => Tokenizer.fromGguf(metadata({ ...byteLevel, merges: ['zz yy'] }))).toThrow(
      "tokenizer: model.merges[0] needs the token 'zz', which is not in the vocabulary",
    );
  });
});

import { readFileSync } from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { artefact, tokenizerJson, tokenizerNamed } from './evidence.fixture.js';
import { serveTokenizer, TokenizerPool, type TokenizerPort } from './pool.js';
import { SentencePieceModel } from './sentencepiece.js';
import { readTiktokenRanks, TiktokenEncoding } from './tiktoken.js';
import { Tokenizer } from './tokenizer.js';

const NAMES = [
  'bert_cased_like',
  'bert_uncased_like',
  'char',
  'clip_like',
  'gpt2_like',
  'llama2_like',
  'llama3_like',
  'roberta_like',
  't5_like',
  'whisper_like',
  'wordlevel',
];
const text = fc
  .array(
    fc.constantFrom(
      'Hello',
      ' ',
      '  ',
      'naïve',
      '日本',
      '😀',
      "'s",
      "'LL",
      '12345',
      '\n',
      '\t',
      'İ',
      '<s>',
      '<mask>',
      '<|endoftext|>',
      '[MASK]',
      '\ud800',
      '\0',
      'e\u0301',
      '.',
      '-'.repeat(300),
      '\u3000',
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''));

describe('ids alone', () => {
  it.each(NAMES)('%s gives those of the whole way', name => {
    fc.assert(
      fc.property(text, fc.boolean(), (source, addSpecialTokens) => {
        expect(tokenizerNamed(name).encodeIds(source, { addSpecialTokens })).toEqual(tokenizerNamed(name).encode(source, { addSpecialTokens }).ids);
      }),
      { numRuns: 100 },
    );
  });
  const json = (name: string): { readonly model: object } & Readonly<Record<string, unknown>> => JSON.parse(tokenizerJson(name));
  const level = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  it.each([
    [
      'another pattern',
      {
        ...json('gpt2_like'),
        pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: '\\p{L}+' }, behavior: 'Isolated', invert: false }, level] },
      },
    ],
    ['no pattern', { ...json('gpt2_like'), pre_tokenizer: level }],
    ['a normalizer', { ...json('gpt2_like'), normalizer: { type: 'NFKC' } }],
    ['missing bytes', { ...json('gpt2_like'), model: { ...json('gpt2_like').model, vocab: { a: 0 }, merges: [] } }],
    [
      'missing bytes and an unknown token',
      { ...json('gpt2_like'), model: { ...json('gpt2_like').model, vocab: { a: 0, '?': 1 }, merges: [], unk_token: '?' } },
    ],
    [
      'a text that stands twice',
      { ...json('bert_cased_like'), post_processor: { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A' } }, { Sequence: { id: 'A' } }], pair: [] } },
    ],
    [
      'a sequence of cuts',
      { ...json('bert_cased_like'), pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, { type: 'BertPreTokenizer' }] } },
    ],
    ['tokens that are normalized', { ...json('bert_uncased_like'), added_tokens: [{ id: 9, content: 'HELLO', normalized: true }] }],
    ['its own truncation', { ...json('gpt2_like'), truncation: { max_length: 3 } }],
  ])('with %s too', (_, description) => {
    const tokenizer = Tokenizer.fromJson(description);
    fc.assert(
      fc.property(text, source => {
        expect(tokenizer.encodeIds(source)).toEqual(tokenizer.encode(source).ids);
      }),
      { numRuns: 100 },
    );
  });
});

describe('other formats', () => {
  const source = fc
    .array(fc.constantFrom('the', ' ', 'model', 'training', 'é', '日', '12', ',', 'ﬁ', '\u3000', '  '), { maxLength: 12 })
    .map(parts => parts.join(''));
  it.each(['unigram_identity', 'bpe_bytefallback', 'unigram_nmt_nfkc'])('%s gives the ids of SentencePiece', name => {
    const bytes = new Uint8Array(readFileSync(artefact(`sentencepiece/${name}.model`)));
    const [model, tokenizer] = [new SentencePieceModel(bytes), Tokenizer.fromSentencePiece(bytes)];
    fc.assert(
      fc.property(source, each => {
        // Blanks of other widths are blanks to white space, which is taken off the ends, and not to a model without a table.
        const plain = name === 'unigram_identity' ? each.replaceAll('\u3000', '') : each;
        expect([...tokenizer.encodeIds(plain)]).toEqual([...model.encode(plain)]);
      }),
      { numRuns: 200 },
    );
  });
  it('a tiktoken encoding gives the same ids', () => {
    const ranks = [...readTiktokenRanks(readFileSync(artefact('tiktoken_ranks.tiktoken'), 'utf8'))];
    for (const pattern of ["'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s", '\\w+|\\s+$|.']) {
      const encoding = new TiktokenEncoding({ ranks, pattern });
      const tokenizer = Tokenizer.fromTiktoken(ranks, pattern, { '<|end|>': 5000 });
      fc.assert(
        fc.property(source, each => {
          if (pattern.startsWith("'")) expect([...tokenizer.encodeIds(each)]).toEqual([...encoding.encodeOrdinary(each)]);
          return tokenizer.decode(tokenizer.encodeIds(`${each}<|end|>`), { skipSpecialTokens: false }) === `${each}<|end|>`;
        }),
        { numRuns: 200 },
      );
    }
  });
  it.each([
    ['with blanks as they are', [0x18, 0, 0x20, 0]],
    ['with blanks as they are and a mark before the text', [0x20, 0]],
  ])('a model %s', (_, normalizer) => {
    const piece = (text: string, type: number): number[] => {
      const bytes = [...new TextEncoder().encode(text)];
      return [0x0a, bytes.length + 9, 0x0a, bytes.length, ...bytes, 0x15, 0, 0, 0x80, 0xbf, 0x18, type];
    };
    const file = Uint8Array.from([
      ...piece('?', 2),
      ...piece('▁', 1),
      ...piece('a', 1),
      ...piece('▁a', 1),
      0x12,
      2,
      0x18,
      2,
      0x1a,
      normalizer.length,
      ...normalizer,
    ]);
    const [model, tokenizer] = [new SentencePieceModel(file), Tokenizer.fromSentencePiece(file)];
    for (const each of ['a', ' a  a ', 'a b']) {
      expect([...tokenizer.encodeIds(each)]).toEqual([...model.encode(each)]);
      expect(tokenizer.decode(tokenizer.encodeIds(each.replace('b', 'a')))).toBe(each.replace('b', 'a'));
    }
  });
  it('refuses models of words', () => {
    const bytes = Uint8Array.of(0x0a, 7, 0x0a, 1, 0x3f, 0x18, 2, 0x18, 2, 0x12, 2, 0x18, 3);
    expect(() => Tokenizer.fromSentencePiece(bytes)).toThrow('sentencepiece: a tokenizer of words is not offered, unigram and bpe are');
  });
});

describe('TokenizerPool', () => {
  const channels = [new MessageChannel(), new MessageChannel()];
  afterAll(() => {
    for (const { port1, port2 } of channels) {
      port1.close();
      port2.close();
    }
  });
  for (const { port2 } of channels) serveTokenizer(port2 as unknown as TokenizerPort);
  const pool = new TokenizerPool(
    tokenizerNamed('llama3_like'),
    channels.map(({ port1 }) => port1 as unknown as TokenizerPort),
  );
  it('gives the ids of all texts in their order', async () => {
    const texts = Array.from({ length: 300 }, (_, i) => `text ${i} `.repeat(i % 7 === 0 ? 400 : 3));
    const ids = await pool.encodeIds(texts);
    expect(ids).toEqual(texts.map(each => tokenizerNamed('llama3_like').encodeIds(each)));
    expect(await pool.encodeIds([])).toEqual([]);
    expect(await pool.encodeIds(['a'], { addSpecialTokens: false })).toEqual([tokenizerNamed('llama3_like').encodeIds('a', { addSpecialTokens: false })]);
  });
  it('tells what a worker could not do', async () => {
    const { port1, port2 } = new MessageChannel();
    serveTokenizer(port2 as unknown as TokenizerPort);
    const broken = new TokenizerPool(Tokenizer.fromJson({ model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: '?' } }), [
      port1 as unknown as TokenizerPort,
    ]);
    await expect(broken.encodeIds(['b'])).rejects.toThrow("unkToken '?' is not in the vocabulary, and a word needs it");
    port1.close();
    port2.close();
  });
  it('speaks with ports of a browser', async () => {
    const listeners: ((event: { data: never }) => void)[] = [];
    const sent: unknown[] = [];
    serveTokenizer({ postMessage: message => sent.push(message), addEventListener: (_, listener) => listeners.push(listener) });
    listeners[0]!({ data: { batch: 1, text: 'a', ends: Uint32Array.of(1), addSpecialTokens: true } as never });
    expect(sent).toEqual([{ batch: 1, message: 'the worker has no tokenizer yet' }]);
  });
  it('needs a port', () => {
    expect(() => new TokenizerPool(tokenizerNamed('gpt2_like'), [])).toThrow('ports cannot be empty');
  });
});

import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { like, plain, tokenizerJson, tokenizerNamed } from './evidence.fixture.js';
import { PreTrainedTokenizer } from './pretrained.js';
import { Tokenizer } from './tokenizer.js';

const points = { offsets: 'codepoint' } as const;
const topic = (name: string, answers: Readonly<Record<string, unknown>>): ReturnType<typeof evidenceCases> =>
  evidenceCases(`preprocessing/${name}`, answers as never, import.meta.url, `../../../evidence/${name}.json`);

type Case = { readonly expect: never };
type Given = {
  readonly tokenizer: string;
  readonly text: string;
  readonly texts: string[];
  readonly pair: string | null;
  readonly words: string[];
  readonly ids: number[][];
};

const encode = ({ tokenizer, text, words, pair }: Given, { expect: want }: Case): unknown =>
  like(plain(tokenizerNamed(tokenizer).encode(words ?? text, { ...points, pair: pair ?? null })), want);

describe('evidence: tokenizer_encode', () => {
  it.each(
    topic('tokenizer_encode', {
      'Tokenizer.fromJson(tokenizer).encode(text)': encode,
      'tokenizer.encode(text,{pair})': encode,
      'tokenizer.encode(words,{isPretokenized:true})': encode,
      'tokenizer.encode(text,{addSpecialTokens:false})': ({ tokenizer, texts }: Given) => ({
        ids: texts.map(text => [...tokenizerNamed(tokenizer).encode(text, { addSpecialTokens: false }).ids]),
      }),
      'tokenizer.decode': ({ tokenizer, ids }: Given) => ({
        skipSpecial: ids.map(each => tokenizerNamed(tokenizer).decode(each)),
        keepSpecial: ids.map(each => tokenizerNamed(tokenizer).decode(each, { skipSpecialTokens: false })),
      }),
    }),
  )('$name', c => c.run());
});

type Truncated = { readonly first: object; readonly overflowing: object[] };
const truncate = (
  { tokenizer, text, pair, truncation }: Given & { readonly truncation: object },
  { expect: want }: { readonly expect: Truncated },
): unknown => {
  const encoding = tokenizerNamed(tokenizer).encode(text, { ...points, pair: pair ?? null, truncation });
  const parts = encoding.overflowing.map(plain).map(part => ({ ...part, offsets: (part['offsets'] as unknown[]).slice(0, 4) }));
  return { first: like(plain(encoding), want.first), overflowing: parts.map((part, i) => like(part, want.overflowing[i] ?? part)) };
};
type Added = { readonly content: string; readonly single_word?: boolean };

describe('evidence: tokenizer_batching', () => {
  it.each(
    topic('tokenizer_batching', {
      'tokenizer.encode (truncation, overflowing)': truncate,
      enableTruncation: truncate,
      'tokenizer.addTokens + encode': ({ tokenizer, added, text }: Given & { readonly added: Added[] }, { expect: want }: Case) => {
        const extended = Tokenizer.fromJson(tokenizerJson(tokenizer));
        extended.addTokens(added.map(({ single_word, ...token }) => ({ ...token, singleWord: single_word ?? false })));
        return like(plain(extended.encode(text, points)), want);
      },
      'tokenizer.encodeBatch(texts,{padding})': (
        { tokenizer, texts, padding }: Given & { readonly padding: object },
        { expect: want }: { readonly expect: object[] },
      ) =>
        tokenizerNamed(tokenizer)
          .encodeBatch(texts, { ...points, padding })
          .map((encoding, i) => like(plain(encoding), want[i]!)),
      'encoding.charToToken/wordToTokens/tokenToChars': (
        { tokenizer, text }: Given,
        { expect: want }: { readonly expect: Readonly<Record<string, unknown[]>> },
      ) => {
        const encoding = tokenizerNamed(tokenizer).encode(text, points);
        return Object.fromEntries(Object.entries(want).map(([name, list]) => [name, list.map((_, i) => encoding[name as 'charToToken'](i))]));
      },
    }),
  )('$name', c => c.run());
});

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

describe('evidence: tokenizer_call', () => {
  type Call = {
    readonly tokenizer: string;
    readonly texts: string[];
    readonly pairs: string[] | null;
    readonly paddingSide: 'left';
    readonly truncationSide: 'left';
    readonly options: object;
  };
  const call = ({ tokenizer, texts, pairs, paddingSide, truncationSide, options }: Call): unknown => {
    const pretrained = new PreTrainedTokenizer(tokenizerNamed(tokenizer), { paddingSide, truncationSide });
    const batch = pretrained.call(texts, { ...points, ...Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value])) }, pairs);
    return Object.fromEntries(Object.entries(batch).map(([name, column]) => [snake(name), column]));
  };
  it.each(topic('tokenizer_call', { 'PreTrainedTokenizer.call': call }))('$name', c => c.run());
});

describe('PreTrainedTokenizer', () => {
  const pretrained = new PreTrainedTokenizer(tokenizerNamed('bert_uncased_like'), { modelMaxLength: 4, modelInputNames: ['input_ids', 'token_type_ids'] });
  it('takes lengths and columns from the model', () => {
    expect(pretrained.call(['a b c d'], { truncation: true, padding: 'max_length' })).toEqual({
      inputIds: [[...pretrained.tokenizer.encode('a b c d', { truncation: { maxLength: 4 } }).ids]],
      tokenTypeIds: [[0, 0, 0, 0]],
    });
    expect(pretrained.call(['a'], { padding: 'max_length' }).inputIds[0]).toHaveLength(4);
  });
  it.each([
    [() => new PreTrainedTokenizer(tokenizerNamed('gpt2_like')).call(['a'], { padding: true }), "padding needs a padToken of the vocabulary, got '[PAD]'"],
    [
      () => new PreTrainedTokenizer(tokenizerNamed('gpt2_like')).call(['a'], { truncation: true }),
      'truncation needs maxLength, or a modelMaxLength of the tokenizer',
    ],
    [() => pretrained.call([]), 'texts cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text));

describe('laws', () => {
  const names = ['gpt2_like', 'llama3_like', 'bert_uncased_like', 't5_like', 'llama2_like', 'clip_like', 'wordlevel'];
  const texts = fc
    .array(fc.constantFrom('Hello', ' ', 'naïve', '日本', '😀', "'s", '12', '\n', 'İ', '<s>', '\ud800', '\0', 'é'), { maxLength: 12 })
    .map(parts => parts.join(''));
  it('places are in order, within the text, and agree between units', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), texts, (name, text) => {
        const [units, characters] = [tokenizerNamed(name).encode(text), tokenizerNamed(name).encode(text, points)];
        return units.ids.every((id, i) => {
          const [start, end] = [units.offsets[2 * i]!, units.offsets[2 * i + 1]!];
          const counted = [...text.slice(0, start)].length;
          return id === characters.ids[i] && start <= end && end <= text.length && characters.offsets[2 * i] === counted;
        });
      }),
      { numRuns: 200 },
    );
  });
  it('a byte-level tokenizer gives every text back, at once and as a stream', () => {
    fc.assert(
      fc.property(texts, text => {
        const tokenizer = tokenizerNamed('gpt2_like');
        const { ids } = tokenizer.encode(text);
        const stream = tokenizer.decodeStream({ skipSpecialTokens: false });
        const streamed = [...ids].map(id => stream.push(id)).join('') + stream.flush();
        return tokenizer.decode(ids, { skipSpecialTokens: false }) === wellFormed(text) && streamed === wellFormed(text);
      }),
      { numRuns: 200 },
    );
  });
  it('what is written reads back as the same tokenizer', () => {
    for (const name of names) {
      const again = Tokenizer.fromJson(JSON.stringify(tokenizerNamed(name).toJson()));
      expect(again.toJson()).toEqual(tokenizerNamed(name).toJson());
      expect(again.encode('Hello naïve 日本 world!')).toEqual(tokenizerNamed(name).encode('Hello naïve 日本 world!'));
    }
  });
});

describe('Tokenizer of a file', () => {
  it('gives tensors of one length', () => {
    const { inputIds, attentionMask, tokenTypeIds } = tokenizerNamed('bert_uncased_like').encodeTensors(['a', 'a b']);
    expect([inputIds.shape, inputIds.dtype, attentionMask.tolist(), tokenTypeIds.shape]).toEqual([
      [2, 4],
      'int32',
      [
        [1, 1, 1, 0],
        [1, 1, 1, 1],
      ],
      [2, 4],
    ]);
  });
  it('cuts and pads as it is told from then on', () => {
    const tokenizer = Tokenizer.fromJson(tokenizerJson('bert_uncased_like'));
    tokenizer.setTruncation({ maxLength: 3 });
    tokenizer.setPadding({ length: 5, padToMultipleOf: 4 });
    expect(tokenizer.encode('a b c').attentionMask).toHaveLength(8);
    expect(Tokenizer.fromJson(tokenizer.toJson()).encode('a b c').length).toBe(8);
    tokenizer.setPadding(null);
    tokenizer.setTruncation(null);
    expect(tokenizer.encode('a b c').length).toBe(5);
  });
  it('knows tokens and ids', () => {
    const tokenizer = new Tokenizer({ vocab: { '[UNK]': 0, un: 1, '##able': 2, able: 3 }, lowercase: true });
    expect([tokenizer.tokenToId('##able'), tokenizer.idToToken(2), tokenizer.tokenToId('no such'), tokenizer.idToToken(9999), tokenizer.vocabSize]).toEqual([
      2,
      '##able',
      null,
      null,
      4,
    ]);
    expect(tokenizer.tokenize('unable').map(({ text, start, end }) => [text, start, end])).toEqual([
      ['un', 0, 2],
      ['##able', 2, 6],
    ]);
  });
  it('is made of settings that hold a vocabulary', () => {
    const vocab = { '[UNK]': 0, un: 1, '##able': 2, able: 3 };
    expect([...new Tokenizer({ vocab, lowercase: true }).encode('UNable able x').ids]).toEqual([1, 2, 3, 0]);
    expect([...new Tokenizer({ tokenizerType: 'unigram', vocab }).encode('un x').ids]).toEqual([1, 0]);
    expect([...new Tokenizer({ tokenizerType: 'tiktoken', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] }).encode('abb').ids]).toEqual([2, 1]);
  });
  it.each([
    [() => new Tokenizer().encode('x'), 'the tokenizer has no vocabulary: give `vocab`, or read one with Tokenizer.fromJson'],
    [() => tokenizerNamed('gpt2_like').encodeBatch(['a'], { pairs: [] }), 'pairs must have the length of texts, 1, got 0'],
    [() => tokenizerNamed('gpt2_like').encodeTensors([]), 'texts cannot be empty'],
    [() => tokenizerNamed('bert_uncased_like').encode('a', { truncation: { maxLength: 1 } }), 'maxLength must leave room for the 2 special tokens, got 1'],
    [() => tokenizerNamed('gpt2_like').encode('a b', { truncation: { maxLength: 1, strategy: 'only_second' } }), "strategy 'only_second' needs a second text"],
    [() => tokenizerNamed('gpt2_like').encode('a', { truncation: { maxLength: -1 } }), 'maxLength must be non-negative, got -1'],
    [() => tokenizerNamed('gpt2_like').addTokens(['']), 'content cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

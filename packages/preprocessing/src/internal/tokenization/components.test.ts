import { evidenceCases, mutantCases } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import { AlignedText } from './aligned-text.js';
import { Bpe } from './bpe.js';
import { decoderAt } from './decoders.js';
import { like, plain, tokenizerJson } from './evidence.fixture.js';
import { type Model, type Piece, type Vocab, vocabAt } from './model.js';
import { normalizerAt } from './normalizers.js';
import { placesIn } from './offsets.js';
import { preTokenizerAt } from './pre-tokenizers.js';
import { Tokenizer } from './tokenizer.js';
import { Unigram } from './unigram.js';
import { WordPiece } from './word-models.js';

type Name =
  | 'component'
  | 'texts'
  | 'tokens'
  | 'vocab'
  | 'merges'
  | 'options'
  | 'words'
  | 'unkId'
  | 'unkToken'
  | 'byteFallback'
  | 'maxInputCharsPerWord'
  | 'json'
  | 'tokenizer'
  | 'inputs';
/** Input of a case; which fields it has depends on the call. */
type Given = { readonly [K in Name]: never };
type BpeSettings = { readonly [K in 'unk_token' | 'fuse_unk' | 'byte_fallback' | 'ignore_merges' | 'dropout']?: never };
const shown = (pieces: readonly Piece[]): unknown[] => pieces.map(({ id, text, start, end }) => [id, text, start, end]);
const tokensOf = (model: Model, words: readonly string[]): unknown => ({ tokens: words.map(word => (word === '' ? [] : shown(model.tokenize(word)))) });
const vocab = (json: Readonly<Record<string, number>>): Vocab => vocabAt(json, 'vocab');

function preTokenize(component: unknown, text: string): unknown[] {
  const places = placesIn(text, 'codepoint');
  const at = (place: number): number => places?.[place] ?? place;
  const pieces = text === '' ? [] : preTokenizerAt(component)(new AlignedText(text)).filter(piece => piece.text !== '');
  return pieces.map(piece => [piece.text, at(piece.startOf(0)), at(piece.endOf(piece.text.length - 1))]);
}

describe('evidence: tokenizer_components', () => {
  const answers = {
    'normalizer.normalize': ({ component, texts }: Given) => ({
      normalized: (texts as string[]).map(text => normalizerAt(component)(new AlignedText(text)).text),
    }),
    'preTokenizer.preTokenize': ({ component, texts }: Given) => ({ pieces: (texts as string[]).map(text => preTokenize(component, text)) }),
    // The library crashes on an empty text and gives none: the right answer is the empty text.
    'decoder.decode(tokens)': ({ component, tokens }: Given, { expect: want }: { readonly expect: { readonly text: (string | null)[] } }) => ({
      text: (tokens as string[][]).map((each, i) => (want.text[i] === null ? null : decoderAt(component)(each).join(''))),
    }),
    'BPE.tokenize': ({ vocab: ids, merges, options, words }: Given) => {
      const { unk_token, fuse_unk, byte_fallback, ignore_merges, dropout } = options as BpeSettings;
      return tokensOf(
        new Bpe(vocab(ids), merges, {
          unkToken: unk_token ?? null,
          fuseUnk: fuse_unk ?? false,
          byteFallback: byte_fallback ?? false,
          ignoreMerges: ignore_merges ?? false,
          dropout: dropout ?? null,
        }),
        words,
      );
    },
    'Unigram.tokenize': ({ vocab: pieces, unkId, byteFallback, words }: Given) => tokensOf(new Unigram(pieces, unkId, byteFallback), words),
    'WordPiece.tokenize': ({ vocab: ids, unkToken, maxInputCharsPerWord, words }: Given) =>
      tokensOf(new WordPiece(vocab(ids), { unkToken, maxInputCharsPerWord }), words),
    'Tokenizer.fromJson': ({ json }: Given) => Tokenizer.fromJson(json).toJson(),
    'encode with postProcessor': ({ tokenizer, component, inputs }: Given, { expect: want }: { readonly expect: object[] }) => {
      const made = Tokenizer.fromJson({ ...JSON.parse(tokenizerJson(tokenizer)), post_processor: component });
      return (inputs as [string, string | null][]).map(([text, pair], i) => like(plain(made.encode(text, { pair, offsets: 'codepoint' })), want[i]!));
    },
  };
  it.each(evidenceCases('preprocessing/tokenizer_components', answers as never, import.meta.url, '../../../evidence/tokenizer_components.json'))('$name', c =>
    c.run(),
  );
});

describe('hostile files', () => {
  const sample = "Hello, naïve 日本! It's 12 <s>[MASK]\ud800";
  const files = Object.fromEntries(
    ['bert_uncased_like', 'llama2_like', 'llama3_like', 't5_like'].map(name => [name, () => new TextEncoder().encode(tokenizerJson(name))]),
  );
  it.each(mutantCases(files, bytes => Tokenizer.fromJson(new TextDecoder().decode(bytes)).encode(sample), { count: 500 }))('$name', c => c.run());

  const wordLevel = { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' };
  const deep = (type: string, list: string): unknown => Array.from({ length: 60 }).reduce(inner => ({ type, [list]: [inner] }), { type: 'NFC' });
  it.each([
    [{ model: { ...wordLevel, vocab: { a: -1 } } }, "tokenizer: model.vocab['a'] must be an integer from 0 to 4294967295, got -1"],
    [{ model: { ...wordLevel, vocab: [] } }, 'tokenizer: model.vocab must be an object, got []'],
    [{ model: { ...wordLevel, unk_token: 1 } }, 'tokenizer: model.unk_token must be a text, got 1'],
    [{ model: wordLevel, normalizer: deep('Sequence', 'normalizers') }, 'must be at most 50 sequences deep'],
    [{ model: wordLevel, normalizer: { type: 'Replace', pattern: { Regex: '(a' }, content: '' } }, "regular expression: a group without its ')'"],
    [{ model: wordLevel, normalizer: { type: 'Replace', pattern: { Rx: 'a' }, content: '' } }, 'normalizer.pattern must be { String } or { Regex }'],
    [{ model: wordLevel, normalizer: { type: 'Strip', strip_left: 'yes' } }, "normalizer.strip_left must be true or false, got 'yes'"],
    [{ model: wordLevel, normalizer: { type: 'Precompiled', precompiled_charsmap: '?' } }, 'normalizer.precompiled_charsmap must be in base 64'],
    [{ model: wordLevel, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } }, 'character map: a trie of -1 bytes does not fit in 3'],
    [{ model: wordLevel, pre_tokenizer: { type: 'CharDelimiterSplit', delimiter: 'ab' } }, "pre_tokenizer.delimiter must be one character, got 'ab'"],
    [{ model: wordLevel, pre_tokenizer: { type: 'FixedLength', length: 0 } }, 'pre_tokenizer.length must be positive, got 0'],
    [{ model: wordLevel, pre_tokenizer: { type: 'Metaspace', replacement: '' } }, "pre_tokenizer.replacement must be one character, got ''"],
    [{ model: wordLevel, pre_tokenizer: { type: 'Split', pattern: 'a', behavior: 'Never' } }, 'pre_tokenizer.behavior must be one of Removed, Isolated'],
    [{ model: wordLevel, post_processor: { type: 'BertProcessing', cls: ['a'], sep: ['a', 0] } }, 'post_processor.cls must be a token and its id'],
    [
      { model: wordLevel, post_processor: { type: 'TemplateProcessing', single: [{ Sequence: { id: 'B' } }], pair: [] } },
      'post_processor.single must be without the text B',
    ],
    [
      { model: wordLevel, post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'x' } }], pair: [] } },
      "post_processor.single[0].SpecialToken.id must be one of the special_tokens , got 'x'",
    ],
    [
      {
        model: wordLevel,
        post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: 'x' } }], pair: [], special_tokens: { x: { ids: [], tokens: ['x'] } } },
      },
      'special_tokens.ids must be as many as tokens, 1, got 0',
    ],
    [{ model: wordLevel, decoder: { type: 'Strip', content: '' } }, "decoder.content must be one character, got ''"],
    [{ model: wordLevel, added_tokens: [{ id: 1, content: '' }] }, "added_tokens[0].content must be not empty, got ''"],
    [{ model: { type: 'BPE', vocab: { a: 0 }, merges: ['a'] } }, "model.merges[0] must be a pair of tokens, got 'a'"],
    [{ model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 2 } }, 'model.dropout must be in [0, 1], got 2'],
    [{ model: { type: 'Unigram', vocab: [['a', 0]], unk_id: 3 } }, 'model.unk_id must be below 1, the number of pieces, got 3'],
    [{ model: { type: 'Unigram', vocab: [['a']] } }, 'model.vocab[0] must be a piece and its score'],
    [{ model: wordLevel, truncation: { max_length: 1, strategy: 'Half' } }, 'truncation.strategy must be one of LongestFirst, OnlyFirst, OnlySecond'],
    [{ model: wordLevel, padding: { pad_id: 0 } }, 'padding.pad_token must be a text'],
  ])('%# says what is wrong', (json, message) => {
    expect(() => Tokenizer.fromJson(json)).toThrow(message);
  });

  it('refuses words that a model has no token for', () => {
    const of = (model: unknown): Tokenizer => Tokenizer.fromJson({ model });
    expect(() => of({ type: 'WordLevel', vocab: { a: 0 }, unk_token: '?' }).encode('b')).toThrow("unkToken '?' is not in the vocabulary, and a word needs it");
    expect(() => of({ type: 'Unigram', vocab: [['a', 0]], unk_id: null }).encode('b')).toThrow(
      "'b' is not in the vocabulary, and the model has no unknown piece",
    );
  });
});

describe('files of other versions', () => {
  it('finds out what a model is that does not say so', () => {
    const types = [
      { vocab: { a: 0 }, merges: [] },
      { vocab: [['a', 0]], unk_id: 0 },
      { vocab: { a: 0 }, unk_token: 'a', continuing_subword_prefix: '##' },
      { vocab: { a: 0 }, unk_token: 'a' },
    ].map(model => (Tokenizer.fromJson({ model }).toJson()['model'] as { type: string }).type);
    expect(types).toEqual(['BPE', 'Unigram', 'WordPiece', 'WordLevel']);
  });
  it('reads merges as texts and the older description of Metaspace', () => {
    const tokenizer = Tokenizer.fromJson({
      pre_tokenizer: { type: 'Metaspace', replacement: '_', add_prefix_space: false },
      model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2, _: 3 }, merges: ['a b'] },
    });
    expect([...tokenizer.encode('ab ab').tokens]).toEqual(['ab', '_', 'ab']);
  });
  it('takes keys such as __proto__ as tokens', () => {
    const tokenizer = Tokenizer.fromJson(
      '{"pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","vocab":{"__proto__":0,"?":1},"unk_token":"?"}}',
    );
    expect([...tokenizer.encode('__proto__ toString').ids]).toEqual([0, 1]);
    expect([...Tokenizer.fromJson(JSON.stringify(tokenizer.toJson())).encode('__proto__').ids]).toEqual([0]);
  });
  it('keeps ids that lie far apart', () => {
    const tokenizer = Tokenizer.fromJson({ model: { type: 'WordLevel', vocab: { a: 4_000_000_000, '?': 1 }, unk_token: '?' } });
    expect([[...tokenizer.encode('a').ids], tokenizer.idToToken(4_000_000_000)]).toEqual([[4_000_000_000], 'a']);
  });
});

import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learnMerges } from '../tokenizer-training/bpe.js';
import { trainTokenizer } from '../tokenizer-training/train.js';
import { AlignedText } from './aligned-text.js';
import { decoderAt } from './decoders.js';
import { artefact, plain, tokenizerJson, tokenizerNamed } from './evidence.fixture.js';
import { normalizerAt } from './normalizers.js';
import { preTokenizerAt } from './pre-tokenizers.js';
import { SentencePieceModel } from './sentencepiece.js';
import { TiktokenEncoding } from './tiktoken.js';
import { Tokenizer } from './tokenizer.js';

const words = { model: { type: 'WordLevel', vocab: { a: 0, b: 1, c: 2, d: 3, '?': 4 }, unk_token: '?' }, pre_tokenizer: { type: 'WhitespaceSplit' } };
const of = (json: object): Tokenizer => Tokenizer.fromJson({ ...words, ...json });
const tokensOf = (tokenizer: Tokenizer, text: string, options: object = {}): unknown => {
  const { tokens, overflowing } = tokenizer.encode(text, options);
  return [tokens.join(' '), ...overflowing.map(each => each.tokens.join(' '))];
};

describe('truncation', () => {
  it.each([
    ['a b c d', { maxLength: 2 }, ['a b', 'c d']],
    ['a b c d', { maxLength: 3, stride: 2 }, ['a b c', 'b c d']],
    ['a b c d', { maxLength: 3, direction: 'left' }, ['b c d', 'a']],
    ['a b c', { maxLength: 0 }, ['', 'a b c']],
    ['', { maxLength: 0 }, ['']],
  ])('%j to %j', (text, truncation, wanted) => {
    expect(tokensOf(of({}), text, { truncation })).toEqual(wanted);
  });
  it.each([
    ['a b c', 'd', 3, 'a b d'],
    ['a', 'b c d', 3, 'a b c'],
    ['a b c', 'b c d', 3, 'a b c'],
    ['a b c d', 'b c d a', 2, 'a b'],
  ])('two texts, %j and %j, to %d', (text, pair, maxLength, wanted) => {
    expect(of({}).encode(text, { pair, truncation: { maxLength } }).tokens.join(' ')).toBe(wanted);
  });
  it('joins what overflows of two texts with each other', () => {
    const cls = { type: 'BertProcessing', cls: ['a', 0], sep: ['d', 3] };
    const encoding = of({ post_processor: cls }).encode('b b b b', { pair: 'c c c c', truncation: { maxLength: 7 } });
    expect(encoding.tokens.join('')).toBe('abbdccd');
    expect(encoding.overflowing.map(each => each.tokens.join(''))).toEqual(['abbdccd', 'abbdccd', 'abbdccd']);
    expect([...encoding.overflowing[0]!.typeIds]).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });
});

describe('descriptions', () => {
  it('truncation and padding are read as they are written', () => {
    const truncation = { direction: 'Left', max_length: 3, strategy: 'OnlySecond', stride: 1 };
    const padding = { strategy: { Fixed: 4 }, direction: 'Left', pad_to_multiple_of: 8, pad_id: 4, pad_type_id: 1, pad_token: '?' };
    const tokenizer = of({ truncation, padding });
    expect(tokenizer.toJson()).toMatchObject({ truncation, padding });
    expect(plain(tokenizer.encode('a', { truncation: null }))).toMatchObject({ ids: [4, 4, 4, 4, 4, 4, 4, 0], typeIds: [1, 1, 1, 1, 1, 1, 1, 0] });
    expect(of({ truncation: { max_length: 3 }, padding: { pad_id: 4, pad_token: '?' } }).toJson()).toMatchObject({
      truncation: { direction: 'Right', strategy: 'LongestFirst', stride: 0 },
      padding: { strategy: 'BatchLongest', direction: 'Right', pad_to_multiple_of: null, pad_type_id: 0 },
    });
  });
  it('what components leave out has the values of the library', () => {
    expect(decoderAt({ type: 'WordPiece' })(['do', "##n't"]).join('')).toBe("don't");
    expect(decoderAt({ type: 'BPEDecoder' })(['a</w>', 'b</w>']).join('')).toBe('a b');
    expect(decoderAt({ type: 'BPEDecoder', suffix: '' })(['a']).join('')).toBe('a');
    expect(decoderAt({ type: 'CTC' })(['a', '<pad>', '|', 'b']).join('')).toBe('a b');
    expect(decoderAt({ type: 'CTC', pad_token: '' })(['a', 'a']).join('')).toBe('a');
    expect(decoderAt({ type: 'Strip' })([' a']).join('')).toBe(' a');
    expect(decoderAt({ type: 'ByteLevel' })(['aĠ', 'b c', '日']).join('')).toBe('a b c日');
    expect(decoderAt({ type: 'Replace', pattern: { Regex: '_+' }, content: ' ' })(['a__b_'])).toEqual(['a b ']);
    expect(preTokenizerAt({ type: 'FixedLength' })(new AlignedText('abcdefg')).map(({ text }) => text)).toEqual(['abcde', 'fg']);
    expect(preTokenizerAt({ type: 'Punctuation' })(new AlignedText('a,b')).map(({ text }) => text)).toEqual(['a', ',', 'b']);
  });
  it('a template adds what its special tokens hold', () => {
    const special = { id: '[X]', ids: [0, 1], tokens: ['a', 'b'] };
    const post_processor = {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '[X]' } }, { Sequence: { id: 'A' } }],
      pair: [{ Sequence: { id: 'A' } }],
      special_tokens: { '[X]': special },
    };
    expect(of({ post_processor }).encode('c').tokens).toEqual(['a', 'b', 'c']);
    expect(of({ post_processor: { type: 'Sequence', processors: [post_processor] } }).encode('c', { truncation: { maxLength: 3 } }).tokens).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(of({ post_processor: { type: 'ByteLevel', trim_offsets: false } }).encode('c', { truncation: { maxLength: 3 } }).tokens).toEqual(['c']);
    expect(
      of({ post_processor: { type: 'RobertaProcessing', cls: ['a', 0], sep: ['b', 1] } })
        .encode('c', { pair: 'd', truncation: { maxLength: 6 } })
        .tokens.join(''),
    ).toBe('acbbdb');
  });
});

describe('added tokens', () => {
  const find = (token: object, text: string): readonly string[] => of({ added_tokens: [{ id: 9, content: 'ab', ...token }] }).encode(text).tokens;
  it.each([
    [{ special: true }, 'xabab y', ['?', 'ab', 'ab', '?']],
    [{ single_word: true, special: true }, 'ab xab ab_ 𝔸ab ab𝔸 ab.', ['ab', '?', '?', '?', '?', 'ab', '?']],
    [{ lstrip: true, rstrip: true, special: true }, ' ab  ab a', [' ab  ', 'ab ', 'a']],
    [{ normalized: false }, 'a ab', ['a', 'ab']],
  ])('%j in %j', (token, text, wanted) => {
    expect(find(token, text)).toEqual(wanted);
  });
  it('takes the longest of those that begin at a place', () => {
    const added_tokens = [
      { id: 9, content: '<a' },
      { id: 10, content: '<a>' },
    ];
    expect([...of({ added_tokens }).encode('<a><a a<').ids]).toEqual([10, 9, 4]);
  });
  it('finds nothing in a text that normalization leaves empty', () => {
    expect(of({ normalizer: { type: 'Strip' }, added_tokens: [{ id: 9, content: ' ' }] }).encode('  ').length).toBe(0);
  });
});

describe('dropout', () => {
  it('keeps every join at 0 and none at 1', () => {
    const json = JSON.parse(tokenizerJson('gpt2_like')) as { model: object };
    const drop = (dropout: number): readonly string[] => Tokenizer.fromJson({ ...json, model: { ...json.model, dropout } }).encode('training the model').tokens;
    expect(drop(0)).toEqual(tokenizerNamed('gpt2_like').encode('training the model').tokens);
    expect(drop(1).every(token => token.length === 1)).toBe(true);
    expect(drop(0.5).join('')).toBe(drop(1).join(''));
  });
  it('long words are joined as short ones are', () => {
    const tokenizer = tokenizerNamed('gpt2_like');
    const long = 'retrainness'.repeat(30);
    const tokens = tokenizer.encode(long).tokens;
    expect(tokens.slice(3, -3).join('')).toBe(long.slice(tokens.slice(0, 3).join('').length, long.length - tokens.slice(-3).join('').length));
    expect(tokens.length).toBeLessThan(long.length / 2);
  });
});

describe('tables of characters', () => {
  const model = new SentencePieceModel(new Uint8Array(readFileSync(artefact('sentencepiece/unigram_nmt_nfkc.model'))));
  const precompiled = { type: 'Precompiled', precompiled_charsmap: Buffer.from(model.file.mapBytes).toString('base64') };
  it('a Precompiled normalizer changes characters as the model does', () => {
    const normalize = normalizerAt(precompiled);
    const text = fc
      .array(fc.constantFrom('a', 'é', 'ﬁ', '½', '㍿', 'Ⅷ', '한', '\u3000', '①', 'ガ', '…', '👩‍🚀', 'x̂', '\t', 'ﷺ'), { maxLength: 8 })
      .map(parts => parts.join(''));
    fc.assert(
      fc.property(text, source => {
        const spelled = normalize(new AlignedText(source)).text.trim().replaceAll(/ +/g, '▁');
        if (spelled !== '') expect(`▁${spelled}`).toBe(model.normalize(source));
      }),
      { numRuns: 300 },
    );
  });
  it('keeps the places of what it replaces', () => {
    const normalized = normalizerAt(precompiled)(new AlignedText('a㍿b'));
    const places = Array.from(normalized.text, (_, i) => [normalized.startOf(i), normalized.endOf(i)]);
    expect([normalized.text, places]).toEqual([
      'a株式会社b',
      [
        [0, 1],
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 2],
        [2, 3],
      ],
    ]);
  });
});

/** A `.model` file of pieces and settings. */
function modelFile(
  pieces: readonly (readonly [piece: string, score: number, type: number])[],
  trainer: readonly number[] = [],
  normalizer: readonly number[] = [],
): Uint8Array {
  const field = (number: number, bytes: readonly number[]): number[] => [(number << 3) | 2, bytes.length, ...bytes];
  const float = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];
  const bodies = pieces.map(([piece, score, type]) => field(1, [...field(1, [...new TextEncoder().encode(piece)]), 0x15, ...float(score), 0x18, type]));
  return Uint8Array.from([...bodies.flat(), ...field(2, trainer), ...field(3, normalizer)]);
}

describe('settings of SentencePiece', () => {
  const text: [string, number, number][] = [
    ['<unk>', 0, 2],
    ['▁', -1, 1],
    ['a', -1, 1],
    ['b', -1, 1],
    ['ab', -0.5, 5],
    ['abb', -0.4, 1],
    ['<s>', 0, 3],
    ['XY', 0, 4],
  ];
  const bpe = [0x18, 2];
  it('takes pieces apart that are not to be used, and leaves whole what users defined', () => {
    expect(new SentencePieceModel(modelFile(text, bpe)).encodeWithOffsets('ab abbXY').map(({ piece }) => piece)).toEqual(['▁', 'a', 'b', '▁', 'abb', 'XY']);
    expect(new SentencePieceModel(modelFile(text)).encodeWithOffsets('ab XY').map(({ piece }) => piece)).toEqual(['▁', 'a', 'b', '▁', 'XY']);
  });
  it('puts the mark behind words where the model says so', () => {
    const suffix = new SentencePieceModel(modelFile(text, [...bpe, 0xc0, 0x01, 1]));
    expect(suffix.normalize('a  b ')).toBe('a▁b▁');
  });
  it('leaves blanks alone where the model says so', () => {
    const plain = new SentencePieceModel(modelFile(text, bpe, [0x18, 0, 0x20, 0, 0x28, 0]));
    expect([plain.normalize(' a  b '), new SentencePieceModel(modelFile(text, bpe, [0x18, 0, 0x28, 0])).normalize(' a  b ')]).toEqual([' a  b ', 'a b']);
    expect(plain.decode([2, 1, 3])).toBe('a b');
  });
  it('decodes bytes, marks and what is unknown', () => {
    const bytes = new SentencePieceModel(modelFile([...text, ['<0xC3>', 0, 6], ['<0xA9>', 0, 6]], [0x98, 0x02, 1]));
    expect(bytes.decode([6, 1, 8, 9, 8, 0])).toBe('é� ⁇ ');
  });
});

describe('byte-level BPE without every byte', () => {
  it('leaves out bytes that the vocabulary lacks, and takes long pieces', () => {
    const tokenizer = trainTokenizer(['aa ab'], { vocabSize: 6, preTokenizer: { type: 'ByteLevel', add_prefix_space: false } });
    expect(tokenizer.encode('aéa').tokens.join('')).toBe('aa');
    const ranks = Array.from({ length: 256 }, (_, byte) => [Uint8Array.of(byte), byte] as const);
    expect(new TiktokenEncoding({ ranks, pattern: '\\w+' }).encodeOrdinary('a'.repeat(500))).toHaveLength(500);
  });
  it('learns from more pairs than its table held at first', () => {
    const text = new Map(Array.from({ length: 40_000 }, (_, i) => [String.fromCodePoint(0x4e00 + (i % 200), 0x5000 + Math.floor(i / 200)), 1]));
    const options = {
      minFrequency: 0,
      specialTokens: [],
      initialAlphabet: [],
      limitAlphabet: null,
      maxTokenLength: null,
      continuingSubwordPrefix: null,
      endOfWordSuffix: null,
      onProgress: null,
    };
    expect(learnMerges(text, { ...options, vocabSize: 410 }).merges).toHaveLength(10);
  });
});

describe('scripts', () => {
  it('tells rare ones apart, and knows what has none', () => {
    expect(preTokenizerAt({ type: 'UnicodeScripts' })(new AlignedText('aᚠ\u{e000}ー日')).map(({ text }) => text)).toEqual(['a', 'ᚠ\u{e000}', 'ー日']);
  });
});

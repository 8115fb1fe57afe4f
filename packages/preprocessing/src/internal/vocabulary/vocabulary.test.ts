import { tensor } from '@gtc/tensor';
import { PythonRandom } from '@gtc/tensor/random';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizerNamed } from '../tokenization/evidence.fixture.js';
import { Tokenizer } from '../tokenization/tokenizer.js';
import { trainTokenizer } from '../tokenizer-training/train.js';
import { bpeDropout, measureTokenizer } from './measure.js';
import { pruneVocabulary } from './prune.js';
import { remapEmbeddings, Vocabulary } from './vocabulary.js';

const tokens = fc.uniqueArray(fc.stringMatching(/^[ab]{1,4}$/), { maxLength: 12 });
const CORPUS = ['training the model on the data', 'the model runs; naïve 日本 models', 'data data data'];
const NAMES = ['gpt2_like', 'llama2_like', 'llama3_like', 'bert_uncased_like', 't5_like', 'wordlevel', 'roberta_like'];

describe('Vocabulary', () => {
  it('finds what a list would', () => {
    fc.assert(
      fc.property(tokens, fc.stringMatching(/^[ab]{0,5}$/), (list, text) => {
        const vocabulary = new Vocabulary(list);
        expect(vocabulary.withPrefix(text)).toEqual(list.filter(token => token.startsWith(text)));
        const longest = [...list].filter(token => text.startsWith(token)).sort((a, b) => b.length - a.length)[0] ?? null;
        return vocabulary.longestAt(text) === longest && list.every((token, id) => vocabulary.idOf(token) === id && vocabulary.tokenOf(id) === token);
      }),
      { numRuns: 100 },
    );
  });
  it('merging keeps ids, and mappings lead to the same tokens', () => {
    fc.assert(
      fc.property(tokens, tokens, (one, other) => {
        const merged = new Vocabulary(one).merge(new Vocabulary(other));
        const mapping = merged.mappingFrom(new Vocabulary(other));
        return (
          one.every((token, id) => merged.idOf(token) === id) &&
          other.every((token, id) => merged.tokenOf(mapping[id]!) === token) &&
          merged.size === new Set([...one, ...other]).size
        );
      }),
      { numRuns: 100 },
    );
  });
  it('gives null and -1 for what it lacks', () => {
    const vocabulary = new Vocabulary(['a']);
    expect([vocabulary.idOf('b'), vocabulary.tokenOf(7), ...vocabulary.mappingFrom(new Vocabulary(['b'])), vocabulary.merge(['a', 'b', 'b']).size]).toEqual([
      null,
      null,
      -1,
      2,
    ]);
  });
});

describe('remapEmbeddings', () => {
  it('moves rows along with their tokens', () => {
    const weight = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const pruned = new Vocabulary(['c', 'a', 'new']);
    expect(remapEmbeddings(weight, pruned.mappingFrom(new Vocabulary(['a', 'b', 'c'])), 3).tolist()).toEqual([
      [5, 6],
      [1, 2],
      [3, 4],
    ]);
  });
});

describe('pruneVocabulary', () => {
  it.each(NAMES)('%s still reads and writes texts with fewer tokens', name => {
    const tokenizer = tokenizerNamed(name);
    const least = 600;
    const { tokenizer: pruned, mapping } = pruneVocabulary(tokenizer, CORPUS, least);
    expect(pruned.vocabSize).toBeLessThanOrEqual(least + 10);
    for (const text of CORPUS) {
      const [before, after] = [tokenizer.encode(text), pruned.encode(text)];
      expect(pruned.decode(after.ids)).toBe(tokenizer.decode(before.ids));
      expect([...before.ids].every(id => mapping[id] === -1 || pruned.idToToken(mapping[id]!) === tokenizer.idToToken(id))).toBe(true);
    }
  });
  it('keeps what tokens are joined from', () => {
    const tokenizer = trainTokenizer(['abcd abcd ab'], { vocabSize: 7, preTokenizer: { type: 'Whitespace' } });
    const { tokenizer: pruned } = pruneVocabulary(tokenizer, ['abcd'], 7);
    expect(pruned.encode('abcd').tokens).toEqual(tokenizer.encode('abcd').tokens);
    expect(pruneVocabulary(tokenizer, ['abcd'], 5).tokenizer.vocabSize).toBe(5);
  });
  it.each([
    [() => pruneVocabulary(tokenizerNamed('gpt2_like'), [], 10), 'keep must be at least 257, the characters and special tokens, got 10'],
    [() => new Vocabulary(['a', 'a']), "tokens must be unique, 'a' is there twice"],
    [() => remapEmbeddings(tensor([[1]]), [3], 2), 'mapping must hold ids below 2, got 3'],
    [() => remapEmbeddings(tensor([[1]]), [0, 1], 2), 'weight must be [2, dimensions], got [1, 1]'],
    [
      () =>
        pruneVocabulary(
          Tokenizer.fromJson({
            model: { type: 'WordLevel', vocab: { long: 0, a: 1 }, unk_token: 'a' },
            post_processor: { type: 'BertProcessing', cls: ['long', 0], sep: ['a', 1] },
          }),
          [],
          1,
        ),
      'the post-processor names long, which is not a special token',
    ],
    [() => measureTokenizer(tokenizerNamed('gpt2_like'), []), 'texts cannot be empty'],
    [() => bpeDropout(tokenizerNamed('t5_like'), 'a', 0.5, Math.random), 'dropout is of BPE tokenizers, got Unigram'],
    [() => bpeDropout(tokenizerNamed('gpt2_like'), 'a', 2, Math.random), 'dropout must be in [0, 1], got 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('measureTokenizer', () => {
  it('counts as its definition says', () => {
    const tokenizer = Tokenizer.fromJson({
      model: { type: 'WordLevel', vocab: { a: 0, b: 1, 語: 2, '?': 3 }, unk_token: '?' },
      pre_tokenizer: { type: 'WhitespaceSplit' },
    });
    const measures = measureTokenizer(tokenizer, ['a a b 語 xyz'], { alpha: 2 });
    const sum = 0.4 ** 2 + 3 * 0.2 ** 2;
    expect(measures).toEqual({
      tokens: 5,
      bytesPerToken: 13 / 5,
      fertility: 1,
      fertilityByScript: { Latin: 1, Han: 1 },
      unknownRate: 0.2,
      vocabUse: 1,
      renyiEfficiency: -Math.log(sum) / Math.log(4),
    });
    expect(measureTokenizer(tokenizer, ['a b 語 x'], { alpha: 1 }).renyiEfficiency).toBeCloseTo(1, 12);
    expect(measureTokenizer(tokenizer, [''])).toMatchObject({ tokens: 0, bytesPerToken: 0, fertility: 0, unknownRate: 0, renyiEfficiency: 0 });
  });
  it('knows the unknown piece of a Unigram model', () => {
    expect(measureTokenizer(tokenizerNamed('t5_like'), ['日本 12']).unknownRate).toBeGreaterThan(0);
    expect(measureTokenizer(tokenizerNamed('gpt2_like'), ['日本 12']).fertilityByScript['Common']).toBeGreaterThan(0);
  });
});

describe('bpeDropout', () => {
  it('gives the usual tokens at 0, characters at 1, and the same for the same draws', () => {
    const tokenizer = tokenizerNamed('gpt2_like');
    const drawn = (seed: number): string[] => {
      const random = new PythonRandom(seed);
      return bpeDropout(tokenizer, CORPUS[0]!, 0.3, () => random.random());
    };
    expect(bpeDropout(tokenizer, CORPUS[0]!, 0, Math.random)).toEqual(tokenizer.encode(CORPUS[0]!).tokens);
    expect(bpeDropout(tokenizer, CORPUS[0]!, 1, Math.random).every(token => token.length === 1)).toBe(true);
    expect(drawn(1)).toEqual(drawn(1));
    expect(drawn(1).join('')).toBe(drawn(2).join(''));
  });
});

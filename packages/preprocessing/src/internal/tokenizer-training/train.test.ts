import { readFileSync } from 'node:fs';
import { evidenceCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artefact } from '../tokenization/evidence.fixture.js';
import type { Tokenizer } from '../tokenization/tokenizer.js';
import { TrainTokenizerOptions, trainTiktoken, trainTokenizer } from './train.js';
import { countWords } from './words.js';

type Json = { readonly [K in 'algorithm' | 'corpus' | 'trainer' | 'modelOptions' | 'pipeline']: never };
type Trainer =
  | 'vocab_size'
  | 'min_frequency'
  | 'special_tokens'
  | 'byteAlphabet'
  | 'initial_alphabet'
  | 'limit_alphabet'
  | 'max_token_length'
  | 'continuing_subword_prefix'
  | 'end_of_word_suffix'
  | 'unk_token'
  | 'fuse_unk'
  | 'shrinking_factor'
  | 'max_piece_length'
  | 'n_sub_iterations'
  | 'normalizer'
  | 'pre_tokenizer';
type Settings = { readonly [K in Trainer]?: never };
type Scored = readonly [piece: string, score: number];
type Expected = {
  readonly vocab?: Readonly<Record<string, number>> | readonly Scored[];
  readonly vocabSize?: number;
  readonly mustContain?: string[];
  readonly mayContain?: string[];
  readonly commonMergePrefix?: unknown[];
  readonly referenceRunToRunScoreDeviation?: number;
  readonly unkId?: number;
};

function train({ algorithm, corpus, trainer, modelOptions, pipeline }: Json): Tokenizer {
  const [t, model, parts]: Settings[] = [trainer, modelOptions ?? {}, pipeline ?? {}];
  const texts = typeof corpus === 'string' ? JSON.parse(readFileSync(artefact(corpus), 'utf8')) : corpus;
  return trainTokenizer(texts, {
    algorithm,
    vocabSize: t!.vocab_size!,
    minFrequency: t!.min_frequency ?? 0,
    specialTokens: t!.special_tokens ?? [],
    initialAlphabet: t!.byteAlphabet ? 'bytes' : (t!.initial_alphabet ?? []),
    limitAlphabet: t!.limit_alphabet ?? null,
    maxTokenLength: t!.max_token_length ?? null,
    continuingSubwordPrefix: t!.continuing_subword_prefix ?? model!.continuing_subword_prefix ?? null,
    endOfWordSuffix: t!.end_of_word_suffix ?? model!.end_of_word_suffix ?? null,
    unkToken: t!.unk_token ?? model!.unk_token ?? null,
    fuseUnk: model!.fuse_unk ?? false,
    shrinkingFactor: t!.shrinking_factor ?? 0.75,
    maxPieceLength: t!.max_piece_length ?? 16,
    nSubIterations: t!.n_sub_iterations ?? 2,
    normalizer: parts!.normalizer ?? null,
    preTokenizer: parts!.pre_tokenizer ?? null,
  });
}

/** What of a trained model the file speaks of, in its own words where it allows for more than one answer. */
function answer(input: Json, { expect: want }: { readonly expect: Expected }): unknown {
  const model = train(input).toJson()['model'] as { readonly vocab: Record<string, number> | Scored[]; readonly merges: unknown[]; readonly unk_id: number };
  if (Array.isArray(want?.vocab)) {
    // Characters that no piece is left for get scores in an order that the library leaves to chance: it says how far its runs differ.
    const slack = want.referenceRunToRunScoreDeviation ?? 0;
    const scores = new Map(model.vocab as Scored[]);
    const vocab = want.vocab.map(([piece, score]: Scored) => [piece, Math.abs((scores.get(piece) ?? Number.NaN) - score) <= slack ? score : scores.get(piece)]);
    return { ...want, vocab: scores.size === want.vocab.length ? vocab : [...scores], ...(want.unkId === undefined ? {} : { unkId: model.unk_id }) };
  }
  if (want?.vocab !== undefined) return { vocab: model.vocab, ...('merges' in want ? { merges: model.merges } : {}) };
  const tokens = Object.keys(model.vocab);
  return {
    ...want,
    vocabSize: tokens.length,
    mustContain: want?.mustContain?.filter(token => Object.hasOwn(model.vocab, token)),
    mayContain: [...new Set([...(want?.mayContain ?? []), ...tokens])].sort(),
    ...(want?.commonMergePrefix === undefined ? {} : { commonMergePrefix: model.merges.slice(0, want.commonMergePrefix.length) }),
  };
}

describe('evidence: tokenizer_training', () => {
  it.each(evidenceCases('preprocessing/tokenizer_training', { trainTokenizer: answer } as never, import.meta.url, '../../../evidence/tokenizer_training.json'))(
    '$name',
    c => c.run(),
  );
});

const words = fc
  .array(fc.constantFrom('low', 'lower', 'newest', 'wider', 'it’s', '日本', '12', '.'), { minLength: 1, maxLength: 60 })
  .map(list => list.join(' '));
const bytes = { preTokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true, trim_offsets: true }, decoder: { type: 'ByteLevel' } };

describe('laws', () => {
  it('what a byte-level tokenizer is trained on it gives back, and no word takes more tokens than bytes', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 256, max: 300 }), (text, vocabSize) => {
        const tokenizer = trainTokenizer([text], { vocabSize, initialAlphabet: 'bytes', ...bytes });
        const { ids } = tokenizer.encode(text);
        return tokenizer.vocabSize <= vocabSize && tokenizer.decode(ids) === text && ids.length <= new TextEncoder().encode(text).length;
      }),
      { numRuns: 100 },
    );
  });
  it('counts words of byte-level tokenizers as their components cut them', () => {
    const split = {
      type: 'Split',
      pattern: {
        Regex: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      },
      behavior: 'Isolated',
    };
    const level = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    fc.assert(
      fc.property(fc.array(words, { maxLength: 3 }), texts => {
        for (const [quick, general] of [
          [bytes.preTokenizer, { type: 'Sequence', pretokenizers: [bytes.preTokenizer] }],
          [
            { type: 'Sequence', pretokenizers: [split, level] },
            { type: 'Sequence', pretokenizers: [split, { type: 'Sequence', pretokenizers: [level] }] },
          ],
        ] as const)
          expect(countWords(texts, { normalizer: { type: 'Lowercase' }, preTokenizer: quick })).toEqual(
            countWords(texts, { normalizer: { type: 'Lowercase' }, preTokenizer: general }),
          );
      }),
      { numRuns: 100 },
    );
  });
  it.each(['bpe', 'wordpiece', 'unigram', 'wordlevel', 'char'] as const)('%s tokenizers know what they were trained on', algorithm => {
    const unkToken = '[UNK]';
    fc.assert(
      fc.property(words, text => {
        const tokenizer = trainTokenizer([text], { algorithm, vocabSize: 120, unkToken, specialTokens: [unkToken], preTokenizer: { type: 'Whitespace' } });
        return !tokenizer.encode(text).tokens.includes(unkToken) && tokenizer.tokenToId(unkToken) === 0;
      }),
      { numRuns: 100 },
    );
  });
  it('calls what is unknown as each model does, and keeps no more special tokens than there is room for', () => {
    const unk = (algorithm: 'wordpiece' | 'wordlevel'): unknown => (trainTokenizer(['a'], { algorithm }).toJson()['model'] as { unk_token: string }).unk_token;
    expect([unk('wordpiece'), unk('wordlevel')]).toEqual(['[UNK]', '<unk>']);
    expect(trainTokenizer(['a'], { algorithm: 'wordlevel', vocabSize: 1, specialTokens: ['<s>', '</s>'] }).toJson()['added_tokens']).toHaveLength(1);
  });
  it('tells how far it is', () => {
    const seen: number[] = [];
    trainTokenizer([Array.from({ length: 400 }, (_, i) => `w${i * 7919}`).join(' ')], { vocabSize: 250, preTokenizer: { type: 'Whitespace' } }, tokens =>
      seen.push(tokens),
    );
    trainTokenizer(['aa ab'], { algorithm: 'unigram', vocabSize: 20, preTokenizer: { type: 'Whitespace' } }, tokens => seen.push(tokens));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.slice(0, -1)).toEqual(seen.slice(0, -1).sort((a, b) => a - b));
  });
});

describe('trainTiktoken', () => {
  it('of pairs that occur equally often takes the one that occurs first', () => {
    expect([...trainTiktoken('zy xw zy xw', 257, '\\w+').encodeOrdinary('zy')]).toEqual([256]);
  });
  it('stops when no pair is left', () => {
    expect(trainTiktoken('ab', 1000, '\\w+').vocabSize).toBe(257);
  });
});

describe('definitions', () => {
  it.each(sweep(TrainTokenizerOptions))('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => trainTiktoken('a', 255, '.'), 'vocabSize must be at least 256, got 255'],
    [() => trainTokenizer(['abc'], { algorithm: 'unigram', vocabSize: 2 }), 'vocabSize must be at least 3, the characters that occur, got 2'],
    [() => trainTokenizer(['a'], { initialAlphabet: ['ab'] }), "initialAlphabet must be a list of characters or 'bytes'"],
    [() => trainTokenizer(['a'], { preTokenizer: { type: 'None' } }), 'pre_tokenizer.type must be one of BertPreTokenizer, ByteLevel'],
    [() => trainTokenizer(null as never), 'corpus cannot be null'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

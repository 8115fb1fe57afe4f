import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as collators from '../../collators.js';

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
type Input = { readonly features: readonly Readonly<Record<string, number | number[]>>[] } & Readonly<Record<string, never>>;

const featuresOf = ({ features }: Input): collators.Feature[] =>
  features.map(feature => Object.fromEntries(Object.entries(feature).map(([name, value]) => [camel(name), value])));
const shown = (batch: collators.Batch): Record<string, unknown> => Object.fromEntries(Object.entries(batch).map(([name, x]) => [snake(name), x.tolist()]));
const optionsOf = ({ features: _, numpySeed, ...options }: Input): never =>
  ({ ...options, ...(numpySeed === undefined ? {} : { random: numpySeed }) }) as never;

type Pair = { readonly first: string; readonly second: string; readonly vocab: Record<string, number>; readonly strategy: never; readonly maxLength: number };
const [CLS, SEP] = [2, 3];

const answers = {
  dataCollatorWithPadding: (given: Input) => shown(collators.dataCollatorWithPadding(featuresOf(given), optionsOf(given))),
  dataCollatorForSeq2Seq: (given: Input) => shown(collators.dataCollatorForSeq2Seq(featuresOf(given), optionsOf(given))),
  dataCollatorForTokenClassification: (given: Input) => shown(collators.dataCollatorForTokenClassification(featuresOf(given), optionsOf(given))),
  dataCollatorForLanguageModeling: (given: Input) => shown(collators.dataCollatorForLanguageModeling(featuresOf(given), optionsOf(given))),
  dataCollatorWithFlattening: (given: Input) => shown(collators.dataCollatorWithFlattening(featuresOf(given))),
  defaultDataCollator: (given: Input) => shown(collators.defaultDataCollator(featuresOf(given))),
  mlmStatistics: ({ tokens, mlmProbability }: { readonly tokens: number; readonly mlmProbability: number }) => {
    const inputIds = Array.from({ length: tokens }, (_, i) => 5 + (i % 45));
    const { inputIds: inputs, labels } = collators.dataCollatorForLanguageModeling([{ inputIds }], {
      padTokenId: 0,
      mlm: true,
      maskTokenId: 4,
      vocabSize: 50,
      mlmProbability,
      random: 1,
    });
    const [seen, told] = [inputs!.flatten().tolist() as number[], labels!.flatten().tolist() as number[]];
    const places = [...told.keys()].filter(i => told[i] !== -100);
    const share = (fits: (i: number) => boolean): number => places.filter(fits).length / places.length;
    return { selected: places.length / tokens, maskedOfSelected: share(i => seen[i] === 4), keptOfSelected: share(i => seen[i] === inputIds[i]) };
  },
  truncatePair: ({ first, second, vocab, strategy, maxLength }: Pair) => {
    const ids = (text: string): number[] => text.split(' ').map(word => vocab[word]!);
    const [a, b] = collators.truncatePair(ids(first), ids(second), { maxLength: maxLength - 3, strategy });
    return { inputIds: [CLS, ...a, SEP, ...b, SEP], tokenTypeIds: null };
  },
  truncateWithOverflow: ({
    text,
    vocab,
    maxLength,
    stride,
  }: {
    readonly text: string;
    readonly vocab: Record<string, number>;
    readonly maxLength: number;
    readonly stride: number;
  }) => {
    const words = [...text.matchAll(/\S+/g)].map(match => ({ id: vocab[match[0]]!, span: [match.index, match.index + match[0].length] }));
    const windows = collators.truncateWithOverflow(words, { maxLength: maxLength - 2, stride });
    return {
      inputIds: windows.map(window => [CLS, ...window.map(({ id }) => id), SEP]),
      offsets: windows.map(window => [[0, 0], ...window.map(({ span }) => span), [0, 0]]),
      sampleMapping: windows.map(() => 0),
    };
  },
  packSequences: ({ sequences, maxLength, strategy }: { readonly sequences: number[][]; readonly maxLength: number; readonly strategy: never }) => {
    const { inputIds, seqLengths } = collators.packSequences(sequences, maxLength, { strategy });
    return { input_ids: inputIds, ...(seqLengths === undefined ? {} : { seq_lengths: seqLengths }) };
  },
};

describe('evidence: collators', () => {
  it.each(evidenceCases('training/collators', answers as never, import.meta.url, '../../../evidence/collators.json'))('$name', c => c.run());
});

describe('laws', () => {
  const sequences = fc.array(fc.array(fc.nat({ max: 9 }), { maxLength: 12 }), { maxLength: 20 });
  it('packing loses no token and overfills no row', () => {
    fc.assert(
      fc.property(sequences, fc.integer({ min: 1, max: 15 }), fc.constantFrom('bfd' as const, 'wrapped' as const), (all, most, strategy) => {
        const { inputIds } = collators.packSequences(all, most, { strategy });
        const kept = strategy === 'bfd' ? all.map(each => each.slice(0, most)) : all;
        return inputIds.every(row => row.length <= most && row.length > 0) && JSON.stringify(inputIds.flat().sort()) === JSON.stringify(kept.flat().sort());
      }),
    );
  });
  it('a pair cut to a length has it, and windows hold all', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 9 }), fc.array(fc.nat(), { maxLength: 9 }), fc.nat({ max: 20 }), (a, b, maxLength) => {
        const [x, y] = collators.truncatePair(a, b, { maxLength });
        return x.length + y.length === Math.min(maxLength, a.length + b.length);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), fc.nat({ max: 8 }), (all, maxLength, stride) => {
        fc.pre(stride < maxLength);
        const windows = collators.truncateWithOverflow(all, { maxLength, stride });
        return JSON.stringify(windows.flatMap((window, i) => (i === 0 ? window : window.slice(stride)))) === JSON.stringify(all);
      }),
    );
  });
});

describe('collators', () => {
  it('other fields come along, and a fraction makes a batch of floats', () => {
    const batch = collators.dataCollatorForSeq2Seq([{ inputIds: [1], labels: [2], weight: 0.5, specialTokensMask: [0] }], {
      padTokenId: 0,
      padToMultipleOf: 2,
    });
    expect([batch['weight']!.tolist(), batch['specialTokensMask']!.tolist(), batch['labels']!.tolist()]).toEqual([[0.5], [[0, 1]], [[2, -100]]]);
    const lm = collators.dataCollatorForLanguageModeling([{ inputIds: [1], labels: [9], weight: 1 }], { padTokenId: 0, mlm: false });
    expect([lm['labels']!.tolist(), lm['weight']!.tolist()]).toEqual([[[1]], [1]]);
    const tokens = collators.dataCollatorForTokenClassification([{ inputIds: [1], labels: [9], weight: 1 }], { padTokenId: 0 });
    expect(tokens['weight']!.tolist()).toEqual([1]);
  });
  it('masks become masks alone where no token is to be random', () => {
    const options = { padTokenId: 0, mlm: true, maskTokenId: 4, vocabSize: 9, mlmProbability: 1, maskReplaceProb: 1, randomReplaceProb: 0 } as const;
    expect(collators.dataCollatorForLanguageModeling([{ inputIds: [5, 6] }], options)['inputIds']!.tolist()).toEqual([[4, 4]]);
  });
  const one = [{ inputIds: [1, 2] }];
  it.each([
    [() => collators.dataCollatorWithPadding([{ x: 1 }], { padTokenId: 0 }), 'features[0].inputIds must be a list of numbers'],
    [() => collators.dataCollatorWithPadding(one, { padTokenId: 0, padding: 'max_length' }), "maxLength must be given for padding 'max_length'"],
    [() => collators.dataCollatorWithPadding(one, { padTokenId: 0, paddingSide: 'up' as never }), 'paddingSide must be one of left, right'],
    [() => collators.dataCollatorWithPadding(one, { padTokenId: 0, padToMultipleOf: 0 }), 'padToMultipleOf must be positive, got 0'],
    [() => collators.defaultDataCollator([{ x: [1] }, { x: [1, 2] }]), 'x must be as long for each example, got 1, 2'],
    [
      () => collators.dataCollatorForTokenClassification([{ inputIds: [1], labels: [1, 2] }], { padTokenId: 0 }),
      'features[0].labels must have length 1, one for each token, got 2',
    ],
    [
      () => collators.dataCollatorForLanguageModeling(one, { padTokenId: 0, mlm: true, maskTokenId: 1, vocabSize: 3, maskReplaceProb: 0.95 }),
      'maskReplaceProb and randomReplaceProb must be at most 1 together',
    ],
    [
      () => collators.dataCollatorForLanguageModeling(one, { padTokenId: 0, mlm: true, maskTokenId: 1, vocabSize: 3, mlmProbability: 2 }),
      'mlmProbability must be in [0, 1], got 2',
    ],
    [
      () => collators.truncatePair([1], [1, 2, 3], { maxLength: 2, strategy: 'only_first' }),
      'first must have more than 2 elements to be cut to a whole of 2, got 1',
    ],
    [() => collators.truncateWithOverflow([1], { maxLength: 2, stride: 2 }), 'stride must be less than maxLength (2), got 2'],
    [() => collators.packSequences([], 1, { strategy: 'best' as never }), 'strategy must be one of bfd, wrapped'],
  ])('%#', (run, message) => {
    expect(run).toThrow(message);
  });
  it('the second gives way where it is asked to', () => {
    expect(collators.truncatePair([1, 2], [3, 4, 5], { maxLength: 3, strategy: 'only_second' })).toEqual([[1, 2], [3]]);
  });
});

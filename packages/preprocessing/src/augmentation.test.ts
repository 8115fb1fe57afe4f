import { PythonRandom } from '@gtc/tensor/random';
import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as augmentation from './augmentation.js';

describe('parity: augmentation', () => {
  it.each(parityCases('preprocessing/augmentation', augmentation, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('swaps keep words, insertions add some, deletions take some', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }), fc.nat(9), fc.integer(), (words, n, seed) => {
        const swapped = augmentation.randomSwap(words, n, { rng: new PythonRandom(seed) });
        const inserted = augmentation.randomInsert(words, ['x'], n, { rng: new PythonRandom(seed) });
        const left = augmentation.randomDelete(words, 0.5, { rng: new PythonRandom(seed) });
        const same = String([...swapped].sort()) === String([...words].sort());
        return same && inserted.length === words.length + n && String(inserted.filter(word => word !== 'x')) === String(words) && left.length <= words.length;
      }),
      { numRuns: 200 },
    );
  });
  it('noise of words keeps their first and last letters', () => {
    const noisy = augmentation.injectNoise('abcdefgh', augmentation.createNoiseConfig({ noiseType: 'word', probability: 1 }), { rng: new PythonRandom(2) });
    expect([noisy.length, noisy[0], noisy.at(-1)]).toEqual([8, 'a', 'h']);
    expect(augmentation.injectNoise('ab', augmentation.createNoiseConfig({ noiseType: 'word', probability: 1 }), { rng: new PythonRandom(2) })).toBe('ab');
  });
  it('neighbouring keys keep their case', () => {
    expect(augmentation.injectNoise('Q1é', augmentation.createNoiseConfig({ noiseType: 'keyboard', probability: 1 }), { rng: new PythonRandom(1) })).toMatch(
      /^[WA]1é$/,
    );
  });
  const defaults = { probability: 0.1, numAugmentations: 1, minLength: 3, preserveCase: true };
  it('augments texts from settings, without a seed too', () => {
    const augmenter = augmentation.createAugmenter({ ...defaults, probability: 1, augmentationType: 'synonym_replace' }, { synonyms: { small: ['little'] } });
    expect(augmenter('a Small tree').augmented).toEqual(['a Little tree']);
    expect(
      augmentation.augmentBatch(['one two three'], { config: { ...defaults, augmentationType: 'random_swap', numAugmentations: 2 } })[0]!.augmented,
    ).toHaveLength(2);
    expect(augmentation.applyAugmentation('a small tree', augmentation.createAugmentationConfig({ probability: 1 }), { synonyms: { small: ['little'] } })).toBe(
      'a little tree',
    );
  });
});

describe('Augmenter', () => {
  it('augments one text after the other from one stream', () => {
    const texts = ['one two three', 'four five six'];
    const run = (seed: number): string[] => {
      const augmenter = new augmentation.Augmenter({ augType: 'random_swap', probability: 0.9 }, { rng: new PythonRandom(seed) });
      return texts.map(text => augmenter.augment(text));
    };
    expect(run(5)).toEqual(run(5));
    expect(new augmentation.Augmenter({ augType: 'none' }).augment('x')).toBe('x');
    expect(() => new augmentation.Augmenter({ probability: 2 })).toThrow('probability must be in [0, 1], got 2');
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(augmentation.AugmentConfig),
    ...sweep(augmentation.SynonymConfig),
    ...sweep(augmentation.BacktranslationConfig),
    ...sweep(augmentation.NoiseConfig),
    ...sweep(augmentation.AugmentationConfig),
    ...sweep(augmentation.AugmentResult),
    ...sweep(augmentation.AugmentationStats),
    ...sweepEnum('AugmentationType', augmentation.AugmentationType, {
      list: augmentation.listAugmentationTypes,
      is: augmentation.validateAugmentationType,
      get: augmentation.getAugmentationType,
    }),
    ...sweepEnum('NoiseType', augmentation.NoiseType, {
      list: augmentation.listNoiseTypes,
      is: augmentation.validateNoiseType,
      get: augmentation.getNoiseType,
    }),
    ...sweepEnum('AugmentationLevel', augmentation.AugmentationLevel, {
      list: augmentation.listAugmentationLevels,
      is: augmentation.validateAugmentationLevel,
      get: augmentation.getAugmentationLevel,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => augmentation.synonymReplace(['a'], { a: [] }, 1), "synonyms['a'] cannot be empty"],
    [() => augmentation.randomSwap([], -1), 'numSwaps must be non-negative, got -1'],
    [() => augmentation.getRecommendedAugmentationConfig('', 10), 'taskType cannot be empty'],
    [
      () =>
        augmentation.augmentText('a b c', {
          config: { probability: Number.POSITIVE_INFINITY, numAugmentations: 1, augmentationType: 'random_swap', minLength: 3, preserveCase: true },
        }),
      'probability must be finite, got Infinity',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { GtcError } from '@gtc/errors';
import { mutant, parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as reproducibility from './reproducibility.js';

/** State of a generator just seeded, thus without a spare normal. */
function freshState(): Uint8Array {
  reproducibility.setAllSeeds(reproducibility.createSeedConfig({ components: ['python'] }));
  return reproducibility.getRngState().pythonState!;
}

describe('parity: reproducibility', () => {
  it.each(parityCases('training/reproducibility', reproducibility, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a state goes out and comes back', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(5), (seed, draws) => {
        reproducibility.setAllSeeds(reproducibility.createSeedConfig({ seed, components: ['python', 'numpy'] }));
        for (let i = 0; i < draws; i++) reproducibility.sharedRandom().gauss();
        const state = reproducibility.getRngState();
        const expected = [reproducibility.sharedRandom().gauss(), reproducibility.sharedRandom().random()];
        reproducibility.setRngState(state);
        return String([reproducibility.sharedRandom().gauss(), reproducibility.sharedRandom().random()]) === String(expected);
      }),
      { numRuns: 100 },
    );
  });
  it('a broken state ends in a typed error and changes nothing', () => {
    const { pythonState } = reproducibility.getRngState();
    fc.assert(
      fc.property(fc.nat(), seed => {
        const { bytes } = mutant(pythonState!, seed);
        const before = reproducibility.sharedRandom().getState();
        try {
          reproducibility.setRngState({ ...reproducibility.getRngState({ components: [] }), pythonState: bytes });
        } catch (error) {
          return GtcError.is(error) && String(reproducibility.sharedRandom().getState().words) === String(before.words);
        }
        return true;
      }),
      { numRuns: 300 },
    );
  });
  it.each([
    ['too little on the stack', () => [0x4b, 3, 0x2e], 'no version 3 with 625 words'],
    ['a tuple that no mark opens', () => [0x4b, 3, 0x74, 0x2e], 'no version 3 with 625 words'],
    ['an integer of 7 bytes', () => [0x8a, 7, 1, 2, 3, 4, 5, 6, 7, 0x2e], 'an integer is too long at byte 2'],
    ['an empty tuple for the spare normal', () => [...freshState().slice(0, -3), 0x28, 0x74, 0x87, 0x2e], 'no spare normal'],
  ])('a state with %s is refused', (_, bytes, message) => {
    const state = { ...reproducibility.getRngState({ components: [] }), pythonState: Uint8Array.from(bytes()) };
    expect(() => reproducibility.setRngState(state)).toThrow(message);
  });
  /** A pickled state of small words, one of them written otherwise. */
  const pickled = ({
    version = 3,
    words = 624,
    odd = [0x4b, 7],
    index = [0x4b, 0],
  }: {
    version?: number;
    words?: number;
    odd?: number[];
    index?: number[];
  } = {}): Uint8Array =>
    Uint8Array.from([0x80, 4, 0x4b, version, 0x28, ...Array.from({ length: words - 1 }, () => [0x4b, 1]).flat(), ...odd, ...index, 0x74, 0x4e, 0x87, 0x2e]);
  const restore = (pythonState: Uint8Array) => () => reproducibility.setRngState({ ...reproducibility.getRngState({ components: [] }), pythonState });
  it.each([
    ['another version', { version: 2 }],
    ['a word too few', { words: 623 }],
    ['a word too many', { words: 625 }],
    ['a place beyond the words', { index: [0x4d, 0x71, 0x02] }],
    ['a negative word', { odd: [0x4a, 0xff, 0xff, 0xff, 0xff] }],
    ['a word of 33 bits', { odd: [0x8a, 5, 0, 0, 0, 0, 1] }],
    ['a fraction for a word', { odd: [0x47, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0] }],
    ['None for a word', { odd: [0x4e] }],
  ])('a state with %s is refused', (_, parts) => {
    expect(restore(pickled(parts))).toThrow('no version 3 with 625 words');
  });
  it.each([
    ['small words', {}],
    ['the largest word', { odd: [0x8a, 5, 0xff, 0xff, 0xff, 0xff, 0] }],
    ['the word zero', { odd: [0x4b, 0] }],
    ['a word written in 6 bytes', { odd: [0x8a, 6, 1, 0, 0, 0, 0, 0] }],
    ['the last place', { index: [0x4d, 0x70, 0x02] }],
  ])('a state with %s is taken', (_, parts) => {
    expect(restore(pickled(parts))()).toEqual({ python: true });
  });
  it('names the parameter and the place where a state breaks', () => {
    expect(restore(Uint8Array.of(0x80, 4, 0x63))).toThrow(expect.objectContaining({ parameter: 'pythonState', received: 2 }));
  });
  it('reports generators that do not exist here', () => {
    expect(reproducibility.setAllSeeds(reproducibility.createSeedConfig({ components: ['python', 'torch'] }))).toEqual({ python: true, torch: false });
    expect(reproducibility.setRngState({ ...reproducibility.getRngState({ components: [] }), torchState: new Uint8Array(1) })).toEqual({ torch: false });
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(reproducibility.SeedConfig),
    ...sweep(reproducibility.ReproducibilityConfig, () => reproducibility.createReproducibilityConfig()),
    ...sweep(reproducibility.EnvironmentInfo),
    ...sweep(reproducibility.RNGState, () => reproducibility.getRngState()),
    ...sweep(reproducibility.ReproducibilityStats),
    ...sweepEnum('SeedComponent', reproducibility.SeedComponent, { list: reproducibility.listSeedComponents, get: reproducibility.getSeedComponent }),
    ...sweepEnum('DeterminismLevel', reproducibility.DeterminismLevel, {
      list: reproducibility.listDeterminismLevels,
      get: reproducibility.getDeterminismLevel,
    }),
    ...sweepEnum('ChecksumType', reproducibility.ChecksumType, { list: reproducibility.listChecksumTypes, get: reproducibility.getChecksumType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => reproducibility.createRngState(), 'at least one RNG state must be given'],
    [
      () => reproducibility.setRngState({ ...reproducibility.getRngState({ components: [] }), pythonState: Uint8Array.of(0x80, 4, 0x63) }),
      "pythonState is no pickled state of Python's random: an instruction 0x63 that no state needs at byte 2",
    ],
    [() => reproducibility.setRngState({ ...reproducibility.getRngState({ components: [] }), pythonState: Uint8Array.of(0x80, 4) }), 'it ends early at byte 2'],
    [() => reproducibility.createEnvironmentInfo({ pythonVersion: '' }), 'pythonVersion cannot be empty'],
    [() => reproducibility.createEnvironmentInfo(), 'pythonVersion is required'],
    [() => reproducibility.getRecommendedReproducibilityConfig({ useCase: 'chess' }), "useCase must be one of debugging, evaluation, training, got 'chess'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

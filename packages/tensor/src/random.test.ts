import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumpyRandom, NumpyRandomState, PythonRandom, type PythonSeed } from './random.js';

const L = Array.from({ length: 20 }, (_, i) => i);
const times = <V>(n: number, draw: () => V): V[] => Array.from({ length: n }, draw);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The call sequences that the evidence names. */
const RECIPES: Readonly<Record<string, (g: PythonRandom) => unknown>> = {
  random: g => times(12, () => g.random()),
  getrandbits: g => [1, 5, 16, 31, 32, 33, 52].map(k => g.getrandbits(k)),
  getrandbits_big: g => [64, 100, 129].map(k => String(g.getrandbits(k))),
  randint: g => [...times(10, () => g.randint(0, 9)), ...times(5, () => g.randint(-5, 5)), ...times(3, () => g.randint(0, 10 ** 12))],
  randrange: g => [...times(6, () => g.randrange(7)), ...times(6, () => g.randrange(10, 100, 7)), ...times(3, () => g.randrange(2 ** 31))],
  choice: g => times(10, () => g.choice(L)),
  choices: g => g.choices(L, { k: 8 }),
  choices_weights: g => g.choices('abcde', { weights: [0.1, 2, 0, 5.5, 1], k: 12 }),
  choices_cum: g => g.choices('abc', { cumWeights: [1, 3, 10], k: 8 }),
  shuffle: g => g.shuffle([...L]),
  sample: g => [g.sample(L, 5), g.sample(1000, 6), g.sample(L, 20), g.sample(10 ** 6, 30)],
  sample_counts: g => g.sample(['r', 'b'], 5, { counts: [4, 2] }),
  uniform: g => times(6, () => g.uniform(-2, 5)),
  triangular: g => times(5, () => g.triangular(0, 10, 3)),
  gauss: g => times(7, () => g.gauss(0, 1)),
  normalvariate: g => times(6, () => g.normalvariate(1, 2)),
  expovariate: g => times(5, () => g.expovariate(1.5)),
  lognormvariate: g => times(4, () => g.lognormvariate(0, 0.5)),
  gammavariate: g => [...times(3, () => g.gammavariate(0.5, 1)), ...times(3, () => g.gammavariate(1, 2)), ...times(3, () => g.gammavariate(3.3, 2))],
  betavariate: g => times(4, () => g.betavariate(2, 3)),
  vonmises: g => times(4, () => g.vonmisesvariate(0.5, 4)),
  pareto: g => times(4, () => g.paretovariate(2)),
  weibull: g => times(4, () => g.weibullvariate(1, 1.5)),
  randbytes: g => hex(g.randbytes(11)),
  mixed: g => [g.random(), g.randint(1, 6), g.gauss(0, 1), g.random(), g.gauss(0, 1), g.choice('xyz'), g.random()],
};

type EncodedSeed = number | string | bigint | { bytes: string };
function seedOf(seed: EncodedSeed): PythonSeed {
  return typeof seed === 'object' ? new Uint8Array(Buffer.from(seed.bytes, 'hex')) : seed;
}
const run = (({ seed, recipe, skip }: { seed: EncodedSeed; recipe: string; skip?: number }) => {
  const g = new PythonRandom(seedOf(seed));
  if (skip === undefined) return RECIPES[recipe]!(g);
  times(skip, () => g.random());
  return times(4, () => g.random());
}) as never;

const answers = Object.fromEntries(
  [
    'random',
    'getrandbits',
    'randint',
    'randrange',
    'choice',
    'choices',
    'shuffle',
    'sample',
    'uniform',
    'triangular',
    'gauss',
    'normalvariate',
    'expovariate',
    'lognormvariate',
    'gammavariate',
    'betavariate',
    'vonmises',
    'pareto',
    'weibull',
    'randbytes',
    'mixed',
  ].map(name => [`PyRandom(seed).${name}`, run]),
);

describe('evidence: random_python', () => {
  const refusals = {
    'PyRandom.random': run,
    'PyRandom.choice': (({ seed, population }: { seed: number; population: number[] }) => new PythonRandom(seed).choice(population)) as never,
    'PyRandom.sample': (({ seed, population, k }: { seed: number; population: number[]; k: number }) => new PythonRandom(seed).sample(population, k)) as never,
    'PyRandom.randrange': (({ seed, start, stop }: { seed: number; start: number; stop: number }) => new PythonRandom(seed).randrange(start, stop)) as never,
  };
  it.each(evidenceCases('preprocessing/random_python', { ...answers, ...refusals }, import.meta.url, '../evidence/preprocessing/random_python.json'))(
    '$name',
    c => c.run(),
  );
});

describe('PythonRandom', () => {
  it('repeats its stream after seeding anew, the spare normal included', () => {
    const g = new PythonRandom('x');
    const first = [g.gauss(), g.random()];
    g.gauss();
    g.seed('x');
    expect([g.gauss(), g.random()]).toEqual(first);
  });
  it('draws another stream every time without a seed', () => {
    for (const Random of [PythonRandom, NumpyRandom, NumpyRandomState]) expect(new Random(null).random()).not.toBe(new Random(null).random());
  });
  it('takes integers by absolute value, as Python does', () => {
    expect(new PythonRandom(-7).random()).toBe(new PythonRandom(7).random());
    expect(new PythonRandom(7n).random()).toBe(new PythonRandom(7).random());
    expect(new PythonRandom(-3.5).random()).toBe(new PythonRandom(3.5).random());
  });
  it('permutes without loss', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { maxLength: 50 }),
        fc.integer(),
        (items, seed) => String(new PythonRandom(seed).shuffle([...items]).sort()) === String([...items].sort()),
      ),
      { numRuns: 100 },
    );
  });
  it('samples without repetition', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer(),
        (n, k, seed) => k > n || new Set(new PythonRandom(seed).sample(n, k)).size === k,
      ),
      { numRuns: 100 },
    );
  });
  it('keeps every draw within its bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), fc.integer(), (low, width, seed) => {
        const draw = new PythonRandom(seed).randint(low, low + width);
        return Number.isInteger(draw) && draw >= low && draw <= low + width;
      }),
      { numRuns: 100 },
    );
  });
  it('draws nothing from nothing', () => {
    const g = new PythonRandom(1);
    expect([g.getrandbits(0), g.randbytes(0), g.sample([], 0), g.triangular(2, 2), g.choices([1], { k: 0 })]).toEqual([0, new Uint8Array(), [], 2, []]);
    expect(g.triangular()).toBeLessThanOrEqual(1);
    expect(g.vonmisesvariate(0, 0)).toBeLessThan(2 * Math.PI);
  });
  it.each([
    [(g: PythonRandom) => g.choice([]), 'population cannot be empty'],
    [(g: PythonRandom) => g.sample([1, 2], 3), "k must be at most the population's size 2, got 3"],
    [(g: PythonRandom) => g.sample(3, -1), 'k must be non-negative, got -1'],
    [(g: PythonRandom) => g.sample([1], 1, { counts: [1, 2] }), 'population and counts must have the same length, got 1 and 2'],
    [(g: PythonRandom) => g.randrange(5, 5), 'randrange needs a non-empty range, got start 5, stop 5, step 1'],
    [(g: PythonRandom) => g.randrange(0, 5, 0), 'randrange needs a non-empty range, got start 0, stop 5, step 0'],
    [(g: PythonRandom) => g.randint(0, 0.5), 'stop must be an integer, got 1.5'],
    [(g: PythonRandom) => g.getrandbits(-1), 'k must be non-negative, got -1'],
    [(g: PythonRandom) => g.choices([1, 2], { weights: [1] }), 'population and weights must have the same length, got 2 and 1'],
    [(g: PythonRandom) => g.choices([1, 2], { weights: [0, 0] }), 'weights must be positive, got 0'],
    [(g: PythonRandom) => g.gammavariate(0, 1), 'alpha must be positive, got 0'],
    [(g: PythonRandom) => g.seed(Number.NaN), 'seed must be finite, got NaN'],
  ])('refuses with words: %#', (draw, message) => {
    expect(() => draw(new PythonRandom(1))).toThrow(message);
  });
  it('repeats its draws from a state that it gave', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(700), (seed, before) => {
        const g = new PythonRandom(seed);
        for (let i = 0; i < before; i++) g.gauss();
        const state = g.getState();
        const other = new PythonRandom(0);
        const drawn = [g.gauss(), g.random(), g.getrandbits(32)];
        other.setState(state);
        return String(drawn) === String([other.gauss(), other.random(), other.getrandbits(32)]);
      }),
      { numRuns: 100 },
    );
  });
  it.each([[[1, 2]], [Array(625).fill(-1)], [Array(625).fill(625)], [Array(625).fill(0.5)]])('refuses words that are no state: %#', words => {
    expect(() => new PythonRandom(1).setState({ words, spareNormal: null })).toThrow('words must be 624 integers');
  });
  it('samples with counts of nothing', () => {
    expect(new PythonRandom(1).sample([], 0, { counts: [] })).toEqual([]);
  });
});

describe('NumpyRandom', () => {
  const DRAWS: Readonly<Record<string, (g: NumpyRandom) => number[]>> = {
    random: g => times(8, () => g.random()),
    integers_10: g => times(12, () => g.integers(0, 10)),
    integers_scalar: g => times(8, () => g.integers(0, 7)),
    integers_endpoint: g => times(8, () => g.integers(1, 7)),
    integers_2_40: g => times(6, () => g.integers(0, 2 ** 40)),
    uniform: g => times(6, () => g.uniform(-1, 1)),
    permutation: g => g.permutation(15),
    shuffle: g => g.shuffle(Array.from({ length: 13 }, (_, i) => i)),
  };
  // numpy 2.4.6, default_rng(seed)
  it.each<[string, number, number[]]>([
    [
      'random',
      42,
      [
        0.7739560485559633, 0.4388784397520523, 0.8585979199113825, 0.6973680290593639, 0.09417734788764953, 0.9756223516367559, 0.761139701990353,
        0.7860643052769538,
      ],
    ],
    ['integers_10', 42, [0, 7, 6, 4, 4, 8, 0, 6, 2, 0, 5, 9]],
    ['integers_scalar', 42, [0, 5, 4, 3, 3, 6, 0, 4]],
    ['integers_endpoint', 42, [1, 5, 4, 3, 3, 6, 1, 5]],
    ['integers_2_40', 42, [850973674774, 482551947687, 944038396526, 766764256790, 103549089075, 1072708119942]],
    ['uniform', 42, [0.5479120971119267, -0.12224312049589536, 0.7171958398227649, 0.3947360581187278, -0.8116453042247009, 0.9512447032735118]],
    ['permutation', 42, [6, 7, 9, 3, 0, 11, 14, 10, 5, 2, 4, 12, 1, 13, 8]],
    ['shuffle', 42, [0, 12, 7, 10, 9, 3, 6, 5, 2, 4, 11, 1, 8]],
    [
      'random',
      20260,
      [
        0.2556041747687936, 0.3040882974884398, 0.826321173438877, 0.4472914560959338, 0.7559203854892452, 0.6568581091258567, 0.10595269973427623,
        0.28791849708419637,
      ],
    ],
    ['integers_10', 20260, [3, 2, 8, 3, 9, 8, 7, 4, 0, 7, 8, 6]],
    ['integers_scalar', 20260, [2, 1, 5, 2, 6, 5, 4, 3]],
    ['integers_endpoint', 20260, [3, 2, 5, 2, 6, 5, 5, 3]],
    ['integers_2_40', 20260, [281039762266, 334348618959, 908549738473, 491802156982, 831143253518, 722223128782]],
    ['uniform', 20260, [-0.4887916504624128, -0.3918234050231204, 0.652642346877754, -0.10541708780813241, 0.5118407709784905, 0.3137162182517135]],
    ['permutation', 20260, [2, 13, 14, 12, 1, 8, 11, 10, 0, 5, 6, 4, 7, 3, 9]],
    ['shuffle', 20260, [10, 2, 11, 1, 8, 12, 0, 5, 6, 4, 7, 3, 9]],
    [
      'random',
      0,
      [
        0.6369616873214543, 0.2697867137638703, 0.04097352393619469, 0.016527635528529094, 0.8132702392002724, 0.9127555772777217, 0.6066357757671799,
        0.7294965609839984,
      ],
    ],
    ['integers_10', 0, [8, 6, 5, 2, 3, 0, 0, 0, 1, 8, 6, 9]],
    ['permutation', 0, [2, 11, 3, 10, 0, 4, 7, 5, 14, 12, 6, 9, 13, 8, 1]],
  ])('draws %s from seed %i as numpy does', (recipe, seed, expected) => {
    expect(DRAWS[recipe]!(new NumpyRandom(seed))).toEqual(expected);
  });
  it('takes seeds of any size', () => {
    expect(new NumpyRandom(2n ** 200n + 1n).random()).not.toBe(new NumpyRandom(1).random());
    expect(new NumpyRandom(42n).random()).toBe(0.7739560485559633);
  });
  it('draws nothing from nothing and one from one', () => {
    const g = new NumpyRandom(1);
    expect([g.permutation(0), g.permutation(1), g.integers(3, 4), g.shuffle([])]).toEqual([[], [0], 3, []]);
    expect(g.integers(0, 2 ** 32)).toBeLessThan(2 ** 32);
  });
  it.each([
    [() => new NumpyRandom(-1), 'seed must be non-negative, got -1'],
    [() => new NumpyRandom(-1n), 'seed must be non-negative, got -1'],
    [() => new NumpyRandom(0.5), 'seed must be an integer, got 0.5'],
    [() => new NumpyRandom(1).integers(5, 5), 'high must be above low 5, got 5'],
    [() => new NumpyRandom(1).permutation(-1), 'n must be non-negative, got -1'],
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('NumpyRandomState', () => {
  // numpy 2.4.6, RandomState(seed)
  it.each<[string, number, unknown[], (g: NumpyRandomState) => unknown[]]>([
    ['permutation', 0, [1, 6, 8, 9, 14, 4, 2, 13, 10, 7, 11, 3, 0, 5, 12], g => g.permutation(15)],
    ['permutation', 42, [9, 11, 0, 13, 5, 8, 2, 1, 14, 4, 7, 10, 12, 3, 6], g => g.permutation(15)],
    ['permutation', 4294967295, [5, 8, 10, 11, 14, 9, 1, 13, 6, 0, 4, 7, 12, 2, 3], g => g.permutation(15)],
    [
      'random_sample',
      42,
      [
        0.3745401188473625, 0.9507143064099162, 0.7319939418114051, 0.5986584841970366, 0.15601864044243652, 0.15599452033620265, 0.05808361216819946,
        0.8661761457749352,
      ],
      g => times(8, () => g.random()),
    ],
    [
      'random_sample',
      4294967295,
      [
        0.0976320289940138, 0.9123828453026218, 0.78903530185164, 0.7800035981134678, 0.01793967398674523, 0.9695059322147525, 0.5931753493510109,
        0.14611715599393837,
      ],
      g => times(8, () => g.random()),
    ],
    ['shuffle', 42, ['a', 'b', 'f', 'c', 'e', 'd', 'g'], g => g.shuffle([...'abcdefg'])],
    ['shuffle', 20260, ['a', 'c', 'g', 'e', 'd', 'b', 'f'], g => g.shuffle([...'abcdefg'])],
  ])('draws %s from seed %i as numpy does', (_recipe, seed, expected, draw) => {
    expect(draw(new NumpyRandomState(seed))).toEqual(expected);
  });
  it('keeps integers within their bounds', () => {
    const g = new NumpyRandomState(3);
    expect(times(100, () => g.randint(-2, 3)).every(value => value >= -2 && value < 3)).toBe(true);
    expect([g.randint(7, 8), g.randint(0, 2 ** 32) < 2 ** 32]).toEqual([7, true]);
  });
  it.each([
    [() => new NumpyRandomState(-1), 'seed must be in [0, 4294967295], got -1'],
    [() => new NumpyRandomState(0.5), 'seed must be an integer, got 0.5'],
    [() => new NumpyRandomState(1).randint(3, 3), 'high - low must be in [1, 9007199254740992], got 0'],
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

import { evidenceCases } from '@gtc/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromTypedArray } from '../../index.js';
import { svd } from '../../linalg.js';
import {
  distributedSampler,
  Mt19937Bits,
  NumpyRandom,
  NumpyRandomState,
  Pcg64,
  Pcg64Dxsm,
  Philox,
  randomSampler,
  SeedSequence,
  Sfc64,
  TorchGenerator,
  weightedRandomSampler,
} from '../../random.js';
import { refusal } from '../../refusal.fixture.js';
import { log, sinCos } from './precise.js';

const times = <V>(n: number, draw: () => V): V[] => Array.from({ length: n }, draw);
const hex = (bytes: Uint8Array): string => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const P = [0.1, 0.2, 0.3, 0.4];

/** Normal vectors of a covariance, as numpy's old generator makes them: standard ones through the singular vectors. */
function multivariateNormal(g: NumpyRandomState, mean: readonly number[], covariance: readonly (readonly number[])[], size: number): number[][] {
  const d = mean.length;
  const { s, vh } = svd(fromTypedArray(Float64Array.from(covariance.flat()), [d, d]));
  const [lengths, vectors] = [s.tolist() as number[], vh.tolist() as number[][]];
  return times(size, () => times(d, () => g.standardNormal())).map(x =>
    mean.map((m, j) => m + x.reduce((sum, value, i) => sum + value * Math.sqrt(lengths[i]!) * vectors[i]![j]!, 0)),
  );
}

const LEGACY: Readonly<Record<string, (g: NumpyRandomState) => unknown>> = {
  random_sample: g => times(8, () => g.random()),
  rand_shape: g => times(2, () => times(3, () => g.random())),
  randint_small: g => times(12, () => g.randint(0, 10)),
  randint_neg: g => times(8, () => g.randint(-100, 100)),
  randint_big: g => times(6, () => g.randint(0, 2 ** 40)),
  randint_uint8: g => [...g.randintBytes(0, 256, 9)],
  randint_bool_range: g => times(16, () => g.randint(0, 2)),
  randint_scalars: g => times(8, () => g.randint(0, 7)),
  randn: g => times(9, () => g.standardNormal()),
  normal: g => times(5, () => g.normal(3, 0.5)),
  standard_exponential: g => times(5, () => g.standardExponential()),
  gamma: g => [...times(3, () => g.gamma(0.5, 1)), ...times(3, () => g.gamma(2.5, 2))],
  beta: g => times(4, () => g.beta(2, 3)),
  poisson: g => [...times(6, () => g.poisson(3)), ...times(6, () => g.poisson(40))],
  binomial: g => [...times(6, () => g.binomial(10, 0.3)), ...times(6, () => g.binomial(200, 0.4))],
  permutation: g => g.permutation(15),
  shuffle: g => g.shuffle(range(13)),
  shuffle_list: g => g.shuffle([...'abcdefg']),
  choice: g => g.choice(10, 6),
  choice_noreplace: g => g.choice(20, 6, { replace: false }),
  choice_p: g => g.choice(4, 10, { p: P }),
  choice_p_noreplace: g => g.choice(4, 3, { replace: false, p: P }),
  uniform: g => times(6, () => g.uniform(-1, 1)),
  laplace: g => times(4, () => g.laplace(0, 1)),
  multinomial: g => g.multinomial(20, P),
  dirichlet: g => g.dirichlet([1, 2, 3]),
  multivariate_normal: g =>
    multivariateNormal(
      g,
      [0, 1],
      [
        [2, 0.5],
        [0.5, 1],
      ],
      2,
    ),
  geometric: g => times(6, () => g.geometric(0.3)),
  gumbel: g => times(4, () => g.gumbel(0, 1)),
  truncated_mix: g => [g.random(), g.randint(0, 5), g.standardNormal(), g.random(), g.standardNormal(), g.randint(0, 2 ** 33)],
  bytes: g => hex(g.bytes(10)),
  tomaxint: g => times(3, () => String(g.tomaxint())),
};

const GENERATOR: Readonly<Record<string, (g: NumpyRandom) => unknown>> = {
  random: g => times(8, () => g.random()),
  random_f32: g => times(8, () => g.randomSingle()),
  integers_10: g => g.integerArray(0, 10, 12),
  integers_scalar: g => times(8, () => g.integers(0, 7)),
  integers_endpoint: g => g.integerArray(1, 6, 8, { endpoint: true }),
  integers_2_40: g => g.integerArray(0, 2 ** 40, 6),
  integers_uint8: g => g.integerArray(0, 256, 9, { dtype: 'uint8' }),
  integers_int32: g => g.integerArray(-5, 100, 9, { dtype: 'int32' }),
  integers_full64: g => times(3, () => String(g.integers(0n, 2n ** 63n - 1n))),
  standard_normal: g => times(20, () => g.standardNormal()),
  standard_normal_f32: g => times(10, () => g.standardNormalSingle()),
  normal: g => times(5, () => g.normal(3, 0.5)),
  standard_exponential: g => times(12, () => g.standardExponential()),
  standard_gamma: g => [...times(4, () => g.standardGamma(0.5)), ...times(4, () => g.standardGamma(3))],
  beta: g => times(4, () => g.beta(2, 3)),
  poisson: g => [...times(6, () => g.poisson(3)), ...times(6, () => g.poisson(40))],
  binomial: g => [...times(6, () => g.binomial(10, 0.3)), ...times(6, () => g.binomial(200, 0.4))],
  permutation: g => g.permutation(15),
  permutation_2d: g => g.permutation([0, 1, 2, 3].map(row => [0, 1, 2].map(column => 3 * row + column))),
  shuffle: g => g.shuffle(range(13)),
  choice: g => g.choice(10, 6),
  choice_noreplace: g => g.choice(20, 6, { replace: false }),
  choice_noreplace_noshuffle: g => g.choice(1000, 6, { replace: false, shuffle: false }),
  choice_noreplace_large: g => g.choice(100_000, 8, { replace: false }),
  choice_p: g => g.choice(4, 10, { p: P }),
  choice_p_noreplace: g => g.choice(4, 3, { replace: false, p: P }),
  uniform: g => times(6, () => g.uniform(-1, 1)),
  laplace: g => times(4, () => g.laplace(0, 1)),
  gumbel: g => times(4, () => g.gumbel(0, 1)),
  multinomial: g => g.multinomial(20, P),
  dirichlet: g => g.dirichlet([1, 2, 3]),
  geometric: g => times(6, () => g.geometric(0.3)),
  lognormal: g => times(4, () => g.lognormal(0, 1)),
  triangular: g => times(4, () => g.triangular(0, 1, 4)),
  mixed: g => [g.random(), g.integers(0, 5), g.standardNormal(), g.randomSingle(), g.integers(0, 5), g.random()],
  bytes: g => hex(g.bytes(10)),
};

const BITS = { mt19937: Mt19937Bits, philox: Philox, sfc64: Sfc64, pcg64dxsm: Pcg64Dxsm } as const;

interface Given {
  readonly seed: number | number[];
  readonly recipe: string;
  readonly bitGenerator: keyof typeof BITS;
  readonly entropy: string | number[];
  readonly delta: number;
  readonly low: number;
  readonly high: number;
  readonly a: number;
  readonly p: number[];
  readonly size: number;
  readonly replace: boolean;
}

/** Runs the sequence of calls that a recipe names. */
function follow<G>(recipes: Readonly<Record<string, (g: G) => unknown>>, name: string, g: G): unknown {
  const recipe = recipes[name];
  if (recipe === undefined) throw new Error(`no recipe is called ${name}`);
  return recipe(g);
}

const withBits = ({ bitGenerator, seed, recipe }: Given): unknown => follow(GENERATOR, recipe, new NumpyRandom(new BITS[bitGenerator](seed)));
const three = (g: NumpyRandom): number[] => times(3, () => g.random());

const NUMPY: Readonly<Record<string, (given: Given) => unknown>> = {
  'RandomState(seed)': ({ seed, recipe }) => {
    const state = new NumpyRandomState(seed);
    return recipe === 'random_sample' && Array.isArray(seed) ? times(5, () => state.random()) : follow(LEGACY, recipe, state);
  },
  'defaultRng(seed)': ({ seed, recipe }) => follow(GENERATOR, recipe, new NumpyRandom(seed)),
  'Generator(mt19937(seed))': withBits,
  'Generator(philox(seed))': withBits,
  'Generator(sfc64(seed))': withBits,
  'Generator(pcg64dxsm(seed))': withBits,
  'SeedSequence(entropy).generateState/spawn': ({ entropy }) => {
    const sequence = new SeedSequence(typeof entropy === 'string' ? BigInt(entropy) : entropy);
    return {
      state32: sequence.generateState(6),
      state64: sequence.generateState64(3).map(String),
      spawnFirstDraws: sequence.spawn(3).map(child => {
        const g = new NumpyRandom(child);
        return [g.random(), g.random()];
      }),
    };
  },
  'Generator.spawn': ({ seed }) => new NumpyRandom(seed).spawn(2).map(three),
  'PCG64.advance': ({ seed, delta }) => three(new NumpyRandom(new Pcg64(seed).advance(BigInt(delta)))),
  'PCG64.jumped': ({ seed }) => three(new NumpyRandom(new Pcg64(seed).jumped())),
  'defaultRng.integers': ({ low, high }) => new NumpyRandom(0).integers(low, high),
  'defaultRng.choice': ({ a, size = 1, replace = true, p = null as never }) => new NumpyRandom(0).choice(a, size, { replace, p }),
};

const TORCH: Readonly<Record<string, (g: TorchGenerator) => unknown>> = {
  rand8: g => [...g.uniform(8)],
  rand20: g => [...g.uniform(20)],
  rand8_f64: g => [...g.doubles(8)],
  randn8: g => [...g.normal(8)],
  randn16: g => [...g.normal(16)],
  randn35: g => [...g.normal(35)],
  randn7_f64: g => [...g.normalDoubles(7)],
  randint10: g => g.randint(0, 10, 12),
  randint_big: g => g.randint(0, 2 ** 33, 5),
  randperm10: g => [...g.randperm(10)],
  randperm1000_head: g => [...g.randperm(1000).subarray(0, 20)],
  bernoulli: g => [...g.bernoulli(new Float32Array(20).fill(0.3))],
  multinomial: g => [...g.multinomial([0.1, 2, 0, 5], 8, { replacement: true })],
  multinomial_norepl: g => [...g.multinomial([0.1, 2, 1, 5], 3)],
  exponential: g => [...g.exponential(6, 1.5)],
  uniform: g => [...g.uniform(6, -2, 3)],
  geometric: g => [...g.geometric(6, 0.4)],
  log_normal: g => [...g.logNormal(6, 0, 1)],
  cauchy: g => [...g.cauchy(4, 0, 1)],
  initial_seed_random: g => [...g.integers(4)],
};

interface Sampled {
  readonly length: number;
  readonly seed: number;
  readonly recipe: string;
  readonly replacement?: boolean;
  readonly numSamples?: number;
  readonly weights: number[];
  readonly numReplicas: number;
  readonly rank: number;
}

const SAMPLES: Readonly<Record<string, (given: Sampled) => unknown>> = {
  'TorchGenerator(seed)': ({ seed, recipe }) => follow(TORCH, recipe, new TorchGenerator(seed)),
  RandomSampler: ({ length, seed, ...options }) => randomSampler(length, { generator: new TorchGenerator(seed), ...options }),
  WeightedRandomSampler: ({ weights, numSamples, seed }) => weightedRandomSampler(weights, numSamples!, { generator: new TorchGenerator(seed) }),
  DistributedSampler: ({ length, ...options }) => distributedSampler(length, options),
};

describe('evidence: random_numpy', () => {
  it.each(evidenceCases('preprocessing/random_numpy', NUMPY as never, import.meta.url, '../../../evidence/preprocessing/random_numpy.json'))('$name', c =>
    c.run(),
  );
});

describe('evidence: random_torch', () => {
  it.each(evidenceCases('preprocessing/random_torch', SAMPLES as never, import.meta.url, '../../../evidence/preprocessing/random_torch.json'))('$name', c =>
    c.run(),
  );
});

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const law = <A>(arbitrary: fc.Arbitrary<A>, of: (value: A) => void): void => fc.assert(fc.property(arbitrary, of), { numRuns: 100 });

describe('bit generators', () => {
  it('give halves of their words, the lower first', () => {
    law(seeds, seed => {
      for (const Bits of [Pcg64, Pcg64Dxsm, Philox, Sfc64]) {
        const [whole, halves] = [new Bits(seed), new Bits(seed)];
        const word = whole.next64();
        expect([BigInt(halves.next32()), BigInt(halves.next32())]).toEqual([word & 0xffffffffn, word >> 32n]);
      }
    });
  });

  it('advance as many draws as they are told', () => {
    law(fc.tuple(seeds, fc.integer({ min: 0, max: 40 })), ([seed, count]) => {
      const [far, near] = [new Pcg64Dxsm(seed).advance(BigInt(count)), new Pcg64Dxsm(seed)];
      for (let i = 0; i < count; i++) near.next64();
      expect(far.next64()).toBe(near.next64());
      expect(new Pcg64Dxsm(seed).jumped()).toBeInstanceOf(Pcg64Dxsm);
    });
  });

  it('spawn streams of their own kind that differ', () => {
    const children = new NumpyRandom(new Philox(3)).spawn(3);
    expect(children.every(({ bits }) => bits instanceof Philox)).toBe(true);
    expect(new Set(children.map(child => child.random())).size).toBe(3);
  });
});

describe('NumpyRandom', () => {
  it('stays within the support of each distribution', () => {
    law(fc.tuple(seeds, fc.integer({ min: 1, max: 300 }), fc.double({ min: 0.01, max: 0.99, noNaN: true })), ([seed, n, p]) => {
      for (const g of [new NumpyRandom(seed), new NumpyRandomState(seed)]) {
        const count = g.binomial(n, p);
        expect(Number.isInteger(count) && count >= 0 && count <= n).toBe(true);
        expect(g.poisson(n / 10)).toBeGreaterThanOrEqual(0);
        expect(g.geometric(p)).toBeGreaterThanOrEqual(1);
        for (const value of [g.beta(p, p), g.beta(2, p)]) expect(value >= 0 && value <= 1).toBe(true);
        for (const shape of [0, p, 1, n]) expect(g.gamma(shape, 2)).toBeGreaterThanOrEqual(0);
        const shares = g.dirichlet([p, 1, 2]);
        expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
        expect(g.multinomial(n, [p, 1 - p]).reduce((a, b) => a + b)).toBe(n);
        const chosen = g.choice(n, Math.ceil(n / 2), { replace: false });
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.every(value => value >= 0 && value < n)).toBe(true);
        expect(g.bytes(n).length).toBe(n);
      }
    });
  });

  it('draws bytes of any range from words, and nothing from a range of one', () => {
    const g = new NumpyRandom(2);
    expect(g.integerArray(3, 4, 5, { dtype: 'uint8' })).toEqual([3, 3, 3, 3, 3]);
    const draws = g.integerArray(10, 17, 300, { dtype: 'uint8' });
    expect([...new Set(draws)].sort()).toEqual([10, 11, 12, 13, 14, 15, 16]);
  });

  it('draws many of many by shuffling the end', () => {
    const chosen = new NumpyRandom(1).choice(20_000, 10_000, { replace: false });
    expect(new Set(chosen).size).toBe(10_000);
  });

  it('has the moments of the normal and the exponential', () => {
    const g = new NumpyRandom(7);
    const of = (draw: () => number): [number, number] => {
      const values = times(20_000, draw);
      const mean = values.reduce((a, b) => a + b) / values.length;
      return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length];
    };
    for (const draw of [() => g.standardNormal(), () => g.standardNormalSingle()]) {
      const [mean, variance] = of(draw);
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    }
    const [mean, variance] = of(() => g.exponential(2));
    expect(Math.abs(mean - 2)).toBeLessThan(0.06);
    expect(Math.abs(variance - 4)).toBeLessThan(0.3);
  });

  it('says what it refuses', () => {
    const g = new NumpyRandom(0);
    for (const [action, message] of [
      [() => new NumpyRandom(-1), 'seed must be non-negative, got -1'],
      [() => new NumpyRandom(1.5), 'seed must be an integer, got 1.5'],
      [() => g.integers(5n, 5n), 'high must be above low 5, got 5'],
      [() => g.integerArray(0, 300, 2, { dtype: 'uint8' }), 'high - low - 1 must be in [0, 255], got 299'],
      [() => g.choice(2, 3, { replace: false }), 'size must be at most 2 without replacement, got 3'],
      [() => g.choice(2, 1, { p: [0.5] }), 'p must have 2 probabilities, got 1'],
      [() => g.choice(2, 1, { p: [1.5, -0.5] }), 'p must not be negative, got -0.5'],
      [() => g.choice(2, 1, { p: [0.5, 0.6] }), 'p must add up to 1, got 1.1'],
      [() => g.choice(2, 2, { replace: false, p: [1, 0] }), 'p must have 2 positive probabilities without replacement'],
      [() => g.normal(0, -1), 'scale must be non-negative, got -1'],
      [() => g.beta(0, 1), 'a must be positive, got 0'],
    ] as const)
      expect(refusal(action).message).toBe(message);
  });
});

describe('TorchGenerator', () => {
  it('draws in proportion to weights, each once or again', () => {
    law(fc.tuple(seeds, fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 })), ([seed, weights]) => {
      const many = weights.filter(weight => weight > 0).length;
      if (many === 0) return;
      const g = new TorchGenerator(seed);
      const once = g.multinomial(weights, many);
      expect(new Set(once).size).toBe(many);
      for (const i of [...once, ...g.multinomial(weights, 20, { replacement: true })]) expect(weights[i]).toBeGreaterThan(0);
    });
  });

  it('makes doubles in pairs from sixteen on', () => {
    const values = new TorchGenerator(3).normalDoubles(35, 5, 2);
    expect(values.length).toBe(35);
    expect(Math.abs(values.reduce((a, b) => a + b) / 35 - 5)).toBeLessThan(1.5);
  });

  it('says what it refuses', () => {
    const g = new TorchGenerator(0);
    for (const [action, message] of [
      [() => g.randint(3, 3, 1), 'high must be above low 3, got 3'],
      [() => g.bernoulli([1.5]), 'p must be in [0, 1], got 1.5'],
      [() => g.geometric(1, 1), 'p must be in (0, 1), got 1'],
      [() => g.exponential(1, 0), 'rate must be positive, got 0'],
      [() => g.multinomial([-1, 2], 1), 'multinomial: weights must be finite and non-negative'],
      [() => g.multinomial([0], 1), 'multinomial: weights must not all be zero'],
      [() => g.multinomial([1, 0], 2), 'multinomial: cannot draw 2 of 1 without replacement'],
    ] as const)
      expect(refusal(action).message).toBe(message);
  });
});

describe('samplers', () => {
  it('visit every index once, whatever the number of processes', () => {
    law(fc.tuple(seeds, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5 })), ([seed, length, numReplicas]) => {
      expect(randomSampler(length, { generator: new TorchGenerator(seed) }).sort((a, b) => a - b)).toEqual(range(length));
      const shares = range(numReplicas).map(rank => distributedSampler(length, { numReplicas, rank, seed }));
      expect(new Set(shares.flat()).size).toBe(length);
      expect(new Set(shares.map(share => share.length)).size).toBe(1);
    });
  });

  it('go round again for more samples than there are', () => {
    expect(randomSampler(3, { numSamples: 7 }).length).toBe(7);
    expect(randomSampler(3, { numSamples: 70, replacement: true }).every(i => i < 3)).toBe(true);
  });

  it('say what they refuse', () => {
    for (const [action, message] of [
      [() => randomSampler(0), 'length must be positive, got 0'],
      [() => distributedSampler(5, { numReplicas: 2, rank: 2 }), 'rank must be in [0, 1], got 2'],
      [() => distributedSampler(1, { numReplicas: 3, rank: 0, dropLast: true }), 'length must be at least 3 when the last are dropped, got 1'],
      [() => weightedRandomSampler([1], 0), 'numSamples must be positive, got 0'],
    ] as const)
      expect(refusal(action).message).toBe(message);
  });
});

describe('precise functions', () => {
  // Correctly rounded by mpmath with 50 digits; Math errs on each of them on some engine.
  it.each([
    [0.4596, -0.7773987330075364],
    [0.9999999999999999, -1.1102230246251565e-16],
    [1e-300, -690.7755278982137],
    [1, 0],
  ])('log(%d)', (x, expected) => {
    expect(log(x)).toBe(expected);
  });
  it('sine and cosine lie on the circle and agree with Math to a digit', () => {
    law(fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), angle => {
      const [sine, cosine] = sinCos(angle);
      expect(Math.abs(sine - Math.sin(angle))).toBeLessThan(3e-16);
      expect(Math.abs(cosine - Math.cos(angle))).toBeLessThan(3e-16);
    });
  });
});

describe('integers of many places', () => {
  it('are those drawn one after the other, from every source', () => {
    law(fc.tuple(seeds, fc.constantFrom(2, 3, 1000, 2 ** 21, 2 ** 21 + 1, 2 ** 31), fc.nat(300), fc.boolean()), ([seed, range, size, cheap]) => {
      const source = (): NumpyRandom => new NumpyRandom(cheap ? new Pcg64Dxsm(seed) : seed);
      const [many, one] = [source(), source()];
      // A spare half word of the one before is used first.
      expect(many.bits.next32()).toBe(one.bits.next32());
      const low = -(range >>> 1);
      expect([...many.integersInto(new Int32Array(size), low, low + range)]).toEqual(Array.from({ length: size }, () => one.integers(low, low + range)));
      expect(many.random()).toBe(one.random());
    });
  });
  it('come from other sources too, and of ranges of one', () => {
    const [many, one] = [new NumpyRandom(new Mt19937Bits(1)), new NumpyRandom(new Mt19937Bits(1))];
    expect([...many.integersInto(new Int32Array(5), 0, 10)]).toEqual(Array.from({ length: 5 }, () => one.integers(0, 10)));
    expect([...many.integersInto(new Int32Array(2), 7, 8)]).toEqual([7, 7]);
    expect(() => many.integersInto(new Int32Array(1), 0, 2 ** 40)).toThrow('high must be at most 2147483648, got 1099511627776');
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import * as gtc from '../../index.js';
import { type Backend, kernelInfo, setThreads, useBackend } from '../../kernels.js';
import * as linalg from '../../linalg.js';
import * as nn from '../../nn.js';
import { Generator } from './numbers.fixture.js';

/** The backends that this platform has beside the plain loops. */
const FAST: readonly Backend[] = (['wasm', 'wasm-relaxed'] as const).filter(backend => useBackend(backend) === backend);

afterEach(() => {
  useBackend('native');
  setThreads(1);
});

/** Runs on the plain loops and on each other backend and compares: `off` is the largest difference, in parts of 1 + |expected|. */
function agree(run: () => readonly (gtc.Tensor | null)[], off: number): void {
  useBackend('js');
  const plain = run().map(each => (each === null ? null : (each.data.slice() as Float32Array)));
  for (const backend of FAST) {
    useBackend(backend);
    for (const [k, fast] of run().entries()) {
      const expected = plain[k]!;
      expect(fast === null).toBe(expected === null);
      if (fast === null || expected === null) continue;
      const data = fast.data as Float32Array;
      expect(data.length).toBe(expected.length);
      for (let i = 0; i < data.length; i++) {
        const [value, want] = [data[i]!, expected[i]!];
        const same = value === want || (Number.isNaN(value) && Number.isNaN(want));
        if (!same && !(Math.abs(value - want) <= off * (1 + Math.abs(want)))) expect.fail(`${backend}: result ${k}, element ${i}: ${value} instead of ${want}`);
      }
    }
  }
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const sizes = fc.integer({ min: 512, max: 700 });
const check = (property: fc.IProperty<never>): void => fc.assert(property as fc.IProperty<unknown>, { numRuns: 100 });
const law = <T extends [unknown, ...unknown[]]>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }, of: (...values: T) => void): void =>
  check(fc.property(...(arbitraries as [fc.Arbitrary<unknown>]), of as never) as never);

describe('the platform', () => {
  it('has WebAssembly with SIMD and relaxed SIMD here', () => {
    expect(FAST).toEqual(['wasm', 'wasm-relaxed']);
    expect(kernelInfo().shared).toBe(true);
  });
});

describe('functions of one number', () => {
  const FUNCTIONS = {
    exp: gtc.exp,
    log: gtc.log,
    tanh: gtc.tanh,
    sigmoid: gtc.sigmoid,
    sqrt: gtc.sqrt,
    abs: gtc.abs,
    neg: gtc.neg,
    relu: gtc.relu,
    gelu: gtc.gelu,
    geluTanh: (x: gtc.Tensor) => gtc.gelu(x, { approximate: 'tanh' }),
    silu: gtc.silu,
    erf: gtc.erf,
    square: gtc.square,
    reciprocal: gtc.reciprocal,
    rsqrt: gtc.rsqrt,
  } as const;
  const SPECIAL = [
    0,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e-45,
    -1e-45,
    1e-39,
    3.4e38,
    -3.4e38,
    88.7,
    88.8,
    -87.4,
    -103,
    -104,
    1,
    -1,
  ];

  for (const [name, of] of Object.entries(FUNCTIONS)) {
    it(`${name} equals the plain loop`, () => {
      law([seeds, sizes, fc.constantFrom(0.1, 1, 10, 100)], (seed, n, scale) => {
        const x = new Generator(seed).normal([n], { scale });
        agree(() => [of(x)], 4e-7);
      });
    });

    it(`${name} keeps special values`, () => {
      const x = gtc.fromTypedArray(Float32Array.from({ length: 512 }, (_, i) => SPECIAL[i % SPECIAL.length]!));
      agree(() => [of(x)], 4e-7);
    });
  }

  it('gradients equal those of the plain loops', () => {
    law([seeds, sizes, fc.constantFrom('tanh', 'sigmoid', 'relu', 'gelu', 'geluTanh', 'silu', 'exp', 'square' as const)], (seed, n, name) => {
      const x = new Generator(seed).normal([n], { scale: 3 });
      const g = new Generator(seed + 1).normal([n]);
      agree(() => {
        const leaf = x.clone().requiresGrad_();
        FUNCTIONS[name as 'tanh'](leaf).backward({ gradOut: g });
        return [leaf.grad];
      }, 2e-6);
    });
  });
});

describe('functions of two numbers', () => {
  const FUNCTIONS = { add: gtc.add, sub: gtc.sub, mul: gtc.mul, div: gtc.div, maximum: gtc.maximum, minimum: gtc.minimum } as const;

  for (const [name, of] of Object.entries(FUNCTIONS)) {
    it(`${name} equals the plain loop for every kind of broadcast`, () => {
      law([seeds, fc.integer({ min: 16, max: 40 }), fc.integer({ min: 30, max: 70 })], (seed, rows, columns) => {
        const random = new Generator(seed);
        const [a, b] = [random.normal([rows, columns]), random.normal([rows, columns])];
        const [row, column, one] = [random.normal([columns]), random.normal([rows, 1]), random.normal([1])];
        agree(() => [of(a, b), of(a, row), of(row, a), of(a, column), of(column, a), of(a, one), of(one, a), of(a, 2.5), of(2.5, a)], 0);
      });
    });
  }

  it('reads views with steps and offsets', () => {
    law([seeds], seed => {
      const x = new Generator(seed).normal([40, 64]);
      agree(
        () => [
          gtc.add(x.get('1:', ':'), x.get(':-1', ':')),
          gtc.mul(x.get(':', '::2'), x.get(':', '1::2')),
          gtc.exp(x.get('3:', ':')),
          gtc.sub(x.swapaxes(0, 1), 1),
        ],
        4e-7,
      );
    });
  });
});

describe('rows', () => {
  const shapes = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 90 })).filter(([rows, n]) => rows * n >= 512);

  it('sums, means and extremes of rows and columns equal the plain loops', () => {
    law([seeds, shapes], (seed, shape) => {
      const x = new Generator(seed).normal(shape);
      agree(
        () => [0, 1, [0, 1]].flatMap(axis => [gtc.sum(x.abs(), { axis }), gtc.mean(x.abs(), { axis }), gtc.amax(x, { axis }), gtc.amin(x, { axis })]),
        2e-6,
      );
    });
  });

  it('softmax, log-softmax and their gradients equal the plain loops', () => {
    law([seeds, shapes, fc.constantFrom(1, 30)], (seed, shape, scale) => {
      const x = new Generator(seed).normal(shape, { scale });
      const g = new Generator(seed + 1).normal(shape);
      agree(
        () =>
          [gtc.softmax, gtc.logSoftmax].flatMap(of => {
            const leaf = x.clone().requiresGrad_();
            const y = of(leaf);
            y.backward({ gradOut: g });
            return [y.detach(), leaf.grad];
          }),
        3e-5,
      );
    });
  });

  it('softmax of rows with infinities and NaN is that of the plain loop', () => {
    const x = gtc.fromTypedArray(
      Float32Array.from({ length: 8 * 67 }, (_, i) => [0.5, 1, Number.NEGATIVE_INFINITY, -2, 3][i % 5]!),
      [8, 67],
    );
    x.set([2, 5], Number.NaN);
    x.set([3], Number.NEGATIVE_INFINITY);
    x.set([4, 1], Number.POSITIVE_INFINITY);
    agree(() => [gtc.softmax(x), gtc.logSoftmax(x)], 1e-6);
  });

  it('layer norm, RMS norm and their gradients equal the plain loops', () => {
    law([seeds, shapes, fc.boolean()], (seed, [rows, n], affine) => {
      const random = new Generator(seed);
      const x = random.normal([rows, n], { scale: 2, mean: 1 });
      const [g, w, b] = [random.normal([rows, n]), random.normal([n]), random.normal([n])];
      agree(
        () =>
          [nn.layerNorm, nn.rmsNorm].flatMap(of => {
            const [leaf, weight, bias] = [x, w, b].map(each => each.clone().requiresGrad_()) as [gtc.Tensor, gtc.Tensor, gtc.Tensor];
            const y = of(leaf, [n], affine ? { weight, ...(of === nn.layerNorm && { bias }), eps: 1e-3 } : { eps: 1e-3 });
            y.backward({ gradOut: g });
            return [y.detach(), leaf.grad, weight.grad, bias.grad];
          }),
        3e-4,
      );
    });
  });

  it('norms have second derivatives', () => {
    const x = new Generator(3).normal([16, 40]).requiresGrad_();
    agree(() => {
      const [first] = gtc.grad(
        [
          nn
            .layerNorm(x, [40])
            .square()
            .mul(new Generator(4).normal([16, 40]))
            .sum(),
        ],
        [x],
        { createGraph: true },
      );
      return [gtc.grad([first!.square().sum()], [x])[0]!];
    }, 1e-3);
  });
});

describe('products', () => {
  const side = fc.integer({ min: 1, max: 70 });

  it('equal the plain loops for every size, transposed or not', () => {
    law([seeds, side, side, side, fc.boolean(), fc.boolean()], (seed, m, k, n, turnA, turnB) => {
      const random = new Generator(seed);
      const a = turnA ? random.normal([k, m]).swapaxes(0, 1) : random.normal([m, k]);
      const b = turnB ? random.normal([n, k]).swapaxes(0, 1) : random.normal([k, n]);
      agree(() => [gtc.matmul(a, b)], 2e-5);
    });
  });

  it('equal the plain loops where panels are cut', () => {
    for (const [m, k, n] of [
      [200, 600, 40],
      [7, 300, 1100],
      [400, 17, 33],
      [1, 900, 700],
      [700, 900, 1],
      [1, 700, 901],
    ] as const) {
      const random = new Generator(m + k + n);
      const [a, b, c] = [random.normal([m, k]), random.normal([k, n]), random.normal([n, k])];
      agree(() => [gtc.matmul(a, b), gtc.matmul(a, c.swapaxes(0, 1)), gtc.linear(a, c, random.normal([n]).mul(0).add(1))], 5e-5);
    }
  });

  it('in double precision equal the plain loops', () => {
    law([seeds, side, side, side], (seed, m, k, n) => {
      const random = new Generator(seed);
      const [a, b] = [random.normal([m, k]).astype('float64'), random.normal([k, n]).astype('float64')];
      agree(() => [gtc.matmul(a, b)], 1e-13);
    });
  });

  it('of stacks that broadcast equal the plain loops', () => {
    law([seeds, side, side], (seed, m, k) => {
      const random = new Generator(seed);
      agree(() => [gtc.matmul(random.fixed([3, 1, m, k]), random.fixed([2, k, 9])), gtc.matmul(random.fixed([2, m, k]), random.fixed([k, 20]))], 2e-5);
    });
  });

  it('are the same bits for any number of threads', async () => {
    useBackend('wasm');
    const random = new Generator(5);
    const [a, b, c] = [random.normal([150, 130]), random.normal([130, 90]), random.normal([200, 130])];
    const bias = random.normal([200]);
    const run = (): number[] =>
      [
        gtc.matmul(a, b),
        gtc.matmul(a, c.swapaxes(0, 1)),
        gtc.linear(a, c, bias),
        gtc.linear(c, a, bias.get(':150')),
        gtc.matmul(a.astype('float64'), b.astype('float64')),
      ].flatMap(each => Array.from(each.data as Float32Array));
    const alone = run();
    setThreads(3);
    while (kernelInfo().ready < 3) await new Promise(resolve => setTimeout(resolve, 10));
    expect(run()).toEqual(alone);
    expect(kernelInfo().threads).toBe(3);
  });
});

describe('attention', () => {
  const lengths = fc.integer({ min: 24, max: 40 });

  it('and its gradients equal the plain loops', () => {
    const kinds = fc.constantFrom('none', 'causal', 'bool', 'additive', 'row', 'drop');
    law([seeds, lengths, lengths, kinds, fc.constantFrom(1, 2)], (seed, queries, keys, kind, groups) => {
      const random = new Generator(seed);
      const [q, k, v] = [random.normal([2, 4, queries, 7]), random.normal([2, 4 / groups, keys, 7]), random.normal([2, 4 / groups, keys, 5])];
      const g = random.normal([2, 4, queries, 5]);
      const masks = {
        none: {},
        causal: { isCausal: true },
        bool: { mask: gtc.ge(random.normal([queries, keys]), -1) },
        additive: { mask: random.normal([2, 1, queries, keys]) },
        row: { mask: random.normal([1, keys]) },
        drop: { isCausal: true, dropoutP: 0.3, random: () => (seed % 1000) / 1000 },
      };
      agree(() => {
        const leaves = [q, k, v].map(each => each.clone().requiresGrad_()) as [gtc.Tensor, gtc.Tensor, gtc.Tensor];
        const y = nn.scaledDotProductAttention(...leaves, { ...masks[kind as 'none'], enableGqa: groups > 1 });
        y.backward({ gradOut: g });
        return [y.detach(), ...leaves.map(({ grad }) => grad)];
      }, 2e-5);
    });
  });

  it('over more than one block equals the plain loops', () => {
    for (const [isCausal, dropoutP] of [
      [false, 0],
      [true, 0],
      [false, 0.5],
    ] as const) {
      const random = new Generator(11);
      const [q, k, v, g] = [random.normal([230, 16]), random.normal([600, 16]), random.normal([600, 16]), random.normal([230, 16])];
      agree(() => {
        const leaves = [q, k, v].map(each => each.clone().requiresGrad_()) as [gtc.Tensor, gtc.Tensor, gtc.Tensor];
        const y = nn.scaledDotProductAttention(...leaves, { isCausal, dropoutP, random: () => 0.75 });
        y.backward({ gradOut: g });
        return [y.detach(), ...leaves.map(({ grad }) => grad)];
      }, 2e-5);
    }
  });

  it('reads heads that lie side by side in rows', () => {
    const rows = new Generator(2).normal([1, 30, 3, 4, 8]);
    const [q, k, v] = [0, 1, 2].map(i => rows.get(':', ':', i).swapaxes(1, 2)) as [gtc.Tensor, gtc.Tensor, gtc.Tensor];
    agree(() => [nn.scaledDotProductAttention(q, k, v)], 2e-6);
  });

  it('gives NaN for queries that see nothing, also where keys are many', () => {
    const random = new Generator(7);
    const mask = gtc.ones([30, 300], { dtype: 'bool' });
    mask.set(['2:4'], 0);
    mask.set([':', ':260'], 0);
    agree(() => [nn.scaledDotProductAttention(random.fixed([30, 8]), random.fixed([300, 8]), random.fixed([300, 8]), { mask })], 2e-6);
  });

  it('has second derivatives', () => {
    const [q, k, v] = [1, 2, 3].map(seed => new Generator(seed).normal([2, 24, 6]).requiresGrad_()) as [gtc.Tensor, gtc.Tensor, gtc.Tensor];
    agree(() => {
      const first = gtc.grad(
        [
          nn
            .scaledDotProductAttention(q, k, v, { isCausal: true, dropoutP: 0.2, random: () => 0.1 })
            .square()
            .sum(),
        ],
        [q, k, v],
        { createGraph: true },
      );
      return gtc.grad([first.map(each => each!.square().sum()).reduce((a, b) => a.add(b))], [q, k, v]);
    }, 2e-4);
  });
});

describe('factorisations', () => {
  it('are those of the plain loops', () => {
    law([seeds, fc.integer({ min: 17, max: 40 })], (seed, n) => {
      const a = new Generator(seed).normal([n, n]).astype('float64');
      const symmetric = a.add(a.matrixTranspose());
      agree(() => [linalg.svdvals(a), linalg.eigvalsh(symmetric), linalg.qr(a).r, linalg.solve(a.add(gtc.eye(n, { dtype: 'float64' }).mul(20)), a)], 1e-10);
      agree(() => {
        const { values, vectors } = linalg.eig(a);
        return [values.re.sort().values, values.im.sort().values, vectors.re.square().sum().add(vectors.im.square().sum())];
      }, 1e-9);
    });
  });
});

describe('adamwStep', () => {
  it('equals the plain loop over several steps', () => {
    law([seeds, sizes], (seed, n) => {
      const start = new Generator(seed).normal([n]);
      const gradients = [1, 2, 3].map(i => new Generator(seed + i).normal([n]));
      agree(() => {
        const parameter = start.clone();
        const state = nn.adamwState(parameter);
        for (const gradient of gradients) {
          parameter.grad = gradient;
          nn.adamwStep(parameter, state, { lr: 0.1, weightDecay: 0.1 });
        }
        return [parameter, state.expAvg, state.expAvgSq];
      }, 2e-5);
    });
  });
});

describe('embedding', () => {
  it('and its gradient equal the plain loops', () => {
    law([seeds, fc.integer({ min: 64, max: 90 })], (seed, count) => {
      const random = new Generator(seed);
      const table = random.normal([30, 9]);
      const index = gtc.tensor(
        Array.from({ length: count }, (_, i) => (i * 7) % 30),
        { dtype: 'int32' },
      );
      const g = random.normal([count, 9]);
      agree(() => {
        const weight = table.clone().requiresGrad_();
        const y = nn.embedding(index, weight);
        y.backward({ gradOut: g });
        return [y.detach(), weight.grad];
      }, 0);
    });
  });
});

describe('what was computed by kernels', () => {
  it('finds its way back by the plain loops as well', () => {
    const random = new Generator(21);
    const [x, g, w] = [random.normal([20, 40]), random.normal([20, 40]), random.normal([40])];
    const layers: ((leaf: gtc.Tensor) => gtc.Tensor)[] = [
      leaf => nn.layerNorm(leaf, [40], { weight: w, bias: w }),
      leaf => nn.rmsNorm(leaf, [40]),
      leaf => gtc.softmax(leaf),
      leaf => gtc.logSoftmax(leaf),
      leaf => gtc.gelu(leaf),
      leaf => nn.scaledDotProductAttention(leaf.reshape([1, 20, 40]), leaf.reshape([1, 20, 40]), leaf.reshape([1, 20, 40])).reshape([20, 40]),
    ];
    for (const layer of layers) {
      const run = (back: Backend): Float32Array => {
        useBackend('wasm');
        const leaf = x.clone().requiresGrad_();
        const y = layer(leaf);
        useBackend(back);
        y.backward({ gradOut: g });
        return leaf.grad!.data as Float32Array;
      };
      const [fast, plain] = [run('wasm'), run('js')];
      expect(fast.every((value, i) => Math.abs(value - plain[i]!) < 1e-4 * (1 + Math.abs(plain[i]!)))).toBe(true);
    }
  });

  it('normalises rows of nothing, and rows of other types, by the plain loops', () => {
    expect(nn.layerNorm(gtc.zeros([3, 0]), [0]).shape).toEqual([3, 0]);
    const x = new Generator(1).normal([20, 40]).astype('float64');
    expect(nn.layerNorm(x, [40]).dtype).toBe('float64');
  });

  it('attends with masks that no kernel reads by the plain loops', () => {
    const random = new Generator(8);
    const [q, k, v] = [random.normal([2, 30, 8]), random.normal([30, 8]), random.normal([30, 8])];
    const mask = random.normal([30, 30]).requiresGrad_();
    agree(() => [nn.scaledDotProductAttention(q, k, v, { mask }).detach(), nn.scaledDotProductAttention(q, k, v, { mask: gtc.tensor(0.5) })], 2e-5);
    const wide = random.normal([4, 30, 8]);
    agree(() => [nn.scaledDotProductAttention(wide, wide.get(':2'), wide.get(':2'), { enableGqa: true, mask: random.fixed([3, 4, 30, 30]) })], 2e-5);
  });
});

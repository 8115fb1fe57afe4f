import { afterEach, describe, expect, it, vi } from 'vitest';

type Gtc = typeof import('../../index.js');
type Kernels = typeof import('../../kernels.js');
type Heap = typeof import('../core/heap.js');

/** Everything anew, as a program on this platform would load it. */
async function fresh(): Promise<{ gtc: Gtc; kernels: Kernels; heap: Heap }> {
  vi.resetModules();
  return { gtc: await import('../../index.js'), kernels: await import('../../kernels.js'), heap: await import('../core/heap.js') };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

/** Whether products, sums and norms are right. */
function works({ ones, matmul, softmax }: Gtc): void {
  const a = ones([40, 50]);
  expect(matmul(a, ones([50, 60])).data.every(value => value === 50)).toBe(true);
  expect(a.add(1).sum().item()).toBe(4000);
  expect(softmax(a).at(3, 3)).toBeCloseTo(0.02, 7);
}

const realMemory = WebAssembly.Memory;

/** A memory that refuses more than some pages. */
function limitMemory(pages: number): void {
  class Limited extends realMemory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.initial > pages) throw new RangeError('too much');
      super(descriptor);
    }
  }
  vi.stubGlobal('WebAssembly', Object.assign(Object.create(WebAssembly), { Memory: Limited }));
}

describe('without shared memory', () => {
  it('there is one thread, and everything works', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const { gtc, kernels } = await fresh();
    works(gtc);
    expect(kernels.kernelInfo().shared).toBe(false);
    expect(kernels.useBackend('wasm-relaxed')).toBe('wasm-relaxed');
    expect(kernels.setThreads(2)).toBe(1);
    works(gtc);
  });

  it('what does not fit lies on the JavaScript heap', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    limitMemory(300);
    const { gtc, heap } = await fresh();
    const small = gtc.ones([1000]);
    const large = gtc.ones([5_000_000]);
    expect(heap.addressOf(small.data)).toBeGreaterThan(0);
    expect(heap.addressOf(large.data)).toBe(0);
    expect(large.mul(2).add(1).sum().item()).toBe(15_000_000);
    works(gtc);
  });
});

describe('with shared memory', () => {
  it('that cannot grow, what does not fit lies on the JavaScript heap', async () => {
    const { gtc, heap } = await fresh();
    gtc.zeros([1000]);
    vi.spyOn(realMemory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    const large = gtc.ones([8_000_000]);
    expect(heap.addressOf(large.data)).toBe(0);
    expect(large.sum().item()).toBe(8_000_000);
    works(gtc);
  });

  it('that is full, products, attention and norms fall back to the loops, and there is one thread', async () => {
    const { gtc, kernels, heap } = await fresh();
    const { layerNorm, scaledDotProductAttention } = await import('../../nn.js');
    kernels.useBackend('wasm');
    gtc.zeros([1000]);
    vi.spyOn(realMemory.prototype, 'grow').mockImplementation(() => {
      throw new RangeError('no more');
    });
    const held: unknown[] = [];
    for (let size = 2 ** 21; size >= 512; size /= 2) {
      let x = gtc.zeros([size]);
      for (; heap.addressOf(x.data) > 0; x = gtc.zeros([size])) held.push(x);
    }
    works(gtc);
    const x = gtc.ones([30, 40]);
    expect(scaledDotProductAttention(x, x, x).at(29, 39)).toBe(1);
    expect(layerNorm(x, [40]).at(3, 3)).toBe(0);
    expect(kernels.setThreads(2)).toBe(1);
    expect(held.length).toBeGreaterThan(3);
  });

  it('grows, and windows made before stay what they were', async () => {
    const { gtc, heap } = await fresh();
    const before = gtc.ones([1000]);
    const large = gtc.ones([6_000_000]);
    expect(heap.addressOf(large.data)).toBeGreaterThan(0);
    expect(before.add(large.get(':1000')).data.every(value => value === 2)).toBe(true);
  });
});

describe('without', () => {
  it('memory, the loops in TypeScript work on the JavaScript heap', async () => {
    vi.stubEnv('GTC_BLAS', '');
    limitMemory(0);
    const { gtc, kernels } = await fresh();
    works(gtc);
    expect(kernels.kernelInfo()).toEqual({ backend: 'js', shared: false, threads: 1, ready: 1 });
    expect(kernels.setThreads(2)).toBe(1);
  });

  it('SIMD, the loops in TypeScript work', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const { gtc, kernels } = await fresh();
    works(gtc);
    expect(kernels.useBackend('wasm-relaxed')).toBe('js');
  });

  it('relaxed SIMD, plain SIMD serves', async () => {
    const { validate } = WebAssembly;
    let asked = 0;
    vi.spyOn(WebAssembly, 'validate').mockImplementation(bytes => asked++ > 0 && validate(bytes));
    const { gtc, kernels } = await fresh();
    expect(kernels.useBackend('wasm-relaxed')).toBe('wasm');
    works(gtc);
  });
});

describe('threads', () => {
  it('are web workers where there are no others', async () => {
    const posted: unknown[] = [];
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    vi.stubGlobal(
      'Worker',
      class {
        postMessage(data: unknown): void {
          posted.push(data);
        }
      },
    );
    const { gtc, kernels } = await fresh();
    expect(kernels.setThreads(2)).toBe(2);
    expect(posted).toHaveLength(1);
    // The worker never says that it is ready: this thread does all the work.
    works(gtc);
    expect(gtc.matmul(gtc.ones([100, 100]), gtc.ones([100, 100])).at(7, 7)).toBe(100);
  });

  it('need workers of some kind', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never);
    vi.stubGlobal('Worker', undefined);
    const { kernels } = await fresh();
    expect(kernels.setThreads(2)).toBe(1);
  });

  it('share heads of attention', async () => {
    const { gtc, kernels } = await fresh();
    const { scaledDotProductAttention } = await import('../../nn.js');
    kernels.useBackend('wasm');
    const q = gtc.linspace(-1, 1, 3 * 64 * 64).reshape([3, 64, 64]);
    const run = (): number[] => {
      const leaf = q.clone().requiresGrad_();
      scaledDotProductAttention(leaf, leaf, leaf).square().sum().backward();
      return Array.from(leaf.grad!.data as Float32Array);
    };
    const alone = run();
    kernels.setThreads(2);
    while (kernels.kernelInfo().ready < 2) await new Promise(resolve => setTimeout(resolve, 10));
    expect(run()).toEqual(alone);
    kernels.setThreads(1);
  });
});

/** A BLAS library in JavaScript, as koffi would present it. */
function stubKoffi({ core = 'Haswell', paths = ['libopenblas.so'], settable = true }: { core?: string | null; paths?: string[]; settable?: boolean } = {}) {
  const calls: unknown[][] = [];
  const loaded: string[] = [];
  const gemm = (...args: unknown[]): void => {
    calls.push(args);
    const [, turnA, turnB, m, n, k, , a, lda, b, ldb, beta, c, ldc] = args as never as number[] & Float32Array[];
    const read = (x: never, at: number): number => (x as Float32Array)[at]!;
    for (let i = 0; i < m!; i++)
      for (let j = 0; j < n!; j++) {
        let sum = 0;
        for (let l = 0; l < k!; l++)
          sum += read(a as never, turnA === 112 ? l * lda! + i : i * lda! + l) * read(b as never, turnB === 112 ? j * ldb! + l : l * ldb! + j);
        const to = c as never as Float32Array;
        to[i * ldc! + j] = sum + (beta === 0 ? 0 : to[i * ldc! + j]!);
      }
  };
  const koffi = {
    load(path: string) {
      loaded.push(path);
      if (!paths.includes(path)) throw new Error(`no ${path}`);
      return {
        func(prototype: string) {
          if (prototype.includes('corename')) {
            if (core === null) throw new Error('no such function');
            return () => core;
          }
          if (prototype.includes('num_threads')) {
            if (!settable) throw new Error('no such function');
            return (count: number) => calls.push(['threads', count]);
          }
          return gemm;
        },
      };
    },
  };
  const { getBuiltinModule } = process;
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:module' ? { createRequire: () => () => koffi } : getBuiltinModule.call(process, name as never)) as never);
  return { calls, loaded };
}

describe('a BLAS library', () => {
  it('computes products of both precisions, transposed or not, into the right place', async () => {
    const { calls } = stubKoffi();
    const { gtc, kernels } = await fresh();
    expect(kernels.useBackend('native')).toBe('native');
    for (const dtype of ['float32', 'float64'] as const) {
      const a = gtc.linspace(-1, 1, 2 * 40 * 50, { dtype }).reshape([2, 40, 50]);
      const b = gtc.linspace(0, 1, 2 * 50 * 60, { dtype }).reshape([2, 50, 60]);
      const native = [gtc.matmul(a, b), gtc.matmul(a, b.swapaxes(1, 2).clone().swapaxes(1, 2)), gtc.matmul(a.swapaxes(1, 2).clone().swapaxes(1, 2), b)];
      kernels.useBackend('js');
      const plain = gtc.matmul(a, b);
      for (const each of native) expect(gtc.allclose(each, plain, { atol: 1e-4 })).toBe(true);
      kernels.useBackend('native');
    }
    const [x, w, bias] = [gtc.linspace(-1, 1, 2000).reshape([40, 50]), gtc.linspace(0, 1, 3000).reshape([60, 50]), gtc.arange(60, { dtype: 'float32' })];
    const native = gtc.linear(x, w, bias);
    kernels.useBackend('js');
    expect(gtc.allclose(native, gtc.linear(x, w, bias), { atol: 1e-4 })).toBe(true);
    expect(calls.filter(([name]) => name === 101)).toHaveLength(13);
    expect(calls[0]).toEqual(['threads', 1]);
  });

  it('is not asked for small products or matrices with gaps', async () => {
    const { calls } = stubKoffi();
    const { gtc } = await fresh();
    const a = gtc.ones([80, 100]);
    gtc.matmul(gtc.ones([4, 5]), gtc.ones([5, 6]));
    expect(gtc.matmul(a.get('::2', '::2'), gtc.ones([50, 60])).at(1, 1)).toBe(50);
    expect(calls).toEqual([]);
  });

  it('is found by its usual names, or by the one that is given', async () => {
    const { loaded } = stubKoffi({ paths: ['libopenblas.dylib', '/opt/blas.so'], settable: false });
    let { kernels } = await fresh();
    expect(kernels.useBackend('native')).toBe('native');
    expect(loaded).toEqual(['libopenblas.so.0', 'libopenblas.so', 'libopenblas.dylib']);
    vi.stubEnv('GTC_BLAS', '/opt/blas.so');
    ({ kernels } = await fresh());
    expect(kernels.useBackend('native')).toBe('native');
    expect(loaded.at(-1)).toBe('/opt/blas.so');
  });

  it('that is absent, broken, unwanted or narrow is passed over in silence', async () => {
    stubKoffi({ paths: [] });
    for (const [setting, options] of [
      ['/nowhere.so', {}],
      ['', { paths: [''] }],
      ['narrow', { paths: ['narrow'], core: 'Prescott' }],
    ] as const) {
      vi.stubEnv('GTC_BLAS', setting);
      vi.restoreAllMocks();
      stubKoffi(options as never);
      const { gtc, kernels } = await fresh();
      expect(kernels.useBackend('native')).not.toBe('native');
      works(gtc);
    }
    vi.stubEnv('GTC_BLAS', 'other');
    vi.restoreAllMocks();
    stubKoffi({ paths: ['other'], core: null });
    expect((await fresh()).kernels.useBackend('native')).toBe('native');
  });

  it('needs koffi', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((() => ({
      createRequire: () => () => {
        throw new Error('Cannot find module');
      },
      setFlagsFromString() {},
    })) as never);
    const { kernels } = await fresh();
    expect(kernels.useBackend('native')).not.toBe('native');
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import * as gtc from '../../index.js';
import { type Backend, useBackend } from '../../kernels.js';
import { dequantizeBlocks, QuantizedMatrix, quantizeBlocks, quantizedLinear } from '../../quantized.js';
import { Generator } from '../kernels/numbers.fixture.js';
import { BLOCK_TYPES, type BlockType } from './blocks.js';

const FAST: readonly Backend[] = ['wasm', 'wasm-relaxed'];

afterEach(() => {
  useBackend('native');
});

/** What a function gives on each backend; the plain loops come first. */
function onEach<T>(run: () => T): readonly [T, ...T[]] {
  return (['js', ...FAST] as const).map(backend => {
    expect(useBackend(backend)).toBe(backend);
    return run();
  }) as [T, ...T[]];
}

const seeds = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const blocks = fc.integer({ min: 1, max: 12 });
const types = fc.constantFrom(...BLOCK_TYPES);
/** Sizes from those whose scales are subnormal halves to those near the largest. */
const powers = fc.integer({ min: -30, max: 15 });

const drawn = (seed: number, size: number, power: number): Float32Array =>
  (new Generator(seed).normal([size], { scale: 2 ** power }).data as Float32Array).slice();

describe('kernels of blocks are the plain loops', () => {
  it('where blocks are written, byte for byte', () => {
    fc.assert(
      fc.property(seeds, blocks, types, powers, (seed, count, type, power) => {
        const x = drawn(seed, 32 * count, power);
        const [plain, ...fast] = onEach(() => quantizeBlocks(x, type));
        for (const each of fast) expect(each).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  it('where halves meet on a level, byte for byte', () => {
    // Multiples of half a level: every number is a tie or a level.
    for (const type of BLOCK_TYPES) {
      const x = Float32Array.from({ length: 64 }, (_, i) => (i === 0 ? -127 : (i - 32) / 2));
      const [plain, ...fast] = onEach(() => quantizeBlocks(x, type));
      for (const each of fast) expect(each).toEqual(plain);
    }
  });

  it('where the float before a half would round up, byte for byte', () => {
    const x = new Float32Array(32).fill(0.49999997);
    x[0] = 127;
    const [plain, ...fast] = onEach(() => quantizeBlocks(x, 'Q8_0'));
    expect(plain[3]).toBe(0);
    for (const each of fast) expect(each).toEqual(plain);
  });

  it('where numbers are refused', () => {
    for (const type of BLOCK_TYPES)
      for (const odd of [Number.NaN, Number.NEGATIVE_INFINITY, 3e38])
        for (const at of [0, 31, 70]) {
          const x = drawn(at + 1, 96, 0);
          x[at] = odd;
          const [plain, ...fast] = onEach(() => {
            try {
              return String(quantizeBlocks(x, type));
            } catch (error) {
              return (error as Error).message;
            }
          });
          expect(plain).toMatch(/must hold finite numbers/);
          expect(fast).toEqual([plain, plain]);
        }
  });

  it('where blocks are read, any bytes, bit for bit', () => {
    fc.assert(
      fc.property(blocks, types, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (count, type, stream) => {
        const bytes = Uint8Array.from({ length: count * (type === 'Q8_0' ? 34 : 18) }, () => stream.next().value as number);
        const [plain, ...fast] = onEach(() => dequantizeBlocks(bytes, type));
        for (const each of fast) expect(each).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  const closeTo = (a: gtc.Tensor, b: gtc.Tensor, size: number): void => {
    for (let i = 0; i < a.data.length; i++) expect(Math.abs(Number(a.data[i]) - Number(b.data[i]))).toBeLessThanOrEqual(size * 2e-6);
  };

  const product = (type: BlockType, seed: number, rows: number, columns: number, count: number, hasBias: boolean): void => {
    const weight = QuantizedMatrix.from(gtc.tensor(drawn(seed, rows * columns, 0)).reshape([rows, columns]), type);
    const x = gtc.tensor(drawn(seed + 1, count * columns, 1)).reshape([count, columns]);
    const bias = hasBias ? gtc.tensor(drawn(seed + 2, rows, 0)) : null;
    const [plain, ...fast] = onEach(() => quantizedLinear(x, weight, bias));
    // The whole numbers are the same on all backends; only the order of sums of blocks differs.
    for (const each of fast) closeTo(each, plain, columns * 8);
  };

  it('where rows meet few vectors', () => {
    fc.assert(
      fc.property(
        types,
        seeds,
        fc.integer({ min: 1, max: 23 }),
        blocks,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (type, seed, rows, count, vectors, hasBias) => product(type, seed, rows, 32 * count, vectors, hasBias),
      ),
      { numRuns: 150 },
    );
  });

  it('where a vector is not finite or a block of it is zero', () => {
    const weight = QuantizedMatrix.from(gtc.tensor(drawn(3, 5 * 96, 0)).reshape([5, 96]), 'Q4_0');
    const zero = gtc.zeros([1, 96]);
    for (const each of onEach(() => quantizedLinear(zero, weight).tolist())) expect(each).toEqual([[0, 0, 0, 0, 0]]);
    const odd = gtc.zeros([1, 96]);
    odd.data[40] = Number.NaN as never;
    for (const each of onEach(() => quantizedLinear(odd, weight))) expect([...each.data].every(value => Number.isNaN(Number(value)))).toBe(true);
  });

  it('where rows meet many vectors', () => {
    for (const type of BLOCK_TYPES) product(type, 77, 19, 96, 11, true);
  });

  it('at the ends of the levels', () => {
    // -128 occurs in no file that ggml writes, and is a level all the same.
    const bytes = new Uint8Array(34).fill(0x80);
    [bytes[0], bytes[1]] = [0x00, 0x3c];
    const weight = QuantizedMatrix.fromBlocks(bytes, 'Q8_0', [1, 32]);
    const x = gtc.full([1, 32], -2);
    for (const each of onEach(() => quantizedLinear(x, weight).item())) expect(each).toBeCloseTo(128 * 2 * 32, 1);
    const nibbles = new Uint8Array(18).fill(0xff);
    [nibbles[0], nibbles[1]] = [0x00, 0x3c];
    for (const each of onEach(() => quantizedLinear(x, QuantizedMatrix.fromBlocks(nibbles, 'Q4_0', [1, 32])).item())) expect(each).toBeCloseTo(-7 * 2 * 32, 3);
  });

  it('before and after the engine has compiled them twice', () => {
    const weight = QuantizedMatrix.from(gtc.tensor(drawn(5, 64 * 256, 0)).reshape([64, 256]), 'Q4_0');
    const x = gtc.tensor(drawn(6, 256, 0)).reshape([1, 256]);
    useBackend('wasm-relaxed');
    const first = quantizedLinear(x, weight).tolist();
    for (let i = 0; i < 3000; i++) gtc.scope(() => void quantizedLinear(x, weight));
    expect(quantizedLinear(x, weight).tolist()).toEqual(first);
  });
});

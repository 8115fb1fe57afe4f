import { afterEach, describe, expect, it } from 'vitest';
import * as gtc from '../../index.js';
import { useBackend } from '../../kernels.js';
import { wrap } from '../../tensor.js';

afterEach(() => {
  useBackend('native');
});

const TYPES = ['float16', 'bfloat16'] as const;

/** What a function gives on the plain loops and in WebAssembly. */
function both<T>(run: () => T): readonly [T, T] {
  useBackend('js');
  const plain = run();
  useBackend('wasm');
  return [plain, run()];
}

/** Floats around every number of sixteen bits: itself, its neighbours, and what lies halfway to the next. */
function around(dtype: (typeof TYPES)[number]): Float32Array {
  const all = wrap(
    Uint16Array.from({ length: 65536 }, (_, i) => i),
    [65536],
    dtype,
  );
  const values = all.astype('float32').data as Float32Array;
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  const half = dtype === 'float16' ? 0x1000 : 0x8000;
  return new Float32Array(Uint32Array.from([0, 1, -1, half, half + 1, half - 1].flatMap(step => [...bits].map(each => each + step))).buffer);
}

describe('conversions to sixteen bits and back', () => {
  for (const dtype of TYPES) {
    it(`${dtype}: every bit pattern is read as the plain loops read it`, () => {
      const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
      const [plain, fast] = both(() => wrap(bits.slice(), [65536], dtype).astype('float32').data.slice());
      expect(fast).toEqual(plain);
    });

    it(`${dtype}: floats at, beside and halfway between all numbers round as the plain loops round them`, () => {
      const values = around(dtype);
      const [plain, fast] = both(() => gtc.tensor(values, { dtype }).data.slice() as Uint16Array);
      const off = plain.findIndex((each, i) => each !== fast[i]);
      expect(off < 0 ? 'none' : `${values[off]}: ${fast[off]} instead of ${plain[off]}`).toBe('none');
    });

    it(`${dtype}: infinities, NaN, zeros and subnormal floats are themselves or the nearest`, () => {
      const odd = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, -1e-40, 3.4e38, -3.4e38, 65519.99, 65520];
      const values = Float32Array.from({ length: 550 }, (_, i) => odd[i % odd.length]!);
      const [plain, fast] = both(() => gtc.tensor(values, { dtype }).data.slice());
      expect(fast).toEqual(plain);
    });

    it(`${dtype}: doubles are rounded once`, () => {
      // Halfway as a float, above as a double.
      const value = 1 + 2 ** (dtype === 'float16' ? -11 : -8) + 2 ** -40;
      const [plain, fast] = both(() => gtc.tensor(new Float64Array(600).fill(value), { dtype }).tolist());
      expect(fast).toEqual(plain);
      expect((fast as number[])[0]).toBe(1 + 2 ** (dtype === 'float16' ? -10 : -7));
    });

    it(`${dtype}: a tensor goes there and back`, () => {
      const x = gtc.arange(-512, 512).astype('float32').mul(0.25);
      const [plain, fast] = both(() => x.astype(dtype).astype('float32').tolist());
      expect(fast).toEqual(plain);
    });
  }
});

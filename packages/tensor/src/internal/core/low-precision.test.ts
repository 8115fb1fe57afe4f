import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorCases } from '../../evidence.fixture.js';
import * as gtc from '../../index.js';
import { layerNorm } from '../../nn.js';

type T = gtc.Tensor;
type Half = 'float16' | 'bfloat16';
type Range = { readonly from: number; readonly to: number };

const patterns = ({ from, to }: Range): Uint16Array => Uint16Array.from({ length: to - from }, (_, i) => from + i);
const halves = (bits: Uint16Array, dtype: Half): T => gtc.fromTypedArray(bits, [bits.length], { dtype });
/** Bit patterns, NaN as -1. */
const bitsOf = (x: T): number[] => {
  const values = x.tolist() as number[];
  return Array.from(x.data as Uint16Array, (bits, i) => (Number.isNaN(values[i]) ? -1 : bits));
};

const operations = {
  ...gtc,
  layerNorm,
  decode: (dtype: Half, bits: T) => halves(Uint16Array.from(bits.tolist() as number[]), dtype).astype('float32'),
  decodeDigest: (dtype: Half, range: Range) => {
    const values = (halves(patterns(range), dtype).tolist() as number[]).filter(value => !Number.isNaN(value));
    return {
      count: values.length,
      sha256: createHash('sha256')
        .update(Buffer.from(Float32Array.from(values).buffer))
        .digest('hex'),
    };
  },
  encode: (dtype: Half, x: T) => {
    const y = x.astype(dtype);
    return { bits: bitsOf(y), y };
  },
  encodeDigest: (dtype: Half, range: Range) => {
    const decoded = halves(patterns(range), dtype).astype('float32');
    const again = bitsOf(decoded.astype(dtype));
    return { identical: again.filter((bits, i) => bits === range.from + i).length };
  },
};

describe('evidence: low_precision', () => {
  it.each(tensorCases('low_precision', operations as never, import.meta.url))('$name', c => c.run());
});

describe('laws of rounding', () => {
  it.each(['float16', 'bfloat16'] as const)('%s rounds to a neighbour, the nearer one', dtype => {
    fc.assert(
      fc.property(fc.double({ min: -60000, max: 60000, noNaN: true }), value => {
        const rounded = gtc.tensor(value, { dtype: 'float64' }).astype(dtype);
        const [bits] = rounded.data as Uint16Array;
        const near = [-1, 1].map(step => halves(Uint16Array.of(bits! + step), dtype).tolist() as number[]).map(([other]) => Math.abs(other! - value));
        return near.every(distance => !(distance < Math.abs(Number(rounded.item()) - value)));
      }),
      { numRuns: 100 },
    );
  });
  it('keeps the order of numbers', () => {
    const values = [-65504, -1, -1e-7, 0, 6e-8, 1, 2049, 65504];
    expect(gtc.tensor(values).astype('float16').argsort().tolist()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

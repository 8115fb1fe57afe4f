import { decodeEvidence, evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantizeGgml, GGML_TYPES, type GgmlType, quantizeGgml } from '../../gguf.js';
import { toHalf } from '../halves.js';
import { nearestOf } from './fits.js';

type Rows = readonly number[] | readonly (readonly number[])[];
interface Input {
  readonly type: GgmlType;
  readonly x?: Rows;
  readonly bytes?: Uint8Array;
  readonly importance?: Rows;
}
/** What the library answered. */
interface Expected {
  readonly bytes?: Uint8Array;
  readonly dequantized?: Rows;
  readonly rmse?: number;
  readonly weighted_sse?: number;
  readonly bytes_exact?: boolean;
}

/** Types that are read and not written. */
const READ_ONLY = /^IQ[123]_/;

const countOf = (bytes: Uint8Array, type: GgmlType): number => (bytes.length / GGML_TYPES[type].bytes) * GGML_TYPES[type].block;
const numbersOf = (x: Rows): Float32Array => Float32Array.from(x.flat() as number[]);
const expectedOf = (evidence: object): Expected => decodeEvidence((evidence as { expect?: never }).expect ?? {}) as Expected;
/** Numbers of blocks in rows of 256; a float32 as the evidence writes it, where that decimal is the same float32. */
const rowsOf = (bytes: Uint8Array, type: GgmlType, { dequantized = [] }: Expected): number[][] => {
  const flat = dequantizeGgml(bytes, type, countOf(bytes, type));
  const written = dequantized.flat() as number[];
  const numbers = Array.from(flat, (value, i) => (Math.fround(written[i]!) === value ? written[i]! : value));
  return Array.from({ length: flat.length / 256 }, (_, i) => numbers.slice(256 * i, 256 * i + 256));
};

/** Error of what blocks hold against numbers, each weighed. */
function errorOf(x: Float32Array, back: Float32Array, weights: Float32Array | null): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (weights?.[i % weights.length] ?? 1) * (back[i]! - x[i]!) ** 2;
  return sum;
}

const answers = {
  'quantizeGgml/dequantizeGgml': ({ type, x }: Input, evidence: object) => {
    const expected = expectedOf(evidence);
    const answer = { ...expected, dequantized: rowsOf(expected.bytes!, type, expected) };
    if (READ_ONLY.test(type)) return answer;
    const values = numbersOf(x!);
    const bytes = quantizeGgml(values, type);
    if (expected.bytes_exact) return { ...answer, bytes };
    const rmse = Math.sqrt(errorOf(values, dequantizeGgml(bytes, type, values.length), null) / values.length);
    return { ...answer, rmse: rmse <= 1.02 * expected.rmse! ? expected.rmse : rmse };
  },
  quantizeGgml: ({ type, x, importance }: Input, evidence: object) => {
    const values = numbersOf(x!);
    const expected = expectedOf(evidence);
    const weights = importance === undefined ? null : numbersOf(importance);
    if (importance === undefined) return quantizeGgml(values, type);
    const answer = { ...expected, dequantized: rowsOf(expected.bytes!, type, expected) };
    if (READ_ONLY.test(type)) return answer;
    const sse = errorOf(values, dequantizeGgml(quantizeGgml(values, type, { importance: weights }), type, values.length), weights);
    return { ...answer, weighted_sse: sse <= 1.02 ** 2 * expected.weighted_sse! ? expected.weighted_sse : sse };
  },
  dequantizeGgml: ({ type, bytes }: Input, evidence: object) => ({ dequantized: rowsOf(bytes!, type, expectedOf(evidence)) }),
};

describe('evidence: ggml_quants', () => {
  it.each(evidenceCases('deployment/ggml_quants', answers as never, import.meta.url, '../../../evidence/ggml_quants.json'))('$name', c => c.run());
});

const WRITTEN = [
  'Q4_0',
  'Q4_1',
  'Q5_0',
  'Q5_1',
  'Q8_0',
  'Q2_K',
  'Q3_K',
  'Q4_K',
  'Q5_K',
  'Q6_K',
  'IQ4_NL',
  'IQ4_XS',
  'TQ1_0',
  'TQ2_0',
  'MXFP4',
  'NVFP4',
] as const;
const numbers = fc.array(fc.float({ min: Math.fround(-1e4), max: Math.fround(1e4), noNaN: true }), { minLength: 256, maxLength: 256 });

describe('laws of blocks', () => {
  it('what was read from blocks is read again from the blocks that it makes', () => {
    fc.assert(
      fc.property(fc.constantFrom('Q4_1', 'Q5_1', 'Q8_0', 'TQ1_0', 'TQ2_0', 'MXFP4'), numbers, (type, values) => {
        const once = dequantizeGgml(quantizeGgml(Float32Array.from(values), type), type, 256);
        const twice = dequantizeGgml(quantizeGgml(once, type), type, 256);
        const largest = Math.max(...once.map(Math.abs));
        for (let i = 0; i < 256; i++) expect(Math.abs(once[i]! - twice[i]!)).toBeLessThanOrEqual(largest * 2e-3);
      }),
    );
  });

  it('more bits leave less', () => {
    const x = Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i * 78.233) * 3);
    const off = (type: GgmlType): number => errorOf(x, dequantizeGgml(quantizeGgml(x, type), type, x.length), null);
    const order = ['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'Q8_0'] as const;
    for (const [i, type] of order.slice(1).entries()) expect(off(type)).toBeLessThan(off(order[i]!));
    expect(off('Q4_K')).toBeLessThan(off('Q4_0'));
  });

  it('weights move the error to where it counts less', () => {
    const x = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i * 12.9898) * 2);
    const importance = Float32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 100 : 0.01));
    for (const type of ['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'IQ4_NL', 'IQ4_XS'] as const) {
      const off = (given: Float32Array | null): number => errorOf(x, dequantizeGgml(quantizeGgml(x, type, { importance: given }), type, 512), importance);
      expect(off(importance), type).toBeLessThan(off(null));
    }
  });

  it.each(WRITTEN)('%s reads any bytes without a crash', type => {
    const { block, bytes } = GGML_TYPES[type];
    fc.assert(
      fc.property(fc.uint8Array({ minLength: bytes, maxLength: bytes }), data => {
        expect(dequantizeGgml(data, type, block).length).toBe(block);
      }),
    );
  });

  it('numbers that are not finite are refused', () => {
    for (const type of WRITTEN)
      for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const x = new Float32Array(256);
        x[77] = odd;
        expect(() => quantizeGgml(x, type), type).toThrow(/x must hold finite numbers/);
      }
  });

  it('weights of errors are checked', () => {
    const x = new Float32Array(512);
    expect(() => quantizeGgml(x, 'Q4_K', { importance: new Float32Array(300) })).toThrow('importance must have a number for each column');
    expect(() => quantizeGgml(x, 'Q4_K', { importance: new Float32Array(256).fill(-1) })).toThrow('finite numbers of at least 0, got -1 at element 0');
    expect(() => quantizeGgml(x, 'IQ2_XS')).toThrow(/IQ2_XS cannot be written here, only F32, F16/);
    expect(() => quantizeGgml(new Float32Array(100), 'Q4_K')).toThrow('in blocks of 256, which 100 numbers do not fill');
  });

  it('a half is the nearest to a number', () => {
    const halves = Array.from({ length: 0x7c00 }, (_, bits) => bits);
    expect([0, 1, 65504, 65519, 65520, 2 ** -24, 2 ** -25, 2 ** -25 * 1.01, -2, Number.NEGATIVE_INFINITY].map(toHalf)).toEqual([
      0, 0x3c00, 0x7bff, 0x7bff, 0x7c00, 1, 0, 1, 0xc000, 0xfc00,
    ]);
    expect(halves.length).toBe(31744);
    expect(toHalf(Number.NaN)).toBe(0x7e00);
  });

  it('the first of two values at the same distance is taken', () => {
    expect([0.5, 2.4, -9, 99].map(x => nearestOf([0, 1, 3], x))).toEqual([0, 2, 0, 2]);
  });
});

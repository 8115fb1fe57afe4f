import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cosines, dotRows } from './cosines.js';

/** Rows of a seed, in eight bits. */
function rowsOf(seed: number, length: number): Int8Array {
  let state = seed >>> 0 || 1;
  return Int8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 24) - 128;
  });
}
const unitOf = (seed: number, length: number): Float32Array => {
  const raw = Float32Array.from(rowsOf(seed, length));
  const norm = Math.hypot(...raw) || 1;
  return raw.map(value => value / norm);
};
const cosines = (rows: Int8Array, count: number, vector: Float32Array | null, worthwhile?: number): Float32Array => {
  const found = new Float32Array(count);
  new Cosines(rows, count, worthwhile === undefined ? {} : { worthwhile }).of(vector, found);
  return found;
};

describe('Cosines', () => {
  it('are the same to the bit in WebAssembly and in the loop', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6 }), (seed, count, sixteens) => {
        const width = 16 * sixteens;
        const [rows, vector] = [rowsOf(seed, count * width), unitOf(seed + 1, width)];
        expect(cosines(rows, count, vector, 1)).toEqual(cosines(rows, count, vector));
      }),
      { numRuns: 100 },
    );
  });
  it('are near the products of real numbers', () => {
    const [rows, vector] = [rowsOf(7, 50 * 64), unitOf(9, 64)];
    const right = Float32Array.from({ length: 50 }, (_, row) => vector.reduce((sum, value, i) => sum + (value * rows[row * 64 + i]!) / 127, 0));
    for (const [row, value] of cosines(rows, 50, vector, 1).entries()) expect(value).toBeCloseTo(right[row]!, 1);
  });
  it.each([1, 2, 3, 5, 17])('take rows of %d numbers, which no vector of the engine fits', width => {
    const [rows, vector] = [rowsOf(3, 4 * width), unitOf(5, width)];
    expect(cosines(rows, 4, vector, 1)).toEqual(cosines(rows, 4, vector));
  });
  it('answer one question after another', () => {
    const rows = rowsOf(1, 8 * 32);
    const both = new Cosines(rows, 8, { worthwhile: 1 });
    for (const seed of [1, 2, 3]) {
      const found = new Float32Array(8);
      both.of(unitOf(seed, 32), found);
      expect(found).toEqual(cosines(rows, 8, unitOf(seed, 32)));
    }
  });
  it('are nothing for no vector, or one of another length', () => {
    const rows = rowsOf(1, 32);
    expect([...cosines(rows, 2, null, 1), ...cosines(rows, 2, unitOf(1, 8), 1)]).toEqual([0, 0, 0, 0]);
  });
  it('of nothing are nothing', () => {
    expect(cosines(new Int8Array(0), 0, unitOf(1, 4), 0)).toHaveLength(0);
  });
  it('of many rows take the kernel by themselves', () => {
    const [rows, vector] = [rowsOf(2, 5000 * 16), unitOf(4, 16)];
    const sums = new Int32Array(5000);
    dotRows(
      Int16Array.from(vector, value => Math.round(value * 4096)),
      rows,
      sums,
    );
    expect(cosines(rows, 5000, vector)).toEqual(Float32Array.from(sums, sum => sum / (127 * 4096)));
  });
});

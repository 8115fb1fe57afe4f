import { readFileSync } from 'node:fs';
import { mutantCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensorCases } from './evidence.fixture.js';
import { type DType, fromTypedArray, tensor } from './index.js';
import { loadNpy, loadNpz, saveNpy, saveNpz } from './io.js';

type File = { readonly $file: string };
const folder = process.env['GTC_EVIDENCE_DIR'] ? new URL(`file://${process.env['GTC_EVIDENCE_DIR']}/tensor/`) : new URL('../evidence/tensor/', import.meta.url);
const bytesOf = ({ $file }: File): Uint8Array => new Uint8Array(readFileSync(new URL($file, folder)));

const operations = {
  loadNpy: (file: File) => {
    const x = loadNpy(bytesOf(file));
    // The evidence shows an array without axes with one.
    return x.ndim === 0 ? x.reshape([1]) : x;
  },
  loadNpz: (file: File) => loadNpz(bytesOf(file)),
  saveNpy: (x: never) => {
    const same = Buffer.compare(saveNpy(x), bytesOf({ $file: 'npy_files/saved.npy' })) === 0;
    return { $file: same ? 'npy_files/saved.npy' : 'other bytes' };
  },
};

describe('evidence: npy', () => {
  it.each(tensorCases('npy', operations as never, import.meta.url))('$name', c => c.run());
});

const dtypes: DType[] = ['bool', 'uint8', 'int8', 'int16', 'int32', 'int64', 'float16', 'float32', 'float64'];

describe('laws of files', () => {
  it('what is saved is loaded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 6 }), async (dtype, values) => {
        const x = tensor(values, { dtype }).reshape([values.length, 1]);
        const [one, { a, 'b/c': b }] = [loadNpy(saveNpy(x)), await loadNpz(saveNpz({ a: x, 'b/c': x.reshape([-1]) }))];
        expect([one.dtype, one.shape, one.tolist(), a?.tolist(), b?.shape]).toEqual([dtype, x.shape, x.tolist(), x.tolist(), [values.length]]);
      }),
      { numRuns: 100 },
    );
  });
  const deflated = new Uint8Array(readFileSync(new URL('../evidence/tensor/npy_files/deflated.npz', import.meta.url)));
  it.each(mutantCases({ npy: saveNpy(fromTypedArray(Float64Array.of(1, 2, 3, 4), [2, 2])) }, loadNpy))('$name', c => c.run());
  it.each(mutantCases({ stored: saveNpz({ a: tensor([1, 2]) }), deflated }, loadNpz))('$name', c => c.run());
});

describe('refusals of files', () => {
  it('names what cannot be read', async () => {
    const bytes = saveNpz({ a: tensor([1]) });
    const patched = (at: number, value: number): Uint8Array => bytes.map((byte, i) => (i === at ? value : byte));
    await expect(loadNpz(new Uint8Array(3))).rejects.toThrow('npz: the archive has no directory');
    const entry = bytes.length - 22 - 46 - 5;
    await expect(loadNpz(patched(entry + 10, 12))).rejects.toThrow("npz: 'a.npy' is packed by method 12");
    await expect(loadNpz(patched(entry, 0))).rejects.toThrow('npz: an entry of the directory is damaged');
    await expect(loadNpz(patched(0, 0))).rejects.toThrow("npz: 'a.npy' does not begin where the directory says");
    await expect(loadNpz(patched(entry + 10, 8))).rejects.toThrow("npz: 'a.npy'");
    await expect(loadNpz(patched(entry + 23, 0x7f))).rejects.toThrow('npz: 2130706564 bytes are missing');
    const large = patched(entry + 27, 0x7f);
    large[entry + 10] = 8;
    await expect(loadNpz(large)).rejects.toThrow("npz: 'a.npy' cannot hold 2130706564 bytes");
    expect(() => saveNpy(tensor([1], { dtype: 'bfloat16' }))).toThrow('saveNpy: numpy has no bfloat16; convert with astype');
  });
});

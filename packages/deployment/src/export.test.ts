import { FormatError } from '@gtc/errors';
import { sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExportConfig, Exporter, ExportFormat } from './export.js';

describe('Exporter', () => {
  const settings = fc.record({ format: fc.constantFrom(...Object.values(ExportFormat)), includeMetadata: fc.boolean(), compress: fc.boolean() });
  it('weights come back bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 30 }), async (config, weights) => {
        const exporter = new Exporter(config);
        const { bytes, sizeBytes } = await exporter.exportWeights(weights);
        const back = await exporter.importWeights(bytes);
        return sizeBytes === bytes.length && weights.every((weight, i) => weight === back[i]) && back.length === weights.length;
      }),
      { numRuns: 100 },
    );
  });
  it('packs when asked and says how well', async () => {
    const weights = new Float32Array(1000);
    const packed = await new Exporter({ format: 'binary', compress: true, outputPath: 'w.bin.gz' }).exportWeights(weights);
    expect(packed.compressionRatio).toBeGreaterThan(50);
    expect(packed.outputPath).toBe('w.bin.gz');
    expect((await new Exporter({ format: 'binary' }).exportWeights(weights)).compressionRatio).toBeNull();
  });
  it('names files by format', () => {
    expect([new Exporter().extension, new Exporter({ format: 'binary', compress: true }).extension]).toEqual(['json', 'bin.gz']);
  });
  it('writes JSON that others read', async () => {
    const text = async (includeMetadata: boolean): Promise<string> =>
      new TextDecoder().decode((await new Exporter({ includeMetadata }).exportWeights([1.5])).bytes);
    expect(await text(true)).toBe('{"metadata":{"count":1,"dtype":"float64"},"weights":[1.5]}');
    expect(await text(false)).toBe('[1.5]');
  });
  it('refuses weights that are none', async () => {
    await expect(new Exporter().exportWeights([])).rejects.toThrow('weights cannot be empty');
    await expect(new Exporter().exportWeights([1, Number.NaN])).rejects.toThrow('weights[1] must be finite, got NaN');
  });
  it.each([
    ['binary', [1, 2, 3], 'bytes must hold whole doubles of 8 bytes, got 3 bytes'],
    ['json', [0x7b], 'bytes must be JSON'],
    ['json', [0xff], 'bytes must be JSON'],
    ['json', [0x31], 'bytes must hold a list of numbers under weights'],
    ['json', [...'null'].map(c => c.charCodeAt(0)), 'bytes must hold a list of numbers under weights'],
    ['json', [...'["1"]'].map(c => c.charCodeAt(0)), 'bytes must hold a list of numbers under weights'],
    ['binary', [0x1f, 0x8b, 1], 'bytes must be a gzip stream'],
  ] as const)('refuses bytes of %s that are none: %j', async (format, bytes, message) => {
    await expect(new Exporter({ format }).importWeights(Uint8Array.from(bytes))).rejects.toThrow(message);
  });
  it('mutated bytes give weights or a FormatError', async () => {
    const { bytes } = await new Exporter().exportWeights([1, 2, 3]);
    for (let i = 0; i < bytes.length; i++) {
      const mutated = bytes.slice();
      mutated[i] = (mutated[i]! + 101) & 255;
      const outcome = await new Exporter().importWeights(mutated).catch((error: unknown) => error);
      expect(outcome instanceof Float64Array || outcome instanceof FormatError).toBe(true);
    }
  });
  it.each(sweep(ExportConfig))('$name', c => c.run());
});

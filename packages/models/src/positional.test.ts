import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as positional from './positional.js';

describe('parity: positional', () => {
  it.each(parityCases('models/positional', positional, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('every pair of a rotary or sinusoidal table lies on the unit circle', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 16 }), fc.double({ min: 0.5, max: 1e6, noNaN: true }), (length, half, base) => {
        const tables = [positional.calculateRopeFrequencies(2 * half, length, { base }), positional.calculateSinusoidalEmbeddings(length, 2 * half, { base })];
        return tables.every(
          table => table.length === length && table.every(row => row.every((value, i) => i % 2 === 1 || Math.abs(value ** 2 + row[i + 1]! ** 2 - 1) < 1e-12)),
        );
      }),
      { numRuns: 100 },
    );
  });
  it('slopes of any number of heads are distinct and those of a power of two fall', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), heads => {
        const slopes = positional.calculateAlibiSlopes(heads);
        const falls = slopes.every((slope, i) => i === 0 || slope < slopes[i - 1]!);
        return new Set(slopes).size === heads && slopes.every(slope => slope > 0 && slope < 1) && (falls || !Number.isInteger(Math.log2(heads)));
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(positional.SinusoidalConfig, () => positional.createSinusoidalConfig()),
    ...sweep(positional.RoPEConfig, () => positional.createRopeConfig()),
    ...sweep(positional.ALiBiConfig),
    ...sweep(positional.PositionalConfig),
    ...sweepEnum('PositionalType', positional.PositionalType, { list: positional.listPositionalTypes, get: positional.getPositionalType }),
    ...sweepEnum('RoPEScaling', positional.RoPEScaling, { list: positional.listRopeScalings, get: positional.getRopeScaling }),
    ...sweepEnum('InterpolationType', positional.InterpolationType, { list: positional.listInterpolationTypes, get: positional.getInterpolationType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => positional.calculateSinusoidalEmbeddings(1, 7), 'embedDim must be even, got 7'],
    [() => positional.calculateRopeFrequencies(2 ** 20, 2 ** 20), 'maxPosition must give a table of at most 134217728 numbers'],
    [() => positional.calculateAlibiSlopes(2 ** 40), 'numHeads must give a table of at most 134217728 numbers'],
    [() => positional.createPositionalConfig({ posType: 'rotary' }), 'ropeConfig required for ROTARY positional type'],
    [() => positional.getRecommendedPositionalConfig({ modelType: 'x' as never }), 'modelType must be one of decoder, encoder, encoder-decoder'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

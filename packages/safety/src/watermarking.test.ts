import * as errors from '@gtc/errors';
import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as watermarking from './watermarking.js';

describe('parity: watermarking', () => {
  it.each(parityCases('safety/watermarking', watermarking, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const gammas = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  it('z is zero at chance, mirrored around it, and grows with the count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat({ max: 1000 }), gammas, (total, g, gamma) => {
        const green = Math.min(g, total);
        const mirrored = watermarking.calculateZScore(total - green, total, 1 - gamma);
        const z = watermarking.calculateZScore(green, total, gamma);
        return Math.abs(z + mirrored) < 1e-6 * (1 + Math.abs(z)) && Math.sign(z) === Math.sign(green - total * gamma);
      }),
      { numRuns: 100 },
    );
  });
  it('longer and stronger marks are found more surely', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), gammas, fc.double({ min: 0.1, max: 10, noNaN: true }), (tokens, gamma, delta) => {
        const found = watermarking.estimateDetectability(tokens, gamma, delta);
        return (
          found >= 0 &&
          found <= 1 &&
          watermarking.estimateDetectability(2 * tokens, gamma, delta) >= found &&
          watermarking.estimateDetectability(tokens, gamma, 2 * delta) >= found
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('green lists and verdicts', () => {
  const { createFrom } = errors;
  it('about the given share of tokens is green, and every part of the key matters', () => {
    const greens = (seed: number, context: number[]): boolean[] =>
      Array.from({ length: 20000 }, (_, id) => watermarking.hashTokenContext(id, context, seed, { greenFraction: 0.25 }));
    const [base, reseeded, moved] = [greens(1, [5, 9]), greens(2, [5, 9]), greens(1, [9, 5])];
    for (const list of [base, reseeded, moved]) expect(list.filter(Boolean).length / list.length).toBeCloseTo(0.25, 1);
    for (const other of [reseeded, moved]) expect(base.filter((green, id) => green === other[id]).length / base.length).toBeCloseTo(0.625, 1);
    expect(watermarking.hashTokenContext(3, [2 ** 40], 1)).toBe(watermarking.hashTokenContext(3, [2 ** 40], 1));
  });
  // scipy.stats.norm.sf
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.025],
    [4, 3.167124183311986e-5],
    [10, 7.61985302416047e-24],
    [-2, 0.9772498680518208],
  ])('the upper tail beyond %d is %d', (z, expected) => {
    expect(Math.abs(watermarking.zScoreToPValue(z) / expected - 1)).toBeLessThan(1e-10);
  });
  it('a stronger mark takes more entropy, one bit at most', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), fc.double({ min: 0, max: 50, noNaN: true }), (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map(strength => watermarking.estimateEntropyReduction(strength, 50000));
        return low! >= -1e-12 && low! <= high! + 1e-12 && high! <= 1;
      }),
      { numRuns: 200 },
    );
    expect(watermarking.estimateEntropyReduction(1e4, 2)).toBe(1);
  });
  it('the expected share is that of the biased softmax', () => {
    const config = createFrom(watermarking.VocabBiasConfig, { greenFraction: 0.25, biasDelta: 2 });
    expect(watermarking.expectedGreenRatio(config)).toBeCloseTo(0.7112345942275937, 12);
    expect(watermarking.expectedGreenRatio({ ...config, biasDelta: 1e4 })).toBe(1);
  });
  it('verdicts know what they are worth', () => {
    expect(new watermarking.EmbedResult('', 0, 0).modificationRate).toBe(0);
    const weak = new watermarking.DetectionResult(false, { zScore: 1 });
    expect([weak.isSignificant, weak.pValue! > 0.15]).toEqual([false, true]);
    expect(new watermarking.DetectionResult(false).isSignificant).toBe(false);
    expect(new watermarking.DetectionResult(true, { pValue: 0.01, watermarkType: 'soft', tokensAnalyzed: 9 }).isSignificant).toBe(true);
  });
  it.each([
    [() => watermarking.zScoreToPValue(Number.NaN), 'z must be finite, got NaN'],
    [() => watermarking.estimateEntropyReduction(1, 1), 'vocabSize must be at least 2, got 1'],
    [() => watermarking.hashTokenContext(1, [2, -3], 1), 'context[1] must be non-negative, got -3'],
    [() => watermarking.hashTokenContext(0.5, [], 1), 'tokenId must be an integer, got 0.5'],
    [() => watermarking.hashTokenContext(1, [], 1, { greenFraction: 1 }), 'greenFraction must be in (0, 1), got 1'],
    [() => new watermarking.EmbedResult('', 3, 2), 'tokensModified must be in [0, 2], got 3'],
    [() => new watermarking.DetectionResult(true, { confidence: 2 }), 'confidence must be in [0, 1], got 2'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each(sweep(watermarking.VocabBiasConfig))('$name', c => c.run());
});

describe('definitions', () => {
  it.each([
    ...sweep(watermarking.WatermarkConfig),
    ...sweep(watermarking.DetectionConfig),
    ...sweep(watermarking.EmbeddingConfig),
    ...sweepEnum('WatermarkType', watermarking.WatermarkType, { list: watermarking.listWatermarkTypes, get: watermarking.getWatermarkType }),
    ...sweepEnum('WatermarkStrength', watermarking.WatermarkStrength, { list: watermarking.listWatermarkStrengths, get: watermarking.getWatermarkStrength }),
    ...sweepEnum('DetectionMethod', watermarking.DetectionMethod, { list: watermarking.listDetectionMethods, get: watermarking.getDetectionMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => watermarking.calculateZScore(150, 100, 0.5), 'greenTokenCount cannot exceed totalTokens, got 150 > 100'],
    [() => watermarking.calculateZScore(1, 2, 1), 'gamma must be in (0, 1), got 1'],
    [() => watermarking.createWatermarkConfig({ seedingScheme: '' }), 'seedingScheme cannot be blank'],
    [() => watermarking.estimateDetectability(10, 0.5, 0), 'delta must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

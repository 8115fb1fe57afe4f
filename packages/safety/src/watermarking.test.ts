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

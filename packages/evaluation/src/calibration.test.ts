import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as calibration from './calibration.js';

describe('parity: calibration', () => {
  it.each(parityCases('evaluation/calibration', calibration, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 40 });
  it('errors lie in [0, 1], and every sample is in one bin', () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 30 }), (rows, nBins) => {
        const [confidences, labels] = [rows.map(row => row[0]), rows.map(row => row[1])];
        const ece = calibration.calculateEce(confidences, labels, { nBins });
        const diagram = calibration.computeReliabilityDiagram(confidences, labels, { nBins });
        return (
          ece >= 0 &&
          ece <= 1 &&
          diagram.binCounts.reduce((sum, count) => sum + count, 0) === rows.length &&
          calibration.calculateBrierScore(confidences, labels) <= 1
        );
      }),
      { numRuns: 100 },
    );
  });
  it('right answers want a low temperature, wrong ones a high one', () => {
    expect(
      calibration.optimizeTemperature(
        [
          [5, 0],
          [0, 5],
        ],
        [0, 1],
      ),
    ).toBe(0.5);
    expect(
      calibration.optimizeTemperature(
        [
          [5, 0],
          [0, 5],
        ],
        [1, 0],
      ),
    ).toBe(5);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(calibration.TemperatureConfig),
    ...sweep(calibration.CalibrationConfig),
    ...sweep(calibration.UncertaintyResult, () => calibration.createUncertaintyResult(0.5, 0.1, [0.4, 0.6], 'predictive')),
    ...sweep(calibration.CalibrationStats),
    ...sweepEnum('CalibrationMethod', calibration.CalibrationMethod, { list: calibration.listCalibrationMethods, get: calibration.getCalibrationMethod }),
    ...sweepEnum('UncertaintyType', calibration.UncertaintyType, { list: calibration.listUncertaintyTypes, get: calibration.getUncertaintyType }),
    ...sweepEnum('CalibrationMetric', calibration.CalibrationMetric, { list: calibration.listCalibrationMetrics, get: calibration.getCalibrationMetric }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => calibration.calculateEce([1.5], [1]), 'confidences[0] must be in [0, 1], got 1.5'],
    [() => calibration.calculateBrierScore([0.5], [2]), 'labels[0] must be one of 0, 1, got 2'],
    [() => calibration.optimizeTemperature([[0.5]], [3]), 'labels[0] must be in [-1, 1), got 3'],
    [() => calibration.optimizeTemperature([[]], [0]), 'logits[0] cannot be empty'],
    [() => calibration.createUncertaintyResult(0, 0, [0.7, 0.3], 'aleatoric'), 'confidenceInterval must not begin above its end (0.3), got 0.7'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

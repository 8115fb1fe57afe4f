import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as losses from './losses.js';

describe('parity: losses', () => {
  it.each(parityCases('training/losses', losses, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('smoothed labels are distributions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (classes, smoothing, label) => {
        const [row] = losses.applyLabelSmoothing([label % classes], classes, losses.createLabelSmoothingConfig({ smoothing }));
        return Math.abs(row!.reduce((total, p) => total + p, 0) - 1) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
  it('class weights sum to the number of classes and fall with the count', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1e5 }), { minLength: 1, maxLength: 10 }),
        fc.constantFrom('inverse', 'inverse_sqrt', 'effective'),
        (counts, method) => {
          const weights = losses.computeClassWeights(counts, { method });
          return (
            Math.abs(weights.reduce((total, w) => total + w, 0) - counts.length) < 1e-9 &&
            counts.every((a, i) => counts.every((b, j) => a <= b || weights[i]! <= weights[j]!))
          );
        },
      ),
      { numRuns: 100 },
    );
  });
  it('InfoNCE of orthogonal candidates is the log of their count and stays finite at any temperature', () => {
    const config = (temperature: number) => losses.createContrastiveLossConfig({ temperature, contrastiveType: 'infonce' });
    const zeros = [[0, 0]];
    expect(
      losses.calculateContrastiveLoss(
        zeros,
        zeros,
        [
          [0, 0],
          [0, 0],
        ],
        config(0.5),
      ),
    ).toBeCloseTo(Math.log(3), 12);
    expect(losses.calculateContrastiveLoss([[1, 0]], [[0, 1]], [[1, 0]], config(1e-3))).toBeCloseTo(1000, 9);
    expect(losses.calculateContrastiveLoss([[1, 0]], [[1, 0]], null, config(0.07))).toBe(0);
  });
  it('a focal loss without focus is weighted cross-entropy', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.99, noNaN: true }), p => {
        const config = losses.createFocalLossConfig({ alpha: 0.5, gamma: 0 });
        return Math.abs(losses.calculateFocalLoss([p], [1], config) + 0.5 * Math.log(p)) < 1e-12;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(losses.FocalLossConfig),
    ...sweep(losses.ContrastiveLossConfig),
    ...sweep(losses.LabelSmoothingConfig),
    ...sweep(losses.LossConfig, () => losses.createLossConfig({ lossType: 'mse' })),
    ...sweep(losses.LossStats),
    ...sweepEnum('LossType', losses.LossType, { list: losses.listLossTypes, get: losses.getLossType }),
    ...sweepEnum('ReductionType', losses.ReductionType, { list: losses.listReductionTypes, get: losses.getReductionType }),
    ...sweepEnum('ContrastiveType', losses.ContrastiveType, { list: losses.listContrastiveTypes, get: losses.getContrastiveType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => losses.validateLossConfig({ ...losses.createLossConfig(), lossType: 'triplet' }), 'contrastiveConfig is required'],
    [
      () => losses.createLossConfig({ lossType: 'focal', focalConfig: { alpha: 2, gamma: 1, reduction: 'mean' } }),
      'focalConfig.alpha must be in [0, 1], got 2',
    ],
    [() => losses.calculateFocalLoss([1.5], [1], losses.createFocalLossConfig()), 'predictions[0] must be in [0, 1], got 1.5'],
    [
      () => losses.calculateContrastiveLoss([[1]], [[1]], null, losses.createContrastiveLossConfig({ contrastiveType: 'triplet' })),
      'negativeEmbeddings cannot be null',
    ],
    [
      () => losses.calculateContrastiveLoss([[1]], [[1, 2]], null, losses.createContrastiveLossConfig()),
      'anchorEmbeddings[0] and positiveEmbeddings[0] must have the same length, got 1 and 2',
    ],
    [
      () => losses.calculateContrastiveLoss([[1]], [[1]], null, { ...losses.createContrastiveLossConfig(), temperature: 0 }),
      'temperature must be positive, got 0',
    ],
    [() => losses.applyLabelSmoothing([5], 3, losses.createLabelSmoothingConfig()), 'target 0 must be in [0, 3), got 5'],
    [() => losses.computeClassWeights([3, 0]), 'class counts[1] must be positive, got 0'],
    [
      () => losses.getRecommendedLossConfig('chess'),
      'taskType must be one of classification, contrastive_learning, generation, imbalanced_classification, regression',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

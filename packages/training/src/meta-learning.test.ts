import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as metaLearning from './meta-learning.js';

describe('parity: meta_learning', () => {
  it.each(parityCases('training/meta_learning', metaLearning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const point = fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }));
  it('prototypes are nearest to themselves', () => {
    fc.assert(
      fc.property(fc.uniqueArray(point, { minLength: 1, maxLength: 8, selector: ([x, y]) => `${x} ${y}` }), points => {
        const labels = points.map((_, index) => index);
        return metaLearning.computeEpisodeAccuracy(points, labels, metaLearning.calculatePrototypes(points, labels, points.length)) === 1;
      }),
      { numRuns: 100 },
    );
  });
  it('a zero vector is as far from everything', () => {
    expect(
      metaLearning.computeEpisodeAccuracy(
        [[0, 0]],
        [0],
        [
          [1, 0],
          [0, 1],
        ],
        { distanceMetric: 'cosine' },
      ),
    ).toBe(1);
  });
  it('every recommendation keeps its own rules', () => {
    for (const task of ['classification', 'regression', 'reinforcement'])
      for (const samples of [1, 3, 8, 50])
        expect(() => metaLearning.validateMetaLearningConfig(metaLearning.getRecommendedMetaLearningConfig(task, samples))).not.toThrow();
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(metaLearning.MAMLConfig),
    ...sweep(metaLearning.ProtoNetConfig),
    ...sweep(metaLearning.EpisodeConfig),
    ...sweep(metaLearning.MetaLearningConfig, () => metaLearning.createMetaLearningConfig()),
    ...sweep(metaLearning.MetaLearningStats),
    ...sweepEnum('MetaLearningMethod', metaLearning.MetaLearningMethod, {
      list: metaLearning.listMetaLearningMethods,
      get: metaLearning.getMetaLearningMethod,
    }),
    ...sweepEnum('TaskDistribution', metaLearning.TaskDistribution, { list: metaLearning.listTaskDistributions, get: metaLearning.getTaskDistribution }),
    ...sweepEnum('AdaptationStrategy', metaLearning.AdaptationStrategy, {
      list: metaLearning.listAdaptationStrategies,
      get: metaLearning.getAdaptationStrategy,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => metaLearning.createProtonetConfig({ distanceMetric: 'l1' }), 'distanceMetric must be one of'],
    [() => metaLearning.calculatePrototypes([[1]], [5], 2), 'labels[0] must be'],
    [() => metaLearning.computeEpisodeAccuracy([[1, 2]], [0], [[1]]), 'must have the same length'],
    [() => metaLearning.getRecommendedMetaLearningConfig('chess', 1), 'taskType must be one of'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

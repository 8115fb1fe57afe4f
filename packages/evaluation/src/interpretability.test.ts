import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as interpretability from './interpretability.js';

describe('parity: interpretability', () => {
  it.each(parityCases('evaluation/interpretability', interpretability, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const row = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
  it.each(interpretability.listAggregationMethods())('attention joined by %s adds up to 1', aggregation => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), rows => {
        const joined = interpretability.aggregateAttentionWeights(rows, interpretability.createAttentionConfig({ aggregation }));
        return Math.abs(joined.reduce((sum, value) => sum + value, 0) - 1) < 1e-9;
      }),
      { numRuns: 100 },
    );
  });
  it.each(interpretability.listAttributionMethods())('%s takes longer for more tokens', method => {
    const config = interpretability.createAttributionConfig({ method });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        tokens => interpretability.estimateInterpretationTime(tokens + 1, config) > interpretability.estimateInterpretationTime(tokens, config),
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(interpretability.AttentionConfig),
    ...sweep(interpretability.AttributionConfig),
    ...sweep(interpretability.VisualizationConfig),
    ...sweepEnum('AttributionMethod', interpretability.AttributionMethod, {
      list: interpretability.listAttributionMethods,
      get: interpretability.getAttributionMethod,
    }),
    ...sweepEnum('VisualizationType', interpretability.VisualizationType, {
      list: interpretability.listVisualizationTypes,
      get: interpretability.getVisualizationType,
    }),
    ...sweepEnum('AggregationMethod', interpretability.AggregationMethod, {
      list: interpretability.listAggregationMethods,
      get: interpretability.getAggregationMethod,
    }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [
      () => interpretability.aggregateAttentionWeights([[1, 2], [3]], interpretability.createAttentionConfig()),
      'attentionWeights[0] and attentionWeights[1] must have the same length, got 2 and 1',
    ],
    [
      () => interpretability.estimateInterpretationTime(1, { ...interpretability.createAttributionConfig(), internalBatchSize: 0 }),
      'internalBatchSize must not be 0',
    ],
    [
      () => interpretability.validateAttentionConfig(interpretability.createAttentionConfig({ layerIndices: [-1] })),
      'layerIndices[0] must be non-negative, got -1',
    ],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as analysis from './analysis.js';

describe('parity: analysis', () => {
  it.each(parityCases('models/analysis', analysis, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('the parts of a model add up to all of it, and so do those without embeddings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 64 }),
        fc.boolean(),
        (layers, heads, width, includeEmbeddings) => {
          const { totalParams, dtypeBreakdown } = analysis.analyzeParameters(layers, heads * width, heads, { includeEmbeddings });
          return Object.values(dtypeBreakdown).reduce((sum, part) => sum + part, 0) === totalParams && 'embeddings' in dtypeBreakdown === includeEmbeddings;
        },
      ),
      { numRuns: 100 },
    );
  });
  it('operations grow in proportion to the batch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }), (layers, heads, batchSize) => {
        const flops = (batch: number): number => analysis.estimateModelFlops(layers, 64 * heads, heads, { batchSize: batch });
        return flops(2 * batchSize) === 2 * flops(batchSize);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(analysis.ParameterStats, () => analysis.createParameterStats()),
    ...sweep(analysis.LayerAnalysis),
    ...sweep(analysis.ModelAnalysis, () => analysis.createModelAnalysis()),
    ...sweep(analysis.AnalysisConfig),
    ...sweepEnum('AnalysisType', analysis.AnalysisType, { list: analysis.listAnalysisTypes, get: analysis.getAnalysisType }),
    ...sweepEnum('StatisticType', analysis.StatisticType, { list: analysis.listStatisticTypes, get: analysis.getStatisticType }),
    ...sweepEnum('VisualizationType', analysis.VisualizationType, { list: analysis.listVisualizationTypes, get: analysis.getVisualizationType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => analysis.analyzeParameters(12, 512, 57), 'hiddenSize (512) must be divisible by numHeads (57)'],
    [() => analysis.estimateModelFlops(12, 1, 0), 'numHeads cannot be 0'],
    [() => analysis.compareModelArchitectures([['a', { num_layers: 1 }]]), "config for 'a' missing required keys: hidden_size, num_heads"],
    [() => analysis.createParameterStats({ totalParams: 3, frozenParams: 794 }), 'trainableParams must be non-negative, got -791'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

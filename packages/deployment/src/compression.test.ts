import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as compression from './compression.js';

describe('parity: compression', () => {
  it.each(parityCases('deployment/compression', compression, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('sparsity grows from its first to its last value', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(2000), (a, b) => {
        const schedule = compression.createPruningSchedule({ beginStep: 100, endStep: 1500 });
        const [early, late] = [Math.min(a, b), Math.max(a, b)].map(step => compression.calculateSparsityAtStep(schedule, step));
        return early! >= 0 && early! <= late! && late! <= 0.9;
      }),
      { numRuns: 100 },
    );
  });
  it('four bits take half of eight', () => {
    expect(compression.estimateCompressedSize(1000, 0.5, { bitsPerParam: 4 })).toBe(250);
    expect(compression.estimateCompressedSize(1000, 0.5, { bitsPerParam: 8 })).toBe(500);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(compression.PruningSchedule, () => compression.createPruningSchedule({ beginStep: 0, endStep: 100000 })),
    ...sweep(compression.PruningConfig),
    ...sweep(compression.StructuredPruningConfig),
    ...sweep(compression.LayerFusionConfig),
    ...sweep(compression.WeightSharingConfig, () => compression.createWeightSharingConfig({ bitsPerWeight: 16 })),
    ...sweep(compression.LowRankConfig),
    ...sweep(compression.CompressionConfig),
    ...sweep(compression.CompressionStats, () => compression.createCompressionStats(100, 50)),
    ...sweepEnum('PruningMethod', compression.PruningMethod, { list: compression.listPruningMethods, get: compression.getPruningMethod }),
    ...sweepEnum('PruningScope', compression.PruningScope, { list: compression.listPruningScopes, get: compression.getPruningScope }),
    ...sweepEnum('StructuredPruningDim', compression.StructuredPruningDim, {
      list: compression.listStructuredPruningDims,
      get: compression.getStructuredPruningDim,
    }),
    ...sweepEnum('FusionType', compression.FusionType, { list: compression.listFusionTypes, get: compression.getFusionType }),
    ...sweepEnum('DecompositionMethod', compression.DecompositionMethod, {
      list: compression.listDecompositionMethods,
      get: compression.getDecompositionMethod,
    }),
    ...sweepEnum('ImportanceMetric', compression.ImportanceMetric, { list: compression.listImportanceMetrics, get: compression.getImportanceMetric }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => compression.createPruningSchedule({ beginStep: 10, endStep: 5 }), 'endStep must be greater than beginStep 10, got 5'],
    [() => compression.createWeightSharingConfig({ numClusters: 300 }), 'numClusters must be at most 256, what 8 bits tell apart, got 300'],
    [() => compression.createLowRankConfig({ rank: null }), 'rank or rankRatio must be given'],
    [() => compression.calculateLowRankParams([100, 50], 60), 'rank must be at most 50, got 60'],
    [() => compression.calculateLowRankParams([1, 2, 3] as never, 1), 'originalShape must be 2D, got 3D'],
    [() => compression.createCompressionStats(50, 100), 'compressedParams must be at most originalParams 50, got 100'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

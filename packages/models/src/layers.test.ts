import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as layers from './layers.js';

describe('parity: layers', () => {
  it.each(parityCases('models/layers', layers, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const kinds = fc.constantFrom(...layers.listLayerTypes());
  const width = fc.integer({ min: 1, max: 512 });
  it('operations grow with the batch, memory by less', () => {
    fc.assert(
      fc.property(kinds, width, (layerType, hiddenDim) => {
        const config = layers.createLayerConfig({ layerType, hiddenDim });
        const [one, two] = [1, 2].map(batchSize => layers.calculateLayerMemory(config, { batchSize })) as [number, number];
        return layers.estimateLayerFlops(config, { batchSize: 2 }) === 2 * layers.estimateLayerFlops(config) && two >= one && two <= 2 * one;
      }),
      { numRuns: 100 },
    );
  });
  it('a bias adds one parameter for each output of each projection', () => {
    fc.assert(
      fc.property(width, width, (hiddenDim, intermediateDim) => {
        const params = (bias: boolean): number => layers.calculateLayerParams(layers.createLayerConfig({ hiddenDim, intermediateDim, bias }));
        return params(true) - params(false) === hiddenDim + intermediateDim;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(layers.MLPConfig),
    ...sweep(layers.GatedMLPConfig, () => layers.createGatedMlpConfig()),
    ...sweep(layers.CrossAttentionConfig),
    ...sweep(layers.LayerConfig, () => layers.createLayerConfig()),
    ...sweep(layers.LayerStats),
    ...sweepEnum('LayerType', layers.LayerType, { list: layers.listLayerTypes, get: layers.getLayerType }),
    ...sweepEnum('GatingType', layers.GatingType, { list: layers.listGatingTypes, get: layers.getGatingType }),
    ...sweepEnum('ProjectionType', layers.ProjectionType, { list: layers.listProjectionTypes, get: layers.getProjectionType }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => layers.calculateLayerParams({ ...layers.createLayerConfig(), mlpConfig: null }), 'mlpConfig required for mlp'],
    [() => layers.calculateLayerMemory(layers.createLayerConfig(), { dtypeBytes: 3 }), 'dtypeBytes must be one of 2, 4, got 3'],
    [() => layers.compareLayerConfigs([]), 'configs cannot be empty'],
    [() => layers.createGatedMlpConfig({ gateDim: 0 }), 'gateDim must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

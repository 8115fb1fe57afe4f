import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as cost from './cost.js';

describe('parity: cost', () => {
  it.each(parityCases('deployment/cost', cost, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('selected machines hold the model within the budget, the cheapest first', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 500, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true }), (size, budget) => {
        const found = cost.optimizeInstanceSelection(size, 100, budget);
        return found.every(
          ([instance, { hourlyCost }], i) => instance.memoryGb > size && hourlyCost <= budget && (i === 0 || hourlyCost >= found[i - 1]![1].hourlyCost),
        );
      }),
      { numRuns: 100 },
    );
  });
  it('spot is cheaper than on demand', () => {
    fc.assert(
      fc.property(fc.constantFrom('A100', 'H100', 'A10G', 'T4'), fc.integer({ min: 1, max: 8 }), (gpuType, gpuCount) => {
        const hourly = (pricingModel: cost.PricingModel) => cost.compareProviders({ gpuType, gpuCount, pricingModel }).aws.hourlyCost;
        return hourly('spot') < hourly('on_demand');
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(cost.InstanceConfig, () => cost.createInstanceConfig({ gpuCount: 4 })),
    ...sweep(cost.PricingConfig, () => cost.createPricingConfig({ pricingModel: 'reserved', commitmentMonths: 12 })),
    ...sweep(cost.CostEstimate),
    ...sweep(cost.CostStats),
    ...sweepEnum('CloudProvider', cost.CloudProvider, { list: cost.listCloudProviders, is: cost.validateCloudProvider, get: cost.getCloudProvider }),
    ...sweepEnum('InstanceType', cost.InstanceType, { list: cost.listInstanceTypes, is: cost.validateInstanceType, get: cost.getInstanceType }),
    ...sweepEnum('PricingModel', cost.PricingModel, { list: cost.listPricingModels, is: cost.validatePricingModel, get: cost.getPricingModel }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => cost.createInstanceConfig({ gpuType: null }), 'gpuType is required for GPU instances'],
    [() => cost.createInstanceConfig({ gpuCount: 0 }), 'gpuCount must be positive for GPU instances, got 0'],
    [() => cost.createPricingConfig({ pricingModel: 'reserved' }), 'commitmentMonths must be positive for reserved pricing, got 0'],
    [() => cost.optimizeInstanceSelection(Number.NaN, 1, 1), 'modelSizeGb must be finite, got NaN'],
    [() => cost.getRecommendedCostConfig(1, { budgetTier: 'gold' }), "budgetTier must be one of budget, premium, standard, got 'gold'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

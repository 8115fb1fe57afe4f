import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as memory from './memory.js';

describe('parity: memory', () => {
  it.each(parityCases('inference/memory', memory, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('a greatest batch fits and the next one does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 128, max: 4096 }), (gpu, sequenceLength) => {
        const batch = memory.findMaxBatchSize(1e9, gpu, { sequenceLength });
        const total = (batchSize: number) => memory.estimateInferenceMemory(1e9, { batchSize, sequenceLength }).totalMb;
        return (batch === 1 || total(batch) <= gpu * 1024 * 0.9) && (batch === 1024 || total(batch + 1) > gpu * 1024 * 0.9);
      }),
      { numRuns: 100 },
    );
  });
  it('units convert back', () => {
    const unit = fc.constantFrom(...memory.listMemoryUnits());
    fc.assert(
      fc.property(fc.integer(), unit, unit, (value, from, to) => memory.convertMemoryUnits(memory.convertMemoryUnits(value, from, to), to, from) === value),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(memory.MemoryEstimate),
    ...sweep(memory.MemoryBudget),
    ...sweep(memory.MemoryConfig, () => memory.createMemoryConfig()),
    ...sweep(memory.MemoryStats),
    ...sweepEnum('MemoryComponent', memory.MemoryComponent, { list: memory.listMemoryComponents, get: memory.getMemoryComponent }),
    ...sweepEnum('MemoryUnit', memory.MemoryUnit, { list: memory.listMemoryUnits, get: memory.getMemoryUnit }),
    ...sweepEnum('OptimizationStrategy', memory.OptimizationStrategy, { list: memory.listOptimizationStrategies, get: memory.getOptimizationStrategy }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => memory.findMaxBatchSize(1e9, 24, { memoryFraction: 0 }), 'memoryFraction must be in (0, 1], got 0'],
    [() => memory.convertMemoryUnits(1, 'tb' as never, 'mb'), "fromUnit must be one of bytes, gb, kb, mb, got 'tb'"],
    [() => memory.createMemoryConfig({ optimizationStrategies: ['prayer' as never] }), 'optimizationStrategies[0] must be one of'],
    [() => memory.estimateTrainingMemory(1, { optimizerStates: -1 }), 'optimizerStates must be non-negative, got -1'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as checkpointing from './checkpointing.js';

describe('parity: checkpointing', () => {
  it.each(parityCases('training/checkpointing', checkpointing, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  it('chosen layers exist, none twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 128 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('block', 'mlp'),
        (layers, ratio, granularity) => {
          const chosen = checkpointing.selectCheckpointLayers(layers, ratio, { granularity });
          return new Set(chosen).size === chosen.length && chosen.every(layer => layer >= 0 && layer < layers);
        },
      ),
      { numRuns: 100 },
    );
  });
  it('what is saved and what is left add up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), fc.double({ min: 0, max: 1, noNaN: true }), (layers, checkpointRatio) => {
        const [before, after, saved] = checkpointing.calculateMemorySavings(7, layers, { strategy: 'selective', checkpointRatio });
        return Math.abs(before - after - saved) <= 0.0151;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(checkpointing.CheckpointConfig),
    ...sweep(checkpointing.OffloadConfig),
    ...sweep(checkpointing.MemoryConfig, () => checkpointing.createMemoryConfig()),
    ...sweepEnum('CheckpointStrategy', checkpointing.CheckpointStrategy, {
      list: checkpointing.listCheckpointStrategies,
      get: checkpointing.getCheckpointStrategy,
    }),
    ...sweepEnum('CheckpointGranularity', checkpointing.CheckpointGranularity, {
      list: checkpointing.listCheckpointGranularities,
      get: checkpointing.getCheckpointGranularity,
    }),
    ...sweepEnum('OffloadTarget', checkpointing.OffloadTarget, { list: checkpointing.listOffloadTargets, get: checkpointing.getOffloadTarget }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => checkpointing.createCheckpointConfig({ checkpointRatio: 0 }), 'checkpointRatio must not be 0 unless the strategy is none'],
    [() => checkpointing.createOffloadConfig({ target: 'disk' }), 'pinMemory is for the target cpu alone, got disk'],
    [() => checkpointing.selectCheckpointLayers(0, 1), 'numLayers must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

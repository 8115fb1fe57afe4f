import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as pruning from './pruning.js';

describe('parity: pruning', () => {
  it.each(parityCases('training/pruning', pruning, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const weights = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
  it('no weight that stays is smaller than one that goes', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (values, sparsity) => {
        const mask = pruning.calculatePruningMask(values, sparsity);
        const [kept, gone] = [values.filter((_, index) => mask[index]), values.filter((_, index) => !mask[index])].map(part => part.map(Math.abs));
        return gone!.length === Math.floor(values.length * sparsity) && Math.min(...kept!, 2) >= Math.max(...gone!, -1);
      }),
      { numRuns: 100 },
    );
  });
  it.each(['linear', 'cubic', 'iterative', 'one_shot'] as const)('%s goes from the first sparsity to the last', schedule => {
    expect(pruning.scheduleSparsity(0, 10, 0.1, 0.9, { schedule })).toBeCloseTo(0.1, 12);
    expect(pruning.scheduleSparsity(10, 10, 0.1, 0.9, { schedule })).toBeCloseTo(0.9, 12);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(pruning.PruningConfig),
    ...sweep(pruning.IterativePruningConfig),
    ...sweep(pruning.LotteryTicketConfig),
    ...sweep(pruning.PruningStats, () => pruning.createPruningStats(100, 50)),
    ...sweepEnum('PruningMethod', pruning.PruningMethod, { list: pruning.listPruningMethods, get: pruning.getPruningMethod }),
    ...sweepEnum('PruningSchedule', pruning.PruningSchedule, { list: pruning.listPruningSchedules, get: pruning.getPruningSchedule }),
    ...sweepEnum('PruningScope', pruning.PruningScope, { list: pruning.listPruningScopes, get: pruning.getPruningScope }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => pruning.createPruningStats(100, 200), 'remainingParams must be at most 100, got 200'],
    [() => pruning.createIterativePruningConfig({ initialSparsity: 0.95 }), 'finalSparsity must be at least initialSparsity (0.95), got 0.9'],
    [() => pruning.calculatePruningMask([1], 2), 'sparsity must be'],
    [() => pruning.scheduleSparsity(11, 10, 0, 1), 'currentStep must be'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

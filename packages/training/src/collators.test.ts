import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as collators from './collators.js';

describe('parity: collators', () => {
  it.each(parityCases('training/collators', collators, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 12 });
  it('an optimal length holds every sequence, or is the limit', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 8, max: 512 }), (list, limit) => {
        const [length, waste] = collators.optimizeBatchPadding(list, limit);
        return waste >= 0 && waste < 1 && (length === limit || (length >= Math.max(...list) && length % 8 === 0));
      }),
      { numRuns: 100 },
    );
  });
  it('sees the sizes of tensors and of rows', () => {
    const batch = {
      input_ids: { shape: [2, 3] },
      labels: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      note: 'x',
    };
    expect(collators.validateCollatorOutput(batch, { expectedKeys: ['labels'], expectedBatchSize: 2, expectedSequenceLength: 3 })).toBe(true);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(collators.PaddingConfig),
    ...sweep(collators.TruncationConfig),
    ...sweep(collators.CollatorConfig, () => collators.createCollatorConfig()),
    ...sweep(collators.CollatorStats),
    ...sweepEnum('PaddingStrategy', collators.PaddingStrategy, { list: collators.listPaddingStrategies, get: collators.getPaddingStrategy }),
    ...sweepEnum('TruncationStrategy', collators.TruncationStrategy, { list: collators.listTruncationStrategies, get: collators.getTruncationStrategy }),
    ...sweepEnum('CollatorType', collators.CollatorType, { list: collators.listCollatorTypes, get: collators.getCollatorType }),
    ...sweepEnum('PaddingSide', collators.PaddingSide, { list: collators.listPaddingSides, get: collators.getPaddingSide }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => collators.validateCollatorOutput({ a: 1 }, { expectedKeys: ['b'] }), 'batch must have the expectedKeys b'],
    [() => collators.validateCollatorOutput({ a: [[1]] }, { expectedBatchSize: 2 }), 'a must have expectedBatchSize 2, got 1'],
    [() => collators.validateCollatorOutput({ a: { shape: [1, 4] } }, { expectedSequenceLength: 5 }), 'a must have expectedSequenceLength 5, got 4'],
    [() => collators.createPaddingConfig({ strategy: 'max_length', maxLength: null }), 'maxLength is required for max_length'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

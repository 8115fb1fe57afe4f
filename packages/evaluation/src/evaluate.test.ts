import { parityCases, sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as evaluate from './evaluate.js';

describe('parity: evaluate', () => {
  it.each(parityCases('evaluation/evaluate', evaluate, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const pairs = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 20 });
  it('F1 lies between precision and recall, and all of them in [0, 1]', () => {
    fc.assert(
      fc.property(pairs, rows => {
        const [predictions, references] = [rows.map(row => row[0]), rows.map(row => row[1])];
        const [p, r, f1] = [
          evaluate.computePrecision(predictions, references),
          evaluate.computeRecall(predictions, references),
          evaluate.computeF1(predictions, references),
        ];
        return f1 >= Math.min(p, r) - 1e-12 && f1 <= Math.max(p, r) + 1e-12 && evaluate.computeAccuracy(predictions, references) <= 1;
      }),
      { numRuns: 100 },
    );
  });
  it('a perfect prediction has no error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 1 }),
        values => evaluate.computeMse(values, values) === 0 && evaluate.computeMae(values, values) === 0 && evaluate.computeAccuracy(values, values) === 1,
      ),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([...sweep(evaluate.MetricConfig), ...sweep(evaluate.CombinedMetricConfig, () => evaluate.createCombinedConfig([evaluate.createMetricConfig('f1')]))])(
    '$name',
    c => c.run(),
  );
});

describe('refusals', () => {
  it.each([
    [() => evaluate.aggregateResults([{ metricName: 'a', value: 1, details: null }], { method: 'weighted' }), 'weights cannot be null'],
    [() => evaluate.aggregateResults([{ metricName: 'a', value: 1, details: null }], { method: 'weighted', weights: [0] }), 'total of weights must not be 0'],
    [
      () => evaluate.createCombinedConfig([evaluate.createMetricConfig('f1')], { weights: [1, 2] }),
      'weights and metrics must have the same length, got 2 and 1',
    ],
    [() => evaluate.computeMse([1], [1, 2]), 'predictions and references must have the same length, got 1 and 2'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

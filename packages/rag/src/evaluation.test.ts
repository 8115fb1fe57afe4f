import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as evaluation from './evaluation.js';

describe('parity: evaluation', () => {
  it.each(parityCases('rag/evaluation', evaluation, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const ids = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 8 });
  it('every metric lies in [0, 1], and a perfect ranking has full marks', () => {
    fc.assert(
      fc.property(ids, ids, (retrieved, relevant) => {
        const values = Object.values(evaluation.evaluateRetrieval(retrieved, relevant));
        return (
          values.every(value => value >= 0 && value <= 1) &&
          Object.values(evaluation.evaluateRetrieval(relevant, relevant)).every(value => Math.abs(value - 1) < 1e-12)
        );
      }),
      { numRuns: 100 },
    );
  });
  it('an answer that copies its context is faithful', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('the', 'cat', 'sat', 'on', 'mat'), { minLength: 1 }),
        words => evaluation.evaluateFaithfulness(words.join(' '), `so ${words.join('  ')}`) === 1,
      ),
      { numRuns: 100 },
    );
  });
  it('precision divides by k', () => {
    expect(evaluation.evaluateRetrieval(['a'], ['a'], { k: 10 }).precisionAtK).toBe(0.1);
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(evaluation.RetrievalMetrics),
    ...sweep(evaluation.GenerationMetrics),
    ...sweep(evaluation.RAGEvalConfig),
    ...sweep(evaluation.RAGEvalResult, () =>
      evaluation.createRagEvalResult(evaluation.createRetrievalMetrics(), evaluation.createGenerationMetrics(), 0.5, [0.5]),
    ),
    ...sweep(evaluation.RAGEvalStats),
    ...sweepEnum('RAGMetric', evaluation.RAGMetric, { list: evaluation.listRagMetrics, get: evaluation.getRagMetric }),
    ...sweepEnum('GroundingType', evaluation.GroundingType, { list: evaluation.listGroundingTypes, get: evaluation.getGroundingType }),
    ...sweepEnum('EvaluationLevel', evaluation.EvaluationLevel, { list: evaluation.listEvaluationLevels, get: evaluation.getEvaluationLevel }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => evaluation.evaluateRetrieval(['a'], [], { k: 0 }), 'k must be positive, got 0'],
    [() => evaluation.createRagEvalStats(0.5, 0.5, 1, { failedQueries: 2 }), 'failedQueries must be at most numQueries (1), got 2'],
    [
      () => evaluation.computeRagScore(evaluation.createRetrievalMetrics(), evaluation.createGenerationMetrics(), { retrievalWeight: 0, generationWeight: 0 }),
      'retrievalWeight + generationWeight must be positive, got 0',
    ],
    [() => evaluation.calculateGroundedness('a', []), 'sources cannot be empty'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

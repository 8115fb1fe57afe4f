import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as nas from './nas.js';

describe('parity: nas', () => {
  it.each(parityCases('training/nas', nas, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const measures = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true })), { minLength: 1, maxLength: 20 });
  it('on a Pareto front, whatever performs better costs more', () => {
    fc.assert(
      fc.property(measures, rows => {
        const front = nas.selectParetoOptimal(rows.map(([performance, cost]) => nas.createArchitectureCandidate({ performance, cost })));
        return front.every((candidate, index) => candidate.rank === index + 1 && (index === 0 || front[index - 1]!.cost >= candidate.cost));
      }),
      { numRuns: 100 },
    );
  });
  it('efficiency stays within [0, 1] and never grows with the cost', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1, max: 1e13, noNaN: true }), (performance, cost) => {
        const score = nas.calculateEfficiencyScore(performance, cost);
        return score >= 0 && score <= 1 && nas.calculateEfficiencyScore(performance, cost * 2) <= score;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(nas.SearchSpaceConfig, () => nas.createSearchSpaceConfig()),
    ...sweep(nas.SearchConfig, () => nas.createSearchConfig()),
    ...sweep(nas.ArchitectureCandidate, () => nas.createArchitectureCandidate()),
    ...sweep(nas.NASStats),
    ...sweepEnum('SearchStrategy', nas.SearchStrategy, { list: nas.listSearchStrategies, get: nas.getSearchStrategy }),
    ...sweepEnum('SearchSpace', nas.SearchSpace, { list: nas.listSearchSpaces, get: nas.getSearchSpace }),
    ...sweepEnum('PerformancePredictor', nas.PerformancePredictor, { list: nas.listPerformancePredictors, get: nas.getPerformancePredictor }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => nas.createSearchSpaceConfig({ numHeadsRange: [16, 8] }), 'the least of numHeadsRange must be at most the greatest (8), got 16'],
    [() => nas.createSearchConfig({ numLayersRange: [0, 8] }), 'numLayersRange[0] must be positive, got 0'],
    [() => nas.selectParetoOptimal([]), 'candidates cannot be empty'],
    [() => nas.getRecommendedNasConfig('chess'), 'taskType must be one of'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

import { evidenceCases } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as b from '../../bias.js';
import { fairnessAnswers } from './evidence.fixture.js';

describe('evidence: fairness', () => {
  it.each(evidenceCases('evaluation/fairness', fairnessAnswers, import.meta.url, '../../../evidence/fairness.json'))('$name', e => e.run());
});

const people = fc.array(fc.tuple(fc.constantFrom<number>(0, 1), fc.constantFrom<number>(0, 1), fc.constantFrom('a', 'b', 'c')), {
  minLength: 3,
  maxLength: 40,
});

describe('laws', () => {
  it('differences and ratios lie between 0 and 1, and are 0 and 1 for one group', () => {
    fc.assert(
      fc.property(people, drawn => {
        const input = { labels: drawn.map(([y]) => y), predictions: drawn.map(([, p]) => p) };
        const { disparities } = b.fairnessSuite({ ...input, groups: drawn.map(([, , g]) => g) });
        for (const value of Object.values(disparities.betweenGroups)) if (!Number.isNaN(value)) expect(value >= 0 && value <= 1).toBe(true);
        const alone = b.fairnessSuite({ ...input, groups: drawn.map(() => 'all') }).disparities.toOverall;
        expect([alone.demographicParityDifference, alone.equalizedOddsDifference]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });
  it('weights make labels independent of groups', () => {
    fc.assert(
      fc.property(people, drawn => {
        const [labels, groups] = [drawn.map(([y]) => y), drawn.map(([, , g]) => g)];
        const weights = b.reweighing(labels, groups);
        const rate = (holds: (i: number) => boolean): number => {
          const chosen = labels.map((_, i) => i).filter(holds);
          return chosen.reduce((t, i) => t + weights[i]! * labels[i]!, 0) / chosen.reduce((t, i) => t + weights[i]!, 0);
        };
        for (const name of new Set(groups)) {
          const both = new Set(labels.filter((_, i) => groups[i] === name)).size === 2;
          if (both && new Set(groups).size > 0 && [...new Set(groups)].every(g => new Set(labels.filter((_, i) => groups[i] === g)).size === 2))
            expect(rate(i => groups[i] === name)).toBeCloseTo(
              rate(() => true),
              9,
            );
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('thresholds', () => {
  const scores = [0.1, 0.4, 0.35, 0.8, 0.9, 0.2, 0.55, 0.6, 0.65, 0.3, 0.7, 0.45];
  const labels = [0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1];
  const groups = ['a', 'a', 'a', 'a', 'a', 'a', 'b', 'b', 'b', 'b', 'b', 'b'];
  const over = (p: readonly number[], holds: (i: number) => boolean): number => {
    const chosen = p.filter((_, i) => holds(i));
    return chosen.reduce((t, x) => t + x, 0) / chosen.length;
  };
  // fairlearn 0.15: expected accuracies of ThresholdOptimizer on these samples
  it.each([
    ['demographicParity', 0.75],
    ['truePositiveRate', 0.75],
    ['falsePositiveRate', 0.75],
    ['equalizedOdds', 2 / 3],
  ] as const)('%s holds in both groups at the best accuracy', (constraint, best) => {
    const found = b.thresholdOptimizer(scores, labels, groups, { constraint });
    const p = found.probabilities(scores, groups);
    const rate = (name: string, label: number | null): number => over(p, i => groups[i] === name && (label === null || labels[i] === label));
    const wanted = constraint === 'demographicParity' ? [null] : constraint === 'equalizedOdds' ? [0, 1] : [constraint === 'truePositiveRate' ? 1 : 0];
    for (const label of wanted) expect(rate('a', label)).toBeCloseTo(rate('b', label), 9);
    expect(
      over(
        p.map((x, i) => (labels[i] === 1 ? x : 1 - x)),
        () => true,
      ),
    ).toBeCloseTo(found.accuracy, 9);
    expect(Math.abs(found.accuracy - best)).toBeLessThan(1e-9);
  });
  it('answers at random, the same with a seed', () => {
    const { predict } = b.thresholdOptimizer(scores, labels, groups);
    expect(predict(scores, groups, { seed: 1 })).toEqual(predict(scores, groups, { seed: 1 }));
    expect(predict(scores, groups)).toHaveLength(12);
    expect(() => predict([0.5], ['z'])).toThrow("groups[0] must be one of a, b, got 'z'");
  });
});

describe('associations', () => {
  it('of embeddings', () => {
    const [p, q] = [
      [
        [1, 0],
        [0.9, 0.1],
        [1, 0.2],
      ],
      [
        [0, 1],
        [0.1, 0.9],
        [0.2, 1],
      ],
    ];
    const { effectSize, pValue } = b.weat(p, q, [[1, 0]], [[0, 1]]);
    expect(effectSize).toBeGreaterThan(1.5);
    expect(pValue).toBe(0.05);
    const many = Array.from({ length: 9 }, (_, i) => [1, i / 10]);
    expect(b.weat(many, many, [[1, 0]], [[0, 1]]).pValue).toBeGreaterThan(0.3);
  });
  it('of sentences', async () => {
    const found = await b.counterfactualBias(text => (text.includes('He') ? 2 : 1), ['{term} cooks', '{term} codes'], [['He', 'She']]);
    expect(found).toMatchObject({ meanDifference: 1, meanAbsoluteDifference: 1, preference: 1 });
    expect(found.differences).toHaveLength(2);
  });
});

describe('refusals', () => {
  it.each<[string, () => unknown, string]>([
    ['labels', () => b.fairnessSuite({ labels: [2], predictions: [1], groups: ['a'] }), 'labels[0] must be one of 0, 1, got 2'],
    ['weights', () => b.fairnessSuite({ labels: [1], predictions: [1], groups: ['a'], sampleWeight: [-1] }), 'sampleWeight[0] must be non-negative, got -1'],
    [
      'features',
      () => b.fairnessSuite({ labels: [1], predictions: [1], groups: [['a'], ['b', 'c']] }),
      'groups must have features of one length, got 2 after 1',
    ],
    ['scores', () => b.groupCalibration([1], [2], ['a']), 'scores[0] must be in [0, 1], got 2'],
    ['one kind', () => b.thresholdOptimizer([0.1, 0.2], [1, 1], ['a', 'a']), "labels must hold both 0 and 1 in group 'a', got 1 alone"],
    ['constraint', () => b.thresholdOptimizer([0.1, 0.2], [1, 0], ['a', 'a'], { constraint: 'x' as never }), 'constraint must be one of'],
    ['targets', () => b.weat([[1]], [], [[1]], [[1]]), 'y cannot be empty'],
    ['unequal', () => b.weat([[1]], [[1], [2]], [[1]], [[1]]), 'y must hold as many words as x, 1, got 2'],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });
  it('of templates', async () => {
    await expect(b.counterfactualBias(() => 1, ['no slot'], [['a', 'b']])).rejects.toThrow("templates[0] must hold {term}, got 'no slot'");
    await expect(b.counterfactualBias(() => Number.NaN, ['{term}'], [['a', 'b']])).rejects.toThrow('score must be finite');
  });
  it('intersections are groups', () => {
    const { byGroup } = b.fairnessSuite({
      labels: [1, 0],
      predictions: [1, 0],
      groups: [
        ['a', 'b'],
        ['x', 'y'],
      ],
    });
    expect(byGroup.accuracy).toEqual({ 'a|x': 1, 'b|y': 1 });
  });
});

import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as robustness from './robustness.js';

describe('parity: robustness', () => {
  it.each(parityCases('evaluation/robustness', robustness, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const texts = fc
    .array(fc.constantFrom('This', 'is', 'a', 'good', 'Bad', 'day', 'and', 'it', 'can', 'work'), { minLength: 1, maxLength: 12 })
    .map(words => words.join(' '));
  it('a typo keeps every character, and every change stays within its limit', () => {
    fc.assert(
      fc.property(texts, fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }), (text, intensity, maxPerturbations) => {
        const changed = (perturbationType: robustness.PerturbationType) =>
          robustness.applyPerturbation(text, robustness.createPerturbationConfig(perturbationType, { intensity, maxPerturbations }));
        const words = (t: string) => t.split(' ').length;
        return (
          [...changed('typo')].sort().join('') === [...text].sort().join('') &&
          words(changed('synonym')) === words(text) &&
          words(text) - words(changed('deletion')) <= maxPerturbations &&
          words(changed('insertion')) - words(text) <= maxPerturbations
        );
      }),
      { numRuns: 100 },
    );
  });
  it('a greater threshold finds no more foreign samples', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 1 }), fc.double({ min: 0, max: 0.5, noNaN: true }), (scores, threshold) => {
        const found = (t: number) => robustness.detectOodSamples(scores, robustness.createOodConfig('energy', { threshold: t })).filter(Boolean).length;
        return found(threshold) >= found(threshold + 0.5);
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(robustness.PerturbationConfig),
    ...sweep(robustness.AdversarialConfig),
    ...sweep(robustness.OODConfig),
    ...sweep(robustness.RobustnessResult),
    ...sweepEnum('PerturbationType', robustness.PerturbationType, { list: robustness.listPerturbationTypes, get: robustness.getPerturbationType }),
    ...sweepEnum('AttackMethod', robustness.AttackMethod, { list: robustness.listAttackMethods, get: robustness.getAttackMethod }),
    ...sweepEnum('OODDetectionMethod', robustness.OODDetectionMethod, { list: robustness.listOodDetectionMethods, get: robustness.getOodDetectionMethod }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => robustness.applyPerturbation('', robustness.createPerturbationConfig('typo')), 'text cannot be empty'],
    [() => robustness.calculateRobustnessScore(1.5, 0.5), 'originalAccuracy must be in [0, 1], got 1.5'],
    [
      () => robustness.calculateAttackSuccessRate([1], [1, 2], [1]),
      'inputs originalPredictions and attackedPredictions must have the same length, got 1 and 2',
    ],
    [() => robustness.createOodConfig('energy', { temperature: 0 }), 'temperature must be positive, got 0'],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});

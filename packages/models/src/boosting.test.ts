import { sweep } from '@gtc/testing';
import { describe, expect, it } from 'vitest';
import { BOOSTING_X, BOOSTING_X_TEST, BOOSTINGS } from './boosting.fixture.js';
import * as boosting from './boosting.js';
import type { Label } from './tree.js';

describe('boosting of scikit-learn', () => {
  it.each(BOOSTINGS)('$name', ({ name, settings, y, sums }) => {
    const answers = name.startsWith('clf')
      ? new boosting.GradientBoostingClassifier(settings).fit(BOOSTING_X, y).decisionFunction(BOOSTING_X_TEST)
      : new boosting.GradientBoostingRegressor(settings)
          .fit(BOOSTING_X, y)
          .predict(BOOSTING_X_TEST)
          .map(value => [value]);
    expect(answers.flat()).toHaveLength(sums.flat().length);
    answers.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(sums.flat()[i]!, 7);
    });
  });
});

describe('laws', () => {
  const y = BOOSTING_X.map(([a = 0, b = 0]) => a - 2 * b);
  it('every stage lowers the error on the training rows', () => {
    const model = new boosting.GradientBoostingRegressor({ nEstimators: 15, learningRate: 0.3 }).fit(BOOSTING_X, y);
    const errors = model.stagedPredict(BOOSTING_X).map(row => row.reduce((total, value, i) => total + (value - y[i]!) ** 2, 0));
    expect(errors).toHaveLength(15);
    errors.slice(1).forEach((error, i) => {
      expect(error).toBeLessThanOrEqual(errors[i]! + 1e-9);
    });
  });
  it('probabilities sum to 1 for two classes and for more', () => {
    const labellings: Label[][] = [y.map(value => (value > 0 ? 'b' : 'a')), y.map(value => Math.sign(Math.round(value)))];
    for (const labels of labellings) {
      const model = new boosting.GradientBoostingClassifier({ nEstimators: 5 }).fit(BOOSTING_X, labels);
      for (const row of model.predictProba(BOOSTING_X_TEST)) expect(row.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 12);
      const right = model.predict(BOOSTING_X).filter((label, i) => label === labels[i]).length;
      expect(right / labels.length).toBeGreaterThan(0.8);
      expect(model.classes).toEqual([...new Set(labels)].sort((a, b) => (a < b ? -1 : 1)));
    }
  });
  it('rests once all rows are right', () => {
    const model = new boosting.GradientBoostingClassifier({ nEstimators: 400, learningRate: 1 }).fit([[0], [1]], ['a', 'b']);
    expect(
      model
        .decisionFunction([[0], [1]])
        .flat()
        .every(Number.isFinite),
    ).toBe(true);
    expect(model.predict([[0], [1]])).toEqual(['a', 'b']);
  });
});

describe('refusals', () => {
  const { GradientBoostingClassifier, GradientBoostingRegressor } = boosting;
  it.each([
    [() => new GradientBoostingRegressor({ nEstimators: 0 }), 'nEstimators must be positive, got 0'],
    [() => new GradientBoostingClassifier().fit([[1], [2]], [0, 0]), 'classes of y must be at least 2, got 1'],
    [() => new GradientBoostingRegressor().fit([], []), 'x cannot be empty'],
    [() => new GradientBoostingRegressor().fit([[1], [1, 2]], [1, 2]), 'x[1]'],
    [() => new GradientBoostingRegressor().fit([[1]], [Number.NaN]), 'y[0] must be finite, got NaN'],
    [() => new GradientBoostingClassifier().fit([[Number.NaN], [1]], [0, 1]), 'x[0] must be finite, got NaN'],
    [() => new GradientBoostingClassifier().predict([[1]]), 'fit must be called before predict'],
    [() => new GradientBoostingRegressor().predict([[1]]), 'fit must be called before predict'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
  it.each(sweep(boosting.GradientBoostingConfig))('$name', c => c.run());
});

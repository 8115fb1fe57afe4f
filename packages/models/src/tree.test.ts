import { sweep } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TREE_X, TREE_X_TEST, TREES } from './tree.fixture.js';
import * as tree from './tree.js';

/** Numbers of nested lists, compared one by one. */
function expectClose(actual: readonly (readonly number[] | number)[], expected: readonly (readonly number[] | number)[]): void {
  expect(actual.flat()).toHaveLength(expected.flat().length);
  actual.flat().forEach((value, i) => {
    expect(value).toBeCloseTo(expected.flat()[i]!, 9);
  });
}

describe('trees of scikit-learn', () => {
  it.each(TREES)('$name', ({ name, settings, y, left, threshold, impurity, importances, answers }) => {
    const classifies = name.startsWith('clf');
    const model = classifies ? new tree.DecisionTreeClassifier(settings) : new tree.DecisionTreeRegressor(settings);
    model.fit(TREE_X, y);
    const nodes = model.trees[0]!;
    expect(nodes.map(node => node.left)).toEqual(left);
    expectClose([nodes.map(node => node.threshold), nodes.map(node => node.impurity), model.featureImportances], [threshold, impurity, importances]);
    expectClose(model instanceof tree.DecisionTreeClassifier ? model.predictProba(TREE_X_TEST) : model.predict(TREE_X_TEST), answers);
  });
});

describe('laws', () => {
  const data = fc
    .integer({ min: 2, max: 25 })
    .chain(n =>
      fc.tuple(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 })), { minLength: n, maxLength: n }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: n, maxLength: n }),
      ),
    );
  it('a full tree knows its rows wherever equal rows are of one class', () => {
    fc.assert(
      fc.property(data, ([x, y]) => {
        const classes = new Map<string, Set<string>>();
        for (const [i, row] of x.entries()) classes.set(String(row), (classes.get(String(row)) ?? new Set()).add(y[i]!));
        const model = new tree.DecisionTreeClassifier({ criterion: 'entropy' }).fit(x, y);
        return model.predict(x).every((label, i) => classes.get(String(x[i]))!.has(String(label)));
      }),
      { numRuns: 200 },
    );
  });
  it('probabilities sum to 1, and predictions lie among the targets', () => {
    fc.assert(
      fc.property(data, fc.integer({ min: 1, max: 4 }), ([x, y], maxDepth) => {
        const forest = new tree.RandomForestClassifier({ nEstimators: 5, maxDepth, randomState: 1, maxFeatures: 'log2' }).fit(x, y);
        const numbers = y.map(label => label.charCodeAt(0));
        const regressor = new tree.RandomForestRegressor({ nEstimators: 5, maxDepth, randomState: 1, maxFeatures: 1 }).fit(x, numbers);
        const sums = forest.predictProba(x).map(row => row.reduce((total, p) => total + p, 0));
        const within = regressor.predict(x).every(value => value >= Math.min(...numbers) - 1e-9 && value <= Math.max(...numbers) + 1e-9);
        return sums.every(total => Math.abs(total - 1) < 1e-9) && within && forest.depth <= maxDepth;
      }),
      { numRuns: 50 },
    );
  });
  it('leaves and splits are as large as asked', () => {
    const y = TREE_X.map(([a = 0, b = 0]) => a * b);
    const nodes = new tree.DecisionTreeRegressor({ minSamplesLeaf: 7, minSamplesSplit: 30 }).fit(TREE_X, y).trees[0]!;
    for (const node of nodes) expect(node.left === -1 ? node.samples >= 7 : node.samples >= 30).toBe(true);
  });
  it('the same seed gives the same forest, and forests learn', () => {
    const y = TREE_X.map(([a = 0, b = 0]) => (a + b > 0 ? 'up' : 'down'));
    const grow = (randomState: number | null) => new tree.RandomForestClassifier({ nEstimators: 20, randomState }).fit(TREE_X, y);
    expect(grow(3).predictProba(TREE_X_TEST)).toEqual(grow(3).predictProba(TREE_X_TEST));
    const right = grow(null)
      .predict(TREE_X)
      .filter((label, i) => label === y[i]).length;
    expect(right / y.length).toBeGreaterThan(0.95);
    expect(grow(3).classes).toEqual(['down', 'up']);
    expect(grow(3).featureImportances.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });
  it('draws rows as scikit-learn does', () => {
    // RandomForestClassifier(random_state=698): the first trees' seeds decide over their rows
    const forest = new tree.RandomForestRegressor({ nEstimators: 2, randomState: 698, maxDepth: 1 }).fit(
      TREE_X,
      TREE_X.map(([a = 0]) => a),
    );
    expect(forest.trees[0]![0]!.samples).toBeLessThan(TREE_X.length);
    expect(forest.trees[0]![0]!.weight).toBe(TREE_X.length);
  });
  it('one class or one row is a leaf', () => {
    const model = new tree.DecisionTreeClassifier().fit([[1], [2]], ['x', 'x']);
    expect([model.trees[0]!.length, model.depth, model.predict([[9]]), model.featureImportances]).toEqual([1, 0, ['x'], [0]]);
    expect(new tree.DecisionTreeRegressor().fit([[1]], [2.5]).predict([[0], [1]])).toEqual([2.5, 2.5]);
    expect(new tree.DecisionTreeClassifier().depth).toBe(0);
  });
});

describe('refusals', () => {
  it.each([
    [() => new tree.DecisionTreeClassifier({ criterion: 'nope' as never }), "criterion must be one of entropy, gini, got 'nope'"],
    [() => new tree.RandomForestClassifier({ nEstimators: 0 }), 'nEstimators must be positive, got 0'],
    [() => new tree.DecisionTreeClassifier({ maxFeatures: 0.5 }), 'maxFeatures must be all, log2, sqrt or a positive integer, got 0.5'],
    [() => new tree.RandomForestClassifier({ maxFeatures: 'half' as never }), 'maxFeatures must be all, log2, sqrt or a positive integer, got half'],
    [() => new tree.DecisionTreeClassifier().fit([], []), 'x cannot be empty'],
    [() => new tree.DecisionTreeClassifier().fit([[]], [1]), 'x[0] cannot be empty'],
    [() => new tree.DecisionTreeClassifier().fit([[1], [2, 3]], [1, 2]), 'x[1]'],
    [() => new tree.DecisionTreeClassifier().fit([[1]], [1, 2]), 'y'],
    [() => new tree.DecisionTreeRegressor().fit([[1]], [Number.NaN]), 'y[0] must be finite, got NaN'],
    [() => new tree.DecisionTreeRegressor().fit([[Number.NaN]], [1]), 'x[0] must be finite, got NaN'],
    [() => new tree.DecisionTreeRegressor().predict([[1]]), 'fit must be called before predict'],
    [() => new tree.DecisionTreeRegressor().fit([[1]], [1]).predict([[1, 2]]), 'x[0]'],
  ])('says what is wrong: %s', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('definitions', () => {
  const settings = {
    criterion: 'gini',
    maxDepth: null,
    minSamplesSplit: 2,
    minSamplesLeaf: 1,
    maxFeatures: 'all',
    minImpurityDecrease: 0,
    randomState: null,
  } as const;
  it.each([...sweep(tree.DecisionTreeConfig, () => settings), ...sweep(tree.RandomForestConfig, () => ({ nEstimators: 9, bootstrap: true, ...settings }))])(
    '$name',
    c => c.run(),
  );
});

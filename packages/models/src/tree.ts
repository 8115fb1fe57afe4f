/** Decision trees and random forests that fit and predict as scikit-learn's do. */
import { createFrom, type Definition, type Draft, finite, sameLength, ValidationError } from '@gtc/errors';
import { NumpyRandomState } from '@gtc/tensor/random';
import { depthOf, type Growth, growTree, type Impurity, importancesOf, leafOf, type Training, type TreeNode } from './internal/tree/cart.js';
import { type Rows, singlePrecision } from './internal/tree/rows.js';

export type { TreeNode } from './internal/tree/cart.js';
export type { Rows } from './internal/tree/rows.js';

/** What a split of classes lowers. */
export const SplitCriterion = { GINI: 'gini', ENTROPY: 'entropy' } as const;
export type SplitCriterion = (typeof SplitCriterion)[keyof typeof SplitCriterion];

/** How many features a split looks at: all of d, √d, or log₂ d; a number stands for itself. */
export const MaxFeatures = { ALL: 'all', SQRT: 'sqrt', LOG2: 'log2' } as const;
export type MaxFeatures = (typeof MaxFeatures)[keyof typeof MaxFeatures] | number;

/** How a tree grows. */
export interface DecisionTreeConfig {
  /** Of trees that tell classes apart; trees that predict numbers lower the squared error. */
  readonly criterion: SplitCriterion;
  /** Levels below the root; as many as it takes when null. */
  readonly maxDepth: number | null;
  /** Smaller nodes are leaves. */
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly maxFeatures: MaxFeatures;
  readonly minImpurityDecrease: number;
  /** Seed of the choice of features; another one every time when null. */
  readonly randomState: number | null;
}

const maxFeaturesIssue = ({ maxFeatures }: { readonly maxFeatures: MaxFeatures }): string | null => {
  const known = typeof maxFeatures === 'number' ? Number.isInteger(maxFeatures) && maxFeatures >= 1 : Object.values(MaxFeatures).includes(maxFeatures);
  return known ? null : `maxFeatures must be all, log2, sqrt or a positive integer, got ${String(maxFeatures)}`;
};

/** Defaults and rules of {@link DecisionTreeConfig}. */
export const DecisionTreeConfig: Definition<DecisionTreeConfig> = {
  name: 'DecisionTreeConfig',
  fields: {
    criterion: { kind: 'enum', of: SplitCriterion, default: SplitCriterion.GINI },
    maxDepth: { kind: 'int', default: null, nullable: true, positive: true },
    minSamplesSplit: { kind: 'int', default: 2, min: 2 },
    minSamplesLeaf: { kind: 'int', default: 1, positive: true },
    maxFeatures: { kind: 'any', default: MaxFeatures.ALL },
    minImpurityDecrease: { kind: 'float', default: 0, nonNegative: true },
    randomState: { kind: 'int', default: null, nullable: true, min: 0, max: 0xffffffff },
  },
  rules: [maxFeaturesIssue],
};

/** How a forest grows. */
export interface RandomForestConfig extends DecisionTreeConfig {
  readonly nEstimators: number;
  /** Each tree sees rows drawn with replacement. */
  readonly bootstrap: boolean;
}

/** Defaults and rules of {@link RandomForestConfig}. */
export const RandomForestConfig: Definition<RandomForestConfig> = {
  name: 'RandomForestConfig',
  fields: {
    nEstimators: { kind: 'int', default: 100, positive: true },
    bootstrap: { kind: 'bool', default: true },
    ...DecisionTreeConfig.fields,
    maxFeatures: { kind: 'any', default: MaxFeatures.SQRT },
  },
  rules: [maxFeaturesIssue],
};

/** A class: any text or number. */
export type Label = string | number;

function growthOf(config: DecisionTreeConfig, impurity: Impurity, width: number, random: NumpyRandomState): Growth {
  const { maxFeatures } = config;
  const looked = { all: width, sqrt: Math.floor(Math.sqrt(width)), log2: Math.floor(Math.log2(width)) };
  return { ...config, impurity, random, maxFeatures: Math.min(width, Math.max(1, typeof maxFeatures === 'number' ? maxFeatures : looked[maxFeatures])) };
}

/** Trees over one training set, and the mean of what they say. */
class Ensemble {
  #trees: readonly TreeNode[][] = [];
  #width = 0;

  fit(training: Training, config: DecisionTreeConfig & Partial<RandomForestConfig>, impurity: Impurity): void {
    const master = new NumpyRandomState(config.randomState);
    const forest = config.nEstimators !== undefined;
    this.#width = training.x[0]!.length;
    this.#trees = Array.from({ length: config.nEstimators ?? 1 }, () => {
      const seed = forest ? master.randint(0, 2 ** 31 - 1) : 0;
      const random = forest ? new NumpyRandomState(seed) : master;
      const weights = config.bootstrap ? drawn(training.weights.length, new NumpyRandomState(seed)) : training.weights;
      return growTree({ ...training, weights }, growthOf(config, impurity, this.#width, random));
    });
  }

  get trees(): readonly (readonly TreeNode[])[] {
    return this.#trees;
  }

  get importances(): number[] {
    const each = this.#trees.map(tree => importancesOf(tree, this.#width));
    return Array.from({ length: this.#width }, (_, i) => each.reduce((sum, shares) => sum + shares[i]!, 0) / each.length);
  }

  /** Mean value of the leaves that each row falls into. */
  means(x: Rows): number[][] {
    if (this.#trees.length === 0) throw new ValidationError('fit must be called before predict', { parameter: 'fit' });
    return singlePrecision(x, this.#width).map(row => {
      const values = this.#trees.map(tree => tree[leafOf(tree, row)]!.value);
      return values[0]!.map((_, k) => values.reduce((sum, value) => sum + value[k]!, 0) / values.length);
    });
  }
}

/** How often each row is drawn. */
function drawn(rows: number, random: NumpyRandomState): Float64Array {
  const counts = new Float64Array(rows);
  for (let i = 0; i < rows; i++) counts[random.randint(0, rows)]! += 1;
  return counts;
}

/** Classes in ascending order and each row's share of them: all of one. */
function encoded(y: readonly Label[]): readonly [classes: Label[], targets: Float64Array[]] {
  const classes = [...new Set(y)].sort((a, b) => (a < b ? -1 : 1));
  const places = new Map(classes.map((label, i) => [label, i]));
  return [classes, y.map(label => Float64Array.from(classes, (_, k) => (k === places.get(label) ? 1 : 0)))];
}

/** Trees that tell classes apart. */
class Classifier<C extends DecisionTreeConfig> {
  readonly config: C;
  readonly #ensemble: Ensemble = new Ensemble();
  #classes: Label[] = [];

  constructor(config: C) {
    this.config = config;
  }

  /**
   * Grows on rows and their classes.
   *
   * @throws {ValidationError} for no rows, rows of different widths, or a feature that is not finite
   * @throws {ShapeError} for another number of classes than rows
   */
  fit(x: Rows, y: readonly Label[]): this {
    const rows = singlePrecision(x, null);
    sameLength({ x, y });
    const [classes, targets] = encoded(y);
    this.#classes = classes;
    this.#ensemble.fit({ x: rows, targets, weights: new Float64Array(rows.length).fill(1) }, this.config, this.config.criterion);
    return this;
  }

  /** Classes in ascending order, as the columns of {@link predictProba}. */
  get classes(): readonly Label[] {
    return this.#classes;
  }

  /** Nodes of each tree. */
  get trees(): readonly (readonly TreeNode[])[] {
    return this.#ensemble.trees;
  }

  /** Levels below the root of the deepest tree; 0 before {@link fit}. */
  get depth(): number {
    return Math.max(0, ...this.trees.map(tree => depthOf(tree)));
  }

  /** Share of each feature in what the splits gain. */
  get featureImportances(): number[] {
    return this.#ensemble.importances;
  }

  /** Probability of each class for each row. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predictProba(x: Rows): number[][] {
    return this.#ensemble.means(x);
  }

  /** The likeliest class of each row, the first of equal ones. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predict(x: Rows): Label[] {
    return this.predictProba(x).map(row => this.#classes[row.indexOf(Math.max(...row))]!);
  }
}

/** Trees that predict numbers. */
class Regressor<C extends DecisionTreeConfig> {
  readonly config: C;
  readonly #ensemble: Ensemble = new Ensemble();

  constructor(config: C) {
    this.config = config;
  }

  /**
   * Grows on rows and their numbers.
   *
   * @throws {ValidationError} for no rows, rows of different widths, or a number that is not finite
   * @throws {ShapeError} for another number of targets than rows
   */
  fit(x: Rows, y: ArrayLike<number>): this {
    const rows = singlePrecision(x, null);
    sameLength({ x, y });
    const targets = Array.from(y, (value, i) => Float64Array.of(finite(value, `y[${i}]`)));
    this.#ensemble.fit({ x: rows, targets, weights: new Float64Array(rows.length).fill(1) }, this.config, 'squared_error');
    return this;
  }

  /** Nodes of each tree. */
  get trees(): readonly (readonly TreeNode[])[] {
    return this.#ensemble.trees;
  }

  /** Share of each feature in what the splits gain. */
  get featureImportances(): number[] {
    return this.#ensemble.importances;
  }

  /** A number for each row. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predict(x: Rows): number[] {
    return this.#ensemble.means(x).map(([value]) => value!);
  }
}

/**
 * A decision tree that tells classes apart.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.tree.DecisionTreeClassifier`; the same nodes where no two splits are equally good, probabilities within 1e-9.
 * @example new DecisionTreeClassifier().fit([[0], [1], [2], [3]], ['a', 'a', 'b', 'b']).predict([[0.5], [9]]) // => ['a', 'b']
 */
export class DecisionTreeClassifier extends Classifier<DecisionTreeConfig> {
  constructor(options: Draft<DecisionTreeConfig> = {}) {
    super(createFrom(DecisionTreeConfig, options));
  }
}

/**
 * A decision tree that predicts numbers: the mean of a leaf, the squared error lowered by every split.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.tree.DecisionTreeRegressor`; the same nodes where no two splits are equally good, predictions within 1e-9.
 * @example new DecisionTreeRegressor({ maxDepth: 1 }).fit([[0], [1], [2], [3]], [0, 0, 5, 7]).predict([[0], [3]]) // => [0, 6]
 */
export class DecisionTreeRegressor extends Regressor<DecisionTreeConfig> {
  constructor(options: Draft<DecisionTreeConfig> = {}) {
    super(createFrom(DecisionTreeConfig, options));
  }
}

/**
 * A forest that tells classes apart: the mean of trees that each saw other rows and looked at other features (Breiman 2001).
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.ensemble.RandomForestClassifier`; the same rows are drawn, features in another order.
 * @example new RandomForestClassifier({ nEstimators: 10, randomState: 0 }).fit([[0], [1], [8], [9]], [0, 0, 1, 1]).predict([[0], [9]]) // => [0, 1]
 */
export class RandomForestClassifier extends Classifier<RandomForestConfig> {
  constructor(options: Draft<RandomForestConfig> = {}) {
    super(createFrom(RandomForestConfig, options));
  }
}

/**
 * A forest that predicts numbers.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.ensemble.RandomForestRegressor`, whose default looks at all features.
 * @example new RandomForestRegressor({ nEstimators: 5, bootstrap: false, randomState: 0 }).fit([[0], [9]], [1, 2]).predict([[9]]) // => [2]
 */
export class RandomForestRegressor extends Regressor<RandomForestConfig> {
  constructor(options: Draft<RandomForestConfig> = {}) {
    super(createFrom(RandomForestConfig, { maxFeatures: MaxFeatures.ALL, ...options }));
  }
}

/** Gradient boosting: small trees, each fitted to what the ones before it got wrong (Friedman 2001), as scikit-learn fits them. */
import { createFrom, type Definition, type Draft, finite, inRange, sameLength, ValidationError } from '@gtc/errors';
import { NumpyRandomState } from '@gtc/tensor/random';
import { mean, softmax } from '@gtc/tensor/statistics';
import { growTree, leafOf, type TreeNode } from './internal/tree/cart.js';
import { type Rows, singlePrecision } from './internal/tree/rows.js';
import type { Label } from './tree.js';

/** How trees are boosted. */
export interface GradientBoostingConfig {
  /** Trees, or trees of each class where there are more than two. */
  readonly nEstimators: number;
  /** Share of each tree that counts. */
  readonly learningRate: number;
  /** Levels of each tree. */
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
}

/** Defaults and rules of {@link GradientBoostingConfig}. */
export const GradientBoostingConfig: Definition<GradientBoostingConfig> = {
  name: 'GradientBoostingConfig',
  fields: {
    nEstimators: { kind: 'int', default: 100, positive: true },
    learningRate: { kind: 'float', default: 0.1, positive: true },
    maxDepth: { kind: 'int', default: 3, positive: true },
    minSamplesSplit: { kind: 'int', default: 2, min: 2 },
    minSamplesLeaf: { kind: 'int', default: 1, positive: true },
  },
};

/** A tree and the step that it takes from each leaf. */
interface Stage {
  readonly tree: readonly TreeNode[];
  readonly steps: readonly number[];
}

/** A tree for residuals; each leaf steps by what `stepOf` makes of its rows. */
function stageFor(
  x: readonly Float32Array[],
  residuals: readonly number[],
  config: GradientBoostingConfig,
  stepOf: (rows: readonly number[]) => number,
): Stage {
  const targets = residuals.map(residual => Float64Array.of(residual));
  const growth = { ...config, impurity: 'squared_error', minImpurityDecrease: 0, maxFeatures: x[0]!.length, random: new NumpyRandomState(0) } as const;
  const tree = growTree({ x, targets, weights: new Float64Array(x.length).fill(1) }, growth);
  const rows: number[][] = tree.map(() => []);
  for (const [i, row] of x.entries()) rows[leafOf(tree, row)]!.push(i);
  return { tree, steps: rows.map(list => (list.length === 0 ? 0 : stepOf(list))) };
}

/** Sums of steps for each row, and how they grow stage by stage. */
class Additive {
  readonly #start: readonly number[];
  readonly #rate: number;
  readonly #stages: (readonly Stage[])[] = [];

  constructor(start: readonly number[], rate: number) {
    this.#start = start;
    this.#rate = rate;
  }

  get stages(): readonly (readonly Stage[])[] {
    return this.#stages;
  }

  /** Adds a stage, one tree for each output, and moves the sums along. */
  push(stage: readonly Stage[], x: readonly Float32Array[], sums: number[][]): void {
    this.#stages.push(stage);
    this.#step(stage, x, sums);
  }

  #step(stage: readonly Stage[], x: readonly Float32Array[], sums: number[][]): void {
    for (const [i, row] of x.entries()) for (const [k, { tree, steps }] of stage.entries()) sums[i]![k]! += this.#rate * steps[leafOf(tree, row)]!;
  }

  initial(rows: number): number[][] {
    return Array.from({ length: rows }, () => [...this.#start]);
  }

  /** Sums after each stage. */
  *staged(x: readonly Float32Array[]): Generator<number[][]> {
    const sums = this.initial(x.length);
    for (const stage of this.#stages) {
      this.#step(stage, x, sums);
      yield sums.map(row => [...row]);
    }
  }
}

/**
 * Boosted trees that predict numbers, the squared error lowered stage by stage.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.ensemble.GradientBoostingRegressor`; within 1e-7 where no two splits are equally good.
 * @example new GradientBoostingRegressor({ learningRate: 1, nEstimators: 1 }).fit([[0], [1]], [2, 4]).predict([[0], [1]]) // => [2, 4]
 */
export class GradientBoostingRegressor {
  readonly config: GradientBoostingConfig;
  #model: Additive | null = null;
  #width = 0;

  constructor(options: Draft<GradientBoostingConfig> = {}) {
    this.config = createFrom(GradientBoostingConfig, options);
  }

  /**
   * Fits rows and their numbers.
   *
   * @throws {ValidationError} for no rows, or a number that is not finite
   * @throws {ShapeError} for rows of different widths, or another number of targets than rows
   */
  fit(x: Rows, y: ArrayLike<number>): this {
    const rows = singlePrecision(x, null);
    this.#width = rows[0]!.length;
    sameLength({ x, y });
    const targets = Array.from(y, (value, i) => finite(value, `y[${i}]`));
    const model = new Additive([mean(targets)], this.config.learningRate);
    const sums = model.initial(rows.length);
    for (let stage = 0; stage < this.config.nEstimators; stage++) {
      const residuals = targets.map((target, i) => target - sums[i]![0]!);
      model.push([stageFor(rows, residuals, this.config, list => mean(list.map(i => residuals[i]!)))], rows, sums);
    }
    this.#model = model;
    return this;
  }

  /** A number for each row. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predict(x: Rows): number[] {
    return this.stagedPredict(x).at(-1)!;
  }

  /** A number for each row after each stage. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  stagedPredict(x: Rows): number[][] {
    return [...fitted(this.#model).staged(singlePrecision(x, this.#width))].map(sums => sums.map(([value]) => value!));
  }
}

function fitted(model: Additive | null): Additive {
  if (model === null) throw new ValidationError('fit must be called before predict', { parameter: 'fit' });
  return model;
}

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** Below this a step is none: all rows of the leaf are right already. */
const NO_CURVATURE = 1e-150;

/**
 * Boosted trees that tell classes apart: the log-loss lowered stage by stage, with one tree for two classes and one for each of more.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Python: `sklearn.ensemble.GradientBoostingClassifier`; within 1e-7 where no two splits are equally good.
 * @example new GradientBoostingClassifier().fit([[0], [1], [8], [9]], ['a', 'a', 'b', 'b']).predict([[0], [9]]) // => ['a', 'b']
 */
export class GradientBoostingClassifier {
  readonly config: GradientBoostingConfig;
  #model: Additive | null = null;
  #width = 0;
  #classes: Label[] = [];

  constructor(options: Draft<GradientBoostingConfig> = {}) {
    this.config = createFrom(GradientBoostingConfig, options);
  }

  /**
   * Fits rows and their classes.
   *
   * @throws {ValidationError} for no rows, a feature that is not finite, or a single class
   * @throws {ShapeError} for rows of different widths, or another number of classes than rows
   */
  fit(x: Rows, y: readonly Label[]): this {
    const rows = singlePrecision(x, null);
    this.#width = rows[0]!.length;
    sameLength({ x, y });
    this.#classes = [...new Set(y)].sort((a, b) => (a < b ? -1 : 1));
    inRange(this.#classes.length, 'classes of y', { min: 2 });
    const codes = y.map(label => this.#classes.indexOf(label));
    const shares = this.#classes.map((_, k) => codes.filter(code => code === k).length / codes.length);
    const outputs = this.#classes.length === 2 ? [1] : this.#classes.map((_, k) => k);
    const model = new Additive(startOf(shares), this.config.learningRate);
    const sums = model.initial(rows.length);
    for (let stage = 0; stage < this.config.nEstimators; stage++) {
      const probabilities = sums.map(row => (row.length === 1 ? row.map(sigmoid) : softmax(row)));
      model.push(
        outputs.map((k, at) => {
          const residuals = codes.map((code, i) => (code === k ? 1 : 0) - probabilities[i]![at]!);
          return stageFor(rows, residuals, this.config, list => newtonStep(list, residuals, codes, k, outputs.length));
        }),
        rows,
        sums,
      );
    }
    this.#model = model;
    return this;
  }

  /** Classes in ascending order, as the columns of {@link predictProba}. */
  get classes(): readonly Label[] {
    return this.#classes;
  }

  /** Sums of the steps: one for two classes, one for each of more. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  decisionFunction(x: Rows): number[][] {
    return [...fitted(this.#model).staged(singlePrecision(x, this.#width))].at(-1)!;
  }

  /** Probability of each class for each row. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predictProba(x: Rows): number[][] {
    return this.decisionFunction(x).map(row => (row.length === 1 ? [1 - sigmoid(row[0]!), sigmoid(row[0]!)] : softmax(row)));
  }

  /** The likeliest class of each row. @throws {ValidationError} before {@link fit}, or for rows that do not fit */
  predict(x: Rows): Label[] {
    return this.predictProba(x).map(row => this.#classes[row.indexOf(Math.max(...row))]!);
  }
}

/** Sums that give each row the shares of the classes: their log-odds for two classes, their logarithms less the mean for more. */
function startOf(shares: readonly number[]): number[] {
  if (shares.length === 2) return [Math.log(shares[1]! / shares[0]!)];
  const logarithms = shares.map(Math.log);
  return logarithms.map(value => value - mean(logarithms));
}

/** Newton's step for the log-loss over the rows of a leaf; for several classes it is shortened by (K − 1) / K. */
function newtonStep(rows: readonly number[], residuals: readonly number[], codes: readonly number[], k: number, outputs: number): number {
  let [slope, curvature] = [0, 0];
  for (const i of rows) {
    const residual = residuals[i]!;
    const target = codes[i] === k ? 1 : 0;
    slope += residual;
    curvature += (target - residual) * (1 - target + residual);
  }
  if (Math.abs(curvature) < NO_CURVATURE) return 0;
  return (outputs === 1 ? 1 : (outputs - 1) / outputs) * (slope / curvature);
}

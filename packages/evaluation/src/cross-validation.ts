/** Cross-validation: folds as scikit-learn cuts them, and the scores of each. */
import { createFrom, type Definition, inRange, integer, nonEmpty, nonNegative, sameLength, ValidationError } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import { take } from './internal/cross-validation/draws.js';
import { kFold, stratifiedKFold } from './internal/cross-validation/folds.js';
import type { Split } from './internal/cross-validation/split.js';
import type { Label, Labels } from './internal/metrics/labels.js';

export {
  groupShuffleSplit,
  type ResampleOptions,
  resample,
  type ShuffleSplitOptions,
  type SizeOptions,
  shuffle,
  shuffleSplit,
  stratifiedShuffleSplit,
  type TrainTestOptions,
  trainTestSplit,
} from './internal/cross-validation/draws.js';
export * from './internal/cross-validation/folds.js';
export * from './internal/cross-validation/left-out.js';
export type { RandomState, Split } from './internal/cross-validation/split.js';

/** How samples are cut into folds. */
export interface CrossValidationConfig {
  /** At least 2. */
  readonly nFolds: number;
  readonly shuffle: boolean;
  /** Seed of the shuffle; another one every time when null. */
  readonly randomState: number | null;
  /** Keeps the classes' shares in each fold. */
  readonly stratified: boolean;
}

/** Defaults and rules of {@link CrossValidationConfig}. */
export const CrossValidationConfig: Definition<CrossValidationConfig> = {
  name: 'CrossValidationConfig',
  fields: {
    nFolds: { kind: 'int', default: 5, min: 2 },
    shuffle: { kind: 'bool', default: true },
    randomState: { kind: 'int', default: null, nullable: true, min: 0, max: 0xffffffff },
    stratified: { kind: 'bool', default: false },
  },
};

/** Scores of a fold. */
export interface FoldResult {
  /** From 0. */
  readonly fold: number;
  readonly trainScore: number;
  readonly valScore: number;
  readonly trainIndices?: readonly number[];
  readonly valIndices?: readonly number[];
}

/** Places of the samples to train on and to validate with, both ascending. */
export interface Fold {
  readonly train: number[];
  readonly val: number[];
}

/**
 * Cuts samples into folds and keeps their scores. The same seed gives the folds of scikit-learn.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `evaluation::cross_validation::CrossValidator`. Python: `sklearn.model_selection.KFold`, `StratifiedKFold`; exact.
 * @example new CrossValidator({ nFolds: 2, shuffle: false }).split(4)[0] // => { train: [2, 3], val: [0, 1] }
 */
export class CrossValidator {
  readonly config: CrossValidationConfig;
  #results: FoldResult[] = [];

  constructor(options: Partial<CrossValidationConfig> = {}) {
    this.config = createFrom(CrossValidationConfig, options);
  }

  get nFolds(): number {
    return this.config.nFolds;
  }

  /**
   * The folds of some samples.
   *
   * @param options labels, one for each sample, where folds are stratified
   * @throws {ValidationError} for fewer samples than folds, missing labels, or no class with a member for each fold
   */
  split(nSamples: number, { labels = null }: { readonly labels?: Labels | null } = {}): Fold[] {
    const { nFolds, shuffle, randomState, stratified } = this.config;
    inRange(integer(nSamples, 'nSamples'), 'nSamples', { min: nFolds });
    const options = { nSplits: nFolds, shuffle, randomState };
    const splits = stratified ? stratifiedKFold(this.#labels(labels, nSamples), options) : kFold(nSamples, options);
    return splits.map(({ train, test }) => ({ train: [...train], val: [...test] }));
  }

  #labels(labels: Labels | null, nSamples: number): Labels {
    if (labels === null) throw new ValidationError('labels must be given where folds are stratified, got null', { parameter: 'labels' });
    sameLength({ labels, samples: { length: nSamples } });
    return labels;
  }

  /** Keeps the scores of a fold. */
  recordFold(result: FoldResult): void {
    nonNegative(result.fold, 'fold');
    this.#results.push(result);
  }

  get results(): readonly FoldResult[] {
    return this.#results;
  }

  /** NaN before the first fold. */
  get meanValScore(): number {
    return mean(this.#results.map(({ valScore }) => valScore));
  }

  /** NaN before the first fold. */
  get meanTrainScore(): number {
    return mean(this.#results.map(({ trainScore }) => trainScore));
  }

  /** Of the sample; 0 below two folds. */
  get stdValScore(): number {
    const n = this.#results.length;
    const centre = this.meanValScore;
    return n < 2 ? 0 : Math.sqrt(sum(this.#results.map(({ valScore }) => (valScore - centre) ** 2)) / (n - 1));
  }

  /** Forgets all scores. */
  reset(): void {
    this.#results = [];
  }
}

/** What a fitted model says of samples. */
export type Predict<X, Y> = (x: readonly X[]) => readonly Y[] | Promise<readonly Y[]>;

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions<Y> {
  /** The splits; a number of {@link stratifiedKFold} for labels of text or truth values, {@link kFold} for numbers. 5 by default. */
  readonly cv?: readonly Split[] | number;
  /** Scores by name. */
  readonly scoring: Readonly<Record<string, (yTrue: readonly Y[], yPred: readonly Y[]) => number>>;
  /** Whether the samples trained on are scored too. */
  readonly returnTrainScore?: boolean;
}

/** Scores of each split, by name. */
export interface CrossValidateResult {
  readonly test: Readonly<Record<string, number[]>>;
  readonly train?: Readonly<Record<string, number[]>>;
}

/**
 * Fits and scores a model on each split, one after the other.
 *
 * @param train trains on samples and their targets and gives what predicts others
 * @param x a sample for each target of y
 * @throws {ValidationError} for unequal lengths, no sample, or as the splitters do
 * @remarks Python: `sklearn.model_selection.cross_validate(estimator, X, y, cv=, scoring=, return_train_score=)`.
 * @example (await crossValidate((_, y) => x => x.map(() => y[0] ?? 0), [1, 2], [3, 3], { cv: 2, scoring: { hits: (a, b) => Number(a[0] === b[0]) } })).test.hits // => [1, 1]
 */
export async function crossValidate<X, Y extends Label>(
  train: (x: readonly X[], y: readonly Y[]) => Predict<X, Y> | Promise<Predict<X, Y>>,
  x: ArrayLike<X>,
  y: ArrayLike<Y>,
  { cv = 5, scoring, returnTrainScore = false }: CrossValidateOptions<Y>,
): Promise<CrossValidateResult> {
  nonEmpty(y as object, 'y');
  const n = sameLength({ x, y });
  const splits = typeof cv !== 'number' ? cv : typeof y[0] === 'number' ? kFold(n, { nSplits: cv }) : stratifiedKFold(y, { nSplits: cv });
  const scores = (): Record<string, number[]> => Object.fromEntries(Object.keys(scoring).map(name => [name, []]));
  const [onTest, onTrain] = [scores(), scores()];
  for (const split of splits) {
    const predict = await train(take(x, split.train), take(y, split.train));
    for (const [into, places] of [[onTest, split.test] as const, ...(returnTrainScore ? [[onTrain, split.train] as const] : [])]) {
      const [truth, predicted] = [take(y, places), await predict(take(x, places))];
      for (const [name, score] of Object.entries(scoring)) into[name]!.push(score(truth, predicted));
    }
  }
  return returnTrainScore ? { test: onTest, train: onTrain } : { test: onTest };
}

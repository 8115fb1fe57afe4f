/** Cross-validation: folds as scikit-learn cuts them, and the scores of each. */
import { createFrom, type Definition, inRange, integer, nonNegative, sameLength, ValidationError } from '@gtc/errors';
import { NumpyRandomState } from '@gtc/tensor/random';
import { mean, sum } from '@gtc/tensor/statistics';

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

/** Fold of each sample: folds of neighbours, the first ones a sample longer, of samples shuffled or not. */
function plainFolds(nSamples: number, nFolds: number, random: NumpyRandomState | null): number[] {
  const order = Array.from({ length: nSamples }, (_, i) => i);
  random?.shuffle(order);
  const folds: number[] = new Array(nSamples);
  const longer = nSamples % nFolds;
  const size = Math.floor(nSamples / nFolds);
  order.forEach((sample, place) => {
    const beyond = place - longer * (size + 1);
    folds[sample] = beyond < 0 ? Math.floor(place / (size + 1)) : longer + Math.floor(beyond / size);
  });
  return folds;
}

/** Fold of each sample: every fold holds of each class what every n-th of the sorted samples does. */
function stratifiedFolds(labels: readonly unknown[], nFolds: number, random: NumpyRandomState | null): number[] {
  const names = [...new Set(labels)];
  const codes = labels.map(label => names.indexOf(label));
  const sorted = [...codes].sort((a, b) => a - b);
  const folds: number[] = new Array(labels.length);
  for (const code of names.keys()) {
    const counts = Array.from({ length: nFolds }, (_, fold) => sorted.filter((value, i) => i % nFolds === fold && value === code).length);
    const queue = counts.flatMap((count, fold) => new Array<number>(count).fill(fold));
    random?.shuffle(queue);
    let next = 0;
    for (const [sample, value] of codes.entries()) if (value === code) folds[sample] = queue[next++]!;
  }
  return folds;
}

/** @throws {ValidationError} where no class has a member for each fold */
function assertClasses(labels: readonly unknown[], nFolds: number): void {
  const counts = new Map<unknown, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const most = Math.max(...counts.values());
  if (most < nFolds)
    throw new ValidationError(`nFolds must be at most the ${most} members of the largest class, got ${nFolds}`, { parameter: 'nFolds', received: nFolds });
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
  split(nSamples: number, { labels = null }: { readonly labels?: readonly unknown[] | null } = {}): Fold[] {
    const { nFolds, shuffle, randomState, stratified } = this.config;
    inRange(integer(nSamples, 'nSamples'), 'nSamples', { min: nFolds });
    const random = shuffle ? new NumpyRandomState(randomState) : null;
    const folds = stratified ? stratifiedFolds(this.#labels(labels, nSamples), nFolds, random) : plainFolds(nSamples, nFolds, random);
    const placesWhere = (fits: (fold: number) => boolean): number[] => folds.flatMap((fold, sample) => (fits(fold) ? [sample] : []));
    return Array.from({ length: nFolds }, (_, fold) => ({ train: placesWhere(value => value !== fold), val: placesWhere(value => value === fold) }));
  }

  #labels(labels: readonly unknown[] | null, nSamples: number): readonly unknown[] {
    if (labels === null) throw new ValidationError('labels must be given where folds are stratified, got null', { parameter: 'labels' });
    sameLength({ labels, samples: { length: nSamples } });
    assertClasses(labels, this.config.nFolds);
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

/**
 * Fits and scores a model on each fold, one after the other.
 *
 * @param fitAndScore trains on the first places and scores on both
 * @throws {ValidationError} as {@link CrossValidator} and its `split` do
 * @remarks Python: `sklearn.model_selection.cross_validate(estimator, X, y, cv=)`.
 * @example (await crossValidate(10, ({ val }) => ({ trainScore: 1, valScore: val.length }))).meanValScore // => 2
 */
export async function crossValidate(
  nSamples: number,
  fitAndScore: (fold: Fold, index: number) => Promise<Omit<FoldResult, 'fold'>> | Omit<FoldResult, 'fold'>,
  { config = {}, labels = null }: { readonly config?: Partial<CrossValidationConfig>; readonly labels?: readonly unknown[] | null } = {},
): Promise<CrossValidator> {
  const validator = new CrossValidator(config);
  for (const [index, fold] of validator.split(nSamples, { labels }).entries()) {
    const scores = await fitAndScore(fold, index);
    validator.recordFold({ trainIndices: fold.train, valIndices: fold.val, ...scores, fold: index });
  }
  return validator;
}

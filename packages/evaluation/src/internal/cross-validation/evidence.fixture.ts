/** What GTC answers to each call of `evidence/cross_validation.json`. */
import { NumpyRandom, NumpyRandomState, PythonRandom } from '@gtc/tensor/random';
import { mean } from '@gtc/tensor/statistics';
import type { Answer } from '@gtc/testing';
import * as cv from '../../cross-validation.js';
import { accuracyScore, f1Score } from '../../metrics.js';
import { range } from './split.js';

const many = <V>(count: number, draw: () => V): V[] => range(count).map(draw);
const plain = (splits: readonly cv.Split[]): unknown => splits.map(({ train, test }) => ({ train: [...train], test: [...test] }));

/** The class whose mean lies nearest. */
function nearestCentroid(x: readonly number[][], y: readonly number[]): cv.Predict<number[], number> {
  const classes = [...new Set(y)].sort((a, b) => a - b);
  const centres = classes.map(label => x[0]!.map((_, j) => mean(x.filter((_row, i) => y[i] === label).map(row => row[j]!))));
  const distance = (row: number[], k: number): number => row.reduce((total, value, j) => total + (value - centres[k]![j]!) ** 2, 0);
  return rows => rows.map(row => classes[range(classes.length).reduce((best, k) => (distance(row, k) < distance(row, best) ? k : best), 0)]!);
}

async function nearestCentroidScores({ x, y, nSplits }: { x: number[][]; y: number[]; nSplits: number }): Promise<unknown> {
  const { test, train } = await cv.crossValidate(nearestCentroid, x, y, {
    cv: cv.stratifiedKFold(y, { nSplits }),
    scoring: { accuracy: (a, b) => accuracyScore(a, b), f1_macro: (a, b) => f1Score(a, b, { average: 'macro' }) as number },
    returnTrainScore: true,
  });
  const centre = mean(test['accuracy']!);
  return {
    test_accuracy: test['accuracy'],
    test_f1_macro: test['f1_macro'],
    train_accuracy: train!['accuracy'],
    train_f1_macro: train!['f1_macro'],
    meanTestAccuracy: centre,
    stdTestAccuracyPopulation: Math.sqrt(mean(test['accuracy']!.map(score => (score - centre) ** 2))),
  };
}

type Seeded = { seed: number };
type Folds = cv.FoldOptions & cv.ShuffleSplitOptions & { nSamples: number; y: number[]; groups: number[] };

/** By the `call` of the case. */
export const crossValidationAnswers: Readonly<Record<string, Answer>> = {
  RandomState: (({ seed }: Seeded) => {
    const fresh = (): NumpyRandomState => new NumpyRandomState(seed);
    const drawn = <V>(count: number, draw: (random: NumpyRandomState) => V): V[] => {
      const random = fresh();
      return many(count, () => draw(random));
    };
    return {
      uint32: drawn(12, random => random.randint(0, 2 ** 32)),
      randomSample: drawn(6, random => random.random()),
      permutation17: fresh().permutation(17),
      shuffle10: fresh().shuffle(range(10)),
      randint0_10: drawn(12, random => random.randint(0, 10)),
      choice20_5_noReplace: fresh().choice(20, 5, { replace: false }),
      choice_p: fresh().choice(4, 8, { p: [0.1, 0.2, 0.3, 0.4] }),
      standardNormal: drawn(7, random => random.standardNormal()),
    };
  }) as never,
  Generator: (({ seed }: Seeded) => {
    const fresh = (): NumpyRandom => new NumpyRandom(seed);
    const drawn = <V>(count: number, draw: (random: NumpyRandom) => V): V[] => {
      const random = fresh();
      return many(count, () => draw(random));
    };
    return {
      integers0_10: drawn(12, random => random.integers(0, 10)),
      random: drawn(6, random => random.random()),
      permutation17: fresh().permutation(17),
      choice20_5: fresh().choice(20, 5, { replace: false }),
      integersBig: drawn(4, random => random.integers(0, 2 ** 40)),
      standardNormal: drawn(6, random => random.standardNormal()),
    };
  }) as never,
  PythonRandom: (({ seed }: Seeded) => {
    const fresh = (): PythonRandom => new PythonRandom(seed);
    const drawn = <V>(count: number, draw: (random: PythonRandom) => V): V[] => {
      const random = fresh();
      return many(count, () => draw(random));
    };
    const shuffled = range(12);
    fresh().shuffle(shuffled);
    return {
      random: drawn(5, random => random.random()),
      randint0_9: drawn(12, random => random.randint(0, 9)),
      shuffle12: shuffled,
      sample30_6: fresh().sample(range(30), 6),
      gauss: drawn(3, random => random.gauss(0, 1)),
      choices: fresh().choices(['a', 'b', 'c'], { weights: [1, 2, 3], k: 8 }),
    };
  }) as never,
  kFold: (({ nSamples, ...options }: Folds) => plain(cv.kFold(nSamples, options))) as never,
  stratifiedKFold: (({ y, ...options }: Folds) => plain(cv.stratifiedKFold(y, options))) as never,
  groupKFold: (({ groups, ...options }: Folds) => plain(cv.groupKFold(groups, options))) as never,
  stratifiedGroupKFold: (({ y, groups, ...options }: Folds) => plain(cv.stratifiedGroupKFold(y, groups, options))) as never,
  repeatedKFold: (({ nSamples, ...options }: Folds) => plain(cv.repeatedKFold(nSamples, options))) as never,
  repeatedStratifiedKFold: (({ y, ...options }: Folds) => plain(cv.repeatedStratifiedKFold(y, options))) as never,
  leaveOneOut: (({ nSamples }: Folds) => plain(cv.leaveOneOut(nSamples))) as never,
  leavePOut: (({ nSamples, p }: Folds & { p: number }) => plain(cv.leavePOut(nSamples, p))) as never,
  leaveOneGroupOut: (({ groups }: Folds) => plain(cv.leaveOneGroupOut(groups))) as never,
  timeSeriesSplit: (({ nSamples, ...options }: Folds) => plain(cv.timeSeriesSplit(nSamples, options))) as never,
  predefinedSplit: (({ testFold }: { testFold: number[] }) => plain(cv.predefinedSplit(testFold))) as never,
  shuffleSplit: (({ nSamples, ...options }: Folds) => plain(cv.shuffleSplit(nSamples, options))) as never,
  stratifiedShuffleSplit: (({ y, ...options }: Folds) => plain(cv.stratifiedShuffleSplit(y, options))) as never,
  groupShuffleSplit: (({ groups, ...options }: Folds) => plain(cv.groupShuffleSplit(groups, options))) as never,
  trainTestSplit: (({ nSamples, ...options }: Folds) => {
    const { train, test } = cv.trainTestSplit(nSamples, options);
    return { train: [...train], test: [...test] };
  }) as never,
  resample: (({ nSamples, ...options }: Folds) => [...cv.resample(nSamples, options)]) as never,
  shuffle: (({ nSamples, ...options }: Folds) => [...cv.shuffle(nSamples, options)]) as never,
  crossValidate: nearestCentroidScores as never,
};

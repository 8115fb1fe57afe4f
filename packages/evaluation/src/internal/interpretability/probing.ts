/** Linear probes: what can be read off hidden states. */
import { finite, inRange, integer, nonEmpty, nonNegative, ShapeError, sameLength } from '@gtc/errors';
import { softmax, sum } from '@gtc/tensor/statistics';
import { minimize } from '../calibration/minimize.js';
import { stratifiedKFold } from '../cross-validation/folds.js';
import { type Label, type Labels, uniqueLabels } from '../metrics/labels.js';

/** States, a row for each sample. */
type Rows = readonly (readonly number[])[];

/** Options of {@link linearProbe}. */
export interface ProbeOptions {
  /** Weight of the squared coefficients; 1 by default, as `C = 1` of scikit-learn. */
  readonly l2?: number;
  /** Folds on which accuracy is measured; 5 by default. */
  readonly folds?: number;
  /** Seed of the folds; 0 by default. */
  readonly randomState?: number | null;
}

/** What {@link linearProbe} finds. */
export interface LinearProbe {
  /** Mean accuracy on samples that the probe did not see. */
  readonly accuracy: number;
  /** Accuracy of always naming the most frequent class: what a probe must beat. */
  readonly majority: number;
  /** Of each fold. */
  readonly foldAccuracies: readonly number[];
  readonly classes: readonly Label[];
  /** Of the probe of all samples: a row for each class. */
  readonly weights: number[][];
  readonly biases: number[];
  readonly predict: (features: Rows) => Label[];
}

/** Coefficients of multinomial logistic regression: a row for each class, the bias last. */
function fitProbe(features: Rows, codes: readonly number[], classes: number, l2: number): number[][] {
  const width = features[0]!.length + 1;
  const scores = (w: readonly number[], row: readonly number[]): number[] =>
    Array.from({ length: classes }, (_, k) => row.reduce((total, value, j) => total + value * w[k * width + j]!, w[k * width + width - 1]!));
  const flat = minimize(
    w => {
      const gradient = new Array<number>(classes * width).fill(0);
      let value = 0;
      features.forEach((row, i) => {
        const z = scores(w, row);
        const p = softmax(z);
        const most = Math.max(...z);
        value += Math.log(sum(z.map(score => Math.exp(score - most)))) + most - z[codes[i]!]!;
        for (let k = 0; k < classes; k++) {
          const pull = p[k]! - Number(codes[i] === k);
          row.forEach((x, j) => {
            gradient[k * width + j]! += pull * x;
          });
          gradient[k * width + width - 1]! += pull;
        }
      });
      for (let k = 0; k < classes; k++) {
        for (let j = 0; j < width - 1; j++) {
          value += (l2 / 2) * w[k * width + j]! ** 2;
          gradient[k * width + j]! += l2 * w[k * width + j]!;
        }
      }
      return { value, gradient };
    },
    new Array<number>(classes * width).fill(0),
  );
  return Array.from({ length: classes }, (_, k) => flat.slice(k * width, (k + 1) * width));
}

const best = (coefficients: Rows, row: readonly number[]): number => {
  const scores = coefficients.map(w => row.reduce((total, value, j) => total + value * w[j]!, w.at(-1)!));
  return scores.indexOf(Math.max(...scores));
};

/**
 * How well a linear model reads a label off hidden states (Alain and Bengio 2017), measured by cross-validation.
 *
 * @param features a row for each sample, such as the states of a token after a block
 * @throws {ValidationError} for no samples, values that are not finite, fewer than two classes, or more folds than members of the largest class
 * @throws {ShapeError} for rows of unequal length, or other than as many labels
 * @remarks Python: `sklearn.linear_model.LogisticRegression(C=1 / l2)` with `cross_val_score(cv=StratifiedKFold(shuffle=True, random_state=))`.
 * @example linearProbe([[0], [0], [9], [9]], ['a', 'a', 'b', 'b'], { folds: 2 }).accuracy // => 1
 */
export function linearProbe(features: Rows, labels: Labels, { l2 = 1, folds = 5, randomState = 0 }: ProbeOptions = {}): LinearProbe {
  nonEmpty(features, 'features');
  sameLength({ features, labels });
  nonNegative(l2, 'l2');
  features.forEach((row, i) => {
    if (row.length !== features[0]!.length || row.length === 0)
      throw new ShapeError(`features must have rows of one length, got ${row.length} in row ${i}`, { parameter: 'features', received: row.length });
    for (const value of row) finite(value, `features[${i}]`);
  });
  const classes = uniqueLabels(labels);
  inRange(integer(classes.length, 'the number of classes'), 'the number of classes', { min: 2 });
  const codes = Array.from(labels, label => classes.indexOf(label));
  const foldAccuracies = stratifiedKFold(codes, { nSplits: folds, shuffle: true, randomState }).map(({ train, test }) => {
    const coefficients = fitProbe(
      Array.from(train, i => features[i]!),
      Array.from(train, i => codes[i]!),
      classes.length,
      l2,
    );
    return Array.from(test).filter(i => best(coefficients, features[i]!) === codes[i]).length / test.length;
  });
  const all = fitProbe(features, codes, classes.length, l2);
  return {
    accuracy: sum(foldAccuracies) / foldAccuracies.length,
    majority: Math.max(...classes.map((_, k) => codes.filter(code => code === k).length)) / codes.length,
    foldAccuracies,
    classes,
    weights: all.map(row => row.slice(0, -1)),
    biases: all.map(row => row.at(-1)!),
    predict: rows => rows.map(row => classes[best(all, row)]!),
  };
}

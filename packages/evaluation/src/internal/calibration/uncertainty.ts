/** How sure a model may be: prediction sets that hold the truth as often as promised, and what members of an ensemble disagree on. */
import { inRange, nonEmpty, oneOf, ShapeError } from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';
import { entropy } from '../logistic.js';
import { argsortDescending } from '../metrics/argsort.js';
import { checkRows, type Rows } from './errors.js';

/** How ill a class suits a sample: one less its probability, or the probability of all classes at least as likely. */
export type ConformalScore = 'lac' | 'aps';

/** Options of {@link conformalSets}. */
export interface ConformalOptions {
  /** How often the truth may be missed; 0.1 by default. */
  readonly alpha?: number;
  readonly score?: ConformalScore;
}

/** Scores of all classes of a sample. */
function scoresOf(row: readonly number[], score: ConformalScore): number[] {
  if (score === 'lac') return row.map(p => 1 - p);
  const scores: number[] = new Array(row.length);
  let total = 0;
  for (const k of argsortDescending(row)) {
    total += row[k]!;
    scores[k] = total;
  }
  return scores;
}

/** What {@link conformalThreshold} finds. */
export interface ConformalThreshold {
  /** Score of the true class of each calibration sample. */
  readonly scores: number[];
  /** Classes up to this score belong to a set; infinite where there are too few samples for the promise. */
  readonly qhat: number;
}

/**
 * The score below which true classes lie often enough: the `⌈(n + 1)(1 - alpha)⌉`-th smallest.
 *
 * @param calProbs a row for each sample that the model was not trained on
 * @param calLabels their true classes
 * @throws {ValidationError | ShapeError} for no rows, unequal lengths, labels without a column, or alpha outside (0, 1)
 * @remarks Python: `mapie` and Angelopoulos and Bates (2021): `numpy.quantile(scores, ceil((n + 1) * (1 - alpha)) / n, method='higher')`.
 * @example conformalThreshold([[0.9, 0.1], [0.2, 0.8]], [0, 1], { alpha: 0.5 }).qhat // => 0.2
 */
export function conformalThreshold(calProbs: Rows, calLabels: readonly number[], { alpha = 0.1, score = 'lac' }: ConformalOptions = {}): ConformalThreshold {
  checkRows(calProbs, calLabels, 'calProbs');
  inRange(alpha, 'alpha', { above: 0, below: 1 });
  oneOf(score, 'score', ['lac', 'aps'] as const);
  const n = calProbs.length;
  const scores = calProbs.map((row, i) => scoresOf(row, score)[calLabels[i]!]!);
  const rank = Math.ceil((n + 1) * (1 - alpha));
  if (rank > n) return { scores, qhat: Number.POSITIVE_INFINITY };
  const sorted = [...scores].sort((a, b) => a - b);
  // numpy's place of the quantile, rounded up.
  return { scores, qhat: sorted[Math.min(n - 1, Math.ceil((rank / n) * (n - 1)))]! };
}

/**
 * Split conformal prediction: for each sample the classes among which the true one is, with probability 1 - alpha.
 *
 * @param testProbs a row for each sample to answer for
 * @throws {ValidationError | ShapeError} as {@link conformalThreshold}
 * @remarks Python: `mapie.classification.SplitConformalClassifier`; LAC of Sadinle et al. (2019), APS of Romano et al. (2020) without randomisation.
 * @example conformalSets([[0.9, 0.1], [0.2, 0.8]], [0, 1], [[0.85, 0.15]], { alpha: 0.5 }).sets // => [[0]]
 */
export function conformalSets(
  calProbs: Rows,
  calLabels: readonly number[],
  testProbs: Rows,
  { alpha = 0.1, score = 'lac' }: ConformalOptions = {},
): ConformalThreshold & { readonly sets: number[][] } {
  const threshold = conformalThreshold(calProbs, calLabels, { alpha, score });
  const sets = testProbs.map((row, i) => {
    if (row.length !== calProbs[0]!.length)
      throw new ShapeError(`testProbs must have ${calProbs[0]!.length} columns, got ${row.length} in row ${i}`, {
        parameter: 'testProbs',
        received: row.length,
      });
    return scoresOf(row, score).flatMap((value, k) => (value <= threshold.qhat ? [k] : []));
  });
  return { ...threshold, sets };
}

/** What {@link ensembleUncertainty} says of each sample. */
export interface EnsembleUncertainty {
  /** Entropy of the mean prediction, in nats: all uncertainty. */
  readonly predictiveEntropy: number[];
  /** Mean entropy of the members: what lies in the data. */
  readonly expectedEntropy: number[];
  /** Their difference: what more data would take away. */
  readonly mutualInformation: number[];
  /** Of each class, over the members. */
  readonly variance: number[][];
  /** Of the mean prediction. */
  readonly maxProb: number[];
}

/**
 * Uncertainty of an ensemble, parted in that of the data and that of the model (Depeweg et al. 2018).
 *
 * @param memberProbs by member, sample and class
 * @throws {ValidationError} for no member, or probabilities outside [0, 1]
 * @throws {ShapeError} for members or samples of unequal length
 * @remarks Python: `scipy.stats.entropy` of means and means of entropies.
 * @example ensembleUncertainty([[[1, 0]], [[0, 1]]]).mutualInformation // => [Math.LN2]
 */
export function ensembleUncertainty(memberProbs: readonly Rows[]): EnsembleUncertainty {
  nonEmpty(memberProbs, 'memberProbs');
  const [first] = memberProbs as readonly [Rows];
  memberProbs.forEach((rows, m) => {
    rows.forEach((row, i) => {
      for (const value of row) inRange(value, `memberProbs[${m}][${i}]`, { min: 0, max: 1 });
    });
    const odd = rows.length !== first.length || rows.some(row => row.length !== first[0]!.length);
    if (odd) throw new ShapeError(`memberProbs must hold members of one shape, got another in member ${m}`, { parameter: 'memberProbs', received: m });
  });
  const over = (i: number, k: number): number[] => memberProbs.map(rows => rows[i]![k]!);
  const means = first.map((row, i) => row.map((_, k) => mean(over(i, k))));
  const predictiveEntropy = means.map(entropy);
  const expectedEntropy = first.map((_, i) => mean(memberProbs.map(rows => entropy(rows[i]!))));
  return {
    predictiveEntropy,
    expectedEntropy,
    mutualInformation: predictiveEntropy.map((value, i) => value - expectedEntropy[i]!),
    variance: first.map((row, i) => row.map((_, k) => mean(over(i, k).map(value => (value - means[i]![k]!) ** 2)))),
    maxProb: means.map(row => Math.max(...row)),
  };
}

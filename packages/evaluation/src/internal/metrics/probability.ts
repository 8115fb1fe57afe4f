/** Losses of predicted probabilities and decision values. */
import { inRange, nonEmpty, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { weightedMean } from './averages.js';
import type { WeightOptions } from './confusion.js';
import { binaryTargets, checkScores } from './curves.js';
import { checkWeights, type Label, type Labels, uniqueLabels } from './labels.js';
import { oneHot, type ScoreMatrix } from './ranking-scores.js';

/** Options of losses of probabilities. */
export interface ProbabilityOptions extends WeightOptions {
  /** The columns' classes in ascending order, when not all occur. */
  readonly labels?: readonly Label[] | null;
  /** The class that a vector of probabilities speaks of. */
  readonly posLabel?: Label;
}

interface Prediction {
  /** 0/1 rows. */
  readonly targets: readonly number[][];
  readonly probabilities: readonly number[][];
  readonly weights: ArrayLike<number> | null;
}

/** A vector of probabilities becomes two columns. */
function rowsOf(yProb: ArrayLike<number> | ScoreMatrix): number[][] {
  return Array.from(yProb as ArrayLike<number | ArrayLike<number>>, row => {
    const values = typeof row === 'number' ? [row] : Array.from(row);
    return values.length === 1 ? [1 - values[0]!, values[0]!] : values;
  });
}

function checkPrediction(yTrue: Labels, yProb: ArrayLike<number> | ScoreMatrix, { labels, sampleWeight }: ProbabilityOptions): Prediction {
  nonEmpty(yTrue as object, 'yTrue');
  const n = sameLength({ yTrue, yProb });
  for (const row of Array.from(yProb as ArrayLike<number | ArrayLike<number>>)) {
    const values = typeof row === 'number' ? [row] : row;
    checkScores(values, 'yProb');
    for (let j = 0; j < values.length; j++) inRange(values[j]!, 'yProb', { min: 0, max: 1 });
  }
  const probabilities = rowsOf(yProb);
  const classes = labels ?? uniqueLabels(yTrue);
  if (classes.length < 2) throw new ValidationError('yTrue has one class only: give all classes as labels', { parameter: 'labels', received: labels });
  const unknown = uniqueLabels(yTrue).find(label => !classes.includes(label));
  if (unknown !== undefined)
    throw new ValidationError(`labels must contain every label of yTrue, '${unknown}' is missing`, { parameter: 'labels', received: labels });
  const wrong = probabilities.findIndex(row => row.length !== classes.length);
  if (wrong >= 0)
    throw new ShapeError(`yProb must have ${classes.length} columns, one for each class, got ${probabilities[wrong]!.length} in row ${wrong}`, {
      parameter: 'yProb',
      received: probabilities[wrong]!.length,
    });
  return { targets: oneHot(yTrue, classes), probabilities, weights: checkWeights(sampleWeight, n) };
}

/** `-log p` of the true class, with p kept one machine epsilon away from 0 and 1. */
function surprisal(target: readonly number[], probabilities: readonly number[]): number {
  const p = probabilities[target.indexOf(1)]!;
  return -Math.log(Math.min(Math.max(p, Number.EPSILON), 1 - Number.EPSILON));
}

/**
 * Cross-entropy of the true classes under the predicted probabilities, in nats.
 *
 * @param yProb probability of the greater of two classes, or one row of probabilities for each sample
 * @throws {ValidationError} for probabilities outside [0, 1] and for a single class without `labels`
 * @remarks Python: `sklearn.metrics.log_loss(y_true, y_proba, labels=, sample_weight=)`; within 1e-12.
 * @example logLoss([0, 1], [0.5, 0.5]) // => Math.log(2)
 */
export function logLoss(yTrue: Labels, yProb: ArrayLike<number> | ScoreMatrix, options: ProbabilityOptions = {}): number {
  const { targets, probabilities, weights } = checkPrediction(yTrue, yProb, options);
  return weightedMean(
    targets.map((target, i) => surprisal(target, probabilities[i]!)),
    weights,
  );
}

/**
 * Share of the cross-entropy of always predicting the class frequencies that the predictions remove; NaN for one sample.
 *
 * @remarks Python: `sklearn.metrics.d2_log_loss_score`; within 1e-12.
 * @example d2LogLossScore([0, 1], [0.5, 0.5]) // => 0
 */
export function d2LogLossScore(yTrue: Labels, yProb: ArrayLike<number> | ScoreMatrix, options: ProbabilityOptions = {}): number {
  const { targets, probabilities, weights } = checkPrediction(yTrue, yProb, options);
  if (targets.length < 2) return Number.NaN;
  const base = targets[0]!.map((_, j) =>
    weightedMean(
      targets.map(target => target[j]!),
      weights,
    ),
  );
  const mean = (rows: (i: number) => readonly number[]): number =>
    weightedMean(
      targets.map((target, i) => surprisal(target, rows(i))),
      weights,
    );
  return 1 - mean(i => probabilities[i]!) / mean(() => base);
}

/**
 * Brier score: mean squared distance between probabilities and outcome; halved for two classes, so that it lies in [0, 1].
 *
 * @param yProb probability of `posLabel`, or one row of probabilities for each sample
 * @param options `scaleByHalf` halves also for more classes
 * @throws {ValidationError} for probabilities outside [0, 1]
 * @remarks Python: `sklearn.metrics.brier_score_loss(y_true, y_proba, pos_label=, scale_by_half=)`; within 1e-12.
 * @example brierScoreLoss([0, 1, 1], [0.1, 0.9, 0.6]) // => 0.06
 */
export function brierScoreLoss(
  yTrue: Labels,
  yProb: ArrayLike<number> | ScoreMatrix,
  { posLabel, scaleByHalf, ...options }: ProbabilityOptions & { readonly scaleByHalf?: boolean } = {},
): number {
  const binary = typeof yProb[0] === 'number';
  const truth: Labels = binary ? binaryTargets(yTrue, posLabel) : yTrue;
  const { targets, probabilities, weights } = checkPrediction(truth, yProb, binary ? { ...options, labels: [0, 1] } : options);
  const distance = (target: readonly number[], p: readonly number[]): number => target.reduce((sum, t, j) => sum + (t - p[j]!) ** 2, 0);
  const score = weightedMean(
    targets.map((target, i) => distance(target, probabilities[i]!)),
    weights,
  );
  return (scaleByHalf ?? probabilities[0]!.length < 3) ? score / 2 : score;
}

/**
 * Mean hinge loss `max(0, 1 - margin)`, with the margin of the true class over the best other one (Crammer and Singer 2001).
 *
 * @param predDecision decision values: one for each sample of two classes (positive for the greater), else one row
 * @remarks Python: `sklearn.metrics.hinge_loss(y_true, pred_decision, labels=, sample_weight=)`; within 1e-12.
 * @example hingeLoss([-1, 1], [-2, 0.5]) // => 0.25
 */
export function hingeLoss(
  yTrue: Labels,
  predDecision: ArrayLike<number> | ScoreMatrix,
  { labels, sampleWeight }: Omit<ProbabilityOptions, 'posLabel'> = {},
): number {
  nonEmpty(yTrue as object, 'yTrue');
  const n = sameLength({ yTrue, predDecision });
  const classes = labels ?? uniqueLabels(yTrue);
  const losses = Array.from({ length: n }, (_, i) => {
    const row = predDecision[i]!;
    checkScores(typeof row === 'number' ? [row] : row, 'predDecision');
    const c = classes.indexOf(yTrue[i]!);
    if (typeof row === 'number') {
      if (classes.length > 2)
        throw new ShapeError(`predDecision must have ${classes.length} columns for ${classes.length} classes`, { parameter: 'predDecision', received: row });
      return Math.max(0, 1 - (c === classes.length - 1 ? row : -row));
    }
    if (row.length !== classes.length)
      throw new ShapeError(`predDecision must have ${classes.length} columns, got ${row.length} in row ${i}`, {
        parameter: 'predDecision',
        received: row.length,
      });
    const others = Array.from(row).filter((_, j) => j !== c);
    return Math.max(0, 1 - (row[c]! - Math.max(...others)));
  });
  return weightedMean(losses, checkWeights(sampleWeight, n));
}

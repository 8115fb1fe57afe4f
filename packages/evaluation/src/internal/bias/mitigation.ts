/** What makes groups fare alike: weights of training samples, and thresholds for each group. */
import { finite, oneOf, positive, sameLength, ValidationError } from '@gtc/errors';
import { NumpyRandom } from '@gtc/tensor/random';
import { sum } from '@gtc/tensor/statistics';
import { checkLabels, type Groups, groupNames, membersOf } from './groups.js';

/**
 * Weights of training samples under which labels do not depend on groups (Kamiran and Calders 2012).
 *
 * @throws {ValidationError} for no samples or labels other than 0 and 1
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `aif360.sklearn.preprocessing.Reweighing`.
 * @example reweighing([1, 0, 1, 1], ['a', 'a', 'b', 'b']) // => new Float64Array([1.5, 0.5, 0.75, 0.75])
 */
export function reweighing(labels: readonly number[], groups: Groups): Float64Array {
  const names = groupNames(groups);
  checkLabels(labels, names, 'labels');
  const count = (holds: (i: number) => boolean): number => names.filter((_, i) => holds(i)).length;
  const n = names.length;
  return Float64Array.from(names, (name, i) => {
    const [inGroup, withLabel] = [count(j => names[j] === name), count(j => labels[j] === labels[i])];
    return (inGroup * withLabel) / (n * count(j => names[j] === name && labels[j] === labels[i]));
  });
}

/** Which rate is to be the same in all groups; equalised odds: both the true and the false positive rate. */
export type ThresholdConstraint = 'demographicParity' | 'truePositiveRate' | 'falsePositiveRate' | 'equalizedOdds';

/** A random mix of two thresholds. */
export interface GroupThreshold {
  /** Scores above `low` are chosen with probability `1 - share`, above `high` with `share`. */
  readonly low: number;
  readonly high: number;
  readonly share: number;
  /** Probability of answering `constant` whatever the score. */
  readonly ignored: number;
  readonly constant: number;
}

/** What {@link thresholdOptimizer} finds. */
export interface GroupThresholds {
  readonly thresholds: Readonly<Record<string, GroupThreshold>>;
  /** Expected accuracy on the samples given. */
  readonly accuracy: number;
  /** The rate that all groups have. */
  readonly rate: number;
  /** Probability of answer 1 for each sample. @throws {ValidationError} for a group that was not seen */
  readonly probabilities: (scores: readonly number[], groups: Groups) => number[];
  /** Random answers with these probabilities. */
  readonly predict: (scores: readonly number[], groups: Groups, options?: { readonly seed?: number | null }) => number[];
}

/** A point of a group's trade-off: the rate to be equal, what is to be gained, and the threshold that has both. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly threshold: number;
}

/** The corners above which no other point lies, from left to right. */
function upperHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const hull: Point[] = [];
  for (const point of sorted) {
    while (hull.length > 0 && hull.at(-1)!.x === point.x) hull.pop();
    while (hull.length > 1) {
      const [a, b] = [hull.at(-2)!, hull.at(-1)!];
      if ((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) < 0) break;
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}

/** Height of a hull at x, and the mix of corners that has it. */
function onHull(hull: readonly Point[], x: number): { y: number; low: number; high: number; share: number } {
  const right = hull.findIndex(point => point.x >= x);
  const at = right < 0 ? hull.length - 1 : right;
  const [a, b] = [hull[Math.max(0, at - 1)]!, hull[at]!];
  const share = b.x === a.x ? 1 : Math.min(1, (x - a.x) / (b.x - a.x));
  return { y: a.y + share * (b.y - a.y), low: a.threshold, high: b.threshold, share };
}

/** Scores and labels of a group, and its true and false positive rate at each threshold. */
function curveOf(scores: readonly number[], labels: readonly number[], constraint: ThresholdConstraint): Point[] {
  const positives = sum(labels);
  const n = labels.length;
  const thresholds = [...new Set(scores), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].sort((a, b) => b - a);
  return thresholds.map((_, i) => {
    // Halfway between two scores, so that rounding does not decide.
    const [above, below] = [thresholds[i]!, thresholds[i + 1] ?? Number.NEGATIVE_INFINITY];
    const threshold =
      above === Number.NEGATIVE_INFINITY || below === Number.NEGATIVE_INFINITY ? below : above === Number.POSITIVE_INFINITY ? above : (above + below) / 2;
    const chosen = labels.filter((_label, j) => scores[j]! > threshold);
    const [tp, fp] = [sum(chosen), chosen.length - sum(chosen)];
    const [tpr, fpr] = [tp / positives, fp / (n - positives)];
    const accuracy = (tp + n - positives - fp) / n;
    if (constraint === 'equalizedOdds') return { x: fpr, y: tpr, threshold };
    return { x: constraint === 'demographicParity' ? chosen.length / n : constraint === 'truePositiveRate' ? tpr : fpr, y: accuracy, threshold };
  });
}

/** Options of {@link thresholdOptimizer}. */
export interface ThresholdOptions {
  /** 'demographicParity' by default. */
  readonly constraint?: ThresholdConstraint;
  /** Rates that are tried, evenly from 0 to 1; 1,001 by default. */
  readonly gridSize?: number;
}

/**
 * Thresholds for each group, mixed at random where need be, that are as accurate as can be while all groups have the same rate (Hardt, Price and Srebro 2016).
 *
 * @param scores higher for label 1
 * @throws {ValidationError} for no samples, scores that are not finite, or a group whose labels are all alike
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `fairlearn.postprocessing.ThresholdOptimizer(constraints=, objective='accuracy_score', prefit=True)`.
 * @example thresholdOptimizer([0.1, 0.9, 0.4, 0.6], [0, 1, 0, 1], ['a', 'a', 'b', 'b']).accuracy // => 1
 */
export function thresholdOptimizer(
  scores: readonly number[],
  labels: readonly number[],
  groups: Groups,
  { constraint = 'demographicParity', gridSize = 1001 }: ThresholdOptions = {},
): GroupThresholds {
  const names = groupNames(groups);
  checkLabels(labels, names, 'labels');
  sameLength({ scores, labels });
  for (const [i, score] of scores.entries()) finite(score, `scores[${i}]`);
  positive(gridSize - 1, 'gridSize - 1');
  oneOf(constraint, 'constraint', ['demographicParity', 'truePositiveRate', 'falsePositiveRate', 'equalizedOdds'] as const);
  const parts = membersOf(names).map(([name, members]) => {
    const own = members.map(i => labels[i]!);
    if (new Set(own).size < 2)
      throw new ValidationError(`labels must hold both 0 and 1 in group '${name}', got ${own[0]} alone`, { parameter: 'labels', received: own[0] });
    return {
      name,
      weight: members.length / names.length,
      hull: upperHull(
        curveOf(
          members.map(i => scores[i]!),
          own,
          constraint,
        ),
      ),
    };
  });
  const base = sum(labels) / labels.length;
  const heights = (x: number): number[] => parts.map(({ hull }) => onHull(hull, x).y);
  const valueAt = (x: number): number => {
    const y = heights(x);
    return constraint === 'equalizedOdds' ? base * Math.min(...y) + (1 - base) * (1 - x) : sum(parts.map(({ weight }, i) => weight * y[i]!));
  };
  let [rate, accuracy] = [0, Number.NEGATIVE_INFINITY];
  for (let step = 0; step < gridSize; step++) {
    const value = valueAt(step / (gridSize - 1));
    if (value > accuracy + 1e-12) [rate, accuracy] = [step / (gridSize - 1), value];
  }
  const common = Math.min(...heights(rate));
  const thresholds = Object.fromEntries(
    parts.map(({ name, hull }) => {
      const { y, low, high, share } = onHull(hull, rate);
      // A group that could do better is brought down to the common rates by answering without looking.
      const ignored = constraint === 'equalizedOdds' && y > rate && y > common ? (y - common) / (y - rate) : 0;
      return [name, { low, high, share, ignored, constant: rate } satisfies GroupThreshold];
    }),
  );
  const probabilities = (values: readonly number[], of: Groups): number[] => {
    const known = groupNames(of);
    sameLength({ scores: values, groups: known });
    return values.map((score, i) => {
      const rule = Object.hasOwn(thresholds, known[i]!) ? thresholds[known[i]!] : undefined;
      if (rule === undefined)
        throw new ValidationError(`groups[${i}] must be one of ${Object.keys(thresholds).join(', ')}, got '${known[i]}'`, {
          parameter: 'groups',
          received: known[i],
        });
      const looked = (1 - rule.share) * Number(score > rule.low) + rule.share * Number(score > rule.high);
      return rule.ignored * rule.constant + (1 - rule.ignored) * looked;
    });
  };
  return {
    thresholds,
    accuracy,
    rate,
    probabilities,
    predict: (values, of, { seed = null } = {}) => {
      const random = new NumpyRandom(seed);
      return probabilities(values, of).map(p => Number(random.random() < p));
    },
  };
}

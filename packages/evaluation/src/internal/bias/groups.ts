/** Metrics by group, and how far groups are apart. */
import { finite, inRange, nonEmpty, nonNegative, oneOf, ShapeError, sameLength } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';

/** The group of each sample, or its value of each of several features, whose combinations are groups. */
export type Groups = readonly string[] | readonly (readonly string[])[];

/** Names of what is measured in each group. */
export type GroupMetric = 'accuracy' | 'selectionRate' | 'tpr' | 'fpr' | 'tnr' | 'fnr' | 'precision' | 'count';

/** A figure for each group. */
export type ByGroup = Readonly<Record<string, number>>;
/** A figure for each metric. */
export type ByMetric = Readonly<Record<GroupMetric, number>>;

/** Groups against each other, or each against all samples. */
export type DisparityMethod = 'betweenGroups' | 'toOverall';

/** Differences and ratios of the usual notions of fairness. */
export interface Disparities {
  readonly demographicParityDifference: number;
  readonly demographicParityRatio: number;
  /** The worse of those of the true and the false positive rate. */
  readonly equalizedOddsDifference: number;
  readonly equalizedOddsRatio: number;
  /** The mean of both. */
  readonly equalizedOddsDifferenceMean: number;
  readonly equalOpportunityDifference: number;
  readonly equalOpportunityRatio: number;
  /** Largest difference of precision. */
  readonly predictiveParityDifference: number;
}

/** What {@link fairnessSuite} measures. */
export interface FairnessReport {
  readonly byGroup: Readonly<Record<GroupMetric, ByGroup>>;
  readonly overall: ByMetric;
  readonly groupMin: ByMetric;
  readonly groupMax: ByMetric;
  /** Largest difference. */
  readonly difference: Readonly<Record<DisparityMethod, ByMetric>>;
  /** Smallest ratio, turned so that it is at most 1; NaN for 0 over 0. */
  readonly ratio: Readonly<Record<DisparityMethod, ByMetric>>;
  readonly disparities: Readonly<Record<DisparityMethod, Disparities>>;
}

/** What {@link fairnessSuite} takes. */
export interface FairnessInput {
  /** True labels, 0 or 1. */
  readonly labels: readonly number[];
  /** Predicted labels, 0 or 1. */
  readonly predictions: readonly number[];
  readonly groups: Groups;
  readonly sampleWeight?: readonly number[] | null;
}

/** One name for each sample. */
export function groupNames(groups: Groups): string[] {
  if (typeof groups[0] === 'string') return [...(groups as readonly string[])];
  const columns = groups as readonly (readonly string[])[];
  const n = columns[0]?.length ?? 0;
  const odd = columns.findIndex(column => column.length !== n);
  if (odd >= 0) throw new ShapeError(`groups must have features of one length, got ${columns[odd]!.length} after ${n}`, { parameter: 'groups', received: odd });
  return Array.from({ length: n }, (_, i) => columns.map(column => column[i]).join('|'));
}

/** Labels that are 0 or 1, as many as there are group names. */
export function checkLabels(labels: readonly number[], names: readonly string[], parameter: string): void {
  nonEmpty(labels, parameter);
  sameLength({ [parameter]: labels, groups: names });
  for (const [i, label] of labels.entries()) oneOf(label, `${parameter}[${i}]`, [0, 1]);
}

/** Members of each group, in ascending order of names. */
export function membersOf(names: readonly string[]): [name: string, members: number[]][] {
  const members = new Map<string, number[]>();
  names.forEach((name, i) => {
    members.set(name, [...(members.get(name) ?? []), i]);
  });
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A share, 0 of nothing. */
const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

function measure({ labels, predictions, sampleWeight }: FairnessInput, members: readonly number[]): Record<GroupMetric, number> {
  const weightOf = (holds: (label: number, prediction: number) => boolean): number =>
    sum(members.map(i => (holds(labels[i]!, predictions[i]!) ? (sampleWeight?.[i] ?? 1) : 0)));
  const tp = weightOf((y, p) => y === 1 && p === 1);
  const fp = weightOf((y, p) => y === 0 && p === 1);
  const fn = weightOf((y, p) => y === 1 && p === 0);
  const tn = weightOf((y, p) => y === 0 && p === 0);
  const total = tp + fp + fn + tn;
  return {
    accuracy: share(tp + tn, total),
    selectionRate: share(tp + fp, total),
    tpr: share(tp, tp + fn),
    fpr: share(fp, fp + tn),
    tnr: share(tn, fp + tn),
    fnr: share(fn, tp + fn),
    precision: share(tp, tp + fp),
    count: members.length,
  };
}

/** The largest or smallest number, NaN left out. */
const extreme = (pick: (...values: number[]) => number, values: readonly number[]): number => {
  const defined = values.filter(value => !Number.isNaN(value));
  return defined.length === 0 ? Number.NaN : pick(...defined);
};
const belowOne = (ratio: number): number => (ratio > 1 ? 1 / ratio : ratio);

const DISPARITIES: Readonly<
  Record<DisparityMethod, { difference: (values: number[], overall: number) => number; ratio: (values: number[], overall: number) => number }>
> = {
  betweenGroups: {
    difference: values => Math.max(...values) - Math.min(...values),
    ratio: values => Math.min(...values) / Math.max(...values),
  },
  toOverall: {
    difference: (values, overall) => Math.max(...values.map(value => Math.abs(value - overall))),
    ratio: (values, overall) =>
      extreme(
        Math.min,
        values.map(value => belowOne(value / overall)),
      ),
  },
};

function disparitiesOf(difference: ByMetric, ratio: ByMetric): Disparities {
  return {
    demographicParityDifference: difference.selectionRate,
    demographicParityRatio: ratio.selectionRate,
    equalizedOddsDifference: Math.max(difference.tpr, difference.fpr),
    // A ratio that is not defined gives way to one that is smaller than nothing: the first stands.
    equalizedOddsRatio: ratio.fpr < ratio.tpr ? ratio.fpr : ratio.tpr,
    equalizedOddsDifferenceMean: mean([difference.tpr, difference.fpr]),
    equalOpportunityDifference: difference.tpr,
    equalOpportunityRatio: ratio.tpr,
    predictiveParityDifference: difference.precision,
  };
}

/**
 * Metrics of a binary classifier in each group, with their differences and ratios. A rate of nothing (the true positive rate of a group without positives) is 0.
 *
 * @throws {ValidationError} for no samples, labels other than 0 and 1, or negative weights
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `fairlearn.metrics.MetricFrame`, `demographic_parity_difference`, `equalized_odds_ratio`, ...
 * @example fairnessSuite({ labels: [1, 1], predictions: [1, 0], groups: ['a', 'b'] }).disparities.betweenGroups.demographicParityDifference // => 1
 */
export function fairnessSuite(input: FairnessInput): FairnessReport {
  const names = groupNames(input.groups);
  checkLabels(input.labels, names, 'labels');
  checkLabels(input.predictions, names, 'predictions');
  if (input.sampleWeight) {
    sameLength({ sampleWeight: input.sampleWeight, labels: input.labels });
    for (const [i, weight] of input.sampleWeight.entries()) nonNegative(finite(weight, `sampleWeight[${i}]`), `sampleWeight[${i}]`);
  }
  const overall = measure(
    input,
    names.map((_, i) => i),
  );
  const measured = membersOf(names).map(([name, members]) => [name, measure(input, members)] as const);
  const metrics = Object.keys(overall) as GroupMetric[];
  const each = (of: (values: number[], metric: GroupMetric) => number): ByMetric =>
    Object.fromEntries(
      metrics.map(metric => [
        metric,
        of(
          measured.map(([, found]) => found[metric]),
          metric,
        ),
      ]),
    ) as ByMetric;
  const methods = Object.keys(DISPARITIES) as DisparityMethod[];
  const over = <V>(of: (method: DisparityMethod) => V): Record<DisparityMethod, V> =>
    Object.fromEntries(methods.map(method => [method, of(method)])) as Record<DisparityMethod, V>;
  const difference = over(method => each((values, metric) => DISPARITIES[method].difference(values, overall[metric])));
  const ratio = over(method => each((values, metric) => DISPARITIES[method].ratio(values, overall[metric])));
  return {
    byGroup: Object.fromEntries(metrics.map(metric => [metric, Object.fromEntries(measured.map(([name, found]) => [name, found[metric]]))])) as Record<
      GroupMetric,
      ByGroup
    >,
    overall,
    groupMin: each(values => Math.min(...values)),
    groupMax: each(values => Math.max(...values)),
    difference,
    ratio,
    disparities: over(method => disparitiesOf(difference[method], ratio[method])),
  };
}

/** What {@link groupCalibration} measures in each group. */
export interface GroupCalibration {
  readonly meanScore: ByGroup;
  /** Share of label 1. */
  readonly rate: ByGroup;
  /** Precision of scores at or above the threshold, 0 where there are none. */
  readonly ppv: ByGroup;
}

/**
 * Whether scores mean the same in each group: mean score against frequency, and precision.
 *
 * @throws {ValidationError} for no samples, labels other than 0 and 1, or scores outside [0, 1]
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: means by group, `sklearn.metrics.precision_score(y, s >= threshold, zero_division=0)`.
 * @example groupCalibration([1, 0], [0.9, 0.2], ['a', 'b']).rate // => { a: 1, b: 0 }
 */
export function groupCalibration(
  labels: readonly number[],
  scores: readonly number[],
  groups: Groups,
  { threshold = 0.5 }: { readonly threshold?: number } = {},
): GroupCalibration {
  const names = groupNames(groups);
  checkLabels(labels, names, 'labels');
  sameLength({ scores, labels });
  for (const [i, score] of scores.entries()) inRange(score, `scores[${i}]`, { min: 0, max: 1 });
  const each = (of: (members: number[]) => number): ByGroup => Object.fromEntries(membersOf(names).map(([name, members]) => [name, of(members)]));
  return {
    meanScore: each(members => mean(members.map(i => scores[i]!))),
    rate: each(members => mean(members.map(i => labels[i]!))),
    ppv: each(members => {
      const chosen = members.filter(i => scores[i]! >= threshold);
      return share(sum(chosen.map(i => labels[i]!)), chosen.length);
    }),
  };
}

/** Inequality of what single samples gain. */
export interface EntropyIndices {
  readonly theil: number;
  /** Half the squared coefficient of variation. */
  readonly ge2: number;
}

/**
 * Theil's and the generalised entropy index of benefits `1 + prediction - label` (Speicher et al. 2018): 0 where all gain alike.
 *
 * @throws {ValidationError} for no samples or labels other than 0 and 1
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `aif360.sklearn.metrics.theil_index`, `generalized_entropy_index`.
 * @example generalizedEntropy([0, 1], [0, 1]) // => { theil: 0, ge2: 0 }
 */
export function generalizedEntropy(labels: readonly number[], predictions: readonly number[]): EntropyIndices {
  const names = labels.map(() => '');
  checkLabels(labels, names, 'labels');
  checkLabels(predictions, names, 'predictions');
  const benefits = labels.map((label, i) => 1 + predictions[i]! - label);
  const centre = mean(benefits);
  const relative = benefits.map(benefit => benefit / centre);
  return { theil: mean(relative.map(b => (b === 0 ? 0 : b * Math.log(b)))), ge2: mean(relative.map(b => b * b - 1)) / 2 };
}

/** Maps that bring probabilities to frequencies: temperature, vector, Platt's and beta scaling, isotonic regression, histograms. */
import { finite, inRange, integer, nonEmpty, positive, sameLength, ValidationError } from '@gtc/errors';
import { mean, softmax, sum } from '@gtc/tensor/statistics';
import { logSumExp, sigmoid } from '../logistic.js';
import { checkProbabilities, checkRows, type Rows } from './errors.js';
import { minimize } from './minimize.js';

/** What {@link temperatureScaling} finds. */
export interface TemperatureScaling {
  /** Divide logits by it. */
  readonly temperature: number;
  /** Mean negative log-likelihood at temperature 1. */
  readonly nllBefore: number;
  readonly nllAfter: number;
}

/** Temperatures lie within e⁻⁴ and e⁴: a sample that is all right or all wrong would have 0 or infinity. */
const WIDEST = Math.exp(4);

/** Loss, slope and curvature in the inverse temperature, in which the loss is convex. */
function lossAt(logits: Rows, labels: readonly number[], inverse: number): { loss: number; slope: number; curvature: number } {
  let [loss, slope, curvature] = [0, 0, 0];
  logits.forEach((row, i) => {
    const p = softmax(row.map(z => z * inverse));
    const centre = sum(p.map((share, k) => share * row[k]!));
    const most = Math.max(...row);
    const true_ = row[labels[i]!]!;
    loss += Math.log(sum(row.map(z => Math.exp((z - most) * inverse)))) + (most - true_) * inverse;
    slope += centre - true_;
    curvature += sum(p.map((share, k) => share * (row[k]! - centre) ** 2));
  });
  const n = logits.length;
  return { loss: loss / n, slope: slope / n, curvature: curvature / n };
}

/**
 * The temperature under which labels are most likely (Guo et al. 2017).
 *
 * @param logits a row for each sample
 * @param labels true classes
 * @throws {ValidationError | ShapeError} for no rows, unequal lengths, logits that are not finite, or labels without a column
 * @remarks Python: `scipy.optimize.minimize_scalar` of the mean negative log-likelihood; within 1e-6. The coarse grid of `optimizeTemperature` is that of `hf_gtc`.
 * @example temperatureScaling([[2, 0], [2, 0], [2, 0], [2, 0]], [0, 0, 0, 1]).temperature // => 2 / Math.log(3)
 */
export function temperatureScaling(logits: Rows, labels: readonly number[]): TemperatureScaling {
  checkRows(logits, labels, 'logits');
  let [low, high] = [1 / WIDEST, WIDEST];
  let inverse = 1;
  for (let step = 0; step < 200; step++) {
    const { slope, curvature } = lossAt(logits, labels, inverse);
    if (slope > 0) high = inverse;
    else low = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - inverse) <= 1e-15 * inverse) break;
    inverse = next;
  }
  return { temperature: 1 / inverse, nllBefore: lossAt(logits, labels, 1).loss, nllAfter: lossAt(logits, labels, inverse).loss };
}

/** What {@link vectorScaling} finds: probabilities are the softmax of `weights[k] * logit[k] + biases[k]`. */
export interface VectorScaling {
  readonly weights: number[];
  readonly biases: number[];
  readonly nll: number;
}

/**
 * A weight and a bias for each class under which labels are most likely (Guo et al. 2017).
 *
 * @throws {ValidationError | ShapeError} as {@link temperatureScaling}
 * @remarks Python: a diagonal linear layer before `torch.nn.functional.cross_entropy`, trained by L-BFGS.
 * @example vectorScaling([[1, 0], [0, 1], [1, 0], [0, 1]], [0, 1, 1, 0]).nll // => Math.LN2
 */
export function vectorScaling(logits: Rows, labels: readonly number[]): VectorScaling {
  checkRows(logits, labels, 'logits');
  const [n, k] = [logits.length, logits[0]!.length];
  const loss = (x: readonly number[]): { value: number; gradient: number[] } => {
    const gradient = new Array<number>(2 * k).fill(0);
    let value = 0;
    logits.forEach((row, i) => {
      const scaled = row.map((z, j) => x[j]! * z + x[k + j]!);
      const p = softmax(scaled);
      value += logSumExp(scaled) - scaled[labels[i]!]!;
      for (let j = 0; j < k; j++) {
        const pull = p[j]! - Number(labels[i] === j);
        gradient[j]! += (pull * row[j]!) / n;
        gradient[k + j]! += pull / n;
      }
    });
    return { value: value / n, gradient };
  };
  const best = minimize(loss, [...new Array<number>(k).fill(1), ...new Array<number>(k).fill(0)]);
  return { weights: best.slice(0, k), biases: best.slice(k), nll: loss(best).value };
}

/** A map of scores to probabilities. */
export type Calibrator = (scores: readonly number[]) => number[];

/** Labels that are 0 or 1, both of them. @throws {ValidationError} where they are not */
function checkBinary(labels: readonly number[]): number {
  const odd = labels.find(label => label !== 0 && label !== 1);
  if (odd !== undefined) throw new ValidationError(`labels must be 0 or 1, got ${odd}`, { parameter: 'labels', received: odd });
  const positives = sum(labels);
  if (positives === 0 || positives === labels.length)
    throw new ValidationError(`labels must hold both 0 and 1, got ${labels[0]} alone`, { parameter: 'labels', received: labels[0] });
  return positives;
}

/** `log(1 + eˣ)` without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
/** Weights of features under which targets are most likely, by the logistic law. */
function logistic(features: Rows, targets: readonly number[], start: readonly number[]): number[] {
  return minimize(w => {
    const gradient = start.map(() => 0);
    let value = 0;
    features.forEach((row, i) => {
      const z = sum(row.map((x, j) => x * w[j]!));
      value += softplus(z) - targets[i]! * z;
      const pull = sigmoid(z) - targets[i]!;
      row.forEach((x, j) => {
        gradient[j]! += (pull * x) / features.length;
      });
    });
    return { value: value / features.length, gradient };
  }, start);
}

/** What {@link plattScaling} finds: probabilities are `1 / (1 + exp(a s + b))`. */
export interface PlattScaling {
  readonly a: number;
  readonly b: number;
  readonly predict: Calibrator;
}

/**
 * Platt's (1999) logistic map of scores, with targets smoothed so that few samples do not lead to certainty.
 *
 * @param labels 0 or 1, both of them
 * @throws {ValidationError | ShapeError} for no scores, unequal numbers, scores that are not finite, or labels of one kind
 * @remarks Python: `sklearn.calibration._SigmoidCalibration().fit(scores, labels)`, at its optimum.
 * @example plattScaling([-1, 1, -1, 1], [0, 1, 1, 0]).predict([0]) // => [0.5]
 */
export function plattScaling(scores: readonly number[], labels: readonly number[]): PlattScaling {
  nonEmpty(scores, 'scores');
  sameLength({ scores, labels });
  for (const [i, score] of scores.entries()) finite(score, `scores[${i}]`);
  const positives = checkBinary(labels);
  const negatives = labels.length - positives;
  const targets = labels.map(label => (label === 1 ? (positives + 1) / (positives + 2) : 1 / (negatives + 2)));
  const [w, bias] = logistic(
    scores.map(score => [score, 1]),
    targets,
    [0, Math.log((positives + 1) / (negatives + 1))],
  ) as [number, number];
  return { a: -w, b: -bias, predict: values => values.map(score => sigmoid(w * score + bias)) };
}

/** What {@link betaCalibration} finds: probabilities are the sigmoid of `a ln p - b ln(1 - p) + c`. */
export interface BetaCalibration {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly predict: Calibrator;
}

const PROBABILITY_FLOOR = 1e-16;
const logs = (p: number): [number, number] => {
  const inside = Math.min(1 - PROBABILITY_FLOOR, Math.max(PROBABILITY_FLOOR, p));
  return [Math.log(inside), -Math.log1p(-inside)];
};

/**
 * Beta calibration (Kull, Silva Filho and Flach 2017): a map of probabilities that can be the identity, with both slopes kept from turning it round.
 *
 * @throws {ValidationError | ShapeError} for no values, values outside [0, 1], unequal numbers, or labels of one kind
 * @remarks Python: `betacal.BetaCalibration(parameters='abm')` without its penalty.
 * @example betaCalibration([0.2, 0.8, 0.2, 0.8], [0, 1, 1, 0]).predict([0.5]) // => [0.5]
 */
export function betaCalibration(probabilities: readonly number[], labels: readonly number[]): BetaCalibration {
  checkProbabilities(probabilities, labels);
  checkBinary(labels);
  const features = probabilities.map(p => [...logs(p), 1]);
  const attempt = (columns: readonly number[]): [number, number, number] => {
    const found = logistic(
      features.map(row => columns.map(j => row[j]!)),
      labels,
      columns.map(j => Number(j < 2)),
    );
    const full: [number, number, number] = [0, 0, 0];
    columns.forEach((j, place) => {
      full[j] = found[place]!;
    });
    return full;
  };
  let best = attempt([0, 1, 2]);
  // A negative slope is left out and the others are found again.
  if (best[0] < 0 || best[1] < 0) best = attempt([best[0] < 0 ? 1 : 0, 2]);
  if (best[0] < 0 || best[1] < 0) best = attempt([2]);
  const [a, b, c] = best;
  const predict: Calibrator = values =>
    values.map(p => {
      const [x, y] = logs(p);
      return sigmoid(a * x + b * y + c);
    });
  return { a, b, c, predict };
}

/** What {@link isotonicRegression} finds. */
export interface IsotonicRegression {
  /** The fitted value of each sample, in the order given. */
  readonly fitted: number[];
  /** Corners of the map, ascending. */
  readonly xThresholds: number[];
  readonly yThresholds: number[];
  /** Interpolates between corners; beyond them the map is flat. */
  readonly predict: Calibrator;
}

/** Options of {@link isotonicRegression}. */
export interface IsotonicOptions {
  /** Places of the values; 0, 1, 2, ... by default. */
  readonly x?: readonly number[];
  readonly sampleWeight?: readonly number[];
  /** True by default. */
  readonly increasing?: boolean;
  /** Bounds of the fitted values. */
  readonly yMin?: number;
  readonly yMax?: number;
}

/** The nearest sequence that never falls: neighbours out of order become their mean (Ayer et al. 1955). */
function pool(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: { value: number; weight: number; count: number }[] = [];
  for (const [i, value] of values.entries()) {
    let block = { value, weight: weights[i]!, count: 1 };
    while (blocks.length > 0 && blocks.at(-1)!.value >= block.value) {
      const before = blocks.pop()!;
      const weight = before.weight + block.weight;
      block = { value: (before.value * before.weight + block.value * block.weight) / weight, weight, count: before.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap(({ value, count }) => new Array<number>(count).fill(value));
}

/** Between two corners, or the outermost ones. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  if (!(x > xs[0]!)) return Number.isNaN(x) ? x : ys[0]!;
  if (x >= xs.at(-1)!) return ys.at(-1)!;
  let [low, high] = [0, xs.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  return ys[low]! + ((ys[high]! - ys[low]!) * (x - xs[low]!)) / (xs[high]! - xs[low]!);
}

/**
 * The monotone map nearest to the values in weighted squares. Values at one place count as their mean.
 *
 * @throws {ValidationError | ShapeError} for no values, unequal numbers, values that are not finite, or weights that are not positive
 * @remarks Python: `sklearn.isotonic.IsotonicRegression(increasing=, y_min=, y_max=, out_of_bounds='clip').fit(x, y, sample_weight)`.
 * @example isotonicRegression([1, 3, 2]).fitted // => [1, 2.5, 2.5]
 */
export function isotonicRegression(
  y: readonly number[],
  { x = y.map((_, i) => i), sampleWeight, increasing = true, yMin = Number.NEGATIVE_INFINITY, yMax = Number.POSITIVE_INFINITY }: IsotonicOptions = {},
): IsotonicRegression {
  nonEmpty(y, 'y');
  sameLength({ y, x, ...(sampleWeight && { sampleWeight }) });
  for (const [name, values] of Object.entries({ x, y })) for (const [i, value] of values.entries()) finite(value, `${name}[${i}]`);
  for (const [i, weight] of (sampleWeight ?? []).entries()) positive(weight, `sampleWeight[${i}]`);
  const places = [...new Set(x)].sort((a, b) => a - b);
  const index = new Map(places.map((place, i) => [place, i]));
  const [weights, totals] = [places.map(() => 0), places.map(() => 0)];
  for (const [i, place] of x.entries()) {
    const at = index.get(place)!;
    const weight = sampleWeight?.[i] ?? 1;
    weights[at]! += weight;
    totals[at]! += weight * y[i]!;
  }
  const sign = increasing ? 1 : -1;
  const levels = pool(
    totals.map((total, i) => (sign * total) / weights[i]!),
    weights,
  ).map(value => Math.min(yMax, Math.max(yMin, sign * value)));
  const corner = (i: number): boolean => i === 0 || i === levels.length - 1 || levels[i] !== levels[i - 1] || levels[i] !== levels[i + 1];
  const xThresholds = places.filter((_, i) => corner(i));
  const yThresholds = levels.filter((_, i) => corner(i));
  return {
    fitted: x.map(place => levels[index.get(place)!]!),
    xThresholds,
    yThresholds,
    predict: values => values.map(value => interpolate(xThresholds, yThresholds, value)),
  };
}

/**
 * The frequency of label 1 in each of equally wide bins; an empty bin has its middle (Zadrozny and Elkan 2001).
 *
 * @throws {ValidationError | ShapeError} for no values, values outside [0, 1], unequal numbers, or no bins
 * @remarks Python: `netcal.binning.HistogramBinning(bins=)`.
 * @example histogramCalibration([0.1, 0.2], [0, 1], { nBins: 2 })([0.3, 0.9]) // => [0.5, 0.75]
 */
export function histogramCalibration(
  probabilities: readonly number[],
  labels: readonly number[],
  { nBins = 10 }: { readonly nBins?: number } = {},
): Calibrator {
  checkProbabilities(probabilities, labels);
  positive(integer(nBins, 'nBins'), 'nBins');
  const binOf = (p: number): number => Math.min(nBins - 1, Math.floor(p * nBins));
  const levels = Array.from({ length: nBins }, (_, bin) => {
    const members = labels.filter((_label, i) => binOf(probabilities[i]!) === bin);
    return members.length === 0 ? (bin + 0.5) / nBins : mean(members);
  });
  return scores => scores.map((score, i) => levels[binOf(inRange(score, `scores[${i}]`, { min: 0, max: 1 }))]!);
}

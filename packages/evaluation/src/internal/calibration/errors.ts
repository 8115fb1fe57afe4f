/** How far probabilities are from frequencies. */
import { inRange, integer, nonEmpty, oneOf, positive, ShapeError, sameLength, ValidationError } from '@gtc/errors';
import { mean, sum } from '@gtc/tensor/statistics';
import { percentileOfSorted } from '../comparison/descriptive.js';

/** A row of probabilities for each sample. */
export type Rows = readonly (readonly number[])[];

/** Bins of equal width, or with equally many values. */
export type Binning = 'uniform' | 'quantile';

/** Options of {@link calibrationError}. */
export interface CalibrationErrorOptions {
  /** 15 by default. */
  readonly nBins?: number;
  /** Mean distance (ECE), root of the mean square (RMSCE), or the largest (MCE). */
  readonly norm?: 'l1' | 'l2' | 'max';
  readonly binning?: Binning;
  /** Which edge of a bin belongs to it; the outermost always do. Left by default. */
  readonly edges?: 'left' | 'right';
}

/** What fell into a bin. */
interface Bin {
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** Probabilities and what came of them, checked. @throws {ValidationError | ShapeError} for none, unequal numbers, or values outside [0, 1] */
export function checkProbabilities(probabilities: readonly number[], labels: readonly number[], name = 'probabilities'): void {
  nonEmpty(probabilities, name);
  sameLength({ [name]: probabilities, labels });
  for (const [i, probability] of probabilities.entries()) inRange(probability, `${name}[${i}]`, { min: 0, max: 1 });
  for (const [i, label] of labels.entries()) inRange(label, `labels[${i}]`, { min: 0, max: 1 });
}

/** Edges of the bins, from 0 or the least value upwards. */
function edgesOf(values: readonly number[], nBins: number, binning: Binning): number[] {
  if (binning === 'uniform') return Array.from({ length: nBins + 1 }, (_, i) => i / nBins);
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: nBins + 1 }, (_, i) => percentileOfSorted(sorted, i / nBins));
}

/** Means by bin; empty bins are left out. */
function binsOf(confidences: readonly number[], outcomes: readonly number[], nBins: number, binning: Binning, edges: 'left' | 'right'): Bin[] {
  positive(integer(nBins, 'nBins'), 'nBins');
  oneOf(binning, 'binning', ['uniform', 'quantile'] as const);
  oneOf(edges, 'edges', ['left', 'right'] as const);
  const bounds = edgesOf(confidences, nBins, binning);
  const members: number[][] = Array.from({ length: nBins }, () => []);
  for (const [i, value] of confidences.entries()) {
    let bin = 0;
    while (bin < nBins - 1 && (edges === 'left' ? value >= bounds[bin + 1]! : value > bounds[bin + 1]!)) bin++;
    members[bin]!.push(i);
  }
  return members
    .filter(list => list.length > 0)
    .map(list => ({ count: list.length, confidence: mean(list.map(i => confidences[i]!)), accuracy: mean(list.map(i => outcomes[i]!)) }));
}

/**
 * Distance of confidences and frequencies over bins: the expected, root mean square or maximum calibration error.
 *
 * @param confidences in [0, 1]: of the predicted class, or of class 1
 * @param outcomes whether it came true, 0 or 1
 * @throws {ValidationError} for no values, values outside [0, 1], no bins, or an unknown choice
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `torchmetrics.functional.classification.binary_calibration_error(preds, target, n_bins=, norm=)`.
 * @example calibrationError([0.9, 0.9], [1, 0]) // => 0.4
 */
export function calibrationError(
  confidences: readonly number[],
  outcomes: readonly number[],
  { nBins = 15, norm = 'l1', binning = 'uniform', edges = binning === 'quantile' ? 'right' : 'left' }: CalibrationErrorOptions = {},
): number {
  checkProbabilities(confidences, outcomes, 'confidences');
  oneOf(norm, 'norm', ['l1', 'l2', 'max'] as const);
  const bins = binsOf(confidences, outcomes, nBins, binning, edges);
  const gaps = bins.map(({ confidence, accuracy }) => Math.abs(confidence - accuracy));
  if (norm === 'max') return Math.max(...gaps);
  const weighted = sum(bins.map(({ count }, i) => (count / confidences.length) * (norm === 'l1' ? gaps[i]! : gaps[i]! ** 2)));
  return norm === 'l1' ? weighted : Math.sqrt(weighted);
}

/** Rows of one length whose labels name a column. @throws {ValidationError | ShapeError} where they do not */
export function checkRows(rows: Rows, labels: readonly number[], name: string): void {
  nonEmpty(rows, name);
  sameLength({ [name]: rows, labels });
  const k = rows[0]!.length;
  rows.forEach((row, i) => {
    if (row.length !== k || k === 0)
      throw new ShapeError(`${name} must have rows of one length, got ${row.length} after ${k} in row ${i}`, { parameter: name, received: row.length });
    const odd = row.find(value => !Number.isFinite(value));
    if (odd !== undefined) throw new ValidationError(`${name} must be finite, got ${odd} in row ${i}`, { parameter: name, received: odd });
    inRange(integer(labels[i]!, `labels[${i}]`), `labels[${i}]`, { min: 0, below: k });
  });
}

/**
 * Confidence of the predicted class of each sample, and whether it is the true one: what calibration errors of several classes are measured on.
 *
 * @param probabilities a row for each sample
 * @param labels true classes
 * @throws {ValidationError | ShapeError} for no rows, unequal lengths, or labels without a column
 * @remarks Python: `probabilities.max(1)`, `probabilities.argmax(1) == labels`.
 * @example topLabel([[0.1, 0.9]], [1]) // => { confidences: [0.9], correct: [1] }
 */
export function topLabel(probabilities: Rows, labels: readonly number[]): { readonly confidences: number[]; readonly correct: number[] } {
  checkRows(probabilities, labels, 'probabilities');
  const confidences = probabilities.map(row => Math.max(...row));
  return { confidences, correct: probabilities.map((row, i) => Number(row.indexOf(confidences[i]!) === labels[i])) };
}

/**
 * Mean over classes of the calibration error of each class against the rest.
 *
 * @throws {ValidationError | ShapeError} as {@link topLabel}, or as `calibrationError`
 * @remarks Python: `netcal` and Kull et al. (2019); each class as `binary_calibration_error`.
 * @example classwiseCalibrationError([[0.5, 0.5], [0.5, 0.5]], [0, 1]) // => 0
 */
export function classwiseCalibrationError(probabilities: Rows, labels: readonly number[], options: CalibrationErrorOptions = {}): number {
  checkRows(probabilities, labels, 'probabilities');
  return mean(
    probabilities[0]!.map((_, k) =>
      calibrationError(
        probabilities.map(row => row[k]!),
        labels.map(label => Number(label === k)),
        options,
      ),
    ),
  );
}

/** Points of {@link reliabilityCurve}; empty bins are left out. */
export interface ReliabilityCurve {
  readonly binAccuracies: number[];
  readonly binConfidences: number[];
  readonly binCounts: number[];
}

/**
 * Frequency against mean probability, bin by bin.
 *
 * @param options nBins, 5 by default; strategy: bins of equal width, or with equally many values
 * @throws {ValidationError} for no values, values outside [0, 1] or no bins
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `sklearn.calibration.calibration_curve(labels, probabilities, n_bins=, strategy=)`.
 * @example reliabilityCurve([0, 1], [0.1, 0.9]).binAccuracies // => [0, 1]
 */
export function reliabilityCurve(
  labels: readonly number[],
  probabilities: readonly number[],
  { nBins = 5, strategy = 'uniform' }: { readonly nBins?: number; readonly strategy?: Binning } = {},
): ReliabilityCurve {
  checkProbabilities(probabilities, labels);
  const bins = binsOf(probabilities, labels, nBins, strategy, 'right');
  return {
    binAccuracies: bins.map(bin => bin.accuracy),
    binConfidences: bins.map(bin => bin.confidence),
    binCounts: bins.map(bin => bin.count),
  };
}

/** Parts of the Brier score: it is reliability - resolution + uncertainty, but for the spread within bins. */
export interface BrierDecomposition {
  /** How far probabilities are from frequencies; lower is better. */
  readonly reliability: number;
  /** How far frequencies are from their mean; higher is better. */
  readonly resolution: number;
  /** Variance of the labels, which no forecast changes. */
  readonly uncertainty: number;
}

/**
 * Murphy's (1973) decomposition of the Brier score over bins.
 *
 * @throws {ValidationError} for no values, values outside [0, 1] or no bins
 * @throws {ShapeError} for unequal numbers
 * @remarks Python: `model_diagnostics.scoring.decompose`; by its formulae.
 * @example brierDecomposition([0, 1], [0, 1]).resolution // => 0.25
 */
export function brierDecomposition(
  probabilities: readonly number[],
  labels: readonly number[],
  { nBins = 10 }: { readonly nBins?: number } = {},
): BrierDecomposition {
  checkProbabilities(probabilities, labels);
  const base = mean(labels);
  const bins = binsOf(probabilities, labels, nBins, 'uniform', 'left');
  const over = (term: (bin: Bin) => number): number => sum(bins.map(bin => bin.count * term(bin))) / probabilities.length;
  return {
    reliability: over(({ confidence, accuracy }) => (confidence - accuracy) ** 2),
    resolution: over(({ accuracy }) => (accuracy - base) ** 2),
    uncertainty: base * (1 - base),
  };
}

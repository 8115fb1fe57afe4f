/** Calibration: how far confidences are from accuracies, temperature, and uncertainty. Mirrors `hf_gtc.evaluation.calibration`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  inRange,
  integer,
  isValueOf,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  sameLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';

export {
  type Binning,
  type BrierDecomposition,
  brierDecomposition,
  type CalibrationErrorOptions,
  calibrationError,
  classwiseCalibrationError,
  type ReliabilityCurve,
  reliabilityCurve,
  topLabel,
} from './internal/calibration/errors.js';
export * from './internal/calibration/scaling.js';
export * from './internal/calibration/uncertainty.js';

/** Ways to calibrate. */
export const CalibrationMethod = { TEMPERATURE: 'temperature', PLATT: 'platt', ISOTONIC: 'isotonic', HISTOGRAM: 'histogram', FOCAL: 'focal' } as const;
export type CalibrationMethod = (typeof CalibrationMethod)[keyof typeof CalibrationMethod];

/** Where uncertainty comes from. */
export const UncertaintyType = { ALEATORIC: 'aleatoric', EPISTEMIC: 'epistemic', PREDICTIVE: 'predictive' } as const;
export type UncertaintyType = (typeof UncertaintyType)[keyof typeof UncertaintyType];

/** How calibration is measured. */
export const CalibrationMetric = { ECE: 'ece', MCE: 'mce', BRIER: 'brier', RELIABILITY: 'reliability' } as const;
export type CalibrationMetric = (typeof CalibrationMetric)[keyof typeof CalibrationMetric];

/** Values of {@link CalibrationMethod}. */
export const VALID_CALIBRATION_METHODS: ReadonlySet<CalibrationMethod> = new Set(Object.values(CalibrationMethod));

/** Values of {@link UncertaintyType}. */
export const VALID_UNCERTAINTY_TYPES: ReadonlySet<UncertaintyType> = new Set(Object.values(UncertaintyType));

/** Values of {@link CalibrationMetric}. */
export const VALID_CALIBRATION_METRICS: ReadonlySet<CalibrationMetric> = new Set(Object.values(CalibrationMetric));

/** Temperature scaling (Guo et al. 2017). */
export interface TemperatureConfig {
  readonly initialTemp: number;
  readonly optimize: boolean;
  readonly lr: number;
}

/** Defaults and rules of {@link TemperatureConfig}. */
export const TemperatureConfig: Definition<TemperatureConfig> = {
  name: 'TemperatureConfig',
  fields: {
    initialTemp: { kind: 'float', default: 1, positive: true },
    optimize: { kind: 'bool', default: true },
    lr: { kind: 'float', default: 0.01, positive: true },
  },
};

/** How a model is calibrated. */
export interface CalibrationConfig {
  readonly method: CalibrationMethod;
  readonly temperatureConfig: TemperatureConfig | null;
  readonly nBins: number;
  readonly validateBefore: boolean;
}

/** Defaults and rules of {@link CalibrationConfig}. */
export const CalibrationConfig: Definition<CalibrationConfig> = {
  name: 'CalibrationConfig',
  fields: {
    method: { kind: 'enum', of: CalibrationMethod },
    temperatureConfig: { kind: 'config', of: TemperatureConfig, default: null, nullable: true },
    nBins: { kind: 'int', default: 15, positive: true },
    validateBefore: { kind: 'bool', default: true },
  },
};

/** Spread of predictions. */
export interface UncertaintyResult {
  readonly mean: number;
  readonly variance: number;
  readonly confidenceInterval: readonly [number, number];
  readonly uncertaintyType: UncertaintyType;
}

/** Defaults and rules of {@link UncertaintyResult}. */
export const UncertaintyResult: Definition<UncertaintyResult> = {
  name: 'UncertaintyResult',
  fields: {
    mean: { kind: 'float' },
    variance: { kind: 'float', nonNegative: true },
    confidenceInterval: { kind: 'array', of: { kind: 'float' }, length: 2 },
    uncertaintyType: { kind: 'enum', of: UncertaintyType },
  },
  rules: [({ confidenceInterval: [low, high] }) => (low > high ? `confidenceInterval must not begin above its end (${high}), got ${low}` : null)],
};

/** Confidence and accuracy by bin. */
export interface ReliabilityDiagram {
  readonly binConfidences: readonly number[];
  readonly binAccuracies: readonly number[];
  readonly binCounts: readonly number[];
  readonly nBins: number;
}

/** How well a model is calibrated. */
export interface CalibrationStats {
  readonly ece: number;
  readonly mce: number;
  readonly brierScore: number;
  readonly reliabilityDiagram: ReliabilityDiagram | null;
  readonly optimalTemperature: number | null;
}

/** Defaults and rules of {@link CalibrationStats}. */
export const CalibrationStats: Definition<CalibrationStats> = {
  name: 'CalibrationStats',
  fields: {
    ece: { kind: 'float', nonNegative: true },
    mce: { kind: 'float', nonNegative: true },
    brierScore: { kind: 'float', min: 0, max: 1 },
    reliabilityDiagram: { kind: 'any', nullable: true, default: null },
    optimalTemperature: { kind: 'float', nullable: true, default: null, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateTemperatureConfig(config: TemperatureConfig): void {
  validate(TemperatureConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCalibrationConfig(config: CalibrationConfig): void {
  validate(CalibrationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateUncertaintyResult(result: UncertaintyResult): void {
  validate(UncertaintyResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateCalibrationStats(stats: CalibrationStats): void {
  validate(CalibrationStats, stats, 'stats');
}

/** Settles a {@link TemperatureConfig}. @throws {ValidationError} naming every broken rule */
export function createTemperatureConfig(options: Partial<TemperatureConfig> = {}): TemperatureConfig {
  return createFrom(TemperatureConfig, options);
}

/** Settles a {@link CalibrationConfig}. @throws {ValidationError} naming every broken rule */
export function createCalibrationConfig(method: CalibrationMethod, options: Partial<Omit<CalibrationConfig, 'method'>> = {}): CalibrationConfig {
  return createFrom(CalibrationConfig, { method, ...options });
}

/** Settles a {@link UncertaintyResult}. @throws {ValidationError} naming every broken rule */
export function createUncertaintyResult(
  mean: number,
  variance: number,
  confidenceInterval: readonly [number, number],
  uncertaintyType: UncertaintyType,
): UncertaintyResult {
  return createFrom(UncertaintyResult, { mean, variance, confidenceInterval, uncertaintyType });
}

/** Calibration methods in ascending order. */
export function listCalibrationMethods(): CalibrationMethod[] {
  return valuesOf(CalibrationMethod);
}

/** @throws {ValidationError} naming the calibration methods */
export function getCalibrationMethod(name: string): CalibrationMethod {
  return parseEnum(CalibrationMethod, name, 'calibrationMethod');
}

/** Uncertainty types in ascending order. */
export function listUncertaintyTypes(): UncertaintyType[] {
  return valuesOf(UncertaintyType);
}

/** @throws {ValidationError} naming the uncertainty types */
export function getUncertaintyType(name: string): UncertaintyType {
  return parseEnum(UncertaintyType, name, 'uncertaintyType');
}

/** Calibration metrics in ascending order. */
export function listCalibrationMetrics(): CalibrationMetric[] {
  return valuesOf(CalibrationMetric);
}

/** @throws {ValidationError} naming the calibration metrics */
export function getCalibrationMetric(name: string): CalibrationMetric {
  return parseEnum(CalibrationMetric, name, 'calibrationMetric');
}

/**
 * Whether this is a {@link CalibrationMethod}.
 *
 * @remarks Python: `hf_gtc.evaluation.calibration.validate_calibration_method(name)`; exact.
 * @example validateCalibrationMethod('platt') // => true
 */
export function validateCalibrationMethod(name: string): boolean {
  return isValueOf(CalibrationMethod, name);
}

/**
 * Whether this is an {@link UncertaintyType}.
 *
 * @remarks Python: `hf_gtc.evaluation.calibration.validate_uncertainty_type(name)`; exact.
 * @example validateUncertaintyType('aleatoric') // => true
 */
export function validateUncertaintyType(name: string): boolean {
  return isValueOf(UncertaintyType, name);
}

/**
 * Whether this is a {@link CalibrationMetric}.
 *
 * @remarks Python: `hf_gtc.evaluation.calibration.validate_calibration_metric(name)`; exact.
 * @example validateCalibrationMetric('mce') // => true
 */
export function validateCalibrationMetric(name: string): boolean {
  return isValueOf(CalibrationMetric, name);
}

/** Checks confidences and accuracies, and sums both up by bin: [i/n, (i+1)/n), the last one closed. What lies outside [0, 1] is in no bin. */
function binned(
  confidences: readonly number[],
  accuracies: readonly number[],
  nBins: number,
): { readonly count: number; readonly confidence: number; readonly accuracy: number }[] {
  nonEmpty(confidences, 'confidences');
  nonEmpty(accuracies, 'accuracies');
  sameLength({ confidences, accuracies });
  positive(integer(nBins, 'nBins'), 'nBins');
  const bins = Array.from({ length: nBins }, () => ({ count: 0, confidence: 0, accuracy: 0 }));
  for (const [place, confidence] of confidences.entries()) {
    if (!(confidence >= 0 && confidence <= 1)) continue;
    let index = Math.min(nBins - 1, Math.max(0, Math.floor(confidence * nBins)));
    if (index > 0 && confidence < index / nBins) index--;
    else if (index < nBins - 1 && confidence >= (index + 1) / nBins) index++;
    const bin = bins[index]!;
    bin.count++;
    bin.confidence += confidence;
    bin.accuracy += accuracies[place]!;
  }
  return bins;
}

/**
 * Expected calibration error: mean distance of confidence and accuracy, bin by bin.
 *
 * @param confidences in [0, 1]
 * @throws {ValidationError} for no values, confidences outside [0, 1] or no bins
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.calibration.calculate_ece(confidences, accuracies, n_bins=)`; within 1e-12.
 * @example calculateEce([0.9, 0.9], [1, 0]) // => 0.4
 */
export function calculateEce(confidences: readonly number[], accuracies: readonly number[], { nBins = 15 }: { readonly nBins?: number } = {}): number {
  const bins = binned(confidences, accuracies, nBins);
  for (const [index, confidence] of confidences.entries()) inRange(confidence, `confidences[${index}]`, { min: 0, max: 1 });
  return bins.reduce(
    (sum, { count, confidence, accuracy }) => (count === 0 ? sum : sum + (count / confidences.length) * Math.abs(accuracy / count - confidence / count)),
    0,
  );
}

/**
 * Mean squared distance of probabilities and labels (Brier 1950).
 *
 * @param probabilities of the label 1, in [0, 1]
 * @throws {ValidationError} for no values, probabilities outside [0, 1] or labels other than 0 and 1
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.calibration.calculate_brier_score(probabilities, labels)`; within 1e-12.
 * @example calculateBrierScore([0, 1], [1, 0]) // => 1
 */
export function calculateBrierScore(probabilities: readonly number[], labels: readonly number[]): number {
  nonEmpty(probabilities, 'probabilities');
  nonEmpty(labels, 'labels');
  const count = sameLength({ probabilities, labels });
  for (const [index, probability] of probabilities.entries()) inRange(probability, `probabilities[${index}]`, { min: 0, max: 1 });
  for (const [index, label] of labels.entries()) oneOf(label, `labels[${index}]`, [0, 1]);
  return probabilities.reduce((sum, probability, index) => sum + (probability - labels[index]!) ** 2, 0) / count;
}

/**
 * Mean confidence and accuracy by bin; an empty bin stands at its middle with accuracy 0.
 *
 * @throws {ValidationError} for no values or no bins
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.calibration.compute_reliability_diagram(confidences, accuracies, n_bins=)`.
 * @example computeReliabilityDiagram([0.9, 0.9], [1, 0], { nBins: 2 }).binAccuracies // => [0, 0.5]
 */
export function computeReliabilityDiagram(
  confidences: readonly number[],
  accuracies: readonly number[],
  { nBins = 15 }: { readonly nBins?: number } = {},
): ReliabilityDiagram {
  const bins = binned(confidences, accuracies, nBins);
  return Object.freeze({
    binConfidences: bins.map(({ count, confidence }, index) => (count === 0 ? (index / nBins + (index + 1) / nBins) / 2 : confidence / count)),
    binAccuracies: bins.map(({ count, accuracy }) => (count === 0 ? 0 : accuracy / count)),
    binCounts: bins.map(bin => bin.count),
    nBins,
  });
}

/** Mean negative log-likelihood of labels at a temperature. */
function logLoss(logits: readonly (readonly number[])[], labels: readonly number[], temperature: number): number {
  const losses = logits.map((row, index) => {
    const scaled = row.map(logit => logit / temperature);
    const greatest = scaled.reduce((found, logit) => Math.max(found, logit), Number.NEGATIVE_INFINITY);
    return greatest + Math.log(scaled.reduce((sum, logit) => sum + Math.exp(logit - greatest), 0)) - scaled.at(labels[index]!)!;
  });
  return mean(losses);
}

/** Temperatures that are tried. */
const TEMPERATURES = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5];

/**
 * The temperature of a coarse grid from 0.5 to 5 under which the labels are most likely.
 *
 * @param logits one row for each sample
 * @param options `config` without `optimize` keeps its initial temperature
 * @param labels places of the true classes; negative ones count from the end, as in Python
 * @throws {ValidationError} for no samples, an empty row or a label without a logit
 * @throws {ShapeError} for different counts of rows and labels
 * @remarks Python: `hf_gtc.evaluation.calibration.optimize_temperature(logits, labels, config=)`; within 1e-12.
 * @example optimizeTemperature([[1, 0], [0, 0.5]], [0, 0]) // => 1.25
 */
export function optimizeTemperature(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  { config = null }: { readonly config?: TemperatureConfig | null } = {},
): number {
  nonEmpty(logits, 'logits');
  nonEmpty(labels, 'labels');
  sameLength({ logits, labels });
  if (config !== null && !config.optimize) return config.initialTemp;
  for (const [index, row] of logits.entries()) {
    nonEmpty(row, `logits[${index}]`);
    inRange(integer(labels[index]!, `labels[${index}]`), `labels[${index}]`, { min: -row.length, below: row.length });
  }
  const losses = TEMPERATURES.map(temperature => logLoss(logits, labels, temperature));
  return TEMPERATURES[losses.indexOf(losses.reduce((least, loss) => Math.min(least, loss)))]!;
}

/** Normal quantiles by level; other levels take that of 0.95. */
const Z: ReadonlyMap<number, number> = new Map([
  [0.9, 1.645],
  [0.95, 1.96],
  [0.99, 2.576],
]);

/**
 * Mean, variance and an interval of the mean of predictions.
 *
 * @param options `confidenceLevel` 0.9, 0.95 or 0.99; any other in (0, 1) counts as 0.95
 * @throws {ValidationError} for no predictions or a level outside (0, 1)
 * @remarks Python: `hf_gtc.evaluation.calibration.estimate_uncertainty(predictions, uncertainty_type=, confidence_level=)`.
 * @example estimateUncertainty([3]).confidenceInterval // => [3, 3]
 */
export function estimateUncertainty(
  predictions: readonly number[],
  { uncertaintyType = 'predictive', confidenceLevel = 0.95 }: { readonly uncertaintyType?: UncertaintyType; readonly confidenceLevel?: number } = {},
): UncertaintyResult {
  const count = nonEmpty(predictions, 'predictions').length;
  inRange(confidenceLevel, 'confidenceLevel', { above: 0, below: 1 });
  const mean = predictions.reduce((sum, value) => sum + value, 0) / count;
  const variance = count < 2 ? 0 : predictions.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = (Z.get(confidenceLevel) ?? 1.96) * Math.sqrt(variance / count);
  return Object.freeze({ mean, variance, confidenceInterval: [mean - half, mean + half] as const, uncertaintyType });
}

const calibrationWords = (ece: number): string =>
  ece < 0.05
    ? 'Excellent calibration (ECE < 0.05)'
    : ece < 0.1
      ? 'Good calibration (ECE < 0.10)'
      : ece < 0.15
        ? 'Moderate calibration (ECE < 0.15)'
        : 'Poor calibration (ECE >= 0.15)';

const brierWords = (score: number): string =>
  score < 0.1 ? 'Excellent Brier score (< 0.1)' : score < 0.2 ? 'Good Brier score (< 0.2)' : 'High Brier score (>= 0.2)';

/** The bins of a diagram that hold something. @throws {ShapeError} for lists of different lengths */
function diagramLines({ binConfidences, binAccuracies, binCounts }: ReliabilityDiagram): string[] {
  sameLength({ binConfidences, binAccuracies, binCounts });
  return binCounts.flatMap((count, bin) =>
    count > 0 ? [`  Bin ${bin}: conf=${formatFixed(binConfidences[bin]!, 3)}, acc=${formatFixed(binAccuracies[bin]!, 3)}, n=${count}`] : [],
  );
}

/**
 * How well a model is calibrated, as text. @throws {ShapeError} for a diagram whose lists differ in length
 *
 * @remarks Python: `hf_gtc.evaluation.calibration.format_calibration_stats(stats)`; the same text.
 */
export function formatCalibrationStats(stats: CalibrationStats): string {
  const { ece, mce, brierScore, reliabilityDiagram, optimalTemperature } = notNull(stats, 'stats');
  return [
    'Model Calibration Statistics',
    '='.repeat(30),
    `ECE (Expected Calibration Error): ${formatFixed(ece, 4)}`,
    `MCE (Maximum Calibration Error): ${formatFixed(mce, 4)}`,
    `Brier Score: ${formatFixed(brierScore, 4)}`,
    ...(optimalTemperature === null ? [] : [`Optimal Temperature: ${formatFixed(optimalTemperature, 3)}`]),
    '',
    'Interpretation:',
    `  - ${calibrationWords(ece)}`,
    `  - ${brierWords(brierScore)}`,
    ...(reliabilityDiagram === null ? [] : ['', 'Reliability Diagram:', ...diagramLines(reliabilityDiagram)]),
  ].join('\n');
}

const TEMPERATURE = { initial_temp: 1, optimize: true, lr: 0.01 };

/** Settings by type of model; every other type takes those of `default`. */
const RECOMMENDED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  default: { method: 'temperature', n_bins: 15, temperature_config: TEMPERATURE },
  classification: { method: 'temperature', n_bins: 15, temperature_config: TEMPERATURE, metrics: ['ece', 'brier'] },
  multi_class: { method: 'temperature', n_bins: 20, temperature_config: { ...TEMPERATURE, initial_temp: 1.5, lr: 0.005 }, metrics: ['ece', 'mce'] },
  regression: { method: 'isotonic', n_bins: 10, metrics: ['brier'] },
  llm: { method: 'temperature', n_bins: 10, temperature_config: TEMPERATURE, metrics: ['ece'], uncertainty_type: 'predictive' },
  medical: { method: 'platt', n_bins: 20, metrics: ['ece', 'mce', 'brier', 'reliability'] },
};

/**
 * Settings that suit a type of model: `classification`, `multi_class`, `regression`, `llm`, `medical` or any other.
 *
 * @param options `datasetSize` below 1,000 takes ten bins, above 10,000 twenty
 * @throws {ValidationError} for no type
 * @remarks Python: `hf_gtc.evaluation.calibration.get_recommended_calibration_config(model_type, dataset_size=)`.
 * @example getRecommendedCalibrationConfig('medical').method // => 'platt'
 */
export function getRecommendedCalibrationConfig(
  modelType: string,
  { datasetSize = null }: { readonly datasetSize?: number | null } = {},
): Readonly<Record<string, unknown>> {
  const type = nonEmpty(modelType, 'modelType').toLowerCase();
  const settings = Object.hasOwn(RECOMMENDED, type) ? RECOMMENDED[type] : RECOMMENDED.default;
  const bins = datasetSize === null ? {} : datasetSize < 1000 ? { n_bins: 10 } : datasetSize > 10000 ? { n_bins: 20 } : {};
  return { validate_before: true, ...settings, ...bins };
}

/** Metrics of data that comes in parts: each keeps a few sums, whatever the number of samples, and parts measured apart can be merged. */
import { finite, inRange, integer, nonEmpty, positive, sameLength, ValidationError } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import { type BleuCounts, type BleuOptions, type BleuScore, corpusBleu, scoreOf } from './internal/metrics/bleu.js';
import { type ErrorRates, wordErrorRate } from './internal/metrics/error-rate.js';
import type { Label, Labels } from './internal/metrics/labels.js';

/** A metric that takes its samples in parts. */
export interface StreamingMetric<T> {
  /** Samples so far. */
  readonly count: number;
  /** The figures of all samples so far. @throws {ValidationError} before the first sample */
  compute(): T;
  /** Forgets all samples. */
  reset(): void;
}

/** @throws {ValidationError} before the first sample */
function needSamples(count: number): void {
  if (count === 0) throw new ValidationError('update must have been called before compute, got no samples', { parameter: 'count', received: count });
}

/** Figures of {@link StreamingClassification}. */
export interface ClassificationFigures {
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly macroPrecision: number;
  readonly macroRecall: number;
  readonly macroF1: number;
  readonly weightedF1: number;
  /** Matthews' correlation. */
  readonly mcc: number;
  /** Cohen's kappa. */
  readonly kappa: number;
  /** Rows are true classes, columns predicted ones, in the order of `labels`. */
  readonly confusionMatrix: number[][];
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/**
 * Classification by a confusion matrix that grows with the samples but not in size. Scores without denominator are 0, as in scikit-learn's default.
 *
 * @throws {ValidationError} for fewer than two labels, or one named twice
 * @remarks Python: `torchmetrics.MetricCollection` of accuracy, precision, recall, F1, `sklearn.metrics` of all samples at once; equal.
 * @example
 * const metric = new StreamingClassification([0, 1]);
 * metric.update([0, 1], [0, 0]);
 * metric.update([1, 1], [1, 1]);
 * metric.compute().accuracy // => 0.75
 */
export class StreamingClassification implements StreamingMetric<ClassificationFigures> {
  /** The classes, in the order of rows and columns. */
  readonly labels: readonly Label[];
  readonly #index: ReadonlyMap<Label, number>;
  #counts: Float64Array;

  constructor(labels: readonly Label[]) {
    this.labels = [...labels];
    this.#index = new Map(labels.map((label, i) => [label, i]));
    if (this.#index.size < 2 || this.#index.size !== labels.length)
      throw new ValidationError(`labels must be at least two different ones, got ${labels.join(', ')}`, { parameter: 'labels', received: labels });
    this.#counts = new Float64Array(labels.length ** 2);
  }

  get count(): number {
    return this.#counts.reduce((a, b) => a + b, 0);
  }

  #codeOf(label: Label, name: string): number {
    const code = this.#index.get(label);
    if (code === undefined)
      throw new ValidationError(`${name} must hold only ${this.labels.join(', ')}, got ${String(label)}`, { parameter: name, received: label });
    return code;
  }

  /** Takes samples. @throws {ValidationError} for a label that is not among the classes @throws {ShapeError} for unequal numbers */
  update(yTrue: Labels, yPred: Labels): this {
    const n = sameLength({ yTrue, yPred });
    const codes = Array.from({ length: n }, (_, i) => this.#codeOf(yTrue[i]!, 'yTrue') * this.labels.length + this.#codeOf(yPred[i]!, 'yPred'));
    for (const code of codes) this.#counts[code]!++;
    return this;
  }

  /** Adds the samples of another one. @throws {ValidationError} for one of other classes */
  merge(other: StreamingClassification): this {
    if (other.labels.join('\u0000') !== this.labels.join('\u0000'))
      throw new ValidationError(`other must have the labels ${this.labels.join(', ')}, got ${other.labels.join(', ')}`, {
        parameter: 'other',
        received: other.labels,
      });
    for (const [i, value] of other.#counts.entries()) this.#counts[i]! += value;
    return this;
  }

  compute(): ClassificationFigures {
    const total = this.count;
    needSamples(total);
    const k = this.labels.length;
    const confusionMatrix = Array.from({ length: k }, (_, i) => [...this.#counts.subarray(i * k, (i + 1) * k)]);
    const actual = confusionMatrix.map(sum);
    const predicted = actual.map((_, j) => sum(confusionMatrix.map(row => row[j]!)));
    const hits = actual.map((_, i) => confusionMatrix[i]![i]!);
    // Classes that neither occur nor are predicted have no part in means.
    const seen = [...actual.keys()].filter(i => actual[i]! + predicted[i]! > 0);
    const over = (of: (i: number) => number, among: readonly number[] = seen): number => sum(among.map(of)) / among.length;
    const f1 = (i: number): number => ratio(2 * hits[i]!, actual[i]! + predicted[i]!);
    const right = sum(hits);
    const both = sum(actual.map((value, i) => value * predicted[i]!));
    const spread = (margin: readonly number[]): number => total ** 2 - sum(margin.map(value => value * value));
    const chance = both / total ** 2;
    return {
      accuracy: right / total,
      balancedAccuracy: over(
        i => hits[i]! / actual[i]!,
        seen.filter(i => actual[i]! > 0),
      ),
      macroPrecision: over(i => ratio(hits[i]!, predicted[i]!)),
      macroRecall: over(i => ratio(hits[i]!, actual[i]!)),
      macroF1: over(f1),
      weightedF1: sum(seen.map(i => (f1(i) * actual[i]!) / total)),
      mcc: ratio(right * total - both, Math.sqrt(spread(actual) * spread(predicted))),
      kappa: (right / total - chance) / (1 - chance),
      confusionMatrix,
    };
  }

  reset(): void {
    this.#counts = new Float64Array(this.labels.length ** 2);
  }
}

/** Figures of {@link StreamingRegression}. */
export interface RegressionFigures {
  readonly meanSquaredError: number;
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  readonly maxError: number;
  /** Mean of predictions less targets. */
  readonly bias: number;
  readonly r2: number;
  readonly explainedVariance: number;
  readonly pearson: number;
}

/** Running means and sums of squares about them, of targets, predictions and both (Welford 1962; Chan et al. 1979). */
interface Moments {
  n: number;
  meanX: number;
  meanY: number;
  squaresX: number;
  squaresY: number;
  products: number;
  absolute: number;
  squared: number;
  largest: number;
}

const NO_MOMENTS: Readonly<Moments> = { n: 0, meanX: 0, meanY: 0, squaresX: 0, squaresY: 0, products: 0, absolute: 0, squared: 0, largest: 0 };

/**
 * Regression by running moments, which lose no digits to a large mean.
 *
 * @remarks Python: `torchmetrics.MeanSquaredError`, `R2Score`, `PearsonCorrCoef`; `sklearn.metrics` of all samples at once within 1e-12.
 * @example new StreamingRegression().update([1, 2], [1, 4]).compute().meanAbsoluteError // => 1
 */
export class StreamingRegression implements StreamingMetric<RegressionFigures> {
  #moments: Moments = { ...NO_MOMENTS };

  get count(): number {
    return this.#moments.n;
  }

  /** Takes samples. @throws {ValidationError} for values that are not finite @throws {ShapeError} for unequal numbers */
  update(yTrue: ArrayLike<number>, yPred: ArrayLike<number>): this {
    const n = sameLength({ yTrue, yPred });
    for (const [name, values] of Object.entries({ yTrue, yPred })) for (let i = 0; i < n; i++) finite(values[i]!, `${name}[${i}]`);
    const m = this.#moments;
    for (let i = 0; i < n; i++) {
      const [x, y] = [yTrue[i]!, yPred[i]!];
      m.n++;
      const [stepX, stepY] = [x - m.meanX, y - m.meanY];
      m.meanX += stepX / m.n;
      m.meanY += stepY / m.n;
      m.squaresX += stepX * (x - m.meanX);
      m.squaresY += stepY * (y - m.meanY);
      m.products += stepX * (y - m.meanY);
      const error = Math.abs(y - x);
      m.absolute += error;
      m.squared += error * error;
      m.largest = Math.max(m.largest, error);
    }
    return this;
  }

  /** Adds the samples of another one. */
  merge(other: StreamingRegression): this {
    const [a, b] = [this.#moments, other.#moments];
    const n = a.n + b.n;
    if (b.n === 0) return this;
    const [stepX, stepY] = [b.meanX - a.meanX, b.meanY - a.meanY];
    const weight = (a.n * b.n) / n;
    this.#moments = {
      n,
      meanX: a.meanX + (stepX * b.n) / n,
      meanY: a.meanY + (stepY * b.n) / n,
      squaresX: a.squaresX + b.squaresX + stepX * stepX * weight,
      squaresY: a.squaresY + b.squaresY + stepY * stepY * weight,
      products: a.products + b.products + stepX * stepY * weight,
      absolute: a.absolute + b.absolute,
      squared: a.squared + b.squared,
      largest: Math.max(a.largest, b.largest),
    };
    return this;
  }

  compute(): RegressionFigures {
    const { n, meanX, meanY, squaresX, squaresY, products, absolute, squared, largest } = this.#moments;
    needSamples(n);
    const bias = meanY - meanX;
    return {
      meanSquaredError: squared / n,
      rootMeanSquaredError: Math.sqrt(squared / n),
      meanAbsoluteError: absolute / n,
      maxError: largest,
      bias,
      r2: n < 2 ? Number.NaN : squaresX === 0 ? Number(squared === 0) : 1 - squared / squaresX,
      explainedVariance: squaresX === 0 ? Number(squared - n * bias * bias <= 0) : 1 - (squared - n * bias * bias) / squaresX,
      pearson: products / Math.sqrt(squaresX * squaresY),
    };
  }

  reset(): void {
    this.#moments = { ...NO_MOMENTS };
  }
}

/** Figures of {@link StreamingRanking}. */
export interface RankingFigures {
  /** Area under the ROC curve; samples of one bin count as tied. NaN for a single class. */
  readonly rocAuc: number;
  /** The true area of the scores lies at most this far from `rocAuc`. */
  readonly rocAucError: number;
  /** Average precision, of bins. */
  readonly averagePrecision: number;
  /** Expected calibration error over the bins, of scores as probabilities. */
  readonly expectedCalibrationError: number;
  readonly brierScore: number;
}

/**
 * Ranking and calibration of probabilities by counts in equal bins: the area under the curve with a bound on what binning can hide.
 *
 * @throws {ValidationError} for a number of bins that is not positive
 * @remarks Python: `torchmetrics.classification.BinaryAUROC(thresholds=)`, `BinaryCalibrationError`.
 * @example new StreamingRanking().update([0, 1], [0.2, 0.9]).compute().rocAuc // => 1
 */
export class StreamingRanking implements StreamingMetric<RankingFigures> {
  readonly bins: number;
  #positive: Float64Array;
  #negative: Float64Array;
  #scores: Float64Array;
  #squared = 0;

  /** @param options bins, 4,096 by default */
  constructor({ bins = 4096 }: { readonly bins?: number } = {}) {
    this.bins = positive(integer(bins, 'bins'), 'bins');
    [this.#positive, this.#negative, this.#scores] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  }

  get count(): number {
    return this.#positive.reduce((a, b) => a + b, 0) + this.#negative.reduce((a, b) => a + b, 0);
  }

  /** Takes samples. @throws {ValidationError} for labels other than 0 and 1, or scores outside [0, 1] @throws {ShapeError} for unequal numbers */
  update(labels: ArrayLike<number>, probabilities: ArrayLike<number>): this {
    const n = sameLength({ labels, probabilities });
    for (let i = 0; i < n; i++) {
      inRange(probabilities[i]!, `probabilities[${i}]`, { min: 0, max: 1 });
      if (labels[i] !== 0 && labels[i] !== 1)
        throw new ValidationError(`labels[${i}] must be 0 or 1, got ${labels[i]}`, { parameter: 'labels', received: labels[i] });
    }
    for (let i = 0; i < n; i++) {
      const score = probabilities[i]!;
      const bin = Math.min(this.bins - 1, Math.floor(score * this.bins));
      (labels[i] === 1 ? this.#positive : this.#negative)[bin]!++;
      this.#scores[bin]! += score;
      this.#squared += (score - labels[i]!) ** 2;
    }
    return this;
  }

  /** Adds the samples of another one. @throws {ValidationError} for one with other bins */
  merge(other: StreamingRanking): this {
    if (other.bins !== this.bins)
      throw new ValidationError(`other must have ${this.bins} bins, got ${other.bins}`, { parameter: 'other', received: other.bins });
    for (let bin = 0; bin < this.bins; bin++) {
      this.#positive[bin]! += other.#positive[bin]!;
      this.#negative[bin]! += other.#negative[bin]!;
      this.#scores[bin]! += other.#scores[bin]!;
    }
    this.#squared += other.#squared;
    return this;
  }

  compute(): RankingFigures {
    const [positives, negatives] = [sum([...this.#positive]), sum([...this.#negative])];
    const count = positives + negatives;
    needSamples(count);
    let [above, tp, area, tied, precision, gap] = [0, 0, 0, 0, 0, 0];
    for (let bin = this.bins - 1; bin >= 0; bin--) {
      const [p, n] = [this.#positive[bin]!, this.#negative[bin]!];
      if (p + n === 0) continue;
      area += n * (tp + p / 2);
      tied += n * p;
      tp += p;
      above += p + n;
      precision += (p * tp) / above;
      gap += Math.abs(p - this.#scores[bin]!);
    }
    return {
      rocAuc: area / (positives * negatives),
      rocAucError: tied / (2 * positives * negatives),
      averagePrecision: precision / positives,
      expectedCalibrationError: gap / count,
      brierScore: this.#squared / count,
    };
  }

  reset(): void {
    for (const sums of [this.#positive, this.#negative, this.#scores]) sums.fill(0);
    this.#squared = 0;
  }
}

/**
 * BLEU of segments that come in parts: equal to that of the corpus.
 *
 * @throws {NotFoundError} for an unknown tokenizer
 * @remarks Python: `torchmetrics.text.SacreBLEUScore`.
 * @example new StreamingBleu().update(['the cat sat on the mat'], [['the cat sat on the mat']]).compute().score.toFixed(3) // => '100.000'
 */
export class StreamingBleu implements StreamingMetric<BleuScore> {
  readonly #options: BleuOptions;
  #counts: BleuCounts | null = null;
  #segments = 0;

  constructor(options: BleuOptions = {}) {
    this.#options = options;
  }

  get count(): number {
    return this.#segments;
  }

  #add({ counts, totals, sysLen, refLen }: BleuCounts): void {
    const own = this.#counts ?? { counts: counts.map(() => 0), totals: totals.map(() => 0), sysLen: 0, refLen: 0 };
    this.#counts = {
      counts: own.counts.map((value, i) => value + counts[i]!),
      totals: own.totals.map((value, i) => value + totals[i]!),
      sysLen: own.sysLen + sysLen,
      refLen: own.refLen + refLen,
    };
  }

  /** Takes segments, with reference streams as `corpusBleu` takes them. @throws {ValidationError | ShapeError} as `corpusBleu` */
  update(hypotheses: readonly string[], references: readonly (readonly string[])[]): this {
    // Counts as they are: smoothing is for the end.
    this.#add(corpusBleu(hypotheses, references, { ...this.#options, smoothMethod: 'none' }));
    this.#segments += hypotheses.length;
    return this;
  }

  /** Adds the segments of another one. */
  merge(other: StreamingBleu): this {
    if (other.#counts !== null) this.#add(other.#counts);
    this.#segments += other.#segments;
    return this;
  }

  compute(): BleuScore {
    needSamples(this.#segments);
    const { counts, totals, sysLen, refLen } = this.#counts!;
    return scoreOf({ counts: [...counts], totals: [...totals], sysLen, refLen }, this.#options);
  }

  reset(): void {
    this.#counts = null;
    this.#segments = 0;
  }
}

/** Figures of {@link StreamingErrorRate}. */
export type ErrorRateFigures = Omit<ErrorRates, 'alignments'>;

/**
 * Word error rate of transcripts that come in parts: equal to that of all at once.
 *
 * @remarks Python: `torchmetrics.text.WordErrorRate`; `jiwer.process_words` of all at once.
 * @example new StreamingErrorRate().update(['a b c'], ['a b d']).compute().wer // => 1 / 3
 */
export class StreamingErrorRate implements StreamingMetric<ErrorRateFigures> {
  #sums = { hits: 0, substitutions: 0, deletions: 0, insertions: 0 };
  #segments = 0;
  readonly #measure: (references: readonly string[], hypotheses: readonly string[]) => ErrorRates;

  /** @param measure `wordErrorRate` by default, or `characterErrorRate` */
  constructor(measure: (references: readonly string[], hypotheses: readonly string[]) => ErrorRates = wordErrorRate) {
    this.#measure = measure;
  }

  get count(): number {
    return this.#segments;
  }

  #add(counts: { readonly hits: number; readonly substitutions: number; readonly deletions: number; readonly insertions: number }): void {
    for (const name of ['hits', 'substitutions', 'deletions', 'insertions'] as const) this.#sums[name] += counts[name];
  }

  /** Takes segments. @throws {ValidationError | ShapeError} as `wordErrorRate` */
  update(references: readonly string[], hypotheses: readonly string[]): this {
    nonEmpty(references, 'references');
    this.#add(this.#measure(references, hypotheses));
    this.#segments += references.length;
    return this;
  }

  /** Adds the segments of another one. */
  merge(other: StreamingErrorRate): this {
    this.#add(other.#sums);
    this.#segments += other.#segments;
    return this;
  }

  compute(): ErrorRateFigures {
    needSamples(this.#segments);
    const { hits, substitutions, deletions, insertions } = this.#sums;
    const spoken = hits + substitutions + deletions;
    const heard = hits + substitutions + insertions;
    const errors = substitutions + deletions + insertions;
    const wip = spoken === 0 ? Number(heard === 0) : ratio(hits * hits, spoken * heard);
    const rates = spoken === 0 ? { wer: insertions, mer: 1 - wip } : { wer: errors / spoken, mer: errors / (spoken + insertions) };
    return { ...rates, wil: 1 - wip, wip, ...this.#sums };
  }

  reset(): void {
    this.#sums = { hits: 0, substitutions: 0, deletions: 0, insertions: 0 };
    this.#segments = 0;
  }
}

/** Figures of {@link StreamingPerplexity}. */
export interface PerplexityFigures {
  /** Mean negative log-likelihood of a token, in nats. */
  readonly loss: number;
  readonly perplexity: number;
}

/**
 * Perplexity of tokens that come in parts.
 *
 * @remarks Python: `torchmetrics.text.Perplexity`.
 * @example new StreamingPerplexity().update([-Math.LN2, -Math.LN2]).compute().perplexity // => 2
 */
export class StreamingPerplexity implements StreamingMetric<PerplexityFigures> {
  #total = 0;
  #tokens = 0;

  get count(): number {
    return this.#tokens;
  }

  /** Takes log probabilities of tokens, in nats. @throws {ValidationError} for positive ones, or NaN */
  update(logProbs: ArrayLike<number>): this {
    for (let i = 0; i < logProbs.length; i++) inRange(logProbs[i]!, `logProbs[${i}]`, { max: 0 });
    for (let i = 0; i < logProbs.length; i++) this.#total -= logProbs[i]!;
    this.#tokens += logProbs.length;
    return this;
  }

  /** Adds the tokens of another one. */
  merge(other: StreamingPerplexity): this {
    this.#total += other.#total;
    this.#tokens += other.#tokens;
    return this;
  }

  compute(): PerplexityFigures {
    needSamples(this.#tokens);
    const loss = this.#total / this.#tokens;
    return { loss, perplexity: Math.exp(loss) };
  }

  reset(): void {
    [this.#total, this.#tokens] = [0, 0];
  }
}

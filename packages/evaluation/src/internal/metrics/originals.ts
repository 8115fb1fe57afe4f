/** The computing functions of `hf_gtc.evaluation.metrics`, with its numbers. */
import { formatFixed, nonEmpty, notNull, ShapeError, sameLength, splitWords, ValidationError } from '@gtc/errors';
import type { BERTScoreConfig, BLEUConfig, ClassificationMetrics, MetricResult, ROUGEConfig, RougeVariant } from '../../metrics.js';
import { countNumbers, NgramIndex, overlap } from './ngrams.js';

function result(score: number, parts: Partial<MetricResult> = {}): MetricResult {
  return Object.freeze({ score, precision: null, recall: null, f1: null, confidence: null, ...parts });
}

function harmonic(a: number, b: number): number {
  return a + b > 0 ? (2 * a * b) / (a + b) : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function words(text: string): string[] {
  return splitWords(text.toLowerCase());
}

function checkTexts(candidates: readonly unknown[], references: readonly unknown[]): void {
  notNull(candidates, 'candidates');
  notNull(references, 'references');
  nonEmpty(candidates, 'candidates');
  nonEmpty(references, 'references');
  sameLength({ candidates, references });
}

/**
 * Approximates BLEU on lower-cased words in [0, 1]; scores do not compare with published ones, for which see `corpusBleu`.
 *
 * @param references for each candidate its references
 * @throws {ValidationError} for empty input or a candidate without references
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `hf_gtc.evaluation.metrics.calculate_bleu`; within 1e-9. An empty candidate scores 0 (the original gives 1). The tokenizer of the config is not used, as in the original.
 * @example calculateBleu(['the cat sat on the mat'], [['the cat sat on the mat']]).score // => 1
 */
export function calculateBleu(
  candidates: readonly string[],
  references: readonly (readonly string[])[],
  { config }: { readonly config?: BLEUConfig | null } = {},
): MetricResult {
  checkTexts(candidates, references);
  references.forEach((list, i) => {
    nonEmpty(list, `references[${i}]`);
  });
  const { maxNgram = 4, smoothing = 'add_k' } = config ?? {};
  const matches = new Array<number>(maxNgram).fill(0);
  const totals = new Array<number>(maxNgram).fill(0);
  let [length, closest] = [0, 0];
  candidates.forEach((candidate, i) => {
    const index = new NgramIndex();
    const tokens = words(candidate);
    const refs = references[i]!.map(words);
    length += tokens.length;
    closest += refs.map(ref => ref.length).reduce((best, size) => (Math.abs(size - tokens.length) < Math.abs(best - tokens.length) ? size : best));
    const grams = index.grams(index.encode(tokens), maxNgram);
    const refGrams = refs.map(ref => index.grams(index.encode(ref), maxNgram));
    for (let n = 0; n < maxNgram; n++) {
      totals[n]! += Math.max(0, tokens.length - n);
      const tables = refGrams.map(orders => countNumbers(orders[n] ?? []));
      for (const [gram, count] of countNumbers(grams[n] ?? [])) matches[n]! += Math.min(count, Math.max(...tables.map(table => table.get(gram) ?? 0)));
    }
  });
  const precisions = matches.map((count, n) => smoothed(count, totals[n]!, smoothing));
  if (length === 0 || precisions.some(precision => precision <= 0)) return result(0);
  const penalty = length > closest ? 1 : Math.exp(1 - closest / length);
  return result(penalty * Math.exp(mean(precisions.map(Math.log))));
}

/** A zero count becomes 1/(total + 1) under `add_k`; an order without n-grams becomes 0.1 under `floor`. */
function smoothed(count: number, total: number, smoothing: string): number {
  if (smoothing === 'add_k' && count === 0) return 1 / (total + 1);
  if (total === 0) return smoothing === 'floor' ? 0.1 : 0;
  return count / total;
}

/** Shared items of two texts under one ROUGE variant, with the sizes of both. */
function rougeCounts(candidate: string, reference: string, variant: RougeVariant): readonly [shared: number, candidate: number, reference: number] {
  const index = new NgramIndex();
  const [cand, ref] = [index.encode(words(candidate)), index.encode(words(reference))];
  if (variant === 'rougeL' || variant === 'rougeLsum') return [longestCommon(cand, ref), cand.length, ref.length];
  const order = variant === 'rouge1' ? 1 : 2;
  const [a, b] = [cand, ref].map(ids => index.grams(ids, order)[order - 1] ?? new Int32Array()) as [Int32Array, Int32Array];
  return [overlap(countNumbers(a), countNumbers(b)), a.length, b.length];
}

function longestCommon(a: Int32Array, b: Int32Array): number {
  const row = new Uint32Array(b.length + 1);
  for (const item of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]!;
      row[j] = item === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]!);
      diagonal = above;
    }
  }
  return row[b.length]!;
}

/**
 * Approximates ROUGE on lower-cased words, averaged over pairs; for the scores of the field see `rougeScore`.
 *
 * @returns one result for each variant of the config
 * @throws {ValidationError} for empty input
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `hf_gtc.evaluation.metrics.calculate_rouge`; within 1e-9. Repeated n-grams are clipped (the original compares sets). ROUGE-Lsum equals ROUGE-L and stemming is not applied, as in the original.
 * @example calculateRouge(['the the the'], ['the cat']).rouge1.precision // => 1 / 3
 */
export function calculateRouge(
  candidates: readonly string[],
  references: readonly string[],
  { config }: { readonly config?: ROUGEConfig | null } = {},
): Record<string, MetricResult> {
  checkTexts(candidates, references);
  const { variants = ['rouge1', 'rouge2'] } = config ?? {};
  const score = (variant: RougeVariant): MetricResult => {
    const pairs = candidates.map((candidate, i) => rougeCounts(candidate, references[i]!, variant));
    const precision = mean(pairs.map(([shared, size]) => (size > 0 ? shared / size : 0)));
    const recall = mean(pairs.map(([shared, , size]) => (size > 0 ? shared / size : 0)));
    const f1 = harmonic(precision, recall);
    return result(f1, { precision, recall, f1 });
  };
  return Object.fromEntries(variants.map(variant => [variant, score(variant)]));
}

/** The constant that takes the place of a baseline. */
const BASELINE = 0.3;

/**
 * Approximates BERTScore by the overlap of lower-cased word sets; no embedding is involved.
 *
 * @throws {ValidationError} for empty input
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `hf_gtc.evaluation.metrics.calculate_bertscore`; within 1e-9. Rescaling uses the constant baseline 0.3.
 * @example calculateBertscore(['the cat sat'], ['the cat']).recall // => 1
 */
export function calculateBertscore(
  candidates: readonly string[],
  references: readonly string[],
  { config }: { readonly config?: BERTScoreConfig | null } = {},
): MetricResult {
  checkTexts(candidates, references);
  const overlaps = candidates.map((candidate, i) => {
    const [a, b] = [new Set(words(candidate)), new Set(words(references[i]!))];
    const shared = [...a].filter(word => b.has(word)).length;
    return [a.size > 0 ? shared / a.size : 0, b.size > 0 ? shared / b.size : 0] as const;
  });
  const rescale = (value: number): number => (config?.rescaleWithBaseline === false ? value : Math.max(0, (value - BASELINE) / (1 - BASELINE)));
  const [precision, recall] = [rescale(mean(overlaps.map(([p]) => p))), rescale(mean(overlaps.map(([, r]) => r)))];
  const f1 = harmonic(precision, recall);
  return result(f1, { precision, recall, f1 });
}

/** `exp(loss)` overflows above this. */
const MAX_LOSS = 700;

/**
 * Perplexity `exp(loss)` of a mean negative log-likelihood in nats.
 *
 * @throws {ValidationError} for a negative loss or one above 700
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_perplexity`; within 1e-9.
 * @example computePerplexity(0) // => 1
 */
export function computePerplexity(loss: number): number {
  if (notNull(loss, 'loss') < 0)
    throw new ValidationError(`loss cannot be negative, got ${loss}`, { parameter: 'loss', received: loss, expected: 'non-negative' });
  if (loss > MAX_LOSS)
    throw new ValidationError(`loss must be at most ${MAX_LOSS}, or its exponential overflows, got ${loss}`, {
      parameter: 'loss',
      received: loss,
      expected: `at most ${MAX_LOSS}`,
    });
  return Math.exp(loss);
}

/**
 * Perplexity from token log-probabilities, or from a mean loss, which wins when both are given.
 *
 * @param options `logProbs` natural logarithms of token probabilities; `loss` their negative mean
 * @throws {ValidationError} when neither is given, for an empty list, a negative loss or an overflow
 * @remarks Python: `hf_gtc.evaluation.metrics.calculate_perplexity`; within 1e-9.
 * @example calculatePerplexity({ logProbs: [-1, -1] }).score // => Math.E
 */
export function calculatePerplexity({
  logProbs = null,
  loss = null,
}: {
  readonly logProbs?: readonly number[] | null;
  readonly loss?: number | null;
} = {}): MetricResult {
  if (loss !== null) return result(computePerplexity(loss));
  if (logProbs === null) throw new ValidationError('logProbs or loss must be given', { parameter: 'logProbs', received: null });
  const average = -mean(nonEmpty(logProbs, 'logProbs'));
  if (average > MAX_LOSS)
    throw new ValidationError(`logProbs must have a mean of at least -${MAX_LOSS}, or the perplexity overflows, got ${-average}`, {
      parameter: 'logProbs',
      received: -average,
    });
  return result(Math.exp(average));
}

/**
 * Combines results: `macro` the plain mean, `micro` the mean by normalised weights, `weighted` the weighted sum (weights that do not sum to 1 are not
 * normalised; without weights the plain mean). A part is averaged only when every result has it.
 *
 * @throws {ValidationError} for an empty list
 * @throws {ShapeError} when there is not one weight for each result
 * @remarks Python: `hf_gtc.evaluation.metrics.aggregate_metrics`; within 1e-9. `micro` uses the weights (the original drops them).
 * @example aggregateMetrics([{ score: 1 }, { score: 0 }], { method: 'micro', weights: [3, 1] }).score // => 0.75
 */
export function aggregateMetrics(
  results: readonly Partial<MetricResult>[],
  { method = 'macro', weights = null }: { readonly method?: string; readonly weights?: readonly number[] | null } = {},
): MetricResult {
  nonEmpty(notNull(results, 'results'), 'results');
  if (weights !== null && weights.length !== results.length)
    throw new ShapeError(`weights must have the same length as results, got ${weights.length} and ${results.length}`, {
      parameter: 'weights',
      received: weights.length,
    });
  const total = method === 'micro' && weights !== null ? weights.reduce((sum, weight) => sum + weight, 0) : 1;
  const combine = (values: readonly (number | null | undefined)[]): number | null => {
    if (values.some(value => value === null || value === undefined)) return null;
    if (weights === null || method === 'macro') return mean(values as number[]);
    return (values as number[]).reduce((sum, value, i) => sum + value * weights[i]!, 0) / total;
  };
  const part = (key: 'score' | 'precision' | 'recall' | 'f1'): number | null => combine(results.map(each => each[key]));
  return result(part('score')!, { precision: part('precision'), recall: part('recall'), f1: part('f1') });
}

/**
 * Results as text, by name in ascending order.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.format_metric_stats`; equal text.
 * @example formatMetricStats({ bleu: { score: 0.45 } }).split('\n').slice(3) // => ['BLEU:', '  Score: 0.4500']
 */
export function formatMetricStats(results: Readonly<Record<string, Partial<MetricResult>>>): string {
  const lines = ['Metric Results', '='.repeat(40)];
  const fixed = (value: number): string => formatFixed(value, 4);
  for (const name of Object.keys(notNull(results, 'results')).sort()) {
    const { score = 0, precision, recall, f1, confidence } = results[name]!;
    const parts: readonly (readonly [string, number | null | undefined])[] = [
      ['Score', score],
      ['Precision', precision],
      ['Recall', recall],
      ['F1', f1],
    ];
    lines.push('', `${name.toUpperCase()}:`);
    for (const [label, value] of parts) if (value !== null && value !== undefined) lines.push(`  ${label}: ${fixed(value)}`);
    if (confidence) lines.push(`  Confidence: [${fixed(confidence[0]!)}, ${fixed(confidence[1]!)}]`);
  }
  return lines.join('\n');
}

/** Hits, predicted and true positives of one class. */
function positives(
  predictions: readonly number[],
  labels: readonly number[],
  positiveLabel: number,
): { readonly hits: number; readonly predicted: number; readonly actual: number } {
  sameLength({ predictions: notNull(predictions, 'predictions'), labels: notNull(labels, 'labels') });
  nonEmpty(predictions, 'predictions');
  const count = (matches: (i: number) => boolean): number => predictions.filter((_, i) => matches(i)).length;
  return {
    hits: count(i => predictions[i] === positiveLabel && labels[i] === positiveLabel),
    predicted: count(i => predictions[i] === positiveLabel),
    actual: count(i => labels[i] === positiveLabel),
  };
}

/** Options of metrics of one class. */
export interface PositiveOptions {
  /** The class that counts as positive. */
  readonly positiveLabel?: number;
}

/**
 * Fraction of predictions that equal the label.
 *
 * @throws {ValidationError} for empty input
 * @throws {ShapeError} when lengths differ
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_accuracy`; within 1e-9.
 * @example computeAccuracy([1, 0, 1], [1, 1, 1]) // => 2 / 3
 */
export function computeAccuracy(predictions: readonly number[], labels: readonly number[]): number {
  positives(predictions, labels, 1);
  return predictions.filter((prediction, i) => prediction === labels[i]).length / predictions.length;
}

/**
 * Precision of one class, 0 when it is never predicted.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_precision`; within 1e-9.
 * @example computePrecision([1, 0, 1], [1, 0, 0]) // => 0.5
 */
export function computePrecision(predictions: readonly number[], labels: readonly number[], { positiveLabel = 1 }: PositiveOptions = {}): number {
  const { hits, predicted } = positives(predictions, labels, positiveLabel);
  return predicted > 0 ? hits / predicted : 0;
}

/**
 * Recall of one class, 0 when it does not occur.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_recall`; within 1e-9.
 * @example computeRecall([1, 0, 0], [1, 1, 0]) // => 0.5
 */
export function computeRecall(predictions: readonly number[], labels: readonly number[], { positiveLabel = 1 }: PositiveOptions = {}): number {
  const { hits, actual } = positives(predictions, labels, positiveLabel);
  return actual > 0 ? hits / actual : 0;
}

/**
 * Harmonic mean of precision and recall of one class, 0 when both are.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_f1`; within 1e-9.
 * @example computeF1([1, 0, 0], [1, 1, 0]) // => 2 / 3
 */
export function computeF1(predictions: readonly number[], labels: readonly number[], options: PositiveOptions = {}): number {
  return harmonic(computePrecision(predictions, labels, options), computeRecall(predictions, labels, options));
}

/**
 * Accuracy, and precision, recall and F1 of one class.
 *
 * @remarks Python: `hf_gtc.evaluation.metrics.compute_classification_metrics`; within 1e-9.
 * @example computeClassificationMetrics([1, 0], [1, 0]) // => { accuracy: 1, precision: 1, recall: 1, f1: 1 }
 */
export function computeClassificationMetrics(predictions: readonly number[], labels: readonly number[], options: PositiveOptions = {}): ClassificationMetrics {
  const [precision, recall] = [computePrecision(predictions, labels, options), computeRecall(predictions, labels, options)];
  return Object.freeze({ accuracy: computeAccuracy(predictions, labels), precision, recall, f1: harmonic(precision, recall) });
}

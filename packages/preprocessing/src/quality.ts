/** Quality of texts: scores, duplicates, overlap with test data, and how a dataset spreads over good and bad. Mirrors `hf_gtc.preprocessing.quality`. */
import { createFrom, type Definition, formatCount, formatFixed, notNull, parseEnum, positive, splitWords, textLength, validate, valuesOf } from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import { similarPairs } from './internal/words/overlap.js';

const DEFAULT_THRESHOLDS: Readonly<Record<string, number>> = { perplexity: 1000, length: 10, repetition: 0.5, toxicity: 0.5, language_score: 0.8 };

/** Ways to find duplicates. */
export const DeduplicationMethod = { EXACT_HASH: 'exact_hash', MINHASH: 'minhash', SIMHASH: 'simhash', SEMANTIC: 'semantic', NGRAM: 'ngram' } as const;
export type DeduplicationMethod = (typeof DeduplicationMethod)[keyof typeof DeduplicationMethod];

/** What is scored. */
export const QualityMetric = {
  PERPLEXITY: 'perplexity',
  LENGTH: 'length',
  REPETITION: 'repetition',
  TOXICITY: 'toxicity',
  LANGUAGE_SCORE: 'language_score',
} as const;
export type QualityMetric = (typeof QualityMetric)[keyof typeof QualityMetric];

/** How scores decide. */
export const FilterStrategy = { THRESHOLD: 'threshold', PERCENTILE: 'percentile', ZSCORE: 'zscore' } as const;
export type FilterStrategy = (typeof FilterStrategy)[keyof typeof FilterStrategy];

/** Values of {@link DeduplicationMethod}. */
export const VALID_DEDUPLICATION_METHODS: ReadonlySet<DeduplicationMethod> = new Set(Object.values(DeduplicationMethod));

/** Values of {@link QualityMetric}. */
export const VALID_QUALITY_METRICS: ReadonlySet<QualityMetric> = new Set(Object.values(QualityMetric));

/** Values of {@link FilterStrategy}. */
export const VALID_FILTER_STRATEGIES: ReadonlySet<FilterStrategy> = new Set(Object.values(FilterStrategy));

/** How duplicates are found. */
export interface DeduplicationConfig {
  readonly method: DeduplicationMethod;
  /** From which texts are duplicates, 0 to 1. */
  readonly similarityThreshold: number;
  /** Words in a run. */
  readonly ngramSize: number;
  readonly numHashes: number;
}

/** Defaults and rules of {@link DeduplicationConfig}. */
export const DeduplicationConfig: Definition<DeduplicationConfig> = {
  name: 'DeduplicationConfig',
  fields: {
    method: { kind: 'enum', of: DeduplicationMethod, default: DeduplicationMethod.EXACT_HASH },
    similarityThreshold: { kind: 'float', default: 0.9, min: 0, max: 1 },
    ngramSize: { kind: 'int', default: 5, positive: true },
    numHashes: { kind: 'int', default: 128, positive: true },
  },
};

/** What is scored and where the lines are. */
export interface QualityFilterConfig {
  readonly metrics: readonly QualityMetric[];
  readonly thresholds: Readonly<Record<string, number>>;
  readonly filterStrategy: FilterStrategy;
  readonly removeOutliers: boolean;
}

/** Defaults and rules of {@link QualityFilterConfig}. */
export const QualityFilterConfig: Definition<QualityFilterConfig> = {
  name: 'QualityFilterConfig',
  fields: {
    metrics: { kind: 'array', of: { kind: 'enum', of: QualityMetric }, default: ['perplexity', 'length'], nonEmpty: true },
    thresholds: { kind: 'record', of: { kind: 'float' }, default: DEFAULT_THRESHOLDS },
    filterStrategy: { kind: 'enum', of: FilterStrategy, default: FilterStrategy.THRESHOLD },
    removeOutliers: { kind: 'bool', default: true },
  },
};

/** How test data is found. */
export interface ContaminationConfig {
  readonly testDatasets: readonly string[];
  readonly ngramOverlapThreshold: number;
  readonly exactMatch: boolean;
}

/** Defaults and rules of {@link ContaminationConfig}. */
export const ContaminationConfig: Definition<ContaminationConfig> = {
  name: 'ContaminationConfig',
  fields: {
    testDatasets: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    ngramOverlapThreshold: { kind: 'float', default: 0.8, min: 0, max: 1 },
    exactMatch: { kind: 'bool', default: true },
  },
};

/** How a dataset fares. */
export interface QualityStats {
  readonly totalSamples: number;
  readonly filteredCount: number;
  /** Pairs of duplicates. */
  readonly duplicateCount: number;
  readonly qualityDistribution: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link QualityStats}. */
export const QualityStats: Definition<QualityStats> = {
  name: 'QualityStats',
  fields: {
    totalSamples: { kind: 'int' },
    filteredCount: { kind: 'int' },
    duplicateCount: { kind: 'int' },
    qualityDistribution: { kind: 'record', of: { kind: 'int' } },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateDeduplicationConfig(config: DeduplicationConfig): void {
  validate(DeduplicationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateQualityFilterConfig(config: QualityFilterConfig): void {
  validate(QualityFilterConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContaminationConfig(config: ContaminationConfig): void {
  validate(ContaminationConfig, config);
}

/** Settles a {@link DeduplicationConfig}. @throws {ValidationError} naming every broken rule */
export function createDeduplicationConfig(options: Partial<DeduplicationConfig> = {}): DeduplicationConfig {
  return createFrom(DeduplicationConfig, options);
}

/** Settles a {@link ContaminationConfig}. @throws {ValidationError} naming every broken rule */
export function createContaminationConfig(
  testDatasets: ContaminationConfig['testDatasets'],
  options: Partial<Omit<ContaminationConfig, 'testDatasets'>> = {},
): ContaminationConfig {
  return createFrom(ContaminationConfig, { ...options, testDatasets });
}

/** Deduplication methods in ascending order. */
export function listDeduplicationMethods(): DeduplicationMethod[] {
  return valuesOf(DeduplicationMethod);
}

/** @throws {ValidationError} naming the values of {@link DeduplicationMethod} */
export function getDeduplicationMethod(name: string): DeduplicationMethod {
  return parseEnum(DeduplicationMethod, name, 'name');
}

/** Quality metrics in ascending order. */
export function listQualityMetrics(): QualityMetric[] {
  return valuesOf(QualityMetric);
}

/** @throws {ValidationError} naming the values of {@link QualityMetric} */
export function getQualityMetric(name: string): QualityMetric {
  return parseEnum(QualityMetric, name, 'name');
}

/** Filter strategies in ascending order. */
export function listFilterStrategies(): FilterStrategy[] {
  return valuesOf(FilterStrategy);
}

/** @throws {ValidationError} naming the values of {@link FilterStrategy} */
export function getFilterStrategy(name: string): FilterStrategy {
  return parseEnum(FilterStrategy, name, 'name');
}

/**
 * Settles a {@link QualityFilterConfig}; without thresholds, the default ones. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.preprocessing.quality.create_quality_filter_config(metrics=, thresholds=, filter_strategy=, remove_outliers=)`.
 */
export function createQualityFilterConfig(
  options: {
    readonly metrics?: readonly QualityMetric[];
    readonly thresholds?: Readonly<Record<string, number>> | null;
    readonly filterStrategy?: FilterStrategy;
    readonly removeOutliers?: boolean;
  } = {},
): QualityFilterConfig {
  const { thresholds, ...others } = options;
  const settled = thresholds && Object.keys(thresholds).length > 0 ? thresholds : DEFAULT_THRESHOLDS;
  return createFrom(QualityFilterConfig, { ...others, thresholds: settled });
}

/** Two to the entropy of the lowercased characters, in bits: how many different ones a text seems to draw from. */
function characterPerplexity(text: string): number {
  const length = textLength(text);
  if (length === 0) return 0;
  const counts = new Map<string, number>();
  for (const character of text.toLowerCase()) counts.set(character, (counts.get(character) ?? 0) + 1);
  return 2 ** -sum([...counts.values()].map(count => (count / length) * Math.log2(count / length)));
}

/** Share of words that occurred before. */
function repetition(text: string): number {
  const words = splitWords(text.toLowerCase());
  return words.length === 0 ? 0 : 1 - new Set(words).size / words.length;
}

function asciiShare(text: string): number {
  const length = textLength(text);
  return length === 0 ? 0 : [...text].filter(character => character <= '\x7f').length / length;
}

const SCORES: Readonly<Record<QualityMetric, (text: string) => number>> = {
  perplexity: characterPerplexity,
  length: textLength,
  repetition,
  toxicity: () => 0,
  language_score: asciiShare,
};

/**
 * Scores of a composed (NFC) text: 2 to the entropy of its characters, characters, share of repeated words, share of ASCII; toxicity is 0, since a text
 * alone does not tell it: use a classifier.
 *
 * @param metrics all when null or empty
 * @remarks Python: `hf_gtc.preprocessing.quality.calculate_text_quality_score(text, metrics=)`.
 * @example calculateTextQualityScore('go go go', { metrics: ['length', 'language_score'] }) // => { length: 8, language_score: 1 }
 */
export function calculateTextQualityScore(
  text: string,
  { metrics = null }: { readonly metrics?: readonly QualityMetric[] | null } = {},
): Partial<Record<QualityMetric, number>> {
  const composed = notNull(text, 'text').normalize('NFC');
  const chosen = metrics === null || metrics.length === 0 ? Object.values(QualityMetric) : metrics;
  return Object.fromEntries(chosen.map(metric => [metric, SCORES[parseEnum(QualityMetric, metric, 'metrics')](composed)]));
}

/** Pairs of equal texts, by place. */
function equalPairs(texts: readonly string[]): [number, number, number][] {
  const places = new Map<string, number[]>();
  for (const [i, text] of texts.entries()) places.set(text, [...(places.get(text) ?? []), i]);
  const pairs = [...places.values()].flatMap(list => list.flatMap((a, i) => list.slice(i + 1).map((b): [number, number, number] => [a, b, 1])));
  return pairs.sort(([a, b], [c, d]) => a - c || b - d);
}

/**
 * Pairs of duplicates by place: equal texts, or for `ngram` texts whose runs of lowercased words overlap (Jaccard index). The methods that need
 * signatures or embeddings find equal texts.
 *
 * @throws {ValidationError} unless ngramSize and numHashes are positive, similarityThreshold is between 0 and 1, got 100.0
 * @remarks Python: `hf_gtc.preprocessing.quality.detect_duplicates(texts, config=)`.
 * @example detectDuplicates(['§嫜ËÇî󳇁', 'method', '§嫜ËÇî󳇁']) // => [[0, 2, 1]]
 */
export function detectDuplicates(
  texts: readonly string[],
  { config = null }: { readonly config?: DeduplicationConfig | null } = {},
): [first: number, second: number, similarity: number][] {
  notNull(texts, 'texts');
  const settings = config ?? createFrom(DeduplicationConfig);
  validate(DeduplicationConfig, settings);
  if (settings.method !== 'ngram') return equalPairs(texts);
  return similarPairs(texts, texts, settings.ngramSize, settings.similarityThreshold).filter(([first, second]) => first < second);
}

/**
 * Test texts among training texts: first equal ones, of equal training texts the last, then those whose lowercased words overlap (Jaccard index).
 *
 * @remarks Python: `hf_gtc.preprocessing.quality.check_contamination(train_texts, test_texts, config=)`.
 * @example checkContamination([], []) // => []
 */
export function checkContamination(
  trainTexts: readonly string[],
  testTexts: readonly string[],
  { config = null }: { readonly config?: ContaminationConfig | null } = {},
): [trainIndex: number, testIndex: number, score: number][] {
  notNull(trainTexts, 'trainTexts');
  notNull(testTexts, 'testTexts');
  const { exactMatch, ngramOverlapThreshold } = config ?? createFrom(ContaminationConfig, { testDatasets: ['default'] });
  const places = new Map(trainTexts.map((text, i) => [text, i]));
  const equal = exactMatch ? testTexts.flatMap((text, test) => (places.has(text) ? [[places.get(text)!, test, 1] as [number, number, number]] : [])) : [];
  const known = new Set(equal.map(([train, test]) => `${train} ${test}`));
  const similar = similarPairs(trainTexts, testTexts, 1, ngramOverlapThreshold).filter(([train, test]) => !known.has(`${train} ${test}`));
  return [...equal, ...similar];
}

/**
 * Two to the entropy of a text's lowercased characters, in bits: how many different ones it seems to draw from; 0 for an empty text. A language model's
 * perplexity is another thing.
 *
 * @param vocabularySize checked, otherwise without effect
 * @throws {ValidationError} unless vocabularySize is positive
 * @remarks Python: `hf_gtc.preprocessing.quality.calculate_perplexity_score(text, vocabulary_size=)`; within 1e-12.
 * @example calculatePerplexityScore('È') // => 1
 */
export function calculatePerplexityScore(text: string, { vocabularySize = 50000 }: { readonly vocabularySize?: number } = {}): number {
  positive(vocabularySize, 'vocabularySize');
  return characterPerplexity(notNull(text, 'text'));
}

/**
 * How a dataset fares, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.quality.format_quality_stats(stats)`; the same text.
 */
export function formatQualityStats(stats: QualityStats): string {
  const { totalSamples, filteredCount, duplicateCount, qualityDistribution } = notNull(stats, 'stats');
  const share = (value: number): string => formatFixed(totalSamples > 0 ? (value / totalSamples) * 100 : 0, 1);
  return [
    'Quality Statistics',
    '='.repeat(40),
    `Total samples:    ${formatCount(totalSamples)}`,
    `Filtered count:   ${formatCount(filteredCount)}`,
    `Duplicate count:  ${formatCount(duplicateCount)}`,
    `Retention rate:   ${share(totalSamples - filteredCount)}%`,
    `Duplicate rate:   ${share(duplicateCount)}%`,
    '',
    'Quality Distribution:',
    ...Object.entries(qualityDistribution)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${name}: ${formatCount(count)} (${share(count)}%)`),
  ].join('\n');
}

/**
 * Metrics and lines for a dataset: the larger it is, the more is asked; from 100000 texts on, percentiles decide.
 *
 * @throws {ValidationError} unless datasetSize is positive
 * @remarks Python: `hf_gtc.preprocessing.quality.get_recommended_quality_config(dataset_size)`.
 */
export function getRecommendedQualityConfig(datasetSize: number): QualityFilterConfig {
  positive(datasetSize, 'datasetSize');
  if (datasetSize < 10000) return createFrom(QualityFilterConfig, { metrics: ['length', 'repetition'], thresholds: { length: 5, repetition: 0.8 } });
  if (datasetSize < 100000)
    return createFrom(QualityFilterConfig, { metrics: ['perplexity', 'length', 'repetition'], thresholds: { perplexity: 500, length: 10, repetition: 0.6 } });
  return createFrom(QualityFilterConfig, {
    metrics: ['perplexity', 'length', 'repetition', 'language_score'],
    thresholds: { perplexity: 95, length: 5, repetition: 95 },
    filterStrategy: 'percentile',
  });
}

/**
 * How a dataset spreads: a text of less than 10 characters or repeated words above 0.7 is low, of less than 50 or above 0.4 medium, else high; low ones
 * count as filtered. Repetition counts where it is among the metrics.
 *
 * @remarks Python: `hf_gtc.preprocessing.quality.compute_quality_stats(texts, config=)`.
 */
export function computeQualityStats(texts: readonly string[], { config = null }: { readonly config?: QualityFilterConfig | null } = {}): QualityStats {
  notNull(texts, 'texts');
  const { metrics } = config ?? createFrom(QualityFilterConfig);
  const qualityDistribution = { high: 0, medium: 0, low: 0 };
  for (const text of texts) {
    const { length = textLength(text), repetition: repeated = 0 } = calculateTextQualityScore(text, { metrics });
    if (length < 10 || repeated > 0.7) qualityDistribution.low += 1;
    else if (length < 50 || repeated > 0.4) qualityDistribution.medium += 1;
    else qualityDistribution.high += 1;
  }
  return {
    totalSamples: texts.length,
    filteredCount: qualityDistribution.low,
    duplicateCount: detectDuplicates(texts).length,
    qualityDistribution: texts.length === 0 ? {} : qualityDistribution,
  };
}

/** Comparison of two models: significance tests, effect sizes, confidence intervals. Mirrors `hf_gtc.evaluation.comparison`. */
import { createFrom, formatFixed, inRange, isValueOf, nonEmpty, notNull, parseEnum, positive, sameLength, validate, valuesOf } from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';
import { mean } from '@gtc/tensor/statistics';
import {
  ComparisonConfig,
  ComparisonMethod,
  ComparisonResult,
  ComparisonStats,
  EffectSize,
  ModelResult,
  SignificanceLevel,
} from './internal/comparison/configs.js';
import { variance as sampleVariance } from './internal/comparison/result.js';
import { TESTS } from './internal/comparison/tests.js';

export {
  ComparisonConfig,
  ComparisonMethod,
  ComparisonResult,
  ComparisonStats,
  EffectSize,
  ModelResult,
  SignificanceLevel,
  VALID_COMPARISON_METHODS,
  VALID_EFFECT_SIZES,
  VALID_SIGNIFICANCE_LEVELS,
} from './internal/comparison/configs.js';
export * from './internal/comparison/contingency.js';
export {
  geometricMean,
  harmonicMean,
  interquartileRange,
  kurtosis,
  median,
  medianAbsDeviation,
  type PercentileMethod,
  percentile,
  skewness,
  standardError,
  trimmedMean,
} from './internal/comparison/descriptive.js';
export * from './internal/comparison/effects.js';
export * from './internal/comparison/multiple.js';
export * from './internal/comparison/normality.js';
export * from './internal/comparison/rank-tests.js';
export * from './internal/comparison/raters.js';
export * from './internal/comparison/resampling.js';
export type { Alternative, AlternativeOptions, Sample, TestResult } from './internal/comparison/result.js';
export * from './internal/comparison/spread-tests.js';
export * from './internal/comparison/t-tests.js';

/** Settles a {@link ComparisonConfig}. @throws {ValidationError} naming every broken rule */
export function createComparisonConfig(options: Partial<ComparisonConfig> = {}): ComparisonConfig {
  return createFrom(ComparisonConfig, options);
}

/** Settles a {@link ComparisonResult}. @throws {ValidationError} naming every broken rule */
export function createComparisonResult(
  modelA: ComparisonResult['modelA'],
  modelB: ComparisonResult['modelB'],
  pValue: ComparisonResult['pValue'],
  effectSize: ComparisonResult['effectSize'],
  isSignificant: ComparisonResult['isSignificant'],
  confidenceInterval: ComparisonResult['confidenceInterval'],
  testStatistic: ComparisonResult['testStatistic'],
  method: ComparisonResult['method'],
): ComparisonResult {
  return createFrom(ComparisonResult, { modelA, modelB, pValue, effectSize, isSignificant, confidenceInterval, testStatistic, method });
}

/** @throws {ValidationError} naming every broken rule */
export function validateComparisonConfig(config: ComparisonConfig): void {
  validate(ComparisonConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateModelResult(result: ModelResult): void {
  validate(ModelResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateComparisonResult(result: ComparisonResult): void {
  validate(ComparisonResult, result, 'result');
}

/** @throws {ValidationError} naming every broken rule */
export function validateComparisonStats(stats: ComparisonStats): void {
  validate(ComparisonStats, stats, 'stats');
}

/** Comparison methods in ascending order. */
export function listComparisonMethods(): ComparisonMethod[] {
  return valuesOf(ComparisonMethod);
}

/** Whether the text is a value of {@link ComparisonMethod}. */
export function validateComparisonMethod(method: string): boolean {
  return isValueOf(ComparisonMethod, method);
}

/** @throws {ValidationError} naming the values of {@link ComparisonMethod} */
export function getComparisonMethod(name: string): ComparisonMethod {
  return parseEnum(ComparisonMethod, name, 'name');
}

/** Significance levels in ascending order. */
export function listSignificanceLevels(): SignificanceLevel[] {
  return valuesOf(SignificanceLevel);
}

/** Effect sizes in ascending order. */
export function listEffectSizes(): EffectSize[] {
  return valuesOf(EffectSize);
}

/** Whether the text is a value of {@link EffectSize}. */
export function validateEffectSizeType(effectSize: string): boolean {
  return isValueOf(EffectSize, effectSize);
}

/** @throws {ValidationError} naming the values of {@link EffectSize} */
export function getEffectSizeType(name: string): EffectSize {
  return parseEnum(EffectSize, name, 'name');
}

/** Widths of the columns of a table. */
const WIDTHS = [15, 15, 10, 10, 6];

/**
 * Settles a {@link ModelResult}. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.evaluation.comparison.create_model_result(model_name, scores, metadata=)`.
 */
export function createModelResult(
  modelName: string,
  scores: readonly number[],
  { metadata = null }: { readonly metadata?: Readonly<Record<string, unknown>> | null } = {},
): ModelResult {
  return createFrom(ModelResult, { modelName, scores, metadata: metadata ?? {} });
}

/**
 * Whether a number is one of the usual levels.
 *
 * @remarks Python: `hf_gtc.evaluation.comparison.validate_significance_level(level)`.
 * @example validateSignificanceLevel(0.1) // => true
 */
export function validateSignificanceLevel(level: number): boolean {
  return Object.values(SignificanceLevel).includes(level as SignificanceLevel);
}

/**
 * The level with this value.
 *
 * @remarks Python: `hf_gtc.evaluation.comparison.get_significance_level(value)`.
 * @example getSignificanceLevel(0.1) // => 0.1
 */
export function getSignificanceLevel(value: number): SignificanceLevel {
  return parseEnum(SignificanceLevel, value, 'significanceLevel');
}

/** Sample variance; that of one value is 0. */
const variance = (values: readonly number[]): number => (values.length < 2 ? 0 : sampleVariance(values));

function checkPaired(scoresA: readonly number[], scoresB: readonly number[]): void {
  nonEmpty(scoresA, 'scoresA');
  nonEmpty(scoresB, 'scoresB');
  sameLength({ scoresA, scoresB });
}

const ratio = (difference: number, scale: number): number =>
  scale === 0 ? (difference === 0 ? 0 : Math.sign(difference) * Number.POSITIVE_INFINITY) : difference / scale;

/**
 * Standardised difference of the means: over the pooled deviation (Cohen's d), that times `1 − 3/(4N − 9)` (Hedges' g), or over the deviation of the
 * second model
 * (Glass's Δ). Without spread it is infinite, or 0 for equal means.
 * Source: Cohen (1988); Hedges (1981); Glass (1976).
 *
 * @throws {ValidationError} unless scoresA and scoresB are not empty
 * @remarks Python: `hf_gtc.evaluation.comparison.calculate_effect_size(scores_a, scores_b, effect_type=)`; within 1e-12.
 * @example calculateEffectSize([0.4, 0.4], [0.4, 0.4]) // => 0
 */
export function calculateEffectSize(
  scoresA: readonly number[],
  scoresB: readonly number[],
  { effectType = EffectSize.COHENS_D }: { readonly effectType?: EffectSize } = {},
): number {
  notNull(scoresB, 'scoresB');
  notNull(scoresA, 'scoresA');
  checkPaired(scoresA, scoresB);
  const difference = mean(scoresA) - mean(scoresB);
  if (effectType === 'glass_delta') return ratio(difference, Math.sqrt(variance(scoresB)));
  const d = ratio(difference, Math.sqrt((variance(scoresA) + variance(scoresB)) / 2));
  return effectType === 'hedges_g' && Number.isFinite(d) && d !== 0 ? d * (1 - 3 / (4 * (scoresA.length + scoresB.length) - 9)) : d;
}

/**
 * Percentile interval of the difference of the means over draws of pairs with replacement.
 * Source: Efron, Bootstrap Methods (1979).
 *
 * @param randomSeed repeats the draws, which are those of Python's `random.randint`
 * @throws {ValidationError} unless scoresB and scoresA are not empty, confidenceLevel is in (0, 1), numBootstrap is positive
 * @remarks Python: `hf_gtc.evaluation.comparison.bootstrap_confidence_interval(scores_a, scores_b, num_bootstrap=, confidence_level=, random_seed=)`.
 * @example bootstrapConfidenceInterval([0, 0, 0, 0, 0], [0.1, 0.1, 0.1, 0.1, 0.1], { numBootstrap: 50, randomSeed: 42 }) // => [-0.1, -0.1]
 */
export function bootstrapConfidenceInterval(
  scoresA: readonly number[],
  scoresB: readonly number[],
  {
    numBootstrap = 1000,
    confidenceLevel = 0.95,
    randomSeed = null,
  }: { readonly numBootstrap?: number; readonly confidenceLevel?: number; readonly randomSeed?: number | null } = {},
): [low: number, high: number] {
  notNull(scoresA, 'scoresA');
  notNull(scoresB, 'scoresB');
  checkPaired(scoresA, scoresB);
  positive(numBootstrap, 'numBootstrap');
  inRange(confidenceLevel, 'confidenceLevel', { above: 0, below: 1 });
  const random = new PythonRandom(randomSeed);
  const last = scoresA.length - 1;
  const differences = Array.from({ length: numBootstrap }, () => {
    const drawn = scoresA.map(() => random.randint(0, last));
    return mean(drawn.map(index => scoresA[index]!)) - mean(drawn.map(index => scoresB[index]!));
  }).sort((a, b) => a - b);
  const tail = (1 - confidenceLevel) / 2;
  const at = (index: number): number => differences[Math.min(differences.length - 1, Math.max(0, index))]!;
  return [at(Math.trunc(tail * numBootstrap)), at(Math.trunc((1 - tail) * numBootstrap) - 1)];
}

/**
 * Statistic and two-sided p-value of a test on paired scores: Student's t, the signed-rank test (exact up to 50 pairs without ties and 13 with), a
 * pooled bootstrap
 * or permutation of the means, or McNemar's χ² with continuity correction on scores that are 1 or 0.
 *
 * @returns NaN twice for a t-test of one pair, which has no variance
 * @throws {ValidationError} unless scoresA and scoresB are not empty
 * @remarks Python: `hf_gtc.evaluation.comparison.run_significance_test(scores_a, scores_b, config)`.
 * @example runSignificanceTest([1, 0, 1, 0, 1], [1, 0, 1, 0, 1], { method: 'permutation', significanceLevel: 0.05, numBootstrap: 1000, effectSizeType: 'cohens_d', randomSeed: null }) // => [0, 1]
 */
export function runSignificanceTest(scoresA: readonly number[], scoresB: readonly number[], config: ComparisonConfig): [statistic: number, pValue: number] {
  notNull(scoresA, 'scoresA');
  notNull(scoresB, 'scoresB');
  notNull(config, 'config');
  checkPaired(scoresA, scoresB);
  return TESTS[config.method](scoresA, scoresB, config);
}

/**
 * Compares two models on the same items: test, effect size and bootstrap interval at the configured level.
 *
 * @throws {ValidationError} unless numBootstrap is positive, modelName and scores are not empty
 * @remarks Python: `hf_gtc.evaluation.comparison.compare_models(result_a, result_b, config=)`; p-values are exact where the reference approximates them.
 */
export function compareModels(
  resultA: ModelResult,
  resultB: ModelResult,
  { config = null }: { readonly config?: ComparisonConfig | null } = {},
): ComparisonResult {
  validate(ModelResult, resultA, 'resultA');
  validate(ModelResult, resultB, 'resultB');
  const settled = config ?? createFrom(ComparisonConfig);
  validate(ComparisonConfig, settled);
  sameLength({ 'scores of results A': resultA.scores, 'scores of results B': resultB.scores });
  const [testStatistic, pValue] = runSignificanceTest(resultA.scores, resultB.scores, settled);
  const { significanceLevel, numBootstrap, randomSeed, effectSizeType, method } = settled;
  return {
    modelA: resultA.modelName,
    modelB: resultB.modelName,
    pValue,
    effectSize: calculateEffectSize(resultA.scores, resultB.scores, { effectType: effectSizeType }),
    isSignificant: pValue < significanceLevel,
    confidenceInterval: bootstrapConfidenceInterval(resultA.scores, resultB.scores, { numBootstrap, confidenceLevel: 1 - significanceLevel, randomSeed }),
    testStatistic,
    method,
  };
}

/**
 * Comparisons as a table.
 *
 * @remarks Python: `hf_gtc.evaluation.comparison.format_comparison_table(results)`; the same text.
 * @example formatComparisonTable([]) // => 'No comparison results to display.'
 */
export function formatComparisonTable(results: readonly ComparisonResult[]): string {
  notNull(results, 'results');
  if (results.length === 0) return 'No comparison results to display.';
  const cells = (...values: readonly string[]): string =>
    values.map((value, index) => (index < WIDTHS.length ? value.padEnd(WIDTHS[index]!) : value)).join(' ');
  const rows = results.map(({ modelA, modelB, pValue, effectSize, isSignificant, confidenceInterval }) =>
    cells(
      modelA,
      modelB,
      formatFixed(pValue, 4),
      formatFixed(effectSize, 3),
      isSignificant ? '*' : '',
      `[${confidenceInterval.map(end => formatFixed(end, 3)).join(', ')}]`,
    ),
  );
  const rule = '-'.repeat(80);
  return [
    'Model Comparison Results',
    '='.repeat(80),
    cells('Model A', 'Model B', 'p-value', 'Effect', 'Sig?', 'CI'),
    rule,
    ...rows,
    rule,
    '* indicates statistical significance',
  ].join('\n');
}

/**
 * A summary as text.
 *
 * @remarks Python: `hf_gtc.evaluation.comparison.format_comparison_stats(stats)`; the same text.
 */
export function formatComparisonStats(stats: ComparisonStats): string {
  notNull(stats, 'stats');
  const { totalComparisons, significantCount, avgEffectSize, maxEffectSize, minPValue } = stats;
  positive(totalComparisons, 'totalComparisons');
  const [mantissa, exponent] = minPValue.toExponential(4).split('e') as [string, string];
  return [
    'Comparison Statistics Summary',
    '='.repeat(40),
    `Total Comparisons:    ${totalComparisons}`,
    `Significant Results:  ${significantCount} (${formatFixed((100 * significantCount) / totalComparisons, 1)}%)`,
    `Average Effect Size:  ${formatFixed(avgEffectSize, 4)}`,
    `Maximum Effect Size:  ${formatFixed(maxEffectSize, 4)}`,
    `Minimum p-value:      ${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`,
  ].join('\n');
}

/**
 * A test for a number of items and the distribution of their scores (`normal`, `non-normal`, `binary`, `unknown` or another): few items call for tests
 * by rank or
 * permutation and more draws.
 *
 * @throws {ValidationError} unless sampleSize is positive, distribution is not empty
 * @remarks Python: `hf_gtc.evaluation.comparison.get_recommended_comparison_config(sample_size, distribution=)`.
 */
export function getRecommendedComparisonConfig(sampleSize: number, { distribution = 'unknown' }: { readonly distribution?: string } = {}): ComparisonConfig {
  positive(sampleSize, 'sampleSize');
  nonEmpty(distribution, 'distribution');
  return createFrom(ComparisonConfig, {
    method: recommendedMethod(sampleSize, distribution),
    numBootstrap: sampleSize < 50 ? 5000 : sampleSize < 200 ? 2000 : 1000,
    effectSizeType: sampleSize < 20 ? 'hedges_g' : 'cohens_d',
  });
}

function recommendedMethod(sampleSize: number, distribution: string): ComparisonMethod {
  if (distribution === 'binary') return 'mcnemar';
  if (sampleSize < 10) return 'permutation';
  if (sampleSize < 30 || distribution === 'non-normal') return 'wilcoxon';
  return distribution === 'normal' || distribution === 'unknown' ? 'paired_ttest' : 'bootstrap';
}

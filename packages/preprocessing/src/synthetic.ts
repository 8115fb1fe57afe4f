/** Synthetic data: what generating it costs, which samples are kept, and how varied and good they are. Mirrors `hf_gtc.preprocessing.synthetic`. */
import {
  createFrom,
  type Definition,
  type Draft,
  formatCount,
  formatFixed,
  inRange,
  nonNegative,
  notNull,
  oneOf,
  parseEnum,
  positive,
  splitWords,
  textLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { mean } from '@gtc/tensor/statistics';
import { overlapOf, wordRuns } from './internal/words/overlap.js';

const RECOMMENDED: Readonly<Record<string, Draft<SyntheticConfig>>> = {
  instruction_tuning: { method: 'self_instruct', qualityFilters: ['perplexity', 'length', 'similarity'], dedupThreshold: 0.85, minLength: 20, maxLength: 1024 },
  code_generation: { method: 'evol_instruct', qualityFilters: ['perplexity', 'length', 'toxicity'], minLength: 30, maxLength: 4096 },
  qa_generation: { method: 'template', qualityFilters: ['perplexity', 'length'] },
  summarization: { method: 'backtranslation', qualityFilters: ['perplexity', 'length', 'similarity'], dedupThreshold: 0.8, minLength: 50, maxLength: 2048 },
};

/** Ways to generate. */
export const GenerationMethod = {
  SELF_INSTRUCT: 'self_instruct',
  EVOL_INSTRUCT: 'evol_instruct',
  BACKTRANSLATION: 'backtranslation',
  PARAPHRASE: 'paraphrase',
  TEMPLATE: 'template',
} as const;
export type GenerationMethod = (typeof GenerationMethod)[keyof typeof GenerationMethod];

/** What varies between samples. */
export const DiversityStrategy = { TOPIC: 'topic', STYLE: 'style', DIFFICULTY: 'difficulty', FORMAT: 'format' } as const;
export type DiversityStrategy = (typeof DiversityStrategy)[keyof typeof DiversityStrategy];

/** What decides over a sample. */
export const QualityFilter = { PERPLEXITY: 'perplexity', LENGTH: 'length', SIMILARITY: 'similarity', TOXICITY: 'toxicity' } as const;
export type QualityFilter = (typeof QualityFilter)[keyof typeof QualityFilter];

/** Values of {@link GenerationMethod}. */
export const VALID_GENERATION_METHODS: ReadonlySet<GenerationMethod> = new Set(Object.values(GenerationMethod));

/** Values of {@link DiversityStrategy}. */
export const VALID_DIVERSITY_STRATEGIES: ReadonlySet<DiversityStrategy> = new Set(Object.values(DiversityStrategy));

/** Values of {@link QualityFilter}. */
export const VALID_QUALITY_FILTERS: ReadonlySet<QualityFilter> = new Set(Object.values(QualityFilter));

/** Instructions from seed tasks (Wang et al. 2022). */
export interface SelfInstructConfig {
  readonly numInstructions: number;
  /** Tasks to start from. */
  readonly seedTasks: readonly string[];
  readonly diversityStrategy: DiversityStrategy;
  readonly temperature: number;
  readonly maxRetries: number;
}

/** Defaults and rules of {@link SelfInstructConfig}. */
export const SelfInstructConfig: Definition<SelfInstructConfig> = {
  name: 'SelfInstructConfig',
  fields: {
    numInstructions: { kind: 'int', default: 100, positive: true },
    seedTasks: {
      kind: 'array',
      of: { kind: 'string' },
      default: [
        'Write a short story about a robot',
        'Explain how photosynthesis works',
        'Create a recipe for chocolate cake',
        'Solve a quadratic equation',
        'Describe the water cycle',
      ],
      nonEmpty: true,
    },
    diversityStrategy: { kind: 'enum', of: DiversityStrategy, default: DiversityStrategy.TOPIC },
    temperature: { kind: 'float', default: 0.7, min: 0, max: 2 },
    maxRetries: { kind: 'int', default: 3, positive: true },
  },
};

/** Instructions made harder step by step (Xu et al. 2023). */
export interface EvolInstructConfig {
  readonly evolutionSteps: number;
  readonly mutationTypes: readonly string[];
  /** Factor of each step, at least 1. */
  readonly complexityIncrease: number;
  readonly preserveSemantics: boolean;
  readonly maxLength: number;
}

/** Defaults and rules of {@link EvolInstructConfig}. */
export const EvolInstructConfig: Definition<EvolInstructConfig> = {
  name: 'EvolInstructConfig',
  fields: {
    evolutionSteps: { kind: 'int', default: 3, positive: true },
    mutationTypes: { kind: 'array', of: { kind: 'string' }, default: ['add_constraint', 'increase_depth', 'concretize', 'add_reasoning'], nonEmpty: true },
    complexityIncrease: { kind: 'float', default: 1.2, min: 1.0 },
    preserveSemantics: { kind: 'bool', default: true },
    maxLength: { kind: 'int', default: 512, positive: true },
  },
};

/** A generation. */
export interface SyntheticConfig {
  readonly method: GenerationMethod;
  readonly qualityFilters: readonly QualityFilter[];
  /** Overlap from which samples are duplicates, 0 to 1. */
  readonly dedupThreshold: number;
  readonly targetCount: number;
  /** In characters, below maxLength. */
  readonly minLength: number;
  readonly maxLength: number;
}

/** Defaults and rules of {@link SyntheticConfig}. */
export const SyntheticConfig: Definition<SyntheticConfig> = {
  name: 'SyntheticConfig',
  fields: {
    method: { kind: 'enum', of: GenerationMethod, default: GenerationMethod.SELF_INSTRUCT },
    qualityFilters: { kind: 'array', of: { kind: 'enum', of: QualityFilter }, default: ['perplexity', 'length'], nonEmpty: true },
    dedupThreshold: { kind: 'float', default: 0.9, min: 0, max: 1 },
    targetCount: { kind: 'int', default: 1000, positive: true },
    minLength: { kind: 'int', default: 10 },
    maxLength: { kind: 'int', default: 512 },
  },
  rules: [({ minLength, maxLength }) => (minLength < maxLength ? null : `minLength must be less than maxLength ${maxLength}, got ${minLength}`)],
};

/** One sample. */
export interface SyntheticSample {
  readonly text: string;
  readonly sourceMethod: GenerationMethod;
  readonly qualityScore: number;
  readonly diversityScore: number;
}

/** Defaults and rules of {@link SyntheticSample}. */
export const SyntheticSample: Definition<SyntheticSample> = {
  name: 'SyntheticSample',
  fields: {
    text: { kind: 'string' },
    sourceMethod: { kind: 'enum', of: GenerationMethod },
    qualityScore: { kind: 'float' },
    diversityScore: { kind: 'float' },
  },
};

/** What a generation came to. */
export interface GenerationStats {
  readonly totalGenerated: number;
  readonly passedQuality: number;
  readonly passedDedup: number;
  readonly finalCount: number;
  readonly avgQualityScore: number;
  readonly avgDiversityScore: number;
}

/** Defaults and rules of {@link GenerationStats}. */
export const GenerationStats: Definition<GenerationStats> = {
  name: 'GenerationStats',
  fields: {
    totalGenerated: { kind: 'int' },
    passedQuality: { kind: 'int' },
    passedDedup: { kind: 'int' },
    finalCount: { kind: 'int' },
    avgQualityScore: { kind: 'float' },
    avgDiversityScore: { kind: 'float' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateSelfInstructConfig(config: SelfInstructConfig): void {
  validate(SelfInstructConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEvolInstructConfig(config: EvolInstructConfig): void {
  validate(EvolInstructConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSyntheticConfig(config: SyntheticConfig): void {
  validate(SyntheticConfig, config);
}

/** Settles a {@link SelfInstructConfig}. @throws {ValidationError} naming every broken rule */
export function createSelfInstructConfig(options: Partial<SelfInstructConfig> = {}): SelfInstructConfig {
  return createFrom(SelfInstructConfig, options);
}

/** Settles a {@link EvolInstructConfig}. @throws {ValidationError} naming every broken rule */
export function createEvolInstructConfig(options: Partial<EvolInstructConfig> = {}): EvolInstructConfig {
  return createFrom(EvolInstructConfig, options);
}

/** Settles a {@link SyntheticConfig}. @throws {ValidationError} naming every broken rule */
export function createSyntheticConfig(options: Partial<SyntheticConfig> = {}): SyntheticConfig {
  return createFrom(SyntheticConfig, options);
}

/** Generation methods in ascending order. */
export function listGenerationMethods(): GenerationMethod[] {
  return valuesOf(GenerationMethod);
}

/** @throws {ValidationError} naming the values of {@link GenerationMethod} */
export function getGenerationMethod(name: string): GenerationMethod {
  return parseEnum(GenerationMethod, name, 'name');
}

/** Diversity strategies in ascending order. */
export function listDiversityStrategies(): DiversityStrategy[] {
  return valuesOf(DiversityStrategy);
}

/** @throws {ValidationError} naming the values of {@link DiversityStrategy} */
export function getDiversityStrategy(name: string): DiversityStrategy {
  return parseEnum(DiversityStrategy, name, 'name');
}

/** Quality filters in ascending order. */
export function listQualityFilters(): QualityFilter[] {
  return valuesOf(QualityFilter);
}

/** @throws {ValidationError} naming the values of {@link QualityFilter} */
export function getQualityFilter(name: string): QualityFilter {
  return parseEnum(QualityFilter, name, 'name');
}

/**
 * Tokens and US dollars of a generation, at a guess: a method makes 1.1 to 2.5 times the samples that are kept, each filter a tenth more.
 *
 * @param costPer1kTokens US dollars
 * @throws {ValidationError} unless tokensPerSample and targetCount are positive, qualityFilters is not empty, dedupThreshold is between 0 and 1, got 1.8
 * @remarks Python: `hf_gtc.preprocessing.synthetic.estimate_generation_cost(config, tokens_per_sample=, cost_per_1k_tokens=)`.
 * @example estimateGenerationCost(createSyntheticConfig({ method: 'evol_instruct' })) // => { totalTokens: 614400, totalCost: 1.2288, costPerSample: 0.0012288, estimatedSamplesNeeded: 2400 }
 */
export function estimateGenerationCost(
  config: SyntheticConfig,
  { tokensPerSample = 256, costPer1kTokens = 0.002 }: { readonly tokensPerSample?: number; readonly costPer1kTokens?: number } = {},
): { totalTokens: number; totalCost: number; costPerSample: number; estimatedSamplesNeeded: number } {
  validate(SyntheticConfig, notNull(config, 'config'));
  positive(tokensPerSample, 'tokensPerSample');
  nonNegative(costPer1kTokens, 'costPer1kTokens');
  const needed = Math.trunc(config.targetCount * OVERHEAD[config.method] * (1 + 0.1 * config.qualityFilters.length));
  const totalTokens = needed * tokensPerSample;
  const totalCost = (totalTokens / 1000) * costPer1kTokens;
  return { totalTokens, totalCost, costPerSample: totalCost / config.targetCount, estimatedSamplesNeeded: needed };
}

/** Samples to make for one that is kept. */
const OVERHEAD: Readonly<Record<GenerationMethod, number>> = { self_instruct: 1.5, evol_instruct: 2, backtranslation: 2.5, paraphrase: 1.3, template: 1.1 };
/** Least quality that passes. */
const LEAST_QUALITY = 0.5;
/** Share of poor samples that is an issue of its own. */
const MANY_POOR = 0.2;

/**
 * Distinct runs of lowercased words to all of them (distinct-n, Li et al. 2016); 0 without any.
 *
 * @throws {ValidationError} unless ngramSize is positive
 * @remarks Python: `hf_gtc.preprocessing.synthetic.calculate_diversity_score(texts, ngram_size=)`; within 1e-12.
 * @example calculateDiversityScore([]) // => 0
 */
export function calculateDiversityScore(texts: readonly string[], { ngramSize = 3 }: { readonly ngramSize?: number } = {}): number {
  positive(ngramSize, 'ngramSize');
  const runs = notNull(texts, 'texts').flatMap(text => {
    const words = splitWords(text.toLowerCase());
    return Array.from({ length: Math.max(0, words.length - ngramSize + 1) }, (_, i) => words.slice(i, i + ngramSize).join(' '));
  });
  return runs.length === 0 ? 0 : new Set(runs).size / runs.length;
}

/**
 * The samples that pass: of a length within bounds where LENGTH is asked for, of a quality of at least 0.5 where PERPLEXITY is. SIMILARITY and TOXICITY
 * pass everything: see {@link deduplicateSamples}.
 *
 * @throws {ValidationError} unless dedupThreshold is between 0 and 1, got 1.000001, targetCount is positive, qualityFilters is not empty
 * @remarks Python: `hf_gtc.preprocessing.synthetic.filter_synthetic_samples(samples, config)`.
 * @example filterSyntheticSamples([], { method: 'self_instruct', qualityFilters: ['perplexity', 'length'], dedupThreshold: 0.9, targetCount: 1000, minLength: 10, maxLength: 512 }) // => []
 */
export function filterSyntheticSamples(samples: readonly SyntheticSample[], config: SyntheticConfig): SyntheticSample[] {
  validate(SyntheticConfig, notNull(config, 'config'));
  const { qualityFilters, minLength, maxLength } = config;
  const fits = ({ text }: SyntheticSample): boolean => textLength(text) >= minLength && textLength(text) <= maxLength;
  return notNull(samples, 'samples').filter(
    sample => (!qualityFilters.includes('length') || fits(sample)) && (!qualityFilters.includes('perplexity') || sample.qualityScore >= LEAST_QUALITY),
  );
}

/**
 * Whether samples are good and varied enough on average, and not too many of them poor.
 *
 * @returns the averages, and what is wrong in words
 * @throws {ValidationError} unless minDiversityScore is between 0 and 1, got -0.1, minQualityScore is between 0 and 1, got 1.5
 * @remarks Python: `hf_gtc.preprocessing.synthetic.validate_synthetic_quality(samples, min_quality_score=, min_diversity_score=)`.
 */
export function validateSyntheticQuality(
  samples: readonly SyntheticSample[],
  { minQualityScore = 0.5, minDiversityScore = 0.3 }: { readonly minQualityScore?: number; readonly minDiversityScore?: number } = {},
): { isValid: boolean; avgQuality: number; avgDiversity: number; issues: string[] } {
  inRange(minQualityScore, 'minQualityScore', { min: 0, max: 1 });
  inRange(minDiversityScore, 'minDiversityScore', { min: 0, max: 1 });
  if (notNull(samples, 'samples').length === 0) return { isValid: false, avgQuality: 0, avgDiversity: 0, issues: ['No samples provided'] };
  const [avgQuality, avgDiversity] = [mean(samples.map(({ qualityScore }) => qualityScore)), mean(samples.map(({ diversityScore }) => diversityScore))];
  const poor = samples.filter(({ qualityScore }) => qualityScore < minQualityScore).length;
  const below = (what: string, value: number, least: number): string[] =>
    value < least ? [`Average ${what} score ${formatFixed(value, 2)} below threshold ${formatFixed(least, 2)}`] : [];
  const issues = [
    ...below('quality', avgQuality, minQualityScore),
    ...below('diversity', avgDiversity, minDiversityScore),
    ...(poor > samples.length * MANY_POOR ? [`${poor} samples (${formatFixed((poor / samples.length) * 100, 1)}%) below quality threshold`] : []),
  ];
  return { isValid: issues.length === 0, avgQuality, avgDiversity, issues };
}

/**
 * What a generation came to, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.synthetic.format_generation_stats(stats)`; the same text.
 */
export function formatGenerationStats(stats: GenerationStats): string {
  const { totalGenerated, passedQuality, passedDedup, finalCount, avgQualityScore, avgDiversityScore } = notNull(stats, 'stats');
  const share = (part: number, whole: number): string => formatFixed(whole > 0 ? (part / whole) * 100 : 0, 1);
  return [
    'Synthetic Generation Statistics',
    '='.repeat(40),
    `Total generated:     ${formatCount(totalGenerated)}`,
    `Passed quality:      ${formatCount(passedQuality)}`,
    `Passed dedup:        ${formatCount(passedDedup)}`,
    `Final count:         ${formatCount(finalCount)}`,
    '',
    `Quality pass rate:   ${share(passedQuality, totalGenerated)}%`,
    `Dedup removal rate:  ${share(passedQuality - passedDedup, passedQuality)}%`,
    '',
    `Avg quality score:   ${formatFixed(avgQualityScore, 2)}`,
    `Avg diversity score: ${formatFixed(avgDiversityScore, 2)}`,
  ].join('\n');
}

/**
 * A generation for a use.
 *
 * @param useCase `instruction_tuning`, `code_generation`, `qa_generation` or `summarization`
 * @throws {ValidationError} unless useCase is known, targetCount is positive
 * @remarks Python: `hf_gtc.preprocessing.synthetic.get_recommended_synthetic_config(use_case, target_count=)`.
 * @example getRecommendedSyntheticConfig('qa_generation').method // => 'template'
 */
export function getRecommendedSyntheticConfig(useCase: string, { targetCount = 1000 }: { readonly targetCount?: number } = {}): SyntheticConfig {
  const settings = RECOMMENDED[oneOf(useCase, 'useCase', Object.keys(RECOMMENDED))]!;
  return createFrom(SyntheticConfig, { ...settings, targetCount: positive(targetCount, 'targetCount') });
}

/**
 * The samples that no earlier kept one resembles: equal but for case, or with words that overlap (Jaccard index).
 *
 * @throws {ValidationError} unless threshold is between 0 and 1, got -0.1
 * @remarks Python: `hf_gtc.preprocessing.synthetic.deduplicate_samples(samples, threshold=)`.
 * @example deduplicateSamples([]) // => []
 */
export function deduplicateSamples(samples: readonly SyntheticSample[], { threshold = 0.9 }: { readonly threshold?: number } = {}): SyntheticSample[] {
  inRange(threshold, 'threshold', { min: 0, max: 1 });
  const kept: SyntheticSample[] = [];
  const words: ReadonlySet<string>[] = [];
  const seen = new Set<string>();
  for (const sample of notNull(samples, 'samples')) {
    const text = sample.text.toLowerCase();
    const own = wordRuns(text, 1);
    if (seen.has(text) || words.some(others => (overlapOf(own, others) ?? 0) >= threshold)) continue;
    seen.add(text);
    words.push(own);
    kept.push(sample);
  }
  return kept;
}

/**
 * What a generation came to, from its samples after each step; averages are those of the last.
 *
 * @remarks Python: `hf_gtc.preprocessing.synthetic.compute_generation_stats(generated, after_quality, after_dedup)`.
 */
export function computeGenerationStats(
  generated: readonly SyntheticSample[],
  afterQuality: readonly SyntheticSample[],
  afterDedup: readonly SyntheticSample[],
): GenerationStats {
  notNull(afterQuality, 'afterQuality');
  notNull(generated, 'generated');
  notNull(afterDedup, 'afterDedup');
  const count = afterDedup.length;
  const average = (values: number[]): number => (count === 0 ? 0 : mean(values));
  return {
    totalGenerated: generated.length,
    passedQuality: afterQuality.length,
    passedDedup: count,
    finalCount: count,
    avgQualityScore: average(afterDedup.map(({ qualityScore }) => qualityScore)),
    avgDiversityScore: average(afterDedup.map(({ diversityScore }) => diversityScore)),
  };
}

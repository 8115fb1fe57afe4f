/** Curation of texts: cleaning, removal of duplicates and blanks, and the search for test data among training data. Mirrors `hf_gtc.preprocessing.curation`. */
import {
  createFrom,
  type Definition,
  type Draft,
  formatCount,
  formatFixed,
  nonEmpty,
  nonNegative,
  notNull,
  parseEnum,
  splitWords,
  textLength,
  validate,
  valuesOf,
} from '@gtc/errors';
import { sum } from '@gtc/tensor/statistics';
import { unescapeHtml } from './internal/html/unescape.js';
import { similarPairs } from './internal/words/overlap.js';

const MICROSECONDS: Readonly<Record<CurationStep, number>> = { dedup: 10, filter: 5, clean: 50, normalize: 20, validate: 5 };
const RECOMMENDED: readonly (readonly [names: readonly string[], steps: readonly CurationStep[], cleaning: Draft<CleaningConfig>, decontaminated: boolean])[] =
  [
    [['training'], ['clean', 'dedup', 'filter', 'validate'], { methods: ['whitespace', 'unicode', 'html'], minLength: 10 }, false],
    [['benchmark', 'test'], ['clean', 'dedup', 'validate'], { minLength: 5 }, true],
    [
      ['deployment', 'production'],
      ['clean', 'filter', 'normalize', 'validate'],
      { methods: ['whitespace', 'unicode', 'html', 'markdown'], minLength: 1 },
      false,
    ],
  ];

/** Steps of a curation. */
export const CurationStep = { DEDUP: 'dedup', FILTER: 'filter', CLEAN: 'clean', NORMALIZE: 'normalize', VALIDATE: 'validate' } as const;
export type CurationStep = (typeof CurationStep)[keyof typeof CurationStep];

/** Ways to clean a text. */
export const CleaningMethod = { WHITESPACE: 'whitespace', UNICODE: 'unicode', HTML: 'html', MARKDOWN: 'markdown' } as const;
export type CleaningMethod = (typeof CleaningMethod)[keyof typeof CleaningMethod];

/** Ways to find test data in training data. */
export const DecontaminationType = { EXACT_MATCH: 'exact_match', NGRAM_OVERLAP: 'ngram_overlap', EMBEDDING_SIMILARITY: 'embedding_similarity' } as const;
export type DecontaminationType = (typeof DecontaminationType)[keyof typeof DecontaminationType];

/** Values of {@link CurationStep}. */
export const VALID_CURATION_STEPS: ReadonlySet<CurationStep> = new Set(Object.values(CurationStep));

/** Values of {@link CleaningMethod}. */
export const VALID_CLEANING_METHODS: ReadonlySet<CleaningMethod> = new Set(Object.values(CleaningMethod));

/** Values of {@link DecontaminationType}. */
export const VALID_DECONTAMINATION_TYPES: ReadonlySet<DecontaminationType> = new Set(Object.values(DecontaminationType));

/** How a text is cleaned. */
export interface CleaningConfig {
  readonly methods: readonly CleaningMethod[];
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  /** Shorter texts are left out, in characters. */
  readonly minLength: number;
}

/** Defaults and rules of {@link CleaningConfig}. */
export const CleaningConfig: Definition<CleaningConfig> = {
  name: 'CleaningConfig',
  fields: {
    methods: { kind: 'array', of: { kind: 'enum', of: CleaningMethod }, default: ['whitespace', 'unicode'], nonEmpty: true },
    lowercase: { kind: 'bool', default: false },
    stripAccents: { kind: 'bool', default: false },
    minLength: { kind: 'int', default: 0, nonNegative: true },
  },
};

/** How test data is found. */
export interface DecontaminationConfig {
  readonly decontamType: DecontaminationType;
  readonly testDatasets: readonly string[];
  /** Overlap from which a text counts, 0 to 1. */
  readonly threshold: number;
  readonly ngramSize: number;
}

/** Defaults and rules of {@link DecontaminationConfig}. */
export const DecontaminationConfig: Definition<DecontaminationConfig> = {
  name: 'DecontaminationConfig',
  fields: {
    decontamType: { kind: 'enum', of: DecontaminationType, default: DecontaminationType.NGRAM_OVERLAP },
    testDatasets: { kind: 'array', of: { kind: 'string' }, default: ['default'], nonEmpty: true },
    threshold: { kind: 'float', default: 0.8, min: 0, max: 1 },
    ngramSize: { kind: 'int', default: 5, positive: true },
  },
};

/** Steps in order, and what they need. */
export interface CurationPipeline {
  readonly steps: readonly CurationStep[];
  readonly cleaningConfig: CleaningConfig | null;
  readonly decontamConfig: DecontaminationConfig | null;
  readonly validateOutput: boolean;
}

/** Defaults and rules of {@link CurationPipeline}. */
export const CurationPipeline: Definition<CurationPipeline> = {
  name: 'CurationPipeline',
  fields: {
    steps: { kind: 'array', of: { kind: 'enum', of: CurationStep }, default: ['dedup', 'clean', 'filter'], nonEmpty: true },
    cleaningConfig: {
      kind: 'config',
      of: CleaningConfig,
      default: { methods: ['whitespace', 'unicode'], lowercase: false, stripAccents: false, minLength: 0 },
      nullable: true,
    },
    decontamConfig: { kind: 'config', of: DecontaminationConfig, default: null, nullable: true },
    validateOutput: { kind: 'bool', default: true },
  },
  rules: [({ steps, cleaningConfig }) => (steps.includes('clean') && cleaningConfig === null ? 'cleaningConfig is required for the CLEAN step' : null)],
};

/** What a curation came to. */
export interface CurationStats {
  readonly originalSize: number;
  readonly finalSize: number;
  readonly removedDuplicates: number;
  readonly removedContamination: number;
}

/** Defaults and rules of {@link CurationStats}. */
export const CurationStats: Definition<CurationStats> = {
  name: 'CurationStats',
  fields: {
    originalSize: { kind: 'int', nonNegative: true },
    finalSize: { kind: 'int' },
    removedDuplicates: { kind: 'int' },
    removedContamination: { kind: 'int' },
  },
  rules: [({ finalSize, originalSize }) => (finalSize > originalSize ? `finalSize must be at most originalSize ${originalSize}, got ${finalSize}` : null)],
};

/** @throws {ValidationError} naming every broken rule */
export function validateCleaningConfig(config: CleaningConfig): void {
  validate(CleaningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDecontaminationConfig(config: DecontaminationConfig): void {
  validate(DecontaminationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCurationPipeline(config: CurationPipeline): void {
  validate(CurationPipeline, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCurationStats(stats: CurationStats): void {
  validate(CurationStats, stats, 'stats');
}

/** Settles a {@link CleaningConfig}. @throws {ValidationError} naming every broken rule */
export function createCleaningConfig(options: Partial<CleaningConfig> = {}): CleaningConfig {
  return createFrom(CleaningConfig, options);
}

/** Settles a {@link DecontaminationConfig}. @throws {ValidationError} naming every broken rule */
export function createDecontaminationConfig(options: Partial<DecontaminationConfig> = {}): DecontaminationConfig {
  return createFrom(DecontaminationConfig, options);
}

/** Curation steps in ascending order. */
export function listCurationSteps(): CurationStep[] {
  return valuesOf(CurationStep);
}

/** @throws {ValidationError} naming the values of {@link CurationStep} */
export function getCurationStep(name: string): CurationStep {
  return parseEnum(CurationStep, name, 'name');
}

/** Cleaning methods in ascending order. */
export function listCleaningMethods(): CleaningMethod[] {
  return valuesOf(CleaningMethod);
}

/** @throws {ValidationError} naming the values of {@link CleaningMethod} */
export function getCleaningMethod(name: string): CleaningMethod {
  return parseEnum(CleaningMethod, name, 'name');
}

/** Decontamination types in ascending order. */
export function listDecontaminationTypes(): DecontaminationType[] {
  return valuesOf(DecontaminationType);
}

/** @throws {ValidationError} naming the values of {@link DecontaminationType} */
export function getDecontaminationType(name: string): DecontaminationType {
  return parseEnum(DecontaminationType, name, 'name');
}

const MARKDOWN: readonly (readonly [pattern: RegExp, text: string])[] = [
  [/\*\*([^*\n]+)\*\*/g, '$1'],
  [/(?<![\w*])__([^_\n]+)__(?!\w)/g, '$1'],
  [/\*([^*\n]+)\*/g, '$1'],
  [/(?<!\w)_([^_\n]+)_(?!\w)/g, '$1'],
  [/`([^`\n]+)`/g, '$1'],
  [/!?\[([^\]\n]{0,1000})\]\([^)\n]{0,2000}\)/g, '$1'],
  [/^#{1,6}[ \t]+/gm, ''],
];
const CLEANERS: Readonly<Record<CleaningMethod, (text: string) => string>> = {
  whitespace: text => splitWords(text).join(' '),
  unicode: text => text.normalize('NFC'),
  html: text => unescapeHtml(text.replace(/<[^<>]+>/g, '')),
  markdown: text => MARKDOWN.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text),
};

/**
 * Settles a {@link CurationPipeline}; a CLEAN step without settings gets the default ones. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.preprocessing.curation.create_curation_pipeline(steps=, cleaning_config=, decontam_config=, validate_output=)`.
 */
export function createCurationPipeline(
  options: {
    readonly steps?: readonly CurationStep[] | null;
    readonly cleaningConfig?: CleaningConfig | null;
    readonly decontamConfig?: DecontaminationConfig | null;
    readonly validateOutput?: boolean;
  } = {},
): CurationPipeline {
  const { steps = null, cleaningConfig = null, decontamConfig = null, validateOutput = true } = options;
  const settled = steps?.map(step => parseEnum(CurationStep, step, 'steps (step)')) ?? ['dedup', 'clean', 'filter'];
  return createFrom(CurationPipeline, {
    steps: settled,
    cleaningConfig: cleaningConfig ?? (settled.includes('clean') ? createFrom(CleaningConfig) : null),
    decontamConfig,
    validateOutput,
  });
}

/**
 * A text through the cleaning methods in their order: white space to single spaces, NFC, HTML without tags and entities, Markdown without marks; then
 * lowercased and without accents if asked.
 *
 * @remarks Python: `hf_gtc.preprocessing.curation.apply_cleaning(text, config=)`; the same text.
 * @example applyCleaning('') // => ''
 */
export function applyCleaning(text: string, { config = null }: { readonly config?: CleaningConfig | null } = {}): string {
  const { methods, lowercase, stripAccents } = config ?? createFrom(CleaningConfig);
  const cleaned = methods.reduce((result, method) => CLEANERS[method](result), notNull(text, 'text'));
  const cased = lowercase ? cleaned.toLowerCase() : cleaned;
  return stripAccents
    ? cased
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFC')
    : cased;
}

/**
 * Test texts among training texts: equal ones, or ones whose runs of lowercased words overlap (Jaccard index). Without embeddings at hand,
 * `embedding_similarity` compares words as well.
 *
 * @returns places in both lists and the overlap; of equal training texts the last
 * @remarks Python: `hf_gtc.preprocessing.curation.detect_contamination(train_texts, test_texts, config=)`.
 * @example detectContamination([], []) // => []
 */
export function detectContamination(
  trainTexts: readonly string[],
  testTexts: readonly string[],
  { config = null }: { readonly config?: DecontaminationConfig | null } = {},
): [trainIndex: number, testIndex: number, score: number][] {
  notNull(trainTexts, 'trainTexts');
  notNull(testTexts, 'testTexts');
  const { decontamType, threshold, ngramSize } = config ?? createFrom(DecontaminationConfig);
  if (decontamType === 'exact_match') {
    const places = new Map(trainTexts.map((text, i) => [text, i]));
    return testTexts.flatMap((text, test) => (places.has(text) ? [[places.get(text)!, test, 1] as [number, number, number]] : []));
  }
  return similarPairs(trainTexts, testTexts, ngramSize, threshold);
}

/**
 * Texts through the steps: equal ones once, cleaned ones that are long enough, no blank ones, composed. Test data is not looked for here: call {@link
 * detectContamination} with it.
 *
 * @throws {ValidationError} unless steps is not empty, threshold is between 0 and 1, got 1.01
 * @remarks Python: `hf_gtc.preprocessing.curation.run_curation_pipeline(texts, config=)`.
 */
export function runCurationPipeline(
  texts: readonly string[],
  { config = null }: { readonly config?: CurationPipeline | null } = {},
): [texts: string[], stats: CurationStats] {
  notNull(texts, 'texts');
  const pipeline = config ?? createCurationPipeline();
  validateCurationPipeline(pipeline);
  const { cleaningConfig } = pipeline;
  let kept: readonly string[] = texts;
  let removedDuplicates = 0;
  for (const step of pipeline.steps) {
    const before = kept.length;
    kept = STEPS[step](kept, cleaningConfig ?? createFrom(CleaningConfig));
    if (step === 'dedup') removedDuplicates += before - kept.length;
  }
  return [[...kept], { originalSize: texts.length, finalSize: kept.length, removedDuplicates, removedContamination: 0 }];
}

const STEPS: Readonly<Record<CurationStep, (texts: readonly string[], cleaning: CleaningConfig) => readonly string[]>> = {
  dedup: texts => [...new Set(texts)],
  clean: (texts, cleaning) => texts.map(text => applyCleaning(text, { config: cleaning })).filter(text => textLength(text) >= cleaning.minLength),
  filter: texts => texts.filter(text => splitWords(text).length > 0),
  normalize: texts => texts.map(text => text.normalize('NFC')),
  validate: texts => texts,
};

/**
 * Seconds of a curation, at a guess: 5 to 50 microseconds a text and step.
 *
 * @throws {ValidationError} unless numSamples is non-negative
 * @remarks Python: `hf_gtc.preprocessing.curation.estimate_curation_time(num_samples, config=)`; within 1e-12.
 * @example estimateCurationTime(8) // => 0.00052
 */
export function estimateCurationTime(numSamples: number, { config = null }: { readonly config?: CurationPipeline | null } = {}): number {
  nonNegative(numSamples, 'numSamples');
  return (numSamples * sum((config ?? createCurationPipeline()).steps.map(step => MICROSECONDS[step]))) / 1e6;
}

/**
 * What a curation came to, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.curation.format_curation_stats(stats)`; the same text.
 */
export function formatCurationStats(stats: CurationStats): string {
  const { originalSize, finalSize, removedDuplicates, removedContamination } = notNull(stats, 'stats');
  const share = (value: number): string => formatFixed(originalSize > 0 ? (value / originalSize) * 100 : 0, 1);
  return [
    'Curation Statistics',
    '='.repeat(40),
    `Original size:         ${formatCount(originalSize)}`,
    `Final size:            ${formatCount(finalSize)}`,
    `Retention rate:        ${share(finalSize)}%`,
    '',
    'Removed samples:',
    `  Duplicates:          ${formatCount(removedDuplicates)} (${share(removedDuplicates)}%)`,
    `  Contamination:       ${formatCount(removedContamination)} (${share(removedContamination)}%)`,
  ].join('\n');
}

/**
 * Steps for a use; cleaning and deduplication for a use that is not known.
 *
 * @param useCase `training`, `benchmark` or `test`, `deployment` or `production`
 * @throws {ValidationError} unless useCase is not empty
 * @remarks Python: `hf_gtc.preprocessing.curation.get_recommended_curation_config(use_case)`.
 * @example getRecommendedCurationConfig('training').steps // => ['clean', 'dedup', 'filter', 'validate']
 */
export function getRecommendedCurationConfig(useCase: string): CurationPipeline {
  nonEmpty(useCase, 'useCase');
  const known = RECOMMENDED.find(([names]) => names.includes(useCase));
  const [, steps, cleaning, decontaminated] = known ?? [[], ['clean', 'dedup'] as const, {}, false];
  return createCurationPipeline({
    steps,
    cleaningConfig: createFrom(CleaningConfig, cleaning),
    decontamConfig: decontaminated ? createFrom(DecontaminationConfig) : null,
  });
}

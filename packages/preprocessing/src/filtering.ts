/** Filters of texts: toxic words, personal data and its redaction, language, length. Mirrors `hf_gtc.preprocessing.filtering`. */
import {
  createFrom,
  type Definition,
  type Draft,
  formatCount,
  formatFixed,
  nestedIssue,
  nonEmpty,
  notNull,
  parseEnum,
  textLength,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Characters of the shortest text that passes. */
const SHORTEST = 10;
type Recommendation = () => readonly [toxicity: Draft<ToxicityConfig>, pii: Draft<PIIConfig>, language: boolean];
const CHAT: Recommendation = () => [
  { threshold: 0.3, categories: ['hate', 'harassment', 'violence', 'self_harm'] },
  { piiTypes: ['email', 'phone', 'ssn', 'credit_card'] },
  false,
];
const RECOMMENDED: Readonly<Record<string, Recommendation>> = {
  training: () => [{}, {}, true],
  chat: CHAT,
  chatbot: CHAT,
  production: () => [{ threshold: 0.2 }, {}, false],
};
const UNKNOWN_USE: Recommendation = () => [{}, { detectOnly: true }, false];

/** What a filter looks at. */
export const FilterType = { TOXICITY: 'toxicity', PII: 'pii', LANGUAGE: 'language', QUALITY: 'quality', LENGTH: 'length', DUPLICATE: 'duplicate' } as const;
export type FilterType = (typeof FilterType)[keyof typeof FilterType];

/** Kinds of personal data. */
export const PIIType = { EMAIL: 'email', PHONE: 'phone', SSN: 'ssn', CREDIT_CARD: 'credit_card', IP_ADDRESS: 'ip_address', NAME: 'name' } as const;
export type PIIType = (typeof PIIType)[keyof typeof PIIType];

/** Kinds of toxicity. */
export const ToxicityCategory = { HATE: 'hate', HARASSMENT: 'harassment', VIOLENCE: 'violence', SEXUAL: 'sexual', SELF_HARM: 'self_harm' } as const;
export type ToxicityCategory = (typeof ToxicityCategory)[keyof typeof ToxicityCategory];

/** Values of {@link FilterType}. */
export const VALID_FILTER_TYPES: ReadonlySet<FilterType> = new Set(Object.values(FilterType));

/** Values of {@link PIIType}. */
export const VALID_PII_TYPES: ReadonlySet<PIIType> = new Set(Object.values(PIIType));

/** Values of {@link ToxicityCategory}. */
export const VALID_TOXICITY_CATEGORIES: ReadonlySet<ToxicityCategory> = new Set(Object.values(ToxicityCategory));

/** Which toxicity is too much. */
export interface ToxicityConfig {
  /** Score from which a text fails, 0 to 1. */
  readonly threshold: number;
  readonly categories: readonly ToxicityCategory[];
  /** Classifier that is meant to judge; {@link detectToxicity} itself counts words. */
  readonly modelName: string;
}

/** Defaults and rules of {@link ToxicityConfig}. */
export const ToxicityConfig: Definition<ToxicityConfig> = {
  name: 'ToxicityConfig',
  fields: {
    threshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
    categories: {
      kind: 'array',
      of: { kind: 'enum', of: ToxicityCategory },
      default: ['hate', 'harassment', 'violence', 'sexual', 'self_harm'],
      nonEmpty: true,
    },
    modelName: { kind: 'string', default: 'detoxify', nonEmpty: true },
  },
};

/** Which personal data is looked for. */
export interface PIIConfig {
  readonly piiTypes: readonly PIIType[];
  /** Stands for each character of what is redacted. */
  readonly redactionChar: string;
  /** Does not redact. */
  readonly detectOnly: boolean;
}

/** Defaults and rules of {@link PIIConfig}. */
export const PIIConfig: Definition<PIIConfig> = {
  name: 'PIIConfig',
  fields: {
    piiTypes: { kind: 'array', of: { kind: 'enum', of: PIIType }, default: ['email', 'phone', 'ssn', 'credit_card', 'ip_address', 'name'], nonEmpty: true },
    redactionChar: { kind: 'string', default: '*', nonEmpty: true },
    detectOnly: { kind: 'bool', default: false },
  },
};

/** Which languages pass. */
export interface LanguageConfig {
  readonly allowedLanguages: readonly string[];
  readonly confidenceThreshold: number;
}

/** Defaults and rules of {@link LanguageConfig}. */
export const LanguageConfig: Definition<LanguageConfig> = {
  name: 'LanguageConfig',
  fields: {
    allowedLanguages: { kind: 'array', of: { kind: 'string' }, default: ['en'], nonEmpty: true },
    confidenceThreshold: { kind: 'float', default: 0.8, min: 0, max: 1 },
  },
};

/** One filter. */
export interface FilterConfig {
  readonly filterType: FilterType;
  readonly toxicityConfig: ToxicityConfig | null;
  readonly piiConfig: PIIConfig | null;
  readonly languageConfig: LanguageConfig | null;
}

/** Defaults and rules of {@link FilterConfig}. */
export const FilterConfig: Definition<FilterConfig> = {
  name: 'FilterConfig',
  fields: {
    filterType: { kind: 'enum', of: FilterType },
    toxicityConfig: { kind: 'any', default: null, nullable: true },
    piiConfig: { kind: 'any', default: null, nullable: true },
    languageConfig: { kind: 'any', default: null, nullable: true },
  },
  rules: [
    ({ filterType, toxicityConfig }) => (filterType === 'toxicity' && toxicityConfig === null ? 'toxicityConfig is required for TOXICITY filter' : null),
    ({ filterType, piiConfig }) => (filterType === 'pii' && piiConfig === null ? 'piiConfig is required for PII filter' : null),
    ({ filterType, languageConfig }) => (filterType === 'language' && languageConfig === null ? 'languageConfig is required for LANGUAGE filter' : null),
    ({ filterType, toxicityConfig }) => (filterType === 'toxicity' ? nestedIssue(ToxicityConfig, toxicityConfig, 'toxicityConfig') : null),
    ({ filterType, piiConfig }) => (filterType === 'pii' ? nestedIssue(PIIConfig, piiConfig, 'piiConfig') : null),
    ({ filterType, languageConfig }) => (filterType === 'language' ? nestedIssue(LanguageConfig, languageConfig, 'languageConfig') : null),
  ],
};

/** What the filters say of a text. */
export interface FilterResult {
  readonly passed: boolean;
  readonly failedReason: string | null;
  /** Of the filter that failed, else the last toxicity. */
  readonly score: number | null;
  readonly redactedText: string | null;
}

/** Defaults and rules of {@link FilterResult}. */
export const FilterResult: Definition<FilterResult> = {
  name: 'FilterResult',
  fields: {
    passed: { kind: 'bool' },
    failedReason: { kind: 'string', nullable: true },
    score: { kind: 'float', nullable: true },
    redactedText: { kind: 'string', nullable: true },
  },
};

/** How many texts pass. */
export interface FilterStats {
  readonly totalProcessed: number;
  readonly passedCount: number;
  readonly filteredCounts: Readonly<Record<string, number>>;
  readonly piiDetected: Readonly<Record<string, number>>;
}

/** Defaults and rules of {@link FilterStats}. */
export const FilterStats: Definition<FilterStats> = {
  name: 'FilterStats',
  fields: {
    totalProcessed: { kind: 'int' },
    passedCount: { kind: 'int' },
    filteredCounts: { kind: 'record', of: { kind: 'int' } },
    piiDetected: { kind: 'record', of: { kind: 'int' } },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateToxicityConfig(config: ToxicityConfig): void {
  validate(ToxicityConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePiiConfig(config: PIIConfig): void {
  validate(PIIConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLanguageConfig(config: LanguageConfig): void {
  validate(LanguageConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFilterConfig(config: FilterConfig): void {
  validate(FilterConfig, config);
}

/** Settles a {@link ToxicityConfig}. @throws {ValidationError} naming every broken rule */
export function createToxicityConfig(options: Partial<ToxicityConfig> = {}): ToxicityConfig {
  return createFrom(ToxicityConfig, options);
}

/** Settles a {@link PIIConfig}. @throws {ValidationError} naming every broken rule */
export function createPiiConfig(options: Partial<PIIConfig> = {}): PIIConfig {
  return createFrom(PIIConfig, options);
}

/** Settles a {@link LanguageConfig}. @throws {ValidationError} naming every broken rule */
export function createLanguageConfig(options: Partial<LanguageConfig> = {}): LanguageConfig {
  return createFrom(LanguageConfig, options);
}

/** Filter types in ascending order. */
export function listFilterTypes(): FilterType[] {
  return valuesOf(FilterType);
}

/** @throws {ValidationError} naming the values of {@link FilterType} */
export function getFilterType(name: string): FilterType {
  return parseEnum(FilterType, name, 'name');
}

/** Pii types in ascending order. */
export function listPiiTypes(): PIIType[] {
  return valuesOf(PIIType);
}

/** @throws {ValidationError} naming the values of {@link PIIType} */
export function getPiiType(name: string): PIIType {
  return parseEnum(PIIType, name, 'name');
}

/** Toxicity categories in ascending order. */
export function listToxicityCategories(): ToxicityCategory[] {
  return valuesOf(ToxicityCategory);
}

/** @throws {ValidationError} naming the values of {@link ToxicityCategory} */
export function getToxicityCategory(name: string): ToxicityCategory {
  return parseEnum(ToxicityCategory, name, 'name');
}

/**
 * Settles a {@link FilterConfig}; a filter of toxicity unless told otherwise. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.preprocessing.filtering.create_filter_config(filter_type=, toxicity_config=, pii_config=, language_config=)`.
 */
export function createFilterConfig(options: Draft<FilterConfig> = {}): FilterConfig {
  return createFrom(FilterConfig, { filterType: 'toxicity', ...options });
}

/** Words of each category; a score is the share of them that occurs. */
const TOXIC_WORDS: Readonly<Record<ToxicityCategory, readonly string[]>> = {
  hate: ['hate', 'racist', 'sexist', 'bigot'],
  harassment: ['bully', 'harass', 'threaten', 'stalk'],
  violence: ['kill', 'murder', 'attack', 'hurt', 'violence'],
  sexual: ['explicit', 'nude', 'porn'],
  self_harm: ['suicide', 'self-harm', 'cut myself'],
};

/** Patterns of personal data; a name is a capitalised word that does not begin a sentence. */
const PERSONAL_DATA: Readonly<Record<PIIType, RegExp>> = {
  email: /(?<![\p{L}\p{N}_])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,}(?![\p{L}\p{N}_])/gu,
  phone: /(?<!\d)(?:\+?1[-. ]?)?(?:\(\d{3}\)|\d{3})[-. ]?\d{3}[-. ]?\d{4}(?!\d)/gu,
  ssn: /(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)/gu,
  credit_card: /(?<!\d)(?:\d{4}[- ]?){3}\d{4}(?!\d)/gu,
  ip_address: /(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)/gu,
  name: /(?<=[\s\S])(?<![.!?]\s)(?<![\p{L}\p{N}_])[A-Z][a-z]+(?![\p{L}\p{N}_])/gu,
};

/**
 * Score of each category: the share of its words that the lowercased text holds, also inside other words (`skill` holds `kill`). A hint at most: use a
 * classifier where it matters.
 *
 * @remarks Python: `hf_gtc.preprocessing.filtering.detect_toxicity(text, config=)`.
 */
export function detectToxicity(text: string, { config = null }: { readonly config?: ToxicityConfig | null } = {}): Partial<Record<ToxicityCategory, number>> {
  const lowercased = notNull(text, 'text').normalize('NFC').toLowerCase();
  const shareOf = (words: readonly string[]): number => words.filter(word => lowercased.includes(word)).length / words.length;
  return Object.fromEntries((config ?? createFrom(ToxicityConfig)).categories.map(category => [category, shareOf(TOXIC_WORDS[category])]));
}

/**
 * Personal data by kind, as it stands in the composed (NFC) text. Numbers are not checked further: any sixteen digits pass for a card.
 *
 * @remarks Python: `hf_gtc.preprocessing.filtering.detect_pii(text, config=)`.
 */
export function detectPii(text: string, { config = null }: { readonly config?: PIIConfig | null } = {}): Partial<Record<PIIType, string[]>> {
  const composed = notNull(text, 'text').normalize('NFC');
  return Object.fromEntries((config ?? createFrom(PIIConfig)).piiTypes.map(type => [type, [...(composed.match(PERSONAL_DATA[type]) ?? [])]]));
}

/**
 * A text, composed (NFC), with its personal data replaced, character by character.
 *
 * @remarks Python: `hf_gtc.preprocessing.filtering.redact_pii(text, config=)`; the same text.
 * @example redactPii('È') // => 'È'
 */
export function redactPii(text: string, { config = null }: { readonly config?: PIIConfig | null } = {}): string {
  const composed = notNull(text, 'text').normalize('NFC');
  const { piiTypes, redactionChar } = config ?? createFrom(PIIConfig);
  const found = piiTypes.flatMap(type =>
    [...composed.matchAll(PERSONAL_DATA[type])].map(({ index, 0: match }): [number, number] => [index, index + match.length]),
  );
  let redacted = '';
  let end = 0;
  for (const [from, to] of found.sort(([a], [b]) => a - b)) {
    if (to <= end) continue;
    const start = Math.max(from, end);
    redacted += composed.slice(end, start) + redactionChar.repeat(textLength(composed.slice(start, to)));
    end = to;
  }
  return redacted + composed.slice(end);
}

/**
 * Whether a text is in English, by its share of ASCII characters: above 0.9 that is the confidence, above 0.5 less of it. French passes as English:
 * train an identifier where it matters.
 *
 * @param config without effect
 * @remarks Python: `hf_gtc.preprocessing.filtering.detect_language(text, config=)`.
 * @example detectLanguage('') // => ['unknown', 0]
 */
export function detectLanguage(text: string, _options: { readonly config?: LanguageConfig | null } = {}): [language: string, confidence: number] {
  const characters = [...notNull(text, 'text')];
  if (characters.length === 0) return ['unknown', 0];
  const ascii = characters.filter(character => character <= '\x7f').length / characters.length;
  if (ascii > 0.9) return ['en', ascii];
  return ascii > 0.5 ? ['en', ascii * 0.8] : ['unknown', 0.5];
}

/** What one filter says: why a text fails, and a score; reason null when it passes. */
type Verdict = Pick<FilterResult, 'failedReason' | 'score'> & { readonly redactedText?: string | null };

const PASSED: Verdict = { failedReason: null, score: null };

const VERDICTS: Readonly<Record<FilterType, (text: string, config: FilterConfig) => Verdict>> = {
  toxicity: (text, { toxicityConfig }) => {
    const score = Math.max(0, ...Object.values(detectToxicity(text, { config: toxicityConfig })));
    return { failedReason: score >= toxicityConfig!.threshold ? `toxicity score ${formatFixed(score, 2)} exceeds threshold` : null, score };
  },
  pii: (text, { piiConfig }) => {
    const found = Object.values(detectPii(text, { config: piiConfig })).some(matches => matches.length > 0);
    return found ? { failedReason: 'PII detected', score: null, redactedText: piiConfig!.detectOnly ? null : redactPii(text, { config: piiConfig }) } : PASSED;
  },
  language: (text, { languageConfig }) => {
    const [language, confidence] = detectLanguage(text, { config: languageConfig });
    if (!languageConfig!.allowedLanguages.includes(language)) return { failedReason: `language '${language}' not in allowed languages`, score: confidence };
    const unsure = confidence < languageConfig!.confidenceThreshold;
    return unsure ? { failedReason: `language confidence ${formatFixed(confidence, 2)} below threshold`, score: confidence } : PASSED;
  },
  length: text => {
    const length = textLength(text.trim());
    return length < SHORTEST ? { failedReason: 'text too short', score: length } : PASSED;
  },
  quality: () => PASSED,
  duplicate: () => PASSED,
};

/**
 * A text through filters, up to the first that it fails. QUALITY and DUPLICATE pass everything: see `@gtc/preprocessing/quality`.
 *
 * @throws {ValidationError} unless allowedLanguages, piiTypes, categories and modelName are not empty, threshold is between 0 and 1, got -0.5,
 * confidenceThreshold is between 0 and 1, got 4.784879090989486
 * @remarks Python: `hf_gtc.preprocessing.filtering.apply_filters(text, configs)`.
 */
export function applyFilters(text: string, configs: readonly FilterConfig[]): FilterResult {
  notNull(text, 'text');
  let score: number | null = null;
  for (const config of notNull(configs, 'configs')) {
    validateFilterConfig(config);
    const verdict = VERDICTS[config.filterType](text, config);
    if (verdict.failedReason !== null)
      return { passed: false, failedReason: verdict.failedReason, score: verdict.score, redactedText: verdict.redactedText ?? null };
    score = verdict.score ?? score;
  }
  return { passed: true, failedReason: null, score, redactedText: null };
}

/**
 * How many texts pass, as text, by name.
 *
 * @remarks Python: `hf_gtc.preprocessing.filtering.format_filter_stats(stats)`; the same text.
 */
export function formatFilterStats(stats: FilterStats): string {
  const { totalProcessed, passedCount, filteredCounts, piiDetected } = notNull(stats, 'stats');
  const share = (value: number): string => formatFixed(totalProcessed > 0 ? (value / totalProcessed) * 100 : 0, 1);
  const byName = (counts: Readonly<Record<string, number>>): [string, number][] => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  const detected = byName(piiDetected).map(([name, count]) => `  ${name}: ${formatCount(count)}`);
  return [
    'Filter Statistics',
    '='.repeat(40),
    `Total processed:  ${formatCount(totalProcessed)}`,
    `Passed count:     ${formatCount(passedCount)}`,
    `Pass rate:        ${share(passedCount)}%`,
    '',
    'Filtered by type:',
    ...byName(filteredCounts).map(([name, count]) => `  ${name}: ${formatCount(count)} (${share(count)}%)`),
    ...(detected.length > 0 ? ['', 'PII detected:', ...detected] : []),
  ].join('\n');
}

/**
 * Filters for a use; toxicity and a look for personal data for a use that is not known.
 *
 * @param useCase `training`, `chat` or `chatbot`, `production`
 * @throws {ValidationError} unless useCase is not empty
 * @remarks Python: `hf_gtc.preprocessing.filtering.get_recommended_filter_config(use_case)`.
 * @example getRecommendedFilterConfig('training').map(({ filterType }) => filterType) // => ['toxicity', 'pii', 'language']
 */
export function getRecommendedFilterConfig(useCase: string): FilterConfig[] {
  nonEmpty(useCase, 'useCase');
  const [toxicity, pii, language] = (RECOMMENDED[useCase] ?? UNKNOWN_USE)();
  return [
    createFrom(FilterConfig, { filterType: 'toxicity', toxicityConfig: createFrom(ToxicityConfig, toxicity) }),
    createFrom(FilterConfig, { filterType: 'pii', piiConfig: createFrom(PIIConfig, pii) }),
    ...(language ? [createFrom(FilterConfig, { filterType: 'language', languageConfig: createFrom(LanguageConfig) })] : []),
  ];
}

/** Bias: fairness between groups, stereotypes in text, and reports of audits. Mirrors `hf_gtc.evaluation.bias`. */
import {
  createFrom,
  type Definition,
  formatFixed,
  isValueOf,
  nonEmpty,
  notNull,
  parseEnum,
  sameLength,
  textLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

export * from './internal/bias/association.js';
export {
  type ByGroup,
  type ByMetric,
  type Disparities,
  type DisparityMethod,
  type EntropyIndices,
  type FairnessInput,
  type FairnessReport,
  fairnessSuite,
  type GroupCalibration,
  type GroupMetric,
  type Groups,
  generalizedEntropy,
  groupCalibration,
} from './internal/bias/groups.js';
export * from './internal/bias/mitigation.js';

/** What is equal between groups. */
export const FairnessMetric = {
  DEMOGRAPHIC_PARITY: 'demographic_parity',
  EQUALIZED_ODDS: 'equalized_odds',
  CALIBRATION: 'calibration',
  PREDICTIVE_PARITY: 'predictive_parity',
} as const;
export type FairnessMetric = (typeof FairnessMetric)[keyof typeof FairnessMetric];

/** What groups differ in. */
export const BiasType = { GENDER: 'gender', RACE: 'race', AGE: 'age', RELIGION: 'religion', NATIONALITY: 'nationality' } as const;
export type BiasType = (typeof BiasType)[keyof typeof BiasType];

/** Ways to make a model fairer. */
export const MitigationStrategy = { REWEIGHTING: 'reweighting', RESAMPLING: 'resampling', ADVERSARIAL: 'adversarial', CALIBRATION: 'calibration' } as const;
export type MitigationStrategy = (typeof MitigationStrategy)[keyof typeof MitigationStrategy];

/** Values of {@link FairnessMetric}. */
export const VALID_FAIRNESS_METRICS: ReadonlySet<FairnessMetric> = new Set(Object.values(FairnessMetric));

/** Values of {@link BiasType}. */
export const VALID_BIAS_TYPES: ReadonlySet<BiasType> = new Set(Object.values(BiasType));

/** Values of {@link MitigationStrategy}. */
export const VALID_MITIGATION_STRATEGIES: ReadonlySet<MitigationStrategy> = new Set(Object.values(MitigationStrategy));

/** What is audited. */
export interface BiasDetectionConfig {
  readonly protectedAttributes: readonly string[];
  readonly metrics: readonly FairnessMetric[];
  readonly threshold: number;
  readonly intersectional: boolean;
}

/** Defaults and rules of {@link BiasDetectionConfig}. */
export const BiasDetectionConfig: Definition<BiasDetectionConfig> = {
  name: 'BiasDetectionConfig',
  fields: {
    protectedAttributes: { kind: 'array', of: { kind: 'string' }, nonEmpty: true },
    metrics: { kind: 'array', of: { kind: 'enum', of: FairnessMetric }, nonEmpty: true },
    threshold: { kind: 'float', default: 0.1, above: 0, max: 1 },
    intersectional: { kind: 'bool', default: false },
  },
};

/** What is demanded. */
export interface FairnessConstraint {
  readonly metric: FairnessMetric;
  readonly threshold: number;
  readonly groupComparison: string;
  readonly slack: number;
}

/** Defaults and rules of {@link FairnessConstraint}. */
export const FairnessConstraint: Definition<FairnessConstraint> = {
  name: 'FairnessConstraint',
  fields: {
    metric: { kind: 'enum', of: FairnessMetric },
    threshold: { kind: 'float', default: 0.05, positive: true },
    groupComparison: { kind: 'string', default: 'pairwise', oneOf: ['pairwise', 'reference'] },
    slack: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** What an audit found. */
export interface BiasAuditResult {
  readonly disparities: Readonly<Record<string, number>>;
  readonly scoresByGroup: Readonly<Record<string, number>>;
  readonly overallFairness: number;
  readonly recommendations: readonly string[];
}

/** Which stereotypes are looked for. */
export interface StereotypeConfig {
  readonly lexiconPath: string | null;
  readonly categories: readonly string[];
  readonly sensitivity: number;
  readonly contextWindow: number;
}

/** Defaults and rules of {@link StereotypeConfig}. */
export const StereotypeConfig: Definition<StereotypeConfig> = {
  name: 'StereotypeConfig',
  fields: {
    lexiconPath: { kind: 'string', default: null, nullable: true },
    categories: { kind: 'array', of: { kind: 'string' }, default: [] },
    sensitivity: { kind: 'float', default: 0.5, min: 0, max: 1 },
    contextWindow: { kind: 'int', default: 5, positive: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateBiasDetectionConfig(config: BiasDetectionConfig): void {
  validate(BiasDetectionConfig, config);
}

/** Settles a {@link BiasDetectionConfig}. @throws {ValidationError} naming every broken rule */
export function createBiasDetectionConfig(
  protectedAttributes: readonly string[],
  metrics: readonly FairnessMetric[],
  options: Partial<Omit<BiasDetectionConfig, 'protectedAttributes' | 'metrics'>> = {},
): BiasDetectionConfig {
  return createFrom(BiasDetectionConfig, { protectedAttributes, metrics, ...options });
}

/** @throws {ValidationError} naming every broken rule */
export function validateFairnessConstraint(constraint: FairnessConstraint): void {
  validate(FairnessConstraint, constraint, 'constraint');
}

/** Settles a {@link FairnessConstraint}. @throws {ValidationError} naming every broken rule */
export function createFairnessConstraint(metric: FairnessMetric, options: Partial<Omit<FairnessConstraint, 'metric'>> = {}): FairnessConstraint {
  return createFrom(FairnessConstraint, { metric, ...options });
}

/** @throws {ValidationError} naming every broken rule */
export function validateStereotypeConfig(config: StereotypeConfig): void {
  validate(StereotypeConfig, config);
}

/** Fairness metrics in ascending order. */
export function listFairnessMetrics(): FairnessMetric[] {
  return valuesOf(FairnessMetric);
}

/** @throws {ValidationError} naming the fairness metrics */
export function getFairnessMetric(name: string): FairnessMetric {
  return parseEnum(FairnessMetric, name, 'fairnessMetric');
}

/** Bias types in ascending order. */
export function listBiasTypes(): BiasType[] {
  return valuesOf(BiasType);
}

/** @throws {ValidationError} naming the bias types */
export function getBiasType(name: string): BiasType {
  return parseEnum(BiasType, name, 'biasType');
}

/** Mitigation strategies in ascending order. */
export function listMitigationStrategies(): MitigationStrategy[] {
  return valuesOf(MitigationStrategy);
}

/** @throws {ValidationError} naming the mitigation strategies */
export function getMitigationStrategy(name: string): MitigationStrategy {
  return parseEnum(MitigationStrategy, name, 'mitigationStrategy');
}

/**
 * Settles which stereotypes are looked for; no categories are all. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.evaluation.bias.create_stereotype_config(lexicon_path=, categories=, sensitivity=, context_window=)`.
 */
export function createStereotypeConfig({
  categories = null,
  ...options
}: Partial<Omit<StereotypeConfig, 'categories'>> & { readonly categories?: readonly string[] | null } = {}): StereotypeConfig {
  return createFrom(StereotypeConfig, { ...options, categories: categories ?? [] });
}

/**
 * Whether this is a {@link FairnessMetric}.
 *
 * @remarks Python: `hf_gtc.evaluation.bias.validate_fairness_metric(metric)`; exact.
 * @example validateFairnessMetric('calibration') // => true
 */
export function validateFairnessMetric(metric: string): boolean {
  return isValueOf(FairnessMetric, metric);
}

/**
 * Whether this is a {@link BiasType}.
 *
 * @remarks Python: `hf_gtc.evaluation.bias.validate_bias_type(bias_type)`; exact.
 * @example validateBiasType('race') // => true
 */
export function validateBiasType(biasType: string): boolean {
  return isValueOf(BiasType, biasType);
}

/**
 * Whether this is a {@link MitigationStrategy}.
 *
 * @remarks Python: `hf_gtc.evaluation.bias.validate_mitigation_strategy(strategy)`; exact.
 * @example validateMitigationStrategy('reweighting') // => true
 */
export function validateMitigationStrategy(strategy: string): boolean {
  return isValueOf(MitigationStrategy, strategy);
}

/** Places of each group, in the order in which the groups are seen. */
function placesByGroup(groups: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [place, group] of groups.entries()) places.set(group, [...(places.get(group) ?? []), place]);
  return places;
}

/**
 * Share of the predictions that are 1 in each group.
 *
 * @throws {ValidationError} for nothing to compare
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.bias.calculate_demographic_parity(predictions, groups)`.
 * @example calculateDemographicParity([1, 0, 1], ['A', 'A', 'B']) // => { A: 0.5, B: 1 }
 */
export function calculateDemographicParity(predictions: readonly number[], groups: readonly string[]): Record<string, number> {
  nonEmpty(predictions, 'predictions');
  nonEmpty(groups, 'groups');
  sameLength({ predictions, groups });
  return Object.fromEntries(
    [...placesByGroup(groups)].map(([group, places]) => [group, places.filter(place => predictions[place] === 1).length / places.length]),
  );
}

/**
 * Rates of true and of false positives in each group, 0 where there is nothing to count; a prediction or label other than 0 and 1 counts as a miss.
 *
 * @throws {ValidationError} for nothing to compare
 * @throws {ShapeError} for different counts
 * @remarks Python: `hf_gtc.evaluation.bias.calculate_equalized_odds(predictions, labels, groups)`.
 * @example calculateEqualizedOdds([1, 0], [1, 1], ['A', 'A']) // => { A: { tpr: 0.5, fpr: 0 } }
 */
export function calculateEqualizedOdds(
  predictions: readonly number[],
  labels: readonly number[],
  groups: readonly string[],
): Record<string, { readonly tpr: number; readonly fpr: number }> {
  nonEmpty(predictions, 'predictions');
  nonEmpty(labels, 'labels');
  nonEmpty(groups, 'groups');
  sameLength({ predictions, labels, groups });
  return Object.fromEntries(
    [...placesByGroup(groups)].map(([group, places]) => {
      const count = (prediction: number, label: number): number => places.filter(place => predictions[place] === prediction && labels[place] === label).length;
      const [tp, fp, tn] = [count(1, 1), count(1, 0), count(0, 0)];
      const fn = places.length - tp - fp - tn;
      return [group, { tpr: tp + fn > 0 ? tp / (tp + fn) : 0, fpr: fp + tn > 0 ? fp / (fp + tn) : 0 }];
    }),
  );
}

/** Phrases that generalize about a group, in lower case. */
const STEREOTYPES: Readonly<Record<string, readonly string[]>> = {
  gender: ['women are emotional', 'men are aggressive', 'women are weak', 'men are strong', 'women belong', 'men do not cry'],
  race: ['all asians', 'all blacks', 'all whites', 'those people are'],
  age: ['old people are', 'young people are', 'millennials are', 'boomers are'],
  religion: ['all muslims', 'all christians', 'all jews', 'all hindus'],
  nationality: ['all americans', 'all mexicans', 'all chinese', 'foreigners are'],
};

/** A stereotype in a text. */
export interface Stereotype {
  readonly category: string;
  readonly pattern: string;
  /** In characters, as Python counts them. */
  readonly start_index: number;
  readonly end_index: number;
  readonly confidence: number;
}

/**
 * Finds the first occurrence of each phrase that generalizes about a group, whatever its case.
 *
 * @returns with the sensitivity of the settings as their confidence
 * @throws {ValidationError} for no text, or settings whose rules are broken
 * @remarks Python: `hf_gtc.evaluation.bias.detect_stereotypes(text, config)`.
 * @example detectStereotypes('Old people are slow.', createStereotypeConfig({ categories: ['age'] }))[0]?.pattern // => 'old people are'
 */
export function detectStereotypes(text: string, config: StereotypeConfig): Stereotype[] {
  notNull(text, 'text');
  validateStereotypeConfig(config);
  const lower = text.toLowerCase();
  const categories = config.categories.length > 0 ? config.categories : Object.keys(STEREOTYPES);
  return categories.flatMap(category =>
    (Object.hasOwn(STEREOTYPES, category) ? STEREOTYPES[category]! : []).flatMap(pattern => {
      const place = lower.indexOf(pattern);
      if (place < 0) return [];
      const start = textLength(lower.slice(0, place));
      return [{ category, pattern, start_index: start, end_index: start + pattern.length, confidence: config.sensitivity }];
    }),
  );
}

/**
 * Distance between the greatest and the least rate.
 *
 * @throws {ValidationError} for fewer than two groups
 * @remarks Python: `hf_gtc.evaluation.bias.calculate_disparity_score(group_rates)`; within 1e-12.
 */
export function calculateDisparityScore(groupRates: Readonly<Record<string, number>>): number {
  const rates = Object.values(notNull(groupRates, 'groupRates'));
  if (rates.length < 2)
    throw new ValidationError(`groupRates must have at least 2 groups, got ${rates.length}`, { parameter: 'groupRates', received: groupRates });
  return rates.reduce((most, rate) => Math.max(most, rate)) - rates.reduce((least, rate) => Math.min(least, rate));
}

const byName = (record: Readonly<Record<string, number>>): string[] =>
  Object.entries(record)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `  ${name}: ${formatFixed(value, 4)}`);

/**
 * What an audit found, as text.
 *
 * @remarks Python: `hf_gtc.evaluation.bias.format_bias_audit(result)`; the same text.
 */
export function formatBiasAudit(result: BiasAuditResult): string {
  const { disparities, scoresByGroup, overallFairness, recommendations } = notNull(result, 'result');
  return [
    'Bias Audit Report',
    '='.repeat(40),
    `Overall Fairness Score: ${formatFixed(overallFairness * 100, 2)}%`,
    '',
    'Disparities by Attribute:',
    ...byName(disparities),
    '',
    'Scores by Group:',
    ...byName(scoresByGroup),
    ...(recommendations.length > 0 ? ['', 'Recommendations:', ...recommendations.map((text, index) => `  ${index + 1}. ${text}`)] : []),
  ].join('\n');
}

const PEOPLE = ['gender', 'race', 'age'];

/** Audits by task; every other task takes that of `default`. */
const RECOMMENDED: Readonly<
  Record<string, readonly [attributes: readonly string[], metrics: readonly FairnessMetric[], threshold: number, intersectional: boolean]>
> = {
  default: [PEOPLE, ['demographic_parity', 'equalized_odds'], 0.1, false],
  classification: [['gender', 'race'], ['demographic_parity', 'equalized_odds'], 0.1, false],
  generation: [['gender', 'race', 'religion', 'nationality'], ['demographic_parity'], 0.15, true],
  hiring: [PEOPLE, ['demographic_parity', 'equalized_odds', 'predictive_parity'], 0.05, true],
  credit: [PEOPLE, ['demographic_parity', 'equalized_odds', 'calibration'], 0.05, true],
  healthcare: [PEOPLE, ['equalized_odds', 'calibration', 'predictive_parity'], 0.03, true],
};

/**
 * An audit that suits a task: `classification`, `generation`, `hiring`, `credit`, `healthcare` or any other.
 *
 * @throws {ValidationError} for no task
 * @remarks Python: `hf_gtc.evaluation.bias.get_recommended_bias_config(task_type)`.
 * @example getRecommendedBiasConfig('healthcare').threshold // => 0.03
 */
export function getRecommendedBiasConfig(taskType: string): BiasDetectionConfig {
  const task = nonEmpty(taskType, 'taskType').toLowerCase();
  const [attributes, metrics, threshold, intersectional] = Object.hasOwn(RECOMMENDED, task) ? RECOMMENDED[task]! : RECOMMENDED.default!;
  return createBiasDetectionConfig(attributes, metrics, { threshold, intersectional });
}

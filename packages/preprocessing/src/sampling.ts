/** Samples of a dataset: stratified, by importance, balanced between classes; weights and effective sizes of classes. Mirrors `hf_gtc.preprocessing.sampling`. */
import {
  createFrom,
  type Definition,
  formatCount,
  formatFixed,
  inRange,
  nestedIssue,
  nonEmpty,
  notNull,
  parseEnum,
  positive,
  pythonRepr,
  sameLength,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';
import { softmax, sum } from '@gtc/tensor/statistics';

/** Ways to sample. */
export const SamplingMethod = {
  RANDOM: 'random',
  STRATIFIED: 'stratified',
  IMPORTANCE: 'importance',
  BALANCED: 'balanced',
  CLUSTER: 'cluster',
  CURRICULUM: 'curriculum',
} as const;
export type SamplingMethod = (typeof SamplingMethod)[keyof typeof SamplingMethod];

/** Weights of classes. */
export const WeightingScheme = { UNIFORM: 'uniform', INVERSE_FREQUENCY: 'inverse_frequency', SQRT_INVERSE: 'sqrt_inverse', CUSTOM: 'custom' } as const;
export type WeightingScheme = (typeof WeightingScheme)[keyof typeof WeightingScheme];

/** Ways to balance classes. */
export const BalancingStrategy = { OVERSAMPLE: 'oversample', UNDERSAMPLE: 'undersample', SMOTE: 'smote', CLASS_WEIGHT: 'class_weight' } as const;
export type BalancingStrategy = (typeof BalancingStrategy)[keyof typeof BalancingStrategy];

/** Values of {@link SamplingMethod}. */
export const VALID_SAMPLING_METHODS: ReadonlySet<SamplingMethod> = new Set(Object.values(SamplingMethod));

/** Values of {@link WeightingScheme}. */
export const VALID_WEIGHTING_SCHEMES: ReadonlySet<WeightingScheme> = new Set(Object.values(WeightingScheme));

/** Values of {@link BalancingStrategy}. */
export const VALID_BALANCING_STRATEGIES: ReadonlySet<BalancingStrategy> = new Set(Object.values(BalancingStrategy));

/** Samples of every class. */
export interface StratifiedConfig {
  /** Names the class. */
  readonly column: string;
  /** Keeps the classes' shares, else all classes get the same. */
  readonly preserveDistribution: boolean;
}

/** Defaults and rules of {@link StratifiedConfig}. */
export const StratifiedConfig: Definition<StratifiedConfig> = {
  name: 'StratifiedConfig',
  fields: {
    column: { kind: 'string', default: 'label', nonEmpty: true },
    preserveDistribution: { kind: 'bool', default: true },
  },
};

/** Samples by weight. */
export interface ImportanceConfig {
  readonly weightsColumn: string | null;
  /** Above 1 evens weights out. */
  readonly temperature: number;
  readonly normalize: boolean;
}

/** Defaults and rules of {@link ImportanceConfig}. */
export const ImportanceConfig: Definition<ImportanceConfig> = {
  name: 'ImportanceConfig',
  fields: {
    weightsColumn: { kind: 'string', default: null, nullable: true },
    temperature: { kind: 'float', default: 1.0, positive: true },
    normalize: { kind: 'bool', default: true },
  },
};

/** Classes of like size. */
export interface BalancedConfig {
  readonly strategy: BalancingStrategy;
  /** Size of the small classes to that of the largest. */
  readonly targetRatio: number;
  readonly randomState: number | null;
}

/** Defaults and rules of {@link BalancedConfig}. */
export const BalancedConfig: Definition<BalancedConfig> = {
  name: 'BalancedConfig',
  fields: {
    strategy: { kind: 'enum', of: BalancingStrategy, default: BalancingStrategy.OVERSAMPLE },
    targetRatio: { kind: 'float', default: 1.0, above: 0, max: 1 },
    randomState: { kind: 'int', default: null, nullable: true },
  },
};

/** A sampling. */
export interface SamplingConfig {
  readonly method: SamplingMethod;
  readonly stratifiedConfig: StratifiedConfig | null;
  readonly importanceConfig: ImportanceConfig | null;
  readonly balancedConfig: BalancedConfig | null;
  readonly sampleSize: number;
}

/** Defaults and rules of {@link SamplingConfig}. */
export const SamplingConfig: Definition<SamplingConfig> = {
  name: 'SamplingConfig',
  fields: {
    method: { kind: 'enum', of: SamplingMethod, default: SamplingMethod.RANDOM },
    stratifiedConfig: { kind: 'any', default: null, nullable: true },
    importanceConfig: { kind: 'any', default: null, nullable: true },
    balancedConfig: { kind: 'any', default: null, nullable: true },
    sampleSize: { kind: 'float', default: 1000, positive: true },
  },
  rules: [
    ({ method, stratifiedConfig }) => (method === 'stratified' && stratifiedConfig === null ? 'stratifiedConfig is required for STRATIFIED sampling' : null),
    ({ method, balancedConfig }) => (method === 'balanced' && balancedConfig === null ? 'balancedConfig is required for BALANCED sampling' : null),
    ({ method, stratifiedConfig }) => (method === 'stratified' ? nestedIssue(StratifiedConfig, stratifiedConfig, 'stratifiedConfig') : null),
    ({ method, importanceConfig }) => (method === 'importance' ? nestedIssue(ImportanceConfig, importanceConfig, 'importanceConfig') : null),
    ({ method, balancedConfig }) => (method === 'balanced' ? nestedIssue(BalancedConfig, balancedConfig, 'balancedConfig') : null),
  ],
};

/** What was sampled. */
export interface SamplingStats {
  readonly originalSize: number;
  readonly sampledSize: number;
  readonly classDistribution: Readonly<Record<string, number>>;
  /** Sampled to original size. */
  readonly effectiveRatio: number;
}

/** Defaults and rules of {@link SamplingStats}. */
export const SamplingStats: Definition<SamplingStats> = {
  name: 'SamplingStats',
  fields: {
    originalSize: { kind: 'int' },
    sampledSize: { kind: 'int' },
    classDistribution: { kind: 'record', of: { kind: 'int' } },
    effectiveRatio: { kind: 'float' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateStratifiedConfig(config: StratifiedConfig): void {
  validate(StratifiedConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateImportanceConfig(config: ImportanceConfig): void {
  validate(ImportanceConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBalancedConfig(config: BalancedConfig): void {
  validate(BalancedConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSamplingConfig(config: SamplingConfig): void {
  validate(SamplingConfig, config);
}

/** Settles a {@link StratifiedConfig}. @throws {ValidationError} naming every broken rule */
export function createStratifiedConfig(options: Partial<StratifiedConfig> = {}): StratifiedConfig {
  return createFrom(StratifiedConfig, options);
}

/** Settles a {@link ImportanceConfig}. @throws {ValidationError} naming every broken rule */
export function createImportanceConfig(options: Partial<ImportanceConfig> = {}): ImportanceConfig {
  return createFrom(ImportanceConfig, options);
}

/** Settles a {@link BalancedConfig}. @throws {ValidationError} naming every broken rule */
export function createBalancedConfig(options: Partial<BalancedConfig> = {}): BalancedConfig {
  return createFrom(BalancedConfig, options);
}

/** Settles a {@link SamplingConfig}. @throws {ValidationError} naming every broken rule */
export function createSamplingConfig(options: Partial<SamplingConfig> = {}): SamplingConfig {
  return createFrom(SamplingConfig, options);
}

/** Sampling methods in ascending order. */
export function listSamplingMethods(): SamplingMethod[] {
  return valuesOf(SamplingMethod);
}

/** @throws {ValidationError} naming the values of {@link SamplingMethod} */
export function getSamplingMethod(name: string): SamplingMethod {
  return parseEnum(SamplingMethod, name, 'name');
}

/** Weighting schemes in ascending order. */
export function listWeightingSchemes(): WeightingScheme[] {
  return valuesOf(WeightingScheme);
}

/** @throws {ValidationError} naming the values of {@link WeightingScheme} */
export function getWeightingScheme(name: string): WeightingScheme {
  return parseEnum(WeightingScheme, name, 'name');
}

/** Balancing strategies in ascending order. */
export function listBalancingStrategies(): BalancingStrategy[] {
  return valuesOf(BalancingStrategy);
}

/** @throws {ValidationError} naming the values of {@link BalancingStrategy} */
export function getBalancingStrategy(name: string): BalancingStrategy {
  return parseEnum(BalancingStrategy, name, 'name');
}

/** One sample: values by column. */
export type Sample = Readonly<Record<string, unknown>>;

/** Class of a sample, as text; `unknown` without one. */
function classOf(sample: Sample, column: string): string {
  const value = Object.hasOwn(sample, column) ? sample[column] : 'unknown';
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Samples by class, in the order in which classes first appear. */
function byClass<S extends Sample>(data: readonly S[], column: string): S[][] {
  const classes = new Map<string, S[]>();
  for (const sample of data) {
    const name = classOf(sample, column);
    const members = classes.get(name);
    if (members) members.push(sample);
    else classes.set(name, [sample]);
  }
  return [...classes.values()];
}

function countsOf(values: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/**
 * Weight of each sample by its class: 1, the inverse of the class's share `total / (classes · count)`, the root of that, or weights of your own.
 *
 * @throws {ValidationError} for own weights that leave a class out
 * @remarks Python: `hf_gtc.preprocessing.sampling.calculate_sample_weights(labels, scheme=, custom_weights=)`.
 * @example calculateSampleWeights(['C'], { scheme: 'sqrt_inverse' }) // => [1]
 */
export function calculateSampleWeights(
  labels: readonly string[],
  {
    scheme = WeightingScheme.INVERSE_FREQUENCY,
    customWeights = null,
  }: { readonly scheme?: WeightingScheme; readonly customWeights?: Readonly<Record<string, number>> | null } = {},
): number[] {
  nonEmpty(labels, 'labels');
  if (scheme === 'uniform') return labels.map(() => 1);
  if (scheme === 'custom') return ownWeights(labels, customWeights);
  const counts = countsOf(labels);
  const inverse = (label: string): number => labels.length / (counts.size * counts.get(label)!);
  return labels.map(label => (scheme === 'sqrt_inverse' ? Math.sqrt(inverse(label)) : inverse(label)));
}

function ownWeights(labels: readonly string[], weights: Readonly<Record<string, number>> | null): number[] {
  if (weights === null) throw new ValidationError('customWeights is required for CUSTOM weights, got null', { parameter: 'customWeights' });
  return labels.map(label => {
    if (!Object.hasOwn(weights, label))
      throw new ValidationError(`customWeights must name a weight for label '${label}'`, { parameter: 'customWeights', received: weights });
    return weights[label]!;
  });
}

/**
 * Samples of every class, at least one each. Shares are rounded down, so a few less than asked may come back.
 *
 * @param randomState seed; another sample every time when null
 * @throws {ValidationError} unless column and data are not empty, sampleSize is positive
 * @remarks Python: `hf_gtc.preprocessing.sampling.stratified_sample(data, column, sample_size, preserve_distribution=, random_state=)`.
 * @example stratifiedSample([{}], 'a', 1) // => [{}]
 */
export function stratifiedSample<S extends Sample>(
  data: readonly S[],
  column: string,
  sampleSize: number,
  { preserveDistribution = true, randomState = null }: { readonly preserveDistribution?: boolean; readonly randomState?: number | null } = {},
): S[] {
  nonEmpty(notNull(data, 'data'), 'data');
  nonEmpty(column, 'column');
  positive(sampleSize, 'sampleSize');
  if (sampleSize > data.length)
    throw new ValidationError(`sampleSize must be at most the ${data.length} samples of data, got ${sampleSize}`, {
      parameter: 'sampleSize',
      received: sampleSize,
    });
  const random = new PythonRandom(randomState);
  const classes = byClass(data, column);
  const sizeFor = (members: readonly S[]): number =>
    Math.floor(preserveDistribution ? (members.length / data.length) * sampleSize : sampleSize / classes.length);
  const drawn = classes.flatMap(members => random.sample(members, Math.min(members.length, Math.max(1, sizeFor(members)))));
  return drawn.length > sampleSize ? random.sample(drawn, sampleSize) : drawn;
}

/**
 * Samples drawn with replacement by `softmax(weights / temperature)`, at most as many as there are: give logits, not probabilities.
 *
 * @param randomState seed; another sample every time when null
 * @throws {ValidationError} unless data is not empty, sampleSize and temperature are positive
 * @remarks Python: `hf_gtc.preprocessing.sampling.importance_sample(data, weights, sample_size, temperature=, random_state=)`.
 * @example importanceSample([{ a: 1 }], [1], 41) // => [{ a: 1 }]
 */
export function importanceSample<S extends Sample>(
  data: readonly S[],
  weights: readonly number[],
  sampleSize: number,
  { temperature = 1, randomState = null }: { readonly temperature?: number; readonly randomState?: number | null } = {},
): S[] {
  nonEmpty(notNull(data, 'data'), 'data');
  sameLength({ weights, data });
  positive(sampleSize, 'sampleSize');
  positive(temperature, 'temperature');
  return new PythonRandom(randomState).choices(data, { weights: softmax(weights.map(weight => weight / temperature)), k: Math.min(sampleSize, data.length) });
}

/**
 * Evens classes out: repeats samples of the small ones, leaves out some of the large ones, or changes nothing (`class_weight`, where the loss is
 * weighted instead). `smote` repeats samples too, since it has no vectors to interpolate.
 *
 * @param randomState seed; another result every time when null
 * @throws {ValidationError} unless labelColumn and data are not empty, targetRatio is in (0, 1]
 * @remarks Python: `hf_gtc.preprocessing.sampling.balance_classes(data, label_column, strategy=, target_ratio=, random_state=)`.
 * @example balanceClasses([{ oversample: 'k', undersample: 26, k: 7 }], 'label', { strategy: 'class_weight' }) // => [{ oversample: 'k', undersample: 26, k: 7 }]
 */
export function balanceClasses<S extends Sample>(
  data: readonly S[],
  labelColumn: string,
  {
    strategy = 'oversample',
    targetRatio = 1,
    randomState = null,
  }: { readonly strategy?: BalancingStrategy; readonly targetRatio?: number; readonly randomState?: number | null } = {},
): S[] {
  nonEmpty(notNull(data, 'data'), 'data');
  nonEmpty(labelColumn, 'labelColumn');
  inRange(targetRatio, 'targetRatio', { above: 0, max: 1 });
  if (strategy === 'class_weight') return [...data];
  const random = new PythonRandom(randomState);
  const classes = byClass(data, labelColumn);
  const sizes = classes.map(members => members.length);
  if (strategy === 'undersample') {
    const most = Math.max(1, Math.floor(Math.min(...sizes) / targetRatio));
    return classes.flatMap(members => (members.length > most ? random.sample(members, most) : members));
  }
  const least = Math.floor(Math.max(...sizes) * targetRatio);
  return classes.flatMap(members => (members.length < least ? [...members, ...random.choices(members, { k: least - members.length })] : members));
}

/**
 * Effective size of each class, `(1 − βⁿ) / (1 − β)`: samples overlap the more of them there are (Cui et al. 2019).
 *
 * @throws {ValidationError} unless classCounts is not empty, beta is in (0, 1)
 * @remarks Python: `hf_gtc.preprocessing.sampling.estimate_effective_samples(class_counts, beta=)`.
 */
export function estimateEffectiveSamples(
  classCounts: Readonly<Record<string, number>>,
  { beta = 0.9999 }: { readonly beta?: number } = {},
): Record<string, number> {
  nonEmpty(notNull(classCounts, 'classCounts'), 'classCounts');
  inRange(beta, 'beta', { above: 0, below: 1 });
  return Object.fromEntries(Object.entries(classCounts).map(([name, count]) => [name, (1 - beta ** count) / (1 - beta)]));
}

/**
 * What was sampled, as text, classes by name.
 *
 * @remarks Python: `hf_gtc.preprocessing.sampling.format_sampling_stats(stats)`; the same text.
 */
export function formatSamplingStats(stats: SamplingStats): string {
  const { originalSize, sampledSize, classDistribution, effectiveRatio } = notNull(stats, 'stats');
  const total = sum(Object.values(classDistribution));
  const share = (part: number, whole: number): string => formatFixed(whole > 0 ? (part / whole) * 100 : 0, 1);
  return [
    'Sampling Statistics',
    '='.repeat(40),
    `Original size:    ${formatCount(originalSize)}`,
    `Sampled size:     ${formatCount(sampledSize)}`,
    `Sampling rate:    ${share(sampledSize, originalSize)}%`,
    `Effective ratio:  ${formatFixed(effectiveRatio, 4)}`,
    '',
    'Class Distribution:',
    ...Object.entries(classDistribution)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, count]) => `  ${name}: ${formatCount(count)} (${share(count, total)}%)`),
  ].join('\n');
}

/**
 * A sampling for a dataset, of 10000 samples at most: random while the classes are about even, stratified from an imbalance of 2, oversampled from 10.
 *
 * @param imbalanceRatio size of the largest class to that of the smallest
 * @throws {ValidationError} unless numClasses and datasetSize are positive
 * @remarks Python: `hf_gtc.preprocessing.sampling.get_recommended_sampling_config(dataset_size, num_classes, imbalance_ratio)`.
 * @example getRecommendedSamplingConfig(5000, 2, 12).balancedConfig // => { strategy: 'oversample', targetRatio: 0.8, randomState: null }
 */
export function getRecommendedSamplingConfig(datasetSize: number, numClasses: number, imbalanceRatio: number): SamplingConfig {
  positive(datasetSize, 'datasetSize');
  positive(numClasses, 'numClasses');
  inRange(imbalanceRatio, 'imbalanceRatio', { min: 1 });
  const sampleSize = Math.min(datasetSize, 10000);
  if (imbalanceRatio >= 10)
    return createFrom(SamplingConfig, { method: 'balanced', balancedConfig: createFrom(BalancedConfig, { targetRatio: 0.8 }), sampleSize });
  if (imbalanceRatio >= 2) return createFrom(SamplingConfig, { method: 'stratified', stratifiedConfig: createFrom(StratifiedConfig), sampleSize });
  return createFrom(SamplingConfig, { sampleSize });
}

/**
 * Sizes before and after, and samples of each class.
 *
 * @throws {ValidationError} unless labelColumn is not empty
 * @remarks Python: `hf_gtc.preprocessing.sampling.compute_sampling_stats(data, label_column, sampled)`.
 */
export function computeSamplingStats(data: readonly Sample[], labelColumn: string, sampled: readonly Sample[]): SamplingStats {
  nonEmpty(labelColumn, 'labelColumn');
  notNull(data, 'data');
  const counts = countsOf(notNull(sampled, 'sampled').map(sample => classOf(sample, labelColumn)));
  return {
    originalSize: data.length,
    sampledSize: sampled.length,
    classDistribution: Object.fromEntries(counts),
    effectiveRatio: data.length === 0 ? 0 : sampled.length / data.length,
  };
}

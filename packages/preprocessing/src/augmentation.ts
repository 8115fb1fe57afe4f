/** Augmentation of texts: synonyms, swaps, insertions, deletions and typing errors, draw for draw as Python's `random` makes them. Mirrors `hf_gtc.preprocessing.augmentation`. */
import {
  createFrom,
  type Draft,
  finite,
  formatCount,
  formatFixed,
  inRange,
  isValueOf,
  nonEmpty,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  splitWords,
  validate,
  valuesOf,
} from '@gtc/errors';
import { PythonRandom } from '@gtc/tensor/random';
import { sum } from '@gtc/tensor/statistics';
import {
  AugmentationConfig,
  AugmentationLevel,
  type AugmentationStats,
  AugmentationType,
  AugmentConfig,
  type AugmentResult,
  BacktranslationConfig,
  NoiseConfig,
  NoiseType,
  SynonymConfig,
} from './internal/augmentation/configs.js';
import { isUpper, NOISES } from './internal/augmentation/noise.js';

export {
  AugmentationConfig,
  AugmentationLevel,
  AugmentationStats,
  AugmentationType,
  AugmentConfig,
  AugmentResult,
  BacktranslationConfig,
  KEYBOARD_NEIGHBORS,
  NoiseConfig,
  NoiseType,
  OCR_CONFUSIONS,
  SynonymConfig,
  VALID_AUGMENTATION_LEVELS,
  VALID_AUGMENTATION_TYPES,
  VALID_NOISE_TYPES,
} from './internal/augmentation/configs.js';

/** @throws {ValidationError} naming every broken rule */
export function validateAugmentConfig(config: AugmentConfig): void {
  validate(AugmentConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSynonymConfig(config: SynonymConfig): void {
  validate(SynonymConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBacktranslationConfig(config: BacktranslationConfig): void {
  validate(BacktranslationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateNoiseConfig(config: NoiseConfig): void {
  validate(NoiseConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAugmentationConfig(config: AugmentationConfig): void {
  validate(AugmentationConfig, config);
}

/** Settles a {@link SynonymConfig}. @throws {ValidationError} naming every broken rule */
export function createSynonymConfig(options: Partial<SynonymConfig> = {}): SynonymConfig {
  return createFrom(SynonymConfig, options);
}

/** Settles a {@link BacktranslationConfig}. @throws {ValidationError} naming every broken rule */
export function createBacktranslationConfig(options: Partial<BacktranslationConfig> = {}): BacktranslationConfig {
  return createFrom(BacktranslationConfig, options);
}

/** Settles a {@link NoiseConfig}. @throws {ValidationError} naming every broken rule */
export function createNoiseConfig(options: Partial<NoiseConfig> = {}): NoiseConfig {
  return createFrom(NoiseConfig, options);
}

/** Settles a {@link AugmentationConfig}. @throws {ValidationError} naming every broken rule */
export function createAugmentationConfig(options: Partial<AugmentationConfig> = {}): AugmentationConfig {
  return createFrom(AugmentationConfig, options);
}

/** Augmentation types in ascending order. */
export function listAugmentationTypes(): AugmentationType[] {
  return valuesOf(AugmentationType);
}

/** Noise types in ascending order. */
export function listNoiseTypes(): NoiseType[] {
  return valuesOf(NoiseType);
}

/** Augmentation levels in ascending order. */
export function listAugmentationLevels(): AugmentationLevel[] {
  return valuesOf(AugmentationLevel);
}

/** Whether the text is a value of {@link AugmentationType}. */
export function validateAugmentationType(augType: string): boolean {
  return isValueOf(AugmentationType, augType);
}

/** Whether the text is a value of {@link NoiseType}. */
export function validateNoiseType(noiseType: string): boolean {
  return isValueOf(NoiseType, noiseType);
}

/** Whether the text is a value of {@link AugmentationLevel}. */
export function validateAugmentationLevel(level: string): boolean {
  return isValueOf(AugmentationLevel, level);
}

/** @throws {ValidationError} naming the values of {@link AugmentationType} */
export function getAugmentationType(name: string): AugmentationType {
  return parseEnum(AugmentationType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link NoiseType} */
export function getNoiseType(name: string): NoiseType {
  return parseEnum(NoiseType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link AugmentationLevel} */
export function getAugmentationLevel(name: string): AugmentationLevel {
  return parseEnum(AugmentationLevel, name, 'name');
}

/** Synonyms by lowercased word. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

/** Where draws come from: Python's stream of a seed, another one every time when null. */
export interface RandomOptions {
  readonly rng?: PythonRandom | null;
}

const generator = (rng: PythonRandom | null): PythonRandom => rng ?? new PythonRandom(null);

/**
 * Drops words. All may go: keep one yourself where a text must not be empty.
 *
 * @throws {ValidationError} unless probability is between 0 and 1, got 1.5
 * @remarks Python: `hf_gtc.preprocessing.augmentation.random_delete(words, probability, rng=)`.
 * @example randomDelete(['a', 'b'], 0) // => ['a', 'b']
 */
export function randomDelete(words: readonly string[], probability: number, { rng = null }: RandomOptions = {}): string[] {
  notNull(words, 'words');
  inRange(probability, 'probability', { min: 0, max: 1 });
  if (probability === 0) return [...words];
  if (probability === 1) return [];
  const random = generator(rng);
  return words.filter(() => random.random() > probability);
}

/**
 * Swaps neighbours, one pair after the other.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.random_swap(words, num_swaps, rng=)`.
 * @example randomSwap(['a'], 6) // => ['a']
 */
export function randomSwap(words: readonly string[], numSwaps: number, { rng = null }: RandomOptions = {}): string[] {
  const swapped = [...notNull(words, 'words')];
  nonNegative(numSwaps, 'numSwaps');
  if (words.length < 2) return swapped;
  const random = generator(rng);
  for (let swap = 0; swap < numSwaps; swap++) {
    const i = random.randint(0, words.length - 2);
    [swapped[i], swapped[i + 1]] = [swapped[i + 1]!, swapped[i]!];
  }
  return swapped;
}

/**
 * Inserts words of a pool at any place, one after the other; none from an empty pool.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.random_insert(words, word_pool, num_inserts, rng=)`.
 * @example randomInsert(['A  ', 'b'], ['x'], 0) // => ['A  ', 'b']
 */
export function randomInsert(words: readonly string[], wordPool: readonly string[], numInserts: number, { rng = null }: RandomOptions = {}): string[] {
  const result = [...notNull(words, 'words')];
  notNull(wordPool, 'wordPool');
  nonNegative(numInserts, 'numInserts');
  if (wordPool.length === 0) return result;
  const random = generator(rng);
  for (let insert = 0; insert < numInserts; insert++) {
    const word = random.choice(wordPool);
    result.splice(random.randint(0, result.length), 0, word);
  }
  return result;
}

/**
 * Replaces words by synonyms, capitalised where the word is. Only words with synonyms take a draw.
 *
 * @throws {ValidationError} for a word with an empty list of synonyms
 * @remarks Python: `hf_gtc.preprocessing.augmentation.synonym_replace(words, synonyms, probability, rng=)`.
 * @example synonymReplace(['model', 'model', 'a'], {}, 0.38) // => ['model', 'model', 'a']
 */
export function synonymReplace(words: readonly string[], synonyms: Synonyms, probability: number, { rng = null }: RandomOptions = {}): string[] {
  notNull(words, 'words');
  notNull(synonyms, 'synonyms');
  inRange(probability, 'probability', { min: 0, max: 1 });
  const random = generator(rng);
  return words.map(word => {
    const key = word.toLowerCase();
    if (!Object.hasOwn(synonyms, key) || random.random() >= probability) return word;
    const synonym = random.choice(nonEmpty(synonyms[key]!, `synonyms['${key}']`));
    return isUpper([...word][0]!) ? capitalised(synonym) : synonym;
  });
}

function capitalised(word: string): string {
  const [first = '', ...rest] = word;
  return first.toUpperCase() + rest.join('');
}

/**
 * Makes errors in a text: other letters, words dropped or mixed up, neighbouring keys, letters that scanners confuse.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.inject_noise(text, config, rng=)`; the same text.
 * @example injectNoise('hello world', { noiseType: 'word', probability: 0.004279077694, preserveSemantics: false }) // => 'hello world'
 */
export function injectNoise(text: string, config: NoiseConfig, { rng = null }: RandomOptions = {}): string {
  notNull(text, 'text');
  const { noiseType, probability } = notNull(config, 'config');
  return NOISES[noiseType](text, probability, generator(rng));
}

/** What {@link augmentText} takes. */
export interface AugmentOptions extends RandomOptions {
  readonly config?: AugmentConfig | null;
  readonly synonyms?: Synonyms | null;
}

/** A change of words: the new words and how many changes that were. */
type Change = (
  words: readonly string[],
  probability: number,
  random: PythonRandom,
  synonyms: Synonyms,
) => readonly [words: readonly string[], operations: number];

/** Changes that a text of some words takes: at least one. */
const changesOf = (words: readonly string[], probability: number): number => Math.max(1, Math.trunc(words.length * finite(probability, 'probability')));

const CHANGES: Readonly<Record<AugmentationType, Change>> = {
  synonym_replace: (words, probability, rng, synonyms) => {
    const changed = Object.keys(synonyms).length === 0 ? words : synonymReplace(words, synonyms, probability, { rng });
    return [changed, changed.filter((word, i) => word !== words[i]).length];
  },
  random_insert: (words, probability, rng) => [randomInsert(words, words, changesOf(words, probability), { rng }), changesOf(words, probability)],
  random_swap: (words, probability, rng) => [randomSwap(words, changesOf(words, probability), { rng }), changesOf(words, probability)],
  random_delete: (words, probability, rng) => {
    const left = randomDelete(words, probability, { rng });
    return [left, words.length - left.length];
  },
  noise: (words, probability, rng) => [[injectNoise(words.join(' '), { noiseType: 'character', probability, preserveSemantics: true }, { rng })], 1],
  back_translate: words => [words, 0],
  none: words => [words, 0],
};

/**
 * Changed copies of a text, composed (NFC). A text of fewer words than `minLength` stays as it is; without a translator, so does one to be translated
 * back.
 *
 * @throws {ValidationError} unless probability is between 0 and 1, got 10.0, probability is between 0 and 1, got 2.0
 * @remarks Python: `hf_gtc.preprocessing.augmentation.augment_text(text, config=, synonyms=, rng=)`.
 */
export function augmentText(text: string, { config = null, synonyms = null, rng = null }: AugmentOptions = {}): AugmentResult {
  const composed = notNull(text, 'text').normalize('NFC');
  const { augmentationType, probability, numAugmentations, minLength } = config ?? createFrom(AugmentConfig);
  const words = splitWords(composed);
  const times = Array.from({ length: numAugmentations });
  if (augmentationType === 'none' || words.length < minLength)
    return { original: text, augmented: times.map(() => composed), operationsApplied: times.map(() => 0) };
  const random = generator(rng);
  const changed = times.map(() => CHANGES[augmentationType](words, probability, random, synonyms ?? {}));
  return { original: text, augmented: changed.map(([list]) => list.join(' ')), operationsApplied: changed.map(([, operations]) => operations) };
}

/**
 * A text, changed or not: the probability decides whether, and then for each word again, so that a word changes with its square.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.apply_augmentation(text, config, synonyms=, rng=)`; the same text.
 * @example applyAugmentation('w', { augType: 'none', probability: 0.1, preserveLabels: false }) // => 'w'
 */
export function applyAugmentation(text: string, config: AugmentationConfig, { synonyms = null, rng = null }: Omit<AugmentOptions, 'config'> = {}): string {
  notNull(text, 'text');
  const { augType, probability } = notNull(config, 'config');
  if (augType === 'none') return text;
  const random = generator(rng);
  return random.random() > probability ? text : once(text, augType, probability, synonyms, random);
}

/** One augmented text. */
function once(text: string, augmentationType: AugmentationType, probability: number, synonyms: Synonyms | null, rng: PythonRandom): string {
  return augmentText(text, { config: { ...createFrom(AugmentConfig), augmentationType, probability }, synonyms, rng }).augmented[0]!;
}

/**
 * A function that augments texts, its settings checked beforehand.
 *
 * @throws {ValidationError} unless probability is between 0 and 1, got -0.5, numAugmentations is positive
 * @remarks Python: `hf_gtc.preprocessing.augmentation.create_augmenter(config, synonyms=)`.
 */
export function createAugmenter(config: AugmentConfig, { synonyms = null }: Pick<AugmentOptions, 'synonyms'> = {}): (text: string) => AugmentResult {
  notNull(config, 'config');
  validateAugmentConfig(config);
  return text => augmentText(text, { config, synonyms });
}

/**
 * Changed copies of texts, from one stream of draws.
 *
 * @throws {ValidationError} unless probability is between 0 and 1, got -0.1
 * @remarks Python: `hf_gtc.preprocessing.augmentation.augment_batch(texts, config=, synonyms=)`.
 * @example augmentBatch([], { synonyms: {} }) // => []
 */
export function augmentBatch(texts: readonly string[], { config = null, synonyms = null, rng = null }: AugmentOptions = {}): AugmentResult[] {
  const random = generator(rng);
  return notNull(texts, 'texts').map(text => augmentText(text, { config, synonyms, rng: random }));
}

/**
 * A text through several changes, one after the other.
 *
 * @throws {ValidationError} unless probability is between 0 and 1, got -0.5
 * @remarks Python: `hf_gtc.preprocessing.augmentation.chain_augmentations(text, augmentation_types, probability=, synonyms=, rng=)`; the same text.
 * @example chainAugmentations('w', ['none']) // => 'w'
 */
export function chainAugmentations(
  text: string,
  augmentationTypes: readonly AugmentationType[],
  { probability = 0.1, synonyms = null, rng = null }: Omit<AugmentOptions, 'config'> & { readonly probability?: number } = {},
): string {
  const random = generator(rng);
  return notNull(augmentationTypes, 'augmentationTypes').reduce((result, type) => once(result, type, probability, synonyms, random), notNull(text, 'text'));
}

/**
 * Texts, augmented texts and changes.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.compute_augmentation_stats(results)`.
 */
export function computeAugmentationStats(results: readonly AugmentResult[]): {
  totalTexts: number;
  totalAugmented: number;
  totalOperations: number;
  avgOperationsPerText: number;
} {
  const totalTexts = notNull(results, 'results').length;
  const totalOperations = sum(results.flatMap(({ operationsApplied }) => operationsApplied));
  const totalAugmented = sum(results.map(({ augmented }) => augmented.length));
  return { totalTexts, totalAugmented, totalOperations, avgOperationsPerText: totalTexts === 0 ? 0 : totalOperations / totalTexts };
}

/**
 * Size of an augmented dataset to that of the original one.
 *
 * @throws {ValidationError} unless chainProbability is between 0 and 1, got 1.5, numAugmentations is positive
 * @remarks Python: `hf_gtc.preprocessing.augmentation.calculate_augmentation_factor(num_augmentations, num_techniques, chain_probability=)`; within
 * 1e-12.
 * @example calculateAugmentationFactor(1, 1) // => 2
 */
export function calculateAugmentationFactor(
  numAugmentations: number,
  numTechniques: number,
  { chainProbability = 1.0 }: { readonly chainProbability?: number } = {},
): number {
  positive(numAugmentations, 'numAugmentations');
  nonNegative(numTechniques, 'numTechniques');
  inRange(chainProbability, 'chainProbability', { min: 0, max: 1 });
  return 1 + numAugmentations * numTechniques * chainProbability;
}

/**
 * Share of augmented texts that differ from their originals; 0 without any.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.estimate_diversity_gain(results)`; within 1e-12.
 * @example estimateDiversityGain([]) // => 0
 */
export function estimateDiversityGain(results: readonly AugmentResult[]): number {
  const changed = notNull(results, 'results').flatMap(({ original, augmented }) => augmented.map(text => text !== original));
  return changed.length === 0 ? 0 : changed.filter(Boolean).length / changed.length;
}

/**
 * What an augmentation came to, as text.
 *
 * @remarks Python: `hf_gtc.preprocessing.augmentation.format_augmentation_stats(stats)`; the same text.
 */
export function formatAugmentationStats(stats: AugmentationStats): string {
  const { totalTexts, totalAugmented, totalOperations, avgOperationsPerText, diversityScore } = notNull(stats, 'stats');
  return [
    'Augmentation Statistics',
    '='.repeat(40),
    `Total texts:          ${formatCount(totalTexts)}`,
    `Total augmented:      ${formatCount(totalAugmented)}`,
    `Total operations:     ${formatCount(totalOperations)}`,
    `Avg ops per text:     ${formatFixed(avgOperationsPerText, 2)}`,
    `Augmentation factor:  ${formatFixed(totalTexts > 0 ? totalAugmented / totalTexts : 0, 2)}x`,
    `Diversity score:      ${formatFixed(diversityScore * 100, 2)}%`,
  ].join('\n');
}

/**
 * A change for a task: synonyms, or swaps for tagging, back-translation for questions, insertions for language models; the smaller the dataset, the
 * more of it, half as much for tagging.
 *
 * @param taskType `classification`, `ner` or `tagging`, `qa`, `language_model` or `generation`; another counts as classification
 * @throws {ValidationError} unless taskType is not empty, datasetSize is positive
 * @remarks Python: `hf_gtc.preprocessing.augmentation.get_recommended_augmentation_config(task_type, dataset_size)`.
 * @example getRecommendedAugmentationConfig('ner', 500) // => { augType: 'random_swap', probability: 0.15, preserveLabels: true }
 */
export function getRecommendedAugmentationConfig(taskType: string, datasetSize: number): AugmentationConfig {
  positive(datasetSize, 'datasetSize');
  const probability = datasetSize < 1000 ? 0.3 : datasetSize < 10000 ? 0.2 : 0.1;
  return createFrom(AugmentationConfig, { probability, ...RECOMMENDED[nonEmpty(taskType, 'taskType').toLowerCase()]?.(probability) });
}

const GENERATION = (): Draft<AugmentationConfig> => ({ augType: 'random_insert', preserveLabels: false });
const TAGGING = (probability: number): Draft<AugmentationConfig> => ({ augType: 'random_swap', probability: probability / 2 });
const RECOMMENDED: Readonly<Record<string, (probability: number) => Draft<AugmentationConfig>>> = {
  ner: TAGGING,
  tagging: TAGGING,
  qa: () => ({ augType: 'back_translate' }),
  language_model: GENERATION,
  generation: GENERATION,
};

/**
 * Augments texts by one change, from one stream of draws.
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `preprocessing::augmentation::Augmenter`.
 * @example new Augmenter({ probability: 1 }, { synonyms: { big: ['large'] } }).augment('a big tree') // => 'a large tree'
 */
export class Augmenter {
  readonly config: AugmentationConfig;
  readonly #synonyms: Synonyms | null;
  readonly #random: PythonRandom;

  constructor(options: Partial<AugmentationConfig> = {}, { synonyms = null, rng = null }: Omit<AugmentOptions, 'config'> = {}) {
    this.config = createFrom(AugmentationConfig, options);
    this.#synonyms = synonyms;
    this.#random = generator(rng);
  }

  /** A text, changed or not, as {@link applyAugmentation} does. */
  augment(text: string): string {
    return applyAugmentation(text, this.config, { synonyms: this.#synonyms, rng: this.#random });
  }
}

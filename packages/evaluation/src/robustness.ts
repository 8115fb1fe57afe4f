/** Robustness: perturbed texts, attacks, and samples from another distribution. Mirrors `hf_gtc.evaluation.robustness`. */
import { createFrom, type Definition, formatFixed, inRange, nonEmpty, notNull, parseEnum, sameLength, splitWords, validate, valuesOf } from '@gtc/errors';

export * from './internal/robustness/attack.js';
export * from './internal/robustness/ood.js';
export * from './internal/robustness/perturb.js';

const SYNONYMS: Readonly<Record<string, string>> = {
  good: 'excellent',
  bad: 'terrible',
  big: 'large',
  small: 'tiny',
  happy: 'joyful',
  sad: 'unhappy',
  fast: 'quick',
  slow: 'sluggish',
};

const FILLERS = ['very', 'really', 'quite', 'actually', 'basically'];

const PHRASES: readonly (readonly [word: string, phrase: string])[] = [
  ['is', 'seems to be'],
  ['can', 'is able to'],
  ['will', 'is going to'],
  ['must', 'has to'],
  ['should', 'ought to'],
];

type Row = readonly [
  perturbation: readonly [PerturbationType, number, number],
  adversarial: readonly [AttackMethod, number, number],
  ood: readonly [OODDetectionMethod, number, number],
];

const GENERAL: Row = [
  ['typo', 0.1, 5],
  ['textfooler', 100, 0.5],
  ['energy', 0.5, 1000],
];

const RECOMMENDED: Readonly<Record<string, Row>> = {
  text_classification: [
    ['synonym', 0.2, 3],
    ['textfooler', 200, 0.5],
    ['msp', 0.6, 500],
  ],
  sentiment: [
    ['synonym', 0.15, 4],
    ['bert_attack', 150, 0.4],
    ['entropy', 0.5, 800],
  ],
  nli: [
    ['paraphrase', 0.25, 2],
    ['pwws', 300, 0.6],
    ['mahalanobis', 0.7, 1000],
  ],
  qa: [
    ['typo', 0.1, 5],
    ['deepwordbug', 100, 0.3],
    ['energy', 0.4, 1200],
  ],
};

/** Ways to change a text. */
export const PerturbationType = { TYPO: 'typo', SYNONYM: 'synonym', DELETION: 'deletion', INSERTION: 'insertion', PARAPHRASE: 'paraphrase' } as const;
export type PerturbationType = (typeof PerturbationType)[keyof typeof PerturbationType];

/** Attacks by replaced words and characters. */
export const AttackMethod = { TEXTFOOLER: 'textfooler', BERT_ATTACK: 'bert_attack', DEEPWORDBUG: 'deepwordbug', PWWS: 'pwws' } as const;
export type AttackMethod = (typeof AttackMethod)[keyof typeof AttackMethod];

/** Scores of samples from another distribution. */
export const OODDetectionMethod = { MAHALANOBIS: 'mahalanobis', ENERGY: 'energy', ENTROPY: 'entropy', MSP: 'msp' } as const;
export type OODDetectionMethod = (typeof OODDetectionMethod)[keyof typeof OODDetectionMethod];

/** Values of {@link PerturbationType}. */
export const VALID_PERTURBATION_TYPES: ReadonlySet<PerturbationType> = new Set(Object.values(PerturbationType));

/** Values of {@link AttackMethod}. */
export const VALID_ATTACK_METHODS: ReadonlySet<AttackMethod> = new Set(Object.values(AttackMethod));

/** Values of {@link OODDetectionMethod}. */
export const VALID_OOD_DETECTION_METHODS: ReadonlySet<OODDetectionMethod> = new Set(Object.values(OODDetectionMethod));

/** How a text is changed. */
export interface PerturbationConfig {
  readonly perturbationType: PerturbationType;
  /** Share of the characters or words. */
  readonly intensity: number;
  readonly maxPerturbations: number;
  readonly preserveSemantics: boolean;
}

/** Defaults and rules of {@link PerturbationConfig}. */
export const PerturbationConfig: Definition<PerturbationConfig> = {
  name: 'PerturbationConfig',
  fields: {
    perturbationType: { kind: 'enum', of: PerturbationType },
    intensity: { kind: 'float', default: 0.1, min: 0, max: 1 },
    maxPerturbations: { kind: 'int', default: 5, positive: true },
    preserveSemantics: { kind: 'bool', default: true },
  },
};

/** An attack. */
export interface AdversarialConfig {
  readonly attackMethod: AttackMethod;
  readonly maxQueries: number;
  readonly successThreshold: number;
  readonly targetLabel: number | null;
}

/** Defaults and rules of {@link AdversarialConfig}. */
export const AdversarialConfig: Definition<AdversarialConfig> = {
  name: 'AdversarialConfig',
  fields: {
    attackMethod: { kind: 'enum', of: AttackMethod },
    maxQueries: { kind: 'int', default: 100, positive: true },
    successThreshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
    targetLabel: { kind: 'int', default: null, nullable: true },
  },
};

/** How samples from another distribution are told. */
export interface OODConfig {
  readonly detectionMethod: OODDetectionMethod;
  /** Scores above it are foreign. */
  readonly threshold: number;
  readonly calibrationDataSize: number;
  readonly temperature: number;
}

/** Defaults and rules of {@link OODConfig}. */
export const OODConfig: Definition<OODConfig> = {
  name: 'OODConfig',
  fields: {
    detectionMethod: { kind: 'enum', of: OODDetectionMethod },
    threshold: { kind: 'float', default: 0.5, min: 0, max: 1 },
    calibrationDataSize: { kind: 'int', default: 1000, positive: true },
    temperature: { kind: 'float', default: 1.0, positive: true },
  },
};

/** What a model withstood. */
export interface RobustnessResult {
  /** 0 to 1. */
  readonly accuracyUnderPerturbation: number;
  readonly attackSuccessRate: number;
  /** Area under the ROC curve. */
  readonly oodDetectionAuroc: number;
}

/** Defaults and rules of {@link RobustnessResult}. */
export const RobustnessResult: Definition<RobustnessResult> = {
  name: 'RobustnessResult',
  fields: {
    accuracyUnderPerturbation: { kind: 'float' },
    attackSuccessRate: { kind: 'float' },
    oodDetectionAuroc: { kind: 'float' },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validatePerturbationConfig(config: PerturbationConfig): void {
  validate(PerturbationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAdversarialConfig(config: AdversarialConfig): void {
  validate(AdversarialConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateOodConfig(config: OODConfig): void {
  validate(OODConfig, config);
}

/** Settles a {@link PerturbationConfig}. @throws {ValidationError} naming every broken rule */
export function createPerturbationConfig(
  perturbationType: PerturbationConfig['perturbationType'],
  options: Partial<Omit<PerturbationConfig, 'perturbationType'>> = {},
): PerturbationConfig {
  return createFrom(PerturbationConfig, { ...options, perturbationType });
}

/** Settles a {@link AdversarialConfig}. @throws {ValidationError} naming every broken rule */
export function createAdversarialConfig(
  attackMethod: AdversarialConfig['attackMethod'],
  options: Partial<Omit<AdversarialConfig, 'attackMethod'>> = {},
): AdversarialConfig {
  return createFrom(AdversarialConfig, { ...options, attackMethod });
}

/** Settles a {@link OODConfig}. @throws {ValidationError} naming every broken rule */
export function createOodConfig(detectionMethod: OODConfig['detectionMethod'], options: Partial<Omit<OODConfig, 'detectionMethod'>> = {}): OODConfig {
  return createFrom(OODConfig, { ...options, detectionMethod });
}

/** Perturbation types in ascending order. */
export function listPerturbationTypes(): PerturbationType[] {
  return valuesOf(PerturbationType);
}

/** @throws {ValidationError} naming the values of {@link PerturbationType} */
export function getPerturbationType(name: string): PerturbationType {
  return parseEnum(PerturbationType, name, 'name');
}

/** Attack methods in ascending order. */
export function listAttackMethods(): AttackMethod[] {
  return valuesOf(AttackMethod);
}

/** @throws {ValidationError} naming the values of {@link AttackMethod} */
export function getAttackMethod(name: string): AttackMethod {
  return parseEnum(AttackMethod, name, 'name');
}

/** Ood detection methods in ascending order. */
export function listOodDetectionMethods(): OODDetectionMethod[] {
  return valuesOf(OODDetectionMethod);
}

/** @throws {ValidationError} naming the values of {@link OODDetectionMethod} */
export function getOodDetectionMethod(name: string): OODDetectionMethod {
  return parseEnum(OODDetectionMethod, name, 'name');
}

const letters = /^\p{L}$/u;

/** How many changes a text gets: a share of its parts, at least one, at most the limit. */
const changes = (parts: number, { intensity, maxPerturbations }: PerturbationConfig): number =>
  Math.min(maxPerturbations, Math.max(1, Math.trunc(parts * intensity)));

/** The word in the case of another: all capitals, a first capital, or as it is. */
function inCaseOf(word: string, model: string): string {
  if (model.length > 1 && model === model.toUpperCase()) return word.toUpperCase();
  return model[0] === model[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word;
}

function swapCharacters(text: string, config: PerturbationConfig): string {
  const characters = [...text];
  let left = changes(characters.length, config);
  for (let i = 1; i + 1 < characters.length && left > 0; i++) {
    if (!letters.test(characters[i]!) || !letters.test(characters[i + 1]!)) continue;
    [characters[i], characters[i + 1]] = [characters[i + 1]!, characters[i]!];
    left--;
  }
  return characters.join('');
}

function replaceWords(text: string, config: PerturbationConfig): string {
  const words = splitWords(text);
  let left = changes(words.length, config);
  return words
    .map(word => {
      const synonym = SYNONYMS[word.toLowerCase()];
      if (synonym === undefined || left === 0) return word;
      left--;
      return inCaseOf(synonym, word);
    })
    .join(' ');
}

function dropWords(text: string, config: PerturbationConfig): string {
  const words = splitWords(text);
  return words.length < 2 ? text : words.slice(0, Math.max(1, words.length - changes(words.length, config))).join(' ');
}

function insertWords(text: string, config: PerturbationConfig): string {
  const words = splitWords(text);
  const count = changes(words.length, config);
  return words.flatMap((word, index) => (index < count ? [word, FILLERS[index % FILLERS.length]!] : [word])).join(' ');
}

function rephrase(text: string, config: PerturbationConfig): string {
  const words = splitWords(text);
  let left = changes(PHRASES.length, config);
  for (const [word, phrase] of PHRASES) {
    const at = left > 0 ? words.indexOf(word) : -1;
    if (at < 0) continue;
    words[at] = phrase;
    left--;
  }
  return words.join(' ');
}

const PERTURB: Readonly<Record<PerturbationType, (text: string, config: PerturbationConfig) => string>> = {
  typo: swapCharacters,
  synonym: replaceWords,
  deletion: dropWords,
  insertion: insertWords,
  paraphrase: rephrase,
};

/**
 * A changed text, the same each time: neighbouring letters swapped from the left, words replaced by synonyms, words dropped from the end, fillers put
 * in, or phrases
 * reworded. A text without a place for the change stays as it is.
 *
 * @throws {ValidationError} unless text is not empty, intensity is between 0 and 1, got 1.5, maxPerturbations is positive
 * @remarks Python: `hf_gtc.evaluation.robustness.apply_perturbation(text, config)`; the same text.
 * @example applyPerturbation('a', { perturbationType: 'typo', intensity: 0.1, maxPerturbations: 5, preserveSemantics: true }) // => 'a'
 */
export function applyPerturbation(text: string, config: PerturbationConfig): string {
  nonEmpty(text, 'text');
  validate(PerturbationConfig, config);
  return PERTURB[config.perturbationType](text, config);
}

/**
 * Share of the accuracy that is left after perturbation, at most 1; 1 where there was none to lose.
 *
 * @throws {ValidationError} unless originalAccuracy is between 0 and 1, got 1.5, perturbedAccuracy is between 0 and 1, got -0.1
 * @remarks Python: `hf_gtc.evaluation.robustness.calculate_robustness_score(original_accuracy, perturbed_accuracy)`; within 1e-12.
 * @example calculateRobustnessScore(0, 0.5) // => 1
 */
export function calculateRobustnessScore(originalAccuracy: number, perturbedAccuracy: number): number {
  inRange(originalAccuracy, 'originalAccuracy', { min: 0, max: 1 });
  inRange(perturbedAccuracy, 'perturbedAccuracy', { min: 0, max: 1 });
  return originalAccuracy === 0 ? 1 : Math.min(1, perturbedAccuracy / originalAccuracy);
}

/**
 * Which samples come from another distribution: those whose score is above the threshold; scores other than `msp`, which are probabilities, are divided
 * by the
 * temperature first.
 *
 * @throws {ValidationError} unless scores is not empty, temperature and calibrationDataSize are positive, threshold is between 0 and 1, got 9.0
 * @remarks Python: `hf_gtc.evaluation.robustness.detect_ood_samples(scores, config)`.
 * @example detectOodSamples([0.5], { detectionMethod: 'msp', threshold: 0.5, calibrationDataSize: 1000, temperature: 2 }) // => [false]
 */
export function detectOodSamples(scores: readonly number[], config: OODConfig): boolean[] {
  nonEmpty(scores, 'scores');
  validate(OODConfig, config);
  const scale = config.detectionMethod === 'msp' ? 1 : config.temperature;
  return scores.map(score => score / scale > config.threshold);
}

/**
 * Share of the predictions that were right and are wrong under attack; 0 where none was right.
 *
 * @throws {ValidationError} unless inputs is not empty
 * @remarks Python: `hf_gtc.evaluation.robustness.calculate_attack_success_rate(original_predictions, attacked_predictions, original_labels)`; within
 * 1e-12.
 * @example calculateAttackSuccessRate([1, 1], [0, 0], [1, 1]) // => 1
 */
export function calculateAttackSuccessRate(
  originalPredictions: readonly number[],
  attackedPredictions: readonly number[],
  originalLabels: readonly number[],
): number {
  nonEmpty(originalPredictions, 'originalPredictions (inputs)');
  sameLength({ 'inputs originalPredictions': originalPredictions, attackedPredictions, originalLabels });
  const right = [...originalLabels.keys()].filter(index => originalPredictions[index] === originalLabels[index]);
  return right.length === 0 ? 0 : right.filter(index => attackedPredictions[index] !== originalLabels[index]).length / right.length;
}

/**
 * What a model withstood, as text with a reading of each number.
 *
 * @remarks Python: `hf_gtc.evaluation.robustness.format_robustness_result(result)`; the same text.
 */
export function formatRobustnessResult(result: RobustnessResult): string {
  notNull(result, 'result');
  const { accuracyUnderPerturbation: accuracy, attackSuccessRate: attacks, oodDetectionAuroc: auroc } = result;
  const grade = (value: number, good: number, moderate: number): string => (value >= good ? 'Good' : value >= moderate ? 'Moderate' : 'Low');
  return [
    'Robustness Evaluation Results',
    '='.repeat(30),
    `Accuracy under Perturbation: ${formatFixed(100 * accuracy, 2)}%`,
    `Attack Success Rate: ${formatFixed(100 * attacks, 2)}%`,
    `OOD Detection AUROC: ${formatFixed(auroc, 4)}`,
    '',
    'Interpretation:',
    `  - ${grade(accuracy, 0.8, 0.6)} perturbation robustness`,
    `  - ${grade(-attacks, -0.2, -0.4)} adversarial robustness`,
    `  - ${auroc >= 0.9 ? 'Excellent' : auroc >= 0.7 ? 'Good' : 'Poor'} OOD detection`,
  ].join('\n');
}

/** Settings of the three kinds of checks. */
export interface RobustnessSettings {
  readonly perturbation: { readonly type: PerturbationType; readonly intensity: number; readonly maxPerturbations: number };
  readonly adversarial: { readonly method: AttackMethod; readonly maxQueries: number; readonly successThreshold: number };
  readonly ood: { readonly method: OODDetectionMethod; readonly threshold: number; readonly calibrationDataSize: number };
}

/**
 * Settings for a kind of model (`text_classification`, `sentiment`, `nli`, `qa`), general ones for any other.
 *
 * @throws {ValidationError} unless modelType is not empty
 * @remarks Python: `hf_gtc.evaluation.robustness.get_recommended_robustness_config(model_type)`.
 */
export function getRecommendedRobustnessConfig(modelType: string): RobustnessSettings {
  const [perturbation, adversarial, ood] = RECOMMENDED[nonEmpty(modelType, 'modelType').toLowerCase()] ?? GENERAL;
  return {
    perturbation: { type: perturbation[0], intensity: perturbation[1], maxPerturbations: perturbation[2] },
    adversarial: { method: adversarial[0], maxQueries: adversarial[1], successThreshold: adversarial[2] },
    ood: { method: ood[0], threshold: ood[1], calibrationDataSize: ood[2] },
  };
}

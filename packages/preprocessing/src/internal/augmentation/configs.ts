/** Definitions of augmentation. */
import type { Definition } from '@gtc/errors';

/** Ways to change a text. */
export const AugmentationType = {
  SYNONYM_REPLACE: 'synonym_replace',
  RANDOM_INSERT: 'random_insert',
  RANDOM_SWAP: 'random_swap',
  RANDOM_DELETE: 'random_delete',
  BACK_TRANSLATE: 'back_translate',
  NOISE: 'noise',
  NONE: 'none',
} as const;
export type AugmentationType = (typeof AugmentationType)[keyof typeof AugmentationType];

/** Kinds of errors. */
export const NoiseType = { CHARACTER: 'character', WORD: 'word', KEYBOARD: 'keyboard', OCR: 'ocr' } as const;
export type NoiseType = (typeof NoiseType)[keyof typeof NoiseType];

/** How much is changed. */
export const AugmentationLevel = { LIGHT: 'light', MEDIUM: 'medium', HEAVY: 'heavy' } as const;
export type AugmentationLevel = (typeof AugmentationLevel)[keyof typeof AugmentationLevel];

/** Values of {@link AugmentationType}. */
export const VALID_AUGMENTATION_TYPES: ReadonlySet<AugmentationType> = new Set(Object.values(AugmentationType));

/** Values of {@link NoiseType}. */
export const VALID_NOISE_TYPES: ReadonlySet<NoiseType> = new Set(Object.values(NoiseType));

/** Values of {@link AugmentationLevel}. */
export const VALID_AUGMENTATION_LEVELS: ReadonlySet<AugmentationLevel> = new Set(Object.values(AugmentationLevel));

/** Keyboard neighbors. */
export const KEYBOARD_NEIGHBORS: Readonly<Record<string, string>> = {
  q: 'wa',
  w: 'qeas',
  e: 'wrd',
  r: 'etf',
  t: 'ryg',
  y: 'tuh',
  u: 'yij',
  i: 'uok',
  o: 'ipl',
  p: 'ol',
  a: 'qwsz',
  s: 'awedxz',
  d: 'serfcx',
  f: 'drtgvc',
  g: 'ftyhbv',
  h: 'gyujnb',
  j: 'huikmn',
  k: 'jiolm',
  l: 'kop',
  z: 'asx',
  x: 'zsdc',
  c: 'xdfv',
  v: 'cfgb',
  b: 'vghn',
  n: 'bhjm',
  m: 'njk',
};

/** Ocr confusions. */
export const OCR_CONFUSIONS: Readonly<Record<string, string>> = {
  '0': 'oO',
  o: '0O',
  O: '0o',
  '1': 'lI',
  l: '1I',
  I: '1l',
  '5': 'S',
  S: '5',
  '8': 'B',
  B: '8',
  g: '9q',
  '9': 'g',
  q: 'g',
  c: 'e',
  e: 'c',
  m: 'rn',
  n: 'r',
  r: 'n',
};

/** How texts are changed. */
export interface AugmentConfig {
  /** Of each word, 0 to 1. */
  readonly probability: number;
  /** Changed texts for each text. */
  readonly numAugmentations: number;
  readonly augmentationType: AugmentationType;
  /** Texts of fewer words stay as they are. */
  readonly minLength: number;
  readonly preserveCase: boolean;
}

/** Defaults and rules of {@link AugmentConfig}. */
export const AugmentConfig: Definition<AugmentConfig> = {
  name: 'AugmentConfig',
  fields: {
    probability: { kind: 'float', default: 0.1, min: 0, max: 1 },
    numAugmentations: { kind: 'int', default: 1, positive: true },
    augmentationType: { kind: 'enum', of: AugmentationType, default: AugmentationType.SYNONYM_REPLACE },
    minLength: { kind: 'int', default: 3, nonNegative: true },
    preserveCase: { kind: 'bool', default: true },
  },
};

/** How synonyms are found. */
export interface SynonymConfig {
  readonly method: string;
  readonly maxReplacements: number;
  readonly similarityThreshold: number;
}

/** Defaults and rules of {@link SynonymConfig}. */
export const SynonymConfig: Definition<SynonymConfig> = {
  name: 'SynonymConfig',
  fields: {
    method: { kind: 'string', default: 'wordnet', nonEmpty: true },
    maxReplacements: { kind: 'int', default: 5, positive: true },
    similarityThreshold: { kind: 'float', default: 0.8, min: 0, max: 1 },
  },
};

/** Which languages a text goes through. */
export interface BacktranslationConfig {
  readonly pivotLanguages: readonly string[];
  readonly numTranslations: number;
}

/** Defaults and rules of {@link BacktranslationConfig}. */
export const BacktranslationConfig: Definition<BacktranslationConfig> = {
  name: 'BacktranslationConfig',
  fields: {
    pivotLanguages: { kind: 'array', of: { kind: 'string' }, default: ['de', 'fr'], nonEmpty: true },
    numTranslations: { kind: 'int', default: 1, positive: true },
  },
};

/** Which errors are made. */
export interface NoiseConfig {
  readonly noiseType: NoiseType;
  readonly probability: number;
  readonly preserveSemantics: boolean;
}

/** Defaults and rules of {@link NoiseConfig}. */
export const NoiseConfig: Definition<NoiseConfig> = {
  name: 'NoiseConfig',
  fields: {
    noiseType: { kind: 'enum', of: NoiseType, default: NoiseType.CHARACTER },
    probability: { kind: 'float', default: 0.1, min: 0, max: 1 },
    preserveSemantics: { kind: 'bool', default: true },
  },
};

/** A change and how likely it is. */
export interface AugmentationConfig {
  readonly augType: AugmentationType;
  readonly probability: number;
  readonly preserveLabels: boolean;
}

/** Defaults and rules of {@link AugmentationConfig}. */
export const AugmentationConfig: Definition<AugmentationConfig> = {
  name: 'AugmentationConfig',
  fields: {
    augType: { kind: 'enum', of: AugmentationType, default: AugmentationType.SYNONYM_REPLACE },
    probability: { kind: 'float', default: 0.2, min: 0, max: 1 },
    preserveLabels: { kind: 'bool', default: true },
  },
};

/** A text and what became of it. */
export interface AugmentResult {
  readonly original: string;
  readonly augmented: readonly string[];
  /** Changes in each augmented text. */
  readonly operationsApplied: readonly number[];
}

/** Defaults and rules of {@link AugmentResult}. */
export const AugmentResult: Definition<AugmentResult> = {
  name: 'AugmentResult',
  fields: {
    original: { kind: 'string' },
    augmented: { kind: 'array', of: { kind: 'string' } },
    operationsApplied: { kind: 'array', of: { kind: 'int' } },
  },
};

/** What an augmentation came to. */
export interface AugmentationStats {
  readonly totalTexts: number;
  readonly totalAugmented: number;
  readonly totalOperations: number;
  readonly avgOperationsPerText: number;
  readonly diversityScore: number;
}

/** Defaults and rules of {@link AugmentationStats}. */
export const AugmentationStats: Definition<AugmentationStats> = {
  name: 'AugmentationStats',
  fields: {
    totalTexts: { kind: 'int' },
    totalAugmented: { kind: 'int' },
    totalOperations: { kind: 'int' },
    avgOperationsPerText: { kind: 'float' },
    diversityScore: { kind: 'float' },
  },
};

/** Definitions of comparison. */
import type { Definition } from '@gtc/errors';

/** Significance tests for paired scores. */
export const ComparisonMethod = {
  PAIRED_TTEST: 'paired_ttest',
  BOOTSTRAP: 'bootstrap',
  PERMUTATION: 'permutation',
  WILCOXON: 'wilcoxon',
  MCNEMAR: 'mcnemar',
} as const;
export type ComparisonMethod = (typeof ComparisonMethod)[keyof typeof ComparisonMethod];

/** Levels below which a difference counts. */
export const SignificanceLevel = { P01: 0.01, P05: 0.05, P10: 0.1 } as const;
export type SignificanceLevel = (typeof SignificanceLevel)[keyof typeof SignificanceLevel];

/** Measures of how large a difference is. */
export const EffectSize = { COHENS_D: 'cohens_d', HEDGES_G: 'hedges_g', GLASS_DELTA: 'glass_delta' } as const;
export type EffectSize = (typeof EffectSize)[keyof typeof EffectSize];

/** Values of {@link ComparisonMethod}. */
export const VALID_COMPARISON_METHODS: ReadonlySet<ComparisonMethod> = new Set(Object.values(ComparisonMethod));

/** Values of {@link SignificanceLevel}. */
export const VALID_SIGNIFICANCE_LEVELS: ReadonlySet<SignificanceLevel> = new Set(Object.values(SignificanceLevel));

/** Values of {@link EffectSize}. */
export const VALID_EFFECT_SIZES: ReadonlySet<EffectSize> = new Set(Object.values(EffectSize));

/** How two models are compared. */
export interface ComparisonConfig {
  readonly method: ComparisonMethod;
  readonly significanceLevel: SignificanceLevel;
  /** Draws of the bootstrap and of the permutation test. */
  readonly numBootstrap: number;
  readonly effectSizeType: EffectSize;
  /** Repeats the draws; null draws anew each time. */
  readonly randomSeed: number | null;
}

/** Defaults and rules of {@link ComparisonConfig}. */
export const ComparisonConfig: Definition<ComparisonConfig> = {
  name: 'ComparisonConfig',
  fields: {
    method: { kind: 'enum', of: ComparisonMethod, default: ComparisonMethod.PAIRED_TTEST },
    significanceLevel: { kind: 'enum', of: SignificanceLevel, default: SignificanceLevel.P05 },
    numBootstrap: { kind: 'int', default: 1000, positive: true },
    effectSizeType: { kind: 'enum', of: EffectSize, default: EffectSize.COHENS_D },
    randomSeed: { kind: 'int', default: null, nullable: true },
  },
};

/** Scores of a model, one for each item. */
export interface ModelResult {
  readonly modelName: string;
  readonly scores: readonly number[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Defaults and rules of {@link ModelResult}. */
export const ModelResult: Definition<ModelResult> = {
  name: 'ModelResult',
  fields: {
    modelName: { kind: 'string', nonEmpty: true },
    scores: { kind: 'array', of: { kind: 'float' }, nonEmpty: true },
    metadata: { kind: 'record', of: { kind: 'any' }, default: {} },
  },
};

/** What a comparison found. */
export interface ComparisonResult {
  readonly modelA: string;
  readonly modelB: string;
  readonly pValue: number;
  readonly effectSize: number;
  readonly isSignificant: boolean;
  /** Of the difference of the means. */
  readonly confidenceInterval: readonly [number, number];
  readonly testStatistic: number;
  readonly method: ComparisonMethod;
}

/** Defaults and rules of {@link ComparisonResult}. */
export const ComparisonResult: Definition<ComparisonResult> = {
  name: 'ComparisonResult',
  fields: {
    modelA: { kind: 'string', nonEmpty: true },
    modelB: { kind: 'string', nonEmpty: true },
    pValue: { kind: 'float', min: 0, max: 1 },
    effectSize: { kind: 'float' },
    isSignificant: { kind: 'bool' },
    confidenceInterval: { kind: 'array', of: { kind: 'float' }, length: 2 },
    testStatistic: { kind: 'float' },
    method: { kind: 'enum', of: ComparisonMethod },
  },
};

/** A summary of comparisons. */
export interface ComparisonStats {
  readonly totalComparisons: number;
  readonly significantCount: number;
  readonly avgEffectSize: number;
  readonly maxEffectSize: number;
  readonly minPValue: number;
}

/** Defaults and rules of {@link ComparisonStats}. */
export const ComparisonStats: Definition<ComparisonStats> = {
  name: 'ComparisonStats',
  fields: {
    totalComparisons: { kind: 'int', positive: true },
    significantCount: { kind: 'int', nonNegative: true },
    avgEffectSize: { kind: 'float' },
    maxEffectSize: { kind: 'float' },
    minPValue: { kind: 'float' },
  },
  rules: [
    ({ significantCount, totalComparisons }) =>
      significantCount > totalComparisons ? `significantCount must be at most totalComparisons ${totalComparisons}, got ${significantCount}` : null,
  ],
};

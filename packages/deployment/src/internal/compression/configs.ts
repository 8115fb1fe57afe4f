/** Definitions of compression. */
import { type Definition, nestedIssue } from '@gtc/errors';

/** How weights are chosen. */
export const PruningMethod = {
  MAGNITUDE: 'magnitude',
  STRUCTURED: 'structured',
  MOVEMENT: 'movement',
  LOTTERY_TICKET: 'lottery_ticket',
  GRADUAL: 'gradual',
} as const;
export type PruningMethod = (typeof PruningMethod)[keyof typeof PruningMethod];

/** What is compared. */
export const PruningScope = { GLOBAL: 'global', LOCAL: 'local', LAYER_WISE: 'layer_wise' } as const;
export type PruningScope = (typeof PruningScope)[keyof typeof PruningScope];

/** What is removed as a whole. */
export const StructuredPruningDim = { CHANNEL: 'channel', HEAD: 'head', LAYER: 'layer', BLOCK: 'block' } as const;
export type StructuredPruningDim = (typeof StructuredPruningDim)[keyof typeof StructuredPruningDim];

/** Layers that become one. */
export const FusionType = { CONV_BN: 'conv_bn', LINEAR_BN: 'linear_bn', ATTENTION: 'attention', MLP: 'mlp' } as const;
export type FusionType = (typeof FusionType)[keyof typeof FusionType];

/** Factorisations. */
export const DecompositionMethod = { SVD: 'svd', TUCKER: 'tucker', CP: 'cp', NMF: 'nmf' } as const;
export type DecompositionMethod = (typeof DecompositionMethod)[keyof typeof DecompositionMethod];

/** What a weight matters. */
export const ImportanceMetric = { L1_NORM: 'l1_norm', L2_NORM: 'l2_norm', GRADIENT: 'gradient', TAYLOR: 'taylor', HESSIAN: 'hessian' } as const;
export type ImportanceMetric = (typeof ImportanceMetric)[keyof typeof ImportanceMetric];

/** Values of {@link PruningMethod}. */
export const VALID_PRUNING_METHODS: ReadonlySet<PruningMethod> = new Set(Object.values(PruningMethod));

/** Values of {@link PruningScope}. */
export const VALID_PRUNING_SCOPES: ReadonlySet<PruningScope> = new Set(Object.values(PruningScope));

/** Values of {@link StructuredPruningDim}. */
export const VALID_STRUCTURED_DIMS: ReadonlySet<StructuredPruningDim> = new Set(Object.values(StructuredPruningDim));

/** Values of {@link FusionType}. */
export const VALID_FUSION_TYPES: ReadonlySet<FusionType> = new Set(Object.values(FusionType));

/** Values of {@link DecompositionMethod}. */
export const VALID_DECOMPOSITION_METHODS: ReadonlySet<DecompositionMethod> = new Set(Object.values(DecompositionMethod));

/** Values of {@link ImportanceMetric}. */
export const VALID_IMPORTANCE_METRICS: ReadonlySet<ImportanceMetric> = new Set(Object.values(ImportanceMetric));

/** How sparsity grows. */
export interface PruningSchedule {
  readonly initialSparsity: number;
  readonly finalSparsity: number;
  readonly beginStep: number;
  readonly endStep: number;
  readonly frequency: number;
}

/** Defaults and rules of {@link PruningSchedule}. */
export const PruningSchedule: Definition<PruningSchedule> = {
  name: 'PruningSchedule',
  fields: {
    initialSparsity: { kind: 'float', default: 0.0, min: 0, max: 1 },
    finalSparsity: { kind: 'float', default: 0.9, min: 0, max: 1 },
    beginStep: { kind: 'int', default: 0, nonNegative: true },
    endStep: { kind: 'int', default: 1000 },
    frequency: { kind: 'int', default: 100, positive: true },
  },
  rules: [({ beginStep, endStep }) => (endStep > beginStep ? null : `endStep must be greater than beginStep ${beginStep}, got ${endStep}`)],
};

/** Single weights removed. */
export interface PruningConfig {
  readonly method: PruningMethod;
  readonly sparsity: number;
  readonly scope: PruningScope;
  readonly importanceMetric: ImportanceMetric;
  readonly schedule: PruningSchedule | null;
}

/** Defaults and rules of {@link PruningConfig}. */
export const PruningConfig: Definition<PruningConfig> = {
  name: 'PruningConfig',
  fields: {
    method: { kind: 'enum', of: PruningMethod, default: PruningMethod.MAGNITUDE },
    sparsity: { kind: 'float', default: 0.5, min: 0, max: 1 },
    scope: { kind: 'enum', of: PruningScope, default: PruningScope.GLOBAL },
    importanceMetric: { kind: 'enum', of: ImportanceMetric, default: ImportanceMetric.L1_NORM },
    schedule: { kind: 'any', default: null, nullable: true },
  },
  rules: [({ schedule }) => (schedule ? nestedIssue(PruningSchedule, schedule, 'schedule') : null)],
};

/** Whole structures removed. */
export interface StructuredPruningConfig {
  readonly dimension: StructuredPruningDim;
  readonly pruningRatio: number;
  readonly importanceMetric: ImportanceMetric;
  readonly minStructures: number;
}

/** Defaults and rules of {@link StructuredPruningConfig}. */
export const StructuredPruningConfig: Definition<StructuredPruningConfig> = {
  name: 'StructuredPruningConfig',
  fields: {
    dimension: { kind: 'enum', of: StructuredPruningDim, default: StructuredPruningDim.CHANNEL },
    pruningRatio: { kind: 'float', default: 0.3, min: 0, max: 1 },
    importanceMetric: { kind: 'enum', of: ImportanceMetric, default: ImportanceMetric.L2_NORM },
    minStructures: { kind: 'int', default: 1, nonNegative: true },
  },
};

/** Layers fused. */
export interface LayerFusionConfig {
  readonly fusionType: FusionType;
  readonly fuseActivation: boolean;
  readonly optimizeForInference: boolean;
}

/** Defaults and rules of {@link LayerFusionConfig}. */
export const LayerFusionConfig: Definition<LayerFusionConfig> = {
  name: 'LayerFusionConfig',
  fields: {
    fusionType: { kind: 'enum', of: FusionType, default: FusionType.CONV_BN },
    fuseActivation: { kind: 'bool', default: true },
    optimizeForInference: { kind: 'bool', default: true },
  },
};

/** Weights that share values. */
export interface WeightSharingConfig {
  readonly numClusters: number;
  readonly clusteringMethod: string;
  readonly fineTuneCentroids: boolean;
  readonly bitsPerWeight: number;
}

/** Defaults and rules of {@link WeightSharingConfig}. */
export const WeightSharingConfig: Definition<WeightSharingConfig> = {
  name: 'WeightSharingConfig',
  fields: {
    numClusters: { kind: 'int', default: 256, positive: true },
    clusteringMethod: { kind: 'string', default: 'kmeans' },
    fineTuneCentroids: { kind: 'bool', default: true },
    bitsPerWeight: { kind: 'int', default: 8, positive: true },
  },
  rules: [
    ({ numClusters, bitsPerWeight }) =>
      numClusters > 2 ** bitsPerWeight ? `numClusters must be at most ${2 ** bitsPerWeight}, what ${bitsPerWeight} bits tell apart, got ${numClusters}` : null,
  ],
};

/** Matrices as products of thin ones. */
export interface LowRankConfig {
  readonly rank: number | null;
  readonly decompositionMethod: DecompositionMethod;
  /** Share of the full rank, instead of `rank`. */
  readonly rankRatio: number | null;
  /** Share of the squared singular values that stays. */
  readonly energyThreshold: number;
}

/** Defaults and rules of {@link LowRankConfig}. */
export const LowRankConfig: Definition<LowRankConfig> = {
  name: 'LowRankConfig',
  fields: {
    rank: { kind: 'int', default: 64, nullable: true, positive: true },
    decompositionMethod: { kind: 'enum', of: DecompositionMethod, default: DecompositionMethod.SVD },
    rankRatio: { kind: 'float', default: null, nullable: true, above: 0, max: 1 },
    energyThreshold: { kind: 'float', default: 0.99, above: 0, max: 1 },
  },
  rules: [({ rank, rankRatio }) => (rank === null && rankRatio === null ? 'rank or rankRatio must be given' : null)],
};

/** What is done to a model. */
export interface CompressionConfig {
  readonly enablePruning: boolean;
  readonly enableFusion: boolean;
  readonly enableWeightSharing: boolean;
  readonly enableLowRank: boolean;
  readonly targetSpeedup: number;
  readonly targetSizeReduction: number;
}

/** Defaults and rules of {@link CompressionConfig}. */
export const CompressionConfig: Definition<CompressionConfig> = {
  name: 'CompressionConfig',
  fields: {
    enablePruning: { kind: 'bool', default: true },
    enableFusion: { kind: 'bool', default: true },
    enableWeightSharing: { kind: 'bool', default: false },
    enableLowRank: { kind: 'bool', default: false },
    targetSpeedup: { kind: 'float', default: 2.0, min: 1.0 },
    targetSizeReduction: { kind: 'float', default: 0.5, above: 0, max: 1 },
  },
};

/** What was saved. */
export interface CompressionStats {
  readonly originalParams: number;
  readonly compressedParams: number;
  readonly sparsity: number;
  readonly compressionRatio: number;
  readonly estimatedSpeedup: number;
  readonly originalSizeMb: number;
  readonly compressedSizeMb: number;
}

/** Defaults and rules of {@link CompressionStats}. */
export const CompressionStats: Definition<CompressionStats> = {
  name: 'CompressionStats',
  fields: {
    originalParams: { kind: 'int', positive: true },
    compressedParams: { kind: 'int', nonNegative: true },
    sparsity: { kind: 'float' },
    compressionRatio: { kind: 'float' },
    estimatedSpeedup: { kind: 'float' },
    originalSizeMb: { kind: 'float' },
    compressedSizeMb: { kind: 'float' },
  },
  rules: [
    ({ compressedParams, originalParams }) =>
      compressedParams > originalParams ? `compressedParams must be at most originalParams ${originalParams}, got ${compressedParams}` : null,
  ],
};

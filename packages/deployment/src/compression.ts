/** Compression: pruning, fusion, shared weights and low rank, and what they save. Mirrors `hf_gtc.deployment.compression`. */
import { createFrom, formatCount, formatFixed, inRange, notNull, oneOf, parseEnum, positive, ShapeError, validate, valuesOf } from '@gtc/errors';
import {
  CompressionConfig,
  CompressionStats,
  DecompositionMethod,
  FusionType,
  ImportanceMetric,
  LayerFusionConfig,
  LowRankConfig,
  PruningConfig,
  PruningMethod,
  PruningSchedule,
  PruningScope,
  StructuredPruningConfig,
  StructuredPruningDim,
  WeightSharingConfig,
} from './internal/compression/configs.js';

export {
  CompressionConfig,
  CompressionStats,
  DecompositionMethod,
  FusionType,
  ImportanceMetric,
  LayerFusionConfig,
  LowRankConfig,
  PruningConfig,
  PruningMethod,
  PruningSchedule,
  PruningScope,
  StructuredPruningConfig,
  StructuredPruningDim,
  VALID_DECOMPOSITION_METHODS,
  VALID_FUSION_TYPES,
  VALID_IMPORTANCE_METRICS,
  VALID_PRUNING_METHODS,
  VALID_PRUNING_SCOPES,
  VALID_STRUCTURED_DIMS,
  WeightSharingConfig,
} from './internal/compression/configs.js';

/** @throws {ValidationError} naming every broken rule */
export function validatePruningConfig(config: PruningConfig): void {
  validate(PruningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateStructuredPruningConfig(config: StructuredPruningConfig): void {
  validate(StructuredPruningConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateWeightSharingConfig(config: WeightSharingConfig): void {
  validate(WeightSharingConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLowRankConfig(config: LowRankConfig): void {
  validate(LowRankConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCompressionConfig(config: CompressionConfig): void {
  validate(CompressionConfig, config);
}

/** Settles a {@link PruningSchedule}. @throws {ValidationError} naming every broken rule */
export function createPruningSchedule(options: Partial<PruningSchedule> = {}): PruningSchedule {
  return createFrom(PruningSchedule, options);
}

/** Settles a {@link PruningConfig}. @throws {ValidationError} naming every broken rule */
export function createPruningConfig(options: Partial<PruningConfig> = {}): PruningConfig {
  return createFrom(PruningConfig, options);
}

/** Settles a {@link StructuredPruningConfig}. @throws {ValidationError} naming every broken rule */
export function createStructuredPruningConfig(options: Partial<StructuredPruningConfig> = {}): StructuredPruningConfig {
  return createFrom(StructuredPruningConfig, options);
}

/** Settles a {@link LayerFusionConfig}. @throws {ValidationError} naming every broken rule */
export function createLayerFusionConfig(options: Partial<LayerFusionConfig> = {}): LayerFusionConfig {
  return createFrom(LayerFusionConfig, options);
}

/** Settles a {@link LowRankConfig}. @throws {ValidationError} naming every broken rule */
export function createLowRankConfig(options: Partial<LowRankConfig> = {}): LowRankConfig {
  return createFrom(LowRankConfig, options);
}

/** Settles a {@link CompressionConfig}. @throws {ValidationError} naming every broken rule */
export function createCompressionConfig(options: Partial<CompressionConfig> = {}): CompressionConfig {
  return createFrom(CompressionConfig, options);
}

/** Pruning methods in ascending order. */
export function listPruningMethods(): PruningMethod[] {
  return valuesOf(PruningMethod);
}

/** Pruning scopes in ascending order. */
export function listPruningScopes(): PruningScope[] {
  return valuesOf(PruningScope);
}

/** Structured pruning dims in ascending order. */
export function listStructuredPruningDims(): StructuredPruningDim[] {
  return valuesOf(StructuredPruningDim);
}

/** Fusion types in ascending order. */
export function listFusionTypes(): FusionType[] {
  return valuesOf(FusionType);
}

/** Decomposition methods in ascending order. */
export function listDecompositionMethods(): DecompositionMethod[] {
  return valuesOf(DecompositionMethod);
}

/** Importance metrics in ascending order. */
export function listImportanceMetrics(): ImportanceMetric[] {
  return valuesOf(ImportanceMetric);
}

/** @throws {ValidationError} naming the values of {@link PruningMethod} */
export function getPruningMethod(name: string): PruningMethod {
  return parseEnum(PruningMethod, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link PruningScope} */
export function getPruningScope(name: string): PruningScope {
  return parseEnum(PruningScope, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link StructuredPruningDim} */
export function getStructuredPruningDim(name: string): StructuredPruningDim {
  return parseEnum(StructuredPruningDim, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link FusionType} */
export function getFusionType(name: string): FusionType {
  return parseEnum(FusionType, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link DecompositionMethod} */
export function getDecompositionMethod(name: string): DecompositionMethod {
  return parseEnum(DecompositionMethod, name, 'name');
}

/** @throws {ValidationError} naming the values of {@link ImportanceMetric} */
export function getImportanceMetric(name: string): ImportanceMetric {
  return parseEnum(ImportanceMetric, name, 'name');
}

const RECOMMENDED: Readonly<Record<string, Partial<CompressionConfig>>> = {
  edge: { enableWeightSharing: true, enableLowRank: true, targetSpeedup: 8, targetSizeReduction: 0.1 },
  inference: {},
  mobile: { enableWeightSharing: true, enableLowRank: true, targetSpeedup: 4, targetSizeReduction: 0.25 },
  research: { enableFusion: false, targetSpeedup: 1.5, targetSizeReduction: 0.7 },
};

/**
 * Settles a {@link WeightSharingConfig}. @throws {ValidationError} naming every broken rule, or an unknown method
 *
 * @remarks Python: `hf_gtc.deployment.compression.create_weight_sharing_config(num_clusters=, clustering_method=, fine_tune_centroids=,
 * bits_per_weight=)`.
 */
export function createWeightSharingConfig(options: Partial<WeightSharingConfig> = {}): WeightSharingConfig {
  if (options.clusteringMethod !== undefined) oneOf(options.clusteringMethod, 'clusteringMethod', ['kmeans', 'linear', 'uniform']);
  return createFrom(WeightSharingConfig, options);
}

/**
 * Settles a {@link CompressionStats} from parameter counts; sizes are those of 32-bit weights unless they are given. @throws {ValidationError} naming
 * every broken rule
 *
 * @remarks Python: `hf_gtc.deployment.compression.create_compression_stats(original_params, compressed_params, original_size_mb=, compressed_size_mb=)`.
 */
export function createCompressionStats(
  originalParams: number,
  compressedParams: number,
  { originalSizeMb = null, compressedSizeMb = null }: { readonly originalSizeMb?: number | null; readonly compressedSizeMb?: number | null } = {},
): CompressionStats {
  const sparsity = 1 - compressedParams / originalParams;
  return createFrom(CompressionStats, {
    originalParams,
    compressedParams,
    sparsity,
    compressionRatio: compressedParams > 0 ? originalParams / compressedParams : Number.POSITIVE_INFINITY,
    estimatedSpeedup: sparsity < 1 ? 1 / (1 - sparsity) : Number.POSITIVE_INFINITY,
    originalSizeMb: originalSizeMb ?? (originalParams * 4) / 2 ** 20,
    compressedSizeMb: compressedSizeMb ?? (compressedParams * 4) / 2 ** 20,
  });
}

/**
 * Sparsity at a step: it grows linearly from begin to end.
 *
 * @remarks Python: `hf_gtc.deployment.compression.calculate_sparsity_at_step(schedule, current_step)`; within 1e-12.
 * @example calculateSparsityAtStep({ initialSparsity: 1, finalSparsity: 1, beginStep: 0, endStep: 100, frequency: 100 }, 60) // => 1
 */
export function calculateSparsityAtStep(schedule: PruningSchedule, currentStep: number): number {
  const { initialSparsity, finalSparsity, beginStep, endStep } = notNull(schedule, 'schedule');
  if (currentStep < beginStep) return initialSparsity;
  if (currentStep >= endStep) return finalSparsity;
  return initialSparsity + (finalSparsity - initialSparsity) * ((currentStep - beginStep) / (endStep - beginStep));
}

/**
 * Greatest speed-up of a sparse model, `1/(1 − s)`; dense kernels gain nothing from single zeros.
 *
 * @throws {ValidationError} unless sparsity is between 0 and 1, got -0.1
 * @remarks Python: `hf_gtc.deployment.compression.estimate_speedup_from_sparsity(sparsity)`; within 1e-12.
 * @example estimateSpeedupFromSparsity(0) // => 1
 */
export function estimateSpeedupFromSparsity(sparsity: number): number {
  inRange(sparsity, 'sparsity', { min: 0, max: 1 });
  return 1 / (1 - sparsity);
}

/**
 * Bytes of the weights that stay, without their places.
 *
 * @throws {ValidationError} unless bitsPerParam and originalParams are positive, sparsity is between 0 and 1, got 1.5
 * @remarks Python: `hf_gtc.deployment.compression.estimate_compressed_size(original_params, sparsity, bits_per_param=)`.
 * @example estimateCompressedSize(8, 0.544) // => 12
 */
export function estimateCompressedSize(originalParams: number, sparsity: number, { bitsPerParam = 32 }: { readonly bitsPerParam?: number } = {}): number {
  positive(originalParams, 'originalParams');
  positive(bitsPerParam, 'bitsPerParam');
  return Math.floor((Math.trunc(originalParams * (1 - inRange(sparsity, 'sparsity', { min: 0, max: 1 }))) * bitsPerParam) / 8);
}

/**
 * Parameters of a factorised matrix, `r (m + n)`.
 *
 * @param originalShape rows and columns
 * @throws {ShapeError} for a shape that is no matrix
 * @remarks Python: `hf_gtc.deployment.compression.calculate_low_rank_params(original_shape, rank)`.
 * @example calculateLowRankParams([3, 8], 1) // => 11
 */
export function calculateLowRankParams(originalShape: readonly [number, number], rank: number): number {
  if (originalShape.length !== 2)
    throw new ShapeError(`originalShape must be 2D, got ${originalShape.length as number}D`, { parameter: 'originalShape', received: originalShape });
  const [rows, columns] = originalShape;
  positive(rank, 'rank');
  inRange(rank, 'rank', { max: Math.min(rows, columns) });
  return rank * (rows + columns);
}

/**
 * Bits of shared weights: an index for each, and 32 for each value.
 *
 * @remarks Python: `hf_gtc.deployment.compression.calculate_weight_sharing_bits(original_params, num_clusters, bits_per_weight)`.
 * @example calculateWeightSharingBits(5, 0, 24) // => 120
 */
export function calculateWeightSharingBits(originalParams: number, numClusters: number, bitsPerWeight: number): number {
  return originalParams * bitsPerWeight + numClusters * 32;
}

/**
 * What to do for a use.
 *
 * @throws {ValidationError} for another use
 * @remarks Python: `hf_gtc.deployment.compression.get_recommended_compression_config(task)`.
 */
export function getRecommendedCompressionConfig(task: string): CompressionConfig {
  return createFrom(CompressionConfig, RECOMMENDED[oneOf(task, 'task', Object.keys(RECOMMENDED))]!);
}

/**
 * What was saved, as text.
 *
 * @remarks Python: `hf_gtc.deployment.compression.format_compression_stats(stats)`; the same text.
 */
export function formatCompressionStats(stats: CompressionStats): string {
  const { originalParams, compressedParams, sparsity, compressionRatio, estimatedSpeedup, originalSizeMb, compressedSizeMb } = stats;
  return [
    'Compression Stats:',
    `  Original Params: ${formatCount(originalParams)}`,
    `  Compressed Params: ${formatCount(compressedParams)}`,
    `  Sparsity: ${formatFixed(100 * sparsity, 1)}%`,
    `  Compression Ratio: ${formatFixed(compressionRatio, 2)}x`,
    `  Est. Speedup: ${formatFixed(estimatedSpeedup, 2)}x`,
    `  Original Size: ${formatFixed(originalSizeMb, 1)} MB`,
    `  Compressed Size: ${formatFixed(compressedSizeMb, 1)} MB`,
  ].join('\n');
}

/**
 * Operations that stay, rounded down; with single zeros a tenth at least.
 *
 * @throws {ValidationError} unless originalFlops is positive, sparsity is between 0 and 1, got 1.5
 * @remarks Python: `hf_gtc.deployment.compression.calculate_flops_reduction(original_flops, sparsity, structured=)`.
 * @example calculateFlopsReduction(10, 0.5) // => 5
 */
export function calculateFlopsReduction(originalFlops: number, sparsity: number, { structured = false }: { readonly structured?: boolean } = {}): number {
  positive(originalFlops, 'originalFlops');
  const kept = 1 - inRange(sparsity, 'sparsity', { min: 0, max: 1 });
  return Math.trunc(originalFlops * (structured ? kept : Math.max(0.1, kept)));
}

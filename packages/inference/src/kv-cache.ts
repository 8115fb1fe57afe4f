/** Management of KV caches: their memory, pages, compression and eviction. Mirrors `hf_gtc.inference.kv_cache`. */
import { allPositive, createFrom, type Definition, finite, formatFixed, inRange, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

/** What leaves a full cache first. */
export const EvictionPolicy = { LRU: 'lru', FIFO: 'fifo', LFU: 'lfu', RANDOM: 'random', ATTENTION_SCORE: 'attention_score' } as const;
export type EvictionPolicy = (typeof EvictionPolicy)[keyof typeof EvictionPolicy];

/** Ways to store keys and values in fewer bytes. */
export const CacheCompression = { NONE: 'none', QUANTIZE_FP16: 'quantize_fp16', QUANTIZE_INT8: 'quantize_int8', SPARSE: 'sparse' } as const;
export type CacheCompression = (typeof CacheCompression)[keyof typeof CacheCompression];

/** When a cache is cut into pages. */
export const PagedAttentionMode = { DISABLED: 'disabled', STATIC: 'static', DYNAMIC: 'dynamic' } as const;
export type PagedAttentionMode = (typeof PagedAttentionMode)[keyof typeof PagedAttentionMode];

/** Values of {@link EvictionPolicy}, by their text. */
export type EvictionPolicyStr = EvictionPolicy;

/** Values of {@link CacheCompression}, by their text. */
export type CacheCompressionStr = CacheCompression;

/** Values of {@link PagedAttentionMode}, by their text. */
export type PagedAttentionModeStr = PagedAttentionMode;

/** Number formats of keys and values. */
export type DtypeStr = 'float32' | 'float16' | 'bfloat16' | 'int8';

/** Values of {@link EvictionPolicy}. */
export const VALID_EVICTION_POLICIES: ReadonlySet<EvictionPolicy> = new Set(Object.values(EvictionPolicy));

/** Values of {@link CacheCompression}. */
export const VALID_CACHE_COMPRESSIONS: ReadonlySet<CacheCompression> = new Set(Object.values(CacheCompression));

/** Values of {@link PagedAttentionMode}. */
export const VALID_PAGED_ATTENTION_MODES: ReadonlySet<PagedAttentionMode> = new Set(Object.values(PagedAttentionMode));

/** How a cache is kept. */
export interface KVCacheManagementConfig {
  /** GiB. */
  readonly maxCacheSizeGb: number;
  readonly evictionPolicy: EvictionPolicy;
  readonly compression: CacheCompression;
  readonly dtype: DtypeStr;
}

/** Defaults and rules of {@link KVCacheManagementConfig}. */
export const KVCacheManagementConfig: Definition<KVCacheManagementConfig> = {
  name: 'KVCacheManagementConfig',
  fields: {
    maxCacheSizeGb: { kind: 'float', default: 8, positive: true },
    evictionPolicy: { kind: 'enum', of: EvictionPolicy, default: EvictionPolicy.LRU },
    compression: { kind: 'enum', of: CacheCompression, default: CacheCompression.NONE },
    dtype: { kind: 'string', default: 'float16', oneOf: ['float32', 'float16', 'bfloat16', 'int8'] },
  },
};

/** A cache cut into pages. */
export interface PagedAttentionConfig {
  readonly mode: PagedAttentionMode;
  /** Tokens. */
  readonly pageSize: number;
  readonly maxPages: number;
  readonly blockSize: number;
}

/** Defaults and rules of {@link PagedAttentionConfig}. */
export const PagedAttentionConfig: Definition<PagedAttentionConfig> = {
  name: 'PagedAttentionConfig',
  fields: {
    mode: { kind: 'enum', of: PagedAttentionMode, default: PagedAttentionMode.DYNAMIC },
    pageSize: { kind: 'int', default: 16, positive: true },
    maxPages: { kind: 'int', default: 1024, positive: true },
    blockSize: { kind: 'int', default: 256, positive: true },
  },
};

/** What a cache did. */
export interface CacheStats {
  readonly hitRate: number;
  readonly evictionCount: number;
  readonly memoryUsageGb: number;
  readonly compressionRatio: number;
}

/** A sequence in a cache. */
export interface CacheEntry {
  readonly sequenceId: string;
  readonly numTokens: number;
  readonly memoryBytes: number;
  readonly lastAccessTime: number;
}

/** Defaults and rules of {@link CacheEntry}. */
export const CacheEntry: Definition<CacheEntry> = {
  name: 'CacheEntry',
  fields: {
    sequenceId: { kind: 'string', nonEmpty: true },
    numTokens: { kind: 'int', nonNegative: true },
    memoryBytes: { kind: 'int', nonNegative: true },
    lastAccessTime: { kind: 'float', nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateKvCacheManagementConfig(config: KVCacheManagementConfig): void {
  validate(KVCacheManagementConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePagedAttentionConfig(config: PagedAttentionConfig): void {
  validate(PagedAttentionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCacheEntry(entry: CacheEntry): void {
  validate(CacheEntry, entry, 'entry');
}

/** Settles a {@link KVCacheManagementConfig}. @throws {ValidationError} naming every broken rule */
export function createKvCacheManagementConfig(options: Partial<KVCacheManagementConfig> = {}): KVCacheManagementConfig {
  return createFrom(KVCacheManagementConfig, options);
}

/** Settles a {@link PagedAttentionConfig}. @throws {ValidationError} naming every broken rule */
export function createPagedAttentionConfig(options: Partial<PagedAttentionConfig> = {}): PagedAttentionConfig {
  return createFrom(PagedAttentionConfig, options);
}

/** Settles a {@link CacheEntry}. @throws {ValidationError} naming every broken rule */
export function createCacheEntry(sequenceId: string, numTokens: number, memoryBytes: number, lastAccessTime: number): CacheEntry {
  return createFrom(CacheEntry, { sequenceId, numTokens, memoryBytes, lastAccessTime });
}

/** Eviction policies in ascending order. */
export function listEvictionPolicies(): EvictionPolicy[] {
  return valuesOf(EvictionPolicy);
}

/** Cache compressions in ascending order. */
export function listCacheCompressions(): CacheCompression[] {
  return valuesOf(CacheCompression);
}

/** Paged attention modes in ascending order. */
export function listPagedAttentionModes(): PagedAttentionMode[] {
  return valuesOf(PagedAttentionMode);
}

/** @throws {ValidationError} naming the eviction policies */
export function getEvictionPolicy(name: string): EvictionPolicy {
  return parseEnum(EvictionPolicy, name, 'evictionPolicy');
}

/** @throws {ValidationError} naming the cache compressions */
export function getCacheCompression(name: string): CacheCompression {
  return parseEnum(CacheCompression, name, 'cacheCompression');
}

/** @throws {ValidationError} naming the paged attention modes */
export function getPagedAttentionMode(name: string): PagedAttentionMode {
  return parseEnum(PagedAttentionMode, name, 'pagedAttentionMode');
}

/** Bytes of a number; formats that are not known take two. */
const BYTES: Readonly<Record<string, number>> = { float32: 4, float16: 2, bfloat16: 2, int8: 1 };

/**
 * Memory of the keys and values of all layers, GiB.
 *
 * @param numHeads heads that have keys and values of their own
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.kv_cache.calculate_cache_memory(num_layers, num_heads, head_dim, max_seq_length, batch_size=, dtype=)`; within 1e-12.
 * @example calculateCacheMemory(32, 32, 128, 2048) // => 1
 */
export function calculateCacheMemory(
  numLayers: number,
  numHeads: number,
  headDim: number,
  maxSeqLength: number,
  { batchSize = 1, dtype = 'float16' }: { readonly batchSize?: number; readonly dtype?: DtypeStr } = {},
): number {
  allPositive({ numLayers, numHeads, headDim, maxSeqLength, batchSize });
  return (2 * numLayers * batchSize * maxSeqLength * numHeads * headDim * (BYTES[dtype] ?? 2)) / 1024 ** 3;
}

/**
 * Sequences whose keys and values fit, at least 1.
 *
 * @param availableMemoryGb GiB
 * @param options `memoryFraction` in (0, 1] that may be used
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.kv_cache.estimate_max_sequences(available_memory_gb, num_layers, num_heads, head_dim, avg_seq_length, dtype=, memory_fraction=)`; exact.
 * @example estimateMaxSequences(16, 32, 10, 386, 512) // => 54
 */
export function estimateMaxSequences(
  availableMemoryGb: number,
  numLayers: number,
  numHeads: number,
  headDim: number,
  avgSeqLength: number,
  { dtype = 'float16', memoryFraction = 0.8 }: { readonly dtype?: DtypeStr; readonly memoryFraction?: number } = {},
): number {
  positive(finite(availableMemoryGb, 'availableMemoryGb'), 'availableMemoryGb');
  inRange(memoryFraction, 'memoryFraction', { above: 0, max: 1 });
  const sequence = calculateCacheMemory(numLayers, numHeads, headDim, avgSeqLength, { dtype });
  return Math.max(1, Math.floor((availableMemoryGb * memoryFraction) / sequence));
}

/**
 * Tokens of a page: the greatest power of two whose keys and values of one layer, two bytes each, fit a target.
 *
 * @returns at least 1
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.kv_cache.calculate_optimal_page_size(head_dim, num_heads, target_memory_kb=)`; exact.
 * @example calculateOptimalPageSize(41, 32) // => 8
 */
export function calculateOptimalPageSize(headDim: number, numHeads: number, { targetMemoryKb = 64 }: { readonly targetMemoryKb?: number } = {}): number {
  allPositive({ headDim, numHeads, targetMemoryKb });
  const tokens = (targetMemoryKb * 1024) / (4 * numHeads * headDim);
  return Math.max(1, 2 ** Math.floor(Math.log2(tokens)));
}

/**
 * Share of the memory that is left after compression.
 *
 * @param options `sparsityRatio` in [0, 1], the share of zeros
 * @throws {ValidationError} for an unknown format or a ratio outside [0, 1]
 * @remarks Python: `hf_gtc.inference.kv_cache.calculate_compression_savings(original_dtype, compressed_dtype, sparsity_ratio=)`; within 1e-12.
 * @example calculateCompressionSavings('int8', 'bfloat16') // => 2
 */
export function calculateCompressionSavings(
  originalDtype: DtypeStr,
  compressedDtype: DtypeStr,
  { sparsityRatio = 0 }: { readonly sparsityRatio?: number } = {},
): number {
  oneOf(originalDtype, 'originalDtype', Object.keys(BYTES));
  oneOf(compressedDtype, 'compressedDtype', Object.keys(BYTES));
  inRange(sparsityRatio, 'sparsityRatio', { min: 0, max: 1 });
  return (BYTES[compressedDtype]! / BYTES[originalDtype]!) * (1 - sparsityRatio);
}

/**
 * What a cache did, as text.
 *
 * @remarks Python: `hf_gtc.inference.kv_cache.format_cache_stats(stats)`; the same text.
 */
export function formatCacheStats(stats: CacheStats): string {
  return [
    `Hit Rate: ${formatFixed(stats.hitRate * 100, 2)}%`,
    `Eviction Count: ${stats.evictionCount}`,
    `Memory Usage: ${formatFixed(stats.memoryUsageGb, 2)} GB`,
    `Compression Ratio: ${formatFixed(stats.compressionRatio, 2)}`,
  ].join('\n');
}

/**
 * Settings that suit what a model leaves of the memory: its weights take 1.2 times their size, int8 below 1.5 times the model, fp16 below 2.5 times.
 *
 * @param modelSizeGb GiB
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.kv_cache.get_recommended_cache_config(model_size_gb, available_memory_gb)`.
 * @example getRecommendedCacheConfig(70, 80).dtype // => 'int8'
 */
export function getRecommendedCacheConfig(modelSizeGb: number, availableMemoryGb: number): KVCacheManagementConfig {
  allPositive({ modelSizeGb, availableMemoryGb });
  const left = availableMemoryGb - modelSizeGb * 1.2;
  const ratio = availableMemoryGb / modelSizeGb;
  return createKvCacheManagementConfig({
    maxCacheSizeGb: left > 0.5 ? left : 0.5,
    compression: ratio < 1.5 ? 'quantize_int8' : ratio < 2.5 ? 'quantize_fp16' : 'none',
    dtype: ratio < 1.5 ? 'int8' : 'float16',
  });
}

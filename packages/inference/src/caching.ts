/** Caches of prompts, prefixes and answers: their settings, sizes and gains. Mirrors `hf_gtc.inference.caching`. */
import {
  allNonNegative,
  createFrom,
  type Definition,
  finite,
  formatFixed,
  inRange,
  nonNegative,
  oneOf,
  parseEnum,
  positive,
  validate,
  valuesOf,
} from '@gtc/errors';

/** What a cache holds. */
export const CacheType = { PROMPT: 'prompt', PREFIX: 'prefix', SEMANTIC: 'semantic', KV: 'kv' } as const;
export type CacheType = (typeof CacheType)[keyof typeof CacheType];

/** What leaves a full cache first. */
export const EvictionPolicy = { LRU: 'lru', LFU: 'lfu', FIFO: 'fifo', TTL: 'ttl', ADAPTIVE: 'adaptive' } as const;
export type EvictionPolicy = (typeof EvictionPolicy)[keyof typeof EvictionPolicy];

/** Where a cache lives. */
export const CacheBackend = { MEMORY: 'memory', REDIS: 'redis', DISK: 'disk', HYBRID: 'hybrid' } as const;
export type CacheBackend = (typeof CacheBackend)[keyof typeof CacheBackend];

/** Values of {@link CacheType}, by their text. */
export type CacheTypeStr = CacheType;

/** Values of {@link EvictionPolicy}, by their text. */
export type EvictionPolicyStr = EvictionPolicy;

/** Values of {@link CacheBackend}, by their text. */
export type CacheBackendStr = CacheBackend;

/** Hashes of prefixes. */
export type HashAlgorithmStr = 'sha256' | 'md5' | 'xxhash' | 'cityhash';

/** Values of {@link CacheType}. */
export const VALID_CACHE_TYPES: ReadonlySet<CacheType> = new Set(Object.values(CacheType));

/** Values of {@link EvictionPolicy}. */
export const VALID_EVICTION_POLICIES: ReadonlySet<EvictionPolicy> = new Set(Object.values(EvictionPolicy));

/** Values of {@link CacheBackend}. */
export const VALID_CACHE_BACKENDS: ReadonlySet<CacheBackend> = new Set(Object.values(CacheBackend));

/** A cache. */
export interface CacheConfig {
  readonly cacheType: CacheType;
  /** MiB. */
  readonly maxSizeMb: number;
  readonly evictionPolicy: EvictionPolicy;
  readonly ttlSeconds: number;
}

/** Defaults and rules of {@link CacheConfig}. */
export const CacheConfig: Definition<CacheConfig> = {
  name: 'CacheConfig',
  fields: {
    cacheType: { kind: 'enum', of: CacheType, default: CacheType.PROMPT },
    maxSizeMb: { kind: 'int', default: 512, positive: true },
    evictionPolicy: { kind: 'enum', of: EvictionPolicy, default: EvictionPolicy.LRU },
    ttlSeconds: { kind: 'int', default: 3600, nonNegative: true },
  },
};

/** A cache of shared prefixes. */
export interface PrefixConfig {
  readonly sharedPrefixLength: number;
  /** Uses from which on a prefix is kept. */
  readonly reuseThreshold: number;
  readonly hashAlgorithm: HashAlgorithmStr;
}

/** Defaults and rules of {@link PrefixConfig}. */
export const PrefixConfig: Definition<PrefixConfig> = {
  name: 'PrefixConfig',
  fields: {
    sharedPrefixLength: { kind: 'int', default: 64, positive: true },
    reuseThreshold: { kind: 'int', default: 3, positive: true },
    hashAlgorithm: { kind: 'string', default: 'sha256', oneOf: ['sha256', 'md5', 'xxhash', 'cityhash'] },
  },
};

/** A cache that answers similar questions alike. */
export interface SemanticCacheConfig {
  readonly similarityThreshold: number;
  readonly embeddingModel: string;
  readonly maxEntries: number;
}

/** Defaults and rules of {@link SemanticCacheConfig}. */
export const SemanticCacheConfig: Definition<SemanticCacheConfig> = {
  name: 'SemanticCacheConfig',
  fields: {
    similarityThreshold: { kind: 'float', default: 0.95, min: 0, max: 1 },
    embeddingModel: { kind: 'string', default: 'sentence-transformers/all-MiniLM-L6-v2', nonEmpty: true },
    maxEntries: { kind: 'int', default: 10000, positive: true },
  },
};

/** What a cache did. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly hitRate: number;
  readonly evictions: number;
  /** MiB. */
  readonly memoryUsedMb: number;
}

/** Defaults and rules of {@link CacheStats}. */
export const CacheStats: Definition<CacheStats> = {
  name: 'CacheStats',
  fields: {
    hits: { kind: 'int', default: 0, nonNegative: true },
    misses: { kind: 'int', default: 0, nonNegative: true },
    hitRate: { kind: 'float', default: 0, min: 0, max: 1 },
    evictions: { kind: 'int', default: 0, nonNegative: true },
    memoryUsedMb: { kind: 'float', default: 0, nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateCacheConfig(config: CacheConfig): void {
  validate(CacheConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validatePrefixConfig(config: PrefixConfig): void {
  validate(PrefixConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSemanticCacheConfig(config: SemanticCacheConfig): void {
  validate(SemanticCacheConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCacheStats(stats: CacheStats): void {
  validate(CacheStats, stats, 'stats');
}

/** Settles a {@link CacheConfig}. @throws {ValidationError} naming every broken rule */
export function createCacheConfig(options: Partial<CacheConfig> = {}): CacheConfig {
  return createFrom(CacheConfig, options);
}

/** Settles a {@link PrefixConfig}. @throws {ValidationError} naming every broken rule */
export function createPrefixConfig(options: Partial<PrefixConfig> = {}): PrefixConfig {
  return createFrom(PrefixConfig, options);
}

/** Settles a {@link SemanticCacheConfig}. @throws {ValidationError} naming every broken rule */
export function createSemanticCacheConfig(options: Partial<SemanticCacheConfig> = {}): SemanticCacheConfig {
  return createFrom(SemanticCacheConfig, options);
}

/** Settles a {@link CacheStats}. @throws {ValidationError} naming every broken rule */
export function createCacheStats(options: Partial<CacheStats> = {}): CacheStats {
  return createFrom(CacheStats, options);
}

/** Cache types in ascending order. */
export function listCacheTypes(): CacheType[] {
  return valuesOf(CacheType);
}

/** Eviction policies in ascending order. */
export function listEvictionPolicies(): EvictionPolicy[] {
  return valuesOf(EvictionPolicy);
}

/** Cache backends in ascending order. */
export function listCacheBackends(): CacheBackend[] {
  return valuesOf(CacheBackend);
}

/** @throws {ValidationError} naming the cache types */
export function getCacheType(name: string): CacheType {
  return parseEnum(CacheType, name, 'cacheType');
}

/** @throws {ValidationError} naming the eviction policies */
export function getEvictionPolicy(name: string): EvictionPolicy {
  return parseEnum(EvictionPolicy, name, 'evictionPolicy');
}

/** @throws {ValidationError} naming the cache backends */
export function getCacheBackend(name: string): CacheBackend {
  return parseEnum(CacheBackend, name, 'cacheBackend');
}

/**
 * Share of lookups that found something, 0 without lookups.
 *
 * @throws {ValidationError} for negative counts
 * @remarks Python: `hf_gtc.inference.caching.calculate_cache_hit_rate(hits, misses)`; within 1e-12.
 * @example calculateCacheHitRate(80, 20) // => 0.8
 */
export function calculateCacheHitRate(hits: number, misses: number): number {
  allNonNegative({ hits, misses });
  return hits + misses === 0 ? 0 : hits / (hits + misses);
}

/**
 * Latency that a cache saves, in percent of a run without it; below zero where lookups cost more than they save.
 *
 * @throws {ValidationError} for a rate outside [0, 1], a latency that is not positive or a negative cost of lookups
 * @remarks Python: `hf_gtc.inference.caching.estimate_latency_savings(hit_rate, avg_inference_latency_ms, cache_lookup_latency_ms=)`; within 1e-12.
 * @example estimateLatencySavings(0.8, 100) // => 79.2
 */
export function estimateLatencySavings(
  hitRate: number,
  avgInferenceLatencyMs: number,
  { cacheLookupLatencyMs = 1 }: { readonly cacheLookupLatencyMs?: number } = {},
): number {
  inRange(hitRate, 'hitRate', { min: 0, max: 1 });
  positive(avgInferenceLatencyMs, 'avgInferenceLatencyMs');
  nonNegative(cacheLookupLatencyMs, 'cacheLookupLatencyMs');
  const mean = hitRate * cacheLookupLatencyMs + (1 - hitRate) * avgInferenceLatencyMs;
  return ((avgInferenceLatencyMs - mean) / avgInferenceLatencyMs) * 100;
}

/**
 * Memory of a cache with what its own tables take, MiB.
 *
 * @param options `overheadFactor` from 1 on
 * @throws {ValidationError} for negative sizes or a factor below 1
 * @remarks Python: `hf_gtc.inference.caching.calculate_memory_overhead(num_entries, avg_entry_size_kb, overhead_factor=)`; within 1e-12.
 * @example calculateMemoryOverhead(24, 10) // => 0.28125
 */
export function calculateMemoryOverhead(
  numEntries: number,
  avgEntrySizeKb: number,
  { overheadFactor = 1.2 }: { readonly overheadFactor?: number } = {},
): number {
  allNonNegative({ numEntries, avgEntrySizeKb });
  inRange(overheadFactor, 'overheadFactor', { min: 1 });
  return (numEntries * avgEntrySizeKb * overheadFactor) / 1024;
}

/**
 * Memory that a cache needs to hold a share of its prompts, MiB, at most what there is and at least 1.
 *
 * @throws {ValidationError} for sizes that are not positive or a rate outside [0, 1]
 * @remarks Python: `hf_gtc.inference.caching.optimize_cache_size(available_memory_mb, target_hit_rate, avg_entry_size_kb, estimated_unique_prompts)`; exact.
 * @example optimizeCacheSize(1024, 0.9, 1, 5000) // => 5
 */
export function optimizeCacheSize(availableMemoryMb: number, targetHitRate: number, avgEntrySizeKb: number, estimatedUniquePrompts: number): number {
  positive(finite(availableMemoryMb, 'availableMemoryMb'), 'availableMemoryMb');
  inRange(targetHitRate, 'targetHitRate', { min: 0, max: 1 });
  inRange(avgEntrySizeKb, 'avgEntrySizeKb', { above: 0, max: Number.POSITIVE_INFINITY });
  positive(estimatedUniquePrompts, 'estimatedUniquePrompts');
  const needed = calculateMemoryOverhead(Math.trunc(estimatedUniquePrompts * targetHitRate), avgEntrySizeKb);
  return Math.max(1, Math.trunc(Math.min(needed, availableMemoryMb)));
}

/**
 * What a cache did, as text.
 *
 * @remarks Python: `hf_gtc.inference.caching.format_cache_stats(stats)`; the same text.
 */
export function formatCacheStats(stats: CacheStats): string {
  return [
    'Cache Statistics:',
    `  Hits: ${stats.hits}`,
    `  Misses: ${stats.misses}`,
    `  Total: ${stats.hits + stats.misses}`,
    `  Hit Rate: ${formatFixed(stats.hitRate * 100, 2)}%`,
    `  Evictions: ${stats.evictions}`,
    `  Memory Used: ${formatFixed(stats.memoryUsedMb, 2)} MB`,
  ].join('\n');
}

const RECOMMENDED: Readonly<Record<string, Partial<CacheConfig>>> = {
  api: { cacheType: 'kv', evictionPolicy: 'lfu' },
  chatbot: { cacheType: 'semantic', ttlSeconds: 7200 },
  development: { evictionPolicy: 'ttl', ttlSeconds: 300 },
};

/**
 * Settings that suit a use: `api`, `chatbot` or `development`.
 *
 * @throws {ValidationError} naming the uses that are known
 * @remarks Python: `hf_gtc.inference.caching.get_recommended_cache_config(use_case, available_memory_mb=)`.
 * @example getRecommendedCacheConfig('chatbot').cacheType // => 'semantic'
 */
export function getRecommendedCacheConfig(useCase: string, { availableMemoryMb = 512 }: { readonly availableMemoryMb?: number } = {}): CacheConfig {
  positive(availableMemoryMb, 'availableMemoryMb');
  return createCacheConfig({ ...RECOMMENDED[oneOf(useCase, 'useCase', Object.keys(RECOMMENDED))], maxSizeMb: availableMemoryMb });
}

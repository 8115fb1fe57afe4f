/** Decoding, KV caches, batching, embeddings and serving engines. */
export * from './batch.js';
// Names that several modules have: the root speaks of one, the subpaths of each.
export { BatchConfig, PaddingStrategy, validateBatchConfig } from './batch.js';
export * from './batching.js';
export { BatchConfig as ContinuousBatchConfig, estimateThroughput, type HardwareTypeStr } from './batching.js';
export * from './caching.js';
export {
  CacheStats as PromptCacheStats,
  EvictionPolicy as CachingEvictionPolicy,
  type EvictionPolicyStr,
  formatCacheStats as formatPromptCacheStats,
  getEvictionPolicy as getCachingEvictionPolicy,
  getRecommendedCacheConfig as getRecommendedPromptCacheConfig,
  listEvictionPolicies as listCachingEvictionPolicies,
  VALID_CACHE_TYPES as VALID_PROMPT_CACHE_TYPES,
  VALID_EVICTION_POLICIES as VALID_CACHING_EVICTION_POLICIES,
} from './caching.js';
export * from './context.js';
export * from './decoding.js';
export * from './device.js';
export * from './embeddings.js';
export type { ModelSizeStr } from './engines.js';
export * from './engines.js';
export * from './hardware.js';
export { DeviceType, estimateThroughput as estimateHardwareThroughput } from './hardware.js';
export * from './kv-cache.js';
export {
  type CacheStats,
  EvictionPolicy,
  formatCacheStats,
  getEvictionPolicy,
  getRecommendedCacheConfig,
  listEvictionPolicies,
  VALID_EVICTION_POLICIES,
} from './kv-cache.js';
export * from './memory.js';
export * from './optimization.js';
export { VALID_CACHE_TYPES, validateSpeculativeConfig } from './optimization.js';
export * from './pipeline.js';
export * from './pipelines.js';
export * from './quantization.js';
export * from './speculative.js';
export { validateSpeculativeConfig as validateSpeculativeConfigFull } from './speculative.js';
export * from './streaming.js';

/** Optimizations of inference: attention, KV caches, speculative decoding and continuous batching. Mirrors `hf_gtc.inference.optimization`. */
import { createFrom, type Definition, inRange, oneOf, positive, validate, valuesOf } from '@gtc/errors';

/** Implementations of attention. */
export const AttentionImplementation = {
  EAGER: 'eager',
  SDPA: 'sdpa',
  FLASH_ATTENTION_2: 'flash_attention_2',
  FLASH_ATTENTION_3: 'flash_attention_3',
} as const;
export type AttentionImplementation = (typeof AttentionImplementation)[keyof typeof AttentionImplementation];

/** Kinds of KV caches. */
export const KVCacheType = { DYNAMIC: 'dynamic', STATIC: 'static', QUANTIZED: 'quantized', SLIDING_WINDOW: 'sliding_window' } as const;
export type KVCacheType = (typeof KVCacheType)[keyof typeof KVCacheType];

/** Number formats of stored keys and values. */
export type KVQuantType = 'fp16' | 'fp8' | 'int8' | 'int4';

/** Values of {@link AttentionImplementation}. */
export const VALID_ATTENTION_IMPLS: ReadonlySet<AttentionImplementation> = new Set(Object.values(AttentionImplementation));

/** Values of {@link KVCacheType}. */
export const VALID_CACHE_TYPES: ReadonlySet<KVCacheType> = new Set(Object.values(KVCacheType));

/** Values of {@link KVQuantType}. */
export const VALID_KV_QUANT_TYPES: ReadonlySet<KVQuantType> = new Set<KVQuantType>(['fp16', 'fp8', 'int4', 'int8']);

/** A KV cache. */
export interface KVCacheConfig {
  readonly cacheType: KVCacheType;
  readonly maxBatchSize: number;
  readonly maxSeqLength: number;
  readonly numLayers: number;
  readonly numHeads: number;
  readonly headDim: number;
}

/** Defaults and rules of {@link KVCacheConfig}. */
export const KVCacheConfig: Definition<KVCacheConfig> = {
  name: 'KVCacheConfig',
  fields: {
    cacheType: { kind: 'enum', of: KVCacheType, default: KVCacheType.DYNAMIC },
    maxBatchSize: { kind: 'int', default: 32, positive: true },
    maxSeqLength: { kind: 'int', default: 2048, positive: true },
    numLayers: { kind: 'int', default: 32, positive: true },
    numHeads: { kind: 'int', default: 32, positive: true },
    headDim: { kind: 'int', default: 128, positive: true },
  },
};

/** How attention is computed. */
export interface FlashAttentionConfig {
  readonly implementation: AttentionImplementation;
  readonly slidingWindow: number | null;
  /** Null is one over the square root of the width of a head. */
  readonly softmaxScale: number | null;
  readonly returnSoftmax: boolean;
}

/** Defaults and rules of {@link FlashAttentionConfig}. */
export const FlashAttentionConfig: Definition<FlashAttentionConfig> = {
  name: 'FlashAttentionConfig',
  fields: {
    implementation: { kind: 'enum', of: AttentionImplementation, default: AttentionImplementation.FLASH_ATTENTION_2 },
    slidingWindow: { kind: 'int', default: null, nullable: true, positive: true },
    softmaxScale: { kind: 'float', default: null, nullable: true },
    returnSoftmax: { kind: 'bool', default: false },
  },
};

/** A small model that proposes tokens. */
export interface SpeculativeDecodingConfig {
  readonly draftModelId: string;
  readonly numSpeculativeTokens: number;
  readonly acceptanceThreshold: number;
  readonly useAssistantModel: boolean;
}

/** Defaults and rules of {@link SpeculativeDecodingConfig}. */
export const SpeculativeDecodingConfig: Definition<SpeculativeDecodingConfig> = {
  name: 'SpeculativeDecodingConfig',
  fields: {
    draftModelId: { kind: 'string', nonEmpty: true },
    numSpeculativeTokens: { kind: 'int', default: 5, positive: true },
    acceptanceThreshold: { kind: 'float', default: 0.9, min: 0, max: 1 },
    useAssistantModel: { kind: 'bool', default: true },
  },
};

/** Keys and values in fewer bits. */
export interface QuantizedKVConfig {
  readonly quantType: KVQuantType;
  /** Last tokens that keep their precision. */
  readonly residualLength: number;
  readonly computeDtype: string;
}

/** Defaults and rules of {@link QuantizedKVConfig}. */
export const QuantizedKVConfig: Definition<QuantizedKVConfig> = {
  name: 'QuantizedKVConfig',
  fields: {
    quantType: { kind: 'string', default: 'fp8', oneOf: VALID_KV_QUANT_TYPES },
    residualLength: { kind: 'int', default: 128, nonNegative: true },
    computeDtype: { kind: 'string', default: 'float16' },
  },
};

/** Batches that requests join and leave at every step. */
export interface ContinuousBatchingConfig {
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly maxPaddings: number;
  readonly preemptionMode: string;
}

/** Defaults and rules of {@link ContinuousBatchingConfig}. */
export const ContinuousBatchingConfig: Definition<ContinuousBatchingConfig> = {
  name: 'ContinuousBatchingConfig',
  fields: {
    maxNumSeqs: { kind: 'int', default: 256, positive: true },
    maxNumBatchedTokens: { kind: 'int', default: 8192, positive: true },
    maxPaddings: { kind: 'int', default: 256, nonNegative: true },
    preemptionMode: { kind: 'string', default: 'swap', oneOf: ['recompute', 'swap'] },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateKvCacheConfig(config: KVCacheConfig): void {
  validate(KVCacheConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSpeculativeConfig(config: SpeculativeDecodingConfig): void {
  validate(SpeculativeDecodingConfig, config);
}

/** Settles a {@link KVCacheConfig}. @throws {ValidationError} naming every broken rule */
export function createKvCacheConfig(options: Partial<KVCacheConfig> = {}): KVCacheConfig {
  return createFrom(KVCacheConfig, options);
}

/** Settles a {@link FlashAttentionConfig}. @throws {ValidationError} naming every broken rule */
export function createFlashAttentionConfig(options: Partial<FlashAttentionConfig> = {}): FlashAttentionConfig {
  return createFrom(FlashAttentionConfig, options);
}

/** Settles a {@link SpeculativeDecodingConfig}. @throws {ValidationError} naming every broken rule */
export function createSpeculativeDecodingConfig(
  draftModelId: string,
  options: Partial<Omit<SpeculativeDecodingConfig, 'draftModelId'>> = {},
): SpeculativeDecodingConfig {
  return createFrom(SpeculativeDecodingConfig, { draftModelId, ...options });
}

/** Settles a {@link QuantizedKVConfig}. @throws {ValidationError} naming every broken rule */
export function createQuantizedKvConfig(options: Partial<QuantizedKVConfig> = {}): QuantizedKVConfig {
  return createFrom(QuantizedKVConfig, options);
}

/** Settles a {@link ContinuousBatchingConfig}. @throws {ValidationError} naming every broken rule */
export function createContinuousBatchingConfig(options: Partial<ContinuousBatchingConfig> = {}): ContinuousBatchingConfig {
  return createFrom(ContinuousBatchingConfig, options);
}

/** Attention implementations in ascending order. */
export function listAttentionImplementations(): AttentionImplementation[] {
  return valuesOf(AttentionImplementation);
}

/** Kv cache types in ascending order. */
export function listKvCacheTypes(): KVCacheType[] {
  return valuesOf(KVCacheType);
}

/**
 * Memory of the keys and values that a cache can hold, bytes.
 *
 * @remarks Python: `hf_gtc.inference.optimization.estimate_kv_cache_memory(config, dtype_bytes=)`; exact.
 * @example estimateKvCacheMemory(createKvCacheConfig({ maxBatchSize: 1 })) // => 1073741824
 */
export function estimateKvCacheMemory(config: KVCacheConfig, { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {}): number {
  return 2 * config.maxBatchSize * config.maxSeqLength * config.numLayers * config.numHeads * config.headDim * dtypeBytes;
}

/**
 * The attention that suits a size of models: plain for `small`, else FlashAttention 2 where there is one and PyTorch's fused one where not.
 *
 * @throws {ValidationError} naming the sizes that are known
 * @remarks Python: `hf_gtc.inference.optimization.get_recommended_attention(model_size, has_flash_attention=)`.
 * @example getRecommendedAttention('small') // => 'eager'
 */
export function getRecommendedAttention(
  modelSize: string,
  { hasFlashAttention = true }: { readonly hasFlashAttention?: boolean } = {},
): AttentionImplementation {
  if (oneOf(modelSize, 'modelSize', ['small', 'medium', 'large', 'xlarge']) === 'small') return 'eager';
  return hasFlashAttention ? 'flash_attention_2' : 'sdpa';
}

/**
 * Speed-up of speculative decoding as the original counts it, (1 + rate·n) / (1 + n·ratio). The tokens of a round follow a geometric law; `speculative` has
 * it as `expectedTokens`.
 *
 * @throws {ValidationError} for a rate outside [0, 1], a count that is not positive or a ratio outside (0, 1)
 * @remarks Python: `hf_gtc.inference.optimization.calculate_speculative_speedup(acceptance_rate, num_speculative_tokens, draft_latency_ratio=)`; within 1e-12.
 * @example calculateSpeculativeSpeedup(0.8, 35) // => 6.444444444444445
 */
export function calculateSpeculativeSpeedup(
  acceptanceRate: number,
  numSpeculativeTokens: number,
  { draftLatencyRatio = 0.1 }: { readonly draftLatencyRatio?: number } = {},
): number {
  inRange(acceptanceRate, 'acceptanceRate', { min: 0, max: 1 });
  positive(numSpeculativeTokens, 'numSpeculativeTokens');
  inRange(draftLatencyRatio, 'draftLatencyRatio', { above: 0, below: 1 });
  return (1 + acceptanceRate * numSpeculativeTokens) / (1 + numSpeculativeTokens * draftLatencyRatio);
}

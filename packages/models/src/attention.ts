/** Attention: under windows, prefixes, ALiBi, caps and sinks, over key-value caches; its kinds, memory and operations. Mirrors `hf_gtc.models.attention`. */
import { allPositive, createFrom, type Definition, formatFixed, notNull, oneOf, parseEnum, validate, valuesOf } from '@gtc/errors';

export { attentionWeights, linearAttention, type ScoreOptions, scaledDotProductAttention } from './internal/attention/attend.js';
export { type CachedKeys, KvCache, type KvCacheOptions } from './internal/attention/kv-cache.js';

/** Kinds of attention. */
export const AttentionType = {
  STANDARD: 'standard',
  FLASH: 'flash',
  FLASH_V2: 'flash_v2',
  MULTI_QUERY: 'multi_query',
  GROUPED_QUERY: 'grouped_query',
  LINEAR: 'linear',
  SPARSE: 'sparse',
} as const;
export type AttentionType = (typeof AttentionType)[keyof typeof AttentionType];

/** Which positions a position may attend to. */
export const AttentionMask = { CAUSAL: 'causal', BIDIRECTIONAL: 'bidirectional', PREFIX: 'prefix', CUSTOM: 'custom' } as const;
export type AttentionMask = (typeof AttentionMask)[keyof typeof AttentionMask];

/** Implementations that the Python libraries choose between. */
export const AttentionImplementation = { EAGER: 'eager', SDPA: 'sdpa', FLASH_ATTENTION_2: 'flash_attention_2' } as const;
export type AttentionImplementation = (typeof AttentionImplementation)[keyof typeof AttentionImplementation];

/** Values of {@link AttentionType}. */
export const VALID_ATTENTION_TYPES: ReadonlySet<AttentionType> = new Set(Object.values(AttentionType));

/** Values of {@link AttentionMask}. */
export const VALID_ATTENTION_MASKS: ReadonlySet<AttentionMask> = new Set(Object.values(AttentionMask));

/** Values of {@link AttentionImplementation}. */
export const VALID_ATTENTION_IMPLEMENTATIONS: ReadonlySet<AttentionImplementation> = new Set(Object.values(AttentionImplementation));

/** An attention layer. */
export interface AttentionConfig {
  readonly attentionType: AttentionType;
  readonly numHeads: number;
  readonly headDim: number;
  readonly dropout: number;
  readonly useBias: boolean;
}

/** Defaults and rules of {@link AttentionConfig}. */
export const AttentionConfig: Definition<AttentionConfig> = {
  name: 'AttentionConfig',
  fields: {
    attentionType: { kind: 'enum', of: AttentionType, default: AttentionType.STANDARD },
    numHeads: { kind: 'int', default: 32, positive: true },
    headDim: { kind: 'int', default: 128, positive: true },
    dropout: { kind: 'float', default: 0, min: 0, max: 1 },
    useBias: { kind: 'bool', default: true },
  },
};

/** Blockwise attention. */
export interface FlashAttentionConfig {
  /** Positions to each side that are seen; -1 is all. */
  readonly windowSize: number;
  readonly causal: boolean;
  /** Factor of the scores; null is 1/sqrt(headDim). */
  readonly softmaxScale: number | null;
}

/** Defaults and rules of {@link FlashAttentionConfig}. */
export const FlashAttentionConfig: Definition<FlashAttentionConfig> = {
  name: 'FlashAttentionConfig',
  fields: {
    windowSize: { kind: 'int', default: -1 },
    causal: { kind: 'bool', default: true },
    softmaxScale: { kind: 'float', default: null, nullable: true, positive: true },
  },
  rules: [({ windowSize }) => (windowSize === -1 || windowSize > 0 ? null : `windowSize must be -1 or positive, got ${windowSize}`)],
};

/** Heads that share keys and values. */
export interface GroupedQueryConfig {
  readonly numKvHeads: number;
  readonly numQueryGroups: number;
}

/** Defaults and rules of {@link GroupedQueryConfig}. */
export const GroupedQueryConfig: Definition<GroupedQueryConfig> = {
  name: 'GroupedQueryConfig',
  fields: {
    numKvHeads: { kind: 'int', default: 8, positive: true },
    numQueryGroups: { kind: 'int', default: 4, positive: true },
  },
};

/** What attention costs. */
export interface AttentionStats {
  /** MiB. */
  readonly memoryUsageMb: number;
  readonly flops: number;
  /** Tokens per second. */
  readonly throughput: number;
}

/** Defaults and rules of {@link AttentionStats}. */
export const AttentionStats: Definition<AttentionStats> = {
  name: 'AttentionStats',
  fields: {
    memoryUsageMb: { kind: 'float', nonNegative: true },
    flops: { kind: 'float', nonNegative: true },
    throughput: { kind: 'float', nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateAttentionConfig(config: AttentionConfig): void {
  validate(AttentionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateFlashAttentionConfig(config: FlashAttentionConfig): void {
  validate(FlashAttentionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGroupedQueryConfig(config: GroupedQueryConfig): void {
  validate(GroupedQueryConfig, config);
}

/** Settles a {@link AttentionConfig}. @throws {ValidationError} naming every broken rule */
export function createAttentionConfig(options: Partial<AttentionConfig> = {}): AttentionConfig {
  return createFrom(AttentionConfig, options);
}

/** Settles a {@link FlashAttentionConfig}. @throws {ValidationError} naming every broken rule */
export function createFlashAttentionConfig(options: Partial<FlashAttentionConfig> = {}): FlashAttentionConfig {
  return createFrom(FlashAttentionConfig, options);
}

/** Settles a {@link GroupedQueryConfig}. @throws {ValidationError} naming every broken rule */
export function createGroupedQueryConfig(options: Partial<GroupedQueryConfig> = {}): GroupedQueryConfig {
  return createFrom(GroupedQueryConfig, options);
}

/** Attention types in ascending order. */
export function listAttentionTypes(): AttentionType[] {
  return valuesOf(AttentionType);
}

/** Attention masks in ascending order. */
export function listAttentionMasks(): AttentionMask[] {
  return valuesOf(AttentionMask);
}

/** Attention implementations in ascending order. */
export function listAttentionImplementations(): AttentionImplementation[] {
  return valuesOf(AttentionImplementation);
}

/** @throws {ValidationError} naming the attention types */
export function getAttentionType(name: string): AttentionType {
  return parseEnum(AttentionType, name, 'attentionType');
}

/** @throws {ValidationError} naming the attention masks */
export function getAttentionMask(name: string): AttentionMask {
  return parseEnum(AttentionMask, name, 'attentionMask');
}

/** @throws {ValidationError} naming the attention implementations */
export function getAttentionImplementation(name: string): AttentionImplementation {
  return parseEnum(AttentionImplementation, name, 'implementation');
}

/** Settles a {@link AttentionStats}. @throws {ValidationError} naming every broken rule */
export function createAttentionStats(memoryUsageMb: number, flops: number, throughput: number): AttentionStats {
  return createFrom(AttentionStats, { memoryUsageMb, flops, throughput });
}

const MIB = 2 ** 20;

/**
 * MiB of one attention layer: queries, keys, values and output, and the matrix of scores, as the plain implementation holds them.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.models.attention.calculate_attention_memory(batch_size, seq_len, num_heads, head_dim, dtype_bytes=)`; exact.
 * @example calculateAttentionMemory(1, 1024, 32, 128) // => 96
 */
export function calculateAttentionMemory(
  batchSize: number,
  seqLen: number,
  numHeads: number,
  headDim: number,
  { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {},
): number {
  allPositive({ batchSize, seqLen, numHeads, headDim, dtypeBytes });
  const projections = 4 * batchSize * seqLen * numHeads * headDim;
  const scores = batchSize * numHeads * seqLen * seqLen;
  return ((projections + scores) * dtypeBytes) / MIB;
}

/**
 * Floating-point operations of one attention layer: two products of 2·S²·D for each head, and five operations for each score in the
 * softmax. Causal masks and shared heads are not counted.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.models.attention.estimate_attention_flops(batch_size, seq_len, num_heads, head_dim)`; exact.
 * @example estimateAttentionFlops(1, 2048, 32, 1) // => 1207959552
 */
export function estimateAttentionFlops(batchSize: number, seqLen: number, numHeads: number, headDim: number): number {
  allPositive({ batchSize, seqLen, numHeads, headDim });
  return batchSize * numHeads * seqLen * seqLen * (4 * headDim + 5);
}

/**
 * The fastest implementation at hand: FlashAttention where heads are a multiple of 8 wide, else fused attention, else the plain one.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.models.attention.select_attention_implementation(seq_len, head_dim, has_flash_attention=, has_sdpa=)`.
 * @example selectAttentionImplementation(2048, 128, { hasFlashAttention: true }) // => 'flash_attention_2'
 */
export function selectAttentionImplementation(
  seqLen: number,
  headDim: number,
  { hasFlashAttention = false, hasSdpa = true }: { readonly hasFlashAttention?: boolean; readonly hasSdpa?: boolean } = {},
): AttentionImplementation {
  allPositive({ seqLen, headDim });
  if (hasFlashAttention && headDim % 8 === 0) return AttentionImplementation.FLASH_ATTENTION_2;
  return hasSdpa ? AttentionImplementation.SDPA : AttentionImplementation.EAGER;
}

/**
 * MiB of the keys and values of all layers, kept while text is generated.
 *
 * @throws {ValidationError} when a size is not positive
 * @remarks Python: `hf_gtc.models.attention.calculate_kv_cache_size(batch_size, max_seq_len, num_layers, num_kv_heads, head_dim, ...)`; exact.
 * @example calculateKvCacheSize(1, 4096, 32, 8, 128) // => 512
 */
export function calculateKvCacheSize(
  batchSize: number,
  maxSeqLen: number,
  numLayers: number,
  numKvHeads: number,
  headDim: number,
  { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {},
): number {
  allPositive({ batchSize, maxSeqLen, numLayers, numKvHeads, headDim, dtypeBytes });
  return (2 * batchSize * maxSeqLen * numLayers * numKvHeads * headDim * dtypeBytes) / MIB;
}

const FLOP_UNITS = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
] as const;

/**
 * Memory, operations and throughput, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.attention.format_attention_stats(stats)`; equal text.
 * @example formatAttentionStats({ memoryUsageMb: 96, flops: 2e9, throughput: 1e4 }) // => 'Memory: 96.0 MB\nFLOPs: 2.00 GFLOPs\nThroughput: 10000.0 tokens/sec'
 */
export function formatAttentionStats(stats: AttentionStats): string {
  const { memoryUsageMb, flops, throughput } = notNull(stats, 'stats');
  const [scale, unit] = FLOP_UNITS.find(([least]) => flops >= least) ?? [1, ''];
  return `Memory: ${formatFixed(memoryUsageMb, 1)} MB\nFLOPs: ${formatFixed(flops / scale, 2)} ${unit}FLOPs\nThroughput: ${formatFixed(throughput, 1)} tokens/sec`;
}

/** Heads of Llama models by size; each is 128 wide. */
const HEADS: Readonly<Record<string, number>> = { '7b': 32, '13b': 40, '70b': 64 };

/**
 * The attention of a Llama model of a size, written as `7b`, in any case.
 *
 * @throws {ValidationError} naming the sizes
 * @remarks Python: `hf_gtc.models.attention.get_recommended_attention_config(model_size, use_flash=)`.
 * @example getRecommendedAttentionConfig('13B').numHeads // => 40
 */
export function getRecommendedAttentionConfig(modelSize: string, { useFlash = true }: { readonly useFlash?: boolean } = {}): AttentionConfig {
  const size = oneOf<string>(notNull(modelSize, 'modelSize').trim().toLowerCase(), 'modelSize', Object.keys(HEADS));
  return createAttentionConfig({
    attentionType: useFlash ? AttentionType.FLASH : AttentionType.STANDARD,
    numHeads: HEADS[size]!,
    headDim: 128,
    useBias: false,
  });
}

/** What attention costs, as multiplications of the scores and as scores held at once. */
export interface AttentionComplexity {
  /** In the field's notation. */
  readonly time: 'O(n²·d)' | 'O(n·w·d)' | 'O(n·d²)';
  readonly memory: 'O(n²)' | 'O(n)' | 'O(n·w)' | 'O(d²)';
  /** Multiplications of a head: queries by keys and weights by values. */
  readonly operations: number;
  /** Numbers of a head that are held at once beside queries, keys and values. */
  readonly scores: number;
}

/**
 * What a head of attention costs over a sequence. Flash attention multiplies as much as the standard one and holds a row at a time; sparse
 * attention looks at a window; linear attention never forms the scores. Sharing keys between heads changes the cache, not this.
 *
 * @param options `headDim` width of a head; `windowSize` positions that a sparse head looks at
 * @throws {ValidationError} for sizes that are not positive
 * @example calculateAttentionComplexity('standard', 1024).operations // => 134217728
 */
export function calculateAttentionComplexity(
  attentionType: AttentionType,
  seqLen: number,
  { headDim = 64, windowSize = 256 }: { readonly headDim?: number; readonly windowSize?: number } = {},
): AttentionComplexity {
  const type = parseEnum(AttentionType, attentionType, 'attentionType');
  allPositive({ seqLen, headDim, windowSize });
  if (type === 'linear') return { time: 'O(n·d²)', memory: 'O(d²)', operations: 2 * seqLen * headDim ** 2, scores: headDim ** 2 };
  const seen = type === 'sparse' ? Math.min(windowSize, seqLen) : seqLen;
  const operations = 2 * seqLen * seen * headDim;
  if (type === 'sparse') return { time: 'O(n·w·d)', memory: 'O(n·w)', operations, scores: seqLen * seen };
  const flash = type === 'flash' || type === 'flash_v2';
  return { time: 'O(n²·d)', memory: flash ? 'O(n)' : 'O(n²)', operations, scores: flash ? seqLen : seqLen ** 2 };
}

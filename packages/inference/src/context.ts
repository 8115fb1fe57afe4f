/** Long contexts: how positions and attention are stretched, and what that costs. Mirrors `hf_gtc.inference.context`. */
import {
  allPositive,
  createFrom,
  type Definition,
  formatFixed,
  nestedIssue,
  nonNegative,
  notNull,
  parseEnum,
  positive,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';

/** Ways to read more than a model was trained on. */
export const ExtensionMethod = {
  ROPE_SCALING: 'rope_scaling',
  ALIBI: 'alibi',
  SLIDING_WINDOW: 'sliding_window',
  LANDMARK: 'landmark',
  STREAMING: 'streaming',
} as const;
export type ExtensionMethod = (typeof ExtensionMethod)[keyof typeof ExtensionMethod];

/** Ways to stretch rotary positions. */
export const RoPEScalingType = { LINEAR: 'linear', DYNAMIC: 'dynamic', YARN: 'yarn', NTK: 'ntk' } as const;
export type RoPEScalingType = (typeof RoPEScalingType)[keyof typeof RoPEScalingType];

/** Which positions see each other. */
export const AttentionPattern = { FULL: 'full', LOCAL: 'local', GLOBAL_LOCAL: 'global_local', DILATED: 'dilated' } as const;
export type AttentionPattern = (typeof AttentionPattern)[keyof typeof AttentionPattern];

/** Values of {@link ExtensionMethod}, by their text. */
export type ExtensionMethodStr = ExtensionMethod;

/** Values of {@link RoPEScalingType}, by their text. */
export type RoPEScalingTypeStr = RoPEScalingType;

/** Values of {@link AttentionPattern}, by their text. */
export type AttentionPatternStr = AttentionPattern;

/** Values of {@link ExtensionMethod}. */
export const VALID_EXTENSION_METHODS: ReadonlySet<ExtensionMethod> = new Set(Object.values(ExtensionMethod));

/** Values of {@link RoPEScalingType}. */
export const VALID_ROPE_SCALING_TYPES: ReadonlySet<RoPEScalingType> = new Set(Object.values(RoPEScalingType));

/** Values of {@link AttentionPattern}. */
export const VALID_ATTENTION_PATTERNS: ReadonlySet<AttentionPattern> = new Set(Object.values(AttentionPattern));

/** Stretched rotary positions. */
export interface RoPEConfig {
  readonly scalingType: RoPEScalingType;
  readonly scalingFactor: number;
  readonly originalMaxLength: number;
}

/** Defaults and rules of {@link RoPEConfig}. */
export const RoPEConfig: Definition<RoPEConfig> = {
  name: 'RoPEConfig',
  fields: {
    scalingType: { kind: 'enum', of: RoPEScalingType, default: RoPEScalingType.LINEAR },
    scalingFactor: { kind: 'float', default: 2, positive: true },
    originalMaxLength: { kind: 'int', default: 4096, positive: true },
  },
};

/** Attention within a window. */
export interface SlidingWindowConfig {
  readonly windowSize: number;
  /** First tokens that every window sees. */
  readonly sinkTokens: number;
  readonly overlap: number;
}

/** Defaults and rules of {@link SlidingWindowConfig}. */
export const SlidingWindowConfig: Definition<SlidingWindowConfig> = {
  name: 'SlidingWindowConfig',
  fields: {
    windowSize: { kind: 'int', default: 4096, positive: true },
    sinkTokens: { kind: 'int', default: 4, nonNegative: true },
    overlap: { kind: 'int', default: 128, nonNegative: true },
  },
  rules: [({ windowSize, overlap }) => (overlap < windowSize ? null : `overlap must be less than windowSize (${windowSize}), got ${overlap}`)],
};

/** A stretched context. */
export interface ContextConfig {
  readonly extensionMethod: ExtensionMethod;
  readonly ropeConfig: RoPEConfig | null;
  readonly windowConfig: SlidingWindowConfig | null;
  readonly maxLength: number;
}

/** Defaults and rules of {@link ContextConfig}. */
export const ContextConfig: Definition<ContextConfig> = {
  name: 'ContextConfig',
  fields: {
    extensionMethod: { kind: 'enum', of: ExtensionMethod, default: ExtensionMethod.ROPE_SCALING },
    ropeConfig: { kind: 'any', default: createFrom(RoPEConfig), nullable: true },
    windowConfig: { kind: 'any', default: null, nullable: true },
    maxLength: { kind: 'int', default: 8192, positive: true },
  },
  rules: [
    ({ extensionMethod, ropeConfig }) => (extensionMethod === 'rope_scaling' ? nestedIssue(RoPEConfig, ropeConfig, 'ropeConfig') : null),
    ({ extensionMethod, windowConfig }) => (extensionMethod === 'sliding_window' ? nestedIssue(SlidingWindowConfig, windowConfig, 'windowConfig') : null),
  ],
};

/** What a stretched context takes. */
export interface ContextStats {
  readonly effectiveLength: number;
  /** MiB. */
  readonly memoryUsageMb: number;
  /** Share of pairs that are not computed. */
  readonly attentionSparsity: number;
}

/** Defaults and rules of {@link ContextStats}. */
export const ContextStats: Definition<ContextStats> = {
  name: 'ContextStats',
  fields: {
    effectiveLength: { kind: 'int', default: 0, nonNegative: true },
    memoryUsageMb: { kind: 'float', default: 0, nonNegative: true },
    attentionSparsity: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateRopeConfig(config: RoPEConfig): void {
  validate(RoPEConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSlidingWindowConfig(config: SlidingWindowConfig): void {
  validate(SlidingWindowConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContextConfig(config: ContextConfig): void {
  validate(ContextConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateContextStats(stats: ContextStats): void {
  validate(ContextStats, stats, 'stats');
}

/** Settles a {@link RoPEConfig}. @throws {ValidationError} naming every broken rule */
export function createRopeConfig(options: Partial<RoPEConfig> = {}): RoPEConfig {
  return createFrom(RoPEConfig, options);
}

/** Settles a {@link SlidingWindowConfig}. @throws {ValidationError} naming every broken rule */
export function createSlidingWindowConfig(options: Partial<SlidingWindowConfig> = {}): SlidingWindowConfig {
  return createFrom(SlidingWindowConfig, options);
}

/** Settles a {@link ContextStats}. @throws {ValidationError} naming every broken rule */
export function createContextStats(options: Partial<ContextStats> = {}): ContextStats {
  return createFrom(ContextStats, options);
}

/** Extension methods in ascending order. */
export function listExtensionMethods(): ExtensionMethod[] {
  return valuesOf(ExtensionMethod);
}

/** Rope scaling types in ascending order. */
export function listRopeScalingTypes(): RoPEScalingType[] {
  return valuesOf(RoPEScalingType);
}

/** Attention patterns in ascending order. */
export function listAttentionPatterns(): AttentionPattern[] {
  return valuesOf(AttentionPattern);
}

/** @throws {ValidationError} naming the extension methods */
export function getExtensionMethod(name: string): ExtensionMethod {
  return parseEnum(ExtensionMethod, name, 'extensionMethod');
}

/** @throws {ValidationError} naming the rope scaling types */
export function getRopeScalingType(name: string): RoPEScalingType {
  return parseEnum(RoPEScalingType, name, 'ropeScalingType');
}

/** @throws {ValidationError} naming the attention patterns */
export function getAttentionPattern(name: string): AttentionPattern {
  return parseEnum(AttentionPattern, name, 'attentionPattern');
}

/**
 * Settles a stretched context; what its method needs and is not given takes its defaults. @throws {ValidationError} naming every broken rule
 *
 * @remarks Python: `hf_gtc.inference.context.create_context_config(extension_method=, rope_config=, window_config=, max_length=)`.
 */
export function createContextConfig({
  extensionMethod = 'rope_scaling',
  ropeConfig = null,
  windowConfig = null,
  ...options
}: Partial<ContextConfig> = {}): ContextConfig {
  return createFrom(ContextConfig, {
    ...options,
    extensionMethod,
    ropeConfig: ropeConfig ?? (extensionMethod === 'rope_scaling' ? createRopeConfig() : null),
    windowConfig: windowConfig ?? (extensionMethod === 'sliding_window' ? createSlidingWindowConfig() : null),
  });
}

/**
 * Length that a stretched context reads.
 *
 * @throws {ValidationError} naming every broken rule of the context
 * @remarks Python: `hf_gtc.inference.context.calculate_effective_length(config)`; exact.
 * @example calculateEffectiveLength(createContextConfig({ extensionMethod: 'alibi', maxLength: 16384 })) // => 16384
 */
export function calculateEffectiveLength(config: ContextConfig): number {
  validateContextConfig(config);
  return config.maxLength;
}

/** Settings of {@link estimateMemoryScaling} and {@link calculateAttentionComplexity}. */
export interface PatternOptions {
  readonly attentionPattern?: AttentionPattern;
  /** Needed by every pattern but `full`. */
  readonly windowSize?: number | null;
}

/** Pairs of positions that a pattern computes: a tenth of the tokens is global in `global_local`. */
function attendedPairs(length: number, pattern: AttentionPattern, window: number): number {
  const local = Math.min(window, length);
  if (pattern === 'local') return length * local;
  if (pattern === 'dilated') return length ** 2 / Math.max(1, Math.floor(length / window));
  if (pattern === 'full') return length ** 2;
  const global = Math.max(1, Math.floor(length / 10));
  return global * length + (length - global) * local;
}

function windowOf(pattern: AttentionPattern, windowSize: number | null): number {
  parseEnum(AttentionPattern, pattern, 'attentionPattern');
  return pattern === 'full' ? 0 : positive(notNull(windowSize, 'windowSize'), 'windowSize');
}

/**
 * How many times the memory of full attention over `originalLength` a longer context takes.
 *
 * @throws {ValidationError} for sizes that are not positive, or no window where the pattern needs one
 * @remarks Python: `hf_gtc.inference.context.estimate_memory_scaling(original_length, target_length, attention_pattern=, window_size=)`; within 1e-12.
 * @example estimateMemoryScaling(4096, 16384) // => 16
 */
export function estimateMemoryScaling(
  originalLength: number,
  targetLength: number,
  { attentionPattern = 'full', windowSize = null }: PatternOptions = {},
): number {
  allPositive({ originalLength, targetLength });
  const window = windowOf(attentionPattern, windowSize);
  return attendedPairs(targetLength, attentionPattern, window) / originalLength ** 2;
}

/**
 * Multiplications of attention: two for each head and pair of positions.
 *
 * @throws {ValidationError} for sizes that are not positive, or no window where the pattern needs one
 * @remarks Python: `hf_gtc.inference.context.calculate_attention_complexity(seq_length, attention_pattern=, window_size=, num_heads=)`; exact.
 * @example calculateAttentionComplexity(83) // => 440896
 */
export function calculateAttentionComplexity(
  seqLength: number,
  { attentionPattern = 'full', windowSize = null, numHeads = 32 }: PatternOptions & { readonly numHeads?: number } = {},
): number {
  allPositive({ seqLength, numHeads });
  const window = windowOf(attentionPattern, windowSize);
  return 2 * numHeads * Math.floor(attendedPairs(seqLength, attentionPattern, window));
}

/**
 * Checks positions: each in [0, `maxLength`), and none twice where that is refused.
 *
 * @returns true
 * @throws {ValidationError} naming the first position that is wrong
 * @remarks Python: `hf_gtc.inference.context.validate_position_ids(position_ids, max_length, allow_duplicates=)`; exact.
 * @example validatePositionIds([0], 8192) // => true
 */
export function validatePositionIds(
  positionIds: readonly number[],
  maxLength: number,
  { allowDuplicates = true }: { readonly allowDuplicates?: boolean } = {},
): true {
  positive(maxLength, 'maxLength');
  const seen = new Set<number>();
  for (const [index, id] of positionIds.entries()) {
    if (nonNegative(id, `positionIds[${index}]`) >= maxLength)
      throw new ValidationError(`positionIds[${index}] must be below maxLength (${maxLength}), got ${id}`, {
        parameter: 'positionIds',
        received: id,
        expected: `below ${maxLength}`,
      });
    if (!allowDuplicates && seen.has(id))
      throw new ValidationError(`positionIds must be unique without allowDuplicates, got ${id} twice`, {
        parameter: 'positionIds',
        received: id,
        expected: 'unique positions',
      });
    seen.add(id);
  }
  return true;
}

/**
 * What a stretched context takes, as text.
 *
 * @remarks Python: `hf_gtc.inference.context.format_context_stats(stats)`; the same text.
 */
export function formatContextStats(stats: ContextStats): string {
  return [
    `Effective Length: ${stats.effectiveLength}`,
    `Memory Usage: ${formatFixed(stats.memoryUsageMb, 2)} MB`,
    `Attention Sparsity: ${formatFixed(stats.attentionSparsity * 100, 1)}%`,
  ].join('\n');
}

/**
 * Settings that suit a length: linear scaling up to twice the trained length, dynamic up to eight times, YaRN beyond; a sliding window where full
 * attention in two bytes would not fit the memory.
 *
 * @param options `memoryConstraintGb` in GiB
 * @throws {ValidationError} for sizes that are not positive
 * @remarks Python: `hf_gtc.inference.context.get_recommended_context_config(target_length, original_max_length=, memory_constraint_gb=)`.
 * @example getRecommendedContextConfig(65536).ropeConfig?.scalingType // => 'yarn'
 */
export function getRecommendedContextConfig(
  targetLength: number,
  { originalMaxLength = 4096, memoryConstraintGb = null }: { readonly originalMaxLength?: number; readonly memoryConstraintGb?: number | null } = {},
): ContextConfig {
  allPositive({ targetLength, originalMaxLength, ...(memoryConstraintGb === null ? {} : { memoryConstraintGb }) });
  const memory = memoryConstraintGb === null ? Number.POSITIVE_INFINITY : memoryConstraintGb * 1024 ** 3;
  if (2 * targetLength ** 2 > memory) {
    const windowSize = Math.max(1, Math.floor(memory / (2 * targetLength)));
    const windowConfig = createSlidingWindowConfig({ windowSize, overlap: Math.min(128, windowSize - 1) });
    return createContextConfig({ extensionMethod: 'sliding_window', windowConfig, maxLength: targetLength });
  }
  const scalingFactor = targetLength / originalMaxLength;
  const scalingType = scalingFactor <= 2 ? 'linear' : scalingFactor <= 8 ? 'dynamic' : 'yarn';
  return createContextConfig({ ropeConfig: createRopeConfig({ scalingType, scalingFactor, originalMaxLength }), maxLength: targetLength });
}

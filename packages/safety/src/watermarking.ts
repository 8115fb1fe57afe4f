/** Watermarks in generated text: their configuration, the z-test that finds them and how surely it does. Mirrors `hf_gtc.safety.watermarking`. */
import { createFrom, type Definition, finite, inRange, integer, nonNegative, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';
import { erfc } from '@gtc/tensor/special';

/** Kinds of watermarks. */
export const WatermarkType = { SOFT: 'soft', HARD: 'hard', SEMANTIC: 'semantic', STATISTICAL: 'statistical' } as const;
export type WatermarkType = (typeof WatermarkType)[keyof typeof WatermarkType];

/** How strongly text is marked. */
export const WatermarkStrength = { LOW: 'low', MEDIUM: 'medium', HIGH: 'high' } as const;
export type WatermarkStrength = (typeof WatermarkStrength)[keyof typeof WatermarkStrength];

/** Statistics that find a mark. */
export const DetectionMethod = { Z_SCORE: 'z_score', LOG_LIKELIHOOD: 'log_likelihood', PERPLEXITY: 'perplexity', ENTROPY: 'entropy' } as const;
export type DetectionMethod = (typeof DetectionMethod)[keyof typeof DetectionMethod];

/** How text is marked: green tokens, a share `gamma` of the vocabulary, get `delta` more. */
export interface WatermarkConfig {
  readonly watermarkType: WatermarkType;
  readonly strength: WatermarkStrength;
  /** Share of green tokens, between 0 and 1. */
  readonly gamma: number;
  /** Added to the logits of green tokens. */
  readonly delta: number;
  readonly seedingScheme: string;
}

/** Defaults and rules of {@link WatermarkConfig}. */
export const WatermarkConfig: Definition<WatermarkConfig> = {
  name: 'WatermarkConfig',
  fields: {
    watermarkType: { kind: 'enum', of: WatermarkType, default: WatermarkType.SOFT },
    strength: { kind: 'enum', of: WatermarkStrength, default: WatermarkStrength.MEDIUM },
    gamma: { kind: 'float', default: 0.25, above: 0, below: 1 },
    delta: { kind: 'float', default: 2, positive: true },
    seedingScheme: { kind: 'string', default: 'selfhash', nonBlank: true },
  },
};

/** How a mark is looked for. */
export interface DetectionConfig {
  readonly method: DetectionMethod;
  /** z from which on text counts as marked. */
  readonly threshold: number;
  readonly windowSize: number;
  /** Count each n-gram once. */
  readonly ignoreRepeated: boolean;
}

/** Defaults and rules of {@link DetectionConfig}. */
export const DetectionConfig: Definition<DetectionConfig> = {
  name: 'DetectionConfig',
  fields: {
    method: { kind: 'enum', of: DetectionMethod, default: DetectionMethod.Z_SCORE },
    threshold: { kind: 'float', default: 4, positive: true },
    windowSize: { kind: 'int', default: 256, positive: true },
    ignoreRepeated: { kind: 'bool', default: true },
  },
};

/** What was found. */
export interface WatermarkResult {
  readonly isWatermarked: boolean;
  readonly confidence: number;
  readonly zScore: number;
  readonly pValue: number;
}

/** How green tokens are chosen. */
export interface EmbeddingConfig {
  readonly vocabFraction: number;
  readonly hashKey: number;
  readonly contextWidth: number;
}

/** Defaults and rules of {@link EmbeddingConfig}. */
export const EmbeddingConfig: Definition<EmbeddingConfig> = {
  name: 'EmbeddingConfig',
  fields: {
    vocabFraction: { kind: 'float', default: 0.5, above: 0, below: 1 },
    hashKey: { kind: 'int', default: 15485863 },
    contextWidth: { kind: 'int', default: 1, positive: true },
  },
};

/** What marking did to a text. */
export interface WatermarkStats {
  readonly tokensProcessed: number;
  readonly tokensWatermarked: number;
  readonly detectionRate: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateWatermarkConfig(config: WatermarkConfig): void {
  validate(WatermarkConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDetectionConfig(config: DetectionConfig): void {
  validate(DetectionConfig, config);
}

/** Settles a {@link WatermarkConfig}. @throws {ValidationError} naming every broken rule */
export function createWatermarkConfig(options: Partial<WatermarkConfig> = {}): WatermarkConfig {
  return createFrom(WatermarkConfig, options);
}

/** Settles a {@link DetectionConfig}. @throws {ValidationError} naming every broken rule */
export function createDetectionConfig(options: Partial<DetectionConfig> = {}): DetectionConfig {
  return createFrom(DetectionConfig, options);
}

/** Settles a {@link EmbeddingConfig}. @throws {ValidationError} naming every broken rule */
export function createEmbeddingConfig(options: Partial<EmbeddingConfig> = {}): EmbeddingConfig {
  return createFrom(EmbeddingConfig, options);
}

/** Watermark types in ascending order. */
export function listWatermarkTypes(): WatermarkType[] {
  return valuesOf(WatermarkType);
}

/** Watermark strengths in ascending order. */
export function listWatermarkStrengths(): WatermarkStrength[] {
  return valuesOf(WatermarkStrength);
}

/** Detection methods in ascending order. */
export function listDetectionMethods(): DetectionMethod[] {
  return valuesOf(DetectionMethod);
}

/** @throws {ValidationError} naming the watermark types */
export function getWatermarkType(name: string): WatermarkType {
  return parseEnum(WatermarkType, name, 'watermarkType');
}

/** @throws {ValidationError} naming the watermark strengths */
export function getWatermarkStrength(name: string): WatermarkStrength {
  return parseEnum(WatermarkStrength, name, 'strength');
}

/** @throws {ValidationError} naming the detection methods */
export function getDetectionMethod(name: string): DetectionMethod {
  return parseEnum(DetectionMethod, name, 'method');
}

function share(value: number, name: string): number {
  return inRange(value, name, { above: 0, below: 1 });
}

/**
 * Standard deviations by which green tokens exceed what chance gives: (g - n·gamma) / sqrt(n·gamma·(1 - gamma)).
 *
 * @param gamma share of green tokens in the vocabulary, between 0 and 1
 * @throws {ValidationError} for negative counts, no tokens, more green ones than tokens or another `gamma`
 * @remarks Python: `hf_gtc.safety.watermarking.calculate_z_score(green_token_count, total_tokens, gamma)`; within 1e-9. Kirchenbauer et al. 2023.
 * @example calculateZScore(75, 100, 0.5) // => 5
 */
export function calculateZScore(greenTokenCount: number, totalTokens: number, gamma: number): number {
  nonNegative(greenTokenCount, 'greenTokenCount');
  positive(totalTokens, 'totalTokens');
  if (greenTokenCount > totalTokens)
    throw new ValidationError(`greenTokenCount cannot exceed totalTokens, got ${greenTokenCount} > ${totalTokens}`, {
      parameter: 'greenTokenCount',
      received: greenTokenCount,
      expected: `at most ${totalTokens}`,
    });
  share(gamma, 'gamma');
  return (greenTokenCount - totalTokens * gamma) / Math.sqrt(totalTokens * gamma * (1 - gamma));
}

/** Steepness at which the logistic curve comes nearest to the normal one. */
const LOGISTIC_SLOPE = 1.7;

/**
 * Estimates the probability that a marked text passes the z-test: its expected z against the threshold, on a logistic curve. The share of
 * green tokens is taken as gamma + (1 - gamma)·(1 - e^(-delta/2)).
 *
 * @throws {ValidationError} when an argument is not positive or `gamma` is not between 0 and 1
 * @remarks Python: `hf_gtc.safety.watermarking.estimate_detectability(num_tokens, gamma, delta, threshold=)`; within 1e-9.
 * @example estimateDetectability(100, 0.5, 2).toFixed(3) // => '0.981'
 */
export function estimateDetectability(numTokens: number, gamma: number, delta: number, { threshold = 4 }: { readonly threshold?: number } = {}): number {
  positive(numTokens, 'numTokens');
  share(gamma, 'gamma');
  positive(delta, 'delta');
  positive(threshold, 'threshold');
  const excess = (1 - gamma) * (1 - Math.exp(-delta / 2));
  const expected = (excess * numTokens) / Math.sqrt(numTokens * gamma * (1 - gamma));
  return 1 / (1 + Math.exp(-LOGISTIC_SLOPE * (expected - threshold)));
}

/**
 * Probability that chance alone gives a z-score at least as high: the upper tail of the normal law.
 *
 * @throws {ValidationError} for a score that is not finite
 * @remarks Rust: `safety::watermarking::z_score_to_p_value(z)`. Python: `scipy.stats.norm.sf(z)`; within 1e-12 relative.
 * @example zScoreToPValue(0) // => 0.5
 */
export function zScoreToPValue(z: number): number {
  return erfc(finite(z, 'z') / Math.SQRT2) / 2;
}

/**
 * Bits of entropy that a soft watermark takes from a uniform choice, where half the vocabulary is favoured: one bit less the entropy of
 * green against red, whatever the size of the vocabulary.
 *
 * @param strength what is added to the logits of green tokens
 * @throws {ValidationError} for a negative strength or a vocabulary of less than two tokens
 * @remarks Rust: `safety::watermarking::estimate_entropy_reduction(strength, vocab_size)`.
 * @example estimateEntropyReduction(0, 50000) // => 0
 */
export function estimateEntropyReduction(strength: number, vocabSize: number): number {
  nonNegative(strength, 'strength');
  inRange(vocabSize, 'vocabSize', { min: 2 });
  const green = 1 / (1 + Math.exp(-strength));
  return [green, 1 - green].reduce((bits, p) => (p === 0 ? bits : bits + p * Math.log2(p)), 1);
}

/** Scrambles 32 bits so that each depends on all (the finaliser of MurmurHash3, Appleby 2011). */
function scramble(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * Whether a token is green after the tokens before it: a keyed hash of them all falls into the green share.
 *
 * @param context ids of the tokens before it
 * @param greenFraction share of green tokens, between 0 and 1
 * @throws {ValidationError} for ids or a seed that are negative or no integers, or another share
 * @remarks Rust: `safety::watermarking::hash_token_context(token_id, context, seed)`, which looks at one bit only.
 * @example hashTokenContext(42, [7], 15485863) // => true
 */
export function hashTokenContext(
  tokenId: number,
  context: readonly number[],
  seed: number,
  { greenFraction = 0.5 }: { readonly greenFraction?: number } = {},
): boolean {
  share(greenFraction, 'greenFraction');
  const ids = { seed, ...Object.fromEntries(context.map((id, i) => [`context[${i}]`, id])), tokenId };
  const hash = Object.entries(ids).reduce((state, [name, id]) => {
    const whole = nonNegative(integer(id, name), name);
    return scramble(scramble(state ^ (whole >>> 0)) ^ Math.floor(whole / 2 ** 32));
  }, 0x9e3779b9);
  return hash / 2 ** 32 < greenFraction;
}

/** Which tokens are favoured and by how much. */
export interface VocabBiasConfig {
  /** Share of green tokens, between 0 and 1. */
  readonly greenFraction: number;
  /** What is added to their logits. */
  readonly biasDelta: number;
  /** Tokens before one that decide over it. */
  readonly contextWindow: number;
  readonly seed: number;
}

/** Defaults and rules of {@link VocabBiasConfig}. */
export const VocabBiasConfig: Definition<VocabBiasConfig> = {
  name: 'VocabBiasConfig',
  fields: {
    greenFraction: { kind: 'float', default: 0.25, above: 0, below: 1 },
    biasDelta: { kind: 'float', default: 2, nonNegative: true },
    contextWindow: { kind: 'int', default: 1, positive: true },
    seed: { kind: 'int', default: 15485863, nonNegative: true },
  },
};

/**
 * Share of green tokens that a bias gives where all tokens are equally likely: γeᵟ / (1 − γ + γeᵟ).
 *
 * @throws {ValidationError} for settings that break their rules
 * @remarks Rust: `safety::watermarking::VocabBiasConfig::expected_green_ratio()`. Kirchenbauer et al. 2023.
 * @example expectedGreenRatio({ greenFraction: 0.25, biasDelta: 0, contextWindow: 1, seed: 1 }) // => 0.25
 */
export function expectedGreenRatio(config: VocabBiasConfig): number {
  validate(VocabBiasConfig, config);
  const weight = config.greenFraction * Math.exp(config.biasDelta);
  return weight === Number.POSITIVE_INFINITY ? 1 : weight / (1 - config.greenFraction + weight);
}

/**
 * A text that was marked.
 *
 * @throws {ValidationError} for negative counts or more changed tokens than there are
 * @remarks Rust: `safety::watermarking::EmbedResult`.
 * @example new EmbedResult('text', 25, 100).modificationRate // => 0.25
 */
export class EmbedResult {
  readonly output: string;
  readonly tokensModified: number;
  readonly totalTokens: number;
  readonly effectiveStrength: number;
  readonly success: boolean;

  constructor(
    output: string,
    tokensModified: number,
    totalTokens: number,
    { effectiveStrength = 1, success = true }: { readonly effectiveStrength?: number; readonly success?: boolean } = {},
  ) {
    this.output = output;
    this.totalTokens = nonNegative(totalTokens, 'totalTokens');
    this.tokensModified = inRange(tokensModified, 'tokensModified', { min: 0, max: totalTokens });
    this.effectiveStrength = nonNegative(effectiveStrength, 'effectiveStrength');
    this.success = success;
  }

  /** Share of changed tokens, 0 without any. */
  get modificationRate(): number {
    return this.totalTokens === 0 ? 0 : this.tokensModified / this.totalTokens;
  }
}

/** Probability below which a detection is no accident. */
const SIGNIFICANT = 0.05;

/**
 * What a detector says of a text.
 *
 * @throws {ValidationError} for a confidence or p-value outside 0 to 1
 * @remarks Rust: `safety::watermarking::DetectionResult`.
 * @example new DetectionResult(true, { confidence: 0.99, zScore: 5.2 }).isSignificant // => true
 */
export class DetectionResult {
  readonly detected: boolean;
  readonly confidence: number;
  readonly watermarkType: WatermarkType | null;
  readonly zScore: number | null;
  readonly pValue: number | null;
  readonly tokensAnalyzed: number;

  /** @param options a p-value that is left out follows from the z-score */
  constructor(
    detected: boolean,
    {
      confidence = 0,
      watermarkType = null,
      zScore = null,
      pValue = zScore === null ? null : zScoreToPValue(zScore),
      tokensAnalyzed = 0,
    }: {
      readonly confidence?: number;
      readonly watermarkType?: WatermarkType | null;
      readonly zScore?: number | null;
      readonly pValue?: number | null;
      readonly tokensAnalyzed?: number;
    } = {},
  ) {
    this.detected = detected;
    this.confidence = share01(confidence, 'confidence');
    this.watermarkType = watermarkType === null ? null : parseEnum(WatermarkType, watermarkType, 'watermarkType');
    this.zScore = zScore;
    this.pValue = pValue === null ? null : share01(pValue, 'pValue');
    this.tokensAnalyzed = nonNegative(tokensAnalyzed, 'tokensAnalyzed');
  }

  /** Whether chance gives such a text less than one time in twenty. */
  get isSignificant(): boolean {
    return this.pValue !== null && this.pValue < SIGNIFICANT;
  }
}

const share01 = (value: number, name: string): number => inRange(value, name, { min: 0, max: 1 });

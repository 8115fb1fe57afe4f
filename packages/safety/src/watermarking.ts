/** Watermarks in generated text: their configuration, the z-test that finds them and how surely it does. Mirrors `hf_gtc.safety.watermarking`. */
import { createFrom, type Definition, inRange, nonNegative, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

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

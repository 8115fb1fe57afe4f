/** Positions: sinusoidal and rotary embeddings, ALiBi slopes, and the memory of each scheme. Mirrors `hf_gtc.models.positional`. */
import { createFrom, type Definition, fillFrom, formatFixed, oneOf, parseEnum, positive, ValidationError, validate, valuesOf } from '@gtc/errors';

export {
  alibiBias,
  type BucketOptions,
  logBucketPosition,
  relativePositionBucket,
  type SinusoidalLayout,
  sinusoidalPositions,
} from './internal/positional/positions.js';
export {
  type ApplyRopeOptions,
  applyRope,
  type RopeLayout,
  RopeParameters,
  type RopeRequest,
  type RopeTables,
  ropeTables,
} from './internal/positional/rope.js';

/** Ways to tell a model where a token stands. */
export const PositionalType = { SINUSOIDAL: 'sinusoidal', LEARNED: 'learned', ROTARY: 'rotary', ALIBI: 'alibi', RELATIVE: 'relative', NONE: 'none' } as const;
export type PositionalType = (typeof PositionalType)[keyof typeof PositionalType];

/** Ways to stretch rotary embeddings beyond the trained length. */
export const RoPEScaling = { LINEAR: 'linear', DYNAMIC: 'dynamic', YARN: 'yarn', NTK_AWARE: 'ntk_aware' } as const;
export type RoPEScaling = (typeof RoPEScaling)[keyof typeof RoPEScaling];

/** Ways to interpolate positions. */
export const InterpolationType = { LINEAR: 'linear', DYNAMIC: 'dynamic', YARN: 'yarn' } as const;
export type InterpolationType = (typeof InterpolationType)[keyof typeof InterpolationType];

/** Values of {@link PositionalType}. */
export type PositionalTypeStr = 'sinusoidal' | 'learned' | 'rotary' | 'alibi' | 'relative' | 'none';

/** Values of {@link RoPEScaling}. */
export type RoPEScalingStr = 'linear' | 'dynamic' | 'yarn' | 'ntk_aware';

/** Values of {@link InterpolationType}. */
export type InterpolationTypeStr = 'linear' | 'dynamic' | 'yarn';

/** Values of {@link PositionalType}. */
export const VALID_POSITIONAL_TYPES: ReadonlySet<PositionalType> = new Set(Object.values(PositionalType));

/** Values of {@link RoPEScaling}. */
export const VALID_ROPE_SCALINGS: ReadonlySet<RoPEScaling> = new Set(Object.values(RoPEScaling));

/** Values of {@link InterpolationType}. */
export const VALID_INTERPOLATION_TYPES: ReadonlySet<InterpolationType> = new Set(Object.values(InterpolationType));

/** Fixed sines and cosines. */
export interface SinusoidalConfig {
  readonly maxLength: number;
  readonly embedDim: number;
  readonly base: number;
}

/** Defaults and rules of {@link SinusoidalConfig}. */
export const SinusoidalConfig: Definition<SinusoidalConfig> = {
  name: 'SinusoidalConfig',
  fields: {
    maxLength: { kind: 'int', default: 512, positive: true },
    embedDim: { kind: 'int', default: 768, positive: true },
    base: { kind: 'float', default: 10000, positive: true },
  },
  rules: [({ embedDim }) => (embedDim % 2 === 0 ? null : `embedDim must be even for sinusoidal, got ${embedDim}`)],
};

/** Rotary embeddings. */
export interface RoPEConfig {
  /** Width of a head, even. */
  readonly dim: number;
  readonly maxPosition: number;
  /** The longest wavelength over 2π. */
  readonly base: number;
  readonly scalingType: RoPEScaling | null;
  readonly scalingFactor: number;
}

/** Defaults and rules of {@link RoPEConfig}. */
export const RoPEConfig: Definition<RoPEConfig> = {
  name: 'RoPEConfig',
  fields: {
    dim: { kind: 'int', default: 64, positive: true },
    maxPosition: { kind: 'int', default: 4096, positive: true },
    base: { kind: 'float', default: 10000, positive: true },
    scalingType: { kind: 'enum', of: RoPEScaling, default: null, nullable: true },
    scalingFactor: { kind: 'float', default: 1, positive: true },
  },
  rules: [({ dim }) => (dim % 2 === 0 ? null : `dim must be even for RoPE, got ${dim}`)],
};

/** Linear biases of attention. */
export interface ALiBiConfig {
  readonly numHeads: number;
  /** The last slope is 2 to the minus this. */
  readonly slopesPower: number;
}

/** Defaults and rules of {@link ALiBiConfig}. */
export const ALiBiConfig: Definition<ALiBiConfig> = {
  name: 'ALiBiConfig',
  fields: {
    numHeads: { kind: 'int', default: 8, positive: true },
    slopesPower: { kind: 'int', default: 8, positive: true },
  },
};

/** The positions of a model; `rotary` needs `ropeConfig`, `alibi` needs `alibiConfig`. */
export interface PositionalConfig {
  readonly posType: PositionalType;
  readonly ropeConfig: RoPEConfig | null;
  readonly alibiConfig: ALiBiConfig | null;
  readonly maxLength: number;
}

/** Defaults and rules of {@link PositionalConfig}. */
export const PositionalConfig: Definition<PositionalConfig> = {
  name: 'PositionalConfig',
  fields: {
    posType: { kind: 'enum', of: PositionalType, default: PositionalType.SINUSOIDAL },
    ropeConfig: { kind: 'any', default: null, nullable: true },
    alibiConfig: { kind: 'any', default: null, nullable: true },
    maxLength: { kind: 'int', default: 4096, positive: true },
  },
  rules: [
    ({ posType, ropeConfig }) => (posType === PositionalType.ROTARY && ropeConfig === null ? 'ropeConfig required for ROTARY positional type' : null),
    ({ posType, alibiConfig }) => (posType === PositionalType.ALIBI && alibiConfig === null ? 'alibiConfig required for ALIBI positional type' : null),
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateSinusoidalConfig(config: SinusoidalConfig): void {
  validate(SinusoidalConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRopeConfig(config: RoPEConfig): void {
  validate(RoPEConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateAlibiConfig(config: ALiBiConfig): void {
  validate(ALiBiConfig, config);
}

/** Settles a {@link SinusoidalConfig}. @throws {ValidationError} naming every broken rule */
export function createSinusoidalConfig(options: Partial<SinusoidalConfig> = {}): SinusoidalConfig {
  return createFrom(SinusoidalConfig, options);
}

/** Settles a {@link RoPEConfig}. @throws {ValidationError} naming every broken rule */
export function createRopeConfig(options: Partial<RoPEConfig> = {}): RoPEConfig {
  return createFrom(RoPEConfig, options);
}

/** Settles a {@link ALiBiConfig}. @throws {ValidationError} naming every broken rule */
export function createAlibiConfig(options: Partial<ALiBiConfig> = {}): ALiBiConfig {
  return createFrom(ALiBiConfig, options);
}

/** Positional types in ascending order. */
export function listPositionalTypes(): PositionalType[] {
  return valuesOf(PositionalType);
}

/** Rope scalings in ascending order. */
export function listRopeScalings(): RoPEScaling[] {
  return valuesOf(RoPEScaling);
}

/** Interpolation types in ascending order. */
export function listInterpolationTypes(): InterpolationType[] {
  return valuesOf(InterpolationType);
}

/** @throws {ValidationError} naming the positional types */
export function getPositionalType(name: string): PositionalType {
  return parseEnum(PositionalType, name, 'posType');
}

/** @throws {ValidationError} naming the rope scalings */
export function getRopeScaling(name: string): RoPEScaling {
  return parseEnum(RoPEScaling, name, 'scalingType');
}

/** @throws {ValidationError} naming the interpolation types */
export function getInterpolationType(name: string): InterpolationType {
  return parseEnum(InterpolationType, name, 'interpolationType');
}

/** @throws {ValidationError} naming every broken rule, of the part that the type uses too */
export function validatePositionalConfig(config: PositionalConfig): void {
  validate(PositionalConfig, config);
  if (config.posType === PositionalType.ROTARY) validateRopeConfig(config.ropeConfig!);
  if (config.posType === PositionalType.ALIBI) validateAlibiConfig(config.alibiConfig!);
}

/** Settles the positions of a model. @throws {ValidationError} naming every broken rule, of the part that the type uses too */
export function createPositionalConfig(options: Partial<PositionalConfig> = {}): PositionalConfig {
  const config = createFrom(PositionalConfig, options);
  validatePositionalConfig(config);
  return config;
}

/** Numbers that a table may hold: 1 GiB. */
const MAX_TABLE = 2 ** 27;

function refuseLargeTable(rows: number, columns: number, parameter: string): void {
  if (rows * columns > MAX_TABLE)
    throw new ValidationError(`${parameter} must give a table of at most ${MAX_TABLE} numbers, got ${rows} rows of ${columns}`, {
      parameter,
      received: rows,
      expected: `at most ${Math.floor(MAX_TABLE / columns)}`,
    });
}

function even(value: number, name: string): number {
  if (positive(value, name) % 2 === 0) return value;
  throw new ValidationError(`${name} must be even, got ${value}`, { parameter: name, received: value, expected: 'even' });
}

/** Angles of a position: it turns once in 2π·base^(2i/width) positions at pair i. */
function angles(position: number, width: number, base: number): number[] {
  return Array.from({ length: width / 2 }, (_, i) => position / base ** ((2 * i) / width));
}

/**
 * Sinusoidal embeddings: sine and cosine of each angle side by side.
 *
 * @returns [maxLength, embedDim]
 * @throws {ValidationError} when a size is not positive, the width is odd or the table is larger than 2^27 numbers
 * @remarks Python: `hf_gtc.models.positional.calculate_sinusoidal_embeddings(max_length, embed_dim, base=)`; within 1e-9. Vaswani et al. 2017.
 * @example calculateSinusoidalEmbeddings(1, 4) // => [[0, 1, 0, 1]]
 */
export function calculateSinusoidalEmbeddings(maxLength: number, embedDim: number, { base = 10000 }: { readonly base?: number } = {}): number[][] {
  positive(maxLength, 'maxLength');
  even(embedDim, 'embedDim');
  positive(base, 'base');
  refuseLargeTable(maxLength, embedDim, 'maxLength');
  return Array.from({ length: maxLength }, (_, position) => angles(position, embedDim, base).flatMap(angle => [Math.sin(angle), Math.cos(angle)]));
}

/**
 * The rotations of rotary embeddings: cosine and sine of each angle side by side; positions are divided by `scalingFactor`.
 *
 * @returns [maxPosition, dim]
 * @throws {ValidationError} when an argument is not positive, the width is odd or the table is larger than 2^27 numbers
 * @remarks Python: `hf_gtc.models.positional.calculate_rope_frequencies(dim, max_position, base=, scaling_factor=)`; within 1e-9. Su et al. 2021.
 * @example calculateRopeFrequencies(4, 1) // => [[1, 0, 1, 0]]
 */
export function calculateRopeFrequencies(
  dim: number,
  maxPosition: number,
  { base = 10000, scalingFactor = 1 }: { readonly base?: number; readonly scalingFactor?: number } = {},
): number[][] {
  even(dim, 'dim');
  positive(maxPosition, 'maxPosition');
  positive(base, 'base');
  positive(scalingFactor, 'scalingFactor');
  refuseLargeTable(maxPosition, dim, 'maxPosition');
  return Array.from({ length: maxPosition }, (_, position) => angles(position / scalingFactor, dim, base).flatMap(angle => [Math.cos(angle), Math.sin(angle)]));
}

/**
 * Slopes of ALiBi for each head: 2^(-power·i/n). For a number of heads that is no power of two, those of the next lower power, then
 * every second slope of the next higher one.
 *
 * @throws {ValidationError} when an argument is not positive or there are more than 2^27 heads
 * @remarks Python: `hf_gtc.models.positional.calculate_alibi_slopes(num_heads, slopes_power=)`; within 1e-9. The original spreads the
 * slopes evenly for every number of heads. Press et al. 2022.
 * @example calculateAlibiSlopes(3) // => [0.0625, 0.00390625, 0.25]
 */
export function calculateAlibiSlopes(numHeads: number, { slopesPower = 8 }: { readonly slopesPower?: number } = {}): number[] {
  positive(numHeads, 'numHeads');
  positive(slopesPower, 'slopesPower');
  refuseLargeTable(numHeads, 1, 'numHeads');
  const whole = 2 ** Math.floor(Math.log2(numHeads));
  return Array.from({ length: numHeads }, (_, i) => 2 ** (i < whole ? (-slopesPower * (i + 1)) / whole : (-slopesPower * (2 * (i - whole) + 1)) / (2 * whole)));
}

/**
 * MiB of the tables of a scheme: embeddings of each position, cosines and sines of a head, a slope for each head, or embeddings of each
 * distance.
 *
 * @throws {ValidationError} for a scheme that is not known, or a length or width of a number that is not positive
 * @remarks Python: `hf_gtc.models.positional.estimate_position_memory(pos_type, max_length, ...)`; exact.
 * @example estimatePositionMemory('learned', 512) // => 1.5
 */
export function estimatePositionMemory(
  posType: PositionalType,
  maxLength: number,
  {
    embedDim = 768,
    numHeads = 12,
    headDim = 64,
    dtypeBytes = 4,
  }: { readonly embedDim?: number; readonly numHeads?: number; readonly headDim?: number; readonly dtypeBytes?: number } = {},
): number {
  parseEnum(PositionalType, posType, 'posType');
  positive(maxLength, 'maxLength');
  positive(dtypeBytes, 'dtypeBytes');
  const numbers: Readonly<Record<PositionalType, number>> = {
    sinusoidal: maxLength * embedDim,
    learned: maxLength * embedDim,
    rotary: 2 * maxLength * headDim,
    alibi: numHeads,
    relative: (2 * maxLength - 1) * embedDim,
    none: 0,
  };
  return (numbers[posType] * dtypeBytes) / 2 ** 20;
}

/**
 * The figures of a scheme, a line each.
 *
 * @remarks Python: `hf_gtc.models.positional.format_positional_stats(pos_type, max_length, memory_mb, embed_dim=, num_heads=)`; equal text.
 * @example formatPositionalStats('learned', 512, 1.5) // => 'Type: learned\nMax Length: 512\nMemory: 1.500 MB'
 */
export function formatPositionalStats(
  posType: string,
  maxLength: number,
  memoryMb: number,
  { embedDim = null, numHeads = null }: { readonly embedDim?: number | null; readonly numHeads?: number | null } = {},
): string {
  const lines = [`Type: ${posType}`, `Max Length: ${maxLength}`, `Memory: ${formatFixed(memoryMb, 3)} MB`];
  if (embedDim !== null) lines.push(`Embed Dim: ${embedDim}`);
  if (numHeads !== null) lines.push(`Num Heads: ${numHeads}`);
  return lines.join('\n');
}

/** Positions that rotary models are taken to be trained on. */
const TRAINED_LENGTH = 8192;

/**
 * The scheme that models of a kind use: rotary for decoders, stretched beyond 8192 positions, learned for encoders, sinusoidal for both
 * together.
 *
 * @param options `modelType` decoder, encoder or encoder-decoder
 * @throws {ValidationError} naming the kinds of model, or for sizes that are not positive
 * @remarks Python: `hf_gtc.models.positional.get_recommended_positional_config(model_type=, context_length=, num_heads=, head_dim=)`.
 * @example getRecommendedPositionalConfig({ contextLength: 16384 }).ropeConfig?.scalingFactor // => 2
 */
export function getRecommendedPositionalConfig({
  modelType = 'decoder',
  contextLength = 4096,
  numHeads = 32,
  headDim = 128,
}: {
  readonly modelType?: 'decoder' | 'encoder' | 'encoder-decoder';
  readonly contextLength?: number;
  readonly numHeads?: number;
  readonly headDim?: number;
} = {}): PositionalConfig {
  const kind = oneOf<string>(modelType, 'modelType', ['decoder', 'encoder', 'encoder-decoder']);
  positive(contextLength, 'contextLength');
  positive(numHeads, 'numHeads');
  positive(headDim, 'headDim');
  if (kind === 'encoder') return fillFrom(PositionalConfig, { posType: PositionalType.LEARNED, maxLength: contextLength });
  if (kind === 'encoder-decoder') return fillFrom(PositionalConfig, { posType: PositionalType.SINUSOIDAL, maxLength: contextLength });
  const long = contextLength > TRAINED_LENGTH;
  return fillFrom(PositionalConfig, {
    posType: PositionalType.ROTARY,
    maxLength: contextLength,
    ropeConfig: fillFrom(RoPEConfig, {
      dim: headDim,
      maxPosition: contextLength,
      scalingType: long ? RoPEScaling.DYNAMIC : null,
      scalingFactor: long ? contextLength / TRAINED_LENGTH : 1,
    }),
  });
}

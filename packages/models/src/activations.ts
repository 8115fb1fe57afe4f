/** Activation functions of torch and transformers, gated layers; what they cost, their derivatives and widths. Mirrors `hf_gtc.models.activations`. */
import { createFrom, type Definition, formatFixed, nonEmpty, notNull, number, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';
import { erfc } from '@gtc/tensor/special';

export { ACTIVATION_NAMES, type ActivationSettings, activation, type GatedMlpWeights, gatedMlp } from './internal/activations/functions.js';

/** Activation functions. */
export const ActivationType = {
  RELU: 'relu',
  GELU: 'gelu',
  GELU_NEW: 'gelu_new',
  SILU: 'silu',
  SWIGLU: 'swiglu',
  GEGLU: 'geglu',
  MISH: 'mish',
  TANH: 'tanh',
  SIGMOID: 'sigmoid',
} as const;
export type ActivationType = (typeof ActivationType)[keyof typeof ActivationType];

/** How the Gaussian error linear unit is computed. */
export const GELUApproximation = { NONE: 'none', TANH: 'tanh', SIGMOID: 'sigmoid' } as const;
export type GELUApproximation = (typeof GELUApproximation)[keyof typeof GELUApproximation];

/** Gated linear units, by the function of their gate. */
export const GLUVariant = { SWIGLU: 'swiglu', GEGLU: 'geglu', REGLU: 'reglu', BILINEAR: 'bilinear' } as const;
export type GLUVariant = (typeof GLUVariant)[keyof typeof GLUVariant];

/** Values of {@link ActivationType}. */
export const VALID_ACTIVATION_TYPES: ReadonlySet<ActivationType> = new Set(Object.values(ActivationType));

/** Values of {@link GELUApproximation}. */
export const VALID_GELU_APPROXIMATIONS: ReadonlySet<GELUApproximation> = new Set(Object.values(GELUApproximation));

/** Values of {@link GLUVariant}. */
export const VALID_GLU_VARIANTS: ReadonlySet<GLUVariant> = new Set(Object.values(GLUVariant));

/** How GELU is computed. */
export interface GELUConfig {
  readonly approximate: GELUApproximation;
}

/** Defaults and rules of {@link GELUConfig}. */
export const GELUConfig: Definition<GELUConfig> = {
  name: 'GELUConfig',
  fields: {
    approximate: { kind: 'enum', of: GELUApproximation, default: GELUApproximation.NONE },
  },
};

/** A gated layer. */
export interface SwiGLUConfig {
  readonly hiddenDim: number;
  readonly bias: boolean;
  /** Width of the gate. */
  readonly gateDim: number;
}

/** Defaults and rules of {@link SwiGLUConfig}. */
export const SwiGLUConfig: Definition<SwiGLUConfig> = {
  name: 'SwiGLUConfig',
  fields: {
    hiddenDim: { kind: 'int', default: 4096, positive: true },
    bias: { kind: 'bool', default: false },
    gateDim: { kind: 'int', default: null, nullable: true, positive: true },
  },
};

/** The activation of a layer; GELU kinds need `geluConfig`, gated kinds `swigluConfig`. */
export interface ActivationConfig {
  readonly activationType: ActivationType;
  readonly geluConfig: GELUConfig | null;
  readonly swigluConfig: SwiGLUConfig | null;
  readonly inplace: boolean;
}

/** Defaults and rules of {@link ActivationConfig}. */
export const ActivationConfig: Definition<ActivationConfig> = {
  name: 'ActivationConfig',
  fields: {
    activationType: { kind: 'enum', of: ActivationType },
    geluConfig: { kind: 'config', of: GELUConfig, default: null, nullable: true },
    swigluConfig: { kind: 'config', of: SwiGLUConfig, default: null, nullable: true },
    inplace: { kind: 'bool', default: false },
  },
  rules: [
    ({ activationType, geluConfig }) => (GELU_KINDS.has(activationType) && geluConfig === null ? `geluConfig required for ${activationType}` : null),
    ({ activationType, swigluConfig }) => (GATED_KINDS.has(activationType) && swigluConfig === null ? `swigluConfig required for ${activationType}` : null),
  ],
};

/** What an activation costs beside ReLU. */
export interface ActivationStats {
  /** Values kept for each input. */
  readonly memoryOverhead: number;
  /** Relative to ReLU. */
  readonly computeCost: number;
  /** From 0 to 1, a rule of thumb. */
  readonly gradientStability: number;
}

/** Defaults and rules of {@link ActivationStats}. */
export const ActivationStats: Definition<ActivationStats> = {
  name: 'ActivationStats',
  fields: {
    memoryOverhead: { kind: 'float', positive: true },
    computeCost: { kind: 'float', positive: true },
    gradientStability: { kind: 'float', min: 0, max: 1 },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateGeluConfig(config: GELUConfig): void {
  validate(GELUConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateSwigluConfig(config: SwiGLUConfig): void {
  validate(SwiGLUConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateActivationConfig(config: ActivationConfig): void {
  validate(ActivationConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateActivationStats(stats: ActivationStats): void {
  validate(ActivationStats, stats, 'stats');
}

/** Settles a {@link GELUConfig}. @throws {ValidationError} naming every broken rule */
export function createGeluConfig(options: Partial<GELUConfig> = {}): GELUConfig {
  return createFrom(GELUConfig, options);
}

/** Activation types in ascending order. */
export function listActivationTypes(): ActivationType[] {
  return valuesOf(ActivationType);
}

/** Gelu approximations in ascending order. */
export function listGeluApproximations(): GELUApproximation[] {
  return valuesOf(GELUApproximation);
}

/** Glu variants in ascending order. */
export function listGluVariants(): GLUVariant[] {
  return valuesOf(GLUVariant);
}

/** @throws {ValidationError} naming the activation types */
export function getActivationType(name: string): ActivationType {
  return parseEnum(ActivationType, name, 'activationType');
}

/** @throws {ValidationError} naming the gelu approximations */
export function getGeluApproximation(name: string): GELUApproximation {
  return parseEnum(GELUApproximation, name, 'approximate');
}

/** @throws {ValidationError} naming the glu variants */
export function getGluVariant(name: string): GLUVariant {
  return parseEnum(GLUVariant, name, 'variant');
}

const GELU_KINDS: ReadonlySet<ActivationType> = new Set([ActivationType.GELU, ActivationType.GELU_NEW]);
const GATED_KINDS: ReadonlySet<ActivationType> = new Set([ActivationType.SWIGLU, ActivationType.GEGLU]);

/** Settles a gated layer; the gate is as wide as the layer unless given. @throws {ValidationError} naming every broken rule */
export function createSwigluConfig({
  hiddenDim = 4096,
  bias,
  gateDim,
}: {
  readonly hiddenDim?: number;
  readonly bias?: boolean;
  readonly gateDim?: number | null;
} = {}): SwiGLUConfig {
  return createFrom(SwiGLUConfig, { hiddenDim, bias, gateDim: gateDim ?? hiddenDim });
}

/** Settles the activation of a layer; options of other kinds are left aside. @throws {ValidationError} naming every broken rule */
export function createActivationConfig({
  activationType = ActivationType.GELU,
  approximate,
  hiddenDim,
  bias,
  gateDim,
  inplace,
}: {
  readonly activationType?: ActivationType;
  readonly approximate?: GELUApproximation;
  readonly hiddenDim?: number;
  readonly bias?: boolean;
  readonly gateDim?: number | null;
  readonly inplace?: boolean;
} = {}): ActivationConfig {
  const kind = parseEnum(ActivationType, activationType, 'activationType');
  return createFrom(ActivationConfig, {
    activationType: kind,
    geluConfig: GELU_KINDS.has(kind) ? createFrom(GELUConfig, { approximate }) : null,
    swigluConfig: GATED_KINDS.has(kind)
      ? createSwigluConfig({ ...(hiddenDim === undefined ? {} : { hiddenDim }), ...(bias === undefined ? {} : { bias }), gateDim: gateDim ?? null })
      : null,
    inplace,
  });
}

/** Memory, cost and stability of each kind, relative to ReLU. */
const COSTS: Readonly<Record<ActivationType, readonly [memoryOverhead: number, computeCost: number, gradientStability: number]>> = {
  relu: [1, 1, 0.7],
  gelu: [1, 2, 0.9],
  gelu_new: [1, 1.5, 0.9],
  silu: [1, 1.8, 0.85],
  swiglu: [2, 2.5, 0.95],
  geglu: [2, 3, 0.95],
  mish: [1, 2.2, 0.88],
  tanh: [1, 1.2, 0.8],
  sigmoid: [1, 1.1, 0.75],
};

/** What an activation costs. @throws {ValidationError} naming the kinds */
export function createActivationStats(activationType: ActivationType): ActivationStats {
  const [memoryOverhead, computeCost, gradientStability] = COSTS[parseEnum(ActivationType, activationType, 'activationType')];
  return createFrom(ActivationStats, { memoryOverhead, computeCost, gradientStability });
}

/**
 * MiB of the activations of a layer; gated kinds hold twice as many.
 *
 * @param options `dtypeBytes` 2 or 4
 * @throws {ValidationError} when a size is not positive, the kind is not known or the width of a number is neither 2 nor 4
 * @remarks Python: `hf_gtc.models.activations.calculate_activation_memory(batch_size, seq_length, hidden_dim, activation_type, dtype_bytes=)`; exact.
 * @example calculateActivationMemory(1, 1024, 1024, 'swiglu') // => 4
 */
export function calculateActivationMemory(
  batchSize: number,
  seqLength: number,
  hiddenDim: number,
  activationType: ActivationType,
  { dtypeBytes = 2 }: { readonly dtypeBytes?: number } = {},
): number {
  positive(batchSize, 'batchSize');
  positive(seqLength, 'seqLength');
  positive(hiddenDim, 'hiddenDim');
  const { memoryOverhead } = createActivationStats(activationType);
  oneOf(dtypeBytes, 'dtypeBytes', [2, 4]);
  return (batchSize * seqLength * hiddenDim * memoryOverhead * dtypeBytes) / 2 ** 20;
}

/**
 * Widths of the gate and of the value of a gated layer, both the same.
 *
 * @throws {ValidationError} when an argument is not positive
 * @remarks Python: `hf_gtc.models.activations.estimate_glu_expansion(hidden_dim, intermediate_ratio=)`; exact.
 * @example estimateGluExpansion(64, { intermediateRatio: 1.5 }) // => [96, 96]
 */
export function estimateGluExpansion(
  hiddenDim: number,
  { intermediateRatio = 4 }: { readonly intermediateRatio?: number } = {},
): [gate: number, value: number] {
  positive(hiddenDim, 'hiddenDim');
  positive(intermediateRatio, 'intermediateRatio');
  const width = Math.trunc(hiddenDim * intermediateRatio);
  return [width, width];
}

/**
 * What each of some kinds costs, by kind.
 *
 * @throws {ValidationError} for an empty list or a kind that is not known
 * @remarks Python: `hf_gtc.models.activations.compare_activation_properties(activation_types)`.
 * @example compareActivationProperties(['relu', 'swiglu']).swiglu?.memoryOverhead // => 2
 */
export function compareActivationProperties(activationTypes: readonly ActivationType[]): Partial<Record<ActivationType, ActivationStats>> {
  nonEmpty(activationTypes, 'activationTypes');
  return Object.fromEntries(activationTypes.map(kind => [kind, createActivationStats(kind)]));
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** `x * slope`, where a slope that has died out wins over any `x`. */
function damped(x: number, slope: number): number {
  return slope === 0 ? 0 : x * slope;
}

function geluGradient(x: number): number {
  return 0.5 * erfc(-x / Math.SQRT2) + damped(x, Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI));
}

/** Derivative of the tanh form of GELU. */
function geluTanhGradient(x: number): number {
  const scale = Math.sqrt(2 / Math.PI);
  const t = Math.tanh(scale * (x + 0.044715 * x ** 3));
  return 0.5 * (1 + t) + damped(0.5 * x * scale * (1 + 3 * 0.044715 * x * x), 1 - t * t);
}

function siluGradient(x: number): number {
  const s = sigmoid(x);
  return s + damped(x, s * (1 - s));
}

function mishGradient(x: number): number {
  const softplus = x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
  const t = Math.tanh(softplus);
  return t + damped(x, sigmoid(x) * (1 - t * t));
}

const GRADIENTS: Readonly<Record<ActivationType, (x: number) => number>> = {
  relu: x => (x > 0 ? 1 : 0),
  gelu: geluGradient,
  gelu_new: geluTanhGradient,
  silu: siluGradient,
  swiglu: siluGradient,
  geglu: geluGradient,
  mish: mishGradient,
  tanh: x => 1 - Math.tanh(x) ** 2,
  sigmoid: x => sigmoid(x) * (1 - sigmoid(x)),
};

/**
 * The derivative of an activation at a point; of gated kinds, of their gate. `gelu` is the exact form, `gelu_new` the tanh form.
 *
 * @throws {ValidationError} naming the kinds
 * @remarks Python: `hf_gtc.models.activations.calculate_gradient_magnitude(activation_type, input_value)`; within 1e-9. The original
 * overflows far from zero and gives `gelu_new` the derivative of the exact form.
 * @example calculateGradientMagnitude('sigmoid', 0) // => 0.25
 */
export function calculateGradientMagnitude(activationType: ActivationType, inputValue: number): number {
  return GRADIENTS[parseEnum(ActivationType, activationType, 'activationType')](number(inputValue, 'inputValue'));
}

/**
 * The figures of an activation, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.activations.format_activation_stats(stats)`; equal text.
 * @example formatActivationStats(createActivationStats('gelu')) // => 'Memory Overhead: 1.00x\nCompute Cost: 2.00x\nGradient Stability: 0.90'
 */
export function formatActivationStats(stats: ActivationStats): string {
  const { memoryOverhead, computeCost, gradientStability } = notNull(stats, 'stats');
  return `Memory Overhead: ${formatFixed(memoryOverhead, 2)}x\nCompute Cost: ${formatFixed(computeCost, 2)}x\nGradient Stability: ${formatFixed(gradientStability, 2)}`;
}

/**
 * The activation that models of a kind use: SwiGLU for language models, GELU for encoders and vision; its tanh form where speed counts.
 *
 * @param options `modelType` llm, encoder or vision
 * @throws {ValidationError} naming the kinds of model
 * @remarks Python: `hf_gtc.models.activations.get_recommended_activation_config(model_type=, efficiency_priority=)`.
 * @example getRecommendedActivationConfig().activationType // => 'swiglu'
 */
export function getRecommendedActivationConfig({
  modelType = 'llm',
  efficiencyPriority = false,
}: {
  readonly modelType?: 'llm' | 'encoder' | 'vision';
  readonly efficiencyPriority?: boolean;
} = {}): ActivationConfig {
  const kind = oneOf<string>(modelType, 'modelType', ['llm', 'encoder', 'vision']);
  if (efficiencyPriority) return createActivationConfig({ activationType: ActivationType.GELU_NEW, approximate: GELUApproximation.TANH });
  return createActivationConfig({ activationType: kind === 'llm' ? ActivationType.SWIGLU : ActivationType.GELU });
}

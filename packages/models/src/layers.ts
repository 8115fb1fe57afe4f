/** Layers of transformers: first weights as torch draws them, parameters, operations and memory. Mirrors `hf_gtc.models.layers`. */
import {
  createFrom,
  type Definition,
  fillFrom,
  formatFixed,
  nonEmpty,
  notNull,
  oneOf,
  parseEnum,
  positive,
  ValidationError,
  validate,
  valuesOf,
} from '@gtc/errors';
import { shortened, type Units } from './internal/units.js';

export { INIT_SCHEMES, type InitOptions, type InitScheme, initWeights } from './internal/layers/init.js';

/** Kinds of layers. */
export const LayerType = {
  MLP: 'mlp',
  FFN: 'ffn',
  GATED_MLP: 'gated_mlp',
  CROSS_ATTENTION: 'cross_attention',
  SELF_ATTENTION: 'self_attention',
  CONV1D: 'conv1d',
} as const;
export type LayerType = (typeof LayerType)[keyof typeof LayerType];

/** The function of a gate. */
export const GatingType = { NONE: 'none', SWIGLU: 'swiglu', GEGLU: 'geglu', REGLU: 'reglu' } as const;
export type GatingType = (typeof GatingType)[keyof typeof GatingType];

/** Kinds of projections. */
export const ProjectionType = { LINEAR: 'linear', LOW_RANK: 'low_rank', SPARSE: 'sparse' } as const;
export type ProjectionType = (typeof ProjectionType)[keyof typeof ProjectionType];

/** Values of {@link LayerType}. */
export const VALID_LAYER_TYPES: ReadonlySet<LayerType> = new Set(Object.values(LayerType));

/** Values of {@link GatingType}. */
export const VALID_GATING_TYPES: ReadonlySet<GatingType> = new Set(Object.values(GatingType));

/** Values of {@link ProjectionType}. */
export const VALID_PROJECTION_TYPES: ReadonlySet<ProjectionType> = new Set(Object.values(ProjectionType));

/** Two projections with an activation between them. */
export interface MLPConfig {
  readonly hiddenDim: number;
  readonly intermediateDim: number;
  readonly activation: string;
  readonly dropout: number;
  readonly bias: boolean;
}

/** Defaults and rules of {@link MLPConfig}. */
export const MLPConfig: Definition<MLPConfig> = {
  name: 'MLPConfig',
  fields: {
    hiddenDim: { kind: 'int', default: 768, positive: true },
    intermediateDim: { kind: 'int', positive: true },
    activation: { kind: 'string', default: 'gelu' },
    dropout: { kind: 'float', default: 0, min: 0, max: 1 },
    bias: { kind: 'bool', default: true },
  },
};

/** An MLP whose inner activations are multiplied by a gate. */
export interface GatedMLPConfig {
  readonly mlpConfig: MLPConfig;
  readonly gatingType: GatingType;
  readonly gateDim: number;
}

/** Defaults and rules of {@link GatedMLPConfig}. */
export const GatedMLPConfig: Definition<GatedMLPConfig> = {
  name: 'GatedMLPConfig',
  fields: {
    mlpConfig: { kind: 'config', of: MLPConfig },
    gatingType: { kind: 'enum', of: GatingType, default: GatingType.SWIGLU },
    gateDim: { kind: 'int', positive: true },
  },
};

/** Attention to another sequence. */
export interface CrossAttentionConfig {
  readonly hiddenDim: number;
  readonly numHeads: number;
  /** Width of the other sequence. */
  readonly kvDim: number;
  readonly dropout: number;
}

/** Defaults and rules of {@link CrossAttentionConfig}. */
export const CrossAttentionConfig: Definition<CrossAttentionConfig> = {
  name: 'CrossAttentionConfig',
  fields: {
    hiddenDim: { kind: 'int', default: 768, positive: true },
    numHeads: { kind: 'int', default: 12, positive: true },
    kvDim: { kind: 'int', positive: true },
    dropout: { kind: 'float', default: 0, min: 0, max: 1 },
  },
};

/** A layer; each kind needs its own part. */
export interface LayerConfig {
  readonly layerType: LayerType;
  readonly mlpConfig: MLPConfig | null;
  readonly gatedMlpConfig: GatedMLPConfig | null;
  readonly crossAttentionConfig: CrossAttentionConfig | null;
}

/** The part that each kind needs. */
const PART_NEEDED: Readonly<Record<LayerType, 'mlpConfig' | 'gatedMlpConfig' | 'crossAttentionConfig' | null>> = {
  mlp: 'mlpConfig',
  ffn: 'mlpConfig',
  gated_mlp: 'gatedMlpConfig',
  cross_attention: 'crossAttentionConfig',
  self_attention: null,
  conv1d: null,
};

/** What is wrong when a kind lacks its part, or null. */
function missingPart(config: LayerConfig): string | null {
  const part = PART_NEEDED[config.layerType];
  return part !== null && config[part] === null ? `${part} required for ${config.layerType}` : null;
}

/** Defaults and rules of {@link LayerConfig}. */
export const LayerConfig: Definition<LayerConfig> = {
  name: 'LayerConfig',
  fields: {
    layerType: { kind: 'enum', of: LayerType },
    mlpConfig: { kind: 'any', default: null, nullable: true },
    gatedMlpConfig: { kind: 'any', default: null, nullable: true },
    crossAttentionConfig: { kind: 'any', default: null, nullable: true },
  },
  rules: [config => missingPart(config)],
};

/** What a layer costs. */
export interface LayerStats {
  readonly params: number;
  readonly flops: number;
  /** MiB. */
  readonly memoryMb: number;
}

/** Defaults and rules of {@link LayerStats}. */
export const LayerStats: Definition<LayerStats> = {
  name: 'LayerStats',
  fields: {
    params: { kind: 'int', nonNegative: true },
    flops: { kind: 'int', nonNegative: true },
    memoryMb: { kind: 'float', nonNegative: true },
  },
};

/** @throws {ValidationError} naming every broken rule */
export function validateMlpConfig(config: MLPConfig): void {
  validate(MLPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGatedMlpConfig(config: GatedMLPConfig): void {
  validate(GatedMLPConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateCrossAttentionConfig(config: CrossAttentionConfig): void {
  validate(CrossAttentionConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateLayerStats(stats: LayerStats): void {
  validate(LayerStats, stats, 'stats');
}

/** Layer types in ascending order. */
export function listLayerTypes(): LayerType[] {
  return valuesOf(LayerType);
}

/** Gating types in ascending order. */
export function listGatingTypes(): GatingType[] {
  return valuesOf(GatingType);
}

/** Projection types in ascending order. */
export function listProjectionTypes(): ProjectionType[] {
  return valuesOf(ProjectionType);
}

/** @throws {ValidationError} naming the layer types */
export function getLayerType(name: string): LayerType {
  return parseEnum(LayerType, name, 'layerType');
}

/** @throws {ValidationError} naming the gating types */
export function getGatingType(name: string): GatingType {
  return parseEnum(GatingType, name, 'gatingType');
}

/** @throws {ValidationError} naming the projection types */
export function getProjectionType(name: string): ProjectionType {
  return parseEnum(ProjectionType, name, 'projectionType');
}

/** Kinds that are two projections with an activation between them. */
const PLAIN: ReadonlySet<LayerType> = new Set([LayerType.MLP, LayerType.FFN]);

/** @throws {ValidationError} naming every broken rule, of the part that the kind uses too */
export function validateLayerConfig(config: LayerConfig): void {
  validate(LayerConfig, config);
  const { layerType, mlpConfig, gatedMlpConfig, crossAttentionConfig } = config;
  if (PLAIN.has(layerType)) validateMlpConfig(mlpConfig!);
  if (layerType === LayerType.GATED_MLP) validateGatedMlpConfig(gatedMlpConfig!);
  if (layerType === LayerType.CROSS_ATTENTION) validateCrossAttentionConfig(crossAttentionConfig!);
}

/** Settings of {@link createMlpConfig}. */
export interface MlpOptions {
  readonly hiddenDim?: number | undefined;
  /** Null is four times the width, or 8/3 where the layer is gated. */
  readonly intermediateDim?: number | null | undefined;
  readonly activation?: string | undefined;
  readonly dropout?: number | undefined;
  readonly bias?: boolean | undefined;
}

/** Settles an MLP, four times as wide inside unless given. @throws {ValidationError} naming every broken rule */
export function createMlpConfig({ hiddenDim = 768, intermediateDim, ...options }: MlpOptions = {}): MLPConfig {
  return createFrom(MLPConfig, { ...options, hiddenDim, intermediateDim: intermediateDim ?? 4 * hiddenDim });
}

/** Settles a gated MLP, 8/3 as wide inside unless given; the gate is as wide as that. @throws {ValidationError} naming every broken rule */
export function createGatedMlpConfig({
  hiddenDim = 4096,
  intermediateDim,
  activation = 'silu',
  bias = false,
  dropout,
  gatingType,
  gateDim,
}: MlpOptions & { readonly gatingType?: GatingType | undefined; readonly gateDim?: number | null | undefined } = {}): GatedMLPConfig {
  const inner = intermediateDim ?? Math.trunc((8 * hiddenDim) / 3);
  const mlpConfig = createMlpConfig({ hiddenDim, intermediateDim: inner, activation, bias, dropout });
  return createFrom(GatedMLPConfig, { mlpConfig, gatingType, gateDim: gateDim ?? inner });
}

/** Settles attention to another sequence, as wide as this one unless given. @throws {ValidationError} naming every broken rule */
export function createCrossAttentionConfig({
  hiddenDim = 768,
  kvDim,
  ...options
}: {
  readonly hiddenDim?: number | undefined;
  readonly numHeads?: number | undefined;
  readonly kvDim?: number | null | undefined;
  readonly dropout?: number | undefined;
} = {}): CrossAttentionConfig {
  return createFrom(CrossAttentionConfig, { ...options, hiddenDim, kvDim: kvDim ?? hiddenDim });
}

/** Settles a layer; options of other kinds are left aside. @throws {ValidationError} naming every broken rule */
export function createLayerConfig({
  layerType = LayerType.MLP,
  hiddenDim = 768,
  intermediateDim,
  activation = 'gelu',
  dropout,
  bias = true,
  gatingType,
  numHeads,
  kvDim,
}: MlpOptions & {
  readonly layerType?: LayerType;
  readonly gatingType?: GatingType | undefined;
  readonly numHeads?: number | undefined;
  readonly kvDim?: number | null | undefined;
} = {}): LayerConfig {
  const kind = parseEnum(LayerType, layerType, 'layerType');
  const mlp = { hiddenDim, intermediateDim, activation, dropout, bias };
  return createFrom(LayerConfig, {
    layerType: kind,
    mlpConfig: PLAIN.has(kind) ? createMlpConfig(mlp) : null,
    gatedMlpConfig: kind === LayerType.GATED_MLP ? createGatedMlpConfig({ ...mlp, gatingType }) : null,
    crossAttentionConfig: kind === LayerType.CROSS_ATTENTION ? createCrossAttentionConfig({ hiddenDim, numHeads, kvDim, dropout }) : null,
  });
}

/** The part of a layer that its kind uses. */
type Part = { readonly plain: MLPConfig } | { readonly gated: GatedMLPConfig } | { readonly cross: CrossAttentionConfig };

/** The part that a kind uses, or null where it is absent or the kind has none. */
function partOf(config: LayerConfig): Part | null {
  const { layerType, mlpConfig, gatedMlpConfig, crossAttentionConfig } = notNull(config, 'config');
  if (PLAIN.has(layerType)) return mlpConfig && { plain: mlpConfig };
  if (layerType === LayerType.GATED_MLP) return gatedMlpConfig && { gated: gatedMlpConfig };
  if (layerType === LayerType.CROSS_ATTENTION) return crossAttentionConfig && { cross: crossAttentionConfig };
  return null;
}

/** As {@link partOf}, but a kind that needs a part must have it. */
function requiredPart(config: LayerConfig): Part | null {
  const part = partOf(config);
  if (part !== null) return part;
  const missing = missingPart(config);
  if (missing !== null) throw new ValidationError(missing, { parameter: PART_NEEDED[config.layerType]!, received: null });
  return null;
}

/** Weights of a part, without biases. */
function weightsOf(part: Part): number {
  if ('plain' in part) return 2 * part.plain.hiddenDim * part.plain.intermediateDim;
  if ('cross' in part) return 2 * part.cross.hiddenDim * (part.cross.hiddenDim + part.cross.kvDim);
  const { mlpConfig, gateDim } = part.gated;
  return mlpConfig.hiddenDim * (2 * mlpConfig.intermediateDim + gateDim);
}

function biasesOf(part: Part): number {
  if ('cross' in part) return 0;
  const { hiddenDim, intermediateDim, bias } = 'plain' in part ? part.plain : part.gated.mlpConfig;
  if (!bias) return 0;
  return hiddenDim + intermediateDim + ('gated' in part ? part.gated.gateDim : 0);
}

/**
 * Parameters of a layer: two matrices and their biases, three where it is gated, four in cross-attention; 0 for kinds without a part.
 *
 * @throws {ValidationError} for null or where the part of the kind is absent
 * @remarks Python: `hf_gtc.models.layers.calculate_layer_params(config)`; exact.
 * @example calculateLayerParams(createLayerConfig({ hiddenDim: 64 })) // => 33088
 */
export function calculateLayerParams(config: LayerConfig): number {
  const part = requiredPart(config);
  return part === null ? 0 : weightsOf(part) + biasesOf(part);
}

/**
 * Floating-point operations of a layer: two for each weight and token, one for each gated value, and one product of queries and keys.
 *
 * @throws {ValidationError} for null, or a batch or length that is not positive
 * @remarks Python: `hf_gtc.models.layers.estimate_layer_flops(config, batch_size=, seq_length=)`; exact. As there, keys are taken to be
 * as many as queries, and the product with the values is not counted.
 * @example estimateLayerFlops(createLayerConfig({ hiddenDim: 64 }), { seqLength: 1 }) // => 65536
 */
export function estimateLayerFlops(
  config: LayerConfig,
  { batchSize = 1, seqLength = 512 }: { readonly batchSize?: number; readonly seqLength?: number } = {},
): number {
  const part = partOf(config);
  positive(batchSize, 'batchSize');
  positive(seqLength, 'seqLength');
  if (part === null) return 0;
  const tokens = batchSize * seqLength;
  const products = 2 * tokens * weightsOf(part);
  if ('cross' in part) return products + 2 * tokens * seqLength * part.cross.hiddenDim;
  return 'gated' in part ? products + tokens * part.gated.mlpConfig.intermediateDim : products;
}

/** Values that a layer holds for each token while it runs. */
function activationsOf(part: Part, seqLength: number): number {
  if ('plain' in part) return 2 * part.plain.hiddenDim + part.plain.intermediateDim;
  if ('cross' in part) return 4 * part.cross.hiddenDim + part.cross.numHeads * seqLength;
  const { mlpConfig, gateDim } = part.gated;
  return 2 * mlpConfig.hiddenDim + 2 * mlpConfig.intermediateDim + gateDim;
}

/**
 * MiB of a layer: its parameters and what it holds for each token.
 *
 * @param options `dtypeBytes` 2 or 4
 * @throws {ValidationError} for null, an absent part, a batch or length that is not positive, or another width of a number
 * @remarks Python: `hf_gtc.models.layers.calculate_layer_memory(config, batch_size=, seq_length=, dtype_bytes=)`; exact.
 * @example calculateLayerMemory(createLayerConfig({ layerType: 'cross_attention' })) // => 13.5
 */
export function calculateLayerMemory(
  config: LayerConfig,
  { batchSize = 1, seqLength = 512, dtypeBytes = 2 }: { readonly batchSize?: number; readonly seqLength?: number; readonly dtypeBytes?: number } = {},
): number {
  notNull(config, 'config');
  positive(batchSize, 'batchSize');
  positive(seqLength, 'seqLength');
  oneOf(dtypeBytes, 'dtypeBytes', [2, 4]);
  const part = requiredPart(config);
  if (part === null) return 0;
  return ((calculateLayerParams(config) + batchSize * seqLength * activationsOf(part, seqLength)) * dtypeBytes) / 2 ** 20;
}

/**
 * What each of some layers costs at a batch of one and 512 tokens, by kind; of two layers of a kind, the last.
 *
 * @throws {ValidationError} for an empty list or where the part of a kind is absent
 * @remarks Python: `hf_gtc.models.layers.compare_layer_configs(configs)`.
 * @example compareLayerConfigs([createLayerConfig({ hiddenDim: 64 })]).mlp?.params // => 33088
 */
export function compareLayerConfigs(configs: readonly LayerConfig[]): Partial<Record<LayerType, LayerStats>> {
  const stats = nonEmpty(configs, 'configs').map(config => {
    const params = calculateLayerParams(config);
    return [config.layerType, fillFrom(LayerStats, { params, flops: estimateLayerFlops(config), memoryMb: calculateLayerMemory(config) })] as const;
  });
  return Object.fromEntries(stats);
}

const UNITS_OF_PARAMS: Units = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'K'],
];
const UNITS_OF_FLOPS: Units = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'K'],
];

/**
 * The figures of a layer, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.layers.format_layer_stats(stats)`; equal text.
 * @example formatLayerStats({ params: 7e6, flops: 1452, memoryMb: 0.5 }) // => 'Parameters: 7.00M\nFLOPs: 1.45K\nMemory: 0.50 MB'
 */
export function formatLayerStats(stats: LayerStats): string {
  const { params, flops, memoryMb } = notNull(stats, 'stats');
  return `Parameters: ${shortened(params, UNITS_OF_PARAMS)}\nFLOPs: ${shortened(flops, UNITS_OF_FLOPS)}\nMemory: ${formatFixed(memoryMb, 2)} MB`;
}

/**
 * The layer that models of a kind use: a gated MLP for language models and decoders, a plain one for encoders or where speed counts.
 *
 * @param options `modelType` llm, decoder or encoder
 * @throws {ValidationError} naming the kinds of model, or for a width that is not positive
 * @remarks Python: `hf_gtc.models.layers.get_recommended_layer_config(model_type=, hidden_dim=, efficiency_priority=)`.
 * @example getRecommendedLayerConfig().gatedMlpConfig?.gateDim // => 10922
 */
export function getRecommendedLayerConfig({
  modelType = 'llm',
  hiddenDim = 4096,
  efficiencyPriority = false,
}: {
  readonly modelType?: 'llm' | 'encoder' | 'decoder';
  readonly hiddenDim?: number;
  readonly efficiencyPriority?: boolean;
} = {}): LayerConfig {
  const kind = oneOf<string>(modelType, 'modelType', ['llm', 'encoder', 'decoder']);
  positive(hiddenDim, 'hiddenDim');
  if (kind === 'encoder' || efficiencyPriority) return createLayerConfig({ hiddenDim });
  return createLayerConfig({ layerType: LayerType.GATED_MLP, hiddenDim, activation: 'silu', bias: false });
}

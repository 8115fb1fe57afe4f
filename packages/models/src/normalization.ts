/** Normalisation: RMS norm, residual placement, weight and spectral norm; kinds, parameters, memory and the epsilon of each number format. Mirrors `hf_gtc.models.normalization`. */
import { createFrom, type Definition, formatCount, formatFixed, nonEmpty, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';

export { normResidual, type RmsNormOptions, rmsNorm, type SpectralNorm, spectralNorm, weightNorm } from './internal/normalization/functions.js';

/** Kinds of normalisation. */
export const NormType = {
  LAYER_NORM: 'layer_norm',
  RMS_NORM: 'rms_norm',
  BATCH_NORM: 'batch_norm',
  GROUP_NORM: 'group_norm',
  INSTANCE_NORM: 'instance_norm',
  NONE: 'none',
} as const;
export type NormType = (typeof NormType)[keyof typeof NormType];

/** Where a block normalises: before its layer, after it, or both. */
export const NormPosition = { PRE: 'pre', POST: 'post', SANDWICH: 'sandwich' } as const;
export type NormPosition = (typeof NormPosition)[keyof typeof NormPosition];

/** What an epsilon must survive. */
export const EpsType = { STANDARD: 'standard', FP16_SAFE: 'fp16_safe', BF16_SAFE: 'bf16_safe' } as const;
export type EpsType = (typeof EpsType)[keyof typeof EpsType];

/** Values of {@link NormType}. */
export const VALID_NORM_TYPES: ReadonlySet<NormType> = new Set(Object.values(NormType));

/** Values of {@link NormPosition}. */
export const VALID_NORM_POSITIONS: ReadonlySet<NormPosition> = new Set(Object.values(NormPosition));

/** Values of {@link EpsType}. */
export const VALID_EPS_TYPES: ReadonlySet<EpsType> = new Set(Object.values(EpsType));

/** Normalisation over the last dimensions. */
export interface LayerNormConfig {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
}

/** Defaults and rules of {@link LayerNormConfig}. */
export const LayerNormConfig: Definition<LayerNormConfig> = {
  name: 'LayerNormConfig',
  fields: {
    normalizedShape: { kind: 'array', of: { kind: 'int', positive: true }, nonEmpty: true, default: [768] },
    eps: { kind: 'float', default: 1e-5, positive: true },
    elementwiseAffine: { kind: 'bool', default: true },
  },
};

/** Division by the root mean square. */
export interface RMSNormConfig {
  readonly hiddenSize: number;
  readonly eps: number;
  /** Scale by 1 + weight, as Gemma does. */
  readonly addUnitOffset: boolean;
}

/** Defaults and rules of {@link RMSNormConfig}. */
export const RMSNormConfig: Definition<RMSNormConfig> = {
  name: 'RMSNormConfig',
  fields: {
    hiddenSize: { kind: 'int', default: 4096, positive: true },
    eps: { kind: 'float', default: 1e-6, positive: true },
    addUnitOffset: { kind: 'bool', default: false },
  },
};

/** Normalisation over groups of channels. */
export interface GroupNormConfig {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
}

/** Defaults and rules of {@link GroupNormConfig}. */
export const GroupNormConfig: Definition<GroupNormConfig> = {
  name: 'GroupNormConfig',
  fields: {
    numGroups: { kind: 'int', default: 32, positive: true },
    numChannels: { kind: 'int', default: 256, positive: true },
    eps: { kind: 'float', default: 1e-5, positive: true },
    affine: { kind: 'bool', default: true },
  },
  rules: [
    ({ numGroups, numChannels }) =>
      numChannels % numGroups === 0 ? null : `numChannels must be divisible by numGroups, got ${numChannels} % ${numGroups} != 0`,
  ],
};

/** Normalisation over the batch. */
export interface BatchNormConfig {
  readonly numFeatures: number;
  readonly eps: number;
  /** Weight of a new batch in the running statistics. */
  readonly momentum: number;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
}

/** Defaults and rules of {@link BatchNormConfig}. */
export const BatchNormConfig: Definition<BatchNormConfig> = {
  name: 'BatchNormConfig',
  fields: {
    numFeatures: { kind: 'int', default: 256, positive: true },
    eps: { kind: 'float', default: 1e-5, positive: true },
    momentum: { kind: 'float', default: 0.1, min: 0, max: 1 },
    affine: { kind: 'bool', default: true },
    trackRunningStats: { kind: 'bool', default: true },
  },
};

/** The normalisation of a model; each kind needs its own part. */
export interface NormConfig {
  readonly normType: NormType;
  readonly layerNormConfig: LayerNormConfig | null;
  readonly rmsNormConfig: RMSNormConfig | null;
  readonly groupNormConfig: GroupNormConfig | null;
  readonly batchNormConfig: BatchNormConfig | null;
  readonly position: NormPosition;
}

/** Defaults and rules of {@link NormConfig}. */
export const NormConfig: Definition<NormConfig> = {
  name: 'NormConfig',
  fields: {
    normType: { kind: 'enum', of: NormType },
    layerNormConfig: { kind: 'any', default: null, nullable: true },
    rmsNormConfig: { kind: 'any', default: null, nullable: true },
    groupNormConfig: { kind: 'any', default: null, nullable: true },
    batchNormConfig: { kind: 'any', default: null, nullable: true },
    position: { kind: 'enum', of: NormPosition, default: NormPosition.PRE },
  },
  rules: [
    ({ normType, layerNormConfig }) => (normType === NormType.LAYER_NORM && layerNormConfig === null ? 'layerNormConfig required for layer_norm type' : null),
    ({ normType, rmsNormConfig }) => (normType === NormType.RMS_NORM && rmsNormConfig === null ? 'rmsNormConfig required for rms_norm type' : null),
    ({ normType, groupNormConfig }) => (normType === NormType.GROUP_NORM && groupNormConfig === null ? 'groupNormConfig required for group_norm type' : null),
    ({ normType, batchNormConfig }) => (normType === NormType.BATCH_NORM && batchNormConfig === null ? 'batchNormConfig required for batch_norm type' : null),
  ],
};

/** What a normalisation was seen to do. */
export interface NormStats {
  readonly meanActivation: number;
  readonly stdActivation: number;
  readonly numParameters: number;
  readonly memoryBytes: number;
  readonly flopsPerToken: number;
}

/** @throws {ValidationError} naming every broken rule */
export function validateLayerNormConfig(config: LayerNormConfig): void {
  validate(LayerNormConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateRmsNormConfig(config: RMSNormConfig): void {
  validate(RMSNormConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateGroupNormConfig(config: GroupNormConfig): void {
  validate(GroupNormConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateBatchNormConfig(config: BatchNormConfig): void {
  validate(BatchNormConfig, config);
}

/** Settles a {@link RMSNormConfig}. @throws {ValidationError} naming every broken rule */
export function createRmsNormConfig(options: Partial<RMSNormConfig> = {}): RMSNormConfig {
  return createFrom(RMSNormConfig, options);
}

/** Settles a {@link GroupNormConfig}. @throws {ValidationError} naming every broken rule */
export function createGroupNormConfig(options: Partial<GroupNormConfig> = {}): GroupNormConfig {
  return createFrom(GroupNormConfig, options);
}

/** Settles a {@link BatchNormConfig}. @throws {ValidationError} naming every broken rule */
export function createBatchNormConfig(options: Partial<BatchNormConfig> = {}): BatchNormConfig {
  return createFrom(BatchNormConfig, options);
}

/** Norm types in ascending order. */
export function listNormTypes(): NormType[] {
  return valuesOf(NormType);
}

/** Norm positions in ascending order. */
export function listNormPositions(): NormPosition[] {
  return valuesOf(NormPosition);
}

/** Eps types in ascending order. */
export function listEpsTypes(): EpsType[] {
  return valuesOf(EpsType);
}

/** @throws {ValidationError} naming the norm types */
export function getNormType(name: string): NormType {
  return parseEnum(NormType, name, 'normType');
}

/** @throws {ValidationError} naming the norm positions */
export function getNormPosition(name: string): NormPosition {
  return parseEnum(NormPosition, name, 'normPosition');
}

/** @throws {ValidationError} naming the eps types */
export function getEpsType(name: string): EpsType {
  return parseEnum(EpsType, name, 'epsType');
}

/** Settles layer normalisation over one width or several. @throws {ValidationError} naming every broken rule */
export function createLayerNormConfig({
  normalizedShape,
  ...options
}: Partial<Omit<LayerNormConfig, 'normalizedShape'>> & { readonly normalizedShape?: number | readonly number[] } = {}): LayerNormConfig {
  return createFrom(LayerNormConfig, { ...options, normalizedShape: typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape });
}

/** Settles the normalisation of a model of a width; options of other kinds are left aside. @throws {ValidationError} naming every broken rule */
export function createNormConfig({
  normType = NormType.LAYER_NORM,
  hiddenSize = 768,
  eps = null,
  position = NormPosition.PRE,
  elementwiseAffine,
  addUnitOffset,
  numGroups,
}: {
  readonly normType?: NormType;
  readonly hiddenSize?: number;
  /** Null takes the default of the kind. */
  readonly eps?: number | null;
  readonly position?: NormPosition;
  readonly elementwiseAffine?: boolean;
  readonly addUnitOffset?: boolean;
  readonly numGroups?: number;
} = {}): NormConfig {
  const kind = parseEnum(NormType, normType, 'normType');
  const shared = { eps: eps ?? undefined };
  return createFrom(NormConfig, {
    normType: kind,
    layerNormConfig: kind === NormType.LAYER_NORM ? createFrom(LayerNormConfig, { ...shared, normalizedShape: [hiddenSize], elementwiseAffine }) : null,
    rmsNormConfig: kind === NormType.RMS_NORM ? createFrom(RMSNormConfig, { ...shared, hiddenSize, addUnitOffset }) : null,
    groupNormConfig: kind === NormType.GROUP_NORM ? createFrom(GroupNormConfig, { ...shared, numGroups, numChannels: hiddenSize }) : null,
    batchNormConfig: kind === NormType.BATCH_NORM ? createFrom(BatchNormConfig, { ...shared, numFeatures: hiddenSize }) : null,
    position: parseEnum(NormPosition, position, 'normPosition'),
  });
}

/** @throws {ValidationError} naming every broken rule, of the part that the kind uses too */
export function validateNormConfig(config: NormConfig): void {
  validate(NormConfig, config);
  const { normType, layerNormConfig, rmsNormConfig, groupNormConfig, batchNormConfig } = config;
  if (normType === NormType.LAYER_NORM) validateLayerNormConfig(layerNormConfig!);
  if (normType === NormType.RMS_NORM) validateRmsNormConfig(rmsNormConfig!);
  if (normType === NormType.GROUP_NORM) validateGroupNormConfig(groupNormConfig!);
  if (normType === NormType.BATCH_NORM) validateBatchNormConfig(batchNormConfig!);
}

/** The part of a configuration that its kind uses, as its learned scales and shifts and the width that it normalises. */
function sizesOf(config: NormConfig): { readonly params: number; readonly width: number } {
  const { normType, layerNormConfig, rmsNormConfig, groupNormConfig, batchNormConfig } = notNull(config, 'config');
  if (normType === NormType.LAYER_NORM && layerNormConfig !== null) {
    const shape = nonEmpty(layerNormConfig.normalizedShape, 'normalizedShape');
    const values = shape.reduce((product, side) => product * side, 1);
    return { params: layerNormConfig.elementwiseAffine ? 2 * values : 0, width: shape.at(-1)! };
  }
  if (normType === NormType.RMS_NORM && rmsNormConfig !== null) return { params: rmsNormConfig.hiddenSize, width: rmsNormConfig.hiddenSize };
  if (normType === NormType.GROUP_NORM && groupNormConfig !== null)
    return { params: groupNormConfig.affine ? 2 * groupNormConfig.numChannels : 0, width: groupNormConfig.numChannels };
  if (normType === NormType.BATCH_NORM && batchNormConfig !== null)
    return { params: batchNormConfig.affine ? 2 * batchNormConfig.numFeatures : 0, width: batchNormConfig.numFeatures };
  return { params: 0, width: 0 };
}

/**
 * Learned scales and shifts of a normalisation; 0 where the part of its kind is absent.
 *
 * @throws {ValidationError} for null or an empty shape
 * @remarks Python: `hf_gtc.models.normalization.calculate_norm_params(config)`; exact.
 * @example calculateNormParams(createNormConfig({ hiddenSize: 768 })) // => 1536
 */
export function calculateNormParams(config: NormConfig): number {
  return sizesOf(config).params;
}

/**
 * Bytes of a normalisation: its parameters, its activations and two vectors of its width for the statistics.
 *
 * @throws {ValidationError} for null, an empty shape, or a batch or length that is not positive
 * @remarks Python: `hf_gtc.models.normalization.estimate_norm_memory(config, batch_size=, sequence_length=, dtype_bytes=)`; exact.
 * @example estimateNormMemory(createNormConfig({ hiddenSize: 768 })) // => 1585152
 */
export function estimateNormMemory(
  config: NormConfig,
  { batchSize = 1, sequenceLength = 512, dtypeBytes = 4 }: { readonly batchSize?: number; readonly sequenceLength?: number; readonly dtypeBytes?: number } = {},
): number {
  notNull(config, 'config');
  positive(batchSize, 'batchSize');
  positive(sequenceLength, 'sequenceLength');
  const { params, width } = sizesOf(config);
  return (params + batchSize * sequenceLength * width + 2 * width) * dtypeBytes;
}

/** How well training of transformers goes with each kind; more is better. */
const STABILITY: Readonly<Record<NormType, number>> = { rms_norm: 5, layer_norm: 4, group_norm: 3, batch_norm: 2, instance_norm: 2, none: 0 };

function reasonFor(first: NormType, second: NormType, better: NormType): string {
  const worse = better === first ? second : first;
  if (STABILITY[first] === STABILITY[second]) return 'Both have similar stability characteristics';
  return worse === NormType.NONE ? `${better} provides normalization, 'none' does not` : `${better} has better stability for transformer training`;
}

/**
 * Which of two kinds trains transformers more steadily, which has fewer parameters, and how many each has; all as text.
 *
 * @returns `recommended`, `reason`, `more_efficient`, and `<kind>_params` of both; the first where they are equal
 * @throws {ValidationError} for kinds that are not known or a width that does not suit them
 * @remarks Python: `hf_gtc.models.normalization.compare_norm_stability(norm_type_a, norm_type_b, hidden_size=)`; equal text.
 * @example compareNormStability('layer_norm', 'rms_norm').recommended // => 'rms_norm'
 */
export function compareNormStability(
  normTypeA: NormType,
  normTypeB: NormType,
  { hiddenSize = 768 }: { readonly hiddenSize?: number } = {},
): Record<string, string> {
  const [first, second] = [parseEnum(NormType, normTypeA, 'normType'), parseEnum(NormType, normTypeB, 'normType')];
  const [paramsOfFirst, paramsOfSecond] = [first, second].map(normType => calculateNormParams(createNormConfig({ normType, hiddenSize }))) as [number, number];
  const better = STABILITY[second] > STABILITY[first] ? second : first;
  return {
    recommended: better,
    reason: reasonFor(first, second, better),
    more_efficient: paramsOfSecond < paramsOfFirst ? second : first,
    [`${first}_params`]: String(paramsOfFirst),
    [`${second}_params`]: String(paramsOfSecond),
  };
}

/** Number formats and their epsilon. */
const EPS_OF_DTYPE = { fp32: 1e-5, fp16: 1e-5, bf16: 1e-6, fp8: 1e-4 } as const;

/**
 * The epsilon for a number format.
 *
 * @throws {ValidationError} naming the formats
 * @remarks Python: `hf_gtc.models.normalization.select_eps_for_dtype(dtype=)`; exact.
 * @example selectEpsForDtype({ dtype: 'fp8' }) // => 0.0001
 */
export function selectEpsForDtype({ dtype = 'fp32' }: { readonly dtype?: keyof typeof EPS_OF_DTYPE } = {}): number {
  return EPS_OF_DTYPE[oneOf<keyof typeof EPS_OF_DTYPE>(dtype, 'dtype', Object.keys(EPS_OF_DTYPE) as (keyof typeof EPS_OF_DTYPE)[])];
}

/**
 * The figures of a normalisation, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.normalization.format_norm_stats(stats)`; equal text.
 * @example formatNormStats({ meanActivation: 0, stdActivation: 1, numParameters: 1536, memoryBytes: 6144, flopsPerToken: 4608 }).split('\n')[2] // => 'Parameters: 1,536'
 */
export function formatNormStats(stats: NormStats): string {
  const { meanActivation, stdActivation, numParameters, memoryBytes, flopsPerToken } = notNull(stats, 'stats');
  return [
    `Mean Activation: ${formatFixed(meanActivation, 4)}`,
    `Std Activation: ${formatFixed(stdActivation, 4)}`,
    `Parameters: ${formatCount(numParameters)}`,
    `Memory: ${formatFixed(memoryBytes / 1024, 2)} KB`,
    `FLOPs/token: ${formatCount(flopsPerToken)}`,
  ].join('\n');
}

/** Kind and position for each kind of model. */
const USUAL: Readonly<Record<string, readonly [NormType, NormPosition]>> = {
  transformer: [NormType.LAYER_NORM, NormPosition.PRE],
  llm: [NormType.RMS_NORM, NormPosition.PRE],
  vit: [NormType.LAYER_NORM, NormPosition.PRE],
  cnn: [NormType.BATCH_NORM, NormPosition.POST],
  rnn: [NormType.LAYER_NORM, NormPosition.POST],
};

/**
 * The normalisation that models of a kind use, with the epsilon of their number format.
 *
 * @param options `modelType` transformer, llm, vit, cnn or rnn; `useCase` training or inference, which need the same
 * @throws {ValidationError} naming the kinds, uses or formats, or for a width that is not positive
 * @remarks Python: `hf_gtc.models.normalization.get_recommended_norm_config(model_type=, hidden_size=, use_case=, dtype=)`.
 * @example getRecommendedNormConfig({ modelType: 'llm' }).normType // => 'rms_norm'
 */
export function getRecommendedNormConfig({
  modelType = 'transformer',
  hiddenSize = 768,
  useCase = 'training',
  dtype = 'fp32',
}: {
  readonly modelType?: 'transformer' | 'llm' | 'vit' | 'cnn' | 'rnn';
  readonly hiddenSize?: number;
  readonly useCase?: 'training' | 'inference';
  readonly dtype?: keyof typeof EPS_OF_DTYPE;
} = {}): NormConfig {
  const [normType, position] = USUAL[oneOf<string>(modelType, 'modelType', Object.keys(USUAL))]!;
  oneOf(useCase, 'useCase', ['training', 'inference']);
  return createNormConfig({ normType, hiddenSize, eps: selectEpsForDtype({ dtype }), position });
}

/** Epsilon for each kind of safety. */
const EPS_OF_TYPE: Readonly<Record<EpsType, number>> = { standard: 1e-5, fp16_safe: 1e-5, bf16_safe: 1e-6 };

/** The epsilon of a kind of safety. @throws {ValidationError} naming the kinds @remarks Python: `hf_gtc.models.normalization.get_eps_value(eps_type)`; exact. @example getEpsValue('bf16_safe') // => 0.000001 */
export function getEpsValue(epsType: EpsType): number {
  return EPS_OF_TYPE[parseEnum(EpsType, epsType, 'epsType')];
}

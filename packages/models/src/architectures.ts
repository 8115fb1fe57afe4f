/** Transformers of some thirty families from `config.json` and checkpoint, and their shapes, parameters and memory. Mirrors `hf_gtc.models.architectures`. */
import { createFrom, type Definition, nonEmpty, notNull, oneOf, parseEnum, positive, validate, valuesOf } from '@gtc/errors';
import { COUNT_UNITS, memoryText, shortened } from './internal/units.js';

export type { GenerateOptions } from './internal/transformer/generate.js';
export type { ForwardOptions, Ids, KeysAndValues, ModelCache, ModelInputs, ModelOutput } from './internal/transformer/inputs.js';
export { createModel, loadModel } from './internal/transformer/load.js';
export { MODEL_TYPES, TransformerModel } from './internal/transformer/model.js';
export type { ModelJson } from './internal/transformer/settings.js';
export type { Checkpoint, StoredTensor } from './internal/transformer/weights.js';

/** What a transformer reads and writes. */
export const ArchitectureType = {
  ENCODER_ONLY: 'encoder_only',
  DECODER_ONLY: 'decoder_only',
  ENCODER_DECODER: 'encoder_decoder',
  PREFIX_LM: 'prefix_lm',
} as const;
export type ArchitectureType = (typeof ArchitectureType)[keyof typeof ArchitectureType];

/** Families of models. */
export const ModelFamily = { BERT: 'bert', GPT: 'gpt', T5: 't5', LLAMA: 'llama', MISTRAL: 'mistral', FALCON: 'falcon' } as const;
export type ModelFamily = (typeof ModelFamily)[keyof typeof ModelFamily];

/** Which positions attend to which. */
export const AttentionPattern = { DENSE: 'dense', SPARSE: 'sparse', LOCAL: 'local', SLIDING_WINDOW: 'sliding_window' } as const;
export type AttentionPattern = (typeof AttentionPattern)[keyof typeof AttentionPattern];

/** Values of {@link ArchitectureType}. */
export const VALID_ARCHITECTURE_TYPES: ReadonlySet<ArchitectureType> = new Set(Object.values(ArchitectureType));

/** Values of {@link ModelFamily}. */
export const VALID_MODEL_FAMILIES: ReadonlySet<ModelFamily> = new Set(Object.values(ModelFamily));

/** Values of {@link AttentionPattern}. */
export const VALID_ATTENTION_PATTERNS: ReadonlySet<AttentionPattern> = new Set(Object.values(AttentionPattern));

/** The shape of a stack of transformer layers. */
export interface TransformerConfig {
  readonly numLayers: number;
  readonly hiddenSize: number;
  readonly numHeads: number;
  readonly intermediateSize: number;
  readonly vocabSize: number;
}

/** Defaults and rules of {@link TransformerConfig}. */
export const TransformerConfig: Definition<TransformerConfig> = {
  name: 'TransformerConfig',
  fields: {
    numLayers: { kind: 'int', default: 12, positive: true },
    hiddenSize: { kind: 'int', default: 768, positive: true },
    numHeads: { kind: 'int', default: 12, positive: true },
    intermediateSize: { kind: 'int', positive: true },
    vocabSize: { kind: 'int', default: 30522, positive: true },
  },
  rules: [({ hiddenSize, numHeads }) => (hiddenSize % numHeads === 0 ? null : `hiddenSize (${hiddenSize}) must be divisible by numHeads (${numHeads})`)],
};

/** An encoder. */
export interface EncoderConfig {
  readonly transformerConfig: TransformerConfig;
  /** How a sequence becomes one vector. */
  readonly poolerType: string;
  /** -1 where there is none. */
  readonly maskTokenId: number;
}

/** Defaults and rules of {@link EncoderConfig}. */
export const EncoderConfig: Definition<EncoderConfig> = {
  name: 'EncoderConfig',
  fields: {
    transformerConfig: { kind: 'config', of: TransformerConfig },
    poolerType: { kind: 'string', default: 'cls', oneOf: ['cls', 'max', 'mean', 'none'] },
    maskTokenId: { kind: 'int', default: 103 },
  },
};

/** A decoder. */
export interface DecoderConfig {
  readonly transformerConfig: TransformerConfig;
  readonly tieWordEmbeddings: boolean;
  readonly useCache: boolean;
}

/** Defaults and rules of {@link DecoderConfig}. */
export const DecoderConfig: Definition<DecoderConfig> = {
  name: 'DecoderConfig',
  fields: {
    transformerConfig: { kind: 'config', of: TransformerConfig },
    tieWordEmbeddings: { kind: 'bool', default: false },
    useCache: { kind: 'bool', default: true },
  },
};

/** An encoder and a decoder. */
export interface EncoderDecoderConfig {
  readonly encoderConfig: EncoderConfig;
  readonly decoderConfig: DecoderConfig;
  readonly crossAttention: boolean;
}

/** Defaults and rules of {@link EncoderDecoderConfig}. */
export const EncoderDecoderConfig: Definition<EncoderDecoderConfig> = {
  name: 'EncoderDecoderConfig',
  fields: {
    encoderConfig: { kind: 'config', of: EncoderConfig },
    decoderConfig: { kind: 'config', of: DecoderConfig },
    crossAttention: { kind: 'bool', default: true },
  },
};

/** What an architecture costs. */
export interface ArchitectureStats {
  readonly totalParams: number;
  readonly trainableParams: number;
  /** MiB. */
  readonly memoryFootprintMb: number;
}

/** Defaults and rules of {@link ArchitectureStats}. */
export const ArchitectureStats: Definition<ArchitectureStats> = {
  name: 'ArchitectureStats',
  fields: {
    totalParams: { kind: 'int', nonNegative: true },
    trainableParams: { kind: 'int', nonNegative: true },
    memoryFootprintMb: { kind: 'float', nonNegative: true },
  },
  rules: [
    ({ trainableParams, totalParams }) =>
      trainableParams <= totalParams ? null : `trainableParams (${trainableParams}) cannot exceed totalParams (${totalParams})`,
  ],
};

/** @throws {ValidationError} naming every broken rule */
export function validateTransformerConfig(config: TransformerConfig): void {
  validate(TransformerConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEncoderConfig(config: EncoderConfig): void {
  validate(EncoderConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateDecoderConfig(config: DecoderConfig): void {
  validate(DecoderConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateEncoderDecoderConfig(config: EncoderDecoderConfig): void {
  validate(EncoderDecoderConfig, config);
}

/** @throws {ValidationError} naming every broken rule */
export function validateArchitectureStats(stats: ArchitectureStats): void {
  validate(ArchitectureStats, stats, 'stats');
}

/** Architecture types in ascending order. */
export function listArchitectureTypes(): ArchitectureType[] {
  return valuesOf(ArchitectureType);
}

/** Model families in ascending order. */
export function listModelFamilies(): ModelFamily[] {
  return valuesOf(ModelFamily);
}

/** Attention patterns in ascending order. */
export function listAttentionPatterns(): AttentionPattern[] {
  return valuesOf(AttentionPattern);
}

/** @throws {ValidationError} naming the architecture types */
export function getArchitectureType(name: string): ArchitectureType {
  return parseEnum(ArchitectureType, name, 'architectureType');
}

/** @throws {ValidationError} naming the model families */
export function getModelFamily(name: string): ModelFamily {
  return parseEnum(ModelFamily, name, 'modelFamily');
}

/** @throws {ValidationError} naming the attention patterns */
export function getAttentionPattern(name: string): AttentionPattern {
  return parseEnum(AttentionPattern, name, 'attentionPattern');
}

/** Settles a stack of layers, four times as wide inside unless given. @throws {ValidationError} naming every broken rule */
export function createTransformerConfig({
  hiddenSize = 768,
  intermediateSize = null,
  ...options
}: Partial<Omit<TransformerConfig, 'intermediateSize'>> & { readonly intermediateSize?: number | null } = {}): TransformerConfig {
  return createFrom(TransformerConfig, {
    numLayers: 12,
    numHeads: 12,
    vocabSize: 30522,
    ...options,
    hiddenSize,
    intermediateSize: intermediateSize ?? 4 * hiddenSize,
  });
}

/** Settles an encoder, of BERT base's shape unless given. @throws {ValidationError} naming every broken rule */
export function createEncoderConfig({
  transformerConfig = null,
  ...options
}: {
  readonly transformerConfig?: TransformerConfig | null;
  readonly poolerType?: string;
  readonly maskTokenId?: number;
} = {}): EncoderConfig {
  return createFrom(EncoderConfig, { ...options, transformerConfig: transformerConfig ?? createTransformerConfig() });
}

/** Settles a decoder, of Llama 7B's shape unless given. @throws {ValidationError} naming every broken rule */
export function createDecoderConfig({
  transformerConfig = null,
  ...options
}: {
  readonly transformerConfig?: TransformerConfig | null;
  readonly tieWordEmbeddings?: boolean;
  readonly useCache?: boolean;
} = {}): DecoderConfig {
  return createFrom(DecoderConfig, { ...options, transformerConfig: transformerConfig ?? getRecommendedArchitectureConfig('7b') });
}

/** Settles an encoder with a decoder, of T5 base's shape where not given. @throws {ValidationError} naming every broken rule */
export function createEncoderDecoderConfig({
  encoderConfig = null,
  decoderConfig = null,
  crossAttention = true,
}: {
  readonly encoderConfig?: EncoderConfig | null;
  readonly decoderConfig?: DecoderConfig | null;
  readonly crossAttention?: boolean;
} = {}): EncoderDecoderConfig {
  const transformerConfig = createTransformerConfig({ vocabSize: T5_VOCABULARY });
  const encoder = encoderConfig ?? createEncoderConfig({ transformerConfig, poolerType: 'none', maskTokenId: -1 });
  validateEncoderConfig(encoder);
  const decoder = decoderConfig ?? createDecoderConfig({ transformerConfig, tieWordEmbeddings: true });
  return createFrom(EncoderDecoderConfig, { encoderConfig: encoder, decoderConfig: decoder, crossAttention });
}

/**
 * Parameters of a stack as the original counts them: embeddings, four square matrices and two for the MLP in each layer, and the
 * scales and shifts of its norms.
 *
 * @throws {ValidationError} naming every broken rule of the configuration
 * @remarks Python: `hf_gtc.models.architectures.calculate_model_params(config)`; exact. Biases, position embeddings, gates, shared heads
 * and an untied output layer are not counted: Llama 2 7B has 6.7 billion parameters, not 5.2.
 * @example calculateModelParams(createTransformerConfig()) // => 108413952
 */
export function calculateModelParams(config: TransformerConfig): number {
  validateTransformerConfig(config);
  const { numLayers, hiddenSize, intermediateSize, vocabSize } = config;
  const layer = 4 * hiddenSize ** 2 + 2 * hiddenSize * intermediateSize + 4 * hiddenSize;
  return vocabSize * hiddenSize + numLayers * layer + 2 * hiddenSize;
}

/** Bytes that Adam keeps for each parameter: two moments of 32 bits. */
const OPTIMIZER_BYTES = 8;

/**
 * MiB of the parameters, of their gradients and of Adam's moments.
 *
 * @param options `dtypeBytes` 1, 2, 4 or 8
 * @throws {ValidationError} naming every broken rule of the configuration, or another width of a number
 * @remarks Python: `hf_gtc.models.architectures.estimate_memory_footprint(config, dtype_bytes=, include_gradients=, include_optimizer=)`; exact.
 * @example estimateMemoryFootprint(createTransformerConfig(), { includeGradients: false, includeOptimizer: false }) // => 206.783203125
 */
export function estimateMemoryFootprint(
  config: TransformerConfig,
  {
    dtypeBytes = 2,
    includeGradients = true,
    includeOptimizer = true,
  }: { readonly dtypeBytes?: number; readonly includeGradients?: boolean; readonly includeOptimizer?: boolean } = {},
): number {
  notNull(config, 'config');
  oneOf(dtypeBytes, 'dtypeBytes', [1, 2, 4, 8]);
  const bytes = dtypeBytes * (includeGradients ? 2 : 1) + (includeOptimizer ? OPTIMIZER_BYTES : 0);
  return (calculateModelParams(config) * bytes) / 2 ** 20;
}

/**
 * Parameters and MiB of weights of some named architectures.
 *
 * @throws {ValidationError} for an empty list, or naming every broken rule of a configuration
 * @remarks Python: `hf_gtc.models.architectures.compare_architectures(configs)`.
 * @example compareArchitectures([['base', createTransformerConfig()]])['base']?.totalParams // => 108413952
 */
export function compareArchitectures(configs: readonly (readonly [name: string, config: TransformerConfig])[]): Record<string, ArchitectureStats> {
  return Object.fromEntries(
    nonEmpty(configs, 'configs').map(([name, config]) => {
      const totalParams = calculateModelParams(notNull(config, `config for '${name}'`));
      const memoryFootprintMb = estimateMemoryFootprint(config, { includeGradients: false, includeOptimizer: false });
      return [name, createArchitectureStats(totalParams, memoryFootprintMb)] as const;
    }),
  );
}

function createArchitectureStats(totalParams: number, memoryFootprintMb: number): ArchitectureStats {
  return createFrom(ArchitectureStats, { totalParams, trainableParams: totalParams, memoryFootprintMb });
}

/**
 * Shape of the hidden states of a batch.
 *
 * @returns batch, length, width
 * @throws {ValidationError} for null, or a batch or length that is not positive
 * @remarks Python: `hf_gtc.models.architectures.get_hidden_states_shape(config, batch_size, seq_length)`; exact.
 * @example getHiddenStatesShape(createTransformerConfig(), 2, 128) // => [2, 128, 768]
 */
export function getHiddenStatesShape(config: TransformerConfig, batchSize: number, seqLength: number): [batch: number, length: number, width: number] {
  const { hiddenSize } = notNull(config, 'config');
  return [positive(batchSize, 'batchSize'), positive(seqLength, 'seqLength'), hiddenSize];
}

/**
 * The figures of an architecture, a line each.
 *
 * @throws {ValidationError} for null
 * @remarks Python: `hf_gtc.models.architectures.format_architecture_stats(stats)`; equal text.
 * @example formatArchitectureStats({ totalParams: 7e9, trainableParams: 0, memoryFootprintMb: 14000 }).split('\n')[2] // => 'Memory Footprint: 13.67 GB'
 */
export function formatArchitectureStats(stats: ArchitectureStats): string {
  const { totalParams, trainableParams, memoryFootprintMb } = notNull(stats, 'stats');
  return `Total Parameters: ${shortened(totalParams, COUNT_UNITS)}\nTrainable Parameters: ${shortened(trainableParams, COUNT_UNITS)}\nMemory Footprint: ${memoryText(memoryFootprintMb)}`;
}

/** Tokens that T5 knows. */
const T5_VOCABULARY = 32128;

type Shape = readonly [numLayers: number, hiddenSize: number, numHeads: number, intermediateSize: number, vocabSize: number];

const LLAMA: Readonly<Record<string, Shape>> = {
  '7b': [32, 4096, 32, 11008, 32000],
  '13b': [40, 5120, 40, 13824, 32000],
  '70b': [80, 8192, 64, 28672, 32000],
};
const SIZES: Readonly<Record<ArchitectureType, Readonly<Record<string, Shape>>>> = {
  encoder_only: { base: [12, 768, 12, 3072, 30522], large: [24, 1024, 16, 4096, 30522] },
  decoder_only: LLAMA,
  prefix_lm: LLAMA,
  encoder_decoder: { base: [12, 768, 12, 3072, T5_VOCABULARY], large: [24, 1024, 16, 4096, T5_VOCABULARY] },
};

/**
 * The shape of a well-known model: Llama 2 in 7b, 13b and 70b for decoders, BERT or T5 in base and large for the others.
 *
 * @param modelSize in any case
 * @throws {ValidationError} naming the architectures or the sizes
 * @remarks Python: `hf_gtc.models.architectures.get_recommended_architecture_config(model_size, architecture_type=)`.
 * @example getRecommendedArchitectureConfig('13b').hiddenSize // => 5120
 */
export function getRecommendedArchitectureConfig(
  modelSize: string,
  { architectureType = ArchitectureType.DECODER_ONLY }: { readonly architectureType?: ArchitectureType } = {},
): TransformerConfig {
  const sizes = SIZES[parseEnum(ArchitectureType, architectureType, 'architectureType')];
  const size = oneOf<string>(notNull(modelSize, 'modelSize').trim().toLowerCase(), 'modelSize', Object.keys(sizes));
  const [numLayers, hiddenSize, numHeads, intermediateSize, vocabSize] = sizes[size]!;
  return createTransformerConfig({ numLayers, hiddenSize, numHeads, intermediateSize, vocabSize });
}
